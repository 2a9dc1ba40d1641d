"""Compares the history with a checkpoint that was kept elsewhere.

A key can sign any history, so a signature by the owner of the key proves nothing about the history.
A checkpoint that the owner cannot change does: only the history from which it was made continues it
(RFC 6962 §2.1.2).
"""

from dataclasses import dataclass
from enum import StrEnum

from archive.ledger import merkle
from archive.ledger.checkpoint import TreeHead, parse_checkpoint
from archive.ledger.keys import LedgerKeys
from archive.ledger.merkle import NodeReader


class Contradiction(StrEnum):
    """How a kept checkpoint contradicts a history.

    The values are the codes of the faults that `kho check` reports.
    """

    OTHER_LEDGER = "history.other_ledger"  # another origin, or a key that the acts do not state
    SHORTER = "history.shorter"  # acts that the checkpoint counts are missing
    REPLACED = "history.replaced"  # the acts that the checkpoint counts were other ones


@dataclass(frozen=True, slots=True)
class History:
    """The current acts: the keys that they state, their number, and the tree over them."""

    keys: LedgerKeys
    size: int
    read: NodeReader

    @property
    def head(self) -> TreeHead:
        """The head of the whole history."""
        return TreeHead(self.keys.origin, self.size, merkle.root(self.size, self.read))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return the proof that the first `old` acts begin the first `new` ones.

        It is empty for `old` 0.
        """
        return merkle.consistency_proof(old, new, self.read) if old else []

    def contradiction(self, note: bytes) -> Contradiction | None:
        """Return how the kept checkpoint `note` contradicts this history.

        Returns None where the history continues it.

        Raises :class:`ValueError` for what is no checkpoint.
        """
        kept = parse_checkpoint(note)
        try:
            self.keys.open(note)
        except ValueError:
            return Contradiction.OTHER_LEDGER
        if kept.size > self.size:
            return Contradiction.SHORTER
        return None if self._continues(kept) else Contradiction.REPLACED

    def _continues(self, kept: TreeHead) -> bool:
        if kept.size == 0:
            return kept.root == merkle.root(0, self.read)
        proof = self.consistency(kept.size, self.size)
        try:
            merkle.require_consistent(kept.size, self.size, kept.root, self.head.root, proof)
        except ValueError:
            return False
        return True
