"""Turns of work that seals or archives, for pages and API of a process together."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from api.access.concurrency_limit import ConcurrencyLimit
from archive.base.errors import KhoError


class Busy(KhoError):
    """Other submissions are being archived, and this one's turn did not come in time."""

    code = "submission.busy"


class WritingTurns:
    """How many callers may seal or archive at once. Safe for threads.

    All turns and places together are fewer than the server's threads: one is always free to answer.
    """

    def __init__(self) -> None:
        # One caller's papers are rendered while another's act is written.
        self.accessions = ConcurrencyLimit(4, 2, 60.0, Busy)
        # An untrusted file may occupy its parser and its converter for minutes: files have turns of
        # their own.
        self.files = ConcurrencyLimit(2, 2, 60.0, Busy)

    @property
    def most_threads(self) -> int:
        """How many callers may be at work or waiting, each on a thread of its own."""
        return self.accessions.most + self.files.most

    @contextmanager
    def held(self, caller: str) -> Iterator[Callable[[], None]]:
        """Hold a turn of `caller`. Raises Busy.

        The context's value is a function for the first file: it changes the turn for one of files.
        Raises Busy.
        """
        with ExitStack() as turn:
            turn.enter_context(self.accessions.held(caller))
            lines = iter((self.files,))

            def file_came() -> None:
                for line in lines:  # the first file only
                    turn.close()
                    turn.enter_context(line.held(caller))

            yield file_came


@contextmanager
def writing(
    turns: WritingTurns, caller: str, wake: Callable[[], None]
) -> Iterator[Callable[[], None]]:
    """Hold a turn of `caller` for work that seals or archives, and wake the follower at its end.

    The context's value is a function for the first file. Raises Busy.
    """
    try:
        with turns.held(caller) as file_came:
            yield file_came
    finally:
        wake()
