"""How long reqlint takes, beside programs that everybody knows.

Two questions, two tables: what does one run on one small file cost, as at every commit, and how fast are many lines read
and judged? Only the ratios mean anything, so the programs that are compared take turns, and a busy moment of the machine
hits them all. Run it from an environment that holds tests/requirements.txt and reqlint itself:

    .venv/bin/python benchmarks/run.py
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

from packaging.requirements import Requirement

START_AIM = 1.3  # times the run of requirements-txt-fixer
LINES_AIM = 2.0  # times packaging, which parses each line and does no more

# What would make every start a first one, or another one than that of the installed commands.
HINDRANCES = {
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH",
    "PYTHONPROFILEIMPORTTIME",
    "PYTHONPYCACHEPREFIX",
    "PYTHONSTARTUP",
    "PYTHONTRACEMALLOC",
    "REQLINT_OUTPUT_FORMAT",
    "VIRTUAL_ENV",
}

# Clean for both programs: all pinned, and in the order that requirements-txt-fixer asks for.
SMALL_FILE = """\
alembic==1.14.0
anyio==4.7.0
certifi==2024.12.14
click==8.1.7
flask==3.1.0
gunicorn==23.0.0
httpx==0.28.1
idna==3.10
itsdangerous==2.2.0
jinja2==3.1.4
mako==1.3.8
markupsafe==3.0.2
numpy==2.2.0
pandas==2.2.3
pydantic==2.10.3
python-dateutil==2.9.0.post0
redis==5.2.1
sqlalchemy[asyncio]==2.0.36
typing-extensions==4.12.2
tzdata==2024.2 ; sys_platform == "win32"
"""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare reqlint's speed with that of programs that everybody knows.")
    parser.add_argument("-n", "--runs", type=int, default=30, help="processes to start of each kind (default: 30)")
    parser.add_argument("--check", action="store_true", help="exit with 1 if an aim is missed")
    arguments = parser.parse_args(argv)

    with tempfile.TemporaryDirectory() as folder:
        # A project's root, so that no configuration and no virtual environment above it is looked for.
        (Path(folder) / ".git").mkdir()
        start_ratio = compare_starts(Path(folder), arguments.runs)
        print()
        print(f"{'lines':>8}{'packaging':>14}{'reqlint':>14}{'ratio':>8}{'findings':>10}")
        compare_lines(Path(folder), 1_000)
        lines_ratio = compare_lines(Path(folder), 10_000)

    print()
    met = [
        report_aim("one small file, against requirements-txt-fixer", start_ratio, START_AIM),
        report_aim("10,000 lines, against packaging", lines_ratio, LINES_AIM),
    ]
    return 1 if arguments.check and not all(met) else 0


def compare_starts(folder: Path, runs: int) -> float:
    """Whole processes, by the median; the bare interpreter shows what nobody can do without."""
    path = folder / "requirements.txt"
    path.write_bytes(SMALL_FILE.encode())
    commands = {
        "python -I -c pass": [sys.executable, "-I", "-c", "pass"],
        "requirements-txt-fixer": [script("requirements-txt-fixer"), str(path)],
        "reqlint": [script("reqlint"), str(path)],
    }
    environ = {name: value for name, value in os.environ.items() if name not in HINDRANCES}
    for command in commands.values():
        time_process(command, environ, folder)  # not counted: it writes the byte code and warms the disk's cache

    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(time_process(command, environ, folder))

    medians = {name: statistics.median(measured) for name, measured in times.items()}
    yardstick = medians["requirements-txt-fixer"]
    print(f"{f'20 lines, median of {runs} processes':<36}{'time':>10}{'ratio':>8}")
    for name, median in medians.items():
        print(f"{name:<36}{median * 1000:>7.1f} ms{median / yardstick:>8.2f}")
    return medians["reqlint"] / yardstick


def script(name: str) -> str:
    """The command of that name in the environment that runs this, and no other."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise SystemExit(
            f"There is no {name} beside {sys.executable}: install tests/requirements.txt and reqlint there."
        )
    return found


def time_process(command: Sequence[str], environ: Mapping[str, str], folder: Path) -> float:
    start = perf_counter()
    done = subprocess.run(
        command, env=environ, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    elapsed = perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} should have found nothing to say:\n{done.stdout}{done.stderr}")
    return elapsed


def compare_lines(folder: Path, count: int) -> float:
    """In one process, the best of five; reqlint reads the file and applies its default rules."""
    from reqlint import lint

    lines = realistic_lines(count)
    path = folder / f"requirements-{count}.txt"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    findings = 0

    def with_packaging() -> None:
        for line in lines:
            Requirement(line)

    def with_reqlint() -> None:
        nonlocal findings
        findings = len(lint([str(path)]))

    packaging_times, reqlint_times = [], []
    for _ in range(5):
        packaging_times.append(time_call(with_packaging))
        reqlint_times.append(time_call(with_reqlint))

    best_packaging, best_reqlint = min(packaging_times), min(reqlint_times)
    ratio = best_reqlint / best_packaging
    print(f"{count:>8,}{best_packaging * 1000:>11.1f} ms{best_reqlint * 1000:>11.1f} ms{ratio:>8.2f}{findings:>10,}")
    return ratio


def time_call(function: Callable[[], None]) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start


def realistic_lines(count: int) -> list[str]:
    """Distinct names, mostly pinned, in the proportions of an application's requirements; the same at every call."""
    random_source = random.Random(count)
    syllables = ["al", "ber", "co", "dan", "el", "fin", "gra", "hy", "in", "jo", "ku", "lam", "mo", "net", "or", "py"]
    names: dict[str, None] = {}
    while len(names) < count:
        words = ("".join(random_source.choices(syllables, k=random_source.randint(2, 3))) for _ in range(2))
        names["-".join(words)] = None
    return [realistic_line(name, random_source) for name in names]


def realistic_line(name: str, random_source: random.Random) -> str:
    major, minor, patch = random_source.randint(0, 25), random_source.randint(0, 20), random_source.randint(0, 9)
    version = f"{major}.{minor}.{patch}"
    kind = random_source.choices(["pinned", "range", "extra", "marker", "extra and marker"], [80, 7, 6, 6, 1])[0]
    match kind:
        case "range":
            return f"{name}>={version},<{major + 1}"
        case "extra":
            return f"{name}[async,tls]=={version}"
        case "marker":
            return f'{name}=={version} ; python_version < "3.13" and sys_platform != "win32"'
        case "extra and marker":
            return f"{name}[cli]=={version} ; sys_platform == 'linux'"
        case _:
            return f"{name}=={version}"


def report_aim(what: str, ratio: float, aim: float) -> bool:
    met = ratio <= aim
    print(f"{what}: {ratio:.2f} (aim: at most {aim}{'' if met else ', missed'})")
    return met


if __name__ == "__main__":
    raise SystemExit(main())
