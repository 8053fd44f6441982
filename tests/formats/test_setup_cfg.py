from __future__ import annotations

import configparser
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from reqlint.fixes import apply
from reqlint.formats import setup_cfg
from reqlint.formats._ini import Document, InterpolationError, scan
from reqlint.source import Source
from tests.formats.setuptools_oracle import judge

if TYPE_CHECKING:
    from pathlib import Path

    from reqlint.model import Manifest


class Case(NamedTuple):
    """A setup.cfg and what it requires; ``shared``: what setuptools sees a second time, through a reference.

    ``sticky``: whether deleting one requirement changes another, which refers to it or is left alone in its line.
    """

    text: str
    install: tuple[str, ...] = ()
    extras: tuple[tuple[str, str], ...] = ()
    setup: tuple[str, ...] = ()
    shared: tuple[tuple[str, str], ...] = ()
    sticky: bool = False


CASES = {
    "nothing": Case("[metadata]\nname = x\n"),
    "lines": Case("[options]\ninstall_requires =\n    a>=1\n    b\n", ("a>=1", "b")),
    "no last line end": Case("[options]\ninstall_requires =\n    a>=1\n    b", ("a>=1", "b")),
    "tabs": Case("[options]\ninstall_requires =\n\ta>=1\n\t\tb\n", ("a>=1", "b")),
    "colon": Case("[options]\ninstall_requires:\n    a\n", ("a",)),
    "no blanks": Case("[options]\ninstall_requires=a\n", ("a",)),
    "one line": Case("[options]\ninstall_requires = a>=1; b ;c\n", ("a>=1", "b", "c")),
    "one line, ended": Case("[options]\ninstall_requires = a;\n", ("a",)),
    "first beside the key": Case("[options]\ninstall_requires = a\n    b; python_version < '3'\n", ("a", "b; python_version < '3'"), sticky=True),
    "marker on a line": Case("[options]\ninstall_requires =\n    a; python_version < '3'\n", ("a; python_version < '3'",)),
    "dashes and capitals": Case("[options]\nInstall-Requires =\n    a\n", ("a",)),
    "comments": Case(
        "# c\n[options]\n; c\ninstall_requires =\n    # c\n    a>=1 # c\n    ; c\n# c\n    b#no\n  # c\n    c\n", ("a>=1", "c")
    ),
    "empty lines": Case("[options]\ninstall_requires =\n\n    a\n\n\n    b\n\nzip_safe = true\n", ("a", "b")),
    "indented options": Case("[options]\n  zip_safe = true\n  install_requires =\n    a\n  include_package_data = true\n", ("a",)),
    "a direct reference": Case(
        "[options]\ninstall_requires =\n    a @ git+https://e.com/a.git@v1#egg=a\n", ("a @ git+https://e.com/a.git@v1#egg=a",)
    ),
    "escaped percent": Case("[options]\ninstall_requires =\n    a @ https://e.com/a%%20b.zip\n", ("a @ https://e.com/a%20b.zip",)),
    "a variable": Case("[options]\nv = 1.2\ninstall_requires =\n    a==%(v)s\n    b\n", ("a==1.2", "b")),
    "a default": Case("[DEFAULT]\nbase =\n    a\n    b\n[options]\ninstall_requires = %(base)s\n", ("a", "b"), sticky=True),
    "the default": Case("[DEFAULT]\ninstall_requires = a\n[options]\nzip_safe = true\n", ("a",)),
    "a backslash": Case("[options]\ninstall_requires =\n    a>=1, \\\n    <2\n    b\n", ("a>=1,<2", "b")),
    "a vertical tab": Case("[options]\ninstall_requires =\n    a\vb\n    c\n", ("a", "b", "c")),
    "setup_requires": Case("[options]\nsetup_requires = a; b\n", (), (), ("a", "b")),
    "extras": Case(
        "[options.extras_require]\ndev =\n    a\n    b>=1 # c\ngpu = c; d\nALL-of_it = e\nnone =\n",
        (), (("dev", "a"), ("dev", "b>=1"), ("gpu", "c"), ("gpu", "d"), ("ALL-of_it", "e")),
    ),
    "extras that refer": Case(
        "[options.extras_require]\ntest = a\ndocs =\n    b\nall =\n    %(test)s\n    %(docs)s\n    c\n",
        (), (("test", "a"), ("docs", "b"), ("all", "c")), (), (("all", "a"), ("all", "b")),
    ),
    "extras that are one another": Case(
        "[options.extras_require]\ntest =\n    a\n    b\ndev = %(test)s\n",
        (), (("test", "a"), ("test", "b")), (), (("dev", "a"), ("dev", "b")),
    ),
    "extras with more than a reference": Case("[options.extras_require]\nv = a\nw = %(v)s>=1\n", (), (("v", "a"), ("w", "a>=1")), sticky=True),
    "everything else": Case(
        "[metadata]\nname = x\nlong_description = file: README\n[options.packages.find]\nwhere = src\n"
        "[options.entry_points]\nconsole_scripts =\n    a = b:c\n[flake8]\nignore = E1,W2\n[options]\ninstall_requires =\n    a\n",
        ("a",),
    ),
}  # fmt: skip


def read(text: str) -> Manifest:
    return setup_cfg.read(Source("setup.cfg", text), None)


def problems(text: str) -> list[tuple[str, str]]:
    return [(problem.rule, text[slice(*problem.span)]) for problem in read(text).problems]


def listed(manifest: Manifest) -> list[tuple[str, str | None, str]]:
    return [(item.group.kind, item.group.name, item.text) for item in manifest.dependencies]


def canonical(text: str) -> str:
    return str(Requirement(text))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_cases(case: Case) -> None:
    manifest = read(case.text)
    found = [(kind, name, canonical(text)) for kind, name, text in listed(manifest)]
    wanted: list[tuple[str, str | None, str]] = [("runtime", None, canonical(text)) for text in case.install]
    wanted += [("extra", name, canonical(text)) for name, text in case.extras]
    wanted += [("build", None, canonical(text)) for text in case.setup]
    assert sorted(found, key=str) == sorted(wanted, key=str)
    assert [problem.rule for problem in manifest.problems] == ["invalid-requirement"] * case.text.count("b#no")


def test_setuptools_agrees(tmp_path: Path) -> None:
    texts = [case.text.replace("    b#no\n", "") for case in CASES.values()]
    results = judge(tmp_path, [{"setup.cfg": text, "README": "x"} for text in texts])
    for (name, case), result in zip(CASES.items(), results, strict=True):
        assert "error" not in result, (name, result)
        assert [*map(canonical, result["install_requires"])] == [*map(canonical, case.install)], name
        assert [*map(canonical, result["setup_requires"])] == [*map(canonical, case.setup)], name
        extras = [(extra, canonical(text)) for extra, texts in result["extras_require"].items() for text in texts]
        assert sorted(extras) == sorted((extra, canonical(text)) for extra, text in (*case.extras, *case.shared)), name


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_spans_hold_and_entries_can_be_deleted(case: Case, newline: str) -> None:
    text = case.text.replace("\n", newline)
    manifest = read(text)
    assert listed(manifest) == listed(read(case.text))
    for number, dependency in enumerate(manifest.dependencies):
        if dependency.rewritable:
            assert text[slice(*dependency.span)] == dependency.text
        start, end = dependency.entry
        assert start <= dependency.span[0] <= dependency.span[1] <= end
        left = listed(read(text[:start] + text[end:]))
        assert case.sticky or left == [item for at, item in enumerate(listed(manifest)) if at != number]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[options]\ninstall_requires = a; python_version < '3'\n", [("invalid-requirement", "python_version < '3'")]),
        ("[options]\ninstall_requires = a; b; os_name == 'x'\n", [("invalid-requirement", "os_name == 'x'")]),
        ("[options]\ninstall_requires = a, b\n", [("invalid-requirement", ", b")]),
        ("[options]\ninstall_requires =\n    a\t# c\n", [("invalid-requirement", "# c")]),
        ("[options]\ninstall_requires =\n    -r x.txt\n", [("invalid-requirement", "-r x.txt")]),
        ("[options]\ninstall_requires =\n    -e .\n    a\n", [("invalid-requirement", "-e .")]),
        ("[options]\ninstall_requires =\n    https://e.com/a.zip\n", [("invalid-requirement", "https://e.com/a.zip")]),
        ("[options]\ninstall_requires =\n    file: x.txt\n", [("invalid-requirement", ": x.txt")]),
        ("[options]\nsetup_requires = file: x.txt\n", [("invalid-requirement", ": x.txt")]),
        ("[options.extras_require]\na:python_version<'3' = b\n", [("invalid-requirement", "a:python_version<'3' = b")]),
        ("[options]\ndependency_links =\n    https://e.com\n", [("dependency-links", "dependency_links =")]),
        ("[options]\ndependency_links =\n", []),
        ("x = 1\n[options]\ninstall_requires = a\n", [("unreadable-file", "x = 1")]),
        ("[options]\nzip_safe\n", [("unreadable-file", "zip_safe")]),
        ("[options]\na = 1\n[metadata]\n[options]\n", [("unreadable-file", "[options]")]),
        ("[options]\na = 1\nA = 1\na = 2\n", [("unreadable-file", "a = 2")]),
        ("[options]\n= 1\n", [("unreadable-file", "= 1")]),
        ("[options]\na = 5%\n", [("unreadable-file", "5%")]),
        ("[options]\na = %(b)s\n", [("unreadable-file", "%(b)s")]),
        ("[options]\na = %(b\n", [("unreadable-file", "%(b")]),
        ("[options]\na = %(a)s\n", [("unreadable-file", "%(a)s")]),
        ("[options]\n[tool:x]\nformat = %(time)s\n", [("unreadable-file", "%(time)s")]),
        ("[flake8]\nformat = %(path)s\n", []),
        ("[DEFAULT]\na = %(b)s\n[options]\nb = 1\n[metadata]\nb = 2\n", []),
    ],
)
def test_problems(text: str, found: list[tuple[str, str]]) -> None:
    assert problems(text) == found


def test_the_real_thing_stops_where_a_problem_is_reported(tmp_path: Path) -> None:
    texts = [
        "[options]\ninstall_requires = a; python_version < '3'\n",
        "[options]\ninstall_requires =\n    a\t# c\n",
        "[options]\ninstall_requires =\n    file: x.txt\n",
        "[options.extras_require]\na:python_version<'3' = b\n",
        "x = 1\n[options]\ninstall_requires = a\n",
        "\ufeff[options]\ninstall_requires = a\n",
        "[options]\nzip_safe\n",
        "[options]\na = 1\na = 2\n",
        "[options]\n[tool:x]\nformat = %(time)s\n",
    ]
    for text, result in zip(texts, judge(tmp_path, [{"setup.cfg": text} for text in texts]), strict=True):
        assert "error" in result, text
        source = Source.decode("setup.cfg", text.encode())
        assert setup_cfg.read(source, None).problems, text


def test_a_fault_hides_nothing() -> None:
    text = (
        "x\n[options]\ny\ninstall_requires =\n    a\ninstall_requires =\n    b\nz = %\n[options]\nsetup_requires = c\n"
    )
    assert [item[2] for item in listed(read(text))] == ["a", "b", "c"]
    assert [rule for rule, _ in problems(text)] == ["unreadable-file"] * 5


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_ambiguous_marker_is_moved_to_a_line_of_its_own(newline: str) -> None:
    text = "[options]\nzip_safe = 1\ninstall_requires = a; python_version < '3'\n".replace("\n", newline)
    (problem,) = read(text).problems
    assert problem.fix is not None
    mended = apply(text, [problem.fix])
    assert mended == text.replace("= a;", f"={newline}    a;")
    assert [item[2] for item in listed(read(mended))] == ["a; python_version < '3'"]


def test_files() -> None:
    text = "[options]\ninstall_requires = file: a.txt,\n    b/c.txt\n[options.extras_require]\ntest = file:t.txt\n"
    manifest = read(text)
    assert not manifest.problems
    assert not manifest.dependencies
    assert [(include.path, include.kind) for include in manifest.includes] == [
        ("a.txt", "requirement"),
        ("b/c.txt", "requirement"),
        ("t.txt", "requirement"),
    ]
    assert all(text[slice(*include.span)] == include.path for include in manifest.includes)


def test_pbr() -> None:
    text = "[metadata]\nname = x\nrequires-dist =\n    a (>=1)\n    b; python_version < '3'\n"
    assert listed(read(text)) == [("runtime", None, "a (>=1)"), ("runtime", None, "b; python_version < '3'")]
    assert problems(text) == []


def test_roles() -> None:
    text = (
        "[options]\ninstall_requires = a\nsetup_requires = b\ntests_require = c\n"
        "[options.extras_require]\ntest = d\ngpu = e\n"
    )
    manifest = setup_cfg.read(Source("setup.cfg", text), "application")
    assert [(item.name, item.group.kind, item.group.role, item.group.name) for item in manifest.dependencies] == [
        ("a", "runtime", "application", None),
        ("b", "build", "build", None),
        ("c", "group", "development", "tests_require"),
        ("d", "extra", "development", "test"),
        ("e", "extra", "application", "gpu"),
    ]
    assert read(text).role == "library"


def test_computed_text_is_not_rewritten() -> None:
    text = "[options]\nv = 1\ninstall_requires =\n    a==%(v)s\n    b @ https://e.com/%%20\n    c\n"
    assert [(item.text, item.rewritable, text[slice(*item.span)]) for item in read(text).dependencies] == [
        ("a==1", False, "a==%(v)s"),
        ("b @ https://e.com/%20", False, "b @ https://e.com/%%20"),
        ("c", True, "c"),
    ]


def test_a_byte_order_mark() -> None:
    source = Source.decode("setup.cfg", "\ufeff[options]\ninstall_requires = a\n".encode())
    manifest = setup_cfg.read(source, None)
    assert [problem.rule for problem in manifest.problems] == ["unreadable-file"]
    assert [source.text[slice(*item.span)] for item in manifest.dependencies] == ["a"]


# The scanner against configparser itself

TEXTS = st.lists(
    st.sampled_from(
        ["[a]", "[b]", "[DEFAULT]", "k", "key", "=", ":", " = ", "v", "w", "%(k)s", "%(key)s", "%%", "%", "#", ";", " ", "\t"]
        + ["\n"] * 6 + ["\n "] * 3 + ["\n  ", "\n\n", "k = v\n", "\v", "\x85", "]", "["]
    ),
    max_size=30,
).map("".join)  # fmt: skip


def parser_of(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    return parser


def value_of(document: Document, section: str, key: str) -> str:
    option = next(option for option in reversed(document.options(section)) if option.key == key)
    lines = document.value(section, option)
    return "\n".join(line.text for line in lines)


@given(TEXTS)
@example("[a]\nk=v\n w\n\n x\n# c\n y\n")
@example("[a]\nk\n= v\n w\n")
@example("[a]\nk = %(key)s\nkey = %(k)s\n")
def test_the_scanner_reads_what_configparser_reads(text: str) -> None:
    document = scan(text)
    try:
        parser = parser_of(text)
    except configparser.Error:
        assert document.faults
        return
    assert not document.faults
    assert [*document.sections] == parser.sections()
    for section in parser.sections():
        assert {option.key for option in document.options(section)} == {*parser.options(section)}
        for key in parser.options(section):
            try:
                value = parser.get(section, key)
            except configparser.InterpolationError:
                with pytest.raises(InterpolationError):
                    value_of(document, section, key)
                continue
            if "%" not in parser.get(section, key, raw=True):
                assert value_of(document, section, key).rstrip() == value
            else:  # the blanks of what is put in are taken off, as setuptools does
                found = [line.strip() for line in value_of(document, section, key).split("\n")]
                assert "\n".join(found).rstrip() == "\n".join(line.strip() for line in value.split("\n")).rstrip()


@given(TEXTS)
def test_the_places_of_lines(text: str) -> None:
    document = scan(text)
    for section in [*document.sections.values(), document.defaults]:
        for option in section.options:
            assert text[slice(*option.key_span)] == option.key
            assert all(text[slice(*line.span)] == line.text for line in option.lines if line.text)


@pytest.mark.parametrize("count", [3, 30])
def test_references_that_explode(count: int) -> None:
    lines = [f"k{number} = " + f"%(k{number + 1})s" * 40 for number in range(count)]
    text = "[options]\n" + "\n".join(lines) + f"\nk{count} = x\ninstall_requires =\n    %(k0)s\n"
    read(text)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    read(text)
    read(f"[options]\n{text}")
    read(f"[options]\ninstall_requires =\n    {text}")
    read(f"[options.extras_require]\n{text} = {text}")
