"""Long work of pages: started once, bounded for each person, forgotten after its time."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest

from api.connections.room import NoRoom
from api.web.kept_files import KeptFiles
from api.web.tasks import Task, TaskFailed, Tasks, TasksBusy
from archive.base.clock import SystemClock
from archive.base.errors import NotFound
from archive.base.identifiers import new_id


class Moved:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self):  # type: ignore[no-untyped-def]
        return SystemClock().now() + self.ahead


def key() -> UUID:
    return UUID(new_id())


def test_the_same_form_twice_starts_its_work_once() -> None:
    tasks, begun, go_on = Tasks(SystemClock()), [], threading.Event()

    def work(task: Task) -> str:
        begun.append(task)
        go_on.wait(30)
        return "done"

    form = key()
    first = tasks.start("a", form, "kind", work)
    assert tasks.start("a", form, "kind", work) is first
    go_on.set()
    assert first.wait(30)
    assert tasks.start("a", form, "kind", work).result == "done"
    assert len(begun) == 1


def test_a_task_belongs_to_its_account() -> None:
    tasks, form = Tasks(SystemClock()), key()
    tasks.start("a", form, "kind", lambda _: 1).wait(30)
    assert tasks.find("b", form) is None
    assert tasks.of_kind("b", "kind") == []
    with pytest.raises(TasksBusy):
        tasks.start("b", form, "kind", lambda _: 2)
    tasks.forget("b", form)
    assert tasks.find("a", form) is not None


def test_what_failed_says_why_and_may_be_tried_again() -> None:
    tasks, form = Tasks(SystemClock()), key()

    def refuses(_: Task) -> None:
        raise NotFound

    def breaks(_: Task) -> None:
        raise KeyError("Nguyễn Mẫu")

    failed = tasks.start("a", form, "kind", refuses)
    assert failed.wait(30)
    assert isinstance(failed.error, NotFound)
    broken = tasks.start("a", form, "kind", breaks)
    assert broken.wait(30)
    assert isinstance(broken.error, TaskFailed)
    assert "Nguyễn" not in broken.error.explain()
    again = tasks.start("a", form, "kind", lambda _: "done")
    assert again.wait(30)
    assert again.error is None


def test_a_file_is_gone_after_its_time_and_with_its_task() -> None:
    clock = Moved()
    tasks, form = Tasks(clock, timedelta(hours=2)), key()
    task = tasks.start("a", form, "kind", lambda _: 1, b"packet")
    assert task.wait(30)
    assert task.file is not None
    assert task.file.read() == b"packet"
    clock.ahead = timedelta(hours=1)
    assert tasks.find("a", form) is task
    clock.ahead = timedelta(hours=3)
    assert tasks.find("a", form) is None
    with pytest.raises(ValueError, match="closed"):
        task.file.read()


def test_a_person_has_few_tasks_and_the_oldest_is_forgotten_first() -> None:
    tasks, forms = Tasks(SystemClock(), most=2), [key() for _ in range(3)]
    for form in forms:
        assert tasks.start("a", form, "kind", lambda _: 1).wait(30)
    assert [tasks.find("a", form) is None for form in forms] == [True, False, False]


def test_one_person_cannot_fill_the_disk() -> None:
    files = KeptFiles(quota=100, share=60, free=0)
    first = files.keep("a", bytes(60))
    with pytest.raises(NoRoom):
        files.keep("a", b"x")
    second = files.keep("b", bytes(40))
    with pytest.raises(NoRoom):
        files.keep("c", b"x")
    first.close()
    first.close()
    assert files.keep("c", b"x").read() == b"x"
    assert second.size == 40
