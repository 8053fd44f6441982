"""What git's history says of a secret: since when it has been in a file, or that it was not committed yet.

All versions of the file that lead up to ``HEAD`` are read, under all names that it had (git's ``--follow``), on all branches
that were merged, and in the merges themselves. The secret is searched for in here: it is never given to git, neither as an
argument nor by the environment or a file. Nothing is fetched, not even in a partial clone. Sources: git's documentation of
``git-log``, ``git-cat-file`` and gitattributes.
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SECONDS = 20.0
_MOST_VERSIONS = 2000
_AT_ONCE = 64  # so many versions are held in memory together
_REGULAR = "100"  # how the mode of a file begins that is neither a link nor a submodule


class Commit:
    """One commit: ``hash``, abbreviated as git does it; ``authored``: when, in ISO 8601 with its time zone."""

    __slots__ = ("authored", "hash")

    def __init__(self, hash: str, authored: str) -> None:  # noqa: A002 - git's own word
        """Keep the parts."""
        self.hash = hash
        self.authored = authored

    @property
    def date(self) -> str:
        """The author's date alone: ``2026-01-14``."""
        return self.authored[:10]

    def __repr__(self) -> str:
        """Show both."""
        return f"<Commit {self.hash} {self.authored}>"


class Past:
    """Since when a secret has been in the history of a file.

    ``commit``: the oldest that has it, None when none has, so that it is not committed yet; ``whole``: whether that is for
    certain, all of the history being there to be read: if not, an older commit may have it too.
    """

    __slots__ = ("commit", "whole")

    def __init__(self, commit: Commit | None, *, whole: bool) -> None:
        """Keep the parts."""
        self.commit = commit
        self.whole = whole


class History:
    """Answers for the files of one run; the versions of a file are listed once, however many secrets it holds."""

    def __init__(self, seconds: float = _SECONDS, versions: int = _MOST_VERSIONS) -> None:
        """``seconds``: how long one question may take; ``versions``: how many of a file are read at most, newest first."""
        self._seconds = seconds
        self._most = versions
        self._files: dict[str, _File | None] = {}

    def since(self, path: str, secret: str) -> Past | None:
        """Since when a secret has been in a file's history; ``secret``: as it stands in the file.

        None when it cannot be told: there is no git, no repository, the file is not tracked (and never was with this
        secret), part of the history is not there and the rest does not have it, or git takes too long.
        """
        import time
        from subprocess import TimeoutExpired

        pattern = _pattern(secret)
        if pattern is None:
            return None
        deadline = time.monotonic() + self._seconds
        path = os.path.realpath(path)
        try:
            if path not in self._files:
                self._files[path] = _find(path, self._most, deadline)
            file = self._files[path]
            return file.since(pattern, deadline) if file is not None else None
        except (OSError, ValueError, TimeoutExpired):  # ValueError: what git never says
            return None


class _Change:
    """What a commit made of a file: its mode and its blob after it, and its names before and after.

    ``commit``: the whole hash; ``authored``: as in a Commit.
    """

    __slots__ = ("authored", "blob", "commit", "mode", "names")

    def __init__(self, commit: str, authored: str, mode: str, blob: str, names: Sequence[bytes]) -> None:
        self.commit = commit
        self.authored = authored
        self.mode = mode
        self.blob = blob
        self.names = names


class _File:
    """One file in a repository: ``path`` from its root ``top``, and its versions, the oldest first."""

    def __init__(self, top: str, path: bytes, versions: Sequence[_Change], *, whole: bool) -> None:
        self.top = top
        self.path = path
        self.versions = versions
        self.whole = whole

    def since(self, pattern: re.Pattern[bytes], deadline: float) -> Past | None:
        by_blob: dict[str, _Change] = {}
        for version in self.versions:
            by_blob.setdefault(version.blob, version)
        whole = self.whole
        for blob, content in _contents(self.top, list(by_blob), deadline):
            if content is None:
                whole = False
            elif _holds(content, pattern):
                return Past(self._commit(by_blob[blob], deadline), whole=whole)
        return Past(None, whole=True) if whole and self._shows_all(deadline) else None

    def _commit(self, version: _Change, deadline: float) -> Commit:
        """The commit of a version, its hash as short as the repository's size lets it be."""
        short = _git(self.top, ["rev-parse", "--short", version.commit], deadline) or b""
        return Commit(short.decode("ascii").strip() or version.commit, version.authored)

    def _shows_all(self, deadline: float) -> bool:
        """Whether the file is tracked, and kept as it is: not encrypted (git-crypt) or replaced by a pointer (LFS)."""
        if not _git(self.top, ["ls-files", "-z", "--", self.path], deadline):
            return False
        # Path, attribute and value, with a NUL behind each.
        answer = (_git(self.top, ["check-attr", "-z", "filter", "--", self.path], deadline) or b"").split(b"\0")
        return len(answer) > 2 and answer[2] in (b"unspecified", b"unset")


def _pattern(secret: str) -> re.Pattern[bytes] | None:
    """What finds a secret, not as a part of a longer word, in UTF-8 or Latin-1; None for one that cannot be searched for."""
    spelt = set()
    for encoding in ("utf-8", "latin-1"):
        try:
            spelt.add(re.escape(secret.encode(encoding, "surrogateescape")))
        except UnicodeEncodeError:
            continue
    if not secret or not spelt:
        return None
    before = rb"(?<![A-Za-z0-9])" if secret[0].isalnum() else b""
    after = rb"(?![A-Za-z0-9])" if secret[-1].isalnum() else b""
    return re.compile(before + b"(?:" + b"|".join(sorted(spelt)) + b")" + after)


def _holds(content: bytes, pattern: re.Pattern[bytes]) -> bool:
    """Whether a file's content has what is searched for."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", "replace").encode("utf-8", "replace")
    return pattern.search(content) is not None


def _git(directory: str, arguments: Sequence[str | bytes], deadline: float, text: bytes = b"") -> bytes | None:
    """What git prints; None when it fails. Raises OSError without git, TimeoutExpired when the time is up."""
    import subprocess
    import time

    # A hook runs with variables that name the repository and the index of the commit: they need not be of this file's.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    # Old objects of a partial clone would be fetched; `none` is no protocol.
    environment |= {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0"}
    fixed = ["--no-pager", "--literal-pathspecs", "--no-optional-locks", "-c", "log.showRoot=true"]
    result = subprocess.run(  # noqa: S603 - no shell
        ["git", "-C", directory, *fixed, *arguments],  # noqa: S607 - the user's own git
        input=text,
        capture_output=True,
        check=False,
        timeout=max(0.0, deadline - time.monotonic()),
        env=environment,
    )
    return result.stdout if result.returncode == 0 else None


def _find(path: str, most: int, deadline: float) -> _File | None:
    """A file's versions; None when it does not lie in a repository."""
    directory, name = os.path.split(path)
    answer = _git(directory, ["rev-parse", "--show-toplevel", "--show-prefix", "--is-shallow-repository"], deadline)
    if answer is None:
        return None
    top, prefix, shallow = os.fsdecode(answer).split("\n")[:3]
    tracked = os.fsencode(prefix + name)
    if _git(top, ["rev-parse", "--quiet", "--verify", "HEAD"], deadline) is None:
        return _File(top, tracked, (), whole=True)
    names = _names(top, tracked, deadline)
    listing = ["--no-renames", "--full-history", "-m", "--date-order", f"--max-count={most + 1}"]
    log = _log(top, [*listing, "--", *(names or [tracked])], deadline)
    if log is None:
        return None
    commits = list(dict.fromkeys(change.commit for change in log))
    newest = frozenset(commits[:most])
    versions = [item for item in reversed(log) if item.commit in newest and item.mode.startswith(_REGULAR)]
    whole = names is not None and shallow == "false" and len(commits) <= most
    return _File(top, tracked, versions, whole=whole)


def _names(top: str, path: bytes, deadline: float) -> list[bytes] | None:
    """All names that a file had, its own first; None when git cannot tell."""
    log = _log(top, ["--follow", "--", path], deadline)
    if log is None:
        return None
    return list(dict.fromkeys([path, *(name for change in log for name in change.names)]))


def _log(top: str, arguments: Sequence[str | bytes], deadline: float) -> list[_Change] | None:
    """The changes in a log, the newest first; None when git fails."""
    fixed = [
        "log",
        "--no-show-signature",
        "--no-abbrev",
        "--raw",
        "-z",
        "--format=%H %aI",
    ]
    answer = _git(top, [*fixed, *arguments], deadline)
    return list(_changes(answer.split(b"\0"))) if answer is not None else None


def _changes(fields: Iterable[bytes]) -> Iterator[_Change]:
    """Read a log: ``hash date`` for each commit, then ``:mode mode blob blob status`` and its path for each change.

    A rename and a copy have two paths. Raises ValueError for anything else.
    """
    rest = iter(fields)
    commit = authored = ""
    for field in rest:
        text = field.decode("ascii").strip("\n")
        if text.startswith(":"):
            _, mode, _, blob, status = text.split(" ")
            names = [next(rest, b"") for _ in range(2 if status[0] in "RC" else 1)]
            yield _Change(commit, authored, mode, blob, names)
        elif text:
            commit, authored = text.split(" ")


def _contents(top: str, blobs: Sequence[str], deadline: float) -> Iterator[tuple[str, bytes | None]]:
    """The content of each blob; None for one that is not there."""
    for start in range(0, len(blobs), _AT_ONCE):
        yield from _read(top, blobs[start : start + _AT_ONCE], deadline)


def _read(top: str, blobs: Sequence[str], deadline: float) -> Iterator[tuple[str, bytes | None]]:
    """The content of a few blobs, by one process."""
    import io

    answer = _git(top, ["cat-file", "--batch"], deadline, "".join(f"{blob}\n" for blob in blobs).encode("ascii"))
    if answer is None and len(blobs) > 1:
        # Before 2.44, git gives up at the first object of a partial clone that it may not fetch.
        for blob in blobs:
            yield from _read(top, [blob], deadline)
        return
    stream = io.BytesIO(answer or b"")
    for blob in blobs:
        # `<blob> blob <size>`, the content and a line end; or `<blob> missing`.
        head = stream.readline().split()
        yield blob, stream.read(int(head[2])) if len(head) == 3 else None
        if len(head) == 3:
            stream.readline()
