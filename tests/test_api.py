from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import reqlint
from reqlint.config import ConfigurationError
from reqlint.linter import UnreadableError
from tests.command import process_environment

SAFE = "--index-url https://build:${token}@packages.example.com/simple\n"


def test_every_public_name_is_there() -> None:
    for name in reqlint.__all__:
        assert getattr(reqlint, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = reqlint.nonsense


def test_lint(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("flask\n")
    (tmp_path / "reqlint.toml").write_text('severity = { RQ101 = "info" }\n')
    [finding] = reqlint.lint([str(tmp_path)])
    assert isinstance(finding, reqlint.Diagnostic)
    assert (finding.code, finding.severity, finding.source.path) == ("RQ101", "info", str(path))
    assert reqlint.lint([str(path)], {"ignore": ["RQ101"]}) == []


def test_lint_follows_includes_below_a_directory(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r common.list\n")
    (tmp_path / "common.list").write_text("flask\n")
    assert [item.source.path for item in reqlint.lint([str(tmp_path)])] == [str(tmp_path / "common.list")]
    assert reqlint.lint([str(tmp_path / "requirements.txt")]) == []


def test_fix_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(SAFE + "b=1\n")
    after = SAFE.replace("token", "TOKEN")
    assert reqlint.fix([str(path)]) == {str(path): ((SAFE + "b=1\n").encode(), (after + "b=1\n").encode())}
    assert reqlint.fix([str(path)], unsafe=True)[str(path)][1] == (after + "b==1\n").encode()
    assert reqlint.fix([str(path)], {"ignore": ["RQ009"]}) == {}
    assert path.read_text() == SAFE + "b=1\n"


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("# a comment\nFlask[async]>=3\n")
    manifest = reqlint.read(str(path))
    assert isinstance(manifest, reqlint.Manifest)
    [dependency] = manifest.dependencies
    assert isinstance(dependency, reqlint.Dependency)
    assert (dependency.name, dependency.specifier) == ("flask", ">=3")
    assert manifest.source.text[slice(*dependency.span)] == dependency.text


def test_what_goes_wrong_is_an_exception(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.txt")
    for call in (reqlint.lint, reqlint.fix):
        with pytest.raises(UnreadableError, match="no such file"):
            call([missing])
        with pytest.raises(ConfigurationError, match="configuration: unknown rule"):
            call([missing], {"select": ["RQ77"]})
    with pytest.raises(UnreadableError):
        reqlint.read(missing)


def test_importing_it_costs_next_to_nothing() -> None:
    script = "import sys, reqlint; print([name for name in sys.modules if name.startswith('reqlint')])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=process_environment()
    )
    assert done.stdout == "['reqlint']\n"
