from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from sarif_pydantic import Level, Sarif  # type: ignore[import-untyped]

from reqlint.diagnostic import Label
from reqlint.fixes import Edit, Fix, apply
from reqlint.output import sarif, visible
from reqlint.output._line_hash import line_hashes
from reqlint.registry import Rule, rules
from reqlint.source import Source
from tests.command import install, run
from tests.output.reports import MESSAGES, NAMES, finding, report
from tests.support import TOKENS

PUBLISHED = (
    Path(os.environ.get("REQLINT_SCHEMAS", Path(__file__).parents[2] / "../shared/schemas")) / "sarif-schema-2.1.0.json"
)


@cache
def published() -> jsonschema.Draft7Validator | None:
    """What judges by the schema of OASIS, where that lies beside the project."""
    if not PUBLISHED.is_file():
        return None
    return jsonschema.Draft7Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")))


def read(text: str) -> dict[str, Any]:
    """The run, valid to sarif-pydantic and, where it can be had, to the schema; with what GitHub asks for besides."""
    log = json.loads(text)
    Sarif.model_validate(log)
    validator = published()
    if validator is not None:
        validator.validate(log)
    assert log["version"] == "2.1.0"
    [only] = log["runs"]
    described = only["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in described}) == len(described)
    for rule in described:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert 0 < len(rule["name"]) <= 255
        assert 0 < len(rule["properties"]["tags"]) <= 10
    for result in only["results"]:
        assert described[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("note", "warning", "error")
        for place in places(result):
            region = place["region"]
            assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
    run_: dict[str, Any] = only
    return run_


def places(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [item["physicalLocation"] for item in [*result["locations"], *result.get("relatedLocations", ())]]


def linted(folder: Path, text: str, *arguments: str) -> dict[str, Any]:
    (folder / "requirements.txt").write_text(text, encoding="utf-8", newline="")
    return read(run("--output-format", "sarif", *arguments, cwd=folder).out)


def test_the_schema_was_asked() -> None:
    if published() is None:
        pytest.skip("the schema of OASIS is not there")
    with pytest.raises(jsonschema.ValidationError):
        published().validate({"version": "2.1.0"})  # type: ignore[union-attr]


def test_one_finding(tmp_path: Path) -> None:
    found = linted(tmp_path, "# é😀\n  flask\n", "--select", "RQ101")
    [result] = found["results"]
    assert result["ruleId"] == "RQ101"
    assert result["level"] == "error"
    assert result["message"]["text"].startswith("`flask` has no version. Write the version: ")
    assert places(result) == [
        {
            "artifactLocation": {"uri": "requirements.txt", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 8},
        }
    ]
    assert found["columnKind"] == "unicodeCodePoints"
    assert found["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    assert "%SRCROOT%" in found["originalUriBaseIds"]


def test_the_typed_reader_sees_the_same(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a==${B}\nflask>=3\nrequests\n")
    log = Sarif.model_validate_json(run("--output-format", "sarif", "--select", "RQ1", cwd=tmp_path).out)
    results = log.runs[0].results or []
    assert [item.rule_id for item in results] == ["RQ111", "RQ102", "RQ101"]
    assert [item.level for item in results] == [Level.NOTE, Level.WARNING, Level.ERROR]
    regions = [
        location.physical_location.region
        for item in results
        for location in item.locations or ()
        if location.physical_location
    ]
    assert [region.start_line for region in regions if region] == [1, 2, 3]


def test_nothing_to_report(tmp_path: Path) -> None:
    found = linted(tmp_path, "flask==1\n")
    assert found["results"] == []
    assert found["tool"]["driver"]["rules"] == []
    assert found["invocations"][0]["executionSuccessful"] is True


@pytest.mark.parametrize("before", ["", "é", "日本", "😀", "e\u0301"])
def test_columns_count_code_points(before: str) -> None:
    source = Source("a.txt", f"{before}flask\n")
    [result] = read(sarif.render(report(finding(source, (len(before), len(before) + 5)))))["results"]
    region = places(result)[0]["region"]
    assert source.text[region["startColumn"] - 1 : region["endColumn"] - 1] == "flask"


@pytest.mark.parametrize("name", NAMES)
def test_names_and_messages_come_back(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = Source(name, "flask\n")
    results = read(sarif.render(report(*(finding(source, message=message) for message in MESSAGES))))["results"]
    for result in results:
        uri = places(result)[0]["artifactLocation"]["uri"]
        assert urlsplit(uri)[:2] == ("", "")
        assert uri.isascii()
        assert unquote(uri) == name
    for result, message in zip(results, MESSAGES, strict=True):
        text = visible(message)
        said = result["message"]["text"].replace("\\](", "](")
        assert said == f"{text[:1].upper()}{text[1:]}."


def test_no_message_makes_a_link_to_another_place() -> None:
    """By section 3.11.6, `[text](1)` leads to the related location 1, but not with a backslash before the bracket."""
    text = read(sarif.render(report(finding(Source("a.txt", "flask\n"), message="see [it](1)"))))
    assert text["results"][0]["message"]["text"] == "See [it\\](1)."


def test_paths(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path / "root"], check=True)
    folder = tmp_path / "root" / "a b"
    folder.mkdir()
    [result] = linted(folder, "flask\n", "--select", "RQ101")["results"]
    assert places(result)[0]["artifactLocation"] == {"uri": "a%20b/requirements.txt", "uriBaseId": "%SRCROOT%"}
    elsewhere = tmp_path / "else where.txt"
    elsewhere.write_text("flask\n")
    found = read(run(elsewhere, "--output-format", "sarif", "--select", "RQ101", cwd=folder).out)
    assert places(found["results"][0])[0]["artifactLocation"] == {"uri": elsewhere.as_uri()}


def test_related_places() -> None:
    other = Source("base.txt", "\nflask==1\n")
    item = finding(Source("a.txt", "flask==2\n"), related=[Label(other, (1, 9), "the other")] * 2)
    [result] = read(sarif.render(report(item)))["results"]
    assert [place["id"] for place in result["relatedLocations"]] == [0, 1]
    assert result["relatedLocations"][0]["message"] == {"text": "the other"}
    assert places(result)[1]["artifactLocation"]["uri"] == "base.txt"
    assert places(result)[1]["region"]["startLine"] == 2


# Rules


def test_rules_carry_their_documentation(tmp_path: Path) -> None:
    [rule] = linted(tmp_path, "flask\n", "--select", "RQ101")["tool"]["driver"]["rules"]
    assert rule["name"] == "unpinned"
    assert rule["shortDescription"]["text"] == "The requirement has no version at all."
    assert "## Why is this bad?" in rule["help"]["markdown"]
    assert rule["fullDescription"]["text"].startswith("The requirement has no version at all. Tomorrow's build ")
    assert rule["defaultConfiguration"] == {"level": "error", "enabled": True}
    assert rule["properties"]["problem.severity"] == "error"
    assert "security-severity" not in rule["properties"]


def test_all_rules_can_be_described() -> None:
    source = Source("a.txt", "flask\n")
    every = [rule for rule in rules().values() if rule.code != "RQ999"]
    items = [finding(source, code=rule.code, name=rule.name, severity=rule.severity) for rule in every]
    described = read(sarif.render(report(*items)))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in described] == [rule.code for rule in every]
    levels = {rule["id"]: rule["properties"].get("security-severity") for rule in described}
    secure = {rule["id"] for rule in described if "security" in rule["properties"]["tags"]}
    assert {code for code, level in levels.items() if level is not None} == secure
    assert secure == {rule.code for rule in every if rule.code.startswith(("RQ3", "RQ6"))}
    assert float(levels["RQ301"]) >= 9.0  # critical, to GitHub
    assert 7.0 <= float(levels["RQ602"]) < 9.0
    assert all(0 < float(level) <= 10 for level in levels.values() if level is not None)


def test_a_fault_of_reqlint_is_a_notification(tmp_path: Path) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    faulty = Rule("RQ101", "unpinned", "error", "manifest", broken, fix="", default=True, kinds=())  # type: ignore[arg-type]
    with mock.patch.dict(rules(), {"RQ101": faulty}):
        found = linted(tmp_path, "flask\n", "--select", "RQ101")
    assert found["results"] == []
    [invocation] = found["invocations"]
    assert invocation["executionSuccessful"] is False
    [notification] = invocation["toolExecutionNotifications"]
    assert notification["descriptor"] == {"id": "RQ999"}
    assert "ZeroDivisionError" in notification["message"]["text"]
    assert places(notification)[0]["artifactLocation"]["uri"] == "requirements.txt"


# Fixes


def replaced(text: str, fix: dict[str, Any]) -> str:
    """A text after the replacements of a fix, each counted in the text as it was (section 3.57)."""
    [change] = fix["artifactChanges"]
    starts = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]
    for replacement in reversed(change["replacements"]):
        region = replacement["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + replacement.get("insertedContent", {"text": ""})["text"] + text[end:]
    return text


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(9, 9, "==1")],
        [Edit(4, 10)],
        [Edit(0, 1, "é😀"), Edit(4, 9, "x"), Edit(15, 15, "\n")],
        [Edit(10, 15, "click\nhttpx")],
    ],
)
def test_replacements_do_what_the_fix_does(edits: list[Edit]) -> None:
    text = "😀 a\nflask\nclick"
    fix = Fix("Mend it", edits)
    [result] = read(sarif.render(report(finding(Source("a.txt", text), fix=fix))))["results"]
    assert replaced(text, result["fixes"][0]) == apply(text, [fix])


def test_a_fix_of_a_run(tmp_path: Path) -> None:
    install(tmp_path, requests="2.32.3")
    [result] = linted(tmp_path, "requests  # 😀\n", "--select", "RQ101")["results"]
    [fix] = result["fixes"]
    assert fix["description"]["text"] == "Pin `requests` to 2.32.3"
    assert replaced("requests  # 😀\n", fix) == "requests==2.32.3  # 😀\n"


def test_an_unsafe_fix_says_so(tmp_path: Path) -> None:
    [result] = linted(tmp_path, "b=1\n", "--select", "RQ002")["results"]
    assert "unsafe" in result["fixes"][0]["description"]["text"]


def test_a_fix_that_would_show_a_secret_or_write_other_bytes_is_left_out() -> None:
    source = Source("a.txt", f"core @ https://{TOKENS['github']}@files.example.com/core.zip\n")
    shows = Fix("Repeat it", [Edit(0, 4, TOKENS["github"])])
    encodes = Fix("Save as UTF-8", [], encoding="utf-8")
    hides = Fix("Take it out", [Edit(15, 15 + len(TOKENS["github"]) + 1)])
    text = sarif.render(report(*(finding(source, fix=fix) for fix in (shows, encodes, hides))))
    assert ["fixes" in result for result in read(text)["results"]] == [False, False, True]
    assert TOKENS["github"][8:16] not in text


# Fingerprints


def hashes(found: dict[str, Any]) -> list[str | None]:
    return [result["partialFingerprints"].get("primaryLocationLineHash") for result in found["results"]]


def test_the_line_hash_is_that_of_the_file_on_the_disk(tmp_path: Path) -> None:
    """The values are codeql-action's own: see the tests of the hash."""
    found = linted(tmp_path, "# 😀 café\r\nflask==3.0.3\r\n\r\nrequests\r\n", "--select", "RQ101")
    assert hashes(found) == ["9ff4ec1736ebbfcd:1"]
    found = linted(tmp_path, "\ufeffflask\nrequests\n", "--select", "RQ101")
    assert hashes(found) == ["dac60caf74c0e003:1", "9ff4ec1736ebbfcd:1"]


def test_no_line_hash_is_made_of_a_secret(tmp_path: Path) -> None:
    text = "{}\ncore @ https://user:{}@files.example.com/core-1.0.zip\n" + "click==8.1.7\n" * 20 + "flask\n"
    secret = "pa55" + "w0rd"
    above, at, below = hashes(linted(tmp_path, text.format("requests", secret), "--select", "RQ101,RQ302"))
    assert above is None  # its hash reaches into the line below
    assert at is None
    assert below == line_hashes(text)[22][0]
    far = text.format("requests" + " # " + "x" * 90, secret)
    assert hashes(linted(tmp_path, far, "--select", "RQ101,RQ302"))[0] == line_hashes(far)[0][0]


def test_no_line_hash_where_the_action_reads_something_else(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes("flask\n".encode("utf-16"))
    found = read(run("--output-format", "sarif", "--select", "RQ101", cwd=tmp_path).out)
    assert hashes(found) == [None]


def test_each_finding_has_a_fingerprint_of_its_own_that_stays_when_it_moves(tmp_path: Path) -> None:
    def own(text: str) -> list[str]:
        results = linted(tmp_path, text, "--select", "RQ101")["results"]
        return [result["partialFingerprints"]["reqlint/v1"] for result in results]

    before = own("flask\nflask\nrequests\n")
    assert len(set(before)) == 3
    assert own("# moved\nclick==8\nflask\nflask\nrequests\n") == before


def test_hundreds() -> None:
    source = Source("requirements.txt", "flask\n" * 700)
    found = read(sarif.render(report(*(finding(source, (6 * n, 6 * n + 5)) for n in range(700)))))
    assert len(found["results"]) == 700
    assert len(set(hashes(found))) == 700
