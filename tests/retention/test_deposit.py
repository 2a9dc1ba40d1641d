"""Deposit: one number, one term, every lock read back at its date, and only forward."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from api.home import Home
from api.upkeep.maintenance import checker, rebuild
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.clock import FixedClock, SystemClock, vietnam_date
from archive.base.errors import Denied, IntegrityError, NotFound, NotReady
from archive.base.identifiers import ObjectKey
from archive.catalog.operations import ObservationRow, OutboxRow
from archive.catalog.tables import ChartRow, DocumentRow
from archive.vault.contract import LockNotConfirmed, LockRefused
from tests.fixtures.home import CLERK, chart, paper, take

Homes = Callable[[], Home]


def chart_id(home: Home, number: int = 1, **changes: object) -> str:
    return take(home, chart(number, **changes))[0].receipts[0].chart_id


def test_a_deposit_issues_the_next_number_and_locks_everything(fresh_home: Homes) -> None:
    home = fresh_home()
    first, second = chart_id(home, 1, papers=[paper("1"), paper("2")]), chart_id(home, 2)
    deposited = home.open_for_writing().deposits.deposit(first, CLERK, home.scope)
    two = home.open_for_writing().deposits.deposit(second, CLERK, home.scope)
    assert (deposited.archive_number[4:], two.archive_number[4:]) == ("-000001", "-000002")
    assert deposited.objects == 4  # two documents, the accession's act and the deposit's own
    locked = [
        s
        for s in home.vault.list(f"{home.code}/")
        if s.lock and s.lock.retain_until == deposited.retain_until
    ]
    assert len(locked) == deposited.objects + two.objects


def test_depositing_again_gives_the_same_answer_and_no_act(fresh_home: Homes) -> None:
    home = fresh_home()
    chart = chart_id(home)
    assert home.open_for_writing().deposits.deposit(
        chart, CLERK, home.scope
    ) == home.open_for_writing().deposits.deposit(chart, CLERK, home.scope)
    assert home.sequencer.catch_up() == 0
    assert len(list(home.vault.list(f"{home.code}/acts/"))) == 3


@pytest.mark.parametrize("ends", [False, True], ids=["no end", "ends later today"])
def test_a_chart_whose_treatment_goes_on_is_not_ready(fresh_home: Homes, ends: bool) -> None:
    home = fresh_home()
    midnight = f"{vietnam_date(home.clock.now()).isoformat()}T23:59:59.999999+07:00"
    facts = {**chart()["chart"], "discharged_at": midnight if ends else None}
    with pytest.raises(NotReady):
        home.open_for_writing().deposits.deposit(chart_id(home, chart=facts), CLERK, home.scope)


def test_an_unknown_chart_and_one_outside_the_scope_are_the_same(fresh_home: Homes) -> None:
    home = fresh_home()
    mine = chart_id(home)
    with pytest.raises(NotFound):
        home.open_for_writing().deposits.deposit(
            "01a205ab-c8ec-76b8-b498-5c2d72a56be7", CLERK, home.scope
        )
    with pytest.raises(NotFound):
        home.open_for_writing().deposits.deposit(mine, CLERK, Scope(home.code, frozenset({"K09"})))


def test_a_reader_may_not_deposit(fresh_home: Homes) -> None:
    home = fresh_home()
    with pytest.raises(Denied):
        home.open_for_writing().deposits.deposit(
            chart_id(home), Actor("Bác sĩ Thử", "reader"), home.scope
        )


def test_a_lock_is_never_shortened(fresh_home: Homes) -> None:
    home = fresh_home()
    (result,) = take(home, chart())
    receipt = result.receipts[0]
    deposited = home.open_for_writing().deposits.deposit(receipt.chart_id, CLERK, home.scope)
    with pytest.raises(LockRefused):
        home.vault.extend(ObjectKey(receipt.object_key), receipt.version_id, receipt.retain_until)
    lock = home.vault.stat(ObjectKey(receipt.object_key), receipt.version_id).lock
    assert lock is not None
    assert lock.retain_until == deposited.retain_until


def lock_file(home: Home, key: str) -> Path:
    return home.folder / "vault" / f"{key}.lock"


def one_object(home: Home, chart: str) -> str:
    with home.catalog.read() as session:
        row = session.get(ChartRow, chart)
        assert row is not None
        return row.documents[0].object_key


def acts(home: Home) -> int:
    return len(list(home.vault.list(f"{home.code}/acts/")))


@pytest.mark.parametrize("fault", ["no lock", "torn lock", "no object"])
def test_a_broken_object_refuses_its_own_chart_before_any_act_and_no_other(
    fresh_home: Homes, fault: str
) -> None:
    home = fresh_home()
    broken, whole = chart_id(home, 1), chart_id(home, 2)
    key = one_object(home, broken)
    file = home.folder / "vault" / key if fault == "no object" else lock_file(home, key)
    file.unlink()
    if fault == "torn lock":
        file.write_bytes(b"{")
    before = acts(home)
    with pytest.raises(IntegrityError, match=key):
        home.open_for_writing().deposits.deposit(broken, CLERK, home.scope)
    assert acts(home) == before
    assert (
        home.open_for_writing()
        .deposits.deposit(whole, CLERK, home.scope)
        .archive_number.endswith("-000001")
    )
    home.follow_ups.run()
    assert not home.follow_ups.outbox.pending()


def test_a_lock_that_breaks_after_the_deposit_stops_no_other_lock(
    fresh_home: Homes, capsys: pytest.CaptureFixture[str]
) -> None:
    home = fresh_home()
    first, second = chart_id(home, 1, papers=[paper("1"), paper("2")]), chart_id(home, 2)
    home.open_for_writing().deposits.deposit(first, CLERK, home.scope)
    home.follow_ups.run()
    key = one_object(home, first)
    lock_file(home, key).unlink()
    rebuild(home)  # every chart is due again
    with home.catalog.write() as session:
        session.query(ObservationRow).delete()
    home.open_for_writing().deposits.deposit(second, CLERK, home.scope)
    (later,) = take(home, chart(3))  # follows up, and is not refused
    assert later.receipts
    assert {row.subject for row in due(home)} == {first}
    assert f"code=object.damaged object={key}" in capsys.readouterr().out
    assert not home.follow_ups.outbox.pending("ledger", "index")
    with pytest.raises(IntegrityError, match=key):
        home.open_for_writing().deposits.deposit(first, CLERK, home.scope)
    with home.catalog.read() as session:  # its other objects were seen to all the same
        assert (
            session.query(ObservationRow)
            .filter(ObservationRow.object_key.contains("/documents/"))
            .count()
            == 3
        )


def due(home: Home) -> list[OutboxRow]:
    with home.catalog.read() as session:
        return session.query(OutboxRow).filter_by(topic="locks").all()


def test_one_broken_rolling_lock_keeps_no_other_from_being_renewed(fresh_home: Homes) -> None:
    home = fresh_home()
    broken, whole = one_object(home, chart_id(home, 1)), one_object(home, chart_id(home, 2))
    lock_file(home, broken).unlink()
    home.close()
    later = FixedClock(SystemClock().now() + timedelta(days=60))
    with Home(home.settings, later) as then:
        with pytest.raises(LockNotConfirmed):
            then.follow_ups.locks.renew()
        lock = then.vault.stat(ObjectKey(whole)).lock
        assert lock is not None
        assert lock.retain_until > later.now() + timedelta(days=80)
        then.follow_ups.run()  # an ingest that was acknowledged is not refused for it


def test_a_chart_whose_term_is_over_is_deposited_and_its_locks_left_alone(
    fresh_home: Homes,
) -> None:
    home = fresh_home()
    facts = {
        **chart()["chart"],
        "admitted_at": "2010-01-10T08:00:00+07:00",
        "discharged_at": "2010-01-20T09:00:00+07:00",
    }
    old = home.open_for_writing().deposits.deposit(chart_id(home, chart=facts), CLERK, home.scope)
    assert old.retain_until < home.clock.now()
    home.follow_ups.run()
    assert checker(home).check().faults == []


def test_charts_with_complete_locks_are_known_without_reading_each(
    fresh_home: Homes,
) -> None:
    home = fresh_home()
    charts = [chart_id(home, number, papers=[paper("1"), paper("2")]) for number in (1, 2, 3, 4)]
    home.open_for_writing().deposits.deposit(charts[1], CLERK, home.scope)
    asked = frozenset([*charts, str(home.code)])
    # what belongs to no chart is always looked at
    assert home.follow_ups.locks.settled(asked) == frozenset(charts)
    with home.catalog.write() as session:
        seen = {row.object_key: row for row in session.query(ObservationRow)}
        documents = {
            row.chart_id: row
            for row in session.query(DocumentRow).order_by(DocumentRow.position.desc())
        }
        session.delete(seen[documents[charts[0]].object_key])  # never seen
        # seen to end too early
        seen[documents[charts[1]].object_key].retain_until -= timedelta(days=1)
        # a rolling lock: renewed in its time
        seen[documents[charts[2]].object_key].retain_until -= timedelta(days=1)
    assert home.follow_ups.locks.settled(asked) == frozenset(charts[2:])
