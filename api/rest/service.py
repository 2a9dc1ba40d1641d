"""What the views of the API share: the home, and the turns of what is dear."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app

from api.home import Home
from api.rest.cursor import Cursors
from api.rest.errors import Busy
from api.rest.idempotency import Idempotency
from api.rest.probe import Probe
from api.turns import Turns
from api.verdicts import Verdicts

_NAME = "kho.rest"


@dataclass(frozen=True)
class Service:
    """One home as the API serves it. `wake` is called when an act has left work in the outbox."""

    home: Home
    wake: Callable[[], None]
    cursors: Cursors
    idempotency: Idempotency
    probe: Probe
    verdicts: Verdicts
    # One's papers are rendered while another's act is written. Together with those of verdicts, those at work and
    # those who wait are fewer than the server's threads: one is always free to answer.
    accessions: Turns = field(default_factory=lambda: Turns(4, 2, 60.0, Busy))

    def install(self, app: Flask) -> None:
        """Make this the service of `app`."""
        app.extensions[_NAME] = self

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the turn of what seals or archives, and wake what follows acts at its end. Raises Busy."""
        with self.accessions.held():
            try:
                yield
            finally:
                self.wake()


def service() -> Service:
    """Return the service of the application that answers."""
    return cast("Service", current_app.extensions[_NAME])
