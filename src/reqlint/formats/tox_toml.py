"""tox.toml: what tox installs into its environments.

Source: tox's documentation of its configuration; ``_tox`` reads the tables.
"""

from __future__ import annotations

from reqlint.formats._toml import document_of
from reqlint.formats._tox import read as read_tables
from reqlint.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Role
    from reqlint.source import Source


def read(source: Source, role: Role | None) -> Manifest:
    """Read a tox.toml into a manifest; ``role``: of the manifest, development unless told otherwise.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "tox.toml", role or "development")
    document = document_of(manifest)
    if document is not None:
        read_tables(manifest, document, document)
        manifest.dependencies.sort(key=lambda dependency: dependency.span[0])
    return manifest
