"""What a person sees: each finding with its place, the source around it, what to do, and what the fix would change.

rich measures (wide characters take two cells) and colours; without colour the words and marks are the same.
"""

from __future__ import annotations

from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reqlint.credentials import mask
from reqlint.fixes import apply
from reqlint.output import plural, shown_path, summary, visible
from reqlint.redaction import masked_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.diagnostic import Diagnostic
    from reqlint.output import Report
    from reqlint.source import Source

_STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold cyan"}
_CONTEXT = 1
_MOST_PREVIEW = 3


def render(report: Report) -> str:
    """All findings and the summary; on a terminal that they would overflow, as many as fit and a table of the rest."""
    stream = StringIO()
    console = Console(
        file=stream,
        width=report.width,
        force_terminal=report.color,
        color_system="standard" if report.color else None,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        legacy_windows=False,
    )
    shown = _shown(report)
    for block in shown:
        for line in block:
            console.print(line, no_wrap=True, overflow="ignore", crop=False)
        console.print()
    rest = report.diagnostics[len(shown) :]
    if rest:
        _print_rest(console, rest)
    style = "bold" if report.diagnostics else "bold green"
    for line in Text(summary(report), style=style).wrap(console, report.width):
        console.print(line, no_wrap=True, overflow="ignore", crop=False)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def _shown(report: Report) -> list[list[Text]]:
    """The findings to show: all, or as many as a screen holds (one at least)."""
    blocks: list[list[Text]] = []
    room = None if report.height is None else max(report.height - 6, 20)
    used = 0
    for item in report.diagnostics:
        block = _block(item, report)
        used += len(block) + 1
        if room is not None and blocks and used > room:
            break
        blocks.append(block)
    return blocks


def _print_rest(console: Console, rest: object) -> None:
    """A table of the findings that did not fit: how many of each rule."""
    from rich.table import Table

    counts: dict[tuple[str, str, str], int] = {}
    for item in rest:  # type: ignore[attr-defined]
        key = (item.code, item.name, item.severity)
        counts[key] = counts.get(key, 0) + 1
    table = Table(box=None, show_header=False, padding=(0, 1), title=f"and {plural(sum(counts.values()), 'more finding')}:")
    table.title_justify = "left"
    for (code, name, severity), count in sorted(counts.items()):
        table.add_row(str(count), Text(code, style=_STYLES[severity]), name)
    console.print(table)
    console.print(Text("  --output-format concise shows all of them, one a line", style="dim"))
    console.print()


def _block(item: Diagnostic, report: Report) -> list[Text]:
    """All lines of one finding."""
    redact = report.redact
    source = item.source
    row, column = source.position(item.span[0])
    style = _STYLES[item.severity]
    lines: list[Text] = []
    head = Text.assemble(
        (f"{item.severity}[{item.code}]", style), (f" {item.name}: {visible(redact(item.message))}", "bold")
    )
    lines.extend(_wrap(head, report.width, "  "))
    end_row = source.row(max(item.span[0], item.span[1] - 1))
    gutter = len(str(min(end_row + _CONTEXT, len(source.starts))))
    margin = " " * (gutter + 1)
    lines.append(Text.assemble((f"{margin[:-1]}--> ", "cyan"), f"{redact(shown_path(source.path))}:{row}:{column}"))
    if source.text:
        lines.append(Text(f"{margin}|", style="cyan"))
        lines.extend(_excerpt(item, row, end_row, gutter, report))
        lines.append(Text(f"{margin}|", style="cyan"))
    for label in item.related:
        place = ":".join(map(str, source_position(label.source, label.span[0])))
        note = f"{label.message}: {shown_path(label.source.path)}:{place}"
        lines.extend(_note("note", note, margin, report))
    if item.help:
        lines.extend(_note("help", item.help, margin, report))
    lines.extend(_preview(item, margin, report))
    return lines


def source_position(source: Source, offset: int) -> tuple[int, int]:
    """Row and column of an offset."""
    return source.position(offset)


def _note(word: str, text: str, margin: str, report: Report) -> list[Text]:
    """``= help: ...``, wrapped under itself."""
    indent = " " * (len(margin) + len(word) + 4)
    note = Text.assemble((f"{margin}= ", "cyan"), (f"{word}: ", "bold"), visible(report.redact(text)))
    return _wrap(note, report.width, indent)


def _wrap(text: Text, width: int, indent: str) -> list[Text]:
    """Break a text at blanks, later lines indented."""
    console = Console(width=width, file=StringIO())
    first, *others = text.wrap(console, width) or [text]
    if not others:
        first.rstrip()
        return [first]
    first = text.wrap(console, width)[0]
    rest = text[len(first) :]
    first.rstrip()
    lines = [first]
    plain_start = len(rest.plain) - len(rest.plain.lstrip())
    for line in rest[plain_start:].wrap(console, max(20, width - len(indent))):
        line.rstrip()
        lines.append(Text(indent) + line)
    return lines


def _excerpt(item: Diagnostic, row: int, end_row: int, gutter: int, report: Report) -> list[Text]:
    """The lines of the span with one line above, and the marks under what is meant."""
    source = item.source
    text = masked_text(source)
    style = _STYLES[item.severity]
    lines: list[Text] = []
    last = min(end_row, row + _MOST_PREVIEW)
    for number in range(max(1, row - _CONTEXT), last + 1):
        start, end = source.line_span(number)
        line = text[start:end]
        if number < row and not line.strip():
            continue
        low = max(item.span[0], start) - start
        high = min(item.span[1], end) - start
        room = max(20, report.width - gutter - 4)
        shown, marks_at, marks = _fit(line, low, high, room, inside=row <= number <= end_row)
        lines.append(Text.assemble((f"{number:>{gutter}} | ", "cyan"), shown))
        if row <= number <= end_row:
            marked = Text.assemble((f"{' ' * gutter} | ", "cyan"), " " * marks_at, ("^" * marks, style))
            if number == last and item.label:
                label = visible(report.redact(item.label))
                if marks_at + marks + 1 + cell_len(label) <= room:
                    marked.append(f" {label}", style=style)
                    lines.append(marked)
                else:
                    lines.append(marked)
                    shift = max(0, min(marks_at, room - cell_len(label)))
                    lines.append(Text.assemble((f"{' ' * gutter} | ", "cyan"), " " * shift, (label, style)))
            else:
                lines.append(marked)
    return lines


def _fit(line: str, low: int, high: int, room: int, *, inside: bool) -> tuple[str, int, int]:
    """A line cut to the room around the marked part, where the marks begin in cells, and how many there are."""
    before, marked, after = (visible(part).replace("\t", "    ") for part in (line[:low], line[low:high], line[high:]))
    if not inside:
        before, marked, after = before + marked + after, "", ""
    if cell_len(before) + cell_len(marked) + cell_len(after) <= room:
        return before + marked + after, cell_len(before), max(1, cell_len(marked))
    keep = max(8, room - min(cell_len(marked), room * 2 // 3) - 12)
    if cell_len(before) > keep:
        while cell_len(before) > keep - 1:
            before = before[1:]
        before = "…" + before
    rest = room - cell_len(before)
    if cell_len(marked) > rest:
        while cell_len(marked) > rest - 1:
            marked = marked[:-1]
        return before + marked + "…", cell_len(before), max(1, cell_len(marked))
    rest -= cell_len(marked)
    if cell_len(after) > rest:
        while after and cell_len(after) > rest - 1:
            after = after[:-1]
        after += "…"
    return before + marked + after, cell_len(before), max(1, cell_len(marked))


def _preview(item: Diagnostic, margin: str, report: Report) -> list[Text]:
    """What the fix would change: the lines before and after, masked."""
    fix = item.fix
    if fix is None:
        return []
    source = item.source
    safe = fix.applicability == "safe"
    lines = _note("fix" if safe else "unsafe fix", fix.message, margin, report)
    if not fix.edits:
        return lines
    first, last = source.row(fix.edits[0].start), source.row(max(fix.edits[0].start, fix.edits[-1].end - 1))
    if last - first >= _MOST_PREVIEW:
        return lines
    start, end = source.line_span(first)[0], source.line_span(last)[1]
    after_text = apply(source.text, [fix])
    after_end = end + len(after_text) - len(source.text)
    old = masked_text(source)[start:end]
    new = mask(report.redact(after_text[start : max(start, after_end)]))
    room = max(20, report.width - len(margin) - 2)
    for sign, style, text in (("-", "red", old), ("+", "green", new)):
        for line in text.splitlines():
            shown, _, _ = _fit(line, 0, 0, room, inside=True)
            lines.append(Text(f"{margin}{sign} {shown}", style=style))
    return lines
