"""``--diff``: what ``--fix`` would do, as a unified diff that ``git apply`` takes.

It is bytes, since a diff shows each file in the file's own encoding. Only a hunk that would show a secret is different: it
is shown masked, and its head says that it cannot be applied.
"""

from __future__ import annotations

import os

from reqlint.fixes import unified_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reqlint.model import Manifest
    from reqlint.redaction import Redactor


class Shown:
    """A diff's ``data``, and ``notes`` for standard error about what it cannot show."""

    __slots__ = ("data", "notes")

    def __init__(self, data: bytes, notes: list[str]) -> None:
        """Keep both."""
        self.data = data
        self.notes = notes


def render(before: Sequence[Manifest], changes: Mapping[str, tuple[bytes, bytes]], redact: Redactor) -> Shown:
    """The diff of all changed files, in the order of the files."""
    pieces: list[bytes] = []
    notes: list[str] = []
    for manifest in before:
        pair = changes.get(manifest.path)
        if pair is None:
            continue
        path = manifest.path
        wide = manifest.source.encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32", "utf-7"))
        # Text in two bytes a character is binary to git: what changes in it can be shown, but not applied.
        encoding = "utf-8" if wide else manifest.source.encoding
        old, new = (_text(data, manifest, encoding) for data in pair)
        if wide and not pair[1].startswith(manifest.source.bom):
            old = "\ufeff" + old
        if wide:
            notes.append(
                f"{path}: git cannot apply the diff of a file in {manifest.source.encoding.upper()}; use --fix"
            )
        hidden = False
        pieces += _heads(redact.word(path))
        for hunk in _hunks(unified_diff("", old, new)[2:]):
            shown = [redact(line) for line in hunk]
            if shown != hunk:
                hidden = True
                shown[0] = f"{hunk[0].rstrip()} masked: not applicable\n"
            pieces.append("".join(shown).encode(encoding))
        if hidden:
            notes.append(f"{path}: secrets are masked in this diff, so git cannot apply it; use --fix")
    return Shown(b"".join(pieces), notes)


def _text(data: bytes, manifest: Manifest, encoding: str) -> str:
    """The content before or after as text, a byte order mark of UTF-8 as the character that it is to git."""
    source = manifest.source
    if encoding == source.encoding or not data.startswith(source.bom):
        return data.decode(encoding)
    return data[len(source.bom) :].decode(source.encoding)


def _heads(path: str) -> list[bytes]:
    """The two lines with the file's name as git writes them: with slashes, in quotes when it could be misread."""
    absolute = os.path.abspath(path)
    here = os.path.join(os.getcwd(), "")
    name = absolute.removeprefix(here)
    data = os.fsencode(name.replace(os.sep, "/"))
    if any(byte < 0x20 or byte in b'"\\\x7f' for byte in data):
        written = "".join(chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03o}" for byte in data)
        return [f'{mark} "{side}/{written}"\n'.encode() for mark, side in (("---", "a"), ("+++", "b"))]
    end = b"\t\n" if b" " in data else b"\n"
    return [mark + data + end for mark in (b"--- a/", b"+++ b/")]


def _hunks(lines: list[str]) -> list[list[str]]:
    """The lines of a diff, from the first head on, cut at its heads."""
    hunks: list[list[str]] = []
    for line in lines:
        if line.startswith("@@"):
            hunks.append([])
        hunks[-1].append(line)
    return hunks
