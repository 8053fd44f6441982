"""What a person sees: each finding with its place, the source around it, what to do, and what the fix would change.

rich measures (wide characters take two cells), wraps and colours; without colour the words and marks are the same.
"""

from __future__ import annotations

from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reqlint.diagnostic import SEVERITIES
from reqlint.output import plural, shortened, shown_path, summary, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqlint.diagnostic import Diagnostic
    from reqlint.fixes import Edit
    from reqlint.linter import Applied
    from reqlint.output import Report
    from reqlint.source import Source, Span

_STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold cyan"}
_CONTEXT = 1
_MOST_LINES = 4
_TAB = "    "


def render(report: Report) -> str:
    """All findings and the summary; on a terminal that they would overflow, as many as fit and a table of the rest."""
    page = _Page(report)
    outcome = page.outcome(report.applied) if report.applied is not None and report.height is not None else []
    lines: list[Text] = []
    for block in page.blocks(len(outcome)):
        lines += [*block, Text()]
    lines += outcome
    style = "bold" if report.diagnostics else "bold green"
    lines += page.wrapped(Text(summary(report), style=style))
    return page.text(lines)


class _Page:
    """One report on its way to text: the console that measures it, and the masked text of each source."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.width = report.width
        self._stream = StringIO()
        self._console = Console(
            file=self._stream,
            width=report.width,
            force_terminal=report.color,
            color_system="standard" if report.color else None,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )
        self._masked: dict[int, str] = {}

    def text(self, lines: list[Text]) -> str:
        """The lines as text, without blanks at their ends."""
        if not self.report.color:
            return "".join(f"{line.plain.rstrip()}\n" for line in lines)
        for line in lines:
            line.rstrip()
            self._console.print(line, no_wrap=True, overflow="ignore", crop=False)
        return self._stream.getvalue()

    def blocks(self, taken: int) -> list[list[Text]]:
        """The lines of each finding; when a screen does not hold them, of the worst, and at the end how many more of what.

        ``taken``: how many lines of the screen something else needs.
        """
        report = self.report
        if report.height is None:
            return [self._block(item) for item in report.diagnostics]
        height = report.height - taken
        blocks: list[list[Text]] = []
        used = 0
        for item in report.diagnostics:
            blocks.append(self._block(item))
            used += len(blocks[-1]) + 1
            if used + 2 > height:  # the summary, and the prompt that follows
                return self._screenful(height)
        return blocks

    def _screenful(self, height: int) -> list[list[Text]]:
        """One finding at least, the worst first, and a table of the rest that is cut where the screen ends."""
        ordered = sorted(self.report.diagnostics, key=lambda item: -SEVERITIES.index(item.severity))
        blocks: list[list[Text]] = []
        used = 0
        for number, item in enumerate(ordered):
            block = self._block(item)
            room = height - used - len(block) - 1
            if blocks and room < 6 + min(4, len({other.code for other in ordered[number + 1 :]})):
                break
            used += len(block) + 1
            blocks.append(block)
        rest = ordered[len(blocks) :]
        return [*blocks, self._table(rest, max(1, height - used - 6))] if rest else blocks

    def _table(self, rest: list[Diagnostic], most: int) -> list[Text]:
        """How many of each rule, the worst and most frequent first."""
        counts: dict[str, int] = {}
        for item in rest:
            counts[item.code] = counts.get(item.code, 0) + 1
        kinds = {item.code: item for item in rest}
        ordered = sorted(kinds, key=lambda code: (-SEVERITIES.index(kinds[code].severity), -counts[code], code))
        lines = [Text(f"… and {plural(len(rest), 'more finding')}:")]
        width = len(str(max(counts.values())))
        for code in ordered[:most]:
            kind = kinds[code]
            lines.append(
                Text.assemble(f"  {counts[code]:>{width}}  ", (code, _STYLES[kind.severity]), f"  {kind.name}")
            )
        if len(ordered) > most:
            lines.append(Text(f"  and {plural(len(ordered) - most, 'more rule')}"))
        return lines + self.wrapped(Text("`--output-format concise` shows all of them, one a line.", style="dim"))

    def outcome(self, applied: Sequence[Applied]) -> list[Text]:
        """What was mended, and what it takes to mend the rest: one line each, with how often and which rules."""
        from reqlint.registry import rules

        groups: dict[str, list[str]] = {
            "mended": [item.diagnostic.name for item in applied],
            "with --unsafe-fixes": [],
            "perhaps with --online": [],
            "by hand": [],
        }
        every = rules()
        for item in self.report.diagnostics:
            if item.fix is not None:
                groups["with --unsafe-fixes"].append(item.name)
            elif every[item.code].online and not self.report.online:
                groups["perhaps with --online"].append(item.name)
            else:
                groups["by hand"].append(item.name)
        rows = [(label, names) for label, names in groups.items() if names]
        if not rows:
            return []
        wide = max(len(label) for label, _ in rows)
        digits = max(len(str(len(names))) for _, names in rows)
        lines: list[Text] = []
        for label, names in rows:
            counts = {name: names.count(name) for name in dict.fromkeys(names)}
            told = ", ".join(name if count == 1 else f"{name} ({count})" for name, count in counts.items())
            style = "bold green" if label == "mended" else "bold"
            line = Text.assemble((f"{label:<{wide}}", style), f"  {len(names):>{digits}}  {told}")
            lines += self.wrapped(line, " " * (wide + digits + 4))
        return [*lines, Text()]

    def _block(self, item: Diagnostic) -> list[Text]:
        """All lines of one finding."""
        redact = self.report.redact
        source = item.source
        row, column = source.position(item.span[0])
        message = shortened(visible(redact(item.message)))
        head = Text.assemble(
            (f"{item.severity}[{item.code}]", _STYLES[item.severity]), (f" {item.name}: {message}", "bold")
        )
        lines = self.wrapped(head, "  ")
        last_row = source.row(max(item.span[0], item.span[1] - 1))
        margin = " " * (len(str(last_row)) + 2)
        place = f"{shown_path(redact.word(source.path))}:{row}:{column}"
        lines.append(Text.assemble((f"{margin[:-1]}--> ", "cyan"), place))
        if source.text and "\0" not in source.text:  # of UTF-16 read as Latin-1, no secret would be recognized
            bar = Text(f"{margin}|", style="cyan")
            lines += [bar, *self._excerpt(item, row, last_row, margin), bar.copy()]
        for label in item.related:
            there = ":".join(map(str, label.source.position(label.span[0])))
            lines += self._note(
                "note", f"{label.message}: {shown_path(redact.word(label.source.path))}:{there}", margin
            )
        if item.help:
            lines += self._note("help", item.help, margin)
        return lines + self._preview(item, margin)

    def wrapped(self, text: Text, indent: str = "") -> list[Text]:
        """A text broken at blanks, its later lines indented."""
        if cell_len(text.plain) <= self.width:
            return [text]
        lines = list(text.wrap(self._console, self.width)) or [text]
        if len(lines) > 1 and indent:
            rest = text[len(lines[0].plain) :]
            rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
            room = max(20, self.width - len(indent))
            lines[1:] = [Text(indent) + line for line in rest.wrap(self._console, room)]
        for line in lines:
            line.rstrip()
        return lines

    def _note(self, word: str, text: str, margin: str) -> list[Text]:
        """``= help: ...``, wrapped under itself."""
        shown = shortened(visible(self.report.redact(text)))
        note = Text.assemble((f"{margin}= ", "cyan"), (f"{word}: ", "bold"), shown)
        return self.wrapped(note, " " * (len(margin) + len(word) + 4))

    def _text_of(self, source: Source) -> str:
        """The masked text of a source, made once."""
        if id(source) not in self._masked:
            self._masked[id(source)] = self.report.redact.text_of(source)
        return self._masked[id(source)]

    def _excerpt(self, item: Diagnostic, row: int, last_row: int, margin: str) -> list[Text]:
        """The lines of the span with one line above, and the marks under what is meant."""
        source, style = item.source, _STYLES[item.severity]
        text = self._text_of(source)
        room = max(16, self.width - len(margin) - 2)
        lines: list[Text] = []
        shown_rows = [*range(max(1, row - _CONTEXT), last_row + 1)][: _CONTEXT + _MOST_LINES]
        for number in shown_rows:
            start, end = source.line_span(number)
            line = text[start:end]
            if number < row:
                if line.strip():
                    shown, _, _ = _fit(line, (0, 0), room)
                    lines.append(_numbered(number, margin, shown))
                continue
            low = max(item.span[0] - start, len(line) - len(line.lstrip()) if number > row else 0)
            high = max(low, min(item.span[1], end) - start)
            shown, marks_at, marks = _fit(line, (low, high), room)
            lines.append(_numbered(number, margin, shown))
            if line.strip() or number == row:
                marked = Text(" " * marks_at) + Text("^" * marks, style=style)
                lines += self._marks(
                    marked, marks_at, item.label if number == shown_rows[-1] else "", style, margin, room
                )
        if shown_rows[-1] < last_row:
            lines.append(Text(f"{'…':>{len(margin) - 1}} |", style="cyan"))
        return lines

    def _marks(self, marked: Text, marks_at: int, label: str, style: str, margin: str, room: int) -> list[Text]:
        """The line of marks with the label behind it, or below it where there is no room."""
        bar = (f"{margin}| ", "cyan")
        label = visible(self.report.redact(label))
        if not label:
            return [Text.assemble(bar, marked)]
        if len(marked.plain) + 1 + cell_len(label) <= room:
            return [Text.assemble(bar, marked, (f" {label}", style))]
        shift = " " * max(0, min(marks_at, room - cell_len(label)))
        parts = Text(label, style=style).wrap(self._console, room)
        return [Text.assemble(bar, marked), *(Text.assemble(bar, shift, part) for part in parts)]

    def _preview(self, item: Diagnostic, margin: str) -> list[Text]:
        """What the fix would change: the lines before and after, masked."""
        fix = item.fix
        if fix is None:
            return []
        source = item.source
        lines = self._note("fix" if fix.applicability == "safe" else "unsafe fix", fix.message, margin)
        if not fix.edits:
            return lines
        first = source.row(fix.edits[0].start)
        last = source.row(max(fix.edits[0].start, fix.edits[-1].end - 1))
        if last - first >= _MOST_LINES:
            return lines
        window = source.line_span(first)[0], source.line_span(last)[1]
        new = self.report.redact(_after(source.text, window, fix.edits))
        for sign, style, text in (("-", "red", self._text_of(source)[slice(*window)]), ("+", "green", new)):
            for line in text.splitlines():
                shown, _, _ = _fit(line, (0, 0), max(16, self.width - len(margin) - 4))
                lines.append(Text(f"{margin}  {sign} {shown}", style=style))
        return lines


def _numbered(number: int, margin: str, shown: str) -> Text:
    """A line of the source behind its number."""
    return Text.assemble((f"{number:>{len(margin) - 1}} | ", "cyan"), shown)


def _after(text: str, window: Span, edits: Sequence[Edit]) -> str:
    """The part of a text in ``window`` after the edits of one fix, which all begin in it."""
    done, stop = window
    pieces = []
    for edit in edits:
        pieces += [text[done : edit.start], edit.content]
        done = edit.end
    return "".join(pieces) + text[done : max(done, stop)]


def _fit(line: str, span: Span, room: int) -> tuple[str, int, int]:
    """A line cut to the room around its span, where the marks begin in cells, and how many there are (one at least)."""
    low, high = span
    most = 4 * room  # more characters are never shown, though some take no cell; a line may be a megabyte long
    before = _plain(line[max(0, low - most) : low])
    marked = _plain(line[low : min(high, low + most)])
    after = _plain(line[high : high + most])
    size = cell_len(marked)
    if (
        low <= most
        and high - low <= most
        and cell_len(before) + size + cell_len(after) <= room
        and len(line) - high <= most
    ):
        return before + marked + after, cell_len(before), max(1, size)
    keep = max(room // 4, room - size - min(12, cell_len(after)))
    if cell_len(before) > keep:
        before = "…" + _last_cells(before, keep - 1)
    rest = room - cell_len(before)
    if size > rest:
        marked = _first_cells(marked, rest - 1) + "…"
        return before + marked, cell_len(before), max(1, cell_len(marked))
    rest -= size
    if cell_len(after) > rest:
        after = _first_cells(after, rest - 1) + "…" if rest > 0 else ""
    return before + marked + after, cell_len(before), max(1, size)


def _plain(text: str) -> str:
    return visible(text.replace("\t", _TAB))


def _first_cells(text: str, cells: int) -> str:
    """The beginning of a text, as much as takes no more than that many cells."""
    used = 0
    for number, letter in enumerate(text):
        used += cell_len(letter)
        if used > cells:
            return text[:number]
    return text


def _last_cells(text: str, cells: int) -> str:
    """The end of a text, as much as takes no more than that many cells."""
    return _first_cells(text[::-1], cells)[::-1]
