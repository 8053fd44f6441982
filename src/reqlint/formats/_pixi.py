"""``[tool.pixi]``, and the same keys in pixi.toml: dependencies from conda and from PyPI, channels and indexes.

Sources: pixi's documentation of its manifest and the reader of its manifests; the grammar of conda's versions is judged by
py-rattler 0.28 in the tests.

What is not plain to see:

- a bare ``"1.2"`` is ``==1.2`` (pixi warns that it will refuse it one day), while ``1.2.*`` and ``=1.2`` are all of 1.2;
- pixi reads versions strictly: no blank follows an operator, and no wildcard but behind ``!=`` and at a bare version;
- ``host-dependencies`` and ``build-dependencies`` of a workspace are installed into its environments too;
- an environment holds the default feature and those it names; entries for other platforms never meet.

So each feature, and each platform in it, is a group of its own. All spans are half-open ranges of 0-based code-point
offsets into the source's text.
"""

from __future__ import annotations

import re

from reqlint.formats._pep508 import DEVELOPMENT_NAMES, report
from reqlint.formats._sources import add_source, check_refs, is_name, specifier, take_marker
from reqlint.formats._tables import Place, add, all_plain, by_version, texts, without_version
from reqlint.formats._tree import List, Map, Text
from reqlint.match_spec import parse_version
from reqlint.model import Group, Include, Index, Setting
from reqlint.requirement import InvalidRequirementError, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.formats._tree import Entry, Value
    from reqlint.model import Dependency, Dialect, Ecosystem, GroupKind, IndexKind, Manifest, Role
    from reqlint.requirement import Constraint, Requirement

    Alternatives = tuple[tuple[Constraint, ...], ...]

_LOCATIONS = ("git", "url", "path")

#: What people write, and what pixi calls it.
_SLIPS = {
    "ref": "rev", "commit": "rev", "sha": "rev", "revision": "rev", "marker": "env-markers", "markers": "env-markers",
    "env_markers": "env-markers", "extra": "extras", "develop": "editable", "directory": "subdirectory",
    "subdir": "subdirectory", "versions": "version", "source": "index", "build_number": "build-number",
    "file_name": "file-name",
}  # fmt: skip

_CONDA_NAME = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_BLANK = re.compile(r"^\s+|[<>=!~]+\s+|\s+$")
_WILDCARD = re.compile(r"(?<![<>=!~])(?:==?|[<>~]=|[<>])[^\s,|()<>=!~]*\*")
_BARE = re.compile(r"(?:^|[,|(])\s*[^\s<>=!~*,|()^]+\s*(?:$|[,|)])")
_PLACES = (
    ("/", "path"),
    (".", "path"),
    ("~/", "path"),
    ("\\", "path"),
    ("git", "git"),
    ("ssh:", "git"),
    ("http", "url"),
)


def read(manifest: Manifest, table: Map, document: Map) -> None:
    """Read ``[tool.pixi]``, the ``table``, of a pyproject.toml, the ``document``, into its manifest.

    Where a library is built from the project, pixi's environments are those of its developers.
    """
    builds = manifest.role == "library" and "build-system" in document.entries
    read_tables(manifest, table, "development" if builds else "application")


def read_tables(manifest: Manifest, table: Map, role: Role) -> None:
    """Read what pyproject.toml and pixi.toml have in common; ``role``: that of the environments."""
    _Reader(manifest, role).read(table)


class _Reader:
    """Reads the tables of pixi."""

    def __init__(self, manifest: Manifest, role: Role) -> None:
        self.manifest = manifest
        self.text = manifest.source.text
        self.role: Role = role

    def read(self, table: Map) -> None:
        """Read all that says what is installed."""
        for name in ("workspace", "project"):
            workspace = table.map(name)
            if workspace is not None:
                self._read_channels(workspace.get("channels"))
                self._read_options(workspace.map("pypi-options"), ())
        self._read_feature(table, None)
        features = table.map("feature")
        for entry in features.entries.values() if features is not None else ():
            if isinstance(entry.value, Map):
                self._read_feature(entry.value, entry.key)
        package = table.map("package")
        if package is not None:
            self._read_package(package)
        development = table.map("dev")
        if development is not None:
            self._read_conda(development, Group("group", "development", "dev"))

    def _read_feature(self, table: Map, name: str | None) -> None:
        """A feature (None: the default one): what it holds for all platforms, and for some."""
        lead = ("feature", name) if name is not None else ()
        self._read_target(table, lead, ())
        self._read_options(table.map("pypi-options"), lead)
        if name is not None:
            self._read_channels(table.get("channels"))
        targets = table.map("target")
        for entry in targets.entries.values() if targets is not None else ():
            if isinstance(entry.value, Map):
                self._read_target(entry.value, lead, ("target", entry.key))

    def _read_target(self, table: Map, feature: tuple[str, ...], target: tuple[str, ...]) -> None:
        """The dependencies of a feature, for all platforms or for one."""
        where = (*feature, *target)
        group = _group("group" if feature else "runtime", self._role(feature), where)
        dependencies = table.get("dependencies")
        if isinstance(dependencies, Map):
            self._read_pypi_files(dependencies)
        self._read_conda(dependencies, group)
        for key in ("host-dependencies", "build-dependencies"):
            self._read_conda(table.get(key), _group("build", "build", (*where, key)))
        self._read_conda(table.get("constraints"), _group("constraint", "input", (*where, "constraints")))
        self._read_pypi(table.get("pypi-dependencies"), group)

    def _role(self, feature: tuple[str, ...]) -> Role:
        """What is asked of a feature: nothing of one that only developers install."""
        if feature and normalize(feature[1]) in DEVELOPMENT_NAMES:
            return "development"
        return self.role

    def _read_package(self, package: Map) -> None:
        """``[package]``: what the package that is built here needs, when it is built and when it runs."""
        tables: list[tuple[tuple[str, ...], Map]] = [((), package)]
        targets = package.map("target")
        tables += [
            (("target", entry.key), entry.value)
            for entry in (targets.entries.values() if targets is not None else ())
            if isinstance(entry.value, Map)
        ]
        for where, table in tables:
            self._read_conda(table.get("run-dependencies"), _group("runtime", "library", ("package", *where)))
            for key in ("host-dependencies", "build-dependencies"):
                self._read_conda(table.get(key), _group("build", "build", ("package", *where, key)))
        build = package.map("build")
        if build is not None:
            self._read_channels(build.get("channels"))
            more = Group("build", "build", "package.build.additional-dependencies")
            self._read_conda(build.get("additional-dependencies"), more)

    def _read_pypi_files(self, table: Map) -> None:
        """``pypi-txt`` among the dependencies names requirements files."""
        entry = table.entries.get("pypi-txt")
        if entry is None:
            return
        items = entry.value.items if isinstance(entry.value, List) else [entry.value]
        for item in items:
            if isinstance(item, Text):
                span = item.inner if item.plain else item.span
                self.manifest.includes.append(Include(item.text, "requirement", span, entry.span))

    def _read_conda(self, table: Value | None, group: Group) -> None:
        """A table of conda packages."""
        for entry in self._entries(table):
            if entry.key.lower() == "pypi-txt":
                continue
            place = Place.of(entry, self.text)
            if not _CONDA_NAME.fullmatch(entry.key):
                report(self.manifest, entry.key_span, "the key is no name of a package", scope=entry.span)
                continue
            place.name = entry.key.lower()
            dependency = self._read_one(place, entry.value, group, "conda")
            if dependency is not None and dependency.name == "python" and dependency.kind == "name":
                dependency.redirected = True  # the interpreter

    def _read_pypi(self, table: Value | None, group: Group) -> None:
        """A table of packages from PyPI."""
        for entry in self._entries(table):
            if not is_name(entry.key):
                report(self.manifest, entry.key_span, "the key is no name of a package", scope=entry.span)
                continue
            self._read_one(Place.of(entry, self.text), entry.value, group, "pypi")

    def _entries(self, table: Value | None) -> list[Entry]:
        """The entries of a table of dependencies; what is no table is reported."""
        if table is None:
            return []
        if not isinstance(table, Map):
            report(self.manifest, table.span, 'dependencies are a table: `name = ">=1.2"`')
            return []
        return list(table.entries.values())

    def _read_one(self, place: Place, value: Value, group: Group, ecosystem: Ecosystem) -> Dependency | None:
        """Add what one value asks for; None when it is refused (and reported)."""
        dialect: Dialect = "conda" if ecosystem == "conda" else "pixi"
        if isinstance(value, Text):
            parts = self._by_version(place, value, ecosystem)
            if parts is None:
                return None
            return add(self.manifest, place, parts, group, dialect=dialect, ecosystem=ecosystem, rewritable=value.plain)
        if not isinstance(value, Map):
            message = "a dependency is a version in a string, or a table"
            report(self.manifest, value.span, message, scope=place.entry)
            return None
        self._check_keys(place, value)
        kinds = [key for key in _LOCATIONS if key in value.entries]
        marker = value.text("env-markers") if ecosystem == "pypi" else None
        if kinds:
            if len(kinds) > 1 or (ecosystem == "pypi" and "version" in value.entries):
                keys = " and ".join(f"`{key}`" for key in (*kinds, "version") if key in value.entries)
                message = f"{keys} exclude each other: pixi refuses the file"
                report(self.manifest, place.span, message, scope=place.entry)
            return add_source(
                self.manifest,
                place,
                value,
                group,
                tool="pixi",
                dialect=dialect,
                ecosystem=ecosystem,
                marker=marker,
                extras=texts(value.get("extras")) if ecosystem == "pypi" else (),
                editable=value.flag("editable") is True,
            )
        return self._from_table(place, value, group, ecosystem, marker)

    def _from_table(
        self, place: Place, table: Map, group: Group, ecosystem: Ecosystem, marker: Text | None
    ) -> Dependency | None:
        """A dependency from a channel or an index, in a table."""
        version = table.text("version")
        if version is not None:
            parts = self._by_version(place, version, ecosystem)
            if parts is None:
                return None
        elif "version" in table.entries:
            report(self.manifest, table.entries["version"].value.span, "a version is a string", scope=place.entry)
            return None
        else:
            parts = without_version(place, table)
        if ecosystem == "pypi":
            parts.extras = texts(table.get("extras"))
            take_marker(self.manifest, place, parts, marker)
            self._take_index(table)
        else:
            for key in ("build", "channel"):
                value = table.text(key)
                if value is not None:
                    setattr(parts, key, value.text)
                    setattr(parts, f"{key}_span", value.inner)
        dependency = add(
            self.manifest,
            place,
            parts,
            group,
            dialect="conda" if ecosystem == "conda" else "pixi",
            ecosystem=ecosystem,
            rewritable=all_plain(table, "version", "build", "channel") and parts.slot is not None,
            hashes=int("sha256" in table.entries or "md5" in table.entries),
        )
        dependency.redirected = table.flag("workspace") is True  # what it is stands in the workspace
        return dependency

    def _take_index(self, table: Map) -> None:
        """The index that one dependency alone is taken from."""
        url = table.text("index")
        if url is not None:
            self._add_index("explicit-index", url, table.entries["index"], "index")

    def _by_version(self, place: Place, version: Text, ecosystem: Ecosystem) -> Requirement | None:
        """A requirement by name, whose version stands in a string; None when pixi refuses it (which is reported)."""
        text = version.text
        base = version.inner[0] if version.plain else 0
        try:
            alternatives: Alternatives
            if ecosystem == "conda":
                constraints, alternatives, _ = parse_version(text, base)
                _check_strictly(text)
            else:
                constraints, alternatives = (() if text == "*" else specifier(text, base)), ()
        except InvalidRequirementError as error:
            self._report_version(place, version, error)
            return None
        parts = by_version(place, version, alternatives or (constraints,))
        parts.constraints = constraints
        return parts

    def _report_version(self, place: Place, version: Text, error: InvalidRequirementError) -> None:
        """Report a version that pixi cannot read."""
        text = version.text
        low, high = version.inner[0] + error.span[0], version.inner[0] + error.span[1]
        inside = version.plain and version.inner[0] <= low < high <= version.inner[1]
        key = next((key for lead, key in _PLACES if text.startswith(lead)), "")
        message = f"this is no version that pixi can read: {error.reason}"
        help_ = ""
        if key:
            message = f"this is no version: a {'path' if key == 'path' else 'URL'} stands in a table"
            help_ = f"write `{{{key} = …}}`"
        elif text.strip() in ("", "latest"):
            help_ = 'write `"*"` for any version'
        report(
            self.manifest, (low, high) if inside and not key else version.span, message, help=help_, scope=place.entry
        )

    def _check_keys(self, place: Place, table: Map) -> None:
        """Report keys that are known not to be pixi's, and refs that stand alone or are too many."""
        for key, entry in table.entries.items():
            slip = _SLIPS.get(key.lower())
            if slip is None or key == "subdir":  # of a conda package, `subdir` is the platform
                continue
            message = f"pixi knows no key `{key}` here, and refuses the file"
            report(self.manifest, entry.key_span, message, help=f"write `{slip}`", scope=place.entry)
        check_refs(self.manifest, place, table, "pixi")

    def _read_channels(self, value: Value | None) -> None:
        """An array of channels, each a string or a table with a priority."""
        if not isinstance(value, List):
            return
        for item, entry in zip(value.items, value.entries, strict=True):
            channel = item.text("channel") if isinstance(item, Map) else item
            if isinstance(channel, Text):
                span = channel.inner if channel.plain else channel.span
                self.manifest.indexes.append(Index("channel", channel.text, span, entry, "channels", tool="pixi"))

    def _read_options(self, table: Map | None, feature: tuple[str, ...]) -> None:
        """``pypi-options``: indexes, and versions that are to be taken whatever others ask for."""
        if table is None:
            return
        url = table.text("index-url")
        if url is not None:
            self._add_index("index", url, table.entries["index-url"], "index-url")
        lists: tuple[tuple[str, IndexKind], ...] = (("extra-index-urls", "extra-index"), ("find-links", "find-links"))
        for key, kind in lists:
            value = table.get(key)
            for item, entry in zip(value.items, value.entries, strict=True) if isinstance(value, List) else ():
                place = (item.get("url") or item.get("path")) if isinstance(item, Map) else item
                if isinstance(place, Text):
                    span = place.inner if place.plain else place.span
                    self.manifest.indexes.append(Index(kind, place.text, span, entry, key, tool="pixi"))
        mode = table.text("prerelease-mode")
        if mode is not None and mode.text == "allow":
            found = table.entries["prerelease-mode"]
            shown = (found.key_span[0], found.value.span[1])
            setting = Setting("pre-releases", mode.text, shown, found.span, 'prerelease-mode = "allow"')
            self.manifest.settings.append(setting)
        overrides = table.get("dependency-overrides")
        self._read_pypi(overrides, _group("constraint", "input", (*feature, "pypi-options.dependency-overrides")))

    def _add_index(self, kind: IndexKind, url: Text, entry: Entry, option: str) -> None:
        """Add an index that stands under a key of its own."""
        span = url.inner if url.plain else url.span
        self.manifest.indexes.append(Index(kind, url.text, span, entry.span, option, tool="pixi"))


def _group(kind: GroupKind, role: Role, where: tuple[str, ...]) -> Group:
    """A group, named after the keys that lead to it."""
    return Group(kind, role, ".".join(where) or None)


def _check_strictly(text: str) -> None:
    """Refuse what conda takes in a version, and pixi, which reads it strictly, does not.

    A bare version makes it lenient again, with a warning.
    """
    blank = _BLANK.search(text)
    if blank is not None:
        reason = "no blank may stand at the ends of a version, nor behind an operator"
        raise InvalidRequirementError(reason, *blank.span())
    wildcard = _WILDCARD.search(text)
    if wildcard is not None and not _BARE.search(text):
        reason = "a wildcard stands behind no operator but `!=`: write `1.2.*`, or `>=1.2`"
        raise InvalidRequirementError(reason, *wildcard.span())
