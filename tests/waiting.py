"""Waiting in tests: for an event, however busy the machine is.

The limit below only ends what hangs.
"""

import time
from collections.abc import Callable

PATIENCE = 300.0  # seconds; no test asserts on it, and no test passes by its end


def until(condition: Callable[[], object], what: str) -> None:
    """Return as soon as `condition()` is true; fail with `what` was waited for when it never
    becomes so.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what}: waited {PATIENCE:.0f} s in vain"
        time.sleep(0.02)
