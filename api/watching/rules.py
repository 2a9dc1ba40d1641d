"""The rules of a watched folder (`rules.yaml`), typed."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("rules.yaml")


@dataclass(frozen=True, slots=True)
class Rules:
    """All of `rules.yaml`; times in seconds."""

    interval_seconds: float
    settle_seconds: float
    empty_settle_seconds: float
    companion_seconds: float
    retry_seconds: tuple[float, ...]
    done: str
    refused: str
    incomplete: tuple[str, ...]

    @property
    def longest_settle_seconds(self) -> float:
        """The longest time after its last write until a file counts as complete."""
        return max(self.settle_seconds, self.empty_settle_seconds)

    def is_left(self, name: str) -> bool:
        """Return whether the watcher leaves a file of this name: it is incomplete, or not meant for
        Kho.
        """
        return name.startswith(".") or any(
            fnmatchcase(name.lower(), pattern) for pattern in self.incomplete
        )


def load_rules(path: Path = _FILE) -> Rules:
    """Read a file of this shape."""
    raw = yaml.safe_load(path.read_text("utf-8"))
    lists = {name: tuple(raw[name]) for name in ("retry_seconds", "incomplete")}
    return Rules(**{**raw, **lists})
