"""The GitHub Action of this repository, and the CI files that the documentation shows: held against the linters for such
files, and the scripts of the action run as a runner runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.command import process_environment

ROOT = Path(__file__).parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

#: Those of GitHub itself by their tag, which everybody knows; all others by commit.
POLICY = 'rules: {unpinned-uses: {config: {policies: {"actions/*": ref-pin, "github/*": ref-pin, "*": hash-pin}}}}\n'


def tool(*command: str | Path, text: str = "") -> str:
    """What a tool of the environment that the tests run in says; it must be content."""
    path = shutil.which(
        os.fspath(command[0]), path=os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    )
    assert path is not None, f"{command[0]} is not installed: see tests/requirements.txt"
    done = subprocess.run(
        [path, *command[1:]], input=text, capture_output=True, check=False, text=True, encoding="utf-8", timeout=60
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout


def audited(path: Path) -> None:
    """Let zizmor look for holes in an action or a workflow."""
    config = path.parent / "zizmor.yml"
    config.write_text(POLICY, encoding="utf-8")
    tool("zizmor", "--offline", "--no-progress", "--persona", "regular", "--config", config, path)


def kind(block: str) -> str:
    loaded = yaml.safe_load(block)
    return "github" if "jobs" in loaded else "azure" if "steps" in loaded else "gitlab"


def filled(block: str) -> str:
    """A file of the documentation with something in the place of what a user puts in."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    for placeholder, value in (
        ("<owner>/<repository>", "example/reqlint"),
        ("<address>", "https://git.example.com/reqlint.git"),
        ("<revision>", commit),
    ):
        block = block.replace(placeholder, value)
    assert "<" not in block
    return block


def test_the_action_is_valid_and_without_holes(tmp_path: Path) -> None:
    path = tmp_path / "action.yml"
    shutil.copy(ROOT / "action.yml", path)
    tool("check-jsonschema", "--builtin-schema", "vendor.github-actions", path)
    audited(path)


def test_the_audit_finds_holes(tmp_path: Path) -> None:
    path = tmp_path / "action.yml"
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    path.write_text(text.replace('<<< "$PATHS"', '<<< "${{ inputs.paths }}"'), encoding="utf-8")
    with pytest.raises(AssertionError, match="template-injection"):
        audited(path)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["id"])
def test_the_scripts_of_the_action_are_clean(step: dict[str, Any]) -> None:
    assert step["shell"] == "bash"
    assert "${{" not in step["run"]
    tool("shellcheck", "--shell=bash", "-", text=step["run"])


def test_every_input_is_used_and_every_used_one_is_there() -> None:
    text = json.dumps(ACTION["runs"])
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    outputs = re.findall(r"steps\.(\w+)\.outputs\.([\w-]+)", text + json.dumps(ACTION["outputs"]))
    scripts = {step["id"]: step["run"] for step in STEPS}
    assert outputs
    assert all(f'"{name}=' in scripts[step] for step, name in outputs)


def test_every_input_and_output_is_documented() -> None:
    section = PAGE.partition("## GitHub Actions\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE) == [*ACTION["inputs"], *ACTION["outputs"]]
    for name, item in ACTION["inputs"].items():
        default = re.search(rf"^\| `{name}` \| (?:`(.+?)`)? ?\|", section, re.MULTILINE)
        assert default is not None
        assert (default[1] or "") == item["default"]


def test_there_is_a_file_for_each_system() -> None:
    assert [kind(block) for block in BLOCKS] == ["github", "github", "github", "gitlab", "azure"]


@pytest.mark.parametrize("number", range(5))
def test_the_files_of_the_documentation_are_valid(number: int, tmp_path: Path) -> None:
    path = tmp_path / ".github" / "workflows" / "file.yml"
    path.parent.mkdir(parents=True)
    block = filled(BLOCKS[number])
    path.write_text(block, encoding="utf-8")
    schema = {
        "github": ["vendor.github-workflows"],
        "gitlab": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
        "azure": ["vendor.azure-pipelines", "--data-transform", "azure-pipelines"],
    }[kind(block)]
    tool("check-jsonschema", path, "--builtin-schema", *schema)
    if kind(block) == "github":
        audited(path)


@pytest.mark.parametrize("number", range(5))
def test_the_commands_of_the_documentation_work(number: int, tmp_path: Path) -> None:
    """Those that run reqlint; the variables of Azure Pipelines stand for a folder."""
    (tmp_path / "requirements.txt").write_text("flask\n")
    for line in re.findall(r"(?:run:|script:|-) (reqlint .*)", BLOCKS[number]):
        command = line.partition(" | ")[0].replace("$(Agent.TempDirectory)/", "")
        arguments = [word.strip('"') for word in command.split()[1:]]
        done = subprocess.run(
            [sys.executable, "-m", "reqlint", *arguments],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            env=process_environment(),
        )
        assert done.returncode == (0 if "--exit-zero" in arguments else 1)
        assert done.stderr == b""
        if "--output-file" in arguments:
            name = arguments[arguments.index("--output-file") + 1]
            assert (tmp_path / name).stat().st_size
            assert BLOCKS[number].count(name) == 2, "what is written is what is handed over"


def test_the_version_of_python_that_the_action_asks_for_is_that_of_the_project() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    oldest = re.search(r'^requires-python = ">=3\.(\d+)"$', project, re.MULTILINE)
    assert oldest is not None
    assert f"sys.version_info < (3, {oldest[1]})" in STEPS[0]["run"]
    assert f"3.{oldest[1]} or later" in ACTION["inputs"]["python"]["description"]


# The scripts, as a runner runs them

#: A Python that looks its version up in the real one, and makes an "environment" whose pip "installs" the real reqlint.
PYTHON = """\
#!/bin/bash
printf '%s\\n' "$*" >> "$RUNNER_TEMP/calls"
case "$2 $3" in
"-c "*) exec "$REAL_PYTHON" "$@" ;;
"-m venv") mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
"-m pip")
    printf '#!/bin/bash\\nexec "$REAL_PYTHON" -P -m reqlint "$@"\\n' > "${0%/*}/reqlint" && chmod +x "${0%/*}/reqlint" ;;
*) exit 97 ;;
esac
"""

posix = pytest.mark.skipif(os.name != "posix" or not shutil.which("bash"), reason="stands a script in for Python")


class Runner:
    """As much of a runner as the action needs."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder / "runner's temp"
        self.workspace = folder / "work tree"
        self.programs = folder / "programs"
        self.summary = folder / "summary.md"
        for place in (self.temporary, self.workspace, self.programs):
            place.mkdir()
        for name in ("python3", "python"):
            self.program(self.programs / name, PYTHON)
        (self.workspace / "requirements.txt").write_text("idna==3.7\nflask\n")

    def program(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    @property
    def calls(self) -> list[str]:
        return (self.temporary / "calls").read_text().splitlines()

    def __call__(self, **inputs: str) -> tuple[int, str, dict[str, str]]:
        """Run the action: the exit code of the step that ended it, what the log holds, and the action's outputs."""
        values = {f"inputs.{name}": item["default"] for name, item in ACTION["inputs"].items()}
        values |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        values["github.action_path"] = str(ROOT)
        code, log = 0, ""
        for step in STEPS:
            file = self.temporary / "output"
            file.write_text("")
            script = self.temporary / "script.sh"
            script.write_text(step["run"])
            extra = {name: evaluated(text, values) for name, text in step["env"].items()}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],  # what the runner makes of `shell: bash`
                cwd=self.workspace / evaluated(step.get("working-directory", "."), values),
                env=process_environment(**self.variables(), GITHUB_OUTPUT=str(file), **extra),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
                text=True,
                timeout=60,
            )
            log += done.stdout
            for line in file.read_text().splitlines():
                name, _, value = line.partition("=")
                values[f"steps.{step['id']}.outputs.{name}"] = value
            code = done.returncode
            if code:
                break
        return code, log, {name: evaluated(item["value"], values) for name, item in ACTION["outputs"].items()}

    def variables(self) -> dict[str, str]:
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.temporary),
            "RUNNER_TOOL_CACHE": str(self.temporary / "tools"),
            "REAL_PYTHON": sys.executable,
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
        }


def evaluated(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: values.get(match[1], ""), text)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


@posix
def test_the_action_annotates_summarizes_and_hands_over_sarif(runner: Runner) -> None:
    code, log, outputs = runner()
    assert (code, outputs["exit-code"]) == (1, "1")
    assert re.fullmatch(r"::error title=reqlint \(RQ101\),file=\S.*/requirements\.txt,line=2,.*\n", log)
    assert "RQ101" in runner.summary.read_text()
    results = json.loads(Path(outputs["sarif"]).read_text())["runs"][0]["results"]
    assert [item["ruleId"] for item in results] == ["RQ101"]
    assert sorted(path.name for path in runner.workspace.iterdir()) == ["requirements.txt"]


@posix
def test_the_action_installs_itself_and_nothing_else(runner: Runner) -> None:
    runner()
    look, make, install = runner.calls
    assert look.startswith("-I -c ")
    assert re.fullmatch(r"-I -m venv .*runner's temp/reqlint-\w+/venv", make)
    assert install == f"-I -m pip install --quiet --disable-pip-version-check {ROOT}"


@posix
def test_the_action_passes_when_all_is_well(runner: Runner) -> None:
    (runner.workspace / "requirements.txt").write_text("idna==3.7\n")
    code, log, outputs = runner()
    assert (code, log, outputs["exit-code"]) == (0, "", "0")
    assert json.loads(Path(outputs["sarif"]).read_text())["runs"][0]["results"] == []


@posix
def test_paths_are_one_a_line_and_never_more_than_text(runner: Runner) -> None:
    names = [
        "with blank/requirements.txt",
        "$(touch injected)/requirements.txt",
        "`touch injected`/requirements.txt",
        "'; touch injected; '/requirements.txt",
        "*/requirements.txt",
        "back\\slash/requirements.txt",
        "--exit-zero/requirements.txt",
    ]
    for name in (*names, "not named/requirements.txt"):
        (runner.workspace / name).parent.mkdir()
        (runner.workspace / name).write_text("flask\n")
    code, log, outputs = runner(paths="\n".join(names) + "\n\n", args="--output-format concise")
    assert code == 1
    shown = [line.partition(":1:1: ")[0] for line in log.splitlines() if "RQ101" in line]
    assert sorted(shown) == sorted(names)
    assert outputs["exit-code"] == "1"
    assert not list(runner.workspace.rglob("injected"))


@posix
def test_arguments_are_words_and_never_more_than_text(runner: Runner) -> None:
    code, log, _ = runner(args="--select RQ101\n  --fail-on   error --output-format concise")
    assert code == 1
    assert log.startswith("requirements.txt:2:1: error[RQ101]")
    assert runner(args="--select RQ0")[0] == 0
    assert runner(args="--exit-zero")[0] == 0
    for argument in ("$(touch injected)", "`touch injected`", "; touch injected", "* && touch injected", '"'):
        code, log, outputs = runner(args=f"--select {argument}")
        assert (code, outputs["exit-code"], outputs["sarif"]) == (2, "2", "")
        assert not (runner.workspace / "injected").exists()


@posix
def test_the_action_mends_when_asked(runner: Runner) -> None:
    path = runner.workspace / "requirements.txt"
    path.write_bytes(b"\xef\xbb\xbfidna==3.7\n")
    assert runner()[0] == 1
    assert runner(fix="false", args="--diff")[0] == 1
    assert path.read_bytes() == b"\xef\xbb\xbfidna==3.7\n"
    assert runner(fix="true")[0] == 0
    assert path.read_bytes() == b"idna==3.7\n"
    code, log, _ = runner(fix="yes")
    assert (code, log) == (2, "::error title=reqlint::the input `fix` is neither true nor false\n")


@posix
def test_a_diff_stands_in_the_log_and_there_is_no_sarif(runner: Runner) -> None:
    (runner.workspace / "requirements.txt").write_bytes(b"\xef\xbb\xbfidna==3.7\n")
    code, log, outputs = runner(args="--diff")
    assert (code, outputs) == (1, {"exit-code": "1", "sarif": ""})
    assert "+idna==3.7\n" in log


@posix
def test_another_report_can_be_asked_for(runner: Runner) -> None:
    code, log, outputs = runner(args="--output-file report.xml --output-format full")
    assert code == 1
    assert log.startswith("error[RQ101]")
    assert (runner.workspace / "report.xml").read_text().startswith("<?xml")
    assert Path(outputs["sarif"]).exists()


@posix
def test_the_action_runs_in_the_directory_that_is_named(runner: Runner) -> None:
    (runner.workspace / "services").mkdir()
    (runner.workspace / "services" / "requirements.txt").write_text("idna==3.7\n")
    assert runner(working_directory="services")[0] == 0


@posix
def test_the_first_python_that_is_new_enough_is_taken(runner: Runner) -> None:
    old = "#!/bin/bash\nexit 1\n"
    for name in ("python3", "python"):
        runner.program(runner.programs / name, old)
    code, log, outputs = runner()
    assert code == 2
    assert log.startswith("::error title=reqlint::reqlint needs Python 3.11 or later")
    assert outputs == {"exit-code": "", "sarif": ""}
    tools = runner.temporary / "tools" / "Python"
    runner.program(tools / "3.10.9" / "x64" / "bin" / "python3", old)
    runner.program(tools / "3.12.1" / "x64" / "bin" / "python3", PYTHON)
    assert runner()[2]["exit-code"] == "1"
    own = runner.program(runner.temporary / "my own" / "python", PYTHON)
    shutil.rmtree(tools)
    assert runner(python=str(own))[2]["exit-code"] == "1"
    assert runner(python="nowhere")[0] == 2


@posix
def test_no_module_of_the_working_tree_is_run(runner: Runner) -> None:
    for name in ("ensurepip", "venv", "pip", "reqlint", "packaging", "yaml"):
        (runner.workspace / f"{name}.py").write_text("open('executed', 'w')\nraise SystemExit(3)\n")
    assert runner()[0] == 1
    assert not (runner.workspace / "executed").exists()
    assert all(call.startswith("-I ") for call in runner.calls)
