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
            self._bar = self._draw(what)
        for task in self._bar.task_ids:
            self._bar.update(task, completed=done, total=total)

    def stop(self) -> None:
        """Wipe the bar away, if there is one, and show the cursor again."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _draw(self, what: str) -> Bar:
        """A bar on the screen."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar

        console = Console(file=self._stream, no_color=not self._color)
        bar = Bar(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True)
        bar.add_task(what, total=None)
        bar.start()
        return bar
