"""Workflow commands that GitHub Actions turns into annotations.

Escapes and limits are the runner's (``ActionCommand.cs``, ``ExecutionContext.cs``): a percent sign first; a command is one
line; columns count only when begin and end are on one line; of each kind, a step shows ten and drops the rest silently. So
the worst come first, ten of a kind, and a notice tells how many more there are.
"""

from __future__ import annotations

import os

from reqlint.diagnostic import SEVERITIES
from reqlint.output import plural, shown_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.diagnostic import Diagnostic
    from reqlint.output import Report

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_MOST = 10


def render(report: Report) -> str:
    """The commands, worst first; nothing when there is nothing to report."""
    ordered = sorted(report.diagnostics, key=lambda item: -SEVERITIES.index(item.severity))
    shown: dict[str, int] = {}
    lines = []
    left_out = 0
    for item in ordered:
        command = _COMMANDS[item.severity]
        shown[command] = shown.get(command, 0) + 1
        if shown[command] > (_MOST - 1 if command == "notice" else _MOST):
            left_out += 1
        else:
            lines.append(_command(command, item, report))
    if left_out:
        message = f"{plural(left_out, 'more finding')} of reqlint's, which GitHub would not show: run it with --output-format full"
        lines.append(f"::notice title=reqlint::{escape(message)}\n")
    return "".join(lines)


def _command(command: str, item: Diagnostic, report: Report) -> str:
    row, column = item.source.position(item.span[0])
    end_row, end_column = item.source.position(item.span[1])
    properties = {"title": f"reqlint ({item.code})", "file": os.path.abspath(item.source.path), "line": str(row)}
    if end_row == row:
        properties |= {"col": str(column), "endLine": str(row), "endColumn": str(max(column, end_column))}
    else:
        properties["endLine"] = str(end_row)
    written = ",".join(f"{key}={_escape_property(report.redact(value))}" for key, value in properties.items())
    message = f"{shown_path(item.source.path)}:{row}:{column}: {item.code} {item.name}: {item.message}"
    if item.help:
        message += f"\n  help: {item.help}"
    return f"::{command} {written}::{escape(report.redact(message))}\n"


def escape(text: str) -> str:
    """A text as the data of a workflow command: it stays on one line whatever it holds."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return escape(text).replace(":", "%3A").replace(",", "%2C")
