"""`POST /api/v1/submissions`: what goes in, and what comes back."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.home import Home
from api.rest.app import create_app
from archive.base.identifiers import FacilityCode
from ingest.samples.generate import generate
from signing.testpki.running import stop
from tests.api.rest.conftest import basic
from tests.api.rest.truth import TruthfulClient
from tests.fixtures.browsing import give_account, with_accounts
from tests.fixtures.home import chart, paper, take

PROBLEM = "application/problem+json"


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """An empty home."""
    return fresh_home()


@pytest.fixture
def woken() -> list[bool]:
    """How often the follower was woken."""
    return []


@pytest.fixture
def api(home: Home, woken: list[bool]) -> Iterator[FlaskClient]:
    """The API of that home."""
    app = create_app(home, with_accounts(home), lambda: woken.append(True))
    app.test_client_class = TruthfulClient
    with app.test_client() as client:
        yield client


def send(
    api: FlaskClient, body: Any, media_type: str = "application/json", **headers: str
) -> TestResponse:
    """Send a body; anything but bytes as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return api.post(
        "/v1/submissions", data=data, content_type=media_type, headers={**basic(), **headers}
    )


def test_a_chart_is_archived_and_its_receipts_come_back(
    api: FlaskClient, home: Home, woken: list[bool]
) -> None:
    answer = send(api, chart(1, papers=[paper("1"), paper("2")]))
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["refused"] == []
    assert [receipt["form"] for receipt in answer.json["receipts"]] == ["36/BV2", "36/BV2"]
    assert all(receipt["lock_mode"] == "COMPLIANCE" for receipt in answer.json["receipts"])
    assert answer.json["receipts"][0]["source"].startswith("sha256:")
    assert woken


def test_the_same_body_again_gives_the_same_receipts(api: FlaskClient) -> None:
    first, again = send(api, chart(1)), send(api, chart(1))
    assert first.status_code == again.status_code == 201
    assert first.json == again.json


def test_receipts_are_reported_whole_where_the_chart_has_left_the_caller_s_scope_since(
    home: Home,
) -> None:
    def move() -> None:
        """Move the patient, as another system may do while the answer is being made."""
        moved = chart(1)
        moved["chart"]["department"] = "K02"
        take(home, moved)

    accounts = with_accounts(home)
    give_account(accounts, "khoa-ghi", "clerk", ["K01"])
    app = create_app(home, accounts, move)
    app.test_client_class = TruthfulClient
    with app.test_client() as client:
        answer = send(client, chart(1), **basic("khoa-ghi"))
        assert answer.status_code == 201
        assert answer.json is not None
        (receipt,) = answer.json["receipts"]
        assert (
            client.get(f"/v1/charts/{receipt['chart_id']}", headers=basic("khoa-ghi")).status_code
            == 404
        )
        answer = client.get(f"/v1/submissions/{receipt['submission_id']}", headers=basic())
        assert answer.status_code == 200


def test_an_insurance_file_may_hold_several_charts(api: FlaskClient, home: Home) -> None:
    name, file = next(
        (name, data)
        for name, data in generate(
            20, seed=1, facility=FacilityCode(home.code), today=date(2026, 11, 22)
        )
        if "two-charts" in name
    )
    answer = send(api, file, "application/xml")
    assert answer.status_code == 201, name
    assert answer.json is not None
    assert len({receipt["chart_id"] for receipt in answer.json["receipts"]}) == 2


def test_a_refusal_names_every_fault_by_its_path_and_archives_nothing(
    api: FlaskClient, home: Home
) -> None:
    broken = chart(1, facility="99002")
    broken["patient"]["birth_date"] = "1980-13-01"
    answer = send(api, broken)
    assert (answer.status_code, answer.mimetype) == (422, PROBLEM)
    assert answer.json is not None
    assert answer.json["code"] == "submission.refused"
    assert answer.json["status"] == 422
    assert answer.json["receipts"] == []
    assert {"/facility", "/patient/birth_date"} & {
        fault["path"] for fault in answer.json["refused"]
    }
    assert all(
        set(fault) == {"source", "path", "code", "message"} for fault in answer.json["refused"]
    )
    assert not list(home.vault.list(f"{home.code}/documents/"))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"<a/>", b"\x00\xff", b"%PDF-1.7"])
def test_what_is_no_chart_is_refused(api: FlaskClient, body: bytes) -> None:
    answer = send(api, body)
    assert (answer.status_code, answer.mimetype) == (422, PROBLEM)
    assert answer.json is not None
    assert answer.json["refused"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic(password="sai"),
        basic("khong-co"),
        {"Authorization": "Bearer x"},
        {"Cookie": "kho=x"},
    ],
)
def test_without_an_account_nothing_is_read(api: FlaskClient, headers: dict[str, str]) -> None:
    answer = api.post(
        "/v1/submissions", data=b"{}", content_type="application/json", headers=headers
    )
    assert (answer.status_code, answer.mimetype) == (401, PROBLEM)
    assert answer.headers.getlist("WWW-Authenticate") == [
        'Bearer realm="Kho"',
        'Basic realm="Kho", charset="UTF-8"',
    ]


def test_after_too_many_wrong_passwords_the_answer_says_when_to_try_again(api: FlaskClient) -> None:
    for _ in range(5):
        send(api, chart(1), Authorization=basic(password="sai")["Authorization"])
    answer = send(api, chart(1))
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "300"


def test_a_reader_may_not_send(api: FlaskClient) -> None:
    answer = send(api, chart(1), Authorization=basic("doc")["Authorization"])
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["code"] == "access.denied"


@pytest.mark.parametrize(
    ("media_type", "headers"),
    [("text/plain", {}), ("", {}), ("application/json", {"Content-Encoding": "gzip"})],
)
def test_other_media_types_are_refused(
    api: FlaskClient, media_type: str, headers: dict[str, str]
) -> None:
    assert send(api, chart(1), media_type, **headers).status_code == 415


def test_a_body_that_is_too_large_is_refused(api: FlaskClient) -> None:
    api.application.config["MAX_CONTENT_LENGTH"] = 100
    answer = send(api, chart(1))
    assert (answer.status_code, answer.mimetype) == (413, PROBLEM)


def test_while_the_tsa_is_away_nothing_is_archived_and_a_later_try_gets_through(
    api: FlaskClient, home: Home
) -> None:
    # what this process knows of the services stays: they are gone afterwards
    _ = home.open_for_writing().accession
    stop(home.folder / "testpki")
    answer = send(api, chart(1))
    assert (answer.status_code, answer.mimetype) == (503, PROBLEM)
    assert answer.headers["Retry-After"] == "30"
    assert answer.json is not None
    assert answer.json["receipts"] == []
    assert answer.json["what"]["vi"]
    assert not list(home.vault.list(f"{home.code}/documents/"))
    with Home.open(home.folder) as later:
        client = create_app(later, with_accounts(later), lambda: None).test_client()
        assert send(client, chart(1)).status_code == 201


def test_what_is_not_there_is_a_problem_too(api: FlaskClient) -> None:
    for answer, status in ((api.get("/v1/nothing"), 404), (api.get("/v1/submissions"), 405)):
        assert (answer.status_code, answer.mimetype) == (status, PROBLEM)


def test_answers_are_not_kept_and_set_no_cookie(api: FlaskClient) -> None:
    answer = send(api, chart(1))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_health_says_that_kho_answers_and_nothing_else(api: FlaskClient) -> None:
    answer = api.get("/v1/health")
    assert answer.status_code == 200
    assert answer.json is not None
    assert set(answer.json) == {"status", "version", "pending"}
    send(api, chart(1))
    assert api.get("/v1/health").json == {**answer.json, "pending": True}
