"""Write what follows from the code: the rule pages, their table, the help in usage.md, the rules in the changelog.

Run it after any change of a rule's docstring or of the command line: ``python docs/generate.py``. With ``--check`` nothing
is written, and the exit code is 1 when something is not up to date.
"""

from __future__ import annotations

import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path
from textwrap import fill, indent

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
if str(ROOT / "src") not in sys.path:
    sys.path.insert(0, str(ROOT / "src"))

from reqlint.registry import Rule, rules  # noqa: E402 - from this very clone

COLUMNS = "100"
_NOTE = "<!-- Written by docs/generate.py from the docstrings in src/reqlint/rules: change those, not this file. -->\n"
_BEGIN, _END = "<!-- help: written by docs/generate.py -->\n", "<!-- end of help -->\n"
_BEGIN_RULES, _END_RULES = "<!-- rules: written by docs/generate.py -->\n", "<!-- end of rules -->\n"
_ARTICLES = {"error": "an error", "warning": "a warning", "info": "an info"}
_INTRODUCTION = """\
Code and name mean the same wherever a rule is named: on the command line, in the configuration, in an ignore comment. So
does the beginning of a code: `RQ1` stands for all rules about versions. *Default* is the severity that a rule has without
being selected, or `off`. *Fix* is the boldest kind that a rule offers: `unsafe` may go beside safe ones, as its page says.
`reqlint --explain RULE` prints a rule's page.
"""
_TOKENS = {"github": "ghp_" + "*" * 36, "gitlab": "glpat-" + "*" * 20, "anaconda": "*" * 39}
_FIXES = {"": "", "safe": "safe", "unsafe": "unsafe"}


def texts() -> dict[Path, str]:
    """All generated files: path and content."""
    usage = DOCS / "usage.md"
    pages = {DOCS / "rules" / f"{rule.name}.md": page(rule) for rule in rules().values()}
    log = ROOT / "CHANGELOG.md"
    return {
        DOCS / "rules.md": table(),
        usage: with_help(usage.read_text(encoding="utf-8")),
        log: with_rules(log.read_text(encoding="utf-8")),
        **pages,
    }


def stale() -> list[Path]:
    """The generated files that are not up to date, and pages of rules that are no more."""
    wanted = texts()
    found = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    return found + sorted(set((DOCS / "rules").glob("*.md")) - wanted.keys())


def documentation(rule: Rule) -> str:
    """A rule's docstring without its indentation, its stand-ins for tokens masked as reqlint masks tokens."""
    text = inspect.getdoc(rule.check) or ""
    for name, shown in _TOKENS.items():
        text = text.replace(f"{{token:{name}}}", shown)
    return text


def page(rule: Rule) -> str:
    """The page of one rule."""
    state = (
        f"On by default, as {_ARTICLES[rule.severity]}"
        if rule.default
        else f"Off by default; {_ARTICLES[rule.severity]} when selected"
    )
    fix = {
        "": "It has no fix.",
        "safe": "It has a safe fix, for `--fix`.",
        "unsafe": "Some of its fixes, or all of them, are unsafe, and need `--fix --unsafe-fixes`.",
    }[rule.fix]
    return (
        f"{_NOTE}\n# {rule.name} ({rule.code})\n\n{state}. {fix}\n\n{documentation(rule)}\n\n[All rules](../rules.md)\n"
    )


def table() -> str:
    """The table of all rules, a part for each family."""
    parts = [
        _NOTE,
        "# Rules\n",
        _INTRODUCTION,
    ]
    for prefix in sorted({rule.code[:3] for rule in rules().values()}):
        members = [rule for rule in rules().values() if rule.code.startswith(prefix)]
        rows = "".join(_row(rule) for rule in members)
        parts.append(f"## {title(prefix)}\n\n| code | name | default | fix | |\n|---|---|---|---|---|\n{rows}")
    return "\n".join(parts)


def _row(rule: Rule) -> str:
    default = rule.severity if rule.default else "off"
    first = documentation(rule).partition("\n")[0]
    return f"| {rule.code} | [{rule.name}](rules/{rule.name}.md) | {default} | {_FIXES[rule.fix]} | {first} |\n"


def with_help(text: str) -> str:
    """A text with the output of ``reqlint --help`` between the marks for it."""
    head, begin, rest = text.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    return f"{head}{begin}\n```text\n{run('--help')}```\n\n{end}{tail}"


def with_rules(text: str) -> str:
    """A changelog with all rules between the marks for them: until the first release takes the marks out, all are new."""
    head, begin, rest = text.partition(_BEGIN_RULES)
    _, end, tail = rest.partition(_END_RULES)
    if not end:
        return text
    lines = []
    for prefix in sorted({rule.code[:3] for rule in rules().values()}):
        members = [f"`{rule.name}` ({rule.code})" for rule in rules().values() if rule.code.startswith(prefix)]
        listed = fill(", ".join(member.replace(" ", "\0") for member in members), 116, break_on_hyphens=False)
        lines.append(f"- {title(prefix)}:\n{indent(listed, '  ')}.\n".replace("\0", " "))
    return f"{head}{begin}{''.join(lines)}{end}{tail}"


def title(prefix: str) -> str:
    """What the rules of a family are about: the first line of the module that the first of them stands in."""
    first = next(rule for rule in rules().values() if rule.code.startswith(prefix))
    return (importlib.import_module(first.check.__module__).__doc__ or "").partition("\n")[0].rstrip(".")


def run(*arguments: str, directory: Path = ROOT, columns: str = COLUMNS) -> str:
    """What reqlint prints, on no terminal, in no environment."""
    environment = {name: value for name, value in os.environ.items() if name not in _PERSONAL}
    environment |= {"COLUMNS": columns, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "reqlint", *arguments]
    result = subprocess.run(command, env=environment, cwd=directory, capture_output=True, check=False, encoding="utf-8")
    if result.returncode > 1:
        raise SystemExit(result.stderr)
    return result.stdout


_PERSONAL = ("VIRTUAL_ENV", "CONDA_PREFIX", "NO_COLOR", "FORCE_COLOR", "PYTHON_COLORS", "TERM", "REQLINT_OUTPUT_FORMAT")


def main() -> int:
    """Write what is not up to date, or only name it; 1 when it was only named."""
    outdated = stale()
    for path in outdated:
        print(path.relative_to(ROOT))
    if sys.argv[1:] == ["--check"]:
        return 1 if outdated else 0
    wanted = texts()
    for path in outdated:
        if path in wanted:
            path.parent.mkdir(exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8", newline="\n")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
