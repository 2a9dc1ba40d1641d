"""Deposit, packets and past submissions over the API."""

import hashlib

import pytest

from api.home import Home
from api.sharing.verification import verify_packet
from tests.api.rest.conftest import Api
from tests.fixtures.home import chart, paper

ORDER = {"recipient": "99002", "reason": "Chuyển tuyến điều trị"}


@pytest.fixture
def sent(writing: Api) -> dict[str, str]:
    """The receipt of a chart's first document."""
    answer = writing.post("/submissions", chart(1, papers=[paper("1"), paper("2")])).json
    assert answer is not None
    receipt: dict[str, str] = answer["receipts"][0]
    return receipt


def test_a_chart_is_deposited_once_and_answers_the_same_again(
    writing: Api, sent: dict[str, str]
) -> None:
    path = f"/charts/{sent['chart_id']}"
    first, again = writing.post(f"{path}/deposit"), writing.post(f"{path}/deposit")
    assert first.status_code == 200
    assert first.json == again.json
    shown = writing.body(path)
    assert first.json is not None
    assert (shown["state"], shown["archive_number"]) == ("deposited", first.json["archive_number"])


def test_what_is_not_ready_says_why(writing: Api) -> None:
    open_chart = chart(1)
    del open_chart["chart"]["discharged_at"]
    receipt = writing.post("/submissions", open_chart).json
    assert receipt is not None
    answer = writing.post(f"/charts/{receipt['receipts'][0]['chart_id']}/deposit")
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "chart.not_ready"
    assert "Retry-After" not in answer.headers


def test_a_packet_is_genuine_and_its_handover_is_recorded(
    writing: Api, own_home: Home, sent: dict[str, str]
) -> None:
    path = f"/charts/{sent['chart_id']}/packets"
    answer = writing.post(path, ORDER)
    assert answer.status_code == 201
    assert answer.mimetype == "application/vnd.etsi.asic-e+zip"
    report = verify_packet(answer.data, own_home.trust)
    assert report.verdict.value == "valid"
    (handover,) = writing.body(path)["sent"]
    assert handover["packet_id"] == answer.headers["Kho-Packet-Id"]
    assert handover["sha256"] == hashlib.sha256(answer.data).hexdigest()
    assert (handover["recipient"], handover["reason"]) == ("99002", ORDER["reason"])


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"recipient": "x"}, "recipient"),
        ({"reason": " "}, "reason"),
        ({"reason": 1}, "reason"),
        ({"why": "x"}, "why"),
    ],
)
def test_an_order_that_cannot_be_is_refused_by_its_place(
    writing: Api, sent: dict[str, str], change: dict[str, object], at: str
) -> None:
    answer = writing.post(f"/charts/{sent['chart_id']}/packets", {**ORDER, **change})
    assert answer.status_code == 422
    assert answer.json is not None
    assert [fault["path"] for fault in answer.json["faults"]] == [f"/{at}"]


def test_a_past_submission_is_found_by_the_id_in_its_receipts(
    writing: Api, sent: dict[str, str]
) -> None:
    past = writing.body(f"/submissions/{sent['submission_id']}")
    assert past["chart_id"] == sent["chart_id"]
    assert len(past["documents"]) == 2
    assert {document["submission_id"] for document in past["documents"]} == {sent["submission_id"]}
    again = writing.post("/submissions", chart(1, papers=[paper("1"), paper("2"), paper("3")])).json
    assert again is not None
    assert [receipt["submission_id"] == sent["submission_id"] for receipt in again["receipts"]] == [
        True,
        True,
        False,
    ]
