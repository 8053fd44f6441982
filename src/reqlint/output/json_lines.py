"""The findings of ``json``, one object a line: for what reads them one by one, such as ``jq`` or a log's collector."""

from __future__ import annotations

from reqlint.output.json import as_text, finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.output import Report


def render(report: Report) -> str:
    """One line a finding; nothing when there is nothing to report."""
    return "".join(as_text(finding(item, report.redact), indent=None) for item in report.diagnostics)
