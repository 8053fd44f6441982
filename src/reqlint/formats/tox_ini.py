r"""tox.ini: what tox installs into its environments; also the same sections in setup.cfg, and in a string of pyproject.toml.

Sources: tox's documentation of its configuration, and tox 4.67 (``config/loader/ini``).

What is not plain to see:

- a ``#`` begins a comment wherever it stands, also in a URL: it must be written ``\#`` there;
- a line may begin with the factors of the environments that it counts for: ``py{311,312}-django: pytest``;
- a backslash at its end joins a line with the next one;
- a section may be several environments (``[testenv:py{311,312}]``), and ``{[section]key}`` takes over what another one has.

Each section is a group, and the lines of one that count for the same factors are one of their own: whether two factors go
together is not asked.
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.formats._ini import scan
from reqlint.formats._pep508 import report
from reqlint.formats._tox import (
    DepsReader,
    add_command,
    add_constraints,
    add_requires,
    add_variable,
    is_reference,
    shell_words,
    verbatim,
)
from reqlint.formats._tree import Text
from reqlint.formats.requirements_txt import JoinedLine, Line, OpaqueLine
from reqlint.model import Group, Index, Manifest, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._ini import Document, Option
    from reqlint.formats._ini import Line as IniLine
    from reqlint.model import IndexKind, Role
    from reqlint.source import Source, Span

_ENVIRONMENTS = ("testenv", "pkgenv")
_FACTORS_END = re.compile(r":(?:\s|$)")
_FACTORS = re.compile(r"[\w.*?\[\]!{}, \t-]+")
_TWO_WORDS = re.compile(r"[^,{\s]\s+[^,}\s]")
_REFERENCE = re.compile(r"\{\[([^\]{}]+)\]([\w-]+)(?::[^{}]*)?\}")
_COMMENT = re.compile(r"\s*(?<!\\)#.*")
_OLD_INDEX = re.compile(r":[\w.-]+:")
_UNFIT = re.compile(r"[\r\n]|(?<!\\)#|:\s")


def read(source: Source, role: Role | None) -> Manifest:
    """Read a tox.ini into a manifest; ``role``: of the manifest, development unless told otherwise.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "tox.ini", role or "development")
    document = scan(source.text)
    # A tox.ini may do no more than configure pytest or flake8.
    is_for_tox = any(name == "tox" or name.partition(":")[0] in _ENVIRONMENTS for name in document.sections)
    for fault in document.faults if is_for_tox else ():
        report(manifest, fault.span, f"tox cannot read this file: {fault.reason}", rule="unreadable-file")
    read_sections(manifest, document, "tox")
    manifest.dependencies.sort(key=lambda dependency: dependency.span[0])
    return manifest


def read_within(manifest: Manifest, value: Text) -> None:
    """Read the text of a tox.ini that is a string of another file (``legacy_tox_ini`` in pyproject.toml)."""
    start = verbatim(manifest, value)
    if start is not None:
        before = re.sub(r"[^\r\n]", " ", manifest.source.text[:start])
        read_sections(manifest, scan(before + manifest.source.text[start : value.inner[1]]), "tox")
    else:
        read_sections(manifest, scan(value.text), "tox", within=value.inner)


def read_sections(manifest: Manifest, document: Document, core: str, *, within: Span | None = None) -> None:
    """Read the sections of tox; ``core``: the name of the one about tox itself.

    ``within``: the span of the string that the document stands in escaped, so that its places are not the file's.
    """
    _Reader(manifest, document, within).read(core)


class _Reader:
    """Reads the sections of tox, one by one, into a manifest."""

    def __init__(self, manifest: Manifest, document: Document, within: Span | None) -> None:
        self.manifest = manifest
        self.document = document
        self.within = within
        self.deps = DepsReader(manifest, Group("group", "development"))
        self.old_indexes = False
        self.pending: list[tuple[str, str]] = []
        self.groups: dict[tuple[str, str], Group] = {}

    def read(self, core: str) -> None:
        """Read the whole document."""
        for option in self._options(core):
            if option.key.lower() == "requires":
                self._requires(option)
            elif option.key.lower() == "indexserver":
                self._index_servers(option)
        names = [name for name in self.document.sections if name.partition(":")[0] in _ENVIRONMENTS]
        for name in names:
            self._environment(name)
        seen = {(name, "deps") for name in names}
        while self.pending:
            place = self.pending.pop()
            if place not in seen:
                seen.add(place)
                self._referred(*place)

    def _options(self, name: str) -> list[Option]:
        section = self.document.sections.get(name)
        return section.options if section is not None else []

    def _environment(self, name: str) -> None:
        """One section of environments."""
        for option in self._options(name):
            key = option.key.lower()
            if key == "deps":
                self._deps(name, option)
            elif key == "constraints":
                for _, line in self._lines(option):
                    add_constraints(self.manifest, line)
            elif key in ("setenv", "set_env"):
                for _, line in self._lines(option):
                    self._variable(line)
            elif key == "install_command":
                for _, line in self._lines(option):
                    if type(line) is Line:
                        add_command(self.manifest, shell_words(line.text, line.origin), line.entry)

    def _referred(self, section: str, key: str) -> None:
        """An option whose lines another section takes into its ``deps``."""
        for option in self._options(section):
            if option.key == key:
                self._deps(f"{section} {key}", option)

    def _deps(self, name: str, option: Option) -> None:
        """The lines of requirements."""
        manifest = self.manifest
        known, included = len(manifest.problems), len(manifest.includes)
        for factors, line in self._lines(option, fragments=True):
            self.pending += [(match[1], match[2]) for match in _REFERENCE.finditer(line.text)]
            if self.old_indexes and _OLD_INDEX.match(line.text):
                continue
            self.deps.group = self._group(name, factors)
            self.deps.read(line)
        for include in manifest.includes[included:]:
            include.role = "development"
        for problem in manifest.problems[known:]:
            if problem.fix is not None and any(_UNFIT.search(edit.content) for edit in problem.fix.edits):
                problem.fix = None

    def _group(self, section: str, factors: str) -> Group:
        """The group of the lines in a section that count for the same factors."""
        key = (section, factors)
        if key not in self.groups:
            self.groups[key] = Group("group", "development", f"{section} {factors}" if factors else section)
        return self.groups[key]

    # Lines

    def _lines(self, option: Option, *, fragments: bool = False) -> Iterator[tuple[str, Line]]:
        r"""The lines of a value as tox joins them, each with its factors ("" for none).

        ``fragments``: whether the end of a URL that is taken for a comment is reported.
        """
        parts: list[tuple[str, int]] = []
        factors = ""
        first = (0, 0)
        for raw in option.lines:
            kept = _COMMENT.sub("", raw.text)
            if fragments and len(kept) < len(raw.text):
                kept = self._with_fragment(raw, kept)
            start = raw.start
            if not parts:
                first = raw.entry
                factors, offset = _factors_of(kept)
                kept, start = kept[offset:], start + offset
            goes_on = kept.endswith("\\")
            parts.append((kept[:-1] if goes_on else kept, start))
            if not goes_on:
                yield from self._line(parts, factors, (first[0], raw.entry[1]))
                parts = []
        if parts:
            yield from self._line(parts, factors, (first[0], option.lines[-1].entry[1]))

    def _line(self, parts: list[tuple[str, int]], factors: str, entry: Span) -> Iterator[tuple[str, Line]]:
        """A line of one or more pieces; nothing when it is empty."""
        pieces = [piece for text, start in parts for piece in _unescaped(text, start) if piece[0]]
        raw = "".join(text for text, _ in pieces)
        if not raw.strip():
            return
        if self.within is not None:
            yield factors, OpaqueLine(raw.strip(), self.within, (self.within[0], self.within[0]))
        elif len(pieces) == 1:
            text, start = pieces[0]
            yield factors, Line(text.strip(), start + len(text) - len(text.lstrip()), entry)
        else:
            offsets, size = [], 0
            for text, start in pieces:
                offsets.append((size, start))
                size += len(text)
            yield factors, JoinedLine(raw, offsets, entry)

    def _with_fragment(self, raw: IniLine, kept: str) -> str:
        """The line with the fragment of its URL, which tox takes for a comment; where it is more than a name, this is reported."""
        mark = len(kept)
        fragment = raw.text[mark:].split()[0]
        is_fragment = raw.text[mark] == "#" and fragment.startswith(("#egg=", "#subdirectory=", "#sha256="))
        if not is_fragment or "://" not in kept.rpartition(" ")[2] or self.within is not None:
            return kept
        only_names = fragment.startswith("#egg=") and "&" not in fragment and not kept.startswith("-")
        if not only_names:  # else nothing is lost that pip needs
            place = raw.start + mark
            self.manifest.problems.append(
                Problem(
                    "ignored-text",
                    (place, place + len(fragment)),
                    r"a `#` begins a comment in this file, also in a URL, unless it is written `\#`",
                    label="tox drops this without a word",
                    help=r"write `\#`",
                    fix=Fix("Write a backslash before it", [Edit(place, place, "\\")]),
                    scope=raw.entry,
                )
            )
        return kept + fragment

    # Other settings

    def _requires(self, option: Option) -> None:
        """``requires``: one requirement a line, or several in one line with commas between them."""
        lines = [line for _, line in self._lines(option)]
        whole = len(option.lines) > 1
        for line in lines:
            for match in re.finditer(r".+" if whole else r"[^,]+", line.text):
                text = match[0].strip()
                span = line.span(match.start() + match[0].find(text), match.start() + match[0].find(text) + len(text))
                plain = type(line) is Line
                entry = line.entry if whole or match.span() == (0, len(line.text)) else _with_comma(line, match)
                add_requires(self.manifest, Text(text, span, span, plain=plain), entry)

    def _index_servers(self, option: Option) -> None:
        """``indexserver`` of tox 3: ``name = url``, the one named ``default`` being pip's."""
        self.old_indexes = True
        for _, line in self._lines(option):
            name, equals, url = (part.strip() for part in line.text.partition("="))
            if equals and "://" in url and not is_reference(url):
                start = line.text.rindex(url)
                span = line.span(start, start + len(url))
                kind: IndexKind = "index" if name == "default" else "explicit-index"
                self.manifest.indexes.append(Index(kind, url, span, line.entry, "indexserver", name=name))

    def _variable(self, line: Line) -> None:
        """One line of ``set_env``."""
        name, equals, value = line.text.partition("=")
        if equals and type(line) is Line:
            start = line.origin + len(name) + 1
            add_variable(self.manifest, name.strip(), value, start, line.entry)


def _factors_of(text: str) -> tuple[str, int]:
    """The factors that a line begins with, and where the rest of it begins; "" and 0 when there are none."""
    match = _FACTORS_END.search(text)
    if match is None:
        return "", 0
    factors = text[: match.start()].strip()
    if not _FACTORS.fullmatch(factors) or _TWO_WORDS.search(factors):
        return "", 0
    rest = text[match.end() :]
    return factors, match.end() + len(rest) - len(rest.lstrip())


def _unescaped(text: str, start: int) -> Iterator[tuple[str, int]]:
    r"""The pieces of a text that stand in the file as they are: the backslash of ``\#`` is left out."""
    while (mark := text.find("\\#")) >= 0:
        yield text[:mark], start
        start += mark + 1
        text = text[mark + 1 :]
    yield text, start


def _with_comma(line: Line, match: re.Match[str]) -> Span:
    """One of several requirements in a line, with the comma behind it, or else the one before it."""
    if match.end() < len(line.text):
        rest = line.text[match.end() + 1 :]
        lead = len(match[0]) - len(match[0].lstrip())
        return line.span(match.start() + lead, match.end() + 1 + len(rest) - len(rest.lstrip()))
    return line.span(max(match.start() - 1, 0), match.end())
