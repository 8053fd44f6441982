"""TOML with places: a tree of values that know where they stand, read by tomlkit's own parser.

tomlkit keeps no offsets, but its parser has them while it works; the subclass here writes them down. It leans on private
methods (``_parse_value``, ``_parse_key_value``, ``_parse_key``), in this module only, and a test pins what they do.

Spans are half-open ranges of 0-based code-point offsets. Source of the grammar: TOML 1.0.
"""

from __future__ import annotations

import re

from tomlkit.exceptions import ParseError, TOMLKitError
from tomlkit.items import AoT, Array, InlineTable, Item, Key, String, Table, Whitespace
from tomlkit.items import Comment as TomlComment
from tomlkit.parser import Parser

from reqlint.formats._tree import Entry, List, Map, Text, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tomlkit.container import Container

    from reqlint.source import Span


class TomlError(ValueError):
    """The text is no TOML: ``reason``, and the 0-based offset where the parser stopped."""

    def __init__(self, reason: str, offset: int) -> None:
        """Keep both."""
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def parse(text: str) -> Map:
    """The document as a table; raises TomlError."""
    parser = _Parser(text)
    try:
        document = parser.parse()
    except ParseError as error:
        offset = _offset(text, error.line, error.col)
        raise TomlError(re.sub(r" at line \d+ col \d+$", "", str(error)), offset) from None
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise TomlError(str(error) or type(error).__name__, parser.position) from None
    return Map(_Tree(text, parser).entries(document, top=True), (0, len(text)))


def _offset(text: str, row: int, column: int) -> int:
    """The offset of tomlkit's row (from 1) and column (from 0)."""
    start = 0
    for _ in range(row - 1):
        start = text.find("\n", start) + 1
    return min(len(text), start + column)


class _Parser(Parser):
    """tomlkit's parser, writing down where things begin and end.

    The items are kept alive, since they are known by their identity.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.values: dict[int, Span] = {}
        self.keys: dict[int, Span] = {}
        self.pairs: dict[int, Span] = {}
        self._alive: list[object] = []

    @property
    def position(self) -> int:
        """How far the parser has come."""
        return int(self._idx)

    def _parse_value(self) -> Item:
        start = self._idx
        item = super()._parse_value()
        self.values[id(item)] = (start, self._idx)
        self._alive.append(item)
        return item

    def _parse_key(self) -> Key:
        start = self._idx
        key = super()._parse_key()
        self.keys[id(key)] = (start, self._idx)
        self._alive.append(key)
        return key

    def _parse_key_value(self, parse_comment: bool = False) -> tuple[Key, Item]:
        start = self._idx
        key, item = super()._parse_key_value(parse_comment)
        self.pairs[id(item)] = (start, self._idx)
        return key, item

    def _parse_table(self, parent_name: Key | None = None, parent: Table | None = None) -> tuple[Key, Table | AoT]:
        start = self._idx
        key, table = super()._parse_table(parent_name, parent)
        item: Item = table
        while True:  # `[a.b.c]` makes the tables that it passes through: they stand where it stands
            if isinstance(item, AoT):
                item = item.body[0]  # its later tables come here by themselves
            self.values.setdefault(id(item), (start, self._idx))
            self._alive.append(item)
            if not (isinstance(item, Table) and item.is_super_table() and len(item.value.body) == 1):
                return key, table
            item = item.value.body[0][1]


class _Tree:
    """Turns tomlkit's document into a tree of values with places."""

    def __init__(self, text: str, parser: _Parser) -> None:
        self.text = text
        self.parser = parser

    def entries(self, container: Container, *, top: bool = False, inline: Span | None = None) -> dict[str, Entry]:
        """The entries of a table; ``inline``: the span of its braces when it has some."""
        found: dict[str, Entry] = {}
        for key, item in container.body:
            if key is None or isinstance(item, Whitespace | TomlComment):
                continue
            self._add(found, key, item, inline)
        return found

    def _add(self, found: dict[str, Entry], key: Key, item: Item, inline: Span | None) -> None:
        """Add one entry; a table that was there already is extended."""
        names = [part.key for part in key]
        value, span = self._value(item), self.parser.pairs.get(id(item))
        key_span = self._key_span(key, item, span)
        if span is None:
            span = value.span
        elif inline is not None:
            span = self._inline_entry(span, inline)
        for name in reversed(names[1:]):  # a dotted key: each part but the last is a table
            value = Map({name: Entry(name, key_span, value, span)}, value.span)
        name = names[0]
        before = found.get(name)
        if before is not None and isinstance(before.value, Map) and isinstance(value, Map):
            _merge(before.value, value)
        elif before is not None and isinstance(before.value, List) and isinstance(value, List):
            before.value = List(before.value.items + value.items, before.value.entries + value.entries, before.value.span)
        else:
            found[name] = Entry(name, key_span, value, span)

    def _key_span(self, key: Key, item: Item, pair: Span | None) -> Span:
        """The span of a key as written, quotes included.

        tomlkit makes new keys for the parts of a dotted one: they get the whole dotted key. A table's key is the last
        part of its header, if its header names it.
        """
        known = self.parser.keys.get(id(key))
        text = self.text
        if known is None and pair is not None:
            known = (pair[0], text.index("=", pair[0]))
        if known is None:
            start = self.parser.values.get(id(item), (0, 0))[0]
            end = text.find("]", start)
            name = text.rfind(key.key, start, end)
            return (name, name + len(key.key)) if start < name else (start, start)
        raw = text[known[0] : known[1]]
        return known[0] + len(raw) - len(raw.lstrip()), known[0] + len(raw.rstrip())

    def _value(self, item: Item) -> Value:
        span = self.parser.values.get(id(item), (0, 0))
        if isinstance(item, String):
            return self._string(item, span)
        if isinstance(item, Array):
            known = self.parser.values
            parts = (group.value for group in item._value)  # noqa: SLF001 - iterating would make copies without identity
            items = [self._value(part) for part in parts if part is not None and id(part) in known]
            return List(items, [self._array_entry(items, number, span) for number in range(len(items))], span)
        if isinstance(item, InlineTable):
            return Map(self.entries(item.value, inline=span), span, inline=True)
        if isinstance(item, AoT):
            maps: list[Value] = [self._value(table) for table in item.body]
            for part, following in zip(maps, maps[1:], strict=False):  # the parser ends the first with the last
                part.span = (part.span[0], following.span[0])
            return List(maps, [part.span for part in maps], (maps[0].span[0], maps[-1].span[1]) if maps else span)
        if isinstance(item, Table):
            entries = self.entries(item.value)
            if id(item) not in self.parser.values and entries:  # made by dotted keys
                spans = [entry.span for entry in entries.values()]
                span = (min(low for low, _ in spans), max(high for _, high in spans))
            return Map(entries, span)
        return Value(item.unwrap(), span)

    def _string(self, item: String, span: Span) -> Text:
        """A string, with one or three quotes; a newline right behind three is no part of it."""
        start, end = span
        raw = self.text[start:end]
        size = 3 if raw[:3] in ('"""', "'''") and len(raw) >= 6 else 1  # noqa: PLR2004
        inner = (start + size, end - size)
        if size > 1 and self.text.startswith(("\n", "\r\n"), inner[0]):
            inner = (inner[0] + (2 if self.text[inner[0]] == "\r" else 1), inner[1])
        text = str(item.value)
        return Text(text, span, inner, plain=self.text[inner[0] : inner[1]] == text)

    def _array_entry(self, items: list[Value], number: int, array: Span) -> Span:
        """What to delete to be rid of one element: its line when it has one to itself, else it and one comma."""
        text = self.text
        start, end = items[number].span
        comma = _skip_to_comma(text, end, array[1] - 1)
        line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
        after = comma + 1 if comma is not None else end
        tail = _end_of_line(text, after)
        next_start = items[number + 1].span[0] if number + 1 < len(items) else array[1] - 1
        alone = not text[line_start:start].strip(" \t") and line_start > array[0] and tail is not None and tail <= next_start
        if alone and tail is not None and text[tail - 1 : tail] in "\r\n":
            return line_start, tail
        if comma is not None:
            while after < array[1] - 1 and text[after] in " \t":
                after += 1
            return start, after
        if number > 0:
            before = _skip_to_comma(text, items[number - 1].span[1], start)
            if before is not None and "#" not in text[before:start]:
                return before, end
        return start, end

    def _inline_entry(self, pair: Span, braces: Span) -> Span:
        """What to delete to be rid of one key of an inline table: it and one comma."""
        text = self.text
        start, end = pair
        while text[start] in " \t\r\n":
            start += 1
        comma = _skip_to_comma(text, end, braces[1] - 1)
        if comma is not None:
            after = comma + 1
            while text[after] in " \t":
                after += 1
            return start, after
        before = start
        while before > braces[0] + 1 and text[before - 1] in " \t\r\n":
            before -= 1
        return (before - 1, end) if text[before - 1] == "," else (start, end)


def _merge(into: Map, other: Map) -> None:
    """Add the entries of a table that is named a second time."""
    for key, entry in other.entries.items():
        before = into.entries.get(key)
        if before is not None and isinstance(before.value, Map) and isinstance(entry.value, Map):
            _merge(before.value, entry.value)
        else:
            into.entries[key] = entry
    into.data = {key: entry.value.data for key, entry in into.entries.items()}


def _skip_to_comma(text: str, start: int, limit: int) -> int | None:
    """The offset of the comma behind a value, over blanks, line ends and comments; None when there is none."""
    position = start
    while position < limit:
        character = text[position]
        if character == ",":
            return position
        if character == "#":
            while position < limit and text[position] not in "\r\n":
                position += 1
        elif character in " \t\r\n":
            position += 1
        else:
            return None
    return None


def _end_of_line(text: str, start: int) -> int | None:
    """Where the line ends, its end included, when only blanks and a comment follow; else None."""
    position = start
    while position < len(text) and text[position] in " \t":
        position += 1
    if position < len(text) and text[position] == "#":
        while position < len(text) and text[position] not in "\r\n":
            position += 1
    if text.startswith("\r\n", position):
        return position + 2
    if position == len(text) or text[position] in "\r\n":
        return min(len(text), position + 1)
    return None
