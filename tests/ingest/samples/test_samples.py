"""The demonstration set is accepted whole, is the same for the same seed, and is about no real
person.
"""

import json
import re
import sys
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from archive.base.clock import vietnam_date
from archive.base.facts import ChartKind
from archive.base.identifiers import FacilityCode
from ingest.forms.catalog import FormCatalog
from ingest.forms.samples import sample
from ingest.forms.validation import faults
from ingest.samples.__main__ import main
from ingest.samples.generate import generate
from ingest.sources.detect import parse_source
from ingest.submission import Submission

CATALOG = FormCatalog.load()
FACILITY = FacilityCode("01TST")
TODAY = date(2026, 11, 22)


def _set(count: int = 20, seed: int = 1, today: date = TODAY) -> dict[str, bytes]:
    return dict(generate(count, seed=seed, facility=FACILITY, today=today))


@cache
def _submissions(count: int = 20, today: date = TODAY) -> tuple[Submission, ...]:
    parsed = [
        each
        for name, data in _set(count, today=today).items()
        for each in parse_source(name, data, CATALOG, FACILITY)
    ]
    for each in parsed:
        assert isinstance(each, Submission), [(fault.path, fault.code) for fault in each.faults]
    return tuple(each for each in parsed if isinstance(each, Submission))


@pytest.mark.parametrize("count", [1, 12, 13, 20, 45])
def test_as_many_charts_as_asked_for_are_accepted(count: int) -> None:
    submissions = _submissions(count)
    assert len(submissions) == count
    assert len({submission.chart.episode for submission in submissions}) == count


@pytest.mark.parametrize(
    "today", [date(2026, 1, 1), date(2026, 11, 22), date(2028, 2, 29), date(2030, 12, 31)]
)
def test_the_set_is_accepted_on_any_day(today: date) -> None:
    assert len(_submissions(today=today)) == 20


def test_the_same_seed_and_day_give_the_same_bytes() -> None:
    assert _set() == _set()
    assert _set() != _set(seed=2)


def test_every_form_that_kho_knows_is_in_the_set_or_has_a_filled_example() -> None:
    forms = {paper.form for submission in _submissions() for paper in submission.papers}
    without = [form.code for form in CATALOG.newest() if sample(form) is None]
    # that one is for finished files
    assert set(without) - {"KHAC"} <= forms
    # the wards of the set write the case records of their kind
    assert {f"{number:02}/BV1" for number in (1, 2, 3, 5, 7, 10, 11, 15, 18)} <= forms


def test_charts_of_wards_hold_ten_papers_and_records_no_words_of_other_ends() -> None:
    charts = _submissions()
    wards = [each for each in charts if len(each.papers) >= 10 and "/" in each.papers[0].form]
    assert len(wards) >= 8
    for paper in (paper for each in wards for paper in each.papers if "BV1" in paper.form):
        died = "tu_vong_luc" in paper.data
        assert died == (paper.data.get("ket_qua") == "5"), paper.form


def test_all_three_versions_and_both_kinds_of_charts_are_in_the_set() -> None:
    submissions = _submissions()
    versions = {
        paper.data["version"]
        for each in submissions
        for paper in each.papers
        if "version" in paper.data
    }
    assert versions == {"QĐ 130/QĐ-BYT", "QĐ 4750/QĐ-BYT", "QĐ 3176/QĐ-BYT"}
    assert {each.chart.kind for each in submissions} >= {ChartKind.INPATIENT, ChartKind.OUTPATIENT}


def test_records_are_of_the_month_before() -> None:
    for submission in _submissions(12):
        assert submission.chart.discharged_at is not None
        left = vietnam_date(submission.chart.discharged_at)
        assert TODAY - timedelta(days=31) < left < TODAY


def test_no_real_person_can_be_meant() -> None:
    for submission in _submissions(40):
        assert re.search("Thử|Mẫu|Giả Định|Ví Dụ", submission.patient.name)
        assert (submission.patient.national_id or "").startswith(
            "000"
        ) or submission.patient.national_id is None
        assert all(card.startswith("GD400000") for card in submission.patient.insurance_cards)


def test_the_data_of_every_paper_follows_its_form() -> None:
    for submission in _submissions():
        for paper in submission.papers:
            named = faults(
                json.loads(json.dumps(paper.data)), CATALOG.get(paper.form).data_schema()
            )
            assert not [
                fault
                for fault in named
                if fault.code != "field.type" and fault.code != "field.format"
            ]


def test_the_command_writes_the_set_into_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys, "argv", ["samples", str(tmp_path / "set"), "--count", "13", "--facility", "01TST"]
    )
    main()
    assert len(list((tmp_path / "set").iterdir())) == 13
