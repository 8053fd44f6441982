"""``[tool.uv]`` and uv.toml, judged by uv: what it refuses is reported, and what it drops too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlint import rewrite
from reqlint.formats import format_of, uv_toml
from reqlint.model import Dependency
from tests.formats.test_pyproject import COMMIT, check_laws, edited, manifest_of, problems
from tests.support import findings

UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
needs_uv = pytest.mark.skipif(UV is None, reason="uv is not installed")

HEAD = """\
[project]
name = "shop"
version = "1"
requires-python = ">=3.11"
dependencies = ["core"]
"""

EXAMPLE = """\
[build-system]
requires = ["backend"]

[project]
name = "shop"
version = "1"
dependencies = [
  "git>=1", "Tag_ged", "archive", "wheel", "folder", "member", "mirrored",
  "split", "unsplit ; sys_platform == 'linux'", "half",
]

[project.optional-dependencies]
cpu = ["torch>=2"]
cuda = ["torch>=2"]

[dependency-groups]
dev = ["tool"]
docs = ["tool"]

[tool.uv]
dev-dependencies = ["pytest>=8", "legacy"]
constraint-dependencies = ["grpcio<1.65", "git<2"]
override-dependencies = ["werkzeug==2.3.0 ; os_name == 'nt'", {package = {name = "a", version = "1"}, dependencies = ["b>1"]}]
build-constraint-dependencies = ["setuptools<80"] # c
exclude-dependencies = ["unwanted"]
prerelease = "allow"
allow-insecure-host = ["https://old.example.com", "other.example.com:8443"]

[tool.uv.extra-build-dependencies]
flash = ["torch==2", {requirement = "packaging", match-runtime = true}]

[tool.uv.sources]
git = { git = "https://git.example.com/o/git.git", branch = "main" }
tag-ged = { git = "ssh://git@git.example.com/o/tag.git", tag = "v1.2", subdirectory = "sub", marker = "os_name == 'nt'" }
archive = { url = "https://example.com/archive-1.0.tar.gz" }
wheel = { path = "dist/wheel-1.0-py3-none-any.whl" }
folder.path = "../folder"
folder.editable = true
member = { workspace = true }
mirrored = { index = "own" }
split = [
  { git = "https://git.example.com/o/split.git", marker = "sys_platform == 'linux'" }, # one
  { path = "split", marker = "sys_platform != 'linux'" },
]
half = [{ url = "https://example.com/half.zip", marker = "os_name == 'nt'" }, { index = "own", marker = "os_name != 'nt'" }]
torch = [{ index = "own", extra = "cpu" }, { path = "torch", extra = "cuda" }]
backend = { git = "https://git.example.com/o/backend.git", rev = "0123456789abcdef0123456789abcdef01234567" }

[[tool.uv.sources.unsplit]]
git = "https://git.example.com/o/unsplit.git"
rev = "main"
marker = "sys_platform == 'linux'"

[tool.uv.sources.tool]
path = "tool"
group = "docs"

[[tool.uv.index]]
name = "own"
url = "https://packages.example.com/simple"
explicit = true

[[tool.uv.index]]
url = "https://mirror.example.com/simple"
default = true

[[tool.uv.index]]
name = "more"
url = "https://more.example.com/simple"

[tool.uv.pip]
index-url = "https://pip.example.com/simple"
extra-index-url = ["https://extra.example.com/simple"]
find-links = ["./wheels"]
"""


def _sources(text: str) -> list[Dependency]:
    return [item for item in manifest_of(text).dependencies if item.dialect == "uv"]


def _place(item: Dependency) -> object:
    vcs = item.vcs
    return item.url if vcs is None else (vcs.repository, vcs.ref, vcs.ref_kind, vcs.subdirectory)


def test_what_is_declared() -> None:
    lists = [
        (item.group.kind, item.group.role, item.group.name, item.text)
        for item in manifest_of(EXAMPLE).dependencies
        if item.dialect == "pep508" and (item.group.name or "").startswith(("dev", "tool"))
    ]
    assert lists == [
        ("group", "development", "dev", "tool"),
        ("group", "development", "dev", "pytest>=8"),
        ("group", "development", "dev", "legacy"),
        ("constraint", "input", "tool.uv.constraint-dependencies", "grpcio<1.65"),
        ("constraint", "input", "tool.uv.constraint-dependencies", "git<2"),
        ("constraint", "input", "tool.uv.override-dependencies", "werkzeug==2.3.0 ; os_name == 'nt'"),
        ("constraint", "input", "tool.uv.override-dependencies.a", "b>1"),
        ("constraint", "input", "tool.uv.build-constraint-dependencies", "setuptools<80"),
        ("build", "build", "tool.uv.extra-build-dependencies.flash", "torch==2"),
        ("build", "build", "tool.uv.extra-build-dependencies.flash", "packaging"),
    ]
    assert problems(EXAMPLE) == []


def test_sources() -> None:
    assert [
        (item.raw_name, item.kind, _place(item), item.marker, item.editable, (item.group.name or "")[15:])
        for item in _sources(EXAMPLE)
    ] == [
        ("git", "url", ("https://git.example.com/o/git.git", "main", "branch", None), None, False, ""),
        ("tag-ged", "url", ("ssh://git@git.example.com/o/tag.git", "v1.2", "tag", "sub"), "os_name == 'nt'", False, ""),
        ("archive", "url", "https://example.com/archive-1.0.tar.gz", None, False, ""),
        ("wheel", "path", "dist/wheel-1.0-py3-none-any.whl", None, False, ""),
        ("folder", "path", "../folder", None, True, ""),
        ("split", "url", ("https://git.example.com/o/split.git", None, None, None), "sys_platform == 'linux'", False, ""),
        ("split", "path", "split", "sys_platform != 'linux'", False, ""),
        ("half", "url", "https://example.com/half.zip", "os_name == 'nt'", False, ""),
        ("torch", "path", "torch", None, False, ".extra.cuda"),
        ("backend", "url", ("https://git.example.com/o/backend.git", COMMIT, "commit", None), None, False, ""),
        ("unsplit", "url", ("https://git.example.com/o/unsplit.git", "main", "branch", None), "sys_platform == 'linux'", False, ""),
        ("tool", "path", "tool", None, False, ".group.docs"),
    ]  # fmt: skip


def test_what_is_redirected() -> None:
    redirected = [
        (item.group.name, item.raw_name)
        for item in manifest_of(EXAMPLE).dependencies
        if item.redirected and item.dialect == "pep508"
    ]
    assert redirected == [
        (None, "backend"),
        (None, "git"),
        # not Tag_ged: on other systems it comes from the index
        (None, "archive"),
        (None, "wheel"),
        (None, "folder"),
        (None, "member"),
        (None, "split"),
        (None, "unsplit"),
        ("cuda", "torch"),
        ("docs", "tool"),
        ("tool.uv.constraint-dependencies", "git"),
    ]


def test_indexes_and_settings() -> None:
    manifest = manifest_of(EXAMPLE)
    assert [(item.kind, item.url, item.option) for item in manifest.indexes] == [
        ("explicit-index", "https://packages.example.com/simple", "[[tool.uv.index]]"),
        ("index", "https://mirror.example.com/simple", "[[tool.uv.index]]"),
        ("extra-index", "https://more.example.com/simple", "[[tool.uv.index]]"),
        ("index", "https://pip.example.com/simple", "index-url"),
        ("extra-index", "https://extra.example.com/simple", "extra-index-url"),
        ("find-links", "./wheels", "find-links"),
    ]
    assert [(item.kind, item.value, item.option) for item in manifest.settings] == [
        ("pre-releases", "allow", 'prerelease = "allow"'),
        ("trusted-host", "old.example.com", "allow-insecure-host"),
        ("trusted-host", "other.example.com:8443", "allow-insecure-host"),
    ]
    for item in manifest.indexes:
        assert EXAMPLE[slice(*item.span)] == item.url
        tomllib.loads(EXAMPLE[: item.entry[0]] + EXAMPLE[item.entry[1] :])


def test_a_flat_index_is_a_place_to_find_links() -> None:
    text = "[[tool.uv.index]]\nname = 'a'\nurl = './wheels'\nformat = 'flat'\n[tool.uv]\nno-index = true\n"
    manifest = manifest_of(text)
    assert [(item.kind, item.url) for item in manifest.indexes] == [("find-links", "./wheels")]
    assert [item.kind for item in manifest.settings] == ["no-index"]


def test_laws() -> None:
    check_laws(EXAMPLE)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('core = { git = "https://h/c" }', f'core = {{ git = "https://h/c", rev = "{COMMIT}" }}'),
        ('core = {git="https://h/c",branch="main"} # c', f'core = {{git="https://h/c",rev = "{COMMIT}"}} # c'),
        ("core = { tag = 'v1', git = 'https://h/c' }", f"core = {{ rev = \"{COMMIT}\", git = 'https://h/c' }}"),
        ('core.git = "https://h/c"', f'core.git = "https://h/c"\ncore.rev = "{COMMIT}"'),
        ('core = [{ git = "https://h/c" }]', f'core = [{{ git = "https://h/c", rev = "{COMMIT}" }}]'),
        ('[tool.uv.sources.core]\ngit = "https://h/c"\n', f'[tool.uv.sources.core]\ngit = "https://h/c"\nrev = "{COMMIT}"\n'),
        ('[[tool.uv.sources.core]]\ngit = "https://h/c"', f'[[tool.uv.sources.core]]\ngit = "https://h/c"\nrev = "{COMMIT}"'),
    ],
)  # fmt: skip
def test_a_commit_is_written_as_rev(source: str, expected: str) -> None:
    head = HEAD + "[tool.uv.sources]\n"
    dependency = _sources(head + source)[0]
    edits = rewrite.reref(dependency, COMMIT)
    assert edits is not None
    assert edited(head + source, edits) == head + expected
    entry = tomllib.loads(head + expected)["tool"]["uv"]["sources"]["core"]
    table = entry[0] if isinstance(entry, list) else entry
    assert {key: value for key, value in table.items() if key != "git"} == {"rev": COMMIT}
    assert rewrite.pin(dependency, "1") is None


# Sources with what uv 0.13 says of them, for a project that lists `core`.
ACCEPTED = [
    '{ path = "core" }',
    '{ path = "core", editable = true, package = true }',
    '{ path = "core", editable = false, package = false }',
    '{ path = "core", subdirectory = "x", lfs = true }',
    '{ path = "", marker = "python_version < \'4\'" }',
    '[{ path = "core" }]',
    "[{ path = 'core', marker = \"os_name == 'nt'\" }, { path = 'other', marker = \"os_name != 'nt'\" }]",
    '{ path = "core", extra = "e" }',
    '{ path = "core", group = "G" }',
]
REFUSED = [
    ('{ path = "core", foo = 1 }', "foo"),
    ('{ path = "core", branch = "x" }', "branch"),
    ('{ path = "core", url = "https://h/c.zip" }', "path"),
    ('{ path = "core", index = "x" }', "index"),
    ('{ path = "core", workspace = false }', "workspace"),
    ('{ path = "core", editable = true, package = false }', "package"),
    ('{ path = "core", editable = "yes" }', '"yes"'),
    ('{ path = "core", extra = "a", group = "b" }', "group"),
    ('{ path = "core", extra = "absent" }', '"absent"'),
    ('{ path = "core", extra = "empty" }', '"empty"'),
    ('{ path = "core", group = "absent" }', '"absent"'),
    ('{ path = "core", group = "-" }', '"-"'),
    ('{ path = "core", marker = "linux" }', "linux"),
    ('{ path = "core", marker = "" }', '""'),
    ("{ path = 1 }", "1"),
    ('{ url = "core.zip" }', "core.zip"),
    ('{ url = "" }', '""'),
    ('{ url = "https://h/c.zip", editable = true }', "editable"),
    ('{ url = "https://h/c.zip", rev = "x" }', "rev"),
    ('{ git = "https://h/c", rev = "a", tag = "b" }', "tag"),
    ('{ git = "https://h/c", rev = "a", branch = "" }', "branch"),
    ('{ git = "https://h/c", rev = 1 }', "1"),
    ('{ git = "https://h/c", editable = true }', "editable"),
    ('{ git = "https://h/c", path = "c.whl", subdirectory = "x" }', "subdirectory"),
    ('{ git = "git@h.org:o/c.git" }', "git@h.org:o/c.git"),
    ('{ git = "../core" }', "../core"),
    ('{ git = "" }', '""'),
    ('{ git = "hg+https://h/c" }', "hg+https://h/c"),
    ('{ index = "a", editable = true }', "editable"),
    ("{ workspace = false }", "workspace = false"),
    ('{ rev = "x" }', "rev"),
    ("{ editable = true }", "core = { editable = true }"),
    ("{}", "core = {}"),
    ('"core"', 'core = "core"'),
    ("[]", "[]"),
    ("[{ path = 'core' }, { path = 'other' }]", "{ path = 'other' }"),
    ("[{ path = 'core', marker = \"os_name == 'nt'\" }, { path = 'other' }]", "{ path = 'other' }"),
    ("[{ path = 'core', marker = 'os_name == \"nt\"' }, { path = 'o', marker = 'os_name == \"nt\"' }]", "{ path = 'o', marker = 'os_name == \"nt\"' }"),
]  # fmt: skip
MORE = (
    '[project.optional-dependencies]\ne = ["core"]\nempty = []\n[dependency-groups]\ng = ["core"]\n[tool.uv.sources]\n'
)


@pytest.mark.parametrize("source", ACCEPTED)
def test_sources_that_uv_takes(source: str) -> None:
    assert problems(f"{HEAD}{MORE}core = {source}\n") == []


@pytest.mark.parametrize(("source", "underlined"), REFUSED)
def test_sources_that_uv_refuses(source: str, underlined: str) -> None:
    text = f"{HEAD}{MORE}core = {source}\n"
    found = problems(text)
    assert ("invalid-requirement", underlined) in found
    check_laws(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[tool.uv]\nsources = []\n", [("invalid-requirement", "[]")]),
        ('[tool.uv.sources]\n-core = {path = "c"}\n', [("invalid-requirement", "-core")]),
        ('[tool.uv.sources]\ncore = {path = "c"}\nCore = {path = "c"}\n', [("invalid-requirement", "Core")]),
        ('[tool.uv.sources]\ncore = {path = "c", ref = "x"}\n', [("invalid-requirement", "ref")]),
        ('[tool.uv.sources]\nother = {path = "c"}\n', [("ignored-text", "other")]),
        ('[tool.uv.sources]\nother = {index = "c"}\n', [("ignored-text", "other")]),
        ('[tool.uv.sources]\nother = {path = "c"}\n[tool.uv.workspace]\nmembers = ["m"]\n', []),
        ('[tool.uv]\nconstraint-dependencies = ["other"]\n[tool.uv.sources]\nother = {path = "c"}\n', []),
        ('[tool.uv]\nconstraint-dependencies = ["a = 1"]\n', [("invalid-requirement", "= 1")]),
        ('[tool.uv]\ndev-dependencies = ["-e ."]\n', [("invalid-requirement", "-e .")]),
        ("[tool.uv]\noverride-dependencies = [1, {a = 1}]\n", [("invalid-requirement", "1")]),
        ('[tool.uv]\nconstraint_dependencies = ["a"]\n', [("ignored-text", "constraint_dependencies")]),
        ('[tool.uv]\nfind-links = "./wheels"\n', [("invalid-requirement", '"./wheels"')]),
        ("[[tool.uv.index]]\nname = 'x'\n", [("invalid-requirement", "name")]),
        ("[[tool.uv.index]]\nurl = 'https://h'\nexplicit = true\n", [("invalid-requirement", "explicit")]),
        (
            "[[tool.uv.index]]\nurl = 'https://h'\ndefault = true\n[[tool.uv.index]]\nurl = 'https://i'\ndefault = true\n",
            [("invalid-requirement", "default")],
        ),
    ],
)
def test_problems(text: str, expected: list[tuple[str, str]]) -> None:
    assert problems(HEAD + text) == expected


def test_a_project_whose_dependencies_are_dynamic_may_list_anything() -> None:
    text = '[project]\nname = "a"\ndynamic = ["dependencies"]\n[tool.uv.sources]\nother = {path = "c", extra = "x"}\n'
    assert problems(text) == []


def test_an_scp_like_url_is_mended() -> None:
    text = f'{HEAD}[tool.uv.sources]\ncore = {{ git = "git@git.example.com:o/core.git" }}\n'
    (problem,) = manifest_of(text).problems
    assert problem.fix is not None
    mended = edited(text, problem.fix.edits)
    assert 'git = "ssh://git@git.example.com/o/core.git" }' in mended
    assert problems(mended) == []


def test_rules_know_sources() -> None:
    text = EXAMPLE.replace("https://git.example.com/o/split.git", "git://git.example.com/o/split.git")
    codes = [(code, shown) for code, shown in findings(text, path="pyproject.toml") if code.startswith("RQ2")]
    assert codes == [
        ("RQ202", "main"),
        ("RQ201", "git://git.example.com/o/split.git"),
        ("RQ204", "git://"),
        ("RQ202", "main"),
    ]


# uv itself


def _uv(folder: Path, text: str, settings: str = "") -> str:
    """What uv says of a project without a network: nothing when it locks it."""
    assert UV is not None
    (folder / "core").mkdir(exist_ok=True)
    (folder / "core" / "pyproject.toml").write_text('[project]\nname = "core"\nversion = "1"\n')
    (folder / "other").mkdir(exist_ok=True)
    (folder / "other" / "pyproject.toml").write_text('[project]\nname = "core"\nversion = "2"\n')
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    (folder / "uv.toml").unlink(missing_ok=True)
    if settings:
        (folder / "uv.toml").write_text(settings, encoding="utf-8")
    (folder / "uv.lock").unlink(missing_ok=True)
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("UV_", "PYTHON", "VIRTUAL_ENV"))
    }
    environment |= {"UV_CACHE_DIR": str(folder / "cache"), "UV_PYTHON": sys.executable, "XDG_CONFIG_HOME": str(folder)}
    done = subprocess.run(
        [UV, "lock", "--offline", "--no-progress", "--no-python-downloads"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr if done.returncode else ""


_REFUSALS = ("Failed to parse", "does not exist", "was not found under", "not yet supported", "Unsupported Git URL")


@needs_uv
@pytest.mark.parametrize("source", [*ACCEPTED, *(source for source, _ in REFUSED)])
def test_uv_says_so(source: str, tmp_path: Path) -> None:
    text = f"{HEAD}{MORE}core = {source}\n"
    said = _uv(tmp_path, text)
    assert any(sign in said for sign in _REFUSALS) is bool(problems(text)), said


@needs_uv
def test_uv_drops_a_source_for_what_is_not_listed(tmp_path: Path) -> None:
    head = HEAD + '[tool.uv.sources]\ncore = { path = "core" }\n'
    assert _uv(tmp_path, head + 'absent = { path = "absent" }\n') == ""


KEYS = {
    "git": '"https://h.invalid/c"',
    "url": '"https://h.invalid/c.zip"',
    "path": '"core"',
    "index": '"a"',
    "workspace": "true",
    "rev": '"a"',
    "tag": '"a"',
    "branch": '"a"',
    "subdirectory": '"x"',
    "lfs": "true",
    "editable": "true",
    "package": "true",
    "marker": "\"os_name == 'nt'\"",
    "extra": '"e"',
    "group": '"g"',
    "foo": "1",
}


@needs_uv
@pytest.mark.parametrize("first", [*KEYS][:5])
@pytest.mark.parametrize("second", [*KEYS])
def test_uv_takes_the_same_keys(first: str, second: str, tmp_path: Path) -> None:
    table = ", ".join(f"{key} = {KEYS[key]}" for key in dict.fromkeys((first, second)))
    text = f"{HEAD}{MORE}core = {{ {table} }}\n"
    refused = "Failed to parse: `pyproject.toml`" in (said := _uv(tmp_path, text)) or "TOML parse error" in said
    assert refused is bool(problems(text)), said


# uv.toml


SETTINGS = """\
constraint-dependencies = ["grpcio<1.65"]
override-dependencies = ["werkzeug==2.3.0"]
prerelease = "allow"

[[index]]
name = "own"
url = "http://packages.example.com/simple"

[pip]
extra-index-url = ["https://extra.example.com/simple"]
"""


def test_uv_toml() -> None:
    form = format_of("project/uv.toml")
    assert form is not None
    assert form.reader() is uv_toml
    manifest = manifest_of(SETTINGS, uv_toml.read)
    assert [(item.group.name, item.text) for item in manifest.dependencies] == [
        ("constraint-dependencies", "grpcio<1.65"),
        ("override-dependencies", "werkzeug==2.3.0"),
    ]
    assert [(item.kind, item.option) for item in manifest.indexes] == [
        ("extra-index", "[[index]]"),
        ("extra-index", "extra-index-url"),
    ]
    assert manifest.problems == []
    check_laws(SETTINGS, uv_toml.read)


UV_TOML = [
    ("sources = {}\n", "sources"),
    ('dev-dependencies = ["a"]\n', "dev-dependencies"),
    ("package = false\n", "package"),
    ("[workspace]\nmembers = []\n", "workspace"),
    ("[tool.uv]\nprerelease = 'allow'\n", "tool"),
    ('constraint-dependencies = ["a = 1"]\n', "= 1"),
]


@pytest.mark.parametrize(("text", "underlined"), UV_TOML)
def test_what_has_no_place_in_uv_toml(text: str, underlined: str) -> None:
    assert problems(text, uv_toml.read) == [("invalid-requirement", underlined)]


@needs_uv
@pytest.mark.parametrize("text", [text for text, _ in UV_TOML])
def test_uv_refuses_it_too(text: str, tmp_path: Path) -> None:
    head = HEAD + '[tool.uv.sources]\ncore = { path = "core" }\n'
    assert "Failed to parse" in _uv(tmp_path, head, text)


def test_findings_in_uv_toml() -> None:
    assert findings(SETTINGS, path="uv.toml") == [
        ("RQ604", 'prerelease = "allow"'),
        ("RQ602", "http://packages.example.com/simple"),
        ("RQ601", "http://packages.example.com/simple"),
        ("RQ601", "https://extra.example.com/simple"),
    ]


# Whatever stands there

VALUES = st.recursive(
    st.sampled_from(
        ['"a"', '""', "1", "true", '"https://h/x"', '"git@h:o/r"', '"\\u0061"', "'a>=1'", "{}", "[]", '"x = 1"']
    ),
    lambda values: (
        st.lists(values, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(
            st.sampled_from([*KEYS, "name", "default", "explicit", "requirement", "dependencies", "version"]),
            values,
            max_size=4,
        ).map(lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}")
    ),
    max_leaves=8,
)
TOP = st.sampled_from(
    "sources index dev-dependencies constraint-dependencies override-dependencies pip find-links index-url no-index "
    "allow-insecure-host prerelease extra-build-dependencies exclude-dependencies".split()
)


@given(st.dictionaries(TOP, VALUES, max_size=5), st.booleans())
def test_anything_can_be_read(table: dict[str, str], listed: bool) -> None:
    body = "".join(f"{key} = {value}\n" for key, value in table.items())
    check_laws((HEAD.replace('"core"', '"a", "git", "x"') if listed else "") + f"[tool.uv]\n{body}")
    check_laws(body, uv_toml.read)


def test_what_uv_leaves_out_is_asked_no_version() -> None:
    text = (
        '[project]\nname = "a"\nversion = "1"\ndependencies = ["idna", "Some_Thing"]\n'
        '[tool.uv]\nexclude-dependencies = ["some.thing"]\n'
    )
    assert [(item.name, item.redirected) for item in manifest_of(text).dependencies] == [
        ("idna", False),
        ("some-thing", True),
    ]
