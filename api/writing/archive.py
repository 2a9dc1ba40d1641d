"""An archive that is open for writing: the services that write acts. Each is built on first use."""

from functools import cached_property
from typing import TYPE_CHECKING

from archive.vault.contract import Assurance

if TYPE_CHECKING:
    from api.composition.follow_ups import FollowUps
    from api.composition.ground import Ground
    from api.inspection.take_away import TakeAwayService
    from api.reading.archive import ReadableArchive
    from api.sharing.identity import Identity
    from api.sharing.packet_service import PacketService
    from api.sharing.reception import ReceptionService
    from api.sharing.returned_receipts import ReturnedReceiptService
    from api.writing.departments import DepartmentNaming
    from ingest.accession.service import AccessionService
    from ingest.files.examiner import Examiner
    from ingest.preparation.service import Preparation
    from retention.deposit import DepositService
    from signing.seal import Sealer
    from signing.trust import TrustRoots


class WritableArchive:
    """The services that write. The ledger's signer was proven before this was made."""

    def __init__(
        self, ground: "Ground", follow_ups: "FollowUps", reading: "ReadableArchive"
    ) -> None:
        self.ground = ground
        self.follow_ups, self.reading = follow_ups, reading

    @cached_property
    def sealer(self) -> "Sealer":
        """Seals documents with the facility's certificate.

        Raises ReadOnlyHome, TestInProduction, MixedSeals.
        """
        from api.composition.production import require_same_kind

        seals = self.ground.seals
        require_same_kind(seals.key.certificate, self.ground.signed)
        return seals.sealer

    @cached_property
    def preparer(self) -> "Preparation":
        """Renders and seals papers, here or in worker processes. Raises as :attr:`sealer`."""
        from api.composition.preparing import open_preparer

        ground = self.ground
        return open_preparer(
            ground.settings, self.sealer, ground.trust, ground.clock, ground.closing
        )

    @cached_property
    def examiner(self) -> "Examiner":
        """Examines files from outside before they are archived. Raises Misconfigured."""
        return self.examiner_with(self.ground.trust)

    def examiner_with(self, trust: "TrustRoots") -> "Examiner":
        """Return an examiner that uses `trust`, such as the trust roots of a
        packet's verification.
        """
        from ingest.files.examiner import open_examiner

        return open_examiner(self.ground.settings.intake, trust, self.ground.clock)

    @cached_property
    def accession(self) -> "AccessionService":
        """The one way in.

        Raises as :attr:`sealer`; CatalogueAltered; VaultError where the store keeps no lock.
        """
        from ingest.accession.service import AccessionService
        from ingest.spool import Spool

        ground, preparer = self.ground, self.preparer
        self.reading.require_stated_facility()  # papers show its name and address for ever
        if ground.vault.assurance is Assurance.STORE:
            ground.vault.check_lock_is_kept()
        return AccessionService(
            catalog=ground.catalog,
            vault=ground.vault,
            sequencer=ground.sequencer,
            leases=ground.leases,
            forms=self.reading.forms,
            preparer=preparer,
            spool=Spool(ground.folder / "spool"),
            letterhead=self.reading.letterhead,
            recent=self.follow_ups.recent_texts,
            clock=ground.writing_clock,
        )

    @cached_property
    def deposits(self) -> "DepositService":
        """Deposits charts. Raises Misconfigured."""
        from retention.deposit import DepositService, PaperPolicy
        from retention.schedule import schedule

        ground = self.ground
        return DepositService(
            catalog=ground.catalog,
            sequencer=ground.sequencer,
            leases=ground.leases,
            locks=self.follow_ups.locks,
            facility=ground.code,
            rules=schedule(),
            papers=PaperPolicy(
                self.reading.papers.requirements,
                self.reading.judge,
                refuse_missing=ground.settings.deposit.require_papers,
                refuse_incomplete=ground.settings.deposit.require_complete,
            ),
            clock=ground.writing_clock,
        )

    @cached_property
    def departments(self) -> "DepartmentNaming":
        """Names departments."""
        from api.writing.departments import DepartmentNaming

        ground = self.ground
        return DepartmentNaming(
            ground.sequencer,
            ground.code,
            ground.writing_clock,
            self.reading.departments.forget,
        )

    @cached_property
    def packets(self) -> "PacketService":
        """Makes referral packets. Raises as :attr:`sealer`, CatalogueAltered."""
        from api.sharing.packet_service import PacketService

        ground = self.ground
        return PacketService(
            catalog=ground.catalog,
            vault=ground.vault,
            sequencer=ground.sequencer,
            leases=ground.leases,
            outbox=self.follow_ups.outbox,
            sealer=self.sealer,
            facility=self.reading.require_stated_facility(),
            test=self.reading.letterhead.test,
            clock=ground.writing_clock,
        )

    @property
    def own_identity(self) -> "Identity":
        """What partners see of this facility: its ledger, and the certificate that seals now.

        Raises as :attr:`sealer`, CatalogueAltered.
        """
        from api.sharing.identity import identity_of_facility

        certificate = self.sealer.signing_context.key.certificate
        return identity_of_facility(self.reading.require_stated_facility(), certificate)

    @cached_property
    def reception(self) -> "ReceptionService":
        """Takes packets in. Raises as :attr:`accession`."""
        from api.sharing.issue_receipt import ReceiptIssuer
        from api.sharing.reception import ReceptionService
        from ingest.spool import Spool

        ground, facility = self.ground, self.reading.require_stated_facility()
        giver = ReceiptIssuer(
            catalog=ground.catalog,
            vault=ground.vault,
            sequencer=ground.sequencer,
            outbox=self.follow_ups.outbox,
            sealer=self.sealer,
            spool=Spool(ground.folder / "spool"),
            facility=facility,
            clock=ground.writing_clock,
        )
        return ReceptionService(
            catalog=ground.catalog,
            sequencer=ground.sequencer,
            leases=ground.leases,
            accession=self.accession,
            forms=self.reading.forms,
            giver=giver,
            partners=self.reading.partners,
            facility=facility,
            clock=ground.writing_clock,
        )

    @cached_property
    def returns(self) -> "ReturnedReceiptService":
        """Takes receipts of packets back."""
        from api.sharing.returned_receipts import ReturnedReceiptService

        ground = self.ground
        return ReturnedReceiptService(
            catalog=ground.catalog,
            vault=ground.vault,
            sequencer=ground.sequencer,
            leases=ground.leases,
            partners=self.reading.partners,
            facility=ground.code,
            clock=ground.writing_clock,
        )

    @cached_property
    def take_aways(self) -> "TakeAwayService":
        """Makes ZIP files of originals with a sealed record of their verification."""
        from api.inspection.take_away import TakeAwayService

        return TakeAwayService(self.ground, self.reading, lambda: self.sealer)

    def warm_up(self) -> "AccessionService":
        """Return the accession service, and start its worker processes in the background.

        Raises as :attr:`accession`.
        """
        accession = self.accession
        self.preparer.warm()
        return accession

    def follow_up(self) -> None:
        """Do what the acts have left in the outbox
        (:meth:`api.composition.follow_ups.FollowUps.run`).
        """
        self.follow_ups.run()
