"""Where versions come from: one module for each kind of evidence.

``Evidence`` is what the linter hands to a project; nothing is looked at before a rule wants to know.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reqlint.config import Configurations
    from reqlint.evidence.environment import Environment, Finder, Installation
    from reqlint.evidence.history import History, Past
    from reqlint.evidence.online import Online
    from reqlint.files import Files
    from reqlint.lock import Lock
    from reqlint.model import Dependency, Ecosystem
    from reqlint.project import Member


class NoEnvironmentError(Exception):
    """The environment that was asked for is none: the message says what was looked for."""


class OnlineNotInstalledError(Exception):
    """What it takes to ask an index is not installed: the message says how to install it."""


class Evidence:
    """All evidence there is for the files of one run.

    ``notes``: what a user who asks why may want to know, in the order in which it was found out.
    """

    def __init__(
        self,
        files: Files,
        configurations: Configurations,
        members: Callable[[str], Sequence[Member]] | None = None,
        online: Online | None = None,
    ) -> None:
        """``members``: all that is installed with the file of a path; it tells whether an environment is this project's.

        ``online``: what may be asked of others, None for nothing. Nothing is looked at yet.
        """
        self.online = online
        self._files = files
        self._configurations = configurations
        self._members = members
        self._finder: Finder | None = None
        self._believed: dict[tuple[str, Environment], tuple[Sequence[Member], bool]] = {}
        self._locks: dict[str, Lock] = {}
        self._history: History | None = None
        self._pasts: dict[tuple[str, str], Past | None] = {}
        self.notes: list[str] = []

    def lock(self, path: str) -> Lock:
        """What a lock file says, read once; one that cannot be read says why (``fault``)."""
        known = self._locks.get(path)
        if known is None:
            from reqlint.evidence.locks import read

            known = self._locks[path] = read(path, self._files)
        return known

    def installed(self, dependency: Dependency) -> Installation | None:
        """What the project's own environment holds for this dependency, if there is one and it is to be believed.

        Raises NoEnvironmentError when the environment that the user names is none.
        """
        environment = self._environment(dependency.source.path, dependency.ecosystem)
        return environment.holds(dependency) if environment is not None else None

    def needed(self, path: str, names: Iterable[str]) -> frozenset[str]:
        """Those of some projects (by normalized names) that others of them require, as the environment of a file tells."""
        environment = self._environment(path, "pypi")
        return environment.needed(names) if environment is not None else frozenset()

    def past(self, path: str, secret: str) -> Past | None:
        """Since when a secret of a file has been in its history; None when there is none, or it cannot be told."""
        import os

        if not os.path.isfile(path):  # a text in memory has no history
            return None
        if self._history is None:
            from reqlint.evidence.history import History

            self._history = History()
        key = (os.path.abspath(path), secret)
        if key not in self._pasts:
            self._pasts[key] = self._history.since(path, secret)
        return self._pasts[key]

    def python(self, path: str) -> str | None:
        """The version of Python (``3.11.7``) in the environment of a file's project; None when there is none, or it is not told."""
        environment = self._environment(path, "pypi")
        return environment.python if environment is not None else None

    def require(self, place: str) -> None:
        """Raise NoEnvironmentError unless an environment stands at a place that the user names."""
        self._find().named(place)

    def _environment(self, path: str, ecosystem: Ecosystem) -> Environment | None:
        """The environment of a file's project: the one that the user names, else the first one that is to be believed."""
        wanted = self._configurations.of(path).python
        if wanted is not None:
            return self._find().named(wanted)
        for environment in self._find().around(path):
            if environment.takes(ecosystem) and self._is_believed(environment, path):
                return environment
        return None

    def _find(self) -> Finder:
        if self._finder is None:
            from reqlint.evidence.environment import Finder

            self._finder = Finder(self._files)
        return self._finder

    def _is_believed(self, environment: Environment, path: str) -> bool:
        """Whether an environment that nobody named can be this project's.

        It is if it holds at least half of what the file asks for. Another project's environment that happens to be
        active, or one in the home folder, holds little of it. conda's base is nobody's own.
        """
        if environment.shared:
            self._leave_out(
                path, environment, "since it is conda's base, which no project has to itself; `--python` can name it"
            )
            return False
        if self._members is None:
            return True
        members = self._members(path)
        key = (path, environment)
        known = self._believed.get(key)
        if known is not None and known[0] is members:  # else the file was mended meanwhile
            return known[1]
        names = set()
        for member in members:
            item = member.dependency
            # What other files merely constrain need not be installed.
            own = member.via is None or not member.constraint
            if (
                own
                and item.name is not None
                and not _is_everywhere(item)
                and environment.takes(item.ecosystem)
                and environment.applies(item.marker)
            ):
                names.add((item.name, item.ecosystem))
        present = sum(environment.has(*item) for item in names)
        believed = 2 * present >= len(names)
        self._believed[key] = (members, believed)
        if not believed:
            held = f"it holds {present} of the {len(names)} packages that are asked for"
            self._leave_out(path, environment, f"as if it were another project's: {held}")
        return believed

    def _leave_out(self, path: str, environment: Environment, reason: str) -> None:
        """Note why an environment is not believed, once."""
        note = f"{path}: {environment.shown} is left out of account, {reason}"
        if note not in self.notes:
            self.notes.append(note)


def _is_everywhere(dependency: Dependency) -> bool:
    """Whether nearly every conda environment has a package, or none (what stands for the machine), so that it tells nothing."""
    name = dependency.name or ""
    return dependency.ecosystem == "conda" and (name in ("python", "pip") or name.startswith("__"))
