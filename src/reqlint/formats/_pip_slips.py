"""What people meant by a line that pip refuses, and files that are of another kind altogether."""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.model import Problem
from reqlint.requirement import InvalidRequirementError, parse_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Manifest
    from reqlint.source import Span

_PASTED = re.compile(r"""^(?P<lead>\s*[-*]?\s*)(?P<quote>["'])(?P<text>[^"']+)(?P=quote)(?P<tail>\s*,?\s*)$""")
_PIP_INSTALL = re.compile(r"^(?:[$!%>]\s*)?(?:python3?\s+-m\s+)?pip3?\s+install\s+", re.IGNORECASE)
_SINGLE_EQUALS = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?\s*)=(?P<space>\s*)(?P<version>[0-9][\w.+!*]*)$")
_CONDA_BUILD = re.compile(r"^[A-Za-z0-9_][\w.-]*=[^=\s]+=[^=\s]+$")
_CONDA_CHANNEL = re.compile(r"^[\w./-]+::[\w.-]+")
_BARE_VERSION = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)\s+v?(?P<version>[0-9][\w.]*)$")
_UNMARKED = re.compile(r"\b(?:python_version|sys_platform|platform_system|platform_machine|os_name)\b")
_POETRY = re.compile(r"^[A-Za-z0-9][\w.-]*\s*(?:=\s*)?[\"']?[\^]")


def explain(text: str, error: InvalidRequirementError, where: Span, place: int | None, entry: Span) -> Problem:
    """The problem of a line: ``where`` the fault stands, ``place`` the offset of the text when it can be rewritten."""
    fix: Fix | None = None
    whole = (where[0] - error.span[0], where[0] - error.span[0] + len(text)) if place is not None else where
    pasted = _PASTED.match(text)
    installs = _PIP_INSTALL.match(text)
    single = _SINGLE_EQUALS.match(text)
    bare = _BARE_VERSION.match(text)
    if pasted and _is_valid(pasted["text"]):
        message = "a quoted list item is no requirement line"
        help_ = f"write it bare: `{pasted['text']}`"
        fix = _replace(place, text, (0, pasted.start("text")), (pasted.end("text"), len(text)), "Strip the quotes")
        where = whole
    elif text.endswith(",") and _is_valid(text.rstrip(", \t")):
        bare_text = text.rstrip(", \t")
        message = "the line ends in a comma, as in a list"
        help_ = "take the comma out"
        fix = _replace(place, text, (len(bare_text), len(text)), None, "Strip the comma")
        where = whole
    elif installs:
        message = "a command is no requirement line"
        help_ = "write only what is to be installed"
        if _is_valid(text[installs.end() :]):
            fix = _replace(place, text, (0, installs.end()), None, "Strip `pip install`")
        where = whole
    elif single:
        message = f"`{single['name'].strip()}={single['version']}` has a single `=`, which pip does not know"
        help_ = "write `==`"
        equals = single.end("name")
        fix = _replace(place, text, (equals, equals + 1), None, "Write `==`", "==", "unsafe")
    elif _CONDA_BUILD.match(text) or _CONDA_CHANNEL.match(text):
        message = "a conda spec is no requirement that pip can read"
        help_ = "list it in environment.yml, or write `name==version`"
        where = whole
    elif bare:
        message = f"there is no operator between `{bare['name']}` and `{bare['version']}`"
        help_ = f"write `{bare['name']}=={bare['version']}`"
    elif _POETRY.match(text):
        message = "`^` is Poetry's, and no operator of pip's"
        help_ = "write a range: `>=1.2,<2`"
    elif ";" not in text and (marker := _UNMARKED.search(text)):
        message = "a marker must be set off by a semicolon"
        help_ = "write `name==1.0; python_version < '3.12'`"
        if place is not None:
            where = (place + marker.start(), place + len(text))
    else:
        message = f"not a requirement: {error.reason}"
        help_ = "see the version specifiers and markers of PEP 440 and PEP 508"
    return Problem(
        "invalid-requirement", where, message, label="pip stops at this line", help=help_, fix=fix, scope=entry
    )


def _is_valid(text: str) -> bool:
    """Whether pip would read it."""
    try:
        parts = parse_pip(text.strip())
    except InvalidRequirementError:
        return False
    return parts.kind in ("name", "url")


def _replace(
    place: int | None,
    text: str,
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
    if second is not None:
        edits.append(Edit(place + second[0], place + second[1]))
    return Fix(message, edits, applicability)  # type: ignore[arg-type]


_PIP_LIST_RULE = re.compile(r"^-{3,}\s+-{3,}")
_PIP_LIST_ROW = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)\s+(?P<version>[0-9][\w.+!]*)(?:\s+(?P<location>\S.*))?$")
_CONDA_ROW = re.compile(r"^[A-Za-z0-9_][\w.-]*\s+[0-9][\w.+!]*\s+\S+(?:\s+\S+)?$")
_SHELL = re.compile(
    r"^(?:#!|(?:sudo\s+)?(?:pip3?|conda|mamba|apt(?:-get)?|brew|python3?|cd|export|source|set|echo|git|wget|curl|npm)\s)"
)
_CONFLICT = re.compile(r"^(?:<{7} |={7}$|>{7} )")
_MEANINGS = {
    "conflict": ("it holds merge-conflict markers", "resolve the conflict"),
    "html": ("it is an HTML page", "download the raw file"),
    "conda-environment": ("it is a conda environment in YAML", "name it environment.yml"),
    "conda-export": (
        "it is the output of `conda list --export`, which pip cannot read",
        "write it with `pip list --format=freeze`, or install it with `conda create --file`",
    ),
    "conda-table": (
        "it is the table that `conda list` prints, which pip cannot read",
        "write it with `pip list --format=freeze`",
    ),
    "pip-table": ("it is the table that `pip list` prints, which pip cannot read", "write it with `pip freeze`"),
    "python": ("it is a list in Python's notation", "write each requirement bare, on a line of its own"),
    "shell": ("it is a shell script", "write only the requirements, one a line"),
}


def wrong_kind(manifest: Manifest) -> Problem | None:
    """One problem for a file of another kind, when so many lines are refused that this is what happened."""
    source = manifest.source
    rows = [(row, line) for row, line in enumerate(source.text.splitlines()) if line.strip()]
    refused = sum(problem.rule in ("invalid-requirement", "invalid-option") for problem in manifest.problems)
    content = [line.strip() for _, line in rows if not line.lstrip().startswith("#")]
    kind = _kind(source.text, content, refused)
    if kind is None:
        return None
    meaning, help_ = _MEANINGS[kind]
    first = manifest.problems[0].span
    row = source.row(first[0])
    fix = _freeze(manifest) if kind == "pip-table" else None
    return Problem(
        "wrong-kind-of-file",
        source.line_span(row),
        f"this is no requirements file: {meaning}",
        label="the first line that pip refuses",
        help=help_,
        fix=fix,
    )


def _kind(text: str, content: list[str], refused: int) -> str | None:
    """Which kind of file the lines are of, or None."""
    if not content:
        return None
    most = len(content) / 2

    def count(pattern: re.Pattern[str]) -> int:
        return sum(pattern.match(line) is not None for line in content)

    if count(_CONFLICT) >= 2:
        return "conflict"
    head = text.lstrip()[:200].lower()
    if head.startswith(("<!doctype", "<html", "<?xml")):
        return "html"
    if "dependencies:" in content and any(line.startswith("- ") for line in content):
        return "conda-environment"
    if "# This file may be used to create an environment using" in text or count(_CONDA_BUILD) > max(1, most):
        return "conda-export" if count(_CONDA_BUILD) else None
    if "# Name                    Version" in text or "# packages in environment at" in text:
        return "conda-table"
    table = count(_PIP_LIST_ROW)
    if count(_PIP_LIST_RULE) or (table >= 3 and table > most and content[0].split()[:2] == ["Package", "Version"]):
        return "pip-table"
    if table >= 3 and count(_CONDA_ROW) > most:
        return "conda-table"
    if refused < 2 or refused < most:
        return None
    if text.startswith("#!") or count(_SHELL) >= most:
        return "shell"
    if count(re.compile(r"""^[\[(]?\s*["'][^"']+["']\s*,?\s*[\])]?,?$""")) >= most or content[0].endswith(("[", "(")):
        return "python"
    return None


def _freeze(manifest: Manifest) -> Fix | None:
    """The fix that turns a ``pip list`` table into pinned lines."""
    source = manifest.source
    edits = []
    for row in range(1, len(source.starts) + 1):
        start, end = source.line_span(row)
        line = source.text[start:end]
        stripped = line.strip()
        match = _PIP_LIST_ROW.match(stripped)
        if match is not None and match["location"] is None:
            edits.append(Edit(start, end, f"{match['name']}=={match['version']}"))
        elif match is not None:
            return None  # an editable project: its location cannot be turned into a pin
        elif _PIP_LIST_RULE.match(stripped) or stripped.split()[:2] == ["Package", "Version"]:
            following = source.starts[row] if row < len(source.starts) else end
            edits.append(Edit(start, following))
    return Fix("Write the table as pinned requirements", edits, "unsafe") if edits else None
