"""Dependencies that are entries of a table, ``name = "version"`` or ``name = {git = "…", branch = "…"}``.

Poetry, pipenv, uv and pixi all write them so; each with keys and version grammar of its own, which its module hands in.
"""

from __future__ import annotations

from reqlint.formats._tree import List, Map, Text
from reqlint.model import Dependency
from reqlint.requirement import Requirement, Vcs, kind_of_ref, split_vcs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from reqlint.formats._tree import Entry, Value
    from reqlint.model import Dialect, Ecosystem, Group, Manifest
    from reqlint.requirement import Constraint
    from reqlint.source import Span


class Place:
    """Where one dependency stands: the ``entry`` to delete, the ``span`` to underline, the place of the ``name``."""

    __slots__ = ("entry", "name", "name_span", "span")

    def __init__(self, name: str, name_span: Span, span: Span, entry: Span) -> None:
        """Keep the parts."""
        self.name = name
        self.name_span = name_span
        self.span = span
        self.entry = entry

    @classmethod
    def of(cls, entry: Entry, text: str) -> Place:
        """The place of a key and its value: ``key = value``, or the header of a table of its own."""
        value = entry.value
        if isinstance(value, Map) and not value.inline and text.startswith("[", value.span[0]):
            header_end = text.index("]", entry.key_span[1]) + 1
            return cls(entry.key, entry.key_span, (value.span[0], header_end), entry.span)
        return cls(entry.key, entry.key_span, (entry.key_span[0], value.span[1]), entry.span)


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
    """Add a dependency whose text is what stands between the ends of its span."""
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
        rewritable=rewritable,
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
    """A requirement by name, in a table that says no version: one can be written at the table's beginning."""
    parts = Requirement("name", place.name, place.name_span)
    if table is not None and table.inline and table.entries:
        first = next(iter(table.entries.values())).key_span[0]
        parts.slot, parts.slot_format = (first, first), 'version = "{}", '
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

    ``refs``: the keys that may name a ref, with the kind that each means (``branch``, ``tag``, ``commit``, or "" for what
    must be guessed from the ref itself); ``new_ref``: the key to write a commit under; ``glued``: whether the tool also
    reads a ref (``url@ref``) and a subdirectory out of the URL.
    """
    url = table.text(scheme)
    if url is None:
        return None
    parts = Requirement("url", place.name, place.name_span)
    parts.url, parts.url_span = url.text, url.inner
    inside = split_vcs(f"{scheme}+{url.text}" if "://" in url.text else url.text, 0)
    shift = url.inner[0] - (len(scheme) + 1 if "://" in url.text else 0)
    transport = inside.transport if inside is not None else "ssh"
    entry = next((table.entries[key] for key in refs if key in table.entries), None)
    subdirectory = table.text("subdirectory")
    folder = subdirectory.text if subdirectory is not None else None
    if entry is not None and isinstance(entry.value, Text):
        ref = entry.value
        vcs = Vcs(
            scheme,
            transport,
            url.text,
            url.inner,
            ref.text,
            ref.inner,
            folder,
            ref_kind=kind_of_table_ref(scheme, refs[entry.key], ref.text),
            slot=((entry.key_span[0], ref.span[1]), new_ref + ' = "{}"'),
        )
        return parts, vcs
    if glued and inside is not None and inside.ref is not None and inside.ref_span is not None:
        ref_span = (inside.ref_span[0] + shift, inside.ref_span[1] + shift)
        repository_span = (url.inner[0], inside.repository_span[1] + shift)
        repository = url.text[: repository_span[1] - url.inner[0]]
        return parts, Vcs(scheme, transport, repository, repository_span, inside.ref, ref_span, folder or inside.subdirectory)
    written = f', {new_ref} = "{{}}"' if table.inline else f'\n{new_ref} = "{{}}"'
    slot = ((url.span[1], url.span[1]), written)
    return parts, Vcs(scheme, transport, url.text, url.inner, None, None, folder, slot=slot)


def kind_of_table_ref(scheme: str, meant: str, ref: str) -> str:
    """The kind of a ref that stands under a key: a ``rev`` may be anything, so its text decides unless it is a commit."""
    guessed = kind_of_ref(scheme, ref)
    if meant in ("branch", "tag"):
        return "unknown" if guessed == "unknown" and "$" in ref else meant
    return guessed


def texts(value: Value | None) -> tuple[str, ...]:
    """The strings of an array; nothing when it is none."""
    return tuple(item.text for item in value.items if isinstance(item, Text)) if isinstance(value, List) else ()
