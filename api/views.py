"""Charts and documents as JSON, the same for command line and API: everything known, and nothing
else.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from archive.base.clock import iso
from archive.base.identifiers import DocumentId
from archive.catalog import records
from archive.catalog.observations import locks_of, locks_of_chart
from archive.catalog.operations import ObservationRow
from archive.catalog.tables import ActRow, ChartRow, DocumentRow
from ingest.accession import Letterhead


def document_views(
    session: Session, documents: Sequence[DocumentRow], letterhead: Letterhead
) -> list[dict[str, Any]]:
    """Return the result of :func:`document_view` for each; one query gets the store's answers for
    all.
    """
    locks = locks_of(session, documents)
    return [
        _document(one, locks.get((one.object_key, one.object_version)), letterhead)
        for one in documents
    ]


def document_view(
    session: Session, document: DocumentRow, letterhead: Letterhead
) -> dict[str, Any]:
    """Return everything known of a document; `lock` is the store's last answer, None if there is
    none yet.
    """
    return _document(
        document,
        session.get(ObservationRow, (document.object_key, document.object_version)),
        letterhead,
    )


def _document(
    document: DocumentRow, lock: ObservationRow | None, letterhead: Letterhead
) -> dict[str, Any]:
    return {
        "kind": "document",
        "document_id": document.id,
        "chart_id": document.chart_id,
        "submission_id": document.submission_id,
        "form": document.form,
        "form_version": document.form_version,
        "title": {"vi": document.title_vi, "en": document.title_en},
        "key": document.key,
        "origin": document.origin,
        "sha256": document.sha256,
        "bytes": document.size,
        "object_key": document.object_key,
        "version_id": document.object_version,
        "level": document.level,
        "claimed_at": iso(document.claimed_at),
        "sealed_at": iso(document.sealed_at) if document.sealed_at else None,
        "ledger_index": document.act_index,
        "superseded_by": document.superseded_by,
        "verify_uri": letterhead.verify_uri(DocumentId(document.id)),
        "lock": None
        if lock is None
        else {
            "mode": lock.lock_mode,
            "retain_until": iso(lock.retain_until),
            "observed_at": iso(lock.observed_at),
        },
    }


def chart_summary(chart: ChartRow) -> dict[str, Any]:
    """Return what is known of a chart itself: no documents, no acts."""
    facts, patient = records.stated(chart)
    return {
        "kind": "chart",
        "chart_id": chart.id,
        "facility": chart.facility,
        "state": chart.state,
        "patient": patient.model_dump(mode="json"),
        "chart": facts.model_dump(mode="json"),
        "archive_number": chart.archive_number,
        "opened_at": iso(chart.opened_at),
        "deposited_at": iso(chart.deposited_at) if chart.deposited_at else None,
        "retain_until": iso(chart.retain_until) if chart.retain_until else None,
        "rule": chart.rule,
    }


def chart_view(session: Session, chart: ChartRow, letterhead: Letterhead) -> dict[str, Any]:
    """Return everything known of a chart, with its documents and the acts about it."""
    locks = locks_of_chart(session, chart.id)
    acts = session.query(ActRow).filter_by(chart_id=chart.id).order_by(ActRow.index)
    return {
        **chart_summary(chart),
        "documents": [
            _document(document, locks.get(document.id), letterhead) for document in chart.documents
        ],
        "acts": [
            {
                "index": a.index,
                "schema": a.schema,
                "time": iso(a.time),
                "actor": a.actor_name,
                "role": a.actor_role,
            }
            for a in acts
        ],
    }
