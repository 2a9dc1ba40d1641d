"""Days as a clerk types them into a filter of charts, as moments of the catalogue."""

from datetime import datetime, timedelta

from archive.base.clock import day_start
from archive.base.facts import EARLIEST_YEAR
from search import dates

_LATEST_YEAR = 2199


def first_moment(typed: str) -> datetime | None:
    """Return the first moment of a day, month or year in Viet Nam; None for what is no date.

    `typed`: `dd/MM/yyyy`, `yyyy-MM-dd`, `MM/yyyy` or `yyyy`, from 1900 to 2199.
    """
    date = dates.read(typed.strip())
    if date is None or not EARLIEST_YEAR <= date.first.year <= _LATEST_YEAR:
        return None
    return day_start(date.first)


def moment_after(typed: str) -> datetime | None:
    """Return the first moment after a day, month or year in Viet Nam; None for what is no date."""
    date = dates.read(typed.strip())
    if date is None or not EARLIEST_YEAR <= date.first.year <= _LATEST_YEAR:
        return None
    return day_start(date.last + timedelta(days=1))
