"""Leases: named exclusive rights that end with their holder, even when it is killed.

The embedded home holds them as file locks (flock); the kernel releases them with the process.
"""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from archive.bilingual import Text
from archive.errors import KhoError, Unavailable


class LeaseHeld(KhoError):
    """Another process holds the lease and did not let go in time."""

    code = "lease.held"
    http_status = 409
    exit_code = 11
    what = Text("Một tiến trình khác đang làm việc này.", "Another process is doing this.")
    remedy = Text("Chờ một lát rồi thử lại.", "Wait a moment, then try again.")


class Leases(Protocol):
    """Gives out leases by name."""

    def hold(self, name: str, *, timeout: float = 60.0) -> AbstractContextManager[None, bool | None]:
        """Hold the lease `name` for a `with` block, waiting at most `timeout` seconds.

        Raises LeaseHeld, and Unavailable where no lease can be held at all.
        """
        ...


class FileLeases:
    """Leases of one home, as locked files in `folder`, which is made when the first lease is held.

    A lease is not re-entrant across instances.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, name: str, *, timeout: float = 60.0) -> Iterator[None]:
        """Hold the lease `name`; `timeout` 0 tries once. Raises LeaseHeld; Unavailable for a home that is read-only."""
        # The name may hold an episode key: only its digest becomes a file name.
        lock = FileLock(self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.lock")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire(timeout=timeout, poll_interval=0.01)
        except Timeout as error:  # an OSError, too
            raise LeaseHeld from error
        except OSError as error:
            raise Unavailable(component=str(self._folder), why=error.strerror or type(error).__name__) from error
        try:
            yield
        finally:
            lock.release()
