"""The servers of package indexes: how they are asked, and what comes of it when they do not answer.

The only module that imports ``pypi_simple`` and ``requests``, which are not always installed. No message holds an address:
what the libraries say of their errors quotes it, credentials included, so only the kind of an error is told.
"""

from __future__ import annotations

import os
from threading import Lock

import requests
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from pypi_simple import (
    PYPI_SIMPLE_ENDPOINT,
    NoSuchProjectError,
    ProjectPage,
    PyPISimple,
    UnsupportedRepoVersionError,
)
from requests.adapters import HTTPAdapter
from requests.utils import get_netrc_auth
from urllib3.exceptions import ReadTimeoutError
from urllib3.util import Retry

import reqlint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Any

    from pypi_simple import DistributionPackage
    from urllib3 import BaseHTTPResponse
    from urllib3.connectionpool import ConnectionPool

    from reqlint.evidence._addresses import Address
    from reqlint.evidence._index_choice import Place
    from reqlint.evidence._pip_configuration import PipConfiguration
    from reqlint.files import Files

_CONNECT, _READ = 5.0, 15.0  # seconds
_TRIES = 2  # beyond the first
_LONGEST_PAUSE = 5.0
_STRONG = ("sha256", "sha384", "sha512")  # what pip takes in `--hash`


def default_address() -> str:
    """The index that tools ask when they are told nothing."""
    return PYPI_SIMPLE_ENDPOINT


class File:
    """A wheel or an sdist that an index lists.

    ``hashes``: of the kinds that pip takes, as ``sha256:…``; ``requires_python``: as the index has it; ``where``: the
    host.
    """

    __slots__ = ("hashes", "requires_python", "version", "where", "yanked")

    def __init__(self, package: DistributionPackage, version: Version, where: str) -> None:
        """Take what counts."""
        self.version = version
        self.yanked = package.is_yanked
        self.requires_python = package.requires_python
        self.hashes = tuple(f"{kind}:{package.digests[kind]}" for kind in _STRONG if kind in package.digests)[:1]
        self.where = where


class Servers:
    """All servers of a run: each is asked one thing once, and no more when it does not answer."""

    def __init__(self, files: Files, configuration: PipConfiguration, note: Callable[[str], None]) -> None:
        """``note`` is told of servers that do not answer, from any thread."""
        self._files = files
        self._configuration = configuration
        self._note = note
        self._guard = Lock()
        self._servers: dict[tuple[object, ...], _Server] = {}
        self._answers: dict[tuple[object, ...], list[File] | None] = {}
        self._locks: dict[tuple[object, ...], Lock] = {}

    def files(self, place: Place, name: str) -> list[File] | None:
        """What an index lists of a project: nothing when it does not know it, None when it does not answer."""
        key = (name, *place.key)
        with self._guard:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key not in self._answers:
                self._answers[key] = self._ask(place, name)
            return self._answers[key]

    def close(self) -> None:
        """Close the connections."""
        for server in self._servers.values():
            server.close()

    def _ask(self, place: Place, name: str) -> list[File] | None:
        if place.address is None or place.fault is not None:
            self._note(f"{place.shown} is not asked: {place.fault}")
            return None
        with self._guard:
            server = self._servers.get(place.key)
            if server is None:
                server = self._servers[place.key] = _Server(place, place.address, self._configuration)
        if server.fault is None:
            try:
                page = self._read(place.address, name) if place.address.scheme == "file" else server.page(name)
                return list(_usable(page, name, place.address.host or "this machine")) if page is not None else []
            except _NoAnswerError as error:
                self._note(f"{place.shown} {error}")
            except (ValueError, LookupError, AssertionError, RecursionError, UnsupportedRepoVersionError, OSError):
                self._note(f"what {place.shown} says of `{name}` is no page of a package index")
        return None

    def _read(self, address: Address, name: str) -> ProjectPage | None:
        """The page of an index that lies in a folder; raises OSError."""
        from urllib.parse import urlsplit
        from urllib.request import url2pathname

        folder = url2pathname(urlsplit(address.url).path)
        path = os.path.join(folder, name, "index.html")
        return ProjectPage.from_html(name, self._files.read(path)) if self._files.is_file(path) else None


def _usable(page: ProjectPage, name: str, where: str) -> Iterator[File]:
    """The wheels and sdists of the project whose version can be read."""
    for package in page.packages:
        if package.package_type in ("wheel", "sdist") and canonicalize_name(package.project or "") == name:
            try:
                version = Version(package.version or "")
            except InvalidVersion:
                continue
            yield File(package, version, where)


class _NoAnswerError(Exception):
    """A server does not answer: the message goes after its name."""


class _Server:
    """One index on a server. ``fault``: why it is not asked any more."""

    def __init__(self, place: Place, address: Address, configuration: PipConfiguration) -> None:
        self.fault: str | None = None
        self._place = place
        self._address = address
        self._guard = Lock()
        self._has_asked_keyring = False
        self._lists: bool | None = None
        timeout = configuration.timeout
        self._timeout = (_CONNECT, _READ) if timeout is None else (min(_CONNECT, timeout), timeout)
        session = requests.Session()
        session.headers["User-Agent"] = f"reqlint/{reqlint.__version__}"
        session.max_redirects = 5
        adapter = _Unchecked if place.trusted else HTTPAdapter
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter(pool_maxsize=8, max_retries=_Retry.patient()))
        if configuration.cert is not None:
            session.verify = configuration.cert
        if configuration.proxy is not None:
            session.proxies = {"http": configuration.proxy, "https": configuration.proxy}
            session.trust_env = False  # else the variables for proxies win, and in pip the option does
            session.auth = get_netrc_auth(address.url)  # which requests then leaves out
        if address.user is not None and address.password is None:
            # A token may stand alone; but a mere user name has its password elsewhere.
            session.auth = get_netrc_auth(address.url) or (address.user, "")
        elif address.user is not None:
            session.auth = (address.user, address.password or "")
        self._client = PyPISimple(address.url, session=session)

    def close(self) -> None:
        self._client.s.close()

    def page(self, name: str) -> ProjectPage | None:
        """What it says of a project, None when it does not know it; raises _NoAnswerError, and what a bad page makes."""
        try:
            return self._get(name)
        except NoSuchProjectError:
            return None
        except requests.HTTPError as error:
            status = _status(error)
            if status == 410 or (status == 403 and self._is_open()):
                return None
            if status in (401, 403, 407):
                raise self._give_up(f"refuses access ({status})") from None
            if status == 429 or status >= 500:
                raise self._give_up(f"does not answer: it reports an error ({status})") from None
            message = f"answers {status} when it is asked for `{name}`"
            raise _NoAnswerError(message) from None
        except requests.exceptions.SSLError:
            raise self._give_up("does not answer: its certificate cannot be verified") from None
        except requests.Timeout:
            raise self._give_up("does not answer: it takes too long") from None
        except requests.JSONDecodeError:
            raise ValueError from None
        except requests.TooManyRedirects:
            message = f"sends us in circles when it is asked for `{name}`"
            raise _NoAnswerError(message) from None
        except requests.RequestException:
            raise self._give_up("does not answer: it cannot be reached") from None

    def _get(self, name: str) -> ProjectPage:
        """The page, with the credentials of the keyring where none, or others, are refused."""
        try:
            return self._client.get_project_page(name, timeout=self._timeout)
        except requests.HTTPError as error:
            if _status(error) != 401 or not self._take_from_keyring():
                raise
        return self._client.get_project_page(name, timeout=self._timeout)

    def _give_up(self, fault: str) -> _NoAnswerError:
        self.fault = fault
        return _NoAnswerError(fault)

    def _is_open(self) -> bool:
        """Whether it lets us look around at all: a file store says 403 of what it does not have, too."""
        with self._guard:
            if self._lists is None:
                try:
                    answer = self._client.s.head(self._client.endpoint, timeout=self._timeout, allow_redirects=True)
                    self._lists = answer.ok
                except requests.RequestException:
                    self._lists = False
            return self._lists

    def _take_from_keyring(self) -> bool:
        """Whether there are credentials to try now that were not tried before."""
        with self._guard:
            if not self._has_asked_keyring:
                self._has_asked_keyring = True
                found = _from_keyring(self._address, self._place.keyring)
                if found is not None:
                    self._client.s.auth = found
                return found is not None
            return False


def _status(error: requests.HTTPError) -> int:
    """The code of an answer that is an error."""
    return error.response.status_code if error.response is not None else 0


class _Retry(Retry):
    """Asks again after errors of the server and of the connection, but does not wait twice for a silent server."""

    @classmethod
    def patient(cls) -> _Retry:
        """As often, and as patiently, as we ask."""
        statuses = (429, 500, 502, 503, 504)
        return cls(total=_TRIES, status_forcelist=statuses, backoff_factor=0.25, raise_on_status=False)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> _Retry:
        """The tries that are left after one; raises the error itself after the last."""
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """How long the server asks us to wait, and not longer than anybody would."""
        pause = super().get_retry_after(response)
        return None if pause is None else min(pause, _LONGEST_PAUSE)


class _Unchecked(HTTPAdapter):
    """Does not check certificates, whatever the environment says: the user trusts the host."""

    def send(self, request: Any, *arguments: Any, **options: Any) -> Any:
        """As ever, but for the check."""
        options["verify"] = False
        return super().send(request, *arguments, **options)


def _from_keyring(address: Address, provider: str) -> tuple[str, str] | None:
    """What the user's keyring holds for an index, or for its host, as pip asks it."""
    from importlib import import_module
    from shutil import which

    if provider in ("auto", "import"):
        try:
            keyring = import_module("keyring")
        except ImportError:
            keyring = None
        if keyring is not None:
            return _first(address, lambda url: _from_module(keyring, url, address.user))
    program = which("keyring") if provider in ("auto", "subprocess") else None
    if program is not None:
        return _first(address, lambda url: _from_program(program, url, address.user))
    return None


def _first(address: Address, ask: Callable[[str], tuple[str, str] | None]) -> tuple[str, str] | None:
    return ask(address.url) or ask(address.origin.partition("://")[2])


def _from_module(keyring: Any, url: str, user: str | None) -> tuple[str, str] | None:
    try:
        found = keyring.get_credential(url, user)
    except Exception:  # noqa: BLE001 - its backends are plug-ins, and raise what they like
        return None
    return (found.username or "", found.password or "") if found is not None else None


def _from_program(program: str, url: str, user: str | None) -> tuple[str, str] | None:
    """Of the command, which newer versions have answer with user and password."""
    import json
    import subprocess

    from reqlint.credentials import find

    command = [program, "--mode=creds", "--output=json", "get", url]
    if user is not None and not find(url.replace("://", f"://{user}@", 1)):
        command.append(user)  # what is a token itself must not stand in the list of processes
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=_READ)  # noqa: S603
        found = json.loads(done.stdout)
        return str(found["username"]), str(found["password"])
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, TypeError):
        return None
