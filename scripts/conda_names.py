"""Write the table of conda packages that are not called as their projects on PyPI are.

It is made from what two packages on PyPI hold, and from the names written by hand below:

- conda-pypi bundles the mapping of conda-forge's graph (``grayskull_pypi_mapping.json``), which was worked out from the sources
  of all recipes: one conda name for each project on PyPI;
- grayskull, which writes recipes, has a small list of its own (``strategy/config.yaml``).

The wheels are downloaded with pip; the head of the table records their versions. Run it from an environment that holds
reqlint and pip:

    .venv/bin/python scripts/conda_names.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import yaml

from reqlint.data import conda_names
from reqlint.requirement import normalize

TABLE = Path(conda_names.__file__).with_suffix(".txt")
HEAD = """\
# What conda packages hold whose name does not tell: name=projects on PyPI, none for what is no Python package.
# Written by scripts/conda_names.py from {inputs}, and by hand; do not edit.
"""

OPENCV = "opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless"

#: Families of packages: conda splits them by what they need, PyPI by what they were built for, or not at all.
FAMILIES = {
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "tensorflow-base": "tensorflow",
    "tensorflow-cpu": "tensorflow tensorflow-cpu",
    "tensorflow-gpu": "tensorflow tensorflow-gpu",
    "opencv": OPENCV,
    "py-opencv": OPENCV,
    "libopencv": OPENCV,
    "faiss": "faiss-cpu faiss-gpu",
    "faiss-gpu": "faiss-gpu faiss-cpu",
    "dask-core": "dask",
    "ray-all": "ray",
    "ray-core": "ray",
    "ray-dashboard": "ray",
    "ray-data": "ray",
    "ray-default": "ray",
    "ray-rllib": "ray",
    "ray-serve": "ray",
    "ray-train": "ray",
    "ray-tune": "ray",
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "py-xgboost-gpu": "xgboost",
    "xgboost": "xgboost",
    "pyside6": "pyside6 pyside6-essentials pyside6-addons",
    "psycopg2": "psycopg2 psycopg2-binary",
    "uvicorn-standard": "uvicorn",
    "airflow": "apache-airflow",
    "superset": "apache-superset",
    "pytables": "tables",
    "msgpack-python": "msgpack",
    "locustio": "locust locustio",
    "suds-jurko": "suds-community suds-jurko",
    "u8darts": "darts u8darts",
    "docker-py": "docker docker-py",
    "brotli-python": "brotli",
    "zeromq": "",
    "pytorch-cuda": "",
    "pytorch-mutex": "",
    "cpuonly": "",
    "lz4-c": "",
    "python": "",
}

#: A library or a program at conda; on PyPI, its bindings, or something else of the same name.
NAMESAKES = """
attr blis blosc brotli cdo cityhash couchdb damask darts docker eccodes embree flatbuffers flex geotiff ghostscript glfw glpk
gnupg graphviz h3 htcondor hunspell igraph ipopt jq julia krb5 kubernetes leveldb libsvm libtiff lmdb meilisearch metis mujoco
nco ollama openexr openvino oras patch pdal playwright plumed podman quantlib s2geometry snappy sox stim symengine tbb tiledb
triangle tzdata unicorn wget xxhash zstd
""".split()

#: The same program on both sides, which conda does not install as a Python package: pip neither sees nor replaces it.
PROGRAMS = "cmake curl ffmpeg git juliaup make ninja nodejs postgresql redis taplo typst uv winpty".split()

#: What the inputs say, and is wrong.
MISTAKES = {
    ("intake-accumulo", "intake-astro"): "a slip in grayskull's list: they are two projects",
    ("lit-nlp", "lit"): "the name of the module: on PyPI, `lit` is LLVM's tester",
}


def main() -> None:
    """Download, read, and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        graph, mapping = from_wheel("conda-pypi", "conda_pypi/grayskull_pypi_mapping.json", folder)
        recipes, listed = from_wheel("grayskull", "grayskull/strategy/config.yaml", folder)
    rows = [
        {"conda_name": row.get("conda_forge", name), "pypi_name": name} for name, row in yaml.safe_load(listed).items()
    ]
    pairs = list(json.loads(mapping).values()) + rows
    table = table_of(conda_names.read_mapping(json.dumps(pairs).encode()))
    head = HEAD.format(inputs=f"conda-pypi {graph} and grayskull {recipes}")
    lines = [f"{name}={' '.join(sorted(held))}\n" for name, held in sorted(table.items())]
    TABLE.write_text(head + "".join(lines), encoding="utf-8", newline="\n")
    print(f"{len(table)} names")


def from_wheel(project: str, name: str, folder: str) -> tuple[str, bytes]:
    """The version of a project's newest wheel on the index, and one file out of it."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*command, "--dest", folder, project], check=True)
    (wheel,) = Path(folder).glob(f"{project.replace('-', '_')}-*.whl")
    with ZipFile(wheel) as archive:
        return wheel.name.split("-")[1], archive.read(name)


def table_of(known: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """All names that need to be told, from what is known of some conda packages.

    Where PyPI's `name` is `python-name` at conda, or the like, conda's own `name` is something else: the library that is
    bound, as a rule.
    """
    table = by_hand()
    own = {name for conda, names in known.items() if (name := normalize(conda)) in names}
    for conda, names in known.items():
        right = frozenset(name for name in names if (conda, name) not in MISTAKES)
        if right:
            table[conda] = table.get(conda, frozenset()) | right
    for conda, names in list(table.items()):
        for name in names:
            if name not in own and is_binding(normalize(conda), name):
                table.setdefault(name, frozenset())
    return {name: held for name, held in table.items() if held != conda_names.by_rule(name)}


def by_hand() -> dict[str, frozenset[str]]:
    """The names that are written here."""
    table: dict[str, frozenset[str]] = dict.fromkeys([*NAMESAKES, *PROGRAMS], frozenset())
    return table | {name: frozenset(held.split()) for name, held in FAMILIES.items()}


def is_binding(conda: str, project: str) -> bool:
    """Whether the name of a conda package says that it is a project for Python, and not what that is named after."""
    before = [f"{prefix}{project}" for prefix in ("python-", "py-", "py")]
    return conda in before or conda in [f"{project}{suffix}" for suffix in ("-python", "-py", "-python-bindings")]


if __name__ == "__main__":
    main()
