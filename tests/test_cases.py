from __future__ import annotations

from pathlib import Path

import pytest

from tests.literate import Case, CaseError, read_cases, run

FOLDER = Path(__file__).parent / "cases"
FILES = sorted(FOLDER.glob("*.md"))
CASES = [case for path in FILES for case in read_cases(path)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case) -> None:
    failures = run(case)
    if failures:
        pytest.fail(f"{case.family}.md:{case.row}: {case.title}\n\n" + "\n\n".join(failures), pytrace=False)


def test_no_two_cases_have_one_name() -> None:
    names = [str(case) for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```requirements.txt\nflask\n```\n", "broken.md:1: list index out of range"),
        ("## A\n\n```requirements.txt\nflask\n", "broken.md:3: '```' is not in list"),
        ("## A\n\n```findings\n1:1: RQ101 flask\n```\n", "broken.md:3: which file?"),
        ("## A\n\n```requirements.txt\nflask\n```\n\n```findings\nflask\n```\n", "broken.md:7: not `path:row:column"),
        ("## A\n\n```requirements.txt crfl\nflask\n```\n", "broken.md:3: `crfl` is none of crlf, cr,"),
        ("## A\n\n```toml reqlint.toml\n```\n", "broken.md:1: A: it has no manifest"),
        ("## A\n\n```requirements.txt\n```\n\n```requirements.txt\n```\n", "broken.md:6: `requirements.txt` stands"),
        ("## A\n\n```requirements.txt\n```\n\n```fixed a.txt\n```\n", "broken.md:1: A: there is no a.txt"),
        ("## A\n\n```requirements.txt\n```\n\n```environment\nflask\n```\n", "broken.md:6: not `name==version`"),
    ],
)
def test_a_broken_case_says_where_and_why(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError) as raised:
        read_cases(path)
    assert str(raised.value).startswith(message)


def test_a_case_that_fails_shows_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "failing.md"
    path.write_text(
        "## A\n\n```requirements.txt\nflask\n```\n\n```environment\nflask==3.0.3\n```\n\n```findings\n1:2: RQ101 flask\n```\n",
        encoding="utf-8",
    )
    findings, safe, unsafe = run(read_cases(path)[0])
    assert "-requirements.txt:1:2: RQ101 flask\n+requirements.txt:1:1: RQ101 flask" in findings
    assert "-flask\n+flask==3.0.3" in safe
    assert "--unsafe-fixes" in unsafe
