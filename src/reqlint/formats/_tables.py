"""Dependencies that are entries of a table, ``name = "version"`` or ``name = {git = "…", branch = "…"}``.

Poetry, pipenv, uv and pixi all write them so; each with keys and version grammar of its own, which its module hands in. A
table may stand in braces, under a header of its own (``[packages.name]``), or in dotted keys (``name.git = "…"``); what is
written into it later takes the same form.

All spans are half-open ranges of 0-based code-point offsets into the source's text.
"""

from __future__ import annotations

from reqlint.formats._tree import List, Map, Text
from reqlint.model import Dependency
from reqlint.requirement import Requirement, Vcs, kind_of_ref, normalize, split_vcs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from reqlint.formats._tree import Entry, Value
    from reqlint.model import Dialect, Ecosystem, Group, Manifest
    from reqlint.requirement import Constraint
    from reqlint.source import Span


class Place:
    """Where one dependency stands: the ``entry`` to delete, the ``span`` to underline, the place of the ``name``.

    ``whole``: whether the entry is one piece that can be deleted; ``text``: the text of the file, which tells how its lines
    end and where a new one may begin.
    """

    __slots__ = ("entry", "name", "name_span", "span", "text", "whole")

    def __init__(
        self, name: str, name_span: Span, span: Span, entry: Span, text: str = "", *, whole: bool = True
    ) -> None:
        """Keep the parts."""
        self.name = name
        self.name_span = name_span
        self.span = span
        self.entry = entry
        self.text = text
        self.whole = whole

    @classmethod
    def of(cls, entry: Entry, text: str) -> Place:
        """The place of a key and its value: ``key = value``, or the header of a table of its own."""
        value = entry.value
        span = (entry.key_span[0], value.span[1])
        if isinstance(value, Map | List) and text.startswith("[", value.span[0]) and value.span[0] < entry.key_span[0]:
            stop = text.index("]", entry.key_span[1]) + 1
            span = (value.span[0], stop + (text.startswith("[[", value.span[0]) and text.startswith("]", stop)))
        return cls(entry.key, entry.key_span, span, entry.span, text, whole=entry.span[0] < entry.span[1])

    @property
    def newline(self) -> str:
        """The line end of the file."""
        end = self.text.find("\n")
        return "\r\n" if end > 0 and self.text[end - 1] == "\r" else "\n"


def add(
    manifest: Manifest,
    place: Place,
    parts: Requirement,
    group: Group,
    *,
    dialect: Dialect,
    ecosystem: Ecosystem = "pypi",
    vcs: Vcs | None = None,
    editable: bool = False,
    rewritable: bool = True,
    hashes: int = 0,
) -> Dependency:
    """Add a dependency whose text is what stands between the ends of its span.

    One whose entry lies scattered over the file is not rewritable.
    """
    dependency = Dependency(
        manifest.source,
        place.span,
        place.entry,
        manifest.source.text[slice(*place.span)],
        parts,
        group,
        dialect=dialect,
        ecosystem=ecosystem,
        vcs=vcs,
        editable=editable,
        rewritable=rewritable and place.whole,
        hashes=hashes,
    )
    manifest.dependencies.append(dependency)
    return dependency


def by_version(place: Place, version: Text, alternatives: tuple[tuple[Constraint, ...], ...]) -> Requirement:
    """A requirement by name, whose specifier is the whole of a string."""
    parts = Requirement("name", place.name, place.name_span)
    parts.constraints = tuple(clause for group in alternatives for clause in group)
    parts.alternatives = alternatives if len(alternatives) > 1 else ()
    parts.specifier_span = version.inner if parts.constraints else None
    parts.slot = version.inner
    return parts


def without_version(place: Place, table: Map | None = None) -> Requirement:
    """A requirement by name, in a table that says no version: one can be written at the table's beginning.

    Where the table has no place for one, the requirement has no slot, and its dependency must not be rewritable.
    """
    parts = Requirement("name", place.name, place.name_span)
    if table is None:
        return parts
    if table.inline:
        first = min((entry.key_span[0] for entry in table.entries.values()), default=None)
        if first is None:
            inside = table.span[0] + 1
            parts.slot, parts.slot_format = (inside, inside), 'version = "{}"'
        else:
            parts.slot, parts.slot_format = (first, first), 'version = "{}", '
        return parts
    for entry in table.entries.values():
        start, lead = _line_before(place.text, entry)
        if not lead.lstrip().startswith("["):
            parts.slot = (start, start)
            parts.slot_format = f'{_literal(lead)}version = "{{}}"{place.newline}'
            return parts
    start, end = table.span
    text = place.text
    if text.startswith("[", start) and text[start:end].rstrip().endswith("]") and not table.entries:
        stop = _end_of_line(text, end)
        parts.slot, parts.slot_format = (stop, stop), f'{place.newline}version = "{{}}"'
    return parts


def by_vcs(
    place: Place,
    table: Map,
    scheme: str,
    refs: Mapping[str, str],
    *,
    new_ref: str,
    glued: bool = False,
) -> tuple[Requirement, Vcs] | None:
    """A requirement from a repository, as ``table[scheme]`` names it; None when that is no string.

    ``refs``: the keys that may name a ref, in the order in which they win, with the kind that each means (``branch``,
    ``tag``, ``commit``, or "" for what must be guessed from the ref itself); ``new_ref``: the key to write a commit under;
    ``glued``: whether the tool also reads a ref (``url@ref``) and a subdirectory out of the URL.
    """
    url = table.text(scheme)
    if url is None:
        return None
    parts = Requirement("url", place.name, place.name_span)
    parts.url, parts.url_span = url.text, url.inner
    prefix = "" if url.text.startswith(f"{scheme}+") or "://" not in url.text else f"{scheme}+"
    inside = split_vcs(prefix + url.text)
    subdirectory = table.text("subdirectory")
    folder = subdirectory.text if subdirectory is not None else None
    transport, repository, repository_span = "ssh", url.text, url.inner
    if inside is not None:
        transport, repository = inside.transport, inside.repository
        shift = url.inner[0] - len(prefix)
        repository_span = (inside.repository_span[0] + shift, inside.repository_span[1] + shift)
        if glued and folder is None:
            folder = inside.subdirectory
    named = [table.entries[key] for key in refs if table.text(key) is not None]
    entry = next((entry for entry in named if entry.value.data), None)
    if entry is not None and isinstance(entry.value, Text):
        ref = entry.value
        slot = ((entry.key_span[0], ref.span[1]), _literal(new_ref) + ' = "{}"')
        kind = kind_of_table_ref(scheme, refs[entry.key], ref.text)
        return parts, Vcs(
            scheme, transport, repository, repository_span, ref.text, ref.inner, folder, ref_kind=kind, slot=slot
        )
    if glued and inside is not None and inside.ref is not None and inside.ref_span is not None:
        ref_span = (inside.ref_span[0] + url.inner[0] - len(prefix), inside.ref_span[1] + url.inner[0] - len(prefix))
        return parts, Vcs(scheme, transport, repository, repository_span, inside.ref, ref_span, folder)
    if named:  # an empty one: it is filled in
        value = named[0].value
        slot = ((named[0].key_span[0], value.span[1]), _literal(new_ref) + ' = "{}"')
    elif table.inline:
        slot = ((url.span[1], url.span[1]), f', {_literal(new_ref)} = "{{}}"')
    else:
        _, lead = _line_before(place.text, table.entries[scheme])
        end = _end_of_line(place.text, url.span[1])
        slot = ((end, end), f'{place.newline}{_literal(lead + new_ref)} = "{{}}"')
    return parts, Vcs(scheme, transport, repository, repository_span, None, None, folder, slot=slot)


def kind_of_table_ref(scheme: str, meant: str, ref: str) -> str:
    """The kind of a ref that stands under a key: a ``rev`` may be anything, so its text decides unless it is a commit."""
    guessed = kind_of_ref(scheme, ref)
    if meant in ("branch", "tag"):
        return "unknown" if guessed == "unknown" and "$" in ref else meant
    return guessed


def texts(value: Value | None) -> tuple[str, ...]:
    """The strings of an array; nothing when it is none."""
    return tuple(item.text for item in value.items if isinstance(item, Text)) if isinstance(value, List) else ()


def leave_out(manifest: Manifest, names: Value | None) -> None:
    """Mark the requirements that a setting of the tool takes out again: nothing is installed, whatever is asked."""
    excluded = set(map(normalize, texts(names)))
    for dependency in manifest.dependencies:
        if dependency.name in excluded:
            dependency.redirected = True


def all_plain(table: Map, *keys: str) -> bool:
    """Whether the strings under these keys, as far as they are there, stand in the file as they are, unescaped."""
    return all(value.plain for key in keys if (value := table.text(key)) is not None)


def join_markers(markers: list[str]) -> str | None:
    """One marker that holds when all of these do; None when there are none."""
    if len(markers) < 2:
        return markers[0] if markers else None
    return " and ".join(f"({marker})" if " or " in marker else marker for marker in dict.fromkeys(markers))


def _line_before(text: str, entry: Entry) -> tuple[int, str]:
    """Where the line of a key begins, and what stands before the key: blanks, and the first parts of a dotted key."""
    start = text.rfind("\n", 0, entry.key_span[0]) + 1
    return start, text[start : entry.key_span[0]]


def _end_of_line(text: str, position: int) -> int:
    """The offset of the end of a line, before its line end."""
    end = text.find("\n", position)
    if end < 0:
        return len(text)
    return end - 1 if text[end - 1] == "\r" else end


def _literal(text: str) -> str:
    """A text as it must stand in a format string."""
    return text.replace("{", "{{").replace("}", "}}")
