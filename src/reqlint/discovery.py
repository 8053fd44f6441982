"""From paths to the files to check: directories are walked, names decide what is a manifest, and git what is left out."""

from __future__ import annotations

import os

from reqlint.config import matches
from reqlint.formats import FORMATS, format_of
from reqlint.linter import Target, UnreadableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reqlint.config import Configurations
    from reqlint.formats import Format

#: Folders that never hold a project's own manifests.
SKIPPED = frozenset(
    ".git .hg .svn .bzr .tox .nox .venv venv .eggs .direnv .pixi .conda .mypy_cache .pytest_cache .ruff_cache __pycache__ "
    "node_modules site-packages __pypackages__ build dist _build".split()
)


class Found:
    """One file that discovery looked at: ``format`` is None, with the ``reason``, when it is left out."""

    __slots__ = ("format", "path", "reason")

    def __init__(self, path: str, form: Format | None, reason: str) -> None:
        """Keep the verdict."""
        self.path = path
        self.format = form
        self.reason = reason


def discover(paths: Sequence[str], configurations: Configurations, *, exist: bool = True) -> list[Found]:
    """All manifests that the paths come to, each once, with those that are left out and why.

    A file that is named is always read; with ``exist`` false it need not be on the disk (standard input has only a name).
    Raises UnreadableError for a path that is not there, cannot be read, or is named
    and of no known kind.
    """
    found: dict[str, Found] = {}
    for path in paths:
        items: Iterable[Found]
        if not exist:
            items = [_of_known_kind(path, configurations)]
        elif os.path.isdir(path):
            items = _walk(path, configurations)
        elif os.path.lexists(path):
            items = [_named(path, configurations)]
        else:
            message = f"{path}: no such file or directory"
            raise UnreadableError(message)
        for item in items:
            key = os.path.abspath(item.path)
            if key not in found or (found[key].format is None and item.format is not None):
                found[key] = item
    return list(found.values())


def targets(found: Sequence[Found]) -> list[Target]:
    """The files to check."""
    return [Target(item.path, item.format) for item in found if item.format is not None]


def _named(path: str, configurations: Configurations) -> Found:
    """A file that is named on the command line."""
    if not os.path.exists(path):
        message = f"{path}: a link that leads nowhere, or in a circle"
        raise UnreadableError(message)
    if not os.path.isfile(path):
        message = f"{path}: not a regular file"
        raise UnreadableError(message)
    return _of_known_kind(path, configurations)


def _of_known_kind(path: str, configurations: Configurations) -> Found:
    """A named file with its format, which its name or the configuration must tell."""
    form = _format(path, configurations)
    if form is None and path.lower().endswith((".txt", ".in", ".pip")):
        form = FORMATS["requirements.txt"]
        return Found(path, form, "named, and read as pip reads any file after -r")
    if form is None:
        message = (
            f"{path}: not a kind of file that reqlint knows; if it is one under another name, "
            "say so with `extend-include` in the configuration"
        )
        raise UnreadableError(message)
    return Found(path, form, "named")


def _format(path: str, configurations: Configurations) -> Format | None:
    """The format of a path: by ``extend-include``, else by its name."""
    configuration = configurations.of(path)
    for pattern, name in configuration.extend_include.items():
        if matches(pattern, path, configuration.directory):
            return FORMATS[name]
    return format_of(os.path.abspath(path).replace(os.sep, "/"))


def _walk(top: str, configurations: Configurations) -> Iterator[Found]:
    """The manifests below a directory, in sorted order, links to directories not followed."""
    problems: list[OSError] = []
    candidates: list[Found] = []
    for directory, folders, names in os.walk(top, onerror=problems.append):
        if problems:
            break
        folders[:] = sorted(folder for folder in folders if not _is_skipped(directory, folder))
        for name in sorted(names):
            path = os.path.join(directory, name)
            if top == os.curdir:
                path = os.path.relpath(path, top)
            form = _format(path, configurations)
            if form is not None and os.path.isfile(path):
                candidates.append(Found(path, form, f"by its name, {form.name}"))
    if problems:
        path = problems[0].filename or top
        message = f"{path}: cannot be read: {(problems[0].strerror or '').lower()}"
        raise UnreadableError(message)
    ignored = _ignored_by_git(top, [item.path for item in candidates])
    for item in candidates:
        configuration = configurations.of(item.path)
        if item.path in ignored:
            yield Found(item.path, None, "git ignores it")
        elif any(
            matches(pattern, item.path, configuration.directory) and not matches(pattern, top, configuration.directory)
            for pattern in configuration.exclude
        ):
            yield Found(item.path, None, "`exclude` in the configuration")
        else:
            yield item


def _is_skipped(directory: str, folder: str) -> bool:
    """Whether a folder is left out: a cache, a build folder, or an environment by its marker files."""
    if folder in SKIPPED or folder.endswith(".egg-info"):
        return True
    path = os.path.join(directory, folder)
    return os.path.exists(os.path.join(path, "pyvenv.cfg")) or os.path.isdir(os.path.join(path, "conda-meta"))


def _ignored_by_git(top: str, paths: list[str]) -> set[str]:
    """Those of the paths that git ignores; none where there is no git or no repository."""
    directory = os.path.abspath(top)
    while not os.path.exists(os.path.join(directory, ".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return set()
        directory = parent
    if not paths:
        return set()
    import subprocess

    by_absolute = {os.path.realpath(path): path for path in paths}
    try:
        result = subprocess.run(
            ["git", "-C", directory, "check-ignore", "-z", "--stdin"],  # noqa: S607 - the user's own git
            input="\0".join(by_absolute).encode(errors="surrogateescape"),
            capture_output=True,
            check=False,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return set()
    ignored = result.stdout.decode(errors="surrogateescape").split("\0")
    return {by_absolute[path] for path in ignored if path in by_absolute}
