"""What an expression of Python is worth, as far as literals tell: strings with the places of their characters, and so on.

Spans are half-open ranges of 0-based code-point offsets into the source.
"""

from __future__ import annotations

import posixpath
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import libcst as cst

    from reqlint.source import Span

_SIZE = 4_000_000
_ESCAPE = re.compile(r"\\(?:N\{[^}]*\}|U[0-9a-fA-F]{8}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{1,3}|\r\n|[\s\S])|\r\n?")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_DATA = re.compile(r"(?i).*\.(?:json|ya?ml|toml|cfg|ini|py|xml|lock|csv|md|rst)")
LISTED = re.compile(r"(?i)[^\s*?<>|\"]+\.(?:txt|in|pip|reqs?)")


class TooComplexError(ValueError):
    """The text may be Python, but is nested too deeply, or takes too long, to be read."""


class Value:
    """What an expression is worth; ``span``: where it stands."""

    __slots__ = ("span",)

    def __init__(self, span: Span) -> None:
        """Keep the place."""
        self.span = span


class Unknown(Value):
    """Something that only running the file can tell."""

    __slots__ = ()


class Const(Value):
    """A number, a boolean, bytes, or None."""

    __slots__ = ("value",)

    def __init__(self, value: object, span: Span) -> None:
        """Keep both."""
        super().__init__(span)
        self.value = value


class Symbol(Value):
    """Something that another module defines, or Python itself, by its full ``name``."""

    __slots__ = ("name",)

    def __init__(self, name: str, span: Span) -> None:
        """Keep both."""
        super().__init__(span)
        self.name = name


class Str(Value):
    """A string.

    ``text``; ``start``: the offset in the source of its first character, when it stands there as it is and may be
    rewritten; ``chars``: else the span of what makes each character, when that is known; ``editable``: whether a part of
    it that stands there as it is may be rewritten; ``seams``: the indexes at which one literal ends and the next begins; ``entry``: delete this span and exactly this string is gone, where it is an
    element of something; ``halves``: the literals that stand side by side, each with the span of its quotes; ``open``:
    whether a part is known only when the file runs, and stands in the text as ``${…}``.
    """

    __slots__ = ("chars", "editable", "entry", "halves", "open", "seams", "start", "text")

    def __init__(self, text: str, span: Span, *, start: int | None = None, chars: Sequence[Span] | None = None) -> None:
        """Keep the parts; without ``start`` and ``chars`` the text is computed. Raises TooComplexError when it is huge."""
        super().__init__(span)
        if len(text) > _SIZE:
            raise TooComplexError
        self.text = text
        self.start = start
        self.chars = chars
        self.editable = True
        self.seams: tuple[int, ...] = ()
        self.entry: Span | None = None
        self.halves: tuple[tuple[Str, Span], ...] = ()
        self.open = False

    def piece(self, start: int, end: int) -> Str:
        """The part between two indexes; of the whole, its entry too."""
        text = self.text[start:end]
        if self.start is not None:
            begin = self.start + start
            part = Str(text, (begin, begin + len(text)), start=begin)
        elif self.chars is not None and text:
            chars = self.chars[start:end]
            seams = tuple(seam - start for seam in self.seams if start < seam < end)
            place = self.span if seams else (chars[0][0], chars[-1][1])
            part = Str(text, place, chars=chars)
            part.editable, part.seams = self.editable, seams
            part.open = self.open and "${" in text
            if self.editable and not seams and place[1] - place[0] == len(text):
                part.start = place[0]
        else:
            part = Str(text, self.span)
            part.open = self.open
        if text == self.text:
            part.entry, part.halves = self.entry, self.halves
        elif text == self.text.strip():
            part.entry = self.entry
        return part

    def strip(self) -> Str:
        """Without the blanks around."""
        stripped = self.text.lstrip()
        lead = len(self.text) - len(stripped)
        return self.piece(lead, lead + len(stripped.rstrip()))

    def removable(self, start: int, end: int) -> Span | None:
        """The span to delete to be rid of the characters between two indexes; None when that is not one literal's."""
        if self.start is not None:
            return self.start + start, self.start + end
        if self.chars is None or start >= end or any(start < seam < end for seam in self.seams):
            return None
        return self.chars[start][0], self.chars[end - 1][1]

    def parts(self, bounds: Iterable[tuple[int, int, int, int]]) -> list[Str]:
        """Parts of the string: for each its start and end, and those of what to delete to be rid of it."""
        found = []
        for start, end, low, high in bounds:
            part = self.piece(start, end)
            removable = self.removable(low, high)
            part.entry = removable if removable is not None else self.entry
            found.append(part)
        return found

    def lines(self) -> list[Str]:
        """What ``splitlines`` gives."""
        bounds = []
        offset = 0
        for line in self.text.splitlines(keepends=True):
            end = offset + len(line)
            bounds.append((offset, offset + len(line.splitlines()[0]), offset, end))
            offset = end
        if len(bounds) == 1 and self.entry is not None:
            return [self.piece(bounds[0][0], bounds[0][1])] if self.text.strip() else []
        return self.parts(bounds)


class Path(Value):
    """A path below (or above) the directory of the file: relative to it, with ``/``; empty for the directory itself."""

    __slots__ = ("path",)

    def __init__(self, path: str, span: Span) -> None:
        """Normalize the path; ``span``: of the literal that names the file."""
        super().__init__(span)
        path = posixpath.normpath(path.replace("\\", "/")) if path else ""
        self.path = "" if path == "." else path

    def join(self, text: str, span: Span) -> Path:
        """The path of what lies in this directory."""
        return Path(posixpath.join(self.path, text) if self.path else text, span)

    @property
    def parent(self) -> Path:
        """The directory that it lies in."""
        if self.path in ("", "..") or self.path.endswith("/.."):
            return Path(posixpath.join(self.path, ".."), self.span)
        return Path(posixpath.dirname(self.path), self.span)


class File(Value):
    """An opened file, its text, its lines or one of them; ``path``: as for Path; ``span``: of the name in the source."""

    __slots__ = ("path",)

    def __init__(self, path: str, span: Span) -> None:
        """Keep both."""
        super().__init__(span)
        self.path = path

    @property
    def plausible(self) -> bool:
        """Whether the name may be one of a file that lists requirements."""
        return _DATA.fullmatch(self.path) is None

    @property
    def probable(self) -> bool:
        """Whether it surely looks like one."""
        return self.plausible and (LISTED.fullmatch(self.path) is not None or "requirement" in self.path.lower())


class Seq(Value):
    """A list or its like; ``kind``: ``list``, ``tuple``, ``set``, or ``iterator``, which can be read but once."""

    __slots__ = ("items", "kind")

    def __init__(self, items: Iterable[Value], span: Span, kind: str = "list") -> None:
        """Keep the parts."""
        super().__init__(span)
        self.items = list(items)
        self.kind = kind


class Table(Value):
    """A dictionary: its ``entries`` by key, each with the key as written; ``rest``: values whose key is not known."""

    __slots__ = ("entries", "factory", "rest")

    def __init__(self, span: Span) -> None:
        """Start empty."""
        super().__init__(span)
        self.entries: dict[str, tuple[Str, Value]] = {}
        self.rest: list[Value] = []
        self.factory = False  # whether it makes a list for a key that it has not

    def put(self, key: Value, value: Value) -> None:
        """Bind a key."""
        if isinstance(key, Str) and not key.open:
            self.entries[key.text] = (key, value)
        else:
            self.rest.append(value)

    def update(self, other: Value) -> None:
        """Take over what another table has."""
        if isinstance(other, Table):
            self.entries.update(other.entries)
            self.rest += other.rest
        elif isinstance(other, Seq):
            for pair in other.items:
                if isinstance(pair, Seq) and len(pair.items) == 2:
                    self.put(pair.items[0], pair.items[1])
                else:
                    self.rest.append(Unknown(pair.span))
        elif not (isinstance(other, Const) and other.value is None):
            self.rest.append(Unknown(other.span))


class Function(Value):
    """A function or lambda of the file itself, with the scope that it was defined in."""

    __slots__ = ("node", "scope")

    def __init__(self, node: cst.FunctionDef | cst.Lambda, scope: Scope, span: Span) -> None:
        """Keep the parts."""
        super().__init__(span)
        self.node = node
        self.scope = scope


class Choice(Value):
    """One of several values, and which is not known."""

    __slots__ = ("values",)

    def __init__(self, values: list[Value], span: Span) -> None:
        """Keep both."""
        super().__init__(span)
        self.values = values


class Scope:
    """The names of a module or of one call of a function."""

    __slots__ = ("names", "outer", "parent")

    def __init__(self, parent: Scope | None = None) -> None:
        """``outer``: the names that a ``global`` or ``nonlocal`` statement sends elsewhere."""
        self.names: dict[str, Value] = {}
        self.parent = parent
        self.outer: set[str] = set()

    def find(self, name: str) -> Value | None:
        """What a name is bound to."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def bind(self, name: str, value: Value) -> None:
        """Bind a name."""
        scope = self
        while name in scope.outer and scope.parent is not None:
            scope = scope.parent
        scope.names[name] = value


class Call:
    """One call: its positional ``args``, its ``keywords`` by name, and what it was called with in ways that are not known.

    ``places``: for each keyword that stands in the call itself the span of its value; ``names``: of itself; ``entries``:
    what to delete to be rid of it; ``span``: the whole call.
    """

    __slots__ = ("args", "entries", "keywords", "names", "places", "rest", "span")

    def __init__(self, span: Span) -> None:
        """Start empty."""
        self.span = span
        self.args: list[Value] = []
        self.keywords: dict[str, Value] = {}
        self.places: dict[str, Span] = {}
        self.names: dict[str, Span] = {}
        self.entries: dict[str, Span] = {}
        self.rest: list[Value] = []

    def argument(self, number: int, name: str) -> Value | None:
        """An argument by position or name."""
        return self.args[number] if number < len(self.args) else self.keywords.get(name)


def merge(values: Sequence[Value], span: Span) -> Value:
    """The value of something that is one of several: lists and tables are put together, the rest is a choice."""
    distinct: list[Value] = []
    for value in values:
        for one in value.values if isinstance(value, Choice) else (value,):
            if not any(one is other for other in distinct):
                distinct.append(one)
    filled = [value for value in distinct if not (isinstance(value, Const) and not value.value)]
    if not filled:
        return distinct[0] if distinct else Const(None, span)
    if len(filled) == 1:
        return filled[0]
    if any(isinstance(value, Table) for value in filled):
        return merge_tables(filled, span)
    if any(isinstance(value, Seq | File) for value in filled):
        items: list[Value] = []
        for value in filled:
            for item in value.items if isinstance(value, Seq) else (value,):
                if not any(item is other for other in items):
                    items.append(item)
        kinds = {value.kind for value in filled if isinstance(value, Seq)}
        return Seq(items, filled[0].span, kinds.pop() if len(kinds) == 1 else "list")
    if all(isinstance(value, Symbol) for value in filled):
        return filled[0]
    return Choice(filled, filled[0].span)


def merge_tables(values: Sequence[Value], span: Span) -> Table:
    """A table with the keys of all."""
    table = Table(values[0].span)
    for value in values:
        if not isinstance(value, Table):
            table.rest.append(value)
            continue
        table.factory |= value.factory
        table.rest += (one for one in value.rest if not any(one is other for other in table.rest))
        for name, (key, item) in value.entries.items():
            known = table.entries.get(name)
            table.entries[name] = (key, item if known is None else merge([known[1], item], span))
    return table


def iterate(value: Value) -> list[Value]:
    """What a loop over a value gives: of a file, the file once; of what is not known, one thing that is not known."""
    if isinstance(value, Seq):
        return list(value.items)
    if isinstance(value, File):
        return [value]
    if isinstance(value, Table):
        return [key for key, _ in value.entries.values()] + [Unknown(one.span) for one in value.rest]
    if isinstance(value, Choice):
        return [item for one in value.values for item in iterate(one)]
    if isinstance(value, Const) and value.value is None:
        return []
    return [Unknown(value.span)]


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None when that cannot be said."""
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, Str) and not value.open:
        return bool(value.text)
    if isinstance(value, Function):
        return True
    return None


def characters(text: str, start: int, *, raw: bool, braces: bool = False) -> list[tuple[str, Span]]:
    """The characters that the inside of a literal stands for, each with its span.

    ``raw``: whether backslashes mean themselves; ``braces``: whether two braces mean one. Source: the Python reference,
    "String and bytes literals". What is no escape is left as it is, as Python does (with a warning).
    """
    found: list[tuple[str, Span]] = []
    position = 0
    size = len(text)
    while position < size:
        character = text[position]
        end = position + 1
        if character == "\r" or (character == "\\" and not raw):
            match = _ESCAPE.match(text, position)
            end = match.end() if match is not None else end
            character = _unescaped(text[position:end])
        elif braces and character in "{}" and text.startswith(character, end):
            end += 1
        found += [(one, (start + position, start + end)) for one in character]
        position = end
    return found


def _unescaped(escape: str) -> str:
    """What an escape stands for; a line end that a backslash hides stands for nothing."""
    if escape[0] == "\r":
        return "\n"
    letter = escape[1:2]
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter in ("\n", "\r"):
        return ""
    if len(escape) > 2 or letter in "01234567":
        from ast import literal_eval

        try:
            return str(literal_eval(f'"{escape}"'))
        except (SyntaxError, ValueError):
            return escape
    return escape


def spelled(characters: Sequence[tuple[str, Span]], span: Span) -> Str:
    """A string of characters with their places."""
    text = "".join(character for character, _ in characters)
    return Str(text, span, chars=[place for _, place in characters])


def concatenate(left: Str, right: Str, span: Span) -> Str:
    """One string behind another."""
    one, other = _places(left), _places(right)
    chars = [*one, *other] if one is not None and other is not None else None
    whole = Str(left.text + right.text, span, chars=chars)
    if chars is not None:
        whole.seams = (*left.seams, len(left.text), *(len(left.text) + seam for seam in right.seams))
    whole.open = left.open or right.open
    whole.editable = left.editable and right.editable
    return whole


def _places(value: Str) -> Sequence[Span] | None:
    """The place of each character, when they are known."""
    if value.start is not None:
        return [(value.start + number, value.start + number + 1) for number in range(len(value.text))]
    return value.chars


def computed(receiver: Str, name: str, *args: Value | None) -> Value:
    """The result of a method that changes a string."""
    texts = [arg.text for arg in args if isinstance(arg, Str)]
    if name in ("encode", "decode", "expandtabs"):
        return receiver
    if len(texts) != len([arg for arg in args if arg is not None]) or (name == "replace" and len(texts) != 2):
        return Unknown(receiver.span)
    result = getattr(receiver.text, name)(*texts)
    if result == receiver.text:
        return receiver
    whole = Str(result, receiver.span)
    whole.entry, whole.open = receiver.entry, receiver.open
    return whole


def split(receiver: Str, separator: Value | None) -> Value:
    """What ``split`` gives: parts that can each be deleted together with what parts them."""
    text = receiver.text
    bounds: list[tuple[int, int, int, int]] = []
    if separator is None or (isinstance(separator, Const) and separator.value is None):
        found = [match.span() for match in re.finditer(r"\S+", text)]
        for number, (start, end) in enumerate(found):
            if number + 1 < len(found):
                bounds.append((start, end, start, found[number + 1][0]))
            else:
                bounds.append((start, end, found[number - 1][1] if number else start, end))
        return Seq(receiver.parts(bounds), receiver.span)
    if not isinstance(separator, Str) or not separator.text:
        return Unknown(receiver.span)
    size = len(separator.text)
    start = 0
    while (end := text.find(separator.text, start)) >= 0:
        bounds.append((start, end, start, end + size))
        start = end + size
    bounds.append((start, len(text), max(0, start - size) if not separator.text.isspace() else start, len(text)))
    return Seq(receiver.parts(bounds), receiver.span)


def shown(value: Value, code: str) -> tuple[str, bool]:
    """A value inside a text, or a stand-in for it; and whether it is a stand-in."""
    if isinstance(value, Str):
        return value.text, value.open
    if isinstance(value, Const) and isinstance(value.value, int):
        return str(value.value), False
    return ("${" + code + "}" if code.isidentifier() else "${…}"), True


def path_of(value: Value) -> str | None:
    """The path that a value is, when it can be told."""
    if isinstance(value, Path):
        return value.path or None
    if isinstance(value, Str) and not value.open and value.text.strip() and value.text.isprintable():
        return Path(value.text, value.span).path
    return None


def path_plus(path: Path, text: str, span: Span) -> Value:
    """A path with text behind it."""
    if path.path:
        return Path(path.path + text, span)
    return Path(text.lstrip("/\\"), span) if text[:1] in ("/", "\\") else Unknown(span)
