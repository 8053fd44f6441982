"""Many questions to servers at once, in threads that nobody waits for when the run is interrupted."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import TypeVar

    Question = TypeVar("Question")
    Answer = TypeVar("Answer")

_AT_ONCE = 8


def at_once(ask: Callable[[Question], Answer], questions: Collection[Question]) -> Iterator[tuple[Question, Answer]]:
    """Each question with its answer, as the answers come; raises what ``ask`` raises.

    No further question is asked when the caller goes on no more. The interpreter joins the threads of an executor at its
    end, and so would wait for a server that hangs.
    """
    pending: SimpleQueue[Question] = SimpleQueue()
    answers: SimpleQueue[tuple[Question, Answer] | BaseException] = SimpleQueue()
    for question in questions:
        pending.put(question)

    def work() -> None:
        for question in _taken(pending):
            try:
                answers.put((question, ask(question)))
            except BaseException as error:  # noqa: BLE001 - the caller's thread raises it
                answers.put(error)

    for _ in range(min(_AT_ONCE, len(questions))):
        Thread(target=work, name="reqlint-asking", daemon=True).start()
    try:
        for _ in questions:
            answer = answers.get()
            if isinstance(answer, BaseException):
                raise answer
            yield answer
    finally:
        for _ in _taken(pending):
            pass


def _taken(queue: SimpleQueue[Question]) -> Iterator[Question]:
    """What is in a queue, taken out one by one."""
    while True:
        try:
            yield queue.get_nowait()
        except Empty:
            return
