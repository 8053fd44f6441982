"""``[tool.poetry]``: dependencies, groups and sources, as Poetry 2 reads them.

Sources: Poetry's documentation of pyproject.toml and of dependency specification, and poetry-core 2.5, by whose schema and
behaviour the tests judge.

What is not plain to see:

- with static dependencies in ``[project]`` (or in the ``[dependency-groups]`` of the same name), Poetry's own entries only
  say where those come from; an entry of another name is dropped without a word;
- of ``branch``, ``tag`` and ``rev`` the first that is there wins in this order, and a ref glued to the URL is dropped;
- ``python`` is the interpreter, in every group and in any case.
"""

from __future__ import annotations

import re

from reqlint.formats._pep508 import DEVELOPMENT_NAMES, reaches, report
from reqlint.formats._tables import Place, add, all_plain, by_vcs, by_version, join_markers, texts, without_version
from reqlint.formats._tree import List, Map, Text
from reqlint.model import Group, Index
from reqlint.poetry_constraint import parse as parse_constraint
from reqlint.requirement import InvalidRequirementError, Requirement, check_marker, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reqlint.formats._tree import Entry, Value
    from reqlint.model import Dependency, IndexKind, Manifest
    from reqlint.requirement import Constraint, Vcs
    from reqlint.source import Span

_REFS = {"branch": "branch", "tag": "tag", "rev": ""}

# The keys that poetry-core's schema allows, by the key that says what kind of table it is, and the type of each.
_CONDITIONS = frozenset(("python", "platform", "markers"))
_COMMON = _CONDITIONS | {"optional", "extras"}
_PRE_RELEASES = frozenset(("allow-prereleases", "allows-prereleases"))
_KEYS = {
    "git": _COMMON | _PRE_RELEASES | {"git", "branch", "tag", "rev", "subdirectory", "develop"},
    "file": _COMMON | {"file", "subdirectory"},
    "path": _COMMON | {"path", "subdirectory", "develop"},
    "url": _COMMON | {"url", "subdirectory"},
    "version": _COMMON | _PRE_RELEASES | {"version", "source"},
    "": _CONDITIONS | {"allow-prereleases", "source", "develop"},
}
_BOOLEANS = _PRE_RELEASES | {"optional", "develop"}

#: What people write, and what Poetry calls it.
_SLIPS = {
    "ref": "rev", "commit": "rev", "sha": "rev", "revision": "rev", "marker": "markers", "extra": "extras",
    "editable": "develop", "repository": "source", "index": "source", "registry": "source", "pre": "allow-prereleases",
    "allow_prereleases": "allow-prereleases", "prereleases": "allow-prereleases", "directory": "subdirectory",
    "subdir": "subdirectory", "versions": "version", "platforms": "platform", "github": "git", "hg": "git",
}  # fmt: skip

_NAME = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_REQUIREMENT_IN_KEY = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(?P<rest>\[.*\]|[<>=!~^].*)", re.ASCII)

# What poetry-core takes for the URL of a repository, and what it drops of it (poetry.core.vcs.git.PATTERNS).
_USER, _PATH, _FILE = r"[^/?#:@<>\[\]|]+", r"[%\w~.\-+/\\$]", r"[%\w~.\-]"
_TAIL = (
    r"(?P<tail>#(?:egg=.+?&)?subdirectory=[\w\-/\\]+|#egg=?.+"
    r"|[@#](?P<rev>[^@#]+?)(?:[&#](?:(?:egg=.+?&)?subdirectory=[\w\-/\\]+|egg=.+?))?)?$"
)
_GIT_URLS = tuple(
    re.compile(pattern + _TAIL)
    for pattern in (
        rf"(?:git\+)?(?:git|ssh|rsync|file)://(?:{_USER}@)?[\w.-]*(?::\d+)?[:/\\](?:{_PATH}+[/\\])?(?:{_FILE}+[/\\]?)?",
        rf"(?:git\+)?https?://(?:{_USER}(?::[^/?#:@<>\[\]|]*)?@)?[\w.-]*(?::\d+)?[:/\\](?:{_PATH}+[/\\])?(?:{_FILE}+[/\\]?)?",
        rf"(?:git\+)?\w+://(?:{_USER}@)?[a-zA-Z0-9_.-]+:?(?::\d+)?{_PATH}+{_FILE}/?",
        rf"(?:{_USER}@)?[a-zA-Z0-9_.-]+(?::\d+)?[:/]{_PATH}+/{_FILE}+/?",
    )
)
_WEB_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]")
_PLATFORM = re.compile(r"(?P<op>!=|==?=?)?\s*(?P<value>[^\"'|,]+?)\s*")
_PLATFORM_IN = re.compile(r"""(?P<quote>['"])(?P<value>[^"'\\]+)(?P=quote)\s*(?P<op>not\sin|in)""", re.IGNORECASE)


def read(manifest: Manifest, table: Map, document: Map) -> None:
    """Read ``[tool.poetry]``, the ``table``, of a pyproject.toml, the ``document``, into its manifest."""
    _Reader(manifest, table, document).read()


class _Reader:
    """Reads one ``[tool.poetry]``."""

    def __init__(self, manifest: Manifest, table: Map, document: Map) -> None:
        self.manifest = manifest
        self.text = manifest.source.text
        self.table = table
        self.document = document
        self.extras: dict[str, list[str]] = {}  # by the name of a dependency, the extras that it belongs to

    def read(self) -> None:
        """Read all that says what is installed."""
        self._read_extras()
        self._read_main()
        development = self.table.get("dev-dependencies")
        if development is not None:
            group = Group("group", "development", "dev")
            self._read_table(development, "dev-dependencies", lambda _entry, _value: group)
        self._read_groups()
        self._read_sources()

    def _read_extras(self) -> None:
        """``[tool.poetry.extras]``: which optional dependencies each extra brings."""
        extras = self.table.map("extras")
        for entry in extras.entries.values() if extras is not None else ():
            for name in texts(entry.value):
                self.extras.setdefault(normalize(name), []).append(entry.key)

    def _read_main(self) -> None:
        """``[tool.poetry.dependencies]``."""
        table = self.table.get("dependencies")
        if table is None:
            return
        static = [
            item
            for item in self.manifest.dependencies
            if item.dialect == "pep508" and item.group.kind in ("runtime", "extra")
        ]
        if not static and not _has_items(self.document, "project", "dependencies"):
            self._read_table(table, "dependencies", self._main_group)
            return
        dynamic = texts(self.document.get("project", "dynamic"))
        mixed = "dependencies" in dynamic or "optional-dependencies" in dynamic
        optional: bool | None = None
        if mixed and all(item.group.kind == "extra" for item in static):
            optional = False
        elif mixed and all(item.group.kind == "runtime" for item in static):
            optional = True

        def is_own(value: Value) -> bool:
            return optional is not None and _is_optional(value) is optional

        self._read_enriching(table, "dependencies", static, "[project]", is_own, self._main_group)

    def _main_group(self, entry: Entry, value: Value) -> Group:
        """The group of an entry: an optional dependency belongs to the extras that list it."""
        role = self.manifest.role
        extras = self.extras.get(normalize(entry.key), ())
        if not _is_optional(value) or not extras:
            return Group("runtime", role)
        development = all(normalize(extra) in DEVELOPMENT_NAMES for extra in extras)
        return Group("extra", "development" if development else role, extras[0])

    def _read_groups(self) -> None:
        """``[tool.poetry.group.<name>]``: dependencies, and other groups that it includes."""
        groups = self.table.get("group")
        if groups is None:
            return
        if not isinstance(groups, Map):
            report(self.manifest, groups.span, "`group` must be a table of tables")
            return
        standard = self.document.map("dependency-groups")
        spelled = {normalize(name): name for name in (standard.entries if standard is not None else ())}
        includes: dict[str, list[Text]] = {}
        for entry in groups.entries.values():
            name = normalize(entry.key)
            other = spelled.setdefault(name, entry.key)
            if other != entry.key:
                message = f"the groups `{other}` and `{entry.key}` are one and the same after normalization"
                report(self.manifest, entry.key_span, message, scope=entry.span)
            if not isinstance(entry.value, Map):
                report(self.manifest, entry.value.span, "a group is a table with `dependencies`", scope=entry.span)
                continue
            self._check_group(entry, entry.value)
            table = entry.value.get("dependencies")
            if table is not None:
                self._read_group(entry.key, table)
            value = entry.value.get("include-groups")
            items = value.items if isinstance(value, List) else []
            includes[name] = [item for item in items if isinstance(item, Text)]
        self._check_includes(includes, {*spelled, "main"})

    def _read_group(self, name: str, table: Value) -> None:
        """The dependencies of one group, which may have some in ``[dependency-groups]`` already."""
        group = Group("group", "development", name)
        static = [
            item
            for item in self.manifest.dependencies
            if item.group.kind == "group"
            and item.dialect == "pep508"
            and normalize(item.group.name or "") == normalize(name)
        ]
        where = f"group.{name}.dependencies"
        if static:
            self._read_enriching(
                table, where, static, "[dependency-groups]", lambda _: False, lambda _entry, _value: group
            )
        else:
            self._read_table(table, where, lambda _entry, _value: group)

    def _check_group(self, entry: Entry, table: Map) -> None:
        """Refuse what poetry-core's schema refuses."""
        known = ("dependencies", "include-groups", "optional")
        for item in table.entries.values():
            if item.key not in known:
                message = f"a group has no `{item.key}`: Poetry refuses the file"
                help_ = f"the dependencies of a group stand in `[tool.poetry.group.{entry.key}.dependencies]`"
                report(self.manifest, item.key_span, message, help=help_, scope=item.span)
        if not table.entries:
            report(
                self.manifest,
                entry.key_span,
                f"the group `{entry.key}` is empty: Poetry refuses the file",
                scope=entry.span,
            )

    def _check_includes(self, includes: dict[str, list[Text]], known: set[str]) -> None:
        """Report groups that include one that is not there, or themselves."""
        graph = {name: [normalize(text.text) for text in items] for name, items in includes.items()}
        for name, items in includes.items():
            for text in items:
                target = normalize(text.text)
                if target not in known:
                    message = f"there is no group `{text.text}`"
                    report(self.manifest, text.inner, message, rule="missing-include", scope=text.span)
                elif reaches(target, name, graph):
                    message = f"the group `{text.text}` includes this one in turn"
                    report(self.manifest, text.inner, message, rule="missing-include", scope=text.span)

    def _read_table(self, table: Value, where: str, group: Callable[[Entry, Value], Group]) -> None:
        """Read the entries of a table of dependencies."""
        for entry in self._entries(table, where):
            for place, value in self._values(entry):
                self._read_one(place, value, group(entry, value))

    def _read_enriching(
        self,
        table: Value,
        where: str,
        static: list[Dependency],
        elsewhere: str,
        is_own: Callable[[Value], bool],
        group: Callable[[Entry, Value], Group],
    ) -> None:
        """Read the entries of a table beside ``static`` dependencies that stand elsewhere.

        An entry with a repository, a path or a URL is where one of those comes from, and is read as a dependency too.
        """
        named: dict[str | None, list[Dependency]] = {}
        for item in static:
            named.setdefault(item.name, []).append(item)
        for entry in self._entries(table, where):
            twins = named.get(normalize(entry.key), [])
            for place, value in self._values(entry):
                if is_own(value):
                    self._read_one(place, value, group(entry, value))
                elif not twins:
                    message = (
                        f"Poetry drops this entry: `{elsewhere}` says what is needed, and `{entry.key}` is not there"
                    )
                    report(self.manifest, place.span, message, rule="ignored-text", scope=place.entry)
                else:
                    self._enrich(place, value, twins)

    def _enrich(self, place: Place, value: Value, twins: list[Dependency]) -> None:
        """Read an entry that says where dependencies of the same name come from."""
        role = twins[0].group.role
        group = Group("runtime", role, "tool.poetry") if twins[0].group.kind != "group" else twins[0].group
        count = len(self.manifest.dependencies)
        dependency = self._read_one(place, value, group)
        if dependency is None:
            return
        if dependency.kind == "name":
            del self.manifest.dependencies[count:]
            return
        for twin in twins:
            twin.redirected = True

    def _entries(self, table: Value, where: str) -> Iterator[Entry]:
        """The entries of a table of dependencies, but for ``python``."""
        if not isinstance(table, Map):
            report(self.manifest, table.span, f'`{where}` must be a table: `name = "version"`')
            return
        for entry in table.entries.values():
            if entry.key.lower() == "python":
                if where == "dependencies" and isinstance(entry.value, Text):
                    self._take_python(self._constraint(entry.value, Place.of(entry, self.text)))
                continue
            if _NAME.fullmatch(entry.key):
                yield entry
                continue
            slip = _REQUIREMENT_IN_KEY.fullmatch(entry.key)
            help_ = ""
            if slip is not None:
                key = "extras" if slip["rest"].startswith("[") else "version"
                help_ = f"write `{slip['name']} = {{{key} = …}}`"
            report(self.manifest, entry.key_span, "the key is no name of a package", help=help_, scope=entry.span)

    def _take_python(self, alternatives: tuple[tuple[Constraint, ...], ...] | None) -> None:
        """The Pythons that the project is for, within those of ``[project]``; a choice of ranges is none of PEP 440."""
        if alternatives is None or len(alternatives) != 1:
            return
        clauses = [operator + version for part in alternatives[0] for operator, version in part.clauses or ()]
        self.manifest.python = ",".join(filter(None, (self.manifest.python, *clauses))) or None

    def _values(self, entry: Entry) -> Iterator[tuple[Place, Value]]:
        """The value of an entry with its place, or each of them when it has several."""
        place = Place.of(entry, self.text)
        if not isinstance(entry.value, List):
            yield place, entry.value
            return
        if not entry.value.items:
            report(
                self.manifest, place.span, f"Poetry needs at least one constraint for `{entry.key}`", scope=entry.span
            )
        alone = len(entry.value.items) == 1
        for item, span in zip(entry.value.items, entry.value.entries, strict=True):
            whole = place.entry if alone else span
            yield (
                Place(
                    place.name, place.name_span, _shown(self.text, item), whole, self.text, whole=whole[0] < whole[1]
                ),
                item,
            )

    def _read_one(self, place: Place, value: Value, group: Group) -> Dependency | None:
        """Add what one value asks for; None when it is refused (and reported)."""
        if isinstance(value, Text):
            alternatives = self._constraint(value, place)
            if alternatives is None:
                return None
            parts = by_version(place, value, alternatives)
            return add(self.manifest, place, parts, group, dialect="poetry", rewritable=value.plain)
        if not isinstance(value, Map):
            message = f"`{place.name}` must be a version or a table"
            report(self.manifest, value.span, message, scope=place.entry)
            return None
        return self._read_long(place, value, group)

    def _read_long(self, place: Place, table: Map, group: Group) -> Dependency | None:
        """Add what a table asks for."""
        kind = next((key for key in ("git", "file", "path", "url", "version") if key in table.entries), "")
        if not self._check_keys(place, table, kind):
            return None
        vcs: Vcs | None = None
        editable = bool(table.flag("develop")) and kind in ("git", "path")
        rewritable = all_plain(table, kind)
        parts: Requirement | None
        if kind == "git":
            parts, vcs = self._from_git(place, table)
            rewritable = all_plain(table, "git", *_REFS) and sum(table.text(key) is not None for key in _REFS) < 2
        elif kind in ("file", "path", "url"):
            parts = self._from_file(place, table, kind)
        elif kind == "version":
            version = table.text("version")
            alternatives = self._constraint(version, place) if version is not None else None
            parts = (
                by_version(place, version, alternatives) if version is not None and alternatives is not None else None
            )
        else:
            parts = without_version(place, table)
            rewritable = parts.slot is not None and "develop" not in table.entries  # Poetry takes no version beside it
        self._take_conditions(parts or Requirement("name"), place, table)
        if parts is None:
            return None
        parts.extras = texts(table.get("extras"))
        return add(
            self.manifest, place, parts, group, dialect="poetry", vcs=vcs, editable=editable, rewritable=rewritable
        )

    def _check_keys(self, place: Place, table: Map, kind: str) -> bool:
        """Report keys that Poetry refuses or drops; false when the table cannot be read for what it is."""
        known = _KEYS[kind]
        sound = True
        for entry in table.entries.values():
            key, value = entry.key, entry.value
            if key not in known:
                self._report_key(place, entry, kind)
            elif key in _BOOLEANS:
                if not isinstance(value.data, bool):
                    report(self.manifest, value.span, f"`{key}` must be true or false", scope=place.entry)
            elif key == "extras":
                if not isinstance(value, List) or len(texts(value)) < len(value.items):
                    report(self.manifest, value.span, "`extras` must be an array of strings", scope=place.entry)
            elif not isinstance(value, Text):
                report(self.manifest, value.span, f"`{key}` must be a string", scope=place.entry)
                sound = sound and key != kind
        if kind == "version" and "allows-prereleases" in table.entries:
            entry = table.entries["allows-prereleases"]
            message = "Poetry drops `allows-prereleases`: it reads `allow-prereleases`"
            report(self.manifest, entry.key_span, message, rule="ignored-text", scope=place.entry)
        if kind == "file" and table.flag("optional"):
            message = "Poetry drops `optional` beside `file`, so this is always installed"
            span, help_ = table.entries["optional"].key_span, "write `path` in place of `file`"
            report(self.manifest, span, message, rule="ignored-text", help=help_, scope=place.entry)
        return sound

    def _report_key(self, place: Place, entry: Entry, kind: str) -> None:
        """Report a key that poetry-core's schema does not allow here: Poetry refuses the whole file."""
        key = entry.key
        if key in _KEYS:
            message = f"`{kind}` and `{key}` exclude each other: Poetry refuses the file"
        elif kind and any(key in keys for keys in _KEYS.values()):
            message = f"Poetry takes no `{key}` beside `{kind}`, and refuses the file"
        elif not kind and key in _COMMON:
            message = f"Poetry takes no `{key}` without a `version`, and refuses the file"
        else:
            message = f"Poetry knows no key `{key}` here, and refuses the file"
        slip = _SLIPS.get(key.lower().replace("-", "_"), _SLIPS.get(key.lower(), ""))
        help_ = f"write `{slip}`" if slip else 'write `version = "*"` for any' if not kind and key in _COMMON else ""
        report(self.manifest, entry.key_span, message, help=help_, scope=place.entry)

    def _from_git(self, place: Place, table: Map) -> tuple[Requirement | None, Vcs | None]:
        """A dependency from a repository."""
        found = by_vcs(place, table, "git", _REFS, new_ref="rev")
        url = table.text("git")
        if found is None or url is None:
            return None, None
        refs = [table.entries[key] for key in _REFS if table.text(key) is not None and table.entries[key].value.data]
        for entry in refs[1:]:
            message = f"Poetry drops this `{entry.key}`: `{refs[0].key}` wins"
            help_ = "leave only one of `branch`, `tag` and `rev`"
            report(self.manifest, entry.key_span, message, rule="ignored-text", help=help_, scope=place.entry)
        match = next((match for pattern in _GIT_URLS if (match := pattern.match(url.text))), None)
        if match is None:
            where = url.inner if url.inner[0] < url.inner[1] else url.span
            message = "Poetry does not take this for the URL of a git repository"
            help_ = "it knows `https://…`, `ssh://…`, `file:///…` and `git@host:owner/repository`; for a directory, write `path = …`"
            report(self.manifest, where, message, help=help_, scope=place.entry)
            return None, None
        if match["rev"] is not None or "subdirectory=" in (match["tail"] or ""):
            start, end = url.inner[0] + match.start("tail"), url.inner[1]
            span = (start, end) if url.plain else url.inner
            message = "Poetry drops what stands behind the URL of a repository"
            help_ = (
                "write `rev = …`, `tag = …` or `branch = …`" if match["rev"] is not None else "write `subdirectory = …`"
            )
            report(self.manifest, span, message, rule="ignored-text", help=help_, scope=place.entry)
        return found

    def _from_file(self, place: Place, table: Map, kind: str) -> Requirement | None:
        """A dependency from a file or a directory, or from an archive on a server."""
        value = table.text(kind)
        if value is None:
            return None
        message = ""
        if kind == "url" and not _WEB_URL.match(value.text):
            message = "this is no URL of an archive on a server"
        elif not value.text:
            message = f"`{kind}` is empty"
        if message:
            where = value.inner if value.inner[0] < value.inner[1] else value.span
            report(self.manifest, where, message, scope=place.entry)
            return None
        parts = Requirement("url" if kind == "url" else "path", place.name, place.name_span)
        parts.url, parts.url_span = value.text, value.inner
        return parts

    def _constraint(self, value: Text, place: Place) -> tuple[tuple[Constraint, ...], ...] | None:
        """The clauses of a version; None when Poetry refuses it (which is reported)."""
        base = value.inner[0] if value.plain else 0
        try:
            return parse_constraint(value.text, base)
        except InvalidRequirementError as error:
            self._report_slip(value, error, place)
        return None

    def _report_slip(self, value: Text, error: InvalidRequirementError, place: Place) -> None:
        """Report a text that cannot be read, at the place of the fault where the text stands as it is."""
        start, end = value.inner[0] + error.span[0], value.inner[0] + error.span[1]
        span = (start, min(max(end, start + 1), value.span[1])) if value.plain else value.span
        shown = value.text if len(value.text) <= 40 and "/" not in value.text and "@" not in value.text else ""
        what = f"`{shown}` is no version that Poetry can read" if shown else "this is no version that Poetry can read"
        report(self.manifest, span, f"{what}: {error.reason}", scope=place.entry)

    def _take_conditions(self, parts: Requirement, place: Place, table: Map) -> None:
        """Make one marker of ``markers``, ``python`` and ``platform``."""
        found: list[str] = []
        markers, python, platform = (table.text(key) for key in ("markers", "python", "platform"))
        if markers is not None and markers.text.strip():
            try:
                check_marker(markers.text.strip())
            except InvalidRequirementError as error:
                report(self.manifest, markers.span, error.reason, scope=place.entry)
            else:
                found.append(markers.text.strip())
                if markers.plain and python is None and platform is None:
                    lead = len(markers.text) - len(markers.text.lstrip())
                    start = markers.inner[0] + lead
                    parts.marker_span = (start, start + len(found[0]))
        if python is not None and python.text:
            alternatives = self._constraint(python, place)
            if alternatives is not None and (condition := python_marker(alternatives)):
                found.append(condition)
        if platform is not None and platform.text:
            marker = platform_marker(platform.text)
            if marker is None:
                report(
                    self.manifest,
                    platform.span,
                    "this is no platform: write `linux`, `darwin` or `win32`",
                    scope=place.entry,
                )
            elif marker:
                found.append(marker)
        parts.marker = join_markers(found)

    def _read_sources(self) -> None:
        """``[[tool.poetry.source]]``: other indexes than PyPI, or before it."""
        first = True
        sources = self.table.list("source")
        for table, whole in zip(sources.items, sources.entries, strict=True) if sources is not None else ():
            if not isinstance(table, Map):
                continue
            url = table.text("url")
            name = table.text("name")
            if url is None:
                if name is not None and name.text.lower() != "pypi":
                    report(self.manifest, name.span, f"the source `{name.text}` has no `url`", scope=whole)
                continue
            priority = table.text("priority")
            level = priority.text.lower() if priority is not None else "primary"
            if table.flag("default"):
                level = "default"
            elif table.flag("secondary"):
                level = "secondary"
            kind = _index_kind(level, first=first)
            first = first and kind != "index"
            span = url.inner if url.plain else url.span
            called = name.text if name is not None else None
            index = Index(kind, url.text, span, whole, "[[tool.poetry.source]]", tool="poetry", name=called)
            self.manifest.indexes.append(index)


def _index_kind(level: str, *, first: bool) -> IndexKind:
    """What a source is to Poetry: asked first, asked too, or asked only for those that name it."""
    if level == "explicit":
        return "explicit-index"
    return "index" if first and level in ("primary", "default") else "extra-index"


def python_marker(alternatives: tuple[tuple[Constraint, ...], ...]) -> str:
    """The marker that a constraint on the Python version amounts to; empty when any will do (or PEP 440 cannot say it).

    Source: ``create_nested_marker`` of poetry-core: a version of two parts is one of ``python_version`` where that means
    the same, and an exact one even where it does not (``3.8`` is all of 3.8).
    """
    groups: list[str] = []
    for group in alternatives:
        clauses = [clause for constraint in group for clause in constraint.clauses or ()]
        if not clauses:
            return ""
        groups.append(" and ".join(_python_clause(operator, version) for operator, version in clauses))
    if len(groups) < 2:
        return "".join(groups)
    return " or ".join(f"({group})" if " and " in group else group for group in groups)


def _python_clause(operator: str, version: str) -> str:
    """One clause as a marker."""
    short = version.removesuffix(".*").count(".") < 2
    name = (
        "python_version"
        if short and (operator in (">=", "<", "==", "~=") or version.endswith(".*"))
        else "python_full_version"
    )
    if name == "python_version" and operator == "==" and version.endswith(".*") and version.count(".") == 2:
        version = version.removesuffix(".*")
    return f'{name} {operator} "{version}"'


def platform_marker(text: str) -> str | None:
    """The marker that a ``platform`` amounts to; empty for any, None when Poetry refuses it.

    Source: ``poetry.core.constraints.generic.parser``: ``linux``, ``!=win32``, ``linux || darwin``, ``!=linux,!=darwin``.
    """
    if text == "*":
        return ""
    groups = []
    for group in re.split(r"\s*\|\|?\s*", text.strip()):
        clauses = []
        for clause in re.split(r"\s*,\s*", group):
            match = _PLATFORM_IN.fullmatch(clause) or _PLATFORM.fullmatch(clause)
            if match is None:
                return None
            operator = "==" if match["op"] in (None, "=", "===") else " ".join(match["op"].lower().split())
            clauses.append(f'sys_platform {operator} "{match["value"]}"')
        groups.append(" and ".join(clauses))
    return " or ".join(groups)


def _is_optional(value: Value) -> bool:
    """Whether a value says that its dependency is optional, and Poetry heeds it: beside ``file`` it does not."""
    if not isinstance(value, Map) or value.flag("optional") is not True:
        return False
    return "git" in value.entries or "file" not in value.entries


def _has_items(document: Map, *path: str) -> bool:
    """Whether there is an array with something in it at a path."""
    array = document.list(*path)
    return array is not None and bool(array.items)


def _shown(text: str, item: Value) -> Span:
    """What to underline of one of several constraints: it, or the header of its table."""
    start, end = item.span
    if not isinstance(item, Map) or item.inline or not text.startswith("[", start):
        return start, end
    line = text.find("]]", start)
    return (start, line + 2) if 0 <= line < end else (start, end)
