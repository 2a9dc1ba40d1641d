"""How long objects are locked: a short rolling period for an open chart.

What belongs to no chart has a fixed term.

A deposited chart's date comes from the retention schedule; `retention/locks.py` extends its locks
to that date.
"""

from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml

ROLLING = timedelta(days=90)  # an open chart's objects
RENEW_BELOW = timedelta(days=45)  # renewed by any writing command when less is left
WARN_BELOW = timedelta(days=30)  # `kho check` warns when even less is left
LOOK_AGAIN = timedelta(days=30)  # a rolling lock that was not read for so long is read again


def rolling_until(now: datetime) -> datetime:
    """Return the end of a rolling lock that starts `now`, in whole seconds.

    Every store keeps whole seconds.
    """
    return (now + ROLLING).replace(microsecond=0)


def fixed_until(moment: datetime) -> datetime:
    """Return the end of the lock of an object without a chart, in whole seconds.

    An act of `moment` brought the object.

    The terms are data with their source: `fixed_terms.yaml`.
    """
    day, whole = moment.date(), moment.replace(microsecond=0)
    years = next(
        years for start, end, years in _terms() if start <= day and (end is None or day < end)
    )
    try:
        return whole.replace(year=whole.year + years)
    except ValueError:  # 29 February
        return whole.replace(year=whole.year + years, day=28)


def next_look(lock_end: datetime, required: datetime | None, now: datetime) -> datetime | None:
    """Return when the keeper of locks must see to an object with a lock to `lock_end`.

    The lock's end was just read.

    `required`: the date that the lock must reach; None: by the rolling period. Returns None where
      nothing is left to
    do: the lock reaches its date, or the date is over.
    """
    if required is None:
        return min(lock_end - RENEW_BELOW, now + LOOK_AGAIN)
    return None if lock_end >= required or required <= now else now


@cache
def _terms() -> tuple[tuple[date, date | None, int], ...]:
    text = files("archive.vault").joinpath("fixed_terms.yaml").read_text("utf-8")
    return tuple(
        (row["valid"]["from"], row["valid"]["to"], row["years"]) for row in yaml.safe_load(text)
    )
