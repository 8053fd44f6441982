"""Requirements split into parts: against packaging, which says what is valid and what it means, and the places of the parts."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Packaged
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from reqlint.requirement import (
    InvalidRequirementError,
    Requirement,
    check_marker,
    kind_of_ref,
    normalize,
    parse_editable,
    parse_pep508,
    parse_pip,
    split_vcs,
)

PIECES = st.sampled_from(
    [
        "foo", "Foo.Bar", "a_b", "x-", "[a]", "[a,b]", "[ a , b ]", "[]", "[a b]", "==1.0", ">=1", "<2", "~=1.4", "~=1", "==1.*", ">=1.*",
        "===x", "===", "!=1.0+x", "<1+x", "==1!2.0a1.post2.dev3+cpu.1", "==v1-1", "(", ")", ",", ", ", " ", " ", "\t", "\xa0", ";", " ; ",
        "@", " @ ", "https://e.com/x", "git+https://e.com/r.git@v1#egg=x", "./x", "file:///x", "python_version", "os_name", "<", "=='x'",
        '"3.8"', "'3'", " and ", " or ", " in ", " not in ", "extra", "platform.machine", "python_implementation", "é", "1.0", "=1.0", "'", "\\",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=8).map("".join)
SHAPED = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["foo", " Foo.Bar", "a_b "]),
    st.sampled_from(["", "[a]", " [ a , b ] ", "[]"]),
    st.sampled_from(
        ["", "==1.0", " >=1 , <2 ", "(>=1)", "( >=1, <2, )", "~=1.4.*", "==1.*", " @ https://e.com/x", "@ ./x"]
    ),
    st.sampled_from(["", ";", " ; ", " ;"]),
    st.sampled_from(
        [
            "",
            "os_name=='x'",
            "(os_name == 'x' or python_version < \"3\") and extra == 'y'",
            "'x' in os_name  ",
            "os_name",
        ]
    ),
)


def check_parts(parts: Requirement, text: str, base: int = 0) -> None:
    """Every span must hold what it says it holds."""

    def at(span: tuple[int, int] | None) -> str:
        assert span is not None
        assert base <= span[0] <= span[1] <= base + len(text)
        return text[span[0] - base : span[1] - base]

    if parts.name_span is not None:
        assert at(parts.name_span) == parts.name
    if parts.extras_span is not None:
        inner = at(parts.extras_span)
        assert inner[0] == "["
        assert inner[-1] == "]"
        assert tuple(name.strip() for name in inner[1:-1].split(",") if name.strip()) == parts.extras
    for clause in parts.constraints:
        assert at(clause.version_span) == clause.version
        assert at(clause.span).startswith(clause.operator)
        assert at(clause.span).endswith(clause.version)
    if parts.constraints:
        assert parts.specifier_span == (parts.constraints[0].span[0], parts.constraints[-1].span[1])
    if parts.url is not None:
        assert at(parts.url_span) == parts.url
    if parts.marker is not None:
        assert at(parts.marker_span) == parts.marker
    if parts.egg_span is not None:
        assert text[: parts.egg_span[0] - base].endswith("egg=")


@given(st.one_of(TEXTS, SHAPED), st.sampled_from([0, 7]))
@example("foo ", 0)
@example("foo===1,", 0)
@example("foo @ https://e.com/r#egg=x==1 ; os_name == 'a'", 3)
@example("foo @ https://[x", 3)
def test_pep508_as_packaging_reads_it(text: str, base: int) -> None:
    try:
        packaged = Packaged(text)
    except InvalidRequirement:
        with pytest.raises(InvalidRequirementError) as caught:
            parse_pep508(text, base)
        start, end = caught.value.span
        assert 0 <= start <= end <= len(text) + 1
        assert caught.value.reason
        return
    parts = parse_pep508(text, base)
    assert parts.name == packaged.name
    assert set(parts.extras) == packaged.extras
    assert (
        SpecifierSet(",".join(clause.operator + clause.version for clause in parts.constraints)) == packaged.specifier
    )
    assert parts.url == packaged.url
    assert (str(Marker(parts.marker)) if parts.marker else None) == (str(packaged.marker) if packaged.marker else None)
    check_parts(parts, text, base)


@given(st.one_of(TEXTS, SHAPED), st.sampled_from([0, 7]))
def test_spans_of_what_pip_reads(text: str, base: int) -> None:
    for parse in (parse_pip, parse_editable):
        try:
            parts = parse(text.strip(), base)
        except InvalidRequirementError as error:
            assert 0 <= error.span[0] <= error.span[1] <= len(text) + 1  # noqa: PT017 - it need not be raised
        else:
            check_parts(parts, text.strip(), base)


MARKER_PIECES = st.sampled_from(
    ["os_name", "python_version", "extra", "extras", "'x'", '"3.8"', "'it\"s'", "'a\\'", " == ", "==", "<", " in ", "not in", " not  in ",
     " and ", "and", " or ", "(", ")", " ", "\t", "\xa0", "os.name", "x", "~=", "===", "", "''"]
)  # fmt: skip


@given(
    st.one_of(
        st.lists(MARKER_PIECES, max_size=12).map("".join),
        st.lists(
            st.sampled_from(
                ["os_name == 'x'", "'3.8'<python_version", "os_name not in 'a b'", "('x' in os_name)", "extra=='y'"]
            ),
            max_size=4,
        ).flatmap(lambda parts: st.sampled_from([" and ", "or", " or ", ")and("]).map(lambda mark: mark.join(parts))),
    )
)
def test_markers_as_packaging_reads_them(marker: str) -> None:
    try:
        Marker(marker)
    except InvalidMarker:
        with pytest.raises(InvalidRequirementError):
            check_marker(marker)
    else:
        check_marker(marker)


def test_a_marker_nested_too_deeply_is_invalid() -> None:
    with pytest.raises(InvalidRequirementError, match="nested too deeply"):
        check_marker("(" * 100_000 + "os_name == 'x'" + ")" * 100_000)


# Words


@pytest.mark.parametrize(
    ("text", "reason", "fault"),
    [
        ("foo>=1.*", "may only follow `==` or `!=`", ">=1.*"),
        ("foo==1.0.post1.*", "may only follow a plain release", "==1.0.post1.*"),
        ("foo<=1.0+cpu", "a local version", "<=1.0+cpu"),
        ("foo~=1", "at least two parts", "~=1"),
        ("foo~=1a1", "at least two parts", "~=1a1"),
        ("foo==2013b0x", "`2013b0x` is no version by PEP 440; pip dropped such legacy versions in 24.1", "==2013b0x"),
        ("foo==1.0 <2", "a comma is missing", "<2"),
        ("foo==1.0 x", "what follows the version", "x"),
        ("foo 1.0", "what follows the name", "1.0"),
        ("foo (>=1", "parenthesis is not closed", "(>=1"),
        ("foo[a b]", "extras are names", "[a b]"),
        ("foo @ ", "a URL must follow", "@ "),
        ("foo @ https://e.com/x y", "only a marker may follow", "y"),
        ("=foo", "begins with a package name", "=foo"),
        ("foo; python_version > 3", "must stand in quotes", "3"),
        ("foo; os_name == 'a' b", "the marker is not valid", "b"),
        ("foo===1, ==2", "no blank may follow the comma", ", "),
    ],
)
def test_reasons(text: str, reason: str, fault: str) -> None:
    for parse in (parse_pip, parse_pep508):
        with pytest.raises(InvalidRequirementError) as caught:
            parse(text.strip() if parse is parse_pip and not text.endswith("@ ") else text)
        assert reason in caught.value.reason
        assert text[slice(*caught.value.span)].strip() == fault.strip()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("git://e.com/r.git", "begins with `git+`"),
        ("ssh://git@e.com/r.git", "begins with `git+`"),
        ("hg://e.com/r", "begins with `hg+`"),
        ("s3://bucket/x.zip", "no such kind of URL"),
        ("git+gopher://e.com/r", "no such kind of URL"),
        ("see http://e.com/", "neither a name, nor a path, nor a URL"),
        ("<<<<<<< feature/x", "begins with a package name"),
        ("./x[a b]", "extras are names"),
        ("foo.whl", "no file name of a wheel"),
        ("https://e.com/foo.whl", "no file name of a wheel"),
        ("https://[::1/x", "host"),
        ("git+https://e.com/r#egg=a==1", "bare name"),
        ("git+https://e.com/r#egg=", "bare name"),
    ],
)
def test_reasons_of_pip(text: str, reason: str) -> None:
    with pytest.raises(InvalidRequirementError) as caught:
        parse_pip(text)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "local directory or a version control URL"),
        ("https://e.com/x.zip", "local directory or a version control URL"),
        ("foo @ https://e.com/x.zip", "local directory or a version control URL"),
        ("git+https://e.com/r.git", "needs a name"),
        ("git+https://e.com/r.git#egg=", "bare name"),
        ("git+foo://e.com/r.git#egg=x", "no such kind of URL"),
        ("./x ; os_name == 'a'", "marker"),
        ("./x[a b]", "extras"),
        ("foo @ git+https://e.com/r ; os_name", "marker"),
    ],
)
def test_reasons_of_editables(text: str, reason: str) -> None:
    with pytest.raises(InvalidRequirementError) as caught:
        parse_editable(text)
    assert reason in caught.value.reason


def test_no_reason_repeats_a_secret() -> None:
    secret = "hunter2hunter2"
    for text in (
        f"foo==https://u:{secret}@e.com",
        f"foo=={secret}",
        f"https://u:{secret}@[e.com",
        f"foo {secret}",
        f"{secret}://x/y",
    ):
        with pytest.raises(InvalidRequirementError) as caught:
            parse_pip(text)
        assert secret not in f"{caught.value} {caught.value.reason}"


# Kinds


@pytest.mark.parametrize(
    ("text", "kind", "name", "extras"),
    [
        ("foo", "name", "foo", ()),
        ("foo==1.0", "name", "foo", ()),
        ("foo.zip", "path", None, ()),
        ("foo==1.0.zip", "path", None, ()),
        ("foo.TAR.GZ[a,b]", "path", None, ("a", "b")),
        ("dist/foo-1.0-py3-none-any.whl", "path", "foo", ()),
        ("dist\\foo_bar-1.0-py3-none-any.whl", "path", "foo_bar", ()),
        ("C:\\dist\\foo-1.0-py3-none-any.whl", "path", "foo", ()),
        (".", "path", None, ()),
        ("./x[a]", "path", None, ("a",)),
        ("foo @ https://e.com/x.zip", "url", "foo", ()),
        ("foo[a]@https://e.com/x.zip", "url", "foo", ("a",)),
        ("https://e.com/x.zip", "url", None, ()),
        ("https://e.com/foo-1.0-py3-none-any.whl", "url", "foo", ()),
        ("https://e.com/foo-1.0%2Bcu121-cp311-cp311-linux_x86_64.whl#sha256=ab", "url", "foo", ()),
        ("git+https://e.com/r.git@v1#subdirectory=x&egg=foo", "url", "foo", ()),
        ("git+https://e.com/r.git#egg=foo[a,b]", "url", "foo", ("a", "b")),
        ("git@github.com:o/r.git", "scp", None, ()),
        ("git+git@github.com:o/r.git@v1", "scp", None, ()),
        ("git+ssh://git@github.com:o/r.git", "url", None, ()),
        ("foo@git+ssh://git@github.com/o/r.git", "url", "foo", ()),
        ("foo@file:x", "url", "foo", ()),
    ],
)
def test_kinds(text: str, kind: str, name: str | None, extras: tuple[str, ...]) -> None:
    parts = parse_pip(text)
    assert (parts.kind, parts.name, parts.extras) == (kind, name, extras)
    check_parts(parts, text)


# Version control


@pytest.mark.parametrize(
    ("url", "repository", "ref", "subdirectory"),
    [
        ("git+https://e.com/o/r.git", "https://e.com/o/r.git", None, None),
        ("git+https://e.com/o/r.git@v1", "https://e.com/o/r.git", "v1", None),
        ("git+https://u:p@e.com/o/r.git", "https://u:p@e.com/o/r.git", None, None),
        ("git+https://u:p@e.com/o/r.git@v1#egg=x&subdirectory=a/b", "https://u:p@e.com/o/r.git", "v1", "a/b"),
        ("git+ssh://git@e.com/o/r.git", "ssh://git@e.com/o/r.git", None, None),
        ("git+ssh://git@e.com:22/o/r.git@feature/x", "ssh://git@e.com:22/o/r.git", "feature/x", None),
        ("git+https://e.com/o@x/r.git@v1", "https://e.com/o@x/r.git", "v1", None),
        ("git+https://e.com/o/r.git?x=y@z", "https://e.com/o/r.git", None, None),
        ("git+https://e.com/o/r.git#egg=a@b", "https://e.com/o/r.git", None, None),
        ("git+https://e.com/o/r.git@", "https://e.com/o/r.git", "", None),
        ("bzr+lp:proj@12", "lp:proj", "12", None),
        ("git+git@e.com:o/r.git@v1", "git@e.com:o/r.git", "v1", None),
        ("git@e.com:o/r.git", "git@e.com:o/r.git", None, None),
    ],
)
@pytest.mark.parametrize("base", [0, 11])
def test_split_vcs(url: str, repository: str, ref: str | None, subdirectory: str | None, base: int) -> None:
    vcs = split_vcs(url, base)
    assert vcs is not None
    assert (vcs.repository, vcs.ref, vcs.subdirectory) == (repository, ref, subdirectory)
    assert url[vcs.repository_span[0] - base : vcs.repository_span[1] - base] == repository
    if ref is None:
        assert (vcs.slot, vcs.slot_format) == ((vcs.repository_span[1], vcs.repository_span[1]), "@{}")
    else:
        assert vcs.ref_span is not None
        assert url[vcs.ref_span[0] - base : vcs.ref_span[1] - base] == ref
        assert (vcs.slot, vcs.slot_format) == (vcs.ref_span, "{}")


@pytest.mark.parametrize("url", ["https://e.com/r.git", "file:///x", "./x", "ssh://git@e.com/r", "", "e.com"])
def test_what_is_no_version_control_url(url: str) -> None:
    assert split_vcs(url) is None


@pytest.mark.parametrize(
    ("scheme", "ref", "kind"),
    [
        ("git", "8e1f3b2" + "0" * 33, "commit"),
        ("git", "A" * 39 + "1", "commit"),
        ("git", "8e1f3b2", "commit"),
        ("git", "deadbeef", "unknown"),
        ("git", "v1.0", "tag"),
        ("git", "1.0", "tag"),
        ("git", "v2", "tag"),
        ("git", "sdk-release-3.2", "tag"),
        ("git", "refs/tags/x", "tag"),
        ("git", "v4.18-gc", "tag"),
        ("git", "main", "branch"),
        ("git", "HEAD", "branch"),
        ("git", "refs/heads/x", "branch"),
        ("git", "release/1.0", "branch"),
        ("git", "vendor/master", "unknown"),
        ("git", "fairseq", "unknown"),
        ("git", "latest_stable", "unknown"),
        ("git", "${REV}", "unknown"),
        ("git", "$REV", "unknown"),
        ("hg", "8e1f3b2a9c0d", "commit"),
        ("svn", "123", "commit"),
        ("bzr", "r12", "commit"),
        ("svn", "trunk", "unknown"),
    ],
)
def test_kinds_of_refs(scheme: str, ref: str, kind: str) -> None:
    assert kind_of_ref(scheme, ref) == kind


@given(st.text(st.sampled_from("aA0-_.x"), max_size=12))
def test_names_are_normalized_as_packaging_does(name: str) -> None:
    assert normalize(name) == canonicalize_name(name)


# Hostile texts


@pytest.mark.parametrize(
    "piece",
    ["a", " ", "\t", "[", "]", "[a,", "(", ")", ",", "==1", "==1,", "1.", "a.", "a-", ";", "'", '"', "@", "a@", "#egg=", "/", ":", "\\", "$", "${",
     "${A}", "%", "-", "_", "\xa0", "é", "os_name=='x' and ", "a1_", ".whl", "a[", "git+", "=", "=a", "\x00"],
)  # fmt: skip
@pytest.mark.parametrize(
    "head",
    ["", "foo", "foo==1", "foo[", "foo @ ", "git+https://e.com/r@", "git+https://e.com/r#egg=", "foo ; ", "./", "git@"],
)
def test_long_texts_take_no_time(head: str, piece: str) -> None:
    """A quadratic pattern takes minutes with these, a linear one a few milliseconds."""
    text = head + piece * (60_000 // len(piece))
    begin = time.monotonic()
    for tail in ("", "!", "]"):
        for parse in (parse_pip, parse_pep508, parse_editable):
            try:
                parts = parse(text + tail)
            except InvalidRequirementError:
                continue
            if parts.url is not None:
                split_vcs(parts.url)
    assert time.monotonic() - begin < 10
