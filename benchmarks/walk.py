"""How long reqlint takes to find the manifests of a large repository, beside git and ruff, which walk the same tree.

Only the ratios mean anything, so the programs take turns, and a busy moment of the machine hits them all; of each, the
fastest run counts. Run it from an environment that holds ruff and reqlint itself:

    .venv/bin/python benchmarks/walk.py
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

AIM = 8.0  # times `git status`, which reads the same folders, but opens no file: reqlint looks into those of Python


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; returns 1 when the aim is missed and ``--check`` is given."""
    parser = argparse.ArgumentParser(description="Compare how fast reqlint finds its files with git and ruff.")
    parser.add_argument("-n", "--runs", type=int, default=7, help="runs of each program (default: 7)")
    parser.add_argument("--files", type=int, default=50_000, help="files in the tree (default: 50000)")
    parser.add_argument("--check", action="store_true", help="exit with 1 if the aim is missed")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        grow(Path(folder), arguments.files)
        commands = {
            "git ls-files": ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            "git status": ["git", "--no-optional-locks", "status", "--porcelain", "--ignored"],
            "ruff": [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--show-files"],
            "reqlint": [sys.executable, "-m", "reqlint", "--isolated", "--show-files"],
        }
        best = dict.fromkeys(commands, float("inf"))
        for _ in range(arguments.runs):
            for name, command in commands.items():
                best[name] = min(best[name], seconds(command, folder))
    print(f"{'program':<16}{'ms':>8}{'times git status':>20}")
    for name, time in best.items():
        print(f"{name:<16}{time * 1000:>8.0f}{time / best['git status']:>20.2f}")
    return int(arguments.check and best["reqlint"] > AIM * best["git status"])


def grow(top: Path, files: int) -> None:
    """Make a repository of a web application: ten files a folder, one folder in a hundred with a manifest, and what git ignores."""
    for number in range(files // 10):
        root = "node_modules" if number % 5 == 0 else "data" if number % 5 == 1 else "src"
        folder = top / root / f"area{number % 40}" / f"part{number % 7}" / f"unit{number}"
        folder.mkdir(parents=True)
        for name in range(9):
            (folder / f"module{name}.py").touch()
        (folder / ("requirements.txt" if number % 100 == 2 else "readme.txt")).touch()
    (top / ".gitignore").write_text("node_modules/\ndata/\n*.log\n")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=top, check=True)  # noqa: S607 - git's own commands


def seconds(command: Sequence[str], folder: str) -> float:
    """How long a command takes."""
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    begin = perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=environment)
    return perf_counter() - begin


if __name__ == "__main__":
    raise SystemExit(main())
