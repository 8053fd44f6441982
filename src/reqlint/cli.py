"""The command line: arguments, exit codes, and what goes to which stream; nothing else."""

from __future__ import annotations

import argparse
import errno
import os
import sys

from reqlint import __version__
from reqlint.config import OUTPUT_FORMATS, PIN_SOURCES, ConfigurationError, Configurations, check
from reqlint.credentials import mask
from reqlint.diagnostic import SEVERITIES
from reqlint.discovery import discover, load, targets
from reqlint.evidence import NoEnvironmentError, OnlineNotInstalledError
from reqlint.files import Disk, Memory
from reqlint.linter import Linter, Mender, UnreadableError, fault_of
from reqlint.output import Report, render, shown_path
from reqlint.output.destinations import ERR, OUT, destinations, in_github, wanting_json
from reqlint.redaction import Redactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn, TextIO

    from reqlint.baseline import Baseline
    from reqlint.diagnostic import Diagnostic
    from reqlint.discovery import Found
    from reqlint.evidence.online import Online
    from reqlint.files import Files
    from reqlint.linter import Applied, Target
    from reqlint.model import Manifest
    from reqlint.project import Project

#: What a system says of a file that cannot grow: of standard output too, when it is sent to one.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_DESCRIPTION = """\
Lint the files that declare Python dependencies, and mend what can be mended.

PATHs are files or directories; none means the current directory, and - standard input (with --stdin-filename).
"""
_EPILOG = """\
exit codes: 0 nothing (left) to report; 1 findings at or above --fail-on remain, or files were changed with
--exit-non-zero-on-fix; 2 wrong usage or configuration, a file that cannot be read or written, or a fault of reqlint's
"""

#: The formats that see to it themselves that who reads a log finds no command in them but theirs.
_SAFE = ("json", "json-lines", "github", "gitlab", "azure", "sarif", "rdjson")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    _make_streams_safe()
    try:
        parser = _parser()
        return _run(parser, parser.parse_args(_separated(sys.argv[1:] if argv is None else argv)))
    except (ConfigurationError, UnreadableError, NoEnvironmentError, OnlineNotInstalledError) as error:
        return _fail(str(error))
    except BrokenPipeError:
        return _hang_up()
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _fail(f"a fault of reqlint: {fault_of(error)}; please report it")
        _discard(sys.stdout)
        return _fail(f"the output cannot be written: {(error.strerror or '').lower()}")
    except KeyboardInterrupt:
        _warn("interrupted; nothing was left half written")
        return 130  # as a shell counts it
    except Exception as error:  # noqa: BLE001 - a traceback could show a secret, and tells a user nothing
        return _fail(f"a fault of reqlint: {fault_of(error)}; please report it")


class _Parser(argparse.ArgumentParser):
    """One that repeats no secret of the command line."""

    def error(self, message: str) -> NoReturn:
        """Print how it is used and what is wrong; exit with 2."""
        super().error(_clean(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="reqlint", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=_formatter, allow_abbrev=False
    )
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="files or directories (default: the current directory)")
    group = parser.add_argument_group("fixes")
    add = group.add_argument
    add("--fix", action="store_true", help="apply safe fixes")
    add(
        "--unsafe-fixes",
        action="store_true",
        help="with --fix or --diff: unsafe fixes too, which may change what is installed",
    )
    add("--diff", action="store_true", help="print what --fix would do as a unified diff, and change nothing")
    add("--python", metavar="PATH", help="interpreter, virtual environment or conda environment whose installed versions count "
        "for fixes (default: the active one, else the project's own)")  # fmt: skip
    add("--pin-from", action="append", metavar="SOURCE", help="where fixes take versions from, in order of trust: "
        + ", ".join(PIN_SOURCES) + "; comma-separated (default: lock,environment)")  # fmt: skip
    add("--online", action="store_true", help="allow asking git servers, and the package index with --pin-from index")
    group = parser.add_argument_group("rules")
    add = group.add_argument
    add("--select", action="append", metavar="RULE", help="rules to check instead of the default ones: codes, names, prefixes "
        "(RQ1) or ALL; comma-separated, repeatable")  # fmt: skip
    add("--ignore", action="append", metavar="RULE", help="rules to leave out")
    add("--extend-select", action="append", metavar="RULE", help="rules to check besides the others")
    add(
        "--since",
        metavar="REV",
        help="report only what is on lines that were changed since a branch, tag or commit of git",
    )
    group = parser.add_argument_group("known findings")
    add = group.add_argument
    add("--baseline", metavar="FILE", help="report, and mend, only what is not in this baseline")
    add("--write-baseline", metavar="FILE", help="write a baseline that holds all present findings, and report none")
    add("--write-ignores", nargs="?", metavar="=REASON", help="write an ignore comment with this reason beside each finding; "
        "with --diff, show them only")  # fmt: skip
    group = parser.add_argument_group("output")
    add = group.add_argument
    add("--output-format", choices=OUTPUT_FORMATS, metavar="FORMAT", help=", ".join(OUTPUT_FORMATS) + " (default: in GitHub "
        "Actions, GitLab CI and Azure Pipelines their own; else full on a terminal, and concise elsewhere; REQLINT_OUTPUT_FORMAT "
        "sets it too)")  # fmt: skip
    add("--output-file", action="append", default=[], metavar="FILE", help="write a report there, in the format that its ending "
        "tells (.sarif, .json, .xml, .md, .txt ...), else in that of --output-format; standard output gets its own "
        "unless that is the same; repeatable")  # fmt: skip
    add("--statistics", action="store_true", help="print how often each rule was broken instead of the findings")
    add("--color", choices=("auto", "always", "never"), default="auto", help="colour (default: auto, which heeds NO_COLOR and "
        "FORCE_COLOR)")  # fmt: skip
    add("-q", "--quiet", action="store_true", help="print nothing when there is nothing to report")
    add("-v", "--verbose", action="store_true", help="tell on standard error what is read and what was fixed")
    group = parser.add_argument_group("exit code")
    add = group.add_argument
    add("--fail-on", choices=("error", "warning", "info"), help="the mildest severity that makes the run fail "
        "(default: warning)")  # fmt: skip
    add("--exit-zero", action="store_true", help="exit with 0 even when there are findings")
    add("--exit-non-zero-on-fix", action="store_true", help="exit with 1 when files were changed")
    group = parser.add_argument_group("configuration")
    add = group.add_argument
    add("--config", metavar="FILE", help="this configuration file instead of the nearest one above each file")
    add("--isolated", action="store_true", help="read no configuration file")
    add("--stdin-filename", metavar="NAME", help="what standard input (-) is to be read as")
    group = parser.add_argument_group("information")
    add = group.add_argument
    add("--explain", metavar="RULE", help="print what a rule is about")
    add("--list-rules", action="store_true", help="list all rules")
    add("--show-files", action="store_true", help="list the files that would be checked, and those that are left out")
    add("--show-settings", action="store_true", help="print the configuration that counts for each file")
    add("--show-dependencies", action="store_true", help="print the requirements that were read")
    add("--version", action="version", version=f"reqlint {__version__}")
    return parser


def _separated(argv: Sequence[str]) -> list[str]:
    """The arguments, a bare --write-ignores with an empty reason, lest it takes the path behind it for one."""
    end = argv.index("--") if "--" in argv else len(argv)
    return [*(f"{word}=" if word == "--write-ignores" else word for word in argv[:end]), *argv[end:]]


def _refuse_contradictions(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Exit with 2 when options are given together that want different things."""
    for pair in (
        "config isolated",
        "baseline write_baseline",
        "fix write_baseline",
        "diff write_baseline",
        "fix write_ignores",
        "write_ignores write_baseline",
        "since write_baseline",
    ):
        one, other = pair.split()
        if getattr(arguments, one) not in (None, False) and getattr(arguments, other) not in (None, False):
            parser.error(f"--{one.replace('_', '-')} and --{other.replace('_', '-')} exclude each other")


def _formatter(prog: str) -> argparse.HelpFormatter:
    """A help formatter that is told the width: left to find it out, argparse imports shutil at every start."""
    return argparse.RawDescriptionHelpFormatter(prog, width=min(_terminal()[0], 110))


def _terminal() -> tuple[int, int]:
    """Columns and lines of the terminal: what COLUMNS and LINES say, else what the system says, else 120 and 40."""
    try:
        measured = os.get_terminal_size(1)
    except OSError:
        measured = os.terminal_size((120, 40))
    return _size("COLUMNS", measured.columns or 120), _size("LINES", measured.lines or 40)


def _size(name: str, measured: int) -> int:
    """A number in the environment, when it is one that a terminal could have."""
    value = os.environ.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 5 and int(value) else measured


def _make_streams_safe() -> None:
    """Let no character that the terminal's encoding lacks end a run."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _hang_up() -> int:
    """What reads our output has had enough (`reqlint | head`): leave without a word, as other programs do."""
    _discard(sys.stdout)
    _discard(sys.stderr)
    return 1


def _discard(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere when the interpreter flushes it for the last time."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        pass


def _fail(message: str) -> int:
    """Say on standard error why nothing more can be done."""
    _warn(message)
    return 2


def _warn(message: str) -> None:
    """Say on standard error what the user should know."""
    sys.stderr.write(f"reqlint: {_clean(message)}\n")


def _clean(message: str) -> str:
    """A message on one line, without what looks like a secret, and without what a CI system would take for a command."""
    from reqlint.output import visible

    return _defused(visible(mask(message)))


def _defused(text: str) -> str:
    """A text in which GitHub Actions or Azure Pipelines, when it reads the log, finds none of its commands."""
    reader = os.environ.get("GITHUB_ACTIONS") or os.environ.get("TF_BUILD")
    if not reader or ("::" not in text and "##" not in text):
        return text
    import re

    from reqlint.output._ci import defused

    return re.sub(r"(?m)^(\s*):(?=:)", r"\1: ", defused(text))


def _run(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    overrides = _overrides(arguments)
    if arguments.explain is not None or arguments.list_rules:
        from reqlint.output import rules as output

        return _tell(
            arguments,
            overrides.get("output-format"),
            lambda json, color: output.rules(arguments.explain, json=json, color=color, width=_width()),
        )
    _refuse_contradictions(parser, arguments)
    if arguments.write_ignores:
        from reqlint.annotate import refused

        wrong = refused(arguments.write_ignores)
        if wrong is not None:
            parser.error(f"--write-ignores: {wrong}")
    files: Files = Disk()
    paths = list(arguments.paths) or [os.curdir]
    standard_input = "-" in paths
    if standard_input:
        if len(paths) > 1:
            parser.error("- cannot be mixed with other paths")
        if arguments.stdin_filename is None:
            parser.error("- needs --stdin-filename, which tells what standard input is")
        paths = [arguments.stdin_filename]
        files = Memory({paths[0]: sys.stdin.buffer.read()}, files)
    elif arguments.stdin_filename is not None:
        parser.error("--stdin-filename needs - for the path, which stands for standard input")
    wanted = None
    if arguments.since is not None:
        from reqlint.since import Since

        wanted = Since(arguments.since, paths).reports
    configurations = Configurations(files, overrides, arguments.config, isolated=arguments.isolated)
    run = _Run(arguments, files, configurations, wanted)
    code = run(paths, standard_input=standard_input)
    for message in run.unreadable:
        _warn(message)
    return 2 if run.unreadable else code


def _overrides(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the command line and the environment say, as configuration."""
    values: dict[str, Any] = {}
    for name in ("select", "ignore", "extend_select"):
        given = getattr(arguments, name)
        if given is not None:
            option = f"--{name.replace('_', '-')}"
            selectors = [part.strip() for text in given for part in text.split(",") if part.strip()]
            if not selectors:
                raise ConfigurationError(f"{option}: no rule is named")
            values[option[2:]] = selectors
            check({option[2:]: selectors}, option)
    if arguments.pin_from is not None:
        values["pin-from"] = [part.strip() for text in arguments.pin_from for part in text.split(",") if part.strip()]
        check({"pin-from": values["pin-from"]}, "--pin-from")
    for name in ("fail_on", "python"):
        given = getattr(arguments, name)
        if given is not None:
            values[name.replace("_", "-")] = given
    if arguments.output_format is not None:
        values["output-format"] = arguments.output_format
    elif os.environ.get("REQLINT_OUTPUT_FORMAT"):
        values["output-format"] = os.environ["REQLINT_OUTPUT_FORMAT"]
        check({"output-format": values["output-format"]}, "REQLINT_OUTPUT_FORMAT")
    return values


class _Run:
    """One run over files: what was asked, and what could not be read."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        files: Files,
        configurations: Configurations,
        wanted: Callable[[Diagnostic, Project], bool] | None,
    ) -> None:
        self.arguments = arguments
        self.files = files
        self.configurations = configurations
        self.online = self._online() if arguments.online else None
        self.wanted = wanted
        self.known = self._baseline() if arguments.baseline is not None else None
        self.linter = Linter(files, configurations, self.online, wanted, self.known)
        self.unreadable: list[str] = []
        self.wanted_format = configurations.of_directory(os.getcwd()).output_format

    def __call__(self, paths: list[str], *, standard_input: bool) -> int:
        """Do what was asked; returns the exit code."""
        arguments = self.arguments
        if arguments.python is not None:
            self.linter.evidence.require(arguments.python)
        found = discover(paths, self.configurations, self.unreadable, exist=not standard_input)
        if arguments.show_files or arguments.show_settings:
            # Neither minds what cannot be read; both want to know what the files include.
            return self._show_choices(found, load(self.linter, found, paths, []))
        manifests = load(self.linter, found, paths, self.unreadable)
        if arguments.verbose:
            for item in found:
                _warn(f"{'reading' if item.format else 'leaving out'} {shown_path(mask(item.path))}: {item.reason}")
        if not manifests and not self.unreadable and not arguments.quiet:
            _warn("no manifest found: " + ", ".join(shown_path(mask(path)) for path in paths))
        if arguments.show_dependencies:
            from reqlint.output import dependencies

            project = self.linter.project
            return _tell(
                arguments, self.wanted_format, lambda json, _: dependencies.render(manifests, project, json=json)
            )
        if arguments.fix or arguments.diff or arguments.write_ignores is not None:
            return self._mend(targets(found), standard_input=standard_input)
        diagnostics = self.linter.check(manifests)
        self._tell_notes(self.linter)
        if arguments.write_baseline is not None:
            return self._write_baseline(diagnostics)
        self._tell_known()
        failed = self._report(diagnostics, manifests, self.linter)
        return failed or self._exit_code(diagnostics)

    def _baseline(self) -> Baseline:
        """What is known already; raises ConfigurationError when it cannot be read."""
        from reqlint.baseline import Baseline

        return Baseline.read(self.arguments.baseline, self.files)

    def _online(self) -> Online:
        """What may be asked of others; raises OnlineNotInstalledError where the index is wanted and cannot be asked."""
        from reqlint.evidence.online import Online

        progress = None
        if sys.stderr.isatty() and not self.arguments.quiet:
            from reqlint.output.progress import Progress

            progress = Progress(sys.stderr, color=self.arguments.color != "never")
        online = Online(self.files, progress)
        if "index" in self.configurations.of_directory(os.getcwd()).pin_from:
            online.require_index()
        return online

    def _show_choices(self, found: list[Found], manifests: list[Manifest]) -> int:
        """--show-files or --show-settings."""
        from reqlint.output import settings

        if self.arguments.show_files:
            return _tell(self.arguments, self.wanted_format, lambda json, _: settings.files(found, json=json))
        verdicts = {item.path: self.linter.project.verdict(item) for item in manifests}
        return _tell(
            self.arguments,
            self.wanted_format,
            lambda json, _: settings.settings(found, self.configurations, verdicts, json=json),
        )

    def _write_baseline(self, diagnostics: Sequence[Diagnostic]) -> int:
        """Write all findings to a file as known ones."""
        from reqlint.baseline import render as render_baseline

        path = self.arguments.write_baseline
        data, written = render_baseline(path, diagnostics, Redactor(self.linter.project.sources()))
        failed = _write_file(path, data)
        if failed:
            return failed
        if not self.arguments.quiet:
            _warn(f"wrote {_counted(written)} to {path}")
        return 2 if any(item.code == "RQ999" for item in diagnostics) else 0

    def _mender(self, chosen: list[Target]) -> Mender:
        """What mends files, or writes ignore comments into them."""
        arguments = self.arguments
        options = {"unsafe": arguments.unsafe_fixes, "online": self.online, "wanted": self.wanted, "known": self.known}
        if arguments.write_ignores is None:
            return Mender(self.files, self.configurations, chosen, **options)
        from reqlint.annotate import REASON, Annotator

        return Annotator(self.files, self.configurations, chosen, reason=arguments.write_ignores or REASON, **options)

    def _mend(self, chosen: list[Target], *, standard_input: bool) -> int:
        """Mend in memory, then write, show as a diff, or print standard input mended."""
        arguments = self.arguments
        mender = self._mender(chosen)
        diagnostics = mender.run()
        self.unreadable += [message for message in mender.unreadable if message not in self.unreadable]
        redact = Redactor([*self.linter.project.sources(), *mender.sources()])
        for message in (*mender.faults, *mender.notes):
            _warn(redact(message))
        self._tell_notes(mender.linter)
        self._tell_known()
        changes = mender.changes()
        if arguments.diff:
            from reqlint.output import diff

            shown = diff.render(mender.before, changes, redact)
            failed = _write_diff(arguments.output_file, shown.data)
            for note in shown.notes:
                _warn(note)
            code = 1 if changes and not arguments.exit_zero else 0
            return failed or (2 if mender.faults else code or self._exit_code(diagnostics))
        if standard_input:
            _write_stdout(mender.memory.read(chosen[0].path) if chosen else b"")
        else:
            diagnostics = self._write_changes(mender, changes, diagnostics, redact)
        if arguments.verbose:
            for item in mender.applied:
                _warn(f"fixed {shown_path(mask(item.path))}: {item.diagnostic.code} {redact(item.fix.message)}")
        applied: Sequence[Applied] | None = mender.applied
        if arguments.write_ignores is not None:
            self._tell_ignored(mender)
            applied = None  # nothing is mended
        failed = self._report(
            diagnostics, mender.manifests, mender.linter, applied=applied, redact=redact, aside=standard_input
        )
        if failed or mender.faults:
            return 2
        if changes and arguments.exit_non_zero_on_fix:
            return max(1, self._exit_code(diagnostics))
        return self._exit_code(diagnostics)

    def _tell_ignored(self, mender: Mender) -> None:
        """How many ignore comments were written for."""
        from reqlint.output import plural

        if mender.applied and not self.arguments.quiet:
            files = plural(len({item.path for item in mender.applied}), "file")
            _warn(f"wrote ignore comments for {_counted([item.diagnostic for item in mender.applied])} in {files}")

    def _write_changes(
        self,
        mender: Mender,
        changes: dict[str, tuple[bytes, bytes]],
        diagnostics: list[Diagnostic],
        redact: Redactor,
    ) -> list[Diagnostic]:
        """Write the mended files; returns the findings that are left, with all those of a file that cannot be written."""
        kept = []
        for path, (old, new) in list(changes.items()):
            try:
                self.files.write(path, new, old)
            except OSError as error:
                self.unreadable.append(redact(f"{path}: not written: {(error.strerror or str(error)).lower()}"))
                kept.append(path)
                del changes[path]
        if not kept:
            return diagnostics
        mender.applied = [item for item in mender.applied if item.path not in kept]
        left: list[Diagnostic] = []
        before = {manifest.path: manifest for manifest in mender.before}
        for manifest in mender.manifests:
            if manifest.path in kept:
                left += self.linter.check_one(before[manifest.path])
            else:
                left += [item for item in diagnostics if item.source is manifest.source]
        return left

    def _tell_known(self) -> None:
        """How many findings are in the baseline, and how many entries of it are needed no more, for who asks."""
        if self.known is None or not self.arguments.verbose:
            return
        from reqlint.output import plural

        path = self.known.path
        _warn(f"{plural(self.known.known, 'finding')} left out, being in {path}")
        gone = self.known.gone(self.files)
        if gone:
            _warn(f"{plural(gone, 'finding')} in {path} not there any more; --write-baseline {path} writes it anew")

    def _tell_notes(self, linter: Linter) -> None:
        """What is to be known of the evidence: of an environment for who asks or mends, of servers for who has them asked."""
        if self.arguments.verbose or self.arguments.fix or self.arguments.diff:
            for note in linter.evidence.notes:
                _warn(note)
        if self.online is not None:
            for note in self.online.notes:
                _warn(note)
            self.online.close()

    def _report(
        self,
        diagnostics: Sequence[Diagnostic],
        manifests: Sequence[Manifest],
        linter: Linter,
        *,
        applied: Sequence[Applied] | None = None,
        redact: Redactor | None = None,
        aside: bool = False,
    ) -> int:
        """Render and write the findings, ``aside`` to standard error; returns 2 when they cannot be written."""
        arguments = self.arguments
        redact = redact or Redactor(linter.project.sources())

        def report(place: str | int, name: str) -> Report:
            return Report(
                diagnostics,
                manifests,
                redact,
                applied=applied,
                unsafe=arguments.unsafe_fixes,
                online=self.online is not None,
                color=name == "full" and _color(arguments, place),
                width=_width(),
                height=_terminal()[1] if _is_terminal(place) else None,
            )

        if arguments.statistics:
            from reqlint.output import statistics

            return _tell(
                arguments,
                self.wanted_format,
                lambda json, _: statistics.render(report(OUT, "concise"), json=json),
                aside=aside,
            )
        failed = 0
        stream = ERR if aside else OUT
        chosen = destinations(arguments.output_file, self.wanted_format, stream=stream, terminal=_is_terminal(stream))
        nothing = not diagnostics and (arguments.quiet or not manifests)
        for place, name in chosen:
            if not (nothing and place in (OUT, ERR) and name in ("full", "concise")):
                failed |= _write(place, render(name, report(place, name)), safe=name in _SAFE)
        if in_github() and (stream, "github") in chosen and not nothing:
            _summarize(report(OUT, "markdown"))
        return failed

    def _exit_code(self, diagnostics: Sequence[Diagnostic]) -> int:
        """1 when a finding is grave enough, 2 for a fault of ours, else 0."""
        if any(item.code == "RQ999" for item in diagnostics):
            return 2
        if self.arguments.exit_zero:
            return 0
        for item in diagnostics:
            limit = self.configurations.of(item.source.path).fail_on
            if SEVERITIES.index(item.severity) >= SEVERITIES.index(limit):
                return 1
        return 0


def _counted(found: Sequence[Diagnostic]) -> str:
    """How many findings were put aside, with a word about credentials, which that does not help."""
    from reqlint.output import plural

    leaked = sum(item.code.startswith("RQ3") for item in found)
    secrets = f" ({plural(leaked, 'leaked credential')} among them, to be revoked all the same)" if leaked else ""
    return plural(len(found), "finding") + secrets


def _stream(place: int) -> TextIO:
    return sys.stderr if place == ERR else sys.stdout


def _is_terminal(place: str | int) -> bool:
    return isinstance(place, int) and _stream(place).isatty()


def _color(arguments: argparse.Namespace, place: str | int) -> bool:
    """Whether to colour: what was asked for, else NO_COLOR, FORCE_COLOR, and whether a terminal shows it."""
    if arguments.color != "auto":
        return bool(arguments.color == "always")
    if os.environ.get("NO_COLOR") or isinstance(place, str):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return _is_terminal(place) and os.environ.get("TERM") != "dumb"


def _width() -> int:
    """The width to write for, never less than what a finding needs."""
    return max(40, _terminal()[0])


def _tell(
    arguments: argparse.Namespace, asked: str | None, text: Callable[[bool, bool], str], *, aside: bool = False
) -> int:
    """Write what there is as a text or as JSON only; ``text`` is told whether it is to be JSON, and whether coloured."""
    failed = 0
    for place, json in wanting_json(arguments.output_file, asked, stream=ERR if aside else OUT):
        failed |= _write(place, text(json, _color(arguments, place)), safe=json)
    return failed


def _summarize(report: Report) -> None:
    """Append a report to the summary of GitHub's job; that it cannot be written is told, and fails nothing."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    from reqlint.files import append
    from reqlint.output import markdown

    try:
        append(path, lambda size: markdown.addition(report, size).encode("utf-8", "backslashreplace"))
    except OSError as error:
        _warn(f"the summary of the job cannot be written: {(error.strerror or str(error)).lower()}")


def _write_diff(files: Sequence[str], data: bytes) -> int:
    """Write a diff to files, else to standard output; returns 2 when it cannot be written."""
    if files:
        return max(_write_file(path, data) for path in files)
    text = data.decode("utf-8", "surrogateescape")
    safe = _defused(text)
    if safe != text:
        _warn("what the system that reads the log would take for a command is altered in this diff; use --output-file")
    _write_stdout(safe.encode("utf-8", "surrogateescape"))
    return 0


def _write(place: str | int, text: str, *, safe: bool) -> int:
    """Write a text to a standard stream, or to a file as a whole; returns 2 when it cannot be written.

    ``safe``: whether who reads a log finds no command in it but ours.
    """
    if isinstance(place, str):
        return _write_file(place, text.encode("utf-8", "backslashreplace"))
    stream = _stream(place)
    stream.write(text if safe else _defused(text))
    stream.flush()
    return 0


def _write_file(path: str, data: bytes) -> int:
    """Write a file as a whole; returns 2 when that cannot be done."""
    from reqlint.files import write_new

    try:
        write_new(path, data)
    except OSError as error:
        folder = os.path.dirname(path)
        reason = (error.strerror or str(error)).lower()
        if folder and not os.path.isdir(folder):
            reason = f"there is no directory {folder}"
        return _fail(f"{path}: cannot be written: {reason}")
    return 0


def _write_stdout(data: bytes) -> None:
    """Write bytes to standard output as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
