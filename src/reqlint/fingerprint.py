"""The hashes of a manifest that its tool keeps in the lock, to tell whether the manifest has changed since.

Each is the SHA-256 of the relevant tables as JSON with sorted keys; the tools differ, and changed their minds, about which
tables are relevant. Sources: ``poetry/packages/locker.py`` of Poetry 1.0 to 2.5; ``plette`` and ``pipenv/utils/pipfile.py``
of pipenv up to 2026.10.
"""

from __future__ import annotations

import re

from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_NO_CATEGORIES = frozenset(
    ("source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv", "default", "develop")
)

_POETRY_LEGACY = ("dependencies", "source", "extras", "dev-dependencies")
_POETRY_PROJECT = ("requires-python", "dependencies", "optional-dependencies")
# From which version on Poetry hashes as the schemes of `_poetry_contents` say, in their order.
_POETRY_SINCE = ((0, 0), (2, 0), (2, 3))
_RELEASE = re.compile(r"(\d+)\.(\d+)(?:\.\d+)*")


def of_pipfile(text: str) -> frozenset[str]:
    """The hashes that the versions of pipenv may have given to a Pipfile; none when that cannot be told.

    It cannot where no source is named: pipenv then puts in those of pip's configuration.
    """
    document = _read(text)
    if document is None or "source" not in document:
        return frozenset()
    contents = list(_pipfile_contents(document))
    return frozenset(filter(None, (_digest(content, (",", ":")) for content in contents)))


def of_pyproject(text: str, generator: str | None = None) -> frozenset[str]:
    """The hashes that Poetry may have given to a pyproject.toml; none when it cannot be read or locked.

    ``generator``: the version of Poetry that wrote the lock: with it, the hashes of older versions, which saw less of the
    file, are left out. A version that is no plain release tells nothing.
    """
    document = _read(text)
    if document is None:
        return frozenset()
    release = _RELEASE.fullmatch(generator) if generator is not None else None
    version = (int(release[1]), int(release[2])) if release is not None else (0, 0)
    first = sum(since <= version for since in _POETRY_SINCE) - 1
    contents = list(_poetry_contents(document))[first:]
    return frozenset(filter(None, (_digest(content, (", ", ": ")) for content in contents)))


def _read(text: str) -> dict[str, Any] | None:
    """The document; None for what is no TOML."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _digest(content: dict[str, Any], separators: tuple[str, str]) -> str | None:
    """The hash of a content; None for what JSON cannot hold, a date: no tool makes a lock of that."""
    import json
    from hashlib import sha256

    try:
        return sha256(json.dumps(content, sort_keys=True, separators=separators).encode()).hexdigest()
    except (TypeError, RecursionError):
        return None


def _table(parent: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The table at a path of keys, an empty one where there is none."""
    for key in keys:
        child = parent.get(key)
        if not isinstance(child, dict):
            return {}
        parent = child
    return parent


def _pipfile_contents(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What pipenv hashes: up to 2020 without categories of one's own; of late with normalized names."""
    plain: dict[str, Any] = {
        "_meta": {"sources": document["source"], "requires": document.get("requires", {})},
        "default": document.get("packages", {}),
        "develop": document.get("dev-packages", {}),
    }
    yield plain
    whole = plain | {key: value for key, value in document.items() if key not in _NO_CATEGORIES}
    yield whole
    yield {key: value if key == "_meta" else _normalized(value) for key, value in whole.items()}


def _normalized(packages: Any) -> Any:
    """A table of packages with normalized names."""
    return {normalize(name): value for name, value in packages.items()} if isinstance(packages, dict) else packages


def _poetry_contents(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What Poetry hashes: 1.x (1.0 and 1.1, which did not know ``group``, refused it); 2.0 to 2.2; 2.3 and later."""
    poetry = _table(document, "tool", "poetry")
    groups = _table(document, "dependency-groups")
    project = {key: value for key, value in _table(document, "project").items() if key in _POETRY_PROJECT}
    known = {key: poetry[key] for key in (*_POETRY_LEGACY, "group") if key in poetry}
    legacy = dict.fromkeys(_POETRY_LEGACY) | known
    yield legacy
    standard: dict[str, Any] = {"project": project} if project else {}
    for more in ({}, {"dependency-groups": groups} if groups else {}):
        standard = standard | more
        yield standard | {"tool": {"poetry": known}} if standard else legacy
