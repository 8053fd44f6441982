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
    from reqlint.linter import Linter
    from reqlint.model import Manifest, Role

#: Folders that never hold a project's own manifests.
SKIPPED = frozenset(
    ".git .hg .svn .bzr .tox .nox .venv venv .eggs .direnv .pixi .conda .mypy_cache .pytest_cache .ruff_cache __pycache__ "
    "node_modules site-packages __pypackages__ build dist _build".split()
)


class Found:
    """One file that discovery looked at: ``format`` is None, with the ``reason``, when it is left out.

    ``role``: what the file that includes it makes of it; None when its own name tells its role.
    """

    __slots__ = ("format", "path", "reason", "role")

    def __init__(self, path: str, form: Format | None, reason: str, role: Role | None = None) -> None:
        """Keep the verdict."""
        self.path = path
        self.format = form
        self.reason = reason
        self.role = role


def discover(
    paths: Sequence[str], configurations: Configurations, unreadable: list[str] | None = None, *, exist: bool = True
) -> list[Found]:
    """All manifests that the paths come to, each once, with those that are left out and why.

    A file that is named is always read; with ``exist`` false it need not be on the disk (standard input has only a name).
    What is not there, cannot be read, or is named and of no known kind is told to ``unreadable``; without such a list,
    raises UnreadableError.
    """
    found: dict[str, Found] = {}
    faults: list[str] = []
    for path in paths:
        items: list[Found] = []
        if exist and os.path.isdir(path):
            items.extend(_walk(path, configurations, faults))
        else:
            try:
                items.append(_named(path, configurations, exist=exist))
            except UnreadableError as error:
                faults.append(str(error))
        for item in items:
            key = os.path.realpath(item.path) if exist else item.path  # a link and its target are one file
            if key not in found or (found[key].format is None and item.format is not None):
                found[key] = item
    if faults and unreadable is None:
        raise UnreadableError(faults[0])
    if unreadable is not None:
        unreadable += faults
    return list(found.values())


def targets(found: Iterable[Found]) -> list[Target]:
    """The files to check."""
    return [Target(item.path, item.format, item.role) for item in found if item.format is not None]


def load(
    linter: Linter,
    found: list[Found],
    paths: Sequence[str],
    unreadable: list[str] | None = None,
) -> list[Manifest]:
    """Read the files to check, and what they include below the directories among ``paths``, which is added to ``found``.

    So a file is checked that only ``-r deps/common.list`` tells to be a manifest; one elsewhere belongs to somebody else.
    """
    manifests = linter.load(targets(found), unreadable)
    tops = [path for path in paths if os.path.isdir(path)]
    known = {os.path.realpath(item.path) for item in found} if tops else set()
    fresh = manifests if tops else []
    while fresh:
        candidates: dict[str, tuple[str, Found]] = {}
        for manifest in fresh:
            for item, top in _included(linter, manifest, tops):
                key = os.path.realpath(item.path)
                if key not in known:
                    candidates.setdefault(key, (top, item))
        known.update(candidates)
        added = [
            verdict
            for top in tops
            for verdict in _verdicts(
                top, [item for of, item in candidates.values() if of == top], linter.configurations
            )
        ]
        found += added
        fresh = linter.load(targets(added), unreadable)
        manifests += fresh
    # Of files whose name says next to nothing, those that declare nothing are not even worth a word.
    strangers = {manifest.path for manifest in manifests if manifest.foreign}
    found[:] = [
        item for item in found if item.path not in strangers or (item.format is not None and not item.format.signs)
    ]
    return [manifest for manifest in manifests if not manifest.foreign]


def _included(linter: Linter, manifest: Manifest, tops: Sequence[str]) -> Iterator[tuple[Found, str]]:
    """The files that a manifest includes, each with the directory that it lies below."""
    for include in manifest.includes:
        path = linter.project.target(manifest, include)
        if path is None or not linter.files.is_file(path):
            continue
        for top in tops:
            below = os.path.relpath(os.path.abspath(path), os.path.abspath(top))
            folders = below.split(os.sep)[:-1]
            if os.path.isabs(below) or os.pardir in folders or any(folder in SKIPPED for folder in folders):
                continue
            form = _format(path, linter.configurations) or FORMATS["requirements.txt"]
            role: Role | None = "constraint" if include.kind == "constraint" else manifest.role
            named = format_of(path) is not None
            yield Found(path, form, f"{os.path.basename(manifest.path)} includes it", None if named else role), top
            break


def _named(path: str, configurations: Configurations, *, exist: bool) -> Found:
    """A file that is named on the command line, with its format, which its name or the configuration must tell."""
    if exist:
        try:
            os.stat(path)
        except (OSError, ValueError) as error:
            reason = "a link that leads nowhere, or in a circle" if os.path.islink(path) else _reason(error)
            message = f"{path}: {reason}"
            raise UnreadableError(message) from None
        if not os.path.isfile(path):
            message = f"{path}: not a regular file; pipe its content in, with `-` for the path and --stdin-filename"
            raise UnreadableError(message)
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


def _reason(error: Exception) -> str:
    """What the system says, as the end of a sentence."""
    return str(getattr(error, "strerror", None) or error).lower()


def _format(path: str, configurations: Configurations, base: str = os.sep) -> Format | None:
    """The format of a path: by ``extend-include``, else by its name and those of its folders below ``base``."""
    configuration = configurations.of(path)
    for pattern, name in configuration.extend_include.items():
        if matches(pattern, path, configuration.directory):
            return FORMATS[name]
    absolute, base = os.path.abspath(path), os.path.join(base, "")
    return format_of(absolute.removeprefix(base))


def _base(top: str) -> str:
    """Where the folders begin whose names count: the root of the repository, else the folder that holds ``top``."""
    directory = os.path.abspath(top)
    while not os.path.exists(os.path.join(directory, ".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return os.path.dirname(os.path.abspath(top))
        directory = parent
    return directory


def _walk(top: str, configurations: Configurations, faults: list[str]) -> Iterator[Found]:
    """The manifests below a directory, in sorted order, links to directories not followed."""
    problems: list[OSError] = []
    candidates: list[Found] = []
    base = _base(top)
    for directory, folders, names in os.walk(top, onerror=problems.append):
        here = os.path.relpath(directory, top) if top == os.curdir else directory
        kept = []
        for folder in sorted(folders):
            path = folder if here == os.curdir else os.path.join(here, folder)
            if _is_skipped(os.path.join(directory, folder)) or os.path.islink(os.path.join(directory, folder)):
                continue
            if _is_excluded(path, top, configurations):
                yield Found(path, None, "`exclude` in the configuration")
            else:
                kept.append(folder)
        folders[:] = kept
        for name in sorted(names):
            path = name if here == os.curdir else os.path.join(here, name)
            form = _format(path, configurations, base)
            if form is not None and os.path.isfile(path):
                candidates.append(Found(path, form, f"by its name, {form.name}"))
    faults += [f"{problem.filename or top}: cannot be read: {_reason(problem)}" for problem in problems]
    yield from _verdicts(top, candidates, configurations)


def _is_excluded(path: str, top: str, configurations: Configurations) -> bool:
    """Whether the configuration excludes a path below a directory, but not that directory itself."""
    configuration = configurations.of(path)
    return any(
        matches(pattern, path, configuration.directory) and not matches(pattern, top, configuration.directory)
        for pattern in configuration.exclude
    )


def _verdicts(top: str, candidates: list[Found], configurations: Configurations) -> Iterator[Found]:
    """The same files, those that git ignores or the configuration excludes without a format."""
    ignored = _ignored_by_git(top, [item.path for item in candidates])
    for item in candidates:
        if item.path in ignored:
            yield Found(item.path, None, "git ignores it")
        elif _is_excluded(item.path, top, configurations):
            yield Found(item.path, None, "`exclude` in the configuration")
        else:
            yield item


def _is_skipped(path: str) -> bool:
    """Whether a folder is left out: a cache, a build folder, or an environment by its marker files."""
    folder = os.path.basename(path)
    if folder in SKIPPED or folder.endswith(".egg-info"):
        return True
    return os.path.exists(os.path.join(path, "pyvenv.cfg")) or os.path.isdir(os.path.join(path, "conda-meta"))


def _ignored_by_git(top: str, paths: list[str]) -> set[str]:
    """Those of the paths that git ignores; none where there is no git or no repository, or where ``top`` itself is ignored.

    Each repository is asked about its own files: git refuses to speak of what lies in another one within it.
    """
    real_top = os.path.realpath(top)
    real = {
        path: os.path.join(os.path.realpath(os.path.dirname(path) or os.curdir), os.path.basename(path))
        for path in paths
    }
    known: dict[str, str | None] = {}
    questions: dict[str, set[str]] = {}
    for place in real.values():
        asked = place
        while (repository := _repository(os.path.dirname(asked), known)) is not None:
            questions.setdefault(repository, set()).add(asked)
            if not repository.startswith(os.path.join(real_top, "")):
                break
            asked = repository  # which the one around it may ignore as a whole
    own = _repository(real_top, known)
    if own in questions and own != real_top:
        questions[own].add(real_top)
    ignored: set[str] = set()
    for repository, places in questions.items():
        answer = _check_ignore(repository, sorted(places))
        if real_top not in answer:
            ignored |= answer
    folders = tuple(os.path.join(place, "") for place in ignored if place in questions)
    return {path for path, place in real.items() if place in ignored or place.startswith(folders)}


def _repository(directory: str, known: dict[str, str | None]) -> str | None:
    """The root of the repository that a directory lies in."""
    if directory not in known:
        parent = os.path.dirname(directory)
        if os.path.exists(os.path.join(directory, ".git")):
            known[directory] = directory
        else:
            known[directory] = None if parent == directory else _repository(parent, known)
    return known[directory]


def _check_ignore(repository: str, paths: list[str]) -> set[str]:
    """Those of the absolute paths that git ignores in a repository; none when git is not there or does not know."""
    import subprocess

    # A hook runs with variables that name the repository and the index of the commit: they are not for other repositories.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        result = subprocess.run(  # noqa: S603 - no shell, and paths come by standard input
            ["git", "-C", repository, "check-ignore", "-z", "--stdin"],  # noqa: S607 - the user's own git
            input=b"\0".join(os.fsencode(path) for path in paths),
            capture_output=True,
            check=False,
            timeout=60,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired):
        return set()
    return {os.fsdecode(path) for path in result.stdout.split(b"\0") if path}
