"""The part of `kho check` that holds the history against checkpoints that were kept elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.base.errors import IntegrityError, Unreadable
from archive.ledger.history import Contradiction, History
from archive.witness.contract import WitnessAway
from archive.witness.service import WitnessService
from retention.health.faults import HealthFault, health_fault


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that was kept elsewhere: `name` says where it came from, `note` is its text."""

    name: str
    note: bytes


def history_faults(history: History | None, kept: Sequence[Kept]) -> Iterator[HealthFault | None]:
    """Yield for each kept checkpoint how the history contradicts it, or None.

    Without a history (act 0 is damaged or missing) each one is contradicted. Raises Unreadable for
    what is no checkpoint.
    """
    for each in kept:
        try:
            contradiction = (
                Contradiction.SHORTER if history is None else history.contradiction(each.note)
            )
        except ValueError as error:
            raise Unreadable(
                why_vi=f"{each.name} không phải điểm kiểm",
                why_en=f"{each.name} is not a checkpoint",
            ) from error
        yield None if contradiction is None else health_fault(contradiction, each.name)


def witness_faults(
    history: History | None, witnesses: WitnessService
) -> Iterator[HealthFault | None]:
    """Yield how the history contradicts each witness's checkpoint, or None; and witnesses away."""
    for witness in witnesses.all:
        try:
            yield from history_faults(
                history, [Kept(witness.name, note) for note in witnesses.kept(witness)]
            )
        except (WitnessAway, Unreadable, IntegrityError):
            yield health_fault("witness.away", witness.name)
