"""Reading ahead: the next items are fetched while the caller works on the current one.

The order is kept.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

What = TypeVar("What")
Got = TypeVar("Got")

THREADS = 8  # requests under way: most of one is waiting for the store
AHEAD = 32  # results that wait to be taken, at most


def read_ahead(
    read: Callable[[What], Got],
    items: Iterable[What],
    *,
    threads: int = THREADS,
    ahead: int = AHEAD,
) -> Iterator[Got]:
    """Yield `read(item)` of each item, in order.

    `threads` items are read at once, and at most `ahead` results wait or are being read. What
    `read` or `items` raises is raised at its place in that order. Closing the iterator ends the
    reading.
    """
    waiting: deque[Future[Got]] = deque()
    source = iter(items)
    with ThreadPoolExecutor(threads, "kho-read") as pool:
        try:
            while True:
                try:
                    while len(waiting) < ahead:
                        waiting.append(pool.submit(read, next(source)))
                except StopIteration:
                    break
                except Exception as error:  # noqa: BLE001 - the results before it are yielded first
                    waiting.append(Future())
                    waiting[-1].set_exception(error)
                    break
                yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
