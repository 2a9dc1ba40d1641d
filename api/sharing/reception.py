"""Taking packets in: verified, archived as the files that they are, and answered with a signed
receipt.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.sharing.acts import brought_acts
from api.sharing.findings import Code
from api.sharing.identity import Identity
from api.sharing.issue_receipt import ReceiptIssuer, find_received, require_received
from api.sharing.manifest import Manifest
from api.sharing.mapping import Examines, Place, episode_of, prefixes_of, submission_of
from api.sharing.partners import PartnerService
from api.sharing.refusals import NotProven, PacketRefused, Undecided, fault
from api.sharing.report import PacketReport
from api.sharing.verification import Progress, verify_packet
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.clock import Clock, parse_iso, vietnam_date
from archive.base.errors import Fault
from archive.base.identifiers import FacilityCode, Sha256, sha256
from archive.base.leases import Leases
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.entries import FacilityEntry
from archive.catalog.tables import DocumentRow
from archive.coordination.sequencer import Sequencer
from archive.process import crash
from ingest.accession.service import AccessionService
from ingest.forms.catalog import FormCatalog, UnknownForm
from signing.asic.container import read_container, write_container
from signing.trust import TrustRoots
from signing.validation.result.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Received:
    """A packet that is archived: its chart here, its documents in the packet's order, and the
    receipt's bytes.
    """

    packet_id: str
    chart_id: str
    documents: tuple[dict[str, Any], ...]
    receipt: bytes
    identity: Identity  # whose ledger and seal vouch for it
    again: bool  # it had been received before
    warnings: tuple[Fault, ...]  # what a person should know, and what stops nothing


class ReceptionService:
    """Takes packets into the archive of one facility."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        sequencer: Sequencer,
        leases: Leases,
        accession: AccessionService,
        forms: FormCatalog,
        giver: ReceiptIssuer,
        partners: PartnerService,
        facility: FacilityEntry,
        clock: Clock,
    ) -> None:
        self._catalog, self._sequencer, self._leases, self._accession = (
            catalog,
            sequencer,
            leases,
            accession,
        )
        self._forms, self._giver, self._facility, self._clock = forms, giver, facility, clock
        self._partners = partners
        self._code = FacilityCode(facility.code)

    def receive(
        self,
        data: bytes,
        trust: TrustRoots,
        examiner: Examines,
        actor: Actor,
        scope: Scope,
        *,
        department: str | None = None,
        undecided_signers: bool = False,
        progress: Progress | None = None,
    ) -> Received:
        """Verify a packet, archive its originals byte for byte, and give its receipt; again: the
        same answer, no act.

        `undecided_signers`: archive also documents of other signers whose own signatures cannot be
          decided on. The
        sender's ledger proves that they are unchanged since it got them; their act says so
        (`original.verdict`).
        `department`: None leaves a chart that is here already in its department. Raises NotProven,
          Undecided,
        PacketRefused, NotAPartner, Denied, and what accession, sealing and the vault raise.
        """
        actor.require(Permission.INGEST)
        actor.require(Permission.PACKET)
        report = verify_packet(data, trust, at=self._clock.now(), progress=progress)
        require_proven(report, undecided_signers=undecided_signers)
        assert report.manifest is not None  # else it were not proven
        manifest, files = report.manifest, read_container(data)
        # as its sender made it
        digest = sha256(write_container(files.items(), parse_iso(manifest.created_at)))
        identity = report.identity
        assert identity is not None  # else it were not proven
        self._sequencer.catch_up()
        self._partners.require(identity)
        unknown = self._unknown_forms(manifest)
        warnings = (*self._addressed(manifest), *unknown.values())
        with self._leases.hold(f"reception/{self._code}/{manifest.packet_id}"):
            again = self._known(identity, manifest, digest, scope)
            if not again:
                acts = brought_acts(
                    files, manifest.sender.code, manifest.sender.name, manifest.ledger
                )
                submission = submission_of(
                    manifest,
                    digest,
                    acts,
                    files,
                    facility=self._code,
                    identity=identity,
                    place=self._place(identity, manifest, department),
                    unknown_forms=unknown,
                    examiner=examiner,
                )
                crash.point("reception.read")
                self._accession.accept(submission, actor, scope)
                crash.point("reception.archived")
            receipt = self._giver.give(manifest, digest, identity, actor)
        with self._catalog.read() as session:
            row = require_received(session, self._code, manifest.packet_id)
            documents = _documents(session, row.chart_id, manifest)
        return Received(
            manifest.packet_id, row.chart_id, documents, receipt, identity, again, warnings
        )

    def _addressed(self, manifest: Manifest) -> tuple[Fault, ...]:
        """Return a warning where the packet was made for another facility.

        A patient may be taken to another facility than planned. So a genuine packet is kept, and
        the receipt names the facility that received it.
        """
        if manifest.recipient.code == self._code:
            return ()
        facts = {"recipient": manifest.recipient.code, "facility": self._code}
        return (fault("/to", "packet.other_recipient", **facts),)

    def _place(self, identity: Identity, manifest: Manifest, department: str | None) -> Place:
        """Return where the chart goes: to its earlier packets of this very ledger, else to a place
        of its own.
        """
        first, second = prefixes_of(identity)
        with self._catalog.read() as session:
            for prefix in (first, second):
                chart = records.chart_of_episode(
                    session, episode_of(prefix, manifest.chart.episode), Scope(self._code)
                )
                if chart is None:
                    return Place(prefix, department)
                if records.ledgers_of(session, chart.id) == {identity.ledger_key}:
                    return Place(prefix, department or chart.department)
        return Place(second, department)  # accession refuses: that place is taken, too

    def _known(self, identity: Identity, manifest: Manifest, digest: Sha256, scope: Scope) -> bool:
        """Return whether the packet was received before; raises NotFound where the caller may not
        see its chart.
        """
        with self._catalog.read() as session:
            row = find_received(session, self._code, manifest.packet_id)
            if row is None:
                return False
            if (row.sha256, row.sender) != (digest, identity.code) or row.ledger_key not in (
                None,
                identity.ledger_key,
            ):
                raise PacketRefused([fault("/packet_id", "packet.other_content")])
            records.chart(session, row.chart_id, scope)
        return True

    def _unknown_forms(self, manifest: Manifest) -> dict[str, Fault]:
        """Return the forms that this facility does not have in force, each with a warning."""
        today, unknown = vietnam_date(self._clock.now()), dict[str, Fault]()
        for document in manifest.documents:
            try:
                self._forms.get(document.form, today)
            except UnknownForm:
                unknown[document.form] = fault(
                    document.name, "packet.form_unknown", form=document.form
                )
        return unknown


def _documents(session: Session, chart_id: str, manifest: Manifest) -> tuple[dict[str, Any], ...]:
    """Return the document of this archive for each original of the packet,
    in the packet's order.
    """
    here = {
        row.sha256: row
        for row in session.scalars(select(DocumentRow).where(DocumentRow.chart_id == chart_id))
    }
    return tuple(
        _document(document.document_id, here[document.sha256]) for document in manifest.documents
    )


def _document(sent_as: str, row: DocumentRow) -> dict[str, Any]:
    return {
        "document_id": row.id,
        "sent_as": sent_as,
        "form": row.form,
        "title": row.title_vi,
        "sha256": row.sha256,
        "object_key": row.object_key,
        "version_id": row.object_version,
        "ledger_index": row.act_index,
    }


def require_proven(report: PacketReport, *, undecided_signers: bool) -> None:
    """Return if the packet is valid, or all but the signers of papers of third parties; raises
    Undecided, NotProven.
    """
    if report.verdict is Verdict.VALID:
        return
    if report.verdict is Verdict.INDETERMINATE:
        if undecided_signers and only_signers_undecided(report):
            return
        raise Undecided(report.reasons, report.as_json())
    raise NotProven(report.reasons, report.as_json())


def only_signers_undecided(report: PacketReport) -> bool:
    """Return whether only others' signatures are undecided, on documents that the sender archived
    unchanged.
    """
    parts = [part for part in report.documents if part.verdict is not Verdict.VALID]
    copy_is_sound = report.reading_copy is None or report.reading_copy.verdict is Verdict.VALID
    others = all(
        part.listed is not None
        and part.listed.is_external
        and part.in_ledger
        and {finding.code for finding in part.findings} <= {Code.SIGNER_UNKNOWN}
        for part in parts
    )
    signature = report.signature is not None and report.signature.verdict is Verdict.VALID
    return copy_is_sound and others and signature and not report.findings
