from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from reqlint.diagnostic import Diagnostic
from reqlint.output import azure, visible
from reqlint.source import Source
from tests.command import run
from tests.output.reports import MESSAGES, NAMES, finding, report

Issue = tuple[dict[str, str], str]


def issues(output: str) -> list[Issue]:
    """The issues in a log, read as the agent reads them (``Command.TryParse``, ``CommandStringConvertor.Unescape``)."""
    assert output == "" or output.endswith("\n")
    return [issue(line) for line in output.split("\n")[:-1] if "##vso[" in line]


def issue(line: str) -> Issue:
    begin = line.index("##vso[") + 6
    end = line.index("]", begin)
    command, _, rest = line[begin:end].partition(" ")
    assert command == "task.logissue"
    properties = {}
    for part in rest.strip().split(";"):
        if part:
            key, equals, value = part.partition("=")
            assert equals, part
            properties[key] = unescaped(value)
    return properties, unescaped(line[end + 1 :])


def unescaped(text: str) -> str:
    for escape, letter in {"%3B": ";", "%0D": "\r", "%0A": "\n", "%5D": "]", "%AZP25": "%"}.items():
        text = text.replace(escape, letter)
    return text


def rendered(*items: Diagnostic) -> str:
    return azure.render(report(*items))


def test_a_finding() -> None:
    source = Source("requirements.txt", "a\n😀 flask\n")
    [(properties, message)] = issues(rendered(finding(source, (4, 9), advice="what to do")))
    assert properties == {
        "type": "error",
        "sourcepath": os.path.abspath("requirements.txt"),
        "linenumber": "2",
        "columnnumber": "3",
        "code": "RQ101",
    }
    assert message == "requirements.txt:2:3: RQ101 unpinned: message (help: what to do)"


def test_nothing_to_report() -> None:
    assert rendered() == ""


@pytest.mark.parametrize("name", NAMES)
def test_file_names_come_back_as_they_are(name: str) -> None:
    [(properties, _)] = issues(rendered(finding(Source(name, "flask\n"))))
    assert properties["sourcepath"] == os.path.abspath(name)
    assert properties["code"] == "RQ101"


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("severity", ["error", "info"])
def test_messages_come_back_and_hold_no_command(message: str, severity: Any) -> None:
    output = rendered(finding(Source("requirements.txt", "flask\n"), message=message, severity=severity))
    assert output.count("\n") == 1
    assert output.count("##vso[") == (severity == "error")
    assert "##[" not in output
    assert not output.lstrip().startswith("::")
    [said] = [text for _, text in issues(output)] or [output.rstrip("\n")]
    expected = visible(message).replace("##", "# #")
    assert said.endswith(f"requirements.txt:1:1: RQ101 unpinned: {expected}")


def test_the_worst_come_first_and_an_info_is_a_line_of_the_log(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a==${B}\nflask>=3\nrequests\n")
    result = run("--output-format", "azure", "--select", "RQ1", cwd=tmp_path)
    assert [properties["type"] for properties, _ in issues(result.out)] == ["error", "warning"]
    assert result.out.splitlines()[-1].startswith("info: requirements.txt:1:4: RQ111 templated-version: ")


def test_hundreds_are_all_in_the_log() -> None:
    source = Source("requirements.txt", "flask\n" * 700)
    found = issues(rendered(*(finding(source, (6 * n, 6 * n + 5)) for n in range(700))))
    assert [properties["linenumber"] for properties, _ in found] == [str(n) for n in range(1, 701)]
