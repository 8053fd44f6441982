"""conda's packages, in prefixes made by hand as conda, micromamba and rattler leave them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import rattler

from reqlint.evidence.conda_environment import agrees, channel_name
from reqlint.files import Disk
from reqlint.formats import FORMATS
from reqlint.linter import Target
from tests.evidence.environments import add, look, make_environment, make_linter, version, versions

CHANNEL = "https://conda.example.com/forge"


def make_prefix(prefix: Path, *packages: str, channel: str | None = CHANNEL) -> Path:
    """A prefix with these ``name-version-build`` in ``conda-meta``; returns the prefix."""
    folder = prefix / "conda-meta"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "history").touch()
    for package in packages:
        name, number, build = package.rsplit("-", 2)
        content = {
            "name": name,
            "version": number,
            "build": build,
            "build_number": 0,
            "subdir": "noarch",
            "depends": [],
        }
        if channel is not None:
            content |= {"channel": f"{channel}/noarch", "url": f"{channel}/noarch/{package}.conda"}
        content |= {"fn": f"{package}.conda", "files": []}
        (folder / f"{package}.json").write_text(json.dumps(content), encoding="utf-8")
    return prefix


def yml(*specs: str, pip: tuple[str, ...] = ()) -> str:
    """An environment.yml."""
    lines = ["dependencies:", *(f"  - {json.dumps(spec)}" for spec in specs)]
    if pip:
        lines += ["  - pip:", *(f"    - {json.dumps(line)}" for line in pip)]
    return "\n".join(lines) + "\n"


def installed(project: Path, *specs: str, **options: Path) -> list[str | None]:
    """The versions that the evidence gives for these specs in an environment.yml."""
    return versions(project / "environment.yml", yml(*specs), form="environment.yml", **options)


# Which environment


@pytest.mark.parametrize("folder", [".conda", "env", "envs/default", ".pixi/envs/default"])
def test_an_environment_in_the_project_counts(project: Path, folder: str) -> None:
    make_prefix(project / folder, "numpy-1.26.4-py311h7125741_0")
    [found] = look(project / "environment.yml", yml("numpy"), form="environment.yml")
    assert found is not None
    assert (found.version, found.build, found.channel) == ("1.26.4", "py311h7125741_0", CHANNEL)
    assert found.where == folder
    assert not found.direct


def test_an_environment_above_the_file_counts_and_nothing_above_the_project(project: Path, tmp_path: Path) -> None:
    make_prefix(tmp_path / ".conda", "numpy-1.0-0")
    assert version(project / "sub" / "environment.yml", yml("numpy"), form="environment.yml") is None
    make_prefix(project / ".conda", "numpy-2.0-0")
    assert version(project / "sub" / "environment.yml", yml("numpy"), form="environment.yml") == "2.0"


def test_the_active_environment_counts(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_prefix(tmp_path / "active", "numpy-1.26.4-0")
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path / "active"))
    [found] = look(project / "environment.yml", yml("numpy"), form="environment.yml")
    assert found is not None
    assert (found.version, found.where) == ("1.26.4", "the active conda environment")


@pytest.mark.parametrize("folder", ["condabin", "envs"])
def test_condas_base_does_not_count_unless_it_is_named(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    base = make_prefix(tmp_path / "miniforge3", "numpy-1.26.4-0")
    (base / folder).mkdir()
    make_environment(base, "alpha-1.2", version=None)
    monkeypatch.setenv("CONDA_PREFIX", str(base))
    assert installed(project, "numpy") == [None]
    assert version(project / "requirements.txt", "alpha\n") is None
    assert installed(project, "numpy", python=base) == ["1.26.4"]
    linter = make_linter(None, None)
    linter.check(linter.load([Target(str(project / "requirements.txt"), FORMATS["requirements.txt"])]))
    [note] = linter.evidence.notes
    assert note.startswith(f"{project / 'requirements.txt'}: the active conda environment is left out of account, ")
    assert "it is conda's base" in note


def test_the_environment_that_reqlint_runs_in_does_not_count(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = make_prefix(tmp_path / "own", "numpy-1.26.4-0")
    monkeypatch.setenv("CONDA_PREFIX", str(own))
    monkeypatch.setattr("sys.prefix", str(own))
    assert installed(project, "numpy") == [None]
    assert installed(project, "numpy", python=own) == ["1.26.4"]


@pytest.mark.parametrize("interpreter", ["", "bin/python", "bin/python3.11", "python.exe"])
def test_an_environment_can_be_named_by_its_folder_or_its_interpreter(
    project: Path, tmp_path: Path, interpreter: str
) -> None:
    named = make_prefix(tmp_path / "named", "numpy-1.26.4-0")
    if interpreter:
        (named / interpreter).parent.mkdir(exist_ok=True)
        (named / interpreter).touch()
    assert installed(project, "numpy", python=named / interpreter) == ["1.26.4"]


def test_a_virtual_environment_has_none_of_condas_packages(project: Path) -> None:
    make_environment(project / ".venv", "numpy-1.0")
    assert installed(project, "numpy") == [None]
    assert installed(project, "numpy", python=project / ".venv") == [None]
    make_prefix(project / ".conda", "numpy-2.0-0")
    assert installed(project, "numpy") == ["2.0"]


# What is installed there from PyPI, or as conda's own Python packages


def test_python_projects_in_a_conda_environment_are_found(project: Path) -> None:
    make_prefix(project / ".conda", "numpy-1.26.4-py311_0", "python-3.11.9-h932a869_0_cpython")
    make_environment(project / ".conda", "numpy-1.26.4", "alpha-1.2", version=None)
    assert versions(project / "requirements.txt", "numpy\nalpha\n") == ["1.26.4", "1.2"]
    found = versions(project / "environment.yml", yml("numpy", pip=("alpha", "beta")), form="environment.yml")
    assert found == ["1.26.4", "1.2", None]


@pytest.mark.parametrize(
    ("installer", "expected"), [("conda", "1.7.1"), ("conda\n", "1.7.1"), ("pip\n", None), (None, None)]
)
def test_where_a_conda_package_was_built_does_not_matter(
    project: Path, installer: str | None, expected: str | None
) -> None:
    """conda-build and rattler-build write ``conda`` into INSTALLER, and leave pip's direct_url.json of the build."""
    make_prefix(project / ".conda", "python-3.11.9-0")
    library = make_environment(project / ".conda", version=None)
    record = add(library, "PySocks-1.7.1", direct_url={"url": "file:///home/conda/feedstock_root/work", "dir_info": {}})
    if installer is not None:
        (record / "INSTALLER").write_text(installer, encoding="utf-8")
    assert version(project / "requirements.txt", "pysocks\n") == expected


def test_a_virtual_environment_has_nothing_from_a_channel(project: Path) -> None:
    record = add(make_environment(project / ".venv"), "alpha-1.2", direct_url={"url": "file:///src", "dir_info": {}})
    (record / "INSTALLER").write_text("conda", encoding="utf-8")
    assert version(project / "requirements.txt", "alpha\n") is None


def test_markers_are_those_of_the_environments_python(project: Path) -> None:
    make_prefix(project / ".conda", "python-3.9.18-h4ddcea6_0_cpython")
    make_environment(project / ".conda", "alpha-1.2", library="lib/python3.9/site-packages", version=None)
    # conda-forge links `lib/python3.1` to the library of Python 3.10 and later ones.
    make_environment(project / ".conda", "beta-1", library="lib/python3.1/site-packages", version=None)
    text = "alpha ; python_full_version == '3.9.18'\nalpha ; python_version >= '3.10'\nbeta\n"
    assert versions(project / "requirements.txt", text) == ["1.2", None, None]


def test_markers_are_those_of_the_environments_python_on_windows(project: Path) -> None:
    make_prefix(project / ".conda", "python-3.12.3-h1_0_cpython")
    make_environment(project / ".conda", "alpha-1.2", library="Lib/site-packages", version=None)
    text = "alpha ; python_version == '3.12' and sys_platform == 'win32'\nalpha ; python_version < '3.12'\n"
    assert versions(project / "requirements.txt", text) == ["1.2", None]


# Whether it is believed


def test_an_environment_that_holds_less_than_half_is_anothers(project: Path) -> None:
    make_prefix(project / ".conda", "numpy-1.0-0", "pandas-2.0-0")
    assert installed(project, "numpy", "pandas", "scipy", "dask") == ["1.0", "2.0", None, None]
    assert installed(project, "numpy", "pandas", "scipy", "dask", "xarray") == [None] * 5


def test_what_every_environment_has_does_not_make_it_the_projects(project: Path) -> None:
    make_prefix(project / ".conda", "python-3.11.9-0", "pip-24.0-0", "numpy-1.0-0")
    assert installed(project, "python", "pip", "__linux", "numpy", "pandas") == ["3.11.9", "24.0", None, "1.0", None]
    assert installed(project, "python", "pip", "scipy", "pandas") == [None] * 4
    assert installed(project, "python", "pip") == ["3.11.9", "24.0"]


def test_a_virtual_environment_is_judged_by_what_pip_installs(project: Path) -> None:
    make_environment(project / ".venv", "alpha-1")
    text = yml("numpy", "pandas", "scipy", pip=("alpha", "beta"))
    assert versions(project / "environment.yml", text, form="environment.yml") == [None, None, None, "1", None]


def test_both_kinds_of_package_count(project: Path) -> None:
    make_prefix(project / ".conda", "numpy-1.0-0", "python-3.11.9-0")
    make_environment(project / ".conda", "alpha-1", version=None)

    def found(*pip: str) -> list[str | None]:
        return versions(project / "environment.yml", yml("numpy", pip=pip), form="environment.yml")

    assert found("alpha", "beta", "gamma") == ["1.0", "1", None, None]
    assert found("alpha", "beta", "gamma", "delta") == [None] * 5


def test_an_active_environment_of_another_project_gives_way_to_the_projects_own(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_prefix(tmp_path / "active", "numpy-9.0-0")
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path / "active"))
    make_prefix(project / ".conda", "numpy-1.0-0", "pandas-2.0-0")
    assert installed(project, "numpy", "pandas", "scipy") == ["1.0", "2.0", None]
    linter = make_linter(None, None)
    linter.check(linter.load([Target(str(project / "environment.yml"), FORMATS["environment.yml"])]))
    [note] = linter.evidence.notes
    assert note.endswith(
        "the active conda environment is left out of account, as if it were another project's: "
        "it holds 1 of the 3 packages that are asked for"
    )


# How packages are recorded


def test_dashes_in_a_name_belong_to_it(project: Path) -> None:
    make_prefix(
        project / ".conda", "ca-certificates-2024.2.2-hf0a4a13_0", "certificates-1.0-0", "_libgcc_mutex-0.1-main"
    )
    assert installed(project, "ca-certificates", "certificates", "_libgcc_mutex") == ["2024.2.2", "1.0", "0.1"]
    assert installed(project, "ca") == [None]


def test_what_is_no_record_of_a_package_is_passed_over(project: Path) -> None:
    folder = make_prefix(project / ".conda", "numpy-1.0-0") / "conda-meta"
    for name in (
        "pixi",
        "state",
        "state.json",
        "scipy-$(x)-0.json",
        "frozen",
        "-1.0-0.json",
        "pandas-1.0-0.json.c~",
        "pandas-1.0-0",
    ):
        (folder / name).touch()
    assert installed(project, "numpy", "pandas", "numpy>=1") == ["1.0", None, "1.0"]
    assert installed(project, "numpy", "scipy>=1", "scipy <1|>=1") == ["1.0", None, None]


def test_of_two_records_of_one_package_neither_is_certain(project: Path) -> None:
    make_prefix(project / ".conda", "numpy-1.0-0", "numpy-1.1-0", "pandas-2.0-0")
    assert installed(project, "numpy", "pandas") == [None, "2.0"]


def test_a_record_is_opened_for_its_channel_only(project: Path) -> None:
    opened = []

    class Watched(Disk):
        def read(self, path: str) -> bytes:
            if "conda-meta" in path:
                opened.append(os.path.basename(path))
            return super().read(path)

    make_prefix(project / ".conda", "numpy-1.26.4-py311_0", "pandas-2.0-0")
    [numpy, _] = look(project / "environment.yml", yml("numpy", "pandas>=1"), form="environment.yml", files=Watched())
    assert numpy is not None
    assert numpy.build == "py311_0"
    assert opened == []
    assert (numpy.channel, numpy.channel) == (CHANNEL, CHANNEL)
    assert opened == ["numpy-1.26.4-py311_0.json"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "[" * 100_000, '{"channel": 1}', '{"channel": "<unknown>"}', "\0"]
)
def test_a_broken_record_tells_no_channel(project: Path, text: str) -> None:
    prefix = make_prefix(project / ".conda", "numpy-1.26.4-0")
    (prefix / "conda-meta" / "numpy-1.26.4-0.json").write_text(text, encoding="utf-8")
    assert installed(project, "numpy", "forge::numpy") == ["1.26.4", None]
    [found] = look(project / "environment.yml", yml("numpy"), form="environment.yml")
    assert found is not None
    assert found.channel is None


# Whether it is what the spec asks for

VERSIONS = [
    "1.26.4",
    "1.26",
    "2024a",
    "1.1.1w",
    "1.1.1w.1",
    "9e",
    "1.0rc1",
    "8.0r3",
    "1.0.post1",
    "1.0+cpu",
    "1.0.1_2",
    "1!2.0",
]
SPECS = [
    "", " *", "=1.26", "==1.26", "=1.26.4", "==1.26.4", ">=1.26", ">=1.26,<1.27", "<1.26", "!=1.26.4", " 1.26.*", "~=1.26.0",
    "=1.26.4=h1_0", "=1.26=h1_0", "=1.26.4=h2_0", "=1.26.4=h*", " * *_0", " * *_cuda", ">=2|=1.26", ">=2|<1",
    "=1.1.1w", "==1.1.1w", "=1.1.1", ">=1.1.1", "=1.1.1w=h1_0", "=2024a", "==2024a", ">=2024", "=9e", "=9", ">=9d",
    "=1.0", "==1.0", ">=1.0", "<1.0", ">=1.0rc1", "=8.0", ">=8.0", "==8.0r3", "==1.0+cpu", "=1.0.1", "==1.0.1_2", "!=1.0.1",
    "==1!2.0", ">=2.0", ">1.0", "[version='>=1.26,<2',build='h1*']", "==1.26.4.0", "=2024", "==2024A",
]  # fmt: skip


@pytest.mark.parametrize("number", VERSIONS)
def test_what_is_taken_for_a_spec_is_what_conda_would_take(project: Path, number: str) -> None:
    """rattler is the judge of what satisfies a spec; where we say nothing although it matches, PEP 440 cannot say it."""
    make_prefix(project / ".conda", f"alpha-{number}-h1_0")
    record = rattler.PrefixRecord.from_path(project / ".conda" / "conda-meta" / f"alpha-{number}-h1_0.json")
    taken, missed = [], []
    for spec in SPECS:
        matches = rattler.MatchSpec(f"alpha{spec}").matches(record)
        [found] = installed(project, f"alpha{spec}")
        if found is not None:
            assert found == number
            assert matches, f"alpha{spec} does not ask for {number}"
            taken.append(spec)
        elif matches:
            missed.append(spec)
    assert {"", " *"} <= set(taken)
    if number in ("1.26.4", "1.26"):
        assert missed == []


@pytest.mark.parametrize(
    ("spec", "number"),
    [("=1.1.1w", "1.1.1w"), ("==1.1.1w", "1.1.1w"), ("=2024a", "2024a"), ("=9e", "9e"), ("==2024a", "2024a")],
)
def test_a_version_that_only_conda_knows_is_compared_as_text(project: Path, spec: str, number: str) -> None:
    make_prefix(project / ".conda", f"alpha-{number}-0")
    assert installed(project, f"alpha{spec}") == [number]
    assert installed(project, f"alpha{spec}x") == [None]


def test_a_regular_expression_for_the_build_is_not_judged(project: Path) -> None:
    make_prefix(project / ".conda", "alpha-1.0-h1_0")
    assert installed(project, "alpha=1.0=^h.*$") == [None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("conda-forge", "conda-forge"),
        ("acme/label/dev", "acme/label/dev"),
        ("https://conda.anaconda.org/conda-forge/linux-64", "conda-forge"),
        ("https://conda.anaconda.org/conda-forge/", "conda-forge"),
        ("https://conda.anaconda.org/t/ab-12345678/acme/noarch", "acme"),
        ("https://repo.anaconda.com/pkgs/main/osx-arm64", "pkgs/main"),
        ("https://conda.anaconda.org/acme/label/dev/win-64", "acme/label/dev"),
        (
            "https://ann:hunter2@Conda.Example.com:8443/api/forge/noarch?x=hunter2",
            "https://conda.example.com:8443/api/forge",
        ),
        ("https://conda.example.com/t/hunter2/forge", "https://conda.example.com/forge"),
        ("file:///srv/channel/linux-64", "file:///srv/channel"),
        ("<unknown>", None),
        ("", None),
    ],
)
def test_a_channel_has_one_spelling_and_no_secret(text: str, expected: str | None) -> None:
    assert channel_name(text) == expected


@pytest.mark.parametrize(
    ("asked", "held", "expected"),
    [
        ("conda-forge", "conda-forge", True),
        ("conda-forge", "bioconda", False),
        ("forge", "conda-forge", False),
        ("conda-forge", "https://conda.example.com/api/conda-forge", True),
        ("forge", "https://conda.example.com/api/conda-forge", False),
        ("https://conda.anaconda.org/conda-forge", "conda-forge", True),
        ("https://conda.example.com/t/hunter2/forge/", CHANNEL, True),
        ("https://other.example.com/forge", CHANNEL, False),
        ("defaults", "pkgs/main", True),
        ("defaults", "https://conda.example.com/pkgs/r", True),
        ("defaults", "conda-forge", False),
        ("pkgs/main", "pkgs/main", True),
        ("conda-forge", None, False),
    ],
)
def test_whether_channels_agree(asked: str, held: str | None, expected: bool) -> None:
    assert agrees(asked, held) == expected


def test_a_package_of_another_channel_is_not_what_is_asked_for(project: Path) -> None:
    make_prefix(project / ".conda", "numpy-1.26.4-0")
    specs = ("forge::numpy", "bioconda::numpy", f"{CHANNEL}::numpy", "numpy[channel=forge]", "forge/linux-64::numpy")
    assert installed(project, *specs) == ["1.26.4", None, "1.26.4", "1.26.4", "1.26.4"]


def test_a_record_with_a_package_url_alone_tells_the_channel(project: Path) -> None:
    prefix = make_prefix(project / ".conda", "numpy-1.26.4-0", channel=None)
    content = {"url": f"{CHANNEL}/linux-64/numpy-1.26.4-0.conda"}
    (prefix / "conda-meta" / "numpy-1.26.4-0.json").write_text(json.dumps(content), encoding="utf-8")
    assert installed(project, "forge::numpy") == ["1.26.4"]


def test_names_are_compared_in_lower_case(project: Path) -> None:
    make_prefix(project / ".conda", "pyyaml-6.0-0")
    assert installed(project, "PyYAML") == ["6.0"]
