"""Courses in flight: results in order, waiting done together, faults passed on."""

import threading
import time
from collections.abc import Generator

import pytest

from signing.concurrent_requests import run_concurrently
from tests.waiting import PATIENCE


def course(number: int, questions: int = 2) -> Generator[int, int, tuple[int, int]]:
    said = 0
    for _ in range(questions):
        said += yield number
    return number, said


def test_results_come_in_order_whichever_is_answered_first() -> None:
    def ask(number: int) -> int:
        time.sleep(0.02 if number % 3 == 0 else 0)
        return number * 10

    answers = list(run_concurrently((course(number) for number in range(10)), ask, lambda: 4))
    assert answers == [(number, number * 20) for number in range(10)]


def test_only_so_many_are_under_way_and_all_wait_together() -> None:
    together = threading.Barrier(3, timeout=PATIENCE)
    under_way: list[int] = []

    def begin(number: int) -> Generator[int, int, int]:
        under_way.append(number)
        assert len(under_way) <= 3
        yield number
        under_way.remove(number)
        return number

    def ask(number: int) -> int:
        together.wait()  # passes only where three wait at the same time
        return number

    assert list(run_concurrently(map(begin, range(9)), ask, lambda: 3)) == list(range(9))


def test_the_work_itself_is_done_by_one_thread() -> None:
    def begin(number: int) -> Generator[int, int, int]:
        before = threading.get_ident()
        yield number
        assert threading.get_ident() == before == threading.main_thread().ident
        return number

    assert list(run_concurrently(map(begin, range(5)), lambda number: number, lambda: 5)) == list(
        range(5)
    )


def test_a_course_without_questions_simply_ends() -> None:
    assert list(
        run_concurrently(
            (course(number, 0) for number in range(3)), lambda number: number, lambda: 2
        )
    ) == [
        (0, 0),
        (1, 0),
        (2, 0),
    ]


def test_a_fault_ends_it_after_what_came_before() -> None:
    def ask(number: int) -> int:
        if number == 2:
            raise ConnectionError
        return number

    results = run_concurrently((course(number) for number in range(5)), ask, lambda: 1)
    assert [next(results), next(results)] == [(0, 0), (1, 2)]
    with pytest.raises(ConnectionError):
        next(results)


def test_results_left_early_leave_no_threads() -> None:
    before = threading.active_count()
    results = run_concurrently(
        (course(number) for number in range(50)), lambda number: number, lambda: 8
    )
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
