"""What the views of the API share: the home, and the turns of what is dear."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app

from api.home import Home
from api.rest.cursor import Cursors
from api.rest.errors import Busy, VerifyingBusy
from api.rest.idempotency import Idempotency
from api.rest.probe import Probe
from archive.errors import KhoError

ACCESSIONS_AT_ONCE = 4  # one's papers are rendered while another's act is written; the rest of the threads answer
VERIFICATIONS_AT_ONCE = 2  # each takes a processor, and up to the validator's memory limit
_NAME = "kho.rest"


@dataclass(frozen=True)
class Service:
    """One home as the API serves it. `wake` is called when an act has left work in the outbox."""

    home: Home
    wake: Callable[[], None]
    cursors: Cursors
    idempotency: Idempotency
    probe: Probe
    accessions: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(ACCESSIONS_AT_ONCE)
    )
    verifications: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(VERIFICATIONS_AT_ONCE)
    )

    def install(self, app: Flask) -> None:
        """Make this the service of `app`."""
        app.extensions[_NAME] = self

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the turn of what seals or archives, and wake what follows acts at its end. Raises Busy."""
        with _turn(self.accessions, 60.0, Busy):
            try:
                yield
            finally:
                self.wake()

    @contextmanager
    def verifying(self) -> Iterator[None]:
        """Hold a turn of validation. Raises VerifyingBusy."""
        with _turn(self.verifications, 20.0, VerifyingBusy):
            yield


@contextmanager
def _turn(turns: threading.BoundedSemaphore, patience: float, busy: type[KhoError]) -> Iterator[None]:
    if not turns.acquire(timeout=patience):
        raise busy
    try:
        yield
    finally:
        turns.release()


def service() -> Service:
    """Return the service of the application that answers."""
    return cast("Service", current_app.extensions[_NAME])
