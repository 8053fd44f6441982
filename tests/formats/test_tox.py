from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from reqlint.fixes import apply
from reqlint.formats import pyproject_toml, setup_cfg, tox_ini, tox_toml
from reqlint.source import Source
from tests.support import check, mended

if TYPE_CHECKING:
    from reqlint.model import Manifest


class Case(NamedTuple):
    """A tox.ini, and what tox 4.67.15 says its environment `py312` installs (`tox config -e py312 -k deps`).

    ``applies``: the groups that count for that environment; ``others``: what is read for other environments.
    """

    text: str
    deps: tuple[str, ...]
    applies: tuple[str, ...] = ("testenv",)
    others: int = 0


CASES = {
    "lines": Case("[testenv]\ndeps =\n    a>=1\n    b\n", ("a>=1", "b")),
    "beside the key": Case("[testenv]\ndeps = a\n    b\n", ("a", "b")),
    "one line": Case("[testenv]\ndeps = a\n", ("a",)),
    "no last line end": Case("[testenv]\ndeps =\n    a\n    b", ("a", "b")),
    "tabs and blank lines": Case("[testenv]\ndeps:\n\ta\n\n\tb\n", ("a", "b")),
    "comments": Case("[testenv]\ndeps =\n    # c\n    a  # c\n    ; c\n    b# c\n", ("a", "b")),
    "an escaped hash": Case(
        "[testenv]\ndeps =\n    a @ https://e.com/a.zip\\#sha256=00\n    b\n",
        ("a @ https://e.com/a.zip#sha256=00", "b"),
    ),
    "factors": Case(
        "[testenv]\ndeps =\n    a\n    py312: b\n    py311: c\n    !py311: d\n    py{311,312}-x,py312: e\n",
        ("a", "b", "d", "e"),
        ("testenv", "testenv py312", "testenv !py311", "testenv py{311,312}-x,py312"),
        1,
    ),
    "factors that are none": Case(
        "[testenv]\ndeps =\n    a @ https://e.com:443/a.zip\n    py312: b; python_version<'4'\n",
        ("a @ https://e.com:443/a.zip", "b; python_version<'4'"),
        ("testenv", "testenv py312"),
    ),
    "a continued line": Case(
        "[testenv]\ndeps =\n    a; \\\n    python_version<'4'\n    py312: b; \\\n       python_version<'4'\n    c\n",
        ("a; python_version<'4'", "b; python_version<'4'", "c"),
        ("testenv", "testenv py312"),
    ),
    "editable": Case(
        "[testenv]\ndeps =\n    -e.\n    -e ./a b\n    --editable ./c\n    -e name @ git+https://e.com/n.git@v1\n",
        ("-e .", "-e ./a b", "-e ./c", "-e name @ git+https://e.com/n.git@v1"),
    ),
    "paths": Case("[testenv]\ndeps =\n    .[test]\n    ./lib\n", (".[test]", "./lib")),
    "no deps": Case("[testenv]\ndeps =\n    --no-deps\n    a\n", ("a",)),
    "nothing": Case("[testenv]\ndeps =\n", ()),
    "capitals": Case("[testenv]\nDEPS = a\n", ("a",)),
    "a section of several": Case(
        "[testenv:py{311,312}]\ndeps = a\n[testenv:py{310,313}]\ndeps = b\n", ("a",), ("testenv:py{311,312}",), 1
    ),
    "other tools": Case(
        "[flake8]\nmax-line-length = 100\n[testenv]\ndeps = a\n[coverage:run]\nbranch = true\n", ("a",)
    ),
}


def read(text: str) -> Manifest:
    return tox_ini.read(Source("tox.ini", text), None)


def listed(manifest: Manifest) -> list[tuple[str | None, str]]:
    return [(item.group.name, f"-e {item.text}" if item.editable else item.text) for item in manifest.dependencies]


def problems(manifest: Manifest) -> list[tuple[str, str]]:
    text = manifest.source.text
    return [(problem.rule, text[slice(*problem.span)]) for problem in manifest.problems]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_tox_installs_is_read(case: Case) -> None:
    manifest = read(case.text)
    found = listed(manifest)
    assert tuple(text for group, text in found if group in case.applies) == case.deps
    assert len(found) == len(case.deps) + case.others
    assert manifest.problems == []
    assert {item.group.role for item in manifest.dependencies} <= {"development"}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_spans_hold_and_entries_can_be_deleted(case: Case, newline: str) -> None:
    text = case.text.replace("\n", newline)
    manifest = read(text)
    assert listed(manifest) == listed(read(case.text))
    for number, dependency in enumerate(manifest.dependencies):
        if dependency.rewritable:
            assert text[slice(*dependency.span)] == dependency.text
        start, end = dependency.entry
        assert start <= dependency.span[0] <= dependency.span[1] <= end
        left = listed(read(text[:start] + text[end:]))
        assert left == [item for at, item in enumerate(listed(manifest)) if at != number]


# What tox 4.67.15 refuses, or what it makes of the line is refused by pip.
@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("a, b", [("invalid-requirement", ", b")]),
        ("py312:a", [("invalid-requirement", ":a")]),
        ("--pre a", [("invalid-option", "a")]),
        ("a --hash=sha256:" + "0" * 64, [("invalid-option", "--hash=sha256:" + "0" * 64)]),
        ("-U a", [("invalid-option", "-U")]),
        ("a=1", [("invalid-requirement", "=1")]),
        ("-e git+https://e.com/a.git#egg=a", [("ignored-text", "#egg=a")]),
        ("a @ git+https://e.com/a.git@v1#subdirectory=x", [("ignored-text", "#subdirectory=x")]),
        ("a @ https://e.com/a.zip # egg", []),
        ("a @ git+https://e.com/a.git@v1 #egg=a", []),
        ("a#b", []),
        ("{posargs}", []),
        ("{env:A:b}=1", []),
        ("{[other]deps}", []),
    ],
)
def test_problems(lines: str, found: list[tuple[str, str]]) -> None:
    assert problems(read(f"[testenv]\ndeps =\n    {lines}\n")) == found


def test_a_file_that_configparser_refuses_is_read_all_the_same() -> None:
    manifest = read("[testenv]\ndeps = a\ndeps = b\nwhat\n[testenv]\nconstraints = c.txt\n")
    assert [text for _, text in listed(manifest)] == ["a", "b"]
    assert [rule for rule, _ in problems(manifest)] == ["unreadable-file"] * 3


def test_what_configures_other_tools_alone_is_none_of_tox_s_business() -> None:
    assert problems(read("[flake8]\nignore = E1\nignore = E2\n")) == []
    assert problems(read("[flake8]\nignore = E1\nignore = E2\n[tox]\n")) == [("unreadable-file", "ignore = E2")]


def test_a_backslash_is_written_before_a_fragment_that_pip_needs() -> None:
    text = "[testenv]\ndeps =\n    -e git+https://e.com/a.git@v1#egg=a\n    git+https://e.com/b.git@v1#egg=b\n"
    (problem,) = read(text).problems
    assert problem.fix is not None
    assert apply(text, [problem.fix]) == text.replace("v1#egg=a", "v1\\#egg=a")
    assert [(item.code, item.dependency) for item in check(text, path="tox.ini")] == [("RQ005", None), ("RQ206", "b")]


def test_references_are_left_to_tox() -> None:
    manifest = read(
        "[testenv]\ndeps =\n    -r{toxinidir}/requirements.txt\n    -c {tox_root}{/}limits/c.txt\n    -r {env:REQUIREMENTS}\n"
        "    -e {toxinidir}[dev]\n    django=={env:DJANGO}\n    core @ git+https://{env:TOKEN}@e.com/core.git@{env:REF:main}\n"
        "    {env:EXTRA:{posargs}}\n"
    )
    assert [(item.kind, item.path) for item in manifest.includes] == [
        ("requirement", "requirements.txt"),
        ("constraint", "limits/c.txt"),
    ]
    editable, versioned, core = manifest.dependencies
    assert (editable.text, editable.url, editable.editable, editable.rewritable) == (
        "{toxinidir}[dev]",
        ".",
        True,
        False,
    )
    assert (versioned.name, versioned.text, versioned.constraints) == ("django", "django=={env:DJANGO}", ())
    assert core.vcs is not None
    assert (core.vcs.repository, core.vcs.ref, core.vcs.ref_kind) == (
        "https://{env:TOKEN}@e.com/core.git",
        "{env:REF:main}",
        "unknown",
    )
    assert manifest.problems == []


def test_sections_that_others_refer_to_are_read_once() -> None:
    manifest = read(
        "[base]\ndeps =\n    a\n    {[more]lint_deps}\nother = b\n[more]\nlint_deps = c\n[unused]\ndeps = d\n"
        "[testenv]\ndeps = {[base]deps}\n[testenv:x]\ndeps =\n    {[base]deps}\n    {[testenv]deps}\n    e\n"
    )
    assert sorted(listed(manifest), key=str) == [("base deps", "a"), ("more lint_deps", "c"), ("testenv:x", "e")]


def test_requires_is_parted_by_commas_in_one_line_and_by_lines_in_several() -> None:
    assert listed(read("[tox]\nrequires = tox>=4, tox-uv\n")) == [("requires", "tox>=4"), ("requires", "tox-uv")]
    assert listed(read("[tox]\nrequires =\n    tox>=4,<5\n    tox-uv\n")) == [
        ("requires", "tox>=4,<5"),
        ("requires", "tox-uv"),
    ]
    assert problems(read("[tox]\nrequires = tox>=4,<5\n")) == [("invalid-requirement", "<5")]


def test_indexes_and_settings() -> None:
    manifest = read(
        "[tox]\nindexserver =\n    default = https://packages.example.com/old\n    one = https://one.example.com\n"
        "[testenv]\nsetenv =\n    PIP_INDEX_URL = https://packages.example.com/simple\n    OTHER = https://other.example.com\n"
        "    ci: PIP_EXTRA_INDEX_URL=https://a.example.com https://b.example.com  # c\n    PIP_PRE = 0\n"
        "    PIP_TRUSTED_HOST = a.example.com\n    UV_INDEX = ours=https://c.example.com/simple\n    PIP_FIND_LINKS = {env:LINKS}\n"
        "install_command = python -m pip install --pre -i https://d.example.com {opts} {packages}\npip_pre = true\n"
        "deps =\n    :one:a\n    --extra-index-url https://e.example.com\n    -f {env:LINKS}\n"
    )
    source = manifest.source.text
    assert all(source[slice(*index.span)] == index.url for index in manifest.indexes)
    assert [(index.kind, index.url.removeprefix("https://"), index.option) for index in manifest.indexes] == [
        ("index", "packages.example.com/old", "indexserver"),
        ("explicit-index", "one.example.com", "indexserver"),
        ("index", "packages.example.com/simple", "PIP_INDEX_URL"),
        ("extra-index", "a.example.com", "PIP_EXTRA_INDEX_URL"),
        ("extra-index", "b.example.com", "PIP_EXTRA_INDEX_URL"),
        ("extra-index", "c.example.com/simple", "UV_INDEX"),
        ("index", "d.example.com", "-i"),
        ("extra-index", "e.example.com", "--extra-index-url"),
        ("find-links", "{env:LINKS}", "-f"),
    ]
    assert [(item.kind, item.option) for item in manifest.settings] == [("trusted-host", "PIP_TRUSTED_HOST")]
    assert manifest.problems == []


def test_constraints_are_names_of_files() -> None:
    manifest = read("[testenv]\nconstraints =\n    {toxinidir}/c.txt\n    py312: https://e.com/d.txt\n    -c e.txt\n")
    assert [(item.kind, item.path) for item in manifest.includes] == [
        ("constraint", "c.txt"),
        ("constraint", "https://e.com/d.txt"),
    ]
    assert problems(manifest) == [("invalid-option", "-c e.txt")]


# TOML


TOML = """\
requires = ["tox>=4", "tox-uv"]
[env_run_base]
deps = ["a>=1", "-e .[x]", "-rrequirements.txt", "{env:MORE}"]
set_env.PIP_INDEX_URL = "https://packages.example.com/simple"
constraints = ["c.txt"]
[env.py312]
deps = [
  { replace = "ref", of = ["env_run_base", "deps"], extend = true },
  "c",  # c
  "d # d",
]
pip_pre = true
install_command = ["pip", "install", "--extra-index-url", "https://e.example.com", "{packages}"]
"""


def test_toml() -> None:
    manifest = tox_toml.read(Source("tox.toml", TOML), None)
    assert listed(manifest) == [
        ("requires", "tox>=4"),
        ("requires", "tox-uv"),
        ("env_run_base", "a>=1"),
        ("env_run_base", "-e .[x]"),
        ("env.py312", "c"),
        ("env.py312", "d"),
    ]
    assert [(item.kind, item.path) for item in manifest.includes] == [
        ("requirement", "requirements.txt"),
        ("constraint", "c.txt"),
    ]
    assert [(item.kind, item.option) for item in manifest.indexes] == [
        ("index", "PIP_INDEX_URL"),
        ("extra-index", "--extra-index-url"),
    ]
    assert manifest.settings == []
    assert manifest.problems == []
    for number, dependency in enumerate(manifest.dependencies):
        assert TOML[slice(*dependency.span)] == dependency.text
        left = TOML[: dependency.entry[0]] + TOML[dependency.entry[1] :]
        wanted = [item for at, item in enumerate(listed(manifest)) if at != number]
        assert listed(tox_toml.read(Source("tox.toml", left), None)) == wanted


def test_pyproject_has_the_same_tables() -> None:
    text = '[tool.tox]\nrequires = ["tox>=4"]\n[tool.tox.env_run_base]\ndeps = ["a", 5, "b=1"]\n[tool.tox.env.x]\ndeps = "c"\n'
    manifest = pyproject_toml.read(Source("pyproject.toml", text), None)
    assert listed(manifest) == [("requires", "tox>=4"), ("env_run_base", "a"), ("env.x", "c")]
    assert problems(manifest) == [("invalid-requirement", "5"), ("invalid-requirement", "=1")]


@pytest.mark.parametrize("quotes", ['"""', "'''"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_ini_file_in_a_string_has_its_places_in_the_file(quotes: str, newline: str) -> None:
    ini = "[tox]\nrequires = tox\n[testenv]\ndeps =\n    a>=1  # c\n    py312: b\n"
    text = f"[tool.tox]\nlegacy_tox_ini = {quotes}\n{ini}{quotes}\n".replace("\n", newline)
    manifest = pyproject_toml.read(Source("pyproject.toml", text), None)
    assert listed(manifest) == [("requires", "tox"), ("testenv", "a>=1"), ("testenv py312", "b")]
    assert all(item.rewritable and text[slice(*item.span)] == item.text for item in manifest.dependencies)


def test_an_ini_file_in_an_escaped_string_is_read_and_never_rewritten() -> None:
    text = '[tool.tox]\nlegacy_tox_ini = "[testenv]\\ndeps =\\n  a>=1\\n  b=1\\n"\n'
    manifest = pyproject_toml.read(Source("pyproject.toml", text), None)
    assert listed(manifest) == [("testenv", "a>=1")]
    assert not manifest.dependencies[0].rewritable
    assert [(problem.rule, problem.fix) for problem in manifest.problems] == [("invalid-requirement", None)]


def test_setup_cfg_counts_with_its_section_alone() -> None:
    sections = "[testenv]\ndeps = a\n[options]\ninstall_requires = b>=1\n"
    with_it = setup_cfg.read(Source("setup.cfg", f"{sections}[tox:tox]\nrequires = tox\n"), None)
    assert sorted((item.name, item.group.name, item.group.role) for item in with_it.dependencies) == [
        ("a", "testenv", "development"),
        ("b", None, "library"),
        ("tox", "requires", "development"),
    ]
    assert [item.name for item in setup_cfg.read(Source("setup.cfg", sections), None).dependencies] == ["b"]


# Rules


def test_factors_that_may_exclude_each_other_make_no_duplicate() -> None:
    lines = "    py311: a<2\n    py312: a>=2\n    b\n"
    assert check(f"[testenv]\ndeps =\n{lines}[testenv:x]\ndeps = b\n", path="tox.ini") == []
    (clash,) = check(f"[testenv]\ndeps =\n{lines}    py311: a>=2\n", path="tox.ini")
    assert clash.code == "RQ404"


def test_a_secret_becomes_a_variable_of_tox() -> None:
    url = "https://build:hunter2-8c1f@packages.example.com/simple"
    text = f"[testenv]\nsetenv =\n    PIP_INDEX_URL = {url}\ndeps = a\n"
    (leak,) = check(text, path="tox.ini")
    assert leak.code == "RQ302"
    wanted = text.replace("hunter2-8c1f", "{env:PACKAGES_EXAMPLE_COM_PASSWORD}")
    assert mended(text, True, path="tox.ini") == wanted
    assert check(wanted, path="tox.ini") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[testenv]\ndeps = {",
        "[testenv]\ndeps = \\",
        "[testenv]\ndeps =\n    {{{{}}}}\n    \\#\n",
        "[testenv]\ndeps = :\n",
    ],
)
def test_no_text_stops_the_reader(text: str) -> None:
    read(text)
    tox_toml.read(Source("tox.toml", text), None)
