"""The state of components for frequent callers: one caller at a time asks them, and its answer is
reused for a moment.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

FRESH = 2.0  # seconds; callers need not sign in, so anyone could ask very often


class Probe:
    """Asks the components of one home by `components`. Safe for threads."""

    def __init__(self, components: Callable[[], dict[str, Any]]) -> None:
        self._components, self._guard = components, threading.Lock()
        self._made, self._answer = 0.0, dict[str, Any]()

    def ask(self) -> dict[str, Any]:
        """Return what `components` returns, or returned a moment ago.

        While one caller asks, others get the earlier answer: a slow component does not occupy every
        thread.
        """
        if not self._guard.acquire(blocking=not self._answer):
            return self._answer
        try:
            if not self._answer or time.monotonic() - self._made > FRESH:
                self._answer = self._components()
                self._made = time.monotonic()
            return self._answer
        finally:
            self._guard.release()
