"""What the intake refused: kept in the catalogue until it is settled or its time is over.

It is operational: no act states it, and a rebuild does not bring it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Self

from sqlalchemy import ColumnElement, and_, delete, func, literal, or_, select, update

from api.composition.ground import Ground
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.bilingual import Text
from archive.base.clock import Clock, iso
from archive.base.errors import Fault, NotFound
from archive.base.identifiers import FacilityCode
from archive.catalog.database import Catalog
from archive.catalog.operations import RefusalRow


class Source(StrEnum):
    """By which way a source came in."""

    REST = "rest"
    WATCH = "watch"
    COMMAND = "command"
    PAGE = "page"


State = Literal["open", "settled"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: what came, from whom, what was wrong with it, how often, and whether it is
    settled.

    `faults` are the first ones of `fault_count`. `settled_by`: the account of a person; None where
    the same source was archived later.
    """

    id: str
    source: Source
    sender: str
    name: str
    department: str | None
    faults: tuple[Fault, ...]
    fault_count: int
    times: int
    first_at: datetime
    last_at: datetime
    settled_at: datetime | None
    settled_by: str | None

    def as_json(self) -> dict[str, Any]:
        """Return what `kho refusals --json` prints and the API answers."""
        return {
            "refusal_id": self.id,
            "source": self.source.value,
            "sender": self.sender,
            "name": self.name,
            "department": self.department,
            "faults": [fault.as_json() for fault in self.faults],
            "fault_count": self.fault_count,
            "times": self.times,
            "first_at": iso(self.first_at),
            "last_at": iso(self.last_at),
            "settled_at": iso(self.settled_at) if self.settled_at else None,
            "settled_by": self.settled_by,
        }


@dataclass(frozen=True, slots=True)
class RefusalFilter:
    """Which refusals are wanted; None is no condition."""

    state: State | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """Some refusals, the newest first, and how many there are."""

    refusals: tuple[Refusal, ...]
    total: int


class Refusals:
    """The refusals of one facility. Safe for threads and for several processes.

    A person sees those of their departments. A refusal whose department is not known is seen by
    people who see all departments, and by the person who sent it in a page.
    """

    def __init__(self, catalog: Catalog, facility: FacilityCode, days: int, clock: Clock) -> None:
        """`days`: a refusal is forgotten so long after it came last."""
        self.catalog, self.facility, self.clock = catalog, facility, clock
        self._kept_for = timedelta(days=days)

    @classmethod
    def of_home(cls, ground: Ground) -> Self:
        """Return the refusals of a home, which keeps them as long as its settings say."""
        days = ground.settings.intake.refusals_days
        return cls(ground.catalog, ground.code, days, ground.clock)

    def listed(
        self, wanted: RefusalFilter, limit: int, offset: int, actor: Actor, scope: Scope
    ) -> RefusalPage:
        """Return `limit` refusals behind the first `offset`, by the time at which each came last.

        Raises Denied.
        """
        actor.require(Permission.INGEST)
        matching = and_(self._seen(actor, scope), *_conditions(wanted))
        some = select(RefusalRow).where(matching).limit(limit).offset(offset)
        with self.catalog.read() as session:
            total = session.scalar(select(func.count()).select_from(RefusalRow).where(matching))
            rows = session.scalars(some.order_by(RefusalRow.last_at.desc(), RefusalRow.id))
            return RefusalPage(tuple(map(_refusal, rows)), total or 0)

    def open_count(self, actor: Actor, scope: Scope) -> int:
        """Return how many refusals wait for a person. Raises Denied."""
        actor.require(Permission.INGEST)
        waiting = and_(self._seen(actor, scope), RefusalRow.settled_at.is_(None))
        with self.catalog.read() as session:
            count = select(func.count()).select_from(RefusalRow).where(waiting)
            return session.scalar(count) or 0

    def settle(self, refusal_id: str, actor: Actor, scope: Scope) -> Refusal:
        """Mark a refusal as settled by `actor`; a settled one is not changed.

        Raises Denied, NotFound.
        """
        actor.require(Permission.INGEST)
        mine = and_(self._seen(actor, scope), RefusalRow.id == refusal_id)
        with self.catalog.write() as session:
            session.execute(
                update(RefusalRow)
                .where(mine, RefusalRow.settled_at.is_(None))
                .values(settled_at=self.clock.now(), settled_by=actor.name)
            )
            row = session.scalar(select(RefusalRow).where(mine))
            if row is None:
                raise NotFound
            return _refusal(row)

    def purge(self) -> None:
        """Forget the refusals whose time is over; where there are none, nothing is written."""
        over = RefusalRow.last_at <= self.clock.now() - self._kept_for
        with self.catalog.read() as session:
            if session.scalar(select(RefusalRow.id).where(over).limit(1)) is None:
                return
        with self.catalog.write() as session:
            session.execute(delete(RefusalRow).where(over))

    def _seen(self, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        mine = RefusalRow.facility == scope.facility
        if scope.departments is None:
            return mine
        own = and_(RefusalRow.sender == actor.name, RefusalRow.source == Source.PAGE.value)
        return mine & or_(own, *map(_names, sorted(scope.departments)))


def _names(code: str) -> ColumnElement[bool]:
    """Return the condition on refusals that name this department, beside others or alone.

    `replace` minds case on every database; `LIKE` does not.
    """
    listed = literal(";") + RefusalRow.department + ";"
    return func.replace(listed, f";{code};", "") != listed


def _conditions(wanted: RefusalFilter) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        is_open = RefusalRow.settled_at.is_(None)
        conditions.append(is_open if wanted.state == "open" else ~is_open)
    if wanted.source is not None:
        conditions.append(RefusalRow.source == wanted.source.value)
    return conditions


def _refusal(row: RefusalRow) -> Refusal:
    return Refusal(
        id=row.id,
        source=Source(row.source),
        sender=row.sender,
        name=row.name,
        department=row.department,
        faults=tuple(
            Fault(fault["path"], fault["code"], Text(fault["vi"], fault["en"]))
            for fault in row.faults
        ),
        fault_count=row.fault_count,
        times=row.times,
        first_at=row.first_at,
        last_at=row.last_at,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
    )
