"""What a lock file says: which version of each package it fixes, from where, and under which conditions.

Only the words are here. Which files are locks is told by their names (``LOCK_FILES``), and each kind is read by a module of
``evidence``.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from reqlint.model import Dependency, Ecosystem

#: Kind of lock file -> the names that it goes by, the manifests that it may be made from, and the tool that makes it.
LOCK_FILES: dict[str, LockFile] = {}


class LockFile:
    """One kind of lock file.

    ``name``: what it is called, and the name of the module in ``evidence`` that reads it, with ``_`` for ``-`` and ``.``;
    ``pattern``: the file names it goes by; ``formats``: the formats of the manifests that it can be made from; ``tool``:
    what makes it, for messages; ``command``: what brings it up to date; ``mark``: a word that a pyproject.toml must have
    to be that tool's, "" for any.
    """

    __slots__ = ("command", "formats", "mark", "name", "pattern", "tool")

    def __init__(self, name: str, pattern: str, formats: tuple[str, ...], tool: str, command: str, mark: str) -> None:
        """Keep the parts."""
        self.name = name
        self.pattern = re.compile(pattern)
        self.formats = formats
        self.tool = tool
        self.command = command
        self.mark = mark


for _row in (
    LockFile("poetry.lock", r"poetry\.lock", ("pyproject.toml",), "Poetry", "poetry lock", "poetry"),
    LockFile("uv.lock", r"uv\.lock", ("pyproject.toml",), "uv", "uv lock", ""),
    LockFile("pdm.lock", r"pdm(?:\..+)?\.lock", ("pyproject.toml",), "PDM", "pdm lock", "pdm"),
    LockFile("Pipfile.lock", r"Pipfile\.lock", ("Pipfile",), "pipenv", "pipenv lock", ""),
    LockFile(
        "pylock.toml",
        r"pylock(?:\.[^.]+)?\.toml",
        ("pyproject.toml", "Pipfile", "requirements.txt"),
        "pip",
        "pip lock",
        "",
    ),
    LockFile(
        "conda-lock.yml",
        r"(?:.*[-_.])?conda-lock\.ya?ml",
        ("environment.yml", "pyproject.toml"),
        "conda-lock",
        "conda-lock",
        "conda-lock",
    ),
    LockFile("pixi.lock", r"pixi\.lock", ("pixi.toml", "pyproject.toml"), "pixi", "pixi lock", "pixi"),
    LockFile(
        "explicit.lock",
        r"conda-(?:linux|osx|win)[-\w]*\.lock",
        ("environment.yml",),
        "conda-lock",
        "conda-lock --kind explicit",
        "",
    ),
):
    LOCK_FILES[_row.name] = _row


def lock_file(name: str) -> LockFile | None:
    """The kind of lock that a file name (without its folder) tells; None when it is none."""
    return next((kind for kind in LOCK_FILES.values() if kind.pattern.fullmatch(name)), None)


class Locked:
    """One version of one package in a lock.

    ``name``: normalized for PyPI, in lower case for conda; ``version``: as the lock writes it, without operator; None for
    what has none (a folder, a repository without a recorded version); ``marker``: the environments it is meant for, as a
    marker, None for all; ``platform``: conda's subdirectory (``linux-64``), None for any; ``url`` and ``commit``: where it
    comes from when that is no index or channel: the whole commit of a repository; ``direct``: whether it comes from a URL,
    a repository or a folder; ``hashes``: as ``sha256:…``; ``build`` and ``channel``: conda's; ``groups``: the extras and
    groups that bring it in, None when the lock does not tell.
    """

    __slots__ = (
        "build",
        "channel",
        "commit",
        "direct",
        "ecosystem",
        "groups",
        "hashes",
        "marker",
        "name",
        "platform",
        "url",
        "version",
    )

    def __init__(
        self,
        name: str,
        version: str | None,
        *,
        ecosystem: Ecosystem = "pypi",
        marker: str | None = None,
        platform: str | None = None,
        url: str | None = None,
        commit: str | None = None,
        direct: bool = False,
        hashes: tuple[str, ...] = (),
        build: str | None = None,
        channel: str | None = None,
        groups: frozenset[str] | None = None,
    ) -> None:
        """Keep the parts."""
        self.name = name
        self.version = version
        self.ecosystem: Ecosystem = ecosystem
        self.marker = marker
        self.platform = platform
        self.url = url
        self.commit = commit
        self.direct = direct
        self.hashes = hashes
        self.build = build
        self.channel = channel
        self.groups = groups

    def __repr__(self) -> str:
        """Name and version only: a URL may hold a secret."""
        return f"<Locked {self.name} {self.version}>"


class Lock:
    """A lock file that was read.

    ``path``: where it is; ``kind``: of its name (a key of ``LOCK_FILES``), or ``compiled`` for a requirements file that a
    tool made; ``tool`` and ``command``: for messages; ``fingerprint``: the hash of the manifest that it records, with
    ``generator``, the version of the tool that wrote it, None where it tells neither; ``sources``: the files that it was
    made from, relative to its folder with ``/``, None when it does not tell (then it belongs to what lies beside it);
    ``folders``: those of the projects that it locks, relative and with ``/``, "." for its own; ``groups``: the extras and
    dependency groups that were locked, None for all there are; ``fault``: why it cannot be read, None when it can.
    """

    __slots__ = (
        "_by_name",
        "command",
        "fault",
        "fingerprint",
        "folders",
        "generator",
        "groups",
        "kind",
        "packages",
        "path",
        "sources",
        "tool",
    )

    def __init__(self, path: str, kind: str, tool: str, command: str) -> None:
        """Start empty; a reader fills it in."""
        self.path = path
        self.kind = kind
        self.tool = tool
        self.command = command
        self.packages: list[Locked] = []
        self.fingerprint: str | None = None
        self.generator: str | None = None
        self.sources: tuple[str, ...] | None = None
        self.folders: Collection[str] = (".",)
        self.groups: frozenset[str] | None = None
        self.fault: str | None = None
        self._by_name: dict[tuple[str, str], list[Locked]] | None = None

    @property
    def is_of_any_tool(self) -> bool:
        """Whether any tool may have made it, so that one that lacks a dependency may be another project's."""
        return self.kind in ("pylock.toml", "explicit.lock")

    def of(self, dependency: Dependency) -> list[Locked]:
        """All that the lock holds for the package of a dependency; conda's packages for conda's dependencies only."""
        if self._by_name is None:
            self._by_name = {}
            for package in self.packages:
                self._by_name.setdefault((package.ecosystem, package.name), []).append(package)
        name = dependency.name or ""
        if dependency.ecosystem == "conda":
            name = name.lower()
        return self._by_name.get((dependency.ecosystem, name), [])

    def __repr__(self) -> str:
        """Name the file."""
        return f"<Lock {self.path}>"
