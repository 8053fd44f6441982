"""Whole projects to prove laws on: the real corpus, where it is there, the literate cases, and the projects of the tests.

``furnished`` makes up what a project would have beside its manifests if somebody had installed it: environments or locks
that hold a version for every name and a commit for every repository, so that a fix is offered wherever there can be one.
"""

from __future__ import annotations

import json
import os
import posixpath
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from reqlint.config import Configurations
from reqlint.files import Memory
from reqlint.formats import format_of
from reqlint.linter import Linter, Mender, Target
from reqlint.lock import lock_file
from reqlint.model import Dependency, Manifest
from reqlint.versions import permits
from tests.literate import read_cases
from tests.support import expand

TESTS = Path(__file__).parents[1]
CORPUS = Path(os.environ.get("REQLINT_CORPUS", TESTS.parent / "../shared/corpus")).resolve()
ROOT = os.path.abspath(os.path.join(os.sep, "nowhere", "project"))

_COMMIT = "0123456789abcdef0123456789abcdef01234567"
_HASH = "sha256:" + "0123456789abcdef" * 4
_USUAL = ("1.4.2", "2.3.1", "3.1.4", "0.9.3", "1.0", "2022.1.1", "0.0.1", "12.0.1", "30.1")


@dataclass
class Project:
    """Files by their paths from the root of a project, with ``/``."""

    name: str
    files: dict[str, bytes] = field(default_factory=dict)

    def __str__(self) -> str:
        """What a test report calls it."""
        return self.name

    @property
    def manifests(self) -> list[str]:
        """The files that are manifests by their names, those inside of environments left out."""
        return sorted(path for path in self.files if format_of(path) is not None and ".venv/" not in path)

    def targets(self) -> list[Target]:
        """The same, as they are given to a linter."""
        forms = [(path, format_of(path)) for path in self.manifests]
        return [Target(native(path), form) for path, form in forms if form is not None]

    def mender(self, *, unsafe: bool, select: list[str] | None = None) -> Mender:
        """What mends all of it in memory."""
        return Mender(Tree(self.files), self._configurations(select), self.targets(), unsafe=unsafe)

    def read(self) -> list[Manifest]:
        """All of its manifests."""
        return Linter(Tree(self.files), self._configurations(None)).load(self.targets())

    def _configurations(self, select: list[str] | None) -> Configurations:
        return Configurations(Tree(self.files), {"select": select} if select else {})


def native(path: str) -> str:
    """A path of a project as the linter has it."""
    return os.path.join(ROOT, *path.split("/"))


class Tree(Memory):
    """Files in memory that know their folders: a whole repository is asked about them very often."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        super().__init__({native(path): data for path, data in contents.items()})

    @cached_property
    def _folders(self) -> dict[str, set[str]]:
        folders: dict[str, set[str]] = defaultdict(set)
        for path in self.contents:
            above, name = os.path.split(path)
            while name and name not in folders[above]:
                folders[above].add(name)
                above, name = os.path.split(above)
        return dict(folders)

    def is_directory(self, path: str) -> bool:
        return os.path.abspath(path) in self._folders

    def names(self, path: str) -> list[str]:
        return sorted(self._folders.get(os.path.abspath(path), ()))


# Where projects come from


def corpus() -> list[Project]:
    """The repositories of strangers; none where they are not there."""
    projects = []
    for folder in sorted(CORPUS.glob("*/")):
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        projects.append(
            Project(folder.name, {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})
        )
    return [project for project in projects if project.manifests]


def parts(project: Project, size: int) -> Iterator[Project]:
    """A large repository in several: what lies in one folder, and below it, stays together."""
    groups: dict[str, dict[str, bytes]] = defaultdict(dict)
    for path, data in project.files.items():
        groups["/".join(path.split("/")[:2]) if "/" in path else ""][path] = data
    held: dict[str, bytes] = {}
    number = 0
    for files in groups.values():
        if held and len(held) + len(files) > size:
            yield Project(f"{project.name} {number}", held)
            held, number = {}, number + 1
        held = {**held, **files}
    yield Project(f"{project.name} {number}", held)


def own() -> list[Project]:
    """The literate cases and the projects of the tests."""
    projects = []
    for path in sorted((TESTS / "cases").glob("*.md")):
        projects += [Project(str(case), dict(case.files)) for case in read_cases(path)]
    for folder in sorted((TESTS / "projects").glob("*/*/")):
        files = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name != "findings.txt":
                files[path.relative_to(folder).as_posix()] = expand(path.read_bytes().decode("latin-1")).encode(
                    "latin-1"
                )
        projects.append(Project(f"{folder.parent.name}/{folder.name}", files))
    return [project for project in projects if project.manifests]


# What is made up beside the manifests


def furnished(project: Project) -> Project:
    """The project with environments or locks, that hold what its manifests ask for, in the folders that have neither."""
    wanted: dict[str, dict[tuple[str, str], list[Dependency]]] = defaultdict(dict)
    for manifest in project.read():
        folder = posixpath.dirname(os.path.relpath(manifest.path, ROOT).replace(os.sep, "/"))
        for dependency in manifest.dependencies:
            if dependency.name is not None:
                wanted[folder].setdefault((dependency.ecosystem, dependency.name), []).append(dependency)
    files = dict(project.files)
    for folder, names in wanted.items():
        here = [path for path in project.files if posixpath.dirname(path) == folder]
        if any(lock_file(posixpath.basename(path)) for path in here):
            continue
        if zlib.crc32(folder.encode()) % 2 and "pyproject.toml" not in {posixpath.basename(path) for path in here}:
            files[posixpath.join(folder, "uv.lock")] = _lock(names)
        else:
            _install(files, posixpath.join(folder, ".venv"), names)
        _install_conda(files, posixpath.join(folder, ".conda"), names)
    return Project(project.name, files)


def _version(dependencies: list[Dependency]) -> str:
    """One that as many of them as can be let in."""
    candidates = [*_USUAL]
    for dependency in dependencies:
        for clause in dependency.constraints:
            plain = clause.version.removesuffix(".*")
            if plain.replace(".", "").isdigit():
                candidates = [plain, f"{plain}.1", f"{plain}.0.1", *candidates]
    fitting = [sum(permits(item, version) for item in dependencies) for version in candidates]
    return candidates[fitting.index(max(fitting))]


def _lock(names: dict[tuple[str, str], list[Dependency]]) -> bytes:
    pieces = ["version = 1\n"]
    for (ecosystem, name), dependencies in names.items():
        if ecosystem != "pypi":
            continue
        vcs = next((item.vcs for item in dependencies if item.vcs is not None), None)
        if vcs is not None and "\\" not in vcs.repository and '"' not in vcs.repository:
            source = f'{{ git = "{vcs.repository}#{_COMMIT}" }}'
        else:
            source = '{ registry = "https://packages.example.com/simple" }'
        pieces.append(f'[[package]]\nname = "{name}"\nversion = "{_version(dependencies)}"\nsource = {source}\n')
        pieces.append(f'wheels = [{{ url = "https://files.example.com/a.whl", hash = "{_HASH}" }}]\n')
    return "\n".join(pieces).encode()


def _install(files: dict[str, bytes], place: str, names: dict[tuple[str, str], list[Dependency]]) -> None:
    files[f"{place}/pyvenv.cfg"] = b"version = 3.11.9\n"
    for (ecosystem, name), dependencies in names.items():
        if ecosystem != "pypi":
            continue
        info = f"{place}/lib/python3.11/site-packages/{name.replace('-', '_')}-{_version(dependencies)}.dist-info"
        files[f"{info}/METADATA"] = b"Metadata-Version: 2.1\n"
        vcs = next((item.vcs for item in dependencies if item.vcs is not None), None)
        if vcs is not None and not any(item.kind == "name" for item in dependencies):
            record = {"url": vcs.repository, "vcs_info": {"vcs": vcs.scheme, "commit_id": _COMMIT}}
            files[f"{info}/direct_url.json"] = json.dumps(record).encode()


def _install_conda(files: dict[str, bytes], place: str, names: dict[tuple[str, str], list[Dependency]]) -> None:
    for (ecosystem, name), dependencies in names.items():
        if ecosystem == "conda":
            files[f"{place}/conda-meta/{name}-{_version(dependencies)}-py311_0.json"] = b"{}"
