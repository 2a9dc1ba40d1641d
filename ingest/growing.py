"""Prepares papers in this process at first, in the pool once there are enough: one paper need not
wait for it.
"""

import threading
from collections.abc import Iterator, Sequence

import structlog

from ingest.files.jobs import Job
from ingest.pool import WorkerPool
from ingest.preparation import Prepared, Preparer

# papers that make it worth to start processes, which costs about as much as preparing ten
ENOUGH = 24
STEP = 4  # papers that are prepared here before it is looked again whether the pool is ready
log = structlog.get_logger(__name__)


class GrowingPreparer:
    """Prepares in this process (`here`) until `pool` is warm; then there. Close it when done.

    The pool is warmed in the background when `enough` papers came, or by :meth:`warm`.
    """

    def __init__(self, here: Preparer, pool: WorkerPool, *, enough: int = ENOUGH) -> None:
        self._here, self._pool, self._enough = here, pool, enough
        self._warming: threading.Thread | None = None
        self._seen = 0
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Start the pool in the background; where it cannot be started, preparing goes on here."""
        with self._lock:
            if self._warming is None:
                self._warming = threading.Thread(
                    target=self._warm, name="kho-warm-pool", daemon=True
                )
                self._warming.start()

    def wait(self) -> None:
        """Return when the pool is warm, or could not be warmed;
        at once if warming was not started.
        """
        if self._warming is not None:
            self._warming.join()

    def prepare(self, jobs: Sequence[Job]) -> Iterator[Prepared]:
        """See :meth:`ingest.preparation.Preparer.prepare`."""
        self._seen += len(jobs)
        if self._seen >= self._enough:
            self.warm()
        left = list(jobs)
        while left and not self._pool.is_warm:
            now, left = left[:STEP], left[STEP:]
            yield from self._here.prepare(now)
        if left:
            yield from self._pool.prepare(left)

    def close(self) -> None:
        """End the pool."""
        self._pool.close()
        self.wait()

    def _warm(self) -> None:
        try:
            self._pool.warm()
        except Exception as error:  # noqa: BLE001 - without it everything is done here, only slower
            log.warning("pool.not_started", error=type(error).__name__)
