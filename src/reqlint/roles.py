"""What a file is for, where other files or the configuration tell: an application, a library, or its development.

A verdict is a role with the reason for it, which `--show-settings` prints.
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from reqlint.files import Files
    from reqlint.model import Manifest, Role

#: Formats whose own dependencies are a library's, unless something tells otherwise.
LIBRARY_FORMATS = ("pyproject.toml", "setup.py", "setup.cfg")
_LOCKS_OF_APPLICATIONS = ("uv.lock", "pdm.lock", "pylock.toml")
#: Words in the name of a requirements file, or of its folder, that tell that only those who work on the project need it.
_DEVELOPMENT = re.compile(
    r"(?:^|[-_./])(?:dev|devel|development|develop|tests?|testing|docs?|documentation|lint(?:ing|ers?)?|ci|typing|types|mypy|qa|"
    r"style|format(?:ting)?|coverage|benchmarks?|examples?|tox|nox|pre-commit|precommit|rtd|readthedocs|tools|build|contrib(?:uting)?)"
    r"(?:[-_./\d]|$)",
    re.IGNORECASE,
)
_ITSELF = re.compile(r"^[ \t]*(?:-e[ \t]+|--editable[ \t=]+)?\.(?:\[[^\]]*\])?[ \t]*(?:#.*)?$", re.MULTILINE)


class Verdict:
    """A role, and in words why."""

    __slots__ = ("reason", "role")

    def __init__(self, role: Role, reason: str) -> None:
        """Keep both."""
        self.role = role
        self.reason = reason


def told(path: str, form: str, text: str, kind: str | None, files: Files) -> Verdict | None:
    """The role of a library format's own dependencies as the configuration or the files beside it tell; else None.

    ``kind``: as the configuration has it; ``text``: of the file. A project without a build system is built by nobody, so
    with a lock beside it, it is an application (uv and PDM install such a project's dependencies only).
    """
    if form not in LIBRARY_FORMATS:
        return None
    if kind is not None:
        return Verdict("application" if kind == "application" else "library", f'`kind = "{kind}"` in the configuration')
    if form == "pyproject.toml" and "build-system" not in text:
        for name in _LOCKS_OF_APPLICATIONS:
            if files.is_file(os.path.join(os.path.dirname(path), name)):
                return Verdict("application", f"it has no build system, and {name} lies beside it")
    return None


def of_requirements(
    manifest: Manifest,
    kind: str | None,
    root: str,
    files: Files,
    read: Callable[[str], Manifest | None],
) -> Verdict:
    """The role of a requirements file that an application is installed from, unless the project is a library.

    ``root``: the folder above which nothing belongs to the project; ``read``: a manifest by its path. A file that setup.py, setup.cfg or pyproject.toml
    reads is a library's own list, unless it installs the project itself (``-e .``), as only a deployment does. In a library,
    files that are named for development are its development's.
    """
    if kind == "application":
        return Verdict("application", '`kind = "application"` in the configuration')
    directory = os.path.dirname(os.path.abspath(manifest.path))
    installs_project = _ITSELF.search(manifest.source.text) is not None
    library = None
    while True:
        for name in LIBRARY_FORMATS:
            path = os.path.join(directory, name)
            if not files.is_file(path):
                continue
            metadata = read(path)
            if metadata is None or metadata.role != "library":
                continue
            if not installs_project and _reads(metadata, manifest.path):
                return Verdict("library", f"{name} reads it")
            if library is None and metadata.publishable:
                library = name
        parent = os.path.dirname(directory)
        if library is not None or directory in (root, parent):
            break
        directory = parent
    if library is not None or kind == "library":
        below = os.path.relpath(os.path.abspath(manifest.path), root).replace(os.sep, "/")
        if kind == "library":
            return Verdict(
                "development", '`kind = "library"` in the configuration: only its own metadata counts for users'
            )
        if _DEVELOPMENT.search(below.rpartition(".")[0]):
            return Verdict("development", f"by its name, it is for work on the library that {library} describes")
    return Verdict("application", "requirements files install an application")


def _reads(metadata: Manifest, path: str) -> bool:
    """Whether a manifest of a library names a requirements file as one that it reads."""
    base = os.path.dirname(os.path.abspath(metadata.path))
    target = os.path.abspath(path)
    return any(
        not include.remote and os.path.normpath(os.path.join(base, include.path)) == target
        for include in metadata.includes
    )
