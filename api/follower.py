"""The follower: one thread of the server that drains the outbox as soon as an act is in, and renews locks."""

import contextlib
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

import structlog

from archive.errors import KhoError
from search.errors import IndexBusy

if TYPE_CHECKING:
    from api.home import Home

EVERY = 1.0  # seconds between looks: other processes write, too, and cannot wake us
AFTER_FAILURE = 10.0
RENEW_EVERY = 3600.0

_log = structlog.get_logger(__name__)


class Follower:
    """Does what the outbox holds, in the background; use it in a `with`. Failures are logged and tried again."""

    def __init__(self, home: "Home") -> None:
        self._home = home
        self._due = threading.Event()
        self._stopped = threading.Event()
        self._renew_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="kho-follower", daemon=True)

    def wake(self) -> None:
        """Look into the outbox now."""
        self._due.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopped.set()
        self.wake()
        self._thread.join(timeout=30)  # what it leaves undone stays in the outbox

    def _run(self) -> None:
        while not self._stopped.is_set():
            pause = EVERY
            try:
                self._follow()
            except KhoError as error:
                _log.warning("follower.failed", code=error.code, why=error.explain("en"))
                pause = AFTER_FAILURE
            except Exception as error:  # noqa: BLE001 - whatever it was: without this thread nothing would be indexed
                _log.error("follower.failed", error=type(error).__name__)
                pause = AFTER_FAILURE
            self._due.wait(pause)
            self._due.clear()

    def _follow(self) -> None:
        if self._home.outbox.pending():
            with contextlib.suppress(IndexBusy):  # whoever holds the index's writer drains the same outbox
                self._home.outbox.drain()
        if time.monotonic() >= self._renew_at:
            self._home.locks.renew()
            self._renew_at = time.monotonic() + RENEW_EVERY
