"""YAML with places: PyYAML says which events a text comes to, with exact marks, and this builds a tree of values from them.

Tags that are not known (``!include``) are no fault: the node is taken for what it looks like. A key that stands twice is
none either: the last one counts, and the others are kept apart. Source: YAML 1.1, as PyYAML reads it.

Spans are half-open ranges of 0-based code-point offsets into the text.
"""

from __future__ import annotations

import re

import yaml

from reqlint.formats._tree import Entry, List, Map, Text, Value
from reqlint.model import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reqlint.model import Manifest
    from reqlint.source import Span


class YamlError(ValueError):
    """The text is no YAML: ``reason``, and the 0-based offset where the parser stopped."""

    def __init__(self, reason: str, offset: int) -> None:
        """Keep both."""
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


class Scalar(Value):
    """A scalar that YAML takes for something else than a string (a number, a date, null): ``raw`` as written."""

    __slots__ = ("raw",)

    def __init__(self, data: object, raw: str, span: Span) -> None:
        """Keep both."""
        super().__init__(data, span)
        self.raw = raw


class Mapping(Map):
    """A mapping: besides its entries, the ``repeated`` ones, whose key comes again further down."""

    __slots__ = ("repeated",)

    def __init__(self, entries: dict[str, Entry], repeated: list[Entry], span: Span, *, inline: bool) -> None:
        """``inline``: whether it stands in braces."""
        super().__init__(entries, span, inline=inline)
        self.repeated = repeated


class Sequence(List):
    """A sequence: ``inline`` says whether it stands in brackets."""

    __slots__ = ("inline",)

    def __init__(self, items: list[Value], entries: list[Span], span: Span, *, inline: bool) -> None:
        """``entries`` go with ``items``."""
        super().__init__(items, entries, span)
        self.inline = inline


_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: An anchor and a tag before a value.
_PROPERTIES = re.compile(r"(?:[&!]\S*\s*)*")
_COMMENT = re.compile(r"[^\r\n]*")
_STANDARD = "tag:yaml.org,2002:"


def parse(text: str) -> list[Value]:
    """The values of the documents in a stream; one that is empty is null. Raises YamlError."""
    loader = None
    try:
        loader = _LOADER(text)
        return _Builder(text, loader).documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        offset = min(mark.index, len(text)) if mark is not None else 0
        raise YamlError(error.problem or "this is not valid", offset) from None
    except RecursionError:
        raise YamlError("it is nested too deeply", 0) from None
    except UnicodeEncodeError as error:
        raise YamlError("a character of it cannot stand in any text", error.start) from None
    except yaml.reader.ReaderError as error:
        raise YamlError("a control character may not stand in it", _control(text, error.character)) from None
    except yaml.YAMLError:
        raise YamlError("this is not valid", 0) from None
    finally:
        if loader is not None:
            loader.dispose()


def documents_of(manifest: Manifest) -> list[Value] | None:
    """The documents of a manifest's text; None, and a problem that tells the place, where it is no YAML."""
    text = manifest.source.text
    try:
        return parse(text)
    except YamlError as error:
        end = min(error.offset + 1, len(text))
        message = f"this is no YAML: {error.reason}"
        manifest.problems.append(Problem("unreadable-file", (min(error.offset, end), end), message))
        return None


def _control(text: str, character: object) -> int:
    """Where a character stands that YAML does not take, as the parsers count it in different units."""
    found = text.find(chr(character)) if isinstance(character, int) and 0 <= character < 0x110000 else -1
    return max(found, 0)


class _Builder:
    """Turns events into values. An alias gives what its anchor gives, at the place of the alias."""

    def __init__(self, text: str, loader: Any) -> None:
        self.text = text
        self.loader = loader
        self.anchors: dict[str, Value] = {}
        self.resolver: Any = yaml.SafeLoader("")

    def documents(self) -> list[Value]:
        """The values of all documents."""
        loader = self.loader
        found = []
        loader.get_event()  # the stream begins
        while not loader.check_event(yaml.StreamEndEvent):
            loader.get_event()  # a document begins
            self.anchors = {}
            found.append(self.value(loader.get_event()))
            loader.get_event()  # it ends
        return found

    def value(self, event: Any) -> Value:
        """The value that begins with an event; reads all events that belong to it."""
        span = (event.start_mark.index, event.end_mark.index)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, span)
        if event.anchor is not None:
            self.anchors[event.anchor] = Value(None, span)  # for what holds itself
        if isinstance(event, yaml.ScalarEvent):
            found = self._scalar(event, span)
        elif isinstance(event, yaml.SequenceStartEvent):
            found = self._sequence(event)
        else:
            found = self._mapping(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = found
        return found

    def _alias(self, event: Any, span: Span) -> Value:
        known = self.anchors.get(event.anchor)
        if known is None:
            raise YamlError("this alias has no anchor", span[0])
        if isinstance(known, Text):
            return Text(known.text, span, span, plain=False)
        if isinstance(known, Sequence):
            return Sequence(known.items, known.entries, span, inline=known.inline)
        if isinstance(known, Mapping):
            return Mapping(known.entries, known.repeated, span, inline=known.inline)
        if isinstance(known, Scalar):
            return Scalar(known.data, known.raw, span)
        return Value(known.data, span)

    def _scalar(self, event: Any, span: Span) -> Value:
        text: str = event.value
        if not text and not event.style and self.text[span[0] : span[1]].strip() == "":
            end = self._end_before(span[0])  # nothing is there, and the mark may be that of what comes next
            span = (end, end)
        tag: str | None = event.tag
        start = _end_of_properties(self.text, *span)
        inner = (start + 1, span[1] - 1) if event.style in ("'", '"') else (start, span[1])
        if tag is None or tag == "!":
            tag = self.resolver.resolve(yaml.ScalarNode, text, event.implicit)
        if tag.startswith(_STANDARD) and tag != f"{_STANDARD}str":
            return Scalar(self._construct(tag, text), self.text[slice(*span)], span)
        return Text(text, span, inner, plain=start == span[0] and self.text[slice(*inner)] == text)

    def _construct(self, tag: str, text: str) -> object:
        """The Python value that a safe loader gives; the text itself where it cannot (a date in the 13th month)."""
        try:
            found: object = self.resolver.construct_object(yaml.ScalarNode(tag, text))
        except (yaml.YAMLError, ValueError, LookupError, ArithmeticError, AttributeError, TypeError):
            return text
        return found

    def _sequence(self, event: Any) -> Sequence:
        start, end = event.start_mark.index, event.end_mark.index
        inline = bool(event.flow_style)
        items: list[Value] = []
        dashes: list[int] = []
        while not self.loader.check_event(yaml.SequenceEndEvent):
            item = self.loader.get_event()
            if not inline:
                dashes.append(self._dash(end if items else start, item.start_mark.index))
            items.append(self.value(item))
            end = items[-1].span[1]
        closing = self.loader.get_event()
        if inline:
            span = (start, closing.end_mark.index)
            entries = [self._flow_entry(value.span, span) for value in items]
        else:
            span = (start, end)
            entries = [self._block_entry(dash, value.span[1]) for dash, value in zip(dashes, items, strict=True)]
        return Sequence(items, entries, span, inline=inline)

    def _mapping(self, event: Any) -> Mapping:
        start, end = event.start_mark.index, event.end_mark.index
        inline = bool(event.flow_style)
        found: list[tuple[str | None, Span, Value]] = []
        while not self.loader.check_event(yaml.MappingEndEvent):
            head = self.loader.get_event()
            name = head.value if isinstance(head, yaml.ScalarEvent) else None
            key = self.value(head)
            value = self.value(self.loader.get_event())
            end = max(key.span[1], value.span[1])
            found.append((name, key.span, value))
        closing = self.loader.get_event()
        span = (start, closing.end_mark.index if inline else end)
        braces = span if self.text.startswith("{", _end_of_properties(self.text, *span)) else (-1, len(self.text))
        entries: dict[str, Entry] = {}
        repeated = []
        for name, key_span, value in found:
            if name is None:
                continue
            mark = self._end_before(key_span[0]) - 1  # of a key that is marked as one
            begin = mark if mark >= start and self.text[mark] == "?" and mark + 1 < key_span[0] else key_span[0]
            part = (begin, max(key_span[1], value.span[1]))
            whole = self._flow_entry(part, braces) if inline else self._block_entry(*part)
            if name in entries:
                repeated.append(entries.pop(name))
            entries[name] = Entry(name, key_span, value, whole)
        return Mapping(entries, repeated, span, inline=inline)

    def _dash(self, start: int, limit: int) -> int:
        """Where the dash of an item stands, between what comes before it and the item itself."""
        text = self.text
        while start < limit:
            letter = text[start]
            if letter == "-":
                return start
            if letter == "#":
                start = _end_of_line(text, start)
            elif letter in "&!":
                start = _end_of_properties(text, start, limit)
            else:
                start += 1
        return limit

    def _end_before(self, offset: int) -> int:
        """The end of what stands before an offset, blanks and empty lines left out."""
        while offset > 0 and self.text[offset - 1] in " \t\r\n":
            offset -= 1
        return offset

    def _block_entry(self, start: int, end: int) -> Span:
        """What to delete to be rid of a dash or key and what follows it: whole lines, or what stands behind another dash."""
        lead = self.text[_line_start(self.text, start) : start].strip(" \t")
        return self._lines(start, end) if not lead else (start, end)

    def _lines(self, start: int, end: int) -> Span:
        """The whole lines from ``start`` to ``end``, the last one's comment and line end included."""
        text = self.text
        begin = _line_start(text, start)
        if end > start and text[end - 1] in "\r\n":
            return begin, end
        end = _end_of_line(text, end)
        if text.startswith("\r\n", end):
            return begin, end + 2
        return begin, min(end + 1, len(text))

    def _flow_entry(self, part: Span, braces: Span) -> Span:
        """An element in brackets or braces, and one comma: its whole lines when nothing else stands there."""
        text = self.text
        start, end = part
        after = end
        while after < braces[1] and text[after] in " \t\r\n":
            after += 1
        if after < braces[1] and text[after] == ",":
            after += 1
            line = _line_start(text, start)
            stop = _end_of_line(text, after)
            if braces[0] < line and stop < braces[1] and not (text[line:start] + text[after:stop]).strip(" \t"):
                return self._lines(start, after)
            while after < braces[1] and text[after] in " \t":
                after += 1
            return start, after - (text[after : after + 1] == "#")  # a blank must stand before a comment
        before = start
        while before > braces[0] + 1 and text[before - 1] in " \t\r\n":
            before -= 1
        return (before - 1, end) if text[before - 1] == "," else (start, end)


def _line_start(text: str, offset: int) -> int:
    """The offset where the line of an offset begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def _end_of_line(text: str, offset: int) -> int:
    """The offset of the end of the line of an offset, before its line end."""
    match = _COMMENT.match(text, offset)
    return match.end() if match is not None else len(text)


def _end_of_properties(text: str, start: int, end: int) -> int:
    """Where the value itself begins: behind its anchor and its tag."""
    match = _PROPERTIES.match(text, start, end) if text[start : start + 1] in ("&", "!") else None
    return match.end() if match is not None else start
