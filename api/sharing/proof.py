"""Inclusion proofs as files (C2SP tlog-proof@v1): an act is in the ledger whose signed head the
file carries.
"""

import base64
import binascii
from dataclasses import dataclass

from archive.base.identifiers import Sha256
from archive.ledger.checkpoint import TreeHead
from archive.ledger.keys import LedgerKeys
from archive.ledger.merkle import entry, leaf_hash, root_of_inclusion

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_BYTES = 64 << 10
_MAX_PATH = 64  # a tree of more than 2**64 leaves does not exist


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as its file states it, not yet checked: the index, the audit path nearest first, the
    checkpoint.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    def head(self, act: Sha256, keys: LedgerKeys) -> TreeHead:
        """Return the head under which the act of digest `act` is proven to be at `index`.

        Raises :class:`ValueError` if the checkpoint is of another ledger than `keys`, if the key in
        force at its size did not sign it, or if the path does not lead to its root.
        """
        head = keys.open(self.checkpoint)
        if root_of_inclusion(leaf_hash(entry(act)), self.index, head.size, self.path) != head.root:
            raise ValueError("the path does not lead to the root")
        return head


def parse_proof(data: bytes) -> Proof:
    """Parse a proof as Kho writes it: no `extra` line; raises :class:`ValueError`."""
    if len(data) > MAX_BYTES:
        raise ValueError("too large")
    head, gap, checkpoint = data.decode("utf-8").partition("\n\n")
    first, index, *path = head.split("\n")
    if first != _FIRST_LINE or not gap or len(path) > _MAX_PATH:
        raise ValueError("not a tlog-proof")
    number = index.removeprefix("index ")
    if not number.isascii() or not number.isdigit() or index != f"index {int(number)}":
        raise ValueError("its index is not written as it must be")
    return Proof(int(number), tuple(_hash(line) for line in path), checkpoint.encode("utf-8"))


def _hash(line: str) -> bytes:
    try:
        value = base64.b64decode(line, validate=True)
    except binascii.Error as error:
        raise ValueError("a hash is not base64") from error
    if len(value) != 32 or base64.b64encode(value).decode() != line:
        raise ValueError("a hash is not a SHA-256")
    return value
