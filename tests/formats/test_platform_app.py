from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from reqlint.formats import format_of, platform_app
from reqlint.source import Source
from tests.command import run
from tests.support import check, findings, mended

if TYPE_CHECKING:
    from reqlint.model import Manifest

PATH = ".platform.app.yaml"
INSTALLED = {"pipenv": "2024.4.0", "poetry": "1.8.4", "flask": "3.0.3", "pip": "24.0"}


def read(text: str, path: str = PATH) -> Manifest:
    return platform_app.read(Source(path, text), None)


def listed(text: str, path: str = PATH) -> list[tuple[str | None, str | None, str]]:
    return [(item.group.name, item.raw_name, item.specifier) for item in read(text, path).dependencies]


def tool(version: str) -> str:
    """An application that needs one tool in this version."""
    return f"name: app\ntype: 'python:3.12'\ndependencies:\n  python3:\n    pipenv: {version}\n"


def hook(*lines: str) -> str:
    """An application with a build hook of these lines."""
    return "name: app\ntype: 'python:3.12'\nhooks:\n  build: |\n" + "".join(f"    {line}\n" for line in lines)


def named(text: str, path: str = PATH) -> list[str]:
    return [include.path for include in read(text, path).named_files]


@pytest.mark.parametrize(
    "path", [".platform.app.yaml", "api/.platform.app.yaml", ".platform/applications.yaml", ".upsun/config.yaml"]
)
def test_the_name_tells_the_format(path: str) -> None:
    form = format_of(path)
    assert form is not None
    assert form.name == "platform.app.yaml"


@pytest.mark.parametrize("path", ["platform.app.yaml", ".platform/services.yaml", "applications.yaml"])
def test_other_names_do_not(path: str) -> None:
    assert format_of(path) is None


@pytest.mark.parametrize(
    ("version", "specifier"),
    [
        ("'*'", ""),
        ("latest", ""),
        ("'2024.4.0'", "==2024.4.0"),
        ('"2024.4.0"', "==2024.4.0"),
        ("2024.4.0", "==2024.4.0"),
        ("'==2024.4.0'", "==2024.4.0"),
        ("'>=2024,<2025'", ">=2024,<2025"),
        ("'~=2024.4'", "~=2024.4"),
        ("'2024.*'", "==2024.*"),
        ("1.5", "==1.5"),
        ("3", "==3"),
        ("1.10", "==1.10"),
    ],
)
def test_versions(version: str, specifier: str) -> None:
    assert listed(tool(version)) == [("python3", "pipenv", specifier)]


@pytest.mark.parametrize("version", ["true", "", "~", "[1]", "{a: b}"])
def test_what_is_no_version_is_left_alone(version: str) -> None:
    assert findings(tool(version), path=PATH) == []


@pytest.mark.parametrize("version", ["1.10", "2.00", "010"])
def test_a_number_that_is_another_one(version: str) -> None:
    text = tool(version)
    [item] = check(text, path=PATH)
    number = yaml.safe_load(text)["dependencies"]["python3"]["pipenv"]
    assert (item.code, str(number) in item.message, f"`{version}`" in item.message) == ("RQ005", True, True)
    after = mended(text, unsafe=True, path=PATH)
    assert yaml.safe_load(after)["dependencies"]["python3"]["pipenv"] == version
    assert mended(text, path=PATH) == text


@pytest.mark.parametrize("version", ["2.0e+1", "0x10", "1_0", ".5"])
def test_a_number_that_is_no_version_either(version: str) -> None:
    assert isinstance(yaml.safe_load(version), int | float)
    assert findings(tool(version), path=PATH) == [("RQ005", version)]
    assert mended(tool(version), unsafe=True, path=PATH) == tool(version)


@pytest.mark.parametrize("version", ["1.0", "1.1", "3", "'1.10'"])
def test_a_number_that_is_what_it_looks_like(version: str) -> None:
    assert findings(tool(version), path=PATH) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("'*'", "'2024.4.0'"),
        ('"*"', '"2024.4.0"'),
        ("latest", "'2024.4.0'"),
        ("2024.*", "'2024.4.0'"),
        ("'>=2023'  # the tool", "'2024.4.0'  # the tool"),
    ],
)
def test_a_version_is_written_bare_and_in_quotes(before: str, after: str) -> None:
    assert mended(tool(before), path=PATH, environment=INSTALLED) == tool(after)


@pytest.mark.parametrize("version", ["stable", "'^1.2'", "'git+https://example.com/a.git'"])
def test_what_pip_refuses(version: str) -> None:
    assert findings(tool(version), path=PATH) == [("RQ002", version)]


def test_other_languages_are_not_pips() -> None:
    assert (
        listed("dependencies:\n  php:\n    composer/composer: '^2'\n  nodejs: {sharp: '*'}\n  ruby: {sass: '*'}\n")
        == []
    )


def test_all_of_python() -> None:
    text = "dependencies:\n  python: {a: '1'}\n  python2: {b: '1'}\n  python3: {'c[d]': '1'}\n"
    assert listed(text) == [("python", "a", "==1"), ("python2", "b", "==1"), ("python3", "c", "==1")]


APPLICATION = "dependencies: {python3: {uv: '*'}}"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".platform/applications.yaml", f"- name: api\n  {APPLICATION}\n- !include web.yaml\n"),
        (".platform/applications.yaml", f"api:\n  {APPLICATION}\n"),
        (
            ".upsun/config.yaml",
            f"applications:\n  api:\n    {APPLICATION}\nservices:\n  db: {{type: 'postgresql:16'}}\n",
        ),
    ],
)
def test_several_applications(path: str, text: str) -> None:
    assert listed(text, path) == [("api.python3", "uv", "")]


def test_what_is_shared_is_read_once_where_it_stands() -> None:
    text = (
        "x-tools: &tools\n  uv: '*'\napplications:\n  a:\n    dependencies: {python3: *tools}\n"
        "  b:\n    dependencies:\n      python3:\n        <<: *tools\n        poetry: '*'\n"
    )
    path = ".upsun/config.yaml"
    assert listed(text, path) == [("a.python3", "uv", ""), ("b.python3", "poetry", "")]
    after = mended(text, path=path, environment={"uv": "0.5.1", "poetry": "1.8.4"})
    assert after == text.replace("uv: '*'", "uv: '0.5.1'").replace("poetry: '*'", "poetry: '1.8.4'")


def test_unknown_tags_are_no_fault() -> None:
    text = "name: app\nhooks:\n  build: !include\n    type: string\n    path: build.sh\nweb: !archive public\n"
    assert findings(text, path=PATH) == []


def test_what_is_no_yaml() -> None:
    assert [code for code, _ in findings("name: [\n", path=PATH)] == ["RQ001"]


@pytest.mark.parametrize("text", ["", "services: {db: {type: 'redis:7'}}\n", "[]\n", "3\n", "- a\n"])
def test_files_without_an_application(text: str) -> None:
    assert findings(text, path=".upsun/services.yaml") == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pip install flask", ["flask"]),
        ("pip install --upgrade pip", ["pip"]),
        ("pip install pip==24.0 && pip install 'poetry>=1.8'", ["pip==24.0", "poetry>=1.8"]),
        ("python3.12 -m pip install --user pipenv==2024.4.0", ["pipenv==2024.4.0"]),
        ("pipx install poetry", ["poetry"]),
        ("uv tool install ruff==0.5.0", ["ruff==0.5.0"]),
        ("uv pip install flask", ["flask"]),
        ("pipenv install --deploy", []),
        ("poetry install --only main", []),
        ("uv sync --frozen", []),
        ("composer install && npm install left-pad", []),
        ("echo pip install flask", []),
        ("# pip install flask", []),
    ],
)
def test_commands_of_hooks(line: str, found: list[str]) -> None:
    assert [item.text for item in read(hook(line)).dependencies] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hooks:\n  deploy: pip install flask\n", ["flask"]),
        ("hooks:\n  post_deploy: 'pip install flask'\n", ["flask"]),
        ('hooks:\n  build: "pip install flask"\n', ["flask"]),
        ("hooks:\n  build: >\n    pip install\n    flask\n", ["flask"]),
        ("hooks:\n  build: |-\n    set -e\n    pip install flask", ["flask"]),
        ("hooks: pip install flask\n", []),
    ],
)
def test_how_hooks_are_written(text: str, found: list[str]) -> None:
    manifest = read(text)
    assert [text[slice(*item.span)] for item in manifest.dependencies] == found


def test_a_pin_in_a_hook() -> None:
    text = hook("pip install --upgrade pip", "pip install flask  # web")
    after = mended(text, path=PATH, environment=INSTALLED)
    assert after == hook("pip install --upgrade pip==24.0", "pip install flask==3.0.3  # web")


def test_a_variable_that_the_application_sets() -> None:
    text = "variables:\n  env:\n    PIP_VERSION: 22.0.4\n" + hook("pip install pip==$PIP_VERSION")
    assert findings(text, path=PATH) == []
    other = hook("pip install pip==$PIP_VERSION")
    assert [code for code, _ in findings(other, path=PATH)] == ["RQ111"]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["pip install -r requirements.txt"], ["requirements.txt"]),
        (["pip install -r requirements.txt -c limits.txt"], ["requirements.txt", "limits.txt"]),
        (["pip install -r deploy/python.list"], ["deploy/python.list"]),
        (["pip install -r ${FILE}"], []),
        (["pip install -r /tmp/requirements.txt"], []),
        (["cd api", "pip install -r requirements.txt"], []),
        (["pip install -r a.txt", "cd api", "pip install -r b.txt"], ["a.txt"]),
        (["poetry export -o requirements.txt", "pip install -r requirements.txt"], []),
        (["[ -f requirements.txt ] && pip install -r requirements.txt"], []),
        (["git clone https://git.example.com/a.git", "pip install -r a/requirements.txt"], []),
    ],
)
def test_files_that_hooks_install_from(lines: list[str], found: list[str]) -> None:
    assert named(hook(*lines)) == found


@pytest.mark.parametrize(
    ("path", "root", "found"),
    [
        (PATH, None, ["requirements.txt"]),
        (PATH, "/", ["requirements.txt"]),
        (PATH, "api", []),
        (".upsun/config.yaml", None, ["../requirements.txt"]),
        (".upsun/config.yaml", "/", ["../requirements.txt"]),
        (".upsun/config.yaml", "backend", ["../backend/requirements.txt"]),
        (".platform/applications.yaml", "/backend", ["../backend/requirements.txt"]),
    ],
)
def test_where_hooks_run(path: str, root: str | None, found: list[str]) -> None:
    body = "" if root is None else f"    source: {{root: '{root}'}}\n"
    text = f"applications:\n  app:\n{body}    hooks: {{build: pip install -r requirements.txt}}\n"
    assert named(text, path) == found


def test_files_under_any_name_are_checked_and_those_that_lack_reported(tmp_path: Path) -> None:
    (tmp_path / PATH).write_text(hook("pip install -r deploy/python.list -r none.txt"))
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "python.list").write_text("flask\n")
    found = [line.split(" ", 2)[:2] for line in run(cwd=tmp_path).out.splitlines()[:-1]]
    place = os.path.join("deploy", "python.list")
    assert found == [[f"{PATH}:5:42:", "error[RQ006]"], [f"{place}:1:1:", "error[RQ101]"]]


def test_an_ignore_comment() -> None:
    text = tool("'*'  # reqlint: ignore[RQ101] the newest on purpose")
    assert findings(text, path=PATH) == []
