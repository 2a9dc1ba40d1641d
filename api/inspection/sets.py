"""The set of papers that a person collects, to read one after another and to take away.

It is kept in the catalogue for each person, holds at most `MOST` papers, and is forgotten `KEPT`
after the last paper was put in. It gives no rights: what has left the person's scope, or the
archive, is not in the set.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, contains_eager

from api.composition.ground import Ground
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.clock import Clock
from archive.base.errors import KhoError, NotFound
from archive.base.identifiers import FacilityCode
from archive.catalog.database import Catalog
from archive.catalog.entries import ChartEntry, DocumentEntry
from archive.catalog.operations import SetPaperRow
from archive.catalog.records import documents_within
from archive.catalog.tables import ChartRow, DocumentRow
from archive.catalog.upsert import insert_missing

MOST = 2000  # papers in a set
KEPT = timedelta(days=30)
_ORDER = (SetPaperRow.place, SetPaperRow.document_id)

T = TypeVar("T")


class SetEmpty(KhoError):
    """There is no paper to take away."""

    code = "set.empty"


class SetFull(KhoError):
    """The set would hold more papers than a set may."""

    code = "set.full"


@dataclass(frozen=True, slots=True)
class Added:
    """How many papers a call has put in, how many were there before, and how many there are now."""

    new: int
    known: int
    total: int

    def as_json(self) -> dict[str, int]:
        """Return the members for command line and API."""
        return {"new": self.new, "known": self.known, "total": self.total}


@dataclass(frozen=True, slots=True)
class CollectedPaper:
    """A paper of the set, and its chart."""

    document: DocumentEntry
    chart: ChartEntry

    def as_json(self) -> dict[str, Any]:
        """Return the members for command line and API; nothing of the patient."""
        document, chart = self.document, self.chart
        return {
            "document_id": document.id,
            "chart_id": chart.id,
            "form": document.form,
            "title": document.title.as_json(),
            "dated": document.dated,
            "sheet": document.sheet,
            "key": document.key,
            "sha256": document.sha256,
            "bytes": document.size,
            "episode": chart.facts.episode,
            "archive_number": chart.archive_number,
            "superseded_by": document.superseded_by,
        }


class InspectionSets:
    """The sets of all persons of one archive. Safe for threads and for several processes."""

    def __init__(self, catalog: Catalog, facility: FacilityCode, clock: Clock) -> None:
        self._catalog, self._facility, self._clock = catalog, facility, clock

    @classmethod
    def of_home(cls, home: Ground) -> "InspectionSets":
        """Return the sets of `home`."""
        return cls(home.catalog, home.code, home.clock)

    def add(self, ids: Sequence[str], actor: Actor, scope: Scope) -> Added:
        """Put the papers that `ids` name into the caller's set; a chart's id names all its papers.

        All or nothing. Papers that are in the set keep their place. Raises Denied, NotFound where
        an id is of nothing within `scope`, SetFull.
        """
        actor.require(Permission.ORIGINAL)
        now = self._clock.now()
        with self._catalog.write() as session:
            wanted = list(_papers(session, ids, scope))
            session.execute(delete(SetPaperRow).where(self._mine(actor), ~self._kept()))
            mine = select(SetPaperRow).where(self._mine(actor))
            there = {row.document_id: row.place for row in session.scalars(mine)}
            new = [each for each in wanted if each not in there]
            if len(there) + len(new) > MOST:
                raise SetFull(most=MOST, room=max(MOST - len(there), 0), wanted=len(new))
            first = max(there.values(), default=-1) + 1
            rows = [
                {
                    "facility": self._facility,
                    "account": actor.name,
                    "document_id": document_id,
                    "place": first + at,
                    "kept_until": now + KEPT,
                }
                for at, document_id in enumerate(new)
            ]
            insert_missing(session, SetPaperRow, rows)
            session.execute(
                update(SetPaperRow).where(self._mine(actor)).values(kept_until=now + KEPT)
            )
        return Added(len(new), len(wanted) - len(new), len(there) + len(new))

    def remove(self, documents: Sequence[str], actor: Actor) -> None:
        """Take papers out of the caller's set; those that are not in it change nothing."""
        actor.require(Permission.ORIGINAL)
        gone = SetPaperRow.document_id.in_(list(documents))
        with self._catalog.write() as session:
            session.execute(delete(SetPaperRow).where(self._mine(actor), gone))

    def clear(self, actor: Actor) -> None:
        """Empty the caller's set."""
        actor.require(Permission.ORIGINAL)
        with self._catalog.write() as session:
            session.execute(delete(SetPaperRow).where(self._mine(actor)))

    def count(self, actor: Actor, scope: Scope) -> int:
        """Return how many papers the caller's set holds. One query."""
        actor.require(Permission.ORIGINAL)
        with self._catalog.read() as session:
            asked = self._papers(actor, scope, select(func.count(SetPaperRow.document_id)))
            return session.scalar(asked) or 0

    def ids(self, actor: Actor, scope: Scope) -> list[str]:
        """Return the ids of the papers in the caller's set, in their order. One query."""
        actor.require(Permission.ORIGINAL)
        with self._catalog.read() as session:
            asked = self._papers(actor, scope, select(SetPaperRow.document_id))
            return list(session.scalars(asked.order_by(*_ORDER)))

    def papers(
        self, actor: Actor, scope: Scope, limit: int | None = None, offset: int = 0
    ) -> list[CollectedPaper]:
        """Return at most `limit` papers of the caller's set behind the first `offset`. One query.

        Raises Denied.
        """
        actor.require(Permission.ORIGINAL)
        asked = self._papers(actor, scope, select(DocumentRow)).order_by(*_ORDER)
        with self._catalog.read() as session:
            return _collected(session, asked.limit(limit).offset(offset))

    def purge(self) -> None:
        """Remove the sets that are forgotten; where there are none, nothing is written."""
        over = SetPaperRow.kept_until <= self._clock.now()
        with self._catalog.read() as session:
            if session.scalar(select(SetPaperRow.document_id).where(over).limit(1)) is None:
                return
        with self._catalog.write() as session:
            session.execute(delete(SetPaperRow).where(over))

    def _mine(self, actor: Actor) -> ColumnElement[bool]:
        return and_(SetPaperRow.facility == self._facility, SetPaperRow.account == actor.name)

    def _kept(self) -> ColumnElement[bool]:
        return SetPaperRow.kept_until > self._clock.now()

    def _papers(self, actor: Actor, scope: Scope, asked: Select[T]) -> Select[T]:
        """Join `asked` with the papers of the caller's set that are within `scope`."""
        return (
            asked.select_from(SetPaperRow)
            .join(DocumentRow, DocumentRow.id == SetPaperRow.document_id)
            .join(ChartRow, ChartRow.id == DocumentRow.chart_id)
            .where(self._mine(actor), self._kept(), documents_within(scope))
        )


def chosen_papers(catalog: Catalog, ids: Sequence[str], scope: Scope) -> list[CollectedPaper]:
    """Return the papers that `ids` name, each once: a chart's id names all its papers.

    Raises NotFound where one of them is not within `scope`.
    """
    with catalog.read() as session:
        papers = list(_papers(session, ids, scope))
        asked = select(DocumentRow).join(DocumentRow.chart).where(DocumentRow.id.in_(papers))
        by_id = {paper.document.id: paper for paper in _collected(session, asked)}
    return [by_id[each] for each in papers]


def _papers(session: Session, ids: Sequence[str], scope: Scope) -> Iterator[str]:
    """Yield the ids of the papers that `ids` name; those of a chart in its order. Raises NotFound.

    Papers that a newer one has replaced are among them: an inspector sees both.
    """
    wanted = list(dict.fromkeys(ids))
    rows = session.execute(
        select(DocumentRow.id, DocumentRow.chart_id)
        .join(DocumentRow.chart)
        .where(
            or_(DocumentRow.chart_id.in_(wanted), DocumentRow.id.in_(wanted)),
            documents_within(scope),
        )
        .order_by(DocumentRow.position)
    ).all()
    papers = {document_id: [document_id] for document_id, _ in rows}
    charts: dict[str, list[str]] = {}
    for document_id, chart_id in rows:
        charts.setdefault(chart_id, []).append(document_id)
    named = [charts.get(each) or papers.get(each) for each in wanted]
    if None in named:
        raise NotFound
    yield from dict.fromkeys(each for group in named if group for each in group)


def _collected(session: Session, asked: Select[DocumentRow]) -> list[CollectedPaper]:
    """Return the papers of a query that joins documents and their charts."""
    whole = asked.options(contains_eager(DocumentRow.chart))
    return [
        CollectedPaper(DocumentEntry.of(row), ChartEntry.of(row.chart))
        for row in session.scalars(whole)
    ]
