"""RQ4: overlap and conflict.

What two manifests of one project ask for, each on its own.
"""

from __future__ import annotations

import os
import re

from reqlint.diagnostic import Diagnostic, Label
from reqlint.registry import rule
from reqlint.requirement import normalize
from reqlint.rules._clashes import contradict, is_conditional, version_of_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reqlint.model import Dependency, Manifest
    from reqlint.project import Project

#: Files that surely are of one project and one purpose when they share a folder: name -> rank. Of two that cannot agree the
#: one with the lower rank is reported, which is the one that people derive from the other.
_RANKS = {
    "requirements.txt": 0,
    "constraints.txt": 1,
    "conda-packages.txt": 2,
    "environment.yml": 3,
    "environment.yaml": 3,
    "Pipfile": 4,
    "setup.cfg": 5,
    "setup.py": 6,
    "pyproject.toml": 7,
}
#: What is none of this rule's business: what is installed into one environment, which other rules compare; and what pip's
#: constraints do not limit.
_APART = (("requirements.txt", "conda-packages.txt"), ("constraints.txt", "conda-packages.txt"))
_CONDA_FILES = ("conda-packages.txt", "environment.yml", "environment.yaml")
_DIALECTS = ("pip", "pep508", "poetry", "pipfile", "conda")
#: The groups of what is installed always: that of `[tool.poetry.dependencies]` beside `[project]`, and a `pip:` list.
_GROUPS = (None, "pip", "tool.poetry")
#: A name with a digit behind it on its line; and the header of a table of TOML, which may end with a name.
_MENTION = rb"(?<![\w.-])[A-Za-z0-9][\w.-]*+(?=[^\r\n]{1,200}?[0-9])"
_HEADER = rb"(?m)^[ \t]*\[([\w.'\"-]{1,200})\]"


@rule("RQ405", "drifted-requirement", "warning", on="manifest")
def drifted_requirement(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """Two manifests of one project ask for versions of a distribution that cannot agree.

    ## Why is this bad?
    Whoever installs from the one file gets something else than who installs from the other, and only one of them is what was
    tested. One of the two was forgotten when the other was changed.

    Compared are files of one folder: requirements.txt, constraints.txt, conda-packages.txt, environment.yml, Pipfile,
    setup.cfg, setup.py and pyproject.toml, with what they always install. The finding is in the file that comes first in this
    list, since that is the one that people write after the other.

    ## Not reported
    Files of other names, such as requirements-cpu.txt, which may differ on purpose. Extras and groups. Versions that can
    agree: pinning in requirements.txt what pyproject.toml gives a range for is as it should be. A file that includes the
    other (see `conflicting-requirement`). A file that a tool compiled. Requirements whose markers exclude each other, those of
    which a part agrees, and those in a branch of a setup.py.

    ## Example
    ```requirements.txt
    flask==2.3.3
    ```
    ```pyproject.toml
    [project]
    name = "shop"
    version = "1.0"
    dependencies = ["flask>=3"]
    ```

    Use instead:
    ```requirements.txt
    flask==3.0.3
    ```
    ```pyproject.toml
    [project]
    name = "shop"
    version = "1.0"
    dependencies = ["flask>=3"]
    ```
    """
    directory, own = os.path.split(manifest.path)
    rank = _RANKS.get(own)
    if rank is None:
        return
    names = project.names(os.path.abspath(directory))
    others = [name for name in names if _RANKS.get(name, -1) > rank and (own, name) not in _APART]
    if not others or _is_compiled(manifest):
        return
    wanted = _by_name(manifest, project)
    if not wanted:
        return
    for name in sorted(others, key=_RANKS.__getitem__):
        path = os.path.join(directory, name)
        other = project.manifest(path) if _mentions(path, wanted, project) else None
        if other is not None and not other.foreign:
            yield from _compare(manifest, wanted, other, project)


def _is_compiled(manifest: Manifest) -> bool:
    """Whether a tool made the file from another one, so that it is a lock."""
    if manifest.format != "requirements.txt":
        return False
    from reqlint.compiled import is_compiled

    return is_compiled(manifest.source.text)


def _by_name(manifest: Manifest, project: Project) -> dict[str, list[Dependency]]:
    """What a file always installs in a version that it tells, by the names of PyPI."""
    found: dict[str, list[Dependency]] = {}
    for item in manifest.dependencies:
        if item.group.kind not in ("runtime", "constraint") or item.group.name not in _GROUPS:
            continue
        if item.dialect not in _DIALECTS or (manifest.format == "pyproject.toml" and item.ecosystem == "conda"):
            continue  # pixi's environment is a thing of its own
        tells = bool(item.constraints) if item.kind == "name" else version_of_file(item) is not None
        if tells and not is_conditional(item):
            for name in project.distributions(item):
                found.setdefault(name, []).append(item)
    return found


def _mentions(path: str, wanted: dict[str, list[Dependency]], project: Project) -> bool:
    """Whether a file may ask for a version of something that is wanted here: a look that spares most files a parser."""
    try:
        data = project.files.read(path)
    except OSError:
        return False
    names = set(_names(data))
    if names & wanted.keys():
        return True
    if os.path.basename(path) not in _CONDA_FILES:
        return False
    return any(not wanted.keys().isdisjoint(project.pypi_names(name, path)) for name in names)


def _names(data: bytes) -> Iterator[str]:
    """The words that may be names with a version behind them; of the header of a table each part that may be one."""
    for word in {*re.findall(_MENTION, data), *re.findall(_HEADER, data)}:
        rest = re.sub(r"[\"']", "", word.decode("ascii")).rstrip("._-")
        while rest:
            yield normalize(rest)
            rest = rest.partition(".")[2]


def _compare(
    manifest: Manifest, wanted: dict[str, list[Dependency]], other: Manifest, project: Project
) -> Iterator[Diagnostic]:
    """A finding for each distribution of which no requirement here agrees with any there."""
    theirs = _by_name(other, project)
    found = [pair for name in wanted.keys() & theirs.keys() for pair in _disagreement(wanted[name], theirs[name])]
    if not found or _is_compiled(other) or _includes(manifest, other, project) or _includes(other, manifest, project):
        return
    file = os.path.basename(other.path)
    for one, there in found:
        yield Diagnostic.of(
            one,
            f"no version of {one.shown} satisfies both {_asked(one)} here and {_asked(there)} in {file}",
            label=f"not what {file} asks for",
            help="one of the two is out of date: change it, so that who installs from either gets the same",
            related=[Label(there.source, there.span, "required here")],
        )


def _disagreement(here: Sequence[Dependency], there: Sequence[Dependency]) -> Sequence[tuple[Dependency, Dependency]]:
    """The first two requirements that may meet, when no two of them agree; else nothing."""
    from reqlint.markers import can_hold_together

    met = [
        (one, other)
        for one in here
        for other in there
        if not (one.group.kind == "constraint" and other.ecosystem == "conda")
        and can_hold_together(one.marker, other.marker)
    ]
    return met[:1] if all(contradict(one, other) for one, other in met) else ()


def _includes(manifest: Manifest, other: Manifest, project: Project) -> bool:
    """Whether a file includes another one, directly or not."""
    path = os.path.abspath(other.path)
    return any(os.path.abspath(member.dependency.source.path) == path for member in project.members(manifest))


def _asked(dependency: Dependency) -> str:
    """The version that is asked for, as it is written; a URL could hold a secret, so of it only the version is shown."""
    return f"`{dependency.specifier}`" if dependency.kind == "name" else f"{version_of_file(dependency)}"
