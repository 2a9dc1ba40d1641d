"""Search over the API: in the body, within the scope, page by page."""

from typing import Any

import pytest

from tests.api.rest.conftest import Api


def search(api: Api, **order: Any) -> Any:
    answer = api.post("/search", order)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_words_find_documents_and_say_why(reading: Api) -> None:
    answer = search(reading, q="phạm mẫu đức")
    assert answer["total"] == 1
    (hit,) = answer["items"]
    assert hit["patient_name"] == "Phạm Mẫu Đức"
    assert "patient_name" in hit["why"]
    shown = next(
        highlight for highlight in hit["highlights"] if highlight["field"] == "patient_name"
    )
    assert [shown["text"][first:end] for first, end in shown["ranges"]] == ["Phạm", "Mẫu", "Đức"]


@pytest.mark.parametrize(
    ("order", "total"),
    [
        ({}, 4),
        ({"department": "K01"}, 2),
        ({"icd10": "J18"}, 4),
        ({"icd10": "A00"}, 0),
        ({"form": "36/BV2", "q": "viêm phổi"}, 4),
        ({"archive_number": "2026-000001"}, 1),
        ({"date_from": "2026-01-15", "date_to": "2026-01-16"}, 4),
        ({"date_from": "2027-01-15"}, 0),
        ({"q": "LK000003"}, 1),
        ({"q": "khoa:K02"}, 2),
    ],
)
def test_filters_and_what_is_typed_count_alike(
    reading: Api, order: dict[str, Any], total: int
) -> None:
    assert search(reading, **order)["total"] == total


def test_pages_follow_each_other(reading: Api) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = search(reading, q="viêm phổi", limit=1, **cursor)
        seen += [hit["document_id"] for hit in answer["items"]]
        if answer["next"] is None:
            break
        cursor = {"cursor": answer["next"]}
    assert len(seen) == len(set(seen)) == answer["total"] == 4


def test_a_cursor_is_for_its_search(reading: Api) -> None:
    cursor = search(reading, q="viêm", limit=1)["next"]
    assert reading.post("/search", {"q": "phổi", "limit": 1, "cursor": cursor}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"q": 1},
        {"q": "x\x00"},
        {"limit": "5"},
        {"limit": 0},
        {"limit": True},
        {"date_from": "15/01/2026"},
        {"date_from": 0},
        {"name": "x"},
        [],
        "q",
    ],
)
def test_what_is_no_search_is_refused(reading: Api, body: Any) -> None:
    assert reading.post("/search", body).status_code == 422


@pytest.mark.parametrize(
    "raw", [b'{"q": "a", "q": "b"}', b"{", b"", b'{"q": "\xff"}', b'{"limit": 1e400}']
)
def test_json_is_read_strictly(reading: Api, raw: bytes) -> None:
    assert (
        reading.call("POST", "/search", data=raw, content_type="application/json").status_code
        == 422
    )


@pytest.mark.parametrize(
    ("kind", "status"), [("text/plain", 415), ("", 415), ("application/json", 413)]
)
def test_bodies_are_declared_and_short(reading: Api, kind: str, status: int) -> None:
    answer = reading.call("POST", "/search", data=b"[" * 600_000, content_type=kind)
    assert answer.status_code == status


def test_nothing_that_is_searched_for_can_stand_in_an_address(reading: Api) -> None:
    assert reading.get("/search?q=x").status_code == 405
    asked = {
        "patient",
        "name",
        "q",
        "text",
        "episode",
        "national_id",
        "insurance_card",
        "birth_date",
    }
    document = reading.client.get("/openapi.json").json
    assert document is not None
    records = {path: item for path, item in document["paths"].items() if "/users" not in path}
    assert len(records) < len(document["paths"])  # people who sign in are no patients
    for path, item in records.items():
        for operation in item.values():
            named = {
                parameter["name"]
                for parameter in operation.get("parameters", [])
                if parameter["in"] in ("query", "path")
            }
            assert not named & asked, path


def test_what_was_read_as_a_filter_is_said(reading: Api) -> None:
    answer = search(reading, q="phạm khoa K02 nội trú", kind="inpatient")
    assert answer["filters"] == [{"filter": "department", "value": "K02", "typed": "khoa K02"}]
    quoted = search(reading, q='"khoa K02"')
    assert (quoted["filters"], quoted["total"]) == ([], 0)
    assert search(reading, kind="outpatient")["total"] == 0
    assert search(reading, outcome="improved")["total"] == search(reading)["total"] > 0
