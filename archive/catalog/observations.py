"""What the store said of locks, and when: facts about the store, kept apart from what the acts demand."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from archive.catalog.operations import ObservationRow
from archive.vault.contract import Lock, Stored


def observe(session: Session, seen: Iterable[Stored], now: datetime) -> None:
    """Remember the lock of each stored version as it was read back; a version without a lock is not remembered."""
    for stored in seen:
        if stored.lock is not None:
            session.merge(_row(stored.key, stored.version, stored.lock, now))


def observe_lock(session: Session, key: str, version: str, lock: Lock, now: datetime) -> None:
    """Remember one lock that was extended and read back."""
    session.merge(_row(key, version, lock, now))


def _row(key: str, version: str, lock: Lock, now: datetime) -> ObservationRow:
    return ObservationRow(
        object_key=key,
        object_version=version,
        lock_mode=lock.mode,
        retain_until=lock.retain_until,
        observed_at=now,
    )
