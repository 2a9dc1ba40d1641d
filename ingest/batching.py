"""Batches: papers that several callers want at the same time are prepared together.

Most of the time of a seal is waiting for the TSA. Papers of several charts in one batch share that
wait (`signing/concurrent_requests.py`).
"""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from archive.base.errors import Unavailable
from ingest.files.jobs import FileJob, Job
from ingest.preparation import Prepared, Preparer

MOST = 8  # papers of a batch; a caller with that many is not batched with others


@dataclass(eq=False, slots=True)
class _Request:
    """The papers of one caller, and their results."""

    jobs: Sequence[Job]
    prepared: list[Prepared] = field(default_factory=list)
    error: Exception | None = None
    done: bool = False

    @property
    def left(self) -> list[Job]:
        """The papers that are not ready."""
        ready = {one.document_id for one in self.prepared}
        return [job for job in self.jobs if job.document_id not in ready]


class BatchingPreparer:
    """Prepares by `inner`, for at most `turns` groups of callers at once.

    Safe to share between threads.

    No caller waits for a group to fill. A caller that finds a turn free starts at once, and its
    group includes callers that wait for a turn. A refusal goes only to the caller that caused it;
    Unavailable goes to the whole group.
    """

    def __init__(self, inner: Preparer, turns: int = 1) -> None:
        self.inner = inner
        self._free = turns
        self._changed = threading.Condition()
        self._waiting: deque[_Request] = deque()

    def prepare(self, jobs: Sequence[Job]) -> Iterator[Prepared]:
        """See :meth:`ingest.preparation.Preparer.prepare`."""
        if any(isinstance(job, FileJob) for job in jobs):
            yield from self.inner.prepare(jobs)  # may take minutes: it keeps no turn from papers
        elif len(jobs) >= MOST:
            with self._turn():
                yield from self.inner.prepare(jobs)
        elif jobs:
            yield from self._gathered(_Request(jobs))

    def _gathered(self, request: _Request) -> list[Prepared]:
        with self._changed:
            self._waiting.append(request)
            self._changed.wait_for(
                lambda: request.done or (self._free > 0 and request in self._waiting)
            )
            group = [] if request.done else self._take(request)
        if group:
            try:
                self._prepare(group)
            finally:
                self._end(group)
        if request.error is not None:
            raise request.error
        return request.prepared

    def _take(self, first: _Request) -> list[_Request]:
        """Take a turn for `first`, and add waiting requests as long as there is room; return the
        group.
        """
        self._free -= 1
        self._waiting.remove(first)
        group, count = [first], len(first.jobs)
        while self._waiting and count + len(self._waiting[0].jobs) <= MOST:
            group.append(self._waiting.popleft())
            count += len(group[-1].jobs)
        return group

    def _end(self, group: Sequence[_Request]) -> None:
        """Give the turn back.

        Requests of the group without a result wait again (their leader was interrupted).
        """
        with self._changed:
            self._free += 1
            for request in group:
                request.done = request.error is not None or not request.left
            self._waiting.extendleft(request for request in group[1:] if not request.done)
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

    def _prepare(self, group: Sequence[_Request]) -> None:
        """Prepare a group's papers together.

        If one is refused, prepare each caller's remaining papers separately.
        """
        whose = {job.document_id: request for request in group for job in request.jobs}
        try:
            for done in self.inner.prepare([job for request in group for job in request.jobs]):
                whose[done.document_id].prepared.append(done)
        except Exception as error:  # noqa: BLE001 - the callers that it concerns raise it
            alone = len(group) == 1 or isinstance(error, Unavailable)
            for request in group:
                if request.left and alone:
                    request.error = error
                elif request.left:
                    self._prepare_alone(request)

    def _prepare_alone(self, request: _Request) -> None:
        try:
            request.prepared.extend(self.inner.prepare(request.left))
        except Exception as error:  # noqa: BLE001 - as above
            request.error = error
