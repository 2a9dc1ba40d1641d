"""The order of a patient's days: born, admitted, discharged, and nothing of it after today.

One rule for every door.
"""

from collections.abc import Iterator
from datetime import date, datetime, time

from archive.base.clock import VIETNAM, vietnam_date
from archive.base.facts import ChartFacts, Patient

# a field of the facts (`patient/birth_date`) and the code of what is wrong with it
Disorder = tuple[str, str]


def disorders(patient: Patient, chart: ChartFacts, today: date | None = None) -> Iterator[Disorder]:
    """Yield what is wrong with the dates of a received chart.

    `today`: the day in Viet Nam; None skips the check for dates in the future.
    """
    born = _first_day(patient.birth_date)
    admitted, discharged = (
        at and vietnam_date(at) for at in (chart.admitted_at, chart.discharged_at)
    )
    arrived = admitted or discharged
    if born and arrived and born > arrived:
        yield "patient/birth_date", "date.birth_later"
    elif born and today and born > today:
        yield "patient/birth_date", "date.future"
    if _reversed(chart.admitted_at, chart.discharged_at):
        yield "chart/discharged_at", "chart.dates_reversed"
    for field, day in (("admitted_at", admitted), ("discharged_at", discharged)):
        if day and today and day > today:
            yield f"chart/{field}", "date.future"


def has_time(moment: datetime) -> bool:
    """Tell whether the time of day is known.

    Sources that state only a day mean midnight (QĐ 130: 0000 is unknown).
    """
    return moment.astimezone(VIETNAM).time() != time()


def _reversed(admitted: datetime | None, discharged: datetime | None) -> bool:
    if admitted is None or discharged is None or discharged >= admitted:
        return False
    return has_time(discharged) or vietnam_date(discharged) < vietnam_date(admitted)


def _first_day(partial: str | None) -> date | None:
    """Return the first day that a date of known precision may be: of `1980-05` the first of May."""
    return date.fromisoformat(f"{partial}-01-01"[:10]) if partial else None
