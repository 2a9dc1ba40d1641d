"""The keys of one ledger, oldest first: which of them must have signed an act or a checkpoint.

Act 0 states the first key; the origin and that key identify the ledger permanently. Acts of the
kind ledger-key state the later keys. The newest key that the acts before an act state signs that
act. The newest key that the first n acts state signs a checkpoint of size n.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from archive.base.errors import IntegrityError, KhoError
from archive.base.identifiers import FacilityCode
from archive.catalog.rows import table_of
from archive.catalog.tables import FacilityRow, LedgerKeyRow
from archive.ledger.checkpoint import TreeHead, VerifierKey, open_checkpoint, parse_checkpoint

Stated = tuple[int, VerifierKey]  # the index of the act that states the key, and the key


class KeyNotInForce(KhoError):
    """This process signs with a key that the ledger has handed over, or has not got yet.

    Nothing is signed with it.
    """

    code = "ledger.key_not_in_force"


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """The keys that the acts of the ledger `origin` state, oldest first; act 0 states the first."""

    origin: str
    stated: tuple[Stated, ...]

    @property
    def newest(self) -> VerifierKey:
        """The key that signs from here on."""
        return self.stated[-1][1]

    @property
    def all(self) -> tuple[VerifierKey, ...]:
        """Every key, oldest first."""
        return tuple(key for _, key in self.stated)

    @property
    def first(self) -> VerifierKey:
        """The key that act 0 states."""
        return self.stated[0][1]

    def of_act(self, index: int) -> VerifierKey:
        """Return the key that signs act `index`."""
        return self.of_head(index)

    def of_head(self, size: int) -> VerifierKey:
        """Return the key that signs a checkpoint of `size` acts."""
        return next((key for index, key in reversed(self.stated) if index < size), self.first)

    def open(self, note: bytes) -> TreeHead:
        """Return the head that the checkpoint `note` states.

        Raises :class:`ValueError` unless it is of this ledger and signed by the key for its size.
        """
        size = parse_checkpoint(note).size
        head = open_checkpoint(note, self.of_head(size))
        if head.origin != self.origin:
            raise ValueError("the checkpoint is of another ledger")
        return head


_FACILITY, _LATER = table_of(FacilityRow), table_of(LedgerKeyRow)
_STATED = (
    select(_FACILITY.c.ledger_origin, _FACILITY.c.ledger_key, _LATER.c.act_index, _LATER.c.key)
    .select_from(_FACILITY.outerjoin(_LATER, _LATER.c.facility == _FACILITY.c.code))
    .where(_FACILITY.c.code == bindparam("facility"))
    .order_by(_LATER.c.act_index)
)  # kept, so that SQLAlchemy knows again what it has compiled


def ledger_keys(session: Session, facility: FacilityCode) -> LedgerKeys:
    """Return the keys that the catalogue's acts state.

    Raises IntegrityError where it states none, or what is no key.
    """
    rows = session.execute(_STATED, {"facility": facility}).all()
    if not rows:
        raise IntegrityError(object="act 0")
    later = [(row.act_index, row.key) for row in rows if row.act_index is not None]
    try:
        stated = tuple(
            (index, VerifierKey.parse(str(text)))
            for index, text in [(0, rows[0].ledger_key), *later]
        )
    except ValueError as error:
        raise IntegrityError(object=f"{facility}: ledger key") from error
    return LedgerKeys(str(rows[0].ledger_origin), stated)
