"""Leases: named exclusive rights that end with their holder, even when it is killed.

The embedded home holds them as file locks (flock); the kernel releases them with the process. Homes
that share a catalogue on PostgreSQL share its leases, too: :mod:`archive.catalog.advisory_leases`.
"""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog
from filelock import FileLock, Timeout

from archive.base.errors import KhoError, Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)


class LeaseHeld(KhoError):
    """Another process holds the lease and did not let go in time."""

    code = "lease.held"


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that is held.

    `session` is the database session that holds it; None where the lease ends only with the
    process. A holder that must not write after it lost the lease writes through this session:
    `Catalog.under`.
    """

    session: "Connection | None" = None


class Leases(Protocol):
    """Gives out leases by name."""

    def hold(
        self, name: str, *, timeout: float = 60.0
    ) -> AbstractContextManager[Lease, bool | None]:
        """Hold the lease `name` for a `with` block, waiting at most `timeout` seconds.

        With 0 it tries once.

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
    def hold(self, name: str, *, timeout: float = 60.0) -> Iterator[Lease]:
        """Hold the lease `name`; `timeout` 0 tries once.

        Raises LeaseHeld; Unavailable for a home that is read-only.
        """
        # The name may hold an episode key: only its digest becomes a file name.
        lock = FileLock(
            self._folder
            / f"{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.lock"
        )
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire(timeout=timeout, poll_interval=0.01)
        except Timeout as error:  # an OSError, too
            raise LeaseHeld from error
        except OSError as error:
            # the path is not for a network client
            log.warning("leases.unavailable", folder=str(self._folder))
            raise Unavailable(
                component="leases", why=error.strerror or type(error).__name__
            ) from error
        try:
            yield Lease()
        finally:
            lock.release()
