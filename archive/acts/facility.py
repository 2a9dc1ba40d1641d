"""Act 0, `kho/act/facility/1`: the facility, its public URL, and the ledger's origin and key."""

from typing import Any

from sqlalchemy.orm import Session

from archive.acts.envelope import Act
from archive.base.facts import Strict
from archive.catalog.tables import FacilityRow, SealChainRow

SCHEMA = "kho/act/facility/1"


class Facility(Strict):
    """What act 0 states.

    `seal_chain` is PEM, leaf first, root last; a change of it is an act of its own.
    """

    name: str
    authority: str  # cơ quan chủ quản
    address: str
    public_url: str | None
    ledger_origin: str
    ledger_key: str  # note verifier key
    seal_chain: str


def apply(session: Session, act: Act, facts: Facility) -> None:
    """Write the facility and its first seal chain."""
    stated: dict[str, Any] = facts.model_dump(exclude={"seal_chain"})
    session.add(FacilityRow(code=act.facility, **stated))
    session.flush()
    session.add(SealChainRow(facility=act.facility, act_index=act.index, pem=facts.seal_chain))
