"""A bar on standard error while others are asked; it vanishes when they have answered."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from rich.progress import Progress as Bar


class Progress:
    """One bar at a time, drawn from the first word of it until it is stopped."""

    def __init__(self, stream: TextIO, *, color: bool) -> None:
        """``stream``: a terminal; nothing is drawn yet."""
        self._stream = stream
        self._color = color
        self._bar: Bar | None = None

    def tell(self, what: str, done: int, total: int) -> None:
        """What is going on, and how many answers there are, of how many."""
        if self._bar is None:
            self._draw(what, total)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total)

    def stop(self) -> None:
        """Wipe the bar away, if there is one, and show the cursor again."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _draw(self, what: str, total: int) -> None:
        """Put a bar on the screen, if it is one on which what was drawn can be wiped away."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar

        console = Console(file=self._stream, no_color=None if self._color else True)  # None: as NO_COLOR says
        if console.is_dumb_terminal:
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Bar(*columns, console=console, transient=True)  # kept before it is seen: an interrupt may come
        self._bar.add_task(what, total=total)
        self._bar.start()
