"""A fix that is interrupted leaves each file old or new, whole: by kill -9 at any moment, a full disk, another program, Ctrl-C."""

from __future__ import annotations

import errno
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Result, install, process_environment, run, run_process

OLD = b"# what we need\nflask\nidna==3.7\n"
NEW = b"# what we need\nflask==3.0.3\nidna==3.7\n"
LEFT = re.compile(r"\.reqlint-[0-9a-f]{16}\.tmp")

posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits are POSIX's")
not_root = pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")

#: A run in which something happens at one of the steps of writing, the n-th time that it is taken.
SCRIPT = """
import os, signal, sys
from reqlint.cli import main

step, moment, number, event, *arguments = sys.argv[1:]
real, left = getattr(os, step), int(number)

def stepped(*given, **named):
    global left
    left -= 1
    if left == 0 and moment == "before":
        os.kill(os.getpid(), int(event))
    done = real(*given, **named)
    if left == 0 and moment == "after":
        os.kill(os.getpid(), int(event))
    return done

setattr(os, step, stepped)
raise SystemExit(main(arguments))
"""
STEPS = ["fsync", "chown", "chmod", "replace"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Several manifests of one kind, and an environment."""
    place = tmp_path / "project"
    install(place, flask="3.0.3", idna="3.7")
    for name in ("a", "b", "c"):
        (place / name).mkdir()
        (place / name / "requirements.txt").write_bytes(OLD)
    return place


def manifests(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("requirements.txt"))}


def others(folder: Path) -> list[Path]:
    """What lies beside the manifests and was not there."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name != "requirements.txt" and ".venv" not in path.parts
    ]


def at_a_step(folder: Path, step: str, moment: str, number: int, event: int) -> Result:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, step, moment, str(number), str(int(event)), "--fix", "."],
        cwd=folder,
        env=process_environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def completes(folder: Path) -> None:
    """The next run takes nothing that was left for a manifest, and does what is left to do."""
    left = others(folder)
    assert not any(str(path.name) in run("--show-files", cwd=folder).out for path in left)
    result = run("--fix", cwd=folder)
    assert (result.code, result.err) == (0, "")
    assert set(manifests(folder).values()) == {NEW}
    assert others(folder) == left


# Killed


@posix
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step(folder: Path, step: str, moment: str) -> None:
    result = at_a_step(folder, step, moment, 2, signal.SIGKILL)
    assert result.code == -signal.SIGKILL
    is_done = (step, moment) == ("replace", "after")
    assert list(manifests(folder).values()) == [NEW, NEW if is_done else OLD, OLD]
    left = others(folder)
    assert [path.parent.name for path in left] == ([] if is_done else ["b"])
    for path in left:
        assert LEFT.fullmatch(path.name)
        assert path.read_bytes() == NEW
    completes(folder)


@posix
def test_killed_at_random(tmp_path: Path) -> None:
    """Many files and many rounds; each is killed while it writes."""
    install(tmp_path, flask="3.0.3", idna="3.7")
    for number in range(200):
        (tmp_path / f"service-{number:03}").mkdir()
    draw = random.Random(1)
    mixed = rounds = 0
    whole = 0.5  # how long it takes to write them all, as far as is known
    end = time.monotonic() + 8
    while rounds < 10 and time.monotonic() < end:
        rounds += 1
        for path in tmp_path.glob("service-*"):
            (path / "requirements.txt").write_bytes(OLD)
        first = tmp_path / "service-000" / "requirements.txt"
        before = first.stat().st_ino
        with subprocess.Popen(
            [sys.executable, "-m", "reqlint", "--fix", "-q", "."],
            cwd=tmp_path,
            env=process_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            while process.poll() is None and first.stat().st_ino == before:
                time.sleep(0.001)
            begin = time.monotonic()
            time.sleep(draw.random() * whole)
            process.kill()
        found = manifests(tmp_path)
        assert len(found) == 200
        assert set(found.values()) <= {OLD, NEW}
        mixed += len(set(found.values())) == 2
        if process.returncode == 0:
            whole = min(whole, time.monotonic() - begin) * 0.7
    assert mixed > 0, "no run was killed while it wrote"
    assert all(LEFT.fullmatch(path.name) for path in others(tmp_path))
    completes(tmp_path)


# Ctrl-C


@posix
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_interrupted_at_a_step(folder: Path, step: str, moment: str) -> None:
    result = at_a_step(folder, step, moment, 2, signal.SIGINT)
    assert (result.code, result.out) == (130, "")
    assert result.err == "reqlint: interrupted; nothing was left half written\n"
    is_done = (step, moment) == ("replace", "after")
    assert list(manifests(folder).values()) == [NEW, NEW if is_done else OLD, OLD]
    assert others(folder) == []
    completes(folder)


@posix
@pytest.mark.parametrize("number", [1, 3, 10, 30])
def test_interrupted_while_it_looks_around(folder: Path, number: int) -> None:
    result = at_a_step(folder, "stat", "before", number, signal.SIGINT)
    assert (result.code, result.err) == (130, "reqlint: interrupted; nothing was left half written\n")
    assert set(manifests(folder).values()) == {OLD}


# No room


@posix
@pytest.mark.parametrize("limit", [0, 1, 40, 4096])
def test_no_room(folder: Path, limit: int) -> None:
    """A limit for the size of files stands for a full disk: a write fails, or does a part of what it should."""
    import resource

    big = folder / "b" / "requirements.txt"
    big.write_bytes(OLD + b"# padding\n" * 1000)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-m", "reqlint", "--fix", "."],
        cwd=folder,
        env=process_environment(),
        capture_output=True,
        check=False,
        preexec_fn=limited,
        timeout=60,
    )
    result = Result(done.returncode, done.stdout, done.stderr)
    fits = len(NEW) <= limit
    assert result.code == 2
    assert manifests(folder) == {
        "a/requirements.txt": NEW if fits else OLD,
        "b/requirements.txt": OLD + b"# padding\n" * 1000,
        "c/requirements.txt": NEW if fits else OLD,
    }
    assert others(folder) == []
    refused = ["b"] if fits else ["a", "b", "c"]
    assert result.err == "".join(f"reqlint: {name}/requirements.txt: not written: file too large\n" for name in refused)
    assert result.codes == ["RQ101"] * len(refused)
    assert "Traceback" not in result.err
    big.write_bytes(OLD)
    completes(folder)


@pytest.mark.parametrize("step", ["open", "fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_step_that_the_disk_refuses(folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int) -> None:
    real = getattr(os, step)

    def refusing(*given: object, **named: object) -> object:
        if step == "open" and not isinstance(given[0], str):
            return real(*given, **named)
        if step == "open" and ".reqlint-" not in str(given[0]):
            return real(*given, **named)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, step, refusing)
    result = run("--fix", cwd=folder)
    monkeypatch.undo()
    assert result.code == 2
    assert set(manifests(folder).values()) == {OLD}
    assert others(folder) == []
    reason = os.strerror(number).lower()
    assert result.err.splitlines() == [f"reqlint: {name}/requirements.txt: not written: {reason}" for name in "abc"]
    assert result.codes == ["RQ101"] * 3


# Not allowed


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_read_only_file(folder: Path) -> None:
    """Not even root's is written: whoever takes away that right means it."""
    locked = folder / "b" / "requirements.txt"
    locked.chmod(0o444)
    result = run("--fix", cwd=folder)
    assert (result.code, result.codes) == (2, ["RQ101"])
    assert result.err == "reqlint: b/requirements.txt: not written: the file is read-only\n"
    assert list(manifests(folder).values()) == [NEW, OLD, NEW]
    assert others(folder) == []


@not_root
def test_a_read_only_folder(folder: Path) -> None:
    (folder / "b").chmod(0o555)
    result = run("--fix", cwd=folder)
    (folder / "b").chmod(0o755)
    assert (result.code, result.codes) == (2, ["RQ101"])
    assert result.err == "reqlint: b/requirements.txt: not written: permission denied\n"
    assert list(manifests(folder).values()) == [NEW, OLD, NEW]
    assert others(folder) == []


# Another program


def meanwhile(monkeypatch: pytest.MonkeyPatch, name: str, event: Callable[[], object]) -> None:
    """Have something happen once, between reading the files and renaming what was written beside that one."""
    real = os.fsync
    written: list[int] = []

    def fsync(descriptor: int) -> None:
        real(descriptor)
        written.append(descriptor)
        if len(written) == "abc".index(name) + 1:
            event()

    monkeypatch.setattr(os, "fsync", fsync)


def test_a_file_that_another_program_writes_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = b"django==5.0\n"
    meanwhile(monkeypatch, "b", lambda: (folder / "b" / "requirements.txt").write_bytes(theirs))
    result = run("--fix", cwd=folder)
    assert result.code == 2
    assert result.err == "reqlint: b/requirements.txt: not written: another program changed it meanwhile; run again\n"
    assert list(manifests(folder).values()) == [NEW, theirs, NEW]
    assert others(folder) == []


def test_a_file_that_an_editor_replaces_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As editors save: another file is renamed over it."""
    theirs = folder / "b" / "saved"
    theirs.write_bytes(OLD + b"django==5.0\n")
    meanwhile(monkeypatch, "b", lambda: theirs.replace(folder / "b" / "requirements.txt"))
    result = run("--fix", cwd=folder)
    assert result.code == 2
    assert "b/requirements.txt: not written: another program changed it" in result.err
    assert list(manifests(folder).values()) == [NEW, OLD + b"django==5.0\n", NEW]


def test_a_file_that_another_program_deletes_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, "b", (folder / "b" / "requirements.txt").unlink)
    result = run("--fix", cwd=folder)
    assert result.code == 2
    assert result.err == "reqlint: b/requirements.txt: not written: no such file or directory\n"
    assert manifests(folder) == {"a/requirements.txt": NEW, "c/requirements.txt": NEW}
    assert others(folder) == []


def test_a_file_that_is_changed_just_before_it_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes between reading a file and writing it, since all are read before any is written."""
    meanwhile(monkeypatch, "a", lambda: (folder / "c" / "requirements.txt").write_bytes(b""))
    result = run("--fix", cwd=folder)
    assert result.code == 2
    assert list(manifests(folder).values()) == [NEW, NEW, b""]


def test_two_runs_at_once(tmp_path: Path) -> None:
    """Each file is mended by one of them, and the other leaves it alone."""
    install(tmp_path, flask="3.0.3", idna="3.7")
    for number in range(40):
        (tmp_path / f"service-{number:03}").mkdir()
        (tmp_path / f"service-{number:03}" / "requirements.txt").write_bytes(OLD)
    command = [sys.executable, "-m", "reqlint", "--fix", "-q", "."]
    both = [
        subprocess.Popen(
            command, cwd=tmp_path, env=process_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60) for process in both]
    assert {process.returncode for process in both} <= {0, 2}
    assert not any(b"fault" in text or b"Traceback" in text for pair in said for text in pair)
    assert set(manifests(tmp_path).values()) == {NEW}
    assert others(tmp_path) == []


# Links


@posix
def test_a_symbolic_link_stays_one(tmp_path: Path, folder: Path) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_bytes(OLD)
    link = folder / "b" / "requirements.txt"
    link.unlink()
    link.symlink_to(elsewhere)
    assert run("--fix", cwd=folder).code == 0
    assert link.is_symlink()
    assert elsewhere.read_bytes() == NEW
    assert list(manifests(folder).values()) == [NEW, NEW, NEW]


@posix
def test_a_link_and_what_it_leads_to_are_mended_once(folder: Path) -> None:
    (folder / "b" / "requirements.txt").unlink()
    (folder / "b" / "requirements.txt").symlink_to("../a/requirements.txt")
    result = run("--fix", "-v", cwd=folder)
    assert result.code == 0
    assert result.err.count("reqlint: fixed") == 2
    assert (folder / "b" / "requirements.txt").is_symlink()
    assert list(manifests(folder).values()) == [NEW, NEW, NEW]


@posix
def test_a_hard_link_is_cut(tmp_path: Path, folder: Path) -> None:
    """What is renamed over one name leaves the other name with the old content: so a backup that is linked stays a backup."""
    other = tmp_path / "backup.txt"
    os.link(folder / "b" / "requirements.txt", other)
    assert run("--fix", cwd=folder).code == 0
    assert other.read_bytes() == OLD
    assert list(manifests(folder).values()) == [NEW, NEW, NEW]


# What was left


def test_what_was_left_is_never_a_manifest(folder: Path) -> None:
    """Where any text file is one, and where the user says which are."""
    (folder / "requirements").mkdir()
    left = f".reqlint-{'0' * 16}.tmp"
    (folder / "requirements" / left).write_bytes(OLD)
    (folder / left).write_bytes(OLD)
    assert left not in run("--show-files", cwd=folder).out
    completes(folder)
    assert run_process("--fix", cwd=folder).code == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [[], ["--diff"], ["--fix"], ["--list-rules"]], ids=" ".join)
def test_no_room_for_the_output(folder: Path, arguments: list[str]) -> None:
    """It is no fault of reqlint's, and what was mended stays mended."""
    (folder / "c" / "requirements.txt").write_bytes(OLD + b"nobody-has-this\n")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "reqlint", *arguments],
            cwd=folder,
            env=process_environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert done.stderr == b"reqlint: the output cannot be written: no space left on device\n"
    assert manifests(folder)["a/requirements.txt"] == (NEW if "--fix" in arguments else OLD)
