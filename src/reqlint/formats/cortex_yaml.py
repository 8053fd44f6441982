"""cortex.yaml: which files the packages of each API come from.

Source: Cortex's documentation of Python packages, up to 0.35 (later releases build containers, and know no such keys). The
file is a list of APIs; ``predictor.dependencies`` (later ``handler.dependencies``) names ``pip``, ``conda`` and ``shell``
files, relative to the yaml. Without it they are requirements.txt, conda-packages.txt and dependencies.sh beside it. The shell
script runs first, then conda, then pip.
"""

from __future__ import annotations

import re

from reqlint.formats._tree import List, Map, Text
from reqlint.model import Include, Manifest, Stack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._tree import Entry
    from reqlint.model import Role
    from reqlint.source import Source

_SERVERS = ("predictor", "handler")
_FORMATS = {"shell": "shell script", "conda": "conda-packages.txt", "pip": "requirements.txt"}
_DEFAULTS = {"shell": "dependencies.sh", "conda": "conda-packages.txt", "pip": "requirements.txt"}


def read(source: Source, role: Role | None) -> Manifest:
    """Read a cortex.yaml: it requires nothing itself, but says which files are installed together; ``role``: for show.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "cortex.yaml", role or "application")
    if source.fault is not None or not re.search(r"^(?:-[ \t]+)?[ \t]*(?:name|kind)[ \t]*:", source.text, re.MULTILINE):
        manifest.foreign = source.fault is None
        return manifest
    from reqlint.formats._yaml import documents_of

    documents = documents_of(manifest)
    if documents is None:
        return manifest
    apis = [item for document in documents if isinstance(document, List) for item in document.items]
    manifest.foreign = not apis
    for api in apis:
        if isinstance(api, Map):
            _read_api(manifest, api)
    return manifest


def _read_api(manifest: Manifest, api: Map) -> None:
    """The files of one API: those that it names, else the usual ones, which need not be there."""
    if not any(name in api.entries for name in _SERVERS):
        return  # a traffic splitter, or an API that comes in a container
    named = {entry.key: entry for entry in _dependencies(api)}
    name = api.get("name")
    stack = Stack(name.text if isinstance(name, Text) else None, "Cortex")
    for kind, form in _FORMATS.items():
        entry = named.get(kind)
        if entry is None:
            stack.files[form] = _DEFAULTS[kind]
        elif isinstance(entry.value, Text):
            stack.files[form] = entry.value.text
            span = entry.value.inner
            include = Include(entry.value.text, "requirement", span, entry.span, "application", form)
            stack.named.append(include)
    manifest.stacks.append(stack)


def _dependencies(api: Map) -> Iterator[Entry]:
    """The entries of ``dependencies``."""
    for server in _SERVERS:
        table = api.get(server, "dependencies")
        if isinstance(table, Map):
            yield from table.entries.values()
