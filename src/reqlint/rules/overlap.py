"""RQ4: overlap and conflict."""

from __future__ import annotations

import re

from reqlint.diagnostic import Diagnostic, Label
from reqlint.fixes import Edit, Fix
from reqlint.registry import rule
from reqlint.requirement import normalize
from reqlint.rewrite import remove
from reqlint.rules._clashes import contradict, is_conditional, options_of, version_of_file
from reqlint.rules._problems import reported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Literal

    from reqlint.model import Dependency, Manifest
    from reqlint.project import Member, Project

#: How many earlier requirements of one name are looked at: a file with more of them has another problem.
_REACH = 10
#: Dialects in which a name may stand twice, and markers say when each counts.
_COMPARED = ("pip", "pep508", "conda", "metaflow")


@rule("RQ403", "duplicate-requirement", "warning", on="manifest", fix="safe")
def duplicate_requirement(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The same distribution is required twice in what is installed together.

    ## Why is this bad?
    Whoever changes the one line forgets the other. As long as both agree nothing happens; the day they do not, nothing can
    be installed.

    Names are compared in their normalized form, so `Pillow` and `pillow` are one. All that a file includes with `-r` counts
    as a part of it. What stands twice in an included file is reported there; what two files bring along together is
    reported where they meet: on the second requirement, or on the `-r` line through which it comes.

    A requirement with extras and one without are told to be merged; that is only an info. So is a requirement that an
    included file has too, as long as deleting it here would change something, since each file may be used alone.

    ## Not reported
    Requirements whose markers exclude each other, and those in branches of a setup.py. Two lines with different markers of
    which each says something that the other does not (`numpy` and `numpy<2 ; python_version < "3.10"`). A constraint (`-c`) on something that is required. A
    file that is included twice. Two files of which none includes the other (`requirements-cpu.txt` and
    `requirements-gpu.txt`). Requirements that contradict each other (see `conflicting-requirement`).

    ## Fix safety
    The line that adds nothing to the other is deleted, with its comment: that is the one with the wider version range, the
    fewer extras, or the narrower marker; of two that say the same, the later one. Where none says all, as with `>=2` and
    `<3`, the first becomes the line that does, and the second is deleted; pip reads two lines as one just so.

    ## Example
    ```requirements.txt
    flask==3.0.3
    gunicorn==23.0.0
    Flask==3.0.3
    ```

    Use instead:
    ```requirements.txt
    flask==3.0.3
    gunicorn==23.0.0
    ```
    """
    for first, second, reason in _clashes(manifest, project):
        if not reason:
            yield _duplicate(manifest, first, second)


def _duplicate(manifest: Manifest, first: Member, second: Member) -> Diagnostic:
    """What to say, and what to do, about two requirements that agree."""
    one, other = first.dependency, second.dependency
    ways = [way for way in ((first, second), (second, first)) if _covers(way[0].dependency, way[1].dependency)]
    ways.sort(key=lambda way: way[1].via is not None)  # only what stands in this file can be deleted here
    is_idle = bool(ways)
    survivor, victim = ways[0] if ways else (first, second)
    fix = None
    if is_idle and victim.via is None and _can_go(victim.dependency, survivor.dependency):
        which = "first" if victim is first else "second"
        fix = Fix(f"Delete the {which} requirement of {_shown(other)}", remove(victim.dependency))
    here = first.via is None and second.via is None
    is_mild = _extras(one) != _extras(other) or not (here or (is_idle and victim.via is None))
    if not here:
        help_ = (
            "delete this one"
            if fix and victim is second
            else "take it out of one of the files, unless each is used alone"
        )
    elif is_idle:
        help_ = f"delete the {'first' if victim is first else 'second'} one, which adds nothing"
    elif (one.kind == "name") != (other.kind == "name"):
        help_ = "keep the URL, which decides what is installed"
    elif not _same_marker(one.marker, other.marker):
        help_ = "write one line, with `or` between the markers"
    else:
        merged = _merged(one, other)
        help_ = f"write one line: `{merged}`" if merged else "keep one of them"
        fix = _merging(one, other, merged) if merged else None
    return _report(
        manifest,
        first,
        second,
        _say_twice(first, second),
        label="required again" if victim is second else "this one says more",
        help_=help_,
        fix=fix,
        severity="info" if is_mild else None,
    )


@rule("RQ404", "conflicting-requirement", "error", on="manifest")
def conflicting_requirement(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The same distribution is required twice, and nothing can satisfy both.

    ## Why is this bad?
    pip stops with `ResolutionImpossible`, and nothing is installed. That goes for two version ranges that do not meet, for
    two different URLs of one distribution, for a URL to a wheel of another version than the one that is asked for, and for
    a path or URL once with `-e` and once without.

    All that a file includes with `-r` counts as a part of it, and so do the constraints that it names with `-c`.

    ## Not reported
    Requirements whose markers exclude each other, and those in branches of a setup.py. Versions and URLs that hold a
    variable. A URL beside a version, where the URL does not tell which version it gives. A requirement that contradicts
    itself (see `unsatisfiable`).

    ## Example
    ```requirements.txt
    flask==3.0.3
    gunicorn==23.0.0
    flask==2.3.3
    ```

    Use instead:
    ```requirements.txt
    flask==3.0.3
    gunicorn==23.0.0
    ```
    """
    for first, second, reason in _clashes(manifest, project):
        if not reason:
            continue
        help_ = "change the one or the other" if first.constraint != second.constraint else "decide for one of them"
        if first.dependency.marker != second.dependency.marker:
            help_ += ", or let their markers exclude each other"
        tool = "conda" if second.dependency.ecosystem == "conda" else "pip"
        yield _report(manifest, first, second, reason, label=f"{tool} cannot have both", help_=help_)


def _clashes(manifest: Manifest, project: Project) -> Iterator[tuple[Member, Member, str]]:
    """Each surplus requirement that is this file's business, with the nearest earlier one it clashes with.

    The third part says why they cannot both be had; it is empty for a mere duplicate.
    """
    dependencies = manifest.dependencies
    if not manifest.includes and len({item.name for item in dependencies}) == len(dependencies):
        return
    members = project.members(manifest)
    seen: set[str | None] = set()
    repeated: set[str | None] = set()
    for member in members:
        name = member.dependency.name
        (repeated if name in seen else seen).add(name)
    if not repeated:
        return
    earlier: dict[object, list[Member]] = {}
    for member in members:
        if member.dependency.name not in repeated or member.dependency.dialect not in _COMPARED:
            continue
        same = earlier.setdefault(_identity(member.dependency), [])
        clash = _nearest_clash(same[-_REACH:], member)
        if clash is not None:
            yield clash[0], member, clash[1]
        same.append(member)


def _nearest_clash(earlier: list[Member], second: Member) -> tuple[Member, str] | None:
    """The earlier requirement that a later one clashes with: one that says all it says, else one that contradicts it."""
    conflict = twin = None
    for first in reversed(earlier):
        if not _meet(first, second):
            continue
        one, other = first.dependency, second.dependency
        required = first.constraint == second.constraint and (not first.constraint or first.via is second.via)
        if required and _covers(one, other):
            return first, ""
        reason = _conflict(first, second)
        if reason:
            conflict = conflict or (first, reason)
        elif required and twin is None and _is_twin(one, other):
            twin = first, ""
    return conflict or twin


def _meet(first: Member, second: Member) -> bool:
    """Whether two requirements come together in this very file, and in some environment."""
    if first.via is second.via and first.via is not None:
        return False  # the business of the file that is included
    one, other = first.dependency, second.dependency
    if one.span == other.span and one.source.path == other.source.path:
        return False  # one file, reached on two ways
    if is_conditional(one) or is_conditional(other):
        return False
    if one.marker == other.marker:
        return True
    from reqlint.markers import can_hold_together

    return can_hold_together(one.marker, other.marker)


def _identity(dependency: Dependency) -> object:
    """What two requirements of one distribution have in common: the name, or the URL where there is none; and the group."""
    group = dependency.group
    kind = "runtime" if group.kind == "constraint" else group.kind
    what: object = dependency.name if dependency.name is not None else _link(dependency)
    part = None if group.name == "pip" and kind == "runtime" else group.name  # a `pip:` list may include a file
    return what, dependency.ecosystem, kind, part


def _covers(one: Dependency, other: Dependency) -> bool:
    """Whether one requirement says all that the other says, so that the other may go."""
    from reqlint.versions import implies

    if one.marker is not None and not _same_marker(one.marker, other.marker):
        return False
    if not _extras(other) <= _extras(one):
        return False
    if other.parts.build not in (None, one.parts.build) or other.parts.channel not in (None, one.parts.channel):
        return False
    if one.kind == "name":
        return (
            other.kind == "name" and not _has_alternatives(one, other) and implies(one.constraints, other.constraints)
        )
    if other.kind == "name":
        version = version_of_file(one)
        return not other.constraints or (version is not None and _allowed(other, version))
    return one.editable == other.editable and _link(one) == _link(other)


def _is_twin(one: Dependency, other: Dependency) -> bool:
    """Whether two requirements that agree are one too many: not when different markers make each of them count."""
    if _same_marker(one.marker, other.marker):
        return True
    if _covers(one, other) or _covers(other, one):
        return True
    from reqlint.versions import implies

    return (
        one.kind == other.kind == "name"
        and _extras(one) == _extras(other)
        and (one.parts.build, one.parts.channel) == (other.parts.build, other.parts.channel)
        and not _has_alternatives(one, other)
        and implies(one.constraints, other.constraints)
        and implies(other.constraints, one.constraints)
    )


def _conflict(first: Member, second: Member) -> str:
    """Why two requirements cannot both be had; empty when they can, or when it cannot be told."""
    one, other = first.dependency, second.dependency
    if one.redirected or other.redirected:
        return ""
    shown = _shown(other)
    if one.kind == other.kind == "name":
        for what, left, right in (
            ("in two builds", one.parts.build, other.parts.build),
            ("from two channels", one.parts.channel, other.parts.channel),
        ):
            if _exclude(left, right):
                return f"{shown} is required {what}, `{left}` and `{right}`"
        if not contradict(one, other):
            return ""
        if first.constraint != second.constraint:
            limit, wish = (one, other) if first.constraint else (other, one)
            return f"no version of {shown} satisfies `{wish.specifier}` and the constraint `{limit.specifier}`"
        return f"no version of {shown} satisfies both `{one.specifier}` and `{other.specifier}`"
    if one.kind != "name" and other.kind != "name":
        if _link(one) == _link(other):
            return f"{shown} is required once with `-e` and once without" if one.editable != other.editable else ""
        if one.kind != other.kind and "file:" in f"{one.url}{other.url}":
            return ""  # a path and its URL may be one place
        if any("$" in str(_link(item)) for item in (one, other)):
            return ""
        return f"{shown} is required from two different places"
    direct, wish = (one, other) if one.kind != "name" else (other, one)
    version = version_of_file(direct)
    if version is None or not wish.constraints or not contradict(direct, wish):
        return ""
    return f"{shown} is {version} by its URL, which `{wish.specifier}` rules out"


def _exclude(one: str | None, other: str | None) -> bool:
    """Whether no conda package has both of two builds, or comes from both of two channels: two names, and no patterns."""
    return one is not None and other is not None and one != other and not re.search(r"[*^/]", one + other)


def _has_alternatives(*dependencies: Dependency) -> bool:
    """Whether one of the specifiers says "or", so that its clauses need not all hold."""
    return any(item.parts.alternatives for item in dependencies)


def _allowed(dependency: Dependency, version: str) -> bool:
    """Whether a version satisfies what is asked; true when that cannot be told."""
    from reqlint.versions import allows

    if _has_alternatives(dependency) or any(item.clauses is None or item.templated for item in dependency.constraints):
        return True
    return allows(dependency.constraints, version)


def _extras(dependency: Dependency) -> frozenset[str]:
    """The extras, normalized."""
    return frozenset(map(normalize, dependency.extras)) if dependency.extras else frozenset()


def _same_marker(one: str | None, other: str | None) -> bool:
    """Whether two markers say the same in other blanks and quotes."""
    if one == other:
        return True
    if one is None or other is None:
        return False
    from packaging.markers import Marker

    return Marker(one) == Marker(other)


def _link(dependency: Dependency) -> object:
    """What makes two URLs one for pip: all but the login, the order of the query, and most of the fragment."""
    url = dependency.url or dependency.text
    if dependency.kind == "path":
        import os

        return os.path.normpath(url)
    from urllib.parse import parse_qs, urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    fragment = parse_qs(parts.fragment)
    kept = [(key, fragment[key][0]) for key in ("sha256", "sha384", "sha512", "subdirectory") if key in fragment]
    query = sorted(parse_qs(parts.query).items())
    return parts.scheme, parts.netloc.rpartition("@")[2], parts.path, str(query), str(kept)


def _can_go(victim: Dependency, survivor: Dependency) -> bool:
    """Whether a line may be deleted: it has no hash or other option that the line which stays does not have."""
    options = options_of(victim)
    return not options or (options == options_of(survivor) and victim.hashes == survivor.hashes)


def _merged(one: Dependency, other: Dependency) -> str:
    """One requirement that says what both say; empty where that is not plain."""
    if (
        one.kind != "name"
        or other.kind != "name"
        or "conda" in (one.ecosystem, other.ecosystem)
        or not _same_marker(one.marker, other.marker)
        or _has_alternatives(one, other)
    ):
        return ""
    from reqlint.versions import implies

    constraints = (*one.constraints, *other.constraints)
    for stricter, wider in ((one, other), (other, one)):
        if implies(stricter.constraints, wider.constraints):
            constraints = stricter.constraints
            break
    extras = ",".join(_unique((*one.extras, *other.extras)))
    clauses = ",".join(_unique(clause.operator + clause.version for clause in constraints))
    marker = f" ; {one.marker}" if one.marker else ""
    return f"{one.raw_name}{f'[{extras}]' if extras else ''}{clauses}{marker}"


def _merging(one: Dependency, other: Dependency, merged: str) -> Fix | None:
    """Write the line that says what both say for the first, and delete the second; None where there is more to them."""
    if not (one.rewritable and other.rewritable) or options_of(one) or options_of(other):
        return None
    if any(clause.templated for clause in (*one.constraints, *other.constraints)):
        return None
    source = one.source
    lead = source.text[source.line_span(source.row(one.span[0]))[0] : one.span[0]]
    if one.dialect == "pip" and lead.strip("- \t'\""):
        return None  # a flow list in YAML, in which a comma may end the item
    rest = remove(other)
    return Fix(f"Make one requirement of the two of {_shown(one)}", [Edit(*one.span, merged), *rest]) if rest else None


def _unique(texts: Iterable[str]) -> list[str]:
    """The texts, each once, in their order."""
    return list(dict.fromkeys(texts))


def _shown(dependency: Dependency) -> str:
    """A name for messages; a URL could hold a secret, so it is not shown."""
    return dependency.shown if dependency.raw_name else "this path" if dependency.kind == "path" else "this URL"


def _say_twice(first: Member, second: Member) -> str:
    """What is wrong with a duplicate, by where the two stand."""
    shown = _shown(second.dependency)
    if first.via is not None and second.via is not None:
        return f"`{first.via.path}` and `{second.via.path}` both require {shown}"
    if first.via is not None:
        return f"{shown} is required by `{first.via.path}` already"
    if second.via is not None:
        return f"`{second.via.path}` requires {shown}, which this file requires already"
    extras = _extras(first.dependency) ^ _extras(second.dependency)
    if extras:
        return f"{shown} is required twice, with different extras"
    return f"{shown} is required twice"


def _report(
    manifest: Manifest,
    first: Member,
    second: Member,
    message: str,
    *,
    label: str,
    help_: str,
    fix: Fix | None = None,
    severity: Literal["info"] | None = None,
) -> Diagnostic:
    """A finding on the second requirement, or on the include through which it comes."""
    one, other = first.dependency, second.dependency
    limits = first.constraint != second.constraint
    related = [Label(one.source, one.span, "the constraint" if limits and first.constraint else "required first here")]
    if second.via is None:
        return Diagnostic.of(other, message, label=label, help=help_, fix=fix, related=related, severity=severity)
    related.append(
        Label(other.source, other.span, "the constraint" if limits and second.constraint else "and then here")
    )
    return Diagnostic(
        manifest.source,
        second.via.span,
        message,
        label=label,
        help=help_,
        fix=fix,
        scope=second.via.entry,
        related=related,
        dependency=other.name,
        group=other.group.label,
        severity=severity,
    )


@rule("RQ406", "missing-pip", "warning", on="manifest", fix="safe")
def missing_pip(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """An environment.yml has a `pip:` list, but no `pip` among the packages of conda.

    ## Why is this bad?
    Which pip is to install the list? conda adds one of whatever version, and warns at each run that it should be listed: the
    packages may end up in another place than was meant.

    ## Not reported
    A `pip` of any version or channel (`pip>=24`, `conda-forge::pip`), and an empty list.

    ## Fix safety
    `- pip` is inserted before the list, which is what conda does by itself.

    ## Example
    ```environment.yml
    channels:
      - conda-forge
    dependencies:
      - python=3.12
      - pip:
          - requests==2.32.3
    ```

    Use instead:
    ```environment.yml
    channels:
      - conda-forge
    dependencies:
      - python=3.12
      - pip
      - pip:
          - requests==2.32.3
    ```
    """
    yield from reported(manifest, "missing-pip")


@rule("RQ408", "pip-row-in-conda-list", "error", on="manifest", fix="unsafe")
def pip_row_in_conda_list(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A list for `conda create --file` has rows that pip installed.

    ## Why is this bad?
    `conda list --export` writes all that is in the environment. The rows that end in `pypi_0` or `dev_0` came from pip, no
    channel has such builds, and conda stops at them: nothing is installed. List them in requirements.txt.

    All rows of a file are one finding, at the first of them.

    ## Fix safety
    The rows are deleted. That is unsafe, as nothing else may tell what they asked for.

    ## Example
    ```conda-packages.txt
    numpy=1.26.4=py311h64a7726_0
    requests=2.32.3=pypi_0
    ```

    Use instead:
    ```conda-packages.txt
    numpy=1.26.4=py311h64a7726_0
    ```
    """
    yield from reported(manifest, "pip-row-in-conda-list")


@rule("RQ409", "second-pip-list", "error", on="manifest", fix="unsafe")
def second_pip_list(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """An environment.yml has two `pip:` lists, of which conda reads the last one only.

    ## Why is this bad?
    What the other list asks for is not installed, and nobody is told.

    ## Fix safety
    The lines of the first list are moved before those of the last. It is unsafe: they get installed then.

    ## Example
    ```environment.yml
    channels:
      - conda-forge
    dependencies:
      - pip
      - pip:
          - requests==2.32.3
      - pip:
          - flask==3.0.3
    ```

    Use instead:
    ```environment.yml
    channels:
      - conda-forge
    dependencies:
      - pip
      - pip:
          - requests==2.32.3
          - flask==3.0.3
    ```
    """
    yield from reported(manifest, "second-pip-list")
