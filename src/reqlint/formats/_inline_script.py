"""Inline script metadata: the TOML that a script holds in comments, ``# /// script`` to ``# ///``.

Source: the specification "Inline script metadata" (PEP 723), whose regular expression this follows, and uv 0.13, by which
the tests judge. The text of a block is TOML once the ``# `` before each line is taken away; it is read as that, and all
places are moved back into the file.

A block in a string literal (a test, or a text that explains how to write one) is none of the file's own, although the
expression finds it.

All spans are half-open ranges of 0-based code-point offsets into the source's text.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from reqlint.formats._pep508 import add_list, report
from reqlint.formats._toml import TomlError, parse
from reqlint.formats._tree import List, Map, Text
from reqlint.model import Group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._tree import Value
    from reqlint.model import Manifest
    from reqlint.source import Span

#: What every file with such a block has in it.
SIGN = "# /// script"

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_CONTENT = re.compile(r"#(?: .*)?", re.DOTALL)
_END = "# ///"

#: Keys of ``[tool.uv]`` that only a project has: in a script uv refuses them.
_OF_PROJECTS = frozenset(
    "build-backend conflicts default-groups dependency-groups dev-dependencies environments managed package pip "
    "required-environments workspace".split()
)


class _Block:
    """The text of one block without its prefixes, and where it stands.

    ``head``: the span of the opening line, without its end; ``text``: the TOML.
    """

    def __init__(self, head: Span) -> None:
        self.head = head
        self.text = ""
        self._starts: list[int] = []  # of the lines, in the TOML
        self._lines: list[int] = []  # the same in the file, before the prefix
        self._insides: list[int] = []  # the same in the file, behind the prefix

    def add(self, line: str, start: int) -> None:
        """Add a line of the file, with its end."""
        prefix = 2 if line.startswith("# ") else 1
        self._starts.append(len(self.text))
        self._lines.append(start)
        self._insides.append(start + prefix)
        self.text += line[prefix:]

    def close(self, start: int) -> None:
        """Note where the closing line begins."""
        self._starts.append(len(self.text))
        self._lines.append(start)
        self._insides.append(start)

    def offset(self, offset: int) -> int:
        """Where in the file a character of the TOML stands."""
        number = bisect_right(self._starts, offset) - 1
        return self._insides[number] + offset - self._starts[number]

    def span(self, span: Span) -> Span:
        """Where in the file a part of the TOML stands, without what is before the line it begins in."""
        start, end = span
        place = self.offset(start)
        return (place, self.offset(end - 1) + 1) if end > start else (place, place)

    def entry(self, span: Span) -> Span:
        """What to delete in the file to take a part out of the TOML: of whole lines the prefixes too."""
        numbers = [bisect_right(self._starts, offset) - 1 for offset in span]
        if span[0] < span[1] and all(self._starts[number] == at for number, at in zip(numbers, span, strict=True)):
            return self._lines[numbers[0]], self._lines[numbers[1]]
        return self.span(span)

    def move(self, value: Value) -> None:
        """Move all places of a tree from the TOML into the file."""
        value.span = self.span(value.span)
        if isinstance(value, Text):
            value.inner = self.span(value.inner)
        elif isinstance(value, List):
            value.entries = [self.entry(entry) for entry in value.entries]
            for item in value.items:
                self.move(item)
        elif isinstance(value, Map):
            for entry in value.entries.values():
                entry.key_span, entry.span = self.span(entry.key_span), self.entry(entry.span)
                self.move(entry.value)


def read(manifest: Manifest) -> bool:
    """Read the block of a file into its manifest; whether there is one.

    Nothing is asked of the versions: the role is that of input (``docs/formats.md`` says why). What no tool can read is a
    problem of the manifest.
    """
    blocks = list(_blocks(manifest))
    if not blocks:
        return False
    for block in blocks[1:]:
        message = "a script has one block of metadata, and this is a second one: no tool runs it"
        report(manifest, block.head, message, help="write all of it in one block")
    _read_block(manifest, blocks[0])
    return True


def _blocks(manifest: Manifest) -> Iterator[_Block]:
    """The blocks of a file; one that is not closed is reported, and passed over."""
    text = manifest.source.text
    lines = [(match[1], match[2], match.start()) for match in _LINE.finditer(text) if match.end() > match.start()]
    comments: set[int] | None = None
    number = 0
    while number < len(lines):
        line, _, start = lines[number]
        number += 1
        if line != SIGN:
            continue
        if '"""' in text[:start] or "'''" in text[:start]:
            comments = _comment_rows(text) if comments is None else comments
            if number not in comments:
                continue
        stop = number
        while stop < len(lines) and _CONTENT.fullmatch(lines[stop][0]):
            stop += 1
        last = next((row for row in reversed(range(number, stop)) if lines[row][0] == _END), None)
        head = (start, start + len(line))
        if last is None:
            _report_open(manifest, head, lines[stop] if stop < len(lines) else None)
            number = stop
            continue
        block = _Block(head)
        for content, end, begin in lines[number:last]:
            block.add(content + end, begin)
        block.close(lines[last][2])
        number = last + 1
        yield block


def _comment_rows(text: str) -> set[int]:
    """The rows, from 1, at whose beginning a comment stands, as far as the text can be read as Python."""
    import io
    import tokenize

    rows: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and token.start[1] == 0:
                rows.add(token.start[0])
    except (tokenize.TokenError, SyntaxError):
        pass
    return rows


def _report_open(manifest: Manifest, head: Span, line: tuple[str, str, int] | None) -> None:
    """Report a block that nothing closes; ``line``: the first one that is none of it."""
    help_ = f"write `{_END}` behind the last line of it"
    if line is not None and line[0].startswith("#"):
        row = manifest.source.row(line[2])
        help_ = f"in line {row} a blank is missing behind the `#`, which ends the block before it is closed"
    report(manifest, head, "this block of script metadata is not closed, so no tool reads it", help=help_)


def _read_block(manifest: Manifest, block: _Block) -> None:
    """Read the TOML of a block."""
    try:
        document = parse(block.text)
    except TomlError as error:
        start = block.offset(error.offset)
        span = (start, min(len(manifest.source.text), start + 1))
        report(manifest, span, f"the metadata of this script is no TOML: {error.reason}", rule="unreadable-file")
        return
    block.move(document)
    _check_keys(manifest, document)
    _read_python(manifest, document)
    add_list(manifest, document.get("dependencies"), Group("runtime", "input"))
    uv = document.map("tool", "uv")
    if uv is not None:
        from reqlint.formats import _uv

        for key in _OF_PROJECTS & uv.entries.keys():
            entry = uv.entries[key]
            message = f"`{key}` belongs to a project, into pyproject.toml: uv refuses the script"
            report(manifest, entry.key_span, message, scope=entry.span)
        _uv.read(manifest, uv, document)


def _check_keys(manifest: Manifest, document: Map) -> None:
    """Report what is written where no tool looks for it."""
    entry = document.entries.get("requires_python")
    if entry is not None:
        message = "no tool reads `requires_python`"
        report(manifest, entry.key_span, message, rule="ignored-text", help="write `requires-python`", scope=entry.span)
    for name in ("project", "run"):
        entry = document.entries.get(name)
        for key in ("dependencies", "requires-python"):
            if entry is not None and document.get(name, key) is not None and key not in document.entries:
                message = f"no tool reads `[{name}]` in a script"
                help_ = f"write `{key}` without that header"
                report(manifest, entry.key_span, message, rule="ignored-text", help=help_, scope=entry.span)
                break


def _read_python(manifest: Manifest, document: Map) -> None:
    """``requires-python``: a specifier."""
    value = document.get("requires-python")
    if value is None:
        return
    if isinstance(value, Text):
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            SpecifierSet(value.text)
            manifest.python = value.text
        except InvalidSpecifier:
            help_ = f"write `>={value.text}`" if re.fullmatch(r"\d+(?:\.\d+)*", value.text) else "write `>=3.11`"
            message = "`requires-python` is no range of versions, so no tool runs the script"
            report(manifest, value.inner, message, help=help_, scope=document.entries["requires-python"].span)
        return
    report(manifest, value.span, "`requires-python` must be a string", scope=document.entries["requires-python"].span)
