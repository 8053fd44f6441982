from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from reqlint.diagnostic import Diagnostic
from tests.command import process_environment
from tests.support import TOKENS, check, findings, underlined

PROJECT = '[project]\nname = "shop"\nversion = "1.0"\n'
ASKS_FOR_3 = {
    "requirements.txt": "flask==3.0.3\n",
    "constraints.txt": "flask==3.0.3\n",
    "conda-packages.txt": "flask=3.0.3=pyhd8ed1ab_0\n",
    "environment.yml": "channels: [conda-forge]\ndependencies:\n  - flask=3.0\n",
    "environment.yaml": "channels: [conda-forge]\ndependencies:\n  - pip\n  - pip:\n    - flask==3.0.3\n",
    "Pipfile": '[packages]\nflask = ">=3"\n',
    "setup.cfg": "[metadata]\nname = shop\n[options]\ninstall_requires =\n    flask>=3\n",
    "setup.py": 'from setuptools import setup\nsetup(name="shop", install_requires=["flask>=3"])\n',
    "pyproject.toml": f'{PROJECT}dependencies = ["flask>=3"]\n',
}
RANKED = list(ASKS_FOR_3)


def asking(path: str, specifier: str) -> str:
    """The file with another version: `==` and a release."""
    version = f"={specifier}" if path in ("conda-packages.txt", "environment.yml") else f"=={specifier}"
    text = ASKS_FOR_3[path]
    for old in ("==3.0.3", "=3.0.3=pyhd8ed1ab_0", "=3.0", ">=3"):
        if old in text:
            return text.replace(old, version)
    raise AssertionError(path)


def drifts(text: str, path: str, files: dict[str, str]) -> list[Diagnostic]:
    return check(text, path=path, files=files, select="RQ405")


# Which files


@pytest.mark.parametrize("path", RANKED)
@pytest.mark.parametrize("other", RANKED)
def test_of_two_files_one_is_reported(path: str, other: str) -> None:
    old = asking(path, "2.3.3")
    found = drifts(old, path, {other: ASKS_FOR_3[other]}) if path != other else []
    unrelated = {
        ("requirements.txt", "conda-packages.txt"),  # installed together
        ("constraints.txt", "conda-packages.txt"),  # pip's constraints do not limit conda
        ("constraints.txt", "environment.yml"),
        ("environment.yml", "environment.yaml"),  # two of a kind
    }
    is_first = RANKED.index(path) < RANKED.index(other) and (path, other) not in unrelated
    assert [item.dependency for item in found] == (["flask"] if is_first else [])
    if is_first:
        [item] = found
        assert "2.3.3" in item.source.text[slice(*item.span)]
        assert [label.source.path for label in item.related] == [f"project/{other}"]


@pytest.mark.parametrize("path", RANKED)
@pytest.mark.parametrize("other", RANKED)
def test_files_that_agree(path: str, other: str) -> None:
    assert drifts(asking(path, "3.0.3"), path, {other: ASKS_FOR_3[other]} if path != other else {}) == []


@pytest.mark.parametrize(
    "path",
    [
        "requirements-dev.txt",
        "requirements-cpu.txt",
        "dev-requirements.txt",
        "requirements.in",
        "Requirements.txt",
        "docs/requirements.txt",
        "environment-gpu.yml",
        "conda-packages-gpu.txt",
    ],
)
def test_files_of_other_names_and_folders(path: str) -> None:
    text = "channels: [x]\ndependencies:\n  - flask=2.3\n" if path.endswith("yml") else "flask==2.3.3\n"
    assert drifts(text, path, {"pyproject.toml": ASKS_FOR_3["pyproject.toml"]}) == []


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ("pyproject.toml", f'{PROJECT}[project.optional-dependencies]\nnew = ["flask>=3"]\n'),
        ("pyproject.toml", f'{PROJECT}[dependency-groups]\ndev = ["flask>=3"]\n'),
        ("pyproject.toml", '[build-system]\nrequires = ["flask>=3"]\n'),
        ("pyproject.toml", '[tool.poetry.group.dev.dependencies]\nflask = "^3"\n'),
        ("pyproject.toml", '[tool.pixi.workspace]\nchannels = []\n[tool.pixi.dependencies]\nflask = ">=3"\n'),
        ("pyproject.toml", '[tool.pixi.workspace]\nchannels = []\n[tool.pixi.pypi-dependencies]\nflask = ">=3"\n'),
        ("Pipfile", '[dev-packages]\nflask = ">=3"\n'),
        ("Pipfile", '[docs]\nflask = ">=3"\n'),
        ("setup.cfg", "[options]\nsetup_requires = flask>=3\n[options.extras_require]\nnew = flask>=3\n"),
        ("environment.yml", "name: x\njobs: [flask=3]\ndependencies:\n  - flask=3.0\n"),
        ("pyproject.toml", "dependencies = [flask>=3\n"),
        ("setup.py", "install_requires=[flask>=3\n"),
    ],
)
def test_other_groups_and_broken_files(other: str, text: str) -> None:
    assert drifts("flask==2.3.3\n", "requirements.txt", {other: text}) == []


# What is compared


@pytest.mark.parametrize(
    ("line", "wish", "is_drift"),
    [
        ("flask==2.3.3", "flask>=3", True),
        ("Flask==2.3.3", "flask >= 3", True),
        ("flask[async]==2.3.3", "flask>=3", True),
        ("flask>=2,<3", "flask>=3", True),
        ("flask>=2", "flask>=3", False),
        ("flask", "flask>=3", False),
        ("flask==2.3.3", "flask", False),
        ("flask==${VERSION}", "flask>=3", False),
        ("flask @ https://files.example.com/flask-2.3.3-py3-none-any.whl", "flask>=3", True),
        ("flask @ https://files.example.com/flask-3.0.3-py3-none-any.whl", "flask>=3", False),
        ("flask @ https://files.example.com/flask-2.3.3.tar.gz", "flask>=3", False),
        ("flask @ git+https://git.example.com/flask@2.3.3", "flask>=3", False),
        ("flask==2.3.3 ; python_version < '3.8'", "flask>=3 ; python_version >= '3.8'", False),
        ("flask==2.3.3 ; sys_platform == 'win32'", "flask>=3", True),
        ("flask==2.3.3 ; python_version < '3.8'\nflask==3.0.3 ; python_version >= '3.8'", "flask>=3", False),
        ("flask==2.3.3", "flask<3 ; python_version < '3.8'\", \"flask>=3 ; python_version >= '3.8'", False),
        ("flask>=3,<2", "flask>=3", False),
    ],
)
def test_requirements(line: str, wish: str, *, is_drift: bool) -> None:
    other = {"pyproject.toml": f'{PROJECT}dependencies = ["{wish}"]\n'}
    found = drifts(f"{line}\n", "requirements.txt", other)
    assert [underlined(item) for item in found] == ([line] if is_drift else [])


@pytest.mark.parametrize("tables", ['flask = "^3.0"', '[tool.poetry.dependencies.flask]\nversion = "^3.0"'])
def test_notations_of_poetry(tables: str) -> None:
    text = f'[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.12"\n{tables}\n'
    assert findings("flask==2.3.3\n", files={"pyproject.toml": text}, select="RQ405") == [("RQ405", "flask==2.3.3")]
    assert findings("flask==3.1.0\n", files={"pyproject.toml": text}, select="RQ405") == []


def test_what_comes_from_elsewhere() -> None:
    text = f'{PROJECT}dependencies = ["flask>=3"]\n[tool.uv.sources]\nflask = {{ path = "flask" }}\n'
    assert findings("flask==2.3.3\n", files={"pyproject.toml": text}, select="RQ405") == []


@pytest.mark.parametrize(
    ("line", "spec", "is_drift"),
    [
        ("torch==2.4.0", "pytorch=2.3", True),
        ("torch==2.3.1", "pytorch=2.3", False),
        ("graphviz==0.20.3", "graphviz=12.0", False),
        ("opencv-python==4.10.0.84", "opencv=4.10.0=py312_0", False),
        ("opencv-python==4.10.0.84", "opencv=4.9.0=py312_0", True),
        ("numpy==1.26.4", "numpy=2024a", False),
    ],
)
def test_names_and_versions_of_conda(line: str, spec: str, *, is_drift: bool) -> None:
    other = {"environment.yml": f"channels: [conda-forge]\ndependencies:\n  - {spec}\n"}
    assert len(drifts(f"{line}\n", "requirements.txt", other)) == is_drift


def test_the_users_own_table_of_names() -> None:
    files = {
        "environment.yml": "channels: [conda-forge]\ndependencies:\n  - ours=1.0\n",
        "names.json": '{"ours": ["theirs"]}',
    }
    options: dict[str, Any] = {"files": files, "select": "RQ405"}
    assert findings("theirs==2.0\n", **options) == []
    assert findings("theirs==2.0\n", **options, conda_names="project/names.json") == [("RQ405", "theirs==2.0")]


def test_one_package_of_conda_that_holds_several_distributions_is_one_finding() -> None:
    text = "channels: [conda-forge]\ndependencies:\n  - opencv=4.9.0\n"
    other = {"setup.cfg": "[options]\ninstall_requires =\n    opencv-python>=4.10\n    opencv-contrib-python>=4.10\n"}
    assert [underlined(item) for item in drifts(text, "environment.yml", other)] == ["opencv=4.9.0"]


# What stands in no relation


@pytest.mark.parametrize(
    ("code", "is_drift"),
    [
        ('reqs = ["flask>=3"]', True),
        ('reqs = []\nif NEW:\n    reqs.append("flask>=3")', False),
        ('reqs = ["flask>=3"] if NEW else []', False),
        ('reqs = []\ntry:\n    import flask\nexcept ImportError:\n    reqs += ["flask>=3"]', False),
    ],
)
def test_branches_of_a_setup_py(code: str, *, is_drift: bool) -> None:
    text = f'from setuptools import setup\n{code}\nsetup(name="shop", install_requires=reqs)\n'
    assert len(drifts("flask==2.3.3\n", "requirements.txt", {"setup.py": text})) == is_drift


def test_what_one_file_includes_is_not_compared() -> None:
    requirements = "flask==2.3.3\n"
    dynamic = (
        '[project]\nname = "shop"\nversion = "1.0"\ndynamic = ["dependencies"]\n'
        '[tool.setuptools.dynamic]\ndependencies = { file = ["requirements.txt"] }\n'
        '[tool.poetry.dependencies]\nflask = ">=3"\n'
    )
    assert drifts(requirements, "requirements.txt", {"pyproject.toml": dynamic}) == []
    constraints = {"constraints.txt": "flask==3.0.3\n"}
    assert len(drifts(requirements, "requirements.txt", constraints)) == 1
    assert drifts(f"-c constraints.txt\n{requirements}", "requirements.txt", constraints) == []
    both = {**constraints, "more.txt": "-c constraints.txt\n"}
    assert drifts(f"-r more.txt\n{requirements}", "requirements.txt", both) == []
    environment = "channels: [x]\ndependencies:\n  - flask=3.0\n  - pip\n  - pip: [-r requirements.txt]\n"
    assert drifts(requirements, "requirements.txt", {"environment.yml": environment}) == []


@pytest.mark.parametrize(
    "text",
    [
        (
            "# This file is autogenerated by pip-compile with Python 3.12\n# by the following command:\n#\n"
            "#    pip-compile pyproject.toml\n#\nflask==2.3.3\n"
        ),
        "flask==2.3.3\n    # via shop (pyproject.toml)\n",
    ],
)
def test_compiled_files_are_locks(text: str) -> None:
    assert drifts(text, "requirements.txt", {"pyproject.toml": ASKS_FOR_3["pyproject.toml"]}) == []
    assert drifts("flask==3.0.3\n", "requirements.txt", {"constraints.txt": text}) == []


def test_the_header_of_airflows_constraints_is_that_of_no_compiler() -> None:
    text = '#\n# This constraints file was automatically generated\n# via "eager-upgrade" mechanism of PIP.\nflask==2.3.3\n'
    assert len(drifts("flask==3.0.3\n", "requirements.txt", {"constraints.txt": text})) == 1


# What is said


def test_what_it_says() -> None:
    [item] = drifts("flask==2.3.3\n", "requirements.txt", {"pyproject.toml": ASKS_FOR_3["pyproject.toml"]})
    assert item.severity == "warning"
    assert item.message == "no version of `flask` satisfies both `==2.3.3` here and `>=3` in pyproject.toml"
    assert item.label == "not what pyproject.toml asks for"
    [label] = item.related
    assert label.source.text[slice(*label.span)].strip('"') == "flask>=3"


def test_each_file_that_disagrees_is_named() -> None:
    files = {"pyproject.toml": ASKS_FOR_3["pyproject.toml"], "environment.yml": ASKS_FOR_3["environment.yml"]}
    found = drifts("flask==2.3.3\n", "requirements.txt", files)
    assert [item.message.rpartition(" ")[2] for item in found] == ["environment.yml", "pyproject.toml"]


def test_a_url_in_a_message_shows_no_secret() -> None:
    token = TOKENS["gitlab"]
    line = f"flask @ https://oauth2:{token}@files.example.com/flask-2.3.3-py3-none-any.whl\n"
    [item] = drifts(line, "requirements.txt", {"pyproject.toml": ASKS_FOR_3["pyproject.toml"]})
    assert item.message == "no version of `flask` satisfies both 2.3.3 here and `>=3` in pyproject.toml"
    assert token not in f"{item.message}{item.label}{item.help}"


# What it costs


def test_a_neighbour_is_parsed_only_when_it_may_disagree(tmp_path: Path) -> None:
    script = """
import json, sys
from reqlint.cli import main
code = main(["requirements.txt", "--isolated", "--select", "RQ4", "--quiet"])
print()
print(json.dumps([code, [name for name in ("libcst", "yaml", "reqlint.formats.pipfile") if name in sys.modules]]))
"""

    def loaded(requirement: str) -> Any:
        (tmp_path / "requirements.txt").write_text(f"{requirement}\nidna==3.7\ngunicorn\n")
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            env=process_environment(),
        )
        return json.loads(done.stdout.splitlines()[-1])

    (tmp_path / "environment.yml").write_text(
        "dependencies:\n  - python=3.12\n  - flask=3.0\n  - idna\n  - gunicorn=23\n"
    )
    (tmp_path / "setup.py").write_text(
        "from setuptools import setup\nsetup(install_requires=['gunicorn>=20', 'idna'])\n"
    )
    (tmp_path / "Pipfile").write_text('[packages]\nflask = ">=3"\n')
    assert loaded("requests==2.32.3") == [0, []]
    assert loaded("flask==3.0.3") == [0, ["yaml", "reqlint.formats.pipfile"]]
    assert loaded("flask==2.3.3") == [1, ["yaml", "reqlint.formats.pipfile"]]


@pytest.mark.parametrize("filler", ["a", "a ", "a-", "flask ", "[a]", "flask]"])
def test_a_look_at_a_large_neighbour_is_short(filler: str) -> None:
    files = {"pyproject.toml": f"# {filler * (400_000 // len(filler))}\n"}
    begin = time.process_time()
    assert drifts("flask==2.3.3\n", "requirements.txt", files) == []
    assert time.process_time() - begin < 5
