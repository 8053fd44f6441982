"""Addresses of servers as manifests and configurations write them: variables filled in, credentials taken out."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Syntax = Literal["pip", "pdm", "pipenv"]

#: What each tool takes for a variable in an address; anything else stays as it is written.
_VARIABLES: dict[Syntax, str] = {
    "pip": r"\$\{([A-Z0-9_]+)\}",
    "pdm": r"\$\{([^{}]+)\}",
    "pipenv": r"\$(?:\{([^{}]+)\}|([A-Za-z_]\w*))",
}
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.DOTALL)
_TEMPLATE = re.compile(r"^-|[${}<>%*|]")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


class UnusableAddressError(ValueError):
    """No server can be asked at this address: the message says why, and quotes nothing but names of variables."""


class Address:
    """An address in parts.

    ``url``: without user and password; ``scheme`` and ``host``: in lower case, the host without its port, "" for a file;
    ``port``: None for the usual one; ``user`` and ``password``: decoded, None where there is none.
    """

    __slots__ = ("host", "password", "port", "scheme", "url", "user")

    def __init__(self, text: str) -> None:
        """Split an address with a scheme; raises UnusableAddressError for what is none."""
        match = _URL.fullmatch(text)
        if match is None or _UNSAFE.search(text):
            raise UnusableAddressError("its address is none")
        from urllib.parse import unquote, urlsplit

        self.scheme = match["scheme"].lower()
        userinfo, at, server = match["authority"].rpartition("@")
        user, colon, password = userinfo.partition(":")
        self.user: str | None = unquote(user) if at else None
        self.password: str | None = unquote(password) if colon else None
        self.url = f"{self.scheme}://{server}{match['rest']}"
        try:
            parts = urlsplit(self.url)
            self.host = (parts.hostname or "").lower()
            self.port = parts.port
        except ValueError:
            raise UnusableAddressError("its address is none") from None
        if (not self.host and self.scheme != "file") or _TEMPLATE.search(self.host):
            raise UnusableAddressError("its address names no host")

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a URL without a path."""
        return "/".join(self.url.split("/", 3)[:3])

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine by its very name."""
        if self.host == "localhost":
            return True
        from ipaddress import ip_address

        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __repr__(self) -> str:
        """Name the host: the rest may hold a secret."""
        return f"<Address {self.host}>"


def expand(text: str, syntax: Syntax = "pip") -> str:
    """A text with the variables that a tool fills in, from the environment.

    Raises UnusableAddressError when one is not set, or empty, for then no tool gets further.
    """
    return re.sub(_VARIABLES[syntax], _from_environment, text)


def _from_environment(match: re.Match[str]) -> str:
    name = next(filter(None, match.groups()))
    value = os.environ.get(name)
    if not value:
        message = f"the variable `{name}` is not set"
        raise UnusableAddressError(message)
    return value


def variable(*words: str) -> str:
    """The name of the environment variable that holds a setting of what a user has named.

    >>> variable("UV_INDEX", "my-mirror", "PASSWORD")
    'UV_INDEX_MY_MIRROR_PASSWORD'
    """
    return "_".join(re.sub(r"[^A-Za-z0-9]", "_", word).upper() for word in words)
