"""Lists of records, page by page.

Each page goes on behind a position, so that nothing is missed or shown twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from archive.access.scope import Scope
from archive.base.errors import NotFound
from archive.catalog.entries import ChartEntry, DocumentEntry
from archive.catalog.records import within
from archive.catalog.tables import ActRow, ChartRow, DocumentRow, SubmissionRow


@dataclass(frozen=True, slots=True)
class ChartFilter:
    """A filter of charts; None means no condition.

    `opened_*`: when the chart entered the archive, end excluded.
    """

    state: str | None = None
    kind: str | None = None
    department: str | None = None
    archive_number: str | None = None
    opened_from: datetime | None = None
    opened_until: datetime | None = None


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
) -> list[ChartEntry]:
    """Return at most `limit` charts, newest first, after the chart at `after` (time, id).

    Charts that are added meanwhile come before the first page.
    """
    query = select(ChartRow).where(within(scope))
    for name in ("state", "kind", "department", "archive_number"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(ChartRow, name) == value)
    if wanted.opened_from is not None:
        query = query.where(ChartRow.opened_at >= wanted.opened_from)
    if wanted.opened_until is not None:
        query = query.where(ChartRow.opened_at < wanted.opened_until)
    if after is not None:
        moment, chart_id = after
        same = and_(ChartRow.opened_at == moment, ChartRow.id < chart_id)
        query = query.where(or_(ChartRow.opened_at < moment, same))
    query = query.order_by(ChartRow.opened_at.desc(), ChartRow.id.desc()).limit(limit)
    return [ChartEntry.of(row) for row in session.scalars(query)]


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
    query = select(DocumentRow).join(DocumentRow.chart).where(within(scope))
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
        .where(DocumentRow.id.in_(list(document_ids)), within(scope))
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
