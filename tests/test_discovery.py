from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from reqlint.config import Configurations
from reqlint.discovery import SKIPPED, discover, load, targets
from reqlint.files import Disk
from reqlint.formats import format_of
from reqlint.linter import Linter, UnreadableError
from tests.command import environment, run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    return tmp_path


def write(*names: str, text: str = "flask\n") -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


def git(*arguments: str, cwd: str = ".") -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True, env=environment())


def chosen(*paths: str) -> list[str]:
    """The files that are checked, includes followed."""
    configurations = Configurations(Disk(), {})
    found = discover(paths or ["."], configurations)
    load(Linter(Disk(), configurations), found, paths or ["."])
    return [target.path.replace(os.sep, "/") for target in targets(found)]


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "requirements.in",
        "requirements-dev.txt",
        "requirements_dev.txt",
        "requirements.dev.txt",
        "requirements3.txt",
        "requirements-3.11.txt",
        "dev-requirements.txt",
        "dev_requirements.in",
        "test.requirements.txt",
        "requirement.txt",
        "requirements/dev.txt",
        "requirements/base.in",
        "a/b/requirements/prod.txt",
        "constraints.txt",
        "constraints-3.12.txt",
        "upper-constraints.txt",
        "a/b/requirements.txt",
    ],
)
def test_names_of_manifests(name: str) -> None:
    write(name)
    assert chosen() == [name]


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt.bak",
        "requirements.txt~",
        "requirements.md",
        "requirements.yml",
        "requirements",
        "myrequirements.txt",
        "requirementsdev.txt",
        "robots.txt",
        "notes.in",
        "constraints.md",
        "docs/requirements/readme.md",
        "requirements.txt/file.md",
    ],
)
def test_names_of_other_files(name: str) -> None:
    write(name)
    assert chosen() == []
    assert format_of(name) is None


def test_a_name_that_says_nothing_needs_a_content_that_does() -> None:
    write("shop/views.py", text="import flask\n")
    write("tools/report.py", text='# /// script\n# dependencies = ["flask"]\n# ///\n')
    assert chosen() == ["tools/report.py"]
    items = [item.path.replace(os.sep, "/") for item in discover(["."], Configurations(Disk(), {}))]
    assert items == ["tools/report.py"]


def test_the_order_is_that_of_the_names_and_stable() -> None:
    write(
        "requirements.txt", "b/requirements.txt", "a/z/requirements.txt", "a/requirements-b.txt", "a/requirements-a.txt"
    )
    expected = [
        "requirements.txt",
        "a/requirements-a.txt",
        "a/requirements-b.txt",
        "a/z/requirements.txt",
        "b/requirements.txt",
    ]
    assert chosen() == expected
    assert chosen("b", "a") == ["b/requirements.txt", *expected[1:4]]
    assert chosen("b/requirements.txt", ".") == ["b/requirements.txt", *expected[:4]]


@pytest.mark.parametrize("name", sorted(SKIPPED))
def test_folders_that_hold_no_manifests_of_the_project(name: str) -> None:
    write(f"{name}/requirements.txt", f"a/{name}/b/requirements.txt", f"{name}x/requirements.txt")
    assert chosen() == [f"{name}x/requirements.txt"]


def test_environments_by_what_is_in_them() -> None:
    write("myenv/pyvenv.cfg", "myenv/requirements.txt", "conda/conda-meta/history", "conda/requirements.txt")
    write("a.egg-info/requirements.txt", "kept/requirements.txt")
    assert chosen() == ["kept/requirements.txt"]
    assert chosen("myenv") == ["myenv/requirements.txt"]  # it was named


def test_each_skipped_folder_has_one_line(folder: Path) -> None:
    git("init", "-q")
    write(".gitignore", text="ignored/\n")
    write(
        "requirements.txt",
        "node_modules/a/requirements.txt",
        "node_modules/b/requirements.txt",
        "build/requirements.txt",
    )
    write("myenv/pyvenv.cfg", "myenv/requirements.txt", "conda/conda-meta/history", "conda/requirements.txt")
    write(
        "vendor/a/requirements.txt",
        "vendor/b/requirements.txt",
        "ignored/a/requirements.txt",
        "a.egg-info/requirements.txt",
    )
    write(".tox/py/requirements.txt", "__pycache__/requirements.txt", "shop/_vendor/a/setup.cfg")
    result = run("--show-files", cwd=folder)
    assert result.out.replace(os.sep, "/").splitlines() == [
        "requirements.txt: requirements.txt (by its name, requirements.txt)",
        ".tox: left out (a folder of environments)",
        "a.egg-info: left out (a folder of builds)",
        "build: left out (a folder of builds)",
        "conda: left out (a conda environment)",
        "ignored: left out (git ignores it)",
        "myenv: left out (a virtual environment)",
        "node_modules: left out (a folder of installed packages)",
        "shop/_vendor/a: left out (a vendored tree)",
        "vendor/a: left out (a vendored tree)",
        "vendor/b: left out (a vendored tree)",
    ]


@pytest.mark.parametrize("name", ["build", "dist", "_build"])
def test_what_git_tracks_is_no_build(name: str) -> None:
    git("init", "-q")
    write(f"{name}/requirements.txt", f"a/{name}/deeper/requirements.txt", f"b/{name}/requirements.txt")
    assert chosen() == []
    git("add", f"a/{name}")
    assert chosen() == [f"a/{name}/deeper/requirements.txt"]
    assert chosen("a") == [f"a/{name}/deeper/requirements.txt"]
    git("add", name)
    write(".gitignore", text=f"{name}/\n")
    write(f"{name}/requirements-local.txt")
    assert sorted(chosen()) == sorted((f"a/{name}/deeper/requirements.txt", f"{name}/requirements.txt"))


def test_a_build_folder_is_asked_of_its_own_repository() -> None:
    git("init", "-q")
    git("init", "-q", "sub")
    write("sub/build/requirements.txt", "subway/build/requirements.txt")
    git("add", "build", cwd="sub")
    assert chosen() == ["sub/build/requirements.txt"]


def test_a_folder_called_target_is_anyones() -> None:
    write("target/requirements.txt")
    assert chosen() == ["target/requirements.txt"]


@pytest.mark.parametrize("name", ["vendor", "vendored", "_vendor", "third_party", "third-party", "thirdparty"])
def test_what_lies_directly_in_a_vendored_tree_is_the_projects(name: str) -> None:
    write(f"{name}/requirements.txt", f"a/{name}/requirements.in", f"{name}/python/requirements.txt")
    write(f"{name}/flask/requirements.txt", f"{name}/python/flask/setup.cfg", f"{name}/a/vendor/requirements.txt")
    expected = {f"a/{name}/requirements.in", f"{name}/requirements.txt", f"{name}/python/requirements.txt"}
    assert set(chosen()) == expected
    assert chosen(name) == [
        f"{name}/requirements.txt",
        *(
            f"{name}/{path}"
            for path in ("a/vendor/requirements.txt", "flask/requirements.txt", "python/requirements.txt")
        ),
        f"{name}/python/flask/setup.cfg",
    ]  # it was named
    assert chosen(f"{name}/flask") == [f"{name}/flask/requirements.txt"]


def test_a_bare_repository_is_no_project() -> None:
    git("init", "-q", "--bare", "store.git")
    write("store.git/requirements.txt", "requirements.txt")
    assert chosen() == ["requirements.txt"]
    found = {item.path: item.reason for item in discover(["."], Configurations(Disk(), {})) if item.format is None}
    assert found == {"store.git": "a bare repository"}


def test_a_folder_that_goes_away_during_the_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    write("a/requirements.txt", "b/requirements.txt")
    scandir = os.scandir

    def vanishing(path: str) -> object:
        if path == "a":
            shutil.rmtree("a")
        return scandir(path)

    monkeypatch.setattr("os.scandir", vanishing)
    assert chosen() == ["b/requirements.txt"]


@pytest.mark.skipif(os.name != "posix", reason="a name that not every system allows")
def test_a_link_in_a_circle_is_no_file() -> None:
    Path("requirements-a.txt").symlink_to("requirements-a.txt")
    Path("requirements-b.txt").symlink_to("nowhere")
    write("requirements.txt")
    assert chosen() == ["requirements.txt"]


@pytest.mark.skipif(os.name != "posix", reason="links for which not everybody has the right")
def test_links_are_not_followed() -> None:
    write("elsewhere/requirements.txt", "project/requirements.txt")
    Path("project/linked").symlink_to("../elsewhere", target_is_directory=True)
    Path("project/circle").symlink_to(".", target_is_directory=True)
    Path("project/requirements-linked.txt").symlink_to("requirements.txt")
    Path("project/requirements-outside.txt").symlink_to("../elsewhere/requirements.txt")
    assert chosen("project") == ["project/requirements-linked.txt", "project/requirements-outside.txt"]
    assert chosen("project/linked") == ["project/linked/requirements.txt"]  # it was named
    assert chosen("elsewhere", "project/linked") == ["elsewhere/requirements.txt"]


def test_each_file_once() -> None:
    write("a/requirements.txt")
    assert chosen(".", "a", "a/requirements.txt", "./a/../a") == ["a/requirements.txt"]


# git


def test_what_git_ignores_is_left_out() -> None:
    git("init", "-q")
    write(".gitignore", text="ignored/\n*-local.txt\n!kept-requirements-local.txt\n")
    write("requirements.txt", "ignored/requirements.txt", "requirements-local.txt", "kept-requirements-local.txt")
    write("sub/.gitignore", text="requirements.txt\n")
    write("sub/requirements.txt", "sub/requirements-a.txt")
    assert chosen() == ["kept-requirements-local.txt", "requirements.txt", "sub/requirements-a.txt"]
    assert chosen("sub") == ["sub/requirements-a.txt"]
    found = {item.path: item.reason for item in discover(["."], Configurations(Disk(), {})) if item.format is None}
    assert found == {
        "ignored": "git ignores it",
        "requirements-local.txt": "git ignores it",
        os.path.join("sub", "requirements.txt"): "git ignores it",
    }


def test_what_is_tracked_or_named_is_not_ignored() -> None:
    git("init", "-q")
    write("requirements.txt", "ignored/requirements.txt")
    git("add", "requirements.txt")
    write(".gitignore", text="*\n")
    assert chosen() == ["requirements.txt"]
    assert chosen("ignored/requirements.txt") == ["ignored/requirements.txt"]
    assert chosen("ignored") == ["ignored/requirements.txt"]


def test_odd_names_are_asked_for_properly() -> None:
    git("init", "-q")
    write(".gitignore", text="*-ignored.txt\n")
    name = "new\nline" if os.name == "posix" else "line"
    write(f"{name}/requirements-ignored.txt", "é 日/requirements-ignored.txt", "é 日/requirements.txt")
    assert chosen() == ["é 日/requirements.txt"]


def test_submodules_and_repositories_inside() -> None:
    git("init", "-q", "other")
    write("other/requirements.txt")
    git("add", ".", cwd="other")
    git("commit", "-qm", "a", cwd="other")
    git("init", "-q", "main")
    git("submodule", "add", "-q", "../other", "sub", cwd="main")
    git("init", "-q", "main/inner")
    git("init", "-q", "main/hidden")
    git("init", "-q", "main/hidden/deeper")
    write("main/.gitignore", text="*-local.txt\nhidden/\n")
    write("main/inner/.gitignore", text="*-own.txt\n")
    write("main/requirements.txt", "main/requirements-local.txt", "main/sub/requirements-dev.txt")
    write("main/inner/requirements.txt", "main/inner/requirements-own.txt", "main/inner/requirements-local.txt")
    write("main/hidden/requirements.txt", "main/hidden/deeper/requirements.txt")
    assert chosen("main") == [
        "main/requirements.txt",
        "main/inner/requirements-local.txt",
        "main/inner/requirements.txt",
        "main/sub/requirements-dev.txt",
        "main/sub/requirements.txt",
    ]


def test_folders_whose_ignored_files_are_tracked_in_part() -> None:
    git("init", "-q")
    write("data/requirements.txt", "data/requirements-a.txt", "data/inner/requirements.txt")
    git("add", "data/requirements-a.txt")
    write(".gitignore", text="data/\n")
    assert chosen() == ["data/requirements-a.txt"]
    assert chosen("data/inner") == ["data/inner/requirements.txt"]  # it was named


@pytest.mark.skipif(os.name != "posix", reason="links for which not everybody has the right")
def test_a_link_out_of_the_repository_confuses_nobody() -> None:
    write("outside/requirements.txt")
    git("init", "-q", "main")
    write("main/.gitignore", text="*-local.txt\n")
    write("main/requirements-local.txt", "main/requirements.txt")
    Path("main/requirements-linked.txt").symlink_to("../outside/requirements.txt")
    Path("main/requirements-linked-local.txt").symlink_to("../outside/requirements.txt")
    assert chosen("main") == ["main/requirements-linked.txt", "main/requirements.txt"]


def test_in_a_hook_the_variables_of_git_do_not_mislead(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q", "other")
    git("init", "-q", "main")
    write("main/.gitignore", text="*-local.txt\n")
    write("main/requirements-local.txt", "main/requirements.txt")
    monkeypatch.setenv("GIT_DIR", str(folder / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(folder / "nowhere"))
    assert chosen("main") == ["main/requirements.txt"]


def test_without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q")
    write(".gitignore", text="*\n")
    write("requirements.txt")
    monkeypatch.setenv("PATH", "")
    assert chosen() == ["requirements.txt"]


def test_a_broken_repository() -> None:
    write(".git", text="gitdir: /nowhere\n")
    write("requirements.txt")
    assert chosen() == ["requirements.txt"]


# Includes


def test_includes_below_the_directory_are_checked() -> None:
    write(
        "project/requirements.txt",
        text="-r deps/common.list\n-c deps/pins.list\n-r ../outside.list\n-r https://x.example/a\n",
    )
    write("project/deps/common.list", text="-r deeper/more\n-r common.list\nflask\n")
    write("project/deps/deeper/more", "project/deps/pins.list", "project/deps/other.list", "outside.list")
    assert chosen("project") == [
        "project/requirements.txt",
        "project/deps/common.list",
        "project/deps/pins.list",
        "project/deps/deeper/more",
    ]
    assert chosen("project/requirements.txt") == ["project/requirements.txt"]
    assert chosen("project/requirements.txt", ".")[:2] == ["project/requirements.txt", "project/deps/common.list"]


def test_an_included_file_is_mended_too(folder: Path) -> None:
    write("requirements.txt", text="-r deps/common.list\n")
    write("deps/common.list", text="--index-url https://build:${token}@packages.example.com/simple\n")
    assert run("--fix", cwd=folder).code == 0
    assert "${TOKEN}" in Path("deps/common.list").read_text(encoding="utf-8")


def test_an_included_file_has_the_role_that_its_includer_gives_it() -> None:
    write("requirements.in", text="-r common.list\n-c limits.list\n")
    write("common.list", "limits.list")
    configurations = Configurations(Disk(), {})
    linter = Linter(Disk(), configurations)
    manifests = load(linter, discover(["."], configurations), ["."])
    assert {item.path: item.role for item in manifests} == {
        "requirements.in": "input",
        "common.list": "input",
        "limits.list": "constraint",
    }
    assert [item.source.path for item in linter.check(manifests) if item.code == "RQ101"] == ["limits.list"]


def test_included_files_that_are_left_out() -> None:
    git("init", "-q")
    write(".gitignore", text="ignored.list\nhidden/\n")
    write("reqlint.toml", text='exclude = ["excluded"]\n')
    write(
        "requirements.txt",
        text="-r ignored.list\n-r excluded/a.list\n-r .venv/a.list\n-r missing.list\n-r folder\n-r kept.list\n"
        "-r hidden/deep/a.list\n-r vendor/x/a.list\n-r vendor/a.list\n-r build/a.list\n-r sub/a.list\n-r sub/b.list\n",
    )
    write("hidden/deep/a.list", "vendor/x/a.list", "vendor/a.list", "build/a.list", "sub/a.list", "sub/b.list")
    git("init", "-q", "sub")
    write("sub/.gitignore", text="b.list\n")
    write("ignored.list", "excluded/a.list", ".venv/a.list", "kept.list", "folder/a")
    assert chosen() == ["requirements.txt", "kept.list", "vendor/a.list", "sub/a.list"]
    assert chosen(os.getcwd()) == [f"{os.getcwd()}/{name}".replace(os.sep, "/") for name in chosen()]


def test_a_circle_of_includes_ends(folder: Path) -> None:
    write("requirements.txt", text="-r a.list\n")
    write("a.list", text="-r b.list\n")
    write("b.list", text="-r a.list\n-r requirements.txt\n-r b.list\n")
    assert chosen() == ["requirements.txt", "a.list", "b.list"]
    assert run(cwd=folder).codes == ["RQ006"] * 5


def test_a_long_chain_and_a_bush_of_includes(folder: Path) -> None:
    write("requirements.txt", text="-r 0.list\n-r 0.list\n")
    for number in range(200):
        write(f"{number}.list", text=f"-r {number + 1}.list\n-r {number + 1}.list\n")
    write("200.list", text="flask\n")
    assert len(chosen()) == 202
    assert set(run("--select", "RQ101", cwd=folder).codes) == {"RQ101"}


# What cannot be read


def test_faults_are_told_or_raised() -> None:
    write("requirements.txt")
    configurations = Configurations(Disk(), {})
    faults: list[str] = []
    found = discover(["missing", "requirements.txt", "a\0b"], configurations, faults)
    assert [item.path for item in found] == ["requirements.txt"]
    assert faults[0] == "missing: no such file or directory"
    assert len(faults) == 2
    with pytest.raises(UnreadableError, match="missing: no such file"):
        discover(["missing"], configurations)


@pytest.mark.parametrize("name", ["common.txt", "common.in", "COMMON.TXT"])
def test_a_named_text_file_is_read_as_pip_reads_it(name: str) -> None:
    write(name)
    assert chosen(name) == [name]
    assert chosen() == []


def test_folders_above_the_repository_name_nothing(tmp_path: Path) -> None:
    project = tmp_path / "requirements" / "project"
    (project / "requirements").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    (project / "notes.txt").write_text("just prose\n")
    (project / "requirements" / "prod.txt").write_text("idna==3.7\n")
    found = targets(discover([str(project)], Configurations(Disk(), {}, isolated=True), []))
    assert [os.path.relpath(item.path, project) for item in found] == [os.path.join("requirements", "prod.txt")]
