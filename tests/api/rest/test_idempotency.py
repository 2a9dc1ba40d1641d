"""Idempotency keys: a request that is repeated is done once, also after a kill in between."""

import json
import threading
import urllib.error
import urllib.request
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from api.access.accounts import Accounts
from api.access.kept_answers import KEPT_FOR
from api.home import Home
from api.upkeep.maintenance import checker
from archive.base.clock import FixedClock
from archive.catalog.operations import IdempotentRequestRow
from signing.testpki.running import stop
from tests.api.rest.conftest import Api, basic, make_app
from tests.api.test_server import serving
from tests.fixtures.browsing import CHEAP, give_account
from tests.fixtures.home import chart, paper
from tests.waiting import PATIENCE

KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


def send(api: Api, body: Any, **headers: str) -> Any:
    return api.call("POST", "/submissions", json=body, headers={**KEY, **headers})


def acts(api: Api) -> int:
    return int(api.get("/ledger/checkpoint").text.split("\n")[1])


def test_the_same_again_is_answered_as_before_and_says_so(writing: Api) -> None:
    first, again = send(writing, chart(1)), send(writing, chart(1))
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "?1"
    assert again.mimetype == first.mimetype


def test_a_refusal_is_answered_as_before_too(writing: Api) -> None:
    broken = chart(1, facility="99002")
    first, again = send(writing, broken), send(writing, broken)
    assert first.status_code == again.status_code == 422
    assert first.json == again.json
    assert again.mimetype == "application/problem+json"


def test_the_same_key_for_something_else_is_refused_and_nothing_is_done(writing: Api) -> None:
    send(writing, chart(1))
    other = writing.call("POST", "/submissions", data=b"<a/>", content_type="text/xml", headers=KEY)
    for answer in (send(writing, chart(2)), other):
        assert answer.status_code == 422
        assert answer.json is not None
        assert answer.json["code"] == "idempotency.reused"
    assert len(writing.body("/charts")["items"]) == 1


def test_quotes_around_a_key_do_not_count(writing: Api) -> None:
    first = send(writing, chart(1))
    again = send(writing, chart(1), **{"Idempotency-Key": KEY["Idempotency-Key"].strip('"')})
    assert again.headers["Idempotency-Replayed"] == "?1"
    assert again.json == first.json


@pytest.mark.parametrize("key", ["", '"', "a b", "x" * 256, 'a"b"', "é"])
def test_an_invalid_key_is_refused(writing: Api, key: str) -> None:
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = writing.call("POST", "/submissions", json=chart(1), headers=headers)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["faults"][0]["path"] == "/Idempotency-Key"


def test_a_key_is_its_caller_s_own(writing: Api, own_home: Home) -> None:
    give_account(
        Accounts(own_home.catalog, own_home.code, own_home.clock, CHEAP), "luutru2", "clerk"
    )
    send(writing, chart(1))
    other = send(writing.as_(basic("luutru2")), chart(2))
    assert other.status_code == 201


def test_an_answer_is_not_given_again_to_a_caller_who_may_no_longer_see_it(
    writing: Api, own_home: Home
) -> None:
    assert send(writing, chart(1)).status_code == 201
    give_account(
        Accounts(own_home.catalog, own_home.code, own_home.clock, CHEAP), "luutru", "clerk", ["K02"]
    )
    again = send(writing, chart(1))
    assert "Idempotency-Replayed" not in again.headers
    assert [fault["code"] for fault in again.json["refused"]] == ["access.denied"]


def test_a_key_lives_a_day(own_home: Home) -> None:
    clock = FixedClock(own_home.clock.now())
    own_home.clock = clock
    api = Api(make_app(own_home), basic())
    first = send(api, chart(1, facility="99002"))
    clock.moment += KEPT_FOR - timedelta(seconds=1)
    assert send(api, chart(2)).json["code"] == "idempotency.reused"
    clock.moment += timedelta(seconds=1)
    later = send(api, chart(2, facility="99002"))
    assert first.status_code == later.status_code == 422
    assert "Idempotency-Replayed" not in later.headers


def test_the_answer_survives_a_restart(writing: Api, own_home: Home) -> None:
    first = send(writing, chart(1))
    with Home.open(own_home.folder) as later:
        again = send(Api(make_app(later), basic()), chart(1))
    assert again.headers["Idempotency-Replayed"] == "?1"
    assert again.json == first.json


def test_while_it_is_being_done_the_same_again_is_refused(writing: Api, own_home: Home) -> None:
    with own_home.catalog.read() as session:
        assert session.query(IdempotentRequestRow).count() == 0
    answers: list[int] = []
    start = threading.Barrier(6)

    def send_again() -> None:
        start.wait()
        answers.append(send(writing.as_(basic()), chart(1)).status_code)

    threads = [threading.Thread(target=send_again) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert len(writing.body("/charts")["items"]) == 1


def test_what_failed_because_a_component_was_away_may_be_tried_again(
    writing: Api, own_home: Home
) -> None:
    _ = own_home.open_for_writing().accession
    stop(own_home.folder / "testpki")
    assert send(writing, chart(1)).status_code == 503
    with Home.open(own_home.folder) as later:
        answer = send(Api(make_app(later), basic()), chart(1))
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers


def test_a_packet_is_made_once_and_not_kept(writing: Api) -> None:
    sent = writing.post("/submissions", chart(1)).json
    assert sent is not None
    path = f"/charts/{sent['receipts'][0]['chart_id']}/packets"
    order = {"recipient": "99002", "reason": "Chuyển tuyến"}
    first = writing.call("POST", path, json=order, headers=KEY)
    again = writing.call("POST", path, json=order, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 409)
    assert again.json is not None
    assert again.json["code"] == "idempotency.not_kept"
    assert len(writing.body(path)["sent"]) == 1


def test_a_deposit_is_answered_as_before(writing: Api) -> None:
    sent = writing.post("/submissions", chart(1)).json
    assert sent is not None
    path = f"/charts/{sent['receipts'][0]['chart_id']}/deposit"
    first, again = (writing.call("POST", path, headers=KEY) for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert first.json == again.json


def test_parts_count_by_what_they_say_and_not_by_their_boundary(writing: Api) -> None:
    first, again = (
        writing.call(
            "POST",
            "/submissions",
            data={"record": (BytesIO(json.dumps(chart(1)).encode()), "", "application/json")},
            content_type=f'multipart/form-data; boundary="{boundary}"',
            headers=KEY,
        )
        for boundary in ("eins", "zwei")
    )
    assert first.status_code == 201, first.text
    assert again.headers["Idempotency-Replayed"] == "?1"


@pytest.mark.parametrize(
    "point",
    ["rest.idempotency.begun", "act.applied", "rest.idempotency.done", "rest.idempotency.kept"],
)
def test_a_kill_in_the_middle_loses_nothing_and_doubles_nothing(
    home_folder: Path, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Home.open(home_folder) as home:
        give_account(Accounts(home.catalog, home.code, home.clock, CHEAP), "luutru", "clerk")
    body = json.dumps(chart(1, papers=[paper("1"), paper("2")])).encode()
    monkeypatch.setenv("KHO_CRASH_AT", point)
    with serving(home_folder, "--port", "0") as (process, address, _):
        with pytest.raises((urllib.error.URLError, ConnectionError)):
            posted(address, body)
        assert process.wait(30) == -9
    monkeypatch.delenv("KHO_CRASH_AT")
    with serving(home_folder, "--port", "0") as (_, address, _):
        first, again = posted(address, body), posted(address, body)
    assert first == again
    assert len(first["receipts"]) == 2
    with Home.open(home_folder) as home:
        assert len(Api(make_app(home), basic()).body("/documents")["items"]) == 2
        assert checker(home).check(read_data=True).ok


def posted(address: str, body: bytes) -> Any:
    """Send a body with the key, as a program of somebody else's would."""
    headers = {**basic(), **KEY, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/api/v1/submissions", body, headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)
