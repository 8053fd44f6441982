"""Edits and fixes: what would change, how sure we are of it, and how it is applied.

A fix is a plan; applying it is a separate, dumb and total function on text. A fix applies wholly or not at all, and no two
edits ever touch one character.
"""

from __future__ import annotations

from bisect import bisect_right, insort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal

    Applicability = Literal["safe", "unsafe"]


class Edit:
    """Replace the half-open range of 0-based code-point offsets ``start`` to ``end`` by ``content``."""

    __slots__ = ("content", "end", "start")

    def __init__(self, start: int, end: int, content: str = "") -> None:
        """An insertion has ``start == end``; a deletion has no content."""
        self.start = start
        self.end = end
        self.content = content

    def __eq__(self, other: object) -> bool:
        """Equal edits do the same."""
        if not isinstance(other, Edit):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        """Hash by what the edit does."""
        return hash(self._key())

    def _key(self) -> tuple[int, int, str]:
        return self.start, self.end, self.content

    def __repr__(self) -> str:
        """Show the range only: the content may hold a secret."""
        return f"<Edit {self.start}:{self.end}, {len(self.content)} characters>"


class Fix:
    """What to do about a finding in the file that it is in.

    ``message``: what the fix does, as an order ("Pin `requests` to 2.32.3"); ``applicability``: ``safe`` leaves what gets
    installed as it is, or makes it what the project's own lock or environment already says; anything else is ``unsafe``;
    ``encoding``: a new encoding for the whole file (without byte order mark), or None to keep it.
    """

    __slots__ = ("applicability", "edits", "encoding", "message")

    def __init__(
        self, message: str, edits: Iterable[Edit], applicability: Applicability = "safe", *, encoding: str | None = None
    ) -> None:
        """Sort the edits by place; raises ValueError when two of them overlap."""
        self.message = message
        self.edits: tuple[Edit, ...] = tuple(sorted(set(edits), key=Edit._key))  # noqa: SLF001 - the same module
        self.applicability = applicability
        self.encoding = encoding
        for before, after in zip(self.edits, self.edits[1:], strict=False):
            if before.end > after.start or before.start == after.start:
                overlap = "the edits of one fix must not overlap"
                raise ValueError(overlap)

    def __repr__(self) -> str:
        """Show what it is about."""
        return f"<Fix {self.message!r}, {self.applicability}>"


def choose(fixes: Iterable[Fix]) -> list[Fix]:
    """Those of the fixes, in the given order, that can be applied together.

    A fix that touches a character which an earlier one touches, or inserts where an earlier one inserts, is left for the
    next round; two fixes that want the very same edits are one. A deletion that swallows an insertion clashes with it.
    """
    chosen: list[Fix] = []
    taken: list[Edit] = []  # by place; as no two of them clash, only its neighbours can clash with one more
    same: set[Edit] = set()
    encoding: str | None = None
    for fix in fixes:
        if fix.encoding is not None and encoding is not None:
            continue
        fresh = [edit for edit in fix.edits if edit not in same]
        if any(_clash(edit, other) for edit in fresh for other in _neighbours(edit, taken)):
            continue
        encoding = encoding or fix.encoding
        for edit in fresh:
            insort(taken, edit, key=_start)
        same.update(fresh)
        chosen.append(fix)
    return chosen


def _start(edit: Edit) -> int:
    return edit.start


def _neighbours(edit: Edit, taken: Sequence[Edit]) -> Sequence[Edit]:
    """The last edit that begins at or before this one, and the first that begins behind."""
    after = bisect_right(taken, edit.start, key=_start)
    return taken[max(after - 1, 0) : after + 1]


def _clash(one: Edit, other: Edit) -> bool:
    """Whether two edits touch one character, or one place."""
    if one.start == other.start or one.end == other.end:
        return True
    return one.start < other.end and other.start < one.end


def apply(text: str, fixes: Iterable[Fix]) -> str:
    """The text with the edits of all fixes made; they must come from ``choose``."""
    edits = sorted({edit for fix in fixes for edit in fix.edits}, key=lambda edit: (edit.start, edit.end))
    pieces: list[str] = []
    done = 0
    for edit in edits:
        pieces.append(text[done : edit.start])
        pieces.append(edit.content)
        done = edit.end
    pieces.append(text[done:])
    return "".join(pieces)


def unified_diff(path: str, before: str, after: str) -> list[str]:
    r"""The lines of a unified diff that ``git apply`` takes, each with its line end.

    Only ``\n`` ends a line here, as it does for git: a carriage return is a part of its line.
    """
    from difflib import unified_diff as diff

    old, new = _git_lines(before), _git_lines(after)
    lines: list[str] = []
    for line in diff(old, new, f"a/{path}", f"b/{path}"):
        if line.endswith("\n"):
            lines.append(line)
        else:
            lines.extend((line + "\n", "\\ No newline at end of file\n"))
    return lines


def _git_lines(text: str) -> Sequence[str]:
    lines = text.split("\n")
    ended = [line + "\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended
