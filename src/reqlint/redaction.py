"""Keeping secrets out of what is printed: the credentials of a source, its masked text, and a net for everything else."""

from __future__ import annotations

from reqlint.credentials import find, masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from reqlint.credentials import Credential
    from reqlint.source import Source


def in_source(source: Source) -> list[Credential]:
    """The credentials that stand in a source, found once; their spans are offsets into its text."""
    if source.credentials is None:
        source.credentials = find(source.text)
    return source.credentials


def masked_text(source: Source) -> str:
    """The text of a source, every secret overwritten with ``*``: as long as the text, so that columns are kept."""
    found = in_source(source)
    return masked(source.text, found) if found else source.text


class Redactor:
    """Replaces every secret that was found in the files, wherever it turns up in a text that is to be printed."""

    def __init__(self, sources: Iterable[Source]) -> None:
        """Collect the secrets of the sources, the longest first, so that no part of one is left."""
        secrets = {
            source.text[item.start : item.end]: item.public for source in sources for item in in_source(source)
        }
        self._pairs = [
            (secret, secret[:public] + "*" * (len(secret) - public))
            for secret, public in sorted(secrets.items(), key=lambda pair: -len(pair[0]))
        ]

    def __call__(self, text: str) -> str:
        """The text without secrets: those of the files, and whatever else in it looks like one."""
        if not self._pairs:
            return text
        for secret, mask in self._pairs:
            text = text.replace(secret, mask)
        return text

    def holds_secret(self, text: str) -> bool:
        """Whether a text holds a secret of the files."""
        return any(secret in text for secret, _ in self._pairs)
