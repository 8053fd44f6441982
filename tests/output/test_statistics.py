from __future__ import annotations

from pathlib import Path

from tests.command import run


def test_most_often_broken_first(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a>=1\n" + "".join(f"p{number}\n" for number in range(12)) + "b=1\n")
    assert run("--statistics", "--select", "RQ0,RQ1", cwd=tmp_path).out.splitlines() == [
        "12  RQ101  [ ]  unpinned",
        " 1  RQ002  [*]  invalid-requirement",
        " 1  RQ102  [ ]  loosely-pinned",
    ]


def test_as_json(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a\nb=1\n")
    assert run("--statistics", "--select", "RQ0,RQ1", "--output-format", "json", cwd=tmp_path).json == [
        {"code": "RQ002", "name": "invalid-requirement", "count": 1, "fixable": 1},
        {"code": "RQ101", "name": "unpinned", "count": 1, "fixable": 0},
    ]


def test_nothing_to_count(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a==1\n")
    assert run("--statistics", cwd=tmp_path).out == ""
    assert run("--statistics", "--output-format", "json", cwd=tmp_path).json == []
