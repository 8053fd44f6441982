"""What the user told pip of indexes: its configuration files and its environment variables, read as pip reads them.

Source: pip's documentation of its configuration, and its ``configuration.py`` and ``cli/parser.py``: the files of the
machine, of the user and of the environment, then ``PIP_CONFIG_FILE``; in each, ``[global]`` and over it ``[install]``; over
all of them ``PIP_*``. An empty value counts for none.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reqlint.files import Files

_ALIASES = {"default-timeout": "timeout", "pypi-url": "index-url"}
_YES = ("y", "yes", "t", "true", "on", "1")
_NO = ("n", "no", "f", "false", "off", "0")


class PipConfiguration:
    """What pip would install with.

    ``index_url``: None for pip's own default; ``no_index``: whether it is told to ask no index; ``trusted_hosts``: hosts,
    some with a port; ``cert``: a file of certificates; ``timeout``: in seconds; ``keyring``: the provider (``auto``,
    ``import``, ``subprocess``, ``disabled``); ``pre``: whether pre-releases are as good as others; ``faults``: the files
    that cannot be read, which hold pip up.
    """

    __slots__ = (
        "cert",
        "extra_index_urls",
        "faults",
        "index_url",
        "keyring",
        "no_index",
        "pre",
        "proxy",
        "timeout",
        "trusted_hosts",
    )

    def __init__(self, values: Mapping[str, str], faults: tuple[str, ...] = ()) -> None:
        """``values``: by the long name of the option; what is no value of its option counts for none."""
        self.index_url = values.get("index-url")
        self.extra_index_urls = tuple(values.get("extra-index-url", "").split())
        # Whatever is no "no" keeps us from asking: pip itself would stop at a word that is neither.
        self.no_index = values.get("no-index", "no").lower() not in _NO
        self.trusted_hosts = tuple(values.get("trusted-host", "").split())
        self.cert = values.get("cert")
        self.proxy = values.get("proxy")
        self.keyring = values.get("keyring-provider", "auto").lower()
        self.pre = values.get("pre", "no").lower() in _YES
        self.faults = faults
        try:
            self.timeout: float | None = float(values["timeout"])
        except (KeyError, ValueError):
            self.timeout = None


def read(files: Files) -> PipConfiguration:
    """The configuration that counts for this user and this environment; never raises."""
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}, "variables": {}}
    faults = []
    for path in _paths(files):
        try:
            found = _read_file(files.read(path)) if files.is_file(path) else {}
        except (OSError, ValueError):
            faults.append(path)
            continue
        for section, values in found.items():
            sections[section].update(values)
    for name, value in os.environ.items():
        if name.startswith("PIP_"):
            sections["variables"][_key(name[4:])] = value
    merged: dict[str, str] = {}
    for values in sections.values():
        merged.update((key, value) for key, value in values.items() if value)
    return PipConfiguration(merged, tuple(faults))


def _read_file(data: bytes) -> dict[str, dict[str, str]]:
    """The two sections that count for ``pip install``; raises ValueError for what is no configuration file."""
    from configparser import Error, RawConfigParser

    parser = RawConfigParser()
    parser.optionxform = _key  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(data.decode())
    except Error:
        raise ValueError from None  # what the parser says quotes the file
    return {name: dict(parser.items(name)) for name in ("global", "install") if parser.has_section(name)}


def _key(name: str) -> str:
    """The long name of an option, however it is spelt."""
    name = name.lower().replace("_", "-").removeprefix("--")
    return _ALIASES.get(name, name)


def _paths(files: Files) -> Iterator[str]:
    """The files, the strongest last."""
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    machine, user = _folders()
    for folder in machine:
        yield os.path.join(folder, name)
    if not (named and files.is_file(named)):
        for folder in user:
            yield os.path.join(folder, name)
    # pip looks beside its own interpreter: that is the project's environment, where one is active.
    yield os.path.join(os.environ.get("VIRTUAL_ENV") or sys.prefix, name)
    if named:
        yield named


def _folders() -> tuple[list[str], list[str]]:
    """The folders of the machine and those of the user, the strongest last (source: platformdirs, as pip calls it)."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        roaming = os.environ.get("APPDATA") or os.path.join(home, "AppData", "Roaming")
        machine = os.environ.get("PROGRAMDATA") or r"C:\ProgramData"
        return [os.path.join(machine, "pip")], [os.path.join(home, "pip"), os.path.join(roaming, "pip")]
    legacy = os.path.join(home, ".pip")
    if sys.platform == "darwin":
        support = os.path.join("Library", "Application Support", "pip")
        own = os.path.join(home, support)
        if not os.path.isdir(own):
            own = os.path.join(home, ".config", "pip")
        return [os.path.join(os.sep, support)], [legacy, own]
    machines = (os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    return [*(os.path.join(folder, "pip") for folder in machines), "/etc"], [legacy, os.path.join(config, "pip")]
