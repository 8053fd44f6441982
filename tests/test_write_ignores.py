"""``--write-ignores``: an ignore comment for every finding, where it counts and where it is none but a comment.

That a file says what it said is judged by the real readers: pip's parser, tomllib, PyYAML, configparser, Python.
"""

from __future__ import annotations

import configparser
import json
import os
from pathlib import Path

import pytest

from reqlint.annotate import Annotator, refused
from reqlint.config import Configurations
from reqlint.formats import format_of
from reqlint.linter import Linter
from tests.command import run
from tests.laws.support import Project, Tree, native, own
from tests.laws.test_corpus_fixes import READERS
from tests.support import TOKENS

WHY = "# reqlint: ignore[{}] not looked at yet"
OF_FILE = "# reqlint: ignore-file[{}] not looked at yet"


def annotated(text: str, path: str = "requirements.txt", select: str = "", reason: str = "not looked at yet") -> str:
    """A text with its ignore comments, after which nothing is found."""
    project = Project(path, {path: text.encode()})
    after, _ = annotate(project, select.split(",") if select else None, reason)
    assert found(after, select.split(",") if select else None) == []
    return after.files[path].decode()


def annotate(
    project: Project, select: list[str] | None = None, reason: str = "not looked at yet"
) -> tuple[Project, list[str]]:
    """A project with ignore comments, and what is told of findings that are left."""
    memory = Tree(project.files)
    configurations = Configurations(memory, {"select": select} if select else {})
    annotator = Annotator(memory, configurations, project.targets(), unsafe=False, reason=reason)
    annotator.run()
    assert annotator.faults == []
    changed = {path: after for path, (_, after) in annotator.changes().items()}
    files = {path: changed.get(native(path), data) for path, data in project.files.items()}
    return Project(project.name, files), [note.removeprefix(native("")) for note in annotator.notes]


def found(project: Project, select: list[str] | None = None) -> list[str]:
    """The codes of what is found in a project by another run."""
    memory = Tree(project.files)
    linter = Linter(memory, Configurations(memory, {"select": select} if select else {}))
    return [item.code for item in linter.check(linter.load(project.targets()))]


# The law

NEVER = {"RQ001", "RQ901", "RQ902", "RQ903", "RQ999"}


def in_line_ends(project: Project, newline: bytes) -> Project:
    """The project with these line ends in all of its UTF-8 files."""
    files = {
        path: data if b"\0" in data else data.replace(b"\r\n", b"\n").replace(b"\n", newline)
        for path, data in project.files.items()
    }
    return Project(project.name, files)


@pytest.mark.parametrize(("newline", "select"), [(b"\n", None), (b"\r\n", ["ALL"])], ids=["lf", "crlf, all rules"])
def test_after_it_nothing_is_found_and_every_file_says_what_it_said(newline: bytes, select: list[str] | None) -> None:
    written = 0
    for raw in own():
        project = raw if newline == b"\n" else in_line_ends(raw, newline)
        before = found(project, select)
        after, notes = annotate(project, select)
        left = {code for code in found(after, select) if code not in NEVER}
        reasons = [note for note in notes if "no comment silences" not in note]
        assert all(any(code in note for note in reasons) for code in left), (project, left, notes)
        assert all("RQ003" in note or "a file that cannot be read" in note or "JSON" in note for note in reasons), notes
        for code in ("RQ901", "RQ902", "RQ903"):
            assert found(after, select).count(code) <= before.count(code), (project, code)
        for path, data in project.files.items():
            if after.files[path] != data:
                written += 1
                same_to_its_reader(path, data, after.files[path])
        assert annotate(after, select)[0].files == after.files, project
    assert written > 150


def same_to_its_reader(path: str, before: bytes, after: bytes) -> None:
    """The real reader sees the same, where there is one to ask and it could read the file before."""
    form = format_of(path)
    assert form is not None
    reader = READERS.get(form.name)
    if reader is None:
        return
    try:
        seen = reader(before)
    except Exception:  # noqa: BLE001 - whatever the reader says to a file that is none
        return
    assert reader(after) == seen, path


# Places


def test_at_the_end_of_the_line_two_blanks_behind_it() -> None:
    assert annotated("flask\ncelery>=5\n") == f"flask  {WHY.format('RQ101')}\ncelery>=5  {WHY.format('RQ102')}\n"


@pytest.mark.parametrize(
    ("line", "blanks"), [("flask", "  "), ("flask ", " "), ("flask  ", ""), ("flask    ", ""), ("flask\t", "  ")]
)
def test_blanks_at_the_end_of_a_line(line: str, blanks: str) -> None:
    assert annotated(f"{line}\n") == f"{line}{blanks}{WHY.format('RQ101')}\n"


def test_behind_a_comment() -> None:
    assert annotated("flask  # the web\n") == f"flask  # the web  {WHY.format('RQ101')}\n"


def test_a_last_line_without_an_end_stays_one() -> None:
    assert annotated("flask") == f"flask  {WHY.format('RQ101')}"


def test_a_requirement_over_several_lines() -> None:
    text = "flask>=3 \\\n    --no-binary :all:\nrequests \\\n    >=2\nidna==3.7\n"
    after = annotated(text, select="RQ102")
    assert f"requests \\\n    >=2  {WHY.format('RQ102')}\nidna==3.7\n" in after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("celery  # reqlint: ignore[RQ102] why", "celery  # reqlint: ignore[RQ102, RQ101] why"),
        ("celery  # reqlint: ignore why", "celery  # reqlint: ignore[RQ101] why"),
        ("celery  # reqlint: ignore[] why", "celery  # reqlint: ignore[RQ101] why"),
        ("# reqlint: ignore[RQ102] why\ncelery", "# reqlint: ignore[RQ102, RQ101] why\ncelery"),
    ],
)
def test_a_comment_that_is_there_is_extended(before: str, after: str) -> None:
    project, _ = annotate(Project("", {"requirements.txt": f"{before}\n".encode()}), ["RQ101"])
    assert project.files["requirements.txt"].decode() == f"{after}\n"


def test_all_codes_of_a_line_in_one_comment() -> None:
    after = annotated("Flask_Login>=1\n", select="RQ102,RQ702")
    assert after == f"Flask_Login>=1  {WHY.format('RQ102, RQ702')}\n"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (
            "pyproject.toml",
            '[project]\nname = "x"\nversion = "1"\ndependencies = [\n  "flask",\n  "idna"  # why\n]\n',
            '[project]\nname = "x"\nversion = "1"\ndependencies = [\n  "flask",  {0}\n  "idna"  # why  {0}\n]\n',
        ),
        (
            "pyproject.toml",
            '[project]\nname = "x"\nversion = "1"\ndependencies = ["flask", "idna"]\n',
            '[project]\nname = "x"\nversion = "1"\n{0}\ndependencies = ["flask", "idna"]\n',
        ),
        (
            "setup.cfg",
            "[options]\ninstall_requires =\n    flask\n    idna\n",
            "[options]\ninstall_requires =\n    {0}\n    flask\n    {0}\n    idna\n",
        ),
        (
            "setup.cfg",
            "[options]\ninstall_requires = flask\n",
            "[options]\n{0}\ninstall_requires = flask\n",
        ),
        (
            "setup.py",
            'from setuptools import setup\nsetup(\n    install_requires=[\n        "flask",\n    ],\n)\n',
            'from setuptools import setup\nsetup(\n    install_requires=[\n        "flask",  {0}\n    ],\n)\n',
        ),
        (
            "setup.py",
            'from setuptools import setup\nsetup(install_requires=["flask"])\n',
            'from setuptools import setup\n{0}\nsetup(install_requires=["flask"])\n',
        ),
    ],
)
def test_in_a_library(path: str, before: str, after: str) -> None:
    assert annotated(before, path, select="RQ103") == after.format(WHY.format("RQ103"))


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("Pipfile", '[packages]\nflask = "*"\n', '[packages]\nflask = "*"  {0}\n'),
        (
            "environment.yml",
            "dependencies:\n  - pip\n  - pip:\n    - flask\n",
            "dependencies:\n  - pip\n  - pip:\n    - flask  {0}\n",
        ),
        ("environment.yml", "dependencies: [pip, {pip: [flask]}]\n", "{0}\ndependencies: [pip, {{pip: [flask]}}]\n"),
        ("conda-packages.txt", "# ours\npandas\n", "# ours\n{0}\npandas\n"),
    ],
)
def test_in_an_application(path: str, before: str, after: str) -> None:
    assert annotated(before, path, select="RQ101").replace(" {pip:", " {{pip:").replace("]}]", "]}}]") == after.replace(
        "{0}", WHY.format("RQ101")
    )


def test_a_comment_line_in_a_value_of_setup_cfg_is_nothing_to_configparser() -> None:
    text = "[metadata]\nname = x\n[options]\ninstall_requires =\n    flask\n    idna; python_version > '3'\nzip_safe = no\n"
    values = []
    for content in (text, annotated(text, "setup.cfg", select="RQ103")):
        parser = configparser.ConfigParser()
        parser.read_string(content)
        values.append({section: dict(parser[section]) for section in parser.sections()})
    assert values[0] == values[1]


def test_a_string_of_several_lines_gets_no_comment_inside() -> None:
    text = 'from setuptools import setup\nsetup(name="x", install_requires="""\nflask\nidna\n""")\n'
    code = annotated(text, "setup.py", select="RQ103")
    assert '"""\nflask\nidna\n"""' in code
    assert OF_FILE.format("RQ103") in code


# For the whole file


def test_what_has_no_line_of_its_own_is_ignored_at_the_top() -> None:
    assert annotated("idna==3.7", select="RQ705") == f"{OF_FILE.format('RQ705')}\nidna==3.7"


@pytest.mark.parametrize(
    "head", ["#!/usr/bin/env python3\n", "# -*- coding: utf-8 -*-\n", "#!/usr/bin/python\n# -*- coding: latin-1 -*-\n"]
)
def test_below_what_must_stand_in_the_first_lines(head: str) -> None:
    text = f'{head}# ours\nfrom setuptools import setup\nsetup(install_requires=["idna>=3"])'
    body = text.removeprefix(head)
    assert annotated(text, "setup.py", select="RQ705") == f"{head}{OF_FILE.format('RQ705')}\n{body}"


def test_an_ignore_of_the_file_that_is_there_is_extended() -> None:
    text = "# ours\n# reqlint: ignore-file[RQ701] why\nidna==3.7"
    project, _ = annotate(Project("", {"requirements.txt": text.encode()}), ["RQ705"])
    assert project.files["requirements.txt"].decode() == text.replace("RQ701", "RQ701, RQ705")


# What is left alone


def test_json_has_no_comments() -> None:
    url = f"https://u:{TOKENS['github']}@packages.example.com/simple"
    lock = json.dumps({"_meta": {"sources": [{"url": url}]}})
    project, notes = annotate(Project("", {"Pipfile.lock": lock.encode()}))
    assert project.files["Pipfile.lock"].decode() == lock
    assert notes == ["Pipfile.lock: 1 finding is left (RQ301): JSON has no comments"]


def test_a_file_that_cannot_be_read() -> None:
    text = '[project]\nname = "x\n'
    project, notes = annotate(Project("", {"pyproject.toml": text.encode()}))
    assert project.files["pyproject.toml"].decode() == text
    assert notes == ["pyproject.toml: 1 finding is left (RQ001): a file that cannot be read is left alone"]


def test_a_reason_that_the_file_cannot_hold() -> None:
    text = "# -*- coding: latin-1 -*-\n# café\nflask\n".encode("latin-1")
    project, notes = annotate(Project("", {"requirements.txt": text}), ["RQ101"], reason="später")
    assert b"# reqlint: ignore[RQ101] sp\xe4ter" in project.files["requirements.txt"]
    project, notes = annotate(Project("", {"requirements.txt": text}), ["RQ101"], reason="後で")
    assert project.files["requirements.txt"] == text
    assert notes == ["requirements.txt: 1 finding is left (RQ101): there is no place for a comment that would count"]


def test_a_token_is_in_no_comment() -> None:
    token = TOKENS["github"]
    text = f"name @ git+https://{token}@git.example.com/o/r.git@v1.0\n"
    after = annotated(text, select="RQ301")
    assert after == f"{text[:-1]}  {WHY.format('RQ301')}\n"


# On the command line


def write(folder: Path, text: str, name: str = "requirements.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_it_writes_and_tells_on_standard_error(tmp_path: Path) -> None:
    path = write(tmp_path, "flask\nidna==3.7\n")
    result = run("--write-ignores", cwd=tmp_path)
    assert (result.code, result.out) == (0, "1 file, 2 requirements: nothing to report.\n"), result
    assert result.err == "reqlint: wrote ignore comments for 1 finding in 1 file\n"
    assert path.read_text() == f"flask  {WHY.format('RQ101')}\nidna==3.7\n"
    assert run(cwd=tmp_path).code == 0
    assert run("--write-ignores", cwd=tmp_path).err == ""


def test_a_path_behind_the_option_is_no_reason(tmp_path: Path) -> None:
    path = write(tmp_path, "flask\n")
    other = write(tmp_path, "flask\n", "requirements-dev.txt")
    assert run("--write-ignores", "requirements.txt", cwd=tmp_path).code == 0
    assert path.read_text() == f"flask  {WHY.format('RQ101')}\n"
    assert other.read_text() == "flask\n"


def test_a_reason_of_ones_own(tmp_path: Path) -> None:
    path = write(tmp_path, "flask\n")
    assert run("--write-ignores=before we had reqlint #42", cwd=tmp_path).code == 0
    assert path.read_text() == "flask  # reqlint: ignore[RQ101] before we had reqlint #42\n"
    assert run(cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    "reason", ["two\nlines", "bell\a", "to be continued\\", "reqlint: ignore[RQ1]", f"see {TOKENS['github']}"]
)
def test_a_reason_that_is_refused(tmp_path: Path, reason: str) -> None:
    path = write(tmp_path, "flask\n")
    result = run(f"--write-ignores={reason}", cwd=tmp_path)
    assert result.code == 2
    assert f"error: --write-ignores: {refused(reason)}\n" in result.err
    assert TOKENS["github"] not in result.err
    assert path.read_text() == "flask\n"


def test_with_diff_it_only_shows(tmp_path: Path) -> None:
    path = write(tmp_path, "flask\n")
    result = run("--write-ignores", "--diff", cwd=tmp_path)
    assert result.code == 1
    assert f"-flask\n+flask  {WHY.format('RQ101')}\n" in result.out
    assert "wrote" not in result.err
    assert path.read_text() == "flask\n"


def test_selected_rules_only(tmp_path: Path) -> None:
    path = write(tmp_path, "flask\ncelery>=5\n")
    assert run("--write-ignores", "--select", "RQ102", cwd=tmp_path).code == 0
    assert path.read_text() == f"flask\ncelery>=5  {WHY.format('RQ102')}\n"
    assert run(cwd=tmp_path).codes == ["RQ101"]


def test_what_is_left_fails_the_run(tmp_path: Path) -> None:
    write(tmp_path, '[project]\nname = "x\n', "pyproject.toml")
    result = run("--write-ignores", cwd=tmp_path)
    assert (result.code, result.codes) == (1, ["RQ001"])
    assert (
        result.err == "reqlint: pyproject.toml: 1 finding is left (RQ001): a file that cannot be read is left alone\n"
    )


def test_standard_input(tmp_path: Path) -> None:
    result = run("--write-ignores", "--stdin-filename", "requirements.txt", "-", cwd=tmp_path, stdin=b"flask\n")
    assert (result.code, result.out) == (0, f"flask  {WHY.format('RQ101')}\n")


def test_credentials_are_told_of(tmp_path: Path) -> None:
    write(tmp_path, f"flask\nname @ git+https://{TOKENS['github']}@git.example.com/o/r.git@v1.0\n")
    result = run("--write-ignores", cwd=tmp_path)
    assert result.code == 0, result
    assert "2 findings (1 leaked credential among them, to be revoked all the same) in 1 file" in result.err


@pytest.mark.parametrize("other", [["--fix"], ["--write-baseline", "base.json"]])
def test_not_with(tmp_path: Path, other: list[str]) -> None:
    path = write(tmp_path, "flask\n")
    result = run("--write-ignores", *other, cwd=tmp_path)
    assert result.code == 2
    assert "exclude each other" in result.err
    assert path.read_text() == "flask\n"
    assert os.listdir(tmp_path) == ["requirements.txt"]


def test_a_read_only_file_is_told_of(tmp_path: Path) -> None:
    path = write(tmp_path, "flask\n")
    path.chmod(0o444)
    result = run("--write-ignores", cwd=tmp_path)
    assert result.code == 2
    assert result.codes == ["RQ101"]
    assert "not written: the file is read-only" in result.err
    assert path.read_text() == "flask\n"
