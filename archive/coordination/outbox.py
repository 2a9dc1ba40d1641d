"""The outbox: work that follows acts, done at least once, by any process.

Every handler is idempotent.

Done work is deleted by the ids that were read, never "up to" an id: on PostgreSQL a lower id may be
committed later.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from archive.base.clock import Clock
from archive.base.errors import KhoError, Unavailable
from archive.base.identifiers import FacilityCode
from archive.base.leases import LeaseHeld, Leases
from archive.catalog.database import Catalog
from archive.catalog.operations import OutboxRow
from archive.vault.contract import VaultUnreachable

T = TypeVar("T")
# gets the distinct subjects of one topic, and may return those that it could not do
Handler = Callable[[frozenset[str]], frozenset[str] | None]
EachHandler = Callable[[str], object]  # gets one subject
Idle = Callable[[frozenset[str]], frozenset[str]]  # returns the subjects with nothing to do
PORTION = 10_000  # rows at a time
SMALL_PORTION = 500  # where a user waits
AWAY = (Unavailable, VaultUnreachable)  # a component is away: the next subject would fare no better
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(days=1)  # each is twice the one before


@dataclass(slots=True)
class _Rows:
    """The rows of one subject, and how often it failed."""

    ids: list[int] = field(default_factory=list)
    tries: int = 0


class Outbox:
    """Drains the outbox of one facility through one handler a topic.

    A handler in `handlers` gets all subjects of its topic at once. Where it raises, all stay due.
    Those that it returns are postponed, each time for longer. A handler in `each` gets them one by
    one: a subject that fails stays due and delays no other. Subjects for which `idle` says that
    they need no handler are deleted at once.
    """

    def __init__(
        self,
        catalog: Catalog,
        facility: FacilityCode,
        leases: Leases,
        clock: Clock,
        handlers: Mapping[str, Handler],
        each: Mapping[str, EachHandler] = MappingProxyType({}),
        idle: Mapping[str, Idle] = MappingProxyType({}),
    ) -> None:
        self._catalog, self._facility, self._leases = catalog, facility, leases
        self._clock = clock
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
        """Tell whether work is due now in `topics` (all, where none is named)."""
        return bool(self.due(*(topics or self._topics)))

    def due(self, *topics: str) -> frozenset[str]:
        """Return those of `topics` in which work is due now."""
        columns = (exists().where(self._ready(topic)).label(topic) for topic in topics)
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
        """Return how many subjects are due now in `topic`."""
        return self._count(self._ready(topic))

    def postponed(self, topic: str) -> int:
        """Return how many subjects of `topic` failed and wait to be tried again."""
        return self._count(self._mine(topic) & ~self._is_due())

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
            for work, rows in self._portions(topic, due):
                try:
                    left = work()
                except AWAY:
                    raise
                except KhoError as error:
                    failure = failure or error
                else:
                    self._settle(topic, rows, left or frozenset())
        if failure is not None:
            raise failure
        return True

    def _due(self, topic: str, most: int) -> dict[str, _Rows]:
        """Return the distinct subjects of the oldest rows that are due, each with its rows."""
        query = (
            select(OutboxRow.subject, OutboxRow.id, OutboxRow.tries)
            .where(self._ready(topic))
            .order_by(OutboxRow.id)
            .limit(most)
        )
        due: dict[str, _Rows] = {}
        with self._catalog.read() as session:
            for subject, number, tries in session.execute(query):
                rows = due.setdefault(subject, _Rows())
                rows.ids.append(number)
                rows.tries = max(rows.tries, tries)
        return due

    def _portions(
        self, topic: str, due: dict[str, _Rows]
    ) -> Iterator[tuple[Callable[[], frozenset[str] | None], dict[str, _Rows]]]:
        """Yield what to do, and the rows that are done then."""
        if topic in self._each:
            idle = self._idle[topic](frozenset(due)) if topic in self._idle else frozenset()
            if idle:
                yield frozenset, {subject: due[subject] for subject in idle}
            for subject in sorted(due.keys() - idle):
                yield partial(self._do_one, topic, subject), {subject: due[subject]}
        else:
            yield partial(self._handlers[topic], frozenset(due)), due

    def _do_one(self, topic: str, subject: str) -> None:
        self._each[topic](subject)

    def _settle(self, topic: str, rows: dict[str, _Rows], left: frozenset[str]) -> None:
        """Forget what was done, and postpone what is left of it."""
        done = rows.keys() - left
        with self._catalog.write() as session:
            self._delete(session, (number for subject in done for number in rows[subject].ids))
            if topic in self._handlers:
                # what failed before and was done now; the topic's lease keeps others away
                earlier = self._mine(topic) & OutboxRow.due_at.is_not(None)
                subjects = sorted(done)
                for start in range(0, len(subjects), PORTION):
                    some = OutboxRow.subject.in_(subjects[start : start + PORTION])
                    session.execute(delete(OutboxRow).where(earlier, some))
            now = self._clock.now()
            for subject in left & rows.keys():
                tries = rows[subject].tries
                wait = min(FIRST_WAIT * 2 ** min(tries, 20), LONGEST_WAIT)
                session.execute(
                    update(OutboxRow)
                    .where(OutboxRow.id.in_(rows[subject].ids))
                    .values(tries=tries + 1, due_at=now + wait)
                )

    def _count(self, which: ColumnElement[bool]) -> int:
        query = select(func.count(OutboxRow.subject.distinct())).where(which)
        with self._catalog.read() as session:
            return session.scalar(query) or 0

    def _mine(self, topic: str) -> ColumnElement[bool]:
        return (OutboxRow.facility == self._facility) & (OutboxRow.topic == topic)

    def _ready(self, topic: str) -> ColumnElement[bool]:
        return self._mine(topic) & self._is_due()

    def _is_due(self) -> ColumnElement[bool]:
        return or_(OutboxRow.due_at.is_(None), OutboxRow.due_at <= self._clock.now())

    def _forget(self, done: list[int]) -> None:
        with self._catalog.write() as session:
            self._delete(session, done)

    @staticmethod
    def _delete(session: Session, rows: Iterable[int]) -> None:
        ids = list(rows)
        for start in range(0, len(ids), PORTION):
            session.execute(delete(OutboxRow).where(OutboxRow.id.in_(ids[start : start + PORTION])))
