"""What the store said of locks, and when: facts apart from what the acts require.

Each observation carries the moment at which the keeper of locks must see to it again. So finding
what is due reads one index, however large the archive is.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from archive.base.identifiers import ObjectKey
from archive.catalog.operations import LedgerObjectRow, ObservationRow
from archive.catalog.rows import table_of
from archive.catalog.tables import ActRow, ChartRow, DocumentRow, StoredObjectRow
from archive.catalog.upsert import upsert
from archive.vault.contract import Lock, Stored
from archive.vault.policy import fixed_until, next_look

_OBJECT, _CHART, _ACT, _LEDGER = map(table_of, (StoredObjectRow, ChartRow, ActRow, LedgerObjectRow))
# Kept, so that SQLAlchemy knows again what it has compiled.
_BROUGHT = (
    select(_OBJECT.c.object_key, _OBJECT.c.chart_id, _CHART.c.retain_until, _ACT.c.time)
    .outerjoin(_CHART, _CHART.c.id == _OBJECT.c.chart_id)
    .outerjoin(
        _ACT, (_ACT.c.facility == _OBJECT.c.facility) & (_ACT.c.index == _OBJECT.c.act_index)
    )
    .where(_OBJECT.c.object_key.in_(bindparam("keys", expanding=True)))
)
_PUBLISHED = select(_LEDGER.c.object_key, _LEDGER.c.retain_until).where(
    _LEDGER.c.object_key.in_(bindparam("keys", expanding=True))
)


def observe(session: Session, seen: Iterable[Stored], now: datetime) -> None:
    """Remember the lock of each stored version as it was read back.

    A version without a lock is not remembered.
    """
    locks = {
        (stored.key, stored.version): stored.lock for stored in seen if stored.lock is not None
    }
    required = required_dates(session, [key for key, _ in locks])
    rows = [
        {
            "object_key": key,
            "object_version": version,
            "lock_mode": lock.mode,
            "retain_until": lock.retain_until,
            "observed_at": now,
            "due_at": next_look(lock.retain_until, required[key], now) if key in required else None,
        }
        for (key, version), lock in locks.items()
    ]
    upsert(session, ObservationRow, rows)


def observe_lock(session: Session, key: str, version: str, lock: Lock, now: datetime) -> None:
    """Remember one lock that was extended and read back."""
    observe(session, [Stored(ObjectKey(key), version, 0, lock)], now)


def required_dates(session: Session, keys: Iterable[str]) -> dict[str, datetime | None]:
    """Return the date that the lock of each object must reach; None: by the rolling period.

    A key that the catalogue does not know is left out.
    """
    asked = {"keys": list(keys)}
    dates: dict[str, datetime | None] = {}
    for key, chart_id, retain_until, time in session.connection().execute(_BROUGHT, asked):
        dates[key] = retain_until if chart_id is not None else fixed_until(time)
    if len(dates) < len(asked["keys"]):
        dates.update((key, until) for key, until in session.connection().execute(_PUBLISHED, asked))
    return dates


def postpone(session: Session, key: str, version: str, due_at: datetime | None) -> None:
    """Put off the next look at an object; None: there is none."""
    row = session.get(ObservationRow, (key, version))
    if row is not None:
        row.due_at = due_at


def locks_of_chart(session: Session, chart_id: str) -> Mapping[str, ObservationRow]:
    """Return what the store said last of each original of a chart, by document id, in one query."""
    query = (
        select(DocumentRow.id, ObservationRow)
        .join(StoredObjectRow, StoredObjectRow.object_key == DocumentRow.object_key)
        .join(ObservationRow, of_stored())
        .where(DocumentRow.chart_id == chart_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def locks_of(
    session: Session, object_keys: Iterable[str]
) -> Mapping[tuple[str, str], ObservationRow]:
    """Return what the store said last of each object, by key and version, in one query."""
    query = select(ObservationRow).where(ObservationRow.object_key.in_(list(object_keys)))
    return {(row.object_key, row.object_version): row for row in session.scalars(query)}


def of_stored() -> ColumnElement[bool]:
    """Return the condition that joins the observation of an object to the object."""
    return (ObservationRow.object_key == StoredObjectRow.object_key) & (
        ObservationRow.object_version == StoredObjectRow.object_version
    )
