"""What holds for every name, every scope and everything that may be typed, on each engine."""

import random
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.access.scope import Scope
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, FormCode, new_id
from search import vietnamese
from search.contract import ContentRight, Entry, Index, Query
from search.query import parse
from tests.search.conftest import empty_index
from tests.search.suite.reference import ReferenceIndex

FAMILY = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Ngô",
    "Lý",
    "Quách",
    "Thuỷ",
)
MIDDLE = ("Thử", "Mẫu", "Giả", "Ví", "Dụ")
GIVEN = (
    "An",
    "Ánh",
    "Bảo",
    "Dũng",
    "Đạt",
    "Hoà",
    "Hòa",
    "Hoa",
    "Hoá",
    "Khoẻ",
    "Mỹ",
    "Phượng",
    "Quý",
    "Thuý",
    "Thúy",
    "Tuỵ",
)
FACILITIES = ("01001", "79001")
DEPARTMENTS = ("K01", "K02", None)
HOSTILE = [
    "*", "?", "~", "^", "\\", "/", "//", "(", ")", "[a TO b]", "{a TO b}", "a:b:c", "+a -b",
    "NOT a", "a AND", "OR OR",
    "patient_name:*", "scope_facility:79001", "_exists_:hit", 'a"b', '"', '"""', "a^1e999",
    "a~99999999999", "'; --",
    "<script>", "../../x", "\x00", "\ud800", "\ufffe", "a" * 100_000, "a " * 100_000,
    "0" * 100_000,
    "icd:*", "từ:..",
    "đến:99999-99-99", "\u0301\u0301", "İ", "ﷺ", "IN [a b]", "%s%n", "{{7*7}}", "a\nb\r\n", "🙂",
    "-", "--",
    "icd:J18 icd:",
]  # fmt: skip


def _entries() -> list[Entry]:
    chance = random.Random(20261122)
    return [
        Entry(
            document_id=DocumentId(new_id()),
            chart_id=ChartId(new_id()),
            facility=FacilityCode(chance.choice(FACILITIES)),
            department=chance.choice(DEPARTMENTS),
            form=FormCode(chance.choice(["01/BV1", "XML1"])),
            title="Bệnh án nội khoa",
            patient_name=" ".join(chance.choice(part) for part in (FAMILY, MIDDLE, GIVEN)),
            birth_date=f"{chance.randrange(1930, 2025)}",
            identifiers=(f"BN{number:07d}",),
            icd10=(f"J{chance.randrange(10, 20)}.{chance.randrange(10)}",),
            body=" ".join(chance.sample(GIVEN, 4)),
        )
        for number in range(300)
    ]


ENTRIES = _entries()
FACILITY_OF = {entry.document_id: (entry.facility, entry.department) for entry in ENTRIES}
scopes = st.builds(
    Scope,
    st.sampled_from([*map(FacilityCode, FACILITIES), FacilityCode("99999")]),
    st.none() | st.frozensets(st.sampled_from(["K01", "K02", "K03", "k01", ""])),
)
QUERY_WORDS = ("hoa", "le", "J18", "BN0000", "bn0000017", "khoa", "1985", "icd:J1", '"lê thử"')
typed_words = st.lists(st.sampled_from([*FAMILY, *MIDDLE, *GIVEN, *QUERY_WORDS]), max_size=4).map(
    " ".join
)


@pytest.fixture(scope="module", params=["tantivy", "elasticsearch"])
def engine_fed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Index]:
    with ExitStack() as closing:
        index = empty_index(request.param, tmp_path_factory.mktemp("properties"), request, closing)
        index.put(ENTRIES)
        yield index


@pytest.fixture(scope="module")
def reference_fed() -> Index:
    index = ReferenceIndex()
    index.put(ENTRIES)
    return index


@given(
    entry=st.sampled_from(ENTRIES),
    form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]),
    folded=st.booleans(),
    upper=st.booleans(),
    order=st.permutations([0, 1, 2]),
)
@settings(deadline=None)
def test_any_name_is_found_however_it_is_typed(
    engine_fed: Index, entry: Entry, form: str, folded: bool, upper: bool, order: list[int]
) -> None:
    name = entry.patient_name.split()
    if folded:
        name = [word.folded for word in vietnamese.words(entry.patient_name)]
    typed = unicodedata.normalize(form, " ".join(name[place] for place in order))  # type: ignore[arg-type]
    results = engine_fed.search(
        parse(typed.upper() if upper else typed, limit=300), Scope(entry.facility)
    )
    assert entry.document_id in {hit.document_id for hit in results.hits}
    if not folded:
        best = results.hits[0].patient_name
        written = {word.exact for word in vietnamese.words(entry.patient_name)}
        assert {word.exact for word in vietnamese.words(best)} == written


@given(typed=typed_words | st.text(max_size=20), scope=scopes)
@settings(deadline=None)
def test_nothing_outside_the_scope_is_ever_found_or_counted(
    engine_fed: Index, typed: str, scope: Scope
) -> None:
    results = engine_fed.search(parse(typed, limit=300), scope)
    assert results.total == len(results.hits)
    assert all(scope.holds(*FACILITY_OF[hit.document_id]) for hit in results.hits)


@given(
    typed=typed_words,
    scope=scopes,
    limit=st.integers(0, 20),
    offset=st.integers(0, 30),
    right=st.sampled_from(ContentRight),
)
@settings(deadline=None)
def test_an_engine_answers_as_the_plan_says(
    engine_fed: Index,
    reference_fed: Index,
    typed: str,
    scope: Scope,
    limit: int,
    offset: int,
    right: ContentRight,
) -> None:
    query = parse(typed, limit=limit, offset=offset)
    ours, expected = (
        engine_fed.search(query, scope, right),
        reference_fed.search(query, scope, right),
    )
    assert ours.total == expected.total
    assert ours == expected


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries_are_words(engine_fed: Index, typed: str) -> None:
    scope = Scope(FacilityCode("01001"))
    whole = engine_fed.search(parse(typed, limit=300), scope)
    assert all(FACILITY_OF[hit.document_id][0] == "01001" for hit in whole.hits)
    engine_fed.search(
        Query(
            text=typed,
            phrases=(typed,),
            form=typed,
            department=typed,
            icd10=typed,
            archive_number=typed,
            limit=10,
        ),
        scope,
    )


@given(st.text(max_size=100))
@settings(deadline=None)
def test_nothing_that_is_typed_makes_a_search_fail(engine_fed: Index, typed: str) -> None:
    engine_fed.search(parse(typed), Scope(FacilityCode("01001")))
    engine_fed.search(Query(text=typed, phrases=(typed,)), Scope(FacilityCode("01001")))
