from __future__ import annotations

from pathlib import Path

import pytest

# What tells where environments are.
_VARIABLES = (
    "CONDA_PREFIX LOCALAPPDATA PIPENV_CUSTOM_VENV_NAME PIPENV_PYTHON POETRY_CACHE_DIR POETRY_VIRTUALENVS_PATH "
    "UV_PROJECT_ENVIRONMENT VIRTUAL_ENV WORKON_HOME XDG_CACHE_HOME XDG_DATA_HOME"
).split()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and no environment that is active or configured."""
    for variable in _VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that is a project's root, so that nothing above it counts."""
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    return root
