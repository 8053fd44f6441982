"""The project's own environment: which versions are installed there, and from where.

``*.dist-info`` folders name project and version (the specification of recorded projects, and that of wheels for how both
are spelt), ``*.egg-info`` those of older installers; ``direct_url.json`` tells the URL and commit of what was not
installed from an index (PEP 610). A prefix of conda's holds packages of its own besides, which ``conda_environment`` reads.

Which environment: the one that ``--python`` or the configuration names, else an active one (``VIRTUAL_ENV``,
``CONDA_PREFIX``), else one in a folder from the file's up to the project's root (``_VIRTUAL``, ``_CONDA``, and where
``UV_PROJECT_ENVIRONMENT`` says), or one that Poetry or pipenv keeps elsewhere for the project in that folder. Never the one
that reqlint itself runs in, unless it is named: pre-commit and pipx give it one of its own, which says nothing of the
project.

No interpreter is started: what it would say of itself is read from ``pyvenv.cfg``, ``conda-meta`` and the folders' names.
"""

from __future__ import annotations

import os
import re
import sys

from reqlint.evidence import NoEnvironmentError
from reqlint.requirement import normalize
from reqlint.versions import permits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from reqlint.evidence.conda_environment import CondaPackages
    from reqlint.files import Files
    from reqlint.model import Dependency, Ecosystem
    from reqlint.requirement import Vcs

#: Folders of a project that are virtual environments when they hold a ``pyvenv.cfg``: all tools' usual ones.
_VIRTUAL = (".venv", "venv")
#: Folders of a project that are conda environments when they hold a ``conda-meta``: conda's with ``--prefix``, and pixi's.
_CONDA = (".conda", "env", os.path.join("envs", "default"), os.path.join(".pixi", "envs", "default"))

_INTERPRETER = re.compile(r"(?:python|pypy|graalpy)", re.IGNORECASE)
_LIBRARY = re.compile(r"(?P<kind>python|pypy|graalpy)(?P<version>\d+(?:\.\d+)?)t?")
_NAME = r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._]*[A-Za-z0-9])?)"
_VERSION = r"(?P<version>(?:[0-9]+!)?[0-9][0-9A-Za-z.]*(?:\+[0-9A-Za-z.]+)?)"
_DIST_INFO = re.compile(rf"{_NAME}-{_VERSION}")
_EGG_INFO = re.compile(rf"{_NAME}-{_VERSION}(?:-py\d(?:\.\d+)?)?")
_EDITABLE = re.compile(rf"__editable__\.{_NAME}-.+\.pth")
_REQUIRES = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)[ \t]*(?:\[(?P<extras>[^\]]*)\])?")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")  # of git, and the first of hg too


class Installation:
    """One installed project, or one of conda's packages.

    ``version``: as recorded; ``where``: what to call the place; ``direct``: whether it was installed from a URL or a
    folder, so that no index need have this version; then ``url``, as recorded, and for a version control system ``vcs``
    (its name), ``ref`` (what was asked for) and ``commit`` (what came of it). ``build`` and ``channel`` are conda's, None
    for others.
    """

    __slots__ = ("_find_channel", "build", "commit", "direct", "ref", "url", "vcs", "version", "where")

    def __init__(
        self,
        version: str,
        where: str,
        *,
        direct: bool = False,
        build: str | None = None,
        find_channel: Callable[[], str | None] | None = None,
    ) -> None:
        """As from an index, or from a place of which no more is known; ``find_channel``: reads the channel when asked."""
        self.version = version
        self.where = where
        self.direct = direct
        self.build = build
        self._find_channel = find_channel
        self.url: str | None = None
        self.vcs: str | None = None
        self.ref: str | None = None
        self.commit: str | None = None

    @property
    def channel(self) -> str | None:
        """The channel of a conda package: its name on Anaconda's servers, else its URL without a secret; None unknown."""
        return self._find_channel() if self._find_channel is not None else None


class Environment:
    """One environment's installed projects. What there is, is read when first asked for, and the rest for each project.

    ``shown``: what to call it; ``shared``: whether it is one that no project has to itself, conda's base.
    """

    def __init__(
        self,
        files: Files,
        libraries: list[str],
        shown: str,
        variables: Mapping[str, str],
        conda: CondaPackages | None = None,
    ) -> None:
        """``libraries``: its site-packages folders in Python's order; ``variables``: of markers, those that are known.

        ``conda``: the packages that conda installed there; None where there is no conda.
        """
        self.shown = shown
        self.shared = False
        self._files = files
        self._libraries = libraries
        self._variables = variables
        self._conda = conda
        self._found: dict[str, Installation | None] = {}
        self._index: dict[str, list[_Record]] | None = None
        self._editable: set[str] = set()

    def holds(self, dependency: Dependency) -> Installation | None:
        """What is installed for a dependency, when it is what the dependency would ask for in this environment."""
        if dependency.name is None or not self.applies(dependency.marker):
            return None
        if dependency.ecosystem == "conda":
            return self._conda.holds(dependency) if self._conda is not None else None
        found = self.find(dependency.name)
        if found is None:
            return None
        if dependency.kind == "name":
            return None if found.direct or not permits(dependency, found.version) else found
        vcs = dependency.vcs
        return None if vcs is not None and found.vcs is not None and not _is_asked_for(found, vcs) else found

    def applies(self, marker: str | None, extra: str = "") -> bool:
        """Whether a marker holds in this environment, which need not be like the one that reqlint runs in; with an extra."""
        if marker is None:
            return True
        from packaging.markers import Marker

        try:
            return Marker(marker).evaluate({"extra": extra, **self._variables})
        except (ValueError, LookupError):
            return False  # it compares what cannot be compared, which is for others to report

    def takes(self, ecosystem: Ecosystem) -> bool:
        """Whether packages of an ecosystem can be installed there: conda's only where conda is."""
        return ecosystem != "conda" or self._conda is not None

    @property
    def python(self) -> str | None:
        """The version of its Python, as far as it is known (``3.11.7``)."""
        return self._variables.get("python_full_version")

    def has(self, name: str, ecosystem: Ecosystem) -> bool:
        """Whether a project or package is installed, in whatever way; ``name``: as that of a dependency."""
        if ecosystem == "conda":
            return self._conda is not None and self._conda.has(name.lower())
        return any(self._is_whole(record) for record in self._records.get(name, ()))

    def find(self, name: str) -> Installation | None:
        """The installation of a project (by its normalized name); None when there is none of a certain version."""
        if name not in self._found:
            self._found[name] = self._look(name)
        return self._found[name]

    def needed(self, names: Iterable[str]) -> frozenset[str]:
        """Those of some projects (by normalized names) that others of them require, as far as their metadata tell."""
        wanted = set(names)
        pending = [(name, "") for name in sorted(wanted)]  # a project, and an extra of it
        known = set(pending)
        needed = set()
        while pending:
            name, extra = pending.pop()
            for required, extras in self._requires(name, extra):
                if required != name:
                    needed.add(required)
                steps = {(required, item) for item in ("", *extras)} - known
                known |= steps
                pending += steps
        return frozenset(needed & wanted)

    def _requires(self, name: str, extra: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What a project, or an extra of it, requires here: normalized names, and the extras that are asked for."""
        for record in self._records.get(name, ())[:1]:
            for text in self._required(record):
                match = _REQUIRES.match(text)
                marker = text.partition(";")[2].strip() or None
                if match is not None and self.applies(marker, extra):
                    yield normalize(match["name"]), tuple(re.findall(r"[\w.-]+", match["extras"] or ""))

    def _required(self, record: _Record) -> list[str]:
        """The requirements in the core metadata of an installed project, read once."""
        if record.requires is None:
            path = record.inside("METADATA" if record.entry.endswith(".dist-info") else "PKG-INFO")
            head = re.split(r"\r?\n\r?\n", self._read(path), maxsplit=1)[0]
            record.requires = re.findall(r"^Requires-Dist[ \t]*:[ \t]*(.*?)\r?$", head, re.MULTILINE)
        return record.requires

    def _read(self, path: str) -> str:
        """The text of a file; "" for one that is not there or cannot be read."""
        try:
            return self._files.read(path).decode("utf-8", "replace")
        except OSError:
            return ""

    def _look(self, name: str) -> Installation | None:
        records = [record for record in self._records.get(name, ()) if self._is_whole(record)]
        records = [record for record in records if record.library == records[0].library]
        if len({record.version for record in records}) != 1 or records[0].version is None:
            # Nothing; or two versions, one left behind by a broken upgrade; or a link to a folder, which has no version.
            return None
        from packaging.version import InvalidVersion, Version

        try:
            Version(records[0].version)
        except InvalidVersion:
            return None
        installation = Installation(records[0].version, self.shown, direct=name in self._editable)
        record = records[0].inside("direct_url.json")
        if self._files.is_file(record):
            installation.direct = not self._is_from_channel(records[0])
            self._read_direct_url(installation, record)
        return installation

    def _is_from_channel(self, record: _Record) -> bool:
        """Whether conda installed it: its ``direct_url.json``, if any, tells of the machine that built the package."""
        try:
            return self._conda is not None and self._files.read(record.inside("INSTALLER")).strip() == b"conda"
        except OSError:
            return False

    @property
    def _records(self) -> dict[str, list[_Record]]:
        """What the folders' entries say is installed, by normalized name."""
        if self._index is None:
            self._index = {}
            for library in self._libraries:
                for entry in self._files.names(library):
                    record = self._read_entry(library, entry)
                    if record is not None:
                        self._index.setdefault(normalize(record.name), []).append(record)
        return self._index

    def _read_entry(self, library: str, entry: str) -> _Record | None:
        """What one entry of site-packages says; None for all that is no record of an installation."""
        stem, dot, ending = entry.rpartition(".")
        if not dot or not stem[:1].isalnum():
            # pip moves what it is about to remove to names that begin with `~`, and sometimes forgets it there.
            match = _EDITABLE.fullmatch(entry)
            if match is not None:
                self._editable.add(normalize(match["name"]))
            return None
        if ending == "egg-link":
            return _Record(library, entry, stem, None)
        pattern = {"dist-info": _DIST_INFO, "egg-info": _EGG_INFO}.get(ending)
        if pattern is None:
            return None
        match = pattern.fullmatch(stem)
        if match is not None:
            return _Record(library, entry, match["name"], match["version"])
        name, version = self._read_metadata(os.path.join(library, entry))
        return _Record(library, entry, name, version) if name else None

    def _is_whole(self, record: _Record) -> bool:
        """Whether a record is more than an empty folder that a removal left behind."""
        path = record.inside("METADATA" if record.entry.endswith(".dist-info") else "PKG-INFO")
        return self._files.is_file(path) or (
            record.entry.endswith((".egg-info", ".egg-link")) and self._files.is_file(record.inside(""))
        )

    def _read_metadata(self, place: str) -> tuple[str | None, str | None]:
        """Name and version from the core metadata: wanted only where the folder's name can be cut in more than one way."""
        for path in (os.path.join(place, "METADATA"), os.path.join(place, "PKG-INFO"), place):
            if self._files.is_file(path):
                break
        else:
            return None, None
        text = self._read(path)
        head = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
        fields = dict(re.findall(r"^(Name|Version)[ \t]*:[ \t]*(\S+)", head, re.MULTILINE))
        return fields.get("Name"), fields.get("Version")

    def _read_direct_url(self, installation: Installation, record: str) -> None:
        """Take what a direct_url.json says; a broken one says nothing, but that it was no index."""
        import json

        try:
            content = json.loads(self._files.read(record))
        except (OSError, ValueError, RecursionError):
            return
        if not isinstance(content, dict):
            return
        url, vcs = content.get("url"), content.get("vcs_info")
        installation.url = url if isinstance(url, str) else None
        if not isinstance(vcs, dict) or installation.url is None:
            return
        kind, commit, ref = vcs.get("vcs"), vcs.get("commit_id"), vcs.get("requested_revision")
        if isinstance(kind, str) and isinstance(commit, str) and _COMMIT.fullmatch(commit):
            installation.vcs, installation.commit = kind, commit
            installation.ref = ref if isinstance(ref, str) else None


class _Record:
    """One entry of a site-packages folder that records an installation."""

    __slots__ = ("entry", "library", "name", "requires", "version")

    def __init__(self, library: str, entry: str, name: str, version: str | None) -> None:
        self.requires: list[str] | None = None
        self.library = library
        self.entry = entry
        self.name = name
        self.version = version

    def inside(self, name: str) -> str:
        """The path of a file in it; of the entry itself with an empty name."""
        return os.path.join(self.library, self.entry, name) if name else os.path.join(self.library, self.entry)


def _is_asked_for(found: Installation, vcs: Vcs) -> bool:
    """Whether the installed commit came of the ref that a requirement names now; of which repository, the rules ask.

    A requirement without a ref asks for none in particular: the installed commit is as good as any. One that names the
    beginning of the commit asks for it.
    """
    if found.vcs != vcs.scheme or found.commit is None:
        return False
    return vcs.ref is None or found.ref is None or vcs.ref == found.ref or found.commit.startswith(vcs.ref.lower())


class Finder:
    """Finds environments: one that is named, and those around a file."""

    def __init__(self, files: Files) -> None:
        """Remember what was found: many files share one environment."""
        self._files = files
        self._named: dict[str, Environment] = {}
        self._around: dict[str, list[Environment]] = {}
        self._opened: dict[str, Environment | None] = {}

    def named(self, place: str) -> Environment:
        """The environment that the user names, by an interpreter or by its folder; raises NoEnvironmentError."""
        if place not in self._named:
            found = self._open(place, place)
            if found is None:
                message = (
                    f"no Python environment at {place}: give an interpreter, or the folder of a virtual environment or of "
                    "one of conda's"
                )
                raise NoEnvironmentError(message)
            self._named[place] = found
        return self._named[place]

    def around(self, path: str) -> list[Environment]:
        """The environments that may belong to a manifest, the likeliest first."""
        directory = os.path.dirname(path)
        if directory not in self._around:
            self._around[directory] = list(self._search(os.path.abspath(directory)))
        return self._around[directory]

    def _search(self, directory: str) -> Iterator[Environment]:
        """Those that stand there, and are not the one that reqlint runs in."""
        for place, shown in (*self._active(), *self._of_project(directory)):
            if not is_own(place):
                if place not in self._opened:
                    self._opened[place] = found = self._open(place, shown)
                    if found is not None and place == os.environ.get("CONDA_PREFIX"):
                        found.shared = self._is_base(place)
                environment = self._opened[place]
                if environment is not None:
                    yield environment

    def _active(self) -> Iterator[tuple[str, str]]:
        """What was activated in the shell: places, each with what to call it."""
        for variable, shown in (
            ("VIRTUAL_ENV", "the active environment"),
            ("CONDA_PREFIX", "the active conda environment"),
        ):
            place = os.environ.get(variable)
            if place:
                yield place, shown

    def _of_project(self, directory: str) -> Iterator[tuple[str, str]]:
        """The environments in and of every folder up to the project's root: places, each with what to call it."""
        from reqlint.evidence.elsewhere import environments

        of_uv = os.environ.get("UV_PROJECT_ENVIRONMENT")
        for folder in self._folders(directory):
            if of_uv and self._files.is_file(os.path.join(folder, "pyproject.toml")):
                yield os.path.join(folder, of_uv), "uv's environment"
            for name in _VIRTUAL:
                place = os.path.join(folder, name)
                if self._files.is_file(os.path.join(place, "pyvenv.cfg")):
                    yield place, name
            for name in _CONDA:
                place = os.path.join(folder, name)
                if self._files.is_directory(os.path.join(place, "conda-meta")):
                    yield place, name.replace(os.sep, "/")
            yield from environments(folder, self._files)

    def _folders(self, directory: str) -> list[str]:
        """The folders of a project, from a file's own up to the root of the repository.

        Without a repository, up to the current directory: what lies above that (in a home folder, say) is nobody's in
        particular. That one counts only when the file lies below it.
        """
        folders = [directory]
        while True:
            root = os.path.join(folders[-1], ".git")  # a file in a submodule and in a further working tree
            if self._files.is_directory(root) or self._files.is_file(root):
                return folders
            parent = os.path.dirname(folders[-1])
            if parent == folders[-1]:
                here = os.getcwd()
                return folders[: folders.index(here) + 1] if here in folders else [directory]
            folders.append(parent)

    def _is_base(self, prefix: str) -> bool:
        """Whether a prefix is where conda itself is installed, which it makes active in every shell if it is let."""
        return any(self._files.is_directory(os.path.join(prefix, name)) for name in ("condabin", "envs"))

    def _open(self, place: str, shown: str) -> Environment | None:
        """The environment at a prefix, or of an interpreter."""
        if self._files.is_directory(place):
            return self._open_prefix(place, shown, None)
        if not self._files.is_file(place) or not _INTERPRETER.match(os.path.basename(place)):
            return None
        real = os.path.realpath(place)
        version = re.search(r"\d+\.\d+", os.path.basename(real))
        # A virtual environment's interpreter is a link out of it; and on Windows not every one has a folder of its own.
        for path in (os.path.abspath(place), real):
            folder = os.path.dirname(path)
            for prefix in (os.path.dirname(folder), folder):
                found = self._open_prefix(prefix, shown, version[0] if version else None)
                if found is not None:
                    return found
        return None

    def _open_prefix(self, prefix: str, shown: str, version: str | None) -> Environment | None:
        """The environment at a prefix; ``version``: of its interpreter, where that is known ("3.11")."""
        conda = self._open_conda(prefix, shown)
        full = self._configured_version(prefix) or (conda.python if conda is not None else None)
        if full is not None:
            version = ".".join(full.split(".")[:2])
        libraries = self._libraries(prefix)
        versions = {library["version"] for _, library in libraries if "." in library["version"]}
        if versions:
            if version not in versions:
                # An environment that was made anew with another Python keeps the old one's folder.
                version, full = max(versions, key=lambda text: tuple(map(int, text.split(".")))), None
            # Debian's `python3/dist-packages` serves every version.
            libraries = [item for item in libraries if item[1]["version"] == version or "." not in item[1]["version"]]
        folders = [folder for folder, _ in libraries]
        variables = _variables(version, full, pypy=any(library["kind"] == "pypy" for _, library in libraries))
        windows = os.path.join(prefix, "Lib", "site-packages")
        if not folders and self._files.is_directory(windows):
            folders.append(windows)
            variables |= {"os_name": "nt", "platform_system": "Windows", "sys_platform": "win32"}
        if not folders and conda is None:
            return None
        return Environment(self._files, folders, shown, variables, conda)

    def _open_conda(self, prefix: str, shown: str) -> CondaPackages | None:
        """What conda has installed at a prefix; None where it never was."""
        if not self._files.is_directory(os.path.join(prefix, "conda-meta")):
            return None
        from reqlint.evidence.conda_environment import CondaPackages

        return CondaPackages(self._files, prefix, shown)

    def _libraries(self, prefix: str) -> list[tuple[str, re.Match[str]]]:
        """The site-packages folders below a prefix, each with what the name of the folder above says."""
        found = []
        for base in (os.path.join(prefix, "local", "lib"), os.path.join(prefix, "lib"), os.path.join(prefix, "lib64")):
            for name in self._files.names(base):
                match = _LIBRARY.fullmatch(name)
                for leaf in ("site-packages", "dist-packages"):
                    folder = os.path.join(base, name, leaf)
                    if match is not None and self._files.is_directory(folder):
                        found.append((folder, match))
        return found

    def _configured_version(self, prefix: str) -> str | None:
        """The version in a ``pyvenv.cfg``, as venv, virtualenv and uv write it ("3.11.7")."""
        path = os.path.join(prefix, "pyvenv.cfg")
        try:
            text = self._files.read(path).decode("utf-8", "replace") if self._files.is_file(path) else ""
        except OSError:
            return None
        match = re.search(r"^version(?:_info)?[ \t]*=[ \t]*(\d+\.\d+(?:\.\d+)?)", text, re.MULTILINE | re.IGNORECASE)
        return match[1] if match else None


def _variables(version: str | None, full: str | None, *, pypy: bool) -> dict[str, str]:
    """The variables of markers that an interpreter of this version sets; none of what is not known."""
    variables = {}
    if version is not None:
        full = full if full is not None and full.count(".") == 2 else f"{version}.0"
        variables = {"python_version": version, "python_full_version": full}
    if pypy:
        variables |= {"implementation_name": "pypy", "platform_python_implementation": "PyPy"}
    return variables


def is_own(prefix: str) -> bool:
    """Whether this is the environment that reqlint runs in."""
    return os.path.realpath(prefix) == os.path.realpath(sys.prefix)
