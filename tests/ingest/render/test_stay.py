"""What a paper says of age and stay is what is known: a month decides an age, a missing time is no
00:00.
"""

from datetime import datetime

import pytest

from ingest.forms.sheet import Fact
from ingest.render.chart_facts import age, facts, stay
from ingest.render.display import Moment, moment
from tests.ingest.render.papers import FACILITY, PATIENT, job


@pytest.mark.parametrize(
    ("born", "at", "years"),
    [
        ("1980-05", "2026-01-10T08:00:00+07:00", "45"),
        ("1980-05", "2026-05-10T08:00:00+07:00", "46"),
        ("1980-05-11", "2026-05-10T08:00:00+07:00", "45"),
        ("1980-05-10", "2026-05-10T08:00:00+07:00", "46"),
        ("1980-12", "2026-11-30T23:00:00Z", "46"),  # the first of December in Viet Nam
        ("1980", "2026-01-10T08:00:00+07:00", "46"),
    ],
)
def test_the_age_is_counted_from_what_is_known(born: str, at: str, years: str) -> None:
    known = moment(born)
    assert known is not None
    assert age(known, datetime.fromisoformat(at)) == years


def test_a_stay_without_a_time_is_a_day() -> None:
    assert str(stay(datetime.fromisoformat("2025-11-03T00:00:00+07:00"))) == "03/11/2025"
    assert str(stay(datetime.fromisoformat("2025-11-03T08:05:00+07:00"))) == "08:05 03/11/2025"
    assert stay(None) == Moment()


def test_a_sheet_may_place_every_fact() -> None:
    insured = PATIENT.model_copy(update={"social_insurance_number": "0123456789"})
    known = facts(job("NVBHXH/TT25", {}, patient=insured))
    assert known.keys() == set(Fact)
    assert known[Fact.SOCIAL_INSURANCE] == "0123456789"
    assert known[Fact.FACILITY_ADDRESS] == FACILITY.address
