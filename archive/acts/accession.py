"""`kho/act/accession/2`: documents of one chart have entered the archive."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.acts.envelope import Act, Digest, UtcText, Uuid
from archive.catalog.tables import ChartRow, DocumentRow, PatientRow, ReceivedPacketRow, SubmissionRow
from archive.clock import parse_iso
from archive.errors import Damaged
from archive.facts import ChartFacts, Patient, Strict
from archive.identifiers import DocumentId, FacilityCode, ObjectKey, Sha256

SCHEMA = "kho/act/accession/2"
SCHEMA_1 = "kho/act/accession/1"
SCHEMAS = (SCHEMA_1, SCHEMA)

# rendered: Kho made it of data. external: signed elsewhere, archived as it came. cover: signed elsewhere, attached to a
# cover that Kho sealed. converted: a file that nobody had signed, made PDF/A. scanned: an image, made PDF/A with text.
Origin = Literal["rendered", "external", "cover", "converted", "scanned"]


class OriginalFile(Strict):
    """The file as it came: attached to the document byte for byte; where the origin is external, the object itself."""

    name: str
    media_type: str
    sha256: Digest
    size: Annotated[int, Field(ge=0)]
    dated: date | None  # as its metadata state it
    verdict: str | None  # what Kho's validator said of its own signatures when it came (EN 319 102-1); None: unsigned


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


class ReceivedPacket(Strict):
    """The referral packet that the documents came in."""

    packet: Uuid
    sender: str  # the sending facility's code
    sha256: Digest  # of the packet


class Accession(Strict):
    """A submission as it was archived. The chart and patient are stated whole, as they are from here on."""

    submission: Uuid
    fingerprint: Digest  # of all that the submission says: the same message again is answered, not archived again
    source: Digest | None  # SHA-256 of the file or request that it came in
    patient: Patient
    chart: ChartFacts
    documents: tuple[ArchivedDocument, ...]
    received: ReceivedPacket | None = None


def lift_1(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of version 1, which knew rendered documents only, as version 2 says them."""
    documents = [{**document, "origin": "rendered", "original": None} for document in facts["documents"]]
    return {**facts, "documents": documents, "received": None}


def document_key(facility: FacilityCode, document_id: DocumentId, digest: Sha256) -> ObjectKey:
    """Return the key under which the vault keeps an original."""
    return ObjectKey(f"{facility}/documents/{document_id}/{digest}.pdf")


def apply(session: Session, act: Act, facts: Accession) -> None:
    """Write the chart, its patient and its new documents; raises Damaged where act and objects do not fit."""
    if act.chart is None or len(act.objects) != len(facts.documents):
        raise Damaged(object=f"act {act.index}")
    stated = facts.chart.model_dump()
    stated["diagnoses"] = facts.chart.model_dump(mode="json")["diagnoses"]
    patient_stated = facts.patient.model_dump(mode="json")
    chart = session.get(ChartRow, act.chart)
    last = 0  # the newest document's position
    if chart is None:
        opened = {"id": act.chart, "facility": act.facility, "state": "open", "opened_at": parse_iso(act.time)}
        session.add(ChartRow(**opened, **stated))
        session.flush()
        session.add(PatientRow(chart_id=act.chart, **patient_stated))
    else:
        last = session.scalar(select(func.max(DocumentRow.position)).where(DocumentRow.chart_id == act.chart)) or 0
        for name, value in stated.items():
            setattr(chart, name, value)
        patient = session.get_one(PatientRow, act.chart)
        for name, value in patient_stated.items():
            setattr(patient, name, value)
    session.add(
        SubmissionRow(
            id=facts.submission,
            facility=act.facility,
            chart_id=act.chart,
            fingerprint=facts.fingerprint,
            act_index=act.index,
        )
    )
    if facts.received is not None:
        session.add(
            ReceivedPacketRow(
                packet_id=facts.received.packet,
                facility=act.facility,
                chart_id=act.chart,
                sender=facts.received.sender,
                sha256=facts.received.sha256,
                act_index=act.index,
            )
        )
    for offset, (document, stored) in enumerate(zip(facts.documents, act.objects, strict=True), start=1):
        session.add(
            DocumentRow(
                **document.model_dump(exclude={"claimed_at", "sealed_at", "supersedes", "original"}),
                original=document.original.model_dump(mode="json") if document.original else None,
                original_sha256=document.original.sha256 if document.original else None,
                claimed_at=parse_iso(document.claimed_at),
                sealed_at=parse_iso(document.sealed_at) if document.sealed_at else None,
                facility=act.facility,
                chart_id=act.chart,
                sha256=stored.sha256,
                size=stored.size,
                object_key=stored.key,
                object_version=stored.version,
                submission_id=facts.submission,
                act_index=act.index,
                position=last + offset,
            )
        )
        if document.supersedes:
            older = session.get(DocumentRow, document.supersedes)
            if older is None or older.chart_id != act.chart:
                raise Damaged(object=f"act {act.index}")
            older.superseded_by = document.id
