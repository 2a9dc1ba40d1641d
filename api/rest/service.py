"""What the views of the API share: the archive, and the concurrency limits of costly work."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app

from api.access.api_keys import ApiKeys
from api.access.sessions import Sessions
from api.access.turns import writing
from api.access.users import Users
from api.inspection.sets import InspectionSets
from api.inspection.turns import TakeAwayTurns
from api.reading.archive import ReadableArchive
from api.reading.verdicts import Verdicts
from api.rest.requests.cursor import Cursors
from api.rest.requests.idempotency import Idempotency
from api.upkeep.check_run import CheckRun
from api.upkeep.probe import Probe
from api.writing.archive import WritableArchive

_NAME = "kho.rest"


@dataclass(frozen=True)
class Service:
    """One archive as the API serves it.

    `open_for_writing` raises where the home cannot write. `wake` is called when an act has left
    work in the outbox.
    """

    archive: ReadableArchive
    open_for_writing: Callable[[], WritableArchive]
    wake: Callable[[], None]
    cursors: Cursors
    idempotency: Idempotency
    readiness: Probe[dict[str, Any]]
    status: Probe[dict[str, Any]]
    verdicts: Verdicts
    users: Users
    sessions: Sessions
    sets: InspectionSets
    take_away_turns: TakeAwayTurns
    keys: ApiKeys
    checks: CheckRun

    def install(self, app: Flask) -> None:
        """Make this the service of `app`."""
        app.extensions[_NAME] = self

    @property
    def most_threads(self) -> int:
        """How many callers may be at work or waiting, each on a thread of its own."""
        archive = self.archive
        return (
            archive.turns.most_threads
            + archive.viewing.most
            + archive.printing.most_threads
            + self.verdicts.most_threads
            + self.take_away_turns.most_threads
        )

    def writing(self, caller: str) -> AbstractContextManager[Callable[[], None]]:
        """Hold a turn of `caller` for work that writes; see :func:`api.access.turns.writing`."""
        return writing(self.archive.turns, caller, self.wake)


def service() -> Service:
    """Return the service of the application that answers."""
    return cast("Service", current_app.extensions[_NAME])
