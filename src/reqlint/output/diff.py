"""``--diff``: what ``--fix`` would do, as a unified diff that ``git apply`` takes.

Only a hunk that would show a secret is different: it is shown masked, and its head says that it cannot be applied.
"""

from __future__ import annotations

from reqlint.credentials import mask
from reqlint.fixes import unified_diff
from reqlint.output import shown_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reqlint.model import Manifest
    from reqlint.redaction import Redactor


class Shown:
    """A diff's ``text``, and ``notes`` for standard error about what it cannot show."""

    __slots__ = ("notes", "text")

    def __init__(self, text: str, notes: list[str]) -> None:
        """Keep both."""
        self.text = text
        self.notes = notes


def render(before: Sequence[Manifest], changes: Mapping[str, tuple[bytes, bytes]], redact: Redactor) -> Shown:
    """The diff of all changed files, in the order of the files."""
    lines: list[str] = []
    notes: list[str] = []
    for manifest in before:
        pair = changes.get(manifest.path)
        if pair is None:
            continue
        source = manifest.source
        path = shown_path(manifest.path).replace("\\", "/")
        recoded = source.bom and not pair[1].startswith(source.bom)
        after = pair[1].decode("utf-8") if recoded else pair[1][len(source.bom) :].decode(source.encoding)
        if recoded:
            notes.append(f"{manifest.path}: would be rewritten as UTF-8, which a diff of text does not show")
        hidden = False
        for hunk in _hunks(unified_diff(redact(path), source.text, after)):
            shown = [mask(redact(line)) for line in hunk]
            if shown != hunk:
                hidden = True
                shown[0] = shown[0].rstrip("\n") + " masked: not applicable\n" if shown[0].startswith("@@") else shown[0]
            lines.extend(shown)
        if hidden:
            notes.append(f"{manifest.path}: secrets are masked in this diff, so git cannot apply it; use --fix")
    return Shown("".join(lines), notes)


def _hunks(lines: list[str]) -> list[list[str]]:
    """The lines of a diff cut at its heads."""
    hunks: list[list[str]] = []
    for line in lines:
        if line.startswith("@@") or not hunks:
            hunks.append([])
        hunks[-1].append(line)
    return hunks
