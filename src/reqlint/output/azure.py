"""Logging commands that Azure Pipelines turns into issues of a run (``task.logissue``).

Escapes are the agent's (``CommandString.cs``). An issue is an error or a warning; what is only an info is a line of the log.
Of each kind the agent shows ten with a step, so the worst come first; the log holds them all. Whether the step fails is
left to the exit code.
"""

from __future__ import annotations

from reqlint.diagnostic import SEVERITIES
from reqlint.output._ci import defused, log_line, told, words
from reqlint.redaction import whole_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.diagnostic import Diagnostic
    from reqlint.output import Report
    from reqlint.redaction import Redactor


def render(report: Report) -> str:
    """One line a finding, worst first; nothing when there is nothing to report."""
    ordered = sorted(report.diagnostics, key=lambda item: -SEVERITIES.index(item.severity))
    return "".join(
        log_line(item, report.redact) if item.severity == "info" else _issue(item, report.redact) for item in ordered
    )


def _issue(item: Diagnostic, redact: Redactor) -> str:
    row, column = item.source.position(item.span[0])
    properties = {
        "type": item.severity,
        "sourcepath": whole_path(item.source.path, redact.word),
        "linenumber": str(row),
        "columnnumber": str(column),
        "code": item.code,
    }
    written = "".join(f"{key}={_escape_property(value)};" for key, value in properties.items())
    message = told(item, redact)
    if item.help:
        message += f" (help: {words(item.help, redact)})"
    return f"##vso[task.logissue {written}]{_escape(defused(message))}\n"


def _escape(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace("]", "%5D").replace(";", "%3B")
