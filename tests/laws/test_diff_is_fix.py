"""``--diff`` prints what ``--fix`` would do: the real git and patch make of it the files that ``--fix`` writes, to the byte."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import install, run
from tests.laws.support import CORPUS, Project, corpus, furnished, own, parts

GIT, PATCH = shutil.which("git"), shutil.which("patch")
UNSAFE = [[], ["--unsafe-fixes"]]
SECRET = "battery-" + "staple-77"

NAMES = [
    "requirements.txt",
    "with blanks-requirements.txt",
    "     deploy/requirements.txt",
    "überall/requirements-日本.txt",
    "a/b/c/requirements.in",
    "-odd-requirements.txt",
    'quoted"-requirements.txt',
    "back\\slash-requirements.txt",
    "b/requirements.txt",
    "dev/null/requirements.txt",
]
LINES = [
    "flask",
    "Flask_SQLAlchemy",
    "requests>=2.0",
    "idna==3.7",
    "six  # é 日本 😀",
    "--- a/requirements.txt",
    "-- x",
    "+++ b/x",
    "@@ -1 +1 @@",
    "# \x0c form feed",
    "# a comment",
    "",
    "  ",
    "pkg-resources==0.0.0",
    "\\ No newline at end of file",
    "numpy ; python_version > '3'",
    '"click==8.1.7",',
    "# reqlint: ignore[RQ101]",
]
VERSIONS = {"flask": "3.0.3", "flask_sqlalchemy": "3.1.1", "requests": "2.32.3", "six": "1.16.0", "numpy": "2.1.0"}


def made_up(seed: int) -> dict[str, bytes]:
    """Files as no two people write them: line ends of all kinds, mixed too, and all that can stand at a file's ends."""
    draw = random.Random(seed)
    files = {}
    for name in draw.sample(NAMES, draw.randint(1, 4)):
        ends = draw.choice([["\n"], ["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"], ["\n", "\r", "\r\n"]])
        text = "".join(draw.choice(LINES) + draw.choice(ends) for _ in range(draw.randint(1, 40)))
        text = text.rstrip("\r\n") if draw.random() < 0.5 else text
        kind = draw.choice(["plain", "plain", "mark", "latin-1"])
        if kind == "latin-1":
            files[name] = f"# -*- coding: latin-1 -*-{ends[0]}{text}".encode("latin-1", "replace")
        else:
            files[name] = b"\xef\xbb\xbf" * (kind == "mark") + text.encode()
    return files


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def contents(folder: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files}


def apply(folder: Path, diff: bytes, *command: str) -> subprocess.CompletedProcess[bytes]:
    """Have a diff applied in a folder that is in no repository."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "GIT_CEILING_DIRECTORIES": os.fspath(folder.parent)}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(command, input=diff, cwd=folder, env=environment, capture_output=True, check=False)


def git_apply(folder: Path, diff: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    assert GIT is not None
    return apply(folder, diff, GIT, "apply", "--whitespace=nowarn", *options, "-")


def patch(folder: Path, diff: bytes) -> subprocess.CompletedProcess[bytes]:
    assert PATCH is not None
    return apply(folder, diff, PATCH, "-p1", "--binary", "--force", "--no-backup-if-mismatch")


def both_ways(tmp_path: Path, files: dict[str, bytes], *options: str) -> tuple[dict[str, bytes], bytes, str]:
    """What ``--fix`` writes, what ``--diff`` prints, and what it says besides; each in a folder of its own."""
    fixed = write(tmp_path / "fixed", files)
    shown = write(tmp_path / "shown", files)
    assert run("--fix", *options, cwd=fixed).code in (0, 1)
    result = run("--diff", *options, cwd=shown)
    assert contents(shown, files) == files
    after = contents(fixed, files)
    assert result.code in (0, 1)
    assert (result.code == 1) >= (after != files)
    assert bool(result.out_bytes) == (after != files)
    return after, result.out_bytes, result.err


needs_git = pytest.mark.skipif(GIT is None, reason="needs git")
needs_patch = pytest.mark.skipif(PATCH is None or os.name != "posix", reason="needs patch")


@needs_git
@pytest.mark.parametrize("options", UNSAFE, ids=["safe", "unsafe"])
@pytest.mark.parametrize("seed", range(30))
def test_made_up_files(tmp_path: Path, seed: int, options: list[str]) -> None:
    files = made_up(seed)
    for name in ("fixed", "shown"):
        install(tmp_path / name, **VERSIONS)
    after, diff, said = both_ways(tmp_path, files, "--select", "ALL", *options)
    assert "apply" not in said
    assert after != files
    for number, tool in enumerate([git_apply, *([patch] if PATCH and os.name == "posix" else [])]):
        copy = write(tmp_path / f"applied{number}", files)
        done = tool(copy, diff)
        assert done.returncode == 0, done.stdout + done.stderr + b"\n" + diff
        assert contents(copy, files) == after
        assert sorted(path for path in copy.rglob("*") if path.is_file()) == sorted(copy / name for name in files)


def projects() -> list[Project]:
    """All of our own that change, and of the strangers' a part of each repository."""
    strangers = [next(parts(project, 40)) for project in corpus()] if CORPUS.is_dir() else []
    return [*own()[::6], *strangers]


@needs_git
@pytest.mark.parametrize("project", projects(), ids=str)
def test_projects(tmp_path: Path, project: Project) -> None:
    files = furnished(project).files
    fixed, shown = write(tmp_path / "fixed", files), write(tmp_path / "shown", files)
    manifests = dict.fromkeys(project.manifests, b"")
    run("--fix", "--unsafe-fixes", cwd=fixed)
    result = run("--diff", "--unsafe-fixes", cwd=shown)
    after = contents(fixed, manifests)
    assert contents(shown, manifests) == {name: files[name] for name in manifests}
    if "apply" in result.err:  # a secret, or UTF-16
        done = git_apply(shown, result.out_bytes, "--reject")
        told = [line.removeprefix("reqlint: ").split(": ")[0] for line in result.err.splitlines() if "apply" in line]
        assert done.returncode == 1
        after = {name: data for name, data in after.items() if name not in told}
    elif result.out_bytes:
        done = git_apply(shown, result.out_bytes)
        assert done.returncode == 0, done.stderr
    assert contents(shown, after) == after


# What a diff cannot show

PLAIN = b"".join(b"# line %d\n" % number for number in range(12))
WITH_SECRET = b"--extra-index-url https://deploy:%s@packages.example.com/simple\n" % SECRET.encode()


@needs_git
@pytest.mark.parametrize("tool", ["git", pytest.param("patch", marks=needs_patch)])
def test_only_the_hunk_with_a_secret_is_not_applied(tmp_path: Path, tool: str) -> None:
    """The rest of the file, and the other files, are as ``--fix`` makes them."""
    files = {
        "a/requirements.txt": b"pkg-resources==0.0.0\n",
        "b/requirements.txt": b"pkg-resources==0.0.0\n" + PLAIN + WITH_SECRET + PLAIN + b"six\n",
        "c/requirements.txt": WITH_SECRET + b"idna\n",
        "d/requirements.txt": b"six\r\nidna\r\n",
    }
    for name in ("fixed", "shown"):
        install(tmp_path / name, six="1.16.0", idna="3.7")
    after, diff, said = both_ways(tmp_path, files, "--unsafe-fixes")
    assert SECRET.encode() not in diff
    assert SECRET not in said
    assert diff.count(b"masked: not applicable") == 2
    assert [line.split(": ")[1] for line in said.splitlines()] == ["b/requirements.txt", "c/requirements.txt"]
    assert all("masked" in line and "--fix" in line for line in said.splitlines())
    copy = write(tmp_path / "applied", files)
    done = git_apply(copy, diff, "--reject") if tool == "git" else patch(copy, diff)
    assert done.returncode == 1
    expected = dict(after)
    expected["b/requirements.txt"] = PLAIN + WITH_SECRET + PLAIN + b"six==1.16.0\n"
    expected["c/requirements.txt"] = files["c/requirements.txt"]
    assert contents(copy, files) == expected


@needs_git
def test_a_secret_in_the_lines_around_is_masked_too(tmp_path: Path) -> None:
    files = {"requirements.txt": WITH_SECRET + b"pkg-resources==0.0.0\n"}
    after, diff, said = both_ways(tmp_path, files)
    assert after == {"requirements.txt": WITH_SECRET}
    assert SECRET.encode() not in diff
    assert b" --extra-index-url https://deploy:*" in diff
    assert "masked" in said


@needs_git
def test_git_takes_nothing_of_a_masked_diff_unless_it_is_told_to(tmp_path: Path) -> None:
    """So nobody believes that all was applied."""
    files = {"a/requirements.txt": b"pkg-resources==0.0.0\n", "b/requirements.txt": WITH_SECRET}
    _, diff, _ = both_ways(tmp_path, files, "--unsafe-fixes")
    copy = write(tmp_path / "applied", files)
    assert git_apply(copy, diff).returncode == 1
    assert contents(copy, files) == files


@needs_git
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_file_that_is_binary_to_git(tmp_path: Path, encoding: str) -> None:
    files = {
        "a/requirements.txt": "\ufeffidna==3.7  # é\r\n".encode(encoding),
        "b/requirements.txt": b"pkg-resources==0.0.0\nsix==1.16.0\n",
    }
    after, diff, said = both_ways(tmp_path, files)
    assert after["a/requirements.txt"] == "idna==3.7  # é\r\n".encode()
    assert "a/requirements.txt" in said
    assert encoding.upper() in said
    copy = write(tmp_path / "applied", files)
    assert git_apply(copy, diff, "--reject").returncode == 1
    assert contents(copy, files) == {**after, "a/requirements.txt": files["a/requirements.txt"]}


@needs_git
def test_from_a_folder_of_a_repository(tmp_path: Path) -> None:
    """git takes the names as from where it stands."""
    files = {"services/web/requirements.txt": b"pkg-resources==0.0.0\nsix==1.16.0\n"}
    write(tmp_path, files)
    assert GIT is not None
    apply(tmp_path, b"", GIT, "init", "-q")
    folder = tmp_path / "services"
    for place in ("web", ".", str(folder), "../services/web/requirements.txt"):
        diff = run("--diff", place, cwd=folder).out_bytes
        done = git_apply(folder, diff, "--check")
        assert done.returncode == 0, done.stderr
        assert b"+++ b/web/requirements.txt\n" in diff
