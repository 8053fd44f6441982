"""Locks of conda's tools. conda-lock.yml and conda-linux-64.lock beside this file were written by conda-lock 4.0.3."""

from __future__ import annotations

import os
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reqlint.evidence import conda_lock_yml, explicit_lock, pixi_lock
from reqlint.evidence._simple_yaml import load, load_simple
from reqlint.evidence.locks import UnreadableLockError, read
from reqlint.files import Memory
from reqlint.lock import LOCK_FILES, Lock, Locked

rattler = pytest.importorskip("rattler")

FOLDER = Path(__file__).parent / "conda_locks"
COMMIT = "5f1b2a0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a"
SHA256 = "7b2b69c54ec62a243eb6fba2391b5e443421608c3ae5dbff938ad33ca8db5122"
MD5 = "161081fc7cec0bfda0d86d7cb595f8d8"
READERS = {"conda-lock.yml": conda_lock_yml, "pixi.lock": pixi_lock, "explicit.lock": explicit_lock}


def lock_of(data: bytes | str, kind: str, path: str = "") -> Lock:
    form = LOCK_FILES[kind]
    lock = Lock(path or kind, kind, form.tool, form.command)
    READERS[kind].read(data.encode() if isinstance(data, str) else data, lock)
    return lock


def parts(package: Locked) -> dict[str, Any]:
    """What a package has, but for its name and what is empty."""
    values = {name: getattr(package, name) for name in Locked.__slots__ if name != "name"}
    return {name: value for name, value in values.items() if value}


def rows(lock: Lock) -> list[tuple[str | None, ...]]:
    return sorted((item.ecosystem, item.platform, item.name, item.version) for item in lock.packages)


def only(lock: Lock, name: str, platform: str = "linux-64") -> dict[str, Any]:
    (package,) = [item for item in lock.packages if item.name == name and item.platform == platform]
    return parts(package)


# conda-lock.yml


def test_what_conda_lock_writes() -> None:
    lock = lock_of((FOLDER / "conda-lock.yml").read_bytes(), "conda-lock.yml")
    assert lock.sources == ("environment.yml", "../dev/environment-dev.yaml")
    assert only(lock, "numpy") == {
        "version": "1.26.4",
        "ecosystem": "conda",
        "platform": "linux-64",
        "build": "py312heda63a1_0",
        "channel": "conda-forge",
        "groups": frozenset({"main"}),
        "hashes": (
            "sha256:6c48ce41768eadbe59f68c9de74539df16acaed0e04dd3ec3c136b8940afbfa5",
            "md5:063adbdaff093ba46779d123ed113071",
        ),
    }
    assert only(lock, "numpy", "osx-arm64")["version"] == "2.1.3"
    assert only(lock, "openssl")["version"] == "3.10"
    assert only(lock, "python")["build"] == "hab00c5b_0_cpython"
    assert only(lock, "py-opencv")["channel"] == "main-label"
    assert only(lock, "ruamel.yaml")["version"] == "0.18.6"
    assert {item.groups for item in lock.packages if item.name == "pytest"} == {frozenset({"dev"}), frozenset({"docs"})}


def test_what_conda_lock_writes_of_pypi() -> None:
    lock = lock_of((FOLDER / "conda-lock.yml").read_bytes(), "conda-lock.yml")
    requests = only(lock, "requests")
    assert (requests["ecosystem"], requests["version"], "direct" in requests) == ("pypi", "2.32.3", False)
    assert requests["hashes"] == ("sha256:8b514502d5cd70994629176ecb28ff6d22e251adf2770c48264c4cf6226cbe29",)
    assert only(lock, "zope-interface")["version"] == "7.0"
    thing = only(lock, "thing")
    assert (thing["direct"], thing["url"], thing["commit"]) == (True, "https://git.example.com/o/thing.git", COMMIT)
    assert "hashes" not in thing  # conda-lock writes the commit there
    archived = only(lock, "archived")
    assert (archived["direct"], archived["url"]) == (True, "https://files.example.com/archived.zip")


def test_what_is_no_package_is_passed_over() -> None:
    text = """\
version: 1
metadata:
  sources: environment.yml
package:
- only-text
- name: a
  manager: conda
- name: b
  version: '1'
  manager: npm
- name: C
  version: '1'
  manager: conda
  url: {}
  hash: []
"""
    lock = lock_of(text, "conda-lock.yml")
    assert [item.name for item in lock.packages] == ["c"]
    assert lock.sources is None


# pixi.lock

ENVIRONMENTS = """\
environments:
  default:
    channels:
    - url: https://packages.example.com/conda-forge/
    packages:
      linux-64:
      - conda: https://packages.example.com/conda-forge/noarch/tzdata-2024a-h0c530f3_0.conda
      - conda: https://packages.example.com/conda-forge/linux-64/ruamel.yaml-0.18-py312h_1.tar.bz2
      - pypi: https://files.example.com/x/charset_normalizer-3.3.2-py3-none-any.whl
      - pypi: ./
      - pypi: git+https://git.example.com/o/thing.git?rev=v1#5f1b2a0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a
  docs:
    channels:
    - url: https://packages.example.com/conda-forge/
    packages:
      linux-64:
      - conda: https://packages.example.com/conda-forge/noarch/tzdata-2024a-h0c530f3_0.conda
      osx-arm64:
      - conda: https://packages.example.com/conda-forge/noarch/tzdata-2024b-hc8b5060_0.conda
"""
VERSIONS = {
    4: f"""\
version: 4
{ENVIRONMENTS}packages:
- kind: conda
  name: ruamel.yaml
  version: '0.18'
  build: py312h_1
  subdir: linux-64
  url: https://packages.example.com/conda-forge/linux-64/ruamel.yaml-0.18-py312h_1.tar.bz2
  sha256: {SHA256}
- kind: conda
  name: tzdata
  version: 2024a
  build: h0c530f3_0
  subdir: noarch
  noarch: generic
  url: https://packages.example.com/conda-forge/noarch/tzdata-2024a-h0c530f3_0.conda
  sha256: {SHA256}
  md5: {MD5}
  license: LicenseRef-Public-Domain
  size: 119815
  timestamp: 1706886945727
- kind: conda
  name: tzdata
  version: 2024b
  build: hc8b5060_0
  subdir: noarch
  url: https://packages.example.com/conda-forge/noarch/tzdata-2024b-hc8b5060_0.conda
  sha256: {SHA256}
- kind: conda
  name: unused
  version: '1'
  build: h_0
  subdir: noarch
  url: https://packages.example.com/conda-forge/noarch/unused-1-h_0.conda
  sha256: {SHA256}
- kind: pypi
  name: charset-normalizer
  version: 3.3.2
  url: https://files.example.com/x/charset_normalizer-3.3.2-py3-none-any.whl
  sha256: {SHA256}
  requires_dist:
  - unicodedata2 ; extra == 'unicode_backport'
  requires_python: '>=3.7.0'
- kind: pypi
  name: mine
  version: 0.1.0
  path: ./
  sha256: {SHA256}
  editable: true
- kind: pypi
  name: thing
  version: '1.0'
  url: git+https://git.example.com/o/thing.git?rev=v1#{COMMIT}
""",
    6: f"""\
version: 6
{ENVIRONMENTS}packages:
- conda: https://packages.example.com/conda-forge/linux-64/ruamel.yaml-0.18-py312h_1.tar.bz2
  sha256: {SHA256}
- conda: https://packages.example.com/conda-forge/noarch/tzdata-2024a-h0c530f3_0.conda
  sha256: {SHA256}
  md5: {MD5}
  depends: []
  purls: []
- conda: https://packages.example.com/conda-forge/noarch/tzdata-2024b-hc8b5060_0.conda
  sha256: {SHA256}
- conda: https://packages.example.com/conda-forge/noarch/unused-1-h_0.conda
  sha256: {SHA256}
- pypi: https://files.example.com/x/charset_normalizer-3.3.2-py3-none-any.whl
  name: charset-normalizer
  version: 3.3.2
  sha256: {SHA256}
- pypi: ./
  name: mine
  version: 0.1.0
  sha256: {SHA256}
  editable: true
- pypi: git+https://git.example.com/o/thing.git?rev=v1#{COMMIT}
  name: thing
  version: '1.0'
""",
}
VERSIONS[5] = VERSIONS[4].replace("version: 4", "version: 5")
SOURCES_6 = """\
version: 6
environments:
  default:
    channels:
    - url: https://packages.example.com/conda-forge/
    packages:
      linux-64:
      - conda: .
      - pypi: direct+https://files.example.com/x/bar-1.0-py3-none-any.whl
packages:
- conda: .
  name: own
  version: 0.1.0
  build: h_0
  subdir: linux-64
- pypi: direct+https://files.example.com/x/bar-1.0-py3-none-any.whl
  name: Bar
  version: '1.0'
"""
NAMED_PLATFORM_7 = """\
version: 7
platforms:
- name: gpu
  subdir: linux-64
  virtual-packages:
  - __cuda=12.0
environments:
  default:
    channels:
    - url: https://packages.example.com/conda-forge/
    packages:
      gpu:
      - conda: https://packages.example.com/conda-forge/noarch/tzdata-1!2024a-h0c530f3_0.conda
      - conda_source: own[0a1b2c3d] @ git+https://git.example.com/o/own.git?tag=v1#5f1b2a0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a
      - pypi: ./b
packages:
- conda: https://packages.example.com/conda-forge/noarch/tzdata-1!2024a-h0c530f3_0.conda
- conda_source: own[0a1b2c3d] @ git+https://git.example.com/o/own.git?tag=v1#5f1b2a0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a
- pypi: ./b
  name: b
"""
OLD_3 = f"""\
version: 3
metadata:
  content_hash:
    linux-64: {SHA256}
  channels:
  - url: https://packages.example.com/conda-forge/
    used_env_vars: []
  platforms:
  - linux-64
  sources: []
  time_metadata: null
  git_metadata: null
  inputs_metadata: null
  custom_metadata: null
package:
- platform: linux-64
  name: tzdata
  version: 2024a
  category: main
  manager: conda
  dependencies: []
  url: https://packages.example.com/conda-forge/noarch/tzdata-2024a-h0c530f3_0.conda
  hash:
    md5: {MD5}
    sha256: {SHA256}
  build: h0c530f3_0
  arch: x86_64
  subdir: linux-64
  build_number: 0
- platform: linux-64
  name: charset-normalizer
  version: 3.3.2
  category: main
  manager: pip
  requires_dist: []
  url: https://files.example.com/x/charset_normalizer-3.3.2-py3-none-any.whl
  hash:
    sha256: {SHA256}
"""


def rattler_rows(path: Path) -> list[tuple[str | None, ...]]:
    """What rattler reads, with the version None that it calls dynamic."""
    found: set[tuple[str | None, ...]] = set()
    for _, environment in rattler.LockFile.from_path(path).environments():
        for platform, packages in environment.packages_by_platform().items():
            for package in packages:
                ecosystem = "pypi" if isinstance(package, rattler.lock.PypiLockedPackage) else "conda"
                version = (
                    None if package.version is None or str(package.version) == "<dynamic>" else str(package.version)
                )
                name = package.name.lower() if ecosystem == "pypi" else package.name
                found.add((ecosystem, str(platform.subdir), name, version))
    return sorted(found)


@pytest.mark.parametrize(
    "text",
    [*VERSIONS.values(), SOURCES_6, NAMED_PLATFORM_7, OLD_3],
    ids=[*map(str, VERSIONS), "sources", "named", "old"],
)
def test_what_rattler_reads_of_a_pixi_lock(text: str, tmp_path: Path) -> None:
    path = tmp_path / "pixi.lock"
    path.write_text(text)
    expected = rattler_rows(path)
    lock = lock_of(text, "pixi.lock")
    # A version that an old lock records of a folder is none to rattler.
    folders = [item for item in lock.packages if item.url in ("./", "./b") and item.ecosystem == "pypi"]
    for item in folders:
        item.version = None
    assert rows(lock) == expected
    # rattler writes the newest version.
    rattler.LockFile.from_path(path).to_path(path)
    again = lock_of(path.read_bytes(), "pixi.lock")
    assert [row[:3] for row in rows(again)] == [row[:3] for row in expected]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_pixi_lock_says_of_a_package(version: int) -> None:
    lock = lock_of(VERSIONS[version], "pixi.lock")
    assert rows(lock) == [
        ("conda", "linux-64", "ruamel.yaml", "0.18"),
        ("conda", "linux-64", "tzdata", "2024a"),
        ("conda", "osx-arm64", "tzdata", "2024b"),
        ("pypi", "linux-64", "charset-normalizer", "3.3.2"),
        ("pypi", "linux-64", "mine", "0.1.0"),
        ("pypi", "linux-64", "thing", "1.0"),
    ]
    assert only(lock, "tzdata") == {
        "version": "2024a",
        "ecosystem": "conda",
        "platform": "linux-64",
        "build": "h0c530f3_0",
        "channel": "conda-forge",
        "hashes": (f"sha256:{SHA256}", f"md5:{MD5}"),
    }
    assert "direct" not in only(lock, "charset-normalizer")
    assert (only(lock, "mine")["direct"], only(lock, "mine")["url"]) == (True, "./")
    thing = only(lock, "thing")
    assert (thing["direct"], thing["url"], thing["commit"]) == (True, "https://git.example.com/o/thing.git", COMMIT)


def test_what_pixi_builds_itself() -> None:
    own = only(lock_of(SOURCES_6, "pixi.lock"), "own")
    assert own == {
        "version": "0.1.0",
        "ecosystem": "conda",
        "platform": "linux-64",
        "build": "h_0",
        "direct": True,
        "url": ".",
    }
    own = only(lock_of(NAMED_PLATFORM_7, "pixi.lock"), "own")
    assert (own["url"], own["commit"]) == ("https://git.example.com/o/own.git", COMMIT)


def test_a_url_asked_for_as_such() -> None:
    bar = only(lock_of(SOURCES_6, "pixi.lock"), "bar")
    assert (bar["direct"], bar["url"]) == (True, "https://files.example.com/x/bar-1.0-py3-none-any.whl")


# Explicit locks


def test_what_conda_lock_writes_explicitly() -> None:
    lock = lock_of((FOLDER / "conda-linux-64.lock").read_bytes(), "explicit.lock", "conda-linux-64.lock")
    assert rows(lock) == [
        ("conda", "linux-64", "numpy", "1.26.4"),
        ("conda", "linux-64", "openssl", "3.10"),
        ("conda", "linux-64", "py-opencv", "4.10.0"),
        ("conda", "linux-64", "pytest", "8.3.3"),
        ("conda", "linux-64", "python", "3.12.7"),
        ("conda", "linux-64", "ruamel.yaml", "0.18.6"),
        ("conda", "linux-64", "tzdata", "2024b"),
        ("pypi", "linux-64", "archived", None),
        ("pypi", "linux-64", "requests", "2.32.3"),
        ("pypi", "linux-64", "thing", None),
        ("pypi", "linux-64", "zope-interface", "7.0"),
    ]
    assert only(lock, "numpy")["hashes"] == ("md5:063adbdaff093ba46779d123ed113071",)
    assert (only(lock, "py-opencv")["build"], only(lock, "py-opencv")["channel"]) == ("py312h_0", "main-label")
    assert only(lock, "thing")["commit"] == COMMIT
    assert only(lock, "archived")["url"] == "https://files.example.com/archived.zip"
    assert "direct" not in only(lock, "requests")
    assert only(lock, "requests")["hashes"] == (
        "sha256:8b514502d5cd70994629176ecb28ff6d22e251adf2770c48264c4cf6226cbe29",
    )


@pytest.mark.parametrize(
    ("path", "head", "expected"),
    [
        ("conda-linux-64.lock", "# platform: osx-arm64\n", "osx-arm64"),
        ("conda-linux-aarch64.lock", "", "linux-aarch64"),
        ("conda-win-64-dev.lock", "", "win-64"),
        ("conda-linux.lock", "", "linux-ppc64le"),
    ],
)
def test_the_platform_of_an_explicit_lock(path: str, head: str, expected: str) -> None:
    text = f"{head}@EXPLICIT\nhttps://packages.example.com/main/linux-ppc64le/a-b-1.0-h_0.conda\n"
    assert only(lock_of(text, "explicit.lock", path), "a-b", expected)["version"] == "1.0"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"https://packages.example.com/x/noarch/a-1-0.conda#sha256:{SHA256}", (f"sha256:{SHA256}",)),
        (f"https://packages.example.com/x/noarch/a-1-0.conda#{SHA256}", (f"sha256:{SHA256}",)),
        (f"https://packages.example.com/x/noarch/a-1-0.tar.bz2#{MD5}", (f"md5:{MD5}",)),
        ("https://packages.example.com/x/noarch/a-1-0.conda", ()),
        ("/home/me/a-1-0.conda", ()),
        ("C:\\packages\\a-1-0.conda", ()),
        ("a-1-0.conda", ()),
    ],
)
def test_a_line_of_an_explicit_lock(line: str, expected: tuple[str, ...]) -> None:
    (package,) = lock_of(f"@EXPLICIT\r\n{line}\r\n", "explicit.lock", "conda-linux-64.lock").packages
    assert (package.name, package.version, package.build, package.hashes) == ("a", "1", "0", expected)


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("# pip a-b @ https://files.example.com/a_b-1.0%2Bcpu-py3-none-any.whl", "1.0+cpu"),
        ("# pip a-b @ https://files.example.com/a_b-1.0-1-py3-none-any.whl", "1.0"),
        ("# pip a-b @ https://files.example.com/a-b-1.0.tar.gz", "1.0"),
        ("# pip a-b @ https://files.example.com/archive/release-1.0.zip", None),
        ("# pip a-b @ git+https://git.example.com/o/a-b-1.0.git@main", None),
    ],
)
def test_a_project_in_an_explicit_lock(line: str, version: str | None) -> None:
    (package,) = lock_of(f"@EXPLICIT\n{line}\n", "explicit.lock", "conda-linux-64.lock").packages
    assert (package.name, package.version, package.direct) == ("a-b", version, version is None)


# What is no lock

TEXTS = {
    "conda-lock.yml": (FOLDER / "conda-lock.yml").read_text(),
    "pixi.lock": VERSIONS[6],
    "explicit.lock": (FOLDER / "conda-linux-64.lock").read_text(),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_conflict_that_git_left(kind: str) -> None:
    lines = TEXTS[kind].splitlines()
    middle = len(lines) // 2
    text = "\n".join([*lines[:middle], "<<<<<<< HEAD", "=======", lines[middle], ">>>>>>> other", *lines[middle + 1 :]])
    with pytest.raises(UnreadableLockError, match="merge conflict"):
        lock_of(text, kind)


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("text", ["", "[]", "version: 1\n", "version: 6\n", "name: x\n", "a: [", "- a\n", "\x00", "é"])
def test_what_is_no_such_lock(kind: str, text: str) -> None:
    with pytest.raises(UnreadableLockError):
        lock_of(text, kind)


def test_a_pixi_lock_of_the_future() -> None:
    with pytest.raises(UnreadableLockError, match="none of the versions that are known"):
        lock_of(VERSIONS[6].replace("version: 6", "version: 8"), "pixi.lock")


@pytest.mark.parametrize("name", ["conda-lock.yml", "pixi.lock", "conda-linux-64.lock"])
@given(data=st.binary(max_size=200))
def test_no_bytes_end_in_a_traceback(name: str, data: bytes) -> None:
    path = os.path.abspath(name)
    lock = read(path, Memory({path: data}))
    assert lock.fault is not None or lock.packages == []


# Both ways of reading YAML

VALUES = r"""1.10 null ~ x:y a#b =a <b (c) +d $e ^f ./ a, b] c} 'it''s' '' "q" "it's" {} [] 'a:' '#' git+https://e.com/a.git?b=c#d""".split()
ODD = r"""a b: key: 'x "y # #c :x :y: [b] {a: &a *a !!str | > - ? , --- ... é \ <<<<<<< % @b ` ''' a:: b# "a\nb" """.split()


@st.composite
def yaml_like(draw: st.DrawFn) -> str:
    """Lines that are often YAML of a simple kind, and sometimes nearly, or of another kind."""
    lines: list[str] = []
    indents = [0]
    opened = False
    for _ in range(draw(st.integers(1, 10))):
        choices = [indents[-1], *indents]
        if opened:
            choices += [indents[-1] + 2] * 4
        indent = draw(st.sampled_from(choices))
        if not draw(st.integers(0, 20)):
            indent = draw(st.integers(0, 6))
        dash = "- " * (opened and draw(st.booleans()))
        if any(line.startswith(" " * indent + "- ") for line in lines):
            dash = "- " * (draw(st.integers(0, 5)) > 0)
        key = draw(st.sampled_from(["a: ", "b: ", "c:", "d:", "x_1.y-z: "])) if not dash or draw(st.booleans()) else ""
        value = "" if key.endswith(":") else draw(st.sampled_from(VALUES))
        if not draw(st.integers(0, 20)):
            value = " ".join(draw(st.lists(st.sampled_from([*VALUES, *ODD]), max_size=3)))
        lines.append(" " * indent + dash + key + value + draw(st.sampled_from([*[""] * 12, " ", "\r", "\n", "\n# c"])))
        opened = key.endswith(":")
        indents = [item for item in indents if item < indent] + [indent]
        if dash and key:
            indents.append(indent + 2)
    return "\n".join(lines) + draw(st.sampled_from(["", "\n"]))


def by_yaml(text: str) -> Any:
    return yaml.load(text.encode(), yaml.BaseLoader)


@given(yaml_like())
def test_the_fast_way_reads_what_yaml_reads(text: str) -> None:
    fast = load_simple(text.encode())
    if fast is not None:
        assert fast == by_yaml(text)


@st.composite
def mutated_locks(draw: st.DrawFn) -> str:
    """A part of a real lock, with some lines changed, moved or left out."""
    lines = draw(st.sampled_from([TEXTS["conda-lock.yml"], *VERSIONS.values(), OLD_3])).splitlines()
    start = draw(st.sampled_from([place for place, line in enumerate(lines) if not line.startswith(" ")]))
    lines = ["packages:"] * lines[start].startswith("-") + lines[start : start + draw(st.integers(1, 40))]
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(["indent", "deeper", "dedent", "drop", "double", "cut", "comment"]))
        line = lines[place]
        lines[place : place + 1] = {
            "indent": [" " + line],
            "deeper": ["  " + line],
            "dedent": [line[2:]],
            "drop": [""],
            "double": [line, line],
            "cut": [line[: draw(st.integers(0, len(line)))]],
            "comment": [line + " # why"],
        }[kind]
    return "\n".join(lines)


@given(mutated_locks())
def test_the_fast_way_reads_what_yaml_reads_of_locks(text: str) -> None:
    fast = load_simple(text.encode())
    if fast is not None:
        assert fast == by_yaml(text)


scalars = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), max_size=12)
trees = st.dictionaries(
    st.from_regex(r"[a-z_][\w.-]{0,8}", fullmatch=True).filter(str.isascii),
    st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalars, inner, max_size=3)),
    min_size=1,
    max_size=4,
)


@given(trees, st.booleans())
def test_what_a_program_writes(tree: dict[str, Any], indented: bool) -> None:
    text = yaml.dump(tree, sort_keys=False, default_flow_style=False, indent=4 if indented else 2)
    fast = load_simple(text.encode())
    assert fast is None or fast == tree
    assert load(text.encode()) == tree


@pytest.mark.parametrize("text", [TEXTS["conda-lock.yml"], *VERSIONS.values(), SOURCES_6, NAMED_PLATFORM_7, OLD_3])
def test_real_locks_take_the_fast_way(text: str) -> None:
    assert load_simple(text.encode()) == by_yaml(text)
    assert load_simple(text.replace("\n", "\r\n").encode()) == by_yaml(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: é",
        "a:\tb",
        "a: |\n  b",
        "a: b\n  c",
        "a: [b]",
        "a: &x b",
        "a: !!str b",
        "a: 'b\n  c'",
        'a: "\\n"',
        "? a",
        "a: b # c",
    ],
)
def test_what_is_left_to_yaml(text: str) -> None:
    assert load_simple(text.encode()) is None


def test_a_large_lock_is_read_quickly() -> None:
    """A bound that only another way of reading would break: PyYAML takes many times as long."""
    entry = TEXTS["conda-lock.yml"].partition("package:\n")[2]
    head = TEXTS["conda-lock.yml"].partition("package:\n")[0] + "package:\n"
    text = (head + entry * (2_000_000 // len(entry))).encode()
    start = process_time()
    lock = lock_of(text, "conda-lock.yml")
    assert process_time() - start < 2
    assert len(lock.packages) > 4000
