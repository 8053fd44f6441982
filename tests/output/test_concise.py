from __future__ import annotations

import re
from pathlib import Path

from tests.command import install, run


def test_one_line_each_and_the_summary(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask==1\nrequests\nhttpx\nb=1\n")
    install(tmp_path, flask="1", requests="2.32.3")
    result = run("--select", "RQ0,RQ1", cwd=tmp_path)
    assert result.out.splitlines() == [
        "requirements.txt:2:1: error[RQ101] unpinned: `requests` has no version [*]",
        "requirements.txt:3:1: error[RQ101] unpinned: `httpx` has no version",
        "requirements.txt:4:2: error[RQ002] invalid-requirement: `b=1` has a single `=`, which pip does not know",
        "Found 3 errors in 1 file (1 fixable with --fix, 1 more with --unsafe-fixes).",
    ]


def test_paths_are_relative_below_the_current_directory_and_absolute_elsewhere(tmp_path: Path) -> None:
    for name in ("a/requirements.txt", "b/requirements.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("flask\n")
    first, second, summary = run("requirements.txt", tmp_path / "b", cwd=tmp_path / "a").out.splitlines()
    assert first.startswith("requirements.txt:1:1: ")
    assert second.startswith(f"{tmp_path / 'b' / 'requirements.txt'}:1:1: ")
    assert summary == "Found 2 errors in 2 of 2 files."


def test_columns_are_characters(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("😀日\u0301 flask\n", encoding="utf-8")
    assert run("--select", "RQ0", cwd=tmp_path).out.startswith("requirements.txt:1:1: ")
    (tmp_path / "requirements.txt").write_text(
        "a==1 ; python_version > '😀😀' # é\nb=1\n--😀 --nope\n", encoding="utf-8"
    )
    for line in run(cwd=tmp_path).out.splitlines()[:-1]:
        assert re.match(r"requirements\.txt:\d+:\d+: (error|warning|info)\[RQ\d{3}\] [a-z-]+: .+", line)


def test_whatever_a_file_holds_each_finding_stays_on_one_line(tmp_path: Path) -> None:
    lines = [
        "\x1b[31mred=1",
        "a\x85b=1",
        "tab\t=1",
        "x\u2028y=1",
        "--opt\x07ion",
        "-r \x1b]0;t\x07",
        "\u202eabc=1",
        "é" * 5000,
    ]
    (tmp_path / "requirements.txt").write_text("\n".join(lines), encoding="utf-8")
    result = run(cwd=tmp_path)
    assert len(result.codes) >= 6
    for line in result.out.split("\n")[:-1]:
        assert line.isprintable()
        assert line.startswith(("requirements.txt:", "Found"))
        assert len(line) < 600
