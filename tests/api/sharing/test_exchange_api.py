"""Packets and receipts over the API: received, acknowledged, brought back, listed."""

import pytest

from api import handing
from api.home import Home
from api.rest.resources.asic_body import ASIC
from tests.api.rest.conftest import Api, basic, make_app
from tests.api.sharing.facilities import RECIPIENT, SENDER, MakeHome, packet_of
from tests.fixtures.home import CLERK


def confirm(home: Home, other: Home) -> None:
    """Confirm `other` as a partner of `home`, as a clerk does by telephone."""
    identity = handing.own_identity(other)
    home.open_for_reading().partners.confirm(identity, identity.check_code, CLERK)


def test_a_packet_goes_and_its_receipt_comes_back(new_home: MakeHome) -> None:
    sender, receiver = new_home(SENDER, "sender"), new_home(RECIPIENT, "recipient")
    data = packet_of(sender, RECIPIENT)
    there, here = Api(make_app(receiver), basic()), Api(make_app(sender), basic())

    refused = there.call("POST", "/packets/received", data=data, content_type=ASIC)
    assert (refused.status_code, refused.json and refused.json["code"]) == (409, "partner.unknown")
    confirm(receiver, sender)
    first = there.call("POST", "/packets/received", data=data, content_type=ASIC)
    assert first.status_code == 200, first.text
    again = there.call("POST", "/packets/received", data=data, content_type=ASIC)
    assert first.json is not None
    assert again.json == {**first.json, "again": True}
    packet_id = first.json["packet_id"]
    receipt = there.get(f"/packets/{packet_id}/receipt")
    assert receipt.mimetype == ASIC
    (listed,) = there.body("/packets?direction=received")["items"]
    assert (listed["packet_id"], listed["sender"]) == (packet_id, SENDER)

    assert [each["receipts"] for each in here.body("/packets?state=awaited")["items"]] == [[]]
    confirm(sender, receiver)
    for _ in range(2):
        brought = here.call("POST", "/packets/receipts", data=receipt.data, content_type=ASIC)
        assert brought.status_code == 200, brought.text
    assert brought.json is not None
    assert brought.json["packet_id"] == packet_id
    assert here.body("/packets?state=awaited")["items"] == []
    assert len(here.body("/packets?state=came")["items"]) == 1


@pytest.mark.parametrize("path", ["/packets/received", "/packets/receipts"])
def test_what_is_no_packet_is_refused(new_home: MakeHome, path: str) -> None:
    api = Api(make_app(new_home(RECIPIENT, "recipient")), basic())
    answer = api.call("POST", path, data=b"no packet", content_type=ASIC)
    assert (answer.status_code, answer.json and answer.json["code"]) == (422, "file.unreadable")
    wrong = api.call("POST", path, data=b"{}", content_type="application/json")
    assert wrong.status_code == 415
    assert api.as_(basic("doc")).call("POST", path, data=b"", content_type=ASIC).status_code == 403
