"""Several charts at once: reported in order, faults in their turn, and never two of one episode
together.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.writing.charts_at_once import EACH, charts_at_once
from archive.base.facts import ChartFacts, ChartKind, Patient
from archive.base.identifiers import FacilityCode, FormCode
from ingest.submission import FinishedFile, Paper, Submission


def submission(episode: str, source: str) -> Submission:
    chart = ChartFacts(episode=episode, kind=ChartKind.INPATIENT)
    return Submission(source, FacilityCode("99001"), Patient(name="Người Thử"), chart, ())


def test_results_come_in_the_order_of_the_sources() -> None:
    items = [
        submission(str(number), str(number)) if number % 4 else f"refused {number}"
        for number in range(12)
    ]

    def accept(item: Submission) -> str:
        time.sleep(0.03 if int(item.source) % 3 == 1 else 0)
        return item.source

    results = list(charts_at_once(items, accept, 4))
    assert results == [str(number) if number % 4 else f"refused {number}" for number in range(12)]


def with_file(item: Submission) -> Submission:
    file = FinishedFile("scan.png", "image/png", b"", "image")
    return replace(item, papers=(Paper(FormCode("KHAC"), "1", {}, file=file),))


@pytest.mark.parametrize(
    ("processes", "files", "most"), [(1, False, EACH), (3, False, 3 * EACH), (3, True, 3)]
)
def test_as_many_are_under_way_as_may_be(processes: int, files: bool, most: int) -> None:
    under_way, seen, lock = 0, [], threading.Lock()

    def accept(item: Submission) -> str:
        nonlocal under_way
        with lock:
            under_way += 1
            seen.append(under_way)
        time.sleep(0.05)
        with lock:
            under_way -= 1
        return item.source

    items = (submission(str(n), str(n)) for n in range(4 * most))
    results = list(
        charts_at_once((with_file(item) if files else item for item in items), accept, processes)
    )
    assert len(results) == 4 * most
    assert max(seen) == most


def test_two_of_one_episode_follow_each_other() -> None:
    busy: set[str] = set()
    lock = threading.Lock()

    def accept(item: Submission) -> str:
        with lock:
            assert item.chart.episode not in busy
            busy.add(item.chart.episode)
        time.sleep(0.02)
        with lock:
            busy.remove(item.chart.episode)
        return item.source

    names = ["a", "b", "a", "a", "c", "b"]
    items = [submission(episode, f"{episode}{number}") for number, episode in enumerate(names)]
    assert list(charts_at_once(items, accept, 3)) == ["a0", "b1", "a2", "a3", "c4", "b5"]


def test_where_a_component_is_away_what_was_begun_is_reported_and_nothing_more_is_begun() -> None:
    begun: list[str] = []

    def accept(item: Submission) -> str:
        begun.append(item.source)
        if item.source == "2":
            raise ConnectionError
        time.sleep(0.02)
        return item.source

    results: Iterator[str] = charts_at_once(
        (submission(str(n), str(n)) for n in range(100)), accept, 2
    )
    sources: list[str] = []
    with pytest.raises(ConnectionError):
        sources.extend(results)
    assert sources == sorted((name for name in begun if name != "2"), key=int)
    assert "2" in begun
    assert len(begun) < 100


def test_a_caller_that_leaves_in_the_middle_leaves_nothing_under_way() -> None:
    results = charts_at_once(
        (submission(str(n), str(n)) for n in range(100)), lambda item: item.source, 2
    )
    assert next(results) == "0"
    results.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kho-chart")]
