"""RQ7: hygiene."""

from __future__ import annotations

import re

from reqlint.diagnostic import Diagnostic
from reqlint.fixes import Edit, Fix
from reqlint.registry import rule
from reqlint.rewrite import remove, unspecify
from reqlint.rules._problems import reported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.fixes import Applicability
    from reqlint.model import Dependency, Manifest
    from reqlint.project import Project
    from reqlint.source import Source, Span

#: What `str.splitlines` takes for the end of a line, as pip does.
_LINE_END = r"(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])?\Z"
_SPACED = r"[\s;()\[\],]"
#: The dialects in which a requirement is one text; in the others its name is the key of a table.
_LINES = ("pip", "pep508")
#: The formats whose arrays, tables and lists can be sorted by whole lines; those of lines alone tell their blocks themselves.
_SORTED = ("pyproject.toml", "hatch.toml", "pixi.toml", "uv.toml", "Pipfile", "setup.cfg", "setup.py")
_IGNORE = r"(?i)#\s*reqlint:\s*ignore\s*\["


@rule("RQ701", "unsorted", "warning", on="manifest", fix="safe", default=False)
def unsorted(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """Requirements that stand together are not in the order of their names.

    ## Why is this bad?
    In an unsorted list a package is added twice, and two people who add one at the end run into a conflict.

    What counts is the normalized name, wherever the line has it (`-e ….#egg=name` too). Lines without a name, such as
    paths, stand at the end in the order in which they are. Lines of one name, such as those with markers, keep their order.

    ## Not reported
    The order of blocks: a blank line, a comment on a line of its own, or an option begins a new one, and none of these ever
    moves. An entry that such a comment surely belongs to (`# reqlint: ignore[…]` above it, an indented `# via` below it)
    stays where it is. Several requirements on one line, and what conda installs by an environment.yml.

    ## Fix safety
    Whole lines are moved, with their hashes and the comments in them; an array gets the comma that its last item may lack.
    The same is installed from any order.

    ## Example
    ```requirements.txt
    requests==2.32.3
    flask==3.0.3
    ```

    Use instead:
    ```requirements.txt
    flask==3.0.3
    requests==2.32.3
    ```
    """
    dependencies = manifest.dependencies
    for begin, end in manifest.blocks or _blocks(manifest):
        if end - begin < 2:
            continue
        names = [item.name for item in dependencies[begin:end]]
        if None not in names and names == sorted(names):  # type: ignore[type-var]
            continue
        entries = _movable(manifest.source, dependencies[begin:end])
        ordered = sorted(entries, key=_order)
        if ordered == entries:
            continue
        late = next(
            number for number in range(1, len(entries)) if _order(entries[number]) < _order(entries[number - 1])
        )
        item = entries[late]
        yield Diagnostic.of(
            item,
            f"{_shown(item)} stands below {_shown(entries[late - 1])}",
            span=_name_span(item),
            label="not in the order of names",
            help="sort the lines of this block",
            fix=_sorting(manifest.source, entries, ordered),
        )


def _blocks(manifest: Manifest) -> list[tuple[int, int]]:
    """Runs of requirements in one array, table or list, each on lines of its own, as ranges of their indexes.

    conda's packages in an environment.yml are none: people list Python first, and pip before what it installs.
    """
    if manifest.format not in _SORTED:
        return []
    text = manifest.source.text
    dependencies = manifest.dependencies
    blocks: list[tuple[int, int]] = []
    for number, item in enumerate(dependencies):
        start, end = item.entry
        is_whole = text[max(start - 1, 0) : start] in ("", "\n") and (
            start < end and (text[end - 1] == "\n" or end == len(text))
        )
        is_bare = text[start : item.span[0]].strip() in ("", "'", '"') and text[item.span[0]] != "["
        if not (is_whole and is_bare) or item.name == "python":
            continue
        last = blocks[-1] if blocks else (0, 0)
        before = dependencies[number - 1]
        if last[1] == number > 0 and before.entry[1] == start and _label(before) == _label(item):
            blocks[-1] = (last[0], number + 1)
        else:
            blocks.append((number, number + 1))
    return blocks


def _label(dependency: Dependency) -> tuple[str, str, str]:
    """What requirements of one array, table or list have in common."""
    return dependency.group.kind, dependency.group.label, dependency.dialect


def _order(dependency: Dependency) -> tuple[bool, str]:
    """What requirements are sorted by: those without a name come last."""
    return dependency.name is None, dependency.name or ""


def _movable(source: Source, block: list[Dependency]) -> list[Dependency]:
    """The entries of a block that may move: not one that a comment beside the block belongs to."""
    row = source.row(block[0].entry[0])
    above = source.text[slice(*source.line_span(row - 1))].lstrip() if row > 1 else ""
    if above.startswith("#") and re.search(_IGNORE, above):
        block = block[1:]
    below = source.text[block[-1].entry[1] :].partition("\n")[0] if block else ""
    if below[:1] in (" ", "\t") and below.lstrip().startswith("#"):
        block = block[:-1]
    return block


def _sorting(source: Source, entries: list[Dependency], ordered: list[Dependency]) -> Fix | None:
    """Write the entries in another order; the line ends stay where they are, so that a missing last one stays missing."""
    places: list[Span] = []
    for item in entries:
        start, end = item.entry
        match = re.compile(_LINE_END).search(source.text, start, end)
        stop = match.start() if match else end
        if source.text[stop - 1 : stop] == "\\":
            return None  # it would take the next line along
        places.append((start, stop))
    where = {id(item): place for item, place in zip(entries, places, strict=True)}
    edits = []
    for place, item in zip(places, ordered, strict=True):
        start, stop = where[id(item)]
        if (start, stop) == place:
            continue
        comma = _missing_comma(item, stop) if place != places[-1] else None
        text = source.text[start:stop]
        if comma is not None:
            text = f"{source.text[start:comma]},{source.text[comma:stop]}"
        edits.append(Edit(*place, text))
    return Fix("Sort the block by name", edits)


def _missing_comma(dependency: Dependency, stop: int) -> int | None:
    """Where a comma must be written when the last item of an array becomes another one; None when it has one.

    ``stop``: the end of its last line.
    """
    text = dependency.source.text
    end = dependency.span[1] + 1
    is_quoted = dependency.dialect == "pep508" and text[end - 1 : end] in ("'", '"')
    if not is_quoted or text[dependency.span[0] - 1] != text[end - 1] or text[end:stop].lstrip().startswith(","):
        return None
    return end


@rule("RQ702", "unnormalized-name", "warning", fix="safe", default=False, kinds=("name", "url"))
def unnormalized_name(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """The name is not written in its normalized form.

    ## Why is this bad?
    `Typing_Extensions`, `typing.extensions` and `typing-extensions` are one project. Written in one way, it is found by a
    search, and sorts where it is looked for.

    ## Not reported
    The value of `#egg=`, and a name in the file name of a wheel. The names of Metaflow's packages: a step's version takes the
    place of its flow's where both are spelled alike.

    ## Fix safety
    Letters become small, and runs of `-`, `_` and `.` become one `-`: to pip it is the same name.

    ## Example
    ```requirements.txt
    Typing_Extensions==4.12.2
    ```

    Use instead:
    ```requirements.txt
    typing-extensions==4.12.2
    ```
    """
    name = dependency.name
    if name == dependency.raw_name or name is None or dependency.ecosystem != "pypi":
        return
    if name.endswith("-") or dependency.dialect == "metaflow":  # packaging reads `name_`, but not what it becomes
        return
    span = _leading_name(dependency)
    if span is None and (dependency.rewritable or dependency.kind != "name"):
        return
    yield Diagnostic.of(
        dependency,
        f"{dependency.shown} is written `{name}` in its normalized form",
        span=span,
        help=f"write `{name}`",
        fix=Fix(f"Write `{name}`", [Edit(*span, name)]) if span else None,
    )


@rule("RQ703", "spacing", "warning", fix="safe", default=False, kinds=("name", "url"))
def spacing(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """The requirement is not spaced as the tools of Python write it.

    ## Why is this bad?
    One way of writing can be searched for, and makes no noise when another tool writes the file anew. It is
    `name[extra,extra]>=1.0,<2.0; marker`, as packaging prints it, and `name @ url ; marker`, since without a blank the
    marker would belong to the URL.

    ## Not reported
    Blanks at the begin of a line, before a comment or an option, and within a marker. One blank before the semicolon, which
    uv, Poetry and pip-compile write. A requirement that is broken over lines, and `-e` lines.

    ## Fix safety
    Only blanks, needless parentheses, empty brackets, a comma behind the last clause, and a semicolon without a marker
    change, none of which means anything.

    ## Example
    ```requirements.txt
    requests [socks] >= 2.32, < 3 ;python_version >= "3.9"
    flask==3.0.3
    ```

    Use instead:
    ```requirements.txt
    flask==3.0.3
    ```
    """
    if dependency.dialect not in _LINES or dependency.editable or not dependency.rewritable:
        return
    if dependency.kind == "name" and not re.search(_SPACED, dependency.text):
        return
    edits = _respaced(dependency)
    if edits:
        yield Diagnostic.of(
            dependency,
            f"the requirement of {dependency.shown} is spaced unusually",
            help="write `name[extra]>=1.0,<2.0; marker`, or `name @ url ; marker`",
            fix=Fix("Space it as usual", edits),
        )


def _respaced(dependency: Dependency) -> list[Edit]:
    """The edits that bring a requirement into its usual spacing."""
    parts, source = dependency.parts, dependency.source.text
    name = _leading_name(dependency)
    if name is None or name[0] != dependency.span[0]:
        return []
    wanted: list[tuple[Span, str]] = []
    end = name[1]
    if parts.extras_span is not None:
        wanted.append(((end, parts.extras_span[1]), f"[{','.join(dependency.extras)}]" if dependency.extras else ""))
        end = parts.extras_span[1]
    before = "; "
    if parts.url_span is not None:
        wanted.append(((end, parts.url_span[0]), " @ "))
        end, before = parts.url_span[1], " ; "
    for number, clause in enumerate(dependency.constraints):
        wanted.append(((end, clause.span[0]), "," if number else ""))
        wanted.append(((clause.span[0], clause.version_span[0]), clause.operator))
        end = clause.version_span[1]
    marker = parts.marker_span
    if marker is None:
        wanted.append(((end, dependency.span[1]), ""))
    elif source[end : marker[0]] != " ; ":
        wanted.append(((end, marker[0]), before))
    return [Edit(*span, text) for span, text in wanted if source[slice(*span)] != text]


@rule("RQ704", "debian-residue", "error", on="manifest", fix="safe")
def debian_residue(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The line `pkg-resources==0.0.0` names no package: it is what Debian's pip left behind.

    ## Why is this bad?
    An old fault of Debian and Ubuntu made `pip freeze` list this line. No index has such a package, so the installation
    fails everywhere else. The module `pkg_resources` comes with `setuptools`.

    ## Fix safety
    The line is deleted; nothing could be installed from it.

    ## Example
    ```requirements.txt
    pkg-resources==0.0.0
    requests==2.32.3
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    ```
    """
    for dependency in manifest.dependencies:
        is_residue = dependency.specifier in ("==0.0.0", "0.0.0")  # the latter in Poetry's tables
        if dependency.name == "pkg-resources" and dependency.ecosystem == "pypi" and is_residue:
            yield Diagnostic.of(
                dependency,
                f"{dependency.shown} 0.0.0 is no package, but a residue of Debian's `pip freeze`",
                label="cannot be installed from any index",
                help="delete the line",
                fix=_deletion("Delete the line", dependency, "safe"),
            )


@rule("RQ705", "missing-final-newline", "warning", on="manifest", fix="safe", default=False)
def missing_final_newline(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The last line has no line end.

    ## Why is this bad?
    Whoever adds a line changes two, and `cat a.txt b.txt` or `echo flask >> a.txt` makes one requirement of two.

    ## Not reported
    An empty file.

    ## Fix safety
    The line end that the rest of the file uses is added.
    """
    source = manifest.source
    if source.text and source.fault is None and source.text[-1] not in "\r\n":
        end = len(source.text)
        yield Diagnostic(
            source,
            (end, end),
            "the last line has no line end",
            help="add one",
            fix=Fix("Add a line end", [Edit(end, end, source.newline)]),
        )


@rule("RQ706", "machine-path", "warning", on="manifest", fix="safe")
def machine_path(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """An environment.yml tells where on somebody's machine the environment was.

    ## Why is this bad?
    `conda env export` writes a `prefix`, which conda ignores when it reads the file. It is of no use to others, and shows
    the name of a user to whoever sees the repository.

    ## Fix safety
    The line is deleted. Nothing reads it.

    ## Example
    ```environment.yml
    name: shop
    channels:
      - conda-forge
    dependencies:
      - python=3.12
    prefix: /home/ada/miniforge3/envs/shop
    ```

    Use instead:
    ```environment.yml
    name: shop
    channels:
      - conda-forge
    dependencies:
      - python=3.12
    ```
    """
    yield from reported(manifest, "machine-path")


@rule("RQ707", "renamed-package", "warning", on="manifest", fix="unsafe")
def renamed_package(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The name installs something else than it seems to, or nothing.

    ## Why is this bad?
    What a module is called and what it is called on PyPI need not be the same. `yaml` is not there at all, `sklearn` only
    fails with a hint, and `serial` is another project. Such names are also what attackers register.

    The message says what is the matter with the name. `allow` takes the names that you want all the same.

    ## Not reported
    A name with a URL. A version from before the name went bad, such as `tensorflow-gpu==2.4.1`. A marker that limits a
    requirement to a Python that is no longer supported.

    ## Fix safety
    The right name is written, and what is part of Python is deleted. That is unsafe, as another project is installed. The
    version goes where it belongs to the wrong project. A requirement with hashes is not mended.

    ## Example
    ```requirements.txt
    yaml==6.0.2
    ```

    Use instead:
    ```requirements.txt
    PyYAML==6.0.2
    ```
    """
    from reqlint.data.renamed import RENAMED

    for dependency in manifest.dependencies:
        if dependency.name in RENAMED and dependency.kind == "name" and dependency.ecosystem == "pypi":
            yield from _renamed(dependency, project.configuration(manifest).allows("RQ707", dependency.name))


def _renamed(dependency: Dependency, allowed: bool) -> Iterator[Diagnostic]:
    """What to say of a name that stands in the table."""
    from reqlint.data.renamed import RENAMED, SINCE
    from reqlint.versions import allows

    name = dependency.name or ""
    right, reason = RENAMED[name]
    since = SINCE.get(name)
    if allowed or not _is_for_supported_python(dependency):
        return
    if (
        since is not None
        and dependency.constraints
        and not allows(dependency.constraints, since)
        and _is_older(dependency, since)
    ):
        return
    help_ = f"write `{right}`" if right else "delete the line" if right == "" else ""
    yield Diagnostic.of(
        dependency,
        f"{dependency.shown} {reason}",
        span=_name_span(dependency),
        help=help_,
        fix=_renaming(dependency, right),
    )


def _is_older(dependency: Dependency, since: str) -> bool:
    """Whether a specifier that does not allow a version means older ones."""
    from packaging.version import InvalidVersion, Version

    for clause in dependency.constraints:
        if clause.operator in ("==", "===", "<", "<=", "~="):
            try:
                return Version(clause.version.removesuffix(".*")) <= Version(since)
            except InvalidVersion:
                return True
    return False


def _renaming(dependency: Dependency, right: str | None) -> Fix | None:
    """Write the right name, or delete what Python has itself; None where it is not plain what to do."""
    from reqlint.data.renamed import SAME_VERSIONS

    if right == "":
        return _deletion(f"Delete `{dependency.raw_name}`", dependency, "unsafe")
    name = _leading_name(dependency)
    if right is None or name is None or dependency.hashes:
        return None
    edits = [Edit(*name, right)]
    versions = [clause.version for clause in dependency.constraints]
    if versions and (dependency.name not in SAME_VERSIONS or any(text.startswith("0.0") for text in versions)):
        opened = _unspecified(dependency)
        if opened is None:
            return None
        edits += opened
    return Fix(f"Write `{right}`", edits, "unsafe")


def _unspecified(dependency: Dependency) -> list[Edit] | None:
    """Take out the version; on a line with all that stands around it, such as parentheses."""
    parts = dependency.parts
    if dependency.dialect not in _LINES or parts.name_span is None:
        return unspecify(dependency)
    start = (parts.extras_span or parts.name_span)[1]
    if parts.marker_span is None:
        return [Edit(start, dependency.span[1])]
    return [Edit(start, dependency.source.text.rfind(";", start, parts.marker_span[0]))]


@rule("RQ708", "backport", "warning", on="manifest", fix="unsafe", default=False)
def backport(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A backport of a module that every supported Python has.

    ## Why is this bad?
    At best it is dead weight. At worst it hides the module of Python itself or stops the installation: `typing` and
    `enum34` break the Python that they were not made for, and `futures` cannot be installed at all.

    ## Not reported
    A requirement whose marker limits it to a Python before 3.10.

    ## Fix safety
    The line is deleted. That is unsafe: on an older Python, or where the code imports the backport by a name of its own
    (`backports.zoneinfo`, `unittest2`), it is missed.

    ## Example
    ```requirements.txt
    dataclasses==0.8
    requests==2.32.3
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    ```
    """
    from reqlint.data.renamed import BACKPORTS

    for dependency in manifest.dependencies:
        since = BACKPORTS.get(dependency.name or "")
        if (
            since is None
            or dependency.kind != "name"
            or dependency.ecosystem != "pypi"
            or not _is_for_supported_python(dependency)
        ):
            continue
        if project.configuration(manifest).allows("RQ708", dependency.name):
            continue
        yield Diagnostic.of(
            dependency,
            f"{dependency.shown} is a backport of what Python has itself since {since}",
            span=_name_span(dependency),
            help="delete the line, and import the module of Python",
            fix=_deletion(f"Delete `{dependency.raw_name}`", dependency, "unsafe"),
        )


@rule("RQ709", "frozen-dump", "info", on="manifest", default=False)
def frozen_dump(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """Most of what a requirements file lists is there for other lines of it, as `pip freeze` writes it.

    ## Why is this bad?
    A dump of an environment does not tell what was asked for. Nobody dares to raise or delete a line of it, since any could be
    what something else needs, and what was once needed stays for ever.

    The message counts, and the help names what nothing else needs, as the metadata in
    [the project's own environment](../usage.md#where-versions-come-from) tell. Listed in a `requirements.in`, these are all it
    takes: `pip-compile` or `uv pip compile` writes the rest, and says on each line what it is there for.

    ## Not reported
    A file with fewer than ten requirements, with a line that is no exact pin, with hashes, or in another order than that of
    `pip freeze`; one that was compiled, or that includes another; and any file, where there is no environment.
    """
    dependencies = [item for item in manifest.dependencies if item.kind == "name"]
    if not _looks_frozen(manifest, dependencies):
        return
    names = list(dict.fromkeys(item.name for item in dependencies if item.name is not None))
    needed = project.evidence.needed(manifest.path, names)
    asked = [f"`{item.raw_name}`" for item in dependencies if item.name not in needed]
    if 2 * len(needed) <= len(names) or not asked:
        return
    more = len(asked) - _MOST_NAMED
    what = ", ".join(asked[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    yield Diagnostic.of(
        dependencies[0],
        f"{len(needed)} of {len(names)} requirements are needed by others of them: this is a dump of an environment",
        label="here it begins",
        help=f"list what nothing else needs in a requirements.in, and compile this file from that: {what}",
    )


#: How many lines a file has that is worth a word, and how many names the help shows.
_LEAST_FROZEN, _MOST_NAMED = 10, 12


def _looks_frozen(manifest: Manifest, dependencies: list[Dependency]) -> bool:
    """Whether a file is what `pip freeze` could have written: exact pins, in its order."""
    if manifest.format != "requirements.txt" or manifest.role == "constraint" or manifest.includes:
        return False
    if len(dependencies) < _LEAST_FROZEN or any(item.hashes or not _is_pin(item) for item in dependencies):
        return False
    shown = [(item.raw_name or "").lower() for item in dependencies]
    if shown != sorted(shown) and [item.name or "" for item in dependencies] != sorted(
        item.name or "" for item in dependencies
    ):
        return False
    from reqlint.compiled import is_compiled

    return not is_compiled(manifest.source.text)


def _is_pin(dependency: Dependency) -> bool:
    """Whether a requirement is a name with one exact version, and nothing more."""
    clauses = dependency.constraints
    is_exact = len(clauses) == 1 and clauses[0].operator in ("==", "===") and not clauses[0].version.endswith("*")
    return is_exact and dependency.marker is None and not dependency.extras


def _is_for_supported_python(dependency: Dependency) -> bool:
    """Whether a requirement counts on some Python that is still supported."""
    if dependency.marker is None or "python" not in dependency.marker:
        return True
    from reqlint.markers import can_hold_together

    return can_hold_together(dependency.marker, 'python_version >= "3.10"')


def _deletion(message: str, dependency: Dependency, applicability: Applicability) -> Fix | None:
    """Delete a requirement; None for one whose parts stand in several places."""
    edits = remove(dependency)
    return Fix(message, edits, applicability) if edits else None


def _leading_name(dependency: Dependency) -> Span | None:
    """The place of the name before the rest of a requirement that can be rewritten: not in `#egg=`, not in a file name.

    In a table it is the key, with its quotes.
    """
    parts = dependency.parts
    span = parts.name_span
    if span is None or not dependency.rewritable or dependency.ecosystem != "pypi":
        return None
    if dependency.dialect not in _LINES:
        is_dotted = dependency.source.text[span[1] : dependency.span[1]].lstrip().startswith(".")
        return None if is_dotted else span  # `name.git = …`: the key may stand on several lines
    if parts.url_span is not None and span[0] >= parts.url_span[0]:
        return None
    return span


def _name_span(dependency: Dependency) -> Span | None:
    """What to underline: the name, where it can be told."""
    return dependency.parts.name_span if dependency.rewritable else None


def _shown(dependency: Dependency) -> str:
    """A name for messages; a URL could hold a secret, so it is not shown."""
    return dependency.shown if dependency.raw_name else "a line without a name"
