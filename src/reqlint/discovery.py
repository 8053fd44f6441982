"""From paths to the files to check: directories are walked, names decide what is a manifest, and git what is left out."""

from __future__ import annotations

import os

from reqlint.config import FILE_NAMES, matches
from reqlint.formats import FORMATS, format_of
from reqlint.linter import Target, UnreadableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from reqlint.config import Configuration, Configurations
    from reqlint.formats import Format
    from reqlint.linter import Linter
    from reqlint.model import Manifest, Role

#: Folders of other programs, which nobody looks for manifests in; nothing is said of them.
_SILENT = frozenset(".git .hg .svn .bzr .mypy_cache .pytest_cache .ruff_cache __pycache__".split())
#: Folders that never hold a project's own manifests, with what they are.
_FOREIGN = {
    **dict.fromkeys((".venv", "venv", ".tox", ".nox", ".direnv", ".pixi", ".conda"), "environments"),
    **dict.fromkeys(("site-packages", "__pypackages__", "node_modules", ".eggs"), "installed packages"),
}
#: Folders that are most often written by a build, but not where git tracks files in them.
_BUILT = frozenset(("build", "dist", "_build"))
#: Folders that hold copies of other people's projects, each in a folder of its own. What lies directly in them is the
#: project's: the list of what was copied, or, with Bazel, of all requirements.
_VENDORED = frozenset("vendor vendored _vendor third_party third-party thirdparty".split())
#: Folders in those that only say which kind of packages it is about.
_OF_VENDORED = frozenset(("python", "python3", "py", "pip"))

SKIPPED = frozenset((*_SILENT, *_FOREIGN, *_BUILT))


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
            walk = _Walk(path, configurations)
            items.extend(walk.files())
            faults += walk.faults
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
            if (items := [item for of, item in candidates.values() if of == top])
            for verdict in map(_Walk(top, linter.configurations).verdict, items)
            if verdict is not None
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
    for include in manifest.named_files:
        path = linter.project.target(manifest, include)
        if path is None or not linter.files.is_file(path):
            continue
        for top in tops:
            below = os.path.relpath(os.path.abspath(path), os.path.abspath(top))
            if os.path.isabs(below) or os.pardir in below.split(os.sep):
                continue
            form = _format(path, linter.configurations) or FORMATS[include.format or "requirements.txt"]
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


def _format(path: str, configurations: Configurations) -> Format | None:
    """The format of a file that is named or included: by ``extend-include``, else by its name and those of its folders."""
    folder, name = os.path.split(os.path.abspath(path))
    return _format_in(folder, name, folder.replace(os.sep, "/") + "/", configurations.of(path))


def _format_in(folder: str, name: str, seen: str, configuration: Configuration) -> Format | None:
    """The format of a file in a folder; ``seen``: the names of folders that count, with a ``/`` at the end."""
    for pattern, form in configuration.extend_include.items():
        if matches(pattern, os.path.join(folder, name), configuration.directory):
            return FORMATS[form]
    return format_of(seen + name)


def _base(top: str) -> str:
    """Where the folders begin whose names count: the root of the repository, else the folder that holds ``top``."""
    directory = os.path.abspath(top)
    while not os.path.exists(os.path.join(directory, ".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return os.path.dirname(os.path.abspath(top))
        directory = parent
    return directory


class _Git:
    """What git says of the files below a directory: which it ignores, and which it tracks in folders of builds."""

    def __init__(self, top: str) -> None:
        """Ask about the repository that ``top`` lies in; others below are told of by ``enter``."""
        from reqlint.worktree import WorkingTrees

        self._ignored: set[str] = set()
        self._tracked: dict[str, set[str]] = {}
        self._homes: list[str] = []
        real = os.path.realpath(top)
        home = WorkingTrees().around(real)
        if home is not None and (home == real or not _is_ignored(home, real)):
            self.enter(top)

    def enter(self, directory: str) -> None:
        """Ask about the repository whose working tree begins at a directory, or which that directory lies in."""
        from reqlint.worktree import GitError, ask, names

        self._homes.append(directory)
        try:
            answer = ask(directory, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")
        except GitError:
            return
        self._ignored.update(_below(directory, _native(name)) for name in names(answer))

    def ignores(self, path: str) -> bool:
        """Whether git ignores a file or a whole folder; of what lies in an ignored folder, nothing is said."""
        return path in self._ignored

    def tracks(self, folder: str) -> bool:
        """Whether git tracks anything in a folder of builds; it is asked for the first one of a repository."""
        from reqlint.worktree import GitError, ask, names

        home = next((home for home in reversed(self._homes) if home == os.curdir or _is_below(folder, home)), None)
        if home is None:
            return False
        if home not in self._tracked:
            try:
                answer = names(ask(home, "ls-files", "--cached", "-z"))
            except GitError:
                answer = iter(())
            self._tracked[home] = {_below(home, _native(each)) for name in answer for each in _folders_of_builds(name)}
        return folder in self._tracked[home]


def _folders_of_builds(name: str) -> Iterator[str]:
    """The folders of builds that a path with forward slashes leads through."""
    parts = name.split("/")
    for number, part in enumerate(parts[:-1], 1):
        if part in _BUILT:
            yield "/".join(parts[:number])


def _is_ignored(home: str, path: str) -> bool:
    """Whether a repository ignores a path."""
    from reqlint.worktree import GitError, ask

    try:
        return bool(ask(home, "check-ignore", "-z", "--stdin", given=[path]))
    except GitError:
        return False


def _native(name: str) -> str:
    """A path of git's as the system writes it, without the ``/`` at the end of a folder's."""
    return name.rstrip("/").replace("/", os.sep)


def _below(directory: str, name: str) -> str:
    """The path of a name below a directory, as the walk writes it."""
    return name if directory == os.curdir else os.path.join(directory, name)


def _is_below(path: str, directory: str) -> bool:
    return path.startswith(os.path.join(directory, ""))


class _Folder:
    """One folder on the way of a walk.

    ``seen``: its path with which the names of formats are compared, with a ``/`` at its end; ``configuration``: that of the
    folder around it; ``vendored``: whether the folders in it are other people's, ``own``: whether it is not so itself.
    """

    __slots__ = ("configuration", "name", "own", "path", "seen", "vendored")

    def __init__(
        self, path: str, seen: str, configuration: Configuration, *, own: bool = True, vendored: bool = False
    ) -> None:
        """Keep the parts."""
        self.path = path
        self.name = os.path.basename(path)
        self.seen = seen
        self.configuration = configuration
        self.own = own
        self.vendored = vendored

    def inner(self, name: str) -> _Folder:
        """A folder in this one."""
        own = not self.vendored or name in _OF_VENDORED
        vendored = self.vendored or name in _VENDORED
        return _Folder(_below(self.path, name), f"{self.seen}{name}/", self.configuration, own=own, vendored=vendored)


class _Walk:
    """One walk through all folders below a directory, in the order of the names; links to directories are not followed."""

    def __init__(self, top: str, configurations: Configurations) -> None:
        """``top``: the directory, about which git is asked at once."""
        self.faults: list[str] = []
        self._top = top
        self._configurations = configurations
        self._git = _Git(top)
        above = os.path.join(os.path.abspath(top), "").removeprefix(os.path.join(_base(top), ""))
        self._start = _Folder(top, above.replace(os.sep, "/"), configurations.of_directory(top))

    def files(self) -> Iterator[Found]:
        """The manifests, and the files and folders that are left out; what cannot be read is told to ``faults``."""
        pending = [self._start]
        while pending:
            folder = pending.pop()
            if folder.name in _SILENT and folder is not self._start:
                continue
            reason = self._reason(folder)
            entries = self._entries(folder) if reason is None else []
            here = {entry.name for entry in entries}
            reason = reason or _by_its_content(here, inner=folder is not self._start)
            if reason is not None:
                yield Found(folder.path, None, reason)
                continue
            if folder is not self._start:
                self._enter(folder, here)
            inner = []
            for entry in entries:
                if _is_folder(entry):
                    inner.append(folder.inner(entry.name))
                else:
                    yield from self._file(folder, entry.name)
            pending += reversed(inner)

    def verdict(self, item: Found) -> Found | None:
        """An included file below the directory as it is, or left out; None where nothing is said of it."""
        *folders, name = os.path.relpath(os.path.abspath(item.path), os.path.abspath(self._top)).split(os.sep)
        folder = self._start
        for each in folders:
            folder = folder.inner(each)
            reason = self._reason(folder)
            if each in _SILENT or (reason is not None and each in SKIPPED):
                return None
            if reason is not None:
                return Found(item.path, None, reason)
            self._enter(
                folder, {each for each in (".git", *FILE_NAMES) if os.path.exists(os.path.join(folder.path, each))}
            )
        reason = self._reason_of_file(_below(folder.path, name), folder)
        return item if reason is None else Found(item.path, None, reason)

    def _entries(self, folder: _Folder) -> list[os.DirEntry[str]]:
        """What is in a folder, in the order of the names."""
        try:
            with os.scandir(folder.path) as listing:
                return sorted(listing, key=lambda entry: entry.name)
        except FileNotFoundError:  # it has just been deleted
            return []
        except OSError as error:
            self.faults.append(f"{folder.path}: cannot be read: {_reason(error)}")
            return []

    def _enter(self, folder: _Folder, here: Collection[str]) -> None:
        """Note what in a folder counts for all below it: a repository of its own, a configuration."""
        if ".git" in here:
            self._git.enter(folder.path)
        if any(name in here for name in FILE_NAMES):
            folder.configuration = self._configurations.of_directory(folder.path)

    def _reason(self, folder: _Folder) -> str | None:
        """Why a folder is left out; None when it is not."""
        if folder is self._start:
            return None
        name = folder.name
        if not folder.own:
            return "a vendored tree"
        if name in _FOREIGN:
            return f"a folder of {_FOREIGN[name]}"
        if name.endswith(".egg-info"):
            return "a folder of builds"
        if self._git.ignores(folder.path):
            return "git ignores it"
        if name in _BUILT and not self._git.tracks(folder.path):
            return "a folder of builds"
        return self._exclusion(folder.path, folder.configuration)

    def _file(self, folder: _Folder, name: str) -> Iterator[Found]:
        """A manifest, or why it is left out; nothing when it is none."""
        form = _format_in(folder.path, name, folder.seen, folder.configuration)
        path = _below(folder.path, name) if form is not None else ""
        if form is None or not os.path.isfile(path):
            return
        reason = self._reason_of_file(path, folder)
        if not form.signs:
            yield Found(path, form, f"by its name, {form.name}") if reason is None else Found(path, None, reason)
        elif reason is None and _has_a_sign(path, form):  # else nothing is said: its name is anyone's
            yield Found(path, form, f"by its content, {form.name}")

    def _reason_of_file(self, path: str, folder: _Folder) -> str | None:
        """Why a file of a folder that is not left out is; None when it is not."""
        return "git ignores it" if self._git.ignores(path) else self._exclusion(path, folder.configuration)

    def _exclusion(self, path: str, configuration: Configuration) -> str | None:
        """Whether the configuration excludes a path below the directory, but not that directory itself."""
        excluded = any(
            matches(pattern, path, configuration.directory) and not matches(pattern, self._top, configuration.directory)
            for pattern in configuration.exclude
        )
        return "`exclude` in the configuration" if excluded else None


def _has_a_sign(path: str, form: Format) -> bool:
    """Whether a file can be read and has what every file of a format has in it."""
    try:
        with open(path, "rb") as file:
            return form.may_be(file.read())
    except OSError:
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder and no link to one."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _by_its_content(here: set[str], *, inner: bool) -> str | None:
    """Why a folder with these names in it is left out; None when it is not."""
    if inner and "pyvenv.cfg" in here:
        return "a virtual environment"
    if inner and "conda-meta" in here:
        return "a conda environment"
    return "a bare repository" if here.issuperset(("HEAD", "config", "objects", "refs")) else None
