"""What is read ahead comes in order, errors in their turn,
and no more is asked for than may wait.
"""

import threading
from collections.abc import Iterator

import pytest

from archive.process.read_ahead import AHEAD, THREADS, read_ahead


def test_results_come_in_the_order_of_the_asking() -> None:
    gates = [threading.Event() for _ in range(THREADS)]

    def read(number: int) -> int:
        if number < THREADS:
            for later in gates[number + 1 :]:  # the first are ready last
                assert later.wait(10)
            gates[number].set()
        return number * 2

    assert list(read_ahead(read, range(100))) == [number * 2 for number in range(100)]


def test_nothing_gives_nothing() -> None:
    assert list(read_ahead(str, [])) == []


def test_an_error_comes_after_what_was_before_it() -> None:
    def read(number: int) -> int:
        if number == 3:
            raise ConnectionError
        return number

    ahead = read_ahead(read, range(10))
    assert [next(ahead), next(ahead), next(ahead)] == [0, 1, 2]
    with pytest.raises(ConnectionError):
        next(ahead)


def test_an_error_of_the_asking_comes_after_what_was_asked_before() -> None:
    def items() -> Iterator[int]:
        yield from (1, 2)
        raise ConnectionError

    ahead = read_ahead(str, items())
    assert [next(ahead), next(ahead)] == ["1", "2"]
    with pytest.raises(ConnectionError):
        next(ahead)


def test_no_more_is_asked_for_than_may_wait_and_who_leaves_leaves_no_threads() -> None:
    asked: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            asked.append(number)
            yield number

    ahead = read_ahead(str, items())
    assert next(ahead) == "0"
    assert len(asked) <= AHEAD + 1
    ahead.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kho-read")]
