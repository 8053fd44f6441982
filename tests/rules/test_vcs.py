from __future__ import annotations

from typing import Any

import pytest

from reqlint.config import Configurations
from reqlint.files import Memory
from reqlint.formats import FORMATS
from reqlint.linter import Mender, Target
from tests.support import check, direct, findings, mended

COMMIT = "8b0a2f1c9d3e4f5061728394a5b6c7d8e9f00112"
CORE = "https://github.com/acme/core.git"
INSTALLED = {"core": direct("1.2.0", CORE, commit=COMMIT)}
FAMILY = "RQ2"


def found(line: str, **options: Any) -> list[tuple[str, str]]:
    """What the family finds in one line; the rule that is off by default has tests of its own."""
    options.setdefault("ignore", ["RQ208"])
    return findings(f"{line}\n", select=FAMILY, **options)


def fixed(line: str, unsafe: bool = False, **options: Any) -> str:
    options.setdefault("ignore", ["RQ208"])
    return mended(f"{line}\n", unsafe, select=FAMILY, **options).removesuffix("\n")


@pytest.mark.parametrize(
    "line",
    [
        # Whole commits and tags, with and without a user: the first `@` of the second one belongs to the host.
        f"core @ git+{CORE}@{COMMIT}",
        f"core @ git+ssh://git@github.com/acme/core.git@{COMMIT}",
        f"core @ git+{CORE}@v1.2.0",
        f"core @ git+{CORE}@1.2",
        f"core @ git+{CORE}@refs/tags/nightly",
        f"core @ git+{CORE}@release-2024.1#subdirectory=python",
        f"core @ git+{CORE}@{'0a' * 32}",
        # What a ref is cannot be told from these.
        f"core @ git+{CORE}@fairseq",
        f"core @ git+{CORE}@latest_stable",
        f"core @ git+{CORE}@vendor/acme",
        f"core @ git+{CORE}@20240101",
        f"core @ git+{CORE}@decade",
        f"core @ git+{CORE}@deadbeef",
        # Variables.
        f"core @ git+{CORE}@${{REV}}",
        f"core @ git+{CORE}@v${{VERSION}}",
        "core @ git+https://github.com/acme/${REPOSITORY}",
        "core @ git+https://${TOKEN}@github.com/acme/core.git@v1.2.0",
        # Other systems: a number is a revision, 12 digits are a whole changeset.
        "core @ hg+https://hg.example.com/core@0123456789ab",
        "core @ svn+https://svn.example.com/core/trunk@1234",
        "core @ svn+https://svn.example.com/core/tags/1.0",
        # A port is no owner; a ref of an editable line stands before the fragment that it needs.
        "core @ git+ssh://git@git.example.com:2222/acme/core.git@v1",
        f"-e git+{CORE}@v1.2.0#egg=core",
        f"-e git+{CORE}@v1.2.0#egg=core&subdirectory=python",
        # Encrypted, or not leaving the machine.
        "core @ git+http://localhost:3000/acme/core.git@v1",
        "core @ git+http://127.0.0.1/acme/core.git@v1",
        "core @ git+http://[::1]/acme/core.git@v1",
        # Archives with a name.
        "core @ https://packages.example.com/core-1.2.0.tar.gz",
        "core @ https://packages.example.com/core-1.2.0-py3-none-any.whl ; python_version < '3.12'",
        "core @ https://github.com/acme/core/archive/v1.2.0.zip",
        "core @ https://github.com/acme/core/archive/refs/tags/main.zip",
        f"core @ https://github.com/acme/core/archive/{COMMIT}.tar.gz",
        "core @ https://packages.example.com/archive/main.zip",
        # Paths of the project, and paths that are the same in every container.
        ".",
        "-e .",
        "-e ./packages/core",
        "./wheels/core-1.2.0-py3-none-any.whl",
        "-e /app/core",
        "-e /usr/src/core",
        "/opt/ml/model/code/core-1.2.0-py3-none-any.whl",
        "core @ file:./vendor/core",
        "core @ file://${PWD}/vendor/core",
        "core @ file:///${PROJECT_ROOT}/vendor/core",
        "core @ git+file:///srv/git/core.git@v1",
        "-r https://example.com/requirements.txt",
        "requests==2.32.3",
    ],
)
def test_nothing_to_report(line: str) -> None:
    assert found(line) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # RQ201
        (f"core @ git+{CORE}", [("RQ201", f"git+{CORE}")]),
        (f"core[cli]@git+{CORE}", [("RQ201", f"git+{CORE}")]),
        (f"core @ git+{CORE}@", [("RQ201", f"git+{CORE}")]),
        (f"core @ git+{CORE}#subdirectory=python", [("RQ201", f"git+{CORE}")]),
        ("core @ git+ssh://git@github.com/acme/core", [("RQ201", "git+ssh://git@github.com/acme/core")]),
        ("core @ git+https://${TOKEN}@github.com/acme/core", [("RQ201", "git+https://${TOKEN}@github.com/acme/core")]),
        (f"-e git+{CORE}#egg=core", [("RQ201", f"git+{CORE}")]),
        ("core @ hg+https://hg.example.com/core", [("RQ201", "hg+https://hg.example.com/core")]),
        ("core @ svn+https://svn.example.com/core/trunk", [("RQ201", "svn+https://svn.example.com/core/trunk")]),
        ("core @ git+file:///srv/git/core.git", [("RQ201", "git+file:///srv/git/core.git")]),
        # RQ202
        *(
            (f"core @ git+{CORE}@{ref}", [("RQ202", ref)])
            for ref in ("main", "master", "develop", "HEAD", "release/1.2", "refs/heads/x", "refs/pull/12/head")
        ),
        (f"-e git+{CORE}@main#egg=core", [("RQ202", "main")]),
        ("core @ git+ssh://git@github.com/acme/core.git@main", [("RQ202", "main")]),
        ("core @ https://github.com/acme/core/archive/main.zip", [("RQ202", "main")]),
        ("core @ https://github.com/acme/core/archive/refs/heads/x/y.tar.gz", [("RQ202", "x/y")]),
        ("core @ https://gitlab.example.com/acme/core/-/archive/master/core-master.zip", [("RQ202", "master")]),
        # RQ203
        (f"core @ git+{CORE}@8b0a2f1", [("RQ203", "8b0a2f1")]),
        (f"core @ git+{CORE}@{COMMIT[:-1]}", [("RQ203", COMMIT[:-1])]),
        (f"core @ git+{CORE}@{COMMIT[:12].upper()}", [("RQ203", COMMIT[:12].upper())]),
        ("core @ hg+https://hg.example.com/core@0a2b4c6d8e", [("RQ203", "0a2b4c6d8e")]),
        # RQ204
        ("core @ git://github.com/acme/core.git@v1", [("RQ204", "git://")]),
        ("core @ git+git://github.com/acme/core.git@v1", [("RQ204", "git+git://")]),
        ("-e git://github.com/acme/core.git@v1#egg=core", [("RQ204", "git://")]),
        ("core @ git+http://git.example.com/acme/core.git@v1", [("RQ204", "git+http://")]),
        ("core @ hg+http://hg.example.com/core@0123456789ab", [("RQ204", "hg+http://")]),
        ("core @ svn+http://svn.example.com/core@12", [("RQ204", "svn+http://")]),
        ("core @ bzr+http://bzr.example.com/core@12", [("RQ204", "bzr+http://")]),
        # RQ205
        ("git+git@github.com:acme/core.git@v1", [("RQ205", "git+git@github.com:acme/core.git@v1")]),
        ("git@github.com:acme/core.git@v1", [("RQ205", "git@github.com:acme/core.git@v1")]),
        ("core @ git@github.com:acme/core.git@v1", [("RQ205", "git@github.com:acme/core.git@v1")]),
        (
            "core @ git+ssh://git@github.com:acme/core.git@v1#subdirectory=a",
            [("RQ205", "git+ssh://git@github.com:acme/core.git@v1")],
        ),
        ("-e git+git@github.com:acme/core.git@v1#egg=core", [("RQ205", "git+git@github.com:acme/core.git@v1")]),
        # RQ206
        (f"git+{CORE}@v1#egg=core", [("RQ206", "egg=core")]),
        (f"git+{CORE}@v1#subdirectory=a&egg=core", [("RQ206", "egg=core")]),
        (f"core @ git+{CORE}@v1#egg=core", [("RQ206", "egg=core")]),
        (f"git+{CORE}@v1#egg=core[cli]", [("RQ206", "egg=core[cli]")]),
        (f"-e git+{CORE}@v1#egg=core[cli]", [("RQ206", "egg=core[cli]")]),
        ("https://packages.example.com/core-1.2.0.tar.gz#egg=core", [("RQ206", "egg=core")]),
        # RQ209
        ("core @ file:///croot/core_1690/work/core", [("RQ209", "file:///croot/core_1690/work/core")]),
        (
            "core @ file:///home/conda/feedstock_root/build_artifacts/core_1690/work",
            [("RQ209", "file:///home/conda/feedstock_root/build_artifacts/core_1690/work")],
        ),
        ("core @ file:///C:/ci_311/core_1676/work", [("RQ209", "file:///C:/ci_311/core_1676/work")]),
        ("core @ file:///tmp/build/80754af9/core_16/work", [("RQ209", "file:///tmp/build/80754af9/core_16/work")]),
        ("core @ file:///app/core", [("RQ209", "file:///app/core")]),
        ("core @ file://localhost/srv/core", [("RQ209", "file://localhost/srv/core")]),
        ("file:///home/me/core-1.2.0.tar.gz", [("RQ209", "file:///home/me/core-1.2.0.tar.gz")]),
        ("core @ git+file:///home/me/core", [("RQ209", "git+file:///home/me/core")]),
        ("-e /home/me/core", [("RQ209", "/home/me/core")]),
        ("-e /Users/me/core", [("RQ209", "/Users/me/core")]),
        ("-e C:/Users/me/core", [("RQ209", "C:/Users/me/core")]),
        ("-e file:///home/me/core", [("RQ209", "file:///home/me/core")]),
        ("/tmp/core-1.2.0-py3-none-any.whl", [("RQ209", "/tmp/core-1.2.0-py3-none-any.whl")]),
        ("-r file:///home/me/more.txt", [("RQ209", "file:///home/me/more.txt")]),
        # RQ211
        (f"git+{CORE}@v1", [("RQ211", f"git+{CORE}@v1")]),
        (f"git+{CORE}@v1 ; python_version < '3.12'", [("RQ211", f"git+{CORE}@v1")]),
        ("https://packages.example.com/core.zip", [("RQ211", "https://packages.example.com/core.zip")]),
        (
            "https://packages.example.com/core-1.2.0-py3-none-any.whl",
            [("RQ211", "https://packages.example.com/core-1.2.0-py3-none-any.whl")],
        ),
        # Faults that have nothing to do with each other are both reported.
        (f"git+{CORE}", [("RQ201", f"git+{CORE}"), ("RQ211", f"git+{CORE}")]),
        (f"git+{CORE}@main#egg=core", [("RQ202", "main"), ("RQ206", "egg=core")]),
        ("core @ git://github.com/acme/core.git@main", [("RQ204", "git://"), ("RQ202", "main")]),
    ],
)
def test_what_is_reported(line: str, expected: list[tuple[str, str]]) -> None:
    assert found(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"core @ git+{CORE}", f"core @ git+{CORE}@{COMMIT}"),
        (f"core @ git+{CORE}@", f"core @ git+{CORE}@{COMMIT}"),
        (f"core @ git+{CORE}#subdirectory=a", f"core @ git+{CORE}@{COMMIT}#subdirectory=a"),
        (f"-e git+{CORE}#egg=core  # ours", f"-e git+{CORE}@{COMMIT}#egg=core  # ours"),
        ("core @ git+ssh://git@github.com/Acme/core", f"core @ git+ssh://git@github.com/Acme/core@{COMMIT}"),
        (f"core @ git+{CORE}@main ; os_name == 'posix'", f"core @ git+{CORE}@{COMMIT} ; os_name == 'posix'"),
        (f"core @ git+{CORE}@{COMMIT[:7]}", f"core @ git+{CORE}@{COMMIT}"),
        (f"core @ git+{CORE}@{COMMIT[:9].upper()}", f"core @ git+{CORE}@{COMMIT}"),
        # The whole chain: a name, a URL, and a commit for the branch.
        ("git@github.com:acme/core.git@main", f"core @ git+ssh://git@github.com/acme/core.git@{COMMIT}"),
        (f"git+{CORE}@main#egg=core", f"core @ git+{CORE}@{COMMIT}"),
        (f"git+{CORE}@v1.2.0", f"core @ git+{CORE}@v1.2.0"),
        (f"git+{CORE}@v1.2.0; os_name == 'posix'", f"core @ git+{CORE}@v1.2.0 ; os_name == 'posix'"),
    ],
)
def test_the_environment_tells_commits_and_names(line: str, expected: str) -> None:
    assert fixed(line, environment=INSTALLED) == expected


@pytest.mark.parametrize(
    "line",
    [
        "core @ git+https://github.com/fork/core.git",
        "core @ git+https://git.example.com/acme/core.git@main",
        f"core @ git+{CORE}@0123abc",
        "git+https://github.com/fork/core.git@v1.2.0",
        f"core @ git+{CORE} ; python_version < '3'",
        "core @ hg+https://github.com/acme/core.git",
    ],
)
def test_an_environment_with_something_else_is_not_believed(line: str) -> None:
    assert fixed(line, unsafe=True, environment=INSTALLED) == line


def test_a_commit_is_not_taken_from_an_index_release() -> None:
    line = f"core @ git+{CORE}"
    assert fixed(line, environment={"core": "1.2.0"}) == line


def test_only_commits_do_where_the_configuration_says_so() -> None:
    strict: dict[str, Any] = {"vcs_ref": "commit"}
    for ref in ("v1.2.0", "fairseq", "20240101"):
        assert found(f"core @ git+{CORE}@{ref}", **strict) == [("RQ202", ref)]
    for ref in (COMMIT, "${REV}"):
        assert found(f"core @ git+{CORE}@{ref}", **strict) == []
    assert found(f"core @ git+{CORE}@8b0a2f1", **strict) == [("RQ203", "8b0a2f1")]
    pinned = f"core @ git+{CORE}@{COMMIT}  # v1.2.0"
    assert fixed(f"core @ git+{CORE}@v1.2.0", environment=INSTALLED, **strict) == pinned
    # The environment is older than the tag.
    assert fixed(f"core @ git+{CORE}@v1.3.0", environment=INSTALLED, **strict) == f"core @ git+{CORE}@v1.3.0"


@pytest.mark.parametrize(
    ("allowed", "line"),
    [
        ({"RQ201": ["core"]}, f"core @ git+{CORE}"),
        ({"missing-vcs-ref": ["github.com"]}, f"core @ git+{CORE}"),
        ({"RQ202": ["core"]}, f"core @ git+{CORE}@main"),
        ({"RQ202": ["core"]}, "core @ https://github.com/acme/core/archive/main.zip"),
        ({"RQ203": ["core"]}, f"core @ git+{CORE}@8b0a2f1"),
        ({"RQ204": ["git.internal"]}, "core @ git+http://git.internal/acme/core.git@v1"),
        ({"RQ204": ["git.internal"]}, "core @ git+http://me:${PW}@git.internal:8080/acme/core.git@v1"),
        ({"RQ205": ["git.internal"]}, "core @ git@git.internal:acme/core.git@v1"),
        ({"RQ206": ["core"]}, f"git+{CORE}@v1#egg=core"),
        ({"RQ209": ["core"]}, "core @ file:///app/core"),
        ({"RQ211": ["github.com"]}, f"git+{CORE}@v1"),
    ],
)
def test_names_and_hosts_can_be_allowed(allowed: dict[str, list[str]], line: str) -> None:
    assert found(line, allow=allowed) == []


def test_an_input_file_may_follow_a_branch_when_its_compiled_file_has_the_commit() -> None:
    text = f"core @ git+{CORE}@main\ntool @ git+https://github.com/acme/tool.git\n"
    compiled = f"core @ git+https://github.com/acme/core@{COMMIT}\ntool @ git+https://github.com/acme/tool.git\n"
    everything = [("RQ202", "main"), ("RQ201", "git+https://github.com/acme/tool.git")]
    path = "requirements.in"
    assert findings(text, select=FAMILY, path=path) == everything
    assert findings(text, select=FAMILY, path=path, files={"requirements.txt": compiled}) == everything[1:]


@pytest.mark.parametrize(
    ("line", "safe", "unsafe"),
    [
        ("core @ git://github.com/acme/core.git@v1", "core @ git+https://github.com/acme/core.git@v1", None),
        ("core @ git+git://gitlab.com/acme/core.git@v1", "core @ git+https://gitlab.com/acme/core.git@v1", None),
        ("core @ git+http://bitbucket.org/acme/core.git@v1", "core @ git+https://bitbucket.org/acme/core.git@v1", None),
        (
            "-e git://github.com/acme/core.git@v1#egg=core",
            "-e git+https://github.com/acme/core.git@v1#egg=core",
            None,
        ),
        (
            "core @ git+http://git.example.com/core.git@v1",
            "core @ git+http://git.example.com/core.git@v1",
            "core @ git+https://git.example.com/core.git@v1",
        ),
        (
            "core @ svn+http://svn.example.com/core@12",
            "core @ svn+http://svn.example.com/core@12",
            "core @ svn+https://svn.example.com/core@12",
        ),
    ],
)
def test_https_takes_the_place_of_what_is_insecure(line: str, safe: str, unsafe: str | None) -> None:
    assert fixed(line) == safe
    assert fixed(line, unsafe=True) == (unsafe or safe)


@pytest.mark.parametrize(
    "line",
    [
        "core @ git+git://git.example.com/core.git@v1",  # its https may serve another path
        "core @ git+http://git.example.com:8080/core.git@v1",  # https has another port
        "core @ git+http://${GIT_HOST}/core.git@v1",
    ],
)
def test_no_https_where_it_is_a_guess(line: str) -> None:
    assert [code for code, _ in found(line)] == ["RQ204"]
    assert fixed(line, unsafe=True) == line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("git+git@github.com:acme/core.git@v1", "git+ssh://git@github.com/acme/core.git@v1"),
        ("git@github.com:acme/core.git@v1", "git+ssh://git@github.com/acme/core.git@v1"),
        ("core@git@github.com:acme/core.git@v1", "core@git+ssh://git@github.com/acme/core.git@v1"),
        (
            "core @ git@github.com:acme/core.git@v1#subdirectory=a",
            "core @ git+ssh://git@github.com/acme/core.git@v1#subdirectory=a",
        ),
        ("core[x] @ git+ssh://git@github.com:acme/core@v1", "core[x] @ git+ssh://git@github.com/acme/core@v1"),
        (
            "-e git+git@github.com:acme/core.git@v1#egg=core",
            "-e git+ssh://git@github.com/acme/core.git@v1#egg=core",
        ),
        # May be a port; and a line that would be refused for another reason.
        ("core @ git@git.example.com:2222/core.git@v1", "core @ git@git.example.com:2222/core.git@v1"),
        ("-e git@github.com:acme/core.git@v1", "-e git@github.com:acme/core.git@v1"),
    ],
)
def test_the_form_of_scp_becomes_a_url(line: str, expected: str) -> None:
    assert fixed(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"git+{CORE}@v1#egg=core", f"core @ git+{CORE}@v1"),
        (f"git+{CORE}@v1#egg=Core_X  # ours", f"Core_X @ git+{CORE}@v1  # ours"),
        (f"git+{CORE}@v1#egg=core&subdirectory=a", f"core @ git+{CORE}@v1#subdirectory=a"),
        (f"git+{CORE}@v1#subdirectory=a&egg=core", f"core @ git+{CORE}@v1#subdirectory=a"),
        (f"git+{CORE}@v1#x=1&egg=core&y=2", f"core @ git+{CORE}@v1#x=1&y=2"),
        (f"git+{CORE}@v1#egg=core[a, b]", f"core[a, b] @ git+{CORE}@v1"),
        (f"git+{CORE}@v1#egg=core ; os_name == 'nt'", None),
        (f"git+{CORE}@v1#egg=core; os_name == 'nt'", f"core @ git+{CORE}@v1 ; os_name == 'nt'"),
        (
            f"git+{CORE}@v1#egg=core&subdirectory=a; os_name == 'nt'",
            f"core @ git+{CORE}@v1#subdirectory=a ; os_name == 'nt'",
        ),
        ("https://example.com/c.tgz#sha256=ab&egg=core", "core @ https://example.com/c.tgz#sha256=ab"),
        (f"core[a] @ git+{CORE}@v1#egg=core&subdirectory=a", f"core[a] @ git+{CORE}@v1#subdirectory=a"),
        (f"core @ git+{CORE}@v1#egg=other", f"core @ git+{CORE}@v1"),
        # Not what was meant, or not to be told.
        (f"git+{CORE}@v1#egg=core-1.0", f"git+{CORE}@v1#egg=core-1.0"),
        (f"git+{CORE}@v1#egg=a&egg=b", f"git+{CORE}@v1#egg=a&egg=b"),
    ],
)
def test_the_name_moves_out_of_the_fragment(line: str, expected: str | None) -> None:
    if expected is None:
        expected = line.replace("git+", "core @ git+").replace("#egg=core", "")
    assert fixed(line) == expected


def test_an_editable_line_with_extras_is_quoted_and_only_if_asked() -> None:
    line = f"-e git+{CORE}@v1#egg=core[cli]&subdirectory=a"
    assert fixed(line) == line
    assert fixed(line, unsafe=True) == f'-e "core[cli] @ git+{CORE}@v1#subdirectory=a"'
    line = f"-e git+{CORE}@v1#egg=core[cli]"
    assert fixed(line, unsafe=True) == f'-e "core[cli] @ git+{CORE}@v1"'


def test_a_line_that_is_broken_is_reported_but_not_rewritten() -> None:
    text = f"git+https://github.com/acme/\\\ncore.git@v1#egg=core\ngit+{CORE}@v1\\\n#egg=core\n"
    assert {code for code, _ in findings(text, select="RQ206")} == {"RQ206"}
    assert mended(text, select="RQ206") == text


LOCAL = "core @ file:///home/me/core-1.2.0-py3-none-any.whl"
CONDA = "core @ file:///home/conda/feedstock_root/build_artifacts/core_1690/work"


@pytest.mark.parametrize(
    ("line", "environment", "safe", "unsafe"),
    [
        # Conda built it: the folder is gone, and the version is on an index.
        (CONDA, {"core": "1.2.0"}, "core==1.2.0", None),
        (CONDA, {"core": direct("1.2.0", CONDA[len("core @ ") :])}, "core==1.2.0", None),
        (f"{CONDA} ; os_name == 'posix'", {"core": "1.2.0"}, "core==1.2.0 ; os_name == 'posix'", None),
        ("core[a] @ file:///croot/c/core-1.1-py3-none-any.whl", None, "core[a]==1.1", None),
        ("core@file:///C:/ci_311/core_16/work", {"core": "1.2.0"}, "core==1.2.0", None),
        (CONDA, None, CONDA, None),
        # The environment has a fork.
        (CONDA, {"core": direct("9.9", CORE, commit=COMMIT)}, CONDA, None),
        # A file of one's own may be on no index, unless the environment has it from one.
        (LOCAL, None, LOCAL, "core==1.2.0"),
        (LOCAL, {"core": "1.2.0"}, "core==1.2.0", None),
        (LOCAL, {"core": "1.1"}, LOCAL, "core==1.2.0"),
        ("core @ file:///home/me/core", {"core": "1.2.0"}, "core==1.2.0", None),
        (
            "core @ file:///home/me/core",
            {"core": direct("1.2.0", "file:///home/me/core")},
            "core @ file:///home/me/core",
            "core==1.2.0",
        ),
        # A local build, which an index seldom has.
        (
            "core @ file:///croot/c/core-1.1%2Bcpu-py3-none-any.whl",
            None,
            "core @ file:///croot/c/core-1.1%2Bcpu-py3-none-any.whl",
            "core==1.1",
        ),
        # Another project's wheel; no wheel's file name; not by name; a hash of another file.
        ("core @ file:///croot/c/tool-1.1-py3-none-any.whl", None, None, None),
        ("core @ file:///croot/c/core-1.1.tar.gz", None, None, None),
        ("-e /home/me/core", {"core": "1.2.0"}, None, None),
        ("/home/me/core-1.2.0-py3-none-any.whl", {"core": "1.2.0"}, None, None),
        ("core @ git+file:///home/me/core", {"core": "1.2.0"}, None, None),
        (f"{LOCAL} --hash=sha256:{'0' * 64}", {"core": "1.2.0"}, None, None),
    ],
)
def test_a_version_takes_the_place_of_a_local_file(
    line: str, environment: dict[str, Any] | None, safe: str | None, unsafe: str | None
) -> None:
    assert [code for code, _ in found(line, environment=environment)] == ["RQ209"]
    assert fixed(line, environment=environment) == (safe or line)
    assert fixed(line, unsafe=True, environment=environment) == (unsafe or safe or line)


def test_an_include_that_is_not_there_is_reported_once() -> None:
    assert findings("-r /home/me/more.txt\n", select=["RQ0", "RQ2"]) == [("RQ006", "/home/me/more.txt")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("https://example.com/core-1.2.0-py3-none-any.whl", "core @ https://example.com/core-1.2.0-py3-none-any.whl"),
        (
            "https://example.com/core-1.2.0-py3-none-any.whl#sha256=ab; os_name == 'nt'",
            "core @ https://example.com/core-1.2.0-py3-none-any.whl#sha256=ab ; os_name == 'nt'",
        ),
        ("https://example.com/core-1.2.0.tar.gz", "https://example.com/core-1.2.0.tar.gz"),
        ("git+https://github.com/acme/core.git@v1", "git+https://github.com/acme/core.git@v1"),
    ],
)
def test_a_name_is_written_only_when_it_is_certain(line: str, expected: str) -> None:
    assert fixed(line, unsafe=True) == expected


def test_an_archive_of_the_environment_tells_its_name() -> None:
    url = "https://github.com/acme/core/archive/v1.2.0.zip"
    assert fixed(url, environment={"core": direct("1.2.0", url)}) == f"core @ {url}"
    assert fixed(url, environment={"core": direct("1.2.0", url.replace("1.2", "1.3"))}) == url


def test_hashes_of_archives_are_asked_for_only_when_selected() -> None:
    url = "https://example.com/core-1.2.0.tar.gz"
    assert not check(f"core @ {url}\n")
    assert findings(f"core @ {url}\n", select="RQ208") == [("RQ208", url)]
    quiet = (
        f"core @ {url}#sha256=ab",
        f"core @ {url} --hash=sha256:{'0' * 64}",
        f"core @ git+{CORE}",
        "core @ file:///x/core.zip",
        "./core.zip",
    )
    for line in quiet:
        assert findings(f"{line}\n", select="RQ208") == []


def test_no_message_repeats_a_url() -> None:
    for line in (
        "core @ git+https://me:hunter2-8c1f@git.example.com/core.git",
        "git+http://me:hunter2-8c1f@git.example.com/core.git@main#egg=core",
        "core @ https://me:hunter2-8c1f@git.example.com/acme/core/-/archive/main/core-main.zip",
        "https://me:hunter2-8c1f@github.com/acme/core",
    ):
        items = check(f"{line}\n", select=FAMILY)
        assert items
        for item in items:
            edits = [edit.content for edit in item.fix.edits] if item.fix else []
            assert "hunter2" not in " ".join([item.message, item.label, item.help, *edits])


# What a fix writes means to pip what the line meant before ------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        f"git+{CORE}@v1#egg=core",
        f"git+{CORE}@v1#egg=core&subdirectory=a; python_version < '3.12'",
        f"git+{CORE}@v1#subdirectory=a&egg=Core.X ; python_version < '3.12' and os_name == 'nt'",
        f"core[a,b] @ git+{CORE}@v1#egg=core",
        "https://example.com/c.tgz#sha256=ab&egg=core",
        "https://example.com/core-1.2.0-py3-none-any.whl; os_name == 'nt'",
        "hg+https://hg.example.com/core@0123456789ab#egg=core",
    ],
)
def test_pip_reads_the_same_requirement(line: str) -> None:
    before, after = (read_with_pip(text) for text in (line, fixed(line)))
    assert fixed(line) != line
    for key in ("name", "extras", "markers", "subdirectory", "url", "hashes", "editable"):
        assert after[key] == before[key], key


@pytest.mark.parametrize(
    ("line", "name", "extras", "url"),
    [
        (f"git+{CORE}@v1#egg=core[cli]", "core", {"cli"}, f"git+{CORE}@v1"),
        (f"-e git+{CORE}@v1#egg=core[cli]", "core", {"cli"}, f"git+{CORE}@v1"),
        ("git+git@github.com:acme/core.git@v1", None, set(), "git+ssh://git@github.com/acme/core.git@v1"),
        ("-e git@github.com:acme/core.git#egg=core", "core", set(), "git+ssh://git@github.com/acme/core.git"),
    ],
)
def test_pip_reads_what_it_refused(line: str, name: str | None, extras: set[str], url: str) -> None:
    with pytest.raises(Exception, match=r"."):
        read_with_pip(line)
    after = read_with_pip(fixed(line, unsafe=True))
    assert (after["name"], after["extras"], after["url"]) == (name, extras, url)


def read_with_pip(line: str) -> dict[str, Any]:
    """What pip's own reader makes of one line; it raises what pip raises."""
    import tempfile
    from pathlib import Path

    from pip._internal.network.session import PipSession
    from pip._internal.req.constructors import install_req_from_parsed_requirement
    from pip._internal.req.req_file import parse_requirements

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "requirements.txt")
        path.write_text(f"{line}\n", encoding="utf-8")
        (parsed,) = parse_requirements(str(path), session=PipSession())
        requirement = install_req_from_parsed_requirement(parsed)
    link = requirement.link
    assert link is not None
    return {
        "name": requirement.name,
        "extras": set(requirement.extras),
        "markers": str(requirement.markers) if requirement.markers else None,
        "subdirectory": link.subdirectory_fragment,
        "url": link.url_without_fragment,
        "hashes": link._hashes,
        "editable": requirement.editable,
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-r /home/ada/shop/base.txt  # all", "-r base.txt  # all"),
        ("--requirement=/home/ada/shop/requirements/web.txt", "--requirement=requirements/web.txt"),
        ("-c /home/ada/shop/requirements/../base.txt", "-c base.txt"),
        ("-r /home/ada/other/base.txt", "-r /home/ada/other/base.txt"),
        ("-r /home/ada/shopping/base.txt", "-r /home/ada/shopping/base.txt"),
    ],
)
def test_an_included_file_in_the_same_folder_is_named_from_there(line: str, expected: str) -> None:
    folder = "/home/ada/shop"
    path = f"{folder}/requirements.txt"
    others = ("shop/base.txt", "shop/requirements/web.txt", "other/base.txt", "shopping/base.txt")
    memory = Memory({path: f"{line}\n".encode()} | {f"/home/ada/{name}": b"idna==3.7\n" for name in others})
    configurations = Configurations(memory, {"select": ["RQ209"]}, isolated=True)
    mender = Mender(memory, configurations, [Target(path, FORMATS["requirements.txt"])], unsafe=True)
    mender.run()
    assert not mender.faults
    assert mender.memory.read(path).decode() == f"{expected}\n"
