"""uv.toml: what ``[tool.uv]`` holds of limits, indexes and settings, without that prefix.

Source: uv's documentation of configuration files. What belongs to one project (sources, a workspace) has no place in it, and
uv refuses the whole file when it meets it there.
"""

from __future__ import annotations

from reqlint.formats._pep508 import report
from reqlint.formats._toml import document_of
from reqlint.formats._uv import read_settings
from reqlint.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Role
    from reqlint.source import Source

_OF_PROJECTS = (
    "sources", "workspace", "dev-dependencies", "default-groups", "dependency-groups", "managed", "package", "build-backend",
)  # fmt: skip


def read(source: Source, role: Role | None) -> Manifest:
    """Read a uv.toml; it requires nothing by itself, so nothing is asked of its versions, whatever the ``role``.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "uv.toml", role or "input")
    document = document_of(manifest)
    if document is None:
        return manifest
    for key in _OF_PROJECTS:
        if key in document.entries:
            entry = document.entries[key]
            message = f"`{key}` belongs to a project, into pyproject.toml: uv refuses the file"
            report(
                manifest, entry.key_span, message, help=f"move it to `[tool.uv]` there, as `{key}`", scope=entry.span
            )
    prefixed = document.map("tool", "uv")
    if prefixed is not None:
        entry = document.entries["tool"]
        message = "in uv.toml the keys stand without `tool.uv`: uv refuses the file"
        report(manifest, entry.key_span, message, scope=entry.span)
        read_settings(manifest, prefixed, "")
    read_settings(manifest, document, "")
    manifest.dependencies.sort(key=lambda dependency: dependency.span[0])
    return manifest
