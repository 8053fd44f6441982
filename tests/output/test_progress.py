"""The bar that is shown while servers are asked, on a terminal: what is drawn, and that nothing of it is left."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command import process_environment, run
from tests.servers import GitServer, Index, Listed, isolate

pty = pytest.importorskip("pty")

ONLINE = ("--online", "--pin-from", "index", "requirements.txt")


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path / "home")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    (folder / "requirements.txt").write_text("".join(f"p{number}\n" for number in range(6)))
    return folder


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    started = Index(**{f"p{number}": [Listed("1.0")] for number in range(6)})
    started.delay = 0.05
    monkeypatch.setenv("PIP_INDEX_URL", started.url)
    yield started
    started.close()


class Terminal:
    """What a process wrote to a terminal (``raw``), and to a pipe (``out``); ``code``: with what it ended."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        interrupt_at: str | None = None,
        interrupt_when: Callable[[], bool] = bool,
        env: dict[str, str] | None = None,
    ) -> None:
        """Run with standard error on the terminal; press Ctrl-C when something was written, or something else holds."""
        master, slave = pty.openpty()
        command = [sys.executable, "-m", "reqlint", *arguments]
        environ = process_environment(**{"TERM": "xterm", "COLUMNS": "80", **(env or {})})
        self.raw = ""
        with subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=slave) as process:
            os.close(slave)
            while chunk := _read(master):
                self.raw += chunk.decode()
                if interrupt_when() or (interrupt_at is not None and interrupt_at in self.raw):
                    process.send_signal(signal.SIGINT)
                    interrupt_at, interrupt_when = None, bool
            assert process.stdout is not None
            self.out = process.stdout.read().decode()
        self.code = process.returncode
        os.close(master)

    @property
    def screen(self) -> list[str]:
        """The lines that a user sees at the end."""
        lines, row, column = [""], 0, 0
        for token in re.findall(r"\x1b\[[?\d;]*[A-Za-z]|[\s\S]", self.raw):
            if token == "\r":
                column = 0
            elif token == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif token.endswith("A") and len(token) > 1:
                row -= int(token[2:-1] or 1)
            elif token == "\x1b[2K":
                lines[row] = ""
            elif token[0] != "\x1b":
                lines[row] = lines[row][:column].ljust(column) + token + lines[row][column + 1 :]
                column += 1
            else:
                assert token[-1] in "mhl", f"{token!r} is not understood"
        return [line for line in lines if line]


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # Linux's way to say that the other end is closed
        return b""


def test_a_bar_is_drawn_from_the_first_question_on_and_vanishes(project: Path, index: Index) -> None:
    shown = Terminal(project, *ONLINE)
    assert "asking the package index" in shown.raw
    assert "0/6" in shown.raw
    assert "6/6" in shown.raw
    assert shown.screen == []
    assert shown.raw.rindex("\x1b[?25h") > shown.raw.rindex("\x1b[?25l")  # the cursor is there again
    assert len(shown.out.splitlines()) == 7
    assert "asking" not in shown.out
    assert len(index.asked) == 6


@pytest.mark.usefixtures("index")
def test_what_is_to_be_said_stands_where_the_bar_was(project: Path) -> None:
    (project / "requirements.txt").write_text("p0\nnobody\n")
    shown = Terminal(project, *ONLINE)
    assert "asking the package index" in shown.raw
    assert shown.screen == ["reqlint: no index that counts for it knows `nobody`"]


def test_git_servers_have_a_bar_too(project: Path) -> None:
    (project / "requirements.txt").write_text("a @ git+http://127.0.0.1:1/a.git\nb @ git+http://127.0.0.1:1/b.git\n")
    shown = Terminal(project, *ONLINE)
    assert "asking git servers" in shown.raw
    assert "asking the package index" not in shown.raw
    assert shown.screen == ["reqlint: the git server `127.0.0.1:1` cannot be reached"]


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("reason", ["no terminal", "--quiet", "a dumb terminal", "nothing to ask"])
def test_no_bar(project: Path, reason: str) -> None:
    if reason == "no terminal":
        written = run(*ONLINE, cwd=project).err
    elif reason == "--quiet":
        written = Terminal(project, *ONLINE, "--quiet").raw
    elif reason == "a dumb terminal":
        written = Terminal(project, *ONLINE, env={"TERM": "dumb"}).raw
    else:
        (project / "requirements.txt").write_text("p0==1.0\n")
        written = Terminal(project, *ONLINE).raw
    assert written == ""


@pytest.mark.usefixtures("index")
def test_a_bar_without_colour(project: Path) -> None:
    colours = r"\x1b\[[\d;]*3\d[\d;]*m"
    assert re.search(colours, Terminal(project, *ONLINE).raw)
    for shown in (Terminal(project, *ONLINE, "--color", "never"), Terminal(project, *ONLINE, env={"NO_COLOR": "1"})):
        assert "asking" in shown.raw
        assert not re.search(colours, shown.raw)


def test_an_interrupt_leaves_the_terminal_as_it_was_at_once(project: Path, index: Index) -> None:
    index.delay = 12.0
    before = time.monotonic()
    shown = Terminal(project, *ONLINE, interrupt_at="asking")
    assert time.monotonic() - before < 8
    assert shown.code == 130
    assert shown.screen == ["reqlint: interrupted; nothing was left half written"]
    assert shown.raw.rindex("\x1b[?25h") > shown.raw.rindex("\x1b[?25l")


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="there is no list of processes to read")
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_an_interrupt_ends_what_asks_git_servers(project: Path, tmp_path: Path) -> None:
    server = GitServer(tmp_path)
    server.delay = 12.0
    (project / "requirements.txt").write_text(f"a @ git+{server.url()}\n")
    before = time.monotonic()
    shown = Terminal(project, *ONLINE, interrupt_when=lambda: bool(server.seen))
    assert time.monotonic() - before < 8
    assert shown.screen == ["reqlint: interrupted; nothing was left half written"]
    while time.monotonic() - before < 10 and (left := asking(server.host)):
        time.sleep(0.05)
    assert left == []
    server.close()


def asking(host: str) -> list[bytes]:
    """The command lines of processes that speak of a host."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue  # it has ended meanwhile
    return [command for command in found if host.encode() in command]
