"""`kho/act/accession/5`: documents of one chart have entered the archive."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, cast

from pydantic import Field
from sqlalchemy import CursorResult, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from archive.acts.envelope import Act, ActObject, Digest, UtcText, Uuid
from archive.acts.partner import CameFrom, came_from_columns
from archive.base.clock import parse_iso
from archive.base.departments import codes_of
from archive.base.errors import IntegrityError
from archive.base.facts import ChartFacts, ChartKind, Patient, Strict
from archive.base.identifiers import DocumentId, FacilityCode, ObjectKey, Sha256
from archive.catalog import records
from archive.catalog.rows import insert_rows, table_of
from archive.catalog.tables import (
    ChartDepartmentRow,
    ChartRow,
    DocumentRow,
    PatientRow,
    ReceivedPacketRow,
    SubmissionRow,
)

SCHEMA = "kho/act/accession/5"
SCHEMA_4 = "kho/act/accession/4"
SCHEMA_3 = "kho/act/accession/3"
SCHEMA_2 = "kho/act/accession/2"
SCHEMA_1 = "kho/act/accession/1"
SCHEMAS = (SCHEMA_1, SCHEMA_2, SCHEMA_3, SCHEMA_4, SCHEMA)

LONGEST_SHEET = 20  # characters of a sheet's number

# rendered: Kho made the document from data. external: a file signed elsewhere, archived unchanged.
# cover: a file signed elsewhere, attached to a cover that Kho sealed. converted: an unsigned file,
# converted to PDF/A. scanned: an image, converted to PDF/A with text.
Origin = Literal["rendered", "external", "cover", "converted", "scanned"]


class OriginalFile(Strict):
    """The received file: attached to the document byte for byte.

    Where the origin is external, it is the object itself.
    """

    name: str
    media_type: str
    sha256: Digest
    size: Annotated[int, Field(ge=0)]
    dated: date | None  # as its metadata state it
    # what Kho's validator said of its own signatures when it came (EN 319 102-1); None: unsigned
    verdict: str | None


class StatedReason(Strict):
    """Why a person replaced a document, in the person's words."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class ArchivedDocument(Strict):
    """One document of the accession; `objects[i]` of the act is the object of `documents[i]`."""

    id: Uuid
    form: str
    form_version: Annotated[int, Field(ge=1)]
    form_definition: Digest  # of `form.json`, which is attached to every document that Kho sealed
    title_vi: str
    title_en: str
    key: str  # of the paper in its source
    content: Digest  # SHA-256 of the canonical JSON of what the paper says
    origin: Origin
    original: OriginalFile | None  # None: rendered
    level: str | None  # of Kho's seal; None: external, Kho did not seal it
    claimed_at: UtcText
    sealed_at: UtcText | None  # None: external
    supersedes: Uuid | None
    correction: StatedReason | None  # None: the paper came again, and no person gave a reason
    # the day that its data state, in Viet Nam; of a finished file `original.dated` may say it
    dated: date | None
    # the number of the sheet (tờ số), as its data state it
    sheet: Annotated[str, Field(min_length=1, max_length=LONGEST_SHEET)] | None

    @property
    def own_day(self) -> str | None:
        """The day that the paper itself says it is of, as YYYY-MM-DD; None: it is not known."""
        day = self.dated or (self.original.dated if self.original else None)
        return day.isoformat() if day else None


class ReceivedPacket(Strict):
    """The referral packet that contained the documents."""

    packet: Uuid
    sender: str  # the sending facility's code
    sha256: Digest  # of the packet
    came_from: CameFrom | None  # None: versions 1 and 2 did not state it


class Accession(Strict):
    """A submission as it was archived.

    The chart and patient are stated whole, as they are from here on.
    """

    submission: Uuid
    # of the whole submission: a repeated message gets the same answer and is not archived again
    fingerprint: Digest
    source: Digest | None  # SHA-256 of the file or request that held the submission
    patient: Patient
    chart: ChartFacts
    documents: tuple[ArchivedDocument, ...]
    received: ReceivedPacket | None = None

    def stated_as(self) -> tuple[str, dict[str, Any]]:
        """Return the schema of the act that states this, and its facts.

        It is the oldest that can: a partner with an older Kho reads it. A paper's own date and
        sheet need version 5, a correction and an examination version 4.
        """
        schema, without = SCHEMA, set[str]()
        if not any(document.dated or document.sheet for document in self.documents):
            schema, without = SCHEMA_4, {"dated", "sheet"}
            examined = self.chart.kind is ChartKind.EXAMINATION
            if not examined and not any(document.correction for document in self.documents):
                schema, without = SCHEMA_3, without | {"correction"}
        left_out: Any = {"documents": {"__all__": without}}
        return schema, self.model_dump(mode="json", exclude=left_out)


def lift_4(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of version 4, which stated no own date and sheet, as version 5 says them."""
    documents = [{**document, "dated": None, "sheet": None} for document in facts["documents"]]
    return {**facts, "documents": documents}


def lift_3(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of version 3, which stated no correction, as version 5 says them."""
    documents = [{**document, "correction": None} for document in facts["documents"]]
    return lift_4({**facts, "documents": documents})


def lift_2(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of version 2 as version 5 says them.

    Version 2 did not state a packet's ledger and seal.
    """
    received = facts["received"]
    return lift_3(
        facts if received is None else {**facts, "received": {**received, "came_from": None}}
    )


def lift_1(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of version 1, which knew rendered documents only, as version 5 says them."""
    documents = [
        {**document, "origin": "rendered", "original": None} for document in facts["documents"]
    ]
    return lift_3({**facts, "documents": documents, "received": None})


def document_key(facility: FacilityCode, document_id: DocumentId, digest: Sha256) -> ObjectKey:
    """Return the key under which the vault keeps an original."""
    return ObjectKey(f"{facility}/documents/{document_id}/{digest}.pdf")


def apply(session: Session, act: Act, facts: Accession) -> None:
    """Write the chart, its patient and its new documents.

    Raises IntegrityError where act and objects do not fit.
    """
    if act.chart is None or len(act.objects) != len(facts.documents):
        raise IntegrityError(object=f"act {act.index}")
    last = _write_chart(session, act, act.chart, facts)
    insert_rows(
        session,
        SubmissionRow,
        {
            "id": facts.submission,
            "facility": act.facility,
            "chart_id": act.chart,
            "fingerprint": facts.fingerprint,
            "act_index": act.index,
        },
    )
    if facts.received is not None:
        insert_rows(
            session,
            ReceivedPacketRow,
            {
                "packet_id": facts.received.packet,
                "facility": act.facility,
                "chart_id": act.chart,
                "sender": facts.received.sender,
                "sha256": facts.received.sha256,
                **came_from_columns(facts.received.came_from),
                "act_index": act.index,
            },
        )
    documents = zip(facts.documents, act.objects, strict=True)
    rows = [
        document_row(act, facts, each, stored, last + n)
        for n, (each, stored) in enumerate(documents, start=1)
    ]
    insert_rows(session, DocumentRow, *rows)
    for document in facts.documents:
        if document.supersedes:
            older = (DocumentRow.id == document.supersedes) & (DocumentRow.chart_id == act.chart)
            done = session.execute(
                update(table_of(DocumentRow)).where(older).values(superseded_by=document.id)
            )
            if cast("CursorResult[Any]", done).rowcount != 1:
                raise IntegrityError(object=f"act {act.index}")


_IS_THERE = select(table_of(ChartRow).c.id).where(table_of(ChartRow).c.id == bindparam("chart"))


def _write_chart(session: Session, act: Act, chart_id: str, facts: Accession) -> int:
    """Write the chart and its patient as the act states them.

    Return the position of the chart's last document.
    """
    stated = facts.chart.model_dump()
    stated["diagnoses"] = facts.chart.model_dump(mode="json")["diagnoses"]
    patient = facts.patient.model_dump(mode="json")
    if session.connection().execute(_IS_THERE, {"chart": chart_id}).scalar() is None:
        opened = {
            "id": chart_id,
            "facility": act.facility,
            "state": "open",
            "opened_at": parse_iso(act.time),
        }
        insert_rows(session, ChartRow, opened | stated)
        insert_rows(session, PatientRow, {"chart_id": chart_id} | patient)
        _write_departments(session, act, chart_id, codes_of(facts.chart.department))
        return 0
    session.execute(update(table_of(ChartRow)).where(ChartRow.id == chart_id).values(stated))
    codes = codes_of(facts.chart.department)
    if records.departments_of(session, chart_id) != frozenset(codes):
        session.execute(_OTHER_DEPARTMENTS, {"chart": chart_id})
        _write_departments(session, act, chart_id, codes)
    session.execute(
        update(table_of(PatientRow)).where(PatientRow.chart_id == chart_id).values(patient)
    )
    return (
        session.scalar(
            select(func.max(DocumentRow.position)).where(DocumentRow.chart_id == chart_id)
        )
        or 0
    )


_OTHER_DEPARTMENTS = delete(table_of(ChartDepartmentRow)).where(
    table_of(ChartDepartmentRow).c.chart_id == bindparam("chart")
)


def _write_departments(session: Session, act: Act, chart_id: str, codes: Iterable[str]) -> None:
    of_chart = {"chart_id": chart_id, "facility": act.facility}
    insert_rows(session, ChartDepartmentRow, *({**of_chart, "code": code} for code in codes))


# of a document's facts: they are no columns of that name, or other types in them
_NOT_COLUMNS = {"claimed_at", "sealed_at", "supersedes", "original", "correction", "dated"}


def document_row(
    act: Act, facts: Accession, document: ArchivedDocument, stored: ActObject, position: int
) -> dict[str, Any]:
    """Return the row that states `document`, the chart's document number `position`."""
    return document.model_dump(exclude=_NOT_COLUMNS) | {
        "original": document.original.model_dump(mode="json") if document.original else None,
        "original_sha256": document.original.sha256 if document.original else None,
        "dated": document.own_day,
        "claimed_at": parse_iso(document.claimed_at),
        "sealed_at": parse_iso(document.sealed_at) if document.sealed_at else None,
        "facility": act.facility,
        "chart_id": act.chart,
        "sha256": stored.sha256,
        "size": stored.size,
        "object_key": stored.key,
        "submission_id": facts.submission,
        "act_index": act.index,
        "position": position,
    }
