"""Markdown, as GitHub and GitLab render it: a table for each file, for the summary of a job or a comment.

Nothing in it is taken for markup that a file holds. GitHub refuses a summary that is larger than 1 MiB, so what does not fit
is left out, and said to be.
"""

from __future__ import annotations

from reqlint.output import plural, summary, visible
from reqlint.output._ci import Paths, scalar, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.diagnostic import Diagnostic
    from reqlint.output import Report
    from reqlint.redaction import Redactor

#: What GitHub takes, in bytes of UTF-8.
_LIMIT = 1024 * 1024
#: The same, less what other programs may write into the same summary, and the note on what is left out.
_MOST = _LIMIT - 16 * 1024
_NOTE = 100

_HEAD = "\n| place | rule | finding |\n|---|---|---|\n"
_MARKUP = {ord(letter): f"&#{ord(letter)};" for letter in "\\`*_[]<>|&~$:"}
_MARKUP[ord("@")] = "&#64;<!-- -->"  # so that it makes neither an address nor a mention of somebody with what follows


def addition(report: Report, size: int) -> str:
    """What is to be appended to a summary of ``size`` bytes: the report, or as much as there is room for; perhaps nothing."""
    gap = "\n\n" if size else ""
    room = _LIMIT - size - len(gap) - _NOTE
    text = gap + render(report, min(room, _MOST))
    return text if size + len(text.encode("utf-8", "backslashreplace")) <= _LIMIT else ""


def render(report: Report, most: int = _MOST) -> str:
    """A heading, the summary, and the tables, in the order of the files: of them as much as ``most`` bytes of UTF-8 hold."""
    redact = report.redact
    paths = Paths(redact)
    text = f"## reqlint\n\n{_escaped(summary(report))}\n"
    size, shown, path = len(text.encode()), 0, None
    pieces = [text]
    for item in report.diagnostics:
        piece = _row(item, redact)
        if item.source.path != path:
            path = item.source.path
            piece = f"\n### {_code(visible(scalar(paths(path))))}\n{_HEAD}{piece}"
        size += len(piece.encode())
        if size > most:
            break
        pieces.append(piece)
        shown += 1
    left_out = len(report.diagnostics) - shown
    if left_out:
        pieces.append(f"\n… and {plural(left_out, 'more finding')}, for which there is no room here.\n")
    return "".join(pieces)


def _row(item: Diagnostic, redact: Redactor) -> str:
    row, column = item.source.position(item.span[0])
    text = _marked(words(item.message, redact))
    if item.help:
        text += f"<br>help: {_marked(words(item.help, redact))}"
    return f"| {row}:{column} | {item.severity} {_code(item.code)} {_escaped(item.name)} | {text} |\n"


def _marked(text: str) -> str:
    """A text with what stands in backquotes as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _escaped(text)
    return "".join(_code(part) if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _code(text: str) -> str:
    return f"<code>{_escaped(text)}</code>"


def _escaped(text: str) -> str:
    """A text in which no renderer finds markup."""
    return text.translate(_MARKUP).replace("www.", "www&#46;")
