"""A memory budget: the threads that reserve memory at once stay within one total.

A thread beyond it waits.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archive.base.errors import KhoError

# What a container or service may use, where it may use less than the machine has (Linux, cgroup v2
# and v1).
_GROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


class MemoryBusy(KhoError):
    """Other files are being read, and there was no memory for this one in time."""

    code = "memory.busy"


class Memory:
    """A budget of `total` bytes.

    A caller that waits longer than `patience` seconds gets MemoryBusy. Safe for threads.

    Patience is long: callers that read many files at once (`kho ingest`) wait for each other and
    must not be refused.
    """

    def __init__(self, total: int, patience: float = 300.0) -> None:
        self.total, self._patience = total, patience
        self._reserved = 0
        self._changed = threading.Condition()

    @contextmanager
    def held(self, size: int) -> Iterator[None]:
        """Reserve `size` bytes; more than `total` are granted when no other caller holds any.

        Raises MemoryBusy.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._has(size), self._patience):
                raise MemoryBusy
            self._reserved += size
        try:
            yield
        finally:
            with self._changed:
                self._reserved -= size
                self._changed.notify_all()

    def _has(self, size: int) -> bool:
        return self._reserved == 0 or self._reserved + size <= self.total


def machine_memory() -> int:
    """Return how many bytes of memory this process may use.

    It is the machine's memory, or its container's where that is less.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for file in _GROUP_LIMITS:
        with suppress(OSError, ValueError):  # no such file; "max"
            memory = min(memory, int(file.read_text("ascii")))
    return memory
