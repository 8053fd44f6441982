"""pyproject.toml: the tables of the standards; and the laws that every reader of TOML manifests obeys."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlint import rewrite
from reqlint.fixes import Edit, Fix, apply
from reqlint.formats import format_of
from reqlint.formats.pyproject_toml import read
from reqlint.model import Dependency, Manifest
from reqlint.source import Source

if TYPE_CHECKING:
    from reqlint.model import Role

COMMIT = "0123456789abcdef0123456789abcdef01234567"
Read = Callable[[Source, "Role | None"], Manifest]


def manifest_of(text: str, reader: Read = read, role: Role | None = None) -> Manifest:
    return reader(Source("project/pyproject.toml", text), role)


def signature(dependency: Dependency) -> tuple[Any, ...]:
    """What a dependency asks for, without its place."""
    vcs = dependency.vcs
    return (
        dependency.group.kind,
        dependency.group.name,
        dependency.group.role,
        dependency.name,
        dependency.extras,
        dependency.specifier,
        dependency.marker,
        dependency.url if vcs is None else (vcs.repository, vcs.ref, vcs.subdirectory),
        dependency.editable,
        dependency.hashes,
    )


def edited(text: str, edits: Sequence[Edit]) -> str:
    return apply(text, [Fix("", edits)])


def check_laws(text: str, reader: Read = read) -> None:
    """The span law and the law of fixes, for all line ends, with and without a byte order mark."""
    for variant in (text, text.replace("\n", "\r\n")):
        manifest = reader(Source.decode("project/pyproject.toml", variant.encode()), None)
        check_manifest(manifest, reader)
        marked = reader(Source.decode("project/pyproject.toml", b"\xef\xbb\xbf" + variant.encode()), None)
        assert [item.entry for item in marked.dependencies] == [item.entry for item in manifest.dependencies]
        assert list(map(signature, marked.dependencies)) == list(map(signature, manifest.dependencies))


def check_manifest(manifest: Manifest, reader: Read) -> None:
    text = manifest.source.text
    found = (manifest.problems, manifest.indexes, manifest.settings, manifest.includes)
    for start, end in (item.span for items in found for item in items):
        assert 0 <= start <= end <= len(text)
    for number, dependency in enumerate(manifest.dependencies):
        start, end = dependency.span
        if dependency.rewritable:
            assert text[start:end] == dependency.text
            _check_parts(dependency)
        _check_removal(manifest, number, reader)
        _check_rewriting(manifest, number, reader)


def _check_parts(dependency: Dependency) -> None:
    """The spans of the parts hold what the parts say."""
    text, parts = dependency.source.text, dependency.parts
    for clause in dependency.constraints:
        assert text[slice(*clause.version_span)] == clause.version
        assert clause.span[0] <= clause.version_span[0] <= clause.version_span[1] <= clause.span[1]
    for span, value in ((parts.url_span, parts.url), (parts.marker_span, parts.marker)):
        assert span is None or text[slice(*span)] == value
    if parts.name_span is not None and parts.name is not None:
        assert parts.name in text[slice(*parts.name_span)]
    vcs = dependency.vcs
    if vcs is not None:
        assert text[slice(*vcs.repository_span)] == vcs.repository
        assert vcs.ref_span is None or text[slice(*vcs.ref_span)] == vcs.ref


def _check_removal(manifest: Manifest, number: int, reader: Read) -> None:
    """Without its entry, exactly this dependency is gone."""
    dependency = manifest.dependencies[number]
    if dependency.entry[0] == dependency.entry[1]:
        assert not dependency.rewritable
        return
    rest = edited(manifest.source.text, rewrite.remove(dependency))
    tomllib.loads(rest)
    others = [item for item in manifest.dependencies if item is not dependency]
    assert list(map(signature, reader(Source("project/pyproject.toml", rest), None).dependencies)) == list(
        map(signature, others)
    )


def _check_rewriting(manifest: Manifest, number: int, reader: Read) -> None:
    """What an operation writes is read as it was meant, and nothing else changes."""
    dependency = manifest.dependencies[number]
    before = list(map(signature, manifest.dependencies))
    operations: list[tuple[str, list[Edit] | None]] = [
        ("pin", rewrite.pin(dependency, "9.8.7")),
        ("bound", rewrite.bound(dependency, "0.0.1")),
        ("uncap", rewrite.uncap(dependency)),
        ("reref", rewrite.reref(dependency, COMMIT)),
    ]
    for name, edits in operations:
        if edits is None:
            continue
        text = edited(manifest.source.text, edits)
        tomllib.loads(text)
        found = reader(Source("project/pyproject.toml", text), None)
        assert len(found.problems) <= len(manifest.problems), (name, text, found.problems[-1].message)
        after = list(map(signature, found.dependencies))
        assert after[:number] == before[:number], (name, text)
        assert after[number + 1 :] == before[number + 1 :], (name, text)
        result = found.dependencies[number]
        assert result.rewritable
        if name == "pin":
            assert [(clause.operator, clause.version) for clause in result.constraints] == [("==", "9.8.7")], text
        if name == "reref":
            assert result.vcs is not None
            assert (result.vcs.ref, result.vcs.ref_kind) == (COMMIT, "commit"), text


def _read(text: str) -> list[tuple[str, str | None, str]]:
    """Kind and name of the group, and text, of each dependency."""
    return [(item.group.kind, item.group.name, item.text) for item in manifest_of(text).dependencies]


def problems(text: str, reader: Read = read) -> list[tuple[str, str]]:
    """Rule and underlined text of each problem."""
    return [(item.rule, text[slice(*item.span)]) for item in manifest_of(text, reader).problems]


STANDARD = """\
[build-system] # c
requires = ["setuptools>=61", "wheel",]
build-backend = "setuptools.build_meta"

[project]
name = "My.Project"
dependencies = [
  "requests[security] >=2.8.1, ==2.8.* ; python_version < '2.7'", # why
  # "commented"
  'flask',
  "core @ git+https://git.example.com/o/core.git@v1 ; os_name == 'posix'" , "rich(>=13)",
  "\\u0061ttrs>=1",
  \"\"\"click\"\"\",
]

[project.optional-dependencies]
all = ["my_project[a,b]"]
"a" = [ "numpy", "my-project", ]
b = []

[dependency-groups]
Test-Core = ["pytest>7", {include-group = "lint.er"}, "coverage"]
lint_er = ["ruff"]
"""


def test_the_tables_of_the_standards() -> None:
    assert _read(STANDARD) == [
        ("build", None, "setuptools>=61"),
        ("build", None, "wheel"),
        ("runtime", None, "requests[security] >=2.8.1, ==2.8.* ; python_version < '2.7'"),
        ("runtime", None, "flask"),
        ("runtime", None, "core @ git+https://git.example.com/o/core.git@v1 ; os_name == 'posix'"),
        ("runtime", None, "rich(>=13)"),
        ("runtime", None, "attrs>=1"),
        ("runtime", None, "click"),
        ("extra", "all", "my_project[a,b]"),
        ("extra", "a", "numpy"),
        ("extra", "a", "my-project"),
        ("group", "Test-Core", "pytest>7"),
        ("group", "Test-Core", "coverage"),
        ("group", "lint_er", "ruff"),
    ]
    assert problems(STANDARD) == []


def test_laws() -> None:
    check_laws(STANDARD)


def test_roles() -> None:
    roles = {(item.group.kind, item.group.name): item.group.role for item in manifest_of(STANDARD).dependencies}
    assert roles == {
        ("build", None): "build",
        ("runtime", None): "library",
        ("extra", "all"): "development",
        ("extra", "a"): "library",
        ("group", "Test-Core"): "development",
        ("group", "lint_er"): "development",
    }


@pytest.mark.parametrize(
    ("text", "role", "expected"),
    [
        ("", None, "library"),
        ("", "application", "application"),
        ("[tool.uv]\npackage = false\n", None, "application"),
        ("[tool.uv]\npackage = true\n", None, "library"),
        ("[tool.poetry]\npackage-mode = false\n", None, "application"),
        ("[tool.poetry]\npackage-mode = false\n", "library", "library"),
    ],
)
def test_what_a_project_is(text: str, role: Any, expected: Any) -> None:
    manifest = manifest_of(f'{text}\n[project]\ndependencies = ["a"]\n', role=role)
    assert manifest.role == expected
    assert [item.group.role for item in manifest.dependencies] == [expected]


def test_the_own_name_is_no_requirement_on_others() -> None:
    manifest = manifest_of(STANDARD)
    assert [item.text for item in manifest.dependencies if item.redirected] == ["my_project[a,b]", "my-project"]


def test_escaped_and_broken_texts_are_not_rewritten() -> None:
    manifest = manifest_of('[project]\ndependencies = ["\\u0061", """\nb""", """\nc\n""", "d", \'\'\'e\'\'\']\n')
    assert [(item.name, item.rewritable) for item in manifest.dependencies] == [
        ("a", False),
        ("b", True),
        ("c", False),
        ("d", True),
        ("e", True),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[build-system]\nbuild-backend = 'x'\n", [("invalid-requirement", "build-backend")]),
        ("[build-system]\n", [("invalid-requirement", "[build-system]")]),
        ("build-system = 1\nproject = 'x'\n", [("invalid-requirement", "1"), ("invalid-requirement", "'x'")]),
        ("[build-system]\nrequires = 'a'\n", [("invalid-requirement", "'a'")]),
        ("[project]\ndependencies = {a = '1'}\n", [("invalid-requirement", "{a = '1'}")]),
        ("[project]\ndependencies = ['a', 1, ['b']]\n", [("invalid-requirement", "1"), ("invalid-requirement", "['b']")]),
        ("[project]\ndependencies = ['a', 'b = 1', 'c']\n", [("invalid-requirement", "= 1")]),
        ("[project]\ndependencies = ['-e .', 'b ^1']\n", [("invalid-requirement", "-e ."), ("invalid-requirement", "^1")]),
        ("[project]\ndependencies = ['', '  ']\n", [("invalid-requirement", "''"), ("invalid-requirement", "'  '")]),
        ("[project]\noptional-dependencies = ['a']\n", [("invalid-requirement", "['a']")]),
        ("[project.optional-dependencies]\na = 'b'\n", [("invalid-requirement", "'b'")]),
        ("[project.optional-dependencies]\na_b = []\nA-B = ['c']\n", [("invalid-requirement", "A-B")]),
        ("[project]\ndynamic = ['version', 'dependencies']\ndependencies = []\n", [("invalid-requirement", "'dependencies'")]),
        ("[project]\ndynamic = ['optional-dependencies']\ndependencies = []\n", []),
        (
            "build-system = {requires = [], build-backend = 'poetry.core.masonry.api'}\n[project]\ndynamic = ['dependencies']\ndependencies = []\n",
            [],
        ),
        ("dependency-groups = []\n", [("invalid-requirement", "[]")]),
        ("[dependency-groups]\na = 'b'\n", [("invalid-requirement", "'b'")]),
        ("[dependency-groups]\na = [{include-group = 'b'}]\n", [("missing-include", "b")]),
        ("[dependency-groups]\na = [{include-group = 'A'}]\n", [("missing-include", "A")]),
        (
            "[dependency-groups]\na = [{include-group = 'b'}]\nb = [{include-group = 'c'}]\nc = [{include-group = 'b'}]\n",
            [("missing-include", "c"), ("missing-include", "b")],
        ),
        ("[dependency-groups]\na = [{include-group = 'b', x = 1}]\nb = []\n", [("invalid-requirement", "{include-group = 'b', x = 1}")]),
        ("[dependency-groups]\na = [{}, {include-group = 1}]\n", [("invalid-requirement", "{}"), ("invalid-requirement", "{include-group = 1}")]),
        ("[dependency-groups]\na = []\nA = []\n", [("invalid-requirement", "A")]),
        ("a = 1\nb = = 2\n", [("unreadable-file", "=")]),
    ],
)  # fmt: skip
def test_problems(text: str, expected: Any) -> None:
    assert problems(text) == expected


def test_a_fault_hides_nothing_else() -> None:
    text = '[project]\ndependencies = ["a", "b = 1", "c"]\n'
    assert _read(text) == [("runtime", None, "a"), ("runtime", None, "c")]


def test_files_of_setuptools() -> None:
    text = """\
[project]
dynamic = ["dependencies", "optional-dependencies"]
[tool.setuptools.dynamic]
dependencies = {file = ["requirements.txt", 'base.in']}
optional-dependencies.test = {file = "test.txt"}
version = {attr = "x"}
"""
    manifest = manifest_of(text)
    assert [(item.path, item.kind, text[slice(*item.span)]) for item in manifest.includes] == [
        ("requirements.txt", "requirement", "requirements.txt"),
        ("base.in", "requirement", "base.in"),
        ("test.txt", "requirement", "test.txt"),
    ]
    assert manifest.problems == []


def test_files_that_setuptools_drops() -> None:
    text = "[project]\nname = 'x'\n[tool.setuptools.dynamic]\ndependencies = {file = 'a.txt'}\n"
    assert problems(text) == [("ignored-text", "dependencies")]
    assert manifest_of(text).includes == []


def test_a_byte_order_mark_and_the_name_of_the_file() -> None:
    form = format_of("a\\b\\pyproject.toml")
    assert form is not None
    assert form.name == "pyproject.toml"
    assert format_of("pyproject.toml.bak") is None
    source = Source.decode("pyproject.toml", b"\xef\xbb\xbf[project]\r\ndependencies = ['a']\r\n")
    assert [item.text for item in form.reader().read(source, None).dependencies] == ["a"]


ITEMS = st.sampled_from(
    [
        "a",
        "b>=1",
        "c[x,y] ~= 2.0",
        "d>1,<3 ; os_name == 'nt'",
        "e @ https://h/e.zip",
        "f @ git+ssh://git@h/f@main",
        "g (==1)",
    ]
)


@st.composite
def _projects(draw: st.DrawFn) -> str:
    def array() -> str:
        gap = st.sampled_from(["", " ", "\n", "\n  ", " # c\n  "])
        items = draw(st.lists(ITEMS, max_size=4))
        text = "["
        for number, item in enumerate(items):
            quote = (
                draw(st.sampled_from(['"', '"""'])) if "'" in item else draw(st.sampled_from(['"', "'", '"""', "'''"]))
            )
            comma = draw(st.sampled_from(["", ","])) if number == len(items) - 1 else ","
            text += f"{draw(gap)}{quote}{item}{quote}{draw(gap)}{comma}"
        return f"{text}{draw(gap)}]"

    lines = []
    if draw(st.booleans()):
        lines += ["[build-system]", f"requires = {array()}", ""]
    if draw(st.booleans()):
        lines += ["[project] # p", f"dependencies = {array()}", f"optional-dependencies.x = {array()}"]
    if draw(st.booleans()):
        lines += ["[dependency-groups]", f"g = {array()}", f"'h' = {array()}"]
    return "\n".join(lines)


@given(_projects())
def test_laws_of_generated_projects(text: str) -> None:
    check_laws(text)


@given(
    st.text()
    | st.lists(st.sampled_from([*"[]{}=,'\"\n.# ", "project", "dependencies", "dependency-groups", "a", "1"])).map(
        "".join
    )
)
def test_any_text_is_read(text: str) -> None:
    for item in manifest_of(text).problems:
        assert 0 <= item.span[0] <= item.span[1] <= len(text)
