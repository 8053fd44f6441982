"""Which locks were made from a manifest, and which of its dependencies each has to do with.

What a lock says is read by ``evidence``; which ones lie where, and whose they are, is told by names, by the first lines of
compiled requirements files, and by what the locks themselves say of their origin.
"""

from __future__ import annotations

import os
import re

from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.compiled import Compiled
    from reqlint.lock import Lock
    from reqlint.model import Dependency, Manifest
    from reqlint.project import Project

#: Kind of lock -> the dialects of the dependencies that it is made from.
_DIALECTS = {
    "poetry.lock": ("pep508", "poetry"),
    "uv.lock": ("pep508", "uv"),
    "pdm.lock": ("pep508", "pdm"),
    "Pipfile.lock": ("pipfile",),
    "pylock.toml": ("pep508", "pip", "pipfile", "uv", "pdm"),
    "conda-lock.yml": ("conda", "pip", "pep508", "poetry"),
    "pixi.lock": ("conda", "pixi", "pep508"),
    "explicit.lock": ("conda",),
    "compiled": ("pip", "pep508", "uv"),
}
_COMPILED_FROM = ("requirements.txt", "pyproject.toml", "setup.cfg", "setup.py")
_COMPILED_NAME = r"(?i).*(?:require|constraint|lock|pins?|freeze|compiled).*\.(?:txt|lock)|[-\w.]+\.txt"
_HEAD_LENGTH = 20_000


def concerns(lock: Lock, dependency: Dependency) -> bool:
    """Whether a dependency of a manifest is among what a lock of that manifest is made from."""
    group = dependency.group
    if group.kind in ("build", "constraint") or dependency.dialect not in _DIALECTS[lock.kind]:
        return False
    if group.kind == "runtime":
        return True
    if lock.groups is not None:
        return normalize(group.name or "") in lock.groups
    if lock.kind == "poetry.lock" and dependency.dialect == "pep508" and group.kind == "group":
        # Poetry reads `[dependency-groups]` since 2.2.
        return tuple(map(int, re.findall(r"\d+", lock.generator or "")[:2])) >= (2, 2)
    return not lock.is_of_any_tool


def belongs(project: Project, lock: Lock, manifest: Manifest) -> bool:
    """Whether a lock was surely made from a manifest, as that of its own tool is.

    One that any tool may have made belongs to what it holds at least half of, but rather to a pyproject.toml or Pipfile than
    to a requirements file beside that.
    """
    if not lock.is_of_any_tool:
        return True
    names = project.names(os.path.dirname(os.path.abspath(manifest.path)))
    if manifest.format == "requirements.txt" and any(name in ("pyproject.toml", "Pipfile") for name in names):
        return False
    asked = [item for item in manifest.dependencies if item.name is not None and concerns(lock, item)]
    held = sum(1 for item in asked if item.redirected or lock.of(item))
    return 2 * held >= len(asked)


def locks_of(project: Project, manifest: Manifest) -> Iterator[Lock]:
    """The locks that were made from a manifest: those of its own tool first, then compiled requirements files."""
    yield from _tool_locks(project, manifest)
    yield from _compiled(project, manifest)


def locks_around(project: Project, dependency: Dependency) -> Iterator[Lock]:
    """The locks that may tell which version of a dependency is meant.

    First those of its manifest, then those of other tools in the same folder: a requirements.txt beside a uv.lock is
    not made from that, but what the project runs with stands there.
    """
    manifest = project.manifest(dependency.source.path)
    if manifest is None:
        return
    own = project.locks(manifest)
    yield from own
    from reqlint.lock import lock_file

    shown = os.path.dirname(manifest.path)
    directory = os.path.abspath(shown)
    known = {os.path.abspath(lock.path) for lock in own}
    for name in project.names(directory):
        if os.path.join(directory, name) not in known and lock_file(name) is not None:
            yield project.evidence.lock(os.path.join(shown, name))


def _tool_locks(project: Project, manifest: Manifest) -> Iterator[Lock]:
    if manifest.format == "requirements.txt" and manifest.role == "constraint":
        return
    directory, own = os.path.split(os.path.abspath(manifest.path))
    shown = os.path.dirname(manifest.path)
    for name in project.names(directory):
        if "lock" not in name:
            continue  # as nearly all of them: no need to know what a lock is
        from reqlint.lock import LOCK_FILES

        for kind in LOCK_FILES.values():
            if manifest.format not in kind.formats or not kind.pattern.fullmatch(name):
                continue
            if _is_of_tool(manifest, kind.mark):
                lock = project.evidence.lock(os.path.join(shown, name))
                if own in (lock.sources or (own,)) and "." in lock.folders:
                    yield lock
    if manifest.format == "pyproject.toml" and "uv.lock" not in project.names(directory):
        yield from _workspace_lock(project, directory, shown)


def _workspace_lock(project: Project, directory: str, shown: str) -> Iterator[Lock]:
    """The uv.lock of the workspace that a member lies in, which is above it."""
    root = project.root(os.path.join(directory, "pyproject.toml"))
    above, steps = directory, [os.pardir]
    while above not in (root, os.path.dirname(above)):
        above = os.path.dirname(above)
        if project.files.is_file(os.path.join(above, "uv.lock")):
            lock = project.evidence.lock(os.path.normpath(os.path.join(shown, *steps, "uv.lock")))
            if os.path.relpath(directory, above).replace(os.sep, "/") in lock.folders:
                yield lock
            return
        steps.append(os.pardir)


def _is_of_tool(manifest: Manifest, mark: str) -> bool:
    return manifest.format != "pyproject.toml" or mark in manifest.source.text


def _compiled(project: Project, manifest: Manifest) -> Iterator[Lock]:
    """The requirements files beside a manifest that were compiled from it."""
    if manifest.format not in _COMPILED_FROM or manifest.role == "constraint":
        return
    path = os.path.abspath(manifest.path)
    directory, shown = os.path.dirname(path), os.path.dirname(manifest.path)
    folders = [(directory, shown)]
    if manifest.format != "requirements.txt":
        folders.append((os.path.join(directory, "requirements"), os.path.join(shown, "requirements")))
    for folder, prefix in folders:
        for name in project.names(folder):
            if not re.fullmatch(_COMPILED_NAME, name) or os.path.join(folder, name) == path:
                continue
            lock = _compiled_lock(project, os.path.join(prefix, name), path)
            if lock is not None:
                yield lock


def _compiled_lock(project: Project, path: str, source: str) -> Lock | None:
    """A requirements file as a lock of another file (its absolute path), if it was compiled from that one."""
    try:
        data = project.files.read(path)[:_HEAD_LENGTH]
    except OSError:
        return None
    stem = os.path.splitext(os.path.abspath(path))[0]
    if b"autogenerated by" not in data and os.path.splitext(source) != (stem, ".in"):
        return None
    from shlex import join

    from reqlint.compiled import read_header, tells_whence
    from reqlint.lock import Lock, Locked

    text = data.decode("utf-8", "replace")
    header = read_header(text)
    if header is None or not header.sources:
        # `pip-compile` alone makes requirements.txt of requirements.in, and headers can be switched off.
        if os.path.splitext(source) != (stem, ".in") or (header is None and not tells_whence(text)):
            return None
    elif not any(_is_named(name, path, source) for name in header.sources):
        return None
    manifest = project.manifest(path)
    if manifest is None:
        return None
    tool = header.tool if header is not None else "pip-compile"
    command = join(header.command) if header is not None and header.command is not None else tool
    lock = Lock(path, "compiled", tool, command)
    lock.groups = _groups(header)
    for item in manifest.dependencies:
        exact = [clause.version for clause in item.constraints if clause.operator in ("==", "===")]
        if item.name is not None:
            lock.packages.append(
                Locked(
                    item.name,
                    exact[0] if exact else None,
                    marker=item.marker,
                    url=item.url,
                    direct=item.kind != "name",
                    commit=item.vcs.ref if item.vcs is not None and item.vcs.ref_kind == "commit" else None,
                )
            )
    return lock


def _groups(header: Compiled | None) -> frozenset[str] | None:
    """The extras and dependency groups that went into a compiled file; None for all there are.

    Of all extras, or all groups, alone the names are not told: then nothing is said of them.
    """
    if header is None:
        return frozenset()
    if header.extras is None and header.groups is None:
        return None
    return frozenset(map(normalize, (header.extras or frozenset()) | (header.groups or frozenset())))


def _is_named(name: str, path: str, source: str) -> bool:
    """Whether a word of the command that made a file names another one: the command may have run in a folder above."""
    name = name.replace("\\", "/")
    directory = os.path.dirname(os.path.abspath(path))
    for _ in range(4):
        if os.path.normpath(os.path.join(directory, name)) == source:
            return True
        directory = os.path.dirname(directory)
    return False
