"""An archive that is open for reading: the services that read,
and what they show of the facility.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from api.composition.ground import Ground
from archive.access.scope import Scope
from archive.base.clock import Clock
from archive.base.identifiers import FacilityCode
from archive.catalog.entries import FacilityEntry
from archive.vault.contract import Assurance

if TYPE_CHECKING:
    from api.access.concurrency_limit import ConcurrencyLimit
    from api.access.turns import WritingTurns
    from api.composition.follow_ups import FollowUps
    from api.reading.chart_check import ChartCheckService
    from api.reading.claims import ClaimCheck
    from api.reading.departments import DepartmentService
    from api.reading.incoming import IncomingService
    from api.reading.originals import OriginalService
    from api.reading.packet_register import PacketRegister
    from api.reading.papers import RequiredPapers
    from api.reading.printing.service import PrintService
    from api.reading.published_ledger import PublishedLedger
    from api.reading.records import RecordService
    from api.reading.replacements import ReplacementService
    from api.reading.search import SearchService
    from api.reading.verdicts import Verdicts
    from api.reading.verification import VerificationService
    from api.reading.worklist import WorklistService
    from api.refusals.kept import Refusals
    from api.sharing.partners import PartnerService
    from ingest.accession.letterhead import Letterhead
    from ingest.content.attached import AttachedRecords
    from ingest.forms.catalog import FormCatalog
    from retention.completeness import PaperJudge


class ReadableArchive:
    """The services that read. The catalogue was brought up to its vault before this was made."""

    def __init__(self, ground: Ground, follow_ups: "FollowUps", facility: FacilityEntry) -> None:
        """`facility`: as the catalogue has act 0."""
        self._ground, self.follow_ups, self.facility = ground, follow_ups, facility

    @property
    def clock(self) -> Clock:
        """The clock of what is read and shown."""
        return self._ground.clock

    @property
    def scope(self) -> Scope:
        """The whole facility."""
        return self._ground.scope

    def require_stated_facility(self) -> FacilityEntry:
        """Return the facility as the signed act 0 states it: Kho seals and signs this.

        Raises CatalogueAltered.
        """
        return self._ground.signed.facility(self.facility)

    @cached_property
    def is_test(self) -> bool:
        """Whether papers and pages say TEST: by the settings, or for good by the certificates of
        act 0.
        """
        from api.composition.production import is_demonstration

        code = FacilityCode(self.facility.code)
        return self._ground.settings.demo or is_demonstration(self._ground.catalog, code)

    @property
    def store_keeps_locks(self) -> bool:
        """Whether the store itself refuses to remove what is locked, also to its administrator."""
        return self._ground.vault.assurance is Assurance.STORE

    @cached_property
    def letterhead(self) -> "Letterhead":
        """What every document shows of the facility."""
        from api.composition.letterhead import letterhead_of

        return letterhead_of(self.facility, demo=self.is_test)

    @property
    def forms(self) -> "FormCatalog":
        """The form catalogue: what Kho ships, and the facility's own forms in `{home}/forms`."""
        return self._ground.forms

    @cached_property
    def papers(self) -> "RequiredPapers":
        """The papers that a chart needs before it is deposited. Raises Misconfigured."""
        from api.reading.papers import RequiredPapers
        from retention.required import required

        return RequiredPapers(required(self._ground.settings.deposit), self._ground.clock)

    @cached_property
    def attached(self) -> "AttachedRecords":
        """Reads the records that are attached to originals."""
        from ingest.content.attached import AttachedRecords

        return AttachedRecords(self._ground.vault)

    @cached_property
    def judge(self) -> "PaperJudge":
        """Judges whether papers are complete and signed. Raises Misconfigured."""
        from retention.completeness import PaperJudge

        return PaperJudge(self.forms, self._ground.settings.deposit, self.attached.read)

    @cached_property
    def chart_checks(self) -> "ChartCheckService":
        """Says what charts and their papers lack."""
        from api.reading.chart_check import ChartCheckService

        return ChartCheckService(self.records, lambda: self.papers, lambda: self.judge)

    @cached_property
    def records(self) -> "RecordService":
        """Reads charts, documents and submissions."""
        from api.reading.records import RecordService

        return RecordService(self._ground.catalog, lambda: self.papers)

    @cached_property
    def departments(self) -> "DepartmentService":
        """Reads the names of departments."""
        from api.reading.departments import DepartmentService

        ground = self._ground
        return DepartmentService(ground.catalog, ground.code, ground.clock)

    @cached_property
    def printing(self) -> "PrintService":
        """Prints labels and handover lists."""
        from api.reading.printing.service import PrintService

        return PrintService(
            self.records,
            self.departments.names,
            self.facility,
            self._ground.clock,
            test=self.is_test,
        )

    @cached_property
    def worklist(self) -> "WorklistService":
        """Counts the charts that wait for something."""
        from api.reading.worklist import WorklistService

        ground = self._ground
        days = ground.settings.deposit.overdue_days
        return WorklistService(
            ground.catalog, lambda: self.papers, self.refusals, days, ground.clock
        )

    @cached_property
    def refusals(self) -> "Refusals":
        """What the intake refused."""
        from api.refusals.kept import Refusals

        return Refusals.of_home(self._ground)

    @cached_property
    def search(self) -> "SearchService":
        """Finds documents."""
        from api.reading.search import SearchService

        indexing = self.follow_ups.indexing
        return SearchService(
            self._ground.catalog,
            lambda: indexing.index,
            self.follow_ups.outbox,
            self.departments.names,
        )

    @cached_property
    def originals(self) -> "OriginalService":
        """Gives originals."""
        from api.reading.originals import OriginalService

        return OriginalService(self._ground.catalog, self._ground.vault, self._ground.signed)

    @cached_property
    def replacements(self) -> "ReplacementService":
        """Says who replaced a document, and why."""
        from api.reading.replacements import ReplacementService

        return ReplacementService(self._ground.signed)

    @cached_property
    def claims(self) -> "ClaimCheck":
        """Compares what a file claims of this facility with the acts."""
        from api.reading.claims import ClaimCheck

        return ClaimCheck(self._ground.code, self._ground.catalog, self._ground.signed)

    @cached_property
    def verification(self) -> "VerificationService":
        """Judges files, and says whether this archive knows them."""
        from api.reading.verification import VerificationService

        ground = self._ground
        return VerificationService(ground.catalog, ground.signed, ground.trust, self.claims)

    @cached_property
    def incoming(self) -> "IncomingService":
        """Judges packets and receipts that came in."""
        from api.reading.incoming import IncomingService

        ground = self._ground
        return IncomingService(ground.trust, self.claims, lambda: self.partners, ground.clock)

    @cached_property
    def packet_register(self) -> "PacketRegister":
        """Lists the packets that were sent and received."""
        from api.reading.packet_register import PacketRegister

        ground = self._ground
        return PacketRegister(ground.catalog, ground.vault, ground.signed, ground.code)

    @cached_property
    def verdicts(self) -> "Verdicts":
        """Verifies for pages and API together: few files at a time, and a recent verdict is used
        again.
        """
        from api.reading.verdicts import Verdicts

        return Verdicts(self.verification, self._ground.scope, self._ground.clock)

    @cached_property
    def turns(self) -> "WritingTurns":
        """The turns of work that seals or archives, for pages and API together."""
        from api.access.turns import WritingTurns

        return WritingTurns()

    @cached_property
    def viewing(self) -> "ConcurrencyLimit":
        """The turns of opening documents for readers, for pages and API together."""
        from api.access.reading_turns import viewing_turns

        return viewing_turns()

    @cached_property
    def published_ledger(self) -> "PublishedLedger":
        """Proves what is in the ledger."""
        from api.reading.published_ledger import PublishedLedger

        ground = self._ground
        return PublishedLedger(
            ground.catalog, ground.vault, self.follow_ups.outbox, ground.signed, ground.code
        )

    @cached_property
    def partners(self) -> "PartnerService":
        """The partners of this facility; to confirm or remove one needs the ledger's key."""
        from api.sharing.partners import PartnerService

        return PartnerService(
            catalog=self._ground.catalog,
            sequencer=self._ground.sequencer,
            facility=self.require_stated_facility(),
            clock=self._ground.writing_clock,
        )
