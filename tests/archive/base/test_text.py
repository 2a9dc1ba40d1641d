"""Normalisation: the runs that make it quadratic are refused before it begins (UAX #15, section
13).
"""

import unicodedata
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.base import text
from archive.base.text import (
    LONGEST_RUN,
    ControlCharacter,
    Form,
    TooManyMarks,
    line,
    nfc,
    normal,
    same_name,
    stream_safe,
)
from tests.archive.marks import MARKS

_LETTERS = st.text(
    st.sampled_from("aệ\u1faf\u0301\u0323\u0344\u0f81\u3099\u034f\u1100\u1161 "), max_size=80
)


def _longest_run(given: str) -> int:
    """Return the longest run of non-starters in NFKD: the definition of UAX15-D3, character by
    character.
    """
    longest = run = 0
    for character in unicodedata.normalize("NFKD", given):
        run = run + 1 if unicodedata.combining(character) else 0
        longest = max(longest, run)
    return longest


@pytest.mark.parametrize("form", get_args(Form))
def test_a_long_run_is_refused_before_it_is_sorted(form: Form) -> None:
    with pytest.raises(TooManyMarks):
        normal(MARKS, form)
    with pytest.raises(TooManyMarks):
        nfc("Nguyễn " + MARKS)


@given(_LETTERS)
def test_what_is_refused_is_what_the_standard_says(given: str) -> None:
    if _longest_run(given) > LONGEST_RUN:
        with pytest.raises(TooManyMarks):
            normal(given)
    else:
        assert normal(given) == unicodedata.normalize("NFC", given)
        assert stream_safe(given) == given


@given(_LETTERS, st.sampled_from(get_args(Form)))
def test_the_process_makes_any_text_safe_and_only_adds_joiners(given: str, form: Form) -> None:
    safe = stream_safe(given)
    normal(safe, form)
    assert safe.replace("\u034f", "") == given.replace("\u034f", "")


def test_a_very_long_run_becomes_safe() -> None:
    assert _longest_run(normal(stream_safe(MARKS))) <= LONGEST_RUN


def test_every_language_passes() -> None:
    for word in ("Nguyễn Thị Hoà", "ê̆", "བརྒྱུད་སྒྲོལ", "שָׁלוֹם", "a" + "\u0301" * LONGEST_RUN):
        assert nfc(word) == unicodedata.normalize("NFC", word)


def test_the_table_of_marks_knows_all_of_unicode() -> None:
    for point in range(0x110000):
        decomposed = unicodedata.normalize("NFKD", chr(point))
        marks = [bool(unicodedata.combining(character)) for character in decomposed]
        if marks[0]:
            assert point in text._MARKS
            assert all(marks)
            assert 3 + len(marks) * (text._SHORTEST_LONG_RUN - 1) <= LONGEST_RUN
        assert not all(marks[-4:]) or marks[0]


@pytest.mark.parametrize("bad", ["\x00", "a\x86", "\ud800", "\ufffe", "\U0010ffff"])
def test_control_characters_are_refused(bad: str) -> None:
    with pytest.raises(ControlCharacter):
        nfc(bad)


def test_tabs_line_ends_and_private_bullets_stay() -> None:
    assert nfc("a\tb\r\n\uf0b7") == "a\tb\r\n\uf0b7"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Phạm Thị Hoà", "PHẠM THỊ HÒA"),
        ("Thuý", "Thúy"),
        ("khoẻ", "khỏe"),
        ("Ðức", "Đức"),
        ("Hòa", "Ho\u0300a"),
    ],
)
def test_a_name_is_the_same_wherever_its_tone_mark_is(name: str, other: str) -> None:
    assert same_name(name, other)


@pytest.mark.parametrize(
    ("name", "other"), [("Hoà", "Hoa"), ("Hoà", "Hoá"), ("Quí", "Quý"), ("Đức", "Dức")]
)
def test_other_names_are_others(name: str, other: str) -> None:
    assert not same_name(name, other)


@given(st.text(max_size=40))
def test_a_line_of_a_line_is_itself(given: str) -> None:
    try:
        kept = line(given)
    except ValueError:
        return
    assert line(kept) == kept == kept.strip()
    assert not kept or line(f" {kept}\u200b\n") == kept
