"""Since when a secret has been in git's history, in repositories that git makes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reqlint.evidence.history import Commit, History, Past

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

SECRET = "s3cr3t-T0ken.x9"
BEGINNING = datetime(2026, 1, 10, 12, tzinfo=UTC)


class Repository:
    """A repository whose commits are a day apart, the first of them on 2026-01-10."""

    def __init__(self, root: Path, *, new: bool = True) -> None:
        self.root = root
        self.days = 0
        self.delay = 100
        if new:
            root.mkdir(parents=True)
            self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, **variables: str) -> str:
        """Run git, with the user's configuration left out; returns what it prints."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        environment |= {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.com"}
        environment |= {"GIT_COMMITTER_NAME": "Bob", "GIT_COMMITTER_EMAIL": "bob@example.com", **variables}
        command = ["git", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def write(self, name: str, *lines: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    def commit(self, *arguments: str) -> str:
        """Commit everything; returns the abbreviated hash."""
        self.git("add", "--all")
        return self.commit_index(*arguments)

    def commit_index(self, *arguments: str) -> str:
        date = (BEGINNING + timedelta(days=self.days)).isoformat()
        # Written today, committed later: the author's date is the one that counts.
        later = (BEGINNING + timedelta(days=self.days + self.delay)).isoformat()
        self.days += 1
        self.git(
            "commit", "--quiet", "--allow-empty", "-m", "x", *arguments, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=later
        )
        return self.head

    @property
    def head(self) -> str:
        return self.git("rev-parse", "--short", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "work")


def found(past: Past | None) -> tuple[str, str] | None:
    """Hash and date of the commit that is certain to be the oldest."""
    assert past is not None
    assert past.whole
    return (past.commit.hash, past.commit.date) if past.commit is not None else None


def test_the_oldest_commit_with_the_secret_is_told(repository: Repository) -> None:
    repository.write("requirements.txt", "alpha==1.0")
    repository.commit()
    path = repository.write("requirements.txt", f"--index-url https://ann:{SECRET}@packages.example.com/")
    introduced = repository.commit()
    repository.write("requirements.txt", f"--index-url https://ann:{SECRET}@packages.example.com/", "beta==1.0")
    repository.commit()
    past = History().since(str(path), SECRET)
    assert found(past) == (introduced, "2026-01-11")
    assert past is not None
    assert past.commit is not None
    assert past.commit.authored == "2026-01-11T12:00:00+00:00"


def test_a_secret_that_was_gone_for_a_while_counts_from_its_first_time(repository: Repository) -> None:
    path = repository.root / "requirements.txt"
    for line in (f"token {SECRET}", "no token", f"token {SECRET}"):
        repository.write(path.name, line)
        repository.commit()
    oldest = repository.git("rev-parse", "--short", "HEAD~2")
    assert found(History().since(str(path), SECRET)) == (oldest, "2026-01-10")


def test_a_secret_that_was_taken_out_of_the_file_is_still_in_its_history(repository: Repository) -> None:
    repository.write("requirements.txt", SECRET)
    first = repository.commit()
    path = repository.write("requirements.txt", "alpha==1.0")
    repository.commit()
    assert found(History().since(str(path), SECRET)) == (first, "2026-01-10")


def test_each_secret_of_a_file_has_its_own_commit(repository: Repository) -> None:
    repository.write("requirements.txt", "one-secret")
    first = repository.commit()
    path = repository.write("requirements.txt", "one-secret", "another-secret")
    second = repository.commit()
    history = History()
    assert found(history.since(str(path), "another-secret")) == (second, "2026-01-11")
    assert found(history.since(str(path), "one-secret")) == (first, "2026-01-10")
    assert found(history.since(str(path), "third-secret")) is None


# Not committed


def test_what_is_only_in_the_working_tree_is_not_committed_yet(repository: Repository) -> None:
    repository.write("requirements.txt", "alpha==1.0")
    repository.commit()
    path = repository.write("requirements.txt", SECRET)
    assert found(History().since(str(path), SECRET)) is None


def test_what_is_only_staged_is_not_committed_yet(repository: Repository) -> None:
    repository.write("other.txt", "alpha==1.0")
    repository.commit()
    path = repository.write("requirements.txt", SECRET)
    repository.git("add", "--all")
    assert found(History().since(str(path), SECRET)) is None


def test_what_is_staged_for_the_first_commit_is_not_committed_yet(repository: Repository) -> None:
    path = repository.write("requirements.txt", SECRET)
    assert History().since(str(path), SECRET) is None
    repository.git("add", "--all")
    assert found(History().since(str(path), SECRET)) is None


def test_nothing_is_said_of_a_file_that_is_not_tracked(repository: Repository) -> None:
    repository.write("other.txt", SECRET)
    repository.commit()
    assert History().since(str(repository.write("requirements.txt", SECRET)), SECRET) is None


def test_a_file_that_is_not_tracked_any_more_has_its_history(repository: Repository) -> None:
    path = repository.write("pip.conf", SECRET)
    first = repository.commit()
    repository.git("rm", "--quiet", "--cached", "pip.conf")
    repository.write(".gitignore", "pip.conf")
    repository.commit()
    assert found(History().since(str(path), SECRET)) == (first, "2026-01-10")


def test_nothing_is_said_without_a_repository(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(SECRET, encoding="utf-8")
    assert History().since(str(path), SECRET) is None
    assert History().since(str(tmp_path / "nowhere" / "requirements.txt"), SECRET) is None


def test_nothing_is_said_without_git(repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = repository.write("requirements.txt", SECRET)
    repository.commit()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert History().since(str(path), SECRET) is None


@pytest.mark.parametrize("attribute", ["filter=git-crypt", "filter=lfs diff=lfs merge=lfs -text"])
def test_nothing_is_said_of_a_file_that_is_committed_in_another_form(repository: Repository, attribute: str) -> None:
    repository.write(".gitattributes", f"requirements.txt {attribute}")
    path = repository.write("requirements.txt", SECRET)
    repository.git("add", ".gitattributes")
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"],
        cwd=repository.root,
        input=b"\0GITCRYPT",
        capture_output=True,
        check=True,
    )
    repository.git("update-index", "--add", "--cacheinfo", f"100644,{blob.stdout.decode().strip()},requirements.txt")
    repository.commit_index()
    assert History().since(str(path), SECRET) is None


# The shape of the history


def test_a_renamed_file_keeps_its_history(repository: Repository) -> None:
    lines = [f"package{number}==1.0" for number in range(20)]
    repository.write("requirements.txt", *lines, SECRET)
    first = repository.commit()
    (repository.root / "deploy").mkdir()
    repository.git("mv", "requirements.txt", "deploy/base.txt")
    repository.commit()
    repository.git("mv", "deploy/base.txt", "deploy/prod.txt")
    repository.write("deploy/prod.txt", *lines, SECRET, "more==1.0")
    repository.commit()
    assert found(History().since(str(repository.root / "deploy" / "prod.txt"), SECRET)) == (first, "2026-01-10")


def test_a_secret_that_came_by_a_merge_is_from_its_branch(repository: Repository) -> None:
    repository.write("requirements.txt", "alpha==1.0", "", "", "", "", "beta==1.0")
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "side")
    repository.write("requirements.txt", f"alpha {SECRET}", "", "", "", "", "beta==1.0")
    side = repository.commit()
    repository.git("checkout", "--quiet", "main")
    path = repository.write("requirements.txt", "alpha==1.0", "", "", "", "", "beta==2.0")
    repository.commit()
    history = History()
    assert found(history.since(str(path), SECRET)) is None
    repository.git("merge", "--quiet", "--no-edit", "side")
    assert SECRET in path.read_text(encoding="utf-8")
    assert found(History().since(str(path), SECRET)) == (side, "2026-01-11")


def test_a_secret_that_a_merge_left_out_is_in_the_history(repository: Repository) -> None:
    repository.write("requirements.txt", "alpha==1.0")
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "side")
    repository.write("requirements.txt", SECRET)
    side = repository.commit()
    repository.git("checkout", "--quiet", "main")
    path = repository.write("requirements.txt", "alpha==2.0")
    repository.commit()
    repository.git("merge", "--quiet", "--no-edit", "--strategy=ours", "side")
    assert found(History().since(str(path), SECRET)) == (side, "2026-01-11")


def test_a_secret_that_stands_in_a_merge_alone_is_found(repository: Repository) -> None:
    repository.write("requirements.txt", "alpha==1.0")
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "side")
    repository.write("other.txt", "x")
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    path = repository.write("requirements.txt", "alpha==2.0")
    repository.commit()
    repository.git("merge", "--quiet", "--no-commit", "side")
    repository.write("requirements.txt", SECRET)
    merge = repository.commit()
    assert found(History().since(str(path), SECRET)) == (merge, "2026-01-13")


def test_a_commit_comes_after_its_parents_whatever_the_clocks_say(repository: Repository) -> None:
    repository.write("requirements.txt", SECRET)
    first = repository.commit()
    repository.git("checkout", "--quiet", "-b", "side")
    repository.delay = -100  # this clock is slow
    repository.write("requirements.txt", SECRET, "alpha==1.0")
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    repository.delay = 100
    repository.write("other.txt", "x")
    repository.commit()
    repository.git("merge", "--quiet", "--no-edit", "side")
    assert found(History().since(str(repository.root / "requirements.txt"), SECRET)) == (first, "2026-01-10")


def test_what_was_a_submodule_or_a_link_once_had_no_text(repository: Repository) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},requirements.txt")
    repository.commit_index()
    (repository.root / "requirements.txt").symlink_to(SECRET)
    repository.commit()
    (repository.root / "requirements.txt").unlink()
    path = repository.write("requirements.txt", "alpha==1.0")
    repository.commit()
    assert found(History().since(str(path), SECRET)) is None


def test_the_history_of_a_branch_that_was_not_merged_does_not_count(repository: Repository) -> None:
    path = repository.write("requirements.txt", "alpha==1.0")
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "side")
    repository.write("requirements.txt", SECRET)
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    assert found(History().since(str(path), SECRET)) is None


def test_a_shallow_clone_tells_what_it_has(repository: Repository, tmp_path: Path) -> None:
    for lines in (("alpha==1.0",), (SECRET,), (SECRET, "x"), (SECRET, "y")):
        repository.write("requirements.txt", *lines)
        repository.commit()
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--depth=2", repository.root.as_uri(), str(clone))
    path = str(clone / "requirements.txt")
    past = History().since(path, SECRET)
    assert past is not None
    assert not past.whole
    assert past.commit is not None
    assert past.commit.hash == repository.git("rev-parse", "--short", "HEAD~1")
    assert past.commit.date == "2026-01-12"
    # It may have been there before: nobody can say that it was not committed yet.
    assert History().since(path, "another") is None


def test_a_partial_clone_fetches_nothing(repository: Repository, tmp_path: Path) -> None:
    repository.write("requirements.txt", SECRET)
    repository.commit()
    repository.write("requirements.txt", SECRET, "x")
    second = repository.commit()
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--filter=blob:none", repository.root.as_uri(), str(clone))
    objects = sorted((clone / ".git" / "objects").rglob("*"))
    past = History().since(str(clone / "requirements.txt"), SECRET)
    assert sorted((clone / ".git" / "objects").rglob("*")) == objects
    assert past is not None
    assert not past.whole
    assert past.commit is not None
    assert past.commit.hash == second


def test_a_submodule_has_its_own_history(repository: Repository, tmp_path: Path) -> None:
    inner = Repository(tmp_path / "inner")
    inner.write("requirements.txt", SECRET)
    first = inner.commit()
    repository.git("submodule", "--quiet", "add", inner.root.as_uri(), "libs/inner")
    repository.commit()
    path = repository.root / "libs" / "inner" / "requirements.txt"
    assert found(History().since(str(path), SECRET)) == (first, "2026-01-10")


def test_a_further_working_tree_has_the_history_of_its_branch(repository: Repository, tmp_path: Path) -> None:
    repository.write("requirements.txt", SECRET)
    first = repository.commit()
    repository.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "tree"))
    assert found(History().since(str(tmp_path / "tree" / "requirements.txt"), SECRET)) == (first, "2026-01-10")


@pytest.mark.parametrize("name", ["my requirements.txt", "Büro/größe.txt", "a*b/[x].txt", "-r.txt", ":top.txt"])
@pytest.mark.skipif(os.name == "nt", reason="there not all of these can be names of files")
def test_any_name_is_a_path_and_not_a_pattern(repository: Repository, name: str) -> None:
    repository.write("axb/x.txt", SECRET)
    repository.commit()
    path = repository.write(name, "alpha==1.0")
    repository.commit()
    repository.write(name, "alpha==1.0", f"token-{SECRET}", "beta==1.0")
    third = repository.commit()
    assert found(History().since(str(path), SECRET)) == (third, "2026-01-12")


def test_a_relative_path_and_a_link_lead_to_the_file(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repository.write("deploy/requirements.txt", SECRET)
    first = repository.commit()
    monkeypatch.chdir(repository.root / "deploy")
    assert found(History().since("requirements.txt", SECRET)) == (first, "2026-01-10")
    (tmp_path / "link.txt").symlink_to(path)
    assert found(History().since(str(tmp_path / "link.txt"), SECRET)) == (first, "2026-01-10")


def test_the_variables_of_a_hook_do_not_lead_elsewhere(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repository.write("requirements.txt", SECRET)
    first = repository.commit()
    other = Repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git" / "index"))
    assert found(History().since(str(path), SECRET)) == (first, "2026-01-10")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("log.showRoot", "false"),
        ("log.showSignature", "true"),
        ("log.diffMerges", "off"),
        ("log.follow", "true"),
        ("color.ui", "always"),
        ("core.abbrev", "12"),
        ("diff.renames", "false"),
        ("diff.relative", "true"),
        ("core.quotePath", "true"),
        ("format.pretty", "oneline"),
    ],
)
def test_the_users_configuration_changes_nothing(repository: Repository, key: str, value: str) -> None:
    lines = [f"package{number}==1.0" for number in range(20)]
    repository.write("deploy/größe.txt", *lines, SECRET)
    repository.commit()
    repository.git("mv", "deploy/größe.txt", "deploy/prod.txt")
    repository.commit()
    repository.git("config", key, value)
    first = repository.git("rev-parse", "--short", "HEAD~1")
    assert found(History().since(str(repository.root / "deploy" / "prod.txt"), SECRET)) == (first, "2026-01-10")


# How much is read


def test_more_versions_than_are_read_leave_the_oldest_uncertain(repository: Repository) -> None:
    path = repository.root / "requirements.txt"
    for number in range(6):
        repository.write(path.name, SECRET, f"alpha=={number}")
        repository.commit()
    past = History(versions=4).since(str(path), SECRET)
    assert past is not None
    assert past.commit is not None
    assert (past.commit.hash, past.whole) == (repository.git("rev-parse", "--short", "HEAD~3"), False)
    assert History(versions=4).since(str(path), "another") is None
    assert found(History(versions=6).since(str(path), SECRET)) == (
        repository.git("rev-parse", "--short", "HEAD~5"),
        "2026-01-10",
    )


def test_many_versions_are_read_in_several_goes(repository: Repository) -> None:
    script = []
    for number in range(150):
        text = f"alpha=={number}\n" + (f"{SECRET}\n" if number >= 140 else "")
        seconds = int((BEGINNING + timedelta(days=number)).timestamp())
        script.append(
            f"commit refs/heads/main\ncommitter Bob <bob@example.com> {seconds} +0000\ndata 1\nx\n"
            f"M 100644 inline requirements.txt\ndata {len(text)}\n{text}\n"
        )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repository.root, input="".join(script).encode(), check=True)
    repository.git("reset", "--quiet", "--hard", "main")
    expected = (repository.git("rev-parse", "--short", "HEAD~9"), "2026-05-30")
    assert found(History().since(str(repository.root / "requirements.txt"), SECRET)) == expected


def _put_on_path(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a `git` before the real one."""
    folder.mkdir()
    wrapper = folder / "git"
    wrapper.write_text(f"#!{sys.executable}\n{script}", encoding="utf-8")
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join((str(folder), os.environ["PATH"])))


@pytest.mark.skipif(os.name == "nt", reason="a script cannot take the place of git.exe")
def test_git_that_takes_too_long_is_not_waited_for(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repository.write("requirements.txt", SECRET)
    repository.commit()
    _put_on_path(tmp_path / "bin", "import time\ntime.sleep(60)\n", monkeypatch)
    start = time.monotonic()
    assert History(seconds=0.3).since(str(path), SECRET) is None
    assert time.monotonic() - start < 10


@pytest.mark.skipif(os.name == "nt", reason="a script cannot take the place of git.exe")
@pytest.mark.parametrize("answer", ["", "x\\n", "\\xff\\xfe\\0", ":a b c d M\\0", "/\\n\\nfalse\\n"])
def test_nothing_is_said_where_git_talks_nonsense(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    path = repository.write("requirements.txt", SECRET)
    script = f"import sys\nsys.stdout.buffer.write(b'{answer}')\n"
    _put_on_path(tmp_path / "bin", script, monkeypatch)
    assert History().since(str(path), SECRET) is None


# What is searched for


@pytest.mark.skipif(os.name == "nt", reason="a script cannot take the place of git.exe")
def test_the_secret_is_never_given_to_git(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repository.write("requirements.txt", f"https://ann:{SECRET}@packages.example.com/")
    first = repository.commit()
    log = tmp_path / "log"
    real = shutil.which("git")
    script = (
        "import os, subprocess, sys\n"
        "given = sys.stdin.buffer.read()\n"
        f"with open({str(log)!r}, 'ab') as log:\n"
        "    log.write(repr((sys.argv, dict(os.environ), given)).encode() + b'\\n')\n"
        f"sys.exit(subprocess.run([{real!r}, *sys.argv[1:]], input=given).returncode)\n"
    )
    _put_on_path(tmp_path / "bin", script, monkeypatch)
    before = {item for item in tmp_path.rglob("*") if item.is_file()}
    history = History()
    assert found(history.since(str(path), SECRET)) == (first, "2026-01-10")
    assert found(history.since(str(path), f"{SECRET}more")) is None
    said = log.read_text(encoding="utf-8")
    assert "cat-file" in said
    assert "ls-files" in said
    assert SECRET not in said
    assert {item for item in tmp_path.rglob("*") if item.is_file()} - before == {log}


@pytest.mark.parametrize(
    ("content", "secret", "expected"),
    [
        (b"token hunter2\n", "hunter2", True),
        (b"pytest==8.0\n", "test", False),
        (b"hunter22\n", "hunter2", False),
        (b"https://ann:hunter2@packages.example.com/\n", "hunter2", True),
        (b"_hunter2_\n", "hunter2", True),
        (b"x$ecret$x\n", "$ecret$", True),
        (b"a.c\n", "abc", False),
        (b"abc\n", "a.c", False),
        ("pässwörd\n".encode(), "pässwörd", True),
        ("pässwörd\n".encode("latin-1"), "pässwörd", True),
        ("token hunter2\n".encode("utf-16"), "hunter2", True),
        ("\ufefftoken hunter2\n".encode("utf-16-be"), "hunter2", True),
        (b"token \xffhunter\n", "\udcffhunter", True),
        (b"Hunter2\n", "hunter2", False),
    ],
)
def test_what_is_found(repository: Repository, content: bytes, secret: str, expected: bool) -> None:
    path = repository.root / "requirements.txt"
    path.write_bytes(content)
    first = repository.commit()
    assert found(History().since(str(path), secret)) == ((first, "2026-01-10") if expected else None)


@pytest.mark.parametrize("secret", ["", "\ud800"])
def test_what_cannot_be_searched_for_has_no_history(repository: Repository, secret: str) -> None:
    path = repository.write("requirements.txt", "alpha==1.0")
    repository.commit()
    assert History().since(str(path), secret) is None


def test_a_commit_shows_itself() -> None:
    assert repr(Commit("3f2a91c", "2026-01-14T09:00:00+01:00")) == "<Commit 3f2a91c 2026-01-14T09:00:00+01:00>"
