"""One line a finding: ``path:row:column: severity[code] name: message``, with ``[*]`` where a safe fix is ready."""

from __future__ import annotations

from reqlint.output import shortened, shown_path, summary, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.output import Report


def render(report: Report) -> str:
    """All findings, and the summary."""
    lines = []
    for item in report.diagnostics:
        row, column = item.source.position(item.span[0])
        ready = " [*]" if item.fix is not None and item.fix.applicability == "safe" else ""
        message = shortened(visible(report.redact(item.message)))
        where = shown_path(report.redact.word(item.source.path))
        lines.append(f"{where}:{row}:{column}: {item.severity}[{item.code}] {item.name}: {message}{ready}\n")
    return "".join(lines) + summary(report) + "\n"
