"""What is asked of others: the package index and git servers, each only when a rule wants to know, and only with `--online`."""

from __future__ import annotations

from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Protocol

    from reqlint.evidence.git import GitEvidence, Refs
    from reqlint.evidence.index import IndexEvidence, Release
    from reqlint.files import Files
    from reqlint.model import Dependency, Manifest

    class Progress(Protocol):
        """What shows a user who waits how far we are."""

        def tell(self, what: str, done: int, total: int) -> None:
            """What is going on, and how many of its answers there are, of how many."""

        def stop(self) -> None:
            """Nothing is going on any more."""


class Online:
    """Answers for one run; every question is asked once.

    With a question comes what is likely to be asked next (``beside``), so that all of it can be asked at once; it is looked
    at only when the question itself is a new one.
    """

    def __init__(self, files: Files, progress: Progress | None = None) -> None:
        """Nothing is asked yet; ``progress`` is told how far we are while servers are asked."""
        self._files = files
        self._progress = progress
        self._index: IndexEvidence | None = None
        self._git: GitEvidence | None = None
        self._names: set[tuple[str | None, tuple[int, ...]]] = set()
        self._repositories: set[str] = set()
        self._kept: list[Sequence[Manifest]] = []

    @property
    def notes(self) -> list[str]:
        """Why there is no answer to some questions."""
        return [note for asked in (self._index, self._git) if asked is not None for note in asked.notes]

    def require_index(self) -> None:
        """Raise OnlineNotInstalledError where what it takes to ask an index is not installed."""
        self._ask_index()

    def newest(
        self,
        dependency: Dependency,
        manifests: Sequence[Manifest],
        python: str | None,
        beside: Iterable[Dependency] = (),
    ) -> Release | None:
        """The newest release that a dependency lets in; see IndexEvidence."""
        self._prepare_names(dependency, manifests, beside)
        return self._ask_index().newest(dependency, manifests, python)

    def hashes(
        self, dependency: Dependency, version: str, manifests: Sequence[Manifest], beside: Iterable[Dependency] = ()
    ) -> tuple[str, ...]:
        """The hashes of all files of a release (``sha256:…``); see IndexEvidence."""
        if dependency.name is None or dependency.redirected:
            return ()
        self._prepare_names(dependency, manifests, beside)
        return self._ask_index().hashes(dependency.name, version, manifests)

    def refs(self, repository: str, beside: Iterable[str] = ()) -> Refs | None:
        """The branches and tags of a git repository; None when its server does not tell. ``beside``: other repositories."""
        if self._git is None:
            from reqlint.evidence.git import GitEvidence

            self._git = GitEvidence(self._teller("asking git servers"))
        if repository not in self._repositories:
            repositories = [repository, *beside]
            self._repositories.update(repositories)
            with self._waiting():
                self._git.prepare(repositories)
        return self._git.refs(repository)

    def close(self) -> None:
        """Close the connections."""
        if self._index is not None:
            self._index.close()

    def _ask_index(self) -> IndexEvidence:
        if self._index is None:
            from reqlint.evidence.index import IndexEvidence

            self._index = IndexEvidence(self._files, self._teller("asking the package index"))
        return self._index

    def _prepare_names(
        self, dependency: Dependency, manifests: Sequence[Manifest], beside: Iterable[Dependency]
    ) -> None:
        """Ask for a name, if it was not asked for before, and for others with it."""
        key = tuple(map(id, manifests))
        if (dependency.name, key) in self._names:
            return
        items = [dependency, *beside]
        self._names.update((item.name, key) for item in items)
        self._kept.append(manifests)  # so that no other manifest gets the identity of one of them
        with self._waiting():
            self._ask_index().prepare((item, manifests) for item in items)

    def _teller(self, what: str) -> Callable[[int, int], None] | None:
        """What an evidence tells how far it is."""
        progress = self._progress
        return None if progress is None else lambda done, total: progress.tell(what, done, total)

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """While an answer is waited for; whatever comes of it, nothing is left on the screen."""
        try:
            yield
        finally:
            if self._progress is not None:
                self._progress.stop()
