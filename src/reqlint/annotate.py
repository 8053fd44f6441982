"""``--write-ignores``: an ignore comment with a reason for every finding that there is.

A comment is written where it counts for the finding and where the tool that reads the file takes it for a comment. Which
place is the best depends on the notation; whether it is one is tried: with the comment, the file must say what it said before,
and the finding must be gone.
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix, choose
from reqlint.formats._content import content, notation
from reqlint.ignores import Ignores
from reqlint.linter import ROUNDS, Applied, Mender, round_trips

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal

    from reqlint.diagnostic import Diagnostic
    from reqlint.ignores import Ignore
    from reqlint.linter import Target
    from reqlint.model import Manifest
    from reqlint.source import Source

    Place = tuple[Literal["extend", "end", "above", "top"], int]  # the number of an ignore comment, or a row
    Placed = dict[Place, list[Diagnostic]]

#: The reason that is written when none is given.
REASON = "not looked at yet"

#: What no comment silences (a file that cannot be read, a comment of reqlint's own that is wrong), and faults of ours.
_NEVER = ("RQ001", "RQ901", "RQ902", "RQ903", "RQ999")
#: About the whole file, wherever they stand in it.
_OF_FILE = ("RQ003",)
_EMPTY = re.compile(r"#[ \t]*reqlint:[ \t]*ignore(?:-file)?\b([ \t]*\[[^\]\r\n]*\]|)")
_FIRST_LINE = re.compile(r"#!|#.*coding[:=][ \t]*[-\w.]+")
_UNUSED = "RQ901"


def refused(reason: str) -> str | None:
    """Why a text cannot stand as a reason in a comment of any notation; None when it can."""
    from reqlint.credentials import mask

    if not reason.isprintable():
        return "the reason must be one line, without control characters"
    if reason.endswith("\\"):
        return "the reason must not end in a backslash, which pip takes for the beginning of a longer line"
    if "reqlint:" in reason:
        return "the reason must not hold `reqlint:`, which begins a comment of its own"
    return "the reason holds what looks like a secret" if mask(reason) != reason else None


class Annotator(Mender):
    """Writes ignore comments as a Mender applies fixes: in memory; its ``notes`` say why findings are left."""

    def __init__(self, *arguments: object, reason: str, **options: object) -> None:
        """``reason``: what stands behind the brackets; the rest is as for a Mender."""
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.reason = reason
        self._says: object = None  # the content of the file at hand, which no comment may change,
        self._lost: set[str] = (
            set()
        )  # and the codes of findings in it for which there is no place, to be tried once only

    def _mend(self, target: Target, manifest: Manifest) -> Manifest:
        """Write the comments of one file, round by round, since one comment may change what another is about."""
        before = self.linter.check_one(manifest)
        if not before:
            return manifest
        self._says, self._lost = content(manifest), set()
        if self._says is None or not round_trips(self.memory, manifest.source):
            json = notation(manifest) == "json"
            self._leave(before, "JSON has no comments" if json else "a file that cannot be read is left alone")
            return manifest
        unused = {_line_of(item) for item in before if item.code == _UNUSED}
        for _ in range(ROUNDS):
            found = self.linter.check_one(manifest)
            after = self._annotated(target, manifest, [item for item in found if not self._is_lost(item)])
            if after is None:
                stale = [item for item in found if item.code == _UNUSED and _line_of(item) not in unused]
                after = self._cleaned(target, manifest, stale)
            if after is None:
                break
            manifest = after
        left = self.linter.check_one(manifest)
        self._leave([item for item in left if item.code in _NEVER], "no comment silences such findings")
        self._leave(
            [item for item in left if item.code not in _NEVER], "there is no place for a comment that would count"
        )
        return manifest

    def _is_lost(self, item: Diagnostic) -> bool:
        return item.code in _NEVER or item.code in self._lost

    def _leave(self, found: Sequence[Diagnostic], why: str) -> None:
        """Note that findings of one file are left; once, though a file may be looked at again."""
        if not found:
            return
        codes = ", ".join(sorted({item.code for item in found}))
        count = f"{len(found)} findings are" if len(found) > 1 else "1 finding is"
        note = f"{found[0].source.path}: {count} left ({codes}): {why}"
        if note not in self.notes:
            self.notes.append(note)

    def _annotated(self, target: Target, manifest: Manifest, items: list[Diagnostic]) -> Manifest | None:
        """The file with comments for as many findings as can be; None when there is nothing to do, or nothing helps."""
        wanted: Placed = {}
        for item in items:
            wanted.setdefault(next(_places(manifest, item)), []).append(item)
        sound = self._sound(target, manifest, wanted)
        while sound:
            after = self._tried(target, manifest, sound)
            if after is not None:
                fix = Fix("Write an ignore comment", ())
                self.applied += [Applied(target.path, item, fix) for items in sound.values() for item in items]
                return after
            sound = dict(
                list(sound.items())[: len(sound) // 2]
            )  # each is sound alone; the others come in the next round
        return None

    def _sound(self, target: Target, manifest: Manifest, wanted: Placed) -> Placed:
        """The places that can be taken, found by halves; a finding whose place cannot be gets its next one."""
        if not wanted or self._holds(target, manifest, wanted):
            return wanted
        found: Placed = {}
        if len(wanted) > 1:
            pairs = list(wanted.items())
            half = len(pairs) // 2
            for part in (dict(pairs[:half]), dict(pairs[half:])):
                for place, items in self._sound(target, manifest, part).items():
                    found.setdefault(place, []).extend(items)
            return found
        for item in next(iter(wanted.values())):
            for place in _places(manifest, item):
                if self._holds(target, manifest, {place: [item]}):
                    found.setdefault(place, []).append(item)
                    break
            else:
                self._lost.add(item.code)
        return found

    def _holds(self, target: Target, manifest: Manifest, placed: Placed) -> bool:
        """Whether comments at these places do what they should and nothing else; nothing is changed."""
        before = self.memory.read(target.path)
        if self._tried(target, manifest, placed) is None:
            return False
        self._restore(target, manifest, before)
        return True

    def _tried(self, target: Target, manifest: Manifest, placed: Placed) -> Manifest | None:
        """The file with comments at these places; None, and nothing changed, when they do not do what they should."""
        fixes = [_fix(manifest.source, place, items, self.reason) for place, items in placed.items()]
        allowed = _counts(self.linter.check_one(manifest))
        for items in placed.values():
            for item in items:
                allowed[item.code] -= 1
        if (
            len(placed) > 1
        ):  # comments on lines of their own part what was one block: what they make unused is deleted later
            allowed[_UNUSED] = len(fixes) + allowed.get(_UNUSED, 0)
        return self._allowed(target, manifest, fixes, allowed)

    def _cleaned(self, target: Target, manifest: Manifest, stale: list[Diagnostic]) -> Manifest | None:
        """The file without comments of ours that others made superfluous."""
        fixes = [item.fix for item in stale if item.fix is not None]
        return self._allowed(target, manifest, fixes, _counts(self.linter.check_one(manifest))) if fixes else None

    def _allowed(
        self, target: Target, manifest: Manifest, fixes: list[Fix], allowed: Mapping[str, int]
    ) -> Manifest | None:
        """The file after these fixes, if it says what it said and has no more findings than are allowed."""
        before = self.memory.read(target.path)
        after = self._try(target, manifest, choose(fixes))
        if after is None:
            return None
        counts = _counts(self.linter.check_one(after))
        if content(after) == self._says and all(count <= allowed.get(code, 0) for code, count in counts.items()):
            return after
        self._restore(target, manifest, before)
        return None

    def _restore(self, target: Target, manifest: Manifest, before: bytes) -> None:
        """Take back what was tried."""
        self.memory.write(target.path, before, self.memory.read(target.path))
        self.linter.project.keep(manifest)


def _line_of(item: Diagnostic) -> tuple[str, str]:
    """What tells an ignore that was unused before from those that come to be: the message, and the line that it is on."""
    source = item.source
    return item.message, source.text[slice(*source.line_span(source.row(item.span[0])))]


def _counts(found: Sequence[Diagnostic]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in found:
        counts[item.code] = counts.get(item.code, 0) + 1
    return counts


def _places(manifest: Manifest, item: Diagnostic) -> Iterator[Place]:
    """Where a comment for a finding may stand, the best place first."""
    source = item.source
    ignores = Ignores(source).items
    start, end = item.scope
    if start != end and item.code not in _OF_FILE:
        rows = range(source.row(start), source.row(end - 1) + 1)
        reaching = _reaching(ignores, rows)
        if reaching is not None:
            yield "extend", reaching
        yield from _beside(source, rows, start, notation(manifest))
    for number, ignore in enumerate(ignores):
        if ignore.file and not ignore.misplaced:
            yield "extend", number
            return
    yield "top", _top(source)


def _reaching(ignores: Sequence[Ignore], rows: range) -> int | None:
    """The ignore comment that counts for these rows already."""
    above = {ignore.row: number for number, ignore in enumerate(ignores) if ignore.alone and not ignore.file}
    for number, ignore in enumerate(ignores):
        if not ignore.file and ignore.row in rows:
            return number
    return above.get(rows[0] - 1)


def _beside(source: Source, rows: range, start: int, written: str) -> Iterator[Place]:
    """At the end of a row, or alone on the row above.

    What is one of several on its row gets its comment above. Above only is right for conda's lists, of whose readers not all
    know comments behind a spec, and for setup.cfg, where such a comment would be a part of the value.
    """
    first, last = rows[0], rows[-1]
    if written == "requirements":
        yield "end", last
    elif written not in ("ini", "list"):
        begin = source.line_span(first)[0]
        shared = re.search(r"\w", source.text[begin:start]) is not None
        if shared:
            yield "above", first
        yield "end", first
        yield "end", last
    yield "above", first


def _top(source: Source) -> int:
    """The row before which a comment for the file stands: behind what must be in the first two rows."""
    for row in (2, 1):
        if row <= len(source.starts) and _FIRST_LINE.match(source.text[slice(*source.line_span(row))]):
            return row + 1
    return 1


def _fix(source: Source, place: Place, items: Sequence[Diagnostic], reason: str) -> Fix:
    """The comment as a fix."""
    codes = sorted({item.code for item in items})
    kind, number = place
    if kind == "extend":
        edit = _extension(source, Ignores(source).items[number], codes)
    else:
        word = "ignore-file" if kind == "top" else "ignore"
        comment = f"# reqlint: {word}[{', '.join(codes)}] {reason}".rstrip()
        edit = _behind(source, number, comment) if kind == "end" else _before(source, number, comment)
    return Fix("Write an ignore comment", [edit])


def _extension(source: Source, ignore: Ignore, codes: Sequence[str]) -> Edit:
    """More codes in an ignore comment; brackets for one that has none, or nothing in them."""
    if ignore.selectors:
        end = ignore.selectors[-1][1][1]
        return Edit(end, end, "".join(f", {code}" for code in codes))
    empty = _EMPTY.match(source.text, *ignore.span)
    start, end = empty.span(1) if empty is not None else (ignore.span[1], ignore.span[1])
    return Edit(start, end, f"[{', '.join(codes)}]")


def _behind(source: Source, row: int, comment: str) -> Edit:
    """At the end of a row, two blanks behind what stands there."""
    start, end = source.line_span(row)
    line = source.text[start:end]
    blanks = len(line) - len(line.rstrip(" "))
    return Edit(end, end, " " * max(0, 2 - blanks) + comment)


def _before(source: Source, row: int, comment: str) -> Edit:
    """On a row of its own before a row, indented as that one is."""
    if row > len(source.starts):
        end = len(source.text)
        return Edit(end, end, source.newline + comment)
    start, end = source.line_span(row)
    line = source.text[start:end]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    return Edit(start, start, indent + comment + source.newline)
