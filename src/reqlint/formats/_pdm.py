"""``[tool.pdm]``: groups of development dependencies, sources and overrides.

Sources: PDM's documentation of dependencies and of sources, and PDM 2.29, by which the tests judge.

What is not plain to see:

- a group is a list of lines as in a requirements file: ``-e`` and a URL or path, a URL without a name, or PEP 508;
- a group of the name of an extra is dropped without a word, and ``default`` is no name for a group;
- a source called ``pypi`` takes the place of PyPI; one with ``include_packages`` is still asked for all other packages;
- ``${NAME}`` is filled in in dependencies, and in the login of a source's ``url``; in its ``password`` it is not.

All spans are half-open ranges of 0-based code-point offsets into the source's text.
"""

from __future__ import annotations

import re

from reqlint.formats._pep508 import add, report
from reqlint.formats._sources import specifier
from reqlint.formats._tables import Place, by_version, leave_out
from reqlint.formats._tables import add as add_entry
from reqlint.formats._tree import List, Map, Text
from reqlint.model import Dependency, Group, Index, Setting
from reqlint.requirement import (
    Constraint,
    InvalidRequirementError,
    Requirement,
    normalize,
    parse_editable,
    parse_pep508,
    parse_pip,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.formats._tree import Entry, Value
    from reqlint.model import IndexKind, Manifest
    from reqlint.source import Span

_EDITABLE = re.compile(r"-e\s+")
_NAMELESS = re.compile(r"(?:git|hg|svn|bzr)\+|\.{0,2}/|\.\.?$|[a-zA-Z][a-zA-Z0-9+.-]*://|\{root:uri\}", re.IGNORECASE)
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_HOST = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#]*@)?(?P<host>[^/?#]*)")
_VERSION = re.compile(r"v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*[a-zA-Z0-9.+_-]*", re.ASCII)
_SOURCE_KEYS = frozenset(
    "name url username password verify_ssl type ca_certs client_cert client_key include_packages exclude_packages".split()
)


def read(manifest: Manifest, table: Map, document: Map) -> None:
    """Read ``[tool.pdm]``, the ``table``, of a pyproject.toml, the ``document``, into its manifest."""
    _read_groups(manifest, table, document)
    sources = table.list("source")
    for item, entry in zip(sources.items, sources.entries, strict=True) if sources is not None else ():
        if isinstance(item, Map):
            _read_source(manifest, item, entry)
    overrides = table.map("resolution", "overrides")
    for override in overrides.entries.values() if overrides is not None else ():
        _read_override(manifest, override)
    leave_out(manifest, table.get("resolution", "excludes"))
    for path in (("resolution", "allow-prereleases"), ("allow_prereleases",)):
        holder = table.map(*path[:-1])
        if holder is not None and holder.flag(path[-1]):
            found = holder.entries[path[-1]]
            span = (found.key_span[0], found.value.span[1])
            manifest.settings.append(Setting("pre-releases", "", span, found.span, f"{path[-1]} = true"))


def _read_groups(manifest: Manifest, table: Map, document: Map) -> None:
    """``dev-dependencies``: a table of arrays."""
    groups = table.get("dev-dependencies")
    if groups is None:
        return
    if not isinstance(groups, Map):
        report(manifest, groups.span, '`dev-dependencies` must be a table of arrays: `test = ["pytest"]`')
        return
    extras = document.map("project", "optional-dependencies")
    taken = {normalize(name) for name in extras.entries} if extras is not None else set[str]()
    for entry in groups.entries.values():
        name = normalize(entry.key)
        if name in taken:
            message = f"PDM drops this group: there is an extra `{name}`, which it takes in its place"
            report(manifest, entry.key_span, message, rule="ignored-text", scope=entry.span)
        elif name == "default":
            message = "`default` is PDM's name for the project's own dependencies, and none for a group"
            report(manifest, entry.key_span, message, scope=entry.span)
        if not isinstance(entry.value, List):
            report(manifest, entry.value.span, "a group must be an array", scope=entry.span)
            continue
        group = Group("group", "development", entry.key)
        for item, span in zip(entry.value.items, entry.value.entries, strict=True):
            if not isinstance(item, Map):  # `{include-group = "…"}` asks for nothing by itself
                _read_line(manifest, item, span, group)


def _read_line(manifest: Manifest, value: Value, entry: Span, group: Group) -> None:
    """One line of a group."""
    editable = _EDITABLE.match(value.text) if isinstance(value, Text) else None
    if not isinstance(value, Text) or editable is None:
        add(manifest, value, entry, group, parse=_parse)
        return
    text = value.text[editable.end() :].rstrip()
    start = value.inner[0] + editable.end() if value.plain else value.inner[0]
    span = (start, start + len(text)) if value.plain else value.inner
    try:
        parts = parse_editable(text, start if value.plain else 0)
    except InvalidRequirementError as error:
        low, high = start + error.span[0], start + error.span[1]
        where = (low, max(high, low + 1)) if value.plain and high <= span[1] else value.span
        report(manifest, where, f"PDM cannot read this: {error.reason}", scope=entry)
        return
    manifest.dependencies.append(
        Dependency(
            manifest.source, span, entry, text, parts, group, dialect="pep508", editable=True, rewritable=value.plain
        )
    )


def _parse(text: str, base: int) -> Requirement:
    """A line that is not editable: PEP 508, else a URL or a path without a name."""
    return parse_pip(text, base) if _NAMELESS.match(text) else parse_pep508(text, base)


def _read_source(manifest: Manifest, table: Map, entry: Span) -> None:
    """One ``[[tool.pdm.source]]``; PDM stops at a key that it does not know, and without a name."""
    for item in table.entries.values():
        if item.key not in _SOURCE_KEYS:
            right = item.key.replace("-", "_")
            message = f"PDM knows no key `{item.key}` of a source, and stops there"
            help_ = f"write `{right}`" if right in _SOURCE_KEYS else ""
            report(manifest, item.key_span, message, help=help_, scope=item.span)
    name, url, layout = table.text("name"), table.text("url"), table.text("type")
    where = next((item.key_span for item in table.entries.values()), table.span)
    if "name" not in table.entries:
        report(manifest, where, "a source needs a `name`: PDM stops there", scope=entry)
    if url is not None:
        kind: IndexKind = "extra-index"
        if layout is not None and layout.text == "find_links":
            kind = "find-links"
        elif name is not None and name.text == "pypi":
            kind = "index"
        span = url.inner if url.plain else url.span
        called = name.text if name is not None else None
        index = Index(kind, url.text, span, entry, "[[tool.pdm.source]]", tool="pdm", name=called)
        manifest.indexes.append(index)
    if table.flag("verify_ssl") is False:
        setting = table.entries["verify_ssl"]
        match = _HOST.match(url.text) if url is not None else None
        shown = (setting.key_span[0], setting.value.span[1])
        host = match["host"] if match is not None else ""
        manifest.settings.append(Setting("trusted-host", host, shown, setting.span, "verify_ssl = false"))
    password = table.text("password")
    if password is not None:
        _note_password(manifest, table.entries["password"], password, url)


def _note_password(manifest: Manifest, entry: Entry, password: Text, url: Text | None) -> None:
    """Count a password that has a key of its own among the secrets of the file, as it stands in no URL.

    So it is reported, and masked in all that is printed.
    """
    from reqlint.credentials import Credential, is_placeholder
    from reqlint.redaction import in_source

    start, end = password.inner
    found = in_source(manifest.source)
    if is_placeholder(password.text) or any(item.start < end and start < item.end for item in found):
        return
    match = _HOST.match(url.text) if url is not None else None
    found.append(
        Credential(
            kind="password",
            provider="password",
            start=start,
            end=end,
            public=0,
            certain=False,
            place="password",
            host=match["host"].lower() if match is not None else None,
            variable="PASSWORD",
            url=None,
            removal=entry.span if entry.span[0] < entry.span[1] else None,
        )
    )
    found.sort(key=lambda item: item.start)


def _read_override(manifest: Manifest, entry: Entry) -> None:
    """One ``name = "version or URL"`` of ``resolution.overrides``; a bare version is an exact one."""
    value = entry.value
    place = Place.of(entry, manifest.source.text)
    if not isinstance(value, Text):
        report(manifest, value.span, "an override is a version or a URL, in a string", scope=entry.span)
        return
    group = Group("constraint", "input", "tool.pdm.resolution.overrides")
    if _URL.match(value.text):
        parts = Requirement("url", place.name, place.name_span)
        parts.url, parts.url_span = value.text, value.inner
        add_entry(manifest, place, parts, group, dialect="pdm", rewritable=value.plain)
        return
    base = value.inner[0] if value.plain else 0
    try:
        constraints = _constraints(value.text, base)
    except InvalidRequirementError as error:
        low, high = value.inner[0] + error.span[0], value.inner[0] + error.span[1]
        where = (low, high) if value.plain and low < high <= value.inner[1] else value.span
        report(manifest, where, f"this is neither a version nor a URL: {error.reason}", scope=entry.span)
        return
    parts = by_version(place, value, (constraints,))
    add_entry(manifest, place, parts, group, dialect="pdm", rewritable=value.plain)


def _constraints(text: str, base: int) -> tuple[Constraint, ...]:
    """The clauses of an override."""
    version = text.strip()
    if _VERSION.fullmatch(version):
        start = base + len(text) - len(text.lstrip())
        span = (start, start + len(version))
        return (Constraint("", version, span, span, clauses=(("==", version),)),)
    return specifier(text, base)
