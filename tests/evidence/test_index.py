"""Package indexes, on real servers: each test starts its own on the loopback, and no other address is ever asked.

Where pip has a say, pip itself is asked the same question of the same server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reqlint.api import read
from reqlint.evidence import OnlineNotInstalledError, _pip_configuration
from reqlint.evidence._index_choice import Choice, choose
from reqlint.evidence.index import IndexEvidence, Release
from reqlint.files import Disk
from reqlint.model import Manifest
from tests.servers import Index, Listed, isolate

DEFAULT = "https://default.example.com/simple/"
SECRET = "s3cr3t-P4ssw0rd"


@pytest.fixture(autouse=True)
def _no_say_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody but the test has a say; and where no index is named, it is one that nobody can reach."""
    isolate(monkeypatch, tmp_path / "home")


@pytest.fixture
def start() -> Iterator[Any]:
    started: list[Index] = []

    def make(**projects: list[Listed]) -> Index:
        started.append(Index(**projects))
        return started[-1]

    yield make
    for index in started:
        index.close()


@pytest.fixture
def evidence() -> Iterator[Any]:
    made: list[IndexEvidence] = []

    def make(**options: Any) -> IndexEvidence:
        made.append(IndexEvidence(Disk(), **options))
        return made[-1]

    yield make
    for item in made:
        item.close()


@pytest.fixture
def manifest(tmp_path: Path) -> Any:
    def write(text: str, name: str = "requirements.txt", folder: str = "project") -> Manifest:
        path = tmp_path / folder / name
        (path.parent / ".git").mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return read(str(path))

    return write


def newest(evidence: IndexEvidence, manifest: Manifest, python: str | None = None, number: int = 0) -> str | None:
    found = evidence.newest(manifest.dependencies[number], [manifest], python)
    return found.version if found is not None else None


def pip_takes(index: Index, *requirements: str) -> dict[str, str]:
    """What pip itself would install, by name."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--report", "-", "--index-url", index.url]
    environment = {**os.environ, "PIP_INDEX_URL": ""}
    done = subprocess.run(
        [*command, *requirements], capture_output=True, check=False, text=True, env=environment, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found = [item["metadata"] for item in json.loads(done.stdout)["install"]]
    return {item["name"]: item["version"] for item in found}


# Which release

OLD_PYTHON = "<3"  # what runs these tests is not that


RELEASES: dict[str, tuple[str, list[Listed], str | None]] = {
    "plain": ("plain", [Listed("1.9"), Listed("1.10"), Listed("1.2")], "1.10"),
    "bounded": ("bounded>=1,<2", [Listed("0.9"), Listed("1.4"), Listed("2.0")], "1.4"),
    "compatible": ("compatible~=1.4.0", [Listed("1.4.0"), Listed("1.4.9"), Listed("1.5.0")], "1.4.9"),
    "pre": ("pre", [Listed("1.0"), Listed("2.0rc1"), Listed("2.0.dev3")], "1.0"),
    "pre-named": ("pre-named>=2.0a0", [Listed("1.0"), Listed("2.0rc1")], "2.0rc1"),
    "pre-only": ("pre-only", [Listed("1.0a1"), Listed("1.0b2")], "1.0b2"),
    "pre-needed": ("pre-needed>1.5", [Listed("1.0"), Listed("2.0rc1")], "2.0rc1"),
    "post": ("post", [Listed("1.0"), Listed("1.0.post1")], "1.0.post1"),
    "epoch": ("epoch", [Listed("2024.1"), Listed("1!1.0")], "1!1.0"),
    "local": ("local", [Listed("1.0"), Listed("1.0+cpu")], "1.0+cpu"),
    "not-it": ("not-it!=1.2", [Listed("1.1"), Listed("1.2")], "1.1"),
    "yanked": ("yanked", [Listed("1.0"), Listed("1.1", yanked="broken"), Listed("1.2", yanked=True)], "1.0"),
    "pinned": ("pinned==1.1", [Listed("1.0"), Listed("1.1", yanked="broken")], "1.1"),
    "python": ("python", [Listed("1.0"), Listed("2.0", requires_python=OLD_PYTHON)], "1.0"),
    "odd-python": ("odd-python", [Listed("1.0"), Listed("2.0", requires_python="three")], "2.0"),
    "odd-version": ("odd-version", [Listed("1.0"), Listed("banana", sdist=True)], "1.0"),
    "other": ("other", [Listed("1.0"), Listed("9.0", name="another-9.0-py3-none-any.whl")], "1.0"),
    "egg": ("egg", [Listed("1.0"), Listed("2.0", name="egg-2.0-py3.11.egg")], "1.0"),
}


@pytest.mark.parametrize("layout", ["json", "html"])
def test_the_newest_release_is_the_one_that_pip_takes(start: Any, evidence: Any, manifest: Any, layout: str) -> None:
    index = start(**{name: files for name, (_, files, _) in RELEASES.items()})
    index.format = layout
    text = "".join(f"{requirement}\n" for requirement, _, _ in RELEASES.values())
    file = manifest(f"--index-url {index.url}\n{text}")
    asked = evidence()
    python = ".".join(map(str, sys.version_info[:3]))
    asked.prepare((dependency, [file]) for dependency in file.dependencies)
    found = {item.name: asked.newest(item, [file], python) for item in file.dependencies}
    expected = {name: version for name, (_, _, version) in RELEASES.items()}
    assert {name: release.version if release else None for name, release in found.items()} == expected
    assert {release.where for release in found.values() if release is not None} == {"127.0.0.1"}
    assert asked.notes == []
    if layout == "html":
        return  # pip does not care, and takes its time
    assert pip_takes(index, *(requirement for requirement, _, _ in RELEASES.values())) == expected


def test_an_sdist_alone_is_a_release(start: Any, evidence: Any, manifest: Any) -> None:
    index = start(a_b=[Listed("1.0"), Listed("2.0", sdist=True), Listed("3.0", name="a-b-3.0.exe")])
    assert newest(evidence(), manifest(f"-i {index.url}\nA.B\n")) == "2.0"


@pytest.mark.parametrize("option", ["--pre\n", ""])
def test_pre_releases_count_when_the_manifest_asks_for_them(
    start: Any, evidence: Any, manifest: Any, option: str
) -> None:
    index = start(alpha=[Listed("1.0"), Listed("2.0rc1")])
    assert newest(evidence(), manifest(f"{option}-i {index.url}\nalpha\n")) == ("2.0rc1" if option else "1.0")


def test_a_release_that_is_yanked_in_part_is_none(start: Any, evidence: Any, manifest: Any) -> None:
    index = start(alpha=[Listed("1.0", yanked=True), Listed("1.0", sdist=True), Listed("2.0", yanked="no")])
    assert newest(evidence(), manifest(f"-i {index.url}\nalpha\n")) == "1.0"
    assert newest(evidence(), manifest(f"-i {index.url}\nalpha>=1\n")) == "1.0"


@pytest.mark.parametrize(
    ("python", "expected"),
    [
        ("3.8.1", "1.0"),
        ("3.12.0", "3.0"),  # <3.12 shuts it out of 2.0
        ("3.11.4", "3.0"),
        ("3.9.18", "2.0"),
        (">=3.8", "1.0"),
        (">=3.9", "2.0"),  # uv asks for the lower bound alone
        (">=3.9.1,<3.11", "2.0"),
        (">=3.11", "3.0"),
        ("~=3.10", "3.0"),
        ("==3.9.*", "2.0"),
        (None, "3.0"),
        ("nonsense", "3.0"),
    ],
)
def test_a_release_must_be_for_the_projects_python(
    start: Any, evidence: Any, manifest: Any, python: str | None, expected: str
) -> None:
    index = start(
        alpha=[
            Listed("1.0", requires_python=">=3.6, !=3.7.*"),
            Listed("2.0", requires_python=">=3.9,<3.12"),
            Listed("3.0", requires_python=">=3.10"),
        ]
    )
    assert newest(evidence(), manifest(f"-i {index.url}\nalpha\n"), python) == expected


@pytest.mark.parametrize(("python", "expected"), [(">=3.9,<4.0", "1.0"), (">=3.9,<3.12", "2.0"), (">=3.8", "1.0")])
def test_poetry_asks_for_all_pythons_of_the_project(
    start: Any, evidence: Any, manifest: Any, python: str, expected: str
) -> None:
    index = start(alpha=[Listed("1.0", requires_python=">=3.8"), Listed("2.0", requires_python=">=3.9,<3.12")])
    text = f'[tool.poetry.dependencies]\nalpha = "^1 || ^2"\n[[tool.poetry.source]]\nname = "a"\nurl = "{index.url}"\n'
    assert newest(evidence(), manifest(text, "pyproject.toml"), python) == expected


def test_alternatives_are_all_looked_at(start: Any, evidence: Any, manifest: Any) -> None:
    index = start(alpha=[Listed("1.0"), Listed("2.5"), Listed("3.1"), Listed("4.0")])
    text = '[tool.poetry.dependencies]\nalpha = ">=1,<2 || >=3,<4"\n[[tool.poetry.source]]\nname = "a"\n'
    assert newest(evidence(), manifest(f'{text}url = "{index.url}"\n', "pyproject.toml")) == "3.1"


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("beta", "no index that counts for it knows `beta`"),
        ("alpha>7", "no release of `alpha` on `127.0.0.1` fits what is asked of it"),
        ("empty", "no index that counts for it knows `empty`"),
        ("gone", "no index that counts for it knows `gone`"),
    ],
)
def test_a_note_tells_why_there_is_no_release(start: Any, evidence: Any, manifest: Any, line: str, note: str) -> None:
    index = start(alpha=[Listed("1.0")], empty=[])
    index.missing = 410 if line == "gone" else 404
    asked = evidence()
    assert newest(asked, manifest(f"-i {index.url}\n{line}\n")) is None
    assert asked.notes == [note]


@pytest.mark.parametrize("line", ["alpha @ https://files.example.com/a.whl", "./alpha", "git+https://example.com/a/b"])
def test_what_does_not_come_from_an_index_is_not_asked_for(start: Any, evidence: Any, manifest: Any, line: str) -> None:
    index = start()
    asked = evidence()
    file = manifest(f"-i {index.url}\n{line}\n")
    asked.prepare([(file.dependencies[0], [file])])
    assert newest(asked, file) is None
    assert (index.asked, asked.notes) == ([], [])


# Hashes


def test_hashes_are_those_of_all_files_of_a_release(start: Any, evidence: Any, manifest: Any) -> None:
    files = [Listed("1.0"), Listed("1.0", sdist=True), Listed("1.1"), Listed("1.0", name="alpha-1.0.exe")]
    index = start(alpha=files)
    file = manifest(f"-i {index.url}\nalpha\n")
    expected = tuple(sorted(f"sha256:{item.digest}" for item in files[:2]))
    assert evidence().hashes("Alpha", "1.0.0", [file]) == expected
    assert evidence().hashes("alpha", "9", [file]) == ()
    assert evidence().hashes("alpha", "one", [file]) == ()


def test_hashes_of_extra_indexes_count_too(start: Any, evidence: Any, manifest: Any) -> None:
    one, two = start(alpha=[Listed("1.0")]), start(alpha=[Listed("1.0", sdist=True)])
    file = manifest(f"-i {one.url}\n--extra-index-url {two.url}\nalpha\n")
    files = one.projects["alpha"] + two.projects["alpha"]
    assert evidence().hashes("alpha", "1.0", [file]) == tuple(sorted(f"sha256:{item.digest}" for item in files))


def test_half_of_the_hashes_are_none(start: Any, evidence: Any, manifest: Any) -> None:
    index = start(alpha=[Listed("1.0"), Listed("1.0", sdist=True, hashed=False)])
    asked = evidence()
    assert asked.hashes("alpha", "1.0", [manifest(f"-i {index.url}\nalpha\n")]) == ()
    assert asked.notes == ["`127.0.0.1` does not tell the hashes of `alpha`"]


# Which index


def test_pip_takes_the_newest_of_all_indexes(start: Any, evidence: Any, manifest: Any) -> None:
    one, two = start(alpha=[Listed("1.0")], beta=[Listed("3.0")]), start(alpha=[Listed("2.0")], beta=[Listed("1.0")])
    file = manifest(f"-i {one.url}\n--extra-index-url {two.url}\nalpha\nbeta\n")
    asked = evidence()
    assert [newest(asked, file, number=number) for number in (0, 1)] == ["2.0", "3.0"]


def test_of_two_indexes_with_the_same_release_the_first_is_named(
    start: Any, evidence: Any, manifest: Any, tmp_path: Path
) -> None:
    index = start(alpha=[Listed("1.0")])
    index.format = "html"
    folder = tmp_path / "mirror" / "alpha"
    folder.mkdir(parents=True)
    (folder / "index.html").write_bytes(index.page("alpha")[1])
    for first, second, where in (
        (index.url, folder.parent.as_uri(), "127.0.0.1"),
        (folder.parent.as_uri(), index.url, "this machine"),
    ):
        file = manifest(f"-i {first}\n--extra-index-url {second}\nalpha\n")
        found = evidence().newest(file.dependencies[0], [file])
        assert (found.version, found.where) == ("1.0", where)


def test_a_later_index_url_drops_what_stands_before_it(start: Any, evidence: Any, manifest: Any) -> None:
    one, two = start(alpha=[Listed("1.0")]), start(alpha=[Listed("2.0")])
    assert newest(evidence(), manifest(f"--extra-index-url {two.url}\n-i {one.url}\nalpha\n")) == "1.0"
    assert two.asked == []


def test_the_indexes_of_files_that_are_installed_with_it_count(start: Any, evidence: Any, manifest: Any) -> None:
    index = start(alpha=[Listed("1.0")])
    file, parent = manifest("alpha\n", "base.txt"), manifest(f"-i {index.url}\n-r base.txt\n")
    found = evidence().newest(file.dependencies[0], [file, parent])
    assert isinstance(found, Release)
    assert found.version == "1.0"


def test_an_index_of_the_environment_counts_when_the_manifest_names_none(
    start: Any, evidence: Any, manifest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = start(alpha=[Listed("1.0")]), start(alpha=[Listed("2.0")])
    monkeypatch.setenv("PIP_INDEX_URL", one.url)
    assert newest(evidence(), manifest("alpha\n")) == "1.0"
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"{two.url} ")
    assert newest(evidence(), manifest("alpha\n")) == "2.0"
    assert newest(evidence(), manifest(f"-i {one.url}\nalpha\n")) == "1.0"


def test_a_folder_can_be_an_index(start: Any, evidence: Any, manifest: Any, tmp_path: Path) -> None:
    index = start(alpha=[Listed("1.0")])
    index.format = "html"
    folder = tmp_path / "mirror" / "alpha"
    folder.mkdir(parents=True)
    (folder / "index.html").write_bytes(index.page("alpha")[1])
    asked = evidence()
    file = manifest(f"-i {folder.parent.as_uri()}\nalpha\nbeta\n")
    assert newest(asked, file) == "1.0"
    assert newest(asked, file, number=1) is None
    assert asked.notes == ["no index that counts for it knows `beta`"]


@pytest.mark.parametrize(
    ("text", "name"), [("--no-index\nalpha\n", "requirements.txt"), ("[tool.uv]\nno-index = true\n", "pyproject.toml")]
)
def test_nobody_is_asked_where_the_project_says_so(evidence: Any, manifest: Any, text: str, name: str) -> None:
    project = '[project]\nname = "x"\nversion = "1"\ndependencies = ["alpha"]\n' if name == "pyproject.toml" else ""
    asked = evidence()
    assert newest(asked, manifest(project + text, name)) is None
    assert asked.notes == ["the project says `no-index`, so no index is asked"]


@pytest.mark.parametrize("value", ["1", "true", "on"])
def test_nobody_is_asked_where_pip_is_told_so(
    evidence: Any, manifest: Any, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", value)
    asked = evidence()
    assert newest(asked, manifest("alpha\n")) is None
    assert asked.notes == ["pip is told to ask no index"]


def test_uv_stops_at_the_first_index_that_knows_the_name(
    start: Any, evidence: Any, manifest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = start(alpha=[Listed("1.0")]), start(alpha=[Listed("2.0")], beta=[Listed("3.0")])
    text = (
        '[project]\nname = "x"\nversion = "1"\ndependencies = ["alpha", "beta", "alpha>1"]\n'
        f'[[tool.uv.index]]\nurl = "{two.url}"\ndefault = true\n[[tool.uv.index]]\nurl = "{one.url}"\n'
    )
    file = manifest(text, "pyproject.toml")
    asked = evidence()
    assert [newest(asked, file, number=number) for number in (0, 1, 2)] == ["1.0", "3.0", None]
    assert two.asked == ["/simple/beta/"]
    monkeypatch.setenv("UV_INDEX_STRATEGY", "unsafe-best-match")
    assert newest(evidence(), file) == "2.0"


def test_poetry_asks_supplemental_sources_for_what_the_others_lack(start: Any, evidence: Any, manifest: Any) -> None:
    one, two = start(alpha=[Listed("1.0")]), start(alpha=[Listed("2.0")], beta=[Listed("3.0")])
    text = (
        '[tool.poetry.dependencies]\nalpha = "*"\nbeta = "*"\n'
        f'[[tool.poetry.source]]\nname = "two"\nurl = "{two.url}"\npriority = "supplemental"\n'
        f'[[tool.poetry.source]]\nname = "one"\nurl = "{one.url}"\n'
    )
    file = manifest(text, "pyproject.toml")
    asked = evidence()
    assert [newest(asked, file, number=number) for number in (0, 1)] == ["1.0", "3.0"]


def test_where_an_index_for_single_packages_has_the_name_too_nothing_is_said(
    start: Any, evidence: Any, manifest: Any
) -> None:
    one, two = start(alpha=[Listed("1.0")], beta=[Listed("1.0")]), start(beta=[Listed("0.1")])
    text = (
        f'[[source]]\nname = "one"\nurl = "{one.url}"\n[[source]]\nname = "two"\nurl = "{two.url}"\n'
        '[packages]\nalpha = "*"\nbeta = {version = "*", index = "two"}\n'
    )
    file = manifest(text, "Pipfile")
    asked = evidence()
    assert [newest(asked, file, number=number) for number in (0, 1)] == ["1.0", None]
    assert "/simple/beta/" not in one.asked  # its name is nobody else's business
    assert [note for note in asked.notes if "cannot be told" in note and "`beta`" in note] == asked.notes


def chosen(manifest: Manifest, *others: Manifest) -> Choice:
    return choose([manifest, *others], Disk(), _pip_configuration.read(Disk()), DEFAULT)


def urls(choice: Choice) -> list[list[str]]:
    return [[place.address.url if place.address else "" for place in tier] for tier in choice.tiers]


PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["alpha"]\n'


def test_the_default_is_asked_when_nobody_says_otherwise(manifest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL")
    uv = manifest(f"{PROJECT}[tool.uv]\n", "pyproject.toml", "uv")
    poetry = manifest('[tool.poetry.dependencies]\nalpha = "*"\n', "pyproject.toml", "poetry")
    for file in (manifest("alpha\n"), uv, poetry):
        assert urls(chosen(file)) == [[DEFAULT]]


def test_what_uv_is_told_by_variables_and_files(manifest: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "config"
    (config / "uv").mkdir(parents=True)
    (config / "uv" / "uv.toml").write_text('[[index]]\nurl = "https://user.example.com/"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME" if os.name != "nt" else "APPDATA", str(config))
    monkeypatch.setenv("UV_INDEX", "named=https://one.example.com/ https://two.example.com/?a=b")
    file = manifest(f'{PROJECT}[[tool.uv.index]]\nurl = "https://own.example.com/"\n', "pyproject.toml")
    hosts = ["one", "two", "own", "user", "default"]
    assert [tier[0].split("/")[2] for tier in urls(chosen(file))] == [f"{host}.example.com" for host in hosts]
    monkeypatch.setenv("UV_DEFAULT_INDEX", "corp=https://corp.example.com/")
    monkeypatch.setenv("UV_INDEX_NAMED_USERNAME", "me")
    monkeypatch.setenv("UV_INDEX_NAMED_PASSWORD", SECRET)
    choice = chosen(file)
    assert urls(choice)[-1] == ["https://corp.example.com/"]
    address = choice.tiers[0][0].address
    assert address is not None
    assert (address.user, address.password) == ("me", SECRET)
    assert SECRET not in repr(choice)


def test_the_indexes_of_a_workspace_count_for_its_members(manifest: Any) -> None:
    root = f'{PROJECT}[tool.uv.workspace]\nmembers = ["a"]\n[[tool.uv.index]]\nurl = "https://root.example.com/"\n'
    manifest("", "uv.lock.txt")
    path = Path(manifest(root, "pyproject.toml").path)
    (path.parent / "uv.lock").write_text("version = 1\n")
    member = path.parent / "a" / "pyproject.toml"
    member.parent.mkdir()
    member.write_text(PROJECT)
    assert urls(chosen(read(str(member))))[0] == ["https://root.example.com/"]


def test_poetrys_credentials_come_from_variables(manifest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POETRY_HTTP_BASIC_MY_CORP_USERNAME", "me")
    monkeypatch.setenv("POETRY_HTTP_BASIC_MY_CORP_PASSWORD", SECRET)
    text = '[tool.poetry.dependencies]\nalpha = "*"\n[[tool.poetry.source]]\nname = "my-corp"\nurl = "https://x.example.com"\n'
    address = chosen(manifest(text, "pyproject.toml")).tiers[0][0].address
    assert address is not None
    assert (address.url, address.user, address.password) == ("https://x.example.com", "me", SECRET)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://packages.example.com/simple", "it is reached by http"),
        ("ftp://packages.example.com/simple", "only http, https and file are understood"),
        ("https://${REQLINT_NOT_SET}@packages.example.com/simple", "the variable `REQLINT_NOT_SET` is not set"),
        ("https://${lower}.example.com/simple", "its address names no host"),
        ("packages.example.com", "its address is none"),
        (f"https://user:{SECRET}/@packages.example.com/simple", "its address is none"),
    ],
)
def test_an_index_that_cannot_be_asked_is_not(evidence: Any, manifest: Any, url: str, fault: str) -> None:
    asked = evidence()
    assert newest(asked, manifest(f"-i {url}\nalpha\n")) is None
    [note] = asked.notes
    assert f"is not asked: {fault}" in note
    assert SECRET not in note


def test_a_trusted_host_may_be_asked_by_http(manifest: Any) -> None:
    text = "-i http://packages.example.com/simple\n--trusted-host packages.example.com\nalpha\n"
    [[place]] = chosen(manifest(text)).tiers
    assert (place.fault, place.trusted) == (None, True)


# pip's configuration


def configured() -> _pip_configuration.PipConfiguration:
    return _pip_configuration.read(Disk())


@pytest.fixture
def pip_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Path]:
    """Where pip itself says that its files are (its own function is asked), in folders of the test."""
    if sys.platform == "win32":
        pytest.skip("the folder of the machine cannot be moved")
    monkeypatch.delenv("PIP_CONFIG_FILE")
    monkeypatch.delenv("PIP_INDEX_URL")
    monkeypatch.delenv("PIP_KEYRING_PROVIDER")
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "machine"))
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "environment"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    from pip._internal.configuration import get_configuration_files

    places = {str(kind): [Path(path) for path in paths] for kind, paths in get_configuration_files().items()}
    machine = next(path for path in places["global"] if path.is_relative_to(tmp_path) or sys.platform == "darwin")
    found = {"global": machine, "legacy": places["user"][0], "user": places["user"][1], "site": places["site"][0]}
    for path in found.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    return found


@pytest.mark.skipif(sys.platform == "darwin", reason="the folder of the machine cannot be moved")
def test_the_files_of_pip_win_in_its_own_order(
    pip_files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "named.conf"
    steps = ["global", "legacy", "user", "site"]
    for number, name in enumerate(steps):
        pip_files[name].write_text(f"[global]\nindex-url = https://{name}.example.com/\n")
        assert configured().index_url == f"https://{name}.example.com/" == pip_says("index_url"), number
    pip_files["global"].write_text("[install]\nindex_url = https://install.example.com/\n")
    assert configured().index_url == "https://install.example.com/" == pip_says("index_url")
    named.write_text("[install]\nindex-url: https://named.example.com/\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(named))
    assert configured().index_url == "https://named.example.com/" == pip_says("index_url")
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.example.com/")
    assert configured().index_url == "https://variable.example.com/" == pip_says("index_url")
    monkeypatch.setenv("PIP_INDEX_URL", "")
    assert configured().index_url == "https://named.example.com/" == pip_says("index_url")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert configured().index_url is None


def pip_says(name: str) -> Any:
    """What pip's own option parser makes of its files and variables."""
    from pip._internal.commands.install import InstallCommand

    command = InstallCommand("install", "summary")
    return vars(command.parser.get_default_values())[name]


def test_all_options_that_count_are_read_as_pip_reads_them(pip_files: dict[str, Path]) -> None:
    pip_files["user"].write_text(
        "[global]\nextra-index-url =\n    https://a.example.com/\n    https://b.example.com/\n"
        "trusted-host = a.example.com b.example.com:8080\ncert = /etc/corp.pem\ndefault-timeout = 7\nno-index = yes\n"
        "proxy = proxy.example.com:3128\nkeyring-provider = subprocess\npre = true\n[download]\nindex-url = https://no.example.com/\n"
    )
    found = configured()
    assert list(found.extra_index_urls) == pip_says("extra_index_urls")
    assert list(found.trusted_hosts) == pip_says("trusted_hosts")
    assert found.timeout == pip_says("timeout") == 7
    assert (found.cert, found.proxy, found.keyring) == (
        pip_says("cert"),
        pip_says("proxy"),
        pip_says("keyring_provider"),
    )
    assert (found.no_index, found.index_url, found.pre) == (True, None, True)


def test_a_file_of_pip_that_cannot_be_read_keeps_us_from_asking(
    evidence: Any, manifest: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "broken.conf"
    path.write_text(f"index-url = https://user:{SECRET}@packages.example.com/\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(path))
    asked = evidence()
    assert newest(asked, manifest("alpha\n")) is None
    assert asked.notes == [f"pip's configuration in {path} cannot be read, so no index is asked"]


# Credentials


@pytest.mark.parametrize("way", ["url", "variable", "netrc"])
def test_credentials_reach_the_index(
    start: Any, evidence: Any, manifest: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str
) -> None:
    index = start(alpha=[Listed("1.0")])
    index.password = SECRET
    url = {"url": index.with_user(f"user:{SECRET}"), "variable": index.with_user("user:${PASSWORD_OF_INDEX}")}
    monkeypatch.setenv("PASSWORD_OF_INDEX", SECRET)
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1\nlogin user\npassword {SECRET}\n")
    netrc.chmod(0o600)
    if way == "netrc":
        monkeypatch.setenv("NETRC", str(netrc))
    asked = evidence()
    assert newest(asked, manifest(f"-i {url.get(way, index.url)}\nalpha\n")) == "1.0"
    assert index.users == ["user"]


def test_a_mere_user_name_gets_its_password_from_netrc(
    start: Any, evidence: Any, manifest: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    index = start(alpha=[Listed("1.0")])
    index.password = SECRET
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login user password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert newest(evidence(), manifest(f"-i {index.with_user('user')}\nalpha\n")) == "1.0"


def test_credentials_that_are_refused_are_told_once_and_never_shown(start: Any, evidence: Any, manifest: Any) -> None:
    index = start(alpha=[Listed("1.0")], beta=[Listed("1.0")])
    index.password = "another"
    asked = evidence()
    file = manifest(f"-i {index.with_user(f'user:{SECRET}')}\nalpha\nbeta\n")
    assert [newest(asked, file, number=number) for number in (0, 1)] == [None, None]
    assert asked.notes == ["`127.0.0.1` refuses access (401)"]
    assert index.asked == ["/simple/alpha/"]


@pytest.mark.skipif(sys.platform == "win32", reason="the command is a script")
def test_the_keyring_is_asked_when_the_index_refuses(
    start: Any, evidence: Any, manifest: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    index = start(alpha=[Listed("1.0")])
    index.password = SECRET
    program = tmp_path / "bin" / "keyring"
    program.parent.mkdir()
    answer = json.dumps({"username": "user", "password": SECRET})
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\ncase "$4" in http*/) echo \'{answer}\';; *) exit 1;; esac\n'
    )
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PIP_KEYRING_PROVIDER", "subprocess")
    assert newest(evidence(), manifest(f"-i {index.url}\nalpha\n")) == "1.0"
    assert (tmp_path / "calls").read_text() == f"--mode=creds --output=json get {index.url}\n"
    assert index.users == [None, "user"]


def test_a_redirect_is_followed_but_takes_no_credentials_to_another_host(
    start: Any, evidence: Any, manifest: Any
) -> None:
    one, two = start(), start(alpha=[Listed("1.0")])
    one.first = [(302, {"Location": f"{two.url.replace('127.0.0.1', 'localhost')}alpha/"})]
    if not resolves_to_loopback("localhost"):
        pytest.skip("localhost is not 127.0.0.1 here")
    assert newest(evidence(), manifest(f"-i {one.with_user(f'user:{SECRET}')}\nalpha\n")) == "1.0"
    assert (one.users, two.users) == (["user"], [None])


def resolves_to_loopback(name: str) -> bool:
    import socket

    try:
        return socket.gethostbyname(name) == "127.0.0.1"
    except OSError:
        return False


# When a server does not answer


def test_a_server_that_is_tired_is_asked_again(start: Any, evidence: Any, manifest: Any) -> None:
    index = start(alpha=[Listed("1.0")])
    index.first = [(503, {"Retry-After": "0"}), (502, {})]
    asked = evidence()
    assert newest(asked, manifest(f"-i {index.url}\nalpha\n")) == "1.0"
    assert (len(index.asked), asked.notes) == (3, [])


def test_nobody_waits_longer_than_five_seconds_for_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    from urllib3 import HTTPResponse

    from reqlint.evidence._index_server import _Retry

    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    for header in ("3600", "2"):
        _Retry.patient().sleep(HTTPResponse(status=503, headers={"Retry-After": header}))
    assert slept == [5.0, 2]


@pytest.mark.parametrize(
    ("status", "note"),
    [
        (503, "`127.0.0.1` does not answer: it reports an error (503)"),
        (403, "`127.0.0.1` refuses access (403)"),
    ],
)
def test_a_server_that_does_not_answer_is_told_once_and_asked_no_more(
    start: Any, evidence: Any, manifest: Any, status: int, note: str
) -> None:
    broken, sound = start(), start(alpha=[Listed("1.0")], beta=[Listed("1.0")], gamma=[Listed("4.0")])
    broken.always = status
    file = manifest(f"-i {sound.url}\n--extra-index-url {broken.url}\nalpha\nbeta\n")
    asked = evidence()
    assert [newest(asked, file, number=number) for number in (0, 1)] == [None, None]
    assert asked.notes == [note]
    assert {path for path in broken.asked if path != "/simple/"} == {"/simple/alpha/"}
    other = manifest(f"-i {sound.url}\ngamma\n", "other.txt")
    assert newest(asked, other) == "4.0"  # other questions do not suffer


def test_a_file_store_says_403_of_what_it_does_not_have(start: Any, evidence: Any, manifest: Any) -> None:
    store, index = start(), start(alpha=[Listed("1.0")])
    store.missing = 403
    asked = evidence()
    assert newest(asked, manifest(f"-i {index.url}\n--extra-index-url {store.url}\nalpha\n")) == "1.0"
    assert asked.notes == []


def test_a_server_that_hangs_does_not_hold_us_up(
    start: Any, evidence: Any, manifest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = start(**{f"p{number}": [Listed("1.0")] for number in range(20)})
    index.delay = 2.0
    monkeypatch.setenv("PIP_TIMEOUT", "0.3")
    file = manifest(f"-i {index.url}\n" + "".join(f"p{number}\n" for number in range(20)))
    asked = evidence()
    before = time.monotonic()
    asked.prepare((dependency, [file]) for dependency in file.dependencies)
    assert time.monotonic() - before < 2
    assert asked.notes == ["`127.0.0.1` does not answer: it takes too long"]
    assert len(index.asked) <= 8


def test_a_server_that_is_not_there(evidence: Any, manifest: Any) -> None:
    asked = evidence()
    assert newest(asked, manifest(f"-i http://user:{SECRET}@127.0.0.1:1/{SECRET}/simple/\nalpha\n")) is None
    assert asked.notes == ["`127.0.0.1` does not answer: it cannot be reached"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/vnd.pypi.simple.v1+json", b"{"),
        ("application/vnd.pypi.simple.v1+json", b'{"files": 1}'),
        ("application/vnd.pypi.simple.v1+json", b'{"meta":{"api-version":"2.0"},"name":"alpha","files":[]}'),
        ("application/vnd.pypi.simple.v1+json", b"[" * 100_000),
        ("application/pdf", b"%PDF"),
    ],
)
def test_what_is_no_page_of_an_index_is_told(
    start: Any, evidence: Any, manifest: Any, content_type: str, body: bytes
) -> None:
    index = start(alpha=[])
    index.body = (content_type, body)
    asked = evidence()
    assert newest(asked, manifest(f"-i {index.url}\nalpha\n")) is None
    assert asked.notes == ["what `127.0.0.1` says of `alpha` is no page of a package index"]


def test_no_library_warns_the_user(start: Any, evidence: Any, manifest: Any) -> None:
    index = start(alpha=[])
    index.body = ("application/vnd.pypi.simple.v1+json", b'{"meta":{"api-version":"1.99"},"name":"alpha","files":[]}')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asked = evidence()
        assert newest(asked, manifest(f"-i {index.url}\nalpha\n")) is None
    assert asked.notes == ["no index that counts for it knows `alpha`"]


# Many at once


def test_many_names_are_asked_at_once_and_each_but_once(start: Any, evidence: Any, manifest: Any) -> None:
    index = start(**{f"p{number}": [Listed(f"{number}.0")] for number in range(24)})
    index.delay = 0.05
    file = manifest(f"-i {index.url}\n" + "".join(f"p{number}\n" for number in range(24)))
    seen: list[tuple[int, int]] = []
    asked = evidence(progress=lambda done, total: seen.append((done, total)))
    asked.prepare((dependency, [file]) for dependency in file.dependencies * 2)
    assert seen == [(number, 24) for number in range(25)]
    assert 1 < index.most <= 8
    assert [newest(asked, file, number=number) for number in range(24)] == [f"{number}.0" for number in range(24)]
    asked.prepare((dependency, [file]) for dependency in file.dependencies)
    assert len(index.asked) == 24


def test_without_the_extra_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypi_simple", None)
    monkeypatch.delitem(sys.modules, "reqlint.evidence._index_server", raising=False)
    with pytest.raises(OnlineNotInstalledError, match=r"pip install 'reqlinter\[online\]'"):
        IndexEvidence(Disk())


def test_no_address_of_an_index_stands_in_our_files() -> None:
    import reqlint

    texts = [path.read_text(encoding="utf-8") for path in Path(reqlint.__file__).parent.glob("evidence/*index*.py")]
    assert texts
    assert not [text for text in texts if "pypi.org" in text]
