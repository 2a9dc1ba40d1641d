"""The composition root: a home, and the ways to open its archive.

Services are built here and handed to the doors.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from api.composition.ground import Ground
from archive.base.clock import Clock
from archive.base.settings import Settings

if TYPE_CHECKING:
    from api.composition.follow_ups import FollowUps
    from api.reading.archive import ReadableArchive
    from api.writing.archive import WritableArchive


class Home(Ground):
    """One archive.

    Nothing of its acts is read, and nothing is made, before it is opened for reading or writing.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        witness: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(settings, clock, witness)
        self._guard = threading.RLock()  # the server opens it from several threads
        self._readable: ReadableArchive | None = None
        self._writable: WritableArchive | None = None

    def open_for_reading(self) -> "ReadableArchive":
        """Bring the catalogue up to its vault, once, and return the services that read.

        Raises NoArchive (nothing is made), CatalogueUnusable, Unavailable.
        """
        with self._guard:
            if self._readable is None:
                from api.reading.archive import ReadableArchive

                self._readable = ReadableArchive(self, self.follow_ups, self.catch_up())
            return self._readable

    def open_for_writing(self) -> "WritableArchive":
        """Open for reading, prove that this home may write, and return the services that write.

        Raises as :meth:`open_for_reading` and :meth:`api.composition.ground.Ground.ledger_signer`.
        """
        with self._guard:
            if self._writable is None:
                from api.writing.archive import WritableArchive

                readable = self.open_for_reading()
                self.ledger_signer()
                self._writable = WritableArchive(self, self.follow_ups, readable)
            return self._writable

    @cached_property
    def follow_ups(self) -> "FollowUps":
        """What follows the acts, and says what is due; it opens nothing."""
        from api.composition.follow_ups import FollowUps

        return FollowUps(self)
