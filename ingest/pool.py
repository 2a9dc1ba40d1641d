"""The pool: worker processes prepare papers, one paper a core at a time; a worker that fails is
replaced.

Sealing holds Python's lock (GIL) for most of its time, so threads would wait for each other;
processes do not. Each worker keeps its compilers, its key and its connection to the TSA. A document
that a worker has not sent whole counts as not prepared: nothing is acknowledged before the parent
has received and stored it.

A file may occupy its worker for an hour (text recognition). So files never get the last worker: it
is for papers.
"""

import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from multiprocessing.connection import Connection
from typing import Any

import structlog

from archive.base.bilingual import Text
from archive.base.errors import KhoError
from archive.base.identifiers import DocumentId
from ingest import worker_protocol
from ingest.files.jobs import FileJob, Job
from ingest.preparation import Prepared, Preparer

CHUNK = 8  # papers that a worker gets at once: enough to ask for several timestamps together
TRIES = 2  # of a single paper, before the pool gives it up
START_SECONDS = 120.0  # a worker imports much, perhaps on a busy machine
# without a word from a worker that renders and seals: a TSA may take 15 s each time
PAPER_SECONDS = 180.0
# the same for a file: converting and text recognition have limits of their own below this
FILE_SECONDS = 5400.0
MOST_MEMORY = 1 << 30  # bytes; a worker that holds more is replaced when it has nothing to do
MOST_PAPERS = 5000  # that a worker prepares before it is replaced

# Makes a preparer in the worker: it is pickled, so it must be a function of a module, or a partial
# of one.
Opens = Callable[[], AbstractContextManager[Preparer]]
log = structlog.get_logger(__name__)


class PreparationFailed(KhoError):
    """A worker process died or hung over a paper, again and again: too little memory, or a fault of
    Kho's.
    """

    code = "preparation.failed"
    http_status = 503
    exit_code = 11
    what = Text(
        "Tiến trình dựng và ký tài liệu bị dừng nhiều lần: {why_vi}.",
        "The process that renders and seals ended again and again: {why_en}.",
    )
    unchanged = Text("Không tài liệu nào được xác nhận là đã lưu.", "No document was acknowledged.")
    remedy = Text(
        "Kiểm tra bộ nhớ của máy rồi gửi lại.", "Check this machine's memory, then send it again."
    )


class WorkerPool:
    """Prepares papers in `processes` processes. Safe to share between threads; close it when done.

    At most `processes` - 1 files are prepared at once, but one always may be. Processes are started
    when they are needed, or all by :meth:`warm`. `seconds` is how long a worker may send nothing
    while it prepares papers (for a file, :data:`FILE_SECONDS`).
    """

    def __init__(self, opens: Opens, processes: int, *, seconds: float = PAPER_SECONDS) -> None:
        self._opens, self._processes, self._seconds = opens, processes, seconds
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        # Files have a queue of their own. A job from either queue takes one of the turns; there is
        # one for each worker.
        self._papers = ThreadPoolExecutor(processes, "kho-pool")
        self._files = ThreadPoolExecutor(max(1, processes - 1), "kho-pool-files")
        self._turns = threading.BoundedSemaphore(processes)
        self._all: set[_Worker] = set()
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

    def prepare(self, jobs: Sequence[Job]) -> Iterator[Prepared]:
        """See :meth:`ingest.preparation.Preparer.prepare`.

        What is ready is yielded also where another job fails.

        Raises as the preparer in the worker does, for one of the jobs that failed;
        :class:`PreparationFailed` where a worker died or hung over the same job twice.
        """
        ready: queue.SimpleQueue[Prepared | None] = queue.SimpleQueue()
        failed = threading.Event()
        running = [
            (self._files if _holds_file(chunk) else self._papers).submit(
                self._run, chunk, ready.put, failed
            )
            for chunk in _chunks(jobs, self._processes)
        ]
        for one in running:
            one.add_done_callback(lambda _: ready.put(None))
        waiting = len(running)
        try:
            while waiting:
                done = ready.get()
                if done is None:
                    waiting -= 1
                else:
                    yield done
        finally:
            failed.set()  # the caller may have closed this generator before the end
        _raise_first(running)

    def close(self) -> None:
        """End every process; those in the middle of something are killed."""
        with self._lock:
            self._closed, workers, self._all = True, self._all, set()
        for worker in workers:
            worker.end()
        for line in (self._papers, self._files):
            line.shutdown(wait=True, cancel_futures=True)

    def _run(
        self, chunk: Sequence[Job], put: Callable[[Prepared], None], failed: threading.Event
    ) -> None:
        """Have `chunk` prepared: together at first; if the worker dies, prepare what is left one by
        one.
        """
        waiting = {job.document_id: job for job in chunk}
        tries = TRIES if len(chunk) == 1 else 1
        try:
            self._attempt(waiting, put, failed, tries)
            for job in list(waiting.values()):
                alone = {job.document_id: job}
                self._attempt(alone, put, failed, TRIES)
                if alone and not failed.is_set():
                    raise PreparationFailed(
                        why_vi="hết số lần thử", why_en="it was tried often enough"
                    )
        except BaseException:
            failed.set()
            raise

    def _attempt(
        self,
        waiting: dict[DocumentId, Job],
        put: Callable[[Prepared], None],
        failed: threading.Event,
        tries: int,
    ) -> None:
        """Have `waiting` prepared in at most `tries` workers; takes out of it what is done."""
        for _ in range(tries):
            with self._turns:
                if failed.is_set() or not waiting:
                    return
                worker = self._take()
                try:
                    for done in worker.prepare(list(waiting.values()), self._patience(waiting)):
                        waiting.pop(done.document_id)
                        put(done)
                except WorkerLost as lost:
                    log.warning(
                        "pool.worker_lost", pid=worker.pid, why=str(lost), papers=len(waiting)
                    )
                    self._forget(worker)
                except BaseException:
                    self._give_back(worker)
                    raise
                else:
                    self._give_back(worker)

    def _patience(self, waiting: dict[DocumentId, Job]) -> float:
        return FILE_SECONDS if _holds_file(waiting.values()) else self._seconds

    def _take(self) -> "_Worker":
        """Return an idle worker, or a new one: the caller holds a turn, and there is one turn for
        each worker.
        """
        with suppress(queue.Empty):
            return self._idle.get_nowait()
        return self._start()

    def _give_back(self, worker: "_Worker") -> None:
        if worker.is_worn:
            log.info(
                "pool.worker_replaced", pid=worker.pid, memory=worker.memory, papers=worker.papers
            )
            self._forget(worker)
        else:
            self._idle.put(worker)

    def _start(self) -> "_Worker":
        worker = _Worker(self._opens)
        with self._lock:
            if not self._closed:
                self._all.add(worker)
                return worker
        worker.end()
        raise PreparationFailed(why_vi="Kho đang dừng", why_en="Kho is stopping")

    def _forget(self, worker: "_Worker") -> None:
        with self._lock:
            self._all.discard(worker)
        worker.end()


class WorkerLost(Exception):
    """A worker died, or sent nothing for too long."""


class _Worker:
    """One process, seen from its parent."""

    def __init__(self, opens: Opens) -> None:
        ours, theirs = socket.socketpair()
        theirs_life, self._life = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - Kho's own module
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "ingest.worker",
                    str(theirs.fileno()),
                    str(theirs_life),
                ],
                pass_fds=(theirs.fileno(), theirs_life),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        finally:
            theirs.close()
            os.close(theirs_life)
        self._connection = Connection(ours.detach())
        self._connection.send(opens)
        self._ready = False
        self.pid, self.memory, self.papers = self._process.pid, 0, 0

    @property
    def is_worn(self) -> bool:
        """Whether it should be replaced before it does more."""
        return self.memory > MOST_MEMORY or self.papers >= MOST_PAPERS

    def wait_until_ready(self) -> None:
        """Return when the worker is ready for jobs.

        Raises WorkerLost, and the error that its start failed with.
        """
        if not self._ready:
            kind, told = self._hear(START_SECONDS)
            if kind == "error":
                raise told or PreparationFailed(
                    why_vi="không khởi động được", why_en="it cannot be started"
                )
            self._ready = True

    def prepare(self, jobs: Sequence[Job], seconds: float) -> Iterator[Prepared]:
        """Yield the documents of `jobs`; `seconds` is the longest silence.

        Raises WorkerLost, and its errors.
        """
        self.wait_until_ready()
        try:
            worker_protocol.send_jobs(self._connection, jobs)
        except OSError as error:
            raise WorkerLost("its connection is broken") from error
        while True:
            kind, told = self._hear(seconds)
            if kind == "prepared":
                self.papers += 1
                yield told
            elif kind == "error":
                raise told or PreparationFailed(
                    why_vi="lỗi không lường trước", why_en="an error that nobody foresaw"
                )
            else:
                self.memory = told
                return

    def end(self) -> None:
        """End the process and collect it."""
        with suppress(OSError):
            os.close(self._life)
        self._connection.close()
        self._process.kill()
        self._process.wait()

    def _hear(self, seconds: float) -> tuple[str, Any]:
        try:
            if not self._connection.poll(seconds):
                raise WorkerLost(f"it said nothing for {seconds:g} s")
            return worker_protocol.receive(self._connection)
        except (EOFError, OSError) as error:
            raise WorkerLost(f"it ended with code {self._process.poll()}") from error


def _holds_file(jobs: Iterable[Job]) -> bool:
    return any(isinstance(job, FileJob) for job in jobs)


def _chunks(jobs: Sequence[Job], processes: int) -> Iterator[Sequence[Job]]:
    """Divide `jobs` among the workers: each file alone, papers in chunks of about equal size,
    :data:`CHUNK` at most.
    """
    papers = [job for job in jobs if not isinstance(job, FileJob)]
    yield from ([job] for job in jobs if isinstance(job, FileJob))
    size = max(1, min(CHUNK, -(-len(papers) // processes)))
    yield from (papers[start : start + size] for start in range(0, len(papers), size))


def _raise_first(running: Sequence["Future[None]"]) -> None:
    """Raise the first error; errors of Kho come before others, because they say more."""
    errors = [error for one in running if (error := one.exception()) is not None]
    for error in sorted(errors, key=lambda error: not isinstance(error, KhoError)):
        raise error
