"""Decoding as pip decodes, writing back the very bytes, and rows and columns."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reqlint.source import Source

req_file = pytest.importorskip("pip._internal.req.req_file")

DECLARED = re.compile(rb"coding[:=]\s*([-\w.]+)")
MARKS = {
    "utf-8": b"\xef\xbb\xbf",
    "utf-16-le": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
    "utf-32-le": b"\xff\xfe\x00\x00",
    "utf-32-be": b"\x00\x00\xfe\xff",
}
TEXTS = st.text(
    st.one_of(st.sampled_from("ab#\n\r\té€🐍\ufeff"), st.characters(codec="utf-8", exclude_characters="\0"))
)


def with_pip(data: bytes) -> str | None:
    """The text that pip reads, or None when it fails."""
    try:
        text: str = req_file._decode_req_file(data, "requirements.txt")
    except (UnicodeError, LookupError):
        return None
    return text


@pytest.mark.parametrize("encoding", MARKS)
@given(text=TEXTS)
def test_a_byte_order_mark_tells(encoding: str, text: str) -> None:
    data = MARKS[encoding] + text.encode(encoding)
    source = Source.decode("requirements.txt", data)
    if encoding == "utf-16-le" and data.startswith(MARKS["utf-32-le"]):  # a text that begins with NUL
        return
    assert (source.text, source.encoding, source.bom, source.fault) == (text, encoding, MARKS[encoding], None)
    assert source.encode(source.text) == data
    assert with_pip(data) == text


@given(data=st.binary())
@example(b"\xff\xfea")
@example(b"\xff\xfe\x00\xd8")
@example(b"# coding: latin-1\n\xe9")
@example(b"\n# coding: cp1252\n\x80")
@example(b"\n\n# coding: latin-1\n\xe9")
@example(b"# coding: no-such-thing\na")
@example(b"# coding: rot13\na")
@example(b"# coding: hex\n61")
@example(b"# coding: undefined\na")
@example(b"# coding: utf-8-sig\na")
@example(b"# coding: idna\na..b")
@example(b"# coding: .\n")
@example(b"# coding: utf-16\n")
def test_any_bytes(data: bytes) -> None:
    source = Source.decode("requirements.txt", data, DECLARED)
    text = with_pip(data)
    assert isinstance(source.text, str)
    if source.fault is None:
        assert source.text == text
    else:
        assert text is None or "\0" in text
        assert source.encode(source.text) == data or "\0" in source.text


@given(st.one_of(TEXTS.map(lambda text: text.encode()), st.binary()))
def test_without_a_fault_the_very_bytes_are_written_back(data: bytes) -> None:
    source = Source.decode("requirements.txt", data)
    if source.fault is None:
        assert source.encode(source.text) == data


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "iso-8859-15", "koi8-r", "utf-8", "cp437"])
@given(body=st.binary(max_size=20))
def test_a_declared_encoding_is_kept(encoding: str, body: bytes) -> None:
    data = f"# -*- coding: {encoding} -*-\n".encode() + body.replace(b"\0", b"")
    source = Source.decode("requirements.txt", data, DECLARED)
    if source.fault is None:
        assert source.encoding == encoding
        assert source.encode(source.text) == data


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"# coding: latin-1\nx", "latin-1"),
        (b"# vim: set fileencoding=cp1252 :\nx", "cp1252"),
        (b"\n# coding:latin-1\nx", "latin-1"),
        (b"a" * 10_000 + b"\n# coding: latin-1", "latin-1"),
        (b"# x\r\n# coding: latin-1\r\n", "latin-1"),
        (b"\n\n# coding: latin-1\nx", "utf-8"),
        (b" # coding: latin-1\nx", "utf-8"),
        (b"x # coding: latin-1\n", "utf-8"),
        (b"# x\r# coding: latin-1\n", "latin-1"),  # only LF ends a line here, so this is the first one
    ],
)
def test_where_an_encoding_is_declared(data: bytes, encoding: str) -> None:
    assert Source.decode("requirements.txt", data, DECLARED).encoding == encoding
    assert Source.decode("setup.cfg", data).encoding == "utf-8"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a\nb\n\xe9\n", ["0xe9", "line 3", "UTF-8"]),
        (b"\xff\xfea", ["UTF-16-LE"]),
        ("idna==3.7\n".encode("utf-16-le"), ["UTF-16 without a byte order mark"]),
        ("idna==3.7\n".encode("utf-16-be"), ["UTF-16 without a byte order mark"]),
        (b"PK\x03\x04\x00\x00\x08\x99\xff", ["NUL", "no text"]),
        (b"idna==3.7\n\x00", ["NUL", "no text"]),
        (b"# coding: klingon\n", ["klingon"]),
    ],
)
def test_faults_say_what_is_wrong(data: bytes, words: list[str]) -> None:
    fault = Source.decode("requirements.txt", data, DECLARED).fault
    assert fault is not None
    assert all(word in fault for word in words), fault


@given(TEXTS)
@example("a\r\nb\rc\nd")
@example("a\r")
def test_positions_are_those_of_the_lines(text: str) -> None:
    source = Source("requirements.txt", text)
    lines = re.split(r"\r\n|\n|\r", text)
    assert len(source.starts) == len(lines)
    for row, line in enumerate(lines, 1):
        start, end = source.line_span(row)
        assert text[start:end] == line
        for offset in range(start, end + 1):
            assert source.position(offset) == (row, offset - start + 1)
            assert source.row(offset) == row


@pytest.mark.parametrize(
    ("text", "newline"), [("", "\n"), ("a", "\n"), ("a\r\nb\n", "\r\n"), ("a\rb", "\r"), ("a\nb\r\n", "\n")]
)
def test_newline_is_the_first_line_end(text: str, newline: str) -> None:
    assert Source("requirements.txt", text).newline == newline


def test_repr_does_not_show_the_text() -> None:
    assert "hunter2" not in repr(Source("requirements.txt", "--index-url https://u:hunter2@e.com"))
