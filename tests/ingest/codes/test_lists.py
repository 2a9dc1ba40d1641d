"""The shared code lists: what a code means on a day, and by which text."""

from datetime import date

import pytest
from pydantic import ValidationError

from ingest.codes.lists import CodeList, shipped, shipped_on

BEFORE, SINCE = date(2025, 6, 30), date(2025, 7, 1)


def test_63_provinces_became_34_on_one_day() -> None:
    before, since = shipped_on("tinh", BEFORE), shipped_on("tinh", SINCE)
    assert (len(before.words), len(since.words)) == (63, 34)
    assert (before.words["15"], since.words["15"]) == ("Yên Bái", "Lào Cai")
    assert "02" in before.words
    assert "02" not in since.words
    assert "NQ 202/2025/QH15" in since.source
    assert since.since == SINCE
    assert shipped_on("tinh", date(2026, 12, 1)) == since


def test_the_codes_of_any_day_say_each_of_their_meanings() -> None:
    words = shipped_on("tinh", None).words
    assert (words["15"], words["02"], words["01"]) == ("Yên Bái / Lào Cai", "Hà Giang", "Hà Nội")


def test_there_are_54_ethnic_groups_and_every_list_has_a_source_on_every_day() -> None:
    assert len(shipped_on("dan_toc", SINCE).words) == 54
    for known in shipped().values():
        for day in (date(1980, 1, 1), BEFORE, SINCE, date(2030, 1, 1)):
            assert len(known.on(day).source) > 5, known.id
        assert known.codes or known.imported, known.id
        assert known.complete is not known.imported, known.id


@pytest.mark.parametrize(
    "terms",
    [
        [{"vi": "A"}, {"vi": "B"}],
        [{"vi": "A", "to": "2025-07-01"}, {"vi": "B", "from": "2025-07-01"}],
        [{"vi": "A", "from": "2025-07-01"}, {"vi": "B", "to": "2025-06-30"}],
        [],
    ],
)
def test_a_code_means_one_thing_on_a_day(terms: list[dict[str, str]]) -> None:
    title = {"vi": "Thử", "en": "Trial"}
    with pytest.raises(ValidationError):
        CodeList.model_validate(
            {"id": "thu", "title": title, "sources": [{"text": "–"}], "codes": {"1": terms}}
        )
