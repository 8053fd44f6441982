"""RQ6: indexes and channels."""

from __future__ import annotations

import re

from reqlint.diagnostic import Diagnostic
from reqlint.fixes import Edit, Fix
from reqlint.registry import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.model import Index, Manifest
    from reqlint.project import Project

_URL = r"(?i)(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/?#]*)"
_HOST = r"(?s)(?:.*@)?(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>[0-9]*))?"


@rule("RQ601", "extra-index", "warning", on="manifest")
def extra_index(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A second index is asked besides the first, and either may answer for any name.

    ## Why is this bad?
    pip knows no order of indexes: it takes the highest version that any of them has. Whoever registers the name of your
    private package on PyPI, with a high version, has his code installed in place of yours. That is dependency confusion.

    A single index that mirrors what you need, with `--index-url`, cannot be confused; nor can pinned requirements with
    `--hash`. If all that you take from the second index is sure to be found there alone, name it in `allow`.

    ## Not reported
    An index in `allow` (its URL or its host), one that is the first index once more, and any behind `--no-index`, which
    makes pip ask none.

    ## Example
    ```requirements.txt
    --extra-index-url https://packages.example.com/simple
    acme-client==4.2.0
    ```

    Use instead:
    ```requirements.txt
    --index-url https://packages.example.com/simple
    acme-client==4.2.0
    ```
    """
    if not manifest.indexes or _asks_none(manifest):
        return
    first = {_plain(index.url) for index in manifest.indexes if index.kind == "index"}
    configuration = project.configuration(manifest)
    for index in manifest.indexes:
        if index.kind != "extra-index" or _plain(index.url) in first:
            continue
        if configuration.allow and configuration.allows("RQ601", *_spellings(index.url)):
            continue
        host = _host(index.url)
        yield Diagnostic(
            manifest.source,
            index.span,
            f"`{host}` is asked besides the first index, and either may answer for any name"
            if host
            else "another index is asked besides the first, and either may answer for any name",
            label="a package of the same name elsewhere may win",
            help="use one index that has all (`--index-url`), or name this one in `allow` if no name in it can be taken elsewhere",
            scope=index.entry,
        )


@rule("RQ602", "insecure-index", "error", on="manifest", fix="unsafe")
def insecure_index(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """Packages are taken from a server without encryption.

    ## Why is this bad?
    Whoever sits on the way, in the same wireless network for instance, can send other packages in place of the ones that
    were asked for, and the code in them runs when they are installed. Credentials in the URL can be read by everyone, too.

    ## Not reported
    This very machine (`localhost`, `127.0.0.1`, `[::1]`), hosts in `allow` (for a network that you trust), a host that is a
    variable, and an index behind `--no-index`.

    ## Fix safety
    `https` is written for `http`. That is unsafe, as the server may not know it. A URL with a port is not mended.

    ## Example
    ```requirements.txt
    --index-url http://packages.example.com/simple
    requests==2.32.3
    ```

    Use instead:
    ```requirements.txt
    --index-url https://packages.example.com/simple
    requests==2.32.3
    ```
    """
    for index in manifest.indexes:
        match = re.match(_URL, index.url)
        if match is None or match["scheme"].lower() != "http":
            continue
        host, port = _host_and_port(match["authority"])
        if (
            not host
            or "$" in host
            or _is_loopback(host)
            or (index.kind not in ("find-links", "channel") and _asks_none(manifest))
        ):
            continue
        if project.configuration(manifest).allows("RQ602", *_spellings(index.url)):
            continue
        start = index.span[0]
        fix = None
        if port is None and manifest.source.text[slice(*index.span)] == index.url:
            fix = Fix(f"Ask `{host}` by https", [Edit(start, start + len("http"), "https")], "unsafe")
        yield Diagnostic(
            manifest.source,
            index.span,
            f"packages are taken from `{host}` without encryption",
            label="whoever sits on the way can replace them",
            help="use https; a host in a network that you trust can be named in `allow`",
            fix=fix,
            scope=index.entry,
        )


@rule("RQ603", "unverified-index", "warning", on="manifest")
def unverified_index(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The certificate of an index is not checked.

    ## Why is this bad?
    With `--trusted-host`, pip talks to whoever answers under that name, be it without encryption or with a false
    certificate. Whoever sits on the way can send other packages in place of the ones that were asked for. If the index has
    a certificate of your own authority, tell pip of it with `--cert` or `PIP_CERT`.

    ## Not reported
    This very machine (`localhost`, `127.0.0.1`, `[::1]`), and hosts in `allow`.

    ## Example
    ```requirements.txt
    --trusted-host pypi.org
    requests==2.32.3
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    ```
    """
    for setting in manifest.settings:
        if setting.kind != "trusted-host":
            continue
        host, _ = _host_and_port(setting.value)
        if _is_loopback(host):
            continue
        if project.configuration(manifest).allows("RQ603", host, setting.value):
            continue
        yield Diagnostic(
            manifest.source,
            setting.span,
            f"the certificate of `{host}` is not checked" if host else "the certificate of an index is not checked",
            label="anyone may answer under this name",
            help="take the option out; for a certificate of your own authority, set `PIP_CERT`",
            scope=setting.entry,
        )


@rule("RQ604", "pre-releases-allowed", "warning", on="manifest")
def pre_releases_allowed(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """Pre-releases of every package are taken.

    ## Why is this bad?
    `--pre` counts for all that is installed, what others depend on included: one package that is wanted early brings alphas
    and release candidates of everything else along.

    ## Not reported
    A pre-release that one requirement asks for (`black==24.1a1`, `torch>=2.6.0rc1`): pip takes it without the option.

    ## Example
    ```requirements.txt
    --pre
    torch==2.6.0rc1
    ```

    Use instead:
    ```requirements.txt
    torch==2.6.0rc1
    ```
    """
    for setting in manifest.settings:
        if setting.kind == "pre-releases":
            yield Diagnostic(
                manifest.source,
                setting.span,
                f"`{setting.option}` lets in pre-releases of every package",
                label="of what others depend on, too",
                help="take it out, and name the pre-release where it is wanted: `package>=2.0rc1`",
                scope=setting.entry,
            )


@rule("RQ605", "defaults-channel", "warning", on="manifest", fix="unsafe", default=False)
def defaults_channel(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """Packages are taken from the channels of Anaconda, by the name `defaults` or for lack of `nodefaults`.

    ## Why is this bad?
    Anaconda's terms of service ask a licence of larger organisations for the use of its channels. An installation of
    Anaconda or Miniconda asks them besides the channels that a file lists, unless the file says `nodefaults`; and builds from
    there and from conda-forge do not always fit together. Off by default: Miniforge asks conda-forge alone, and who has a
    licence may like it so.

    ## Not reported
    A file without `channels`, which asks what its user has configured. The lack of `nodefaults` where conda-forge is not
    listed, and in what pixi reads, which asks no channels but those that are listed. Channels in `allow`.

    ## Fix safety
    Where conda-forge is listed, `nodefaults` takes the place of `defaults`. That is safe where conda-forge comes first, so
    that its packages were taken already; else it is unsafe. pixi knows no `nodefaults`: there the channel is deleted, which
    is unsafe.

    ## Example
    ```environment.yml
    channels:
      - defaults
      - conda-forge
    dependencies:
      - numpy=1.26
    ```

    Use instead:
    ```environment.yml
    channels:
      - conda-forge
      - nodefaults
    dependencies:
      - numpy=1.26
    ```
    """
    channels = [index for index in manifest.indexes if index.kind == "channel" and index.option == "channels"]
    configuration = project.configuration(manifest)
    names = [_channel(index.url) for index in channels]
    found = [
        number
        for number, name in enumerate(names)
        if name in _DEFAULTS and not configuration.allows("RQ605", name, *_spellings(channels[number].url))
    ]
    forge = names.index("conda-forge") if "conda-forge" in names else None
    is_condas = manifest.format == "environment.yml"
    closed = "nodefaults" in names or not is_condas
    for number in found:
        index = channels[number]
        fix = None
        if forge is not None:
            edits = [Edit(*index.entry)] if closed else [Edit(*index.span, "nodefaults")]
            message = "Delete the channel" if closed else "Write `nodefaults` in its place"
            fix = Fix(message, edits, "safe" if is_condas and forge < number else "unsafe")
            closed = True
        yield Diagnostic(
            manifest.source,
            index.span,
            f"the channel `{names[number]}` is Anaconda's, whose terms ask a licence of larger organisations",
            help=f"take what you need from conda-forge{', and list `nodefaults`' if is_condas else ''}",
            fix=fix,
            scope=index.entry,
        )
    if forge is not None and not closed and not configuration.allows("RQ605", "defaults"):
        last = channels[-1]
        yield Diagnostic(
            manifest.source,
            channels[forge].span,
            "besides conda-forge, the channels are asked that its user has configured: often Anaconda's",
            help="list `nodefaults`",
            fix=_listed(manifest, last),
            scope=channels[forge].entry,
        )


#: Anaconda's channels, by the names that conda has for them.
_DEFAULTS = frozenset(("defaults", "anaconda", "main", "r", "msys2", "pkgs/main", "pkgs/r", "pkgs/msys2", "pkgs/free"))


def _channel(url: str) -> str:
    """The name of a channel: what follows the host in a URL of Anaconda's own servers, else what is written."""
    match = re.match(_URL, url)
    if match is None:
        return url.strip("/")
    host = _host_and_port(match["authority"])[0].lower()
    path = url[match.end() :].strip("/")
    return path if host in ("conda.anaconda.org", "repo.anaconda.com", "repo.continuum.io") else url


def _listed(manifest: Manifest, last: Index) -> Fix | None:
    """List `nodefaults` behind the last channel, in the same notation."""
    source = manifest.source
    row = source.row(last.span[0])
    start, end = source.line_span(row)
    lead = source.text[start : last.span[0]].rstrip("'\"")
    if lead.strip() == "-":
        edit = Edit(end, end, f"{source.newline}{lead}nodefaults")
    elif source.text[last.span[1] : last.span[1] + 1] in ("'", '"'):
        edit = Edit(last.span[1] + 1, last.span[1] + 1, ", nodefaults")
    elif source.text[last.span[1] :].lstrip()[:1] in (",", "]"):
        edit = Edit(last.span[1], last.span[1], ", nodefaults")
    else:
        return None
    return Fix("List `nodefaults`", [edit])


def _asks_none(manifest: Manifest) -> bool:
    """Whether `--no-index` makes pip forget all indexes."""
    return any(setting.kind == "no-index" for setting in manifest.settings)


def _host(url: str) -> str:
    """The host of a URL; empty when there is none or it is a variable."""
    match = re.match(_URL, url)
    host = _host_and_port(match["authority"])[0] if match else ""
    return "" if "$" in host else host


def _host_and_port(authority: str) -> tuple[str, str | None]:
    """Host and port of what stands between the slashes of a URL, without user and password."""
    match = re.fullmatch(_HOST, authority)
    return (match["host"], match["port"] or None) if match else ("", None)


def _plain(url: str) -> str:
    """A URL without user, password and last slash, in lower case: what `allow` is compared with."""
    match = re.match(_URL, url)
    if match is None:
        return url.lower()
    start, end = match.span("authority")
    return (url[:start] + url[start:end].rpartition("@")[2] + url[end:]).rstrip("/").lower()


def _spellings(url: str) -> tuple[str, ...]:
    """All that may stand in `allow` for this URL: its host, and the URL with and without what does not count."""
    plain = _plain(url)
    return _host(url), url, plain, f"{plain}/"


def _is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    host = host.lower().rstrip(".")
    if host in ("localhost", "[::1]", "::1", "[0:0:0:0:0:0:0:1]") or host.endswith(".localhost"):
        return True
    parts = host.split(".")
    return len(parts) == 4 and parts[0] == "127" and all(part.isdigit() for part in parts)
