"""Poetry's constraints, against poetry-core: what it takes, and which versions it allows."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from reqlint.poetry_constraint import is_any, parse
from reqlint.requirement import Constraint, InvalidRequirementError

poetry = pytest.importorskip("poetry.core.constraints.version")

RELEASES = "0 0.0.1 0.0.3 0.0.4 0.1 0.2.3 0.2.9 0.3 1 1.0.1 1.1 1.2 1.2.3 1.2.3.4 1.2.3.5 1.2.4 1.3 2 2.0.1 3 1!0 1!1.2 1!2".split()
SUFFIXES = ["", ".dev0", ".dev1", "a0", "a1.dev1", "b2", "rc1", "rc2", ".post0", ".post1", ".post1.dev1", "rc1.post1"]
CANDIDATES = ["".join(parts) for parts in product(RELEASES, SUFFIXES, ["", "+x.1"])]
PLAIN = [release + suffix for release, suffix in product(RELEASES, SUFFIXES[:8])]

OPERATORS = ["", "=", "==", "!=", "<>", "<", "<=", ">", ">=", "^", "~", "~="]
VERSIONS = (
    "0 0.0 0.0.3 0.2.3 1 1.2 1.2.3 1.2.3.4 v1.2 V1.2 1.2.3-beta 1.2rc1 1.2.post1 1.2.dev1 1.2rc1.dev1 1.2a1.post1 "
    "1.2.post1.dev1 1!1.2 1.2+x.1 1.2rc1+x.1 dev 1.2-1 1.2c 1.2.pre.3 1_0 1. .1 1..2 1.x latest * x".split()
)


def clauses(text: str) -> list[str | None]:
    """What the groups mean by PEP 440; None for a group that PEP 440 cannot say."""
    return [meaning(group) for group in parse(text)]


def meaning(group: tuple[Constraint, ...]) -> str | None:
    if any(constraint.clauses is None for constraint in group):
        return None
    return ",".join(operator + version for constraint in group for operator, version in constraint.clauses or ())


def check(text: str, candidates: list[str]) -> None:
    """Compare with poetry-core: acceptance, then each candidate."""
    try:
        expected = poetry.parse_constraint(text)
    except ValueError:
        with pytest.raises(InvalidRequirementError) as caught:
            parse(text)
        start, end = caught.value.span
        assert 0 <= start <= end <= len(text)
        assert start < end or not text
        return
    groups = clauses(text)
    known = [SpecifierSet(group) for group in groups if group is not None]
    if len(known) < len(groups):
        return
    for candidate in candidates:
        version = Version(candidate)
        allowed = any(specifiers.contains(version, prereleases=True) for specifiers in known)
        assert allowed == expected.allows(poetry.Version.parse(candidate)), candidate


@pytest.mark.parametrize("operator", OPERATORS)
def test_clauses_allow_what_poetry_allows(operator: str) -> None:
    for version, stars in product(VERSIONS, ["", ".*", ".*.*"]):
        check(operator + version + stars, CANDIDATES)


CLAUSE = st.builds(
    "".join,
    st.tuples(
        st.sampled_from([*OPERATORS, "===", "~>", "=>", "!", "^^"]),
        st.sampled_from(["", "", " ", "\t", "  "]),
        st.sampled_from([*VERSIONS, "1.*", "1.2.*", "*.*", "X", "v*", "1.2.^", ""]),
    ),
)
SEPARATOR = st.sampled_from(
    [",", ", ", " , ", " ", "  ", "||", " || ", "|", " | ", ",,", ", ,", " - ", ",|", "|||", ";", ""]
)
CONSTRAINTS = st.builds(
    lambda first, rest, end: first + "".join(separator + clause for separator, clause in rest) + end,
    CLAUSE,
    st.lists(st.tuples(SEPARATOR, CLAUSE), max_size=3),
    st.sampled_from(["", "", ",", " ", ", ", ",,", " ,", ", ,"]),
)


@given(CONSTRAINTS)
@example("1.0, || 2.0,")
@example("1.0\t,2")
@example("1 \t2")
@example("1 -2")
@example("^1.2 - 2")
@example("> =1")
def test_poetry_takes_the_same(text: str) -> None:
    # Without post-releases and local versions, about which poetry-core's arithmetic of ranges has its own mind: to it
    # `>1,!=1.2` leaves 1.2.post1 out, and `>1 || 1` lets 1.post1 in.
    check(text, PLAIN)


@given(st.text("ab1.*x=<>!~^|, ;@[('\"$\t\n١é-+_", max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        groups = parse(text)
    except InvalidRequirementError as error:
        start, end = error.span
        assert 0 <= start <= end <= len(text)
    else:
        for constraint in (constraint for group in groups for constraint in group):
            assert text[slice(*constraint.version_span)] == constraint.version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("^1.2.3", [">=1.2.3,<2.0.0"]),
        ("^0.2.3", [">=0.2.3,<0.3.0"]),
        ("^0.0.3", [">=0.0.3,<0.0.4"]),
        ("^0.0", [">=0.0,<0.1"]),
        ("^0", [">=0,<1"]),
        ("^1.2.3-beta", [">=1.2.3b0,<2.0.0"]),
        ("~1", [">=1,<2"]),
        ("~1.2", [">=1.2,<1.3"]),
        ("~1.2.3", [">=1.2.3,<1.3.0"]),
        ("~=1.2", ["~=1.2"]),
        ("~=1", [">=1,<2"]),
        ("1.2.3", ["==1.2.3"]),
        ("=1.2.3", ["==1.2.3"]),
        ("v1.2", ["==1.2"]),
        ("<>1.0", ["==1.0"]),
        ("!=1.0", ["!=1.0"]),
        ("1.*", ["==1.*"]),
        ("!=1.2.*", ["!=1.2.*"]),
        (">=1.*", [">=1"]),
        ("1.2rc1.*", [">=1.2rc1.dev0,<1.2rc2.dev0"]),
        ("<1.2.post1", ["<1.2.post1.dev0"]),
        ("dev", ["==0.0.dev0"]),
        (">=1,<2", [">=1,<2"]),
        (">=1 <2", [">=1,<2"]),
        (">= 1 , < 2,", [">=1,<2"]),
        ("^1 || ^2|3", [">=1,<2", ">=2,<3", "==3"]),
        ("*", [""]),
        ("*,>=1", [">=1"]),
        ("1|*", ["==1", ""]),
        ("!=1.2rc1.*", [None]),
        (">=1.2+local", [None]),
    ],
)
def test_meaning(text: str, expected: list[str | None]) -> None:
    assert clauses(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("*", True), ("x", True), ("*.*", True), ("^1 || *", True), ("*,>=1", False), ("^1", False), ("1.*", False)],
)
def test_is_any(text: str, expected: bool) -> None:
    assert is_any(parse(text)) is expected


def test_places() -> None:
    text = " >= 1.2 , <2.0.*,|| ^3"
    first, second = parse(text, 100)
    found = [(part.operator, part.version, part.span, part.version_span) for part in (*first, *second)]
    assert found == [
        (">=", "1.2", (101, 107), (104, 107)),
        ("<", "2.0.*", (110, 116), (111, 116)),
        ("^", "3", (120, 122), (121, 122)),
    ]
    assert [text[start - 100 : end - 100] for *_, (start, end), _ in found] == [">= 1.2", "<2.0.*", "^3"]


@pytest.mark.parametrize(
    ("text", "marked", "reason"),
    [
        ("", "", "an empty constraint: `*` stands for any version"),
        ("latest", "latest", "Poetry knows no `latest`: `*` stands for any version"),
        ("1.x", "1.x", "a wildcard is written with a star: `1.*`"),
        ("^1.2.*", "^1.2.*", "neither `^` nor `~` takes a wildcard: write `^1.2` or `1.2.*`"),
        ("~>1", "~>1", "Poetry has no `~>`: write `~` or `~=`"),
        ("1 - 2", "-", "Poetry has no ranges with a hyphen: write `>=1,<=2`"),
        (">=1 =>2", "=>2", "the `=` comes last: `>=` or `<=`"),
        ("===1", "===1", "Poetry has no `===`: `==` asks for one version"),
        ("2.18.^", "2.18.^", "`^` comes first: `^1.2`"),
        (">=1<2", "<2", "a comma is missing between the two clauses"),
        ("^1,,<2", ",,<2", "one comma is enough between two clauses"),
        ("^1 ||", "|", "a constraint is missing here: `*` stands for any version"),
        ("^", "^", "no version follows the operator"),
        (">=*", ">=*", "a wildcard stands alone: write `*`"),
        ("> =1", ">", "no blank may stand inside an operator"),
        ("^1 and <2", "and", "a comma says `and`, `||` says `or`"),
        ("==${X}", "==${X}", "Poetry fills in no variables"),
        ("1.0; x", "; x", "Poetry's constraints hold versions only; extras, markers and URLs are keys of their own"),
        (
            "git+https://example.org/x",
            "git+https://example.org/x",
            "a URL is no version: Poetry takes it as `git = ...` or `url = ...`",
        ),
        ("1.2.banana", "1.2.banana", "this is no version by PEP 440"),
        ("9" * 2000, "9" * 2000, "this is no version by PEP 440"),
    ],
)
def test_faults(text: str, marked: str, reason: str) -> None:
    with pytest.raises(InvalidRequirementError) as caught:
        parse(text, 100)
    assert (text[slice(*caught.value.span)], caught.value.reason) == (marked, reason)
