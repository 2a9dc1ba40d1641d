"""Locks as time goes by: extended to the statutory date at deposit, renewed while a chart is open.

They only grow.

What is due is found by an index (`observation.due_at`): the work follows what is due, not the size
of the archive.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session, aliased

from archive.acts.envelope import ActObject
from archive.acts.signed_acts import SignedActs
from archive.acts.stated_charts import retention
from archive.base.clock import Clock, parse_iso
from archive.base.errors import IntegrityError, KhoError
from archive.base.identifiers import FacilityCode, ObjectKey
from archive.catalog.database import Catalog
from archive.catalog.observations import observe, observe_lock, of_stored, postpone
from archive.catalog.operations import LedgerObjectRow, ObservationRow
from archive.catalog.tables import ChartRow, StoredObjectRow
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
from archive.vault.policy import LOOK_AGAIN, RENEW_BELOW, fixed_until, rolling_until

LOOKS = 500  # locks that are read in one run, at most, though none of them ends soon
Named = tuple[str, str]  # an object's key and version

log = structlog.get_logger(__name__)


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
        """Settle the locks of this chart's objects, or of the objects of an act without a chart.

        `subject`: a chart's id, the key of an act, or the facility's code for all that belongs to
          no chart. The locks
        of a deposited chart are extended to its date, others to their fixed date. A lock that this
        (rebuilt) catalogue has never observed is read. A lock that is known to reach its date is
        skipped, but with `every` each object's lock is read. Returns how many locks were read back
        and reach the chart's date; 0 where it has none. Raises IntegrityError for an object that is
        missing or without a lock, VaultError where a lock is not confirmed, CatalogueAltered where
        the date is not that of the signed act.
        """
        never = ObservationRow.retain_until.is_(None)
        with self._catalog.read() as session:
            chart = session.get(ChartRow, subject)
            until = retention(self._signed, session, chart) if chart is not None else None
            if chart is None:
                unsettled = or_(never, ObservationRow.due_at.is_not(None))
            else:
                unsettled = (
                    never if until is None else or_(never, ObservationRow.retain_until < until)
                )
            due = _objects(session, self._named(subject), true() if every else unsettled)
        reached: list[bool] = []
        if chart is None:
            self._each(due, self._see_to)
        elif until is None:
            self._each(due, self._look)
        else:
            self._each(due, lambda key, version: reached.append(self._bring(key, version, until)))
        return sum(reached)

    def settled(self, subjects: frozenset[str]) -> frozenset[str]:
        """Return those of these charts and acts for which :meth:`settle` would have nothing to do.

        Most are settled when they have just been archived: the put has read their locks back.
        """
        asked = sorted(subjects - {self._facility})
        with self._catalog.read() as session:
            starts = range(0, len(asked), LOOKS)
            due = {
                subject
                for start in starts
                for subject in _unsettled(session, asked[start : start + LOOKS])
            }
        return frozenset(asked) - due

    def renew(self) -> int:
        """See to each lock that is due; return how many were extended.

        A rolling lock is renewed in its last 45 days.

        Some locks that were not read for 30 days are read, too: a lock may have been shortened
        behind Kho's back.
        """
        now = self._clock.now()
        ends_soon = ObservationRow.retain_until < now + RENEW_BELOW
        with self._catalog.read() as session:
            due = _due(session, now, ends_soon, None)
            unseen = _due(session, now, ~ends_soon, LOOKS)
        renewed: list[bool] = []
        self._each([*due, *unseen], lambda key, version: renewed.append(self._see_to(key, version)))
        if any(renewed):
            log.info("locks.renewed", count=sum(renewed))
        return sum(renewed)

    def require_whole(self, objects: Iterable[ActObject]) -> None:
        """Raise IntegrityError unless the vault holds each object, whole and under COMPLIANCE.

        The error names the object.
        """
        for each in objects:
            stored = self._stat(each.key, each.version)
            if (
                stored.size != each.size
                or stored.lock is None
                or stored.lock.mode is not LockMode.COMPLIANCE
            ):
                raise IntegrityError(object=each.key)

    def _named(self, subject: str) -> ColumnElement[bool]:
        """Return the condition on objects that belong to `subject`."""
        if subject == self._facility:
            return StoredObjectRow.chart_id.is_(None)
        if not subject.startswith(f"{self._facility}/acts/"):
            return StoredObjectRow.chart_id == subject
        act = aliased(StoredObjectRow)
        mine = (
            StoredObjectRow.act_index
            == select(act.act_index).where(act.object_key == subject).scalar_subquery()
        )
        return and_(
            StoredObjectRow.facility == self._facility, mine, StoredObjectRow.chart_id.is_(None)
        )

    def _each(self, due: Iterable[Named], work: Callable[[str, str], object]) -> None:
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

    def _see_to(self, key: str, version: str) -> bool:
        """Do what is due for one object; return whether its lock was extended."""
        with self._catalog.read() as session:
            stored, published = session.get(StoredObjectRow, key), session.get(LedgerObjectRow, key)
            until = self._date_of(session, stored) if stored is not None else None
            lapsed = stored is None and (
                published is None or _is_older_checkpoint(session, published)
            )
        if lapsed:
            self._postpone(key, version, None)
            return False
        if published is not None:
            until = self._fixed_date(published)
        if until is not None:
            self._bring(key, version, until)
            return True
        seen = self._look(key, version)
        if seen is None or (
            seen.lock is not None and seen.lock.retain_until > self._clock.now() + RENEW_BELOW
        ):
            return False
        self._renew(key, version)
        return True

    def _date_of(self, session: Session, stored: StoredObjectRow) -> datetime | None:
        """Return the date that an object's lock must reach, as the signed acts state it.

        None means the rolling period.

        No store shortens a lock, so the catalogue alone is not believed.
        """
        if stored.chart_id is None:
            return fixed_until(parse_iso(self._signed.act(stored.act_index).time))
        chart = session.get(ChartRow, stored.chart_id)
        return retention(self._signed, session, chart) if chart is not None else None

    def _fixed_date(self, published: LedgerObjectRow) -> datetime:
        """Return the date that the lock of a ledger object must reach; set it the first time.

        Kho 0.1 put these objects under a rolling lock. No date in the catalogue is later than one
        that is set now.
        """
        latest = fixed_until(self._clock.now())
        if published.retain_until is None:
            with self._catalog.write() as session:
                session.get_one(LedgerObjectRow, published.object_key).retain_until = latest
        return min(published.retain_until or latest, latest)

    def _bring(self, key: str, version: str, until: datetime) -> bool:
        """Extend the lock to `until` where it ends before, and return whether it was read back so.

        A date that is over requires nothing any more.
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
        return lock.mode is LockMode.COMPLIANCE and lock.retain_until >= until

    def _renew(self, key: str, version: str) -> None:
        try:
            lock = self._vault.extend(ObjectKey(key), version, rolling_until(self._clock.now()))
        except LockRefused:
            self._look(key, version)  # it lasts longer already: the chart was deposited meanwhile
        else:
            self._observe(key, version, lock)

    def _look(self, key: str, version: str) -> Stored | None:
        """Read and remember a lock; None where the object is missing, which `kho check` reports."""
        try:
            stored = self._vault.stat(ObjectKey(key), version)
        except ObjectMissing:
            self._postpone(key, version, self._clock.now() + LOOK_AGAIN)
            return None
        with self._catalog.write() as session:
            observe(session, [stored], self._clock.now())
        return stored

    def _postpone(self, key: str, version: str, due_at: datetime | None) -> None:
        with self._catalog.write() as session:
            postpone(session, key, version, due_at)

    def _stat(self, key: str, version: str) -> Stored:
        try:
            return self._vault.stat(ObjectKey(key), version)
        except ObjectMissing as error:
            raise IntegrityError(object=key) from error

    def _observe(self, key: str, version: str, lock: Lock) -> None:
        with self._catalog.write() as session:
            observe_lock(session, key, version, lock, self._clock.now())


def locked_until(signed: SignedActs, session: Session, chart_id: str, now: datetime) -> datetime:
    """Return the end of the lock of an object that is added to a chart.

    It is the chart's own date once the chart is deposited.

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


def _due(
    session: Session, now: datetime, which: ColumnElement[bool], most: int | None
) -> list[Named]:
    """Return the observed objects that are due and such, longest due first; `most` at most."""
    query = select(ObservationRow.object_key, ObservationRow.object_version)
    due = (
        query.where(ObservationRow.due_at <= now, which).order_by(ObservationRow.due_at).limit(most)
    )
    return [(key, version) for key, version in session.execute(due)]


def _objects(
    session: Session, named: ColumnElement[bool], which: ColumnElement[bool]
) -> list[Named]:
    """Return the objects so named whose observation, if any, is such; older acts' objects first."""
    query = (
        select(StoredObjectRow.object_key, StoredObjectRow.object_version)
        .outerjoin(ObservationRow, of_stored())
        .where(named, which)
        .order_by(StoredObjectRow.act_index, StoredObjectRow.object_key)
    )
    return [(key, version) for key, version in session.execute(query)]


def _unsettled(session: Session, subjects: Sequence[str]) -> Iterator[str]:
    """Yield those of `subjects` with an object whose lock is not yet seen to reach its date."""
    never = ObservationRow.retain_until.is_(None)
    of_charts = (
        select(StoredObjectRow.chart_id)
        .distinct()
        .join(ChartRow, ChartRow.id == StoredObjectRow.chart_id)
        .outerjoin(ObservationRow, of_stored())
        .where(
            StoredObjectRow.chart_id.in_(subjects),
            or_(never, ObservationRow.retain_until < ChartRow.retain_until),
        )
    )
    yield from (chart for chart in session.scalars(of_charts) if chart is not None)
    act = aliased(StoredObjectRow)
    of_acts = (
        select(act.object_key)
        .distinct()
        .join(
            StoredObjectRow,
            (StoredObjectRow.facility == act.facility)
            & (StoredObjectRow.act_index == act.act_index),
        )
        .outerjoin(ObservationRow, of_stored())
        .where(act.object_key.in_(subjects), or_(never, ObservationRow.due_at.is_not(None)))
    )
    yield from session.scalars(of_acts)


def _is_older_checkpoint(session: Session, published: LedgerObjectRow) -> bool:
    """Tell whether a newer checkpoint continues `published`, which has no fixed date yet."""
    if published.kind != "checkpoint" or published.retain_until is not None:
        return False
    newer = LedgerObjectRow.facility == published.facility, LedgerObjectRow.size > published.size
    kind = LedgerObjectRow.kind == "checkpoint"
    return session.scalar(select(LedgerObjectRow.size).where(*newer, kind).limit(1)) is not None
