"""One suite for every engine: the same documents, queries, expected hits, order and scope."""

from dataclasses import replace

import pytest

from archive.access.scope import Scope
from archive.identifiers import FacilityCode
from search.contract import Index, Query
from search.query import parse
from tests.search.suite import load

DOCUMENTS = load.documents()
CASES = load.cases()
KEYS = {entry.document_id: key for key, entry in DOCUMENTS.items()}
EVERYTHING = Scope(FacilityCode("01001"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_finds_what_was_meant_in_its_order(fed: Index, case: load.Case) -> None:
    results = fed.search(parse(case.typed, limit=case.limit, offset=case.offset), case.scope)
    found = [KEYS[hit.document_id] for hit in results.hits]
    if case.any_order:
        found, expected = sorted(found), sorted(case.finds)
    else:
        expected = list(case.finds)
    assert found == expected
    assert results.total == case.total
    why = {KEYS[hit.document_id]: hit.why for hit in results.hits}
    assert {key: why[key] for key in case.why} == case.why


def test_the_suite_is_large_enough_and_every_case_says_something_else() -> None:
    assert len(CASES) >= 60
    assert len({case.says for case in CASES}) == len(CASES)


def test_a_hit_tells_which_document_it_is(fed: Index) -> None:
    (hit,) = fed.search(parse("BN0001235"), EVERYTHING).hits
    entry = DOCUMENTS["hoa_ngang"]
    assert (hit.document_id, hit.chart_id, hit.form, hit.patient_name) == (
        entry.document_id,
        entry.chart_id,
        entry.form,
        entry.patient_name,
    )


def test_better_hits_score_higher(fed: Index) -> None:
    scores = [hit.score for hit in fed.search(parse("hòa"), EVERYTHING).hits]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1


def test_pages_put_together_are_the_whole(fed: Index) -> None:
    whole = fed.search(Query(limit=50), EVERYTHING).hits
    pages = [hit for offset in range(0, 50, 4) for hit in fed.search(Query(limit=4, offset=offset), EVERYTHING).hits]
    assert pages == list(whole)


def test_an_entry_put_again_replaces_itself(empty: Index) -> None:
    entry = DOCUMENTS["dat"]
    empty.put([entry])
    empty.put([replace(entry, patient_name="Đặng Giả Lâm", archive_number="2026-000500")])
    assert empty.count() == 1
    assert empty.search(parse("đạt"), EVERYTHING).total == 0
    assert empty.search(parse("lâm 2026-000500"), EVERYTHING).total == 1


def test_the_last_of_two_in_one_batch_stands(empty: Index) -> None:
    entry = DOCUMENTS["dat"]
    empty.put([replace(entry, patient_name="Đặng Giả Lâm"), entry])
    assert empty.count() == 1
    assert empty.search(parse("đạt"), EVERYTHING).total == 1


def test_what_was_removed_is_not_found(empty: Index) -> None:
    empty.put(DOCUMENTS.values())
    empty.remove([DOCUMENTS["dat"].document_id, DOCUMENTS["dat"].document_id])
    assert empty.count() == len(DOCUMENTS) - 1
    assert empty.search(parse("đạt"), EVERYTHING).total == 0


def test_a_cleared_index_is_empty_and_takes_entries_again(empty: Index) -> None:
    empty.put(DOCUMENTS.values())
    empty.clear()
    assert empty.count() == 0
    assert empty.search(Query(), EVERYTHING) == empty.search(parse("hòa"), EVERYTHING)
    empty.put(DOCUMENTS.values())
    assert empty.count() == len(DOCUMENTS)
