"""Which text of a workflow is a command, and where each word of it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqlint.formats import github_workflow
from reqlint.source import Source
from tests.support import check, expand, mended, underlined

if TYPE_CHECKING:
    from reqlint.model import Manifest

PATH = ".github/workflows/ci.yml"
LIBRARY = '[build-system]\nrequires = ["hatchling>=1.27"]\nbuild-backend = "hatchling.build"\n\n[project]\nname = "shop"\nversion = "1.0"\n'


def steps(*items: str) -> str:
    """A workflow with one job of these steps, each the text behind the dash."""
    head = "name: CI\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n"
    return head + "".join("      - " + item.replace("\n", "\n        ") + "\n" for item in items)


def read(text: str, path: str = PATH) -> Manifest:
    return github_workflow.read(Source(path, text), None)


def texts(text: str) -> list[str]:
    return [item.text for item in read(text).dependencies]


def codes(text: str, path: str = PATH, **options: Any) -> list[tuple[str, str]]:
    return [(item.code, underlined(item)) for item in check(text, path=path, **options)]


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("run: pip install tox", ["tox"]),
        ("run: 'pip install tox'", ["tox"]),
        ('run: "pip install tox nox"', ["tox", "nox"]),
        ("run: |\n  pip install a\n  pip install b \\\n    c", ["a", "b", "c"]),
        ("run: |-\n  pip install a", ["a"]),
        ("run: >-\n  pip install a\n  b", ["a", "b"]),
        ("run: |  # why\n  pip install a # b", ["a"]),
        ("name: pip install a\nuses: x/pip install@v1", []),
        ("uses: x/y@v1\nwith:\n  run: pip install a", []),
        ("run: pip install a\nshell: bash -el {0}", ["a"]),
        ("run: pip install a\nshell: micromamba-shell {0}", ["a"]),
        ("run: |\n  pip install a `\n    b\nshell: pwsh", ["a", "b"]),
        ("run: |\n  pip install a ^\n    b\nshell: cmd", ["a", "b"]),
        ("run: pip install a\nshell: python", []),
        ("run: pip install a\nshell: ${{ matrix.shell }}", []),
        # Expressions may be anything.
        ("run: pip install ${{ matrix.packages }} a", ["a"]),
        ("run: pip install 'a==${{ matrix.a }}' -r ${{ x }}.txt", ["a==${{ matrix.a }}"]),
        ("run: |\n  if [ '${{ matrix.os }}' = x ]; then pip install a; fi", ["a"]),
        ("run: [pip install a]", []),
        ("run:", []),
    ],
)
def test_what_a_step_installs(step: str, found: list[str]) -> None:
    read_texts = texts(steps(step))
    if any("${{" in text for text in found):
        assert [text.partition("==")[0] for text in read_texts] == [text.partition("==")[0] for text in found]
        return
    assert read_texts == found


def test_the_shell_of_a_job_and_of_a_workflow() -> None:
    text = steps("run: pip install a", "run: pip install b\nshell: bash")
    assert texts("defaults:\n  run:\n    shell: python\n" + text) == ["b"]
    job = text.replace("    steps:", "    defaults:\n      run:\n        shell: python\n    steps:")
    assert texts(job) == ["b"]


def test_a_composite_action() -> None:
    text = "name: x\nruns:\n  using: composite\n  steps:\n    - run: pip install a\n      shell: bash\n"
    assert codes(text, "tools/action.yml") == [("RQ101", "a")]
    assert read("name: x\nruns:\n  using: node20\n  main: pip.js\n", "action.yml").foreign


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "- run: pip install a",
        "jobs:",
        "jobs: []",
        "jobs:\n  a: b",
        "jobs:\n  a:\n    steps: x",
        "{",
        "a: *b",
        "\0",
    ],
)
def test_what_is_no_workflow_is_left_alone(text: str) -> None:
    assert read(text).foreign
    assert codes(text) in ([], [("RQ001", "\0")])


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "step",
    [
        "run: pip install é a 'b>=1'",
        "run: \"pip install a 'b==1' c\"",
        "run: |\n  echo é\n  pip install a \\\n    b\n  pip install c",
        "run: >\n  pip install a\n  b",
    ],
)
def test_places_and_entries_hold(step: str, ending: str) -> None:
    text = steps(step).replace("\n", ending)
    found = [item for item in read(text).dependencies if item.rewritable]
    assert len(found) > 1
    everything = texts(text)
    for item in found:
        assert text[slice(*item.span)] == item.text
        start, end = item.entry
        number = everything.index(item.text)
        assert texts(text[:start] + text[end:]) == everything[:number] + everything[number + 1 :]


@given(
    st.lists(
        st.sampled_from(
            [
                "run: ",
                "pip install ",
                "a",
                "|\n  ",
                "\n  ",
                "'",
                '"',
                "${{ x }}",
                "#",
                "\t",
                ">=1",
                "\\",
                "é",
                "[",
                "*",
                "shell: bash",
            ]
        )
    ).map("".join)
)
def test_any_step_is_read(step: str) -> None:
    text = steps(step)
    for item in read(text).dependencies:
        assert not item.rewritable or text[slice(*item.span)] == item.text


def test_a_librarys_workflow_is_development() -> None:
    text = steps("run: pip install tox")
    assert codes(text) == [("RQ101", "tox")]
    assert codes(text, files={"pyproject.toml": LIBRARY}) == []
    assert codes(text, files={"pyproject.toml": LIBRARY}, kind="application") == [("RQ101", "tox")]
    assert codes(text, kind="library") == []
    private = LIBRARY + 'classifiers = ["Private :: Do Not Upload"]\n'
    assert codes(text, files={"pyproject.toml": private}) == [("RQ101", "tox")]


def test_a_lost_version_is_reported_in_a_library_too() -> None:
    text = steps("run: pip install tox>=4")
    assert codes(text, files={"pyproject.toml": LIBRARY}) == [("RQ005", "tox>=4")]


@pytest.mark.parametrize(
    ("step", "after"),
    [
        ("run: pip install tox  # why", "run: pip install tox==4.23.2  # why"),
        ("run: \"pip install tox 'nox>=1'\"", "run: \"pip install tox==4.23.2 'nox==2024.10.9'\""),
        (
            "run: |\n  pip install \\\n    tox \\\n    nox",
            "run: |\n  pip install \\\n    tox==4.23.2 \\\n    nox==2024.10.9",
        ),
        ("run: >-\n  pip install\n  tox", "run: >-\n  pip install\n  tox==4.23.2"),
    ],
)
def test_pins_are_written_in_place(step: str, after: str) -> None:
    environment = {"tox": "4.23.2", "nox": "2024.10.9"}
    assert mended(steps(step), path=PATH, environment=environment) == steps(after)


def test_quotes_do_not_end_those_of_the_step() -> None:
    text = steps('run: "pip install tox>=4"', "run: 'pip install tox>=4'", "run: pip install tox>=4")
    assert mended(text, True, path=PATH, select="RQ005") == steps(
        "run: \"pip install 'tox>=4'\"", "run: 'pip install \"tox>=4\"'", 'run: pip install "tox>=4"'
    )


def test_jobs_do_not_share_an_environment() -> None:
    one = steps("run: conda install -y numpy=1.26.4", "run: pip install numpy==1.26.4")
    assert codes(one, select="RQ401") == [("RQ401", "numpy==1.26.4")]
    two = steps("run: conda install -y numpy=1.26.4") + "  other:\n    steps:\n      - run: pip install numpy==1.26.4\n"
    assert codes(two, select="RQ401") == []


def test_ignore_comments() -> None:
    text = steps(
        "name: x\n# reqlint: ignore[RQ101] why\nrun: pip install a",
        "run: pip install b  # reqlint: ignore[RQ101] why",
        "run: |\n  # reqlint: ignore[RQ101] why\n  pip install c \\\n    d\n  pip install e",
    )
    assert codes(text, select="RQ101,RQ901") == [("RQ101", "e")]


def test_secrets() -> None:
    text = steps(expand("run: pip install 'core @ git+https://{token:github}@github.com/acme/core.git@v1.2.0'"))
    [finding] = check(text, path=PATH, select="RQ3")
    assert "${{ secrets.GH_TOKEN }}" in finding.help
    assert "ghp" not in finding.message + finding.help
    fixed = mended(text, True, path=PATH, select="RQ3")
    assert fixed == steps(
        "run: pip install 'core @ git+https://${{ secrets.GH_TOKEN }}@github.com/acme/core.git@v1.2.0'"
    )
    assert codes(fixed, select="RQ3") == []
    action = expand(
        "runs:\n  steps:\n    - run: pip install git+https://{token:github}@github.com/acme/core.git@v1.2.0\n"
    )
    [finding] = check(action, path="action.yml", select="RQ3")
    assert "secrets." not in finding.help
