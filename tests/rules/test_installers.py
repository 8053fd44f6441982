from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from reqlint.diagnostic import Diagnostic
from tests.literate import Case
from tests.literate import check as check_case
from tests.support import TOKENS, check, findings, mended, underlined

BOTH = ["RQ401", "RQ402"]
ENVIRONMENT = "channels: [conda-forge]\ndependencies:\n{conda}  - pip\n  - pip:\n{pip}"


def environment(conda: str | list[str], pip: str | list[str]) -> str:
    """An environment.yml with these packages of conda and these lines for pip."""
    specs = [conda] if isinstance(conda, str) else conda
    lines = [pip] if isinstance(pip, str) else pip
    return ENVIRONMENT.format(
        conda="".join(f'  - "{spec}"\n' for spec in specs), pip="".join(f"    - {line}\n" for line in lines)
    )


def found(conda: str | list[str], pip: str | list[str], **options: Any) -> list[Diagnostic]:
    return check(environment(conda, pip), path="environment.yml", select=BOTH, **options)


def codes(conda: str | list[str], pip: str | list[str], **options: Any) -> list[str]:
    return [item.code for item in found(conda, pip, **options)]


# What is asked of the version


@pytest.mark.parametrize(
    ("conda", "pip", "code"),
    [
        # begins with, and exactly
        ("numpy=1.26", "numpy==1.26.4", "RQ401"),
        ("numpy=1.26", "numpy==1.27.0", "RQ402"),
        ("numpy=1.26=py312_0", "numpy==1.26.4", "RQ402"),
        ("numpy==1.26", "numpy==1.26.0", "RQ401"),
        ("numpy 1.26.4", "numpy==1.26.3", "RQ402"),
        ("numpy==1.26.4", "numpy===1.26.4", "RQ401"),
        ("numpy==1.26.4", "numpy===1.26.3", "RQ402"),
        # ranges and alternatives
        ("numpy", "numpy==1.26.4", "RQ401"),
        ("numpy=1.26.4", "numpy", "RQ401"),
        ("numpy>=1.26,<2", "numpy>=2", "RQ402"),
        ("numpy>=1.26,<2", "numpy~=1.26", "RQ401"),
        ("numpy=1.26|=1.27", "numpy==1.27.3", "RQ401"),
        ("numpy=1.26|=1.27", "numpy==1.28.0", "RQ402"),
        # a local label, which conda does not have
        ("pytorch==2.4.0", "torch==2.4.0+cpu", "RQ401"),
        ("pytorch==2.3.0", "torch==2.4.0+cpu", "RQ402"),
        # one version in two spellings
        ("foo==1.0.post1", "foo==1.0.post1", "RQ401"),
        ("foo==2.0.0.rc1", "foo==2.0.0rc1", "RQ401"),
        ("foo==2.0.0.rc1", "foo==2.0.0", "RQ402"),
        ("foo==1!2.0", "foo==1!2.0", "RQ401"),
        ("foo==1!2.0", "foo==2.0", "RQ402"),
        ("certifi==2024.07.04", "certifi==2024.7.4", "RQ401"),
        # conda's own, of which PEP 440 says nothing
        ("foo==1.0_1", "foo==1.0.post1", "RQ401"),
        ("foo==2024a", "foo==2024.1", "RQ401"),
        ("foo=2024a", "foo==2024.1", "RQ401"),
        # who packs it for PyPI counts on
        ("opencv==4.10.0", "opencv-python==4.10.0.84", "RQ401"),
        ("opencv==4.9.0", "opencv-python==4.10.0.84", "RQ402"),
        ("faiss-cpu==1.8.0", "faiss-cpu==1.8.0.post1", "RQ401"),
        ("faiss-cpu==1.7.4", "faiss-cpu==1.8.0.post1", "RQ402"),
        ("foo==1.2", "foo==1.2.3", "RQ402"),
        # what contradicts itself contradicts nothing else
        ("numpy>=2,<1", "numpy==1.26.4", "RQ401"),
        ("numpy==1.26.4", "numpy>=2,<1", "RQ401"),
    ],
)
def test_versions_in_both_notations(conda: str, pip: str, code: str) -> None:
    assert codes(conda, pip) == [code]


CONDA_SPECS = "1.26 1.26.4 =1.26 =1.26.4 ==1.26 ==1.26.4 >=1.26 <1.27 >1.26.4 !=1.26.4 ~=1.26.0 >=1.25,<1.27 1.25.*|1.27.* * =2".split()
PIP_SPECS = " ==1.26.4 ==1.26.* ==1.26 >=1.26 >1.26.4 <1.26 <=1.26 !=1.26.4 ~=1.26.1 ~=1.25 >=1.25,<1.26 ==2.*".split(
    " "
)
VERSIONS = "1.0 1.24.9 1.25 1.25.3 1.26 1.26.1 1.26.3 1.26.4 1.26.4.1 1.26.5 1.27 1.27.1 2.0 2.0.1 3.0".split()


def test_conda_and_packaging_agree() -> None:
    """No conflict where one version satisfies both, by rattler and packaging; and a deleted line was satisfied by all."""
    rattler = pytest.importorskip("rattler")
    records = [
        (version, rattler.PackageRecord("numpy", version, rattler.BuildString("py_0"), 0, "noarch"))
        for version in VERSIONS
    ]
    pairs = list(product(CONDA_SPECS, PIP_SPECS))
    assert len(pairs) > 150
    for conda, pip in pairs:
        spec = rattler.MatchSpec(f"numpy[version='{conda}']")
        from_conda = {version for version, record in records if spec.matches(record)}
        both = {version for version in from_conda if SpecifierSet(pip).contains(version)}
        [item] = found(f"numpy[version='{conda}']", f"numpy{pip}")
        assert item.code == ("RQ401" if both else "RQ402"), (conda, pip)
        left_out = {"1.26.4.1"} if "=1.26.4" in conda else set()  # to the fix, `=1.26.4` is 1.26.4
        assert item.fix is None or both - left_out == from_conda - left_out, (conda, pip)


@pytest.mark.parametrize(
    ("conda", "pip", "expected"),
    [
        ("numpy=1.26.4", "numpy @ https://files.example.com/numpy-1.26.4-cp312-cp312-linux_x86_64.whl", ["RQ401"]),
        ("numpy=1.26.4", "numpy @ https://files.example.com/numpy-2.0.1-cp312-cp312-linux_x86_64.whl", ["RQ402"]),
        ("numpy=1.26.4", "https://files.example.com/numpy-2.0.1-cp312-cp312-linux_x86_64.whl", ["RQ402"]),
        ("numpy=1.26.4", "numpy @ https://files.example.com/numpy-2.0.1.tar.gz", ["RQ401"]),
        ("numpy=1.26.4", "numpy @ git+https://git.example.com/numpy@v2.0.1", ["RQ401"]),
    ],
)
def test_urls(conda: str, pip: str, expected: list[str]) -> None:
    assert codes(conda, pip) == expected


def test_a_url_in_a_message_shows_no_secret() -> None:
    token = TOKENS["gitlab"]
    url = f"https://oauth2:{token}@files.example.com/numpy-2.0.1-cp312-cp312-linux_x86_64.whl"
    [item] = found("numpy=1.26.4", f"numpy @ {url}")
    assert item.message == "pip replaces conda's `numpy=1.26.4` by 2.0.1, and what conda built against it may break"
    assert token not in f"{item.message}{item.label}{item.help}"


# Which packages


@pytest.mark.parametrize(
    ("conda", "pip"),
    [
        ("python=3.12", "python==3.11"),
        ("graphviz=12.0.0", "graphviz==0.20.3"),
        ("numpy=1.26.4=pypi_0", "numpy==2.0.1"),
        ("numpy=1.26.4=dev_0", "numpy==2.0.1"),
        ("r-ggplot2=3.5", "ggplot2==1.0"),
        ("numpy=1.26.4", "numpy-financial==1.0.0"),
        ("numpy=1.26.4", "-c constraints.txt"),
        ("python=3.12", "."),
    ],
)
def test_no_overlap(conda: str, pip: str) -> None:
    assert codes(conda, pip, files={"constraints.txt": "numpy==2.0.1\n"}) == []


@pytest.mark.parametrize(
    ("conda", "pip"),
    [
        ("pytorch", "torch"),
        ("conda-forge::pytorch", "torch"),
        ("typing_extensions", "typing-extensions"),
        ("typing-extensions", "Typing_Extensions"),
        ("PyYAML", "pyyaml"),
        ("pip", "pip==24.2"),
        ("ruamel.yaml", "ruamel-yaml"),
    ],
)
def test_names_of_one_distribution(conda: str, pip: str) -> None:
    assert codes(conda, pip) == ["RQ401"]


def test_the_users_own_table_of_names() -> None:
    conda, pip = "ours=1.0", "theirs==2.0"
    assert codes(conda, pip) == []
    files = {"names.json": '{"ours": ["theirs"]}'}
    assert codes(conda, pip, files=files, conda_names="project/names.json") == ["RQ402"]


def test_two_packages_of_conda_with_one_distribution_are_one_finding() -> None:
    [item] = found(["dask=2024.8.0", "dask-core=2024.8.0"], "dask>=2024")
    assert (item.code, related(item)) == ("RQ401", ["dask=2024.8.0"])
    [item] = found(["dask", "dask-core=2024.8.0"], "dask==2024.8.2")
    assert (item.code, related(item)) == ("RQ402", ["dask-core=2024.8.0"])


def related(item: Diagnostic) -> list[str]:
    return [label.source.text[slice(*label.span)].strip('"') for label in item.related]


def test_each_line_of_pip_is_a_finding() -> None:
    lines = ['numpy==1.26.4 ; sys_platform == "linux"', 'numpy==2.0.1 ; sys_platform == "darwin"']
    assert codes("numpy=1.26.4", lines) == ["RQ401", "RQ402"]


# Markers


@pytest.mark.parametrize(
    ("python", "marker", "expected"),
    [
        ("python=3.12", 'python_version < "3.9"', []),
        ("python=3.12", 'python_version == "3.12"', ["RQ402"]),
        ("python>=3.8,<3.10", 'python_version < "3.9"', ["RQ402"]),
        ("python", 'python_version < "3.9"', ["RQ402"]),
        ("python=3.12", 'sys_platform == "win32"', ["RQ402"]),
        ("python=3.12", 'sys_platform == "win32" and sys_platform == "linux"', []),
    ],
)
def test_markers(python: str, marker: str, expected: list[str]) -> None:
    assert codes([python, "numpy=1.26.4"], f"numpy==2.0.1 ; {marker}") == expected


def test_a_selector_of_conda_lock() -> None:
    text = environment([], 'numpy==2.0.1 ; sys_platform == "win32"').replace(
        "  - pip\n", "  - numpy=1.26.4  # [linux]\n  - pip\n", 1
    )
    assert findings(text, path="environment.yml", select=BOTH) == []
    assert findings(text.replace("[linux]", "[win]"), path="environment.yml", select=BOTH) == [
        ("RQ402", 'numpy==2.0.1 ; sys_platform == "win32"')
    ]


# What is said


def test_what_a_conflict_says() -> None:
    [item] = found("pytorch=2.3", "torch==2.4.0")
    assert item.severity == "error"
    assert item.message == "pip replaces conda's `pytorch=2.3` by `==2.4.0`, and what conda built against it may break"
    assert related(item) == ["pytorch=2.3"]
    assert item.fix is None


@pytest.mark.parametrize(
    ("conda", "pip", "message"),
    [
        ("numpy=1.26.4", "numpy==1.26.4", "conda installs `numpy` already, and pip has nothing to add"),
        ("numpy=1.26", "numpy==1.26.4", "conda installs `numpy` already, and pip may install another over it"),
        ("dask", "dask[array]", "conda installs `dask` already, and pip adds what its extras bring"),
        ("pytorch", "torch", "conda installs `torch` as `pytorch` already, and pip has nothing to add"),
    ],
)
def test_what_an_overlap_says(conda: str, pip: str, message: str) -> None:
    [item] = found(conda, pip)
    assert (item.severity, item.message) == ("warning", message)


def test_an_included_file_is_named() -> None:
    files = {"more.txt": "numpy==2.0.1\nscipy\n"}
    conflict, overlap = found(["numpy=1.26.4", "scipy"], "-r more.txt", files=files)
    assert conflict.message.startswith("pip replaces conda's `numpy=1.26.4` by `==2.0.1` of `more.txt`, ")
    assert overlap.message == "conda installs `scipy` already, which `more.txt` asks of pip too"
    assert [underlined(item) for item in (conflict, overlap)] == ["more.txt", "more.txt"]
    assert related(overlap) == ["scipy", "scipy"]
    assert overlap.fix is None


# The fix


@pytest.mark.parametrize(
    "pip",
    [
        "numpy[dev]==1.26.4",
        'numpy==1.26.4 ; sys_platform == "linux"',
        "numpy==1.26.4 --hash=sha256:" + "0" * 64,
        "numpy==1.26.4 --no-binary numpy",
        "numpy @ https://files.example.com/numpy-1.26.4-cp312-cp312-linux_x86_64.whl",
        "numpy==1.26.3",
        "-e git+https://git.example.com/numpy@v1.26.4#egg=numpy",
    ],
)
def test_what_stays(pip: str) -> None:
    text = environment("numpy=1.26.4", [pip, "requests==2.32.3"])
    assert codes("numpy=1.26.4", pip) != []
    assert mended(text, True, path="environment.yml", select=BOTH) == text


@pytest.mark.parametrize(
    ("conda", "pip", "goes"),
    [
        ("numpy", "numpy", True),
        ("numpy", "numpy>=1.20", False),
        ("numpy>=1.26", "numpy>=1.20", True),
        ("numpy=1.26", "numpy==1.26.*", True),
        ("numpy=1.26.4", "numpy==1.26.4", True),
        ("numpy=1.26", "numpy==1.26", False),
        ("numpy=1.26.4|=2.0.1", "numpy>=1.26", True),
        ("numpy=1.26.4|=2.0.1", "numpy>=2", False),
        ("foo==1.0_1", "foo>=1", False),
    ],
)
def test_a_line_goes_when_all_that_conda_may_install_satisfies_it(conda: str, pip: str, *, goes: bool) -> None:
    text = environment(conda, [pip, "requests==2.32.3"])
    rest = environment(conda, ["requests==2.32.3"])
    assert mended(text, path="environment.yml", select=BOTH) == text
    assert mended(text, True, path="environment.yml", select=BOTH) == (rest if goes else text)


def test_a_line_stays_that_conda_has_on_one_platform_only() -> None:
    text = environment([], ["numpy==1.26.4"]).replace("  - pip\n", "  - numpy=1.26.4  # [linux]\n  - pip\n", 1)
    assert [item.code for item in check(text, path="environment.yml", select=BOTH)] == ["RQ401"]
    assert mended(text, True, path="environment.yml", select=BOTH) == text


# conda-packages.txt and requirements.txt


LIST = "numpy=1.26.4=py312_0\npandas=2.2.2=py312_1\nrequests=2.32.3=pypi_0\n"
EXPLICIT = "@EXPLICIT\nhttps://conda.example.com/conda-forge/linux-64/numpy-1.26.4-py312_0.conda\n"


def test_each_finding_belongs_to_one_file() -> None:
    files = {
        "conda-packages.txt": LIST,
        "requirements.txt": "numpy==2.0.1\npandas==2.2.2\nrequests==2.32.3\n",
        "environment.yml": environment("scipy=1.14.1", ["scipy==1.13.0", "-r requirements.txt"]),
    }
    alone = [
        (path, item.code, underlined(item))
        for path in files
        for item in check(files[path], path=path, files=files, select=BOTH)
    ]
    assert alone == [
        ("requirements.txt", "RQ402", "numpy==2.0.1"),
        ("requirements.txt", "RQ401", "pandas==2.2.2"),
        ("environment.yml", "RQ402", "scipy==1.13.0"),
    ]
    case = Case("installers", "all at once", 0, files={path: text.encode() for path, text in files.items()})
    at_once = [
        (item.source.path.rpartition("/")[2], item.code, underlined(item))
        for item in check_case(case)
        if item.code in BOTH
    ]
    assert at_once == alone


def test_an_explicit_list_tells_versions_by_its_file_names() -> None:
    files = {"conda-packages.txt": EXPLICIT}
    [item] = check("numpy==2.0.1\n", files=files, select=BOTH)
    assert item.message.startswith("pip replaces conda's `numpy` 1.26.4 by `==2.0.1`")
    assert findings("numpy==1.26.4\n", files=files, select=BOTH) == [("RQ401", "numpy==1.26.4")]


def test_what_requirements_txt_includes() -> None:
    files = {"conda-packages.txt": LIST, "more.txt": "numpy==2.0.1\n"}
    assert findings("-r more.txt\n", files=files, select=BOTH) == [("RQ402", "more.txt")]
    assert findings("-c more.txt\n", files=files, select=BOTH) == []


# pixi


PIXI = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64", "win-64"]\n'


def pixi(tables: str, path: str = "pixi.toml") -> list[tuple[str, str]]:
    return findings(PIXI + tables, path=path, select=BOTH)


@pytest.mark.parametrize(
    "tables",
    [
        '[dependencies]\nnumpy = "1.26.*"\n[pypi-dependencies]\nnumpy = ">=2"\n',
        '[dependencies]\nnumpy = "1.26.*"\n[feature.a.pypi-dependencies]\nnumpy = ">=2"\n',
        '[feature.a.dependencies]\nnumpy = "1.26.*"\n[pypi-dependencies]\nnumpy = ">=2"\n',
        '[feature.a.dependencies]\nnumpy = "1.26.*"\n[feature.a.pypi-dependencies]\nnumpy = ">=2"\n',
        '[target.win-64.dependencies]\nnumpy = "1.26.*"\n[target.win-64.pypi-dependencies]\nnumpy = ">=2"\n',
        '[target.win-64.dependencies]\nnumpy = "1.26.*"\n[pypi-dependencies]\nnumpy = ">=2"\n',
        '[dependencies]\nnumpy = "1.26.*"\n[feature.a.target.win-64.pypi-dependencies]\nnumpy = ">=2"\n',
    ],
)
def test_a_conflict_of_pixi(tables: str) -> None:
    assert pixi(tables) == [("RQ402", 'numpy = ">=2"')]


@pytest.mark.parametrize(
    "tables",
    [
        '[dependencies]\nnumpy = "1.26.*"\n[pypi-dependencies]\nnumpy = "==1.26.4"\n',
        '[dependencies]\nnumpy = "*"\n[pypi-dependencies]\nnumpy = ">=2"\n',
        '[feature.a.dependencies]\nnumpy = "1.26.*"\n[feature.b.pypi-dependencies]\nnumpy = ">=2"\n',
        '[target.win-64.dependencies]\nnumpy = "1.26.*"\n[target.linux-64.pypi-dependencies]\nnumpy = ">=2"\n',
        '[dependencies]\nnumpy = "1.26.*"\n[pypi-dependencies]\nnumpy = { path = "numpy" }\n',
        (
            '[dependencies]\nnumpy = "1.26.*"\n[pypi-dependencies]\nnumpy = ">=2"\n'
            '[pypi-options.dependency-overrides]\nnumpy = ">=1.26"\n'
        ),
        (
            '[dependencies]\nnumpy = "1.26.*"\n[feature.a.pypi-dependencies]\nnumpy = ">=2"\n'
            '[environments]\na = { features = ["a"], no-default-feature = true }\n'
        ),
        '[package.run-dependencies]\nnumpy = "1.26.*"\n[pypi-dependencies]\nnumpy = ">=2"\n',
    ],
)
def test_no_conflict_of_pixi(tables: str) -> None:
    assert pixi(tables) == []


def test_pixi_takes_the_dependencies_of_the_project() -> None:
    text = '[project]\nname = "shop"\nversion = "1.0"\ndependencies = ["numpy>=2"]\n{}[tool.pixi.dependencies]\nnumpy = "1.26.*"\n'
    [item] = check(text.format(""), path="pyproject.toml", select=BOTH)
    assert item.message == "no version of `numpy` satisfies both `>=2` and conda's `numpy 1.26.*`"
    assert underlined(item).strip('"') == "numpy>=2"
    extra = text.replace('dependencies = ["numpy>=2"]\n{}', '{}[project.optional-dependencies]\nnew = ["numpy>=2"]\n')
    assert findings(extra.format(""), path="pyproject.toml", select=BOTH) == []
