"""The hashes are those of the real tools.

``fixtures/fingerprints.json`` holds what Poetry 1.1.15, 1.8.5, 2.0.1, 2.2.1 and 2.5.1 and pipenv 2023.12.1 and 2026.10.3
said; ``fixtures/make_fingerprints.py`` asked them. plette, which does it for pipenv, is asked here too.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import plette  # type: ignore[import-untyped]
import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from reqlint.fingerprint import of_pipfile, of_pyproject

FIXTURE = Path(__file__).parent / "fixtures" / "fingerprints.json"
HASHED: list[dict[str, str]] = [
    {"tool": row["tool"], "text": row["text"], "version": version, "hash": found}
    for row in json.loads(FIXTURE.read_text(encoding="utf-8"))
    for version, found in row["hashes"].items()
]
GROUPS = '[project]\nname = "shop"\ndependencies = ["idna"]\n[dependency-groups]\ntest = ["pytest"]\n'


def rows(tool: str) -> list[Any]:
    return [
        pytest.param(row, id=f"{row['version']}-{number}")
        for number, row in enumerate(row for row in HASHED if row["tool"] == tool)
    ]


def test_the_fixtures_hold_what_they_should() -> None:
    assert {(row["tool"], row["version"]) for row in HASHED} == {
        ("poetry", "1.1.15"),
        ("poetry", "1.8.5"),
        ("poetry", "2.0.1"),
        ("poetry", "2.2.1"),
        ("poetry", "2.5.1"),
        ("pipenv", "2023.12.1"),
        ("pipenv", "2026.10.3"),
    }
    assert len(HASHED) > 180


@pytest.mark.parametrize("row", rows("pipenv"))
def test_pipenv(row: dict[str, str]) -> None:
    assert row["hash"] in of_pipfile(row["text"])


@pytest.mark.parametrize("row", rows("poetry"))
def test_poetry(row: dict[str, str]) -> None:
    assert row["hash"] in of_pyproject(row["text"])
    assert row["hash"] in of_pyproject(row["text"], row["version"])


def test_no_pipfile_has_the_hash_of_another_one() -> None:
    # Categories of one's own were not hashed once; where the tool itself sees no difference, there is none.
    texts = [row for row in HASHED if row["version"] == "2026.10.3" and "[docs]" not in row["text"]]
    for row in texts:
        for other in texts:
            assert (row["hash"] in of_pipfile(other["text"])) == (row["hash"] == other["hash"]), other["text"]


def test_no_pyproject_has_the_hash_of_another_one() -> None:
    texts = [row for row in HASHED if row["version"] == "2.5.1"]
    for row in texts:
        for other in texts:
            found = of_pyproject(other["text"], "2.5.1")
            assert (row["hash"] in found) == (row["hash"] == other["hash"]), other["text"]


def test_without_a_source_the_hash_depends_on_the_configuration_of_pip() -> None:
    assert of_pipfile('[packages]\nflask = "*"\n') == frozenset()


@pytest.mark.parametrize(
    ("generator", "count"),
    [(None, 3), ("1.8.5", 3), ("2.0.1", 2), ("2.2.1", 2), ("2.3.0", 1), ("2.10.0", 1), ("3.0", 1), ("2.3.0.dev0", 3)],
)
def test_what_the_version_of_poetry_tells(generator: str | None, count: int) -> None:
    assert len(of_pyproject(GROUPS, generator)) == count


def test_a_changed_group_is_seen_by_the_version_that_hashes_groups() -> None:
    changed = GROUPS.replace("pytest", "pytest>=8")
    assert not of_pyproject(GROUPS, "2.3.0") & of_pyproject(changed, "2.3.0")
    assert of_pyproject(GROUPS, "2.2.1") & of_pyproject(changed, "2.2.1")


@pytest.mark.parametrize("text", ["[", "source = []\nsource = []\n", "a = " + "[" * 5000, "<<<<<<< HEAD\n", "\0"])
def test_what_is_no_toml_has_no_hash(text: str) -> None:
    assert of_pipfile(text) == frozenset() == of_pyproject(text)


@pytest.mark.parametrize(
    "text",
    [
        'packages = 1\nsource = "x"\n',
        'source = 1\ntool = 1\nproject = "x"\n',
        "source = []\ndocs = 1\n[tool]\npoetry = []\n",
    ],
)
def test_what_has_another_shape_ends_in_no_traceback(text: str) -> None:
    assert of_pipfile(text)
    assert of_pyproject(text)


def test_a_date_cannot_be_locked() -> None:
    assert of_pipfile("source = []\n[packages]\na = {when = 2024-01-01}\n") == frozenset()
    assert of_pyproject("[tool.poetry.dependencies]\na = {when = 2024-01-01}\n", "2.5.1") == frozenset()


NAMES = st.text("abcXYZ019._-", min_size=1, max_size=8).filter(lambda name: name.strip("._-"))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
WORDS = st.text("abc .:/=\u00e9", min_size=1, max_size=8)
SPECS = TEXTS | st.fixed_dictionaries(
    {"version": TEXTS},
    optional={
        "extras": st.lists(TEXTS, max_size=3),
        "editable": st.booleans(),
        "markers": TEXTS,
        "ref": TEXTS,
        "index": TEXTS,
    },
)
PACKAGES = st.dictionaries(NAMES, SPECS, max_size=4)
SOURCES = st.lists(st.fixed_dictionaries({"name": TEXTS, "url": TEXTS, "verify_ssl": st.booleans()}), min_size=1)
PIPFILES = st.fixed_dictionaries(
    {"source": SOURCES},
    optional={
        "packages": PACKAGES,
        "dev-packages": PACKAGES,
        "docs": PACKAGES,
        "Other Tests": PACKAGES,
        "requires": st.fixed_dictionaries({"python_version": TEXTS}),
        "scripts": st.dictionaries(NAMES, WORDS.filter(str.strip), max_size=2),
        "pipenv": st.fixed_dictionaries({"allow_prereleases": st.booleans()}),
    },
)


@given(PIPFILES)
def test_plette_agrees(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    assert plette.Pipfile.load(io.StringIO(text)).get_hash().value in of_pipfile(text)
