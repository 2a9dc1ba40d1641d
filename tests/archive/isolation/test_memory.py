"""Reserved memory stays within its total, for children that read files, too."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path

import pytest

from archive.isolation.child import MEMORY, Limits, isolated
from archive.isolation.memory import Memory, MemoryBusy, machine_memory
from archive.isolation.programs import run_confined


def works(seconds: float) -> bytes:
    """Say when it began and ended, by the clock that all processes of a machine share."""
    began = time.monotonic()
    time.sleep(seconds)
    return f"{began} {time.monotonic()}".encode()


def at_once(spans: list[tuple[float, float]]) -> int:
    """Return how many of `spans` there were at the busiest moment."""
    changes = sorted([(began, 1) for began, _ in spans] + [(ended, -1) for _, ended in spans])
    return max(accumulate(change for _, change in changes))


def test_children_together_stay_within_the_machine_s_memory() -> None:
    third = Limits(seconds=30, memory=MEMORY.total // 3)

    def child(_: int) -> tuple[float, float]:
        began, ended = isolated(third, works, 0.5).split()
        return float(began), float(ended)

    isolated(third, works, 0)  # what children are forked from is there
    with ThreadPoolExecutor(7) as threads:
        spans = list(threads.map(child, range(7)))
    assert at_once(spans) <= 3


def test_a_program_that_is_not_ours_counts_too(tmp_path: Path) -> None:
    half = Limits(seconds=30, memory=MEMORY.total // 2)

    def program(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        assert run_confined(["/bin/sleep", "0.5"], folder, half) == 0

    began = time.monotonic()
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(program, range(6)))
    assert time.monotonic() - began > 1.4, "three pairs, one after the other"


def test_a_caller_above_the_budget_runs_alone_and_a_long_wait_is_an_error() -> None:
    memory = Memory(10, patience=0.05)
    with memory.held(4), memory.held(6):
        with pytest.raises(MemoryBusy), memory.held(1):
            pass
        with pytest.raises(MemoryBusy), memory.held(11):
            pass
    with memory.held(11), pytest.raises(MemoryBusy), memory.held(1):
        pass
    with memory.held(10):
        pass


def test_a_waiting_caller_gets_the_memory_when_it_is_released() -> None:
    memory, done = Memory(10, patience=30), list[str]()

    def wait() -> None:
        with memory.held(6):
            done.append("second")

    waiting = threading.Thread(target=wait)
    with memory.held(6):
        waiting.start()
        time.sleep(0.1)
        done.append("first")
    waiting.join(30)
    assert done == ["first", "second"]


def test_what_this_process_may_use_is_known() -> None:
    assert 1 << 28 < machine_memory() < 1 << 50
