"""YAML with places: PyYAML composes nodes with exact marks, and this turns them into a tree of values.

Tags that are not known (``!include``) are no fault: the node is taken for what it looks like. Source: YAML 1.1, as PyYAML
reads it, since conda and most tools around it read YAML with that version's rules (``3.10`` is a number).
"""

from __future__ import annotations

import yaml

from reqlint.formats._tree import Entry, List, Map, Text, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
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


_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(text: str) -> list[Value]:
    """The documents of a stream, empty ones left out; raises YamlError."""
    loader = _LOADER(text)
    documents = []
    builder = _Builder(text)
    try:
        while loader.check_node():
            documents.append(builder.value(loader.get_node()))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(error.problem or "not valid YAML", _offset(text, mark) if mark is not None else 0) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error).partition("\n")[0]
        raise YamlError(reason, getattr(error, "position", 0) or 0) from None
    finally:
        loader.dispose()
    return documents


def _offset(text: str, mark: yaml.Mark) -> int:
    return min(len(text), mark.index)


class _Builder:
    """Turns nodes into values; an alias gives the value of its anchor a second time, at the anchor's place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._done: dict[int, Value] = {}
        self._resolver = yaml.SafeLoader("")

    def value(self, node: yaml.Node) -> Value:
        """The value of a node; a node that holds itself is empty at the place where it comes again."""
        known = self._done.get(id(node))
        if known is not None:
            return known
        span = (node.start_mark.index, self._end(node))
        if isinstance(node, yaml.ScalarNode):
            found = self._scalar(node, span)
        elif isinstance(node, yaml.SequenceNode):
            self._done[id(node)] = Value(None, span)
            items = [self.value(part) for part in node.value]
            entries = [self._item(node, number, span) for number in range(len(items))]
            found = List(items, entries, span)
        else:
            self._done[id(node)] = Value(None, span)
            found = self._mapping(node, span)
        self._done[id(node)] = found
        return found

    def _end(self, node: yaml.Node) -> int:
        """Where a node ends: the mark of a block node stands at what follows it, line ends and comments later."""
        end: int = min(len(self.text), node.end_mark.index)
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return end
        if isinstance(node, yaml.ScalarNode) or node.flow_style:
            return end
        children = node.value if isinstance(node, yaml.SequenceNode) else [pair[1] for pair in node.value]
        return max((self._end(child) for child in children[-1:]), default=end)

    def _scalar(self, node: yaml.ScalarNode, span: Span) -> Value:
        raw = self.text[span[0] : span[1]]
        if node.style in ("'", '"'):
            inner = (span[0] + 1, span[1] - 1)
        else:
            inner = span
        text: str = node.value
        tag: str = node.tag
        if tag.startswith("tag:yaml.org,2002:") and not tag.endswith(":str"):
            return Scalar(self._construct(node), raw, span)
        return Text(text, span, inner, plain=self.text[inner[0] : inner[1]] == text)

    def _construct(self, node: yaml.ScalarNode) -> object:
        """The Python value that a safe loader gives; the text itself where it cannot (a date in the 13th month)."""
        try:
            found: object = self._resolver.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            return node.value
        return found

    def _mapping(self, node: yaml.MappingNode, span: Span) -> Map:
        entries: dict[str, Entry] = {}
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            name: str = key.value
            value = self.value(item)
            key_span = (key.start_mark.index, key.end_mark.index)
            if node.flow_style:
                whole = self._flow_entry((key_span[0], max(value.span[1], key_span[1])), span)
            else:
                whole = self._lines(key_span[0], max(value.span[1], key_span[1]))
            entries[name] = Entry(name, key_span, value, whole)
        return Map(entries, span, inline=bool(node.flow_style))

    def _item(self, node: yaml.SequenceNode, number: int, sequence: Span) -> Span:
        """What to delete to be rid of one element."""
        part = node.value[number]
        start, end = part.start_mark.index, self._end(part)
        if node.flow_style:
            return self._flow_entry((start, end), sequence)
        dash = self.text.rfind("-", 0, start)
        if dash >= 0 and not self.text[dash + 1 : start].strip():
            line_start = self._line_start(dash)
            if not self.text[line_start:dash].strip(" \t"):
                return self._lines(dash, max(end, dash + 1))
            return dash, end
        return start, end

    def _lines(self, start: int, end: int) -> Span:
        """The whole lines from ``start`` to ``end``, the last one's comment and line end included."""
        if end > start and self.text[end - 1] in "\r\n":
            return self._line_start(start), end
        while end < len(self.text) and self.text[end] not in "\r\n":
            end += 1
        if self.text.startswith("\r\n", end):
            end += 2
        elif end < len(self.text):
            end += 1
        return self._line_start(start), end

    def _line_start(self, offset: int) -> int:
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def _flow_entry(self, part: Span, braces: Span) -> Span:
        """An element in brackets or braces, and one comma."""
        text = self.text
        start, end = part
        after = end
        while after < braces[1] and text[after] in " \t\r\n":
            after += 1
        if after < braces[1] and text[after] == ",":
            after += 1
            while after < braces[1] and text[after] in " \t":
                after += 1
            return start, after
        before = start
        while before > braces[0] + 1 and text[before - 1] in " \t\r\n":
            before -= 1
        return (before - 1, end) if text[before - 1] == "," else (start, end)
