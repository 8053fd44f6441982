"""Which package indexes the tool of a manifest would ask, and which of them it would believe.

What the manifests themselves name counts first; then what the user told the tool: uv by its own files and variables, every
other by pip's. Sources: the documentation of pip (requirements file format, configuration), of uv (indexes, environment
variables), of Poetry (repositories, configuration) and of pipenv (specifiers).

No address of an index stands here: the one that all tools fall back to is handed in.
"""

from __future__ import annotations

import os

from reqlint.evidence._addresses import Address, UnusableAddressError, expand, variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from reqlint.evidence._addresses import Syntax
    from reqlint.evidence._pip_configuration import PipConfiguration
    from reqlint.files import Files
    from reqlint.model import Manifest

#: How the tool of a format writes variables in an address, where that is not pip's way.
_SYNTAX: dict[str, Syntax] = {"Pipfile": "pipenv", "pyproject.toml": "pdm"}
_TOML = ("pyproject.toml", "uv.toml", "Pipfile", "pixi.toml")


class Place:
    """One index.

    ``address``; ``trusted``: whether its certificate need not be checked; ``keyring``: by which provider it may have
    credentials. ``key`` tells it from others. Where it cannot be asked, ``fault`` says why.
    """

    __slots__ = ("address", "fault", "keyring", "trusted")

    def __init__(self, address: Address | None, *, trusted: bool, keyring: str, fault: str | None = None) -> None:
        """Keep the parts."""
        self.address = address
        self.trusted = trusted
        self.keyring = keyring
        self.fault = fault

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same for the same index, asked in the same way."""
        address = self.address
        if address is None:
            return (self.fault,)
        return (address.url.rstrip("/"), address.user, address.password, self.trusted, self.keyring)

    @property
    def shown(self) -> str:
        """What to call it."""
        host = self.address.host if self.address is not None else ""
        return f"`{host}`" if host else "the index"

    def __repr__(self) -> str:
        """Name the host: the rest may hold a secret."""
        return f"<Place {self.shown}>"


class Choice:
    """Where the packages of a manifest come from.

    ``tiers``: groups of indexes of which the first that has an answer counts, and in each of which the newest release
    does; ``by_name``: whether it is an answer that a name is known at all (to uv), else that a release fits (to Poetry);
    ``explicit``: the indexes that are asked only for what names them; ``pre``: whether pre-releases are as good as others;
    ``whole_python``: whether a release must be meant for all Pythons of the project, and not only for its oldest;
    ``fault``: why nobody may be asked.
    """

    __slots__ = ("by_name", "explicit", "fault", "pre", "tiers", "whole_python")

    def __init__(self, *, by_name: bool = False, whole_python: bool = False, pre: bool = False) -> None:
        """Start with no index; the fault is what stands when there are none."""
        self.explicit: list[Place] = []
        self.tiers: list[list[Place]] = []
        self.by_name = by_name
        self.pre = pre
        self.whole_python = whole_python
        self.fault: str | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same for choices that come to the same answers about a name."""
        tiers = tuple(tuple(place.key for place in tier) for tier in self.tiers)
        return (tiers, tuple(place.key for place in self.explicit), self.by_name, self.fault)

    def __repr__(self) -> str:
        """Name the hosts."""
        return f"<Choice {self.tiers} {self.fault}>"


def choose(manifests: Sequence[Manifest], files: Files, pip: PipConfiguration, default: str) -> Choice:
    """The indexes for the dependencies of the first manifest; the others are installed with it, and name indexes too.

    ``default``: the index that tools ask when they are told nothing. Never raises.
    """
    tables = _Tables(manifests[0], files)
    return _Chooser(manifests, tables, pip, default).choose()


class _Tables:
    """What the TOML of a project says that the model of a manifest does not tell: the names of indexes, above all."""

    def __init__(self, manifest: Manifest, files: Files) -> None:
        self._files = files
        own = _load(manifest.source.text) if manifest.format in _TOML else {}
        tool = own.get("tool")
        tool = tool if isinstance(tool, dict) else {}
        self.poetry: Mapping[str, Any] | None = _table(tool, "poetry")
        self.uv: list[Mapping[str, Any]] = []
        """The tables of uv that count, the strongest first; none when the project is not one of uv."""
        if manifest.format in ("pyproject.toml", "uv.toml") and self.poetry is None:
            project = own if manifest.format == "uv.toml" else _table(tool, "uv")
            self._read_uv(os.path.dirname(os.path.abspath(manifest.path)), project)

    def _read_uv(self, directory: str, own: Mapping[str, Any] | None) -> None:
        """The project's table, or uv.toml instead of it; the workspace's; and the user's file."""
        root = self._uv_root(directory)
        if own is None and root is None:
            return
        for folder in dict.fromkeys((directory, root or directory)):
            table: Mapping[str, Any] | None = self._load(os.path.join(folder, "uv.toml"))
            if table is None and folder != directory:
                table = _table((self._load(os.path.join(folder, "pyproject.toml")) or {}).get("tool", {}), "uv")
            elif table is None:
                table = own
            if table is not None:
                self.uv.append(table)
        if "UV_NO_CONFIG" not in os.environ:
            config = os.environ.get("APPDATA") if os.name == "nt" else os.environ.get("XDG_CONFIG_HOME")
            config = config or os.path.join(os.path.expanduser("~"), ".config")
            self.uv.append(self._load(os.path.join(config, "uv", "uv.toml")) or {})

    def _uv_root(self, directory: str) -> str | None:
        """The nearest folder from a project's upwards that uv has locked, within its repository."""
        while True:
            if self._files.is_file(os.path.join(directory, "uv.lock")):
                return directory
            parent = os.path.dirname(directory)
            root = os.path.join(directory, ".git")
            if parent == directory or self._files.is_directory(root) or self._files.is_file(root):
                return None
            directory = parent

    def _load(self, path: str) -> dict[str, Any] | None:
        """A TOML file; None when there is none."""
        try:
            return _load(self._files.read(path).decode("utf-8", "replace")) if self._files.is_file(path) else None
        except OSError:
            return None


def _load(text: str) -> dict[str, Any]:
    """A TOML document; empty when it is none, which the reader of its format reports."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def _table(parent: object, key: str) -> Mapping[str, Any] | None:
    """A table in a table; None where there is none."""
    found = parent.get(key) if isinstance(parent, dict) else None
    return found if isinstance(found, dict) else None


def _tables(parent: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """An array of tables."""
    found = parent.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _text(table: Mapping[str, Any], key: str) -> str | None:
    """A string that is not empty."""
    found = table.get(key)
    return found if isinstance(found, str) and found else None


class _Chooser:
    """Chooses for one manifest."""

    def __init__(self, manifests: Sequence[Manifest], tables: _Tables, pip: PipConfiguration, default: str) -> None:
        self.manifests = manifests
        self.format = manifests[0].format
        self.tables = tables
        self.pip = pip
        self.default = default
        self.keyring = pip.keyring
        settings = [setting for manifest in manifests for setting in manifest.settings]
        self.kinds = {setting.kind for setting in settings}
        self.trusted = {*pip.trusted_hosts, *(setting.value for setting in settings if setting.kind == "trusted-host")}

    def choose(self) -> Choice:
        """The indexes, by the tool that the manifest is for."""
        if self.tables.uv:
            choice = self._choose_uv()
        elif self.tables.poetry is not None:
            choice = self._choose_poetry(self.tables.poetry)
        else:
            choice = self._choose_as_pip()
        choice.pre = choice.pre or "pre-releases" in self.kinds
        if "no-index" in self.kinds:
            choice.fault = "the project says `no-index`, so no index is asked"
        return choice

    def _base(self) -> list[Place]:
        """The indexes of pip's configuration."""
        urls = [self.pip.index_url or self.default, *self.pip.extra_index_urls]
        return [self._place(url) for url in urls]

    def _place(self, url: str, user: str | None = None, password: str | None = None) -> Place:
        """An index by its address, with credentials where the address has none."""
        address = None
        try:
            address = Address(url)
            if address.user is None:
                address.user, address.password = user, password
            trusted = bool({address.host, f"{address.host}:{address.port}"} & self.trusted)
            fault = None
            if address.scheme not in ("http", "https", "file"):
                fault = "only http, https and file are understood"
            elif address.scheme == "http" and not (trusted or address.is_loopback):
                fault = "it is reached by http, where anybody on the way can answer; only a trusted host is asked so"
            return Place(address, trusted=trusted, keyring=self.keyring, fault=fault)
        except UnusableAddressError as error:
            return Place(None, trusted=False, keyring=self.keyring, fault=str(error))

    # pip, and all that are like it

    def _choose_as_pip(self) -> Choice:
        """The newest release of any index, as pip, pipenv and PDM have it; pixi stops at the first that knows the name."""
        is_pixi = self.format == "pixi.toml"
        choice = Choice(by_name=is_pixi, pre=self.pip.pre)
        default, extra, explicit = self._named()
        if not default:
            if self.pip.no_index:
                choice.fault = "pip is told to ask no index"
            elif self.pip.faults:
                choice.fault = f"pip's configuration in {self.pip.faults[0]} cannot be read, so no index is asked"
            default = self._base()
        choice.explicit = explicit
        choice.tiers = [*([place] for place in extra), default] if is_pixi else [[*default, *extra]]
        return choice

    def _named(self) -> tuple[list[Place], list[Place], list[Place]]:
        """What the manifests name: the default index, others, and those for single packages."""
        default: list[Place] = []
        extra: list[Place] = []
        explicit: list[Place] = []
        for manifest in self.manifests:
            is_pip = manifest.format in ("requirements.txt", "environment.yml")
            for index in manifest.indexes:
                if index.kind == "index":
                    default = [self._written(index.url, manifest.format)]
                    if is_pip:
                        extra.clear()  # to pip the later option wins over all before it
                elif index.kind == "extra-index":
                    extra.append(self._written(index.url, manifest.format))
                elif index.kind == "explicit-index":
                    explicit.append(self._written(index.url, manifest.format))
        return default, extra, explicit

    def _written(self, url: str, format_: str) -> Place:
        """An index as a manifest writes it, with its variables filled in as its tool does."""
        try:
            if format_ != "pixi.toml":
                url = expand(url, _SYNTAX.get(format_, "pip"))
        except UnusableAddressError as error:
            return Place(None, trusted=False, keyring=self.keyring, fault=str(error))
        return self._place(url)

    # Poetry

    def _choose_poetry(self, table: Mapping[str, Any]) -> Choice:
        """The primary sources together, the supplemental ones for what those do not have."""
        choice = Choice(whole_python=True)
        primary: list[Place] = []
        supplemental: list[Place] = []
        for source in _tables(table, "source"):
            name, url = _text(source, "name") or "", _text(source, "url")
            if url is None and name.lower() != "pypi":
                continue
            place = self._with_credentials(url or self.default, "POETRY_HTTP_BASIC", name)
            priority = (_text(source, "priority") or "primary").lower()
            if priority == "explicit":
                choice.explicit.append(place)
            elif priority == "supplemental":
                supplemental.append(place)
            else:
                primary.append(place)
        if not primary:
            if self.pip.no_index:
                choice.fault = "pip is told to ask no index"
            primary = self._base()
        choice.tiers = [primary, supplemental] if supplemental else [primary]
        return choice

    def _with_credentials(self, url: str, prefix: str, name: str) -> Place:
        """An index that the user has named, with the credentials that the environment holds for the name."""
        user = os.environ.get(variable(prefix, name, "USERNAME")) if name else None
        password = os.environ.get(variable(prefix, name, "PASSWORD")) if name else None
        return self._place(url, user, password) if user or password else self._place(url)

    # uv

    def _choose_uv(self) -> Choice:
        """The first index that knows the name, the default one last, unless uv is told to take the newest of all."""
        self.keyring = self._uv_setting("UV_KEYRING_PROVIDER", "keyring-provider") or "disabled"
        self.trusted.update((os.environ.get("UV_INSECURE_HOST") or "").split())
        choice = Choice(by_name=True)
        choice.pre = self._uv_setting("UV_PRERELEASE", "prerelease") == "allow"
        if os.environ.get("UV_NO_INDEX", "").lower() not in ("", "0", "false") or any(
            table.get("no-index") is True for table in self.tables.uv
        ):
            choice.fault = "uv is told to ask no index"
        places, defaults = self._uv_places("extra"), self._uv_places("default")
        choice.explicit = self._uv_places("explicit")
        places.append(defaults[0] if defaults else self._place(self.default))
        merged = self._uv_setting("UV_INDEX_STRATEGY", "index-strategy") == "unsafe-best-match"
        choice.tiers = [places] if merged else [[place] for place in places]
        return choice

    def _uv_setting(self, name: str, key: str) -> str | None:
        """A setting by its variable, else by the strongest table that has it."""
        found = (_text(table, key) for table in self.tables.uv)
        return os.environ.get(name) or next(filter(None, found), None)

    def _uv_places(self, wanted: str) -> list[Place]:
        """The indexes of one kind (``default``, ``extra`` or ``explicit``), the strongest first."""
        found = [(name, url) for kind, name, url in self._uv_indexes() if kind == wanted]
        return [self._with_credentials(url, "UV_INDEX", name) for name, url in found]

    def _uv_indexes(self) -> Iterator[tuple[str, str, str]]:
        """Kind, name (or nothing) and address of each index, from variables and then from tables."""
        for kind, key in (("default", "UV_DEFAULT_INDEX"), ("extra", "UV_INDEX")):
            for word in (os.environ.get(key) or "").split():
                name, equals, rest = word.partition("=")
                named = bool(equals) and "://" not in name
                yield kind, name if named else "", rest if named else word
        for table in self.tables.uv:
            for index in _tables(table, "index"):
                url = _text(index, "url")
                if url is not None and index.get("format") != "flat":
                    kind = "explicit" if index.get("explicit") is True else "extra"
                    kind = "default" if index.get("default") is True else kind
                    yield kind, _text(index, "name") or "", url
        yield from (("extra", "", word) for word in (os.environ.get("UV_EXTRA_INDEX_URL") or "").split())
        if os.environ.get("UV_INDEX_URL"):
            yield "default", "", os.environ["UV_INDEX_URL"]
        for table in self.tables.uv:
            urls = table.get("extra-index-url")
            urls = urls if isinstance(urls, list) else []
            yield from (("extra", "", url) for url in urls if isinstance(url, str))
            default = _text(table, "index-url")
            if default is not None:
                yield "default", "", default
