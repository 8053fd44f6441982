"""Environments that Poetry and pipenv keep out of the project, found by the names that they give them.

Both put the project's name and a hash of its folder into the name of an environment's folder. Sources: Poetry's
``EnvManager.generate_env_name`` and its documentation of ``virtualenvs.path``; pipenv's ``VenvLocator`` and its documentation
of virtual environments. Neither tool is started, and of their settings only the environment variables are looked at.
"""

from __future__ import annotations

import os
import re
import sys

from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reqlint.files import Files

_POETRY_SPECIAL = re.compile(r'[ $`!*@"\\\r\n\t]')
_PIPENV_SPECIAL = re.compile(r'[ &$`!*@"()\[\]\\\r\n\t]')
_LONGEST = 42  # of a project's name within that of an environment, for both tools


def environments(directory: str, files: Files) -> Iterator[tuple[str, str]]:
    """The prefixes of the environments that belong to the project in a folder, each with what to call it."""
    if files.is_file(os.path.join(directory, "pyproject.toml")):
        place = _of_poetry(directory, files)
        if place is not None:
            yield place, "Poetry's environment"
    if files.is_file(os.path.join(directory, "Pipfile")):
        place = _of_pipenv(directory, files)
        if place is not None:
            yield place, "pipenv's environment"


def poetry_name(name: str, directory: str) -> str:
    """What Poetry calls the environments of a project, up to the version of Python.

    ``name``: of the project, as it writes it; ``directory``: its real path, its case normalized.
    """
    shown = _POETRY_SPECIAL.sub("_", normalize(name))[:_LONGEST]
    return f"{shown}-{_hash(directory)}"


def pipenv_name(directory: str) -> str:
    """What pipenv calls the environment of the project in a folder, given by its real path."""
    shown = _PIPENV_SPECIAL.sub("_", os.path.basename(directory))[:_LONGEST]
    return f"{shown}-{_hash(os.path.join(directory, 'Pipfile'))}"


def _hash(path: str) -> str:
    """The beginning of a path's hash, in letters that a file name may have."""
    import base64
    import hashlib

    digest = hashlib.sha256(path.encode("utf-8", "surrogateescape")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")[:8]


def _of_poetry(directory: str, files: Files) -> str | None:
    """Poetry's environment for a project: the active one of several; None when it is not plain which one it would take."""
    home = _poetry_home()
    real = os.path.normcase(os.path.realpath(directory))
    ending = re.compile(rf"-{re.escape(_hash(real))}-py\d+\.\d+")
    found = [entry for entry in files.names(home) if ending.search(entry)]
    if not found:
        return None
    name = poetry_name(_project_name(_read_toml(os.path.join(directory, "pyproject.toml"), files)), real)
    found = [entry for entry in found if entry.rpartition("-py")[0] == name]
    if len(found) > 1:
        active = _table(_read_toml(os.path.join(home, "envs.toml"), files), name).get("minor")
        found = [entry for entry in found if entry == f"{name}-py{active}"]
    return os.path.join(home, found[0]) if found else None


def _poetry_home() -> str:
    """The folder that holds Poetry's environments."""
    platform = str(sys.platform)
    if platform == "win32":
        caches = os.path.join(os.environ.get("LOCALAPPDATA", "~"), "pypoetry", "Cache")
    elif platform == "darwin":
        caches = "~/Library/Caches/pypoetry"
    else:
        caches = os.path.join(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "pypoetry")
    caches = os.environ.get("POETRY_CACHE_DIR") or caches
    home = os.environ.get("POETRY_VIRTUALENVS_PATH") or "{cache-dir}/virtualenvs"
    return os.path.expanduser(home.replace("{cache-dir}", caches))


def _project_name(content: dict[str, Any]) -> str:
    """A project's name as Poetry takes it, which has one for projects without a name, too."""
    name = _table(content, "project").get("name") or _table(content, "tool", "poetry").get("name")
    return name if isinstance(name, str) else "non-package-mode"


def _table(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    """A table within tables; an empty one when there is none."""
    for key in keys:
        inner = content.get(key)
        content = inner if isinstance(inner, dict) else {}
    return content


def _read_toml(path: str, files: Files) -> dict[str, Any]:
    """The content of a TOML file; nothing when it cannot be read."""
    import tomllib

    try:
        return tomllib.loads(files.read(path).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def _of_pipenv(directory: str, files: Files) -> str | None:
    """Where pipenv keeps the environment of a project: by the name in a file ``.venv``, else by the one that pipenv gives it.

    A file ``.project`` in the environment tells whose it is. One that pipenv did not make has none: it counts only when
    ``.venv`` names it.
    """
    real = os.path.realpath(directory)
    named = _first_line(os.path.join(directory, ".venv"), files)
    if named and (os.sep in named or (os.altsep or os.sep) in named):
        place = os.path.normpath(os.path.join(real, named))
    else:
        place = os.path.join(_pipenv_home(), named or os.environ.get("PIPENV_CUSTOM_VENV_NAME") or _default_name(real))
    owner = _first_line(os.path.join(place, ".project"), files)
    if not owner:
        return place if named else None
    return place if os.path.normcase(os.path.realpath(owner)) == os.path.normcase(real) else None


def _default_name(real: str) -> str:
    """The name that pipenv gives, with the Python that the environment variable asks for, if any."""
    python = os.environ.get("PIPENV_PYTHON")
    suffix = f"-{os.path.basename(python) if os.path.isabs(python) else python}" if python else ""
    return pipenv_name(real) + suffix


def _pipenv_home() -> str:
    """The folder that holds pipenv's environments, and virtualenvwrapper's."""
    home = os.environ.get("WORKON_HOME")
    if not home:
        data = os.environ.get("XDG_DATA_HOME", "~/.local/share")
        home = "~/.virtualenvs" if os.name == "nt" else os.path.join(data, "virtualenvs")
    return os.path.expanduser(os.path.expandvars(home))


def _first_line(path: str, files: Files) -> str:
    """The text of a file that holds a single line; nothing when it is not there or cannot be read."""
    if not files.is_file(path):
        return ""
    try:
        return os.fsdecode(files.read(path)).strip()
    except OSError:
        return ""
