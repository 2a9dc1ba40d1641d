"""The first step: a submission is held against its chart in the catalogue. It changes nothing."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.acts.signed_acts import SignedActs
from archive.acts.stated_charts import require_stated
from archive.base.clock import Clock, vietnam_date
from archive.base.errors import Fault, KhoError, SubmissionRejected
from archive.base.identifiers import FacilityCode, SubmissionId
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.tables import ChartRow
from ingest.accession.new_papers import NewPaper, new_papers
from ingest.accession.plausibility import require_same_patient
from ingest.accession.same_ledger import require_same_ledger
from ingest.forms.catalog import FormCatalog, UnknownForm
from ingest.record import Said
from ingest.submission import Submission


class ChartChanged(KhoError):
    """The chart changed while its papers were on their way: another submission was first, the lease
    was lost, or the catalogue was rebuilt.
    """

    code = "chart.changed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to archive a submission. It carries what every step needs.

    `chart` is the chart of its episode as the catalogue has it, None where there is none. `new` are
    the papers that the chart lacks. `known` is the earlier submission that said the same, if any.
    """

    submission: Submission
    says: Said
    actor: Actor
    scope: Scope
    chart: ChartRow | None = None
    new: tuple[NewPaper, ...] = ()
    known: SubmissionId | None = None

    @property
    def is_of_another_department(self) -> bool:
        """Whether the chart lies outside the caller's scope."""
        chart = self.chart
        return chart is not None and not self.scope.holds(chart.facility, chart.department)

    @property
    def has_news(self) -> bool:
        """Whether the submission says anything that the archive does not have."""
        if self.known is not None:
            return False
        return (
            self.chart is None
            or bool(self.new)
            or self.submission.received is not None
            or records.stated(self.chart) != (self.submission.chart, self.submission.patient)
        )

    def is_outdated(self, chart: ChartRow | None) -> bool:
        """Return whether `chart`, as the catalogue has it now, is another one than was parsed."""
        if self.chart is None or chart is None:
            return self.chart is not chart
        seen, now = ((row.id, row.state, records.stated(row)) for row in (self.chart, chart))
        return seen != now or new_papers(self.submission, self.says, chart) != list(self.new)


class Parser:
    """Holds submissions against the charts of one facility."""

    def __init__(
        self,
        catalog: Catalog,
        signed: SignedActs,
        forms: FormCatalog,
        facility: FacilityCode,
        clock: Clock,
    ) -> None:
        self._catalog, self._signed, self._forms = catalog, signed, forms
        self._facility, self._clock = facility, clock

    def parse(self, submission: Submission, says: Said, actor: Actor, scope: Scope) -> Attempt:
        """Return the attempt to archive `submission`.

        Papers of a chart of another department are all new: the answer must not depend on what the
        caller may not see. Raises SubmissionRejected, with every fault of the step that finds one;
        CatalogueAltered where an act states the chart otherwise; ChartChanged where the submission
        is to leave the chart as it is, or to begin it, and states it otherwise.
        """
        with self._catalog.read() as session:
            chart = self.chart_of(session, submission)
            seen = Attempt(submission, says, actor, scope, chart)
            if chart is None:
                if submission.leaves_chart:
                    raise ChartChanged
                return self._against(None, seen)
            known = records.submission_of(session, chart.id, says.fingerprint)
            ledgers = records.ledgers_of(session, chart.id)
            if not seen.is_of_another_department and known is None:
                require_stated(self._signed, session, chart)
        if seen.is_of_another_department:
            return self._against(None, seen)
        if known is not None:
            return replace(seen, known=known)
        stated = (submission.chart, submission.patient)
        keeps_chart = submission.leaves_chart or submission.begins_chart
        if keeps_chart and records.stated(chart) != stated:
            raise ChartChanged
        require_same_ledger(submission, ledgers)
        require_same_patient(submission, chart)
        return self._against(chart, seen)

    def chart_of(self, session: Session, submission: Submission) -> ChartRow | None:
        """Return the chart of the submission's episode, whatever its department."""
        episode = submission.chart.episode
        return records.chart_of_episode(session, episode, Scope(self._facility))

    def _against(self, chart: ChartRow | None, seen: Attempt) -> Attempt:
        """Return `seen` with the papers that `chart` lacks,
        once everything about them is checked.
        """
        attempt = replace(seen, new=tuple(new_papers(seen.submission, seen.says, chart)))
        if chart is None:
            self._require_forms(attempt.submission)
        elif attempt.has_news:
            if chart.state != "open":
                raise SubmissionRejected([Fault.of("accession", "/chart", "chart.deposited")])
            replaced = {paper.supersedes for paper in attempt.new}
            for older in chart.documents:
                if older.id in replaced:
                    self._signed.document(older)  # the act states for ever what is replaced
            self._require_forms(attempt.submission)
        return attempt

    def _require_forms(self, submission: Submission) -> None:
        """Raise SubmissionRejected unless the form of every paper is in force today."""
        today = vietnam_date(self._clock.now())
        faults = []
        for number, paper in enumerate(submission.papers):
            try:
                self._forms.get(paper.form, today)
            except UnknownForm as error:
                message = error.sentences()[0]
                faults.append(Fault(f"/papers/{number}/form", error.code, message))
        if faults:
            raise SubmissionRejected(faults)
