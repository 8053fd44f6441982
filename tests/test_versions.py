from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from reqlint.model import Dependency, Group
from reqlint.requirement import Constraint, parse_pep508, parse_pip
from reqlint.source import Source
from reqlint.versions import allows, firmness, firmness_of, implies, is_firm_enough, satisfiable


def clauses(specifier: str) -> tuple[Constraint, ...]:
    return parse_pep508(f"x{specifier}").constraints


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ("", "none"),
        ("==1.0", "exact"),
        ("===1.0", "exact"),
        ("==1.0+cpu", "exact"),
        ("==1.0,>0", "exact"),
        ("==1.*", "compatible"),
        ("~=1.0", "compatible"),
        (">=1,<2", "compatible"),
        (">1,<=2", "compatible"),
        (">=1", "lower-bound"),
        (">1,!=2", "lower-bound"),
        ("<2", "other"),
        ("!=2", "other"),
        ("==${V}", "other"),
        (">=1,<${V}", "lower-bound"),
    ],
)
def test_firmness_of(specifier: str, expected: str) -> None:
    assert firmness_of(parse_pip(f"x{specifier}").constraints) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x @ https://x.org/x.zip", "exact"),
        ("x @ git+https://x.org/x", "none"),
        ("x @ git+https://x.org/x@main", "none"),
        ("x @ git+https://x.org/x@v1.0", "exact"),
        ("x @ git+https://x.org/x@" + "a1" * 20, "exact"),
        ("x @ git+https://x.org/x@feature", "other"),
        ("./x", "none"),
        ("./x-1.0-py3-none-any.whl", "exact"),
    ],
)
def test_firmness_of_what_has_a_url(text: str, expected: str) -> None:
    span = (0, len(text))
    dependency = Dependency(Source("x", text), span, span, text, parse_pip(text), Group("runtime", "application"))
    assert firmness(dependency) == expected


@pytest.mark.parametrize(
    ("found", "asked", "expected"),
    [
        ("exact", "exact", True),
        ("compatible", "exact", False),
        ("compatible", "compatible", True),
        ("lower-bound", "compatible", False),
        ("exact", "lower-bound", True),
        ("other", "lower-bound", False),
        ("none", "any", True),
    ],
)
def test_is_firm_enough(found: str, asked: str, expected: bool) -> None:
    assert is_firm_enough(found, asked) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ("", True),
        ("==1.0", True),
        (">=2,<1", False),
        (">=1,<1", False),
        (">=1,<=1", True),
        (">1,<1.0.1", True),
        ("==1,==1.0", True),
        ("==1,==2", False),
        ("==1.0,!=1.0", False),
        ("==1.*,!=1.0", True),
        ("==1.*,!=1.0.*", True),
        ("==1.0.*,!=1.0.*", False),
        ("==1.*,==2.*", False),
        ("~=1.4,<1.4", False),
        ("~=1.4,==2.0", False),
        ("==2.0,==2.0+cpu", True),
        ("==2.0+cpu,==2.0+cu121", False),
        ("==2.0+cpu,!=2.0", False),
        ("===1.0,==1.0", True),
        ("===1.0,==1.0.0", True),
        ("===1.0,===1.0.0", False),
        ("===odd,===Odd", True),
        ("===odd,==1", False),
        (">=1.0rc1,<1.0", False),
        (">=1.0rc1,<1.0rc3", True),
        (">1.0rc1,<1.0rc3", True),
        (">1.0.post1,<1.0.post3", True),
        (">1.0,<1.0.post3", False),
        (">=1.0.dev1,<1.0.dev2,!=1.0.dev1", False),
        ("<1!1.0,>99999", True),
        (">=1!1.0,<2", False),
    ],
)
def test_satisfiable(specifier: str, expected: bool) -> None:
    assert satisfiable(clauses(specifier)) is expected


def test_what_holds_a_variable_is_taken_for_satisfiable() -> None:
    assert satisfiable(clauses("==1"), clauses("==${V}"), clauses("==2"))


@pytest.mark.parametrize(
    ("specifier", "version", "expected"),
    [
        ("", "1.0", True),
        (">=1", "1.5rc1", True),
        (">=1,<2", "2.0", False),
        ("==1.0", "1.0+cpu", True),
        ("===1.0", "1.0", True),
        ("===1.0", "1.0.0", False),
        ("===odd", "odd", True),
        ("===odd,>=1", "odd", False),
        (">=1", "odd", False),
        ("==${V}", "1.0", False),
    ],
)
def test_allows(specifier: str, version: str, expected: bool) -> None:
    assert allows(clauses(specifier), version) is expected


@pytest.mark.parametrize(
    ("strong", "weak", "expected"),
    [
        ("", "", True),
        ("==1.0", "", True),
        ("", ">=1", False),
        (">=1,<2", "<2", True),
        ("<2", ">=1,<2", False),
        ("==1.0", "==1.0.0", True),
        ("==1.5", ">=1,<2", True),
        ("==1.5", "!=1.5", False),
        ("==1.5", "==1.*", True),
        ("==1.0+cpu", "==1.0", True),
        ("==1.0", "==1.0+cpu", False),
        ("==1.0", "!=1.0+cpu", False),
        ("==1.0", "===1.0", False),
        ("===1.0", "==1.0", True),
        (">=2", ">=1", True),
        (">=1", ">=2", False),
        (">2", ">=2", True),
        (">=2", ">2", False),
        ("~=2.1", ">=2", True),
        ("<1", "<2", True),
        ("<=1", "<2", True),
        ("<=2", "<2", False),
        (">=2,<3", ">=1,<4", True),
        (">=2", "<4", False),
        (">=2", ">=1.0rc1", False),  # the pre-release in it lets pre-releases in
        (">=2.0.post1", ">2.0", False),
        ("==${V}", "==${V}", True),
        ("==${V}", ">=1", False),
        ("==1", ">=${V}", False),
    ],
)
def test_implies(strong: str, weak: str, expected: bool) -> None:
    assert implies(clauses(strong), clauses(weak)) is expected


VERSIONS = [
    *["0", "1", "1.0", "1.0.1", "1.5", "1.5.0.1", "2", "2.0", "1!1.0"],
    *[
        "1.0a1.dev2",
        "1.0rc1",
        "1.0rc1.post1",
        "1.0rc2",
        "1.0.dev1",
        "1.0.dev3",
        "1.0.post1",
        "1.0.post1.dev2",
        "1.0.post3",
    ],
]
CLAUSES = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["==", "!=", ">=", "<=", ">", "<"]), st.sampled_from(VERSIONS)),
    st.builds("~={}".format, st.sampled_from([version for version in VERSIONS if version.count(".") > 0])).filter(
        lambda text: text not in ("~=1!1", "~=2")
    ),
    st.builds("{}{}.*".format, st.sampled_from(["==", "!="]), st.sampled_from(["1", "1.0", "1.0.1", "1.5", "2"])),
    st.builds("{}{}+a".format, st.sampled_from(["==", "!="]), st.sampled_from(["1.0", "1.5"])),
)
SPECIFIERS = st.lists(CLAUSES, min_size=1, max_size=4, unique=True).map(",".join)


@pytest.mark.skipif(not hasattr(SpecifierSet, "is_unsatisfiable"), reason="packaging knows it since 26.1")
@given(SPECIFIERS.filter(lambda text: "," in text))
@settings(max_examples=500, deadline=None)
def test_packaging_agrees(specifier: str) -> None:
    assert satisfiable(clauses(specifier)) is not SpecifierSet(specifier).is_unsatisfiable()


@given(SPECIFIERS, SPECIFIERS)
@settings(max_examples=500, deadline=None)
def test_what_is_implied_holds_wherever_the_other_does(strong: str, weak: str) -> None:
    if implies(clauses(strong), clauses(weak)):
        for version in (*VERSIONS, "0.5", "1.0+a", "1.0.0.1", "1.4.9", "1.6", "3"):
            assert allows(clauses(weak), version) or not allows(clauses(strong), version)
