from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.command import install, run

PLACE = {
    "type": "object",
    "properties": {"row": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
    "required": ["row", "column"],
    "additionalProperties": False,
}
STRING_OR_NULL = {"type": ["string", "null"]}


def closed(**properties: Any) -> dict[str, Any]:
    """An object with these properties, all of them and no others."""
    return {"type": "object", "properties": properties, "required": sorted(properties), "additionalProperties": False}


SCHEMA = {
    "type": "array",
    "items": closed(
        code={"type": "string", "pattern": "^RQ[0-9]{3}$"},
        name={"type": "string", "pattern": "^[a-z]+(-[a-z0-9]+)*$"},
        severity={"enum": ["error", "warning", "info"]},
        message={"type": "string", "minLength": 1},
        help={"type": "string"},
        filename={"type": "string", "minLength": 1},
        location=PLACE,
        end_location=PLACE,
        dependency=STRING_OR_NULL,
        group=STRING_OR_NULL,
        url=STRING_OR_NULL,
        noqa_row={"type": "integer", "minimum": 1},
        fix={
            "anyOf": [
                {"type": "null"},
                closed(
                    applicability={"enum": ["safe", "unsafe"]},
                    message={"type": "string", "minLength": 1},
                    edits={
                        "type": "array",
                        "items": closed(
                            content={"type": "string"}, location=PLACE, end_location=PLACE, filename={"type": "string"}
                        ),
                    },
                ),
            ]
        },
        related={
            "type": "array",
            "items": closed(
                filename={"type": "string"}, location=PLACE, end_location=PLACE, message={"type": "string"}
            ),
        },
    ),
}


def findings(folder: Path, text: str, *arguments: str) -> list[dict[str, Any]]:
    (folder / "requirements.txt").write_text(text, encoding="utf-8")
    result = run("requirements.txt", "--output-format", "json", *arguments, cwd=folder)
    assert result.out.isascii()
    items: list[dict[str, Any]] = result.json
    jsonschema.validate(items, SCHEMA)
    return items


def test_one_finding(tmp_path: Path) -> None:
    install(tmp_path, flask="1", requests="2.32.3")
    path = str(tmp_path / "requirements.txt")
    assert findings(tmp_path, "flask==1\n\nrequests\n", "--select", "RQ101") == [
        {
            "code": "RQ101",
            "name": "unpinned",
            "severity": "error",
            "message": "`requests` has no version",
            "help": "`--fix` pins it to 2.32.3, the version in .venv",
            "filename": path,
            "location": {"row": 3, "column": 1},
            "end_location": {"row": 3, "column": 9},
            "dependency": "requests",
            "group": "runtime",
            "url": None,
            "noqa_row": 3,
            "fix": {
                "applicability": "safe",
                "message": "Pin `requests` to 2.32.3",
                "edits": [
                    {
                        "content": "==2.32.3",
                        "location": {"row": 3, "column": 9},
                        "end_location": {"row": 3, "column": 9},
                        "filename": path,
                    }
                ],
            },
            "related": [],
        }
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "flask==1\n",
        "flask\nrequests>=2\nb=1\n-r missing.txt\n--nope\n--pre x\n",
        "a==1\na==2\nA==1\n",
        "é=1\n日本 == 1 # 😀\n\ud7ff",
        "-e git+http://example.com/a.git#egg=a\n./b\nhttp://example.com/c.zip\n",
        "# reqlint: ignore\n# reqlint: ignore[RQ999]\na==1\n",
    ],
)
def test_all_are_of_this_shape(tmp_path: Path, text: str) -> None:
    findings(tmp_path, text, "--select", "ALL")


def test_related_places_have_files(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("\nflask==1.0\n")
    items = findings(tmp_path, "-r base.txt\nflask==2.0\n")
    related = [label for item in items for label in item["related"]]
    assert {label["filename"] for label in related} == {str(tmp_path / "base.txt")}
    assert related[0]["location"]["row"] == 2


def test_edits_do_what_fix_does(tmp_path: Path) -> None:
    text = "# é\n--index-url https://build:${token}@packages.example.com/simple\nrequests=2.0\n"
    items = findings(tmp_path, text, "--select", "RQ002,RQ009")
    lines = text.splitlines()
    edits = [edit for item in items for edit in item["fix"]["edits"]]
    assert len(edits) == 2
    for edit in edits:
        start, end = edit["location"], edit["end_location"]
        assert start["row"] == end["row"]
        line = lines[start["row"] - 1]
        lines[start["row"] - 1] = line[: start["column"] - 1] + edit["content"] + line[end["column"] - 1 :]
    run("--fix", "--unsafe-fixes", "--select", "RQ002,RQ009", cwd=tmp_path)
    assert (tmp_path / "requirements.txt").read_text(encoding="utf-8").splitlines() == lines


def test_a_fix_that_would_quote_a_secret_is_left_out(tmp_path: Path) -> None:
    secret = "pa55" + "w0rd-of-mine"
    text = f"-e name @ git+https://user:{secret}@example.com/a.git@v1.0\n"
    items = findings(tmp_path, text, "--select", "RQ0")
    assert items
    assert secret not in json.dumps(items)


def test_the_row_of_an_ignore_comment_is_that_of_the_entry(tmp_path: Path) -> None:
    [item] = findings(tmp_path, "a==1\nflask \\\n  >=1 \\\n  --hash=sha256:" + "0" * 64 + "\n", "--select", "RQ102")
    assert item["noqa_row"] == 2
    assert item["location"]["row"] in (2, 3)


def test_the_mended_are_not_reported(tmp_path: Path) -> None:
    text = "--index-url https://build:${token}@packages.example.com/simple\nrequests=2.0\n"
    assert [item["code"] for item in findings(tmp_path, text, "--fix", "--select", "RQ002,RQ009")] == ["RQ002"]


def test_no_file_content_is_a_command_to_github(tmp_path: Path) -> None:
    items = findings(tmp_path, "-r a##[error]b\nflask==1##[x]\n")
    assert any("##[" in item["message"] for item in items)
    assert "##[" not in run("--output-format", "json", cwd=tmp_path).out
