from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from reqlint import __version__
from reqlint.cli import _parser, main
from reqlint.config import OUTPUT_FORMATS
from reqlint.files import ChangedMeanwhileError, Disk
from reqlint.linter import Mender
from reqlint.registry import rules
from tests.command import Result, environment, install, process_environment, run, run_process

ERROR = "flask\n"  # RQ101
WARNING = "flask>=3\n"  # RQ102
INFO = "flask==${VERSION}\n"  # RQ111
SAFE = "--index-url https://build:${token}@packages.example.com/simple\n"  # RQ009
MENDED = SAFE.replace("token", "TOKEN")
UNSAFE = "requests=2.32.3\n"  # RQ002
GOOD = "flask==3.0.3\n"

posix = pytest.mark.skipif(os.name != "posix", reason="what only POSIX has")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, text: str, name: str = "requirements.txt") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


# Exit codes and streams


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (GOOD, [], 0),
        ("", [], 0),
        (INFO, [], 0),
        (WARNING, [], 1),
        (ERROR, [], 1),
        (INFO, ["--fail-on", "info"], 1),
        (WARNING, ["--fail-on", "error"], 0),
        (ERROR, ["--fail-on", "error"], 1),
        (ERROR, ["--exit-zero"], 0),
        (SAFE, ["--fix"], 0),
        (SAFE, ["--fix", "--exit-non-zero-on-fix"], 1),
        (SAFE, ["--fix", "--exit-non-zero-on-fix", "--exit-zero"], 1),
        (GOOD, ["--fix", "--exit-non-zero-on-fix"], 0),
        (UNSAFE, ["--fix"], 1),
        (UNSAFE, ["--fix", "--unsafe-fixes"], 0),
        (SAFE, ["--diff"], 1),
        (SAFE, ["--diff", "--exit-zero"], 0),
        (GOOD, ["--diff"], 0),
        (ERROR, ["--diff"], 1),
    ],
)
def test_exit_code(folder: Path, text: str, arguments: list[str], code: int) -> None:
    write(folder, text)
    result = run("requirements.txt", *arguments, cwd=folder)
    assert result.code == code, result


def test_findings_go_to_stdout_and_nothing_to_stderr(folder: Path) -> None:
    write(folder, ERROR)
    result = run_process("requirements.txt", cwd=folder)
    assert (result.code, result.err) == (1, "")
    assert result.out.startswith("requirements.txt:1:1: error[RQ101] unpinned: ")
    assert "Found 1 error in 1 file" in result.out


def test_all_is_well_in_one_line(folder: Path) -> None:
    write(folder, GOOD)
    result = run("requirements.txt", cwd=folder)
    assert (result.code, result.out, result.err) == (0, "1 file, 1 requirement: nothing to report.\n", "")


def test_quiet_says_nothing_when_all_is_well(folder: Path) -> None:
    write(folder, GOOD)
    result = run("requirements.txt", "-q", cwd=folder)
    assert (result.code, result.out, result.err) == (0, "", "")


@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_quiet_does_not_hide_findings(folder: Path, option: str) -> None:
    write(folder, ERROR)
    assert run("requirements.txt", option, cwd=folder).codes == ["RQ101"]


def test_quiet_json_is_still_json(folder: Path) -> None:
    write(folder, GOOD)
    assert run("requirements.txt", "-q", "--output-format", "json", cwd=folder).json == []


@pytest.mark.parametrize("option", ["-v", "--verbose"])
def test_verbose_tells_what_is_read_and_fixed_on_stderr(folder: Path, option: str) -> None:
    write(folder, SAFE)
    write(folder, ERROR, "vendor/requirements.txt")
    write(folder, 'exclude = ["vendor"]\n', "reqlint.toml")
    result = run("--fix", option, cwd=folder)
    assert result.code == 0
    assert "reqlint: reading requirements.txt: by its name, requirements.txt\n" in result.err
    assert "reqlint: leaving out vendor: `exclude` in the configuration\n" in result.err
    assert "reqlint: fixed requirements.txt: RQ009 Write `${TOKEN}`\n" in result.err
    assert "reading" not in result.out


def test_verbose_tells_why_an_environment_does_not_count(folder: Path) -> None:
    write(folder, "flask\nrequests\nhttpx\n")
    install(folder, requests="2.32.3")
    assert "1 of the 3 packages" in run("-v", cwd=folder).err
    assert "packages" not in run(cwd=folder).err


def test_the_version(folder: Path) -> None:
    result = run_process("--version", cwd=folder)
    assert (result.code, result.out, result.err) == (0, f"reqlint {__version__}\n", "")


def test_help_is_for_80_columns_too(folder: Path) -> None:
    result = run("--help", cwd=folder, env={"COLUMNS": "80"})
    options = result.out.partition("positional arguments:")[2].partition("exit codes:")[0]
    assert max(map(len, options.splitlines())) <= 80
    assert result.code == 0


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--sel", "ALL"], ["--color", "red"], ["--fail-on"]])
def test_wrong_usage(folder: Path, arguments: list[str]) -> None:
    result = run(*arguments, cwd=folder)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("usage: reqlint")


def test_no_path_is_the_current_directory(folder: Path) -> None:
    write(folder, ERROR, "a/requirements.txt")
    assert run(cwd=folder).out.startswith("a/requirements.txt:1:1: ")
    assert run(cwd=folder / "a").out.startswith("requirements.txt:1:1: ")


def test_no_manifest(folder: Path) -> None:
    result = run(cwd=folder)
    assert (result.code, result.out, result.err) == (0, "", "reqlint: no manifest found: .\n")
    assert run("-q", cwd=folder).err == ""
    assert run("--output-format", "json", cwd=folder).out == "[]\n"


def test_no_manifest_replaces_an_old_report(folder: Path) -> None:
    write(folder, "old", "report.json")
    assert run("--output-format", "json", "--output-file", "report.json", cwd=folder).code == 0
    assert (folder / "report.json").read_text() == "[]\n"


# Choosing rules


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (["--select", "RQ101"], ["RQ101"]),
        (["--select", "unpinned"], ["RQ101"]),
        (["--select", "rq101"], ["RQ101"]),
        (["--select", "RQ1"], ["RQ101", "RQ102"]),
        (["--select", "RQ0"], []),
        (["--select", "RQ0,RQ102"], ["RQ102"]),
        (["--select", "RQ101", "--select", "RQ102"], ["RQ101", "RQ102"]),
        (["--select", "ALL", "--ignore", "RQ7"], ["RQ101", "RQ102"]),
        (["--ignore", "RQ101"], ["RQ102"]),
        (["--ignore", "unpinned,loosely-pinned"], []),
        (["--ignore", "RQ1", "--extend-select", "RQ101"], ["RQ101"]),
        (["--select", "RQ1", "--ignore", "RQ101"], ["RQ102"]),
        (["--select", "RQ0", "--extend-select", "RQ102"], ["RQ102"]),
        (["--select", "RQ101", "--ignore", "RQ101"], []),
        (["--ignore", "ALL"], []),
    ],
)
def test_choosing_rules(folder: Path, arguments: list[str], codes: list[str]) -> None:
    write(folder, "flask\nrequests>=2\n")
    assert run("requirements.txt", *arguments, cwd=folder).codes == codes


def test_extend_select_turns_on_what_is_off_by_default(folder: Path) -> None:
    off = next(rule for rule in rules().values() if not rule.default)
    settings = run("--show-settings", "--extend-select", off.code, "--output-format", "json", cwd=folder)
    write(folder, GOOD)
    without = run("--show-settings", "--output-format", "json", cwd=folder).json[0]["rules"]
    settings = run("--show-settings", "--extend-select", off.code, "--output-format", "json", cwd=folder)
    assert off.code not in without
    assert settings.json[0]["rules"] == sorted([*without, off.code])


@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select"])
@pytest.mark.parametrize(("word", "guess"), [("RQ1001", "RQ101"), ("unpined", "unpinned")])
def test_an_unknown_rule_with_the_nearest_known_one(folder: Path, option: str, word: str, guess: str) -> None:
    result = run(option, f"RQ0,{word}", cwd=folder)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"reqlint: {option}: unknown rule `{word}`; did you mean `{guess[:4]}")


@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select"])
def test_an_empty_list_of_rules_is_a_mistake(folder: Path, option: str) -> None:
    write(folder, ERROR)
    result = run(option, " , ", cwd=folder)
    assert (result.code, result.err) == (2, f"reqlint: {option}: no rule is named\n")


# Fixing


def test_fix_writes_safe_fixes_only(folder: Path) -> None:
    path = write(folder, SAFE + UNSAFE)
    result = run("--fix", cwd=folder)
    assert path.read_text() == MENDED + UNSAFE
    assert result.code == 1
    assert result.codes == ["RQ002"]
    assert "Fixed 1 problem in 1 file. Left: 1 error in 1 file (1 fixable with --fix --unsafe-fixes)." in result.out


def test_unsafe_fixes_writes_them_too(folder: Path) -> None:
    path = write(folder, SAFE + UNSAFE)
    result = run("--fix", "--unsafe-fixes", cwd=folder)
    assert path.read_text() == MENDED + "requests==2.32.3\n"
    assert (result.code, result.out) == (0, "Fixed 2 problems in 1 file. Nothing is left to report.\n")


def test_unsafe_fixes_alone_writes_nothing(folder: Path) -> None:
    path = write(folder, SAFE + UNSAFE)
    assert run("--unsafe-fixes", cwd=folder).code == 1
    assert path.read_text() == SAFE + UNSAFE


def test_python_names_the_environment(folder: Path) -> None:
    path = write(folder, "requests\n", "project/requirements.txt")
    install(folder / "elsewhere", requests="2.32.3")
    assert run("project", "--fix", cwd=folder).code == 1
    assert run("project", "--fix", "--python", "elsewhere/.venv", cwd=folder).code == 0
    assert path.read_text() == "requests==2.32.3\n"


def test_python_that_is_none(folder: Path) -> None:
    write(folder, "requests\n")
    result = run("--python", "nowhere", cwd=folder)
    assert (result.code, result.out) == (2, "")
    assert "nowhere" in result.err


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "unfinished"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
def test_git_applies_the_diff_and_gets_what_fix_writes(folder: Path, ends: str, bom: bytes, *, last: bool) -> None:
    lines = [
        *(f"p{number}==1.0" for number in range(9)),
        "# café",
        SAFE.strip(),
        "x==1",
        *("y==1 # z" for _ in range(9)),
    ]
    text = ends.join([*lines, "requests=2.0"]) + (ends if last else "")
    for name in (
        "a/requirements.txt",
        "with space/requirements-dev.txt",
        "café/requirements.txt",
        "b/requirements.txt",
    ):
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(bom + text.encode())
    write(folder, GOOD, "requirements.txt")
    options = ["--select", "RQ002,RQ009", "--unsafe-fixes"]
    diff = run_process("--diff", *options, cwd=folder)
    assert (diff.code, diff.err) == (1, "")
    assert_applies(folder, diff.out_bytes, options)


def test_git_applies_the_diff_of_a_file_in_latin_1(folder: Path) -> None:
    text = f"# -*- coding: latin-1 -*-\n# café\n{SAFE}# ¼\n"
    (folder / "requirements.txt").write_bytes(text.encode("latin-1"))
    diff = run_process("--diff", cwd=folder)
    assert diff.err == ""
    assert_applies(folder, diff.out_bytes, [])


@posix
@pytest.mark.parametrize(
    "name", ['quo"te-requirements.txt', "back\\slash-requirements.txt", "new\nline-requirements.txt"]
)
def test_git_applies_the_diff_of_a_file_with_an_odd_name(folder: Path, name: str) -> None:
    write(folder, SAFE, name)
    diff = run_process("--diff", cwd=folder)
    assert_applies(folder, diff.out_bytes, [])


def assert_applies(folder: Path, diff: bytes, options: list[str]) -> None:
    """Apply a diff with git, then undo it, and compare with what --fix writes."""
    git = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"]
    names = [path for path in folder.rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in names}
    subprocess.run([*git, "-"], cwd=folder, input=diff, check=True, env=environment())
    applied = {path: path.read_bytes() for path in names}
    assert applied != before
    for path, data in before.items():
        path.write_bytes(data)
    run("--fix", *options, cwd=folder)
    assert {path: path.read_bytes() for path in names} == applied


def test_diff_changes_nothing_and_is_quiet_when_there_is_nothing_to_do(folder: Path) -> None:
    path = write(folder, SAFE)
    assert run("--diff", cwd=folder).out.splitlines()[:3] == [
        "--- a/requirements.txt",
        "+++ b/requirements.txt",
        "@@ -1 +1 @@",
    ]
    assert path.read_text() == SAFE
    write(folder, GOOD)
    result = run("--diff", cwd=folder)
    assert (result.code, result.out, result.err) == (0, "", "")


def test_diff_shows_unsafe_fixes_only_when_asked(folder: Path) -> None:
    write(folder, UNSAFE)
    assert run("--diff", cwd=folder).out == ""
    assert "+requests==2.32.3\n" in run("--diff", "--unsafe-fixes", cwd=folder).out


def test_a_diff_with_a_secret_is_masked_and_says_so(folder: Path) -> None:
    secret = "pa55" + "w0rd-of-mine"
    write(folder, f"--index-url https://u:{secret}@packages.example.com/simple\n" + "a==1\n" * 2 + SAFE)
    result = run("--diff", "--ignore", "RQ3,RQ4,RQ7", cwd=folder)
    assert secret not in result.out + result.err
    assert "masked: not applicable" in result.out
    assert "requirements.txt: secrets are masked in this diff, so git cannot apply it; use --fix" in result.err


def test_a_diff_of_utf_16_says_that_it_cannot_be_applied(folder: Path) -> None:
    (folder / "requirements.txt").write_bytes(b"\xff\xfe" + SAFE.encode("utf-16-le"))
    result = run("--diff", "--select", "RQ009", cwd=folder)
    assert "-" + SAFE in result.out
    assert "+" + MENDED in result.out
    assert "UTF-16" in result.err


@posix
def test_a_file_that_two_paths_name_is_mended_once(folder: Path) -> None:
    path = write(folder, SAFE)
    (folder / "requirements-linked.txt").symlink_to("requirements.txt")
    result = run("--fix", "requirements.txt", "./requirements.txt", "requirements-linked.txt", ".", cwd=folder)
    assert (result.code, result.err) == (0, "")
    assert path.read_text() == MENDED
    assert (folder / "requirements-linked.txt").is_symlink()


# Standard input


def test_standard_input(folder: Path) -> None:
    result = run_process("--stdin-filename", "sub/requirements.txt", "-", cwd=folder, stdin=ERROR.encode())
    assert result.code == 1
    assert result.out.startswith("sub/requirements.txt:1:1: error[RQ101]")


def test_standard_input_takes_role_and_configuration_from_its_name(folder: Path) -> None:
    write(folder, 'ignore = ["RQ101"]\n', "quiet/reqlint.toml")
    names = {"requirements.in": [], "requirements.txt": ["RQ101"], "quiet/requirements.txt": []}
    for name, codes in names.items():
        assert run("--stdin-filename", name, "-", cwd=folder, stdin=ERROR.encode()).codes == codes


def test_standard_input_has_its_neighbours(folder: Path) -> None:
    write(folder, GOOD, "constraints.txt")
    assert run("--stdin-filename", "requirements.txt", "-", cwd=folder, stdin=ERROR.encode()).code == 0


def test_standard_input_mended_goes_to_stdout_and_findings_to_stderr(folder: Path) -> None:
    data = b"\xef\xbb\xbf" + (SAFE + UNSAFE).replace("\n", "\r\n").encode()
    result = run_process(
        "--fix", "--ignore", "RQ008", "--stdin-filename", "requirements.txt", "-", cwd=folder, stdin=data
    )
    assert result.out_bytes == data.replace(b"token", b"TOKEN")
    assert result.err.startswith("requirements.txt:2:9: error[RQ002]")
    assert "Fixed 1 problem in 1 file." in result.err
    assert result.code == 1
    assert list(folder.iterdir()) == []


def test_standard_input_without_a_fault_comes_back_as_it_is(folder: Path) -> None:
    for data in (GOOD.encode(), b"", b"caf\xe9\n", b"a\0b"):
        result = run("--fix", "-q", "--stdin-filename", "requirements.txt", "-", cwd=folder, stdin=data)
        assert result.out_bytes == data


def test_standard_input_with_exit_non_zero_on_fix(folder: Path) -> None:
    arguments = ["--fix", "--exit-non-zero-on-fix", "--stdin-filename", "requirements.txt", "-"]
    assert run(*arguments, cwd=folder, stdin=SAFE.encode()).code == 1
    assert run(*arguments, cwd=folder, stdin=MENDED.encode()).code == 0


def test_standard_input_as_a_diff(folder: Path) -> None:
    result = run("--diff", "--stdin-filename", "requirements.txt", "-", cwd=folder, stdin=SAFE.encode())
    assert f"+{MENDED}" in result.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-"], "--stdin-filename"),
        (["-", "other.txt", "--stdin-filename", "requirements.txt"], "mixed"),
        (["--stdin-filename", "requirements.txt"], "needs -"),
    ],
)
def test_standard_input_asked_for_wrongly(folder: Path, arguments: list[str], words: str) -> None:
    result = run(*arguments, cwd=folder)
    assert (result.code, result.out) == (2, "")
    assert words in result.err


def test_standard_input_of_an_unknown_kind(folder: Path) -> None:
    result = run("--stdin-filename", "notes.md", "-", cwd=folder, stdin=ERROR.encode())
    assert (result.code, result.out) == (2, "")
    assert "notes.md: not a kind of file that reqlint knows" in result.err


# Output


def test_output_file(folder: Path) -> None:
    write(folder, ERROR)
    write(folder, "old and much longer than the new report will be\n" * 9, "report.txt")
    result = run("requirements.txt", "--output-file", "report.txt", cwd=folder)
    assert (result.code, result.out, result.err) == (1, "", "")
    assert (folder / "report.txt").read_text().startswith("requirements.txt:1:1: error[RQ101]")
    assert len((folder / "report.txt").read_text().splitlines()) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["report.txt", "requirements.txt"]


@pytest.mark.parametrize(
    "arguments", [[], ["--diff"], ["--fix"], ["--statistics"], ["--show-dependencies"], ["--list-rules"]]
)
def test_an_output_file_in_a_folder_that_is_not_there(folder: Path, arguments: list[str]) -> None:
    write(folder, SAFE)
    result = run("requirements.txt", "--output-file", "missing/report.txt", *arguments, cwd=folder)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("reqlint: missing/report.txt: cannot be written: there is no directory ")


def test_a_report_that_cannot_be_written_leaves_the_old_one(folder: Path) -> None:
    write(folder, ERROR)
    write(folder, "old", "report.txt")
    with mock.patch("os.replace", side_effect=OSError(errno.ENOSPC, "No space left on device")):
        result = run("requirements.txt", "--output-file", "report.txt", cwd=folder)
    assert (result.code, result.err) == (2, "reqlint: report.txt: cannot be written: no space left on device\n")
    assert (folder / "report.txt").read_text() == "old"
    assert sorted(path.name for path in folder.iterdir()) == ["report.txt", "requirements.txt"]


def test_the_formats_are_those_that_there_are(folder: Path) -> None:
    from reqlint.output import FORMATS

    assert tuple(FORMATS) == OUTPUT_FORMATS
    for name in OUTPUT_FORMATS:
        assert name in run("--help", cwd=folder).out


def test_output_format(folder: Path) -> None:
    write(folder, ERROR)
    begins = {"full": "error[RQ101]", "concise": "requirements.txt:1:1: ", "json": "[\n  {", "github": "::error title="}
    for name in OUTPUT_FORMATS:
        for result in (
            run("requirements.txt", "--output-format", name, cwd=folder),
            run("requirements.txt", cwd=folder, env={"REQLINT_OUTPUT_FORMAT": name}),
        ):
            assert result.code == 1
            if name in begins:
                assert result.out.startswith(begins[name])


def test_which_output_format_wins(folder: Path) -> None:
    write(folder, ERROR)
    write(folder, 'output-format = "github"\n', "reqlint.toml")
    environ = {"REQLINT_OUTPUT_FORMAT": "json"}
    assert run("requirements.txt", cwd=folder).out.startswith("::error")
    assert run("requirements.txt", cwd=folder, env=environ).out.startswith("[")
    assert run("requirements.txt", "--output-format", "concise", cwd=folder, env=environ).out.startswith(
        "requirements.txt:1:1"
    )
    assert run("requirements.txt", cwd=folder, env={"REQLINT_OUTPUT_FORMAT": ""}).out.startswith("::error")


def test_an_unknown_output_format(folder: Path) -> None:
    write(folder, ERROR)
    result = run("requirements.txt", cwd=folder, env={"REQLINT_OUTPUT_FORMAT": "jason"})
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("reqlint: REQLINT_OUTPUT_FORMAT: `output-format` must be one of `full`, ")
    assert result.err.endswith("did you mean `json`?\n")
    assert run("requirements.txt", "--output-format", "jason", cwd=folder).code == 2


def test_color(folder: Path) -> None:
    write(folder, ERROR)

    def colored(*arguments: str, **env: str) -> bool:
        return "\x1b[" in run("requirements.txt", "--output-format", "full", *arguments, cwd=folder, env=env).out

    assert not colored()
    assert colored("--color", "always")
    assert colored(FORCE_COLOR="1")
    assert not colored(FORCE_COLOR="1", NO_COLOR="1")
    assert not colored("--color", "never", FORCE_COLOR="1")
    assert colored("--color", "always", NO_COLOR="1")
    assert not colored("--color", "auto", NO_COLOR="1")
    assert colored("--explain", "RQ101", "--color", "always")
    run("requirements.txt", "--output-format", "full", "--output-file", "o", cwd=folder, env={"FORCE_COLOR": "1"})
    assert "\x1b" not in (folder / "o").read_text()


def test_color_changes_no_word(folder: Path) -> None:
    write(folder, "# é\nflask\nrequests=2.0\n")
    plain = run("requirements.txt", "--output-format", "full", cwd=folder).out
    colored = run("requirements.txt", "--output-format", "full", "--color", "always", cwd=folder).out
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_statistics(folder: Path) -> None:
    write(folder, "flask\nrequests\n" + SAFE)
    result = run("requirements.txt", "--statistics", cwd=folder)
    assert (result.code, result.out) == (1, "2  RQ101  [ ]  unpinned\n1  RQ009  [*]  inert-variable\n")
    as_json = run("requirements.txt", "--statistics", "--output-format", "json", cwd=folder).json
    assert as_json[0] == {"code": "RQ101", "name": "unpinned", "count": 2, "fixable": 0}


# Information


def test_explain(folder: Path) -> None:
    by_code = run("--explain", "RQ101", cwd=folder)
    assert by_code.code == 0
    assert by_code.out.startswith("# unpinned (RQ101)\n")
    assert "## Why is this bad?" in by_code.out
    assert run("--explain", "unpinned", cwd=folder).out == by_code.out
    family = run("--explain", "RQ10", cwd=folder).out
    assert by_code.out in family
    assert "(RQ102)" in family
    as_json = run("--explain", "RQ101", "--output-format", "json", cwd=folder).json
    assert [item["name"] for item in as_json] == ["unpinned"]


def test_explain_an_unknown_rule(folder: Path) -> None:
    result = run("--explain", "unpined", cwd=folder)
    assert (result.code, result.out, result.err) == (
        2,
        "",
        "reqlint: unknown rule `unpined`; did you mean `unpinned`?\n",
    )


def test_explain_and_list_rules_need_no_configuration(folder: Path) -> None:
    write(folder, "broken", "reqlint.toml")
    assert run("--explain", "RQ101", cwd=folder).code == 0
    assert run("--list-rules", cwd=folder).code == 0


def test_list_rules(folder: Path) -> None:
    lines = run("--list-rules", cwd=folder).out.splitlines()
    assert [line.split()[0] for line in lines] == list(rules())
    as_json = run("--list-rules", "--output-format", "json", cwd=folder).json
    assert [item["code"] for item in as_json] == list(rules())
    assert as_json[0].keys() == {"code", "name", "summary", "severity", "default", "fix", "explanation"}


def test_show_files(folder: Path) -> None:
    write(folder, ERROR)
    write(folder, ERROR, "vendor/requirements.txt")
    write(folder, ERROR, "notes.txt")
    write(folder, 'exclude = ["vendor"]\n', "reqlint.toml")
    result = run("--show-files", cwd=folder)
    assert result.code == 0
    assert set(result.out.splitlines()) == {
        "requirements.txt: requirements.txt (by its name, requirements.txt)",
        "vendor: left out (`exclude` in the configuration)",
    }
    rows = run("--show-files", "--output-format", "json", cwd=folder).json
    assert {
        "filename": str(folder / "requirements.txt"),
        "format": "requirements.txt",
        "reason": "by its name, requirements.txt",
    } in rows


def test_since_needs_a_repository(folder: Path) -> None:
    write(folder, ERROR)
    result = run("--since", "main", cwd=folder)
    assert result.code == 2
    assert result.err.startswith("reqlint: --since: . does not lie in a git repository")


def test_show_settings(folder: Path) -> None:
    write(folder, ERROR)
    write(folder, ERROR, "sub/requirements.txt")
    write(folder, 'select = ["RQ101"]\n[severity]\nunpinned = "info"\n', "sub/reqlint.toml")
    result = run("--show-settings", cwd=folder)
    assert result.code == 0
    assert 'rules = ["RQ101"]\n' in result.out
    assert 'severity = { "RQ101" = "info" }\n' in result.out
    first, second = run("--show-settings", "--output-format", "json", cwd=folder).json
    assert first["files"] == [str(folder / "requirements.txt")]
    assert first["configuration"] is None
    assert second["configuration"] == str(folder / "sub" / "reqlint.toml")
    assert second["severity"] == {"RQ101": "info"}


def test_show_dependencies(folder: Path) -> None:
    write(folder, "Flask[async]>=3 ; python_version > '3'\n-e git+https://example.com/o/r.git@v1.0#egg=r\n")
    result = run("--show-dependencies", cwd=folder)
    assert (result.code, result.err) == (0, "")
    assert "Flask[async]" in result.out
    assert [item["name"] for item in run("--show-dependencies", "--output-format", "json", cwd=folder).json] == [
        "flask",
        "r",
    ]


# Configuration files


def test_config_and_isolated(folder: Path) -> None:
    write(folder, ERROR)
    write(folder, 'ignore = ["RQ101"]\n', "reqlint.toml")
    write(folder, 'select = ["RQ0"]\n[severity]\nRQ1 = "info"\n', "other.toml")
    assert run(cwd=folder).codes == []
    assert run("--isolated", cwd=folder).codes == ["RQ101"]
    assert run("--config", "other.toml", cwd=folder).codes == []
    assert run("--config", "other.toml", "--select", "RQ1", cwd=folder).out.startswith(
        "requirements.txt:1:1: info[RQ101]"
    )
    both = run("--config", "other.toml", "--isolated", cwd=folder)
    assert (both.code, both.out) == (2, "")
    assert "--config and --isolated exclude each other" in both.err


def test_a_configuration_that_is_not_there(folder: Path) -> None:
    write(folder, ERROR)
    result = run("--config", "missing.toml", cwd=folder)
    message = "reqlint: missing.toml: the configuration cannot be read: no such file or directory\n"
    assert (result.code, result.out, result.err) == (2, "", message)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("--baseline", "--write-baseline"),
        ("--fix", "--write-baseline"),
        ("--diff", "--write-baseline"),
        ("--fix", "--write-ignores"),
        ("--write-ignores", "--write-baseline"),
    ],
)
def test_options_that_exclude_each_other(folder: Path, one: str, other: str) -> None:
    path = write(folder, ERROR)
    values = {"--baseline": ["base.json"], "--write-baseline": ["base.json"]}
    for first, second in ((one, other), (other, one)):
        result = run(first, *values.get(first, []), second, *values.get(second, []), cwd=folder)
        assert (result.code, result.out) == (2, "")
        assert f"{one} and {other} exclude each other" in result.err
    assert path.read_text() == ERROR
    assert [item.name for item in folder.iterdir()] == ["requirements.txt"]


# What goes wrong from outside


def test_a_missing_path_does_not_hide_the_others(folder: Path) -> None:
    write(folder, ERROR)
    result = run("missing.txt", "requirements.txt", "also/missing", cwd=folder)
    assert result.code == 2
    assert result.codes == ["RQ101"]
    assert result.err == (
        "reqlint: missing.txt: no such file or directory\nreqlint: also/missing: no such file or directory\n"
    )


def test_a_missing_path_does_not_stop_fixes(folder: Path) -> None:
    path = write(folder, SAFE)
    assert run("--fix", "missing.txt", "requirements.txt", cwd=folder).code == 2
    assert path.read_text() == MENDED


def test_a_named_file_of_an_unknown_kind(folder: Path) -> None:
    write(folder, ERROR, "notes.md")
    result = run("notes.md", cwd=folder)
    assert (result.code, result.out) == (2, "")
    assert "say so with `extend-include`" in result.err


@posix
def test_links_that_lead_nowhere_or_in_a_circle(folder: Path) -> None:
    (folder / "requirements-dangling.txt").symlink_to("nowhere")
    (folder / "requirements-circle.txt").symlink_to("requirements-circle.txt")
    for name in ("requirements-dangling.txt", "requirements-circle.txt"):
        result = run(name, cwd=folder)
        assert (result.code, result.out) == (2, "")
        assert result.err == f"reqlint: {name}: a link that leads nowhere, or in a circle\n"
    assert run(cwd=folder).err == "reqlint: no manifest found: .\n"


@posix
def test_a_named_pipe(folder: Path) -> None:
    os.mkfifo(folder / "requirements.txt")
    result = run_process("requirements.txt", cwd=folder)
    assert (result.code, result.out) == (2, "")
    assert "requirements.txt: not a regular file; pipe its content in" in result.err
    assert run_process(cwd=folder).code == 0  # and nobody waits for it


@posix
def test_an_unreadable_file_and_directory_do_not_hide_the_others(folder: Path) -> None:
    write(folder, ERROR)
    write(folder, ERROR, "closed/requirements.txt").chmod(0)
    write(folder, ERROR, "shut/requirements.txt")
    (folder / "shut").chmod(0)
    folder.chmod(0o755)
    try:
        result = as_nobody("--output-format", "concise", cwd=folder)
    finally:
        (folder / "shut").chmod(0o700)
    assert result.code == 2, result
    assert result.out.startswith("requirements.txt:1:1: error[RQ101]")
    assert sorted(result.err.splitlines()) == [
        "reqlint: closed/requirements.txt: cannot be read: permission denied",
        "reqlint: shut: cannot be read: permission denied",
    ]


def as_nobody(*arguments: str, cwd: Path) -> Result:
    """Run the command as a user who may not read everything, after a first run that imports what it takes."""
    script = """
import io, os, sys
from unittest import mock
from reqlint.cli import _parser, main
with mock.patch.multiple(sys, stdout=io.StringIO(), stderr=io.StringIO()):
    main(sys.argv[1:])
if os.getuid() == 0:
    os.seteuid(65534)
sys.exit(main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False, env=process_environment())
    return Result(done.returncode, done.stdout, done.stderr)


def test_a_file_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, SAFE)
    write(folder, SAFE, "requirements-dev.txt")
    read = Disk.read

    def refuse(self: Disk, path: str) -> bytes:
        if path == "requirements.txt":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return read(self, path)

    monkeypatch.setattr(Disk, "read", refuse)
    for arguments in ([], ["--diff"], ["--show-dependencies"], ["--fix"]):
        result = run(*arguments, cwd=folder)
        assert result.code == 2
        assert result.err == "reqlint: requirements.txt: cannot be read: permission denied\n"
    assert (folder / "requirements-dev.txt").read_text() == MENDED


@pytest.mark.parametrize("data", [b"\0\1\2\3" * 99, b"caf\xe9\n", b"\xff\xfe\0", b"f\0l\0a\0s\0k\0", bytes(range(256))])
def test_a_binary_file_is_a_finding(folder: Path, data: bytes) -> None:
    (folder / "requirements.txt").write_bytes(data)
    for name in OUTPUT_FORMATS:
        result = run("requirements.txt", "--output-format", name, cwd=folder)
        assert result.code == 1
        assert "RQ001" in result.out
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", result.out)
    assert run("--fix", "--unsafe-fixes", cwd=folder).code == 1
    assert (folder / "requirements.txt").read_bytes() == data


def test_a_very_large_file(folder: Path) -> None:
    (folder / "requirements.txt").write_bytes(b"# nothing but comments\n" * 2_300_000)
    (folder / "requirements-line.txt").write_bytes(b"x" * 500_000)
    result = run("--output-format", "full", cwd=folder)
    assert result.code == 1
    assert len(result.out) < 5000


def test_an_empty_file(folder: Path) -> None:
    write(folder, "")
    assert run(cwd=folder).out == "1 file, 0 requirements: nothing to report.\n"
    assert run("--fix", "--unsafe-fixes", "--select", "ALL", cwd=folder).code == 0
    assert (folder / "requirements.txt").read_bytes() == b""


@posix
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a b-requirements.txt", "a b-requirements.txt"),
        (b"new\nline-requirements.txt", "new\\nline-requirements.txt"),
        (b"esc\x1b[31m-requirements.txt", "esc\\x1b[31m-requirements.txt"),
        (b"caf\xe9-requirements.txt", "caf\\udce9-requirements.txt"),
        ("日本-requirements.txt".encode(), "日本-requirements.txt"),
        ("right\u202eleft-requirements.txt".encode(), "right\\u202eleft-requirements.txt"),
        (b"-r-requirements.txt", "-r-requirements.txt"),
        (b":colon-requirements.txt", "./:colon-requirements.txt"),
    ],
)
def test_odd_file_names(folder: Path, name: bytes, shown: str) -> None:
    path = os.path.join(os.fsencode(folder), name)
    try:
        with open(path, "wb") as file:
            file.write(SAFE.encode())
    except OSError:
        pytest.skip("a file system without such names")
    concise = run_process("--", name, cwd=folder)
    assert concise.out.splitlines()[0].startswith(f"{shown}:1:27: warning[RQ009]"), concise
    as_json = run_process("--output-format", "json", cwd=folder).json
    assert os.fsencode(as_json[0]["filename"]) == os.path.realpath(path)
    assert run_process("--fix", "-v", cwd=folder).code == 0
    with open(path, "rb") as file:
        assert file.read() == MENDED.encode()


def test_includes_that_lead_astray(folder: Path) -> None:
    write(folder, GOOD, "outside/requirements.txt")
    top = write(
        folder, "-r requirements.txt\n-r sub\n-r ../outside/requirements.txt\n-r /dev/zero\n", "in/requirements.txt"
    )
    (top.parent / "sub").mkdir()
    result = run("in", cwd=folder)
    assert result.code == 1
    assert result.codes == ["RQ006", "RQ006", "RQ006"]
    assert result.err == ""


def test_a_read_only_file_is_reported_and_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder, SAFE)
    other = write(folder, SAFE, "requirements-dev.txt")
    path.chmod(0o444)
    if os.name == "posix" and os.getuid() == 0:
        access = os.access
        monkeypatch.setattr(os, "access", lambda place, mode: "dev" in str(place) and access(place, mode))
    result = run("--fix", cwd=folder)
    assert result.code == 2
    assert result.err == "reqlint: requirements.txt: not written: the file is read-only\n"
    assert path.read_text() == SAFE
    assert other.read_text() == MENDED
    assert result.codes == ["RQ009"]
    assert "Fixed 1 problem in 1 file. Left: 1 warning in 1 of 2 files" in result.out


def test_a_full_disk_loses_nothing(folder: Path) -> None:
    path = write(folder, SAFE)
    with mock.patch("os.fsync", side_effect=OSError(errno.ENOSPC, "No space left on device")):
        result = run("--fix", cwd=folder)
    assert (result.code, result.err) == (2, "reqlint: requirements.txt: not written: no space left on device\n")
    assert result.codes == ["RQ009"]
    assert path.read_text() == SAFE
    assert [item.name for item in folder.iterdir()] == ["requirements.txt"]


def test_a_file_that_changes_meanwhile_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder, SAFE)
    before = Mender.run

    def change(self: Mender) -> object:
        diagnostics = before(self)
        path.write_text("somebody==1.0\n")
        return diagnostics

    monkeypatch.setattr(Mender, "run", change)
    result = run("--fix", cwd=folder)
    assert result.code == 2
    assert result.err.startswith("reqlint: requirements.txt: not written: ")
    assert "meanwhile" in result.err
    assert path.read_text() == "somebody==1.0\n"


def test_a_file_that_vanishes_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, SAFE)

    def vanish(_disk: Disk, path: str, *_: bytes) -> None:
        raise ChangedMeanwhileError(None, "it is gone", path)

    monkeypatch.setattr(Disk, "write", vanish)
    result = run("--fix", cwd=folder)
    assert (result.code, result.err) == (2, "reqlint: requirements.txt: not written: it is gone\n")


def test_a_fault_of_ours_shows_no_traceback(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, GOOD)

    def fail(*_: object) -> None:
        raise RuntimeError("with a secret in it")

    monkeypatch.setattr("reqlint.linter.Linter.check", fail)
    result = run(cwd=folder)
    assert (result.code, result.out) == (2, "")
    assert re.fullmatch(
        r"reqlint: a fault of reqlint: RuntimeError in line \d+ of test_cli\.py; please report it\n", result.err
    )


def test_an_interruption(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, GOOD)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("reqlint.linter.Linter.check", interrupt)
    result = run(cwd=folder)
    assert (result.code, result.out, result.err) == (130, "", "reqlint: interrupted; nothing was left half written\n")


@posix
def test_ctrl_c_on_a_real_process(folder: Path) -> None:
    command = [sys.executable, "-m", "reqlint", "--stdin-filename", "requirements.txt", "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=process_environment(), cwd=folder
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        wait_until_reading(process)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "reqlint: interrupted; nothing was left half written\n"
        process.stdin.close()
        assert process.wait() == 130


def wait_until_reading(process: subprocess.Popen[str]) -> None:
    """Wait until a process sleeps in a read from a pipe."""
    import time

    for _ in range(200):
        time.sleep(0.05)
        try:
            call = Path(f"/proc/{process.pid}/wchan").read_text()
        except OSError:
            time.sleep(2)
            return
        if "pipe" in call:
            return
    time.sleep(1)


@posix
def test_a_reader_that_has_had_enough(folder: Path) -> None:
    write(folder, ERROR * 3000)
    command = f"{sys.executable} -m reqlint requirements.txt --select RQ101 2>errors | head -1"
    done = subprocess.run(
        command, shell=True, cwd=folder, capture_output=True, text=True, check=True, env=process_environment()
    )
    assert done.stdout == "requirements.txt:1:1: error[RQ101] unpinned: `flask` has no version\n"
    assert (folder / "errors").read_text() == ""


def test_a_terminal_without_unicode(folder: Path) -> None:
    write(folder, "# 日本\nflask\n")
    environ = {"PYTHONIOENCODING": "ascii"}
    result = run_process("--output-format", "full", cwd=folder, env=environ)
    assert "\\u65e5\\u672c" in result.out
    (folder / "requirements-é.txt").write_text("flask\n")
    assert len(run_process("--output-format", "json", cwd=folder, env=environ).json) == 2


# CI systems read what is printed


@pytest.mark.parametrize("name", ["full", "concise", "json", "github"])
def test_no_content_becomes_a_command_to_github(folder: Path, name: str) -> None:
    write(folder, "::stop-commands::x\n  ::set-output name=a::b ##[stop-commands]y\nflask ##[add-mask]z\n")
    text = "##[error]a::b" if os.name == "posix" else "requirements"
    write(folder, "flask # ##[stop-commands]x\n::debug::x\n", f"{text}-requirements.txt")
    result = run("--output-format", name, cwd=folder, env={"GITHUB_ACTIONS": "true"})
    assert result.code == 1
    for line in (result.out + result.err).splitlines():
        if name == "github":
            assert re.match(r"::(error|warning|notice) title=reqlint", line)
        else:
            assert not line.strip().startswith("::")
            assert "##[" not in line


def test_where_versions_are_pinned_from(folder: Path) -> None:
    write(folder, "idna\n")
    write(
        folder, 'version = 1\n\n[[package]]\nname = "idna"\nversion = "3.6"\nsource = { registry = "x" }\n', "uv.lock"
    )
    install(folder, idna="3.7")
    assert "+idna==3.6\n" in run("--diff", cwd=folder).out
    assert "+idna==3.7\n" in run("--diff", "--pin-from", "environment,lock", cwd=folder).out
    assert run("--diff", "--pin-from", "index", cwd=folder).out == ""
    result = run("--pin-from", "locks", cwd=folder)
    assert (result.code, result.out) == (2, "")
    assert "`locks` in `pin-from` is not one of `lock`, `environment`, `index`; did you mean `lock`?" in result.err


def test_online_asks_nobody_when_there_is_nothing_to_ask(folder: Path) -> None:
    write(folder, "idna==3.7\n")
    result = run("--online", cwd=folder, env={"PATH": ""})
    assert (result.code, result.err) == (0, "")


def test_every_option_has_a_test() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    for action in _parser()._actions:
        assert not action.option_strings or any(f'"{option}"' in text for option in action.option_strings), action


def test_main_reads_the_arguments_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["reqlint", "--list-rules"])
    assert main() == 0
    assert "RQ101" in capsys.readouterr().out


def test_without_a_repository_nothing_above_the_current_directory_counts(folder: Path) -> None:
    install(folder, idna="3.7")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "shop"\nversion = "1"\n'
    )
    (folder / "api" / "tests").mkdir(parents=True)
    write(folder / "api" / "tests", "idna\n")
    write(folder / "api", "idna\n")
    # From the folder of the project, its environment is found, and a file in `tests` is for work on the library.
    [finding] = run("api", "--output-format", "json", cwd=folder).json
    assert finding["filename"] == str(folder / "api" / "requirements.txt")
    assert finding["fix"]["message"] == "Pin `idna` to 3.7"
    (folder / "api" / "requirements.txt").unlink()
    # From below it, what lies above may be anybody's.
    [finding] = run("--output-format", "json", cwd=folder / "api").json
    assert (finding["code"], finding["fix"]) == ("RQ101", None)
