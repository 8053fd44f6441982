"""Draw what reqlint prints about the examples, as docs/screenshot.svg: ``python docs/make_screenshot.py``.

The examples are copied to an empty folder first, so that nothing around this clone (a ``.venv``, a configuration) counts.
The picture asks for no font from the network: whatever monospaced one the reader has will do.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from docs.generate import run  # noqa: E402 - from this very clone

PICTURE = ROOT / "docs" / "screenshot.svg"
WIDTH = 96
_THEME = TerminalTheme(
    (24, 26, 31),
    (204, 208, 216),
    [(40, 44, 52), (224, 92, 98), (140, 190, 110), (222, 178, 96), (97, 160, 232), (190, 120, 216), (92, 178, 190), (171, 178, 191)],
    [(92, 99, 112), (240, 113, 120), (152, 205, 121), (235, 196, 120), (115, 176, 245), (206, 142, 230), (110, 198, 210), (255, 255, 255)],
)  # fmt: skip
_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
    font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace;
    font-size: {char_height}px;
    line-height: {line_height}px;
    font-variant-east-asian: full-width;
}}
.{unique_id}-title {{
    font-size: 18px;
    font-weight: bold;
    font-family: system-ui, sans-serif;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture() -> str:
    """The picture, as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples", Path(folder, "examples"))
        output = run(
            "--output-format", "full", "--color", "always", "examples/", directory=Path(folder), columns=str(WIDTH)
        )
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True, color_system="standard")
    console.print(Text("$ reqlint examples/\n", style="bold"))
    console.print(Text.from_ansi(output), soft_wrap=False)
    drawn = console.export_svg(title="reqlint", theme=_THEME, code_format=_FORMAT, unique_id="reqlint")
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8", newline="\n")
