"""Where bytes come from and go to: the disk, or memory laid over it.

Nothing below the command line opens a path by itself; it asks one of these.
"""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    class Files(Protocol):
        """What reqlint needs of a place that holds files. Paths are native paths, absolute or relative to the cwd."""

        def read(self, path: str) -> bytes:
            """Whole content; raises OSError (FileNotFoundError, PermissionError, ...)."""

        def write(self, path: str, data: bytes, expected: bytes) -> None:
            """Replace the content ``expected`` by ``data``, wholly or not at all; raises OSError."""

        def is_file(self, path: str) -> bool:
            """Whether a regular file (or a link to one) is there."""

        def is_directory(self, path: str) -> bool:
            """Whether a directory (or a link to one) is there."""

        def names(self, path: str) -> list[str]:
            """Sorted names in a directory; an empty list when it cannot be read."""


class ChangedMeanwhileError(OSError):
    """The file is no longer what was read: somebody else wrote it, so it is left alone."""


class Disk:
    """The file system."""

    def read(self, path: str) -> bytes:
        """Whole content; raises OSError."""
        with open(path, "rb") as file:
            return file.read()

    def is_file(self, path: str) -> bool:
        """Whether a regular file (or a link to one) is there."""
        return os.path.isfile(path)

    def is_directory(self, path: str) -> bool:
        """Whether a directory (or a link to one) is there."""
        return os.path.isdir(path)

    def names(self, path: str) -> list[str]:
        """Sorted names in a directory; an empty list when it cannot be read."""
        try:
            return sorted(os.listdir(path))
        except OSError:
            return []

    def write(self, path: str, data: bytes, expected: bytes) -> None:
        """Write beside the file, then rename over it, so that a reader sees the old bytes or the new, never a part.

        A symbolic link is followed, and a hard link cut: other names of the file keep the old content, so that a backup stays
        one. The mode (and, where allowed, the owner) is kept. Raises ChangedMeanwhileError when the file is not
        ``expected`` any more, PermissionError when it is read-only (to anybody: root is no exception), OSError when
        the disk refuses. Whatever error there is, no temporary file stays behind.
        """
        target = os.path.realpath(path)
        status = os.stat(target)
        if not status.st_mode & 0o222 or not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "the file is read-only", path)
        temporary = _beside(target)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if hasattr(os, "chown"):
                try:
                    os.chown(temporary, status.st_uid, status.st_gid)
                except OSError:  # somebody else's file in our directory: it becomes ours, as with any editor
                    pass
            os.chmod(temporary, status.st_mode & 0o7777)
            if self.read(target) != expected:
                raise ChangedMeanwhileError(None, "another program changed it meanwhile; run again", path)
            os.replace(temporary, target)
        except BaseException:
            _remove(temporary)
            raise


def _beside(target: str) -> str:
    """A path in the same folder that nobody uses; as short as can be, since the target's name may be as long as may be."""
    return os.path.join(os.path.dirname(target), f".reqlint-{os.urandom(8).hex()}.tmp")


def _remove(path: str) -> None:
    """Delete a file of ours, if it is there."""
    try:
        os.unlink(path)
    except OSError:
        pass


class Memory:
    """Texts held in memory (standard input, an editor's buffer, a test), laid over another place when one is given."""

    def __init__(self, contents: Mapping[str, bytes], below: Files | None = None) -> None:
        """``contents``: path to bytes, where equal absolute paths are one file; ``below``: what is asked for all others."""
        self.contents = {os.path.abspath(path): data for path, data in contents.items()}
        self.below = below

    def read(self, path: str) -> bytes:
        """Whole content; raises OSError."""
        data = self.contents.get(os.path.abspath(path))
        if data is not None:
            return data
        if self.below is not None:
            return self.below.read(path)
        raise FileNotFoundError(errno.ENOENT, "no such file", path)

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""
        return os.path.abspath(path) in self.contents or (self.below is not None and self.below.is_file(path))

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there: one that holds a file, or one of the place below."""
        prefix = os.path.join(os.path.abspath(path), "")
        held = any(name.startswith(prefix) for name in self.contents)
        return held or (self.below is not None and self.below.is_directory(path))

    def names(self, path: str) -> list[str]:
        """Sorted names in a directory."""
        prefix = os.path.join(os.path.abspath(path), "")
        held = {name[len(prefix) :].split(os.sep)[0] for name in self.contents if name.startswith(prefix)}
        return sorted(held.union(self.below.names(path) if self.below is not None else ()))

    def write(self, path: str, data: bytes, expected: bytes) -> None:
        """Replace the content; what is below is never written."""
        if self.read(path) != expected:
            raise ChangedMeanwhileError(None, "it changed meanwhile; run again", path)
        self.contents[os.path.abspath(path)] = data


def write_new(path: str, data: bytes) -> None:
    """Write a file of our own (a report): beside its place first, then renamed, so that nobody reads a part of it.

    Raises OSError.
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "wb") as device:  # /dev/stdout, a named pipe
            device.write(data)
        return
    temporary = _beside(target)
    try:
        with open(temporary, "wb") as file:
            file.write(data)
        os.replace(temporary, target)
    except BaseException:
        _remove(temporary)
        raise


def append(path: str, data: Callable[[int], bytes]) -> None:
    """Write at the end of a file what ``data`` makes of its size; raises OSError."""
    with open(path, "ab") as file:
        file.write(data(file.tell()))
