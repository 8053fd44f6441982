"""``[tool.pixi]`` and pixi.toml; rattler judges the versions."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlint import rewrite
from reqlint.formats import format_of, pixi_toml
from reqlint.model import Dependency
from tests.formats.test_pyproject import COMMIT, check_laws, edited, manifest_of, problems
from tests.support import findings

EXAMPLE = """\
[workspace]
name = "shop"
channels = ["conda-forge", { channel = "https://repo.example.com/own", priority = 1 }]
platforms = ["linux-64", "osx-arm64"]

[workspace.pypi-options]
index-url = "https://mirror.example.com/simple"

[dependencies]
python = ">=3.11" # the interpreter
numpy = "==1.26.4"
any = "*"
exact = "1.2.3"
series = "1.2.*"
range = ">=1.2,<2"
either = ">=1,<2|>=3"
detailed = { version = ">=1.2.3", build = "py34_0", channel = "pytorch", subdir = "linux-64" }
chosen = { channel = "conda-forge" }
packed = { url = "https://example.com/packed-1.2.3-0.conda", md5 = "6f5902ac237024bdd0c176cb93063dc4" }
local = { path = "path/to/local-1.2.3-0.conda" }
repo.git = "https://git.example.com/o/repo"
repo.branch = "main"
shared = { workspace = true }

[host-dependencies]
host = ">=1"
[build-dependencies]
compilers = "*"

[constraints]
openssl = "<3"

[pypi-dependencies]
requests = { version = ">= 2.8.1, ==2.8.*", extras = [
  "security",
] } # c
pinned = { version = "==1.0", index = "http://own.example.com/simple" }
free = "*"
git = { git = "ssh://git@git.example.com/o/git.git", subdirectory = "python", extras = ["x", "y"] }
core = { path = "./core", editable = true }
marked = { version = ">=1", env-markers = "sys_platform == 'win32'" }

[pypi-dependencies.table]
extras = ["x"]

[target.osx-arm64.dependencies]
any = "==1.1"

[feature.test.dependencies]
pytest = "*"

[feature.cuda]
channels = ["nvidia"]
dependencies = { cuda = ">=12", cudnn = "12.0.*" }
target.linux-64 = { pypi-dependencies = { torch = "==2.0" } }

[feature.cuda.pypi-options]
extra-index-urls = ["https://extra.example.com/simple"]
find-links = [{ path = "./wheels" }, { url = "https://files.example.com" }]
dependency-overrides = { numpy = ">=2" }
prerelease-mode = "allow"

[package.run-dependencies]
click = ">=8"
[package.target.linux-64.host-dependencies]
hatchling = "*"
[package.build]
backend = { name = "pixi-build-python", version = "*" }
"""
PREFIXED = (
    EXAMPLE.replace("[feature.", "[tool.pixi.feature.")
    .replace("[package.", "[tool.pixi.package.")
    .replace("\n[", "\n[tool.pixi.")
    .replace("[tool.pixi.tool.pixi.", "[tool.pixi.")
    .replace("[workspace]", "[tool.pixi.workspace]")
)


def _dependencies(text: str = EXAMPLE) -> list[Dependency]:
    return manifest_of(text, pixi_toml.read).dependencies


def _named(name: str) -> Dependency:
    return next(item for item in _dependencies() if item.name == name)


def test_what_is_declared() -> None:
    assert [
        (item.ecosystem, item.group.kind, item.group.role, item.group.name, item.name, item.specifier)
        for item in _dependencies()
    ] == [
        ("conda", "runtime", "application", None, "python", ">=3.11"),
        ("conda", "runtime", "application", None, "numpy", "==1.26.4"),
        ("conda", "runtime", "application", None, "any", ""),
        ("conda", "runtime", "application", None, "exact", "1.2.3"),
        ("conda", "runtime", "application", None, "series", "1.2.*"),
        ("conda", "runtime", "application", None, "range", ">=1.2,<2"),
        ("conda", "runtime", "application", None, "either", ">=1,<2 || >=3"),
        ("conda", "runtime", "application", None, "detailed", ">=1.2.3"),
        ("conda", "runtime", "application", None, "chosen", ""),
        ("conda", "runtime", "application", None, "packed", ""),
        ("conda", "runtime", "application", None, "local", ""),
        ("conda", "runtime", "application", None, "repo", ""),
        ("conda", "runtime", "application", None, "shared", ""),
        ("conda", "build", "build", "host-dependencies", "host", ">=1"),
        ("conda", "build", "build", "build-dependencies", "compilers", ""),
        ("conda", "constraint", "input", "constraints", "openssl", "<3"),
        ("pypi", "runtime", "application", None, "requests", ">=2.8.1,==2.8.*"),
        ("pypi", "runtime", "application", None, "pinned", "==1.0"),
        ("pypi", "runtime", "application", None, "free", ""),
        ("pypi", "runtime", "application", None, "git", ""),
        ("pypi", "runtime", "application", None, "core", ""),
        ("pypi", "runtime", "application", None, "marked", ">=1"),
        ("pypi", "runtime", "application", None, "table", ""),
        ("conda", "runtime", "application", "target.osx-arm64", "any", "==1.1"),
        ("conda", "group", "development", "feature.test", "pytest", ""),
        ("conda", "group", "application", "feature.cuda", "cuda", ">=12"),
        ("conda", "group", "application", "feature.cuda", "cudnn", "12.0.*"),
        ("pypi", "group", "application", "feature.cuda.target.linux-64", "torch", "==2.0"),
        ("pypi", "constraint", "input", "feature.cuda.pypi-options.dependency-overrides", "numpy", ">=2"),
        ("conda", "runtime", "library", "package", "click", ">=8"),
        ("conda", "build", "build", "package.target.linux-64.host-dependencies", "hatchling", ""),
    ]
    assert problems(EXAMPLE, pixi_toml.read) == []


def test_the_parts_of_conda_packages() -> None:
    detailed = _named("detailed").parts
    assert (detailed.build, detailed.channel) == ("py34_0", "pytorch")
    assert [clause.clauses for clause in _named("exact").constraints] == [(("==", "1.2.3"),)]
    assert [clause.clauses for clause in _named("series").constraints] == [(("==", "1.2.*"),)]
    assert len(_named("either").parts.alternatives) == 2
    packed, local, repo = _named("packed"), _named("local"), _named("repo")
    assert (packed.kind, packed.url, packed.hashes) == ("url", "https://example.com/packed-1.2.3-0.conda", 1)
    assert (local.kind, local.url) == ("path", "path/to/local-1.2.3-0.conda")
    assert repo.vcs is not None
    assert (repo.vcs.repository, repo.vcs.ref, repo.vcs.ref_kind) == (
        "https://git.example.com/o/repo",
        "main",
        "branch",
    )
    assert [item.name for item in _dependencies() if item.redirected] == ["python", "shared"]


def test_the_parts_of_packages_from_pypi() -> None:
    assert _named("requests").extras == ("security",)
    assert _named("marked").marker == "sys_platform == 'win32'"
    core, git = _named("core"), _named("git")
    assert (core.kind, core.url, core.editable) == ("path", "./core", True)
    assert git.extras == ("x", "y")
    assert git.vcs is not None
    assert (git.vcs.repository, git.vcs.ref, git.vcs.subdirectory) == (
        "ssh://git@git.example.com/o/git.git",
        None,
        "python",
    )


def test_channels_indexes_and_settings() -> None:
    manifest = manifest_of(EXAMPLE, pixi_toml.read)
    assert [(item.kind, item.url, item.option) for item in manifest.indexes] == [
        ("channel", "conda-forge", "channels"),
        ("channel", "https://repo.example.com/own", "channels"),
        ("index", "https://mirror.example.com/simple", "index-url"),
        ("explicit-index", "http://own.example.com/simple", "index"),
        ("extra-index", "https://extra.example.com/simple", "extra-index-urls"),
        ("find-links", "./wheels", "find-links"),
        ("find-links", "https://files.example.com", "find-links"),
        ("channel", "nvidia", "channels"),
    ]
    assert [(item.kind, item.option) for item in manifest.settings] == [("pre-releases", 'prerelease-mode = "allow"')]
    for item in manifest.indexes:
        assert EXAMPLE[slice(*item.span)] == item.url
        tomllib.loads(EXAMPLE[: item.entry[0]] + EXAMPLE[item.entry[1] :])


def test_laws() -> None:
    check_laws(EXAMPLE, pixi_toml.read)
    check_laws(PREFIXED)


def test_the_same_stands_in_pyproject_toml() -> None:
    texts = [item.text.replace("tool.pixi.", "") for item in manifest_of(PREFIXED).dependencies]
    assert texts == [item.text for item in _dependencies()]
    assert problems(PREFIXED) == []
    form = format_of("project/pixi.toml")
    assert form is not None
    assert form.reader() is pixi_toml


@pytest.mark.parametrize(
    ("head", "role"),
    [
        ("", "application"),
        ('[project]\nname = "a"\n', "application"),
        ('[build-system]\nrequires = []\n[project]\nname = "a"\n', "development"),
        ("[build-system]\nrequires = []\n[tool.uv]\npackage = false\n", "application"),
    ],
)
def test_the_environments_of_a_library_are_for_its_developers(head: str, role: str) -> None:
    manifest = manifest_of(f'{head}[tool.pixi.dependencies]\nnumpy = "*"\n')
    assert [item.group.role for item in manifest.dependencies] == [role]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("numpy", 'numpy = "==9.8"'),
        ("exact", 'exact = "==9.8"'),
        ("either", 'either = "==9.8"'),
        ("detailed", 'detailed = { version = "==9.8", build = "py34_0", channel = "pytorch", subdir = "linux-64" }'),
        ("chosen", 'chosen = { version = "==9.8", channel = "conda-forge" }'),
        ("table", '[pypi-dependencies.table]\nversion = "==9.8"\nextras = ["x"]'),
        ("marked", 'marked = { version = "==9.8", env-markers = "sys_platform == \'win32\'" }'),
    ],
)
def test_a_pin(name: str, written: str) -> None:
    edits = rewrite.pin(_named(name), "9.8")
    assert edits is not None
    text = edited(EXAMPLE, edits)
    tomllib.loads(text)
    assert f"\n{written}\n" in text


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("repo", f'repo.git = "https://git.example.com/o/repo"\nrepo.rev = "{COMMIT}"'),
        ("git", f'git = {{ git = "ssh://git@git.example.com/o/git.git", rev = "{COMMIT}", subdirectory = "python", extras = ["x", "y"] }}'),
    ],
)  # fmt: skip
def test_a_commit(name: str, written: str) -> None:
    edits = rewrite.reref(_named(name), COMMIT)
    assert edits is not None
    text = edited(EXAMPLE, edits)
    tomllib.loads(text)
    assert f"\n{written}\n" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dependencies = []\n", [("invalid-requirement", "[]")]),
        ("[dependencies]\na = 1\nb = ['>=1']\n", [("invalid-requirement", "1"), ("invalid-requirement", "['>=1']")]),
        ("[dependencies]\n'a b' = '*'\n", [("invalid-requirement", "'a b'")]),
        ("[dependencies]\na = '^1.2'\nb = '*'\n", [("invalid-requirement", "^1.2")]),
        ("[dependencies]\na = '>= 1.2'\n", [("invalid-requirement", ">= ")]),
        ("[dependencies]\na = '==1.*'\n", [("invalid-requirement", "==1.*")]),
        ("[dependencies]\na = ''\n", [("invalid-requirement", "''")]),
        ("[dependencies]\na = {version = 1}\n", [("invalid-requirement", "1")]),
        ("[dependencies]\na = './a'\nb = 'https://h/b.conda'\n", [("invalid-requirement", "'./a'"), ("invalid-requirement", "'https://h/b.conda'")]),
        ("[dependencies]\na = {git = 'git@h:o/a.git'}\n", [("invalid-requirement", "git@h:o/a.git")]),
        ("[dependencies]\na = {git = 'https://h/a', path = 'a'}\n", [("invalid-requirement", "a = {git = 'https://h/a', path = 'a'}")]),
        ("[dependencies]\na = {git = 'https://h/a', tag = 'a', rev = 'b'}\n", [("invalid-requirement", "rev")]),
        ("[dependencies]\na = {version = '>=1', rev = 'b'}\n", [("invalid-requirement", "rev")]),
        ("[dependencies]\na = {version = '>=1', subdir = 'noarch'}\n", []),
        ("[pypi-dependencies]\na = '1.2'\n", [("invalid-requirement", "1.2")]),
        ("[pypi-dependencies]\na = '>=1;x'\n", [("invalid-requirement", ";")]),
        ("[pypi-dependencies]\na = {version = '>=1', git = 'https://h/a'}\n", [("invalid-requirement", "a = {version = '>=1', git = 'https://h/a'}")]),
        ("[pypi-dependencies]\na = {version = '>=1', markers = 'x'}\n", [("invalid-requirement", "markers")]),
        ("[pypi-dependencies]\na = {version = '>=1', env-markers = 'x'}\n", [("invalid-requirement", "x")]),
        ("[pypi-dependencies]\na_ = '*'\n", [("invalid-requirement", "a_")]),
        ("[dependencies]\npypi-txt = ['a.txt']\n", []),
        ("workspace = 1\nfeature = []\ntarget = 'x'\npackage = 1\ndev = 2\n", []),
        ("a = = 1\n", [("unreadable-file", "=")]),
    ],
)  # fmt: skip
def test_problems(text: str, expected: list[tuple[str, str]]) -> None:
    assert problems(text, pixi_toml.read) == expected


def test_requirements_files_are_includes() -> None:
    text = "[dependencies]\npypi-txt = ['a.txt', 'b.txt']\n"
    assert [item.path for item in manifest_of(text, pixi_toml.read).includes] == ["a.txt", "b.txt"]


def test_findings() -> None:
    found = [(code, shown) for code, shown in findings(EXAMPLE, path="pixi.toml") if code[:3] in ("RQ1", "RQ2", "RQ6")]
    assert ("RQ202", "main") in found
    assert ("RQ602", "http://own.example.com/simple") in found
    assert ("RQ601", "https://extra.example.com/simple") in found
    assert ("RQ101", "any") in found
    unpinned = {shown for code, shown in found if code == "RQ101"}
    assert unpinned.isdisjoint({"python", "shared", "pytest", "compilers", "hatchling"})
    assert not any(code in ("RQ109", "RQ110", "RQ601") and "own" in shown for code, shown in found)


VERSIONS = [
    *"""
    * 1.2 ==1.2 1.2.* >=1.2,<2 =1.2 ~=1.2 >=1.2|<1 1.2.3|1.3 !=1.2 !=1.2.* 1.2* =1.2.3 ==1.2+local 1!1.2 2024.01.05 19.10b0
    >=2024a (>=1,<2)|3 ==x.y >=3.10,3.11.* ~=1 >=1.2,* v1.2 3.10.1.post1 *.*
    ^1.2 ~1.2 ===1 >=1.2, ==1.* >=3.11.* =1.2.* ~=1.2.* <2.* >1.* =* >=* !=* 1.2=py_0 !1.2 >= >
    """.split(),
    *(">=1.2, <2", ">=1.2 ,<2", ">= 1.2", " >=1.2", ">=1.2 ", "1.2.* | 1.3.*", ">1.2 <2", "", "1.2 py_0"),
]


@pytest.mark.parametrize("version", VERSIONS)
def test_rattler_says_so(version: str) -> None:
    rattler = pytest.importorskip("rattler")

    def refusal(*, strict: bool) -> str:
        try:
            rattler.VersionSpec(version, strict=strict)
        except Exception as error:  # noqa: BLE001 - rattler's own have no public name
            return str(error)
        return ""

    said = refusal(strict=True)
    if "missing range specifier" in said:  # pixi asks again, less strictly
        said = refusal(strict=False)
    assert bool(problems(f"[dependencies]\na = '{version}'\n", pixi_toml.read)) is bool(said)


def test_names_of_conda_packages_are_in_lower_case() -> None:
    (dependency,) = _dependencies("[dependencies]\nNumPy = '*'\n")
    assert (dependency.name, dependency.raw_name) == ("numpy", "numpy")


TEXTS = st.sampled_from(
    ['"a"', '""', "1", "true", '"*"', '">=1"', '"1.2.*"', '"\\u0031"', '"https://h/x"', '"==1|2"', '"git@h:o/r"', "{}"]
)
VALUES = st.recursive(
    TEXTS,
    lambda values: (
        st.lists(values, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(
            st.sampled_from(
                "version git rev tag path url index env-markers extras build channel python a dependencies target workspace "
                "pypi-dependencies pypi-options index-url find-links channels host-dependencies run-dependencies".split()
            ),
            values,
            max_size=4,
        ).map(lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}")
    ),
    max_leaves=8,
)
TOP = "dependencies pypi-dependencies feature target workspace package constraints dev pypi-options build-dependencies"


@given(st.dictionaries(st.sampled_from(TOP.split()), VALUES, max_size=4))
def test_anything_can_be_read(table: dict[str, str]) -> None:
    body = "".join(f"{key} = {value}\n" for key, value in table.items())
    check_laws(body, pixi_toml.read)
    check_laws(f"[tool.pixi]\n{body}")
