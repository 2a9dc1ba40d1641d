"""Costly work is done by few callers at once. Few wait, and any further caller is refused."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.access.concurrency_limit import ConcurrencyLimit
from api.access.turns import Busy
from tests.waiting import PATIENCE, until


def test_a_caller_beyond_the_queue_is_refused_at_once_and_the_waiting_get_their_turn() -> None:
    turns, begun, go_on, done = (
        ConcurrencyLimit(1, 1, 30.0, Busy),
        threading.Event(),
        threading.Event(),
        [],
    )

    def work(name: str) -> None:
        with turns.held():
            begun.set()
            go_on.wait(PATIENCE)
            done.append(name)

    first = threading.Thread(target=work, args=("first",))
    first.start()
    begun.wait(PATIENCE)
    second = threading.Thread(target=work, args=("second",))
    second.start()
    until(lambda: turns.taken == turns.most, "the second has taken its place")
    with pytest.raises(Busy), turns.held():
        pass
    go_on.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    assert done == ["first", "second"]
    with turns.held():
        pass


def test_a_caller_that_waits_too_long_is_refused_and_leaves_its_place() -> None:
    turns = ConcurrencyLimit(1, 1, 0.01, Busy)
    with turns.held():
        for _ in range(3):
            with pytest.raises(Busy), turns.held():
                pass


def test_one_caller_never_holds_every_turn_nor_every_place() -> None:
    turns = ConcurrencyLimit(2, 1, 30.0, Busy)
    with turns.held("a"), turns.held("b"):  # the second caller works beside the first
        pass
    others = ThreadPoolExecutor(1)
    with turns.held("a"):
        release = threading.Event()

        def wait() -> None:
            with turns.held("a"):  # there is a turn, and it is for another caller
                release.set()

        waiting = others.submit(wait)
        while turns.taken < 2:
            assert not waiting.done()
        with pytest.raises(Busy), turns.held("a"):
            pass
        with turns.held("b"):
            assert not release.is_set()
        assert not release.is_set()
    assert release.wait(30)  # the first turn ended, so the caller's next request has it
    others.shutdown()


def test_a_caller_has_no_more_than_its_share_of_the_places() -> None:
    turns = ConcurrencyLimit(4, 0, 0.0, Busy, share=2)
    with turns.held("a"), turns.held("a"):
        with pytest.raises(Busy), turns.held("a"):
            pass
        with turns.held("b"), turns.held("b"):
            pass
