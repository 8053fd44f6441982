"""pyproject.toml: the tables of the standards, and those of each tool, read by a module of its own.

Sources: the pyproject.toml specification (PEP 518, PEP 621), dependency groups (PEP 735), setuptools' documentation of
``[tool.setuptools.dynamic]``.
"""

from __future__ import annotations

from reqlint.formats._pep508 import DEVELOPMENT_NAMES, add, add_list, report
from reqlint.formats._toml import TomlError, parse
from reqlint.formats._tree import List, Map, Text
from reqlint.model import Group, Include, Manifest
from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.formats._tree import Entry
    from reqlint.model import Role
    from reqlint.source import Source


def read(source: Source, role: Role | None) -> Manifest:
    """Read a pyproject.toml; ``role``: what the configuration says the project is, else the file's own word counts."""
    manifest = Manifest(source, "pyproject.toml", role or "library")
    try:
        document = parse(source.text)
    except TomlError as error:
        end = min(len(source.text), error.offset + 1)
        report(manifest, (error.offset, end), f"this is no TOML: {error.reason}", rule="unreadable-file")
        return manifest
    if role is None and is_application(document):
        manifest.role = "application"
    _read_build_system(manifest, document)
    _read_project(manifest, document)
    _read_groups(manifest, document)
    _read_setuptools(manifest, document)
    _read_tools(manifest, document)
    manifest.dependencies.sort(key=lambda dependency: dependency.span[0])
    return manifest


def is_application(document: Map) -> bool:
    """Whether the file itself says that nothing is built from it for others to depend on.

    That is ``[tool.uv] package = false`` (or ``managed``-only projects without a build system), and Poetry's
    ``package-mode = false``.
    """
    return document.flag("tool", "uv", "package") is False or document.flag("tool", "poetry", "package-mode") is False


def _read_build_system(manifest: Manifest, document: Map) -> None:
    """``[build-system] requires`` (PEP 518): the table must have it."""
    table = document.map("build-system")
    if table is None:
        return
    if "requires" not in table.entries:
        report(manifest, _head(table), "`[build-system]` has no `requires`, so no tool can build this project")
        return
    add_list(manifest, table.get("requires"), Group("build", "build"))


def _read_project(manifest: Manifest, document: Map) -> None:
    """``[project]`` (PEP 621): dependencies and extras."""
    project = document.map("project")
    if project is None:
        return
    role = manifest.role
    add_list(manifest, project.get("dependencies"), Group("runtime", role))
    extras = project.get("optional-dependencies")
    if extras is None:
        return
    if not isinstance(extras, Map):
        report(manifest, extras.span, "`optional-dependencies` must be a table of arrays")
        return
    seen: dict[str, str] = {}
    for entry in extras.entries.values():
        _report_twin(manifest, entry, seen, "extra")
        development = normalize(entry.key) in DEVELOPMENT_NAMES
        add_list(manifest, entry.value, Group("extra", "development" if development else role, entry.key))


def _report_twin(manifest: Manifest, entry: Entry, seen: dict[str, str], what: str) -> None:
    """Two names of extras or groups that are the same after normalization are an error."""
    name = normalize(entry.key)
    if name in seen:
        message = f"the {what}s `{seen[name]}` and `{entry.key}` are one and the same after normalization"
        report(manifest, entry.key_span, message, scope=entry.span)
    seen.setdefault(name, entry.key)


def _read_groups(manifest: Manifest, document: Map) -> None:
    """``[dependency-groups]`` (PEP 735): strings, and tables of exactly one key, ``include-group``."""
    groups = document.get("dependency-groups")
    if groups is None:
        return
    if not isinstance(groups, Map):
        report(manifest, groups.span, "`dependency-groups` must be a table of arrays")
        return
    seen: dict[str, str] = {}
    includes: dict[str, list[tuple[str, Text]]] = {}
    for entry in groups.entries.values():
        _report_twin(manifest, entry, seen, "dependency group")
        group = Group("group", "development", entry.key)
        if not isinstance(entry.value, List):
            report(manifest, entry.value.span, "a dependency group must be an array", scope=entry.span)
            continue
        for item, span in zip(entry.value.items, entry.value.entries, strict=True):
            if isinstance(item, Map):
                target = item.get("include-group")
                if isinstance(target, Text) and len(item.entries) == 1:
                    includes.setdefault(normalize(entry.key), []).append((normalize(target.text), target))
                else:
                    message = 'a table in a dependency group has exactly one key: `{include-group = "name"}`'
                    report(manifest, item.span, message, scope=span)
            else:
                add(manifest, item, span, group)
    for name, targets in includes.items():
        for target, text in targets:
            if target not in seen:
                message = f"there is no dependency group `{text.text}`"
                report(manifest, text.inner, message, rule="missing-include", scope=text.span)
            elif _reaches(target, name, includes):
                message = f"the group `{text.text}` includes this one in turn"
                report(manifest, text.inner, message, rule="missing-include", scope=text.span)


def _reaches(start: str, goal: str, includes: dict[str, list[tuple[str, Text]]]) -> bool:
    """Whether following the includes from one group leads to another."""
    pending, seen = [start], set()
    while pending:
        name = pending.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            pending.extend(target for target, _ in includes.get(name, ()))
    return False


def _read_setuptools(manifest: Manifest, document: Map) -> None:
    """``[tool.setuptools.dynamic]``: files that hold the dependencies or an extra's."""
    dynamic = document.map("tool", "setuptools", "dynamic")
    if dynamic is None:
        return
    tables = [dynamic.map("dependencies")]
    extras = dynamic.map("optional-dependencies")
    if extras is not None:
        tables += [extras.map(name) for name in extras.entries]
    for table in tables:
        files = table.get("file") if table is not None else None
        texts = files.items if isinstance(files, List) else [files]
        for text in texts:
            if isinstance(text, Text):
                manifest.includes.append(Include(text.text, "requirement", text.inner, text.span))


def _read_tools(manifest: Manifest, document: Map) -> None:
    """The tables of the tools that are there, each by its module."""
    tool = document.map("tool")
    if tool is None:
        return
    from importlib import import_module

    for name in ("poetry", "uv", "pdm", "hatch", "pixi"):
        table = tool.map(name)
        if table is not None:
            import_module(f"reqlint.formats._{name}").read(manifest, table, document)


def _head(table: Map) -> tuple[int, int]:
    """A place to point to for a table: its first key."""
    first = next(iter(table.entries.values()), None)
    return first.key_span if first is not None else table.span
