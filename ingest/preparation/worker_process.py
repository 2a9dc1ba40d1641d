"""A worker of the pool, as its parent sees it: one process, its connection, what it has used."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from multiprocessing.connection import Connection

from ingest.preparation import worker_protocol
from ingest.preparation.contract import PreparationFailed, Preparer, Result, Task
from ingest.preparation.worker_protocol import Done, Failed, Message, Ready

START_SECONDS = 120.0  # a worker imports much, perhaps on a busy machine
MOST_MEMORY = 1 << 30  # bytes; a worker that holds more is replaced when it has nothing to do
MOST_PAPERS = 5000  # that a worker prepares before it is replaced
_MODULE = "ingest.preparation.worker"

# Makes a preparer in the worker: it is pickled, so it must be a function of a module, or a partial
# of one.
Opens = Callable[[], AbstractContextManager[Preparer]]


class WorkerLost(Exception):
    """A worker died, or sent nothing for too long."""


class WorkerProcess:
    """One worker. It is started at once, and opens its preparer by `opens`."""

    def __init__(self, opens: Opens) -> None:
        ours, theirs = socket.socketpair()
        theirs_life, self._life = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - Kho's own module
                [sys.executable, "-P", "-m", _MODULE, str(theirs.fileno()), str(theirs_life)],
                pass_fds=(theirs.fileno(), theirs_life),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        finally:
            theirs.close()
            os.close(theirs_life)
        self._connection = Connection(ours.detach())
        self._connection.send(opens)
        self._is_ready = False
        self.pid, self.memory, self.papers = self._process.pid, 0, 0

    @property
    def is_worn(self) -> bool:
        """Whether it should be replaced before it does more."""
        return self.memory > MOST_MEMORY or self.papers >= MOST_PAPERS

    def wait_until_ready(self) -> None:
        """Return when the worker is ready for work.

        Raises WorkerLost, and the error that its start failed with.
        """
        if not self._is_ready:
            message = self._receive(START_SECONDS)
            if isinstance(message, Failed):
                raise message.error or PreparationFailed(
                    why_vi="không khởi động được", why_en="it does not start"
                )
            assert isinstance(message, Ready)
            self._is_ready = True

    def prepare(self, tasks: Sequence[Task], seconds: float) -> Iterator[Result]:
        """Yield the results of `tasks`; `seconds` is the longest silence.

        Raises WorkerLost, and the errors of the preparer.
        """
        self.wait_until_ready()
        try:
            worker_protocol.send_tasks(self._connection, tasks)
        except OSError as error:
            raise WorkerLost("its connection is broken") from error
        while not isinstance(message := self._receive(seconds), Done):
            if isinstance(message, Failed):
                raise message.error or PreparationFailed(
                    why_vi="lỗi không lường trước", why_en="an unexpected error"
                )
            assert not isinstance(message, Ready)
            self.papers += 1
            yield message
        self.memory = message.memory

    def end(self) -> None:
        """End the process and collect it."""
        with suppress(OSError):
            os.close(self._life)
        self._connection.close()
        self._process.kill()
        self._process.wait()

    def _receive(self, seconds: float) -> Message:
        try:
            if not self._connection.poll(seconds):
                raise WorkerLost(f"it said nothing for {seconds:g} s")
            return worker_protocol.receive(self._connection)
        except (EOFError, OSError) as error:
            raise WorkerLost(f"it ended with code {self._process.poll()}") from error
