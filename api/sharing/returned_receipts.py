"""Receipts that come back: verified, compared with the handover that they answer, and archived
beside it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api.sharing.identity import Identity
from api.sharing.partners import PartnerService
from api.sharing.receipt import Receipt
from api.sharing.receipt_report import ReceiptReport, verify_receipt
from api.sharing.refusals import NotProven, ReceiptRefused, Undecided, fault
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.acts.envelope import ActActor, ActObject, Draft
from archive.acts.handover import Handover
from archive.acts.packet_receipt import (
    MEDIA_TYPE,
    RETURNED,
    SCHEMA_RETURNED,
    PacketReceipt,
    receipt_key,
)
from archive.acts.signed_acts import CatalogueAltered
from archive.base.clock import Clock, iso, parse_iso
from archive.base.errors import Fault, NotFound
from archive.base.identifiers import ChartId, FacilityCode, ObjectKey, Sha256, sha256
from archive.base.leases import Leases
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.tables import DocumentRow, HandoverRow, PacketReceiptRow
from archive.coordination.sequencer import Sequencer
from archive.process import crash
from archive.vault.contract import Stored, Vault
from retention.locks import locked_until
from signing.trust import TrustRoots
from signing.validation.result.verdict import Verdict

# as far as a seal's clock may be off (`signing/timestamps.py`)
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Returned:
    """A receipt that is archived, and the handover that it answers."""

    packet_id: str
    chart_id: str
    receiver: str
    received_at: datetime
    documents: int
    sha256: str
    ledger_index: int
    identity: Identity  # whose ledger and seal vouch for it
    warnings: tuple[Fault, ...]  # what a person should know, and what stops nothing

    def as_json(self) -> dict[str, Any]:
        """Return what `kho packet receipt` prints."""
        return {
            "packet_id": self.packet_id,
            "chart_id": self.chart_id,
            "receiver": self.receiver,
            "received_at": iso(self.received_at),
            "documents": self.documents,
            "sha256": self.sha256,
            "ledger_index": self.ledger_index,
            "identity": self.identity.as_json(),
            "warnings": [warning.as_json() for warning in self.warnings],
        }


class ReturnedReceiptService:
    """Takes back the receipts of one facility's packets."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        vault: Vault,
        sequencer: Sequencer,
        leases: Leases,
        partners: PartnerService,
        facility: FacilityCode,
        clock: Clock,
    ) -> None:
        self._catalog, self._vault, self._sequencer = catalog, vault, sequencer
        self._leases, self._partners, self._facility, self._clock = (
            leases,
            partners,
            facility,
            clock,
        )

    def accept(self, data: bytes, trust: TrustRoots, actor: Actor, scope: Scope) -> Returned:
        """Archive a receipt that answers a packet of this facility; the first one of the partner
        counts.

        It counts only from the partner for which the packet was made. Raises NotProven, Undecided,
        ReceiptRefused, NotAPartner, Denied, and what the vault raises.
        """
        actor.require(Permission.PACKET)
        report = verify_receipt(data, trust, at=self._clock.now())
        require_valid(report)
        assert report.receipt is not None  # else it were not valid
        receipt, identity = report.receipt, report.identity
        assert identity is not None  # else it were not valid
        self._sequencer.catch_up()
        episode = self._episode(receipt, scope)
        with self._leases.hold(records.chart_lease(self._facility, episode)):
            with self._catalog.read() as session:
                handover = _handover(session, self._facility, receipt)
                there = _returned(session, self._facility, receipt, sha256(data))
                until = locked_until(
                    self._sequencer.signed, session, handover.chart_id, self._clock.now()
                )
            documents = self._require_the_same(receipt, handover)
            self._partners.require(identity)
            if there is not None:
                self._sequencer.signed.bound(there)
            if there is None:
                key = receipt_key(self._facility, receipt.packet.id, sha256(data))
                stored = self._vault.put(
                    ObjectKey(key), data, retain_until=until, media_type=MEDIA_TYPE
                )
                crash.point("return.put")
                self._sequencer.append(
                    lambda session: self._draft(session, receipt, identity, data, stored, actor)
                )
                crash.point("return.recorded")
        with self._catalog.read() as session:
            row = _returned(session, self._facility, receipt, sha256(data))
            assert row is not None  # it was archived above, or before
            return Returned(
                packet_id=row.packet_id,
                chart_id=row.chart_id,
                receiver=row.partner,
                received_at=row.received_at,
                documents=documents,
                sha256=row.sha256,
                ledger_index=row.act_index,
                identity=identity,
                warnings=(),
            )

    def _episode(self, receipt: Receipt, scope: Scope) -> str:
        """Return the episode of the chart that was handed over; raises ReceiptRefused also where it
        may not be seen.
        """
        with self._catalog.read() as session:
            try:
                return records.chart(
                    session, _handover(session, self._facility, receipt).chart_id, scope
                ).episode
            except NotFound as error:
                raise ReceiptRefused([fault("/packet/id", "receipt.unknown_packet")]) from error

    def _require_the_same(self, receipt: Receipt, handover: HandoverRow) -> int:
        """Return how many documents were handed over; raises ReceiptRefused unless the receipt is
        of just that.
        """
        with self._catalog.read() as session:
            chart = self._sequencer.signed.act(handover.act_index).chart
            facts = self._sequencer.signed.facts(handover.act_index)
            if (
                not isinstance(facts, Handover)
                or not _is_of(handover, facts)
                or handover.chart_id != chart
            ):
                raise CatalogueAltered(object=f"packet {handover.packet_id}")
            rows = session.scalars(
                select(DocumentRow).where(DocumentRow.id.in_(facts.documents))
            ).all()
        made_at = parse_iso(self._sequencer.signed.act(handover.act_index).time)
        stated = {row.id: self._sequencer.signed.document(row)[1] for row in rows}
        sent = {(document, each.sha256, each.size) for document, each in stated.items()}
        faults = list(_differences(receipt, handover, made_at, self._facility))
        if sent != {
            (document.document_id, document.sha256, document.size) for document in receipt.documents
        }:
            faults.append(fault("/documents", "receipt.other_documents"))
        if faults:
            raise ReceiptRefused(faults)
        return len(sent)

    def _draft(
        self,
        session: Session,
        receipt: Receipt,
        identity: Identity,
        data: bytes,
        stored: Stored,
        actor: Actor,
    ) -> tuple[Draft, datetime] | None:
        if _returned(session, self._facility, receipt, sha256(data)) is not None:
            return None
        handover = _handover(session, self._facility, receipt)
        facts = PacketReceipt(
            packet=receipt.packet.id,
            partner=receipt.receiver.code,
            sha256=receipt.packet.sha256,
            received_at=receipt.received_at,
            came_from=identity.came_from,
        )
        bound = ActObject(
            key=stored.key,
            version=stored.version,
            sha256=sha256(data),
            size=stored.size,
            media_type=MEDIA_TYPE,
        )
        draft = Draft(
            schema_name=SCHEMA_RETURNED,
            actor=ActActor(name=actor.name, role=actor.role),
            chart=ChartId(handover.chart_id),
            facts=facts.model_dump(mode="json"),
            objects=(bound,),
            seen=(stored,),
        )
        return draft, locked_until(
            self._sequencer.signed, session, handover.chart_id, self._clock.now()
        )


def require_valid(report: ReceiptReport) -> None:
    """Return if the receipt is valid; raises Undecided, NotProven."""
    if report.verdict is Verdict.INDETERMINATE:
        raise Undecided(report.reasons, report.as_json())
    if report.verdict is not Verdict.VALID:
        raise NotProven(report.reasons, report.as_json())


def _handover(session: Session, facility: str, receipt: Receipt) -> HandoverRow:
    handover = session.get(HandoverRow, receipt.packet.id)
    if handover is None or handover.facility != facility:
        raise ReceiptRefused([fault("/packet/id", "receipt.unknown_packet")])
    return handover


def _returned(
    session: Session, facility: str, receipt: Receipt, digest: Sha256
) -> PacketReceiptRow | None:
    """Return the receipt of this packet that was archived before, from this receiver's ledger or as
    this very file.

    An earlier receipt whose act states no ledger counts as another receiver's: it blocks no genuine
    one.
    """
    same = or_(PacketReceiptRow.ledger_key == receipt.ledger.key, PacketReceiptRow.sha256 == digest)
    return session.scalar(
        select(PacketReceiptRow)
        .where(
            PacketReceiptRow.facility == facility,
            PacketReceiptRow.direction == RETURNED,
            PacketReceiptRow.packet_id == receipt.packet.id,
            PacketReceiptRow.partner == receipt.receiver.code,
            same,
        )
        .order_by(PacketReceiptRow.act_index)
        .limit(1)
    )


def _is_of(row: HandoverRow, facts: Handover) -> bool:
    """Return whether a handover is the one that its signed act states."""
    return (row.packet_id, row.recipient, row.sha256) == (
        facts.packet,
        facts.recipient,
        facts.sha256,
    )


def _differences(
    receipt: Receipt, handover: HandoverRow, made_at: datetime, facility: str
) -> list[Fault]:
    faults = []
    if receipt.sender.code != facility:
        faults.append(
            fault("/sender", "receipt.other_sender", sender=receipt.sender.code, facility=facility)
        )
    if receipt.receiver.code != handover.recipient:
        facts = {"recipient": handover.recipient, "receiver": receipt.receiver.code}
        faults.append(fault("/receiver", "receipt.other_receiver", **facts))
    if receipt.packet.sha256 != handover.sha256:
        faults.append(fault("/packet/sha256", "receipt.other_packet"))
    if parse_iso(receipt.received_at) < made_at - CLOCKS_DIFFER:
        faults.append(fault("/received_at", "receipt.too_early"))
    return faults
