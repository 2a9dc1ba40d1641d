"""One case of the trial: how it ends, and where the functions that try it are found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar


class Gravity(StrEnum):
    """What a failure means: a broken promise of Kho's, a stated limit, or information only."""

    FATAL = "fatal"
    LIMIT = "limit"
    INFO = "info"


class Outcome(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class Finding:
    """One case's outcome; `seen` is the evidence in a few ASCII words, e.g. `403 AccessDenied`."""

    case: str
    outcome: Outcome
    seen: str = ""


class Broken(Exception):
    """The store did not do what the case shows; the message says what was seen instead."""


class NotTried(Exception):
    """The case needs something that this run does not have; the message names it."""


T = TypeVar("T")
# A case may yield the moment from which it wants to go on (a lock's end): others run meanwhile.
Steps = Iterator[datetime]


class Cases(Generic[T]):
    """Functions by the id of the case that they try; each takes one trial."""

    def __init__(self) -> None:
        self.functions: dict[str, Callable[[T], Steps | None]] = {}

    def tries(
        self, case: str
    ) -> Callable[[Callable[[T], Steps | None]], Callable[[T], Steps | None]]:
        """Enter the function below as what tries `case`."""

        def enter(function: Callable[[T], Steps | None]) -> Callable[[T], Steps | None]:
            assert case not in self.functions, f"{case} is tried twice"
            self.functions[case] = function
            return function

        return enter
