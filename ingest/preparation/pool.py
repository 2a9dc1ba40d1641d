"""The pool: worker processes prepare papers, one paper a core at a time; a worker that fails is
replaced.

Sealing holds Python's lock (GIL) for most of its time, so threads would wait for each other;
processes do not. Each worker keeps its compilers, its key and its connection to the TSA. A document
that a worker has not sent whole counts as not prepared: nothing is acknowledged before the parent
has received and stored it.

A file may occupy its worker for an hour (text recognition). So files never get the last worker: it
is for papers.
"""

import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import structlog

from archive.base.errors import KhoError
from ingest.preparation.contract import PreparationFailed, Result, Task, holds_file
from ingest.preparation.worker_process import Opens, WorkerLost, WorkerProcess

CHUNK = 8  # papers that a worker gets at once: enough to ask for several timestamps together
TRIES = 2  # of a single paper, before the pool gives it up
# Seconds without a word from a worker that renders and seals: a TSA may take 15 s each time.
PAPER_SECONDS = 180.0
# The same for a file: converting and text recognition have limits of their own below this.
FILE_SECONDS = 5400.0

log = structlog.get_logger(__name__)


class WorkerPool:
    """Prepares papers in `processes` processes. Safe to share between threads; close it when done.

    At most `processes` - 1 files are prepared at once, but one always may be. Processes are started
    when they are needed, or all by :meth:`warm`. `seconds` is how long a worker may send nothing
    while it prepares papers (for a file, :data:`FILE_SECONDS`).
    """

    def __init__(self, opens: Opens, processes: int, *, seconds: float = PAPER_SECONDS) -> None:
        self._opens, self._processes, self._seconds = opens, processes, seconds
        self._idle: queue.LifoQueue[WorkerProcess] = queue.LifoQueue()
        # Files have a queue of their own. A chunk from either queue takes one of the turns; there
        # is one for each worker.
        self._papers = ThreadPoolExecutor(processes, "kho-pool")
        self._files = ThreadPoolExecutor(max(1, processes - 1), "kho-pool-files")
        self._turns = threading.BoundedSemaphore(processes)
        self._all: set[WorkerProcess] = set()
        self._lock = threading.Lock()
        self._closed = False
        self.is_warm = False

    @property
    def processes(self) -> list[int]:
        """Return the ids of the processes that run now."""
        with self._lock:
            return [worker.pid for worker in self._all]

    def warm(self) -> None:
        """Start every process and wait until all are ready.

        Raises the error that a process starts with.
        """
        workers = [self._start() for _ in range(self._processes - len(self.processes))]
        for worker in workers:
            worker.wait_until_ready()
            self._idle.put(worker)
        self.is_warm = True

    def prepare(self, tasks: Sequence[Task]) -> Iterator[Result]:
        """See :meth:`ingest.preparation.contract.Preparer.prepare`. What is ready is yielded also
        where another task fails.

        Raises as the preparer in the worker does, for one of the tasks that failed;
        :class:`PreparationFailed` where workers died or hung over the same task.
        """
        call = _Call()
        running = [
            (self._files if chunk.holds_file else self._papers).submit(self._run, chunk)
            for chunk in _chunks(tasks, self._processes, call)
        ]
        for each in running:
            each.add_done_callback(lambda _: call.results.put(None))
        try:
            yield from call.until_ended(len(running))
        finally:
            call.is_over.set()  # the caller may have closed this generator before the end
        _raise_first(running)

    def close(self) -> None:
        """End every process; those in the middle of something are killed."""
        with self._lock:
            self._closed, workers, self._all = True, self._all, set()
        for worker in workers:
            worker.end()
        for line in (self._papers, self._files):
            line.shutdown(wait=True, cancel_futures=True)

    def _run(self, chunk: "_Chunk") -> None:
        """Have `chunk` prepared: together at first; then what a dead worker left, one by one."""
        try:
            self._attempt(chunk)
            for single in chunk.singles():
                for _ in range(TRIES):
                    self._attempt(single)
                if not single.is_done:
                    raise PreparationFailed(
                        why_vi="mọi lần thử đều thất bại", why_en="every attempt failed"
                    )
        except BaseException:
            chunk.call.is_over.set()
            raise

    def _attempt(self, chunk: "_Chunk") -> None:
        """Have what `chunk` still lacks prepared in one worker, which may be lost over it."""
        with self._turns:
            if chunk.is_done:
                return
            worker = self._take()
            try:
                seconds = FILE_SECONDS if chunk.holds_file else self._seconds
                for result in worker.prepare(chunk.left, seconds):
                    chunk.put(result)
            except WorkerLost as lost:
                log.warning(
                    "pool.worker_lost", pid=worker.pid, why=str(lost), papers=len(chunk.left)
                )
                self._forget(worker)
            except BaseException:
                self._give_back(worker)
                raise
            else:
                self._give_back(worker)

    def _take(self) -> WorkerProcess:
        """Return an idle worker, or a new one: the caller holds a turn, and there is one turn for
        each worker.
        """
        with suppress(queue.Empty):
            return self._idle.get_nowait()
        return self._start()

    def _give_back(self, worker: WorkerProcess) -> None:
        if worker.is_worn:
            log.info(
                "pool.worker_replaced",
                pid=worker.pid,
                memory=worker.memory,
                papers=worker.papers,
            )
            self._forget(worker)
        else:
            self._idle.put(worker)

    def _start(self) -> WorkerProcess:
        worker = WorkerProcess(self._opens)
        with self._lock:
            if not self._closed:
                self._all.add(worker)
                return worker
        worker.end()
        raise PreparationFailed(why_vi="Kho đang dừng", why_en="Kho is stopping")

    def _forget(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.end()


class _Call:
    """One call of :meth:`WorkerPool.prepare`: its results as they come, and whether it is over."""

    def __init__(self) -> None:
        self.results: queue.SimpleQueue[Result | None] = queue.SimpleQueue()
        self.is_over = threading.Event()

    def until_ended(self, chunks: int) -> Iterator[Result]:
        """Yield results until each of the `chunks` has put its None."""
        while chunks:
            result = self.results.get()
            if result is None:
                chunks -= 1
            else:
                yield result


class _Chunk:
    """Tasks of one call that one worker gets at once."""

    def __init__(self, call: _Call, tasks: Iterable[Task]) -> None:
        self.call = call
        self._waiting = {task.document_id: task for task in tasks}
        self.holds_file = any(map(holds_file, self._waiting.values()))

    @property
    def left(self) -> list[Task]:
        """The tasks that have no result."""
        return list(self._waiting.values())

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do, or no caller waits for it any more."""
        return not self._waiting or self.call.is_over.is_set()

    def put(self, result: Result) -> None:
        """Hand a result over to the caller."""
        self._waiting.pop(result.document_id)
        self.call.results.put(result)

    def singles(self) -> list["_Chunk"]:
        """Return a chunk for each task that is left."""
        return [_Chunk(self.call, [task]) for task in self.left]


def _chunks(tasks: Sequence[Task], processes: int, call: _Call) -> Iterator[_Chunk]:
    """Divide `tasks` among the workers: each file alone, papers in chunks of about equal size,
    :data:`CHUNK` at most.
    """
    papers = [task for task in tasks if not holds_file(task)]
    yield from (_Chunk(call, [task]) for task in tasks if holds_file(task))
    size = max(1, min(CHUNK, -(-len(papers) // processes)))
    for start in range(0, len(papers), size):
        yield _Chunk(call, papers[start : start + size])


def _raise_first(running: Sequence["Future[None]"]) -> None:
    """Raise the first error; errors of Kho come before others, because they say more."""
    errors = [error for each in running if (error := each.exception()) is not None]
    for error in sorted(errors, key=lambda error: not isinstance(error, KhoError)):
        raise error
