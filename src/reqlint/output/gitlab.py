"""GitLab's Code Quality report: an array, a subset of what CodeClimate defined, shown in merge requests.

GitLab drops an invalid item and all that follow it, and keeps only the last of those that have the same fingerprint; paths
are counted from the root of the repository.
"""

from __future__ import annotations

from reqlint.output._ci import Paths, fingerprints, scalar, words
from reqlint.output.json import as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.output import Report

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def render(report: Report) -> str:
    """The whole array, ``[]`` when there is nothing to report."""
    redact = report.redact
    paths = Paths(redact)
    items = []
    for item, fingerprint in zip(report.diagnostics, fingerprints(report, paths), strict=True):
        start, end = item.span
        items.append(
            {
                "description": f"{item.code} {item.name}: {words(item.message, redact)}",
                "check_name": item.code,
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[item.severity],
                "location": {
                    "path": scalar(paths(item.source.path)),
                    "lines": {"begin": item.source.row(start), "end": item.source.row(max(start, end - 1))},
                },
            }
        )
    return as_text(items)
