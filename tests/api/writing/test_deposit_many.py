"""Many charts are deposited one after another, each with its own result."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from api.home import Home
from api.writing.deposit_many import deposit_many
from archive.access.actor import Actor
from archive.base.clock import FixedClock, SystemClock
from archive.base.errors import Denied, NotFound, NotReady
from archive.coordination.writing_clock import ClockBehind
from tests.fixtures.home import CLERK, chart, take


def chart_ids(home: Home) -> list[str]:
    """Return the ids of three charts; the treatment of the second goes on."""
    going_on = {**chart(2)["chart"], "discharged_at": None}
    results = take(home, chart(1), chart(2, chart=going_on), chart(3))
    return [result.receipts[0].chart_id for result in results]


def test_a_chart_that_is_refused_stops_no_other(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    first, second, third = chart_ids(home)
    unknown = "00000000-0000-7000-8000-000000000000"
    deposits = home.open_for_writing().deposits
    asked = [first, second, unknown, third, first]
    results = list(deposit_many(deposits, asked, CLERK, home.scope))
    assert [result.chart_id for result in results] == [first, second, unknown, third]
    numbers = [result.deposited and result.deposited.archive_number[5:] for result in results]
    assert numbers == ["000001", None, None, "000002"]
    assert isinstance(results[1].error, NotReady)
    assert isinstance(results[2].error, NotFound)


def test_after_an_error_of_the_archive_no_further_chart_is_tried(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    ids = chart_ids(home)
    home.close()
    with Home(home.settings, FixedClock(SystemClock().now() - timedelta(days=1))) as behind:
        deposits = behind.open_for_writing().deposits
        results = list(deposit_many(deposits, [ids[0], ids[2]], CLERK, behind.scope))
    assert all(result.deposited is None for result in results)
    assert isinstance(results[0].error, ClockBehind)
    assert results[0].error is results[1].error


def test_a_role_that_may_not_deposit_is_refused_before_the_first_chart(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    deposits = home.open_for_writing().deposits
    with pytest.raises(Denied):
        list(deposit_many(deposits, [], Actor("Bác sĩ", "reader"), home.scope))
