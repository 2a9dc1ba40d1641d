"""`/v1/departments`: the names of departments over the API."""

import json

from api.home import Home
from tests.api.rest.conftest import Api, basic, make_app
from tests.fixtures.browsing import give_account, with_accounts


def test_departments_are_named_and_listed(own_home: Home) -> None:
    api = Api(make_app(own_home), basic("quantri"))
    body = {"names": [{"code": "K02", "name": "Khoa Hồi sức", "since": "2026-07-01"}]}
    for _ in range(2):
        answer = api.post("/departments", body)
        assert answer.status_code == 200, answer.text
    items = {each["code"]: each for each in api.body("/departments")["items"]}
    assert items["K02"] == {
        "code": "K02",
        "name": "Khoa Hồi sức",
        "stated": [{"name": "Khoa Hồi sức", "since": "2026-07-01"}],
    }
    assert items["K01"]["stated"] == []


def test_what_cannot_be_a_name_is_refused(own_home: Home) -> None:
    api = Api(make_app(own_home), basic())
    for named, code in (
        ({"code": "K02;K03", "name": "x"}, "request.invalid"),
        ({"code": "K02", "name": " "}, "department.invalid"),
    ):
        answer = api.post("/departments", {"names": [named]})
        assert answer.status_code == 422
        assert json.loads(answer.data)["code"] == code
    answer = api.post("/departments", {"names": []})
    assert json.loads(answer.data)["code"] == "request.invalid"


def test_a_clerk_of_a_department_names_no_other(own_home: Home) -> None:
    app = make_app(own_home)
    give_account(with_accounts(own_home), "k02", "clerk", ["K02"])
    api = Api(app, basic("k02"))
    names = [{"code": code, "name": "Khoa Lạ"} for code in ("K02", "K03")]
    refused = api.post("/departments", {"names": names})
    assert refused.status_code == 403
    assert json.loads(refused.data)["code"] == "access.denied"
    assert api.post("/departments", {"names": names[:1]}).status_code == 200


def test_a_reader_may_not(own_home: Home) -> None:
    api = Api(make_app(own_home), basic("doc"))
    assert api.get("/departments").status_code == 403
