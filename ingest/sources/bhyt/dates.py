"""Dates of the insurance XML (yyyymmdd, yyyymmddHHMM; unknown parts 0000), as ISO 8601 in Viet Nam
time.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from archive.base.clock import VIETNAM
from archive.base.facts import EARLIEST_YEAR

_SHAPE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?\Z", re.ASCII)
_EARLIEST, _LATEST = EARLIEST_YEAR, 2199


@dataclass(frozen=True, slots=True)
class When:
    """A date as far as it is known, with its time of day when that was given."""

    year: int
    month: int | None
    day: int | None
    hour: int | None = None
    minute: int | None = None

    def iso_date(self) -> str:
        """Return `YYYY-MM-DD`, or `YYYY-MM` or `YYYY` where the rest is unknown."""
        return "-".join(
            [f"{self.year:04}"]
            + [f"{part:02}" for part in (self.month, self.day) if part is not None]
        )

    def iso(self) -> str:
        """Return `YYYY-MM-DDTHH:MM:00+07:00`, or the date alone where no time was given (0000 means
        unknown).
        """
        return self.moment().isoformat() if self.hour or self.minute else self.iso_date()

    def moment(self) -> datetime:
        """Return the moment in Viet Nam time, midnight without a time; raises :class:`ValueError`
        without a day.
        """
        if self.month is None or self.day is None:
            raise ValueError("month and day are unknown")
        return datetime(
            self.year, self.month, self.day, self.hour or 0, self.minute or 0, tzinfo=VIETNAM
        )

    def for_people(self) -> str:
        """Return `dd/MM/yyyy` or `HH:mm dd/MM/yyyy`, shorter where parts are unknown."""
        day = "/".join(reversed(self.iso_date().split("-")))
        return f"{self.hour:02}:{self.minute:02} {day}" if self.hour or self.minute else day


def parse_when(text: str) -> When:
    """Parse 8, 12 or 14 digits; raises :class:`ValueError` for anything that is not a date.

    Month and day may be 00 (unknown), day alone too; a time of 0000 may mean unknown or midnight:
    shown as unknown.
    """
    match = _SHAPE.match(text)
    if not match:
        raise ValueError("not 8, 12 or 14 digits")
    year, month, day, hour, minute, _ = (int(part) if part else None for part in match.groups())
    if year is None or not _EARLIEST <= year <= _LATEST:
        raise ValueError("not a year of a patient's life")
    if not month:
        if day or hour or minute:
            raise ValueError("a day without its month")
        return When(year, None, None)
    date(year, month, day or 1)
    if not day:
        if hour or minute:
            raise ValueError("a time without its day")
        return When(year, month, None)
    when = When(year, month, day, hour, minute)
    when.moment()
    return when
