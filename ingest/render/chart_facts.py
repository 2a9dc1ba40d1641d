"""What a paper prints of the patient and the chart."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from archive.base.chronology import has_time
from archive.base.clock import VIETNAM
from archive.base.departments import ministry_names
from ingest.forms.sheet import Fact
from ingest.render.display import Moment, moment
from ingest.render.job import RenderJob
from ingest.render.printable import printable

Json = dict[str, Any]


def patient(job: RenderJob) -> Json:
    """Return the patient as layouts of their own read it."""
    person = job.patient
    born = moment(person.birth_date) or Moment()
    return {
        "name": printable(person.name),
        "name_upper": printable(person.name.upper()),
        "local_id": printable(person.local_id or ""),
        "born": _parts(born),
        "age": age(born, job.chart.admitted_at or job.claimed_at),
        "sex": person.sex.value if person.sex else "",
        "national_id": printable(person.national_id or ""),
        "social_insurance_number": printable(person.social_insurance_number or ""),
        "insurance_cards": [printable(card) for card in person.insurance_cards],
        "address": printable(person.address or ""),
    }


def facts(job: RenderJob) -> dict[Fact, Any]:
    """Return what the chart says, as sheets place it."""
    person, chart = job.patient, job.chart
    born = moment(person.birth_date) or Moment()
    department = chart.department or ""
    return {
        Fact.NAME: person.name.upper() if not job.blank else "",
        Fact.BORN: born,
        Fact.AGE: age(born, chart.admitted_at or job.claimed_at),
        Fact.SEX: person.sex.value if person.sex else "",
        Fact.LOCAL_ID: person.local_id or "",
        Fact.NATIONAL_ID: person.national_id or "",
        Fact.SOCIAL_INSURANCE: person.social_insurance_number or "",
        Fact.CARD: next(iter(person.insurance_cards), ""),
        Fact.ADDRESS: person.address or "",
        Fact.EPISODE: chart.episode if not job.blank else "",
        Fact.DEPARTMENT: {**ministry_names(), **job.departments}.get(department, department),
        Fact.ADMITTED: stay(chart.admitted_at),
        Fact.DISCHARGED: stay(chart.discharged_at),
        Fact.FACILITY: job.facility.name,
        Fact.FACILITY_ADDRESS: job.facility.address,
        Fact.AUTHORITY: job.facility.authority,
    }


def age(born: Moment, at: datetime) -> str:
    """Return the age in whole years at a moment, as far as the birth is known: from its month, or
    from its year.
    """
    if not born.y:
        return ""
    day = at.astimezone(VIETNAM).date()
    before = bool(born.m) and (day.month, day.day) < (int(born.m), int(born.d or 1))
    return str(max(day.year - int(born.y) - before, 0))


def chart(job: RenderJob) -> Json:
    """Return the stay as layouts of their own read it."""
    chart = job.chart
    return {
        "episode": printable(chart.episode),
        "kind": chart.kind.value,
        "department": printable(chart.department or ""),
        "admitted": _parts(stay(chart.admitted_at)),
        "discharged": _parts(stay(chart.discharged_at)),
        "outcome": chart.outcome.value if chart.outcome else "",
    }


def stay(at: datetime | None) -> Moment:
    """Return when a stay began or ended; the day alone where no time is known."""
    known = moment(at) or Moment()
    return known if at is None or has_time(at) else Moment(d=known.d, m=known.m, y=known.y)


def _parts(at: Moment) -> Json:
    return {**asdict(at), "text": str(at)}
