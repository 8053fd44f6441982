"""The grammar of ignore comments, which lines they count for, and the places of their parts."""

from __future__ import annotations

import pytest

from reqlint.diagnostic import Diagnostic
from reqlint.ignores import Ignore, Ignores
from reqlint.source import Source


def found(text: str) -> list[Ignore]:
    return Ignores(Source("requirements.txt", text)).items


def only(text: str) -> Ignore:
    [item] = found(text)
    return item


def silenced(text: str, marked: str, code: str = "RQ101", name: str = "unpinned", scope: str | None = None) -> bool:
    """Whether a finding that underlines the text ``marked`` (in the entry ``scope``, if that is more) is silenced."""
    source = Source("requirements.txt", text)
    start = text.index(marked)
    scope_start = text.index(scope) if scope is not None else start
    item = Diagnostic(source, (start, start + len(marked)), "", scope=(scope_start, scope_start + len(scope or marked)))
    item.code, item.name = code, name
    return Ignores(source).silence(item)


# What is an ignore comment


@pytest.mark.parametrize(
    ("comment", "selectors"),
    [
        ("# reqlint: ignore[RQ101]", ["RQ101"]),
        ("#reqlint: ignore[RQ101]", ["RQ101"]),
        ("#\treqlint:ignore[RQ101]", ["RQ101"]),
        ("#   reqlint:   ignore   [RQ101]", ["RQ101"]),
        ("# reqlint: ignore[RQ101] we follow the newest release", ["RQ101"]),
        ("# reqlint: ignore[RQ101]: we follow the newest release", ["RQ101"]),
        ("# reqlint: ignore[RQ101,RQ102]", ["RQ101", "RQ102"]),
        ("# reqlint: ignore[ RQ101 ,\tRQ102 ]", ["RQ101", "RQ102"]),
        ("# reqlint: ignore[RQ101,,RQ102,]", ["RQ101", "RQ102"]),
        ("# reqlint: ignore[unpinned, RQ2]", ["unpinned", "RQ2"]),
        ("# reqlint: ignore[rq101]", ["rq101"]),
        ("# reqlint: ignore[ALL]", ["ALL"]),
        ("# why it is so # reqlint: ignore[RQ101]", ["RQ101"]),
        ("# reqlint: ignore-file[RQ1]", ["RQ1"]),
        ("# reqlint: ignore", None),
        ("# reqlint: ignore RQ101", None),
        ("# reqlint: ignore[]", None),
        ("# reqlint: ignore[ , ]", None),
        ("# reqlint: ignore-file", None),
    ],
)
@pytest.mark.parametrize("lead", ["", "flask  ", "flask\t"])
def test_forms(lead: str, comment: str, selectors: list[str] | None) -> None:
    item = only(f"{lead}{comment}\n")
    names = None if item.selectors is None else [selector for selector, _ in item.selectors]
    assert names == selectors
    assert item.file == ("ignore-file" in comment)
    assert item.alone == (not lead and comment.index("reqlint") < 10)


@pytest.mark.parametrize(
    "text",
    [
        "flask# reqlint: ignore[RQ101]",  # pip takes this for a part of the name
        "flask==1.0  # ignore[RQ101]",
        "# reqlint ignore[RQ101]",
        "# reqlint: ignored[RQ101]",
        "# reqlint: noqa[RQ101]",
        "# reqlint:",
        "# Reqlint: ignore[RQ101]",
        "reqlint: ignore[RQ101]",
        "# xreqlint: ignore[RQ101]",
    ],
)
def test_what_is_none(text: str) -> None:
    assert found(text) == []


def test_brackets_do_not_reach_over_the_end_of_a_line() -> None:
    item = only("# reqlint: ignore[RQ101,\n# RQ102]\n")
    assert item.selectors is None
    assert item.span == (0, 24)


def test_two_in_one_line() -> None:
    first, second = found("flask # reqlint: ignore[RQ101] # reqlint: ignore[RQ102]\n")
    assert [first.selectors, second.selectors] == [[("RQ101", (24, 29))], [("RQ102", (49, 54))]]


# Places


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "celery"])
def test_spans(newline: str, last: str) -> None:
    text = newline.join(["# the web", "flask  # reqlint: ignore[ RQ101 , unpinned]  why ", last])
    item = only(text)
    comment = "# reqlint: ignore[ RQ101 , unpinned]  why "
    assert text[slice(*item.span)] == comment
    assert item.row == 2
    assert item.selectors is not None
    assert [(name, text[slice(*span)]) for name, span in item.selectors] == [
        ("RQ101", "RQ101"),
        ("unpinned", "unpinned"),
    ]


def test_spans_behind_characters_outside_the_basic_plane() -> None:
    text = "# 🐍🐍\nflask # reqlint: ignore[RQ101]\n"
    item = only(text)
    assert item.selectors is not None
    assert text[slice(*item.selectors[0][1])] == "RQ101"


# What it counts for


@pytest.mark.parametrize(
    ("selector", "hit"),
    [
        ("RQ101", True),
        ("rq101", True),
        ("RQ10", True),
        ("RQ1", True),
        ("rq", True),
        ("unpinned", True),
        ("UNPINNED", True),
        ("ALL", True),
        ("all", True),
        ("RQ102", False),
        ("RQ2", False),
        ("RQ1011", False),
        ("Q101", False),
        ("unpin", False),
        ("loosely-pinned", False),
        ("", False),
    ],
)
def test_selectors(selector: str, hit: bool) -> None:
    assert silenced(f"flask  # reqlint: ignore[{selector}]\n", "flask") is hit


def test_only_the_selectors_that_did_something_are_used() -> None:
    source = Source("requirements.txt", "flask  # reqlint: ignore[RQ2, RQ1, unpinned, loosely-pinned]\n")
    ignores = Ignores(source)
    item = Diagnostic(source, (0, 5), "")
    item.code, item.name = "RQ101", "unpinned"
    assert ignores.silence(item)
    assert ignores.items[0].used == {1, 2}


def test_without_brackets_it_silences_nothing() -> None:
    assert not silenced("flask  # reqlint: ignore\n", "flask")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
class TestWhichLines:
    def test_its_own_line(self, newline: str) -> None:
        text = newline.join(["flask  # reqlint: ignore[RQ101]", "celery", ""])
        assert silenced(text, "flask")
        assert not silenced(text, "celery")

    def test_any_line_of_the_entry(self, newline: str) -> None:
        entry = newline.join(["flask \\", "  --hash=sha256:a \\", "  --hash=sha256:b  # reqlint: ignore[RQ101]"])
        text = newline.join(["celery", entry, "idna"])
        assert silenced(text, "flask", scope=entry)
        assert not silenced(text, "celery")
        assert not silenced(text, "idna")

    def test_an_entry_that_ends_with_its_line_does_not_reach_the_next(self, newline: str) -> None:
        text = newline.join(["flask", "celery  # reqlint: ignore[RQ101]"])
        assert not silenced(text, "flask", scope=f"flask{newline}")

    def test_alone_on_the_line_above(self, newline: str) -> None:
        text = newline.join(["celery", "  # reqlint: ignore[RQ101] why", "flask", "idna"])
        assert silenced(text, "flask")
        assert not silenced(text, "celery")
        assert not silenced(text, "idna")

    def test_several_alone_above_each_other(self, newline: str) -> None:
        text = newline.join(["# reqlint: ignore[RQ101]", "# reqlint: ignore[RQ102]", "flask"])
        assert silenced(text, "flask")
        assert silenced(text, "flask", "RQ102", "loosely-pinned")

    def test_behind_another_entry_it_does_not_count_for_the_line_below(self, newline: str) -> None:
        text = newline.join(["celery  # reqlint: ignore[RQ101]", "flask"])
        assert not silenced(text, "flask")

    @pytest.mark.parametrize("between", ["", "# another comment"])
    def test_it_must_be_the_very_line_above(self, newline: str, between: str) -> None:
        text = newline.join(["# reqlint: ignore[RQ101]", between, "flask"])
        assert not silenced(text, "flask")

    def test_for_the_file_at_its_top(self, newline: str) -> None:
        text = newline.join(["# The web", "", "  # reqlint: ignore-file[RQ1] why", "flask", "celery"])
        assert silenced(text, "flask")
        assert silenced(text, "celery")
        assert not silenced(text, "celery", "RQ201", "missing-vcs-ref")

    def test_for_the_file_behind_the_first_entry_it_is_misplaced(self, newline: str) -> None:
        text = newline.join(["flask", "# reqlint: ignore-file[RQ1]", "celery"])
        assert only(text).misplaced
        assert not silenced(text, "flask")
        assert not silenced(text, "celery")

    def test_for_the_file_in_the_first_entry_it_is_misplaced(self, newline: str) -> None:
        text = newline.join(["flask  # reqlint: ignore-file[RQ1]", "celery"])
        assert only(text).misplaced
        assert not silenced(text, "flask")


def test_the_comment_above_a_byte_order_mark_file() -> None:
    source = Source.decode("requirements.txt", b"\xef\xbb\xbf# reqlint: ignore-file[RQ1]\nflask\n")
    [item] = Ignores(source).items
    assert not item.misplaced
    assert item.span == (0, 27)


def test_many_comments_take_no_time() -> None:
    count = 20_000
    source = Source("requirements.txt", "flask  # reqlint: ignore[RQ101]\n" * count)
    ignores = Ignores(source)
    width = len("flask  # reqlint: ignore[RQ101]\n")
    for number in range(count):
        item = Diagnostic(source, (number * width, number * width + 5), "")
        item.code, item.name = "RQ101", "unpinned"
        assert ignores.silence(item)
