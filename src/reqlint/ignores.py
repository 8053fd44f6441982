"""``# reqlint: ignore[RQ101] reason``: ignore comments in a manifest, which of them did something, and which are wrong.

An ``ignore`` counts on every line of the entry that a finding is about, and when it stands alone on the line above, or above the command
that the entry is a word of;
``ignore-file`` counts for the whole file, and must come before the first line that is not a comment.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.diagnostic import Diagnostic
    from reqlint.source import Source, Span

_MARK = "reqlint:"
_COMMENT = r"(?<!\S)#[ \t]*reqlint:[ \t]*(ignore(?:-file)?)\b[ \t]*(?:\[([^\]\r\n]*)\])?"


class Ignore:
    """One ignore comment.

    ``span``: the whole comment up to the end of its line; ``selectors``: each with its span, None when there are no
    brackets; ``file``: whether it is meant for the whole file; ``misplaced``: an ``ignore-file`` too far down;
    ``used``: the selectors (by position) that silenced something.
    """

    __slots__ = ("alone", "file", "misplaced", "row", "selectors", "span", "used")

    def __init__(
        self, span: Span, row: int, selectors: list[tuple[str, Span]] | None, *, file: bool, alone: bool
    ) -> None:
        """Keep the parts."""
        self.span = span
        self.row = row
        self.selectors = selectors
        self.file = file
        self.alone = alone
        self.misplaced = False
        self.used: set[int] = set()

    def silences(self, code: str, name: str) -> bool:
        """Whether it names this rule by code, prefix, name or ``ALL``; remembers that it was used."""
        hit = False
        for number, (selector, _) in enumerate(self.selectors or ()):
            upper = selector.upper()
            if selector.lower() == name or upper == "ALL" or (upper.startswith("RQ") and code.startswith(upper)):
                self.used.add(number)
                hit = True
        return hit


class Ignores:
    """The ignore comments of one source."""

    __slots__ = ("_by_row", "_file", "checked", "items", "source")

    def __init__(self, source: Source) -> None:
        """Find them; a source without the word ``reqlint:`` costs one search."""
        self.source = source
        self.checked: frozenset[str] = frozenset()  # the codes that were looked for, so that "unused" means something
        self.items = _find(source) if _MARK in source.text else []
        self._file = [item for item in self.items if item.file and not item.misplaced]
        self._by_row: dict[int, list[Ignore]] = {}
        for item in self.items:
            if not item.file:
                self._by_row.setdefault(item.row, []).append(item)

    def silence(self, diagnostic: Diagnostic) -> bool:
        """Whether some comment silences this finding."""
        if not self.items:
            return False
        hit = False
        for item in self._file:
            hit = item.silences(diagnostic.code, diagnostic.name) or hit
        if not self._by_row:
            return hit
        start, end = diagnostic.scope
        first, last = self.source.row(start), self.source.row(max(start, end - 1))
        for row in range(first, last + 1):
            for item in self._by_row.get(row, ()):
                hit = item.silences(diagnostic.code, diagnostic.name) or hit
        for row in {first, *map(self.source.row, diagnostic.heads)}:
            above = row - 1
            while above in self._by_row and all(item.alone for item in self._by_row[above]):
                for item in self._by_row[above]:
                    hit = item.silences(diagnostic.code, diagnostic.name) or hit
                above -= 1
        return hit


def _find(source: Source) -> list[Ignore]:
    """All ignore comments in text order."""
    text = source.text
    found = []
    top = _end_of_leading_comments(source)
    for match in re.finditer(_COMMENT, text):
        row = source.row(match.start())
        line_start, line_end = source.line_span(row)
        selectors: list[tuple[str, Span]] | None = None
        if match[2] is not None:
            selectors = []
            offset = match.start(2)
            for part in match[2].split(","):
                lead = len(part) - len(part.lstrip())
                if part.strip():
                    selectors.append((part.strip(), (offset + lead, offset + lead + len(part.strip()))))
                offset += len(part) + 1
        alone = not text[line_start : match.start()].strip()
        ignore = Ignore((match.start(), line_end), row, selectors or None, file=match[1] == "ignore-file", alone=alone)
        ignore.misplaced = ignore.file and match.start() >= top
        found.append(ignore)
    return found


def _end_of_leading_comments(source: Source) -> int:
    """The offset of the first line that is neither blank nor a comment."""
    for start in source.starts:
        rest = source.text[start : start + 2000].lstrip(" \t")
        if rest and rest[0] not in "#\r\n":
            return start
    return len(source.text)
