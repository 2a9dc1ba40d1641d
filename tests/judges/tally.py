"""How many files the judge judged, by form:
the figures that a run of the tests prints at its end.
"""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Files judged, by form: how many passed, how many failed."""

    passed: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def count(self, form: str, *, ok: bool) -> None:
        """Count one judged file."""
        (self.passed if ok else self.failed)[form] += 1

    @property
    def total(self) -> int:
        """Return how many files were judged."""
        return self.passed.total() + self.failed.total()

    def add(self, other: "Tally") -> None:
        """Add another worker's figures."""
        self.passed.update(other.passed)
        self.failed.update(other.failed)

    def as_json(self) -> dict[str, dict[str, int]]:
        """Return the figures as plain values, for the way from a test worker to
        the main process.
        """
        return {"passed": dict(self.passed), "failed": dict(self.failed)}

    @classmethod
    def from_json(cls, figures: dict[str, dict[str, int]]) -> "Tally":
        """Return what :meth:`as_json` gave away."""
        return cls(Counter(figures["passed"]), Counter(figures["failed"]))

    def lines(self) -> list[str]:
        """Return the figures as lines for a person, one a form, the sum first."""
        head = (
            f"veraPDF judged {self.total} files: {self.passed.total()} passed, "
            f"{self.failed.total()} failed"
        )
        forms = sorted(self.passed.keys() | self.failed.keys())
        return [
            head,
            *(
                f"  {form}: {self.passed[form]} passed, {self.failed[form]} failed"
                for form in forms
            ),
        ]
