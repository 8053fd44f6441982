"""What the formats for CI systems share: paths as these count them, texts without commands, and fingerprints."""

from __future__ import annotations

import os
import re

from reqlint.output import shortened, shown_path, visible
from reqlint.redaction import whole_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.diagnostic import Diagnostic
    from reqlint.output import Report
    from reqlint.redaction import Redactor


def words(text: str, redact: Redactor) -> str:
    """A text of a finding on one line, without secrets, and no longer than anybody would read."""
    return shortened(visible(redact(text)))


def told(item: Diagnostic, redact: Redactor) -> str:
    """A finding for people on one line, with its place, which many systems do not show with an annotation."""
    row, column = item.source.position(item.span[0])
    where = shown_path(redact.word(item.source.path))
    return f"{where}:{row}:{column}: {item.code} {item.name}: {words(item.message, redact)}"


def log_line(item: Diagnostic, redact: Redactor) -> str:
    """A finding as a line of a log, in which no CI system finds a command, whatever the file holds."""
    return defused(f"{item.severity}: {told(item, redact)}\n")


def defused(text: str) -> str:
    """A text without what begins a command anywhere in a line of a log, to GitHub Actions and to Azure Pipelines."""
    return re.sub(r"(?i)#(?=#(?:vso)?\[)", "# ", text)


def scalar(text: str) -> str:
    r"""A text that can be encoded: what stands for the bytes of a file name that is no text becomes U+FFFD.

    >>> scalar("caf\udce9.txt")
    'caf�.txt'
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Paths:
    """The paths of files from the root of their repository, which is what CI systems look them up by."""

    def __init__(self, redact: Redactor) -> None:
        """Find the repository that the current directory lies in."""
        self._redact = redact
        self._here = os.getcwd()
        self._root = _repository(self._here)
        self._known: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        """The path with ``/`` from the root of the repository, of the current directory else; absolute elsewhere.

        The repository is that of the current directory if the file lies in it (a submodule belongs to what it is a part of),
        else the file's own. There is no secret in it.
        """
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = self._relative(path).replace(os.sep, "/")
        return found

    def _relative(self, path: str) -> str:
        word = self._redact.word
        absolute = os.path.abspath(path)
        shown = whole_path(path, word)
        own = (
            None if self._root is not None and _below(absolute, self._root) else _repository(os.path.dirname(absolute))
        )
        for base in (self._root, own, self._here):
            if base is not None and _below(shown, word(base)):
                return os.path.relpath(shown, word(base))
        return shown


def _below(path: str, directory: str) -> bool:
    return path.startswith(os.path.join(directory, ""))


def _repository(directory: str) -> str | None:
    """The nearest folder upwards that git takes for the root of a working tree."""
    while not os.path.exists(os.path.join(directory, ".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent
    return directory


def fingerprints(report: Report, paths: Paths) -> list[str]:
    """For each finding a text that is its own, and that stays when it moves to another line.

    It is made of the path, the rule, the dependency, the masked text that the finding is about, and how many of the same
    come before; never of a secret, which could be found out by trying.
    """
    from hashlib import sha256

    redact = report.redact
    masked: dict[int, str] = {}
    seen: dict[str, int] = {}
    found = []
    for item in report.diagnostics:
        source = item.source
        if id(source) not in masked:  # of UTF-16 read as Latin-1, no secret would be recognized
            masked[id(source)] = "" if "\0" in source.text else redact.text_of(source)
        parts = (
            paths(source.path),
            item.code,
            redact.word(item.dependency or ""),
            masked[id(source)][slice(*item.span)],
        )
        key = "\0".join(parts)
        seen[key] = seen.get(key, 0) + 1
        found.append(sha256(f"{key}\0{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest())
    return found
