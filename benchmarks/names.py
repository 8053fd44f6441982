"""How long the table of conda names takes: to load it and look up a first name, beside an import of json.

Each is measured in a Python of its own, since either happens once in a run. They take turns, so that a busy moment of the
machine hits both. Run it from an environment that holds reqlint:

    .venv/bin/python benchmarks/names.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

ROUNDS = 15
TIMED = """
import reqlint.requirement  # it is there in every run
from time import perf_counter
start = perf_counter()
{code}
print((perf_counter() - start) * 1000)
"""
CODES = {
    "load the table, look up a name": "from reqlint.data.conda_names import pypi_names; pypi_names('pytorch')",
    "import json": "import json",
}


def main() -> None:
    """Measure and print."""
    # Without compiled modules, Python's compiler would be measured.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times: dict[str, list[float]] = {name: [] for name in CODES}
    for _ in range(ROUNDS):
        for name, code in CODES.items():
            done = subprocess.run(
                [sys.executable, "-c", TIMED.format(code=code)],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            times[name].append(float(done.stdout))
    for name, values in times.items():
        print(f"{name:32} {statistics.median(values):6.2f} ms")


if __name__ == "__main__":
    main()
