"""Wrong passwords: they are counted by name, and close a name for a while."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from archive.base.clock import Clock
from archive.base.errors import KhoError


class TooManyTries(KhoError):
    """Too many wrong passwords for one name; the same answer whether or not the name exists."""

    code = "account.too_many_tries"


class WrongTries:
    """Wrong passwords by name, for as long as they count.

    Safe for threads. Of very many names the oldest are forgotten.
    """

    _MOST_NAMES = 10_000

    def __init__(self, clock: Clock, tries: int, window: timedelta) -> None:
        self._clock, self._tries, self._window = clock, tries, window
        self._guard = threading.Condition()
        self._trying: Counter[str] = Counter()  # tries under way
        self._times: OrderedDict[str, list[datetime]] = OrderedDict()

    @contextmanager
    def one_try(self, name: str) -> Iterator[None]:
        """Hold one of the remaining tries during the block; raises TooManyTries if none remains.

        A caller waits while the tries under way could use up all that remain. So parallel tries are
        never more than successive tries, and right passwords that arrive in parallel do not refuse
        each other.
        """
        with self._guard:
            while (failed := len(self._recent(name))) + self._trying[
                name
            ] >= self._tries and failed < self._tries:
                self._guard.wait()
            if failed >= self._tries:
                raise TooManyTries(minutes=int(self._window.total_seconds() // 60))
            self._trying[name] += 1
        try:
            yield
        finally:
            with self._guard:
                self._trying[name] -= 1
                if not self._trying[name]:
                    del self._trying[name]
                self._guard.notify_all()

    def require_open(self, name: str) -> None:
        """Raise TooManyTries where no try is left."""
        with self._guard:
            if len(self._recent(name)) >= self._tries:
                raise TooManyTries(minutes=int(self._window.total_seconds() // 60))

    def add(self, name: str) -> None:
        """Count one wrong password."""
        with self._guard:
            self._times[name] = [*self._recent(name), self._clock.now()]
            self._times.move_to_end(name)
            while len(self._times) > self._MOST_NAMES:
                self._times.popitem(last=False)

    def forget(self, name: str) -> None:
        """Forget the wrong passwords of a name: the right one was given."""
        with self._guard:
            self._times.pop(name, None)

    def _recent(self, name: str) -> list[datetime]:
        since = self._clock.now() - self._window
        return [time for time in self._times.get(name, []) if time > since]
