"""`POST /v1/charts/deposit`: many charts, a result for each, and twice is once."""

from uuid import uuid4

import pytest

from api.home import Home
from archive.catalog.listings import ChartFilter
from tests.api.rest.conftest import Api, basic, make_app
from tests.fixtures.home import CLERK, chart, take


@pytest.fixture
def ids(own_home: Home) -> list[str]:
    """Two charts, and a third whose treatment goes on."""
    going_on = {**chart(3)["chart"], "discharged_at": None}
    take(own_home, chart(1), chart(2), chart(3, chart=going_on))
    records = own_home.open_for_reading().records
    listed = records.charts(ChartFilter(), 10, None, CLERK, own_home.scope)
    return [each.id for each in reversed(listed)]


def test_each_chart_has_its_result_and_twice_is_once(
    own_home: Home, writing: Api, ids: list[str]
) -> None:
    unknown = str(uuid4())
    first = writing.post("/charts/deposit", {"chart_ids": [*ids, unknown, ids[0]]})
    assert first.status_code == 200
    assert first.json is not None
    items = first.json["items"]
    assert [item["chart_id"] for item in items] == [*ids, unknown]
    assert [item["deposited"] is not None for item in items] == [True, True, False, False]
    assert [item["problem"] and item["problem"]["code"] for item in items] == [
        None,
        None,
        "chart.not_ready",
        "record.unknown",
    ]
    acts = len(list(own_home.vault.list(f"{own_home.code}/acts/")))
    assert writing.post("/charts/deposit", {"chart_ids": [*ids, unknown]}).json == first.json
    assert len(list(own_home.vault.list(f"{own_home.code}/acts/"))) == acts


@pytest.mark.parametrize("chart_ids", [[], ["no id"], [str(uuid4())] * 201])
def test_what_is_no_list_of_charts_is_refused(writing: Api, chart_ids: list[str]) -> None:
    assert writing.post("/charts/deposit", {"chart_ids": chart_ids}).status_code == 422


def test_a_reader_deposits_nothing(own_home: Home, ids: list[str]) -> None:
    reader = Api(make_app(own_home), basic("doc"))
    assert reader.post("/charts/deposit", {"chart_ids": ids}).status_code == 403
