"""The home that most tests of keeping begin with."""

from collections.abc import Callable

import pytest

from api.home import Home
from tests.fixtures.home import CLERK, chart, take


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with two charts, one deposited: four acts."""
    home = fresh_home()
    results = take(home, chart(1), chart(2))
    home.open_for_writing().deposits.deposit(results[0].receipts[0].chart_id, CLERK, home.scope)
    home.follow_ups.run()
    return home
