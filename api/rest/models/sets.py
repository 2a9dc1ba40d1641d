"""The caller's set of papers, as the API takes and gives it."""

from typing import Annotated

from pydantic import Field

from api.inspection.sets import MOST
from api.rest.models.base import (
    CHART,
    DIGEST,
    DOCUMENT,
    AnswerModel,
    Asked,
    Bilingual,
    Body,
    Digest,
    IsoDay,
    RecordId,
    Uuid,
    examples,
)

_PAPER = {
    "document_id": DOCUMENT,
    "chart_id": CHART,
    "form": "36/BV2",
    "title": {"vi": "Phiếu theo dõi điều trị", "en": "Treatment sheet"},
    "dated": "2026-11-20",
    "sheet": "1",
    "key": "1",
    "sha256": DIGEST,
    "bytes": 91234,
    "episode": "LK000001",
    "archive_number": "2026-000012",
    "superseded_by": None,
}


class SetPapers(Body):
    """What is put into the set: a chart's id names all its papers."""

    model_config = examples({"ids": [CHART, DOCUMENT]})
    ids: Annotated[
        list[RecordId],
        Field(min_length=1, max_length=MOST, description="charts or documents, in their order"),
    ]


class SetPath(Asked):
    """A paper of the set."""

    document_id: RecordId


class SetAnswer(AnswerModel):
    """How many papers were put in, how many were there before, how many there are now."""

    model_config = examples({"new": 11, "known": 1, "total": 12})
    new: int
    known: int
    total: int


class SetPaper(AnswerModel):
    """A paper of the set."""

    model_config = examples(_PAPER)
    document_id: Uuid
    chart_id: Uuid
    form: str
    title: Bilingual
    dated: IsoDay | None
    sheet: str | None
    key: str
    sha256: Digest
    bytes: int
    episode: str
    archive_number: str | None
    superseded_by: Uuid | None


class SetPage(AnswerModel):
    """Every paper of the set, in its order."""

    model_config = examples({"items": [_PAPER], "next": None})
    items: list[SetPaper]
    next: None = None
