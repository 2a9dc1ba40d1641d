"""What the models share: texts, times, ids and digests as the API writes them, and what is strict
about them.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from archive.base.clock import parse_iso
from archive.base.facts import text_value
from archive.base.identifiers import record_id

# any case (RFC 9562, 4)
UUID = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
PRINTED = r"[^\x00-\x1f\x7f-\x9f]"  # no control characters
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z", re.ASCII | re.IGNORECASE
)


class Asked(BaseModel):
    """What a caller sends: nothing unknown is passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerModel(BaseModel):
    """What the API answers.

    Members may be added in later versions; none is removed or changes its meaning.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


class Body(Asked):
    """What a caller sends as JSON: a number is a number there, and a text is a text."""

    model_config = ConfigDict(strict=True)


def _day(text: Any) -> date:
    """Read a full-date of RFC 3339, and none of the other things that look like one to Python."""
    if not isinstance(text, str) or not _DAY.match(text):
        raise ValueError("a day is YYYY-MM-DD")
    return date.fromisoformat(text)


def _moment(text: Any) -> datetime:
    """Read a date-time of RFC 3339."""
    if not isinstance(text, str) or not _MOMENT.match(text):
        raise ValueError("a time is YYYY-MM-DDThh:mm:ss with its offset from UTC")
    return parse_iso(text.upper())


def examples(*values: Any) -> ConfigDict:
    """Return a model's configuration with examples for the document."""
    return ConfigDict(json_schema_extra={"examples": list(values)})


RecordId = Annotated[
    str, Field(pattern=f"^{UUID}$", json_schema_extra={"format": "uuid"}), AfterValidator(record_id)
]
Uuid = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]  # UTC, milliseconds
IsoDay = Annotated[str, Field(json_schema_extra={"format": "date"})]  # YYYY-MM-DD
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]  # SHA-256 in lower-case hex
Base64 = Annotated[str, Field(json_schema_extra={"contentEncoding": "base64"})]
Word = Annotated[
    str, Field(min_length=1, max_length=100, pattern=f"^{PRINTED}+$"), BeforeValidator(text_value)
]  # a code or key: one line
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, Field(min_length=1, max_length=400)]

CHART = "0199f3a1-7c00-7a11-8a31-5b1f6d1f0001"  # ids for examples: invented
DOCUMENT = "0199f3a1-7c00-7a11-8a31-5b1f6d1f0002"
SUBMISSION = "0199f3a1-7c00-7a11-8a31-5b1f6d1f0003"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
TIME = "2026-11-22T07:00:00.000Z"


class Bilingual(AnswerModel):
    """A sentence in Vietnamese and English."""

    vi: str
    en: str
