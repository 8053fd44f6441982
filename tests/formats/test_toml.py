"""The places of TOML values: what stands at a span is the value, and what stands at an entry's span can be deleted."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlint.formats._toml import TomlError, parse
from reqlint.formats._tree import Entry, List, Map, Text, Value

Path = tuple[str | int, ...]


def _values(value: Value, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """A value and all that it holds, with their paths."""
    yield path, value
    if isinstance(value, Map):
        for entry in value.entries.values():
            yield from _values(entry.value, (*path, entry.key))
    elif isinstance(value, List):
        for number, item in enumerate(value.items):
            yield from _values(item, (*path, number))


def _entries(value: Value, path: Path = ()) -> Iterator[tuple[Path, tuple[int, int]]]:
    """The path of each entry of a table and each element of an array, with the span to delete."""
    for where, found in _values(value, path):
        if isinstance(found, Map):
            yield from (((*where, entry.key), entry.span) for entry in found.entries.values())
        elif isinstance(found, List):
            yield from (((*where, number), span) for number, span in enumerate(found.entries))


def _without(data: Any, path: Path) -> Any:
    """The data without what stands at a path."""
    if isinstance(data, dict):
        head, *rest = path
        return {
            key: _without(value, tuple(rest)) if key == head else value
            for key, value in data.items()
            if key != head or rest
        }
    head, *rest = path
    return [
        _without(value, tuple(rest)) if number == head else value
        for number, value in enumerate(data)
        if number != head or rest
    ]


def _pruned(data: Any) -> Any:
    """The data without empty tables and arrays: a table made by its children alone goes with the last of them."""
    if isinstance(data, dict):
        pruned = {key: _pruned(value) for key, value in data.items()}
        return {key: value for key, value in pruned.items() if value not in ({}, [])}
    if isinstance(data, list):
        return [value for value in map(_pruned, data) if value not in ({}, [])]
    return data


def _check(text: str) -> None:
    """Every law, on every value of a document."""
    document = parse(text)
    data = tomllib.loads(text)
    assert document.data == data
    for path, value in _values(document):
        written = text[slice(*value.span)]
        if isinstance(value, Map) and not value.inline:
            continue
        if isinstance(value, List) and (
            written.startswith("[[") and value.items and text[value.items[0].span[0]] == "["
        ):
            continue  # an array of tables, or one of arrays
        assert tomllib.loads(f"v = {written}") == {"v": value.data}, path
        if isinstance(value, Text):
            assert value.span[0] < value.inner[0] <= value.inner[1] < value.span[1]
            if value.plain:
                assert text[slice(*value.inner)] == value.text
    for _, value in _values(document):
        for entry in value.entries.values() if isinstance(value, Map) else ():
            assert list(tomllib.loads(f"{text[slice(*entry.key_span)]} = 0")) == [entry.key]
    for path, (start, end) in _entries(document):
        if start == end:
            continue  # in scattered places
        rest = text[:start] + text[end:]
        assert _pruned(tomllib.loads(rest)) == _pruned(_without(data, path)), (path, rest)


KEYS = st.sampled_from(["a", "b", '"c.d"', "'e]'", '"\\u0066="', "g-1", "1"])
DOTTED = st.lists(KEYS, min_size=1, max_size=3).map(".".join) | st.lists(KEYS, min_size=1, max_size=2).map(" . ".join)
SCALARS = st.sampled_from(
    [
        "1",
        "0x1F",
        "+1_000.5e-3",
        "inf",
        "true",
        "false",
        "1979-05-27",
        "07:32:00",
        "1979-05-27 07:32:00",
        "1979-05-27T07:32:00.5-07:00",
        '""',
        "''",
        '"x # , ] }"',
        "'x\\'",
        '"\\" \\\\"',
        '"\\u00e9 é"',
        '"""x"""',
        "'''x'''",
        '"""\n  "x" ""\ny"""',
        "'''\nx''y'''",
        '"""x \\\n  y\\""""""',
        "''''x''''",
        '"""x"""""',
        "'''\n# no, comment\n'''",
    ]
)
GAPS = st.sampled_from(["", " ", "\t", "  ", "\n", "\n    ", ' # comment, ] "\n', "\n# }\n  "])
BLANKS = st.sampled_from(["", " ", "\t "])


@st.composite
def _arrays(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(values, max_size=4))
    text = "["
    for number, item in enumerate(items):
        last = number + 1 == len(items)
        comma = "" if last and draw(st.booleans()) else ","
        text += draw(GAPS) + item + draw(GAPS) + comma
    return text + draw(GAPS) + "]"


@st.composite
def _inline_tables(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    pairs: list[str] = []
    for _ in range(draw(st.integers(0, 3))):
        pair = f"{draw(DOTTED)}{draw(BLANKS)}={draw(BLANKS)}{draw(values)}"
        if _is_valid("v = {" + ", ".join([*pairs, pair]) + "}"):
            pairs.append(pair)
    return "{" + ",".join(draw(BLANKS) + pair + draw(BLANKS) for pair in pairs) + draw(BLANKS) + "}"


VALUES = st.recursive(SCALARS, lambda values: _arrays(values) | _inline_tables(values), max_leaves=6)


def _is_valid(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@st.composite
def _documents(draw: st.DrawFn) -> str:
    text = ""
    for _ in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(["pair", "pair", "pair", "table", "array", "noise"]))
        indent = draw(BLANKS)
        if kind == "pair":
            statement = f"{draw(DOTTED)}{draw(BLANKS)}={draw(BLANKS)}{draw(VALUES)}"
        elif kind == "table":
            statement = f"[{draw(BLANKS)}{draw(DOTTED)}{draw(BLANKS)}]"
        elif kind == "array":
            statement = f"[[{draw(DOTTED)}]]"
        else:
            statement = draw(st.sampled_from(["", "# comment", "#[a]"]))
        candidate = text + indent + statement + draw(st.sampled_from(["", " ", " # c", "\t#]"])) + "\n"
        if _is_valid(candidate):
            text = candidate
    return text if draw(st.booleans()) else text.removesuffix("\n")


@given(_documents())
def test_generated_documents(text: str) -> None:
    _check(text)
    _check(text.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "# only a comment",
        "a = 1",
        "a.b.c = 1\na.b.d = 2\na.e = 3\n",
        "a.b = 1\nc = 2\na.d = 3\n",
        "[a]\nb = 1 # c\n\n# of d\n[d]\n",
        "[a.b.c]\nx = 1\n[a]\ny = 2\n",
        "[a.b]\nx = 1\n[c]\n[a.d]\ny = 2\n",
        "[[a]]\nx = 1\n\n[[a.b]]\ny = 1\n[[a.b]]\n[a.b.c]\n[[a]]\nx = 2\n",
        "[[a]]\nx = 1\n[b]\n[[a]]\nx = 2\n[a.c]\n",
        "[a]\nb.c = 1\n[a.b.d]\ne = 1\n",
        "v = { a.b = 1, c = 2, a.d = 3 }\n",
        'v = [\n  "a", # x\n  "b" # y\n  , "c", "d",\n  # z\n]\n',
        'v = ["a", # x\n "b"]\n',
        "v = [ [1, 2], [ ], [[3]], {x = 1} ]\nw = 1",
        "\"a\" . 'b' = 1\n",
        "[ a . 'b]' ]\n\tc = 1",
    ],
)
def test_documents(text: str) -> None:
    _check(text)
    _check(text.replace("\n", "\r\n"))


def test_values_know_their_places() -> None:
    text = '[tool."x"] # c\nname = "é\\n" # d\nlist = [1, 2]\n'
    document = parse(text)
    entry = document.map("tool").entries["x"]  # type: ignore[union-attr]
    table = entry.value
    assert text[slice(*entry.key_span)] == '"x"'
    assert text[slice(*table.span)] == text[: text.rindex("]") + 1]
    assert entry.span == (0, len(text))
    name = document.text("tool", "x", "name")
    assert name is not None
    assert (name.text, name.plain, text[slice(*name.span)], text[slice(*name.inner)]) == (
        "é\n",
        False,
        '"é\\n"',
        "é\\n",
    )
    items = document.list("tool", "x", "list")
    assert items is not None
    assert [text[slice(*item.span)] for item in items.items] == ["1", "2"]
    assert [text[slice(*span)] for span in items.entries] == ["1, ", ", 2"]


def test_a_string_of_several_lines_is_not_plain() -> None:
    document = parse('a = """x"""\nb = """x\ny"""\nc = \'\'\'\nx\'\'\'\n')
    assert [(text.text, text.plain) for _, text in _values(document) if isinstance(text, Text)] == [
        ("x", True),
        ("x\ny", False),
        ("x", True),
    ]


def test_each_part_of_a_dotted_key_has_its_place() -> None:
    text = "x.'y' . z = 1\n"
    found: Map = parse(text)
    spans = []
    for key in ("x", "y", "z"):
        entry: Entry = found.entries[key]
        spans.append(text[slice(*entry.key_span)])
        if isinstance(entry.value, Map):
            found = entry.value
    assert spans == ["x", "'y'", "z"]


def test_what_is_scattered_cannot_be_deleted() -> None:
    document = parse("a.b = 1\nc = 2\na.d = 3\n")
    assert document.entries["a"].span == (0, 0)
    assert document.map("a").entries["d"].span == (14, 22)  # type: ignore[union-attr]


def test_a_comment_above_the_next_table_stays() -> None:
    text = "[a]\nx = 1\n\n# of b\n[b]\n"
    start, end = parse(text).entries["a"].span
    assert text[:start] + text[end:] == "# of b\n[b]\n"


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("a = 1\nb == 2\n", 9),
        ("a = ", 4),
        ("a = [1\n", 7),
        ("a = 1\na = 2\n", 11),
        ("\ufeffa = 1", 0),
        ("a = 1\rb = 2", 5),
        ("a = \x00", 4),
    ],
)
def test_faults(text: str, offset: int) -> None:
    with pytest.raises(TomlError) as caught:
        parse(text)
    assert caught.value.offset == offset
    assert "at line" not in caught.value.reason


def _refused(text: str) -> int | None:
    """Where a text stops being TOML; None when it is TOML."""
    try:
        parse(text)
    except TomlError as error:
        return error.offset
    return None


def test_too_much_is_a_fault() -> None:
    for text in ("a = " + "[" * 100_000, "a = " + "1" * 5_000, "[" + "a." * 20_000 + "a]"):
        offset = _refused(text)
        assert offset is None or 0 <= offset <= len(text)


@given(st.text() | st.text(alphabet="[]{}=.,#'\"\\ \n\rab1:-"))
def test_any_text_is_read_or_refused(text: str) -> None:
    offset = _refused(text)
    if offset is None:
        assert parse(text).data == tomllib.loads(text)
    else:
        assert 0 <= offset <= len(text)
        with pytest.raises((tomllib.TOMLDecodeError, RecursionError, ValueError)):
            tomllib.loads(text)
