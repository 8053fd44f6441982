"""GitHub workflows and composite actions: what their ``run`` steps install.

Source: GitHub's workflow syntax (``jobs.<id>.steps[*].run``, ``shell``) and the metadata syntax of composite actions.
"""

from __future__ import annotations

from reqlint.formats._shell import read_script
from reqlint.formats._tree import List, Map, Text
from reqlint.formats._yaml_scripts import script_of
from reqlint.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._tree import Value
    from reqlint.model import Role
    from reqlint.source import Source

#: Shells whose words are quoted as those of bash.
_SHELLS = ("bash", "sh", "zsh", "pwsh", "powershell", "cmd")


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
        for where, step in _steps(document):
            manifest.foreign = False
            script, shell = step.get("run"), step.text("shell")
            if isinstance(script, Text) and (shell is None or shell.text.split()[:1] in [[name] for name in _SHELLS]):
                found = script_of(script, source.text)
                if found is not None:
                    read_script(manifest, found, manifest.role, where)
    return manifest


def _steps(document: Value) -> Iterator[tuple[str, Map]]:
    """All steps, each with the name of its job."""
    if not isinstance(document, Map):
        return
    places = [("action", document.get("runs", "steps"))]
    jobs = document.map("jobs")
    places += (
        [(entry.key, entry.value.get("steps")) for entry in jobs.entries.values() if isinstance(entry.value, Map)]
        if jobs
        else []
    )
    for name, steps in places:
        for step in steps.items if isinstance(steps, List) else ():
            if isinstance(step, Map):
                yield name, step
