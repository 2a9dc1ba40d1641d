"""Patient and episode are taken from the tables, and doubt is named."""

from datetime import datetime, timedelta, timezone

import pytest

from archive.base.facts import ChartKind, Outcome, Sex
from tests.ingest.sources.charts import accepted, chart, good, refused, table, xml1

VIETNAM = timezone(timedelta(hours=7))
STAY = {"NGAY_VAO": "202601100730", "NGAY_RA": "202601151000"}


def test_the_cover_says_who_and_what() -> None:
    submission = accepted(good())
    patient, facts = submission.patient, submission.chart
    assert (patient.name, patient.local_id, patient.national_id) == (
        "Nguyễn Thị Mẫu Hòa",
        "BN01",
        "000123456789",
    )
    assert (patient.birth_date, patient.sex) == ("1980-03-15", Sex.FEMALE)
    assert patient.insurance_cards == ("GD4000000000001", "GD4000000000002")
    assert (facts.episode, facts.kind, facts.department) == ("LK1", ChartKind.INPATIENT, "K03")
    assert facts.admitted_at == datetime(2026, 1, 10, 7, 30, tzinfo=VIETNAM)
    assert facts.discharged_at == datetime(2026, 1, 15, 10, 0, tzinfo=VIETNAM)
    assert facts.outcome is Outcome.CURED
    assert [(each.icd10, each.text, each.main) for each in facts.diagnoses] == [
        ("J18.9", "Viêm phổi", True),
        ("I10", "", False),
        ("E11.9", "", False),
    ]


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("198000000000", "1980"),
        ("198003000000", "1980-03"),
        ("19800315", "1980-03-15"),
        ("202601100915", "2026-01-10"),
    ],
)
def test_a_date_of_birth_has_the_precision_that_is_known(written: str, known: str) -> None:
    assert accepted(good(NGAY_SINH=written)).patient.birth_date == known


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("1", ChartKind.EXAMINATION),
        ("02", ChartKind.OUTPATIENT),
        ("04", ChartKind.DAY_PATIENT),
        ("9", ChartKind.INPATIENT),
    ],
)
def test_the_kind_of_care_decides_the_kind_of_chart(code: str, kind: ChartKind) -> None:
    assert accepted(good(MA_LOAI_KCB=code)).chart.kind is kind


def test_names_are_nfc_and_single_spaced() -> None:
    decomposed = "Nguyễn  Thị Mẫu\nHòa"
    assert accepted(good(HO_TEN=decomposed)).patient.name == "Nguyễn Thị Mẫu Hòa"


def test_a_dagger_and_small_letters_are_still_icd_10() -> None:
    diagnoses = accepted(good(MA_BENH_CHINH="a17.0†", MA_BENH_KT="g01*")).chart.diagnoses
    assert [each.icd10 for each in diagnoses] == ["A17.0+", "G01*"]


def test_without_a_cover_the_transfer_says_who() -> None:
    paper = {
        "MA_LK": "LK1",
        "HO_TEN": "Trần Văn Thử Đức",
        "GIOI_TINH": "1",
        "MA_BENH_CHINH": "I10",
        **STAY,
    }
    submission = accepted(
        chart(("XML13", table("XML13", {**paper, "NGAY_VAO_NOI_TRU": "202601100800"})))
    )
    assert submission.patient.name == "Trần Văn Thử Đức"
    assert submission.chart.kind is ChartKind.INPATIENT
    assert accepted(chart(("XML14", table("XML14", paper)))).chart.kind is ChartKind.OUTPATIENT


def test_several_times_of_a_transfer_are_first_arrival_and_last_discharge() -> None:
    paper = {"MA_LK": "LK1", "HO_TEN": "Trần Văn Thử Đức", "MA_CSKCB_DI": "01234"}
    times = {"NGAY_VAO": "202601010700;202601100730", "NGAY_RA": "202601050900;202601151000"}
    facts = accepted(chart(("XML13", table("XML13", {**paper, **times})))).chart
    assert facts.admitted_at == datetime(2026, 1, 1, 7, 0, tzinfo=VIETNAM)
    assert facts.discharged_at == datetime(2026, 1, 15, 10, 0, tzinfo=VIETNAM)


def test_the_name_may_be_written_in_capitals_elsewhere() -> None:
    other = table("XML14", {"MA_LK": "LK1", "HO_TEN": "NGUYỄN THỊ  MẪU HÒA"})
    assert len(accepted(chart(("XML1", table("XML1", xml1())), ("XML14", other))).papers) == 2


def test_a_value_is_as_long_as_its_version_allows() -> None:
    head = "1234567890/BM-CCHN"
    assert accepted(good(MA_TTDV=head))
    old = good(MA_TTDV=head, NGAY_VAO="202411010700", NGAY_RA="202411020700")
    assert refused(old) == [("/HOSO[1]/XML1/MA_TTDV", "field.too_long")]
