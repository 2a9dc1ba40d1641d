"""The order of a patient's days, as far as each is known."""

from datetime import date

import pytest

from archive.base.chronology import disorders
from archive.base.facts import SIGNED, STORED, ChartFacts, Patient

TODAY = date(2026, 11, 29)
DAY = "2026-01-10T08:00:00+07:00"


def _found(born: str | None, admitted: str | None, discharged: str | None) -> list[tuple[str, str]]:
    facts = {
        "episode": "K",
        "kind": "inpatient",
        "admitted_at": admitted,
        "discharged_at": discharged,
    }
    return list(
        disorders(Patient(name="Mẫu", birth_date=born), ChartFacts.model_validate(facts), TODAY)
    )


@pytest.mark.parametrize(
    ("born", "admitted", "discharged"),
    [
        ("2026-01-10", DAY, DAY),  # born here
        ("2026", DAY, None),
        ("2026-01", DAY, "2026-01-10T00:00:00+07:00"),  # a discharge without its time
        (None, None, None),
        ("1900", None, DAY),
    ],
)
def test_what_can_be_is_taken(
    born: str | None, admitted: str | None, discharged: str | None
) -> None:
    assert _found(born, admitted, discharged) == []


@pytest.mark.parametrize(
    ("born", "admitted", "discharged", "wrong"),
    [
        ("2026-01-11", DAY, None, ("patient/birth_date", "date.birth_later")),
        ("2027", DAY, None, ("patient/birth_date", "date.birth_later")),
        ("2026-02", None, DAY, ("patient/birth_date", "date.birth_later")),
        ("2026-12", None, None, ("patient/birth_date", "date.future")),
        (None, DAY, "2026-01-10T07:59:00+07:00", ("chart/discharged_at", "chart.dates_reversed")),
        (None, DAY, "2026-01-09T00:00:00+07:00", ("chart/discharged_at", "chart.dates_reversed")),
        (None, "2026-11-30T00:00:00+07:00", None, ("chart/admitted_at", "date.future")),
        (None, DAY, "2026-11-30T09:00:00+07:00", ("chart/discharged_at", "date.future")),
    ],
)
def test_what_cannot_be_is_named(
    born: str | None, admitted: str | None, discharged: str | None, wrong: tuple[str, str]
) -> None:
    assert _found(born, admitted, discharged) == [wrong]


def test_what_an_earlier_version_stored_or_another_archive_signed_stays_readable() -> None:
    for context in (STORED, SIGNED):
        patient = Patient.model_validate(
            {"name": " Lê\nThử ", "birth_date": "0000"}, context=context
        )
        assert (patient.name, patient.birth_date) == (" Lê\nThử ", "0000")
