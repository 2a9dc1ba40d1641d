"""Lists of records, page by page.

Each page goes on behind a position, so that nothing is missed or shown twice.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager

from archive.access.scope import Scope
from archive.base.departments import codes_of
from archive.base.errors import NotFound
from archive.catalog.entries import ChartEntry, DocumentEntry
from archive.catalog.records import documents_within, many_within, within
from archive.catalog.tables import (
    ActRow,
    ChartRow,
    DocumentRow,
    HandoverRow,
    PacketReceiptRow,
    PatientRow,
    SubmissionRow,
)

RETURNED = "returned"  # a receipt of a packet that this archive sent
Lacking = Callable[[], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class ChartFilter:
    """A filter of charts; None means no condition.

    `opened_*`: when the chart entered the archive, `discharged_*`: when treatment ended; ends are
    excluded. `department`: a code, or several with `;` between them; a chart must name all of them.
    `papers`: whether a required paper is missing. `receipts`: a packet of the chart was sent, and
    its receipt has not come back.
    """

    state: str | None = None
    kind: str | None = None
    outcome: str | None = None
    department: str | None = None
    archive_number: str | None = None
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    discharged_from: datetime | None = None
    discharged_until: datetime | None = None
    papers: Literal["missing", "complete"] | None = None
    receipts: Literal["awaited"] | None = None


# The columns by which a table of charts is sorted. Names are not among them: a database sorts them
# by code points, and Vietnamese people by the given name.
ORDERS: Mapping[str, InstrumentedAttribute[Any]] = {
    "received": ChartRow.opened_at,
    "archive_number": ChartRow.archive_number,
    "episode": ChartRow.episode,
    "birth_date": PatientRow.birth_date,
    "admitted": ChartRow.admitted_at,
    "discharged": ChartRow.discharged_at,
    "department": ChartRow.department,
    "state": ChartRow.state,
}


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a table: a name of `ORDERS`, and the direction. Empty values come last."""

    column: str = "received"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """A filter of documents; None means no condition.

    `in_force`: not superseded, or only those superseded.
    """

    chart_id: str | None = None
    submission_id: str | None = None
    form: str | None = None
    sha256: str | None = None
    in_force: bool | None = None


def chart_page(
    session: Session,
    scope: Scope,
    wanted: ChartFilter,
    limit: int,
    after: tuple[datetime, str] | None,
    lacking: Lacking,
) -> list[ChartEntry]:
    """Return at most `limit` charts, newest first, after the chart at `after` (time, id).

    `lacking` gives the condition on charts that lack a required paper. Charts that are added
    meanwhile come before the first page.
    """
    query = select(ChartRow).where(*matching(scope, wanted, lacking))
    if after is not None:
        moment, chart_id = after
        same = and_(ChartRow.opened_at == moment, ChartRow.id < chart_id)
        query = query.where(or_(ChartRow.opened_at < moment, same))
    query = query.order_by(ChartRow.opened_at.desc(), ChartRow.id.desc()).limit(limit)
    return [ChartEntry.of(row) for row in session.scalars(query)]


def chart_table(
    session: Session,
    scope: Scope,
    wanted: ChartFilter,
    order: Order,
    limit: int,
    offset: int,
    lacking: Lacking,
) -> tuple[list[ChartEntry], int]:
    """Return at most `limit` charts behind the first `offset`, and how many charts match."""
    column = ORDERS[order.column]
    matches = matching(scope, wanted, lacking)
    query = (
        select(ChartRow)
        .join(ChartRow.patient)
        .options(contains_eager(ChartRow.patient))
        .where(*matches)
        .order_by(
            (column.desc() if order.descending else column.asc()).nulls_last(),
            ChartRow.opened_at.desc(),
            ChartRow.id.desc(),
        )
        .limit(limit)
        .offset(offset)
    )
    total = session.scalar(select(func.count()).select_from(ChartRow).where(*matches)) or 0
    return [ChartEntry.of(row) for row in session.scalars(query)], total


def forms_in_force(session: Session, chart_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return the codes of the forms that each chart holds; superseded papers do not count."""
    query = (
        select(DocumentRow.chart_id, DocumentRow.form)
        .where(DocumentRow.chart_id.in_(list(chart_ids)), DocumentRow.superseded_by.is_(None))
        .distinct()
    )
    forms: dict[str, set[str]] = {}
    for chart_id, form in session.execute(query):
        forms.setdefault(chart_id, set()).add(form)
    return forms


def matching(scope: Scope, wanted: ChartFilter, lacking: Lacking) -> list[ColumnElement[bool]]:
    """Return the conditions on charts within `scope` that a filter asks for."""
    codes = () if wanted.department is None else codes_of(wanted.department)
    conditions = many_within(scope, codes)
    if wanted.department is not None and not codes:
        conditions.append(false())
    for name in ("state", "kind", "outcome", "archive_number"):
        if (value := getattr(wanted, name)) is not None:
            conditions.append(getattr(ChartRow, name) == value)
    for name in ("opened", "discharged"):
        at = getattr(ChartRow, f"{name}_at")
        if (first := getattr(wanted, f"{name}_from")) is not None:
            conditions.append(at >= first)
        if (until := getattr(wanted, f"{name}_until")) is not None:
            conditions.append(at < until)
    if wanted.receipts is not None:
        conditions.append(_awaits_receipt())
    if wanted.papers is not None:
        conditions.append(lacking() if wanted.papers == "missing" else not_(lacking()))
    return conditions


def _awaits_receipt() -> ColumnElement[bool]:
    returned = exists().where(
        PacketReceiptRow.packet_id == HandoverRow.packet_id,
        PacketReceiptRow.direction == RETURNED,
    )
    return exists().where(HandoverRow.chart_id == ChartRow.id, not_(returned))


def chart_counts(
    session: Session, scope: Scope, filters: Iterable[ChartFilter], lacking: Lacking
) -> list[int]:
    """Return how many charts within `scope` match each of `filters`; one query counts for all."""
    counts = [
        select(func.count())
        .select_from(ChartRow)
        .where(*matching(scope, wanted, lacking))
        .scalar_subquery()
        for wanted in filters
    ]
    return list(session.execute(select(*counts)).one()) if counts else []


def document_page(
    session: Session,
    scope: Scope,
    wanted: DocumentFilter,
    limit: int | None,
    after: tuple[int, int] | None,
    *,
    oldest_first: bool = False,
) -> list[DocumentEntry]:
    """Return at most `limit` documents (None: all) in ledger order, after the document at `after`.

    `after` is an act and a place in its chart.

    The ledger only grows: a client that reads oldest first and keeps the last position gets
    everything, once.
    """
    query = select(DocumentRow).join(DocumentRow.chart).where(documents_within(scope))
    for name in ("chart_id", "submission_id", "form", "sha256"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(DocumentRow, name) == value)
    if wanted.in_force is not None:
        superseded = DocumentRow.superseded_by.is_not(None)
        query = query.where(~superseded if wanted.in_force else superseded)
    if after is not None:
        act, place = after
        same = DocumentRow.act_index == act
        query = query.where(
            or_(DocumentRow.act_index > act, and_(same, DocumentRow.position > place))
            if oldest_first
            else or_(DocumentRow.act_index < act, and_(same, DocumentRow.position < place))
        )
    order = (DocumentRow.act_index, DocumentRow.position)
    ordered = query.order_by(*(order if oldest_first else [column.desc() for column in order]))
    return [DocumentEntry.of(row) for row in session.scalars(ordered.limit(limit))]


def submissions_of(session: Session, document_ids: Iterable[str], scope: Scope) -> dict[str, str]:
    """Return, for each of `document_ids` within `scope`, the submission that contained it."""
    query = (
        select(DocumentRow.id, DocumentRow.submission_id)
        .join(DocumentRow.chart)
        .where(DocumentRow.id.in_(list(document_ids)), documents_within(scope))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def submission(session: Session, submission_id: str, scope: Scope) -> tuple[SubmissionRow, ActRow]:
    """Return a past submission and the act that archived it.

    Raises NotFound, also for one outside `scope`.
    """
    pair = session.execute(
        select(SubmissionRow, ActRow)
        .join(ChartRow, ChartRow.id == SubmissionRow.chart_id)
        .join(
            ActRow,
            and_(
                ActRow.facility == SubmissionRow.facility, ActRow.index == SubmissionRow.act_index
            ),
        )
        .where(SubmissionRow.id == submission_id, within(scope))
    ).one_or_none()
    if pair is None:
        raise NotFound
    return pair[0], pair[1]
