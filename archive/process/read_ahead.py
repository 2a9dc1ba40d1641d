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


def read_ahead(read: Callable[[What], Got], items: Iterable[What]) -> Iterator[Got]:
    """Yield `read(item)` of each item, in order.

    What `read` or `items` raises is raised at its place in that order.
    """
    waiting: deque[Future[Got]] = deque()
    source = iter(items)
    with ThreadPoolExecutor(THREADS, "kho-read") as threads:
        try:
            while True:
                try:
                    while len(waiting) < AHEAD:
                        waiting.append(threads.submit(read, next(source)))
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
            threads.shutdown(cancel_futures=True)
