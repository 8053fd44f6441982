"""setup.cfg: the requirements that setuptools reads there, and those of pbr and d2to1.

Sources: setuptools' documentation, "Configuring setuptools using setup.cfg files", and its ``config/setupcfg.py``.
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.formats._ini import InterpolationError, scan
from reqlint.formats._pep508 import report
from reqlint.formats._setuptools import (
    Chunk,
    add_requirement,
    excerpt,
    extra_group,
    report_links,
    requirements,
)
from reqlint.model import Group, Include, Manifest, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from reqlint.formats._ini import Document, Line, Option
    from reqlint.model import Role
    from reqlint.source import Source, Span

_FILE = "file:"
_MARKER = re.compile(
    r"(?:implementation_(?:name|version)|os_name|platform_(?:machine|release|system|version|python_implementation)"
    r"|python_(?:full_)?version|sys_platform|extra)\b"
)
_TOX = "tox:tox"  # tox reads a setup.cfg with this section only
_EXTRAS = "options.extras_require"


def read(source: Source, role: Role | None) -> Manifest:
    """Read a setup.cfg into a manifest; never raises. ``role``: of its own dependencies, a library's when None.

    Requirements come from ``[options]`` (``install_requires``, ``setup_requires``, ``tests_require``), from
    ``[options.extras_require]``, and from ``requires_dist`` in ``[metadata]``, which pbr and d2to1 read. Where setuptools
    stops at a fault, what follows is read all the same.
    """
    manifest = Manifest(source, "setup.cfg", "library" if role is None else role)
    document = scan(source.text)
    # Most setup.cfg only configure other tools.
    describes = "options" in document.sections or any(option.key == "name" for option in document.options("metadata"))
    manifest.publishable = manifest.role == "library" and describes and "Private ::" not in source.text
    declares = any(name == "metadata" or name.startswith("options") for name in document.sections)
    if declares and source.bom:
        message = "setuptools cannot read this file: a byte order mark stands before its first line"
        report(manifest, (0, 0), message, rule="unreadable-file", help="save it as UTF-8 without one")
    _report_faults(manifest, document, "setuptools" if declares else "Python's `configparser`")
    if declares:
        _report_references(manifest, document)
        _Reader(manifest, document).read()
    if _TOX in document.sections:
        from reqlint.formats.tox_ini import read_sections

        read_sections(manifest, document, _TOX)
    manifest.dependencies.sort(key=lambda dependency: dependency.span[0])
    return manifest


def _report_faults(manifest: Manifest, document: Document, reader: str) -> None:
    """What ``configparser`` stops at."""
    for fault in document.faults:
        message = f"{reader} cannot read this file: {fault.reason}"
        report(manifest, fault.span, message, rule="unreadable-file")


def _report_references(manifest: Manifest, document: Document) -> None:
    """References that lead nowhere: setuptools resolves those of every section, also of other tools'."""
    seen: set[Span] = set()
    for name in document.sections:
        for option in document.options(name):
            try:
                document.value(name, option)
            except InterpolationError as error:
                if error.span not in seen:
                    seen.add(error.span)
                    message = f"setuptools cannot read this file: {error.reason}"
                    report(manifest, error.span, message, rule="unreadable-file")


class _Reader:
    """Reads the options that hold requirements, one by one, into a manifest."""

    def __init__(self, manifest: Manifest, document: Document) -> None:
        self.manifest = manifest
        self.document = document

    def read(self) -> None:
        """Read the whole document."""
        role = self.manifest.role
        groups = {
            "install_requires": Group("runtime", role),
            "setup_requires": Group("build", "build"),
            "tests_require": Group("group", "development", "tests_require"),
        }
        options = self.document.options("options")
        known = {option.key for option in options if _normal(option.key) in groups}
        for option in options:
            key = _normal(option.key)
            if key in groups:
                self._option("options", option, groups[key], file=key == "install_requires", known=known)
            elif key == "dependency_links":
                self._links(option)
            elif key == "python_requires":
                self._take_python(option)
        extras = self.document.options(_EXTRAS)
        names = {option.key for option in extras}
        for option in extras:
            self._option(_EXTRAS, option, extra_group(option.key, role), file=True, known=names)
        for option in self.document.options("metadata"):
            if _normal(option.key) == "requires_dist":
                self._option("metadata", option, Group("runtime", role), lines_only=True)

    def _take_python(self, option: Option) -> None:
        """The Pythons that the project is for."""
        try:
            self.manifest.python = "".join(line.text for line in self.document.value("options", option))
        except InterpolationError:
            return  # which is reported

    def _option(
        self,
        section: str,
        option: Option,
        group: Group,
        *,
        file: bool = False,
        lines_only: bool = False,
        known: Collection[str] = (),
    ) -> None:
        """One option: requirements, or the names of files that hold some.

        ``file``: whether setuptools reads ``file:`` here; ``lines_only``: whether a semicolon never parts two requirements;
        ``known``: the options whose own requirements are read, so that a reference to one of them says nothing new.
        """
        try:
            lines = self.document.value(section, option)
        except InterpolationError:
            return
        while lines and not lines[-1].text:
            lines = lines[:-1]
        if not lines:
            return
        if file and lines[0].text.startswith(_FILE):
            self._files(option, lines, group.role)
            return
        if self._report_cut_key(section, option, lines[0]):
            return
        multiline = len(lines) > 1 or lines_only
        lines = [line for line in lines if not line.references or any(name not in known for name in line.references)]
        if multiline:
            chunks = [chunk for line in lines for chunk in _pieces(line)]
        else:
            chunks = [chunk for line in lines for chunk in _parts(line)]
            ambiguous = next((chunk for chunk in chunks[1:] if _MARKER.match(chunk.text)), None)
            if ambiguous is not None:
                self._report_ambiguous(option, lines[0], ambiguous, len(chunks))
                chunks = [chunk for chunk in chunks if chunk is not ambiguous] if len(chunks) > 2 else []
        for chunk in requirements(chunks):
            add_requirement(self.manifest, chunk, group)

    def _report_cut_key(self, section: str, option: Option, first: Line) -> bool:
        """``extra:marker = …``, the key of which ends at the colon; returns whether it is one."""
        colon = option.delimiter_end - 1
        if section != _EXTRAS or self.manifest.source.text[colon] != ":" or not _MARKER.match(first.text):
            return False
        message = "a name ends at its first colon, so setup.cfg cannot say `extra:marker`"
        help_ = "give each requirement the marker: `name; python_version < '3.12'`"
        report(self.manifest, (option.key_span[0], first.span[1]), message, help=help_, scope=option.span)
        return True

    def _files(self, option: Option, lines: list[Line], role: Role) -> None:
        """``file: a.txt, b.txt``: the files that hold the requirements of a role, from the project's root."""
        text = "\n".join(line.text for line in lines)
        offset = len(_FILE)
        for name in text[offset:].split(","):
            path = name.strip()
            start = offset + len(name) - len(name.lstrip())
            offset += len(name) + 1
            if path:
                span = (_place(lines, start), _place(lines, start + len(path) - 1) + 1)
                self.manifest.includes.append(Include(path, "requirement", span, option.span, role))

    def _links(self, option: Option) -> None:
        """``dependency_links``, when there are any."""
        if option.raw:
            report_links(self.manifest, excerpt(self.manifest.source.text, option.span), option.span)

    def _report_ambiguous(self, option: Option, line: Line, marker: Chunk, count: int) -> None:
        """A marker in a value of one line, which setuptools cuts at the semicolon."""
        fix = None
        if count == 2 and line.plain:
            newline = self.manifest.source.newline + " " * (option.indent + 4)
            fix = Fix("Give the requirement a line of its own", [Edit(option.delimiter_end, line.start, newline)])
        self.manifest.problems.append(
            Problem(
                "invalid-requirement",
                marker.span,
                "in a value of one line the semicolon parts two requirements, so this is no marker",
                label="setuptools takes this for a requirement",
                help="begin the value on a line of its own, below the name",
                fix=fix,
                scope=option.span,
            )
        )


def _normal(key: str) -> str:
    """The name of an option as setuptools takes it in its own sections: dashes and capitals are an old habit."""
    return key.replace("-", "_").lower()


def _pieces(line: Line) -> Iterator[Chunk]:
    """The strings in one of several lines: one, unless a vertical tab or its like stands in it."""
    if line.text.isprintable() or len(line.text.splitlines()) < 2:
        if line.text:
            yield Chunk(line.text, line.span, line.entry, plain=line.plain)
        return
    offset = 0
    for part in line.text.splitlines(keepends=True):
        yield from _cut(line, offset, offset + len(part), (offset, offset + len(part)))
        offset += len(part)


def _parts(line: Line) -> Iterator[Chunk]:
    """The strings in a value of one line, with semicolons between them."""
    text = line.text
    offset = 0
    bounds = []
    for part in text.split(";"):
        bounds.append((offset, offset + len(part)))
        offset += len(part) + 1
    for number, (start, end) in enumerate(bounds):
        if number + 1 < len(bounds):
            entry = (start + len(text[start:end]) - len(text[start:end].lstrip()), _skip(text, end + 1))
        else:
            entry = (bounds[number - 1][1] if number else start, end)
        yield from _cut(line, start, end, entry)


def _cut(line: Line, start: int, end: int, entry: Span) -> Iterator[Chunk]:
    """The part of a line between two offsets, blanks left out; nothing when there is no more."""
    part = line.text[start:end]
    text = part.strip()
    if not text:
        return
    if not line.plain:
        yield Chunk(text, line.span, line.entry, plain=False)
        return
    begin = line.start + start + len(part) - len(part.lstrip())
    yield Chunk(text, (begin, begin + len(text)), (line.start + entry[0], line.start + entry[1]))


def _skip(text: str, offset: int) -> int:
    """The offset of the first character from here on that is no blank."""
    return offset + len(text[offset:]) - len(text[offset:].lstrip())


def _place(lines: list[Line], offset: int) -> int:
    """The offset in the source of an offset in the lines joined; of a computed line, where it stands."""
    for line in lines:
        if offset <= len(line.text):
            return line.start + offset if line.plain else line.start
        offset -= len(line.text) + 1
    return lines[-1].span[1]
