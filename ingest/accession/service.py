"""The way in: parse, prepare and commit a submission, under the lease of its chart."""

from collections.abc import Sequence
from datetime import date

from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.acts.stated_departments import stated_departments
from archive.base.clock import Clock, vietnam_date
from archive.base.departments import Departments
from archive.base.errors import Denied, SubmissionRejected
from archive.base.identifiers import FacilityCode
from archive.base.leases import Leases
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.coordination.sequencer import Sequencer
from archive.vault.contract import Stored, Vault
from ingest.accession.commit import Committer
from ingest.accession.intents import Intents
from ingest.accession.letterhead import Letterhead
from ingest.accession.parse import Parser
from ingest.accession.plausibility import require_order_of_days
from ingest.accession.prepare import DocumentMaker, Prepares
from ingest.accession.receipts import Receipts
from ingest.content.recent import RecentTexts
from ingest.forms.catalog import FormCatalog
from ingest.receipt import Receipt
from ingest.record import Said, said
from ingest.spool import Spool
from ingest.submission import Submission


class AccessionService:
    """Takes submissions into the archive of one facility."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        vault: Vault,
        sequencer: Sequencer,
        leases: Leases,
        forms: FormCatalog,
        preparer: Prepares,
        spool: Spool,
        letterhead: Letterhead,
        recent: RecentTexts,
        clock: Clock,
    ) -> None:
        self._sequencer, self._leases, self._spool = sequencer, leases, spool
        self._facility, self._clock = FacilityCode(letterhead.facility.code), clock
        self._intents = Intents(catalog, self._facility, clock)
        self._parser = Parser(catalog, sequencer.signed, forms, self._facility, clock)
        self._documents = DocumentMaker(
            self._intents, preparer, spool, forms, letterhead, self._departments
        )
        self._committer = Committer(
            self._parser, vault, sequencer, spool, recent, self._facility, clock
        )
        self._catalog = catalog
        self._receipts = Receipts(catalog, self._parser, vault, sequencer.signed)

    def accept(self, submission: Submission, actor: Actor, scope: Scope) -> tuple[Receipt, ...]:
        """Archive a submission and return a receipt for each of its papers, in their order.

        Papers that are already there with equal content get the receipt of the document that is
        there. Raises SubmissionRejected (nothing archived), Denied, Unavailable or VaultError
        (nothing acknowledged: send it again).
        """
        actor.require(Permission.INGEST)
        require_order_of_days(submission, vietnam_date(self._clock.now()))
        says = said(submission)
        if not scope.holds(submission.facility, submission.chart.department):
            raise Denied
        lease = records.chart_lease(self._facility, submission.chart.episode)
        with self._leases.hold(lease):
            if self._intents.left_under(lease):
                # the earlier holder of the lease was killed; its act may be pending
                self._sequencer.catch_up()
            else:
                self._sequencer.catch_up_once()
            try:
                stored = self._archive(submission, says, actor, scope)
            except (SubmissionRejected, Denied):
                # else the catalogue was behind, and the result may differ now
                if not self._sequencer.catch_up():
                    raise
                stored = self._archive(submission, says, actor, scope)
            return self._receipts.of(submission, says, stored)

    def _departments(self, today: date) -> Departments:
        with self._catalog.read() as session:
            return stated_departments(self._sequencer.signed, session, self._facility, today)

    def _archive(
        self, submission: Submission, says: Said, actor: Actor, scope: Scope
    ) -> Sequence[Stored]:
        """Archive the papers that the chart lacks; return their objects."""
        attempt = self._parser.parse(submission, says, actor, scope)
        if attempt.is_of_another_department:
            self._documents.rehearse(attempt)
            raise Denied
        if attempt.known is not None:
            # its act may have been finished by another process than the one that began it
            self._spool.clear(attempt.known)
        if not attempt.has_news:
            return ()
        return self._committer.commit(self._documents.prepare(attempt))
