"""Environments made by hand, and what the evidence says of them: nothing is installed, and no interpreter started."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reqlint.config import Configurations
from reqlint.files import Disk
from reqlint.formats import FORMATS
from reqlint.linter import Linter, Target

if TYPE_CHECKING:
    from reqlint.evidence.environment import Installation
    from reqlint.files import Files


def make_environment(
    prefix: Path, *names: str, library: str = "lib/python3.11/site-packages", version: str | None = "3.11.7"
) -> Path:
    """An environment with these ``name-version`` as wheels leave them; ``version``: of Python, in pyvenv.cfg."""
    prefix.mkdir(parents=True, exist_ok=True)
    if version is not None:
        (prefix / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n", encoding="utf-8")
    folder = prefix / library
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        add(folder, name)
    return folder


def add(
    library: Path, name: str, metadata: str | None = None, *, direct_url: Mapping[str, Any] | str | None = None
) -> Path:
    """A ``name-version.dist-info`` with METADATA, and with direct_url.json when its content is given."""
    record = library / f"{name}.dist-info"
    record.mkdir(parents=True)
    if metadata is None:
        project, _, version = name.partition("-")
        metadata = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"
    (record / "METADATA").write_text(metadata, encoding="utf-8")
    if direct_url is not None:
        content = direct_url if isinstance(direct_url, str) else json.dumps(direct_url)
        (record / "direct_url.json").write_text(content, encoding="utf-8")
    return record


def look(
    path: Path,
    text: str,
    *,
    python: str | os.PathLike[str] | None = None,
    files: Files | None = None,
    form: str = "requirements.txt",
) -> list[Installation | None]:
    """What the evidence says of each dependency of a file with this text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    linter = make_linter(python, files)
    manifest = linter.load([Target(str(path), FORMATS[form])])[0]
    return [linter.evidence.installed(dependency) for dependency in manifest.dependencies]


def make_linter(python: str | os.PathLike[str] | None, files: Files | None) -> Linter:
    files = files or Disk()
    overrides = {} if python is None else {"python": os.fspath(python)}
    return Linter(files, Configurations(files, overrides, isolated=True))


def versions(path: Path, text: str, **options: Any) -> list[str | None]:
    return [found.version if found is not None else None for found in look(path, text, **options)]


def version(path: Path, text: str, **options: Any) -> str | None:
    """What the evidence says of the only dependency."""
    [found] = versions(path, text, **options)
    return found
