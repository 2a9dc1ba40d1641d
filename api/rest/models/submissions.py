"""What comes in, and the receipts that go out."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.rest.models.base import (
    CHART,
    DIGEST,
    DOCUMENT,
    SUBMISSION,
    TIME,
    AnswerModel,
    Asked,
    Digest,
    RecordId,
    Time,
    Uuid,
    examples,
)
from api.rest.models.documents import EXAMPLE as DOCUMENT_EXAMPLE
from api.rest.models.documents import Document
from api.rest.models.problem import Problem, RefusedFault
from archive.base.facts import ChartFacts, FacilityCodeText, Patient
from ingest.forms.chart_schema import MOST_PHOTOGRAPHS
from ingest.forms.own_facts import LONGEST_TITLE

_RECEIPT = {
    "source": f"sha256:{DIGEST}",
    "chart_id": CHART,
    "document_id": DOCUMENT,
    "submission_id": SUBMISSION,
    "form": "36/BV2",
    "title": "Phiếu theo dõi điều trị",
    "origin": "rendered",
    "sha256": DIGEST,
    "object_key": f"99001/documents/{DOCUMENT}/{DIGEST}.pdf",
    "version_id": "1",
    "level": "B-LTA",
    "sealed_at": TIME,
    "retain_until": "2027-02-20T07:00:00.000Z",
    "lock_mode": "COMPLIANCE",
    "ledger_index": 12,
}
_RECORD: dict[str, Any] = {
    "format": "kho-chart/1",
    "facility": "99001",
    "patient": {
        "local_id": "BN-MAU-000001",
        "name": "Nguyễn Thị Mẫu Hòa",
        "birth_date": "1980-05-01",
        "sex": "2",
    },
    "chart": {
        "episode": "LK-MAU-000001",
        "kind": "inpatient",
        "department": "K01",
        "admitted_at": "2026-01-10T08:00:00+07:00",
        "discharged_at": "2026-01-20T09:00:00+07:00",
        "outcome": "improved",
        "diagnoses": [{"icd10": "J18.9", "text": "Viêm phổi", "main": True}],
    },
    "papers": [
        {
            "form": "36/BV2",
            "key": "1",
            "data": {
                "chan_doan": "Viêm phổi",
                "dien_bien": [
                    {
                        "thoi_gian": "2026-01-11T08:00:00+07:00",
                        "dien_bien_benh": "S: ho, sốt.",
                        "chi_dinh": "Theo dõi",
                    }
                ],
            },
        }
    ],
}


class SubmissionPath(Asked):
    """Which submission."""

    submission_id: RecordId


class PaperFile(Asked):
    """A file that was finished elsewhere: in base64, or a part of a multipart body with this file
    name.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    dated: Annotated[date | None, Field(description="ngày của giấy / the paper's date")] = None
    title: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=LONGEST_TITLE,
            description="tên của giấy KHAC / the title of a paper whose form prescribes none",
        ),
    ] = None
    content: Annotated[str | None, Field(json_schema_extra={"contentEncoding": "base64"})] = None
    photographs: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]] | None,
        Field(
            min_length=1,
            max_length=MOST_PHOTOGRAPHS,
            description="tên các ảnh gửi kèm, mỗi ảnh một trang / names of images sent beside the "
            "record: pages of one paper, in this order",
        ),
    ] = None


class PaperRecord(Asked):
    """One paper of a record: `data` as its form says (`GET /v1/schemas/kho-chart-1`), or a finished
    `file`.
    """

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["data"]}, {"required": ["file"]}]}
    )
    form: Annotated[
        str, Field(min_length=1, max_length=100, description="mã mẫu biểu / code of the form")
    ]
    key: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$", description="tells papers apart")
    ]
    data: dict[str, Any] | None = None
    file: PaperFile | None = None


class ChartRecord(Asked):
    """A chart, or a part of one, in the JSON record format `kho-chart/1`."""

    model_config = examples(_RECORD)
    format: Literal["kho-chart/1"]
    facility: Annotated[FacilityCodeText, Field(description="mã cơ sở KBCB")]
    patient: Patient
    chart: ChartFacts
    message: Annotated[
        str | None, Field(max_length=100, description="tells apart messages that say the same")
    ] = None
    papers: Annotated[list[PaperRecord], Field(min_length=1, max_length=500)]


class Receipt(AnswerModel):
    """One archived document: durable, locked, named by act `ledger_index`."""

    model_config = examples(_RECEIPT)
    source: Annotated[
        str,
        Field(description="sha256: and the digest of the body; `#2` for the second chart in it"),
    ]
    chart_id: Uuid
    document_id: Uuid
    submission_id: Annotated[Uuid, Field(description="the submission that brought the document")]
    form: str
    title: str
    origin: str
    sha256: Digest
    object_key: str
    version_id: str
    level: str | None
    sealed_at: Time | None
    retain_until: Time
    lock_mode: str
    ledger_index: int


class NoticeModel(AnswerModel):
    """What was archived and may be wrong; `suggestion` is what a text in an old
    encoding may mean.
    """

    source: str
    path: str
    code: str
    message: str
    suggestion: str | None = None


class Archived(AnswerModel):
    """What became of a body: a receipt for each document, and every fault of the charts that were
    refused.
    """

    model_config = examples({"receipts": [_RECEIPT], "refused": [], "notices": []})
    receipts: list[Receipt]
    refused: list[RefusedFault]
    notices: Annotated[
        list[NoticeModel], Field(description="archived, and worth a look", default_factory=list)
    ]


class SubmissionProblem(Problem):
    """Why a body was not, or not wholly, archived; `receipts` holds what was."""

    receipts: list[Receipt] | None = None
    refused: list[RefusedFault] | None = None
    notices: list[NoticeModel] | None = None


class Submission(AnswerModel):
    """A past submission: the act that archived it, and the documents that it brought (those already
    there: not).
    """

    model_config = examples(
        {
            "submission_id": SUBMISSION,
            "chart_id": CHART,
            "ledger_index": 12,
            "archived_at": TIME,
            "documents": [DOCUMENT_EXAMPLE],
        }
    )
    submission_id: Uuid
    chart_id: Uuid
    ledger_index: int
    archived_at: Time
    documents: list[Document]
