"""Pipfile.lock. Source: pipenv's documentation of its lock, and the locks that pipenv 2026.10 writes."""

from __future__ import annotations

from reqlint.evidence._entries import broken, commit, decode, foreign, strong, text, texts
from reqlint.lock import Locked
from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reqlint.lock import Lock

_REPOSITORIES = ("git", "hg", "svn", "bzr")
#: The section of the lock -> that of the Pipfile, where they are not called alike.
_SECTIONS = {"develop": "dev-packages"}


def read(data: bytes, lock: Lock) -> None:
    """Fill in a lock; raises UnreadableLockError.

    ``groups`` of a package are the sections of the Pipfile, where ``default`` stands for ``[packages]``. What stands in
    several sections is there for each.
    """
    import json

    content = decode(data)
    try:
        document = json.loads(content)
    except ValueError:
        raise broken(content, "JSON") from None
    meta = document.get("_meta") if isinstance(document, dict) else None
    if not isinstance(meta, dict):
        raise foreign(lock)
    fingerprint = meta.get("hash")
    lock.fingerprint = text(fingerprint, "sha256") if isinstance(fingerprint, dict) else None
    for section, entries in document.items():
        if section == "_meta" or not isinstance(entries, dict):
            continue
        group = frozenset((normalize(_SECTIONS.get(section, section)),))
        for name, entry in entries.items():
            if isinstance(entry, dict):
                lock.packages.append(_locked(name, entry, group))


def _locked(name: str, entry: dict[str, Any], groups: frozenset[str]) -> Locked:
    version = text(entry, "version")
    url = text(entry, *_REPOSITORIES, "file", "path")
    return Locked(
        normalize(name),
        version.lstrip("=").strip() if version is not None and version.startswith("==") else None,
        marker=text(entry, "markers"),
        url=url,
        commit=commit(text(entry, "ref")),
        direct=url is not None,
        hashes=strong(texts(entry.get("hashes"))),
        groups=groups,
    )
