from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import cmarkgfm  # type: ignore[import-untyped]
import pytest
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]

from reqlint.output import markdown, visible
from reqlint.source import Source
from tests.command import run
from tests.output.reports import MESSAGES, NAMES, finding, report

#: All that our pages are made of: no link, no emphasis.
TAGS = {"h2", "h3", "p", "code", "table", "thead", "tbody", "tr", "th", "td", "br"}


class Page(HTMLParser):
    """What a page shows: its headings, its tables as rows of cells, the rest, and which tags it is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.rows: list[list[str]] = []
        self.rest: list[str] = []
        self.tags: set[str] = set()
        self._into: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - HTMLParser calls it so
        self.tags.add(tag)
        if tag in ("h2", "h3"):
            self.headings.append("")
            self._into = self.headings
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._into = self.rows[-1]
        elif tag == "p":
            self.rest.append("")
            self._into = self.rest
        elif tag == "br":
            self._into[-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("h2", "h3", "td", "th", "p"):
            self._into = []

    def handle_data(self, data: str) -> None:
        if self._into:
            self._into[-1] += data

    @property
    def cells(self) -> list[list[str]]:
        """The rows without those of headings."""
        return [[cell.strip() for cell in row] for row in self.rows if row[0].strip() != "place"]


def page(text: str) -> Page:
    """Markdown as GitHub renders it: by its own library, with its extensions."""
    html = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
    found = Page()
    found.feed(html)
    return found


def test_a_table_for_each_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "requirements.txt").write_text("x==1\nflask\nrequests>=2\n")
    (tmp_path / "requirements.txt").write_text("flask\n")
    found = page(run("--output-format", "markdown", "--select", "RQ101,RQ102", cwd=tmp_path).out)
    assert sorted(found.headings) == ["a/requirements.txt", "reqlint", "requirements.txt"]
    assert found.rest[-1].strip() == "Found 2 errors and 1 warning in 2 of 2 files."
    places = {(place, rule): text for place, rule, text in found.cells}
    assert places.keys() == {
        ("2:1", "error RQ101 unpinned"),
        ("3:9", "warning RQ102 loosely-pinned"),
        ("1:1", "error RQ101 unpinned"),
    }
    assert places["3:9", "warning RQ102 loosely-pinned"].startswith("requests is only loosely pinned: >=2\nhelp: ")
    assert found.tags == TAGS


def test_nothing_to_report(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask==1\n")
    found = page(run("--output-format", "markdown", cwd=tmp_path).out)
    assert found.rest[-1].strip() == "1 file, 1 requirement: nothing to report."
    assert found.rows == []


@pytest.mark.parametrize("name", [*NAMES, "https://x.y/z.txt", "www.example.com.txt", "git@example.com.txt", "$a$.txt"])
def test_names_come_back(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = page(markdown.render(report(finding(Source(name, "flask\n")))))
    assert found.headings == ["reqlint", visible(name.replace("//", "/"))]
    assert len(found.cells) == 1
    assert found.tags <= TAGS


@pytest.mark.parametrize("message", MESSAGES)
def test_messages_come_back(message: str) -> None:
    text = markdown.render(report(finding(Source("a.txt", "flask\n"), message=message, advice=message)))
    found = page(text)
    even = message.count("`") % 2 == 0
    said = visible(message).replace("`", "") if even else visible(message)
    said = said.strip().replace("\x00", "\ufffd")
    [[place, rule, cell]] = found.cells
    assert (place, rule) == ("1:1", "error RQ101 unpinned")
    assert [" ".join(part.split()) for part in cell.split("\n", 1)] == [
        " ".join(said.split()),
        " ".join(f"help: {said}".split()),
    ]
    assert found.tags <= TAGS
    assert "##[" not in text
    assert "##vso[" not in text


def test_names_in_backquotes_are_code() -> None:
    text = markdown.render(report(finding(Source("a.txt", "flask\n"), message="`a|b` and `c*d*`")))
    assert "<code>a|b</code> and <code>c*d*</code>" in cmarkgfm.github_flavored_markdown_to_html(
        text, Options.CMARK_OPT_UNSAFE
    )


def test_hundreds() -> None:
    source = Source("a.txt", "flask\n" * 700)
    found = page(markdown.render(report(*(finding(source, (6 * n, 6 * n + 5)) for n in range(700)))))
    assert [row[0] for row in found.cells] == [f"{n}:1" for n in range(1, 701)]


@pytest.mark.parametrize("letter", ["x", "😀"])
def test_what_github_would_refuse_is_cut_with_a_note(letter: str) -> None:
    sources = [Source(f"{number}.txt", "flask\n") for number in range(6000)]
    items = [finding(source, message=letter * 300) for source in sources]
    text = markdown.render(report(*items))
    assert len(text.encode()) <= 1024 * 1024
    assert len(text.encode()) > 900 * 1024
    found = page(text)
    left_out = 6000 - len(found.cells)
    assert len(found.headings) == len(found.cells) + 1
    assert found.rest[-1].strip() == f"… and {left_out} more findings, for which there is no room here."
