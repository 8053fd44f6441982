"""What the release needs, and the benchmarks."""

# /// script
# dependencies = ["nox>=2025.2"]
# ///

from __future__ import annotations

import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "uv|virtualenv"

ROOT = Path(__file__).parent
BENCHMARK_DEPS = ["pytest-benchmark>=4", "pygal"]
PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))


@nox.session(python=PYTHONS)
@nox.parametrize("requests", ["2.31.0", "2.32.3"])
def compatibility(session: nox.Session, requests: str) -> None:
    """Try old releases."""
    session.install("-e", ".[test]", f"requests=={requests}")
    if session.python == "3.10":
        session.install("tomli<2")
    else:
        session.install("tomli>=2")
    session.run("pytest", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def benchmark(session: nox.Session) -> None:
    """Measure."""
    session.install(*BENCHMARK_DEPS, *nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "test"))
    session.install(".", "-c", "requirements/oldest.txt")
    session.run("pytest", "benchmarks", env={"SHOP_FAST": "1"})


@nox.session(venv_backend="none")
def bootstrap(session: nox.Session) -> None:
    """Make an environment to work in."""
    session.run("python", "-m", "venv", ".venv")
    session.run(".venv/bin/python", "-m", "pip", "install", "--upgrade", "pip", "-r", "requirements/test.txt", external=True)


@nox.session
def release(session: nox.Session) -> None:
    """Build, and look at what was built."""
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.install("build", "twine>=5", "check-wheel-contents")
    session.run("python", "-m", "build", "--wheel")
    for wheel in (ROOT / "dist").glob("*.whl"):
        session.install("--force-reinstall", str(wheel))


@nox.session
def locked(session: nox.Session) -> None:
    """With exactly what the lock says."""
    session.run("uv", "export", "--no-hashes", "-o", "locked.txt", external=True)
    session.install("-r", "locked.txt")
    _smoke(session)


def _smoke(session: nox.Session) -> None:
    session.install("httpie")
    with session.chdir("docs"):
        session.install("-r", "requirements.txt")
