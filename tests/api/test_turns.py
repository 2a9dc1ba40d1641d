"""Dear things are done by few at once; few wait, and whoever comes beyond them is told at once."""

import threading

import pytest

from api.rest.errors import Busy
from api.turns import Turns
from tests.waiting import PATIENCE, until


def test_whoever_comes_when_enough_wait_is_told_at_once_and_the_waiting_get_their_turn() -> None:
    turns, begun, go_on, done = Turns(1, 1, 30.0, Busy), threading.Event(), threading.Event(), []

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
    until(lambda: not turns._places._value, "the second has taken its place")
    with pytest.raises(Busy), turns.held():
        pass
    go_on.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    assert done == ["first", "second"]
    with turns.held():
        pass


def test_who_waits_too_long_is_told_and_leaves_the_place_free() -> None:
    turns = Turns(1, 1, 0.01, Busy)
    with turns.held():
        for _ in range(3):
            with pytest.raises(Busy), turns.held():
                pass
