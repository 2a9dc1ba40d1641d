"""What every witness does: compares the history with what it keeps, takes the newest checkpoint."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from archive.base.errors import IntegrityError, Unavailable
from archive.ledger.history import Contradiction, History


@dataclass(frozen=True, slots=True)
class Claim:
    """What is shown to a witness: the history, its newest checkpoint, its last confirmation."""

    history: History
    checkpoint: bytes
    size: int  # of the checkpoint
    # size of the checkpoint that this witness confirmed last, as this home remembers it
    confirmed: int = 0


class Witness(Protocol):
    """A place that keeps checkpoints where the archive's owner cannot replace them unseen."""

    name: str

    def confirm(self, claim: Claim) -> bytes:
        """Compare what the witness keeps with the history, and hand over the checkpoint.

        Return it as the witness keeps it.

        Doing it again changes nothing. Raises HistoryContradicted, WitnessAway, VaultError.
        """
        ...

    def kept(self) -> Iterator[bytes]:
        """Yield the checkpoints that the witness keeps and shows.

        Raises WitnessAway, VaultError.
        """
        ...


class WitnessAway(Unavailable):
    """A witness did not answer, or not as it must. Archiving goes on without it."""

    code = "witness.away"


class HistoryContradicted(IntegrityError):
    """A witness keeps a checkpoint that this history does not continue. Kho writes nothing more."""

    code = "history.contradicted"


def require_continued(witness: str, history: History, note: bytes) -> None:
    """Return if the history continues the checkpoint `note` that `witness` keeps.

    Raises HistoryContradicted.

    Raises WitnessAway where `note` is no checkpoint.
    """
    try:
        contradiction = history.contradiction(note)
    except ValueError as error:
        raise WitnessAway(component=witness, why="what it keeps is no checkpoint") from error
    if contradiction is not None:
        raise contradicted(witness, contradiction)


def contradicted(witness: str, contradiction: Contradiction) -> HistoryContradicted:
    """Return the error that `witness` shows the history to be replaced."""
    return HistoryContradicted(witness=witness, why=contradiction.value)
