"""What is read of shell commands, wherever they stand: which words are requirements, and of whose installation."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlint.formats import shell_script
from reqlint.rewrite import bound
from reqlint.source import Source
from tests.command import process_environment
from tests.support import check, expand, mended, underlined

if TYPE_CHECKING:
    from pathlib import Path

    from reqlint.model import Manifest

PATH = "dependencies.sh"


def read(text: str) -> Manifest:
    return shell_script.read(Source(PATH, text), None)


def texts(text: str) -> list[str]:
    return [f"-e {item.text}" if item.editable else item.text for item in read(text).dependencies]


def codes(text: str, **options: Any) -> list[tuple[str, str]]:
    return [(item.code, underlined(item)) for item in check(text, path=PATH, **options)]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("pip install flask", ["flask"]),
        ("pip3.12 install -U pip", ["pip"]),
        ("pip install flask==3.0.3 'idna>=3,<4' \"click[x]~=8.1\"", ["flask==3.0.3", "idna>=3,<4", "click[x]~=8.1"]),
        ("pip --no-cache-dir --log x.log install a", ["a"]),
        ("python -m pip install a", ["a"]),
        ("python3.12 -I -m pip install a", ["a"]),
        ("python -mpip install a", ["a"]),
        ("python -c 'import pip' -m pip install a", []),
        ("pip install -ve . --no-index", ["-e ."]),
        ("py -3.12 -m pip install a", ["a"]),
        ("/opt/venv/bin/pip install a", ["a"]),
        ('"$VIRTUAL_ENV/bin/pip" install a', ["a"]),
        (r'"C:\Python312\Scripts\pip.exe" install a', ["a"]),
        ("sudo -H -u app pip install a", ["a"]),
        ("env -u X Y=1 pip install a", ["a"]),
        ("Y=1 pip install a", ["a"]),
        ("timeout -k 5 300 nice -n 5 pip install a", ["a"]),
        ("pip install -qr requirements.txt a", ["a"]),
        ("pip install -r x.txt -c y.txt --no-deps a", ["a"]),
        ("pip install -e .[dev] .", ["-e .[dev]", "."]),
        ("pip install 'a @ https://files.example.com/a-1.0.zip'", ["a @ https://files.example.com/a-1.0.zip"]),
        ("pip install 'git+https://git.example.com/a.git@v1'", ["git+https://git.example.com/a.git@v1"]),
        ("pip install a && pip install b || pip install c; pip install d & pip install e", ["a", "b", "c", "d", "e"]),
        ("(cd x && pip install a)", ["a"]),
        ("{ pip install a; }", ["a"]),
        ("! pip install a", ["a"]),
        ("if x; then pip install a; else pip install b; fi", ["a", "b"]),
        ("for x in y z; do pip install a; done", ["a"]),
        ("case x in y) pip install a;; *) pip install b;; esac", ["a", "b"]),
        ("f() { pip install a; }", ["a"]),
        ("x=$(pip install a)", ["a"]),
        ("pip install a 2>&1 | tee log", ["a"]),
        ("pip install a > log.txt b >/dev/null 2>&1", ["a", "b"]),
        ("pip install a \\\n  b \\\n  c", ["a", "b", "c"]),
        ("pip install a \\\r\n  b\r\npip install c\r\n", ["a", "b", "c"]),
        ("pip install\ta\t\tb  # c d", ["a", "b"]),
        ("bash -c 'pip install a'", ["a"]),
        ("sh -lc \"set -e; pip install a && pip install 'b==1'\"", ["a", "b==1"]),
        ("bash script.sh -c 'pip install a'", []),
        ("uv pip install --system a", ["a"]),
        ("uv tool install --with x a==1", ["x", "a==1"]),
        ("uv tool run a b", ["a"]),
        ("uv tool install a@1.2", []),
        ("uvx --python 3.12 a b c", ["a"]),
        ("uvx a@latest b", []),
        ("uvx --from 'a==1' b c", ["a==1"]),
        ("uv sync && uv run pytest install a", []),
        ("pipx install a b==2 --python python3.12", ["a", "b==2"]),
        ("pipx inject poetry a b", ["a", "b"]),
        ("pipx run --spec a==1 b c", ["a==1"]),
        ("pipx run a b c", ["a"]),
        ("conda install -y -c conda-forge a=1.2 'b>=1'", ["a=1.2", "b>=1"]),
        ("conda create -yn name -c x --file y.txt python=3.12", ["python=3.12"]),
        ("mamba install --yes --channel=x a", ["a"]),
        ("micromamba install -n base -f env.yml a", ["a"]),
        ("conda run -n name pip install a", ["a"]),
        ("conda env create -f environment.yml", []),
        ("conda activate install", []),
        ("echo pip install a", []),
        ("echo 'pip install a' >> ~/.bashrc", []),
        ("# pip install a", []),
        ("apt-get install -y python3-pip python3-flask", []),
        ("pip download a", []),
        ("pip uninstall -y a", []),
        ("pip install", []),
        ("cat <<X\npip install a\nX\n", []),
        # What nobody can tell without running it.
        ("pip install $PACKAGES ${MORE} $(cat list) `cat list`", []),
        ("pip install *.whl dist/*.whl[x] {a,b}", []),
        ("pip install '{{ packages }}' {{ more }}", []),
        ("pip install 'a==${V}'", ["a==${V}"]),
        ('pip install "a==$V"', ["a==${V}"]),
        ('pip install a$V "b[x]${V}"', []),
        ("pip install numpy==1.26.*", ["numpy==1.26.*"]),
    ],
)
def test_what_a_command_installs(command: str, found: list[str]) -> None:
    assert texts(command) == found


@pytest.mark.parametrize(
    "text",
    ["pip install 'a", 'pip install "a', "if pip install", "((", "pip install a )", "", "\0", "pip install \ud800"],
)
def test_broken_scripts_are_read_as_far_as_they_can_be(text: str) -> None:
    assert isinstance(texts(text), list)


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "pip install ",
                    "conda install ",
                    "a",
                    "b==1",
                    " ",
                    "\n",
                    "\\\n",
                    "'",
                    '"',
                    "$",
                    "${",
                    "}",
                    "(",
                    ")",
                    ">=1",
                    "<2",
                    "&&",
                    "|",
                    ";",
                    "if ",
                    "fi",
                    "<<X\n",
                    "X\n",
                    "# ",
                    "é",
                    "🐍",
                    "\r\n",
                    "`",
                    "-r ",
                    "uvx ",
                    "sh -c ",
                ]
            ),
            st.text(max_size=3),
        )
    ).map("".join)
)
def test_any_text_is_read_and_all_places_hold(text: str) -> None:
    manifest = read(text)
    for item in manifest.dependencies:
        assert item.entry[0] <= item.span[0] <= item.span[1] <= item.entry[1] <= len(text)
        if item.rewritable:
            assert text[slice(*item.span)] == item.text


@pytest.mark.parametrize(
    "text",
    [
        "pip install a 'b>=1' \"c\" -U d==1 # e\n",
        "pip install a \\\n    b \\\n    c && pip install d\n",
        "echo é ü && pip install a b; echo 🐍; pip install c 'd>=2'\n",
        "conda install -y -c x a=1 'b>=2' c\n",
        "sudo bash -c 'pip install a b'\n",
        "pip install a >log b 2>&1\n",
    ],
)
def test_without_its_entry_exactly_one_requirement_is_gone(text: str) -> None:
    found = read(text).dependencies
    before = texts(text)
    assert len(before) > 1
    for number, item in enumerate(found):
        start, end = item.entry
        assert texts(text[:start] + text[end:]) == before[:number] + before[number + 1 :]


@pytest.mark.parametrize(
    ("command", "place", "mended_to"),
    [
        ("pip install a>=1", "a>=1", 'pip install "a>=1"'),
        ("pip install a<2", "a<2", 'pip install "a<2"'),
        ("pip install a[x]>=1.2 -q", "a[x]>=1.2", 'pip install "a[x]>=1.2" -q'),
        ("conda install -y a>=1", "a>=1", 'conda install -y "a>=1"'),
        ("bash -c 'pip install a>=1'", "a>=1", "bash -c 'pip install \"a>=1\"'"),
        ('bash -c "pip install a>=1"', "a>=1", "bash -c \"pip install 'a>=1'\""),
        ("pip install a>=1 b==2 > log", "a>=1", 'pip install "a>=1" b==2 > log'),
    ],
)
def test_what_the_shell_takes_for_a_redirection(command: str, place: str, mended_to: str) -> None:
    assert codes(command, select="RQ005,RQ002") == [("RQ005", place)]
    assert mended(command, path=PATH, select="RQ005") == command
    assert mended(command, True, path=PATH, select="RQ005") == mended_to


@pytest.mark.parametrize(
    "command",
    [
        "pip install a 2>&1",
        "pip install a >log",
        "pip install a > log",
        "pip install a>log.txt",
        "pip install a >/dev/null",
        "pip install 'a>=1'",
        "pip install a\\>=1",
        "pip install a < /dev/null",
        "echo a>1",
        "pip install a &>log",
    ],
)
def test_what_is_meant_for_a_redirection(command: str) -> None:
    assert codes(command, select="RQ005") == []


def test_the_shell_itself_agrees_about_what_is_redirected(tmp_path: Path) -> None:
    # What bash gives to `pip`, and which files it writes, against what the finding says.
    script = 'pip() { printf "%s\\n" "$@"; }\npip install a>=1 b>log c\n'
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["=1", "log"]
    assert codes("pip install a>=1 b>log c\n", select="RQ005") == [("RQ005", "a>=1")]


def test_a_pin_is_written_into_the_command() -> None:
    text = "pip install flask 'click>=8' \\\n    \"idna\" -q  # why\n"
    assert mended(text, path=PATH, environment={"flask": "3.0.3", "click": "8.1.7", "idna": "3.7"}) == (
        "pip install flask==3.0.3 'click==8.1.7' \\\n    \"idna==3.7\" -q  # why\n"
    )


def test_a_bound_is_only_written_between_quotes() -> None:
    bare, quoted = read("pip install flask 'click'\n").dependencies
    assert bound(bare, "3.0.3") is None
    edits = bound(quoted, "8.1.7")
    assert edits is not None
    assert [edit.content for edit in edits] == [">=8.1.7"]


def test_each_command_is_judged_alone() -> None:
    assert codes("pip install a==1\npip install a==2\n") == []
    assert codes("pip install a==1 a==2\n") == [("RQ404", "a==2")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("conda install -y numpy=1.26.4\npip install numpy==1.26.4\n", ["RQ401"]),
        ("conda install -y -n base numpy=1.26.4\npip install numpy==1.26.4\n", ["RQ401"]),
        # pip came first, or not into the same environment, or only one of the two is run.
        ("pip install numpy==1.26.4\nconda install -y numpy=1.26.4\n", []),
        ("conda create -yn x numpy=1.26.4\npip install numpy==1.26.4\n", []),
        ("conda install -y -n x numpy=1.26.4\npip install numpy==1.26.4\n", []),
        ("conda install -y numpy=1.26.4 || pip install numpy==1.26.4\n", []),
        ("if x; then conda install -y numpy=1.26.4; else pip install numpy==1.26.4; fi\n", []),
        ("conda install -y numpy=1.26.4\nuv tool install numpy==1.26.4\n", []),
        ("conda install -y numpy=1.26.4\n/opt/venv/bin/pip install numpy==1.26.4\n", []),
    ],
)
def test_conda_and_pip_in_one_environment(text: str, found: list[str]) -> None:
    assert [code for code, _ in codes(text, select="RQ401,RQ402")] == found


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("# reqlint: ignore[RQ101] why\npip install a \\\n  b\npip install c\n", ["c"]),
        ("pip install a  # reqlint: ignore[RQ101] why\npip install c\n", ["c"]),
        ("pip install a  # reqlint: ignore[RQ1]\n", []),
    ],
)
def test_ignore_comments(text: str, left: list[str]) -> None:
    assert [place for _, place in codes(text, select="RQ101,RQ901")] == left


def test_files_that_are_installed_from_do_not_lie_beside_the_script() -> None:
    assert codes("pip install -r /tmp/x/requirements.txt -c limits.txt a==1\n") == []


def test_a_secret_is_never_told() -> None:
    text = expand("pip install 'core @ git+https://{token:github}@github.com/acme/core.git@v1.2.0'\n")
    [finding] = check(text, path=PATH, select="RQ301")
    assert "${GITHUB_TOKEN}" in finding.help
    assert "ghp" not in finding.message + finding.help + repr(read(text).dependencies)
    assert "ghp" not in mended(text, True, path=PATH, select="RQ301")


def test_the_grammar_is_loaded_only_for_what_installs_something() -> None:
    script = """
import sys
from reqlint.formats import shell_script
from reqlint.source import Source
shell_script.read(Source("dependencies.sh", "apt-get update\\nmake all\\n"), None)
assert "tree_sitter" not in sys.modules
shell_script.read(Source("dependencies.sh", "pip install a\\n"), None)
assert "tree_sitter" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, env=process_environment())


def test_a_long_script_is_read_in_little_time() -> None:
    text = "".join(f"echo é && pip install a{number}==1 \\\n  b{number}==1\n" for number in range(1000))
    found = texts(text)
    assert len(found) == 2000
    assert re.fullmatch(r"b999==1", found[-1])


def test_what_a_word_cannot_hold_is_not_written_into_it() -> None:
    url = "https://files.example.com/core-1.0-py3-none-any.whl"
    assert mended(f"pip install {url}\n", True, path=PATH, select="RQ211") == f"pip install {url}\n"
    assert mended(f"pip install '{url}'\n", True, path=PATH, select="RQ211") == f"pip install 'core @ {url}'\n"
    egg = "pip install git+https://git.example.com/core.git@v1#egg=core\n"
    [finding] = check(egg, path=PATH, select="RQ206")
    assert finding.fix is None
    assert finding.help == "put this word in quotes, which its fix needs"
    # In quotes of the same kind as a marker's, which a tidier spelling would bring.
    text = "pip install \"Flask ; python_version<'3.13'\" 'idna>=3 , <4'\n"
    for unsafe in (False, True):
        fixed = mended(text, unsafe, path=PATH, select="ALL")
        assert len(texts(fixed)) == 2
        assert subprocess.run(["sh", "-n", "-c", fixed], check=False).returncode == 0
