from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqlint.requirement import parse_pep508
from reqlint.versions import satisfiable
from tests.support import check, findings, mended, underlined

OVERLAP = ["RQ403", "RQ404"]
HASH = "--hash=sha256:" + "0" * 64


def overlaps(text: str, **options: object) -> list[tuple[str, str, str]]:
    found = check(text, select=OVERLAP, **options)  # type: ignore[arg-type]
    return [(item.code, item.severity, underlined(item)) for item in found]


TWICE = [
    ("flask==3.0.3\nflask==3.0.3\n", "warning", "flask==3.0.3\n"),
    ("flask==3.0.3\nFlask == 3.0.3\n", "warning", "flask==3.0.3\n"),
    ("zope.interface\nidna\nzope_interface\n", "warning", "zope.interface\nidna\n"),
    ("flask==1\nflask==1.0\n", "warning", "flask==1\n"),
    ("flask\nflask==3.0.3\n", "warning", "flask==3.0.3\n"),
    ("flask==3.0.3\nflask\n", "warning", "flask==3.0.3\n"),
    ("flask>=2\nflask>=3\n", "warning", "flask>=3\n"),
    ("flask>=2\nflask<4\n", "warning", "flask>=2,<4\n"),
    ("flask>=2,<4\nflask<4,>=2\n", "warning", "flask>=2,<4\n"),
    ("torch==2.3.0\ntorch==2.3.0+cpu\n", "warning", "torch==2.3.0+cpu\n"),
    ("flask==${A}\nflask==3.0.3\n", "warning", None),
    ("flask==${A}\nflask==${A}\n", "warning", "flask==${A}\n"),
    # Extras.
    ("black\nblack[jupyter]\n", "info", "black[jupyter]\n"),
    ("black[jupyter]\nblack\n", "info", "black[jupyter]\n"),
    ("black==24.1.0\nblack[jupyter]\n", "info", "black[jupyter]==24.1.0\n"),
    ("black[d]\nblack[jupyter]\n", "info", "black[d,jupyter]\n"),
    ("black[d,jupyter]\nblack[Jupyter, d]\n", "warning", "black[d,jupyter]\n"),
    # Markers.
    ("a ; python_version<'3.9'\na; python_version < \"3.9\"\n", "warning", "a ; python_version<'3.9'\n"),
    ("a==1\na==1 ; sys_platform == 'win32'\n", "warning", "a==1\n"),
    ("a==1 ; sys_platform == 'win32'\na==1\n", "warning", "a==1\n"),
    ("a==1 ; sys_platform == 'win32'\na==1 ; python_version >= '3.9'\n", "warning", None),
    # URLs and paths.
    ("a @ https://x.org/a.zip\na @ https://x.org/a.zip\n", "warning", "a @ https://x.org/a.zip\n"),
    ("a @ https://x.org/a.zip\na\n", "warning", "a @ https://x.org/a.zip\n"),
    ("a==1\na @ https://x.org/a.zip\n", "warning", None),
    ("a>=1\na @ https://x.org/a-1.2-py3-none-any.whl\n", "warning", "a @ https://x.org/a-1.2-py3-none-any.whl\n"),
    ("git+https://x.org/a@v1\nidna\ngit+https://x.org/a@v1\n", "warning", "git+https://x.org/a@v1\nidna\n"),
    ("git+https://x.org/a@v1#egg=a\na @ git+https://x.org/a@v1\n", "warning", "git+https://x.org/a@v1#egg=a\n"),
    ("./a\n./a\n", "warning", "./a\n"),
    ("-e ./a\n-e ./a/\n", "warning", "-e ./a\n"),
    ("-e .[test]\n-e .\n", "info", "-e .[test]\n"),
    # Lines that hold more than the requirement.
    (f"a==1 {HASH}\na==1\n", "warning", f"a==1 {HASH}\n"),
    (f"a==1\na==1 {HASH}\n", "warning", None),
    (f"a==1 {HASH}\na==1 {HASH}\n", "warning", f"a==1 {HASH}\n"),
    (f"a==1 \\\n    {HASH}\nb\na==1 \\\n    {HASH}\n", "warning", f"a==1 \\\n    {HASH}\nb\n"),
    ("a==1\r\na==1", "warning", "a==1\r\n"),
]


@pytest.mark.parametrize(("text", "severity", "after"), TWICE)
def test_the_same_twice(text: str, severity: str, after: str | None) -> None:
    assert [item[:2] for item in overlaps(text)] == [("RQ403", severity)]
    assert mended(text, select=OVERLAP) == (text if after is None else after)


CONFLICTS = [
    ("flask==3\nflask==2\n", "no version of `flask` satisfies both `==3` and `==2`"),
    ("flask>=3\nflask<3\n", "no version of `flask` satisfies both `>=3` and `<3`"),
    ("flask~=3.0\nflask==2.*\n", "no version of `flask` satisfies both `~=3.0` and `==2.*`"),
    ("flask[async]==3\nflask==2\n", "no version of `flask` satisfies both `==3` and `==2`"),
    (
        "torch==2.3.0+cpu\ntorch==2.3.0+cu121\n",
        "no version of `torch` satisfies both `==2.3.0+cpu` and `==2.3.0+cu121`",
    ),
    ("a==1\na==2 ; python_version > '3'\n", "no version of `a` satisfies both `==1` and `==2`"),
    ("a @ https://x.org/a.zip\na @ https://y.org/a.zip\n", "`a` is required from two different places"),
    ("a @ git+https://x.org/a@v1\na @ git+https://x.org/a@v2\n", "`a` is required from two different places"),
    ("a==2\na @ https://x.org/a-1.2-py3-none-any.whl\n", "`a` is 1.2 by its URL, which `==2` rules out"),
    ("./a-1.2-py3-none-any.whl\na<1\n", "`a` is 1.2 by its URL, which `<1` rules out"),
    ("-e ./a\n./a\n", "this path is required once with `-e` and once without"),
    ("-e git+https://x.org/a#egg=a\na @ git+https://x.org/a\n", "`a` is required once with `-e` and once without"),
]


@pytest.mark.parametrize(("text", "message"), CONFLICTS)
def test_what_cannot_be_had_together(text: str, message: str) -> None:
    (item,) = check(text, select=OVERLAP)
    assert (item.code, item.severity, item.message, item.fix) == ("RQ404", "error", message, None)
    assert item.source.row(item.span[0]) == 2
    assert [item.source.row(label.span[0]) for label in item.related] == [1]


SILENT = [
    "a\nb\na-b\n",
    "a==1 ; python_version < '3.9'\na==2 ; python_version >= '3.9'\n",
    "a==1 ; sys_platform == 'win32'\na==1 ; sys_platform != 'win32'\n",
    "a==1 ; python_version == '2.7'\na==2 ; python_version == '3.6'\na==3; python_version >= '3.7'\n",
    "a==1 ; platform_machine == 'arm64'\na==2 ; sys_platform == 'linux'\n",
    # Each line says something that the other does not.
    "a\na<2 ; python_version < '3.9'\n",
    "a>=1 ; python_version > '3.8'\na<2 ; sys_platform == 'win32'\n",
    "a\na[x] ; python_version > '3.8'\n",
    # It cannot be told.
    "a @ https://x.org/${A}.zip\na @ https://x.org/b.zip ; python_version > '3'\n",
    "./a.zip\n./b.zip\n",
    "https://x.org/a.zip\nhttps://x.org/b.zip\n",
    # One that contradicts itself is another rule's.
    "-r missing.txt\na\n",
    "-r requirements.txt\na\n",
]


@pytest.mark.parametrize("text", SILENT)
def test_what_is_no_overlap(text: str) -> None:
    assert overlaps(text) == []


def test_a_contradiction_in_itself_is_reported_once() -> None:
    assert [item.code for item in check("a>=2,<1\na==3\n", select=["RQ106", *OVERLAP])] == ["RQ106", "RQ403"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a==1\na==1\na==1\n", [("RQ403", 2), ("RQ403", 3)]),
        ("a==1\na==2\na==2\n", [("RQ404", 2), ("RQ403", 3)]),
        ("a==1\na==2\na==1\n", [("RQ404", 2), ("RQ403", 3)]),
        ("a==1\na>=0\na==2\n", [("RQ403", 2), ("RQ404", 3)]),
        ("a==1\nb==1\nb==2\na==1\n", [("RQ404", 3), ("RQ403", 4)]),
    ],
)
def test_each_surplus_line_is_reported_once(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(item.code, item.source.row(item.span[0])) for item in check(text, select=OVERLAP)] == expected


INCLUDED = [
    # The second stands in the file itself.
    ("-r a.txt\nx==1\n", {"a.txt": "x==1\n"}, [("RQ403", "warning", "x==1")]),
    ("-r a.txt\nx==1\n", {"a.txt": "x\n"}, [("RQ403", "info", "x==1")]),
    ("-r a.txt\nx==1\n", {"a.txt": "-r b.txt\n", "b.txt": "x==1\n"}, [("RQ403", "warning", "x==1")]),
    ("-r a.txt\nx==2\n", {"a.txt": "x==1\n"}, [("RQ404", "error", "x==2")]),
    # It comes through a later include.
    ("x==1\n-r a.txt\n", {"a.txt": "x==1\n"}, [("RQ403", "warning", "a.txt")]),
    ("x==2\n-r a.txt\n", {"a.txt": "x==1\n"}, [("RQ404", "error", "a.txt")]),
    ("-r a.txt\n-r b.txt\n", {"a.txt": "x==1\n", "b.txt": "x==1\n"}, [("RQ403", "info", "b.txt")]),
    ("-r a.txt\n-r b.txt\n", {"a.txt": "x==1\n", "b.txt": "x==2\n"}, [("RQ404", "error", "b.txt")]),
    # It is the business of the included file.
    ("-r a.txt\n", {"a.txt": "x==1\nx==2\n"}, []),
    ("-r a.txt\n", {"a.txt": "-r b.txt\nx==1\n", "b.txt": "x==1\n"}, []),
    # One file on two ways, and in a circle.
    ("-r a.txt\n-r b.txt\n", {"a.txt": "-r c.txt\n", "b.txt": "-r c.txt\n", "c.txt": "x==1\n"}, []),
    ("-r a.txt\n-r a.txt\n-c a.txt\n", {"a.txt": "x==1\n"}, []),
    ("-r a.txt\nx\n", {"a.txt": "-r requirements.txt\n"}, []),
    # Constraints.
    ("-c c.txt\nx==1\n", {"c.txt": "x==1\n"}, []),
    ("-c c.txt\nx\n", {"c.txt": "x==1\n"}, []),
    ("-c c.txt\nx==1\n", {"c.txt": "x==2\n"}, [("RQ404", "error", "x==1")]),
    ("x==1\n-c c.txt\n", {"c.txt": "x==2\n"}, [("RQ404", "error", "c.txt")]),
    ("-r a.txt\n-c c.txt\n", {"a.txt": "x==1\n", "c.txt": "x==2\n"}, [("RQ404", "error", "c.txt")]),
    ("-c c.txt\n-c d.txt\n", {"c.txt": "x==1\n", "d.txt": "x==1\n"}, []),
    ("-c c.txt\nx==1 ; python_version < '3.9'\n", {"c.txt": "x==2 ; python_version >= '3.9'\n"}, []),
    ("-c c.txt\nx @ https://x.org/x.zip\n", {"c.txt": "x==2\n"}, []),
]


@pytest.mark.parametrize(("text", "files", "expected"), INCLUDED)
def test_through_includes(text: str, files: dict[str, str], expected: list[tuple[str, str, str]]) -> None:
    assert overlaps(text, files=files) == expected


def test_a_file_that_is_included_elsewhere_keeps_its_own_findings() -> None:
    assert [item[0] for item in overlaps("x==1\nx==2\n", path="a.txt", files={"requirements.txt": "-r a.txt\n"})] == [
        "RQ404"
    ]


def test_both_places_are_shown() -> None:
    files = {"a.txt": "x==1\n", "b.txt": "idna\nx==2\n"}
    (item,) = check("-r a.txt\n-r b.txt\n", select=OVERLAP, files=files)
    assert [(label.source.path, underlined_at(label)) for label in item.related] == [
        ("project/a.txt", "x==1"),
        ("project/b.txt", "x==2"),
    ]


def underlined_at(label: object) -> str:
    return label.source.text[slice(*label.span)]  # type: ignore[attr-defined, no-any-return]


def test_duplicates_in_a_constraints_file_count() -> None:
    assert overlaps("x==1\nx==1\ny==1\ny==2\n", path="constraints.txt") == [
        ("RQ403", "warning", "x==1"),
        ("RQ404", "error", "y==2"),
    ]


def test_only_what_stands_in_the_file_is_deleted() -> None:
    files = {"a.txt": "x==1\n", "b.txt": "x\n"}
    assert mended("-r a.txt\nx==1\n", select=OVERLAP, files=files) == "-r a.txt\n"
    assert mended("x==1\n-r a.txt\n", select=OVERLAP, files=files) == "-r a.txt\n"
    assert mended("x==1\n-r b.txt\n", select=OVERLAP, files=files) == "x==1\n-r b.txt\n"


def test_the_severity_of_the_configuration_wins() -> None:
    assert [item[1] for item in overlaps("x\nx[e]\n", severity={"RQ403": "error"})] == ["error"]


def test_no_secret_is_shown() -> None:
    text = "https://u:hunter2secret@x.org/a.zip\nhttps://u:hunter2secret@x.org/a.zip\n"
    for item in check(text, select=OVERLAP):
        shown = f"{item.message}{item.label}{item.help}{[label.message for label in item.related]}"
        assert "hunter2" not in shown


def test_the_help_tells_how_to_merge() -> None:
    (item,) = check("black[d]>=23\nblack[jupyter]<25\n", select=OVERLAP)
    assert item.help == "write one line: `black[d,jupyter]>=23,<25`"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("requirements.txt", "black[d]>=23  # one\nidna\nblack<25  # two\n", "black[d]>=23,<25  # one\nidna\n"),
        ("requirements.txt", "a[x] ; os_name == 'nt'\na ; os_name=='nt'\n", "a[x] ; os_name == 'nt'\n"),
        ("requirements.txt", "a[x]\na==1 --hash=sha256:aa\n", "a[x]\na==1 --hash=sha256:aa\n"),
        ("requirements.txt", "a[x]==${A}\na[y]==1\n", "a[x]==${A}\na[y]==1\n"),
        (
            "pyproject.toml",
            '[dependency-groups]\ntest = [\n  "a[x]>=1",\n  \'b\',\n  "a[y]"\n]\n',
            "[dependency-groups]\ntest = [\n  \"a[x,y]>=1\",\n  'b',\n]\n",
        ),
        (
            "setup.cfg",
            "[options]\ninstall_requires =\n    a>=1\n    a[x]<3\n",
            "[options]\ninstall_requires =\n    a[x]>=1,<3\n",
        ),
        (
            "environment.yml",
            "dependencies:\n  - pip\n  - pip:\n    - a>=1\n    - 'a[x]'\n",
            "dependencies:\n  - pip\n  - pip:\n    - a[x]>=1\n",
        ),
        (
            "environment.yml",
            "dependencies: [pip, {pip: [a>=1, 'a[x]<2']}]\n",
            "dependencies: [pip, {pip: [a>=1, 'a[x]<2']}]\n",
        ),
    ],
)
def test_two_lines_become_one_that_says_what_both_say(path: str, text: str, expected: str) -> None:
    assert mended(text, path=path, select=OVERLAP) == expected


# By pip's own resolver

PLAIN = ("==1.0", "==2.0", ">=1.5", "<1.5", "")


def wheel(folder: Path, version: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"xx-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        about = f"xx-{version}.dist-info"
        archive.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: xx\nVersion: {version}\nProvides-Extra: e\n"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    return path


def test_pip_agrees_on_what_is_a_conflict(tmp_path: Path) -> None:
    one = wheel(tmp_path / "a", "1.0").as_uri()
    other = wheel(tmp_path / "b", "1.0").as_uri()
    for version in ("1.0", "2.0"):
        wheel(tmp_path / "links", version)
    pairs = [
        ("xx==1.0", "xx==2.0"),
        ("xx==1.0", "xx[e]==2.0"),
        ("xx==1.0", "xx[e]==1.0"),
        ("xx<2", "xx>=1"),
        ("xx==2.0", f"xx @ {one}"),
        ("xx==1.0", f"xx @ {one}"),
        (f"xx @ {one}", f"xx @ {other}"),
        (f"xx @ {one}", f"xx @ {one}"),
        (f"xx @ {one}", f"xx[e] @ {one}#egg=xx"),
    ]
    for pair in pairs:
        text = "\n".join(pair) + "\n"
        path = tmp_path / "requirements.txt"
        path.write_text(text, encoding="utf-8")
        where = ["--no-index", "--find-links", str(tmp_path / "links"), "--target", str(tmp_path / "target")]
        quiet = ["--isolated", "--disable-pip-version-check", "-q", "--dry-run"]
        command = [sys.executable, "-m", "pip", "install", *quiet, *where, "-r", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        expected = "RQ404" if "conflicting dependencies" in done.stderr else "RQ403"
        assert [code for code, _ in findings(text, select=OVERLAP)] == [expected], (pair, done.stderr)


# Laws

LINES = st.lists(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["a", "A", "b"]),
        st.sampled_from(["", "[x]", "[x,y]"]),
        st.sampled_from(PLAIN),
        st.sampled_from(["", " ; python_version < '3.9'", " ; python_version >= '3.9'", " ; sys_platform == 'win32'"]),
    ),
    max_size=6,
)


@given(LINES)
@settings(max_examples=60, deadline=None)
def test_fixing_keeps_what_is_asked_for(lines: list[str]) -> None:
    before = "".join(f"{line}\n" for line in lines)
    after = mended(before, select=OVERLAP)
    assert mended(after, select=OVERLAP) == after
    assert len(after.splitlines()) <= len(lines)
    for python in ("3.8", "3.12"):
        for platform in ("linux", "win32"):
            assert asked(before, python, platform) == asked(after, python, platform)


def asked(text: str, python: str, platform: str) -> dict[str, tuple[frozenset[str], tuple[bool, ...]]]:
    """For each name, the extras that are asked for, and which of some versions are let in."""
    from packaging.requirements import Requirement

    environment = {"python_version": python, "sys_platform": platform}
    wishes: dict[str, list[Requirement]] = {}
    for line in text.splitlines():
        wish = Requirement(line)
        if wish.marker is None or wish.marker.evaluate(environment):
            wishes.setdefault(wish.name.lower(), []).append(wish)
    versions = ("0.5", "1.0", "1.2", "1.5", "1.7", "2.0", "3.0")
    return {
        name: (
            frozenset().union(*(wish.extras for wish in found)),
            tuple(all(wish.specifier.contains(version) for wish in found) for version in versions),
        )
        for name, found in wishes.items()
    }


@given(st.sampled_from(PLAIN), st.sampled_from(PLAIN))
@settings(deadline=None)
def test_it_is_a_conflict_where_nothing_satisfies_both(one: str, other: str) -> None:
    codes = [code for code, _ in findings(f"a{one}\na{other}\n", select=OVERLAP)]
    together = satisfiable(parse_pep508(f"a{one}").constraints, parse_pep508(f"a{other}").constraints)
    assert codes == ["RQ403" if together else "RQ404"]


SETUP = """
import sys
from setuptools import setup

{}
setup(name="shop", install_requires=reqs)
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('reqs = ["numpy<2", "flask", "numpy>=2", "flask"]', {"RQ403", "RQ404"}),
        ('if __name__ == "__main__":\n    reqs = ["numpy<2", "flask", "numpy>=2", "flask"]', {"RQ403", "RQ404"}),
        ('if NEW:\n    reqs = ["numpy>=2", "flask"]\nelse:\n    reqs = ["numpy<2", "flask"]', set()),
        ('reqs = ["numpy>=2", "flask"] if NEW else ["numpy<2", "flask"]', set()),
        ('reqs = ["numpy>=2", "flask"]\nif OLD:\n    reqs.append("numpy<2")', set()),
    ],
)
def test_branches_of_a_setup_py(code: str, expected: set[str]) -> None:
    found = overlaps(SETUP.format(code), path="setup.py")
    assert {item[0] for item in found} == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("numpy=1.26|=1.27", "numpy=1.28", ["RQ404"]),
        ("numpy=1.26|=1.27", "numpy=1.27.1", ["RQ403"]),
        ("openssl=1.1.1w", "openssl=1.1.1v", ["RQ403"]),  # PEP 440 has no such versions
    ],
)
def test_alternatives_of_conda(first: str, second: str, expected: list[str]) -> None:
    text = f"channels: [conda-forge]\ndependencies:\n  - {first}\n  - {second}\n"
    assert [code for code, _, _ in overlaps(text, path="environment.yml")] == expected
