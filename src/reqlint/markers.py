"""Whether two environment markers can be true at once, found out by trying the environments that they tell apart.

A marker is evaluated by packaging over a grid: the versions of Python around each one that is mentioned, the platforms that
exist (whose variables belong together), and every other value that is mentioned, with one that is not. Source: the
environment markers of the dependency specifiers specification (PEP 508).
"""

from __future__ import annotations

import re
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.markers import Marker

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
#: One processor goes by other names on other systems: a machine's name -> the systems that never use it.
_UNKNOWN_TO = {
    "aarch64": ("Darwin", "Windows"),
    "arm64": ("Linux",),
    "x86_64": ("Windows",),
    "AMD64": ("Linux", "Darwin", "FreeBSD"),
    "ARM64": ("Linux", "Darwin", "FreeBSD"),
}
_ITEM = re.compile(
    r"\b(?P<left>[a-z_.]+)\s*(?P<op>[<>=!~]=?=?|in\b|not\s+in\b)\s*(?P<value>'[^']*'|\"[^\"]*\")"
    r"|(?P<other>'[^']*'|\"[^\"]*\")\s*(?:[<>=!~]=?=?|in\b|not\s+in\b)\s*(?P<right>[a-z_.]+)"
)
_ALIASES = {"python_implementation": "platform_python_implementation"}
_LIMIT = 5_000


@lru_cache(maxsize=1024)
def can_hold_together(one: str | None, other: str | None) -> bool:
    """Whether some environment satisfies both markers; None is a marker that always holds.

    Where there are too many combinations to try, the answer is False: better no finding than a wrong one.
    """
    if one is None and other is None:
        return True
    from packaging.markers import Marker

    markers = [Marker(text) for text in {one, other} if text is not None]
    return any(all(_is_true(marker, environment) for marker in markers) for environment in _grid(one, other))


def _is_true(marker: Marker, environment: dict[str, str]) -> bool:
    """Whether a marker holds; False when it compares what cannot be compared (`os_name ~= "posix"`) or is not there."""
    try:
        return marker.evaluate(environment)
    except (ValueError, LookupError):  # LookupError: variables that only locks have (`"dev" in dependency_groups`)
        return False


def _grid(*markers: str | None) -> Iterator[dict[str, str]]:
    """Environments that between them tell apart all that the markers mention."""
    mentioned = _mentioned(*markers)
    machines = mentioned.get("platform_machine")
    axes = [
        _pythons(mentioned),
        _platforms(mentioned, every=machines is not None),
        _profiles(_IMPLEMENTATIONS, mentioned),
    ]
    if machines is not None:
        axes.append([{"platform_machine": value} for value in sorted(machines | {"unlike"})])
    for name in ("platform_release", "platform_version", "implementation_version"):
        values = mentioned.get(name)
        if values is not None:
            above = {f"{value}.1" for value in values}
            axes.append([{name: value} for value in sorted(values | above | {"0"})])
    if "extra" in mentioned:
        axes.append([{"extra": value} for value in sorted(mentioned["extra"] | {""})])
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
        if machines and environment["platform_system"] in _UNKNOWN_TO.get(environment["platform_machine"], ()):
            continue
        environment.setdefault("implementation_version", environment["python_full_version"])
        yield environment


def _mentioned(*markers: str | None) -> dict[str, set[str]]:
    """The values that the markers compare each variable with; of a list for `in`, its items too."""
    values: dict[str, set[str]] = {}
    for marker in markers:
        for match in _ITEM.finditer(marker or ""):
            name = (match["left"] or match["right"]).replace(".", "_")
            value = (match["value"] or match["other"])[1:-1]
            found = values.setdefault(_ALIASES.get(name, name), set())
            found.add(value)
            if (match["op"] or "").endswith("in"):
                found.update(item for item in re.split(r"[\s,;|]+", value) if item)
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
        if major > 2 or (major == 2 and minor <= 7)  # there is no 2.8, so nothing lies between 2.7 and 3
    ]


def _platforms(mentioned: dict[str, set[str]], *, every: bool) -> list[dict[str, str]]:
    """The known platforms, and one more for each value that none of them has; one alone when nothing depends on it."""
    names = tuple(_PLATFORMS[0])
    if not every and not any(name in mentioned for name in names):
        return [_PLATFORMS[0]]
    platforms = list(_PLATFORMS)
    have = {name: {platform[name] for platform in _PLATFORMS} for name in names}
    for value in sorted(mentioned.get("sys_platform", set()) - have["sys_platform"]):
        like = next((known for known in _PLATFORMS[:3] if value[:3] == known["sys_platform"][:3]), None)
        platforms.append({**(like or {"os_name": "posix", "platform_system": value.title()}), "sys_platform": value})
    platforms += [
        {"sys_platform": value.lower(), "os_name": "posix", "platform_system": value}
        for value in sorted(mentioned.get("platform_system", set()) - have["platform_system"])
    ]
    platforms += [
        {"sys_platform": value, "os_name": value, "platform_system": value.title()}
        for value in sorted(mentioned.get("os_name", set()) - have["os_name"])
    ]
    return platforms


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
        unknown = sorted(mentioned.get(name, set()) - have)
        profiles += [{names[0]: value.lower(), names[1]: value, name: value} for value in unknown]
    return profiles
