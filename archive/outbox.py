"""The outbox: work that follows acts, done at least once by whoever comes first; every handler is idempotent."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy import delete, exists, func, select

from archive.catalog.database import Catalog
from archive.catalog.operations import OutboxRow
from archive.identifiers import FacilityCode
from archive.leases import LeaseHeld, Leases

T = TypeVar("T")
Handler = Callable[[frozenset[str]], None]  # gets the distinct subjects of one topic


class Outbox:
    """Drains the outbox of one facility through one handler a topic."""

    def __init__(
        self, catalog: Catalog, facility: FacilityCode, leases: Leases, handlers: Mapping[str, Handler]
    ) -> None:
        self._catalog, self._facility = catalog, facility
        self._leases, self._handlers = leases, handlers

    def drain(self, *topics: str, patience: float = 0) -> bool:
        """Do what is due in `topics` (all, where none is named); return whether nothing is left of them.

        A topic that another process is draining is left to it, after waiting `patience` seconds. What a handler
        raises passes on; its rows stay.
        """
        for topic in topics or tuple(self._handlers):
            try:
                with self._leases.hold(f"outbox/{self._facility}/{topic}", timeout=patience):
                    self._drain_topic(topic)
            except LeaseHeld:
                continue
        return not self.pending(*topics)

    def pending(self, *topics: str) -> bool:
        """Tell whether work is due in `topics` (all, where none is named)."""
        mine = (OutboxRow.facility == self._facility) & OutboxRow.topic.in_(topics or tuple(self._handlers))
        with self._catalog.read() as session:
            return bool(session.scalar(select(exists().where(mine))))

    def fulfil(self, topic: str, work: Callable[[], T]) -> T:
        """Do `work`, which does all that is due in `topic` up to now whatever the subjects, and return its result."""
        mine = (OutboxRow.facility == self._facility) & (OutboxRow.topic == topic)
        with self._catalog.read() as session:
            last = session.scalar(select(func.max(OutboxRow.id)).where(mine)) or 0
        result = work()
        with self._catalog.write() as session:
            session.execute(delete(OutboxRow).where(mine & (OutboxRow.id <= last)))
        return result

    def _drain_topic(self, topic: str) -> None:
        mine = (OutboxRow.facility == self._facility) & (OutboxRow.topic == topic)
        while True:
            with self._catalog.read() as session:
                last = session.scalar(select(func.max(OutboxRow.id)).where(mine))
                if last is None:
                    return
                due = mine & (OutboxRow.id <= last)
                subjects = frozenset(session.scalars(select(OutboxRow.subject).where(due).distinct()))
            self._handlers[topic](subjects)
            with self._catalog.write() as session:
                session.execute(delete(OutboxRow).where(due))
