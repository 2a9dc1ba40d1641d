"""Documents as the API gives them, and what a list of them may be asked."""

from typing import Annotated, Literal

from pydantic import Field

from api.rest.models.base import (
    CHART,
    DIGEST,
    DOCUMENT,
    SUBMISSION,
    TIME,
    AnswerModel,
    Asked,
    Bilingual,
    Cursor,
    Digest,
    IsoDay,
    Limit,
    RecordId,
    Time,
    Uuid,
    Word,
    examples,
)

EXAMPLE = {
    "kind": "document",
    "document_id": DOCUMENT,
    "chart_id": CHART,
    "submission_id": SUBMISSION,
    "form": "36/BV2",
    "form_version": 1,
    "title": {"vi": "Phiếu theo dõi điều trị", "en": "Treatment sheet"},
    "dated": "2026-11-20",
    "sheet": "1",
    "key": "1",
    "origin": "rendered",
    "sha256": DIGEST,
    "bytes": 91234,
    "object_key": f"99001/documents/{DOCUMENT}/{DIGEST}.pdf",
    "version_id": "1",
    "level": "B-LTA",
    "claimed_at": TIME,
    "sealed_at": TIME,
    "ledger_index": 12,
    "superseded_by": None,
    "verify_uri": f"urn:uuid:{DOCUMENT}",
    "lock": {"mode": "COMPLIANCE", "retain_until": "2027-02-20T07:00:00.000Z", "observed_at": TIME},
}


class DocumentPath(Asked):
    """Which document."""

    document_id: RecordId


class DocumentQuery(Asked):
    """Which documents. Nothing of a patient is asked here: addresses stand in logs."""

    chart_id: Annotated[RecordId | None, Field(description="của hồ sơ này / of this chart")] = None
    submission_id: Annotated[
        RecordId | None, Field(description="của lần gửi này / of this submission")
    ] = None
    form: Annotated[Word | None, Field(description="mã mẫu biểu / code of the form")] = None
    sha256: Annotated[Digest | None, Field(description="SHA-256 của bản gốc / of the original")] = (
        None
    )
    in_force: Annotated[
        bool | None, Field(description="còn hiệu lực, hay đã bị thay / in force, or superseded")
    ] = None
    order: Annotated[
        Literal["newest", "oldest"],
        Field(description="oldest: theo sổ nhật ký, để đồng bộ / to follow the ledger"),
    ] = "newest"
    limit: Annotated[Limit, Field(description="số tài liệu một trang / documents a page")] = 50
    cursor: Annotated[
        Cursor | None, Field(description="`next` của trang trước / of the page before")
    ] = None


class LockModel(AnswerModel):
    """What the store said last of the original's lock."""

    mode: str
    retain_until: Time
    observed_at: Time


class Document(AnswerModel):
    """Everything known of a document. `lock` is null where the store was never asked."""

    model_config = examples(EXAMPLE)
    kind: Literal["document"]
    document_id: Uuid
    chart_id: Uuid
    submission_id: Annotated[Uuid, Field(description="the submission that brought it")]
    form: str
    form_version: int
    title: Bilingual
    dated: Annotated[
        IsoDay | None,
        Field(description="the day that the paper itself says it is of; null: not known"),
    ]
    sheet: Annotated[str | None, Field(description="the number of the sheet (tờ số)")]
    key: Annotated[str, Field(description="the paper's key in its source")]
    origin: Annotated[
        str, Field(description="rendered: from data; others: a finished file that was taken in")
    ]
    sha256: Digest
    bytes: int
    object_key: str
    version_id: str
    level: Annotated[str | None, Field(description="PAdES baseline level of the seal")]
    claimed_at: Time
    sealed_at: Annotated[Time | None, Field(description="genTime of the seal's timestamp")]
    ledger_index: int
    superseded_by: Uuid | None
    verify_uri: str
    lock: LockModel | None


class DocumentPage(AnswerModel):
    """One page of documents; `next` is null on the last one."""

    model_config = examples({"items": [EXAMPLE], "next": None})
    items: list[Document]
    next: str | None
