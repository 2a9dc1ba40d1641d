"""What the store said of locks, and when: facts about the store, kept apart from what the acts
demand.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalog.operations import ObservationRow
from archive.catalog.tables import DocumentRow
from archive.catalog.upsert import upsert
from archive.vault.contract import Lock, Stored


def observe(session: Session, seen: Iterable[Stored], now: datetime) -> None:
    """Remember the lock of each stored version as it was read back; a version without a lock is not
    remembered.
    """
    rows = [
        _row(stored.key, stored.version, stored.lock, now)
        for stored in seen
        if stored.lock is not None
    ]
    upsert(session, ObservationRow, rows)


def observe_lock(session: Session, key: str, version: str, lock: Lock, now: datetime) -> None:
    """Remember one lock that was extended and read back."""
    upsert(session, ObservationRow, [_row(key, version, lock, now)])


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


def locks_of(
    session: Session, object_keys: Iterable[str]
) -> Mapping[tuple[str, str], ObservationRow]:
    """Return what the store said last of each object, by key and version, in one query."""
    query = select(ObservationRow).where(ObservationRow.object_key.in_(list(object_keys)))
    return {(row.object_key, row.object_version): row for row in session.scalars(query)}


def _row(key: str, version: str, lock: Lock, now: datetime) -> dict[str, Any]:
    return {
        "object_key": key,
        "object_version": version,
        "lock_mode": lock.mode,
        "retain_until": lock.retain_until,
        "observed_at": now,
    }
