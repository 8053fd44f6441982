from __future__ import annotations

from pathlib import Path

import pytest

from reqlint.config import ConfigurationError
from reqlint.output.rules import documentation, summary
from reqlint.output.rules import rules as rendered
from reqlint.registry import rules
from tests.command import run


def test_a_line_for_each_rule() -> None:
    lines = rendered(None, json=False, color=False, width=80).splitlines()
    for line, rule in zip(lines, rules().values(), strict=True):
        assert line.startswith(f"{rule.code}  {rule.name} ")
        assert line.endswith(summary(rule))
        assert (f" {rule.severity} " if rule.default else " off ") in line
        assert ("fix" in line[: -len(summary(rule))].split()) == bool(rule.fix)


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.code)
def test_a_page_for_each_rule(rule: object) -> None:
    item = rules()[rule.code]  # type: ignore[attr-defined]
    page = rendered(item.name, json=False, color=False, width=80)
    assert page.startswith(f"# {item.name} ({item.code})\n\n")
    assert documentation(item) in page
    assert ("on by default" in page) == item.default
    [as_json] = run("--explain", item.code, "--output-format", "json", cwd=Path.cwd()).json
    assert (as_json["code"], as_json["fix"] or "") == (item.code, item.fix)


def test_a_terminal_gets_it_rendered() -> None:
    page = rendered("RQ101", json=False, color=True, width=60)
    assert "\x1b[" in page
    assert "## " not in page


def test_an_unknown_rule() -> None:
    with pytest.raises(ConfigurationError, match=r"unknown rule `unpind`; did you mean `unpinned`\?"):
        rendered("unpind", json=False, color=False, width=80)
