"""What a rule says: a diagnostic, its place, and what could be done about it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from reqlint.fixes import Fix
    from reqlint.model import Dependency
    from reqlint.source import Source, Span

    Severity = Literal["error", "warning", "info"]

#: From mild to grave.
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")


class Label:
    """A second place that belongs to a finding: ``span`` in ``source``, and what to say of it."""

    __slots__ = ("message", "source", "span")

    def __init__(self, source: Source, span: Span, message: str) -> None:
        """Keep the place and the words."""
        self.source = source
        self.span = span
        self.message = message


class Diagnostic:
    """One finding.

    A rule gives ``source`` and ``span`` (what to underline), ``message`` (one sentence, names in backquotes), ``label``
    (a few words to stand under the underlined text), ``help`` (what to do), ``fix``, ``related`` places, and ``scope``:
    the span on whose lines an ignore comment counts (a whole entry; ``span`` when not given), and above the lines of which
    offsets (``heads``) it counts too. The linter fills in
    ``code``, ``name``, and ``severity`` where the rule gives none of its own for this finding. No text of a diagnostic may
    hold a secret.
    """

    __slots__ = (
        "code",
        "dependency",
        "fix",
        "group",
        "heads",
        "help",
        "label",
        "message",
        "name",
        "related",
        "scope",
        "severity",
        "source",
        "span",
    )

    code: str
    name: str
    severity: Severity

    def __init__(
        self,
        source: Source,
        span: Span,
        message: str,
        *,
        label: str = "",
        help: str = "",  # noqa: A002 - the field's own name in every linter
        fix: Fix | None = None,
        scope: Span | None = None,
        related: Sequence[Label] = (),
        dependency: str | None = None,
        group: str | None = None,
        severity: Severity | None = None,
        heads: Sequence[int] = (),
    ) -> None:
        """Keep what the rule says."""
        self.source = source
        self.span = span
        self.message = message
        self.label = label
        self.help = help
        self.fix = (
            fix if fix is None or fix.edits or fix.encoding is not None else None
        )  # one that changes nothing is none
        self.scope = scope or span
        self.heads = heads
        self.related = tuple(related)
        self.dependency = dependency
        self.group = group
        if severity is not None:
            self.severity = severity

    @classmethod
    def of(
        cls,
        dependency: Dependency,
        message: str,
        *,
        span: Span | None = None,
        label: str = "",
        help: str = "",  # noqa: A002
        fix: Fix | None = None,
        related: Sequence[Label] = (),
        severity: Severity | None = None,
    ) -> Diagnostic:
        """A finding about a dependency: its source, span, entry, name and group are taken from it.

        A fix that it cannot hold is left out.
        """
        if fix is not None and not all(dependency.can_hold(edit.content) for edit in fix.edits):
            fix, help = None, "put this word in quotes, which its fix needs"  # noqa: A001 - the parameter
        return cls(
            dependency.source,
            span or dependency.span,
            message,
            label=label,
            help=help,
            fix=fix,
            scope=dependency.scope,
            heads=dependency.group.heads,
            related=related,
            dependency=dependency.name,
            group=dependency.group.label,
            severity=severity,
        )

    def __repr__(self) -> str:
        """Show code, path and span: the message is for readers, the text may hold a secret."""
        return f"<Diagnostic {getattr(self, 'code', '?')} {self.source.path} {self.span}>"
