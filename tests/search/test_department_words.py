"""Names of departments in a query stand for the departments' codes."""

from dataclasses import replace
from datetime import date

import pytest

from archive.base.departments import DepartmentName, Departments
from search.department_words import aliases, codes_named
from search.plan import Clause, plan
from search.query import parse
from tests.search.test_suite import EVERYTHING

DAY = date(2026, 7, 1)
NAMES = Departments(
    [
        DepartmentName("K02", "Khoa Hồi sức tích cực - Chống độc", DAY),
        DepartmentName("ICU", "Đơn vị Hồi sức tích cực - Chống độc", DAY),
    ],
    date(2026, 12, 1),
)
# K02 has another name since July, and the Ministry's before.
KNOWN = aliases(NAMES)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("hồi sức cấp cứu", {"K02"}),
        ("HOI SUC CAP CUU", {"K02"}),
        ("Khoa Hồi sức cấp cứu", {"K02"}),
        ("hồi sức tích cực chống độc", {"K02"}),
        ("don vi hoi suc tich cuc chong doc", {"ICU"}),
        ("hội sức cấp cứu", set()),  # other words
        ("hồi sức", set()),  # a part of a name
        ("khoa mắt", {"K30"}),
        ("K02", set()),
        ("", set()),
    ],
)
def test_a_whole_name_means_its_code(typed: str, codes: set[str]) -> None:
    assert codes_named(typed, KNOWN) == codes


def departments_of(typed: str) -> list[set[str]]:
    """Return, for each group of words, the codes of departments that it may match by a name."""
    planned = plan(replace(parse(typed), departments=KNOWN), EVERYTHING)
    plain = plan(parse(typed), EVERYTHING)

    def extra(group: tuple[Clause, ...], without: tuple[Clause, ...]) -> set[str]:
        return {token for clause in group if clause not in without for token in clause.tokens}

    return [extra(*pair) for pair in zip(planned.words, plain.words, strict=True)]


def test_only_the_words_of_the_name_may_match_the_department() -> None:
    assert departments_of("hồi sức cấp cứu viêm phổi") == [{"k02"}] * 4 + [set()] * 2
    assert departments_of("nguyễn khoa mắt") == [set(), {"k30"}, {"k30"}]
    assert departments_of("mắt đỏ") == [set(), set()]
    assert departments_of('"hồi sức cấp cứu" "cấp cứu"') == [{"k02"}, set()]


def test_a_filter_takes_a_name_or_a_code() -> None:
    def filtered(typed: str) -> set[str]:
        (clause,) = plan(replace(parse(typed), departments=KNOWN), EVERYTHING).filters
        return set(clause.tokens)

    assert "k02" in filtered('khoa:"hồi sức cấp cứu"')
    assert filtered("khoa:K02") == {"k02"}
