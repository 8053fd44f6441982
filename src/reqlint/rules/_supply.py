"""How a secret is handed to the tool that reads a manifest, when it may not stand in the manifest.

In words that follow "supply it by". Sources: each tool's documentation of private repositories; Poetry 2.5
(``poetry.config.config``, ``poetry.utils.password_manager``) and PDM 2.29 (``Project.get_sources``) for the names.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Dependency, Index, Manifest

#: Anaconda's own servers, which `anaconda login` is for.
_ANACONDA = ("anaconda.org", ".anaconda.org")


def for_lock() -> str:
    """For a lock, of which nobody knows here which tool took the secret over."""
    return "a `.netrc` file, a keyring, or git's credential helper"


def for_command(manifest: Manifest, name: str) -> str | None:
    """For the files whose requirements are words of commands; ``name``: of a variable. None for all others.

    An ``ARG`` or ``ENV`` stays in the image's history (Docker's reference of the Dockerfile, ``ARG`` and ``RUN --mount``).
    """
    if manifest.format == "Dockerfile":
        return f"a secret of the build, which no layer keeps: `RUN --mount=type=secret,id={name.lower()},env={name}`"
    if manifest.format == "workflow":
        return "an input of the action"
    if manifest.format == "shell script":
        return f"a variable of the environment, `${{{name}}}`"
    return None


def for_index(index: Index, host: str | None, *, is_channel_token: bool = False) -> str:
    """For an index or a channel; ``host``: where it is, None when that is not to be shown."""
    name = index.name or ""
    if index.tool == "poetry":
        return _by_poetry(name or "NAME")
    if index.tool == "uv":
        if not name:
            return f"giving the index a `name` and setting UV_INDEX_NAME_USERNAME and UV_INDEX_NAME_PASSWORD, or by {_netrc(host)}"
        variable = f"UV_INDEX_{re.sub('[^A-Z0-9]', '_', name.upper())}"
        return f"{variable}_USERNAME and {variable}_PASSWORD, {_netrc(host)}, or a keyring"
    if index.tool == "pdm":
        key = f"pypi.{name or 'NAME'}"
        return f"`pdm config {key}.username …` and `pdm config {key}.password …`, {_netrc(host)}, or a keyring"
    if index.kind == "channel":
        return for_channel(index.tool, host, is_channel_token=is_channel_token)
    return f"{_netrc(host)}, or a keyring"


def for_channel(tool: str, host: str | None, *, is_channel_token: bool) -> str:
    """For a channel of conda's packages."""
    shown = host or "HOST"
    if tool == "pixi":
        login = "--conda-token …" if is_channel_token else "--username … --password …"
        return f"`pixi auth login {shown} {login}`"
    if host is not None and host.endswith(_ANACONDA):
        return "`anaconda login`, or the channel with its token in `~/.condarc`"
    return f"{_netrc(host)}, or the channel with its login in `~/.condarc`"


def for_dependency(dependency: Dependency, host: str | None, url: str | None, *, is_channel_token: bool = False) -> str:
    """For a requirement by URL; ``url``: without the secret, None when that is not known."""
    if dependency.ecosystem == "conda" and dependency.vcs is None:
        tool = "conda" if dependency.parts.channel is not None or dependency.kind == "url" else "pixi"
        return for_channel(tool, host, is_channel_token=is_channel_token)
    if dependency.dialect == "poetry" and dependency.name is not None and dependency.vcs is not None:
        where = f"`poetry config repositories.{dependency.name} {url or 'URL'}`"
        return f"{where} and {_by_poetry(dependency.name)}"
    if dependency.vcs is not None and dependency.vcs.scheme == "git":
        server = f" for `{host}`" if host else ""
        return f"git's credential helper{server}, or {_netrc(host)}"
    return f"{_netrc(host)}, or a keyring"


def _by_poetry(name: str) -> str:
    """Poetry's settings for a source or repository of a name; not each name makes a variable."""
    order = f"`poetry config http-basic.{name} USERNAME PASSWORD`"
    if re.fullmatch(r"[A-Za-z0-9_-]+", name) is None:
        return order
    variable = f"POETRY_HTTP_BASIC_{name.upper().replace('-', '_')}"
    return f"{order}, or {variable}_USERNAME and {variable}_PASSWORD"


def _netrc(host: str | None) -> str:
    """The file that pip, uv, PDM, conda and git all look into."""
    return f"a line `machine {host} login … password …` in `~/.netrc`" if host else "a `.netrc` file"
