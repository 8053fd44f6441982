"""GitHub workflows and composite actions: what their ``run`` steps install.

Source: GitHub's workflow syntax (``jobs.<id>.steps[*].run``, ``shell``) and the metadata syntax of composite actions.
"""

from __future__ import annotations

import re

from reqlint.formats._shell import read_script
from reqlint.formats._tree import List, Map, Text
from reqlint.formats._yaml_scripts import script_of
from reqlint.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._shell import Script
    from reqlint.formats._tree import Value
    from reqlint.model import Role
    from reqlint.source import Source

#: Shells whose words are quoted as those of bash.
_SHELLS = ("bash", "sh", "zsh", "micromamba-shell")
#: Others, whose words are near enough to those of bash: with the character that continues a line there.
_FOREIGN_SHELLS = {"pwsh": "`", "powershell": "`", "cmd": "^"}


def read(source: Source, role: Role | None) -> Manifest:
    """Read what a workflow installs; ``role``: what is asked of it, an application's unless told otherwise.

    Never raises: what is no YAML is for the linters of workflows to say. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "workflow", role or "application")
    manifest.foreign = True
    if source.fault is not None:
        return manifest
    from reqlint.formats._yaml import YamlError, parse

    try:
        documents = parse(source.text)
    except YamlError:
        return manifest
    for document in documents:
        default = _default_shell(document)
        for name, job, step in _steps(document):
            manifest.foreign = False
            script = step.get("run")
            shell = step.text("shell") or _default_shell(job) or default
            found = script_of(script, source.text) if isinstance(script, Text) else None
            if found is not None and _is_known(found, shell):
                read_script(manifest, found, manifest.role, name, name)
    return manifest


def _is_known(script: Script, shell: Text | None) -> bool:
    """Whether a shell is one whose commands can be read, its lines put together by then as bash would."""
    name = (shell.text.split() or [""])[0] if shell is not None else "bash"
    joint = _FOREIGN_SHELLS.get(name)
    if joint is not None:
        script.text = re.sub(rf"{re.escape(joint)}[ \t]*\r?\n", lambda found: " " * len(found[0]), script.text)
    return joint is not None or name in _SHELLS


def _default_shell(place: Value | None) -> Text | None:
    """The shell that a workflow or a job has for its steps."""
    defaults = place.map("defaults", "run") if isinstance(place, Map) else None
    return defaults.text("shell") if defaults is not None else None


def _steps(document: Value) -> Iterator[tuple[str, Map | None, Map]]:
    """All steps, each with the name of its job, and the job."""
    if not isinstance(document, Map):
        return
    places: list[tuple[str, Map | None, Value | None]] = [("action", None, document.get("runs", "steps"))]
    jobs = document.map("jobs")
    for entry in jobs.entries.values() if jobs is not None else ():
        if isinstance(entry.value, Map):
            places += [(entry.key, entry.value, entry.value.get("steps"))]
    for name, job, steps in places:
        for step in steps.items if isinstance(steps, List) else ():
            if isinstance(step, Map):
                yield name, job, step
