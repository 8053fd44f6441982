from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlint.config import Configurations
from reqlint.diagnostic import Diagnostic
from reqlint.files import Memory
from reqlint.fixes import Edit, Fix, apply
from reqlint.formats import FORMATS
from reqlint.formats.requirements_txt import role_of
from reqlint.linter import ROUNDS, Linter, Mender, Target
from reqlint.model import Manifest
from reqlint.project import Project
from reqlint.registry import Rule, rules
from tests.command import run
from tests.support import check, mended

FORM = FORMATS["requirements.txt"]
SECRET = "pa55" + "w0rd-of-mine"


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Declare rules for one test: ``rule(check, code)``."""
    monkeypatch.setattr("reqlint.registry._rules", dict(rules()))

    def declare(check: Any, code: str = "RQ998", on: str = "manifest", **options: Any) -> None:
        settings = {"fix": "safe", "default": True, "kinds": ("name", "url", "path", "scp"), **options}
        rules()[code] = Rule(code, f"test-{code.lower()}", "warning", on, check, **settings)  # type: ignore[arg-type]

    return declare


def mend(text: bytes | str, *, unsafe: bool = False, select: str = "ALL") -> Mender:
    data = text.encode() if isinstance(text, str) else text
    memory = Memory({"p/requirements.txt": data})
    configurations = Configurations(memory, {"select": select.split(",")}, isolated=True)
    mender = Mender(memory, configurations, [Target("p/requirements.txt", FORM)], unsafe=unsafe)
    mender.run()
    return mender


def after(mender: Mender) -> bytes:
    return mender.memory.read("p/requirements.txt")


# A rule that fails


@pytest.mark.parametrize(
    "error",
    [
        ValueError(SECRET),
        KeyError(SECRET),
        RuntimeError(SECRET),
        OSError(errno.EACCES, SECRET, SECRET),
        RecursionError(SECRET),
        NotImplementedError(),
        MemoryError(),
        StopIteration(SECRET),
        ImportError(SECRET),
        ZeroDivisionError(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("on", ["dependency", "manifest"])
def test_a_rule_that_raises_is_a_finding_and_the_others_stand(
    tmp_path: Path, rule: Any, error: Exception, on: str
) -> None:
    def fail(_subject: object, _project: Project) -> Iterator[Diagnostic]:
        raise error
        yield

    rule(fail, on=on)
    (tmp_path / "requirements.txt").write_text("# reqlint: ignore-file[ALL, RQ999]\nflask\n")
    result = run(cwd=tmp_path)
    assert result.code == 2
    assert "RQ999" in result.codes
    name = "RuntimeError" if isinstance(error, StopIteration) else type(error).__name__
    assert f"the rule RQ998 (test-rq998) failed on this file: {name} in line " in result.out
    assert SECRET not in result.out + result.err
    (tmp_path / "requirements.txt").write_text("flask\n")
    assert set(run("--exit-zero", cwd=tmp_path).codes) == {"RQ101", "RQ999"}
    assert run("--exit-zero", cwd=tmp_path).code == 2


def test_findings_before_the_fault_stand(rule: Any) -> None:
    def fail(manifest: Manifest, _project: Project) -> Iterator[Diagnostic]:
        yield Diagnostic(manifest.source, (0, 1), "before the fault")
        raise ValueError

    rule(fail)
    assert {item.code for item in check("flask==1\n", select=["RQ998"])} == {"RQ998", "RQ999"}


def test_a_reader_that_raises_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_source: object, _role: object) -> Manifest:
        raise ValueError(SECRET)

    monkeypatch.setattr("reqlint.formats.requirements_txt.read", fail)
    (tmp_path / "requirements.txt").write_text("flask\n")
    result = run("--fix", "--unsafe-fixes", cwd=tmp_path)
    assert result.code == 2
    assert "RQ999 internal-error" in result.out or result.codes == ["RQ999"]
    assert "reading this file failed: ValueError in line" in result.out
    assert SECRET not in result.out + result.err


def test_faults_of_the_user_are_no_faults_of_ours(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask\n")
    (tmp_path / "reqlint.toml").write_text('python = "nowhere"\n')
    result = run(cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "nowhere" in result.err


# Findings


def test_the_order_is_that_of_places_then_the_worst(rule: Any) -> None:
    def one(manifest: Manifest, _project: Project) -> Iterator[Diagnostic]:
        yield Diagnostic(manifest.source, (5, 6), "late")
        yield Diagnostic(manifest.source, (0, 1), "mild")

    def other(manifest: Manifest, _project: Project) -> Iterator[Diagnostic]:
        yield Diagnostic(manifest.source, (0, 1), "grave", severity="error")
        yield Diagnostic(manifest.source, (0, 1), "grave", severity="error")

    rule(one, "RQ997")
    rule(other)
    assert [item.message for item in check("flask==1\n", select="RQ99")] == ["grave", "mild", "late"]


def test_ignored_findings_are_gone(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask  # reqlint: ignore[RQ101] on purpose\nrequests\n")
    assert run(cwd=tmp_path).codes == ["RQ101"]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("requirements.txt", "application"),
        ("requirements.in", "input"),
        ("constraints.in", "input"),
        ("constraints.txt", "constraint"),
        ("upper-constraints.txt", "constraint"),
        ("constraints-3.12.txt", "constraint"),
        ("CONSTRAINTS.TXT", "constraint"),
        ("unconstrained.txt", "application"),
        ("a/constraints/requirements.txt", "application"),
    ],
)
def test_roles(name: str, role: str) -> None:
    assert role_of(name) == role


# Fixing


def replacing(old: str, new: str, *, applicability: str = "safe") -> Any:
    """A rule that replaces the first ``old`` by ``new``."""

    def check(manifest: Manifest, _project: Project) -> Iterator[Diagnostic]:
        at = manifest.source.text.find(old)
        if at >= 0:
            fix = Fix(f"Write {new!r}", [Edit(at, at + len(old), new)], applicability)  # type: ignore[arg-type]
            yield Diagnostic(manifest.source, (at, at + len(old)), f"{old!r} stands here", fix=fix)

    return check


def test_rounds_go_on_until_nothing_is_left(rule: Any) -> None:
    rule(replacing("aa", "a"))
    mender = mend("aaaaaa==1\n", select="RQ998")
    assert after(mender) == b"a==1\n"
    assert len(mender.applied) == 5
    assert mender.faults == []


def test_fixes_that_never_come_to_rest_stop_and_are_told(tmp_path: Path, rule: Any) -> None:
    rule(replacing("a", "b"), "RQ997")
    rule(replacing("b", "a"))
    mender = mend("a==1\n", select="RQ99")
    assert len(mender.applied) <= 2 * ROUNDS
    assert mender.faults == ["p/requirements.txt: the fixes do not come to rest; please report it"]
    (tmp_path / "requirements.txt").write_text("a==1\n")
    result = run("--fix", "--select", "RQ99", cwd=tmp_path)
    assert result.code == 2
    assert "do not come to rest" in result.err


@pytest.mark.parametrize("bad", ["a=1", "--nope", "a==1 ; python_version", "-r requirements.txt --pre"])
@pytest.mark.parametrize("select", ["RQ99", "RQ0,RQ99"])
def test_a_fix_that_would_make_the_file_worse_is_left_out(tmp_path: Path, rule: Any, bad: str, select: str) -> None:
    rule(replacing("broken==1", bad), "RQ997")
    rule(replacing("x==1", "y==1"))
    text = "w==1\nx==1\nbroken==1\nz==1\n"
    mender = mend(text, select=select)
    assert after(mender) == text.replace("x==", "y==").encode()
    assert len(mender.faults) == 1
    assert "the fix of RQ997 would break the file" in mender.faults[0]
    (tmp_path / "requirements.txt").write_text(text)
    result = run("--fix", "--select", select, cwd=tmp_path)
    assert result.code == 2
    assert "please report it" in result.err
    assert "RQ997" in result.codes


def test_one_bad_fix_among_many_good_ones(rule: Any) -> None:
    def many(manifest: Manifest, _project: Project) -> Iterator[Diagnostic]:
        for item in manifest.dependencies:
            if item.specifier == "==1":
                new = "=2" if item.name == "p13" else "==2"
                fix = Fix("Write 2", [Edit(item.span[1] - 3, item.span[1], new)])
                yield Diagnostic(manifest.source, item.span, f"{item.name}", fix=fix)

    rule(many)
    mender = mend("".join(f"p{number}==1\n" for number in range(40)), select="RQ998")
    assert after(mender) == "".join(f"p{number}=={1 if number == 13 else 2}\n" for number in range(40)).encode()
    assert len(mender.applied) == 39
    assert len(mender.faults) == 1


def test_a_fix_that_the_encoding_cannot_write_is_left_out(rule: Any) -> None:
    rule(replacing("a", "日"))
    data = "# -*- coding: latin-1 -*-\n# a é\n".encode("latin-1")
    mender = mend(data, select="RQ998")
    assert after(mender) == data
    assert len(mender.faults) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_several_byte_order_marks_go_at_once(encoding: str) -> None:
    """If one was left, it would be the mark of the file that is written."""
    mender = mend("\ufeff\ufeff\ufeffidna==3.7\n".encode(encoding), select="RQ008")
    assert mender.faults == []
    assert after(mender) == b"idna==3.7\n"


def test_a_fix_that_changes_nothing_ends(rule: Any) -> None:
    rule(replacing("a", "a"))
    assert after(mend("a==1\n", select="RQ998")) == b"a==1\n"


def test_unsafe_fixes_only_when_asked(rule: Any) -> None:
    rule(replacing("a", "b", applicability="unsafe"))
    assert after(mend("a==1\n", select="RQ998")) == b"a==1\n"
    assert after(mend("a==1\n", select="RQ998", unsafe=True)) == b"b==1\n"


def test_what_is_mended_in_one_file_counts_in_the_next() -> None:
    """The first file's constraint is pinned by a fix of the second, so that the first has a fault less in one run."""
    memory = Memory({"p/a.txt": b"x==2\n-c b.txt\n", "p/b.txt": b"x=1\n"})
    configurations = Configurations(memory, {"select": ["RQ0", "RQ1", "RQ4"]}, isolated=True)
    targets = [Target("p/a.txt", FORM), Target("p/b.txt", FORM, "constraint")]
    first = Mender(memory, configurations, targets, unsafe=True)
    left = {(item.source.path, item.code) for item in first.run()}
    memory.contents |= {f"{Path(path).resolve()}": new for path, (_, new) in first.changes().items()}
    second = Mender(memory, configurations, targets, unsafe=True)
    assert {(item.source.path, item.code) for item in second.run()} == left
    assert second.changes() == {}


def test_each_file_is_read_once(rule: Any) -> None:
    rule(replacing("a", "b"))
    reads: list[str] = []

    class Counting(Memory):
        def read(self, path: str) -> bytes:
            reads.append(path)
            return super().read(path)

    files = Counting({"p/requirements.txt": b"a==1\n"})
    configurations = Configurations(files, {"select": ["RQ998"]}, isolated=True)
    mender = Mender(files, configurations, [Target("p/requirements.txt", FORM)], unsafe=False)
    mender.run()
    files.contents.clear()
    assert mender.changes() == {"p/requirements.txt": (b"a==1\n", b"b==1\n")}
    assert reads == ["p/requirements.txt"]


# The fix law, over files that hypothesis makes

NAMES = st.sampled_from("flask requests Our_Tools zope.interface a scikit-learn".split())
VERSIONS = st.sampled_from(
    ["", "==1.0", ">=2", "=1.5", "~=1.4", "== 1.0", ">=1,<2", "==1.*", "<3, >1", "==${V}", " >= 1 "]
)
TAILS = st.sampled_from(["", "  # why", " ; python_version > '3'", " --hash=sha256:" + "0" * 64, "\t# é日😀", ","])
LINES = st.one_of(
    st.builds("{}{}{}".format, NAMES, VERSIONS, TAILS),
    st.builds('"{}{}",'.format, NAMES, VERSIONS),
    st.sampled_from(
        [
            "",
            "   ",
            "# a comment",
            "--index-url https://build:${token}@packages.example.com/simple",
            f"--extra-index-url https://u:{SECRET}@packages.example.com/simple",
            "-e git+http://example.com/o/r.git#egg=r",
            "-e name @ git+https://example.com/o/r.git@v1",
            "git+ssh://git@github.com:o/r.git",
            "-r=missing.txt",
            "--pre requests",
            "pip install flask",
            "flask \\",
            "# reqlint: ignore[RQ101] no reason",
            "a  # reqlint: ignore",
            "nonsense ??? here",
            "./folder ; python_version > '3'",
            "http://example.com/a-1.0.zip",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=12),
)
ENDS = st.sampled_from(["\n", "\n", "\r\n", "\r"])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A requirements file: odd lines, line ends of one kind or another, perhaps a byte order mark or another encoding."""
    end = draw(ENDS)
    text = "".join(draw(st.lists(LINES.map(lambda line: line + end), max_size=8)))
    if draw(st.booleans()):
        text = text.removesuffix(end)
    encoding = draw(st.sampled_from(["plain", "plain", "plain", "utf-8-sig", "utf-16", "latin-1"]))
    if encoding == "latin-1":
        return (f"# -*- coding: latin-1 -*-{end}" + text).encode("latin-1", "replace")
    return text.encode(encoding if encoding != "plain" else "utf-8")


def faults(manifests: list[Manifest]) -> dict[str, int]:
    """How many faults of reading there are of each kind."""
    kinds = [problem.rule for manifest in manifests for problem in manifest.problems]
    kinds = ["invalid-requirement" if kind == "wrong-kind-of-file" else kind for kind in kinds]
    return {kind: kinds.count(kind) for kind in kinds if kind != "templated-version"}


@given(data=files(), unsafe=st.booleans())
def test_the_fix_law(data: bytes, *, unsafe: bool) -> None:
    mender = mend(data, unsafe=unsafe)
    result = after(mender)
    assert mender.faults == []
    # Fixing twice is fixing once.
    again = mend(result, unsafe=unsafe)
    assert again.changes() == {}
    assert again.applied == []
    # No fault of reading is new.
    before = faults(mender.before)
    assert all(count <= before.get(kind, 0) for kind, count in faults(mender.manifests).items())
    if not mender.applied:
        assert result == data
        return
    # The encoding stays, but for a fix that is about it.
    recoded = any(item.fix.encoding for item in mender.applied)
    old, new = mender.before[0].source, mender.manifests[0].source
    assert recoded or (new.encoding, new.bom) == (old.encoding, old.bom)
    # Line ends stay of their kind; what is left without any gets the usual one.
    ends = re.compile(r"\r\n|\n|\r")
    kinds = set(ends.findall(old.text)) or {"\n"}
    assert set(ends.findall(new.text)) <= kinds or ends.findall(new.text) == ["\n"]


@given(data=files())
def test_bytes_outside_the_edits_are_untouched(data: bytes) -> None:
    """One round: the text between the edits of the fixes that were chosen stands in the result, in order."""
    memory = Memory({"p/requirements.txt": data})
    linter = Linter(memory, Configurations(memory, {"select": ["ALL"]}, isolated=True))
    [manifest] = linter.load([Target("p/requirements.txt", FORM)])
    source = manifest.source
    for item in linter.check_one(manifest):
        if item.fix is None or item.fix.encoding is not None:
            continue
        kept, done = [], 0
        for edit in item.fix.edits:
            assert 0 <= done <= edit.start <= edit.end <= len(source.text)
            kept.append(source.text[done : edit.start])
            done = edit.end
        kept.append(source.text[done:])
        text = apply(source.text, [item.fix])
        assert text.startswith(kept[0])
        assert text.endswith(kept[-1])
        assert len(text) == sum(map(len, kept)) + sum(len(edit.content) for edit in item.fix.edits)


@given(data=st.binary(max_size=80))
def test_any_bytes_are_checked_and_mended_without_a_fault(data: bytes) -> None:
    mender = mend(data, unsafe=True)
    assert mender.faults == []
    assert not any(item.code == "RQ999" for item in mender.linter.check(mender.manifests))


def test_what_support_offers_goes_through_the_same_loop() -> None:
    assert mended("requests=1.0\n", unsafe=True, select="RQ002") == "requests==1.0\n"
