from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from reqlint.output import github, visible
from reqlint.source import Source, Span
from tests.command import run
from tests.output.reports import MESSAGES, NAMES, finding, report

Command = tuple[str, dict[str, str], str]


def parsed(output: str) -> list[Command]:
    """The commands in a log, read as the runner reads them (``ActionCommand.TryParseV2``, then ``TryParse``)."""
    return [command(line) for line in output.split("\n")[:-1] if line.lstrip().startswith("::") or "##[" in line]


def log(output: str) -> list[str]:
    """The lines that are no commands."""
    return [line for line in output.split("\n")[:-1] if not line.startswith("::")]


def command(line: str) -> Command:
    line = line.strip()
    assert line.startswith("::"), line
    end = line.index("::", 2)
    name, _, rest = line[2:end].partition(" ")
    properties = {}
    for part in rest.split(","):
        key, equals, value = part.partition("=")
        assert equals, part
        properties[key.strip()] = unescaped(value, {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"})
    return name, properties, unescaped(line[end + 2 :], {"%0D": "\r", "%0A": "\n", "%25": "%"})


def unescaped(text: str, table: dict[str, str]) -> str:
    for escape, letter in table.items():
        text = text.replace(escape, letter)
    return text


def rendered(text: str, *spans: Span, path: str = "requirements.txt", **fields: Any) -> str:
    source = Source(path, text)
    return github.render(report(*(finding(source, span, advice="what to do", **fields) for span in spans)))


def test_a_finding_on_one_line() -> None:
    [(name, properties, data)] = parsed(rendered("a\nflask\n", (2, 7)))
    assert name == "error"
    assert properties == {
        "title": "reqlint (RQ101)",
        "file": os.path.abspath("requirements.txt"),
        "line": "2",
        "col": "1",
        "endLine": "2",
        "endColumn": "6",
    }
    assert data == "requirements.txt:2:1: RQ101 unpinned: message\n  help: what to do"


def test_columns_only_on_one_line() -> None:
    [(_, properties, _)] = parsed(rendered("a \\\nb\n", (0, 5)))
    assert properties.keys() == {"title", "file", "line", "endLine"}
    assert (properties["line"], properties["endLine"]) == ("1", "2")


def test_nothing_to_report() -> None:
    assert rendered("") == ""


@pytest.mark.parametrize(("severity", "kind"), [("error", "error"), ("warning", "warning"), ("info", "notice")])
def test_kinds(severity: str, kind: str) -> None:
    assert parsed(rendered("flask\n", (0, 5), severity=severity))[0][0] == kind


@pytest.mark.parametrize("name", NAMES)
def test_file_names_come_back_as_they_are(name: str) -> None:
    output = rendered("flask\n", (0, 5), path=name)
    [(kind, properties, data)] = parsed(output)
    assert kind == "error"
    assert properties["file"] == os.path.abspath(name)
    assert properties["line"] == "1"
    assert data.count("\n") == 1


@pytest.mark.parametrize("message", MESSAGES)
def test_messages_come_back_and_stay_in_their_command(message: str) -> None:
    output = rendered("flask\n", (0, 5), message=message)
    [(kind, _, data)] = parsed(output)
    assert kind == "error"
    assert data == f"requirements.txt:1:1: RQ101 unpinned: {visible(message)}\n  help: what to do"
    assert output.count("\n") == 1


@pytest.mark.parametrize("name", [*NAMES, " ::error::x.txt", "\t::error::x.txt"])
def test_what_is_left_out_stands_in_the_log_and_holds_no_command(name: str) -> None:
    source = Source(name, "flask\n")
    most = [finding(source, (0, 0))] * 10
    output = github.render(report(*most, *(finding(source, message=message) for message in MESSAGES)))
    assert [kind for kind, _, _ in parsed(output)] == ["error"] * 10 + ["notice"]
    lines = log(output)
    assert len(lines) == len(MESSAGES)
    assert all(line.startswith("error: ") and ":1:1: RQ101 unpinned: " in line for line in lines)
    assert not any("##[" in line or "##vso[" in line for line in lines)


@pytest.mark.parametrize(("count", "shown"), [(9, 9), (10, 10), (11, 10), (40, 10)])
def test_ten_of_a_kind_then_a_notice(count: int, shown: int) -> None:
    for severity in ("error", "warning"):
        commands = parsed(rendered("flask\n", *((0, end) for end in range(count)), severity=severity))
        own = [item for item in commands if item[0] == severity]
        assert len(own) == shown
        if count > shown:
            assert commands[-1][0] == "notice"
            assert commands[-1][2].startswith(f"{count - shown} more finding")
        output = rendered("flask\n", *((0, end) for end in range(count)), severity=severity)
        assert len(log(output)) == count - shown


@pytest.mark.parametrize(("count", "shown"), [(10, 10), (11, 9)])
def test_the_last_notice_is_kept_for_what_is_left_out(count: int, shown: int) -> None:
    commands = parsed(rendered("flask\n", *((0, end) for end in range(count)), severity="info"))
    assert len(commands) == 10
    assert sum("RQ101" in data for _, _, data in commands) == shown
    assert commands[-1][2].startswith("2 more findings") == (count > 10)


def test_the_worst_come_first(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a==${B}\nflask>=3\nrequests\n")
    result = run("--output-format", "github", "--select", "RQ1", cwd=tmp_path)
    assert [kind for kind, _, _ in parsed(result.out)] == ["error", "warning", "notice"]


def test_messages_fit_what_github_shows() -> None:
    [(_, _, data)] = parsed(rendered("flask\n", (0, 5), message="x" * 100_000))
    assert len(data) < 4096
