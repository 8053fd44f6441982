"""Pipfile: what pipenv is to install, category by category.

Sources: pipenv's documentation of the Pipfile, pipenv 2026.10 (``utils/dependencies.py``, ``utils/pipfile.py``), and plette,
the reader of Pipfiles that pipenv brings along. Whether a text is TOML is up to ``tomllib``; pipenv reads with tomlkit, which
knows the same TOML.
"""

from __future__ import annotations

import re

from reqlint.formats._pep508 import report
from reqlint.formats._tables import Place, add, all_plain, by_vcs, by_version, join_markers, texts, without_version
from reqlint.formats._toml import document_of
from reqlint.formats._tree import List, Map, Text
from reqlint.model import Group, Index, Manifest, Setting
from reqlint.requirement import Constraint, InvalidRequirementError, Requirement, check_marker, parse_pep508

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.formats._tree import Entry
    from reqlint.model import IndexKind, Role
    from reqlint.requirement import Vcs
    from reqlint.source import Source, Span

#: Top-level tables that hold no packages; every other one is a category of them.
_NO_CATEGORIES = frozenset(("source", "sources", "pipenv", "pipfile", "requires", "scripts", "build-system"))

_SYSTEMS = ("git", "svn", "hg", "bzr")
_MARKERS = (
    "os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_release", "platform_system",
    "platform_version", "python_version", "python_full_version", "implementation_name", "implementation_version",
)  # fmt: skip
_STRINGS = frozenset(
    (*_SYSTEMS, *_MARKERS, "ref", "subdirectory", "version", "markers", "path", "file", "index", "name")
)
_KEYS = _STRINGS | {"extras", "editable", "os_markers", "hashes", "no_binary", "pip_args", "skip_resolver"}

#: What people write, and what pipenv calls it.
_SLIPS = {
    "rev": "ref", "tag": "ref", "branch": "ref", "commit": "ref", "sha": "ref", "url": "file", "marker": "markers",
    "extra": "extras", "develop": "editable", "source": "index", "directory": "subdirectory", "subdir": "subdirectory",
    "hash": "hashes", "versions": "version", "platform": "sys_platform", "python": "python_version",
}  # fmt: skip

_NAME = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[(?P<extras>[A-Za-z0-9._, -]*)\])?", re.ASCII
)
_OPERATOR = re.compile(
    r"(?:<=?|>=?|={2,3}|[~!]=)\s*"
)  # as pipenv asks whether a version has an operator (distlib's COMPARE_OP)
_REMOTE = re.compile(r"(?:https?|ftp):", re.IGNORECASE)
_URL = re.compile(r"(?:https?|ftp|file):", re.IGNORECASE)
_HOST = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#]*@)?(?P<host>[^/?#]*)")

_VERSION_SLIPS = (
    (r"\Z", 'an empty version: `"*"` stands for any'),
    (r"latest\b", 'pipenv knows no `latest`: `"*"` stands for any version'),
    (r"\^|~(?!=)|=(?!=)", "pipenv has no such operator: write `~=1.2` or `>=1.2,<2`"),
    (r"[a-zA-Z0-9+]+:/|git@", "a URL is no version: pipenv takes it as `git = …` or `file = …`"),
    (r"[./~]*[\w.-]*[/\\]", "a path is no version: pipenv takes it as `path = …`"),
    (r"[<>=!~]*\s*v?[0-9]+(?:\.[0-9]+)*\.x\b", "a wildcard is written with a star: `==1.*`"),
)


def read(source: Source, role: Role | None) -> Manifest:
    """Read a Pipfile; ``role``: what is asked of its packages, an application's unless told otherwise.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "Pipfile", role or "application")
    document = document_of(manifest)
    if document is None:
        return manifest
    reader = _Reader(manifest)
    for entry in document.entries.values():
        if entry.key not in _NO_CATEGORIES:
            reader.read_category(entry)
    reader.read_settings(document)
    reader.read_sources(document)
    manifest.dependencies.sort(key=lambda dependency: dependency.span[0])
    return manifest


class _Reader:
    """Reads one Pipfile."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.text = manifest.source.text
        self.named: set[str] = set()  # the sources that a package asks for by name

    def read_category(self, category: Entry) -> None:
        """Read a table of packages."""
        if not isinstance(category.value, Map):
            message = f"`{category.key}` must be a table of packages"
            report(self.manifest, category.value.span, message, scope=category.span)
            return
        if category.key == "packages":
            group = Group("runtime", self.manifest.role)
        elif category.key == "dev-packages":
            group = Group("group", "development", category.key)
        else:
            group = Group("group", self.manifest.role, category.key)
        for entry in category.value.entries.values():
            name = _NAME.fullmatch(entry.key)
            place = Place.of(entry, self.text)
            if name is None:
                report(self.manifest, entry.key_span, "the key is no name of a package", scope=entry.span)
                continue
            place.name = name["name"]
            extras = tuple(extra.strip() for extra in (name["extras"] or "").split(",") if extra.strip())
            if isinstance(entry.value, Text):
                self._read_text(place, entry.value, group, extras)
            elif isinstance(entry.value, Map):
                self._read_table(place, entry.value, group, extras)
            else:
                message = f"`{place.name}` must be a version or a table"
                report(self.manifest, entry.value.span, message, scope=entry.span)

    def _read_text(self, place: Place, value: Text, group: Group, extras: tuple[str, ...]) -> None:
        """Add ``name = "version"``, or a repository's URL in the place of a version."""
        parts: Requirement | None
        if value.text.startswith(tuple(f"{system}+" for system in _SYSTEMS)):
            parts = Requirement("url", place.name, place.name_span)
            parts.url, parts.url_span = value.text, value.inner
        else:
            parts = self._by_version(place, value)
        if parts is not None:
            parts.extras = extras
            add(self.manifest, place, parts, group, dialect="pipfile", rewritable=value.plain and not extras)

    def _read_table(self, place: Place, table: Map, group: Group, extras: tuple[str, ...]) -> None:
        """Add ``name = {…}``."""
        self._check_keys(place, table)
        kind = next((key for key in (*_SYSTEMS, "file", "path", "version") if key in table.entries), "")
        vcs: Vcs | None = None
        rewritable = all_plain(table, kind) and not extras
        parts: Requirement | None
        if kind in _SYSTEMS:
            found = by_vcs(place, table, kind, {"ref": ""}, new_ref="ref", glued=True)
            parts, vcs = found if found is not None else (None, None)
            rewritable = all_plain(table, kind, "ref") and not extras
        elif kind in ("file", "path"):
            parts = self._from_file(place, table, kind)
        elif kind == "version":
            version = table.text("version")
            if version is not None and not version.text:  # pipenv takes an empty one for any, here and only here
                parts = by_version(place, version, ((),))
            else:
                parts = self._by_version(place, version) if version is not None else None
        else:
            parts = without_version(place, table)
            rewritable = parts.slot is not None and not extras
        self._report_dropped(place, table, kind)
        self._take_markers(parts or Requirement("name"), place, table)
        index = table.text("index")
        if index is not None:
            self.named.add(index.text)
        if parts is None:
            return
        parts.extras = extras + texts(table.get("extras"))
        local = parts.url is None or not _REMOTE.match(parts.url)
        add(
            self.manifest,
            place,
            parts,
            group,
            dialect="pipfile",
            vcs=vcs,
            editable=table.flag("editable") is True and (vcs is not None or (parts.url is not None and local)),
            rewritable=rewritable,
            hashes=len(texts(table.get("hashes"))),
        )

    def _check_keys(self, place: Place, table: Map) -> None:
        """Report keys that pipenv refuses, and values that are not of the kind that it needs."""
        for entry in table.entries.values():
            if entry.key not in _KEYS:
                slip = _SLIPS.get(entry.key.lower(), "")
                message = f"pipenv knows no key `{entry.key}` here, and refuses the file"
                help_ = f"write `{slip}`" if slip else ""
                report(self.manifest, entry.key_span, message, help=help_, scope=place.entry)
            elif entry.key in _STRINGS and not isinstance(entry.value, Text):
                report(self.manifest, entry.value.span, f"`{entry.key}` must be a string", scope=place.entry)
            elif entry.key == "extras" and (
                not isinstance(entry.value, List) or len(texts(entry.value)) < len(entry.value.items)
            ):
                report(self.manifest, entry.value.span, "`extras` must be an array of strings", scope=place.entry)
            elif entry.key == "editable" and not isinstance(entry.value.data, bool):
                report(self.manifest, entry.value.span, "`editable` must be true or false", scope=place.entry)

    def _report_dropped(self, place: Place, table: Map, kind: str) -> None:
        """Report a version beside a URL or a path, and a ref without a repository: pipenv does nothing with either."""
        version = table.text("version")
        if kind not in ("", "version") and version is not None and version.text not in ("", "*"):
            message = f"pipenv drops the version, since `{kind}` says what is installed"
            report(self.manifest, version.span, message, rule="ignored-text", scope=place.entry)
        if kind not in _SYSTEMS and "ref" in table.entries:
            entry = table.entries["ref"]
            message = "pipenv drops `ref`, since no repository is named"
            report(self.manifest, entry.key_span, message, rule="ignored-text", scope=place.entry)

    def _from_file(self, place: Place, table: Map, kind: str) -> Requirement | None:
        """A dependency from an archive on a server, or from a local file or directory."""
        value = table.text(kind)
        if value is None:
            return None
        parts = Requirement("url" if _URL.match(value.text) else "path", place.name, place.name_span)
        parts.url, parts.url_span = value.text, value.inner
        return parts

    def _by_version(self, place: Place, value: Text) -> Requirement | None:
        """A requirement by name: any version, a specifier, or a bare version, which is exact; None when it is refused.

        A marker may follow the specifier, since pipenv hands the whole to pip.
        """
        text = value.text.strip()
        if text in ("*", "==*"):
            return by_version(place, value, ((),))
        prefix = "x" if _OPERATOR.match(text) else "x=="
        base = value.inner[0] + len(value.text) - len(value.text.lstrip()) - len(prefix) if value.plain else 0
        try:
            if not text or text.startswith(("(", "@", ";")):
                raise InvalidRequirementError("this is no version", 0, len(prefix) + len(text))
            found = parse_pep508(prefix + text, base)
        except InvalidRequirementError as error:
            self._report_slip(place, value, text, error, len(prefix))
            return None
        start = base + len(prefix)
        clauses = tuple(_with_span(clause, start) if value.plain else clause for clause in found.constraints)
        parts = by_version(place, value, (clauses,))
        parts.marker, parts.marker_span = found.marker, found.marker_span
        if clauses:
            parts.specifier_span = (clauses[0].span[0], clauses[-1].span[1])
            parts.slot = parts.specifier_span if found.marker is not None and value.plain else value.inner
        return parts

    def _report_slip(self, place: Place, value: Text, text: str, error: InvalidRequirementError, shift: int) -> None:
        """Report a version that pipenv cannot read, at the place of the fault where the text stands as it is."""
        lead = value.inner[0] + len(value.text) - len(value.text.lstrip())
        start, end = (max(lead, lead + offset - shift) for offset in error.span)
        if not value.plain or not text:
            span = value.span
        else:
            span = (min(start, value.inner[1] - 1), max(min(end, value.inner[1]), min(start, value.inner[1] - 1) + 1))
        reason = next((slip for pattern, slip in _VERSION_SLIPS if re.match(pattern, text)), error.reason)
        shown = text if text and len(text) <= 40 and "/" not in text and "@" not in text else ""
        what = f"`{shown}` is no version that pipenv can read" if shown else "this is no version that pipenv can read"
        report(self.manifest, span, f"{what}: {reason}", scope=place.entry)

    def _take_markers(self, parts: Requirement, place: Place, table: Map) -> None:
        """Make one marker of ``markers`` and the keys that are named after a variable (``sys_platform = "== 'win32'"``)."""
        found = [parts.marker] if parts.marker is not None else []
        for key in ("markers", *_MARKERS):
            value = table.text(key)
            if value is None or not value.text.strip():
                continue
            marker = value.text.strip() if key == "markers" else f"{key} {value.text.strip()}"
            try:
                check_marker(marker)
            except InvalidRequirementError as error:
                bare = value.text.strip("'\" ")
                help_ = "" if key == "markers" or not bare.isalnum() else f"write `{key} = \"== '{bare}'\"`"
                report(self.manifest, value.span, error.reason, help=help_, scope=place.entry)
                continue
            if key == "markers" and value.plain and not found:
                start = value.inner[0] + len(value.text) - len(value.text.lstrip())
                parts.marker_span = (start, start + len(marker))
            found.append(marker)
        parts.marker = join_markers(found)
        if len(found) > 1:
            parts.marker_span = None

    def read_settings(self, document: Map) -> None:
        """``[pipenv]``: whether pre-releases are taken; ``[requires]``: for which Python."""
        requires = document.map("requires")
        for key, end in (("python_version", ".*"), ("python_full_version", "")):
            python = requires.text(key) if requires is not None else None
            if python is not None and python.text[:1].isdigit():
                self.manifest.python = f"=={python.text}{end}"
        table = document.map("pipenv")
        if table is not None and table.flag("allow_prereleases") is True:
            entry = table.entries["allow_prereleases"]
            span = (entry.key_span[0], entry.value.span[1])
            self.manifest.settings.append(Setting("pre-releases", "", span, entry.span, "allow_prereleases"))

    def read_sources(self, document: Map) -> None:
        """``[[source]]``: the first is asked for all that names no other one.

        The others are for packages with ``index = "name"``; one that nobody names has no such bounds, nor has any with
        ``install_search_all_sources``.
        """
        everywhere = document.flag("pipenv", "install_search_all_sources") is True
        first = True
        for key in ("source", "sources"):
            sources = document.get(key)
            if sources is None:
                continue
            if not isinstance(sources, List):
                span = document.entries[key].key_span
                report(self.manifest, span, "sources are an array of tables: `[[source]]`", scope=sources.span)
                continue
            for table, entry in zip(sources.items, sources.entries, strict=True):
                if isinstance(table, Map):
                    self._read_source(table, entry, first=first, everywhere=everywhere)
                    first = False

    def _read_source(self, table: Map, whole: Span, *, first: bool, everywhere: bool) -> None:
        """One source, and whether its certificate is checked."""
        url, name = table.text("url"), table.text("name")
        if url is None:
            head = next(iter(table.entries.values()), None)
            span = head.key_span if head is not None else table.span
            report(self.manifest, span, "the source has no `url`, so pipenv cannot read the file", scope=whole)
            return
        span = url.inner if url.plain else url.span
        named = name is not None and name.text in self.named
        kind: IndexKind = "index" if first else "explicit-index" if named and not everywhere else "extra-index"
        called = name.text if name is not None else None
        self.manifest.indexes.append(Index(kind, url.text, span, whole, "[[source]]", tool="pipenv", name=called))
        verify = table.entries.get("verify_ssl")
        if verify is not None and str(verify.value.data).lower() == "false":
            host = _HOST.match(url.text)
            span = (verify.key_span[0], verify.value.span[1])
            value = host["host"] if host is not None else ""
            self.manifest.settings.append(Setting("trusted-host", value, span, verify.span, "verify_ssl = false"))


def _with_span(clause: Constraint, start: int) -> Constraint:
    """A clause whose span begins where its text does, when the version stands there without an operator."""
    if clause.span[0] >= start:
        return clause
    span = (start, clause.span[1])
    return Constraint(clause.operator, clause.version, span, clause.version_span, templated=clause.templated)
