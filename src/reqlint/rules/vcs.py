"""RQ2: version control and direct references."""

from __future__ import annotations

import os
import re

from reqlint.diagnostic import Diagnostic
from reqlint.fixes import Edit, Fix
from reqlint.registry import rule
from reqlint.repositories import FORGES, repository_key
from reqlint.requirement import (
    InvalidRequirementError,
    Requirement,
    kind_of_ref,
    normalize,
    parse_editable,
    parse_pip,
)
from reqlint.rewrite import replace_url, reref
from reqlint.rules._evidence import asked_refs, by_name, in_place, meant_commit, meant_version, option_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.fixes import Applicability
    from reqlint.model import Dependency, Include, Manifest
    from reqlint.project import Project
    from reqlint.requirement import Vcs
    from reqlint.source import Span

_LOOPBACK = r"localhost|127(?:\.\d+){3}|\[::1\]|.+\.localhost"
_INSECURE = frozenset(("git", "http", "svn", "ftp", "static-http"))

_HEX = r"[0-9a-fA-F]+"
_SHOWN_COMMIT = 12
_VARIABLE = r"[$<{]|%[A-Za-z_]\w*%"
_PULL_REQUEST = r"refs/(?:pull|merge-requests|pull-requests)/\d+/(?:head|merge|from)"
_ARCHIVE_REF = (
    r"/(?:-/)?(?:archive|zipball|tarball|get)/(refs/heads/)?([^?#]+?)(?:\.zip|\.tar\.(?:gz|bz2)|\.tgz)?(?:[?#]|$)"
)

_AUTHORITY = r"[A-Za-z][\w+.-]*://(?:[^/?#]*@)?(\[[^\]/]*\]|[^:/?#]*)(:[^/?#]*)?"
_SCP_HOST = r"(?:\w+\+)?[\w.-]+@([\w.-]+):"

_EGG = (
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[(?P<extras>[^\]]*)\])?"
    r"(?P<version>(?:[<>=!~]=|[<>]|===)[^;\s\[\]#]*)?(?P<marker>\s*;.*)?"
)
_BARE_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"  # what pip 26 takes after `#egg=`
_NAME_AND_VERSION = r".*-(?:dev|v?\d[\w.]*)"
_HASH = r"[#&](?:sha1|sha224|sha256|sha384|sha512|md5)="

# Where conda and conda-forge build packages: nobody else has these folders, and what was built there is on an index.
_CONDA_BUILD = (
    r"/(?:croot|feedstock_root|conda-bld)/|/abs_[0-9a-z_]{8,}/|^/(?:private/)?tmp/build/[0-9a-f]{8}/|^/opt/concourse/"
    r"|^/?[A-Za-z]:/(?:ci(?:_\w+)?|bld|b)/|/ci_\w+/"
)
_ONE_MACHINE = r"^/(?:home|Users|tmp|var/tmp|var/folders|private/(?:tmp|var)|mnt/[a-z])/|^/?[A-Za-z]:/"


# Refs ----------------------------------------------------------------------------------------------------------------


@rule("RQ201", "missing-vcs-ref", "error", fix="safe", kinds=("url", "scp"), online=True)
def missing_vcs_ref(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A version control URL names no tag, commit or branch.

    ## Why is this bad?
    Whatever the default branch holds at that moment is installed: two builds of one commit differ, and everyone who can
    push to that branch can change what you run.

    ## Not reported
    A ref that is a variable (`@${REV}`) or a URL that ends in one, a Subversion URL below `/tags/`, a line of
    `requirements.in` whose commit stands in the `requirements.txt` beside it, and names and hosts in `allow`.

    ## Fix safety
    The fix writes the commit that the project's own lock or environment took from that same repository, so what is
    installed stays what it is. With `--online` it is else the commit of the newest tag, or of the default branch where there
    is none: unsafe.

    ## Example
    ```requirements.txt
    core @ git+https://github.com/acme/core.git
    ```

    Use instead:
    ```requirements.txt
    core @ git+https://github.com/acme/core.git@v1.2.0
    ```
    """
    vcs = dependency.vcs
    if vcs is None or vcs.ref or _is_of_one_machine(dependency):
        return
    if re.search(_VARIABLE, vcs.repository.rpartition("/")[2]) or (vcs.scheme == "svn" and "/tags/" in vcs.repository):
        return
    if _is_allowed("RQ201", dependency, project) or _is_compiled(dependency, project):
        return
    fix, help_ = _commit_fix(dependency, project)
    empty = vcs.ref is not None
    yield Diagnostic.of(
        dependency,
        f"the ref of {dependency.shown} is empty: pip refuses it"
        if empty
        else f"{dependency.shown} names no tag or commit of its repository",
        span=_span(dependency, (_start(dependency), vcs.repository_span[1])),
        label="nothing follows the `@`" if empty else "whatever the default branch holds is installed",
        help=help_,
        fix=fix,
    )


@rule("RQ202", "moving-vcs-ref", "warning", fix="safe", kinds=("url", "scp"), online=True)
def moving_vcs_ref(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A version control URL names a branch, whose commits change.

    ## Why is this bad?
    The branch moves on, so two builds differ, and everyone who can push to it can change what you run. With
    `vcs-ref = "commit"` in the configuration the same is said of tags, which can be moved too.

    ## Not reported
    A commit, a ref that looks like a version (it is taken for a tag), a ref of which its text does not tell what it is
    (unless `vcs-ref = "commit"`), a variable (`@${REV}`), a line of `requirements.in` whose commit stands in the
    `requirements.txt` beside it, and names and hosts in `allow`. The archive of a branch that GitHub, GitLab or Bitbucket
    makes (`…/archive/main.zip`) is reported.

    ## Fix safety
    The fix writes the commit that the project's own lock or environment took from that same repository, in place of a tag
    only when the version there is the tag's. So what is installed stays what it is. With `--online` the server is asked: for
    the commit of a tag, which is as safe, or for that of a branch, which is unsafe; and where the text of a ref does not tell
    what it is.

    ## Example
    ```requirements.txt
    core @ git+https://github.com/acme/core.git@main
    ```

    Use instead:
    ```requirements.txt
    core @ git+https://github.com/acme/core.git@v1.2.0
    ```
    """
    vcs = dependency.vcs
    if vcs is None:
        yield from _moving_archive(dependency, project)
        return
    if not vcs.ref or vcs.ref_span is None or _is_of_one_machine(dependency):
        return
    if _is_allowed("RQ202", dependency, project):
        return  # its server need not be asked
    kind = _asked_kind(dependency, vcs, project)
    strict = project.configurations.of(dependency.source.path).vcs_ref == "commit"
    if kind in ("commit", "abbreviated", "variable") or (kind != "branch" and not strict):
        return
    if _is_compiled(dependency, project):
        return
    fix, help_ = _commit_fix(dependency, project, kind)
    what = {"branch": "follows a branch", "tag": "names a tag, not a commit"}.get(kind, "names no commit")
    if re.fullmatch(_PULL_REQUEST, vcs.ref):
        what = "follows a pull request"
    yield Diagnostic.of(
        dependency,
        f"{dependency.shown} {what}: `{vcs.ref}`",
        span=_span(dependency, vcs.ref_span),
        label="what it holds may change" if kind == "branch" else "it can be moved to another commit",
        help=help_,
        fix=fix,
    )


def _moving_archive(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """The archive of a branch, as the forges make it."""
    url, span = dependency.url, dependency.parts.url_span
    if url is None or span is None or not any(sign in url for sign in ("/archive/", "/zipball/", "/tarball/", "/get/")):
        return
    if _host(url) not in FORGES and "/-/archive/" not in url:
        return
    match = re.search(_ARCHIVE_REF, url)
    if match is None or dependency.hashes or re.search(_HASH, url) or _is_allowed("RQ202", dependency, project):
        return
    ref = match[2]
    if "/-/archive/" in url:
        ref = ref.rpartition("/")[0]  # the last part is a file name: repository-ref
    if match[1] is None and _kind_of_ref("git", ref) != "branch":
        return
    start, end = match.start(2), match.start(2) + len(ref)
    yield Diagnostic.of(
        dependency,
        f"{dependency.shown} is the archive of a branch: `{ref}`",
        span=_span(dependency, (span[0] + start, span[0] + end)),
        label="what it holds may change",
        help="name a tag or a commit in its place",
    )


@rule("RQ203", "abbreviated-commit", "warning", fix="safe", kinds=("url", "scp"), online=True)
def abbreviated_commit(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A commit is abbreviated.

    ## Why is this bad?
    The short form gets ambiguous as the repository grows, and a tag or a branch of that very name wins over the commit. pip
    also has to fetch the whole history to find it.

    ## Not reported
    A whole commit (40 or 64 hex digits), 12 and more in Mercurial, revision numbers of Subversion and Bazaar, and decimal
    digits only, which may just as well be a date.

    ## Fix safety
    The fix writes out the commit that the project's own lock or environment took from that same repository, and only when it
    begins with the digits that stand there. With `--online` it is else the one commit of a branch or a tag that does: unsafe,
    since the server does not tell of other commits.

    ## Example
    ```requirements.txt
    core @ git+https://github.com/acme/core.git@8b0a2f1
    ```

    Use instead:
    ```requirements.txt
    core @ git+https://github.com/acme/core.git@8b0a2f1c9d3e4f5061728394a5b6c7d8e9f00112
    ```
    """
    vcs = dependency.vcs
    if vcs is None or not vcs.ref or vcs.ref_span is None or _kind_of_ref(vcs.scheme, vcs.ref) != "abbreviated":
        return
    if _is_of_one_machine(dependency) or _is_allowed("RQ203", dependency, project):
        return
    ref = vcs.ref
    fix = None
    help_ = "write all 40 digits: `git rev-parse` tells them" if vcs.scheme == "git" else "write all 40 digits"
    found = meant_commit(dependency, project)
    if found is not None and found.commit.startswith(ref.lower()):
        edits = reref(dependency, found.commit, found.tag)
        if edits is not None:
            fix = Fix("Write the whole commit", edits, found.applicability)
            help_ = f"`{option_of(found.applicability)}` writes all of it: {found.told}"
    yield Diagnostic.of(
        dependency,
        f"the commit of {dependency.shown} is abbreviated: `{ref}`",
        span=_span(dependency, vcs.ref_span),
        label=f"{len(ref)} of 40 digits",
        help=help_,
        fix=fix,
    )


def _kind_of_ref(scheme: str, ref: str) -> str:
    """``commit``, ``abbreviated``, ``tag``, ``branch``, ``unknown`` or ``variable``."""
    if re.search(_VARIABLE, ref):
        return "variable"
    if scheme in ("git", "hg") and re.fullmatch(_HEX, ref) and len(ref) >= 7:
        if scheme == "hg":
            return "commit" if len(ref) >= 12 else "abbreviated"
        if len(ref) >= 40:
            return "commit"
        # Decimal digits alone may be a date, letters alone a word: then nothing can be told.
        return "unknown" if ref.isdigit() or ref.isalpha() else "abbreviated"
    if re.fullmatch(_PULL_REQUEST, ref):
        return "branch"
    return kind_of_ref(scheme, ref)


def _asked_kind(dependency: Dependency, vcs: Vcs, project: Project) -> str:
    """The kind of a ref by its text, or, where that is a guess and the server may be asked, by what the server says."""
    kind = _kind_of_ref(vcs.scheme, vcs.ref or "")
    if kind not in ("branch", "tag", "unknown"):
        return kind
    refs = asked_refs(dependency, vcs, project)
    return (refs.kind_of(vcs.ref or "") if refs is not None else None) or kind


def _is_compiled(dependency: Dependency, project: Project) -> bool:
    """Whether this is a line of an input file, and the file compiled from it names the commit."""
    path = dependency.source.path
    vcs = dependency.vcs
    if dependency.group.role != "input" or not path.endswith(".in") or vcs is None:
        return False
    compiled = project.manifest(path[: -len("in")] + "txt")
    if compiled is None:
        return False
    return any(
        other.vcs is not None
        and other.vcs.ref_kind == "commit"
        and repository_key(other.vcs.repository) == repository_key(vcs.repository)
        and (dependency.name is None or other.name == dependency.name)
        for other in compiled.dependencies
    )


def _commit_fix(dependency: Dependency, project: Project, kind: str = "missing") -> tuple[Fix | None, str]:
    """The fix that writes the commit that is meant, and the help that tells of it."""
    found = meant_commit(dependency, project)
    edits = reref(dependency, found.commit, found.tag) if found is not None else None
    if found is None or edits is None:
        if kind in ("tag", "unknown"):
            return None, "write the whole commit: `git ls-remote` tells it"
        where = "after an `@`" if kind == "missing" else "in its place"
        return None, f"write a tag, or better the commit behind it, {where}"
    short = found.commit[:_SHOWN_COMMIT]
    fix = Fix(f"Write the commit {short}", edits, found.applicability)
    return fix, f"`{option_of(found.applicability)}` writes {short}…, {found.told}"


# URLs that do not do -------------------------------------------------------------------------------------------------


@rule("RQ204", "insecure-vcs-url", "error", fix="unsafe", kinds=("url", "path"))
def insecure_vcs_url(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A version control URL uses a protocol without encryption.

    ## Why is this bad?
    Anyone between you and the server can change the code that you are about to run. GitHub has not served `git://` since
    2022, so there the installation fails.

    ## Not reported
    `localhost` and other loopback addresses, and names and hosts in `allow` (for servers inside a private network).

    ## Fix safety
    For GitHub, GitLab and Bitbucket, which serve the same repositories over https, the fix is safe. Where another server
    is asked over `http`, `https` is tried in its place: unsafe, since that server may not offer it. There is no fix for
    another server's `git://`, nor where the URL names a port.

    ## Example
    ```requirements.txt
    core @ git+http://git.example.com/acme/core.git@v1.2.0
    ```

    Use instead:
    ```requirements.txt
    core @ git+https://git.example.com/acme/core.git@v1.2.0
    ```
    """
    url, span = dependency.url, dependency.parts.url_span
    if url is None or span is None or "://" not in url:
        return
    prefix = url[: url.index("://")].lower()
    scheme, plus, transport = prefix.partition("+")
    in_table = not plus and dependency.vcs is not None and dependency.dialect not in ("pip", "pep508")
    if in_table and dependency.vcs is not None:
        scheme, transport = dependency.vcs.scheme, scheme  # `git = "http://…"`: the key names the system
    elif not plus:
        transport = scheme
    if scheme not in ("git", "hg", "svn", "bzr") or transport not in _INSECURE:
        return
    host = _host(url)
    if host is not None and re.fullmatch(_LOOPBACK, host):
        return
    if project.configurations.of(dependency.source.path).allows("RQ204", dependency.name, host):
        return
    fix = None
    lead = "" if in_table else f"{scheme}+"
    help_ = f"write `{lead}https://` or `{lead}ssh://`, whichever the server offers"
    match = re.match(_AUTHORITY, url)
    if dependency.rewritable and match is not None and match[2] is None and host and not re.search(_VARIABLE, host):
        edits = [Edit(span[0], span[0] + len(prefix), f"{lead}https")]
        if host in FORGES and scheme == "git":
            fix = Fix("Fetch it over https", edits)
            help_ = f"`--fix` writes `{lead}https://`"
        elif transport == "http":
            fix = Fix("Fetch it over https", edits, "unsafe")
            help_ = f"`--fix --unsafe-fixes` writes `{lead}https://`, if the server offers it"
    dead = transport == "git" and host == "github.com"
    yield Diagnostic.of(
        dependency,
        f"{dependency.shown} is fetched over `{prefix}://`, which is not encrypted",
        span=_span(dependency, (span[0], span[0] + len(prefix) + len("://"))),
        label="GitHub has not served it since 2022" if dead else "anyone on the way can change the code",
        help=help_,
        fix=fix,
    )


@rule("RQ205", "scp-style-url", "error", fix="safe", kinds=("url", "scp"))
def scp_style_url(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A repository is written as `git@host:owner/repository`, which is no URL.

    ## Why is this bad?
    git takes this form, pip does not: it refuses `git+git@host:…`, reads a bare `git@host:…` as a package called `git`, and
    takes the owner in `git+ssh://git@host:owner/…` for a port number.

    ## Fix safety
    What stands there cannot be installed. The fix writes the same place as a URL, and keeps name, ref and fragment. It is
    not offered where the path begins with digits, which may be meant as a port number.

    ## Example
    ```requirements.txt
    core @ git+ssh://git@github.com:acme/core.git@v1.2.0
    ```

    Use instead:
    ```requirements.txt
    core @ git+ssh://git@github.com/acme/core.git@v1.2.0
    ```
    """
    vcs = dependency.vcs
    if vcs is None or not vcs.scp or dependency.url is None or dependency.parts.url_span is None:
        return
    if _is_allowed("RQ205", dependency, project):
        return
    fix = _url_form_fix(dependency, dependency.url, dependency.parts.url_span[0])
    yield Diagnostic.of(
        dependency,
        f"the repository of {dependency.shown} is written as for `git clone`, which is no URL",
        span=_span(dependency, (_start(dependency), (vcs.ref_span or vcs.repository_span)[1])),
        label="pip cannot read this" if "://" not in dependency.url else "the owner is taken for a port number",
        help="`--fix` writes it as a URL" if fix is not None else "write `git+ssh://git@host/owner/repository.git`",
        fix=fix,
    )


def _url_form_fix(dependency: Dependency, url: str, base: int) -> Fix | None:
    """Write ``git@host:path`` as ``git+ssh://git@host/path``, with two small edits."""
    match = re.match(_AUTHORITY, url)
    if match is not None:
        colon = match.end(1)
        edits = []
    else:
        start = re.match(_SCP_HOST, url)
        if start is None:
            return None
        colon = start.end() - 1
        system, plus, _ = url[:colon].partition("+")
        if plus:
            edits = [Edit(base + len(system) + 1, base + len(system) + 1, "ssh://")]
        elif url.startswith("git@") or ".git" in url[colon:]:
            edits = [Edit(base, base, "git+ssh://")]
        else:
            return None
    if url[colon + 1 : colon + 2].isdigit() or (dependency.editable and dependency.name is None):
        return None
    edits.append(Edit(base + colon, base + colon + 1, "/"))
    return Fix("Write the repository as a URL", edits) if _reading(dependency, edits) is not None else None


# Names in URLs -------------------------------------------------------------------------------------------------------


@rule("RQ206", "egg-fragment", "warning", fix="unsafe", kinds=("url",))
def egg_fragment(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A URL gives the name of the project as `#egg=`, where `name @ url` works.

    ## Why is this bad?
    `#egg=` is pip's own, older way; the standard one (PEP 508) is `name @ url`, which other tools read as well. pip 26
    refuses an egg that is more than a bare name (`#egg=name[extra]`, `#egg=name==1.0`), and with it the whole file.

    ## Not reported
    `-e` lines, which need the fragment in older pips, unless pip 26 refuses it; `file:` URLs; and a name that is a variable.

    ## Fix safety
    The fix moves name and extras in front of the URL and keeps its other parts (`subdirectory=`, a hash) and the marker: the
    same is installed. A version behind the name is dropped, since the URL alone decides what is installed. With `-e` and
    extras the fix is unsafe, because pips before 26 take only what stands there, and pip 26 only what the fix writes.

    ## Example
    ```requirements.txt
    git+https://github.com/acme/core.git@v1.2.0#egg=core
    ```

    Use instead:
    ```requirements.txt
    core @ git+https://github.com/acme/core.git@v1.2.0
    ```
    """
    parts, url = dependency.parts, dependency.url
    if parts.egg_span is None or parts.url_span is None or url is None or url[:5].lower() == "file:":
        return
    vcs = dependency.vcs
    egg = url[parts.egg_span[0] - parts.url_span[0] : parts.egg_span[1] - parts.url_span[0]]
    if re.search(_VARIABLE, egg) or (vcs is not None and vcs.scp):
        return
    refused = re.fullmatch(_BARE_NAME, egg) is None
    if (dependency.editable and not refused) or _is_allowed("RQ206", dependency, project):
        return
    fix, help_ = _egg_fix(dependency, egg) or (None, "write `name @ url`")
    if refused:
        message, label = "what follows `#egg=` is not a bare name", "pip 26 refuses this"
    elif _is_named(dependency):
        message = f"the name stands before the URL, so `#egg=` of {dependency.shown} is not needed"
        label = "a second name"
    else:
        message, label = f"the name {dependency.shown} stands in the URL's fragment", "an older way that only pip knows"
    yield Diagnostic.of(
        dependency,
        message,
        span=_span(dependency, (parts.egg_span[0] - len("egg="), parts.egg_span[1])),
        label=label,
        help=help_,
        fix=fix,
    )


def _egg_fix(dependency: Dependency, egg: str) -> tuple[Fix, str] | None:
    """Move the name out of the fragment, when what comes out surely means the same; with a help that tells of it."""
    parts, url = dependency.parts, dependency.url
    match = re.fullmatch(_EGG, egg)
    if url is None or parts.egg_span is None or parts.url_span is None or not dependency.rewritable or match is None:
        return None
    base = parts.url_span[0]
    low, high = parts.egg_span[0] - base - len("egg="), parts.egg_span[1] - base
    hash_sign = url.find("#")
    if hash_sign < 0 or low < hash_sign or url.count("egg=") > 1:
        return None
    marker = match["marker"] or ""
    if marker:
        if high < len(url) or parts.marker is not None or dependency.editable:
            return None
        high -= len(marker)
    # Take one separator along: "#egg=x&y" becomes "#y", "#y&egg=x" becomes "#y", "#egg=x" goes wholly.
    cut = (low, high + 1) if url[high : high + 1] == "&" else (low - 1, high)
    bare = url[: cut[0]] + url[cut[1] : len(url) - len(marker)]
    span = (base + cut[0], base + cut[1])
    end = base + len(url) - len(marker)
    if _is_named(dependency):
        fix = Fix("Delete the `#egg=`", [Edit(*span)])
        is_same = _means(dependency, fix.edits, dependency.raw_name or "", dependency.extras, bare)
        return (fix, "`--fix` deletes it") if is_same else None
    name = match["name"]
    if re.fullmatch(_NAME_AND_VERSION, name):
        return None  # pip takes all of it for the name, which is seldom what was meant
    extras = tuple(extra.strip() for extra in (match["extras"] or "").split(",") if extra.strip())
    lead = f"{name}[{match['extras']}] @ " if extras else f"{name} @ "
    if not dependency.editable:
        blank = _missing_blank(dependency, end)
        edits = [Edit(base, base, lead), Edit(*span, blank if span[1] == end else "")]
        edits += [Edit(end, end, blank)] if blank and span[1] != end else []
        fix = Fix(f"Write it as `{lead}url`", edits)
        return (fix, f"`--fix` writes it as `{lead}url`") if _means(dependency, edits, name, extras, bare) else None
    if not extras:
        fix = Fix("Leave the bare name in `#egg=`", [Edit(parts.egg_span[0] + len(name), parts.egg_span[1])])
        return fix, "`--fix` leaves the bare name"
    if any(sign in url for sign in "\"'\\ \t"):
        return None
    edits = [Edit(base, base, f'"{lead}')]
    edits += [Edit(*span, '"')] if span[1] == end else [Edit(*span), Edit(end, end, '"')]
    fix = Fix(f"Write it as `{lead}url`, in quotes", edits, "unsafe")
    return fix, f'`--fix --unsafe-fixes` writes it as `-e "{lead}url"`, which pip takes since 26'


@rule("RQ211", "nameless-url", "warning", fix="safe", kinds=("url",))
def nameless_url(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A URL is required without the name of its project.

    ## Why is this bad?
    Until it is downloaded nobody knows which project it is: a duplicate or a conflict with another line stays hidden, and
    neither constraints nor most other tools can refer to it.

    ## Not reported
    Local paths and `file:` URLs, a URL with `#egg=` (see `egg-fragment`), and what only those who work on the project install
    (tox, nox, pre-commit, dependency groups).

    ## Fix safety
    The name is written in front only when it is certain: from a wheel's file name, or when the project's own environment has
    a project installed from this very URL.

    ## Example
    ```requirements.txt
    git+https://github.com/acme/core.git@v1.2.0
    ```

    Use instead:
    ```requirements.txt
    core @ git+https://github.com/acme/core.git@v1.2.0
    ```
    """
    parts, url = dependency.parts, dependency.url
    if parts.name_span is not None or parts.egg_span is not None or parts.url_span is None or url is None:
        return
    if dependency.group.role == "development":
        return
    vcs = dependency.vcs
    if url[:5].lower() == "file:" or (vcs is not None and vcs.scp) or _is_of_one_machine(dependency):
        return
    if _is_allowed("RQ211", dependency, project):
        return
    fix = None
    name = dependency.raw_name or _installed_name(dependency, project)
    help_ = "write `name @ ` before it"
    if not dependency.can_hold(" "):
        help_ = f'write `"{name or "name"} @ …"`, in quotes'
    elif name is not None and dependency.rewritable:
        start, end = parts.url_span
        blank = _missing_blank(dependency, end)
        edits = [Edit(start, start, f"{name} @ "), *([Edit(end, end, blank)] if blank else [])]
        if _means(dependency, edits, name, (), url):
            fix = Fix(f"Write `{name} @ ` before it", edits)
            help_ = f"`--fix` writes `{name} @ ` before it"
    if vcs is None and re.fullmatch(
        r"https?://(?:[^/?#]*@)?(?:github\.com|gitlab\.com|bitbucket\.org)/[^/?#]+/[^/?#]+/?", url
    ):
        help_ = "this is a repository's page, which pip cannot install: write `name @ git+https://…`"
    yield Diagnostic.of(
        dependency,
        "a URL is required without a name",
        span=_span(dependency, parts.url_span),
        label="which project is it?" if name is None else f"the project is `{name}`",
        help=help_,
        fix=fix,
    )


def _installed_name(dependency: Dependency, project: Project) -> str | None:
    """The name under which the environment holds something that was installed from this very URL.

    An environment is asked by name, so the names that a repository most likely gives its project are tried.
    """
    url, vcs = dependency.url, dependency.vcs
    if url is None:
        return None
    if vcs is not None:
        place = vcs.subdirectory or vcs.repository
    else:
        place = re.sub(
            r"/(?:-/)?(?:archive|zipball|tarball|get|releases)/.*", "", re.split(r"[?#]", url, maxsplit=1)[0]
        )
    stem = place.rstrip("/").rpartition("/")[2].removesuffix(".git")
    stem = re.sub(r"-v?\d.*$", "", stem)
    for name in dict.fromkeys(
        (stem, stem.removeprefix("python-"), stem.removesuffix("-python"), stem.removesuffix(".py"))
    ):
        if re.fullmatch(_BARE_NAME, name) is None:
            continue
        parts = Requirement("url", name)
        parts.url, parts.marker = url, dependency.marker
        found = project.evidence.installed(in_place(dependency, parts))
        if found is None or found.url is None:
            continue
        if vcs is not None:
            same = found.commit is not None and repository_key(found.url) == repository_key(vcs.repository)
        else:
            same = found.commit is None and _without_login(found.url) == _without_login(url)
        if same:
            return name
    return None


def _without_login(url: str) -> str:
    """The URL without user information and fragment."""
    return re.sub(r"^([A-Za-z][\w+.-]*://)[^/?#]*@", r"\1", url.partition("#")[0])


@rule("RQ208", "unhashed-url", "warning", default=False, kinds=("url",))
def unhashed_url(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A URL of an archive comes without a hash.

    ## Why is this bad?
    Nothing tells whether the file behind the URL is still the one that was looked at when the line was written.

    ## Not reported
    A URL with a hash in its fragment (`#sha256=…`) or with `--hash`, version control URLs, and local files.

    ## Example
    ```requirements.txt
    core @ https://packages.example.com/core-1.2.0-py3-none-any.whl
    ```

    Use instead:
    ```requirements.txt
    core @ https://packages.example.com/core-1.2.0-py3-none-any.whl#sha256=a448b2f64d686155468037e1ace9f2d2199776e17f0a46610480d311f73e3472
    ```
    """
    url, span = dependency.url, dependency.parts.url_span
    if url is None or span is None or dependency.vcs is not None or dependency.hashes or re.search(_HASH, url):
        return
    if not url.lower().startswith(("http:", "https:")) or _is_allowed("RQ208", dependency, project):
        return
    yield Diagnostic.of(
        dependency,
        f"the archive of {dependency.shown} has no hash",
        span=_span(dependency, span),
        label="nothing tells whether it is still the same file",
        help="end the URL with `#sha256=…`, or add `--hash=sha256:…`",
    )


# Files of one machine ------------------------------------------------------------------------------------------------


@rule("RQ209", "local-file-reference", "error", on="manifest", fix="unsafe", online=True)
def local_file_reference(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A requirement points to a file or folder of one machine.

    ## Why is this bad?
    Nobody else has that file. `name @ file:///…` is what `pip freeze` writes for packages that conda built
    (`/croot`, `/home/conda/feedstock_root`, `C:/ci_311`) or that were installed from a download or a folder.

    ## Not reported
    A file with many such lines of conda's, which is one finding of `wrong-kind-of-file`. Relative paths, a path with a variable in it, and what may be the same everywhere, as `/app` and `/usr/src` are in a
    container image: of `-e`, `-r` and `-c`, of plain paths and of `git+file:` URLs, only those below home directories,
    temporary directories, drive letters and conda's build folders are reported. `name @ file:///…` is always.

    ## Fix safety
    The fix writes the version that the file name of a wheel tells, or the one in the project's own environment. It is safe
    where conda built the package, since that folder is gone, and where the environment has this version from an index. Else
    it is unsafe: the index may have another project of that name, or none. The path of an included file is written relative
    to this one when it lies in the same folder or below.

    ## Example
    ```requirements.txt
    anyio @ file:///home/conda/feedstock_root/build_artifacts/anyio_1688651106312/work/dist
    ```

    Use instead:
    ```requirements.txt
    anyio==3.7.1
    ```
    """
    configuration = project.configurations.of(manifest.path)
    for include in manifest.includes:
        path = _file_path(include.path) if include.path[:5].lower() == "file:" else include.path
        if path is None or not _is_machine_path(path) or configuration.allows("RQ209", include.path):
            continue
        target = project.target(manifest, include)
        if target is None or project.files.is_file(target):  # else it is a missing include, and reported as one
            yield Diagnostic(
                manifest.source,
                include.span,
                "the included file lies at a path of one machine",
                label="nobody else has it",
                help="write the path relative to this file",
                fix=_relative_fix(manifest, include, target),
                scope=include.entry,
            )
    told = conda_builds(manifest) if "RQ003" in configuration.selected else []
    for dependency in manifest.dependencies:
        url, span = dependency.url, dependency.parts.url_span
        if url is None or span is None or not _is_local(dependency) or configuration.allows("RQ209", dependency.name):
            continue
        if dependency in told:
            continue
        fix, help_ = version_fix(dependency, project)
        yield Diagnostic.of(
            dependency,
            f"{dependency.shown} is taken from a path of one machine",
            span=_span(dependency, span),
            label="conda built it there; nobody has this folder" if is_conda_build(url) else "nobody else has it",
            help=help_,
            fix=fix,
        )


def _relative_fix(manifest: Manifest, include: Include, target: str | None) -> Fix | None:
    """Write the path of an included file as pip looks it up from this one, where it lies in the same folder or below."""
    if target is None or manifest.source.text[slice(*include.span)] != include.path:
        return None
    folder = os.path.dirname(os.path.abspath(manifest.path))
    path = os.path.abspath(target)
    if not path.startswith(folder + os.sep) or re.search(r"[\s#\"'$]", path[len(folder) :]):
        return None
    relative = path[len(folder) + 1 :].replace(os.sep, "/")
    return Fix(f"Write `{relative}`", [Edit(*include.span, relative)])


def _is_local(dependency: Dependency) -> bool:
    """Whether a requirement points into the file system of one machine."""
    url = dependency.url or ""
    if _is_named(dependency) and dependency.vcs is None and not dependency.editable:
        return _file_path(url) is not None
    return _is_of_one_machine(dependency)


def _is_of_one_machine(dependency: Dependency) -> bool:
    """Whether it is a path, or a URL of a local file or repository, in a place that only one machine has."""
    url = dependency.url or ""
    if dependency.kind == "path":
        return _is_machine_path(url)
    path = _file_path(url)
    return path is not None and _is_machine_path(path)


def _file_path(url: str) -> str | None:
    """The absolute path of a ``file:`` or ``git+file:`` URL; None for others, and where it depends on a variable."""
    match = re.match(r"(?:\w+\+)?file:(?://(?:localhost)?)?(/[^?#]*)", url, re.IGNORECASE)
    if match is None or match[1].startswith("//") or re.search(_VARIABLE, match[1]):
        return None
    return re.sub(r"^/([A-Za-z])(?:%3[aA]|\|)", r"/\1:", match[1])


def _is_machine_path(path: str) -> bool:
    """Whether an absolute path is one that other machines will not have."""
    path = path.replace("\\", "/")
    if re.search(_VARIABLE, path):
        return False
    return re.search(_ONE_MACHINE, path) is not None or (
        path.startswith("/") and re.search(_CONDA_BUILD, path) is not None
    )


def conda_builds(manifest: Manifest) -> list[Dependency]:
    """The requirements that point to where conda built them, when there are so many that a conda environment was frozen."""
    builds = [item for item in manifest.dependencies if item.url is not None and is_conda_build(item.url)]
    few = len(builds) < 5 and len(builds) * 2 <= len(manifest.dependencies)
    return [] if len(builds) < 3 or few else builds


def is_conda_build(url: str) -> bool:
    """Whether a ``file:`` URL points to where conda builds packages."""
    path = _file_path(url)
    return path is not None and re.search(_CONDA_BUILD, path) is not None


def version_fix(dependency: Dependency, project: Project) -> tuple[Fix | None, str]:
    """The fix that writes a version in place of the path, and the help that tells of it."""
    url, name = dependency.url or "", dependency.raw_name
    if name is None or dependency.editable or dependency.kind == "path" or dependency.vcs is not None:
        return None, "write a relative path, or require it by name from an index"
    conda = is_conda_build(url)
    version = _wheel_version(url, dependency.name or "")
    source = "the version of the wheel"
    found = project.evidence.installed(dependency)
    if found is not None and found.url is not None and not is_conda_build(found.url):
        # Installed from a URL or a folder: believed only if it is this one.
        found = found if _without_login(found.url) == _without_login(url) else None
    if version is None and found is not None:
        version, source = found.version, f"the version in {found.where}"
    is_settled = conda or (found is not None and found.url is None and found.version == version)
    applicability: Applicability = "safe" if is_settled else "unsafe"
    if version is None:
        meant = meant_version(by_name(dependency, name), project)
        if meant is None:
            return None, f"write the version: `{name}==…`"
        version, source, applicability = meant.version, meant.told, meant.applicability
    version, plus, _ = version.partition("+")
    if plus:
        applicability = "unsafe"  # an index seldom has the local build
    edits = replace_url(dependency, f"=={version}") if not dependency.hashes else None
    if edits is None:
        return None, f"write `{name}=={version}`, {source}"
    fix = Fix(f"Require `{name}` {version} by name", edits, applicability)
    option = "--fix" if applicability == "safe" else "--fix --unsafe-fixes"
    return fix, f"`{option}` writes `=={version}`, {source}"


def _wheel_version(url: str, name: str) -> str | None:
    """The version in the file name of a wheel of this project (PEP 427)."""
    from urllib.parse import unquote

    file = unquote(re.split(r"[?#]", url, maxsplit=1)[0]).rpartition("/")[2]
    fields = file.split("-")
    if not file.lower().endswith(".whl") or len(fields) not in (5, 6) or normalize(fields[0]) != name:
        return None
    return fields[1] if re.fullmatch(r"v?(?:\d+!)?\d[0-9A-Za-z._]*(?:\+[0-9A-Za-z._]+)?", fields[1]) else None


# What they share -----------------------------------------------------------------------------------------------------


def _host(url: str) -> str | None:
    """The host of a URL or of the scp form, in lower case."""
    match = re.match(_AUTHORITY, url) or re.match(_SCP_HOST, url)
    return match[1].lower() if match is not None and match[1] else None


def _is_allowed(code: str, dependency: Dependency, project: Project) -> bool:
    """Whether the configuration allows this dependency, or its host, for a rule."""
    configuration = project.configurations.of(dependency.source.path)
    return configuration.allows(code, dependency.name, _host(dependency.url or ""))


def _span(dependency: Dependency, span: Span) -> Span:
    """A part of the requirement, where its place is known; else all of it."""
    return span if dependency.rewritable else dependency.span


def _start(dependency: Dependency) -> int:
    """Where the URL begins."""
    return dependency.parts.url_span[0] if dependency.parts.url_span is not None else dependency.span[0]


def _is_named(dependency: Dependency) -> bool:
    """Whether the name stands before the URL."""
    name, url = dependency.parts.name_span, dependency.parts.url_span
    return name is not None and url is not None and name[1] <= url[0]


def _missing_blank(dependency: Dependency, end: int) -> str:
    """The blank that parts a URL, which ends here, from a semicolon: PEP 508 would take that for a part of the URL."""
    return " " if end < dependency.span[1] and dependency.source.text[end] == ";" else ""


def _reading(dependency: Dependency, edits: list[Edit] | tuple[Edit, ...]) -> Requirement | None:
    """What the requirement would be read as after these edits; None when it could not be read."""
    if not dependency.rewritable:
        return None
    pieces: list[str] = []
    done, end = dependency.span
    for edit in sorted(edits, key=lambda edit: edit.start):
        pieces += dependency.source.text[done : edit.start], edit.content
        done = edit.end
    text = "".join(pieces) + dependency.source.text[done:end]
    try:
        return parse_editable(text) if dependency.editable else parse_pip(text)
    except InvalidRequirementError:
        return None


def _means(
    dependency: Dependency, edits: list[Edit] | tuple[Edit, ...], name: str, extras: tuple[str, ...], url: str
) -> bool:
    """Whether the requirement, after these edits, has this name, these extras, this URL, and the marker that it had."""
    parts = _reading(dependency, edits)
    if parts is None or parts.name is None or normalize(parts.name) != normalize(name):
        return False
    return (
        parts.url == url and parts.extras == extras and (parts.marker == dependency.marker or dependency.marker is None)
    )
