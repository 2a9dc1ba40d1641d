"""The one way in: each paper goes through a batch to this process, or to the pool once that is
warm.

One paper need not wait for the pool: processes are started once there are enough papers.
"""

import threading
from collections.abc import Iterator, Sequence

import structlog

from ingest.files.jobs import Job
from ingest.preparation.batching import Batching
from ingest.preparation.contract import Prepared, Preparer, Rendered, RenderOnly, Result, Task
from ingest.preparation.pool import WorkerPool

# Papers that make it worth to start processes, which costs about as much as preparing ten.
ENOUGH = 24
# Papers that are prepared here before it is looked again whether the pool is warm.
STEP = 4
log = structlog.get_logger(__name__)


class Preparation:
    """Prepares papers, by `here` in this process until `pool` is warm; then there.

    Safe to share between threads. Close it when done. The pool is warmed in the background when
    `enough` papers came, or by :meth:`warm`. At most `turns` batches are prepared at once.
    """

    def __init__(
        self,
        here: Preparer,
        pool: WorkerPool | None = None,
        *,
        turns: int = 1,
        enough: int = ENOUGH,
    ) -> None:
        self._here, self._pool, self._enough = here, pool, enough
        self._batching = Batching(self._run, turns)
        self._warming: threading.Thread | None = None
        self._seen = 0
        self._lock = threading.Lock()

    def prepare(self, papers: Sequence[Job | Rendered]) -> Iterator[Prepared]:
        """Yield each paper sealed as soon as it is ready, in any order.

        Raises SubmissionRejected for a paper that can never be done, Unavailable where a service
        that sealing needs is away, PreparationFailed where workers die over it.
        """
        for result in self._batching.prepare(papers):
            assert isinstance(result, Prepared)
            yield result

    def render(self, jobs: Sequence[Job]) -> Iterator[Rendered]:
        """Yield each paper without a seal: it waits for a person, and :meth:`prepare` seals it
        later. Raises as :meth:`prepare` does.
        """
        for result in self._run([RenderOnly(job) for job in jobs]):
            assert isinstance(result, Rendered)
            yield result

    def warm(self, *, wait: bool = False) -> None:
        """Start the pool in the background; with `wait`, return when it is warm or cannot be.

        Where it cannot be started, papers are prepared here, only slower.
        """
        if self._pool is not None:
            with self._lock:
                if self._warming is None:
                    self._warming = threading.Thread(
                        target=self._warm, args=(self._pool,), name="kho-warm-pool", daemon=True
                    )
                    self._warming.start()
            if wait:
                self._warming.join()

    def close(self) -> None:
        """End the pool."""
        if self._pool is not None:
            self._pool.close()
        if self._warming is not None:
            self._warming.join()

    def _run(self, tasks: Sequence[Task]) -> Iterator[Result]:
        self._seen += len(tasks)
        if self._seen >= self._enough:
            self.warm()
        if self._pool is None:
            yield from self._here.prepare(tasks)
            return
        left = list(tasks)
        while left and not self._pool.is_warm:
            now, left = left[:STEP], left[STEP:]
            yield from self._here.prepare(now)
        if left:
            yield from self._pool.prepare(left)

    @staticmethod
    def _warm(pool: WorkerPool) -> None:
        try:
            pool.warm()
        except Exception as error:  # noqa: BLE001 - without it everything is done here, only slower
            log.warning("pool.not_started", error=type(error).__name__)
