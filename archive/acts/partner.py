"""The partners of a facility: `kho/act/partner/1` states one, `kho/act/partner-removed/1` ends one.

A facility's code in a message is a claim. A partner is the ledger and the seal certificates that a
person has compared with the partner's own words, for example by telephone. Only packets and
receipts of partners count.
"""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from archive.acts.envelope import Act, Digest
from archive.base.errors import IntegrityError
from archive.base.facts import FacilityCodeText, Strict
from archive.catalog.tables import PartnerRow

SCHEMA = "kho/act/partner/1"
SCHEMA_REMOVED = "kho/act/partner-removed/1"


class SealCertificate(Strict):
    """A certificate that packets and receipts are signed with; `sha256` is of its DER."""

    subject: str
    issuer: str
    sha256: Digest


class CameFrom(Strict):
    """The sender of a packet or receipt, by its ledger and seal.

    The verification has proven both.
    """

    ledger_origin: str
    ledger_key: str  # note verifier key, as the ledger's act 0 states it
    seal: SealCertificate


class Partner(Strict):
    """A partner whole, as it is from here on."""

    code: FacilityCodeText
    name: str
    ledger_origin: str
    ledger_key: str
    seals: Annotated[tuple[SealCertificate, ...], Field(min_length=1)]


class PartnerRemoved(Strict):
    """The facility of this code is a partner no longer."""

    code: str


def came_from_columns(came_from: CameFrom | None) -> dict[str, str | None]:
    """Return the columns of a packet or a receipt that say from whom it came."""
    return {
        "ledger_key": came_from.ledger_key if came_from else None,
        "signer": came_from.seal.subject if came_from else None,
        "certificate": came_from.seal.sha256 if came_from else None,
    }


def apply(session: Session, act: Act, facts: Partner) -> None:
    """Write the partner as the act states it."""
    stated: dict[str, Any] = facts.model_dump(mode="json", exclude={"code"})
    row = session.get(PartnerRow, (act.facility, facts.code))
    if row is None:
        session.add(
            PartnerRow(facility=act.facility, code=facts.code, act_index=act.index, **stated)
        )
        return
    for name, value in (stated | {"act_index": act.index}).items():
        setattr(row, name, value)


def apply_removed(session: Session, act: Act, facts: PartnerRemoved) -> None:
    """Remove the partner; raises IntegrityError where there is none."""
    row = session.get(PartnerRow, (act.facility, facts.code))
    if row is None:
        raise IntegrityError(object=f"act {act.index}")
    session.delete(row)
