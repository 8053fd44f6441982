"""The package index: which releases of a project there are, and the hashes of their files.

It is asked by the simple API (PEP 503 and PEP 691), of which ``pypi_simple`` is the client; both come with
``pip install 'reqlinter[online]'``. Which release a requirement means is PEP 440 (pre-releases), PEP 592 (yanked files) and
PEP 503 (``requires-python``), as pip reads them. Where an index does not answer, nothing is said of the names that it could
hold: the newest release that the others know may be a stranger's.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from threading import Lock

from reqlint.evidence import OnlineNotInstalledError
from reqlint.evidence._at_once import at_once
from reqlint.evidence._index_choice import choose
from reqlint.evidence._pip_configuration import read
from reqlint.requirement import normalize
from reqlint.versions import firmness, permits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from reqlint.evidence._index_choice import Choice
    from reqlint.evidence._index_server import File
    from reqlint.files import Files
    from reqlint.model import Dependency, Manifest

_MISSING = "asking a package index needs more than is installed: pip install 'reqlinter[online]'"


class Release:
    """One release: its ``version``, normalized, and ``where`` it was found, the name of a host."""

    __slots__ = ("version", "where")

    def __init__(self, version: str, where: str) -> None:
        """Keep the parts."""
        self.version = version
        self.where = where

    def __repr__(self) -> str:
        """Show both."""
        return f"<Release {self.version} {self.where}>"


class _Found:
    """What the indexes of a choice say of a name: the files of each tier, or why nothing can be said.

    The ``fault`` is empty where the reason has a note of its own: a server that does not answer.
    """

    __slots__ = ("fault", "tiers")

    def __init__(self, tiers: list[list[File]], fault: str | None = None) -> None:
        self.tiers = tiers
        self.fault = fault


class IndexEvidence:
    """Asks package indexes, each question once.

    ``notes``: why there is no answer to some questions, and which servers did not answer, each once, in the order in which
    it was found out; no note holds more of an address than the host.
    """

    def __init__(self, files: Files, progress: Callable[[int, int], None] | None = None) -> None:
        """Nothing is asked yet; ``progress`` is called with how many names are done, of how many, from 0 on.

        Raises OnlineNotInstalledError.
        """
        try:
            from reqlint.evidence._index_server import Servers, default_address
        except ImportError as error:
            raise OnlineNotInstalledError(_MISSING) from error
        self._files = files
        self._progress = progress
        self._default = default_address()
        self._configuration = read(files)
        self._servers = Servers(files, self._configuration, self._note)
        self._found: dict[tuple[object, ...], _Found] = {}
        self._choices: dict[tuple[int, ...], tuple[Sequence[Manifest], Choice]] = {}
        self._guard = Lock()
        self.notes: list[str] = []

    def close(self) -> None:
        """Close the connections; what was found out stays."""
        self._servers.close()

    def prepare(self, questions: Iterable[tuple[Dependency, Sequence[Manifest]]]) -> None:
        """Ask for many dependencies at once; ``newest`` and ``hashes`` then answer from what was found out.

        Each with the manifests that name its indexes, as in ``newest``.
        """
        pending: dict[tuple[object, ...], tuple[str, Choice]] = {}
        for dependency, manifests in questions:
            if dependency.name is not None and _is_of_index(dependency):
                choice = self._choice(manifests)
                key = (dependency.name, *choice.key)
                if key not in self._found:
                    pending[key] = (dependency.name, choice)
        self._tell(0, len(pending))
        with _quiet():
            for done, (key, found) in enumerate(at_once(lambda key: self._ask(*pending[key]), pending), 1):
                self._found[key] = found
                self._tell(done, len(pending))

    def newest(
        self, dependency: Dependency, manifests: Sequence[Manifest], python: str | None = None
    ) -> Release | None:
        """The newest release that a dependency lets in; None where there is none, or it cannot be told which.

        ``manifests``: the one that it stands in, and after it those that are installed with it, since pip counts the
        indexes of them all; ``python``: the version of the Python it is for (``3.11.7``), or those that the project is for
        (``>=3.9``), by PEP 440. Yanked releases count for a dependency that pins one version.
        """
        if not _is_of_index(dependency) or dependency.name is None:
            return None
        choice = self._choice(manifests)
        found = self._look(dependency.name, choice)
        if found.fault is not None:
            self._note(found.fault)
            return None
        may_be_yanked = firmness(dependency) == "exact"
        fits_python = _PythonCheck(python, whole=choice.whole_python)
        for files in found.tiers:
            usable = [file for file in files if (may_be_yanked or not file.yanked) and fits_python(file)]
            best = _newest(dependency, usable, pre=choice.pre)
            if best is not None:
                return Release(str(best.version), best.where)
        if any(found.tiers):
            self._note(f"no release of `{dependency.name}` on {_hosts(found)} fits what is asked of it")
        else:
            self._note(f"no index that counts for it knows `{dependency.name}`")
        return None

    def hashes(self, name: str, version: str, manifests: Sequence[Manifest]) -> tuple[str, ...]:
        """The hashes of all wheels and sdists of a release, as pip takes them (``sha256:…``), sorted.

        Nothing when one of the files has none, or when it cannot be told what there is: a list that lacks a file makes
        pip stop at it. ``manifests`` as in ``newest``.
        """
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        name = normalize(name)
        found = self._look(name, self._choice(manifests))
        if found.fault is not None:
            self._note(found.fault)
            return ()
        try:
            wanted = SpecifierSet(f"=={version}")
        except InvalidSpecifier:
            return ()
        for files in found.tiers:
            chosen = [file for file in files if wanted.contains(file.version, prereleases=True)]
            if chosen and all(file.hashes for file in chosen):
                return tuple(sorted({digest for file in chosen for digest in file.hashes}))
            if chosen:
                self._note(f"{_hosts(found)} does not tell the hashes of `{name}`")
                return ()
        return ()

    # What is asked of whom

    def _choice(self, manifests: Sequence[Manifest]) -> Choice:
        """The indexes for manifests, worked out once."""
        key = tuple(map(id, manifests))
        known = self._choices.get(key)
        if known is None:
            choice = choose(manifests, self._files, self._configuration, self._default)
            # The manifests are kept, so that no other one gets the identity of one of them.
            known = self._choices[key] = (manifests, choice)
        return known[1]

    def _look(self, name: str, choice: Choice) -> _Found:
        """What was found for a name, asked now if it was not before."""
        key = (name, *choice.key)
        if key not in self._found:
            with _quiet():
                self._found[key] = self._ask(name, choice)
        return self._found[key]

    def _ask(self, name: str, choice: Choice) -> _Found:
        """What the indexes say of a name."""
        if choice.fault is not None:
            return _Found([], choice.fault)
        for place in choice.explicit:
            answer = self._servers.files(place, name)
            if answer is None:
                return _Found([], "")  # there is a note about the server
            if answer:
                reason = f"{place.shown} holds it too, and may be the only index that is meant"
                return _Found([], f"it cannot be told which release of `{name}` is meant: {reason}")
        tiers = []
        for tier in choice.tiers:
            files: list[File] = []
            for place in tier:
                answer = self._servers.files(place, name)
                if answer is None:
                    return _Found([], "")  # there is a note about the server
                files += answer
            tiers.append(files)
            if files and choice.by_name:
                break
        return _Found(tiers)

    def _tell(self, done: int, total: int) -> None:
        """Tell how far we are, if there is anything to do."""
        if self._progress is not None and total:
            self._progress(done, total)

    def _note(self, note: str) -> None:
        """Remember a note, once."""
        with self._guard:
            if note and note not in self.notes:
                self.notes.append(note)


def _hosts(found: _Found) -> str:
    hosts = dict.fromkeys(file.where for files in found.tiers for file in files)
    return " and ".join(f"`{host}`" for host in hosts)


def _is_of_index(dependency: Dependency) -> bool:
    """Whether a dependency comes from a package index."""
    return dependency.ecosystem == "pypi" and dependency.kind == "name" and not dependency.redirected


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep libraries from warning of what is none of the user's business: the notes say what is.

    In the thread that waits for the others, since a filter is one for all threads.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _newest(dependency: Dependency, files: Iterable[File], *, pre: bool) -> File | None:
    """The file of the newest version that a specifier lets in.

    Pre-releases count where the specifier names one, or where nothing else fits (PEP 440, handling of pre-releases).
    """
    from packaging.specifiers import SpecifierSet

    by_version: dict[Version, File] = {}
    for file in files:
        by_version.setdefault(file.version, file)
    fitting = [version for version in by_version if permits(dependency, str(version))]
    clauses = [clause for part in dependency.constraints for clause in part.clauses or ()]
    named = SpecifierSet(",".join(map("".join, clauses))).prereleases if fitting else False
    if not (pre or named):
        fitting = [version for version in fitting if not version.is_prerelease] or fitting
    return by_version[max(fitting)] if fitting else None


class _PythonCheck:
    """Whether a file is for the Python of a project; what was worked out for a specifier is remembered.

    Source: pip checks the Python that it runs in, uv and Poetry the range that the project names: uv its lower bound
    alone, Poetry (``whole``) all of it. A ``requires-python`` that is none is let pass, as pip does.
    """

    def __init__(self, python: str | None, *, whole: bool) -> None:
        """``python``: a version, a specifier, or None for any; what is neither counts as None."""
        from packaging.specifiers import InvalidSpecifier, SpecifierSet
        from packaging.version import InvalidVersion, Version

        self._version: Version | None = None
        self._range: SpecifierSet | None = None
        self._whole = whole
        self._known: dict[str, bool] = {}
        try:
            self._version = Version(python or "")
        except InvalidVersion:
            try:
                self._range = SpecifierSet(python or "")
            except InvalidSpecifier:
                pass

    def __call__(self, file: File) -> bool:
        """Whether the file may be installed."""
        text = file.requires_python
        if text is None or not (self._version or self._range):
            return True
        if text not in self._known:
            self._known[text] = self._fits(text)
        return self._known[text]

    def _fits(self, text: str) -> bool:
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            wanted = SpecifierSet(text)
        except InvalidSpecifier:
            return True
        if self._version is not None:
            return wanted.contains(self._version, prereleases=True)
        # It is for all of the range when no Python of the range breaks one of its clauses.
        return all(
            SpecifierSet(f"{self._range},{operator}{version}").is_unsatisfiable()
            for clause in wanted
            for operator, version in _opposites(clause.operator, clause.version, whole=self._whole)
        )


def _opposites(operator: str, version: str, *, whole: bool) -> Iterator[tuple[str, str]]:
    """The clauses of which one holds where a clause does not; those above it only when the whole range counts."""
    lower = version.removesuffix(".*")
    if operator in (">=", ">"):
        yield "<" if operator == ">=" else "<=", version
    elif operator == "!=":
        yield "==", version
    elif operator in ("<=", "<"):
        if whole:
            yield ">" if operator == "<=" else ">=", version
    elif operator == "~=":
        yield "<", lower
        if whole:
            yield "!=", f"{lower.rpartition('.')[0]}.*"
    elif whole or lower == version:
        yield "!=", version
    else:
        yield "<", lower
