"""RQ0: what is not read as it was meant."""

from __future__ import annotations

import re

from reqlint.diagnostic import Diagnostic
from reqlint.fixes import Edit, Fix
from reqlint.model import Index
from reqlint.registry import rule
from reqlint.requirement import is_archive
from reqlint.rewrite import replace_url
from reqlint.rules._problems import reported
from reqlint.rules._supply import for_dependency, for_index
from reqlint.rules.vcs import conda_builds, version_fix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.model import Dependency, Include, Manifest
    from reqlint.project import Project


@rule("RQ001", "unreadable-file", "error", on="manifest")
def unreadable_file(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The file cannot be decoded or parsed, so the tool that it is meant for cannot read it.

    ## Why is this bad?
    pip takes a requirements file for UTF-8 unless a byte order mark or a `# -*- coding: … -*-` line says otherwise, and
    falls back on the encoding of the machine's locale: the same file is read on one machine and refused on another.

    ## Not reported
    A file in UTF-16 with a byte order mark, which pip reads (see `odd-encoding`).
    """
    if manifest.source.fault is not None:
        yield Diagnostic(
            manifest.source,
            (0, 0),
            f"the file cannot be read: {manifest.source.fault}",
            help="save it as UTF-8",
        )
    yield from reported(manifest, "unreadable-file")


@rule("RQ002", "invalid-requirement", "error", on="manifest", fix="unsafe")
def invalid_requirement(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The tool that reads this file refuses the line as a requirement.

    ## Why is this bad?
    pip stops at the first such line and installs nothing. The message names the usual slip: a single `=`, a quoted list
    item, a conda spec, a version that PEP 440 does not know (pip dropped those in 24.1), a missing comma, a marker without
    quotes or semicolon, a version without an operator, a `pip install` in front.

    ## Not reported
    A local path that begins with `.` or `/`, whether or not it is there: it may be made later. A line whose content is a
    variable (see `templated-version`).

    ## Fix safety
    Taking away pasted quotes, a comma or `pip install` is safe, and so is writing the name before a URL where PEP 508 asks
    for it and `#egg=` or the file name of a wheel tells it. Writing `==` for `=` is unsafe: you may have meant a range.

    ## Example
    ```requirements.txt
    requests=2.32.3
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    ```
    """
    yield from reported(manifest, "invalid-requirement")
    for dependency in manifest.dependencies:
        if dependency.editable or dependency.url is None:
            continue
        path = dependency.url
        if dependency.kind == "url" and re.fullmatch(_VERSION_FOR_URL, path):
            yield _version_for_url(dependency, path)
        if dependency.kind != "path":
            continue
        if path.startswith((".", "/", "~", "\\")) or ":" in path or "$" in path or dependency.dialect != "pip":
            continue
        if "/" in path and not is_archive(path.rstrip("/")):
            import os

            beside = os.path.join(os.path.dirname(manifest.path), path)
            if not project.files.is_directory(beside) and not project.files.is_directory(path):
                yield Diagnostic.of(
                    dependency,
                    f"`{path.split('@')[0]}` looks like a path, and there is no such directory",
                    label="pip stops at this line",
                    help="a repository is written `name @ git+https://host/owner/repository@tag`",
                )


_VERSION_FOR_URL = r"v?\d+(?:\.\d+)*(?:\.?(?:a|b|rc|post|dev)\d+)?"


def _version_for_url(dependency: Dependency, version: str) -> Diagnostic:
    """`name @ 1.0`, of which pip says that the URL has no scheme."""
    edits = replace_url(dependency, f"=={version}")
    return Diagnostic.of(
        dependency,
        f"`{version}` is no URL: pip stops at this line",
        span=dependency.parts.url_span if dependency.rewritable else None,
        label="a URL stands behind an `@`",
        help=f"write `{dependency.raw_name}=={version}`",
        fix=Fix(f"Write `=={version}`", edits, "unsafe") if edits else None,
    )


@rule("RQ003", "wrong-kind-of-file", "error", on="manifest", fix="unsafe")
def wrong_kind_of_file(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The whole file is of another kind than its name says.

    ## Why is this bad?
    The output of `conda list --export` or `pip list`, a shell script, a Python list, an HTML page, or a file with
    merge-conflict markers cannot be installed from. One finding says so, in place of one for each line. A `pip freeze` of a
    conda environment is one too: its `@ file:///…` lines point into the machine where conda built the packages.

    ## Not reported
    A file in which only some lines are wrong.

    ## Fix safety
    A `pip list` table is turned into `name==version` lines; unsafe, as a table may list what nobody asked for. So is a list
    in Python's notation, with one item on each line, into bare lines. In a freeze
    of a conda environment, the paths give way to the versions in the project's own environment: safe, as the paths are
    gone.

    ## Example
    ```requirements.txt
    Package    Version
    ---------- -------
    requests   2.32.3
    urllib3    2.2.2
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    urllib3==2.2.2
    ```
    """
    yield from reported(manifest, "wrong-kind-of-file")
    builds = conda_builds(manifest)
    if builds:
        fixes = [version_fix(item, project)[0] for item in builds]
        edits = [edit for fix in fixes if fix is not None for edit in fix.edits]
        unsafe = any(fix is not None and fix.applicability == "unsafe" for fix in fixes)
        count = len(builds)
        yield Diagnostic.of(
            builds[0],
            f"this is `pip freeze` of a conda environment: {count} of its requirements are paths of conda's build machines",
            label="nobody has this folder",
            help="write it with `pip list --format=freeze`",
            fix=Fix("Require them by name", edits, "unsafe" if unsafe else "safe") if all(fixes) else None,
        )


@rule("RQ004", "invalid-option", "error", on="manifest", fix="safe")
def invalid_option(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The option is refused by pip in a requirements file.

    ## Why is this bad?
    pip takes only some of its options in a requirements file, and stops at any other: nothing is installed. Some were taken
    once, and the message says which pip dropped them. In the `deps` of tox a hash is refused too. Where arguments of
    `pip install` are listed one by one (nox, pre-commit), an option and its value in one string, with a blank between them,
    make pip look for a file whose name begins with that blank.

    ## Fix safety
    Only such a blank is taken out (`"-rrequirements.txt"`). As it stands, nothing is installed.

    ## Example
    ```requirements.txt
    flash-attn==2.6.3 --no-build-isolation
    ```

    Use instead:
    ```requirements.txt
    flash-attn==2.6.3
    ```
    """
    yield from reported(manifest, "invalid-option")


@rule("RQ005", "ignored-text", "error", on="manifest", fix="unsafe")
def ignored_text(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    r"""The tool silently drops this text.

    ## Why is this bad?
    What was written is not what is installed, and nobody is told. In a requirements file that is a requirement behind an
    option (`--pre foo`), the second `-e` or `-r` of a line, a marker behind an unquoted `-e ./project`, the URL of an
    unquoted `-e name @ url`, a `--hash` without a requirement, and a line behind a comment that ends in a backslash.

    ## Fix safety
    Safe where pip would fail or drop the line as it stands (`-r=file`, quotes around `-e name @ url`, a TAB before
    `--hash`). Unsafe where something would be installed that is not installed today.

    ## Example
    ```requirements.txt
    --pre requests==2.32.3
    ```

    Use instead:
    ```requirements.txt
    --no-index
    requests==2.32.3
    ```
    """
    yield from reported(manifest, "ignored-text")


@rule("RQ006", "missing-include", "error", on="manifest")
def missing_include(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A file that this one includes does not exist, or includes it in turn.

    ## Why is this bad?
    pip looks for the target of `-r` and `-c` from the folder of the file that names it, and stops when it is not there, or
    when the includes form a circle. So do the tools that read dependency groups, for an `include-group`.

    ## Not reported
    An include by URL, which is never fetched, and one whose path holds a variable.

    ## Example
    ```pyproject.toml
    [dependency-groups]
    test = ["pytest"]
    dev = [{include-group = "tests"}]
    ```

    Use instead:
    ```pyproject.toml
    [dependency-groups]
    test = ["pytest"]
    dev = [{include-group = "test"}]
    ```
    """
    yield from reported(manifest, "missing-include")
    for include in manifest.named_files:
        path = project.target(manifest, include)
        if path is None:
            continue
        if not project.files.is_file(path):
            what = "a directory" if project.files.is_directory(path) else "not there"
            yield _about_include(manifest, include, f"the included file `{include.path}` is {what}")
        elif project.includes_itself(manifest, include):
            yield _about_include(manifest, include, f"`{include.path}` leads back to this file, and pip stops there")


def _about_include(manifest: Manifest, include: Include, message: str) -> Diagnostic:
    return Diagnostic(
        manifest.source,
        include.span,
        message,
        label="looked for from the folder of this file",
        help="mend the path, or take the line out",
        scope=include.entry,
    )


@rule("RQ007", "dynamic-dependencies", "info", on="manifest")
def dynamic_dependencies(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """Dependencies that cannot be read without running the file.

    ## Why is this bad?
    Nothing that reads the project (this tool, a dependency bot, an index, a reviewer) can tell what it needs. This only says
    that they were not judged.

    ## Not reported
    A list, a tuple, a string, a name bound once, `a + b`, `dict(…)`, a comprehension over literals, and a requirements file
    that is read by a literal name: all of these are read.

    ## Example
    ```setup.py
    from setuptools import setup

    import plan

    setup(name="shop", version="1.0", install_requires=plan.requirements())
    ```

    Use instead:
    ```setup.py
    from setuptools import setup

    setup(name="shop", version="1.0", install_requires=["requests>=2.31"])
    ```
    """
    yield from reported(manifest, "dynamic-dependencies")


@rule("RQ008", "odd-encoding", "warning", on="manifest", fix="safe")
def odd_encoding(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The file is in UTF-16 or UTF-32, or begins with a byte order mark.

    ## Why is this bad?
    PowerShell's `>` writes UTF-16. pip reads it, but git takes it for a binary file and shows no changes, and most other
    tools (Docker build steps, `grep`, dependency bots) cannot read it.

    ## Fix safety
    The file is written again as UTF-8 without a mark, its line ends kept: the same requirements are read from it. A file
    that declares another encoding (`# -*- coding: latin-1 -*-`), which counts where there is no mark, is left alone.
    """
    source = manifest.source
    if source.bom and source.fault is None:
        what = (
            "begins with a UTF-8 byte order mark" if source.encoding == "utf-8" else f"is in {source.encoding.upper()}"
        )
        more = len(source.text) - len(source.text.lstrip("\ufeff"))  # of two marks, the second would be one then
        fix: Fix | None = Fix("Rewrite the file as UTF-8", [Edit(0, more)] if more else [], encoding="utf-8")
        help_ = "save it as plain UTF-8"
        if _declares_another(source.text):
            fix, help_ = None, f"{help_}, without the line that declares another encoding"
        yield Diagnostic(source, (0, 0), f"the file {what}", help=help_, fix=fix)


def _declares_another(text: str) -> bool:
    """Whether one of the first two lines declares an encoding that is not UTF-8 (PEP 263)."""
    import codecs

    for line in text.split("\n", 2)[:2]:
        match = re.search(r"coding[:=]\s*([-\w.]+)", line) if line.startswith("#") else None
        if match is not None:
            try:
                return codecs.lookup(match[1]).name != "utf-8"
            except LookupError:
                return True
    return False


@rule("RQ009", "inert-variable", "warning", on="manifest", fix="safe")
def inert_variable(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A placeholder that the tool does not expand here, so that it is taken literally.

    ## Why is this bad?
    pip expands only `${NAME}`, with capitals, digits and underscores, and Poetry, uv and pixi expand nothing at all in their
    own tables. `${token}`, `$TOKEN` and `%TOKEN%` are sent to the server as they stand, and the login fails, with a message
    that does not say why.

    ## Not reported
    A dollar sign that is no variable, anything in a comment, and places where the tool expands others (Pipfile, the channels
    of an environment.yml) or where it depends on the tool (`[project]`, which uv and PDM expand and pip does not).

    ## Fix safety
    Writing the name in capitals (`${token}` to `${TOKEN}`) is safe: as it stands, it cannot work. Set the variable under
    the new name. The other spellings are not mended, since what they should be is not sure.

    ## Example
    ```requirements.txt
    --index-url https://build:${token}@packages.example.com/simple
    ```

    Use instead:
    ```requirements.txt
    --index-url https://build:${TOKEN}@packages.example.com/simple
    ```
    """
    if not any(mark in manifest.source.text for mark in "$%"):
        return
    from reqlint.credentials import variables

    items: list[Index | Dependency] = [*manifest.indexes, *manifest.dependencies]
    for item in items:
        tool = _tool_of(manifest, item)
        url, span = item.url, item.span if isinstance(item, Index) else item.parts.url_span
        if tool is None or url is None or span is None or not (isinstance(item, Index) or item.rewritable):
            continue
        for start, end, name, syntax in variables(url):
            if (tool == "pip" and syntax == "braced" and name.isupper()) or syntax == "env":
                continue
            place = (span[0] + start, span[0] + end)
            upper = f"${{{name.upper()}}}"
            fix = None
            if tool == "pip" and syntax == "braced" and name.upper().replace("_", "").isalnum() and name.isascii():
                fix = Fix(f"Write `{upper}`", [Edit(*place, upper)])
            message = f"`{url[start:end]}` is not expanded by {tool}"
            if tool == "pip":
                message += ", which knows only `${NAME}` in capitals"
                help_ = f"write `{upper}`, and set the variable under that name"
            else:
                help_ = f"take the login out of the URL, and supply it by {_elsewhere(item)}"
            yield Diagnostic(
                manifest.source, place, message, label="taken literally", help=help_, fix=fix, scope=item.entry
            )


def _tool_of(manifest: Manifest, item: Index | Dependency) -> str | None:
    """Who would have to expand a variable: ``pip``, or a tool that expands none; None where others are expanded.

    In the tables of the standards it depends on the tool that reads them (uv and PDM expand there, pip and the build
    backends do not), so nothing is said.
    """
    reader: str = item.tool if isinstance(item, Index) else item.dialect
    if manifest.format == "requirements.txt":
        reader = "pip"
    return {"pip": "pip", "poetry": "Poetry", "uv": "uv", "pixi": "pixi"}.get(reader)


def _elsewhere(item: Index | Dependency) -> str:
    """By what else the value of a variable can be supplied."""
    return for_index(item, None) if isinstance(item, Index) else for_dependency(item, None, None)


@rule("RQ010", "missing-comma", "error", on="manifest", fix="safe")
def missing_comma(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """Two requirements in a list are joined into one, since the comma between them is missing.

    ## Why is this bad?
    Python joins neighbouring strings without a word: `"a==1" "b==2"` is the one requirement `a==1b==2`, which no tool can
    read, or, worse, one that it can.

    ## Fix safety
    The comma is inserted. As it stands, neither requirement is installed.

    ## Example
    ```setup.py
    from setuptools import setup

    setup(
        name="shop",
        version="1.0",
        install_requires=[
            "requests>=2.31"
            "flask>=3.0",
        ],
    )
    ```

    Use instead:
    ```setup.py
    from setuptools import setup

    setup(
        name="shop",
        version="1.0",
        install_requires=[
            "requests>=2.31",
            "flask>=3.0",
        ],
    )
    ```
    """
    yield from reported(manifest, "missing-comma")


@rule("RQ999", "internal-error", "error", on="manifest")
def internal_error(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A rule failed on this file, or a fix would have broken it.

    ## Why is this bad?
    It is a fault of reqlint, not of the file. The other findings stand. Please report it.
    """
    yield from ()
