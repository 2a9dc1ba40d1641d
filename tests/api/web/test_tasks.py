"""Long work of pages: started once, bounded for each person, forgotten after its time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest

from api.connections.room import NoRoom
from api.web.kept_files import KeptFiles
from api.web.task_keys import task_key
from api.web.tasks import Task, TaskFailed, Tasks, TasksBusy
from archive.base.clock import SystemClock
from archive.base.errors import NotFound
from archive.base.identifiers import new_id, sha256


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
    for read in (task.file.read, task.file.pieces):
        with pytest.raises(NotFound):
            read()


def test_a_form_that_comes_again_is_kept_for_the_whole_time_again() -> None:
    clock = Moved()
    tasks, form = Tasks(clock, timedelta(hours=2)), key()
    task = tasks.start("a", form, "kind", lambda _: 1, b"packet")
    assert task.wait(30)
    clock.ahead = timedelta(hours=1)
    assert tasks.start("a", form, "kind", lambda _: 1, b"packet") is task
    clock.ahead = timedelta(hours=2, minutes=30)
    assert tasks.find("a", form) is task


def test_a_person_has_few_tasks_and_the_oldest_is_forgotten_first() -> None:
    tasks, forms = Tasks(SystemClock(), most=3), [key() for _ in range(5)]
    for number, form in enumerate(forms):
        assert tasks.start("a", form, "kind", lambda _: 1).wait(30)
        there = [tasks.find("a", each) is not None for each in forms[: number + 1]]
        assert there == [False] * (number - 2) + [True] * min(number + 1, 3)


def test_a_file_that_waits_is_never_forgotten_to_make_room() -> None:
    tasks, forms, idle = Tasks(SystemClock(), most=3), [key() for _ in range(3)], key()
    for form in forms[:2]:
        assert tasks.start("a", form, "kind", lambda _: 1, b"upload").wait(30)
    assert tasks.start("a", idle, "kind", lambda _: 1).wait(30)
    assert tasks.start("a", forms[2], "kind", lambda _: 1, b"upload").wait(30)
    assert tasks.find("a", idle) is None  # it held nothing
    with pytest.raises(TasksBusy) as busy:
        tasks.start("a", key(), "kind", lambda _: 1)
    assert "chờ bạn" in busy.value.explain()
    waiting = tasks.of_kind("a", "kind")
    assert [task.file and task.file.read() for task in waiting] == [b"upload"] * 3
    assert tasks.start("b", key(), "kind", lambda _: 1).wait(30)
    waiting[0].saved = True  # downloaded
    waiting[1].settle("/page")  # decided about
    for _ in range(2):
        assert tasks.start("a", key(), "kind", lambda _: 1, b"upload").wait(30)
    assert tasks.of_kind("a", "kind")[0] is waiting[2]


def test_what_failed_holds_no_file() -> None:
    tasks, form = Tasks(SystemClock(), most=1), key()

    def refuses(_: Task) -> None:
        raise NotFound

    failed = tasks.start("a", form, "kind", refuses, b"no packet")
    assert failed.wait(30)
    assert not failed.waits
    assert tasks.start("a", key(), "kind", lambda _: 1).wait(30)


@contextmanager
def reading(tasks: Tasks, needed: Task) -> Iterator[Task]:
    """Work that reads the file of `needed`, once before and once after the block."""
    begun, go_on = threading.Event(), threading.Event()

    def work(_: Task) -> list[bytes]:
        assert needed.file is not None
        first = needed.file.read()
        begun.set()
        go_on.wait(30)
        return [first, needed.file.read()]

    reader = tasks.start("a", key(), "taking", work, needs=(needed,))
    assert begun.wait(30)
    try:
        yield reader
    finally:
        go_on.set()
        assert reader.wait(30)


def test_a_file_stays_while_work_reads_it_whatever_comes() -> None:
    clock = Moved()
    tasks, form = Tasks(clock, timedelta(hours=2), most=1), key()
    upload = tasks.start("a", form, "kind", lambda _: 1, b"packet")
    assert upload.wait(30)
    with reading(tasks, upload) as reader:  # it needs no place of its own
        assert not tasks.forget("a", form)
        upload.saved = True
        with pytest.raises(TasksBusy):
            tasks.start("a", key(), "kind", lambda _: 1)
        clock.ahead = timedelta(hours=3)
        assert tasks.find("a", form) is upload
    assert reader.result == [b"packet", b"packet"]
    assert tasks.forget("a", form)
    assert tasks.find("a", reader.id) is None  # it goes with what it read
    with pytest.raises(NotFound):
        tasks.start("a", key(), "taking", lambda _: 1, needs=(upload,))


def test_the_key_of_a_task_is_made_from_all_that_it_is_about() -> None:
    digests = sha256(b"one"), sha256(b"other")
    about = list(product(("79001", "79002"), ("a", "b"), digests, ("incoming", "packet")))
    keys = [task_key(*each) for each in about]
    assert len(set(keys)) == len(about)
    assert keys == [task_key(*each) for each in about]


def test_a_file_is_read_in_pieces_also_where_it_is_closed_meanwhile() -> None:
    data = bytes(range(256)) * 5000
    file = KeptFiles(free=0).keep("a", data)
    pieces = file.pieces()
    first = next(pieces)
    assert len(first) < len(data)
    file.close()
    assert b"".join((first, *pieces)) == data


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
