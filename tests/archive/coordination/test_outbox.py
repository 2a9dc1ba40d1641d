"""Work that follows acts is done at least once, by one process at a time, and stays due until it is
done.
"""

from datetime import timedelta

import pytest

from archive.base.errors import IntegrityError
from archive.catalog.operations import OutboxRow
from archive.coordination.outbox import FIRST_WAIT, SMALL_PORTION, Outbox
from archive.vault.contract import VaultUnreachable
from tests.archive.conftest import CODE, Ground


def owe(ground: Ground, *subjects: str, topic: str = "index") -> None:
    with ground.catalog.write() as session:
        session.add_all(
            OutboxRow(facility=CODE, topic=topic, subject=subject) for subject in subjects
        )


def test_what_is_due_is_done_once_for_each_subject(ground: Ground) -> None:
    done: list[frozenset[str]] = []
    owe(ground, "a", "b", "a")
    outbox = Outbox(ground.catalog, CODE, ground.leases, ground.clock, {"index": done.append})
    assert outbox.drain()
    assert done == [frozenset({"a", "b"})]
    assert not outbox.pending()


def test_what_failed_is_still_due(ground: Ground) -> None:
    def fail(_: frozenset[str]) -> None:
        raise RuntimeError

    owe(ground, "a")
    with pytest.raises(RuntimeError):
        Outbox(ground.catalog, CODE, ground.leases, ground.clock, {"index": fail}).drain()
    done: list[frozenset[str]] = []
    assert Outbox(ground.catalog, CODE, ground.leases, ground.clock, {"index": done.append}).drain()
    assert done == [frozenset({"a"})]


def test_what_comes_while_work_is_done_is_done_too(ground: Ground) -> None:
    done: list[frozenset[str]] = []

    def work(subjects: frozenset[str]) -> None:
        if not done:
            owe(ground, "later")
        done.append(subjects)

    owe(ground, "first")
    assert Outbox(ground.catalog, CODE, ground.leases, ground.clock, {"index": work}).drain()
    assert done == [frozenset({"first"}), frozenset({"later"})]


def test_a_topic_that_another_process_drains_is_left_to_it(ground: Ground) -> None:
    owe(ground, "a")
    outbox = Outbox(ground.catalog, CODE, ground.leases, ground.clock, {"index": lambda _: None})
    with ground.leases.hold(f"outbox/{CODE}/index"):
        assert not outbox.drain()
    assert outbox.drain()


def test_only_the_named_topics_are_drained(ground: Ground) -> None:
    done: list[frozenset[str]] = []
    owe(ground, "a")
    owe(ground, "b", topic="ledger")
    outbox = Outbox(
        ground.catalog,
        CODE,
        ground.leases,
        ground.clock,
        {"index": done.append, "ledger": done.append},
    )
    assert outbox.drain("ledger")
    assert done == [frozenset({"b"})]
    assert outbox.pending("index")


def test_of_a_topic_that_is_done_one_by_one_only_the_failed_stay_due(ground: Ground) -> None:
    done: list[str] = []

    def work(subject: str) -> None:
        if subject == "b":
            raise IntegrityError(object=subject)
        done.append(subject)

    owe(ground, "a", "b", "c", "b")
    outbox = Outbox(ground.catalog, CODE, ground.leases, ground.clock, {}, each={"index": work})
    with pytest.raises(IntegrityError, match="b"):
        outbox.drain()
    assert done == ["a", "c"]
    with ground.catalog.read() as session:
        assert {row.subject for row in session.query(OutboxRow)} == {"b"}
    assert Outbox(
        ground.catalog, CODE, ground.leases, ground.clock, {}, each={"index": done.append}
    ).drain()


def test_while_the_store_is_away_nothing_more_is_tried(ground: Ground) -> None:
    tried: list[str] = []

    def away(subject: str) -> None:
        tried.append(subject)
        raise VaultUnreachable(component="S3", why="test")

    owe(ground, "a", "b")
    with pytest.raises(VaultUnreachable):
        Outbox(ground.catalog, CODE, ground.leases, ground.clock, {}, each={"index": away}).drain()
    assert tried == ["a"]


def test_where_somebody_waits_no_more_is_begun_after_a_while_and_the_rest_stays_due(
    ground: Ground,
) -> None:
    done: list[frozenset[str]] = []
    owe(ground, *(str(number) for number in range(2 * SMALL_PORTION + 1)))
    outbox = Outbox(ground.catalog, CODE, ground.leases, ground.clock, {"index": done.append})
    assert not outbox.drain("index", within=-1)
    assert done == []
    assert outbox.drain("index", within=60)
    assert [len(some) for some in done] == [SMALL_PORTION, SMALL_PORTION, 1]
    assert not outbox.pending()


def test_subjects_without_anything_to_do_need_no_handler(ground: Ground) -> None:
    done: list[str] = []
    owe(ground, "a", "idle", "b", "idle", topic="locks")
    outbox = Outbox(
        ground.catalog,
        CODE,
        ground.leases,
        ground.clock,
        {},
        {"locks": done.append},
        {"locks": lambda due: due & {"idle"}},
    )
    assert outbox.drain()
    assert done == ["a", "b"]
    assert not outbox.pending()


def test_what_a_handler_leaves_waits_longer_each_time_and_delays_no_other(ground: Ground) -> None:
    done: list[frozenset[str]] = []
    bad = {"b"}

    def work(subjects: frozenset[str]) -> frozenset[str]:
        done.append(subjects)
        return subjects & bad

    owe(ground, "a", "b", "b", "c")
    outbox = Outbox(ground.catalog, CODE, ground.leases, ground.clock, {"index": work})
    assert outbox.drain()
    assert done == [frozenset("abc")]
    assert (outbox.pending(), outbox.waiting("index"), outbox.postponed("index")) == (False, 0, 1)
    for wait in (FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT):
        ground.clock.moment += wait - timedelta(seconds=1)
        outbox.drain()
        assert not outbox.pending()
        ground.clock.moment += timedelta(seconds=1)
        assert outbox.pending()
        outbox.drain()
    assert done[1:] == [frozenset("b")] * 3
    bad.clear()
    owe(ground, "b")  # new work of the subject does not wait
    assert outbox.drain()
    assert (len(done), outbox.postponed("index")) == (5, 0)
