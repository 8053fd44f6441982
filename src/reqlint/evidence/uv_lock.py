"""uv.lock. Source: uv's ``crates/uv-resolver/src/lock/mod.rs``, and the locks that uv 0.13 writes."""

from __future__ import annotations

from reqlint.evidence._entries import commit, either, foreign, tables, text, texts
from reqlint.evidence._toml import Document
from reqlint.lock import Locked
from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reqlint.lock import Lock

_FOLDERS = ("editable", "virtual", "directory")


def read(data: bytes, lock: Lock) -> None:
    """Fill in a lock; raises UnreadableLockError.

    The projects of the workspace are among its packages, and their folders are the lock's.
    """
    document = Document(data)
    table = document.table
    if not isinstance(table.get("version"), int):
        raise foreign(lock)
    packages = [item for item in tables(table.get("package")) if text(item, "name") is not None]
    for package in packages:
        url, reference = _origin(package.get("source"))
        lock.packages.append(
            Locked(
                normalize(package["name"]),
                text(package, "version"),
                marker=either(texts(package.get("resolution-markers"))),
                url=url,
                commit=reference,
                direct=url is not None,
                hashes=document.hashes(package.get("sdist"), package.get("wheels")),
            )
        )
    lock.folders = frozenset((".", *_members(table.get("manifest"), packages)))


def _origin(source: Any) -> tuple[str | None, str | None]:
    """Where a package that comes from no index comes from, and the commit of a repository."""
    if not isinstance(source, dict):
        return None, None
    url = text(source, "git")
    if url is None:
        return text(source, "url", "path", *_FOLDERS), None
    url, _, reference = url.partition("#")
    return url.partition("?")[0], commit(reference)


def _members(manifest: Any, packages: list[dict[str, Any]]) -> Iterator[str]:
    """The folders of the workspace's projects; a project that is alone is not listed."""
    names = set(map(normalize, texts(manifest.get("members")))) if isinstance(manifest, dict) else set()
    for package in packages:
        source = package.get("source")
        if normalize(package["name"]) in names and isinstance(source, dict):
            folder = text(source, *_FOLDERS)
            if folder is not None:
                yield folder
