"""Long work that pages start: each task has an id, shows its progress, and is kept for a time.

A task belongs to one account. Its id says nothing, and is of no use to another account.
"""

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from api.access.concurrency_limit import ConcurrencyLimit
from api.web.kept_files import KeptFile, KeptFiles
from archive.base.clock import Clock
from archive.base.errors import KhoError
from archive.base.identifiers import new_id

KEPT = timedelta(hours=2)  # from its start; the page says so
MOST_OF_ONE = 8  # tasks of an account
_PATIENCE = 600.0  # seconds that a task waits for its turn

_log = structlog.get_logger(__name__)


class TasksBusy(KhoError):
    """Too much long work is under way at this moment."""

    code = "task.busy"


class TaskFailed(KhoError):
    """A task ended with an error that Kho did not expect; the log has its number."""

    code = "task.failed"


@dataclass(eq=False)
class Task:
    """One person's long work, and what it ended with: a result, or an error."""

    id: UUID
    account: str
    kind: str  # which page started it
    started_at: datetime
    file: KeptFile | None = None  # what came, or what was made; it goes with the task
    done: int = 0
    of: int = 0  # 0: not known yet
    result: Any = None
    error: KhoError | None = None
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def is_running(self) -> bool:
        """Whether the work still goes on."""
        return not self._ended.is_set()

    def progress(self, done: int, of: int) -> None:
        """Say how far the work is."""
        self.done, self.of = done, of

    def wait(self, seconds: float) -> bool:
        """Wait for the end, `seconds` at most; return whether it came."""
        return self._ended.wait(seconds)

    def run(self, work: Callable[["Task"], Any], turns: ConcurrencyLimit) -> None:
        """Do the work in a turn; its result or error is here before anybody sees the end."""
        try:
            with turns.held(self.account):
                self.result = work(self)
        except KhoError as error:
            self.error = error
        # the thread's last handler: the person gets a number, and the log has no text of the error
        except Exception as error:  # noqa: BLE001
            number, at = new_id(), traceback.extract_tb(error.__traceback__)[-1]
            place = f"{at.filename}:{at.lineno}"
            _log.error("web.task", id=number, error=type(error).__name__, at=place)
            self.error = TaskFailed(number=number)
        finally:
            self._ended.set()


class Tasks:
    """The tasks of all accounts. Safe for threads."""

    def __init__(self, clock: Clock, kept: timedelta = KEPT, most: int = MOST_OF_ONE) -> None:
        self._clock, self._kept, self._most = clock, kept, most
        self.files = KeptFiles()
        self._guard = threading.Lock()
        self._tasks: dict[UUID, Task] = {}  # oldest first
        self._turns = ConcurrencyLimit(2, 8, _PATIENCE, TasksBusy)

    def start(
        self,
        account: str,
        key: UUID,
        kind: str,
        work: Callable[[Task], Any],
        upload: bytes | None = None,
    ) -> Task:
        """Start `work` on a thread of its own; the same `key` again gives the task that is there.

        So a form that comes twice starts its work once. A task that failed is started again.
        `upload` is kept as the task's file. Raises TasksBusy, NoRoom.
        """
        with self._guard:
            self._sweep()
            there = self._tasks.get(key)
            if there is not None and there.account != account:
                raise TasksBusy  # ids are random: this one was guessed or copied
            if there is not None and (there.is_running or there.error is None):
                return there
            if there is not None:
                self._remove(there)
            self._make_room(account)
            file = None if upload is None else self.files.keep(account, upload)
            task = self._tasks[key] = Task(key, account, kind, self._clock.now(), file)
        threading.Thread(
            target=task.run, args=(work, self._turns), name="kho-task", daemon=True
        ).start()
        return task

    def find(self, account: str, key: UUID) -> Task | None:
        """Return the task of this account; None where there is none, or it was forgotten."""
        with self._guard:
            self._sweep()
            task = self._tasks.get(key)
        return task if task is not None and task.account == account else None

    def of_kind(self, account: str, kind: str) -> list[Task]:
        """Return the tasks of an account that this kind of page started, oldest first."""
        with self._guard:
            self._sweep()
            own = [task for task in self._tasks.values() if task.account == account]
        return [task for task in own if task.kind == kind]

    def forget(self, account: str, key: UUID) -> None:
        """Forget a task that has ended, with all that it holds."""
        with self._guard:
            task = self._tasks.get(key)
            if task is not None and task.account == account and not task.is_running:
                self._remove(task)

    def _make_room(self, account: str) -> None:
        own = [task for task in self._tasks.values() if task.account == account]
        for old in [task for task in own if not task.is_running][: len(own) - self._most + 1]:
            self._remove(old)
            own.remove(old)
        if len(own) >= self._most:
            raise TasksBusy

    def _sweep(self) -> None:
        """Forget what has been kept for its time."""
        until = self._clock.now() - self._kept
        for task in [each for each in self._tasks.values() if each.started_at < until]:
            if not task.is_running:
                self._remove(task)

    def _remove(self, task: Task) -> None:
        del self._tasks[task.id]
        if task.file is not None:
            task.file.close()
