"""An array of findings in the shape that ruff's JSON has, so that what reads ruff's reads ours.

Rows and columns are 1-based, columns count code points, ends are exclusive. A fix whose text would hold a secret is left
out: masked, it would be wrong.
"""

from __future__ import annotations

import json

from reqlint.redaction import whole_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reqlint.diagnostic import Diagnostic
    from reqlint.fixes import Fix
    from reqlint.output import Report
    from reqlint.redaction import Redactor
    from reqlint.source import Source


def render(report: Report) -> str:
    """The whole array."""
    items = [finding(item, report.redact) for item in report.diagnostics]
    return as_text(items)


def as_text(value: object, indent: int | None = 2) -> str:
    """A value as JSON, on one line when ``indent`` is None.

    It is in ASCII: so it is valid on any terminal, even where a file's name is no text. Nothing in it is a command to GitHub
    Actions (``##[``) or Azure Pipelines (``##vso[``) when these read the log.
    """
    text = json.dumps(value, indent=indent)
    return text.replace("##[", "#\\u0023[").replace("##vso[", "#\\u0023vso[") + "\n"


def finding(item: Diagnostic, redact: Redactor) -> dict[str, Any]:
    """One finding as a JSON object."""
    path = whole_path(item.source.path, redact.word)
    return {
        "code": item.code,
        "name": item.name,
        "severity": item.severity,
        "message": redact(item.message),
        "help": redact(item.help),
        "filename": path,
        "location": location(item.source, item.span[0]),
        "end_location": location(item.source, item.span[1]),
        "dependency": redact.word(item.dependency) if item.dependency is not None else None,
        "group": redact.word(item.group) if item.group is not None else None,
        "url": None,
        "noqa_row": item.source.row(item.scope[0]),
        "fix": _fix(item.fix, item.source, path, redact) if item.fix is not None else None,
        "related": [
            {
                "filename": whole_path(label.source.path, redact.word),
                "location": location(label.source, label.span[0]),
                "end_location": location(label.source, label.span[1]),
                "message": redact(label.message),
            }
            for label in item.related
        ],
    }


def location(source: Source, offset: int) -> dict[str, int]:
    """Row and column of a 0-based offset."""
    row, column = source.position(offset)
    return {"row": row, "column": column}


def _fix(fix: Fix, source: Source, path: str, redact: Redactor) -> dict[str, Any] | None:
    if any(redact.holds_secret(edit.content) for edit in fix.edits):
        return None
    return {
        "applicability": fix.applicability,
        "message": redact(fix.message),
        "edits": [
            {
                "content": edit.content,
                "location": location(source, edit.start),
                "end_location": location(source, edit.end),
                "filename": path,
            }
            for edit in fix.edits
        ],
    }
