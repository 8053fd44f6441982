"""environment.yml: PyYAML says what stands in it, pip and our reader of match specs what the items mean."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from reqlint.formats import format_of
from reqlint.formats.environment_yml import read
from reqlint.match_spec import parse as parse_spec
from reqlint.model import Dependency, Manifest
from reqlint.requirement import parse_pip
from reqlint.rewrite import remove, specify
from reqlint.source import Source
from tests.support import check, findings, mended, underlined

PATH = "environment.yml"


def manifest_of(text: str) -> Manifest:
    return read(Source(PATH, text), None)


def problems(text: str) -> list[tuple[str, str]]:
    return [(problem.rule, text[slice(*problem.span)]) for problem in manifest_of(text).problems]


def shown(manifest: Manifest) -> list[str]:
    """Ecosystem and text of each dependency."""
    return [f"{item.ecosystem} {item.text}" for item in manifest.dependencies]


def environment(*items: str, channels: str = "[conda-forge]") -> str:
    return f"channels: {channels}\ndependencies:\n" + "".join(f"  - {item}\n" for item in items)


EXPORTED = """\
name: shop
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.12.4=h194c7f8_0_cpython
  - numpy=1.26.4=py312h64a7726_0
  - pip=24.0
  - pip:
      - requests==2.32.3
      - -e .
prefix: /home/ada/miniforge3/envs/shop
"""


# Names


@pytest.mark.parametrize(
    "path",
    """environment.yml environment.yaml Environment.yml environment-gpu.yml environment_dev.yaml my_environment.yml environments.yml
    conda-environment.yml ci/environment-3.12.yml env.yml env.yaml envs.yml dev-env.yml env_linux.yaml env3.yml conda.yaml
    conda-env.yml conda_env.yaml condaenv.yml conda-dev.yml workflow/envs/mapping.yaml environments/dask.yaml""".split(),
)
def test_names_that_environments_go_by(path: str) -> None:
    form = format_of(path)
    assert form is not None
    assert form.name == "environment.yml"


@pytest.mark.parametrize(
    "path",
    """conda-lock.yml conda_lock.yaml meta.yaml docker-compose.yml envoy.yaml environ.yml environment.yml.j2 environment.json
    requirements.yml myenv.yml recipe/meta.yaml envs/prod/values.yaml environment""".split(),
)
def test_other_names(path: str) -> None:
    form = format_of(path)
    assert form is None or form.name != "environment.yml"


# What is none by its content

FOREIGN = {
    "a workflow": "name: Test environment\non: push\njobs:\n  a:\n    dependencies: [b]\n",
    "a workflow with the key": "on: push\njobs: {}\ndependencies:\n  - a\n",
    "no dependencies": "name: x\nchannels:\n  - conda-forge\n",
    "Kubernetes": "apiVersion: v1\nkind: ConfigMap\ndependencies:\n  - a\n",
    "Azure ML": "$schema: https://e.com/environment.schema.json\nname: x\nimage: y\n",
    "MLflow": "python: 3.10.4\nbuild_dependencies:\n  - pip==23.0\ndependencies:\n  - -r requirements.txt\n",
    "MLflow, the short way": "python: 3.10.4\ndependencies:\n  - mlflow==2.1\n",
    "Helm": "dependencies:\n  - name: postgresql\n    version: 1.2.3\n",
    "a mapping of dependencies": "name: x\ndependencies:\n  flask: ^3\n",
    "a list": "- dependencies: a\n",
    "a service": "name: web\nport: 80\ndependencies:\n  - database\n  - cache\n",
    "nothing": "",
    "a comment": "# dependencies: none\n",
    "a template": "{% if x %}\ndependencies: [\n{% endif %}\n",
    "variables": "PROJECT: [x]\nKEY: y\n",
    "broken, and of another kind": "a: b: c\n  dependencies: []\n",
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=list(FOREIGN))
def test_what_is_no_environment_is_left_alone(text: str) -> None:
    manifest = manifest_of(text)
    assert manifest.foreign
    assert not manifest.dependencies
    assert not manifest.problems
    assert check(text, path=PATH, select="ALL") == []


@pytest.mark.parametrize(
    "text",
    [
        "dependencies:\n",
        "dependencies: []\n",
        "name: x\ndependencies:\n  - numpy\n",
        "dependencies:\n  - pip:\n      - requests\n",
        "{name: x, dependencies: [numpy]}\n",
        "channels: [a]\ndependencies:\n  - foo: 1\n",
        "author: me\ndependencies:\n  - python\n",
        "author: me\ndependencies:\n  - numpy>=1\n",
        "category: dev\nplatforms: [linux-64]\ndependencies:\n  - numpy\n",
        EXPORTED,
    ],
)
def test_what_is_one(text: str) -> None:
    assert not manifest_of(text).foreign


def test_bytes_that_are_no_text_are_a_fault_only_in_an_environment() -> None:
    assert [item.code for item in check("", path=PATH, files={}) or []] == []
    broken = Source.decode(PATH, b"dependencies:\n  - na\xefve\n")
    assert broken.fault is not None
    assert not read(broken, None).foreign
    assert read(Source.decode(PATH, b"on: push # na\xefve\n"), None).foreign


@pytest.mark.parametrize(("text", "underline"), [("dependencies:\n  - a: b: c\n", ":"), ("dependencies: [a\n", "a")])
def test_yaml_that_does_not_parse(text: str, underline: str) -> None:
    ((rule, found),) = problems(text)
    assert rule == "unreadable-file"
    assert found in (underline, "]", "a", ":")
    assert [item.code for item in check(text, path=PATH)] == ["RQ001"]


# What is read


def test_an_export() -> None:
    manifest = manifest_of(EXPORTED)
    assert shown(manifest) == [
        "conda python=3.12.4=h194c7f8_0_cpython",
        "conda numpy=1.26.4=py312h64a7726_0",
        "conda pip=24.0",
        "pypi requests==2.32.3",
        "pypi .",
    ]
    assert [(index.kind, index.url) for index in manifest.indexes] == [
        ("channel", "conda-forge"),
        ("channel", "nodefaults"),
    ]
    assert [item.group.name for item in manifest.dependencies] == [None, None, None, "pip", "pip"]
    assert manifest.dependencies[4].editable
    assert [item.rule for item in manifest.problems] == ["machine-path"]


def test_utf_16() -> None:
    source = Source.decode(PATH, b"\xff\xfe" + EXPORTED.encode("utf-16-le"))
    manifest = read(source, None)
    assert [item.name for item in manifest.dependencies] == ["python", "numpy", "pip", "requests", None]
    assert all(source.text[slice(*item.span)] == item.text for item in manifest.dependencies)


@pytest.mark.parametrize(
    "bare", ["python", "pip", "pip>=23", "python>=3.9", "__glibc>=2.17", "nomkl", "blas=*=openblas"]
)
def test_what_is_asked_for_by_name_alone(bare: str) -> None:
    assert findings(environment(bare), path=PATH) == []


@pytest.mark.parametrize("text", ["numpy", "numpy>=1", "pytorch=*=*cuda*", "pip-tools", "python-dateutil"])
def test_what_needs_a_version(text: str) -> None:
    assert [code for code, _ in findings(environment(text), path=PATH)] in (["RQ101"], ["RQ102"])


@pytest.mark.parametrize(
    "text",
    [
        *(
            "numpy=1.26",
            "numpy==1.26.4",
            "numpy 1.26.4",
            "numpy 1.26.*",
            "numpy>=1.26,<2",
            "numpy~=1.26",
            "openssl=1.1.1w",
        ),
        *("tzdata=2021e", "conda-forge::numpy=1.26", "numpy[version='>=1,<2']", "numpy=1.26|1.25", "numpy>=1,<2|=3"),
        *("https://conda.anaconda.org/conda-forge/noarch/core-1.2-0.conda", '"numpy=1.26"', "'numpy =1.26'"),
    ],
)
def test_what_is_pinned_well_enough(text: str) -> None:
    assert findings(environment(text), path=PATH) == []


def test_two_versions_of_python_are_a_conflict_all_the_same() -> None:
    assert [code for code, _ in findings(environment("python=3.9", "python=3.10"), path=PATH)] == ["RQ404"]


def test_the_pip_list_is_read_by_the_rules_of_pip() -> None:
    text = environment(
        "pip",
        "pip:\n"
        "    - -r requirements.txt\n"
        "    - -c constraints.txt\n"
        "    - --extra-index-url https://e.com/simple\n"
        "    - --pre\n"
        "    - requests==2.32.3 --hash=sha256:" + "0" * 64 + "\n"
        "    - 'idna==3.7 ; python_version > \"3\"'\n"
        '    - "caf\\u00e9==1"\n'
        "    - flask=3.0\n"
        "    - --no-build-isolation\n"
        "    - core @ git+https://e.com/core.git@v1.0  # why",
    )
    manifest = manifest_of(text)
    assert [(item.path, item.kind) for item in manifest.includes] == [
        ("requirements.txt", "requirement"),
        ("constraints.txt", "constraint"),
    ]
    assert [(item.kind, item.url) for item in manifest.indexes] == [
        ("channel", "conda-forge"),
        ("extra-index", "https://e.com/simple"),
    ]
    assert [item.kind for item in manifest.settings] == ["pre-releases"]
    names = [(item.name, item.hashes, item.marker, item.rewritable) for item in manifest.dependencies[1:]]
    assert names == [
        ("requests", 1, None, True),
        ("idna", 0, 'python_version > "3"', True),
        ("core", 0, None, True),
    ]
    rules = [(item.rule, text[slice(*item.span)]) for item in manifest.problems]
    assert rules == [
        ("invalid-requirement", '"caf\\u00e9==1"'),
        ("invalid-requirement", "=3.0"),
        ("invalid-option", "--no-build-isolation"),
    ]


def test_what_the_pip_list_includes_lies_beside_the_file() -> None:
    text = environment("pip", "pip:\n    - -r requirements.txt\n    - flask==3.0.3")
    files = {"ci/requirements.txt": "flask==3.0.3\n"}
    assert findings(text, path="ci/environment.yml", files=files) == [("RQ403", "flask==3.0.3")]
    assert findings(text, path="ci/environment.yml", select="RQ006") == [("RQ006", "requirements.txt")]


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("--pre foo==1", "--pre foo==1"),
        ("-e core @ git+https://e.com/c.git@v1", '-e "core @ git+https://e.com/c.git@v1"'),
        ("'-e core @ git+https://e.com/c.git@v1'", "'-e \"core @ git+https://e.com/c.git@v1\"'"),
        ('"-e core @ git+https://e.com/c.git@v1"', '"-e core @ git+https://e.com/c.git@v1"'),
        ("-r=https://e.com/x.txt", "-r https://e.com/x.txt"),
        ("foo=1.0", "foo==1.0"),
        ("pip install foo==1", "foo==1"),
    ],
)
def test_what_is_mended_in_the_pip_list_stays_yaml(line: str, after: str) -> None:
    text = environment("pip", f"pip:\n    - {line}\n    - bar==1")
    assert mended(text, unsafe=True, path=PATH, select="RQ0") == environment(
        "pip", f"pip:\n    - {after}\n    - bar==1"
    )


def test_a_block_of_several_lines_is_several_requirements_of_which_none_can_be_deleted() -> None:
    text = environment("pip", "pip:\n    - |\n      requests==2.32.3\n      idna==3.7\n    - flask==3.0.3")
    manifest = manifest_of(text)
    assert [item.name for item in manifest.dependencies] == ["pip", "requests", "idna", "flask"]
    assert [item.rewritable for item in manifest.dependencies] == [True, False, False, True]
    assert (
        remove(manifest.dependencies[1]) == [] or manifest.dependencies[1].entry[0] == manifest.dependencies[1].entry[1]
    )


def test_channels_of_any_spelling() -> None:
    text = environment("numpy=1.26", channels="['conda-forge', https://e.com/t/$TOKEN/c, \"x\"]")
    assert [text[slice(*index.span)] for index in manifest_of(text).indexes] == [
        "conda-forge",
        "https://e.com/t/$TOKEN/c",
        "x",
    ]


# Slips


@pytest.mark.parametrize(
    ("item", "rule", "underline", "after"),
    [
        ("3.10", "invalid-requirement", "3.10", None),
        ("true", "invalid-requirement", "true", None),
        ("2024-01-02", "invalid-requirement", "2024-01-02", None),
        ("numpy: 1.26", "invalid-requirement", "numpy: 1.26", "numpy=1.26"),
        ("numpy: '>=1.26'", "invalid-requirement", "numpy", None),
        ("conda:\n    - numpy", "invalid-requirement", "conda", None),
        ("[numpy]", "invalid-requirement", "[numpy]", None),
        ("-r requirements.txt", "invalid-requirement", "-r requirements.txt", None),
        ("git+https://e.com/a.git", "invalid-requirement", "git+https://e.com/a.git", None),
        ("numpy @ https://e.com/a.zip", "invalid-requirement", "@ https://e.com/a.zip", None),
        ("numpy; python_version > '3'", "invalid-requirement", "; python_version > '3'", None),
        ("numpy=1=2=3", "invalid-requirement", "1=2", None),
        ("numpy=1.26=", "invalid-requirement", "=", "numpy=1.26"),
        ("numpy=>1.26", "invalid-requirement", "=>", "numpy>=1.26"),
        ("numpy (>=1.26)", "ignored-text", "(>=1.26)", "numpy >=1.26"),
        ("numpy(>=1.26)", "ignored-text", "(>=1.26)", "numpy>=1.26"),
        ("uvicorn[standard]=0.30", "ignored-text", "standard", "uvicorn=0.30"),
        ("uvicorn[standard]", "ignored-text", "standard", "uvicorn"),
        ("conda-forge:numpy=1.26", "ignored-text", "conda-forge:", "conda-forge::numpy=1.26"),
        ("numpy=", "ignored-text", "=", "numpy"),
        ("numpy=1.", "ignored-text", ".", "numpy=1"),
        ('"numpy="', "ignored-text", "=", '"numpy"'),
        ("numpy={{ version }}", "templated-version", "numpy={{ version }}", None),
        ("numpy=$VERSION", "invalid-requirement", "=$VERSION", None),
    ],
)
def test_slips(item: str, rule: str, underline: str, after: str | None) -> None:
    text = environment(item, "scipy=1.13")
    assert problems(text) == [(rule, underline)]
    expected = text if after is None else environment(after, "scipy=1.13")
    assert mended(text, unsafe=True, path=PATH, select="RQ0") == expected
    assert "scipy" in {dependency.name for dependency in manifest_of(text).dependencies}


def test_an_empty_item() -> None:
    text = "dependencies:\n  - pip\n  -\n  - pip:\n    - a==1\n    -  # add more\n    - b==2\n  - ''\n"
    assert [rule for rule, _ in problems(text)] == ["invalid-requirement"] * 3
    after = mended(text, path=PATH, select="RQ0")
    assert yaml.safe_load(after) == {"dependencies": ["pip", {"pip": ["a==1", "b==2"]}]}


def test_channels_that_are_no_list() -> None:
    text = environment("numpy=1.26", channels="conda-forge")
    assert problems(text) == [("invalid-requirement", "conda-forge")]
    assert mended(text, path=PATH) == environment("numpy=1.26")
    assert problems(environment("numpy=1.26", channels="[1, conda-forge]")) == [("invalid-requirement", "1")]


def test_a_second_document() -> None:
    text = environment("numpy=1.26") + "---\ndependencies:\n  - scipy\n"
    assert problems(text) == [("ignored-text", "---")]
    assert shown(manifest_of(text)) == ["conda numpy=1.26"]


@pytest.mark.parametrize(
    ("text", "underline"),
    [
        ("dependencies:\n  - a=1\nchannels: [x]\ndependencies:\n  - b=1\n", "dependencies"),
        ("channels: [x]\ndependencies:\n  - pip\n  - pip: [a==1]\n    pip: [b==1]\n", "pip"),
    ],
)
def test_a_key_that_stands_twice(text: str, underline: str) -> None:
    assert problems(text) == [("unreadable-file", underline)]


@pytest.mark.parametrize("value", ["requests", "{requests: 2}", "3"])
def test_a_pip_list_that_is_none(value: str) -> None:
    assert ("invalid-requirement", value) in problems(environment("pip", f"pip: {value}"))


@pytest.mark.parametrize("value", ["", " null", " ~", " []"])
def test_an_empty_pip_list_asks_for_nothing(value: str) -> None:
    assert problems(environment("numpy=1", f"pip:{value}")) == []


def test_only_the_last_pip_list_counts() -> None:
    text = environment("pip", "pip:\n    - a==1", "pip:\n    - b==2")
    assert shown(manifest_of(text)) == ["conda pip", "pypi b==2"]
    assert problems(text) == [("second-pip-list", "pip")]


# Selectors


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("linux", "osx", False),
        ("linux", "win", False),
        ("unix", "win", False),
        ("not win", "win", False),
        ("unix", "linux", True),
        ("linux", "linux", True),
        ("osx-64", "osx-arm64", False),
        ("linux64", "aarch64", False),
        ("py38", "py39", False),
        ("py38", "py38", True),
    ],
)
def test_twins_under_selectors_that_exclude_each_other_are_none(one: str, other: str, clash: bool) -> None:
    for items in (
        [f"cuda=1  # [{one}]", f"cuda=2  # [{other}]"],
        ["pip", f"pip:\n    - a==1 # [{one}]\n    - a==2 # [{other}]"],
    ):
        codes = [code for code, _ in findings(environment(*items), path=PATH, select="RQ4")]
        assert codes == (["RQ404"] if clash else [])


def test_a_comment_that_is_no_selector() -> None:
    text = environment("cuda=1  # reqlint: ignore[RQ605]", "numpy=1  # see [1]", '"scipy=1" # [ linux ]')
    assert [item.marker for item in manifest_of(text).dependencies] == [None, None, 'sys_platform == "linux"']


# conda's names are compared as they are written


def test_dashes_and_underscores_are_two_packages() -> None:
    assert findings(environment("typing-extensions=4.12", "typing_extensions=4.12"), path=PATH) == []


@pytest.mark.parametrize(
    ("items", "codes"),
    [
        (["numpy=1.26", "NumPy=1.26"], ["RQ403"]),
        (["numpy=1.26", "numpy=1.25"], ["RQ404"]),
        (["numpy=1.26", "numpy=1.26.4"], ["RQ403"]),
        (["numpy=1.26.4=py312_0", "numpy=1.26.4"], ["RQ403"]),
        (["numpy=1.26.4=py312_0", "numpy=1.26.4=py311_0"], ["RQ404"]),
        (["numpy=1.26.4=py312_0", "numpy=1.26.4=py312_0"], ["RQ403"]),
        (["numpy=1.26.4=py312*", "numpy=1.26.4=*_0"], ["RQ403"]),
        (["numpy>=1|<0.5", "numpy=1.26"], ["RQ403"]),
        (["conda-forge::numpy=1.26", "numpy=1.26"], ["RQ403"]),
        (["conda-forge::numpy=1.26", "bioconda::numpy=1.26"], ["RQ404"]),
        (["conda-forge::numpy=1.26", "https://e.com/x::numpy=1.26"], ["RQ403"]),
    ],
)
def test_duplicates_and_conflicts_of_conda(items: list[str], codes: list[str]) -> None:
    found = [code for code, _ in findings(environment(*items), path=PATH, select="RQ4")]
    assert found == codes


def test_conda_and_pip_are_not_compared_here() -> None:
    text = environment("pip", "numpy=1.26", "pip:\n    - numpy==1.20")
    assert findings(text, path=PATH, select="RQ403,RQ404") == []


def test_the_duplicate_is_deleted() -> None:
    text = environment('"numpy=1.26"', "numpy=1.26", "scipy=1.13")
    assert mended(text, path=PATH, select="RQ4") == environment('"numpy=1.26"', "scipy=1.13")


# Laws


SPECS = [
    *("numpy", "numpy=1.26", "numpy==1.26.4", "numpy >=1.26,<2", "numpy=1.26.4=py312h64a7726_0", "conda-forge::numpy"),
    *("numpy[version='>=1.26']", "_libgcc_mutex=0.1=main", "numpy 1.26.*", "numpy=1.25|=1.26", "pytorch=*=*cuda*"),
]
LINES = [
    *(
        "requests",
        "requests==2.32.3",
        "Flask[async]>=3 ; python_version > '3'",
        "core @ git+https://e.com/c.git@v1",
        "-e .",
    ),
    *("./local", "idna==3.7 --hash=sha256:" + "0" * 64),
]
STYLES = ["{}", "'{}'", '"{}"', "{}  # why", "{} # [linux]"]


def _styled(text: str, style: str) -> str:
    escaped = text.replace("'", "''") if style.startswith("'") else text
    return style.format(escaped)


@st.composite
def environments(draw: st.DrawFn) -> str:
    """An environment in one of the ways in which people write them."""
    specs = [
        _styled(draw(st.sampled_from(SPECS)), draw(st.sampled_from(STYLES))) for _ in range(draw(st.integers(1, 4)))
    ]
    lines = [
        _styled(draw(st.sampled_from(LINES)), draw(st.sampled_from(STYLES))) for _ in range(draw(st.integers(0, 3)))
    ]
    indent = draw(st.sampled_from(["", "  ", "    "]))
    inner = indent + draw(st.sampled_from(["  ", "    "]))
    text = (
        draw(st.sampled_from(["", "# an environment\n", "name: x\n\n"])) + "channels:\n  - conda-forge\ndependencies:\n"
    )
    text += "".join(f"{indent}- {spec}\n" for spec in specs)
    if lines:
        text += f"{indent}- pip\n{indent}- pip:\n" + "".join(f"{inner}- {line}\n" for line in lines)
    text += draw(st.sampled_from(["", "variables:\n  A: b\n"]))
    if draw(st.booleans()):
        text = text.rstrip("\n")
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r"])))


def _plain(dependency: Dependency) -> tuple[Any, ...]:
    return (
        dependency.name,
        dependency.text,
        dependency.ecosystem,
        dependency.editable,
        dependency.hashes,
        dependency.marker,
    )


@given(environments())
@example("dependencies: [numpy, 'scipy=1', pip, {pip: [requests, \"idna==3\"]}]\n")
@example("dependencies: [\n  numpy=1,  # why\n  scipy=1\n]\n")
def test_the_span_law(text: str) -> None:
    manifest = manifest_of(text)
    dependencies = manifest.dependencies
    assert dependencies
    assert not manifest.problems
    for number, dependency in enumerate(dependencies):
        written = text[slice(*dependency.span)]
        assert dependency.rewritable or text.startswith("dependencies: [") or "''" in written
        assert written == dependency.text or "''" in written
        start, end = dependency.entry
        after = manifest_of(text[:start] + text[end:])
        rest = [_plain(item) for item in dependencies[:number] + dependencies[number + 1 :]]
        assert [_plain(item) for item in after.dependencies] == rest
        assert {item.rule for item in after.problems} <= {"missing-pip"}


@given(environments(), st.sampled_from(["==1.2.3", ">=1.2,<2", "=1.2"]))
def test_what_is_written_is_read_back(text: str, specifier: str) -> None:
    for number, dependency in enumerate(manifest_of(text).dependencies):
        if dependency.ecosystem == "pypi" and specifier == "=1.2":
            continue
        edits = specify(dependency, specifier)
        if edits is None:
            assert dependency.kind != "name" or not dependency.rewritable
            continue
        (edit,) = edits
        mended_text = text[: edit.start] + edit.content + text[edit.end :]
        assert yaml.safe_load(mended_text) is not None
        after = manifest_of(mended_text).dependencies[number]
        assert after.name == dependency.name
        assert after.specifier.replace(" ", "") == specifier
        assert text[slice(*dependency.entry)].count("\n") == mended_text[slice(*after.entry)].count("\n")


@given(st.lists(st.sampled_from([*SPECS, *LINES]), min_size=1, max_size=5))
def test_pyyaml_match_spec_and_pip_agree_on_what_is_asked(items: list[str]) -> None:
    specs = [item for item in items if item in SPECS]
    lines = [item for item in items if item in LINES and not item.startswith(("-", "idna"))]
    data: dict[str, Any] = {"channels": ["conda-forge"], "dependencies": [*specs, "pip", {"pip": lines}]}
    text = yaml.safe_dump(data, sort_keys=False)
    manifest = manifest_of(text)
    conda = [item for item in manifest.dependencies if item.ecosystem == "conda"]
    assert [(item.name, item.specifier) for item in conda[:-1]] == [
        (
            parts.name,
            " || ".join(
                ",".join(c.operator + c.version for c in group) for group in parts.alternatives or (parts.constraints,)
            ),
        )
        for parts, _ in map(parse_spec, specs)
    ]
    pypi = [item for item in manifest.dependencies if item.ecosystem == "pypi"]
    assert [(item.raw_name, item.url, item.marker) for item in pypi] == [
        (parts.name, parts.url, parts.marker) for parts in map(parse_pip, lines)
    ]


WORDS = [
    "dependencies:",
    "channels:",
    "- ",
    "pip:",
    "  ",
    "\n",
    "numpy",
    "=1",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "#",
    "&a",
    "*a",
    "---\n",
    "prefix: x",
]


@given(st.lists(st.sampled_from(WORDS), max_size=25).map("".join) | st.text())
@example("dependencies: &a [*a]\n")
@example("dependencies:\n  - &a numpy=1\n  - *a\n")
@example("dependencies:\n  - pip: &a\n    - *a\n")
@example("channels: &a\n  - x\ndependencies: *a\n")
@example("{{ x }}: 1\ndependencies:\n  - {{ y }}\n")
def test_any_text(text: str) -> None:
    manifest = manifest_of(text)
    size = len(text)
    for item in manifest.dependencies:
        assert 0 <= item.span[0] <= item.span[1] <= size
        assert 0 <= item.entry[0] <= item.entry[1] <= size
        assert not item.rewritable or text[slice(*item.span)] == item.text
    for problem in manifest.problems:
        assert 0 <= problem.span[0] <= problem.span[1] <= size
    assert "RQ999" not in {
        item.code for item in check(text.encode("utf-8", "replace").decode(), path=PATH, select="ALL")
    }


def test_what_a_rule_underlines() -> None:
    (found,) = check(environment("numpy"), path=PATH)
    assert (found.code, underlined(found), found.group) == ("RQ101", "numpy", "runtime")
    (found,) = check(environment("pip", "pip:\n    - requests"), path=PATH)
    assert (found.code, underlined(found), found.group) == ("RQ101", "requests", "pip")
