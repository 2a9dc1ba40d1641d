"""`/v1/set`: a program collects papers as a person does, and takes them away."""

import io
import zipfile
from uuid import uuid4

import pytest

from api.home import Home
from tests.api.rest.conftest import Api, basic, make_app
from tests.fixtures.home import chart, take


@pytest.fixture
def api(own_home: Home) -> Api:
    """A reader in a home with two charts."""
    take(own_home, chart(1), chart(2))
    return Api(make_app(own_home), basic("doc"))


def test_papers_are_collected_listed_removed_and_taken_away(api: Api) -> None:
    charts = [item["chart_id"] for item in api.body("/charts")["items"]]
    assert api.body("/set") == {"items": [], "next": None}
    assert api.post("/set", {"ids": charts}).json == {"new": 2, "known": 0, "total": 2}
    assert api.post("/set", {"ids": charts}).json == {"new": 0, "known": 2, "total": 2}
    items = api.body("/set")["items"]
    assert [item["chart_id"] for item in items] == charts
    taken = api.call("POST", "/set/take-away")
    assert taken.status_code == 200
    names = zipfile.ZipFile(io.BytesIO(taken.data)).namelist()
    assert len([name for name in names if name.startswith("originals/")]) == 2
    for _ in range(2):
        assert api.call("DELETE", f"/set/{items[0]['document_id']}").status_code == 204
    assert [item["document_id"] for item in api.body("/set")["items"]] == [items[1]["document_id"]]
    assert api.as_(basic("luutru")).body("/set")["items"] == []
    assert api.call("DELETE", "/set").status_code == 204
    empty = api.call("POST", "/set/take-away")
    assert empty.status_code == 409
    assert empty.json is not None
    assert empty.json["code"] == "set.empty"


def test_what_is_not_in_the_scope_is_unknown(api: Api) -> None:
    charts = [item["chart_id"] for item in api.body("/charts")["items"]]
    department = api.as_(basic("khoa"))
    assert department.post("/set", {"ids": charts}).status_code == 404
    assert department.post("/set", {"ids": [str(uuid4())]}).status_code == 404
    assert department.body("/set")["items"] == []
    assert department.post("/set", {"ids": []}).status_code == 422
    assert api.as_(basic("quantri")).get("/set").status_code == 403
