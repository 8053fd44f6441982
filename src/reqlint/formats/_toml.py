r"""TOML with places: a tree of values that know where they stand.

``tomllib`` judges whether a text is TOML, as it (or its twin ``tomli``) does for pip and the build backends, and says what
the values are; it keeps no places. So the text is walked through once more here, by a scanner that may be simple since the
text is known to be valid. Newlines and a last comma in an inline table, which TOML 1.1 allows, are understood where the
``tomllib`` of the running Python takes them.

A table may be named in several places: by its header, by those of its children, and by dotted keys. It is one table here.
Its entry is the span from the first of these places to the last when nothing else stands between them; an entry in scattered
places cannot be deleted as one span, and is empty (it begins and ends at the first place).

Spans are half-open ranges of 0-based code-point offsets. Source of the grammar: TOML 1.0.
"""

from __future__ import annotations

import re
import tomllib

from reqlint.formats._tree import Entry, List, Map, Text, Value
from reqlint.model import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Manifest
    from reqlint.source import Span

    Key = tuple[str, Span]

_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*+")
_BLANKS = re.compile(r"[ \t]*")
_REST_OF_LINE = re.compile(r"[^\n]*\n?")
_BLANK_LINES = re.compile(r"(?:[ \t]*\r?\n)+")
_LINE_END = re.compile(r"[ \t]*(?:#[^\n]*|\r?)\n")
_SIMPLE_KEY = re.compile(r"""[ \t]*(?:(?P<bare>[^\s"'.=\]]+)|"(?:[^"\\]|\\.)*"|'(?P<literal>[^']*)')""")
_DOT = re.compile(r"[ \t]*\.")
_STRING = re.compile(
    r'''"""(?:[^"\\]|\\.|"{1,2}+(?!"))*+"{3,5}|"(?:[^"\\]|\\.)*+"'''
    r"""|'''(?:[^']|'{1,2}+(?!'))*+'{3,5}|'[^']*'""",
    re.DOTALL,
)
_BARE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9][^\s,#\]}]*|[^\s,#\]}]+")
_PLACE = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)$")


class TomlError(ValueError):
    """The text is no TOML: ``reason``, and the 0-based offset where the parser stopped."""

    def __init__(self, reason: str, offset: int) -> None:
        """Keep both."""
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def document_of(manifest: Manifest) -> Map | None:
    """The document that a manifest's source holds; None, with the problem noted, when it is no TOML."""
    text = manifest.source.text
    try:
        return parse(text)
    except TomlError as error:
        span = (error.offset, min(len(text), error.offset + 1))
        manifest.problems.append(Problem("unreadable-file", span, f"this is no TOML: {error.reason}"))
        return None


def parse(text: str) -> Map:
    """The document as a table; raises TomlError."""
    try:
        tomllib.loads(text)
        return _Scanner(text).document()
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        reason = message[: place.start()] if place is not None else message
        offset = _offset(text, int(place[1]), int(place[2])) if place is not None and place[1] else len(text)
        raise TomlError(reason[:1].lower() + reason[1:], offset) from None
    except RecursionError:
        raise TomlError("it is nested too deeply", 0) from None
    except ValueError as error:  # a number with thousands of digits
        raise TomlError(str(error), 0) from None


def _offset(text: str, row: int, column: int) -> int:
    """The offset of a row and a column, both from 1."""
    start = 0
    for _ in range(row - 1):
        start = text.find("\n", start) + 1
    return min(len(text), start + column - 1)


class _Mentions:
    """Where an entry is spoken of: the numbers of the first and the last statement, and how many there are."""

    __slots__ = ("count", "first", "last")

    def __init__(self, number: int) -> None:
        self.first = self.last = number
        self.count = 1

    def add(self, number: int) -> None:
        """Note one more statement, unless it is the last one again."""
        if number != self.last:
            self.last = number
            self.count += 1

    @property
    def together(self) -> bool:
        """Whether no other statement stands between them."""
        return self.last - self.first + 1 == self.count


class _Statements:
    """The statements of a document, or the pairs of an inline table, and which entries each of them speaks of."""

    def __init__(self) -> None:
        self.spans: list[Span] = []  # from the key, or the bracket of a header, to the end of the value
        self.mentions: dict[int, tuple[Entry | Map, _Mentions]] = {}  # by identity

    def mention(self, *items: Entry | Map) -> None:
        """Note that the statement that comes next speaks of these entries (or tables of an array)."""
        number = len(self.spans)
        for item in items:
            known = self.mentions.get(id(item))
            if known is None:
                self.mentions[id(item)] = (item, _Mentions(number))
            else:
                known[1].add(number)


class _Scanner:
    """Walks through a valid document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def document(self) -> Map:
        """Read the whole text."""
        text = self.text
        root = Map({}, (0, len(text)))
        table, path = root, list[Entry | Map]()
        statements = _Statements()
        while True:
            self._skip(_GAP)
            start = self.position
            if start == len(text):
                break
            if text[start] == "[":
                table, path = self._header(root)
                statements.mention(*path)
            else:
                statements.mention(*path, *self._pair(table))
            statements.spans.append((start, self.position))
        self._settle(statements)
        return root

    def _settle(self, statements: _Statements) -> None:
        """Give each entry its span, and each table that is no inline one the span of its content."""
        spans, text = statements.spans, self.text
        arrays: list[List] = []
        for item, mentions in statements.mentions.values():
            value = item.value if isinstance(item, Entry) else item
            start, end = spans[mentions.first][0], spans[mentions.last][1]
            if isinstance(value, List) and text[start] == "[" and value.items and isinstance(value.items[0], Map):
                arrays.append(value)
            if isinstance(value, List | Map) and value.span == (0, 0):
                value.span = (start, end if mentions.together else spans[mentions.first][1])
            if isinstance(item, Entry):
                item.span = self._lines(start, end) if mentions.together else (start, start)
        for array in arrays:
            for number, table in enumerate(array.items):
                _, mentions = statements.mentions[id(table)]
                start, end = spans[mentions.first][0], spans[mentions.last][1]
                array.entries[number] = self._lines(start, end) if mentions.together else (start, start)

    def _lines(self, start: int, end: int) -> Span:
        """The whole lines of some statements; when they begin with a header, blank lines after them too."""
        text = self.text
        header = text[start] == "["
        start = text.rfind("\n", 0, start) + 1
        match = _REST_OF_LINE.match(text, end)
        end = match.end() if match is not None else end
        blank = _BLANK_LINES.match(text, end) if header else None
        return start, blank.end() if blank is not None else end

    def _header(self, root: Map) -> tuple[Map, list[Entry | Map]]:
        """Read ``[a.b]`` or ``[[a.b]]``: the table that follows, and the entries (and tables of arrays) on the way to it."""
        array = self.text.startswith("[[", self.position)
        self.position += 2 if array else 1
        keys = self._keys()
        self._skip(_BLANKS)
        self.position += 2 if array else 1
        table, path = self._descend(root, keys[:-1])
        name, key_span = keys[-1]
        entry = table.entries.get(name)
        if entry is None:
            entry = _put(table, Entry(name, key_span, List([], [], (0, 0)) if array else Map({}, (0, 0)), (0, 0)))
        path.append(entry)
        value = entry.value
        if array and isinstance(value, List):
            value_table = Map({}, (0, 0))
            _append(value, value_table, (0, 0))
            path.append(value_table)
            return value_table, path
        return value if isinstance(value, Map) else table, path

    def _pair(self, table: Map) -> list[Entry | Map]:
        """Read ``key = value`` into a table; returns the entries that it speaks of."""
        keys = self._keys()
        self._skip(_BLANKS)
        self.position += 1
        self._skip(_BLANKS)
        value = self._value()
        table, path = self._descend(table, keys[:-1])
        path.append(_put(table, Entry(*keys[-1], value, (0, 0))))
        return path

    def _descend(self, table: Map, keys: list[Key]) -> tuple[Map, list[Entry | Map]]:
        """Follow keys down, making the tables that are not there; of an array of tables the last one is meant."""
        path = list[Entry | Map]()
        for name, span in keys:
            entry = table.entries.get(name)
            if entry is None:
                entry = _put(table, Entry(name, span, Map({}, (0, 0)), (0, 0)))
            path.append(entry)
            value = entry.value
            if isinstance(value, List):
                value = value.items[-1]
                if isinstance(value, Map):
                    path.append(value)
            if isinstance(value, Map):
                table = value
        return table, path

    def _keys(self) -> list[Key]:
        """Read a key, dotted or not: each part with its span, quotes included."""
        keys: list[Key] = []
        while True:
            match = _SIMPLE_KEY.match(self.text, self.position)
            if match is None:
                raise TomlError("this is no key", self.position)  # tomllib would have said so
            self.position = match.end()
            start = match.end() - len(match[0].lstrip(" \t"))
            name = match["bare"] if match["bare"] is not None else match["literal"]
            if name is None:
                raw = self.text[start : match.end()]
                name = _evaluate(raw) if "\\" in raw else raw[1:-1]
            keys.append((str(name), (start, match.end())))
            dot = _DOT.match(self.text, self.position)
            if dot is None:
                return keys
            self.position = dot.end()

    def _value(self) -> Value:
        """Read one value."""
        start = self.position
        character = self.text[start]
        if character in "\"'":
            return self._string()
        if character == "[":
            return self._array()
        if character == "{":
            return self._inline_table()
        match = _BARE.match(self.text, start)
        if match is None:
            raise TomlError("this is no value", start)  # tomllib would have said so
        self.position = match.end()
        raw = match[0]
        return Value(raw == "true" if raw in ("true", "false") else _evaluate(raw), match.span())

    def _string(self) -> Text:
        """Read a string, with one or three quotes; a newline right behind three is no part of it."""
        match = _STRING.match(self.text, self.position)
        if match is None:
            raise TomlError("this is no string", self.position)  # tomllib would have said so
        start, self.position = match.span()
        raw = match[0]
        size = 3 if len(raw) >= 6 and raw[:3] in ('"""', "'''") else 1
        inner = (start + size, self.position - size)
        if size == 3 and self.text.startswith(("\n", "\r\n"), inner[0]):
            inner = (self.text.index("\n", inner[0]) + 1, inner[1])
        content = self.text[slice(*inner)]
        plain = "\n" not in content and (raw[0] == "'" or "\\" not in content)
        if raw[0] == '"' and "\\" in content:
            return Text(str(_evaluate(raw)), match.span(), inner, plain=plain)
        return Text(content.replace("\r\n", "\n"), match.span(), inner, plain=plain)

    def _array(self) -> List:
        """Read an array."""
        start = self.position
        self.position += 1
        found = List([], [], (0, 0))
        while True:
            self._skip(_GAP)
            if self.text[self.position] == "]":
                break
            _append(found, self._value(), (0, 0))
            self._skip(_GAP)
            if self.text[self.position] == ",":
                self.position += 1
        self.position += 1
        found.span = (start, self.position)
        found.entries = [self._array_entry(found.items, number, found.span) for number in range(len(found.items))]
        return found

    def _inline_table(self) -> Map:
        """Read an inline table."""
        start = self.position
        self.position += 1
        table = Map({}, (0, 0), inline=True)
        pairs = _Statements()
        while True:
            self._skip(_GAP)
            if self.text[self.position] == "}":
                break
            begin = self.position
            pairs.mention(*self._pair(table))
            pairs.spans.append((begin, self.position))
            self._skip(_GAP)
            if self.text[self.position] == ",":
                self.position += 1
        self.position += 1
        table.span = (start, self.position)
        for entry, mentions in pairs.mentions.values():
            pair = (pairs.spans[mentions.first][0], pairs.spans[mentions.last][1])
            before = pairs.spans[mentions.first - 1][1] if mentions.first else None
            if isinstance(entry, Entry):
                entry.span = self._inline_entry(pair, before) if mentions.together else (pair[0], pair[0])
                if entry.value.span == (0, 0):
                    entry.value.span = pair
        return table

    def _skip(self, pattern: re.Pattern[str]) -> None:
        """Step over what a pattern matches; it must match the empty text too."""
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()

    def _array_entry(self, items: list[Value], number: int, array: Span) -> Span:
        """What to delete to be rid of one element: its line when it has one to itself, else it and one comma."""
        text = self.text
        start, end = items[number].span
        comma = self._comma(end)
        after = comma + 1 if comma is not None else end
        line_start = text.rfind("\n", 0, start) + 1
        line_end = _end_of_line(text, after)
        if line_end is not None and line_start > array[0] and not text[line_start:start].strip(" \t"):
            return line_start, line_end
        return self._inline_entry((start, end), items[number - 1].span[1] if number else None)

    def _inline_entry(self, span: Span, before: int | None) -> Span:
        """What to delete to be rid of what stands between commas: it and one of them.

        ``before``: where the element before it ends, None when it is the first. A comment stays, and with it the comma that
        it follows, which may then be the last of an array.
        """
        text = self.text
        start, end = span
        comma = self._comma(end)
        if comma is not None:
            blanks = _BLANKS.match(text, comma + 1)
            return start, blanks.end() if blanks is not None else comma + 1
        comma = self._comma(before) if before is not None else None
        return (comma, end) if comma is not None and "#" not in text[comma:start] else (start, end)

    def _comma(self, end: int) -> int | None:
        """The offset of the comma behind a value, over blanks, line ends and comments; None when there is none."""
        gap = _GAP.match(self.text, end)
        position = gap.end() if gap is not None else end
        return position if self.text.startswith(",", position) else None


def _put(table: Map, entry: Entry) -> Entry:
    """Add an entry to a table."""
    table.entries[entry.key] = entry
    table.data[entry.key] = entry.value.data  # type: ignore[index]  # a Map's data is a dict
    return entry


def _append(array: List, item: Value, entry: Span) -> None:
    """Add an item to an array."""
    array.items.append(item)
    array.entries.append(entry)
    array.data.append(item.data)  # type: ignore[attr-defined]  # a List's data is a list


def _evaluate(raw: str) -> object:
    """The value of a number, a date or an escaped string."""
    return tomllib.loads(f"v = {raw}")["v"]


def _end_of_line(text: str, start: int) -> int | None:
    """Where the line ends, its end included, when only blanks and a comment follow; else None."""
    match = _LINE_END.match(text, start)
    return match.end() if match is not None else None
