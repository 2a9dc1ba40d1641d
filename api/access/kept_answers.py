"""Answers to requests with an idempotency key: the catalogue keeps them for a day, then they are
purged.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from archive.base.clock import Clock
from archive.base.identifiers import Sha256
from archive.catalog.database import Catalog
from archive.catalog.operations import IdempotentRequestRow

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What is known of a request: `request` is its digest.

    `status`: None where it was begun and not answered. `body`: None where only the fact is kept.
    """

    request: str
    status: int | None
    media_type: str | None
    body: bytes | None


class KeptAnswers:
    """The requests of one archive, by name. The caller holds a lease on the name."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog, self._clock = catalog, clock

    def begin(self, name: str, request: Sha256) -> KeptAnswer | None:
        """Note that a request begins; return what is known of an earlier request of that name."""
        now = self._clock.now()
        with self._catalog.write() as session:
            session.execute(
                delete(IdempotentRequestRow).where(IdempotentRequestRow.expires_at <= now)
            )
            row = session.get(IdempotentRequestRow, name)
            if row is None:
                expires_at = now + KEPT_FOR
                session.add(IdempotentRequestRow(id=name, request=request, expires_at=expires_at))
                return None
            return KeptAnswer(row.request, row.status, row.media_type, row.body)

    def keep(self, name: str, status: int, media_type: str | None, body: bytes | None) -> None:
        """Keep the answer of a request that began."""
        with self._catalog.write() as session:
            row = session.get(IdempotentRequestRow, name)
            if row is not None:
                row.status, row.media_type, row.body = status, media_type, body

    def forget(self, name: str) -> None:
        """Forget a request: it may be made again under the same name."""
        with self._catalog.write() as session:
            session.execute(delete(IdempotentRequestRow).where(IdempotentRequestRow.id == name))

    def purge(self) -> None:
        """Remove the requests whose time is over; where there are none, nothing is written."""
        over = IdempotentRequestRow.expires_at <= self._clock.now()
        with self._catalog.read() as session:
            if session.scalar(select(IdempotentRequestRow.id).where(over).limit(1)) is None:
                return
        with self._catalog.write() as session:
            session.execute(delete(IdempotentRequestRow).where(over))
