"""The project's own environment: which versions are installed there, and from where.

``*.dist-info`` folders name project and version (PEP 376, PEP 427); ``direct_url.json`` tells the URL and commit of what was
not installed from an index (PEP 610). Which environment: the one that ``--python`` or the configuration names, else
``VIRTUAL_ENV``, else ``.venv`` or ``venv`` in a folder from the file's up to the project's root. Never the one that reqlint
itself runs in, unless it is named: pre-commit and pipx give it one of its own, which says nothing of the project.
"""

from __future__ import annotations

import os
import re
import sys

from reqlint.evidence import NoEnvironmentError
from reqlint.requirement import normalize
from reqlint.versions import allows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.files import Files
    from reqlint.model import Dependency


class Installation:
    """One installed project: ``version``; ``url`` and ``commit`` of a direct reference; ``where``: what to call the place."""

    __slots__ = ("commit", "direct", "url", "version", "where")

    def __init__(self, version: str, where: str, *, url: str | None = None, commit: str | None = None, direct: bool = False):
        """``direct``: whether it was installed from a URL or a folder, so that no index need have this version."""
        self.version = version
        self.where = where
        self.url = url
        self.commit = commit
        self.direct = direct


class Environment:
    """One environment's installed projects, read when first asked for."""

    def __init__(self, files: Files, libraries: list[str], shown: str, python_version: str | None) -> None:
        """``libraries``: its site-packages folders; ``shown``: what to call it; ``python_version``: "3.11"."""
        self._files = files
        self._libraries = libraries
        self._shown = shown
        self._python_version = python_version
        self._installed: dict[str, Installation] | None = None

    def holds(self, dependency: Dependency) -> Installation | None:
        """What is installed for a dependency, when it is what the dependency would ask for in this environment."""
        if dependency.name is None or dependency.ecosystem != "pypi":
            return None
        found = self.installed.get(dependency.name)
        if found is None:
            return None
        if dependency.marker is not None:
            from reqlint.markers import holds

            if not holds(dependency.marker, self._python_version):
                return None
        if dependency.kind == "name" and (found.direct or not allows(dependency.constraints, found.version)):
            return None
        return found

    @property
    def installed(self) -> dict[str, Installation]:
        """Installed projects by normalized name."""
        if self._installed is None:
            self._installed = {}
            for library in self._libraries:
                for name in self._files.names(library):
                    if name.endswith(".dist-info"):
                        self._add(library, name)
        return self._installed

    def _add(self, library: str, folder: str) -> None:
        """Note one ``name-version.dist-info``."""
        match = re.fullmatch(r"(?P<name>.+?)-(?P<version>[^-]+)\.dist-info", folder)
        if match is None or self._installed is None:
            return
        installation = Installation(match["version"], self._shown)
        record = os.path.join(library, folder, "direct_url.json")
        if self._files.is_file(record):
            installation.direct = True
            self._read_direct_url(installation, record)
        self._installed.setdefault(normalize(match["name"]), installation)

    def _read_direct_url(self, installation: Installation, record: str) -> None:
        """Take URL and commit from a direct_url.json; a broken one says nothing."""
        import json

        try:
            content = json.loads(self._files.read(record))
        except (OSError, ValueError):
            return
        if isinstance(content, dict):
            url, vcs = content.get("url"), content.get("vcs_info")
            installation.url = url if isinstance(url, str) else None
            commit = vcs.get("commit_id") if isinstance(vcs, dict) else None
            installation.commit = commit if isinstance(commit, str) and re.fullmatch(r"[0-9a-f]{12,64}", commit) else None


class Finder:
    """Finds the environment that belongs to a file."""

    def __init__(self, files: Files) -> None:
        """Remember what was found: many files share one environment."""
        self._files = files
        self._known: dict[str, Environment | None] = {}

    def of(self, path: str, wanted: str | None) -> Environment | None:
        """The environment for a manifest; ``wanted``: an interpreter or environment that the user names.

        Raises NoEnvironmentError when the one that is named is none.
        """
        if wanted is not None:
            if wanted not in self._known:
                self._known[wanted] = self._open(wanted, wanted)
            found = self._known[wanted]
            if found is None:
                message = f"no Python environment at {wanted}: give an interpreter or the folder of a virtual environment"
                raise NoEnvironmentError(message)
            return found
        directory = os.path.dirname(os.path.abspath(path))
        if directory not in self._known:
            self._known[directory] = self._search(directory)
        return self._known[directory]

    def _search(self, directory: str) -> Environment | None:
        """``VIRTUAL_ENV``, else the nearest ``.venv`` or ``venv`` up to the project's root."""
        active = os.environ.get("VIRTUAL_ENV")
        if active and not is_own(active):
            found = self._open(active, "the active environment")
            if found is not None:
                return found
        while True:
            for name in (".venv", "venv"):
                candidate = os.path.join(directory, name)
                if self._files.is_file(os.path.join(candidate, "pyvenv.cfg")) and not is_own(candidate):
                    return self._open(candidate, name)
            parent = os.path.dirname(directory)
            if parent == directory or self._files.is_directory(os.path.join(directory, ".git")):
                return None
            directory = parent

    def _open(self, place: str, shown: str) -> Environment | None:
        """The environment at a prefix, or of an interpreter."""
        prefix = place
        if self._files.is_file(place):
            prefix = os.path.dirname(os.path.dirname(os.path.abspath(place)))
        libraries: list[str] = []
        version: str | None = None
        for base in ("lib", "lib64", os.path.join("local", "lib")):
            for name in self._files.names(os.path.join(prefix, base)):
                if re.fullmatch(r"python3\.\d+|python3", name):
                    folders = (os.path.join(prefix, base, name, leaf) for leaf in ("site-packages", "dist-packages"))
                    present = [folder for folder in folders if self._files.is_directory(folder)]
                    libraries += present
                    if present and "." in name:
                        version = name.removeprefix("python")
        windows = os.path.join(prefix, "Lib", "site-packages")
        if not libraries and self._files.is_directory(windows):
            libraries.append(windows)
        return Environment(self._files, libraries, shown, version) if libraries else None


def is_own(prefix: str) -> bool:
    """Whether this is the environment that reqlint runs in."""
    return os.path.realpath(prefix) == os.path.realpath(sys.prefix)
