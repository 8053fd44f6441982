"""``[tool.uv]``, and the same keys in uv.toml: where dependencies come from, what limits them, and the indexes.

Sources: uv's documentation of its settings and of dependencies, and uv 0.13, by which the tests judge.

What is not plain to see:

- a source says where the dependencies of that name come from that this project itself lists (in ``[project]``, an extra, a
  group, ``build-system.requires``, a constraint); what only they need comes from the index, and a source for it is dropped
  without a word, but for the root of a workspace, whose sources count for its members;
- a source that is limited to an extra or a group must name one that is there and lists the dependency;
- uv drops all of ``[tool.uv]``, but for what concerns the project, when it meets a key there that it does not know.

All spans are half-open ranges of 0-based code-point offsets into the source's text.
"""

from __future__ import annotations

from itertools import pairwise

from reqlint.formats._pep508 import add_list, report
from reqlint.formats._sources import REFS, add_source, check_refs, is_name, places
from reqlint.formats._tables import leave_out
from reqlint.formats._tree import List, Map, Text
from reqlint.model import Group, Index, Setting
from reqlint.requirement import InvalidRequirementError, check_marker, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._tables import Place
    from reqlint.formats._tree import Entry, Value
    from reqlint.model import Dependency, IndexKind, Manifest
    from reqlint.source import Span

# The kinds of a source, and which keys may stand beside each.
_EVERYWHERE = frozenset(("subdirectory", "lfs", "marker", "extra", "group"))
_KEYS = {
    "git": frozenset((*REFS, "path")),
    "url": frozenset[str](),
    "path": frozenset(("editable", "package")),
    "index": frozenset[str](),
    "workspace": frozenset(("editable",)),
}
_KNOWN = frozenset((*_KEYS, *_EVERYWHERE, *REFS, "editable", "package"))
_BOOLEANS = frozenset(("lfs", "editable", "package", "workspace"))

#: What people write, and what uv calls it.
_SLIPS = {
    "ref": "rev", "commit": "rev", "sha": "rev", "revision": "rev", "version": "rev", "markers": "marker",
    "env-markers": "marker", "env_markers": "marker", "extras": "extra", "groups": "group", "develop": "editable",
    "directory": "subdirectory", "subdir": "subdirectory", "subfolder": "subdirectory", "file": "path", "source": "index",
    "registry": "index", "github": "git",
}  # fmt: skip

_LIMITS = ("constraint-dependencies", "build-constraint-dependencies", "override-dependencies")
_KEBAB = frozenset(
    (*_LIMITS, "dev-dependencies", "exclude-dependencies", "extra-build-dependencies", "index-url", "extra-index-url",
     "find-links", "no-index", "allow-insecure-host")
)  # fmt: skip


def read(manifest: Manifest, table: Map, document: Map) -> None:
    """Read ``[tool.uv]``, the ``table``, of a pyproject.toml, the ``document``, into its manifest.

    Its own tables must have been read into it already: the sources say where those dependencies come from.
    """
    add_list(manifest, table.get("dev-dependencies"), Group("group", "development", "dev"))
    read_settings(manifest, table, "tool.uv.")
    _Sources(manifest, table, document).read()
    leave_out(manifest, table.get("exclude-dependencies"))


def read_settings(manifest: Manifest, table: Map, prefix: str) -> None:
    """Read what pyproject.toml and uv.toml have in common; ``prefix``: what stands before the keys in names of groups."""
    for key in _LIMITS:
        _read_limits(manifest, table.get(key), Group("constraint", "input", prefix + key))
    _read_extra_build(manifest, table.map("extra-build-dependencies"), prefix)
    _read_indexes(manifest, table, prefix)
    pip = table.map("pip")
    if pip is not None:
        _read_indexes(manifest, pip, f"{prefix}pip.")
    for holder in (table, pip):
        _read_pre_releases(manifest, holder)
    if table.flag("no-index"):
        entry = table.entries["no-index"]
        manifest.settings.append(Setting("no-index", "", _shown(entry), entry.span, "no-index"))
    _read_hosts(manifest, table.get("allow-insecure-host"))
    for entry in table.entries.values():
        right = entry.key.replace("_", "-")
        if right != entry.key and right in _KEBAB:
            message = f"uv does not know the key `{entry.key}`, and drops it"
            report(manifest, entry.key_span, message, rule="ignored-text", help=f"write `{right}`", scope=entry.span)


def _read_limits(manifest: Manifest, value: Value | None, group: Group) -> None:
    """An array of constraints or overrides; a table in it limits an override to one package."""
    if not isinstance(value, List) or not any(isinstance(item, Map) for item in value.items):
        add_list(manifest, value, group)
        return
    strings = List([], [], value.span)
    for item, entry in zip(value.items, value.entries, strict=True):
        if isinstance(item, Map):
            name = item.text("package", "name") or item.text("package")
            within = f"{group.name}.{name.text}" if name is not None else group.name
            add_list(manifest, item.list("dependencies"), Group(group.kind, group.role, within))
        else:
            strings.items.append(item)
            strings.entries.append(entry)
    add_list(manifest, strings, group)


def _read_extra_build(manifest: Manifest, table: Map | None, prefix: str) -> None:
    """``extra-build-dependencies``: for each package, what its build needs besides what it says itself."""
    for entry in table.entries.values() if table is not None else ():
        if not isinstance(entry.value, List):
            continue
        group = Group("build", "build", f"{prefix}extra-build-dependencies.{entry.key}")
        strings = List([], [], entry.value.span)
        for item, span in zip(entry.value.items, entry.value.entries, strict=True):
            strings.items.append(item.get("requirement") or item if isinstance(item, Map) else item)
            strings.entries.append(span)
        add_list(manifest, strings, group)


def _read_indexes(manifest: Manifest, table: Map, prefix: str) -> None:
    """The tables of ``index``, and the older ``index-url``, ``extra-index-url`` and ``find-links``."""
    tables = table.get("index")
    default = False
    if isinstance(tables, List):
        for item, entry in zip(tables.items, tables.entries, strict=True):
            if isinstance(item, Map):
                is_default = item.flag("default") is True
                _read_index(manifest, item, entry, f"[[{prefix}index]]", second=default and is_default)
                default = default or is_default
    url = table.get("index-url")
    if isinstance(url, Text):
        _add_index(manifest, "index", url, table.entries["index-url"].span, "index-url")
    lists: tuple[tuple[str, IndexKind], ...] = (("extra-index-url", "extra-index"), ("find-links", "find-links"))
    for key, kind in lists:
        value = table.get(key)
        if isinstance(value, List):
            for item, entry in zip(value.items, value.entries, strict=True):
                if isinstance(item, Text):
                    _add_index(manifest, kind, item, entry, key)
        elif value is not None:
            report(manifest, value.span, f"`{key}` must be an array of strings", scope=table.entries[key].span)


def _read_index(manifest: Manifest, table: Map, entry: Span, option: str, *, second: bool) -> None:
    """One table of ``index``; ``second``: whether it is one default too many."""
    url = table.text("url")
    where = next((item.key_span for item in table.entries.values()), table.span)
    if url is None:
        if "url" not in table.entries:
            report(manifest, where, "an index needs a `url`: uv refuses the file", scope=entry)
        return
    explicit = table.flag("explicit") is True
    if explicit and "name" not in table.entries:
        message = "an index that is `explicit` needs a `name`, by which sources can ask for it: uv refuses the file"
        report(manifest, table.entries["explicit"].key_span, message, scope=entry)
    if second:
        message = "only one index may be the default: uv refuses the file"
        report(manifest, table.entries["default"].key_span, message, scope=entry)
    kind: IndexKind = "extra-index"
    layout = table.text("format")
    if explicit:
        kind = "explicit-index"
    elif layout is not None and layout.text == "flat":
        kind = "find-links"
    elif table.flag("default"):
        kind = "index"
    _add_index(manifest, kind, url, entry, option, table.text("name"))


def _add_index(
    manifest: Manifest, kind: IndexKind, url: Text, entry: Span, option: str, name: Text | None = None
) -> None:
    """Add an index."""
    span = url.inner if url.plain else url.span
    called = name.text if name is not None else None
    manifest.indexes.append(Index(kind, url.text, span, entry, option, tool="uv", name=called))


def _read_pre_releases(manifest: Manifest, table: Map | None) -> None:
    """``prerelease = "allow"``."""
    value = table.text("prerelease") if table is not None else None
    if table is not None and value is not None and value.text == "allow":
        entry = table.entries["prerelease"]
        setting = Setting("pre-releases", value.text, _shown(entry), entry.span, 'prerelease = "allow"')
        manifest.settings.append(setting)


def _read_hosts(manifest: Manifest, value: Value | None) -> None:
    """``allow-insecure-host``: hosts, maybe with a scheme or a port."""
    if not isinstance(value, List):
        return
    for item, entry in zip(value.items, value.entries, strict=True):
        if isinstance(item, Text):
            host = item.text.rpartition("://")[2].rstrip("/")
            span = item.inner if item.plain else item.span
            manifest.settings.append(Setting("trusted-host", host, span, entry, "allow-insecure-host"))


def _shown(entry: Entry) -> Span:
    """A key and its value."""
    return entry.key_span[0], entry.value.span[1]


class _Source:
    """One source of a dependency.

    ``kind``: one of ``_KEYS``; ``extra`` and ``group``: the one that it is limited to, normalized; ``marker``: as written.
    """

    __slots__ = ("extra", "group", "kind", "marker")

    def __init__(self, kind: str, table: Map) -> None:
        """Take the conditions out of the table."""
        self.kind = kind
        self.extra = _normalized(table.text("extra"))
        self.group = _normalized(table.text("group"))
        marker = table.text("marker")
        self.marker = marker.text.strip() if marker is not None else None

    def applies(self, dependency: Dependency) -> bool:
        """Whether it is meant for a dependency of its name."""
        group = dependency.group
        name = normalize(group.name) if group.name is not None else None
        if self.extra is not None and not (group.kind == "extra" and name == self.extra):
            return False
        if self.group is not None and not (group.kind == "group" and name == self.group):
            return False
        if self.marker is None or dependency.marker is None:
            return True
        from reqlint.markers import can_hold_together

        return can_hold_together(self.marker, dependency.marker)


class _Sources:
    """Reads ``[tool.uv.sources]``."""

    def __init__(self, manifest: Manifest, table: Map, document: Map) -> None:
        self.manifest = manifest
        self.text = manifest.source.text
        self.table = table
        self.document = document
        self.listed: dict[str | None, list[Dependency]] = {}
        for item in manifest.dependencies:
            if item.dialect == "pep508":
                self.listed.setdefault(item.name, []).append(item)
        dynamic = document.list("project", "dynamic")
        names = dynamic.data if dynamic is not None and isinstance(dynamic.data, list) else []
        self.all_known = (
            ("project" in document.entries or "dependency-groups" in document.entries)
            and "dependencies" not in names
            and "optional-dependencies" not in names
            and document.map("tool", "poetry") is None
        )

    def read(self) -> None:
        """Read all sources, and mark the dependencies that they redirect."""
        sources = self.table.get("sources")
        if sources is None:
            return
        if not isinstance(sources, Map):
            report(self.manifest, sources.span, "`sources` must be a table of tables: uv refuses the file")
            return
        seen: dict[str, str] = {}
        for entry in sources.entries.values():
            name = normalize(entry.key)
            if not is_name(entry.key):
                report(self.manifest, entry.key_span, "the key is no name of a package", scope=entry.span)
                continue
            if name in seen:
                message = f"`{seen[name]}` and `{entry.key}` are one name: uv refuses the file"
                report(self.manifest, entry.key_span, message, scope=entry.span)
            seen[name] = entry.key
            self._read_entry(entry, name)

    def _read_entry(self, entry: Entry, name: str) -> None:
        """One key: a source, or an array of them."""
        if isinstance(entry.value, List) and not entry.value.items:
            message = "there must be at least one source: uv refuses the file"
            report(self.manifest, entry.value.span, message, scope=entry.span)
            return
        found = list(self._read_values(entry))
        self._check_apart(found)
        sources = [source for source, _ in found]
        dependencies = self.listed.get(name, [])
        if not dependencies:
            self._report_unused(entry, found)
            return
        for dependency in dependencies:
            meant = [source for source in sources if source.applies(dependency)]
            if meant and all(source.kind != "index" for source in meant):
                whole = any(source.marker in (None, dependency.marker) for source in meant)
                dependency.redirected = whole or len(meant) > 1

    def _read_values(self, entry: Entry) -> Iterator[tuple[_Source, Place]]:
        """The sources of one key that are sound enough to be understood."""
        for place, value in places(entry, self.text):
            if not isinstance(value, Map):
                report(
                    self.manifest,
                    place.span,
                    "a source is a table: `{git = …}`, `{path = …}`, `{index = …}`",
                    scope=place.entry,
                )
                continue
            kind = next((key for key in _KEYS if key in value.entries), None)
            self._check_keys(place, value, kind)
            if kind is None:
                message = "a source needs one of `git`, `url`, `path`, `index` and `workspace`: uv refuses the file"
                report(self.manifest, place.span, message, scope=place.entry)
                continue
            source = _Source(kind, value)
            self._check_conditions(place, value, source)
            self._add(place, value, source)
            yield source, place

    def _add(self, place: Place, table: Map, source: _Source) -> None:
        """Add the dependency that a source is, unless it is the workspace or an index."""
        if source.kind not in ("git", "url", "path"):
            self._check_marker(place, table)
            return
        name = "tool.uv.sources"
        if source.extra is not None:
            name += f".extra.{source.extra}"
        elif source.group is not None:
            name += f".group.{source.group}"
        editable = source.kind == "path" and table.flag("editable") is True
        group = Group("runtime", self.manifest.role, name)
        marker = table.text("marker")
        add_source(self.manifest, place, table, group, tool="uv", dialect="uv", marker=marker, editable=editable)

    def _check_marker(self, place: Place, table: Map) -> None:
        """Report a marker that is none, where no dependency is made of the table."""
        marker = table.text("marker")
        if marker is None:
            return
        try:
            check_marker(marker.text.strip())
        except InvalidRequirementError as error:
            report(self.manifest, marker.span, error.reason, scope=place.entry)

    def _check_keys(self, place: Place, table: Map, kind: str | None) -> None:
        """Report the keys that uv does not take: it refuses the whole file."""
        allowed = _EVERYWHERE | {kind} | _KEYS[kind] if kind is not None else _KNOWN
        if kind == "git" and "path" in table.entries:
            allowed = allowed - {"subdirectory"}
        for key, entry in table.entries.items():
            if key not in _KNOWN:
                slip = _SLIPS.get(key.lower(), _SLIPS.get(key.lower().replace("_", "-"), ""))
                help_ = f"write `{slip}`" if slip else ""
                message = f"uv knows no key `{key}` here, and refuses the file"
                report(self.manifest, entry.key_span, message, help=help_, scope=place.entry)
            elif key not in allowed and not (key in REFS and "git" not in table.entries):
                message = f"`{kind}` and `{key}` exclude each other: uv refuses the file"
                report(self.manifest, entry.key_span, message, scope=place.entry)
            elif isinstance(entry.value.data, bool) is not (key in _BOOLEANS) or (
                key not in _BOOLEANS and not isinstance(entry.value, Text)
            ):
                what = "true or false" if key in _BOOLEANS else "a string"
                report(
                    self.manifest, entry.value.span, f"`{key}` must be {what}: uv refuses the file", scope=place.entry
                )
        check_refs(self.manifest, place, table, "uv")
        if kind == "path" and table.flag("editable") and table.flag("package") is False:
            message = "what is no package cannot be editable: uv refuses the file"
            report(self.manifest, table.entries["package"].key_span, message, scope=place.entry)
        if kind == "workspace" and table.flag("workspace") is False:
            message = "uv knows no `workspace = false`: take the source out"
            report(self.manifest, _shown(table.entries["workspace"]), message, scope=place.entry)

    def _check_conditions(self, place: Place, table: Map, source: _Source) -> None:
        """Report an extra or a group that is not there, or that does not list the dependency: uv stops at either."""
        if source.extra is not None and source.group is not None:
            message = "`extra` and `group` exclude each other: uv refuses the file"
            report(self.manifest, table.entries["group"].key_span, message, scope=place.entry)
            return
        key = "extra" if source.extra is not None else "group"
        wanted = source.extra if source.extra is not None else source.group
        value = table.text(key)
        if wanted is None or value is None or not self.all_known:
            return
        if not is_name(value.text):
            report(self.manifest, value.span, f"this is no name of {_article(key)}", scope=place.entry)
            return
        known, nested = self._members(key)
        if wanted not in known:
            message = f"there is no {_words(key)} `{value.text}`: uv stops there"
            report(self.manifest, value.span, message, scope=place.entry)
        elif wanted not in nested and normalize(place.name) not in known[wanted]:
            message = f"the {_words(key)} `{value.text}` does not list `{place.name}`: uv stops there"
            report(self.manifest, value.span, message, scope=place.entry)

    def _members(self, kind: str) -> tuple[dict[str, set[str | None]], set[str]]:
        """The names in each extra or group that there is, and those groups that include another one."""
        path = ("project", "optional-dependencies") if kind == "extra" else ("dependency-groups",)
        table = self.document.map(*path)
        known: dict[str, set[str | None]] = {}
        nested: set[str] = set()
        for entry in table.entries.values() if table is not None else ():
            known.setdefault(normalize(entry.key), set())
            if isinstance(entry.value, List) and any(isinstance(item, Map) for item in entry.value.items):
                nested.add(normalize(entry.key))
        if kind == "group" and "dev-dependencies" in self.table.entries:
            known.setdefault("dev", set())
        for item in self.manifest.dependencies:
            if item.group.kind == kind and item.group.name is not None and item.dialect == "pep508":
                known.setdefault(normalize(item.group.name), set()).add(item.name)
        return known, nested

    def _check_apart(self, found: list[tuple[_Source, Place]]) -> None:
        """Of several sources, no two may count at once: markers, extras or groups must keep them apart."""
        for (one, _), (other, place) in pairwise(found):
            if (one.extra, one.group) != (other.extra, other.group):
                continue
            if one.marker is None or other.marker is None:
                message = "of several sources, each needs a `marker` that says when it counts: uv refuses the file"
            elif one.marker == other.marker:
                message = "two sources have the same marker: uv refuses the file"
            else:
                continue
            report(self.manifest, place.span, message, scope=place.entry)

    def _report_unused(self, entry: Entry, found: list[tuple[_Source, Place]]) -> None:
        """Report a source for what the project does not list, which uv drops without a word."""
        if not found or not self.all_known or self.table.map("workspace") is not None:
            return
        if any(source.extra is not None or source.group is not None for source, _ in found):
            return  # reported already: uv stops there
        message = f"uv drops this source: the project itself does not list `{entry.key}`"
        help_ = "a source counts only for what the project lists; list it, or take the source out"
        report(self.manifest, entry.key_span, message, rule="ignored-text", help=help_, scope=entry.span)


def _normalized(text: Text | None) -> str | None:
    """The normalized form of a name, if there is one."""
    return normalize(text.text) if text is not None else None


def _words(kind: str) -> str:
    """What an extra and a group are called."""
    return "extra" if kind == "extra" else "dependency group"


def _article(kind: str) -> str:
    """The same with an article."""
    return f"an {_words(kind)}" if kind == "extra" else f"a {_words(kind)}"
