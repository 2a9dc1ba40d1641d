"""Values of charts and papers as an exchange format writes them: all are texts."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from archive.base.chronology import has_time
from archive.base.clock import VIETNAM, parse_iso
from ingest.exchange.definition import Element, Kind
from ingest.forms.field import Field
from ingest.forms.model import Form


def in_words(value: Any, field: Field | None, form: Form | None) -> Any:
    """Return a code of the form's lists in words, and every other value as it is."""
    if field is None or form is None or field.list is None:
        return value
    words: Mapping[str, str] = form.code_lists[field.list]
    if isinstance(value, list):
        return "; ".join(words.get(str(code), str(code)) for code in value)
    return words.get(str(value), value)


def written(element: Element, value: Any) -> str:
    """Return a value as the format writes it; "" for what it cannot say."""
    if value is None or isinstance(value, list | dict | tuple):
        return ""
    if element.kind is Kind.DATE:
        day = _day(value)
        return "" if day is None else _in_figures(day)
    if element.kind is Kind.MOMENT:
        return _moment(value)
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, float):
        value = format(Decimal(str(value)).normalize(), "f")
    text = str(value).strip()
    return element.words.get(text, text)


def _day(value: Any) -> date | None:
    """Return a day that is known whole."""
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).date()
    try:
        text = str(value)
        if len(text) == len("YYYY-MM-DD"):
            return date.fromisoformat(text)
        return parse_iso(text).astimezone(VIETNAM).date()
    except (ValueError, OverflowError):
        return None


def _moment(value: Any) -> str:
    day = _day(value)
    if day is None:
        return ""
    if not isinstance(value, datetime):
        if len(str(value)) == len("YYYY-MM-DD"):
            return _in_figures(day)
        value = parse_iso(str(value))
    local = value.astimezone(VIETNAM)
    if not has_time(value):
        return _in_figures(day)
    return f"{_in_figures(day)} {local:%H:%M:%S}.{local.microsecond // 1000:03}"


def _in_figures(day: date) -> str:
    """Return `dd/MM/yyyy`; a year before 1000 has four figures too, unlike with `strftime`."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"
