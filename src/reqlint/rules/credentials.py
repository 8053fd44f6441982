"""RQ3: credentials."""

from __future__ import annotations

import re

from reqlint.diagnostic import Diagnostic
from reqlint.fixes import Edit, Fix
from reqlint.redaction import in_source
from reqlint.registry import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.credentials import Credential
    from reqlint.model import Manifest
    from reqlint.project import Project
    from reqlint.source import Source, Span


class _Syntax:
    """How a format is told a secret at some place: all that these rules know of formats.

    ``variable``: its spelling of an environment variable in a URL, with ``{}`` for the name, or None when it expands none;
    ``reader``: who expands it; ``comment``: the pattern of what begins a comment in a line; ``elsewhere``: where a
    credential can be supplied when it may not stand in the file.
    """

    __slots__ = ("comment", "elsewhere", "reader", "variable")

    def __init__(self, variable: str | None, reader: str, comment: str, elsewhere: str) -> None:
        self.variable = variable
        self.reader = reader
        self.comment = comment
        self.elsewhere = elsewhere


_ELSEWHERE = "a `.netrc` file, a keyring, or git's credential helper"
_COMMENT = r"(?:^|\s)#"
_UNKNOWN = _Syntax(None, "", _COMMENT, _ELSEWHERE)
_PIP = _Syntax("${{{}}}", "pip", _COMMENT, _ELSEWHERE)
_CONDA = _Syntax(None, "", _COMMENT, "`anaconda login`, a `.netrc` file, or the channels of `~/.condarc`")

#: By format and who reads the place in it ("" for any). What a fix may write is in the documentation of each tool: pip expands
#: `${NAME}` in capitals, and nothing else; conda expands variables in the list of channels only; pipenv does everywhere, PDM in
#: the URLs of its sources; Poetry, uv and pixi expand nothing in their tables.
_SYNTAXES = {
    ("requirements.txt", "pip"): _PIP,
    ("requirements.txt", ""): _PIP,
    ("environment.yml", "channel"): _Syntax("${}", "conda", _COMMENT, _ELSEWHERE),
    ("environment.yml", "pip"): _PIP,
    ("environment.yml", ""): _CONDA,
    ("conda-packages.txt", ""): _CONDA,
    ("Pipfile", ""): _Syntax("${{{}}}", "pipenv", _COMMENT, _ELSEWHERE),
    ("", "pdm"): _Syntax("${{{}}}", "PDM", _COMMENT, _ELSEWHERE),
    ("", "poetry"): _Syntax(
        None, "", _COMMENT, "`poetry config http-basic.NAME`, or POETRY_HTTP_BASIC_NAME_USERNAME and …_PASSWORD"
    ),
    ("", "uv"): _Syntax(None, "", _COMMENT, "UV_INDEX_NAME_USERNAME and …_PASSWORD, a `.netrc` file, or a keyring"),
    ("", "pixi"): _Syntax(None, "", _COMMENT, "`pixi auth login`, a `.netrc` file, or a keyring"),
}


@rule("RQ301", "leaked-token", "error", on="manifest", fix="unsafe")
def leaked_token(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A token stands in the file.

    ## Why is this bad?
    Whoever can read the file can use the token: everyone with access to the repository, its forks and its backups, and
    everyone who gets an image that was built from it. Taking it out is not enough, since the history keeps it: revoke it. In
    a git repository the message tells since which commit it is there.

    ## Not reported
    Variables and placeholders (`${GITHUB_TOKEN}`, `<token>`, `ghp_xxxx`), user names (`git@`, `x-access-token`), and hosts
    and names of dependencies in `allow`.

    ## Fix safety
    The fix writes a variable that pip expands when it reads the file, which must then be set wherever the file is used, to
    what stands in the URL now (or rather to what you have made in its place). Two different secrets get two variables. In a
    comment, a token that stands in no URL becomes `<token>`. Where nothing is expanded, the token is taken out, to be
    supplied in another way. It is unsafe, since the installation needs the token.

    ## Example
    ```requirements.txt
    core @ git+https://{token:github}@github.com/acme/core.git@v1.2.0
    ```

    Use instead:
    ```requirements.txt
    core @ git+https://${GITHUB_TOKEN}@github.com/acme/core.git@v1.2.0
    ```
    """
    yield from _leaks(manifest, project, "token", "RQ301")


@rule("RQ302", "leaked-password", "error", on="manifest", fix="unsafe")
def leaked_password(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A password or key stands in a URL.

    ## Why is this bad?
    Whoever can read the file can log in with it: everyone with access to the repository, its forks and its backups. Taking
    it out is not enough, since the history keeps it: change it.

    ## Not reported
    Variables and placeholders (`${PASSWORD}`, `<password>`, `****`), a user name alone, `admin:admin@localhost`, commit
    hashes, and hosts and names of dependencies in `allow`.

    ## Fix safety
    The fix writes a variable that pip expands when it reads the file, which must then be set wherever the file is used, to
    what stands in the URL now (percent-encoded, where it is), or rather to what you have changed it to. Two different
    secrets get two variables. It is unsafe, since the installation needs the variable.

    ## Example
    ```requirements.txt
    --index-url https://build:hunter2-8c1f@packages.example.com/simple
    ```

    Use instead:
    ```requirements.txt
    --index-url https://build:${PACKAGES_PASSWORD}@packages.example.com/simple
    ```
    """
    yield from _leaks(manifest, project, "password", "RQ302")


@rule("RQ303", "leaked-channel-token", "error", on="manifest", fix="unsafe")
def leaked_channel_token(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The token of a conda channel stands in its URL.

    ## Why is this bad?
    `/t/<token>/` opens a private channel to whoever can read the file. Taking it out is not enough, since the history keeps
    it: revoke it.

    ## Not reported
    Variables and placeholders (`/t/${ANACONDA_TOKEN}/`, `/t/<TOKEN>/`), a folder that only happens to be called `t`, and
    hosts and names of dependencies in `allow`.

    ## Fix safety
    As for `leaked-token`. In the `channels:` of an environment.yml conda expands `$NAME`; in a spec (`channel::package`) and
    in a list of packages nothing is expanded.

    ## Example
    ```environment.yml
    channels:
      - https://conda.anaconda.org/t/{token:anaconda}/acme
    dependencies:
      - core=1.2
    ```

    Use instead:
    ```environment.yml
    channels:
      - https://conda.anaconda.org/t/$ANACONDA_TOKEN/acme
    dependencies:
      - core=1.2
    ```
    """
    yield from _leaks(manifest, project, "channel-token", "RQ303")


def _leaks(manifest: Manifest, project: Project, kind: str, code: str) -> Iterator[Diagnostic]:
    """The credentials of one kind, anywhere in the file."""
    found = in_source(manifest.source)
    if not any(item.kind == kind for item in found):
        return
    if manifest.format == "lock file":
        yield from _leaks_into_lock(manifest, project, [item for item in found if item.kind == kind], code)
        return
    configuration = project.configurations.of(manifest.path)
    names = _variable_names(manifest.source, found, _syntax(manifest, ""))
    for item in found:
        if item.kind != kind:
            continue
        place = _Place(manifest, item)
        if configuration.allows(code, place.dependency, item.host):
            continue
        syntax = _syntax(manifest, place.reader)
        fix, help_ = _fix(item, names, manifest.source, syntax, in_comment=place.in_comment)
        since, advice = _history(manifest, project, item)
        yield Diagnostic(
            manifest.source,
            (item.start, item.end),
            f"{_article(item.provider)} {item.provider} stands {place.words}{since}",
            label=advice,
            help=help_,
            fix=fix,
            scope=place.scope,
            dependency=place.dependency,
            group=place.group,
        )


def _leaks_into_lock(manifest: Manifest, project: Project, found: list[Credential], code: str) -> Iterator[Diagnostic]:
    """The credentials that a tool took over into its lock: each once, however many URLs it stands in."""
    configuration = project.configurations.of(manifest.path)
    text = manifest.source.text
    places: dict[str, list[Credential]] = {}
    for item in found:
        if not configuration.allows(code, item.host):
            places.setdefault(text[item.start : item.end], []).append(item)
    for items in places.values():
        first = items[0]
        times = "" if len(items) == 1 else f", {len(items)} times"
        since, advice = _history(manifest, project, first)
        yield Diagnostic(
            manifest.source,
            (first.start, first.end),
            f"{_article(first.provider)} {first.provider} stands in this lock{times}{since}",
            label=advice,
            help=f"take it out of the manifest, supply it by {_ELSEWHERE}, and lock again",
        )


def _history(manifest: Manifest, project: Project, item: Credential) -> tuple[str, str]:
    """What git's history says of a secret, to end a message with, and what is to be done about it."""
    order = "change" if item.kind == "password" else "revoke"
    past = project.evidence.past(manifest.path, manifest.source.text[item.start : item.end])
    if past is None:
        return "", f"{order} it: whoever reads the history has it"
    if past.commit is None:
        return ", and is not committed yet", "take it out before you commit"
    since = "since" if past.whole else "at least since"
    return f", {since} commit {past.commit.hash} of {past.commit.date}", f"{order} it: whoever reads the history has it"


def _syntax(manifest: Manifest, reader: str) -> _Syntax:
    """How a manifest is told a secret at a place with this reader."""
    return (
        _SYNTAXES.get((manifest.format, reader))
        or _SYNTAXES.get(("", reader))
        or _SYNTAXES.get((manifest.format, ""), _UNKNOWN)
    )


def _reader_of(manifest: Manifest, option: str) -> str:
    """Who reads an index or setting: the tool whose table it stands in, else pip."""
    tools = ("poetry", "uv", "pdm", "pixi")
    return next((tool for tool in tools if f"tool.{tool}" in option or manifest.format == f"{tool}.toml"), "pip")


class _Place:
    """Where in a manifest a secret stands: in words, and the span on whose lines an ignore comment counts.

    ``reader``: who reads what stands there, where one format has several: a dialect, ``channel`` (a list of channels), the
    tool of a table, or "".
    """

    __slots__ = ("dependency", "group", "in_comment", "reader", "scope", "words")

    def __init__(self, manifest: Manifest, item: Credential) -> None:
        """Look for what declares something there."""
        source = manifest.source
        line = source.line_span(source.row(item.start))
        comment = _syntax(manifest, "").comment
        self.in_comment = re.search(comment, source.text[line[0] : item.start]) is not None
        self.reader = ""
        self.dependency: str | None = None
        self.group: str | None = None
        self.scope: Span = line
        self.words = "in a comment" if self.in_comment else "in this file"
        for dependency in manifest.dependencies:
            if _covers(dependency.entry, item):
                self.scope, self.dependency, self.group = dependency.entry, dependency.name, dependency.group.label
                self.reader = dependency.dialect
                shown = dependency.shown
                if self.in_comment:
                    self.words = f"in the comment beside {shown}"
                elif item.url is not None and _covers(dependency.span, item):
                    self.words = f"in the URL of {shown}"
                else:
                    self.words = f"on the line of {shown}"
                return
        for entry, option, kind in (
            *((index.entry, index.option, index.kind) for index in manifest.indexes),
            *((setting.entry, setting.option, "") for setting in manifest.settings),
        ):
            if _covers(entry, item):
                self.scope = entry
                self.reader = "channel" if kind == "channel" else _reader_of(manifest, option)
                if not self.in_comment:
                    self.words = f"in the URL of `{option}`" if item.url is not None else f"on the line of `{option}`"
                return
        for include in manifest.includes:
            if _covers(include.entry, item):
                self.scope = include.entry
                self.reader = "pip"
                if not self.in_comment:
                    self.words = "in the URL of an included file"
                return
        for problem in manifest.problems:
            if _covers(problem.scope, item):
                self.scope = problem.scope
                return


def _covers(span: Span, item: Credential) -> bool:
    return span[0] <= item.start < span[1]


def _variable_names(source: Source, found: list[Credential], syntax: _Syntax) -> dict[str, str]:
    """A variable's name for each secret: different secrets get different names, which the file does not use yet."""
    names: dict[str, str] = {}
    taken = _used_names(source.text, syntax)
    for item in found:
        secret = source.text[item.start : item.end]
        if secret in names:
            continue
        name, number = item.variable, 1
        while name in taken:
            number += 1
            name = f"{item.variable}_{number}"
        taken.add(name)
        names[secret] = name
    return names


def _used_names(text: str, syntax: _Syntax) -> set[str]:
    """The variables that the file refers to already, other than in comments."""
    if "$" not in text:
        return set()
    from reqlint.credentials import variables

    used: set[str] = set()
    for line in text.splitlines():
        if "$" in line:
            comment = re.search(syntax.comment, line)
            used.update(variable.name for variable in variables(line[: comment.start()] if comment else line))
    return used


def _fix(
    item: Credential, names: dict[str, str], source: Source, syntax: _Syntax, *, in_comment: bool
) -> tuple[Fix | None, str]:
    """The fix that takes the secret out of the file, and the help that says how to supply it."""
    if in_comment and item.url is None:
        return Fix("Take the secret out", [Edit(item.start, item.end, "<token>")], "unsafe"), (
            "`--fix --unsafe-fixes` writes `<token>` in its place"
        )
    if syntax.variable is not None and (item.url is not None or item.removal is None):
        variable = syntax.variable.format(names[source.text[item.start : item.end]])
        fix = Fix(f"Write {variable} in its place", [Edit(item.start, item.end, variable)], "unsafe")
        return fix, f"`--fix --unsafe-fixes` writes {variable}, which {syntax.reader} reads from the environment"
    if item.removal is None:
        return None, f"nothing is expanded in this file: supply it by {syntax.elsewhere}"
    where = "the URL" if item.url is not None else "the file"
    fix = Fix(f"Take the secret out of {where}", [Edit(*item.removal)], "unsafe")
    return fix, f"`--fix --unsafe-fixes` takes it out; supply it by {syntax.elsewhere}"


def _article(provider: str) -> str:
    """The article that goes with a provider's name, as it is spoken."""
    return "an" if provider[0] in "AEIOaeio" or provider.startswith(("npm", "HF")) else "a"
