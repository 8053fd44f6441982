"""The literate cases: projects, what is found in them, and what fixing makes of them, read from Markdown.

Each heading of level two begins a case; what follows up to the first fence is for people. The info string of a fence says
what it holds:

- a file name (``requirements.txt``, ``requirements/base.txt``): that file of the project, with words after it for what
  Markdown cannot show: ``crlf`` or ``cr`` (its line ends), ``bom``, ``utf-16`` (little-endian, with its mark), and
  ``unfinished`` (no line end at the end);
- ``toml reqlint.toml``: a file whose first word is only there to be highlighted (``toml`` or ``text``);
- ``findings``: one a line, ``path:row:column: CODE underlined text``, without the path where one file is checked;
- ``fixed`` and ``fixed-unsafe``: the text after ``--fix``, and after ``--fix --unsafe-fixes``; with a path where several
  files are checked, and with words as above;
- ``environment``: what is installed in the project's ``.venv``, as ``name==version`` or ``name @ git+URL@commit``.

What is left out is nothing: without ``findings`` there are none, without ``fixed`` safe fixes change no byte, without
``fixed-unsafe`` unsafe fixes do what safe ones do. All files whose names tell that they are manifests are checked.
``{token:github}`` and its kin stand for tokens that are put together when the case is run.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from reqlint.config import Configurations
from reqlint.diagnostic import Diagnostic
from reqlint.files import Memory
from reqlint.formats import format_of
from reqlint.linter import Linter, Mender, Target
from tests.support import ROOT, expand, fold

_HEADING = re.compile(r"^## (?P<title>.+)$")
_FENCE = re.compile(r"^```(?P<info>\S.*)$")
_FINDING = re.compile(r"^(?:(?P<path>[^\s:]+):)?(?P<row>\d+):(?P<column>\d+): (?P<rest>RQ\d{3}(?: .*)?)$")
_INSTALLED = re.compile(r"^(?P<name>[\w.-]+)(?:==(?P<version>\S+)| @ git\+(?P<url>\S+)@(?P<commit>[0-9a-f]{40}))$")
_HIGHLIGHTED = ("toml", "text")
_LINE_ENDS = {"crlf": "\r\n", "cr": "\r"}
_WORDS = (*_LINE_ENDS, "bom", "utf-16", "unfinished")


class CaseError(ValueError):
    """A case that cannot be read: the message says where and why."""


@dataclass
class Case:
    """One case: the files of a project, and what is expected."""

    family: str
    title: str
    row: int
    files: dict[str, bytes] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    fixed: dict[str, str] = field(default_factory=dict)
    fixed_unsafe: dict[str, str] = field(default_factory=dict)
    environment: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """What a test report calls it."""
        return f"{self.family}: {self.title}"

    @property
    def manifests(self) -> list[str]:
        """The files that are checked, in the order in which they are written."""
        return [path for path in self.files if format_of(path) is not None]


def read_cases(path: Path) -> list[Case]:
    """The cases of a Markdown file; raises CaseError."""
    cases: list[Case] = []
    lines = path.read_text(encoding="utf-8").split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if heading := _HEADING.match(line):
            cases.append(Case(path.stem, heading["title"], number))
        elif fence := _FENCE.match(line):
            begin = number
            try:
                number = lines.index("```", begin)
                _add(cases[-1], fence["info"].split(), [expand(text) for text in lines[begin:number]])
            except (CaseError, IndexError, ValueError) as error:
                message = f"{path.name}:{begin}: {error}"
                raise CaseError(message) from None
            number += 1
    for case in cases:
        _check(case, path)
    return cases


def _add(case: Case, info: list[str], lines: list[str]) -> None:
    """Add one fenced block to a case."""
    kind, *words = info
    text = "".join(f"{line}\n" for line in lines)
    if kind == "findings":
        case.findings += [_finding(line, case) for line in lines]
    elif kind in ("fixed", "fixed-unsafe"):
        paths = [word for word in words if word not in _WORDS] or case.manifests
        if len(paths) != 1:
            message = f"`{kind}` needs one path, since several files are checked"
            raise CaseError(message)
        expected = case.fixed if kind == "fixed" else case.fixed_unsafe
        expected[paths[0]] = _text(_encoded(text, [word for word in words if word in _WORDS]))
    elif kind == "environment":
        for line in lines:
            if not _INSTALLED.match(line):
                message = f"not `name==version` or `name @ git+URL@commit`: {line}"
                raise CaseError(message)
            case.environment.append(line)
    else:
        if kind in _HIGHLIGHTED:
            kind, *words = words
        if kind in case.files:
            message = f"`{kind}` stands there twice"
            raise CaseError(message)
        case.files[kind] = _encoded(text, words)


def _finding(line: str, case: Case) -> str:
    """A finding with its path, as it is compared."""
    match = _FINDING.match(line)
    if match is None:
        message = f"not `path:row:column: CODE text`: {line}"
        raise CaseError(message)
    if match["path"] is None and len(case.manifests) != 1:
        message = f"which file? {line}"
        raise CaseError(message)
    return fold(f"{match['path'] or case.manifests[0]}:{match['row']}:{match['column']}: {match['rest']}".rstrip())


def _encoded(text: str, words: list[str]) -> bytes:
    """A file's bytes: ``words`` tell its line ends and its encoding."""
    for word in words:
        if word not in _WORDS:
            message = f"`{word}` is none of {', '.join(_WORDS)}"
            raise CaseError(message)
        text = text.replace("\n", _LINE_ENDS.get(word, "\n"))
    if "unfinished" in words:
        text = text.rstrip("\r\n")
    if "utf-16" in words:
        return b"\xff\xfe" + text.encode("utf-16-le")
    return (b"\xef\xbb\xbf" if "bom" in words else b"") + text.encode()


def _check(case: Case, path: Path) -> None:
    """Raise CaseError for a case that tests nothing, or names files that it does not have."""
    unknown = (case.fixed.keys() | case.fixed_unsafe.keys()) - set(case.manifests)
    what = (
        "it has no manifest" if not case.manifests else f"there is no {', '.join(sorted(unknown))}" if unknown else ""
    )
    if what:
        message = f"{path.name}:{case.row}: {case.title}: {what}"
        raise CaseError(message)


def run(case: Case) -> list[str]:
    """Check and mend the project of a case; returns what is not as expected, each as a text for people."""
    failures = []
    found = [_shown(item) for item in check(case)]
    if found != case.findings:
        failures.append(_diff("findings", "\n".join(case.findings), "\n".join(found)))
    after_safe = _mend_project(case, unsafe=False, failures=failures)
    after_unsafe = _mend_project(case, unsafe=True, failures=failures)
    for path in case.manifests:
        before = _text(case.files[path])
        safe = case.fixed.get(path, before)
        unsafe = case.fixed_unsafe.get(path, safe)
        for what, expected, got in (
            (f"{path} after --fix", safe, after_safe[path]),
            (f"{path} after --fix --unsafe-fixes", unsafe, after_unsafe[path]),
        ):
            if got != expected:
                failures.append(_diff(what, fold(expected), fold(got)))
    return failures


def _memory(case: Case) -> Memory:
    """The project of a case, below a folder that exists nowhere."""
    contents = {f"{ROOT}/{path}": data for path, data in case.files.items()}
    if case.environment:
        contents[f"{ROOT}/.venv/pyvenv.cfg"] = b"version = 3.11.9\n"
        for installed in case.environment:
            match = _INSTALLED.match(installed)
            assert match is not None
            folder = f"{ROOT}/.venv/lib/python3.11/site-packages/{match['name']}-{match['version'] or '1.0'}.dist-info"
            contents[f"{folder}/METADATA"] = b"Metadata-Version: 2.1\n"
            if match["url"] is not None:  # PEP 610
                record = {"url": match["url"], "vcs_info": {"vcs": "git", "commit_id": match["commit"]}}
                contents[f"{folder}/direct_url.json"] = json.dumps(record).encode()
    return Memory(contents)


def _targets(case: Case) -> list[Target]:
    forms = [(path, format_of(path)) for path in case.manifests]
    return [Target(f"{ROOT}/{path}", form) for path, form in forms if form is not None]


def check(case: Case) -> list[Diagnostic]:
    """The findings of a project."""
    memory = _memory(case)
    linter = Linter(memory, Configurations(memory, {}))
    return linter.check(linter.load(_targets(case)))


def _shown(item: Diagnostic) -> str:
    """A finding in the notation of the cases."""
    row, column = item.source.position(item.span[0])
    underlined = fold(item.source.text[slice(*item.span)].replace("\r", "\\r").replace("\n", "\\n"))
    return f"{item.source.path.removeprefix(f'{ROOT}/')}:{row}:{column}: {item.code} {underlined}".rstrip()


def _mend_project(case: Case, *, unsafe: bool, failures: list[str]) -> dict[str, str]:
    """The texts of a project after its fixes; whatever must never happen is added to ``failures``."""
    memory = _memory(case)
    command = "--fix --unsafe-fixes" if unsafe else "--fix"
    mender = Mender(memory, Configurations(memory, {}), _targets(case), unsafe=unsafe)
    mender.run()
    failures += [f"{command}: {fault}" for fault in mender.faults]
    memory.contents |= {os.path.abspath(path): after for path, (_, after) in mender.changes().items()}
    again = Mender(memory, Configurations(memory, {}), _targets(case), unsafe=unsafe)
    again.run()
    failures += [f"{command}, a second time, still changes {path}" for path in again.changes()]
    return {path: _text(memory.read(f"{ROOT}/{path}")) for path in case.manifests}


def _text(data: bytes) -> str:
    """A file's text, its line ends and byte order mark as they are."""
    encoding = "utf-16" if data.startswith(b"\xff\xfe") else "utf-8"
    return data.decode(encoding)


def _diff(what: str, expected: str, got: str) -> str:
    """What differs, line by line, with everything visible."""
    lines = unified_diff(_visible(expected), _visible(got), f"{what}, expected", f"{what}, got", lineterm="", n=1)
    return "\n".join(lines)


def _visible(text: str) -> list[str]:
    return [line if line.isprintable() else repr(line)[1:-1] for line in text.split("\n")]
