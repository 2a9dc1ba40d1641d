"""Dates as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.dates import read, tokens


@pytest.mark.parametrize(
    "typed", ["02/03/1985", "2/3/1985", "02-03-1985", "02.03.1985", "1985-03-02", "1985/3/2"]
)
def test_a_day(typed: str) -> None:
    dated = read(typed)
    assert dated is not None
    assert (dated.first, dated.last, dated.token) == (
        date(1985, 3, 2),
        date(1985, 3, 2),
        "19850302",
    )


@pytest.mark.parametrize("typed", ["02/2024", "2/2024", "2024-02", "2024-2"])
def test_a_month_is_all_of_its_days(typed: str) -> None:
    dated = read(typed)
    assert dated is not None
    assert (dated.first, dated.last, dated.token) == (date(2024, 2, 1), date(2024, 2, 29), "202402")


def test_a_year_is_all_of_its_days() -> None:
    dated = read("2024")
    assert dated is not None
    assert (dated.first, dated.last, dated.token) == (date(2024, 1, 1), date(2024, 12, 31), "2024")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "31/02/1985",
        "1985-13-01",
        "13/1985",
        "0000",
        "2/3",
        "2/3/85",
        "02/03-1985",
        "٠٢/٠٣/١٩٨٥",
        "1985-03-02T00",
        "hòa",
    ],
)
def test_what_is_no_date(typed: str) -> None:
    assert read(typed) is None


@given(st.dates(min_value=date(1000, 1, 1)))
def test_each_way_to_write_a_day_is_among_the_tokens_of_that_day(day: date) -> None:
    stored = tokens(day.isoformat())
    for typed in (
        f"{day.day}/{day.month}/{day.year}",
        day.isoformat(),
        f"{day.month}/{day.year}",
        str(day.year),
    ):
        dated = read(typed)
        assert dated is not None
        assert dated.token in stored


@pytest.mark.parametrize(
    ("stored", "expected"), [("1985", ("1985",)), ("1985-03", ("1985", "198503")), ("", ())]
)
def test_a_date_is_known_as_far_as_it_is_known(stored: str, expected: tuple[str, ...]) -> None:
    assert tokens(stored) == expected
