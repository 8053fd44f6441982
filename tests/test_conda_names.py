"""The table of conda names: what it says, what it covers, and what it costs.

Coverage is measured against scans of all conda packages, which are no part of the product; without them those tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from reqlint.data import conda_names
from reqlint.data.conda_names import pypi_names, read_mapping
from reqlint.requirement import normalize
from scripts import conda_names as generator
from tests.command import process_environment

DATA = Path(os.environ.get("REQLINT_DATA", Path(__file__).parents[1] / "../shared/data")).resolve()
TABLE = Path(conda_names.__file__).with_suffix(".txt")
PAGE = Path(__file__).parents[1] / "docs/conda-names.md"

measured = pytest.mark.skipif(not DATA.is_dir(), reason="there is no data to measure with: set REQLINT_DATA")


def load(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("conda", "expected"),
    [
        ("numpy", "numpy"),
        ("NumPy", "numpy"),
        ("typing-extensions", "typing-extensions"),
        ("typing_extensions", "typing-extensions"),
        ("ruamel.yaml", "ruamel-yaml"),
        ("ruamel_yaml", "ruamel-yaml"),
        ("pip", "pip"),
        ("setuptools", "setuptools"),
        ("wheel", "wheel"),
        ("protobuf", "protobuf"),
        ("lz4", "lz4"),
        ("pyzmq", "pyzmq"),
        ("pytorch", "torch"),
        ("pytorch-gpu", "torch"),
        ("pytables", "tables"),
        ("msgpack-python", "msgpack"),
        ("python-graphviz", "graphviz"),
        ("python-tzdata", "tzdata"),
        ("docker-py", "docker docker-py"),
        ("matplotlib", "matplotlib"),
        ("matplotlib-base", "matplotlib"),
        ("dask", "dask"),
        ("dask-core", "dask"),
        ("poetry-core", "poetry-core"),
        ("xgboost", "xgboost"),
        ("py-xgboost-cpu", "xgboost"),
        ("psycopg2", "psycopg2 psycopg2-binary"),
        ("spacy-model-en_core_web_sm", "en-core-web-sm"),
        ("libcst", "libcst"),
        ("librosa", "librosa"),
        ("lit-nlp", "lit-nlp"),
    ],
)
def test_what_a_conda_package_holds(conda: str, expected: str) -> None:
    assert pypi_names(conda) == frozenset(expected.split())


def test_a_base_package_holds_what_it_is_the_base_of() -> None:
    assert "seaborn" in pypi_names("seaborn-base")
    assert "new-project" in pypi_names("new_project-base")
    assert pypi_names("spark-testing-base") == {"spark-testing-base"}


@pytest.mark.parametrize(
    "conda",
    """
    python graphviz docker kubernetes redis tzdata snappy zstd h3 uv ninja zeromq lz4-c libprotobuf libpq pytorch-cuda cpuonly
    pytorch-mutex r-base r-ggplot2 perl-json bioconductor-limma _libgcc_mutex ld_impl_linux-64 gcc gcc_linux-64 gxx-dbg
    gfortran cuda-nvcc xorg-libx11 libxml2-cos7-x86_64 mesa-libgl-cos6-x86_64
    """.split(),
)
def test_what_is_no_python_package(conda: str) -> None:
    assert pypi_names(conda) == frozenset()


def test_the_user_has_the_last_word() -> None:
    mapping = read_mapping(b'{"Graphviz": "GraphViz", "pytorch": null, "mine": ["Zope.Interface", "b"]}')
    assert pypi_names("graphviz", mapping) == {"graphviz"}
    assert pypi_names("pytorch", mapping) == frozenset()
    assert pypi_names("mine", mapping) == {"zope-interface", "b"}
    assert pypi_names("pytorch-cpu", mapping) == {"torch"}


# What the user's file may be


PAIRS: list[dict[str, str]] = [
    {"conda_name": "opencv", "import_name": "cv2", "mapping_source": "static", "pypi_name": "opencv-python"},
    {"conda_name": "opencv", "import_name": "cv2", "mapping_source": "static", "pypi_name": "opencv-python-headless"},
    {"conda_name": "python-graphviz", "import_name": "graphviz", "mapping_source": "static", "pypi_name": "graphviz"},
]


@pytest.mark.parametrize("content", [PAIRS, {pair["pypi_name"]: pair for pair in PAIRS}], ids=["list", "objects"])
def test_pairs_as_the_graph_of_conda_forge_writes_them(content: object) -> None:
    assert read_mapping(json.dumps(content).encode()) == {
        "opencv": {"opencv-python", "opencv-python-headless"},
        "python-graphviz": {"graphviz"},
    }


def test_part_of_a_path_is_no_name() -> None:
    mapping = {"django-jsoneditor": "0164e082b29777fbc56c2373b68da93d23a29a040787e7f1c65e1562f133"}
    assert pypi_names("django-jsoneditor", read_mapping(json.dumps(mapping).encode())) == {"django-jsoneditor"}


def test_copies_of_other_packages_are_left_out() -> None:
    mapping = read_mapping(
        b'{"ansible": ["ansible", "ansible-core", "pip"], "ansible-core": "ansible-core", "pip": ["pip"]}'
    )
    assert mapping["ansible"] == {"ansible", "ansible-core"}


def test_several_projects_of_one_package_are_kept() -> None:
    mapping = read_mapping(b'{"fenics": ["fenics-ffc", "fenics-ufl"], "rpy2": ["rpy2", "rpy2-robjects"]}')
    assert mapping == {"fenics": {"fenics-ffc", "fenics-ufl"}, "rpy2": {"rpy2", "rpy2-robjects"}}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a": "b"\n"c": "d"}', "it is no valid JSON: line 2, column 1"),
        (b"", "it is no valid JSON: line 1, column 1"),
        (b"\xff\xfe\xff", "it is no valid JSON"),
        (b"[" * 100_000, "it is nested too deeply to be a table of names"),
        (b'"numpy"', "it is neither a table of names nor a list of pairs"),
        (b'{"a": "a", "b": 3}', "entry 2 is neither a name, nor a list of names, nor null"),
        (b'{"b": ["x", null]}', "entry 1 is neither a name, nor a list of names, nor null"),
        (b'{"b": {"conda_name": "b"}}', "entry 1 lacks a `conda_name` or a `pypi_name`"),
        (b'["numpy"]', "entry 1 of the list is no object with a `conda_name` and a `pypi_name`"),
    ],
)
def test_what_is_wrong_with_the_users_file(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}") as caught:
        read_mapping(data)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


# The table itself


def lines() -> list[str]:
    return [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def test_the_table_is_in_order() -> None:
    names = [line.partition("=")[0] for line in lines()]
    assert names == sorted(set(names))
    for line in lines():
        name, _, held = line.partition("=")
        assert name == name.lower().strip()
        assert [normalize(project) for project in held.split()] == sorted(held.split())


def test_the_page_tells_how_many_names_the_table_has() -> None:
    assert f"{len(lines())} conda packages" in PAGE.read_text(encoding="utf-8")


def test_the_head_of_the_table_tells_what_it_is_made_from() -> None:
    assert re.search(r"conda-pypi \d[\d.]+ and grayskull \d[\d.]+,", TABLE.read_text(encoding="utf-8"))


def test_the_table_holds_what_is_written_by_hand() -> None:
    for name, held in generator.by_hand().items():
        assert held <= pypi_names(name), "run: python scripts/conda_names.py"
        assert held or not pypi_names(name), "run: python scripts/conda_names.py"


def test_how_a_table_is_worked_out() -> None:
    table = generator.table_of(
        {
            "python-thing": frozenset({"thing"}),
            "other-py": frozenset({"other"}),
            "other": frozenset({"other"}),
            "same.name": frozenset({"same-name"}),
            "libfine": frozenset({"libfine"}),
            "lit-nlp": frozenset({"lit"}),
        }
    )
    new = {name: held for name, held in table.items() if name not in generator.by_hand()}
    assert {name: set(held) for name, held in new.items() if not is_derived_by_hand(name)} == {
        "python-thing": {"thing"},
        "thing": set(),
        "other-py": {"other"},
        "libfine": {"libfine"},
    }


def is_derived_by_hand(name: str) -> bool:
    """Whether a name without a package comes from the names that are written by hand."""
    return any(name in held for held in generator.by_hand().values())


def test_it_works_out_of_a_zip_archive(tmp_path: Path) -> None:
    archive = tmp_path / "all.zip"
    package = TABLE.parents[1]
    with zipfile.ZipFile(archive, "w") as target:
        for name in (
            "__init__.py",
            "requirement.py",
            "data/__init__.py",
            "data/conda_names.py",
            "data/conda_names.txt",
        ):
            target.write(package / name, f"reqlint/{name}")
    code = "from reqlint.data.conda_names import *; print(__import__('reqlint').__file__, *pypi_names('pytorch'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=process_environment() | {"PYTHONPATH": str(archive)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] == "torch"
    assert str(archive) in done.stdout


# Coverage


@measured
def test_it_knows_at_least_what_packages_on_pypi_tell() -> None:
    pairs = load("conda_pypi_names_from_pypi_packages.json")
    assert [(conda, held) for conda, held in pairs.items() if not set(held) <= pypi_names(conda)] == []


@measured
def test_how_many_other_names_it_knows() -> None:
    pairs = [(conda, name) for conda, held in load("conda_pypi_names.json").items() for name in held]
    known = [name in pypi_names(conda) for conda, name in pairs]
    assert sum(known) >= 377
    assert f"{sum(known)} of {len(pairs)}" in PAGE.read_text(encoding="utf-8")


@measured
def test_what_only_shares_its_name() -> None:
    """All that are known by hand or by a binding of another name; the scan knows more, which only a scan can tell."""
    namesakes = load("conda_traps.json")["nonpython_conda_name_same_as_pypi"]
    caught = [name for name in namesakes if not pypi_names(name)]
    assert {*generator.NAMESAKES, *generator.PROGRAMS} & set(namesakes) <= set(caught)
    assert f"{len(caught)} of {len(namesakes)}" in PAGE.read_text(encoding="utf-8")


@measured
def test_what_another_package_brings_along_keeps_its_name() -> None:
    same = load("conda_traps.json")["meta_or_renamed_same_project"]
    assert [name for name in same if normalize(name) not in pypi_names(name)] == []


@measured
def test_what_no_python_package_is_taken_for() -> None:
    """Names that no rule tells to be no Python package; they do harm only where PyPI has the same name, and a user has both."""
    same = load("conda_traps.json")["meta_or_renamed_same_project"]
    others = set((DATA / "conda_nonpython_names.txt").read_text(encoding="utf-8").split()) - set(same)
    taken = [name for name in others if pypi_names(name)]
    assert f"{len(taken):,} of {len(others):,}" in PAGE.read_text(encoding="utf-8")
    assert len(taken) <= 6688
