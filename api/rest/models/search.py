"""What is searched for, and what is found."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from api.rest.models.base import (
    CHART,
    DOCUMENT,
    AnswerModel,
    Body,
    Cursor,
    Day,
    IsoDay,
    Uuid,
    Word,
    examples,
)
from archive.base.facts import ChartKind, Outcome, text_value

_TYPED = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"

_Kind = Annotated[ChartKind, Field(strict=False)]  # JSON has texts only
_Outcome = Annotated[Outcome, Field(strict=False)]


class SearchOrder(Body):
    """Words, phrases and filters, as in the search box (docs/search.md).

    In a body: addresses stand in logs.
    """

    model_config = examples({"q": "nguyễn mẫu hòa viêm phổi", "icd10": "J18", "limit": 20})
    q: Annotated[
        str,
        Field(max_length=2000, pattern=_TYPED, description="như ô tìm kiếm / as in the search box"),
        BeforeValidator(text_value),
    ] = ""
    form: Annotated[Word | None, Field(description="mã mẫu biểu / code of the form")] = None
    department: Annotated[Word | None, Field(description="mã khoa / department")] = None
    icd10: Annotated[
        Word | None, Field(description="mã ICD-10 hay phần đầu / code or its beginning")
    ] = None
    archive_number: Annotated[Word | None, Field(description="số lưu trữ / archive number")] = None
    kind: Annotated[_Kind | None, Field(description="hình thức / kind of treatment")] = None
    outcome: Annotated[_Outcome | None, Field(description="kết quả điều trị / outcome")] = None
    date_from: Annotated[
        Day | None, Field(description="đợt điều trị từ ngày / stay from this day")
    ] = None
    date_to: Annotated[Day | None, Field(description="đến hết ngày / to this day, included")] = None
    limit: Annotated[int, Field(ge=1, le=200, description="số kết quả một trang / hits a page")] = (
        50
    )
    cursor: Annotated[
        Cursor | None, Field(description="`next` của trang trước / of the page before")
    ] = None


class HighlightModel(AnswerModel):
    """A field of a hit, and the parts of it that matched: from, to before, in code points."""

    field: str
    text: str
    ranges: list[tuple[int, int]]


class Hit(AnswerModel):
    """One document that was found; `why` names the fields that matched, best first."""

    chart_id: Uuid
    document_id: Uuid
    form: str
    title: str
    dated: Annotated[IsoDay | None, Field(description="the paper's own date, where it is known")]
    sheet: Annotated[str | None, Field(description="the number of the sheet (tờ số)")]
    patient_name: str
    score: float
    why: list[str]
    highlights: list[HighlightModel]


class FilterReadModel(AnswerModel):
    """A filter that Kho read out of `q`: its name in the order, its value, what was typed."""

    filter: str
    value: str
    typed: str


class Found(AnswerModel):
    """One page of hits, best first; `total` is exact, `next` is null on the last page."""

    model_config = examples(
        {
            "total": 1,
            "ignored_words": 0,
            "behind": False,
            "filters": [{"filter": "icd10", "value": "J18", "typed": "icd J18"}],
            "items": [
                {
                    "chart_id": CHART,
                    "document_id": DOCUMENT,
                    "form": "36/BV2",
                    "title": "Phiếu theo dõi điều trị",
                    "dated": "2026-11-20",
                    "sheet": "1",
                    "patient_name": "Nguyễn Thị Mẫu Hòa",
                    "score": 7.5,
                    "why": ["patient_name", "diagnoses"],
                    "highlights": [
                        {"field": "patient_name", "text": "Nguyễn Thị Mẫu Hòa", "ranges": [[0, 6]]}
                    ],
                }
            ],
            "next": None,
        }
    )
    total: int
    ignored_words: Annotated[int, Field(description="words beyond the most that are looked at")]
    behind: Annotated[
        bool, Field(description="the newest documents may be missing: they could not be fed yet")
    ]
    filters: Annotated[
        list[FilterReadModel],
        Field(description="what of `q` was read as a filter; in quotes it is words"),
    ]
    items: list[Hit]
    next: str | None
