"""The secrecy law: no secret, and no part of one that is longer than its public prefix, in anything that is written.

Secrets of every kind stand in every place, and every way of running the command is tried. Tokens are put together here, so
that no scanner of secrets stops a commit.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from reqlint.config import OUTPUT_FORMATS
from reqlint.diagnostic import Diagnostic
from reqlint.fixes import Edit, Fix
from reqlint.formats import format_of
from reqlint.model import Manifest
from reqlint.output import Report, render
from reqlint.project import Project
from reqlint.redaction import Redactor
from reqlint.registry import Rule, rules
from reqlint.source import Source
from tests import support
from tests.command import Result, run, run_process

#: What may be seen of a secret: parts of fewer characters than this.
LONG = 8

# Each as (what all such tokens begin with, the secret part); the first two end in their checksum.
SECRETS = {
    "github": ("ghp_", "reqlintSyntheticTestVector0001" + "3q29UP"),
    "github-fine": (
        "github_pat_",
        "11ABCDEFG0" + "aZ9bY8cX7dW6" + "_" + "eV5fU4gT3hS2iR1jQ0kP9lO8mN7nM6oL5pK4qJ3rI2sH1tG0uF9v",
    ),
    "gitlab": ("glpat-", "bzoxCnU6MQABAgMEBQYHCAkKCwwNDg8Q" + ".01.0w1wlk8x2"),
    "pypi": ("pypi-", "AgEIcHlwaS5vcmc" + "CJDk4ZTc2YWJjLWRlZjAtMTIzNC01Njc4LTlhYmNkZWYwMTIzNAACKlszLCJ" + "xYzVhZGE5"),
    "huggingface": ("hf_", "QwErTyUiOpAsDfGhJkLz" + "XcVbNmQwErTyUi"),
    "npm": ("npm_", "aB3dE5fG7hJ9kL1mN3pQ" + "5rS7tU9vW1xY3zA5"),
    "jwt": (
        "eyJ",
        "hbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    ),
    "anaconda": ("", "an-0f1e2d3c" + "-4b5a-6978" + "-8796-a5b4c3d2e1f0"),
    "password": ("", "Tr0ub4dor" + "&3-Zebra-Lamp"),
    "short": ("", "letme1n-" + "9d2e"),  # not the one in the documentation of a rule, which `sarif` prints
    "encoded": ("", "p%40ss" + "w%2Frd-9z8y7x"),
}
TOKENS = ("github", "github-fine", "gitlab", "pypi", "huggingface", "npm")  # which are told wherever they stand

URL_PLACES = {
    "password": "name @ git+https://user:{secret}@git.example.com/o/r.git\n",
    "both": "--index-url https://{secret}:{secret}@packages.example.com/simple\n",
    "editable": "-e git+https://user:{secret}@git.example.com/o/r.git@main#egg=r\n",
    "cut editable": "-e name @ git+https://user:{secret}@git.example.com/o/r.git@v1.0\n",
    "unencrypted": "name @ git+http://user:{secret}@git.example.com/o/r.git@0123456\n",
    "bare": "https://user:{secret}@files.example.com/a.zip\n",
    "option line": "--extra-index-url=https://user:{secret}@packages.example.com/simple --find-links https://u:{secret}@x.example/\n",
    "refused option": "flask==1.0 --proxy https://user:{secret}@proxy.example.com\n",
    "unknown option": "--nonsense=https://user:{secret}@x.example/\n",
    "include": "-r https://user:{secret}@files.example.com/requirements.txt\n",
    "include with an equals sign": "-r=https://user:{secret}@files.example.com/requirements.txt\n",
    "ignored text": "--pre name @ https://user:{secret}@files.example.com/a.zip\n",
    "behind a swallowing comment": "# a \\\nname @ https://user:{secret}@files.example.com/a.zip\n",
    "invalid requirement": "name @@ https://user:{secret}@files.example.com/a.zip ???\n",
    "single equals": "name=https://user:{secret}@files.example.com/a.zip\n",
    "not a path": "https://user:{secret}@git.example.com/o/r\n",
    "quoted": '"name @ https://user:{secret}@files.example.com/a.zip",\n',
    "over two lines": "name @ \\\n  https://user:{secret}@files.example.com/a.zip\n",
    "comment": "flask  # pip install https://user:{secret}@files.example.com/a.zip\n",
    "twice": "a @ https://user:{secret}@x.example/a.zip\na @ https://user:{secret}@x.example/b.zip\n",
    "unknown ignore": "flask  # reqlint: ignore[https://user:{secret}@x.example/]\n",
    "merge conflict": "<<<<<<< a\nname @ https://user:{secret}@x.example/a.zip\n=======\nname\n>>>>>>> https://user:{secret}@x.example/\n",
    "list of packages": "Package Version\n------- -------\nflask 1.0 https://user:{secret}@x.example/\n",
    "with variables": "--index-url https://${{user}}:{secret}@packages.example.com/simple\n",
    "trusted host": "--trusted-host https://user:{secret}@packages.example.com\n",
}
TOKEN_PLACES = {
    "user": "name @ git+https://{secret}@git.example.com/o/r.git@v1.0\n",
    "no URL": "user:{secret}@git.example.com/o/r\n",
    "path": "name @ https://files.example.com/{secret}/a.zip\n",
    "query": "name @ https://files.example.com/a.zip?token={secret}\n",
    "fragment": "name @ git+https://git.example.com/o/r.git@v1#egg=r&token={secret}\n",
    "ref": "name @ git+https://git.example.com/o/r.git@{secret}\n",
    "scp": "git+ssh://{secret}@git.example.com:o/r.git\n",
    "comment": "# {secret}\nflask  # token {secret}\n",
    "name": "{secret}\n{secret}==1.0\n{secret}=1.0\n",
    "extra": "flask[{secret}]\n",
    "version": "flask=={secret}\nflask>={secret}\n",
    "local version": "flask==1.0+{secret}\n",
    "marker": "flask ; python_version > '{secret}'\nflask ; {secret} > '3'\n",
    "hash": "flask==1.0 --hash={secret}\nflask==1.0 --hash=sha256:{secret}\n",
    "include path": "-r {secret}.txt\n-c folder/{secret}/a.txt\n-r={secret}\n",
    "option": "--{secret}\n--index-url {secret}\n--pre {secret}\n",
    "path requirement": "./{secret}/project\nfolder/{secret}\nfile:///home/{secret}/a.whl\n",
    "ignore": "flask # reqlint: ignore[{secret}]\n",
    "shell": "export TOKEN={secret}\npip install {secret}\n",
    "joined lines": "flask \\\n{secret}\n",
    "control characters": "flask==\x1b[31m {secret}\x07\n",
}


def leaks(text: str, secret: str) -> str | None:
    """A part of a secret in a text that is too long to be seen, if there is one."""
    for start in range(len(secret) - LONG + 1):
        if secret[start : start + LONG] in text:
            return secret[start : start + LONG]
    return None


def assert_silent(result: Result, secret: str, what: str) -> None:
    for name, text in (("stdout", result.out), ("stderr", result.err)):
        part = leaks(text, secret)
        assert part is None, (
            f"{what}: {len(part or '')} characters of the secret on {name}:\n{text.replace(secret, '<SECRET>')}"
        )
    assert "internal-error" not in result.out, f"{what}\n{result.out}"
    assert "fault of reqlint" not in result.err, f"{what}\n{result.err}"


RUNS: list[list[str]] = [
    *(["--output-format", name] for name in OUTPUT_FORMATS),
    ["--output-format", "full", "--color", "always"],
    ["--diff"],
    ["--diff", "--unsafe-fixes"],
    ["--show-dependencies"],
    ["--show-dependencies", "--output-format", "json"],
    ["--show-settings"],
    ["--show-files", "--output-format", "json"],
    ["--statistics"],
    ["-v"],
    ["--write-ignores", "--diff"],
    ["--write-baseline", "base.json"],
    ["--baseline", "base.json", "-v", "--output-format", "full"],
]


def try_all(folder: Path, name: str, secret: str, what: str) -> None:
    """Run over a file in every way there is; every file that is left but that one is looked at as well."""
    original = (folder / name).read_bytes()
    narrow = {"COLUMNS": "50"}
    for arguments in RUNS:
        env = narrow if "always" in arguments else {}
        result = run("--select", "ALL", *arguments, ".", cwd=folder, env=env)
        assert result.code in (0, 1), f"{what}: {result}"
        assert_silent(result, secret, f"{what}: {arguments}")
    for arguments in (["--fix"], ["--fix", "--unsafe-fixes", "-v", "--output-format", "full"]):
        assert_silent(run("--select", "ALL", *arguments, ".", cwd=folder), secret, f"{what}: {arguments}")
        (folder / name).write_bytes(original)
    run("--select", "ALL", "--output-format", "full", "--output-file", "report", ".", cwd=folder)
    for path in folder.rglob("*"):
        if path.is_file() and path.name != name:
            assert leaks(path.read_text(encoding="utf-8"), secret) is None, f"{what}: in {path.name}"


@pytest.mark.parametrize("kind", SECRETS)
def test_secrets_in_urls(tmp_path: Path, kind: str) -> None:
    public, body = SECRETS[kind]
    text = "".join(template.format(secret=public + body) for template in URL_PLACES.values())
    (tmp_path / "requirements.txt").write_text(text, encoding="utf-8")
    try_all(tmp_path, "requirements.txt", body, kind)


@pytest.mark.parametrize("place", URL_PLACES)
def test_each_place_in_a_file_of_its_own(tmp_path: Path, place: str) -> None:
    """So that one place is not covered by what was found in another."""
    for kind in ("password", "github"):
        public, body = SECRETS[kind]
        (tmp_path / "requirements.txt").write_text(URL_PLACES[place].format(secret=public + body), encoding="utf-8")
        try_all(tmp_path, "requirements.txt", body, f"{kind} in {place}")


@pytest.mark.parametrize("place", TOKEN_PLACES)
def test_tokens_are_told_wherever_they_stand(tmp_path: Path, place: str) -> None:
    for kind in ("github", "gitlab"):
        public, body = SECRETS[kind]
        (tmp_path / "requirements.txt").write_text(TOKEN_PLACES[place].format(secret=public + body), encoding="utf-8")
        try_all(tmp_path, "requirements.txt", body, f"{kind} in {place}")


@pytest.mark.parametrize("kind", TOKENS)
def test_all_tokens_in_all_places(tmp_path: Path, kind: str) -> None:
    public, body = SECRETS[kind]
    text = "".join(template.format(secret=public + body) for template in TOKEN_PLACES.values())
    (tmp_path / "requirements.txt").write_text(text, encoding="utf-8")
    try_all(tmp_path, "requirements.txt", body, kind)


OTHER_FORMATS = {
    "pyproject.toml": """\
[project]
name = "x"
dependencies = [
  "name @ git+https://user:{secret}@git.example.com/o/r.git@v1.0",
  "name @@ https://user:{secret}@files.example.com/a.zip ???",
  "flask",  # https://user:{secret}@files.example.com/a.zip
]
[project.optional-dependencies]
"a" = ["name @ https://user:{secret}@files.example.com/a.zip"]
[tool.uv]
index-url = "https://user:{secret}@packages.example.com/simple"
[[tool.uv.index]]
url = "https://user:{secret}@packages.example.com/simple"
[tool.poetry.dependencies]
name = {{ git = "https://user:{secret}@git.example.com/o/r.git", branch = "main" }}
[[tool.poetry.source]]
url = "https://user:{secret}@packages.example.com/simple"
""",
    "environment.yml": """\
channels:
  - https://conda.example.com/t/{secret}/channel
  - https://user:{secret}@conda.example.com/channel
dependencies:
  - https://user:{secret}@conda.example.com/a-1.0-0.conda
  - user:{secret}@ :: a ==== 1
  - pip:
    - name @ git+https://user:{secret}@git.example.com/o/r.git
    - --extra-index-url https://user:{secret}@packages.example.com/simple
    - name @@ https://user:{secret}@files.example.com/a.zip ???
""",
    "setup.cfg": """\
[options]
install_requires =
    name @ git+https://user:{secret}@git.example.com/o/r.git
    name @@ https://user:{secret}@files.example.com/a.zip ???
dependency_links = https://user:{secret}@files.example.com/
""",
    "setup.py": """\
from setuptools import setup
URL = "https://user:{secret}@git.example.com/o/r.git"
setup(
    install_requires=["name @ git+https://user:{secret}@git.example.com/o/r.git", "name @ git+" + URL],
    extras_require={{"a": ["name @@ https://user:{secret}@files.example.com/a.zip ???"]}},
    dependency_links=["https://user:{secret}@files.example.com/"],
)
""",
    "Pipfile": """\
[[source]]
url = "https://user:{secret}@packages.example.com/simple"
[packages]
name = {{ git = "https://user:{secret}@git.example.com/o/r.git", ref = "main" }}
other = "https://user:{secret}@files.example.com/a.zip"
""",
    "conda-packages.txt": "https://user:{secret}@conda.example.com/a-1.0-0.conda\nuser:{secret}@x::a ==== 1\n",
    "broken/pyproject.toml": '[project]\ndependencies = ["name @ https://user:{secret}@files.example.com/a.zip"\n',
    "broken/environment.yml": "dependencies: [ - https://user:{secret}@files.example.com/a.zip\n",
    "broken/setup.py": 'setup(install_requires=["name @ https://user:{secret}@files.example.com/a.zip"\n',
    "broken/setup.cfg": "install_requires = name @ https://user:{secret}@files.example.com/a.zip\n",
}


@pytest.mark.parametrize("name", OTHER_FORMATS)
@pytest.mark.parametrize("kind", ["github", "password", "short"])
def test_in_other_formats(tmp_path: Path, name: str, kind: str) -> None:
    if format_of(name) is None:
        pytest.skip("not read yet")
    public, body = SECRETS[kind]
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(OTHER_FORMATS[name].format(secret=public + body), encoding="utf-8")
    try_all(path.parent, path.name, body, f"{kind} in {name}")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "broken"])
def test_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    public, body = SECRETS["github"]
    text = f"# é\nname @ git+https://{public}{body}@github.com/o/r.git\n"
    data = text.encode() + b"\xff\xfe" if encoding == "broken" else text.encode(encoding)
    (tmp_path / "requirements.txt").write_bytes(data)
    try_all(tmp_path, "requirements.txt", body, encoding)
    # Of UTF-16 that is not known to be any, no character may come through either.
    shown = run("--output-format", "full", cwd=tmp_path).out
    assert leaks("".join(letter for letter in shown if letter.isascii() and letter.isalnum()), body) is None


@pytest.mark.skipif(os.name != "posix", reason="names that only POSIX has")
@pytest.mark.parametrize("kind", ["github", "gitlab", "huggingface"])
def test_a_secret_as_the_name_of_a_file(tmp_path: Path, kind: str) -> None:
    public, body = SECRETS[kind]
    name = f"{public}{body}-requirements.txt"
    (tmp_path / name).write_text("flask\nrequests=1\n--index-url https://${token}@x.example/simple\n")
    for arguments in [*RUNS, ["--fix", "-v"]]:
        assert_silent(run(*arguments, cwd=tmp_path), body, f"{arguments}")
        assert_silent(run(name, *arguments, cwd=tmp_path), body, f"named, {arguments}")
    os.mkdir(tmp_path / f"{public}{body}")
    (tmp_path / f"{public}{body}" / "requirements.txt").write_text("-r ../missing.txt\n")
    (tmp_path / f"{public}{body}" / "reqlint.toml").write_text("exclude = []\n")
    for arguments in RUNS:
        assert_silent(run(*arguments, cwd=tmp_path), body, f"{arguments}")


def test_a_secret_that_only_an_included_file_holds(tmp_path: Path) -> None:
    public, body = SECRETS["password"]
    (tmp_path / "requirements.txt").write_text("-r base.txt\nname==1.0\n")
    (tmp_path / "base.txt").write_text(f"name @ https://user:{public}{body}@files.example.com/a.zip\n")
    for arguments in RUNS:
        assert_silent(run("requirements.txt", *arguments, cwd=tmp_path), body, f"{arguments}")


@pytest.mark.parametrize("kind", ["github", "password"])
def test_on_every_path_where_something_goes_wrong(tmp_path: Path, kind: str) -> None:
    public, body = SECRETS[kind]
    secret = public + body
    url = f"https://user:{secret}@files.example.com/requirements.txt"
    (tmp_path / "requirements.txt").write_text(f"--index-url {url}\nname @@ {url}\nflask\n")
    calls: list[list[str]] = [
        [url],
        ["--config", url],
        ["--python", url],
        ["--select", url],
        ["--ignore", f"RQ1,{url}"],
        ["--explain", url],
        ["--output-format", url],
        ["--output-file", f"missing/{url}"],
        ["--fail-on", url],
        ["--color", url],
        ["--stdin-filename", url],
        ["--stdin-filename", url + ".md", "-"],
        [f"--nonsense={url}"],
    ]
    for arguments in calls:
        result = run(*arguments, cwd=tmp_path)
        assert result.code == 2, f"{arguments[0]}: {result}"
        assert leaks(result.out + result.err, body) is None, arguments[0]
    assert_silent(run(cwd=tmp_path, env={"REQLINT_OUTPUT_FORMAT": url}), body, "REQLINT_OUTPUT_FORMAT")
    for arguments in RUNS:
        result = run("--stdin-filename", url, *arguments, "-", cwd=tmp_path, stdin=b"flask\nb=1\n")
        assert_silent(result, body, f"--stdin-filename, {arguments}")
    for content in (
        f'select = ["{url}"]\n',
        f'"{url}" = 1\n',
        f'python = "{url}"\n',
        f'[severity]\nRQ101 = "{url}"\n',
        f'[pin]\n"{url}" = "exact"\n',
        f'[extend-include]\n"*" = "{url}"\n',
        f'output-format = "{url}"\n',
        f"a = {url}\n",
        f'"{url}" = 1\n"{url}" = 2\n',
    ):
        (tmp_path / "reqlint.toml").write_text(content)
        result = run(cwd=tmp_path)
        assert result.code == 2, content.replace(secret, "<SECRET>")
        assert leaks(result.out + result.err, body) is None, content.replace(secret, "<SECRET>")
    (tmp_path / "reqlint.toml").unlink()
    for target, error in (
        ("os.fsync", OSError(errno.ENOSPC, secret, secret)),
        ("os.replace", PermissionError(errno.EACCES, f"no {url}", url)),
        ("reqlint.linter.Linter.check", RuntimeError(secret)),
        ("reqlint.output.summary", RuntimeError(url)),
        ("reqlint.formats.requirements_txt.read", ValueError(secret)),
    ):
        with mock.patch(target, side_effect=error):
            result = run("--fix", "--unsafe-fixes", cwd=tmp_path)
        assert leaks(result.out + result.err, body) is None, target


@pytest.mark.parametrize("kind", ["github", "password"])
def test_a_rule_that_says_too_much(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The net below the rules: a secret, and a piece of one, in every text that a rule can give."""
    public, body = SECRETS[kind]
    secret = public + body

    def blab(manifest: Manifest, _project: Project) -> Iterator[Diagnostic]:
        for words in (secret, body, body[2:14], body[-12:], f"x{secret}x"):
            yield Diagnostic(
                manifest.source,
                (0, 5),
                f"message {words}",
                label=f"label {words}",
                help=f"help {words}\nand {words}",
                fix=Fix(f"fix {words}", [Edit(0, 5, f"# {words}")], "unsafe"),
                dependency=secret,
                group=secret,
            )
        raise ValueError(secret)

    monkeypatch.setattr("reqlint.registry._rules", dict(rules()))
    rules()["RQ998"] = Rule("RQ998", "test", "error", "manifest", blab, fix="unsafe", default=True, kinds=())
    (tmp_path / "requirements.txt").write_text(
        f"flask\n--index-url https://user:{secret}@packages.example.com/simple\n"
    )
    for arguments in [*RUNS, ["--fix", "--unsafe-fixes", "-v"]]:
        result = run("--select", "RQ998", *arguments, cwd=tmp_path)
        assert leaks(result.out + result.err, body) is None, f"{arguments}\n{result}".replace(secret, "<SECRET>")


def test_temporary_files_hold_no_more_than_the_file_itself(tmp_path: Path) -> None:
    public, body = SECRETS["github"]
    (tmp_path / "requirements.txt").write_text(f"a @ git+https://{public}{body}@github.com/o/r.git@v1\n")
    written: list[str] = []
    replace = os.replace

    def look(source: str, target: str) -> None:
        written.append(Path(source).name)
        replace(source, target)

    with mock.patch("os.replace", side_effect=look):
        run("--fix", "--unsafe-fixes", "--output-file", "report", cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report", "requirements.txt"]
    assert len(written) == 2
    assert leaks((tmp_path / "requirements.txt").read_text(), body) is None


def test_a_real_process_keeps_the_law(tmp_path: Path) -> None:
    public, body = SECRETS["github"]
    text = "".join(template.format(secret=public + body) for template in TOKEN_PLACES.values())
    (tmp_path / "requirements.txt").write_text(text, encoding="utf-8")
    for arguments in (["--output-format", "full"], ["--fix", "--unsafe-fixes", "-v"]):
        assert_silent(run_process("--select", "ALL", *arguments, cwd=tmp_path), body, f"{arguments}")


# The net itself


def test_the_redactor_replaces_wholes_and_parts() -> None:
    public, body = SECRETS["github"]
    redact = Redactor([Source("a", f"https://{public}{body}@github.com/")])
    assert redact(f"a {public}{body} b") == f"a ghp_{'*' * len(body)} b"
    assert redact(f"a {body[3:20]} b") == f"a {'*' * 17} b"
    assert redact(body[:7]) == body[:7]
    assert redact("nothing of it") == "nothing of it"
    assert redact.holds_secret(body[5:15])
    assert not redact.holds_secret("requests==2.0")


def test_the_redactor_knows_tokens_that_no_file_holds() -> None:
    public, body = SECRETS["gitlab"]
    assert leaks(Redactor([])(f"x {public}{body} y"), body) is None


def test_a_password_that_holds_a_common_word_does_not_hide_file_names() -> None:
    redact = Redactor([Source("requirements.txt", "https://user:requirements-of-2024@x.example/")])
    assert redact.word("/project/requirements.txt") == "/project/requirements.txt"


def test_a_short_password_hides_no_other_word() -> None:
    redact = Redactor([Source("requirements-dev.txt", "https://user:dev@x.example/")])
    assert redact("it says dev, for development of dev-tools") == "it says ***, for development of ***-tools"
    assert redact.word("requirements-dev.txt") == "requirements-dev.txt"


def test_a_secret_is_masked_wherever_else_it_stands_in_its_file(tmp_path: Path) -> None:
    public, body = SECRETS["password"]
    text = f"--index-url https://user:{public}{body}@packages.example.com/simple\nflask  # the password is {public}{body}\n"
    (tmp_path / "requirements.txt").write_text(text)
    try_all(tmp_path, "requirements.txt", body, "in a comment")


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_every_format_of_an_empty_report_is_silent(name: str) -> None:
    assert "secret" not in render(name, Report([], [], Redactor([])))


@pytest.mark.parametrize("name", ["json", "json-lines", "github", "azure", "rdjson", "sarif", "gitlab", "junit"])
def test_a_token_in_the_name_of_the_current_directory(tmp_path: Path, name: str) -> None:
    token = support.TOKENS["github"]
    (tmp_path / token / "api").mkdir(parents=True)
    (tmp_path / token / "requirements.txt").write_text("flask\n")
    for arguments in (["."], ["--show-files"], ["--show-dependencies"], ["--show-settings"]):
        out = run(*arguments, "--output-format", name, cwd=tmp_path / token).out
        assert "flask" in out or "requirements.txt" in out
        assert token[8:] not in out
