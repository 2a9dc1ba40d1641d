"""Locks as time goes by: extended to the statutory date at deposit, renewed while a chart is open.

They only grow.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, and_, false, func, null, or_, select, true, union_all
from sqlalchemy.orm import Session

from archive.acts.envelope import ActObject
from archive.acts.signed_acts import SignedActs
from archive.acts.stated_charts import retention
from archive.base.clock import Clock
from archive.base.errors import IntegrityError, KhoError
from archive.base.identifiers import FacilityCode, ObjectKey
from archive.catalog.database import Catalog
from archive.catalog.observations import observe, observe_lock
from archive.catalog.operations import LedgerObjectRow, ObservationRow
from archive.catalog.tables import ActRow, ChartRow, DocumentRow, PacketReceiptRow
from archive.process import crash
from archive.vault.contract import (
    Lock,
    LockMode,
    LockRefused,
    ObjectMissing,
    Stored,
    Vault,
    VaultError,
    VaultUnreachable,
)
from archive.vault.policy import RENEW_BELOW, ROLLING, rolling_until

LOOK_AGAIN = timedelta(days=30)  # a rolling lock that was not read for so long is read again
LOOKS = 500  # at most so many in one run
Named = tuple[str, str]  # an object's key and version

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LockRequirement:
    """What the catalogue demands of one object: its bytes, and its lock until a date or by the
    rolling period.
    """

    object_key: str
    object_version: str
    sha256: str | None  # None for the ledger's objects, which prove themselves
    size: int | None
    retain_until: datetime | None  # None: by the rolling period
    may_lapse: bool  # an older checkpoint: the newest one proves all that it proved


def lock_requirements(session: Session, facility: FacilityCode) -> Iterator[LockRequirement]:
    """Yield every object that the catalogue knows of, in order of keys."""
    acts = (
        select(
            ActRow.object_key,
            ActRow.object_version,
            ActRow.digest.label("sha256"),
            ActRow.size,
            ChartRow.retain_until,
            false().label("may_lapse"),
        )
        .outerjoin(ChartRow, ChartRow.id == ActRow.chart_id)
        .where(ActRow.facility == facility)
    )
    documents = (
        select(
            DocumentRow.object_key,
            DocumentRow.object_version,
            DocumentRow.sha256,
            DocumentRow.size,
            ChartRow.retain_until,
            false().label("may_lapse"),
        )
        .join(ChartRow, ChartRow.id == DocumentRow.chart_id)
        .where(DocumentRow.facility == facility)
    )
    receipts = (
        select(
            PacketReceiptRow.object_key,
            PacketReceiptRow.object_version,
            PacketReceiptRow.sha256,
            PacketReceiptRow.size,
            ChartRow.retain_until,
            false().label("may_lapse"),
        )
        .join(ChartRow, ChartRow.id == PacketReceiptRow.chart_id)
        .where(PacketReceiptRow.facility == facility)
    )
    newest = (
        select(func.max(LedgerObjectRow.size))
        .where(LedgerObjectRow.facility == facility, LedgerObjectRow.kind == "checkpoint")
        .scalar_subquery()
    )
    ledger = select(
        LedgerObjectRow.object_key,
        LedgerObjectRow.object_version,
        null().label("sha256"),
        null().label("size"),
        null().label("retain_until"),
        and_(LedgerObjectRow.kind == "checkpoint", LedgerObjectRow.size < newest).label(
            "may_lapse"
        ),
    ).where(LedgerObjectRow.facility == facility)
    everything: Select[Any] = select(union_all(acts, documents, receipts, ledger).subquery())
    for row in session.execute(everything.order_by("object_key")):
        yield LockRequirement(*row)


class LockKeeper:
    """Extends locks in the vault and remembers what the store read back.

    An object whose lock cannot be extended to its date is logged and delays no other object: the
    first failure is raised after the last object. Only a store that is away ends the work at once.
    """

    def __init__(
        self,
        catalog: Catalog,
        vault: Vault,
        facility: FacilityCode,
        signed: SignedActs,
        clock: Clock,
    ) -> None:
        self._catalog, self._vault, self._facility, self._clock = catalog, vault, facility, clock
        self._signed = signed

    def settle(self, subject: str, *, every: bool = False) -> int:
        """Settle the locks of this chart's objects (or, by the facility's code, of acts without a
        chart).

        The locks of a deposited chart are extended to its date. A lock that this (rebuilt)
        catalogue has never observed is read. A lock that is known to reach its date is skipped, but
        with `every` each object's lock is read. Returns how many locks were read back and reach the
        chart's date; 0 where it has none. Raises IntegrityError for an object that is missing or
        without a lock, VaultError where a lock is not confirmed, CatalogueAltered where the date is
        not that of the deposit's act.
        """
        reached: list[Lock] = []
        with self._catalog.read() as session:
            chart = session.get(ChartRow, subject)
            until = retention(self._signed, session, chart) if chart is not None else None
            due = _objects(
                session,
                None if subject == self._facility else subject,
                true() if every else _short(until),
            )
        if until is None:
            self._each(due, self._look)
        else:
            self._each(due, lambda key, version: reached.append(self._bring(key, version, until)))
            return sum(
                lock.mode is LockMode.COMPLIANCE and lock.retain_until >= until for lock in reached
            )
        return 0

    def settled(self, subjects: frozenset[str]) -> frozenset[str]:
        """Return those of these charts for which :meth:`settle` would have nothing to do.

        Most charts are settled when their papers have just been archived: the put has read their
        locks back.
        """
        charts = sorted(subjects - {self._facility})
        with self._catalog.read() as session:
            starts = range(0, len(charts), LOOKS)
            due = {
                chart
                for start in starts
                for chart in _unsettled(session, charts[start : start + LOOKS])
            }
        return frozenset(charts) - due

    def renew(self) -> int:
        """Renew each rolling lock of which less than 45 days are left; return how many were due.

        Some locks that were not read for 30 days are read first: a lock may have been shortened
        behind Kho's back.
        """
        now = self._clock.now()
        long_ago = (ObservationRow.observed_at < now - LOOK_AGAIN) & (
            ObservationRow.retain_until <= now + ROLLING
        )
        with self._catalog.read() as session:
            unseen = _rolling(session, self._facility, long_ago)[:LOOKS]
        self._each(unseen, self._look)
        with self._catalog.read() as session:
            due = _rolling(session, self._facility, ObservationRow.retain_until < now + RENEW_BELOW)
        self._each(due, self._renew)
        if due:
            log.info("locks.renewed", count=len(due))
        return len(due)

    def require_whole(self, objects: Iterable[ActObject]) -> None:
        """Raise IntegrityError, naming the object, unless the vault holds each object with its size
        and a COMPLIANCE lock.
        """
        for each in objects:
            stored = self._stat(each.key, each.version)
            if (
                stored.size != each.size
                or stored.lock is None
                or stored.lock.mode is not LockMode.COMPLIANCE
            ):
                raise IntegrityError(object=each.key)

    def _each(self, due: Iterable[Named], work: Callable[[str, str], None]) -> None:
        failure: KhoError | None = None
        for key, version in due:
            try:
                work(key, version)
            except VaultUnreachable:
                raise
            except (VaultError, IntegrityError) as error:
                log.warning("locks.unsettled", code=error.code, object=key)
                failure = failure or error
        if failure is not None:
            raise failure

    def _bring(self, key: str, version: str, until: datetime) -> Lock:
        """Extend the lock to `until` where it ends before, and return it as read back.

        A date that is over demands nothing any more.
        """
        lock = self._stat(key, version).lock
        if lock is None:
            raise IntegrityError(object=key)
        if until > self._clock.now() and (
            lock.mode is not LockMode.COMPLIANCE or lock.retain_until < until
        ):
            lock = self._vault.extend(ObjectKey(key), version, until)
            self._observe(key, version, lock)
            crash.point("lock.extended")
        else:
            self._observe(key, version, lock)
        return lock

    def _renew(self, key: str, version: str) -> None:
        try:
            lock = self._vault.extend(ObjectKey(key), version, rolling_until(self._clock.now()))
        except LockRefused:
            self._look(key, version)  # it lasts longer already: the chart was deposited meanwhile
        else:
            self._observe(key, version, lock)

    def _look(self, key: str, version: str) -> None:
        try:
            stored = self._vault.stat(ObjectKey(key), version)
        except ObjectMissing:
            return  # `kho check` reports it
        with self._catalog.write() as session:
            observe(session, [stored], self._clock.now())

    def _stat(self, key: str, version: str) -> Stored:
        try:
            return self._vault.stat(ObjectKey(key), version)
        except ObjectMissing as error:
            raise IntegrityError(object=key) from error

    def _observe(self, key: str, version: str, lock: Lock) -> None:
        with self._catalog.write() as session:
            observe_lock(session, key, version, lock, self._clock.now())


def locked_until(signed: SignedActs, session: Session, chart_id: str, now: datetime) -> datetime:
    """Return the end of the lock of an object that is added to a chart: its own date once the chart
    is deposited.

    Raises CatalogueAltered where that is not the date of the deposit's act.
    """
    rolling, chart = rolling_until(now), session.get(ChartRow, chart_id)
    until = retention(signed, session, chart) if chart is not None else None
    return max(rolling, until) if until is not None else rolling


@contextmanager
def going_on() -> Iterator[None]:
    """Go on where locks could not be settled: each was logged, `kho check` reports it.

    A store that is away raises.

    For work that must not fail because of another chart's object.
    """
    try:
        yield
    except VaultUnreachable:
        raise
    except (VaultError, IntegrityError):
        return


def _objects(session: Session, chart_id: str | None, which: ColumnElement[bool]) -> list[Named]:
    """Return the objects of a chart (of no chart) whose observation, if there is one, is such; acts
    first.
    """
    found: list[Named] = []
    for table in (ActRow, DocumentRow, PacketReceiptRow):
        query = (
            select(table.object_key, table.object_version)
            .outerjoin(
                ObservationRow,
                (ObservationRow.object_key == table.object_key)
                & (ObservationRow.object_version == table.object_version),
            )
            .where(table.chart_id == chart_id, which)
            .order_by(table.object_key)
        )
        found += [(key, version) for key, version in session.execute(query)]
    return found


def _unsettled(session: Session, charts: Sequence[str]) -> Iterator[str]:
    """Yield those of `charts` with an object whose lock was never seen, or not yet seen to reach
    the chart's date.
    """
    for table in (ActRow, DocumentRow, PacketReceiptRow):
        query = (
            select(table.chart_id)
            .distinct()
            .join(ChartRow, ChartRow.id == table.chart_id)
            .outerjoin(
                ObservationRow,
                (ObservationRow.object_key == table.object_key)
                & (ObservationRow.object_version == table.object_version),
            )
            .where(
                table.chart_id.in_(charts),
                or_(
                    ObservationRow.retain_until.is_(None),
                    ObservationRow.retain_until < ChartRow.retain_until,
                ),
            )
        )
        yield from (chart for chart in session.scalars(query) if chart is not None)


def _short(until: datetime | None) -> ColumnElement[bool]:
    """Tell a lock that was never seen, or not yet seen to last until `until`."""
    never = ObservationRow.retain_until.is_(None)
    return never if until is None else or_(never, ObservationRow.retain_until < until)


def _rolling(session: Session, facility: FacilityCode, which: ColumnElement[bool]) -> list[Named]:
    """Return the objects so observed whose lock the acts still demand by the rolling period,
    longest unseen first.
    """
    seen = session.execute(
        select(ObservationRow.object_key, ObservationRow.object_version)
        .where(which, ObservationRow.object_key.startswith(f"{facility}/", autoescape=True))
        .order_by(ObservationRow.observed_at)
    ).all()
    if not seen:
        return []
    rolling = {
        (d.object_key, d.object_version)
        for d in lock_requirements(session, facility)
        if not d.may_lapse and d.retain_until is None
    }
    return [(key, version) for key, version in seen if (key, version) in rolling]
