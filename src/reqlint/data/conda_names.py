"""Which PyPI projects a conda package holds.

Most conda packages are called as their project on PyPI is, but for ``-``, ``_`` and ``.``. What is called otherwise stands in
conda_names.txt, one name a line, with the projects after a ``=``, and nothing after it where there is no Python package or
another thing of the same name. ``scripts/conda_names.py`` writes that file. What is in no table is judged by its name.
"""

from __future__ import annotations

import os

from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

#: Packages for R, Perl and other languages, compilers, CUDA and libraries in C. What is a Python package all the same stands
#: in the table.
_FOREIGN = tuple("_ r- perl- bioconductor- xorg- ld_impl_ lib cuda- gcc_ gcc- gxx_ gxx- gfortran_ gfortran-".split())
_COMPILERS = ("gcc", "gxx", "gfortran")
# Packages of the operating system, such as mesa-libgl-cos7-x86_64.
_SYSTEM = ("-cos6-", "-cos7-")
_SPACY_MODEL = "spacy-model-"
_BASE = "-base"

_table: list[bytes] = []


def pypi_names(conda: str, mapping: Mapping[str, frozenset[str]] | None = None) -> frozenset[str]:
    """The normalized names of the PyPI projects that a conda package holds.

    ``conda``: its bare name, without channel and version; ``mapping``: a table of the user's, which has the last word on
    the names that it has. Empty for what is no Python package, and for what only shares its name with one.

    >>> sorted(pypi_names("pytorch")), sorted(pypi_names("typing_extensions")), sorted(pypi_names("graphviz"))
    (['torch'], ['typing-extensions'], [])
    """
    conda = conda.lower()
    if mapping is not None and conda in mapping:
        return mapping[conda]
    found = _look_up(conda)
    return by_rule(conda) if found is None else found


def by_rule(conda: str) -> frozenset[str]:
    """What the name of a conda package (in lower case) tells of it, when no table knows it.

    >>> by_rule("r-base"), by_rule("zope.interface"), sorted(by_rule("seaborn-base"))
    (frozenset(), frozenset({'zope-interface'}), ['seaborn', 'seaborn-base'])
    """
    if conda in _COMPILERS or conda.startswith(_FOREIGN) or any(part in conda for part in _SYSTEM):
        return frozenset()
    if conda.startswith(_SPACY_MODEL):
        return frozenset((normalize(conda.removeprefix(_SPACY_MODEL)),))
    # What is needed of a package without what is optional: conda has no extras.
    return frozenset((normalize(conda), normalize(conda.removesuffix(_BASE))))


def _look_up(conda: str) -> frozenset[str] | None:
    if not _table:
        path = os.path.join(os.path.dirname(__file__), "conda_names.txt")
        # The loader finds it in a zip archive, too.
        _table.append(__spec__.loader.get_data(path))  # type: ignore[union-attr]
    lines = _table[0]
    start = lines.find(b"\n%s=" % conda.encode("utf-8", "replace"))
    if start < 0:
        return None
    line = lines[start + 1 : lines.index(b"\n", start + 1)].decode()
    return frozenset(line.rpartition("=")[2].split())


def read_mapping(data: bytes) -> dict[str, frozenset[str]]:
    """The user's own table of conda names: conda's name in lower case -> the normalized names of PyPI projects.

    It is JSON, of one of two shapes: conda names and what each holds, which is a name, a list of names or null for no Python
    package (parselmouth's ``compressed_mapping.json``); or objects with a ``conda_name`` and a ``pypi_name`` (the mappings
    of the graph of conda-forge), as a list or under any key. Of a conda package that holds several projects, those that
    are another package's, and unlike its own, are taken for copies that it brings along, and left out.

    Raises ValueError, with a message that says what is wrong and quotes nothing.
    """
    import json

    try:
        content = json.loads(data)
    except ValueError as error:
        place = f": line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ValueError(f"it is no valid JSON{place}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply to be a table of names") from None
    if isinstance(content, list):
        entries = [(None, value) for value in content]
    elif isinstance(content, dict):
        entries = list(content.items())
    else:
        raise ValueError("it is neither a table of names nor a list of pairs")  # noqa: TRY004 - what is wrong is the file
    found: dict[str, frozenset[str]] = {}
    for number, (key, value) in enumerate(entries, 1):
        conda, names = _entry(key, value, number)
        if names or value is None or value == []:
            found[conda] = found.get(conda, frozenset()) | names
    return dict(_without_copies(found))


def _entry(key: str | None, value: Any, number: int) -> tuple[str, frozenset[str]]:
    """One entry of a user's table: the conda name, and what it holds."""
    if isinstance(value, dict):
        key, value = value.get("conda_name"), value.get("pypi_name")
        if not isinstance(key, str) or not isinstance(value, str):
            raise ValueError(f"entry {number} lacks a `conda_name` or a `pypi_name`")  # noqa: TRY004
    if key is None:
        raise ValueError(f"entry {number} of the list is no object with a `conda_name` and a `pypi_name`")
    names = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"entry {number} is neither a name, nor a list of names, nor null")
    return key.lower(), frozenset(normalize(name) for name in names if not _is_junk(name))


def _is_junk(name: str) -> bool:
    """A few names in the graph of conda-forge are parts of a path on PyPI's file server."""
    return not name or (len(name) >= 40 and set(name) <= set("0123456789abcdef"))


def _without_copies(mapping: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, frozenset[str]]]:
    owned = {own for conda, names in mapping.items() if (own := normalize(conda)) in names}
    for conda, names in mapping.items():
        own = normalize(conda)
        if len(names) > 1 and own in names:
            yield conda, frozenset(name for name in names if name not in owned or name in own or own in name)
        else:
            yield conda, names
