"""What setuptools itself makes of a setup.py or a setup.cfg: run in a process of its own, all cases at once."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_SCRIPT = r"""
import json, os, runpy, sys, warnings

import setuptools
import distutils.core
from setuptools.dist import Distribution

warnings.simplefilter("ignore")


def run_setup_py():
    calls = []
    setuptools.setup = distutils.core.setup = lambda *args, **keywords: calls.append(keywords)
    runpy.run_path("setup.py", run_name="__main__")
    known = "install_requires extras_require setup_requires tests_require".split()
    wanted = {key: value for key, value in calls[0].items() if key in known}
    tests = wanted.pop("tests_require", None)
    dist = Distribution({"name": "x", "version": "1", **wanted})
    dist._finalize_setup_keywords()
    return dist, listed(tests)


def run_setup_cfg():
    dist = Distribution({"name": "x", "version": "1"})
    dist.parse_config_files(["setup.cfg"])
    dist._finalize_setup_keywords()
    return dist, []


def listed(value):
    from setuptools import _reqs

    return list(map(str, _reqs.parse(value or [])))


home = os.getcwd()
original = setuptools.setup, distutils.core.setup
results = []
for folder in json.load(sys.stdin):
    os.chdir(folder)
    setuptools.setup, distutils.core.setup = original
    sys.path[:1] = [folder]
    try:
        dist, tests = run_setup_py() if os.path.exists("setup.py") else run_setup_cfg()
        results.append({
            "install_requires": list(dist.install_requires),
            "extras_require": {key: list(value) for key, value in dist.extras_require.items()},
            "setup_requires": listed(dist.setup_requires),
            "tests_require": tests,
        })
    except BaseException as error:
        results.append({"error": f"{type(error).__name__}: {error}"})
os.chdir(home)
print("\n" + json.dumps(results))
"""


def judge(folder: Path, projects: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """For each project (its files by name) what setuptools reads, or the ``error`` that it raises.

    The files are written as they are, without any change of line ends.
    """
    places = []
    for number, files in enumerate(projects):
        place = folder / str(number)
        for name, text in files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
        places.append(str(place))
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], input=json.dumps(places), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return results
