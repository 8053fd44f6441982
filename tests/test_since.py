"""``--since``, judged by real git: only what a change touches, or caused elsewhere, is reported."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from reqlint.since import Lines
from tests.command import Result, environment, run

posix = pytest.mark.skipif(os.name != "posix", reason="names and links that not every system allows")


def git(*arguments: str, cwd: Path) -> str:
    settings = ["user.name=a", "user.email=a@b.example", "protocol.file.allow=always", "core.autocrlf=false"]
    options = [word for setting in settings for word in ("-c", setting)]
    done = subprocess.run(["git", *options, *arguments], cwd=cwd, check=True, capture_output=True, env=environment())
    return done.stdout.decode().strip()


def put(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def commit(folder: Path) -> None:
    git("add", "-A", cwd=folder)
    git("commit", "-qm", "a", "--allow-empty", cwd=folder)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose branch ``main`` has old findings in lines 1 to 3; HEAD is on the branch ``work``."""
    folder = tmp_path / "project"
    folder.mkdir()
    git("init", "-q", "-b", "main", cwd=folder)
    put(folder / "requirements.txt", "flask\nidna\nrequests\n")
    commit(folder)
    git("checkout", "-qb", "work", cwd=folder)
    return folder


def found(folder: Path, *arguments: str, since: str = "main") -> list[str]:
    """What is reported: path, row and code of each finding."""
    result = run("--since", since, "--output-format", "json", *arguments, cwd=folder)
    assert result.code in (0, 1), result
    top = os.path.realpath(folder)
    return [
        f"{os.path.relpath(item['filename'], top)}:{item['location']['row']}:{item['code']}".replace(os.sep, "/")
        for item in result.json
    ]


def refused(result: Result) -> str:
    """The one line with which a run ends that cannot be made."""
    assert result.code == 2
    assert result.out == ""
    assert result.err.count("\n") == 1
    return result.err


# Which lines


def test_nothing_is_reported_where_nothing_was_changed(repository: Path) -> None:
    result = run("--since", "main", cwd=repository)
    assert result.code == 0
    assert result.codes == []
    assert run(cwd=repository).codes == ["RQ101"] * 3


def test_changed_and_added_lines(repository: Path) -> None:
    put(repository / "requirements.txt", "flask\nidna[all]\nrequests\nnumpy\n")
    expected = ["requirements.txt:2:RQ101", "requirements.txt:4:RQ101"]
    assert found(repository) == expected  # not committed
    git("add", "-A", cwd=repository)
    assert found(repository) == expected  # in the index
    commit(repository)
    assert found(repository) == expected
    assert found(repository, since="HEAD") == []
    assert found(repository, since="HEAD~1") == expected
    assert found(repository, since=git("rev-parse", "main", cwd=repository)) == expected


def test_what_only_moved_is_not_reported(repository: Path) -> None:
    put(repository / "requirements.txt", "# one\n# two\n\nflask\nidna\nrequests\n")
    assert found(repository) == []


def test_the_neighbours_of_a_deleted_line_are_not_reported(repository: Path) -> None:
    put(repository / "requirements.txt", "flask\nrequests\n")
    assert found(repository) == []


def test_a_line_deleted_within_an_entry(repository: Path) -> None:
    old = "flask \\\n  [a] \\\n  >=1\nidna \\\n  [a] \\\n  >=1\n"
    put(repository / "requirements.txt", old)
    commit(repository)
    git("branch", "-f", "main", cwd=repository)
    put(repository / "requirements.txt", old.replace("  [a] \\\n", "", 1))
    assert found(repository) == ["requirements.txt:1:RQ102"]


def test_any_line_of_an_entry(repository: Path) -> None:
    old = "flask \\\n  >=1 \\\n  ,<2\nidna>=1\n"
    put(repository / "requirements.txt", old)
    commit(repository)
    git("branch", "-f", "main", cwd=repository)
    put(repository / "requirements.txt", old.replace("<2", "<3"))
    assert found(repository) == ["requirements.txt:1:RQ102"]


def test_the_other_place_of_a_finding(repository: Path) -> None:
    put(repository / "requirements.txt", "idna==3.7\nflask\nidna==3.9\n")
    commit(repository)
    git("branch", "-f", "main", cwd=repository)
    assert found(repository) == []
    put(repository / "requirements.txt", "idna==3.8\nflask\nidna==3.9\n")
    [finding] = found(repository)  # which is on line 3, where the second one stands, and was not changed
    assert finding == "requirements.txt:3:RQ404"


def test_the_other_place_in_another_file(repository: Path) -> None:
    put(repository / "requirements.txt", "-r base.txt\nidna==3.9\n")
    put(repository / "base.txt", "idna==3.9\n")
    commit(repository)
    git("branch", "-f", "main", cwd=repository)
    put(repository / "base.txt", "idna==3.8\n")
    assert "requirements.txt:2:RQ404" in found(repository)


# Which text


def test_a_last_line_that_only_got_its_line_end(repository: Path) -> None:
    put(repository / "requirements.txt", "flask\nidna")
    commit(repository)
    git("branch", "-f", "main", cwd=repository)
    put(repository / "requirements.txt", "flask\nidna\nnumpy")
    assert found(repository) == ["requirements.txt:3:RQ101"]
    put(repository / "requirements.txt", "flask\nidna[a]\nnumpy\n")
    assert found(repository) == ["requirements.txt:2:RQ101", "requirements.txt:3:RQ101"]


def test_other_line_ends_are_no_change(repository: Path) -> None:
    put(repository / "requirements.txt", "flask\r\nidna\r\nrequests\r\nnumpy\r\n")
    assert found(repository) == ["requirements.txt:4:RQ101"]
    commit(repository)
    put(repository / "requirements.txt", "flask\r\nidna[a]\r\nrequests\r\nnumpy\r\n")
    assert found(repository, since="HEAD") == ["requirements.txt:2:RQ101"]


def test_a_carriage_return_alone_ends_no_line_for_git(repository: Path) -> None:
    put(repository / "requirements.txt", "# a\rflask\nidna\n")
    commit(repository)
    put(repository / "requirements.txt", "# a\rflask\nidna[a]\n")
    [finding] = found(repository, since="HEAD")
    assert finding == "requirements.txt:3:RQ101"


def test_utf_16(repository: Path) -> None:
    put(repository / "requirements.txt", "flask\nidna\n".encode("utf-16"))
    commit(repository)
    assert found(repository, since="HEAD") == []
    put(repository / "requirements.txt", "flask\nidna[a]\n".encode("utf-16"))
    assert found(repository, since="HEAD") == ["requirements.txt:1:RQ008", "requirements.txt:2:RQ101"]


def test_what_git_takes_for_binary(repository: Path) -> None:
    put(repository / ".gitattributes", "*.txt -diff\n")
    commit(repository)
    put(repository / "requirements.txt", "flask\nidna[a]\nrequests\n")
    assert found(repository) == ["requirements.txt:2:RQ101"]


def test_the_users_settings_of_git_do_not_matter(repository: Path) -> None:
    put(repository / "requirements.txt", "flask[a]\nidna\nrequests[a]\n")
    for setting in (
        "color.ui=always",
        "color.diff=always",
        "diff.external=false",
        "diff.noprefix=true",
        "diff.interHunkContext=9",
        "diff.context=5",
        "diff.relative=true",
        "diff.renames=false",
        "core.quotePath=true",
        "diff.wordRegex=.",
    ):
        git("config", *setting.split("="), cwd=repository)
    assert found(repository) == ["requirements.txt:1:RQ101", "requirements.txt:3:RQ101"]
    git("mv", "requirements.txt", "requirements-dev.txt", cwd=repository)
    put(repository / "requirements-dev.txt", "flask\nidna\nrequests\n")
    assert found(repository) == []


# Which files


def test_new_files_count_whole(repository: Path) -> None:
    put(repository / ".gitignore", "*-local.txt\n")
    put(repository / "requirements-new.txt", "numpy\n")
    put(repository / "requirements-local.txt", "numpy\n")
    put(repository / "new" / "requirements.txt", "numpy\n")
    assert found(repository) == ["requirements-new.txt:1:RQ101", "new/requirements.txt:1:RQ101"]
    assert found(repository, "requirements-local.txt") == []
    commit(repository)
    assert found(repository) == ["requirements-new.txt:1:RQ101", "new/requirements.txt:1:RQ101"]


def test_a_renamed_file_is_no_new_one(repository: Path) -> None:
    lines = "".join(f"package-{number}\n" for number in range(20))
    put(repository / "requirements.txt", lines)
    commit(repository)
    git("branch", "-f", "main", cwd=repository)
    git("mv", "requirements.txt", "requirements-dev.txt", cwd=repository)
    assert found(repository) == []
    put(repository / "requirements-dev.txt", lines.replace("package-3\n", "package-3[a]\n"))
    assert found(repository) == ["requirements-dev.txt:4:RQ101"]
    commit(repository)
    assert found(repository) == ["requirements-dev.txt:4:RQ101"]


@posix
@pytest.mark.parametrize(
    "name", ["a b", "é 日本", 'quo"te', "back\\slash", "tab\there", "new\nline", "-dash", "gl*b[x]", ":(top)"]
)
def test_odd_names(repository: Path, name: str) -> None:
    put(repository / name / "requirements.txt", "flask\nidna\n")
    commit(repository)
    git("branch", "-f", "main", cwd=repository)
    assert found(repository) == []
    put(repository / name / "requirements.txt", "flask\nidna[a]\n")
    assert found(repository) == [f"{name}/requirements.txt:2:RQ101"]


def test_from_a_folder_below_and_from_elsewhere(repository: Path, tmp_path: Path) -> None:
    put(repository / "sub" / "requirements.txt", "numpy\n")
    put(repository / "requirements.txt", "flask[a]\nidna\nrequests\n")
    run_there = run("--since", "main", "--output-format", "concise", cwd=repository / "sub")
    assert run_there.out.startswith("requirements.txt:1:1: error[RQ101]")
    assert run("--since", "main", "../requirements.txt", cwd=repository / "sub").codes == ["RQ101"]
    assert run("--since", "main", "project", cwd=tmp_path).codes == ["RQ101", "RQ101"]


@posix
def test_links(repository: Path, tmp_path: Path) -> None:
    put(tmp_path / "outside.txt", "numpy\n")
    (repository / "requirements-a.txt").symlink_to("requirements.txt")
    (repository / "requirements-b.txt").symlink_to("../outside.txt")
    commit(repository)
    git("branch", "-f", "main", cwd=repository)
    assert found(repository, "requirements-a.txt", "requirements-b.txt") == []
    put(repository / "requirements.txt", "flask\nidna[a]\nrequests\n")
    assert found(repository, "requirements-a.txt") == ["requirements-a.txt:2:RQ101"]
    (tmp_path / "way").symlink_to("project")
    assert run("--since", "main", "way", cwd=tmp_path).codes == ["RQ101"]


def test_a_further_working_tree(repository: Path, tmp_path: Path) -> None:
    git("worktree", "add", "-q", "../second", "-b", "second", "main", cwd=repository)
    put(tmp_path / "second" / "requirements.txt", "flask\nidna\nrequests[a]\n")
    assert found(tmp_path / "second") == ["requirements.txt:3:RQ101"]
    assert found(repository) == []


def test_submodules(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    put(other / "requirements.txt", "django\njinja2\n")
    git("init", "-q", "-b", "trunk", cwd=other)
    commit(other)
    git("submodule", "add", "-q", "../other", "sub", cwd=repository)
    assert found(repository) == ["sub/requirements.txt:1:RQ101", "sub/requirements.txt:2:RQ101"]  # it is new
    commit(repository)
    git("branch", "-f", "main", cwd=repository)
    assert found(repository) == []
    put(repository / "sub" / "requirements.txt", "django\njinja2[a]\n")
    assert found(repository) == ["sub/requirements.txt:2:RQ101"]
    commit(repository / "sub")
    assert found(repository) == ["sub/requirements.txt:2:RQ101"]  # at another commit than the one recorded
    commit(repository)
    assert found(repository) == ["sub/requirements.txt:2:RQ101"]
    assert found(repository, since="HEAD") == []
    git("submodule", "--quiet", "deinit", "-f", "sub", cwd=repository)
    assert found(repository) == []


def test_a_submodule_that_lacks_the_recorded_commit(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    put(other / "requirements.txt", "django\n")
    git("init", "-q", "-b", "trunk", cwd=other)
    commit(other)
    git("submodule", "add", "-q", "../other", "sub", cwd=repository)
    missing = "1234567890" * 4
    git("update-index", "--cacheinfo", f"160000,{missing},sub", cwd=repository)
    git("commit", "-qm", "a", cwd=repository)
    message = refused(run("--since", "HEAD", cwd=repository))
    assert missing[:12] in message
    assert "git fetch" in message


def test_a_repository_within_that_the_outer_one_does_not_know(repository: Path) -> None:
    inner = repository / "inner"
    put(inner / "requirements.txt", "numpy\n")
    git("init", "-q", "-b", "trunk", cwd=inner)
    commit(inner)
    assert found(repository) == ["inner/requirements.txt:1:RQ101"]
    assert found(inner, since="HEAD") == []


# Where the branches part


def test_what_the_other_branch_did_meanwhile_does_not_count(repository: Path) -> None:
    put(repository / "requirements.txt", "flask\nidna\nrequests\nnumpy\n")
    commit(repository)
    git("checkout", "-q", "main", cwd=repository)
    put(repository / "requirements.txt", "flask[a]\nidna\nrequests\n")
    commit(repository)
    git("checkout", "-q", "work", cwd=repository)
    assert found(repository) == ["requirements.txt:4:RQ101"]


def test_after_a_merge_of_the_other_branch(repository: Path) -> None:
    put(repository / "requirements.txt", "flask\nidna\nrequests\n\n\nnumpy\n")
    commit(repository)
    git("checkout", "-q", "main", cwd=repository)
    put(repository / "requirements.txt", "flask[a]\nidna\nrequests\n")
    commit(repository)
    git("checkout", "-q", "work", cwd=repository)
    git("merge", "-q", "main", cwd=repository)
    assert found(repository) == ["requirements.txt:6:RQ101"]


def test_no_common_commit(repository: Path) -> None:
    git("checkout", "-q", "--orphan", "alone", cwd=repository)
    put(repository / "requirements.txt", "flask\nidna\nrequests[a]\n")
    assert found(repository) == ["requirements.txt:3:RQ101"]  # no commit at all yet
    commit(repository)
    assert found(repository) == ["requirements.txt:3:RQ101"]


def test_in_the_middle_of_a_merge(repository: Path) -> None:
    put(repository / "requirements.txt", "flask\nidna[b]\nrequests\nnumpy\n")
    commit(repository)
    git("checkout", "-q", "main", cwd=repository)
    put(repository / "requirements.txt", "flask\nidna[c]\nrequests\n")
    commit(repository)
    with pytest.raises(subprocess.CalledProcessError):
        git("merge", "-q", "work", cwd=repository)
    assert found(repository, since="HEAD") == ["requirements.txt:2:RQ003"]  # the marks of a conflict


def test_a_tag_and_what_only_git_understands(repository: Path) -> None:
    git("tag", "-a", "v1", "-m", "one", cwd=repository)
    put(repository / "requirements.txt", "flask\nidna\nrequests\nnumpy\n")
    commit(repository)
    for name in ("v1", "HEAD^", "@~1", ":/a", "HEAD^{/a}~1", "work@{1}"):
        assert found(repository, since=name) in ([], ["requirements.txt:4:RQ101"])
    assert found(repository, since="v1") == ["requirements.txt:4:RQ101"]
    assert found(repository, since="HEAD^") == ["requirements.txt:4:RQ101"]


# Causes elsewhere


def test_a_finding_about_the_whole_file(repository: Path) -> None:
    put(repository / "requirements-old.txt", "# packages in environment at /opt/conda:\n#\n# Name  Version  Build  Channel\n"
        "idna   3.7   pyhd8ed1ab_0   conda-forge\nsix   1.16.0   pyh6c4a22f_0   conda-forge\n")  # fmt: skip
    commit(repository)
    assert found(repository, since="HEAD") == []
    with (repository / "requirements-old.txt").open("a") as file:
        file.write("attrs   23.1.0   pyh71513ae_1   conda-forge\n")
    assert found(repository, since="HEAD") == ["requirements-old.txt:4:RQ003"]


def test_a_missing_hash_is_the_fault_of_the_first_hash(repository: Path) -> None:
    put(repository / "requirements.txt", "idna==3.7\nsix==1.16.0\n")
    commit(repository)
    put(repository / "requirements.txt", f"idna==3.7 --hash=sha256:{'0' * 64}\nsix==1.16.0\n")
    assert found(repository, since="HEAD") == ["requirements.txt:2:RQ107"]


def test_an_included_file_that_was_deleted(repository: Path) -> None:
    put(repository / "requirements.txt", "-r base.txt\n-r never.txt\n")
    put(repository / "base.txt", "idna==3.7\n")
    commit(repository)
    assert found(repository, since="HEAD") == []
    (repository / "base.txt").rename(repository / "other.txt")
    assert found(repository, since="HEAD") == ["requirements.txt:1:RQ006"]
    git("add", "-A", cwd=repository)
    assert found(repository, since="HEAD") == ["requirements.txt:1:RQ006"]


_PROJECT = (
    '[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.12"\ndependencies = [\n  "idna>=3.7",\n]\n'
)
_LOCK = """version = 1
revision = 3
requires-python = ">=3.12"

[[package]]
name = "idna"
version = "3.10"
source = { registry = "https://packages.example.com/simple" }

[[package]]
name = "shop"
version = "1.0"
source = { virtual = "." }
dependencies = [
    { name = "idna" },
]
"""


def test_a_lock_that_was_changed(repository: Path) -> None:
    put(repository / "pyproject.toml", f"{_PROJECT}\n[tool.uv]\npackage = false\n")
    put(repository / "uv.lock", _LOCK)
    put(repository / "README.md", "a\n")
    commit(repository)
    assert found(repository, "--select", "RQ502", since="HEAD") == []
    put(repository / "uv.lock", _LOCK.replace("3.10", "3.6"))
    assert found(repository, "--select", "RQ502", since="HEAD") == ["pyproject.toml:6:RQ502"]
    commit(repository)
    put(repository / "README.md", "b\n")
    assert found(repository, "--select", "RQ502", since="HEAD") == []  # an old one


def test_a_lock_that_was_deleted(repository: Path) -> None:
    put(repository / "pyproject.toml", f"{_PROJECT}\n[tool.uv]\npackage = false\n")
    put(repository / "uv.lock", _LOCK)
    commit(repository)
    (repository / "uv.lock").unlink()
    assert [item.split(":")[-1] for item in found(repository, "--select", "RQ503", since="HEAD")] == ["RQ503"]


def test_a_pin_that_was_taken_from_a_constraints_file(repository: Path) -> None:
    put(repository / "requirements.txt", "-c constraints.txt\nflask\nidna\nrequests\n")
    put(repository / "constraints.txt", "Flask==3.0.0\nrequests==2.32.3\n")
    commit(repository)
    assert found(repository, "--select", "RQ101", since="HEAD") == []
    put(repository / "constraints.txt", "requests==2.32.3\n")
    assert found(repository, "--select", "RQ101", since="HEAD") == ["requirements.txt:2:RQ101"]


def test_an_ignore_that_has_become_idle(repository: Path) -> None:
    put(repository / "requirements.txt", "# reqlint: ignore[unpinned] why\nflask\n")
    commit(repository)
    put(repository / "requirements.txt", "# reqlint: ignore[unpinned] why\nflask==3.0.0\n")
    assert found(repository, since="HEAD") == ["requirements.txt:1:RQ901"]


def test_a_changed_mode_is_no_change(repository: Path) -> None:
    put(repository / "requirements.txt", f"idna==3.7 --hash=sha256:{'0' * 64}\nsix==1.16.0\n")
    commit(repository)
    git("update-index", "--chmod=+x", "requirements.txt", cwd=repository)
    (repository / "requirements.txt").chmod(0o755)
    assert found(repository, since="HEAD") == []


# What obeys it


def test_fixes(repository: Path) -> None:
    url = "--index-url https://build:${token}@packages.example.com/simple\n"
    old = f"{url}flask==3.0.3\n"
    put(repository / "requirements.txt", old)
    commit(repository)
    put(repository / "requirements.txt", f"{old}{url.replace('index-url', 'extra-index-url')}")
    result = run("--since", "HEAD", "--fix", "--select", "RQ009", cwd=repository)
    assert result.code == 0
    mended = url.replace("index-url", "extra-index-url").replace("token", "TOKEN")
    assert (repository / "requirements.txt").read_text() == f"{old}{mended}"
    assert run("--since", "HEAD", "--diff", "--select", "RQ009", cwd=repository).out == ""
    assert run("--select", "RQ009", cwd=repository).codes == ["RQ009"]


def test_a_fix_that_moves_lines_leaves_old_findings_where_they_were(repository: Path) -> None:
    put(repository / "requirements.txt", "flask\nidna==3.7\n")
    commit(repository)
    put(repository / "requirements.txt", "pkg-resources==0.0.0\npkg_resources==0.0.0\nflask\nidna==3.7\nnumpy\n")
    result = run("--since", "HEAD", "--fix", "--output-format", "json", cwd=repository)
    assert (repository / "requirements.txt").read_text() == "flask\nidna==3.7\nnumpy\n"
    assert [(item["code"], item["location"]["row"]) for item in result.json] == [("RQ101", 3)]
    assert found(repository, since="HEAD") == ["requirements.txt:3:RQ101"]


def test_statistics_and_exit_codes(repository: Path) -> None:
    put(repository / "requirements.txt", "flask\nidna\nrequests\nnumpy\n")
    result = run("--since", "main", "--statistics", "--output-format", "json", cwd=repository)
    assert [item["count"] for item in json.loads(result.out)] == [1]
    assert result.code == 1
    assert run("--since", "HEAD", "--statistics", cwd=repository).code == 1
    commit(repository)
    assert run("--since", "HEAD", cwd=repository).code == 0


def test_standard_input(repository: Path) -> None:
    arguments = ("--since", "main", "--stdin-filename", "requirements.txt", "-")
    assert run(*arguments, cwd=repository, stdin=b"flask\nidna\nrequests\n").codes == []
    result = run(*arguments, cwd=repository, stdin=b"# new\nflask\nidna[a]\nrequests\n")
    assert [line.split(":")[1] for line in result.out.splitlines() if "RQ101" in line] == ["3"]
    arguments = ("--since", "main", "--stdin-filename", "requirements-new.txt", "-")
    assert run(*arguments, cwd=repository, stdin=b"flask\n").codes == ["RQ101"]


def test_in_a_hook_the_variables_of_git_do_not_mislead(repository: Path, tmp_path: Path) -> None:
    put(repository / "requirements.txt", "flask\nidna\nrequests\nnumpy\n")
    hook = {"GIT_DIR": str(tmp_path / "nowhere"), "GIT_INDEX_FILE": str(tmp_path / "index"), "GIT_PREFIX": "x/"}
    assert run("--since", "main", cwd=repository, env=hook).codes == ["RQ101"]


def test_nothing_is_written_to_the_repository(repository: Path) -> None:
    put(repository / "requirements.txt", "flask\nidna\nrequests\n")
    os.utime(repository / "requirements.txt", (1, 1))  # git would like to note that it is the same
    before = (repository / ".git" / "index").read_bytes()
    assert found(repository) == []
    assert (repository / ".git" / "index").read_bytes() == before


# What cannot be told


@pytest.mark.parametrize(
    "name",
    [
        "unknown",
        "",
        "-x",
        "--all",
        "--output=stolen",
        "^main",
        "main..work",
        "HEAD:requirements.txt",
        "HEAD~9",
        "@{u}",
        "a\nb",
    ],
)
def test_a_revision_that_git_does_not_know(repository: Path, name: str) -> None:
    message = refused(run(f"--since={name}", cwd=repository))
    assert "fetch it, or name a branch, tag or commit" in message
    assert sorted(path.name for path in repository.iterdir()) == [".git", "requirements.txt"]


def test_a_secret_in_place_of_a_revision_is_not_shown(repository: Path) -> None:
    secret = "reqlintSyntheticTestVector0001" + "3q29UP"
    assert secret not in refused(run("--since", f"https://ghp_{secret}@github.com/a/b", cwd=repository))


def test_no_repository(tmp_path: Path) -> None:
    put(tmp_path / "requirements.txt", "flask\n")
    assert "does not lie in a git repository" in refused(run("--since", "main", cwd=tmp_path))


def test_no_git(repository: Path) -> None:
    assert "git cannot be run" in refused(run("--since", "main", cwd=repository, env={"PATH": ""}))


def test_a_broken_repository(tmp_path: Path) -> None:
    put(tmp_path / ".git", "gitdir: /nowhere\n")
    put(tmp_path / "requirements.txt", "flask\n")
    assert "not a git repository" in refused(run("--since", "main", cwd=tmp_path))


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root gives a folder away")
def test_a_repository_of_somebody_else(repository: Path, tmp_path: Path) -> None:
    for path in (repository, repository / ".git"):
        os.chown(path, 65534, 65534)
    message = refused(run("--since", "main", cwd=repository, env={"HOME": str(tmp_path), "LANG": "de_DE.UTF-8"}))
    assert "safe.directory" in message


def test_a_shallow_clone(repository: Path, tmp_path: Path) -> None:
    put(repository / "requirements.txt", "flask\nidna\nrequests\nnumpy\n")
    commit(repository)
    git("checkout", "-q", "main", cwd=repository)
    put(repository / "README.md", "a\n")
    commit(repository)
    git("clone", "-q", "--depth=1", "--no-single-branch", "--branch=work", repository.as_uri(), "clone", cwd=tmp_path)
    clone = tmp_path / "clone"
    for name in ("origin/main", "HEAD~1"):
        message = refused(run("--since", name, cwd=clone))
        assert "shallow" in message
        assert "git fetch --unshallow" in message
    git("fetch", "-q", "--unshallow", cwd=clone)
    assert found(clone, since="origin/main") == ["requirements.txt:4:RQ101"]


# Texts that were changed once more


def test_lines_are_carried_to_a_newer_text() -> None:
    lines = Lines()
    lines.rows, lines.gaps = {2, 5}, {3}
    after = lines.carried("a\nb\nc\nd\ne\nf", "new\na\nb\nc\nd\nE\nf")
    assert after.rows == {1, 3, 6}
    assert 4 in after.gaps
    assert lines.carried("a\nb", "a\nb") is lines
