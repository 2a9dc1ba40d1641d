"""The pool of workers: work is shared, a lost worker costs nothing but time, and none outlives its
parent.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from archive.base.errors import Misconfigured, SubmissionRejected, Unavailable
from archive.base.identifiers import DocumentId
from ingest.files.jobs import FileJob
from ingest.preparation.contract import PreparationFailed
from ingest.preparation.pool import WorkerPool
from ingest.preparation.service import Preparation
from tests.ingest.preparation.preparers import Obedient, Order, obedient, without_key
from tests.waiting import until


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    """Two workers that give up on a silent one after three seconds."""
    opened = WorkerPool(obedient, 2, seconds=3)  # type: ignore[arg-type]  # the tests' jobs are orders
    yield opened
    opened.close()


def orders(*does: str, folder: Path = Path()) -> Any:
    return [Order(DocumentId(str(number)), what, folder) for number, what in enumerate(does)]


def names(prepared: Iterator[Any]) -> list[str]:
    return sorted((paper.document_id for paper in prepared), key=int)


def gone(pids: Sequence[int]) -> bool:
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), "the workers end")
    return True


def test_everything_is_prepared_once_by_both(pool: WorkerPool) -> None:
    done = list(pool.prepare(orders(*["well"] * 30)))
    assert names(iter(done)) == [str(number) for number in range(30)]
    assert {int(paper.data) for paper in done} == set(pool.processes)
    assert len(pool.processes) == 2


def test_workers_are_kept(pool: WorkerPool) -> None:
    pool.warm()
    before = set(pool.processes)
    for _ in range(5):
        assert len(list(pool.prepare(orders("well", "well")))) == 2
    assert set(pool.processes) == before


def test_nothing_to_do_is_done(pool: WorkerPool) -> None:
    assert list(pool.prepare([])) == []
    assert pool.processes == []


def test_a_paper_whose_worker_dies_is_tried_again(pool: WorkerPool, tmp_path: Path) -> None:
    does = ["well", "well", "die once", "well", "well", "well"]
    assert names(pool.prepare(orders(*does, folder=tmp_path))) == [
        str(number) for number in range(6)
    ]


def test_a_worker_that_was_killed_is_replaced(pool: WorkerPool) -> None:
    pool.warm()
    before = set(pool.processes)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert len(list(pool.prepare(orders("well", "well")))) == 2
    assert not before & set(pool.processes)


@pytest.mark.parametrize("how", ["die", "hang"])
def test_a_paper_that_kills_or_stops_every_worker_fails_alone(pool: WorkerPool, how: str) -> None:
    does, done = ["well", "well", "well", how, "well", "well", "well", "well"], list[str]()
    with pytest.raises(PreparationFailed, match="Kho acknowledged no document"):
        done.extend(paper.document_id for paper in pool.prepare(orders(*does)))
    assert "3" not in done
    assert len(set(done)) == len(done)
    assert len(list(pool.prepare(orders("well", "well")))) == 2, "the pool goes on"


def test_a_refusal_comes_back_as_it_is_and_what_was_ready_too(pool: WorkerPool) -> None:
    done: list[str] = []
    with pytest.raises(SubmissionRejected) as refused:
        done.extend(paper.document_id for paper in pool.prepare(orders("well", "refuse")))
    (fault,) = refused.value.faults
    assert (fault.path, fault.code, fault.message.vi) == ("/papers/0", "paper.bad", "Hỏng.")
    assert done in (["0"], [])


def test_a_service_that_is_away_is_named(pool: WorkerPool) -> None:
    with pytest.raises(Unavailable, match="TSA is not available: timeout"):
        list(pool.prepare(orders("no tsa")))


def test_an_unexpected_error_brings_no_text(pool: WorkerPool) -> None:
    with pytest.raises(PreparationFailed) as failed:
        list(pool.prepare(orders("quote a patient")))
    assert "Nguyễn" not in str(failed.value)


def test_what_stops_the_workers_is_reported() -> None:
    pool = WorkerPool(without_key, 2)  # type: ignore[arg-type]
    try:
        with pytest.raises(Misconfigured, match="no key"):
            list(pool.prepare(orders("well")))
    finally:
        pool.close()


def test_threads_share_it(pool: WorkerPool) -> None:
    prepared: list[list[str]] = []
    threads = [
        threading.Thread(
            target=lambda: prepared.append(names(pool.prepare(orders("well", "well", "well"))))
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert prepared == [["0", "1", "2"]] * 6
    assert len(pool.processes) <= 2


@pytest.mark.parametrize("processes", [2, 3])
def test_files_leave_a_worker_to_papers(processes: int, tmp_path: Path) -> None:
    pool, done = WorkerPool(obedient, processes), list[str]()  # type: ignore[arg-type]

    def files(*numbers: int) -> None:
        papers: Any = [Order(DocumentId(str(number)), "wait", tmp_path) for number in numbers]
        nothing: Any = None
        done.extend(
            prepared.document_id
            for prepared in pool.prepare([FileJob(paper, nothing, "") for paper in papers])
        )

    # two callers
    threads = [threading.Thread(target=files, args=numbers) for numbers in [(1, 2, 3), (4, 5)]]
    papers = threading.Thread(
        target=lambda: done.extend(names(pool.prepare(orders(*["well"] * 30))))
    )
    try:
        for thread in threads:
            thread.start()
        until(
            lambda: len(list(tmp_path.glob("begun-*"))) == processes - 1,
            "all workers but one have begun",
        )
        papers.start()
        papers.join(60)
        assert len(done) == 30, "papers do not wait for files"
        assert len(list(tmp_path.glob("begun-*"))) == processes - 1
        assert len(pool.processes) <= processes
    finally:
        (tmp_path / "go on").touch()
        for thread in threads:
            thread.join(60)
        pool.close()
    assert sorted(done[30:]) == ["1", "2", "3", "4", "5"]


def test_a_pool_of_one_prepares_files_too(tmp_path: Path) -> None:
    pool, nothing = WorkerPool(obedient, 1), cast(Any, None)  # type: ignore[arg-type]
    try:
        jobs = [*orders("well", "well"), FileJob(cast(Any, Order(DocumentId("2"))), nothing, "")]
        assert names(pool.prepare(jobs)) == ["0", "1", "2"]
        assert len(pool.processes) == 1
    finally:
        pool.close()


def test_its_end_is_the_end_of_its_workers(pool: WorkerPool) -> None:
    pool.warm()
    pids = pool.processes
    pool.close()
    assert gone(pids)


PARENT = """
import sys, threading
from tests.ingest.preparation.preparers import Order, obedient
from ingest.preparation.pool import WorkerPool
pool = WorkerPool(obedient, 2)
pool.warm()
orders = [Order(str(n), sys.argv[1]) for n in range(2)]
threading.Thread(target=lambda: list(pool.prepare(orders)), daemon=True).start()
print(*pool.processes, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("does", ["well", "hang"])
def test_workers_do_not_outlive_a_parent_that_is_killed(does: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, does],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        time.sleep(0.3)  # for the orders to arrive
        assert len(pids) == 2
        assert all(Path(f"/proc/{pid}").exists() for pid in pids)
        parent.kill()
        assert gone(pids)


def test_a_workers_arguments_and_environment_hold_no_data(pool: WorkerPool) -> None:
    pool.warm()
    for pid in pool.processes:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:-1]
        assert arguments[:3] == [b"-P", b"-m", b"ingest.preparation.worker"]
        assert all(argument.isdigit() for argument in arguments[3:])


def test_few_papers_are_prepared_here_and_many_by_the_pool(pool: WorkerPool) -> None:
    preparation = Preparation(Obedient(), pool, enough=6)  # type: ignore[arg-type]
    first = list(preparation.prepare(orders("well", "well")))
    assert {int(paper.data) for paper in first} == {os.getpid()}
    assert pool.processes == []
    assert len(list(preparation.prepare(orders(*["well"] * 10)))) == 10
    until(lambda: pool.is_warm, "the pool is warm")
    assert os.getpid() not in {int(paper.data) for paper in preparation.prepare(orders("well"))}
    preparation.close()


def test_a_paper_is_rendered_by_one_worker_and_sealed_by_any_later(pool: WorkerPool) -> None:
    preparation = Preparation(Obedient(), pool, enough=1)  # type: ignore[arg-type]
    preparation.warm(wait=True)
    (rendered,) = preparation.render(orders("well"))
    assert int(rendered.data) in pool.processes
    (prepared,) = preparation.prepare([rendered])
    assert prepared.data == rendered.data + b" sealed"
    with pytest.raises(SubmissionRejected):
        list(preparation.render(orders("refuse")))
    preparation.close()


def test_without_a_pool_everything_is_prepared_here() -> None:
    preparation = Preparation(Obedient(), WorkerPool(without_key, 2), enough=1)  # type: ignore[arg-type]
    for _ in range(3):
        assert len(list(preparation.prepare(orders("well", "well", "well")))) == 3
    preparation.close()
