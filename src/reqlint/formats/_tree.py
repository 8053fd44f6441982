"""A tree of values that know where they stand: what the readers of TOML and YAML give to the formats.

Spans are half-open ranges of 0-based code-point offsets into the source's text.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.source import Span


class Value:
    """One value: ``span`` with its quotes or brackets, and the plain Python value ``data``."""

    __slots__ = ("data", "span")

    def __init__(self, data: object, span: Span) -> None:
        """Keep both."""
        self.data = data
        self.span = span


class Text(Value):
    """A string: ``text``; ``inner``: its span without the quotes; ``plain``: whether it stands there as it is, unescaped."""

    __slots__ = ("inner", "plain", "text")

    def __init__(self, text: str, span: Span, inner: Span, *, plain: bool) -> None:
        """Keep the parts."""
        super().__init__(text, span)
        self.text = text
        self.inner = inner
        self.plain = plain


class List(Value):
    """An array: its ``items``, and for each the span to delete to be rid of it and nothing else."""

    __slots__ = ("entries", "items")

    def __init__(self, items: list[Value], entries: list[Span], span: Span) -> None:
        """``entries`` go with ``items``."""
        super().__init__([item.data for item in items], span)
        self.items = items
        self.entries = entries


class Entry:
    """One key of a table: ``key``, its span, its ``value``, and the span to delete to be rid of both."""

    __slots__ = ("key", "key_span", "span", "value")

    def __init__(self, key: str, key_span: Span, value: Value, span: Span) -> None:
        """Keep the parts."""
        self.key = key
        self.key_span = key_span
        self.value = value
        self.span = span


class Map(Value):
    """A table or mapping: its ``entries`` by key, in order; TOML tables that are named in several places are one."""

    __slots__ = ("entries", "inline")

    def __init__(self, entries: dict[str, Entry], span: Span, *, inline: bool = False) -> None:
        """``inline``: whether it stands in braces."""
        super().__init__({key: entry.value.data for key, entry in entries.items()}, span)
        self.entries = entries
        self.inline = inline

    def get(self, *path: str) -> Value | None:
        """The value at a path of keys, or None."""
        value: Value | None = self
        for key in path:
            if not isinstance(value, Map) or key not in value.entries:
                return None
            value = value.entries[key].value
        return value

    def map(self, *path: str) -> Map | None:
        """The table at a path of keys, or None when there is none."""
        value = self.get(*path)
        return value if isinstance(value, Map) else None

    def list(self, *path: str) -> List | None:
        """The array at a path of keys, or None when there is none."""
        value = self.get(*path)
        return value if isinstance(value, List) else None

    def text(self, *path: str) -> Text | None:
        """The string at a path of keys, or None when there is none."""
        value = self.get(*path)
        return value if isinstance(value, Text) else None

    def flag(self, *path: str) -> bool | None:
        """The boolean at a path of keys, or None when there is none."""
        value = self.get(*path)
        return value.data if value is not None and isinstance(value.data, bool) else None
