"""Workflow commands that GitHub Actions turns into annotations.

Escapes and limits are the runner's (``ActionCommand.cs``, ``ExecutionContext.cs``): a percent sign first; a command is one
line; columns count only when begin and end are on one line; of each kind, a step shows ten and drops the rest silently. So
the worst come first, ten of a kind, and a notice tells how many more there are.
"""

from __future__ import annotations

import os

from reqlint.diagnostic import SEVERITIES
from reqlint.output import plural, shortened, shown_path, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.diagnostic import Diagnostic
    from reqlint.output import Report

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_MOST = 10


def render(report: Report) -> str:
    """The commands, worst first; nothing when there is nothing to report."""
    ordered = sorted(report.diagnostics, key=lambda item: -SEVERITIES.index(item.severity))
    kinds: dict[str, list[Diagnostic]] = {}
    for item in ordered:
        kinds.setdefault(_COMMANDS[item.severity], []).append(item)
    if any(len(items) > _MOST for items in kinds.values()):
        shown = {kind: items[: _MOST - (kind == "notice")] for kind, items in kinds.items()}  # the last notice is ours
    else:
        shown = kinds
    lines = [_command(kind, item, report) for kind, items in shown.items() for item in items]
    left_out = len(ordered) - len(lines)
    if left_out:
        message = (
            f"{plural(left_out, 'more finding')}, which GitHub would not show; `reqlint --output-format full` shows all"
        )
        lines.append(f"::notice title=reqlint::{escape(message)}\n")
    return "".join(lines)


def _command(command: str, item: Diagnostic, report: Report) -> str:
    redact = report.redact
    row, column = item.source.position(item.span[0])
    end_row, end_column = item.source.position(item.span[1])
    path = redact.word(item.source.path)
    properties = {"title": f"reqlint ({item.code})", "file": os.path.abspath(path), "line": str(row)}
    if end_row == row:
        properties |= {"col": str(column), "endLine": str(row), "endColumn": str(max(column, end_column))}
    else:
        properties["endLine"] = str(end_row)
    written = ",".join(f"{key}={_escape_property(value)}" for key, value in properties.items())
    message = f"{shown_path(path)}:{row}:{column}: {item.code} {item.name}: {shortened(visible(redact(item.message)))}"
    if item.help:
        message += f"\n  help: {shortened(visible(redact(item.help)))}"
    return f"::{command} {written}::{escape(message)}\n"


def escape(text: str) -> str:
    """A text as the data of a workflow command: it stays on one line whatever it holds."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return escape(text).replace(":", "%3A").replace(",", "%2C")
