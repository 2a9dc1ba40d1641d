"""What a document says is searched on every engine, by those who may read it and by no others."""

from dataclasses import replace

import pytest

from archive.access.scope import Scope
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, FormCode, new_id
from search.contract import ContentRight, Entry, Highlight, Index
from search.passage import LONGEST, passage, pattern_of
from search.plan import plan
from search.query import parse

SCOPE = Scope(FacilityCode("01001"))


def entry(name: str, body: str | None, form: str = "01/BV1", sensitive: bool = False) -> Entry:
    return Entry(
        document_id=DocumentId(new_id()),
        chart_id=ChartId(new_id()),
        facility=FacilityCode("01001"),
        department="K01",
        form=FormCode(form),
        title="Bệnh án nội khoa",
        patient_name=name,
        body=body,
        sensitive=sensitive,
    )


ORDINARY = entry("Nguyễn Thử Hòa", "Tiền sử: dị ứng penicillin\nMạch: 80 lần/ph")
SENSITIVE = entry("Trần Mẫu Lan", "Phác đồ: TDF + 3TC + EFV, dị ứng nevirapin", "XML6", True)
UNREAD = entry("Lê Giả Định An", None)


@pytest.fixture
def fed(empty: Index) -> Index:
    empty.put([ORDINARY, SENSITIVE, UNREAD])
    return empty


def names(index: Index, typed: str, right: ContentRight, scope: Scope = SCOPE) -> set[str]:
    results = index.search(parse(typed), scope, right)
    assert results.total == len(results.hits)
    return {hit.patient_name for hit in results.hits}


@pytest.mark.parametrize(
    "typed", ["dị ứng", "di ung", '"dị ứng"', "penicillin nguyễn", "dị ứng từ:2020", "DỊ ỨNG"]
)
def test_without_the_right_to_a_text_nothing_tells_of_it(fed: Index, typed: str) -> None:
    results = fed.search(parse(typed), SCOPE)
    assert (results.total, results.hits) == (0, ())


def test_the_text_of_a_sensitive_form_needs_a_right_of_its_own(fed: Index) -> None:
    assert names(fed, "dị ứng", ContentRight.ORDINARY) == {"Nguyễn Thử Hòa"}
    assert names(fed, "dị ứng", ContentRight.ALL) == {"Nguyễn Thử Hòa", "Trần Mẫu Lan"}
    for typed in ("nevirapin", '"TDF 3TC"', "EFV lan"):
        assert names(fed, typed, ContentRight.ORDINARY) == set()
        assert names(fed, typed, ContentRight.ALL) == {"Trần Mẫu Lan"}


def test_a_sensitive_document_that_is_found_by_its_name_shows_none_of_its_text(fed: Index) -> None:
    (hit,) = fed.search(parse("trần lan"), SCOPE, ContentRight.ORDINARY).hits
    assert hit.why == ("patient_name",)
    assert [highlight.field for highlight in hit.highlights] == ["patient_name"]


def test_a_form_that_is_hidden_from_a_caller_is_in_no_hit_and_no_total(fed: Index) -> None:
    without = replace(SCOPE, hidden_forms=frozenset({"XML6", "XML15"}))
    for typed in ("trần lan", "XML6", "mẫu:XML6", SENSITIVE.document_id, "nevirapin"):
        assert names(fed, typed, ContentRight.ALL) == {SENSITIVE.patient_name}, typed
        assert names(fed, typed, ContentRight.ALL, without) == set(), typed
    for typed in ("", "dị ứng", "bệnh án"):
        every = names(fed, typed, ContentRight.ALL)
        assert SENSITIVE.patient_name in every, typed
        hidden = names(fed, typed, ContentRight.ALL, without)
        assert hidden == every - {SENSITIVE.patient_name}, typed


def test_a_text_outside_the_scope_is_not_found(fed: Index) -> None:
    elsewhere = Scope(FacilityCode("01001"), frozenset({"K02"}))
    assert names(fed, "dị ứng", ContentRight.ALL, elsewhere) == set()


def test_a_hit_shows_the_passage_with_the_words_that_it_does_not_show_otherwise(fed: Index) -> None:
    (hit,) = fed.search(parse("penicilin hòa"), SCOPE, ContentRight.ALL).hits or (None,)
    assert hit is None
    (hit,) = fed.search(parse("di ung hòa"), SCOPE, ContentRight.ALL).hits
    assert hit.why == ("patient_name", "body")
    text = "Tiền sử: dị ứng penicillin · Mạch: 80 lần/ph"
    assert hit.highlights == (
        Highlight("patient_name", "Nguyễn Thử Hòa", ((11, 14),)),
        Highlight("body", text, ((9, 11), (12, 15))),
    )


def test_the_texts_that_were_put_can_be_had_again(fed: Index) -> None:
    ids = [each.document_id for each in (ORDINARY, SENSITIVE, UNREAD)]
    kept = fed.bodies([*ids, DocumentId(new_id())])
    assert kept == {ORDINARY.document_id: ORDINARY.body, SENSITIVE.document_id: SENSITIVE.body}
    fed.put([replace(UNREAD, body="")])
    assert fed.bodies(ids)[UNREAD.document_id] == ""


def cut(typed: str, text: str) -> str | None:
    words = plan(parse(typed), SCOPE, ContentRight.ALL).words
    bodies = [[clause for clause in group if clause.why == "body"] for group in words]
    return passage(text, [pattern for pattern in map(pattern_of, bodies) if pattern])


def test_a_passage_is_short_and_is_where_most_words_are() -> None:
    filler = "Người bệnh tỉnh, tiếp xúc tốt. " * 200
    text = f"Sốt nhẹ. {filler}Sốt cao, ho khan, đau ngực khi thở sâu. {filler}"
    shown = cut("sốt ho ngực", text)
    assert shown is not None
    assert "Sốt cao, ho khan, đau ngực" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= LONGEST + 2


@pytest.mark.parametrize(
    ("typed", "text", "holds"),
    [
        ("hoà", "Điều dưỡng HÒA theo dõi", True),
        ("hoa", "Điều dưỡng Hoá theo dõi", True),
        ("dieu duong", "ĐIỀU DƯỠNG", True),
        ('"ho khan"', "Ho,\n khan", True),
        ('"ho khan"', "Ho có khan", False),
        ("hoa", "Thohoan", False),
        (".*", "a.*", False),
        ("a" * 64, "b" * 20_000, False),
        ("b" * 64, "b" * 64 + " " + "c" * 20_000, True),
    ],
)
def test_a_passage_has_the_word_in_any_spelling(typed: str, text: str, holds: bool) -> None:
    assert (cut(typed, text) is not None) is holds


def test_kind_and_outcome_are_filters_on_every_engine(empty: Index) -> None:
    stayed = replace(ORDINARY, kind="inpatient", outcome="died")
    came = replace(SENSITIVE, kind="outpatient", outcome="died_elsewhere")
    empty.put([stayed, came, UNREAD])
    for typed, expected in (
        ("nội trú", {"Nguyễn Thử Hòa"}),
        ("ngoại trú", {"Trần Mẫu Lan"}),
        ("tử vong", {"Nguyễn Thử Hòa"}),
        ("tử vong ngoài cơ sở", {"Trần Mẫu Lan"}),
        ("tử vong lan", set()),
        ("kind:examination", set()),
    ):
        assert names(empty, typed, ContentRight.NONE) == expected, typed


def test_the_last_digits_of_a_number_find_it(empty: Index) -> None:
    empty.put([replace(ORDINARY, identifiers=("GD4000007445214", "BN000001")), SENSITIVE])
    for typed in ("07445214", "445214", "7445214 hòa"):
        assert names(empty, typed, ContentRight.NONE) == {"Nguyễn Thử Hòa"}, typed
    assert names(empty, "45214", ContentRight.NONE) == set()
