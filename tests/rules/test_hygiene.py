from __future__ import annotations

import collections
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reqlint.data.renamed import BACKPORTS, RENAMED, SAME_VERSIONS, SINCE
from tests.support import check, findings, mended

req_file = pytest.importorskip("pip._internal.req.req_file")
pip_session = pytest.importorskip("pip._internal.network.session")

HASH = "--hash=sha256:" + "0" * 64


def read_by_pip(text: str, folder: Path) -> collections.Counter[tuple[str, bool, str]]:
    """What pip reads: each requirement, whether it is editable, and its options."""
    path = folder / "requirements.txt"
    path.write_bytes(text.encode())
    found = req_file.parse_requirements(str(path), session=pip_session.PipSession())
    return collections.Counter((item.requirement, item.is_editable, str(item.options)) for item in found)


# RQ701

SORTING = [
    ("b\na\n", "a\nb\n"),
    ("b\na", "a\nb"),
    ("b\r\nc\r\na", "a\r\nb\r\nc"),
    ("b\ra\r", "a\rb\r"),
    ("b\r\na\n", "a\r\nb\n"),
    ("Zope\nabc\n", "abc\nZope\n"),
    ("zope_b\nzope.a\n", "zope.a\nzope_b\n"),
    ("b  # the second\na  # the first\n", "a  # the first\nb  # the second\n"),
    (f"b==1 \\\n    {HASH} \\\n    {HASH}\na==1 {HASH}\n", f"a==1 {HASH}\nb==1 \\\n    {HASH} \\\n    {HASH}\n"),
    ("  b\na\n", "a\n  b\n"),
    # Names in URLs count; what has none stands last, in the order it had.
    ("b\n-e git+https://x.org/r#egg=a\n", "-e git+https://x.org/r#egg=a\nb\n"),
    ("c @ https://x.org/c.zip\na\n", "a\nc @ https://x.org/c.zip\n"),
    ("./z\nb\n-e ./y\na\n", "a\nb\n./z\n-e ./y\n"),
    # Lines of one name keep their order.
    (
        "b==2 ; python_version>='3'\nb==1 ; python_version<'3'\na\n",
        "a\nb==2 ; python_version>='3'\nb==1 ; python_version<'3'\n",
    ),
    # Blocks.
    ("c\nb\n\na\n", "b\nc\n\na\n"),
    ("# first\nc\nb\n# second\nb\na\n", "# first\nb\nc\n# second\na\nb\n"),
    ("c\nb\n--pre\na\n", "b\nc\n--pre\na\n"),
    ("c\nb\n-r x.txt\nb\na\n", "b\nc\n-r x.txt\na\nb\n"),
    ("c\nb\nnot valid at all\nb\na\n", "b\nc\nnot valid at all\na\nb\n"),
    # A comment that is an entry's own.
    ("# reqlint: ignore[RQ101] why\nc\nd\nb\n", "# reqlint: ignore[RQ101] why\nc\nb\nd\n"),
    ("c\nb\na\n    # via d\n", "b\nc\na\n    # via d\n"),
]


@pytest.mark.parametrize(("text", "expected"), SORTING)
def test_unsorted(text: str, expected: str) -> None:
    assert {code for code, _ in findings(text, select="RQ701")} == {"RQ701"}
    assert mended(text, select="RQ701") == expected
    assert findings(expected, select="RQ701") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n",
        "a\nb\n",
        "A\nb\nC\n",
        "a-b\na_b\na.b\n",
        "b\n\na\n",
        "b\n# why\na\n",
        "b\n    # via x\na\n    # via y\n",
        "./b\n./a\n",
        "b\n./a\n",
        "b\n-r x.txt\na\n",
        "# reqlint: ignore[RQ101] why\nb\na\n",
    ],
)
def test_sorted(text: str) -> None:
    assert findings(text, select="RQ701") == []


def test_a_joint_at_the_end_is_not_moved() -> None:
    assert mended("b\na \\", select="RQ701") == "b\na \\"


def test_it_is_reported_once_a_block_where_the_order_breaks() -> None:
    items = check("a\nd\nc\nb\n\nz\ny\n", select="RQ701")
    assert [item.message for item in items] == ["`c` stands below `d`", "`y` stands below `z`"]


ENTRIES = st.sampled_from(
    [
        "a",
        "B==1",
        "b==2 ; python_version < '3'",
        "c[x]>=1  # why",
        f"d==1 {HASH}",
        f"e==1 \\\n    {HASH} \\\n    {HASH}",
        "-e git+https://x.org/r#egg=f",
        "g @ https://x.org/g.zip",
        "./local",
        "  h",
        "i==1 \\\n# a comment ends it",
        "",
        "# a comment",
        "    # via x",
        "--pre",
        "-i https://x.org/simple",
        "# reqlint: ignore[RQ101] why",
    ]
)


@given(st.lists(ENTRIES, max_size=9), st.sampled_from(["\n", "\r\n"]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_sorting_moves_lines_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], newline: str, ended: bool
) -> None:
    text = "\n".join(lines).replace("\n", newline) + (newline if ended else "")
    after = mended(text, select="RQ701")
    assert mended(after, select="RQ701") == after
    assert collections.Counter(after.split(newline)) == collections.Counter(text.split(newline))
    assert after.endswith(newline) == text.endswith(newline)
    folder = tmp_path_factory.mktemp("pip")
    assert read_by_pip(after, folder) == read_by_pip(text, folder)


# RQ702


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Flask==3\n", "flask==3\n"),
        ("a._-b [x] >= 1\n", "a-b [x] >= 1\n"),
        ("A @ https://x.org/A.zip\n", "a @ https://x.org/A.zip\n"),
        ("-e A@git+https://x.org/A\n", "-e a@git+https://x.org/A\n"),
        (f"A==1 \\\n  {HASH}\n", f"a==1 \\\n  {HASH}\n"),
    ],
)
def test_unnormalized_name(text: str, expected: str) -> None:
    assert [code for code, _ in findings(text, select="RQ702")] == ["RQ702"]
    assert mended(text, select="RQ702") == expected


@pytest.mark.parametrize(
    "text",
    [
        "flask\n",
        "git+https://x.org/A#egg=A_b\n",
        "-e git+https://x.org/A#egg=A_b\n",
        "./A_b-1.0-py3-none-any.whl\n",
        "https://x.org/A_b-1.0-py3-none-any.whl\n",
    ],
)
def test_normalized_name(text: str) -> None:
    assert findings(text, select="RQ702") == []


def test_a_name_that_is_broken_over_lines_is_reported_only() -> None:
    text = "Flask\\\n==3\n"
    (item,) = check(text, select="RQ702")
    assert item.fix is None


# RQ703


SPACED = [
    ("a == 1\n", "a==1\n"),
    ("a >=1 , < 2\n", "a>=1,<2\n"),
    ("a<2, >=1\n", "a<2,>=1\n"),
    ("a [x , y]\n", "a[x,y]\n"),
    ("a[]\n", "a\n"),
    ("a (>=1)\n", "a>=1\n"),
    ("a>=1,\n", "a>=1\n"),
    ("a;python_version<'3'\n", "a; python_version<'3'\n"),
    ("a  ;  python_version<'3'\n", "a; python_version<'3'\n"),
    ("a==1 ;\n", "a==1\n"),
    ("a\t==\t1\n", "a==1\n"),
    ("a@https://x.org/a.zip\n", "a @ https://x.org/a.zip\n"),
    ("a [x]  @  https://x.org/a.zip  ;  python_version<'3'\n", "a[x] @ https://x.org/a.zip ; python_version<'3'\n"),
    ("  a == 1   # why\n", "  a==1   # why\n"),
    (f"a == 1    {HASH}\n", f"a==1    {HASH}\n"),
    (f"a == 1 \\\n    {HASH}\n", f"a==1 \\\n    {HASH}\n"),
    ("a === 1.0\r\nb", "a===1.0\r\nb"),
]


@pytest.mark.parametrize(("text", "expected"), SPACED)
def test_spacing(text: str, expected: str, tmp_path: Path) -> None:
    assert [code for code, _ in findings(text, select="RQ703")] == ["RQ703"]
    assert mended(text, select="RQ703") == expected
    assert findings(expected, select="RQ703") == []
    ours, pips = read_by_pip(expected, tmp_path), read_by_pip(text, tmp_path)
    assert meanings(ours) == meanings(pips)


def meanings(read: collections.Counter[tuple[str, bool, str]]) -> set[tuple[str, bool, str]]:
    return {(str(Requirement(text.rstrip(" ;,"))), editable, options) for text, editable, options in read}


@pytest.mark.parametrize(
    "text",
    [
        "a\n",
        "a==1,<2\n",
        "a[x,y]>=1,<2; python_version<'3'\n",
        "a==1 ; python_version  <  '3'\n",
        "a @ https://x.org/a.zip ; python_version<'3'\n",
        "git+https://x.org/a#egg=a\n",
        "https://x.org/a.zip;x\n",
        "-e a@git+https://x.org/a\n",
        "./a [x]\n",
        "a \\\n==1\n",
    ],
)
def test_usual_spacing(text: str) -> None:
    assert findings(text, select="RQ703") == []


@given(
    st.tuples(
        st.sampled_from(["a", "a[x]", "a[x, y]", "a [ x,y ]"]),
        st.sampled_from(["", "==1", " >= 1, < 2", "(>=1 , <2)", " ~= 1.4", " != 2.* ", "===1"]),
        st.sampled_from(["", ";python_version<'3'", " ;  os_name == 'nt' and extra == 'x'", " ; "]),
        st.sampled_from(["", "  # why"]),
    )
)
@settings(deadline=None)
def test_spacing_keeps_the_meaning(parts: tuple[str, ...]) -> None:
    text = "".join(parts) + "\n"
    after = mended(text, select="RQ703")
    assert mended(after, select="RQ703") == after
    one, other = (Requirement(version.partition("#")[0].strip().rstrip(";")) for version in (text, after))
    assert str(one) == str(other)


# RQ704, RQ705


@pytest.mark.parametrize("line", ["pkg-resources==0.0.0", "pkg_resources == 0.0.0", "pkg_resources==0.0.0  # ?"])
def test_debian_residue(line: str) -> None:
    assert [code for code, _ in findings(f"a\n{line}\nb\n", select="RQ704")] == ["RQ704"]
    assert mended(f"a\n{line}\nb\n", select="RQ704") == "a\nb\n"


@pytest.mark.parametrize("line", ["pkg-resources", "pkg-resources==1.0", "setuptools==0.0.0", "# pkg-resources==0.0.0"])
def test_no_debian_residue(line: str) -> None:
    assert findings(f"{line}\n", select="RQ704") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a\n"),
        ("a\r\nb", "a\r\nb\r\n"),
        ("a\rb", "a\rb\r"),
        ("# why", "# why\n"),
        ("a \\", "a \\\n"),
        (" ", " \n"),
    ],
)
def test_missing_final_newline(text: str, expected: str) -> None:
    assert [code for code, _ in findings(text, select="RQ705")] == ["RQ705"]
    assert mended(text, select="RQ705") == expected


@pytest.mark.parametrize("text", ["", "\n", "a\n", "a\r", "a\r\n"])
def test_final_newline(text: str) -> None:
    assert findings(text, select="RQ705") == []


# RQ707


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sklearn\n", "scikit-learn\n"),
        ("sklearn==0.0\n", "scikit-learn\n"),
        ("sklearn==0.0.post1  # why\n", "scikit-learn  # why\n"),
        ("sklearn>=0.24\n", "scikit-learn>=0.24\n"),
        ("PIL\n", "pillow\n"),
        ("bs4 == 0.0.1 ; python_version >= '3'\n", "beautifulsoup4; python_version >= '3'\n"),
        ("crypto==1.4.1\n", "pycryptodome\n"),
        ("yaml[x]==6.0\n", "PyYAML[x]==6.0\n"),
        ("serial[x]==0.0.97\n", "pyserial[x]\n"),
        ("discord==2.3.2\n", "discord.py==2.3.2\n"),
        ("os\nre\nidna\n", "idna\n"),
        ("tensorflow-gpu>=2\n", "tensorflow>=2\n"),
        ("tensorflow-gpu==2.12.0\n", "tensorflow==2.12.0\n"),
        # Reported, but not mended.
        ("google-cloud\n", "google-cloud\n"),
        ("requirements.txt\n", "requirements.txt\n"),
        (f"sklearn==0.0 {HASH}\n", f"sklearn==0.0 {HASH}\n"),
        ("azure>=4\n", "azure>=4\n"),
    ],
)
def test_renamed_package(text: str, expected: str) -> None:
    assert {code for code, _ in findings(text, select="RQ707")} == {"RQ707"}
    assert mended(text, select="RQ707") == text
    assert mended(text, unsafe=True, select="RQ707") == expected


@pytest.mark.parametrize(
    "text",
    [
        "scikit-learn\n",
        "datetime\n",  # Zope's DateTime
        "jwt\n",
        "faiss\n",
        "sklearn @ https://x.org/sklearn.zip\n",
        "tensorflow-gpu==2.4.1\n",
        "tensorflow-gpu<2.11\n",
        "tensorflow-gpu~=1.15\n",
        "azure==4.0.0\n",
        "google-cloud==0.27.0\n",
        "ssl ; python_version < '2.7'\n",
        "wsgiref; python_version == '2.7'\n",
    ],
)
def test_the_right_package(text: str) -> None:
    assert findings(text, select="RQ707") == []


def test_an_allowed_name() -> None:
    assert findings("serial\nusb\n", select="RQ707", allow={"renamed-package": ["serial"]}) == []


@pytest.mark.parametrize("name", RENAMED)
def test_the_table_is_well_formed(name: str) -> None:
    right, reason = RENAMED[name]
    assert name == canonicalize_name(name)
    assert right is None or canonicalize_name(right) not in RENAMED
    assert name not in BACKPORTS
    assert not reason.endswith(".")
    assert right is None or right == "" or f"`{right}`" in reason or f"`{canonicalize_name(right)}`" in reason


def test_the_tables_agree() -> None:
    assert len(RENAMED) >= 40
    assert set(SINCE) | SAME_VERSIONS <= set(RENAMED)
    assert all(canonicalize_name(name) == name for name in BACKPORTS)


# RQ708


@pytest.mark.parametrize(
    "text", ["dataclasses\n", "Enum34==1.1.10\n", "typing; python_version >= '2.7'\n", "backports.zoneinfo\n"]
)
def test_backport(text: str) -> None:
    assert [code for code, _ in findings(text, select="RQ708")] == ["RQ708"]
    assert mended(text, select="RQ708") == text
    assert mended(text, unsafe=True, select="RQ708") == ""


@pytest.mark.parametrize(
    "text",
    [
        "typing-extensions\n",
        "importlib-metadata\n",
        "dataclasses; python_version < '3.7'\n",
        "backports.zoneinfo; python_version < '3.9'\n",
        "enum34; python_full_version <= '3.3.9' or python_version == '2.7'\n",
        "dataclasses @ https://x.org/dataclasses.zip\n",
    ],
)
def test_no_backport(text: str) -> None:
    assert findings(text, select="RQ708") == []
