"""What is typed becomes a query, and never an error."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.access.scope import Scope
from archive.base.identifiers import FacilityCode
from search import vietnamese
from search.contract import MOST_WORDS, Query
from search.plan import plan
from search.query import parse, plain_text, without
from tests.archive.marks import MARKS

SCOPE = Scope(FacilityCode("01001"))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("nguyễn văn hòa", Query(text="nguyễn văn hòa")),
        ("icd:J18 sốt", Query(text="sốt", icd10="J18")),
        ("form:01/BV1", Query(form="01/BV1")),
        ("mẫu:01/BV1", Query(form="01/BV1")),
        ("mau:01/BV1", Query(form="01/BV1")),
        ("MẪU:01/BV1", Query(form="01/BV1")),
        ("mâ\u0303u:01/BV1", Query(form="01/BV1")),
        ("khoa:K01", Query(department="K01")),
        ("department:K01", Query(department="K01")),
        ("số:2026-000123", Query(archive_number="2026-000123")),
        (
            "từ:01/01/2026 đến:31/01/2026",
            Query(date_from=date(2026, 1, 1), date_to=date(2026, 1, 31)),
        ),
        ("from:2026 to:02/2024", Query(date_from=date(2026, 1, 1), date_to=date(2024, 2, 29))),
        ('khoa:"Nội tổng hợp" sốt', Query(text="sốt", department="Nội tổng hợp")),
        ("khoa: K01", Query(department="K01")),
        ('"viêm phổi" sốt', Query(text="sốt", phrases=("viêm phổi",))),
        ("«viêm phổi»", Query(phrases=("viêm phổi",))),
        ("máu:A", Query(text="máu:A")),
        ("tuổi:40", Query(text="tuổi:40")),
        ('tuổi:"bốn mươi"', Query(text="tuổi", phrases=("bốn mươi",))),
        ("từ:hôm-qua", Query(text="từ:hôm-qua")),
        ("icd:", Query(text="icd:")),
        ("icd:?", Query(text="icd:?")),
        ('""', Query()),
        ("", Query()),
        (
            "urn:uuid:0190F3A2-7B1C-7D3E-8F40-5162738495A6",
            Query(text="0190F3A2-7B1C-7D3E-8F40-5162738495A6"),
        ),
    ],
)
def test_what_is_typed_is_understood(typed: str, expected: Query) -> None:
    assert parse(typed) == expected


def test_the_page_is_handed_on() -> None:
    assert parse("hòa", limit=5, offset=10) == Query(text="hòa", limit=5, offset=10)


@given(st.text() | st.text(' "“”:/.-*()[]{}^~+\\&|!hòaicdtừ0129', max_size=200))
def test_nothing_that_is_typed_is_an_error(typed: str) -> None:
    plan(parse(typed), SCOPE)


@pytest.mark.parametrize(
    "piece", ["a", '"', ":", "a:", 'a:"', "icd:", " ", "a ", "-", "0190f3a2-", "\u0301", '" ']
)
def test_long_input_is_answered_soon(piece: str) -> None:
    started = time.monotonic()
    planned = plan(parse(piece * 1_000_000), SCOPE)
    assert time.monotonic() - started < 1
    assert len(planned.words) <= 2_000


def test_words_beyond_the_limit_are_not_looked_at() -> None:
    assert len(plan(Query(text="hòa " * 1000), SCOPE).words) == MOST_WORDS
    assert len(plan(Query(text="a-" * 1000), SCOPE).words) == MOST_WORDS


def test_every_plan_names_the_facility_and_the_departments() -> None:
    planned = plan(Query(text="hòa"), Scope(FacilityCode("01001"), frozenset({"K02", "K01"})))
    assert [(clause.field, clause.tokens) for clause in planned.scope] == [
        ("scope_facility", ("01001",)),
        ("scope_department", ("K01", "K02")),
    ]


def test_marks_without_end_are_words_like_others() -> None:
    assert parse(f"{MARKS[:1500]} hòa").text.endswith("hòa")
    assert [word.folded for word in vietnamese.words(f"{MARKS} hòa")][-1] == "hoa"
    assert vietnamese.spans(f"{MARKS} hòa")[-1].word.folded == "hoa"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("khoa K03", Query(department="K03")),
        ("hòa khoa k03, sốt", Query(text="hòa sốt", department="k03")),
        ("icd J18", Query(icd10="J18")),
        ("ICD10 J18.9 hòa", Query(text="hòa", icd10="J18.9")),
        ("mẫu 01/BV1", Query(form="01/BV1")),
        ("số 2026-000123", Query(archive_number="2026-000123")),
        (
            "từ 01/10/2026 đến 10/2026",
            Query(date_from=date(2026, 10, 1), date_to=date(2026, 10, 31)),
        ),
        ("tử vong", Query(outcome="died")),
        ("TU VONG nguyễn", Query(text="nguyễn", outcome="died")),
        ("tử vong ngoài cơ sở", Query(outcome="died_elsewhere")),
        ("nội trú", Query(kind="inpatient")),
        ("nội trú ban ngày", Query(kind="day_patient")),
        ("ngoai tru khoa K01 tu vong", Query(kind="outpatient", department="K01", outcome="died")),
        ("kind:inpatient", Query(kind="inpatient")),
        ('kq:"tử vong"', Query(outcome="died")),
        ("outcome:unknown", Query(text="outcome:unknown")),
        # and what only looks alike
        ("khoa nội", Query(text="khoa nội")),
        ("khoa", Query(text="khoa")),
        ("từ vòng", Query(text="từ vòng")),
        ("từ 2026", Query(text="từ 2026")),
        ("từ 31/02/2026", Query(text="từ 31/02/2026")),
        ('"tử vong"', Query(phrases=("tử vong",))),
        ('"khoa K03"', Query(phrases=("khoa K03",))),
        ("tử", Query(text="tử")),
        ("số 12", Query(text="số 12")),
    ],
)
def test_words_that_name_a_field_are_a_filter(typed: str, expected: Query) -> None:
    assert parse(typed) == expected


def test_what_was_read_says_so_and_where() -> None:
    read = parse("hòa khoa K03, nội trú icd:J18").read
    assert [(each.filter, each.value, each.typed) for each in read] == [
        ("department", "K03", "khoa K03,"),
        ("kind", "inpatient", "nội trú"),
        ("icd10", "J18", "icd:J18"),
    ]


def test_a_filter_is_taken_back_or_looked_for_as_words() -> None:
    typed = "hòa khoa K03 tử vong"
    department, outcome = parse(typed).read
    assert without(typed, department.start) == "hòa tử vong"
    assert without(typed, outcome.start) == "hòa khoa K03"
    as_words = without(typed, outcome.start, as_words=True)
    assert as_words == 'hòa khoa K03 "tử vong"'
    assert parse(as_words) == Query(text="hòa", department="K03", phrases=("tử vong",))
    assert without(typed, 1) == typed


@given(st.lists(st.sampled_from(["khoa", "K03", "tử", "vong", "icd:J18", "nội", "trú", '"', "x"])))
def test_each_filter_that_is_read_can_be_taken_back(pieces: list[str]) -> None:
    typed = " ".join(pieces)
    for each in parse(typed).read:
        assert len(parse(without(typed, each.start, as_words=True)).read) <= len(pieces)
        assert plain_text(typed)[each.start :].startswith(each.typed)
