"""Workflow commands that GitHub Actions turns into annotations.

Escapes and limits are the runner's (``ActionCommand.cs``, ``ExecutionContext.cs``): a percent sign first; a command is one
line; columns count only when begin and end are on one line; of each kind, a step shows ten and drops the rest silently. So
the worst come first, ten of a kind, and a notice tells how many more there are; these are lines of the log.
"""

from __future__ import annotations

from reqlint.output import plural
from reqlint.output._ci import log_line, told, words
from reqlint.redaction import whole_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.diagnostic import Diagnostic
    from reqlint.output import Report
    from reqlint.redaction import Redactor

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_MOST = 10


def render(report: Report) -> str:
    """The commands, worst first, then what they leave out; nothing when there is nothing to report."""
    kinds: dict[str, list[Diagnostic]] = {kind: [] for kind in _COMMANDS.values()}
    for item in report.diagnostics:
        kinds[_COMMANDS[item.severity]].append(item)
    too_many = any(len(items) > _MOST for items in kinds.values())
    most = {kind: _MOST - (too_many and kind == "notice") for kind in kinds}  # the last notice is ours
    lines = [_command(kind, item, report.redact) for kind, items in kinds.items() for item in items[: most[kind]]]
    left_out = [item for kind, items in kinds.items() for item in items[most[kind] :]]
    if left_out:
        message = f"{plural(len(left_out), 'more finding')}, which GitHub would not show here: see the log of this step"
        lines.append(f"::notice title=reqlint::{escape(message)}\n")
        lines += [log_line(item, report.redact) for item in left_out]
    return "".join(lines)


def _command(command: str, item: Diagnostic, redact: Redactor) -> str:
    row, column = item.source.position(item.span[0])
    end_row, end_column = item.source.position(item.span[1])
    properties = {
        "title": f"reqlint ({item.code})",
        "file": whole_path(item.source.path, redact.word),
        "line": str(row),
    }
    if end_row == row:
        properties |= {"col": str(column), "endLine": str(row), "endColumn": str(max(column, end_column))}
    else:
        properties["endLine"] = str(end_row)
    written = ",".join(f"{key}={_escape_property(value)}" for key, value in properties.items())
    message = told(item, redact)
    if item.help:
        message += f"\n  help: {words(item.help, redact)}"
    return f"::{command} {written}::{escape(message)}\n"


def escape(text: str) -> str:
    """A text as the data of a workflow command: it stays on one line whatever it holds."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return escape(text).replace(":", "%3A").replace(",", "%2C")
