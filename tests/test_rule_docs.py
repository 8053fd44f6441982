"""Each rule documents itself: its docstring is its page, and the examples in it are its first tests."""

from __future__ import annotations

import functools
import inspect
import re
from pathlib import Path

import pytest

from reqlint.formats import format_of
from reqlint.registry import Rule, rules
from tests.literate import Case, check, read_cases
from tests.support import expand

ROOT = Path(__file__).parent.parent
RULES = list(rules().values())
HEADINGS = ["Why is this bad?", "Not reported", "Fix safety", "Example"]

#: Rules whose fault cannot be shown in a block of text.
WITHOUT_EXAMPLE = {
    "RQ001": "undecodable bytes",
    "RQ008": "another encoding",
    "RQ705": "the lack of a line end, which every block has",
    "RQ709": "the environment that it takes",
    "RQ999": "a fault of reqlint itself",
}

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.code}-{rule.name}")


def documentation(rule: Rule) -> str:
    return inspect.getdoc(rule.check) or ""


def headings(rule: Rule) -> list[str]:
    return re.findall(r"^## (.+)$", documentation(rule), re.MULTILINE)


def examples(rule: Rule) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files of the example, and those to use instead."""
    text = documentation(rule).partition("## Example\n")[2]
    bad, _, good = text.partition("Use instead:\n")
    return blocks(bad), blocks(good)


def blocks(text: str) -> dict[str, bytes]:
    found = re.findall(r"^```(\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return {name: expand(body).encode() for name, body in found}


def selecting(rule: Rule, files: dict[str, bytes]) -> Case:
    """A project in which this rule is on besides the others."""
    setting = f'extend-select = ["{rule.code}"]\n'.encode()
    return Case(rule.name, "example", 0, files={"reqlint.toml": setting, **files})


def skip_if_it_cannot_be_shown(rule: Rule) -> None:
    if rule.code in WITHOUT_EXAMPLE:
        pytest.skip(f"cannot be shown: {WITHOUT_EXAMPLE[rule.code]}")
    bad, _ = examples(rule)
    assert bad
    if not any(format_of(path) for path in bad):
        pytest.skip(f"there is no reader yet for {', '.join(bad)}")


def test_codes_and_names_are_unique_and_sorted() -> None:
    codes = [rule.code for rule in RULES]
    names = [rule.name for rule in RULES]
    assert codes == sorted(set(codes))
    assert len(names) == len(set(names))


@each_rule
def test_code_and_name_have_their_form(rule: Rule) -> None:
    assert re.fullmatch(r"RQ\d{3}", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)


@each_rule
def test_it_is_declared_in_the_module_of_its_family(rule: Rule) -> None:
    module = inspect.getmodule(rule.check)
    assert module is not None
    assert module.__doc__ is not None
    own = rule.code == "RQ999"  # a fault of reqlint itself, of no family
    assert own or module.__doc__.startswith(rule.code[:3]), "its docstring begins with the code of the family"
    assert rule.check.__name__ == rule.name.replace("-", "_")


@each_rule
def test_its_first_line_is_a_sentence(rule: Rule) -> None:
    first, _, rest = documentation(rule).partition("\n")
    assert first[:1].isupper() or first.startswith(("pip", "`"))
    assert first.endswith(".")
    assert rest.startswith("\n"), "a blank line follows it"


@each_rule
def test_its_headings_are_the_known_ones_in_their_order(rule: Rule) -> None:
    assert headings(rule) == [heading for heading in HEADINGS if heading in headings(rule)]
    assert "Why is this bad?" in headings(rule)
    assert ("Fix safety" in headings(rule)) == bool(rule.fix)
    assert ("Example" in headings(rule)) == (rule.code not in WITHOUT_EXAMPLE)


@each_rule
def test_its_example_gives_a_finding(rule: Rule) -> None:
    skip_if_it_cannot_be_shown(rule)
    bad, _ = examples(rule)
    assert rule.code in {item.code for item in check(selecting(rule, bad))}


@each_rule
def test_what_to_use_instead_gives_none(rule: Rule) -> None:
    skip_if_it_cannot_be_shown(rule)
    _, good = examples(rule)
    assert any(format_of(path) for path in good)
    assert [f"{item.code} {item.message}" for item in check(selecting(rule, good))] == []


@functools.cache
def fixed_in_cases() -> set[tuple[str, str]]:
    """Code and applicability of all fixes that the literate cases and the examples of the rules apply."""
    cases = [case for path in sorted((ROOT / "tests" / "cases").glob("*.md")) for case in read_cases(path)]
    cases += [selecting(rule, examples(rule)[0]) for rule in RULES if rule.code not in WITHOUT_EXAMPLE]
    return {
        (item.code, item.fix.applicability)
        for case in cases
        if case.manifests
        for item in check(case)
        if item.fix is not None
    }


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.fix], ids=lambda rule: f"{rule.code}-{rule.name}")
def test_its_fix_is_shown(rule: Rule) -> None:
    if rule.code not in WITHOUT_EXAMPLE:
        skip_if_it_cannot_be_shown(rule)
    assert (rule.code, rule.fix) in fixed_in_cases()


def test_no_fix_is_bolder_than_declared() -> None:
    order = ["", "safe", "unsafe"]
    for code, applicability in fixed_in_cases():
        assert order.index(applicability) <= order.index(rules()[code].fix), code


@each_rule
def test_it_is_in_the_table_of_rules(rule: Rule) -> None:
    table = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert f"| {rule.code} | [{rule.name}](rules/{rule.name}.md) |" in table


@each_rule
def test_it_has_its_page(rule: Rule) -> None:
    page = (ROOT / "docs" / "rules" / f"{rule.name}.md").read_text(encoding="utf-8")
    assert f"# {rule.name} ({rule.code})" in page


@each_rule
def test_it_is_in_the_changelog(rule: Rule) -> None:
    assert f"`{rule.name}` ({rule.code})" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
