"""Making referral packets: gathered under the chart's lease, kept durable, recorded as a handover,
then given out.
"""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from api.sharing import names
from api.sharing.assembly import Packet, assemble
from api.sharing.evidence import PacketEvidence, gather
from api.sharing.manifest import (
    FORMAT,
    FORMAT_3,
    MAX_DOCUMENTS,
    Ledger,
    Manifest,
    PacketChart,
    PacketDocument,
    Recipient,
    Sender,
    Title,
)
from api.sharing.order import Order, OrderRefused, PacketTooLarge
from api.sharing.provenance import trace
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.acts.accession import Origin
from archive.acts.envelope import ActActor, Draft
from archive.acts.handover import SCHEMA, Handover
from archive.acts.signed_acts import CatalogueAltered
from archive.base.clock import Clock, iso
from archive.base.errors import Fault, NotReady
from archive.base.identifiers import ChartId, FacilityCode, ObjectKey, Sha256, new_id
from archive.base.leases import Leases
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.entries import FacilityEntry
from archive.catalog.tables import ChartRow, DocumentRow
from archive.coordination.outbox import Outbox
from archive.coordination.sequencer import Sequencer
from archive.process import crash
from archive.vault.contract import Vault
from retention.locks import locked_until
from signing.asic.container import MAX_CONTAINER
from signing.seal import Sealer

# makes the packet's bytes durable at a place that is not published yet
Keep = Callable[[bytes], None]


class PacketService:
    """Makes packets of one facility's charts."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        vault: Vault,
        sequencer: Sequencer,
        leases: Leases,
        outbox: Outbox,
        sealer: Sealer,
        facility: FacilityEntry,
        test: bool,
        clock: Clock,
    ) -> None:
        self._catalog, self._vault, self._sequencer = catalog, vault, sequencer
        self._leases, self._outbox, self._sealer = leases, outbox, sealer
        self._facility, self._test, self._clock = facility, test, clock

    @property
    def _code(self) -> FacilityCode:
        return FacilityCode(self._facility.code)

    def create(self, order: Order, actor: Actor, scope: Scope, keep: Keep) -> Packet:
        """Make the packet that `order` asks for, pass its bytes to `keep`, and record the handover.

        The caller gives the packet out only after this has returned: the act is then in the ledger
        (Luật 91/2025/QH15, điều 26: purpose and recipient). Each call makes a new packet. Raises
        Denied, NotFound, NotReady, OrderRefused, PacketTooLarge, IntegrityError, ReadOnlyHome, and
        what sealing and the vault raise; nothing is recorded then.
        """
        actor.require(Permission.PACKET)
        self._sequencer.catch_up()
        with self._catalog.read() as session:
            episode = records.chart(session, order.chart_id, scope).episode
        with self._leases.hold(records.chart_lease(self._code, episode)):
            packet = self._made(order, scope)
            crash.point("packet.made")
            keep(packet.data)
            crash.point("packet.kept")
            self._sequencer.append(lambda session: self._handover(session, packet, actor, scope))
            crash.point("packet.recorded")
        return packet

    def _made(self, order: Order, scope: Scope) -> Packet:
        with self._catalog.read() as session:
            chart = records.chart(session, order.chart_id, scope)
            in_force = [document for document in chart.documents if document.superseded_by is None]
        if not in_force:
            raise NotReady(why_vi="chưa có tài liệu nào", why_en="it has no document")
        documents = _chosen(in_force, order)
        if (
            len(documents) > MAX_DOCUMENTS
            or 2 * sum(document.size for document in documents) > MAX_CONTAINER
        ):
            raise PacketTooLarge
        brought_by = {document.act_index for document in documents}
        evidence = gather(self._catalog, self._vault, self._outbox, self._code, chart, brought_by)
        manifest = self._manifest(
            order, chart, documents, FORMAT_3 if evidence.hands_over else FORMAT
        )
        _require_borne_out(manifest, evidence)
        originals = [
            self._vault.read(
                ObjectKey(document.object_key), document.object_version, Sha256(document.sha256)
            )
            for document in documents
        ]
        packet = assemble(
            manifest,
            originals,
            evidence,
            self._sealer,
            location=self._facility.address,
            test=self._test,
        )
        if len(packet.data) > MAX_CONTAINER:
            raise PacketTooLarge
        return packet

    def _manifest(
        self, order: Order, chart: ChartRow, documents: list[DocumentRow], format_: str
    ) -> Manifest:
        _, patient = records.stated(chart)
        return Manifest.model_validate(
            {
                "format": format_,
                "packet_id": new_id(),
                "created_at": iso(self._clock.now()),
                "from": Sender(code=self._code, name=self._facility.name),
                "to": Recipient(code=order.recipient),
                "reason": order.reason,
                "chart": PacketChart(
                    id=chart.id, episode=chart.episode, archive_number=chart.archive_number
                ),
                "patient": patient,
                "documents": tuple(
                    _listed(at, document) for at, document in enumerate(documents, start=1)
                ),
                "ledger": Ledger(
                    origin=self._facility.ledger_origin, key=self._facility.ledger_key
                ),
            }
        )

    def _handover(
        self, session: Session, packet: Packet, actor: Actor, scope: Scope
    ) -> tuple[Draft, datetime]:
        manifest = packet.manifest
        chart = records.chart(session, manifest.chart.id, scope)
        facts = Handover(
            packet=manifest.packet_id,
            recipient=manifest.recipient.code,
            reason=manifest.reason,
            documents=tuple(document.document_id for document in manifest.documents),
            sha256=packet.sha256,
        )
        draft = Draft(
            schema_name=SCHEMA,
            actor=ActActor(name=actor.name, role=actor.role),
            chart=ChartId(chart.id),
            facts=facts.model_dump(mode="json"),
        )
        return draft, locked_until(self._sequencer.signed, session, chart.id, self._clock.now())


def _chosen(in_force: list[DocumentRow], order: Order) -> list[DocumentRow]:
    """Return the documents that the order chooses; raises OrderRefused where one is not in force
    in the chart.
    """
    if order.documents is None:
        return in_force
    chosen = [document for document in in_force if document.id in order.documents]
    if len(chosen) != len(order.documents):
        raise OrderRefused([Fault.of("packets", "/documents", "packet.other_documents")])
    return chosen


def _require_borne_out(manifest: Manifest, evidence: PacketEvidence) -> None:
    """Raise CatalogueAltered unless the signed acts say what the manifest says.

    The receiver does the same check.

    The manifest is made from the catalogue, which could be altered, and the packet's signature
    vouches for it.
    """
    acts = {names.act_name(index): act for index, act in evidence.acts.items()}
    proofs = {names.proof_name(index): proof for index, proof in evidence.proofs.items()}
    provenance = trace({**acts, **proofs}, manifest)
    if provenance.findings:
        wrong = sorted({f"{finding.code.value} {finding.file}" for finding in provenance.findings})
        raise CatalogueAltered(object=", ".join(wrong))


def _listed(position: int, document: DocumentRow) -> PacketDocument:
    return PacketDocument(
        name=names.document_name(position, document.form, document.id),
        document_id=document.id,
        form=document.form,
        title=Title(vi=document.title_vi, en=document.title_en),
        sha256=document.sha256,
        size=document.size,
        origin=cast("Origin", document.origin),
        level=document.level,
        sealed_at=iso(document.sealed_at) if document.sealed_at else None,
        act=document.act_index,
        superseded_by=document.superseded_by,
    )
