"""The loop: read, parse, check, ignore; and with fixes: choose, apply, and again until nothing changes."""

from __future__ import annotations

import os
import re

from reqlint.diagnostic import SEVERITIES, Diagnostic
from reqlint.evidence import Evidence
from reqlint.files import Memory
from reqlint.fixes import apply, choose
from reqlint.formats import FORMATS, format_of
from reqlint.ignores import Ignores
from reqlint.model import Manifest
from reqlint.project import Project
from reqlint.registry import rules
from reqlint.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reqlint.config import Configurations
    from reqlint.files import Files
    from reqlint.fixes import Fix
    from reqlint.formats import Format
    from reqlint.model import Role
    from reqlint.project import Member
    from reqlint.registry import Rule

ROUNDS = 10
_DECLARED_ENCODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_CONSTRAINTS_NAME = re.compile(r"(?:^|[-_.])constraints?(?:[-_.\d]|$)")


class Target:
    """A file that is to be checked: its path and the format it is read as."""

    __slots__ = ("format", "path")

    def __init__(self, path: str, form: Format) -> None:
        """Keep both."""
        self.path = path
        self.format = form


class UnreadableError(Exception):
    """A file that was asked for cannot be read: the message says which and why."""


class Applied:
    """A fix that was applied, with the finding that it mended."""

    __slots__ = ("diagnostic", "fix", "path")

    def __init__(self, path: str, diagnostic: Diagnostic, fix: Fix) -> None:
        """Keep all three."""
        self.path = path
        self.diagnostic = diagnostic
        self.fix = fix


class Linter:
    """Checks files, and mends them in memory."""

    def __init__(self, files: Files, configurations: Configurations) -> None:
        """``files``: where everything is read from; ``configurations``: which rules count where."""
        self.files = files
        self.configurations = configurations
        self.evidence = Evidence(files, configurations, self._members)
        self.project = Project(files, configurations, self._read_neighbour, self.evidence)
        self._formats: dict[str, Format] = {}

    # Reading

    def load(self, targets: Iterable[Target]) -> list[Manifest]:
        """Read the files that are asked for; raises UnreadableError."""
        manifests = []
        for target in targets:
            self._formats[os.path.abspath(target.path)] = target.format
            try:
                manifest = self._read(target.path, target.format, None)
            except OSError as error:
                message = f"{target.path}: cannot be read: {(error.strerror or str(error)).lower()}"
                raise UnreadableError(message) from None
            self.project.keep(manifest)
            manifests.append(manifest)
        return manifests

    def _read_neighbour(self, path: str, role: Role | None) -> Manifest | None:
        """A file beside the ones that are asked for; None when it is not there or cannot be read."""
        form = self._formats.get(os.path.abspath(path)) or format_of(path) or FORMATS["requirements.txt"]
        try:
            return self._read(path, form, role) if self.files.is_file(path) else None
        except OSError:
            return None

    def _read(self, path: str, form: Format, role: Role | None) -> Manifest:
        source = Source.decode(path, self.files.read(path), _DECLARED_ENCODING if form.declared_encoding else None)
        if source.fault is not None and "\0" in source.text:
            return Manifest(source, form.name, role or role_of(path))
        manifest: Manifest = form.reader().read(source, role or role_of(path))
        return manifest

    def _members(self, path: str) -> Sequence[Member]:
        """All that is installed with a file: what evidence is judged by."""
        manifest = self.project.manifest(path)
        return self.project.members(manifest) if manifest is not None else ()

    # Checking

    def check(self, manifests: Iterable[Manifest]) -> list[Diagnostic]:
        """The findings of the files, in their order and by place."""
        found: list[Diagnostic] = []
        for manifest in manifests:
            found.extend(self.check_one(manifest))
        return found

    def check_one(self, manifest: Manifest) -> list[Diagnostic]:
        """The findings of one file, sorted by place, then worst first."""
        configuration = self.configurations.of(manifest.path)
        chosen = configuration.rules_for(manifest.path)
        found: list[Diagnostic] = []
        late: list[Rule] = []
        buckets: dict[tuple[str, ...], list[object]] = {}
        for rule in chosen:
            if rule.target == "ignores":
                late.append(rule)
                continue
            if rule.target == "dependency":
                subjects = buckets.get(rule.kinds)
                if subjects is None:
                    subjects = [item for item in manifest.dependencies if item.parts.kind in rule.kinds]
                    buckets[rule.kinds] = subjects
            else:
                subjects = [manifest]
            self._run(rule, subjects, manifest, found)
        ignores = Ignores(manifest.source)
        if ignores.items:
            found = [item for item in found if not ignores.silence(item)]
            ignores.checked = frozenset(rule.code for rule in chosen)
            for rule in late:
                self._run(rule, [ignores], manifest, found)
        if configuration.severities:
            for item in found:
                item.severity = configuration.severities.get(item.code, item.severity)
        if len(found) > 1:
            found.sort(key=lambda item: (item.span[0], -SEVERITIES.index(item.severity), item.code))
            found = _distinct(found)
        return found

    def _run(self, rule: Rule, subjects: Iterable[object], manifest: Manifest, found: list[Diagnostic]) -> None:
        """Run one rule over its subjects; a fault of ours becomes a finding of its own."""
        check, project = rule.check, self.project
        begin = len(found)
        try:
            for subject in subjects:
                found.extend(check(subject, project))
        except (AssertionError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
            found.append(_internal_error(rule, manifest, error))
        for item in found[begin:]:
            if not hasattr(item, "code"):
                item.code, item.name, item.severity = rule.code, rule.name, rule.severity


def role_of(path: str) -> Role:
    """The role that a requirements file has by its name: input (``.in``), constraint, or application."""
    name = os.path.basename(path).lower()
    if name.endswith(".in"):
        return "input"
    stem = name.rpartition(".")[0]
    return "constraint" if _CONSTRAINTS_NAME.search(stem) else "application"


def _distinct(found: list[Diagnostic]) -> list[Diagnostic]:
    """Without repetitions of one finding at one place."""
    seen: set[tuple[str, int, int, str]] = set()
    kept = []
    for item in found:
        key = (item.code, *item.span, item.message)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


def _internal_error(rule: Rule, manifest: Manifest, error: Exception) -> Diagnostic:
    """A fault of ours: it names the rule and the kind of the fault, never a text of the file."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    place = f" in line {traceback.tb_lineno} of {os.path.basename(traceback.tb_frame.f_code.co_filename)}" if traceback else ""
    own = rules()["RQ999"]
    item = Diagnostic(
        manifest.source,
        (0, 0),
        f"the rule {rule.code} ({rule.name}) failed on this file: {type(error).__name__}{place}",
        help="this is a fault of reqlint; please report it. The other findings stand",
    )
    item.code, item.name, item.severity = own.code, own.name, own.severity
    return item


class Mender:
    """Applies fixes until none is left, in memory; writing the files is the caller's part."""

    def __init__(
        self, files: Files, configurations: Configurations, targets: Sequence[Target], *, unsafe: bool
    ) -> None:
        """``files``: where to read from, which is never written; ``unsafe``: whether unsafe fixes are wanted too."""
        self.files = files
        self.memory = Memory({}, files)
        self.linter = Linter(self.memory, configurations)
        self.targets = targets
        self.unsafe = unsafe
        self.applied: list[Applied] = []
        self.faults: list[str] = []
        self.manifests: list[Manifest] = []

    def run(self) -> list[Diagnostic]:
        """Mend all files; returns the findings that are left."""
        manifests = self.linter.load(self.targets)
        for number, target in enumerate(self.targets):
            manifests[number] = self._mend(target, manifests[number])
        self.manifests = manifests
        return self.linter.check(manifests)

    def changes(self) -> dict[str, tuple[bytes, bytes]]:
        """The files that differ from what was read: path -> content before and after."""
        pairs = {target.path: (self.files.read(target.path), self.memory.read(target.path)) for target in self.targets}
        return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}

    def wanted(self, item: Diagnostic) -> bool:
        """Whether the fix of a finding is to be applied."""
        return item.fix is not None and (self.unsafe or item.fix.applicability == "safe")

    def _mend(self, target: Target, manifest: Manifest) -> Manifest:
        """Mend one file, round by round."""
        if not _round_trips(self.linter.files, manifest.source):
            return manifest
        for _ in range(ROUNDS):
            items = [item for item in self.linter.check_one(manifest) if self.wanted(item)]
            if not items:
                return manifest
            after = self._round(target, manifest, items)
            if after is None:
                return manifest
            manifest = after
        if any(self.wanted(item) for item in self.linter.check_one(manifest)):
            self.faults.append(f"{target.path}: the fixes do not come to rest; please report it")
        return manifest

    def _round(self, target: Target, manifest: Manifest, items: list[Diagnostic]) -> Manifest | None:
        """Apply what can be applied together; when that makes the file worse, one fix at a time."""
        by_fix = {id(item.fix): item for item in items}
        chosen = choose(item.fix for item in items if item.fix is not None)
        after = self._try(target, manifest, chosen)
        if after is not None:
            self.applied += [Applied(target.path, by_fix[id(fix)], fix) for fix in chosen]
            return after
        for fix in chosen:
            after = self._try(target, manifest, [fix])
            if after is not None:
                self.applied.append(Applied(target.path, by_fix[id(fix)], fix))
                return after
            fault = f"{target.path}: the fix of {by_fix[id(fix)].code} would break the file, so it was left out; please report it"
            if fault not in self.faults:
                self.faults.append(fault)
        return None

    def _try(self, target: Target, manifest: Manifest, chosen: list[Fix]) -> Manifest | None:
        """The manifest after these fixes; None, and nothing changed, when it would be the same or worse."""
        source = manifest.source
        text = apply(source.text, chosen)
        encoding = next((fix.encoding for fix in chosen if fix.encoding is not None), None)
        before = self.memory.read(target.path)
        try:
            data = text.encode(encoding) if encoding is not None else source.encode(text)
        except UnicodeEncodeError:
            return None
        if data == before:
            return None
        old = _readings(self.linter.check_one(manifest))
        self.memory.write(target.path, data, before)
        after = self.linter.load([target])[0]
        if after.source.text == text and not _readings(self.linter.check_one(after)) - old:
            return after
        self.memory.write(target.path, before, data)
        self.linter.project.keep(manifest)
        return None


def _readings(found: Iterable[Diagnostic]) -> set[tuple[str, int]]:
    """The faults of reading and of ours, each with its ordinal, so that one more of a kind is seen."""
    counts: dict[str, int] = {}
    readings = set()
    for item in found:
        if item.code in ("RQ001", "RQ002", "RQ003", "RQ004", "RQ005", "RQ999"):
            counts[item.code] = counts.get(item.code, 0) + 1
            readings.add((item.code, counts[item.code]))
    return readings


def _round_trips(files: Files, source: Source) -> bool:
    """Whether writing the text back unchanged gives the very bytes, so that a fix cannot lose any."""
    try:
        return source.encode(source.text) == files.read(source.path)
    except (UnicodeError, OSError):
        return False
