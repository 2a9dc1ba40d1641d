"""A code of a practitioner has the name that a table of the same chart states beside it."""

import pytest

from ingest.record import content_digest, record_json
from ingest.sources.bhyt.parse import parse
from ingest.submission import Submission
from tests.ingest.render.papers import CATALOG, CLAIMED, DOCUMENT
from tests.ingest.sources.charts import (
    FACILITY,
    accepted,
    chart,
    envelope,
    file,
    hoso,
    table,
    xml1,
)

NAME = "Bs. Trần Văn Thử"


def submission(*tables: tuple[str, dict[str, str]]) -> Submission:
    """Return a chart with an XML1, and `tables` of one row each."""
    parts = [(code, table(code, {"MA_LK": "LK1", **row})) for code, row in tables]
    return accepted(chart(("XML1", table("XML1", xml1(MA_TTDV="D1"))), *parts))


def discharge(code: str = "D1", name: str = NAME) -> tuple[str, dict[str, str]]:
    """Return an XML7 that states `name` beside `code`."""
    return ("XML7", {"MA_BS": code, "TEN_BS": name})


LEAVE = ("XML11", {"MA_BS": "D1", "MA_TTDV": "D2"})


def test_a_name_beside_a_code_is_the_names_of_that_code() -> None:
    named = submission(discharge(name="Bs. Trần\n  Văn Thử"), LEAVE)
    assert named.practitioners == {"D1": NAME}
    assert submission(LEAVE).practitioners == {}


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([discharge(), ("XML10", {"MA_BS": "D1", "TEN_BS": "Bs. Lê Thị Mẫu"})], {}),
        ([discharge(), ("XML10", {"MA_BS": "D1", "TEN_BS": "BS. TRẦN VĂN THỬ"})], {"D1": NAME}),
        ([discharge(code="D1;D2")], {}),
        ([("XML11", {"MA_BS": "D1", "TEN_BS": NAME})], {}),  # no decision knows this pair
        ([("XML7", {"MA_TTDV": "D1", "TEN_BS": NAME})], {}),
    ],
    ids=["two names", "one name in two spellings", "two codes", "not a pair", "another's code"],
)
def test_nothing_is_guessed(rows: list[tuple[str, dict[str, str]]], names: dict[str, str]) -> None:
    assert submission(*rows).practitioners == names


def test_a_chart_has_the_names_of_its_own_tables_only() -> None:
    first, second = (
        [
            file("XML1", table("XML1", xml1(MA_LK=key))),
            file("XML7", table("XML7", {"MA_LK": key, "MA_BS": "D1", "TEN_BS": name})),
        ]
        for key, name in (("LK1", NAME), ("LK2", "Bs. Lê Thị Mẫu"))
    )
    parsed = parse("a.xml", envelope(hoso(*first), hoso(*second)), FACILITY)
    assert [each.practitioners for each in parsed if isinstance(each, Submission)] == [
        {"D1": NAME},
        {"D1": "Bs. Lê Thị Mẫu"},
    ]


def test_no_record_and_no_digest_holds_a_name_of_another_table() -> None:
    alone, named = submission(LEAVE), submission(LEAVE, discharge())
    both = [(each, next(p for p in each.papers if p.form == "XML11")) for each in (alone, named)]
    digests = {content_digest(paper, each.patient) for each, paper in both}
    form = CATALOG.get("XML11")
    records = {record_json(each, paper, DOCUMENT, form, CLAIMED) for each, paper in both}
    assert (len(digests), len(records)) == (1, 1)
