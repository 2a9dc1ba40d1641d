"""Values as people read them, and text as the fonts can show it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.forms.model import Field, FieldType, Words
from ingest.render.display import display
from ingest.render.fonts import coverage
from ingest.render.printable import MARK, has_codes, printable


def field(kind: FieldType, **more: object) -> Field:
    return Field.model_validate({"name": "x", "label": Words(vi="X", en="X"), "type": kind, **more})


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
    assert [display(pulse, value, {}) for value in (96, None)] == ["96 lần/ph", ""]


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
