"""The hooks that pre-commit is offered: which files it hands over, and that what it starts is there."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from identify import identify
from pre_commit.clientlib import load_manifest  # type: ignore[import-untyped]

from reqlint.cli import main
from reqlint.formats import FORMATS, Format, format_of

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}
FILES: re.Pattern[str] = re.compile(HOOKS["reqlint"]["files"])

GOOD = """
requirements.txt
requirements.in
requirements.pip
requirement.txt
Requirements.txt
REQUIREMENTS.TXT
requirements-dev.txt
requirements_dev.txt
requirements.dev.txt
requirements.lock.txt
requirements3.txt
requirements-py3.12-linux.txt
dev-requirements.txt
dev_requirements.txt
dev.requirements.in
test-requirements-py312.txt
services/api/requirements.txt
requirements/base.txt
requirements/base.in
requirements/prod.pip
requirements/edx/base.txt
requirements.d/development.txt
deep/in/the/tree/requirements/prod.txt
constraints.txt
constraint.txt
constraints.in
constraints-3.12.txt
constraints-3.12/constraints.txt
upper-constraints.txt
pip-packages.txt
pip-packages-dev.txt
docs/pip-packages.txt
pyproject.toml
libs/core/pyproject.toml
setup.py
setup.cfg
Pipfile
uv.toml
hatch.toml
pixi.toml
environment.yml
environment.yaml
environment-dev.yml
dev-environment.yml
conda/environment.lock.yml
env.yml
envs/ci.yaml
environments/dask.yaml
conda_env.yml
conda-packages.txt
conda_packages-cpu.txt
spec-file.txt
conda-spec-file-linux.txt
explicit.txt
poetry.lock
uv.lock
pdm.lock
pdm.linux.lock
pixi.lock
Pipfile.lock
pylock.toml
pylock.dev.toml
conda-lock.yml
dev.conda-lock.yaml
conda-linux-64.lock
conda-osx-arm64.lock
tox.ini
tox-ci.ini
tox.toml
noxfile.py
.pre-commit-config.yaml
cortex.yaml
Dockerfile
dockerfile
Dockerfile.dev
Dockerfile-cpu
Dockerfile.j2
deploy/Containerfile
api.dockerfile
api.Dockerfile
.devcontainer/Dockerfile
.github/workflows/ci.yml
.github/workflows/release.yaml
.gitea/workflows/ci.yml
.forgejo/workflows/ci.yaml
action.yml
.github/actions/setup/action.yaml
.platform.app.yaml
api/.platform.app.yaml
.platform/applications.yaml
.upsun/config.yaml
nebari-config.yaml
nebari-config-dev.yml
qhub-config.yaml
dependencies.sh
services/api/dependencies.sh
flow.py
setup.py
services/api/poetry.lock
""".split()

BAD = """
README.txt
notes.txt
robots.txt
requirements
requirements.md
requirements.rst
requirements.txt.bak
requirements.txt~
requirements.txt/notes.md
requirements.yml
requirements.yaml
requirements.toml
requirements.html
requirementstxt
requirements_txt
myrequirements.txt
requirementsdev.txt
norequirements/base.txt
requirements-old/base.txt
requirements/README.md
requirements/a/b/c.txt
constraints.pip
constraints/base.txt
myconstraints.txt
packages.txt
my-pyproject.toml
pyproject.toml.orig
project.toml
setup.pyc
setup.cfg.in
pipfile
Pipfile.toml
myenvironment.json
envs/readme.md
docker-compose.yml
conda-packages.md
poetry.lock.bak
poetry.toml
mypoetry.lock
package-lock.json
yarn.lock
Cargo.lock
conda-lock.toml
pylock.a.b.toml
.dockerignore
mydockerfile
Dockerfiles/readme.md
.github/workflows/README.md
.github/workflows/a/b.yml
.github/dependabot.yml
workflows/ci.yml
reaction.yml
action.json
.platform/routes.yaml
.platform.app.json
upsun/config.yaml
nebari.yaml
install.sh
mydependencies.sh
dependencies.bash
flow.pyc
pytest.ini
mytox.ini
.pre-commit-hooks.yaml
pip-packages.md
package.json
in
a.in
.txt
""".split()

# A file name is anything but these; a line end in one is possible, but at its end, before which `$` matches, nobody's.
CHARACTERS = st.characters(exclude_characters="\0\\", exclude_categories=["Cs"])


@pytest.mark.parametrize("name", GOOD)
def test_the_hooks_take_what_people_call_such_files(name: str) -> None:
    assert FILES.search(name)


@pytest.mark.parametrize("name", BAD)
def test_the_hooks_leave_other_files_alone(name: str) -> None:
    assert not FILES.search(name)


def test_hooks_and_formats_agree_on_all_names_put_together_from_the_usual_pieces() -> None:
    folders = ["", "a/", "requirements/", "requirements.d/", "requirements/a/", "a/requirements/", "requirements/a/b/"]
    folders += ["constraints/", "Requirements/", "requirements.txt/", "xrequirements/", "src/a/"]
    heads = ["", "dev-", "dev_", "dev.", "dev", ".", "-", "a-b_c."]
    stems = ["requirements", "requirement", "Requirements", "reqs", "constraints", "constraint", "pip-packages"]
    stems += [
        "pip_packages",
        "base",
        "environment",
        "conda-packages",
        "setup",
        "pyproject",
        "Pipfile",
        "poetry",
        "meta",
    ]
    tails = ["", "-dev", "_dev", ".dev", "dev", "3", "3.12", "-3.12-linux", "s", "-"]
    endings = [".txt", ".in", ".pip", ".TXT", ".lock", ".md", ".yml", ".yaml", ".toml", ".cfg", ".py", ".json", "", "."]
    names = ["".join(pieces) for pieces in itertools.product(folders, heads, stems, tails, endings)]
    differing = [name for name in names if bool(FILES.search(name)) != (format_of(name) is not None)]
    assert not differing, f"{len(differing)} names on which .pre-commit-hooks.yaml and FORMATS differ"


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
@given(data=st.data())
def test_the_hooks_take_every_name_that_a_format_takes(form: Format, data: st.DataObject) -> None:
    name = data.draw(st.from_regex(form.pattern, alphabet=CHARACTERS)).removesuffix("\n")
    assert form.matches(name)
    assert FILES.search(name), f"add the pattern of {form.name} to .pre-commit-hooks.yaml"


@given(st.from_regex(FILES, alphabet=CHARACTERS))
def test_a_format_takes_every_name_that_the_hooks_take(name: str) -> None:
    assert format_of(name.removesuffix("\n")) is not None


def test_both_hooks_take_the_same_files() -> None:
    assert HOOKS["reqlint"]["files"] == HOOKS["reqlint-fix"]["files"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements.in", "requirements/prod.pip"])
@pytest.mark.parametrize("content", [b"requests\n", "requests\n".encode("utf-16")], ids=["utf-8", "utf-16"])
@pytest.mark.parametrize("hook", HOOKS.values(), ids=list(HOOKS))
def test_no_type_that_pre_commit_takes_a_file_for_keeps_it_away(
    hook: dict[str, Any], content: bytes, name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    tags = identify.tags_from_path(str(path))
    assert set(hook.get("types", ["file"])) <= tags
    assert not hook.get("types_or") or tags & set(hook["types_or"])
    assert not tags & set(hook.get("exclude_types", []))


def test_pre_commit_itself_reads_the_hooks() -> None:
    loaded = {hook["id"]: hook for hook in load_manifest(str(MANIFEST))}
    assert set(loaded) == {"reqlint", "reqlint-fix"}
    for hook in loaded.values():
        assert hook["language"] == "python"
        assert hook["pass_filenames"]
        assert not hook["always_run"]
        assert hook["require_serial"], "what overlaps is only seen by one process that has all files"
        assert hook["name"]
        assert hook["description"].endswith(".")


@pytest.mark.parametrize("hook", HOOKS.values(), ids=list(HOOKS))
def test_what_a_hook_starts_is_a_command_that_the_project_installs(hook: dict[str, Any]) -> None:
    command, *arguments = hook["entry"].split()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"][command] == f"{main.__module__}:{main.__name__}"
    assert arguments == (["--fix"] if hook["id"] == "reqlint-fix" else [])


@pytest.mark.parametrize("hook", HOOKS.values(), ids=list(HOOKS))
def test_the_arguments_of_a_hook_work(hook: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("requests==2.32.3\n", encoding="utf-8")
    assert main([*hook["entry"].split()[1:], str(path)]) == 0
    assert capsys.readouterr().err == ""
