"""What tox reads in all of its files: lines of requirements, references, and variables that name an index.

This module also reads tox's tables in TOML, those of ``tox.toml`` and ``[tool.tox]`` in pyproject.toml; ``tox_ini`` reads the
sections of the INI files. Sources: tox's documentation of its configuration, and tox 4.67 (``tox_env/python/pip/req_file.py``,
``config/loader/replacer.py``).

What is not plain to see:

- a line of ``deps`` is one of a requirements file, but for the value of ``-e``, ``-r``, ``-c`` and ``-f``, which goes up to the
  end of the line, blanks and all, and may follow without a blank;
- ``--no-deps`` is allowed, and a hash is not;
- ``{…}`` stands for what tox puts there: the folder of the file (``{toxinidir}``), a variable (``{env:NAME}``), a setting of
  another environment (``{[testenv]deps}``). What depends on it is not checked.
"""

from __future__ import annotations

import posixpath
import re

from reqlint.formats._pep508 import add, report
from reqlint.formats._pip_options import EVERYWHERE, SHORT, Option, OptionError, split_words
from reqlint.formats._tree import List, Map, Text
from reqlint.formats.requirements_txt import Line, OpaqueLine, Reader
from reqlint.model import Group, Include, Index, Problem, Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.formats._pip_options import Word
    from reqlint.formats._tree import Value
    from reqlint.model import IndexKind, IndexTool, Manifest
    from reqlint.source import Span

_REFERENCE = re.compile(r"(?<!\\)\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}")
_TO_THE_END = re.compile(
    r"(?P<option>--(?:constraint|requirement|find-links|editable)|-[crfe])(?:(?P<blank>\s+)|(?![\s=]))(?P<value>\S.*)"
)
_LONG_KINDS = {"--constraint": "constraint", "--requirement": "requirement", "--find-links": "find-links"}
_LONG_KINDS["--editable"] = "editable"
_NO_DEPS = re.compile(r"(?<!\S)--no-deps(?!\S)")
_FOLDERS = ("{toxinidir}", "{tox_root}")

#: The variables by which pip and uv are told an index.
_VARIABLES: dict[str, tuple[IndexKind, IndexTool]] = {
    "PIP_INDEX_URL": ("index", "pip"),
    "PIP_EXTRA_INDEX_URL": ("extra-index", "pip"),
    "PIP_FIND_LINKS": ("find-links", "pip"),
    "UV_INDEX_URL": ("index", "uv"),
    "UV_DEFAULT_INDEX": ("index", "uv"),
    "UV_EXTRA_INDEX_URL": ("extra-index", "uv"),
    "UV_INDEX": ("extra-index", "uv"),
    "UV_FIND_LINKS": ("find-links", "uv"),
}
_NAMED_INDEX = re.compile(r"[\w.-]+=(?=[a-z]+:)")

#: Options of an ``install_command`` that name an index, with who reads them.
_COMMAND_INDEXES: dict[str, tuple[IndexKind, IndexTool]] = {
    "-i": ("index", "pip"),
    "--index-url": ("index", "pip"),
    "--extra-index-url": ("extra-index", "pip"),
    "-f": ("find-links", "pip"),
    "--find-links": ("find-links", "pip"),
    "--default-index": ("index", "uv"),
    "--index": ("extra-index", "uv"),
}


def is_reference(text: str) -> bool:
    """Whether a text is one ``{…}`` and nothing else."""
    return _REFERENCE.fullmatch(text) is not None


class DepsReader(Reader):
    """Reads the lines of ``deps``, which may hold what only tox can fill in."""

    def read(self, line: Line) -> None:
        """Read one line."""
        line.text = _NO_DEPS.sub(_blank, line.text).rstrip()
        text = line.text
        if not text or is_reference(text):
            return
        manifest = self.manifest
        known, included = len(manifest.dependencies), len(manifest.includes)
        indexed, noted = len(manifest.indexes), len(manifest.problems)
        filled = _REFERENCE.sub(_stand_in, text)
        line.text = filled
        self._read_filled(line)
        if filled != text:
            del manifest.problems[noted:]
            self._restore(line, text, known, included, indexed)
        for dependency in manifest.dependencies[known:]:
            if dependency.hashes:
                self._refuse_hash(line)

    def _read_filled(self, line: Line) -> None:
        """Read a line as pip does, but for `--pre`: of the versions in these environments nothing is asked."""
        settings = self.manifest.settings
        known = len(settings)
        super().read(line)
        settings[known:] = [setting for setting in settings[known:] if setting.kind != "pre-releases"]

    def _restore(self, line: Line, text: str, known: int, included: int, indexed: int) -> None:
        """Put the references back into what was read of a line in which others stood for them."""
        manifest = self.manifest
        source = self.source.text
        for dependency in manifest.dependencies[known:]:
            parts = dependency.parts
            dependency.rewritable = False
            dependency.text = text if dependency.span == line.span(0, len(text)) else source[slice(*dependency.span)]
            if parts.url is not None and parts.url_span is not None and line.is_whole(0, len(text)):
                in_text = parts.url_span[0] < dependency.span[0]  # the value of `-e` has places of its own
                written = (dependency.text if in_text else source)[slice(*parts.url_span)]
                if parts.kind == "path" and (path := local_path(written)) is not None:
                    written = path if path.startswith((".", "/")) else f"./{path}"
                dependency.url = parts.url = written
            if any(clause.templated for clause in dependency.constraints):
                dependency.constraints = parts.constraints = ()
        manifest.includes[included:] = [
            Include(path, include.kind, include.span, include.entry, include.role)
            for include in manifest.includes[included:]
            if (path := local_path(source[slice(*include.span)])) is not None
        ]
        for index in manifest.indexes[indexed:]:
            index.url = source[slice(*index.span)]

    def _split_options(self, line: Line, cut: int) -> tuple[list[Option], list[Word]]:
        """The options of a line: the value of some goes up to its end."""
        match = _TO_THE_END.fullmatch(line.text) if cut == 0 else None
        if match is None or match["value"][0] in "'\"":
            return super()._split_options(line, cut)
        spelling = match["option"]
        kind = _LONG_KINDS[spelling] if spelling in _LONG_KINDS else SHORT[spelling][0]
        value = match["value"]
        span = line.span(*match.span("value"))
        return [Option(kind, spelling, value, span, line.span(0, len(line.text)))], []

    def _report_dropped(self, line: Line, options: list[Option], words: list[Word], *, lone: bool = False) -> None:
        """Words behind an option: pip drops them, and tox refuses them."""
        if words:
            span = (words[0][1], words[-1][2])
            self._refuse(line, span, "nothing can follow an option on its line", "give it a line of its own")
        super()._report_dropped(
            line, [option for option in options if words or option.kind not in EVERYWHERE], [], lone=lone
        )

    def _refuse_hash(self, line: Line) -> None:
        """``--hash``, which tox takes in a requirements file alone."""
        start = line.text.find(" -") + 1
        span = line.span(start, len(line.text))
        self._refuse(
            line, span, "a hash cannot stand in `deps`", "put it into a requirements file, and name that: `-r`"
        )

    def _refuse(self, line: Line, span: Span, message: str, help_: str) -> None:
        self.manifest.problems.append(
            Problem("invalid-option", span, message, label="tox refuses this", help=help_, scope=line.entry)
        )


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _stand_in(match: re.Match[str]) -> str:
    """What stands for a reference while its line is read, as long as it: a path that leads nowhere else, or a variable."""
    text = match[0]
    size = len(text)
    if text in _FOLDERS:
        return ("./" * size)[: size - 1 - (size + 1) % 2] + ("/." if size % 2 == 0 else ".")
    return "/./"[:size] if size <= 3 else f"${{{'X' * (size - 3)}}}"


def local_path(text: str) -> str | None:
    """The path of a file from the folder of the configuration; None where that is not known."""
    for folder in _FOLDERS:
        text = text.replace(folder, ".")
    text = text.replace("{/}", "/")
    if _REFERENCE.search(text):
        return None
    return text if "://" in text else posixpath.normpath(text)


def add_constraints(manifest: Manifest, line: Line) -> None:
    """``constraints``: the paths of constraints files, one a line."""
    path = local_path(line.text)
    if path is None or is_reference(line.text):
        return
    span = line.span(0, len(line.text))
    if path.startswith("-"):
        message = "`constraints` takes names of files only, without an option"
        report(manifest, span, message, rule="invalid-option", scope=line.entry)
    else:
        manifest.includes.append(Include(path, "constraint", span, line.entry, "development"))


def add_requires(manifest: Manifest, value: Text, entry: Span) -> None:
    """One requirement of ``requires``: what tox itself needs."""
    if not value.text.strip() or _REFERENCE.search(value.text):
        return
    dependency = add(manifest, value, entry, Group("group", "development", "requires"))
    if dependency is not None:
        dependency.dialect = "pip"  # no lock of the project has it


def add_variable(manifest: Manifest, name: str, value: str, start: int, entry: Span) -> None:
    """A variable that is set in an environment; ``start``: where its value begins."""
    if name in _VARIABLES:
        kind, tool = _VARIABLES[name]
        for match in re.finditer(r"\S+", value):
            lead = _NAMED_INDEX.match(match[0]) if name in ("UV_INDEX", "UV_DEFAULT_INDEX") else None
            low = match.start() + (lead.end() if lead is not None else 0)
            url = value[low : match.end()]
            if not is_reference(url):
                span = (start + low, start + match.end())
                called = lead[0][:-1] if lead is not None else None
                manifest.indexes.append(Index(kind, url, span, entry, name, tool=tool, name=called))
    elif name == "PIP_TRUSTED_HOST" and not is_reference(value):
        for match in re.finditer(r"\S+", value):
            span = (start + match.start(), start + match.end())
            manifest.settings.append(Setting("trusted-host", match[0], span, entry, name))


def add_command(manifest: Manifest, words: list[Word], entry: Span) -> None:
    """``install_command``: the indexes and settings that it gives to pip or uv; words with their spans in the source."""
    values = iter(words)
    for word, _, end in values:
        option, equals, value = word.partition("=")
        if option in _COMMAND_INDEXES or option == "--trusted-host":
            if not equals:
                value, _, end = next(values, ("", end, end))  # noqa: PLW2901 - the option's value
            span = (end - len(value), end)
            if not value or is_reference(value):
                continue
            if option == "--trusted-host":
                manifest.settings.append(Setting("trusted-host", value, span, entry, option))
            else:
                kind, tool = _COMMAND_INDEXES[option]
                manifest.indexes.append(Index(kind, value, span, entry, option, tool=tool))


def shell_words(text: str, start: int) -> list[Word]:
    """The words of a command that stands at an offset; none where a quotation is not closed."""
    try:
        return [(word, start + low, start + high) for word, low, high in split_words(text)]
    except OptionError:
        return []


# TOML ----------------------------------------------------------------------------------------------------------------


def read(manifest: Manifest, table: Map, document: Map) -> None:
    """Read tox's table into a manifest: ``[tool.tox]``, or the whole of a tox.toml."""
    legacy = table.text("legacy_tox_ini")
    if legacy is not None:
        from reqlint.formats.tox_ini import read_within

        read_within(manifest, legacy)
        return
    requires = table.get("requires")
    if isinstance(requires, List):
        for item, entry in zip(requires.items, requires.entries, strict=True):
            if isinstance(item, Text):
                add_requires(manifest, item, entry)
            elif not isinstance(item, Map):
                report(manifest, item.span, "a requirement must be a string", scope=entry)
    for name in ("env_run_base", "env_pkg_base"):
        base = table.map(name)
        if base is not None:
            _Environment(manifest, name).read(base)
    for name in ("env", "env_base"):
        environments = table.map(name)
        for entry_of in environments.entries.values() if environments is not None else ():
            if isinstance(entry_of.value, Map):
                _Environment(manifest, f"{name}.{entry_of.key}").read(entry_of.value)


class _Environment:
    """Reads the settings of one environment."""

    def __init__(self, manifest: Manifest, name: str) -> None:
        self.manifest = manifest
        self.reader = DepsReader(manifest, Group("group", "development", name))

    def read(self, table: Map) -> None:
        """Read one table."""
        known, included = len(self.manifest.problems), len(self.manifest.includes)
        for line in _lines(self.manifest, table.get("deps"), "deps"):
            self.reader.read(line)
        for include in self.manifest.includes[included:]:
            include.role = "development"
        for line in _lines(self.manifest, table.get("constraints"), "constraints"):
            add_constraints(self.manifest, line)
        for problem in self.manifest.problems[known:]:
            if problem.fix is not None and any(re.search(r"[\r\n\"'\\]", edit.content) for edit in problem.fix.edits):
                problem.fix = None
        for variables in (table.map("set_env"), table.map("setenv")):
            for entry in variables.entries.values() if variables is not None else ():
                if isinstance(entry.value, Text) and entry.value.plain:
                    add_variable(self.manifest, entry.key, entry.value.text, entry.value.inner[0], entry.span)
        command = table.list("install_command")
        if command is not None and all(isinstance(item, Text) and item.plain for item in command.items):
            words = [(item.text, *item.inner) for item in command.items if isinstance(item, Text)]
            add_command(self.manifest, words, table.entries["install_command"].span)


def verbatim(manifest: Manifest, value: Text) -> int | None:
    """Where the text of a string begins in the file, when it stands there as it is, on one line or several; else None."""
    start, end = value.inner
    raw = manifest.source.text[start:end]
    for lead in ("", "\n", "\r\n"):
        if raw.startswith(lead) and raw[len(lead) :].replace("\r\n", "\n") == value.text:
            return start + len(lead)
    return None


def _lines(manifest: Manifest, value: Value | None, key: str) -> Iterator[Line]:
    """The lines in a list of strings, or in one string; tables are for tox to work out."""
    if value is None or isinstance(value, Map):
        return
    if isinstance(value, Text):
        yield from _lines_of_text(manifest, value)
        return
    if not isinstance(value, List):
        report(manifest, value.span, f"`{key}` takes a list of strings")
        return
    for item, entry in zip(value.items, value.entries, strict=True):
        if isinstance(item, Map):
            continue
        if not isinstance(item, Text):
            report(manifest, item.span, "a requirement must be a string", scope=entry)
            continue
        if "\n" in item.text.strip():
            yield from _lines_of_text(manifest, item)
            continue
        text = _uncommented(item.text.strip())
        if not text:
            continue
        lead = len(item.text) - len(item.text.lstrip())
        yield Line(text, item.inner[0] + lead, entry) if item.plain else OpaqueLine(text, item.inner, entry)


def _lines_of_text(manifest: Manifest, value: Text) -> Iterator[Line]:
    """The lines in one string."""
    start = verbatim(manifest, value)
    text = manifest.source.text[start : value.inner[1]] if start is not None else value.text
    for match in re.finditer(r"[^\r\n]+", text):
        line = _uncommented(match[0].strip())
        if not line:
            continue
        if start is None:
            yield OpaqueLine(line, value.inner, (value.inner[0], value.inner[0]))
        else:
            place = start + match.start() + match[0].index(line)
            yield Line(line, place, (place, place + len(line)))


def _uncommented(text: str) -> str:
    """A line without the comment at its end."""
    return re.sub(r"(?:^|\s+)#.*$", "", text)
