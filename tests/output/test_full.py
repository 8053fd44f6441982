from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from reqlint.diagnostic import Diagnostic, Label
from reqlint.fixes import Edit, Fix
from reqlint.model import Manifest
from reqlint.output import Report, full, shortened, shown_path, visible
from reqlint.redaction import Redactor
from reqlint.source import Source
from tests.command import Result, install, process_environment, run


def shown(
    text: str,
    span: tuple[int, int],
    *,
    path: str = "requirements.txt",
    width: int = 80,
    message: str = "message",
    label: str = "label",
    advice: str = "",
    fix: Fix | None = None,
    related: tuple[Label, ...] = (),
) -> str:
    """One finding as a person sees it, without the summary."""
    source = Source(path, text)
    item = Diagnostic(source, span, message, label=label, help=advice, fix=fix, related=related)
    item.code, item.name, item.severity = "RQ101", "unpinned", "error"
    report = Report([item], [Manifest(source, "requirements.txt", "application")], Redactor([source]), width=width)
    return full.render(report).rpartition("\n\n")[0]


def test_what_a_person_sees(tmp_path: Path) -> None:
    folder = tmp_path / "services" / "api"
    folder.mkdir(parents=True)
    (folder / "requirements.txt").write_text("flask==3.0.3\nrequests            # http\n")
    install(folder, flask="3.0.3", requests="2.32.3")
    result = run("--output-format", "full", cwd=tmp_path, env={"COLUMNS": "80"})
    assert result.out == (
        "error[RQ101] unpinned: `requests` has no version\n"
        "  --> services/api/requirements.txt:2:1\n"
        "   |\n"
        " 1 | flask==3.0.3\n"
        " 2 | requests            # http\n"
        "   | ^^^^^^^^ any release may be installed tomorrow\n"
        "   |\n"
        "   = help: `--fix` pins it to 2.32.3, the version in .venv\n"
        "   = fix: Pin `requests` to 2.32.3\n"
        "     - requests            # http\n"
        "     + requests==2.32.3            # http\n"
        "\n"
        "Found 1 error in 1 file (1 fixable with --fix).\n"
    )


def test_a_token_is_masked_and_its_replacement_shown(tmp_path: Path) -> None:
    token = "ghp" + "_" + "reqlintSyntheticTestVector0001" + "3q29UP"
    (tmp_path / "requirements.txt").write_text(f"core @ git+https://{token}@github.com/acme/core.git@v1.2.0\n")
    result = run("--output-format", "full", "--select", "RQ301", cwd=tmp_path, env={"COLUMNS": "100"})
    stars = "*" * 36
    assert f" 1 | core @ git+https://ghp_{stars}@github.com/acme/co" in result.out
    assert f"     - core @ git+https://ghp_{stars}@github.com/acme/co" in result.out
    assert "     + core @ git+https://${GITHUB_TOKEN}@github.com/acme/core.git@v1.2.0\n" in result.out


def test_the_gutter_is_as_wide_as_the_last_number() -> None:
    text = "x\n" * 9 + "flask\n"
    assert shown(text, (18, 23)) == (
        "error[RQ101] unpinned: message\n"
        "   --> requirements.txt:10:1\n"
        "    |\n"
        "  9 | x\n"
        " 10 | flask\n"
        "    | ^^^^^ label\n"
        "    |"
    )


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", ""])
def test_line_ends_leave_no_trace(end: str) -> None:
    text = f"a{end or chr(10)}flask{end}"
    at = text.index("flask")
    assert shown(text, (at, at + 5)).splitlines()[3:] == [" 1 | a", " 2 | flask", "   | ^^^^^ label", "   |"]


@pytest.mark.parametrize("text", ["a\nb\n", "a\nb"])
def test_the_end_of_the_file(text: str) -> None:
    lines = shown(text, (len(text), len(text))).splitlines()
    assert lines[-2] == ("   | ^ label" if text.endswith("\n") else "   |  ^ label")


def test_an_empty_file() -> None:
    assert shown("", (0, 0)) == "error[RQ101] unpinned: message\n  --> requirements.txt:1:1"


def test_several_lines() -> None:
    text = "flask==1 \\\n    --hash=a \\\n\n    --hash=b\nnext\n"
    assert shown(text, (0, text.index("\nnext"))).splitlines()[3:] == [
        " 1 | flask==1 \\",
        "   | ^^^^^^^^^^",
        " 2 |     --hash=a \\",
        "   |     ^^^^^^^^^^",
        " 3 |",
        " 4 |     --hash=b",
        "   |     ^^^^^^^^ label",
        "   |",
    ]


def test_many_lines_are_cut() -> None:
    text = "line\n" * 20
    lines = shown(text, (0, len(text) - 1)).splitlines()
    assert lines[3] == "  1 | line"
    assert lines[-2:] == ["  … |", "    |"]
    assert len(lines) < 16


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize(
    ("before", "marked", "after"),
    [
        ("", "flask", ""),
        ("\t\t", "flask", "\t# tab"),
        ("日本語" * 3, "パッケージ", "😀😀"),
        ("x" * 300, "flask", "y" * 300),
        ("日" * 300, "flask", "本" * 300),
        ("", "z" * 300, ""),
        ("x" * 20, "z" * 300, "y" * 20),
        ("x" * 300, "", ""),
        ("é" * 30 + "a\u0301" * 30, "flask", ""),
        ("x" * 100_000, "flask", "y" * 100_000),
    ],
)
def test_marks_stand_under_what_is_meant(before: str, marked: str, after: str, width: int) -> None:
    line = before + marked + after
    output = shown(line + "\n", (len(before), len(before) + len(marked)), width=width)
    excerpt, marks = output.splitlines()[3:5]
    assert cell_len(excerpt) <= width
    start, end = re.search(r"\^+", marks).span()  # type: ignore[union-attr]
    cells = [letter for letter in excerpt for _ in range(cell_len(letter))]
    underlined = "".join(cells[start:end])
    expected = "".join(letter * cell_len(letter) for letter in marked)
    assert underlined == expected or (underlined.endswith("…") and expected.startswith(underlined[:-1])) or not marked


@pytest.mark.parametrize("width", [40, 60, 80])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    text = "some-rather-long-package-name-of-ours >= 1.0  # and a comment that goes on and on for a while\n"
    output = shown(
        text,
        (38, 44),
        width=width,
        message="`some-rather-long-package-name-of-ours` is only loosely pinned, which is said at some length",
        label="a label that is a bit longer than what fits beside the marks on this line",
        advice="a help that tells at length what there is to do, and then some more of it, until it wraps",
        fix=Fix("Pin `some-rather-long-package-name-of-ours` to 1.2.3", [Edit(38, 44, "==1.2.3")]),
    )
    assert all(cell_len(line) <= width for line in output.splitlines()), output


def test_a_fix_over_several_lines_and_one_that_deletes_a_line() -> None:
    text = "a \\\n  ==1\nb\n"
    assert shown(text, (0, 1), fix=Fix("Join", [Edit(1, 6, "")])).splitlines()[-4:] == [
        "   = fix: Join",
        "     - a \\",
        "     -   ==1",
        "     + a==1",
    ]
    assert shown(text, (10, 11), fix=Fix("Delete it", [Edit(10, 12)], "unsafe")).splitlines()[-2:] == [
        "   = unsafe fix: Delete it",
        "     - b",
    ]


def test_related_places() -> None:
    other = Source("base.txt", "x\nflask==1\n")
    output = shown("flask==2\n", (0, 8), related=(Label(other, (2, 10), "the other is here"),))
    assert output.splitlines()[-1] == "   = note: the other is here: base.txt:2:1"


def test_nothing_of_a_file_reaches_the_terminal_raw() -> None:
    evil = "\x1b[31mred\x1b]0;title\x07\x9b2J\u202eright\u2066\u200b\ufeff\x7f\x08\v\f\x85\u2028"
    output = shown(
        f"before {evil}\nflask{evil} # {evil}\n",
        (len(evil) + 8, len(evil) + 13),
        path=f"requirements{evil}.txt",
        message=f"message {evil}\nwith a second line",
        label=evil,
        advice=evil,
        fix=Fix(evil, [Edit(0, 1, evil)]),
    )
    assert not set(output) & (set(evil) - set("[31mred]0;title2Jright"))


def test_utf_16_read_as_something_else_is_not_quoted(tmp_path: Path) -> None:
    token = "ghp" + "_" + "reqlintSyntheticTestVector0001" + "3q29UP"
    (tmp_path / "requirements.txt").write_bytes(f"a @ https://{token}@x/y\n".encode("utf-16-le"))
    result = run("--output-format", "full", cwd=tmp_path)
    assert "RQ001" in result.out
    assert " | " not in result.out


def test_long_texts_are_cut_in_the_middle() -> None:
    assert shortened("x" * 400) == "x" * 400
    assert len(shortened("x" * 401)) == 400
    assert len(shown("flask\n", (0, 5), message="m" * 100_000)) < 1000


def test_shown_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown_path(str(tmp_path / "a" / "b.txt")) == os.path.join("a", "b.txt")
    assert shown_path("./b.txt") == "b.txt"
    outside = str(tmp_path.parent / "b.txt")
    assert shown_path(outside) == outside
    assert visible("a\tb") == "a b"


# On a terminal


def screen(folder: Path, *arguments: str, lines: int = 24, columns: int = 80) -> str:
    """What a run writes to a terminal of that size."""
    pty = pytest.importorskip("pty")
    import struct
    import subprocess
    from fcntl import ioctl
    from termios import TIOCSWINSZ

    master, slave = pty.openpty()
    ioctl(slave, TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    command = [sys.executable, "-m", "reqlint", *arguments]
    environ = process_environment(TERM="xterm")
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=slave, stderr=slave, stdin=slave) as process:
        os.close(slave)
        data = b""
        while True:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # Linux's way to say that the other end is closed
                break
            if not chunk:
                break
            data += chunk
        process.wait()
    os.close(master)
    return data.decode().replace("\r\n", "\n")


def plain(text: str) -> list[str]:
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()


@pytest.mark.parametrize("lines", [24, 40])
def test_a_screenful_at_most_then_a_table(tmp_path: Path, lines: int) -> None:
    (tmp_path / "requirements.txt").write_text("flask>=3\n" * 3 + "requests\n" * 9 + "a=1\n" * 3)
    output = screen(tmp_path, "--select", "RQ002,RQ101,RQ102", lines=lines)
    assert "\x1b[" in output
    shown_lines = plain(output)
    assert len(shown_lines) < lines
    assert shown_lines[0].startswith("error[")
    shown_errors = sum(line.startswith("error[") for line in shown_lines)
    assert f"… and {15 - shown_errors} more findings:" in shown_lines
    assert any(line.split() == ["3", "RQ102", "loosely-pinned"] for line in shown_lines)
    assert "`--output-format concise` shows all of them, one a line." in shown_lines
    assert shown_lines[-1].startswith("Found 12 errors and 3 warnings in 1 file")


def test_what_fits_is_shown_in_the_order_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask>=3\nrequests\n")
    shown_lines = plain(screen(tmp_path))
    heads = [line for line in shown_lines if line.startswith(("error[", "warning["))]
    assert [head[:5] for head in heads] == ["warni", "error"]
    assert "… and" not in "\n".join(shown_lines)


def test_a_terminal_that_cannot_color(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask\n")
    assert "\x1b[" in screen(tmp_path)
    assert "\x1b[" not in screen(tmp_path, "--color", "never")


def test_a_tiny_terminal_still_shows_one_finding(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask\n" * 3)
    shown_lines = plain(screen(tmp_path, "--select", "RQ101", lines=5, columns=20))
    assert shown_lines[0].startswith("error[RQ101]")
    assert any("2 more findings" in line for line in shown_lines)


def test_everything_is_shown_when_piped(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask\n" * 30)
    result: Result = run("--output-format", "full", "--select", "RQ101", cwd=tmp_path, env={"LINES": "24"})
    assert result.out.count("error[RQ101]") == 30


def test_after_mending_a_terminal_gets_a_table_of_what_it_takes_to_mend_the_rest(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "idna==3.7\nidna\nidna\nflask\ncore @ git+https://git.example.com/core.git\nsix==1,==2\n"
        "-i https://build:hunter2-8c1f@packages.example.com/simple\n"
    )
    assert plain(screen(tmp_path, "--fix", lines=200, columns=100))[-6:] == [
        "mended                 2  duplicate-requirement (2)",
        "with --unsafe-fixes    1  leaked-password",
        "perhaps with --online  2  unpinned, missing-vcs-ref",
        "by hand                1  unsatisfiable",
        "",
        "Fixed 2 problems in 1 file. Left: 4 errors in 1 file (1 fixable with --fix --unsafe-fixes).",
    ]
    assert "by hand" not in screen(tmp_path, lines=200)
