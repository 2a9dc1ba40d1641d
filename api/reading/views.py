"""Charts and documents as JSON, the same for command line and API: all that an entry holds."""

from datetime import datetime
from typing import Any

from api.reading.papers import RequiredPapers
from archive.base.clock import iso
from archive.base.departments import Departments
from archive.base.identifiers import DocumentId
from archive.catalog.entries import (
    ActSummary,
    ChartEntry,
    ChartHistory,
    HeldDocument,
    ObservedLock,
    SubmissionEntry,
)
from ingest.accession.letterhead import Letterhead


def document_view(held: HeldDocument, letterhead: Letterhead) -> dict[str, Any]:
    """Return a document; `lock` is the store's last answer, None if there is none yet."""
    document = held.document
    return {
        "kind": "document",
        "document_id": document.id,
        "chart_id": document.chart_id,
        "submission_id": document.submission_id,
        "form": document.form,
        "form_version": document.form_version,
        "title": document.title.as_json(),
        "dated": document.dated,
        "sheet": document.sheet,
        "key": document.key,
        "origin": document.origin,
        "sha256": document.sha256,
        "bytes": document.size,
        "object_key": document.object_key,
        "version_id": document.object_version,
        "level": document.level,
        "claimed_at": iso(document.claimed_at),
        "sealed_at": _time(document.sealed_at),
        "ledger_index": document.act_index,
        "superseded_by": document.superseded_by,
        "verify_uri": letterhead.verify_uri(DocumentId(document.id)),
        "lock": None if held.lock is None else _lock(held.lock),
    }


def chart_summary(chart: ChartEntry) -> dict[str, Any]:
    """Return a chart: no documents, no acts."""
    return {
        "kind": "chart",
        "chart_id": chart.id,
        "facility": chart.facility,
        "state": chart.state,
        "patient": chart.patient.model_dump(mode="json"),
        "chart": chart.facts.model_dump(mode="json"),
        "archive_number": chart.archive_number,
        "opened_at": iso(chart.opened_at),
        "deposited_at": _time(chart.deposited_at),
        "retain_until": _time(chart.retain_until),
        "rule": chart.rule,
    }


def chart_view(
    history: ChartHistory, letterhead: Letterhead, papers: RequiredPapers
) -> dict[str, Any]:
    """Return a chart with its documents, the papers that it lacks, and the acts about it."""
    missing = papers.missing(history.chart, (held.document for held in history.documents))
    return {
        **chart_summary(history.chart),
        "missing": [each.as_json() for each in missing],
        "documents": [document_view(held, letterhead) for held in history.documents],
        "acts": [_act(act) for act in history.acts],
    }


def departments_view(names: Departments) -> dict[str, Any]:
    """Return every department that has a name, in order of the codes.

    `stated`: what the facility named it, the newest first; empty where the Ministry's list names
    it.
    """
    return {
        "departments": [
            {
                "code": code,
                "name": names.name(code),
                "stated": [
                    {"name": named.name, "since": named.since.isoformat()}
                    for named in names.stated(code)
                ],
            }
            for code in names.codes
        ]
    }


def submission_view(submission: SubmissionEntry, letterhead: Letterhead) -> dict[str, Any]:
    """Return a past submission with the documents that it brought."""
    return {
        "submission_id": submission.id,
        "chart_id": submission.chart_id,
        "ledger_index": submission.act_index,
        "archived_at": iso(submission.archived_at),
        "documents": [document_view(held, letterhead) for held in submission.documents],
    }


def _act(act: ActSummary) -> dict[str, Any]:
    return {
        "index": act.index,
        "schema": act.schema,
        "time": iso(act.time),
        "actor": act.actor,
        "role": act.role,
    }


def _lock(lock: ObservedLock) -> dict[str, str]:
    return {
        "mode": lock.mode,
        "retain_until": iso(lock.retain_until),
        "observed_at": iso(lock.observed_at),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
