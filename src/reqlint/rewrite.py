"""The operations on a requirement, each written in the notation of the dialect that the requirement stands in.

Pin it, split it by markers, raise its lower bound, drop its cap, replace its ref, remove it: a fix says which, and these say how. Each returns
edits of the source, or None where the text cannot be rewritten (it is computed, escaped, or broken over lines).
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reqlint.model import Dependency, Manifest


#: The formats in which people write conda's exact versions with one ``=``.
_ENVIRONMENTS = ("environment.yml", "nebari-config.yaml")


def pin(dependency: Dependency, version: str, manifest: Manifest | None = None) -> list[Edit] | None:
    """Allow this version only, in the notation of ``exactly``."""
    return specify(dependency, exactly(dependency, version, manifest))


def exactly(dependency: Dependency, version: str, manifest: Manifest | None = None) -> str:
    """The specifier for one version, as the other pins of the manifest are written: ``==`` in most dialects.

    Poetry writes the bare version (``poetry add name==1.2.3`` does), and people who write an environment.yml a single ``=``,
    which is exact where the version has three numbers: no package has both that version and one that begins with it.
    """
    if dependency.dialect in ("metaflow", "platform"):
        return version  # the tool writes the operator
    if manifest is None:
        return f"=={version}"
    if dependency.dialect == "poetry":
        usual = ""
    elif dependency.dialect == "conda" and manifest.format in _ENVIRONMENTS and version.count(".") > 1:
        usual = "="
    else:
        return f"=={version}"
    pins = [
        item.constraints[0].operator
        for item in manifest.dependencies
        if item.dialect == dependency.dialect and item.parts.build is None and _is_pin(item)
    ]
    return f"=={version}" if pins.count("==") > pins.count(usual) else usual + version


def _is_pin(dependency: Dependency) -> bool:
    """Whether a specifier is one version, spelled out: of conda's ``=``, only with three numbers."""
    if len(dependency.constraints) != 1:
        return False
    clause = dependency.constraints[0]
    return "*" not in clause.version and (clause.operator != "=" or clause.version.count(".") > 1)


def split(dependency: Dependency, markers: Mapping[str, str | None]) -> list[Edit] | None:
    """Write a line for each version in place of one requirement: ``markers`` tells where each of them is meant.

    None but for a line of a requirements file with nothing else on it than a name, extras, a specifier and a comment.
    """
    source = dependency.source
    start, end = dependency.span
    first, last = source.line_span(source.row(start))
    if dependency.inline or dependency.dialect != "pip" or not dependency.rewritable:
        return None
    if dependency.marker is not None or dependency.hashes:
        return None
    rest = source.text[end:last].strip()
    if end > last or source.text[first:start].strip() or (rest and not rest.startswith("#")):
        return None
    extras = f"[{','.join(dependency.extras)}]" if dependency.extras else ""
    head = f"{dependency.raw_name}{extras}"
    lines = [f"{head}=={version} ; {marker}" for version, marker in markers.items()]
    return [Edit(start, end, source.newline.join(lines))]


def add_hashes(dependency: Dependency, hashes: Sequence[str], *, folded: bool) -> list[Edit] | None:
    """Write ``--hash`` options (``sha256:…``) behind a line of a requirements file; ``folded``: each on a line of its own.

    None where the requirement goes on over several lines already, which may have more behind it than is known.
    """
    source = dependency.source
    end = dependency.span[1]
    last = source.line_span(source.row(dependency.span[0]))[1]
    if dependency.inline or dependency.dialect != "pip" or not dependency.rewritable or end > last or not hashes:
        return None
    rest = source.text[end:last].strip()
    if rest and not rest.startswith("#"):
        return None
    joint = f" \\{source.newline}    " if folded else " "
    return [Edit(end, end, "".join(f"{joint}--hash={value}" for value in hashes))]


def bound(dependency: Dependency, version: str) -> list[Edit] | None:
    """Allow this version and later ones, up to the cap that there is, if any; None for a choice of ranges."""
    if dependency.parts.alternatives:
        return None
    caps = [
        clause.operator + clause.version for clause in dependency.constraints if clause.operator in ("<", "<=", "!=")
    ]
    return specify(dependency, ",".join([f">={version}", *caps]))


def uncap(dependency: Dependency) -> list[Edit] | None:
    """Drop the upper bound, the lower one kept: ``^1.2`` and ``~=1.2`` become ``>=1.2``; None for a choice of ranges.

    Where nothing is left, any version is asked for.
    """
    parts = dependency.constraints
    if dependency.parts.alternatives or any(part.clauses is None or part.clauses[0][0] == "===" for part in parts):
        return None
    lower = [
        f">={version.removesuffix('.*')}" if operator in ("~=", "==") else operator + version
        for part in parts
        for operator, version in part.clauses or ()
        if operator not in ("<", "<=")
    ]
    return specify(dependency, ",".join(lower)) if lower else unspecify(dependency)


def unspecify(dependency: Dependency) -> list[Edit] | None:
    """Allow any version: a star in the string of a table, else nothing behind the name and its extras."""
    parts = dependency.parts
    if not dependency.rewritable or parts.kind != "name" or parts.name_span is None or parts.specifier_span is None:
        return None
    text = dependency.source.text
    if parts.slot is not None:
        start, end = parts.slot
        in_quotes = text[start - 1 : start] in ("'", '"') and text[end : end + 1] == text[start - 1 : start]
        star = "" if dependency.dialect == "metaflow" else "*"
        return [Edit(start, end, star)] if in_quotes and dependency.dialect != "conda" else None
    start, end = (parts.extras_span or parts.name_span)[1], parts.specifier_span[1]
    return [Edit(start, end)] if not text[start : parts.specifier_span[0]].strip() else None


def reref(dependency: Dependency, ref: str, tag: str | None = None) -> list[Edit] | None:
    """Point a version control reference to another tag, branch or commit.

    ``tag``: what people call that commit; it is written in a comment where the line can have one.
    """
    vcs = dependency.vcs
    if vcs is None or not dependency.rewritable:
        return None
    edits = [Edit(*vcs.slot, vcs.slot_format.format(ref))]
    place = _place_for_comment(dependency, vcs.slot[1]) if tag is not None else None
    if place is not None and place > vcs.slot[1]:
        edits.append(Edit(place, place, f"  # {tag}"))
    elif place is not None:
        edits = [Edit(*vcs.slot, f"{edits[0].content}  # {tag}")]
    return edits


def _place_for_comment(dependency: Dependency, offset: int) -> int | None:
    """The end of the line of an offset, when it is sure that a comment can stand there and none does."""
    if dependency.inline:
        return None
    source = dependency.source
    end = source.line_span(source.row(offset))[1]
    rest = source.text[offset:end].rstrip()
    if re.search(r"\s#", rest) or rest.endswith("\\"):
        return None
    if dependency.dialect == "pip" or (re.search(_TOML, source.path) and re.fullmatch(_REST_OF_TABLE, rest)):
        return offset + len(rest)
    return None


_TOML = r"(?:\.toml|(?:^|[/\\])Pipfile)$"
#: What may follow a ref on its line in TOML when nothing else on it could be meant: the end of its string, more keys of its
#: own table, and brackets that close.
_REST_OF_TABLE = r"""["']?\s*(?:,\s*[\w-]+\s*=\s*(?:"[^"\\]*"|'[^']*'|\[[^\[\]{}]*\]|true|false)\s*)*[\]}),\s]*"""


def remove(dependency: Dependency) -> list[Edit]:
    """Delete the whole entry; no edit for one whose parts stand in several places."""
    start, end = dependency.entry
    return [Edit(start, end)] if start < end else []


def replace_url(dependency: Dependency, specifier: str) -> list[Edit] | None:
    """Turn a direct reference (``name @ url``) into a requirement by name with this specifier."""
    parts = dependency.parts
    if not dependency.rewritable or parts.url_span is None or parts.name_span is None:
        return None
    if dependency.dialect not in ("pip", "pep508"):
        return None
    start = (parts.extras_span or parts.name_span)[1]
    if start > parts.url_span[0]:
        return None  # the name comes from the URL itself
    return [Edit(start, parts.url_span[1], specifier)]


def specify(dependency: Dependency, specifier: str) -> list[Edit] | None:
    """Write this specifier in place of the one there is, or where the dialect has one."""
    parts = dependency.parts
    if not dependency.can_hold(specifier):
        return None
    if not dependency.rewritable or parts.kind != "name" or parts.name_span is None:
        return None
    if parts.slot is not None:
        return [Edit(*parts.slot, parts.slot_format.format(specifier))]
    if parts.specifier_span is not None:
        return [Edit(*parts.specifier_span, specifier)]
    end = (parts.extras_span or parts.name_span)[1]
    return [Edit(end, end, specifier)]
