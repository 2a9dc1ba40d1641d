"""A clock that is wrong locks nothing, numbers nothing and dates nothing out of order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from api.home import Home
from api.upkeep.maintenance import checker
from archive.base.clock import FixedClock, SystemClock, vietnam_date
from archive.base.errors import Unavailable
from archive.catalog.tables import ActRow, ChartRow, NumberRow
from archive.coordination.writing_clock import (
    TOLERANCE,
    ClockBehind,
    ClockUnconfirmed,
    WritingClock,
)
from archive.vault.contract import Stored
from tests.fixtures.home import CLERK, chart, json_lines, kho, take
from tests.judges.missing import unjudged

Homes = Callable[[], Home]
AHEAD = timedelta(days=20 * 365)


def away() -> datetime:
    raise Unavailable(component="TSA", why="no answer")


@pytest.fixture
def home(fresh_home: Homes) -> Home:
    """A home with one chart; its clock is right."""
    home = fresh_home()
    take(home, chart(1))
    home.follow_ups.run()
    return home


def stored(home: Home) -> list[Stored]:
    return [home.vault.stat(each.key, each.version) for each in home.vault.list(f"{home.code}/")]


def at(home: Home, moment: datetime, witness: Callable[[], datetime]) -> Home:
    """Return the same home under a clock that says `moment`, with another source of time."""
    return Home(home.settings, FixedClock(moment), witness)


@pytest.mark.parametrize("witness", ["right", "away"])
def test_a_clock_20_years_ahead_locks_and_numbers_nothing(home: Home, witness: str) -> None:
    right = home.clock.now()
    before = stored(home)
    with home.catalog.read() as session:
        chart_id = session.scalars(select(ChartRow.id)).one()
    with at(home, right + AHEAD, (lambda: right) if witness == "right" else away) as ahead:
        doors: dict[str, Callable[[], object]] = {
            "deposit": lambda: ahead.open_for_writing().deposits.deposit(
                chart_id, CLERK, ahead.scope
            ),
            "renewal of locks": ahead.follow_ups.locks.renew,
            "what follows each command": ahead.follow_ups.run,
            "the vault itself": lambda: ahead.vault.extend(
                before[0].key, before[0].version, right + AHEAD
            ),
        }
        for name, door in doors.items():
            with pytest.raises(ClockUnconfirmed):
                pytest.fail(f"{name}: {door()}")
    assert stored(home) == before
    with home.catalog.read() as session:
        assert session.scalars(select(NumberRow)).all() == []
    deposited = home.open_for_writing().deposits.deposit(chart_id, CLERK, home.scope)
    assert deposited.archive_number.startswith(f"{vietnam_date(right).year}-")
    assert deposited.locked == deposited.objects, "every lock was read back at its date"


def test_a_jump_that_the_tsa_bears_out_is_no_fault(home: Home) -> None:
    later = home.clock.now() + timedelta(days=60)
    with at(home, later, lambda: later) as then:
        assert then.follow_ups.locks.renew() > 0


def test_reading_asks_the_clock_nothing(home: Home) -> None:
    with at(home, home.clock.now() + AHEAD, away) as ahead:
        assert ahead.open_for_reading().facility.code
        assert checker(ahead).check().checked["acts"] == 2


def test_nothing_is_written_before_the_last_act(home: Home) -> None:
    earlier = home.clock.now() - timedelta(days=2)
    with home.catalog.read() as session:
        chart_id = session.scalars(select(ChartRow.id)).one()
    with at(home, earlier, lambda: earlier) as behind, pytest.raises(ClockBehind):
        behind.open_for_writing().deposits.deposit(chart_id, CLERK, behind.scope)


def test_acts_are_dated_in_their_order_where_clocks_differ_a_little(home: Home) -> None:
    slow = home.clock.now() - timedelta(minutes=2)
    with home.catalog.read() as session:
        chart_id = session.scalars(select(ChartRow.id)).one()
    with at(home, slow, lambda: slow) as behind:
        behind.open_for_writing().deposits.deposit(chart_id, CLERK, behind.scope)
    with home.catalog.read() as session:
        times = list(session.scalars(select(ActRow.time).order_by(ActRow.index)))
    assert times == sorted(times)
    assert len(times) == 3


def test_a_person_may_state_the_day(home: Home) -> None:
    later = home.clock.now() + timedelta(days=60)
    stated = home.settings.clock.model_copy(update={"confirmed_day": vietnam_date(later)})
    with Home(home.settings.model_copy(update={"clock": stated}), FixedClock(later), away) as then:
        assert then.follow_ups.locks.renew() > 0
    wrong = home.settings.clock.model_copy(
        update={"confirmed_day": vietnam_date(later) - timedelta(days=1)}
    )
    then = Home(home.settings.model_copy(update={"clock": wrong}), FixedClock(later), away)
    with then, pytest.raises(ClockUnconfirmed):
        then.follow_ups.locks.renew()


def test_the_second_source_is_asked_once_a_jump_and_not_at_each_lock() -> None:
    asked: list[datetime] = []
    clock, last = FixedClock(SystemClock().now()), SystemClock().now() - timedelta(days=10)

    def witness() -> datetime:
        asked.append(clock.now())
        return clock.now() + TOLERANCE / 2

    writing_clock = WritingClock(clock, last=lambda: last, witness=witness, span=timedelta(days=3))
    for _ in range(100):
        writing_clock.now()
    assert len(asked) == 1
    clock.moment += timedelta(days=4)
    writing_clock.now()
    assert len(asked) == 2


FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def test_a_process_whose_clock_is_faked_locks_nothing(home_folder: Path) -> None:
    if FAKETIME is None:
        unjudged("libfaketime is not installed")
    with Home.open(home_folder) as home:
        chart_id = take(home, chart(1))[0].receipts[0].chart_id
        home.follow_ups.run()
        before = stored(home)
    done = kho(
        home_folder,
        "deposit",
        chart_id,
        "--json",
        env={"LD_PRELOAD": str(FAKETIME), "FAKETIME": "+20y", "DONT_FAKE_MONOTONIC": "1"},
    )
    assert json_lines(done.stdout)[0]["error"]["code"] == "clock.unconfirmed"
    assert done.returncode == 11
    with Home.open(home_folder) as home:
        assert stored(home) == before
