"""Values as a Vietnamese reader expects them: dd/MM/yyyy, decimal comma, the words behind a code.

A value that does not follow its type's format is printed unchanged. Such values are common in the
XML of insurance data, and a rendition must not invent anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from archive.base.clock import VIETNAM
from ingest.forms.model import Field, FieldType
from ingest.render.measures import NO_BREAK, measured

_DAY = re.compile(r"(?P<y>\d{4})(?:-(?P<m>\d\d)(?:-(?P<d>\d\d))?)?\Z")
# QĐ 130/QĐ-BYT
_DIGITS = re.compile(
    r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?:(?P<hh>\d\d)(?P<mm>\d\d)(?P<ss>\d\d)?)?\Z"
)
# the results of a test and their normal range, in insurance tables and in 16/BV2
_RESULTS = frozenset({"GIA_TRI", "gia_tri", "binh_thuong"})
_UNIT_IN_LABEL = re.compile(r"\((?:kg|g|%|mmHg|°C)\)")
_NUMBER = re.compile(r"(?P<sign>-?)(?P<whole>\d+)(?:\.(?P<rest>\d+))?\Z")


@dataclass(frozen=True, slots=True)
class Moment:
    """A day or a moment in Viet Nam, taken apart for forms with a place for each part; unknown
    parts are empty.
    """

    d: str = ""
    m: str = ""
    y: str = ""
    hh: str = ""
    mm: str = ""
    ss: str = ""

    def __str__(self) -> str:
        day = "/".join(part for part in (self.d, self.m, self.y) if part)
        seconds = f":{self.ss}" if self.ss not in ("", "00") else ""
        return f"{self.hh}:{self.mm}{seconds} {day}" if self.hh else day


def moment(value: object) -> Moment | None:
    """Take apart a day (`YYYY[-MM[-DD]]`), a moment (ISO 8601 with offset) or the XML's
    `yyyymmdd[HHMM[SS]]`.
    """
    if isinstance(value, datetime):
        local = value.astimezone(VIETNAM)
        return Moment(*local.strftime("%d %m %Y %H %M %S").split())
    if isinstance(value, date):
        return Moment(*value.strftime("%d %m %Y").split())
    if not isinstance(value, str):
        return None
    if match := _DAY.match(value):
        return Moment(**{name: part or "" for name, part in match.groupdict().items()})
    if match := _DIGITS.match(value):
        # "00" (and "0000" for the time) means an unknown part (QĐ 130/QĐ-BYT).
        parts = {name: part or "" for name, part in match.groupdict().items()}
        day = {name: "" if not parts[name].strip("0") else parts[name] for name in "dmy"}
        time = {
            name: parts[name] if parts["hh"] + parts["mm"] != "0000" else ""
            for name in ("hh", "mm", "ss")
        }
        return Moment(**day, **time)
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment(parsed) if parsed.tzinfo else None


def number(value: object) -> str:
    """Return a number with a decimal comma, and with points between thousands from 10.000 up.

    Decimals that are all zero are left out: a reader who expects a decimal point would read
    `532.000,000` as millions.
    """
    text = value if isinstance(value, str) else format(Decimal(repr(value)), "f")
    if not (match := _NUMBER.match(text)):
        return text
    whole, rest = match["whole"], match["rest"]
    if rest is not None and not rest.strip("0"):
        rest = None
    if len(whole) > 4 and not whole.startswith("0"):
        whole = f"{int(whole):,}".replace(",", ".")
    return match["sign"] + whole + (f",{rest}" if rest is not None else "")


def display(field: Field, value: object, code_lists: Mapping[str, Mapping[str, str]]) -> str:
    """Return what is printed for `value` of `field`; empty text for no value."""
    if value is None or value == "":
        return ""
    shown = _plain(field, value, code_lists)
    return f"{shown}{NO_BREAK}{field.unit}" if field.unit else shown


def _plain(field: Field, value: object, code_lists: Mapping[str, Mapping[str, str]]) -> str:
    match field.type:
        case FieldType.DATE | FieldType.PARTIAL_DATE | FieldType.DATETIME:
            return str(moment(value) or value)
        case FieldType.NUMBER | FieldType.INTEGER if not isinstance(value, bool):
            return number(value)
        case FieldType.BOOLEAN if isinstance(value, bool):
            return "Có" if value else "Không"
        case FieldType.CODE:
            name = code_lists[field.list or ""].get(str(value))
            return f"{value} – {name}" if name else str(value)
        case FieldType.CODES if isinstance(value, list | tuple):
            words = code_lists[field.list or ""]
            return "; ".join(words.get(str(code), str(code)) for code in value)
        case FieldType.LINE | FieldType.TEXT:
            return measured(str(value), result=_is_result(field))
    return str(value)


def _is_result(field: Field) -> bool:
    """Return whether a text field holds a number: a result, or what its label gives a unit."""
    return field.name in _RESULTS or bool(_UNIT_IN_LABEL.search(field.label.vi))
