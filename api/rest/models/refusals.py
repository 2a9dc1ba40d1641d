"""What the intake refused."""

from typing import Annotated, Literal

from pydantic import Field

from api.refusals.kept import Source
from api.rest.models.base import (
    DOCUMENT,
    TIME,
    AnswerModel,
    Asked,
    Bilingual,
    Cursor,
    Limit,
    RecordId,
    Time,
    Uuid,
    examples,
)
from api.rest.models.problem import FaultModel

_REFUSAL = {
    "refusal_id": DOCUMENT,
    "source": "watch",
    "sender": "his",
    "name": "K03/0001.json",
    "department": "K03",
    "faults": [
        {"path": "/patient/name", "code": "field.required", "message": "Thiếu giá trị bắt buộc."}
    ],
    "fault_count": 1,
    "times": 3,
    "first_at": TIME,
    "last_at": TIME,
    "settled_at": None,
    "settled_by": None,
    "remedies": [
        {
            "vi": "Sau khi sửa, đặt lại tệp vào thư mục theo dõi.",
            "en": "Once corrected, put the file into the watched folder again.",
        }
    ],
}


class RefusalPath(Asked):
    """The id of a refusal."""

    refusal_id: RecordId


class RefusalQuery(Asked):
    """Which refusals."""

    state: Annotated[
        Literal["open", "settled"] | None,
        Field(description="chờ xử lý, hay đã xử lý / open or settled"),
    ] = None
    source: Annotated[Source | None, Field(description="đến bằng cách nào / how it came")] = None
    limit: Limit = 50
    cursor: Cursor | None = None


class RefusalAnswer(AnswerModel):
    """One refusal. `faults` are the first ones of `fault_count`."""

    model_config = examples(_REFUSAL)
    refusal_id: Uuid
    source: Source
    sender: Annotated[str, Field(description="tài khoản hay khóa / account or key")]
    name: Annotated[str, Field(description="tên tệp ở nơi gửi / the sender's file name")]
    department: Annotated[str | None, Field(description="null: chưa biết / not known")]
    faults: list[FaultModel]
    fault_count: int
    times: Annotated[int, Field(description="đã gửi mấy lần / how often it was sent")]
    first_at: Time
    last_at: Time
    settled_at: Time | None
    settled_by: Annotated[
        str | None,
        Field(description="null: lần gửi sau đã được lưu / a later submission was archived"),
    ]
    remedies: Annotated[list[Bilingual], Field(description="việc cần làm / what to do")]


class RefusalPage(AnswerModel):
    """Some refusals, the newest first."""

    model_config = examples({"items": [_REFUSAL], "total": 1, "next": None})
    items: list[RefusalAnswer]
    total: int
    next: str | None = None
