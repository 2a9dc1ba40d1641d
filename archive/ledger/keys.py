"""The keys of one ledger, oldest first: which of them must have signed an act or a checkpoint.

Act 0 states the first key. The rule for every later one: an act is signed by the newest key that the acts before it
state, a checkpoint of size n by the newest key that the first n acts state.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalog.rows import table_of
from archive.catalog.tables import FacilityRow
from archive.errors import Damaged
from archive.identifiers import FacilityCode
from archive.ledger.checkpoint import Head, VerifierKey, open_checkpoint, parse_checkpoint

Stated = tuple[int, VerifierKey]  # the index of the act that states the key, and the key


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """The keys that the acts of the ledger `origin` state, oldest first; act 0 states the first."""

    origin: str
    stated: tuple[Stated, ...]

    @property
    def newest(self) -> VerifierKey:
        """The key that signs from here on."""
        return self.stated[-1][1]

    def of_head(self, size: int) -> VerifierKey:
        """Return the key that signs a checkpoint of `size` acts."""
        return next((key for index, key in reversed(self.stated) if index < size), self.stated[0][1])

    def open(self, note: bytes) -> Head:
        """Return the head that the checkpoint `note` states.

        Raises :class:`ValueError` unless it is of this ledger and signed by the key that its size calls for.
        """
        size = parse_checkpoint(note).size
        head = open_checkpoint(note, self.of_head(size))
        if head.origin != self.origin:
            raise ValueError("the checkpoint is of another ledger")
        return head


def ledger_keys(session: Session, facility: FacilityCode) -> LedgerKeys:
    """Return the keys that the catalogue's acts state. Raises Damaged where it states none, or what is no key."""
    stated = table_of(FacilityRow).c
    row = session.execute(select(stated.ledger_origin, stated.ledger_key).where(stated.code == facility)).one_or_none()
    if row is None:
        raise Damaged(object="act 0")
    try:
        return LedgerKeys(str(row.ledger_origin), tuple(_parsed([(0, row.ledger_key)])))
    except ValueError as error:
        raise Damaged(object=f"{facility}: ledger key") from error


def _parsed(rows: list[tuple[int, str]]) -> Iterator[Stated]:
    for index, text in rows:
        yield index, VerifierKey.parse(str(text))
