"""Dockerfile and Containerfile: what their ``RUN`` instructions install.

The body of a ``RUN`` is shell, a here-document, or a JSON array (the exec form). Which lines an instruction has is told as
BuildKit does it (``frontend/dockerfile/parser``): comment lines and blank ones in the middle of it are dropped, and
here-documents follow it. Sources: that parser, and Docker's Dockerfile reference (``RUN``, ``SHELL``, here-documents, parser
directives).
"""

from __future__ import annotations

import re

from reqlint.formats._shell import SHELL, Script, read_script, read_words
from reqlint.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.model import Role
    from reqlint.source import Source

_DIRECTIVE = re.compile(r"[ \t]*#[ \t]*(\w+)[ \t]*=[ \t]*(.*?)[ \t]*(?:\r?\n|$)")
_COMMENT = re.compile(r"[ \t]*#")
_RUN = re.compile(r"[ \t]*(?:ONBUILD\s+)?RUN(?=\s|$)", re.IGNORECASE)
_FROM = re.compile(r"[ \t]*FROM\s", re.IGNORECASE)
_HAS_HEREDOCS = re.compile(r"[ \t]*(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s", re.IGNORECASE)
_FLAGS = re.compile(r"(?:\s+--[a-z][\w-]*(?:=(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'])*)?(?=\s))+")
_HEREDOC = re.compile(r"(?<![<\w])\d*<<(-?)([\"']?)([A-Za-z_]\w*)\2(?![^\s;&|>)])")
_SHEBANG = re.compile(r"\s*#![ \t]*(?:/usr/bin/env[ \t]+(?:-S[ \t]+)?)?(?:[^\s/]*/)*([^\s/]+)")
_INTERPRETER = re.compile(rf"\s*(?:/usr/bin/env\s+)?(?:\S*/)?{SHELL}(?:\s+-\w+)*\s*")


class _Instruction:
    """One instruction: where it starts, its text as Docker joins it, every character in its place, and its here-documents."""

    __slots__ = ("documents", "start", "text")

    def __init__(self, start: int, text: str, documents: list[tuple[re.Match[str], int, str]]) -> None:
        """``documents``: of each the word that announces it, the offset where it begins, and its text."""
        self.start = start
        self.text = text
        self.documents = documents


def read(source: Source, role: Role | None) -> Manifest:
    """Read what a Dockerfile installs; ``role``: what is asked of it, an application's unless told otherwise.

    Never raises: what is no Dockerfile is for Docker to say. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "Dockerfile", role or "application")
    if source.fault is not None:
        return manifest
    stage = 0
    for item in _instructions(source.text):
        stage += _FROM.match(item.text) is not None
        head = _RUN.match(item.text)
        if head is not None:
            _read_run(manifest, item, head.end(), f"stage {stage}")
    return manifest


def _instructions(text: str) -> Iterator[_Instruction]:
    """All instructions, one after the other."""
    lines = [(found.start(), found.end()) for found in re.finditer(r"[^\n]*\n|[^\n]+$", text)]
    escape = _escape(text)
    joint = re.compile(rf"(?<!{escape}){escape}[ \t]*(?:\r?\n)?\Z")
    endless: set[tuple[str, str]] = set()  # names that no line further down ends
    number = 0
    while number < len(lines):
        start, end = lines[number]
        line = text[start:end]
        number += 1
        if not line.strip() or _COMMENT.match(line):
            continue
        pieces = [line]
        while (found := joint.search(pieces[-1])) is not None:
            pieces[-1] = _joined(pieces[-1], found)
            while number < len(lines) and _is_dropped(text[slice(*lines[number])]):
                pieces.append(" " * (lines[number][1] - lines[number][0]))
                number += 1
            if number == len(lines):
                break
            pieces.append(text[slice(*lines[number])])
            number += 1
        body = "".join(pieces)
        documents = []
        for word in _HEREDOC.finditer(body) if _HAS_HEREDOCS.match(body) else ():
            first = number
            if (word[1], word[3]) in endless:
                break
            while number < len(lines) and not _is_last(text[slice(*lines[number])], word):
                number += 1
            if number == len(lines):  # nothing ends it: the sign was none, or Docker refuses the file
                number = first
                endless.add((word[1], word[3]))
                break
            low = lines[first][0]
            documents.append((word, low, text[low : lines[number][0]]))
            number += 1
        yield _Instruction(start, body, documents)


def _escape(text: str) -> str:
    """The character that continues a line, as a pattern: a directive at the top may name another one."""
    at = 0
    while (found := _DIRECTIVE.match(text, at)) is not None and found.end() > at:
        if found[1].lower() == "escape":
            return "`" if found[2] == "`" else r"\\"
        at = found.end()
    return r"\\"


def _is_dropped(line: str) -> bool:
    """Whether Docker leaves out a line inside of an instruction."""
    return not line.strip() or _COMMENT.match(line) is not None


def _joined(line: str, joint: re.Match[str]) -> str:
    """A line without what joins it to the next one."""
    return line[: joint.start()] + " " * (len(line) - joint.start())


def _is_last(line: str, word: re.Match[str]) -> bool:
    """Whether a line ends the here-document that a word announces."""
    line = line.rstrip("\r\n")
    return (line.lstrip("\t") if word[1] else line) == word[3]


def _read_run(manifest: Manifest, item: _Instruction, start: int, stage: str) -> None:
    """What one ``RUN`` installs; ``start``: of its body."""
    body = " " * start + item.text[start:]
    flags = _FLAGS.match(item.text, start)
    if flags is not None:
        body = " " * flags.end() + item.text[flags.end() :]
    row = manifest.source.position(item.start)[0]
    where = f"RUN in line {row}"
    if body.lstrip().startswith("[") and _read_exec_form(manifest, body, item.start, where, stage):
        return
    if item.documents:
        word, begin, document = item.documents[0]
        command = body[: word.start()] + body[word.end() :]
        is_script = not command.strip() and len(item.documents) == 1 and _is_shell(document)
        if is_script or _INTERPRETER.fullmatch(command):
            script = Script(document, begin, (item.start,))
            read_script(manifest, script, manifest.role, where, stage)
            return
        # The shell is told of its input, but that is nothing that it runs.
        for word, _, _ in item.documents:
            body = body[: word.start()] + " " * (word.end() - word.start()) + body[word.end() :]
    read_script(manifest, Script(body, item.start, (item.start,)), manifest.role, where, stage)


def _is_shell(document: str) -> bool:
    """Whether a here-document that is a program is one for a shell, by its first line."""
    found = _SHEBANG.match(document)
    return found is None or re.fullmatch(SHELL, found[1]) is not None


def _read_exec_form(manifest: Manifest, body: str, start: int, where: str, stage: str) -> bool:
    """``RUN ["pip", "install", "flask"]``; returns whether it is one."""
    import json

    try:
        words = json.loads(body)
    except (ValueError, RecursionError):
        return False  # as Docker has it, a shell command that begins with a bracket
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return False
    spans = [(start + found.start(), start + found.end()) for found in re.finditer(r'"(?:[^"\\]|\\.)*"', body)]
    read_words(manifest, words, spans, manifest.role, where, stage, heads=(start,))
    return True
