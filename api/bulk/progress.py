"""How far a long load is: counts, the rate of the last minute, and what remains."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

_WINDOW = 60.0  # seconds over which the rate is taken


@dataclass(slots=True)
class Progress:
    """Counts charts; times are monotonic seconds."""

    charts: int  # to be loaded in this run
    skipped: int  # loaded before, or left out
    started: float
    done: int = 0
    documents: int = 0
    refused: int = 0
    waiting: int = 0
    _marks: deque[tuple[float, int]] = field(default_factory=deque)

    def count(self, now: float, documents: int, *, refused: bool, waiting: bool = False) -> None:
        """Count one chart; a `waiting` one has a file that waits for a program."""
        self.done += 1
        self.documents += documents
        self.refused += refused
        self.waiting += waiting
        self._marks.append((now, self.done))
        while len(self._marks) > 2 and self._marks[0][0] < now - _WINDOW:
            self._marks.popleft()

    def rate(self, now: float) -> float:
        """Return charts a second, of the last minute."""
        if not self._marks:
            return 0.0
        since, before = self._marks[0] if len(self._marks) > 1 else (self.started, 0)
        return (self.done - before) / max(now - since, 1e-9)

    def remaining(self, now: float) -> float | None:
        """Return the seconds that are left at this rate; None while there is no rate."""
        rate = self.rate(now)
        return (self.charts - self.done) / rate if rate else None

    def as_json(self, now: float) -> dict[str, Any]:
        """Return the line of `kho ingest --manifest --json`."""
        left = self.remaining(now)
        return {
            "charts": self.charts,
            "done": self.done,
            "skipped": self.skipped,
            "documents": self.documents,
            "refused": self.refused,
            "waiting": self.waiting,
            "rate": round(self.rate(now), 3),
            "seconds": round(now - self.started, 3),
            "remaining_seconds": None if left is None else round(left, 1),
        }

    def as_text(self, now: float) -> str:
        """Return one line for people."""
        left = self.remaining(now)
        share = 100 * self.done // self.charts if self.charts else 100
        clock = "" if left is None else f", còn / left {_clock(left)}"
        refused = f", {self.refused} bị từ chối / refused" if self.refused else ""
        waiting = f", {self.waiting} phải chờ / waiting" if self.waiting else ""
        counts = f"{self.done}/{self.charts} hồ sơ / charts ({share} %)"
        return f"{counts}, {self.rate(now):.1f}/s{clock}{refused}{waiting}"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
