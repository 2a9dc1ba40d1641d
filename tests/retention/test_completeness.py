"""What papers lack once treatment has ended: forms, settings and the archived records decide."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from api.home import Home
from archive.base.bilingual import Text
from archive.base.errors import Misconfigured
from archive.base.facts import ChartFacts, ChartKind, Outcome
from archive.base.identifiers import FacilityCode
from archive.base.settings import DepositSettings
from archive.catalog.entries import DocumentEntry
from ingest.forms.catalog import FormCatalog
from ingest.samples.generate import generate
from retention.completeness import Completeness, Finding, PaperJudge
from retention.deposit import MOST_NAMED, PapersIncomplete
from tests.fixtures.home import CLERK, chart, take

FORMS = FormCatalog.load()
ENDED = datetime.fromisoformat("2026-01-20T09:00:00+07:00")
NOW = datetime.fromisoformat("2026-01-20T10:00:00+07:00")
SIGNERS = ("giam_doc", "truong_khoa", "bac_si_lam_benh_an", "nguoi_giao", "bac_si_dieu_tri")
SAID = ("cd_ra_vien_chinh", "tk_qua_trinh", "tk_phuong_phap", "tk_tinh_trang")
DAYS = ("ngay_bia", "ngay_lam_benh_an", "ngay_tong_ket")
RECORD = {
    "ly_do_vao_vien": "Ho",
    "qua_trinh_benh_ly": "Ho ba ngày",
    "ket_qua": "2",
    **dict.fromkeys(SAID, "Viêm phổi"),
    **dict.fromkeys(DAYS, "2026-01-20"),
    **dict.fromkeys(SIGNERS, "BS. Trần Thử Lâm"),
}


def paper(form: str, version: int = 1, **changes: Any) -> DocumentEntry:
    """Return a document in force of a form."""
    facts = dict.fromkeys(DocumentEntry.__annotations__)
    facts |= {"id": "d1", "form": form, "form_version": version, "origin": "rendered", "key": "1"}
    facts |= {"title_vi": form, "title_en": form}
    return DocumentEntry(**{**facts, **changes})


def facts(ended: datetime | None = ENDED, outcome: Outcome = Outcome.IMPROVED) -> ChartFacts:
    """Return the facts of an inpatient's chart."""
    return ChartFacts(episode="LK1", kind=ChartKind.INPATIENT, discharged_at=ended, outcome=outcome)


def judge_of(records: Mapping[str, Mapping[str, Any]], **settings: Any) -> PaperJudge:
    """Return a judge of papers with these records, by id."""
    return PaperJudge(FORMS, DepositSettings.model_validate(settings), lambda _: records)


def lacks(
    document: DocumentEntry,
    data: Mapping[str, Any] | None,
    chart_facts: ChartFacts | None = None,
    **settings: Any,
) -> dict[str, str]:
    """Return kind by path of what one paper with this data lacks."""
    records = {} if data is None else {document.id: {"data": data}}
    judged = judge_of(records, **settings).judge(chart_facts or facts(), [document])
    return {finding.path: finding.kind for finding in judged.findings}


def without(*names: str) -> dict[str, Any]:
    """Return the data of a case record without some fields."""
    return {name: value for name, value in RECORD.items() if name not in names}


def test_a_refusal_of_a_chart_with_very_many_faults_is_a_sentence() -> None:
    labels = [Text(f"Mục {number}", f"Field {number}") for number in range(MOST_NAMED + 1)]
    findings = [Finding("incomplete", paper("36/BV2"), "", each, "") for each in labels] * 100
    refused = PapersIncomplete.of(Completeness(tuple(findings)))
    assert str(refused).count("36/BV2") == MOST_NAMED
    assert len(refused.as_json()["incomplete"]) == len(findings)


def test_a_closed_record_says_its_diagnosis_and_who_signs() -> None:
    assert lacks(paper("01/BV1"), RECORD) == {}
    lacking = {"/data/cd_ra_vien_chinh": "incomplete", "/data/giam_doc": "unsigned"}
    assert lacks(paper("01/BV1"), without("cd_ra_vien_chinh", "giam_doc")) == lacking
    assert lacks(paper("01/BV1"), {**RECORD, "giam_doc": " "}) == {"/data/giam_doc": "unsigned"}


def test_nothing_is_asked_while_the_treatment_goes_on() -> None:
    assert lacks(paper("01/BV1"), {}, facts(ended=None)) == {}


def test_what_the_form_requires_is_asked_of_an_archived_paper_too_in_its_rows() -> None:
    assert lacks(paper("01/BV1"), without("ly_do_vao_vien")) == {
        "/data/ly_do_vao_vien": "incomplete"
    }
    assert lacks(paper("01/BV1"), {**RECORD, "ho_so": [{"so_to": 1}]}) == {
        "/data/ho_so/0/loai": "incomplete"
    }


def test_a_death_asks_for_its_time_and_cause() -> None:
    died = {"/data/tu_vong_luc": "incomplete", "/data/nguyen_nhan_tu_vong": "incomplete"}
    assert lacks(paper("01/BV1"), RECORD, facts(outcome=Outcome.DIED)) == died


def test_a_single_entry_is_signed_by_who_wrote_it() -> None:
    entry = {"thoi_gian": "2026-01-11T08:00:00+07:00", "dien_bien_benh": "S: ho"}
    data = {"chan_doan": "Viêm phổi", "dien_bien": [entry]}
    assert lacks(paper("36/BV2", 2), data) == {"/data/bac_si_ky": "unsigned"}
    data["dien_bien"] = [{**entry, "bac_si": "BS. Lâm"}]
    assert lacks(paper("36/BV2", 2), data) == {}


def test_a_facility_demands_more_and_waives() -> None:
    bed = {"form": "01/BV1", "fields": ["giuong"]}
    assert lacks(paper("01/BV1"), RECORD, fields=[bed]) == {"/data/giuong": "incomplete"}
    gone = without("giam_doc", "ngay_bia")
    assert lacks(paper("01/BV1"), gone, waived=["#giam_doc", "01/BV1#ngay_bia"]) == {}
    for wrong in ({"waived": ["01/BV1#khong_co"]}, {"fields": [{**bed, "fields": ["la"]}]}):
        with pytest.raises(Misconfigured):
            lacks(paper("01/BV1"), RECORD, **wrong)


@pytest.mark.parametrize(
    ("origin", "verdict", "lacking"),
    [
        ("external", "TOTAL-PASSED", {}),
        ("cover", "INDETERMINATE", {}),
        ("external", "TOTAL-FAILED", {"": "unsigned"}),
        ("scanned", None, {}),  # ink is for people to see
        ("converted", None, {"": "unsigned"}),
    ],
)
def test_a_file_is_signed_by_its_own_signatures(
    origin: str, verdict: str | None, lacking: dict[str, str]
) -> None:
    file = paper("06/BV2", origin=origin, original={"verdict": verdict})
    assert lacks(file, None) == lacking


def test_a_superseded_paper_and_one_that_cannot_be_read_are_not_judged() -> None:
    judge = judge_of({})
    old, unread, unknown = paper("01/BV1", superseded_by="d2"), paper("01/BV1"), paper("X/1")
    judged = judge.judge(facts(), [old, unread, replace(unknown, id="d3")])
    assert [(each.document.form, each.reason) for each in judged.not_judged] == [
        ("01/BV1", "unreadable"),
        ("X/1", "form"),
    ]


def test_a_finding_names_paper_label_and_source() -> None:
    judge = judge_of({"d1": {"data": without("giam_doc")}})
    (finding,) = judge.judge(facts(), [paper("01/BV1", sheet="2")]).findings
    assert isinstance(finding, Finding)
    assert finding.as_json() == {
        "document_id": "d1",
        "form": "01/BV1",
        "title": {"vi": "01/BV1", "en": "01/BV1"},
        "key": "1",
        "sheet": "2",
        "path": "/data/giam_doc",
        "label": {"vi": "Giám đốc bệnh viện", "en": "Director"},
        "source": "TT 32/2023/TT-BYT, Phụ lục XXVIII",
    }


def test_no_form_lets_its_archived_definition_tell_when_a_value_is_needed() -> None:
    for form in FORMS.forms:
        written = form.model_dump(mode="json", by_alias=True)
        assert "needed" not in str(written["sections"])
        assert all(set(place) == {"role", "name_field"} for place in written["signatures"])


def test_a_deposit_warns_and_refuses_as_the_facility_says(
    fresh_home: Callable[[], Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = fresh_home()
    ids = [result.receipts[0].chart_id for result in take(home, chart(1), chart(2))]
    deposited = home.open_for_writing().deposits.deposit(ids[0], CLERK, home.scope)
    assert [each.path for each in deposited.lacking.of("unsigned")] == ["/data/bac_si_ky"]
    home.close()
    monkeypatch.setenv("KHO_DEPOSIT__REQUIRE_COMPLETE", "true")
    with Home.open(home.folder) as strict:
        deposits = strict.open_for_writing().deposits
        with pytest.raises(PapersIncomplete, match="36/BV2: Signing physician"):
            deposits.deposit(ids[1], CLERK, strict.scope)
        again = deposits.deposit(ids[0], CLERK, strict.scope)  # it is deposited already
        assert again.archive_number == deposited.archive_number
        who = (CLERK, strict.scope)
        checked = strict.open_for_reading().chart_checks.check(deposited.archive_number, *who)
        assert checked.chart.id == ids[0]
        assert not checked.is_complete
        assert strict.open_for_reading().chart_checks.check("LK000002", *who).chart.id == ids[1]


def test_the_charts_of_the_demonstration_lack_only_who_handed_them_over() -> None:
    today = date(2026, 12, 1)
    in_force = FORMS.in_force(today)
    lacking: set[tuple[str, str]] = set()
    for _, content in generate(7, facility=FacilityCode("99001"), today=today):
        record = json.loads(content)
        papers = []
        for number, sent in enumerate(record["papers"]):
            form = in_force.get(sent["form"])
            papers.append(paper(form.code, form.version, id=str(number)))
        read = {str(number): sent for number, sent in enumerate(record["papers"])}
        judge = judge_of(read)
        judged = judge.judge(ChartFacts.model_validate(record["chart"]), papers)
        lacking |= {(each.kind, each.path) for each in judged.findings}
        assert judged.not_judged == ()
    assert lacking
    assert lacking <= {("unsigned", "/data/nguoi_giao"), ("unsigned", "/data/nguoi_nhan")}
