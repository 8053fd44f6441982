from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from reqlint.formats import format_of, nebari_config
from reqlint.source import Source
from tests.support import TOKENS, check, findings, mended

if TYPE_CHECKING:
    from reqlint.model import Manifest

PATH = "nebari-config.yaml"


def read(text: str) -> Manifest:
    return nebari_config.read(Source(PATH, text), None)


def config(*environments: str) -> str:
    """A configuration with environments of these dependencies, each as the lines of a list."""
    text = "provider: aws\nenvironments:\n"
    for number, lines in enumerate(environments):
        text += f"  environment-{number}.yaml:\n    name: env{number}\n    channels: [conda-forge]\n    dependencies:\n"
        text += "".join(f"      {line}\n" for line in lines.splitlines())
    return text


@pytest.mark.parametrize("path", [PATH, "deploy/nebari-config.yml", "qhub-config.yaml", "nebari-config-dev.yaml"])
def test_the_name_tells_the_format(path: str) -> None:
    form = format_of(path)
    assert form is not None
    assert form.name == "nebari-config.yaml"


def test_each_environment_is_a_group() -> None:
    manifest = read(config("- numpy=1.26", "- pandas=2.2\n- pip:\n  - kagglehub==0.3.4"))
    assert [(item.group.name, item.name, item.ecosystem) for item in manifest.dependencies] == [
        ("environment-0.yaml", "numpy", "conda"),
        ("environment-1.yaml", "pandas", "conda"),
        ("environment-1.yaml", "kagglehub", "pypi"),
    ]
    assert {item.group.role for item in manifest.dependencies} == {"application"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "provider: aws\n",
        "environments:\n",
        "environments: [a, b]\n",
        "environments: {a: b}\n",
        "environments: {a.yaml: {name: a, dependencies: }}\n",
        "environments: {a.yaml: {name: a, dependencies: numpy}}\n",
        "[]\n",
    ],
)
def test_nothing_to_read(text: str) -> None:
    assert findings(text, path=PATH) == []


def test_what_is_no_yaml() -> None:
    assert [code for code, _ in findings("environments: [\n", path=PATH)] == ["RQ001"]


@pytest.mark.parametrize(
    "environments",
    [
        ("- numpy=1.25", "- numpy=1.26"),
        ("- numpy=1.25", "- numpy=1.25"),
        ("- numpy=1.26", "- pip\n- pip:\n  - numpy==1.25.0"),
        (
            "- pip:\n  - a @ git+https://github.com/acme/a.git@v1",
            "- pip:\n  - b @ git+https://github.com/acme/a.git@v2#subdirectory=b",
        ),
    ],
)
def test_environments_of_one_file_have_nothing_to_do_with_each_other(environments: tuple[str, ...]) -> None:
    assert findings(config(*environments), path=PATH) == []


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ("- numpy=1.26\n- numpy=1.26", "RQ403"),
        ("- numpy=1.25\n- numpy=1.26", "RQ404"),
        ("- numpy=1.25\n- pip\n- pip:\n  - numpy==1.26.0", "RQ402"),
        ("- numpy=1.26\n- pip\n- pip:\n  - numpy==1.26.0", "RQ401"),
        (
            "- pip:\n  - a @ git+https://github.com/acme/a.git@v1\n  - b @ git+https://github.com/acme/a.git@v2",
            "RQ210",
        ),
    ],
)
def test_what_one_environment_asks_for_twice(environment: str, code: str) -> None:
    assert [found for found, _ in findings(config("- scipy=1.14", environment), path=PATH)] == [code]


def test_conda_lock_adds_pip_and_takes_all_lists() -> None:
    text = config("- python=3.12\n- pip:\n  - flask\n- pip:\n  - django")
    assert findings(text, path=PATH) == [("RQ101", "flask"), ("RQ101", "django")]


def test_repositories_need_a_tag_or_commit() -> None:
    lines = "- pip:\n  - a @ git+https://github.com/acme/a.git\n  - b @ git+https://github.com/acme/b.git@main"
    assert [code for code, _ in findings(config(lines), path=PATH)] == ["RQ201", "RQ202"]


@pytest.mark.parametrize("token", ["github", "gitlab"])
def test_a_token_is_taken_out_since_conda_store_replaces_no_variables(token: str) -> None:
    text = config(f"- pip:\n  - a @ git+https://oauth2:{TOKENS[token]}@git.example.com/acme/a.git@v1")
    [item] = check(text, path=PATH)
    assert item.code == "RQ301"
    assert TOKENS[token] not in item.message + item.help
    after = mended(text, unsafe=True, path=PATH)
    assert after == config("- pip:\n  - a @ git+https://git.example.com/acme/a.git@v1")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- pip:\n  - flask  # web\n  - idna==3.7", "- pip:\n  - flask==3.0.3  # web\n  - idna==3.7"),
        ("- pip:\n  - 'flask>=2'", "- pip:\n  - 'flask==3.0.3'"),
        ("- {pip: [flask, idna==3.7]}", "- {pip: [flask==3.0.3, idna==3.7]}"),
    ],
)
def test_a_pin_in_an_embedded_environment(before: str, after: str) -> None:
    text = mended(config("- scipy=1.14", before), path=PATH, environment={"flask": "3.0.3"})
    assert text == config("- scipy=1.14", after)
    assert yaml.safe_load(text) == yaml.safe_load(config("- scipy=1.14", after))


def test_what_a_machine_left_behind() -> None:
    text = config("- numpy=1.26") + "    prefix: /home/ada/envs/x\n"
    assert findings(text, path=PATH) == [("RQ706", "prefix: /home/ada/envs/x")]
    assert mended(text, path=PATH) == config("- numpy=1.26")


def test_an_ignore_comment() -> None:
    assert findings(config("- numpy  # reqlint: ignore[RQ101] the newest on purpose"), path=PATH) == []


def test_an_environment_that_is_shared_by_an_anchor() -> None:
    text = (
        "environments:\n  a.yaml:\n    name: a\n    dependencies: &all\n      - numpy\n"
        "  b.yaml:\n    name: b\n    dependencies: *all\n"
    )
    assert findings(text, path=PATH) == [("RQ101", "numpy")]
