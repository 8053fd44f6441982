"""The places of YAML values: what stands at a span is the value, and what stands at an entry's span can be deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from reqlint.formats import _yaml
from reqlint.formats._tree import List, Map, Text, Value
from reqlint.formats._yaml import Mapping, Scalar, Sequence, YamlError, parse

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


def _entries(value: Value) -> Iterator[tuple[Path, tuple[int, int]]]:
    """The path of each entry of a mapping and each element of a sequence, with the span to delete."""
    for where, found in _values(value):
        if isinstance(found, Map):
            yield from (((*where, entry.key), entry.span) for entry in found.entries.values())
        elif isinstance(found, List):
            yield from (((*where, number), span) for number, span in enumerate(found.entries))


def _without(data: Any, path: Path) -> Any:
    """The data without what stands at a path."""
    head, *rest = path
    if isinstance(data, dict):
        return {
            key: _without(value, tuple(rest)) if key == head else value
            for key, value in data.items()
            if key != head or rest
        }
    return [
        _without(value, tuple(rest)) if number == head else value
        for number, value in enumerate(data)
        if number != head or rest
    ]


def _pruned(data: Any) -> Any:
    """The data without what is empty: with the last of its entries, a block is nothing at all."""
    if isinstance(data, dict):
        pairs = {key: _pruned(value) for key, value in data.items()}
        return {key: value for key, value in pairs.items() if value is not None} or None
    if isinstance(data, list):
        return [value for value in map(_pruned, data) if value is not None] or None
    return data


def _check(text: str) -> None:
    """Every law, on every value of a document."""
    (document,) = parse(text)
    data = yaml.safe_load(text)
    assert document.data == data
    for path, value in _values(document):
        start, end = value.span
        assert 0 <= start <= end <= len(text)
        if isinstance(value, Text):
            assert start <= value.inner[0] <= value.inner[1] <= end
            if value.plain:
                assert text[slice(*value.inner)] == value.text
        if not isinstance(value, List | Map) and "\n" not in text[start:end].strip() and end - start < 100:
            assert yaml.safe_load(text[start:end]) == value.data, path
    for path, (start, end) in _entries(document):
        rest = text[:start] + text[end:]
        assert _pruned(yaml.safe_load(rest)) == _pruned(_without(data, path)), (path, rest)


DOCUMENTS = [
    "a: 1\n",
    "a: 1",
    "a: 1\nb: 2\n",
    "- a\n- b\n",
    "- a\n- b",
    "a:\n- b\n- c\nd: e\n",  # a sequence at the column of its key
    "a:\n  - b\n  - c\nd: e\n",
    "a:\n  - b  # why\n\n  # above c\n  - c\n# below\nd: e  # last\n",
    "a: # why\n  - b\n",
    "- # why\n  b\n- c\n",
    "-\n  b\n-\n  - c\n  - d\n",
    "- - a\n  - b\n- - c\n",
    "- - - a\n    - b\n",
    "- a: 1\n  b: 2\n- c: 3\n",
    "- a: 1  # why\n  b: 2\n",
    "- a:\n    - 1\n    - 2\n  b: 3\n- c\n",
    "a:\nb:\n",
    "-\n-\n- a\n",
    "a: |\n  one\n  two\n\nb: 2\n",
    "- |\n  one\n  two\n- >-\n  three\n  four\n# end\n- five\n",
    "- |+\n  one\n\n- b\n",
    "a: one\n  two\n  three\nb: c\n",
    "- 'one'\n- \"two\"\n- 'it''s'\n- \"\\u00e9\\n\"\n- ''\n",
    "'a b': 1\n\"c\\td\": 2\n",
    "[a, b, c]\n",
    "[a, b, c,]\n",
    "[ a , b ]\n",
    "[]\n",
    "{}\n",
    "a: [b, {c: d, e: f}, [g]]\nh: {i: j}\n",
    "{a: 1, b: [2, 3]}\n",
    "a: [\n  b,\n  c,  # why\n  d\n]\ne: f\n",
    "a: [  # why\n  b, c,\n\n  d,\n]\n",
    "[a, # why\n b]\n",
    "[a: 1, b]\n",
    "{a, b: }\n",
    "? a\n: b\n? c\n: - d\n  - e\n",
    "%YAML 1.1\n---\na: 1\n...\n",
    "--- # why\n- a\n",
    "---\n\n- a\n- b\n\n\n",
    "- 3.10\n- 1e3\n- 0o10\n- 2024-01-02\n- true\n- ~\n- null\n- 1:20\n- .inf\n- 0x1f\n- +12\n",
    "a: !!str 3.10\nb: !!int '3'\n",
    "- &x a\n- b\n",
    "- naïve\n- 'Zoë'\n- \U0001f40d snake\n- c\n",
    "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.12\n  - pip:\n      - a==1\n      - b==2  # [linux]\n",
]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("text", DOCUMENTS)
def test_places_and_deletions(text: str, newline: str) -> None:
    _check(text.replace("\n", newline))


@pytest.mark.parametrize("text", DOCUMENTS)
def test_both_parsers_of_pyyaml_give_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = [(path, type(value), value.span) for path, value in _values(parse(text)[0])]
    monkeypatch.setattr(_yaml, "_LOADER", yaml.SafeLoader)
    assert [(path, type(value), value.span) for path, value in _values(parse(text)[0])] == fast
    _check(text)


WORDS = st.text(st.sampled_from("ab1-:#,'\"{}[]&*!|> \n.é\U0001f40d"), max_size=12)
LEAVES = st.one_of(WORDS, st.none(), st.booleans(), st.integers(-99, 9999), st.sampled_from([3.1, 1e20]))
DATA = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS.filter(bool), inner, max_size=4),
    max_leaves=12,
).filter(lambda data: isinstance(data, list | dict))


@given(
    DATA,
    st.sampled_from([True, False, None]),
    st.sampled_from([2, 4, 7]),
    st.sampled_from([20, 80]),
    st.sampled_from(["\n", "\r\n"]),
)
@example([{"a": [["b"], {"c": None}]}, []], False, 2, 80, "\n")
def test_what_pyyaml_writes(data: Any, flow: bool | None, indent: int, width: int, newline: str) -> None:
    text = yaml.safe_dump(
        data, default_flow_style=flow, indent=indent, width=width, allow_unicode=True, sort_keys=False
    )
    _check(text.replace("\n", newline))


@given(st.text(st.sampled_from("ab-: \n#[]{},&*!'\"|>?%\t1")) | st.text())
@example("[" * 5000)
@example("- " * 5000)
@example("a: \ud800")
@example("\x00")
@example("a\x07")
@example("\ufeff\ufeff")
@example("- &a [*a, *a]\n- *a\n")
@example("!!bool x")
@example("!!timestamp x")
@example("- =\n- <<\n")
def test_any_text(text: str) -> None:
    fault = None
    documents = []
    try:
        documents = parse(text)
    except YamlError as error:
        fault = error
    assert fault is None or (fault.reason and 0 <= fault.offset <= len(text))
    for document in documents:
        if "*" in text:
            continue  # a value that holds itself has no end of values
        for _, value in _values(document):
            assert 0 <= value.span[0] <= value.span[1] <= len(text)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("a: b: c\n", 4),
        ("a: [b\n", 6),
        ("a:\n\tb: c\n", 3),
        ("a: *b\n", 3),
        ("- a\nb: c\n", 4),
        ("a: 'b\n", 6),
        ("a: @b\n", 3),
    ],
)
def test_where_a_fault_is(text: str, offset: int) -> None:
    with pytest.raises(YamlError) as caught:
        parse(text)
    assert caught.value.offset == offset


def test_documents() -> None:
    assert [document.data for document in parse("a: 1\n---\n- b\n---\n")] == [{"a": 1}, ["b"], None]
    assert parse("") == parse("# a comment\n") == []


def test_an_alias_stands_where_it_is_written() -> None:
    text = "a: &x one\nb:\n  - *x\n  - two\nc: &y [1, 2]\nd: *y\n"
    (document,) = parse(text)
    assert isinstance(document, Map)
    assert document.data == yaml.safe_load(text)
    sequence = document.list("b")
    assert sequence is not None
    alias = sequence.items[0]
    assert isinstance(alias, Text)
    assert (text[slice(*alias.span)], alias.text, alias.plain) == ("*x", "one", False)
    assert text[slice(*sequence.entries[0])] == "  - *x\n"
    assert text[slice(*document.entries["d"].span)] == "d: *y\n"
    anchor = document.get("a")
    assert isinstance(anchor, Text)
    assert (text[slice(*anchor.inner)], anchor.plain) == ("one", False)


def test_a_value_that_holds_itself() -> None:
    (document,) = parse("&a [b, *a]\n")
    assert isinstance(document, List)
    assert document.items[1].data is None


@pytest.mark.parametrize(
    ("text", "kind", "plain", "inner"),
    [
        ("!include a.yml", Text, False, "a.yml"),
        ("!x 'a'", Text, False, "a"),
        ("'a'", Text, True, "a"),
        ("'a''b'", Text, False, "a''b"),
        ("!!str 1", Text, False, "1"),
        ("1", Scalar, None, None),
        ("!x {a: 1}", Mapping, None, None),
        ("!x [a]", Sequence, None, None),
    ],
)
def test_tags_that_are_not_known_are_no_fault(text: str, kind: type, plain: bool | None, inner: str | None) -> None:
    (value,) = parse(text)
    assert type(value) is kind
    if isinstance(value, Text):
        assert value.plain is plain
        assert text[slice(*value.inner)] == inner


def test_the_last_of_two_keys_counts() -> None:
    text = "a: 1\nb: 2\na: 3\n"
    (document,) = parse(text)
    assert isinstance(document, Mapping)
    assert document.data == {"b": 2, "a": 3}
    assert [text[slice(*entry.span)] for entry in document.repeated] == ["a: 1\n"]
