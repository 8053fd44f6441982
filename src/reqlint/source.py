"""One decoded file: its text, how it was encoded, and where its lines begin.

Every place in reqlint is a *span*: a half-open range of 0-based code-point offsets into ``Source.text``. Rows and columns
(1-based, in code points) are worked out only when something is shown.
"""

from __future__ import annotations

import re
from bisect import bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.credentials import Credential

Span = tuple[int, int]

# The longest mark first: the UTF-16-LE mark is how the UTF-32-LE one begins.
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

# What an editor, git and every CI count as the end of a line.
_LINE_END = re.compile(r"\r\n|\n|\r")


class Source:
    """The text of one file, with all that is needed to write it back byte for byte.

    ``path``: the path as it was given or discovered; ``text``: the decoded text without a byte order mark; ``encoding``:
    a codec name; ``bom``: the byte order mark, or ``b""``; ``fault``: why the text is only a stand-in for the bytes
    (``None`` when it was decoded properly).
    """

    __slots__ = ("_starts", "bom", "credentials", "encoding", "fault", "path", "text")

    def __init__(
        self, path: str, text: str, encoding: str = "utf-8", bom: bytes = b"", fault: str | None = None
    ) -> None:
        """Keep the parts; nothing is computed yet."""
        self.path = path
        self.text = text
        self.encoding = encoding
        self.bom = bom
        self.fault = fault
        self.credentials: list[Credential] | None = None  # filled on demand by reqlint.credentials.in_source
        self._starts: list[int] | None = None

    @classmethod
    def decode(cls, path: str, data: bytes, declared: re.Pattern[bytes] | None = None) -> Source:
        """Decode ``data`` by its byte order mark, else by the encoding it declares, else as UTF-8.

        ``declared`` is the pattern of an encoding declaration (PEP 263), for formats that have one: it is looked for in
        the first two lines that begin with ``#``, and its first group is the codec's name. Bytes that cannot be decoded
        give a source whose ``fault`` says why and whose text is the bytes read as Latin-1, so that the rest of the file
        can still be searched for secrets.
        """
        for bom, encoding in _BOMS:
            if data.startswith(bom):
                return cls._decoded(path, data, encoding, bom)
        if declared is not None:
            start = 0
            for _ in range(2):
                end = data.find(b"\n", start)
                end = end if end >= 0 else len(data)
                if data[start : start + 1] == b"#" and (match := declared.search(data, start, end)):
                    return cls._decoded(path, data, match[1].decode("ascii"), b"")
                start = end + 1
        return cls._decoded(path, data, "utf-8", b"")

    @classmethod
    def _decoded(cls, path: str, data: bytes, encoding: str, bom: bytes) -> Source:
        body = data[len(bom) :]
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError as error:
            fault = _decoding_fault(body, encoding, error.start)
        except (LookupError, ValueError, TypeError):
            fault = f"it declares the encoding {encoding!r}, which is not a text encoding that Python knows"
        else:
            if "\0" in text:
                fault = _BINARY if encoding == "utf-8" and not bom and not _utf16_like(body) else _UTF16
                return cls(path, text, encoding, bom, fault)
            return cls(path, text, encoding, bom)
        return cls(path, data.decode("latin-1"), "latin-1", b"", fault)

    def encode(self, text: str) -> bytes:
        """Bytes of ``text`` in this file's encoding, with its byte order mark.

        Raises UnicodeEncodeError when the encoding has no such character.
        """
        return self.bom + text.encode(self.encoding)

    @property
    def newline(self) -> str:
        r"""The line end that this file uses: its first one, ``\n`` when it has none."""
        match = _LINE_END.search(self.text)
        return match[0] if match else "\n"

    @property
    def starts(self) -> list[int]:
        r"""The offset at which each line begins; ``\n``, ``\r\n`` and ``\r`` end a line."""
        if self._starts is None:
            self._starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """Row and column (1-based, code points) of a 0-based offset."""
        starts = self.starts
        row = bisect_right(starts, offset)
        return row, offset - starts[row - 1] + 1

    def row(self, offset: int) -> int:
        """The 1-based row of a 0-based offset."""
        return bisect_right(self.starts, offset)

    def line_span(self, row: int) -> Span:
        """The span of a 1-based row, without its line end."""
        starts = self.starts
        start = starts[row - 1]
        if row < len(starts):
            end = starts[row]
            return start, start + len(self.text[start:end].rstrip("\r\n"))
        return start, len(self.text)

    def __repr__(self) -> str:
        """Name the file only: the text may hold a secret."""
        return f"<Source {self.path!r}>"


_BINARY = "it holds NUL bytes, so it is no text file"
_UTF16 = "it holds NUL characters: UTF-16 without a byte order mark, perhaps? Save it as UTF-8"


def _utf16_like(body: bytes) -> bool:
    """Whether every other byte of the beginning is NUL, as in UTF-16 text of Western letters."""
    head = body[:200]
    return head[1::2].count(0) > len(head) // 3 or head[::2].count(0) > len(head) // 3


def _decoding_fault(body: bytes, encoding: str, offset: int) -> str:
    """Say where the bytes stop being what they should be."""
    if encoding == "utf-8" and b"\0" in body:
        return _UTF16 if _utf16_like(body) else _BINARY
    row = body.count(b"\n", 0, offset) + 1
    where = f"line {row}" if encoding == "utf-8" else f"byte {offset}"
    if offset >= len(body):
        return "it ends too early"
    return f"byte 0x{body[offset]:02x} in {where} is not {encoding.upper()}"
