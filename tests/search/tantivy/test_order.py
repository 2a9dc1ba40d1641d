"""Tantivy's hits are in the order of every engine, also where thousands score the same."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from archive.access.scope import Scope
from archive.base.identifiers import DocumentId, FacilityCode
from search.contract import DEEPEST, Index, Query
from search.tantivy.index import TantivyIndex
from tests.search.other_process import entry
from tests.search.suite.reference import ReferenceIndex

SCOPE = Scope(FacilityCode("01001"))
COUNT = 6000


def made_id(moment: int, counter: int) -> DocumentId:
    return DocumentId(
        f"{moment >> 16:08x}-{moment & 0xFFFF:04x}-7{counter >> 8:03x}-8{counter & 0xFF:03x}"
        "-000000000000"
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, Index]]:
    chance = random.Random(20261123)
    entries = []
    for number in range(COUNT):
        # the best match of one query is among the oldest, so the newest thousand do not hold it
        old = number < 1500
        entries.append(
            replace(
                entry(number),
                # fifty in one millisecond
                document_id=made_id(0x19900000000 + number // 50, number),
                patient_name="Nguyễn Thử Hòa" if old or chance.random() < 0.4 else "Nguyễn Thử Hoa",
                discharged=date(2020, 1, 1) + timedelta(days=number // 400),
                title="Bệnh án ngoại khoa" if old and number % 3 == 0 else "Bệnh án nội khoa",
                body="",
            )
        )
    chance.shuffle(entries)
    folder: Path = tmp_path_factory.mktemp("order")
    with TantivyIndex.recreate(folder) as tantivy:
        reference = ReferenceIndex()
        reference.put(entries)
        for start in range(0, COUNT, 700):  # several segments
            tantivy.put(entries[start : start + 700])
        yield tantivy, reference


@pytest.mark.parametrize(
    "typed", ["", "nguyen", "hòa", "hoa", "ngoại nguyễn hoa", "hòa khoa", "SO000123", "khong co"]
)
@pytest.mark.parametrize("offset", [0, 30, 990, 1500, 2900, COUNT - 20, DEEPEST])
def test_every_page_matches_the_plan(both: tuple[Index, Index], typed: str, offset: int) -> None:
    tantivy, reference = both
    query = Query(text=typed, limit=25, offset=offset)
    ours, expected = tantivy.search(query, SCOPE), reference.search(query, SCOPE)
    assert ours.total == expected.total
    assert [hit.document_id for hit in ours.hits] == [hit.document_id for hit in expected.hits]
    assert ours == expected
