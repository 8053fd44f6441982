"""The reader of requirements files: the places of everything, what it says of a bad line, and that nothing upsets it.

What it reads is compared with pip in ``test_against_pip.py``.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reqlint.fixes import apply
from reqlint.formats.requirements_txt import read
from reqlint.model import Manifest, Problem
from reqlint.source import Source
from tests.formats.fragments import TEXTS
from tests.formats.test_against_pip import CORPUS, lint
from tests.support import findings, mended

ENCODINGS = {
    "utf-8": b"",
    "utf-8 with a mark": b"\xef\xbb\xbf",
    "utf-16-le": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
    "utf-32-le": b"\xff\xfe\x00\x00",
    "utf-32-be": b"\x00\x00\xfe\xff",
}


def manifest_of(text: str, path: str = "requirements.txt") -> Manifest:
    return read(Source(path, text), None)


def texts_of(manifest: Manifest) -> list[str]:
    return [item.text for item in manifest.dependencies]


def problems_of(text: str) -> list[tuple[str, str]]:
    """Rule and underlined text of each problem."""
    return [(item.rule, text[slice(*item.span)]) for item in manifest_of(text).problems]


def only(text: str) -> Problem:
    [problem] = manifest_of(text).problems
    return problem


def fixed(text: str) -> str:
    """The text after the only problem's fix."""
    fix = only(text).fix
    assert fix is not None
    return apply(text, [fix])


# The laws of places


def check_laws(manifest: Manifest) -> None:
    source = manifest.source
    text = source.text
    end = 0
    for item in manifest.dependencies:
        assert 0 <= item.entry[0] <= item.span[0] <= item.span[1] <= item.entry[1] <= len(text)
        assert item.entry[0] >= end, "entries overlap"
        end = item.entry[1]
        if item.rewritable:
            assert text[slice(*item.span)] == item.text
            for span, held in [
                (item.parts.name_span, item.parts.name),
                (item.parts.url_span, item.parts.url),
                (item.parts.marker_span, item.parts.marker),
                *[(clause.version_span, clause.version) for clause in item.constraints],
            ]:
                assert span is None or text[slice(*span)] == held
    for index in manifest.indexes:
        assert index.entry[0] <= index.span[0] <= index.span[1] <= index.entry[1]
    for include in manifest.includes:
        assert include.entry[0] <= include.span[0] <= include.span[1] <= include.entry[1]
    for problem in manifest.problems:
        assert 0 <= problem.span[0] <= problem.span[1] <= len(text)
        assert problem.scope[0] <= problem.span[0]
        assert problem.span[1] <= problem.scope[1]
        for edit in problem.fix.edits if problem.fix else ():
            assert 0 <= edit.start <= edit.end <= len(text)
    for low, high in manifest.blocks:
        assert low < high <= len(manifest.dependencies)


def check_deletions(manifest: Manifest) -> None:
    """Without its entry a dependency is gone, and the others are still there.

    The one exception: without a good line, the bad ones can be so many that the file is of another kind.
    """
    text = manifest.source.text
    before = texts_of(manifest)
    for number, item in enumerate(manifest.dependencies):
        after = manifest_of(text[: item.entry[0]] + text[item.entry[1] :])
        if any(problem.rule == "wrong-kind-of-file" for problem in after.problems):
            continue
        assert texts_of(after) == before[:number] + before[number + 1 :]


@given(TEXTS)
@example("c==3 # x \\\nd==4\ne\n")
@example("\\foo\\\n==1\\\n.0 # x\nbar")
def test_laws(text: str) -> None:
    manifest = manifest_of(text)
    check_laws(manifest)
    check_deletions(manifest)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@given(text=TEXTS)
def test_laws_in_any_encoding(encoding: str, newline: str, text: str) -> None:
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\n", newline)
    data = ENCODINGS[encoding] + text.encode(encoding.partition(" ")[0])
    source = Source.decode("requirements.txt", data)
    assert source.fault is None
    manifest = read(source, None)
    check_laws(manifest)
    check_deletions(manifest)
    assert source.encode(source.text) == data


def test_places_over_continued_lines() -> None:
    text = "# x\r\nidna \\\r\n   ==3.7 ; \\\r\n  os_name == 'nt' \\\r\n  --hash=sha256:a \\\r\n\t--hash=sha256:b  # why\r\nsix\r\n"
    first, second = manifest_of(text).dependencies
    assert first.text == "idna    ==3.7 ;   os_name == 'nt'"
    assert not first.rewritable
    assert first.hashes == 2
    assert text[slice(*first.entry)] == text[5 : text.index("six")]
    assert text[slice(*first.span)].startswith("idna \\\r\n")
    assert text[slice(*first.span)].endswith("'nt'")
    assert text[slice(*second.entry)] == "six\r\n"
    assert second.rewritable


def test_a_requirement_that_stands_in_one_of_several_lines_can_be_rewritten() -> None:
    text = "idna==3.7 \\\n  --hash=sha256:a\n"
    [item] = manifest_of(text).dependencies
    assert item.rewritable
    assert text[slice(*item.constraints[0].version_span)] == "3.7"


def test_blocks_are_runs_of_neighbours() -> None:
    text = "a\nb\n# x\nc\n\nd\n--pre\ne \\\n --hash=sha256:a\nf\n"
    assert list(manifest_of(text).blocks) == [(0, 2), (2, 3), (3, 4), (4, 6)]


# Totality


@given(st.one_of(st.binary(max_size=200), TEXTS.map(lambda text: text.encode())))
@example(b"-e \n-e ''\n-r ''\n-c\n")
@example(b";\n; --pre\n\\\n[\n]\n@\n-\n--\n")
@example("a ; os_name == '\ud7ff'\n".encode())
def test_any_bytes(data: bytes) -> None:
    manifest, found = lint(data)
    check_laws(manifest)
    assert "RQ999" not in {item.code for item in found}


@given(TEXTS)
@example('-e foo @ git+https://e.com/r "\n')
@example("-r=a -c=b\n-i=u --pre\n")
def test_fixes_come_to_rest(text: str) -> None:
    codes = "RQ001,RQ002,RQ003,RQ004,RQ005"
    once = mended(text.lstrip("\ufeff"), unsafe=True, select=codes)
    assert mended(once, unsafe=True, select=codes) == once


SIZE = 30_000


@pytest.mark.parametrize(
    "text",
    [
        "a" * SIZE * 20,
        " " * SIZE * 20 + "x",
        "a" + " " * SIZE * 20 + "x",
        "a" + "\t" * SIZE + "-x",
        "a" + " #" * SIZE,
        "a" + "#" * SIZE,
        "#" * SIZE + "\\\n",
        "a \\\n" * SIZE,
        "\\\n" * SIZE,
        "a # \\\n" * SIZE,
        "# \\\n" * SIZE,
        "a " + "--hash=sha256:a " * SIZE,
        "a \\\n" + "  --hash=sha256:a \\\n" * SIZE,
        "a " + "--hash='sha256:a' " * SIZE,
        "-r " + "'" * (SIZE + 1),
        "-r " + '"' * (SIZE + 1),
        '-r "' + "\\\\" * SIZE,
        "-r " + "\\\\" * SIZE + '"',
        "-r " + "a b " * SIZE,
        "--" + "a" * SIZE,
        "-" * SIZE,
        "'" + "a" * SIZE + "'" + " " * SIZE + "x",
        "'a'" + " " * SIZE + ",,",
        "a ; " + "(" * SIZE,
        "a ; " + "(" * SIZE + "os_name == 'x'" + ")" * SIZE,
        "a ; " + "os_name == 'x' and " * 3000 + "os_name == 'x'",
        "[" * SIZE,
        "./" + "[" * SIZE + "]",
        "a" + "[a," * SIZE,
        "a==" + "1." * SIZE,
        "a==" + "${" * SIZE,
        "a @ " + "https://" * SIZE,
        "git+https://e.com/" + "@" * SIZE,
        "git+https://e.com/r@" + "a1_" * SIZE + "!",
        "a==1\n" * SIZE,
        "a=1\n" * 3000,
        "'a',\n" * 3000,
        "<<<<<<< a\n" * 3000,
        "a 1.0\n" * 3000,
        "\r" * SIZE,
        "\x0b\u2028" * SIZE,
    ],
    ids=lambda text: repr(text[:14]) + str(len(text)),
)
def test_long_texts_take_no_time(text: str) -> None:
    """What is quadratic takes minutes with some of these."""
    begin = time.monotonic()
    manifest = manifest_of(text)
    assert time.monotonic() - begin < 10
    assert len(manifest.dependencies) <= text.count("\n") + 1


# What is said of a bad line


@pytest.mark.parametrize(
    ("text", "fault", "message", "after"),
    [
        ("requests=2.32.3", "=2.32.3", "`requests=2.32.3` has a single `=`", "requests==2.32.3"),
        ("requests = 2.32.3", "= 2.32.3", "`requests=2.32.3` has a single `=`", "requests == 2.32.3"),
        (
            "requests[socks]=2.32.3 ; os_name == 'nt'",
            "=2.32.3",
            "single `=`",
            "requests[socks]==2.32.3 ; os_name == 'nt'",
        ),
        ('"requests==2.32.3",', '"requests==2.32.3",', "a quoted list item", "requests==2.32.3"),
        ("'requests==2.32.3'", "'requests==2.32.3'", "a quoted list item", "requests==2.32.3"),
        (
            "\"requests; os_name == 'nt'\" ,",
            "\"requests; os_name == 'nt'\" ,",
            "a quoted list item",
            "requests; os_name == 'nt'",
        ),
        ("* 'requests'", "* 'requests'", "a quoted list item", "requests"),
        ("requests,", "requests,", "ends in a comma", "requests"),
        ("requests ,,", "requests ,,", "ends in a comma", "requests"),
        ("pip install requests", "pip install requests", "a command is no requirement", "requests"),
        (
            "$ python -m pip install requests==1.0",
            "$ python -m pip install requests==1.0",
            "a command",
            "requests==1.0",
        ),
        ("!pip3 install requests", "!pip3 install requests", "a command", "requests"),
        ("pip install requests flask", "pip install requests flask", "a command", None),
        ("pip install", "pip install", "a command", None),
        ("numpy=1.26.4=py311h64a7726_0", "numpy=1.26.4=py311h64a7726_0", "a conda spec", None),
        ("conda-forge::numpy", "conda-forge::numpy", "a conda spec", None),
        ("requests 2.32.3", "2", "no operator between `requests` and `2.32.3`", None),
        ("requests ^2.32", "^", "`^` is Poetry's", None),
        ('requests = "^2.32"', "=", "`^` is Poetry's", None),
        ('tomli==2.0.1 python_version < "3.11"', 'python_version < "3.11"', "set off by a semicolon", None),
        ("tomli; python_version < 3.11", "3", "must stand in quotes", None),
        ("requests>=1.0 <2", "<", "a comma is missing", None),
        ("requests>=2.*", ">=2.*", "`.*` may only follow `==` or `!=`; pip dropped it behind `>=` in 24.1", None),
        ("pytz==2013b0x", "==2013b0x", "pip dropped such legacy versions in 24.1", None),
        ("requests==2.32.3 sha256:abc", "s", "a hash is an option", None),
        ("git://github.com/o/r.git", "git://github.com/o/r.git", "begins with `git+`", None),
        ("see http://e.com/ for more", "see http://e.com/ for more", "neither a name, nor a path, nor a URL", None),
        ("{{ cookiecutter.dependencies }}", "{{ cookiecutter.dependencies }}", "begins with a package name", None),
    ],
)
def test_slips(text: str, fault: str, message: str, after: str | None) -> None:
    whole = f"idna==3.7\n{text}  # why\ncertifi\nsix\n"
    problem = only(whole)
    assert problem.rule == "invalid-requirement"
    assert message in problem.message
    underlined = whole[slice(*problem.span)]
    assert underlined == fault or (len(fault) == 1 and underlined.startswith(fault))
    if after is None:
        assert problem.fix is None
    else:
        assert fixed(whole) == f"idna==3.7\n{after}  # why\ncertifi\nsix\n"
        assert problem.fix is not None
        assert problem.fix.applicability == ("unsafe" if "single" in message else "safe")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-e git+https://e.com/r.git", "needs a name"),
        ("-e https://e.com/x.zip", "local directory or a version control URL"),
        ("-e 'a @ https://e.com/x.zip'", "local directory or a version control URL"),
        ("https://e.com/x.whl", "no file name of a wheel"),
    ],
)
def test_other_faults(text: str, message: str) -> None:
    problem = only(f"idna==3.7\n{text}\nsix\n")
    assert problem.rule == "invalid-requirement"
    assert message in problem.message


def test_a_slip_over_several_lines_has_no_fix() -> None:
    problem = only("requests\\\n=2.32.3\nsix\nidna\n")
    assert "single `=`" in problem.message
    assert problem.fix is None


@pytest.mark.parametrize(
    "text",
    [
        "'https://u:hunter2@e.com/x',",
        "pip install https://u:hunter2@e.com/x y",
        "a==https://u:hunter2@e.com/x",
        "--index-urlhttps://u:hunter2@e.com/x",
        "--hunter2hunter2=x",
        "--hash=hunter2:x",
        "a --hunter2",
        "-e https://u:hunter2@e.com/x @ git+https://e.com/x",
        "-ihttps://u:hunter2@e.com --pre=x",
        "see https://u:hunter2@e.com/x",
        "-i=https://u:hunter2@e.com",
    ],
)
def test_no_message_repeats_a_value(text: str) -> None:
    problems = manifest_of(f"{text}\nidna\nsix\n").problems
    assert problems
    for problem in problems:
        words = f"{problem.message} {problem.label} {problem.help} {problem.fix!r}"
        assert "hunter2" not in words or "--hunter2" in words  # the name of an option may be said


# What pip drops


@pytest.mark.parametrize("blank", ["\t", " \t", "\t\t", "\xa0", "\u3000"])
def test_options_behind_an_odd_blank(blank: str) -> None:
    text = f"foo==1.0{blank}--hash=sha256:ab --hash=sha256:cd  # why\nsix\n"
    problem = only(text)
    assert problem.rule == "ignored-text"
    assert text[slice(*problem.span)] == f"{blank}--hash=sha256:ab"
    assert problem.fix is not None
    assert problem.fix.applicability == "safe"
    assert fixed(text) == "foo==1.0 --hash=sha256:ab --hash=sha256:cd  # why\nsix\n"
    assert [item.hashes for item in manifest_of(text).dependencies] == [2, 0]


def test_a_continued_line_that_begins_with_a_tab() -> None:
    text = "foo==1.0 \\\n\t--hash=sha256:ab \\\n\t--hash=sha256:cd\nsix\n"
    assert problems_of(text) == [("ignored-text", " \\\n\t--hash=sha256:ab")]
    assert fixed(text) == "foo==1.0 \\\n --hash=sha256:ab \\\n\t--hash=sha256:cd\nsix\n"
    assert [item.hashes for item in manifest_of(text).dependencies] == [2, 0]


@pytest.mark.parametrize("text", ["foo\tbar", "foo\t-x", "foo\t--no-such", "f o o\t--pre", "\t"])
def test_odd_blanks_before_something_else(text: str) -> None:
    assert "ignored-text" not in [rule for rule, _ in problems_of(text + "\nsix\n")]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("-r=f.txt", "-r f.txt"),
        ("-c=f.txt", "-c f.txt"),
        ("-i=https://e.com", "-i https://e.com"),
        ("-f=dir", "-f dir"),
        ("-e=./x", "-e ./x"),
        ("a -C=b=c", "a -C b=c"),
    ],
)
def test_equals_behind_a_short_option(text: str, after: str) -> None:
    problem = only(text)
    assert (problem.rule, text[slice(*problem.span)]) == ("ignored-text", text.removeprefix("a "))
    assert fixed(text) == after
    assert not manifest_of(text).includes
    assert not manifest_of(text).indexes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--pre foo", ["foo"]),
        ("--no-binary :all: foo bar", ["foo bar"]),
        ("-e ./a -e ./b", ["-e ./b"]),
        ("-r a -r b", ["-r b"]),
        ("-r a -c b", ["-c b"]),
        ("-r a --index-url u", ["--index-url u"]),
        ("-i a -i b", ["-i a"]),
        ("-f a -f b", ["-f b"]),
        ("-e ./a b", ["b"]),
        ("-e ./a ; os_name == 'nt'", ["; os_name == 'nt'"]),
        ("-e ./a --hash=sha256:b", ["--hash=sha256:b"]),
        ("a --pre", ["--pre"]),
        ("a -r b.txt c", ["-r b.txt", "c"]),
        ("./a -e ./b", ["-e ./b"]),
        ("--hash=sha256:a", ["--hash=sha256:a"]),
        ("c==3 # x \\\n  d==4\ne", ["d==4"]),
        ("c==3 # x \\\n\\\n  d==4 \\\ne", ["d==4"]),
        ("a --no-binary :all:", []),
        ("a --all-releases :all:", []),
        ("a --hash=sha256:a -C b=c", []),
        ("--pre --no-index -i a --extra-index-url b --extra-index-url c", []),
    ],
)
def test_dropped_text(text: str, expected: list[str]) -> None:
    assert problems_of(text) == [("ignored-text", part) for part in expected]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("c==3 # x \\\nd==4\n", "c==3 # x \nd==4\n"),
        ("c==3 # x \\\\\\\r\nd==4\r\n", "c==3 # x \r\nd==4\r\n"),
        ("c==3 # x \\\n\\\\d==4\n", "c==3 # x \n\\\\d==4\n"),
        ("a \\\n # y\nc # x \\\nd\n", "a \\\n # y\nc # x \nd\n"),
    ],
)
def test_a_comment_that_swallows_the_next_line(text: str, after: str) -> None:
    problem = only(text)
    assert problem.fix is not None
    assert problem.fix.applicability == "unsafe"
    assert fixed(text) == after


def test_a_constraints_file_takes_less() -> None:
    text = "a==1\nb[x]==1\n./c\n-e git+https://e.com/d#egg=d\nhttps://e.com/x.zip\ne @ https://e.com/e.zip\n"
    for path, expected in (
        ("requirements.txt", []),
        ("constraints.txt", ["b[x]==1", "./c", "git+https://e.com/d#egg=d", "https://e.com/x.zip"]),
    ):
        manifest = manifest_of(text, path)
        assert [text[slice(*problem.span)] for problem in manifest.problems] == expected
        assert {problem.rule for problem in manifest.problems} <= {"invalid-requirement"}


# Variables


@pytest.mark.parametrize(
    "text", ["${A}", "${A}==1", "foo==${A}", "${A}/x", "-r ${A}", "foo @ https://${A}@e.com/x", "foo${A}"]
)
def test_variables_are_nobodys_fault(text: str) -> None:
    assert {rule for rule, _ in problems_of(text + "\n")} <= {"templated-version"}


@pytest.mark.parametrize("text", ["${a}==1", "foo==${a}", "foo==$A", "foo==%A%", "foo==${A-1}"])
def test_what_pip_does_not_take_for_a_variable(text: str) -> None:
    assert [rule for rule, _ in problems_of(text + "\nsix\nidna\n")] == ["invalid-requirement"]


# Options that pip refuses


@pytest.mark.parametrize(
    ("text", "fault", "message"),
    [
        ("--no-build-isolation", "--no-build-isolation", "pip takes no `--no-build-isolation`"),
        ("foo -U", "-U", "pip takes no `-U`"),
        ("foo --global-option=x", "--global-option=x", "pip dropped `--global-option` from requirements files in 26.0"),
        ("foo --install-option='--x'", "--install-option='--x'", "pip dropped `--install-option`"),
        ("--no x", "--no", "`--no` is ambiguous: `--no-binary`, `--no-index`, `--no-require-hashes`"),
        ("--pre=1", "--pre=1", "takes no value"),
        ("-r", "-r", "`-r` needs a value"),
        ("foo --hash=md5:x", "--hash=md5:x", "sha256, sha384, sha512, not by `md5`"),
        ("foo --hash=x", "--hash=x", "a hash is written"),
        ("foo -C x", "-C x", "key=value"),
        ("--no-binary --pre", "--no-binary --pre", "needs a value"),
        ("--trusted-host :80", "--trusted-host :80", "`host` or `host:port`"),
        ("-r 'a", "'a", "not closed"),
        ("-r a\\b \\", "\\", "not closed"),
    ],
)
def test_refused_options(text: str, fault: str, message: str) -> None:
    text += " # x" if text.endswith("\\") else "\n"
    problem = only(text)
    assert problem.rule == "invalid-option"
    assert text[slice(*problem.span)] == fault
    assert message in problem.message


def test_a_refused_option_hides_neither_its_requirement_nor_the_other_lines() -> None:
    manifest = manifest_of("flash-attn==2.6.3 --no-build-isolation\nsix\n")
    assert texts_of(manifest) == ["flash-attn==2.6.3", "six"]


# Files of another kind


def kind(text: str) -> str | None:
    """What kind of file it is said to be."""
    problems = manifest_of(text).problems
    whole = next((item for item in problems if item.rule == "wrong-kind-of-file"), None)
    if whole is None:
        return None
    assert len(problems) == 1
    assert not manifest_of(text).dependencies
    return whole.message.partition(": ")[2]


KINDS = {
    "it is the output of `conda list --export`": "# platform: linux-64\n_libgcc_mutex=0.1=main\nnumpy=1.26.4=py311_0\npip=24.0=pypi_0\n",
    "it is the output of `conda list --explicit`": "# platform: linux-64\n@EXPLICIT\nhttps://conda.anaconda.org/x/linux-64/a-1-0.conda\n",
    "it is the table that `conda list` prints": "# Name  Version  Build  Channel\nnumpy  1.26.4  py311_0  conda-forge\npip  24.0  pypi_0  pypi\nsix  1.16  pyh\n",
    "it is the table that `pip list` prints": "Package Version\n------- -------\nsix     1.16.0\n",
    "it is a conda environment in YAML": "name: x\nchannels:\n  - defaults\ndependencies:\n  - python=3.11\n  - numpy\n",
    "it is a list in Python's notation": "REQUIRES = [\n    'six==1.16.0',\n    \"idna\",  # why\n]\n",
    "it is TOML": "[[source]]\nurl = 'https://packages.example.com/simple'\nverify_ssl = true\n\n[packages]\nrequests = '*'\nsix = {version = '*'}\n",
    "it is a shell script": "sudo apt-get install -y libpq-dev\npip install six\npip install idna\n",
    "it is an HTML page": "\n<!DOCTYPE html>\n<html lang='en'>\n</html>\n",
    "it holds merge-conflict markers": "six\n<<<<<<< HEAD\nidna==3.6\n=======\nidna==3.7\n>>>>>>> feature/idna\ncertifi\n",
}


@pytest.mark.parametrize("meaning", KINDS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_kinds(meaning: str, newline: str) -> None:
    found = kind(KINDS[meaning].replace("\n", newline))
    assert found is not None
    assert found.startswith(meaning)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "six\n",
        "six=1.16.0\n",
        "six=1.16.0\nidna=3.7\ncertifi=2024.7.4\n",
        "six 1.16.0\n",
        "six 1.16.0\nidna 3.7\n",
        "six==1.16.0\nidna==3.7\nrequests 2.32.3\nurllib3 2.2.2\n",
        "'six',\n",
        "'six',\nidna\ncertifi\n",
        "pip install six\npip install idna\n",
        "pip install six\n",
        "Install these with pip\n",
        "These are the packages that we need.\nAsk Jane before you change them.\nsix\n",
        "-----------\nsix\n",
        "=======\nWeb\n=======\nflask==3.0.3\n",
        "<<<<<<< HEAD\nsix\n",
        ">>>>>>> feature\nsix\n",
        "Package Version\nsix==1.16.0\nidna==3.7\n",
        "# This file may be used to create an environment using:\nsix==1.16.0\nnumpy=1.26.4=py311_0\nidna==3.7\n",
        "# packages in environment at /opt/conda:\nsix==1.16.0\nidna=3.7\n",
        "numpy=1.26.4=py311_0\n",
        "numpy=1.26.4=py311_0\nsix\n",
        "dependencies:\nsix\n",
        "[dev]\nsix\nidna\n",
        "[dev]\nsix==1.16.0\n[test]\npytest==8.3.2\n",
        "a = b\nsix\n",
        "<script>\nsix\nidna\n",
        "{% if x %}\nsix\n{% endif %}\nidna\n",
        "--no-deps\n--user\nsix\n",
    ],
)
def test_some_bad_lines_make_no_other_kind(text: str) -> None:
    assert kind(text) is None


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (
            "Package    Version\r\n---------- -------\r\nsix        1.16.0\r\nzope.event 5.0",
            "six==1.16.0\r\nzope.event==5.0",
        ),
        ("\nPackage Version\n------- -------\nsix     1.16.0\n# x\n", "\nsix==1.16.0\n# x\n"),
        ("six (1.16.0)\nidna (3.7)\ncertifi (2024.7.4)\n", "six==1.16.0\nidna==3.7\ncertifi==2024.7.4\n"),
        ("six 1.16.0\nidna 3.7\ncertifi 2024.7.4\n", "six==1.16.0\nidna==3.7\ncertifi==2024.7.4\n"),
        ("Package Version\n------- ----------\ntorch   2.3.0+cpu\n", "torch==2.3.0+cpu\n"),
    ],
)
def test_a_pip_list_table_can_be_frozen(text: str, after: str) -> None:
    fix = only(text).fix
    assert fix is not None
    assert fix.applicability == "unsafe"
    assert fixed(text) == after
    assert not manifest_of(after).problems


def test_a_pip_list_table_with_more_columns_cannot() -> None:
    text = "Package Version Editable project location\n------- ------- ---\nsix 1.16.0\nmine 0.1 /home/jane/mine\n"
    assert only(text).fix is None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not there")
def test_real_files_of_another_kind() -> None:
    path = "AIOneul__OneulLLM/requirements.txt"
    manifest, found = lint((CORPUS / path).read_bytes())
    assert sorted(item.code for item in found if item.code.startswith("RQ0")) == ["RQ003", "RQ008"]
    assert [problem.rule for problem in manifest.problems] == ["wrong-kind-of-file"]
    wrong = []
    for path in sorted(str(path) for path in CORPUS.glob("**/*requirement*.txt")):
        with open(path, "rb") as file:
            source = Source.decode(path, file.read())
        if any(problem.rule == "wrong-kind-of-file" for problem in read(source, None).problems):
            wrong.append(path)
    assert [path.rpartition("corpus/")[2] for path in wrong] == ["AIOneul__OneulLLM/requirements.txt"]


def test_through_the_linter() -> None:
    text = "foo==1.0\t--hash=sha256:ab\n"
    assert findings(text, select="RQ0") == [("RQ005", "\t--hash=sha256:ab")]
    assert mended(text, select="RQ0") == "foo==1.0 --hash=sha256:ab\n"
