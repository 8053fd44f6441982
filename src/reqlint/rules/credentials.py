"""RQ3: credentials."""

from __future__ import annotations

import re

from reqlint.diagnostic import Diagnostic
from reqlint.fixes import Edit, Fix
from reqlint.model import Index
from reqlint.redaction import in_source
from reqlint.registry import rule
from reqlint.rules._supply import for_command, for_dependency, for_index, for_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.credentials import Credential
    from reqlint.model import Dependency, Manifest
    from reqlint.project import Project
    from reqlint.source import Source, Span


class _Syntax:
    """How a format is told a secret at some place.

    ``variable``: its spelling of an environment variable in a URL, with ``{}`` for the name; ``tool``: who expands it; ``store``:
    what that reads it from.
    """

    __slots__ = ("store", "tool", "variable")

    def __init__(self, variable: str, tool: str, store: str = "the environment") -> None:
        self.variable = variable
        self.tool = tool
        self.store = store

    def spelled(self, name: str) -> str:
        """A variable of this name; GitHub keeps names that begin with its own for itself."""
        if self is _WORKFLOW and name.startswith("GITHUB_"):
            name = name.replace("GITHUB_", "GH_", 1)
        return self.variable.format(name)


_COMMENT = r"(?:^|\s)#"
_PIP = _Syntax("${{{}}}", "pip")
_TOX = _Syntax("{{env:{}}}", "tox")
_WORKFLOW = _Syntax("${{{{ secrets.{} }}}}", "GitHub", "the secrets of the repository")

#: By format and who reads the place in it ("" for any). What a fix may write is in the documentation of each tool: pip expands
#: `${NAME}` in capitals, and nothing else; conda expands variables in the list of channels only; pipenv and tox do everywhere,
#: PDM in the URLs of its sources, Hatch in its environments; Poetry, uv and pixi expand nothing in their tables. In the tables of
#: the standards it depends on the reader, and what one of them fills in ends up in the metadata that are published.
_SYNTAXES = {
    ("requirements.txt", ""): _PIP,
    ("environment.yml", "channels"): _Syntax("${}", "conda"),
    ("environment.yml", "pip"): _PIP,
    ("Pipfile", ""): _Syntax("${{{}}}", "pipenv"),
    ("tox.ini", ""): _TOX,
    ("tox.toml", ""): _TOX,
    ("setup.cfg", "pip"): _TOX,
    ("pyproject.toml", "pip"): _TOX,
    ("workflow", ""): _WORKFLOW,
    ("", "pdm"): _Syntax("${{{}}}", "PDM"),
    ("", "hatch environment"): _Syntax("{{env:{}}}", "Hatch"),
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
    names = _variable_names(manifest.source, found)
    for item in found:
        if item.kind != kind:
            continue
        place = _Place(manifest, item)
        if configuration.allows(code, place.dependency, item.host):
            continue
        fix, help_ = _fix(item, names[manifest.source.text[item.start : item.end]], manifest, place)
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
            help=f"take it out of the manifest, supply it by {for_lock()}, and lock again",
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


class _Place:
    """Where in a manifest a secret stands: in words, and the span on whose lines an ignore comment counts.

    ``declares``: the dependency or the index whose entry it is, if any; ``syntax``: what is expanded there.
    """

    __slots__ = ("declares", "dependency", "group", "in_comment", "scope", "syntax", "words")

    def __init__(self, manifest: Manifest, item: Credential) -> None:
        """Look for what declares something there."""
        source = manifest.source
        line = source.line_span(source.row(item.start))
        self.in_comment = re.search(_COMMENT, source.text[line[0] : item.start]) is not None
        self.declares: Dependency | Index | None = None
        self.dependency: str | None = None
        self.group: str | None = None
        self.scope: Span = line
        self.words = "in a comment" if self.in_comment else "in this file"
        reader = self._look(manifest, item)
        self.syntax = (
            _SYNTAXES.get((manifest.format, reader))
            or _SYNTAXES.get(("", reader))
            or _SYNTAXES.get((manifest.format, ""))
        )
        if self.syntax is _WORKFLOW and re.search(r"(?:^|[/\\])action\.ya?ml$", manifest.path):
            self.syntax = None  # an action has no secrets, it is given them

    def _look(self, manifest: Manifest, item: Credential) -> str:
        """Look for what declares something there; returns who reads it, in the words of ``_SYNTAXES``."""
        for dependency in manifest.dependencies:
            if _covers(dependency.entry, item):
                self.declares, self.scope = dependency, dependency.entry
                self.dependency, self.group = dependency.name, dependency.group.label
                shown = dependency.shown
                if self.in_comment and _covers(dependency.span, item):
                    self.in_comment = False  # the metadata of a script stands in comments
                if self.in_comment:
                    self.words = f"in the comment beside {shown}"
                elif item.url is not None and _covers(dependency.span, item):
                    self.words = f"in the URL of {shown}"
                else:
                    self.words = f"on the line of {shown}"
                in_hatch = dependency.dialect == "pep508" and self.group.startswith("envs.")
                return "hatch environment" if in_hatch else dependency.dialect
        for index in manifest.indexes:
            if _covers(index.entry, item):
                self.declares = index
                self.in_comment = self.in_comment and not _covers(index.span, item)
                self._stands(item, index.entry, index.option)
                return index.option if index.tool == "conda" else index.tool
        for setting in manifest.settings:
            if _covers(setting.entry, item):
                self._stands(item, setting.entry, setting.option)
                return ""
        for include in manifest.includes:
            if _covers(include.entry, item):
                self.scope = include.entry
                if not self.in_comment:
                    self.words = "in the URL of an included file"
                return "pip"
        for problem in manifest.problems:
            if _covers(problem.scope, item):
                self.scope = problem.scope
                break
        return ""

    def _stands(self, item: Credential, entry: Span, option: str) -> None:
        """Note that it stands in the entry of an option."""
        self.scope = entry
        if not self.in_comment:
            self.words = f"in the URL of `{option}`" if item.url is not None else f"on the line of `{option}`"

    def elsewhere(self, item: Credential, source: Source) -> str:
        """By what else the secret can be supplied."""
        is_channel_token = item.kind == "channel-token"
        if self.declares is None:
            return for_lock()
        if isinstance(self.declares, Index):
            return for_index(self.declares, item.host, is_channel_token=is_channel_token)
        url, others = None, [other for other in in_source(source) if other.url == item.url]
        if item.url is not None and item.removal is not None and all(other.removal == item.removal for other in others):
            url = source.text[item.url[0] : item.removal[0]] + source.text[item.removal[1] : item.url[1]]
        return for_dependency(self.declares, item.host, url, is_channel_token=is_channel_token)


def _covers(span: Span, item: Credential) -> bool:
    return span[0] <= item.start < span[1]


def _variable_names(source: Source, found: list[Credential]) -> dict[str, str]:
    """A variable's name for each secret: different secrets get different names, which the file does not use yet."""
    names: dict[str, str] = {}
    taken = _used_names(source.text)
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


def _used_names(text: str) -> set[str]:
    """The variables that the file refers to already, other than in comments."""
    if "$" not in text and "{env:" not in text:
        return set()
    from reqlint.credentials import variables

    used: set[str] = set()
    for line in text.splitlines():
        comment = re.search(_COMMENT, line)
        used.update(variable.name for variable in variables(line[: comment.start()] if comment else line))
    return used


def _fix(item: Credential, name: str, manifest: Manifest, place: _Place) -> tuple[Fix | None, str]:
    """The fix that takes the secret out of the file, and the help that says how to supply it; ``name``: of a variable."""
    if place.in_comment and item.url is None:
        return Fix("Take the secret out", [Edit(item.start, item.end, "<token>")], "unsafe"), (
            "`--fix --unsafe-fixes` writes `<token>` in its place"
        )
    syntax = place.syntax
    if syntax is not None and (item.url is not None or item.removal is None):
        variable = syntax.spelled(name)
        fix = Fix(f"Write {variable} in its place", [Edit(item.start, item.end, variable)], "unsafe")
        return fix, f"`--fix --unsafe-fixes` writes {variable}, which {syntax.tool} reads from {syntax.store}"
    elsewhere = for_command(manifest, name) or place.elsewhere(item, manifest.source)
    if item.removal is None:
        reason = "" if manifest.format == "Dockerfile" else "nothing is expanded in this file: "
        return None, f"{reason}supply it by {elsewhere}"
    where = "the URL" if item.url is not None else "the file"
    fix = Fix(f"Take the secret out of {where}", [Edit(*item.removal)], "unsafe")
    return fix, f"`--fix --unsafe-fixes` takes it out; supply it by {elsewhere}"


def _article(provider: str) -> str:
    """The article that goes with a provider's name, as it is spoken."""
    return "an" if provider[0] in "AEIOaeio" or provider.startswith(("npm", "HF")) else "a"
