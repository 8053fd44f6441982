"""conda-lock.yml, the unified lock of conda-lock: packages of conda and of PyPI, for each platform.

Source: conda-lock's ``conda_lock/lockfile/v1/models.py``, which version 4 still writes.
"""

from __future__ import annotations

from reqlint.evidence._conda_locks import artifact, document, hashes, origin
from reqlint.evidence._entries import foreign, tables, text, texts
from reqlint.lock import Locked
from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from reqlint.lock import Lock


def read(data: bytes, lock: Lock) -> None:
    """Fill in a lock; raises UnreadableLockError.

    ``groups`` of a package are conda-lock's categories, where ``main`` stands for what is installed without asking.
    """
    content = document(data, lock)
    metadata = content.get("metadata")
    if text(content, "version") != "1" or not isinstance(metadata, dict) or "package" not in content:
        raise foreign(lock)
    sources = texts(metadata.get("sources"))
    if sources:
        import posixpath

        lock.sources = tuple(map(posixpath.normpath, sources))
    lock.packages += [package for entry in tables(content["package"]) if (package := locked(entry)) is not None]


def locked(entry: Mapping[str, Any]) -> Locked | None:
    """One package; None for what is none."""
    name, version, platform = text(entry, "name"), text(entry, "version"), text(entry, "platform")
    manager = text(entry, "manager")
    if name is None or version is None:
        return None
    category = text(entry, "category")
    groups = frozenset((category,)) if category is not None else None
    if manager == "conda":
        found = artifact(text(entry, "url") or "")
        return Locked(
            name.lower(),
            version,
            ecosystem="conda",
            platform=platform,
            hashes=hashes(entry.get("hash")),
            build=text(entry, "build") or (found.build if found is not None else None),
            channel=found.channel if found is not None else None,
            groups=groups,
        )
    if manager not in ("pip", "pypi"):
        return None
    # Only what comes from a URL, a repository or a folder has a source.
    source = entry.get("source")
    place = text(source, "url") if isinstance(source, dict) else None
    url, commit = origin(place) if place is not None else (None, None)
    return Locked(
        normalize(name),
        version,
        platform=platform,
        url=url,
        commit=commit,
        direct=place is not None,
        hashes=hashes(entry.get("hash")),
        groups=groups,
    )
