"""The worklist counts exactly the charts of the list that it leads to, within scope and role."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from api.home import Home
from api.reading.typed_filters import chart_filter
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.errors import Denied
from tests.fixtures.browsing import counted_queries
from tests.fixtures.home import CLERK, chart, paper, take


def discharged(days_ago: int, home: Home) -> dict[str, Any]:
    """Return a chart's facts whose treatment ended so many days ago."""
    ended = home.clock.now() - timedelta(days=days_ago)
    return {**chart()["chart"], "admitted_at": None, "discharged_at": ended.isoformat()}


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with four charts: overdue, of last week, still in treatment, and deposited."""
    home = fresh_home()
    stays = (
        discharged(8, home),
        discharged(7, home),
        {**discharged(0, home), "discharged_at": None},
    )
    charts = [
        chart(number, chart={**stay, "episode": f"LK{number}", "department": f"K0{number}"})
        for number, stay in enumerate(stays, 1)
    ]
    results = take(home, *charts, chart(9, papers=[paper("1")]))
    home.open_for_writing().deposits.deposit(results[3].receipts[0].chart_id, CLERK, home.scope)
    return home


def counts(home: Home, actor: Actor = CLERK, *departments: str) -> dict[str, int]:
    """Return the worklist of a caller."""
    scope = Scope(home.code, frozenset(departments) or None)
    counted = home.open_for_reading().worklist.counted(actor, scope)
    return {each.work.name: each.count for each in counted}


def test_each_line_counts_what_waits(home: Home) -> None:
    assert counts(home) == {
        "received_today": 4,
        "ready": 0,
        "papers_missing": 2,
        "overdue": 1,
        "receipts_awaited": 0,
        "refused": 0,
    }


def test_each_count_is_the_total_of_its_list(home: Home) -> None:
    archive = home.open_for_reading()
    for each in archive.worklist.counted(CLERK, home.scope):
        if each.work.listed != "charts":
            continue
        charts = archive.records.charts(chart_filter(each.work.typed), 100, None, CLERK, home.scope)
        assert len(charts) == each.count, each.work.name


def test_a_caller_counts_the_own_departments_and_the_own_work(home: Home) -> None:
    assert counts(home, CLERK, "K02")["papers_missing"] == 1
    assert counts(home, CLERK, "K02")["received_today"] == 1
    assert counts(home, Actor("Bác sĩ", "reader")) == {"received_today": 4}
    with pytest.raises(Denied):
        counts(home, Actor("Quản trị", "admin"))


def test_two_queries_count_all(home: Home) -> None:
    archive = home.open_for_reading()
    with counted_queries(home) as statements:
        archive.worklist.counted(CLERK, home.scope)
    assert len([each for each in statements if each.startswith("SELECT")]) == 2
