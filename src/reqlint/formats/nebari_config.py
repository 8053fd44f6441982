"""nebari-config.yaml: the conda environments that a Nebari deployment offers to its users.

Source: Nebari's documentation of environments (``environments``: a mapping from file names to environment files, which
conda-store builds) and conda-store's of environment specifications.
"""

from __future__ import annotations

from reqlint.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Role
    from reqlint.source import Source


def read(source: Source, role: Role | None) -> Manifest:
    """Read the environments of a Nebari configuration; ``role``: what is asked of them, an application's.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "nebari-config.yaml", role or "application")
    manifest.foreign = True
    if source.fault is not None:
        return manifest
    from reqlint.formats._yaml import Mapping, documents_of
    from reqlint.formats.environment_yml import read_embedded

    documents = documents_of(manifest)
    if documents is None:
        manifest.foreign = False
        return manifest
    for document in documents[:1]:
        environments = document.get("environments") if isinstance(document, Mapping) else None
        if not isinstance(environments, Mapping):
            continue
        for entry in environments.entries.values():
            if isinstance(entry.value, Mapping):
                manifest.foreign = False
                read_embedded(manifest, entry.value, entry.key)
    return manifest
