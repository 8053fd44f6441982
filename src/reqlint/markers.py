"""Whether two environment markers can be true at once, found out by trying the environments that they tell apart.

A marker is evaluated by packaging over a grid: the versions of Python around each one that is mentioned, the platforms that
exist (whose variables belong together), and every other value that is mentioned, with one that is not. Source: the
environment markers of the dependency specifiers specification (PEP 508).
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PLATFORMS = (
    {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
    {"sys_platform": "cygwin", "os_name": "posix", "platform_system": "CYGWIN_NT-10.0"},
    {"sys_platform": "freebsd14", "os_name": "posix", "platform_system": "FreeBSD"},
    {"sys_platform": "emscripten", "os_name": "posix", "platform_system": "Emscripten"},
)
_IMPLEMENTATIONS = (
    {"implementation_name": "cpython", "platform_python_implementation": "CPython"},
    {"implementation_name": "pypy", "platform_python_implementation": "PyPy"},
)
_ITEM = re.compile(
    r"\b(?P<left>[a-z_.]+)\s*(?P<op>[<>=!~]=?=?|in\b|not\s+in\b)\s*(?P<value>'[^']*'|\"[^\"]*\")"
    r"|(?P<other>'[^']*'|\"[^\"]*\")\s*(?:[<>=!~]=?=?|in\b|not\s+in\b)\s*(?P<right>[a-z_.]+)"
)
_ALIASES = {"python_implementation": "platform_python_implementation"}
_LIMIT = 20_000


def can_hold_together(one: str | None, other: str | None) -> bool:
    """Whether some environment satisfies both markers; None is a marker that always holds.

    Where there are too many combinations to try, the answer is False: better no finding than a wrong one.
    """
    if one is None and other is None:
        return True
    from packaging.markers import Marker

    markers = [Marker(text) for text in (one, other) if text is not None]
    return any(all(marker.evaluate(environment) for marker in markers) for environment in _grid(one, other))


def holds(marker: str, python_version: str | None) -> bool:
    """Whether a marker holds on this platform, with this version of Python when one is given ("3.11")."""
    from packaging.markers import Marker

    environment = {"extra": ""}
    if python_version is not None:
        environment |= {"python_version": python_version, "python_full_version": f"{python_version}.0"}
    return Marker(marker).evaluate(environment)


def _grid(*markers: str | None) -> Iterator[dict[str, str]]:
    """Environments that between them tell apart all that the markers mention."""
    mentioned = _mentioned(*markers)
    axes: list[list[dict[str, str]]] = [_pythons(mentioned)]
    for profiles in (_PLATFORMS, _IMPLEMENTATIONS):
        axes.append(_profiles(profiles, mentioned))
    for name in ("platform_machine", "platform_release", "platform_version", "implementation_version", "extra"):
        values = mentioned.get(name, set())
        if values:
            unlike = "" if name == "extra" else "0.unlike"
            axes.append([{name: value} for value in sorted(values | {unlike})])
    size = 1
    for axis in axes:
        size *= len(axis)
    if size > _LIMIT:
        return
    from itertools import product

    base = {"extra": "", "platform_machine": "x86_64", "platform_release": "6.1", "platform_version": "1"}
    for combination in product(*axes):
        environment = dict(base)
        for part in combination:
            environment |= part
        environment.setdefault("implementation_version", environment["python_full_version"])
        yield environment


def _mentioned(*markers: str | None) -> dict[str, set[str]]:
    """The values that the markers compare each variable with."""
    values: dict[str, set[str]] = {}
    for marker in markers:
        for match in _ITEM.finditer(marker or ""):
            name = (match["left"] or match["right"]).replace(".", "_")
            value = (match["value"] or match["other"])[1:-1]
            values.setdefault(_ALIASES.get(name, name), set()).add(value)
    return values


def _pythons(mentioned: dict[str, set[str]]) -> list[dict[str, str]]:
    """Versions of Python at, just below and just above each one that is mentioned, and one far from all."""
    releases = {(3, 12, 4)}
    for value in mentioned.get("python_version", set()) | mentioned.get("python_full_version", set()):
        for text in re.findall(r"\d+(?:\.\d+)*", value):
            major, minor, micro = [*map(int, text.split(".")), 0, 0][:3]
            releases |= {(major, minor, micro), (major, minor, micro + 1), (major, minor, 99), (major, minor + 1, 0)}
            releases |= {(major + 1, 0, 0)}
            if micro:
                releases |= {(major, minor, micro - 1), (major, minor, 0)}
            if minor:
                releases.add((major, minor - 1, 99))
            elif major:
                releases.add((major - 1, 7, 99))
    return [
        {"python_version": f"{major}.{minor}", "python_full_version": f"{major}.{minor}.{micro}"}
        for major, minor, micro in sorted(releases)
    ]


def _profiles(known: tuple[dict[str, str], ...], mentioned: dict[str, set[str]]) -> list[dict[str, str]]:
    """The known combinations of variables that belong together, and one more for each value that none of them has.

    When none of the variables is mentioned, one combination stands for all.
    """
    names = tuple(known[0])
    if not any(name in mentioned for name in names):
        return [known[0]]
    profiles = list(known)
    for name in names:
        have = {profile[name] for profile in known}
        profiles += [{**known[0], name: value} for value in sorted(mentioned.get(name, set()) - have)]
    return profiles
