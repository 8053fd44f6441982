"""RQ5: locks."""

from __future__ import annotations

import os
import re

from reqlint.diagnostic import Diagnostic
from reqlint.registry import rule
from reqlint.versions import permits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from reqlint.lock import Lock, Locked
    from reqlint.model import Dependency, Manifest
    from reqlint.project import Project
    from reqlint.source import Span

#: Locks for all platforms and all versions of Python that the project supports.
_UNIVERSAL = ("poetry.lock", "uv.lock", "pdm.lock")
#: Locks that tell what comes from an index from what comes from a URL.
_TELLING_ORIGINS = (*_UNIVERSAL, "Pipfile.lock", "compiled")
#: What installers bring along: several tools leave it out of what they lock.
_UNSAFE = frozenset(("distribute", "pip", "setuptools", "wheel"))
#: Tools whose notation has the project's own name for each package: another one would not be taken.
_NAMED = ("pep508", "poetry", "pdm")
#: Options of a compiler that leave something out, and those that put other versions in.
_PARTIAL = (
    r" --(?:only-(?!binary)|(?:no-emit-(?:package|project|workspace|local)|no-install-\w+|no-deps|prune|package"
    r"|unsafe-package|excludes?)(?![\w-]))"
)
#: conda-lock takes a line with a selector behind it for some platforms only.
_SELECTOR = r"[^\n\r]*#[ \t]*\["
_OVERRIDE = r" --overrides?\b"
_MANY = 5

_HEADER = r"(?m)^[ \t]*(\[[^\n\r]*?\]+)"
_TOOL = r"(?m)^[ \t]*\[+[ \t]*tool\.(?P<tool>poetry|uv(?!\.build-backend\b)|pdm(?!\.(?:build|version)\b))\b"
_LOCK_OF = {"poetry": "poetry.lock", "uv": "uv.lock", "pdm": "pdm.lock"}


def _place(manifest: Manifest) -> Span:
    """Where a finding about a whole manifest stands: the table of its first dependency, else its first line."""
    text = manifest.source.text
    start = next((item.span[0] for item in manifest.dependencies if _is_installed(item)), 0)
    headers = list(re.finditer(_HEADER, text[:start]))
    found = headers[-1] if headers else re.search(r"(\S[^\n\r]*)", text)
    return found.span(1) if found is not None else (0, 0)


def _is_installed(item: Dependency) -> bool:
    """Whether a dependency is more than a requirement of the build, or a limit."""
    return item.group.kind not in ("build", "constraint")


def _shown(lock: Lock, manifest: Manifest) -> str:
    """The path of a lock as seen from the manifest."""
    folder = os.path.dirname(os.path.abspath(manifest.path))
    return os.path.relpath(os.path.abspath(lock.path), folder).replace(os.sep, "/")


def _renewal(lock: Lock) -> str:
    """What brings a lock up to date; one with an address or a login could hold a secret, and a long one is not for reading."""
    if re.search(r"://|@|pip-args", lock.command) or len(lock.command) > 100:
        return f"compile it again with {lock.tool}: the command stands at its top"
    return f"run `{lock.command}`"


@rule("RQ501", "stale-lock", "error", on="manifest")
def stale_lock(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The lock was made from another version of the manifest, or cannot be read.

    ## Why is this bad?
    What is installed is not what the manifest asks for: `pipenv install --deploy` and `poetry install` refuse such a lock,
    and `pipenv sync` installs it without a word.

    `Pipfile.lock` and `poetry.lock` hold a hash of their manifest, which is computed here as pipenv and Poetry do it. A lock
    that cannot be read at all, most often for the markers of a merge conflict, is reported for every tool.

    ## Not reported
    What does not change the hash: comments, the order of the requirements, tables that the tool does not lock. A Pipfile
    without a `[[source]]`, whose hash depends on the configuration of pip where it was locked. Locks of other tools, which
    hold no such hash: see `lock-mismatch`.

    ## Example
    ```Pipfile
    [[source]]
    name = "main"
    url = "https://packages.example.com/simple"
    verify_ssl = true

    [packages]
    idna = ">=3.10"
    ```

    ```Pipfile.lock
    {
        "_meta": {"hash": {"sha256": "b6bf8eae40fce58aa27b82d0c3e3145db6bfdddc0411cd8c8d39da7ee067b0f1"}},
        "default": {"idna": {"version": "==3.10"}},
        "develop": {}
    }
    ```

    Use instead:
    ```Pipfile
    [[source]]
    name = "main"
    url = "https://packages.example.com/simple"
    verify_ssl = true

    [packages]
    idna = ">=3.7"
    ```

    ```Pipfile.lock
    {
        "_meta": {"hash": {"sha256": "b6bf8eae40fce58aa27b82d0c3e3145db6bfdddc0411cd8c8d39da7ee067b0f1"}},
        "default": {"idna": {"version": "==3.10"}},
        "develop": {}
    }
    ```
    """
    for lock in project.locks(manifest):
        if lock.is_of_any_tool or lock.kind == "compiled":
            continue
        shown = _shown(lock, manifest)
        if lock.fault is not None:
            message, label = f"`{shown}` cannot be used: {lock.fault}", "locked by what cannot be read"
            help_ = f"restore it, or take one side of a merge, then {_renewal(lock)}"
        elif _is_stale(lock, manifest):
            message, label = f"`{shown}` was made from another version of this file", "changed since it was locked"
            help_ = _renewal(lock)
        else:
            continue
        yield Diagnostic(manifest.source, _place(manifest), message, label=label, help=help_)


def _is_stale(lock: Lock, manifest: Manifest) -> bool:
    """Whether the hash of the manifest that a lock holds is surely not the manifest's."""
    if lock.fingerprint is None or manifest.source.fault is not None:
        return False
    if lock.kind == "Pipfile.lock":
        from reqlint.fingerprint import of_pipfile

        hashes = of_pipfile(manifest.source.text)
    elif lock.kind == "poetry.lock":
        from reqlint.fingerprint import of_pyproject

        hashes = of_pyproject(manifest.source.text, lock.generator)
    else:
        return False
    return bool(hashes) and lock.fingerprint not in hashes


@rule("RQ502", "lock-mismatch", "error", on="manifest")
def lock_mismatch(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The lock holds a version that the manifest rules out, or lacks a requirement.

    ## Why is this bad?
    The manifest was changed and the lock was not made anew: what is installed is not what was asked for, or nothing is.

    All locks are compared, those of tools (`poetry.lock`, `uv.lock`, `pdm.lock`, `Pipfile.lock`, `pylock.toml`,
    `conda-lock.yml`, `pixi.lock`) and requirements files that were compiled from others.

    ## Not reported
    A requirement with a marker that the lock lacks: the tool may have found that it never holds. What another table takes
    from elsewhere (`tool.uv.sources`), names that are overridden, versions of packages that come from a URL or a folder,
    pip and setuptools that a compiler leaves out. A version that one of several locked ones satisfies. A `pylock.toml` that
    holds less than half of the requirements, or lies beside a pyproject.toml as well as a requirements file: it is
    another's.

    ## Example
    ```requirements.in
    idna>=3.10
    ```

    ```requirements.txt
    #
    # This file is autogenerated by pip-compile with Python 3.12
    # by the following command:
    #
    #    pip-compile requirements.in
    #
    idna==3.7
        # via -r requirements.in
    ```

    Use instead:
    ```requirements.in
    idna>=3.7
    ```

    ```requirements.txt
    #
    # This file is autogenerated by pip-compile with Python 3.12
    # by the following command:
    #
    #    pip-compile requirements.in
    #
    idna==3.7
        # via -r requirements.in
    ```
    """
    for lock in project.locks(manifest):
        if lock.fault is None and not (lock.kind == "compiled" and re.search(_OVERRIDE, lock.command)):
            yield from _compare(manifest, lock, project)


def _compare(manifest: Manifest, lock: Lock, project: Project) -> Iterator[Diagnostic]:
    """What one lock has otherwise than its manifest."""
    overridden = _overridden(manifest, lock, project)
    asked = [item for item in manifest.dependencies if _is_asked(item, lock, project) and item.name not in overridden]
    absent = [item for item in asked if not lock.of(item)]
    if not project.belongs(lock, manifest):
        return
    shown, help_ = _shown(lock, manifest), _renewal(lock)
    lacking = [item for item in absent if _must_be_there(item, lock, project)]
    if len(lacking) > _MANY and 2 * len(lacking) > len(asked):
        message = f"{len(lacking)} of {len(asked)} requirements are not in {shown}"
        yield Diagnostic(manifest.source, _place(manifest), message, label="not what was locked", help=help_)
        lacking = []
    for item in asked:
        if item in lacking:
            yield Diagnostic.of(item, f"{shown} does not have {item.shown}", label="not locked", help=help_)
        elif item not in absent:
            fault = _fault(item, lock, shown, asked)
            if fault is not None:
                yield Diagnostic.of(item, fault, label="not what was locked", help=help_)


def _overridden(manifest: Manifest, lock: Lock, project: Project) -> Collection[str | None]:
    """The names whose versions are set over the heads of those who require them, here or at the top of the workspace."""
    manifests = [manifest]
    if os.path.dirname(os.path.abspath(lock.path)) != os.path.dirname(os.path.abspath(manifest.path)):
        above = project.manifest(os.path.join(os.path.dirname(lock.path), os.path.basename(manifest.path)))
        manifests += [above] if above is not None else []
    items = [item for each in manifests for item in each.dependencies]
    return {item.name for item in items if item.group.kind == "constraint" and "override" in (item.group.name or "")}


def _is_asked(item: Dependency, lock: Lock, project: Project) -> bool:
    """Whether a lock has to do with a dependency, and with the version that is asked of it."""
    name = item.name
    if name is None or name.startswith("__") or item.redirected or not project.concerns(lock, item):
        return False
    if item.ecosystem == "pypi" and name == "python":
        return False
    if lock.kind == "pixi.lock":  # what a feature asks for is locked where an environment has it
        return item.group.kind == "runtime" and item.group.name is None
    if lock.kind == "poetry.lock" and item.dialect == "pep508" and (lock.generator or "1").startswith("1"):
        return False  # Poetry reads `[project]` since 2.0
    if lock.kind == "pdm.lock" and item.group.kind == "runtime" and lock.packages:
        return any("default" in (package.groups or ("default",)) for package in lock.packages)
    return True


def _must_be_there(item: Dependency, lock: Lock, project: Project) -> bool:
    """Whether it is a fault that a lock has nothing of a dependency."""
    if _is_conditional(item) or (item.ecosystem == "pypi" and item.name in _UNSAFE):
        return False
    if item.kind != "name" and (item.kind != "url" or item.dialect not in _NAMED):
        return False
    if lock.kind == "compiled":
        return re.search(_PARTIAL, lock.command) is None
    if item.ecosystem == "pypi" and lock.kind in ("conda-lock.yml", "pixi.lock"):
        # conda-lock takes from conda what a pyproject.toml asks for, by a table of its own.
        return (lock.kind == "pixi.lock" or item.dialect == "pip") and not _is_of_conda(item, lock, project)
    return True


def _is_conditional(item: Dependency) -> bool:
    """Whether a dependency is asked for on some Pythons or platforms only."""
    selected = item.dialect == "conda" and re.match(_SELECTOR, item.source.text[item.span[1] :]) is not None
    return item.marker is not None or selected


def _is_of_conda(item: Dependency, lock: Lock, project: Project) -> bool:
    """Whether one of conda's packages in a lock holds a project of PyPI, so that it need not be locked once more."""
    names = (package.name for package in lock.packages if package.ecosystem == "conda")
    return any(item.name in project.pypi_names(name, item.source.path) for name in names)


def _fault(item: Dependency, lock: Lock, shown: str, asked: Sequence[Dependency]) -> str | None:
    """What is wrong with what a lock holds for a dependency, if anything is."""
    found = lock.of(item)
    if item.kind == "url":
        return _foreign_origin(item, found, shown) if lock.kind in _TELLING_ORIGINS else None
    versions = _versions(item, found)
    if not versions or _fits(item, versions):
        return None
    specifiers = [item.specifier]
    if _is_conditional(item):
        # Where another entry of the name fits, this one may be for a Python or a platform that is not supported at all.
        twins = [other for other in asked if other.name == item.name and other.ecosystem == item.ecosystem]
        if lock.kind not in _UNIVERSAL or any(_fits(other, versions) for other in twins):
            return None
        split = [other for other in twins if _is_conditional(other)]
        if item is not split[0]:
            return None  # which of them is meant cannot be told: the first one speaks for all
        specifiers = list(dict.fromkeys(other.specifier for other in split))
    which = " and ".join(filter(None, (", ".join(versions[:-1]), versions[-1])))
    ruled = " and ".join(f"`{specifier}`" for specifier in specifiers)
    return f"{item.shown} is locked to {which} in {shown}, which {ruled} rule{'' if specifiers[1:] else 's'} out"


def _foreign_origin(item: Dependency, found: Sequence[Locked], shown: str) -> str | None:
    """Whether what is asked for from a URL is locked from elsewhere: from an index, or at another commit."""
    if not any(package.direct for package in found):
        return f"{item.shown} comes from a URL, and is locked to a release from an index in {shown}"
    vcs = item.vcs
    if vcs is None or vcs.scheme != "git" or vcs.ref is None or vcs.ref_kind != "commit":
        return None
    commits = [package.commit for package in found if package.commit is not None]
    if not commits or any(commit.startswith(vcs.ref.lower()) for commit in commits):
        return None
    return f"{item.shown} is locked to the commit {commits[0][:12]} in {shown}, and {vcs.ref[:12]} is asked for"


def _versions(item: Dependency, found: Sequence[Locked]) -> list[str]:
    """The locked versions that can be compared with what a dependency asks for; none where that cannot be told."""
    groups = item.parts.alternatives or (item.constraints,)
    if item.kind != "name" or not item.constraints:
        return []
    for clause in (clause for group in groups for clause in group):
        if clause.clauses is None or clause.templated or "$" in clause.version:
            return []
    versions: list[str] = []
    for package in found:
        if package.version is None or package.direct or not _is_plain(package.version, item):
            return []
        if package.version not in versions:
            versions.append(package.version)
    return versions


def _is_plain(version: str, item: Dependency) -> bool:
    """Whether PEP 440 knows a version; of conda's, whether the two agree on where it stands."""
    from packaging.version import InvalidVersion, Version

    try:
        parsed = Version(version)
    except InvalidVersion:
        return False
    return item.ecosystem == "pypi" or parsed.base_version == str(parsed)


def _fits(item: Dependency, versions: Sequence[str]) -> bool:
    """Whether one of some versions is among those that a dependency asks for."""
    return item.kind != "name" or any(permits(item, version) for version in versions)


@rule("RQ503", "missing-lock", "warning", on="manifest", default=False)
def missing_lock(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The project's tool makes a lock, and there is none.

    ## Why is this bad?
    Without its lock, a Pipfile or the pyproject.toml of a Poetry, uv or PDM project is installed with whatever is newest
    that day.

    ## Not reported
    A project without requirements, one whose workspace has the lock, and one that has a lock of another tool.

    ## Example
    ```pyproject.toml
    [project]
    name = "shop"
    version = "1.0"
    requires-python = ">=3.12"
    dependencies = ["idna>=3.7"]

    [tool.uv]
    package = false
    ```

    Use instead:
    ```pyproject.toml
    [project]
    name = "shop"
    version = "1.0"
    requires-python = ">=3.12"
    dependencies = ["idna>=3.7"]

    [tool.uv]
    package = false
    ```

    ```uv.lock
    version = 1
    revision = 3
    requires-python = ">=3.12"

    [[package]]
    name = "idna"
    version = "3.10"
    source = { registry = "https://packages.example.com/simple" }

    [[package]]
    name = "shop"
    version = "1.0"
    source = { virtual = "." }
    dependencies = [
        { name = "idna" },
    ]
    ```
    """
    name = _own_lock(manifest)
    if name is None or not any(map(_is_installed, manifest.dependencies)):
        return
    if any(lock.kind != "compiled" for lock in project.locks(manifest)):
        return
    from reqlint.lock import LOCK_FILES

    kind = LOCK_FILES[name]
    yield Diagnostic(
        manifest.source,
        _place(manifest),
        f"there is no `{name}` for this {kind.tool} project",
        label="not locked",
        help=f"run `{kind.command}`, and commit what it writes",
    )


def _own_lock(manifest: Manifest) -> str | None:
    """The name of the lock that the tool of a manifest makes; None where no tool can be told."""
    if manifest.format == "Pipfile":
        return "Pipfile.lock"
    found = re.search(_TOOL, manifest.source.text) if manifest.format == "pyproject.toml" else None
    return _LOCK_OF[found["tool"]] if found is not None else None
