"""Baselines: what is known is not reported, what is new is, and nothing in the file comes from a secret."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reqlint.config import OUTPUT_FORMATS
from tests.command import install, run
from tests.support import TOKENS

OLD = "flask\ncelery>=5\nidna==3.7\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, text: str, name: str = "requirements.txt") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def remember(folder: Path, text: str = OLD, name: str = "requirements.txt") -> Path:
    """A file, all of whose findings are known."""
    path = write(folder, text, name)
    assert run("--write-baseline", "base.json", cwd=folder).code == 0
    return path


def entries(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "base.json").read_text(encoding="utf-8"))["findings"]
    return found


def new(folder: Path, *arguments: str) -> list[str]:
    """The findings that are not known: code and the line in the file."""
    found = run("--baseline", "base.json", "--output-format", "json", *arguments, cwd=folder).json
    return [f"{item['code']} {item['location']['row']}" for item in found]


# Writing


def test_it_holds_one_finding_a_line_and_no_more(folder: Path) -> None:
    write(folder, OLD)
    write(folder, "flask\nflask\n", "services/api/requirements.txt")
    result = run("--select", "RQ1", "--write-baseline", "base.json", cwd=folder)
    assert (result.code, result.out) == (0, "")
    assert result.err == "reqlint: wrote 4 findings to base.json\n"
    lines = (folder / "base.json").read_text().splitlines()
    assert lines[:3] == ["{", '"version": 1,', '"findings": [']
    assert lines[-2:] == ["]", "}"]
    rows = [json.loads(line.rstrip(",")) for line in lines[3:-2]]
    for row in rows:
        assert len(row.pop("fingerprint")) == 16
    assert rows == [
        {"path": "requirements.txt", "code": "RQ101", "dependency": "flask", "count": 1},
        {"path": "requirements.txt", "code": "RQ102", "dependency": "celery", "count": 1},
        {"path": "services/api/requirements.txt", "code": "RQ101", "dependency": "flask", "count": 2},
    ]


def test_it_is_the_same_however_the_files_are_given(folder: Path) -> None:
    write(folder, OLD)
    write(folder, OLD, "sub/requirements.txt")
    run("--write-baseline", "one.json", cwd=folder)
    run("sub", "requirements.txt", "--write-baseline", "two.json", cwd=folder)
    run(str(folder), "--write-baseline", "../three.json", cwd=folder / "sub")
    os.replace(folder / "three.json", folder / "sub" / "three.json")
    assert (folder / "one.json").read_bytes() == (folder / "two.json").read_bytes()
    assert (folder / "one.json").read_bytes() == (folder / "sub" / "three.json").read_bytes()


def test_paths_count_from_the_folder_of_the_baseline(folder: Path) -> None:
    write(folder, OLD, "project/requirements.txt")
    (folder / "known").mkdir()
    run("project", "--write-baseline", "known/base.json", cwd=folder)
    assert "../project/requirements.txt" in (folder / "known" / "base.json").read_text()
    assert run("--baseline", "../known/base.json", cwd=folder / "project").code == 0


def test_without_findings_it_is_empty(folder: Path) -> None:
    remember(folder, "idna==3.7\n")
    assert entries(folder) == []
    write(folder, "idna\n")
    assert new(folder) == ["RQ101 1"]


def test_what_is_ignored_is_not_in_it(folder: Path) -> None:
    remember(folder, "flask  # reqlint: ignore[RQ101] why\n")
    assert entries(folder) == []


def test_it_is_for_people_in_their_language(folder: Path) -> None:
    remember(folder, "flask\n", "日本/requirements.txt")
    assert '"日本/requirements.txt"' in (folder / "base.json").read_text(encoding="utf-8")
    assert new(folder) == []


@pytest.mark.skipif(os.name != "posix", reason="names that only POSIX has")
def test_a_name_that_is_no_text(folder: Path) -> None:
    path = os.path.join(os.fsencode(folder), b"caf\xe9\n-requirements.txt")
    try:
        with open(path, "wb") as file:
            file.write(b"flask\n")
    except OSError:
        pytest.skip("a file system without such names")
    assert run("--write-baseline", "base.json", cwd=folder).code == 0
    assert entries(folder)[0]["path"] == "caf\udce9\n-requirements.txt"
    assert new(folder) == []


def test_quiet(folder: Path) -> None:
    write(folder, OLD)
    assert run("-q", "--write-baseline", "base.json", cwd=folder).err == ""


def test_a_folder_that_is_not_there(folder: Path) -> None:
    write(folder, OLD)
    result = run("--write-baseline", "nowhere/base.json", cwd=folder)
    assert result.code == 2
    assert "there is no directory nowhere" in result.err


def test_a_fault_of_reqlints_own_is_never_known(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from reqlint.registry import rules

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(rules()["RQ102"], "check", fail)
    write(folder, OLD)
    assert run("--write-baseline", "base.json", cwd=folder).code == 2
    assert [item["code"] for item in entries(folder)] == ["RQ101"]
    result = run("--baseline", "base.json", cwd=folder)
    assert (result.code, result.codes) == (2, ["RQ999"])


# What stays known


CHANGES: dict[str, Callable[[str], str]] = {
    "lines above": lambda text: f"# ours\n\nanyio==4.4.0\n{text}",
    "another order": lambda text: "".join(reversed(text.splitlines(keepends=True))),
    "comments": lambda text: text.replace("\n", "  # why\n"),
    "other line ends": lambda text: text.replace("\n", "\r\n"),
    "a mark of the encoding": lambda text: f"\ufeff{text}",
    "blanks in its own line": lambda text: text.replace("celery>=5", "celery >= 5"),
    "another line changed": lambda text: text.replace("idna==3.7", "idna==3.8"),
    "one that is gone": lambda text: text.replace("flask\n", ""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_known_findings_stay_known(folder: Path, change: str) -> None:
    path = remember(folder)
    path.write_bytes(CHANGES[change](OLD).encode())
    assert new(folder, "--ignore", "RQ008") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{OLD}numpy\n", ["RQ101 4"]),
        (f"numpy\n{OLD}", ["RQ101 1"]),
        (OLD.replace("idna==3.7", "idna"), ["RQ101 3"]),
        (OLD.replace("celery>=5", "celery>=6"), ["RQ102 2"]),
        (OLD.replace("celery>=5", "celery"), ["RQ101 2"]),
    ],
)
def test_what_is_new_is_reported(folder: Path, text: str, expected: list[str]) -> None:
    path = remember(folder)
    path.write_text(text)
    assert new(folder) == expected


def test_of_two_equal_findings_one_is_new(folder: Path) -> None:
    path = remember(folder, "flask\n")
    path.write_text("idna==3.7\nflask\nflask\n")
    assert new(folder, "--select", "RQ101") == ["RQ101 3"]


def test_of_two_equal_findings_both_are_known(folder: Path) -> None:
    remember(folder, "flask\nflask\n")
    assert new(folder) == []


def test_a_renamed_file_is_new(folder: Path) -> None:
    path = remember(folder, "flask\n")
    path.rename(folder / "requirements-web.txt")
    assert new(folder) == ["RQ101 1"]


def test_files_one_by_one_as_pre_commit_gives_them(folder: Path) -> None:
    remember(folder)
    write(folder, OLD, "requirements-new.txt")
    assert new(folder, "requirements.txt") == []
    assert len(new(folder, "requirements-new.txt")) == 2


def test_standard_input(folder: Path) -> None:
    remember(folder)
    arguments = ("--baseline", "base.json", "--stdin-filename", "requirements.txt", "-")
    assert run(*arguments, cwd=folder, stdin=OLD.encode()).code == 0
    assert run(*arguments, cwd=folder, stdin=b"numpy\n").codes == ["RQ101"]


def test_a_finding_without_a_line_of_its_own(folder: Path) -> None:
    write(folder, "idna==3.7")
    run("--select", "RQ705", "--write-baseline", "base.json", cwd=folder)
    assert len(entries(folder)) == 1
    write(folder, "idna==3.7\nanyio==4.4.0")
    assert new(folder, "--select", "RQ705") == []


# Everything obeys it


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_no_output_shows_what_is_known(folder: Path, name: str) -> None:
    path = remember(folder)
    path.write_text(f"{OLD}numpy\n")
    shown = run("--baseline", "base.json", "--output-format", name, cwd=folder).out
    assert "numpy" in shown
    assert "celery" not in shown or name == "full"  # whose excerpts show the lines around


def test_statistics(folder: Path) -> None:
    path = remember(folder)
    path.write_text(f"{OLD}numpy\n")
    out = run("--baseline", "base.json", "--statistics", cwd=folder).out
    assert "RQ101" in out
    assert "RQ102" not in out


def test_the_exit_code(folder: Path) -> None:
    path = remember(folder)
    assert run(cwd=folder).code == 1
    result = run("--baseline", "base.json", cwd=folder)
    assert (result.code, result.out, result.err) == (0, "1 file, 3 requirements: nothing to report.\n", "")
    path.write_text(f"{OLD}numpy\n")
    assert run("--baseline", "base.json", cwd=folder).code == 1


def test_only_what_is_new_is_mended(folder: Path) -> None:
    install(folder, flask="3.0.3", celery="5.4.0", idna="3.7", numpy="2.0.0")
    path = remember(folder)
    path.write_text(f"{OLD}numpy\n")
    result = run("--baseline", "base.json", "--fix", cwd=folder)
    assert result.code == 0, result
    assert path.read_text() == f"{OLD}numpy==2.0.0\n"
    path.write_text(f"{OLD}numpy\n")
    assert run("--fix", cwd=folder).code == 0
    assert path.read_text() != f"{OLD}numpy==2.0.0\n"


def test_only_what_is_new_is_ignored(folder: Path) -> None:
    path = remember(folder)
    path.write_text(f"{OLD}numpy\n")
    assert run("--baseline", "base.json", "--write-ignores", cwd=folder).code == 0
    assert path.read_text() == f"{OLD}numpy  # reqlint: ignore[RQ101] not looked at yet\n"


# What is not needed any more


def test_verbose_tells_what_is_known_and_what_is_gone(folder: Path) -> None:
    path = remember(folder)
    write(folder, "numpy\n", "old-requirements.txt")
    run("--write-baseline", "base.json", cwd=folder)
    path.write_text(OLD.replace("flask\n", ""))
    (folder / "old-requirements.txt").unlink()
    result = run("--baseline", "base.json", "-v", cwd=folder)
    assert result.code == 0
    assert "reqlint: 1 finding left out, being in base.json\n" in result.err
    assert (
        "reqlint: 2 findings in base.json not there any more; --write-baseline base.json writes it anew\n" in result.err
    )
    assert run("--baseline", "base.json", cwd=folder).err == ""


@pytest.mark.parametrize("arguments", [["--select", "RQ2"], ["other.txt"]])
def test_what_was_not_looked_for_is_not_gone(folder: Path, arguments: list[str]) -> None:
    remember(folder)
    write(folder, "idna==3.7\n", "other.txt")
    assert "any more" not in run("--baseline", "base.json", "-v", *arguments, cwd=folder).err


# Baselines that are none


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "base.json: there is no such baseline; `--write-baseline base.json` writes one"),
        (
            b"",
            "base.json: this is no JSON, as line 1 shows; mend it, or write it anew with `--write-baseline base.json`",
        ),
        (
            b'{\n<<<<<<< ours\n"version": 1,\n',
            (
                "base.json: this is no JSON, as line 2 shows (a merge conflict?); mend it, or write it anew with "
                "`--write-baseline base.json`"
            ),
        ),
        (b"\xff\xfe\xff", "base.json: this is no JSON; mend it, or write it anew with `--write-baseline base.json`"),
        (b"[" * 100_000, "base.json: this is no JSON; mend it, or write it anew with `--write-baseline base.json`"),
        (b"[]", "base.json: this is no baseline; `--write-baseline` writes one"),
        (b'{"version": 1}', "base.json: this is no baseline; `--write-baseline` writes one"),
        (
            b'{"version": 2, "findings": []}',
            (
                "base.json: this baseline is of another version than 1, the one that this reqlint reads; write it anew with "
                "`--write-baseline base.json`"
            ),
        ),
        *(
            (
                json.dumps({"version": 1, "findings": [entry]}).encode(),
                (
                    "base.json: the finding number 1 is none of a baseline; mend it, or write it anew with "
                    "`--write-baseline base.json`"
                ),
            )
            for entry in (
                1,
                {},
                {"path": "a", "code": "RQ101", "fingerprint": "0"},
                {"path": "a", "code": "RQ101", "fingerprint": "0", "count": 0},
                {"path": "a", "code": "RQ101", "fingerprint": "0", "count": True},
                {"path": "a", "code": ["RQ101"], "fingerprint": "0", "count": 1},
            )
        ),
    ],
)
def test_a_baseline_that_is_none(folder: Path, content: bytes | None, message: str) -> None:
    write(folder, OLD)
    if content is not None:
        (folder / "base.json").write_bytes(content)
    result = run("--baseline", "base.json", cwd=folder)
    assert (result.code, result.out, result.err) == (2, "", f"reqlint: {message}\n")


def test_a_baseline_that_is_a_folder(folder: Path) -> None:
    write(folder, OLD)
    (folder / "base.json").mkdir()
    result = run("--baseline", "base.json", cwd=folder)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("reqlint: base.json: the baseline cannot be read: ")


def test_a_line_that_a_merge_doubled_counts_once(folder: Path) -> None:
    path = remember(folder, "flask\n")
    base = folder / "base.json"
    document = json.loads(base.read_text())
    document["findings"] *= 2
    base.write_text(json.dumps(document))
    path.write_text("flask\nflask\n")
    assert new(folder, "--select", "RQ101") == ["RQ101 2"]


@pytest.mark.parametrize("other", ["--fix", "--diff", "--baseline=base.json"])
def test_what_contradicts_writing_one(folder: Path, other: str) -> None:
    write(folder, OLD)
    result = run("--write-baseline", "base.json", other, cwd=folder)
    assert result.code == 2
    assert f"{other.partition('=')[0]} and --write-baseline exclude each other" in result.err
    assert not (folder / "base.json").exists()


# Secrets


def leak(secret: str) -> str:
    return (
        f"name @ git+https://user:{secret}@git.example.com/o/r.git\n--index-url https://user:{secret}@packages.example.com/\n"
        f"--nonsense={secret}\nflask  # {secret}\n"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tr0ub4dor-3-Zebra", "correct-horse-battery"),
        (TOKENS["github"], TOKENS["github2"]),
        ("a-Short-Passw0rd", "a-much-longer-Passw0rd-than-the-other-one"),
    ],
)
def test_nothing_in_it_depends_on_a_secret(folder: Path, one: str, other: str) -> None:
    """Not even a hash, nor a length: of two files that differ by their secrets only, the baselines are equal."""
    remember(folder, leak(one))
    first = (folder / "base.json").read_text()
    assert one not in first
    assert "RQ30" in first
    remember(folder, leak(other))
    assert (folder / "base.json").read_text() == first


def test_a_leaked_credential_can_be_known_and_is_told_of(folder: Path) -> None:
    write(folder, leak(TOKENS["github"]))
    result = run("--select", "RQ3", "--write-baseline", "base.json", cwd=folder)
    assert "leaked credentials among them, to be revoked all the same) to base.json" in result.err
    assert run("--select", "RQ3", "--baseline", "base.json", cwd=folder).code == 0


def test_a_secret_of_another_file_is_not_in_it(folder: Path) -> None:
    secret = "correcthorsebatterystaple42"
    write(folder, f"{secret}\nflask\n")
    write(folder, f"--index-url https://user:{secret}@packages.example.com/simple\n", "requirements-other.txt")
    run("--write-baseline", "base.json", cwd=folder)
    assert secret not in (folder / "base.json").read_text()
    assert "flask" in [item.get("dependency") for item in entries(folder)]
    # What the name of that requirement comes to could be found out by trying, so it stays new.
    assert "RQ101 1" in new(folder)


def test_a_secret_in_the_name_of_a_folder(folder: Path) -> None:
    write(folder, "flask\n", f"{TOKENS['github']}/requirements.txt")
    run("--write-baseline", "base.json", cwd=folder)
    assert TOKENS["github"][8:] not in (folder / "base.json").read_text()
    assert new(folder) == []


def test_the_folder_may_lie_elsewhere(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    remember(folder)
    copy = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(folder, copy)
    assert new(copy) == []


# The documentation


def transcripts() -> list[str]:
    """The sessions of the section that tells how an old project begins."""
    page = (Path(__file__).parent.parent / "docs" / "usage.md").read_text(encoding="utf-8")
    section = page.partition("## Adopting it in an old project")[2].partition("\n## ")[0]
    return re.findall(r"^```console\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", [0, 1])
def test_the_documentation_shows_what_is_so(folder: Path, number: int) -> None:
    path = write(folder, OLD)
    for command, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", transcripts()[number], re.MULTILINE):
        words = shlex.split(command)
        if words[0] == "reqlint":
            result = run(*words[1:], cwd=folder)
            assert result.err + result.out == shown, command
        elif words[0] == "cat":
            assert (folder / words[1]).read_text() == shown
        else:
            assert words == ["echo", words[1], ">>", "requirements.txt"], "a command that this test does not know"
            path.write_text(f"{path.read_text()}{words[1]}\n")
