"""YAML as programs write it: read fast where every line is of a few plain shapes, and by PyYAML where one is not.

Locks of conda's tools hold tens of thousands of lines, for which PyYAML takes a second even with libyaml. What is here takes a
tenth of that. It reads only block mappings and sequences with a scalar on each line, and gives up, rather than guess, at the
first line that is anything else; then PyYAML reads it all.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A plain scalar begins with none of YAML's indicators, and holds neither `: ` nor ` #`; nor do ours end in `:` or a space.
_PLAIN = r"[\w./<=~+(^$][^:#\n]*(?:(?::(?=[^ \n])|(?<! )#)[^:#\n]*)*(?<! )"
_QUOTED = r"""'((?:[^'\n]|'')*)'|"([^"\\\n]*)\""""
#: Indentation, dash, key, and the value: plain, in single or double quotes, or empty brackets.
_LINE = re.compile(rf"( *)(- )?(?:(\w[\w.+-]{{0,200}}):(?: |\Z))?(?:({_PLAIN})|{_QUOTED}|(\{{\}}|\[\]))?", re.ASCII)
_OTHER_CHARACTER = re.compile(r"[^\n -~]")


def load(data: bytes) -> Any:
    """What a YAML document holds, with all scalars as text and "" for what is empty; None for what is no YAML.

    The same as ``yaml.load(data, yaml.BaseLoader)`` gives.
    """
    found = load_simple(data)
    return _load_any(data) if found is None else found


def load_simple(data: bytes) -> dict[str, Any] | None:
    """What a document of the plain shapes holds; None when a line has another shape."""
    text = data.decode("latin-1").replace("\r\n", "\n")
    if _OTHER_CHARACTER.search(text):
        return None
    try:
        return _read_lines(text.split("\n"))
    except _OtherShapeError:
        return None


class _OtherShapeError(Exception):
    """A line that is none of the plain shapes, or stands where it cannot be told what it belongs to."""


def _read_lines(lines: list[str]) -> dict[str, Any] | None:
    root: dict[str, Any] = {}
    # The containers that are open, and how far their content is indented.
    stack: list[tuple[int, Any]] = [(0, root)]
    column, top = stack[0]
    pending: str | None = None  # a key of the innermost mapping whose value may be on the next lines
    value: Any
    match = _LINE.fullmatch
    for line in lines:
        found = match(line)
        if found is None:
            if line.lstrip(" ").startswith("#"):
                continue
            raise _OtherShapeError
        spaces, dash, key, plain, single, double, empty = found.groups()
        if key is None and dash is None:
            if not line.strip(" "):
                continue
            raise _OtherShapeError
        indent = len(spaces)
        if pending is not None:
            # A sequence may stand right below its key, a mapping is indented further.
            if indent > column or (dash is not None and indent == column):
                value = {} if dash is None else []
                top[pending] = value
                column, top = indent, value
                stack.append((column, top))
            pending = None
        while column > indent or (column == indent and dash is None and type(top) is list):
            stack.pop()
            if not stack:
                raise _OtherShapeError
            column, top = stack[-1]
        if column != indent or (dash is not None) is not (type(top) is list):
            raise _OtherShapeError
        if plain is not None:
            value = plain
        elif single is not None:
            value = single.replace("''", "'")
        elif double is not None:
            value = double
        elif empty is not None:
            value = {} if empty == "{}" else []
        elif key is None:
            raise _OtherShapeError  # what a dash stands for is on the next lines
        else:
            value = ""
            pending = key
        if dash is not None:
            if key is None:
                top.append(value)
                continue
            item: dict[str, Any] = {}
            top.append(item)
            column, top = indent + 2, item
            stack.append((column, top))
        top[key] = value
    return root or None


def _load_any(data: bytes) -> Any:
    import yaml

    # PyYAML can be without libyaml.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return yaml.load(data, loader)  # noqa: S506 - it makes nothing but text, lists and dicts
    except yaml.YAMLError:
        return None
