"""Charts as JSON cost the same number of questions however many documents they have."""

from collections.abc import Callable

from api.home import Home
from api.views import chart_view
from archive.catalog import records
from tests.fixtures.browsing import counted_queries
from tests.fixtures.home import chart, paper, take


def test_a_chart_asks_as_often_with_four_documents_as_with_one(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    small, large = take(
        home, chart(1), chart(2, papers=[paper(str(number)) for number in range(4)])
    )
    asked = []
    for result, documents in ((small, 1), (large, 4)):
        letterhead = home.open_for_reading().letterhead
        with home.catalog.read() as session, counted_queries(home) as statements:
            shown = chart_view(
                session, records.chart(session, result.receipts[0].chart_id, home.scope), letterhead
            )
        asked.append(len(statements))
        assert len(shown["documents"]) == documents
        assert all(document["lock"]["mode"] == "COMPLIANCE" for document in shown["documents"])
    assert asked[0] == asked[1]
