"""pdm.lock, of lock version 4 and up. Source: PDM's ``pdm/project/lockfile``, and the locks that PDM 2.29 writes."""

from __future__ import annotations

from reqlint.evidence._entries import commit, foreign, tables, text, texts
from reqlint.evidence._toml import Document
from reqlint.lock import Locked
from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reqlint.lock import Lock

_REPOSITORIES = ("git", "hg", "svn", "bzr")
_OWN = "default"


def read(data: bytes, lock: Lock) -> None:
    """Fill in a lock; raises UnreadableLockError.

    ``groups`` of a package are PDM's, where ``default`` stands for the project's own dependencies.
    """
    document = Document(data)
    metadata = document.table.get("metadata")
    if not isinstance(metadata, dict):
        raise foreign(lock)
    lock.fingerprint = text(metadata, "content_hash")
    if isinstance(metadata.get("groups"), list):
        lock.groups = frozenset(map(normalize, texts(metadata["groups"]))) - {_OWN}
    shared = metadata.get("files")
    packages = [item for item in tables(document.table.get("package")) if text(item, "name") is not None]
    known = {_identity(package) for package in packages if "extras" not in package}
    for package in packages:
        # With extras, a package stands in the lock once more.
        if "extras" in package and _identity(package) in known:
            continue
        known.add(_identity(package))
        lock.packages.append(_locked(package, document, shared if isinstance(shared, dict) else {}))


def _identity(package: dict[str, Any]) -> tuple[str, str | None]:
    return normalize(package["name"]), text(package, "version")


def _locked(package: dict[str, Any], document: Document, shared: dict[str, Any]) -> Locked:
    """A package; ``shared``: the files of all, by name and version, where PDM before 2.8 wrote them."""
    version = text(package, "version")
    url = text(package, *_REPOSITORIES, "url", "path")
    groups = texts(package.get("groups"))
    return Locked(
        normalize(package["name"]),
        version,
        marker=text(package, "marker"),
        url=url,
        commit=commit(text(package, "revision")),
        direct=url is not None,
        hashes=document.hashes(package.get("files", shared.get(f"{package['name']} {version}"))),
        groups=frozenset(map(normalize, groups)) or None,
    )
