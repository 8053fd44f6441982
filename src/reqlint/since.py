"""``--since``: which findings stand on what was changed since a revision.

The comparison is that of a pull request: from the commit at which the revision and HEAD part (``git merge-base``) to the
working tree, with what is not committed yet and the new files that git does not ignore. Git itself tells which lines those
are (git-diff: the raw output with ``-z``, and the headers of hunks without context); its rows end at line feeds only.
"""

from __future__ import annotations

import os
import re

from reqlint.config import ConfigurationError
from reqlint.files import Disk
from reqlint.requirement import normalize
from reqlint.worktree import GitError, WorkingTrees, ask, names, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reqlint.diagnostic import Diagnostic
    from reqlint.model import Manifest
    from reqlint.project import Project
    from reqlint.source import Source, Span

#: Findings that speak of a whole file, or of what it lacks: any change of it may be their cause.
_OF_THE_FILE = ("RQ001", "RQ003", "RQ008", "RQ107", "RQ406", "RQ605", "RQ901")
#: Findings that a version is missing, which a lock or a constraints file may have given before.
_OF_A_LOST_PIN = ("RQ101", "RQ102", "RQ103")
_DIFF = (
    "-c",
    "diff.autoRefreshIndex=false",
    "diff",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "-M",
    "--ignore-submodules=all",
)
_HUNKS = ("--unified=0", "--inter-hunk-context=0", "--text", "--ignore-cr-at-eol")
_HUNK = re.compile(
    rb"^@@ -\d+(?:,(?P<removed>\d+))? \+(?P<start>\d+)(?:,(?P<added>\d+))? @@[^\n]*\n(?P<body>(?:[-+\\][^\n]*\n?)*)",
    re.MULTILINE,
)
_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)
_COMMIT = re.compile(rb"[0-9a-f]{40}|[0-9a-f]{64}")


class SinceError(ConfigurationError):
    """What was changed cannot be told: the message says why, and what to do."""


class Lines:
    """The rows of a text that were changed: ``rows``, and ``gaps``, the rows after which something was removed.

    ``whole``: all of it is new. ``names``: what the removed lines name.
    """

    __slots__ = ("gaps", "names", "rows", "whole")

    def __init__(self, *, whole: bool = False) -> None:
        """Nothing yet, or all."""
        self.rows: set[int] = set()
        self.gaps: set[int] = set()
        self.names: set[str] = set()
        self.whole = whole

    def meet(self, text: str, span: Span) -> bool:
        """Whether anything on the lines of a span was changed, or removed between them."""
        if self.whole:
            return True
        start, end = span
        part = text[start:end]
        start += len(part) - len(part.lstrip())
        first = text.count("\n", 0, start) + 1
        last = first + text.count("\n", start, start + len(part.strip()))
        if any(row in self.rows for row in range(first, last + 1)):
            return True
        return any(row in self.gaps for row in range(first, last))

    def carried(self, before: str, after: str) -> Lines:
        """The same for a text that was made of this one: what differs was changed, all else keeps its state."""
        from difflib import SequenceMatcher

        if self.whole or before == after:
            return self
        old, new = before.split("\n"), after.split("\n")
        found = Lines()
        found.names = self.names
        for tag, start, end, to, until in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag == "equal":
                found.rows.update(row - start + to for row in self.rows if start < row <= end)
                found.gaps.update(row - start + to for row in self.gaps if start <= row <= end)
            else:
                found.rows.update(range(to + 1, until + 1))
                found.gaps.add(to)
        return found


class _Tree:
    """One working tree, and what was changed in it since ``base``; None as the base when all of it is new.

    ``changed``: each changed path with the one that it had before; ``new``: the paths that were added; ``gone``: those
    that are no more there; ``gone_locks``: the locks among these, with the formats of what they lock.
    """

    __slots__ = ("base", "changed", "gone", "gone_locks", "new", "top")

    def __init__(self, top: str, base: str | None) -> None:
        """Ask git; raises GitError."""
        from reqlint.lock import lock_file

        self.top = top
        self.base = base
        self.changed: dict[str, str] = {}
        self.new: set[str] = set()
        self.gone: set[str] = set()
        self.gone_locks: list[tuple[str, Sequence[str]]] = []
        if base is None:
            return
        self.new.update(names(ask(top, "ls-files", "--others", "--exclude-standard", "-z")))
        items = names(ask(top, *_DIFF, "--raw", "-z", base, "--"))
        for header in items:
            status, path = header.rsplit(" ", 1)[1][0], next(items)
            if status == "D":
                self.gone.add(path)
            elif status == "A":
                self.new.add(path)
            elif status == "R":
                self.gone.add(path)
                self.changed[next(items)] = path
            else:
                self.changed[path] = path
        self.gone -= self.new  # `git rm --cached`
        for path in self.gone:
            kind = lock_file(path.rpartition("/")[2])
            if kind is not None:
                self.gone_locks.append((os.path.join(top, *path.split("/")), kind.formats))

    def named(self, path: str) -> str:
        """A path below the top as git writes it."""
        return os.path.relpath(path, self.top).replace(os.sep, "/")

    def is_gone(self, path: str) -> bool:
        """Whether a file was there, and is not any more."""
        return self.named(path) in self.gone

    def lines(self, path: str) -> Lines | None:
        """What was changed of a file; None when nothing was. Raises GitError."""
        name = self.named(path)
        if self.base is None or name in self.new:
            return Lines(whole=True)
        before = name if name in self.gone else self.changed.get(name)
        found = self._read(*dict.fromkeys((before, name))) if before is not None else Lines()
        return found if found.rows or found.gaps else None  # a mode and a kind of line end are no lines

    def recorded(self, path: str) -> str | None:
        """The commit at which a submodule stood at the base; None when there was none. Raises GitError."""
        if self.base is None:
            return None
        name = self.named(path)
        answer = ask(self.top, "ls-tree", "-z", "--full-tree", self.base, "--", name)
        kind, _, commit = answer.partition(b"\t")[0].rpartition(b" ")
        return commit.decode() if kind.endswith(b" commit") else None

    def _read(self, *paths: str) -> Lines:
        """The changed lines of one file, given by the path that it has and the one that it had."""
        found = Lines()
        removed = []
        for hunk in _HUNK.finditer(ask(self.top, *_DIFF, *_HUNKS, str(self.base), "--", *paths)):
            start, count = int(hunk["start"]), int(hunk["added"] or 1)
            body = hunk["body"].split(b"\n")
            removed += [line[1:] for line in body if line.startswith(b"-")]
            rows = range(start, start + count)
            if count == 0:
                found.gaps.add(start)
            elif _only_got_its_line_end(body):
                rows = rows[1:]
            found.rows.update(rows)
        found.names = {normalize(name) for line in removed for name in _NAME.findall(line.decode("utf-8", "replace"))}
        return found


def _only_got_its_line_end(body: Sequence[bytes]) -> bool:
    """Whether the first line of a hunk was the file's last one, which had no line end, and is the same otherwise."""
    at = next((number for number, line in enumerate(body) if line.startswith(b"\\")), 0)
    if at != 1 or len(body) < 3 or body[2][:1] != b"+" or body[3:4] == [rb"\ No newline at end of file"]:
        return False
    return body[0][1:] == body[2][1:].rstrip(b"\r")


class Since:
    """Tells which findings stand on what was changed since a revision."""

    def __init__(self, revision: str, paths: Sequence[str]) -> None:
        """``paths``: what is checked; the revision is that of the repositories in which those lie. Raises SinceError."""
        self.revision = revision
        self._disk = Disk()
        self._around = WorkingTrees()
        self._trees: dict[str, _Tree] = {}
        self._read: dict[str, tuple[Lines, bytes] | None] = {}
        self._carried: dict[str, tuple[Source, Lines | None]] = {}
        for path in paths:
            top = self._around.around(os.path.realpath(path) if os.path.isdir(path) else os.path.dirname(place(path)))
            if top is None:
                message = f"--since: {path} does not lie in a git repository, so nothing tells what was changed"
                raise SinceError(message)
            if top not in self._trees:
                self._trees[top] = self._compare(top)

    def reports(self, item: Diagnostic, project: Project) -> bool:
        """Whether a finding is on changed lines, or was caused by a change elsewhere. Raises SinceError."""
        if item.code == "RQ999":
            return True
        lines = self._lines(item.source)
        if lines is not None:
            if lines.whole or item.code in _OF_THE_FILE or item.span == (0, 0):
                return True
            if any(lines.meet(item.source.text, span) for span in (item.span, item.scope)):
                return True
        for label in item.related:
            there = self._lines(label.source)
            if there is not None and there.meet(label.source.text, label.span):
                return True
        manifest = project.manifest(item.source.path)
        return manifest is not None and self._is_from_elsewhere(item, manifest, project)

    def _is_from_elsewhere(self, item: Diagnostic, manifest: Manifest, project: Project) -> bool:
        """Whether another file that the finding goes back to was changed: a lock, or what is included."""
        if item.code.startswith("RQ5"):
            return any(self._on_disk(path) is not None for path in self._locks(manifest, project))
        if item.code == "RQ006":
            return any(
                include.span[0] < item.span[1] and item.span[0] < include.span[1] and self._is_gone(path)
                for include in manifest.includes
                if (path := project.target(manifest, include)) is not None
            )
        if item.code in _OF_A_LOST_PIN and item.dependency is not None:
            wanted = normalize(item.dependency)
            for path in (*self._locks(manifest, project), *_constraints(manifest, project)):
                there = self._on_disk(path)
                if there is not None and wanted in there[0].names:
                    return True
        return False

    def _locks(self, manifest: Manifest, project: Project) -> Iterator[str]:
        """The locks of a manifest, and those in its folder or above that are no more there."""
        for lock in project.locks(manifest):
            yield lock.path
        own = place(manifest.path)
        tree = self._tree(own)
        for path, formats in tree.gone_locks if tree is not None else ():
            if manifest.format in formats and own.startswith(os.path.join(os.path.dirname(path), "")):
                yield path

    def _is_gone(self, path: str) -> bool:
        """Whether a file was there, and is not any more."""
        place_ = place(path)
        tree = self._tree(place_)
        return tree is not None and tree.is_gone(place_)

    def _lines(self, source: Source) -> Lines | None:
        """What was changed of a file; None when nothing was. The text may be a newer one than that on the disk."""
        known = self._carried.get(source.path)
        if known is None or known[0] is not source:
            known = self._carried[source.path] = source, self._carry(source)
        return known[1]

    def _carry(self, source: Source) -> Lines | None:
        """The changed lines of the file on the disk, and those that differ from it."""
        found = self._on_disk(source.path)
        lines, data = found if found is not None else (Lines(), None)
        if data is None:
            try:
                data = self._disk.read(source.path)
            except OSError:  # standard input under the name of a file that is not there yet
                return Lines(whole=True)
        before = data.removeprefix(source.bom).decode(source.encoding, "replace")
        return (lines if found is not None else None) if before == source.text else lines.carried(before, source.text)

    def _on_disk(self, path: str) -> tuple[Lines, bytes] | None:
        """What was changed of a file and of what it links to, and its content then; None when nothing was."""
        path = os.path.abspath(path)
        if path not in self._read:
            self._read[path] = self._ask(path)
        return self._read[path]

    def _ask(self, path: str) -> tuple[Lines, bytes] | None:
        """The same, asked of git."""
        found = None
        for each in dict.fromkeys((place(path), os.path.realpath(path))):
            tree = self._tree(each)
            try:
                lines = tree.lines(each) if tree is not None else None
            except GitError as error:
                raise self._refusal(str(error)) from None
            if lines is not None and (lines.whole or not os.path.islink(each)):
                found = lines
                break
        if found is None:
            return None
        try:
            return found, self._disk.read(path)
        except OSError:  # it is gone
            return found, b""

    def _tree(self, path: str) -> _Tree | None:
        """The working tree of a file, compared; None when it lies in none of those that are checked."""
        top = self._around.around(os.path.dirname(path))
        if top is not None and top not in self._trees:
            outer = self._tree(top)
            if outer is None:
                return None
            self._trees[top] = self._compare_submodule(top, outer)
        return self._trees[top] if top is not None else None

    def _compare(self, top: str) -> _Tree:
        """The working tree of a repository that is named; raises SinceError."""
        try:
            commit = _commit(top, self.revision)
            if commit is None:
                raise self._unknown(top)
            return _Tree(top, self._base(top, commit))
        except GitError as error:
            raise self._refusal(str(error)) from None

    def _compare_submodule(self, top: str, outer: _Tree) -> _Tree:
        """The working tree of a submodule, or of a repository that lies in another and is new there; raises SinceError."""
        try:
            commit = outer.recorded(top)
            if commit is not None and _commit(top, commit) is None:
                message = (
                    f"--since: the submodule {top} lacks the commit {commit[:12]}, at which it stood in `{self.revision}`; "
                    "fetch it with `git fetch` in the submodule"
                )
                raise SinceError(message)
            return _Tree(top, commit)
        except GitError as error:
            raise self._refusal(str(error)) from None

    def _base(self, top: str, commit: str) -> str:
        """The commit at which the revision and HEAD part; the revision itself where they have none in common."""
        try:
            return ask(top, "merge-base", commit, "HEAD").decode().split("\n")[0]
        except GitError as error:
            if error.code is None:
                raise
        if _is_shallow(top):
            message = (
                f"--since: this clone is shallow and does not reach the commit at which `{self.revision}` and HEAD part; "
                "fetch the whole history (`git fetch --unshallow`, or `fetch-depth: 0` where a CI system clones)"
            )
            raise SinceError(message)
        return commit

    def _unknown(self, top: str) -> SinceError:
        """That git does not know the revision."""
        if _is_shallow(top):
            advice = "this clone is shallow, so fetch more (`git fetch --unshallow`, or `fetch-depth: 0` where a CI system clones)"
        else:
            advice = "fetch it, or name a branch, tag or commit that `git log` knows"
        return SinceError(f"--since: git knows no commit `{self.revision}` in {top}; {advice}")

    def _refusal(self, reason: str) -> SinceError:
        """That git gives no answer."""
        if "dubious ownership" in reason:
            return SinceError(
                f"--since: {reason}; if you trust it, `git config --global --add safe.directory` with its path"
            )
        return SinceError(f"--since: {reason}; without an answer from git, nothing tells what was changed")


def _constraints(manifest: Manifest, project: Project) -> Iterator[str]:
    """The files that limit the versions of a manifest, and all that it includes."""
    for each in project.together(manifest):
        for include in each.includes:
            path = project.target(each, include)
            if path is not None and include.kind == "constraint":
                yield path


def _commit(top: str, revision: str) -> str | None:
    """The hash of the commit that a revision names; None when git knows none. Raises GitError when git cannot be asked."""
    found = revision
    for asked in ("", "^{commit}"):
        try:
            answer = ask(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{found}{asked}").strip()
        except GitError as error:
            if error.code is None or _fails(top):
                raise
            return None
        if _COMMIT.fullmatch(answer) is None:
            return None
        found = answer.decode()
    return found


def _fails(top: str) -> bool:
    """Whether git has nothing to say of a repository at all."""
    try:
        ask(top, "rev-parse", "--git-dir")
    except GitError:
        return True
    return False


def _is_shallow(top: str) -> bool:
    """Whether a clone has only the newest part of the history."""
    return ask(top, "rev-parse", "--is-shallow-repository").strip() == b"true"
