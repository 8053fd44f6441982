"""The documentation says what is so: what is generated is up to date, what is written by hand forgets nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import generate, make_screenshot
from reqlint.config import _DEFAULT_PIN, _KEYS, FILE_NAMES, OUTPUT_FORMATS, PINS, Configuration, parse
from reqlint.formats import FORMATS
from reqlint.registry import rules

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *DOCS.glob("rules/*.md"), *ROOT.glob("examples/**/*.md")])
CONFIGURATION = (DOCS / "configuration.md").read_text(encoding="utf-8")
USAGE = (DOCS / "usage.md").read_text(encoding="utf-8")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def test_what_is_generated_is_up_to_date() -> None:
    assert [path.name for path in generate.stale()] == [], "run: python docs/generate.py"


def test_the_picture_is_up_to_date() -> None:
    drawn = make_screenshot.picture()
    assert drawn == make_screenshot.PICTURE.read_text(encoding="utf-8"), "run: python docs/make_screenshot.py"


def test_the_picture_asks_nothing_of_the_network() -> None:
    addresses = set(re.findall(r"(?:url\(|href=)[\"']?([^\"')]+)", make_screenshot.PICTURE.read_text(encoding="utf-8")))
    assert all(address.startswith("#") for address in addresses)


@pytest.mark.parametrize("key", _KEYS)
def test_every_key_of_the_configuration_is_documented(key: str) -> None:
    section = re.search(rf"^### `{re.escape(key)}`\n(.*?)(?=^##|\Z)", CONFIGURATION, re.MULTILINE | re.DOTALL)
    assert section is not None
    assert "Type:" in section[1]
    assert "Default:" in section[1]
    assert f"{key} = " in section[1] or f"[tool.reqlint.{key}]" in section[1], "it has an example"


def test_no_key_is_documented_that_there_is_not() -> None:
    assert set(re.findall(r"^### `(.+)`$", CONFIGURATION, re.MULTILINE)) == set(_KEYS)


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```$", CONFIGURATION, re.MULTILINE | re.DOTALL))
def test_every_example_of_the_configuration_is_valid(block: str) -> None:
    shared = "[tool.reqlint" in block
    values = parse(block.encode(), "example.toml", shared=shared)
    assert values
    Configuration(values, {})


@pytest.mark.parametrize("word", [*_DEFAULT_PIN, *PINS, *FILE_NAMES, *OUTPUT_FORMATS, *FORMATS])
def test_every_word_of_the_configuration_is_documented(word: str) -> None:
    assert f"`{word}`" in CONFIGURATION


def test_every_module_has_its_place_in_the_architecture() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+/?)`", "".join(re.findall(r"^\| (`.*?) \|", text, re.MULTILINE))))
    house = ROOT / "src" / "reqlint"
    modules = {path.stem for path in house.glob("*.py") if not path.stem.startswith("_")}
    packages = {f"{path.name}/" for path in house.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert named == modules | packages


def options() -> list[str]:
    block = re.search(r"^```text\nusage:.*?^```$", USAGE, re.MULTILINE | re.DOTALL)
    assert block is not None
    return sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", block[0])))


@pytest.mark.parametrize("option", options())
def test_every_option_is_told_of_in_words(option: str) -> None:
    words = re.sub(r"^```text\nusage:.*?^```$", "", USAGE, flags=re.MULTILINE | re.DOTALL)
    assert re.search(rf"`[^`]*{option}\b(?!-)", words)


@pytest.mark.parametrize("option", options())
def test_every_option_is_in_the_changelog(option: str) -> None:
    assert option in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_every_output_format_is_told_of(name: str) -> None:
    assert f"`{name}`" in USAGE
    assert f"`{name}`" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@each_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


def anchors(page: Path) -> set[str]:
    """The anchors of the headings of a page, as GitHub and most others make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_only_rules_that_there_are_are_named(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"\bRQ\d{3}\b", text)) <= rules().keys()


@each_page
def test_no_option_is_named_that_there_is_not(page: Path) -> None:
    named = set(re.findall(r"\breqlint(?: [^`\n|]*?)? (--[a-z][a-z-]+)", page.read_text(encoding="utf-8")))
    assert named <= {*options(), "--help"}


def test_the_pre_commit_hooks_of_the_documentation_are_those_that_there_are() -> None:
    hooks = set(
        re.findall(r"^- id: (\S+)$", (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for page in (ROOT / "README.md", DOCS / "pre-commit.md"):
        named = set(re.findall(r"- id: (reqlint\S*)", page.read_text(encoding="utf-8")))
        assert named == hooks, page.name
