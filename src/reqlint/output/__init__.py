"""The output formats: each is one module with a function ``render(report) -> str``, imported when it is asked for.

No text that leaves here holds a secret: each format masks the excerpts that it shows and passes every other text through the
report's redactor.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqlint.diagnostic import Diagnostic
    from reqlint.linter import Applied
    from reqlint.model import Manifest
    from reqlint.redaction import Redactor

#: Format -> the module here that renders it.
FORMATS = {
    "full": "full",
    "concise": "concise",
    "json": "json",
    "json-lines": "json_lines",
    "github": "github",
    "gitlab": "gitlab",
    "azure": "azure",
    "sarif": "sarif",
    "junit": "junit",
    "rdjson": "rdjson",
    "markdown": "markdown",
}


class Report:
    """What a run found and did, ready to be rendered.

    ``applied``: the fixes made, or None when none were asked for; ``unsafe``: whether unsafe fixes were asked for;
    ``online``: whether indexes and git servers could be asked;
    ``color`` and ``width``: of the terminal, ``height`` None when the output is no terminal.
    """

    __slots__ = ("applied", "color", "diagnostics", "height", "manifests", "online", "redact", "unsafe", "width")

    def __init__(
        self,
        diagnostics: Sequence[Diagnostic],
        manifests: Sequence[Manifest],
        redact: Redactor,
        *,
        applied: Sequence[Applied] | None = None,
        unsafe: bool = False,
        online: bool = False,
        color: bool = False,
        width: int = 80,
        height: int | None = None,
    ) -> None:
        """Keep what is to be shown."""
        self.diagnostics = diagnostics
        self.manifests = manifests
        self.redact = redact
        self.applied = applied
        self.unsafe = unsafe
        self.online = online
        self.color = color
        self.width = width
        self.height = height


def render(name: str, report: Report) -> str:
    """The report in a format, ending in a line end unless it is empty."""
    from importlib import import_module

    text: str = import_module(f"reqlint.output.{FORMATS[name]}").render(report)
    return text


def shown_path(path: str) -> str:
    r"""A path for people, on one line: relative to the current directory when it lies below it.

    What a terminal would not show as it is stands there as an escape, and a colon in front, which could begin a command
    to a CI system, behind ``./``.

    >>> shown_path("a\nb.txt")
    'a\\nb.txt'
    """
    absolute = os.path.abspath(path)
    here = os.path.join(os.getcwd(), "")
    shown = absolute[len(here) :] if absolute.startswith(here) else path
    if not shown.isprintable():
        shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in shown)
    return f"./{shown}" if shown.startswith(":") else shown


def visible(text: str) -> str:
    r"""A text on one line, without control characters, which could move a terminal's cursor or reverse the reading order.

    >>> visible("red\x1b[31m\n")
    'red�[31m '
    """
    if text.isprintable():
        return text
    import unicodedata

    return "".join(
        " "
        if character in "\t\n"
        else "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else character
        for character in text
    )


def shortened(text: str, most: int = 400) -> str:
    """A text for people, its middle left out when it is longer than anybody would read."""
    return text if len(text) <= most else f"{text[: most - 100]} … {text[-97:]}"


def plural(count: int, one: str, many: str = "") -> str:
    """``1 file``, ``2 files``.

    >>> plural(2, "entry", "entries")
    '2 entries'
    """
    return f"{count} {one if count == 1 else many or one + 's'}"


def summary(report: Report) -> str:
    """One line that tells how many problems there are, how many can be mended and how, or that all is well."""
    files = len(report.manifests)
    parts = []
    if report.applied is not None and report.applied:
        mended = len({item.path for item in report.applied})
        parts.append(f"Fixed {plural(len(report.applied), 'problem')} in {plural(mended, 'file')}.")
    if not report.diagnostics:
        if not parts:
            count = sum(len(manifest.dependencies) for manifest in report.manifests)
            return f"{plural(files, 'file')}, {plural(count, 'requirement')}: nothing to report."
        return f"{parts[0]} Nothing is left to report."
    counts = {"error": 0, "warning": 0, "info": 0}
    for item in report.diagnostics:
        counts[item.severity] += 1
    words = [
        plural(count, severity, "infos" if severity == "info" else "") for severity, count in counts.items() if count
    ]
    told = words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
    hit = len({item.source.path for item in report.diagnostics})
    where = f"in {hit} of {plural(files, 'file')}" if files > 1 else f"in {plural(files, 'file')}"
    verb = "Found" if report.applied is None else "Left:"
    parts.append(f"{verb} {told} {where}{_fixable(report)}.")
    return " ".join(parts)


def _fixable(report: Report) -> str:
    """How many findings a fix is ready for."""
    safe = sum(item.fix is not None and item.fix.applicability == "safe" for item in report.diagnostics)
    unsafe = sum(item.fix is not None and item.fix.applicability == "unsafe" for item in report.diagnostics)
    if safe and unsafe:
        return f" ({safe} fixable with --fix, {unsafe} more with --unsafe-fixes)"
    if safe:
        return f" ({safe} fixable with --fix)"
    if unsafe:
        return f" ({unsafe} fixable with --fix --unsafe-fixes)"
    return ""
