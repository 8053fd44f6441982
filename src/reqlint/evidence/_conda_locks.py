"""What the locks of conda's tools have in common: the names of artifacts, and where projects come from that are on no index."""

from __future__ import annotations

import re

from reqlint.evidence._entries import broken, commit, foreign
from reqlint.evidence._simple_yaml import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from reqlint.lock import Lock

_ARTIFACT = re.compile(
    r"(?:(?P<base>.*)[/\\](?P<subdir>[^/\\]+)[/\\])?"
    r"(?P<name>[^/\\]+)-(?P<version>[^-/\\]+)-(?P<build>[^-/\\]+)\.(?:conda|tar\.bz2)"
)
_TOKEN = re.compile(r"t/[^/]*/")
_HASHES = {"sha256": re.compile(r"[0-9a-f]{64}"), "md5": re.compile(r"[0-9a-f]{32}")}


class Artifact:
    """What the URL of a conda package tells; ``channel``: without server and token, None for a path."""

    __slots__ = ("build", "channel", "name", "subdir", "version")

    def __init__(self, name: str, version: str, build: str, subdir: str | None, channel: str | None) -> None:
        """Keep the parts."""
        self.name = name
        self.version = version
        self.build = build
        self.subdir = subdir
        self.channel = channel


def artifact(url: str) -> Artifact | None:
    """The parts of the URL or path of a conda package, ``…/channel/subdir/name-version-build.conda``; None for any other.

    The form of the name is conda's: neither version nor build hold a ``-``.
    """
    match = _ARTIFACT.fullmatch(url)
    if match is None:
        return None
    _, scheme, rest = (match["base"] or "").partition("://")
    path = rest.partition("/")[2] if scheme else ""
    token = _TOKEN.match(path)
    channel = path[token.end() :] if token is not None else path
    return Artifact(match["name"].lower(), match["version"], match["build"], match["subdir"], channel or None)


def origin(location: str) -> tuple[str, str | None]:
    """The URL or path of a project on no index, and the commit of a repository.

    ``git+URL@commit`` is conda-lock's notation, ``git+URL?rev=…#commit`` and ``direct+URL`` are pixi's.

    >>> origin("git+https://example.com/a.git?tag=v1#0123456789012345678901234567890123456789")
    ('https://example.com/a.git', '0123456789012345678901234567890123456789')
    """
    location = location.removeprefix("direct+")
    if not location.startswith("git+"):
        return location, None
    url, _, revision = location.removeprefix("git+").partition("#")
    url = url.partition("?")[0]
    before, at, last = url.rpartition("@")
    if at and commit(last) is not None:
        url, revision = before, last
    return url, commit(revision)


def hashes(entry: Any) -> tuple[str, ...]:
    """The hashes in a mapping, the stronger one first."""
    if not isinstance(entry, dict):
        return ()
    # conda-lock writes the commit of a repository as if it were a hash.
    return tuple(
        f"{kind}:{entry[kind]}"
        for kind, form in _HASHES.items()
        if isinstance(entry.get(kind), str) and form.fullmatch(entry[kind])
    )


def document(data: bytes, lock: Lock) -> Mapping[str, Any]:
    """The mapping that a YAML file holds, with all scalars as text; raises UnreadableLockError."""
    content = load(data)
    if content is None:
        raise broken(data.decode("utf-8", "replace"), "YAML")
    if not isinstance(content, dict):
        raise foreign(lock)
    return content
