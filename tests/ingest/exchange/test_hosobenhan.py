"""HoSoBenhAn (CV 365): eleven groups, filled by data from what a chart and its papers say."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from archive.base.facts import ChartFacts, ChartKind, Patient
from archive.base.identifiers import FacilityCode
from ingest.exchange.definition import FACTS, hosobenhan, sources
from ingest.exchange.filling import ExchangedPaper, Filled, facts_of, fill
from ingest.exchange.writing import as_json, as_xml
from ingest.forms.catalog import FormCatalog
from ingest.samples.generate import generate

FORMS = FormCatalog.load()
KNOWN = hosobenhan()
GROUPS = [
    "ThongTinBenhNhan",
    "ThongTinVaoVien",
    "ThongTinDieuTri",
    "YLenhThuocVatTu",
    "PhieuChiDinh",
    "KetQuaChanDoanHinhAnh",
    "KetQuaXetNghiem",
    "GiayChuyenVien",
    "HoSoCapCuu",
    "PhieuThuThuat",
    "PhieuPhauThuat",
]
ADMITTED = datetime.fromisoformat("2026-01-10T08:05:00+07:00")


def filled(
    papers: list[tuple[str, Mapping[str, Any]]],
    patient: Mapping[str, Any] | None = None,
    **chart: Any,
) -> Filled:
    """Return the format filled with papers of the newest forms."""
    facts = {"episode": "LK1", "kind": ChartKind.INPATIENT, "admitted_at": ADMITTED, **chart}
    known = facts_of(
        ChartFacts.model_validate(facts),
        Patient.model_validate({"name": "Nguyễn Thị Mẫu", **(patient or {})}),
        "2026-000001",
        {"code": "99001", "name": "BV Mẫu"},
        "Khoa Nội",
    )
    exchanged = [
        ExchangedPaper(f"d{number}", f"k{number}", FORMS.get(code), data)
        for number, (code, data) in enumerate(papers)
    ]
    return fill(KNOWN, known, exchanged)


def group(result: Filled, name: str) -> Any:
    return result.tree["HoSoBenhAn"][name]


def test_every_source_names_a_field_of_a_form() -> None:
    for papers, name in sources(KNOWN):
        if papers in (*FACTS, "document"):
            continue
        known = {"form", "key"}
        for form in FORMS.forms:
            if KNOWN.is_of(papers, form.code):
                known |= {field.name for field in form.fields}
                known |= {f"{f.name}.{part.name}" for f in form.fields for part in f.parts}
        assert name in known, f"{papers}.{name}"


def test_the_schema_is_a_schema_of_the_eleven_groups() -> None:
    schema = KNOWN.json_schema()
    Draft202012Validator.check_schema(schema)
    assert list(schema["properties"]["HoSoBenhAn"]["properties"]) == GROUPS
    assert "CV 365/TTYQG-GPQLCL" in schema["$comment"]


def test_the_charts_of_the_demonstration_fill_their_groups() -> None:
    today = date(2026, 12, 1)
    in_force = FORMS.in_force(today)
    for _, content in generate(4, facility=FacilityCode("99001"), today=today):
        record = json.loads(content)
        papers = [
            ExchangedPaper(str(number), sent["key"], in_force.get(sent["form"]), sent["data"])
            for number, sent in enumerate(record["papers"])
        ]
        chart = ChartFacts.model_validate(record["chart"])
        patient = Patient.model_validate(record["patient"])
        known = facts_of(chart, patient, None, {"code": "99001", "name": "BV Mẫu"}, "Khoa Nội")
        result, again = fill(KNOWN, known, papers), fill(KNOWN, known, papers)
        assert as_xml(result.tree) == as_xml(again.tree)
        assert as_json(result.tree) == as_json(again.tree)
        values = {each.group.name: each.values for each in result.groups}
        assert values["ThongTinBenhNhan"] > 20
        assert values["ThongTinVaoVien"] > 15
        assert values["KetQuaXetNghiem"] > 5
        forms = {paper.form.code for paper in papers}
        operated = any(KNOWN.is_of(of, form) for of in ("surgery", "eye_surgery") for form in forms)
        assert (values["PhieuPhauThuat"] > 0) is operated
        assert result.left_out == ()


def test_facts_and_codes_are_written_as_the_annex_writes_them() -> None:
    patient = {"birth_date": "1980-05-01", "sex": "2", "national_id": "001180000001"}
    main = {"icd10": "J18.9", "text": "Viêm phổi", "main": True}
    result = filled(
        [("01/BV1", {"ket_qua": "2", "bhyt_den_ngay": "2026-12-31", "nhiet_do": 38.50})],
        patient,
        diagnoses=[main, {"icd10": "I10", "text": "Tăng huyết áp"}],
        outcome="cured",
        discharged_at=datetime.fromisoformat("2026-01-20T00:00:00+07:00"),
    )
    person, treatment = group(result, "ThongTinBenhNhan"), group(result, "ThongTinDieuTri")
    names = ("thoigianvaovien", "ngaysinh", "tuoi", "gioitinh", "cccd_so", "hochieu_so")
    assert [person[name] for name in names] == [
        "10/01/2026 08:05:00.000",
        "01/05/1980",
        "45",
        "Nữ",
        "001180000001",
        "",
    ]
    assert person["denngaybhyt"] == "31/12/2026"
    assert treatment["ngayravien"] == "20/01/2026"  # its hour is not known
    assert treatment["tinhtrangravien"]["ketquadieutri"] == "Đỡ, giảm"  # the paper goes first
    assert (treatment["maicd"], treatment["maicd_khac"]) == ("J18.9", "I10")
    assert group(result, "ThongTinVaoVien")["nhietdo"] == "38.5"


def test_a_year_before_1000_has_four_figures_as_the_schema_asks() -> None:
    """Systems send 0001-01-01 for a day that they do not know."""
    days = {"bhyt_den_ngay": "0001-01-01", "den_kham_luc": "0001-01-02T08:00:00+07:00"}
    result = filled([("01/BV1", days)])
    assert group(result, "ThongTinBenhNhan")["denngaybhyt"] == "01/01/0001"
    assert group(result, "ThongTinVaoVien")["denkhambenhluc"].startswith("02/01/0001 ")


@pytest.mark.parametrize("identity", ["B1234567", ""])
def test_a_passport_is_no_citizen_number(identity: str) -> None:
    person = group(filled([], {"national_id": identity or None}), "ThongTinBenhNhan")
    assert (person["cccd_so"], person["hochieu_so"]) == ("", identity)


def test_what_kho_does_not_know_is_left_out() -> None:
    result = filled([], {"birth_date": "1980"})
    assert group(result, "ThongTinBenhNhan")["ngaysinh"] == ""  # the day is not known
    assert group(result, "GiayChuyenVien") == {"sovaovien": "LK1", "danhsach": []}
    assert [each.group.name for each in result.groups if each.papers] == []


def test_a_value_that_is_too_long_is_left_out_and_named() -> None:
    diagnosis = {"text": "đ" * 256, "main": True}
    result = filled([], diagnoses=[diagnosis])
    assert group(result, "ThongTinDieuTri")["tenicd"] == ""
    (left_out,) = result.left_out
    assert (left_out.group, left_out.element, left_out.longest) == (
        "ThongTinDieuTri",
        "tenicd",
        255,
    )


def test_rows_of_the_insurance_tables_go_to_the_group_of_their_kind() -> None:
    services = [
        {"TEN_DICH_VU": "Mở khí quản", "MA_NHOM": "18", "NGAY_TH_YL": "2026-01-11T09:00:00+07:00"},
        {"TEN_DICH_VU": "Cắt ruột thừa", "MA_NHOM": "8"},
        {"TEN_VAT_TU": "Chỉ khâu", "MA_NHOM": "10", "SO_LUONG": 2.0},
    ]
    results = [
        {"TEN_CHI_SO": "CRP", "GIA_TRI": "96", "DON_VI_DO": "mg/L"},
        {"TEN_CHI_SO": "X-quang", "MO_TA": "Mờ đáy phổi", "KET_LUAN": "Viêm phổi"},
    ]
    drugs = [{"TEN_THUOC": "Ceftriaxon", "SO_LUONG": 2, "MA_THUOC": "40.184"}]
    tables = [("XML2", drugs), ("XML3", services), ("XML4", results)]
    result = filled([(code, {"rows": rows}) for code, rows in tables])
    (procedure,) = group(result, "PhieuThuThuat")["danhsach"]
    assert procedure["phuongphapphauthuat"] == "Mở khí quản"
    assert procedure["ngaygiophauthuat"] == "11/01/2026 09:00:00.000"
    (operation,) = group(result, "PhieuPhauThuat")["danhsach"]
    assert operation["phuongphapphauthuat"] == "Cắt ruột thừa"
    drug, supplies = group(result, "YLenhThuocVatTu")["danhsach"]
    assert drug["danhsach"][0]["mathuocvattu_byt"] == "40.184"
    assert supplies["danhsach"][0]["soluongthuocvattu"] == "2"
    (ordered,) = group(result, "PhieuChiDinh")["danhsach"]
    assert [each["tenchidinh"] for each in ordered["danhsach"]] == ["Mở khí quản", "Cắt ruột thừa"]
    (image,) = group(result, "KetQuaChanDoanHinhAnh")["danhsach"]
    assert image["kqcls_ketluan"] == "Viêm phổi"
    (tests,) = group(result, "KetQuaXetNghiem")["danhsach"]
    assert [each["giatri"] for each in tests["danhsach"]] == ["96"]
    papers = {each.group.name: list(each.papers.values()) for each in result.groups}
    assert papers["PhieuThuThuat"] == ["XML3"]


def test_xml_says_what_json_says_and_data_is_no_markup() -> None:
    hostile = "a<b>&amp; ]]> \x0b\r\n“x”"
    tree = filled([("01/BV1", {"ly_do_vao_vien": hostile, "tien_su_ban_than": "x"})]).tree
    root = ET.fromstring(as_xml(tree))
    assert root.tag == "HoSoBenhAn"
    assert [child.tag for child in root] == GROUPS
    assert root.findtext("ThongTinVaoVien/lydovaovien") == hostile.replace("\x0b", "\ufffd")
    assert len(root.findall("ThongTinBenhNhan/tiensubenhtatcuabanthan")) == 1
    assert root.find("GiayChuyenVien/danhsach") is not None
    assert json.loads(as_json(tree)) == tree
