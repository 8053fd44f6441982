"""``--show-dependencies``: the requirements that were read, with their places."""

from __future__ import annotations

import os

from reqlint.credentials import mask
from reqlint.output import shown_path, visible
from reqlint.output.json import location
from reqlint.versions import firmness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from reqlint.model import Dependency, Manifest
    from reqlint.redaction import Redactor


def render(manifests: Sequence[Manifest], redact: Redactor, *, json: bool) -> str:
    """A table a file, or a JSON array of all in file order."""
    if json:
        from json import dumps

        rows = [as_object(item, manifest, redact) for manifest in manifests for item in manifest.dependencies]
        return dumps(rows, indent=2, ensure_ascii=False) + "\n"
    blocks = []
    for manifest in manifests:
        rows = [_row(item, redact) for item in manifest.dependencies]
        head = f"{redact(shown_path(manifest.path))} ({manifest.format}, {manifest.role})\n"
        blocks.append(head + _table([["line", "name", "version", "pinned", "marker or source"], *rows]))
    return "\n".join(blocks)


def _row(item: Dependency, redact: Redactor) -> list[str]:
    name = item.raw_name or "(no name)"
    if item.extras:
        name += f"[{','.join(item.extras)}]"
    rest = " ; ".join(part for part in (mask(redact(item.url or "")), item.marker or "") if part)
    version = item.vcs.ref if item.vcs is not None and item.vcs.ref else specifier(item)
    return [str(item.source.row(item.span[0])), name, redact(version), firmness(item), visible(("-e " if item.editable else "") + rest)]


def _table(rows: list[list[str]]) -> str:
    """Columns of text, the last one as long as it is."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        cells = [cell.ljust(size) for cell, size in zip(row, widths, strict=False)]
        lines.append(f"  {'  '.join([*cells, row[-1]]).rstrip()}\n")
    return "".join(lines)


def specifier(item: Dependency) -> str:
    """The specifier as packaging prints it (clauses sorted), or as written where it holds a variable."""
    if item.ecosystem != "pypi" or item.dialect not in ("pip", "pep508") or any(part.templated for part in item.constraints):
        return item.specifier
    if len(item.constraints) < 2:
        return item.specifier
    from packaging.specifiers import SpecifierSet

    return str(SpecifierSet(item.specifier))


def as_object(item: Dependency, manifest: Manifest, redact: Redactor) -> dict[str, Any]:
    """A dependency as a JSON object; credentials are masked."""
    vcs = item.vcs
    return {
        "filename": redact(os.path.abspath(item.source.path)),
        "location": location(item.source, item.span[0]),
        "end_location": location(item.source, item.span[1]),
        "format": manifest.format,
        "text": mask(redact(item.text)),
        "name": item.name,
        "raw_name": item.raw_name,
        "extras": sorted(item.extras),
        "specifier": specifier(item),
        "marker": _marker(item.marker),
        "url": mask(redact(item.url)) if item.url is not None else None,
        "vcs": None
        if vcs is None
        else {
            "scheme": vcs.scheme,
            "repository": mask(redact(vcs.repository)),
            "ref": redact(vcs.ref) if vcs.ref is not None else None,
            "ref_kind": vcs.ref_kind,
            "subdirectory": vcs.subdirectory,
        },
        "ecosystem": item.ecosystem,
        "group": {"kind": item.group.kind, "name": item.group.name, "role": item.group.role},
        "editable": item.editable,
        "hashes": item.hashes,
        "pinned": firmness(item),
        "locked": None,
    }


def _marker(marker: str | None) -> str | None:
    """A marker as packaging prints it."""
    if marker is None:
        return None
    from packaging.markers import Marker

    return str(Marker(marker))
