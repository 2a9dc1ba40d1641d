"""Dates as people type them, with the precision that they gave."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time

from archive.base.clock import VIETNAM

_TIME = re.compile(r"(?P<hour>\d{1,2})[:hg.](?P<minute>\d{2})?,?", re.ASCII)
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<day>\d{1,2})([/.-])(?P<month>\d{1,2})\2(?P<year>\d{4})",  # dd/MM/yyyy
        r"(?P<year>\d{4})([/.-])(?P<month>\d{1,2})\2(?P<day>\d{1,2})",  # yyyy-MM-dd
        r"(?P<month>\d{1,2})[/.-](?P<year>\d{4})",
        r"(?P<year>\d{4})[/.-](?P<month>\d{1,2})",
        r"(?P<year>\d{4})",
    )
)


@dataclass(frozen=True, slots=True)
class TypedDate:
    """A day, a month or a year: its first and last day, and its token in the index."""

    first: date
    last: date
    token: str  # yyyyMMdd, yyyyMM or yyyy


def read(text: str) -> TypedDate | None:
    """Return `text` as a date, or None where it is not a date.

    The forms are `dd/MM/yyyy`, `yyyy-MM-dd`, `MM/yyyy`, `yyyy-MM` and `yyyy`, with `/`, `-` or `.`
    between the parts.
    """
    for form in _FORMS:
        if match := form.fullmatch(text):
            parts = match.groupdict()
            return _typed(int(parts["year"]), parts.get("month"), parts.get("day"))
    return None


def full_day(text: str) -> date | None:
    """Return a whole day as people type it (`31/12/2026`, `2026-12-31`), None for anything else."""
    typed = read(text.strip())
    return typed.first if typed is not None and typed.first == typed.last else None


def partial(text: str) -> str | None:
    """Return a typed day, month or year as records have it: `YYYY-MM-DD`, `YYYY-MM`, `YYYY`."""
    typed = read(text.strip())
    if typed is None:
        return None
    return "-".join(part for part in (typed.token[:4], typed.token[4:6], typed.token[6:]) if part)


def moment(text: str) -> datetime | None:
    """Return a typed moment in Viet Nam: `08:30 31/12/2026`, `31/12/2026 8h30`; None for others.

    A day alone is its first minute.
    """
    parts = text.split()
    days = [(place, day) for place, part in enumerate(parts) if (day := full_day(part))]
    if len(days) != 1 or len(parts) > 2:
        return None
    ((place, day),) = days
    if len(parts) == 1:
        return datetime.combine(day, time(), VIETNAM)
    match = _TIME.fullmatch(parts[1 - place])
    if match is None:
        return None
    try:
        at = time(int(match["hour"]), int(match["minute"] or 0))
    except ValueError:
        return None
    return datetime.combine(day, at, VIETNAM)


def tokens(stated: str) -> tuple[str, ...]:
    """Return a stored date as tokens: its year, month and day.

    The form is `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    """
    digits = stated.replace("-", "")
    return tuple(digits[:length] for length in (4, 6, 8) if len(digits) >= length)


def _typed(year: int, month: str | None, day: str | None) -> TypedDate | None:
    try:
        first = date(year, int(month or 1), int(day or 1))
    except ValueError:  # a 31 February, or month 13, is no date; the caller takes it as words
        return None
    if day:
        return TypedDate(first, first, f"{first:%Y%m%d}")
    if month:
        return TypedDate(
            first, first.replace(day=monthrange(year, first.month)[1]), f"{first:%Y%m}"
        )
    return TypedDate(first, date(year, 12, 31), f"{first:%Y}")
