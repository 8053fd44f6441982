"""The laws of fixes: all or nothing, no two edits on one character, and diffs that git takes."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reqlint.fixes import Edit, Fix, apply, choose, unified_diff

TEXT = "abcdefghij"


@st.composite
def edits(draw: st.DrawFn, size: int = len(TEXT)) -> Edit:
    start = draw(st.integers(0, size))
    end = draw(st.integers(start, min(size, start + 3)))
    return Edit(start, end, draw(st.sampled_from(["", "X", "YZ", "\r\n"])))


@st.composite
def fixes(draw: st.DrawFn) -> Fix:
    """A fix with edits that do not overlap."""
    kept: list[Edit] = []
    for edit in draw(st.lists(edits(), min_size=1, max_size=3)):
        try:
            Fix("", [*kept, edit])
        except ValueError:
            continue
        kept.append(edit)
    return Fix("", kept)


def spans(chosen: list[Fix]) -> list[tuple[int, int]]:
    return sorted({(edit.start, edit.end) for fix in chosen for edit in fix.edits})


@given(st.lists(fixes(), max_size=8))
def test_chosen_fixes_never_touch_one_character(offered: list[Fix]) -> None:
    chosen = choose(offered)
    places = spans(chosen)
    assert len(places) == len({edit for fix in chosen for edit in fix.edits})
    for (start, end), (following, last) in pairwise(places):
        assert end <= following <= last
        assert start != following


@given(st.lists(fixes(), max_size=8))
def test_no_fix_is_left_without_a_reason(offered: list[Fix]) -> None:
    chosen = choose(offered)
    assert chosen[:1] == offered[:1]
    for number, fix in enumerate(offered):
        if fix in chosen:
            continue
        earlier = [edit for other in offered[:number] if other in chosen for edit in other.edits]
        assert any(
            edit != other and (edit.start <= other.end and other.start <= edit.end)
            for edit in fix.edits
            for other in earlier
        ), "nothing chosen before it touches it"


@given(st.lists(fixes(), max_size=8), st.randoms(use_true_random=False))
def test_the_order_in_which_chosen_fixes_are_applied_does_not_matter(offered: list[Fix], random: object) -> None:
    chosen = choose(offered)
    shuffled = list(chosen)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert apply(TEXT, chosen) == apply(TEXT, shuffled)
    assert choose(shuffled) == shuffled


@given(st.lists(fixes(), max_size=8))
def test_what_lies_outside_of_the_edits_is_untouched(offered: list[Fix]) -> None:
    chosen = choose(offered)
    after = apply(TEXT, chosen)
    position = done = 0
    for edit in sorted({edit for fix in chosen for edit in fix.edits}, key=lambda edit: (edit.start, edit.end)):
        kept = TEXT[done : edit.start]
        assert after[position : position + len(kept)] == kept
        position += len(kept)
        assert after[position : position + len(edit.content)] == edit.content
        position += len(edit.content)
        done = edit.end
    assert after[position:] == TEXT[done:]


@given(st.lists(fixes(), max_size=8))
def test_each_chosen_fix_is_applied_wholly(offered: list[Fix]) -> None:
    marked = [
        Fix("", [Edit(edit.start, edit.end, f"<{edit.start}-{edit.end}>") for edit in fix.edits]) for fix in offered
    ]
    after = apply(TEXT, choose(marked))
    for fix in choose(marked):
        for edit in fix.edits:
            assert edit.content in after


def test_a_fix_must_not_overlap_itself() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Fix("", [Edit(0, 3), Edit(2, 5)])
    with pytest.raises(ValueError, match="overlap"):
        Fix("", [Edit(2, 2, "a"), Edit(2, 2, "b")])
    with pytest.raises(ValueError, match="overlap"):
        Fix("", [Edit(2, 2, "a"), Edit(2, 4)])
    assert len(Fix("", [Edit(2, 4, "a"), Edit(2, 4, "a")]).edits) == 1
    assert [edit.start for edit in Fix("", [Edit(5, 6), Edit(0, 1)]).edits] == [0, 5]


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (Edit(0, 2), Edit(2, 4), True),
        (Edit(0, 2), Edit(1, 3), False),
        (Edit(0, 4), Edit(1, 2), False),
        (Edit(1, 2), Edit(0, 4), False),
        (Edit(2, 2, "a"), Edit(2, 2, "b"), False),
        (Edit(2, 2, "a"), Edit(2, 2, "a"), True),
        (Edit(0, 4), Edit(2, 2, "a"), False),
        (Edit(0, 4), Edit(4, 4, "a"), False),
        (Edit(0, 4), Edit(0, 0, "a"), False),
        (Edit(0, 4, "a"), Edit(0, 4, "b"), False),
        (Edit(0, 4, "a"), Edit(0, 4, "a"), True),
    ],
)
def test_which_edits_go_together(first: Edit, second: Edit, together: bool) -> None:
    assert len(choose([Fix("", [first]), Fix("", [second])])) == 1 + together
    assert len(choose([Fix("", [second]), Fix("", [first])])) == 1 + together


def test_one_encoding_a_round() -> None:
    first, second = Fix("", [], encoding="utf-8"), Fix("", [], encoding="latin-1")
    assert choose([first, second]) == [first]
    assert choose([Fix("", [Edit(0, 1)]), first])[1] is first


def test_a_hundred_thousand_fixes_are_chosen_quickly() -> None:
    offered = [Fix("", [Edit(number, number + 1, "x")]) for number in range(100_000)]
    assert choose(offered) == offered
    assert choose(offered[::-1]) == offered[::-1]


def test_neither_an_edit_nor_a_fix_shows_its_content() -> None:
    fix = Fix("Write a placeholder", [Edit(0, 1, "hunter2")])
    assert "hunter2" not in f"{fix!r} {fix.edits!r}"


# Diffs

LINES = st.lists(
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(["a", "b", "é", "-- x", "++ y", "@@", ""]), st.sampled_from(["\n", "\n", "\r\n", "\r"])
        ),
    ),
    max_size=12,
).map("".join)
GIT = shutil.which("git")


def git_apply(folder: Path, path: str, before: str, patch: str) -> str:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(before.encode())
    assert GIT is not None
    subprocess.run(
        [GIT, "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"],
        input=patch.encode(),
        cwd=folder,
        check=True,
        capture_output=True,
        env={"GIT_CEILING_DIRECTORIES": str(folder.parent), "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )
    return (folder / path).read_bytes().decode()


@pytest.mark.skipif(GIT is None, reason="needs git")
class TestGit:
    @given(before=LINES, after=LINES, ends=st.tuples(st.booleans(), st.booleans()))
    def test_any_texts(
        self, tmp_path_factory: pytest.TempPathFactory, before: str, after: str, ends: tuple[bool, bool]
    ) -> None:
        before, after = before + "z" * ends[0], after + "z" * ends[1]
        assume(before != after)
        assume(before)  # a new file would need a header of its own
        assume(after)
        patch = "".join(unified_diff("requirements.txt", before, after))
        assert git_apply(tmp_path_factory.mktemp("git"), "requirements.txt", before, patch) == after

    @pytest.mark.parametrize("path", ["a b.txt", "é/requirements.txt", "     deploy/requirements.txt", "x/y/z.txt"])
    def test_paths(self, tmp_path: Path, path: str) -> None:
        patch = "".join(unified_diff(path, "a\nb\n", "a\nc\n"))
        assert git_apply(tmp_path, path, "a\nb\n", patch) == "a\nc\n"

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("a==1\r\nb==2\r\n", "a==1\r\nb==3\r\n"),
            ("a==1\nb==2", "a==1\nb==3"),
            ("a==1\nb==2", "a==1\nb==2\n"),
            ("a==1\nb==2\n", "a==1\nb==2"),
            ("a==1\rb==2\r", "a==1\rb==3\r"),
            ("a", "b"),
        ],
    )
    def test_line_ends(self, tmp_path: Path, before: str, after: str) -> None:
        patch = "".join(unified_diff("requirements.txt", before, after))
        assert git_apply(tmp_path, "requirements.txt", before, patch) == after


def test_equal_texts_have_no_diff() -> None:
    assert unified_diff("requirements.txt", "a\r\nb", "a\r\nb") == []


def test_every_line_of_a_diff_ends_in_a_line_feed() -> None:
    diff = unified_diff("requirements.txt", "a\rb\n\x0cc", "a\rb\n\x0cd")
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in diff)
    assert diff[-3:] == ["\\ No newline at end of file\n", "+\x0cd\n", "\\ No newline at end of file\n"]
