"""environment.yml: what conda is to install, from which channels, and what pip is to install on top.

Sources: conda's documentation of environment files, conda 25 (``env/env.py``, ``env/installers/pip.py``), and conda-lock 4 for
the keys and the selectors (``# [linux]``) that it adds. The names of such files are anyone's: what is none by its content
gives an empty manifest that is marked as ``foreign``.

What is not plain to see:

- conda reads YAML strictly: a key that stands twice, or a second document, and it refuses the file;
- an item of the list that is no string stops it, but for ``pip:``, of which the last one counts;
- each item of the ``pip:`` list is a line of a requirements file that conda writes beside the environment.yml, so pip's
  rules hold there, options and all, and paths are relative to that folder.
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.formats._conda import add_spec
from reqlint.formats._tree import List, Map, Text
from reqlint.formats.requirements_txt import Line, OpaqueLine, Reader, logical_lines
from reqlint.model import Group, Index, Manifest, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._tree import Entry, Value
    from reqlint.formats._yaml import Mapping
    from reqlint.model import Role
    from reqlint.source import Source, Span

#: conda's own keys, and those that conda-lock reads beside them.
_OWN_KEYS = frozenset(
    "name channels dependencies prefix variables platforms category pip-repositories allow-pypi-requests".split()
)
#: Keys of other systems whose files have such names: GitHub, Kubernetes, Azure, MLflow's python_env.yaml, docker compose.
_FOREIGN_KEYS = frozenset(
    "jobs on apiVersion kind $schema build_dependencies steps stages services spec workflow include".split()
)
_DEPENDENCIES = re.compile(r"(?:\A|[\r\n])(?:[ \t]*|\{.*)[\"']?dependencies[\"']?[ \t]*:")
_TOP_LEVEL = re.compile(r"(?:\A|[\r\n])(?:dependencies|channels)[ \t]*:")
_TEMPLATED = re.compile(r"\{\{|\{%|<%")
_SPEC_LIKE = re.compile(r"python\b|[\w.-]+ *[<>=!~]|[\w./-]+::")
_PIP = re.compile(r"(?:\S*::)?pip(?=[\s<>=!~\[]|$)", re.IGNORECASE)
_VERSION = re.compile(r"[0-9][\w.*]*|[<>=!~]=?[0-9][\w.,<>=!*]*", re.ASCII)
_INDENT = re.compile(r"[ \t]*")
_SELECTOR = re.compile(r"[\"']?[ \t]*#[ \t]*\[([^\[\]\r\n]{1,100})\][ \t]*(?=[\r\n]|$)")

_LINUX, _MAC, _WINDOWS = 'sys_platform == "linux"', 'sys_platform == "darwin"', 'sys_platform == "win32"'
#: What a selector comes to as a marker (PEP 508).
_MARKERS = {
    "linux": _LINUX,
    "osx": _MAC,
    "win": _WINDOWS,
    "unix": 'sys_platform != "win32"',
    "linux64": f'{_LINUX} and platform_machine == "x86_64"',
    "linux-64": f'{_LINUX} and platform_machine == "x86_64"',
    "linux-aarch64": f'{_LINUX} and platform_machine == "aarch64"',
    "linux-ppc64le": f'{_LINUX} and platform_machine == "ppc64le"',
    "aarch64": f'{_LINUX} and platform_machine == "aarch64"',
    "ppc64le": f'{_LINUX} and platform_machine == "ppc64le"',
    "osx64": f'{_MAC} and platform_machine == "x86_64"',
    "osx-64": f'{_MAC} and platform_machine == "x86_64"',
    "osx-arm64": f'{_MAC} and platform_machine == "arm64"',
    "arm64": 'platform_machine == "arm64"',
    "win64": _WINDOWS,
    "win-64": _WINDOWS,
    "win32": _WINDOWS,
    "not linux": 'sys_platform != "linux"',
    "not osx": 'sys_platform != "darwin"',
    "not win": 'sys_platform != "win32"',
    "not unix": _WINDOWS,
    "not arm64": 'platform_machine != "arm64"',
}


def read(source: Source, role: Role | None) -> Manifest:
    """Read an environment file; ``role``: what is asked of its packages, an application's unless told otherwise.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "environment.yml", role or "application")
    manifest.foreign = True
    if source.fault is not None:
        manifest.foreign = _TOP_LEVEL.search(source.text) is None
        return manifest
    if not _DEPENDENCIES.search(source.text):
        return manifest
    from reqlint.formats._yaml import Mapping, YamlError, parse

    try:
        documents = parse(source.text)
    except YamlError as error:
        if _TOP_LEVEL.search(source.text) and not _TEMPLATED.search(source.text):
            manifest.foreign = False
            _report_broken(manifest, error.offset, f"this is no YAML: {error.reason}")
        return manifest
    first = documents[0] if documents else None
    if isinstance(first, Mapping) and _is_environment(first):
        manifest.foreign = False
        _Reader(manifest).read(first, documents[1:])
    return manifest


def read_embedded(manifest: Manifest, document: Mapping, name: str) -> None:
    """Read an environment that stands in a file of several; ``name``: what it is called there.

    Such are solved by conda-lock, which adds ``pip`` where it lacks, and takes all ``pip:`` lists there are.
    """
    _Reader(manifest, name).read(document, [])


def _report_broken(manifest: Manifest, offset: int, message: str) -> None:
    """A fault for which conda refuses the file: at a character, or at the end of the line when nothing stands there."""
    text = manifest.source.text
    start = min(offset, max(len(text) - 1, 0))
    while start > 0 and text[start] in "\r\n":
        start -= 1
    span = (start, min(start + 1, len(text)))
    manifest.problems.append(Problem("unreadable-file", span, message, label="conda stops here"))


def _is_environment(document: Map) -> bool:
    """Whether a mapping is a conda environment, and not a file of another system under such a name."""
    keys = document.entries.keys()
    dependencies = document.get("dependencies")
    if dependencies is None or keys & _FOREIGN_KEYS:
        return False
    if not isinstance(dependencies, List):
        return dependencies.data is None and keys <= _OWN_KEYS
    if isinstance(document.get("channels"), List):
        return True
    if "python" in keys:
        return False  # MLflow's python_env.yaml
    texts = [item.text for item in dependencies.items if isinstance(item, Text)]
    if any(isinstance(item, Map) and "pip" in item.entries for item in dependencies.items):
        return True
    if keys <= _OWN_KEYS:
        return bool(texts) or not dependencies.items
    return any(_SPEC_LIKE.match(text) for text in texts)


class _Item:
    """One item of a list: its ``value``, the span of its ``entry``, and whether the list stands in brackets."""

    __slots__ = ("entry", "inline", "value")

    def __init__(self, value: Value, entry: Span, *, inline: bool) -> None:
        self.value = value
        self.entry = entry
        self.inline = inline


class _Reader:
    """Reads one environment."""

    def __init__(self, manifest: Manifest, name: str | None = None) -> None:
        """``name``: of the environment, where the file holds several."""
        self.manifest = manifest
        self.source = manifest.source
        self.text = manifest.source.text
        self.conda = Group("runtime" if name is None else "group", manifest.role, name)
        self.pip = Group("runtime", manifest.role, "pip") if name is None else self.conda
        self.embedded = name is not None
        self.lists_pip = False

    def read(self, document: Mapping, others: list[Value]) -> None:
        """Read the first document; conda takes no other."""
        for entry in document.repeated:
            self._report_repeated(entry)
        self._read_channels(document)
        self._read_dependencies(document)
        prefix = document.entries.get("prefix")
        if prefix is not None and prefix.value.data is not None:
            self._report_prefix(prefix)
        if others:
            mark = self.text.rfind("---", 0, others[0].span[0] + 3)
            self._report(
                "ignored-text",
                (max(mark, 0), max(mark, 0) + 3),
                "a second YAML document, which micromamba drops, and for which conda refuses the file",
                label="nothing below is installed",
                help="give it a file of its own",
            )

    def _report(
        self,
        rule: str,
        span: Span,
        message: str,
        *,
        label: str = "conda stops here",
        help: str = "",  # noqa: A002 - as in a Diagnostic
        fix: Fix | None = None,
        scope: Span | None = None,
    ) -> None:
        """Note a problem."""
        self.manifest.problems.append(Problem(rule, span, message, label=label, help=help, fix=fix, scope=scope))

    def _report_repeated(self, entry: Entry) -> None:
        """A key that stands twice in one mapping."""
        message = f"the key `{entry.key}` stands twice, and conda refuses the file"
        self._report("unreadable-file", entry.key_span, message, help="make one of the two")

    def _report_prefix(self, prefix: Entry) -> None:
        """``prefix:``, which ``conda env export`` writes and conda ignores."""
        self._report(
            "machine-path",
            (prefix.key_span[0], max(prefix.key_span[1], prefix.value.span[1])),
            "`prefix` is a folder on the machine of whoever exported this",
            label="nobody else has this folder",
            help="delete the line; `name` says what the environment is called",
            fix=Fix("Delete the `prefix`", [Edit(*prefix.span)]),
            scope=prefix.span,
        )

    # Channels

    def _read_channels(self, document: Map) -> None:
        """``channels:``, a list of names and URLs."""
        channels = document.get("channels")
        if channels is None or channels.data is None:
            return
        if not isinstance(channels, List):
            fix = None
            if isinstance(channels, Text):
                start, end = channels.span
                fix = Fix("Make a list of it", [Edit(start, start, "["), Edit(end, end, "]")])
            message = "`channels` must be a list"
            self._report("invalid-requirement", channels.span, message, help="write `channels: [conda-forge]`", fix=fix)
            return
        for item in _items(channels):
            value = item.value
            if isinstance(value, Text):
                span = value.inner if value.plain else value.span
                self.manifest.indexes.append(Index("channel", value.text, span, item.entry, "channels", tool="conda"))
            else:
                self._report_item(item, "a channel must be a string", "conda-forge")

    # Dependencies

    def _read_dependencies(self, document: Map) -> None:
        """``dependencies:``, a list of specs, and of mappings of which conda knows ``pip:`` alone."""
        dependencies = document.get("dependencies")
        if not isinstance(dependencies, List):
            return
        pip: list[tuple[Entry, _Item]] = []
        for item in _items(dependencies):
            value = item.value
            if isinstance(value, Text):
                self._read_spec(item, value)
            elif isinstance(value, Map):
                pip += [(entry, item) for entry in self._read_mapping(item, value)]
            else:
                self._report_item(item, "an item must be a string", "python=3.12")
        if self.embedded:
            for entry, _ in pip:
                self._read_pip(entry)
            return
        for entry, item in pip[:-1]:
            self._report(
                "second-pip-list",
                entry.key_span,
                "a second `pip:` list follows, and conda reads only the last one",
                label="none of this is installed",
                help="make one list of the two",
                fix=self._joining((entry, item), pip[-1]),
                scope=entry.key_span,
            )
        if pip:
            entry, item = pip[-1]
            if not self.lists_pip and entry.value.data:
                self._report_missing_pip(entry, item)
            self._read_pip(entry)

    def _joining(self, first: tuple[Entry, _Item], last: tuple[Entry, _Item]) -> Fix | None:
        """Put the lines of one ``pip:`` list before those of the last; None unless both are plain blocks, alike indented."""
        lines: list[Span] = []
        for entry, item in (first, last):
            value = entry.value
            alone = isinstance(item.value, Map) and list(item.value.entries) == ["pip"]
            if not alone or item.inline or not isinstance(value, List) or getattr(value, "inline", False):
                return None
            if not value.entries:
                return None
            lines.append((value.entries[0][0], value.entries[-1][1]))
        moved, before = (self.text[slice(*span)] for span in lines)
        if _INDENT.match(moved)[0] != _INDENT.match(before)[0] or not moved.endswith("\n"):  # type: ignore[index]
            return None
        edits = [Edit(*first[1].entry), Edit(lines[1][0], lines[1][0], moved)]
        return Fix("Make one list of the two", edits, "unsafe")

    def _read_spec(self, item: _Item, value: Text) -> None:
        """A conda package."""
        self.lists_pip = self.lists_pip or _PIP.match(value.text.strip()) is not None
        whole = value.text.partition("#")[0]
        text = whole.strip()
        if not text:
            self._report_item(item, "the item is empty", "python=3.12")
            return
        start = value.inner[0] + len(whole) - len(whole.lstrip())
        span = (start, start + len(text)) if value.plain else value.span
        dependency = add_spec(self.manifest, self.conda, text, span, item.entry, plain=value.plain)
        if dependency is not None:
            dependency.marker = _marker(self._selector(value))

    def _read_mapping(self, item: _Item, value: Map) -> Iterator[Entry]:
        """The ``pip:`` of a mapping in the list; all else in it stops conda."""
        for entry in getattr(value, "repeated", ()):
            self._report_repeated(entry)
        if not value.entries and _TEMPLATED.match(self.text, value.span[0]):
            message = "what is installed depends on a template, so this is not checked"
            self._report("templated-version", value.span, message, label="", scope=item.entry)
            return
        for entry in value.entries.values():
            if entry.key == "pip":
                yield entry
                continue
            fix, help_ = None, "only `pip:` may have a list of its own"
            raw = self.text[slice(*entry.value.span)]
            if _VERSION.fullmatch(raw):
                equals = "" if raw[0] in "<>=!~" else "="
                help_ = f"write `{entry.key}{equals}{raw}`"
                if len(value.entries) == 1 and not item.inline:
                    edit = Edit(entry.key_span[1], entry.value.span[0], equals)
                    fix = Fix(f"Write `{entry.key}{equals}{raw}`", [edit], "unsafe")
            span = (entry.key_span[0], max(entry.value.span[1], entry.key_span[1])) if fix else entry.key_span
            message = f"to YAML, `{entry.key}:` is a mapping, and conda takes no other than `pip:`"
            self._report("invalid-requirement", span, message, help=help_, fix=fix, scope=item.entry)

    def _report_item(self, item: _Item, message: str, example: str) -> None:
        """An item that is no string: nothing, a number, a date."""
        value = item.value
        start, end = value.span
        fix = None
        help_ = f"write a string, such as `{example}`"
        if value.data is None or value.data == "":
            message = "the item is empty"
            help_ = "delete the dash"
            dash = self.text.rfind("-", 0, start + 1)
            if not item.inline and start == end and dash >= 0:
                start, end = dash, dash + 1
            fix = Fix("Delete the empty item", [Edit(*item.entry)])
        elif not isinstance(value, List | Map):
            message = f"to YAML, `{self.text[start:end][:40]}` is {_kind(value.data)}, and {message}"
        self._report("invalid-requirement", (start, max(end, start)), message, help=help_, fix=fix, scope=item.entry)

    # pip

    def _report_missing_pip(self, entry: Entry, item: _Item) -> None:
        """A ``pip:`` list without ``pip``: conda adds it, and says that it should be there."""
        start = item.entry[0]
        dash = self.text.find("-", start, entry.key_span[0])
        fix = None
        if item.inline:
            fix = Fix("List `pip`", [Edit(item.value.span[0], item.value.span[0], "pip, ")])
        elif dash >= 0 and not self.text[start:dash].strip(" \t"):
            line = f"{self.text[start:dash]}- pip{self.source.newline}"
            fix = Fix("List `pip`", [Edit(start, start, line)])
        self._report(
            "missing-pip",
            entry.key_span,
            "there is a `pip:` list, but no `pip` among the packages of conda",
            label="with which pip?",
            help="list `pip` before it, as conda does by itself, with a warning",
            fix=fix,
            scope=(start, entry.key_span[1]),
        )

    def _read_pip(self, entry: Entry) -> None:
        """The lines of a requirements file."""
        value = entry.value
        if value.data is None:
            return
        if not isinstance(value, List):
            message = "`pip:` takes a list of requirements"
            self._report(
                "invalid-requirement", value.span, message, help="write each on a line of its own, behind a dash"
            )
            return
        manifest = self.manifest
        reader = Reader(manifest, self.pip)
        for item in _items(value):
            if not isinstance(item.value, Text):
                self._report_item(item, "a requirement must be a string", "requests==2.32.3")
                continue
            known, noted = len(manifest.dependencies), len(manifest.problems)
            for line in self._pip_lines(item, item.value):
                if _TEMPLATED.search(line.text):
                    message = "what is installed depends on a template, so this line is not checked"
                    self._report("templated-version", line.span(0, len(line.text)), message, label="", scope=item.entry)
                else:
                    reader.read(line)
            for problem in manifest.problems[noted:]:
                if problem.fix is not None and not self._fits(problem.fix, item):
                    problem.fix = None
            marker = _marker(self._selector(item.value))
            for dependency in manifest.dependencies[known:]:
                if marker is not None:
                    both = f"({dependency.marker}) and {marker}" if dependency.marker else marker
                    dependency.marker = both
        if not getattr(value, "inline", False):
            manifest.blocks = [*manifest.blocks, *reader.blocks]

    def _pip_lines(self, item: _Item, value: Text) -> list[Line]:
        """The logical lines that a string comes to: one, but for blocks of text."""
        lines = list(logical_lines(value.text))
        if value.plain and all(type(line) is Line for line in lines):
            return [Line(line.text, value.inner[0] + line.origin, item.entry) for line in lines]
        start = value.span[0]
        entry = item.entry if len(lines) < 2 else (start, start)  # of several, none can be deleted alone
        return [OpaqueLine(line.text, value.span, entry) for line in lines if line.text]

    def _fits(self, fix: Fix, item: _Item) -> bool:
        """Whether what a fix writes on a line of pip's can be written into this string: it knows nothing of YAML."""
        value = item.value
        quote = self.text[value.span[0]] if isinstance(value, Text) and value.inner != value.span else ""
        refused = "[\r\n\\\\]|: | #" if not quote else f"[\r\n\\\\{quote}]"
        if item.inline and not quote:
            refused += r"|[,\[\]{}]"
        return not any(re.search(refused, edit.content) for edit in fix.edits)

    def _selector(self, value: Text) -> str | None:
        """The selector in the comment behind an item (``# [linux]``), which conda-lock reads and conda does not."""
        match = _SELECTOR.match(self.text, value.span[1])
        return match[1].strip() if match is not None else None


def _items(value: List) -> Iterator[_Item]:
    """The items of a list."""
    inline = bool(getattr(value, "inline", False))
    for item, entry in zip(value.items, value.entries, strict=True):
        yield _Item(item, entry, inline=inline)


def _kind(data: object) -> str:
    """What YAML takes a value for, in words."""
    if isinstance(data, bool):
        return "true or false"
    return "a number" if isinstance(data, int | float) else "a date" if hasattr(data, "year") else "no text"


def _marker(selector: str | None) -> str | None:
    """The marker that a selector comes to; one that is not known holds together with itself alone."""
    if selector is None:
        return None
    known = _MARKERS.get(" ".join(selector.lower().split()))
    if known is not None:
        return known
    name = re.sub(r"[^a-z0-9 <>=.]", "", selector.lower())
    return f'extra == "{name}"'
