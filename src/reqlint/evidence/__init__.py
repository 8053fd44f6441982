"""Where versions come from: one module for each kind of evidence.

``Evidence`` is what the linter hands to a project; nothing is looked at before a rule wants to know.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.config import Configurations
    from reqlint.evidence.environment import Installation
    from reqlint.files import Files
    from reqlint.model import Dependency


class NoEnvironmentError(Exception):
    """The environment that was asked for is none: the message says what was looked for."""


class Evidence:
    """All evidence there is for the files of one run."""

    def __init__(self, files: Files, configurations: Configurations) -> None:
        """Nothing is looked at yet."""
        self._files = files
        self._configurations = configurations
        self._finder: object = None

    def installed(self, dependency: Dependency) -> Installation | None:
        """What the project's own environment holds for this dependency, if there is one and it is to be believed."""
        from reqlint.evidence.environment import Finder

        if not isinstance(self._finder, Finder):
            self._finder = Finder(self._files)
        environment = self._finder.of(dependency.source.path, self._configurations.of(dependency.source.path).python)
        return environment.holds(dependency) if environment is not None else None
