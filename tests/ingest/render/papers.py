"""Papers to render in tests: invented people, and data for any form, as little and as much as it
allows.
"""

from datetime import UTC, datetime
from typing import Any

from archive.base.facts import ChartFacts, ChartKind, Outcome, Patient, Sex
from archive.base.identifiers import DocumentId, FacilityCode
from ingest.forms.catalog import FormCatalog
from ingest.forms.model import Field, FieldType, Form
from ingest.forms.sums import SUMS, total
from ingest.render.job import Attachment, FacilityFace, RenderJob

CATALOG = FormCatalog.load()
DOCUMENT = DocumentId("019ab000-0000-7000-8000-000000000001")
CLAIMED = datetime(2026, 11, 22, 7, 0, 5, 678000, tzinfo=UTC)
FACILITY = FacilityFace(
    FacilityCode("01234"),
    "Bệnh viện Đa khoa Thử Nghiệm",
    "Sở Y tế tỉnh Thí Dụ",
    "Số 1 đường Mẫu, tỉnh Thí Dụ",
)
PATIENT = Patient(
    local_id="BN-000123",
    name="Nguyễn Thị Thử Nghiệm",
    birth_date="1958-03-07",
    sex=Sex.FEMALE,
    national_id="001158000123",
    insurance_cards=("DN4797937330020",),
    address="Số 12 ngõ 34 phố Ví Dụ, phường Mẫu, thành phố Thí Dụ",
)
CHART = ChartFacts(
    episode="LK2026-0001",
    kind=ChartKind.INPATIENT,
    department="K01",
    admitted_at=datetime(2026, 11, 2, 1, 15, tzinfo=UTC),
    discharged_at=datetime(2026, 11, 10, 9, 0, tzinfo=UTC),
    outcome=Outcome.IMPROVED,
)
UNNAMED = Patient(name="Vô Danh")
BARE_CHART = ChartFacts(episode="LK0", kind=ChartKind.OUTPATIENT)

_WORDS = (
    "Người bệnh tỉnh, tiếp xúc tốt; phổi thông khí giảm đáy phải, ran ẩm, SpO₂ 96 % – theo dõi "
    "thêm. "
)


def job(code: str, data: dict[str, Any], **changes: Any) -> RenderJob:
    """Return a job for the newest form `code`; `changes` replace what it says by default."""
    facts: dict[str, Any] = {
        "form": CATALOG.get(code),
        "document_id": DOCUMENT,
        "facility": FACILITY,
        "patient": PATIENT,
        "chart": CHART,
        "data": data,
        "claimed_at": CLAIMED,
        "verify_uri": f"https://kho.example/v/{DOCUMENT}",
        "attachments": (),
        "test": True,
    }
    return RenderJob(**{**facts, **changes})


def record(data: bytes = b'{"kho":"record"}') -> Attachment:
    """Return the attached record of a paper."""
    return Attachment("record.json", "application/json", data, "source", "Dữ liệu của giấy")


def minimal(form: Form) -> dict[str, Any]:
    """Return the least data that `form` accepts."""
    required = (field for field in form.fields if field.required)
    return _agreed(form, {field.name: _value(field, form, most=False) for field in required})


def maximal(form: Form, *, longest: int = 4000) -> dict[str, Any]:
    """Return data with every field of `form`, as long as it may be (text up to `longest`
    characters, 25 rows).
    """
    values = {field.name: _value(field, form, most=True, longest=longest) for field in form.fields}
    return _agreed(form, values)


def _agreed(form: Form, data: dict[str, Any]) -> dict[str, Any]:
    """Return `data` with its sums made those of their parts."""
    schema = form.body_schema()
    _agree(data, schema)
    for field in form.fields:
        if field.type is FieldType.TABLE:
            for row in data.get(field.name, ()):
                _agree(row, schema["properties"][field.name]["items"])
    return data


def _agree(data: dict[str, Any], schema: dict[str, Any]) -> None:
    for name, parts in schema.get(SUMS, {}).items():
        if name in data and (sum_of_parts := total(parts, data)) is not None:
            data[name] = int(sum_of_parts)


def _value(field: Field, form: Form, *, most: bool, longest: int = 1) -> Any:
    match field.type:
        case FieldType.LINE | FieldType.TEXT:
            most_letters = field.max or (1024 if field.type is FieldType.LINE else longest)
            return _text(min(most_letters, longest))
        case FieldType.DATE:
            return "2026-11-22"
        case FieldType.DATETIME:
            return "2026-11-22T14:05:09+07:00"
        case FieldType.PARTIAL_DATE:
            return "2026-11-22" if most else "2026"
        case FieldType.NUMBER | FieldType.INTEGER:
            return _number(field, most=most)
        case FieldType.BOOLEAN:
            return True
        case FieldType.CODE:
            return list(form.code_lists[field.list or ""])[-1]
        case FieldType.CODES:
            return list(form.code_lists[field.list or ""])[: None if most else 1]
    row = {
        part.name: _value(part, form, most=False) for part in field.parts if most or part.required
    }
    return [row] * (min(field.max or 25, 25) if most else 1)


def _number(field: Field, *, most: bool) -> float:
    whole = field.type is FieldType.INTEGER
    largest = field.most if field.most is not None else 1234567 if whole else 1234567.25
    number = largest if most else field.least if field.least is not None else 1 if whole else 1.5
    return int(number) if whole else number


def _text(length: int) -> str:
    return (_WORDS * (length // len(_WORDS) + 1))[:length]
