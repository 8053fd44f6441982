"""``[tool.pdm]``; what PDM makes of a line was written down here, and is asked again where PDM can be imported."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlint import rewrite
from reqlint.formats.pyproject_toml import read
from reqlint.redaction import Redactor, in_source, masked_text
from tests.formats.test_pyproject import COMMIT, check_laws, edited, manifest_of, problems
from tests.support import check, findings

EXAMPLE = """\
[project]
name = "shop"
version = "1"
dependencies = ["core>=1"]

[project.optional-dependencies]
fast = ["speedups"]

[tool.pdm.dev-dependencies]
Test = [
  "pytest>=8", # runner
  "-e file:///${PROJECT_ROOT}/sub#egg=sub",
  'git+https://git.example.com/o/plugin.git@v1#egg=plugin',
  "-e git+https://git.example.com/o/live.git@main#egg=live",
  "other @ https://${TOKEN}@example.com/other.zip ; os_name == 'nt'",
  "./local", {include-group = "lint"},
  "-e ./folder",
]
lint = ["ruff==0.5.0",]

[[tool.pdm.source]]
name = "pypi"
url = "https://mirror.example.com/simple"

[[tool.pdm.source]]
name = "own"
url = "https://packages.example.com/simple"
verify_ssl = false # self-signed
include_packages = ["core"]

[[tool.pdm.source]]
name = "files"
url = "https://files.example.com/"
type = "find_links"

[tool.pdm.resolution]
allow-prereleases = true
excludes = ["unwanted"]

[tool.pdm.resolution.overrides]
urllib3 = "1.26.2"
pytz = ">=2023,<2024"
asgiref = "https://example.com/asgiref-3.zip"
fork = "git+https://git.example.com/o/fork.git@main"
"""


def test_what_is_declared() -> None:
    found = [
        (item.group.kind, item.group.name, item.text if item.group.kind == "group" else item.raw_name, item.editable)
        for item in manifest_of(EXAMPLE).dependencies
        if item.group.kind in ("group", "constraint")
    ]
    assert found == [
        ("group", "Test", "pytest>=8", False),
        ("group", "Test", "file:///${PROJECT_ROOT}/sub#egg=sub", True),
        ("group", "Test", "git+https://git.example.com/o/plugin.git@v1#egg=plugin", False),
        ("group", "Test", "git+https://git.example.com/o/live.git@main#egg=live", True),
        ("group", "Test", "other @ https://${TOKEN}@example.com/other.zip ; os_name == 'nt'", False),
        ("group", "Test", "./local", False),
        ("group", "Test", "./folder", True),
        ("group", "lint", "ruff==0.5.0", False),
        ("constraint", "tool.pdm.resolution.overrides", "urllib3", False),
        ("constraint", "tool.pdm.resolution.overrides", "pytz", False),
        ("constraint", "tool.pdm.resolution.overrides", "asgiref", False),
        ("constraint", "tool.pdm.resolution.overrides", "fork", False),
    ]
    assert problems(EXAMPLE) == []


def test_overrides() -> None:
    overrides = {item.name: item for item in manifest_of(EXAMPLE).dependencies if item.group.kind == "constraint"}
    assert {item.group.role for item in overrides.values()} == {"input"}
    assert [(clause.operator, clause.version, clause.clauses) for clause in overrides["urllib3"].constraints] == [
        ("", "1.26.2", (("==", "1.26.2"),))
    ]
    assert [clause.clauses for clause in overrides["pytz"].constraints] == [((">=", "2023"),), (("<", "2024"),)]
    assert overrides["asgiref"].url == "https://example.com/asgiref-3.zip"
    fork = overrides["fork"]
    assert fork.vcs is not None
    assert (fork.vcs.repository, fork.vcs.ref) == ("https://git.example.com/o/fork.git", "main")
    edits = rewrite.pin(overrides["urllib3"], "2.0")
    assert edits is not None
    assert tomllib.loads(edited(EXAMPLE, edits))["tool"]["pdm"]["resolution"]["overrides"]["urllib3"] == "==2.0"
    edits = rewrite.reref(fork, COMMIT)
    assert edits is not None
    assert f'fork = "git+https://git.example.com/o/fork.git@{COMMIT}"' in edited(EXAMPLE, edits)


def test_sources_and_settings() -> None:
    manifest = manifest_of(EXAMPLE)
    assert [(item.kind, item.url) for item in manifest.indexes] == [
        ("index", "https://mirror.example.com/simple"),
        ("extra-index", "https://packages.example.com/simple"),
        ("find-links", "https://files.example.com/"),
    ]
    assert [(item.kind, item.value, item.option) for item in manifest.settings] == [
        ("trusted-host", "packages.example.com", "verify_ssl = false"),
        ("pre-releases", "", "allow-prereleases = true"),
    ]


def test_laws() -> None:
    check_laws(EXAMPLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[tool.pdm]\ndev-dependencies = ["a"]\n', [("invalid-requirement", '["a"]')]),
        ('[tool.pdm.dev-dependencies]\na = "b"\n', [("invalid-requirement", '"b"')]),
        ('[tool.pdm.dev-dependencies]\na = [1, ["b"]]\n', [("invalid-requirement", "1"), ("invalid-requirement", '["b"]')]),
        ('[tool.pdm.dev-dependencies]\na = ["b = 1", "c"]\n', [("invalid-requirement", "= 1")]),
        ('[tool.pdm.dev-dependencies]\na = ["-e b c", "-e https://h/b.zip"]\n', [("invalid-requirement", "https://h/b.zip")]),
        ('[tool.pdm.dev-dependencies]\ndefault = ["a"]\n', [("invalid-requirement", "default")]),
        (
            '[project.optional-dependencies]\nTest_All = ["a"]\n[tool.pdm.dev-dependencies]\ntest-all = ["b"]\n',
            [("ignored-text", "test-all")],
        ),
        ("[[tool.pdm.source]]\nurl = 'https://h'\n", [("invalid-requirement", "url")]),
        ("[[tool.pdm.source]]\nname = 'a'\nverify-ssl = false\n", [("invalid-requirement", "verify-ssl")]),
        ("[tool.pdm.resolution.overrides]\na = 1\n", [("invalid-requirement", "1")]),
        ("[tool.pdm.resolution.overrides]\na = '^1.2'\n", [("invalid-requirement", "^1.2")]),
        ("[tool.pdm.resolution.overrides]\na = '>=1 ; os_name'\n", [("invalid-requirement", ";")]),
        ("[tool.pdm]\nresolution = 1\nsource = 'x'\n", []),
    ],
)  # fmt: skip
def test_problems(text: str, expected: list[tuple[str, str]]) -> None:
    found = problems(text)
    assert found[-1:] == expected[-1:]
    assert set(expected) <= set(found)


def test_a_password_is_reported_and_never_shown() -> None:
    secret = "hunter" + "2-8c1f"
    text = (
        '[[tool.pdm.source]]\nname = "own"\nurl = "https://packages.example.com/simple"\nusername = "build"\n'
        f'password = "{secret}" # secret\nverify_ssl = true\n'
    )
    found = [item for item in check(text, path="pyproject.toml") if item.code == "RQ302"]
    assert [(item.source.row(item.span[0]), item.fix is not None) for item in found] == [(5, True)]
    fix = found[0].fix
    assert fix is not None
    assert edited(text, fix.edits) == text.replace(f'password = "{secret}" # secret\n', "")
    source = found[0].source
    for shown in (Redactor([source])(text), Redactor([source])(f"it is {secret[2:]}"), masked_text(source)):
        assert secret[2:] not in shown


@pytest.mark.parametrize("password", ["", "${PASSWORD}", "<password>", "your-password-here"])
def test_a_placeholder_is_no_password(password: str) -> None:
    text = f'[[tool.pdm.source]]\nname = "own"\nurl = "https://h/simple"\npassword = "{password}"\n'
    manifest = manifest_of(text)
    assert in_source(manifest.source) == []


def test_a_password_is_found_once() -> None:
    text = "[[tool.pdm.source]]\nname = 'own'\nurl = 'https://h/simple'\npassword = 'hunter2-8c1f'\n"
    manifest = manifest_of(text)
    read(manifest.source, None)
    assert len(in_source(manifest.source)) == 1


def test_findings() -> None:
    codes = [(code, shown) for code, shown in findings(EXAMPLE, path="pyproject.toml") if code[:3] in ("RQ2", "RQ6")]
    assert ("RQ202", "main") in codes
    assert ("RQ601", "https://packages.example.com/simple") in codes
    assert ("RQ603", "verify_ssl = false") in codes
    assert ("RQ604", "allow-prereleases = true") in codes


# Lines of a group: whether PDM takes them, as which name, and whether in editable mode.
LINES: list[tuple[str, str | None, bool]] = [
    ("c==1", "c", False),
    (" c==1 ", "c", False),
    ("c>=1,<2; os_name=='nt'", "c", False),
    ("-e file:///${PROJECT_ROOT}/sub#egg=sub", "sub", True),
    ("-e git+https://h/x#egg=x", "x", True),
    ("-e  git+https://h/x@v1#egg=x&subdirectory=y", "x", True),
    ("-e x @ git+https://h/x", "x", True),
    ("git+https://h/x@v1#egg=x&subdirectory=y", "x", False),
    ("hg+https://h/x#egg=x", "x", False),
    ("x @ git+ssh://git@h/o/r.git", "x", False),
    ("https://h/c-1.0-py3-none-any.whl", "c", False),
    ("d @ https://${TOKEN}@h/d.zip", "d", False),
]
BAD_LINES = ["c=1", "-e c", "-e https://h/x.zip", "--pre c", "-e./sub", "c ^1"]


def _group(line: str) -> str:
    return f"[tool.pdm.dev-dependencies]\ntest = ['''{line}''']\n"


@pytest.mark.parametrize(("line", "name", "editable"), LINES)
def test_lines(line: str, name: str | None, editable: bool) -> None:
    text = _group(line)
    (dependency,) = manifest_of(text).dependencies
    assert (dependency.name, dependency.editable) == (name, editable)
    check_laws(text)


@pytest.mark.parametrize("line", [line for line in BAD_LINES if line != "-e c"])
def test_lines_that_are_refused(line: str) -> None:
    assert [rule for rule, _ in problems(_group(line))] == ["invalid-requirement"]


def test_an_editable_folder_may_have_a_plain_name() -> None:
    # PDM looks whether it is there, which a reader does not.
    (dependency,) = manifest_of(_group("-e c")).dependencies
    assert (dependency.kind, dependency.url, dependency.editable) == ("path", "c", True)


def test_pdm_says_so() -> None:
    requirements = pytest.importorskip("pdm.models.requirements")
    for line, name, editable in LINES:
        found = requirements.parse_line(line)
        assert (found.name, bool(getattr(found, "editable", False))) == (name, editable), line
    for line in BAD_LINES:
        with pytest.raises(requirements.RequirementError):
            requirements.parse_line(line)


# Whatever stands there

VALUES = st.recursive(
    st.sampled_from(
        ['"a"', '""', "1", "false", "true", '"https://h/x"', '"\\u0061"', '"-e ./a"', '"-e"', '"1.2"', '">=1"', "{}"]
    ),
    lambda values: (
        st.lists(values, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(
            st.sampled_from("name url password verify_ssl type a overrides allow-prereleases dev".split()),
            values,
            max_size=4,
        ).map(lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}")
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from("dev-dependencies source resolution allow_prereleases".split()), VALUES, max_size=4)
)
def test_anything_can_be_read(table: dict[str, str]) -> None:
    check_laws("[tool.pdm]\n" + "".join(f"{key} = {value}\n" for key, value in table.items()))


def test_what_pdm_leaves_out_is_asked_no_version() -> None:
    text = (
        '[project]\nname = "a"\nversion = "1"\ndependencies = ["idna", "Some_Thing"]\n'
        '[tool.pdm.resolution]\nexcludes = ["some.thing"]\n'
    )
    assert [(item.name, item.redirected) for item in manifest_of(text).dependencies] == [
        ("idna", False),
        ("some-thing", True),
    ]
