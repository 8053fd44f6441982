"""Writing to disk wholly or not at all, and memory laid over the disk."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reqlint.files import ChangedMeanwhileError, Disk, Memory, write_new

OLD, NEW = b"idna==3.6\n", b"idna==3.7\n"


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_bytes(OLD)
    return path


def test_write(manifest: Path) -> None:
    Disk().write(str(manifest), NEW, OLD)
    assert manifest.read_bytes() == NEW
    assert os.listdir(manifest.parent) == ["requirements.txt"]


def test_relative_path(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(manifest.parent)
    Disk().write("requirements.txt", NEW, OLD)
    assert manifest.read_bytes() == NEW


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o664, 0o755, 0o640])
def test_the_mode_is_kept(manifest: Path, mode: int) -> None:
    manifest.chmod(mode)
    Disk().write(str(manifest), NEW, OLD)
    assert manifest.stat().st_mode & 0o7777 == mode


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege on Windows")
def test_a_link_is_followed(manifest: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.txt"
    link.symlink_to("../requirements.txt")
    Disk().write(str(link), NEW, OLD)
    assert link.is_symlink()
    assert not manifest.is_symlink()
    assert manifest.read_bytes() == NEW
    assert os.listdir(link.parent) == ["link.txt"]


def test_a_read_only_file_is_left_alone(manifest: Path) -> None:
    manifest.chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        Disk().write(str(manifest), NEW, OLD)
    manifest.chmod(0o644)
    assert manifest.read_bytes() == OLD
    assert os.listdir(manifest.parent) == ["requirements.txt"]


def test_a_file_that_changed_meanwhile_is_left_alone(manifest: Path) -> None:
    manifest.write_bytes(b"# by somebody else\n")
    with pytest.raises(ChangedMeanwhileError):
        Disk().write(str(manifest), NEW, OLD)
    assert manifest.read_bytes() == b"# by somebody else\n"
    assert os.listdir(manifest.parent) == ["requirements.txt"]


def test_a_file_that_is_gone_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Disk().write(str(tmp_path / "requirements.txt"), NEW, OLD)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("function", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_nothing_is_left_behind_when_a_step_fails(
    manifest: Path, monkeypatch: pytest.MonkeyPatch, function: str, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(type(error)):
        Disk().write(str(manifest), NEW, OLD)
    monkeypatch.undo()
    assert manifest.read_bytes() == OLD
    assert os.listdir(manifest.parent) == ["requirements.txt"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def open_full(path: str, flags: int, mode: int = 0o777) -> int:
        return real("/dev/full", os.O_WRONLY) if flags & os.O_EXCL else real(path, flags, mode)

    monkeypatch.setattr(os, "open", open_full)
    with pytest.raises(OSError, match="No space left"):
        Disk().write(str(manifest), NEW, OLD)
    monkeypatch.undo()
    assert manifest.read_bytes() == OLD


@pytest.mark.skipif(os.name != "posix", reason="there is no such limit on Windows")
def test_a_name_as_long_as_may_be(tmp_path: Path) -> None:
    path = tmp_path / ("r" * 251 + ".txt")
    path.write_bytes(OLD)
    Disk().write(str(path), NEW, OLD)
    assert path.read_bytes() == NEW


_WRITER = """
import sys
from reqlint.files import Disk
path, size = sys.argv[1], int(sys.argv[2])
old, new = b"a" * size, b"b" * size
print("ready", flush=True)
while True:
    Disk().write(path, new, old)
    old, new = new, old
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_whoever_is_killed_leaves_the_old_or_the_new_content(tmp_path: Path) -> None:
    size = 300_000
    path = tmp_path / "requirements.txt"
    path.write_bytes(b"a" * size)
    for number in range(12):
        before = path.read_bytes()
        if before[:1] == b"b":
            path.write_bytes(b"a" * size)
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path), str(size)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.003 * number)
            process.send_signal(signal.SIGKILL)
        content = path.read_bytes()
        assert content in (b"a" * size, b"b" * size)


# Memory


def test_memory_knows_one_file_by_all_its_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    memory = Memory({"a/../requirements.txt": OLD})
    assert memory.read("requirements.txt") == OLD
    assert memory.read(str(tmp_path / "requirements.txt")) == OLD
    assert memory.is_file("./requirements.txt")
    memory.write("./requirements.txt", NEW, OLD)
    assert memory.read("a/../requirements.txt") == NEW


def test_memory_without_anything_below() -> None:
    memory = Memory({"project/sub/requirements.txt": OLD, "project/setup.py": b""})
    assert memory.is_directory("project")
    assert memory.is_directory("project/sub")
    assert not memory.is_directory("pro")
    assert not memory.is_file("project/sub")
    assert memory.names("project") == ["setup.py", "sub"]
    assert memory.names("project/sub") == ["requirements.txt"]
    with pytest.raises(FileNotFoundError):
        memory.read("project/constraints.txt")


def test_memory_lies_over_the_disk_and_never_writes_there(manifest: Path) -> None:
    other = manifest.with_name("other.txt")
    other.write_bytes(b"six\n")
    memory = Memory({str(manifest): NEW}, Disk())
    assert memory.read(str(manifest)) == NEW
    assert memory.read(str(other)) == b"six\n"
    assert memory.names(str(manifest.parent)) == ["other.txt", "requirements.txt"]
    assert memory.is_file(str(other))
    assert memory.is_directory(str(manifest.parent))
    memory.write(str(other), b"idna\n", b"six\n")
    assert memory.read(str(other)) == b"idna\n"
    assert other.read_bytes() == b"six\n"
    assert manifest.read_bytes() == OLD


def test_memory_refuses_what_changed_meanwhile() -> None:
    memory = Memory({"requirements.txt": NEW})
    with pytest.raises(ChangedMeanwhileError):
        memory.write("requirements.txt", b"", OLD)
    assert memory.read("requirements.txt") == NEW


# What the disk holds


def test_disk_asks(manifest: Path) -> None:
    disk = Disk()
    assert disk.read(str(manifest)) == OLD
    assert disk.is_file(str(manifest))
    assert not disk.is_directory(str(manifest))
    assert disk.is_directory(str(manifest.parent))
    assert disk.names(str(manifest.parent)) == ["requirements.txt"]
    assert disk.names(str(manifest)) == []
    assert disk.names(str(manifest.parent / "none")) == []


# Reports


def test_a_report_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_new(str(path), b"[]")
    write_new(str(path), b"[1]")
    assert path.read_bytes() == b"[1]"
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_report_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_new(str(tmp_path / "report.json"), b"[]")
    assert os.listdir(tmp_path) == []
