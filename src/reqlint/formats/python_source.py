"""Any Python source that says what it needs: Metaflow's decorators, and the metadata of a script (PEP 723).

A file that has neither is foreign: nothing in it is reqlint's business.
"""

from __future__ import annotations

import re

from reqlint.formats import _inline_script
from reqlint.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Role
    from reqlint.source import Source

_IMPORT = re.compile(r"(?m)^[ \t]*(?:from[ \t]+metaflow\b|import\b[^\n]*\bmetaflow\b)")
_DECORATOR = re.compile(r"\b(?:pypi|conda)(?:_base)?\b")


def read(source: Source, role: Role | None) -> Manifest:
    """Read a Python file; never raises. ``role``: what the includer or the configuration says it is, if anything.

    A flow is an application, and a script alone asks nothing of its versions.
    """
    manifest = Manifest(source, "python source", role or "input")
    if source.fault is not None:
        manifest.foreign = True
        return manifest
    has_block = _inline_script.SIGN in source.text and _inline_script.read(manifest)
    has_flow = False
    if _IMPORT.search(source.text) and _DECORATOR.search(source.text):
        from reqlint.formats import _metaflow

        has_flow = _metaflow.read(manifest)
    if has_flow and role is None:
        manifest.role = "application"
        manifest.reason = "its steps run with these packages"
    elif has_block and role is None:
        manifest.reason = "a script is run by hand, with what fits on that day"
    manifest.foreign = not (has_flow or has_block or manifest.problems)
    manifest.dependencies.sort(key=lambda dependency: dependency.span[0])
    return manifest
