from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from junitparser import Error, Failure, JUnitXml, TestSuite

from reqlint.diagnostic import Diagnostic
from reqlint.output import junit, visible
from reqlint.source import Source
from tests.command import run
from tests.output.reports import MESSAGES, NAMES, finding, report


def suites(text: str) -> list[TestSuite]:
    """The suites as junitparser reads them, whose sums are right."""
    assert text.isascii()
    whole = JUnitXml.fromstring(text.encode())
    read = list(whole)
    for suite in read:
        cases = list(suite)
        results = [result for case in cases for result in case.result]
        assert suite.tests == len(cases)
        assert suite.failures == sum(isinstance(result, Failure) for result in results)
        assert suite.errors == sum(isinstance(result, Error) for result in results)
        assert len({case.name for case in cases}) == len(cases)
    for total in ("tests", "failures", "errors"):
        assert getattr(whole, total) == sum(getattr(suite, total) for suite in read)
    return read


def rendered(*items: Diagnostic, clean: tuple[str, ...] = ()) -> list[TestSuite]:
    return suites(junit.render(report(*items, clean=clean)))


def test_a_failure_for_each_finding_and_a_pass_for_each_clean_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "requirements.txt").write_text("flask\nrequests>=2\nflask\n")
    (tmp_path / "requirements.txt").write_text("flask==1\n")
    read = suites(run("--output-format", "junit", "--select", "RQ101,RQ102", cwd=tmp_path).out)
    first, second = sorted(read, key=lambda suite: str(suite.name))
    assert first.name == "a/requirements.txt"
    assert [case.name for case in first] == [
        "RQ101 unpinned: flask",
        "RQ102 loosely-pinned: requests",
        "RQ101 unpinned: flask (2)",
    ]
    [failure] = next(iter(first)).result
    assert isinstance(failure, Failure)
    assert failure.type == "error"
    assert failure.message == "`flask` has no version"
    assert failure.text.startswith("a/requirements.txt:1:1: RQ101 unpinned: `flask` has no version\n  help: ")
    assert [case.classname for case in first] == ["a/requirements.txt"] * 3
    [passed] = second
    assert second.name == "requirements.txt"
    assert passed.is_passed


def test_the_place_of_a_case_can_be_looked_up() -> None:
    text = junit.render(report(finding(Source("requirements.txt", "\nflask\n"), (1, 6))))
    [case] = ET.fromstring(text).iter("testcase")
    assert (case.get("file"), case.get("line")) == ("requirements.txt", "2")


def test_no_file_at_all_is_no_failure() -> None:
    """Jenkins refuses a report without cases."""
    [suite] = rendered()
    [case] = suite
    assert case.is_passed


def test_a_fault_of_reqlint_is_an_error_and_no_failure() -> None:
    source = Source("requirements.txt", "flask\n")
    [suite] = rendered(finding(source), finding(source, code="RQ999", name="internal-error"))
    assert [[type(result) for result in case.result] for case in suite] == [[Failure], [Error]]


@pytest.mark.parametrize("name", NAMES)
def test_names_come_back(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [suite] = rendered(finding(Source(name, "flask\n")))
    assert suite.name == visible(name)
    [clean] = rendered(clean=(name,))
    assert clean.name == visible(name)


@pytest.mark.parametrize("message", MESSAGES)
def test_messages_come_back(message: str) -> None:
    source = Source("requirements.txt", "flask\n")
    text = junit.render(report(finding(source, message=message, advice=message, dependency=message)))
    assert "##[" not in text
    assert "##vso[" not in text
    [suite] = suites(text)
    [case] = suite
    [failure] = case.result
    legal = visible(message).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    assert failure.message == legal
    assert failure.text == f"requirements.txt:1:1: RQ101 unpinned: {legal}\n  help: {legal}"


def test_hundreds() -> None:
    source = Source("requirements.txt", "flask\n" * 700)
    [suite] = rendered(*(finding(source, (6 * n, 6 * n + 5), dependency="flask") for n in range(700)))
    assert suite.tests == 700
