"""The outbox: work that follows acts, done at least once by whoever comes first; every handler is idempotent."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import delete, exists, func, select

from archive.catalog.database import Catalog
from archive.catalog.operations import OutboxRow
from archive.errors import KhoError, Unavailable
from archive.identifiers import FacilityCode
from archive.leases import LeaseHeld, Leases
from archive.vault.contract import VaultUnreachable

T = TypeVar("T")
Handler = Callable[[frozenset[str]], None]  # gets the distinct subjects of one topic
EachHandler = Callable[[str], None]  # gets one subject
AWAY = (Unavailable, VaultUnreachable)  # a component is away: the next subject would fare no better


class Outbox:
    """Drains the outbox of one facility through one handler a topic.

    A topic of `handlers` gets all its subjects at once: done together or still due together. A topic of `each` gets
    them one by one: one that fails stays due and keeps no other waiting.
    """

    def __init__(
        self,
        catalog: Catalog,
        facility: FacilityCode,
        leases: Leases,
        handlers: Mapping[str, Handler],
        each: Mapping[str, EachHandler] = MappingProxyType({}),
    ) -> None:
        self._catalog, self._facility, self._leases = catalog, facility, leases
        self._handlers, self._each = handlers, each
        self._topics = (*each, *handlers)

    def drain(self, *topics: str, patience: float = 0) -> bool:
        """Do what is due in `topics` (all, where none is named); return whether nothing is left of them.

        A topic that another process is draining is left to it, after waiting `patience` seconds. What a handler
        raises passes on, at the end of its topic; the rows of what it was to do stay.
        """
        for topic in topics or self._topics:
            try:
                with self._leases.hold(f"outbox/{self._facility}/{topic}", timeout=patience):
                    self._drain_topic(topic)
            except LeaseHeld:
                continue
        return not self.pending(*topics)

    def pending(self, *topics: str) -> bool:
        """Tell whether work is due in `topics` (all, where none is named)."""
        mine = (OutboxRow.facility == self._facility) & OutboxRow.topic.in_(topics or self._topics)
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
        failure: KhoError | None = None
        while failure is None and (due := self._due(topic)) is not None:
            last, subjects = due
            for work, done in self._portions(topic, subjects):
                try:
                    work()
                except AWAY:
                    raise
                except KhoError as error:
                    failure = failure or error
                else:
                    self._forget(topic, last, done)
        if failure is not None:
            raise failure

    def _due(self, topic: str) -> tuple[int, frozenset[str]] | None:
        """Return the newest row's id and the distinct subjects up to it; None where nothing is due."""
        mine = (OutboxRow.facility == self._facility) & (OutboxRow.topic == topic)
        with self._catalog.read() as session:
            last = session.scalar(select(func.max(OutboxRow.id)).where(mine))
            if last is None:
                return None
            subjects = session.scalars(select(OutboxRow.subject).where(mine & (OutboxRow.id <= last)).distinct())
            return last, frozenset(subjects)

    def _portions(self, topic: str, subjects: frozenset[str]) -> Iterator[tuple[Callable[[], None], str | None]]:
        """Yield what to do, and the subject that is done then (None: all of them)."""
        if topic in self._each:
            for subject in sorted(subjects):
                yield partial(self._each[topic], subject), subject
        else:
            yield partial(self._handlers[topic], subjects), None

    def _forget(self, topic: str, last: int, subject: str | None) -> None:
        done = (OutboxRow.facility == self._facility) & (OutboxRow.topic == topic) & (OutboxRow.id <= last)
        if subject is not None:
            done &= OutboxRow.subject == subject
        with self._catalog.write() as session:
            session.execute(delete(OutboxRow).where(done))
