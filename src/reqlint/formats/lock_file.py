"""Lock files of all tools: searched for secrets and for the marks of a merge; what they fix is read as evidence.

A lock is written by its tool, so that nothing is asked of what it holds.
"""

from __future__ import annotations

import re

from reqlint.model import Manifest, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Role
    from reqlint.source import Source

_MERGE = re.compile(r"^(?:<{7}|>{7})[ \t].*$", re.MULTILINE)


def read(source: Source, role: Role | None) -> Manifest:
    """A manifest that requires nothing by itself, whatever the ``role``; never raises.

    Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "lock file", role or "input")
    manifest.reason = "a tool wrote it"
    found = _MERGE.search(source.text)
    if found is not None:
        message = "the marks of a merge conflict stand in this lock, so that its tool cannot read it"
        help_ = "take one side's lock, and let the tool bring it up to date"
        manifest.problems.append(Problem("wrong-kind-of-file", found.span(), message, help=help_))
    return manifest
