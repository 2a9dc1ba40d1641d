"""Lists by cursor: everything once, whatever comes in meanwhile; a cursor is for its list, and
unforgeable.
"""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from api.home import Home
from archive.base.clock import iso, parse_iso
from tests.api.rest.conftest import Api, basic, make_app
from tests.fixtures.browsing import counted_queries
from tests.fixtures.home import chart, paper, take


def walked(api: Api, path: str, limit: int) -> list[dict[str, Any]]:
    """Return all items of a list, read page by page through its `Link`."""
    items: list[dict[str, Any]] = []
    query = f"{path}{'&' if '?' in path else '?'}limit={limit}"
    while query:
        answer = api.get(query)
        assert answer.json is not None
        assert len(answer.json["items"]) <= limit
        items += answer.json["items"]
        link = answer.headers.get("Link")
        assert (link is None) == (answer.json["next"] is None)
        query = link.partition("<")[2].partition(">")[0].removeprefix("/v1") if link else ""
    return items


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_every_chart_comes_once_newest_first(reading: Api, limit: int) -> None:
    shown = walked(reading, "/charts", limit)
    assert len(shown) == len({chart["chart_id"] for chart in shown}) == 4
    assert shown == sorted(
        shown, key=lambda chart: (chart["opened_at"], chart["chart_id"]), reverse=True
    )


@pytest.mark.parametrize(("order", "reverse"), [("newest", True), ("oldest", False)])
def test_documents_come_in_the_order_of_the_ledger(reading: Api, order: str, reverse: bool) -> None:
    indices = [
        document["ledger_index"] for document in walked(reading, f"/documents?order={order}", 1)
    ]
    assert indices == sorted(indices, reverse=reverse)
    assert len(indices) == 4


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=deposited", 1),
        ("state=open", 3),
        ("department=K01", 2),
        ("department=K09", 0),
        ("kind=inpatient&department=K02", 2),
        ("archive_number=2026-000001", 1),
        ("outcome=improved", 4),
        ("outcome=died", 0),
        ("papers=missing", 4),
        ("papers=complete", 0),
        ("discharged_from=2026-01-20T00:00:00%2B07:00", 4),
        ("discharged_until=2026-01-20T00:00:00%2B07:00", 0),
        ("opened_until=2020-01-01T00:00:00Z", 0),
        ("opened_from=2020-01-01T00:00:00%2B07:00", 4),
    ],
)
def test_filters_of_charts(reading: Api, query: str, count: int) -> None:
    assert len(reading.body(f"/charts?{query}")["items"]) == count


def test_each_line_of_the_worklist_has_the_filter_of_its_charts(reading: Api) -> None:
    items = reading.body("/charts/worklist")["items"]
    assert {"received_today", "overdue"} <= {each["name"] for each in items}
    for each in items:
        shown = reading.body(f"/{each['list']}?{urlencode(each['filter'])}")["items"]
        assert len(shown) == each["count"], each["name"]


def test_filters_of_documents(reading: Api) -> None:
    first = reading.body("/documents?limit=1")["items"][0]
    for query in (
        f"chart_id={first['chart_id']}",
        f"sha256={first['sha256']}",
        f"submission_id={first['submission_id']}",
    ):
        assert [item["document_id"] for item in reading.body(f"/documents?{query}")["items"]] == [
            first["document_id"]
        ]
    assert len(reading.body("/documents?form=36%2FBV2&in_force=true")["items"]) == 4
    assert reading.body("/documents?in_force=false")["items"] == []


def test_what_comes_in_between_two_pages_neither_hides_nor_doubles_anything(own_home: Home) -> None:
    api = Api(make_app(own_home), basic())
    take(own_home, *(chart(number) for number in range(1, 4)))
    first = api.body("/charts?limit=2")
    take(own_home, chart(7), chart(1, papers=[paper("2")]))
    rest = api.body(f"/charts?limit=200&cursor={first['next']}")
    seen = [item["chart"]["episode"] for item in first["items"] + rest["items"]]
    assert seen == ["LK000003", "LK000002", "LK000001"]


def test_a_caller_that_follows_the_ledger_gets_what_is_new_and_nothing_twice(
    own_home: Home,
) -> None:
    api = Api(make_app(own_home), basic())
    take(own_home, chart(1, papers=[paper("1"), paper("2"), paper("3")]))
    first = api.body("/documents?order=oldest&limit=2")
    take(own_home, chart(2))
    rest = api.body(f"/documents?order=oldest&limit=200&cursor={first['next']}")
    seen = [item["document_id"] for item in first["items"] + rest["items"]]
    assert len(seen) == len(set(seen)) == 4


def test_a_cursor_is_for_its_list_and_its_filters(reading: Api) -> None:
    cursor = reading.body("/charts?limit=1")["next"]
    # another number a page is fine
    assert reading.get(f"/charts?limit=3&cursor={cursor}").status_code == 200
    for query in (f"/charts?department=K01&cursor={cursor}", f"/documents?cursor={cursor}"):
        answer = reading.get(query)
        assert answer.status_code == 400
        assert answer.json is not None
        assert answer.json["code"] == "request.cursor"


def test_a_cursor_that_was_changed_is_refused(reading: Api) -> None:
    cursor = reading.body("/charts?limit=1")["next"]
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    changed = []
    for at in range(0, len(raw), 5):
        forged = bytearray(raw)
        forged[at] ^= 1
        changed.append(base64.urlsafe_b64encode(forged).rstrip(b"=").decode())
    for forged_text in [*changed, cursor[:-4], cursor + "AAAA", "x", "%20", "á"]:
        assert reading.get(f"/charts?cursor={forged_text}").status_code == 400, forged_text


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=1.5",
        "cursor=",
        "q=nguyen",
        "name=x",
        "state=gone",
        "department=%00",
        "opened_from=2026-01-01",
        "opened_from=2026-01-01T00:00:00",
        "opened_from=0001-01-01T00:00:00%2B14:00",
        "opened_until=9999-12-31T23:59:59-12:00",
        "department=",
    ],
)
def test_what_is_not_asked_as_the_document_says_is_refused_by_its_place(
    reading: Api, query: str
) -> None:
    answer = reading.get(f"/charts?{query}")
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "request.invalid"
    assert answer.json["faults"][0]["path"] == f"/{query.partition('=')[0]}"


def test_a_page_asks_the_catalogue_as_often_for_four_as_for_one(
    reading_home: Home, reading: Api
) -> None:
    asked = []
    for limit in (1, 4):
        for path in ("/charts", "/documents"):
            with counted_queries(reading_home) as statements:
                reading.body(f"{path}?limit={limit}")
            asked.append(len(statements))
    assert asked[:2] == asked[2:]


def test_a_his_looks_up_a_chart_by_its_own_key(reading: Api) -> None:
    first = reading.body("/charts?limit=1")["items"][0]
    answer = reading.post("/charts/lookup", {"episode": first["chart"]["episode"]})
    assert answer.json is not None
    assert answer.json["chart_id"] == first["chart_id"]
    assert answer.json == reading.body(f"/charts/{first['chart_id']}")


def test_times_of_a_list_are_those_of_its_filters(reading: Api) -> None:
    newest = reading.body("/charts?limit=1")["items"][0]
    after = iso(parse_iso(newest["opened_at"]) + timedelta(milliseconds=1))
    assert reading.body(f"/charts?opened_from={after}")["items"] == []


def test_ids_are_read_in_letters_of_any_case(reading: Api) -> None:
    document = reading.body("/documents")["items"][0]
    chart, brought = document["chart_id"], document["submission_id"]
    for kind, record in (
        ("charts", chart),
        ("documents", document["document_id"]),
        ("submissions", brought),
    ):
        assert reading.body(f"/{kind}/{record.upper()}") == reading.body(f"/{kind}/{record}")
    assert reading.body(f"/documents?chart_id={chart.upper()}") == reading.body(
        f"/documents?chart_id={chart}"
    )
