"""The loop: read, parse, check, ignore; and with fixes: choose, apply, and again until nothing changes."""

from __future__ import annotations

import os
import re

from reqlint.config import ConfigurationError
from reqlint.diagnostic import SEVERITIES, Diagnostic
from reqlint.evidence import Evidence, NoEnvironmentError, OnlineNotInstalledError
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
    from collections.abc import Callable, Iterable, Sequence

    from reqlint.baseline import Baseline
    from reqlint.config import Configurations
    from reqlint.evidence.online import Online
    from reqlint.files import Files
    from reqlint.fixes import Fix
    from reqlint.formats import Format
    from reqlint.model import Role
    from reqlint.project import Member
    from reqlint.registry import Rule

ROUNDS = 10
_DECLARED_ENCODING = re.compile(rb"coding[:=]\s*([-\w.]+)")


class Target:
    """A file that is to be checked: its path, the format it is read as, and its role when not its name tells that."""

    __slots__ = ("format", "path", "role")

    def __init__(self, path: str, form: Format, role: Role | None = None) -> None:
        """Keep all three."""
        self.path = path
        self.format = form
        self.role = role


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

    def __init__(
        self,
        files: Files,
        configurations: Configurations,
        online: Online | None = None,
        wanted: Callable[[Diagnostic, Project], bool] | None = None,
        known: Baseline | None = None,
    ) -> None:
        """``files``: where everything is read from; ``configurations``: which rules count where.

        ``online``: what may be asked of indexes and git servers, None for nothing; ``wanted``: which findings are reported,
        None for all; ``known``: those that are not.
        """
        self.files = files
        self._wanted = wanted
        self._known = known
        self.configurations = configurations
        self.evidence = Evidence(files, configurations, self._members, online)
        self.project = Project(files, configurations, self._read_neighbour, self.evidence)
        self._targets: dict[str, Target] = {}
        self._broken: dict[str, str] = {}

    # Reading

    def load(self, targets: Iterable[Target], unreadable: list[str] | None = None) -> list[Manifest]:
        """Read the files that are asked for.

        What cannot be read is told to ``unreadable`` and left out; without such a list, raises UnreadableError.
        """
        manifests = []
        for target in targets:
            self._targets[os.path.abspath(target.path)] = target
            try:
                manifest = self._read(target.path, target.format, target.role)
            except OSError as error:
                message = f"{target.path}: cannot be read: {(error.strerror or str(error)).lower()}"
                if unreadable is None:
                    raise UnreadableError(message) from None
                unreadable.append(message)
                continue
            self.project.keep(manifest)
            manifests.append(manifest)
        return manifests

    def _read_neighbour(self, path: str, role: Role | None, form_name: str | None) -> Manifest | None:
        """A file beside the ones that are asked for; None when it is not there or cannot be read.

        ``form_name``: the format of a file whose own name does not tell one.
        """
        target = self._targets.get(os.path.abspath(path))
        form = target.format if target is not None else format_of(path) or FORMATS[form_name or "requirements.txt"]
        if role is None and target is not None:
            role = target.role
        try:
            return self._read(path, form, role) if self.files.is_file(path) else None
        except OSError:
            return None

    def _read(self, path: str, form: Format, role: Role | None) -> Manifest:
        data = self.files.read(path)
        if not form.may_be(data):
            stranger = Manifest(Source(path, ""), form.name, role or "input")
            stranger.foreign = True
            return stranger
        source = Source.decode(path, data, _DECLARED_ENCODING if form.declared_encoding else None)
        self._broken.pop(os.path.abspath(path), None)
        if source.fault is not None and "\0" in source.text:
            return Manifest(source, form.name, role or "application")
        verdict = None
        if role is None and form.describes_project:
            from reqlint.roles import told

            verdict = told(
                path, form.name, source.text, self.configurations.of(path).kind, self.project.root(path), self.files
            )
        try:
            manifest: Manifest = form.reader().read(source, role if verdict is None else verdict.role)
        except Exception as error:  # noqa: BLE001 - a fault of ours, which check_one reports
            self._broken[os.path.abspath(path)] = f"reading this file failed: {fault_of(error)}"
            return Manifest(source, form.name, role or "application")
        if verdict is not None:
            manifest.reason = verdict.reason
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
        """The findings of one file that are wanted and not known yet, sorted by place, then worst first."""
        found = self.check_all(manifest)
        if self._known is not None:
            chosen = self.configurations.of(manifest.path).rules_for(manifest.path)
            found = self._known.new(manifest.source, found, {rule.code for rule in chosen})
        return found if self._wanted is None else [item for item in found if self._wanted(item, self.project)]

    def check_all(self, manifest: Manifest) -> list[Diagnostic]:
        """The same, wanted or not, known or not."""
        if manifest.foreign:
            return []
        configuration = self.configurations.of(manifest.path)
        chosen = configuration.rules_for(manifest.path)
        found: list[Diagnostic] = []
        faults: list[Diagnostic] = []  # ours, which no comment silences
        if self._broken and (broken := self._broken.get(os.path.abspath(manifest.path))) is not None:
            faults.append(_internal_error(manifest, broken))
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
            self._run(rule, subjects, manifest, found, faults)
        ignores = Ignores(manifest.source)
        if ignores.items:
            found = [item for item in found if not ignores.silence(item)]
            ignores.checked = frozenset(rule.code for rule in chosen)
            for rule in late:
                self._run(rule, [ignores], manifest, found, faults)
        if configuration.severities:
            for item in found:
                item.severity = configuration.severities.get(item.code, item.severity)
        if faults:
            found += faults
        if len(found) > 1:
            found.sort(key=lambda item: (item.span[0], -SEVERITIES.index(item.severity), item.code))
            found = _distinct(found)
        return found

    def _run(
        self,
        rule: Rule,
        subjects: Iterable[object],
        manifest: Manifest,
        found: list[Diagnostic],
        faults: list[Diagnostic],
    ) -> None:
        """Run one rule over its subjects; a fault of ours becomes a finding of its own."""
        check, project = rule.check, self.project
        begin = len(found)
        try:
            for subject in subjects:
                found.extend(check(subject, project))
        except (
            ConfigurationError,
            NoEnvironmentError,
            OnlineNotInstalledError,
        ):  # the user's to mend: it was looked up only now
            raise
        except Exception as error:  # noqa: BLE001 - whatever a rule does, the other findings stand
            message = f"the rule {rule.code} ({rule.name}) failed on this file: {fault_of(error)}"
            faults.append(_internal_error(manifest, message))
        for item in found[begin:]:
            if not hasattr(item, "code"):
                item.code, item.name = rule.code, rule.name
                if not hasattr(item, "severity"):
                    item.severity = rule.severity


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


def fault_of(error: BaseException) -> str:
    """The kind of a fault of ours and where it happened, never its message, which may quote a secret."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return type(error).__name__
    return f"{type(error).__name__} in line {traceback.tb_lineno} of {os.path.basename(traceback.tb_frame.f_code.co_filename)}"


def _internal_error(manifest: Manifest, message: str) -> Diagnostic:
    """A fault of ours as a finding."""
    own = rules()["RQ999"]
    advice = "this is a fault of reqlint; please report it. The other findings stand"
    item = Diagnostic(manifest.source, (0, 0), message, help=advice)
    item.code, item.name, item.severity = own.code, own.name, own.severity
    return item


class Mender:
    """Applies fixes until none is left, in memory; writing the files is the caller's part."""

    def __init__(
        self,
        files: Files,
        configurations: Configurations,
        targets: Sequence[Target],
        *,
        unsafe: bool,
        online: Online | None = None,
        wanted: Callable[[Diagnostic, Project], bool] | None = None,
        known: Baseline | None = None,
    ) -> None:
        """``files``: where to read from, which is never written; ``unsafe``: whether unsafe fixes are wanted too.

        ``online``, ``wanted``, ``known``: as for the Linter; what is not reported is not mended.
        """
        self.files = files
        self.memory = Memory({}, files)
        self.linter = Linter(self.memory, configurations, online, wanted, known)
        self.targets = targets
        self.unsafe = unsafe
        self.applied: list[Applied] = []
        self.faults: list[str] = []
        self.notes: list[str] = []  # what else is to be told
        self.unreadable: list[str] = []
        self.before: list[Manifest] = []
        self.manifests: list[Manifest] = []
        self._contents: dict[str, bytes] = {}
        self._refused: set[tuple[str, str, str]] = set()

    def run(self) -> list[Diagnostic]:
        """Mend all files; returns the findings that are left. What cannot be read is in ``unreadable``.

        Each file is read once: what another program writes meanwhile is neither mixed in nor, later, overwritten.
        """
        for target in self.targets:
            try:
                data = self.files.read(target.path)
            except OSError:  # `load` tells of it
                continue
            self._contents[target.path] = self.memory.contents[os.path.abspath(target.path)] = data
        targets = {target.path: target for target in self.targets}
        self.before = self.linter.load(self.targets, self.unreadable)
        manifests = self.before = [manifest for manifest in self.before if not manifest.foreign]
        for _ in range(ROUNDS):  # what is mended in one file may let something be mended in another that includes it
            mended = [self._mend(targets[manifest.path], manifest) for manifest in manifests]
            changed = any(after is not before for after, before in zip(mended, manifests, strict=True))
            manifests = mended
            if not changed or len(manifests) == 1:
                break
        self.manifests = manifests
        return self.linter.check(manifests)

    def changes(self) -> dict[str, tuple[bytes, bytes]]:
        """The files whose content is to change: path -> content as it was read, and as it should be."""
        pairs = {path: (data, self.memory.read(path)) for path, data in self._contents.items()}
        return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}

    def sources(self) -> list[Source]:
        """All that was read, as it was and as it became: what a secret in a message can come from."""
        return [*(manifest.source for manifest in self.before), *self.linter.project.sources()]

    def wanted(self, item: Diagnostic) -> bool:
        """Whether the fix of a finding is to be applied."""
        if item.fix is None or (item.source.path, item.code, item.message) in self._refused:
            return False
        return self.unsafe or item.fix.applicability == "safe"

    def _mend(self, target: Target, manifest: Manifest) -> Manifest:
        """Mend one file, round by round."""
        if not round_trips(self.memory, manifest.source):
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
            self._note(f"{target.path}: the fixes do not come to rest; please report it")
        return manifest

    def _round(self, target: Target, manifest: Manifest, items: list[Diagnostic]) -> Manifest | None:
        """Apply what can be applied together, but what makes the file worse; None when nothing changed."""
        by_fix = {id(item.fix): item for item in items}
        chosen = choose(item.fix for item in items if item.fix is not None)
        after = self._try(target, manifest, chosen)
        if after is None:
            chosen = self._harmless(target, manifest, chosen, by_fix)
            after = self._try(target, manifest, chosen) if chosen else None
        if after is not None:
            self.applied += [Applied(target.path, by_fix[id(fix)], fix) for fix in chosen]
        return after

    def _harmless(
        self, target: Target, manifest: Manifest, fixes: list[Fix], by_fix: dict[int, Diagnostic]
    ) -> list[Fix]:
        """Those of the fixes that do not make the file worse, found by halves; of the others, a fault is noted."""
        if len(fixes) > 1:
            half = len(fixes) // 2
            first = self._harmless(target, manifest, fixes[:half], by_fix)
            second = self._harmless(target, manifest, fixes[half:], by_fix)
            return [*first, *second]
        before = self.memory.read(target.path)
        if self._try(target, manifest, fixes) is not None:
            self.memory.write(target.path, before, self.memory.read(target.path))
            self.linter.project.keep(manifest)
            return fixes
        item = by_fix[id(fixes[0])]
        self._refused.add((target.path, item.code, item.message))
        self._note(f"{target.path}: the fix of {item.code} would break the file, so it was left out; please report it")
        return []

    def _note(self, fault: str) -> None:
        if fault not in self.faults:
            self.faults.append(fault)

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
        old = self._readings(manifest)
        self.memory.write(target.path, data, before)
        after = self.linter.load([target])[0]
        if after.source.text == text and not self._readings(after) - old:
            return after
        self.memory.write(target.path, before, data)
        self.linter.project.keep(manifest)
        return None

    def _readings(self, manifest: Manifest) -> set[tuple[str, int]]:
        """The faults of reading and of ours, each with its ordinal, so that one more of a kind is seen.

        Those that the reader met count whether or not their rules are on. That a file is of the wrong kind stands for all its
        lines that are none, and may do so from one round to the next, when good lines among them go.
        """
        same = {"wrong-kind-of-file": "invalid-requirement", "RQ003": "RQ002"}
        codes = [item.code for item in self.linter.check_all(manifest)]
        kinds = [problem.rule for problem in manifest.problems if problem.rule != "templated-version"]
        kinds += [code for code in codes if code in ("RQ001", "RQ002", "RQ003", "RQ004", "RQ005", "RQ999")]
        if manifest.source.fault is not None:
            kinds.append("fault")
        kinds = [same.get(kind, kind) for kind in kinds]
        return {(kind, number) for kind in set(kinds) for number in range(kinds.count(kind))}


def round_trips(files: Files, source: Source) -> bool:
    """Whether writing the text back unchanged gives the very bytes, so that a fix cannot lose any."""
    try:
        return source.encode(source.text) == files.read(source.path)
    except (UnicodeError, OSError):
        return False
