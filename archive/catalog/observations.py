"""What the store said of locks, and when: facts about the store, kept apart from what the acts demand."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalog.operations import ObservationRow
from archive.catalog.tables import DocumentRow
from archive.vault.contract import Lock, Stored


def observe(session: Session, seen: Iterable[Stored], now: datetime) -> None:
    """Remember the lock of each stored version as it was read back; a version without a lock is not remembered."""
    for stored in seen:
        if stored.lock is not None:
            session.merge(_row(stored.key, stored.version, stored.lock, now))


def observe_lock(session: Session, key: str, version: str, lock: Lock, now: datetime) -> None:
    """Remember one lock that was extended and read back."""
    session.merge(_row(key, version, lock, now))


def locks_of_chart(session: Session, chart_id: str) -> Mapping[str, ObservationRow]:
    """Return what the store said last of each original of a chart, by document id, in one query."""
    query = (
        select(DocumentRow.id, ObservationRow)
        .join(
            ObservationRow,
            (ObservationRow.object_key == DocumentRow.object_key)
            & (ObservationRow.object_version == DocumentRow.object_version),
        )
        .where(DocumentRow.chart_id == chart_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _row(key: str, version: str, lock: Lock, now: datetime) -> ObservationRow:
    return ObservationRow(
        object_key=key,
        object_version=version,
        lock_mode=lock.mode,
        retain_until=lock.retain_until,
        observed_at=now,
    )
