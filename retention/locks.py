"""Locks as time goes by: extended to the statutory date at deposit, renewed while a chart is open. They only grow."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, and_, false, func, null, or_, select, union_all
from sqlalchemy.orm import Session

from archive import crash
from archive.catalog.database import Catalog
from archive.catalog.observations import observe, observe_lock
from archive.catalog.operations import LedgerObjectRow, ObservationRow
from archive.catalog.tables import ActRow, ChartRow, DocumentRow
from archive.clock import Clock
from archive.identifiers import FacilityCode, ObjectKey
from archive.vault.contract import ObjectMissing, Vault
from archive.vault.policy import RENEW_BELOW, rolling_until

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Demand:
    """What the catalogue demands of one object: its bytes, and its lock until a date or by the rolling period."""

    object_key: str
    object_version: str
    sha256: str | None  # None for the ledger's objects, which prove themselves
    size: int | None
    retain_until: datetime | None  # None: by the rolling period
    may_lapse: bool  # an older checkpoint: the newest one proves all that it proved


def demands(session: Session, facility: FacilityCode) -> Iterator[Demand]:
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
        and_(LedgerObjectRow.kind == "checkpoint", LedgerObjectRow.size < newest).label("may_lapse"),
    ).where(LedgerObjectRow.facility == facility)
    everything: Select[Any] = select(union_all(acts, documents, ledger).subquery())
    for row in session.execute(everything.order_by("object_key")):
        yield Demand(*row)


class LockKeeper:
    """Extends locks in the vault and remembers what the store read back."""

    def __init__(self, catalog: Catalog, vault: Vault, facility: FacilityCode, clock: Clock) -> None:
        self._catalog, self._vault, self._facility, self._clock = catalog, vault, facility, clock

    def settle(self, subjects: Iterable[str]) -> None:
        """See to the objects of these charts (or, by the facility's code, of acts without a chart).

        A deposited chart's are extended to its date; a lock that this catalogue has never seen (it was made anew) is
        looked at. What reaches its date already is left alone.
        """
        for subject in sorted(subjects):
            with self._catalog.read() as session:
                chart = session.get(ChartRow, subject)
                until = chart.retain_until if chart is not None else None
                due = _unsettled(session, None if subject == self._facility else subject, until)
            for key, version in due:
                if until is None:
                    self._look(key, version)
                else:
                    self._extend(key, version, until)
                    crash.point("lock.extended")

    def renew(self) -> int:
        """Renew each rolling lock of which less than 45 days are left; return how many."""
        now = self._clock.now()
        until = rolling_until(now)
        with self._catalog.read() as session:
            due = _ending_before(session, self._facility, now + RENEW_BELOW)
        for key, version in due:
            self._extend(key, version, until)
        if due:
            log.info("locks.renewed", count=len(due))
        return len(due)

    def _look(self, key: str, version: str) -> None:
        try:
            stored = self._vault.stat(ObjectKey(key), version)
        except ObjectMissing:
            return  # `kho check` tells of it
        with self._catalog.write() as session:
            observe(session, [stored], self._clock.now())

    def _extend(self, key: str, version: str, until: datetime) -> None:
        lock = self._vault.extend(ObjectKey(key), version, until)
        with self._catalog.write() as session:
            observe_lock(session, key, version, lock, self._clock.now())


def _unsettled(session: Session, chart_id: str | None, until: datetime | None) -> list[tuple[str, str]]:
    """Return the objects whose lock was never seen, or not yet seen to last until `until`; acts first."""
    found: list[tuple[str, str]] = []
    for table in (ActRow, DocumentRow):
        query = (
            select(table.object_key, table.object_version)
            .outerjoin(
                ObservationRow,
                (ObservationRow.object_key == table.object_key)
                & (ObservationRow.object_version == table.object_version),
            )
            .where(table.chart_id == chart_id)
            .where(ObservationRow.retain_until.is_(None) if until is None else _before(until))
            .order_by(table.object_key)
        )
        found += [(key, version) for key, version in session.execute(query)]
    return found


def _before(until: datetime) -> ColumnElement[bool]:
    return or_(ObservationRow.retain_until.is_(None), ObservationRow.retain_until < until)


def _ending_before(session: Session, facility: FacilityCode, limit: datetime) -> list[tuple[str, str]]:
    """Return the objects whose last seen lock ends before `limit` though the acts still demand one."""
    ending = session.execute(
        select(ObservationRow.object_key, ObservationRow.object_version).where(
            ObservationRow.retain_until < limit, ObservationRow.object_key.startswith(f"{facility}/", autoescape=True)
        )
    ).all()
    if not ending:
        return []
    rolling = {
        (d.object_key, d.object_version)
        for d in demands(session, facility)
        if not d.may_lapse and d.retain_until is None
    }
    return [(key, version) for key, version in ending if (key, version) in rolling]
