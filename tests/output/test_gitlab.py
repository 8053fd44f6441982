from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reqlint.output import gitlab, visible
from reqlint.source import Source
from tests.command import run
from tests.output.reports import MESSAGES, NAMES, finding, report

PUBLISHED = (
    Path(os.environ.get("REQLINT_SCHEMAS", Path(__file__).parents[2] / "../shared/schemas"))
    / "gitlab-codequality-item.schema.json"
)
#: What we promise of an item, which is more than GitLab asks for.
ITEM = {
    "type": "object",
    "properties": {
        "description": {"type": "string", "minLength": 1},
        "check_name": {"type": "string", "pattern": "^RQ[0-9]{3}$"},
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": {
            "type": "object",
            "properties": {
                "path": {"type": "string", "minLength": 1, "not": {"pattern": r"^\./|\\"}},
                "lines": {
                    "type": "object",
                    "properties": {
                        "begin": {"type": "integer", "minimum": 1},
                        "end": {"type": "integer", "minimum": 1},
                    },
                    "required": ["begin", "end"],
                    "additionalProperties": False,
                },
            },
            "required": ["path", "lines"],
            "additionalProperties": False,
        },
    },
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "additionalProperties": False,
}


def read(text: str) -> list[dict[str, Any]]:
    """The items as GitLab would take them: with an invalid one it would drop the rest, and of equal fingerprints all but one."""
    items: list[dict[str, Any]] = json.loads(text)
    schemas = [ITEM, *([json.loads(PUBLISHED.read_text(encoding="utf-8"))] if PUBLISHED.is_file() else [])]
    for schema in schemas:
        jsonschema.validate(items, {"type": "array", "items": schema})
    assert len({item["fingerprint"] for item in items}) == len(items)
    return items


def linted(folder: Path, text: str, *arguments: str) -> list[dict[str, Any]]:
    (folder / "requirements.txt").write_text(text, encoding="utf-8")
    return read(run("--output-format", "gitlab", *arguments, cwd=folder).out)


def test_one_finding(tmp_path: Path) -> None:
    [item] = linted(tmp_path, "# é\nflask\n", "--select", "RQ101")
    assert item["description"] == "RQ101 unpinned: `flask` has no version"
    assert item["check_name"] == "RQ101"
    assert item["severity"] == "major"
    assert item["location"] == {"path": "requirements.txt", "lines": {"begin": 2, "end": 2}}


def test_nothing_to_report_is_an_empty_array(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask==1\n")
    assert run("--output-format", "gitlab", cwd=tmp_path).out == "[]\n"


@pytest.mark.parametrize(("severity", "theirs"), [("error", "major"), ("warning", "minor"), ("info", "info")])
def test_severities(severity: Any, theirs: str) -> None:
    [item] = read(gitlab.render(report(finding(Source("a.txt", "flask\n"), severity=severity))))
    assert item["severity"] == theirs


def test_an_entry_of_several_lines_that_ends_with_a_line_end() -> None:
    [item] = read(gitlab.render(report(finding(Source("a.txt", "x\na \\\nb\nc\n"), (2, 8)))))
    assert item["location"]["lines"] == {"begin": 2, "end": 3}


@pytest.mark.parametrize("name", NAMES)
def test_names_and_messages_come_back(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = Source(name, "flask\n")
    items = read(gitlab.render(report(*(finding(source, message=message) for message in MESSAGES))))
    assert {item["location"]["path"] for item in items} == {name}
    assert [item["description"] for item in items] == [f"RQ101 unpinned: {visible(message)}" for message in MESSAGES]


def test_a_name_that_is_no_text_can_be_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [item] = read(gitlab.render(report(finding(Source("caf\udce9.txt", "flask\n")))))
    assert item["location"]["path"] == "caf\ufffd.txt"


def test_hundreds_of_the_same_stay_apart(tmp_path: Path) -> None:
    assert len(linted(tmp_path, "flask\n" * 400 + "requests\n" * 300, "--select", "RQ101")) == 700


# Paths


def test_paths_are_counted_from_the_root_of_the_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    folder = tmp_path / "services" / "api"
    folder.mkdir(parents=True)
    [item] = linted(folder, "flask\n", "--select", "RQ101")
    assert item["location"]["path"] == "services/api/requirements.txt"
    [item] = read(run("services", "--output-format", "gitlab", "--select", "RQ101", cwd=tmp_path).out)
    assert item["location"]["path"] == "services/api/requirements.txt"


def test_a_submodule_belongs_to_what_it_is_a_part_of(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / ".git").write_text("gitdir: ../.git/modules/part\n")
    (tmp_path / "part" / "requirements.txt").write_text("flask\n")
    [item] = read(run("part", "--output-format", "gitlab", "--select", "RQ101", cwd=tmp_path).out)
    assert item["location"]["path"] == "part/requirements.txt"


def test_a_repository_below_the_current_directory(tmp_path: Path) -> None:
    (tmp_path / "checkout" / ".git").mkdir(parents=True)
    (tmp_path / "checkout" / "requirements.txt").write_text("flask\n")
    [item] = read(run("checkout", "--output-format", "gitlab", "--select", "RQ101", cwd=tmp_path).out)
    assert item["location"]["path"] == "requirements.txt"


def test_a_file_elsewhere_has_its_whole_path(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there.txt").write_text("flask\n")
    [item] = read(
        run(tmp_path / "there.txt", "--output-format", "gitlab", "--select", "RQ101", cwd=tmp_path / "here").out
    )
    assert item["location"]["path"] == (tmp_path / "there.txt").as_posix()


def test_a_path_that_looks_like_a_url_shows_no_password(tmp_path: Path) -> None:
    """As when somebody takes ``--stdin-filename`` for a place where a URL can stand."""
    secret = "pa55w0rd" + "-of-mine"
    arguments = ["--stdin-filename", f"https://user:{secret}@files.example.com/requirements.txt", "-"]
    found = run("--output-format", "gitlab", "--select", "RQ101", *arguments, cwd=tmp_path, stdin=b"flask\n")
    [item] = read(found.out)
    assert secret not in found.out
    assert item["location"]["path"].endswith("@files.example.com/requirements.txt")


# Fingerprints


def fingerprints(folder: Path, text: str) -> list[str]:
    return [item["fingerprint"] for item in linted(folder, text, "--select", "RQ101,RQ102,RQ302")]


def test_a_fingerprint_stays_when_lines_move(tmp_path: Path) -> None:
    before = fingerprints(tmp_path, "flask\nrequests>=2\n")
    assert fingerprints(tmp_path, "# one more\n\nclick==8\nflask\nb==1\nrequests>=2  # why\n") == before
    assert fingerprints(tmp_path, "requests>=2\nflask\n") == before[::-1]


def test_a_fingerprint_tells_what_is_another_finding(tmp_path: Path) -> None:
    before = set(fingerprints(tmp_path, "flask\n"))
    assert before.isdisjoint(fingerprints(tmp_path, "requests\n"))
    assert before.isdisjoint(fingerprints(tmp_path, "flask>=1\n"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "requirements.txt").unlink()
    (tmp_path / "sub" / "requirements.txt").write_text("flask\n")
    [elsewhere] = read(run("--output-format", "gitlab", "--select", "RQ101", cwd=tmp_path).out)
    assert elsewhere["fingerprint"] not in before


def test_a_fingerprint_tells_nothing_of_a_secret(tmp_path: Path) -> None:
    """Two secrets of one length have the same, so that none can be found out by trying."""
    template = "core @ https://user:{}@files.example.com/core-1.0.zip\n"
    one = fingerprints(tmp_path, template.format("pa55w0rd" + "-of-mine"))
    other = fingerprints(tmp_path, template.format("an0ther1" + "-of-mine"))
    assert one
    assert one == other
