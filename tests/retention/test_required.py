"""What a chart lacks: requirements are data with a source and days, and a facility changes them."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from api.home import Home
from archive.base.errors import Misconfigured
from archive.base.facts import ChartKind, Outcome
from archive.base.settings import DepositSettings
from ingest.forms.catalog import FormCatalog
from retention.deposit import PapersMissing
from retention.required import missing, required, shipped
from tests.fixtures.home import CLERK, chart, take

DAY = date(2026, 1, 20)
IN, DAY_PATIENT, OUT = ChartKind.INPATIENT, ChartKind.DAY_PATIENT, ChartKind.OUTPATIENT
TT32 = re.compile(r"(0[1-9]|[12]\d)/BV1|(0[1-9]|[1-4]\d|5[01])/BV2")


def lacks(
    kind: ChartKind,
    outcome: Outcome | None,
    *held: str,
    day: date = DAY,
    departments: Sequence[str] = (),
    **settings: Any,
) -> list[str]:
    """Return the ids of what such a chart lacks."""
    requirements = required(DepositSettings.model_validate(settings))
    return [each.id for each in missing(kind, outcome, held, day, requirements, departments)]


def test_an_inpatient_needs_record_treatment_sheet_and_a_way_out() -> None:
    needed = ["record_inpatient", "treatment_sheet", "discharge"]
    assert lacks(IN, Outcome.IMPROVED) == lacks(DAY_PATIENT, None) == needed
    for record in ("01/BV1", "26/BV1"):
        for way_out in ("GRV/TT25", "XML7", "PCCS/TT01", "XML13"):
            assert lacks(IN, Outcome.CURED, record, "36/BV2", way_out) == []


def test_a_death_needs_its_own_papers_and_no_discharge() -> None:
    assert lacks(IN, Outcome.DIED, "01/BV1", "36/BV2") == ["death_notice", "death_review"]
    assert lacks(IN, Outcome.DIED, "01/BV1", "36/BV2", "GBT/TT25", "28/BV2") == []
    assert "discharge" in lacks(IN, Outcome.TAKEN_HOME_TO_DIE)


def test_an_obstetric_record_asks_for_the_certificate_of_birth() -> None:
    papers = ("05/BV1", "36/BV2", "GRV/TT25")
    assert lacks(IN, Outcome.CURED, *papers) == ["birth_certificate"]
    for certificate in ("GCS/TT22", "GCSMTH/TT22", "XML9"):
        assert lacks(IN, Outcome.CURED, *papers, certificate) == []
    assert lacks(IN, Outcome.CURED, *papers, day=date(2025, 9, 30)) == []


def test_an_outpatient_needs_an_outpatient_record() -> None:
    assert lacks(OUT, Outcome.CURED, "01/BV1") == ["record_outpatient"]
    assert lacks(OUT, Outcome.CURED, "15/BV1") == []


def test_a_mere_examination_needs_no_record() -> None:
    assert lacks(ChartKind.EXAMINATION, Outcome.CURED, "XML1") == []


def test_the_summary_is_asked_for_where_the_insurance_tables_are_there() -> None:
    papers = ("01/BV1", "36/BV2", "XML7")
    assert lacks(IN, Outcome.CURED, *papers) == []
    assert lacks(IN, Outcome.CURED, *papers, "XML1") == ["summary"]
    assert lacks(IN, Outcome.CURED, *papers, "XML1", "XML8") == []


def test_an_operation_needs_a_consent() -> None:
    papers = ("01/BV1", "36/BV2", "XML7")
    assert lacks(IN, Outcome.CURED, *papers, "06/BV2") == ["surgery_consent"]
    assert lacks(IN, Outcome.CURED, *papers, "35/BV2-A", "01/BV2") == []


@pytest.mark.parametrize(("day", "asked"), [(date(2025, 6, 30), False), (date(2025, 7, 1), True)])
def test_a_requirement_counts_for_treatment_that_ended_while_it_was_in_force(
    day: date, asked: bool
) -> None:
    assert ("discharge" in lacks(IN, Outcome.CURED, day=day)) == asked


def test_a_facility_waives_replaces_and_adds_requirements() -> None:
    held = ("01/BV1", "XML7")
    assert lacks(IN, None, *held, waived=["treatment_sheet"]) == []
    own = {
        "vi": "Bệnh án tay chân miệng",
        "en": "Hand, foot and mouth record",
        "forms": ["TCM/BV1"],
    }
    replaced = lacks(IN, None, *held, "36/BV2", papers=[{"id": "record_inpatient", **own}])
    assert replaced == ["record_inpatient"]
    added = {"id": "hand_foot_mouth", **own, "kinds": ["outpatient"], "outcomes": ["cured"]}
    assert lacks(OUT, Outcome.CURED, "15/BV1", papers=[added]) == ["hand_foot_mouth"]
    assert lacks(OUT, Outcome.WORSE, "15/BV1", papers=[added]) == []
    ward = {"id": "ward", **own, "departments": ["K02"]}
    assert lacks(OUT, None, "15/BV1", papers=[ward]) == []
    assert lacks(OUT, None, "15/BV1", papers=[ward], departments=["K01", "K02"]) == ["ward"]
    with pytest.raises(Misconfigured, match="waved"):
        required(DepositSettings(waived=("waved",)))


def test_every_requirement_names_its_source_and_prescribed_forms() -> None:
    known = {form.code for form in FormCatalog.load().newest()}
    for each in shipped():
        assert re.search(r"TT \d+/20\d\d/TT-BYT|QĐ \d+/QĐ-BYT", each.source), each.id
        assert each.valid.since >= date(2024, 1, 1)
        for form in (*each.forms, *each.beside):
            assert form in known or TT32.fullmatch(form), form


def chart_id(home: Home) -> str:
    return take(home, chart())[0].receipts[0].chart_id


def test_a_deposit_says_what_is_missing(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    deposited = home.open_for_writing().deposits.deposit(chart_id(home), CLERK, home.scope)
    assert [each.id for each in deposited.missing] == ["record_inpatient", "discharge"]


def test_a_facility_that_requires_the_papers_refuses_the_deposit(
    fresh_home: Callable[[], Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = fresh_home()
    lacking = chart_id(home)
    home.close()
    monkeypatch.setenv("KHO_DEPOSIT__REQUIRE_PAPERS", "true")
    with Home.open(home.folder) as strict:
        before = len(list(strict.vault.list(f"{strict.code}/acts/")))
        with pytest.raises(PapersMissing, match="Inpatient record; Discharge certificate"):
            strict.open_for_writing().deposits.deposit(lacking, CLERK, strict.scope)
        assert len(list(strict.vault.list(f"{strict.code}/acts/"))) == before
    monkeypatch.setenv("KHO_DEPOSIT__WAIVED", '["record_inpatient", "discharge"]')
    with Home.open(home.folder) as lenient:
        deposited = lenient.open_for_writing().deposits.deposit(lacking, CLERK, lenient.scope)
        assert deposited.missing == ()
