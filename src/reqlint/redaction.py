"""Keeping secrets out of what is printed: the credentials of a source, its masked text, and a net for everything else."""

from __future__ import annotations

import os

from reqlint.credentials import find, mask, masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reqlint.credentials import Credential
    from reqlint.source import Source

#: The shortest part of a secret, behind its public prefix, that may not be shown.
_LEAST = 8
#: The same in a text that is no part of any line, where a word of a password may stand for itself.
_LEAST_IN_WORDS = 16


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
        return self._cleaned(text, _LEAST)

    def word(self, text: str) -> str:
        """The same for a text that is no part of any line (a path, a name): only long parts are replaced.

        Else a password that happens to hold the word "requirements" would make every file name unreadable.
        """
        return self._cleaned(text, _LEAST_IN_WORDS)

    def text_of(self, source: Source) -> str:
        """The masked text of a source, as long as the text: its own secrets, and those of all files wherever they stand.

        So a password in a URL is masked in a comment too, even when it is in the URL no more.
        """
        text = masked_text(source)
        for secret, stars in self._secrets():
            if len(secret) >= _LEAST:
                text = text.replace(secret, stars)
        return text

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
            self._parts = frozenset(
                _lower(secret[start : start + _LEAST])
                for secret, public in ordered
                for start in range(public, len(secret) - _LEAST + 1)
            )
        return self._pairs

    def _cleaned(self, text: str, least: int) -> str:
        for secret, stars in self._secrets():
            if len(secret) >= _LEAST:
                text = text.replace(secret, stars)
            elif least == _LEAST and secret in text:  # `dev` as a password does not make `development` one
                import re

                text = re.sub(rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])", stars, text)
        text = mask(text)
        return self._without_parts(text, least) if self._parts else text

    def _without_parts(self, text: str, least: int) -> str:
        """The text with every stretch of that length overwritten that is a part of a secret, in capitals or not."""
        lower = _lower(text)
        hits = [start for start in range(len(text) - _LEAST + 1) if lower[start : start + _LEAST] in self._parts]
        runs: list[list[int]] = []
        for start in hits:
            if runs and start <= runs[-1][1]:
                runs[-1][1] = start + _LEAST
            else:
                runs.append([start, start + _LEAST])
        for start, end in runs:
            if end - start >= least:
                text = text[:start] + "*" * (end - start) + text[end:]
        return text


def _lower(text: str) -> str:
    """A text in small letters, as long as it was: a name made of a secret is shown in its normalized form."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(letter.lower()[0] for letter in text)


def whole_path(path: str, without: Callable[[str], str]) -> str:
    """A path from the root, without the secrets in it; ``without``: takes them out of a text.

    Twice: it may look like a URL, and does no more when its slashes are folded; and so may the current directory.
    """
    return without(os.path.abspath(without(path)))
