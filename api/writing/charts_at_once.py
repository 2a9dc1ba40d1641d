"""Archives several charts in parallel.

Results keep the input's order; no episode is processed twice at once.

While one chart's act is written, the papers of the next are rendered and sealed (`ingest/preparation/`).
Acts that are due at the same time are written together (`archive/coordination/sequencer.py`). So
more charts are under way than there are processes.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from ingest.submission import Submission

# charts of data under way for each process, or one with finished files, which may take minutes and
# megabytes
EACH = 6
Told = TypeVar("Told")


def charts_at_once(
    items: Iterable[Submission | Told], accept: Callable[[Submission], Told], processes: int
) -> Iterator[Told]:
    """Yield the result of `accept` for each submission, and every other item unchanged, in the
    order of `items`.

    At most :data:`EACH` submissions for each of the `processes` are under way. Two submissions of
    one episode never are: the later may replace papers of the earlier. If `accept` raises, no
    further submission is started. Those under way are finished and yielded, and the first error is
    raised at the end.
    """
    under_way: deque[_UnderWay[Told]] = deque()
    failures: list[Exception] = []

    def next_told() -> Iterator[Told]:
        try:
            told = under_way.popleft().told.result()
        except Exception as error:  # noqa: BLE001 - raised at the end
            failures.append(error)
        else:
            yield told

    with ThreadPoolExecutor(EACH * processes, "kho-chart") as threads:
        for item in items:
            if isinstance(item, Submission):
                episode, weight = item.chart.episode, _weight(item)
                while _must_wait(under_way, episode, EACH * processes - weight):
                    yield from next_told()
                if failures:
                    break
                under_way.append(_UnderWay(episode, weight, threads.submit(accept, item)))
            else:
                there: Future[Told] = Future()
                there.set_result(item)
                under_way.append(_UnderWay(None, 0, there))
            while under_way and under_way[0].told.done():
                yield from next_told()
            if failures:
                break
        while under_way:
            yield from next_told()
    if failures:
        raise failures[0]


@dataclass(frozen=True, slots=True)
class _UnderWay(Generic[Told]):
    episode: str | None
    weight: int
    told: "Future[Told]"


def _must_wait(under_way: Iterable[_UnderWay[Told]], episode: str, room: int) -> bool:
    return sum(one.weight for one in under_way) > room or any(
        one.episode == episode for one in under_way
    )


def _weight(submission: Submission) -> int:
    return EACH if any(paper.file is not None for paper in submission.papers) else 1
