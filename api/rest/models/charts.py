"""Charts as the API gives them, and what a list of them may be asked."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.rest.models.base import (
    CHART,
    DOCUMENT,
    TIME,
    AnswerModel,
    Asked,
    Bilingual,
    Body,
    Cursor,
    Limit,
    Moment,
    RecordId,
    Time,
    Uuid,
    Word,
    examples,
)
from api.rest.models.documents import EXAMPLE as DOCUMENT_EXAMPLE
from api.rest.models.documents import Document
from api.rest.models.problem import LackingValue, MissingPaper, Problem, UnjudgedPaper
from archive.base.facts import ChartFacts, ChartKind, Outcome, Patient

_FACTS: dict[str, Any] = {
    "episode": "LK-MAU-000001",
    "kind": "inpatient",
    "department": "K01",
    "admitted_at": "2026-01-10T01:00:00Z",
    "discharged_at": "2026-01-20T02:00:00Z",
    "outcome": "improved",
    "diagnoses": [{"icd10": "J18.9", "text": "Viêm phổi", "main": True}],
}
_PATIENT: dict[str, Any] = {
    "local_id": "BN-MAU-000001",
    "name": "Nguyễn Thị Mẫu Hòa",
    "birth_date": "1980-05-01",
    "sex": "2",
    "national_id": None,
    "social_insurance_number": None,
    "insurance_cards": [],
    "address": None,
}
_SUMMARY: dict[str, Any] = {
    "kind": "chart",
    "chart_id": CHART,
    "facility": "99001",
    "state": "open",
    "patient": _PATIENT,
    "chart": _FACTS,
    "archive_number": None,
    "opened_at": TIME,
    "deposited_at": None,
    "retain_until": None,
    "rule": None,
}
_ACT = {
    "index": 12,
    "schema": "kho/act/accession/1",
    "time": TIME,
    "actor": "HIS (kho_k7m2x9qa)",
    "role": "his",
}


class ChartPath(Asked):
    """Which chart."""

    chart_id: RecordId


class ExportQuery(Asked):
    """How the chart's data are written."""

    format: Annotated[
        Literal["hosobenhan-json", "hosobenhan-xml"],
        Field(description="HoSoBenhAn (CV 365/TTYQG-GPQLCL): JSON hay XML / as JSON or XML"),
    ]


class ChartQuery(Asked):
    """Which charts. Nothing of a patient is asked here: addresses stand in logs."""

    state: Annotated[
        Literal["open", "deposited"] | None, Field(description="mở, hay đã nộp lưu / its state")
    ] = None
    kind: Annotated[
        ChartKind | None,
        Field(description="nội trú, ban ngày, ngoại trú, khám bệnh / kind of care"),
    ] = None
    outcome: Annotated[
        Outcome | None, Field(description="kết quả điều trị / outcome of the treatment")
    ] = None
    department: Annotated[Word | None, Field(description="mã khoa / department")] = None
    archive_number: Annotated[Word | None, Field(description="số lưu trữ / archive number")] = None
    opened_from: Annotated[Moment | None, Field(description="vào kho từ / archived since")] = None
    opened_until: Annotated[Moment | None, Field(description="vào kho trước / archived before")] = (
        None
    )
    discharged_from: Annotated[
        Moment | None, Field(description="ra viện từ / treatment ended since")
    ] = None
    discharged_until: Annotated[
        Moment | None, Field(description="ra viện trước / treatment ended before")
    ] = None
    papers: Annotated[
        Literal["missing", "complete"] | None,
        Field(description="thiếu hay đủ giấy cần có / whether a required paper is missing"),
    ] = None
    receipts: Annotated[
        Literal["awaited"] | None,
        Field(description="gói đã gửi còn chờ biên nhận / a sent packet has no receipt yet"),
    ] = None
    limit: Annotated[Limit, Field(description="số hồ sơ một trang / charts a page")] = 50
    cursor: Annotated[
        Cursor | None, Field(description="`next` của trang trước / of the page before")
    ] = None


class Lookup(Body):
    """The HIS's own key of an episode (MA_LK). It is asked in a body: addresses stand in logs."""

    model_config = examples({"episode": "LK-MAU-000001"})
    episode: Annotated[Word, Field(description="MA_LK")]


class ChartSummary(AnswerModel):
    """A chart without its documents."""

    model_config = examples(_SUMMARY)
    kind: Literal["chart"]
    chart_id: Uuid
    facility: str
    state: str
    patient: Patient
    chart: ChartFacts
    archive_number: str | None
    opened_at: Annotated[Time, Field(description="when its first document came into the archive")]
    deposited_at: Time | None
    retain_until: Time | None
    rule: Annotated[str | None, Field(description="the rule of the retention schedule")]


class ActModel(AnswerModel):
    """One act about the chart: what kind, when, and who."""

    model_config = examples(_ACT)
    index: int
    schema_name: Annotated[str, Field(alias="schema")]
    time: Time
    actor: str
    role: str


class Chart(ChartSummary):
    """Everything known of a chart: its documents (superseded ones too), and the acts about it."""

    model_config = examples(
        {**_SUMMARY, "missing": [], "documents": [DOCUMENT_EXAMPLE], "acts": [_ACT]}
    )
    missing: Annotated[list[MissingPaper], Field(description="required papers that it lacks")]
    documents: list[Document]
    acts: list[ActModel]


class ChartPage(AnswerModel):
    """One page of charts; `next` is null on the last one."""

    model_config = examples({"items": [_SUMMARY], "next": None})
    items: list[ChartSummary]
    next: str | None


class Work(AnswerModel):
    """How many wait for something; `list` and `filter`: their list, and its parameters."""

    name: str
    title: Bilingual
    count: int
    list: Literal["charts", "refusals"]
    filter: dict[str, str]


class Worklist(AnswerModel):
    """What waits, within the caller's scope; work that the caller's role may not do is left out."""

    model_config = examples(
        {
            "items": [
                {
                    "name": "papers_missing",
                    "title": {
                        "vi": "Đã ra viện, còn thiếu giấy",
                        "en": "Discharged, papers missing",
                    },
                    "count": 3,
                    "list": "charts",
                    "filter": {"state": "open", "papers": "missing", "discharged_until": TIME},
                }
            ]
        }
    )
    items: list[Work]


class ChartCheck(AnswerModel):
    """What a chart lacks: papers, values in its papers, and names of who signs."""

    model_config = examples(
        {
            "chart_id": CHART,
            "archive_number": None,
            "complete": False,
            "missing": [],
            "incomplete": [
                {
                    "document_id": DOCUMENT,
                    "form": "01/BV1",
                    "title": {"vi": "Bệnh án Nội khoa", "en": "Internal medicine record"},
                    "key": "ba-1",
                    "sheet": None,
                    "path": "/data/cd_ra_vien_chinh",
                    "label": {"vi": "Ra viện: Bệnh chính", "en": "Discharge: main disease"},
                    "source": "TT 32/2023/TT-BYT, Phụ lục XXVIII",
                }
            ],
            "unsigned": [],
            "not_judged": [],
        }
    )
    chart_id: Uuid
    archive_number: str | None
    complete: bool
    missing: list[MissingPaper]
    incomplete: Annotated[list[LackingValue], Field(description="values that papers do not say")]
    unsigned: Annotated[list[LackingValue], Field(description="places to sign without a name")]
    not_judged: Annotated[list[UnjudgedPaper], Field(description="papers that are no data")]


class ChosenCharts(Body):
    """The charts to deposit, each once, in this order."""

    model_config = examples({"chart_ids": [CHART]})
    chart_ids: Annotated[list[RecordId], Field(min_length=1, max_length=200)]


class Deposited(AnswerModel):
    """A deposited chart: its number, how long and by which rule it is kept, how many objects it
    binds, and how many of their locks were read back at that date.
    """

    model_config = examples(
        {
            "chart_id": CHART,
            "archive_number": "2026-000001",
            "retain_until": "2036-12-31T16:59:59.000Z",
            "rule": "inpatient",
            "objects": 5,
            "locked": 5,
            "missing": [],
            "incomplete": [],
            "unsigned": [],
            "not_judged": [],
        }
    )
    chart_id: Uuid
    archive_number: str
    retain_until: Time
    rule: str
    objects: int
    locked: int
    missing: Annotated[list[MissingPaper], Field(description="required papers that it lacks")]
    incomplete: Annotated[list[LackingValue], Field(description="values that papers do not say")]
    unsigned: Annotated[list[LackingValue], Field(description="places to sign without a name")]
    not_judged: Annotated[list[UnjudgedPaper], Field(description="papers that are no data")]


class DepositResult(AnswerModel):
    """What became of one chart: exactly one of `deposited` and `problem` is not null."""

    chart_id: Uuid
    deposited: Deposited | None
    problem: Problem | None


class DepositResults(AnswerModel):
    """What became of each chart, in the order in which they were sent."""

    items: list[DepositResult]
