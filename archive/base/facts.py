"""What an archive must know of a chart and its patient.

Acts carry these facts, and the catalogue is made of them.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from archive.base.identifiers import FACILITY
from archive.base.text import Blank, NotALine, TooManyMarks, line, nfc

_PARTIAL_DATE = re.compile(r"(\d{4})(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?\Z", re.ASCII)
EARLIEST_YEAR = 1900  # of any date in a record that comes in
MOST_LISTED = 500  # diagnoses or insurance cards of a record that comes in

STORED: Mapping[str, str] = {"facts": "stored"}
"""The validation context of facts that this archive has stored.

An earlier version took them, so they stay readable.
"""
SIGNED: Mapping[str, str] = {"facts": "signed"}
"""The context of facts that another archive signed.

Their bytes stay, and intake checks them on receipt.
"""


FacilityCodeText = Annotated[str, Field(pattern=f"^{FACILITY}$")]  # mã CSKCB


def _source(info: ValidationInfo) -> str:
    """Return where facts come from: `stored`, `signed`, or `intake` where no context says so."""
    return str((info.context or {}).get("facts", "intake"))


def text_value(value: Any, info: ValidationInfo) -> Any:
    """Return a text as :func:`archive.base.text.nfc` gives it; leave other values to Pydantic.

    For :class:`pydantic.BeforeValidator`. Raises :class:`ValueError`.
    """
    return nfc(value) if isinstance(value, str) and _source(info) != "stored" else value


def _line(value: Any, info: ValidationInfo) -> Any:
    """Return a line of an incoming record as :func:`archive.base.text.line` gives it."""
    if not isinstance(value, str) or _source(info) != "intake":
        return text_value(value, info)
    try:
        return line(value)
    except NotALine as error:
        raise PydanticCustomError("text.line_end", "a line end inside a line") from error
    except Blank as error:
        raise PydanticCustomError("text.blank", "nothing that a reader sees") from error
    except TooManyMarks as error:
        raise PydanticCustomError("text.marks", "too many combining marks") from error


def _partial_date(text: str, info: ValidationInfo) -> str:
    match = _PARTIAL_DATE.match(text)
    if not match:
        raise PydanticCustomError("date.partial", "a date is YYYY, YYYY-MM or YYYY-MM-DD")
    if _source(info) == "intake":
        if int(match[1]) < EARLIEST_YEAR:
            raise PydanticCustomError("date.too_early", "a date before 1900")
        if len(text) == len("YYYY-MM-DD"):
            try:
                date.fromisoformat(text)
            except ValueError as error:
                raise PydanticCustomError("date.unreal", "no such day") from error
    return text


def _plausible(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset from UTC")
    if not EARLIEST_YEAR <= moment.year < 2200:
        raise ValueError("a time lies between 1900 and 2199")
    return moment.astimezone(UTC)


def _few(values: Any, info: ValidationInfo) -> Any:
    """Refuse a list of an incoming record that is too long to be read.

    Its values are not checked.
    """
    if _source(info) == "intake" and isinstance(values, list | tuple) and len(values) > MOST_LISTED:
        raise PydanticCustomError("list.too_long", "more values than a chart states")
    return values


Line = Annotated[str, BeforeValidator(_line), Field(max_length=1024)]
# ISO 8601 with the precision that is known
PartialDate = Annotated[str, AfterValidator(_partial_date)]
# kept in UTC: equal moments are equal bytes
Moment = Annotated[datetime, AfterValidator(_plausible)]
_FEW = (BeforeValidator(_few), Field(json_schema_extra={"maxItems": MOST_LISTED}))


class Strict(BaseModel):
    """A frozen value that refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sex(StrEnum):
    """GIOI_TINH of QĐ 130/QĐ-BYT: 1 Nam, 2 Nữ, 3 Chưa xác định."""

    MALE = "1"
    FEMALE = "2"
    UNDETERMINED = "3"


class ChartKind(StrEnum):
    """How the patient was treated; what the retention schedule asks for."""

    INPATIENT = "inpatient"
    DAY_PATIENT = "day_patient"
    OUTPATIENT = "outpatient"
    EXAMINATION = "examination"  # a visit without a course of treatment: it has no record (bệnh án)


class Outcome(StrEnum):
    """KET_QUA_DTRI of QĐ 130/QĐ-BYT, as a word."""

    CURED = "cured"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    WORSE = "worse"
    DIED = "died"
    TAKEN_HOME_TO_DIE = "taken_home_to_die"
    UNDETERMINED = "undetermined"
    DIED_ELSEWHERE = "died_elsewhere"


class Patient(Strict):
    """A person as one facility knows them (người bệnh)."""

    local_id: Line | None = None  # mã người bệnh at this facility (MA_BN)
    name: Annotated[Line, Field(min_length=1, max_length=255)]
    birth_date: PartialDate | None = None
    sex: Sex | None = None
    national_id: Line | None = None  # số định danh / CCCD; a passport number is allowed
    social_insurance_number: Line | None = None  # mã số BHXH
    insurance_cards: Annotated[tuple[Line, ...], *_FEW] = ()  # mã thẻ BHYT
    address: Line | None = None


class Diagnosis(Strict):
    """One diagnosis: ICD-10 code where it is known, and the words of the record."""

    icd10: Annotated[str, Field(pattern=r"^[A-Z][0-9A-Z.+*]{1,9}$", examples=["J18.9"])] | None = (
        None
    )
    text: Annotated[str, BeforeValidator(text_value), Field(max_length=8192)] = ""
    main: bool = False


class ChartFacts(Strict):
    """One episode of care (hồ sơ bệnh án), named by the HIS's own key."""

    episode: Annotated[Line, Field(min_length=1, max_length=100)]  # MA_LK
    kind: ChartKind
    department: Line | None = None  # mã khoa
    admitted_at: Moment | None = None
    discharged_at: Moment | None = None  # the end of treatment: retention counts from its year
    outcome: Outcome | None = None
    diagnoses: Annotated[tuple[Diagnosis, ...], *_FEW] = ()

    @field_validator("diagnoses")
    @classmethod
    def _has_one_main(
        cls, diagnoses: tuple[Diagnosis, ...], info: ValidationInfo
    ) -> tuple[Diagnosis, ...]:
        """Refuse two main diagnoses: statistics and the ICD-10 rules (volume 2, 4.4) know one."""
        if _source(info) == "intake" and sum(diagnosis.main for diagnosis in diagnoses) > 1:
            raise PydanticCustomError("diagnosis.two_main", "more than one main diagnosis")
        return diagnoses
