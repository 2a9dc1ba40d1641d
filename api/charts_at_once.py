"""Several charts on their way into the archive at once: told in their order, and one episode never twice at once.

While one chart's act is written, the papers of the next are rendered and sealed (`ingest/pool.py`).
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from ingest.submission import Submission

Told = TypeVar("Told")


def charts_at_once(
    items: Iterable[Submission | Told], accept: Callable[[Submission], Told], at_once: int
) -> Iterator[Told]:
    """Yield what `accept` makes of each submission, and every other item as it is, in the order of `items`.

    At most `at_once` submissions are under way. Two of one episode never are: the later one may replace papers of the
    earlier. Raises what `accept` raises, in its turn; what was begun is finished before.
    """
    if at_once < 2:
        yield from (accept(item) if isinstance(item, Submission) else item for item in items)
        return
    under_way: deque[tuple[str | None, Future[Told]]] = deque()
    with ThreadPoolExecutor(at_once, "kho-chart") as threads:
        for item in items:
            if isinstance(item, Submission):
                episode: str | None = item.chart.episode
                while len(under_way) >= at_once or any(one == episode for one, _ in under_way):
                    yield under_way.popleft()[1].result()
                under_way.append((episode, threads.submit(accept, item)))
            else:
                there: Future[Told] = Future()
                there.set_result(item)
                under_way.append((None, there))
            while under_way and under_way[0][1].done():
                yield under_way.popleft()[1].result()
        while under_way:
            yield under_way.popleft()[1].result()
