"""Running the command: in this process, or, where that makes a difference, in one of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import reqlint
from reqlint.cli import main

# What would let the machine that the tests run on, or the system that runs them, have a say.
_FOREIGN = (
    "COLUMNS CONDA_PREFIX FORCE_COLOR GITHUB_ACTIONS GITHUB_STEP_SUMMARY GITLAB_CI LINES NO_COLOR PIPENV_CUSTOM_VENV_NAME "
    "PIPENV_PYTHON POETRY_CACHE_DIR POETRY_VIRTUALENVS_PATH PRE_COMMIT PYTHONUTF8 REQLINT_OUTPUT_FORMAT TERM TF_BUILD "
    "UV_PROJECT_ENVIRONMENT VIRTUAL_ENV WORKON_HOME"
).split()


class Result:
    """What came of a run: the exit code, and what went to which stream."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.out_bytes = out
        self.out = out.decode("utf-8", "surrogateescape").replace(os.linesep, "\n")
        self.err = err.decode("utf-8", "surrogateescape").replace(os.linesep, "\n")

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def codes(self) -> list[str]:
        """The codes of the findings, from the concise format."""
        return [
            line.split("[", 1)[1].split("]", 1)[0] for line in self.out.splitlines() if ": " in line and "[RQ" in line
        ]

    def __repr__(self) -> str:
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def environment(**extra: str) -> dict[str, str]:
    """This process's environment without what would change the outcome."""
    kept = {key: value for key, value in os.environ.items() if key not in _FOREIGN and not key.startswith("GIT_")}
    return {**kept, **extra}


def run(*arguments: str | Path, cwd: Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Result:
    """Run ``reqlint`` in this process."""
    out, err = _stream(), _stream()
    before = os.getcwd()
    os.chdir(cwd)
    try:
        with (
            mock.patch.dict(os.environ, environment(**(env or {})), clear=True),
            mock.patch.multiple(sys, stdout=out, stderr=err, stdin=_stream(stdin)),
        ):
            try:
                code = main([os.fspath(argument) for argument in arguments])
            except SystemExit as end:  # argparse's way
                code = end.code if isinstance(end.code, int) else 0
    finally:
        os.chdir(before)
    return Result(code, _written(out), _written(err))


def run_process(
    *arguments: str | bytes | Path, cwd: Path, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> Result:
    """Run ``python -m reqlint`` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "reqlint", *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
        env=process_environment(**(env or {})),
        timeout=60,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def process_environment(**extra: str) -> dict[str, str]:
    """An environment in which a process finds this very reqlint."""
    source = str(Path(reqlint.__file__).parent.parent)
    return environment(PYTHONPATH=source, PYTHONDONTWRITEBYTECODE="1", **extra)


def install(folder: Path, **versions: str) -> None:
    """Make a virtual environment ``.venv`` in a folder, as far as reqlint looks at one, that holds these projects."""
    library = folder / ".venv" / "lib" / "python3.11" / "site-packages"
    library.mkdir(parents=True)
    (folder / ".venv" / "pyvenv.cfg").write_text("version = 3.11.9\n")
    for name, version in versions.items():
        info = library / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def _stream(content: bytes = b"") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", write_through=True)


def _written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()
