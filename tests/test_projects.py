"""The law of silence, on whole projects as people have them: real folders, with the locks that real tools made.

- ``projects/good/<name>/``: nothing is wrong, so every rule that is on by default is silent, and fixing changes no byte.
- ``projects/bad/<name>/``: what is found is listed in ``findings.txt``, one finding a line in the order in which reqlint
  prints them: ``path:row:column: CODE underlined text`` (of which only the first line).

However the files are given (the folder, all files at once and backwards, one by one), the findings are the same.
``{token:github}`` and its kin stand for tokens that are put together in the copy that is checked. The locks were made with
uv 0.13.9, Poetry 1.8.5 and 2.5.1, PDM 2.22.4, pipenv 2026.10.3, pip-tools 7.6.2 and pip 26.3, and made smaller: the names of
hosts are changed, and most files of each package are left out. Those of conda and pixi are written by hand.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import reqlint
from reqlint.formats import format_of
from reqlint.registry import rules
from tests.command import run
from tests.support import expand, fold, underlined

PROJECTS = Path(__file__).parent / "projects"
FINDINGS = "findings.txt"
_PRINTED = re.compile(r"^(?P<where>.+:\d+:\d+): [a-z]+\[(?P<code>RQ\d{3})\] ", re.MULTILINE)


def _names(kind: str) -> list[str]:
    return sorted(item.name for item in (PROJECTS / kind).glob("*") if item.is_dir())


@pytest.fixture
def folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A copy of a project to work in, which is the current directory: its tokens are put together.

    No folder above it has the name of a test, which could tell what the project's files are for.
    """
    source: Path = PROJECTS / request.param
    copy: Path = tmp_path_factory.mktemp("project") / source.name
    for path in source.rglob("*"):
        if path.is_file() and path != source / FINDINGS:
            target = copy / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(expand(path.read_bytes().decode("latin-1")).encode("latin-1"))
    monkeypatch.chdir(copy)
    return copy


good = pytest.mark.parametrize("folder", [f"good/{name}" for name in _names("good")], indirect=True)
bad = pytest.mark.parametrize("folder", [f"bad/{name}" for name in _names("bad")], indirect=True)


def _manifests(folder: Path) -> list[str]:
    """The files that are manifests by their names, as paths from the folder."""
    paths = sorted(os.fspath(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return [path for path in paths if format_of(path) is not None]


def _found(paths: list[str]) -> list[str]:
    """What the API finds, as ``findings.txt`` has it."""
    lines = []
    for item in reqlint.lint(paths):
        row, column = item.source.position(item.span[0])
        text = underlined(item).splitlines()[:1]
        place = f"{item.source.path.replace(os.sep, '/')}:{row}:{column}"
        lines.append(fold(f"{place}: {item.code} {''.join(text)}".rstrip()))
    return lines


def _printed(*arguments: str, cwd: Path) -> list[str]:
    """What the command prints: place and code of each finding."""
    result = run(*arguments, "--output-format", "concise", cwd=cwd)
    assert result.err == ""
    return [f"{found['where'].replace(os.sep, '/')}: {found['code']}" for found in _PRINTED.finditer(result.out)]


def _expected(folder: Path, kind: str = "bad") -> list[str]:
    path = PROJECTS / kind / folder.name / FINDINGS
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _by_place(lines: list[str]) -> list[str]:
    """The same findings, in the order of the files' names; those of one file keep theirs."""
    return sorted(lines, key=lambda line: line.split(":")[0])


@good
def test_reqlint_is_silent_on_a_good_project(folder: Path) -> None:
    manifests = _manifests(folder)
    assert manifests
    assert _found(["."]) == []
    assert _found(manifests[::-1]) == []
    assert {path: _found([path]) for path in manifests} == {path: [] for path in manifests}
    assert _printed(".", cwd=folder) == []


@good
def test_fixing_leaves_a_good_project_as_it_is(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    result = run("--fix", "--unsafe-fixes", ".", cwd=folder)
    assert (result.code, result.err) == (0, "")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@bad
def test_what_is_found_in_a_bad_project_is_what_is_listed(folder: Path) -> None:
    expected = _expected(folder)
    assert expected
    assert _found(["."]) == expected
    assert _printed(".", cwd=folder) == [" ".join(line.split(" ")[:2]) for line in expected]


@bad
def test_findings_do_not_depend_on_how_the_files_are_given(folder: Path) -> None:
    manifests = _manifests(folder)
    expected = _by_place(_expected(folder))
    assert _by_place(_found(manifests[::-1])) == expected
    assert _by_place([line for path in manifests for line in _found([path])]) == expected


@bad
def test_fixing_a_bad_project_twice_is_fixing_it_once(folder: Path) -> None:
    first = run("--fix", "--unsafe-fixes", ".", cwd=folder)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    second = run("--fix", "--unsafe-fixes", ".", cwd=folder)
    assert (first.err, second.err) == ("", "")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == after


def test_each_rule_that_is_on_by_default_is_broken_by_some_bad_project() -> None:
    broken = {line.split(" ")[1] for path in (PROJECTS / "bad").glob(f"*/{FINDINGS}") for line in _lines(path)}
    missing = {rule.code for rule in rules().values() if rule.default} - broken
    assert missing == {"RQ999"}  # a fault of reqlint's own


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
