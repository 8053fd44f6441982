"""Shell text in YAML: the block or string as the shell gets it, every character in its place."""

from __future__ import annotations

import re

from reqlint.formats._shell import Script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.formats._tree import Text

_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\r?\n")


def script_of(value: Text, text: str) -> Script | None:
    """The shell text of a value in a file; None where escapes or folds leave no place for each character.

    An expression of GitHub's or GitLab's (``${{ … }}``) counts as a variable.
    """
    quotes = "\"'"
    start, end = value.span
    raw = text[start:end]
    header = _HEADER.match(raw)
    if header is not None:
        body, start = raw[header.end() :], start + header.end()
        if raw[0] == ">":
            body = re.sub(r"\r?\n(?=[ \t]*\S)", lambda found: " " * len(found[0]), body)
    elif value.plain:
        start, end = value.inner
        if (start, end) != value.span:
            quotes = quotes.replace(raw[0], "")
        body = text[start:end]
    else:
        return None
    return Script(_EXPRESSION.sub(lambda found: "$" + "_" * (len(found[0]) - 1), body), start, quotes=quotes)
