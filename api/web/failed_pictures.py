"""Pictures that could not be drawn: remembered for a minute, so that reloads do not draw again."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from archive.base.errors import KhoError, NotFound, Unreadable

REMEMBERED_SECONDS = 60.0
_MOST = 1000


class FailedPictures:
    """The pictures that failed lately, by name. Safe for threads.

    Only what the file itself makes fail is remembered. Where a turn, memory or the store is missing
    the next request may succeed.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._failed: OrderedDict[str, tuple[float, KhoError]] = OrderedDict()  # oldest first

    @contextmanager
    def remembered(self, picture: str) -> Iterator[None]:
        """Raise the error with which this picture failed lately; else run the block, and remember
        the NotFound or Unreadable that it raises.
        """
        with self._guard:
            failed_at, error = self._failed.get(picture, (0.0, None))
        if error is not None and time.monotonic() - failed_at < REMEMBERED_SECONDS:
            raise type(error)(**error.facts)
        try:
            yield
        except (NotFound, Unreadable) as failed:
            with self._guard:
                self._failed.pop(picture, None)
                self._failed[picture] = time.monotonic(), failed
                while len(self._failed) > _MOST:
                    self._failed.popitem(last=False)
            raise
