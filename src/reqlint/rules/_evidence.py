"""Which version or commit is meant, by the evidence there is, in the order in which it is trusted (``pin-from``)."""

from __future__ import annotations

import os
import re

from reqlint.repositories import repository_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.fixes import Applicability
    from reqlint.lock import Locked
    from reqlint.model import Dependency, Manifest
    from reqlint.project import Project, Refs
    from reqlint.requirement import Requirement, Vcs


class Meant:
    """A version that is meant.

    ``version``: of a PyPI project without its local label, which no index has; ``told``: which one that is, for messages ("the version in
    uv.lock"); ``applicability``: ``safe`` when the project's own lock or environment has it.
    """

    __slots__ = ("applicability", "told", "version")

    def __init__(self, version: str, told: str, applicability: Applicability = "safe") -> None:
        """Keep the parts."""
        self.version = version
        self.told = told
        self.applicability = applicability


class MeantCommit:
    """A commit that is meant: all its digits; ``tag`` is a name for it, where one is known; the rest as in ``Meant``."""

    __slots__ = ("applicability", "commit", "tag", "told")

    def __init__(self, commit: str, told: str, applicability: Applicability = "safe", tag: str | None = None) -> None:
        """Keep the parts."""
        self.commit = commit
        self.told = told
        self.applicability = applicability
        self.tag = tag


class MeantHashes:
    """The hashes of all files of a version (``sha256:…``); the rest as in ``Meant``."""

    __slots__ = ("applicability", "hashes", "version", "where")

    def __init__(
        self, hashes: tuple[str, ...], version: str, where: str, applicability: Applicability = "safe"
    ) -> None:
        """Keep the parts."""
        self.hashes = hashes
        self.version = version
        self.where = where
        self.applicability = applicability


def option_of(applicability: Applicability) -> str:
    """What to give reqlint so that a fix is applied, for the help of a finding."""
    return "--fix" if applicability == "safe" else "--fix --unsafe-fixes"


def meant_version(dependency: Dependency, project: Project) -> Meant | None:
    """The version that the first evidence to know one has for a requirement by name, if its specifier allows it."""
    for source in project.configurations.of(dependency.source.path).pin_from:
        found = _SOURCES[source](dependency, project)
        if found is not None:
            return found
    return None


def _from_lock(dependency: Dependency, project: Project) -> Meant | None:
    """From a lock that has one version for all environments that the requirement is meant for."""
    found = locked_versions(dependency, project)
    if found is None or len(found[0]) != 1:
        return None
    return Meant(_public(next(iter(found[0])), dependency), f"the version in {found[1]}")


def _from_environment(dependency: Dependency, project: Project) -> Meant | None:
    found = project.evidence.installed(dependency)
    return Meant(_public(found.version, dependency), f"the version in {found.where}") if found is not None else None


def _public(version: str, dependency: Dependency) -> str:
    """A version as it can be asked for: without a local label for PyPI, whole for conda, to which `1.0` is not `1.0+cpu`."""
    return version if dependency.ecosystem == "conda" else version.partition("+")[0]


def _from_index(dependency: Dependency, project: Project) -> Meant | None:
    """The newest release that an index has, which nobody may have tried in this project."""
    online = project.evidence.online
    manifest = project.manifest(dependency.source.path)
    if online is None or manifest is None or _has_several(dependency, project):
        return None
    python = _python(manifest, project)
    release = online.newest(dependency, project.together(manifest), python, _as_loose(dependency, manifest, project))
    return Meant(release.version, f"the newest that fits on {release.where}", "unsafe") if release is not None else None


def _has_several(dependency: Dependency, project: Project) -> bool:
    """Whether a lock that is to be believed has several versions, for different environments: the newest is none of them."""
    if "lock" not in project.configurations.of(dependency.source.path).pin_from:
        return False
    found = locked_versions(dependency, project)
    return found is not None and len(found[0]) > 1


def _python(manifest: Manifest, project: Project) -> str | None:
    """The Python that a release must be for: those that the manifest says it is for, else that of the environment.

    Where neither tells, that of the pyproject.toml in the same folder.
    """
    found = manifest.python or _conda_python(manifest) or project.evidence.python(manifest.path)
    if found is None:
        path = os.path.join(os.path.dirname(manifest.path), "pyproject.toml")
        beside = project.manifest(path) if project.files.is_file(path) else None
        found = beside.python if beside is not None else None
    return found


def _conda_python(manifest: Manifest) -> str | None:
    """The Python that conda is asked for in the same file, by PEP 440."""
    for item in manifest.dependencies:
        if item.ecosystem == "conda" and item.name == "python":
            clauses = [operator + version for part in item.constraints for operator, version in part.clauses or ()]
            return ",".join(clauses) or None
    return None


def _as_loose(dependency: Dependency, manifest: Manifest, project: Project) -> Iterator[Dependency]:
    """The dependencies that are asked for by the rule that asks for one: those that are pinned as it is, for the same role.

    For what stands for a file of one machine, the others of that kind. What a lock, a constraint or the environment tells
    is no question for an index, nor is what the configuration allows to be loose.
    """
    from reqlint.versions import firmness

    if dependency not in manifest.dependencies:
        for item in manifest.dependencies:
            if item.kind == "url" and item.name is not None and (item.url or "")[:5].lower() == "file:":
                yield by_name(item, item.name)
        return
    role, wanted, configuration = dependency.group.role, firmness(dependency), project.configuration(manifest)
    for item in manifest.dependencies:
        if (
            item.kind == "name"
            and item.group.role == role
            and not item.hashes
            and firmness(item) == wanted
            and not any(configuration.allows(code, item.name) for code in _PIN_RULES)
            and not project.is_covered(item)
            and _is_left_to_index(item, project)
        ):
            yield item


#: The rules about versions, which ask the index.
_PIN_RULES = ("RQ101", "RQ102", "RQ103")


def _is_left_to_index(dependency: Dependency, project: Project) -> bool:
    """Whether no evidence that is trusted more than an index has a version for a dependency."""
    for source in project.configurations.of(dependency.source.path).pin_from:
        if source == "index":
            return not _has_several(dependency, project)
        if _SOURCES[source](dependency, project) is not None:
            return False
    return True


def by_name(dependency: Dependency, name: str) -> Dependency:
    """A dependency that asks by name alone for what another one takes from a URL, in its place, to ask evidence for."""
    from reqlint.requirement import Requirement

    parts = Requirement("name", name)
    parts.marker = dependency.marker
    return in_place(dependency, parts)


def in_place(dependency: Dependency, parts: Requirement) -> Dependency:
    """A dependency in the same place with other parts, to ask evidence for."""
    from reqlint.model import Dependency

    return Dependency(dependency.source, dependency.span, dependency.entry, dependency.text, parts, dependency.group)


_SOURCES = {"lock": _from_lock, "environment": _from_environment, "index": _from_index}


def locked_versions(dependency: Dependency, project: Project) -> tuple[dict[str, list[Locked]], str] | None:
    """What the first lock that has a package holds for a requirement: version -> packages, and the lock's name.

    None where the lock has a version that is not asked for: it is out of date, and no other one is a better witness.
    """
    from reqlint.versions import permits

    for lock in project.locks_around(dependency):
        packages: dict[str, list[Locked]] = {}
        for item in lock.of(dependency):
            if item.version is not None and not item.direct and _together(dependency.marker, item.marker):
                packages.setdefault(item.version, []).append(item)
        if packages:
            is_current = all(permits(dependency, version) for version in packages)
            return (packages, os.path.basename(lock.path)) if is_current else None
    return None


def meant_hashes(dependency: Dependency, project: Project) -> MeantHashes | None:
    """The hashes of the one version that a requirement pins, by the first evidence that has that version."""
    version = _pinned(dependency)
    if version is None:
        return None
    for source in project.configurations.of(dependency.source.path).pin_from:
        find = _HASH_SOURCES.get(source)
        found = find(dependency, version, project) if find is not None else None
        if found is not None and found.hashes:
            return found
    return None


def _pinned(dependency: Dependency) -> str | None:
    """The version that ``==`` or ``===`` pins, when that is all the specifier says."""
    if dependency.kind != "name" or len(dependency.constraints) != 1:
        return None
    clause = dependency.constraints[0]
    is_exact = clause.operator in ("==", "===") and not clause.version.endswith(".*") and not clause.templated
    return clause.version if is_exact else None


def _locked_hashes(dependency: Dependency, version: str, project: Project) -> MeantHashes | None:
    for lock in project.locks_around(dependency):
        for item in lock.of(dependency):
            if item.version == version and not item.direct:
                return MeantHashes(item.hashes, version, os.path.basename(lock.path))
    return None


def _asked_hashes(dependency: Dependency, version: str, project: Project) -> MeantHashes | None:
    online = project.evidence.online
    manifest = project.manifest(dependency.source.path)
    if online is None or manifest is None:
        return None
    beside = (item for item in manifest.dependencies if not item.hashes and _pinned(item) is not None)
    hashes = online.hashes(dependency, version, project.together(manifest), beside)
    return MeantHashes(hashes, version, "the index", "unsafe")


_HASH_SOURCES = {"lock": _locked_hashes, "index": _asked_hashes}


def _together(one: str | None, other: str | None) -> bool:
    """Whether two markers can hold together; yes where one of them cannot be read."""
    if one is None or other is None:
        return True
    from packaging.markers import InvalidMarker

    from reqlint.markers import can_hold_together

    try:
        return can_hold_together(one, other)
    except InvalidMarker:
        return True


def locked_commit(dependency: Dependency, vcs: Vcs, project: Project) -> MeantCommit | None:
    """The commit that a lock took from the very repository of a requirement.

    In place of a tag, only when the locked version is the tag's: the lock may be of another one.
    """
    key = repository_key(vcs.repository)
    for lock in project.locks_around(dependency):
        commits = {
            item.commit: item.version
            for item in lock.of(dependency)
            if item.commit is not None and item.url is not None and repository_key(item.url) == key
        }
        if commits:
            commit, version = commits.popitem()
            is_it = vcs.ref_kind != "tag" or (version is not None and _is_tag_of(vcs.ref or "", version))
            told = f"the commit in {os.path.basename(lock.path)}"
            return MeantCommit(commit, told, tag=_tag(vcs)) if not commits and is_it else None
    return None


def installed_commit(dependency: Dependency, vcs: Vcs, project: Project) -> MeantCommit | None:
    """The commit that the project's environment has installed from the very repository of a requirement.

    In place of a tag, only when the installed version is the tag's.
    """
    found = project.evidence.installed(dependency)
    if found is None or found.commit is None or found.url is None:
        return None
    if repository_key(found.url) != repository_key(vcs.repository):
        return None
    if vcs.ref and vcs.ref_kind == "tag" and not _is_tag_of(vcs.ref, found.version):
        return None
    return MeantCommit(found.commit, f"the commit in {found.where}", tag=_tag(vcs))


def _tag(vcs: Vcs) -> str | None:
    """The tag that a requirement names, without the folder of its full name."""
    return vcs.ref.rpartition("tags/")[2] if vcs.ref and vcs.ref_kind == "tag" else None


def asked_commit(dependency: Dependency, vcs: Vcs, project: Project) -> MeantCommit | None:
    """The commit that the server of a git repository has for the ref of a requirement.

    Without a ref, that of the newest tag, else of the default branch. Only that of a tag is what gets installed in any case.
    """
    refs = asked_refs(dependency, vcs, project)
    if refs is None:
        return None
    if not vcs.ref:
        tag = refs.newest_tag()
        commit = refs.commit_of(f"refs/tags/{tag}") if tag is not None else refs.head
        told = f"the commit of the newest tag, `{tag}`" if tag is not None else "where the default branch is now"
        return MeantCommit(commit, told, "unsafe", tag) if commit is not None else None
    kind, commit = refs.kind_of(vcs.ref), refs.commit_of(vcs.ref)
    if commit is None:
        return None
    if kind == "tag":
        return MeantCommit(commit, f"the commit of the tag `{vcs.ref}`", "safe", vcs.ref.rpartition("tags/")[2])
    told = f"where `{vcs.ref}` is now" if kind == "branch" else "the only one that its server shows with these digits"
    return MeantCommit(commit, told, "unsafe", refs.tag_at(commit))


def asked_refs(dependency: Dependency, vcs: Vcs, project: Project) -> Refs | None:
    """What the server of a git repository tells, when it may be asked."""
    online = project.evidence.online
    if online is None or vcs.scheme != "git" or vcs.scp:
        return None
    return online.refs(vcs.repository, _repositories(dependency, project))


def _repositories(dependency: Dependency, project: Project) -> Iterator[str]:
    """The git repositories that the rules may ask about: those of the manifest of a dependency, and of all that it includes."""
    manifest = project.manifest(dependency.source.path)
    for item in project.together(manifest) if manifest is not None else ():
        configuration = project.configuration(item)
        for other in item.dependencies:
            vcs = other.vcs
            if vcs is None or vcs.scheme != "git" or vcs.scp or vcs.repository[:5].lower() == "file:":
                continue
            is_whole = vcs.ref_kind == "commit" and len(vcs.ref or "") >= _WHOLE
            host = repository_key(vcs.repository).partition("/")[0].partition(":")[0]
            if not is_whole and not any(configuration.allows(code, other.name, host) for code in _REF_RULES):
                yield vcs.repository


#: The rules about refs, which ask about repositories.
_REF_RULES = ("RQ201", "RQ202", "RQ203")


def meant_commit(dependency: Dependency, project: Project) -> MeantCommit | None:
    """The whole commit that is meant by a version control requirement of git or Mercurial."""
    vcs = dependency.vcs
    if vcs is None or vcs.scheme not in ("git", "hg"):
        return None
    beginning = vcs.ref.lower() if vcs.ref and vcs.ref_kind == "commit" else ""
    for source in project.configurations.of(dependency.source.path).pin_from:
        find = _COMMIT_SOURCES.get(source)
        found = find(dependency, vcs, project) if find is not None else None
        if found is not None and len(found.commit) >= _WHOLE and found.commit.startswith(beginning):
            return found
    return asked_commit(dependency, vcs, project)


_COMMIT_SOURCES = {"lock": locked_commit, "environment": installed_commit}
_WHOLE = 40


def _is_tag_of(tag: str, version: str) -> bool:
    """Whether a tag is named after this version (``v1.2.0``, ``core-1.2.0``, ``release_1_2_0``)."""
    match = re.search(r"\d+(?:[._-]\w+)*$", tag)
    return match is not None and match[0].replace("_", ".").lower() == version.partition("+")[0].lower()
