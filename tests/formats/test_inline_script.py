"""Script metadata (PEP 723), judged by the specification's own expression, and by what uv 0.13.9 said of the same files.

``uv lock --offline --script`` was asked; what it refuses is marked so below.
"""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlint.fixes import Fix, apply
from reqlint.formats import python_source
from reqlint.model import Manifest
from reqlint.rewrite import remove, reref, specify
from reqlint.source import Source

#: From the specification, "Inline script metadata".
REFERENCE = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")

SCRIPT = """\
#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "requests<3",
#   "rich",  # colours
#
# "core @ git+https://git.example.com/acme/core.git@main",
#   "flask", "click",
# ]
#
# [tool.uv.sources]
# flask = { git = "https://git.example.com/pallets/flask.git", branch = "main" }
#
# [[tool.uv.index]]
# name = "ours"
# url = "https://packages.example.com/simple"
# ///

import rich
"""
NAMES = ["requests", "rich", "core", "flask", "click", "flask"]


def read(text: str) -> Manifest:
    return python_source.read(Source("script.py", text), None)


def block(*lines: str) -> str:
    return "\n".join(["# /// script", *lines, "# ///", ""])


def by_reference(text: str) -> dict[str, object] | None:
    """What the reference implementation reads: None without a block; raises ValueError as that does."""
    found = [match for match in REFERENCE.finditer(text.replace("\r\n", "\n")) if match["type"] == "script"]
    if len(found) > 1:
        message = "Multiple script blocks found"
        raise ValueError(message)
    if not found:
        return None
    content = "".join(
        line[2:] if line.startswith("# ") else line[1:] for line in found[0]["content"].splitlines(keepends=True)
    )
    return tomllib.loads(content)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_all_of_a_block_is_read_with_its_places(newline: str) -> None:
    text = SCRIPT.replace("\n", newline)
    manifest = read(text)
    assert [item.name for item in manifest.dependencies] == NAMES
    assert not manifest.problems
    assert manifest.python == ">=3.11"
    assert manifest.role == "input"
    assert [index.url for index in manifest.indexes] == ["https://packages.example.com/simple"]
    for item in manifest.dependencies:
        assert item.text == text[slice(*item.span)]
        assert item.parts.name_span is not None
        assert text[slice(*item.parts.name_span)] == item.raw_name
    for index in manifest.indexes:
        assert text[slice(*index.span)] == index.url


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_dependency_is_gone_without_its_entry_and_the_block_is_whole(number: int, newline: str) -> None:
    text = SCRIPT.replace("\n", newline)
    manifest = read(text)
    start, end = manifest.dependencies[number].entry
    after = text[:start] + text[end:]
    wanted = by_reference(text)
    left = by_reference(after)
    assert wanted is not None
    assert left is not None
    assert [item.name for item in read(after).dependencies] == NAMES[:number] + NAMES[number + 1 :]
    assert left["requires-python"] == wanted["requires-python"]


def test_every_edit_keeps_what_stands_before_each_line() -> None:
    manifest = read(SCRIPT)
    rich = manifest.dependencies[1]
    (pin,) = specify(rich, "==13.9.4") or []
    assert SCRIPT[pin.start - 4 : pin.start] == "rich"
    for item in manifest.dependencies:
        edits = reref(item, "v1") if item.vcs is not None else specify(item, "==1")
        for change in (edits, remove(item)):
            assert change
            pieces = sorted(change, key=lambda edit: edit.start, reverse=True)
            text = SCRIPT
            for edit in pieces:
                text = text[: edit.start] + edit.content + text[edit.end :]
            assert by_reference(text) is not None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (block('# dependencies = ["a"]'), ["a"]),
        ("print()\n\n" + block('# dependencies = ["a"]') + "print()\n", ["a"]),
        (block("# dependencies = [", "#", '# "a"', "#", "# ]"), ["a"]),
        (block("# dependencies = []", '# x = """', "# ///", '# """'), []),
        (block('# dependencies = ["a"]').rstrip("\n"), ["a"]),
        (block('# dependencies = ["a"]').replace("script", "pyproject"), None),
        (block('# dependencies = ["a"]').replace("script", "script "), None),
        (block('# dependencies = ["a"]').replace("# ", "  # "), None),
        ("# /// scripts\n# x = 1\n# ///\n", None),
    ],
    ids=["plain", "behind code", "empty lines", "closed by the last", "no end", "type", "blank", "indented", "longer"],
)
def test_blocks_are_found_where_the_specification_finds_them(text: str, names: list[str] | None) -> None:
    expected = by_reference(text)
    assert (expected is None) is (names is None)
    manifest = read(text)
    assert manifest.foreign is (names is None)
    assert [item.name for item in manifest.dependencies] == (names or [])
    assert not manifest.problems


LINES = ["# /// script", "# ///", "#", "# x = 1", "# y = 2", "#z", "print()", "# /// other", ""]


@given(st.lists(st.sampled_from(LINES), max_size=9), st.sampled_from(["\n", "\r\n"]))
def test_any_lines_are_read_as_by_the_specification(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    try:
        expected = by_reference(text)
    except tomllib.TOMLDecodeError:
        assert "unreadable-file" in [problem.rule for problem in read(text).problems]
        return
    except ValueError:
        assert any("second" in problem.message for problem in read(text).problems)
        return
    manifest = read(text)
    if expected is not None:
        assert not manifest.foreign
    elif not any("is not closed" in problem.message for problem in manifest.problems):
        assert manifest.foreign or "# /// script\n# ///" in text.replace("\r\n", "\n")  # uv takes an empty one


@pytest.mark.parametrize(
    ("text", "rule", "underlined"),
    [
        (
            block("# dependencies = []") + "x = 1\n" + block("# dependencies = []"),
            "invalid-requirement",
            "# /// script",
        ),
        ("# /// script\n# dependencies = []\nprint(1)\n", "invalid-requirement", "# /// script"),
        (block("#dependencies = []"), "invalid-requirement", "# /// script"),
        (block('# dependencies = "requests"'), "invalid-requirement", '"requests"'),
        (block("# dependencies = ["), "unreadable-file", "#"),
        (block("# dependencies = []", "# ///"), "unreadable-file", "/"),
        (block("# dependencies = []", '# requires-python = "3.11"'), "invalid-requirement", "3.11"),
        (block('# dependencies = ["requests 2.0"]'), "invalid-requirement", "2.0"),
        (
            block("# dependencies = []", "# [tool.uv]", '# dev-dependencies = ["x"]'),
            "invalid-requirement",
            "dev-dependencies",
        ),
        (block("# dependencies = []", "# [tool.uv]", "# package = true"), "invalid-requirement", "package"),
        (block("# dependencies = []", "# [tool.uv]", "# pip = {}"), "invalid-requirement", "pip"),
    ],
    ids=[
        "two",
        "open",
        "no blank",
        "no list",
        "no TOML",
        "closed twice",
        "python",
        "version",
        "group",
        "package",
        "pip",
    ],
)
def test_what_uv_refuses_is_reported(text: str, rule: str, underlined: str) -> None:
    found = read(text).problems
    assert [problem.rule for problem in found] == [rule]
    assert text[slice(*found[0].span)] == underlined


@pytest.mark.parametrize(
    "keys",
    [
        ["constraint-dependencies = []", "override-dependencies = []", "exclude-dependencies = []"],
        ["index-url = 'https://packages.example.com/simple'", "find-links = []", "no-index = true"],
        ["exclude-newer = '2026-01-01T00:00:00Z'", "required-version = '>=0.1'", "system-certs = true"],
    ],
)
def test_what_uv_takes_in_a_script_is_no_fault(keys: list[str]) -> None:
    text = block("# dependencies = []", "# [tool.uv]", *(f"# {key}" for key in keys))
    assert not read(text).problems


@pytest.mark.parametrize(
    ("lines", "underlined"),
    [
        (["# [project]", '# dependencies = ["a"]'], "project"),
        (["# [run]", '# dependencies = ["a"]'], "run"),
        (['# requires_python = ">=3.11"'], "requires_python"),
    ],
)
def test_what_every_tool_drops_is_reported(lines: list[str], underlined: str) -> None:
    text = block(*lines)
    (problem,) = read(text).problems
    assert problem.rule == "ignored-text"
    assert text[slice(*problem.span)] == underlined


@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_a_block_in_a_string_is_none_of_the_files(quotes: str) -> None:
    inner = block('# dependencies = ["a"]') * 2
    text = f"def test():\n    text = {quotes}\n{inner}{quotes}\n"
    assert read(text).foreign
    assert [item.name for item in read(block('# dependencies = ["b"]') + text).dependencies] == ["b"]
    assert [item.name for item in read(text + block('# dependencies = ["b"]')).dependencies] == ["b"]


def test_the_help_names_the_line_that_ends_a_block_too_early() -> None:
    (problem,) = read(block('# requires-python = ">=3.11"', '#dependencies = ["a"]')).problems
    assert "line 3" in problem.help


def test_a_fix_of_one_line_changes_no_other_byte() -> None:
    text = SCRIPT.replace("\n", "\r\n")
    manifest = read(text)
    edits = specify(manifest.dependencies[0], "==2.32.3")
    assert edits is not None
    assert apply(text, [Fix("", edits)]) == text.replace("requests<3", "requests==2.32.3")


def test_script_and_flow_in_one_file_are_both_read() -> None:
    text = block('# dependencies = ["metaflow"]') + (
        "from metaflow import FlowSpec, pypi, step\nclass F(FlowSpec):\n"
        '    @pypi(packages={"numpy": "1.26.4"})\n    @step\n    def start(self): pass\n'
    )
    manifest = read(text)
    assert [(item.name, item.group.role) for item in manifest.dependencies] == [
        ("metaflow", "input"),
        ("numpy", "application"),
    ]
