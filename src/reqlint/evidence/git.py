"""Git servers: which branches and tags a repository has, and the commits that they stand at.

``git ls-remote`` asks them, with the user's own configuration, keys and credential helpers, but never a prompt. The
credentials of a URL do not stand in the list of processes: git gets the URL without them, and fetches them from a helper
that reads them from the environment. Sources: git's manual (git-ls-remote, gitcredentials, git-config).
"""

from __future__ import annotations

import os
import re
import sys
from threading import Lock

from reqlint.evidence._addresses import Address, UnusableAddressError, expand
from reqlint.evidence._at_once import at_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from subprocess import Popen

    from packaging.version import Version

_TIMEOUT = 20.0  # seconds
_SCHEMES = ("http", "https", "ssh", "git", "file")
_SCP = re.compile(r"(?:\w[\w.-]*@)?(?P<host>[A-Za-z0-9][\w.-]+):(?!//|-)[^\s:]+")
_WHOLE = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ABBREVIATED = re.compile(r"[0-9a-f]{4,64}")
# `git rev-parse --local-env-vars`, but for those that carry the user's configuration: a hook sets them for one repository.
_OF_A_HOOK = frozenset(
    "GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR GIT_CONFIG GIT_DIR GIT_GRAFT_FILE GIT_IMPLICIT_WORK_TREE "
    "GIT_INDEX_FILE GIT_NAMESPACE GIT_NO_REPLACE_OBJECTS GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_QUARANTINE_PATH "
    "GIT_REPLACE_REF_BASE GIT_SHALLOW_FILE GIT_WORK_TREE".split()
)
_USER, _PASSWORD = "REQLINT_GIT_USER", "REQLINT_GIT_PASSWORD"  # names of variables
_HELPER = (
    f'!f() {{ test "$1" = get && printf "username=%s\\npassword=%s\\n" "${_USER}" "${_PASSWORD}"; }}; f'  # a shell's
)
_UNREACHABLE = re.compile(
    r"Could not resolve host|unable to (?:look up|connect)|Connection (?:refused|timed out)|No route to host"
    r"|Failed to connect|Couldn't connect",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"Authentication failed|could not read (?:Username|Password)|Permission denied|terminal prompts disabled"
    r"|Host key verification failed|returned error: 40[13]",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"not found|does not exist|does not appear to be a git repository|no such file|not exported", re.IGNORECASE
)


#: The processes that were started and have not ended: nobody else would end them when the run is interrupted.
_running: set[Popen[bytes]] = set()


class Refs:
    """What a repository has: ``branches`` and ``tags``, each name with its commit (of an annotated tag, what it tags).

    ``head``: the commit of HEAD, None when there is none yet.
    """

    __slots__ = ("branches", "head", "tags")

    def __init__(self) -> None:
        """Start empty."""
        self.head: str | None = None
        self.branches: dict[str, str] = {}
        self.tags: dict[str, str] = {}

    def kind_of(self, ref: str) -> str | None:
        """What a ref is here: ``branch``, ``tag`` or ``commit``; None when it is nothing that can be told.

        A name of both is a branch, which pip takes first. A commit is told by its whole name, or by a beginning that one
        branch or tag has alone: a server does not tell of others.
        """
        found = self._find(ref)
        if found is not None:
            return found[0]
        return "commit" if _WHOLE.fullmatch(ref.lower()) or self.complete(ref) is not None else None

    def commit_of(self, ref: str) -> str | None:
        """The commit of a branch, a tag, HEAD or a commit; None when there is none, or it cannot be told."""
        if ref == "HEAD":
            return self.head
        found = self._find(ref)
        if found is not None:
            return found[1]
        return ref.lower() if _WHOLE.fullmatch(ref.lower()) else self.complete(ref)

    def complete(self, abbreviated: str) -> str | None:
        """The whole name of a commit by its beginning (four digits at least), when one branch or tag stands at such a one.

        None too when several do.
        """
        beginning = abbreviated.lower()
        if not _ABBREVIATED.fullmatch(beginning):
            return None
        commits = {*self.branches.values(), *self.tags.values(), self.head or ""}
        found = [commit for commit in commits if commit.startswith(beginning)]
        return found[0] if len(found) == 1 else None

    def newest_tag(self) -> str | None:
        """The tag of the highest version (``v1.2.3``, ``1.2.3``); of a pre-release only when there is nothing else.

        A number without a dot (``v2``, ``20240101``) counts only when no version with one is there: it is often a tag
        that moves, or a date.
        """
        return _newest(self.tags)

    def tag_at(self, commit: str) -> str | None:
        """The tag of a whole commit: that of the highest version, else one that says no version but does not look moving."""
        from reqlint.requirement import kind_of_ref

        names = [name for name, at in self.tags.items() if at == commit.lower()]
        others = sorted(name for name in names if kind_of_ref("git", name) != "branch")
        return _newest(names) or next(iter(others), None)

    def _find(self, ref: str) -> tuple[str, str] | None:
        """What a name is, and its commit."""
        for kind, names, prefixes in (
            ("branch", self.branches, ("", "heads/", "refs/heads/")),
            ("tag", self.tags, ("", "tags/", "refs/tags/")),
        ):
            for prefix in prefixes:
                if ref.startswith(prefix) and ref[len(prefix) :] in names:
                    return kind, names[ref[len(prefix) :]]
        return None


def _newest(names: Iterable[str]) -> str | None:
    """The name of the highest version."""
    from packaging.version import InvalidVersion, Version

    versions: list[tuple[Version, str]] = []
    for name in names:
        try:
            versions.append((Version(name), name))  # which takes a leading `v` for what it is
        except InvalidVersion:
            continue
    for wanted in (_is_final, _is_final_number, _is_any):
        found = [(version, name) for version, name in versions if wanted(version)]
        if found:
            highest = max(version for version, _ in found)
            return min(name for version, name in found if version == highest)
    return None


def _is_final(version: Version) -> bool:
    return not version.is_prerelease and len(version.release) > 1


def _is_final_number(version: Version) -> bool:
    return not version.is_prerelease


def _is_any(_: Version) -> bool:
    return True


class GitEvidence:
    """Asks git servers, each question once.

    ``notes``: why there is no answer to some questions, each once, in the order in which it was found out, without secrets.
    """

    def __init__(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Nothing is asked yet; ``progress`` is called with how many repositories are done, of how many, from 0 on."""
        self._progress = progress
        self._known: dict[str, Refs | None] = {}
        self._silent: set[str] = set()
        self._guard = Lock()
        self._ssh: str | None = None
        self.notes: list[str] = []

    def prepare(self, repositories: Iterable[str]) -> None:
        """Ask for many repositories at once; ``refs`` then answers from what was found out."""
        pending = [url for url in dict.fromkeys(repositories) if url not in self._known]
        self._tell(0, len(pending))
        try:
            for done, (url, refs) in enumerate(at_once(self._look, pending), 1):
                self._known[url] = refs
                self._tell(done, len(pending))
        except BaseException:  # above all an interrupt
            for process in list(_running):
                _end(process)
            raise

    def refs(self, repository: str) -> Refs | None:
        """What a repository has; None when it cannot be asked, or does not answer, which a note then tells.

        ``repository``: its URL as a manifest has it, without ``git+`` and ref, or in the form ``git@host:path``; variables
        in it are filled in as pip does.
        """
        if repository not in self._known:
            self._known[repository] = self._look(repository)
        return self._known[repository]

    def _look(self, repository: str) -> Refs | None:
        shown = _shown(repository)
        try:
            question = _Question(repository)
            with self._guard:
                is_silent = question.server in self._silent
            return None if is_silent else _parse(self._ask(question))
        except UnusableAddressError as error:
            self._note(f"{shown} is not asked: {error}")
        except _NoAnswerError as error:
            self._note(f"{shown} {error}")
        except _SilentServerError as error:
            with self._guard:
                self._silent.add(error.server)
            self._note(f"the git server `{error.server}` {error}")
        return None

    def _ask(self, question: _Question) -> str:
        """What git answers; raises _NoAnswerError and _SilentServerError."""
        patterns = ("HEAD", "refs/heads/*", "refs/tags/*")
        try:
            ssh = question.is_ssh and self._ssh_setting()
            variables = question.variables({"GIT_SSH_COMMAND": ssh} if ssh else {})
            code, answer, error = _run(["git", "ls-remote", "--", question.url, *patterns], variables)
        except TimeoutError:
            raise _SilentServerError(question.server, "takes too long to answer") from None
        if code == 0:
            return answer
        if _UNREACHABLE.search(error):
            raise _SilentServerError(question.server, "cannot be reached")
        if _REFUSED.search(error):
            message = "refuses access, or has no such repository"
        elif _UNKNOWN.search(error):
            message = "has no such repository, or does not show it"
        else:
            message = "does not answer as a git repository"
        raise _NoAnswerError(message)

    def _ssh_setting(self) -> str:
        """What to run for ssh so that it asks nothing; empty where the user says what to run."""
        with self._guard:
            if self._ssh is None:
                if os.environ.get("GIT_SSH_COMMAND") or os.environ.get("GIT_SSH"):
                    self._ssh = ""
                else:
                    code, _, _ = _run(["git", "config", "--get", "core.sshCommand"], _environment())
                    self._ssh = "" if code == 0 else "ssh -oBatchMode=yes"
            return self._ssh

    def _tell(self, done: int, total: int) -> None:
        """Tell how far we are, if there is anything to do."""
        if self._progress is not None and total:
            self._progress(done, total)

    def _note(self, note: str) -> None:
        """Remember a note, once."""
        with self._guard:
            if note not in self.notes:
                self.notes.append(note)


class _NoAnswerError(Exception):
    """There is no answer about a repository: the message goes after its name, and quotes nothing."""


class _SilentServerError(Exception):
    """A server does not answer at all, whatever it is asked: the message goes after its name."""

    def __init__(self, server: str, message: str) -> None:
        super().__init__(message)
        self.server = server


class _Question:
    """What to ask of whom: ``url`` for the command line, without secrets; ``server``: the host, maybe with its port."""

    __slots__ = ("_address", "is_ssh", "server", "url")

    def __init__(self, repository: str) -> None:
        """Read a URL; raises UnusableAddressError for what is none, or is not to be asked."""
        text = expand(repository)
        scp = _SCP.fullmatch(text)
        self._address: Address | None = None
        if scp is not None:
            self.url, self.server, self.is_ssh = text, scp["host"].lower(), True
            return
        if "://" not in text:
            raise UnusableAddressError("its address is none")
        address = Address(text)
        if address.scheme not in _SCHEMES:
            raise UnusableAddressError("only http, https, ssh, git and file are understood")
        from reqlint.credentials import find

        if find(address.url) or "${" in repository.partition("://")[2].partition("/")[2]:
            raise UnusableAddressError("its path may hold a secret, which would stand in the list of processes")
        if (address.user or "").startswith("-"):
            raise UnusableAddressError("its user name looks like an option")
        self.server = address.origin.partition("://")[2] or "this machine"
        self.is_ssh = address.scheme == "ssh"
        self.url = address.url
        if self.is_ssh and address.user:
            from urllib.parse import quote

            self.url = address.url.replace("://", f"://{quote(address.user)}@", 1)
        elif address.scheme in ("http", "https"):
            self._address = address

    def variables(self, extra: Mapping[str, str]) -> dict[str, str]:
        """The environment in which git finds the credentials."""
        variables = {**_environment(), **extra}
        address = self._address
        if address is None or address.user is None:
            return variables
        section = f"credential.{address.origin}"
        if address.password is None and not _is_token(address):
            # A mere name: the user's helpers have the password that goes with it.
            return _configured(variables, [(f"{section}.username", address.user)])
        password = address.password or ""
        if any(ord(letter) < 32 for letter in address.user + password):
            raise UnusableAddressError("its credentials are none")
        variables |= {_USER: address.user, _PASSWORD: password}
        # The empty one forgets all helpers before it: theirs are other credentials, and they need not learn these.
        return _configured(variables, [(f"{section}.helper", ""), (f"{section}.helper", _HELPER)])


def _is_token(address: Address) -> bool:
    """Whether a user name is a secret that needs no password."""
    from reqlint.credentials import find

    return bool(find(f"{address.scheme}://{address.user}@{address.host}/"))


def _environment() -> dict[str, str]:
    """This process's environment, for a git that knows the user, knows no repository, and asks nothing."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    # An empty GIT_ASKPASS switches off all other ways to ask, too; with no repository here, none has a say by its own
    # configuration.
    return {
        **kept,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_DIR": os.devnull,
        "LC_ALL": "C",
    }


def _configured(variables: dict[str, str], settings: list[tuple[str, str]]) -> dict[str, str]:
    """The environment with settings for git after those that it has already."""
    count = variables.get("GIT_CONFIG_COUNT", "0")
    first = int(count) if count.isdigit() else 0
    for number, (key, value) in enumerate(settings, first):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    variables["GIT_CONFIG_COUNT"] = str(first + len(settings))
    return variables


def _run(command: list[str], variables: Mapping[str, str]) -> tuple[int, str, str]:
    """Exit code, output and errors of a command; raises _NoAnswerError without git, TimeoutError after a while.

    It runs in a session of its own, without a terminal, so that nothing below it can ask there, and all of it can be ended.
    """
    import subprocess

    try:
        process = subprocess.Popen(  # noqa: S603
            command,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError:
        message = "is not asked: git is not installed, or cannot be run"
        raise _NoAnswerError(message) from None
    _running.add(process)
    with process:
        try:
            output, errors = process.communicate(timeout=_TIMEOUT)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        finally:
            _running.discard(process)
            if process.poll() is None:
                _end(process)
    return process.returncode, output.decode("utf-8", "replace"), errors.decode("utf-8", "replace")


def _end(process: Popen[bytes]) -> None:
    """End a process and, where there are sessions, all that it started."""
    if sys.platform != "win32":
        import signal

        try:
            os.killpg(process.pid, signal.SIGKILL)
        except OSError:
            pass
    process.kill()


def _parse(answer: str) -> Refs:
    """Read what ``git ls-remote`` prints."""
    refs = Refs()
    for line in answer.splitlines():
        left, tab, name = line.partition("\t")
        if not tab:
            continue
        if not _WHOLE.fullmatch(left):
            continue
        if name == "HEAD":
            refs.head = left
        elif name.startswith("refs/heads/"):
            refs.branches[name.removeprefix("refs/heads/")] = left
        elif name.startswith("refs/tags/"):
            # The tagged commit of an annotated tag follows it, under its name and `^{}`.
            refs.tags[name.removeprefix("refs/tags/").removesuffix("^{}")] = left
    return refs


def _shown(repository: str) -> str:
    """What to call a repository: its URL as it is written, without credentials."""
    from reqlint.credentials import redact_url

    # The last `@` of all: what stands before it may be a password with a `/` or a `#` in it.
    place = repository.partition("://")[2].rpartition("@")[2] or repository.rpartition("@")[2]
    return f"`{redact_url('https://' + re.sub(r'[?#].*', '', place)).removeprefix('https://')}`"
