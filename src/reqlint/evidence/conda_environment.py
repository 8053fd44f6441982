"""What conda, mamba, micromamba or pixi installed in a prefix: the records in its ``conda-meta`` folder.

Each installed package has a file there that is called ``name-version-build.json``; neither a version nor a build has a
dash in it (CEP 26 for names, conda's documentation of package naming conventions). What stands in the file is read for the
channel only: it lists every file of the package. Sources: conda's ``conda-meta`` as conda, micromamba and rattler write it.
"""

from __future__ import annotations

import os
import re

from reqlint.evidence.environment import Installation
from reqlint.match_spec import parse_version
from reqlint.requirement import InvalidRequirementError
from reqlint.versions import allows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.files import Files
    from reqlint.model import Dependency
    from reqlint.requirement import Constraint

#: Anaconda's own servers, where what follows the host is a channel's name.
_HOSTS = frozenset(("conda.anaconda.org", "repo.anaconda.com", "repo.continuum.io"))
#: Where channels keep packages: one folder for each platform.
_SUBDIR = re.compile(r"noarch|(?:linux|osx|win|freebsd|zos|emscripten|wasi)-[a-z0-9_]+")
_TOKEN = re.compile(r"/t/[^/]*(?=/|\Z)")


class CondaPackages:
    """The packages in one prefix. Which there are, is read when first asked for."""

    def __init__(self, files: Files, prefix: str, shown: str) -> None:
        """``shown``: what to call the environment."""
        self._files = files
        self._folder = os.path.join(prefix, "conda-meta")
        self._shown = shown
        self._index: dict[str, list[_Record]] | None = None

    @property
    def python(self) -> str | None:
        """The version of the environment's Python; None when conda installed none."""
        records = self._records.get("python", ())
        return records[0].version if len(records) == 1 else None

    def has(self, name: str) -> bool:
        """Whether a package (by its name in lower case) is installed."""
        return name in self._records

    def holds(self, dependency: Dependency) -> Installation | None:
        """What is installed for a dependency by name, when it is what the dependency would ask for."""
        records = self._records.get((dependency.name or "").lower(), ())
        if len(records) != 1 or dependency.kind != "name":
            return None  # two records of one package are left behind by a broken update
        record = records[0]
        parts = dependency.parts
        if not _permits(dependency, record.version) or not _is_build(parts.build, record.build):
            return None
        if parts.channel is not None and not agrees(parts.channel, self._channel(record)):
            return None
        return Installation(record.version, self._shown, build=record.build, find_channel=lambda: self._channel(record))

    @property
    def _records(self) -> dict[str, list[_Record]]:
        if self._index is None:
            self._index = {}
            for entry in self._files.names(self._folder):
                name, *rest = entry.removesuffix(".json").rsplit("-", 2)
                if len(rest) == 2 and name and entry.endswith(".json"):
                    self._index.setdefault(name.lower(), []).append(_Record(entry, *rest))
        return self._index

    def _channel(self, record: _Record) -> str | None:
        """The channel that a package came from, as ``channel_name`` spells it; None when its record does not tell."""
        if not record.is_read:
            record.is_read = True
            record.channel = self._read_channel(record.entry)
        return record.channel

    def _read_channel(self, entry: str) -> str | None:
        import json

        try:
            content = json.loads(self._files.read(os.path.join(self._folder, entry)))
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(content, dict):
            return None
        channel, url = content.get("channel"), content.get("url")
        if not isinstance(channel, str) and isinstance(url, str):
            channel = url.rpartition("/")[0]
        return channel_name(channel) if isinstance(channel, str) else None


class _Record:
    """One file of ``conda-meta``: its name, and what that tells."""

    __slots__ = ("build", "channel", "entry", "is_read", "version")

    def __init__(self, entry: str, version: str, build: str) -> None:
        self.entry = entry
        self.version = version
        self.build = build
        self.is_read = False
        self.channel: str | None = None


def channel_name(text: str) -> str | None:
    """One spelling for a channel, by its name or its URL, without a login, a token, a query and the platform's folder.

    A name for channels of Anaconda's servers (``conda-forge``, ``pkgs/main``, ``acme/label/dev``), a URL for all others;
    None for what is neither, such as ``<unknown>``.
    """
    scheme, mark, rest = text.partition("://")
    rest = re.split(r"[?#]", rest if mark else text, maxsplit=1)[0]
    host, slash, path = rest.partition("/") if mark else ("", "/", rest)
    path = _TOKEN.sub("", slash + path).strip("/")
    folder, _, last = path.rpartition("/")
    if _SUBDIR.fullmatch(last):
        path = folder
    if "<" in path or not (path or host):
        return None
    if not mark or host.lower() in _HOSTS:
        return path
    return f"{scheme.lower()}://{host.rpartition('@')[2].lower()}/{path}"


def agrees(asked: str, held: str | None) -> bool:
    """Whether a package of the channel ``held`` (as ``channel_name`` spells it) is what a spec with ``asked`` asks for.

    A name also stands for a mirror's channel of this name; ``defaults`` stands for all of Anaconda's own channels.
    """
    name = channel_name(asked)
    if name is None or held is None:
        return False
    if name == "defaults":
        return re.search(r"(?:^|/)pkgs/[a-z0-9]+$", held) is not None
    return name == held or ("://" in held and "://" not in name and held.endswith(f"/{name}"))


def _permits(dependency: Dependency, version: str) -> bool:
    """Whether a version satisfies the spec of a dependency: one of its alternatives, where it has some."""
    groups = dependency.parts.alternatives or (dependency.constraints,)
    exact = dependency.parts.build is not None
    alike = _is_alike(version)
    return any(all(_allows(clause, version, alike=alike, exact=exact) for clause in group) for group in groups)


def _is_alike(version: str) -> bool:
    """Whether conda and PEP 440 put a version in the same place, so that the arithmetic of the one serves the other.

    Not with a local part: conda puts ``1.0+cpu`` before ``1.0``.
    """
    if "+" in version:
        return False
    try:
        constraints, *_ = parse_version(f"=={version}")
    except InvalidRequirementError:
        return False  # a file that only looks like a record
    return len(constraints) == 1 and constraints[0].clauses == (("==", version),)


def _allows(clause: Constraint, version: str, *, alike: bool, exact: bool) -> bool:
    """Whether a version satisfies one clause; only equality is judged where PEP 440 cannot say what conda means."""
    if clause.templated:
        return False
    if alike and clause.clauses is not None:
        return allows((clause,), version)
    if clause.operator not in ("", "=", "=="):
        return False
    wanted, found = clause.version.lower(), version.lower()
    return found == wanted or (clause.operator == "=" and not exact and found.startswith(f"{wanted}."))


def _is_build(asked: str | None, build: str) -> bool:
    """Whether a build is the one that a spec asks for: ``*`` stands for any text; a regular expression is not judged."""
    if asked is None:
        return True
    pattern = ".*".join(map(re.escape, asked.split("*")))
    return not asked.startswith("^") and re.fullmatch(pattern, build) is not None
