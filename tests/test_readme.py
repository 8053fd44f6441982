from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [block.strip() for block in re.findall(r"^```sh\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)]
TRY_COMMAND, TEST_COMMAND = COMMANDS[:2]


def test_the_first_commands_try_and_test_a_fresh_clone() -> None:
    assert "reqlint --exit-zero examples/" in TRY_COMMAND
    assert "-m pytest" in TEST_COMMAND


@pytest.mark.parametrize("command", [TRY_COMMAND, TEST_COMMAND], ids=["try", "test"])
def test_each_can_be_pasted_as_one_line(command: str) -> None:
    assert "\n" not in command


def test_continuous_integration_runs_the_very_same_test_command() -> None:
    assert TEST_COMMAND in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("path", sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")]), ids=lambda path: path.name)
def test_nobody_is_sent_to_the_other_project_called_reqlint(path: Path) -> None:
    installs = r"\b(pip|pipx|uv tool) install( -\S+)* ['\"]?reqlint(?!er)\b|\b(uvx|pipx run) reqlint(?!er)\b"
    assert not re.search(installs, path.read_text(encoding="utf-8"))
