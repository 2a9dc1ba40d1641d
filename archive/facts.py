"""What an archive must know of a chart and its patient: the facts that acts carry and the catalogue is made of."""

import re
import unicodedata
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

_PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?\Z")

# Control characters but tabs and line ends, lone surrogates, and the last two code points of each plane. One search: a
# chart has tens of thousands of characters, and each is looked at several times.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
    + "".join(chr(plane | last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)


def nfc(text: Any) -> Any:
    """Return text in NFC; tabs and line ends stay.

    Private-use characters stay too: word processors write their bullets so. Raises :class:`ValueError` for NUL and
    other control characters, lone surrogates and noncharacters.
    """
    if not isinstance(text, str):
        return text
    if _FORBIDDEN.search(text):
        raise ValueError("control character in text")
    return unicodedata.normalize("NFC", text)


def _partial_date(text: str) -> str:
    if not _PARTIAL_DATE.match(text):
        raise ValueError("a date is YYYY, YYYY-MM or YYYY-MM-DD")
    return text


def _plausible(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset from UTC")
    if not 1900 <= moment.year < 2200:
        raise ValueError("a time lies between 1900 and 2199")
    return moment.astimezone(UTC)


Line = Annotated[str, BeforeValidator(nfc), Field(max_length=1024)]
PartialDate = Annotated[str, AfterValidator(_partial_date)]  # ISO 8601 with the precision that is known
Moment = Annotated[datetime, AfterValidator(_plausible)]  # kept in UTC: equal moments are equal bytes


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
    insurance_cards: tuple[Line, ...] = ()  # mã thẻ BHYT
    address: Line | None = None


class Diagnosis(Strict):
    """One diagnosis: ICD-10 code where it is known, and the words of the record."""

    icd10: Annotated[str, Field(pattern=r"^[A-Z][0-9A-Z.+*]{1,9}$")] | None = None
    text: Annotated[str, BeforeValidator(nfc), Field(max_length=8192)] = ""
    main: bool = False


class ChartFacts(Strict):
    """One episode of care (hồ sơ bệnh án), named by the HIS's own key."""

    episode: Annotated[Line, Field(min_length=1, max_length=100)]  # MA_LK
    kind: ChartKind
    department: Line | None = None  # mã khoa
    admitted_at: Moment | None = None
    discharged_at: Moment | None = None  # the end of treatment: retention counts from its year
    outcome: Outcome | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
