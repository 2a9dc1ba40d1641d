"""Several courses of work at once in one thread, each waiting for its own answers from a server.

The caller's thread alone does the work, so the courses may share objects that are not thread-safe
(asn1crypto parses lazily); other threads only wait for the answers.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")
Result = TypeVar("Result")

_MOST = 32  # threads, whatever `at_once` says


@dataclass(slots=True)
class _Course(Generic[Question, Answer, Result]):
    """One course: the answer that it waits for, and its outcome."""

    steps: Generator[Question, Answer, Result]
    outcome: Future[Result]
    waits_for: Future[Answer] | None = None


def run_concurrently(
    courses: Iterable[Generator[Question, Answer, Result]],
    ask: Callable[[Question], Answer],
    at_once: Callable[[], int],
) -> Iterator[Result]:
    """Run `courses` and yield what each returns, in their order.

    A course yields questions; `ask` answers them, in other threads, and must be thread-safe.
    `at_once` returns how many courses may be under way, and is called again before courses start.
    Raises what a course or `ask` raises, in its turn: after the results of the courses before it.
    """
    waiting = iter(courses)
    begun: deque[_Course[Question, Answer, Result]] = deque()
    with ThreadPoolExecutor(_MOST, "kho-in-flight") as threads:

        def go_on(course: _Course[Question, Answer, Result]) -> None:
            """Take `course` to its next question, or to its end."""
            answered, course.waits_for = course.waits_for, None
            try:
                question = (
                    next(course.steps) if answered is None else course.steps.send(answered.result())
                )
            except StopIteration as end:
                course.outcome.set_result(end.value)
            except Exception as error:  # noqa: BLE001 - any error is raised when its turn has come
                course.outcome.set_exception(error)
            else:
                course.waits_for = threads.submit(ask, question)

        while True:
            for steps in islice(waiting, max(0, min(at_once(), _MOST) - len(begun))):
                begun.append(_Course(steps, Future()))
                go_on(begun[-1])
            if not begun:
                return
            asked = {course.waits_for: course for course in begun if course.waits_for is not None}
            if not begun[0].outcome.done():
                for answered in wait(asked, return_when=FIRST_COMPLETED).done:
                    go_on(asked[answered])
            while begun and begun[0].outcome.done():
                yield begun.popleft().outcome.result()
