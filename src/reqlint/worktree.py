"""Git's working trees: which one a file lies in, and what git says of the files there."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SECONDS = 300.0  # git walks a very large tree on a very slow disk


class GitError(Exception):
    """Git gave no answer: ``code`` is its exit code, None when it is not there or took too long; the message is its own."""

    def __init__(self, message: str, code: int | None = None) -> None:
        """Keep both."""
        super().__init__(message)
        self.code = code


class WorkingTrees:
    """The working trees of repositories, each looked up once."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[str, str | None] = {}

    def around(self, directory: str) -> str | None:
        """The top of the working tree that an absolute directory lies in (or is); None when it lies in none."""
        asked = []
        top: str | None = directory
        while top is not None and top not in self._known:
            asked.append(top)
            if os.path.exists(os.path.join(top, ".git")):  # a file in a submodule and in a further working tree
                self._known[top] = top
            else:
                top = None if os.path.dirname(top) == top else os.path.dirname(top)
        found = self._known[top] if top is not None else None
        self._known.update(dict.fromkeys(asked, found))
        return found


def place(path: str) -> str:
    """The absolute path of a file as git knows it: links among its folders are followed, itself it may be one."""
    return os.path.join(os.path.realpath(os.path.dirname(path) or os.curdir), os.path.basename(path))


def names(answer: bytes) -> Iterator[str]:
    """The names that git printed with ``-z``."""
    return (os.fsdecode(name) for name in answer.split(b"\0") if name)


def ask(top: str, *arguments: str, given: Iterable[str] = ()) -> bytes:
    """What git prints, asked from a directory; ``given``: names for its standard input, as ``-z`` has them.

    Paths are taken as they are, no file of the repository is written, and nobody is asked for a password. Raises GitError.
    """
    import subprocess

    # A hook runs with variables that name the repository and the index of the commit: they are not for other repositories.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}  # in the words that are documented
    try:
        result = subprocess.run(  # noqa: S603 - no shell, and what begins with - is never taken for an option
            ["git", "-C", top, "--no-optional-locks", "--literal-pathspecs", *arguments],  # noqa: S607 - the user's own git
            input=b"\0".join(os.fsencode(name) for name in given),
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        message = "git takes too long"
        raise GitError(message) from None
    except (OSError, ValueError):
        message = "git cannot be run"
        raise GitError(message) from None
    if result.returncode:
        words = os.fsdecode(result.stderr).strip().removeprefix("fatal: ").splitlines()
        raise GitError(words[0] if words else "git gave no answer", result.returncode)
    return result.stdout
