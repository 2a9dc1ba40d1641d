"""Batches: papers that several callers want at the same time are prepared together.

Most of the time of a seal is waiting for the TSA. Papers of several charts in one batch share that
wait (`signing/concurrent_requests.py`).
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from archive.base.errors import Unavailable
from ingest.preparation.contract import Result, Task, holds_file

MOST = 8  # tasks of a batch; a caller with that many shares no batch
Prepare = Callable[[Sequence[Task]], Iterator[Result]]


@dataclass(eq=False, slots=True)
class _Request:
    """The tasks of one caller, and their results."""

    tasks: Sequence[Task]
    results: list[Result] = field(default_factory=list)
    error: Exception | None = None
    done: bool = False

    @property
    def left(self) -> list[Task]:
        """The tasks without a result."""
        ready = {result.document_id for result in self.results}
        return [task for task in self.tasks if task.document_id not in ready]


class Batching:
    """Lets `prepare` do the tasks of callers, at most `turns` batches at once. Safe for threads.

    No caller waits for a batch to fill. A caller that finds a turn free starts at once, and its
    batch includes the callers that wait for a turn. A refusal goes only to the caller that caused
    it; Unavailable goes to the whole batch.
    """

    def __init__(self, prepare: Prepare, turns: int = 1) -> None:
        self._do = prepare
        self._free = turns
        self._changed = threading.Condition()
        self._waiting: deque[_Request] = deque()

    def prepare(self, tasks: Sequence[Task]) -> Iterator[Result]:
        """See :meth:`ingest.preparation.contract.Preparer.prepare`."""
        if any(map(holds_file, tasks)):
            yield from self._do(tasks)  # may take minutes: it keeps no turn from papers
        elif len(tasks) >= MOST:
            with self._turn():
                yield from self._do(tasks)
        elif tasks:
            yield from self._in_a_batch(_Request(tasks))

    def _in_a_batch(self, request: _Request) -> list[Result]:
        with self._changed:
            self._waiting.append(request)
            self._changed.wait_for(
                lambda: request.done or (self._free > 0 and request in self._waiting)
            )
            batch = [] if request.done else self._take(request)
        if batch:
            try:
                self._prepare(batch)
            finally:
                self._end(batch)
        if request.error is not None:
            raise request.error
        return request.results

    def _take(self, first: _Request) -> list[_Request]:
        """Take a turn for `first`; return it with the waiting requests that find room beside it."""
        self._free -= 1
        self._waiting.remove(first)
        batch, count = [first], len(first.tasks)
        while self._waiting and count + len(self._waiting[0].tasks) <= MOST:
            batch.append(self._waiting.popleft())
            count += len(batch[-1].tasks)
        return batch

    def _end(self, batch: Sequence[_Request]) -> None:
        """Give the turn back.

        Requests of the batch without a result wait again (their leader was interrupted).
        """
        with self._changed:
            self._free += 1
            for request in batch:
                request.done = request.error is not None or not request.left
            self._waiting.extendleft(request for request in batch[1:] if not request.done)
            self._changed.notify_all()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0)
            self._free -= 1
        try:
            yield
        finally:
            self._end(())

    def _prepare(self, batch: Sequence[_Request]) -> None:
        """Prepare a batch together. If a task is refused, do what each caller still lacks alone."""
        whose = {task.document_id: request for request in batch for task in request.tasks}
        try:
            for result in self._do([task for request in batch for task in request.tasks]):
                whose[result.document_id].results.append(result)
        except Exception as error:  # noqa: BLE001 - the callers that it concerns raise it
            alone = len(batch) == 1 or isinstance(error, Unavailable)
            for request in batch:
                if request.left and alone:
                    request.error = error
                elif request.left:
                    self._prepare_alone(request)

    def _prepare_alone(self, request: _Request) -> None:
        try:
            request.results.extend(self._do(request.left))
        except Exception as error:  # noqa: BLE001 - as above
            request.error = error
