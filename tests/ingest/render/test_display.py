"""Values as people read them, and text as the fonts can show it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.forms.model import Field, FieldType, Words
from ingest.render.code_words import code_words, explained
from ingest.render.display import display
from ingest.render.fonts import coverage
from ingest.render.measures import measured
from ingest.render.printable import MARK, has_codes, printable
from tests.ingest.render.papers import CATALOG


def field(kind: FieldType, **more: object) -> Field:
    facts = {"name": "x", "label": Words(vi="X", en="X"), "type": kind, **more}
    return Field.model_validate(facts)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (FieldType.DATE, "2026-11-22", "22/11/2026"),
        (FieldType.DATE, "1958", "1958"),
        (FieldType.DATE, "1958-03", "03/1958"),
        (FieldType.DATE, "20261122", "22/11/2026"),
        (FieldType.DATE, "19580000", "1958"),
        (FieldType.DATETIME, "2026-11-22T07:00:00Z", "14:00 22/11/2026"),
        (FieldType.DATETIME, "2026-11-22T20:30:09+00:00", "03:30:09 23/11/2026"),
        (FieldType.DATETIME, "202611221405", "14:05 22/11/2026"),
        (FieldType.DATETIME, "202611220000", "22/11/2026"),
        (FieldType.DATETIME, "hôm qua", "hôm qua"),
        (FieldType.NUMBER, 38.5, "38,5"),
        (FieldType.NUMBER, 37.0, "37"),
        (FieldType.NUMBER, 0.1, "0,1"),
        (FieldType.NUMBER, 1e-7, "0,0000001"),
        (FieldType.NUMBER, "0.50", "0,50"),
        (FieldType.NUMBER, "1250000.00", "1.250.000"),
        (FieldType.NUMBER, -12345, "-12.345"),
        (FieldType.INTEGER, 2026, "2026"),
        (FieldType.NUMBER, "1/2 viên", "1/2 viên"),
        (FieldType.NUMBER, "00123456", "00123456"),
        (FieldType.BOOLEAN, True, "Có"),
        (FieldType.BOOLEAN, False, "Không"),
        (FieldType.LINE, None, ""),
    ],
)
def test_a_value_is_shown_as_vietnamese_readers_write_it(
    kind: FieldType, value: object, shown: str
) -> None:
    assert display(field(kind), value, {}) == shown


def test_a_code_is_shown_with_its_words_and_an_unknown_one_unchanged() -> None:
    lists = {"ket_qua": {"1": "Khỏi"}}
    coded = field(FieldType.CODE, list="ket_qua")
    assert [display(coded, value, lists) for value in ("1", "9")] == ["1 – Khỏi", "9"]


def test_a_unit_is_after_a_value_and_not_after_none() -> None:
    pulse = field(FieldType.NUMBER, unit="lần/ph")
    assert [display(pulse, value, {}) for value in (96, None)] == ["96\u00a0lần/ph", ""]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Glucose máu: 7.8 mmol/L", "Glucose máu: 7,8\u00a0mmol/L"),
        ("SpO2 93 %, mạch 96 lần/phút", "SpO2 93\u00a0%, mạch 96\u00a0lần/phút"),
        ("Paracetamol 500mg x 2 viên", "Paracetamol 500mg x 2\u00a0viên"),
        ("0.125 mg", "0,125\u00a0mg"),
        ("1.000 ml", "1.000\u00a0ml"),  # a thousand, or one
        ("J18.9 ngày 3.5.2026, mục 2.1", "J18.9 ngày 3.5.2026, mục 2.1"),
        ("5 mlem", "5 mlem"),
    ],
)
def test_a_number_stays_with_its_unit_and_has_a_decimal_comma(text: str, shown: str) -> None:
    assert display(field(FieldType.TEXT), text, {}) == shown


def test_a_hostile_row_of_digits_is_read_once() -> None:
    text = f"{'1' * 9_000}.{'2' * 9_000} " * 50
    assert measured(text, result=True).count(",") == 50


def test_a_result_is_a_number_without_a_unit_beside_it() -> None:
    results = [
        field(FieldType.LINE, name="GIA_TRI"),
        field(FieldType.LINE, label=Words(vi="Cân nặng (kg)", en="Weight (kg)")),
    ]
    assert [display(each, "7.80", {}) for each in results] == ["7,80", "7,80"]
    assert display(field(FieldType.LINE, name="MA_THUOC"), "40.17", {}) == "40.17"


def test_a_rate_does_not_break_at_its_slash() -> None:
    assert printable("CRP: 96\u00a0mg/L;") == f"CRP: {MARK}96\u00a0mg/L;{MARK}"
    assert printable("120/80\u00a0mmHg") == f"{MARK}120/80\u00a0mmHg{MARK}"
    assert printable("96\u00a0mg") == "96\u00a0mg"


@pytest.mark.parametrize(
    ("table", "name", "code", "shown"),
    [
        ("XML1", "MA_DANTOC", "01", "01 – Kinh"),
        ("XML1", "MA_QUOCTICH", "000", "000 – Việt Nam"),
        ("XML1", "MA_NGHE_NGHIEP", "00000", "00000 – Không có hoặc chưa có nghề nghiệp"),
        ("XML15", "PHACDO_DTRI_LAO", "1", "1 – A1: 2HRZE/4RHE"),
        ("XML6", "PHACDO_DTRI_LAO", "1", "1 – 2RHZE/4RHE"),
        ("XML1", "MA_DANTOC", "55", "55"),
        ("XML1", "MATINH_CU_TRU", "15", "15 – Yên Bái"),  # since the next day it is Lào Cai
        ("XML1", "MA_BN", "1;2", "1;2"),
    ],
)
def test_a_code_of_an_insurance_table_has_its_words(
    table: str, name: str, code: str, shown: str
) -> None:
    form = CATALOG.get(table).on(date(2025, 6, 30))
    field = next(field for field in form.every_field() if field.name == name)
    assert explained(code, code_words().of(form, field)) == shown


def test_every_field_with_words_is_a_field_of_a_table_and_every_list_is_used() -> None:
    known = code_words()
    names = {(form.code, part.name) for form in CATALOG.forms for part in form.every_field()}
    assert set(known.fields.values()) == set(known.lists)
    for name in known.fields:
        table, _, field_name = name.rpartition(".")
        assert any(has == field_name and table in ("", code) for code, has in names), name
    for code_field, name_field in known.practitioners.items():
        assert {code_field, name_field or code_field} <= {has for _, has in names}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Viêm phổi", "Viêm phổi"),
        ("to\u0300a\u0301n", "tòán"),  # NFC
        ("漢", "‹U+6F22›"),
        ("😀", "‹U+1F600›"),
        ("a\u202eb", "a‹U+202E›b"),  # an override would reorder what a reader sees
        ("שלום", "‹U+05E9›‹U+05DC›‹U+05D5›‹U+05DD›"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\tb\u3000c", "a    b c"),
        ("\uf0b7 ho \uf0e0 sốt \uf123", "• ho → sốt ‹U+F123›"),
    ],
)
def test_what_the_fonts_cannot_show_is_shown_by_its_code(text: str, shown: str) -> None:
    assert printable(text).replace(MARK, "") == shown


def test_a_paper_knows_that_it_shows_codes() -> None:
    assert has_codes(printable("漢"))
    assert not has_codes(printable("Hán"))


@given(st.text())
def test_all_that_is_printed_is_in_the_fonts(text: str) -> None:
    shown = printable(text)
    assert {ord(letter) for letter in shown} - {ord("\n"), ord(MARK)} <= coverage()


@given(st.text(alphabet="abcđ ", max_size=300))
def test_a_long_word_is_between_two_marks_and_no_letter_changes(text: str) -> None:
    shown = printable(text, longest_word=12)
    assert shown.replace(MARK, "") == text
    expected = [f"{MARK}{word}{MARK}" if len(word) > 12 else word for word in text.split(" ")]
    assert shown.split(" ") == expected
