"""The law of fixes on whole projects: what was announced changes, and nothing else does.

Every rule is on, unsafe fixes are wanted, and every project is furnished with a version for each name. What is compared is
what our readers see and what the real ones see, round by round of the fixing.
"""

from __future__ import annotations

import ast
import configparser
import os
import re
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from reqlint.config import OUTPUT_FORMATS
from reqlint.credentials import find
from reqlint.diagnostic import Diagnostic
from reqlint.fixes import Edit, Fix
from reqlint.formats import format_of
from reqlint.linter import Applied, Mender
from reqlint.model import Dependency, Manifest
from reqlint.output import Report, diff, render
from reqlint.redaction import Redactor
from reqlint.registry import ALL_KINDS, Rule, rules
from reqlint.source import Source
from tests.laws.support import CORPUS, ROOT, Project, corpus, furnished, own, parts

EDIT_ENDS = re.compile(r"\r\n|\n|\r")

#: What the fix of a rule may change of a dependency; ``gone`` and ``new`` for the whole of it.
MAY_CHANGE = {
    "RQ002": "specifier url kind name marker extras editable new gone",
    "RQ003": "specifier url kind new",
    "RQ004": "",
    "RQ005": "new specifier marker url kind name hashes editable",
    "RQ008": "",
    "RQ009": "url specifier",
    "RQ010": "new gone specifier",
    "RQ101": "specifier marker new",
    "RQ102": "specifier marker new",
    "RQ103": "specifier",
    "RQ104": "specifier",
    "RQ105": "specifier",
    "RQ107": "hashes",
    "RQ109": "specifier",
    "RQ110": "build specifier",
    "RQ201": "url",
    "RQ202": "url",
    "RQ203": "url",
    "RQ204": "url",
    "RQ205": "url kind name",
    "RQ206": "url kind name extras",
    "RQ209": "url kind specifier",
    "RQ211": "name",
    "RQ301": "url specifier",
    "RQ302": "url",
    "RQ303": "url channel",
    "RQ401": "gone",
    "RQ403": "gone extras specifier",
    "RQ406": "new",
    "RQ408": "gone",
    "RQ409": "new",
    "RQ602": "",
    "RQ605": "channel",
    "RQ701": "",
    "RQ702": "",
    "RQ703": "",
    "RQ704": "gone",
    "RQ705": "",
    "RQ706": "",
    "RQ707": "name specifier gone",
    "RQ708": "gone",
    "RQ901": "",
}

#: The rules whose fixes may change what is said of indexes, of included files, and of the installation as a whole.
ABOUT_THE_REST = frozenset(("RQ002", "RQ005", "RQ009", "RQ301", "RQ302", "RQ303", "RQ602", "RQ605"))


@dataclass
class Round:
    """What was done to one file at once."""

    before: Source
    after: Source
    applied: list[Applied]

    @property
    def edits(self) -> list[Edit]:
        """By place, each once."""
        return sorted(
            {edit for item in self.applied for edit in item.fix.edits}, key=lambda edit: (edit.start, edit.end)
        )

    def codes_at(self, start: int, end: int) -> set[str]:
        """The rules whose fixes touch a range of the text before."""
        return {
            item.diagnostic.code
            for item in self.applied
            for edit in item.fix.edits
            if edit.start <= end and edit.end >= start
        }

    def shifted(self, offset: int) -> int:
        """Where a place that no edit touches is in the text after."""
        return offset + sum(len(edit.content) - (edit.end - edit.start) for edit in self.edits if edit.end <= offset)


def rounds(mender: Mender) -> dict[str, list[Round]]:
    """What was done to each file, in its order."""
    steps: dict[str, list[tuple[Source, list[Applied]]]] = {}
    for item in mender.applied:
        source = item.diagnostic.source
        assert source.path == item.path
        held = steps.setdefault(item.path, [])
        if not held or held[-1][0] is not source:
            held.append((source, []))
        held[-1][1].append(item)
    last = {manifest.path: manifest.source for manifest in mender.manifests}
    done = {}
    for path, held in steps.items():
        sources = [*(source for source, _ in held), last[path]]
        done[path] = [Round(sources[number], sources[number + 1], items) for number, (_, items) in enumerate(held)]
    return done


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip looks at the disk to tell paths from names, and reqlint for an active environment: none of either is there."""
    monkeypatch.chdir(tmp_path)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("project", own(), ids=str)
def test_projects_of_our_own(project: Project) -> None:
    check(project)
    check(furnished(project))
    check(furnished(project), unsafe=False)


def _crlf(data: bytes) -> bytes:
    return re.sub(rb"\r\n|\n|\r", b"\r\n", data)


def _marked(data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf")


def _unfinished(data: bytes) -> bytes:
    return data.rstrip(b"\r\n")


@pytest.mark.parametrize("rewritten", [_crlf, _marked, _unfinished])
@pytest.mark.parametrize("project", own()[::5], ids=str)
def test_projects_as_other_editors_save_them(project: Project, rewritten: Callable[[bytes], bytes]) -> None:
    files = {
        path: rewritten(data) if path in project.manifests and b"\0" not in data else data
        for path, data in project.files.items()
    }
    check(furnished(Project(project.name, files)))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not there")
@pytest.mark.parametrize("project", corpus(), ids=str)
def test_real_projects(project: Project) -> None:
    for part in parts(project, 60):
        check(furnished(part))


def test_fixes_of_all_rules_are_seen() -> None:
    """So that no law is kept for lack of anything to keep it from."""
    seen: Counter[str] = Counter()
    for project in own():
        mender = furnished(project).mender(unsafe=True, select=["ALL"])
        mender.run()
        seen.update(item.diagnostic.code for item in mender.applied)
    assert seen.keys() == {rule.code for rule in rules().values() if rule.fix}
    assert seen.keys() <= MAY_CHANGE.keys()


@pytest.mark.parametrize(
    ("code", "old", "new", "message"),
    [
        ("RQ702", "==1.0", "==2.0", "became something else"),
        ("RQ705", "# end", "new==1.0", "new without a word"),
        ("RQ101", "\n# end", "\r\n# end", ""),
        ("RQ702", "==1.0\n", "==1.0 \\\n--hash=sha256:00\n", "became something else"),
        ("RQ705", "https://user:", "https://User:", "indexes changed"),
    ],
)
def test_the_laws_can_be_broken(monkeypatch: pytest.MonkeyPatch, code: str, old: str, new: str, message: str) -> None:
    """By a rule that changes what it is not about."""

    def rule(manifest: Manifest, _project: object) -> Iterator[Diagnostic]:
        start = manifest.source.text.find(old)
        if start >= 0:
            fix = Fix("Write something else", [Edit(start, start + len(old), new)])
            yield Diagnostic(manifest.source, (start, start + len(old)), "it stands there", fix=fix)

    one = Rule(code, "test", "error", "manifest", rule, fix="safe", default=True, kinds=ALL_KINDS)
    monkeypatch.setattr("reqlint.registry._rules", {**rules(), code: one})
    text = b"--extra-index-url https://user:${PASSWORD}@packages.example.com/simple\nidna==3.7\nsix==1.0\n# end\n"
    with pytest.raises(AssertionError, match=message or None):
        check(Project("", {"requirements.txt": text}))


# The laws, each of which raises AssertionError


def check(project: Project, *, unsafe: bool = True, select: tuple[str, ...] = ("ALL",)) -> Counter[str]:
    """Mend a project and hold what came of it against all laws; returns how many fixes of each rule there were."""
    mender = project.mender(unsafe=unsafe, select=[*select])
    mender.run()
    assert mender.faults == [], mender.faults
    done = rounds(mender)
    before = {manifest.path: manifest.source for manifest in mender.before}
    changes = mender.changes()
    assert changes.keys() <= done.keys()
    for path, steps in done.items():
        assert steps[0].before.text == before[path].text
        for step in steps:
            _only_the_edits(step)
            _only_what_was_announced(step)
    for path, (old, new) in changes.items():
        _bytes_are_kept(done[path], old, new)
        readable(format_of(path), old, new, sum(len(step.edits) for step in done[path]))
    _secrets_are_kept(mender, changes)
    mended = Project(
        project.name,
        {
            **project.files,
            **{os.path.relpath(path, ROOT).replace(os.sep, "/"): new for path, (_, new) in changes.items()},
        },
    )
    again = mended.mender(unsafe=unsafe, select=[*select])
    again.run()
    assert [(item.path, item.diagnostic.code) for item in again.applied] == []
    assert again.changes() == {}
    return Counter(item.diagnostic.code for item in mender.applied)


def _only_the_edits(step: Round) -> None:
    """The text after is the text before, but for the edits."""
    position = done = 0
    for edit in step.edits:
        assert done <= edit.start <= edit.end <= len(step.before.text)
        kept = step.before.text[done : edit.start] + edit.content
        assert step.after.text[position : position + len(kept)] == kept
        position += len(kept)
        done = edit.end
    assert step.after.text[position:] == step.before.text[done:]


def _bytes_are_kept(steps: list[Round], old: bytes, new: bytes) -> None:
    """Encoding, byte order mark, line ends and the end of the file are what they were, but where a fix is about them."""
    first, last = steps[0].before, steps[-1].after
    codes = {item.diagnostic.code for step in steps for item in step.applied}
    recoded = any(item.fix.encoding for step in steps for item in step.applied)
    assert recoded == ("RQ008" in codes)
    if recoded:
        assert new == last.text.encode()
    else:
        assert (old[: len(first.bom)], new[: len(first.bom)]) == (first.bom, first.bom)
        assert new[len(first.bom) :] == last.text.encode(first.encoding)
    ends = set(EDIT_ENDS.findall(first.text)) or {"\n"}
    assert set(EDIT_ENDS.findall(last.text)) <= ends
    at_the_end = any(edit.end == len(step.before.text) for step in steps for edit in step.edits)
    if last.text and not at_the_end:
        assert (last.text[-1] in "\r\n") == (first.text[-1] in "\r\n")


def _identity(item: Dependency) -> dict[str, Any]:
    parts = item.parts
    return {
        "name": item.name,
        "extras": tuple(sorted(item.extras)),
        "specifier": item.specifier,
        "marker": item.marker,
        "url": item.url,
        "kind": item.kind,
        "hashes": item.hashes,
        "editable": item.editable,
        "build": parts.build,
        "channel": parts.channel,
        "group": (item.group.kind, item.group.name),
        "ecosystem": item.ecosystem,
    }


def _read(source: Source) -> Manifest:
    form = format_of(source.path)
    assert form is not None
    manifest: Manifest = form.reader().read(source, None)
    return manifest


def _only_what_was_announced(step: Round) -> None:
    """A dependency that no edit touches is the same at its place; of one that is touched, what its rules are about changes."""
    before, after = _read(step.before), _read(step.after)
    if not ABOUT_THE_REST & {item.diagnostic.code for item in step.applied}:
        assert _rest(before) == _rest(after), "indexes changed"
    old, new = before.dependencies, after.dependencies
    left = {id(item): item for item in new}
    by_place = {(item.span, _frozen(item)): item for item in new}
    touched: list[tuple[Dependency, set[str]]] = []
    for item in old:
        codes = step.codes_at(*item.span) | step.codes_at(item.entry[0] + 1, item.entry[1] - 1)
        if codes:
            touched.append((item, codes))
            continue
        place = (step.shifted(item.span[0]), step.shifted(item.span[1]))
        same = by_place.get((place, _frozen(item)))
        assert same is not None, f"an untouched dependency changed: {item!r} {_identity(item)}"
        left.pop(id(same), None)
    _are_announced(touched, list(left.values()), {item.diagnostic.code for item in step.applied})


def _rest(manifest: Manifest) -> list[tuple[str, str]]:
    indexes = [(item.kind, item.url) for item in manifest.indexes]
    return [
        *indexes,
        *((item.kind, item.value) for item in manifest.settings),
        *((item.kind, item.path) for item in manifest.includes),
    ]


def _frozen(item: Dependency) -> tuple[Any, ...]:
    return tuple(_identity(item).values())


def _are_announced(before: list[tuple[Dependency, set[str]]], after: list[Dependency], all_codes: set[str]) -> None:
    """Match what was touched with what came of it: first what must be there still, the same before what may have become it."""
    rest = [(item, _identity(item)) for item in after]
    allowed = {id(item): _allowed(codes) for item, codes in before}
    for item, codes in sorted(before, key=lambda pair: "gone" in allowed[id(pair[0])]):
        ours, may = _identity(item), allowed[id(item)]
        best: tuple[int, int] | None = None
        for place, (_, theirs) in enumerate(rest):
            changed = {key for key, value in ours.items() if theirs[key] != value}
            if changed <= may and (best is None or len(changed) < best[0]):
                best = len(changed), place
            if not changed:
                break
        if best is not None:
            del rest[best[1]]
        else:
            assert "gone" in may, f"{item!r} {ours} became something else by {codes}: {rest}"
    assert not rest or "new" in _allowed(all_codes), f"new without a word by {all_codes}: {rest}"


def _allowed(codes: set[str]) -> set[str]:
    return {word for code in codes for word in MAY_CHANGE[code].split()}


def _secrets_are_kept(mender: Mender, changes: dict[str, tuple[bytes, bytes]]) -> None:
    """No secret of a file stands in any output about the fixes."""
    sources = [manifest.source for manifest in mender.before]
    secrets = {source.text[item.start + item.public : item.end] for source in sources for item in find(source.text)}
    examples = "".join(rule.check.__doc__ or "" for rule in rules().values())  # which some formats print
    secrets = {secret for secret in secrets if len(secret) >= 8 and secret not in examples}
    if not secrets:
        return
    redact = Redactor(mender.sources())
    left = mender.linter.check(mender.manifests)
    shown = diff.render(mender.before, changes, redact)
    texts = [shown.data.decode("utf-8", "replace"), *shown.notes]
    report = Report(left, mender.manifests, redact, applied=mender.applied, unsafe=True)
    texts += [render(name, report) for name in OUTPUT_FORMATS]
    for text in texts:
        assert not any(secret in text for secret in secrets)


# The real readers


def readable(form: Any, old: bytes, new: bytes, edits: int) -> None:
    """What the real reader took before it takes after, and what it sees has changed in as many places as there were edits.

    So each edit is one of a value, an entry or a comment, never of the structure around it.
    """
    read = READERS.get(form.name)
    if read is None:
        return
    try:
        before = read(old)
    except (ValueError, SyntaxError, yaml.YAMLError, configparser.Error):
        return
    after = read(new)
    assert after.pop(REFUSED, 0) <= before.pop(REFUSED, 0)
    for lost in (before - after, after - before):
        assert lost.total() <= edits * LEAVES, f"{lost} in {edits} edits"


REFUSED = "refused"
LEAVES = 4  # of one entry: Poetry's tables have a version, extras, a marker and a source


def _leaves(tree: Any, above: str = "") -> Iterator[str]:
    """Each scalar with the keys that lead to it, without places in lists."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _leaves(value, f"{above}/{key}")
    elif isinstance(tree, list):
        for value in tree:
            yield from _leaves(value, f"{above}/-")
    else:
        yield f"{above}: {tree!r}"


def _toml(data: bytes) -> Counter[str]:
    return Counter(_leaves(tomllib.loads(data.removeprefix(b"\xef\xbb\xbf").decode())))


def _yaml(data: bytes) -> Counter[str]:
    return Counter(leaf for document in yaml.safe_load_all(data) for leaf in _leaves(document))


def _ini(data: bytes) -> Counter[str]:
    parser = configparser.RawConfigParser()
    parser.read_string(data.decode())
    return Counter(
        f"{section}/{key}: {line}"
        for section in parser.sections()
        for key, value in parser.items(section)
        for line in (value or "").splitlines()
    )


def _python(data: bytes) -> Counter[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(data)
    return Counter(ast.dump(item) for item in ast.walk(tree) if isinstance(item, ast.Constant | ast.Name | ast.keyword))


def _pip(data: bytes) -> Counter[str]:
    """What pip's own parser sees; a line that it refuses counts by its fault."""
    req_file, read_with_pip = _real_pip()
    reading = read_with_pip(req_file._decode_req_file(data, "requirements.txt"))
    seen = [*map(repr, reading.requirements.values()), *map(repr, reading.includes.values())]
    seen += [*reading.index_urls, *reading.find_links, *reading.trusted]
    seen += [f"{name}: {getattr(reading, name)}" for name in ("no_index", "pre", "require_hashes")]
    return Counter({**Counter(seen), REFUSED: len(reading.refused)})


@cache
def _real_pip() -> tuple[Any, Callable[[str], Any]]:
    req_file = pytest.importorskip("pip._internal.req.req_file")
    from tests.formats.test_against_pip import read_with_pip

    return req_file, read_with_pip


READERS: dict[str, Callable[[bytes], Counter[str]]] = {
    "requirements.txt": _pip,
    "pyproject.toml": _toml,
    "uv.toml": _toml,
    "hatch.toml": _toml,
    "pixi.toml": _toml,
    "Pipfile": _toml,
    "environment.yml": _yaml,
    "setup.cfg": _ini,
    "tox.ini": _ini,
    "tox.toml": _toml,
    "noxfile.py": _python,
    ".pre-commit-config.yaml": _yaml,
    "setup.py": _python,
}
