"""What is read of the locks of PyPI's tools.

The locks in ``locks/`` were written by the tools that their folders name (PDM with unearth 0.18.3), for one project: with an
extra and a group, a dependency that takes another version on Python 3.9, one from a repository, from a URL and from a
folder, and for uv a workspace. Only their hosts were replaced. What they must say follows from what was asked for.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.pylock import Pylock

from reqlint.evidence._toml import Document
from reqlint.evidence.locks import read
from reqlint.files import Memory
from reqlint.lock import Lock, Locked

LOCKS = Path(__file__).with_name("locks")
NAMES = ("poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "pylock.toml")
TOML_NAMES = tuple(name for name in NAMES if name != "Pipfile.lock")

REPOSITORY = "https://git.example.org/acme/git-dep.git"
COMMIT = "c8655e2a992d6d5ab735c572573bfb1076248dc0"
ATTRS_URL = (
    "https://files.example.com/packages/e0/44/827b2a91a5816512fcaf3cc4ebc465ccd5d598c45cefa6703fcf4a79018f/"
    "attrs-23.2.0-py3-none-any.whl"
)
IDNA_URL = (
    "https://files.example.com/packages/e5/3e/741d8c82801c347547f8a2a06aa57dbb1992be9e948df2ea0eda2c8b79e8/"
    "idna-3.7-py3-none-any.whl"
)
# The first digits of the hashes of what each release consists of, wheels first.
FILES = {
    "attrs": ("99b87a48", "935dc3b5"),
    "colorama": ("4f1d9991", "08695f5c"),
    "idna 3.7": ("82fee1fc",),
    "idna": ("ab7ae712", "a7db8500"),
    "iniconfig": ("b6a85871", "2d91e135"),
    "pysocks": ("2725bd0a", "3f880457"),
    "pysocks for Python 2": ("08e69f09",),
    "six": ("8abb2f1d", "1e61c374"),
    "toml": ("806143ae", "b3bda1d1"),
    "urllib3": ("450b20ec", "d0570876"),
    "zipp 3.19.3": ("2ac6af39", "61a02feb"),
    "zipp 3.21.0": ("ac1bbe05", "2c9958f6"),
}


def load(path: str) -> Lock:
    return of(path.rpartition("/")[2], (LOCKS / path).read_bytes())


def of(name: str, data: bytes | str) -> Lock:
    return read(name, Memory({name: data.encode() if isinstance(data, str) else data}))


def from_index(name: str, version: str | None, *files: str, **rest: Any) -> dict[str, Any]:
    return item(name, version, files=sum((FILES[file] for file in files or (name,)), ()), **rest)


def item(name: str, version: str | None, **rest: Any) -> dict[str, Any]:
    known = {"marker": None, "url": None, "commit": None, "direct": False, "groups": None, "files": ()}
    return known | {"name": name, "version": version} | rest


def shown(package: Locked) -> dict[str, Any]:
    """A package as ``item`` writes it, with its hashes cut short, in any order."""
    assert all(len(hash_) == len("sha256:") + 64 and hash_.startswith("sha256:") for hash_ in package.hashes)
    assert package.ecosystem == "pypi"
    return {
        "name": package.name,
        "version": package.version,
        "marker": package.marker,
        "url": package.url,
        "commit": package.commit,
        "direct": package.direct,
        "groups": package.groups,
        "files": sorted(hash_[7:15] for hash_ in package.hashes),
    }


def check(lock: Lock, *expected: dict[str, Any]) -> None:
    assert lock.fault is None
    assert [shown(package) for package in lock.packages] == [row | {"files": sorted(row["files"])} for row in expected]


def test_uv() -> None:
    lock = load("uv-0.13.9/uv.lock")
    check(
        lock,
        from_index("attrs", "23.2.0"),
        from_index("colorama", "0.4.6"),
        item("demo-app", "0.1.0", direct=True, url="."),
        item("git-dep", "0.3.1", direct=True, url="https://git.example.org/acme/git-dep.git", commit=COMMIT),
        from_index("idna", "3.7", "idna 3.7", direct=True, url=IDNA_URL),
        from_index("iniconfig", "2.0.0"),
        item("local-dep", "1.5", direct=True, url="localdep"),
        item("member-a", None, direct=True, url="packages/member-a"),  # its version is dynamic
        item("member-b", "2", direct=True, url="packages/Member_B"),
        from_index("pysocks", "1.7.1"),
        from_index("six", "1.16.0"),
        from_index("toml", "0.10.2"),
        from_index("urllib3", "2.2.1"),
        from_index("zipp", "3.19.3", "zipp 3.19.3", marker="python_full_version < '3.10'"),
        from_index("zipp", "3.21.0", "zipp 3.21.0", marker="python_full_version >= '3.10'"),
    )
    assert set(lock.folders) == {".", "packages/member-a", "packages/Member_B"}  # not localdep: it is no member
    assert (lock.fingerprint, lock.generator, lock.groups, lock.sources) == (None, None, None, None)


@pytest.mark.parametrize(
    ("version", "commit", "fingerprint"),
    [
        pytest.param(
            "1.1.15",
            "90ecc4894c7e0331c2037f7df1a61ad2da55c89e",
            "39e5db7d880efb3acdb1676a4c2fcfac90601648116c5525bf71d7baf1526248",
            id="1.1",
        ),
        pytest.param("1.8.5", COMMIT, "4fd620491dfefdb9b9ecaf0338cdcb3ba1df9945a98962d04541a314df5e4ce1", id="1.8"),
        pytest.param("2.5.1", COMMIT, "4fd620491dfefdb9b9ecaf0338cdcb3ba1df9945a98962d04541a314df5e4ce1", id="2.5"),
    ],
)
def test_poetry(version: str, commit: str, fingerprint: str) -> None:
    lock = load(f"poetry-{version}/poetry.lock")
    # 1.1 told the group as a category, 1.8 not at all; only 2.x tells markers. 1.1 has no hash of what a URL names.
    main, dev = (None, None) if version == "1.8.5" else (frozenset({"main"}), frozenset({"dev"}))
    old, new, extra = (
        ('python_version == "3.9"', 'python_version >= "3.10"', 'extra == "fancy"')
        if version == "2.5.1"
        else (None, None, None)
    )
    check(
        lock,
        item(
            "attrs",
            "23.2.0",
            direct=True,
            url=ATTRS_URL,
            groups=main,
            files=() if version == "1.1.15" else FILES["attrs"][:1],
        ),
        item("git-dep", "0.3.1", direct=True, url=REPOSITORY, commit=commit, groups=main),
        from_index("idna", "3.20", groups=main),
        from_index("iniconfig", "2.0.0", groups=dev),
        item("local-dep", "1.5", direct=True, url="localdep", groups=main),
        from_index("pysocks", "1.7.1", "pysocks", "pysocks for Python 2", groups=main),
        from_index("six", "1.16.0", groups=main),
        from_index("toml", "0.10.2", groups=main, marker=extra),
        from_index("urllib3", "2.2.1", groups=main),
        from_index("zipp", "3.19.3", "zipp 3.19.3", groups=main, marker=old),
        from_index("zipp", "3.21.0", "zipp 3.21.0", groups=main, marker=new),
    )
    assert lock.fingerprint == fingerprint
    assert lock.generator == (None if version == "1.1.15" else version)
    assert (set(lock.folders), lock.groups, lock.sources) == ({"."}, None, None)


def test_pdm() -> None:
    lock = load("pdm-2.29.3/pdm.lock")
    own = {"groups": frozenset({"default"})}
    old, new = 'python_version < "3.10" and python_version >= "3.9"', 'python_version >= "3.10"'
    repository = {"direct": True, "url": REPOSITORY, "commit": COMMIT}
    check(
        lock,
        item("attrs", "23.2.0", direct=True, url=ATTRS_URL, files=FILES["attrs"][:1], **own),
        item("git-dep", "0.3.1", marker=new, **repository, **own),
        item("git-dep", "0.3.1", marker=old, **repository, **own),
        from_index("idna", "3.20", **own),
        from_index("iniconfig", "2.0.0", groups=frozenset({"dev-tools"})),
        item("local-dep", "1.5", direct=True, url="./localdep", **own),
        from_index("pysocks", "1.7.1", **own),
        from_index("six", "1.16.0", **own),
        from_index("toml", "0.10.2", groups=frozenset({"fancy"})),
        from_index("urllib3", "2.2.1", **own),  # once, though it stands there with its extra too
        from_index("zipp", "3.21.0", "zipp 3.21.0", marker=new, **own),
        from_index("zipp", "3.19.3", "zipp 3.19.3", marker=old, **own),
    )
    assert lock.fingerprint == "sha256:2566c232b96cba404fc06de1729abc32beb75cfb6de2f126a82bdd52dd1532b5"
    assert lock.groups == frozenset({"dev-tools", "fancy"})
    assert (lock.generator, lock.sources) == (None, None)


def test_pipenv() -> None:
    lock = load("pipenv-2026.10.3/Pipfile.lock")
    own = {"groups": frozenset({"default"})}
    no_early_3 = "python_version != '3.0' and python_version != '3.1' and python_version != '3.2'"
    check(
        lock,
        from_index("attrs", None, direct=True, url=ATTRS_URL, **own),
        item("git-dep", None, direct=True, url=REPOSITORY, commit=COMMIT, **own),
        from_index("idna", "3.20", marker="python_version >= '3.9'", **own),
        item("local-dep", None, direct=True, url="./localdep", **own),
        from_index(
            "pysocks",
            "1.7.1",
            "pysocks",
            "pysocks for Python 2",
            marker=f"python_version >= '2.7' and {no_early_3} and python_version != '3.3'",
            **own,
        ),
        from_index("six", "1.16.0", marker=f"python_version >= '2.7' and {no_early_3}", **own),
        from_index("urllib3", "2.2.1", marker="python_version >= '3.8'", **own),
        from_index("zipp", "3.21.0", "zipp 3.21.0", marker="python_version >= '3.10'", **own),
        from_index("iniconfig", "2.0.0", marker="python_version >= '3.7'", groups=frozenset({"dev-packages"})),
        from_index("toml", "0.10.2", marker=f"python_version >= '2.6' and {no_early_3}", groups=frozenset({"docs"})),
    )
    assert lock.fingerprint == "2353e503c50a99c39d1ba6dc2a478ca6f416817d7e234fbbd745976e71a370d7"
    assert (lock.groups, lock.sources, lock.tool, lock.command) == (None, None, "pipenv", "pipenv lock")


def test_pylock_by_pip() -> None:
    lock = load("pip-26.3/pylock.toml")
    check(
        lock,
        item("attrs", None, direct=True, url=ATTRS_URL, files=FILES["attrs"][:1]),
        item("git-dep", None, direct=True, url=REPOSITORY, commit=COMMIT),
        item("idna", "3.20", files=FILES["idna"][:1]),  # pip locks the one file that it would install
        item("local-dep", None, direct=True, url="localdep"),
        item("pysocks", "1.7.1", files=FILES["pysocks"][:1]),
        item("six", "1.16.0", files=FILES["six"][:1]),
        item("urllib3", "2.2.1", files=FILES["urllib3"][:1]),
        item("zipp", "3.21.0", files=FILES["zipp 3.21.0"][:1]),
    )
    assert (lock.tool, lock.command, lock.groups, lock.sources) == ("pip", "pip lock", None, None)


def test_pylock_by_uv() -> None:
    lock = load("uv-0.13.9/pylock.toml")
    check(
        lock,
        from_index("attrs", "23.2.0"),
        item("git-dep", "0.3.1", direct=True, url=REPOSITORY, commit=COMMIT),
        from_index("idna", "3.7", "idna 3.7", direct=True, url=IDNA_URL),
        from_index("iniconfig", "2.0.0"),
        item("local-dep", None, direct=True, url="localdep"),
        item("member-a", None, direct=True, url="packages/member-a"),
        from_index("pysocks", "1.7.1"),
        from_index("six", "1.16.0"),
        from_index("urllib3", "2.2.1"),
        from_index("zipp", "3.19.3", "zipp 3.19.3", marker="python_full_version < '3.10'"),
        from_index("zipp", "3.21.0", "zipp 3.21.0", marker="python_full_version >= '3.10'"),
    )
    assert (lock.tool, lock.command) == ("uv", "uv export --format pylock.toml --all-packages")
    assert (lock.groups, lock.sources) == (None, None)


def test_pylock_by_pdm() -> None:
    lock = load("pdm-2.29.3/pylock.toml")
    own = {"groups": frozenset({"default"})}
    old, new = 'python_version < "3.10" and python_version >= "3.9"', 'python_version >= "3.10"'
    check(
        lock,
        item("attrs", "23.2.0", direct=True, url=ATTRS_URL, files=FILES["attrs"][:1], **own),
        item("git-dep", "0.3.1", marker=old, direct=True, url=REPOSITORY, commit=COMMIT, **own),
        from_index("idna", "3.20", **own),
        from_index("iniconfig", "2.0.0", groups=frozenset({"dev-tools"})),
        item("local-dep", "1.5", direct=True, url="./localdep", **own),
        from_index("pysocks", "1.7.1", **own),
        from_index("six", "1.16.0", **own),
        from_index("toml", "0.10.2", groups=frozenset({"fancy"})),
        from_index("urllib3", "2.2.1", **own),
        from_index("zipp", "3.21.0", "zipp 3.21.0", marker=new, **own),
        from_index("zipp", "3.19.3", "zipp 3.19.3", marker=old, **own),
    )
    assert (lock.tool, lock.command) == ("pdm", "pdm lock")
    assert lock.groups == frozenset({"default", "dev-tools", "fancy"})


@pytest.mark.parametrize("path", sorted(LOCKS.glob("*/pylock.toml")), ids=lambda path: path.parent.name)
def test_pylock_against_packaging(path: Path) -> None:
    judge = Pylock.from_dict(tomllib.loads(path.read_text(encoding="utf-8")))
    lock = of("pylock.toml", path.read_bytes())
    assert len(lock.packages) == len(judge.packages)
    for ours, theirs in zip(lock.packages, judge.packages, strict=True):
        assert (ours.name, ours.version) == (theirs.name, theirs.version and str(theirs.version))
        assert ours.direct == theirs.is_direct
        assert ours.commit == (theirs.vcs.commit_id if theirs.vcs else None)
        files = [theirs.archive, theirs.sdist, *(theirs.wheels or ())]
        assert ours.hashes == tuple(f"{name}:{value}" for file in files if file for name, value in file.hashes.items())


# What the locks above do not show


def only(name: str, data: str) -> Locked:
    lock = of(name, data)
    assert lock.fault is None
    (package,) = lock.packages
    return package


def test_several_resolution_markers_become_one() -> None:
    package = only(
        "uv.lock",
        """\
version = 1
[[package]]
name = "numpy"
version = "2.0"
source = { registry = "https://packages.example.com/simple" }
resolution-markers = ["python_full_version >= '3.12' and os_name == 'nt'", "python_full_version < '3.11'"]
""",
    )
    assert package.marker == "python_full_version >= '3.12' and os_name == 'nt' or python_full_version < '3.11'"
    assert Marker(package.marker).evaluate({"python_full_version": "3.10", "os_name": "posix"})
    assert not Marker(package.marker).evaluate({"python_full_version": "3.12", "os_name": "posix"})


@pytest.mark.parametrize(
    ("source", "url", "commit"),
    [
        (
            f'git = "https://git.example.org/o/r?subdirectory=a&rev=main#{COMMIT}"',
            "https://git.example.org/o/r",
            COMMIT,
        ),
        ('git = "https://git.example.org/o/r?rev=main#main"', "https://git.example.org/o/r", None),
        ('path = "dist/a-1.whl"', "dist/a-1.whl", None),
        ('editable = "../a"', "../a", None),
        ('registry = "https://packages.example.com/simple"', None, None),
        ('registry = "wheels"', None, None),
    ],
)
def test_sources_of_uv(source: str, url: str | None, commit: str | None) -> None:
    package = only("uv.lock", f'version = 1\n[[package]]\nname = "a"\nversion = "1"\nsource = {{ {source} }}\n')
    assert (package.url, package.commit, package.direct) == (url, commit, url is not None)


def test_workspace_without_a_project_at_its_root() -> None:
    lock = of(
        "uv.lock",
        """\
version = 1
[manifest]
members = ["a"]
[[package]]
name = "a"
version = "1"
source = { editable = "libs/a" }
[[package]]
name = "b"
version = "1"
source = { editable = "../b" }
""",
    )
    assert set(lock.folders) == {".", "libs/a"}


@pytest.mark.parametrize(
    ("markers", "expected"),
    [
        ("\"os_name == 'nt'\"", "os_name == 'nt'"),
        ("{main = \"os_name == 'nt'\", dev = \"os_name == 'posix'\"}", "os_name == 'nt' or os_name == 'posix'"),
        ("{main = \"os_name == 'nt'\", dev = \"os_name == 'nt'\"}", "os_name == 'nt'"),
        ("{main = \"os_name == 'nt'\"}", None),  # for dev, it is installed everywhere
    ],
)
def test_markers_of_poetry_by_group(markers: str, expected: str | None) -> None:
    package = only(
        "poetry.lock",
        f"""\
package = [{{name = "a", version = "1", groups = ["main", "dev"], markers = {markers}}}]
[metadata]
content-hash = "00"
""",
    )
    assert package.marker == expected
    assert package.groups == frozenset({"main", "dev"})


def test_oldest_poetry_lock() -> None:
    """Poetry 1.0: bare hashes by name, the commit as ``reference``, and ``marker``."""
    lock = of(
        "poetry.lock",
        f"""\
[[package]]
category = "dev"
name = "a"
version = "1"
marker = "os_name == 'nt'"
[[package]]
name = "b"
version = "2"
[package.source]
type = "git"
url = "https://git.example.org/o/b"
reference = "{COMMIT}"
[metadata]
content-hash = "00"
[metadata.hashes]
a = ["{"1" * 64}", "{"2" * 64}"]
b = []
""",
    )
    first, second = lock.packages
    assert first.hashes == ("sha256:" + "1" * 64, "sha256:" + "2" * 64)
    assert first.marker == "os_name == 'nt'"
    assert second.commit == COMMIT


def test_files_of_old_pdm_stand_by_name_and_version() -> None:
    package = only(
        "pdm.lock",
        f"""\
[[package]]
name = "a"
version = "1.0"
[metadata]
lock_version = "4.1"
[metadata.files]
"a 1.0" = [
    {{url = "https://files.example.com/a-1.0.tar.gz", hash = "sha256:{"1" * 64}"}},
]
"a 2.0" = [
    {{url = "https://files.example.com/a-2.0.tar.gz", hash = "sha256:{"2" * 64}"}},
]
""",
    )
    assert package.hashes == ("sha256:" + "1" * 64,)


def test_extras_of_pdm_without_the_package_itself() -> None:
    package = only(
        "pdm.lock", '[[package]]\nname = "A.b"\nversion = "1"\nextras = ["x"]\n[metadata]\nlock_version = "4.5"\n'
    )
    assert (package.name, package.version) == ("a-b", "1")


def test_what_stands_in_two_sections_of_a_pipfile() -> None:
    lock = of("Pipfile.lock", json.dumps({"_meta": {}, "default": {"a": {"version": "==1"}}, "develop": {"a": {}}}))
    assert [(package.version, package.groups) for package in lock.packages] == [
        ("1", frozenset({"default"})),
        (None, frozenset({"dev-packages"})),
    ]


@pytest.mark.parametrize(
    ("marker", "environments", "groups"),
    [
        ("'dev' in dependency_groups", None, {"dev"}),
        ("os_name == 'nt' and ('dev' in dependency_groups or \"Fan_cy\" in extras)", "os_name == 'nt'", {"dev", "fan-cy"}),
        ("'a' in extras or os_name == 'nt'", None, {"a"}),
        ("(os_name == 'nt' and 'a' in extras) or 'b' in extras and os_name == 'posix'",
         "(os_name == 'nt') or os_name == 'posix'", {"a", "b"}),
        ("'a' not in extras and os_name == 'nt'", "os_name == 'nt'", None),
        ("'and (or)' in extras and os_name == 'nt'", "os_name == 'nt'", {"and (or)"}),
        ("os_name  ==  'nt'", "os_name  ==  'nt'", None),
    ],
)  # fmt: skip
def test_markers_of_pylock(marker: str, environments: str | None, groups: set[str] | None) -> None:
    package = only("pylock.toml", f'lock-version = "1.0"\n[[packages]]\nname = "a"\nmarker = {json.dumps(marker)}\n')
    assert (package.marker, package.groups) == (environments, groups)


def test_a_tool_without_a_known_command() -> None:
    lock = of("pylock.toml", 'lock-version = "1.0"\ncreated-by = "mouse"\n')
    assert (lock.tool, lock.command) == ("mouse", "mouse")


def test_a_tool_with_a_strange_name_is_not_repeated() -> None:
    lock = of("pylock.toml", 'lock-version = "1.0"\ncreated-by = "see https://me:hunter2@git.example.org"\n')
    assert (lock.tool, lock.command) == ("pip", "pip lock")


def test_weak_hashes_are_left_out() -> None:
    package = only(
        "poetry.lock",
        f"""\
[[package]]
name = "a"
version = "1"
files = [
    {{file = "a-1.tar.gz", hash = "md5:{"1" * 32}"}},
    {{file = "a-1.whl", hash = "sha256:{"2" * 64}"}},
]
[metadata]
""",
    )
    assert package.hashes == ("sha256:" + "2" * 64,)


def test_a_list_of_files_in_a_text_is_none() -> None:
    rows = f'files = [\n    {{file = "b-1.whl", hash = "sha256:{"2" * 64}"}},\n]'
    package = only(
        "poetry.lock", f'[metadata]\n[[package]]\nname = "a"\ndescription = """\n{rows}\n"""\nversion = "1"\n'
    )
    assert (package.version, package.hashes) == ("1", ())


def test_packages_in_an_array_of_one_line_each() -> None:
    package = only("pylock.toml", 'lock-version = "1.0"\npackages = [\n    {name = "a", path = "x"},\n]\n')
    assert package.name == "a"


def test_windows_line_ends_and_a_byte_order_mark() -> None:
    for name, folder in (("uv.lock", "uv-0.13.9"), ("Pipfile.lock", "pipenv-2026.10.3")):
        data = (LOCKS / folder / name).read_bytes()
        windows = b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")
        lock = of(name, windows)
        assert [shown(package) for package in lock.packages] == [shown(package) for package in of(name, data).packages]
        assert name == "Pipfile.lock" or Document(windows)._cut  # read no slower


# What is no lock

EMPTY = {"poetry.lock": "Poetry", "uv.lock": "uv", "pdm.lock": "PDM", "Pipfile.lock": "pipenv", "pylock.toml": "pip"}


@pytest.mark.parametrize("name", NAMES)
def test_merge_conflict(name: str) -> None:
    for path in paths_of(name):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        ours, theirs = lines[4:6], lines[6:8]
        lines[4:8] = ["<<<<<<< HEAD\n", *ours, "=======\n", *theirs, ">>>>>>> other\n"]
        lock = of(name, "".join(lines))
        assert lock.fault == "it holds the markers of a merge conflict"
        assert lock.packages == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("text", "fault"),
    [("= [", "it is no {language}"), ("\xff", "it is no UTF-8"), ("{nothing}", "it is not what {tool} writes")],
)
def test_what_is_no_lock(name: str, text: str, fault: str) -> None:
    language = "JSON" if name == "Pipfile.lock" else "TOML"
    text = text.replace("{nothing}", "{}" if language == "JSON" else "")
    lock = of(name, text.encode("latin-1"))
    assert lock.fault == fault.format(language=language, tool=EMPTY[name])


def test_a_missing_lock() -> None:
    assert read("uv.lock", Memory({})).fault == "it cannot be read: no such file"


def test_malformed_entries_are_passed_over() -> None:
    lock = of(
        "poetry.lock",
        """\
package = [1, {name = 1}, {name = " "}, {version = "1"}, {name = "a", version = 1, source = "x", groups = 1, files = 1},
    {name = "b", version = "1", markers = [], source = {type = "git", url = 1, resolved_reference = []}, files = [1, {}]}]
metadata = {content-hash = 1, files = 1}
""",
    )
    check(lock, item("a", None), item("b", "1", direct=True))
    lock = of(
        "uv.lock",
        """\
version = 1
package = [{name = []}, {name = "a", source = 1, resolution-markers = "x", wheels = "x", sdist = [1, {hashes = 1}]}]
manifest = {members = [1, "a"]}
""",
    )
    check(lock, item("a", None))
    lock = of("pdm.lock", 'metadata = {groups = [1], files = []}\npackage = [{name = 1}, {name = "a", groups = [1]}]\n')
    check(lock, item("a", None))
    lock = of(
        "Pipfile.lock",
        '{"_meta": {"hash": []}, "x": [], "default": {"a": 1, "b": {"version": 1, "hashes": [1], "git": []}}}',
    )
    check(lock, item("b", None, groups=frozenset({"default"})))
    lock = of(
        "pylock.toml",
        'lock-version = "1.0"\npackages = [{name = 1}, {name = "a", marker = 1, vcs = {commit-id = 1}}, {name = "b"}]\n',
    )
    check(lock, item("a", None, direct=True), item("b", None))


# Whatever the bytes

scraps = st.sampled_from(
    [
        *(line.encode() for line in "[[package]]|[package.source]|[metadata]|[metadata.files]|[[packages]]".split("|")),
        b'name = "a"', b'version = "1"', b"version = 1", b'source = { git = "x#y" }', b'source = { url = "x" }',
        b"wheels = [", b"files = [", b'    {file = "a", hash = "b"},', b"]", b'sdist = {url = "x"}', b'"""', b"'''",
        b'lock-version = "1.0"', b'marker = "((in extras"', b'files = "\\u00000"', b'name = "\\u00000"', b"<<<<<<< x",
        b'{"_meta": {}, "default":', b'{"a": {"version": "==1"}}', b"}", b"[" * 3000, b'{"a":' * 3000, b"\xff", b"\x00",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), st.one_of(st.binary(), st.lists(scraps | st.binary(max_size=8)).map(b"\n".join)))
@example("uv.lock", b"x = " + b"[" * 100_000)
@example("Pipfile.lock", b"[" * 100_000)
def test_no_bytes_make_it_fail(name: str, data: bytes) -> None:
    lock = of(name, data)
    assert lock.fault is None or lock.packages == []


def whole(document: Document, value: Any) -> Any:
    """What tomllib makes of the text when nothing is left out."""
    if isinstance(value, dict):
        return {key: whole(document, item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(document, item) for item in value]
    if isinstance(value, str) and value.startswith("\0") and document._cut:
        return tomllib.loads(f"x = {document._cut[int(value[1:])]}")["x"]
    return value


def paths_of(name: str) -> list[Path]:
    found = sorted(LOCKS.glob(f"*/{name}"))
    assert found
    return found


def says(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except ValueError:
        return None


@pytest.mark.parametrize(
    "path",
    [path for name in TOML_NAMES for path in sorted(LOCKS.glob(f"*/{name}"))],
    ids=lambda path: f"{path.parent.name}-{path.name}",
)
def test_most_of_a_lock_is_kept_from_the_parser_and_nothing_lost(path: Path) -> None:
    data = path.read_bytes()
    document = Document(data)
    assert whole(document, document.table) == says(data.decode())
    if path.parent.name != "pip-26.3":  # whose files are tables of many lines
        assert document._cut


ODD = (
    '"""', "'''", "x = {", "}", "# files = [", "[metadata.files]", "files = [", "sdist = [", "[package.files]", "[files]",
    'files = { url = "a" }', 'sdist = "\\u00000"', "wheels = [] ", 'files = [{file = "x", hash = "y"}, {file = "z"}]',
    'wheels = [{ url = "x", upload-time = 2024-02-30T10:00:00Z, hashes = { sha256 = "y" } }]', 'sdist = { url = "\t" }',
    'wheels = [{ url = "x", upload-time = 2024-02-28T23:59:59Z, size = 01 }]', '"a b" = [', "package = [", "]]", "\r",
)  # fmt: skip


@st.composite
def worn_locks(draw: st.DrawFn) -> list[str]:
    """A part of a lock, with a few of its lines out of place."""
    text = draw(st.sampled_from([path.read_text(encoding="utf-8") for name in TOML_NAMES for path in paths_of(name)]))
    lines = text.splitlines()
    start = draw(st.integers(0, len(lines)))
    lines = lines[start : start + draw(st.integers(1, 60))]
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(lines)))
        lines[place : place + draw(st.integers(0, 2))] = draw(st.lists(st.sampled_from([*ODD, *lines, ""]), max_size=2))
    return lines


@settings(max_examples=500, deadline=None)
@given(worn_locks())
@example(["[metadata.files]", 'a = [{file = "x", hash = "y"}]', "[b]", 'a = [{file = "x", hash = "y"}]'])
@example(['files = [{file = "x"}]', "[[files]]"])
@example(['sdist = { url = "x" }', "[sdist]"])
@example(["files = [", '    {file = "x"},', "]", "files = 1"])
def test_what_is_left_out_changes_nothing(lines: list[str]) -> None:
    check_against_tomllib("\n".join(lines))


@pytest.mark.parametrize("line", ODD)
def test_what_is_nearly_a_list_of_files(line: str) -> None:
    check_against_tomllib(f"[[package]]\n{line}\n")
    check_against_tomllib(f"[metadata.files]\n{line}\n")


def check_against_tomllib(text: str) -> None:
    expected = says(text)
    if expected is None:
        with pytest.raises(ValueError, match=r"^it "):
            Document(text.encode())
    else:
        document = Document(text.encode())
        assert whole(document, document.table) == expected


def test_only_what_is_read_as_files_is_left_out() -> None:
    rows = '[{file = "x", hash = "y"}]'
    lock = of(
        "poetry.lock",
        f"""\
[metadata.files]
a = {rows}
[[package]]
name = "a"
version = {rows}
""",
    )
    check(lock, item("a", None))


def test_a_text_that_looks_like_what_is_left_out() -> None:
    lock = of("poetry.lock", '[metadata]\n[[package]]\nname = "a"\nfiles = "\\u00000"\n')
    check(lock, item("a", None))


# A lock of generated packages reads back to them

digits = st.text("0123456789abcdef", min_size=64, max_size=64)
names = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
versions = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,2}(rc1|\.post1|\+cu118)?", fullmatch=True)
generated: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "name": names,
        "version": versions,
        "marker": st.sampled_from([None, "python_version < '3.10'", 'os_name == "nt" or sys_platform == "linux"']),
        "commit": st.none() | st.text("0123456789abcdef", min_size=40, max_size=40),
        "hashes": st.lists(digits, max_size=4, unique=True),
    }
)


def write(name: str, packages: list[dict[str, Any]]) -> str:
    """A lock as its tool would write it."""
    if name == "Pipfile.lock":
        entries = {
            package["name"]: {
                "hashes": [f"sha256:{value}" for value in package["hashes"]],
                "version": f"=={package['version']}",
            }
            | ({"markers": package["marker"]} if package["marker"] else {})
            | ({"git": REPOSITORY, "ref": package["commit"]} if package["commit"] else {})
            for package in packages
        }
        return json.dumps({"_meta": {"hash": {"sha256": "0"}}, "default": entries}, indent=4)
    head = {
        "poetry.lock": "# This file is automatically @generated by Poetry 2.1.3 and should not be changed by hand.\n",
        "uv.lock": "version = 1\nrevision = 3\n",
        "pdm.lock": '[metadata]\ngroups = ["default"]\n',
        "pylock.toml": 'lock-version = "1.0"\ncreated-by = "uv"\n',
    }[name]
    tail = '\n[metadata]\nlock-version = "2.1"\ncontent-hash = "0"\n' if name == "poetry.lock" else ""
    return head + "".join(WRITERS[name](package) for package in packages) + tail


def write_poetry(package: dict[str, Any]) -> str:
    rows = "".join(f'    {{file = "x.whl", hash = "sha256:{value}"}},\n' for value in package["hashes"])
    return (
        f'\n[[package]]\nname = "{package["name"]}"\nversion = "{package["version"]}"\noptional = false\n'
        + (f"markers = {json.dumps(package['marker'])}\n" if package["marker"] else "")
        + (f"files = [\n{rows}]\n" if rows else "files = []\n")
        + (
            f'\n[package.source]\ntype = "git"\nurl = "{REPOSITORY}"\nresolved_reference = "{package["commit"]}"\n'
            if package["commit"]
            else ""
        )
    )


def write_pdm(package: dict[str, Any]) -> str:
    rows = "".join(f'    {{file = "x.whl", hash = "sha256:{value}"}},\n' for value in package["hashes"])
    return (
        f'\n[[package]]\nname = "{package["name"]}"\nversion = "{package["version"]}"\n'
        + (f'git = "{REPOSITORY}"\nref = "main"\nrevision = "{package["commit"]}"\n' if package["commit"] else "")
        + (f"marker = {json.dumps(package['marker'])}\n" if package["marker"] else "")
        + (f"files = [\n{rows}]\n" if rows else "")
    )


def write_uv(package: dict[str, Any]) -> str:
    source = f'git = "{REPOSITORY}?rev=main#{package["commit"]}"' if package["commit"] else 'registry = "https://x"'
    rows = [f'{{ url = "https://x", hash = "sha256:{value}", size = 12 }}' for value in package["hashes"]]
    wheels = "".join(f"    {row},\n" for row in rows[1:])
    return (
        f'\n[[package]]\nname = "{package["name"]}"\nversion = "{package["version"]}"\nsource = {{ {source} }}\n'
        + (f"resolution-markers = [\n    {json.dumps(package['marker'])},\n]\n" if package["marker"] else "")
        + (f"sdist = {rows[0]}\n" if rows else "")
        + (f"wheels = [\n{wheels}]\n" if wheels else "")
    )


def write_pylock(package: dict[str, Any]) -> str:
    rows = [
        f'{{ url = "https://x", upload-time = 2024-05-31T10:00:00Z, size = 7, hashes = {{ sha256 = "{value}" }} }}'
        for value in package["hashes"]
    ]
    return (
        f'\n[[packages]]\nname = "{package["name"]}"\nversion = "{package["version"]}"\n'
        + (f"marker = {json.dumps(package['marker'])}\n" if package["marker"] else "")
        + (f'vcs = {{ type = "git", url = "{REPOSITORY}", commit-id = "{package["commit"]}" }}\n' if package["commit"] else "")
        + (f"sdist = {rows[0]}\n" if rows else "")
        + f"wheels = [{', '.join(rows[1:])}]\n"
    )  # fmt: skip


WRITERS = {"poetry.lock": write_poetry, "pdm.lock": write_pdm, "uv.lock": write_uv, "pylock.toml": write_pylock}


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NAMES), st.lists(generated, max_size=6, unique_by=lambda package: str(package["name"])))
def test_a_lock_reads_back(name: str, packages: list[dict[str, Any]]) -> None:
    lock = of(name, write(name, packages))
    assert lock.fault is None
    read_back = [(item.name, item.version, item.marker, item.commit, item.url, item.hashes) for item in lock.packages]
    assert read_back == [
        (
            item["name"],
            item["version"],
            item["marker"],
            item["commit"],
            REPOSITORY if item["commit"] else None,
            tuple(f"sha256:{value}" for value in item["hashes"]),
        )
        for item in packages
    ]


@pytest.mark.parametrize(
    ("head", "metadata", "command"),
    [
        (
            "# This file is automatically @generated by Poetry 1.8.5 and should not be changed by hand.\n",
            'lock-version = "2.0"',
            "poetry lock --no-update",
        ),
        ("", 'lock-version = "1.1"', "poetry lock --no-update"),
        (
            "# This file is automatically @generated by Poetry 2.1.3 and should not be changed by hand.\n",
            'lock-version = "2.1"',
            "poetry lock",
        ),
    ],
)
def test_the_command_that_brings_the_lock_of_poetry_up_to_date(head: str, metadata: str, command: str) -> None:
    text = f'{head}package = []\n\n[metadata]\n{metadata}\npython-versions = "*"\ncontent-hash = "0"\n'
    assert read("p/poetry.lock", Memory({"p/poetry.lock": text.encode()})).command == command
