"""Specs of conda packages that stand in a file one by one: in environment.yml, and on the lines of a list of packages.

Sources: conda's documentation of package match specifications, and how conda and rattler read them (see
``reqlint.match_spec``).
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.match_spec import parse
from reqlint.model import Dependency, Index, Problem
from reqlint.requirement import InvalidRequirementError
from reqlint.versions import firmness, is_firm_enough

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.match_spec import Quirk
    from reqlint.model import Group, Manifest
    from reqlint.requirement import Requirement
    from reqlint.source import Span

#: What is asked for by its name alone, since its version means nothing or follows from the rest: the interpreter and the
#: installer that everyone has, and packages that only choose between variants of others.
_BY_NAME = frozenset(("python", "pip", "nomkl", "blas", "libblas", "libcblas", "liblapack", "mpi"))

#: What fills in a file before conda reads it: Jinja and its kin.
_TEMPLATE = re.compile(r"\{\{|\{%|<%|\$\{\{")

#: The rule that reports a quirk; the others are read as they look by conda.
_RULES = {
    "dropped-parenthesis": "ignored-text",
    "dropped-brackets": "ignored-text",
    "dropped-namespace": "ignored-text",
    "dropped-condition": "ignored-text",
    "dropped-wildcard": "ignored-text",
    "empty-version": "ignored-text",
    "trailing-dot": "ignored-text",
    "pypi-extra": "ignored-text",
    "trailing-equals": "invalid-requirement",
    "reversed-operator": "invalid-requirement",
    "feature": "invalid-requirement",
}
_HELPS = {
    "dropped-parenthesis": "write the version without the parentheses: `name>=1.2,<2`",
    "dropped-namespace": "write two colons behind a channel: `conda-forge::name`",
    "dropped-condition": "take it out, or list the package in a file for that platform",
    "dropped-wildcard": "write `1.2.*`, or the version without the star",
    "pypi-extra": "list what the extra brings as packages of their own; conda has no extras",
    "reversed-operator": "write `>=` or `<=`",
}
_SPEC = "a spec is `name`, `name=1.2`, `name>=1.2,<2` or `channel::name=1.2`"


def add_spec(
    manifest: Manifest, group: Group, text: str, span: Span, entry: Span, *, plain: bool = True
) -> Dependency | None:
    """Add one match spec as a dependency; returns it, or None when conda refuses it (which is reported).

    ``text``: the spec, without a comment; ``span``: where it stands, half-open, 0-based; ``entry``: what to delete to be
    rid of it; ``plain``: whether the text stands there as it is, unescaped.
    """
    if _TEMPLATE.search(text):
        message = "what is installed depends on a template, so this line is not checked"
        manifest.problems.append(Problem("templated-version", span, message, scope=entry))
        return None
    try:
        parts, quirks = parse(text, span[0] if plain else 0)
    except InvalidRequirementError as error:
        _report_invalid(manifest, text, error, span, entry, plain=plain)
        return None
    dependency = Dependency(
        manifest.source,
        span,
        entry,
        text,
        parts,
        group,
        dialect="conda",
        ecosystem="conda",
        rewritable=plain,
    )
    dependency.redirected = _is_by_name(dependency)
    manifest.dependencies.append(dependency)
    for quirk in quirks:
        _report_quirk(manifest, dependency, quirk, plain=plain)
    channel = parts.channel
    if channel is not None and "://" in channel and parts.channel_span is not None:
        place = parts.channel_span if plain else span
        manifest.indexes.append(Index("channel", channel, place, entry, "::", tool="conda"))
    return dependency


def _is_by_name(dependency: Dependency) -> bool:
    """Whether no more than a name is asked of a requirement: of what the machine is, and of what everyone has."""
    name = dependency.name or ""
    return (name in _BY_NAME or name.startswith("__")) and not is_firm_enough(firmness(dependency), "compatible")


def _report_invalid(
    manifest: Manifest, text: str, error: InvalidRequirementError, span: Span, entry: Span, *, plain: bool
) -> None:
    """Report a spec that conda refuses."""
    where = span
    if plain:
        start = min(span[0] + error.span[0], span[1] - 1)
        where = (start, max(start + 1, min(span[0] + error.span[1], span[1])))
    help_ = _SPEC
    if text.startswith("-"):
        help_ = "options of pip belong in the `pip:` list"
    elif "://" in text or "@" in text:
        help_ = "what comes from a URL belongs in the `pip:` list: `name @ url`"
    manifest.problems.append(
        Problem(
            "invalid-requirement",
            where,
            f"conda cannot read this spec: {error.reason}",
            label="conda stops at this line",
            help=help_,
            scope=entry,
        )
    )


def _report_quirk(manifest: Manifest, dependency: Dependency, quirk: Quirk, *, plain: bool) -> None:
    """Report what conda drops, or reads in another way than it looks."""
    rule = _RULES.get(quirk.kind)
    if rule is None:
        return
    manifest.problems.append(
        Problem(
            rule,
            quirk.span if plain else dependency.span,
            f"{dependency.shown} {quirk.message}",
            label="conda drops this without a word" if rule == "ignored-text" else "not what it looks like",
            help=_HELPS.get(quirk.kind, "take it out"),
            fix=_fix(dependency, quirk) if dependency.rewritable else None,
            scope=dependency.entry,
        )
    )


def _fix(dependency: Dependency, quirk: Quirk) -> Fix | None:
    """What can be done about a quirk; safe when conda installs the same afterwards, or nothing before."""
    text = dependency.source.text
    start, end = quirk.span
    if quirk.kind in ("empty-version", "trailing-equals", "trailing-dot"):
        return Fix(f"Take out the `{text[start:end]}`", [Edit(start, end)])
    if quirk.kind == "reversed-operator":
        return Fix(f"Write `{text[start:end][::-1]}`", [Edit(start, end, text[start:end][::-1])], "unsafe")
    if quirk.kind == "dropped-namespace":
        return Fix("Write two colons", [Edit(end, end, ":")], "unsafe")
    if quirk.kind == "pypi-extra":
        opening, closing = text.rfind("[", dependency.span[0], start), text.find("]", end, dependency.span[1])
        if opening >= 0 and closing >= 0 and not re.search(r"[='\"\[\]]", text[opening + 1 : closing]):
            return Fix("Take out the extras", [Edit(opening, closing + 1)])
    if quirk.kind == "dropped-parenthesis" and not dependency.constraints:
        inner = text[start + 1 : end - 1].strip()
        if _is_version(inner):
            return Fix("Write the version without parentheses", [Edit(start, end, inner)], "unsafe")
    return None


def _is_version(text: str) -> bool:
    """Whether a text behind a name is a version with an operator, and no more."""
    try:
        parts, quirks = parse(f"x{text}")
    except InvalidRequirementError:
        return False
    return text[:1] in "<>=!~" and not quirks and _has_version_only(parts)


def _has_version_only(parts: Requirement) -> bool:
    """Whether a spec holds a version and nothing besides the name."""
    return bool(parts.constraints) and parts.name == "x" and parts.build is None and parts.channel is None
