"""Who may call, and what they see: keys and accounts, roles and departments; what lies outside does
not exist.
"""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from api.access.api_keys import ApiKeys
from api.access.users import Users
from api.home import Home
from api.rest.access import OPEN, OPEN_FILES
from api.rest.app import create_app
from archive.base.clock import FixedClock
from tests.api.rest.conftest import Api, basic, bearer, make_app
from tests.fixtures.browsing import BY, PASSWORD, with_accounts
from tests.fixtures.home import chart

KeyFor = Callable[..., dict[str, str]]
UNKNOWN = "01a20651-ae82-72ce-a309-c7a678d87237"


def test_a_key_calls_as_its_role_allows(reading: Api, key_for: KeyFor) -> None:
    reader = reading.as_(key_for("reader"))
    assert reader.get("/charts").status_code == 200
    assert reader.get("/schemas/kho-chart-1").status_code == 403
    assert reading.as_(key_for("his")).get("/schemas/kho-chart-1").status_code == 200


def test_a_witness_sees_the_ledger_and_no_record(reading: Api, key_for: KeyFor) -> None:
    witness = reading.as_(key_for("witness"))
    assert witness.get("/ledger/checkpoint").status_code == 200
    chart = reading.body("/charts")["items"][0]["chart_id"]
    assert {
        witness.get(path).status_code for path in ("/charts", "/documents", f"/charts/{chart}")
    } == {403}


def test_a_department_s_key_sees_its_charts_only(reading: Api, key_for: KeyFor) -> None:
    mine = reading.as_(key_for("clerk", ["K01"]))
    shown = mine.body("/charts")["items"]
    assert {chart["chart"]["department"] for chart in shown} == {"K01"}
    assert len(shown) < len(reading.body("/charts")["items"])


def test_what_lies_outside_of_the_scope_is_answered_as_what_never_was(
    reading: Api, key_for: KeyFor
) -> None:
    mine = reading.as_(key_for("clerk", ["K01"]))
    other = next(
        item for item in reading.body("/charts")["items"] if item["chart"]["department"] == "K02"
    )
    document = reading.body(f"/documents?chart_id={other['chart_id']}")["items"][0]
    order = {"recipient": "99002", "reason": "Chuyển tuyến"}
    pairs = [
        (mine.get(path.format(there)), mine.get(path.format(UNKNOWN)))
        for path, there in (
            ("/charts/{}", other["chart_id"]),
            ("/charts/{}/packets", other["chart_id"]),
            ("/documents/{}", document["document_id"]),
            ("/documents/{}/original", document["document_id"]),
            ("/documents/{}/proof", document["document_id"]),
            ("/documents/{}/verification", document["document_id"]),
            ("/submissions/{}", document["submission_id"]),
        )
    ]
    for path, body in (("/charts/{}/deposit", None), ("/charts/{}/packets", order)):
        pairs.append(
            (mine.post(path.format(other["chart_id"]), body), mine.post(path.format(UNKNOWN), body))
        )
    episodes = other["chart"]["episode"], "LK-KHONG-CO"
    pairs.append(tuple(mine.post("/charts/lookup", {"episode": episode}) for episode in episodes))  # type: ignore[arg-type]
    for there, nowhere in pairs:
        assert there.status_code == nowhere.status_code == 404, there.request.path
        assert there.json == nowhere.json
    assert mine.body(f"/documents?chart_id={other['chart_id']}")["items"] == []
    page = mine.post("/search", {"q": other["chart"]["episode"]}).json
    assert page is not None
    assert (page["total"], page["items"]) == (0, [])


@pytest.mark.parametrize(
    "strange", ["x", "1" * 4000, "..", "%00", "01A20651-AE82-72CE-A309-C7A678D87237"]
)
def test_an_invalid_id_is_an_unknown_id(reading: Api, strange: str) -> None:
    assert {
        reading.get(f"/{kind}/{strange}").status_code
        for kind in ("charts", "documents", "submissions")
    } == {404}


def test_a_key_that_was_revoked_ends_at_once(own_home: Home) -> None:
    keys, api = ApiKeys(own_home.catalog, own_home.code, own_home.clock), make_app(own_home)
    key, secret = keys.create("HIS thử", "reader", own_home.clock.now() + timedelta(days=1))
    caller = Api(api, bearer(secret))
    assert caller.get("/charts").status_code == 200
    keys.revoke(key.id)
    assert caller.get("/charts").status_code == 401


def test_a_key_ends_in_its_time(own_home: Home) -> None:
    clock = FixedClock(own_home.clock.now())
    own_home.clock = clock
    _, secret = ApiKeys(own_home.catalog, own_home.code, own_home.clock).create(
        "HIS thử", "reader", clock.now() + timedelta(hours=1)
    )
    caller = Api(make_app(own_home), bearer(secret))
    assert caller.get("/charts").status_code == 200
    clock.moment += timedelta(hours=1)
    answer = caller.get("/charts")
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "access.unauthenticated"


@pytest.mark.parametrize(
    "secret", ["", "kho_", "kho_aaaaaaaa_" + "A" * 43, "x" * 10_000, "kho_aaaaaaaa_\x7f"]
)
def test_a_key_that_never_was_opens_nothing(reading: Api, secret: str) -> None:
    assert reading.as_(bearer(secret)).get("/charts").status_code == 401


def test_every_operation_asks_who_calls_but_those_that_are_open(
    reading_app: Flask, reading: Api
) -> None:
    stranger = reading.as_({})
    for rule in reading_app.url_map.iter_rules():
        path = rule.rule
        for place, value in (
            ("<int:level>", "0"),
            ("<path:part>", "000"),
            ("<path:filename>", "docs.css"),
            ("<account:name>", "lan"),
            ("<key:key_id>", "abcd2345"),
            ("<facility:code>", "99009"),
            ("<digest:session_id>", "0" * 64),
        ):
            path = path.replace(place, value)
        for name in rule.arguments:
            path = path.replace(f"<record:{name}>", UNKNOWN)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            with stranger.client.open(path, method=method) as answer:
                status = answer.status_code
            assert (status != 401) == (rule.endpoint in OPEN | OPEN_FILES), rule.endpoint


def test_a_password_that_an_administrator_set_calls_nothing_before_it_was_replaced(
    own_home: Home,
) -> None:
    accounts = with_accounts(own_home)
    users = Users(accounts)
    users.reset_password("luutru", PASSWORD, BY)
    caller = Api(create_app(own_home, accounts, lambda: None), basic())
    answer = caller.get("/charts")
    assert (answer.status_code, answer.json and answer.json["code"]) == (
        403,
        "account.password_must_change",
    )
    users.change_password("luutru", PASSWORD, "một câu dài của riêng tôi")
    renewed = caller.as_(basic(password="một câu dài của riêng tôi"))
    assert renewed.get("/charts").status_code == 200


def test_the_acts_say_which_key_it_was(own_home: Home) -> None:
    key, secret = ApiKeys(own_home.catalog, own_home.code, own_home.clock).create(
        "HIS thử", "his", own_home.clock.now() + timedelta(days=1)
    )
    his = Api(make_app(own_home), bearer(secret))
    sent = his.post("/submissions", chart(1))
    assert sent.status_code == 201
    assert sent.json is not None
    (act,) = his.body(f"/charts/{sent.json['receipts'][0]['chart_id']}")["acts"]
    assert (act["actor"], act["role"]) == (f"HIS thử (kho_{key.id})", "his")
    assert his.post(f"/charts/{sent.json['receipts'][0]['chart_id']}/deposit").status_code == 403


def test_an_account_s_departments_count_as_a_key_s(reading: Api) -> None:
    shown = reading.as_(basic("khoa")).body("/charts")["items"]
    assert {chart["chart"]["department"] for chart in shown} == {"K01"}


def test_the_permission_is_asked_before_a_body_is_read(reading: Api, key_for: KeyFor) -> None:
    witness = reading.as_(key_for("witness"))
    for path in ("/search", "/submissions", f"/charts/{UNKNOWN}/packets"):
        answer = witness.call(
            "POST", path, data=b"{" * 1000, headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, json.loads(answer.data)["code"]) == (403, "access.denied")


def test_marks_without_end_are_refused_before_they_are_sorted(reading: Api) -> None:
    body = json.dumps(
        {"q": "a" + "\u0301" * 14_000 + "\u0323" * 14_000}, ensure_ascii=False
    ).encode()
    answer = reading.call(
        "POST", "/search", data=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert [fault["code"] for fault in json.loads(answer.data)["faults"]] == ["text.marks"]


def test_every_operation_states_its_permission(reading_app: Flask) -> None:
    stated = {
        name: getattr(view, "needs", None) for name, view in reading_app.view_functions.items()
    }
    assert {name for name, permission in stated.items() if permission is None} == OPEN | OPEN_FILES
