from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cfgv  # type: ignore[import-untyped]
import pytest
import yaml
from pre_commit.clientlib import CONFIG_SCHEMA  # type: ignore[import-untyped]
from pre_commit.languages import python as python_language  # type: ignore[import-untyped]
from pre_commit.prefix import Prefix  # type: ignore[import-untyped]

from reqlint.formats import pre_commit_config
from reqlint.source import Source
from tests.support import check, mended

if TYPE_CHECKING:
    from pathlib import Path

    from reqlint.model import Manifest

PATH = ".pre-commit-config.yaml"
MIXED = """\
default_language_version:
  python: python3.12
repos:
  - repo: https://github.com/pre-commit/mirrors-mypy
    rev: v1.11.0
    hooks:
      - id: mypy
        additional_dependencies:
          - types-requests
          - "attrs>=23"  # for its plugin
      - id: mypy
        name: mypy on docs
        additional_dependencies: [attrs==23.1.0, 'pytest']
  - repo: https://github.com/pre-commit/mirrors-eslint
    rev: v9.9.0
    hooks:
      - id: eslint
        additional_dependencies: ["eslint@9.9.0", "@scope/plugin", name:1.0]
  - repo: local
    hooks:
      - id: check
        name: check
        language: python
        entry: check
        additional_dependencies: [click]
      - id: words
        name: words
        language: golang
        entry: words
        additional_dependencies: [example.com/words@v1]
  - repo: meta
    hooks:
      - id: identity
"""


def read(text: str) -> Manifest:
    return pre_commit_config.read(Source(PATH, text), None)


def listed(manifest: Manifest) -> list[tuple[str | None, str]]:
    return [(item.group.name, item.text) for item in manifest.dependencies if item.dialect == "pip"]


def repositories(manifest: Manifest) -> list[tuple[str | None, str | None, str | None]]:
    return [
        (item.name, item.url, item.vcs.ref if item.vcs else None)
        for item in manifest.dependencies
        if item.dialect == "pre-commit"
    ]


def problems(manifest: Manifest) -> list[tuple[str, str]]:
    text = manifest.source.text
    return [(problem.rule, text[slice(*problem.span)]) for problem in manifest.problems]


def hooked(
    dependencies: str, *, repo: str = "https://github.com/psf/black", rev: str = "24.8.0", hook: str = "black"
) -> str:
    """A configuration of one hook with these additional dependencies, as YAML."""
    text = f"repos:\n- repo: {repo}\n" + (f"  rev: {rev}\n" if repo != "local" else "")
    local = "    name: x\n    entry: x\n    language: python\n" if repo == "local" else ""
    return f"{text}  hooks:\n  - id: {hook}\n{local}    additional_dependencies: {dependencies}\n"


def refusal(text: str) -> str:
    """What pre-commit says against a configuration; "" when nothing."""
    try:
        cfgv.validate(yaml.safe_load(text), CONFIG_SCHEMA)
    except cfgv.ValidationError as error:
        return str(error)
    return ""


def test_python_hooks_only() -> None:
    assert refusal(MIXED) == ""
    manifest = read(MIXED)
    assert listed(manifest) == [
        ("mypy", "types-requests"),
        ("mypy", "attrs>=23"),
        ("mypy (2)", "attrs==23.1.0"),
        ("mypy (2)", "pytest"),
        ("check", "click"),
    ]
    assert repositories(manifest) == [
        ("mirrors-mypy", "https://github.com/pre-commit/mirrors-mypy", "v1.11.0"),
        ("mirrors-eslint", "https://github.com/pre-commit/mirrors-eslint", "v9.9.0"),
    ]
    assert manifest.problems == []
    assert {item.group.role for item in manifest.dependencies} == {"development"}
    assert check(MIXED, path=PATH) == []


def test_a_list_alone_is_what_old_releases_read() -> None:
    text = "- repo: https://github.com/psf/black\n  sha: main\n  hooks:\n  - id: black\n    additional_dependencies: [click]\n"
    assert listed(read(text)) == [("black", "click")]
    assert repositories(read(text)) == [("black", "https://github.com/psf/black", "main")]


def test_pre_commit_hands_them_to_pip_as_arguments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands: list[Any] = []
    monkeypatch.setattr(python_language, "cmd_output_b", lambda *command, **_: commands.append(command))
    monkeypatch.setattr(python_language.lang_base, "setup_cmd", lambda _, command, **__: commands.append(command))
    python_language.install_environment(Prefix(str(tmp_path)), "default", ("a", "-r requirements.txt"))
    assert commands[-1][-4:] == ("install", ".", "a", "-r requirements.txt")
    assert problems(read(hooked("[a, -r requirements.txt]"))) == [("invalid-option", "-r requirements.txt")]


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_spans_hold_and_entries_can_be_deleted(newline: str) -> None:
    text = MIXED.replace("\n", newline)
    manifest = read(text)
    everything = [item.text for item in manifest.dependencies]
    assert everything == [item.text for item in read(MIXED).dependencies]
    for number, dependency in enumerate(manifest.dependencies):
        assert text[slice(*dependency.span)] == dependency.text
        left = read(text[: dependency.entry[0]] + text[dependency.entry[1] :])
        assert [item.text for item in left.dependencies] == everything[:number] + everything[number + 1 :]


def test_a_list_that_hooks_share_is_read_once() -> None:
    hook = "  - {id: mypy, additional_dependencies: *shared}\n"
    text = hooked("&shared [a, b=1]", hook="mypy") + hook
    assert refusal(text) == ""
    assert listed(read(text)) == [("mypy", "a")]
    assert problems(read(text)) == [("invalid-requirement", "=1")]


@pytest.mark.parametrize(
    ("rev", "code"),
    [
        ("main", "RQ202"),
        ("master", "RQ202"),
        ("HEAD", "RQ202"),
        ("what-is-this", None),
        ("v1.2.3", None),
        ("22.12b0", None),
        ("8b0a2f1c", "RQ203"),
        ("8b0a2f1c9d3e4f5061728394a5b6c7d8e9f00112  # frozen: v1", None),
    ],
)
@pytest.mark.parametrize(
    "repo", ["https://github.com/psf/black", "git@github.com:psf/black.git", "ssh://git@e.com/a.git"]
)
def test_a_rev_is_a_ref(repo: str, rev: str, code: str | None) -> None:
    text = hooked("[]", repo=repo, rev=rev)
    assert refusal(text) == ""
    assert [item.code for item in check(text, path=PATH)] == ([code] if code else [])


@pytest.mark.parametrize("repo", [".", "../hooks", "/srv/git/hooks", "file:///srv/git/hooks"])
def test_a_repository_beside_the_project_may_move_with_it(repo: str) -> None:
    text = hooked("[]", repo=repo, rev="HEAD")
    assert refusal(text) == ""
    assert check(text, path=PATH) == []


def test_the_same_repository_may_stand_twice() -> None:
    text = hooked("[]") + hooked("[]", rev="23.1.0").partition("\n")[2]
    assert len(repositories(read(text))) == 2
    assert check(text, path=PATH) == []


def test_a_protocol_that_nobody_serves_any_more_is_replaced() -> None:
    text = hooked("[]", repo="git://github.com/psf/black")
    assert [item.code for item in check(text, path=PATH)] == ["RQ204"]
    assert mended(text, path=PATH) == hooked("[]")


@pytest.mark.parametrize(
    ("dependencies", "found"),
    [
        ("[a=1]", [("invalid-requirement", "=1")]),
        ("['a', 5]", [("invalid-requirement", "5")]),
        ("['-rrequirements.txt', ./lib, .]", []),
        ("['--index-url', 'https://packages.example.com/simple', a]", []),
        ("a", []),
        ("", []),
    ],
)
def test_problems(dependencies: str, found: list[tuple[str, str]]) -> None:
    assert problems(read(hooked(dependencies))) == found


def test_the_folder_of_a_local_hook_has_none_of_the_project_s_files() -> None:
    assert problems(read(hooked("[a, -rrequirements.txt]", repo="local", hook="x"))) == [
        ("missing-include", "requirements.txt")
    ]
    assert problems(read(hooked("[a, '-r', 'https://e.com/requirements.txt']", repo="local", hook="x"))) == []


def test_a_rev_that_yaml_takes_for_a_number_is_put_in_quotes() -> None:
    text = hooked("[]", rev="1.10")
    assert "Expected string got float" in refusal(text)
    assert problems(read(text)) == [("invalid-requirement", "1.10")]
    fixed = mended(text, path=PATH)
    assert fixed == hooked("[]", rev='"1.10"')
    assert refusal(fixed) == ""


def test_pre_commit_refuses_a_dependency_that_is_no_string() -> None:
    assert "Expected string got int" in refusal(hooked("[5]"))


def test_secrets_are_found_in_hooks_of_any_language() -> None:
    url = "https://build:hunter2-8c1f@packages.example.com"
    (leak,) = check(hooked(f"['a @ {url}/a.zip']"), path=PATH)
    assert (leak.code, leak.dependency) == ("RQ302", "a")
    (leak,) = check(hooked(f"['{url}/a.tgz']", hook="prettier"), path=PATH)
    assert leak.code == "RQ302"
    (leak,) = check(hooked("[]", repo=f"{url}/hooks.git"), path=PATH)
    assert leak.code == "RQ302"
    assert "hunter2" not in mended(hooked("[]", repo=f"{url}/hooks.git"), True, path=PATH)


def test_names_that_install_something_else() -> None:
    text = hooked("[types-PyYAML, yaml]", hook="mypy")
    assert [item.code for item in check(text, path=PATH)] == ["RQ707"]
    assert mended(text, True, path=PATH) == hooked("[types-PyYAML, PyYAML]", hook="mypy")
    assert check(hooked("[types-PyYAML, yaml] # reqlint: ignore[RQ707]", hook="mypy"), path=PATH) == []


@pytest.mark.parametrize(
    "text",
    ["", "repos", "repos:", "repos: 1", "repos: [1]", "repos:\n- 5\n", "repos:\n- repo:\n  hooks: {}\n", "5", "\0"],
)
def test_no_text_stops_the_reader(text: str) -> None:
    assert read(text).dependencies == []


def test_what_is_no_yaml_is_one_problem() -> None:
    assert [rule for rule, _ in problems(read("repos: [\n- repo: 'x\n"))] == ["unreadable-file"]
