"""Gives the receipt of a received packet: it is made once, kept until its act is recorded, and
never changes.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.sharing import names
from api.sharing.envelope import sealed_envelope
from api.sharing.evidence import gather_place
from api.sharing.identity import Identity
from api.sharing.manifest import Ledger, Manifest, Recipient, Sender
from api.sharing.mapping import received_packet
from api.sharing.receipt import (
    FORMAT_1,
    FORMAT_2,
    LedgerPlace,
    PacketNamed,
    Receipt,
    ReceivedDocument,
)
from archive.access.actor import Actor
from archive.acts.envelope import ActActor, ActObject, Draft
from archive.acts.packet_receipt import GIVEN, MEDIA_TYPE, SCHEMA_GIVEN, PacketReceipt, receipt_key
from archive.base.clock import Clock
from archive.base.errors import IntegrityError
from archive.base.identifiers import (
    ChartId,
    DocumentId,
    FacilityCode,
    ObjectKey,
    Sha256,
    SubmissionId,
)
from archive.catalog.database import Catalog
from archive.catalog.entries import FacilityEntry
from archive.catalog.tables import PacketReceiptRow, ReceivedPacketRow
from archive.coordination.outbox import Outbox
from archive.coordination.sequencer import Sequencer
from archive.process import crash
from archive.vault.contract import Stored, Vault
from ingest.spool import Spool, Spooled
from retention.locks import locked_until
from signing.seal import Sealer

LEVEL = "CAdES-B-LT"


class ReceiptIssuer:
    """Gives the receipts of one facility. The caller holds a lease on the packet."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        vault: Vault,
        sequencer: Sequencer,
        outbox: Outbox,
        sealer: Sealer,
        spool: Spool,
        facility: FacilityEntry,
        clock: Clock,
    ) -> None:
        self._catalog, self._vault, self._sequencer, self._outbox = (
            catalog,
            vault,
            sequencer,
            outbox,
        )
        self._sealer, self._spool, self._facility, self._clock = sealer, spool, facility, clock

    @property
    def _code(self) -> FacilityCode:
        return FacilityCode(self._facility.code)

    def give(self, manifest: Manifest, digest: Sha256, identity: Identity, actor: Actor) -> bytes:
        """Return the receipt of the packet of this digest, whose documents are archived.

        It is the receipt that was given before, or a new one, which an act binds. Raises what
        sealing and the vault raise; the packet stays received then.
        """
        given = self._given(manifest.packet_id)
        if given is None:
            return self._new(manifest, digest, identity, actor)
        # the process that made it may have been killed before
        self._spool.clear(SubmissionId(manifest.packet_id))
        return given

    def _given(self, packet_id: str) -> bytes | None:
        with self._catalog.read() as session:
            row = session.scalar(
                select(PacketReceiptRow).where(
                    PacketReceiptRow.facility == self._code,
                    PacketReceiptRow.direction == GIVEN,
                    PacketReceiptRow.packet_id == packet_id,
                )
            )
        if row is None:
            return None
        self._sequencer.signed.bound(row)
        return self._vault.read(ObjectKey(row.object_key), row.object_version, Sha256(row.sha256))

    def _new(self, manifest: Manifest, digest: Sha256, identity: Identity, actor: Actor) -> bytes:
        kept = self._kept(manifest, digest, identity)
        with self._catalog.read() as session:
            row = require_received(session, self._code, manifest.packet_id)
            until = locked_until(self._sequencer.signed, session, row.chart_id, self._clock.now())
        stored = self._vault.put(
            receipt_key(self._code, manifest.packet_id, kept.sha256),
            kept.data,
            retain_until=until,
            media_type=MEDIA_TYPE,
        )
        crash.point("receipt.put")
        self._sequencer.append(
            lambda session: self._draft(session, manifest.packet_id, identity, kept, stored, actor)
        )
        crash.point("receipt.recorded")
        self._spool.clear(SubmissionId(manifest.packet_id))
        return kept.data

    def _kept(self, manifest: Manifest, digest: Sha256, identity: Identity) -> Spooled:
        """Return the receipt as it lies in the spool, made and put there first where an earlier try
        did not.
        """
        place = SubmissionId(manifest.packet_id), DocumentId(manifest.packet_id)
        kept = self._spool.find(*place)
        if kept is None:
            made_at = self._clock.now()
            self._spool.keep(
                *place, self._made(manifest, digest, identity, made_at), LEVEL, made_at
            )
            crash.point("receipt.spooled")
            kept = self._spool.find(*place)
            assert kept is not None  # it was kept a moment ago
        return kept

    def _draft(
        self,
        session: Session,
        packet_id: str,
        identity: Identity,
        kept: Spooled,
        stored: Stored,
        actor: Actor,
    ) -> tuple[Draft, datetime]:
        row = require_received(session, self._code, packet_id)
        received_at = self._sequencer.signed.act(row.act_index).time
        facts = PacketReceipt(
            packet=packet_id,
            partner=row.sender,
            sha256=row.sha256,
            received_at=received_at,
            came_from=identity.came_from,
        )
        bound = ActObject(
            key=stored.key,
            version=stored.version,
            sha256=kept.sha256,
            size=stored.size,
            media_type=MEDIA_TYPE,
        )
        draft = Draft(
            schema_name=SCHEMA_GIVEN,
            actor=ActActor(name=actor.name, role=actor.role),
            chart=ChartId(row.chart_id),
            facts=facts.model_dump(mode="json"),
            objects=(bound,),
            seen=(stored,),
        )
        return draft, locked_until(self._sequencer.signed, session, row.chart_id, self._clock.now())

    def _made(
        self, manifest: Manifest, digest: Sha256, identity: Identity, moment: datetime
    ) -> bytes:
        with self._catalog.read() as session:
            row = require_received(session, self._code, manifest.packet_id)
        packet = received_packet(manifest, digest, identity)
        self._sequencer.signed.received(row.act_index, packet)  # the receipt vouches for it
        act, facility = self._sequencer.signed.act(row.act_index), self._facility
        evidence = gather_place(self._catalog, self._vault, self._outbox, self._code, act.index)
        receipt = Receipt(
            format=FORMAT_2 if evidence.hands_over else FORMAT_1,
            packet=PacketNamed(id=manifest.packet_id, sha256=digest),
            sender=Recipient(code=manifest.sender.code),
            receiver=Sender(code=self._code, name=facility.name),
            received_at=act.time,
            documents=tuple(
                ReceivedDocument(
                    document_id=document.document_id, sha256=document.sha256, size=document.size
                )
                for document in manifest.documents
            ),
            ledger=Ledger(origin=facility.ledger_origin, key=facility.ledger_key),
            place=LedgerPlace(index=act.index, act=act.digest()),
        )
        contents = {
            names.RECEIPT: receipt.to_bytes(),
            **{names.act_name(index): data for index, data in evidence.acts.items()},
            **{names.proof_name(index): data for index, data in evidence.proofs.items()},
        }
        return sealed_envelope(list(contents.items()), self._sealer.signing_context, moment)


def find_received(session: Session, facility: str, packet_id: str) -> ReceivedPacketRow | None:
    """Return the packet that was received with this id, if there is one."""
    mine = (ReceivedPacketRow.facility == facility) & (ReceivedPacketRow.packet_id == packet_id)
    return session.scalars(
        select(ReceivedPacketRow).where(mine).order_by(ReceivedPacketRow.act_index)
    ).first()


def require_received(session: Session, facility: str, packet_id: str) -> ReceivedPacketRow:
    """Return the packet that was received with this id; raises IntegrityError: it must be there."""
    row = find_received(session, facility, packet_id)
    if row is None:
        raise IntegrityError(object=f"packet {packet_id}")
    return row
