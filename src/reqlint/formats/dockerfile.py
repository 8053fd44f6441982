"""Dockerfile and Containerfile: what their ``RUN`` instructions install.

dockerfile-parse tells the instructions and their lines; the body of each ``RUN`` is shell, a heredoc, or a JSON array
(the exec form). Source: Docker's Dockerfile reference (RUN, here-documents, line continuation, the escape directive).
"""

from __future__ import annotations

import re

from reqlint.formats._shell import Script, read_script
from reqlint.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.model import Role
    from reqlint.source import Source

_ESCAPE = re.compile(
    r"\A(?:#[ \t]*(?:syntax|check)[ \t]*=[^\n]*\n)*#[ \t]*escape[ \t]*=[ \t]*`[ \t]*\r?\n", re.IGNORECASE
)
_RUN = re.compile(r"[ \t]*(?:ONBUILD[ \t]+)?RUN(?=[ \t\\`]|$)", re.IGNORECASE)
_FLAG = re.compile(r"(?:[ \t]|[\\`]\r?\n)*--(?:mount|network|security|device)=[^\s\"']*(?:\"[^\"]*\"|'[^']*')?[^\s]*")
_COMMENT_LINE = re.compile(r"^[ \t]*#[^\n]*", re.MULTILINE)
_HEREDOC = re.compile(r"<<(-?)[ \t]*([\"']?)([A-Za-z_]\w*)\2")
_SHELL = re.compile(r"[ \t]*(?:set[ \t]|(?:/usr)?(?:/bin/)?(?:ba|da|z|k)?sh\b|cat\b|$)?")
_LANGUAGES = re.compile(r"(?:python|perl|ruby|node|php)")


def read(source: Source, role: Role | None) -> Manifest:
    """Read what a Dockerfile installs; ``role``: what is asked of it, an application's unless told otherwise.

    Never raises. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "Dockerfile", role or "application")
    if source.fault is None:
        for row, script in _scripts(source):
            if re.match(r"\s*\[", script.text) and _read_exec_form(manifest, script, row):
                continue
            read_script(manifest, script, manifest.role, f"RUN in line {row}")
    return manifest


def _scripts(source: Source) -> Iterator[tuple[int, Script]]:
    """The shell text of each ``RUN``, with the row it begins in."""
    from io import BytesIO

    from dockerfile_parse import DockerfileParser  # type: ignore[import-untyped]

    text = source.text
    lines = _line_starts(text)
    parser = DockerfileParser(fileobj=BytesIO(text.encode("utf-8", "replace")))
    done = 0
    for step in parser.structure:
        start = lines[step["startline"]]
        end = lines[step["endline"] + 1] if step["endline"] + 1 < len(lines) else len(text)
        head = _RUN.match(text, start, end)
        if head is None or start < done:  # what a heredoc holds looks like instructions
            continue
        end = done = _end_of_heredocs(text, head.end(), end)
        yield step["startline"] + 1, Script(_as_shell(text, head.end(), end), head.end())


def _line_starts(text: str) -> list[int]:
    """Where each line begins, as dockerfile-parse counts them."""
    return [0, *(found.end() for found in re.finditer(r"\n", text))]


def _end_of_heredocs(text: str, start: int, end: int) -> int:
    """Where an instruction ends whose here-documents follow it."""
    for found in _HEREDOC.finditer(text, start, end):
        indent = r"\t*" if found[1] else ""
        last = re.compile(rf"^{indent}{found[3]}[ \t]*\r?$", re.MULTILINE).search(text, end)
        if last is not None:
            end = min(last.end() + 1, len(text))
    return end


def _as_shell(text: str, start: int, end: int) -> str:
    """The body of a ``RUN`` as the shell gets it, every character in its place: blanks for flags, comments and joints."""
    body = text[start:end]
    while (flag := _FLAG.match(body)) is not None and body[: flag.end()].strip():
        body = " " * flag.end() + body[flag.end() :]
    if _ESCAPE.match(text):
        body = re.sub(r"`(?=[ \t]*\r?\n)", r"\\", body)
    heredoc = _HEREDOC.search(body)
    first = body.find("\n") + 1
    if heredoc is not None and heredoc.start() < first:
        return _heredoc_body(body, heredoc, first)
    # Docker takes comment lines, blank ones and what trails a joint out before the shell sees anything.
    body = _COMMENT_LINE.sub(lambda found: " " * len(found[0]), body)
    return re.sub(r"\\[ \t]*\r?\n(?:[ \t]*\r?\n)*", lambda found: " " * len(found[0]), body)


def _heredoc_body(body: str, heredoc: re.Match[str], first: int) -> str:
    """What a heredoc holds, when a shell runs it; blanks when another program does, or it becomes a file."""
    command = body[: heredoc.start()] + body[heredoc.end() : first]
    if _LANGUAGES.search(command) or ">" in command or not _SHELL.fullmatch(command.strip()[:40].split("\n")[0] + ""):
        return " " * len(body)
    return " " * first + re.sub(rf"(?m)^\t*{heredoc[3]}[ \t]*\r?$", lambda found: " " * len(found[0]), body[first:])


def _read_exec_form(manifest: Manifest, script: Script, row: int) -> bool:
    """``RUN ["pip", "install", "flask"]``; returns whether it is one."""
    import json

    from reqlint.formats._shell import read_words

    try:
        words = json.loads(script.text)
    except ValueError:
        return False  # as Docker has it, a shell command that begins with a bracket
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return False
    places = [found.span() for found in re.finditer(r'"(?:[^"\\]|\\.)*"', script.text)]
    if len(words) >= 3 and words[1] == "-c" and re.search(r"sh$", words[0]):
        low, high = places[2]
        if script.text[low + 1 : high - 1] == words[2]:
            read_script(manifest, Script(words[2], script.start + low + 1), manifest.role, f"RUN in line {row}")
        return True
    spans = [(script.start + low, script.start + high) for low, high in places]
    read_words(manifest, words, spans, manifest.role, f"RUN in line {row}")
    return True
