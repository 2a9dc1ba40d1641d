"""A chart of several departments (`K03;K19`) is a chart of each of them, wherever one is asked for.

On each make of catalogue.
"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, update

from api.access.scopes import departments_of
from api.home import Home
from api.reading.archive import ReadableArchive
from api.upkeep.maintenance import rebuild
from archive.access.scope import Scope
from archive.acts.signed_acts import CatalogueAltered
from archive.acts.stated_charts import require_stated
from archive.base.errors import NotFound
from archive.catalog import projection
from archive.catalog.listings import ChartFilter, Order
from archive.catalog.tables import ChartDepartmentRow, ChartRow
from tests.fixtures.browsing import counted_queries
from tests.fixtures.home import CLERK, chart, paper, take

BOTH, K19 = "LK000001", "LK000002"


@pytest.fixture(params=["fresh_home", "postgres_homes"])
def home(request: pytest.FixtureRequest) -> Home:
    """A home with a chart of K03 and K19, one of K19, and one without a department."""
    make: Callable[[], Home] = request.getfixturevalue(request.param)
    home = make()
    take(home, of(1, " K03 ;K19;; K03"), of(2, "K19"), of(3, None))
    return home


def of(number: int, department: str | None, **changes: Any) -> dict[str, Any]:
    """Return a chart that states `department`."""
    stated = chart(number, **changes)
    return stated | {"chart": stated["chart"] | {"department": department}}


def limited(home: Home, *departments: str) -> Scope:
    return Scope(home.code, frozenset(departments))


def listed(home: Home, scope: Scope, department: str | None = None) -> list[str]:
    """Return the episodes of the table of charts; the page of the API must have the same."""
    records, wanted = home.open_for_reading().records, ChartFilter(department=department)
    table = records.chart_table(wanted, Order("episode", False), 9, 0, CLERK, scope)
    page = records.charts(wanted, 9, None, CLERK, scope)
    episodes = [each.chart.facts.episode for each in table.charts]
    assert sorted(each.facts.episode for each in page) == episodes
    assert table.total == len(episodes)
    return episodes


def hits(archive: ReadableArchive, scope: Scope, typed: str) -> int:
    return archive.search.find(typed, CLERK, scope).total


@pytest.mark.parametrize(
    ("department", "episodes"),
    [
        ("K03", [BOTH]),
        ("K19", [BOTH, K19]),
        ("K19; K03", [BOTH]),
        ("K0", []),
        ("k03", []),
        (";", []),
    ],
)
def test_a_filter_finds_a_chart_by_each_of_its_departments(
    home: Home, department: str, episodes: list[str]
) -> None:
    assert listed(home, home.scope, department) == episodes


def test_a_person_of_one_of_the_departments_sees_the_chart_and_no_other(home: Home) -> None:
    assert listed(home, limited(home, "K03")) == [BOTH]
    assert listed(home, limited(home, "K03", "K19")) == [BOTH, K19]
    assert listed(home, limited(home, "K03"), "K19") == [BOTH]
    assert listed(home, limited(home, "K1"), "K19") == []
    assert listed(home, limited(home)) == []
    records = home.open_for_reading().records
    assert records.chart_of_episode(BOTH, CLERK, limited(home, "K03")).documents
    with pytest.raises(NotFound):
        records.chart_of_episode(K19, CLERK, limited(home, "K03"))


def test_a_search_finds_it_by_each_code_each_name_and_in_each_scope(home: Home) -> None:
    archive, every = home.open_for_reading(), home.scope
    for typed in ("khoa K03", "khoa:k03", "khoa:K03;K19", 'khoa:"nội tổng hợp"', "nội tổng hợp"):
        assert hits(archive, every, typed) == 1, typed
    assert hits(archive, every, "khoa K19") == 2
    assert hits(archive, limited(home, "K03"), "") == 1
    assert hits(archive, limited(home, "K03;K19"), "") == 0


def test_lists_of_departments_have_single_codes(home: Home) -> None:
    departments = home.open_for_reading().departments
    assert departments.of_charts(home.scope) == ["K03", "K19"]
    assert departments.names().title("K03;K19") == "Khoa Nội tổng hợp; Khoa Ngoại tổng hợp"


def test_a_chart_that_changes_its_departments_leaves_the_old_ones(home: Home) -> None:
    take(home, of(1, "K19;K11", papers=[paper("2")]))
    assert listed(home, home.scope, "K03") == []
    assert listed(home, home.scope, "K11") == [BOTH]
    assert listed(home, limited(home, "K03")) == []
    assert hits(home.open_for_reading(), home.scope, "khoa K03") == 0


def test_a_rebuild_gives_the_same_rows(home: Home) -> None:
    def rows() -> list[bytes]:
        with home.catalog.read() as session:
            return list(projection.lines(session))

    before = rows()
    assert sum(b'"table":"chart_department"' in line for line in before) == 3
    rebuild(home)
    assert rows() == before


@pytest.mark.parametrize(
    "statement",
    [
        delete(ChartDepartmentRow).where(ChartDepartmentRow.code == "K03"),
        update(ChartDepartmentRow).where(ChartDepartmentRow.code == "K03").values(code="K04"),
    ],
)
def test_departments_that_no_act_states_are_noticed(home: Home, statement: Any) -> None:
    with home.catalog.write() as session:
        session.execute(statement)
    with home.catalog.read() as session, pytest.raises(CatalogueAltered):
        require_stated(home.signed, session, session.query(ChartRow).filter_by(episode=BOTH).one())


def test_a_table_of_charts_asks_as_much_for_many_charts_as_for_few(home: Home) -> None:
    def queries() -> int:
        with counted_queries(home) as statements:
            listed(home, limited(home, "K03"), "K19")
        return len(statements)

    before = queries()
    take(home, *(of(number, "K03;K19") for number in range(4, 8)))
    assert queries() == before


def test_an_account_is_limited_to_each_of_the_codes_that_are_typed() -> None:
    assert departments_of("reader", ["K19; K03", "K03"]) == ["K03", "K19"]
