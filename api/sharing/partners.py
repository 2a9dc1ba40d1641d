"""The partners of this facility: a person confirms them, and packets and receipts count only from
them.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.sharing.identity import Identity, is_known_as
from api.sharing.refusals import PacketRefused, fault
from archive.access.actor import Actor, Permission
from archive.acts.envelope import ActActor, Draft
from archive.acts.partner import (
    SCHEMA,
    SCHEMA_REMOVED,
    Partner,
    PartnerRemoved,
    SealCertificate,
)
from archive.acts.stated_charts import stated_partner
from archive.base.clock import Clock
from archive.base.errors import KhoError, NotFound
from archive.catalog.database import Catalog
from archive.catalog.entries import FacilityEntry
from archive.catalog.tables import PartnerRow
from archive.coordination.sequencer import Sequencer
from archive.vault.policy import rolling_until


class Standing(StrEnum):
    """How an identity compares with the partners that a person has confirmed."""

    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"  # no partner has this code
    OTHER_LEDGER = "other_ledger"  # the partner of this code has another ledger
    OTHER_SEAL = "other_seal"  # the partner's ledger, with a certificate that is not confirmed
    OWN = "own"  # it is of this very archive
    THIS_FACILITY = "this_facility"  # it claims this facility's own code


class NotAPartner(KhoError):
    """A packet or receipt of a facility that no person here has confirmed."""

    code = "partner.unknown"

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        super().__init__(**identity.facts)

    @classmethod
    def sample(cls, **_facts: object) -> Self:
        """Return an error about an invented facility."""
        seal = SealCertificate(subject="…", issuer="…", sha256="0" * 64)
        return cls(Identity("79001", "…", "…", "…", seal))

    def as_json(self) -> dict[str, Any]:
        """Return the error with the identity."""
        return {**super().as_json(), "identity": self.identity.as_json()}


class PartnerDiffers(NotAPartner):
    """A packet or receipt with a partner's code, but another ledger or a certificate that is not
    confirmed.
    """

    code = "partner.differs"


class ClaimsThisFacility(NotAPartner):
    """A packet or receipt that claims this facility's code and is of another ledger."""

    code = "partner.claims_this_facility"


class CheckCodeDiffers(KhoError):
    """The check code that was given is not the one of the file."""

    code = "partner.check_code_differs"


_REFUSALS: dict[Standing, type[NotAPartner]] = {
    Standing.UNKNOWN: NotAPartner,
    Standing.OTHER_LEDGER: PartnerDiffers,
    Standing.OTHER_SEAL: PartnerDiffers,
}


class PartnerService:
    """Keeps the partners of one facility. What counts is what the signed acts say."""

    def __init__(
        self, *, catalog: Catalog, sequencer: Sequencer, facility: FacilityEntry, clock: Clock
    ) -> None:
        self._catalog, self._sequencer, self._clock = catalog, sequencer, clock
        self._facility = facility

    def all(self) -> list[Partner]:
        """Return the partners in order of their codes. Raises CatalogueAltered."""
        query = (
            select(PartnerRow.code)
            .where(PartnerRow.facility == self._facility.code)
            .order_by(PartnerRow.code)
        )
        with self._catalog.read() as session:
            stated = [self._stated(session, code) for code in session.scalars(query).all()]
        return [partner for partner in stated if partner is not None]

    def names(self) -> dict[str, str]:
        """Return the partners' names by code, as the catalogue has them: to be shown, one query."""
        mine = PartnerRow.facility == self._facility.code
        query = select(PartnerRow.code, PartnerRow.name).where(mine).order_by(PartnerRow.code)
        with self._catalog.read() as session:
            return {row.code: row.name for row in session.execute(query)}

    def standing(self, identity: Identity) -> Standing:
        """Return how `identity` compares with the confirmed partners. Raises CatalogueAltered."""
        if identity.ledger_key == self._facility.ledger_key:
            return Standing.OWN
        if identity.code == self._facility.code:
            return Standing.THIS_FACILITY
        with self._catalog.read() as session:
            partner = self._stated(session, identity.code)
        if partner is None:
            return Standing.UNKNOWN
        if is_known_as(identity, partner):
            return Standing.CONFIRMED
        return Standing.OTHER_SEAL if _same_ledger(identity, partner) else Standing.OTHER_LEDGER

    def require(self, identity: Identity) -> None:
        """Return if a person has confirmed `identity`.

        Raises NotAPartner, PartnerDiffers or ClaimsThisFacility, each with what a person needs to
        compare; and PacketRefused for what is of this archive itself.
        """
        standing = self.standing(identity)
        self._require_other(standing, identity)
        if standing is not Standing.CONFIRMED:
            raise _REFUSALS[standing](identity)

    def confirm(
        self, identity: Identity, check_code: str, actor: Actor, *, replace: bool = False
    ) -> Partner:
        """Confirm a partner as a person compared it; a further certificate of its ledger is added.

        `identity` was proven by verification; `check_code` is what the partner said of itself.
        `replace`: another ledger or the certificates so far no longer count. Raises Denied,
        CheckCodeDiffers, ClaimsThisFacility, PacketRefused (it is of this archive), and
        PartnerDiffers for another ledger without `replace`.
        """
        actor.require(Permission.PARTNER)
        if not identity.is_check_code(check_code):
            raise CheckCodeDiffers
        self._require_other(self.standing(identity), identity)
        self._sequencer.append(
            self._with_time(lambda session: self._confirmed(session, identity, actor, replace))
        )
        with self._catalog.read() as session:
            partner = self._stated(session, identity.code)
        if partner is None:
            raise NotFound  # another person removed it in this moment
        return partner

    def remove(self, code: str, actor: Actor) -> None:
        """End a partner: nothing of it is taken from now on.

        What was taken stays. Raises Denied, NotFound.
        """
        actor.require(Permission.PARTNER)

        def make(session: Session) -> Draft:
            if self._stated(session, code) is None:
                raise NotFound
            return _draft(SCHEMA_REMOVED, PartnerRemoved(code=code), actor)

        self._sequencer.append(self._with_time(make))

    @staticmethod
    def _require_other(standing: Standing, identity: Identity) -> None:
        if standing is Standing.OWN:
            raise PacketRefused([fault("/from", "packet.own")])
        if standing is Standing.THIS_FACILITY:
            raise ClaimsThisFacility(identity)

    def _confirmed(
        self, session: Session, identity: Identity, actor: Actor, replace: bool
    ) -> Draft | None:
        known = self._stated(session, identity.code) if not replace else None
        if known is not None and not _same_ledger(identity, known):
            raise PartnerDiffers(identity)
        seals = known.seals if known is not None else ()
        partner = Partner(
            code=identity.code,
            name=identity.name,
            ledger_origin=identity.ledger_origin,
            ledger_key=identity.ledger_key,
            seals=seals if identity.seal in seals else (*seals, identity.seal),
        )
        return _draft(SCHEMA, partner, actor) if partner != known else None

    def _stated(self, session: Session, code: str) -> Partner | None:
        return stated_partner(self._sequencer.signed, session, self._facility.code, code)

    def _with_time(
        self, make: Callable[[Session], Draft | None]
    ) -> Callable[[Session], tuple[Draft, datetime] | None]:
        def drafted(session: Session) -> tuple[Draft, datetime] | None:
            draft = make(session)
            return None if draft is None else (draft, rolling_until(self._clock.now()))

        return drafted


def _same_ledger(identity: Identity, partner: Partner) -> bool:
    return (identity.ledger_origin, identity.ledger_key) == (
        partner.ledger_origin,
        partner.ledger_key,
    )


def _draft(schema: str, facts: Partner | PartnerRemoved, actor: Actor) -> Draft:
    return Draft(
        schema_name=schema,
        actor=ActActor(name=actor.name, role=actor.role),
        chart=None,
        facts=facts.model_dump(mode="json"),
    )
