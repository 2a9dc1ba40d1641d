"""The clauses of ISO 19005-3 that the checks judge for a file."""

from dataclasses import dataclass, field


@dataclass
class Clauses:
    """Clauses of ISO 19005-3 that a file breaks, and those that could not be checked.

    Each is a clause and a word, for example `6.2.11.4.1 font`.
    """

    broken: set[str] = field(default_factory=set)
    unchecked: set[str] = field(default_factory=set)

    @property
    def is_sound(self) -> bool:
        """Whether everything was checked and nothing is broken."""
        return not self.broken and not self.unchecked

    def require(self, holds: bool, clause: str) -> None:
        """Note that `clause` is broken unless it `holds`."""
        if not holds:
            self.broken.add(clause)
