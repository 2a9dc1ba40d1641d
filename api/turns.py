"""Turns: how many may do a dear thing at once, and how many may wait for it; everybody else is told at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from archive.errors import KhoError


class Turns:
    """At most `at_once` callers at work, and `waiting` more who wait for `patience` seconds. Safe for threads.

    Whoever waits holds one of the server's threads, so only few may.
    """

    def __init__(self, at_once: int, waiting: int, patience: float, busy: type[KhoError]) -> None:
        self.most = at_once + waiting  # callers, each on a thread of its own
        self._work = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(self.most)
        self._patience, self._busy = patience, busy

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold a turn. Raises `busy` at once where enough wait already, and after `patience` seconds of waiting."""
        if not self._places.acquire(blocking=False):
            raise self._busy
        try:
            if not self._work.acquire(timeout=self._patience):
                raise self._busy
            try:
                yield
            finally:
                self._work.release()
        finally:
            self._places.release()
