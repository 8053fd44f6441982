from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reqlint.diagnostic import Diagnostic
from reqlint.linter import Linter
from reqlint.model import Manifest
from reqlint.rules.credentials import leaked_channel_token, leaked_password, leaked_token
from reqlint.source import Source
from tests.command import process_environment, run
from tests.support import TOKENS, check, expand, fold, mended, underlined

PASSWORD = "hunter2-8c1f"
FAMILY = "RQ3"


def found(text: str, **options: Any) -> list[tuple[str, str]]:
    """Code and underlined secret of each finding, synthetic tokens folded away."""
    return [(item.code, fold(underlined(item))) for item in check(expand(text), select=FAMILY, **options)]


def fixed(text: str, **options: Any) -> str:
    return fold(mended(expand(text), True, select=FAMILY, **options))


def message(text: str) -> str:
    (item,) = check(expand(text), select=FAMILY)
    return item.message


@pytest.mark.parametrize(
    "line",
    [
        "core @ git+https://${GITHUB_TOKEN}@github.com/acme/core.git@v1",
        "core @ git+https://x-access-token:${GITHUB_TOKEN}@github.com/acme/core.git@v1",
        "core @ git+https://$GITHUB_TOKEN@github.com/acme/core.git@v1",
        "core @ git+https://oauth2:<token>@gitlab.com/acme/core.git@v1",
        "core @ git+https://ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx@github.com/acme/core.git@v1",
        "core @ git+https://user:password@git.example.com/acme/core.git@v1",
        "core @ git+https://user:****@git.example.com/acme/core.git@v1",
        "core @ git+ssh://git@github.com/acme/core.git@v1",
        "core @ git+https://me@bitbucket.org/acme/core.git@v1",
        "core @ git+https://github.com/acme/core.git@0123456789abcdef0123456789abcdef01234567",
        "core @ git+ssh://git@git.example.com:acme/core.git@v1",
        "core @ https://example.com/t/core-1.0.zip",
        "core @ https://conda.anaconda.org/t/<TOKEN>/acme/noarch/core-1.0.tar.bz2",
        "--index-url https://__token__:${PYPI_TOKEN}@packages.example.com/simple",
        "--index-url https://admin:admin@localhost:8080/simple",
        "# https://github.com/acme/core/issues/17#issuecomment-1234567890",
        "requests==2.32.3 --hash=sha256:a448b2f64d686155468037e1ace9f2d2199776e17f0a46610480d311f73e3472",
    ],
)
def test_nothing_to_report(line: str) -> None:
    assert found(f"{line}\n") == []


@pytest.mark.parametrize(
    ("line", "expected", "mended_line"),
    [
        # In the user part, alone or with a name that stays.
        (
            "core @ git+https://{token:github}@github.com/acme/core.git@v1",
            [("RQ301", "{token:github}")],
            "core @ git+https://${GITHUB_TOKEN}@github.com/acme/core.git@v1",
        ),
        (
            "core @ git+https://x-access-token:{token:github}@github.com/acme/core.git@v1 ; os_name == 'nt'",
            [("RQ301", "{token:github}")],
            "core @ git+https://x-access-token:${GITHUB_TOKEN}@github.com/acme/core.git@v1 ; os_name == 'nt'",
        ),
        (
            "-e git+https://{token:github}:x-oauth-basic@github.com/acme/core.git@v1#egg=core  # ours",
            [("RQ301", "{token:github}")],
            "-e git+https://${GITHUB_TOKEN}:x-oauth-basic@github.com/acme/core.git@v1#egg=core  # ours",
        ),
        (
            "--extra-index-url https://__token__:{token:gitlab}@gitlab.com/api/v4/projects/1/packages/pypi/simple",
            [("RQ301", "{token:gitlab}")],
            "--extra-index-url https://__token__:${GITLAB_TOKEN}@gitlab.com/api/v4/projects/1/packages/pypi/simple",
        ),
        (
            f"--index-url https://build:{PASSWORD}@packages.example.com/simple",
            [("RQ302", PASSWORD)],
            "--index-url https://build:${PACKAGES_EXAMPLE_COM_PASSWORD}@packages.example.com/simple",
        ),
        (
            f"-r https://build:{PASSWORD}@packages.example.com/more.txt",
            [("RQ302", PASSWORD)],
            "-r https://build:${PACKAGES_EXAMPLE_COM_PASSWORD}@packages.example.com/more.txt",
        ),
        # In the query and in the path.
        (
            "core @ https://gitlab.com/core-1.0.zip?private_token={token:gitlab}&x=1",
            [("RQ301", "{token:gitlab}")],
            "core @ https://gitlab.com/core-1.0.zip?private_token=${GITLAB_TOKEN}&x=1",
        ),
        (
            "core @ https://conda.anaconda.org/t/{token:anaconda}/acme/noarch/core-1.0.tar.bz2",
            [("RQ303", "{token:anaconda}")],
            "core @ https://conda.anaconda.org/t/${ANACONDA_TOKEN}/acme/noarch/core-1.0.tar.bz2",
        ),
        (
            "--find-links https://conda.anaconda.org/t/{token:anaconda}/acme/",
            [("RQ303", "{token:anaconda}")],
            "--find-links https://conda.anaconda.org/t/${ANACONDA_TOKEN}/acme/",
        ),
        # In comments.
        (
            "# core @ git+https://{token:github}@github.com/acme/core.git",
            [("RQ301", "{token:github}")],
            "# core @ git+https://${GITHUB_TOKEN}@github.com/acme/core.git",
        ),
        ("# build with {token:github}, please", [("RQ301", "{token:github}")], "# build with <token>, please"),
        ("idna==3.7  # {token:gitlab}", [("RQ301", "{token:gitlab}")], "idna==3.7  # <token>"),
        # On lines that pip does not take.
        (
            "pip install git+https://{token:github}@github.com/acme/core.git@v1",
            [("RQ301", "{token:github}")],
            "pip install git+https://${GITHUB_TOKEN}@github.com/acme/core.git@v1",
        ),
        (
            '"core @ git+https://{token:github}@github.com/acme/core.git@v1",',
            [("RQ301", "{token:github}")],
            '"core @ git+https://${GITHUB_TOKEN}@github.com/acme/core.git@v1",',
        ),
        # In quotes, and on the second line of an entry.
        (
            '-e "core @ git+https://{token:github}@github.com/acme/core.git@v1"',
            [("RQ301", "{token:github}")],
            '-e "core @ git+https://${GITHUB_TOKEN}@github.com/acme/core.git@v1"',
        ),
        (
            "core @ \\\n    git+https://{token:github}@github.com/acme/core.git@v1",
            [("RQ301", "{token:github}")],
            "core @ \\\n    git+https://${GITHUB_TOKEN}@github.com/acme/core.git@v1",
        ),
    ],
)
def test_what_is_found_and_what_takes_its_place(line: str, expected: list[tuple[str, str]], mended_line: str) -> None:
    assert found(f"{line}\n") == expected
    assert fixed(f"{line}\n") == f"{mended_line}\n"
    assert found(f"{mended_line}\n") == []
    assert mended(expand(line), select=FAMILY) == expand(line)  # never without being asked


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "core @ git+https://{token:github}@github.com/acme/core.git@v1",
            "a GitHub personal access token stands in the URL of `core`",
        ),
        (
            "git+https://{token:github}@github.com/acme/core.git@v1",
            "a GitHub personal access token stands in the URL of this requirement",
        ),
        (f"-i https://me:{PASSWORD}@example.com/simple", "a password stands in the URL of `-i`"),
        (f"-r https://me:{PASSWORD}@example.com/more.txt", "a password stands in the URL of an included file"),
        ("# {token:gitlab}", "a GitLab access token stands in a comment"),
        ("idna==3.7 # {token:gitlab}", "a GitLab access token stands in the comment beside `idna`"),
        ("idna==3.7 --config-settings=t={token:gitlab}", "a GitLab access token stands on the line of `idna`"),
        ("-i https://example.com/simple # {token:gitlab}", "a GitLab access token stands in a comment"),
        ('"git+https://{token:github}@github.com/a/b"', "a GitHub personal access token stands in this file"),
        ("core @ https://example.com/c.zip?api_key=8c1f03b7aa92d5e1", "an API key stands in the URL of `core`"),
    ],
)
def test_the_message_says_where_it_stands(line: str, expected: str) -> None:
    assert message(f"{line}\n") == expected


def test_it_says_what_to_do() -> None:
    (item,) = check(expand("core @ git+https://{token:github}@github.com/acme/core.git@v1\n"), select=FAMILY)
    assert item.label == "revoke it: whoever reads the history has it"
    assert item.help == "`--fix --unsafe-fixes` writes ${GITHUB_TOKEN}, which pip reads from the environment"
    assert (item.dependency, item.group) == ("core", "runtime")
    (item,) = check(f"-i https://me:{PASSWORD}@example.com/simple\n", select=FAMILY)
    assert item.label == "change it: whoever reads the history has it"


def test_two_secrets_get_two_variables_and_one_gets_one() -> None:
    text = (
        "a @ git+https://{token:github}@github.com/acme/a.git@v1\n"
        "b @ git+https://{token:github2}@github.com/acme/b.git@v1\n"
        "c @ git+https://me:{token:github}@github.com/acme/c.git@v1\n"
    )
    assert fixed(text) == (
        "a @ git+https://${GITHUB_TOKEN}@github.com/acme/a.git@v1\n"
        "b @ git+https://${GITHUB_TOKEN_2}@github.com/acme/b.git@v1\n"
        "c @ git+https://me:${GITHUB_TOKEN}@github.com/acme/c.git@v1\n"
    )


def test_a_secret_of_another_kind_gets_another_variable_too() -> None:
    text = (
        f"a @ git+https://me:{PASSWORD}@github.com/acme/a.git@v1\n"
        "b @ git+https://{token:github}@github.com/acme/b.git@v1\n"
    )
    assert fixed(text) == (
        "a @ git+https://me:${GITHUB_TOKEN}@github.com/acme/a.git@v1\n"
        "b @ git+https://${GITHUB_TOKEN_2}@github.com/acme/b.git@v1\n"
    )


def test_a_variable_that_the_file_uses_already_is_not_given_another_value() -> None:
    text = "# GITHUB_TOKEN may be set: ${GITHUB_TOKEN}\na @ git+https://{token:github}@github.com/acme/a.git@v1\n"
    assert "${GITHUB_TOKEN}@" in fixed(text)
    text += "b @ git+https://${GITHUB_TOKEN}@github.com/acme/b.git@v1\n"
    assert "a @ git+https://${GITHUB_TOKEN_2}@" in fixed(text)


def test_user_and_password_of_one_url() -> None:
    line = "core @ git+https://{token:github}:{token:github2}@github.com/acme/core.git@v1\n"
    assert found(line) == [("RQ301", "{token:github}"), ("RQ301", "{token:github2}")]
    assert fixed(line) == "core @ git+https://${GITHUB_TOKEN}:${GITHUB_TOKEN_2}@github.com/acme/core.git@v1\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_nothing_else_changes(ending: str) -> None:
    text = f"# a{ending}{ending}core @ git+https://{{token:github}}@github.com/a/b@v1\t# \u00e9{ending}  idna"
    assert fixed(text) == text.replace("{token:github}", "${GITHUB_TOKEN}")


def test_names_and_hosts_can_be_allowed() -> None:
    line = f"core @ git+https://me:{PASSWORD}@git.internal/acme/core.git@v1\n"
    assert found(line, allow={"RQ302": ["git.internal"]}) == []
    assert found(line, allow={"leaked-password": ["core"]}) == []
    assert found(line, allow={"RQ302": ["git.example.com"], "RQ301": ["core"]}) == [("RQ302", PASSWORD)]


@pytest.mark.parametrize(
    "text",
    [
        "core @ git+https://{token:github}@github.com/acme/core.git@v1  # reqlint: ignore[RQ301] a test's\n",
        "# reqlint: ignore[leaked-token] a test's\ncore @ git+https://{token:github}@github.com/acme/core.git@v1\n",
        "core @ \\\n  git+https://{token:github}@github.com/acme/core.git@v1 \\\n  # reqlint: ignore[RQ301]\n",
        "--find-links \\\n  https://{token:github}@example.com/  # reqlint: ignore[RQ301]\n",
        "# {token:github}  # reqlint: ignore[RQ301]\n",
    ],
)
def test_an_ignore_counts_on_the_whole_entry(text: str) -> None:
    assert found(text) == []


def test_a_file_that_cannot_be_decoded_is_searched_too() -> None:
    from reqlint.config import Configurations
    from reqlint.files import Memory
    from reqlint.formats import FORMATS
    from reqlint.linter import Target

    data = b"# caf\xe9\ncore @ git+https://" + TOKENS["github"].encode() + b"@github.com/acme/core.git\n"
    memory = Memory({"project/requirements.txt": data})
    linter = Linter(memory, Configurations(memory, {"select": [FAMILY]}, isolated=True))
    items = linter.check(linter.load([Target("project/requirements.txt", FORMATS["requirements.txt"])]))
    assert [(item.code, fold(underlined(item))) for item in items] == [("RQ301", "{token:github}")]


def other_format(text: str) -> list[Diagnostic]:
    """The findings in a file of a format in which nothing is expanded, and of which nothing but its name is known."""
    from reqlint.config import Configurations
    from reqlint.files import Memory

    memory = Memory({})
    project = Linter(memory, Configurations(memory, {}, isolated=True)).project
    manifest = Manifest(Source("project/other", expand(text)), "other", "application")
    return [item for rule in (leaked_token, leaked_password, leaked_channel_token) for item in rule(manifest, project)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("url = 'https://me:{token:github}@github.com/a/b'", "url = 'https://github.com/a/b'"),
        ("url = 'https://me:hunter2-8c1f@example.com/'", "url = 'https://example.com/'"),
        ("url = 'https://e.com/?token={token:github}&a=1'", "url = 'https://e.com/?a=1'"),
        ("- https://conda.anaconda.org/t/{token:anaconda}/acme", "- https://conda.anaconda.org/acme"),
        ("# {token:github}", "# <token>"),
        ("token = '{token:github}'", None),
    ],
)
def test_where_no_variable_is_expanded_the_secret_is_taken_out(text: str, expected: str | None) -> None:
    from reqlint.fixes import apply

    (item,) = other_format(text)
    if expected is None:
        assert item.fix is None
        assert "keyring" in item.help
        return
    assert item.fix is not None
    assert item.fix.applicability == "unsafe"
    assert apply(expand(text), [item.fix]) == expected


@pytest.mark.parametrize(
    "line",
    [
        "core @ git+https://{token:github}@github.com/acme/core.git@v1",
        "core @ git+https://{token:github}:{token:gitlab}@github.com/acme/core.git@v1 # {token:github2}",
        "--find-links https://conda.anaconda.org/t/{token:anaconda}/acme/",
        f"-i https://{PASSWORD}:{PASSWORD}@example.com/simple",
    ],
)
def test_nothing_that_is_said_holds_the_secret(line: str) -> None:
    items = check(expand(f"{line}\n"), select=FAMILY) + other_format(line)
    assert items
    bodies = [token[6:] for token in TOKENS.values()] + [PASSWORD]
    for item in items:
        edits = [edit.content for edit in item.fix.edits] if item.fix else []
        said = " ".join([item.message, item.label, item.help, item.dependency or "", repr(item), *edits])
        said += f" {item.fix.message} {item.fix!r}" if item.fix else ""
        assert not any(body in said for body in bodies)


def test_pip_expands_what_the_fix_writes(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from pip._internal.network.session import PipSession
    from pip._internal.req.req_file import parse_requirements

    text = expand("core @ git+https://me:{token:github}@github.com/acme/core.git@v1 ; os_name == 'nt'\n")
    path = tmp_path / "requirements.txt"
    path.write_text(mended(text, True, select=FAMILY), encoding="utf-8")
    monkeypatch.setenv("GITHUB_TOKEN", TOKENS["github"])
    (parsed,) = parse_requirements(str(path), session=PipSession())
    assert parsed.requirement == text.strip()


# Since when the history has it


def git(folder: Path, *arguments: str) -> str:
    author = {"GIT_AUTHOR_DATE": "2026-01-14T09:00:00+0000", "GIT_COMMITTER_DATE": "2026-01-14T09:00:00+0000"}
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, env=process_environment(**author))
    return done.stdout.decode().strip()


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_commit_that_brought_a_secret_is_told(tmp_path: Path) -> None:
    manifest = tmp_path / "requirements.txt"
    manifest.write_text(expand("core @ git+https://{token:github}@github.com/acme/core.git@v1.2.0\n"))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "add core")
    commit = git(tmp_path, "rev-parse", "--short", "HEAD")
    with manifest.open("a") as file:
        file.write(f"--index-url https://build:{PASSWORD}@packages.example.com/simple\n")
    lines = run("--select", "RQ3", cwd=tmp_path).out.splitlines()
    assert lines[0] == (
        "requirements.txt:1:20: error[RQ301] leaked-token: a GitHub personal access token stands in the URL of `core`, "
        f"since commit {commit} of 2026-01-14"
    )
    assert lines[1].endswith("a password stands in the URL of `--index-url`, and is not committed yet")


def test_without_a_history_nothing_is_said_of_one(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(f"--index-url https://build:{PASSWORD}@packages.example.com/simple\n")
    line = run("--select", "RQ3", cwd=tmp_path).out.splitlines()[0]
    assert line.endswith("a password stands in the URL of `--index-url`")


# How a secret is supplied where nothing is expanded: the names are those that the tool itself makes of what the file says


SECRET_URL = f"https://build:{PASSWORD}@packages.example.com/simple"
REPOSITORY = "https://{token:github}@github.com/acme/core.git"
NETRC = "a line `machine packages.example.com login … password …` in `~/.netrc`"


@pytest.mark.parametrize(
    ("path", "text", "supply"),
    [
        (
            "pyproject.toml",
            f'[[tool.poetry.source]]\nname = "acme-py"\nurl = "{SECRET_URL}"\n',
            (
                "`poetry config http-basic.acme-py USERNAME PASSWORD`, or POETRY_HTTP_BASIC_ACME_PY_USERNAME and "
                "POETRY_HTTP_BASIC_ACME_PY_PASSWORD"
            ),
        ),
        (
            "pyproject.toml",
            f'[[tool.poetry.source]]\nname = "acme.py"\nurl = "{SECRET_URL}"\n',
            "`poetry config http-basic.acme.py USERNAME PASSWORD`",
        ),
        (
            "pyproject.toml",
            f'[tool.poetry.dependencies]\nCore = {{git = "{REPOSITORY}", tag = "v1"}}\n',
            (
                "`poetry config repositories.core https://github.com/acme/core.git` and `poetry config http-basic.core "
                "USERNAME PASSWORD`, or POETRY_HTTP_BASIC_CORE_USERNAME and POETRY_HTTP_BASIC_CORE_PASSWORD"
            ),
        ),
        (
            "pyproject.toml",
            f'[[tool.uv.index]]\nname = "acme.py-2"\nurl = "{SECRET_URL}"\n',
            f"UV_INDEX_ACME_PY_2_USERNAME and UV_INDEX_ACME_PY_2_PASSWORD, {NETRC}, or a keyring",
        ),
        (
            "uv.toml",
            f'index-url = "{SECRET_URL}"\n',
            f"giving the index a `name` and setting UV_INDEX_NAME_USERNAME and UV_INDEX_NAME_PASSWORD, or by {NETRC}",
        ),
        (
            "pyproject.toml",
            f'[[tool.pdm.source]]\nname = "acme"\nurl = "https://packages.example.com/simple"\npassword = "{PASSWORD}"\n',
            f"`pdm config pypi.acme.username …` and `pdm config pypi.acme.password …`, {NETRC}, or a keyring",
        ),
        (
            "pixi.toml",
            '[workspace]\nchannels = ["https://conda.anaconda.org/t/{token:anaconda}/acme"]\n',
            "`pixi auth login conda.anaconda.org --conda-token …`",
        ),
        (
            "pixi.toml",
            f'[workspace]\nchannels = ["{SECRET_URL}"]\n',
            "`pixi auth login packages.example.com --username … --password …`",
        ),
        (
            "conda-packages.txt",
            "https://conda.anaconda.org/t/{token:anaconda}/acme/linux-64/core-1.2-0.conda\n",
            "`anaconda login`, or the channel with its token in `~/.condarc`",
        ),
        (
            "setup.cfg",
            f"[options]\ninstall_requires =\n    core @ git+{REPOSITORY}@v1\n",
            (
                "git's credential helper for `github.com`, or a line `machine github.com login … password …` in "
                "`~/.netrc`"
            ),
        ),
    ],
)
def test_the_help_says_how_to_supply_what_is_taken_out(path: str, text: str, supply: str) -> None:
    (found,) = check(expand(text), path=path, select="RQ3")
    assert found.help == f"`--fix --unsafe-fixes` takes it out; supply it by {supply}"


def test_a_url_with_two_secrets_is_not_shown() -> None:
    text = '[tool.poetry.dependencies]\ncore = {git = "https://{token:github}@github.com/acme/core.git?token=8c1f03b7aa92"}\n'
    for found in check(expand(text), path="pyproject.toml", select="RQ3"):
        assert "8c1f03b7aa92" not in found.help
        assert TOKENS["github"] not in found.help
