"""Match specs, against rattler, and against conda itself where a copy is at hand.

What PyPI has of conda itself is ancient, but conda-lock carries a copy of conda 24.7. conda-lock's own requirements keep
it from being installed beside our tests; what its copy says was written down here (``CONDA``), and is asked again where
conda-lock can be imported.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from reqlint.match_spec import Quirk, parse, parse_version
from reqlint.requirement import Constraint, InvalidRequirementError, Requirement

rattler = pytest.importorskip("rattler")
Refusal = pytest.importorskip("rattler.exceptions").InvalidMatchSpecError

# Plain releases only: about pre-releases conda has its own order.
CANDIDATES = "0 0.9 1 1.0.1 1.0 1.1 1.1.1 1.2 1.2.3 1.10 1.11 1.11.2 1.12 2 2.0 2.1 3 3.10 3.10.4 10 1!1 1!1.2".split()
RECORDS = [
    (version, rattler.PackageRecord("foo", version, rattler.BuildString("py_0"), 0, "noarch")) for version in CANDIDATES
]

# What conda 24.7 makes of a spec: name, version, build, channel. Its version is written in its own way: `1.11.*` begins
# with 1.11, `1.11` is exact.
CONDA: list[tuple[str, str, str | None, str | None, str | None]] = [
    ("numpy", "numpy", None, None, None),
    ("NumPy", "numpy", None, None, None),
    ("zope.interface_x-y", "zope.interface_x-y", None, None, None),
    ("_libgcc_mutex=0.1=main", "_libgcc_mutex", "0.1", "main", None),
    ("numpy=1.11", "numpy", "1.11.*", None, None),
    ("numpy =1.11", "numpy", "1.11.*", None, None),
    ("numpy = 1.11", "numpy", "1.11.*", None, None),
    ("numpy==1.11", "numpy", "1.11", None, None),
    ("numpy == 1.11", "numpy", "1.11", None, None),
    ("numpy 1.11", "numpy", "1.11", None, None),
    ("numpy 1.11 py36_0", "numpy", "1.11", "py36_0", None),
    ("numpy  1.11   py36_0", "numpy", "1.11", "py36_0", None),
    ("numpy=1.11=py36_0", "numpy", "1.11", "py36_0", None),
    ("numpy==1.11=py36_0", "numpy", "==1.11", "py36_0", None),
    ("numpy=1.11=*cuda*", "numpy", "1.11", "*cuda*", None),
    ("numpy = 1.11 py36_0", "numpy", "1.11", "py36_0", None),
    ("pkg=*=*_cuda", "pkg", "*", "*_cuda", None),
    ("pkg * *", "pkg", "*", "*", None),
    ("numpy=1.11*", "numpy", "1.11.*", None, None),
    ("numpy=1.11.*", "numpy", "1.11.*", None, None),
    ("numpy==1.11.*", "numpy", "1.11.*", None, None),
    ("numpy 1.11*", "numpy", "1.11.*", None, None),
    ("numpy=1.11.*=py_0", "numpy", "1.11.*", "py_0", None),
    ("numpy 1.11.* py_0", "numpy", "1.11.*", "py_0", None),
    ("numpy!=1.2.*", "numpy", "!=1.2.*", None, None),
    ("numpy !=1.2", "numpy", "!=1.2", None, None),
    ("numpy~=1.2", "numpy", "~=1.2", None, None),
    ("numpy ~=1.11.1", "numpy", "~=1.11.1", None, None),
    ("numpy>=1.1,<2", "numpy", ">=1.1,<2", None, None),
    ("numpy >=1.1,<2|==3", "numpy", ">=1.1,<2|==3", None, None),
    ("numpy >= 1.1 , < 2", "numpy", ">=1.1,<2", None, None),
    ("numpy >=1.1 , <2 py36_0", "numpy", ">=1.1,<2", "py36_0", None),
    ("numpy>=1.0=py_0", "numpy", ">=1.0", "py_0", None),
    ("numpy >=1.0.*", "numpy", ">=1.0.*", None, None),
    ("numpy 1.0|2.0 py_0", "numpy", "1.0|2.0", "py_0", None),
    ("numpy=1.0|2.0", "numpy", "=1.0|2.0", None, None),
    ("numpy=1.0,<2", "numpy", "=1.0,<2", None, None),
    ("numpy=1.1,!=1.1.1=py_0", "numpy", "=1.1,!=1.1.1", "py_0", None),
    ("numpy==1.0|==2.0", "numpy", "1.0|==2.0", None, None),
    ("numpy 1!1.2", "numpy", "1!1.2", None, None),
    ("conda-forge::pkg", "pkg", None, None, "conda-forge"),
    ("conda-forge::pkg=1.0", "pkg", "1.0.*", None, "conda-forge"),
    ("conda-forge/linux-64::pkg", "pkg", None, None, "conda-forge"),
    ("user/label/x::pkg", "pkg", None, None, "user/label/x"),
    ("https://conda.anaconda.org/conda-forge::pkg", "pkg", None, None, "conda-forge"),
    ("https://host:8080/conda-forge::pkg 1.0", "pkg", "1.0", None, "conda-forge"),
    ("https://user:word@host/chan::pkg", "pkg", None, None, "chan"),
    ("*/linux-64::pkg", "pkg", None, None, "*"),
    ("pkg[channel=conda-forge]", "pkg", None, None, "conda-forge"),
    ("pkg[channel='conda-forge', version='>=1']", "pkg", ">=1", None, "conda-forge"),
    ("main::pkg[channel=conda-forge/linux-64]", "pkg", None, None, "conda-forge"),
    ("pkg[version=1.0]", "pkg", "1.0", None, None),
    ('pkg[version="=1.0"]', "pkg", "=1.0", None, None),
    ("pkg[version==1.0]", "pkg", "=1.0", None, None),
    ("pkg[version=>=1]", "pkg", ">=1", None, None),
    ("pkg[version='1.1.*', build=py*]", "pkg", "1.1.*", "py*", None),
    ("pkg=1.0[build=py_0]", "pkg", "1.0.*", "py_0", None),
    ("pkg=1.0=x[build=py_0]", "pkg", "1.0", "py_0", None),
    ("pkg 1.0[version=2]", "pkg", "2", None, None),
    ("pkg [version='>=1 ,<2']", "pkg", ">=1,<2", None, None),
    ("pkg[version='>=1,(<2|>3)']", "pkg", ">=1,<2|>3", None, None),
    ("pkg[build_number='>=3', md5=d7c89558ba9fa0495403155b64376d81]", "pkg", None, None, None),
    ("pkg[]", "pkg", None, None, None),
    ("pkg # comment", "pkg", None, None, None),
    ("pkg=1.0 # [linux]", "pkg", "1.0.*", None, None),
    ("pkg=1.0#x", "pkg", "1.0.*", None, None),
]


def read(text: str, base: int = 0) -> Requirement:
    """Parse, and see to it that each part stands where its span says."""
    requirement, quirks = parse(text, base)

    def at(span: tuple[int, int] | None) -> str | None:
        return None if span is None else text[span[0] - base : span[1] - base]

    name = at(requirement.name_span)
    assert (name.lower() if name is not None else None) == requirement.name
    assert at(requirement.build_span) == requirement.build
    assert at(requirement.channel_span) == requirement.channel
    assert at(requirement.url_span) == requirement.url
    for constraint in requirement.constraints:
        assert at(constraint.version_span) == constraint.version
        clause = at(constraint.span) or ""
        assert clause.startswith(constraint.operator)
        assert clause.endswith(constraint.version)
    for quirk in quirks:
        assert at(quirk.span)
    return requirement


def quirks_of(text: str) -> list[tuple[str, str]]:
    return [(quirk.kind, text[slice(*quirk.span)]) for quirk in parse(text)[1]]


def meaning(requirement: Requirement) -> list[str | None]:
    """The groups of clauses by PEP 440."""
    return [said(group) for group in requirement.alternatives or (requirement.constraints,)]


def said(group: tuple[Constraint, ...]) -> str | None:
    if any(constraint.clauses is None for constraint in group):
        return None
    return ",".join(operator + version for constraint in group for operator, version in constraint.clauses or ())


def allowed(groups: list[str | None]) -> list[str]:
    """The candidates that the groups allow."""
    sets = [SpecifierSet(group) for group in groups if group is not None]
    return [text for text in CANDIDATES if any(item.contains(Version(text), prereleases=True) for item in sets)]


def judge(text: str, *, strict: bool = False) -> Any:
    """What rattler makes of a spec; None when it refuses it."""
    try:
        return rattler.MatchSpec(text, strict=strict)
    except Refusal:
        return None


def allowed_by_rattler(spec: Any) -> list[str]:
    """The candidates that rattler allows, whatever their build and channel."""
    if spec.version is None:
        return CANDIDATES
    spec = rattler.MatchSpec(f"foo[version='{spec.version}']")
    return [text for text, record in RECORDS if spec.matches(record)]


@pytest.mark.parametrize(("text", "name", "version", "build", "channel"), CONDA, ids=[row[0] for row in CONDA])
def test_conda_s_table(text: str, name: str, version: str | None, build: str | None, channel: str | None) -> None:
    requirement = read(text, 100)
    assert (requirement.kind, requirement.name, requirement.build) == ("name", name, build)
    assert (requirement.channel or "").rpartition("://")[2].endswith(channel or "")
    assert (requirement.channel is None) == (channel is None)
    if version is None:
        assert requirement.constraints == ()
    elif "(" not in text:
        constraints, alternatives, _ = parse_version(version)
        groups = [said(group) for group in alternatives or (constraints,)]
        assert allowed(groups) == allowed(meaning(requirement))


@pytest.mark.parametrize("text", [row[0] for row in CONDA])
def test_rattler_agrees(text: str) -> None:
    requirement = read(text)
    expected = judge(text)
    assert expected.name.normalized == requirement.name
    assert expected.build == requirement.build
    assert allowed_by_rattler(expected) == allowed(meaning(requirement))
    if requirement.channel is None:
        assert expected.channel is None
    else:
        assert requirement.channel.endswith(expected.channel.name)


# What rattler refuses when it is strict, and why we take it: conda does, and people write it.
STRICT = [
    ("numpy 1.11", "a version without an operator is exact to conda"),
    ("numpy=1.11=py36_0", "this is how `conda env export` and `conda list --export` write"),
    ("numpy=1.11.*", "a star after `=` says nothing new"),
    ("pkg[version=1.0]", "as behind a blank"),
]


@pytest.mark.parametrize("text", [row[0] for row in STRICT])
def test_strict_rattler_refuses(text: str) -> None:
    assert judge(text, strict=True) is None
    read(text)


# Where we differ from lenient rattler: (spec, does rattler take it, quirks or reason, why).
DIFFERENCES: list[tuple[str, bool, list[str] | str, str]] = [
    ("foo=", False, ["empty-version"], "conda reads it as no version"),
    ("foo>", False, ["empty-version"], "so it does behind the name"),
    ("foo=>1", False, ["reversed-operator"], "conda reads `>1*`"),
    ("foo=<1", False, ["reversed-operator"], "conda reads `<1*`"),
    ("foo (>=1.0)", True, ["dropped-parenthesis"], "conda drops it, rattler reads it"),
    ("foo(>=1.0)", False, ["dropped-parenthesis"], "conda drops it"),
    ("foo[extra]", False, ["pypi-extra"], "conda skips what is not key=value"),
    ("foo[a,b]>=1", False, ["pypi-extra", "pypi-extra"], "and takes the brackets out first"),
    ("foo[version = 1]", True, ["dropped-brackets"], "conda allows no blank around `=`, and skips the item"),
    ("foo[version=>=1,<2]", False, ["dropped-brackets"], "conda cuts an unquoted value at the comma"),
    ("foo[version='1]", False, ["dropped-brackets"], "conda skips an item whose quotes do not match"),
    ("foo[name=bar]", False, ["dropped-brackets"], "conda warns, and keeps the outer name"),
    ("foo[version='1' build=x]", False, [], "conda takes a blank between items"),
    ("foo[build=x]=1", False, ["misplaced-brackets"], "conda takes the brackets out first"),
    ("foo >=1 if python >3", True, ["dropped-condition"], "conda ignores it, rattler takes it for a build"),
    ("foo=1.", True, ["trailing-dot"], "conda adds a star, rattler reads the dot as a build"),
    ("foo >1.0.*", True, ["dropped-wildcard"], "conda reads `>1.0`, rattler `>=1.0`"),
    ("foo !=1.5*", True, ["dropped-wildcard"], "conda reads no wildcard, rattler `!=1.5.*`"),
    ("foo ^1.*$", False, [], "a regular expression, which rattler does not know"),
    ("foo 1.*.2", False, [], "a glob, likewise"),
    ("foo*", False, [], "a glob for the name"),
    ("foo[features=x]", False, [], "an old key"),
    ("foo@", False, ["feature"], "an old way to ask for a feature"),
    (
        "foo=1=2=3",
        True,
        "one `=` may stand before the version and one before the build, which holds no dash",
        "conda refuses",
    ),
    (
        "foo=1.0=py-0",
        True,
        "one `=` may stand before the version and one before the build, which holds no dash",
        "likewise",
    ),
    ("foo>=1 <2", True, "a comma is missing between the two clauses", "conda refuses, to rattler `<2` is a build"),
    (
        "foo>=1; os",
        True,
        "conda has no markers: use `# [linux]` selectors of conda-lock, or a file for each platform",
        "conda refuses, to rattler this is a build",
    ),
    (
        "foo 1.0 py_0 pypi",
        True,
        "nothing may follow the build; rows of `conda list` are no specs",
        "no build has a blank",
    ),
    (
        "foo=1.0=py$0",
        True,
        "a build holds letters, digits, `_`, `.` and `+`, and `*` for anything",
        "no build has a dollar",
    ),
    ("foo ~=1.0.*", True, "no wildcard may follow `~=`", "conda refuses"),
    ("foo\t1.0", True, "conda takes a tab for a part of the name", "which no name has"),
    ("ch :: foo", True, "no blank may stand beside the `::`", "conda refuses"),
    ("-c conda-forge", True, "this is an option of a command, and no spec", "no name begins with a dash (CEP 26)"),
    (
        ".foo",
        True,
        "a package name holds letters, digits, `_`, `-` and `.`, and begins with neither `-` nor `.`",
        "nor a dot",
    ),
    (
        "foo >=1,(<2|>3)",
        True,
        "conda drops what stands in parentheses, and the rest is no version; brackets may hold them: `name[version='>=1,(<2|>3)']`",
        "conda refuses what is left",
    ),
    ("ch::foo-1-0.conda", True, "a package file stands alone, without a channel", "conda takes all of it for a path"),
]


@pytest.mark.parametrize(
    ("text", "taken", "expected"), [row[:3] for row in DIFFERENCES], ids=[row[0] for row in DIFFERENCES]
)
def test_differences_from_rattler(text: str, taken: bool, expected: list[str] | str) -> None:
    assert (judge(text) is not None) == taken
    if isinstance(expected, str):
        with pytest.raises(InvalidRequirementError) as caught:
            parse(text)
        assert caught.value.reason == expected
    else:
        read(text, 7)
        assert [kind for kind, _ in quirks_of(text)] == expected


OPERATORS = st.sampled_from(["=", "==", "!=", "<", "<=", ">", ">=", "~=", " ", " =", " >= "])
NUMBERS = st.sampled_from(["1.0", "1.1", "1.11", "1.2.3", "2.0", "3.10", "1!1.2", "1.1rc1", "1.1.1w", "1.0.post1"])
BARE = st.sampled_from(["1", "1.11", "1.1.*", "1.1*", "2", "3.*", "*"])
LATER = st.one_of(
    BARE, st.builds("".join, st.tuples(st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~=", "="]), NUMBERS))
)
VERSIONS = st.builds(
    lambda first, rest: first + "".join(separator + clause for separator, clause in rest),
    st.one_of(st.builds("".join, st.tuples(OPERATORS, NUMBERS)), BARE.map(" {}".format), BARE.map("={}".format)),
    st.lists(st.tuples(st.sampled_from([",", "|", ", ", " | "]), LATER), max_size=3),
)
BUILDS = st.sampled_from(["", "", " py_0", "=py_0", "=*_cuda"])
SPECS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "", "conda-forge::", "main/noarch::", "https://conda.anaconda.org/c::"]),
        st.sampled_from(["foo", "Foo_bar", "foo-1.x", "_foo"]),
        st.one_of(st.just(""), st.builds("".join, st.tuples(VERSIONS, BUILDS))),
        st.sampled_from(["", "", "[build=py_1]", "[channel=x]", " # [linux]"]),
    ),
)


@given(SPECS)
@example("foo=1.0 py_0")
@example("foo 1.1*|>=2.0")
def test_rattler_reads_the_same(text: str) -> None:
    assume(not re.search("[,|] =", text))  # there conda takes the `=` for that of a build, and refuses the spec
    if (
        "[" not in text
        and " # " not in text
        and text.endswith(("foo py_0", "x py_0", "r py_0", "foo=py_0", "x=py_0", "r=py_0"))
    ):
        return  # the "build" is a version here, and PEP 440 knows no such version
    expected = judge(text)
    requirement = read(text)
    assert expected is not None
    assert expected.name.normalized == requirement.name
    assert expected.build == requirement.build
    groups = meaning(requirement)
    if not any(group is None or "===" in group for group in groups) and "dropped-wildcard" not in dict(quirks_of(text)):
        assert allowed_by_rattler(expected) == allowed(groups)


def test_conda_says_so_itself() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        conda = pytest.importorskip("conda_lock._vendor.conda.models.match_spec")
    for text, name, version, build, channel in CONDA:
        parts = {key: str(value) for key, value in conda.MatchSpec(text)._match_components.items()}
        found = (parts["name"], parts.get("version"), parts.get("build"), parts.get("channel"))
        assert found == (name, version, build, channel), text


@given(st.text("ab1.=<>!~|,()[]'\"^$*:@;/ \t\n#-_+é１", max_size=14))
@example("foo[version='" + "(1|2)," * 40 + "1']")
@example("foo[version='" + "(" * 500 + "']")
@example("foo[[")
@example("foo[='")
@example("::")
@example(")(")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text)
    except InvalidRequirementError as error:
        start, end = error.span
        assert 0 <= start <= end <= len(text)
        assert start < end or not text.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("foo=1.2", [("=", "1.2", (("==", "1.2.*"),))]),
        ("foo=1.2=py_0", [("=", "1.2", (("==", "1.2"),))]),
        ("foo 1.2", [("", "1.2", (("==", "1.2"),))]),
        ("foo==1.2.*=py_0", [("==", "1.2.*", (("==", "1.2"),))]),
        ("foo=1.1.1w", [("=", "1.1.1w", None)]),
        ("foo=1.1.1w=h0", [("=", "1.1.1w", (("===", "1.1.1w"),))]),
        ("foo>=1.1.1w", [(">=", "1.1.1w", None)]),
        ("foo 1.0-1", [("", "1.0-1", (("===", "1.0-1"),))]),
        ("foo ^1.*$", [("", "^1.*$", None)]),
        ("foo=>1", [("=>", "1", ((">=", "1"),))]),
        ("foo=<1", [("=<", "1", (("<", "1"),))]),
        ("foo >1.0*", [(">", "1.0*", ((">=", "1.0"),))]),
        ("foo~=1", [("~=", "1", None)]),
        ("foo~=1.0.post1", [("~=", "1.0.post1", ((">=", "1.0.post1"), ("==", "1.0.*")))]),
        ("foo *", []),
        ("foo>=*", []),
        ("foo (>=1)", []),
    ],
)
def test_clauses(text: str, expected: list[tuple[str, str, tuple[tuple[str, str], ...] | None]]) -> None:
    found = [(constraint.operator, constraint.version, constraint.clauses) for constraint in read(text).constraints]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("foo >=1,<2", []),
        ("foo >=1,<2|==3", [[">=1", "<2"], ["==3"]]),
        ("foo *|1", [[], ["1"]]),
        ("foo[version='(1|2),<3']", [["1", "<3"], ["2", "<3"]]),
        ("foo[version='((1|2)|3)']", [["1"], ["2"], ["3"]]),
    ],
)
def test_alternatives(text: str, expected: list[list[str]]) -> None:
    groups = [[clause.operator + clause.version for clause in group] for group in read(text).alternatives]
    assert groups == expected


@pytest.mark.parametrize(
    ("text", "specifier", "expected"),
    [
        ("foo", "=1.2.3", "foo=1.2.3"),
        ("foo # comment", "=1.2.3", "foo=1.2.3 # comment"),
        ("c::foo=1.2=py_0 # x", "=1.2.3=py_1", "c::foo=1.2.3=py_1 # x"),
        ("foo 1.2 py_0", "==1.2.3", "foo==1.2.3"),
        ("foo >= 1.2 , < 2", "=1.2.3", "foo=1.2.3"),
        ("foo (>=1)", "=1.2.3", "foo=1.2.3"),
        ("foo=", "=1.2.3", "foo=1.2.3"),
        ("foo=1.2=", "=1.2.3", "foo=1.2.3"),
        ("foo[extra]>=1", "=1.2.3", "foo=1.2.3"),
        ("foo >=1 [channel=c]", "=1.2.3", "foo=1.2.3 [channel=c]"),
        ("foo[build=py*]", "=1.2.3", "foo=1.2.3[build=py*]"),
        ("foo[version='>=1', build=x]", "=1.2.3", "foo[version='=1.2.3', build=x]"),
        ('foo[version=">=1"]', ">=1.2.3,<2", 'foo[version=">=1.2.3,<2"]'),
        ("foo[version=1]", ">=1.2.3,<2", "foo[version='>=1.2.3,<2']"),
    ],
)
def test_slots(text: str, specifier: str, expected: str) -> None:
    requirement = read(text, 100)
    assert requirement.slot is not None
    start, end = (offset - 100 for offset in requirement.slot)
    written = text[:start] + requirement.slot_format.format(specifier) + text[end:]
    assert written == expected
    assert "1.2.3" in read(written).constraints[0].version


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("https://conda.anaconda.org/conda-forge/linux-64/numpy-1.11.0-py27_0.conda", "url", "numpy"),
        ("https://host/t/<TOKEN>/c/noarch/foo-bar-1.0-0.tar.bz2", "url", "foo-bar"),
        ("file:///packages/linux-64/foo-1.0-0.conda", "url", "foo"),
        ("https://example.org/foo.conda", "url", None),
        ("./foo-1.0-0.conda", "path", "foo"),
        ("C:\\packages\\foo-1.0-0.tar.bz2", "path", "foo"),
        ("foo-1.0-0.conda", "path", "foo"),
    ],
)
def test_package_files(text: str, kind: str, name: str | None) -> None:
    for suffix in ["", "#d7c89558ba9fa0495403155b64376d81", "  # comment"]:
        requirement = read(text + suffix, 3)
        assert (requirement.kind, requirement.name, requirement.url) == (kind, name, text)
        assert requirement.slot is None


def test_url_in_brackets() -> None:
    requirement = read("foo[url=https://example.org/c/linux-64/foo-1.0-0.conda]")
    assert (requirement.kind, requirement.name) == ("url", "foo")
    assert requirement.url == "https://example.org/c/linux-64/foo-1.0-0.conda"


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("https://host/t/<TOKEN>/chan::pkg", "https://host/t/<TOKEN>/chan"),
        ("https://host/t/abc-123/chan/linux-64::pkg", "https://host/t/abc-123/chan"),
        ("pkg[channel='https://host/t/abc-123/chan']", "https://host/t/abc-123/chan"),
        ("C:\\channel::pkg", "C:\\channel"),
        ("::pkg", None),
    ],
)
def test_channels(text: str, channel: str | None) -> None:
    assert read(text).channel == channel


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("conda-forge:foo", [("dropped-namespace", "conda-forge:")]),
        ("foo[x] (>=1)", [("pypi-extra", "x"), ("dropped-parenthesis", "(>=1)")]),
        ("foo==1.0.*=py_0", [("dropped-wildcard", "==1.0.*")]),
        ("foo>=1", []),
    ],
)
def test_quirks(text: str, expected: list[tuple[str, str]]) -> None:
    assert quirks_of(text) == expected


def test_a_quirk_shows_its_place_only() -> None:
    assert repr(Quirk("pypi-extra", (4, 9), "has `secret` in it")) == "<Quirk pypi-extra (4, 9)>"


@pytest.mark.parametrize(
    ("text", "marked", "reason"),
    [
        ("", "", "a spec begins with a package name"),
        (">=1", ">=1", "a spec begins with a package name"),
        (
            "foo; sys_platform == 'win32'",
            "; sys_platform == 'win32'",
            "conda has no markers: use `# [linux]` selectors of conda-lock, or a file for each platform",
        ),
        (
            "foo @ https://example.org/foo.whl",
            "@ https://example.org/foo.whl",
            "conda has no direct references: a URL belongs in the `pip:` list",
        ),
        (
            "foo[x]@git+https://example.org/foo",
            "@git+https://example.org/foo",
            "conda has no direct references: a URL belongs in the `pip:` list",
        ),
        (
            "git+https://example.org/foo",
            "git+https://example.org/foo",
            "a URL in a spec is that of a package file (`.conda`, `.tar.bz2`), or of a channel with `::` behind it",
        ),
        ("https://host/c:foo", "https://host/c:foo", None),
        ("foo===1.0", "===", "conda has no `===`: `==` asks for one version"),
        ("foo~1.0", "~", "conda has no `~`: write `~=1.2`, or `=1.2`"),
        ("foo ^1.0", "^1.0", "conda has no `^`: write `>=1.2,<2`, or `=1.2`"),
        ("foo<>1.0", "<>", "conda has no `<>`: write `!=`"),
        ("foo>=1,=<2", "=<", "the `=` comes last: `>=` or `<=`"),
        ("foo==", "==", "no version follows the operator"),
        ("foo >=1,", ",", "a version is missing here"),
        ("foo {{ version }}", "{{ version }}", "conda fills in no variables here"),
        ('foo ">=1.0"', '">=1.0"', "quotes belong in brackets only: `name[version='>=1']`"),
        ("foo[bar=1]", "bar", "the brackets have a key that conda does not know"),
        ("foo[version=]", "version=]", "a key in the brackets has no value"),
        ("foo[version=1", "[version=1", "the bracket is not closed"),
        ("foo[version=1][build=x]", "[build=x]", "a spec has one pair of brackets: `name[version='>=1', build=x]`"),
        ("foo[sha256=abc]", "abc", "this is no such hash"),
        ("foo=1.0:2", ":", "a colon may only follow a channel (`channel::name`)"),
        ("a::b::c", "a::b::", "a spec has one channel"),
        ("foo, >=1", ",", "no comma or bar may stand between name and version"),
        ("foo 3..1", "3..1", None),
        ("foo 1.0-py_0", "1.0-py_0", "a version holds dashes or underscores, not both"),
    ],
)
def test_faults(text: str, marked: str, reason: str | None) -> None:
    with pytest.raises(InvalidRequirementError) as caught:
        parse(text, 100)
    assert text[slice(*caught.value.span)] == marked
    if reason is not None:
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.2", "==1.2"), ("=1.2", "==1.2.*"), ("1.2.*", "==1.2.*"), ("*", ""), (" >=1.2,<2 ", ">=1.2,<2")],
)
def test_a_version_alone(text: str, expected: str) -> None:
    constraints, alternatives, quirks = parse_version(text, 50)
    assert (said(constraints), alternatives, quirks) == (expected, (), [])
    assert all(text[slice(*(offset - 50 for offset in clause.span))].strip() for clause in constraints)
