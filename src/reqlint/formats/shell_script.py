"""dependencies.sh, which Cortex runs before it installs the packages of an API, and other scripts by configuration."""

from __future__ import annotations

from reqlint.formats._shell import Script, read_script
from reqlint.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Role
    from reqlint.source import Source


def read(source: Source, role: Role | None) -> Manifest:
    """Read what a shell script installs; ``role``: what is asked of it, an application's unless told otherwise.

    Never raises. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "shell script", role or "application")
    if source.fault is None:
        read_script(manifest, Script(source.text, 0), manifest.role, "script", "script")
    return manifest
