"""Papers of several callers are prepared together, and an error of one caller
stops no other caller.
"""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import cast

import pytest

from archive.base.errors import Fault, KhoError, SubmissionRejected, Unavailable
from archive.base.identifiers import DocumentId
from ingest.files.jobs import Job
from ingest.preparation.batching import MOST, Batching
from ingest.preparation.contract import Prepared, Result, Task
from tests.ingest.preparation.preparers import Order

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)


class Recording:
    """Prepares at once, or when let; notes which papers came together, refuses and fails some by
    their first letter.
    """

    def __init__(self) -> None:
        self.together: list[list[str]] = []
        self.let, self.begun, self.at_work, self.most = threading.Event(), threading.Event(), 0, 0
        self._lock = threading.Lock()
        self.let.set()

    def prepare(self, jobs: Sequence[Task]) -> Iterator[Result]:
        """Yield each job's document."""
        with self._lock:
            self.together.append([str(job.document_id) for job in jobs])
            self.at_work += 1
            self.most = max(self.most, self.at_work)
        self.begun.set()
        assert self.let.wait(10)
        try:
            for each in jobs:
                if each.document_id.startswith("refused"):
                    raise SubmissionRejected([Fault("/", "test", SubmissionRejected.texts().what)])
                if each.document_id.startswith("away"):
                    raise Unavailable(component="TSA", why="test")
                yield Prepared(each.document_id, str(each.document_id).encode(), "B-LTA", NOON)
        finally:
            with self._lock:
                self.at_work -= 1


class Callers:
    """Callers on threads of their own, the first of which keeps the turn until all others wait."""

    def __init__(self, inner: Recording, turns: int = 1) -> None:
        self.batching, self.inner = Batching(inner.prepare, turns), inner
        self.results: dict[str, list[str] | KhoError] = {}

    def _ask(self, names: str) -> None:
        try:
            jobs = [a_job(name) for name in names.split()]
            self.results[names] = [paper.data.decode() for paper in self.batching.prepare(jobs)]
        except KhoError as error:
            self.results[names] = error

    def ask(self, *callers: str) -> None:
        """Have each of `callers` ask for its papers (names with spaces between) in this order, all
        while one is on.
        """
        self.inner.let.clear()
        threads = []
        for number, names in enumerate(callers):
            threads.append(threading.Thread(target=self._ask, args=(names,)))
            threads[-1].start()
            if number == 0:
                assert self.inner.begun.wait(10)
            else:
                while len(self.batching._waiting) < number:
                    threading.Event().wait(0.001)
        self.inner.let.set()
        for thread in threads:
            thread.join(10)


def a_job(name: str) -> Job:
    return cast("Job", Order(DocumentId(name)))


@pytest.fixture
def inner() -> Recording:
    return Recording()


def test_a_caller_that_finds_a_free_turn_does_not_wait(inner: Recording) -> None:
    batching = Batching(inner.prepare)
    assert [paper.document_id for paper in batching.prepare([a_job("a"), a_job("b")])] == ["a", "b"]
    assert inner.together == [["a", "b"]]


def test_nothing_to_prepare_is_nothing(inner: Recording) -> None:
    assert list(Batching(inner.prepare).prepare([])) == []
    assert inner.together == []


def test_waiting_callers_are_prepared_together(inner: Recording) -> None:
    callers = Callers(inner)
    callers.ask("first", "a", "b c", "d")
    assert callers.results == {"first": ["first"], "a": ["a"], "b c": ["b", "c"], "d": ["d"]}
    assert [sorted(group) for group in inner.together] == [["first"], ["a", "b", "c", "d"]]


def test_a_group_is_not_larger_than_may_be(inner: Recording) -> None:
    names = [f"p{number}" for number in range(MOST + 3)]
    callers = Callers(inner)
    callers.ask("first", *names)
    assert all(callers.results[name] == [name] for name in names)
    assert [len(group) for group in inner.together] == [1, MOST, 3]


def test_a_refusal_is_raised_to_its_own_caller(inner: Recording) -> None:
    callers = Callers(inner)
    callers.ask("first", "a", "b refused", "c")
    assert isinstance(callers.results["b refused"], SubmissionRejected)
    assert (callers.results["a"], callers.results["c"]) == (["a"], ["c"])


def test_a_service_that_is_away_is_reported_to_all_that_wait_for_it_and_asked_once(
    inner: Recording,
) -> None:
    callers = Callers(inner)
    callers.ask("first", "a", "away", "c")
    assert isinstance(callers.results["away"], Unavailable)
    for name in "ac":  # ready before, or not
        assert isinstance(callers.results[name], Unavailable) or callers.results[name] == [name]
    assert len(inner.together) == 2


def test_after_a_failure_the_next_is_served(inner: Recording) -> None:
    batching = Batching(inner.prepare)
    with pytest.raises(SubmissionRejected):
        list(batching.prepare([a_job("refused")]))
    assert len(list(batching.prepare([a_job("a")]))) == 1


def test_a_caller_with_many_papers_gets_each_as_soon_as_it_is_ready(inner: Recording) -> None:
    batching = Batching(inner.prepare)
    ready = batching.prepare([a_job(f"p{number}") for number in range(MOST)])
    assert next(ready).document_id == "p0"
    assert inner.at_work == 1  # not all of them are done
    ready.close()  # type: ignore[attr-defined]
    assert len(list(batching.prepare([a_job("a")]))) == 1  # the turn was given back


def test_no_more_groups_are_under_way_than_turns(inner: Recording) -> None:
    batching = Batching(inner.prepare, turns=2)
    threads = [
        threading.Thread(target=lambda n=number: list(batching.prepare([a_job(f"p{n}")])))
        for number in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert inner.most <= 2
    assert sorted(name for group in inner.together for name in group) == sorted(
        f"p{n}" for n in range(30)
    )
