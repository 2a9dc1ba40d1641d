"""Reading the ledger's nodes from the catalogue."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from archive.base.errors import IntegrityError
from archive.base.identifiers import FacilityCode
from archive.catalog.rows import table_of
from archive.catalog.tables import LedgerNodeRow
from archive.ledger.merkle import NodeReader

_NODES = table_of(LedgerNodeRow).c
_HASH = select(_NODES.hash).where(
    _NODES.facility == bindparam("facility"),
    _NODES.level == bindparam("level"),
    _NODES.position == bindparam("position"),
)


def node_reader(session: Session, facility: FacilityCode) -> NodeReader:
    """Return a reader of the catalogue's ledger nodes.

    It raises IntegrityError for one that is missing.
    """

    def read(level: int, position: int) -> bytes:
        here = {"facility": facility, "level": level, "position": position}
        value: bytes | None = session.connection().execute(_HASH, here).scalar()
        if value is None:
            raise IntegrityError(object=f"ledger node {level}/{position}")
        return value

    return read
