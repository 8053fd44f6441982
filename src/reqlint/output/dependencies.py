"""``--show-dependencies``: the requirements that were read, with their places."""

from __future__ import annotations

import os

from reqlint.output import shortened, shown_path, visible
from reqlint.output.json import as_text, location
from reqlint.redaction import Redactor, whole_path
from reqlint.versions import firmness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from reqlint.model import Dependency, Manifest
    from reqlint.project import Project

_HEAD = ["line", "name", "version", "pinned", "locked", "marker or source"]


def render(manifests: Sequence[Manifest], project: Project, *, json: bool) -> str:
    """A table a file, or a JSON array of all in file order."""
    redact = Redactor(project.sources())
    if json:
        return as_text(
            [as_object(item, manifest, project, redact) for manifest in manifests for item in manifest.dependencies]
        )
    blocks = []
    for manifest in manifests:
        rows = [[shortened(visible(redact(cell))) for cell in _row(item, project)] for item in manifest.dependencies]
        head = f"{shown_path(redact.word(manifest.path))} ({manifest.format}, {project.verdict(manifest).role})\n"
        blocks.append(head + (_table([_HEAD, *rows]) if rows else "  no requirements\n"))
    return "\n".join(blocks)


def _row(item: Dependency, project: Project) -> list[str]:
    name = item.raw_name or "(no name)"
    if item.extras:
        name += f"[{','.join(item.extras)}]"
    rest = " ; ".join(part for part in (item.url, item.marker) if part)
    version = item.vcs.ref if item.vcs is not None and item.vcs.ref else specifier(item)
    source = ("-e " if item.editable else "") + rest
    return [str(item.source.row(item.span[0])), name, version, firmness(item), _held(item, project), source]


def _held(item: Dependency, project: Project) -> str:
    """The versions that a lock or a constraint fixes, and which file does."""
    pinned = project.pinned(item)
    return f"{', '.join(pinned.versions)} ({os.path.basename(pinned.path)})" if pinned is not None else ""


def _table(rows: list[list[str]]) -> str:
    """Columns of text, aligned by the cells that a terminal gives them; the last one as long as it is."""
    from rich.cells import cell_len

    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        cells = [cell + " " * (size - cell_len(cell)) for cell, size in zip(row, widths, strict=False)]
        lines.append(f"  {'  '.join([*cells, row[-1]]).rstrip()}\n")
    return "".join(lines)


def specifier(item: Dependency) -> str:
    """The specifier as packaging prints it (clauses sorted), or as written where packaging cannot read it."""
    if item.dialect not in ("pip", "pep508") or len(item.constraints) < 2:
        return item.specifier
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return str(SpecifierSet(item.specifier))
    except InvalidSpecifier:  # a variable stands in it
        return item.specifier


def as_object(item: Dependency, manifest: Manifest, project: Project, redact: Redactor) -> dict[str, Any]:
    """A dependency as a JSON object; credentials are masked.

    ``locked``: the version that a lock or a constraint fixes; several, where markers or platforms choose, are separated by
    commas; ``locked_in``: the file that does.
    """
    vcs = item.vcs
    pinned = project.pinned(item)
    return {
        "filename": whole_path(item.source.path, redact.word),
        "location": location(item.source, item.span[0]),
        "end_location": location(item.source, item.span[1]),
        "format": manifest.format,
        "text": redact(item.text),
        "name": _redacted(item.name, redact.word),
        "raw_name": _redacted(item.raw_name, redact.word),
        "extras": sorted(redact.word(extra) for extra in item.extras),
        "specifier": redact.word(specifier(item)),
        "marker": _redacted(_marker(item.marker), redact),
        "url": _redacted(item.url, redact),
        "vcs": None
        if vcs is None
        else {
            "scheme": vcs.scheme,
            "repository": redact(vcs.repository),
            "ref": _redacted(vcs.ref, redact),
            "ref_kind": vcs.ref_kind,
            "subdirectory": _redacted(vcs.subdirectory, redact),
        },
        "ecosystem": item.ecosystem,
        "group": {"kind": item.group.kind, "name": _redacted(item.group.name, redact.word), "role": project.role(item)},
        "editable": item.editable,
        "hashes": item.hashes,
        "pinned": firmness(item),
        "locked": ", ".join(redact.word(version) for version in pinned.versions) if pinned is not None else None,
        "locked_in": whole_path(pinned.path, redact.word) if pinned is not None else None,
    }


def _redacted(text: str | None, redact: Callable[[str], str]) -> str | None:
    """A field that may be absent, without the secrets in it."""
    return redact(text) if text is not None else None


def _marker(marker: str | None) -> str | None:
    """A marker as packaging prints it, or as written where packaging cannot read it."""
    if marker is None:
        return None
    from packaging.markers import InvalidMarker, Marker

    try:
        return str(Marker(marker))
    except InvalidMarker:
        return marker
