"""A baseline: the findings that are known already, so that a run reports only what is new since.

It is a JSON file for people to read in a review and for git to merge: sorted, one finding a line, with its path from the
baseline's folder, its rule, the requirement, and a fingerprint of what it is about. Nothing in it comes from a secret, which
could be found out by trying: texts are masked first, then hashed.
"""

from __future__ import annotations

import os
import re

from reqlint.config import ConfigurationError
from reqlint.redaction import Redactor, whole_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from reqlint.diagnostic import Diagnostic
    from reqlint.files import Files
    from reqlint.source import Source

    Key = tuple[str, str, str]  # path, code, fingerprint

VERSION = 1
#: What is never known: faults of reqlint's own.
_NEVER = "RQ999"
_HEXADECIMAL_DIGITS = 16
_STARS = re.compile(r"\*+")


class BaselineError(ConfigurationError):
    """A baseline that is not there or cannot be read: the message says what to do."""


class Baseline:
    """The findings that are known, by file: path, code and fingerprint -> how many."""

    def __init__(self, path: str, counts: Mapping[Key, int]) -> None:
        """``path``: where the baseline lies, from whose folder the paths in it count."""
        self.path = path
        self._folder = os.path.dirname(os.path.abspath(path))
        self._by_file: dict[str, dict[Key, int]] = {}
        for key, count in counts.items():
            self._by_file.setdefault(key[0], {})[key] = count
        self._seen: dict[str, tuple[int, int]] = {}

    @classmethod
    def read(cls, path: str, files: Files) -> Baseline:
        """Read one; raises BaselineError."""
        try:
            data = files.read(path)
        except FileNotFoundError:
            message = f"{path}: there is no such baseline; `--write-baseline {path}` writes one"
            raise BaselineError(message) from None
        except OSError as error:
            message = f"{path}: the baseline cannot be read: {(error.strerror or str(error)).lower()}"
            raise BaselineError(message) from None
        return cls(path, _parse(path, data))

    def new(self, source: Source, found: Sequence[Diagnostic], chosen: Collection[str]) -> list[Diagnostic]:
        """Those of the findings of one file that are not known; of equal ones, the last.

        ``chosen``: the codes of the rules that were checked, since what was not looked for is not gone.
        """
        describe = _Describer(self._folder)
        name = describe.path(source)
        left = dict(self._by_file.get(name, ()))
        fresh = []
        matched = 0
        for item in found if left else ():
            key = describe(item).key
            if left.get(key, 0) and item.code != _NEVER:
                left[key] -= 1
                matched += 1
            else:
                fresh.append(item)
        gone = sum(count for key, count in left.items() if key[1] in chosen)
        self._seen[name] = (matched, gone)
        return fresh if self._by_file.get(name) else list(found)

    @property
    def known(self) -> int:
        """How many findings of this run were known."""
        return sum(matched for matched, _ in self._seen.values())

    def gone(self, files: Files) -> int:
        """How many known findings are no more: those of the checked files, and those of files that are no more."""
        gone = sum(gone for _, gone in self._seen.values())
        for name, entries in self._by_file.items():
            if name not in self._seen and not files.is_file(os.path.join(self._folder, name)):
                gone += sum(entries.values())
        return gone


def render(path: str, found: Iterable[Diagnostic], redact: Redactor) -> tuple[bytes, list[Diagnostic]]:
    """The content of a baseline at a path that holds these findings, and those that it holds.

    Left out are faults of reqlint's own, and what would show a secret that ``redact`` knows of another file.
    """
    import json

    describe = _Describer(os.path.dirname(os.path.abspath(path)))
    counts: dict[_Description, int] = {}
    held = []
    for item in found:
        known = describe(item)
        if item.code != _NEVER and not redact.holds_secret(known.text) and not redact.holds_secret(known.dependency):
            counts[known] = counts.get(known, 0) + 1
            held.append(item)
    lines = []
    for known in sorted(counts, key=_Description.order):
        entry: dict[str, object] = {"path": known.path, "code": known.code}
        if known.dependency:
            entry["dependency"] = known.dependency
        entry |= {"fingerprint": known.fingerprint, "count": counts[known]}
        readable = known.path.isprintable() and known.dependency.isprintable()
        lines.append(json.dumps(entry, ensure_ascii=not readable))
    listed = "[\n" + ",\n".join(lines) + "\n]" if lines else "[]"
    text = f'{{\n"version": {VERSION},\n"findings": {listed}\n}}\n'
    return text.encode(), held


class _Description:
    """What a baseline says of a finding; two findings with equal descriptions are the same to it."""

    __slots__ = ("code", "dependency", "fingerprint", "path", "text")

    def __init__(self, path: str, code: str, dependency: str, text: str) -> None:
        """``text``: what the finding is about, masked."""
        from hashlib import sha256

        self.path = path
        self.code = code
        self.dependency = dependency
        self.text = text
        digest = sha256(f"{dependency}\0{text}".encode("utf-8", "surrogatepass"))
        self.fingerprint = digest.hexdigest()[:_HEXADECIMAL_DIGITS]

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.path, self.code, self.fingerprint

    def order(self) -> tuple[str, str, str, str]:
        """By file, rule, requirement."""
        return self.path, self.code, self.dependency, self.fingerprint

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Description) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


class _Describer:
    """Describes findings. Only the secrets of their own file are masked, since which others are read differs between runs."""

    def __init__(self, folder: str) -> None:
        """``folder``: where paths begin."""
        self._folder = folder
        self._source: Source | None = None
        self._redact = Redactor([])
        self._masked = self._path = ""

    def __call__(self, item: Diagnostic) -> _Description:
        """The description of a finding; blanks and line ends in the text that it is about do not count."""
        self._turn_to(item.source)
        text = "".join(self._redact(self._masked[slice(*item.span)]).split())
        dependency = _STARS.sub("*", self._redact(item.dependency or ""))
        return _Description(
            self._path, item.code, dependency, _STARS.sub("*", text)
        )  # the length of a secret is one too

    def path(self, source: Source) -> str:
        """The path of a file from the folder, with slashes; absolute on another drive."""
        self._turn_to(source)
        return self._path

    def _turn_to(self, source: Source) -> None:
        if source is self._source:
            return
        self._source = source
        self._redact = Redactor([source])
        # Of UTF-16 that is read as Latin-1, no secret would be recognized.
        self._masked = "" if "\0" in source.text else self._redact.text_of(source)
        word = self._redact.word
        path = whole_path(source.path, word)
        try:
            path = os.path.relpath(path, self._folder)
        except ValueError:
            pass
        self._path = path.replace(os.sep, "/")


def _parse(path: str, data: bytes) -> dict[Key, int]:
    """The entries of a baseline; raises BaselineError."""
    import json

    again = f"mend it, or write it anew with `--write-baseline {path}`"
    try:
        document = json.loads(data)
    except json.JSONDecodeError as error:
        merged = " (a merge conflict?)" if b"<<<<<<<" in data else ""
        message = f"{path}: this is no JSON, as line {error.lineno} shows{merged}; {again}"
        raise BaselineError(message) from None
    except (ValueError, RecursionError):
        message = f"{path}: this is no JSON; {again}"
        raise BaselineError(message) from None
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list) or "version" not in document:
        message = f"{path}: this is no baseline; `--write-baseline` writes one"
        raise BaselineError(message)
    if document["version"] != VERSION:
        message = (
            f"{path}: this baseline is of another version than {VERSION}, the one that this reqlint reads; write it anew with "
            f"`--write-baseline {path}`"
        )
        raise BaselineError(message)
    counts: dict[Key, int] = {}
    for number, entry in enumerate(document["findings"], 1):
        key, count = _entry(entry)
        if key is None:
            message = f"{path}: the finding number {number} is none of a baseline; {again}"
            raise BaselineError(message)
        counts[key] = max(count, counts.get(key, 0))  # twice is what a merge makes of one
    return counts


def _entry(entry: object) -> tuple[Key | None, int]:
    """Key and count of one entry; no key when it is none."""
    if not isinstance(entry, dict):
        return None, 0
    path, code, fingerprint = (entry.get(name) for name in ("path", "code", "fingerprint"))
    count = entry.get("count")
    if not isinstance(path, str) or not isinstance(code, str) or not isinstance(fingerprint, str):
        return None, 0
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        return None, 0
    return (path, code, fingerprint), count
