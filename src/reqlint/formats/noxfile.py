"""noxfile.py: what the sessions of nox install, as far as it can be read without running it.

The metadata of a script (PEP 723) at the top say what nox itself needs. Each function that nox is told of is walked with a session for its argument; what is installed through it is read: by
``session.install``, by ``session.run("pip", "install", …)`` and its kin, and by ``session.conda_install``. What is put together
when the file runs is not checked.

Sources: nox's documentation, "Configuration & API", and nox 2026.10 (``sessions.py``).
"""

from __future__ import annotations

import re

import libcst as cst

from reqlint.formats._conda import add_spec
from reqlint.formats._pep508 import report
from reqlint.formats._pip_argv import ArgvReader, Word
from reqlint.formats._python import PythonError, element_entry, parse
from reqlint.formats._python_interpreter import Interpreter
from reqlint.formats._python_values import Call, Function, Path, Str, Symbol, TooComplexError, Unknown, iterate
from reqlint.model import Group, Index, Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from reqlint.formats._python import Tree
    from reqlint.formats._python_values import Scope, Value
    from reqlint.model import Role
    from reqlint.source import Source, Span

_SESSION = "nox.Session"
_INSTALLERS = re.compile(r"\b(?:install|conda_install|run|run_always|run_install)\b")
_RUNNERS = ("run", "run_always", "run_install")
_KIN = ("nox", "nox_poetry", "nox_uv")
_PIP = re.compile(r"(?:.*/)?pip[\d.]*")
_PYTHON = re.compile(r"(?:.*/)?python[\d.]*")


def read(source: Source, role: Role | None) -> Manifest:
    """Read a noxfile into a manifest; ``role``: of what its sessions install, development unless told otherwise.

    Never raises: what cannot be read is a problem of the manifest. Each requirement is a dependency once, of the first call
    that installs it. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "noxfile.py", role or "development")
    if source.fault is not None:
        return manifest
    if "# /// script" in source.text:
        from reqlint.formats._inline_script import read as read_block

        read_block(manifest)
    try:
        tree = parse(source.text)
        if _INSTALLERS.search(source.text):
            walk = _Walk(tree, manifest)
            walk.run()
            walk.run_sessions()
    except PythonError as error:
        message = f"this is no Python that Python 3 can read: {error.reason}"
        report(manifest, (error.offset, min(len(source.text), error.offset + 1)), message, rule="unreadable-file")
    except TooComplexError:
        pass  # what is installed cannot be told
    _tidy(manifest)
    _leave_out_made_files(manifest)
    return manifest


def _leave_out_made_files(manifest: Manifest) -> None:
    """Take out the files that a session may write before they are read: another string of the noxfile names them too."""
    text = manifest.source.text
    places = [include.span for include in manifest.includes]
    named = {
        include.path
        for include in manifest.includes
        for match in re.finditer(rf"(?<![\w./-]){re.escape(include.path)}(?=[\"'])", text)
        if not any(start <= match.start() < end for start, end in places)
    }
    manifest.includes = [include for include in manifest.includes if include.path not in named]


def _tidy(manifest: Manifest) -> None:
    """Put everything in file order, each thing once."""
    for name in ("dependencies", "includes", "indexes", "settings", "problems"):
        items = {(item.span, getattr(item, "rule", "")): item for item in reversed(getattr(manifest, name))}
        setattr(manifest, name, sorted(items.values(), key=lambda item: item.span[0]))


class _Walk(Interpreter):
    """Walks a noxfile, and the functions that take a session."""

    def __init__(self, tree: Tree, manifest: Manifest) -> None:
        super().__init__(tree, self._called)
        self.manifest = manifest
        self.session = ""
        self.moved = False  # whether the session works in another folder by now
        self.calls: dict[str, int] = {}
        self.statement: Span | None = None

    def run_sessions(self) -> None:
        """Walk each function that nox is told of, then those that take a session and are called by none; may raise."""
        try:
            functions = [value for value in self.module.names.values() if isinstance(value, Function)]
            for function in sorted(functions, key=self._is_helper):
                if function.node not in self.called and isinstance(function.node, cst.FunctionDef):
                    self._run_session(function, function.node)
        except RecursionError:
            raise TooComplexError from None

    def _is_helper(self, function: Function) -> bool:
        """Whether a function is none that nox is told of."""
        return not (isinstance(function.node, cst.FunctionDef) and self._is_session(function.node))

    def _is_session(self, node: cst.FunctionDef) -> bool:
        """Whether a decorator makes a session of a function."""
        for decorator in node.decorators:
            value = decorator.decorator
            callee = self.evaluate(value.func if isinstance(value, cst.Call) else value, self.module)
            if isinstance(callee, Symbol) and callee.name.endswith(".session"):
                return callee.name.partition(".")[0] in _KIN
        return False

    def _run_session(self, function: Function, node: cst.FunctionDef) -> None:
        """Walk one function, if its first parameter is a session."""
        parameters = [*node.params.posonly_params, *node.params.params]
        if not parameters:
            return
        first = parameters[0]
        annotation = first.annotation.annotation if first.annotation is not None else None
        annotated = annotation is not None and "Session" in self.tree.text[slice(*self.tree.span(annotation))]
        if not (self._is_session(node) or annotated or first.name.value == "session"):
            return
        self.session, self.moved = node.name.value, False
        call = Call(function.span)
        call.args.append(Symbol(_SESSION, function.span))
        self._call_function(function, call)

    def _arguments(self, node: cst.Call, scope: Scope) -> Call:
        """The arguments of a call, those strings that are written there each with what to delete to be rid of it."""
        call = super()._arguments(node, scope)
        places = [(self.tree.span(arg), arg.star) for arg in node.args]
        for number, value in enumerate(call.args):
            if not isinstance(value, Str) or value.entry is not None:
                continue
            index = next((i for i, (span, _) in enumerate(places) if span[0] <= value.span[0] < span[1]), None)
            if index is None:
                continue
            before = places[index - 1][0][1] if index else None
            held = value.piece(0, len(value.text))
            held.entry = element_entry(self.tree.text, places[index][0], before)
            call.args[number] = held
        self.statement = self._statement_entry(node) if isinstance(node.func, cst.Attribute) else None
        return call

    def _called(self, name: str, call: Call) -> None:
        """One call of what the file does not define itself."""
        root, _, method = name.rpartition(".")
        if root != _SESSION:
            return
        words = [self._word(value, call.span) for value in call.args]
        if method in ("chdir", "cd"):
            self.moved = True
        elif method == "conda_install":
            self._conda(call, words)
        elif method == "install":
            self._pip(words)
        elif method in _RUNNERS:
            self._pip(_behind_install(words))

    def _word(self, value: Value, span: Span) -> Word:
        """An argument; one that is not known has no text."""
        if isinstance(value, Str):
            place = (value.start, value.start + len(value.text)) if value.start is not None else value.span
            entry = value.entry if value.entry is not None else place
            return Word(value.text, place, entry, plain=value.start is not None, known=not value.open)
        if isinstance(value, Path):
            return Word(value.path or ".", value.span, value.span, plain=False)
        return Word(
            "", value.span if isinstance(value, Unknown) else span, (span[0], span[0]), plain=False, known=False
        )

    def _group(self, ecosystem: Literal["pip", "conda"]) -> Group:
        """The group of one call: what is installed by another one may change what this one did."""
        count = self.calls[self.session] = self.calls.get(self.session, 0) + 1
        name = self.session or "noxfile"
        if count > 1:
            name = f"{name} ({count})"
        return Group("group", self.manifest.role, name if ecosystem == "pip" else f"{name} conda")

    def _pip(self, words: list[Word]) -> None:
        """Arguments of ``pip install``; a call that has a single one is deleted with it."""
        if len(words) == 1 and self.statement is not None and words[0].plain:
            words[0].entry = self.statement
        if not words:
            return
        manifest = self.manifest
        known, included = len(manifest.dependencies), len(manifest.includes)
        ArgvReader(manifest, self._group("pip")).read(words)
        if self.moved:
            del manifest.includes[included:]
            manifest.dependencies[known:] = [item for item in manifest.dependencies[known:] if item.kind != "path"]

    def _conda(self, call: Call, words: list[Word]) -> None:
        """Arguments of ``conda install``, and the channels beside them."""
        channel = call.keywords.get("channel")
        if channel is not None:
            entry = call.entries.get("channel", channel.span)
            for item in [channel] if isinstance(channel, Str) else iterate(channel):
                if isinstance(item, Str) and not item.open and item.text:
                    span = (item.start, item.start + len(item.text)) if item.start is not None else item.span
                    self.manifest.indexes.append(
                        Index("channel", item.text, span, item.entry or entry, "channel", tool="conda")
                    )
        group = self._group("conda")
        for word in _without_options(words):
            if word.known and word.text.strip():
                noted = len(self.manifest.problems)
                text = word.text.strip()
                add_spec(self.manifest, group, text, word.span, word.entry, plain=word.plain and text == word.text)
                for problem in self.manifest.problems[noted:]:
                    problem.fix = None


def _behind_install(words: list[Word]) -> list[Word]:
    """What follows ``pip install``, ``python -m pip install`` or ``uv pip install``; nothing for another command."""
    texts = [word.text for word in words[:4]]
    start = 0
    if texts[:2] == ["uv", "pip"]:
        start = 1
    elif len(texts) > 2 and _PYTHON.fullmatch(texts[0]) and texts[1] == "-m":
        start = 2
    if len(texts) <= start + 1 or not _PIP.fullmatch(texts[start]) or texts[start + 1] != "install":
        return []
    return words[start + 2 :]


def _without_options(words: list[Word]) -> Iterator[Word]:
    """The specs among the arguments of ``conda install``."""
    rest = iter(words)
    for word in rest:
        if word.text in ("-c", "--channel", "--file", "-n", "--name", "-p", "--prefix", "--solver"):
            next(rest, None)
        elif not word.text.startswith("-"):
            yield word
