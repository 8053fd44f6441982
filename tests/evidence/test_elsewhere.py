"""The environments that Poetry and pipenv keep out of the project, in folders made by hand and named as theirs are.

The expected names are those that Poetry 2.5.1 and pipenv 2026.10.3 gave to the environments of projects in these folders.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from reqlint.evidence.elsewhere import pipenv_name, poetry_name
from tests.evidence.environments import look, make_environment, version

POETRY = '[project]\nname = "Acme.Web_App"\nversion = "1.0"\n'


@pytest.mark.skipif(os.sep != "/", reason="the paths are those of a POSIX system")
@pytest.mark.parametrize(
    ("name", "directory", "expected"),
    [
        ("Acme.Web_App", "/home/ann/shop", "acme-web-app-b-yP0AT2"),
        ("Acme.Web_App", "/home/ann/Mein Büro", "acme-web-app-_DH-BdAb"),
        ("Acme.Web_App", "/srv/My Proj", "acme-web-app-BJudycp1"),
        ('legacy "app', "/srv/legacy", "legacy__app-4q06EZZN"),
        ("non-package-mode", "/srv/noname", "non-package-mode-Q0_Gkj7K"),
    ],
)
def test_poetrys_names(name: str, directory: str, expected: str) -> None:
    assert poetry_name(name, directory) == expected


@pytest.mark.skipif(os.sep != "/", reason="the paths are those of a POSIX system")
@pytest.mark.parametrize(
    ("directory", "expected"),
    [
        ("/home/ann/shop", "shop-sgQw8Ch5"),
        ("/home/ann/Mein Büro", "Mein_Büro-iay89avU"),
        ("/srv/Pip Env (x)", "Pip_Env__x_-a32wgqEN"),
    ],
)
def test_pipenvs_names(directory: str, expected: str) -> None:
    assert pipenv_name(directory) == expected


# Poetry


def poetry_project(folder: Path, text: str = POETRY, name: str = "acme-web-app") -> str:
    """Make a project; returns what Poetry calls its environments, up to the version of Python."""
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return poetry_name(name, os.path.normcase(os.path.realpath(folder)))


def caches(home: Path) -> Path:
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "pypoetry"
    return home / ".cache" / "pypoetry"


not_windows = pytest.mark.skipif(os.name == "nt", reason="there a variable tells where the caches are")


@not_windows
def test_poetrys_environment_is_found_in_its_cache(project: Path, home: Path) -> None:
    name = poetry_project(project)
    make_environment(caches(home) / "virtualenvs" / f"{name}-py3.11", "alpha-1.2")
    [found] = look(project / "requirements.txt", "alpha\n")
    assert found is not None
    assert (found.version, found.where) == ("1.2", "Poetry's environment")
    assert version(project / "deploy" / "requirements.txt", "alpha\n") == "1.2"


def test_poetrys_environment_is_found_on_windows(project: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(home / "Local"))
    place = home / "Local" / "pypoetry" / "Cache" / "virtualenvs" / f"{poetry_project(project)}-py3.11"
    make_environment(place, "alpha-1.2", library="Lib/site-packages")
    assert version(project / "requirements.txt", "alpha\n") == "1.2"


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"POETRY_VIRTUALENVS_PATH": "~/envs"}, "envs"),
        ({"POETRY_CACHE_DIR": "~/cache"}, "cache/virtualenvs"),
        ({"POETRY_CACHE_DIR": "~/cache", "POETRY_VIRTUALENVS_PATH": "{cache-dir}/v"}, "cache/v"),
        ({"POETRY_CACHE_DIR": "~/cache", "POETRY_VIRTUALENVS_PATH": "~/v"}, "v"),
    ],
)
def test_poetrys_variables_say_where_it_keeps_them(
    project: Path, home: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    for key, value in variables.items():
        monkeypatch.setenv(key, value)
    make_environment(home / folder / f"{poetry_project(project)}-py3.11", "alpha-1.2")
    assert version(project / "requirements.txt", "alpha\n") == "1.2"


@pytest.fixture
def environments(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of Poetry's environments."""
    monkeypatch.setenv("POETRY_VIRTUALENVS_PATH", str(home / "v"))
    return home / "v"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('[tool.poetry]\nname = "Old_Style"\n', "old-style"),
        ('[project]\nname = "new"\n[tool.poetry]\nname = "old"\n', "new"),
        ("[tool.poetry]\npackage-mode = false\n", "non-package-mode"),
        (f'[project]\nname = "{"long" * 12}"\n', "long" * 10 + "lo"),
    ],
)
def test_the_name_is_the_one_that_poetry_takes(project: Path, environments: Path, text: str, name: str) -> None:
    make_environment(environments / f"{poetry_project(project, text, name)}-py3.11", "alpha-1.2")
    assert version(project / "requirements.txt", "alpha\n") == "1.2"


def test_a_link_to_the_project_leads_to_its_environment(
    project: Path, environments: Path, workon: Path, tmp_path: Path
) -> None:
    make_environment(environments / f"{poetry_project(project)}-py3.11", "alpha-1.2")
    (tmp_path / "link").symlink_to(project, target_is_directory=True)
    assert version(tmp_path / "link" / "requirements.txt", "alpha\n") == "1.2"
    (project / "pyproject.toml").unlink()
    pipenv_environment(workon / pipenv_project(project), project, "alpha-1.3")
    assert version(tmp_path / "link" / "requirements.txt", "alpha\n") == "1.3"


def test_the_environment_of_a_name_or_a_folder_that_the_project_had_once_is_not_its(
    project: Path, environments: Path, tmp_path: Path
) -> None:
    poetry_project(project)
    make_environment(environments / f"{poetry_project(project, name='former')}-py3.11", "alpha-1.2")
    make_environment(environments / f"{poetry_project(tmp_path / 'other')}-py3.11", "alpha-1.3")
    make_environment(environments / poetry_project(project), "alpha-1.4")
    assert version(project / "requirements.txt", "alpha\n") is None


def test_of_several_environments_the_active_one_counts_and_without_it_none(project: Path, environments: Path) -> None:
    name = poetry_project(project)
    make_environment(environments / f"{name}-py3.11", "alpha-1.1", library="lib/python3.11/site-packages")
    make_environment(
        environments / f"{name}-py3.12", "alpha-1.2", library="lib/python3.12/site-packages", version="3.12"
    )
    assert version(project / "requirements.txt", "alpha\n") is None
    # As `poetry env use` leaves it.
    active = f'[{name}]\nminor = "3.12"\npatch = "3.12.4"\n'
    (environments / "envs.toml").write_text(active, encoding="utf-8")
    assert version(project / "requirements.txt", "alpha\n") == "1.2"


@pytest.mark.parametrize("text", ["[project", '[project]\nname = ["x"]\n', "project = 1\n", "\0"])
def test_a_broken_pyproject_toml_has_no_environment(project: Path, environments: Path, text: str) -> None:
    make_environment(environments / f"{poetry_project(project, text)}-py3.11", "alpha-1.2")
    assert version(project / "requirements.txt", "alpha\n") is None


def test_an_environment_in_the_project_comes_first(project: Path, environments: Path) -> None:
    make_environment(environments / f"{poetry_project(project)}-py3.11", "alpha-1.2")
    make_environment(project / ".venv", "alpha-2.0")
    assert version(project / "requirements.txt", "alpha\n") == "2.0"


def test_poetrys_environment_is_believed_only_if_it_holds_half(project: Path, environments: Path) -> None:
    make_environment(environments / f"{poetry_project(project)}-py3.11", "alpha-1.2")
    assert version(project / "requirements.txt", "alpha\n") == "1.2"
    assert look(project / "requirements.txt", "alpha\nbeta\ngamma\n") == [None] * 3


# pipenv


def pipenv_environment(prefix: Path, owner: Path | None, *names: str) -> None:
    """An environment as pipenv leaves it: the file ``.project`` holds the path of the project, without a line end."""
    make_environment(prefix, *names)
    if owner is not None:
        (prefix / ".project").write_text(os.path.realpath(owner), encoding="utf-8")


def pipenv_project(folder: Path) -> str:
    """Make a project; returns what pipenv calls its environment."""
    folder.mkdir(exist_ok=True)
    (folder / "Pipfile").touch()
    return pipenv_name(os.path.realpath(folder))


@not_windows
@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({}, ".local/share/virtualenvs"),
        ({"XDG_DATA_HOME": "~/data"}, "data/virtualenvs"),
        ({"WORKON_HOME": "~/w"}, "w"),
        ({"WORKON_HOME": "$HOME/w"}, "w"),
    ],
)
def test_pipenvs_environment_is_found(
    project: Path, home: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    for key, value in variables.items():
        monkeypatch.setenv(key, value)
    pipenv_environment(home / folder / pipenv_project(project), project, "alpha-1.2")
    [found] = look(project / "requirements.txt", "alpha\n")
    assert found is not None
    assert (found.version, found.where) == ("1.2", "pipenv's environment")


@pytest.fixture
def workon(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of pipenv's environments."""
    monkeypatch.setenv("WORKON_HOME", str(home / "w"))
    return home / "w"


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        ("PIPENV_CUSTOM_VENV_NAME", "mine", "mine"),
        ("PIPENV_PYTHON", "3.11", "{}-3.11"),
        ("PIPENV_PYTHON", os.path.abspath(os.path.join("opt", "python3.11")), "{}-python3.11"),
    ],
)
def test_pipenvs_variables_are_part_of_the_name(
    project: Path, workon: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, name: str
) -> None:
    pipenv_environment(workon / name.format(pipenv_project(project)), project, "alpha-1.2")
    assert version(project / "requirements.txt", "alpha\n") is None
    monkeypatch.setenv(variable, value)
    assert version(project / "requirements.txt", "alpha\n") == "1.2"


def test_an_environment_of_another_project_is_not_its(project: Path, workon: Path, tmp_path: Path) -> None:
    pipenv_environment(workon / pipenv_project(project), tmp_path / "other", "alpha-1.2")
    assert version(project / "requirements.txt", "alpha\n") is None


def test_an_environment_that_nobody_claims_is_not_its(project: Path, workon: Path) -> None:
    pipenv_environment(workon / pipenv_project(project), None, "alpha-1.2")
    assert version(project / "requirements.txt", "alpha\n") is None


def test_without_a_pipfile_there_is_no_environment_of_pipenvs(project: Path, workon: Path) -> None:
    pipenv_environment(workon / pipenv_project(project), project, "alpha-1.2")
    (project / "Pipfile").unlink()
    assert version(project / "requirements.txt", "alpha\n") is None


@pytest.mark.parametrize("owner", ["project", None])
@pytest.mark.parametrize(
    ("text", "place"), [("mine\n", "home/w/mine"), ("../envs/mine", "envs/mine"), ("deep/mine", "project/deep/mine")]
)
def test_a_file_called_venv_names_the_environment(
    project: Path, workon: Path, tmp_path: Path, text: str, place: str, owner: str | None
) -> None:
    pipenv_environment(workon / pipenv_project(project), project, "alpha-9.9")
    (project / ".venv").write_text(text, encoding="utf-8")
    pipenv_environment(tmp_path / place, tmp_path / owner if owner is not None else None, "alpha-1.2")
    assert version(project / "requirements.txt", "alpha\n") == "1.2"


def test_a_file_called_venv_that_names_anothers_environment_is_not_believed(
    project: Path, workon: Path, tmp_path: Path
) -> None:
    pipenv_project(project)
    (project / ".venv").write_text("mine\n", encoding="utf-8")
    pipenv_environment(workon / "mine", tmp_path / "other", "alpha-1.2")
    assert version(project / "requirements.txt", "alpha\n") is None


def test_an_empty_file_called_venv_names_nothing(project: Path, workon: Path) -> None:
    pipenv_environment(workon / pipenv_project(project), project, "alpha-1.2")
    (project / ".venv").touch()
    assert version(project / "requirements.txt", "alpha\n") == "1.2"
