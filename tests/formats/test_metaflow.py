"""Metaflow's decorators, read as Metaflow 2.19.39 reads them.

What each step gets was worked out by Metaflow itself: its decorators were initialized on the flow, ``get_environment`` was
asked for each step, and the words were noted that ``Pip.solve`` and ``Micromamba.solve`` were about to call pip and micromamba
with (without Metaflow's own needs, and without the Python).
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from reqlint.formats import FORMATS, format_of, python_source
from reqlint.match_spec import parse as parse_match_spec
from reqlint.model import Dependency, Manifest
from reqlint.source import Source
from tests.command import run

SRC = Path(__file__).parents[2] / "src"
PAGE = (Path(__file__).parents[2] / "docs" / "metaflow.md").read_text(encoding="utf-8")

PYPI = """\
import metaflow
from metaflow import FlowSpec, conda, pypi as from_pypi, pypi_base, step

COMMON = {"pandas": "2.2.3"}
NUMPY = "1.26.4"


@pypi_base(packages={"requests": "2.32.3", "rich": ">=13"}, python="3.11")
class TrainFlow(FlowSpec):
    @from_pypi(packages={**COMMON, "numpy": NUMPY, "requests": "2.31.0"})
    @step
    def start(self):
        self.next(self.fetch)

    @metaflow.pypi(
        packages={
            "core": "@git+https://git.example.com/acme/core.git@v1.2.0",
            "requests[socks]": "",
            "six": "~=1.16",
            "idna": "!=3.5",
            "click": "<9",
            "urllib3": "2.*",
            "wheel": "=0.44",
            "toml @ git+https://git.example.com/acme/toml.git@v1": "",
        }
    )
    @step
    def fetch(self):
        self.next(self.skip)

    @conda(disabled=True, packages={"scipy": "1.14.1"})
    @step
    def skip(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""
#: What `Pip.solve` hands to pip.
PYPI_WORDS = {
    "start": ["requests==2.31.0", "rich>=13", "pandas==2.2.3", "numpy==1.26.4"],
    "fetch": [
        "requests==2.32.3",
        "rich>=13",
        "core@git+https://git.example.com/acme/core.git@v1.2.0",
        "requests[socks]",
        "six~=1.16",
        "idna!=3.5",
        "click<9",
        "urllib3==2.*",
        "wheel===0.44",
        "toml @ git+https://git.example.com/acme/toml.git@v1",
    ],
    "end": ["requests==2.32.3", "rich>=13"],
}

CONDA = """\
from metaflow import *


@conda_base(libraries={"pandas": "2.1.0", "numpy": "1.26.4"}, python="3.11")
class CondaFlow(FlowSpec):
    @conda(
        packages={
            "conda-forge::scipy": "1.14.1",
            "numpy": ">=1.26,<2",
            "pytorch": "=2.4",
            "six": "==1.16.0",
            "click": "8.1.*",
            "idna": "3.7=pyhd8ed1ab_0",
        },
        libraries={"numpy": "1.20", "attrs": "~=24.2"},
    )
    @step
    def start(self):
        self.next(self.end)

    @conda(packages=dict(rich="13.9.4"))
    @step
    def end(self):
        pass
"""
#: What `Micromamba.solve` hands to micromamba.
CONDA_WORDS = {
    "start": [
        "pandas==2.1.0",
        "numpy>=1.26,<2",
        "attrs~=24.2",
        "conda-forge::scipy==1.14.1",
        "pytorch=2.4",
        "six==1.16.0",
        "click==8.1.*",
        "idna==3.7=pyhd8ed1ab_0",
    ],
    "end": ["pandas==2.1.0", "numpy==1.26.4", "rich==13.9.4"],
}

#: Flows with both, and the steps that Metaflow refuses, with "Mixing and matching PyPI packages and Conda packages".
MIXED = """\
from metaflow import FlowSpec, conda, conda_base, pypi, step


@conda_base(packages={"pandas": "2.1.0"})
class MixedFlow(FlowSpec):
    @pypi(packages={"requests": "2.32.3"})
    @step
    def start(self):
        self.next(self.only_python)

    @pypi(python="3.11")
    @step
    def only_python(self):
        self.next(self.off)

    @pypi(packages={"requests": "2.32.3"}, disabled=True)
    @step
    def off(self):
        self.next(self.conda_off)

    @pypi(packages={"requests": "2.32.3"})
    @conda(disabled=True)
    @step
    def conda_off(self):
        self.next(self.own)

    @conda(packages={"scipy": "1.14.1"})
    @step
    def own(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""
BASES = """\
from metaflow import FlowSpec, conda_base, pypi, pypi_base, step


@pypi_base({pypi})
@conda_base({conda})
class BasesFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @pypi(disabled={disabled})
    @step
    def end(self):
        pass
"""

HEAD = "from metaflow import FlowSpec, conda, conda_base, pypi, pypi_base, step\n"


def read(text: str) -> Manifest:
    return python_source.read(Source("flow.py", text), None)


def step(decorator: str) -> str:
    """A flow with one step."""
    return f"{HEAD}class F(FlowSpec):\n    {decorator}\n    @step\n    def start(self): pass\n"


def problems(text: str) -> list[tuple[str, str]]:
    """Rule and underlined text of each problem."""
    manifest = read(text)
    return [(problem.rule, text[slice(*problem.span)]) for problem in manifest.problems]


def by_step(manifest: Manifest, flow: str, name: str) -> dict[str, Dependency]:
    """What a step gets: the packages of the flow, and its own over them, by their keys."""
    found: dict[str, Dependency] = {}
    for group in (flow, f"{flow}.{name}"):
        for item in manifest.dependencies:
            if item.group.name == group:
                extras = f"[{','.join(item.extras)}]" if item.extras else ""
                channel = f"{item.parts.channel}::" if item.parts.channel else ""
                found[f"{channel}{item.raw_name}{extras}"] = item
    return found


def as_pip(item: Dependency) -> str:
    extras = f"[{','.join(item.extras)}]" if item.extras else ""
    return str(Requirement(f"{item.raw_name}{extras}{f' @ {item.url}' if item.url else item.specifier}"))


def as_conda(item: Dependency) -> tuple[object, ...]:
    clauses = [(clause.operator, clause.version) for clause in item.constraints]
    return item.name, clauses, item.parts.build, item.parts.channel


@pytest.mark.parametrize("name", PYPI_WORDS)
def test_pip_is_asked_for_what_metaflow_asks_it_for(name: str) -> None:
    found = by_step(read(PYPI), "TrainFlow", name)
    assert {as_pip(item) for item in found.values()} == {str(Requirement(word)) for word in PYPI_WORDS[name]}
    assert {item.ecosystem for item in found.values()} == {"pypi"}


@pytest.mark.parametrize("name", CONDA_WORDS)
def test_micromamba_is_asked_for_what_metaflow_asks_it_for(name: str) -> None:
    found = by_step(read(CONDA), "CondaFlow", name)
    expected = set()
    for word in CONDA_WORDS[name]:
        parts, _ = parse_match_spec(word)
        clauses = [(clause.operator, clause.version) for clause in parts.constraints]
        expected.add((parts.name, str(clauses), parts.build, parts.channel))
    assert {
        (name, str(clauses), build, channel) for name, clauses, build, channel in map(as_conda, found.values())
    } == expected
    assert {item.ecosystem for item in found.values()} == {"conda"}


def test_a_disabled_step_gets_nothing() -> None:
    assert "scipy" not in {item.name for item in read(PYPI).dependencies}


@pytest.mark.parametrize("text", [PYPI, CONDA])
def test_nothing_is_wrong_with_what_metaflow_takes(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize("text", [PYPI, CONDA, PYPI.replace("\n", "\r\n"), "# é\U0001f600\n" + PYPI])
def test_a_dependency_is_gone_without_its_entry_and_all_others_are_there(text: str) -> None:
    before = read(text).dependencies
    assert before
    for item in before:
        start, end = item.entry
        assert item.text == text[slice(*item.span)]
        assert (item.raw_name or "") in item.text
        after = read(text[:start] + text[end:]).dependencies
        rest = [(other.raw_name, other.specifier, other.url) for other in before if other is not item]
        if item.name != "numpy" or item.group.name != "CondaFlow.start":  # without it, that of `libraries` counts
            assert [(other.raw_name, other.specifier, other.url) for other in after] == rest


def test_parts_stand_where_they_are_said_to_stand() -> None:
    text = step('@pypi(packages={"requests[socks]": ">=2,<3", "core": "@git+https://git.example.com/a/b.git@main"})')
    requests, core = read(text).dependencies
    assert requests.parts.name_span is not None
    assert text[slice(*requests.parts.name_span)] == "requests"
    assert requests.parts.extras_span is not None
    assert text[slice(*requests.parts.extras_span)] == "[socks]"
    assert [text[slice(*clause.span)] for clause in requests.constraints] == [">=2", "<3"]
    assert core.vcs is not None
    assert core.vcs.ref_span is not None
    assert text[slice(*core.vcs.ref_span)] == "main"
    assert core.parts.url_span is not None
    assert text[slice(*core.parts.url_span)] == "git+https://git.example.com/a/b.git@main"


def test_steps_that_metaflow_refuses_are_told_one_by_one() -> None:
    found = [problem for problem in read(MIXED).problems if problem.rule == "mixed-installers"]
    assert [problem.message.partition(" gets")[0] for problem in found] == [
        "the step `start`",
        "the step `only_python`",
    ]


@pytest.mark.parametrize(
    ("pypi", "conda", "disabled", "expected"),
    [
        ('packages={"requests": "2.32.3"}', 'python="3.11"', "False", 0),
        ('python="3.11"', 'packages={"requests": "2.32.3"}', "True", 1),
        ('packages={"requests": "2.32.3"}', 'packages={"numpy": "1.26.4"}', "True", 1),
        ('packages={"requests": "2.32.3"}, disabled=True', 'packages={"numpy": "1.26.4"}', "None", 0),
        ('packages={"requests": "2.32.3"}', "packages=unknown()", "None", 0),
    ],
)
def test_both_bases_are_judged_as_metaflow_does(pypi: str, conda: str, disabled: str, expected: int) -> None:
    text = BASES.format(pypi=pypi, conda=conda, disabled=disabled)
    assert [rule for rule, _ in problems(text)].count("mixed-installers") == expected


@pytest.mark.parametrize(
    "text",
    [
        'def pypi(**words): return lambda f: f\nimport metaflow\nclass F:\n    @pypi(packages={"a": ""})\n    def f(self): pass\n',
        'import metaflow\nfrom ours import pypi\nclass F:\n    @pypi(packages={"a": ""})\n    def f(self): pass\n',
        'from metaflow import FlowSpec, step\n# conda\nprint("@conda(packages={})")\n',
        'import metaflow\n"""\n@pypi(packages={"a": ""})\n"""\n',
        "from metaflow import pypi\nclass F(:\n",
        "import metaflow\npypi = 1\n" + "x = [" * 500 + "\n",
    ],
    ids=["own function", "another module's", "no decorator", "in a string", "no Python", "deep"],
)
def test_what_is_not_metaflows_is_left_alone(text: str) -> None:
    manifest = read(text)
    assert manifest.foreign
    assert not manifest.dependencies
    assert not manifest.problems


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        ('@pypi(packages={"a": "==1.2"})', [("invalid-requirement", "==1.2")]),
        ('@pypi(packages={"a": "*"})', [("invalid-requirement", "*")]),
        (
            '@pypi(packages={"a": "git+https://git.example.com/a/a.git"})',
            [("invalid-requirement", "git+https://git.example.com/a/a.git")],
        ),
        ('@pypi(packages={"a": 1.2})', [("invalid-requirement", "1.2")]),
        ('@conda(packages={"a": 1.10})', [("invalid-requirement", "1.10")]),
        ('@conda(packages={"a": 1.2})', []),
        ('@pypi(packages=["a==1"])', [("invalid-requirement", '["a==1"]')]),
        ('@pypi(libraries={"a": "1"})', [("invalid-requirement", "libraries")]),
        ('@conda(packages={"a": "1 ; python_version"})', [("invalid-requirement", "1 ; python_version")]),
        ("@pypi(packages=read())", [("dynamic-dependencies", "read()")]),
        ('@pypi(packages={**read(), "a": "1"})', [("dynamic-dependencies", '{**read(), "a": "1"}')]),
        ('@pypi(packages={"a": version()})', [("templated-version", '"a"')]),
        ("@pypi(**read())", [("dynamic-dependencies", "pypi(**read())")]),
    ],
)
def test_what_metaflow_or_pip_stops_at_is_reported(decorator: str, expected: list[tuple[str, str]]) -> None:
    found = problems(step(decorator))
    assert [rule for rule, _ in found] == [rule for rule, _ in expected]
    for (_, text), (_, wanted) in zip(found, expected, strict=True):
        assert text in wanted or wanted in text


def test_what_the_flows_own_configuration_says_is_no_business_of_the_file() -> None:
    text = (
        "from metaflow import Config, FlowSpec, config_expr, pypi, pypi_base, step\n"
        '@pypi_base(packages=config_expr("deps.packages"))\n'
        "class F(FlowSpec):\n"
        '    deps = Config("deps", default="requirements.txt")\n'
        '    @pypi(packages=deps["packages"], python=deps.python)\n'
        "    @step\n"
        "    def start(self): pass\n"
    )
    manifest = read(text)
    assert not manifest.foreign
    assert not manifest.problems


def test_a_dictionary_that_several_steps_share_is_read_once() -> None:
    text = (
        f'{HEAD}COMMON = {{"a": "1"}}\nclass F(FlowSpec):\n'
        "    @pypi(packages=COMMON)\n    @step\n    def start(self): pass\n"
        '    @pypi(packages={**COMMON, "b": "2"})\n    @step\n    def end(self): pass\n'
    )
    assert [item.name for item in read(text).dependencies] == ["a", "b"]


def test_a_function_of_the_file_that_gives_a_decorator_counts() -> None:
    text = (
        f'{HEAD}def tools(**more):\n    return pypi(packages={{"a": "1", **more}})\n'
        'class F(FlowSpec):\n    @tools(b="2")\n    @step\n    def start(self): pass\n'
    )
    assert [(item.name, item.specifier) for item in read(text).dependencies] == [("a", "==1"), ("b", "==2")]


@pytest.mark.parametrize(
    ("python", "expected"),
    [('"3.11"', "==3.11.*"), ('"3.11.4"', "==3.11.4"), ("VERSION", None), ('">=3.11"', None)],
)
def test_the_python_of_all_steps_is_that_of_the_file(python: str, expected: str | None) -> None:
    assert read(step(f'@pypi(packages={{"a": "1"}}, python={python})')).python == expected


def test_steps_with_different_pythons_tell_nothing() -> None:
    text = step('@pypi(packages={"a": "1"}, python="3.11")')
    text += '    @pypi(packages={"a": "1"}, python="3.12")\n    @step\n    def end(self): pass\n'
    assert read(text).python is None


def test_python_itself_is_no_package() -> None:
    (item,) = read(step('@conda(packages={"python": ">=3.9"})')).dependencies
    assert item.redirected


def test_the_format_takes_any_python_file_that_may_hold_something_and_no_other() -> None:
    form = format_of("src/flows/train.py")
    assert form is FORMATS["python source"]
    assert form.may_be(b"from metaflow import pypi\n")
    assert form.may_be(b"# /// script\n# ///\n")
    assert not form.may_be(b"import numpy\n")
    setup = format_of("a/setup.py")
    assert setup is not None
    assert setup.name == "setup.py"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import metaflow\nprint('nothing of that')\n", False),
        ('# /// script\n# dependencies = ["rich"]\n# ///\n', False),
        (HEAD, True),
    ],
    ids=["metaflow without decorators", "script", "flow"],
)
def test_libcst_is_imported_for_flows_only(text: str, expected: bool) -> None:
    code = (
        "import sys; from reqlint.source import Source; from reqlint.formats import python_source; "
        f"python_source.read(Source('a.py', {text!r}), None); print('libcst' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=SRC, timeout=60
    )
    assert result.stdout.strip() == str(expected)


def test_the_page_shows_what_is_found_before_and_after(tmp_path: Path) -> None:
    flows = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    prints = re.findall(r"```text\n\$ reqlint (.*?)\n(.*?)```", PAGE, re.DOTALL)
    assert len(flows) == len(prints) == 2
    for flow, (words, printed) in zip(flows, prints, strict=True):
        (tmp_path / "flow.py").write_text(flow, encoding="utf-8")
        assert run(*words.split(), cwd=tmp_path).out == printed
