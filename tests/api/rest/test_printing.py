"""Labels and handover lists over the API."""

import json

from api.home import Home
from tests.api.rest.conftest import Api, basic
from tests.fixtures.home import chart, take

UNKNOWN = "0199f3a1-7c00-7a11-8a31-5b1f6d1f0001"


def test_labels_and_a_handover_list_are_printed(writing: Api, own_home: Home) -> None:
    (result,) = take(own_home, chart(1))
    charts = [result.receipts[0].chart_id]
    for path, body in (
        ("/charts/labels", {"charts": charts, "sheet": "100x50"}),
        ("/charts/handover-list", {"charts": charts}),
    ):
        answer = writing.post(path, body)
        assert answer.status_code == 200, answer.text
        assert answer.content_type == "application/pdf"
        assert answer.data.startswith(b"%PDF-")
        refused = writing.post(path, {"charts": [UNKNOWN]})
        assert json.loads(refused.data)["code"] == "record.unknown"
        assert writing.as_(basic("quantri")).post(path, body).status_code == 403
    refused = writing.post("/charts/labels", {"charts": charts, "sheet": "a5"})
    assert json.loads(refused.data)["code"] == "request.invalid"
