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
_LOCKS_OF_APPLICATIONS = ("uv.lock", "pdm.lock", "pixi.lock", "pylock.toml")
#: Words in the name of a requirements file, or of its folder, that tell that only those who work on the project need it.
_DEVELOPMENT = (
    r"(?i)(?:^|[-_./])(?:dev|devel|development|develop|tests?|testing|docs?|documentation|sphinx|rtd|readthedocs|lint(?:ing|ers?)?|"
    r"ci|typing|mypy|qa|style|coverage|benchmarks?|tox|nox|pre-?commit)(?:[-_./\d]|$)"
)
_IMAGES_FOR_DEVELOPMENT = (
    rf"{_DEVELOPMENT}|(?:^|/)\.(?:devcontainer|github|gitlab|circleci|ci|binder|gitpod)(?:[-_./]|$)"
)
#: pbr reads these without being told their names (its documentation, "Requirements").
_READ_BY_PBR = ("requirements.txt", "requirements-py2.txt", "requirements-py3.txt", "tools/pip-requires")
_BUILD_SYSTEM = r"""(?m)^[ \t]*\[?[ \t]*["']?build-system\b"""
_PBR = r"\bpbr\s*=\s*True\b"
_ITSELF = r"(?m)^[ \t]*(?:-e[ \t]+|--editable[ \t=]+)?\.(?:\[[^\]]*\])?[ \t]*(?:#.*)?$"


class Verdict:
    """A role, and in words why."""

    __slots__ = ("reason", "role")

    def __init__(self, role: Role, reason: str) -> None:
        """Keep both."""
        self.role = role
        self.reason = reason


def told(path: str, form: str, text: str, kind: str | None, root: str, files: Files) -> Verdict | None:
    """The role of a library format's own dependencies as the configuration or the files beside it tell; else None.

    ``kind``: as the configuration has it; ``text``: of the file; ``root``: the folder above which nothing belongs to the
    project. A project without a build system is built by nobody, so with a lock beside it, or uv's lock of a workspace above
    it, it is an application (uv and PDM install such a project's dependencies only).
    """
    if kind is not None:
        return Verdict("application" if kind == "application" else "library", f'`kind = "{kind}"` in the configuration')
    if form != "pyproject.toml" or re.search(_BUILD_SYSTEM, text):
        return None
    directory = os.path.dirname(os.path.abspath(path))
    for name in _LOCKS_OF_APPLICATIONS:
        if files.is_file(os.path.join(directory, name)):
            return Verdict("application", f"it has no build system, and {name} lies beside it")
    while directory not in (root, os.path.dirname(directory)):
        directory = os.path.dirname(directory)
        if files.is_file(os.path.join(directory, "uv.lock")):
            return Verdict("application", "it has no build system, and uv.lock lies above it")
    return None


def of_requirements(
    manifest: Manifest,
    kind: str | None,
    root: str,
    files: Files,
    read: Callable[[str], Manifest | None],
) -> Verdict:
    """The role of a requirements file that an application is installed from, unless the project is a library.

    ``root``: the folder above which nothing belongs to the project; ``read``: a manifest by its path. A file that setup.py,
    setup.cfg or pyproject.toml reads is a library's own list, unless it installs the project itself (``-e .``), as only a
    deployment does. In a library, files that are named for development are its development's.
    """
    if kind == "application":
        return Verdict("application", '`kind = "application"` in the configuration')
    directory = os.path.dirname(os.path.abspath(manifest.path))
    installs_project = re.search(_ITSELF, manifest.source.text) is not None
    library = None
    while True:
        for name in LIBRARY_FORMATS:
            path = os.path.join(directory, name)
            if not files.is_file(path):
                continue
            metadata = read(path)
            if metadata is None or metadata.role != "library":
                continue
            role = _read_as(metadata, manifest.path) if not installs_project else None
            if role is not None:
                return Verdict(role, f"{name} reads it")
            if library is None and metadata.publishable:
                library = name
        parent = os.path.dirname(directory)
        if library is not None or directory in (root, parent):
            break
        directory = parent
    if kind == "library":
        return Verdict("development", '`kind = "library"` in the configuration: only its own metadata counts for users')
    if library is not None:
        below = os.path.relpath(os.path.abspath(manifest.path), directory).replace(os.sep, "/")
        if re.search(_DEVELOPMENT, below.rpartition(".")[0]):
            return Verdict("development", f"by its name, it is for work on the library that {library} describes")
    return Verdict("application", "requirements files install an application")


def of_commands(
    manifest: Manifest,
    kind: str | None,
    root: str,
    files: Files,
    read: Callable[[str], Manifest | None],
) -> Verdict:
    """The role of what a Dockerfile, a workflow or a script installs; the arguments are those of ``of_requirements``.

    A library's workflows test and build it. Its images deploy something, unless they lie where its development does.
    """
    if kind is not None:
        role: Role = "application" if kind == "application" else "development"
        return Verdict(role, f'`kind = "{kind}"` in the configuration')
    directory = os.path.dirname(os.path.abspath(manifest.path))
    while True:
        for name in LIBRARY_FORMATS:
            path = os.path.join(directory, name)
            metadata = read(path) if files.is_file(path) else None
            if metadata is not None and metadata.role == "library" and metadata.publishable:
                below = os.path.relpath(os.path.abspath(manifest.path), directory).replace(os.sep, "/")
                if manifest.format == "workflow" or re.search(_IMAGES_FOR_DEVELOPMENT, below):
                    return Verdict("development", f"it is for work on the library that {name} describes")
                return Verdict("application", "an image or a machine is made by it")
        parent = os.path.dirname(directory)
        if directory in (root, parent):
            return Verdict("application", "nothing around it describes a library")
        directory = parent


def _read_as(metadata: Manifest, path: str) -> Role | None:
    """The role of a requirements file by the place in a library's manifest that reads it; None when none does."""
    base = os.path.dirname(os.path.abspath(metadata.path))
    target = os.path.abspath(path)
    for include in metadata.includes:
        if not include.remote and os.path.normpath(os.path.join(base, include.path)) == target:
            return include.role or "library"
    if target in (os.path.join(base, name) for name in _READ_BY_PBR) and re.search(_PBR, metadata.source.text):
        return "library"
    return None
