"""The second step: ids, one time, and the sealed documents of the new papers, kept until their act.

The documents come from :mod:`ingest.preparation`, which renders and seals. A paper that is to wait
for a person between the two is handed to it twice: to be rendered, and later to be sealed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Protocol

from archive.base.clock import vietnam_date
from archive.base.departments import Departments
from archive.base.errors import IntegrityError, SubmissionRejected
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, sha256
from archive.catalog import records
from archive.process import crash
from ingest.accession.intents import Intent, Intents
from ingest.accession.letterhead import Letterhead
from ingest.accession.new_papers import NewPaper
from ingest.accession.parse import Attempt
from ingest.files.jobs import Job, file_job
from ingest.forms.catalog import FormCatalog
from ingest.forms.model import Form
from ingest.forms.shared_lists import day_of
from ingest.preparation.contract import Prepared, Rendered
from ingest.record import FORM_NAME, RECORD_NAME, form_json, record_json
from ingest.render.job import Attachment, RenderJob
from ingest.spool import Spool, Spooled
from ingest.submission import Submission

_JSON = "application/json"


class Prepares(Protocol):
    """Makes sealed documents of papers."""

    def prepare(self, papers: Sequence[Job | Rendered]) -> Iterator[Prepared]:
        """See :meth:`ingest.preparation.service.Preparation.prepare`."""
        ...


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A new paper, and the document that it became."""

    paper: NewPaper
    id: DocumentId
    form: Form
    file: Spooled


@dataclass(frozen=True, slots=True)
class PreparedAttempt:
    """An attempt whose documents are sealed and kept; only its act is missing."""

    attempt: Attempt
    intent: Intent
    documents: tuple[NewDocument, ...]

    @property
    def chart_id(self) -> ChartId:
        """The id of the chart, which may be new."""
        chart = self.attempt.chart
        return ChartId(chart.id) if chart is not None else self.intent.chart_id


class DocumentMaker:
    """Makes the documents of one facility's attempts. The caller holds the chart's lease."""

    def __init__(
        self,
        intents: Intents,
        preparer: Prepares,
        spool: Spool,
        forms: FormCatalog,
        letterhead: Letterhead,
        departments: Callable[[date], Departments],
    ) -> None:
        """`departments`: the names as the signed acts state them: papers show them for ever."""
        self._departments = departments
        self._intents, self._preparer, self._spool = intents, preparer, spool
        self._forms, self._letterhead = forms, letterhead
        self._facility = FacilityCode(letterhead.facility.code)

    def prepare(self, attempt: Attempt) -> PreparedAttempt:
        """Return `attempt` with its documents, which a retry finds again.

        Raises SubmissionRejected where a paper cannot be prepared: nothing of the attempt is kept
        then. Raises Unavailable, PreparationFailed; a retry goes on from what is kept.
        """
        lease = records.chart_lease(self._facility, attempt.submission.chart.episode)
        contents = [paper.content for paper in attempt.new]
        intent = self._intents.settle(attempt.says.fingerprint, contents, lease)
        crash.point("intent.settled")
        try:
            return PreparedAttempt(attempt, intent, self._documents(attempt, intent))
        except SubmissionRejected:
            self._forget(intent)
            raise

    def rehearse(self, attempt: Attempt) -> None:
        """Prepare `attempt` as if its chart were new, and keep nothing of it.

        The chart is another department's. A paper that cannot be prepared is the reason of refusal
        in every case (SubmissionRejected). An earlier answer would reveal to the caller that the
        episode exists, and the attempt would leave no trace.
        """
        apart = sha256(f"rehearsal\n{attempt.says.fingerprint}".encode())
        intent = self._intents.settle(apart, [paper.content for paper in attempt.new])
        try:
            self._documents(attempt, intent)
        finally:
            self._forget(intent)

    def _forget(self, intent: Intent) -> None:
        self._spool.clear(intent.submission_id)
        self._intents.drop(intent.submission_id)

    def _documents(self, attempt: Attempt, intent: Intent) -> tuple[NewDocument, ...]:
        jobs = []
        day = vietnam_date(intent.claimed_at)
        # once for all papers: each look reads acts
        names = cache(lambda: self._departments(day).in_force(day))
        for paper in attempt.new:
            document_id = intent.documents[paper.content]
            if (
                paper.as_received is None
                and self._spool.find(intent.submission_id, document_id) is None
            ):
                jobs.append(self._job(attempt, intent, paper, names))
        for prepared in self._preparer.prepare(jobs):
            self._spool.keep(
                intent.submission_id,
                prepared.document_id,
                prepared.data,
                prepared.level,
                prepared.sealed_at,
                settle=False,
            )
            crash.point("paper.spooled")
        if jobs:
            # before anything of it is put: a retry must find the same seals
            self._spool.settle(intent.submission_id)
        return tuple(self._document(attempt, paper, intent) for paper in attempt.new)

    def _document(self, attempt: Attempt, paper: NewPaper, intent: Intent) -> NewDocument:
        document_id = intent.documents[paper.content]
        form = self._form(attempt.submission, paper, intent)
        if paper.as_received is not None:
            data = paper.as_received
            return NewDocument(paper, document_id, form, Spooled(data, sha256(data), None, None))
        spooled = self._spool.find(intent.submission_id, document_id)
        if spooled is None:
            raise IntegrityError(object=f"spool {intent.submission_id}")
        return NewDocument(paper, document_id, form, spooled)

    def _form(self, submission: Submission, paper: NewPaper, intent: Intent) -> Form:
        """Return the form of today, with the shared code lists of the record's day."""
        form = self._forms.get(paper.paper.form, vietnam_date(intent.claimed_at))
        return form.on(day_of(submission.chart))

    def _job(
        self,
        attempt: Attempt,
        intent: Intent,
        new: NewPaper,
        names: Callable[[], Mapping[str, str]],
    ) -> Job:
        submission, paper = attempt.submission, new.paper
        form = self._form(submission, new, intent)
        document_id = intent.documents[new.content]
        record = record_json(submission, paper, document_id, form, intent.claimed_at)
        attachments = [
            Attachment(RECORD_NAME, _JSON, record, "source", "Bản ghi có cấu trúc"),
            Attachment(FORM_NAME, _JSON, form_json(form), "supplement", "Định nghĩa mẫu biểu"),
        ]
        if paper.part is not None:
            part = paper.part
            attachments.append(
                Attachment(part.name, part.media_type, part.data, "source", part.description)
            )
        job = RenderJob(
            form=form,
            document_id=document_id,
            facility=self._letterhead.facility,
            patient=submission.patient,
            chart=submission.chart,
            data=paper.data,
            claimed_at=intent.claimed_at,
            verify_uri=self._letterhead.verify_uri(document_id),
            attachments=tuple(attachments),
            test=self._letterhead.test,
            departments={} if form.accepts_json else names(),
            practitioners=submission.practitioners,
        )
        if paper.file is None:
            return job
        return file_job(job, paper.file, f"/papers/{new.place}/file")
