"""`kho/act/seal-chain/1`: from here on the facility seals with another certificate."""

from sqlalchemy.orm import Session

from archive.acts.envelope import Act
from archive.base.facts import Strict
from archive.catalog.tables import SealChainRow

SCHEMA = "kho/act/seal-chain/1"


class SealChain(Strict):
    """The new chain as PEM, leaf first, root last."""

    pem: str


def apply(session: Session, act: Act, facts: SealChain) -> None:
    """Write the chain; earlier ones stay."""
    session.add(SealChainRow(facility=act.facility, act_index=act.index, pem=facts.pem))
