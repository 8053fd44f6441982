"""What the real pip installed is what reqlint pins to, and what reqlint wrote is what the real pip takes.

The packages are made here: as wheels in a folder that stands for an index, and as source folders with a build backend of
their own, so that nothing is fetched from anywhere.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import reqlint

SOURCE = Path(reqlint.__file__).parent.parent
REPOSITORY = "https://git.example.org/acme/fromgit.git"  # which git is told to look for in a folder here

# A whole build backend (PEP 517 and PEP 660). It needs nothing, so pip has nothing to fetch before it builds.
BACKEND = """
import pathlib, zipfile
NAME, VERSION = {name!r}, {version!r}

def _write(folder, editable):
    stem = f"{{NAME}}-{{VERSION}}"
    info = f"{{stem}}.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder) / f"{{stem}}-py3-none-any.whl", "w") as archive:
        if editable:
            archive.writestr(f"_{{NAME}}.pth", str(pathlib.Path.cwd()))
        else:
            archive.writestr(f"{{NAME}}.py", "")
        archive.writestr(f"{{info}}/METADATA", f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: {{VERSION}}\\n")
        archive.writestr(f"{{info}}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(f"{{info}}/RECORD", "")
    return f"{{stem}}-py3-none-any.whl"

def build_wheel(folder, config_settings=None, metadata_directory=None):
    return _write(folder, editable=False)

def build_editable(folder, config_settings=None, metadata_directory=None):
    return _write(folder, editable=True)
"""
PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def clean_environ(**values: str) -> dict[str, str]:
    """The environment without what sets up pip, git or an active environment; pip finds nothing but what it is shown."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "GIT_", "REQLINT_", "UV_")) and name not in ("VIRTUAL_ENV", "CONDA_PREFIX")
    }
    fixed = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONPATH": str(SOURCE),
    }
    return {**kept, **fixed, **values}


def run(
    *command: str | os.PathLike[str], cwd: Path | None = None, environ: Mapping[str, str] | None = None, code: int = 0
) -> str:
    """Standard output and error of a command that must end with this code."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=clean_environ() if environ is None else environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def write_wheel(folder: Path, name: str, version: str, *metadata: str) -> None:
    """A wheel with nothing in it but its metadata, to which these lines are added."""
    stem = f"{name}-{version}"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *metadata, ""]
        archive.writestr(f"{stem}.dist-info/METADATA", "\n".join(lines))
        wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{stem}.dist-info/WHEEL", wheel)
        archive.writestr(f"{stem}.dist-info/RECORD", "")


def write_sources(folder: Path, name: str, version: str) -> Path:
    """A source folder from which pip can build and install."""
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND.format(name=name, version=version), encoding="utf-8")
    return folder


def make_venv(folder: Path) -> Path:
    """A virtual environment without pip, into which that of the tests installs; returns its interpreter."""
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@dataclass
class World:
    """What all tests here share and none changes: an index, sources, and an environment into which pip installed them."""

    wheels: Path
    git_config: Path
    commit: str
    environment: Path
    python: Path

    def pip(self, *arguments: str | os.PathLike[str], python: Path | None = None) -> str:
        """Run the tests' pip on the environment, or on that of another interpreter."""
        command = [sys.executable, "-m", "pip", "--python", python or self.python, *arguments]
        return run(*command, environ=clean_environ(GIT_CONFIG_GLOBAL=str(self.git_config)))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("world")
    wheels = root / "wheels"
    wheels.mkdir()
    for version in ("1.2.3", "1.3.0", "2.0"):
        write_wheel(wheels, "alpha", version, "Provides-Extra: speed", "Requires-Dist: fast ; extra == 'speed'")
    write_wheel(wheels, "fast", "0.9")
    write_wheel(wheels, "Foo.Bar_baz", "3.1")
    write_wheel(wheels, "local", "1.0+cpu.1")
    write_wheel(wheels, "local", "1.0")
    write_wheel(wheels, "preview", "2.0rc1")
    repository = write_sources(root / "repository", "fromgit", "5.0")
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    run("git", "init", "-q", "-b", "main", cwd=repository)
    run("git", "add", ".", cwd=repository)
    run("git", *author, "commit", "-q", "-m", "First", cwd=repository)
    commit = run("git", "rev-parse", "HEAD", cwd=repository).strip()
    python = make_venv(root / "environment")
    folder = write_sources(root / "folder", "fromfolder", "7.0")
    editable = write_sources(root / "editable", "editme", "6.0")
    git_config = root / "gitconfig"
    git_config.write_text(f'[url "{repository.as_uri()}"]\n    insteadOf = {REPOSITORY}\n', encoding="utf-8")
    made = World(wheels, git_config, commit, root / "environment", python)
    chosen = [
        "alpha[speed]==1.2.3",
        "Foo.Bar_baz",
        "local==1.0+cpu.1",
        "preview==2.0rc1",
        f"fromgit @ git+{REPOSITORY}",
    ]
    made.pip("install", "--find-links", wheels, *chosen, folder, "-e", editable)
    # Later commits, so that the installed one is not what a requirement without a ref would get.
    run("git", *author, "commit", "-q", "--allow-empty", "-m", "Second", cwd=repository)
    return made


@dataclass
class Project:
    """A user's project, with a requirements file."""

    root: Path

    @property
    def requirements(self) -> Path:
        return self.root / "requirements.txt"

    def fix(
        self,
        text: str,
        *arguments: str | os.PathLike[str],
        code: int = 0,
        environ: Mapping[str, str] | None = None,
        python: Path | None = None,
        cwd: Path | None = None,
    ) -> str:
        """The text after ``reqlint --fix``, which must end with this code; ``python``: what reqlint runs in."""
        self.requirements.parent.mkdir(parents=True, exist_ok=True)
        self.requirements.write_text(text, encoding="utf-8")
        command = [str(python or sys.executable), "-m", "reqlint", "--fix", "--isolated", *arguments, self.requirements]
        self.output = run(*command, cwd=cwd or self.root, environ=environ, code=code)
        return self.requirements.read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "project" / ".git").mkdir(parents=True)
    return Project(tmp_path / "project")


NAMES = "alpha\nfast\n"
PINNED = "alpha==1.2.3\nfast==0.9\n"

# Which environment


def test_the_interpreter_and_the_folder_name_an_environment(world: World, project: Project) -> None:
    assert project.fix(NAMES, "--python", world.python) == PINNED
    assert project.fix(NAMES, "--python", world.environment) == PINNED
    assert project.fix(NAMES, "--python", os.path.relpath(world.environment, project.root)) == PINNED


def test_the_active_environment_counts(world: World, project: Project) -> None:
    assert project.fix(NAMES, environ=clean_environ(VIRTUAL_ENV=str(world.environment))) == PINNED


@pytest.mark.parametrize("name", [".venv", "venv"])
@pytest.mark.parametrize("below", [".", "services/api"])
def test_an_environment_beside_or_above_the_file_counts(world: World, project: Project, name: str, below: str) -> None:
    # A copy, for a virtual environment is found by its pyvenv.cfg and read where it lies.
    shutil.copytree(world.environment, project.root / name, symlinks=True)
    nested = Project(project.root / below)
    assert nested.fix(NAMES, cwd=project.root) == PINNED


def test_without_an_environment_nothing_is_pinned(project: Project) -> None:
    assert project.fix(NAMES, code=1) == NAMES


def test_an_active_environment_of_another_project_is_left_out_of_account(world: World, project: Project) -> None:
    text = "alpha\nflask\njinja2\nwerkzeug\n"
    active = clean_environ(VIRTUAL_ENV=str(world.environment))
    assert project.fix(text, code=1, environ=active) == text
    note = "requirements.txt: the active environment is left out of account, as if it were another project's: "
    assert f"{note}it holds 1 of the 4 packages that are asked for\n" in project.output
    assert project.fix(text, "--python", world.python, code=1) == text.replace("alpha", "alpha==1.2.3")


@pytest.mark.parametrize("place", ["nowhere", "requirements.txt", "."])
def test_an_environment_that_is_none_is_a_mistake_of_the_user(project: Project, place: str) -> None:
    assert project.fix(NAMES, "--python", place, code=2) == NAMES
    place = re.escape(place)
    assert re.fullmatch(
        rf"reqlint: no Python environment at {place}: give an interpreter, or the folder .*\n", project.output
    )


def test_the_environment_that_reqlint_runs_in_does_not_count_unless_it_is_named(world: World, project: Project) -> None:
    shutil.copytree(world.environment, project.root / ".venv", symlinks=True)
    own = project.root / ".venv" / world.python.relative_to(world.environment)
    # What reqlint needs is put on the path, so the packages beside it are the project's own.
    paths = [str(SOURCE), *(path for path in sys.path if path.endswith("site-packages"))]
    environ = clean_environ(PYTHONPATH=os.pathsep.join(paths))
    prefix = run(own, "-c", "import reqlint, sys; print(sys.prefix)", environ=environ).strip()
    assert os.path.realpath(prefix) == os.path.realpath(project.root / ".venv")
    assert project.fix(NAMES, python=own, environ=environ, code=1) == NAMES
    active = {**environ, "VIRTUAL_ENV": str(project.root / ".venv")}
    assert project.fix(NAMES, python=own, environ=active, code=1) == NAMES
    assert project.fix(NAMES, "--python", ".venv", python=own, environ=environ) == PINNED
    assert project.fix(NAMES, "--python", own, python=own, environ=environ) == PINNED


# What is pinned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alpha", "alpha==1.2.3"),
        ("ALPHA  # the first", "ALPHA==1.2.3  # the first"),
        ("alpha[speed]", "alpha[speed]==1.2.3"),
        ("alpha [speed]", "alpha [speed]==1.2.3"),
        ("alpha>=1", "alpha==1.2.3"),
        ("alpha >= 1, < 2", "alpha ==1.2.3"),
        ("alpha~=1.2", "alpha==1.2.3"),
        ("alpha==1.*", "alpha==1.2.3"),
        ("Foo.Bar_baz", "Foo.Bar_baz==3.1"),
        ("foo-bar-baz", "foo-bar-baz==3.1"),
        ("local", "local==1.0"),
        ("preview", "preview==2.0rc1"),
        ("alpha ; python_version >= '3'", "alpha==1.2.3 ; python_version >= '3'"),
        ("fromgit @ {git}", "fromgit @ {git}@{commit}"),
        ("fromgit @ {git} ; python_version >= '3'", "fromgit @ {git}@{commit} ; python_version >= '3'"),
    ],
)
def test_what_is_installed_is_what_is_written(world: World, project: Project, text: str, expected: str) -> None:
    text = text.replace("{git}", f"git+{REPOSITORY}")
    expected = expected.replace("{git}", f"git+{REPOSITORY}").replace("{commit}", world.commit)
    assert project.fix(f"{text}\n", "--python", world.python) == f"{expected}\n"


@pytest.mark.parametrize(
    "text",
    [
        "alpha>=2",
        "alpha<1",
        "alpha!=1.2.3",
        "alpha>=1 ; python_version < '3'",
        "alpha ; sys_platform == 'nowhere'",
        "alpha ; extra == 'speed'",
        "missing",
        "editme",
        "fromfolder",
        "fromgit",
        "fromgit>=1",
    ],
)
def test_what_the_environment_does_not_tell_is_left_alone(world: World, project: Project, text: str) -> None:
    assert project.fix(f"{text}\n", "--python", world.python, code=1) == f"{text}\n"


def test_a_ref_other_than_the_installed_one_keeps_its_place(world: World, project: Project) -> None:
    record = next(world.environment.glob("**/fromgit-5.0.dist-info/direct_url.json"))
    content = json.loads(record.read_text(encoding="utf-8"))
    assert content["vcs_info"]["commit_id"] == world.commit
    shutil.copytree(world.environment, project.root / ".venv", symlinks=True)
    [copied] = (project.root / ".venv").glob("[lL]ib/**/fromgit-5.0.dist-info/direct_url.json")
    content["vcs_info"]["requested_revision"] = "develop"
    copied.write_text(json.dumps(content), encoding="utf-8")
    moving = f"fromgit @ git+{REPOSITORY}@main\n"
    assert project.fix(moving, code=1) == moving
    content["vcs_info"]["requested_revision"] = "main"
    copied.write_text(json.dumps(content), encoding="utf-8")
    assert project.fix(moving) == f"fromgit @ git+{REPOSITORY}@{world.commit}\n"


def test_a_broken_record_stops_nothing(world: World, project: Project) -> None:
    shutil.copytree(world.environment, project.root / ".venv", symlinks=True)
    [record] = (project.root / ".venv").glob("[lL]ib/**/fromgit-5.0.dist-info/direct_url.json")
    text = f"alpha\nfromgit @ git+{REPOSITORY}\n"
    for content in (b"", b"{", b"\xff\xfe\0", b"[]", b"[" * 100_000):
        record.write_bytes(content)
        assert project.fix(text, code=1) == text.replace("alpha", "alpha==1.2.3")
        assert "RQ201" in project.output
        assert "Traceback" not in project.output


def test_markers_are_judged_by_the_version_of_that_environment(world: World, project: Project) -> None:
    [library] = (path for path in world.environment.glob("[lL]ib/**/site-packages") if path.is_dir())
    shutil.copytree(library, project.root / ".venv" / "lib" / "python3.8" / "site-packages", symlinks=True)
    (project.root / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.8.20\n", encoding="utf-8")
    text = "alpha ; python_version == '3.8'\nfast ; python_version > '3.8'\n"
    assert project.fix(text, code=1) == text.replace("alpha", "alpha==1.2.3")


# What pip says of it

EVERYTHING = """\
# Everything that is installed, as people write it.
--find-links {wheels}

alpha[speed]        # with an extra
fast >= 0.1, < 2
Foo.Bar_baz
local
preview             # a pre-release
fromgit @ {git}
missing ; sys_platform == "nowhere"
"""
EVERYTHING_FIXED = """\
# Everything that is installed, as people write it.
--find-links {wheels}

alpha[speed]==1.2.3        # with an extra
fast ==0.9
Foo.Bar_baz==3.1
local==1.0
preview==2.0rc1             # a pre-release
fromgit @ {git}@{commit}
missing ; sys_platform == "nowhere"
"""


@pytest.fixture
def fixed(world: World, project: Project) -> Project:
    """A project whose requirements were fixed from the environment; what does not apply there remains to be reported."""
    values = {"wheels": world.wheels, "git": f"git+{REPOSITORY}", "commit": world.commit}
    fixed = project.fix(EVERYTHING.format(**values), "--python", world.python, code=1)
    assert fixed == EVERYTHING_FIXED.format(**values)
    assert re.findall(r"RQ\d+", project.output) == ["RQ101"]
    assert "`missing` has no version" in project.output
    return project


def test_pip_finds_all_of_the_fixed_file_installed(world: World, fixed: Project) -> None:
    output = world.pip("install", "-r", fixed.requirements)
    satisfied = re.findall(r"^Requirement already satisfied: ([\w.-]+)", output, re.MULTILINE)
    assert set(satisfied) == {"alpha", "fast", "Foo.Bar_baz", "local", "preview"}
    # What comes from a repository, pip fetches again before it sees that it is there.
    assert f"Resolved {REPOSITORY} to commit {world.commit}" in output
    assert not re.search(r"^(?:Successfully i|I)nstall", output, re.MULTILINE)


def test_pip_would_install_the_very_same_from_the_fixed_file(world: World, fixed: Project, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    options = ("--dry-run", "--quiet", "--report", str(report))
    world.pip("install", *options, "-r", fixed.requirements, python=make_venv(tmp_path / "fresh"))
    installs: Sequence[Mapping[str, Mapping[str, str]]] = json.loads(report.read_text(encoding="utf-8"))["install"]
    chosen = {item["metadata"]["name"]: item["metadata"]["version"] for item in installs}
    expected = {"alpha": "1.2.3", "fast": "0.9", "Foo.Bar_baz": "3.1", "preview": "2.0rc1", "fromgit": "5.0"}
    assert {name: version for name, version in chosen.items() if name != "local"} == expected
    assert chosen["local"].startswith("1.0")


def test_fixing_again_changes_nothing(world: World, fixed: Project) -> None:
    text = fixed.requirements.read_text(encoding="utf-8")
    assert fixed.fix(text, "--python", world.python, code=1) == text
