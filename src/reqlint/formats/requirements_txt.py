"""pip's requirements and constraints files, read as pip 26.3 reads them, with the place of everything.

The order of pip's own steps matters and is kept: lines by ``str.splitlines``; continuations joined; comments cut off;
options split off at the first blank-separated word that begins with ``-``. Variables (``${NAME}``) are left as they stand,
as pip leaves those that are not set. Source: pip's documentation, "Requirements File Format", and its
``req/req_file.py``.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from itertools import islice

from reqlint.fixes import Edit, Fix
from reqlint.formats._pip_options import EVERYWHERE, PER_REQUIREMENT, SHORT, OptionError, is_host, parse_options
from reqlint.model import Dependency, Group, Include, Index, Manifest, Problem, Setting
from reqlint.requirement import InvalidRequirementError, parse_editable, parse_pip
from reqlint.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    from reqlint.formats._pip_options import Option, Word
    from reqlint.model import Role
    from reqlint.requirement import Requirement
    from reqlint.source import Span

_CONSTRAINTS_NAME = re.compile(r"(?:^|[-_.])constraints?(?:[-_.\d]|$)")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
_HIDDEN_OPTION = re.compile(r"(?<=[^\S ])(?=--?[A-Za-z])")
_NAME = re.compile(r"[A-Za-z0-9._-]+(?:\[[A-Za-z0-9._, -]*\])?")
_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # what str.splitlines takes for the end of a line

_LONG_OF = {"-i": "--index-url", "-c": "--constraint", "-r": "--requirement", "-e": "--editable"}
_LONG_OF |= {"-f": "--find-links", "-C": "--config-settings"}
_INDEXES: dict[str, Literal["index", "extra-index", "find-links"]] = {
    "index-url": "index",
    "extra-index-url": "extra-index",
    "find-links": "find-links",
}
_SETTINGS = {
    "trusted-host": "trusted-host",
    "pre": "pre-releases",
    "all-releases": "pre-releases",
    "require-hashes": "require-hashes",
    "no-index": "no-index",
}


class Line:
    """One logical line: its ``text``, without comment and blanks around, and how its offsets map into the source.

    ``entry``: the span of all its physical lines, line ends included; ``origin``: the offset in the source of the text's
    first character.
    """

    __slots__ = ("entry", "origin", "text")

    def __init__(self, text: str, origin: int, entry: Span) -> None:
        """Keep the parts."""
        self.text = text
        self.origin = origin
        self.entry = entry

    def span(self, start: int, end: int) -> Span:
        """The span in the source of a half-open range of ``text``."""
        return self.origin + start, self.origin + end

    def is_whole(self, start: int, end: int) -> bool:  # noqa: ARG002 - a joined line looks at them
        """Whether a range of ``text`` stands in one physical line, so that it can be rewritten as it is."""
        return True

    def swallowed(self) -> tuple[Span, int] | None:
        """The first line that a comment took along by a backslash at its end, and the offset of that backslash."""
        return None


class JoinedLine(Line):
    """A logical line of several physical ones.

    ``pieces``: for each physical line, the offset in the joined text where it begins and the offset in the source of its
    first character there; ``raw``: the joined text; ``comment``: where in it the comment begins, or -1; ``lead``: where
    ``text`` begins in it.
    """

    __slots__ = ("comment", "lead", "pieces", "raw")

    def __init__(self, raw: str, pieces: list[tuple[int, int]], entry: Span) -> None:
        """Cut off the comment and the blanks around, as pip does."""
        self.raw = raw
        self.pieces = pieces
        self.comment = _find_comment(raw)
        text = raw if self.comment < 0 else raw[: self.comment]
        stripped = text.lstrip()
        self.lead = len(text) - len(stripped)
        super().__init__(stripped.rstrip(), 0, entry)
        self.origin = self._place(0)

    def _place(self, offset: int) -> int:
        offset += self.lead
        start, origin = self.pieces[bisect_right(self.pieces, offset, key=_piece_start) - 1]
        return origin + offset - start

    def span(self, start: int, end: int) -> Span:
        """The span in the source of a half-open range of ``text``."""
        if start >= end:
            return self._place(start), self._place(start)
        return self._place(start), self._place(end - 1) + 1

    def is_whole(self, start: int, end: int) -> bool:
        """Whether a range of ``text`` stands in one physical line, so that it can be rewritten as it is."""
        low, high = self.span(start, end)
        return high - low == end - start

    def swallowed(self) -> tuple[Span, int] | None:
        """The first line that a comment took along by a backslash at its end, and the offset of that backslash."""
        if self.comment < 0 or self.pieces[-1][0] <= self.comment:
            return None
        pieces = self.pieces
        first = bisect_right(pieces, self.comment, key=_piece_start)
        for number in range(first, len(pieces)):
            start, origin = pieces[number]
            held = self.raw[start : pieces[number + 1][0] if number + 1 < len(pieces) else None]
            text = held.strip()
            if text and text[0] != "#":
                begin = origin + len(held) - len(held.lstrip())
                return (begin, begin + len(text)), origin
        return None


class OpaqueLine(Line):
    """A line of pip's that is escaped or folded in the file: no part of it has a place of its own."""

    __slots__ = ("whole",)

    def __init__(self, text: str, span: Span, entry: Span) -> None:
        """``span``: of the whole string that holds the text."""
        super().__init__(text, span[0], entry)
        self.whole = span

    def span(self, start: int, end: int) -> Span:  # noqa: ARG002 - as in a Line
        """The span of the whole string."""
        return self.whole

    def is_whole(self, start: int, end: int) -> bool:  # noqa: ARG002 - as in a Line
        """Never, so that nothing in it is rewritten."""
        return False


def _piece_start(piece: tuple[int, int]) -> int:
    return piece[0]


def _find_comment(text: str) -> int:
    """The offset of the ``#`` that begins a comment (it begins the text or follows a blank of any kind), or -1."""
    at = text.find("#")
    while at > 0 and not text[at - 1].isspace():
        at = text.find("#", at + 1)
    return at


def role_of(path: str) -> Role:
    """The role that a requirements file has by its name: input (``.in``), constraint, or application."""
    name = os.path.basename(path).lower()
    if name.endswith(".in"):
        return "input"
    stem = name.rpartition(".")[0]
    return "constraint" if _CONSTRAINTS_NAME.search(stem) else "application"


def read(source: Source, role: Role | None) -> Manifest:
    """Read a requirements file (or, by its role, a constraints file) into a manifest; never raises."""
    role = role or role_of(source.path)
    manifest = Manifest(source, "requirements.txt", role)
    group = Group("constraint" if role == "constraint" else "runtime", role)
    reader = Reader(manifest, group)
    for line in logical_lines(source.text):
        reader.read(line)
    manifest.blocks = reader.blocks
    if any(problem.rule == "invalid-requirement" for problem in manifest.problems):
        from reqlint.formats._pip_slips import wrong_kind

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
    end = 0
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    begin = size = 0
    for physical in text.splitlines(keepends=True):
        start = end
        end += len(physical)
        line = physical.rstrip(_ENDS)
        goes_on = line.endswith("\\")
        if not goes_on and not pieces:
            kept = line.strip()
            if "#" in kept and (comment := _find_comment(kept)) >= 0:
                kept = kept[:comment].rstrip()
            if kept:
                lead = 0 if line[0] == kept[0] else len(line) - len(line.lstrip())
                yield Line(kept, start + lead, (start, end))
            continue
        comments = line.lstrip()[:1] == "#"
        if comments and not pieces:
            continue
        if not pieces:
            begin, size = start, 0
        if goes_on and not comments:
            held = line.lstrip("\\")
            start += len(line) - len(held)
            held = held.rstrip("\\")
        else:
            held = line
        if comments:
            parts.append(" ")  # so that pip takes it for a comment
            size += 1
        parts.append(held)
        pieces.append((size, start))
        size += len(held)
        if comments or not goes_on:
            yield from _joined(parts, pieces, (begin, end))
            parts, pieces = [], []
    if pieces:
        yield from _joined(parts, pieces, (begin, end))


def _joined(parts: list[str], pieces: list[tuple[int, int]], entry: Span) -> Iterator[Line]:
    """A line of several, when anything is in it or lost in it."""
    line = JoinedLine("".join(parts), pieces, entry)
    if line.text or line.swallowed() is not None:
        yield line


class Reader:
    """Reads logical lines, one by one, into a manifest.

    ``blocks``: the runs of dependencies that stand on neighbouring lines (see Manifest).
    """

    def __init__(self, manifest: Manifest, group: Group, *, trial: bool = False) -> None:
        """``group``: of all that the lines ask for; ``trial``: whether this is only to see if a line is in order."""
        self.trial = trial
        self.manifest = manifest
        self.source = manifest.source
        self.group = group
        self.blocks: list[tuple[int, int]] = []
        self._block_end = -1

    def read(self, line: Line) -> None:
        """Read one line."""
        text = line.text
        swallowed = line.swallowed()
        if swallowed is not None:
            self._report_swallowed(line, *swallowed)
            if not text:
                return
        cut = 0 if text[0] == "-" else text.find(" -") + 1
        if cut == 0 and text[0] != "-":
            self._requirement(line, text)
            return
        if cut and text.startswith("-m pip ", cut):  # `python -m pip install name` is a slip as a whole
            self._requirement(line, text)
            return
        options, words = self._split_options(line, cut)
        kinds = {option.kind for option in options}
        if cut:
            before = text[:cut].rstrip()
            if before[-1] == ";" and text[len(before) : cut - 1].startswith(" "):  # to pip, an empty marker
                before = before[:-1].rstrip()
            if "editable" in kinds:  # the value of the option is lost, but it makes what stands before it editable
                self._requirement(line, before, editable=True)
                self._report_dropped(line, [option for option in options if option.kind != "config-settings"], words)
            else:
                self._requirement(line, before, options)
                self._report_dropped(line, [option for option in options if option.kind not in PER_REQUIREMENT], words)
        elif "editable" in kinds:
            self._editable(line, options, words)
        elif "requirement" in kinds or "constraint" in kinds:
            self._include(line, options, words)
        else:
            self._options(line, options, words)

    def _split_options(self, line: Line, cut: int) -> tuple[list[Option], list[Word]]:
        """The options from an offset of a line on, and the words that belong to none, with their spans in the source."""
        try:
            options, rest = parse_options(line.text[cut:])
        except OptionError as error:
            self._report_option(line, line.span(cut + error.span[0], cut + error.span[1]), error.reason)
            return [], []
        for option in options:
            low, high = option.span
            option.span = line.span(cut + low, cut + high)
            low, high = option.value_span
            start, end = option.value_span = line.span(cut + low, cut + high)
            if self.source.text[start + 1 : end - 1] == option.value and self.source.text[start:end] != option.value:
                option.value_span = (start + 1, end - 1)  # the whole value is in quotes
        meant = [option for option in options if not self._has_equals(line, option)]
        return meant, [(word, *line.span(cut + start, cut + end)) for word, start, end in rest]

    def _has_equals(self, line: Line, option: Option) -> bool:
        """Report ``-r=file``, which is a file with ``=`` in its name: a short option takes no equals sign."""
        start = option.value_span[0]
        if not option.value.startswith("=") or option.spelling not in SHORT or start - option.span[0] != 2:
            return False
        self.manifest.problems.append(
            Problem(
                "ignored-text",
                option.span,
                f"the value of `{option.spelling}=…` begins with the `=`, as `{option.spelling}` is a short option",
                label="the `=` is taken for a part of the value",
                help=f"write a blank for it, or `{_LONG_OF[option.spelling]}=…`",
                fix=Fix("Write a blank for the `=`", [Edit(start, start + 1, " ")]),
                scope=line.entry,
            )
        )
        return True

    # Requirements

    def take(self, line: Line, *, editable: bool = False) -> None:
        """Read a line as one requirement (or, if ``editable``, as the value of ``-e``), whatever stands in it."""
        self._requirement(line, line.text, editable=editable)

    def _requirement(self, line: Line, text: str, options: Sequence[Option] = (), *, editable: bool = False) -> None:
        """A requirement line: what stands before the options."""
        end = len(text)
        whole = line.is_whole(0, end)
        try:
            parts = (parse_editable if editable else parse_pip)(text, line.origin if whole else 0)
        except InvalidRequirementError as error:
            if not self._hidden_option(line, text):
                self._report_invalid(line, text, error)
            return
        hashes = 0
        for option in options:
            hashes += option.kind == "hash"
        self._add(line, line.span(0, end), text, parts, hashes=hashes, whole=whole, editable=editable)

    def _hidden_option(self, line: Line, text: str) -> bool:
        """Read a line whose options are set off by a TAB (or another odd blank), which pip takes for part of the name."""
        hidden = _HIDDEN_OPTION.search(text)
        if hidden is None:
            return False
        cut = hidden.start()
        start = len(text[:cut].rstrip())
        try:
            parse_pip(text[:start])
            options, _ = parse_options(line.text[cut:])
        except (InvalidRequirementError, OptionError):
            return False
        odd = cut - 1  # where the odd blanks begin, when the ones before them stand in another physical line
        while text[odd - 1].isspace() and text[odd - 1] != " ":
            odd -= 1
        low = start if line.is_whole(start, cut) else odd
        fix = Fix("Write a blank", [Edit(*line.span(low, cut), " ")]) if line.is_whole(low, cut) else None
        self.manifest.problems.append(
            Problem(
                "ignored-text",
                line.span(start, cut + options[0].span[1]),
                f"pip does not see the `{options[0].spelling}`, as it looks for options behind a blank only",
                label="set off by a TAB, or by a blank of another kind",
                help="write a blank before it",
                fix=fix,
                scope=line.entry,
            )
        )
        options, _ = self._split_options(line, cut)
        self._requirement(line, text[:start], options)
        return True

    def _add(
        self,
        line: Line,
        span: Span,
        text: str,
        parts: Requirement,
        *,
        hashes: int = 0,
        whole: bool = True,
        editable: bool = False,
    ) -> None:
        """Note a dependency, and which block of neighbours it belongs to."""
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
        dependencies = self.manifest.dependencies
        dependencies.append(dependency)
        number = len(dependencies)
        if self._block_end == line.entry[0] and self.blocks:
            self.blocks[-1] = (self.blocks[-1][0], number)
        else:
            self.blocks.append((number - 1, number))
        self._block_end = line.entry[1]
        if self.group.kind == "constraint":
            self._check_constraint(line, dependency)

    def _check_constraint(self, line: Line, dependency: Dependency) -> None:
        """What is editable, has no name or has extras, pip does not take for a constraint."""
        if dependency.editable:
            what = "`-e`"
        elif dependency.name is None:
            what = "a requirement without a name"
        elif dependency.extras:
            what = "extras"
        else:
            return
        self.manifest.problems.append(
            Problem(
                "invalid-requirement",
                dependency.span,
                f"{what} cannot stand in a constraints file",
                label="pip refuses this as a constraint",
                help="a constraint is a bare name with a version: `name==1.2.3`, or `name @ url`",
                scope=line.entry,
            )
        )

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
        kind: Literal["requirement", "constraint"] = "requirement" if wanted == "requirement" else "constraint"
        self.manifest.includes.append(Include(option.value, kind, option.value_span, line.entry))
        self._report_dropped(line, [other for other in options if other is not option], words)

    def _options(self, line: Line, options: list[Option], words: list[Word]) -> None:
        """A line of options only: all of them count, but for a second ``-f`` and all ``-i`` before the last."""
        manifest = self.manifest
        last = {option.kind: option for option in options}
        first = {option.kind: option for option in reversed(options)}
        for option in options:
            kind = option.kind
            if (kind == "index-url" and last[kind] is not option) or (
                kind == "find-links" and first[kind] is not option
            ):
                message = (
                    f"pip takes only the {'last' if kind == 'index-url' else 'first'} `{option.spelling}` of a line"
                )
                self._report_ignored(line, option.span, message, help="give it a line of its own")
            elif kind in _INDEXES:
                index = Index(_INDEXES[kind], option.value, option.value_span, line.entry, option.spelling)
                manifest.indexes.append(index)
            elif kind == "trusted-host" and not is_host(option.value):
                self._report_option(line, option.span, "a trusted host is written `host` or `host:port`")
            elif kind in _SETTINGS:
                self._set(line, option)
            elif kind == "hash":
                self._report_ignored(
                    line,
                    option.span,
                    "`--hash` has no requirement on its line, so pip ignores it",
                    help="join it to its requirement: end the line above with a blank and a backslash",
                )
        self._report_dropped(line, [], words, lone=len(options) == 1)

    def _set(self, line: Line, option: Option) -> None:
        """Note an option that says something of the installation as a whole."""
        kind = _SETTINGS.get(option.kind)
        if kind is not None and (option.kind != "all-releases" or ":all:" in option.value.split(",")):
            self.manifest.settings.append(Setting(kind, option.value, option.span, line.entry, option.spelling))

    # Reports

    def _report_option(self, line: Line, span: Span, reason: str) -> None:
        """An option that pip refuses."""
        self.manifest.problems.append(
            Problem(
                "invalid-option",
                span,
                f"{reason}; pip stops at this line",
                label="pip refuses this",
                help="take the option out of the file; most others belong on pip's command line or in its configuration",
                scope=line.entry,
            )
        )

    def _report_ignored(self, line: Line, span: Span, message: str, *, help: str = "", fix: Fix | None = None) -> None:  # noqa: A002
        self.manifest.problems.append(
            Problem(
                "ignored-text",
                span,
                message,
                label="pip drops this without a word",
                help=help,
                fix=fix,
                scope=line.entry,
            )
        )

    def _report_dropped(self, line: Line, options: list[Option], words: list[Word], *, lone: bool = False) -> None:
        """Options and words that pip reads and then forgets."""
        for option in options:
            if option.kind in EVERYWHERE:
                self._set(line, option)
                continue
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
            self._report_ignored(
                line, (start, end), message, help='put the whole value in quotes: `-e "name @ url ; marker"`'
            )
            return
        fix = None
        if lone and line.is_whole(0, len(line.text)):
            fix = Fix(
                "Give it a line of its own", [Edit(self._blank_before(start), start, self.source.newline)], "unsafe"
            )
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
        name = option.value if _NAME.fullmatch(option.value) else "name"
        fix = None
        if line.is_whole(0, len(line.text)) and not any(mark in value for mark in "\"'\\"):
            fix = Fix("Put the value in quotes", [Edit(start, start, '"'), Edit(end, end, '"')])
        self.manifest.problems.append(
            Problem(
                "ignored-text",
                (words[0][1], end),
                f"`-e {name} @ …` is cut at the blank: pip reads `-e {name}` and drops the URL",
                label="pip drops this",
                help='put the whole value in quotes: `-e "name @ url"`',
                fix=fix,
                scope=line.entry,
            )
        )

    def _report_swallowed(self, line: Line, span: Span, origin: int) -> None:
        """A comment that ends in a backslash takes the next line along."""
        begin = line.entry[0]
        text = self.source.text[slice(*line.entry)]
        above = text[: origin - begin].rstrip("\\").rstrip(_ENDS)
        end = len(above)
        start = len(above.rstrip("\\"))
        fix = None
        if not self.trial and self._is_in_order(text[:start] + text[end:]):
            fix = Fix("Take out the backslash", [Edit(begin + start, begin + end)], "unsafe")
        self._report_ignored(
            line,
            span,
            "the comment above ends in a backslash, so this line is a part of it",
            help="take the backslash out",
            fix=fix,
        )

    def _is_in_order(self, text: str) -> bool:
        """Whether pip would take the first two lines of a text: one, and the one that was hidden in its comment."""
        trial = Reader(
            Manifest(Source(self.source.path, text), "requirements.txt", self.manifest.role), self.group, trial=True
        )
        for line in islice(logical_lines(text), 2):
            trial.read(line)
        return all(problem.rule == "ignored-text" for problem in trial.manifest.problems)

    def _report_invalid(self, line: Line, text: str, error: InvalidRequirementError, span: Span | None = None) -> None:
        """A requirement that pip refuses, with the usual slip named."""
        low, high = error.span
        if span is None:
            place = line.origin if line.is_whole(0, len(text)) else None
            where = line.span(low, min(max(high, low + 1), len(text))) if low < len(text) else line.span(0, len(text))
        else:
            place, where = None, span
        from reqlint.formats._pip_slips import PIP_INSTALL, explain

        if _VARIABLE.search(text) and (low == 0 or "${" in text[low:]) and not PIP_INSTALL.match(text):
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
