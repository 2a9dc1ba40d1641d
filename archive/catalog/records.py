"""Asking for records: every question takes the caller's scope.

What lies outside the scope does not exist.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, selectinload

from archive.access.scope import Scope
from archive.base.errors import NotFound
from archive.base.facts import STORED, ChartFacts, Patient
from archive.base.identifiers import SubmissionId
from archive.catalog.tables import (
    ChartDepartmentRow,
    ChartRow,
    DocumentRow,
    ReceivedPacketRow,
    SubmissionRow,
)


def chart_lease(facility: str, episode: str) -> str:
    """Return the name of the lease under which one chart is changed."""
    return f"chart/{facility}/{episode}"


def within(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on charts that `scope` puts into every query."""
    mine = ChartRow.facility == scope.facility
    if scope.departments is None:
        return mine
    named = ChartDepartmentRow.code.in_(sorted(scope.departments))
    return and_(mine, exists().where(ChartDepartmentRow.chart_id == ChartRow.id, named))


def many_within(scope: Scope, departments: Iterable[str] = ()) -> list[ColumnElement[bool]]:
    """Return the conditions of :func:`within` for a query of many charts.

    Each of them must name all of `departments`, too.

    SQLite then goes from the department's charts. It would look at each chart of the facility with
    :func:`within`, or with a condition on the facility beside these. For a single chart these would
    cost more: SQLite would first list the department.
    """
    limits = [sorted(scope.departments)] if scope.departments is not None else []
    limits += [[code] for code in departments]
    if not limits:
        return [ChartRow.facility == scope.facility]
    mine = ChartDepartmentRow.facility == scope.facility
    of_chart = select(ChartDepartmentRow.chart_id)
    return [
        ChartRow.id.in_(of_chart.where(mine, ChartDepartmentRow.code.in_(codes)))
        for codes in limits
    ]


def documents_within(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that `scope` puts into every query of documents joined with charts."""
    if not scope.hidden_forms:
        return within(scope)
    return and_(within(scope), DocumentRow.form.not_in(scope.hidden_forms))


def chart(session: Session, chart_id: str, scope: Scope) -> ChartRow:
    """Return a chart with its patient and all its documents: what is written counts hidden ones.

    Readers get :func:`documents_of` it. Raises NotFound, also for one outside `scope`.
    """
    row = session.scalar(
        select(ChartRow)
        .where(ChartRow.id == chart_id, within(scope))
        .options(selectinload(ChartRow.documents))
    )
    if row is None:
        raise NotFound
    return row


def chart_named(session: Session, name: str, scope: Scope) -> ChartRow:
    """Return the chart that `name` names: its id, its archive number, or the HIS's key.

    Raises NotFound as :func:`chart`.
    """
    wanted = name.strip()
    columns = (ChartRow.id == wanted.lower(), ChartRow.archive_number == wanted)
    for condition in (*columns, ChartRow.episode == wanted):
        chart_id = session.scalar(select(ChartRow.id).where(within(scope), condition))
        if chart_id is not None:
            return chart(session, chart_id, scope)
    raise NotFound


def documents_of(chart: ChartRow, scope: Scope) -> list[DocumentRow]:
    """Return the documents of a chart within `scope` that exist for its caller, in order."""
    return [row for row in chart.documents if row.form not in scope.hidden_forms]


def chart_of_episode(session: Session, episode: str, scope: Scope) -> ChartRow | None:
    """Return the chart of the HIS's key, if there is one within `scope`."""
    return session.scalar(
        select(ChartRow)
        .where(ChartRow.episode == episode, within(scope))
        .options(selectinload(ChartRow.documents))
    )


def ledgers_of(session: Session, chart_id: str) -> frozenset[str | None]:
    """Return the ledger keys of the senders of the chart's packets.

    There are none for a chart of this facility's own.

    None in it means a packet that Kho received before acts stated the sender's ledger.
    """
    return frozenset(
        session.scalars(
            select(ReceivedPacketRow.ledger_key).where(ReceivedPacketRow.chart_id == chart_id)
        )
    )


def document(session: Session, document_id: str, scope: Scope) -> DocumentRow:
    """Return a document; raises NotFound, also for one outside `scope`."""
    row = session.scalar(
        select(DocumentRow)
        .join(DocumentRow.chart)
        .where(DocumentRow.id == document_id, documents_within(scope))
    )
    if row is None:
        raise NotFound
    return row


def visible_documents(
    session: Session, ids: Iterable[str], scope: Scope
) -> dict[str, tuple[str | None, str | None]]:
    """Return those of `ids` that are documents within `scope`, each with its own date and sheet."""
    query = (
        select(DocumentRow.id, DocumentRow.dated, DocumentRow.sheet)
        .join(DocumentRow.chart)
        .where(DocumentRow.id.in_(list(ids)), documents_within(scope))
    )
    return {id_: (dated, sheet) for id_, dated, sheet in session.execute(query)}


def document_of_digest(session: Session, digest: str, scope: Scope) -> DocumentRow | None:
    """Return the document whose original has this SHA-256, if there is one within `scope`.

    A received packet may contain a paper of this archive. Then this returns the document that was
    made here, of several the oldest.
    """
    query = (
        select(DocumentRow)
        .join(DocumentRow.chart)
        .where(DocumentRow.sha256 == digest, documents_within(scope))
    )
    own_first = (DocumentRow.origin == "external", DocumentRow.act_index, DocumentRow.position)
    return session.scalars(query.order_by(*own_first).limit(1)).first()


def document_of_attachment(session: Session, digest: str, scope: Scope) -> DocumentRow | None:
    """Return the newest document within `scope` that a file with this SHA-256 is attached to.

    Returns None where there is none.
    """
    mine = (DocumentRow.original_sha256 == digest) & (DocumentRow.sha256 != digest)
    query = select(DocumentRow).join(DocumentRow.chart).where(mine, documents_within(scope))
    return session.scalars(
        query.order_by(DocumentRow.act_index.desc(), DocumentRow.position.desc())
    ).first()


def charts(session: Session, scope: Scope, ids: Iterable[str] | None = None) -> Sequence[ChartRow]:
    """Return charts within `scope` with patients and documents, newest first.

    Where `ids` is given, only those are returned.
    """
    query = select(ChartRow).where(within(scope)).options(selectinload(ChartRow.documents))
    if ids is not None:
        query = query.where(ChartRow.id.in_(list(ids)))
    return session.scalars(query.order_by(ChartRow.opened_at.desc(), ChartRow.id)).all()


def departments_of(session: Session, chart_id: str) -> frozenset[str]:
    """Return the codes of the departments that a chart names."""
    mine = ChartDepartmentRow.chart_id == chart_id
    return frozenset(session.scalars(select(ChartDepartmentRow.code).where(mine)))


def submission_of(session: Session, chart_id: str, fingerprint: str) -> SubmissionId | None:
    """Return the submission that archived a message with this fingerprint for a visible chart."""
    mine = (SubmissionRow.chart_id == chart_id) & (SubmissionRow.fingerprint == fingerprint)
    submission_id = session.scalar(select(SubmissionRow.id).where(mine))
    return SubmissionId(submission_id) if submission_id is not None else None


def chart_ids(session: Session, scope: Scope) -> Sequence[str]:
    """Return the ids of all charts within `scope`."""
    return session.scalars(select(ChartRow.id).where(within(scope)).order_by(ChartRow.id)).all()


def stated(chart: ChartRow) -> tuple[ChartFacts, Patient]:
    """Return the facts of a chart and its patient as its acts stated them last."""
    facts = {name: getattr(chart, name) for name in ChartFacts.model_fields}
    patient = {name: getattr(chart.patient, name) for name in Patient.model_fields}
    return ChartFacts.model_validate(facts, context=STORED), Patient.model_validate(
        patient, context=STORED
    )
