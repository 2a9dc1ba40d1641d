"""Several charts at once: told in order, faults in their turn, and never two of one episode
together.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.charts_at_once import EACH, charts_at_once
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

    def accept(one: Submission) -> str:
        time.sleep(0.03 if int(one.source) % 3 == 1 else 0)
        return one.source

    told = list(charts_at_once(items, accept, 4))
    assert told == [str(number) if number % 4 else f"refused {number}" for number in range(12)]


def with_file(one: Submission) -> Submission:
    file = FinishedFile("scan.png", "image/png", b"", "image")
    return replace(one, papers=(Paper(FormCode("KHAC"), "1", {}, file=file),))


@pytest.mark.parametrize(
    ("processes", "files", "most"), [(1, False, EACH), (3, False, 3 * EACH), (3, True, 3)]
)
def test_as_many_are_under_way_as_may_be(processes: int, files: bool, most: int) -> None:
    under_way, seen, lock = 0, [], threading.Lock()

    def accept(one: Submission) -> str:
        nonlocal under_way
        with lock:
            under_way += 1
            seen.append(under_way)
        time.sleep(0.05)
        with lock:
            under_way -= 1
        return one.source

    items = (submission(str(n), str(n)) for n in range(4 * most))
    told = list(
        charts_at_once((with_file(one) if files else one for one in items), accept, processes)
    )
    assert len(told) == 4 * most
    assert max(seen) == most


def test_two_of_one_episode_follow_each_other() -> None:
    busy: set[str] = set()
    lock = threading.Lock()

    def accept(one: Submission) -> str:
        with lock:
            assert one.chart.episode not in busy
            busy.add(one.chart.episode)
        time.sleep(0.02)
        with lock:
            busy.remove(one.chart.episode)
        return one.source

    names = ["a", "b", "a", "a", "c", "b"]
    items = [submission(episode, f"{episode}{number}") for number, episode in enumerate(names)]
    assert list(charts_at_once(items, accept, 3)) == ["a0", "b1", "a2", "a3", "c4", "b5"]


def test_where_a_component_is_away_what_was_begun_is_told_and_nothing_more_is_begun() -> None:
    begun: list[str] = []

    def accept(one: Submission) -> str:
        begun.append(one.source)
        if one.source == "2":
            raise ConnectionError
        time.sleep(0.02)
        return one.source

    results: Iterator[str] = charts_at_once(
        (submission(str(n), str(n)) for n in range(100)), accept, 2
    )
    told: list[str] = []
    with pytest.raises(ConnectionError):
        told.extend(results)
    assert told == sorted((name for name in begun if name != "2"), key=int)
    assert "2" in begun
    assert len(begun) < 100


def test_whoever_leaves_in_the_middle_leaves_nothing_under_way() -> None:
    results = charts_at_once(
        (submission(str(n), str(n)) for n in range(100)), lambda one: one.source, 2
    )
    assert next(results) == "0"
    results.close()  # type: ignore[attr-defined]
    assert not [one for one in threading.enumerate() if one.name.startswith("kho-chart")]
