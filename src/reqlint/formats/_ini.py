"""INI files with places, by the rules of Python's ``configparser`` as setuptools sets it up.

That is: ``=`` and ``:`` as delimiters; ``#`` and ``;`` begin a comment that has its line to itself, and nothing else does;
a line that is indented deeper than its option goes on with the option's value; an empty line belongs to the value; a
section or an option may stand once only; ``%(name)s`` means another option of the section or of ``[DEFAULT]``, and ``%%`` a
percent sign; the case of names counts. Source: Python's documentation of ``configparser``, and its ``_read`` and
``BasicInterpolation``.

``configparser`` stops at the first fault; this reader notes it and goes on, so that one bad line hides nothing. Spans are
half-open ranges of 0-based code-point offsets.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.source import Span

#: The section whose options every other section has too.
DEFAULT = "DEFAULT"

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_SECTION = re.compile(r"\[(.+)\]")
_DELIMITER = re.compile(r"[=:]")
_REFERENCE = re.compile(r"%\(([^)]+)\)s")
_DEPTH = 10  # configparser.MAX_INTERPOLATION_DEPTH
_STEPS = 100_000  # ten levels of references can ask for any amount of work,
_SIZE = 1_000_000  # and for any number of characters


class Fault:
    """Why ``configparser`` refuses the file: ``reason``, and the ``span`` of what it stops at."""

    __slots__ = ("reason", "span")

    def __init__(self, reason: str, span: Span) -> None:
        """Keep both."""
        self.reason = reason
        self.span = span


class Line:
    """One line of a value: its ``text`` without the blanks around, the offset where it ``start``s, and its ``entry``.

    ``entry``: delete this span and the line is gone, and nothing else: the physical line with its end, or what stands
    behind the delimiter when the value begins there. ``plain``: whether the text stands in the file as it is; a computed
    one has ``span`` for its place. ``references``: the options that it is made of, when it is made of nothing else.
    """

    __slots__ = ("entry", "plain", "references", "span", "start", "text")

    def __init__(
        self, text: str, span: Span, entry: Span, *, plain: bool = True, references: tuple[str, ...] = ()
    ) -> None:
        """Keep the parts; ``span``: of the text as written."""
        self.text = text
        self.start = span[0]
        self.span = span
        self.entry = entry
        self.plain = plain
        self.references = references


class Option:
    """One option: its ``key`` and the key's span, and the ``lines`` of its value, of which the first may be empty.

    ``indent``: how many blanks stand before the key; ``delimiter_end``: the offset behind the ``=`` or ``:``.
    """

    __slots__ = ("delimiter_end", "indent", "key", "key_span", "lines", "section")

    def __init__(self, section: str, key: str, key_span: Span, indent: int, delimiter_end: int, first: Line) -> None:
        """Begin with the line of the key."""
        self.section = section
        self.key = key
        self.key_span = key_span
        self.indent = indent
        self.delimiter_end = delimiter_end
        self.lines = [first]

    @property
    def raw(self) -> str:
        """The value before references are replaced."""
        return "\n".join(line.text for line in self.lines).rstrip()

    @property
    def span(self) -> Span:
        """From the key to the end of the value."""
        filled = [line.span[1] for line in self.lines if line.text]
        return self.key_span[0], max(filled, default=self.delimiter_end)


class Section:
    """One section: its ``name`` and its options, in file order; two of one name are a fault, and both are kept."""

    __slots__ = ("name", "options")

    def __init__(self, name: str) -> None:
        """Start empty."""
        self.name = name
        self.options: list[Option] = []

    def get(self, key: str) -> Option | None:
        """The option of this name, the last one when there are several."""
        return next((option for option in reversed(self.options) if option.key == key), None)


class Document:
    """The ``sections`` of a file by name (``[DEFAULT]`` is apart, as ``defaults``), and its ``faults``."""

    __slots__ = ("defaults", "faults", "sections")

    def __init__(self) -> None:
        """Start empty."""
        self.sections: dict[str, Section] = {}
        self.defaults = Section(DEFAULT)
        self.faults: list[Fault] = []

    def options(self, name: str) -> list[Option]:
        """The options of a section, those of ``[DEFAULT]`` that it does not set itself included."""
        section = self.sections.get(name)
        if section is None:
            return []
        own = {option.key for option in section.options}
        return [*section.options, *(option for option in self.defaults.options if option.key not in own)]

    def value(self, name: str, option: Option) -> list[Line]:
        """The lines of an option's value in a section, references replaced; raises InterpolationError."""
        if not any("%" in line.text for line in option.lines):
            return option.lines
        return list(_Interpolation(self, name).lines(option))


class InterpolationError(ValueError):
    """A ``%`` that ``configparser`` cannot make sense of: ``reason``, and the ``span`` of the line."""

    def __init__(self, reason: str, span: Span) -> None:
        """Keep both."""
        super().__init__(reason)
        self.reason = reason
        self.span = span


def scan(text: str) -> Document:
    """Read a whole file; never raises: what ``configparser`` would refuse is among the faults."""
    return _Scanner(text).document


class _Scanner:
    """Reads line by line, as ``configparser`` does."""

    def __init__(self, text: str) -> None:
        self.document = Document()
        self.section: Section | None = None
        self.option: Option | None = None
        self.indent = 0
        self.headless = False
        for match in _LINE.finditer(text):
            line = match[0].rstrip("\r\n")
            stripped = line.strip()
            if not stripped:
                if self.option is not None and match[0]:
                    span = (match.start(), match.start() + len(line))
                    self.option.lines.append(Line("", span, match.span()))
            elif stripped[0] not in "#;":
                indent = len(line) - len(line.lstrip())
                begin = match.start() + indent
                self._read(stripped, (begin, begin + len(stripped)), match.span(), indent)

    def _read(self, text: str, span: Span, entry: Span, indent: int) -> None:
        """Read a line that is neither empty nor a comment."""
        if self.option is not None and indent > self.indent:
            self.option.lines.append(Line(text, span, entry))
            return
        self.indent = indent
        header = _SECTION.match(text)
        if header is not None:
            self._open(header[1], span)
        elif self.section is None:
            if not self.headless:
                self.headless = True
                self._refuse("no section header stands before this line", span)
        else:
            self._begin(text, span, indent)

    def _open(self, name: str, span: Span) -> None:
        """A section's header."""
        document = self.document
        self.option = None
        if name == DEFAULT:
            self.section = document.defaults
            return
        if name in document.sections:
            self._refuse(f"the section `[{name}]` stands here a second time", span)
        self.section = document.sections.setdefault(name, Section(name))

    def _begin(self, text: str, span: Span, indent: int) -> None:
        """The first line of an option."""
        delimiter = _DELIMITER.search(text)
        section = self.section
        if delimiter is None or section is None:
            self._refuse("this line is neither `name = value` nor a section header", span)
            return  # what is indented below goes on with the option above, as in configparser
        key = text[: delimiter.start()].rstrip()
        if not key:
            self._refuse("no name stands before the delimiter", span)
        elif section.get(key) is not None:
            self._refuse(f"the option `{key}` stands here a second time in its section", span)
        after = text[delimiter.end() :]
        value = after.lstrip()
        start = span[0] + delimiter.end() + len(after) - len(value)
        place = (start, start + len(value))
        key_span = (span[0], span[0] + len(key))
        self.option = Option(section.name, key, key_span, indent, span[0] + delimiter.end(), Line(value, place, place))
        section.options.append(self.option)

    def _refuse(self, reason: str, span: Span) -> None:
        self.document.faults.append(Fault(reason, span))


class _Interpolation:
    """Replaces references in the values of one section (``BasicInterpolation``)."""

    def __init__(self, document: Document, section: str) -> None:
        self.values = {option.key: option.raw for option in document.options(section)}
        self.steps = self.size = 0

    def lines(self, option: Option) -> Iterator[Line]:
        """The lines of an option: those without ``%`` as they are, the others computed."""
        for line in option.lines:
            if "%" not in line.text:
                yield line
                continue
            pieces: list[str] = []
            self._expand(line.text, pieces, line.span, 1)
            alone = not _REFERENCE.sub("", line.text).strip("; ")
            references = tuple(_REFERENCE.findall(line.text)) if alone else ()
            for part in "".join(pieces).split("\n"):
                yield Line(part.strip(), line.span, line.entry, plain=False, references=references)

    def _expand(self, text: str, pieces: list[str], span: Span, depth: int) -> None:
        """Append the text with its references replaced; raises InterpolationError."""
        if depth > _DEPTH:
            raise InterpolationError("its references lead on and on, or in a circle", span)
        end = 0
        while (percent := text.find("%", end)) >= 0:
            self.steps += 1
            self.size += percent - end
            if self.steps > _STEPS or self.size > _SIZE:
                raise InterpolationError("its references lead to more than can be read", span)
            pieces.append(text[end:percent])
            if text.startswith("%", percent + 1):
                pieces.append("%")
                end = percent + 2
                continue
            reference = _REFERENCE.match(text, percent)
            if reference is None:
                raise InterpolationError("a `%` must be written `%%`, unless it begins a reference `%(name)s`", span)
            end = reference.end()
            value = self.values.get(reference[1])
            if value is None:
                message = f"`%({reference[1]})s` names an option that is neither in this section nor in `[{DEFAULT}]`"
                raise InterpolationError(message, span)
            self._expand(value, pieces, span, depth + 1 if "%" in value else 1)
        self.size += len(text) - end
        pieces.append(text[end:])
