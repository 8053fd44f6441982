"""Lists of conda packages: specs, explicit lists, and the table that ``conda list`` prints."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reqlint.formats import format_of
from reqlint.formats.conda_packages import read
from reqlint.match_spec import parse as parse_spec
from reqlint.model import Dependency, Manifest
from reqlint.requirement import InvalidRequirementError
from reqlint.rewrite import specify
from reqlint.source import Source
from reqlint.versions import firmness
from tests.support import check, findings, mended

PATH = "conda-packages.txt"
HEADER = """\
# This file may be used to create an environment using:
# $ conda create --name <env> --file <this file>
# platform: linux-64
"""
EXPORT = f"{HEADER}_libgcc_mutex=0.1=main\nnumpy=1.26.4=py312h64a7726_0\nopenssl=1.1.1w=h7f8727e_0\n"
URL = "https://conda.anaconda.org/conda-forge/noarch/core-1.2.0-pyhd8ed1ab_0.conda"
MD5, SHA = "0123456789abcdef" * 2, "0123456789abcdef" * 4
TABLE = """\
# packages in environment at /opt/conda/envs/shop:
#
# Name                    Version                   Build  Channel
_libgcc_mutex             0.1                        main
numpy                     1.26.4          py312h64a7726_0    conda-forge
openssl                   1.1.1w               h7f8727e_0
requests                  2.32.3                   pypi_0    pypi
shop                      0.1.0                     dev_0    <develop>
"""


def manifest_of(text: str, path: str = PATH) -> Manifest:
    return read(Source(path, text), None)


def problems(text: str) -> list[tuple[str, str]]:
    return [(problem.rule, text[slice(*problem.span)]) for problem in manifest_of(text).problems]


def facts(dependency: Dependency) -> tuple[str | None, str, str | None, str]:
    return dependency.name, dependency.specifier, dependency.parts.build, firmness(dependency)


@pytest.mark.parametrize(
    "path",
    """conda-packages.txt conda_packages.txt conda-package.txt conda-packages-linux.txt docs/Conda-Packages.txt spec-file.txt
    spec_file.txt specfile.txt conda-spec-file.txt explicit.txt spec-file-linux-64.txt explicit.win-64.txt""".split(),
)
def test_names_that_lists_go_by(path: str) -> None:
    form = format_of(path)
    assert form is not None
    assert form.name == "conda-packages.txt"


@pytest.mark.parametrize(
    "path", "packages.txt conda.txt conda-list.txt explicitly.txt spec.txt conda-packages.yml specs-file.txt".split()
)
def test_other_names(path: str) -> None:
    form = format_of(path)
    assert form is None or form.name != "conda-packages.txt"


@pytest.mark.parametrize("path", ["explicit.txt", "docs/spec-file.txt", "docs\\explicit-lyrics.txt"])
def test_under_a_name_that_is_anyones_only_what_conda_wrote_is_a_list(path: str) -> None:
    assert manifest_of("Some words.\nnumpy\n", path).foreign
    assert not manifest_of(EXPORT, path).foreign
    assert not manifest_of(f"@EXPLICIT\n{URL}\n", path).foreign


@pytest.mark.parametrize("path", [PATH, "conda-spec-file.txt", "explicit/conda-packages.txt"])
def test_under_a_name_that_says_conda_anything_is_a_list(path: str) -> None:
    assert not manifest_of("numpy\n", path).foreign


# Specs


def test_an_export() -> None:
    manifest = manifest_of(EXPORT)
    assert [facts(item) for item in manifest.dependencies] == [
        ("_libgcc_mutex", "=0.1", "main", "exact"),
        ("numpy", "=1.26.4", "py312h64a7726_0", "exact"),
        ("openssl", "=1.1.1w", "h7f8727e_0", "exact"),
    ]
    assert not manifest.problems
    assert {item.ecosystem for item in manifest.dependencies} == {"conda"}
    assert findings(EXPORT, path=PATH) == []


def test_what_people_write() -> None:
    text = "  numpy  # why\n\n#scipy\n\tconda-forge::scipy>=1.13,<2\npython\n"
    assert [facts(item) for item in manifest_of(text).dependencies] == [
        ("numpy", "", None, "none"),
        ("scipy", ">=1.13,<2", None, "compatible"),
        ("python", "", None, "none"),
    ]
    assert findings(text, path=PATH) == [("RQ101", "numpy")]


@pytest.mark.parametrize(
    ("line", "rule", "underline"),
    [
        ("requests==2.32.3 ; python_version > '3'", "invalid-requirement", "; python_version > '3'"),
        ("-r requirements.txt", "invalid-requirement", "-r requirements.txt"),
        ("git+https://e.com/core.git", "invalid-requirement", "git+https://e.com/core.git"),
        ("numpy (>=1.26)", "ignored-text", "(>=1.26)"),
        ("uvicorn[standard]=0.30.0", "ignored-text", "standard"),
    ],
)
def test_slips(line: str, rule: str, underline: str) -> None:
    assert problems(f"scipy==1.13\n{line}\n") == [(rule, underline)]


ROWS = f"{HEADER}numpy=1.26.4=py312_0\nrequests=2.32.3=pypi_0\nscipy=1.13=py312_0\nshop=0.1=dev_0\nidna=3.7=<pip>\n"


def test_rows_that_pip_installed_are_one_finding_and_no_dependencies() -> None:
    manifest = manifest_of(ROWS)
    assert [item.name for item in manifest.dependencies] == ["numpy", "scipy"]
    assert problems(ROWS) == [("pip-row-in-conda-list", "requests=2.32.3=pypi_0")]
    (found,) = check(ROWS, path=PATH)
    assert found.code == "RQ408"
    assert found.message.startswith("`requests`, `shop` and `idna` were installed by pip")
    assert "requirements.txt" in found.help
    assert mended(ROWS, path=PATH) == ROWS
    assert mended(ROWS, unsafe=True, path=PATH) == f"{HEADER}numpy=1.26.4=py312_0\nscipy=1.13=py312_0\n"


def test_one_row_that_pip_installed() -> None:
    (found,) = check("numpy==1\nrequests=2.32.3=pypi_0\n", path=PATH)
    assert found.message == "`requests` was installed by pip, so conda finds it in no channel"


# Explicit lists


def test_an_explicit_list() -> None:
    text = f"{HEADER}@EXPLICIT\n{URL}\n{URL.replace('core', 'a')}#{MD5}\n{URL.replace('core', 'b')}#sha256:{SHA}\n./c-1-0.tar.bz2\n"
    manifest = manifest_of(text)
    assert [(item.name, item.kind, item.hashes, firmness(item)) for item in manifest.dependencies] == [
        ("core", "url", 0, "exact"),
        ("a", "url", 1, "exact"),
        ("b", "url", 1, "exact"),
        ("c", "path", 0, "exact"),
    ]
    assert findings(text, path=PATH) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("numpy=1.26.4=py312_0", "the URL of a package file"),
        ("https://e.com/a.zip", "the URL of a package file"),
        (f"{URL}#{MD5[:-1]}", "no hash"),
        (f"{URL}#md5:{MD5}", "no hash"),
    ],
)
def test_what_may_not_stand_in_an_explicit_list(line: str, words: str) -> None:
    text = f"@EXPLICIT\n{URL.replace('core', 'a')}\n{line}\n"
    (problem,) = manifest_of(text).problems
    assert problem.rule == "invalid-requirement"
    assert words in problem.message
    assert text[slice(*problem.span)] == line
    assert [item.code for item in check(f"{line}\n@EXPLICIT\n", path=PATH)] == ["RQ002"]


def test_one_package_from_two_urls() -> None:
    text = f"@EXPLICIT\n{URL}\n{URL.replace('1.2.0', '1.3.0')}\n"
    assert [code for code, _ in findings(text, path=PATH)] == ["RQ404"]


# Tables


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        TABLE.replace("#", "").replace("packages in environment at /opt/conda/envs/shop:\n\n", ""),
        "".join(TABLE.splitlines(keepends=True)[3:]),
        'List of packages in environment: "/opt/conda"\n\n  Name  Version  Build  Channel\n'
        + "─" * 30
        + "\n"
        + "".join(f"  {line}\n" for line in TABLE.splitlines()[3:]),
    ],
    ids=["conda", "without hashes", "without a header", "micromamba"],
)
def test_a_table(text: str) -> None:
    manifest = manifest_of(text)
    assert [facts(item) for item in manifest.dependencies] == [
        ("_libgcc_mutex", "==0.1", "main", "exact"),
        ("numpy", "==1.26.4", "py312h64a7726_0", "exact"),
        ("openssl", "==1.1.1w", "h7f8727e_0", "exact"),
    ]
    assert [item.rule for item in manifest.problems] == ["wrong-kind-of-file"]
    assert [item.code for item in check(text, path=PATH)] == ["RQ003"]
    after = mended(text, unsafe=True, path=PATH)
    rows = [line for line in after.splitlines() if line and not line.startswith("#")]
    assert rows == ["_libgcc_mutex=0.1=main", "conda-forge::numpy=1.26.4=py312h64a7726_0", "openssl=1.1.1w=h7f8727e_0"]
    assert [facts(item)[0] for item in manifest_of(after).dependencies] == ["_libgcc_mutex", "numpy", "openssl"]
    assert findings(after, path=PATH) == []


def test_a_few_specs_with_blanks_are_no_table() -> None:
    text = "numpy 1.26.4 py312_0\nscipy  1.13\n"
    assert [facts(item)[:3] for item in manifest_of(text).dependencies] == [
        ("numpy", "1.26.4", "py312_0"),
        ("scipy", "1.13", None),
    ]
    assert findings(text, path=PATH) == []


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< HEAD\nnumpy==1\n=======\nnumpy==2\n>>>>>>> x\n",
        "<!DOCTYPE html>\n<html>\n",
        "name: x\ndependencies:\n- numpy=1\n",
    ],
)
def test_other_files_are_one_finding(text: str) -> None:
    assert [item.code for item in check(text, path=PATH)] == ["RQ003"]
    assert manifest_of(text).dependencies == []


# Encodings


@pytest.mark.parametrize("text", [EXPORT, TABLE, f"@EXPLICIT\n{URL}\n"], ids=["export", "table", "explicit"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_and_line_ends(text: str, newline: str, encoding: str) -> None:
    source = Source.decode(PATH, text.replace("\n", newline).encode(encoding))
    manifest = read(source, None)
    assert [facts(item) for item in manifest.dependencies] == [facts(item) for item in manifest_of(text).dependencies]
    assert all(source.text[slice(*item.span)] == item.text for item in manifest.dependencies)


# Laws


LINES = [
    *(
        "numpy",
        "numpy=1.26",
        "numpy==1.26.4",
        "scipy >=1.13,<2",
        "openssl=1.1.1w=h7f8727e_0",
        "conda-forge::numpy=1.26",
    ),
    *("pytorch=*=*cuda*", "numpy[version='>=1.26']", "_libgcc_mutex=0.1=main"),
]
TAILS = ["", "  ", "  # why"]


@given(
    st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(TAILS)), min_size=1, max_size=5),
    st.sampled_from(["", HEADER, "\n"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_the_span_law(lines: list[tuple[str, str]], head: str, newline: str, ended: bool) -> None:
    text = (head + "\n".join(map("".join, lines)) + ("\n" if ended else "")).replace("\n", newline)
    manifest = manifest_of(text)
    dependencies = manifest.dependencies
    assert [item.text for item in dependencies] == [line for line, _ in lines]
    for number, item in enumerate(dependencies):
        assert item.rewritable
        assert text[slice(*item.span)] == item.text
        start, end = item.entry
        after = manifest_of(text[:start] + text[end:]).dependencies
        assert [other.text for other in after] == [line for line, _ in lines[:number] + lines[number + 1 :]]
        edits = specify(item, "==1.2.3")
        assert edits is not None
        (edit,) = edits
        written = manifest_of(text[: edit.start] + edit.content + text[edit.end :]).dependencies[number]
        assert (written.name, written.specifier) == (item.name, "==1.2.3")


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=5))
def test_match_spec_agrees(lines: list[str]) -> None:
    found = manifest_of("\n".join(lines)).dependencies
    assert [(item.name, item.parts.build, item.parts.channel) for item in found] == [
        (parts.name, parts.build, parts.channel) for parts, _ in map(parse_spec, lines)
    ]


WORDS = [
    "@EXPLICIT",
    "\n",
    " ",
    "  ",
    "numpy",
    "=1",
    "=py_0",
    "=pypi_0",
    URL,
    f"#{MD5}",
    "#",
    "1.0",
    "# Name  Version  Build",
    "-",
]


@given(st.lists(st.sampled_from(WORDS), max_size=25).map("".join) | st.text())
@example("@EXPLICIT\n.conda\n")
@example("Name Version Build\nName Version Build\n")
@example("\x85numpy\x1c\n")
def test_any_text(text: str) -> None:
    manifest = manifest_of(text)
    for item in manifest.dependencies:
        assert text[slice(*item.span)] == item.text
        assert item.entry[0] <= item.span[0] <= item.span[1] <= item.entry[1] <= len(text)
    for problem in manifest.problems:
        assert 0 <= problem.span[0] < problem.span[1] <= len(text)
    assert "RQ999" not in {
        item.code for item in check(text.encode("utf-8", "replace").decode(), path=PATH, select="ALL")
    }


@given(st.text(st.sampled_from("ab1=<>.,* []'#:@/")))
def test_a_line_is_read_or_refused_as_match_spec_does(line: str) -> None:
    spec = line.partition("#")[0].strip()
    if not spec or spec.endswith((".conda", ".tar.bz2")):
        return
    manifest = manifest_of(line)
    try:
        parse_spec(spec)
    except InvalidRequirementError:
        assert [item.rule for item in manifest.problems] == ["invalid-requirement"]
        assert not manifest.dependencies
    else:
        assert [item.text for item in manifest.dependencies] == [spec]
