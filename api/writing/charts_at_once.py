"""Archives several charts in parallel.

Results keep the input's order; no episode is processed twice at once.

While one chart's act is written, the papers of the next are rendered and sealed
(`ingest/preparation/`). Acts that are due at the same time are written together
(`archive/coordination/sequencer.py`). So more charts are under way than there are processes.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from ingest.submission import Submission

# Charts of data that are under way for each process. A chart with finished files counts as all of
# them: it may take minutes and megabytes.
EACH = 6
Outcome = TypeVar("Outcome")


def charts_at_once(
    items: Iterable[Submission | Outcome], accept: Callable[[Submission], Outcome], processes: int
) -> Iterator[Outcome]:
    """Yield the result of `accept` for each submission, and every other item unchanged, in the
    order of `items`.

    At most :data:`EACH` submissions for each of the `processes` are under way. Two submissions of
    an episode never are: the later may replace papers of the earlier. If `accept` raises, no
    further submission is started. Those under way are finished and yielded, and the first error is
    raised at the end.
    """
    under_way: deque[_UnderWay[Outcome]] = deque()
    failures: list[Exception] = []

    def next_outcome() -> Iterator[Outcome]:
        try:
            outcome = under_way.popleft().outcome.result()
        except Exception as error:  # noqa: BLE001 - raised at the end
            failures.append(error)
        else:
            yield outcome

    with ThreadPoolExecutor(EACH * processes, "kho-chart") as threads:
        for item in items:
            if isinstance(item, Submission):
                episode, weight = item.chart.episode, _weight(item)
                while _must_wait(under_way, episode, EACH * processes - weight):
                    yield from next_outcome()
                if failures:
                    break
                under_way.append(_UnderWay(episode, weight, threads.submit(accept, item)))
            else:
                there: Future[Outcome] = Future()
                there.set_result(item)
                under_way.append(_UnderWay(None, 0, there))
            while under_way and under_way[0].outcome.done():
                yield from next_outcome()
            if failures:
                break
        while under_way:
            yield from next_outcome()
    if failures:
        raise failures[0]


@dataclass(frozen=True, slots=True)
class _UnderWay(Generic[Outcome]):
    episode: str | None
    weight: int
    outcome: "Future[Outcome]"


def _must_wait(under_way: Iterable[_UnderWay[Outcome]], episode: str, room: int) -> bool:
    return sum(each.weight for each in under_way) > room or any(
        each.episode == episode for each in under_way
    )


def _weight(submission: Submission) -> int:
    return EACH if any(paper.file is not None for paper in submission.papers) else 1
