"""What a JSON chart may say: the schema that the forms generate, and the faults that name what is
wrong.
"""

from copy import deepcopy
from functools import partial
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ingest.forms.chart_schema import MOST_PAPERS
from ingest.forms.model import Form
from ingest.forms.validation import MOST_FAULTS, faults
from tests.archive.counting import steps
from tests.ingest.render.papers import CATALOG, maximal, minimal

FORMS = [form for form in CATALOG.forms if form.accepts_json]
SECRET = "Nguyễn Bí Mật"
CHART: dict[str, Any] = {
    "format": "kho-chart/1",
    "facility": "01234",
    "patient": {
        "name": "Nguyễn Thị Thử Nghiệm",
        "birth_date": "1958-03-07",
        "sex": "2",
        "address": None,
    },
    "chart": {"episode": "LK1", "kind": "inpatient", "admitted_at": "2026-11-02T08:15:00+07:00"},
    "papers": [
        {
            "form": "01/BV1",
            "key": "1",
            "data": {"ly_do_vao_vien": "Ho", "qua_trinh_benh_ly": "Ho 4 ngày."},
        },
        {"form": "GRV/TT25", "key": "1", "data": minimal(CATALOG.get("GRV/TT25"))},
    ],
}


def chart(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(CHART), **changes}


def paper(**data: Any) -> dict[str, Any]:
    """Return a chart whose one paper, 01/BV1, has `data` beside what it needs."""
    document = chart()
    document["papers"] = document["papers"][:1]
    document["papers"][0]["data"].update(data)
    return document


def faults_of(document: object) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in faults(document, CATALOG.chart_schema())]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_each_form_accepts_the_least_and_the_most_that_it_asks_for(form: Form) -> None:
    schema = form.data_schema()
    Draft202012Validator.check_schema(schema)
    assert faults(minimal(form), schema) == ()
    assert faults(maximal(form), schema) == ()


def test_the_schema_of_a_chart_is_a_schema_and_accepts_a_chart() -> None:
    Draft202012Validator.check_schema(CATALOG.chart_schema())
    assert faults_of(CHART) == []


def test_every_fault_is_named_by_its_path() -> None:
    document = chart(facility="xyz", extra=1)
    document["patient"] = {"sex": "9", "birth_date": 1958}
    document["chart"]["admitted_at"] = "2026-11-02T08:15:00"
    document["papers"][0]["data"] = {
        "ly_do_vao_vien": "",
        "nghe_nghiep_ma": "123456",
        "doi_tuong": "7",
        "bhyt_den_ngay": "31/12/2026",
        "vao_vien_lan_thu": "1",
        "thu_thuat": "có",
        "chuyen_khoa": [{"luc": "2026-02-30T10:00:00+07:00"}, {"khoa": "Hồi sức", "giuong": "1"}],
        "khong_co": 1,
    }
    assert faults_of(document) == [
        ("/chart/admitted_at", "field.format"),
        ("/extra", "field.unknown"),
        ("/facility", "field.format"),
        ("/papers/0/data/bhyt_den_ngay", "field.format"),
        ("/papers/0/data/chuyen_khoa/0/khoa", "field.missing"),
        ("/papers/0/data/chuyen_khoa/0/luc", "field.format"),
        ("/papers/0/data/chuyen_khoa/1/giuong", "field.unknown"),
        ("/papers/0/data/doi_tuong", "field.not_in_list"),
        ("/papers/0/data/khong_co", "field.unknown"),
        ("/papers/0/data/ly_do_vao_vien", "field.empty"),
        ("/papers/0/data/nghe_nghiep_ma", "field.too_long"),
        ("/papers/0/data/qua_trinh_benh_ly", "field.missing"),
        ("/papers/0/data/thu_thuat", "field.type"),
        ("/papers/0/data/vao_vien_lan_thu", "field.type"),
        ("/patient/birth_date", "field.type"),
        ("/patient/name", "field.missing"),
        ("/patient/sex", "field.not_in_list"),
    ]


@pytest.mark.parametrize(
    ("day", "ok"),
    [
        ("2024-02-29", True),
        ("2026-02-29", False),
        ("2026-1-1", False),
        ("20260101", False),
        ("", False),
    ],
)
def test_a_day_is_a_real_day_written_in_one_way(day: str, ok: bool) -> None:
    assert (faults_of(paper(bhyt_den_ngay=day)) == []) is ok


@pytest.mark.parametrize(
    ("moment", "ok"),
    [
        ("2026-11-02T08:15:00+07:00", True),
        ("2026-11-02T01:15Z", True),
        ("2026-11-02T08:15:00", False),
        ("2026-11-02 08:15:00+07:00", False),
        ("2026-11-02T25:15:00+07:00", False),
        ("9999-12-31T16:59:00Z", True),
        ("9999-12-31T23:59:00Z", False),  # no such hour in Viet Nam
        ("9999-12-31T23:59:00-12:00", False),  # nor in UTC
    ],
)
def test_a_moment_has_its_offset(moment: str, ok: bool) -> None:
    assert (faults_of(paper(vao_khoa_luc=moment)) == []) is ok


@pytest.mark.parametrize("code", ["XML1", "99/BV9", None])
def test_a_rendition_of_xml_and_an_unknown_form_are_refused(code: str | None) -> None:
    document = chart(papers=[{"form": code, "key": "1", "data": {}}])
    assert ("/papers/0/form", "field.not_in_list") in faults_of(document)


@pytest.mark.parametrize("bad", ["a\x00b", "\x1b[31m", "\ud800", "\ufffe", "\u0085"])
def test_characters_that_no_text_needs_are_refused_wherever_they_stand(bad: str) -> None:
    assert ("/papers/0/data/ho_hap", "text.character") in faults_of(paper(ho_hap=bad))
    assert ("/chart/episode", "text.character") in faults_of(
        chart(chart={"episode": bad, "kind": "outpatient"})
    )


def test_a_number_is_finite_and_true_is_no_number() -> None:
    assert faults_of(paper(mach=float("nan"))) == [("/papers/0/data/mach", "number.not_finite")]
    assert faults_of(paper(mach=True)) == [("/papers/0/data/mach", "field.type")]


def test_no_message_repeats_what_the_document_says() -> None:
    document = chart(facility=SECRET, **{SECRET: SECRET})
    document["patient"] = {"name": SECRET * 300, "sex": SECRET, SECRET: 1}
    document["papers"][0] = {"form": SECRET, "key": SECRET, "data": SECRET}
    for fault in faults(document, CATALOG.chart_schema()):
        assert SECRET not in f"{fault.path}{fault.message.vi}{fault.message.en}"


def test_what_is_no_chart_at_all_is_a_fault_too() -> None:
    documents: list[object] = [[], "chart", 1, None, True]
    for document in documents:
        assert faults_of(document) == [("", "field.type")]


def test_a_flood_of_faults_ends() -> None:
    rows = [{"loai": 1, "so_to": "x"}] * 20
    document = chart(papers=[{"form": "01/BV1", "key": "1", "data": {"ho_so": rows}}] * 100)
    flood = faults(document, CATALOG.chart_schema())
    assert len(flood) == MOST_FAULTS + 1
    assert flood[-1].code == "faults.more"


def test_a_document_of_faults_is_judged_no_further_than_faults_are_named() -> None:
    schema = CATALOG.get("36/BV2").data_schema()
    floods = [{"dien_bien": [{"x": 1}] * rows} for rows in (500, 4_000)]  # 4 faults a row
    small, large = (steps(partial(faults, flood, schema)) for flood in floods)
    assert large < 2 * small


def test_papers_beyond_the_most_are_not_judged() -> None:
    paper = {"form": "KHAC", "key": "1", "file": {"name": "a.pdf"}}
    charts = [chart(papers=[paper] * number) for number in (MOST_PAPERS + 1, 8 * MOST_PAPERS)]
    assert faults_of(charts[1]) == [("/papers", "list.too_long")]
    small, large = (steps(partial(faults, document, CATALOG.chart_schema())) for document in charts)
    assert large < 2 * small
