"""Explicit locks: the URLs of conda's packages, one a line, which ``conda create --file`` installs without solving.

conda-lock writes them as ``conda-<platform>.lock``, and notes what comes from PyPI in comments, which it and micromamba read.
``conda list --explicit`` writes the same without those. Source: conda's ``conda/misc.py`` and conda-lock's
``render_lockfile_for_platform``.
"""

from __future__ import annotations

import os
import re

from reqlint.evidence._conda_locks import artifact, hashes, origin
from reqlint.evidence._entries import broken, decode, foreign
from reqlint.lock import Locked
from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.lock import Lock

_PLATFORM = re.compile(r"#\s*platform:\s*(\S+)")
_PLATFORM_IN_NAME = re.compile(
    r"(?:linux|osx|win)-(?:32|64|aarch64|arm64|armv6l|armv7l|ppc64le|ppc64|riscv64|s390x)(?![a-z0-9])"
)
_PIP = re.compile(r"# pip (?P<name>[\w.-]+) @ (?P<url>\S+?)(?:#sha256=(?P<hash>[0-9a-f]+))?")
_ARCHIVES = (".tar.gz", ".zip", ".tar.bz2", ".tgz")


def read(data: bytes, lock: Lock) -> None:
    """Fill in a lock; raises UnreadableLockError.

    The platform is that of the head, else that of the file's name, else that of each URL.
    """
    content = decode(data)
    lines = [line.strip() for line in content.splitlines()]
    if any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in lines):
        raise broken(content, "list of packages")
    if "@EXPLICIT" not in lines:
        raise foreign(lock)
    stated = next((match[1] for line in lines if (match := _PLATFORM.fullmatch(line))), None)
    in_name = _PLATFORM_IN_NAME.search(os.path.basename(lock.path))
    platform = stated or (in_name[0] if in_name is not None else None)
    for line in lines:
        package = _pip(line, platform) if line.startswith("#") else _conda(line, platform)
        if package is not None:
            lock.packages.append(package)


def _conda(line: str, platform: str | None) -> Locked | None:
    url, _, fragment = line.partition("#")
    found = artifact(url)
    if found is None:
        return None
    digest = fragment.rpartition(":")[2]
    return Locked(
        found.name,
        found.version,
        ecosystem="conda",
        platform=platform or (found.subdir if found.subdir != "noarch" else None),
        hashes=hashes({"sha256": digest, "md5": digest}),
        build=found.build,
        channel=found.channel,
    )


def _pip(line: str, platform: str | None) -> Locked | None:
    match = _PIP.fullmatch(line)
    if match is None:
        return None
    name, place = normalize(match["name"]), match["url"]
    version = _version(place, name)
    # What has no file of its name comes from a repository, a folder or an archive of somebody's own.
    url, commit = origin(place) if version is None else (None, None)
    return Locked(
        name,
        version,
        platform=platform,
        url=url,
        commit=commit,
        direct=version is None,
        hashes=hashes({"sha256": match["hash"]}),
    )


def _version(url: str, name: str) -> str | None:
    """The version in the file name of a wheel or a source distribution of a project; None when it is none."""
    file = url.rpartition("/")[2]
    if "%" in file:
        from urllib.parse import unquote

        file = unquote(file)
    if file.endswith(".whl"):
        project, _, rest = file.partition("-")
        version = rest.partition("-")[0]
    else:
        stem = next((file.removesuffix(ending) for ending in _ARCHIVES if file.endswith(ending)), "")
        project, _, version = stem.rpartition("-")
    return version if version and normalize(project) == name else None
