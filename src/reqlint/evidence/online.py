"""What is asked of others: the package index and git servers, each only when a rule wants to know, and only with `--online`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reqlint.evidence.git import GitEvidence, Refs
    from reqlint.evidence.index import IndexEvidence, Release
    from reqlint.files import Files
    from reqlint.model import Dependency, Manifest


class Online:
    """Answers for one run; every question is asked once."""

    def __init__(self, files: Files, progress: Callable[[int, int], None] | None = None) -> None:
        """Nothing is asked yet; ``progress`` is called with how many projects are done, of how many."""
        self._files = files
        self._progress = progress
        self._index: IndexEvidence | None = None
        self._git: GitEvidence | None = None
        self._prepared: set[tuple[int, ...]] = set()
        self._kept: list[Sequence[Manifest]] = []

    @property
    def notes(self) -> list[str]:
        """Why there is no answer to some questions."""
        return [note for asked in (self._index, self._git) if asked is not None for note in asked.notes]

    def require_index(self) -> None:
        """Raise OnlineNotInstalledError where what it takes to ask an index is not installed."""
        self._ask_index()

    def newest(self, dependency: Dependency, manifests: Sequence[Manifest], python: str | None) -> Release | None:
        """The newest release that a dependency lets in; see IndexEvidence."""
        self._prepare(manifests)
        return self._ask_index().newest(dependency, manifests, python)

    def hashes(self, name: str, version: str, manifests: Sequence[Manifest]) -> tuple[str, ...]:
        """The hashes of all files of a release (``sha256:…``); see IndexEvidence."""
        return self._ask_index().hashes(name, version, manifests)

    def refs(self, repository: str) -> Refs | None:
        """The branches and tags of a git repository; None when its server does not tell."""
        if self._git is None:
            from reqlint.evidence.git import GitEvidence

            self._git = GitEvidence()
        return self._git.refs(repository)

    def close(self) -> None:
        """Close the connections."""
        if self._index is not None:
            self._index.close()

    def _ask_index(self) -> IndexEvidence:
        if self._index is None:
            from reqlint.evidence.index import IndexEvidence

            self._index = IndexEvidence(self._files, self._progress)
        return self._index

    def _prepare(self, manifests: Sequence[Manifest]) -> None:
        """Ask at once for all that the first of the manifests leaves open: one question may well be followed by the others."""
        from reqlint.versions import firmness

        key = tuple(map(id, manifests))
        if key in self._prepared:
            return
        self._prepared.add(key)
        self._kept.append(manifests)  # so that no other manifest gets the identity of one of them
        loose = [item for item in manifests[0].dependencies if item.kind == "name" and firmness(item) != "exact"]
        self._ask_index().prepare([(item, manifests) for item in loose])
