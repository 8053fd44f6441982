"""pylock.toml. Source: the pylock.toml specification (PEP 751), and what pip 26.3, uv 0.13 and PDM 2.29 make of it."""

from __future__ import annotations

import re

from reqlint.compiled import read_header
from reqlint.evidence._entries import commit, foreign, tables, text, texts
from reqlint.evidence._toml import Document
from reqlint.lock import Locked
from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reqlint.lock import Lock

#: The tool that a lock names -> what makes such a lock with it.
_COMMANDS = {"pip": "pip lock", "uv": "uv export", "pdm": "pdm lock"}
_TOKEN = re.compile(r"""[()]|(?:"[^"]*"|'[^']*'|[^\s()'"]+)""")
_MEMBERSHIP = re.compile(
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)') (?P<negated>not )?in (?:extras|dependency_groups)"""
)


def read(data: bytes, lock: Lock) -> None:
    """Fill in a lock; raises UnreadableLockError.

    ``groups`` of a package are those that its marker asks for, and the marker tells the environments alone; PDM calls
    the project's own dependencies ``default``.
    """
    document = Document(data)
    table = document.table
    if text(table, "lock-version") is None:
        raise foreign(lock)
    tool = text(table, "created-by")
    if tool is not None and re.fullmatch(r"[\w.-]{1,40}", tool):
        lock.tool, lock.command = tool, _COMMANDS.get(tool.lower(), tool)
    header = read_header(document.text)
    if header is not None and header.command is not None:
        lock.command = " ".join(header.command)
    keys = [key for key in ("extras", "dependency-groups", "default-groups") if isinstance(table.get(key), list)]
    if keys:
        lock.groups = frozenset(normalize(item) for key in keys for item in texts(table[key]))
    for package in tables(table.get("packages")):
        if text(package, "name") is not None:
            lock.packages.append(_locked(package, document))


def _locked(package: dict[str, Any], document: Document) -> Locked:
    origin = next((package[key] for key in ("vcs", "directory", "archive") if key in package), None)
    marker = text(package, "marker")
    environments, groups = _Marker(marker).split() if marker is not None else (None, frozenset())
    files = (package.get(key) for key in ("archive", "sdist", "wheels"))
    return Locked(
        normalize(package["name"]),
        text(package, "version"),
        marker=environments,
        url=text(origin, "url", "path") if isinstance(origin, dict) else None,
        commit=commit(text(origin, "commit-id")) if isinstance(origin, dict) else None,
        direct=origin is not None,
        hashes=document.hashes(*files),
        groups=groups or None,
    )


class _Marker:
    """A marker of a lock, which may ask for extras and groups besides the environment."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _TOKEN.findall(text)
        self._position = 0
        self._groups: set[str] = set()

    def split(self) -> tuple[str | None, frozenset[str]]:
        """The environments in which it holds for some choice of extras and groups (None: all), and those it asks for."""
        if not re.search(r"\bin\s+(?:extras|dependency_groups)\b", self._text):
            return self._text, frozenset()
        return self._any(), frozenset(self._groups)

    def _any(self) -> str | None:
        """Read what `or` joins."""
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return None if None in parts else " or ".join(part for part in parts if part is not None)

    def _all(self) -> str | None:
        """Read what `and` joins."""
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return " and ".join(part for part in parts if part is not None) or None

    def _one(self) -> str | None:
        """Read one comparison, or what stands in parentheses."""
        if self._take("("):
            inner = self._any()
            self._take(")")
            return f"({inner})" if inner is not None else None
        start = self._position
        while self._position < len(self._tokens) and self._tokens[self._position] not in ("and", "or", "(", ")"):
            self._position += 1
        comparison = " ".join(self._tokens[start : self._position])
        asked = _MEMBERSHIP.fullmatch(comparison)
        if asked is None:
            return comparison
        if not asked["negated"]:
            self._groups.add(normalize(asked["double"] or asked["single"] or ""))
        return None

    def _take(self, token: str) -> bool:
        """Step over a word if it is the next one."""
        found = self._tokens[self._position : self._position + 1] == [token]
        self._position += found
        return found
