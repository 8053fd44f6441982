"""reqlint: reads Python dependency manifests as the real tools do, judges them, and mends what it reports.

The public names are loaded on first use, so that ``import reqlint`` costs next to nothing.
"""

from __future__ import annotations

__version__ = "0.1.0"

__all__ = ["Dependency", "Diagnostic", "Edit", "Fix", "Manifest", "__version__", "fix", "lint", "read"]

_HOMES = {
    "Dependency": "reqlint.model",
    "Diagnostic": "reqlint.diagnostic",
    "Edit": "reqlint.fixes",
    "Fix": "reqlint.fixes",
    "Manifest": "reqlint.model",
    "fix": "reqlint.api",
    "lint": "reqlint.api",
    "read": "reqlint.api",
}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.api import fix, lint, read
    from reqlint.diagnostic import Diagnostic
    from reqlint.fixes import Edit, Fix
    from reqlint.model import Dependency, Manifest


def __getattr__(name: str) -> object:
    """Load a public name from its home module (PEP 562)."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
