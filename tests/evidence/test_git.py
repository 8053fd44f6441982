"""Git servers, real ones: repositories on the disk, behind ``git daemon`` and behind ``git http-backend``, on the loopback."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reqlint.evidence import git
from reqlint.evidence.git import GitEvidence, Refs
from tests.servers import GitServer, Repository, git_daemon, isolate
from tests.servers import git as run_git
from tests.support import TOKENS

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

SECRET = "s3cr3t/P4ss w0rd%"  # as it is typed; in a URL it is encoded
QUOTED = "s3cr3t%2FP4ss%20w0rd%25"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A user without any configuration, and nobody who could be asked."""
    home = tmp_path / "user"
    isolate(monkeypatch, home)
    return home


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "served" / "acme" / "core.git")


def check(refs: Refs | None, repository: Repository) -> None:
    """Whether all of a repository was read."""
    assert refs is not None
    assert refs.head == repository.third
    assert refs.branches == {"trunk": repository.third, "feature/x": repository.second}
    assert refs.tags == {"v1.0.0": repository.first, "v1.1.0": repository.second}


# Servers


def test_a_repository_on_the_disk(repository: Repository) -> None:
    evidence = GitEvidence()
    check(evidence.refs(repository.path.as_uri()), repository)
    assert evidence.notes == []


def test_a_bare_repository_without_a_commit(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q", "--bare", "empty.git")
    refs = GitEvidence().refs((tmp_path / "empty.git").as_uri())
    assert refs is not None
    assert (refs.head, refs.branches, refs.tags) == (None, {}, {})


def test_a_git_daemon(repository: Repository, tmp_path: Path) -> None:
    with git_daemon(tmp_path / "served") as host:
        evidence = GitEvidence()
        check(evidence.refs(f"git://{host}/acme/core.git"), repository)
        assert evidence.refs(f"git://{host}/acme/none.git") is None
        assert evidence.notes == [f"`{host}/acme/none.git` has no such repository, or does not show it"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], GitServer]]:
    started: list[GitServer] = []

    def make() -> GitServer:
        started.append(GitServer(tmp_path / "served"))
        return started[-1]

    yield make
    for server in started:
        server.close()


@pytest.fixture
def server(start: Callable[[], GitServer]) -> GitServer:
    return start()


def test_a_server_by_http(repository: Repository, server: GitServer) -> None:
    evidence = GitEvidence()
    check(evidence.refs(server.url()), repository)
    assert evidence.refs(server.url().replace("core", "none")) is None
    assert evidence.notes == [f"`{server.host}/acme/none.git` has no such repository, or does not show it"]


# Credentials


def test_credentials_of_the_url_reach_the_server(repository: Repository, server: GitServer) -> None:
    server.password = SECRET
    check(GitEvidence().refs(server.url(f"user:{QUOTED}")), repository)
    assert server.seen[-1] == f"user:{SECRET}"


def test_a_token_may_stand_alone(repository: Repository, server: GitServer) -> None:
    server.user, server.password = TOKENS["github"], ""
    check(GitEvidence().refs(server.url(TOKENS["github"])), repository)


def test_variables_are_filled_in(repository: Repository, server: GitServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.password = SECRET
    monkeypatch.setenv("TOKEN_OF_TEST", QUOTED)
    check(GitEvidence().refs(server.url("user:${TOKEN_OF_TEST}")), repository)


def test_a_variable_that_is_not_set_keeps_us_from_asking(server: GitServer) -> None:
    evidence = GitEvidence()
    assert evidence.refs(server.url("${REQLINT_NOT_SET}")) is None
    assert evidence.notes == [f"`{server.host}/acme/core.git` is not asked: the variable `REQLINT_NOT_SET` is not set"]
    assert server.seen == []


def test_a_mere_user_gets_the_password_from_the_users_own_helper(
    repository: Repository, server: GitServer, home: Path
) -> None:
    server.password = SECRET
    (home / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    (home / ".git-credentials").write_text(f"http://user:{QUOTED}@{server.host}\n")
    (home / ".git-credentials").chmod(0o600)
    check(GitEvidence().refs(server.url("user")), repository)
    check(GitEvidence().refs(server.url()), repository)


def test_the_users_helpers_do_not_learn_the_credentials_of_a_url(
    repository: Repository, server: GitServer, home: Path
) -> None:
    server.password = SECRET
    (home / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    check(GitEvidence().refs(server.url(f"user:{QUOTED}")), repository)
    assert not (home / ".git-credentials").exists()


def test_what_the_user_configures_by_variables_stays(
    repository: Repository, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.password = SECRET
    for name, value in (
        ("COUNT", "1"),
        ("KEY_0", f"url.http://{server.host}/.insteadOf"),
        ("VALUE_0", "http://alias/"),
    ):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    server_url = server.url(f"user:{QUOTED}")
    check(GitEvidence().refs(server_url), repository)
    server.password = None
    check(GitEvidence().refs("http://alias/acme/core.git"), repository)


@pytest.mark.usefixtures("repository")
def test_credentials_that_are_refused_are_not_shown_and_nobody_is_prompted(
    server: GitServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prompt = tmp_path / "prompt"
    prompt.write_text(f"#!/bin/sh\necho asked >> {tmp_path}/prompted\n")
    prompt.chmod(0o700)
    monkeypatch.setenv("GIT_ASKPASS", str(prompt))
    monkeypatch.setenv("SSH_ASKPASS", str(prompt))
    server.password = "another"
    evidence = GitEvidence()
    assert evidence.refs(server.url(f"user:{QUOTED}")) is None
    assert evidence.refs(server.url()) is None
    assert evidence.notes == [f"`{server.host}/acme/core.git` refuses access, or has no such repository"]
    assert not (tmp_path / "prompted").exists()


@pytest.mark.usefixtures("repository")
def test_a_redirect_takes_no_credentials_to_another_server(start: Callable[[], GitServer]) -> None:
    one, two = start(), start()
    one.redirect = f"http://{two.host}"
    two.password = SECRET
    assert GitEvidence().refs(one.url(f"user:{QUOTED}")) is None
    assert one.seen
    assert set(two.seen) == {None}


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="there is no list of processes to read")
@pytest.mark.parametrize("userinfo", [f"user:{QUOTED}", TOKENS["github"]])
def test_no_process_shows_a_secret(repository: Repository, server: GitServer, userinfo: str) -> None:
    server.user, server.password = ("user", SECRET) if ":" in userinfo else (userinfo, "")
    server.delay = 0.5
    secrets = [text.encode() for text in (SECRET, QUOTED, TOKENS["github"])]
    answers: list[Refs | None] = []
    evidence = GitEvidence()
    asking = threading.Thread(target=lambda: answers.append(evidence.refs(server.url(userinfo))))
    asking.start()
    commands: set[bytes] = set()
    while asking.is_alive():
        commands.update(command_lines())
        time.sleep(0.005)
    check(answers[0], repository)
    ours = [command for command in commands if server.host.encode() in command]
    assert [command for command in ours if b"ls-remote" in command]
    assert [command for command in ours if b"remote-http" in command]
    assert not [command for command in commands if any(secret in command for secret in secrets)]


def command_lines() -> Iterator[bytes]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    yield file.read()
            except OSError:
                continue


# What is not asked


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("--upload-pack=touch pwned", "its address is none"),
        ("-uhost:path", "its address is none"),
        ("ext::sh -c 'touch pwned'", "its address is none"),
        ("fd::17", "its address is none"),
        ("ext://host/path", "only http, https, ssh, git and file are understood"),
        ("ftp://git.example.com/a.git", "only http, https, ssh, git and file are understood"),
        ("ssh://-oProxyCommand=true@git.example.com/a.git", "its user name looks like an option"),
        ("ssh://-oProxyCommand=true/a.git", "its address names no host"),
        ("https://user:pass/word@git.example.com/a.git", "its address is none"),
        ("https://user:two%0Alines@git.example.com/a.git", "its credentials are none"),
        ("../beside", "its address is none"),
    ],
)
def test_a_dangerous_or_broken_address_is_not_asked(url: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "_run", lambda *_: pytest.fail("git was run"))
    evidence = GitEvidence()
    assert evidence.refs(url) is None
    [note] = evidence.notes
    assert note.endswith(f" is not asked: {reason}")
    assert "pass" not in note
    assert "lines" not in note


def test_without_git_a_note_says_so(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository.path))
    evidence = GitEvidence()
    assert evidence.refs(repository.path.as_uri()) is None
    assert len(evidence.notes) == 1
    assert "git is not installed" in evidence.notes[0]


# What is around has no say


def test_the_variables_of_a_hook_do_not_count(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repository(tmp_path / "other")
    other.commit("four")
    run_git(other.path, "config", f"url.file://{other.path}.insteadOf", repository.path.as_uri())
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_NAMESPACE", "nowhere")
    monkeypatch.chdir(other.path)
    check(GitEvidence().refs(repository.path.as_uri()), repository)


@pytest.mark.skipif(sys.platform == "win32", reason="the command is a script")
def test_ssh_asks_nothing_and_the_users_command_for_it_counts(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    # What a server does for ssh: run the command that comes last.
    ssh.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {tmp_path}/calls\nfor last; do :; done\neval "$last"\n')
    ssh.chmod(0o700)
    own = tmp_path / "own-ssh"
    shutil.copy(ssh, own)
    monkeypatch.setenv("PATH", f"{ssh.parent}{os.pathsep}{os.environ['PATH']}")
    calls = tmp_path / "calls"
    check(GitEvidence().refs(f"ssh://git:{QUOTED}@git.example.com{repository.path}"), repository)
    assert "-oBatchMode=yes" in calls.read_text().split()
    assert "git@git.example.com" in calls.read_text().split()
    assert QUOTED not in calls.read_text()
    calls.unlink()
    check(GitEvidence().refs(f"git@git.example.com:{repository.path}"), repository)
    assert "-oBatchMode=yes" in calls.read_text().split()
    calls.unlink()
    (home / ".gitconfig").write_text(f"[core]\n\tsshCommand = {own} -4\n")
    check(GitEvidence().refs(f"git@git.example.com:{repository.path}"), repository)
    assert "-oBatchMode=yes" not in calls.read_text().split()
    assert calls.read_text().split()[0] == "-4"
    calls.unlink()
    monkeypatch.setenv("GIT_SSH_COMMAND", f"{own} -6")
    check(GitEvidence().refs(f"git@git.example.com:{repository.path}"), repository)
    assert calls.read_text().split()[0] == "-6"


# Once, at once, and not for ever


@pytest.mark.usefixtures("repository")
def test_each_repository_is_asked_once(server: GitServer) -> None:
    evidence = GitEvidence()
    first = evidence.refs(server.url())
    asked = len(server.seen)
    assert evidence.refs(server.url()) is first
    assert len(server.seen) == asked


def test_many_repositories_are_asked_at_once(tmp_path: Path) -> None:
    for number in range(6):
        run_git(tmp_path, "init", "-q", "--bare", f"{number}.git")
    urls = [(tmp_path / f"{number}.git").as_uri() for number in range(6)]
    seen: list[tuple[int, int]] = []
    evidence = GitEvidence(lambda done, total: seen.append((done, total)))
    evidence.prepare([*urls, *urls])
    assert seen == [(number, 6) for number in range(7)]
    shutil.rmtree(tmp_path / "0.git")
    assert all(evidence.refs(url) is not None for url in urls)


@pytest.mark.usefixtures("repository")
def test_a_server_that_hangs_is_told_once_and_asked_no_more(server: GitServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.delay = 3.0
    monkeypatch.setattr(git, "_TIMEOUT", 0.5)
    evidence = GitEvidence()
    before = time.monotonic()
    assert evidence.refs(server.url()) is None
    assert evidence.refs(server.url().replace("core", "other")) is None
    assert time.monotonic() - before < 2
    assert evidence.notes == [f"the git server `{server.host}` takes too long to answer"]
    assert len(server.seen) == 1


def test_a_server_that_is_not_there() -> None:
    evidence = GitEvidence()
    assert evidence.refs(f"http://user:{QUOTED}@127.0.0.1:1/acme/core.git") is None
    assert evidence.refs("git://127.0.0.1:1/acme/core.git") is None
    assert evidence.notes == ["the git server `127.0.0.1:1` cannot be reached"]


def test_what_is_no_repository(repository: Repository) -> None:
    evidence = GitEvidence()
    assert evidence.refs(repository.path.parent.as_uri()) is None
    assert len(evidence.notes) == 1
    assert "core" not in evidence.notes[0]


# What refs tell


def refs(tags: dict[str, str] | None = None, branches: dict[str, str] | None = None) -> Refs:
    made = Refs()
    made.tags = tags or {}
    made.branches = branches or {}
    return made


A, B, C = "a1" * 20, "a1b" + "2" * 37, "c" * 40


def test_what_a_ref_is_and_where_it_stands(repository: Repository) -> None:
    found = GitEvidence().refs(repository.path.as_uri())
    assert found is not None
    for ref, kind, commit in (
        ("trunk", "branch", repository.third),
        ("refs/heads/feature/x", "branch", repository.second),
        ("v1.1.0", "tag", repository.second),
        ("refs/tags/v1.0.0", "tag", repository.first),
        (repository.second, "commit", repository.second),
        (repository.first[:10].upper(), "commit", repository.first),
        (C, "commit", C),
        ("nothing", None, None),
        ("v1", None, None),
        ("", None, None),
    ):
        assert (found.kind_of(ref), found.commit_of(ref)) == (kind, commit), ref
    assert found.commit_of("HEAD") == repository.third
    run_git(repository.path, "checkout", "-q", "trunk")
    assert run_git(repository.path, "rev-parse", "v1.1.0^{commit}") == found.tags["v1.1.0"]


def test_a_name_of_a_branch_and_a_tag_is_the_branch_as_to_pip(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "both")
    run_git(repository.path, "branch", "v1.0.0")
    uri = repository.path.as_uri()
    found = GitEvidence().refs(uri)
    assert found is not None
    from pip._internal.vcs.git import Git

    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "-q", uri, str(clone))
    assert found.commit_of("v1.0.0") == Git.get_revision_sha(str(clone), "v1.0.0")[0] == repository.third
    assert found.kind_of("v1.0.0") == "branch"


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [("a1a", None), ("a1a1", A), ("A1A1a1", A), ("a1b2", B), ("a1", None), ("b", None), (A, A)],
)
def test_a_commit_is_completed_when_it_is_the_only_one(beginning: str, expected: str | None) -> None:
    assert refs({"one": A, "two": B}, {"three": A}).complete(beginning) == expected


def test_a_beginning_of_two_commits_is_not_completed() -> None:
    assert refs({"one": "abcd1" + "0" * 35, "two": "abcd2" + "0" * 35}).complete("abcd") is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("v1.9.0 v1.10.0 v1.2", "v1.10.0"),
        ("1.0 v0.9 latest stable", "1.0"),
        ("v2.0rc1 v1.0", "v1.0"),
        ("v2.0rc1 v2.0b1 latest", "v2.0rc1"),
        ("v2 v1.9.3", "v1.9.3"),
        ("20190101 v1.2", "v1.2"),
        ("v1 v2", "v2"),
        ("v2 3.0rc1", "v2"),
        ("1.0 v1.0", "1.0"),
        ("1.0 1.0.post1 1.1.dev1", "1.0.post1"),
        ("latest nightly release-1.2", None),
        ("", None),
    ],
)
def test_the_newest_tag(names: str, expected: str | None) -> None:
    assert refs(dict.fromkeys(names.split(), A)).newest_tag() == expected


def test_the_tag_at_a_commit() -> None:
    found = refs({"v1.0": A, "v1": A, "latest": A, "v2.0": B, "nightly": C, "spring": "d" * 40, "autumn": "d" * 40})
    assert [found.tag_at(commit) for commit in (A.upper(), B, C, "d" * 40, "e" * 40)] == [
        "v1.0",
        "v2.0",
        None,
        "autumn",
        None,
    ]
