"""What people meant by a line that pip refuses, and files that are of another kind altogether."""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.model import Problem
from reqlint.requirement import InvalidRequirementError, parse_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqlint.model import Manifest
    from reqlint.source import Span

PIP_INSTALL = re.compile(r"(?:[$!%>]\s*)?(?:sudo\s+)?(?:python3?\s+-m\s+)?pip3?\s+install\b\s*", re.IGNORECASE)
_SINGLE_EQUALS = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?\s*)=\s*(?P<version>[0-9][\w.+!*]*)\s*(?:;|$)")
_CONDA_BUILD = re.compile(r"[A-Za-z0-9_][\w.-]*=[^=\s]+=[^=\s]+$")
_CONDA_CHANNEL = re.compile(r"[\w./-]+::[\w.-]+")
_BARE_VERSION = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)\s+v?(?P<version>[0-9][\w.]*)$")
_UNMARKED = re.compile(r"\b(?:python_version|sys_platform|platform_system|platform_machine|os_name)\b")
_POETRY = re.compile(r"[A-Za-z0-9][\w.-]*\s*(?:=\s*)?[\"']?\^")
_HASH = re.compile(r"(?:sha256|md5)[:=]")


def explain(text: str, error: InvalidRequirementError, where: Span, place: int | None, entry: Span) -> Problem:
    """The problem of a line: ``where`` the fault stands, ``place`` the offset of the text when it can be rewritten."""
    fix: Fix | None = None
    whole = (place, place + len(text)) if place is not None else where
    low, high = _bare(text)
    bare = text[low:high]
    installs = PIP_INSTALL.match(text)
    single = _SINGLE_EQUALS.match(text)
    unversioned = _BARE_VERSION.match(text)
    if low > 0 and _is_valid(bare):
        message = "a quoted list item is no requirement line"
        help_ = "write it bare, without the quotes"
        fix = _replace(place, (0, low), (high, len(text)), "Strip the quotes")
        where = whole
    elif low == 0 and high < len(text) and _is_valid(bare):
        message = "the line ends in a comma, as in a list"
        help_ = "take the comma out"
        fix = _replace(place, (high, len(text)), None, "Strip the comma")
        where = whole
    elif installs:
        message = "a command is no requirement line"
        help_ = "write only what is to be installed"
        if _is_valid(text[installs.end() :]):
            fix = _replace(place, (0, installs.end()), None, "Strip `pip install`")
        where = whole
    elif single:
        message = f"`{single['name'].strip()}={single['version']}` has a single `=`, which pip does not know"
        help_ = "write `==`"
        equals = single.end("name")
        fix = _replace(place, (equals, equals + 1), None, "Write `==`", "==", "unsafe")
    elif _CONDA_BUILD.match(text) or _CONDA_CHANNEL.match(text):
        message = "a conda spec is no requirement that pip can read"
        help_ = "list it in environment.yml, or write `name==version`"
        where = whole
    elif unversioned:
        message = f"there is no operator between `{unversioned['name']}` and `{unversioned['version']}`"
        help_ = f"write `{unversioned['name']}=={unversioned['version']}`"
    elif _POETRY.match(text):
        message = "`^` is Poetry's, and no operator of pip's"
        help_ = "write a range: `>=1.2,<2`"
    elif ";" not in text and (marker := _UNMARKED.search(text)):
        message = "a marker must be set off by a semicolon"
        help_ = "write `name==1.0; python_version < '3.12'`"
        if place is not None:
            where = (place + marker.start(), place + len(text))
    elif _HASH.search(text, error.span[0]):
        message = "a hash is an option of its requirement"
        help_ = "write `name==1.0 --hash=sha256:digest`"
    else:
        message = f"not a requirement: {error.reason}"
        help_ = "see the version specifiers and markers of PEP 440 and PEP 508"
    return Problem(
        "invalid-requirement", where, message, label="pip stops at this line", help=help_, fix=fix, scope=entry
    )


def _bare(text: str) -> Span:
    """Where a requirement would stand in what looks like an item of a list: without bullet, quotes and comma."""
    high = len(text.rstrip(", \t"))
    lead = text[:high]
    stripped = lead.lstrip("-* \t") if lead[:1] in "-*" else lead
    low = len(lead) - len(stripped)
    if len(stripped) > 2 and stripped[0] in "\"'" and stripped[-1] == stripped[0] and stripped[0] not in stripped[1:-1]:
        return low + 1, high - 1
    return 0, high


def _is_valid(text: str) -> bool:
    """Whether pip would read it."""
    try:
        parts = parse_pip(text.strip())
    except InvalidRequirementError:
        return False
    return parts.kind in ("name", "url")


def _replace(
    place: int | None,
    first: Span,
    second: Span | None,
    message: str,
    content: str = "",
    applicability: str = "safe",
) -> Fix | None:
    """A fix that replaces one range of the text (and deletes a second), when the text can be rewritten."""
    if place is None:
        return None
    edits = [Edit(place + first[0], place + first[1], content)]
    if second is not None and second[0] < second[1]:
        edits.append(Edit(place + second[0], place + second[1]))
    return Fix(message, edits, applicability)  # type: ignore[arg-type]


# Whole files

_PIP_LIST_RULE = re.compile(r"-{3,}\s+-{3,}")
_PIP_LIST_ROW = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*+)\s++(?P<version>[0-9][\w.+!]*+)(?:\s++(?P<rest>\S.*))?$")
_OLD_PIP_LIST_ROW = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*) \((?P<version>[0-9][\w.+!]*)(?P<rest>,[^)]*)?\)$")
_CONDA_ROW = re.compile(r"[A-Za-z0-9_][\w.-]*+\s++[0-9][\w.+!]*+\s++\S++(?:\s++\S++)?$")
_SHELL = re.compile(
    r"(?:sudo\s+)?(?:pip3?|conda|mamba|apt(?:-get)?|brew|python3?|cd|export|source|set|echo|git|wget|curl|npm)\s"
)
_QUOTED_ITEM = re.compile(r"""[\[(]?\s*+(?:"[^"]++"|'[^']++')\s*+(?:,\s*+)?(?:#.*|[\])],?)?$""")
_OPENING = re.compile(r"(?:[A-Za-z_]\w*\s*=\s*)?[\[(]$")
_CLOSING = re.compile(r"[\])],?$")
_TOML_TABLE = re.compile(r"\[{1,2}[\w.\"-]+\]{1,2}$")
_TOML_PAIR = re.compile(r"[\w.\"-]+\s*=\s*[\"'{\[]")
_YAML_PAIR = re.compile(r"[\w-]+:(?:\s|$)")
_MEANINGS = {
    "conflict": ("it holds merge-conflict markers", "resolve the conflict"),
    "html": ("it is an HTML page", "download the raw file"),
    "conda-environment": ("it is a conda environment in YAML", "name it environment.yml"),
    "conda-export": (
        "it is the output of `conda list --export`, which pip cannot read",
        "write it with `pip list --format=freeze`, or install it with `conda create --file`",
    ),
    "conda-explicit": (
        "it is the output of `conda list --explicit`, which pip cannot read",
        "write it with `pip list --format=freeze`, or install it with `conda create --file`",
    ),
    "conda-table": (
        "it is the table that `conda list` prints, which pip cannot read",
        "write it with `pip list --format=freeze`",
    ),
    "pip-table": ("it is the table that `pip list` prints, which pip cannot read", "write it with `pip freeze`"),
    "python": ("it is a list in Python's notation", "write each requirement bare, on a line of its own"),
    "shell": ("it is a shell script", "write only the requirements, one a line"),
    "toml": ("it is TOML, as in a Pipfile or a pyproject.toml", "give it the name of what it is"),
}


def wrong_kind(manifest: Manifest) -> Problem | None:
    """One problem for a file of another kind, when so many lines are refused that this is what happened."""
    source = manifest.source
    refused = [problem for problem in manifest.problems if problem.rule in ("invalid-requirement", "invalid-option")]
    lines = [line.strip() for line in source.text.splitlines()]
    content = [line for line in lines if line and not line.startswith("#")]
    kind = _kind(source.text, content, len(refused))
    if kind is None:
        return None
    meaning, help_ = _MEANINGS[kind]
    row = source.row(min(problem.span[0] for problem in refused))
    return Problem(
        "wrong-kind-of-file",
        source.line_span(row),
        f"this is no requirements file: {meaning}",
        label="the first line that pip refuses",
        help=help_,
        fix=_freeze(manifest) if kind == "pip-table" else _unlist(manifest) if kind == "python" else None,
    )


def _kind(text: str, content: Sequence[str], refused: int) -> str | None:
    """Which kind of file the lines are of (blanks around, blank lines and comments taken away), or None."""
    most = len(content) / 2

    def count(pattern: re.Pattern[str]) -> int:
        return sum(pattern.match(line) is not None for line in content)

    # What a single line tells.
    opened = sum(line.startswith("<<<<<<< ") for line in content)
    if opened and any(line == "=" * 7 or line.startswith(">>>>>>> ") for line in content):
        return "conflict"
    if text.lstrip()[:100].lower().startswith(("<!doctype", "<html", "<?xml")):
        return "html"
    if "@EXPLICIT" in content:
        return "conda-explicit"
    if "dependencies:" in content and count(_YAML_PAIR) >= 2 and any(line.startswith("- ") for line in content):
        return "conda-environment"
    # What most lines tell.
    if count(_CONDA_BUILD) > max(1, most):
        return "conda-export"
    rulers = count(_PIP_LIST_RULE)
    headed = content[0].split()[:2] == ["Package", "Version"]
    rows = count(_PIP_LIST_ROW) + count(_OLD_PIP_LIST_ROW)
    if rows > (len(content) - rulers - headed) / 2 and (rows >= 3 or (rulers and headed)):
        return "conda-table" if count(_CONDA_ROW) > most and not rulers else "pip-table"
    if refused < 2 or refused < most:
        return None
    items = count(_QUOTED_ITEM)
    if items > most or (items and content[0].endswith(("[", "("))):
        return "python"
    tables, pairs = count(_TOML_TABLE), count(_TOML_PAIR)
    if tables and pairs and tables + pairs >= most:
        return "toml"
    shell = count(_SHELL)
    if text.startswith("#!") or (shell >= most and shell > count(PIP_INSTALL)):
        return "shell"
    return None


def _freeze(manifest: Manifest) -> Fix | None:
    """The fix that turns a ``pip list`` table into pinned lines; None when it has more than names and versions."""
    source = manifest.source
    edits = []
    for row in range(1, len(source.starts) + 1):
        start, end = source.line_span(row)
        line = source.text[start:end].strip()
        match = _PIP_LIST_ROW.match(line) or _OLD_PIP_LIST_ROW.match(line)
        if match is not None:
            if match["rest"] is not None:
                return None  # the location of an editable project, or a newer version: no pin can be told from it
            edits.append(Edit(start, end, f"{match['name']}=={match['version']}"))
        elif _PIP_LIST_RULE.match(line) or line.split()[:2] == ["Package", "Version"]:
            following = source.starts[row] if row < len(source.starts) else end
            edits.append(Edit(start, following))
    return Fix("Write the table as pinned requirements", edits, "unsafe")


def _unlist(manifest: Manifest) -> Fix | None:
    """The fix that writes the items of a list bare, one a line as they are; None where a line is anything else."""
    source = manifest.source
    edits = []
    for row in range(1, len(source.starts) + 1):
        start, end = source.line_span(row)
        line = source.text[start:end].strip()
        if not line or line.startswith("#"):
            continue
        if _OPENING.match(line) or _CLOSING.match(line):
            edits.append(Edit(start, source.starts[row] if row < len(source.starts) else end))
            continue
        item, blank, comment = line.partition(" #")
        low, high = _bare(item)
        if low == 0 or not _is_valid(item[low:high]):
            return None
        edits.append(Edit(start, end, f"{item[low:high].strip()}{f'  #{comment}' if blank else ''}"))
    return Fix("Write the items bare", edits, "unsafe")
