"""``[tool.poetry]``, judged by poetry-core: what it refuses is reported, and what it reads is what we read."""

from __future__ import annotations

import itertools
import logging
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from reqlint import rewrite
from reqlint.formats._poetry import platform_marker, python_marker
from reqlint.model import Dependency
from reqlint.poetry_constraint import parse as parse_constraint
from tests.formats.test_pyproject import COMMIT, check_laws, edited, manifest_of, problems

factory = pytest.importorskip("poetry.core.factory")
poetry_version = pytest.importorskip("poetry.core.constraints.version")
poetry_git = pytest.importorskip("poetry.core.vcs.git")

HEAD = '[tool.poetry]\nname = "project"\nversion = "1"\ndescription = ""\nauthors = []\n'
VERSIONS = "0 0.0.3 0.1 0.2.3 0.9 1 1.0.0 1.2 1.2.2 1.2.3 1.2.9 1.3 1.9 2 2.0.1 2.18 3 3.4.5 10 99".split()
ENVIRONMENTS = [
    {
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "sys_platform": platform,
        "os_name": "nt" if platform == "win32" else "posix",
        "extra": "",
    }
    for python in ("2.7.18", "3.6.0", "3.7.9", "3.8.0", "3.8.1", "3.9.5", "3.10.0", "3.12.4", "4.0.0")
    for platform in ("linux", "darwin", "win32")
]


def poetry_of(text: str, folder: Path) -> Any:
    """The package that poetry-core makes of a pyproject.toml."""
    path = folder / "pyproject.toml"
    path.write_text(text, encoding="utf-8", newline="")
    return factory.Factory().create_poetry(folder).package


def _allowed(dependency: Dependency) -> list[bool]:
    """Which of the sample versions a dependency allows, as its clauses say."""
    groups = dependency.parts.alternatives or (dependency.constraints,)
    return [any(_allow(group, version) for group in groups) for version in VERSIONS]


def _allow(group: Any, version: str) -> bool:
    clauses = [operator + text for clause in group for operator, text in clause.clauses or ()]
    return SpecifierSet(",".join(clauses)).contains(version, prereleases=True)


def _holds(marker: str | None) -> list[bool]:
    """In which of the sample environments a marker holds."""
    parsed = Marker(marker) if marker else None
    return [parsed is None or parsed.evaluate(environment) for environment in ENVIRONMENTS]


def _ours(dependency: Dependency) -> tuple[Any, ...]:
    vcs = dependency.vcs
    source: tuple[Any, ...] | None = None
    if vcs is not None:
        source = ("git", poetry_git.ParsedUrl.parse(vcs.repository).url, vcs.ref or "HEAD", vcs.subdirectory)
    elif dependency.url is not None:
        source = (dependency.kind, dependency.url)
    return (
        dependency.group.name if dependency.group.kind == "group" else "main",
        canonicalize_name(dependency.group.name or "") if dependency.group.kind == "extra" else None,
        dependency.name,
        tuple(sorted(map(canonicalize_name, dependency.extras))),
        tuple(_allowed(dependency)),
        tuple(_holds(dependency.marker)),
        source,
        dependency.editable,
    )


def _theirs(group: str, dependency: Any) -> tuple[Any, ...]:
    source: tuple[Any, ...] | None = None
    if dependency.is_vcs():
        source = ("git", dependency.source_url, dependency.source_reference, dependency.source_subdirectory)
    elif dependency.is_url():
        source = ("url", dependency.url)
    elif dependency.is_file() or dependency.is_directory():
        source = (
            "path",
            dependency.path.as_posix().removesuffix("/sub").removesuffix("/a/b"),
        )  # as written, without it
    marker = dependency.marker
    return (
        group,
        dependency.in_extras[0] if dependency.is_optional() and dependency.in_extras else None,
        dependency.name,
        tuple(sorted(dependency.features)),
        tuple(dependency.constraint.allows(poetry_version.Version.parse(version)) for version in VERSIONS),
        tuple(_holds(None if marker.is_any() else str(marker))),
        source,
        bool(getattr(dependency, "develop", False)) and (dependency.is_vcs() or dependency.is_directory()),
    )


def compare(text: str, folder: Path) -> None:
    """Our reading against poetry-core's."""
    manifest = manifest_of(text)
    faults = [item.message for item in manifest.problems if item.rule in ("invalid-requirement", "missing-include")]
    package, refusal = None, None
    try:
        package = poetry_of(text, folder)
    except Exception as error:  # noqa: BLE001 - what its parser of markers raises has no common base
        refusal = error
    if package is None:
        assert faults, (text, refusal)
        return
    assert not faults, text
    expected = [
        _theirs(str(name), dependency)
        for name in package.dependency_group_names(include_optional=True)
        for dependency in package.dependency_group(name).dependencies
    ]
    assert sorted(map(_ours, manifest.dependencies), key=repr) == sorted(expected, key=repr), text


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    """poetry-core warns of each path that is not there."""
    logger = logging.getLogger("poetry")
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(logging.NOTSET)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("poetry")


EVERYTHING = (
    HEAD
    + """\
include = []

[tool.poetry.dependencies]
Python = ">=3.8"
Requests = "^2.28"  # why
any = "*"
exact = "1.2.3"
star = '1.*'
tilde = "~1.2"
either = ">=1.2,<2 || 3.4.5"
long = {version = "~=1.2", extras = ["b", "a"], optional = true, python = "<3.8", markers = "os_name == 'posix' or os_name == 'nt'"}
spare = { version = "^1", optional = true }
torch = {version = "2.8.0+cpu", source = "cpu"}
options = {platform = "linux || darwin"}
empty = {}
repo = {git = "https://git.example.com/o/r.git", branch = "main"}
bare = {git = "git@git.example.com:o/r.git", develop = true}
sub = {git = "ssh://git@git.example.com/o/r.git", rev = "0123456789abcdef0123456789abcdef01234567", subdirectory = "x"}
tagged = {tag = "v1.2", git = "https://git.example.com/o/r.git"}
local = {path = "../local", develop = true}
file = {file = "lib/x.tar.gz"}
archive = {url = "https://h.example.com/x.zip", extras = ["e"]}
dotted.version = "^1.2"
dotted.python = "^3.8"
dotted-repo.git = "https://git.example.com/o/d.git"
several = [
  {version = "<2", python = "<3.8"},
  {version = ">=2", python = ">=3.8"}, # newer
  "^3",
]
single = ["^1"]

[tool.poetry.dependencies.table]  # header
version = ">1.2"
markers = "python_version < '3.8'"

[tool.poetry.dependencies.git-table]
  git = "https://git.example.com/o/t.git"  # no ref

[tool.poetry.dependencies.options-table]
  python = "3.8"

[[tool.poetry.dependencies.array]]
version = "1"
python = "<3.8"

[[tool.poetry.dependencies.array]]
version = "2"
python = ">=3.8"

[tool.poetry.extras]
All = ["long"]
x = ["Long", "exact"]

[tool.poetry.dev-dependencies]
old = "*"

[tool.poetry.group.test.dependencies]
pytest = ">=7"
python = "3.9"

[tool.poetry.group.docs]
optional = true
include-groups = ["test"]
dependencies = {sphinx = "!=5", furo = {version = "*"}}

[[tool.poetry.source]]
name = "one"
url = "https://one.example.com/simple"

[[tool.poetry.source]]
name = "two"
url = "https://two.example.com/simple"
priority = "supplemental"

[[tool.poetry.source]]
name = "cpu"
url = "https://cpu.example.com/simple"
priority = "explicit"
"""
)


def test_everything_is_read(folder: Path) -> None:
    # poetry-core tells what a group includes as its own
    text = EVERYTHING.replace('include-groups = ["test"]\n', "").replace("dev-dependencies", "group.dev.dependencies")
    compare(text, folder)
    manifest = manifest_of(EVERYTHING)
    assert len(manifest.dependencies) == 33
    assert manifest.problems == []


def test_laws() -> None:
    check_laws(EVERYTHING)
    check_laws(EVERYTHING.rstrip("\n"))


def _of(name: str, text: str = EVERYTHING) -> Dependency:
    return next(item for item in manifest_of(text).dependencies if item.raw_name == name)


def test_places() -> None:
    text = EVERYTHING
    assert _of("Requests").text == 'Requests = "^2.28"'
    assert _of("table").text == "[tool.poetry.dependencies.table]"
    assert _of("dotted").text == 'dotted.version = "^1.2"\ndotted.python = "^3.8"'
    assert _of("several").text == '{version = "<2", python = "<3.8"}'
    assert _of("array").text == "[[tool.poetry.dependencies.array]]"
    entry = _of("Requests").entry
    assert text[slice(*entry)] == 'Requests = "^2.28"  # why\n'
    name = _of("array").parts.name_span
    assert name is not None
    assert text[slice(*name)] == "array"


def test_groups_and_roles() -> None:
    manifest = manifest_of(EVERYTHING)
    found = {item.raw_name: (item.group.kind, item.group.name, item.group.role) for item in manifest.dependencies}
    assert found["Requests"] == ("runtime", None, "library")
    assert found["long"] == ("extra", "All", "library")
    assert found["spare"] == ("runtime", None, "library")
    assert found["exact"] == ("runtime", None, "library")
    assert found["old"] == ("group", "dev", "development")
    assert found["pytest"] == ("group", "test", "development")
    assert found["sphinx"] == ("group", "docs", "development")
    application = manifest_of(EVERYTHING.replace("include = []", "package-mode = false"))
    assert {item.group.role for item in application.dependencies} == {"application", "development"}


def test_sources() -> None:
    manifest = manifest_of(EVERYTHING)
    assert [(item.kind, item.url) for item in manifest.indexes] == [
        ("index", "https://one.example.com/simple"),
        ("extra-index", "https://two.example.com/simple"),
        ("explicit-index", "https://cpu.example.com/simple"),
    ]
    start, end = manifest.indexes[1].entry
    rest = tomllib.loads(EVERYTHING[:start] + EVERYTHING[end:])
    assert [source["name"] for source in rest["tool"]["poetry"]["source"]] == ["one", "cpu"]


@pytest.mark.parametrize(
    ("sources", "kinds"),
    [
        (['priority = "explicit"', "", ""], ["explicit-index", "index", "extra-index"]),
        (['priority = "supplemental"'], ["extra-index"]),
        (["secondary = true", "default = true"], ["extra-index", "index"]),
    ],
)
def test_kinds_of_sources(sources: list[str], kinds: list[str]) -> None:
    text = "".join(
        f'[[tool.poetry.source]]\nname = "n{number}"\nurl = "https://{number}.example.com"\n{source}\n'
        for number, source in enumerate(sources)
    )
    assert [item.kind for item in manifest_of(text).indexes] == kinds


def test_a_source_without_a_url() -> None:
    assert problems('[[tool.poetry.source]]\nname = "PyPI"\npriority = "primary"\n') == []
    assert problems('[[tool.poetry.source]]\nname = "other"\n') == [("invalid-requirement", '"other"')]


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        ('foo = "^1.2"', "pin", 'foo = "==9.8.7"'),
        ("foo = '*' # c", "pin", "foo = '==9.8.7' # c"),
        ('foo = {version = "1 || 2", extras = ["x"]}', "pin", 'foo = {version = "==9.8.7", extras = ["x"]}'),
        ('foo = {python = "^3.8"}', "pin", 'foo = {version = "==9.8.7", python = "^3.8"}'),
        ("foo = {}", "pin", 'foo = {version = "==9.8.7"}'),
        ('foo.python = "^3.8"\n"bar" = "1"', "pin", 'foo.version = "==9.8.7"\nfoo.python = "^3.8"\n"bar" = "1"'),
        ('[tool.poetry.dependencies.foo] # h\n  python = "3"', "pin", '[tool.poetry.dependencies.foo] # h\n  version = "==9.8.7"\n  python = "3"'),
        ("[tool.poetry.dependencies.foo] # h", "pin", '[tool.poetry.dependencies.foo] # h\nversion = "==9.8.7"'),
        ('foo = [{python = "<3"}, "2"]', "pin", 'foo = [{version = "==9.8.7", python = "<3"}, "2"]'),
        ('foo = {git = "https://h/o/r", branch = "main"}', "reref", f'foo = {{git = "https://h/o/r", rev = "{COMMIT}"}}'),
        ('foo = {rev = "abc", git = "https://h/o/r"}', "reref", f'foo = {{rev = "{COMMIT}", git = "https://h/o/r"}}'),
        ('foo = {git = "https://h/o/r"}', "reref", f'foo = {{git = "https://h/o/r", rev = "{COMMIT}"}}'),
        ('foo = {git = "https://h/o/r", tag = ""}', "reref", f'foo = {{git = "https://h/o/r", rev = "{COMMIT}"}}'),
        ('foo.git = "https://h/o/r" # c', "reref", f'foo.git = "https://h/o/r" # c\nfoo.rev = "{COMMIT}"'),
        ('foo.git = "https://h/o/r"\nfoo.branch = "main" # c', "reref", f'foo.git = "https://h/o/r"\nfoo.rev = "{COMMIT}" # c'),
        (
            '[tool.poetry.dependencies.foo]\n\tgit = "https://h/o/r"\n[tool.poetry.x]',
            "reref",
            f'[tool.poetry.dependencies.foo]\n\tgit = "https://h/o/r"\n\trev = "{COMMIT}"\n[tool.poetry.x]',
        ),
        ('foo = "^1.2"', "remove", ""),
        ('foo = "^1.2,<1.9"', "bound", 'foo = ">=9.8.7,<1.9"'),
        ('foo = "^1.2"', "uncap", 'foo = ">=1.2"'),
    ],
)  # fmt: skip
def test_rewriting(before: str, operation: str, after: str, folder: Path) -> None:
    for newline in ("\n", "\r\n"):
        for end in ("", "\n"):
            head = HEAD.replace("\n", newline) + f"[tool.poetry.dependencies]{newline}"
            text = head + before.replace("\n", newline) + end.replace("\n", newline)
            dependency = next(item for item in manifest_of(text).dependencies if item.name == "foo")
            argument = {"pin": ("9.8.7",), "bound": ("9.8.7",), "reref": (COMMIT,)}.get(operation, ())
            edits = getattr(rewrite, operation)(dependency, *argument)
            result = edited(text, edits)
            assert result == head + (after + end if after else "").replace("\n", newline)
            compare(result, folder)


@pytest.mark.parametrize(
    "text",
    [
        'foo = "\\u005e1"',
        'foo = """^1\n"""',
        'foo = {git = "https://h/o/r", branch = "a", tag = "b"}',
        'foo.git = "https://h/o/r"\nbar = "1"\nfoo.branch = "b"',
        "foo = {develop = true}",
        "[tool.poetry.dependencies.foo.bar]",
    ],
)
def test_what_is_not_rewritten(text: str) -> None:
    manifest = manifest_of(f"[tool.poetry.dependencies]\n{text}\n")
    dependency = next((item for item in manifest.dependencies if item.name == "foo"), None)
    assert dependency is None or not dependency.rewritable
    assert dependency is None or rewrite.pin(dependency, "1") is None
    assert dependency is None or rewrite.reref(dependency, COMMIT) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('foo = "1.x"', [("invalid-requirement", "1.x")]),
        ('foo = "latest"', [("invalid-requirement", "latest")]),
        ('foo = ""', [("invalid-requirement", '"')]),
        ('foo = ">=1, ~>2"', [("invalid-requirement", "~>2")]),
        ("foo = 1", [("invalid-requirement", "1")]),
        ("foo = []", [("invalid-requirement", "foo = []")]),
        ('"foo[bar]" = "1"', [("invalid-requirement", '"foo[bar]"')]),
        ('foo = {version = "1", develop = true}', [("invalid-requirement", "develop")]),
        ('foo = {version = "1", git = "https://h/o/r"}', [("invalid-requirement", "version")]),
        ('foo = {extras = ["a"]}', [("invalid-requirement", "extras")]),
        ('foo = {git = "https://h/o/r", ref = "a"}', [("invalid-requirement", "ref")]),
        ('foo = {git = "https://h/o/r", branch = "a", rev = "b"}', [("ignored-text", "rev")]),
        ('foo = {git = "https://h/o/r@v1"}', [("ignored-text", "@v1")]),
        ('foo = {git = "https://h/o/r#subdirectory=x"}', [("ignored-text", "#subdirectory=x")]),
        ('foo = {git = "https://h/o/r#egg=foo"}', []),
        ('foo = {git = "../local"}', [("invalid-requirement", "../local")]),
        ('foo = {git = ""}', [("invalid-requirement", '""')]),
        ("foo = {git = 1}", [("invalid-requirement", "1")]),
        ('foo = {url = "x.zip"}', [("invalid-requirement", "x.zip")]),
        ('foo = {path = ""}', [("invalid-requirement", '""')]),
        ('foo = {version = "1", allows-prereleases = true}', [("ignored-text", "allows-prereleases")]),
        ('foo = {file = "x.whl", optional = true}', [("ignored-text", "optional")]),
        ('foo = {version = "1", optional = "yes"}', [("invalid-requirement", '"yes"')]),
        ('foo = {version = "1", extras = "x"}', [("invalid-requirement", '"x"')]),
        ('foo = {version = "1", python = "3.x"}', [("invalid-requirement", "3.x")]),
        ('foo = {version = "1", markers = "os_name = 1"}', [("invalid-requirement", '"os_name = 1"')]),
        ('foo = {version = 1, python = "3.x"}', [("invalid-requirement", "1")]),
    ],
)
def test_problems(text: str, expected: Any, folder: Path) -> None:
    document = f"{HEAD}[tool.poetry.dependencies]\n{text}\n"
    assert problems(document) == expected
    if not any(sign in text for sign in ("[bar]", 'path = ""', 'git = ""')):  # these poetry-core takes without a look
        compare(document, folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[tool.poetry]\ndependencies = []\n", [("invalid-requirement", "[]")]),
        ("[tool.poetry]\ngroup = []\n", [("invalid-requirement", "[]")]),
        ("[tool.poetry.group]\na = 1\n", [("invalid-requirement", "1")]),
        ("[tool.poetry.group.a]\n", [("invalid-requirement", "a")]),
        ("[tool.poetry.group.a]\nfoo = '1'\n", [("invalid-requirement", "foo")]),
        ("[tool.poetry.group.a]\ninclude-groups = ['b']\n", [("missing-include", "b")]),
        ("[tool.poetry.group.a]\ninclude-groups = ['main']\n", []),
        ("[tool.poetry.group.a]\ninclude-groups = ['B']\n[dependency-groups]\nb = []\n", []),
        ("[tool.poetry.group.a]\ninclude-groups = ['A']\n", [("missing-include", "A")]),
        ("[tool.poetry.group.a_b]\noptional = true\n[dependency-groups]\na-b = []\n", [("invalid-requirement", "a_b")]),
    ],
)
def test_problems_of_groups(text: str, expected: Any) -> None:
    assert problems(text) == expected


PROJECT = '[project]\nname = "project"\nversion = "1"\n'


def _enriched(text: str) -> list[tuple[str, str | None, bool]]:
    """Text, group and whether it is redirected, of each dependency."""
    return [(item.text, item.group.name, item.redirected) for item in manifest_of(PROJECT + text).dependencies]


def test_entries_that_enrich() -> None:
    text = """\
dependencies = ["a>=1", "b", "c>2"]
[project.optional-dependencies]
x = ["d"]
[tool.poetry.dependencies]
a = {git = "https://h/o/r", rev = "v1"}
b = {source = "s"}
c = "<3"
d = [{path = "x", markers = "os_name == 'nt'"}, {develop = true}]
"""
    assert _enriched(text) == [
        ("a>=1", None, True),
        ("b", None, False),
        ("c>2", None, False),
        ("d", "x", True),
        ('a = {git = "https://h/o/r", rev = "v1"}', "tool.poetry", False),
        ('{path = "x", markers = "os_name == \'nt\'"}', "tool.poetry", False),
    ]
    assert problems(PROJECT + text) == []


@pytest.mark.parametrize(
    "text",
    [
        'dependencies = ["a>=1"]\n[tool.poetry.dependencies]\nb = "1"\n',
        'dependencies = []\n[tool.poetry.dependencies]\nb = "1"\n',
        '[tool.poetry.dependencies]\nb = "1"\n',
        'dynamic = ["dependencies"]\n[project.optional-dependencies]\nx = ["c"]\n[tool.poetry.dependencies]\nb = "1"\nd = {version = "1", optional = true}\n',
        'dynamic = ["optional-dependencies"]\ndependencies = ["a"]\n[tool.poetry.dependencies]\nb = "1"\nd = {version = "1", optional = true}\n',
        'dynamic = ["dependencies"]\ndependencies = ["a"]\n[build-system]\nrequires = []\nbuild-backend = "poetry.core.masonry.api"\n[tool.poetry.dependencies]\nb = "1"\n',
        '[dependency-groups]\ng = ["b>1"]\n[tool.poetry.group.g.dependencies]\nc = "1"\n[tool.poetry.group.h.dependencies]\nd = "1"\n',
        '[dependency-groups]\ng = [{include-group = "h"}]\nh = []\n[tool.poetry.group.g.dependencies]\nc = "1"\n',
    ],
)  # fmt: skip
def test_entries_beside_static_ones(text: str, folder: Path) -> None:
    text = PROJECT + text
    package = poetry_of(text, folder)
    expected = sorted(
        (str(name), dependency.name)
        for name in package.dependency_group_names(include_optional=True)
        for dependency in package.dependency_group(name).dependencies
    )
    manifest = manifest_of(text)
    found = [(item.group.name if item.group.kind == "group" else "main", item.name) for item in manifest.dependencies]
    assert sorted(found) == expected
    dropped = {item.message.split("`")[3] for item in manifest.problems if item.rule == "ignored-text"}
    poetry = tomllib.loads(text).get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {}), *(group["dependencies"] for group in poetry.get("group", {}).values())]
    assert dropped == {name for table in tables for name in table} - {name for _, name in expected}


CONSTRAINTS = st.sampled_from(
    [
        "*",
        "1.2.3",
        "^1.2",
        "~1.2",
        "~=1.2",
        "1.*",
        ">=1,<2",
        ">=1 <2 || 3",
        "!=1.2",
        "<2 | >3,",
        "latest",
        "",
        "1.x",
        ">>1",
        "^",
    ]
)
PYTHONS = st.sampled_from(
    [
        "3.8",
        "^3.8",
        "~3.8",
        ">=3.7,<3.9",
        "<3.8.1",
        ">3.6",
        "<=3.8",
        "*",
        "!=3.8.*",
        "3.6 || >=3.9",
        "3.8.*",
        "~=3.8",
        "bad",
    ]
)
PLATFORMS = st.sampled_from(
    ["linux", "==win32", "!=linux", "linux || darwin", "!=linux,!=darwin", "*", "= darwin", "'linux' in"]
)
MARKERS = st.sampled_from(
    ["os_name == 'nt'", 'python_version < "3.9" or sys_platform == "win32"', " os_name != 'nt' ", "bad", ""]
)
URLS = st.sampled_from(
    [
        "https://git.example.com/o/r.git",
        "https://user@git.example.com/o/r",
        "https://git.example.com/o/r.git@v1",
        "https://git.example.com/o/r.git#v1",
        "git+https://git.example.com/o/r.git",
        "git@git.example.com:o/r.git",
        "git@git.example.com:r.git",
        "ssh://git@git.example.com:22/o/r.git",
        "ssh://git@git.example.com:o/r.git",
        "file:///srv/r.git",
        "git.example.com/o/r",
        "../local",
        "nonsense",
        "https://h/a b",
    ]
)
TEXTS = {
    "version": CONSTRAINTS,
    "python": PYTHONS,
    "platform": PLATFORMS,
    "markers": MARKERS,
    "git": URLS,
    "branch": st.sampled_from(["main", "feature/x", ""]),
    "tag": st.sampled_from(["v1", ""]),
    "rev": st.sampled_from(["abcdef1", COMMIT]),
    "subdirectory": st.sampled_from(["sub", "a/b"]),
    "path": st.sampled_from(["../x", "x.whl"]),
    "file": st.sampled_from(["x.tar.gz"]),
    "url": st.sampled_from(["https://h.example.com/x.zip", "nope"]),
    "source": st.sampled_from(["cpu"]),
    "ref": st.sampled_from(["main"]),
}
OTHERS: dict[str, st.SearchStrategy[Any]] = {
    "optional": st.booleans(),
    "develop": st.booleans(),
    "allow-prereleases": st.booleans(),
    "extras": st.sampled_from([[], ["a"], ["B_c", "a"]]),
}
USUAL = {
    "version": ("python", "platform", "markers", "optional", "extras", "source", "allow-prereleases"),
    "git": ("branch", "tag", "rev", "subdirectory", "develop", "extras", "python", "markers", "optional"),
    "path": ("develop", "extras", "platform", "markers"),
    "file": ("extras", "markers"),
    "url": ("extras", "python"),
    "": ("python", "platform", "markers", "source", "develop"),
}


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    return f"'{value}'" if '"' in value else f'"{value}"'


@st.composite
def _tables(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(USUAL)))
    keys = [kind] if kind else []
    keys += draw(st.lists(st.sampled_from(USUAL[kind]), max_size=3, unique=True))
    if draw(st.integers(0, 7)) == 0:
        keys.append(draw(st.sampled_from([*TEXTS, *OTHERS])))
    return {key: draw((TEXTS | OTHERS)[key]) for key in draw(st.permutations(list(dict.fromkeys(keys))))}


@st.composite
def _poetry_projects(draw: st.DrawFn) -> str:
    """A project with every way to write a dependency, right or wrong."""
    tables = {"dependencies": "tool.poetry.dependencies", "g": "tool.poetry.group.g.dependencies"}
    text = HEAD
    for header in itertools.islice(tables.values(), draw(st.integers(1, 2))):
        pairs, headers = [f"[{header}]"], []
        for name in draw(st.lists(st.sampled_from(["a", "B_c", "d-e", "Python", '"f.g"']), unique=True, max_size=4)):
            style = draw(st.sampled_from(["text", "inline", "dotted", "header", "list"]))
            comment = draw(st.sampled_from(["", " # c"]))
            if style == "text" or name == "Python":
                pairs.append(f"{name} = {_toml(draw(CONSTRAINTS))}{comment}")
            elif style == "list":
                gap = draw(st.sampled_from(["", "\n  "]))
                items = draw(st.lists(CONSTRAINTS | _tables(), min_size=1, max_size=3))
                pairs.append(f"{name} = [" + ",".join(gap + _toml(item) for item in items) + f"{gap}]{comment}")
            else:
                table = draw(_tables())
                if style == "inline" or not table:
                    pairs.append(f"{name} = {_toml(table)}{comment}")
                elif style == "dotted":
                    pairs += [f"{name}.{key} = {_toml(value)}{comment}" for key, value in table.items()]
                else:
                    headers += [
                        f"[{header}.{name}]{comment}",
                        *(f"  {key} = {_toml(value)}" for key, value in table.items()),
                        "",
                    ]
        text += "\n".join([*pairs, *headers]) + "\n"
    if draw(st.booleans()):
        text += "[tool.poetry.extras]\nx = ['a', 'B-c']\nall = ['a']\n"
    return text


@given(text=_poetry_projects())
def test_generated_projects_against_poetry(text: str, folder: Path) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    compare(text, folder)


@given(_poetry_projects())
def test_laws_of_generated_projects(text: str) -> None:
    check_laws(text)


@given(
    st.text(alphabet="abgh0:/@.#+-_~%$ ?[&=", max_size=25),
    st.sampled_from(["", "https://h/", "git@h:o/", "ssh://g@h/", "git+https://h/o/", "x://h/"]),
)
def test_urls_of_repositories(tail: str, head: str) -> None:
    url = head + tail
    try:
        parsed = poetry_git.ParsedUrl.parse(url)
    except ValueError:
        parsed = None
    found = problems(f"[tool.poetry.dependencies]\nfoo = {{git = '{url}'}}\n")
    assert any(rule == "invalid-requirement" for rule, _ in found) == (parsed is None)
    dropped = parsed is not None and (parsed.rev is not None or parsed.subdirectory is not None)
    assert any(rule == "ignored-text" for rule, _ in found) == dropped


@given(PYTHONS.filter(lambda text: text != "bad"))
def test_python_versions(text: str) -> None:
    expected = factory.Factory.create_dependency("foo", {"version": "*", "python": text}).marker
    assert _holds(python_marker(parse_constraint(text))) == _holds(None if expected.is_any() else str(expected))


@given(PLATFORMS)
def test_platforms(text: str) -> None:
    expected = factory.Factory.create_dependency("foo", {"version": "*", "platform": text}).marker
    assert _holds(platform_marker(text)) == _holds(None if expected.is_any() else str(expected))
