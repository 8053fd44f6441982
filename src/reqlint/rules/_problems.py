"""Rules whose faults the readers of formats note themselves."""

from __future__ import annotations

from reqlint.diagnostic import Diagnostic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.model import Manifest


def reported(manifest: Manifest, name: str) -> Iterator[Diagnostic]:
    """The problems that the reader of a manifest noted for the rule of this name."""
    for problem in manifest.problems:
        if problem.rule == name:
            yield Diagnostic(
                manifest.source,
                problem.span,
                problem.message,
                label=problem.label,
                help=problem.help,
                fix=problem.fix,
                scope=problem.scope,
            )
