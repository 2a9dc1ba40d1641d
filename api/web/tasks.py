"""Long work that pages start: each task has an id, shows its progress, and is kept for a time.

A task belongs to one account. Its id is of no use to another account.
"""

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from werkzeug.datastructures import MultiDict

from api.access.concurrency_limit import ConcurrencyLimit
from api.web.kept_files import KeptFile, KeptFiles
from archive.base.clock import Clock
from archive.base.errors import KhoError, NotFound
from archive.base.identifiers import new_id

KEPT = timedelta(hours=2)  # since its form came; the page says so
MOST_OF_ONE = 8  # tasks of an account; those that read another task's file count with that task
_PATIENCE = 600.0  # seconds that a task waits for its turn

_log = structlog.get_logger(__name__)


class TasksBusy(KhoError):
    """Too much long work is under way, or too many files wait for their person."""

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
    saved: bool = False  # its file was downloaded whole
    outcome: str | None = None  # the page that shows what became of the file
    needs: tuple["Task", ...] = ()  # tasks whose files the work reads
    typed: MultiDict[str, str] | None = None  # what the person typed: an error brings it back
    done: int = 0
    of: int = 0  # 0: not known yet
    result: Any = None
    error: KhoError | None = None
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def is_running(self) -> bool:
        """Whether the work still goes on."""
        return not self._ended.is_set()

    @property
    def waits(self) -> bool:
        """Whether its file still waits for its person: for a decision, or to be downloaded."""
        return self.file is not None and not self.saved

    def settle(self, outcome: str) -> None:
        """Give the file's room back: the person has decided, and `outcome` is the page that shows
        what became of it.
        """
        self.outcome = outcome
        self._drop_file()

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
            if self.error is not None:
                self._drop_file()
            self._ended.set()

    def _drop_file(self) -> None:
        file, self.file = self.file, None
        if file is not None:
            file.close()


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
        *,
        needs: tuple[Task, ...] = (),
        typed: MultiDict[str, str] | None = None,
    ) -> Task:
        """Start `work` on a thread of its own; the same `key` again gives the task that is there.

        So a form that comes twice starts its work once. A task that failed is started again.
        `upload` is kept as the task's file. `needs`: tasks of the account whose files the work
        reads; they stay while it runs, and it goes with them. `typed`: what the person typed.

        Raises TasksBusy, NoRoom; NotFound where a needed task was forgotten.
        """
        with self._guard:
            self._sweep()
            there = self._tasks.get(key)
            if there is not None and there.account != account:
                raise TasksBusy  # a key is made from its account: this one was copied
            if there is not None and (there.is_running or there.error is None):
                there.started_at = self._clock.now()
                self._tasks[key] = self._tasks.pop(key)
                return there
            if there is not None:
                self._remove(there)
            if any(self._tasks.get(each.id) is not each for each in needs):
                raise NotFound
            if not needs:
                self._make_room(account)
            file = None if upload is None else self.files.keep(account, upload)
            task = self._tasks[key] = Task(
                key, account, kind, self._clock.now(), file, needs=needs, typed=typed
            )
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

    def forget(self, account: str, key: UUID) -> bool:
        """Forget a task with all that it holds; return False while it, or work on its file, runs.

        True where there is no such task any more.
        """
        with self._guard:
            task = self._tasks.get(key)
            if task is None or task.account != account:
                return True
            if self._is_held(task):
                return False
            self._remove(task)
            return True

    def _make_room(self, account: str) -> None:
        """Forget the oldest tasks that hold nothing for their person, as many as one more needs.

        Raises TasksBusy, and forgets none, where they are too few.
        """
        own = [task for task in self._tasks.values() if task.account == account and not task.needs]
        excess = max(0, len(own) - self._most + 1)
        idle = [task for task in own if not (task.waits or self._is_held(task))]
        if len(idle) < excess:
            raise TasksBusy
        for task in idle[:excess]:
            self._remove(task)

    def _sweep(self) -> None:
        """Forget what has been kept for its time."""
        until = self._clock.now() - self._kept
        for task in [each for each in self._tasks.values() if each.started_at < until]:
            if task.id in self._tasks and not self._is_held(task):
                self._remove(task)

    def _is_held(self, task: Task) -> bool:
        """Return whether the task runs, or another one that runs reads its file."""
        return task.is_running or any(
            task in each.needs and each.is_running for each in self._tasks.values()
        )

    def _remove(self, task: Task) -> None:
        """Remove a task that is not held, its file, and the tasks that have read it."""
        del self._tasks[task.id]
        if task.file is not None:
            task.file.close()
        for reader in [each for each in self._tasks.values() if task in each.needs]:
            self._remove(reader)
