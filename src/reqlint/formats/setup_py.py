"""setup.py: the requirements that it hands to ``setup()``, as far as they can be read without running it.

``setup`` may come from setuptools, distutils or any of their kin, under any name; its keywords may stand in the call, in a
table, or be put together on the way there (``_python`` says how far that is followed). A file of requirements that it reads
by a literal name is an include. What only running it could tell is one problem of the rule ``dynamic-dependencies``.

Source: setuptools' documentation of its keywords, and its ``dist.check_requirements`` and ``dist.check_extras``.
"""

from __future__ import annotations

import re
from itertools import pairwise

from reqlint.fixes import Edit, Fix
from reqlint.formats._pep508 import report
from reqlint.formats._python_values import Choice, Const, File, Seq, Str, Table, TooComplexError, iterate
from reqlint.formats._setuptools import (
    Chunk,
    add_requirement,
    excerpt,
    extra_group,
    report_dynamic,
    report_links,
    requirements,
)
from reqlint.model import Group, Include, Manifest, Problem
from reqlint.requirement import InvalidRequirementError, check_marker, parse_pep508

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._python_values import Call, Value
    from reqlint.model import Role
    from reqlint.source import Source, Span

#: What a file without any of these cannot hold, so that it need not be parsed.
_KEYWORDS = re.compile(r"\b(?:install_requires|extras_require|setup_requires|tests_require|dependency_links)\b|\*\*")
_KIN = frozenset("setuptools distutils skbuild scikit_build numpy paver cx_Freeze py2exe py2app esky pbr".split())
_VERSION_TAIL = re.compile(r"(?:a|alpha|b|beta|c|rc|pre|dev|post)\d*")
_LISTS = ("install_requires", "extras_require", "setup_requires", "tests_require")


def read(source: Source, role: Role | None) -> Manifest:
    """Read a setup.py into a manifest; never raises. ``role``: of its own dependencies, a library's when None.

    Each requirement is a dependency once, wherever it is used: of the first that uses it among ``install_requires``, the
    extras, ``setup_requires`` and ``tests_require``.
    """
    manifest = Manifest(source, "setup.py", "library" if role is None else role)
    manifest.publishable = manifest.role == "library" and "Private ::" not in source.text
    text = source.text
    if source.fault is not None or "setup" not in text or not _KEYWORDS.search(text):
        return manifest
    from reqlint.formats._python import PythonError, parse
    from reqlint.formats._python_interpreter import Interpreter

    reader = _Reader(manifest)
    try:
        interpreter = Interpreter(parse(text), reader.call)
        interpreter.run()
        if not reader.calls:
            interpreter.run_uncalled("setup")
    except PythonError as error:
        message = f"this is no Python that Python 3 can read: {error.reason}"
        report(manifest, (error.offset, min(len(text), error.offset + 1)), message, rule="unreadable-file")
        return manifest
    except TooComplexError:
        report_dynamic(
            manifest, excerpt(text, (0, len(text))), "this file is too complex to be read without running it"
        )
        return manifest
    reader.finish()
    return manifest


class _Reader:
    """Takes the keywords of each call of ``setup`` and makes dependencies of them."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.text = manifest.source.text
        self.calls = 0
        self.seen: set[tuple[Span, str]] = set()
        self.role: Role = manifest.role  # of the requirements that are being read

    def call(self, name: str, call: Call) -> None:
        """Read one call, if it is one of ``setup``."""
        root, _, last = name.rpartition(".")
        if last != "setup":
            return
        kin = not root or root.partition(".")[0] in _KIN
        if not kin and not any(keyword in call.keywords for keyword in _LISTS):
            return
        self.calls += 1
        for keyword in _LISTS:
            if keyword in call.keywords:
                value = call.keywords[keyword]
                place = call.places.get(keyword, value.span)
                self._keyword(keyword, value, place, call.entries.get(keyword, place))
        python = call.keywords.get("python_requires")
        if isinstance(python, Str) and not python.open:
            self.manifest.python = python.text
        links = call.keywords.get("dependency_links")
        if links is not None and _holds_something(links):
            place = call.places.get("dependency_links", links.span)
            report_links(self.manifest, excerpt(self.text, place), call.entries.get("dependency_links", place))
        if "install_requires" not in call.keywords:
            for rest in call.rest:
                self._dynamic(rest.span, "what `setup()` is called with is put together when the file runs")

    def finish(self) -> None:
        """Put everything in file order, each problem once."""
        manifest = self.manifest
        manifest.dependencies.sort(key=lambda dependency: dependency.span[0])
        manifest.includes.sort(key=lambda include: include.span[0])
        problems = {(problem.rule, problem.span, problem.message): problem for problem in reversed(manifest.problems)}
        manifest.problems = sorted(problems.values(), key=lambda problem: problem.span[0])

    # Keywords

    def _keyword(self, keyword: str, value: Value, place: Span, entry: Span) -> None:
        """One keyword."""
        role = self.manifest.role
        if keyword == "install_requires":
            self._requirements(value, Group("runtime", role), keyword, place, entry)
        elif keyword == "setup_requires":
            self._requirements(value, Group("build", "build"), keyword, place, entry)
        elif keyword == "tests_require":
            self._requirements(value, Group("group", "development", keyword), keyword, place, entry)
        else:
            self._extras(value, place, entry)

    def _extras(self, value: Value, place: Span, entry: Span) -> None:
        """``extras_require``: a table of lists, the keys with a marker behind a colon at times."""
        if isinstance(value, Choice):
            for one in value.values:
                self._extras(one, place, entry)
            return
        if isinstance(value, Const) and value.value is None:
            return
        if isinstance(value, Const | Seq | Str):
            message = "`extras_require` takes a dictionary: the name of each extra, and its list of requirements"
            report(self.manifest, excerpt(self.text, place), message, scope=entry)
            return
        if not isinstance(value, Table):
            self._dynamic(place, "the extras are put together when the file runs, so they are not checked", entry)
            return
        extras = [self._extra(key, requirement) for key, requirement in value.entries.values()]
        extras.sort(key=lambda extra: extra[0].role == "development")
        for group, marker, requirement in extras:
            self._requirements(requirement, group, "extras_require", requirement.span, entry, marker)
        for rest in value.rest:
            group = extra_group(None, self.manifest.role)
            self._requirements(rest, group, "extras_require", rest.span, entry)

    def _extra(self, key: Str, value: Value) -> tuple[Group, str | None, Value]:
        """The group of an extra, the marker that its key gives it, and what it holds."""
        name, _, marker = key.text.partition(":")
        if marker.strip():
            lead = len(name) + 1 + len(marker) - len(marker.lstrip())
            try:
                check_marker(marker.strip(), 0)
            except InvalidRequirementError as error:
                message = f"what follows the colon is no marker: {error.reason}"
                report(self.manifest, key.piece(lead, len(key.text)).span, message, scope=key.span)
        role = self.manifest.role
        group = extra_group(name, role) if name else Group("runtime", role)
        return group, marker.strip() or None, value

    def _requirements(
        self, value: Value, group: Group, keyword: str, place: Span, entry: Span, marker: str | None = None
    ) -> None:
        """The requirements that a value holds."""
        self.role = group.role
        where = excerpt(self.text, place)
        if isinstance(value, Const) and not value.value and (value.value is None or value.value is False):
            if keyword == "extras_require" or value.value is False:
                report(self.manifest, where, f"`{keyword}` takes lists of strings, and this is none", scope=entry)
            return
        if isinstance(value, Table):
            message = "of a dictionary setuptools reads the keys only, and releases before 80 refuse it: write a list"
            report(self.manifest, where, message, scope=entry)
            return
        if isinstance(value, Seq) and value.kind == "set":
            report(self.manifest, where, "setuptools refuses a set, as it has no order: write a list", scope=entry)
            return
        if isinstance(value, Seq) and value.kind == "iterator":
            message = "setuptools reads this twice, and an iterator is empty the second time, so nothing is required"
            report(self.manifest, where, message, rule="ignored-text", help="wrap it in `list(…)`", scope=entry)
        for chunk in requirements(self._chunks(value, keyword, place, entry, top=True)):
            self._add(chunk, group, marker)

    def _add(self, chunk: Chunk, group: Group, marker: str | None) -> None:
        """One requirement, if it was not there already."""
        if (chunk.span, chunk.text) in self.seen:
            return
        self.seen.add((chunk.span, chunk.text))
        dependency = add_requirement(self.manifest, chunk, group)
        if dependency is not None and marker is not None:
            own = dependency.marker
            dependency.marker = f"({marker}) and ({own})" if own is not None else marker

    def _chunks(self, value: Value, keyword: str, place: Span, entry: Span, *, top: bool = False) -> Iterator[Chunk]:
        """The strings that a value holds, however deep; notes the files it reads, and what it cannot say."""
        if isinstance(value, Str):
            yield from self._strings(value, entry)
        elif isinstance(value, Seq | Table):
            for item in iterate(value):
                yield from self._chunks(item, keyword, item.span, entry)
        elif isinstance(value, Choice):
            for one in value.values:
                yield from self._chunks(one, keyword, place, entry, top=top)
        elif isinstance(value, File) and value.plausible:
            self._include(value, entry)
        elif isinstance(value, Const):
            shown = "bytes" if isinstance(value.value, bytes) else f"`{self.text[slice(*value.span)]}`"
            message = f"setuptools takes strings only, and this is {shown}"
            report(self.manifest, excerpt(self.text, value.span), message)
        else:
            what = f"`{keyword}` is" if top else f"a part of `{keyword}` is"
            message = f"{what} put together when the file runs, so it is not checked"
            self._dynamic(place if top else value.span, message, entry if top else None)

    def _strings(self, value: Str, entry: Span) -> Iterator[Chunk]:
        """The lines of one string, each of which setuptools takes for a requirement."""
        if value.halves and self._report_missing_comma(value):
            return
        for line in value.lines():
            held = line.strip()
            if held.text:
                place = held.entry if held.entry is not None else value.entry if value.entry is not None else entry
                yield Chunk(held.text, held.span, place, plain=held.start is not None, templated=held.open)

    def _report_missing_comma(self, value: Str) -> bool:
        """Two requirements that Python reads as one, as no comma stands between them.

        Returns whether what Python reads is no requirement at all, so that this says it all.
        """
        halves = value.halves
        edits = [
            Edit(span[1], span[1], ",")
            for (one, span), (other, _) in pairwise(halves)
            if _is_whole(one.text) and _is_whole(other.text) and not _is_tail(one.text, other.text)
        ]
        if not edits:
            return False
        start, end = halves[0][1][0], halves[-1][1][1]
        listed = value.entry is not None
        self.manifest.problems.append(
            Problem(
                "missing-comma",
                excerpt(self.text, (start, end)),
                "no comma stands between these strings, so Python makes one of them",
                label="read as one requirement",
                help="write a comma between them",
                fix=Fix("Insert the comma" if len(edits) == 1 else "Insert the commas", edits) if listed else None,
                scope=(start, end),
            )
        )
        return not _is_whole(value.text)

    def _include(self, file: File, entry: Span) -> None:
        """A file of requirements, once for each place that names it."""
        includes = self.manifest.includes
        if not any(include.path == file.path and include.span == file.span for include in includes):
            includes.append(Include(file.path, "requirement", file.span, entry, self.role))

    def _dynamic(self, span: Span, message: str, entry: Span | None = None) -> None:
        report_dynamic(self.manifest, excerpt(self.text, span), message, entry)


def _holds_something(value: Value) -> bool:
    """Whether a list surely has something in it."""
    return bool(value.items) if isinstance(value, Seq) else isinstance(value, Str) and bool(value.text.strip())


def _is_whole(text: str) -> bool:
    """Whether a string alone is a requirement by name that someone may have meant."""
    if "\n" in text or not text.strip()[:1].isalpha():
        return False
    try:
        parse_pep508(text.strip())
    except InvalidRequirementError:
        return False
    return True


def _is_tail(one: str, other: str) -> bool:
    """Whether the second string may well be the end of the first: ``"a==1" "rc2"``, ``"a @ https://e.com/" "a.zip"``."""
    first, second = parse_pep508(one.strip()), parse_pep508(other.strip())
    if first.kind == "url" and first.marker is None:
        return one[-1:].strip() != "" and second.kind == "name" and not second.constraints
    ends_in_version = first.constraints and first.marker is None and one[-1:].isdigit()
    return bool(ends_in_version) and _VERSION_TAIL.fullmatch(other.strip()) is not None
