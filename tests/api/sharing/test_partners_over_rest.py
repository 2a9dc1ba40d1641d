"""Partners over the API: a person compares a sender, confirms it, and ends it."""

from api import handing
from api.rest.resources.asic_body import ASIC
from tests.api.rest.conftest import Api, basic, make_app
from tests.api.sharing.facilities import OURS, SENDER, MakeHome, packet_of


def test_a_sender_is_compared_confirmed_listed_and_ended(new_home: MakeHome) -> None:
    ours, clinic = new_home(OURS, "seal"), new_home(SENDER, "clinic")
    data, said = packet_of(clinic), handing.own_identity(clinic)
    api = Api(make_app(ours), basic())

    def send(path: str) -> tuple[int, dict[str, object]]:
        answer = api.call("POST", path, data=data, content_type=ASIC)
        return answer.status_code, answer.get_json()

    assert api.body("/partners/own") == handing.own_identity(ours).as_json()
    assert send("/partners/sender") == (200, {**said.as_json(), "partner": "unknown"})
    status, refused = send("/partners?check_code=0000%200000")
    assert (status, refused["code"]) == (422, "partner.check_code_differs")
    assert api.body("/partners")["items"] == []
    for _ in range(2):
        status, partner = send(f"/partners?check_code={said.check_code}")
        assert (status, partner["code"], partner["name"]) == (200, said.code, said.name)
    assert [each["code"] for each in api.body("/partners")["items"]] == [SENDER]
    assert send("/partners/sender")[1]["partner"] == "confirmed"
    assert api.call("DELETE", f"/partners/{SENDER}").status_code == 204
    assert api.call("DELETE", f"/partners/{SENDER}").status_code == 404
    assert api.body("/partners")["items"] == []


def test_a_reader_neither_sees_nor_makes_partners(new_home: MakeHome) -> None:
    api = Api(make_app(new_home(OURS, "seal")), basic("doc"))
    assert api.get("/partners").status_code == 403
    assert (
        api.call("POST", "/partners?check_code=0", data=b"x", content_type=ASIC).status_code == 403
    )
