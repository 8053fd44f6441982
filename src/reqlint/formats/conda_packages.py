"""Lists of conda packages for ``conda create --file``: conda-packages.txt, spec-file.txt and their like.

Three kinds share the name: specs, one a line (``[channel::]name[=version[=build]]``), as people and ``conda list --export``
write them; the URLs of package files behind ``@EXPLICIT``, as ``conda list --explicit`` writes them; and the table that a
bare ``conda list`` prints, which was never meant for a file.

Sources: conda's documentation of managing environments, conda 25 (``env/specs``, ``misc.py``, ``gateways/disk/read.py``), and
Cortex 0.31, which has the name conda-packages.txt from its documentation.
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.formats._conda import add_spec
from reqlint.model import Dependency, Group, Manifest, Problem
from reqlint.requirement import Constraint, Requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Role
    from reqlint.source import Source, Span

#: Names that are anyone's: only what conda wrote is taken for a list of packages.
_ANYONES = re.compile(r"(?i:(?:^|[/\\])(?:spec|explicit)[^/\\]*)$")
_HEADER = re.compile(r"(?:\A|[\r\n])[ \t]*(?:@EXPLICIT\s|# This file may be used to create an environment using:)")

#: Builds of what pip installed, as ``conda list`` tells it: a package from PyPI, one in development mode.
_PIP_BUILD = r"(?:pypi_[0-9]+|dev_[0-9]+|<pip>|<develop>)"
_PIP_ROW = re.compile(rf"(?P<name>[^=\s]+)=(?P<version>[^=\s]+)={_PIP_BUILD}")
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_TABLE_HEADER = re.compile(r"(?:\A|[\r\n])(?:# packages in environment at |[# ]*Name +Version +Build\b)")
_TABLE_ROW = re.compile(
    rf"(?P<name>{_NAME})[ \t]+(?P<version>[0-9A-Za-z][^\s=<>]*)[ \t]+(?P<build>\S+)(?:[ \t]+(?P<channel>\S+))?"
)
_TABLE_LINE = re.compile(r"Name[ \t]+Version[ \t]+Build\b.*|[\u2500\u2501_=-]{3,}|List of packages in environment.*")
_FILE_URL = re.compile(
    r"(?:\S.*[/\\])?[^/\\#\s]+(?:\.tar\.bz2|\.conda)(?P<hash>#(?:[0-9a-f]{32}|(?:sha256:)?[0-9a-f]{64}))?"
)
_BAD_HASH = re.compile(r"(?:\.tar\.bz2|\.conda)#")


class _Row:
    """One line that is neither empty nor a comment: its ``text`` without a comment, its ``span``, and the whole line."""

    __slots__ = ("entry", "span", "text")

    def __init__(self, text: str, span: Span, entry: Span) -> None:
        self.text = text
        self.span = span
        self.entry = entry


def read(source: Source, role: Role | None) -> Manifest:
    """Read a list of conda packages; ``role``: what is asked of them, an application's unless told otherwise.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, "conda-packages.txt", role or "application")
    if _ANYONES.search(source.path.rpartition(".")[0]) and not _HEADER.search(source.text):
        manifest.foreign = True
        return manifest
    rows = _rows(source)
    group = Group("runtime", manifest.role)
    if any(row.text == "@EXPLICIT" for row in rows):
        _read_explicit(manifest, group, rows)
    elif _is_other(manifest, rows):
        pass
    elif _is_table(source.text, rows):
        _read_table(manifest, group, rows)
    else:
        _read_specs(manifest, group, rows)
    return manifest


def _rows(source: Source) -> list[_Row]:
    """The lines that hold something: conda takes away blanks around them, and comments."""
    text, starts = source.text, source.starts
    rows = []
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        line = text[start:end]
        bare = line.strip()
        if not bare or bare[0] == "#":
            continue
        if _FILE_URL.match(bare) is None and "#" in bare:
            bare = bare.partition("#")[0].rstrip()
        begin = start + len(line) - len(line.lstrip())
        rows.append(_Row(bare, (begin, begin + len(bare)), (start, end)))
    return rows


# Specs


def _read_specs(manifest: Manifest, group: Group, rows: list[_Row]) -> None:
    """A spec on each line; rows of what pip installed are none of conda's."""
    from_pip = []
    begin, last = 0, -1
    blocks: list[tuple[int, int]] = []
    for row in rows:
        if _PIP_ROW.fullmatch(row.text):
            from_pip.append(row)
            continue
        if add_spec(manifest, group, row.text, row.span, row.entry) is None:
            continue
        number = len(manifest.dependencies)
        if row.entry[0] != last:
            begin = number - 1
            blocks.append((begin, number))
        else:
            blocks[-1] = (begin, number)
        last = row.entry[1]
    manifest.blocks = blocks
    if from_pip:
        _report_pip_rows(manifest, from_pip)


def _report_pip_rows(manifest: Manifest, rows: list[_Row]) -> None:
    """Rows of packages that pip installed: one finding for all, since it is one mistake."""
    names = [f"`{row.text.partition('=')[0]}`" for row in rows]
    listed = names if len(names) < 4 else [*names[:3], f"{len(names) - 3} more"]
    many = len(rows) > 1
    shown = f"{', '.join(listed[:-1])} and {listed[-1]}" if many else names[0]
    manifest.problems.append(
        Problem(
            "pip-row-in-conda-list",
            rows[0].span,
            f"{shown} {'were' if many else 'was'} installed by pip, so conda finds {'them' if many else 'it'} in no channel",
            label=f"the first of {len(rows)} such rows" if many else "not a package of any channel",
            help=f"list {'them' if many else 'it'} in requirements.txt, as `name==version`, and install that with pip",
            fix=Fix(
                f"Delete the {len(rows)} rows that pip installed" if many else f"Delete {names[0]}",
                [Edit(*row.entry) for row in rows],
                "unsafe",
            ),
            scope=rows[0].entry,
        )
    )


# Explicit lists


def _read_explicit(manifest: Manifest, group: Group, rows: list[_Row]) -> None:
    """The URL of a package file on each line; with ``@EXPLICIT``, nothing else may stand anywhere."""
    for row in rows:
        if row.text == "@EXPLICIT":
            continue
        match = _FILE_URL.fullmatch(row.text)
        if match is None:
            if _BAD_HASH.search(row.text):
                message = "what follows the `#` is no hash: MD5 has 32 hexadecimal digits, SHA-256 has 64"
            else:
                message = "this file is an explicit list, so each line is the URL of a package file"
            manifest.problems.append(
                Problem(
                    "invalid-requirement",
                    row.span,
                    message,
                    label="conda stops at this line",
                    help="a list is of specs or, with `@EXPLICIT`, of URLs (`conda list --explicit --md5`)",
                    scope=row.entry,
                )
            )
            continue
        url = row.text[: match.start("hash")] if match["hash"] else row.text
        dependency = add_spec(manifest, group, url, (row.span[0], row.span[0] + len(url)), row.entry)
        if dependency is not None and match["hash"]:
            dependency.hashes = 1


# Tables


def _is_table(text: str, rows: list[_Row]) -> bool:
    """Whether this is what ``conda list`` prints: by its header, or by its columns."""
    if _TABLE_HEADER.search(text):
        return any(_TABLE_ROW.fullmatch(row.text) for row in rows)
    aligned = sum("  " in row.text and _TABLE_ROW.fullmatch(row.text) is not None for row in rows)
    return aligned >= 3 and aligned > len(rows) / 2


def _read_table(manifest: Manifest, group: Group, rows: list[_Row]) -> None:
    """The columns name, version, build and channel; what pip installed is none of conda's."""
    edits = []
    first = rows[0]
    found = from_pip = 0
    for row in rows:
        match = _TABLE_ROW.fullmatch(row.text)
        if match is None or _TABLE_LINE.fullmatch(row.text):
            if _TABLE_LINE.fullmatch(row.text):
                edits.append(Edit(*row.entry))
            continue
        if re.fullmatch(_PIP_BUILD, match["build"]) or match["channel"] in ("pypi", "<pip>", "<develop>"):
            edits.append(Edit(*row.entry))
            from_pip += 1
            continue
        first = row if not found else first
        found += 1
        manifest.dependencies.append(_dependency_of(manifest, group, row, match))
        channel = f"{match['channel']}::" if match["channel"] else ""
        end = row.entry[0] + len(manifest.source.text[slice(*row.entry)].rstrip("\r\n"))
        edits.append(Edit(row.entry[0], end, f"{channel}{match['name']}={match['version']}={match['build']}"))
    left_out = f"; {from_pip} of its rows were installed by pip, which belong in requirements.txt" if from_pip else ""
    manifest.problems.append(
        Problem(
            "wrong-kind-of-file",
            first.span,
            f"this is the table that `conda list` prints, which is not for `conda create --file`{left_out}",
            label="the first row",
            help="write it with `conda list --export`",
            fix=Fix("Write the rows of conda as `name=version=build`", edits, "unsafe"),
        )
    )


def _dependency_of(manifest: Manifest, group: Group, row: _Row, match: re.Match[str]) -> Dependency:
    """A row as a dependency: exactly this version and build."""
    base = row.span[0]

    def place(part: str) -> Span:
        return base + match.start(part), base + match.end(part)

    parts = Requirement("name", match["name"].lower(), place("name"))
    version = match["version"]
    exact = (("===" if re.search(r"[^0-9.]", version) else "==", version),)
    parts.constraints = (Constraint("==", version, place("version"), place("version"), clauses=exact),)
    parts.specifier_span = place("version")
    parts.build, parts.build_span = match["build"], place("build")
    if match["channel"]:
        parts.channel, parts.channel_span = match["channel"], place("channel")
    return Dependency(
        manifest.source,
        row.span,
        row.entry,
        row.text,
        parts,
        group,
        dialect="conda",
        ecosystem="conda",
        rewritable=False,
    )


# Other files


def _is_other(manifest: Manifest, rows: list[_Row]) -> bool:
    """Whether the file is of another kind altogether, which is reported once for all its lines."""
    text = manifest.source.text
    lines = [row.text for row in rows]
    if any(line.startswith("<<<<<<< ") for line in lines) and any(line.startswith(">>>>>>> ") for line in lines):
        what, help_ = "it holds merge-conflict markers", "resolve the conflict"
    elif text.lstrip()[:100].lower().startswith(("<!doctype", "<html", "<?xml")):
        what, help_ = "it is an HTML page", "download the raw file"
    elif "dependencies:" in lines and any(line.startswith("- ") for line in lines):
        what, help_ = "it is a conda environment in YAML", "name it environment.yml"
    else:
        return False
    manifest.problems.append(
        Problem("wrong-kind-of-file", rows[0].span, f"this is no list of conda packages: {what}", help=help_)
    )
    return True
