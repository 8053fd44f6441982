"""What setup.cfg and setup.py have in common: the keywords that hold requirements, and how setuptools reads a list of them.

Source: setuptools' documentation of its keywords, and its ``_reqs.parse_strings``.
"""

from __future__ import annotations

import re

from reqlint.formats._pep508 import DEVELOPMENT_NAMES, add, report
from reqlint.formats._tree import Text
from reqlint.model import Group
from reqlint.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reqlint.model import Dependency, Manifest, Role
    from reqlint.source import Span

_OPTION = re.compile(r"--?[a-zA-Z]")
_LINES = re.compile(r"[\r\n]")


class Chunk:
    """One string that setuptools is to read as a requirement.

    ``text``: without the blanks around; ``span``: where it stands, or what computes it; ``entry``: delete this span and
    exactly this string is gone; ``plain``: whether ``span`` holds the text as it is; ``templated``: whether a part of it
    is known only when the file runs, and stands in the text as ``${…}``.
    """

    __slots__ = ("entry", "plain", "span", "templated", "text")

    def __init__(self, text: str, span: Span, entry: Span, *, plain: bool = True, templated: bool = False) -> None:
        """Keep the parts."""
        self.text = text
        self.span = span
        self.entry = entry
        self.plain = plain
        self.templated = templated

    def head(self, length: int) -> Chunk:
        """The chunk cut off behind ``length`` characters, and behind the last of them that is no blank."""
        text = self.text[:length].rstrip()
        span = (self.span[0], self.span[0] + len(text)) if self.plain else self.span
        return Chunk(text, span, self.entry, plain=self.plain, templated=self.templated)


def requirements(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """The requirements among strings, as setuptools reads them.

    Empty ones and those that begin with ``#`` are left out; a comment begins at a blank and ``#``; one that ends in a
    backslash goes on with the next, the character before the backslash lost.
    """
    lines = (chunk.head(_comment(chunk.text)) for chunk in chunks if chunk.text and chunk.text[0] != "#")
    for line in lines:
        joined = line
        while joined.text.endswith("\\"):
            following = next(lines, None)
            if following is None:
                return
            joined = Chunk(
                joined.text[:-2].strip() + following.text,
                _around(joined.span, following.span),
                _around(joined.entry, following.entry),
                plain=False,
                templated=joined.templated or following.templated,
            )
        yield joined


def _comment(text: str) -> int:
    """Where the comment begins, or the length of the text."""
    found = text.find(" #")
    return found if found >= 0 else len(text)


def _around(one: Span, other: Span) -> Span:
    return min(one[0], other[0]), max(one[1], other[1])


def add_requirement(manifest: Manifest, chunk: Chunk, group: Group) -> Dependency | None:
    """Add one requirement as a dependency; returns it, or None when setuptools refuses it (which is reported)."""
    span = chunk.span
    begin = len(manifest.problems)
    dependency = add(manifest, Text(chunk.text, span, span, plain=chunk.plain), chunk.entry, group)
    if dependency is not None:
        return dependency
    problem = manifest.problems[begin]
    problem.label = "setuptools refuses this"
    if chunk.templated:
        del manifest.problems[begin:]
        report_dynamic(
            manifest, span, "this requirement is put together when the file runs, so it is not checked", chunk.entry
        )
    elif _OPTION.match(chunk.text):
        problem.message = "an option of a requirements file means nothing to setuptools"
        problem.help = "write `name @ url` for a repository or an archive, and keep the rest in a requirements file"
    return None


def report_dynamic(manifest: Manifest, span: Span, message: str, scope: Span | None = None) -> None:
    """Note dependencies that cannot be read without running the file."""
    help_ = "write them as literals, or declare them in pyproject.toml"
    report(manifest, span, message, rule="dynamic-dependencies", help=help_, scope=scope)


def report_links(manifest: Manifest, span: Span, scope: Span) -> None:
    """Note ``dependency_links``: pip has ignored them since 19.0."""
    help_ = "write `name @ url` where the dependency is required, or give pip the index with `--extra-index-url`"
    message = "pip has ignored `dependency_links` since 19.0, so nothing is installed from them"
    report(manifest, span, message, rule="dependency-links", help=help_, scope=scope)


def extra_group(name: str | None, role: Role) -> Group:
    """The group of an extra: nothing is asked of the versions in one that only developers install."""
    development = name is not None and normalize(name) in DEVELOPMENT_NAMES
    return Group("extra", "development" if development else role, name)


def excerpt(text: str, span: Span) -> Span:
    """The span up to the end of its first line: a finding about much text underlines only its beginning."""
    match = _LINES.search(text, span[0], span[1])
    return (span[0], match.start()) if match is not None and match.start() > span[0] else span
