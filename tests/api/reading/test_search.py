"""What is found is confirmed: an index that is behind shows no caller what has left its scope."""

from collections.abc import Callable

from sqlalchemy import delete, update

from api.home import Home
from archive.access.scope import Scope
from archive.catalog.operations import OutboxRow
from archive.catalog.tables import ChartDepartmentRow, ChartRow
from tests.fixtures.home import CLERK, chart, take


def test_a_stale_index_never_shows_what_has_moved_out_of_the_scope(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    (moved,), (stays,) = (result.receipts for result in take(home, chart(1), chart(3)))
    scope = Scope(home.code, frozenset({"K01"}))
    assert home.open_for_reading().search.find("36/BV2", CLERK, scope).total == 2
    with home.catalog.write() as session:
        session.execute(
            update(ChartRow).where(ChartRow.id == moved.chart_id).values(department="K02")
        )
        session.execute(
            update(ChartDepartmentRow)
            .where(ChartDepartmentRow.chart_id == moved.chart_id)
            .values(code="K02")
        )
        session.execute(delete(OutboxRow))
    results = home.open_for_reading().search.find("36/BV2", CLERK, scope)
    assert (results.total, [hit.document_id for hit in results.hits]) == (1, [stays.document_id])
    assert home.open_for_reading().search.find("36/BV2", CLERK, home.scope).total == 2
