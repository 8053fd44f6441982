"""pixi.lock: the environments of a pixi workspace, with the packages of each platform, and what is known of each package.

Source: rattler's crate ``rattler_lock``, of which py-rattler reads and writes all versions:

- 1 to 3 are made like a conda-lock.yml;
- 4 and 5 list packages with a ``kind``, a ``name``, a ``version`` and a ``url`` or ``path``;
- 6 and 7 list them by the key and the location by which environments name them, with only what that does not tell.
"""

from __future__ import annotations

from reqlint.evidence import conda_lock_yml
from reqlint.evidence._conda_locks import artifact, document, hashes, origin
from reqlint.evidence._entries import foreign, tables, text
from reqlint.evidence.locks import UnreadableLockError
from reqlint.lock import Locked
from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from reqlint.lock import Lock

_KINDS = ("conda", "pypi", "conda_source")
_NEWEST = 7


def read(data: bytes, lock: Lock) -> None:
    """Fill in a lock with what its environments hold, each package once for a platform; raises UnreadableLockError.

    Which environment holds a package is not kept: they are made of features, and it is those that a manifest knows.
    """
    content = document(data, lock)
    version = text(content, "version") or ""
    if not version.isdecimal():
        raise foreign(lock)
    if not 1 <= int(version) <= _NEWEST:
        raise UnreadableLockError(f"it is of none of the versions that are known, which are 1 to {_NEWEST}")
    if int(version) <= 3 and "package" in content:
        found = [conda_lock_yml.locked(entry) for entry in tables(content.get("package"))]
    elif int(version) > 3 and isinstance(content.get("environments"), dict) and "packages" in content:
        known = dict(_by_location(content["packages"]))
        members = dict.fromkeys(_members(content))
        found = [_locked(*member, known.get(member[:2], {})) for member in members]
    else:
        raise foreign(lock)
    lock.packages += [package for package in found if package is not None]


def _by_location(packages: Any) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    for entry in tables(packages):
        kind = text(entry, "kind")
        if kind is not None:
            location = text(entry, "url", "path")
        else:
            kind = next((kind for kind in _KINDS if kind in entry), "")
            location = text(entry, kind)
        if location is not None:
            yield (kind, location), entry


def _members(content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Kind, location and platform of all that the environments hold."""
    # Since version 7, platforms may have names of their own.
    names = {text(entry, "name"): text(entry, "subdir") for entry in tables(content.get("platforms"))}
    for environment in content["environments"].values():
        platforms = environment.get("packages") if isinstance(environment, dict) else None
        for name, members in platforms.items() if isinstance(platforms, dict) else ():
            for member in tables(members):
                for kind in _KINDS:
                    location = text(member, kind)
                    if location is not None:
                        yield kind, location, names.get(name) or name


def _locked(kind: str, location: str, platform: str, entry: Mapping[str, Any]) -> Locked | None:
    """One package; None for what has no name."""
    name, version, build = text(entry, "name"), text(entry, "version"), text(entry, "build")
    found = artifact(location) if kind == "conda" else None
    if found is not None:
        return Locked(
            (name or found.name).lower(),
            version or found.version,
            ecosystem="conda",
            platform=platform,
            hashes=hashes(entry),
            build=build or found.build,
            channel=found.channel,
        )
    if kind == "conda_source":  # `name[hash] @ location`
        label, _, location = location.partition(" @ ")
        name = label.partition("[")[0]
    if not name:
        return None
    is_conda = kind != "pypi"
    direct = is_conda or location.startswith(("direct+", "git+", "file:")) or "://" not in location
    url, commit = origin(location) if direct else (None, None)
    return Locked(
        name.lower() if is_conda else normalize(name),
        version,
        ecosystem="conda" if is_conda else "pypi",
        platform=platform,
        url=url,
        commit=commit,
        direct=direct,
        hashes=hashes(entry),
        build=build,
    )
