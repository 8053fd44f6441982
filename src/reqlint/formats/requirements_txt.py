"""pip's requirements and constraints files, read as pip 26.3 reads them, with the place of everything.

The order of pip's own steps matters and is kept: lines by ``str.splitlines``; continuations joined; comments cut off;
options split off at the first blank-separated word that begins with ``-``. Variables (``${NAME}``) are left as they stand,
as pip leaves those that are not set. Source: pip's documentation, "Requirements File Format", and its
``req/req_file.py``.
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.formats._pip_options import PER_REQUIREMENT, OptionError, parse_options
from reqlint.formats._pip_slips import explain, wrong_kind
from reqlint.model import Dependency, Group, Include, Index, Manifest, Problem, Setting
from reqlint.requirement import InvalidRequirementError, parse_editable, parse_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._pip_options import Option, Word
    from reqlint.model import Role
    from reqlint.requirement import Requirement
    from reqlint.source import Source, Span

_COMMENT = re.compile(r"(^|\s+)#.*$")
_WHOLE_COMMENT = re.compile(r"\s*#")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")

_SETTINGS = {
    "trusted-host": "trusted-host",
    "pre": "pre-releases",
    "all-releases": "pre-releases",
    "require-hashes": "require-hashes",
    "no-index": "no-index",
}


class Line:
    """One logical line: its ``text`` after comments are cut off, and how its offsets map into the source.

    ``pieces``: for each physical line, the offset in the logical text where it begins and the offset in the source of its
    first character there; ``entry``: the span of all its physical lines, line ends included; ``comment``: where the
    comment begins in the logical text before it was cut, or -1.
    """

    __slots__ = ("comment", "entry", "lead", "pieces", "raw", "text")

    def __init__(self, raw: str, pieces: list[tuple[int, int]], entry: Span) -> None:
        """Cut off the comment and the blanks around, as pip does."""
        self.raw = raw
        self.pieces = pieces
        self.entry = entry
        self.comment = -1
        text = raw
        if "#" in raw:
            match = _COMMENT.search(raw)
            if match is not None:
                self.comment = match.start()
                text = raw[: self.comment]
        stripped = text.lstrip()
        self.lead = len(text) - len(stripped)
        self.text = stripped.rstrip()

    def place(self, offset: int) -> int:
        """The offset in the source of an offset in ``text``."""
        offset += self.lead
        pieces = self.pieces
        if len(pieces) > 1:
            for start, origin in reversed(pieces):
                if offset >= start:
                    return origin + offset - start
        start, origin = pieces[0]
        return origin + offset - start

    def span(self, start: int, end: int) -> Span:
        """The span in the source of a half-open range of ``text``."""
        if start >= end:
            return self.place(start), self.place(start)
        return self.place(start), self.place(end - 1) + 1

    def is_whole(self, start: int, end: int) -> bool:
        """Whether a range of ``text`` stands in one physical line, so that it can be rewritten as it is."""
        low, high = self.span(start, end)
        return high - low == end - start


def read(source: Source, role: Role) -> Manifest:
    """Read a requirements file (or, by its role, a constraints file) into a manifest; never raises."""
    manifest = Manifest(source, "requirements.txt", role)
    group = Group("constraint" if role == "constraint" else "runtime", role)
    reader = _Reader(manifest, group)
    for line in logical_lines(source.text):
        reader.read(line)
    manifest.blocks = reader.blocks
    if any(problem.rule == "invalid-requirement" for problem in manifest.problems):
        whole = wrong_kind(manifest)
        if whole is not None:
            manifest.problems = [whole]
            manifest.dependencies = []
            manifest.blocks = ()
    return manifest


def logical_lines(text: str) -> Iterator[Line]:
    """The logical lines of a file that hold something but a comment, as pip joins them.

    A line that ends in a backslash is joined with the next one, all its leading and trailing backslashes gone; a whole-line
    comment never is, and ends a joined line.
    """
    offset = 0
    raw = ""
    pieces: list[tuple[int, int]] = []
    begin = 0
    for physical in text.splitlines(keepends=True):
        start = offset
        offset += len(physical)
        line = physical.rstrip("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029") if physical else physical
        if len(physical) - len(line) > 2 or (len(physical) - len(line) == 2 and not physical.endswith("\r\n")):
            line = physical[:-1]
        if not pieces and not line.endswith("\\"):
            if line and (line[0] != "#" or "\\" in line):
                logical = Line(line, [(0, start)], (start, offset))
                if logical.text:
                    yield logical
            continue
        comment = _WHOLE_COMMENT.match(line)
        if not pieces:
            begin = start
            raw = ""
        if not line.endswith("\\") or comment:
            if comment:
                raw += " "
            pieces.append((len(raw), start))
            raw += line
            logical = Line(raw, pieces, (begin, offset))
            pieces = []
            if logical.text or _swallows(logical):
                yield logical
        else:
            stripped = line.strip("\\")
            pieces.append((len(raw), start + len(line) - len(line.lstrip("\\"))))
            raw += stripped
    if pieces:
        logical = Line(raw, pieces, (begin, offset))
        if logical.text or _swallows(logical):
            yield logical


def _swallows(line: Line) -> bool:
    """Whether a comment that ends in a backslash took the lines after it along."""
    return line.comment >= 0 and len(line.pieces) > 1 and line.pieces[-1][0] > line.comment


class _Reader:
    """Reads logical lines, one by one, into a manifest."""

    def __init__(self, manifest: Manifest, group: Group) -> None:
        self.manifest = manifest
        self.source = manifest.source
        self.group = group
        self.blocks: list[tuple[int, int]] = []
        self._block_end = -1

    def read(self, line: Line) -> None:
        """Read one line."""
        if len(line.pieces) > 1:
            self._report_swallowed(line)
        text = line.text
        if not text:
            return
        cut = 0 if text[0] == "-" else text.find(" -") + 1
        if cut == 0 and text[0] != "-":
            self._requirement(line, text, [])
            return
        options: list[Option]
        try:
            options, rest = parse_options(text[cut:])
        except OptionError as error:
            span = line.span(cut + error.span[0], cut + error.span[1])
            self.manifest.problems.append(
                Problem(
                    "invalid-option",
                    span,
                    f"{error.reason}; pip stops at this line",
                    label="pip refuses this",
                    help="take the option out of the file; most others belong on pip's command line or in its configuration",
                    scope=line.entry,
                )
            )
            options, rest = [], []
        for option in options:
            option.span = line.span(cut + option.span[0], cut + option.span[1])
            low, high = option.value_span
            option.value_span = line.span(cut + low, cut + high)
            if self.source.text[slice(*option.value_span)] != option.value:
                start, end = option.value_span
                if self.source.text[start + 1 : end - 1] == option.value:
                    option.value_span = (start + 1, end - 1)
        words = [(word, line.place(cut + start), line.place(cut + end - 1) + 1) for word, start, end in rest]
        if cut:
            before = text[:cut].rstrip()
            self._requirement(line, before, options)
            self._report_dropped(line, [option for option in options if option.kind not in PER_REQUIREMENT], words)
        elif any(option.kind == "editable" for option in options):
            self._editable(line, options, words)
        elif any(option.kind in ("requirement", "constraint") for option in options):
            self._include(line, options, words)
        else:
            self._options(line, options, words)

    # Requirements

    def _requirement(self, line: Line, text: str, options: list[Option]) -> None:
        """A requirement line: what stands before the options."""
        end = len(text)
        try:
            parts, whole = self._parse(line, text, parse_pip)
        except InvalidRequirementError as error:
            self._report_invalid(line, text, error)
            return
        hashes = sum(option.kind == "hash" for option in options)
        self._add(line, line.span(0, end), text, parts, hashes=hashes, whole=whole)

    def _parse(self, line: Line, text: str, parse: object) -> tuple[Requirement, bool]:
        """The parts of a requirement at the beginning of a line, with spans in the source where that can be."""
        if line.is_whole(0, len(text)):
            return parse(text, line.place(0)), True  # type: ignore[operator]
        return parse(text, 0), False  # type: ignore[operator]

    def _add(
        self, line: Line, span: Span, text: str, parts: Requirement, *, hashes: int = 0, whole: bool = True, editable: bool = False
    ) -> None:
        """Note a dependency, and which block of neighbours it belongs to."""
        dependencies = self.manifest.dependencies
        dependency = Dependency(
            self.source,
            span,
            line.entry,
            text,
            parts,
            self.group,
            hashes=hashes,
            editable=editable,
            rewritable=whole,
        )
        number = len(dependencies)
        dependencies.append(dependency)
        if self._block_end == line.entry[0] and self.blocks:
            self.blocks[-1] = (self.blocks[-1][0], number + 1)
        else:
            self.blocks.append((number, number + 1))
        self._block_end = line.entry[1]

    def _editable(self, line: Line, options: list[Option], words: list[Word]) -> None:
        """``-e value``: only the first counts, and what follows its value is dropped."""
        option = next(option for option in options if option.kind == "editable")
        start, end = option.value_span
        value = option.value
        quoted = self.source.text[start:end] != value
        others = [other for other in options if other is not option and other.kind != "config-settings"]
        if words and words[0][0].startswith("@") and words[0][1] > end:
            self._report_unquoted_editable(line, option, words)
            return
        try:
            parts = parse_editable(value, 0 if quoted else start)
        except InvalidRequirementError as error:
            self._report_invalid(line, value, error, (start, end))
        else:
            self._add(line, (start, end), value, parts, whole=not quoted, editable=True)
        self._report_dropped(line, others, words)

    # Options

    def _include(self, line: Line, options: list[Option], words: list[Word]) -> None:
        """``-r`` or ``-c``: the first ``-r`` counts, else the first ``-c``."""
        wanted = "requirement" if any(option.kind == "requirement" for option in options) else "constraint"
        option = next(option for option in options if option.kind == wanted)
        start, end = option.value_span
        if option.value.startswith("=") and option.spelling in ("-r", "-c") and end - start == len(option.value):
            fix = Fix("Write a blank for the `=`", [Edit(start, start + 1, " ")])
            self.manifest.problems.append(
                Problem(
                    "ignored-text",
                    option.span,
                    f"`{option.spelling}=file` names a file that begins with `=`",
                    label="pip looks for a file with this `=` in its name",
                    help=f"write `{option.spelling} {option.value[1:]}`",
                    fix=fix,
                    scope=line.entry,
                )
            )
        else:
            kind = "requirement" if wanted == "requirement" else "constraint"
            self.manifest.includes.append(Include(option.value, kind, (start, end), line.entry))  # type: ignore[arg-type]
        self._report_dropped(line, [other for other in options if other is not option], words)

    def _options(self, line: Line, options: list[Option], words: list[Word]) -> None:
        """A line of options only: all of them count."""
        manifest = self.manifest
        for option in options:
            if option.kind in ("index-url", "extra-index-url", "find-links"):
                kind = {"index-url": "index", "extra-index-url": "extra-index", "find-links": "find-links"}[option.kind]
                manifest.indexes.append(Index(kind, option.value, option.value_span, line.entry, option.spelling))  # type: ignore[arg-type]
            elif option.kind in _SETTINGS:
                if option.kind == "all-releases" and ":all:" not in option.value:
                    continue
                setting = Setting(_SETTINGS[option.kind], option.value, option.span, line.entry, option.spelling)
                manifest.settings.append(setting)
            elif option.kind == "hash":
                self._report_ignored(
                    line,
                    option.span,
                    "`--hash` has no requirement on its line, so pip ignores it",
                    help="join it to its requirement: end the line above with a blank and a backslash",
                )
        self._report_dropped(line, [], words, lone=len(options) == 1)

    # Reports

    def _report_ignored(self, line: Line, span: Span, message: str, *, help: str = "", fix: Fix | None = None) -> None:  # noqa: A002
        self.manifest.problems.append(
            Problem(
                "ignored-text", span, message, label="pip drops this without a word", help=help, fix=fix, scope=line.entry
            )
        )

    def _report_dropped(self, line: Line, options: list[Option], words: list[Word], *, lone: bool = False) -> None:
        """Options and words that pip reads and then forgets."""
        for option in options:
            if option.kind in PER_REQUIREMENT:
                message = f"`{option.spelling}` has no effect on this line"
            else:
                message = f"`{option.spelling}` has no effect behind what stands before it on its line"
            self._report_ignored(line, option.span, message, help="give it a line of its own")
        if not words:
            return
        start, end = words[0][1], words[-1][2]
        shown = self.source.text[start:end]
        if shown.startswith(";"):
            message = "an unquoted marker after `-e` is ignored, so this is installed everywhere"
            self._report_ignored(line, (start, end), message, help='put the whole value in quotes: `-e "name @ url ; marker"`')
            return
        fix = None
        if lone and len(line.pieces) == 1:
            fix = Fix("Give it a line of its own", [Edit(self._blank_before(start), start, self.source.newline)], "unsafe")
        message = "a requirement after an option is not installed" if lone else "what follows is not read"
        self._report_ignored(line, (start, end), message, help="give it a line of its own", fix=fix)

    def _blank_before(self, offset: int) -> int:
        """Where the blanks before an offset begin."""
        text = self.source.text
        while text[offset - 1] in " \t":
            offset -= 1
        return offset

    def _report_unquoted_editable(self, line: Line, option: Option, words: list[Word]) -> None:
        """``-e name @ url``: the shell rules cut the value at the blank."""
        start, end = option.value_span[0], words[-1][2]
        value = self.source.text[start:end]
        fix = None
        if len(line.pieces) == 1 and not any(mark in value for mark in "\"'\\"):
            fix = Fix("Put the value in quotes", [Edit(start, start, '"'), Edit(end, end, '"')])
        self.manifest.problems.append(
            Problem(
                "ignored-text",
                (words[0][1], end),
                f"`-e {option.value} @ …` is cut at the blank: pip reads `-e {option.value}` and drops the URL",
                label="pip drops this",
                help='put the whole value in quotes: `-e "name @ url"`',
                fix=fix,
                scope=line.entry,
            )
        )

    def _report_swallowed(self, line: Line) -> None:
        """A comment that ends in a backslash takes the next line along."""
        if not _swallows(line):
            return
        for number, (start, origin) in enumerate(line.pieces):
            if start <= line.comment:
                continue
            following = line.pieces[number + 1][0] if number + 1 < len(line.pieces) else len(line.raw)
            swallowed = line.raw[start:following].strip()
            if not swallowed or swallowed.startswith("#"):
                continue
            lead = len(line.raw[start:following]) - len(line.raw[start:following].lstrip())
            before = self.source.text.rfind("\\", 0, origin)
            fix = Fix("Take out the backslash", [Edit(before, before + 1)], "unsafe")
            self._report_ignored(
                line,
                (origin + lead, origin + lead + len(swallowed)),
                "the comment above ends in a backslash, so this line is a part of it",
                help="take the backslash out",
                fix=fix,
            )
            return

    def _report_invalid(self, line: Line, text: str, error: InvalidRequirementError, span: Span | None = None) -> None:
        """A requirement that pip refuses, with the usual slip named."""
        low, high = error.span
        if span is None:
            place = line.place(0) if line.is_whole(0, len(text)) else None
            where = line.span(low, max(high, low + 1)) if low < len(text) else line.span(0, len(text))
        else:
            place, where = None, span
        if _VARIABLE.search(text) and (low == 0 or "${" in text[low:]):
            self.manifest.problems.append(
                Problem(
                    "templated-version",
                    line.span(0, len(text)) if span is None else span,
                    "what is installed depends on a variable, so this line is not checked",
                    scope=line.entry,
                )
            )
            return
        self.manifest.problems.append(explain(text, error, where, place, line.entry))
