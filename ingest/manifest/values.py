"""What a cell says: dates as people in Viet Nam write them, codes by their words, keys, lists."""

import re
import unicodedata
from datetime import date, datetime, time

from archive.base.clock import VIETNAM, iso
from archive.base.facts import EARLIEST_YEAR
from archive.base.text import normal, stream_safe
from ingest.manifest.columns import columns, plain

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\Z")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
_MONTH = re.compile(r"(?:(\d{1,2})[/.-](\d{4})|(\d{4})-(\d{1,2}))\Z")
_TIME = re.compile(r"(\d{1,2})[:h](\d{2})(?::(\d{2}))?\Z")
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\Z")
_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9._-]+")


def day(text: str) -> date:
    """Return the day of `31/12/2026` (also with dots or hyphens) or `2026-12-31`; raises
    :class:`ValueError`.
    """
    if match := _DAY_FIRST.match(text):
        return _plausible(date(int(match[3]), int(match[2]), int(match[1])))
    if match := _YEAR_FIRST.match(text):
        return _plausible(date(int(match[1]), int(match[2]), int(match[3])))
    raise ValueError("not a day")


def partial_date(text: str) -> str:
    """Return a date with the precision that is known: a day, `12/2026`, or a year; raises
    :class:`ValueError`.
    """
    if re.match(r"\d{4}\Z", text):
        return f"{_plausible(date(int(text), 1, 1)).year:04}"
    if match := _MONTH.match(text):
        year, month = int(match[2] or match[3]), int(match[1] or match[4])
        return _plausible(date(year, month, 1)).isoformat()[:7]
    return day(text).isoformat()


def moment(text: str) -> str:
    """Return a moment as ISO 8601 in UTC: a day in Viet Nam, perhaps with its time; or ISO 8601
    with an offset.

    A day without a time is its beginning. Raises :class:`ValueError`.
    """
    if "T" in text:
        value = datetime.fromisoformat(text)
        return iso(value if value.tzinfo else value.replace(tzinfo=VIETNAM))
    head, _, tail = text.partition(" ")
    at = time()
    if tail.strip():
        match = _TIME.match(tail.strip())
        if match is None:
            raise ValueError("not a time")
        at = time(int(match[1]), int(match[2]), int(match[3] or 0))
    return iso(datetime.combine(day(head), at, VIETNAM))


def code(field: str, text: str) -> str:
    """Return the code of a field that `text` is or means; raises :class:`KeyError`."""
    return columns().codes[field][plain(text)]


def several(text: str) -> tuple[str, ...]:
    """Return the values of a cell that may hold several, with `|` between them."""
    return tuple(part.strip() for part in text.split("|") if part.strip())


def is_key(text: str) -> bool:
    """Return whether `text` may be a paper's key."""
    return bool(_KEY.match(text))


def key_of(file: str) -> str:
    """Return the key of a paper that has none of its own: its file's name in plain letters; may be
    empty.
    """
    bare = normal(stream_safe(file).replace("đ", "d").replace("Đ", "D"), "NFD")
    plain_name = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return _NOT_IN_KEYS.sub("-", plain_name).strip("-.")[:100]


def _plausible(day: date) -> date:
    if not EARLIEST_YEAR <= day.year < 2200:
        raise ValueError("not a year of any record")
    return day
