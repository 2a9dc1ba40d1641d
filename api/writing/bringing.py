"""Bringing files in by hand: records as they are, and scans with what a person says of them.

A scan joins a chart that is there, and leaves the chart as it is: what the archive knows of
patient and episode is stated again. Where there is none yet, a scan may begin it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from api.reading.records import RecordService
from api.writing.beginning import Beginning, differing
from api.writing.intake import Intake, Result
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.errors import Fault, KhoError, NotFound, SubmissionRejected
from archive.base.facts import ChartFacts, Patient
from archive.base.identifiers import FormCode, sha256
from archive.base.leases import LeaseHeld
from archive.base.printable import printable
from ingest.accession.parse import ChartChanged
from ingest.forms.own_facts import OwnFacts
from ingest.sources.folder import SourceFile, claims
from ingest.sources.kinds import kind_of
from ingest.sources.photographs import Content
from ingest.sources.spelling import Spellings
from ingest.submission import UNSTATED, Correction, Notice, Paper, Stated, Submission

LONGEST_REASON = 1000  # characters
TRIES = 3  # a chart may change between being read and being archived to
PATH = "/papers/0/file"  # of the faults of a scan: it is the only paper of its submission


@dataclass(frozen=True, slots=True)
class Scan:
    """What a person says of scanned papers: their chart, form and date; None: no date.

    `chart`: its id, or the facts of a chart that begins where the archive has none of its episode.
    `title`: of a paper whose form prescribes none (KHAC).
    """

    chart: str | Beginning
    form: FormCode
    dated: date | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of one file: a result, or the error of a component that was away."""

    name: str
    result: Result | None = None
    error: KhoError | None = None


def scans_of(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the names of the PDFs and images that no record among `files` claims, in order."""
    spellings, claimed = Spellings(files), set[str]()
    for name, data in files.items():
        if kind_of(data) is None:
            for wanted in claims(SourceFile(name, data)):
                claimed.update(spellings.meant(wanted))
    return tuple(name for name, data in files.items() if kind_of(data) and name not in claimed)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a submission states of patient and chart; `begins`: the archive has no such chart."""

    patient: Patient
    chart: ChartFacts
    notices: tuple[Notice, ...] = ()
    begins: bool = False


class BringingService:
    """Brings files in for one person. `intake` is that person's."""

    def __init__(self, intake: Intake, records: RecordService, actor: Actor, scope: Scope) -> None:
        self._intake, self._records = intake, records
        self._actor, self._scope = actor, scope

    def bring(self, files: Mapping[str, bytes], scan: Scan | None) -> Iterator[Brought]:
        """Archive `files` by their names, each alone, and yield what became of each.

        `scan`: what is said of the PDFs and images that no record claims (:func:`scans_of`); None
        where there are none. The same again changes nothing and has the same receipts. After an
        error of the archive (a store that is away) the files that are left are not tried: their
        result is that error.

        Raises Denied; NotFound for a chart outside the scope.
        """
        scans = scans_of(files)
        stopped: KhoError | None = None
        for name in [name for name in files if kind_of(files[name]) is None] + list(scans):
            if stopped is not None:
                yield Brought(printable(name), error=stopped)
                continue
            try:
                if name in scans and scan is not None:
                    result = self.scanned(name, files[name], scan)
                    yield Brought(printable(name), result)
                else:
                    for result in self._intake.take(printable(name), files[name], files):
                        yield Brought(result.source, result)
            except KhoError as error:
                if not isinstance(error, (ChartChanged, LeaseHeld)):
                    stopped = error
                yield Brought(printable(name), error=error)

    def correct(
        self, document_id: str, name: str, data: bytes, reason: str, dated: date | None = None
    ) -> Result:
        """Replace a document by a PDF or an image; both stay, and the act states the reason.

        `reason`: one line of 1 to 1000 characters. `dated`: the day that the paper bears.

        The same again has the same receipts. Where another document has replaced this one, or the
        file is the same, the result has a fault. Raises NotFound, Denied, SubmissionRejected for
        the reason, LeaseHeld, and errors of the archive.
        """
        why = " ".join(printable(reason).split())
        if not 0 < len(why) <= LONGEST_REASON:
            raise SubmissionRejected([Fault.of("accession", "/reason", "correction.reason")])
        known = self._records.document_in_chart(document_id, self._actor, self._scope)
        document, scan = known.document, Scan(known.chart.id, FormCode(known.document.form), dated)
        return self.scanned(name, data, scan, document.key, Correction(document_id, why))

    def scanned(
        self,
        name: str,
        data: Content,
        scan: Scan,
        key: str | None = None,
        correction: Correction | None = None,
    ) -> Result:
        """Archive a PDF, an image, or the photographs of one paper as a paper of its chart, which
        it begins where it is new.

        `key`: of the paper in its chart; None: a key of the file's own, so that the same file again
        is the same paper. `correction`: the document that it replaces, and why.

        Raises NotFound, Denied, LeaseHeld, ChartChanged, and errors of the archive.
        """
        stated = UNSTATED
        try:
            facts = self._facts(scan.chart)
            stated = Stated(facts.chart.episode, facts.chart.department)
            file = self._intake.examine(name, data, scan.dated, PATH)
            key = key or f"scan-{sha256(file.data)[:16]}"
            own = OwnFacts(title=scan.title) if scan.title else None
            paper = Paper(scan.form, key, {}, file=file, correction=correction, own=own)
            for attempt in range(1, TRIES + 1):
                try:
                    return self._intake.accept(self._submission(printable(name), facts, paper))
                except ChartChanged:
                    if attempt == TRIES:
                        raise
                    facts = self._facts(scan.chart)
        except SubmissionRejected as refused:
            return self._intake.noted(Result(printable(name), faults=refused.faults, stated=stated))
        raise AssertionError("the last attempt returns or raises")

    def _facts(self, chart: str | Beginning) -> _Facts:
        """Return what a submission states of its chart.

        Raises NotFound; SubmissionRejected where the archive's chart says otherwise than a person
        who would begin it.
        """
        if isinstance(chart, str):
            known = self._records.chart(chart, self._actor, self._scope).chart
            return _Facts(known.patient, known.facts)
        try:
            episode = chart.chart.episode
            known = self._records.chart_of_episode(episode, self._actor, self._scope).chart
        except NotFound:
            return _Facts(chart.patient, chart.chart, chart.notices, begins=True)
        if faults := differing(chart, known):
            raise SubmissionRejected(faults)
        return _Facts(known.patient, known.facts)

    def _submission(self, source: str, facts: _Facts, paper: Paper) -> Submission:
        assert paper.file is not None  # it is a scan
        return Submission(
            source=source,
            facility=self._scope.facility,
            patient=facts.patient,
            chart=facts.chart,
            papers=(paper,),
            source_digest=sha256(paper.file.data),
            notices=facts.notices,
            leaves_chart=not facts.begins,
            begins_chart=facts.begins,
        )
