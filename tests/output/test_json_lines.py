from __future__ import annotations

import json
from pathlib import Path

import pytest

from reqlint.output import json as whole
from reqlint.output import json_lines
from reqlint.source import Source
from tests.command import run
from tests.output.reports import MESSAGES, NAMES, finding, report


def test_the_objects_of_json_one_a_line(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask\nrequests # é😀\nb=1\n", encoding="utf-8")
    lines = run("--output-format", "json-lines", cwd=tmp_path).out.splitlines()
    assert len(lines) == 3
    assert [json.loads(line) for line in lines] == run("--output-format", "json", cwd=tmp_path).json


def test_nothing_to_report(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask==1\n")
    assert run("--output-format", "json-lines", cwd=tmp_path).out == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_line_each_whatever_they_hold(name: str) -> None:
    source = Source(name, "flask\n")
    given = report(*(finding(source, message=message) for message in MESSAGES))
    lines = json_lines.render(given).split("\n")
    assert lines.pop() == ""
    assert [json.loads(line)["message"] for line in lines] == MESSAGES
    assert [json.loads(line) for line in lines] == json.loads(whole.render(given))


def test_no_line_holds_a_command() -> None:
    source = Source("##vso[a]##[b].txt", "flask\n")
    text = json_lines.render(report(finding(source, message="##vso[task.complete]##[error]")))
    assert "##[" not in text
    assert "##vso[" not in text


def test_hundreds() -> None:
    source = Source("requirements.txt", "flask\n" * 700)
    lines = json_lines.render(report(*(finding(source, (6 * n, 6 * n + 5)) for n in range(700)))).splitlines()
    assert [json.loads(line)["location"]["row"] for line in lines] == [*range(1, 701)]
