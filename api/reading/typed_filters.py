"""A filter of charts as a person types it: the same names at the page and on the command line."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from archive.base.clock import day_start
from archive.base.facts import EARLIEST_YEAR
from archive.catalog.listings import ChartFilter
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


# The name of each day as it is typed: the field of the filter, and how its text is read.
DAYS = {
    "discharged_from": ("discharged_from", first_moment),
    "discharged_to": ("discharged_until", moment_after),
    "received_from": ("opened_from", first_moment),
    "received_to": ("opened_until", moment_after),
}


def chart_filter(typed: Mapping[str, str]) -> ChartFilter:
    """Return the filter that `typed` means; empty texts are no condition.

    The texts of days were checked with :func:`first_moment`. Raises TypeError for a name that no
    filter has.
    """
    wanted: dict[str, Any] = {}
    for name, text in typed.items():
        field, read = DAYS.get(name, (name, str))
        if text:
            wanted[field] = read(text)
    return ChartFilter(**wanted)
