from __future__ import annotations

import pytest

from tests.support import findings

LIBRARY = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "shop"
version = "1.0"
dependencies = ["idna>=3"]
"""
UNBUILT = '[project]\nname = "shop"\nversion = "1.0"\ndependencies = ["idna"]\n'
UV_LOCK = 'version = 1\n\n[[package]]\nname = "shop"\nversion = "1.0"\nsource = { virtual = "." }\n\n[[package]]\nname = "idna"\nversion = "3.7"\n'
READS = (
    'from setuptools import setup\n\nwith open("requirements.txt") as file:\n    names = file.read().splitlines()\n\n'
    'setup(name="shop", version="1.0", install_requires=names)\n'
)


def codes(text: str, **options: object) -> list[str]:
    return [code for code, _ in findings(text, **options)]


def test_a_list_that_setup_py_reads_is_a_librarys() -> None:
    assert codes("idna\n") == ["RQ101"]
    assert codes("idna\n", files={"setup.py": READS}) == ["RQ103"]
    assert codes("idna>=3\n", files={"setup.py": READS}) == []
    assert codes("idna==3.7\n", files={"setup.py": READS}) == []
    # Another file is not the one that it reads.
    assert codes("idna\n", path="requirements-gpu.txt", files={"setup.py": READS}) == ["RQ101"]


def test_a_list_that_pyproject_reads_is_a_librarys() -> None:
    dynamic = '[build-system]\nrequires = ["setuptools>=70"]\n[project]\nname = "shop"\nversion = "1"\ndynamic = ["dependencies"]\n'
    table = '[tool.setuptools.dynamic]\ndependencies = { file = ["requirements.txt"] }\n'
    assert codes("idna\n", files={"pyproject.toml": dynamic + table}) == ["RQ103"]
    assert codes("idna>=3\n", files={"pyproject.toml": dynamic + table}) == []


def test_a_list_that_installs_the_project_itself_deploys_it() -> None:
    for line in ("-e .", ".", "-e .[web]", "--editable=."):
        assert codes(f"idna\n{line}\n", files={"setup.py": READS}) == ["RQ101"]


@pytest.mark.parametrize(
    "path",
    [
        "requirements-dev.txt",
        "dev-requirements.txt",
        "requirements_test.txt",
        "requirements/docs.txt",
        "docs/requirements.txt",
        "tests/requirements.txt",
        "requirements/ci/requirements.txt",
    ],
)
def test_files_for_work_on_a_library_are_left_alone(path: str) -> None:
    assert codes("pytest\n", path=path, files={"pyproject.toml": LIBRARY}) == []
    assert codes("pytest\n", path=path, files={"setup.cfg": "[metadata]\nname = shop\n"}) == []
    # An application's are not.
    assert codes("pytest\n", path=path) == ["RQ101"]
    assert codes("pytest\n", path=path, files={"pyproject.toml": UNBUILT}) == ["RQ101"]
    assert codes("pytest\n", path=path, files={"pyproject.toml": LIBRARY}, kind="application") == ["RQ101"]


@pytest.mark.parametrize("path", ["requirements.txt", "requirements-gpu.txt", "deploy/requirements.txt"])
def test_other_files_of_a_library_deploy_something(path: str) -> None:
    assert codes("idna\n", path=path, files={"pyproject.toml": LIBRARY}) == ["RQ101"]
    assert codes("idna\n", path=path, files={"pyproject.toml": LIBRARY}, kind="library") == []


def test_without_a_build_system_a_lock_tells_an_application() -> None:
    # `idna` alone has no lower bound, which a library would be told; an application's lock says it all.
    assert codes(UNBUILT, path="pyproject.toml") == ["RQ103"]
    assert codes(UNBUILT, path="pyproject.toml", files={"uv.lock": UV_LOCK}) == []
    built = LIBRARY.replace("idna>=3", "idna")
    assert codes(built, path="pyproject.toml", files={"uv.lock": UV_LOCK}) == ["RQ103"]


@pytest.mark.parametrize("table", ["[tool.uv]\npackage = false", "[tool.pdm]\ndistribution = false"])
def test_a_project_may_say_that_it_is_an_application(table: str) -> None:
    assert codes(f"{LIBRARY}\n{table}\n", path="pyproject.toml") == ["RQ102"]
