"""Deposit: one number, one term, every lock read back at its date, and only forward."""

from collections.abc import Callable

import pytest

from api.home import Home
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.errors import Denied, NotReady, Unknown
from archive.identifiers import ObjectKey
from archive.vault.contract import LockRefused
from tests.fixtures.home import CLERK, chart, paper, take

Homes = Callable[[], Home]


def chart_id(home: Home, number: int = 1, **changes: object) -> str:
    return take(home, chart(number, **changes))[0].receipts[0].chart_id


def test_a_deposit_issues_the_next_number_and_locks_everything(fresh_home: Homes) -> None:
    home = fresh_home()
    first, second = chart_id(home, 1, papers=[paper("1"), paper("2")]), chart_id(home, 2)
    one = home.deposits.deposit(first, CLERK, home.scope)
    two = home.deposits.deposit(second, CLERK, home.scope)
    assert (one.archive_number[4:], two.archive_number[4:]) == ("-000001", "-000002")
    assert one.objects == 4  # two documents, the accession's act and the deposit's own
    locked = [s for s in home.vault.list(f"{home.code}/") if s.lock and s.lock.retain_until == one.retain_until]
    assert len(locked) == one.objects + two.objects


def test_depositing_again_gives_the_same_answer_and_no_act(fresh_home: Homes) -> None:
    home = fresh_home()
    chart = chart_id(home)
    assert home.deposits.deposit(chart, CLERK, home.scope) == home.deposits.deposit(chart, CLERK, home.scope)
    assert home.sequencer.catch_up() == 0
    assert len(list(home.vault.list(f"{home.code}/acts/"))) == 3


@pytest.mark.parametrize("discharged", [None, "2099-01-01T00:00:00+07:00"], ids=["no end", "ends in the future"])
def test_a_chart_whose_treatment_goes_on_is_not_ready(fresh_home: Homes, discharged: str | None) -> None:
    home = fresh_home()
    facts = {**chart()["chart"], "discharged_at": discharged}
    with pytest.raises(NotReady):
        home.deposits.deposit(chart_id(home, chart=facts), CLERK, home.scope)


def test_an_unknown_chart_and_one_outside_the_scope_are_the_same(fresh_home: Homes) -> None:
    home = fresh_home()
    mine = chart_id(home)
    with pytest.raises(Unknown):
        home.deposits.deposit("01a205ab-c8ec-76b8-b498-5c2d72a56be7", CLERK, home.scope)
    with pytest.raises(Unknown):
        home.deposits.deposit(mine, CLERK, Scope(home.code, frozenset({"K09"})))


def test_a_reader_may_not_deposit(fresh_home: Homes) -> None:
    home = fresh_home()
    with pytest.raises(Denied):
        home.deposits.deposit(chart_id(home), Actor("Bác sĩ Thử", "reader"), home.scope)


def test_a_lock_is_never_shortened(fresh_home: Homes) -> None:
    home = fresh_home()
    (result,) = take(home, chart())
    receipt = result.receipts[0]
    deposited = home.deposits.deposit(receipt.chart_id, CLERK, home.scope)
    with pytest.raises(LockRefused):
        home.vault.extend(ObjectKey(receipt.object_key), receipt.version_id, receipt.retain_until)
    lock = home.vault.stat(ObjectKey(receipt.object_key), receipt.version_id).lock
    assert lock is not None
    assert lock.retain_until == deposited.retain_until
