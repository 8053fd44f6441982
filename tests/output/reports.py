"""What the tests of the output formats share: reports of findings made by hand, and texts that are hard to write down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reqlint.diagnostic import Diagnostic, Label
from reqlint.fixes import Fix
from reqlint.model import Manifest
from reqlint.output import Report
from reqlint.redaction import Redactor
from reqlint.source import Source, Span

if TYPE_CHECKING:
    from reqlint.diagnostic import Severity

#: Names that a file can have and that some format must write in another way.
NAMES = [
    "a b.txt",
    "100%.txt",
    "%0A%5D%3B%25.txt",
    "a,b=c;d.txt",
    "::error::x.txt",
    "C:x.txt",
    "#x?y&z.txt",
    "[x](y)`z`|w*_~.txt",
    "<b>&amp;'\".txt",
    "##vso[task.complete]x.txt",
    "##[error]x.txt",
    "日本é😀.txt",
    "folder/new\nline::error::x.txt",
    "carriage\rreturn.txt",
]

#: What a message may hold, since it quotes the file.
MESSAGES = [
    "50% of, a: b; c=d [e] {0}",
    "%25%0A%AZP25%5D%3B",
    "::stop-commands::x",
    "\r\n::error::b",
    "##[error]x ##vso[task.complete result=Failed;]",
    "</failure>]]><!-- &amp; '\" -->",
    "| `a|b` | **c** _d_ [e](1) <b>f</b> ~~g~~ $h$ :x: @i #1 \\",
    "`a` and `b` and a lone ` there",
    "日本 é 😀 e\u0301",
    "\x1b[31m\x00\x07\x7f\x85\u2028\u202e\ufffe\uffff\ud800",
]


def finding(
    source: Source,
    span: Span = (0, 5),
    message: str = "message",
    *,
    code: str = "RQ101",
    name: str = "unpinned",
    severity: Severity = "error",
    advice: str = "",
    fix: Fix | None = None,
    related: Sequence[Label] = (),
    dependency: str | None = None,
) -> Diagnostic:
    """A finding as the linter would hand it over."""
    item = Diagnostic(source, span, message, help=advice, fix=fix, related=related, dependency=dependency)
    item.code, item.name, item.severity = code, name, severity
    return item


def report(*items: Diagnostic, clean: Sequence[str] = ()) -> Report:
    """A report of these findings, and of files at ``clean`` that have none."""
    sources = {id(item.source): item.source for item in items}
    read = [*sources.values(), *(Source(path, "flask==1\n") for path in clean)]
    labels = [label.source for item in items for label in item.related]
    manifests = [Manifest(source, "requirements.txt", "application") for source in read]
    return Report(items, manifests, Redactor([*read, *labels]))
