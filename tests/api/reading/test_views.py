"""Charts as JSON cost the same number of questions however many documents they have."""

from collections.abc import Callable

from api.home import Home
from api.reading.views import chart_view
from tests.fixtures.browsing import counted_queries
from tests.fixtures.home import CLERK, chart, paper, take


def test_a_chart_asks_as_often_with_four_documents_as_with_one(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    small, large = take(
        home, chart(1), chart(2, papers=[paper(str(number)) for number in range(4)])
    )
    asked = []
    for result, documents in ((small, 1), (large, 4)):
        archive = home.open_for_reading()
        with counted_queries(home) as statements:
            chart_id = result.receipts[0].chart_id
            history = archive.records.chart(chart_id, CLERK, home.scope)
            shown = chart_view(history, archive.letterhead, archive.papers)
        asked.append(len(statements))
        assert len(shown["documents"]) == documents
        assert all(document["lock"]["mode"] == "COMPLIANCE" for document in shown["documents"])
    assert asked[0] == asked[1]
