"""Requirements by PEP 508 that stand in strings of a structured file: one string, one dependency."""

from __future__ import annotations

from reqlint.formats._pip_slips import explain
from reqlint.formats._tree import List, Text
from reqlint.model import Dependency, Problem
from reqlint.requirement import InvalidRequirementError, parse_pep508

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reqlint.formats._tree import Value
    from reqlint.model import Group, Manifest
    from reqlint.requirement import Requirement
    from reqlint.source import Span

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
        manifest.problems.append(explain(text, error, where, start if value.plain else None, entry))
        return None
    dependency = Dependency(manifest.source, span, entry, text, parts, group, dialect="pep508", rewritable=value.plain)
    manifest.dependencies.append(dependency)
    return dependency


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
