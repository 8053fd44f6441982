from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker

from reqlint.markers import can_hold_together

TOGETHER = [
    ("python_version < '3.9'", None),
    ("python_version < '3.9'", "python_version < '3.9'"),
    ("python_version <= '3.9'", "python_version >= '3.9'"),
    ("python_version > '3.8'", "python_version < '3.10'"),
    ("python_version < '3'", "python_version == '2.7'"),
    ("python_version ~= '3.8'", "python_version >= '3.12'"),
    ("python_version == '3.*'", "python_version != '3.12'"),
    ("python_version in '3.8 3.9'", "python_version in '3.9, 3.10'"),
    ("python_full_version >= '3.9.1'", "python_version <= '3.9'"),
    ("python_full_version < '3.9.1'", "python_version >= '3.9'"),
    ("sys_platform == 'win32'", "os_name == 'nt'"),
    ("sys_platform == 'win32'", "platform_system == 'Windows'"),
    ("sys_platform != 'win32'", "os_name == 'posix'"),
    ("'linux' in sys_platform", "platform_system == 'Linux'"),
    ("'win' in sys_platform", "sys_platform == 'darwin'"),
    ("sys_platform == 'linux2'", "os_name == 'posix'"),
    ("os.name == 'nt'", "sys.platform == 'win32'"),
    ("platform_machine == 'arm64'", "sys_platform == 'darwin'"),
    ("platform_machine == 'aarch64'", "sys_platform == 'linux'"),
    ("platform_machine == 'AMD64'", "sys_platform == 'win32'"),
    ("platform_machine != 'x86_64'", "sys_platform == 'win32'"),
    ("platform_machine in 'x86_64 aarch64'", "platform_machine in 'aarch64 ppc64le'"),
    ("implementation_name == 'pypy'", "platform_python_implementation != 'CPython'"),
    ("python_implementation == 'CPython'", "implementation_name == 'cpython'"),
    ("platform_release >= '5'", "platform_release < '6'"),
    ("extra == 'a'", "extra != 'b'"),
    ("extra == 'a'", None),
]

APART = [
    ("python_version < '3.9'", "python_version >= '3.9'"),
    ("python_version == '3.8'", "python_version == '3.9'"),
    ("python_version > '3.8'", "python_version < '3.9'"),
    ("python_version > '2.7'", "python_version < '3'"),  # there is no Python 2.8
    ("python_version ~= '3.8'", "python_version < '3'"),
    ("python_full_version >= '3.9.1'", "python_version < '3.9'"),
    ("python_version < '3.10'", "python_version > '3.9'"),
    ("sys_platform == 'win32'", "sys_platform != 'win32'"),
    ("sys_platform == 'win32'", "platform_system == 'Linux'"),
    ("sys_platform == 'darwin'", "os_name == 'nt'"),
    ("sys_platform == 'cygwin'", "os_name == 'nt'"),
    ("sys_platform in 'linux darwin'", "os_name == 'nt'"),
    ("os_name == 'java'", "sys_platform == 'linux'"),
    ("platform_machine == 'arm64'", "sys_platform == 'linux'"),
    ("platform_machine == 'aarch64'", "sys_platform == 'darwin'"),
    ("platform_machine == 'x86_64'", "platform_system == 'Windows'"),
    ("platform_machine == 'AMD64'", "sys_platform == 'linux'"),
    ("platform_machine in 'x86_64 aarch64'", "platform_machine == 'arm64'"),
    ("implementation_name == 'cpython'", "platform_python_implementation == 'PyPy'"),
    ("extra == 'a'", "extra == 'b'"),
    ("python_version < '3.9' and sys_platform == 'win32'", "python_version >= '3.9' or sys_platform != 'win32'"),
    # What never holds, and what cannot be compared.
    ("python_version < '3' and python_version >= '3.6'", None),
    ("os_name ~= 'posix'", None),
]


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_they_can_hold_together(one: str, other: str | None) -> None:
    assert can_hold_together(one, other)
    assert can_hold_together(other, one)


@pytest.mark.parametrize(("one", "other"), APART)
def test_they_cannot_hold_together(one: str, other: str | None) -> None:
    assert not can_hold_together(one, other)
    assert not can_hold_together(other, one)


def test_too_many_combinations_are_not_tried() -> None:
    many = " or ".join(
        f"(python_full_version == '3.{number}.{number}' and platform_machine == '{number}' and platform_release == '{number}')"
        for number in range(30)
    )
    assert not can_hold_together(many, "python_version >= '3'")


def test_no_marker_always_holds() -> None:
    assert can_hold_together(None, None)


# Against brute force: environments that there are, each variable in a way that some machine has it.

PLATFORMS = [
    {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
]
MACHINES = {"linux": ["x86_64", "aarch64", "ppc64le"], "darwin": ["x86_64", "arm64"], "win32": ["AMD64", "ARM64"]}
PYTHONS = ["2.7.18", "3.6.0", "3.8.0", "3.8.1", "3.9.0", "3.9.19", "3.10.4", "3.11.0", "3.12.1", "3.13.0"]
ENVIRONMENTS = [
    {
        **platform,
        "platform_machine": machine,
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_name": name,
        "platform_python_implementation": implementation,
        "implementation_version": python,
        "platform_release": "6.1",
        "platform_version": "1",
    }
    for platform, python, (name, implementation) in itertools.product(
        PLATFORMS, PYTHONS, [("cpython", "CPython"), ("pypy", "PyPy")]
    )
    for machine in MACHINES[platform["sys_platform"]]
]

CLAUSES = st.one_of(
    st.builds(
        "python_version {} '{}'".format,
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        st.sampled_from(["2.7", "3", "3.8", "3.9", "3.10", "3.12"]),
    ),
    st.builds(
        "python_full_version {} '{}'".format,
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        st.sampled_from(["3.8.0", "3.8.1", "3.9.0", "3.10.4"]),
    ),
    st.builds("python_version {} '3.8 3.10'".format, st.sampled_from(["in", "not in"])),
    st.builds(
        "sys_platform {} '{}'".format, st.sampled_from(["==", "!="]), st.sampled_from(["linux", "win32", "darwin"])
    ),
    st.builds("'{}' {} sys_platform".format, st.sampled_from(["linux", "win"]), st.sampled_from(["in", "not in"])),
    st.builds("platform_system {} '{}'".format, st.sampled_from(["==", "!="]), st.sampled_from(["Linux", "Windows"])),
    st.builds("os_name {} '{}'".format, st.sampled_from(["==", "!="]), st.sampled_from(["posix", "nt"])),
    st.builds(
        "platform_machine {} '{}'".format,
        st.sampled_from(["==", "!=", "in", "not in"]),
        st.sampled_from(["x86_64", "arm64", "aarch64", "AMD64", "x86_64 aarch64"]),
    ),
    st.builds(
        "implementation_name {} '{}'".format, st.sampled_from(["==", "!="]), st.sampled_from(["cpython", "pypy"])
    ),
)
MARKERS = st.recursive(
    CLAUSES, lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner), max_leaves=4
)


@given(MARKERS, MARKERS)
@settings(max_examples=200, deadline=None)
def test_it_agrees_with_brute_force(one: str, other: str) -> None:
    found = can_hold_together(one, other)
    assert can_hold_together(other, one) == found
    first, second = Marker(one), Marker(other)
    if any(first.evaluate(environment) and second.evaluate(environment) for environment in ENVIRONMENTS):
        assert found


@given(MARKERS)
@settings(max_examples=50, deadline=None)
def test_nothing_holds_with_its_contrary(one: str) -> None:
    swap = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "and": "or", "or": "and"}
    words = one.replace("not in", "not-in").replace("(", "( ").replace(")", " )").split(" ")
    swap |= {"in": "not in", "not-in": "in"}
    contrary = " ".join(swap.get(word, word) for word in words)
    assert not can_hold_together(one, contrary)
