"""Requirements by PEP 508 that stand in strings of a structured file: one string, one dependency."""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.formats._pip_slips import explain
from reqlint.formats._tree import List, Text
from reqlint.model import Dependency, Problem
from reqlint.requirement import InvalidRequirementError, parse_pep508, parse_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reqlint.formats._tree import Value
    from reqlint.model import Group, Manifest
    from reqlint.requirement import Requirement
    from reqlint.source import Span

_URL = re.compile(r"(?:[a-z]+\+)?(?:[a-z]{2,}://|git@)\S", re.IGNORECASE)

#: Extras and groups that only developers install: nothing is asked of their versions.
DEVELOPMENT_NAMES = frozenset(
    "all dev devel develop development test tests testing doc docs documentation lint linting typing types type-check "
    "format style ci qa check checks coverage cov bench benchmark benchmarks release examples tutorial".split()
)


def add_list(
    manifest: Manifest, value: Value | None, group: Group, *, parse: Callable[[str, int], Requirement] = parse_pep508
) -> None:
    """Add each string of an array as a dependency of a group; what is no string is reported."""
    if value is None:
        return
    if not isinstance(value, List):
        report(manifest, value.span, "this must be an array of strings")
        return
    for item, entry in zip(value.items, value.entries, strict=True):
        add(manifest, item, entry, group, parse=parse)


def add(
    manifest: Manifest,
    value: Value,
    entry: Span,
    group: Group,
    *,
    parse: Callable[[str, int], Requirement] = parse_pep508,
) -> Dependency | None:
    """Add one string as a dependency; returns it, or None when it is refused (and reported)."""
    if not isinstance(value, Text):
        report(manifest, value.span, "a requirement must be a string", scope=entry)
        return None
    text = value.text.strip()
    if not text:
        report(manifest, value.span, "an empty string is no requirement", scope=entry)
        return None
    lead = len(value.text) - len(value.text.lstrip())
    start = value.inner[0] + lead
    span = (start, start + len(text)) if value.plain else value.inner
    try:
        parts = parse(text, start if value.plain else 0)
    except InvalidRequirementError as error:
        where = (start + error.span[0], start + max(error.span[1], error.span[0] + 1)) if value.plain else span
        where = (min(where[0], span[1]), min(where[1], span[1])) if where[0] < span[1] else span
        place = start if value.plain else None
        nameless = _nameless(text, span, place, entry) if _URL.match(text) else None
        manifest.problems.append(nameless or explain(text, error, where, place, entry))
        return None
    dependency = Dependency(manifest.source, span, entry, text, parts, group, dialect="pep508", rewritable=value.plain)
    manifest.dependencies.append(dependency)
    return dependency


def _nameless(text: str, span: Span, place: int | None, entry: Span) -> Problem | None:
    """What to say of a URL that pip would take, and PEP 508 does not, for want of a name; None for other texts.

    ``span``: where it stands; ``place``: the offset of the text when it can be rewritten. The name is written in front of
    the URL where `#egg=` or the file name of a wheel tells it.
    """
    try:
        parts = parse_pip(text)
    except InvalidRequirementError:
        return None
    if parts.kind not in ("url", "scp") or parts.url is None:
        return None
    fix, help_ = None, "write `name @ url`"
    cut = (0, 0)
    if parts.egg_span is not None:
        low, high = parts.egg_span[0] - len("egg="), parts.egg_span[1]
        cut = (low, high + 1) if text[high : high + 1] == "&" else (low - 1, high)
    if place is not None and parts.name is not None and parts.kind == "url":
        extras = f"[{','.join(parts.extras)}]" if parts.extras else ""
        lead = f"{parts.name}{extras} @ "
        url = parts.url[: cut[0]] + parts.url[cut[1] :]
        if _means(f"{lead}{text[: cut[0]]}{text[cut[1] :]}", parts, url):
            edits = [Edit(place, place, lead)]
            edits += [Edit(place + cut[0], place + cut[1])] if cut[1] else []
            fix, help_ = Fix(f"Write `{lead}` before it", edits), f"`--fix` writes `{lead}` before it"
    return Problem(
        "invalid-requirement",
        span,
        "a URL needs a name before it",
        label="only pip, in a requirements file, reads this",
        help=help_,
        fix=fix,
        scope=entry,
    )


def _means(text: str, wish: Requirement, url: str) -> bool:
    """Whether a text is read by PEP 508 as the name, extras and marker of a requirement, and this URL."""
    try:
        parts = parse_pep508(text)
    except InvalidRequirementError:
        return False
    return (parts.name, parts.extras, parts.marker, parts.url) == (wish.name, wish.extras, wish.marker, url)


def report(
    manifest: Manifest,
    span: Span,
    message: str,
    *,
    rule: str = "invalid-requirement",
    help: str = "",  # noqa: A002 - as in a Diagnostic
    scope: Span | None = None,
) -> None:
    """Note a problem of the manifest."""
    manifest.problems.append(Problem(rule, span, message, help=help, scope=scope))


def reaches(start: str, goal: str, graph: Mapping[str, Iterable[str]]) -> bool:
    """Whether following the includes (of groups by name, for instance) from one leads to another, or is there already."""
    pending, seen = [start], set()
    while pending:
        name = pending.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            pending.extend(graph.get(name, ()))
    return False
