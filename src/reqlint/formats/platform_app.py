"""Platform.sh and Upsun: the Python tools that an application needs, and what its hooks install.

Source: the application reference of Platform.sh and Upsun (``dependencies``, ``hooks``, ``source.root``). Dependencies of
``python`` and ``python2`` are for Python 2, of ``python3`` for Python 3; those of other languages are not pip's. A version is
given to pip as it stands; `'*'` is the newest. YAML makes a number of an unquoted ``2.10``, which is 2.1. Hooks run in the
application's own folder, and see its variables (``variables.env``).
"""

from __future__ import annotations

import os
import re

from reqlint.fixes import Edit, Fix
from reqlint.formats._shell import read_script
from reqlint.formats._tables import Place, add, by_version
from reqlint.formats._tree import List, Map, Text
from reqlint.formats._yaml_scripts import script_of
from reqlint.model import Group, Manifest, Problem, Stack
from reqlint.requirement import InvalidRequirementError, parse_pep508

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._tree import Entry, Value
    from reqlint.model import Dependency, Include, Role
    from reqlint.source import Source

_ANY = ("", "*", "latest")
_LANGUAGES = ("python", "python2", "python3")
_KEYS = frozenset(("dependencies", "hooks", "type", "build", "web", "relationships", "mounts", "disk", "applications"))
#: Folders whose files describe all applications of a project, and name folders from the one above.
_CENTRAL = (".platform", ".upsun")
_INSTALLERS = re.compile(r"\b(?:pip|uv|conda|mamba|micromamba)")
#: What may bring a file that is not in the repository.
_FETCHES = re.compile(r"\bgit[ \t]+(?:clone|submodule|pull|checkout)\b|\b(?:tar|unzip|rsync|scp)\b")


def read(source: Source, role: Role | None) -> Manifest:
    """Read the configuration of one or several applications; ``role``: what is asked of it, an application's.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "platform.app.yaml", role or "application")
    manifest.foreign = True
    if source.fault is not None:
        return manifest
    from reqlint.formats._yaml import documents_of

    documents = documents_of(manifest)
    if documents is None:
        manifest.foreign = False
        return manifest
    for name, application in _applications(documents):
        manifest.foreign = False
        _Application(manifest, application, name).read()
    return manifest


def _applications(documents: list[Value]) -> Iterator[tuple[str | None, Map]]:
    """The applications of a file, each with its name where there are several."""
    for document in documents:
        if isinstance(document, List):  # .platform/applications.yaml
            for item in document.items:
                if isinstance(item, Map):
                    name = item.text("name")
                    yield name.text if name is not None else None, item
        elif isinstance(document, Map) and isinstance(document.get("applications"), Map):
            yield from _by_name(document.map("applications"))
        elif isinstance(document, Map) and document.entries.keys() & _KEYS:
            yield None, document
        elif isinstance(document, Map):  # .platform/applications.yaml, too
            yield from ((name, item) for name, item in _by_name(document) if item.entries.keys() & _KEYS)


def _by_name(table: Map | None) -> Iterator[tuple[str | None, Map]]:
    """The applications that a mapping has under their names."""
    for entry in table.entries.values() if table is not None else ():
        if isinstance(entry.value, Map):
            yield entry.key, entry.value


class _Application:
    """Reads one application."""

    def __init__(self, manifest: Manifest, application: Map, name: str | None) -> None:
        """``name``: of the application, where the file holds several."""
        self.manifest = manifest
        self.application = application
        self.name = name

    def read(self) -> None:
        """Read its tools and its hooks."""
        for language in _LANGUAGES:
            table = self.application.map("dependencies", language)
            if table is not None:
                self._read_table(table, Group("group", self.manifest.role, self._label(language)))
        self._read_hooks()

    def _label(self, part: str) -> str:
        return ".".join(item for item in (self.name, part) if item)

    # Dependencies

    def _read_table(self, table: Map, group: Group) -> None:
        """Packages with their versions; what comes by a merge (``<<``) or an alias is read once, where it stands."""
        known = {item.span for item in self.manifest.dependencies}
        for entry in table.entries.values():
            if entry.key == "<<" and isinstance(entry.value, Map):
                self._read_table(entry.value, group)
            elif (entry.key_span[0], entry.value.span[1]) not in known:
                self._read_entry(entry, group)

    def _read_entry(self, entry: Entry, group: Group) -> None:
        """One package with its version."""
        text = self.manifest.source.text
        place = Place.of(entry, text)
        value = entry.value
        is_number = False
        if not isinstance(value, Text):
            raw = text[slice(*value.span)].strip()
            if isinstance(value.data, bool) or not isinstance(value.data, int | float):
                return
            is_number = str(value.data) != raw
            if is_number:
                self._report_number(entry, raw)
            value = Text(raw, value.span, value.span, plain=True)
        version = value.text.strip()
        asked = "" if version in _ANY else version if version[0] in "<>=!~" else f"=={version}"
        try:
            found = parse_pep508(f"x{asked}")
        except InvalidRequirementError as error:
            if not is_number:
                message = f"`{version}` is no version that pip can read: {error.reason}"
                self.manifest.problems.append(Problem("invalid-requirement", value.span, message, scope=entry.span))
            return
        parts = by_version(place, value, (found.constraints,))
        name, _, extras = place.name.partition("[")
        parts.name = name
        parts.extras = tuple(part.strip() for part in extras.rstrip("]").split(",") if part.strip())
        if value.inner == value.span:
            parts.slot_format = "'{}'"
        for clause in parts.constraints:
            clause.span = clause.version_span = value.inner
        add(self.manifest, place, parts, group, dialect="platform", rewritable=value.plain and not is_number)

    def _report_number(self, entry: Entry, raw: str) -> None:
        """A version that YAML takes for a number, and so for another version."""
        start, end = entry.value.span
        message = f"YAML reads `{raw}` as the number {entry.value.data}, so that is the version of `{entry.key}`"
        fix, help_ = None, "write a version in quotes"
        if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", raw):
            help_ = f"write `'{raw}'`"
            fix = Fix("Put the version in quotes", [Edit(start, start, "'"), Edit(end, end, "'")], "unsafe")
        self.manifest.problems.append(
            Problem(
                "ignored-text",
                (start, end),
                message,
                label="not a string",
                help=help_,
                fix=fix,
                scope=entry.span,
            )
        )

    # Hooks

    def _read_hooks(self) -> None:
        """What the hooks install, and the files that they install from."""
        manifest = self.manifest
        hooks = self.application.map("hooks")
        entries = [entry for entry in hooks.entries.values() if isinstance(entry.value, Text)] if hooks else []
        known = len(manifest.dependencies)
        files: list[Include] = []
        for entry in entries:
            script = script_of(entry.value, manifest.source.text)  # type: ignore[arg-type]
            if script is not None and _INSTALLERS.search(script.text):
                files += read_script(manifest, script, manifest.role, self._label(entry.key))
        for dependency in manifest.dependencies[known:]:
            self._take_variable(dependency)
        self._follow(files, "\n".join(entry.value.text for entry in entries))  # type: ignore[attr-defined]

    def _take_variable(self, dependency: Dependency) -> None:
        """A version that is a variable which the application itself sets is no riddle."""
        table = self.application.map("variables", "env")
        known = {name.upper() for name in table.entries} if table is not None else set()
        names = [re.sub(r"[${}]", "", clause.version) for clause in dependency.constraints if clause.templated]
        if names and known.issuperset(names):
            dependency.constraints = dependency.parts.constraints = ()
            dependency.redirected = True

    def _follow(self, files: list[Include], hooks: str) -> None:
        """Name the files that hooks install from, unless some command may have made them."""
        folder = self._folder()
        if folder is None or _FETCHES.search(hooks):
            return
        stack = Stack(self.name, "a hook")
        names = [os.path.basename(item.path) for item in files]
        for include, name in zip(files, names, strict=True):
            mentions = re.findall(rf"(?<![\w-]){re.escape(name)}(?![\w-])", hooks)
            if len(mentions) == names.count(name) and not os.path.isabs(include.path):
                include.path = "/".join(part for part in (folder, include.path) if part)
                include.format = "requirements.txt"
                stack.named.append(include)
        self.manifest.stacks.append(stack)

    def _folder(self) -> str | None:
        """Where the hooks run, from the folder of the file; None where it cannot be told."""
        root = self.application.text("source", "root")
        below = root.text.strip("/") if root is not None else ""
        if os.path.basename(os.path.dirname(os.path.abspath(self.manifest.path))) in _CENTRAL:
            return f"../{below}" if below else ".."
        return "" if below in ("", ".") else None
