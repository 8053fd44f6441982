"""A bar on standard error while others are asked; it vanishes when they have answered."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


class Progress:
    """One bar, drawn from the first answer to the last."""

    def __init__(self, stream: TextIO, what: str) -> None:
        """``stream``: a terminal; ``what``: is going on."""
        self._console = Console(file=stream)
        self._what = what
        self._bar: Bar | None = None
        self._task = TaskID(0)

    def tell(self, done: int, total: int) -> None:
        """How many answers there are, of how many."""
        if self._bar is None:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            self._bar = Bar(*columns, console=self._console, transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self._what, total=total)
        self._bar.update(self._task, completed=done, total=total)
        if done >= total:
            self._bar.stop()
            self._bar = None
