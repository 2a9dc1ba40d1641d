"""One suite for every engine: the same documents, queries, expected hits, order and scope."""

import random
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from archive.access.scope import Scope
from archive.base.identifiers import DocumentId, FacilityCode
from search.contract import (
    DEEPEST,
    MOST_PHRASES,
    MOST_WORDS,
    DepartmentAlias,
    Highlight,
    Index,
    Query,
)
from search.query import parse
from search.tantivy.index import TantivyIndex
from tests.search.suite import load

DOCUMENTS = load.documents()
CASES = load.cases()
KEYS = {entry.document_id: key for key, entry in DOCUMENTS.items()}
EVERYTHING = Scope(FacilityCode("01001"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_finds_the_expected_documents_in_order(fed: Index, case: load.Case) -> None:
    query = parse(case.typed, limit=case.limit, offset=case.offset)
    results = fed.search(query, case.scope, case.right)
    keys = [KEYS[hit.document_id] for hit in results.hits]
    if case.any_order:
        keys, expected = sorted(keys), sorted(case.finds)
    else:
        expected = list(case.finds)
    assert keys == expected
    assert results.total == case.total
    why = {KEYS[hit.document_id]: hit.why for hit in results.hits}
    assert {key: why[key] for key in case.why} == case.why
    marks = {
        KEYS[hit.document_id]: [marked(highlight) for highlight in hit.highlights]
        for hit in results.hits
    }
    assert {key: marks[key] for key in case.marks} == case.marks
    assert (results.ignored_words, results.behind) == (case.ignored, False)


def marked(highlight: Highlight) -> str:
    """Return a highlight as the cases write it: `patient_name: Nguyễn Thử [Hòa]`."""
    marked, end = f"{highlight.field}: ", 0
    for start, stop in highlight.ranges:
        marked += f"{highlight.text[end:start]}[{highlight.text[start:stop]}]"
        end = stop
    return marked + highlight.text[end:]


def test_the_suite_is_large_enough_and_every_case_says_something_else() -> None:
    assert len(CASES) >= 60
    assert len({case.says for case in CASES}) == len(CASES)


def test_a_hit_names_its_document(fed: Index) -> None:
    (hit,) = fed.search(parse("BN0001235"), EVERYTHING).hits
    entry = DOCUMENTS["hoa_ngang"]
    assert (hit.document_id, hit.chart_id, hit.form, hit.patient_name, hit.title) == (
        entry.document_id,
        entry.chart_id,
        entry.form,
        entry.patient_name,
        entry.title,
    )


def test_the_name_of_a_department_finds_what_its_code_finds(fed: Index) -> None:
    code = next(entry.department for entry in DOCUMENTS.values() if entry.department)
    known = (DepartmentAlias("Khoa Không Có Trong Giấy Nào", code),)
    for typed in ("không có trong giấy nào", 'khoa:"khong co trong giay nao"'):
        by_name = fed.search(replace(parse(typed), departments=known), EVERYTHING)
        by_code = fed.search(parse(f"khoa:{code}"), EVERYTHING)
        assert by_name.total == by_code.total > 0
        assert "department" in by_name.hits[0].why


def test_better_hits_score_higher(fed: Index) -> None:
    scores = [hit.score for hit in fed.search(parse("hòa"), EVERYTHING).hits]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1


def test_pages_put_together_are_the_whole(fed: Index) -> None:
    whole = fed.search(Query(limit=50), EVERYTHING).hits
    pages = [
        hit
        for offset in range(0, 50, 4)
        for hit in fed.search(Query(limit=4, offset=offset), EVERYTHING).hits
    ]
    assert pages == list(whole)


def test_an_entry_put_again_replaces_itself(empty: Index) -> None:
    entry = DOCUMENTS["dat"]
    empty.put([entry])
    empty.put([replace(entry, patient_name="Đặng Giả Lâm", archive_number="2026-000500")])
    assert empty.count() == 1
    assert empty.search(parse("đạt"), EVERYTHING).total == 0
    assert empty.search(parse("lâm 2026-000500"), EVERYTHING).total == 1


def test_the_last_of_two_in_one_batch_stays(empty: Index) -> None:
    entry = DOCUMENTS["dat"]
    empty.put([replace(entry, patient_name="Đặng Giả Lâm"), entry])
    assert empty.count() == 1
    assert empty.search(parse("đạt"), EVERYTHING).total == 1


def test_many_equal_scores_are_shown_newest_first_to_the_last_page(empty: Index) -> None:
    moment, stays = 0x019900000000, [date(2026, 1, 1 + number % 9) for number in range(40)]
    entries = [
        replace(
            DOCUMENTS["dat"],
            document_id=DocumentId(
                str(UUID(f"{moment + number // 7:012x}7{number:03x}8{number:015x}"))
            ),
            admitted=None,
            discharged=stays[number],
        )
        for number in range(40)
    ]
    empty.put(random.Random(20261123).sample(entries, 40))
    newest = sorted(entries, key=lambda entry: (entry.discharged, entry.document_id), reverse=True)
    for query in (Query(), Query(text="đạt"), Query(text="gãy", department="K03")):
        pages = [
            empty.search(replace(query, limit=7, offset=at), EVERYTHING).hits
            for at in range(0, 42, 7)
        ]
        assert [hit.document_id for page in pages for hit in page] == [
            document.document_id for document in newest
        ]


def test_the_largest_query_there_can_be_is_answered(fed: Index) -> None:
    words = [f"{letter}{other}1234" for letter in "abcdefgh" for other in "ijkl"]
    largest = Query(
        text=" ".join(words),
        phrases=tuple(" ".join(words) for _ in range(2 * MOST_PHRASES)),
        form="01/BV1",
        department="K01",
        icd10="J18",
        archive_number="2026-000123",
        date_from=date(2026, 1, 1),
        date_to=date(2026, 12, 31),
    )
    results = fed.search(largest, EVERYTHING)
    assert (results.total, results.ignored_words) == (0, MOST_PHRASES * MOST_WORDS)


def test_the_deepest_page_ends_where_it_must(fed: Index) -> None:
    assert fed.search(Query(limit=500, offset=DEEPEST - 1), EVERYTHING).hits == ()
    assert fed.search(Query(limit=DEEPEST + 1), EVERYTHING).total == 13


def test_an_older_entry_never_replaces_a_newer_one(empty: Index) -> None:
    entry = replace(DOCUMENTS["dat"], version=7)
    empty.put([entry])
    # the same act: the same facts, made again
    empty.put([replace(entry, patient_name="Đặng Giả Lâm", version=7)])
    assert empty.search(parse("lâm"), EVERYTHING).total == 1
    if isinstance(empty, TantivyIndex):
        return  # it has one writer, who reads the catalogue only when it is one
    empty.put([replace(entry, patient_name="Đặng Giả Cũ", version=6)])
    assert empty.search(parse("lâm"), EVERYTHING).total == 1
    assert empty.search(parse("cũ"), EVERYTHING).total == 0


def test_what_was_removed_may_be_put_again(empty: Index) -> None:
    entry = replace(DOCUMENTS["dat"], version=7)
    empty.put([entry])
    empty.remove([entry.document_id])
    assert empty.count() == 0
    empty.put([entry])
    assert empty.count() == 1


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
