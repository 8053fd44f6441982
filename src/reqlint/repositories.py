"""Which URLs mean one repository, whatever the protocol or the spelling."""

from __future__ import annotations

import re

#: Servers that offer each repository over https and ssh alike, and to which the case of its path does not matter.
FORGES = frozenset(("github.com", "gist.github.com", "gitlab.com", "bitbucket.org"))
_PORTS = {"https": "443", "http": "80", "ssh": "22"}


def repository_key(url: str) -> str:
    """Host and path of a repository's URL, so that ssh, https and the scp form of one repository are equal."""
    url = re.split(r"[?#]", url, maxsplit=1)[0]
    head, sign, rest = url.partition("://")
    body = rest if sign else head
    authority, _, path = body.partition("/")
    authority = authority.rpartition("@")[2].lower()
    host, colon, more = authority.partition(":")
    if sign:
        if more in ("", _PORTS.get(head.lower().removeprefix("git+"))):
            authority = host
    elif colon and not more.isdigit():  # git@host:owner/repository
        authority, path = host, f"{body.rpartition('@')[2][len(host) + 1 :].partition('/')[0]}/{path}"
    path = path.strip("/").removesuffix(".git")
    return f"{authority}/{path.lower() if authority in FORGES else path}"
