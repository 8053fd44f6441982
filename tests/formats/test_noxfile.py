from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reqlint.formats import noxfile
from reqlint.source import Source
from tests.support import check, mended

if TYPE_CHECKING:
    from reqlint.model import Manifest

HEAD = "import nox\n\n\n@nox.session\ndef tests(session):\n"


def read(text: str) -> Manifest:
    return noxfile.read(Source("noxfile.py", text), None)


def session(*lines: str) -> str:
    """A noxfile with one session of these lines."""
    return HEAD + "".join(f"    {line}\n" for line in lines)


def listed(manifest: Manifest) -> list[tuple[str | None, str]]:
    return [(item.group.name, f"-e {item.text}" if item.editable else item.text) for item in manifest.dependencies]


def texts(*lines: str) -> list[str]:
    return [text for _, text in listed(read(session(*lines)))]


def problems(manifest: Manifest) -> list[tuple[str, str]]:
    text = manifest.source.text
    return [(problem.rule, text[slice(*problem.span)]) for problem in manifest.problems]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('session.install("a>=1", "b[x]==2")', ["a>=1", "b[x]==2"]),
        ("session.install('a; python_version < \"3.12\"')", ['a; python_version < "3.12"']),
        ('session.install("-e", ".[test]")', ["-e .[test]"]),
        ('session.install("--editable=.", "a")', ["-e .", "a"]),
        ('session.install(".")', ["."]),
        ('session.install("-U", "pip", "--upgrade-strategy", "eager", "-q")', ["pip"]),
        ('session.install("--no-binary", ":all:", "--python", "3.12", "a")', ["a"]),
        ('session.install("a", silent=False, env={"X": "b"})', ["a"]),
        ('session.install(*["a", "b"], "c")', ["a", "b", "c"]),
        ('session.install("a" if session.posargs else "b")', []),
        (
            'session.install(f"a=={VERSION}", f"b>={1}", f"c[x]=={version.major}.*")',
            ["a==${VERSION}", "b>=1", "c[x]==${…}.*"],
        ),
        ('session.install(f"{name}==1", f"./{folder}")', ["./${folder}"]),
        ("session.install(*session.posargs)", []),
        ('session.install("a @ git+https://e.com/a.git@v1")', ["a @ git+https://e.com/a.git@v1"]),
        ('session.run("pip", "install", "a")', ["a"]),
        ('session.run("pip", "uninstall", "-y", "a")', []),
        ('session.run("pytest", "install", "a")', []),
        ('session.run_always("python", "-m", "pip", "install", "a", external=True)', ["a"]),
        ('session.run_install("uv", "pip", "install", "a")', ["a"]),
        ('session.run_install("uv", "sync", "--group", "dev")', []),
        ('session.conda_install("a=1.2", "--file", "x.txt", "b", channel="conda-forge")', ["a=1.2", "b"]),
        ('other.install("a")', []),
        ('[session.install(name) for name in ("a", "b")]', ["a", "b"]),
        ('for name in ("a", "b"): session.install(name)', ["a", "b"]),
        ('with session.chdir("docs"): session.install("a")', ["a"]),
    ],
)
def test_what_a_line_installs(line: str, found: list[str]) -> None:
    assert texts(line) == found
    assert problems(read(session(line))) == []


@pytest.mark.parametrize(
    "head",
    [
        "import nox\n@nox.session\ndef tests(session):",
        "import nox\n@nox.session(python=['3.12'], venv_backend='uv')\ndef tests(s):",
        "import nox as n\n@n.session\ndef tests(it):",
        "from nox import session\n@session\ndef tests(it):",
        "from nox import session as nox_session\n@nox_session(name='t')\ndef tests(it):",
        "from nox_poetry import session\n@session\ndef tests(s):",
        "import nox\n@nox.parametrize('x', [1, 2])\n@nox.session\ndef tests(s, x):",
        "def tests(s: nox.Session) -> None:",
        "def tests(session):",
    ],
)
def test_what_a_session_is(head: str) -> None:
    name = head.rpartition("(")[2].partition(")")[0].partition(",")[0].partition(":")[0]
    assert listed(read(f"{head}\n    {name}.install('a')\n")) == [("tests", "a")]


def test_functions_that_take_no_session_are_left_alone() -> None:
    text = "import app\n\n\ndef tests(s):\n    s.install('a')\n\n\n@app.session\ndef more(s):\n    s.install('b')\n"
    assert listed(read(text)) == []


def test_what_is_bound_once_and_used_by_several_is_one_dependency() -> None:
    manifest = read(
        "import nox\n\nDEPS = [\n    'a>=1',  # c\n    'b',\n]\nPIN = 'c==1'\n\n\n@nox.session\ndef one(session):\n"
        "    session.install(*DEPS, PIN)\n\n\n@nox.session\ndef two(session):\n    session.install('d', PIN, *DEPS)\n    more(session)\n\n\n"
        "def more(session):\n    session.install('e')\n"
    )
    assert listed(manifest) == [("one", "a>=1"), ("one", "b"), ("one", "c==1"), ("two", "d"), ("two (2)", "e")]


def test_each_call_is_a_group() -> None:
    manifest = read(session("session.install('a<2')", "session.run('pytest')", "session.install('a>=2')"))
    assert listed(manifest) == [("tests", "a<2"), ("tests (2)", "a>=2")]
    assert check(manifest.source.text, path="noxfile.py") == []
    (clash,) = check(session("session.install('a<2', 'a>=2')"), path="noxfile.py")
    assert clash.code == "RQ404"


def test_files_indexes_and_settings() -> None:
    manifest = read(
        session(
            "session.install('-r', 'requirements.txt', '-climits.txt', '--requirement=more.txt')",
            "session.install('--pre', '-i', 'https://packages.example.com/simple', '--extra-index-url=https://e.example.com')",
            "session.install('--trusted-host', 'e.example.com', '--find-links', 'wheels', 'a')",
            "session.conda_install('b', channel=['conda-forge', 'bioconda'])",
        )
    )
    source = manifest.source.text
    assert [(item.kind, item.path, item.role) for item in manifest.includes] == [
        ("requirement", "requirements.txt", "development"),
        ("constraint", "limits.txt", "development"),
        ("requirement", "more.txt", "development"),
    ]
    assert all(source[slice(*item.span)] == item.path for item in manifest.includes)
    assert [(item.kind, item.url, item.tool) for item in manifest.indexes] == [
        ("index", "https://packages.example.com/simple", "pip"),
        ("extra-index", "https://e.example.com", "pip"),
        ("find-links", "wheels", "pip"),
        ("channel", "conda-forge", "conda"),
        ("channel", "bioconda", "conda"),
    ]
    assert all(source[slice(*item.span)] == item.url for item in manifest.indexes)
    assert [(item.kind, item.value) for item in manifest.settings] == [("trusted-host", "e.example.com")]


def test_a_file_that_a_session_may_have_written_is_not_missed() -> None:
    lines = ["session.run('poetry', 'export', '--output=all.txt', external=True)", "session.install('-r', 'all.txt')"]
    assert check(session(*lines), path="noxfile.py") == []
    assert [item.code for item in check(session(lines[1]), path="noxfile.py")] == ["RQ006"]
    assert [item.code for item in check(session(lines[1], lines[1]), path="noxfile.py")] == ["RQ006", "RQ006"]
    assert check(session("session.chdir('docs')", lines[1]), path="noxfile.py") == []


def test_spans_hold_and_entries_can_be_deleted() -> None:
    text = session(
        "session.install('a', '-e', '.', 'b')",
        "session.install(",
        "    'c',  # why",
        "    'd',",
        ")",
        "session.install('e')",
        "session.run('pip', 'install', 'f')",
        "session.conda_install('g', 'h', channel=['x'])",
    )
    for newline in ("\n", "\r\n"):
        source = text.replace("\n", newline)
        manifest = read(source)
        names = [item.text for item in manifest.dependencies]
        assert names == ["a", ".", "b", "c", "d", "e", "f", "g", "h"]
        for number, dependency in enumerate(manifest.dependencies):
            assert source[slice(*dependency.span)] == dependency.text
            left = read(source[: dependency.entry[0]] + source[dependency.entry[1] :])
            assert [item.text for item in left.dependencies] == names[:number] + names[number + 1 :]
            assert left.problems == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('session.install("a=1")', [("invalid-requirement", "=1")]),
        ('session.install("a b")', [("invalid-requirement", "b")]),
        ('session.install("-r requirements.txt")', [("invalid-option", "-r requirements.txt")]),
        ('session.install("a" "b==1")', []),
    ],
)
def test_problems(line: str, found: list[tuple[str, str]]) -> None:
    assert problems(read(session(line))) == found


def test_a_blank_behind_an_option_is_taken_out() -> None:
    files = {"requirements.txt": "a==1\n"}
    text = session('session.install("-r requirements.txt")')
    assert mended(text, path="noxfile.py", files=files) == session('session.install("-rrequirements.txt")')


def test_a_secret_is_found_and_taken_out() -> None:
    text = session('session.install("-i", "https://build:hunter2-8c1f@packages.example.com/simple", "a")')
    (leak,) = check(text, path="noxfile.py")
    assert leak.code == "RQ302"
    assert "hunter2" not in mended(text, True, path="noxfile.py")


def test_the_metadata_of_the_script_are_read_too() -> None:
    block = '# /// script\n# dependencies = ["nox>=2026", "tool=1"]\n# ///\n'
    manifest = read(block + session("session.install('a')"))
    assert sorted(item.text for item in manifest.dependencies) == ["a", "nox>=2026"]
    assert problems(manifest) == [("invalid-requirement", "=1")]


@pytest.mark.parametrize(
    "text", ["", "import nox\n", "session.install(", "def f(session):\n    session.install()\n", "\0"]
)
def test_no_text_stops_the_reader(text: str) -> None:
    assert read(text).dependencies == []


def test_what_is_no_python_is_one_problem() -> None:
    assert [rule for rule, _ in problems(read("def f(session:\n    session.install('a')\n"))] == ["unreadable-file"]
