"""The server's follower does what is due; what fails waits for itself alone."""

import json
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from api.access.accounts import Account
from api.access.sessions import RECENT, Sessions
from api.home import Home
from api.upkeep.background_worker import BackgroundWorker
from api.writing.intake import Intake
from archive.access.actor import Actor
from archive.catalog.operations import IdempotentRequestRow, ObservationRow, SessionRow
from tests.fixtures.home import CLERK, chart, take
from tests.waiting import until


def test_a_lock_that_cannot_be_settled_keeps_no_chart_from_being_found(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    receipt = take(home, chart(1))[0].receipts[0]
    home.open_for_writing().deposits.deposit(receipt.chart_id, CLERK, home.scope)
    (home.folder / "vault" / f"{receipt.object_key}.lock").unlink()
    with home.catalog.write() as session:
        session.query(ObservationRow).filter_by(object_key=receipt.object_key).delete()
    list(
        Intake(home.open_for_writing(), CLERK, home.scope).take(
            "test.json", json.dumps(chart(2)).encode()
        )
    )
    with BackgroundWorker(home, home.follow_ups) as follower:
        follower.wake()
        until(
            lambda: not home.follow_ups.outbox.pending("ledger", "index"),
            "ledger and index are fed",
        )
    assert not home.follow_ups.outbox.pending("ledger", "index")
    assert home.follow_ups.outbox.pending("locks")


def test_answers_that_were_kept_for_a_day_are_forgotten_after_it(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    now = home.clock.now()
    with home.catalog.write() as session:
        for name, ends in (
            ("over", now - timedelta(seconds=1)),
            ("alive", now + timedelta(hours=1)),
        ):
            session.add(IdempotentRequestRow(id=name, request="0" * 64, expires_at=ends))
    with BackgroundWorker(home, home.follow_ups):
        until(lambda: "over" not in kept(home), "the old answer is forgotten")
    assert kept(home) == {"alive"}


def test_sessions_that_ended_a_while_ago_are_forgotten(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    lan = Account(Actor("lan", "reader"), home.scope, mark="")
    ended = Sessions(home.catalog, home.code, home.clock, -RECENT, -RECENT)
    ended.begin(lan, "over", None)
    Sessions.of_home(home).begin(lan, "alive", None)
    with BackgroundWorker(home, home.follow_ups):
        until(lambda: len(browsers(home)) == 1, "the session that ended is forgotten")
    assert browsers(home) == {"alive"}


def browsers(home: Home) -> set[str]:
    with home.catalog.read() as session:
        return set(session.scalars(select(SessionRow.browser)))


def kept(home: Home) -> set[str]:
    with home.catalog.read() as session:
        return set(session.scalars(select(IdempotentRequestRow.id)))
