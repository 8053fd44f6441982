"""``[tool.hatch]`` and hatch.toml, judged by hatchling where something is to be filled in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from reqlint import rewrite
from reqlint.formats import format_of, hatch_toml
from reqlint.formats._hatch import parse_templated
from reqlint.model import Manifest
from reqlint.requirement import InvalidRequirementError
from tests.formats.test_pyproject import COMMIT, check_laws, edited, manifest_of, problems
from tests.support import findings

TABLES = """\
[envs.default]
dependencies = [
  "pytest>=8", # runner
  "core @ {root:uri}/packages/core",
  "pinned=={env:PINNED:1.0}",
  "{env:WHATEVER}",
]
extra-dependencies = ["coverage[toml]==7.*", "own @ git+https://git.example.com/o/own.git@{env:REF:main}"]

[envs.docs]
dependencies = ["mkdocs", "pytest"]

[envs.test.overrides]
matrix.django.dependencies = [
  { value = "django==4.2", if = ["4.2"] },
  { value = "django==5.0", if = ["5.0"], platform = ["linux"] },
  "asgiref",
]
platform.windows.extra-dependencies = ["pywin32"]
env.CI.set-dependencies = ["ci"]

[envs.default.sources]
pytest = "../pytest"
own = { index = "own" }

[sources]
core = { git = "https://git.example.com/o/core.git", branch = "main" }

[build]
dependencies = ["all-targets"]

[build.targets.wheel]
dependencies = ["wheel-only>=1"]

[build.targets.wheel.hooks.custom]
dependencies = ["hook-of-target"]

[build.hooks.mypyc]
dependencies = ["mypy==1.10"]
"""
PREFIXED = TABLES.replace("\n[", "\n[tool.hatch.").replace("[envs.default]", "[tool.hatch.envs.default]", 1)


def _found(manifest: Manifest) -> list[tuple[str, str, str | None, str, bool]]:
    return [
        (item.group.kind, item.group.role, item.group.name, item.text, item.redirected)
        for item in manifest.dependencies
    ]


def test_what_is_declared() -> None:
    manifest = manifest_of(TABLES, hatch_toml.read)
    assert _found(manifest) == [
        ("group", "development", "envs.default", "pytest>=8", True),
        ("group", "development", "envs.default", "core @ {root:uri}/packages/core", True),
        ("group", "development", "envs.default", "pinned=={env:PINNED:1.0}", False),
        ("group", "development", "envs.default", "coverage[toml]==7.*", False),
        ("group", "development", "envs.default", "own @ git+https://git.example.com/o/own.git@{env:REF:main}", False),
        ("group", "development", "envs.docs", "mkdocs", False),
        ("group", "development", "envs.docs", "pytest", False),
        ("group", "development", "envs.test.overrides.matrix.django if=4.2", "django==4.2", False),
        ("group", "development", "envs.test.overrides.matrix.django if=5.0 platform=linux", "django==5.0", False),
        ("group", "development", "envs.test.overrides.matrix.django", "asgiref", False),
        ("group", "development", "envs.test.overrides.platform.windows", "pywin32", False),
        ("group", "development", "envs.test.overrides.env.CI", "ci", False),
        ("group", "development", "envs.default.sources", 'pytest = "../pytest"', False),
        (
            "group",
            "development",
            "envs.default.sources",
            'core = { git = "https://git.example.com/o/core.git", branch = "main" }',
            False,
        ),
        ("build", "build", None, "all-targets", False),
        ("build", "build", "build.targets.wheel", "wheel-only>=1", False),
        ("build", "build", "build.hooks.custom", "hook-of-target", False),
        ("build", "build", "build.hooks.mypyc", "mypy==1.10", False),
    ]
    assert manifest.problems == []


def test_the_same_stands_in_pyproject_toml() -> None:
    assert _found(manifest_of(PREFIXED)) == _found(manifest_of(TABLES, hatch_toml.read))
    form = format_of("project/hatch.toml")
    assert form is not None
    assert form.reader() is hatch_toml


def test_laws() -> None:
    check_laws(TABLES, hatch_toml.read)
    check_laws(PREFIXED)


def test_what_is_filled_in_later() -> None:
    dependencies = {item.name: item for item in manifest_of(TABLES, hatch_toml.read).dependencies}
    (clause,) = dependencies["pinned"].constraints
    assert (clause.operator, clause.version, clause.templated, clause.clauses) == ("==", "{env:PINNED:1.0}", True, None)
    edits = rewrite.pin(dependencies["pinned"], "1.2")
    assert edits is not None
    assert '"pinned==1.2"' in edited(TABLES, edits)
    own = dependencies["own"].vcs
    assert own is not None
    assert (own.ref, own.ref_kind) == ("{env:REF:main}", "unknown")
    core = next(
        item for item in manifest_of(TABLES, hatch_toml.read).dependencies if item.dialect == "hatch" and item.vcs
    )
    edits = rewrite.reref(core, COMMIT)
    assert edits is not None
    assert f'core = {{ git = "https://git.example.com/o/core.git", rev = "{COMMIT}" }}' in edited(TABLES, edits)


def test_findings() -> None:
    assert [(code, shown) for code, shown in findings(TABLES, path="hatch.toml") if code[:3] != "RQ7"] == [
        ("RQ111", "{env:PINNED:1.0}"),
        ("RQ202", "main"),
    ]


@pytest.mark.parametrize(("value", "expected"), [("true", False), ("false", True)])
def test_direct_references_that_are_allowed_are_not_for_an_index(value: str, expected: bool) -> None:
    text = f'[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "a"\nversion = "1"\ndependencies = ["b @ https://h/b.zip"]\n[tool.hatch.metadata]\nallow-direct-references = {value}\n'
    codes = [code for code, _ in findings(text, path="pyproject.toml")]
    assert ("RQ207" in codes) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[envs.a]\ndependencies = 'b'\n", [("invalid-requirement", "'b'")]),
        ("[envs.a]\ndependencies = ['b = 1', 1, 'c']\n", [("invalid-requirement", "= 1"), ("invalid-requirement", "1")]),
        ("[envs.a]\ndependencies = ['b ^{env:X}', '{matrix:x}']\n", []),
        ("[envs.a.overrides]\nmatrix.x.dependencies = 'b'\n", [("invalid-requirement", "'b'")]),
        ("[envs.a.overrides]\nmatrix.x.dependencies = [{if = ['1']}]\n", [("invalid-requirement", "{if = ['1']}")]),
        ("[envs.a.overrides]\nmatrix.x.dependencies = [{value = 'b = 1'}]\n", [("invalid-requirement", "= 1")]),
        ("[build]\ndependencies = ['{root}']\n", [("invalid-requirement", "{root}")]),
        ("[sources]\na = 1\n", [("invalid-requirement", "1")]),
        ("[sources]\na = {git = 'https://h/a', path = 'b'}\n", [("invalid-requirement", "a = {git = 'https://h/a', path = 'b'}")]),
        ("[sources]\na = {git = 'https://h/a', tag = 'b', rev = 'c'}\n", [("invalid-requirement", "rev")]),
        ("envs = 1\nbuild = []\nsources = 'x'\n", []),
        ("a = = 1\n", [("unreadable-file", "=")]),
    ],
)  # fmt: skip
def test_problems(text: str, expected: list[tuple[str, str]]) -> None:
    assert problems(text, hatch_toml.read) == expected


TEMPLATES = [
    "a=={env:V:1.2}",
    "a>={env:V:1},<{env:W:3}",
    "a @ {root:uri}/sub",
    "a @ {root:parent:uri}/b{/}c ; python_version < '{env:V:3.12}'",
    "a[b] @ git+https://{env:TOKEN:t}@h/o/r.git@{env:REF:main}#subdirectory=s",
    "a @ file:///{env:NESTED:{home}/x}",
]


@pytest.mark.parametrize("text", TEMPLATES)
def test_hatchling_fills_in_what_we_read(text: str) -> None:
    context = pytest.importorskip("hatchling.utils.context").Context("/project")
    parts = parse_templated(text)
    full = Requirement(context.format(text))
    assert parts.name == full.name
    assert set(parts.extras) == full.extras
    assert (parts.url and context.format(parts.url)) == full.url
    clauses = ",".join(sorted(clause.operator + context.format(clause.version) for clause in parts.constraints))
    assert clauses == ",".join(sorted(map(str, full.specifier)))
    assert (parts.marker is None) is (full.marker is None)
    for clause in parts.constraints:
        assert text[slice(*clause.version_span)] == clause.version


PIECES = st.sampled_from(
    ["a", "{env:X}", "{", "}", "{}", "{x:{y}}", "==", "1", ";", " @ ", "/", "[", "]", "${X}", "os_name"]
)


@given(st.lists(PIECES, max_size=6).map("".join))
def test_any_template_can_be_read(text: str) -> None:
    try:
        parts = parse_templated(text, 5)
    except InvalidRequirementError:
        return
    assert parts.name_span is not None
    assert text[parts.name_span[0] - 5 : parts.name_span[1] - 5] == parts.name


VALUES = st.recursive(
    st.sampled_from(['"a"', '""', "1", "true", '"{env:X}"', '"\\u0061"', '"a=={env:X}"', '"https://h/x"', "{}"]),
    lambda values: (
        st.lists(values, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(
            st.sampled_from("dependencies overrides matrix x value if sources git path targets hooks default".split()),
            values,
            max_size=4,
        ).map(lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}")
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("envs sources build metadata".split()), VALUES, max_size=4))
def test_anything_can_be_read(table: dict[str, str]) -> None:
    body = "".join(f"{key} = {value}\n" for key, value in table.items())
    check_laws(body, hatch_toml.read)
    check_laws(f"[tool.hatch]\n{body}")
