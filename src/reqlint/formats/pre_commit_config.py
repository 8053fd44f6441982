""".pre-commit-config.yaml: what pre-commit installs beside its hooks, and which repositories it runs.

``additional_dependencies`` are arguments behind ``pip install .`` when the hook is one in Python, and of another installer
when it is not. The language stands in the file for hooks of ``repo: local`` only; others say it in their repository, so it is
told by the hooks that are widely known, and else by nothing: then nothing is read.

Each ``repo`` with its ``rev`` is a repository of git. pre-commit never updates one that it has, so a branch is whatever it was
at that moment, on each machine another.

Sources: pre-commit's documentation, and pre-commit 4.7 (``clientlib.py``, ``languages/python.py``).
"""

from __future__ import annotations

import re

from reqlint.fixes import Edit, Fix
from reqlint.formats._pip_argv import ArgvReader, Word
from reqlint.formats._tables import Place, add
from reqlint.formats._tree import List, Map, Text
from reqlint.model import Group, Manifest, Problem
from reqlint.requirement import Requirement, Vcs, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.formats._tree import Entry, Value
    from reqlint.model import Role
    from reqlint.source import Source, Span

#: Hooks that are in Python wherever they come from.
_PYTHON_HOOKS = frozenset(
    "add-trailing-comma autoflake autopep8 bandit basedpyright black black-jupyter blacken-docs blackdoc cfn-python-lint codespell "
    "curlylint darglint deptry detect-secrets djade django-upgrade djlint-django djlint-jinja djlint-reformat-django docformatter "
    "doc8 dead flake8 flynt gitlint interrogate isort jupytext mdformat mypy nbqa-black nbqa-flake8 nbqa-isort nbqa-mypy "
    "nbqa-pyupgrade nbstripout numpydoc-validation pip-compile poetry-check poetry-lock poetry-export pycln pydocstyle pylint "
    "pyproject-flake8 pyproject-fmt pyroma pyupgrade reorder-python-imports rstcheck ruff ruff-check ruff-format setup-cfg-fmt "
    "sp-repo-review sphinx-lint sqlfluff-fix sqlfluff-lint ssort teyit toml-sort toml-sort-fix tox-ini-fmt unimport validate-pyproject "
    "vulture yamllint yapf yesqa check-manifest check-jsonschema check-github-workflows dmypy pretty-format-toml pretty-format-yaml "
    "pyright-python refurb wemake-python-styleguide zimports".split()
)
_META = ("local", "meta")
_WRITTEN = re.compile(r"repos[ \t]*:|^-[ \t]+repo[ \t]*:", re.MULTILINE)
_ON_A_SERVER = re.compile(r"(?:https?|ssh|git)://|[\w.-]+@[\w.-]+:")
_NAME_AND_PLACE = re.compile(r"(.*?)([^/:]+?)(?:\.git)?/*")


def read(source: Source, role: Role | None) -> Manifest:
    """Read pre-commit's configuration into a manifest; ``role``: of what it installs, development unless told otherwise.

    Never raises: what cannot be read is a problem of the manifest. Spans are 0-based offsets into ``source.text``.
    """
    manifest = Manifest(source, ".pre-commit-config.yaml", role or "development")
    if source.fault is not None or not _WRITTEN.search(source.text):
        return manifest
    from reqlint.formats._yaml import YamlError, parse

    try:
        documents = parse(source.text)
    except YamlError as error:
        start = min(error.offset, max(len(source.text) - 1, 0))
        message = f"this is no YAML: {error.reason}"
        span = (start, min(start + 1, len(source.text)))
        manifest.problems.append(Problem("unreadable-file", span, message, label="pre-commit stops here"))
        return manifest
    first = documents[0] if documents else None
    counts: dict[str, int] = {}
    repositories = first.get("repos") if isinstance(first, Map) else first  # a list alone, before pre-commit 1.0
    for item in repositories.items if isinstance(repositories, List) else ():
        if isinstance(item, Map):
            _read_repository(manifest, item, counts)
    # A list that hooks share by an alias is met once for each of them.
    dependencies = {dependency.span: dependency for dependency in reversed(manifest.dependencies)}
    manifest.dependencies = sorted(dependencies.values(), key=lambda dependency: dependency.span[0])
    problems = {(problem.rule, problem.span): problem for problem in reversed(manifest.problems)}
    manifest.problems = sorted(problems.values(), key=lambda problem: problem.span[0])
    return manifest


def _read_repository(manifest: Manifest, table: Map, counts: dict[str, int]) -> None:
    """One item of ``repos``; ``counts``: how often each hook was met."""
    repo = table.text("repo")
    is_local = repo is not None and repo.text in _META
    if repo is not None and _ON_A_SERVER.match(repo.text):
        _add_repository(manifest, table, repo)
    hooks = table.list("hooks")
    for hook in hooks.items if hooks is not None else ():
        if isinstance(hook, Map) and _is_python(hook):
            identifier = hook.text("id")
            name = identifier.text if identifier is not None else "hook"
            counts[name] = counts.get(name, 0) + 1
            group = name if counts[name] == 1 else f"{name} ({counts[name]})"
            _read_hook(manifest, hook, group, is_local=is_local)


def _add_repository(manifest: Manifest, table: Map, repo: Text) -> None:
    """The repository of hooks, as a reference to git that nothing is installed from by name."""
    written = table.get("rev")
    if written is not None and not isinstance(written, Text):
        _report_number(manifest, written, table.entries["rev"].span)
    rev = table.text("rev") or table.text("sha")
    key = table.entries["rev" if "rev" in table.entries else "sha"] if rev is not None else None
    match = _NAME_AND_PLACE.fullmatch(repo.text)
    if rev is None or key is None or match is None or not rev.text.strip():
        return
    name_span = (repo.inner[0] + match.start(2), repo.inner[0] + match.end(2)) if repo.plain else repo.span
    name = normalize(match[2])
    parts = Requirement("url", name, name_span)
    parts.url, parts.url_span = repo.text, repo.inner
    transport = repo.text.partition("://")[0] if "://" in repo.text else "ssh"
    vcs = Vcs("git", transport, repo.text, repo.inner, rev.text, rev.inner, slot=(rev.inner, "{}"))
    place = Place(name, name_span, repo.inner, _entry(table, key), manifest.source.text)
    group = Group("group", manifest.role, "repos")
    add(manifest, place, parts, group, dialect="pre-commit", vcs=vcs, rewritable=repo.plain and rev.plain)


def _entry(table: Map, rev: Entry) -> Span:
    """What to delete to be rid of a repository and its ``rev``, and of nothing else: its hooks stay."""
    keys = sorted(table.entries.values(), key=lambda entry: entry.key_span[0])
    number = next(at for at, entry in enumerate(keys) if entry.key == "repo")
    end = number + 1
    if keys[end : end + 1] == [rev]:
        end += 1
    first = keys[number]
    if number == 0 and end < len(keys):  # the next key takes the place behind the dash
        return first.key_span[0], keys[end].key_span[0]
    return first.span[0], keys[end - 1].span[1]


def _report_number(manifest: Manifest, rev: Value, entry: Span) -> None:
    """``rev: 1.10``, a number to YAML."""
    if isinstance(rev.data, bool) or not isinstance(rev.data, int | float):
        return
    start, end = rev.span
    problem = Problem(
        "invalid-requirement",
        rev.span,
        "to YAML this is a number, and `rev` must be a string",
        label="pre-commit stops here",
        help="put it in quotes",
        fix=Fix("Put it in quotes", [Edit(start, start, '"'), Edit(end, end, '"')]),
        scope=entry,
    )
    manifest.problems.append(problem)


def _is_python(hook: Map) -> bool:
    """Whether a hook is surely one in Python."""
    language = hook.text("language")
    if language is not None:
        return language.text == "python"
    identifier = hook.text("id")
    return identifier is not None and identifier.text in _PYTHON_HOOKS


def _read_hook(manifest: Manifest, hook: Map, group: str, *, is_local: bool) -> None:
    """The arguments for pip of one hook, which has an environment of its own."""
    dependencies = hook.list("additional_dependencies")
    if dependencies is None:
        return
    words = []
    for item, entry in zip(dependencies.items, dependencies.entries, strict=True):
        if not isinstance(item, Text):
            _report_item(manifest, item, entry)
        elif item.text.strip():
            words.append(Word(item.text, item.inner, entry, plain=item.plain))
    known, included, noted = len(manifest.dependencies), len(manifest.includes), len(manifest.problems)
    ArgvReader(manifest, Group("group", manifest.role, group)).read(words)
    for problem in manifest.problems[noted:]:
        if problem.fix is not None and any(re.search(r"[:#,\[\]{}]", edit.content) for edit in problem.fix.edits):
            problem.fix = None
    if is_local:
        for include in manifest.includes[included:]:
            if not include.remote and not include.path.startswith(("/", "~")):
                _report_include(manifest, include.span, include.entry)
    del manifest.includes[included:]
    manifest.dependencies[known:] = [item for item in manifest.dependencies[known:] if item.kind != "path"]


def _report_item(manifest: Manifest, item: Value, entry: Span) -> None:
    """An item that is no string: pre-commit refuses the file."""
    message = "an additional dependency must be a string"
    problem = Problem("invalid-requirement", item.span, message, label="pre-commit stops here", scope=entry)
    manifest.problems.append(problem)


def _report_include(manifest: Manifest, span: Span, entry: Span) -> None:
    """A file that pip looks for in a folder of pre-commit's own."""
    manifest.problems.append(
        Problem(
            "missing-include",
            span,
            "pre-commit installs this hook in a folder of its own, where this file does not exist",
            label="pip stops here",
            help="list the requirements themselves",
            scope=entry,
        )
    )
