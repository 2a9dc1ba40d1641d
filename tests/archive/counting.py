"""Counting the work of a piece of code: what it executes, which no busy machine changes."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps(work: Callable[[], object]) -> int:
    """Return how many calls of Python and C functions, and lines of Python, `work` executes."""
    count = 0

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return line

    def call(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += 1

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(line)
    sys.setprofile(call)
    try:
        work()
    finally:
        sys.setprofile(before[1])
        sys.settrace(before[0])
    return count


def must_be_linear(work: Callable[[int], object], size: int, times: int = 8) -> None:
    """Fail where `work` of `times` the size takes much more than `times` the steps (a square would
    take its square).
    """
    work(size)  # what is made once (tables, patterns) does not count
    small, large = steps(lambda: work(size)), steps(lambda: work(times * size))
    assert large <= 2 * times * small, f"{small} steps became {large} for {times} times the size"
