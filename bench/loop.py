"""The loop of a program under measurement: it repeats an operation as often as requested and
reports the time.

Peers and Kho's own programs use the same loop. Lines in: a number. Lines out: JSON. Standard
library only.
"""

import json
import os
import sys
import time
from collections.abc import Callable

CORE = "BENCH_CORE"  # the environment variable that names the core


def pin() -> None:
    """Pin the process to the core that the environment names."""
    if core := os.environ.get(CORE):
        os.sched_setaffinity(0, {int(core)})


def serve(operation: Callable[[], int], warm_up: int = 2) -> None:
    """Answer requests until standard input ends.

    `operation` returns how many bytes it made or read.
    """
    for _ in range(warm_up):
        operation()
    _say({"ready": True})
    for line in sys.stdin:
        count, size = int(line), 0
        started, worked = time.perf_counter(), time.process_time()
        for _ in range(count):
            size += operation()
        spent = time.perf_counter() - started, time.process_time() - worked
        _say({"count": count, "seconds": spent[0], "own_cpu": spent[1], "bytes": size})


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
