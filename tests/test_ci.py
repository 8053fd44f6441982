"""What a run does in a CI system: its format by default, several reports at once, the summary of GitHub's job."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from reqlint.config import OUTPUT_FORMATS
from reqlint.output.destinations import format_of_file
from tests.command import Result, install, run, run_process

GITHUB = {"GITHUB_ACTIONS": "true"}
GITLAB = {"GITLAB_CI": "true"}
AZURE = {"TF_BUILD": "True"}
SYSTEMS = [GITHUB, GITLAB, AZURE]
LIMIT = 1024 * 1024  # bytes that GitHub takes for the summary of a step


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with one finding, an error on the second line."""
    (tmp_path / "requirements.txt").write_text("idna==3.7\nflask\n")
    return tmp_path


def kind(text: str) -> str:
    """The format that a report with findings is in, by the marks that its consumer needs."""
    if text.startswith("::error title=reqlint"):
        return "github"
    if text.startswith("##vso[task.logissue type=error"):
        return "azure"
    if text.startswith("requirements.txt:2:1: error["):
        return "concise"
    if text.startswith("error[") and " --> requirements.txt:2:1" in text:
        return "full"
    if text.startswith("## reqlint\n"):
        return "markdown"
    if text.startswith("<?xml"):
        assert ET.fromstring(text).tag == "testsuites"
        return "junit"
    if text.startswith('{"'):
        assert all(json.loads(line)["code"] for line in text.splitlines())
        return "json-lines"
    if not text:
        return "nothing"
    loaded = json.loads(text)
    if isinstance(loaded, dict):
        return "sarif" if "runs" in loaded else "rdjson" if "diagnostics" in loaded else "?"
    return "gitlab" if "fingerprint" in loaded[0] else "json" if "filename" in loaded[0] else "?"


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_the_formats_are_told_from_each_other(folder: Path, name: str) -> None:
    assert kind(run("--output-format", name, cwd=folder).out) == name


# The format by default


@pytest.mark.parametrize(
    ("env", "out", "err"),
    [
        ({}, "concise", "nothing"),
        (GITHUB, "github", "nothing"),
        (AZURE, "azure", "nothing"),
        (GITLAB, "gitlab", "concise"),
        ({**GITLAB, "PRE_COMMIT": "1"}, "concise", "nothing"),
        ({**GITHUB, "PRE_COMMIT": "1"}, "github", "nothing"),
        ({"GITHUB_ACTIONS": "false"}, "concise", "nothing"),
        ({"GITHUB_ACTIONS": "", "GITLAB_CI": "", "TF_BUILD": ""}, "concise", "nothing"),
        ({"CI": "true"}, "concise", "nothing"),
    ],
)
def test_the_default_is_what_the_ci_system_reads(folder: Path, env: dict[str, str], out: str, err: str) -> None:
    result = run(cwd=folder, env=env)
    assert (result.code, kind(result.out), kind(result.err)) == (1, out, err)


@pytest.mark.parametrize("env", SYSTEMS)
def test_what_was_asked_for_wins_over_the_ci_system(folder: Path, env: dict[str, str]) -> None:
    for result in (
        run("--output-format", "junit", cwd=folder, env=env),
        run(cwd=folder, env={**env, "REQLINT_OUTPUT_FORMAT": "junit"}),
    ):
        assert (kind(result.out), result.err) == ("junit", "")
    (folder / "reqlint.toml").write_text('output-format = "rdjson"\n')
    result = run(cwd=folder, env=env)
    assert (kind(result.out), result.err) == ("rdjson", "")


@pytest.mark.parametrize("env", SYSTEMS)
def test_the_report_beside_mended_standard_input_is_for_the_log(folder: Path, env: dict[str, str]) -> None:
    result = run("--fix", "--stdin-filename", "requirements.txt", "-", cwd=folder, env=env, stdin=b"a==1\nflask\n")
    assert result.out == "a==1\nflask\n"
    assert (
        kind(result.err) == {"GITHUB_ACTIONS": "github", "GITLAB_CI": "concise", "TF_BUILD": "azure"}[next(iter(env))]
    )


def test_a_report_for_code_quality_can_be_redirected(folder: Path) -> None:
    result = run_process(cwd=folder, env=GITLAB)
    assert [item["location"]["path"] for item in result.json] == ["requirements.txt"]
    assert "Found 1 error in 1 file" in result.err


# Several reports in one run


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("reqlint.sarif", "sarif"),
        ("results.sarif.json", "sarif"),
        ("report.xml", "junit"),
        ("summary.md", "markdown"),
        ("summary.markdown", "markdown"),
        ("findings.jsonl", "json-lines"),
        ("findings.ndjson", "json-lines"),
        ("findings.json", "json"),
        ("REPORT.JSON", "json"),
        ("gl-code-quality-report.json", "gitlab"),
        ("codequality.json", "gitlab"),
        ("my_code_quality-1.json", "gitlab"),
        ("report.rdjson", "rdjson"),
        ("report.rdjson.json", "rdjson"),
        ("report.txt", "concise"),
        ("report.log", "concise"),
        ("report", "concise"),
        ("report.out", "concise"),
        ("sarif", "concise"),
        ("a.sarif.d/report", "concise"),
    ],
)
def test_a_file_gets_the_format_that_its_ending_tells(folder: Path, name: str, form: str) -> None:
    (folder / "a.sarif.d").mkdir()
    result = run("--output-file", name, cwd=folder)
    assert kind((folder / name).read_text()) == form
    assert kind(result.out) == ("nothing" if form == "concise" else "concise")
    assert (result.code, result.err) == (1, "")


def test_the_documentation_tells_the_names_of_the_files() -> None:
    text = (Path(__file__).parent.parent / "docs" / "usage.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`\*.*?) \| (.+) \|$", text.partition("\n### Reports in files\n")[2], re.MULTILINE)
    assert len(rows) == 8
    for names, formats in rows:
        default, *others = re.findall(r"`([a-z][a-z-]+)`", formats)
        for name in re.findall(r"`(.+?)`", names):
            path = name.replace("*", "a")
            assert format_of_file(path, None) == format_of_file(path, "github") == default
            fitting = {asked for asked in OUTPUT_FORMATS if format_of_file(path, asked) == asked}
            assert fitting == {default, *others}


@pytest.mark.parametrize(
    ("asked", "name", "form"),
    [
        *((name, "report", name) for name in OUTPUT_FORMATS),
        ("sarif", "report.json", "sarif"),
        ("gitlab", "report.json", "gitlab"),
        ("rdjson", "report.json", "rdjson"),
        ("full", "report.txt", "full"),
        ("json", "report.json", "json"),
        ("junit", "report.xml", "junit"),
    ],
)
def test_what_was_asked_for_goes_to_the_file_alone_when_its_name_allows(
    folder: Path, asked: str, name: str, form: str
) -> None:
    result = run("--output-format", asked, "--output-file", name, cwd=folder)
    assert kind((folder / name).read_text()) == form
    assert (result.out, result.err) == ("", "")


@pytest.mark.parametrize(
    ("asked", "name", "form"),
    [
        ("github", "reqlint.sarif", "sarif"),
        ("github", "report.json", "json"),
        ("github", "report.txt", "concise"),
        ("json", "gl-code-quality-report.json", "gitlab"),
        ("json", "report.sarif.json", "sarif"),
        ("full", "report.md", "markdown"),
        ("json", "report.jsonl", "json-lines"),
    ],
)
def test_else_standard_output_gets_what_was_asked_for(folder: Path, asked: str, name: str, form: str) -> None:
    result = run("--output-format", asked, "--output-file", name, cwd=folder)
    assert kind((folder / name).read_text()) == form
    assert kind(result.out) == asked


def test_several_files_and_the_log_in_one_run(folder: Path) -> None:
    names = {"reqlint.sarif": "sarif", "report.xml": "junit", "gl-code-quality-report.json": "gitlab"}
    options = [word for name in names for word in ("--output-file", name)]
    result = run(*options, cwd=folder, env=GITHUB)
    assert (result.code, kind(result.out), result.err) == (1, "github", "")
    assert {name: kind((folder / name).read_text()) for name in names} == names


def test_in_gitlab_a_report_in_a_file_leaves_the_log_to_people(folder: Path) -> None:
    for name, form in (("gl-code-quality-report.json", "gitlab"), ("report.xml", "junit")):
        result = run("--output-file", name, cwd=folder, env=GITLAB)
        assert (kind((folder / name).read_text()), kind(result.out), result.err) == (form, "concise", "")


def test_a_report_that_cannot_be_written_keeps_none_of_the_others(folder: Path) -> None:
    result = run("--output-file", "missing/a.json", "--output-file", "b.json", cwd=folder)
    assert result.code == 2
    assert result.err.startswith("reqlint: missing/a.json: cannot be written: there is no directory missing")
    assert kind((folder / "b.json").read_text()) == "json"
    assert kind(result.out) == "concise"


def test_quiet_is_about_the_log_and_not_about_files(folder: Path) -> None:
    (folder / "requirements.txt").write_text("idna==3.7\n")
    result = run("-q", "--output-file", "report.json", "--output-file", "report.txt", cwd=folder)
    assert (result.code, result.out) == (0, "")
    assert (folder / "report.json").read_text() == "[]\n"
    assert (folder / "report.txt").read_text() == "1 file, 1 requirement: nothing to report.\n"


def test_a_file_is_the_same_in_every_system(folder: Path) -> None:
    (folder / "requirements.txt").write_text("flask # ##[error]a ##vso[task.x]b\n::error::c\n")
    reports = []
    for env in ({}, *SYSTEMS):
        run("--output-format", "full", "--output-file", "report.txt", cwd=folder, env=env)
        reports.append((folder / "report.txt").read_text())
    assert len(set(reports)) == 1


def test_statistics_and_information_go_where_reports_go(folder: Path) -> None:
    for option in ("--statistics", "--show-files", "--show-settings", "--show-dependencies", "--list-rules"):
        told = run(option, cwd=folder)
        as_json = run(option, "--output-format", "json", cwd=folder)
        result = run(option, "--output-file", "a.json", "--output-file", "a.txt", cwd=folder, env=GITLAB)
        assert (result.out, result.err) == ("", "")
        assert (folder / "a.txt").read_text() == told.out
        in_file, asked_for = json.loads((folder / "a.json").read_text()), as_json.json
        for row in (*in_file, *asked_for):
            row.pop("output-format", None)  # one of the settings, and all that may differ
        assert in_file == asked_for
        result = run(option, "--output-file", "a.json", cwd=folder)
        assert result.out == told.out
        result = run(option, "--output-file", "a.json", "--output-format", "json", cwd=folder)
        assert result.out == ""


def test_a_diff_goes_to_every_file(folder: Path) -> None:
    install(folder, flask="3.0.3")
    shown = run("--diff", cwd=folder).out
    result = run("--diff", "--output-file", "a.diff", "--output-file", "b.json", cwd=folder)
    assert (result.code, result.out) == (1, "")
    assert (folder / "a.diff").read_text() == (folder / "b.json").read_text() == shown
    assert "+flask==3.0.3\n" in shown


# Nothing that a file holds is a command


@pytest.mark.parametrize("name", [name for name in OUTPUT_FORMATS if name != "azure"])
def test_no_content_becomes_a_command_to_azure(folder: Path, name: str) -> None:
    command = "##vso[task.setvariable variable=a]b"
    (folder / "requirements.txt").write_text(f"{command}\nflask # ##[section]c\n{command.upper()}==1\n")
    result = run("--output-format", name, "--select", "ALL", cwd=folder, env=AZURE)
    assert result.code == 1
    assert not re.search(r"##(vso)?\[", result.out + result.err, re.IGNORECASE)


def test_azure_finds_no_other_command_than_issues(folder: Path) -> None:
    (folder / "requirements.txt").write_text("##VSO[task.setvariable variable=a]b\n x ##vso[task.debug]y\nflask\n")
    for line in run("--select", "ALL", cwd=folder, env=AZURE).out.splitlines():
        found = re.findall(r"(?i)##(?:vso)?\[[\w.]*", line)
        assert found in ([], ["##vso[task.logissue"])
        assert not found or line.startswith(found[0])


@pytest.mark.parametrize("env", [GITHUB, AZURE])
def test_a_diff_in_a_log_holds_no_command_and_says_so(folder: Path, env: dict[str, str]) -> None:
    install(folder, flask="3.0.3")
    (folder / "requirements.txt").write_text("::stop-commands::x\n# ##vso[task.debug]y\n # ##[error]z\nflask\n")
    plain = run("--diff", "--select", "RQ101", cwd=folder)
    assert " ::stop-commands::x\n" in plain.out
    assert plain.err == ""
    result = run("--diff", "--select", "RQ101", cwd=folder, env=env)
    assert "+flask==3.0.3\n" in result.out
    assert not re.search(r"(?m)^\s*::|##(vso)?\[", result.out)
    assert "altered in this diff" in result.err
    run("--diff", "--select", "RQ101", "--output-file", "a.diff", cwd=folder, env=env)
    assert (folder / "a.diff").read_text() == plain.out


# The summary of GitHub's job


def summarized(folder: Path, *arguments: str, before: bytes | None = b"", **env: str) -> tuple[Result, str]:
    """What a run says, and what the summary holds after it; ``before``: what other programs wrote, None for no file."""
    path = folder / ".summary"
    path.unlink(missing_ok=True)
    if before is not None:
        path.write_bytes(before)
    result = run(*arguments, cwd=folder, env={**GITHUB, "GITHUB_STEP_SUMMARY": str(path), **env})
    return result, path.read_text() if path.exists() else ""


def test_the_findings_are_summarized(folder: Path) -> None:
    result, summary = summarized(folder)
    assert (result.code, kind(result.out), result.err) == (1, "github", "")
    assert summary == run("--output-format", "markdown", cwd=folder).out
    assert summarized(folder, "--output-format", "github")[1] == summary
    assert summarized(folder, "--output-file", "reqlint.sarif")[1] == summary
    assert summarized(folder, before=None)[1] == summary


def test_what_others_summarized_stays(folder: Path) -> None:
    _, alone = summarized(folder)
    for before in ("# Tests\n\nall passed", "# Tests\n", "<details>x\n"):
        assert summarized(folder, before=before.encode())[1] == f"{before}\n\n{alone}"


def test_each_run_adds_its_own(folder: Path) -> None:
    _, first = summarized(folder)
    assert summarized(folder, before=first.encode())[1].count("## reqlint\n") == 2


def test_that_all_is_well_is_one_line(folder: Path) -> None:
    (folder / "requirements.txt").write_text("idna==3.7\n")
    assert summarized(folder)[1] == "## reqlint\n\n1 file, 1 requirement&#58; nothing to report.\n"
    assert summarized(folder, "-q")[1] == ""
    (folder / "requirements.txt").unlink()
    assert summarized(folder)[1] == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--output-format", "concise"],
        ["--output-format", "json"],
        ["--output-format", "github", "--output-file", "report"],
        ["--statistics"],
        ["--diff"],
        ["--show-files"],
        ["--list-rules"],
    ],
)
def test_who_asks_for_something_else_gets_no_summary(folder: Path, arguments: list[str]) -> None:
    assert summarized(folder, *arguments)[1] == ""


def test_without_github_there_is_no_summary(folder: Path) -> None:
    assert summarized(folder, GITHUB_ACTIONS="")[1] == ""
    assert summarized(folder, GITHUB_ACTIONS="", TF_BUILD="True")[1] == ""
    assert summarized(folder, "--output-format", "github", GITHUB_ACTIONS="")[1] == ""


@pytest.mark.parametrize("begun", [0, 1, 500_000, LIMIT - 3000, LIMIT - 500])
def test_the_summary_keeps_within_what_github_takes(folder: Path, begun: int) -> None:
    (folder / "requirements.txt").write_text("".join(f"paket-ä{number:04}==\n" for number in range(9000)))
    before = b"x" * begun
    result, summary = summarized(folder, "--select", "RQ0", before=before)
    assert result.err == ""
    size = len(summary.encode())
    assert begun < size <= LIMIT
    assert summary.encode().startswith(before)
    shown = summary.count("RQ0")
    left_out = re.search(r"… and (\d+) more findings, for which there is no room here\.\n\Z", summary)
    assert left_out is not None
    assert shown + int(left_out[1]) == 9000
    if begun < LIMIT - 3000:
        assert size > LIMIT - 20_000


@pytest.mark.parametrize("begun", [LIMIT - 30, LIMIT, LIMIT + 5])
def test_a_full_summary_is_left_as_it_is(folder: Path, begun: int) -> None:
    result, summary = summarized(folder, before=b"x" * begun)
    assert summary == "x" * begun
    assert (result.code, result.err) == (1, "")


def test_a_summary_that_cannot_be_written_fails_nothing(folder: Path) -> None:
    (folder / "place").mkdir()
    for place in ("place", "missing/summary"):
        result = run(cwd=folder, env={**GITHUB, "GITHUB_STEP_SUMMARY": str(folder / place)})
        assert (result.code, kind(result.out)) == (1, "github")
        assert re.fullmatch(r"reqlint: the summary of the job cannot be written: [a-z ]+\n", result.err)
    assert run(cwd=folder, env={**GITHUB, "GITHUB_STEP_SUMMARY": ""}).err == ""


def test_no_secret_is_summarized(folder: Path) -> None:
    body = "reqlintSyntheticTestVector0001" + "3q29UP"
    url = f"https://ghp_{body}@packages.example.com/simple"
    text = f"--index-url {url}\n{body}\nflask @ git+{url}@main # {body}\n"
    (folder / "requirements.txt").write_text(text)
    result, summary = summarized(folder, "--select", "ALL")
    assert "RQ301" in summary
    for start in range(len(body) - 8):
        assert body[start : start + 9] not in summary + result.out + result.err


def test_what_is_mended_is_summarized(folder: Path) -> None:
    install(folder, flask="3.0.3")
    result, summary = summarized(folder, "--fix")
    assert result.code == 0
    assert summary == "## reqlint\n\nFixed 1 problem in 1 file. Nothing is left to report.\n"


@pytest.mark.skipif(os.name != "posix", reason="what only POSIX has")
def test_a_terminal_gets_full_even_beside_a_file(folder: Path, on_a_terminal: Callable[..., str]) -> None:
    assert "flask" in on_a_terminal("--output-file", "reqlint.sarif", cwd=folder)
    assert kind((folder / "reqlint.sarif").read_text()) == "sarif"


@pytest.fixture
def on_a_terminal() -> Callable[..., str]:
    """Run ``reqlint`` on a terminal; returns what it shows."""
    import pty
    import subprocess
    import sys

    from tests.command import process_environment

    def show(*arguments: str, cwd: Path) -> str:
        leader, follower = pty.openpty()
        command = [sys.executable, "-m", "reqlint", *arguments]
        with subprocess.Popen(command, cwd=cwd, stdout=follower, env=process_environment(TERM="dumb")) as process:
            os.close(follower)
            shown = b""
            while True:
                try:
                    data = os.read(leader, 4096)
                except OSError:  # how Linux tells the end
                    break
                if not data:
                    break
                shown += data
            process.wait()
        os.close(leader)
        return shown.decode()

    return show
