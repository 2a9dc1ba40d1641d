"""What the catalogue requires of each object in the vault: its bytes and its lock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, false, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from archive.acts import removed_mark
from archive.base.identifiers import FacilityCode
from archive.catalog.observations import of_stored
from archive.catalog.operations import LedgerObjectRow, ObservationRow
from archive.catalog.tables import ActRow, ChartRow, StoredObjectRow
from archive.ledger.store import CHECKPOINT_TYPE, OCTETS
from archive.vault.policy import fixed_until


@dataclass(frozen=True, slots=True)
class LockRequirement:
    """What the catalogue requires of one object: its bytes, and its lock.

    The lock lasts until a date, or by the rolling period.
    """

    object_key: str
    object_version: str
    sha256: str | None  # None for the ledger's objects, which prove themselves
    size: int | None
    media_type: str
    retain_until: datetime | None  # that its lock must reach; None: by the rolling period
    chart_id: str | None  # None: it belongs to no chart
    may_lapse: bool  # an older checkpoint: the newest one proves all that it proved


def lock_requirements(session: Session, facility: FacilityCode) -> Iterator[LockRequirement]:
    """Yield every object of the acts and of the ledger that the catalogue knows, in order of keys.

    No act brings the ledger's tiles and checkpoints: the ledger's publisher makes them of the acts.
    An object without a chart has its fixed date once its lock was seen to reach it: Kho 0.1 put
    these objects under a rolling lock.
    """
    brought = (
        select(
            StoredObjectRow.object_key,
            StoredObjectRow.object_version,
            StoredObjectRow.sha256,
            StoredObjectRow.size,
            StoredObjectRow.media_type,
            ChartRow.retain_until,
            StoredObjectRow.chart_id,
            case((StoredObjectRow.chart_id.is_(None), ActRow.time)).label("time"),
            ObservationRow.retain_until.label("seen_until"),
            false().label("may_lapse"),
        )
        .outerjoin(ChartRow, ChartRow.id == StoredObjectRow.chart_id)
        .outerjoin(
            ActRow,
            (ActRow.facility == StoredObjectRow.facility)
            & (ActRow.index == StoredObjectRow.act_index),
        )
        .outerjoin(ObservationRow, of_stored())
        .where(StoredObjectRow.facility == facility)
    )
    is_checkpoint = LedgerObjectRow.kind == "checkpoint"
    newest = (
        select(func.max(LedgerObjectRow.size)).where(
            LedgerObjectRow.facility == facility, is_checkpoint
        )
    ).scalar_subquery()
    ledger = select(
        LedgerObjectRow.object_key,
        LedgerObjectRow.object_version,
        null().label("sha256"),
        null().label("size"),
        case(
            (is_checkpoint, literal(CHECKPOINT_TYPE)),
            (LedgerObjectRow.kind == removed_mark.KIND, literal(removed_mark.MEDIA_TYPE)),
            else_=literal(OCTETS),
        ).label("media_type"),
        LedgerObjectRow.retain_until,
        null().label("chart_id"),
        null().label("time"),
        null().label("seen_until"),
        and_(is_checkpoint, LedgerObjectRow.size < newest).label("may_lapse"),
    ).where(LedgerObjectRow.facility == facility)
    everything: Select[Any] = select(union_all(brought, ledger).subquery())
    for row in session.execute(everything.order_by("object_key")).mappings():
        said = dict(row)
        time, seen_until = said.pop("time"), said.pop("seen_until")
        if time is not None and seen_until is not None and seen_until >= fixed_until(time):
            said["retain_until"] = fixed_until(time)
        yield LockRequirement(**said)
