"""Platform.sh and Upsun: the Python tools that an application needs, and what its hooks install.

Source: the application reference of Platform.sh and Upsun (``dependencies``, ``hooks``). Dependencies of ``python`` and
``python2`` are for Python 2, of ``python3`` for Python 3; those of other languages are not pip's. A version is given to pip as
it stands; `'*'` is the newest. YAML makes a number of an unquoted ``2.10``, which is 2.1.
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.formats._shell import read_script
from reqlint.formats._tables import Place, add, by_version
from reqlint.formats._tree import List, Map, Text
from reqlint.formats._yaml_scripts import script_of
from reqlint.model import Group, Manifest, Problem
from reqlint.requirement import InvalidRequirementError, parse_pep508

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._tree import Entry, Value
    from reqlint.model import Role
    from reqlint.source import Source

_LANGUAGES = ("python", "python2", "python3")
_KEYS = frozenset(("dependencies", "hooks", "type", "build", "web", "relationships", "mounts", "disk", "applications"))


def read(source: Source, role: Role | None) -> Manifest:
    """Read the configuration of one or several applications; ``role``: what is asked of it, an application's.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "platform.app.yaml", role or "application")
    manifest.foreign = True
    if source.fault is not None:
        return manifest
    from reqlint.formats._yaml import YamlError, parse

    try:
        documents = parse(source.text)
    except YamlError as error:
        manifest.foreign = False
        end = min(error.offset + 1, len(source.text))
        message = f"this is no YAML: {error.reason}"
        manifest.problems.append(Problem("unreadable-file", (min(error.offset, end), end), message))
        return manifest
    for name, application in _applications(documents):
        manifest.foreign = False
        _read_dependencies(manifest, application, name)
        _read_hooks(manifest, application, name)
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
            for entry in document.map("applications").entries.values():  # type: ignore[union-attr]
                if isinstance(entry.value, Map):
                    yield entry.key, entry.value
        elif isinstance(document, Map) and document.entries.keys() & _KEYS:
            yield None, document


def _read_dependencies(manifest: Manifest, application: Map, name: str | None) -> None:
    """``dependencies``, by language."""
    for language in _LANGUAGES:
        table = application.map("dependencies", language)
        for entry in table.entries.values() if table is not None else ():
            group = Group("group", manifest.role, ".".join(part for part in (name, language) if part))
            _read_entry(manifest, entry, group)


def _read_entry(manifest: Manifest, entry: Entry, group: Group) -> None:
    """One package with its version."""
    text = manifest.source.text
    place = Place.of(entry, text)
    value = entry.value
    if not isinstance(value, Text):
        raw = text[slice(*value.span)].strip()
        if isinstance(value.data, bool) or not isinstance(value.data, int | float):
            return
        if str(value.data) != raw:
            start, end = value.span
            fix = Fix("Put the version in quotes", [Edit(start, start, "'"), Edit(end, end, "'")], "unsafe")
            message = f"YAML reads `{raw}` as the number {value.data}, so that is the version of `{entry.key}`"
            help_ = f"write `'{raw}'`"
            manifest.problems.append(
                Problem(
                    "ignored-text", value.span, message, label="not a string", help=help_, fix=fix, scope=entry.span
                )
            )
        value = Text(raw, value.span, value.span, plain=True)
    version = value.text.strip()
    operator = "==" if version[:1].isdigit() else ""
    try:
        found = parse_pep508(f"x{operator}{'' if version in ('*', 'latest') else version}")
    except InvalidRequirementError as error:
        message = f"`{version}` is no version that pip can read: {error.reason}"
        manifest.problems.append(Problem("invalid-requirement", value.span, message, scope=entry.span))
        return
    parts = by_version(place, value, (found.constraints,))
    name, _, extras = place.name.partition("[")
    parts.name = name
    parts.extras = tuple(part.strip() for part in extras.rstrip("]").split(",") if part.strip())
    for clause in parts.constraints:
        clause.span = clause.version_span = value.inner
    quoted = value.plain and value.inner != value.span
    add(manifest, place, parts, group, dialect="platform", rewritable=quoted)


def _read_hooks(manifest: Manifest, application: Map, name: str | None) -> None:
    """What the hooks install, and the build of Upsun's composable images."""
    hooks = application.map("hooks")
    for entry in hooks.entries.values() if hooks is not None else ():
        if isinstance(entry.value, Text) and re.search(r"\b(?:pip|uv|conda|mamba|pipx)", entry.value.text):
            script = script_of(entry.value, manifest.source.text)
            if script is not None:
                read_script(manifest, script, manifest.role, ".".join(part for part in (name, entry.key) if part))
