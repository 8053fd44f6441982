"""reviewdog's Diagnostic Format (``rdjson``), of which it makes comments on a change.

Columns count bytes of UTF-8 from 1, and ends are exclusive (``reviewdog.proto``). reviewdog counts relative paths from the
current directory. A fix is a suggestion of whole lines, since reviewdog puts what stands beside the columns of any other into
its comment, a secret too.
"""

from __future__ import annotations

import os

from reqlint.fixes import apply
from reqlint.output._ci import scalar, words
from reqlint.output.json import as_text
from reqlint.redaction import whole_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reqlint.diagnostic import Diagnostic
    from reqlint.fixes import Fix
    from reqlint.output import Report
    from reqlint.redaction import Redactor
    from reqlint.source import Source, Span

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def render(report: Report) -> str:
    """The whole result, with no diagnostics when there is nothing to report."""
    diagnostics = [_diagnostic(item, report.redact) for item in report.diagnostics]
    return as_text({"source": {"name": "reqlint"}, "diagnostics": diagnostics})


def _diagnostic(item: Diagnostic, redact: Redactor) -> dict[str, Any]:
    message = words(item.message, redact)
    if item.help:
        message += f"\n\nhelp: {words(item.help, redact)}"
    shown: dict[str, Any] = {
        "message": message,
        "location": _location(item.source, item.span, redact),
        "severity": _SEVERITIES[item.severity],
        "code": {"value": f"{item.code} {item.name}"},
    }
    if item.related:
        shown["related_locations"] = [
            {"message": words(label.message, redact), "location": _location(label.source, label.span, redact)}
            for label in item.related
        ]
    suggestion = _suggestion(item.fix, item.source, redact) if item.fix is not None else None
    if suggestion is not None:
        shown["suggestions"] = [suggestion]
    return shown


def _location(source: Source, span: Span, redact: Redactor) -> dict[str, Any]:
    path = whole_path(source.path, redact.word)
    relative = path.removeprefix(os.path.join(redact.word(os.getcwd()), ""))
    places = {"start": _position(source, span[0]), "end": _position(source, span[1])}
    return {"path": scalar(relative).replace(os.sep, "/"), "range": places}


def _position(source: Source, offset: int) -> dict[str, int]:
    row = source.row(offset)
    before = source.text[source.starts[row - 1] : offset]
    return {"line": row, "column": len(before.encode("utf-8", "surrogatepass")) + 1}


def _suggestion(fix: Fix, source: Source, redact: Redactor) -> dict[str, Any] | None:
    """What the lines that a fix touches become; None where that cannot be said in whole lines, or would show a secret."""
    text = source.text
    if not fix.edits or fix.encoding is not None or source.encoding != "utf-8" or "\r" in text.replace("\r\n", ""):
        return None
    after = apply(text, [fix])
    first, start = source.row(fix.edits[0].start), fix.edits[0].start
    last = source.row(max(start, fix.edits[-1].end - 1))
    low, behind = source.starts[first - 1], [*source.starts[1:], len(text)]
    new = after[low : len(after) - (len(text) - behind[last - 1])]
    if new and not new.endswith("\n") and last < len(source.starts):  # the last of them is joined with the next one
        last += 1
        new = after[low : len(after) - (len(text) - behind[last - 1])]
    old = text[low : behind[last - 1]]
    lines, before = (part.removesuffix("\n").removesuffix("\r") for part in (new, old))
    no_line = not old or (
        new and not lines
    )  # behind the last line there is none; an empty text stands for no line at all
    if no_line or lines == before or (first == 1 and source.bom) or redact.holds_secret(lines):
        return None
    return {"range": {"start": {"line": first}, "end": {"line": last}}, "text": lines}
