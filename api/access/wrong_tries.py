"""Wrong passwords: they are counted in the catalogue, over all processes, and close what they are
counted by for a while.

A try takes its place among the tries that remain before its password is hashed. So parallel tries,
of one process or of many, are never more than successive ones.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.access.passwords import SigningInBusy
from archive.base.clock import Clock, iso, parse_iso
from archive.base.errors import KhoError
from archive.base.identifiers import new_id
from archive.catalog.database import Catalog
from archive.catalog.operations import SignInTriesRow
from archive.catalog.upsert import insert_missing

LOST_AFTER = timedelta(seconds=30)  # a try that its process never ended counts as a wrong one
_PATIENCE = 10.0  # seconds to wait for tries under way
_LOOK_EVERY = 0.1  # seconds; those of other processes wake no thread here


class TooManyTries(KhoError):
    """Too many wrong passwords for one name, or from one address; the same answer whether or not
    the name exists.
    """

    code = "account.too_many_tries"


@dataclass(frozen=True, slots=True)
class Limit:
    """What wrong passwords are counted by (a digest), and how many are let through."""

    counted: str
    most: int


@dataclass(slots=True)
class Try:
    """A password that is being checked; `right` stays None where it was not judged."""

    right: bool | None = None


class _Refused(Enum):
    CLOSED = "no try is left"
    WAIT = "the tries under way could use up all that remain"


class WrongTries:
    """The wrong passwords of one home, for as long as they count. Safe for threads and processes.

    A row has the times of wrong passwords, and of tries under way with their ids.
    """

    def __init__(self, catalog: Catalog, clock: Clock, window: timedelta) -> None:
        self._catalog, self._clock, self._window = catalog, clock, window
        self._ended = threading.Condition()

    def require_open(self, limits: Sequence[Limit]) -> None:
        """Raise TooManyTries where no try is left; nothing is written."""
        names = [limit.counted for limit in limits]
        with self._catalog.read() as session:
            rows = session.scalars(
                select(SignInTriesRow).where(SignInTriesRow.counted.in_(names))
            ).all()
        times = {row.counted: row.times for row in rows}
        for limit in limits:
            if self._wrong(times.get(limit.counted, [])) >= limit.most:
                raise self._too_many()

    @contextmanager
    def one_try(self, limits: Sequence[Limit]) -> Iterator[Try]:
        """Hold one of the remaining tries of each limit during the block, which judges the try.

        A caller waits while the tries under way could use up all that remain, so right passwords
        that arrive in parallel do not refuse each other. A right password forgets the wrong ones of
        the first limit. Raises TooManyTries if none remains, SigningInBusy after 10 s of waiting.
        """
        number = self._begin(limits)
        judged = Try()
        try:
            yield judged
        finally:
            self._end(limits, number, judged.right)
            with self._ended:
                self._ended.notify_all()

    def purge(self) -> None:
        """Remove what no longer counts; where there is nothing, nothing is written."""
        over = SignInTriesRow.ends_at <= self._clock.now()
        with self._catalog.read() as session:
            if session.scalar(select(SignInTriesRow.counted).where(over).limit(1)) is None:
                return
        with self._catalog.write() as session:
            session.execute(delete(SignInTriesRow).where(over))

    def _begin(self, limits: Sequence[Limit]) -> str:
        until = time.monotonic() + _PATIENCE
        while True:
            number = self._taken(limits)
            if number is _Refused.CLOSED:
                raise self._too_many()
            if isinstance(number, str):
                return number
            if time.monotonic() > until:
                raise SigningInBusy
            with self._ended:
                self._ended.wait(_LOOK_EVERY)

    def _taken(self, limits: Sequence[Limit]) -> "str | _Refused":
        """Take one of the remaining tries of each limit, and return its id; take none of any where
        one refuses.
        """
        number, now = new_id(), self._clock.now()
        with self._catalog.write() as session:
            rows = self._locked(session, limits)
            waits = False
            for limit in limits:
                row = rows[limit.counted]
                row.times = self._recent(row.times)
                if self._wrong(row.times) >= limit.most:
                    return _Refused.CLOSED
                waits = waits or len(row.times) >= limit.most
            if waits:
                return _Refused.WAIT
            for row in rows.values():
                row.times = [*row.times, [iso(now), number]]
                row.ends_at = now + self._window
        return number

    def _end(self, limits: Sequence[Limit], number: str, right: bool | None) -> None:
        with self._catalog.write() as session:
            rows = self._locked(session, limits)
            for row in rows.values():
                row.times = [
                    [at, None] if trying == number else [at, trying]
                    for at, trying in row.times
                    if trying != number or right is False
                ]
            if right:
                first = rows[limits[0].counted]
                first.times = [[at, trying] for at, trying in first.times if trying is not None]

    def _locked(self, session: Session, limits: Sequence[Limit]) -> dict[str, SignInTriesRow]:
        """Return the row of each limit; no other process changes it before this transaction ends.

        All transactions lock rows in one order.
        """
        names = sorted(limit.counted for limit in limits)
        empty = {"times": [], "ends_at": self._clock.now() + self._window}
        wanted = (
            select(SignInTriesRow)
            .where(SignInTriesRow.counted.in_(names))
            .order_by(SignInTriesRow.counted)
            .with_for_update()
        )
        while True:
            insert_missing(session, SignInTriesRow, [{"counted": name, **empty} for name in names])
            rows = {row.counted: row for row in session.scalars(wanted)}
            if len(rows) == len(names):  # else one was purged at this moment
                return rows

    def _recent(self, times: list[Any]) -> list[Any]:
        since = self._clock.now() - self._window
        return [[at, trying] for at, trying in times if _moment(at) > since]

    def _wrong(self, times: list[Any]) -> int:
        lost = self._clock.now() - LOST_AFTER
        return sum(trying is None or _moment(at) <= lost for at, trying in self._recent(times))

    def _too_many(self) -> TooManyTries:
        return TooManyTries(minutes=int(self._window.total_seconds() // 60))


def _moment(text: str) -> datetime:
    return parse_iso(text)
