"""Keeping secrets out of what is printed: the credentials of a source, its masked text, and a net for everything else."""

from __future__ import annotations

from reqlint.credentials import find, mask, masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from reqlint.credentials import Credential
    from reqlint.source import Source

#: The longest part of a secret, behind its public prefix, that may turn up by chance.
_MOST = 7


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
    """Replaces every secret that was found in the files, wherever it turns up in a text that is to be printed.

    A text that a rule cut out of a line may hold a secret in part, so parts are replaced too. Nothing is looked for before
    there is something to print.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        """Remember the sources whose secrets must not be shown."""
        self._sources = list(sources)
        self._pairs: list[tuple[str, str]] | None = None
        self._parts: frozenset[str] = frozenset()

    def __call__(self, text: str) -> str:
        """The text without secrets and parts of them: those of the files, and whatever else in it looks like one."""
        text = self.word(text)
        return self._without_parts(text) if self._parts else text

    def word(self, text: str) -> str:
        """The same for a text that is no part of any line (a path, a name): only whole secrets are replaced.

        Else a password that happens to hold the word "requirements" would make every file name unreadable.
        """
        for secret, stars in self._secrets():
            text = text.replace(secret, stars)
        return mask(text)

    def holds_secret(self, text: str) -> bool:
        """Whether a text holds a secret, or a part of one."""
        return self(text) != text

    def _secrets(self) -> list[tuple[str, str]]:
        """Each secret with what is shown for it, the longest first, so that no part of one is left."""
        if self._pairs is None:
            found: dict[str, int] = {}
            for source in self._sources:
                for item in in_source(source):
                    found[source.text[item.start : item.end]] = item.public
            ordered = sorted(found.items(), key=lambda pair: -len(pair[0]))
            self._pairs = [(secret, secret[:public] + "*" * (len(secret) - public)) for secret, public in ordered]
            size = _MOST + 1
            self._parts = frozenset(
                secret[start : start + size]
                for secret, public in ordered
                for start in range(public, len(secret) - _MOST)
            )
        return self._pairs

    def _without_parts(self, text: str) -> str:
        """The text with every stretch overwritten that is a part of a secret."""
        size = _MOST + 1
        hits = [start for start in range(len(text) - _MOST) if text[start : start + size] in self._parts]
        if not hits:
            return text
        characters = list(text)
        for start in hits:
            characters[start : start + size] = "*" * size
        return "".join(characters)
