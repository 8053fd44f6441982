"""``--online`` by the real command line, against real servers: an index, and git repositories, on the loopback.

What is written is read back by the tools that the files are for: pip, tomllib, PyYAML.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.command import Result, install, process_environment, run, run_process
from tests.servers import GitServer, Index, Listed, Repository, git, git_daemon, isolate

SECRET = "s3cr3t-P4ssw0rd"
PIN = ("--online", "--pin-from", "index", "--fix", "--unsafe-fixes")


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path / "home")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of a project, above which nothing counts."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


@pytest.fixture
def start() -> Iterator[Callable[..., Index]]:
    started: list[Index] = []

    def make(**projects: list[Listed]) -> Index:
        started.append(Index(**projects))
        return started[-1]

    yield make
    for index in started:
        index.close()


@pytest.fixture
def index(start: Callable[..., Index], monkeypatch: pytest.MonkeyPatch) -> Index:
    """The index that pip's variables name."""
    made = start(
        alpha=[Listed("1.0"), Listed("1.5"), Listed("2.0", yanked="broken"), Listed("2.1rc1")],
        beta=[Listed("0.9"), Listed("1.4"), Listed("2.0")],
        gamma=[Listed("3.0"), Listed("4.0", requires_python=">=3.12"), Listed("5.0", requires_python=">=4")],
        delta=[Listed("1.0"), Listed("1.0", sdist=True)],
    )
    monkeypatch.setenv("PIP_INDEX_URL", made.url)
    return made


def write(project: Path, text: str, name: str = "requirements.txt") -> Path:
    path = project / name
    path.write_text(text, encoding="utf-8")
    return path


def pip_takes(path: Path, index: Index) -> dict[str, str]:
    """What the real pip would install of a requirements file, by name."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--report", "-", "--index-url", index.url]
    done = subprocess.run([*command, "-r", path], capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found = [item["metadata"] for item in json.loads(done.stdout)["install"]]
    return {item["name"]: item["version"] for item in found}


def install_for(project: Path, python: str, **versions: str) -> None:
    """Make an environment of this Python that holds these projects."""
    install(project, **versions)
    (project / ".venv" / "pyvenv.cfg").write_text(f"version = {python}\n")
    library = project / ".venv" / "lib"
    (library / "python3.11").rename(library / f"python{python.rpartition('.')[0]}")


# The index: versions


def test_names_are_pinned_to_what_pip_would_install(project: Path, index: Index) -> None:
    path = write(project, "alpha\nbeta>=1,<2  # why\nalpha-of-nobody\nAlpha[extra] ; python_version > '3'\n")
    before = pip_takes(write(project, "alpha\nbeta>=1,<2\n", "plain.txt"), index)
    (project / "plain.txt").unlink()
    result = run_process(*PIN, "--ignore", "RQ3", "requirements.txt", cwd=project)
    assert path.read_text() == (
        "alpha==1.5\nbeta==1.4  # why\nalpha-of-nobody\nAlpha[extra]==1.5 ; python_version > '3'\n"
    )
    assert before == {"alpha": "1.5", "beta": "1.4"}
    assert result.codes == ["RQ101"]
    assert result.code == 1
    assert result.err == "reqlint: no index that counts for it knows `alpha-of-nobody`\n"


@pytest.mark.usefixtures("index")
def test_safe_fixes_take_nothing_from_an_index(project: Path) -> None:
    path = write(project, "alpha\n")
    result = run("--online", "--pin-from", "index", "--fix", "requirements.txt", cwd=project)
    assert path.read_text() == "alpha\n"
    assert result.code == 1
    shown = run("--online", "--pin-from", "index", "--output-format", "full", "requirements.txt", cwd=project)
    assert "`--fix --unsafe-fixes` pins it to 1.5, the newest that fits on 127.0.0.1" in shown.out
    difference = run("--online", "--pin-from", "index", "--diff", "--unsafe-fixes", "requirements.txt", cwd=project)
    assert "-alpha\n+alpha==1.5\n" in difference.out
    assert path.read_text() == "alpha\n"


@pytest.mark.parametrize(
    ("python", "declared", "expected"),
    [
        ("3.11.9", None, "3.0"),
        ("3.12.1", None, "4.0"),
        (None, ">=3.12", "4.0"),
        (None, ">=3.10", "3.0"),
        ("3.12.1", ">=3.10", "4.0"),
        (None, None, "5.0"),
    ],
)
@pytest.mark.usefixtures("index")
def test_a_release_is_for_the_python_of_the_project(
    project: Path, python: str | None, declared: str | None, expected: str
) -> None:
    if python is not None:
        install_for(project, python, gamma="1.0")
    if declared is not None:
        write(project, f'[project]\nname = "x"\nversion = "1"\nrequires-python = "{declared}"\n', "pyproject.toml")
    path = write(project, "gamma\n")
    run(*PIN, "requirements.txt", cwd=project)
    assert path.read_text() == f"gamma=={expected}\n"


LIBRARY = """\
[build-system]
requires = ["hatchling>=1"]
build-backend = "hatchling.build"

[project]
name = "shop"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["gamma", "beta<2"]
"""


@pytest.mark.usefixtures("index")
def test_a_library_gets_lower_bounds_that_all_its_pythons_can_have(project: Path) -> None:
    install_for(project, "3.12.1", gamma="1.0", beta="1.0")
    path = write(project, LIBRARY, "pyproject.toml")
    run(*PIN, "pyproject.toml", cwd=project)
    assert tomllib.loads(path.read_text())["project"]["dependencies"] == ["gamma>=3.0", "beta>=1.4,<2"]


def test_the_lower_bounds_that_are_there_are_none_of_the_indexes_business(project: Path, index: Index) -> None:
    write(project, LIBRARY.replace('"beta<2"', '"beta>=1", "delta>=1"'), "pyproject.toml")
    run(*PIN, "pyproject.toml", cwd=project)
    assert set(index.asked) == {"/simple/gamma/"}


POETRY = """\
[tool.poetry]
name = "x"
version = "1"
package-mode = false

[tool.poetry.dependencies]
python = "^3.10"
gamma = "*"
beta = ">=1,<2"
"""


@pytest.mark.usefixtures("index")
def test_poetrys_python_counts_as_poetry_counts_it(project: Path) -> None:
    path = write(project, POETRY, "pyproject.toml")
    run(*PIN, "pyproject.toml", cwd=project)
    table = tomllib.loads(path.read_text())["tool"]["poetry"]["dependencies"]
    assert table == {"python": "^3.10", "gamma": "3.0", "beta": "1.4"}


SETUP_PY = "from setuptools import setup\nsetup(name='x', python_requires='>=3.10', install_requires=['{}'])\n"
SETUP_CFG = "[metadata]\nname = x\n[options]\npython_requires = >=3.10\ninstall_requires =\n  {}\n"


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup.py", SETUP_PY),
        ("setup.cfg", SETUP_CFG),
        ("Pipfile", '[packages]\n"{}" = "*"\n[requires]\npython_version = "3.11"\n'),
        ("Pipfile", '[packages]\n"{}" = "*"\n[requires]\npython_full_version = "3.11.4"\n'),
    ],
)
def test_every_format_tells_its_python(project: Path, name: str, text: str) -> None:
    path = write(project, text.format("gamma"), name)
    run(*PIN, name, cwd=project)
    wanted = '"gamma" = "==3.0"' if name == "Pipfile" else "gamma>=3.0"
    assert wanted in path.read_text()


@pytest.mark.usefixtures("index")
def test_condas_python_counts_for_the_pip_list(project: Path) -> None:
    text = "dependencies:\n  - python=3.11\n  - pip\n  - pip:\n      - gamma  # why\n      - 'beta<2'\n"
    path = write(project, text, "environment.yml")
    run(*PIN, "environment.yml", cwd=project)
    assert yaml.safe_load(path.read_text())["dependencies"][2:] == [{"pip": ["gamma==3.0", "beta==1.4"]}]


@pytest.mark.usefixtures("index")
def test_a_folder_of_condas_build_machine_gets_the_version_of_the_index(project: Path) -> None:
    folder = "file:///croot/{}_1688651106312/work"
    path = write(project, f"alpha @ {folder.format('alpha')}\nbeta @ {folder.format('beta')}\n")
    run(*PIN[:4], "requirements.txt", cwd=project)
    assert "file:" in path.read_text()  # nobody knows which version it was
    run(*PIN, "requirements.txt", cwd=project)
    assert path.read_text() == "alpha==1.5\nbeta==2.0\n"


@pytest.mark.usefixtures("index")
def test_a_whole_frozen_conda_environment_is_pinned_only_when_unsafe_fixes_are_wanted(project: Path) -> None:
    text = "".join(f"{name} @ file:///croot/{name}_1688651106312/work\n" for name in ("alpha", "beta", "delta"))
    path = write(project, text)
    run("--online", "--pin-from", "index", "--fix", "requirements.txt", cwd=project)
    assert path.read_text() == text
    run("--online", "--pin-from", "index", "--fix", "--unsafe-fixes", "requirements.txt", cwd=project)
    assert path.read_text() == "alpha==1.5\nbeta==2.0\ndelta==1.0\n"


# The index: hashes


@pytest.mark.parametrize("way", ["index", "lock,index"])
def test_missing_hashes_are_written_and_pip_takes_them(project: Path, index: Index, way: str) -> None:
    (alpha, beta, delta) = (index.projects[name] for name in ("alpha", "beta", "delta"))
    path = write(project, f"alpha==1.5 --hash=sha256:{alpha[1].digest}\nbeta==2.0\ndelta==1.0  # two files\n")
    run("--online", "--pin-from", way, "--fix", "requirements.txt", cwd=project)
    assert path.read_text().count("--hash") == 1
    result = run("--online", "--pin-from", way, "--fix", "--unsafe-fixes", "requirements.txt", cwd=project)
    first, second = sorted(file.digest for file in delta)
    assert path.read_text() == (
        f"alpha==1.5 --hash=sha256:{alpha[1].digest}\nbeta==2.0 --hash=sha256:{beta[2].digest}\n"
        f"delta==1.0 --hash=sha256:{first} --hash=sha256:{second}  # two files\n"
    )
    assert result.code == 0
    assert pip_takes(path, index) == {"alpha": "1.5", "beta": "2.0", "delta": "1.0"}


def test_what_is_pinned_from_an_index_gets_its_hashes_in_the_same_run(project: Path, index: Index) -> None:
    path = write(project, "--require-hashes\nbeta<2\ndelta\n")
    assert run(*PIN, "requirements.txt", cwd=project).code == 0
    assert pip_takes(path, index) == {"beta": "1.4", "delta": "1.0"}


# The index: who is asked


def test_the_lock_comes_first(project: Path, index: Index) -> None:
    write(project, 'version = 1\nrequires-python = ">=3.11"\n[[package]]\nname = "alpha"\nversion = "1.0"\n', "uv.lock")
    path = write(project, "alpha\nbeta\n")
    run("--online", "--pin-from", "lock,index", "--fix", "requirements.txt", cwd=project)
    assert path.read_text() == "alpha==1.0\nbeta\n"
    run("--online", "--pin-from", "lock,index", "--fix", "--unsafe-fixes", "requirements.txt", cwd=project)
    assert path.read_text() == "alpha==1.0\nbeta==2.0\n"
    assert set(index.asked) == {"/simple/beta/"}


def test_a_lock_with_a_version_for_each_python_is_not_outdone_by_the_newest(project: Path, index: Index) -> None:
    lock = 'version = 1\nrequires-python = ">=3.11"\n'
    for version, sign in (("1.0", "<"), ("1.5", ">=")):
        marker = f"resolution-markers = [\"python_full_version {sign} '3.12'\"]"
        lock += f'[[package]]\nname = "beta"\nversion = "{version}"\nsource = {{ registry = "r" }}\n{marker}\n'
    write(project, lock, "uv.lock")
    path = write(project, "beta\n")
    run("--online", "--pin-from", "lock,index", "--fix", "--unsafe-fixes", "requirements.txt", cwd=project)
    assert path.read_text() == ("beta==1.0 ; python_full_version < '3.12'\nbeta==1.5 ; python_full_version >= '3.12'\n")
    assert index.asked == []


@pytest.mark.parametrize("options", [("--pin-from", "index"), ("--pin-from", "lock,environment,index")])
def test_without_online_nobody_is_asked(project: Path, index: Index, options: tuple[str, ...]) -> None:
    path = write(project, "alpha\nbeta==2.0 --hash=sha256:" + "0" * 64 + "\ngit+http://127.0.0.1:1/a/b.git\n")
    before = path.read_bytes()
    result = run(*options, "--fix", "--unsafe-fixes", "--select", "RQ1,RQ20", "requirements.txt", cwd=project)
    assert result.code == 1
    assert index.asked == []
    assert path.read_bytes() == before


def test_online_alone_asks_no_index(project: Path, index: Index) -> None:
    path = write(project, "alpha\n")
    run("--online", "--fix", "--unsafe-fixes", "requirements.txt", cwd=project)
    assert (index.asked, path.read_text()) == ([], "alpha\n")


def test_all_names_are_asked_at_once_and_each_but_once(project: Path, start: Callable[..., Index]) -> None:
    index = start(**{f"p{number}": [Listed(f"{number}.0")] for number in range(16)})
    index.delay = 0.1
    lines = [f"p{number}\n" if number % 2 else f"p{number}==0 ; python_version<'3'\n" for number in range(16)]
    path = write(project, f"--require-hashes\n-i {index.url}\n" + "".join(lines))
    run(*PIN, "requirements.txt", cwd=project)
    assert sorted(index.asked) == sorted(f"/simple/p{number}/" for number in range(16))
    assert index.most > 4
    assert path.read_text().count(" --hash=sha256:") == 9  # those that were not pinned, and the first, which is at 0


@pytest.mark.parametrize("way", ["variable", "file", "line", "include"])
def test_the_index_that_the_user_tells_pip_of_is_asked(
    project: Path, start: Callable[..., Index], tmp_path: Path, way: str
) -> None:
    index = start(alpha=[Listed("7.0")])
    path = write(project, "alpha\n")
    env = {"PIP_INDEX_URL": index.url if way == "variable" else ""}
    if way == "file":
        config = tmp_path / "pip.conf"
        config.write_text(f"[global]\nindex-url = {index.url}\n")
        env["PIP_CONFIG_FILE"] = str(config)
    elif way == "line":
        write(project, f"--index-url {index.url}\nalpha\n")
    elif way == "include":
        write(project, f"-i {index.url}\n", "indexes.txt")
        write(project, "-r indexes.txt\nalpha\n")
    run(*PIN, "requirements.txt", cwd=project, env=env)
    assert path.read_text().endswith("alpha==7.0\n")
    assert index.asked == ["/simple/alpha/"]


def test_the_index_of_uv_is_asked(project: Path, start: Callable[..., Index]) -> None:
    index = start(alpha=[Listed("7.0")])
    table = f'\n[[tool.uv.index]]\nname = "own"\nurl = "{index.url}"\n'
    path = write(project, LIBRARY.replace('"gamma", "beta<2"', '"alpha"') + table, "pyproject.toml")
    run(*PIN, "pyproject.toml", cwd=project)
    assert tomllib.loads(path.read_text())["project"]["dependencies"] == ["alpha>=7.0"]


def test_no_index_is_asked_where_pip_may_ask_none(project: Path, index: Index) -> None:
    path = write(project, "alpha\nbeta\n")
    result = run(*PIN, "requirements.txt", cwd=project, env={"PIP_NO_INDEX": "1"})
    assert (index.asked, path.read_text()) == ([], "alpha\nbeta\n")
    assert result.err == "reqlint: pip is told to ask no index\n"


# The index: when it does not answer


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        ("hangs", "`127.0.0.1` does not answer: it takes too long"),
        ("is tired", "`127.0.0.1` does not answer: it reports an error (503)"),
        ("is not there", "`127.0.0.1` does not answer: it cannot be reached"),
        ("refuses", "`127.0.0.1` refuses access (401)"),
    ],
)
def test_one_line_tells_of_an_index_that_does_not_answer_and_all_else_is_done(
    project: Path, index: Index, fault: str, note: str
) -> None:
    env = {"PIP_TIMEOUT": "0.3"}
    if fault == "hangs":
        index.delay = 1.5
    elif fault == "is tired":
        index.always = 503
    elif fault == "refuses":
        index.password = SECRET
    else:
        env["PIP_INDEX_URL"] = "http://127.0.0.1:1/simple/"
    write(project, 'version = 1\nrequires-python = ">=3.11"\n[[package]]\nname = "alpha"\nversion = "1.0"\n', "uv.lock")
    path = write(project, "alpha\nbeta\ngamma\nbeta\n")
    result = run_process(
        "--online", "--pin-from", "lock,index", "--fix", "--unsafe-fixes", "requirements.txt", cwd=project, env=env
    )
    assert path.read_text() == "alpha==1.0\nbeta\ngamma\n"
    assert result.err == f"reqlint: {note}\n"
    assert result.codes == ["RQ101", "RQ101"]
    assert result.code == 1


def test_without_the_extra_one_line_says_how_to_get_it(project: Path, tmp_path: Path) -> None:
    path = write(project, "alpha\n")
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'pypi_simple':\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
    )
    environ = process_environment()
    environ["PYTHONPATH"] = f"{hook}{os.pathsep}{environ['PYTHONPATH']}"
    for place in ("option", "configuration"):
        arguments = ["--online", "--fix", "--unsafe-fixes"]
        if place == "option":
            arguments += ["--pin-from", "index"]
        else:
            write(project, 'pin-from = ["index"]\n', "reqlint.toml")
        command = [sys.executable, "-m", "reqlint", *arguments, str(path)]
        # From another folder: the configuration that counts is that of the file.
        done = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 2
        assert done.stderr == (
            "reqlint: asking a package index needs more than is installed: pip install 'reqlinter[online]'\n"
        )
        assert done.stdout == ""
        assert path.read_text() == "alpha\n"
    command = [sys.executable, "-m", "reqlint", "--online", "--isolated", str(path)]
    done = subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1  # git servers can be asked without it
    assert done.stderr == ""


# The index: secrets


@pytest.mark.parametrize("is_right", [True, False])
@pytest.mark.parametrize("way", ["line", "variable", "netrc", "placeholder"])
def test_credentials_are_used_and_never_printed(
    project: Path, index: Index, tmp_path: Path, way: str, is_right: bool
) -> None:
    index.password = SECRET if is_right else "another"
    with_password = index.with_user(f"user:{SECRET}")
    env = {"PIP_INDEX_URL": with_password if way == "variable" else index.url, "INDEX_PASSWORD": SECRET}
    line = {"line": f"-i {with_password}\n", "placeholder": f"-i {index.with_user('user:${INDEX_PASSWORD}')}\n"}
    if way == "netrc":
        netrc = tmp_path / "netrc"
        netrc.write_text(f"machine 127.0.0.1\nlogin user\npassword {SECRET}\n")
        netrc.chmod(0o600)
        env["NETRC"] = str(netrc)
    text = line.get(way, "") + "alpha\nbeta\n"
    path = project / "requirements.txt"
    for options in (
        ("--verbose", "--output-format", "full"),
        ("--diff",),
        ("--output-format", "json"),
        ("--fix", "-v"),
    ):
        write(project, text)
        online = ("--online", "--pin-from", "index", "--unsafe-fixes", "--select", "RQ101")
        result = run(*online, *options, "requirements.txt", cwd=project, env=env)
        assert SECRET not in result.out + result.err
        assert ("refuses access (401)" in result.err) is not is_right
        assert set(index.users) == {"user"}
    assert path.read_text() == text.replace("alpha", "alpha==1.5" if is_right else "alpha").replace(
        "beta", "beta==2.0" if is_right else "beta"
    )


# Git servers


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    return Repository(tmp_path / "served" / "acme" / "core.git")


@pytest.fixture
def server(repository: Repository) -> Iterator[GitServer]:
    started = GitServer(repository.path.parent.parent)
    yield started
    started.close()


def mend(project: Path, name: str, *options: str, unsafe: bool = True, env: dict[str, str] | None = None) -> Result:
    fix = ("--fix", "--unsafe-fixes") if unsafe else ("--fix",)
    return run("--online", *fix, "--select", "RQ201,RQ202,RQ203", *options, name, cwd=project, env=env)


def pip_reads(path: Path) -> list[str]:
    """The requirements that pip's own parser finds in a file."""
    parser = pytest.importorskip("pip._internal.req.req_file")
    session = pytest.importorskip("pip._internal.network.session").PipSession()
    return [item.requirement for item in parser.parse_requirements(str(path), session)]


def test_the_newest_tag_is_written_as_its_commit_with_its_name(
    project: Path, repository: Repository, server: GitServer
) -> None:
    url = f"git+{server.url()}"
    path = write(
        project, f"core @ {url}\nother @ {url}#subdirectory=a  # why\n-e {url}#egg=third\nx @ {url} ; os_name>'a'\n"
    )
    assert mend(project, "requirements.txt", unsafe=False).code == 1
    assert repository.second not in path.read_text()  # not what was installed until now
    result = mend(project, "requirements.txt")
    commit = repository.second
    assert path.read_text() == (
        f"core @ {url}@{commit}  # v1.1.0\nother @ {url}@{commit}#subdirectory=a  # why\n"
        f"-e {url}@{commit}#egg=third  # v1.1.0\nx @ {url}@{commit} ; os_name>'a'  # v1.1.0\n"
    )
    assert pip_reads(path) == [
        f"core @ {url}@{commit}",
        f"other @ {url}@{commit}#subdirectory=a",
        f"{url}@{commit}#egg=third",
        f"x @ {url}@{commit} ; os_name>'a'",
    ]
    assert (result.code, result.out) == (0, "Fixed 4 problems in 1 file. Nothing is left to report.\n")


def test_git_daemon_is_asked_too(project: Path, repository: Repository, tmp_path: Path) -> None:
    with git_daemon(tmp_path / "served") as host:
        path = write(project, f"core @ git+git://{host}/acme/core.git\n")
        mend(project, "requirements.txt")
    assert path.read_text() == f"core @ git+git://{host}/acme/core.git@{repository.second}  # v1.1.0\n"


def test_without_a_tag_it_is_the_head(project: Path, repository: Repository, server: GitServer) -> None:
    git(repository.path, "tag", "-d", "v1.0.0", "v1.1.0")
    path = write(project, f"core @ git+{server.url()}\n")
    mend(project, "requirements.txt")
    assert path.read_text() == f"core @ git+{server.url()}@{repository.third}\n"


def test_a_branch_becomes_its_commit(project: Path, repository: Repository, server: GitServer) -> None:
    url = f"git+{server.url()}"
    path = write(project, f"a @ {url}@trunk\nb @ {url}@feature/x\nc @ {url}@v1.0.0\n")
    assert mend(project, "requirements.txt", unsafe=False).code == 1
    mend(project, "requirements.txt")
    assert path.read_text() == (
        f"a @ {url}@{repository.third}\nb @ {url}@{repository.second}  # v1.1.0\nc @ {url}@v1.0.0\n"
    )


def test_a_ref_that_only_the_server_knows_for_a_branch(
    project: Path, repository: Repository, server: GitServer
) -> None:
    git(repository.path, "branch", "topaz")
    git(repository.path, "branch", "v9.0.0")
    git(repository.path, "tag", "develop", repository.first)
    url = f"git+{server.url()}"
    write(project, f"a @ {url}@topaz\nb @ {url}@v9.0.0\nc @ {url}@v1.1.0\nd @ {url}@develop\ne @ {url}@nowhere\n")
    select = ("--select", "RQ202", "requirements.txt")
    offline, online = run(*select, cwd=project), run("--online", *select, cwd=project)
    assert [line.split(": ")[2] for line in offline.out.splitlines()[:-1]] == ["`d` follows a branch"]
    assert server.seen != []
    assert [line.split(": ")[2] for line in online.out.splitlines()[:-1]] == [
        "`a` follows a branch",
        "`b` follows a branch",
    ]


def test_a_tag_becomes_its_commit_where_commits_are_asked_for(
    project: Path, repository: Repository, server: GitServer
) -> None:
    write(project, 'vcs-ref = "commit"\n', "reqlint.toml")
    url = f"git+{server.url()}"
    path = write(project, f"a @ {url}@v1.1.0\nb @ {url}@trunk\n")
    result = mend(project, "requirements.txt", unsafe=False)
    assert path.read_text() == f"a @ {url}@{repository.second}  # v1.1.0\nb @ {url}@trunk\n"
    assert result.codes == ["RQ202"]


def test_a_lock_of_another_tag_is_no_witness(project: Path, repository: Repository, server: GitServer) -> None:
    write(project, 'vcs-ref = "commit"\n', "reqlint.toml")
    url = server.url()
    for tag, commit in (("v1.0.0", repository.first), ("v1.1.0", repository.second)):
        source = f'source = {{ git = "{url}?tag={tag}#{commit}" }}'
        lock = f'version = 1\n[[package]]\nname = "core"\nversion = "{tag[1:]}"\n{source}\n'
        write(project, lock, "uv.lock")
        path = write(project, f"core @ git+{url}@v1.1.0\n")
        run("--fix", "--select", "RQ202", "requirements.txt", cwd=project)
        is_it = tag == "v1.1.0"
        assert path.read_text() == f"core @ git+{url}@{f'{commit}  # {tag}' if is_it else 'v1.1.0'}\n"
        write(project, f"core @ git+{url}@refs/tags/v1.1.0\n")
        mend(project, "requirements.txt", unsafe=False)
        assert path.read_text() == f"core @ git+{url}@{repository.second}  # v1.1.0\n"


def test_an_abbreviated_commit_is_completed(project: Path, repository: Repository, server: GitServer) -> None:
    url = f"git+{server.url()}"
    first, third = repository.first, repository.third
    path = write(project, f"a @ {url}@{short(first)}\nb @ {url}@{short(third)}\nc @ {url}@{'0a1b2c3d'}\n")
    result = mend(project, "requirements.txt")
    assert path.read_text() == f"a @ {url}@{first}  # v1.0.0\nb @ {url}@{third}\nc @ {url}@0a1b2c3d\n"
    assert result.codes == ["RQ203"]


def test_a_lock_of_another_commit_does_not_keep_a_commit_from_being_completed(
    project: Path, repository: Repository, server: GitServer
) -> None:
    url = server.url()
    source = f'source = {{ git = "{url}#{repository.third}" }}'
    write(project, f'version = 1\n[[package]]\nname = "core"\nversion = "1.0"\n{source}\n', "uv.lock")
    path = write(project, f"core @ git+{url}@{short(repository.first)}\n")
    mend(project, "requirements.txt")
    assert path.read_text() == f"core @ git+{url}@{repository.first}  # v1.0.0\n"


def short(commit: str) -> str:
    """As many digits of a commit as tell it from a date and a word."""
    digits = next(number for number in range(7, 41) if not commit[:number].isdigit() and not commit[:number].isalpha())
    return commit[:digits]


# Git servers: what is written where


def test_in_the_pip_list_of_an_environment(project: Path, repository: Repository, server: GitServer) -> None:
    url = f"git+{server.url()}"
    rows = f"      - core @ {url}\n      - 'other @ {url}'\n      - {url}@trunk#egg=third  # why\n"
    path = write(project, f"dependencies:\n  - python=3.12\n  - pip\n  - pip:\n{rows}", "environment.yml")
    mend(project, "environment.yml")
    commit = repository.second
    assert yaml.safe_load(path.read_text())["dependencies"][2]["pip"] == [
        f"core @ {url}@{commit}",
        f"other @ {url}@{commit}",
        f"{url}@{repository.third}#egg=third",
    ]
    assert path.read_text().splitlines()[4:] == [
        f"      - core @ {url}@{commit}  # v1.1.0",
        f"      - 'other @ {url}@{commit}'  # v1.1.0",
        f"      - {url}@{repository.third}#egg=third  # why",
    ]


TABLES = {
    "pyproject.toml: poetry": (
        (
            '[tool.poetry]\nname = "x"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.10"\n'
            'core = {{ git = "{url}" }}\nother = {{ git = "{url}", branch = "trunk" }}\n'
            '[tool.poetry.dependencies.third]\ngit = "{url}"\n'
        ),
        ["tool", "poetry", "dependencies"],
        "rev",
    ),
    "pyproject.toml: uv": (
        (
            '[project]\nname = "x"\nversion = "1"\ndependencies = ["core", "other", "third"]\n[tool.uv.sources]\n'
            'core = {{ git = "{url}" }}\nother = {{ git = "{url}", branch = "trunk" }}\n'
            '[tool.uv.sources.third]\ngit = "{url}"\n'
        ),
        ["tool", "uv", "sources"],
        "rev",
    ),
    "Pipfile": (
        (
            '[packages]\ncore = {{git = "{url}"}}\nother = {{git = "{url}", ref = "trunk"}}\n'
            '[packages.third]\ngit = "{url}"\n'
        ),
        ["packages"],
        "ref",
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_in_the_tables_of_the_tools(project: Path, repository: Repository, server: GitServer, kind: str) -> None:
    text, keys, key = TABLES[kind]
    path = write(project, text.format(url=server.url()), kind.partition(":")[0])
    mend(project, path.name)
    found: Any = tomllib.loads(path.read_text())
    for name in keys:
        found = found[name]
    url, commit = server.url(), repository.second
    assert [found["core"], found["other"], found["third"]] == [
        {"git": url, key: commit},
        {"git": url, key: repository.third},
        {"git": url, key: commit},
    ]
    comments = re.findall(r"[^\n]*#.*", path.read_text())
    assert len(comments) == 2
    assert all(line.endswith("  # v1.1.0") for line in comments)
    assert comments[1] == f'{key} = "{commit}"  # v1.1.0'


def test_a_comment_stands_where_nothing_else_could_be_meant(
    project: Path, repository: Repository, server: GitServer
) -> None:
    head = '[tool.poetry]\nname = "x"\nversion = "1"\n[tool.poetry.dependencies]\n'
    rows = [
        ('a = {git = "URL", extras = ["x", "y"], develop = true}', "  # v1.1.0"),
        ('b = {git = "URL", subdirectory = "b"}  # own', ""),
        ("""c = [{git = "URL", platform = "linux"}, {version = "1.0", platform = "darwin"}]""", ""),
        ("""d = {git = "URL", markers = "os_name == 'a'"}""", "  # v1.1.0"),
    ]
    text = head + "".join(f"{row}\n" for row, _ in rows)
    path = write(project, text.replace("URL", server.url()), "pyproject.toml")
    mend(project, "pyproject.toml")
    wanted = head + "".join(f"{row}{comment}\n" for row, comment in rows)
    assert path.read_text() == wanted.replace('URL"', f'{server.url()}", rev = "{repository.second}"')


def test_in_lists_of_toml_and_in_code(project: Path, repository: Repository, server: GitServer) -> None:
    url, commit = f"git+{server.url()}", repository.second
    path = write(project, LIBRARY.replace('["gamma", "beta<2"]', f'[\n  "core @ {url}",\n]'), "pyproject.toml")
    mend(project, "pyproject.toml")
    assert tomllib.loads(path.read_text())["project"]["dependencies"] == [f"core @ {url}@{commit}"]
    text = f"from setuptools import setup\nsetup(name='x', install_requires=['core @ {url}'])\n"
    path = write(project, text, "setup.py")
    mend(project, "setup.py")
    assert path.read_text() == text.replace(url, f"{url}@{commit}")


# Git servers: when they do not answer, and what they may see


def test_one_note_tells_of_a_git_server_that_does_not_answer(project: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    text = "".join(f"{name} @ git+http://user:{SECRET}@127.0.0.1:1/acme/{name}.git\n" for name in "abc")
    path = write(project, text + "six\nsix\n")
    result = run_process(
        "--online",
        "--fix",
        "--unsafe-fixes",
        "--select",
        "RQ201,RQ101,duplicate-requirement",
        "requirements.txt",
        cwd=project,
    )
    assert result.err == "reqlint: the git server `127.0.0.1:1` cannot be reached\n"
    assert result.codes == ["RQ201"] * 3 + ["RQ101"]
    assert path.read_text() == text + "six\n"
    assert SECRET not in result.out


def test_credentials_reach_a_git_server_and_no_output(project: Path, repository: Repository, server: GitServer) -> None:
    server.password = SECRET
    path = write(project, f"core @ git+{server.url(f'user:{SECRET}')}\n")
    result = mend(project, "requirements.txt", "--verbose", "--output-format", "full")
    assert path.read_text().endswith(f"/acme/core.git@{repository.second}  # v1.1.0\n")
    assert server.seen[-1] == f"user:{SECRET}"
    assert SECRET not in result.out + result.err
    server.password = "another"
    write(project, f"core @ git+{server.url(f'user:{SECRET}')}\n")
    result = mend(project, "requirements.txt", "--verbose", "--output-format", "full")
    assert f"`{server.host}/acme/core.git` refuses access, or has no such repository" in result.err
    assert SECRET not in result.out + result.err


def test_all_repositories_are_asked_at_once(project: Path, repository: Repository, server: GitServer) -> None:
    for number in range(4):
        shutil.copytree(repository.path, repository.path.parent / f"{number}.git")
    server.delay = 0.3
    urls = [server.url().replace("core", str(number)) for number in range(4)]
    write(project, f"d @ git+{urls[3]}\n", "more.txt")
    lines = [f"{name} @ git+{url}\n" for name, url in zip("abc", urls, strict=False)]
    write(project, "".join(lines) + "-r more.txt\n")
    result = mend(project, "requirements.txt", unsafe=False)
    assert result.codes == ["RQ201"] * 3
    assert server.most > 1


def test_what_is_allowed_and_what_is_fixed_is_not_asked(
    project: Path, repository: Repository, server: GitServer
) -> None:
    write(project, '[allow]\nRQ201 = ["a"]\nRQ202 = ["b"]\n', "reqlint.toml")
    url = f"git+{server.url()}"
    write(project, f"a @ {url}\nb @ {url}@topaz\nc @ {url}@{repository.first}\n")
    assert mend(project, "requirements.txt").code == 0
    assert server.seen == []


# At every start


def test_nothing_of_this_is_imported_without_online(project: Path) -> None:
    write(project, "alpha\ncore @ git+https://git.example.com/core.git\n")
    command = [sys.executable, "-X", "importtime", "-m", "reqlint", "requirements.txt"]
    for options, expected in (((), False), (("--online", "--pin-from", "index"), True)):
        done = subprocess.run(
            [*command, *options], cwd=project, env=process_environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        ours = {"reqlint.evidence.online", "reqlint.evidence.index", "pypi_simple", "requests", "urllib3"}
        assert ours <= loaded if expected else not ours & loaded
