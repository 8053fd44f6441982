from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reqlint.diagnostic import Label
from reqlint.fixes import Edit, Fix, apply
from reqlint.output import rdjson, visible
from reqlint.source import Source
from tests.command import install, run
from tests.output.reports import MESSAGES, NAMES, finding, report


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


STRING = {"type": "string", "minLength": 1}
NUMBER = {"type": "integer", "minimum": 1}
POSITION = closed(["line"], line=NUMBER, column=NUMBER)
RANGE = closed(["start", "end"], start=POSITION, end=POSITION)
LOCATION = closed(["path", "range"], path=STRING, range=RANGE)
#: The fields of ``reviewdog.proto`` that we write: reviewdog refuses the whole of a result with one that it does not know.
RESULT = closed(
    ["source", "diagnostics"],
    source=closed(["name"], name={"const": "reqlint"}),
    diagnostics={
        "type": "array",
        "items": closed(
            ["message", "location", "severity", "code"],
            message=STRING,
            location=LOCATION,
            severity={"enum": ["ERROR", "WARNING", "INFO"]},
            code=closed(["value"], value=STRING),
            related_locations={
                "type": "array",
                "items": closed(["message", "location"], message=STRING, location=LOCATION),
            },
            suggestions={
                "type": "array",
                "items": closed(["range", "text"], range=RANGE, text={"type": "string"}),
            },
        ),
    },
)


def read(text: str) -> list[dict[str, Any]]:
    value = json.loads(text)
    jsonschema.validate(value, RESULT)
    found: list[dict[str, Any]] = value["diagnostics"]
    return found


def accepted(data: bytes, item: dict[str, Any]) -> bytes:
    """A file after the suggestion of a finding was accepted on GitHub: lines are replaced, by none where the text is empty."""
    [suggestion] = item["suggestions"]
    assert "column" not in json.dumps(suggestion["range"])
    first, last = suggestion["range"]["start"]["line"], suggestion["range"]["end"]["line"]
    lines = data.split(b"\n")  # as git counts them
    assert last < len(lines) or (last == len(lines) and lines[-1])
    new = suggestion["text"].encode()
    lines[first - 1 : last] = new.split(b"\n") if new else []
    return b"\n".join(lines)


def test_one_finding(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a==1\nflask\n")
    [item] = read(run("--output-format", "rdjson", "--select", "RQ101", cwd=tmp_path).out)
    assert item["message"].startswith("`flask` has no version\n\nhelp: ")
    assert item["severity"] == "ERROR"
    assert item["code"] == {"value": "RQ101 unpinned"}
    assert item["location"] == {
        "path": "requirements.txt",
        "range": {"start": {"line": 2, "column": 1}, "end": {"line": 2, "column": 6}},
    }


def test_nothing_to_report(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask==1\n")
    assert read(run("--output-format", "rdjson", cwd=tmp_path).out) == []


@pytest.mark.parametrize(("severity", "theirs"), [("error", "ERROR"), ("warning", "WARNING"), ("info", "INFO")])
def test_severities(severity: Any, theirs: str) -> None:
    [item] = read(rdjson.render(report(finding(Source("a.txt", "flask\n"), severity=severity))))
    assert item["severity"] == theirs


@pytest.mark.parametrize("before", ["", "a", "é", "日本", "😀", "e\u0301", "\U00010400"])
def test_columns_count_bytes(before: str) -> None:
    source = Source("a.txt", f"x\n{before}flask é\n")
    start = 2 + len(before)
    [item] = read(rdjson.render(report(finding(source, (start, start + 7)))))
    line = source.text.split("\n")[1].encode()
    places = item["location"]["range"]
    assert places["start"]["line"] == places["end"]["line"] == 2
    assert line[places["start"]["column"] - 1 : places["end"]["column"] - 1] == "flask é".encode()


def test_columns_of_the_formats_own_example() -> None:
    """In the comment on ``Position`` in ``reviewdog.proto``: a is 1, U+10400 is 2, b is 6."""
    source = Source("a.txt", "a\U00010400b\n")
    items = read(rdjson.render(report(*(finding(source, (at, at + 1)) for at in range(3)))))
    assert [item["location"]["range"]["start"]["column"] for item in items] == [1, 2, 6]


@pytest.mark.parametrize("name", NAMES)
def test_names_and_messages_come_back(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = Source(name, "flask\n")
    items = read(rdjson.render(report(*(finding(source, message=message) for message in MESSAGES))))
    assert {item["location"]["path"] for item in items} == {name}
    assert [item["message"] for item in items] == [visible(message) for message in MESSAGES]


def test_no_text_that_reviewdog_could_not_decode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lone surrogate, which stands for a byte of a name, makes it refuse the whole."""
    monkeypatch.chdir(tmp_path)
    text = rdjson.render(report(finding(Source("caf\udce9.txt", "flask\n"), message="\udce9")))
    assert read(text)[0]["location"]["path"] == "caf\ufffd.txt"
    assert "\\ud" not in text


def test_paths_are_counted_from_the_current_directory(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "requirements.txt").write_text("flask\n")
    (tmp_path / "requirements.txt").write_text("flask\n")
    found = read(
        run("requirements.txt", "..", "--output-format", "rdjson", "--select", "RQ101", cwd=tmp_path / "a").out
    )
    paths = {item["location"]["path"] for item in found}
    assert paths == {"requirements.txt", (tmp_path / "requirements.txt").as_posix()}


def test_related_places() -> None:
    other = Source("base.txt", "é flask\n")
    label = Label(other, (2, 7), "there")
    [item] = read(rdjson.render(report(finding(Source("a.txt", "flask\n"), related=[label]))))
    assert item["related_locations"] == [
        {
            "message": "there",
            "location": {
                "path": "base.txt",
                "range": {"start": {"line": 1, "column": 4}, "end": {"line": 1, "column": 9}},
            },
        }
    ]


# Suggestions


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        ("a\nflask  # 😀\nb\n", [Edit(7, 7, "==1")]),
        ("a\nflask\nb", [Edit(2, 8)]),
        ("a\nflask\nb", [Edit(7, 9)]),
        ("a\nflask\nb\n", [Edit(2, 7, "x\ny")]),
        ("a \\\n  ==1\nb\n", [Edit(1, 6, "")]),
        ("a\nb\nc\nd\n", [Edit(0, 1, "A"), Edit(4, 5, "C")]),
        ("a\nb\nc\n", [Edit(1, 2, " ")]),
        ("a\nb\nc\n", [Edit(0, 0, "first\n")]),
        ("a\nb", [Edit(1, 3)]),
        ("a\r\nflask\r\nb\r\n", [Edit(3, 8, "x\r\ny")]),
        ("a\r\nflask\r\nb\r\n", [Edit(3, 10)]),
    ],
)
def test_an_accepted_suggestion_does_what_the_fix_does(text: str, edits: list[Edit]) -> None:
    fix = Fix("Mend it", edits)
    [item] = read(rdjson.render(report(finding(Source("a.txt", text), (0, 1), fix=fix))))
    after = accepted(text.encode(), item).decode().replace("\r\n", "\n")
    expected = apply(text, [fix]).replace("\r\n", "\n")
    assert after.removesuffix("\n") == expected.removesuffix("\n")  # GitHub leaves the last line end to itself


def test_an_accepted_suggestion_of_a_run(tmp_path: Path) -> None:
    install(tmp_path, requests="2.32.3")
    path = tmp_path / "requirements.txt"
    path.write_text("flask==1  # 😀\nrequests  # why\n", encoding="utf-8")
    [item] = read(run("--output-format", "rdjson", "--select", "RQ101", cwd=tmp_path).out)
    mended = accepted(path.read_bytes(), item)
    run("--fix", "--select", "RQ101", cwd=tmp_path)
    assert mended == path.read_bytes() == "flask==1  # 😀\nrequests==2.32.3  # why\n".encode()


@pytest.mark.parametrize(
    ("source", "fix"),
    [
        (Source("a.txt", "a\nflask"), Fix("Add what GitHub cannot show", [Edit(7, 7, "\n")])),
        (Source("a.txt", "a\n"), Fix("Add behind the last line", [Edit(2, 2, "b\n")])),
        (Source("a.txt", "a\nb\n"), Fix("Leave an empty line", [Edit(2, 3)])),
        (Source("a.txt", "flask\n", bom=b"\xef\xbb\xbf"), Fix("Change the first line", [Edit(5, 5, "==1")])),
        (Source("a.txt", "é\n", "latin-1"), Fix("Change it", [Edit(0, 1, "e")])),
        (Source("a.txt", "a\rb\r"), Fix("Change a line that git does not see", [Edit(0, 1, "c")])),
        (Source("a.txt", "a\n"), Fix("Write another encoding", [], encoding="utf-8")),
    ],
    ids=lambda value: value.message if isinstance(value, Fix) else "",
)
def test_what_cannot_be_said_in_whole_lines_is_left_out(source: Source, fix: Fix) -> None:
    [item] = read(rdjson.render(report(finding(source, (0, 1), fix=fix))))
    assert "suggestions" not in item


def test_a_suggestion_never_shows_a_secret_that_stands_beside_it() -> None:
    secret = "pa55w0rd" + "-of-mine"
    source = Source("a.txt", f"core @ https://u:{secret}@files.example.com/core.zip\nflask\n")
    at = len(source.text) - 1
    beside = Fix("Shorten the name", [Edit(0, 2)])
    below = Fix("Pin it", [Edit(at, at, "==1")])
    text = rdjson.render(report(finding(source, fix=beside), finding(source, fix=below)))
    assert ["suggestions" in item for item in read(text)] == [False, True]
    assert secret not in text


def test_hundreds() -> None:
    source = Source(os.path.join("a", "b.txt"), "flask\n" * 700)
    items = read(rdjson.render(report(*(finding(source, (6 * n, 6 * n + 5)) for n in range(700)))))
    assert [item["location"]["range"]["start"]["line"] for item in items] == [*range(1, 701)]
