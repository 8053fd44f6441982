"""The project that the files belong to: what rules may ask about the files around the one they look at.

Everything is read on demand and once. Nothing here opens a path by itself: it asks the ``files`` that it was given, and
the readers of formats and evidence are handed in by the linter.
"""

from __future__ import annotations

import os
import re

from reqlint.config import ConfigurationError
from reqlint.model import Include

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Protocol

    from reqlint.config import Configuration, Configurations
    from reqlint.files import Files
    from reqlint.lock import Lock
    from reqlint.model import Dependency, Ecosystem, Group, Manifest, Role, Stack
    from reqlint.roles import Verdict
    from reqlint.source import Source

    class Installed(Protocol):
        """What an environment says of one project."""

        version: str
        commit: str | None
        url: str | None
        where: str

    class Release(Protocol):
        """One release on an index: its ``version``, and the host that has it."""

        version: str
        where: str

    class Refs(Protocol):
        """The branches and tags of a repository; ``head``: the commit of its default branch."""

        head: str | None

        def kind_of(self, ref: str) -> str | None:
            """``branch``, ``tag``, ``commit``, or None."""

        def commit_of(self, ref: str) -> str | None:
            """The whole commit of a ref."""

        def newest_tag(self) -> str | None:
            """The tag of the highest version."""

        def tag_at(self, commit: str) -> str | None:
            """A tag of this commit."""

    class Online(Protocol):
        """What may be asked of others."""

        def newest(
            self,
            dependency: Dependency,
            manifests: Sequence[Manifest],
            python: str | None,
            beside: Iterable[Dependency] = (),
        ) -> Release | None:
            """The newest release that a dependency lets in; ``beside``: what is likely to be asked for next."""

        def hashes(
            self,
            dependency: Dependency,
            version: str,
            manifests: Sequence[Manifest],
            beside: Iterable[Dependency] = (),
        ) -> tuple[str, ...]:
            """The hashes of all files of a release."""

        def refs(self, repository: str, beside: Iterable[str] = ()) -> Refs | None:
            """The branches and tags of a git repository."""

    class Commit(Protocol):
        """One commit of a history."""

        hash: str

        @property
        def date(self) -> str:
            """Of its author, as ``2026-01-14``."""

    class Past(Protocol):
        """Since when a secret has been in a file's history: no ``commit`` when in none; ``whole``: whether that is certain."""

        @property
        def commit(self) -> Commit | None:
            """The oldest that has it."""

        whole: bool

    class Evidence(Protocol):
        """What can say which version is meant; ``online``: what may be asked of others, if anything."""

        @property
        def online(self) -> Online | None:
            """None without `--online`."""

        def python(self, path: str) -> str | None:
            """The version of Python in the environment of a file's project."""

        def installed(self, dependency: Dependency) -> Installed | None:
            """What the project's own environment holds for this dependency, if it is to be believed."""

        def needed(self, path: str, names: Iterable[str]) -> frozenset[str]:
            """Those of some projects that others of them require, as the environment of a file tells."""

        def past(self, path: str, secret: str) -> Past | None:
            """Since when a secret of a file has been in its history; None when it cannot be told."""

        def lock(self, path: str) -> Lock:
            """What a lock file says; one that cannot be read says why (``fault``)."""


#: Formats whose requirements are words of commands.
COMMANDS = ("Dockerfile", "workflow", "shell script")
_CONDA_LIST = r"(?i)conda[-_]packages?(?P<rest>[^/]*)\.txt"
#: Formats of which each group is an environment of its own: Nebari's, and Metaflow's steps and flows.
_OF_SEVERAL = ("nebari-config.yaml", "python source")
#: Dialects of tools that know no constraints files.
_UNCONSTRAINED = ("metaflow", "platform", "pre-commit")
_PIP_LIST = r"(?i)requirements?(?P<rest>[^/]*)\.txt"


class Member:
    """A dependency that is installed together with others: ``constraint`` when it only limits versions.

    ``via``: the include in the asked file through which it comes, None when it stands there itself.
    """

    __slots__ = ("constraint", "dependency", "via")

    def __init__(self, dependency: Dependency, via: Include | None, *, constraint: bool) -> None:
        """Keep the parts."""
        self.dependency = dependency
        self.via = via
        self.constraint = constraint


class Environment:
    """What is installed together, in the order in which it is installed: conda's packages, then pip's.

    ``manifest``: the file whose environment it is, and on whose lines findings about it stand; ``members``: all of it;
    ``beside``: the other manifests that take part without being included; ``stack``: what says so, where a file does.
    """

    __slots__ = ("beside", "manifest", "members", "stack")

    def __init__(
        self,
        manifest: Manifest,
        members: Sequence[Member],
        beside: Sequence[Manifest] = (),
        stack: Stack | None = None,
    ) -> None:
        """Keep the parts."""
        self.stack = stack
        self.manifest = manifest
        self.members = members
        self.beside = beside

    def of(self, ecosystem: Ecosystem) -> list[Member]:
        """What one of the installers is asked for, constraints left out."""
        return [item for item in self.members if item.dependency.ecosystem == ecosystem and not item.constraint]


class Pinned:
    """Which versions a lock or a constraint fixes for a dependency: ``path`` tells the file."""

    __slots__ = ("path", "versions")

    def __init__(self, versions: tuple[str, ...], path: str) -> None:
        """``versions``: without operators, each once; more than one where markers or platforms tell them apart."""
        self.versions = versions
        self.path = path


class Project:
    """The files around, and what is known of them."""

    def __init__(
        self,
        files: Files,
        configurations: Configurations,
        read: Callable[[str, Role | None, str | None], Manifest | None],
        evidence: Evidence,
    ) -> None:
        """``read``: a manifest by its path (None when there is none), with a role when its includer gives it one.

        And with the format of a file whose name tells none.
        """
        self.files = files
        self.configurations = configurations
        self.evidence = evidence
        self._read = read
        self._manifests: dict[
            str, dict[Role | None, Manifest | None]
        ] = {}  # by path, then by the role that it is given
        self._members: dict[str, list[Member]] = {}
        self._locks: dict[str, list[Lock]] = {}
        self._pinned: dict[str, dict[str, Pinned]] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._names: dict[str, list[str]] = {}
        self._stack_files: dict[str, list[str]] = {}
        self._mappings: dict[str, Mapping[str, frozenset[str]]] = {}

    def configuration(self, manifest: Manifest) -> Configuration:
        """The configuration that counts for a manifest."""
        return self.configurations.of(manifest.path)

    def manifest(self, path: str, role: Role | None = None, form: str | None = None) -> Manifest | None:
        """The manifest at a path, read once; None when it is not there or cannot be read.

        ``form``: the format of a file whose own name does not tell one.
        """
        known = self._manifests.setdefault(os.path.abspath(path), {})
        if role not in known:
            known[role] = self._read(path, role, form)
        return known[role]

    def keep(self, manifest: Manifest) -> None:
        """Take a manifest that was read already, and forget what was worked out from an older one."""
        self._manifests[os.path.abspath(manifest.path)] = {None: manifest}
        self._members.clear()
        self._pinned.clear()
        self._locks.clear()
        self._verdicts.clear()

    def sources(self) -> list[Source]:
        """All that was read so far: what a secret in a message can come from."""
        known = (manifest for roles in self._manifests.values() for manifest in roles.values())
        return [manifest.source for manifest in known if manifest is not None]

    def target(self, manifest: Manifest, include: Include) -> str | None:
        """The path that an include names; None when it lies on a server or depends on a variable."""
        if include.remote or "${" in include.path:
            return None
        return os.path.normpath(os.path.join(os.path.dirname(manifest.path), include.path))

    def included(self, manifest: Manifest, include: Include) -> Manifest | None:
        """The manifest that an include names, when it can be read."""
        path = self.target(manifest, include)
        if path is None:
            return None
        return self.manifest(path, "constraint" if include.kind == "constraint" else None)

    def includes_itself(self, manifest: Manifest, include: Include) -> bool:
        """Whether following an include leads back to the file that has it."""
        home = os.path.abspath(manifest.path)
        pending = [(manifest, include)]
        seen: set[str] = set()
        while pending:
            holder, step = pending.pop()
            path = self.target(holder, step)
            if path is None:
                continue
            path = os.path.abspath(path)
            if path == home:
                return True
            if path in seen:
                continue
            seen.add(path)
            target = self.included(holder, step)
            if target is not None:
                pending.extend((target, further) for further in target.includes)
        return False

    def members(self, manifest: Manifest) -> list[Member]:
        """All that is installed with a manifest: its own dependencies, and those of the files it includes, in file order."""
        path = os.path.abspath(manifest.path)
        found = self._members.get(path)
        if found is None:
            found = self._members[path] = list(self._gather(manifest))
        return found

    def _gather(self, manifest: Manifest) -> Iterator[Member]:
        """As pip does: what ``-c`` names constrains, and what a constraints file requires with ``-r`` is required."""
        own = manifest.role == "constraint"
        steps: list[tuple[int, Dependency | Include]] = [(item.span[0], item) for item in manifest.dependencies]
        steps += [(item.span[0], item) for item in manifest.includes]
        steps.sort(key=lambda step: step[0])
        seen = {(os.path.abspath(manifest.path), False), (os.path.abspath(manifest.path), True)}
        for _, item in steps:
            if isinstance(item, Include):
                yield from self._follow(manifest, item, seen)
            else:
                yield Member(item, None, constraint=own)

    def _follow(self, manifest: Manifest, via: Include, seen: set[tuple[str, bool]]) -> Iterator[Member]:
        """What an include brings in, each file once, however often and deeply it is named."""
        pending = [(manifest, via)]
        while pending:
            holder, include = pending.pop()
            path = self.target(holder, include)
            target = self.included(holder, include)
            constraint = include.kind == "constraint"
            if path is None or target is None or (os.path.abspath(path), constraint) in seen:
                continue
            seen.add((os.path.abspath(path), constraint))
            for dependency in target.dependencies:
                yield Member(dependency, via, constraint=constraint)
            pending += [(target, further) for further in reversed(target.includes)]

    def names(self, directory: str) -> list[str]:
        """The sorted names in a folder, looked up once."""
        found = self._names.get(directory)
        if found is None:
            found = self._names[directory] = self.files.names(directory)
        return found

    def root(self, path: str) -> str:
        """The folder above which nothing belongs to a file's project: the root of its repository.

        Without a repository it is the current directory, when the file lies below that, else the file's own folder.
        """
        own = directory = os.path.dirname(os.path.abspath(path))
        while True:
            place = os.path.join(directory, ".git")  # a file in a submodule and in a further working tree
            if self.files.is_directory(place) or self.files.is_file(place):
                return directory
            parent = os.path.dirname(directory)
            if parent == directory:
                here = os.getcwd()
                return here if os.path.join(own, "").startswith(os.path.join(here, "")) else own
            directory = parent

    def together(self, manifest: Manifest) -> list[Manifest]:
        """A manifest and all that it includes: the indexes that any of them names count for all."""
        found = {os.path.abspath(manifest.path): manifest}
        pending = list(manifest.includes)
        holders = [manifest] * len(pending)
        while pending:
            include, holder = pending.pop(0), holders.pop(0)
            target = self.included(holder, include)
            if target is not None and os.path.abspath(target.path) not in found:
                found[os.path.abspath(target.path)] = target
                pending += target.includes
                holders += [target] * len(target.includes)
        return list(found.values())

    def environments(self, manifest: Manifest) -> list[Environment]:
        """What is installed together with a manifest.

        An environment.yml with its ``pip:`` list, and all files with what they include, are one environment each. A
        requirements.txt is installed into the one that a list of conda packages makes: that which a cortex.yaml names for
        the same API, else the conda-packages.txt beside it (Cortex's own defaults); the ends of both names must be alike. Of
        commands, only those of one stage or job are compared, and only what is run in any case.
        """
        members = self.members(manifest)
        if manifest.format in _OF_SEVERAL:
            names = dict.fromkeys(item.dependency.group.name for item in members)
            return [
                Environment(manifest, [item for item in members if item.dependency.group.name == name])
                for name in names
            ]
        if manifest.format in COMMANDS:
            return list(self._by_command(manifest, members))
        if manifest.format != "requirements.txt" or manifest.role != "application":
            return [Environment(manifest, members)]
        found: dict[str, Environment] = {}
        is_told = False
        for holder, stack in self._stacks(manifest):
            is_told = True
            path = os.path.normpath(
                os.path.join(os.path.dirname(holder.path), stack.files.get("conda-packages.txt", ""))
            )
            if path not in found and (before := self.manifest(path, None, "conda-packages.txt")) is not None:
                found[path] = Environment(manifest, [*self.members(before), *members], [before], stack)
        if not is_told:
            for path in self._conda_lists(manifest):
                if (before := self.manifest(path)) is not None:
                    found[path] = Environment(manifest, [*self.members(before), *members], [before])
        return list(found.values()) or [Environment(manifest, members)]

    @staticmethod
    def _by_command(manifest: Manifest, members: Sequence[Member]) -> Iterator[Environment]:
        """For each command of pip's what it installs, and what commands of conda's installed before it to the same place."""
        conda: dict[str, list[Member]] = {}
        groups: dict[Group, list[Member]] = {}
        for item in members:
            group = item.dependency.group
            if item.dependency.ecosystem == "pypi":
                if group not in groups:
                    groups[group] = list(conda.get(group.place or "", ()))
                groups[group].append(item)
            elif group.place is not None:
                conda.setdefault(group.place, []).append(item)
        for found in groups.values():
            yield Environment(manifest, found)

    def _stacks(self, manifest: Manifest) -> Iterator[tuple[Manifest, Stack]]:
        """What installs a requirements file together with others, by the files beside and above it that say so."""
        own, root = os.path.abspath(manifest.path), self.root(manifest.path)
        directory, shown = os.path.dirname(own), os.path.dirname(manifest.path)
        while True:
            if directory not in self._stack_files:
                names = self.names(directory)
                self._stack_files[directory] = [name for name in names if _is_of_cortex(name)]
            for name in self._stack_files[directory]:
                holder = self.manifest(os.path.join(shown, name))
                if holder is None:
                    continue
                for stack in holder.stacks:
                    path = stack.files.get(manifest.format)
                    if path is not None and os.path.normpath(os.path.join(directory, path)) == own:
                        yield holder, stack
            if directory in (root, os.path.dirname(directory)):
                return
            directory, shown = os.path.dirname(directory), os.path.normpath(os.path.join(shown, os.pardir))

    def _conda_lists(self, manifest: Manifest) -> Iterator[str]:
        """The lists of conda packages beside a requirements file whose names are like its own."""
        directory, name = os.path.split(os.path.abspath(manifest.path))
        lists = [other for other in self.names(directory) if other[:5].lower() == "conda"]
        own = re.fullmatch(_PIP_LIST, name) if lists else None
        for other in lists:
            match = re.fullmatch(_CONDA_LIST, other)
            if own is not None and match is not None and match["rest"].lower() == own["rest"].lower():
                yield os.path.join(os.path.dirname(manifest.path), other)

    def distributions(self, dependency: Dependency) -> frozenset[str]:
        """The normalized names of the PyPI projects that a dependency installs; for conda's by the table of names.

        ``conda-names`` in the configuration takes the place of the table for the names that it has.
        """
        if dependency.name is None:
            return frozenset()
        if dependency.ecosystem == "pypi":
            return frozenset((dependency.name,))
        return self.pypi_names(dependency.name, dependency.source.path)

    def pypi_names(self, conda: str, path: str) -> frozenset[str]:
        """The normalized names of the PyPI projects that a conda package holds, by the configuration that counts at a path."""
        from reqlint.data.conda_names import pypi_names

        place = self.configurations.of(path).conda_names
        return pypi_names(conda, self._mapping(place) if place is not None else None)

    def _mapping(self, path: str) -> Mapping[str, frozenset[str]]:
        """The user's own table of conda names, read once; raises ConfigurationError."""
        found = self._mappings.get(path)
        if found is None:
            from reqlint.data.conda_names import read_mapping

            try:
                found = read_mapping(self.files.read(path))
            except OSError as error:
                message = f"`conda-names`: {path} cannot be read: {(error.strerror or str(error)).lower()}"
                raise ConfigurationError(message) from None
            except ValueError as error:
                message = f"`conda-names`: {path}: {error}"
                raise ConfigurationError(message) from None
            self._mappings[path] = found
        return found

    def role(self, dependency: Dependency) -> Role:
        """What is asked of a dependency, in the light of the whole project (see ``verdict``)."""
        if dependency.group.role != "application":
            return dependency.group.role
        manifest = self.manifest(dependency.source.path)
        return self.verdict(manifest).role if manifest is not None else dependency.group.role

    def verdict(self, manifest: Manifest) -> Verdict:
        """The role of a manifest in the light of the whole project, and why."""
        path = os.path.abspath(manifest.path)
        found = self._verdicts.get(path)
        if found is None:
            found = self._verdicts[path] = self._judge(manifest)
        return found

    def _judge(self, manifest: Manifest) -> Verdict:
        from reqlint.roles import Verdict, of_commands, of_requirements

        if manifest.format in COMMANDS and manifest.role == "application":
            kind = self.configuration(manifest).kind
            return of_commands(manifest, kind, self.root(manifest.path), self.files, self.manifest)
        if manifest.format == "requirements.txt" and manifest.role == "application":
            kind = self.configuration(manifest).kind
            return of_requirements(manifest, kind, self.root(manifest.path), self.files, self.manifest)
        return Verdict(manifest.role, manifest.reason)

    # Locks and constraints

    def pinned(self, dependency: Dependency) -> Pinned | None:
        """The versions that a lock, or else a constraint, fixes for a dependency."""
        manifest = self.manifest(dependency.source.path)
        if manifest is None:
            return None
        for lock in self.locks(manifest):
            if self.concerns(lock, dependency):
                versions = tuple(
                    dict.fromkeys(item.version for item in lock.of(dependency) if item.version is not None)
                )
                if versions:
                    return Pinned(versions, lock.path)
        return self.constrained(manifest, dependency)

    def constrained(self, manifest: Manifest, dependency: Dependency) -> Pinned | None:
        """The version that a constraints file pins a dependency to: one that is included, or that lies beside the file."""
        if dependency.name is None or dependency.ecosystem != "pypi" or dependency.inline:
            return None
        if dependency.dialect in _UNCONSTRAINED:
            return None
        path = os.path.abspath(manifest.path)
        found = self._pinned.get(path)
        if found is None:
            found = self._pinned[path] = dict(self._constraints(manifest))
        return found.get(dependency.name)

    def _constraints(self, manifest: Manifest) -> Iterator[tuple[str, Pinned]]:
        """What constraints pin exactly for a manifest, by name."""
        from reqlint.versions import firmness

        items = [member.dependency for member in self.members(manifest) if member.constraint]
        beside = os.path.join(os.path.dirname(manifest.path), "constraints.txt")
        is_that = os.path.abspath(beside) == os.path.abspath(manifest.path)
        if manifest.role != "constraint" and not is_that and self.files.is_file(beside):
            constraints = self.manifest(beside, "constraint")
            items += constraints.dependencies if constraints is not None else []
        for item in items:
            if item.name is not None and firmness(item) == "exact":
                versions = tuple(clause.version for clause in item.constraints if clause.operator in ("==", "==="))
                yield item.name, Pinned(versions, item.source.path)

    def is_covered(self, dependency: Dependency) -> bool:
        """Whether a lock or a pinned constraint says which version of a dependency is meant.

        Where its tool's own lock lacks it, or cannot be read, that is for other rules to say, once.
        """
        manifest = self.manifest(dependency.source.path)
        if manifest is None:
            return False
        for lock in self.locks(manifest):
            if self.concerns(lock, dependency) and (lock.of(dependency) or self.belongs(lock, manifest)):
                return True
        return self.constrained(manifest, dependency) is not None or self.is_constrained_from_afar(manifest)

    def is_constrained_from_afar(self, manifest: Manifest) -> bool:
        """Whether a constraints file on a server counts for a manifest: it is never fetched, so what it pins cannot be told."""
        return any(
            include.kind == "constraint" and (include.remote or "${" in include.path)
            for item in self.together(manifest)
            for include in item.includes
        )

    def concerns(self, lock: Lock, dependency: Dependency) -> bool:
        """Whether a dependency of a manifest is among what a lock of that manifest is made from."""
        from reqlint.locking import concerns

        return concerns(lock, dependency)

    def belongs(self, lock: Lock, manifest: Manifest) -> bool:
        """Whether a lock that lacks a dependency of a manifest was made from that all the same, so that the lack is a fault."""
        from reqlint.locking import belongs

        return belongs(self, lock, manifest)

    def locks(self, manifest: Manifest) -> list[Lock]:
        """The locks that were made from a manifest: those of its own tool first, then compiled requirements files."""
        path = os.path.abspath(manifest.path)
        found = self._locks.get(path)
        if found is None:
            found = self._locks[path] = list(self._look_for_locks(manifest))
        return found

    def _look_for_locks(self, manifest: Manifest) -> Iterator[Lock]:
        """The locks of a manifest; a requirements file without another text file or a lock beside it has none."""
        directory, own = os.path.split(os.path.abspath(manifest.path))
        if manifest.format == "requirements.txt" and not any(
            name != own and (name.lower().endswith(".txt") or "lock" in name) for name in self.names(directory)
        ):
            return iter(())
        from reqlint.locking import locks_of

        return locks_of(self, manifest)

    def locks_around(self, dependency: Dependency) -> Iterator[Lock]:
        """The locks that may tell which version of a dependency is meant, the best witness first."""
        from reqlint.locking import locks_around

        return locks_around(self, dependency)


def _is_of_cortex(name: str) -> bool:
    """Whether a file says which others Cortex installs together."""
    name = name.lower()
    return name.startswith("cortex") and name.endswith((".yaml", ".yml"))
