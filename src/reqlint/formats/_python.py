"""Python source with places: libcst's syntax tree of a module, whose nodes know where they stand.

CPython's own parser says first whether a text is Python at all: libcst's overflows the stack on what is nested too deeply,
and with it dies the process. Spans are half-open ranges of 0-based code-point offsets.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_left

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from reqlint.formats._python_values import TooComplexError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from libcst.metadata import CodeSpan

    from reqlint.source import Span

# libcst's parser recurses: from some 300 levels on it raises, and from some thousands on it kills the process.
_DEPTH = 200
# Up to which size a text that this Python refuses is tried all the same: it may be of a newer one.
_NEWER = 5000
_LINE_END = re.compile(r"\r\n|\r|\n")
_LITERAL = re.compile(
    r'"""(?:[^\\]|\\[\s\S])*?"""'
    r"|'''(?:[^\\]|\\[\s\S])*?'''"
    r'|"(?:[^"\\\n]|\\[\s\S])*"'
    r"|'(?:[^'\\\n]|\\[\s\S])*'"
)


class PythonError(ValueError):
    """The text is no Python: ``reason``, and the ``offset`` of the fault."""

    def __init__(self, reason: str, offset: int) -> None:
        """Keep both."""
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


class Tree:
    """A module of libcst's whose nodes know where they stand in the ``text``."""

    __slots__ = ("_bytes", "_offsets", "_spans", "module", "text")

    def __init__(self, text: str, module: cst.Module) -> None:
        """Work out the places of all nodes."""
        self.text = text
        self.module = module
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        self._spans: Mapping[cst.CSTNode, CodeSpan] = wrapper.resolve(ByteSpanPositionProvider)
        code = module.code
        self._offsets = None if code == text else _align(code, text)
        self._bytes: list[int] | None = None
        if not code.isascii():
            self._bytes = offsets = [0]
            for character in code:
                offsets.append(offsets[-1] + len(character.encode("utf-8", "surrogatepass")))

    def span(self, node: cst.CSTNode) -> Span:
        """Where a node stands, without the parentheses around it."""
        place = self._spans[node]
        return self._offset(place.start), self._offset(place.start + place.length)

    def _offset(self, offset: int) -> int:
        if self._bytes is not None:
            offset = bisect_left(self._bytes, offset)
        return offset if self._offsets is None else self._offsets[offset]


def _align(code: str, text: str) -> list[int]:
    """For each offset in the code that libcst gives back, the offset in the text: it drops form feeds and last line ends."""
    offsets = []
    position = 0
    for character in code:
        while text[position : position + 1] != character:
            if position >= len(text) or text[position] not in "\f\r\n":
                raise TooComplexError
            position += 1
        offsets.append(position)
        position += 1
    offsets.append(position)
    return offsets


def parse(text: str) -> Tree:
    """The tree of a text; raises PythonError when it is no Python, TooComplexError when it cannot be said."""
    refused = _refusal(text)
    if refused is not None and (
        len(text) > _NEWER or _bracket_depth(text) > _DEPTH // 2 or "(unicode error)" in refused.reason
    ):
        raise refused
    try:
        return Tree(text, cst.parse_module(text))
    except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError, MemoryError):
        raise refused or TooComplexError from None


def _refusal(text: str) -> PythonError | None:
    """What CPython's parser says against a text, if anything; raises TooComplexError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            if "too many" in error.msg:
                raise TooComplexError from None
            return PythonError(error.msg, _offset(text, error.lineno or 1, (error.offset or 1) - 1))
        except (RecursionError, MemoryError):
            raise TooComplexError from None
        except UnicodeEncodeError as error:
            return PythonError("it holds half of a surrogate pair", error.start)
        except ValueError:
            return PythonError("it holds a NUL character", max(0, text.find("\0")))
    if _is_deep(tree, text):
        raise TooComplexError
    return None


def _offset(text: str, row: int, column: int) -> int:
    """The offset of a row (from 1) and a column (from 0), within the text and the row."""
    start = 0
    for number, match in enumerate(_LINE_END.finditer(text), 1):
        if number == row:
            return min(start + max(column, 0), match.start())
        start = match.end()
    return min(start + max(column, 0), len(text))


def _bracket_depth(text: str) -> int:
    """How deep brackets are nested, strings and comments counted along: at least as deep as they are."""
    depth = most = 0
    for character in text:
        if character in "([{":
            depth += 1
            most = max(most, depth)
        elif character in ")]}" and depth:
            depth -= 1
    return most


def _is_deep(tree: ast.AST, text: str) -> bool:
    """Whether libcst's tree may be too deep: it nests some of what is flat in CPython's."""
    lines: list[str] | None = None
    pending = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        if isinstance(node, ast.BoolOp):
            depth += len(node.values)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            depth += len(node.generators)
        elif isinstance(node, ast.Constant | ast.JoinedStr):
            end_row, end = node.end_lineno or node.lineno, node.end_col_offset or 0
            if end_row - node.lineno > _DEPTH or end - node.col_offset > 2 * _DEPTH:
                lines = lines if lines is not None else _LINE_END.sub("\n", text).split("\n")
                depth += sum(1 for _ in _LITERAL.finditer("\n".join(lines[node.lineno - 1 : end_row])))
        if depth > _DEPTH:
            return True
        pending.extend((child, depth + 1) for child in ast.iter_child_nodes(node))
    return False


def element_entry(text: str, span: Span, before: int | None, *, keep_comma: bool = False) -> Span:
    """What to delete to be rid of one element of a list or one argument of a call, and of nothing else.

    Its lines when it has them to itself (a comment behind it goes along), else it and one comma. ``before``: where the
    element before it ends; ``keep_comma``: whether the comma before it must stay, as it makes the tuple.
    """
    start, end = span
    comma = _find_comma(text, end)
    whole = whole_lines(text, (start, comma + 1 if comma is not None else end))
    if whole is not None:
        return whole
    if comma is not None:
        after = comma + 1
        while text[after : after + 1] in (" ", "\t"):
            after += 1
        return start, after
    if before is not None and not keep_comma:
        previous = _find_comma(text, before)
        if previous is not None and "#" not in text[previous:start]:
            return previous, end
    return start, end


def _find_comma(text: str, start: int) -> int | None:
    """The offset of the comma behind an element, over blanks, line ends and comments; None when there is none."""
    position = start
    while position < len(text):
        character = text[position]
        if character == ",":
            return position
        if character == "#":
            match = _LINE_END.search(text, position)
            position = match.end() if match is not None else len(text)
        elif character.isspace() or text.startswith(("\\\n", "\\\r"), position):
            position += 1
        else:
            return None
    return None


def whole_lines(text: str, span: Span) -> Span | None:
    """The lines that a span stands in, with their ends, when nothing but blanks and a comment is beside it."""
    start, end = span
    begin = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    if text[begin:start].strip(" \t\f") or text[max(0, begin - 3) : begin].rstrip("\r\n").endswith("\\"):
        return None
    match = _LINE_END.search(text, end)
    rest = text[end : match.start() if match is not None else len(text)].strip(" \t\f")
    if rest and rest[0] != "#":
        return None
    return begin, match.end() if match is not None else len(text)
