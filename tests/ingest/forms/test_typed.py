"""What people type becomes the data of a paper, and what is wrong is named at its field."""

import pytest

from ingest.forms.model import Form, Layout
from ingest.forms.samples import sample
from ingest.forms.typed import data_of, faults_of, field_of, typed_of
from tests.ingest.render.papers import CATALOG

PAEDIATRIC = CATALOG.get("02/BV1")
WRITTEN = [form for form in CATALOG.forms if form.layout is Layout.SHEET]


@pytest.mark.parametrize("form", WRITTEN, ids=lambda form: f"{form.code}-{form.version}")
def test_a_filled_form_that_is_typed_again_says_the_same(form: Form) -> None:
    data = sample(form) or {}
    assert data_of(form, typed_of(form, data)) == data


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("mach", "82", 82),
        ("nhiet_do", "38,5", 38.5),
        ("nhiet_do", "38.5", 38.5),
        ("ngay_bia", "1/2/2026", "2026-02-01"),
        ("tu_vong_luc", "5h20 09/11/2026", "2026-11-09T05:20:00+07:00"),
        ("tu_vong_luc", "09/11/2026 05:20", "2026-11-09T05:20:00+07:00"),
        ("thu_thuat", "0", False),
        ("ho_hap", " thở đều \r\n ran ẩm ", "thở đều\n ran ẩm"),
    ],
)
def test_people_type_as_they_are_used_to(name: str, text: str, value: object) -> None:
    assert data_of(PAEDIATRIC, {name: [text]}) == {name: value}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mach", "nhanh"),
        ("mach", "4000"),
        ("nhiet_do", "9" * 400),
        ("ngay_bia", "31/02/2026"),
        ("ngay_bia", "2026"),
        ("tu_vong_luc", "25:00 09/11/2026"),
        ("ket_qua", "9"),
        ("tiem_chung", "la"),
        ("chuyen_khoa.0.so_ngay", "nhiều"),
    ],
)
def test_what_is_not_right_is_kept_and_named_at_its_field(name: str, text: str) -> None:
    typed = {"ly_do_vao_vien": ["Sốt"], "qua_trinh_benh_ly": ["Ba ngày"], name: [text]}
    if name.startswith("chuyen_khoa"):
        typed["chuyen_khoa.0.khoa"] = ["Nhi"]
    (fault,) = faults_of(PAEDIATRIC, typed)
    assert field_of(fault.path).removesuffix(".0") == name


def test_rows_that_are_empty_are_left_out() -> None:
    typed = {"chuyen_khoa.4.khoa": ["Nhi"], "chuyen_khoa.1.khoa": ["Hồi sức"], "x.1.y": ["?"]}
    assert data_of(PAEDIATRIC, typed) == {"chuyen_khoa": [{"khoa": "Hồi sức"}, {"khoa": "Nhi"}]}


def test_a_row_number_from_outside_asks_for_no_more_rows_than_a_page_has() -> None:
    for number in ("999999999", "9" * 5000):
        assert data_of(PAEDIATRIC, {f"chuyen_khoa.{number}.khoa": ["Nhi"]}) == {}
