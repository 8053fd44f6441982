"""The command line: arguments, exit codes, and what goes to which stream; nothing else."""

from __future__ import annotations

import argparse
import os
import sys

from reqlint import __version__
from reqlint.config import OUTPUT_FORMATS, ConfigurationError, Configurations, check
from reqlint.diagnostic import SEVERITIES
from reqlint.discovery import discover, targets
from reqlint.evidence import NoEnvironmentError
from reqlint.files import Disk, Memory
from reqlint.linter import Linter, Mender, UnreadableError
from reqlint.output import Report, render
from reqlint.redaction import Redactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from reqlint.diagnostic import Diagnostic
    from reqlint.discovery import Found
    from reqlint.files import Files
    from reqlint.model import Manifest

_DESCRIPTION = """\
Lint the files that declare Python dependencies, and mend what can be mended.

PATHs are files or directories; none means the current directory, and - standard input (with --stdin-filename).
"""
_EPILOG = """\
exit codes: 0 nothing (left) to report; 1 findings at or above --fail-on remain, or files were changed with
--exit-non-zero-on-fix; 2 wrong usage or configuration, a file that cannot be read or written, or a fault of reqlint's
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    _make_streams_safe()
    try:
        return _run(parser, arguments)
    except (ConfigurationError, UnreadableError, NoEnvironmentError) as error:
        return _fail(str(error))
    except BrokenPipeError:
        # What reads our output has had enough (`reqlint | head`): leave without a word, as other programs do.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the interpreter's own last flush
        return 1
    except KeyboardInterrupt:
        return _fail("interrupted")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reqlint", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=_formatter
    )
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="files or directories (default: the current directory)")
    group = parser.add_argument_group("fixes")
    add = group.add_argument
    add("--fix", action="store_true", help="apply safe fixes")
    add("--unsafe-fixes", action="store_true", help="with --fix or --diff: unsafe fixes too, which may change what is installed")
    add("--diff", action="store_true", help="print what --fix would do as a unified diff, and change nothing")
    add("--python", metavar="PATH", help="interpreter or virtual environment whose installed versions count for pins "
        "(default: VIRTUAL_ENV, then .venv or venv beside the file or above it)")  # fmt: skip
    group = parser.add_argument_group("rules")
    add = group.add_argument
    add("--select", action="append", metavar="RULE", help="rules to check instead of the default ones: codes, names, prefixes "
        "(RQ1) or ALL; comma-separated, repeatable")  # fmt: skip
    add("--ignore", action="append", metavar="RULE", help="rules to leave out")
    add("--extend-select", action="append", metavar="RULE", help="rules to check besides the others")
    group = parser.add_argument_group("output")
    add = group.add_argument
    add("--output-format", choices=OUTPUT_FORMATS, metavar="FORMAT", help=", ".join(OUTPUT_FORMATS) + " (default: full on a "
        "terminal, else concise; REQLINT_OUTPUT_FORMAT sets it too)")  # fmt: skip
    add("--output-file", metavar="FILE", help="write the report there instead of to standard output")
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


def _formatter(prog: str) -> argparse.HelpFormatter:
    """A help formatter that is told the width: left to find it out, argparse imports shutil at every start."""
    return argparse.RawDescriptionHelpFormatter(prog, width=min(_terminal()[0], 110))


def _terminal() -> tuple[int, int]:
    """Columns and lines of the terminal: what COLUMNS and LINES say, else what the system says, else 120 and 40."""
    try:
        measured = os.get_terminal_size(1)
    except OSError:
        measured = os.terminal_size((120, 40))
    columns, lines = os.environ.get("COLUMNS", ""), os.environ.get("LINES", "")
    return (
        int(columns) if columns.isdecimal() and columns != "0" else measured.columns or 120,
        int(lines) if lines.isdecimal() and lines != "0" else measured.lines or 40,
    )


def _make_streams_safe() -> None:
    """Let no character that the terminal's encoding lacks end a run."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _fail(message: str) -> int:
    """Say on standard error why nothing more can be done."""
    from reqlint.credentials import mask
    from reqlint.output import visible

    sys.stderr.write(f"reqlint: {mask(visible(message))}\n")
    return 2


def _warn(message: str) -> None:
    """Say on standard error what the user should know."""
    from reqlint.credentials import mask
    from reqlint.output import visible

    sys.stderr.write(f"reqlint: {mask(visible(message))}\n")


def _run(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    overrides = _overrides(arguments)
    if arguments.explain is not None or arguments.list_rules:
        from reqlint.output import rules as output

        return _write(arguments, output.rules(arguments.explain, _is_json(arguments), color=_color(arguments)))
    if arguments.config is not None and arguments.isolated:
        parser.error("--config and --isolated exclude each other")
    files: Files = Disk()
    paths = list(arguments.paths) or ["."]
    standard_input = "-" in paths
    if standard_input:
        if len(paths) > 1:
            parser.error("- cannot be mixed with other paths")
        if arguments.stdin_filename is None:
            parser.error("- needs --stdin-filename, which tells what standard input is")
        paths = [arguments.stdin_filename]
        files = Memory({paths[0]: sys.stdin.buffer.read()}, files)
    configurations = Configurations(files, overrides, arguments.config, isolated=arguments.isolated)
    found = discover(paths, configurations, exist=not standard_input)
    chosen = targets(found)
    if arguments.show_files or arguments.show_settings:
        return _write(arguments, _shown_choices(arguments, found, configurations))
    if not chosen:
        if not arguments.quiet:
            _warn("no manifest found: " + ", ".join(paths))
        return _write(arguments, "[]\n") if _is_json(arguments) else 0
    if arguments.show_dependencies:
        from reqlint.output import dependencies

        manifests = Linter(files, configurations).load(chosen)
        redact = Redactor(manifest.source for manifest in manifests)
        return _write(arguments, dependencies.render(manifests, redact, json=_is_json(arguments)))
    if arguments.verbose:
        for item in found:
            _warn(f"{'reading' if item.format else 'leaving out'} {item.path}: {item.reason}")
    if arguments.fix or arguments.diff:
        mender = Mender(files, configurations, chosen, unsafe=arguments.unsafe_fixes)
        return _mend(arguments, mender, files, configurations, standard_input=standard_input)
    linter = Linter(files, configurations)
    manifests = linter.load(chosen)
    diagnostics = linter.check(manifests)
    _report(arguments, diagnostics, manifests, configurations)
    return _exit_code(arguments, diagnostics, configurations)


def _overrides(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the command line and the environment say, as configuration."""
    values: dict[str, Any] = {}
    for name in ("select", "ignore", "extend_select"):
        given = getattr(arguments, name)
        if given:
            selectors = [part.strip() for text in given for part in text.split(",") if part.strip()]
            values[name.replace("_", "-")] = selectors
    for name in ("fail_on", "python"):
        given = getattr(arguments, name)
        if given is not None:
            values[name.replace("_", "-")] = given
    wanted = arguments.output_format or os.environ.get("REQLINT_OUTPUT_FORMAT")
    if wanted:
        values["output-format"] = wanted
    check(values, "command line")
    return values


def _output_format(arguments: argparse.Namespace, configurations: Configurations) -> str:
    """The format that counts: the command line's, the environment's, the configuration's, else by where it goes."""
    configured = configurations.of_directory(os.getcwd()).output_format
    if configured:
        return configured
    terminal = arguments.output_file is None and sys.stdout.isatty()
    return "full" if terminal else "concise"


def _is_json(arguments: argparse.Namespace) -> bool:
    return (arguments.output_format or os.environ.get("REQLINT_OUTPUT_FORMAT")) == "json"


def _color(arguments: argparse.Namespace) -> bool:
    """Whether to colour: what was asked for, else NO_COLOR, FORCE_COLOR, and whether a terminal shows it."""
    if arguments.color != "auto":
        return bool(arguments.color == "always")
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return arguments.output_file is None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _width() -> int:
    """The width to write for, never less than what a finding needs."""
    return max(40, _terminal()[0])


def _height(arguments: argparse.Namespace) -> int | None:
    """The height of the terminal; None when the report goes elsewhere."""
    if arguments.output_file is not None or not sys.stdout.isatty():
        return None
    return _terminal()[1]


def _write(arguments: argparse.Namespace, text: str) -> int:
    """Write a text to standard output, or to --output-file as a whole."""
    if arguments.output_file is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return 0
    from reqlint.files import write_new

    try:
        write_new(arguments.output_file, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        return _fail(f"{arguments.output_file}: cannot be written: {(error.strerror or str(error)).lower()}")
    return 0


def _shown_choices(arguments: argparse.Namespace, found: list[Found], configurations: Configurations) -> str:
    """The text of --show-files or --show-settings."""
    from reqlint.output import settings

    if arguments.show_files:
        return settings.files(found, json=_is_json(arguments))
    return settings.settings(found, configurations, json=_is_json(arguments))


def _report(
    arguments: argparse.Namespace,
    diagnostics: Sequence[Diagnostic],
    manifests: Sequence[Manifest],
    configurations: Configurations,
    mender: Mender | None = None,
    sources: Sequence[Manifest] = (),
) -> int:
    """Render and write the findings; ``sources``: manifests, besides, whose secrets must not be shown."""
    if arguments.quiet and not diagnostics and arguments.output_file is None and not _is_json(arguments):
        return 0
    name = _output_format(arguments, configurations)
    redact = Redactor(manifest.source for manifest in (*manifests, *sources))
    report = Report(
        diagnostics,
        manifests,
        redact,
        applied=mender.applied if mender is not None else None,
        unsafe=arguments.unsafe_fixes,
        color=_color(arguments) if name == "full" else False,
        width=_width(),
        height=_height(arguments),
    )
    if arguments.statistics:
        from reqlint.output import statistics

        return _write(arguments, statistics.render(report, json=name == "json"))
    return _write(arguments, render(name, report))


def _mend(
    arguments: argparse.Namespace,
    mender: Mender,
    files: Files,
    configurations: Configurations,
    *,
    standard_input: bool,
) -> int:
    """Mend in memory, then write, show as a diff, or print standard input mended."""
    before = mender.linter.load(mender.targets)
    diagnostics = mender.run()
    for fault in mender.faults:
        _warn(fault)
    changes = mender.changes()
    manifests = mender.manifests
    failed = False
    if arguments.diff:
        from reqlint.output import diff

        shown = diff.render(before, changes, Redactor(manifest.source for manifest in before))
        _write(arguments, shown.text)
        for note in shown.notes:
            _warn(note)
        return 1 if changes and not arguments.exit_zero else _exit_code(arguments, diagnostics, configurations)
    if standard_input:
        path = mender.targets[0].path
        sys.stdout.buffer.write(mender.memory.read(path))
        sys.stdout.buffer.flush()
        return _exit_code(arguments, diagnostics, configurations)
    for path, (old, new) in changes.items():
        try:
            files.write(path, new, old)
        except OSError as error:
            failed = True
            _warn(f"{path}: not written: {error.strerror or error}")
    if failed:
        return 2
    if arguments.verbose:
        for item in mender.applied:
            _warn(f"fixed {item.path}: {item.diagnostic.code} {item.fix.message}")
    if _report(arguments, diagnostics, manifests, configurations, mender, before):
        return 2
    if changes and arguments.exit_non_zero_on_fix:
        return 1
    return _exit_code(arguments, diagnostics, configurations)


def _exit_code(arguments: argparse.Namespace, diagnostics: Sequence[Diagnostic], configurations: Configurations) -> int:
    """1 when a finding is grave enough, 2 for a fault of ours, else 0."""
    if any(item.code == "RQ999" for item in diagnostics):
        return 2
    if arguments.exit_zero:
        return 0
    for item in diagnostics:
        limit = configurations.of(item.source.path).fail_on
        if SEVERITIES.index(item.severity) >= SEVERITIES.index(limit):
            return 1
    return 0
