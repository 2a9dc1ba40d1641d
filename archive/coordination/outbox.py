"""The outbox: work that follows acts, done at least once, by any process.

Every handler is idempotent.

Done work is deleted by the ids that were read, never "up to" an id: on PostgreSQL a lower id may be
committed later.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, exists, func, select

from archive.base.errors import KhoError, Unavailable
from archive.base.identifiers import FacilityCode
from archive.base.leases import LeaseHeld, Leases
from archive.catalog.database import Catalog
from archive.catalog.operations import OutboxRow
from archive.vault.contract import VaultUnreachable

T = TypeVar("T")
Handler = Callable[[frozenset[str]], object]  # gets the distinct subjects of one topic
EachHandler = Callable[[str], object]  # gets one subject
Idle = Callable[[frozenset[str]], frozenset[str]]  # returns the subjects with nothing to do
PORTION = 10_000  # rows at a time
SMALL_PORTION = 500  # where a user waits
AWAY = (Unavailable, VaultUnreachable)  # a component is away: the next subject would fare no better


class Outbox:
    """Drains the outbox of one facility through one handler a topic.

    A handler in `handlers` gets all subjects of its topic at once: done together or still due
    together. A handler in `each` gets them one by one: a subject that fails stays due and delays no
    other. Subjects for which `idle` says that they need no handler are deleted at once.
    """

    def __init__(
        self,
        catalog: Catalog,
        facility: FacilityCode,
        leases: Leases,
        handlers: Mapping[str, Handler],
        each: Mapping[str, EachHandler] = MappingProxyType({}),
        idle: Mapping[str, Idle] = MappingProxyType({}),
    ) -> None:
        self._catalog, self._facility, self._leases = catalog, facility, leases
        self._handlers, self._each, self._idle = handlers, each, idle
        self._topics = (*each, *handlers)

    def drain(
        self,
        *topics: str,
        patience: float = 0,
        within: float | None = None,
        portion: int = SMALL_PORTION,
    ) -> bool:
        """Do what is due in `topics` (all, where none is named).

        Return whether nothing is left of them.

        A topic that another process is draining is left to it, after waiting `patience` seconds.
        With `within`, no new work begins after so many seconds, and at most `portion` rows are done
        at a time. What a handler raises passes on, at the end of its topic; the rows of its work
        stay.
        """
        until = None if within is None else time.monotonic() + within
        whole = True
        elsewhere = []
        for topic in topics or self._topics:
            try:
                with self._leases.hold(f"outbox/{self._facility}/{topic}", timeout=patience):
                    most = PORTION if until is None else portion
                    whole = self._drain_topic(topic, until, most) and whole
            except LeaseHeld:
                elsewhere.append(topic)
        return whole and not (elsewhere and self.pending(*elsewhere))

    def pending(self, *topics: str) -> bool:
        """Tell whether work is due in `topics` (all, where none is named)."""
        return bool(self.due(*(topics or self._topics)))

    def due(self, *topics: str) -> frozenset[str]:
        """Return those of `topics` in which work is due."""
        columns = (exists().where(self._mine(topic)).label(topic) for topic in topics)
        with self._catalog.read() as session:
            row = session.execute(select(*columns)).one()
        return frozenset(topic for topic, is_due in zip(topics, row, strict=True) if is_due)

    def owe(self, topic: str, subjects: Iterable[str]) -> None:
        """Note that these subjects are due in `topic`: work that follows other work."""
        rows = [
            OutboxRow(facility=self._facility, topic=topic, subject=subject)
            for subject in sorted(subjects)
        ]
        for start in range(0, len(rows), PORTION):
            with self._catalog.write() as session:
                session.add_all(rows[start : start + PORTION])

    def waiting(self, topic: str) -> int:
        """Return how many subjects are due in `topic`."""
        query = select(func.count(OutboxRow.subject.distinct())).where(self._mine(topic))
        with self._catalog.read() as session:
            return session.scalar(query) or 0

    def fulfil(self, topic: str, work: Callable[[], T]) -> T:
        """Do `work` and return its result.

        `work` does all that is due in `topic` up to now, for every subject.
        """
        with self._catalog.read() as session:
            due = list(session.scalars(select(OutboxRow.id).where(self._mine(topic))))
        result = work()
        self._forget(due)
        return result

    def _drain_topic(self, topic: str, until: float | None, most: int) -> bool:
        failure: KhoError | None = None
        while failure is None and (due := self._due(topic, most)):
            if until is not None and time.monotonic() > until:
                return False
            for work, done in self._portions(topic, due):
                try:
                    work()
                except AWAY:
                    raise
                except KhoError as error:
                    failure = failure or error
                else:
                    self._forget(done)
        if failure is not None:
            raise failure
        return True

    def _due(self, topic: str, most: int) -> dict[str, list[int]]:
        """Return the distinct subjects of the oldest rows, each with the ids of its rows."""
        query = (
            select(OutboxRow.subject, OutboxRow.id)
            .where(self._mine(topic))
            .order_by(OutboxRow.id)
            .limit(most)
        )
        due: dict[str, list[int]] = {}
        with self._catalog.read() as session:
            for subject, number in session.execute(query):
                due.setdefault(subject, []).append(number)
        return due

    def _portions(
        self, topic: str, due: dict[str, list[int]]
    ) -> Iterator[tuple[Callable[[], object], list[int]]]:
        """Yield what to do, and the rows that are done then."""
        if topic in self._each:
            idle = self._idle[topic](frozenset(due)) if topic in self._idle else frozenset()
            if idle:
                yield (lambda: None), [number for subject in idle for number in due[subject]]
            for subject in sorted(due.keys() - idle):
                yield partial(self._each[topic], subject), due[subject]
        else:
            yield (
                partial(self._handlers[topic], frozenset(due)),
                [number for ids in due.values() for number in ids],
            )

    def _mine(self, topic: str) -> ColumnElement[bool]:
        return (OutboxRow.facility == self._facility) & (OutboxRow.topic == topic)

    def _forget(self, done: list[int]) -> None:
        with self._catalog.write() as session:
            for start in range(0, len(done), PORTION):
                session.execute(
                    delete(OutboxRow).where(OutboxRow.id.in_(done[start : start + PORTION]))
                )
