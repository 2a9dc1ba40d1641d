"""Readiness for frequent callers: one caller at a time asks the components, and its answer is
reused for a moment.
"""

import threading
import time
from typing import Any

from api.home import Home
from api.upkeep.readiness import readiness

FRESH = 2.0  # seconds; callers need not sign in, so anyone could ask very often


class Probe:
    """Asks the components of one home. Safe for threads."""

    def __init__(self, home: Home) -> None:
        self._home, self._guard = home, threading.Lock()
        self._made, self._answer = 0.0, dict[str, Any]()

    def ask(self) -> dict[str, Any]:
        """Return what :func:`api.upkeep.readiness.readiness` says, or said a moment ago.

        While one caller asks, others get the earlier answer: a slow component does not occupy every
        thread.
        """
        if not self._guard.acquire(blocking=not self._answer):
            return self._answer
        try:
            if not self._answer or time.monotonic() - self._made > FRESH:
                self._answer = readiness(self._home)
                self._made = time.monotonic()
            return self._answer
        finally:
            self._guard.release()
