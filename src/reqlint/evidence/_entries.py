"""What the readers of lock files share: the parts of an entry that can be trusted, whatever it holds."""

from __future__ import annotations

import re

from reqlint.evidence.locks import UnreadableLockError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from reqlint.lock import Lock

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?:[ \t].*)?$", re.MULTILINE)
_STRONG = re.compile(r"(?:sha256|sha384|sha512):[0-9a-f]+")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def decode(data: bytes) -> str:
    """The text of a lock; raises UnreadableLockError for what is no UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableLockError("it is no UTF-8") from None


def broken(text: str, language: str) -> UnreadableLockError:
    """Why a text is none of a language, as an error to raise."""
    return UnreadableLockError(
        "it holds the markers of a merge conflict" if _CONFLICT.search(text) else f"it is no {language}"
    )


def foreign(lock: Lock) -> UnreadableLockError:
    """That a text lacks what the tool always writes, as an error to raise."""
    return UnreadableLockError(f"it is not what {lock.tool} writes")


def tables(value: Any) -> Iterator[dict[str, Any]]:
    """The tables in an array, without what else stands in it; none if it is no array."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield item


def texts(value: Any) -> list[str]:
    """The strings in an array, without what else stands in it; none if it is no array."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text(table: Mapping[str, Any], *keys: str) -> str | None:
    """The first of some keys that has a string with anything in it."""
    for key in keys:
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            return value
    return None


def commit(value: str | None) -> str | None:
    """A whole commit hash (SHA-1 or SHA-256); None for anything else, such as a branch."""
    return value if value is not None and _COMMIT.fullmatch(value) else None


def strong(hashes: Iterable[str]) -> tuple[str, ...]:
    """The hashes that pip takes (as ``sha256:…``), each once."""
    return tuple(dict.fromkeys(item for item in hashes if _STRONG.fullmatch(item)))


def either(markers: Iterable[str | None]) -> str | None:
    """One marker that holds where any of some does; None where one of them always holds, or there is none."""
    distinct = dict.fromkeys(markers)
    if None in distinct:
        return None
    # `or` binds weakest, so that no marker needs parentheses.
    return " or ".join(item for item in distinct if item is not None) or None
