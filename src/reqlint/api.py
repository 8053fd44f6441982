"""The public functions: ``lint``, ``fix`` and ``read``, for programs that want findings rather than text."""

from __future__ import annotations

from reqlint.config import Configurations
from reqlint.discovery import discover, load, targets
from reqlint.files import Disk
from reqlint.linter import Linter, Mender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from reqlint.diagnostic import Diagnostic
    from reqlint.model import Manifest


def lint(paths: Sequence[str], configuration: Mapping[str, Any] | None = None) -> list[Diagnostic]:
    """The findings in files and directories, in their order and by place.

    ``configuration``: keys and values as in ``[tool.reqlint]``, which win over what the configuration files say. Raises
    ConfigurationError and UnreadableError.
    """
    configurations = _configurations(configuration)
    linter = Linter(Disk(), configurations)
    return linter.check(load(linter, discover(paths, configurations), paths))


def fix(
    paths: Sequence[str], configuration: Mapping[str, Any] | None = None, *, unsafe: bool = False
) -> dict[str, tuple[bytes, bytes]]:
    """What mending the files would make of them: path -> content before and after, for each that would change.

    Nothing is written. Raises ConfigurationError and UnreadableError.
    """
    configurations = _configurations(configuration)
    found = discover(paths, configurations)
    load(Linter(Disk(), configurations), found, paths)
    mender = Mender(Disk(), configurations, targets(found), unsafe=unsafe)
    mender.run()
    return mender.changes()


def read(path: str) -> Manifest:
    """One file as a manifest: its dependencies with their places. Raises UnreadableError."""
    configurations = Configurations(Disk(), {}, isolated=True)
    return Linter(Disk(), configurations).load(targets(discover([path], configurations)))[0]


def _configurations(values: Mapping[str, Any] | None) -> Configurations:
    from reqlint.config import check

    check(values or {}, "configuration")
    return Configurations(Disk(), values or {})
