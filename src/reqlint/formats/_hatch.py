"""``[tool.hatch]``, and the same keys in hatch.toml: environments, what builds need, and sources.

Sources: Hatch's documentation of environments, of build configuration and of context formatting; Hatch 1.18 and hatchling
1.33, by which the tests judge.

What is not plain to see:

- what stands in braces (``{root:uri}``, ``{env:NAME:default}``, ``{matrix:version}``) is filled in before the text is read,
  so that a version or a URL may be known only then;
- overrides count only under a condition (a value of the matrix, a platform, a variable), and exclude each other for the
  most part, so each of them is a group of its own;
- a source that is a mere string is a path, and a path is editable unless it says otherwise.

All spans are half-open ranges of 0-based code-point offsets into the source's text.
"""

from __future__ import annotations

import re

from reqlint.formats._pep508 import add, report
from reqlint.formats._sources import add_source, check_refs, places
from reqlint.formats._tables import add as add_entry
from reqlint.formats._tree import List, Map, Text
from reqlint.model import Group
from reqlint.requirement import Constraint, InvalidRequirementError, Requirement, normalize, parse_pep508

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.formats._tables import Place
    from reqlint.formats._tree import Value
    from reqlint.model import Manifest
    from reqlint.source import Span

_FIELD = re.compile(r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}")
_OPTIONS = ("dependencies", "extra-dependencies")
_KINDS = ("path", "git", "url", "index", "workspace")


def read(manifest: Manifest, table: Map, document: Map) -> None:
    """Read ``[tool.hatch]``, the ``table``, of a pyproject.toml, the ``document``, into its manifest.

    A project that allows itself direct references is none that PyPI would take.
    """
    read_settings(manifest, table)
    if table.flag("metadata", "allow-direct-references"):
        manifest.publishable = False


def read_settings(manifest: Manifest, table: Map) -> None:
    """Read what pyproject.toml and hatch.toml have in common."""
    environments = table.map("envs")
    for entry in environments.entries.values() if environments is not None else ():
        if isinstance(entry.value, Map):
            _read_environment(manifest, entry.value, entry.key, table)
    if environments is None or "default" not in environments.entries:
        _read_sources(manifest, table.map("sources"), "default")
    build = table.map("build")
    if build is not None:
        _read_build(manifest, build)


def _read_environment(manifest: Manifest, table: Map, name: str, root: Map) -> None:
    """One environment: its dependencies, those under conditions, and the sources of all of them."""
    label = f"envs.{name}"
    begin = len(manifest.dependencies)
    for option in _OPTIONS:
        _read_list(manifest, table.get(option), Group("group", "development", label))
    overrides = table.map("overrides")
    for kind in overrides.entries.values() if overrides is not None else ():
        for condition in kind.value.entries.values() if isinstance(kind.value, Map) else ():
            for option in _OPTIONS if isinstance(condition.value, Map) else ():
                for key in (option, f"set-{option}"):
                    _read_override(manifest, condition.value, key, f"{label}.overrides.{kind.key}.{condition.key}")
    end = len(manifest.dependencies)
    redirected = _read_sources(manifest, table.map("sources"), name)
    if name == "default":
        redirected |= _read_sources(manifest, root.map("sources"), name)
    for dependency in manifest.dependencies[begin:end]:
        dependency.redirected = dependency.name in redirected


def _read_override(manifest: Manifest, table: Value, key: str, label: str) -> None:
    """An array of strings, and of tables with a ``value`` and the conditions under which it counts."""
    value = table.get(key) if isinstance(table, Map) else None
    if value is None:
        return
    if not isinstance(value, List):
        report(manifest, value.span, "this must be an array of strings and tables")
        return
    for item, entry in zip(value.items, value.entries, strict=True):
        if not isinstance(item, Map):
            _read_item(manifest, item, entry, Group("group", "development", label))
            continue
        inner = item.get("value")
        if inner is None:
            message = "a table in an override has a `value`, and the conditions under which it counts"
            report(manifest, item.span, message, scope=entry)
            continue
        terms = [
            f"{name}={','.join(map(str, held.value.data)) if isinstance(held.value.data, list) else held.value.data}"
            for name, held in item.entries.items()
            if name != "value"
        ]
        _read_item(manifest, inner, entry, Group("group", "development", " ".join([label, *terms])))


def _read_build(manifest: Manifest, build: Map) -> None:
    """What builds need, besides ``build-system.requires``: all of them, those of one target, and the hooks of either."""
    group = Group("build", "build")
    _read_list(manifest, build.get("dependencies"), group, templates=False)
    tables = [build]
    targets = build.map("targets")
    for entry in targets.entries.values() if targets is not None else ():
        if isinstance(entry.value, Map):
            _read_list(
                manifest,
                entry.value.get("dependencies"),
                Group("build", "build", f"build.targets.{entry.key}"),
                templates=False,
            )
            tables.append(entry.value)
    for table in tables:
        hooks = table.map("hooks")
        for entry in hooks.entries.values() if hooks is not None else ():
            if isinstance(entry.value, Map):
                _read_list(
                    manifest,
                    entry.value.get("dependencies"),
                    Group("build", "build", f"build.hooks.{entry.key}"),
                    templates=False,
                )


def _read_list(manifest: Manifest, value: Value | None, group: Group, *, templates: bool = True) -> None:
    """An array of requirements."""
    if value is None:
        return
    if not isinstance(value, List):
        report(manifest, value.span, "this must be an array of strings")
        return
    for item, entry in zip(value.items, value.entries, strict=True):
        if templates:
            _read_item(manifest, item, entry, group)
        else:
            add(manifest, item, entry, group)


def _read_item(manifest: Manifest, value: Value, entry: Span, group: Group) -> None:
    """One requirement; one of which too little is known before it is filled in is passed over."""
    if isinstance(value, Text) and _FIELD.search(value.text):
        try:
            parse_templated(value.text.strip())
        except InvalidRequirementError:
            return
    add(manifest, value, entry, group, parse=parse_templated)


def parse_templated(text: str, base: int = 0) -> Requirement:
    """Split a dependency specifier (PEP 508) in which fields in braces are yet to be filled in.

    Each part that holds one is kept as written, and a version that does is templated; raises InvalidRequirementError.
    """
    if "{" not in text:
        return parse_pep508(text, base)
    parts = parse_pep508(_FIELD.sub(_as_variable, text), base)

    def written(span: Span) -> str:
        return text[span[0] - base : span[1] - base]

    parts.constraints = tuple(
        Constraint(
            clause.operator,
            written(clause.version_span),
            clause.span,
            clause.version_span,
            templated=clause.templated,
            clauses=None if clause.templated else (),
        )
        for clause in parts.constraints
    )
    if parts.url_span is not None:
        parts.url = written(parts.url_span)
    if parts.marker_span is not None:
        parts.marker = written(parts.marker_span)
    return parts


def _as_variable(match: re.Match[str]) -> str:
    """A variable of the same length, in the notation that the parser of requirements knows."""
    length = len(match[0])
    return "${" + "x" * (length - 3) + "}" if length > 2 else match[0]


def _read_sources(manifest: Manifest, sources: Map | None, environment: str) -> set[str | None]:
    """A table of sources; returns the names of what comes from elsewhere than an index."""
    redirected: set[str | None] = set()
    group = Group("group", "development", f"envs.{environment}.sources")
    for entry in sources.entries.values() if sources is not None else ():
        for place, value in places(entry, manifest.source.text):
            if isinstance(value, Text) and value.text:
                parts = Requirement("path", place.name, place.name_span)
                parts.url, parts.url_span = value.text, value.inner
                add_entry(manifest, place, parts, group, dialect="hatch", editable=True, rewritable=value.plain)
            elif not isinstance(value, Map):
                report(
                    manifest, value.span, "a source is a path, or a table: `{git = …}`, `{path = …}`", scope=place.entry
                )
                continue
            else:
                _read_source(manifest, place, value, group)
                if "index" in value.entries:
                    continue
            redirected.add(normalize(entry.key))
    return redirected


def _read_source(manifest: Manifest, place: Place, table: Map, group: Group) -> None:
    """One source, which is of exactly one kind."""
    kinds = [key for key in _KINDS if key in table.entries]
    if len(kinds) != 1:
        message = "a source has exactly one of `path`, `git`, `url`, `index` and `workspace`: Hatch stops there"
        report(manifest, place.span, message, scope=place.entry)
        return
    if kinds[0] == "git":
        check_refs(manifest, place, table, "Hatch")
    editable = kinds[0] == "path" and table.flag("editable") is not False
    add_source(manifest, place, table, group, tool="Hatch", dialect="hatch", editable=editable)
