"""The hooks as people use them: the real pre-commit clones this project, installs it, and runs it on real commits."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from reqlint.formats import FORMATS
from tests.command import run_process

ROOT = Path(__file__).parent.parent.parent
VERSION = "v0.1.0"
PARTS = ["src", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"]

CONFIGURATION = """\
repos:
  - repo: {repository}
    rev: {version}
    hooks:
      - id: {hook}
"""

GOOD = "requests==2.32.3\nflask==3.0.3 ; python_version >= '3.8'\n"
BAD = "requests==2.32.3\nflask\n"

# A safe fix that needs no evidence: the byte order mark goes.
MARKED = b"\xef\xbb\xbfrequests==2.32.3  # http\r\n"
UNMARKED = b"requests==2.32.3  # http\r\n"


def environment(home: Path, **values: str) -> dict[str, str]:
    """What pre-commit and git are run with: nothing of the user's own configuration, no active environment, no CI system."""
    families = ("GIT_", "GITHUB_", "GITLAB_", "PRE_COMMIT", "REQLINT_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(families) and name not in ("VIRTUAL_ENV", "PYTHONPATH", "SKIP", "TF_BUILD")
    }
    fixed = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "PRE_COMMIT_HOME": str(home),
        "PRE_COMMIT_COLOR": "never",
    }
    return {**kept, **fixed, **values}


def offline(home: Path) -> dict[str, str]:
    """The same with every way out closed: to a proxy that is not there."""
    names = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")
    closed = {spelt: "http://127.0.0.1:9" for name in names for spelt in (name, name.upper())}
    return environment(home, PIP_NO_INDEX="1", no_proxy="", NO_PROXY="", **closed)


def run(*command: str, cwd: Path, environ: Mapping[str, str], code: int | None = 0) -> str:
    """Standard output and error of a command, which must end with this code (None: with any)."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert code is None or done.returncode == code, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The folder with a git repository of this project and pre-commit's own home, where the hooks are installed.

    Installing takes long and fetches reqlint's requirements, so it is done once, by whichever worker comes first.
    """
    shared = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):  # one of pytest-xdist's workers, each of which has a folder of its own
        shared = shared.parent
    folder = shared / "pre-commit"
    outcome = folder / "outcome"
    try:
        folder.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + 600
        while not outcome.exists() and time.monotonic() < deadline:
            time.sleep(0.2)
    else:
        problem = "installing was interrupted"
        try:
            problem = install(folder)
        finally:
            partial = folder / "outcome.partial"
            partial.write_text(problem, encoding="utf-8")
            partial.rename(outcome)
    problem = outcome.read_text(encoding="utf-8") if outcome.exists() else "another worker did not finish in time"
    if problem:
        pytest.fail(
            f"pre-commit could not install the hooks (it needs a package index for that): {problem}", pytrace=False
        )
    return folder


def install(folder: Path) -> str:
    """Make the repository and let pre-commit install its hooks; returns what went wrong."""
    repository = folder / "reqlint"
    repository.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, repository / part, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy(source, repository / part)
    environ = environment(folder / "home")
    run("git", "init", "-q", "-b", "main", cwd=repository, environ=environ)
    run("git", "add", ".", cwd=repository, environ=environ)
    run("git", "commit", "-q", "-m", "The working tree", cwd=repository, environ=environ)
    run("git", "tag", VERSION, cwd=repository, environ=environ)
    user = folder / "user"
    user.mkdir()
    run("git", "init", "-q", cwd=user, environ=environ)
    hooks = "reqlint\n      - id: reqlint-fix"
    configuration = CONFIGURATION.format(repository=repository, version=VERSION, hook=hooks)
    (user / ".pre-commit-config.yaml").write_text(configuration, encoding="utf-8")
    command = [sys.executable, "-m", "pre_commit", "install-hooks"]
    done = subprocess.run(command, cwd=user, env=environ, capture_output=True, text=True, check=False)
    return f"\n{done.stdout}{done.stderr}" if done.returncode else ""


class User:
    """A user's repository, whose hooks run with no network."""

    def __init__(self, root: Path, installed: Path, hook: str) -> None:
        """``hook``: the only one in its configuration."""
        self.root = root
        self.environ = offline(installed / "home")
        root.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        configuration = CONFIGURATION.format(repository=installed / "reqlint", version=VERSION, hook=hook)
        self.write(".pre-commit-config.yaml", configuration)

    def git(self, *arguments: str, code: int = 0) -> str:
        return run("git", *arguments, cwd=self.root, environ=self.environ, code=code)

    def pre_commit(self, *arguments: str, code: int | None = 0, cwd: Path | None = None) -> str:
        command = (sys.executable, "-m", "pre_commit", *arguments)
        return run(*command, cwd=cwd or self.root, environ=self.environ, code=code)

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file and stage it."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", name)

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def configure(self, *lines: str) -> None:
        """Add lines to the configuration of the hook."""
        configuration = self.read(".pre-commit-config.yaml").decode()
        added = "".join(f"        {line}\n" for line in lines)
        self.write(".pre-commit-config.yaml", configuration + added)

    def commit(self, *, code: int = 0) -> str:
        return self.git("commit", "-q", "-m", "A change", code=code)


@pytest.fixture
def user(tmp_path: Path, installed: Path) -> User:
    return User(tmp_path / "user", installed, "reqlint")


@pytest.fixture
def fixing(tmp_path: Path, installed: Path) -> User:
    return User(tmp_path / "user", installed, "reqlint-fix")


def findings(output: str) -> list[str]:
    """``path CODE`` of each line that is a finding."""
    found = []
    for line in output.splitlines():
        place, _, rest = line.partition(": ")
        code = rest.partition("[")[2].partition("]")[0]
        if code.startswith("RQ"):
            found.append(f"{place.split(':')[0]} {code}")
    return found


NAMES = [
    "requirements/prod.txt",
    "requirements.in",
    "constraints.txt",
    "dev-requirements.txt",
    "services/api/requirements.txt",
]


def test_good_files_pass(user: User) -> None:
    for name in NAMES:
        user.write(name, GOOD)
    output = user.pre_commit("run")
    assert output == f"reqlint{'.' * 66}Passed\n"


def test_findings_are_shown_and_fail_the_hook(user: User) -> None:
    for name in NAMES:
        user.write(name, BAD)
    output = user.pre_commit("run", code=1)
    assert "reqlint" + "." * 66 + "Failed\n- hook id: reqlint\n- exit code: 1\n" in output
    unpinned = sorted(f"{name} RQ101" for name in NAMES if not name.endswith(".in"))
    assert sorted(findings(output)) == unpinned
    assert "Traceback" not in output


def test_an_invalid_input_file_fails_the_hook(user: User) -> None:
    user.write("requirements.in", "requests\nflask=2\n")
    assert findings(user.pre_commit("run", code=1)) == ["requirements.in RQ002"]


def test_other_files_are_not_looked_at(user: User) -> None:
    names = ("README.txt", "notes.txt", "src/app.c", "requirements.md", "requirements.txt.bak")
    for name in names:
        user.write(name, "this is: no = requirement\n")
    assert "(no files to check)Skipped" in user.pre_commit("run", "--files", *names)


def test_only_the_files_in_question_are_passed(user: User) -> None:
    user.write("requirements.txt", BAD)
    user.git("commit", "-q", "-m", "Before the hook was there")
    user.write("services/requirements.txt", GOOD)
    assert "Passed" in user.pre_commit("run")
    assert findings(user.pre_commit("run", "--all-files", code=1)) == ["requirements.txt RQ101"]
    assert findings(user.pre_commit("run", "--files", "requirements.txt", code=1)) == ["requirements.txt RQ101"]


def test_neighbours_that_are_not_passed_are_read_all_the_same(user: User) -> None:
    user.write("constraints.txt", "flask==3.0.3\n")
    user.git("commit", "-q", "-m", "Before")
    user.write("requirements.txt", "-c constraints.txt\nrequests==2.32.3\nflask\n")
    assert "Passed" in user.pre_commit("run")


def test_the_projects_configuration_counts(user: User) -> None:
    user.write("requirements.txt", BAD)
    user.write("pyproject.toml", '[tool.reqlint]\nignore = ["unpinned"]\n')
    assert "Passed" in user.pre_commit("run")
    user.write("pyproject.toml", '[tool.reqlint]\nignores = ["unpinned"]\n')
    output = user.pre_commit("run", code=1)
    assert "- exit code: 2" in output
    assert "pyproject.toml:2: unknown key `ignores`; did you mean `ignore`?" in output


@pytest.mark.parametrize("arguments", ["--ignore=RQ1", "--select, RQ3", "--ignore, unpinned, --fail-on, info"])
def test_arguments_of_the_users_configuration_count(user: User, arguments: str) -> None:
    user.write("requirements.txt", BAD)
    user.configure(f"args: [{arguments}]")
    assert "Passed" in user.pre_commit("run")


def test_arguments_of_the_users_configuration_come_after_those_of_the_hook(fixing: User) -> None:
    fixing.configure("args: [--unsafe-fixes, --select, RQ002]")
    fixing.write("requirements.txt", "requests=2.32.3\nflask\n")
    output = fixing.pre_commit("run", code=1)
    assert "- hook id: reqlint-fix\n- files were modified by this hook\n" in output
    assert fixing.read("requirements.txt") == b"requests==2.32.3\nflask\n"


def test_files_of_every_format_are_passed_and_read(user: User) -> None:
    user.configure("args: [--verbose]", "verbose: true")
    names = {form.name if form.matches(form.name) else "uv.lock" for form in FORMATS.values() if not form.signs}
    paths = sorted(f"a file/called {name}/{name}" for name in names)
    for path in paths:
        user.write(path, "")
    output = user.pre_commit("run", "--files", *paths, code=None)
    read = re.findall(r"(?m)^reqlint: reading (.+): named$", output)
    assert sorted(read) == paths


def test_findings_in_files_of_many_formats(user: User) -> None:
    texts = {
        "requirements.txt": "flask=3.0\n",
        "pyproject.toml": '[project]\nname = "a"\nversion = "1"\ndependencies = ["flask=3.0"]\n',
        "setup.cfg": "[options]\ninstall_requires =\n    flask=3.0\n",
        "setup.py": "from setuptools import setup\nsetup(install_requires=['flask=3.0'])\n",
        "Pipfile": '[packages]\nflask = "~> 3.0"\n',
        "environment.yml": "dependencies:\n  - python=3.12.1\n  - pip=24.0\n  - pip:\n      - flask=3.0\n",
        "uv.toml": 'constraint-dependencies = ["flask=3.0"]\n',
    }
    for name, text in texts.items():
        user.write(f"{name}.d/{name}", text)
    found = findings(user.pre_commit("run", code=1))
    assert {f"{name}.d/{name} RQ002" for name in texts} <= set(found)


def test_a_lock_that_is_not_passed_is_read_all_the_same(user: User) -> None:
    lock = '[[package]]\nname = "flask"\nversion = "2.3.3"\noptional = false\npython-versions = "*"\nfiles = []\n'
    user.write(
        "api/poetry.lock", lock + '[metadata]\nlock-version = "2.1"\npython-versions = "*"\ncontent-hash = "0"\n'
    )
    user.git("commit", "-q", "-m", "Before")
    poetry = '[tool.poetry]\nname = "a"\nversion = "1"\n[tool.poetry.dependencies]\npython = "*"\nflask = "^3.0"\n'
    user.write("api/pyproject.toml", poetry)
    assert "api/pyproject.toml RQ502" in findings(user.pre_commit("run", code=1))


def test_conda_and_pip_are_compared_when_only_one_of_them_is_passed(user: User) -> None:
    user.write("conda-packages.txt", "numpy==1.26.4\n")
    user.git("commit", "-q", "-m", "Before")
    user.write("requirements.txt", "numpy==1.26.4\n")
    assert findings(user.pre_commit("run", code=1)) == ["requirements.txt RQ401"]


def test_what_changed_between_two_revisions(user: User) -> None:
    user.write("requirements.txt", BAD)
    user.git("commit", "-q", "-m", "First")
    user.write("services/requirements.txt", BAD)
    user.write("gone/requirements.txt", BAD)
    user.git("commit", "-q", "-m", "Second")
    user.git("rm", "-q", "gone/requirements.txt")
    user.git("commit", "-q", "-m", "Third")
    between = ("run", "--from-ref", "HEAD~2", "--to-ref", "HEAD")
    assert findings(user.pre_commit(*between, code=1)) == ["services/requirements.txt RQ101"]
    assert "no files to check" in user.pre_commit("run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")


def test_what_is_left_after_mending_fails_the_hook_with_its_own_exit_code(fixing: User) -> None:
    fixing.write("requirements.txt", MARKED + b"flask\r\n")
    output = fixing.pre_commit("run", code=1)
    assert "- hook id: reqlint-fix\n- exit code: 1\n- files were modified by this hook\n" in output
    assert findings(output) == ["requirements.txt RQ101"]


def test_pre_commit_in_a_ci_system(user: User) -> None:
    user.write("requirements.txt", BAD)
    user.environ["GITHUB_ACTIONS"] = "true"
    output = user.pre_commit("run", "--all-files", code=1)
    assert re.search(r"(?m)^::error title=reqlint \(RQ101\),file=\S+/requirements\.txt,line=2,", output)
    del user.environ["GITHUB_ACTIONS"]
    user.environ["GITLAB_CI"] = "true"
    assert findings(user.pre_commit("run", "--all-files", code=1)) == ["requirements.txt RQ101"]


def test_the_hook_can_be_tried_before_it_is_configured(user: User, installed: Path) -> None:
    user.environ = environment(installed / "home")  # trying installs anew
    user.write("requirements.txt", BAD)
    output = user.pre_commit("try-repo", "--all-files", str(installed / "reqlint"), "reqlint", code=1)
    assert findings(output) == ["requirements.txt RQ101"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements.in"])
def test_a_file_in_utf_16_is_passed_reported_and_mended(tmp_path: Path, installed: Path, name: str) -> None:
    content = GOOD.replace("\n", "\r\n")
    user = User(tmp_path / "user", installed, "reqlint")
    user.write(name, content.encode("utf-16"))
    assert findings(user.pre_commit("run", code=1)) == [f"{name} RQ008"]
    assert user.read(name) == content.encode("utf-16")
    fixing = User(tmp_path / "fixing", installed, "reqlint-fix")
    fixing.write(name, content.encode("utf-16"))
    assert "files were modified by this hook" in fixing.pre_commit("run", code=1)
    assert fixing.read(name) == content.encode()


def test_the_fixing_hook_mends_the_file_and_pre_commit_says_so(fixing: User) -> None:
    fixing.write("requirements.txt", MARKED)
    fixing.write("requirements/good.txt", GOOD)
    output = fixing.pre_commit("run", code=1)
    assert "- hook id: reqlint-fix\n- files were modified by this hook\n" in output
    assert fixing.read("requirements.txt") == UNMARKED
    assert fixing.read("requirements/good.txt") == GOOD.encode()
    fixing.git("add", ".")
    assert fixing.pre_commit("run") == f"reqlint --fix{'.' * 60}Passed\n"


def test_the_fixing_hook_pins_to_the_projects_environment_and_never_to_its_own(fixing: User) -> None:
    # packaging and rich are reqlint's own requirements, so they are in the environment that pre-commit made for it.
    library = fixing.root / ".venv" / "lib" / "python3.11" / "site-packages"
    for record in ("requests-2.32.3.dist-info", "packaging-24.0.dist-info"):
        (library / record).mkdir(parents=True)
        (library / record / "METADATA").write_text("Metadata-Version: 2.1\n", encoding="utf-8")
    (fixing.root / ".venv" / "pyvenv.cfg").write_text("version = 3.11.7\n", encoding="utf-8")
    fixing.write("requirements.txt", "requests  # http\npackaging\nrich\n")
    output = fixing.pre_commit("run", code=1)
    assert fixing.read("requirements.txt") == b"requests==2.32.3  # http\npackaging==24.0\nrich\n"
    assert findings(output) == ["requirements.txt RQ101"]
    shutil.rmtree(fixing.root / ".venv")
    fixing.write("requirements.txt", "packaging\nrich\n")
    output = fixing.pre_commit("run", code=1)
    assert fixing.read("requirements.txt") == b"packaging\nrich\n"
    assert "files were modified" not in output


def test_a_bad_file_stops_a_commit_and_a_good_one_does_not(user: User) -> None:
    user.pre_commit("install")
    user.write("requirements.txt", GOOD)
    user.commit()
    before = user.git("rev-parse", "HEAD")
    user.write("requirements.txt", BAD)
    output = user.commit(code=1)
    assert findings(output) == ["requirements.txt RQ101"]
    assert user.git("rev-parse", "HEAD") == before
    assert user.read("requirements.txt") == BAD.encode()
    user.write("requirements.txt", GOOD + "idna==3.7\n")
    user.commit()
    assert user.git("rev-parse", "HEAD~1") == before


def test_a_mended_file_stops_the_commit_until_it_is_staged(fixing: User) -> None:
    fixing.pre_commit("install")
    fixing.write("requirements.txt", MARKED)
    assert "files were modified by this hook" in fixing.commit(code=1)
    assert fixing.read("requirements.txt") == UNMARKED
    assert fixing.git("diff", "--name-only") == "requirements.txt\n"
    fixing.git("add", "requirements.txt")
    fixing.commit()
    assert fixing.git("show", "HEAD:requirements.txt") == UNMARKED.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("hook", ["reqlint", "reqlint-fix"])
def test_what_is_staged_counts_and_what_is_not_survives(tmp_path: Path, installed: Path, hook: str) -> None:
    user = User(tmp_path / "user", installed, hook)
    user.pre_commit("install")
    user.write("requirements.txt", GOOD)
    user.commit()
    # Good in the index, bad in the working tree: the commit goes through, the bad line stays where it was.
    user.write("requirements.txt", GOOD + "idna==3.7\n")
    later = f"{GOOD}idna==3.7\nurllib3\n".encode()
    (user.root / "requirements.txt").write_bytes(later)
    user.commit()
    assert user.read("requirements.txt") == later
    # Bad in the index, good in the working tree: the commit is stopped, the good line stays.
    user.write("requirements.txt", BAD)
    (user.root / "requirements.txt").write_bytes(GOOD.encode())
    assert findings(user.commit(code=1)) == ["requirements.txt RQ101"]
    assert user.read("requirements.txt") == GOOD.encode()
    assert user.git("show", ":requirements.txt") == BAD


def test_unstaged_changes_survive_the_mending_of_the_staged_ones(fixing: User) -> None:
    fixing.pre_commit("install")
    lines = [b"a%d==1.0\r\n" % number for number in range(20)]
    fixing.write("requirements.txt", b"\xef\xbb\xbf" + b"".join(lines))
    unstaged = b"\xef\xbb\xbf" + b"".join([*lines, b"last==1.0\r\n"])
    (fixing.root / "requirements.txt").write_bytes(unstaged)
    assert "files were modified by this hook" in fixing.commit(code=1)
    # Far from each other both are kept; the working tree has the mended first line and the unstaged last one.
    assert fixing.read("requirements.txt") == b"".join([*lines, b"last==1.0\r\n"])
    # On one line they clash, and pre-commit gives the user's change back untouched.
    fixing.write("requirements.txt", MARKED)
    (fixing.root / "requirements.txt").write_bytes(MARKED.replace(b"2.32.3", b"2.32.4"))
    assert "Stashed changes conflicted with hook auto-fixes" in fixing.commit(code=1)
    assert fixing.read("requirements.txt") == MARKED.replace(b"2.32.3", b"2.32.4")


def test_more_files_than_one_command_line_takes_are_all_checked(user: User) -> None:
    folders = [f"parts/{number:04}-{'with-a-long-name' * 12}" for number in range(1000)]
    bad = (0, 499, 999)
    for number, folder in enumerate(folders):
        path = user.root / folder / "requirements.txt"
        path.parent.mkdir(parents=True)
        path.write_text(BAD if number in bad else GOOD, encoding="utf-8")
    # What is compared across files: the first are passed to the first process, the others to the last.
    user.write("constraints.txt", "flask==3.0.3\n")
    user.write("conda-packages.txt", "numpy==1.26.4\n")
    user.write("requirements.txt", "-c constraints.txt\n-r parts/z/requirements.txt\nflask==2.0\nnumpy==1.26.4\n")
    user.write("parts/z/requirements.txt", "-c ../../constraints.txt\nflask\n")
    user.git("add", ".")
    output = user.pre_commit("run", "--all-files", code=1)
    found = sorted(findings(output))
    assert {f"{folders[number]}/requirements.txt RQ101" for number in bad} <= set(found)
    assert output.count("Found ") > 1, "one process took them all, so this tests nothing"
    *_, last, _ = output.split("Found ")
    assert "\nrequirements.txt:" in last, "a later process than that which took constraints.txt"
    alone = run_process("--output-format", "concise", ".", cwd=user.root)
    assert found == sorted(findings(alone.out))
    assert {"requirements.txt RQ401", "requirements.txt RQ404"} <= set(found)


def test_it_runs_from_a_subdirectory(user: User) -> None:
    user.write("services/api/requirements.txt", BAD)
    user.write("requirements.txt", GOOD)
    folder = user.root / "services" / "api"
    expected = ["services/api/requirements.txt RQ101"]
    assert findings(user.pre_commit("run", "--all-files", cwd=folder, code=1)) == expected
    assert findings(user.pre_commit("run", "--files", "requirements.txt", cwd=folder, code=1)) == expected


def test_names_with_blanks_and_other_characters_are_taken_as_they_are(user: User) -> None:
    name = "dienste/größe 1/requirements-a & 'b'.txt"
    user.write(name, BAD)
    assert findings(user.pre_commit("run", "--all-files", code=1)) == [f"{name} RQ101"]


def test_a_secret_is_not_repeated(user: User) -> None:
    token = "ghp" + "_" + "reqlintSyntheticTestVector0001" + "3q29UP"  # in pieces, so that no scanner stops a commit
    user.write("requirements.txt", f"core @ git+https://{token}@git.example.org/acme/core.git@v1.0\n")
    output = user.pre_commit("run", "--verbose", code=1)
    assert findings(output) == ["requirements.txt RQ301"]
    assert token[4:] not in output
