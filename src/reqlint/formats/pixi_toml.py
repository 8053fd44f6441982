"""pixi.toml: a workspace of pixi, a package, or both.

Source: pixi's documentation of its manifest.
"""

from __future__ import annotations

from reqlint.formats._pixi import read_tables
from reqlint.formats._toml import document_of
from reqlint.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Role
    from reqlint.source import Source


def read(source: Source, role: Role | None) -> Manifest:
    """Read a pixi.toml; ``role``: what is asked of its environments, an application's unless told otherwise.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "pixi.toml", role or "application")
    document = document_of(manifest)
    if document is None:
        return manifest
    read_tables(manifest, document, manifest.role)
    manifest.dependencies.sort(key=lambda dependency: dependency.span[0])
    return manifest
