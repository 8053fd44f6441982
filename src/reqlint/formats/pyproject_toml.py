"""pyproject.toml: the tables of the standards, and those of each tool, read by a module of its own.

Sources: the pyproject.toml specification (PEP 518, PEP 621), dependency groups (PEP 735), setuptools' documentation of
``[tool.setuptools.dynamic]``.
"""

from __future__ import annotations

from reqlint.formats._pep508 import DEVELOPMENT_NAMES, add, add_list, reaches, report
from reqlint.formats._tables import texts
from reqlint.formats._toml import document_of
from reqlint.formats._tree import List, Map, Text
from reqlint.model import Group, Include, Manifest
from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.formats._tree import Entry
    from reqlint.model import Role
    from reqlint.source import Source

#: The tools whose tables are read, each by a module with a function ``read(manifest, table, document)``.
_TOOLS = ("poetry", "uv", "pdm", "hatch", "pixi", "tox")


def read(source: Source, role: Role | None) -> Manifest:
    """Read a pyproject.toml; ``role``: what the configuration says the project is, else the file's own word counts.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "pyproject.toml", role or "library")
    document = document_of(manifest)
    if document is None:
        return manifest
    why = is_application(document) if role is None else ""
    if why:
        manifest.role = "application"
        manifest.reason = f"it says `{why}`"
    elif manifest.role == "library":
        builds = document.map("build-system") is not None
        manifest.reason = "it has a build system" if builds else "nothing says that it is not built for others"
    manifest.publishable = manifest.role == "library" and _may_be_published(document)
    _read_build_system(manifest, document)
    _read_project(manifest, document)
    _read_groups(manifest, document)
    _read_setuptools(manifest, document)
    _read_tools(manifest, document)
    _mark_own_name(manifest, document)
    manifest.dependencies.sort(key=lambda dependency: dependency.span[0])
    return manifest


def is_application(document: Map) -> str:
    """The words with which the file itself says that nothing is built from it for others to depend on; "" without them.

    That is ``package = false`` in ``[tool.uv]``, ``package-mode = false`` in ``[tool.poetry]``, or ``distribution = false``
    in ``[tool.pdm]``.
    """
    for tool, key in (("uv", "package"), ("poetry", "package-mode"), ("pdm", "distribution")):
        if document.flag("tool", tool, key) is False:
            return f"{key} = false"
    return ""


def _may_be_published(document: Map) -> bool:
    """Whether a distribution is built that an index might take: `Private ::` classifiers keep PyPI from taking one."""
    if document.map("build-system") is None:
        return False
    classifiers = (
        *texts(document.get("project", "classifiers")),
        *texts(document.get("tool", "poetry", "classifiers")),
    )
    return not any(text.startswith("Private ::") for text in classifiers)


def _table(manifest: Manifest, document: Map, name: str) -> Map | None:
    """A table at the top; None when it is not there, or is no table (which is reported)."""
    value = document.get(name)
    if value is not None and not isinstance(value, Map):
        report(manifest, value.span, f"`{name}` must be a table", scope=document.entries[name].span)
    return value if isinstance(value, Map) else None


def _read_build_system(manifest: Manifest, document: Map) -> None:
    """``[build-system] requires`` (PEP 518): the table must have it."""
    table = _table(manifest, document, "build-system")
    if table is None:
        return
    if "requires" not in table.entries:
        report(manifest, _head(table), "`[build-system]` has no `requires`, so no tool can build this project")
        return
    add_list(manifest, table.get("requires"), Group("build", "build"))


def _read_project(manifest: Manifest, document: Map) -> None:
    """``[project]`` (PEP 621): dependencies and extras."""
    project = _table(manifest, document, "project")
    if project is None:
        return
    role = manifest.role
    _check_dynamic(manifest, document, project)
    python = project.get("requires-python")
    manifest.python = python.text if isinstance(python, Text) else None
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


def _check_dynamic(manifest: Manifest, document: Map, project: Map) -> None:
    """Report a field that has a value and is said to be worked out by the build backend, which then refuses it.

    Poetry's backend alone takes both, and reads more from its own table.
    """
    dynamic = project.get("dynamic")
    backend = document.text("build-system", "build-backend")
    if not isinstance(dynamic, List) or (backend is not None and backend.text.startswith("poetry.")):
        return
    for item, span in zip(dynamic.items, dynamic.entries, strict=True):
        if (
            isinstance(item, Text)
            and item.text in ("dependencies", "optional-dependencies")
            and item.text in project.entries
        ):
            message = f"`{item.text}` has a value, so it cannot be dynamic: no tool can build this project"
            report(manifest, item.span, message, help="take one of the two out", scope=span)


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
    includes: dict[str, list[Text]] = {}
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
                    includes.setdefault(normalize(entry.key), []).append(target)
                else:
                    message = 'a table in a dependency group has exactly one key: `{include-group = "name"}`'
                    report(manifest, item.span, message, scope=span)
            else:
                add(manifest, item, span, group)
    graph = {name: [normalize(text.text) for text in items] for name, items in includes.items()}
    for name, items in includes.items():
        for text in items:
            target_name = normalize(text.text)
            message = ""
            if target_name not in seen:
                message = f"there is no dependency group `{text.text}`"
            elif reaches(target_name, name, graph):
                message = f"the group `{text.text}` includes this one in turn"
            if message:
                report(manifest, text.inner, message, rule="missing-include", scope=text.span)


def _read_setuptools(manifest: Manifest, document: Map) -> None:
    """``[tool.setuptools.dynamic]``: files that hold the dependencies or an extra's.

    setuptools reads them only where ``project.dynamic`` lists the field.
    """
    table = document.map("tool", "setuptools", "dynamic")
    if table is None:
        return
    dynamic = texts(document.get("project", "dynamic"))
    for field in ("dependencies", "optional-dependencies"):
        value = table.map(field)
        if value is None:
            continue
        if field not in dynamic and "project" in document.entries:
            message = f"setuptools drops this: `project.dynamic` does not list `{field}`"
            report(
                manifest, table.entries[field].key_span, message, rule="ignored-text", scope=table.entries[field].span
            )
            continue
        if field == "dependencies":
            _include_files(manifest, value, manifest.role)
            continue
        for name in value.entries:
            development = normalize(name) in DEVELOPMENT_NAMES
            _include_files(manifest, value.map(name), "development" if development else manifest.role)


def _include_files(manifest: Manifest, table: Map | None, role: Role) -> None:
    """The files of ``{file = "a.txt"}`` or ``{file = ["a.txt", "b.txt"]}``; ``role``: of what they hold."""
    files = table.get("file") if table is not None else None
    for text in files.items if isinstance(files, List) else [files]:
        if isinstance(text, Text):
            manifest.includes.append(Include(text.text, "requirement", text.inner, text.span, role))


def _read_tools(manifest: Manifest, document: Map) -> None:
    """The tables of the tools that are there, each by its module."""
    tool = document.map("tool")
    if tool is None:
        return
    from importlib import import_module

    for name in _TOOLS:
        table = tool.map(name)
        if table is not None:
            import_module(f"reqlint.formats._{name}").read(manifest, table, document)


def _mark_own_name(manifest: Manifest, document: Map) -> None:
    """The project's own name among its requirements (``all = ["project[a,b]"]``) is the project itself.

    Nothing is to be pinned or bounded there.
    """
    names = {
        normalize(name.text)
        for name in (document.text("project", "name"), document.text("tool", "poetry", "name"))
        if name is not None
    }
    for dependency in manifest.dependencies:
        if dependency.name in names and dependency.kind == "name":
            dependency.redirected = True


def _head(table: Map) -> tuple[int, int]:
    """A place to point to for a table: its first key."""
    first = next(iter(table.entries.values()), None)
    return first.key_span if first is not None else table.span
