"""The state of components for frequent callers: one caller at a time asks them, and its answer is
reused for a moment.
"""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

FRESH = 2.0  # seconds; callers need not sign in, so anyone could ask very often


T = TypeVar("T")


class Probe(Generic[T]):
    """Asks the components of one home by `components`. Safe for threads."""

    def __init__(self, components: Callable[[], T]) -> None:
        self._components, self._guard = components, threading.Lock()
        self._made = 0.0
        self._answer: T | None = None

    def ask(self) -> T:
        """Return what `components` returns, or returned a moment ago.

        While one caller asks, others get the earlier answer: a slow component does not occupy every
        thread.
        """
        earlier = self._answer
        if not self._guard.acquire(blocking=earlier is None):
            assert earlier is not None  # else this call had waited for its turn
            return earlier
        try:
            answer = self._answer
            if answer is None or time.monotonic() - self._made > FRESH:
                answer = self._answer = self._components()
                self._made = time.monotonic()
            return answer
        finally:
            self._guard.release()
