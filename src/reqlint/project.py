"""The project that the files belong to: what rules may ask about the files around the one they look at.

Everything is read on demand and once. Nothing here opens a path by itself: it asks the ``files`` that it was given, and
the readers of formats and evidence are handed in by the linter.
"""

from __future__ import annotations

import os

from reqlint.model import Include

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Protocol

    from reqlint.config import Configuration, Configurations
    from reqlint.files import Files
    from reqlint.model import Dependency, Manifest, Role
    from reqlint.source import Source

    class Installed(Protocol):
        """What an environment says of one project."""

        version: str
        commit: str | None
        url: str | None
        where: str

    class Evidence(Protocol):
        """What can say which version is meant."""

        def installed(self, dependency: Dependency) -> Installed | None:
            """What the project's own environment holds for this dependency, if it is to be believed."""


#: Format -> the names of the lock files that go with it.
_LOCKS = {
    "pyproject.toml": r"(?:poetry|uv|pdm|pixi)\.lock|pylock(?:\.[^.]+)?\.toml",
    "Pipfile": r"Pipfile\.lock|pylock(?:\.[^.]+)?\.toml",
    "pixi.toml": r"pixi\.lock",
    "environment.yml": r"(?:.*[-_.])?conda-lock\.ya?ml|conda-.*\.lock|pixi\.lock",
}


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


class Project:
    """The files around, and what is known of them."""

    def __init__(
        self,
        files: Files,
        configurations: Configurations,
        read: Callable[[str, Role | None], Manifest | None],
        evidence: Evidence,
    ) -> None:
        """``read``: a manifest by its path (None when there is none), with a role when its includer gives it one."""
        self.files = files
        self.configurations = configurations
        self.evidence = evidence
        self._read = read
        self._manifests: dict[tuple[str, Role | None], Manifest | None] = {}
        self._members: dict[str, list[Member]] = {}
        self._locked: dict[str, bool] = {}
        self._pinned: dict[str, frozenset[str]] = {}

    def configuration(self, manifest: Manifest) -> Configuration:
        """The configuration that counts for a manifest."""
        return self.configurations.of(manifest.path)

    def manifest(self, path: str, role: Role | None = None) -> Manifest | None:
        """The manifest at a path, read once; None when it is not there or cannot be read."""
        key = (os.path.abspath(path), role)
        if key not in self._manifests:
            self._manifests[key] = self._read(path, role)
        return self._manifests[key]

    def keep(self, manifest: Manifest) -> None:
        """Take a manifest that was read already, and forget what was worked out from an older one."""
        path = os.path.abspath(manifest.path)
        self._manifests = {key: value for key, value in self._manifests.items() if key[0] != path}
        self._manifests[path, None] = manifest
        self._members.clear()
        self._pinned.clear()

    def sources(self) -> list[Source]:
        """All that was read so far: what a secret in a message can come from."""
        return [manifest.source for manifest in self._manifests.values() if manifest is not None]

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

    def pinned_elsewhere(self, manifest: Manifest, dependency: Dependency) -> bool:
        """Whether a constraints file pins this dependency exactly: one that is included, or that lies beside the file."""
        path = os.path.abspath(manifest.path)
        names = self._pinned.get(path)
        if names is None:
            names = self._pinned[path] = frozenset(self._constrained(manifest))
        return dependency.name in names

    def _constrained(self, manifest: Manifest) -> Iterator[str]:
        """The names that constraints pin exactly for a manifest."""
        from reqlint.versions import firmness

        items = [member.dependency for member in self.members(manifest) if member.constraint]
        beside = os.path.join(os.path.dirname(manifest.path), "constraints.txt")
        is_that = os.path.abspath(beside) == os.path.abspath(manifest.path)
        if manifest.role != "constraint" and not is_that and self.files.is_file(beside):
            constraints = self.manifest(beside, "constraint")
            items += constraints.dependencies if constraints is not None else []
        for item in items:
            if item.name is not None and firmness(item) == "exact":
                yield item.name

    def is_locked(self, manifest: Manifest) -> bool:
        """Whether a lock file of the manifest's own tool lies beside it. Which versions it holds is not looked at."""
        pattern = _LOCKS.get(manifest.format)
        if pattern is None:
            return False
        path = os.path.abspath(manifest.path)
        if path not in self._locked:
            from re import fullmatch

            names = self.files.names(os.path.dirname(path))
            self._locked[path] = any(fullmatch(pattern, name) for name in names)
        return self._locked[path]
