"""Pipfile, judged by plette where that looks at what is written, and by pipenv's own rules otherwise."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement

from reqlint import rewrite
from reqlint.formats import format_of
from reqlint.formats.pipfile import read
from reqlint.model import Dependency, Manifest
from tests.formats.test_pyproject import COMMIT, check_laws, edited
from tests.formats.test_pyproject import manifest_of as _manifest_of
from tests.formats.test_pyproject import problems as _problems

plette = pytest.importorskip("plette")

EVERYTHING = """\
[[source]]
name = "pypi"
url = "https://packages.example.com/simple"
verify_ssl = true

[[source]]
url = "http://user:secret@packages.example.com:8080/simple"  # ours
verify_ssl = false
name = "ours"

[[source]]
url = "https://other.example.com/simple"
verify_ssl = true
name = "other"

[packages]
any = "*"
Bare = "2.0"  # exact
exact = '==1.2.3'
range = ">=1.0,<2.0"
arbitrary = "=1.0"
marked = ">=1.0; python_version < '3.8'"
text-repo = "git+https://git.example.com/o/t.git@v1#egg=t"
table = {version = "~=1.2", extras = ["b", "a"], markers = "os_name == 'nt' or os_name == 'posix'", sys_platform = "== 'win32'"}
named = {version = "*", index = "ours", hashes = ["sha256:00", "sha256:11"]}
spare = {extras = ["x"]}
empty = {}
"quoted[x]" = ">1"
repo = {git = "https://git.example.com/o/r.git", ref = "main"}
bare-repo = {git = "git+https://git.example.com/o/r.git"}
glued = {git = "https://user@git.example.com/o/r.git@v2", editable = true, subdirectory = "sub"}
hg = {hg = "ssh://hg@hg.example.com/r", ref = "0123456789ab"}
local = {path = ".", editable = true}
archive = {file = "https://h.example.com/x.zip", editable = true}
file = {file = "lib/x.whl"}
dotted.version = ">1"
dotted.index = "pypi"

[packages.header]
  version = "==1"  # c

[packages.header-repo]
git = "https://git.example.com/o/h.git"

[dev-packages]
pytest = "*"

[docs]
sphinx = ">=5"

[requires]
python_version = "3.12"

[pipenv]
allow_prereleases = true

[scripts]
test = "pytest"
"""


def manifest_of(text: str) -> Manifest:
    return _manifest_of(text, read)


def problems(text: str) -> list[tuple[str, str]]:
    return _problems(text, read)


def test_everything_is_read() -> None:
    manifest = manifest_of(EVERYTHING)
    assert manifest.problems == []
    data = tomllib.loads(EVERYTHING)
    names = [name.partition("[")[0] for table in ("packages", "dev-packages", "docs") for name in data[table]]
    assert [item.raw_name for item in manifest.dependencies] == names
    assert plette.Pipfile(data).packages.keys() == data["packages"].keys()
    plette.Pipfile.validate(data)


def test_laws() -> None:
    check_laws(EVERYTHING, read)
    check_laws(EVERYTHING.rstrip("\n"), read)


def test_the_name_of_the_file() -> None:
    form = format_of("a/Pipfile")
    assert form is not None
    assert form.name == "Pipfile"
    lock = format_of("Pipfile.lock")
    assert lock is not None
    assert lock.name == "lock file"
    assert format_of("MyPipfile") is None


def _of(name: str) -> Dependency:
    return next(item for item in manifest_of(EVERYTHING).dependencies if item.raw_name == name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("any", ("name", "", (), None)),
        ("Bare", ("name", "==2.0", (), None)),
        ("exact", ("name", "==1.2.3", (), None)),
        ("range", ("name", ">=1.0,<2.0", (), None)),
        ("arbitrary", ("name", "===1.0", (), None)),
        ("marked", ("name", ">=1.0", (), "python_version < '3.8'")),
        ("table", ("name", "~=1.2", ("b", "a"), "(os_name == 'nt' or os_name == 'posix') and sys_platform == 'win32'")),
        ("spare", ("name", "", ("x",), None)),
        ("quoted", ("name", ">1", ("x",), None)),
        ("repo", ("url", "", (), None)),
        ("local", ("path", "", (), None)),
        ("archive", ("url", "", (), None)),
        ("file", ("path", "", (), None)),
    ],
)
def test_parts(name: str, expected: Any) -> None:
    dependency = _of(name)
    assert (dependency.kind, dependency.specifier, dependency.extras, dependency.marker) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text-repo", ("git", "https://git.example.com/o/t.git", "v1", "tag", None)),
        ("repo", ("git", "https://git.example.com/o/r.git", "main", "branch", None)),
        ("bare-repo", ("git", "https://git.example.com/o/r.git", None, None, None)),
        ("glued", ("git", "https://user@git.example.com/o/r.git", "v2", "unknown", "sub")),
        ("hg", ("hg", "ssh://hg@hg.example.com/r", "0123456789ab", "commit", None)),
        ("header-repo", ("git", "https://git.example.com/o/h.git", None, None, None)),
    ],
)
def test_repositories(name: str, expected: Any) -> None:
    vcs = _of(name).vcs
    assert vcs is not None
    kind = vcs.ref_kind if name != "glued" else "unknown"
    assert (vcs.scheme, vcs.repository, vcs.ref, kind, vcs.subdirectory) == expected


def test_groups_and_roles() -> None:
    found = {(item.group.kind, item.group.name, item.group.role) for item in manifest_of(EVERYTHING).dependencies}
    assert found == {
        ("runtime", None, "application"),
        ("group", "dev-packages", "development"),
        ("group", "docs", "application"),
    }


def test_sundries() -> None:
    assert [item.raw_name for item in manifest_of(EVERYTHING).dependencies if item.editable] == ["glued", "local"]
    assert _of("named").hashes == 2
    assert _of("Bare").text == 'Bare = "2.0"'
    assert _of("header").text == "[packages.header]"


def test_sources_and_settings() -> None:
    manifest = manifest_of(EVERYTHING)
    assert [(item.kind, item.url.partition("@")[2] or item.url) for item in manifest.indexes] == [
        ("index", "https://packages.example.com/simple"),
        ("explicit-index", "packages.example.com:8080/simple"),
        ("extra-index", "https://other.example.com/simple"),
    ]
    text = EVERYTHING
    assert [
        (item.kind, item.value, text[slice(*item.span)], text[slice(*item.entry)]) for item in manifest.settings
    ] == [
        ("pre-releases", "", "allow_prereleases = true", "allow_prereleases = true\n"),
        ("trusted-host", "packages.example.com:8080", "verify_ssl = false", "verify_ssl = false\n"),
    ]
    everywhere = manifest_of(text.replace("allow_prereleases", "install_search_all_sources"))
    assert [item.kind for item in everywhere.indexes] == ["index", "extra-index", "extra-index"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('foo = "^1.2"', [("invalid-requirement", "^1.2")]),
        ('foo = "latest"', [("invalid-requirement", "latest")]),
        ('foo = ""', [("invalid-requirement", '""')]),
        ('foo = "1.x"', [("invalid-requirement", "1.x")]),
        ('foo = ">=1 <2"', [("invalid-requirement", "<2")]),
        ('foo = "https://h/x.zip"', [("invalid-requirement", "https://h/x.zip")]),
        ('foo = "./x"', [("invalid-requirement", "./x")]),
        ("foo = 1", [("invalid-requirement", "1")]),
        ("foo = ['*']", [("invalid-requirement", "['*']")]),
        ("'a b' = '*'", [("invalid-requirement", "'a b'")]),
        ('foo = {git = "https://h/o/r", branch = "main"}', [("invalid-requirement", "branch")]),
        ('foo = {version = "*", ref = "main"}', [("ignored-text", "ref")]),
        ('foo = {git = "https://h/o/r", version = "==1"}', [("ignored-text", '"==1"')]),
        ('foo = {git = "https://h/o/r", version = "*"}', []),
        ('foo = {version = ""}', []),
        ("foo = {version = 1}", [("invalid-requirement", "1")]),
        ("foo = {git = true}", [("invalid-requirement", "true")]),
        ('foo = {extras = "x", editable = "yes"}', [("invalid-requirement", '"x"'), ("invalid-requirement", '"yes"')]),
        ('foo = {version = "*", sys_platform = "\'win32\'"}', [("invalid-requirement", "\"'win32'\"")]),
        ('foo = {version = "*", markers = "os_name"}', [("invalid-requirement", '"os_name"')]),
        ('foo = "*"\nbar = = 1', [("unreadable-file", "=")]),
    ],
)
def test_problems(text: str, expected: Any) -> None:
    assert problems(f"[packages]\n{text}\n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("packages = 1\n", [("invalid-requirement", "1")]),
        ("[[packages]]\nfoo = '*'\n", [("invalid-requirement", "[[packages]]\nfoo = '*'")]),
        ("[source]\nurl = 'x'\n", [("invalid-requirement", "source")]),
        ("[[source]]\nname = 'x'\n", [("invalid-requirement", "name")]),
        ("[pipfile]\nx = 1\n[build-system]\nrequires = []\n[requires]\nx = 1\n[scripts]\ny = 'z'\n", []),
    ],
)
def test_problems_of_tables(text: str, expected: Any) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        ('foo = "*" # c', "pin", 'foo = "==9.8.7" # c'),
        ('foo = "2.0"', "pin", 'foo = "==9.8.7"'),
        ("foo = \" >=1 ; os_name == 'nt'\"", "pin", "foo = \" ==9.8.7 ; os_name == 'nt'\""),
        ('foo = {version = "~=1.2", extras = ["x"]}', "pin", 'foo = {version = "==9.8.7", extras = ["x"]}'),
        ('foo = {extras = ["x"]}', "pin", 'foo = {version = "==9.8.7", extras = ["x"]}'),
        ('[packages.foo]\nindex = "x"', "pin", '[packages.foo]\nversion = "==9.8.7"\nindex = "x"'),
        ('foo = {git = "https://h/o/r", ref = "main"}', "reref", f'foo = {{git = "https://h/o/r", ref = "{COMMIT}"}}'),
        ('foo = {git = "https://h/o/r"}', "reref", f'foo = {{git = "https://h/o/r", ref = "{COMMIT}"}}'),
        ('foo = {git = "https://h/o/r@main"}', "reref", f'foo = {{git = "https://h/o/r@{COMMIT}"}}'),
        ('foo.git = "https://h/o/r"', "reref", f'foo.git = "https://h/o/r"\nfoo.ref = "{COMMIT}"'),
        ('foo = "git+https://h/o/r#egg=foo"', "reref", f'foo = "git+https://h/o/r@{COMMIT}#egg=foo"'),
        ('foo = ">=1,<2"', "bound", 'foo = ">=9.8.7,<2"'),
        ('foo = "*"', "remove", ""),
    ],
)
def test_rewriting(before: str, operation: str, after: str) -> None:
    text = f"[packages]\n{before}\n"
    dependency = manifest_of(text).dependencies[0]
    argument = {"pin": ("9.8.7",), "bound": ("9.8.7",), "reref": (COMMIT,)}.get(operation, ())
    edits = getattr(rewrite, operation)(dependency, *argument)
    assert edited(text, edits) == f"[packages]\n{after}\n".removesuffix("" if after else "\n")


def test_what_is_not_rewritten() -> None:
    for text in (
        'foo = "\\u003e1"',
        'foo = """>1\n"""',
        '"foo[x]" = ">1"',
        'foo.version = "1"\nbar = "1"\nfoo.index = "x"',
    ):
        dependency = manifest_of(f"[packages]\n{text}\n").dependencies[0]
        assert rewrite.pin(dependency, "1") is None


VERSIONS = st.sampled_from(
    [
        "*",
        "2.0",
        "==1.2",
        ">=1.0,<2",
        "~=1.2",
        "!=1",
        "=1.0",
        "===x",
        "==1.*",
        "1.*",
        "^1",
        ">1;os_name=='nt'",
        "(>=1)",
        "<",
        "1 2",
    ]
)
KEYS: dict[str, st.SearchStrategy[Any]] = {
    "version": VERSIONS,
    "git": st.sampled_from(
        ["https://h.example.com/o/r.git", "https://u@h.example.com/o/r@v1", "ssh://git@h.example.com/o/r"]
    ),
    "ref": st.sampled_from(["main", COMMIT]),
    "path": st.sampled_from([".", "../x"]),
    "file": st.sampled_from(["https://h.example.com/x.zip", "x.whl"]),
    "editable": st.booleans(),
    "extras": st.sampled_from([["a"], ["b", "c"]]),
    "markers": st.sampled_from(["os_name == 'nt'", "python_version < '3.8' or os_name == 'nt'"]),
    "sys_platform": st.sampled_from(["== 'win32'", "in 'linux darwin'"]),
    "index": st.sampled_from(["ours"]),
    "subdirectory": st.sampled_from(["sub"]),
    "rev": st.sampled_from(["main"]),
}


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return f'"{value}"'


@st.composite
def _pipfiles(draw: st.DrawFn) -> str:
    text = ""
    for category in draw(st.lists(st.sampled_from(["packages", "dev-packages", "own"]), unique=True)):
        pairs, headers = [f"[{category}]"], []
        for name in draw(st.lists(st.sampled_from(["a", "B_c", "d-e", '"f.g"', "'h[i]'"]), unique=True, max_size=4)):
            table = {
                key: draw(KEYS[key]) for key in draw(st.lists(st.sampled_from(sorted(KEYS)), unique=True, max_size=4))
            }
            style = draw(st.sampled_from(["text", "inline", "dotted", "header"]))
            if style == "text" or not table:
                pairs.append(f"{name} = {_toml(draw(VERSIONS))}")
            elif style == "inline":
                pairs.append(f"{name} = {_toml(table)} # c")
            elif style == "dotted":
                pairs += [f"{name}.{key} = {_toml(value)}" for key, value in table.items()]
            else:
                headers += [f"[{category}.{name}]", *(f"  {key} = {_toml(value)}" for key, value in table.items()), ""]
        text += "\n".join([*pairs, *headers]) + "\n"
    return text


@given(_pipfiles())
def test_laws_of_generated_pipfiles(text: str) -> None:
    check_laws(text, read)


@given(_pipfiles())
def test_generated_pipfiles_against_plette(text: str) -> None:
    data = tomllib.loads(text)
    found = problems(text)
    try:
        plette.Pipfile.validate(data)
    except plette.models.base.DataValidationError as error:
        assume("Unrecognized" in str(error))
        assert any(rule == "invalid-requirement" for rule, _ in found)
    else:
        assert not any(underlined in ("rev", "branch") for _, underlined in found)


@given(VERSIONS | st.text(alphabet="0123456789.=<>!~^*,; vabrcpostdev+-xX", max_size=12), st.booleans())
def test_versions_against_pip(version: str, long: bool) -> None:
    # what pipenv hands to pip: the name, and the version behind `==` unless it begins with an operator (or stands for any)
    stripped = version.strip()
    assume(stripped or not long)
    value = f"{{version = '{version}'}}" if long else f"'{version}'"
    assume("'" not in version and not version.startswith(("git+", "hg+", "svn+", "bzr+")))
    text = f"[packages]\nfoo = {value}\n"
    operator = stripped.startswith(("<", ">", "==", "~=", "!="))
    line = "foo" if stripped in ("*", "==*") else f"foo{stripped}" if operator else f"foo=={stripped}"
    try:
        expected = Requirement(line)
    except InvalidRequirement:
        assert [rule for rule, _ in problems(text)] == ["invalid-requirement"]
        return
    assert problems(text) == []
    (dependency,) = manifest_of(text).dependencies
    assert Requirement(f"foo{dependency.specifier}").specifier == expected.specifier
    assert (Marker(dependency.marker) if dependency.marker else None) == expected.marker


@given(
    st.text()
    | st.lists(st.sampled_from([*"[]{}=,'\"\n.# ", "packages", "source", "git", "version", "a", "1"])).map("".join)
)
def test_any_text_is_read(text: str) -> None:
    for item in manifest_of(text).problems:
        assert 0 <= item.span[0] <= item.span[1] <= len(text)
