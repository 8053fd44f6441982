"""What is read of environments, on layouts made by hand: no test here installs anything, and none starts an interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reqlint.evidence import NoEnvironmentError
from reqlint.evidence.environment import is_own
from reqlint.files import Disk
from reqlint.formats import FORMATS
from reqlint.linter import Target
from tests.evidence.environments import add, look, make_environment, make_linter, version, versions

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER_COMMIT = "f" * 40
REPOSITORY = "https://git.example.org/acme/core.git"


# Which environment


@pytest.mark.parametrize("name", [".venv", "venv"])
def test_an_environment_beside_the_file_counts(project: Path, name: str) -> None:
    make_environment(project / name, "alpha-1.2")
    [found] = look(project / "requirements.txt", "alpha\n")
    assert found is not None
    assert (found.version, found.where) == ("1.2", name)


def test_an_environment_above_the_file_counts(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.2")
    assert version(project / "services" / "api" / "requirements.txt", "alpha\n") == "1.2"


def test_the_nearest_environment_wins(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.2")
    make_environment(project / "api" / "venv", "alpha-2.0")
    assert version(project / "api" / "requirements.txt", "alpha\n") == "2.0"


@pytest.mark.parametrize("as_file", [False, True], ids=["repository", "submodule"])
def test_nothing_above_the_root_of_the_project_counts(tmp_path: Path, as_file: bool) -> None:
    make_environment(tmp_path / ".venv", "alpha-1.2")
    root = tmp_path / "project"
    root.mkdir()
    if as_file:
        (root / ".git").write_text("gitdir: ../.git/modules/project\n", encoding="utf-8")
    else:
        (root / ".git").mkdir()
    assert version(root / "requirements.txt", "alpha\n") is None


def test_a_folder_without_pyvenv_cfg_is_no_environment(project: Path) -> None:
    make_environment(project / "venv", "alpha-1.2", version=None)
    assert version(project / "requirements.txt", "alpha\n") is None


def test_the_active_environment_wins_over_the_one_beside_the_file(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_environment(project / ".venv", "alpha-1.2")
    make_environment(tmp_path / "active", "alpha-2.0")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    [found] = look(project / "requirements.txt", "alpha\n")
    assert found is not None
    assert (found.version, found.where) == ("2.0", "the active environment")


@pytest.mark.parametrize("value", ["", "nowhere", "empty"])
def test_an_active_environment_that_is_none_is_passed_over(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    (tmp_path / "empty").mkdir()
    make_environment(project / ".venv", "alpha-1.2")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / value) if value else "")
    assert version(project / "requirements.txt", "alpha\n") == "1.2"


def test_the_environment_that_reqlint_runs_in_does_not_count(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_environment(project / ".venv", "alpha-1.2")
    monkeypatch.setattr(sys, "prefix", str(project / ".venv"))
    monkeypatch.setenv("VIRTUAL_ENV", str(project / ".venv"))
    assert is_own(str(project / ".venv"))
    assert version(project / "requirements.txt", "alpha\n") is None
    (tmp_path / "link").symlink_to(project / ".venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "link"))
    assert version(project / "requirements.txt", "alpha\n") is None


def test_the_environment_that_reqlint_runs_in_counts_when_it_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_environment(project / ".venv", "alpha-1.2")
    monkeypatch.setattr(sys, "prefix", str(project / ".venv"))
    assert version(project / "requirements.txt", "alpha\n", python=project / ".venv") == "1.2"


def test_uvs_environment_is_where_its_variable_says(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_environment(project / "build" / "uv", "alpha-1.2")
    make_environment(project / ".venv", "alpha-3.0")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "build/uv")
    assert version(project / "requirements.txt", "alpha\n") == "3.0"  # there is no project of uv's yet
    (project / "pyproject.toml").touch()
    [found] = look(project / "services" / "requirements.txt", "alpha\n")
    assert found is not None
    assert (found.version, found.where) == ("1.2", "uv's environment")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", str(project / "build" / "uv"))
    assert version(project / "requirements.txt", "alpha\n") == "1.2"
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "nowhere")
    assert version(project / "requirements.txt", "alpha\n") == "3.0"


# The one that is named


def test_a_named_environment_wins_over_all_others(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_environment(project / ".venv", "alpha-1.2")
    make_environment(tmp_path / "active", "alpha-2.0")
    make_environment(tmp_path / "named", "alpha-3.0")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    [found] = look(project / "requirements.txt", "alpha\n", python=tmp_path / "named")
    assert found is not None
    assert (found.version, found.where) == ("3.0", str(tmp_path / "named"))


@pytest.mark.parametrize("name", ["bin/python", "bin/python3", "bin/python3.11", "Scripts/python.exe"])
def test_an_environment_can_be_named_by_its_interpreter(project: Path, tmp_path: Path, name: str) -> None:
    make_environment(tmp_path / "named", "alpha-3.0")
    interpreter = tmp_path / "named" / name
    interpreter.parent.mkdir()
    # As in a real one, the interpreter is a link out of the environment.
    interpreter.symlink_to(sys.executable)
    assert version(project / "requirements.txt", "alpha\n", python=interpreter) == "3.0"


def test_a_link_to_an_interpreter_leads_to_its_environment(project: Path, tmp_path: Path) -> None:
    make_environment(tmp_path / "opt", "alpha-3.0", version=None)
    (tmp_path / "opt" / "bin").mkdir()
    (tmp_path / "opt" / "bin" / "python3.11").touch()
    (tmp_path / "tools" / "bin").mkdir(parents=True)
    (tmp_path / "tools" / "bin" / "python").symlink_to(tmp_path / "opt" / "bin" / "python3.11")
    assert version(project / "requirements.txt", "alpha\n", python=tmp_path / "tools" / "bin" / "python") == "3.0"


def test_a_windows_interpreter_lies_in_its_prefix_itself(project: Path, tmp_path: Path) -> None:
    make_environment(tmp_path / "Python311", "alpha-3.0", library="Lib/site-packages", version=None)
    (tmp_path / "Python311" / "python.exe").touch()
    assert version(project / "requirements.txt", "alpha\n", python=tmp_path / "Python311" / "python.exe") == "3.0"


def test_a_relative_name_counts_from_the_current_directory(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_environment(project / "env", "alpha-3.0")
    (project / "env" / "bin").mkdir()
    (project / "env" / "bin" / "python").touch()
    monkeypatch.chdir(project)
    assert version(project / "requirements.txt", "alpha\n", python="env") == "3.0"
    assert version(project / "requirements.txt", "alpha\n", python=os.path.join("env", "bin", "python")) == "3.0"
    monkeypatch.chdir(project / "env" / "bin")
    assert version(project / "requirements.txt", "alpha\n", python="python") == "3.0"


@pytest.mark.parametrize("place", ["nowhere", "empty", "notes.txt", "broken/bin/python", "project/pyproject.toml"])
def test_a_named_environment_that_is_none_is_a_mistake_of_the_user(project: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").touch()
    make_environment(tmp_path, "alpha-3.0")  # two folders above the file: but the file is no interpreter
    (project / "pyproject.toml").touch()
    (tmp_path / "broken" / "bin").mkdir(parents=True)
    (tmp_path / "broken" / "bin" / "python").symlink_to(tmp_path / "gone")
    with pytest.raises(NoEnvironmentError, match=f"no Python environment at .*{place}: give an interpreter"):
        look(project / "requirements.txt", "alpha\n", python=tmp_path / place)


# What kinds of environment


@pytest.mark.parametrize(
    "library",
    [
        "lib/python3.11/site-packages",
        "lib64/python3.11/site-packages",
        "lib/python3.11t/site-packages",
        "lib/pypy3.11/site-packages",
        "lib/python3/dist-packages",
        "local/lib/python3.11/dist-packages",
        "Lib/site-packages",
    ],
)
def test_every_layout_of_an_environment_is_read(project: Path, library: str) -> None:
    make_environment(project / ".venv", "alpha-1.2", library=library)
    assert version(project / "requirements.txt", "alpha\n") == "1.2"


def test_of_two_folders_the_one_that_python_searches_first_counts(project: Path, tmp_path: Path) -> None:
    make_environment(tmp_path / "usr", "alpha-1.0", library="lib/python3/dist-packages", version=None)
    make_environment(tmp_path / "usr", "alpha-2.0", library="local/lib/python3.11/dist-packages", version=None)
    assert version(project / "requirements.txt", "alpha\n", python=tmp_path / "usr") == "2.0"


def test_what_an_older_python_left_behind_does_not_count(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.0", library="lib/python3.9/site-packages")
    make_environment(project / ".venv", "beta-2.0", library="lib/python3.12/site-packages", version="3.12.1")
    assert versions(project / "requirements.txt", "alpha\nbeta\n") == [None, "2.0"]


@pytest.mark.parametrize(("interpreter", "expected"), [("python3.9", "1.0"), ("python3.12", "2.0"), ("python3", "2.0")])
def test_of_several_pythons_in_one_prefix_the_named_one_counts(
    project: Path, tmp_path: Path, interpreter: str, expected: str
) -> None:
    make_environment(tmp_path / "usr", "alpha-1.0", library="lib/python3.9/site-packages", version=None)
    make_environment(tmp_path / "usr", "alpha-2.0", library="lib/python3.12/site-packages", version=None)
    (tmp_path / "usr" / "bin").mkdir()
    for name in ("python3.9", "python3.12"):
        (tmp_path / "usr" / "bin" / name).touch()
    (tmp_path / "usr" / "bin" / "python3").symlink_to("python3.12")
    python = tmp_path / "usr" / "bin" / interpreter
    assert version(project / "requirements.txt", "alpha\n", python=python) == expected


@pytest.mark.parametrize("pyvenv", ["version = 3.9.18", "version_info = 3.9.18.final.0", "VERSION=3.9", None])
@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("python_version < '3.10'", True),
        ("python_version >= '3.10'", False),
        ("python_full_version >= '3.9' and python_version == '3.9'", True),
        ("extra == 'test'", False),
    ],
)
def test_markers_are_those_of_the_environment(project: Path, pyvenv: str | None, marker: str, holds: bool) -> None:
    make_environment(project / "env", "alpha-1.2", library="lib/python3.9/site-packages", version=None)
    if pyvenv is not None:
        (project / "env" / "pyvenv.cfg").write_text(f"home = /usr/bin\n{pyvenv}\n", encoding="utf-8")
    found = version(project / "requirements.txt", f"alpha ; {marker}\n", python=project / "env")
    assert found == ("1.2" if holds else None)


def test_the_patch_release_is_known_from_pyvenv_cfg(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.2", version="3.11.7")
    assert versions(
        project / "requirements.txt",
        "alpha ; python_full_version == '3.11.7'\nalpha ; python_full_version < '3.11.7'\n",
    ) == ["1.2", None]


def test_a_windows_layout_means_windows(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.2", library="Lib/site-packages", version="3.9.1")
    text = "alpha ; sys_platform == 'win32'\nalpha ; os_name == 'posix'\nalpha ; python_version == '3.9'\n"
    assert versions(project / "requirements.txt", text) == ["1.2", None, "1.2"]


def test_a_layout_of_pypy_means_pypy(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.2", library="lib/pypy3.11/site-packages")
    text = "alpha ; implementation_name == 'pypy'\nalpha ; platform_python_implementation == 'CPython'\n"
    assert versions(project / "requirements.txt", text) == ["1.2", None]


def test_an_environment_that_cannot_be_listed_is_empty(project: Path) -> None:
    class Unlistable(Disk):
        def names(self, path: str) -> list[str]:
            return [] if path.endswith("site-packages") else super().names(path)

    make_environment(project / ".venv", "alpha-1.2")
    assert version(project / "requirements.txt", "alpha\n", files=Unlistable()) is None
    assert version(project / "requirements.txt", "alpha\n", files=Unlistable(), python=project / ".venv") is None


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="to root and on Windows no folder is closed"
)
def test_a_site_packages_without_read_permission_is_empty(project: Path) -> None:
    library = make_environment(project / ".venv", "alpha-1.2")
    library.chmod(0)
    try:
        assert version(project / "requirements.txt", "alpha\n") is None
    finally:
        library.chmod(0o755)


@pytest.mark.parametrize("name", ["METADATA", "direct_url.json", "pyvenv.cfg"])
def test_a_file_that_cannot_be_read_says_nothing(project: Path, name: str) -> None:
    class Unreadable(Disk):
        def read(self, path: str) -> bytes:
            if path.endswith(name):
                raise PermissionError(13, "Permission denied", path)
            return super().read(path)

    library = make_environment(project / ".venv", "alpha-1.2", "gamma-1-x", version="3.11.7")
    add(library, "beta-2.0", direct_url={"url": REPOSITORY, "vcs_info": {"vcs": "git", "commit_id": COMMIT}})
    text = f"alpha\nbeta @ git+{REPOSITORY}\n"
    alpha, beta = look(project / "requirements.txt", text, files=Unreadable())
    assert alpha is not None
    assert alpha.version == "1.2"
    assert beta is not None
    assert beta.direct
    assert beta.commit == (None if name == "direct_url.json" else COMMIT)


# How installations are recorded


@pytest.mark.parametrize(
    "name",
    ["Foo.Bar_baz-1.0", "foo_bar_baz-1.0", "FOO.BAR.BAZ-1.0", "foo__bar-baz-1.0", "Foo-Bar-Baz-1.0"],
)
@pytest.mark.parametrize("written", ["foo-bar-baz", "Foo.Bar_baz", "FOO__BAR..BAZ"])
def test_names_are_compared_in_their_normal_form(project: Path, name: str, written: str) -> None:
    library = make_environment(project / ".venv")
    add(library, name, "Metadata-Version: 2.1\nName: Foo.Bar_baz\nVersion: 1.0\n")
    assert version(project / "requirements.txt", f"{written}\n") == "1.0"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("alpha-1.0", "1.0"),
        ("alpha-2024.07.04", "2024.07.04"),
        ("alpha-1.0rc1", "1.0rc1"),
        ("alpha-1.0.post1.dev2", "1.0.post1.dev2"),
        ("alpha-1.0+cpu", "1.0+cpu"),
        ("alpha-1.0+local.1", "1.0+local.1"),
        ("alpha-1!2.0", "1!2.0"),
    ],
)
def test_the_version_is_that_of_the_folder(project: Path, name: str, expected: str) -> None:
    add(make_environment(project / ".venv"), name, "Metadata-Version: 2.1\nName: alpha\nVersion: 0\n")
    assert version(project / "requirements.txt", "alpha\n") == expected


@pytest.mark.parametrize("name", ["alpha-1.0-1", "alpha-1.0_1", "alpha", "alpha-v1.0-post1", "alpha-latest"])
def test_where_the_folder_can_be_read_in_two_ways_its_metadata_decides(project: Path, name: str) -> None:
    library = make_environment(project / ".venv")
    metadata = "Metadata-Version: 2.1\r\nName: alpha\r\nVersion: 1.0.post1\r\n\r\nName: beta\r\nVersion: 9\r\n"
    add(library, name, metadata)
    assert version(project / "requirements.txt", "alpha\n") == "1.0.post1"


def test_metadata_without_a_version_says_nothing(project: Path) -> None:
    add(make_environment(project / ".venv"), "alpha-latest", "Metadata-Version: 2.1\nName: alpha\n")
    assert version(project / "requirements.txt", "alpha\n") is None


def test_a_version_that_is_none_says_nothing(project: Path) -> None:
    add(make_environment(project / ".venv"), "alpha-latest", "Name: alpha\nVersion: latest\n")
    assert version(project / "requirements.txt", "alpha\n") is None


def test_what_an_interrupted_removal_left_is_no_installation(project: Path) -> None:
    library = make_environment(project / ".venv", "beta-1.0")
    add(library, "~lpha-1.0", "Metadata-Version: 2.1\nName: alpha\nVersion: 1.0\n")
    (library / "gamma-1.0.dist-info").mkdir()
    assert versions(project / "requirements.txt", "alpha\nbeta\n") == [None, "1.0"]
    assert versions(project / "requirements.txt", "lpha\nbeta\n") == [None, "1.0"]
    assert versions(project / "requirements.txt", "gamma\nbeta\n") == [None, "1.0"]
    assert versions(project / "requirements.txt", "alpha\ngamma\nbeta\n") == [None, None, None]


def test_of_two_versions_of_one_project_neither_is_certain(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.0", "alpha-2.0", "beta-1.0")
    assert versions(project / "requirements.txt", "alpha\nbeta\n") == [None, "1.0"]


@pytest.mark.parametrize(
    "name",
    ["alpha-1.2.egg-info", "alpha-1.2-py3.11.egg-info", "Alpha-1.2-py3.egg-info"],
)
@pytest.mark.parametrize("as_file", [False, True], ids=["folder", "file"])
def test_an_egg_info_of_an_older_installer_counts(project: Path, name: str, as_file: bool) -> None:
    library = make_environment(project / ".venv")
    text = "Metadata-Version: 1.1\nName: alpha\nVersion: 1.2\n"
    if as_file:
        (library / name).write_text(text, encoding="utf-8")
    else:
        (library / name).mkdir()
        (library / name / "PKG-INFO").write_text(text, encoding="utf-8")
    assert version(project / "requirements.txt", "alpha\n") == "1.2"


def test_an_egg_info_without_a_version_in_its_name_has_one_inside(project: Path) -> None:
    library = make_environment(project / ".venv")
    (library / "alpha.egg-info").mkdir()
    (library / "alpha.egg-info" / "PKG-INFO").write_text("Name: alpha\nVersion: 1.2\n", encoding="utf-8")
    (library / "beta.egg-info").mkdir()
    assert versions(project / "requirements.txt", "alpha\nbeta\n") == ["1.2", None]


def test_what_is_linked_or_editable_has_no_version_to_pin(project: Path) -> None:
    library = make_environment(project / ".venv", "beta-1.0")
    (library / "alpha.egg-link").write_text("/home/me/alpha\n.", encoding="utf-8")
    add(library, "gamma-1.0")
    (library / "__editable__.gamma-1.0.pth").write_text("/home/me/gamma\n", encoding="utf-8")
    assert versions(project / "requirements.txt", "alpha\ngamma\nbeta\n") == [None, None, "1.0"]


# Where installations came from


@pytest.mark.parametrize(
    "record",
    [
        {"url": "file:///src/alpha", "dir_info": {}},
        {"url": "file:///src/alpha", "dir_info": {"editable": True}},
        {"url": "https://example.org/alpha-1.2.tar.gz", "archive_info": {}},
        {"url": REPOSITORY, "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "[" * 100_000,
        '{"url": 1, "vcs_info": 2}',
        '{"url": "x", "vcs_info": {"vcs": [], "commit_id": {}}}',
        "\0",
    ],
)
def test_what_did_not_come_from_an_index_is_not_pinned_however_broken_the_record(
    project: Path, record: dict[str, Any] | str
) -> None:
    library = make_environment(project / ".venv", "beta-1.0")
    add(library, "alpha-1.2", direct_url=record)
    assert versions(project / "requirements.txt", "alpha\nalpha>=1\nbeta\n") == [None, None, "1.0"]


def commit(project: Path, requirement: str, **vcs_info: str | None) -> str | None:
    """The commit that the evidence gives for a requirement, when this is the record of what is installed."""
    record = {"vcs": "git", "commit_id": COMMIT, **vcs_info}
    kept = {key: value for key, value in record.items() if value is not None}
    library = make_environment(project / ".venv")
    add(library, "core-1.0", direct_url={"url": REPOSITORY, "vcs_info": kept})
    [found] = look(project / "requirements.txt", f"{requirement}\n")
    return found.commit if found is not None else None


def test_the_installed_commit_of_a_repository_is_known(project: Path) -> None:
    assert commit(project, f"core @ git+{REPOSITORY}") == COMMIT


@pytest.mark.parametrize("ref", ["main", COMMIT[:9], COMMIT])
def test_the_commit_is_known_when_its_ref_is_what_the_file_asks_for(project: Path, ref: str) -> None:
    assert commit(project, f"core @ git+{REPOSITORY}@{ref}", requested_revision="main") == COMMIT


@pytest.mark.parametrize("ref", ["develop", "v2", OTHER_COMMIT[:9]])
def test_the_commit_of_another_ref_than_the_file_asks_for_is_not_its(project: Path, ref: str) -> None:
    assert commit(project, f"core @ git+{REPOSITORY}@{ref}", requested_revision="main") is None


def test_the_commit_of_another_version_control_system_is_not_its(project: Path) -> None:
    assert commit(project, f"core @ hg+{REPOSITORY}") is None


@pytest.mark.parametrize("broken", ["main", "", COMMIT[:12], COMMIT.upper(), COMMIT + "\n", f"{COMMIT} --pre"])
def test_what_is_no_whole_commit_is_not_written_anywhere(project: Path, broken: str) -> None:
    assert commit(project, f"core @ git+{REPOSITORY}", commit_id=broken) is None


# Whether it is believed


def test_an_environment_that_holds_half_of_the_names_is_believed(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.0", "beta-1.0")
    assert versions(project / "requirements.txt", "alpha\nbeta\ngamma\ndelta\n") == ["1.0", "1.0", None, None]


def test_an_environment_that_holds_less_than_half_of_the_names_is_anothers(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.0", "beta-1.0")
    assert versions(project / "requirements.txt", "alpha\nbeta\ngamma\ndelta\nepsilon\n") == [None] * 5


def test_an_active_environment_of_another_project_gives_way_to_the_one_beside_the_file(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_environment(tmp_path / "active", "alpha-9.0")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    make_environment(project / ".venv", "alpha-1.0", "beta-1.0")
    assert versions(project / "requirements.txt", "alpha\nbeta\ngamma\n") == ["1.0", "1.0", None]


def test_a_named_environment_is_believed_whatever_it_holds(project: Path) -> None:
    make_environment(project / "env", "alpha-1.0")
    found = versions(project / "requirements.txt", "alpha\nbeta\ngamma\n", python=project / "env")
    assert found == ["1.0", None, None]


def test_names_whose_marker_does_not_hold_there_are_not_missed(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.0", library="lib/python3.9/site-packages", version="3.9.18")
    text = "alpha\nbeta ; python_version >= '3.10'\ngamma ; python_version >= '3.11'\n"
    assert versions(project / "requirements.txt", text) == ["1.0", None, None]


def test_a_name_counts_once_however_often_it_stands(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.0")
    text = "alpha\nbeta\n" + "beta ; os_name != 'x'\n" * 3
    assert versions(project / "requirements.txt", text) == ["1.0", None, None, None, None]


def test_what_is_linked_or_of_unknown_version_counts_as_installed(project: Path) -> None:
    library = make_environment(project / ".venv", "alpha-1.0", "beta-1.0", "beta-2.0")
    (library / "gamma.egg-link").write_text("/home/me/gamma\n.", encoding="utf-8")
    add(library, "core-1.0", direct_url={"url": "file:///src/core", "dir_info": {"editable": True}})
    text = "alpha\nbeta\ngamma\ncore\ndelta\nepsilon\nzeta\neta\n"
    assert versions(project / "requirements.txt", text) == ["1.0"] + [None] * 7


def test_requirements_of_included_files_count_and_constraints_do_not(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.0", "beta-1.0")
    (project / "base.txt").write_text("gamma\ndelta\nepsilon\n", encoding="utf-8")
    assert versions(project / "requirements.txt", "alpha\nbeta\n-r base.txt\n") == [None, None]
    assert versions(project / "requirements.txt", "alpha\nbeta\n-c base.txt\n") == ["1.0", "1.0"]


def test_a_constraints_file_is_judged_by_its_own_names(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.0")
    assert versions(project / "constraints.txt", "alpha\nbeta\n") == ["1.0", None]
    assert versions(project / "constraints.txt", "alpha\nbeta\ngamma\n") == [None] * 3


def test_a_note_tells_why_an_environment_is_left_out(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1.0")
    path = project / "requirements.txt"
    path.write_text("alpha\nbeta\ngamma\n", encoding="utf-8")
    linter = make_linter(None, None)
    linter.check(linter.load([Target(str(path), FORMATS["requirements.txt"])]))
    [note] = linter.evidence.notes
    assert note.startswith(f"{path}: .venv is left out of account")
    assert note.endswith("1 of the 3 packages that are asked for")


# A real one, made by the standard library


def test_the_standard_librarys_own_environment_is_read(project: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(project / ".venv")], check=True)
    [library] = (project / ".venv").glob("[lL]ib/**/site-packages")
    add(library, "alpha-1.2")
    major, minor = sys.version_info[:2]
    text = f"alpha\nalpha ; python_version == '{major}.{minor}'\nalpha ; python_version != '{major}.{minor}'\n"
    assert versions(project / "requirements.txt", text) == ["1.2", "1.2", None]
    interpreter = next((project / ".venv").glob("[bS]*/python*"))
    assert versions(project / "requirements.txt", text, python=interpreter) == ["1.2", "1.2", None]
