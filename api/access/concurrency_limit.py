"""Concurrency limits: how many callers may do costly work at once, and how many may wait.

Others are refused.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from archive.base.errors import KhoError


class ConcurrencyLimit:
    """At most `at_once` callers at work, and `waiting` more that wait for `patience` seconds.

    Safe for threads.

    A caller that waits holds one of the server's threads, so only few may. One caller (a key, an
    account) never holds every turn, nor every place: another caller finds one free.
    """

    def __init__(
        self,
        at_once: int,
        waiting: int,
        patience: float,
        busy: type[KhoError],
        share: int | None = None,
    ) -> None:
        """`share`: the places of one caller, by default all but one."""
        self.most = at_once + waiting  # callers, each on a thread of its own
        self._share = max(1, self.most - 1) if share is None else share
        self._at_once, self._patience, self._busy = at_once, patience, busy
        self._changed = threading.Condition()
        self._places: Counter[str | None] = Counter()  # at work or waiting
        self._working: Counter[str | None] = Counter()

    @property
    def taken(self) -> int:
        """How many callers are at work or waiting."""
        with self._changed:
            return self._places.total()

    @contextmanager
    def held(self, caller: str | None = None) -> Iterator[None]:
        """Hold a turn for `caller`. Callers without a name (None) are limited only by the total.

        Raises `busy` at once if enough callers wait already, and after `patience` seconds of
        waiting.
        """
        with self._changed:
            if not _has_room(self._places, caller, self.most, self._share):
                raise self._busy
            self._places[caller] += 1
        try:
            with self._changed:
                turns, share = self._at_once, max(1, self._at_once - 1)
                if not self._changed.wait_for(
                    lambda: _has_room(self._working, caller, turns, share), self._patience
                ):
                    raise self._busy
                self._working[caller] += 1
            try:
                yield
            finally:
                self._give_back(self._working, caller)
        finally:
            self._give_back(self._places, caller)

    def _give_back(self, counted: "Counter[str | None]", caller: str | None) -> None:
        with self._changed:
            counted[caller] -= 1
            if not counted[caller]:
                del counted[caller]
            self._changed.notify_all()


def _has_room(counted: "Counter[str | None]", caller: str | None, most: int, share: int) -> bool:
    return counted.total() < most and (caller is None or counted[caller] < share)
