"""Lock files in TOML, read fast.

Most of a lock are its lists of files to download, and tomllib takes long for them. Where such a list looks exactly as the
tools write it, tomllib gets a short reference in its place, and the list is read by a pattern. The pattern takes nothing
but valid TOML, and the reference stands at the same key, so that the text parses, or fails to, as the whole would.
"""

from __future__ import annotations

import re

from reqlint.evidence._entries import broken, decode, strong, tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_STRING = r'"[^"\\\x00-\x1f\x7f]*+"'
_KEY = rf"(?:[A-Za-z0-9_-]++|{_STRING})"
_SIZE = r"(?:0|[1-9][0-9]{0,17})"
# tomllib refuses a day that no month has; the 29th of February is left to it.
_DAY = r"[12][0-9]{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_TIME = rf"{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,6}})?Z"
# One file: of poetry.lock, pdm.lock and uv.lock (`hash`), or of a pylock.toml (`hashes`).
_FILE = (
    rf"\{{ ?(?:name = {_STRING}, ?)?(?:file|filename|url|path) = (STRING)"
    rf"(?:, ?upload-time = {_TIME}(?:, ?size = {_SIZE})?"
    rf"|(?:, ?hash = (STRING))?(?:, ?size = {_SIZE})?(?:, ?upload-time = {_STRING})?)"
    rf"(?:, ?hashes = \{{ ?sha256 = (STRING) ?\}})? ?\}}"
)
_ROW = _FILE.replace("(STRING)", _STRING)
_LIST = rf"\[(?:\n {{4}}{_ROW},)++\n\]|\[{_ROW}(?:, {_ROW})*+\]"
_OF_PACKAGE = re.compile(rf"^((?:files|wheels|sdist) = )({_LIST}|{_ROW})$", re.MULTILINE)
# Where all files stand in one table, its keys are the names of packages.
_OF_ALL = re.compile(r"^\[metadata\.files\]\n(?:(?!\[).*+\n?+)*+", re.MULTILINE)
_OF_NAME = re.compile(rf"^({_KEY} = )({_LIST})$", re.MULTILINE)
_PARTS = re.compile(_FILE.replace("(STRING)", r'"([^"]*+)"'))
# A reference begins with a character that TOML writes with an escape only.
_SIGN = "\0"
# In a string of several lines, what looks like a list of files is none.
_HINDRANCES = ('"""', "'''", r"\u0000", r"\U00000000", r"\x00")


class Document:
    """A TOML lock: ``table`` is what tomllib made of it, where a list of files may be a reference (see ``files``)."""

    __slots__ = ("_cut", "table", "text")

    def __init__(self, data: bytes) -> None:
        """Read it; raises UnreadableLockError for what is no TOML."""
        import tomllib

        self.text = decode(data).replace("\r\n", "\n")
        self._cut: list[str] = []
        try:
            self.table: dict[str, Any] = tomllib.loads(self._shortened())
        except ValueError:
            raise broken(self.text, "TOML") from None

    def _shortened(self) -> str:
        text = self.text
        if any(item in text for item in _HINDRANCES):
            return text
        if "[metadata.files]" in text:
            text = _OF_ALL.sub(lambda section: _OF_NAME.sub(self._refer, section[0]), text)
        return _OF_PACKAGE.sub(self._refer, text)

    def _refer(self, match: re.Match[str]) -> str:
        self._cut.append(match[2])
        return f'{match[1]}"\\u0000{len(self._cut) - 1}"'

    def files(self, *values: Any) -> Iterator[tuple[str, str]]:
        """The name (or URL, or path) and each hash of the files in lists of files, and in tables that are one file."""
        for value in values:
            if self._cut and isinstance(value, str) and value.startswith(_SIGN):
                for name, plain, sha256 in _PARTS.findall(self._cut[int(value[1:])]):
                    if plain:
                        yield name, plain
                    if sha256:
                        yield name, f"sha256:{sha256}"
            else:
                for table in tables([value] if isinstance(value, dict) else value):
                    yield from _hashes_of(table)

    def hashes(self, *values: Any) -> tuple[str, ...]:
        """The hashes of all files in some lists, as ``sha256:…``."""
        return strong(item for _, item in self.files(*values))


def _hashes_of(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The name of a file, with each of its hashes."""
    name = next((table[key] for key in ("file", "filename", "url", "path") if isinstance(table.get(key), str)), "")
    plain, several = table.get("hash"), table.get("hashes")
    if isinstance(plain, str):
        yield name, plain
    if isinstance(several, dict):
        for algorithm, value in several.items():
            yield name, f"{algorithm}:{value}"
