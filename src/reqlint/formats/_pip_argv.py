"""The arguments that a command line gives to ``pip install`` or ``uv pip install``: words, not the lines of a file.

Each argument is a word already, so nothing is split at blanks here. Sources: pip's documentation of ``pip install`` (26.3) and
uv's of ``uv pip install``.
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.formats._pip_options import is_host
from reqlint.formats.requirements_txt import Line, OpaqueLine, Reader
from reqlint.model import Include, Index, Problem, Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reqlint.model import Dependency, Group, IndexKind, Manifest
    from reqlint.source import Span

_INCLUDES = {"-r": "requirement", "--requirement": "requirement", "--requirements": "requirement"}
_INCLUDES |= {"-c": "constraint", "--constraint": "constraint", "--constraints": "constraint"}
_EDITABLE = ("-e", "--editable")
_INDEXES: dict[str, IndexKind] = {
    "-i": "index",
    "--index-url": "index",
    "--pypi-url": "index",
    "--default-index": "index",
    "--extra-index-url": "extra-index",
    "--index": "extra-index",
    "-f": "find-links",
    "--find-links": "find-links",
}
_SETTINGS = {"--pre": "pre-releases", "--no-index": "no-index", "--require-hashes": "require-hashes"}
_TRUSTED = "--trusted-host"
_UNKNOWN = re.compile(r"\$\{[^}]*\}")
#: Other options that take a value, which is no requirement; with some of uv's and pipx's.
WITH_VALUE = frozenset(
    "-t --target -d --dest --download --platform --python-version --python-platform --implementation --abi --root --prefix "
    "--src -b --build --cache-dir --log --proxy --retries --timeout --exists-action --cert --client-cert --progress-bar "
    "--report --upgrade-strategy -C --config-setting --config-settings --global-option --install-option --build-option "
    "--hash -p --python --use-feature --use-deprecated --no-binary --only-binary --no-binary-package --keyring-provider "
    "--exclude-newer --index-strategy --link-mode --resolution --prerelease --fork-strategy --group --extra --override "
    "--overrides --build-constraint --build-constraints --torch-backend --refresh-package --reinstall-package "
    "--upgrade-package -P --no-build-isolation-package --root-user-action --resume-retries --uploaded-prior-to "
    "--all-releases --only-final --requirements-from-script --directory --project --config-file --color "
    "--pip-args --suffix --preinstall".split()
)


#: Options of one letter without a value, which may stand before another one: ``-qr requirements.txt``.
_FLAGS = "UqvIhV"


class Word:
    """One argument: its ``text``, the ``span`` where that stands, and the ``entry`` to delete to be rid of it.

    ``plain``: whether the text stands in the file as it is; ``known``: whether all of it is known, else a part stands in it
    as ``${…}``, or nothing at all is known and the text is empty.
    """

    __slots__ = ("entry", "known", "plain", "span", "text")

    def __init__(self, text: str, span: Span, entry: Span, *, plain: bool = True, known: bool = True) -> None:
        """Keep the parts."""
        self.text = text
        self.span = span
        self.entry = entry
        self.plain = plain
        self.known = known

    def tail(self, start: int) -> Word:
        """The text from an index on, as a word."""
        text, span = self.part(start)
        return Word(text, span, self.entry, plain=self.plain, known=self.known)

    def part(self, start: int) -> tuple[str, Span]:
        """The text from an index on, and where it stands."""
        return self.text[start:], (self.span[0] + start, self.span[1]) if self.plain else self.span


class ArgvReader:
    """Reads the arguments behind ``install`` into a manifest."""

    def __init__(self, manifest: Manifest, group: Group) -> None:
        """``group``: of all that the arguments ask for."""
        self.manifest = manifest
        self.group = group
        self.lines = Reader(manifest, group)

    def read(self, words: Iterable[Word]) -> None:
        """Read the arguments of one command."""
        rest = iter(words)
        for word in rest:
            text = word.text
            if text == "--":
                continue
            if text.startswith("-") and len(text) > 1:
                self._option(word, rest)
            elif text.strip():
                self._requirement(word)

    def _option(self, word: Word, rest: Iterator[Word]) -> None:
        """One option, with its value behind it or in the next word."""
        name, value = _split(word.text)
        takes = name in _INCLUDES or name in _EDITABLE or name in _INDEXES or name == _TRUSTED or name in WITH_VALUE
        holder, start = word, len(word.text) - len(value or "")
        if takes and value is None:
            following = next(rest, None)
            if following is None:
                return
            holder, start = following, 0
        text, span = holder.part(start)
        entry = _around(word.entry, holder.entry)
        if takes and holder is word and text[:1] == " " and text.strip():
            self._report_joined(word, name, start)
            text, span = text.strip(), (span[0] + len(text) - len(text.lstrip()), span[1]) if word.plain else span
        if name in _INCLUDES:
            self._include(name, text, span, entry, holder)
        elif name in _EDITABLE:
            self._requirement(Word(text, span, entry, plain=holder.plain, known=holder.known), editable=True)
        elif name in _INDEXES:
            if holder.text and holder.known:
                self.manifest.indexes.append(Index(_INDEXES[name], text, span, entry, name))
        elif name == _TRUSTED:
            if holder.text and holder.known and is_host(text):
                self.manifest.settings.append(Setting("trusted-host", text, span, entry, name))
        elif name in _SETTINGS and not (name == "--pre" and self.group.role == "development"):
            # Where nothing is asked of versions, pre-releases may be meant to come in.
            self.manifest.settings.append(Setting(_SETTINGS[name], "", word.span, entry, name))

    def _report_joined(self, word: Word, name: str, start: int) -> None:
        """An option with its value in one argument and a blank between them, which pip takes for a part of the value."""
        lead = len(word.text) - start - len(word.text[start:].lstrip())
        cut = Edit(word.span[0] + start, word.span[0] + start + lead)
        fix = Fix("Take the blank out", [cut]) if word.plain else None
        message = f"this is one argument, so to pip the value of `{name}` begins with a blank"
        self.manifest.problems.append(
            Problem(
                "invalid-option", word.span, message, help="take the blank out", label="", fix=fix, scope=word.entry
            )
        )

    def _include(self, name: str, path: str, span: Span, entry: Span, holder: Word) -> None:
        """``-r`` or ``-c``."""
        if not holder.known or not path.strip():
            return
        kind = _INCLUDES[name]
        self.manifest.includes.append(
            Include(path, "constraint" if kind == "constraint" else "requirement", span, entry, self.group.role)
        )

    def _requirement(self, word: Word, *, editable: bool = False) -> None:
        """A requirement; one of which a part is not known counts as far as it can be read."""
        manifest = self.manifest
        lead = len(word.text) - len(word.text.lstrip())
        text = word.text.strip()
        line = Line(text, word.span[0] + lead, word.entry) if word.plain else OpaqueLine(text, word.span, word.entry)
        known, noted = len(manifest.dependencies), len(manifest.problems)
        if not word.known:
            line.text = _UNKNOWN.sub("${X}", text)
        self.lines.take(line, editable=editable)
        if not word.known:
            del manifest.problems[noted:]
            for dependency in manifest.dependencies[known:]:
                dependency.text = text
                _forget_version(dependency)
        for problem in manifest.problems[noted:]:
            self._adapt(problem)

    def _adapt(self, problem: Problem) -> None:
        """Leave out a fix that cannot be written into a string."""
        if problem.fix is not None and any(set(edit.content) & set("\r\n\"'\\") for edit in problem.fix.edits):
            problem.fix = None


def _forget_version(dependency: Dependency) -> None:
    """Say nothing of a version that is not known: where this is used, none is asked for."""
    if any(clause.templated for clause in dependency.constraints):
        dependency.constraints = dependency.parts.constraints = ()


def _split(text: str) -> tuple[str, str | None]:
    """The name of an option, and its value when that stands in the same word."""
    if text.startswith("--"):
        name, equals, value = text.partition("=")
        return name, value if equals else None
    text = re.sub(rf"^-[{_FLAGS}]+(?=[a-zA-Z])", "-", text)
    short = text[:2]
    takes = short in _INCLUDES or short in _EDITABLE or short in _INDEXES or short in WITH_VALUE
    return (short, text[2:] or None) if takes else (text, None)


def _around(one: Span, other: Span) -> Span:
    """The span of two entries that go together."""
    return min(one[0], other[0]), max(one[1], other[1])
