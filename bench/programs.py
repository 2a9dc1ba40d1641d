"""Programs under measurement, seen from the bench: started pinned to a core, asked for rounds, and
ended.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.loop import CORE


@dataclass(frozen=True, slots=True)
class Round:
    """What one operation took, on average over a round: seconds of the clock, and of both sides'
    CPU.
    """

    seconds: float
    own_cpu: float
    services_cpu: float
    bytes: float

    @property
    def without_services(self) -> float:
        """Return the seconds that remain when the test services' own work is taken out."""
        return max(self.seconds - self.services_cpu, 1e-9)


class Program:
    """A running program that answers in the form of `bench/loop.py`."""

    def __init__(self, process: subprocess.Popen[str], services_cpu: Callable[[], float]) -> None:
        self._process, self._services_cpu = process, services_cpu
        self._answer()

    def round(self, count: int) -> Round:
        """Have the operation done `count` times."""
        before = self._services_cpu()
        assert self._process.stdin is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        said = self._answer()
        services = self._services_cpu() - before
        return Round(
            said["seconds"] / count,
            said["own_cpu"] / count,
            services / count,
            said["bytes"] / count,
        )

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with code {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def running(
    module: str,
    *arguments: object,
    core: int | None = 0,
    services_cpu: Callable[[], float] = lambda: 0.0,
) -> Iterator[Program]:
    """Run `python -m module arguments` until the end of the block."""
    pinned = {} if core is None else {CORE: str(core)}
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", module, *map(str, arguments)],
        env={**os.environ, **pinned, "KHO_LOG_LEVEL": "error"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Program(process, services_cpu)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def side_by_side(
    ours: Program, peer: Program, rounds: int, counts: tuple[int, int]
) -> list[tuple[Round, Round]]:
    """Let both do rounds of `counts` (ours, peer) alternately, so that a busy moment of the machine
    affects both.
    """
    return [(ours.round(counts[0]), peer.round(counts[1])) for _ in range(rounds)]


def ratio(pairs: Sequence[tuple[Round, Round]], of: Callable[[Round], float]) -> float:
    """Return how many times as much the peer takes, in the median round."""
    return statistics.median(of(peer) / of(ours) for ours, peer in pairs)


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
