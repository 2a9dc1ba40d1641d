"""Refusals over the API: page by page, within the caller's scope, settled by a call."""

import json
from io import BytesIO
from typing import Any

import pytest

from api.home import Home
from tests.api.refusals.test_refusals import wrong
from tests.api.rest.conftest import Api, basic


def test_refusals_are_listed_and_settled(writing: Api) -> None:
    for number in range(3):
        assert writing.post("/submissions", wrong(number)).status_code == 422
    first = writing.body("/refusals?state=open&source=rest&limit=2")
    assert (first["total"], len(first["items"])) == (3, 2)
    rest = writing.body(f"/refusals?state=open&source=rest&limit=2&cursor={first['next']}")
    assert len(rest["items"]) == 1
    assert rest["next"] is None
    (kept,) = rest["items"]
    assert kept["sender"] == "luutru"
    assert kept["faults"][0]["path"] == "/patient/name"
    assert kept["remedies"]
    settled = writing.post(f"/refusals/{kept['refusal_id']}/settle")
    assert settled.json is not None
    assert settled.json["settled_by"] == "luutru"
    assert writing.post(f"/refusals/{kept['refusal_id']}/settle").json == settled.json
    assert writing.body("/refusals?state=open")["total"] == 2
    assert writing.get("/refusals?cursor=x").status_code == 400


def test_a_body_of_parts_without_a_record_is_kept(writing: Api) -> None:
    data = {"file": (BytesIO(b"x"), "a.pdf")}
    answer = writing.call("POST", "/submissions", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    (kept,) = writing.body("/refusals")["items"]
    assert kept["faults"][0]["code"] == "request.part_missing"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": b"x", "content_type": "text/plain"}, 415),
        ({"data": b"{}", "content_type": "application/json", "content_encoding": "gzip"}, 415),
        ({"data": b"x" * 2000, "content_type": "application/json"}, 413),
        ({"data": {"record": "x" * 2000}, "content_type": "multipart/form-data"}, 413),
    ],
)
def test_a_body_that_is_not_read_is_kept_with_what_to_do(
    writing: Api, options: dict[str, Any], status: int
) -> None:
    writing.app.config["MAX_CONTENT_LENGTH"] = 1000
    if encoding := options.pop("content_encoding", None):
        options["headers"] = {"Content-Encoding": encoding}
    for _ in range(2):
        assert writing.call("POST", "/submissions", **options).status_code == status
    assert writing.as_(basic("doc")).call("POST", "/submissions", **options).status_code == 403
    assert writing.call("POST", "/search", data=b"x", content_type="text/plain").status_code == 415
    (kept,) = writing.body("/refusals")["items"]
    assert (kept["name"], kept["times"]) == (options["content_type"], 2)
    code = {413: "request.too_large", 415: "request.media_type"}[status]
    assert [fault["code"] for fault in kept["faults"]] == [code]
    assert "HIS" in kept["remedies"][-1]["vi"]


def test_the_worklist_names_the_list_of_refusals(writing: Api, own_home: Home) -> None:
    writing.post("/submissions", wrong())
    line = writing.body("/charts/worklist")["items"][-1]
    assert (line["name"], line["count"], line["list"]) == ("refused", 1, "refusals")
    assert line["filter"] == {"state": "open"}
    reader = writing.as_(basic("doc"))
    assert reader.get("/refusals").status_code == 403
    assert json.dumps(reader.body("/charts/worklist")).count("refused") == 0
