"""hatch.toml: what ``[tool.hatch]`` holds, without that prefix.

Source: Hatch's documentation of its configuration files.
"""

from __future__ import annotations

from reqlint.formats._hatch import read_settings
from reqlint.formats._toml import document_of
from reqlint.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Role
    from reqlint.source import Source


def read(source: Source, role: Role | None) -> Manifest:
    """Read a hatch.toml: environments of developers, and what builds need; ``role``: that of the file, for show.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "hatch.toml", role or "development")
    document = document_of(manifest)
    if document is None:
        return manifest
    read_settings(manifest, document)
    manifest.dependencies.sort(key=lambda dependency: dependency.span[0])
    return manifest
