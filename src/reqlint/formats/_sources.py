"""Tables that say where a dependency comes from: ``{git = "…", rev = "…"}``, ``{url = "…"}``, ``{path = "…"}``.

uv, Hatch and pixi write them with the same keys. Of ``rev``, ``tag`` and ``branch`` all three want one at most, and none of
them reads a ref out of the URL. Beside them, what the tables of several tools have in common: markers, and a specifier that
stands alone. All spans are half-open ranges of 0-based code-point offsets into the source's text.
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.formats._pep508 import report
from reqlint.formats._tables import Place, add, all_plain, by_vcs
from reqlint.formats._tree import List, Map, Text
from reqlint.model import Problem
from reqlint.requirement import InvalidRequirementError, Requirement, check_marker, parse_pep508

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._tree import Entry, Value
    from reqlint.model import Dependency, Dialect, Ecosystem, Group, Manifest
    from reqlint.requirement import Constraint
    from reqlint.source import Span

#: The keys that name a ref, with the kind that each means; a ``rev`` may be anything.
REFS = {"rev": "", "tag": "tag", "branch": "branch"}

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_SCP = re.compile(r"(?P<login>[\w.-]+@[\w.-]+):(?!//)(?P<path>[^\s/:][^\s:]*)")
_GIT_SCHEMES = frozenset(("https", "http", "ssh", "file"))


def is_name(text: str) -> bool:
    """Whether a text is the name of a project, an extra or a group (PEP 508)."""
    return _NAME.fullmatch(text) is not None


def places(entry: Entry, text: str) -> Iterator[tuple[Place, Value]]:
    """The value of an entry with its place, or each of them when it is an array."""
    place = Place.of(entry, text)
    if not isinstance(entry.value, List):
        yield place, entry.value
        return
    alone = len(entry.value.items) == 1
    for item, span in zip(entry.value.items, entry.value.entries, strict=True):
        whole = place.entry if alone else span
        yield Place(place.name, place.name_span, _shown(text, item), whole, text, whole=whole[0] < whole[1]), item


def _shown(text: str, item: Value) -> Span:
    """What to underline of one of several values: it, or the header of its table."""
    start, end = item.span
    if not isinstance(item, Map) or item.inline or not text.startswith("[[", start):
        return start, end
    header = text.find("]]", start)
    return (start, header + 2) if 0 <= header < end else (start, end)


def check_refs(manifest: Manifest, place: Place, table: Map, tool: str) -> None:
    """Report a second ref beside the first, and a ref where there is no repository."""
    named = [table.entries[key] for key in REFS if key in table.entries]
    if "git" not in table.entries:
        for entry in named:
            message = f"`{entry.key}` has a meaning only beside `git`: {tool} refuses the file"
            report(manifest, entry.key_span, message, scope=place.entry)
    elif len(named) > 1:
        second = max(named, key=lambda entry: entry.key_span)
        keys = " and ".join(f"`{entry.key}`" for entry in named)
        message = f"{keys} exclude each other: {tool} refuses the file"
        report(manifest, second.key_span, message, help="leave one of them", scope=place.entry)


def add_source(
    manifest: Manifest,
    place: Place,
    table: Map,
    group: Group,
    *,
    tool: str,
    dialect: Dialect,
    ecosystem: Ecosystem = "pypi",
    marker: Text | None = None,
    extras: tuple[str, ...] = (),
    editable: bool = False,
) -> Dependency | None:
    """Add what a table takes from a repository, a URL or a path; None when it names none, or the tool refuses it."""
    hashes = int(table.text("sha256") is not None or table.text("md5") is not None)
    vcs = None
    if "git" in table.entries:
        url = table.text("git")
        if url is None or not _is_repository(manifest, place, url, tool):
            return None
        found = by_vcs(place, table, "git", REFS, new_ref="rev")
        if found is None:
            return None
        parts, vcs = found
    elif "url" in table.entries or "path" in table.entries:
        key = "url" if "url" in table.entries else "path"
        value = table.text(key)
        if value is None:
            return None
        if key == "url" and not _URL.match(value.text):
            help_ = "write `path = …` for a file or a folder"
            report(manifest, _inside(value), f"this is no URL: {tool} refuses the file", help=help_, scope=place.entry)
            return None
        parts = Requirement(key, place.name, place.name_span)
        parts.url, parts.url_span = value.text, value.inner
    else:
        return None
    parts.extras = extras
    take_marker(manifest, place, parts, marker)
    refs = [table.entries[key].value for key in REFS if key in table.entries]
    plain = all_plain(table, "git", "url", "path", *REFS)
    return add(
        manifest,
        place,
        parts,
        group,
        dialect=dialect,
        ecosystem=ecosystem,
        vcs=vcs,
        editable=editable,
        rewritable=plain and len(refs) < 2 and all(isinstance(ref, Text) for ref in refs),
        hashes=hashes,
    )


def take_marker(manifest: Manifest, place: Place, parts: Requirement, marker: Text | None) -> None:
    """Note a marker that stands in a string of its own; one that is not valid is reported."""
    if marker is None:
        return
    text = marker.text.strip()
    try:
        check_marker(text)
    except InvalidRequirementError as error:
        report(manifest, _inside(marker), error.reason, scope=place.entry)
        return
    parts.marker = text
    if marker.plain:
        start = marker.inner[0] + len(marker.text) - len(marker.text.lstrip())
        parts.marker_span = (start, start + len(text))


def _is_repository(manifest: Manifest, place: Place, url: Text, tool: str) -> bool:
    """Whether a text is the URL of a git repository; what is none is reported.

    ``git:`` is left to the rule about insecure URLs, which says what to write instead.
    """
    match = _URL.match(url.text)
    scheme = match[0][:-1].lower().removeprefix("git+") if match is not None else ""
    if scheme in _GIT_SCHEMES or scheme == "git":
        return True
    message = f"{tool} does not take this for the URL of a git repository"
    help_ = "it knows `https://…`, `ssh://…` and `file:///…`; for a folder, write `path = …`"
    fix = None
    scp = _SCP.fullmatch(url.text)
    if scp is not None:
        message = f"{tool} does not know this form of a repository's URL"
        help_ = "write `ssh://git@host/owner/repository`"
        if url.plain:
            colon = url.inner[0] + scp.end("login")
            edits = [Edit(url.inner[0], url.inner[0], "ssh://"), Edit(colon, colon + 1, "/")]
            fix = Fix("Write it as a `ssh://` URL", edits)
    manifest.problems.append(
        Problem("invalid-requirement", _inside(url), message, help=help_, fix=fix, scope=place.entry)
    )
    return False


def _inside(value: Text) -> Span:
    """What to underline of a string: what stands in it, or its quotes when it is empty."""
    return value.inner if value.inner[0] < value.inner[1] else value.span


def specifier(text: str, base: int) -> tuple[Constraint, ...]:
    """The clauses of a specifier by PEP 440 that stands alone, without a name; raises InvalidRequirementError.

    The span of a fault is relative to the text; those of the clauses are shifted by ``base``.
    """
    lead = "x "
    stray = re.search(r"[;@()\[\]]", text)
    if stray is not None:
        raise InvalidRequirementError("a version holds no such character", stray.start(), stray.end())
    try:
        return parse_pep508(lead + text, base - len(lead)).constraints
    except InvalidRequirementError as error:
        low, high = (max(0, offset - len(lead)) for offset in error.span)
        reason = error.reason
        if text[:1].isalnum() or text[:1] == "*":
            reason = "no operator stands before the version: `==1.2`, `>=1.2`"
        raise InvalidRequirementError(reason, low, high) from None
