"""What is marked in a text is what the words of the search find in it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.access.scope import Scope
from archive.base.identifiers import FacilityCode
from search.contract import ContentRight, Query
from search.highlight import Highlighter
from search.plan import plan
from search.query import parse
from search.vietnamese import spans, words

SCOPE = Scope(FacilityCode("01001"))
LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyAĐƠ0189 .,-'\u0301\u0300\u0323\u200b½ßİ"
shown = st.text(LETTERS, max_size=60)


def marked(typed: str | Query, field: str, text: str) -> str:
    query = parse(typed) if isinstance(typed, str) else typed
    marked, end = "", 0
    for start, stop in Highlighter(plan(query, SCOPE, ContentRight.ALL)).ranges(field, text):
        assert end <= start < stop <= len(text)
        marked += f"{text[end:start]}[{text[start:stop]}]"
        end = stop
    return marked + text[end:]


@pytest.mark.parametrize(
    ("typed", "field", "text", "expected"),
    [
        ("nguyen", "patient_name", "Nguyễn Văn Thử", "[Nguyễn] Văn Thử"),
        ("NGUYỄN thử", "patient_name", "Nguyễn Văn Thử", "[Nguyễn] Văn [Thử]"),
        ("nguye", "patient_name", "Nguyễn Văn Thử", "Nguyễn Văn Thử"),
        ("hoà", "patient_name", "Trần Hòa Hoa Hoá", "Trần [Hòa] [Hoa] [Hoá]"),
        ('"hòa"', "patient_name", "Trần Hòa Hoa Hoá", "Trần [Hòa] Hoa Hoá"),
        ('"thu hoa"', "patient_name", "Thử Hòa Thử Lan Hòa", "[Thử] [Hòa] Thử Lan Hòa"),
        ("viem", "diagnoses", "Viêm phổi – viêm phế quản", "[Viêm] phổi – [viêm] phế quản"),
        (
            "viem",
            "diagnoses",
            unicodedata.normalize("NFD", "Viêm"),
            f"[{unicodedata.normalize('NFD', 'Viêm')}]",
        ),
        ("full", "title", "ＦＵＬＬ giấy", "[ＦＵＬＬ] giấy"),
        ("1", "title", "liều ½ viên", "liều [½] viên"),
        ("dat", "patient_name", "Đ\u200bạt", "[Đ\u200bạt]"),
        ("j18", "icd10", "J18.9", "[J18.9]"),
        ("icd:J", "icd10", "J18.9", "[J18.9]"),
        ("j19", "icd10", "J18.9", "J18.9"),
        ("123", "archive_number", "2026-000123", "[2026-000123]"),
        ("1980", "birth_date", "01/05/1980", "[01/05/1980]"),
        ("05/1980", "birth_date", "01/05/1980", "[01/05/1980]"),
        ("0001", "identifiers", "BN000123", "BN000123"),
        ("bn0001", "identifiers", "BN000123", "[BN000123]"),
        ("bn 000123", "identifiers", "BN000123", "[BN000123]"),
        ("hòa", "title", "", ""),
        ("", "patient_name", "Trần Hòa", "Trần Hòa"),
    ],
)
def test_what_is_marked(typed: str, field: str, text: str, expected: str) -> None:
    assert marked(typed, field, text) == expected


@given(shown)
def test_a_texts_words_are_found_with_their_places(text: str) -> None:
    placed = spans(text)
    assert tuple(span.word for span in placed) == words(text)
    assert all(span.word in words(text[span.start : span.end]) for span in placed)
    assert [span.start for span in placed] == sorted(span.start for span in placed)


@given(st.text(max_size=80))
def test_no_text_is_an_error_and_no_place_lies_outside(text: str) -> None:
    for span in spans(text):
        assert 0 <= span.start < span.end <= len(text)


@given(shown, st.integers(0, 20))
def test_every_word_of_a_text_marks_itself(text: str, place: int) -> None:
    placed = spans(text)
    if placed:
        span = placed[place % len(placed)]
        query = Query(text=span.word.exact)
        ranges = Highlighter(plan(query, SCOPE, ContentRight.ALL)).ranges("body", text)
        assert any(start <= span.start and span.end <= stop for start, stop in ranges)
