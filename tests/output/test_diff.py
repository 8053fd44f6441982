from __future__ import annotations

from reqlint.model import Manifest
from reqlint.output.diff import render
from reqlint.redaction import Redactor
from reqlint.source import Source


def diff(before: bytes, after: bytes, path: str = "requirements.txt") -> tuple[bytes, list[str]]:
    source = Source.decode(path, before)
    manifest = Manifest(source, "requirements.txt", "application")
    shown = render([manifest], {path: (before, after)}, Redactor([source]))
    return shown.data, shown.notes


def test_bytes_are_those_of_the_file() -> None:
    assert diff(b"caf\xc3\xa9\r\na\r\n", b"caf\xc3\xa9\r\nb\r\n") == (
        b"--- a/requirements.txt\n+++ b/requirements.txt\n@@ -1,2 +1,2 @@\n caf\xc3\xa9\r\n-a\r\n+b\r\n",
        [],
    )


def test_no_line_end_at_the_end() -> None:
    data, _ = diff(b"a", b"b")
    assert data.endswith(b"-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n")


def test_a_byte_order_mark_is_a_part_of_the_first_line() -> None:
    data, notes = diff(b"\xef\xbb\xbfa\n", b"a\n")
    assert data.endswith(b"@@ -1 +1 @@\n-\xef\xbb\xbfa\n+a\n")
    assert notes == []


def test_what_is_written_anew_in_utf_8_only_loses_its_mark() -> None:
    data, notes = diff(b"\xff\xfea\0\n\0", b"a\n")
    assert data.endswith(b"@@ -1 +1 @@\n-\xef\xbb\xbfa\n+a\n")
    assert notes == ["requirements.txt: git cannot apply the diff of a file in UTF-16-LE; use --fix"]


def test_only_the_hunk_with_a_secret_is_masked() -> None:
    secret = b"pa55" + b"w0rd-of-mine"
    middle = b"x\n" * 20
    before = b"--index-url https://u:" + secret + b"@h.example/simple\na\n" + middle + b"c\n"
    data, notes = diff(before, before.replace(b"\na\n", b"\nb\n").replace(b"\nc\n", b"\nd\n"))
    assert secret not in data
    first, second = data.split(b"\n@@ ")[1:]
    assert b"masked: not applicable" in first
    assert b"u:" + b"*" * len(secret) + b"@" in first
    assert b"masked" not in second
    assert notes == ["requirements.txt: secrets are masked in this diff, so git cannot apply it; use --fix"]


def test_files_in_their_order_and_only_the_changed() -> None:
    sources = [Source(name, "a\n") for name in ("b.txt", "a.txt", "c.txt")]
    manifests = [Manifest(source, "requirements.txt", "application") for source in sources]
    changes = {"a.txt": (b"a\n", b"x\n"), "b.txt": (b"a\n", b"y\n")}
    data = render(manifests, changes, Redactor([])).data
    assert [line for line in data.splitlines() if line.startswith(b"+++")] == [b"+++ b/b.txt", b"+++ b/a.txt"]
