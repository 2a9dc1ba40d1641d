"""Accession: the one way into the archive.

Intend, render, seal, put, act, answer; in this order, for every source.

The process may be killed after any step. A retry repeats the steps with the same results: the
intent keeps ids and time, the spool keeps the seals, the vault takes equal bytes twice, and the
sequencer finishes a pending act.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.acts.accession import SCHEMA, Accession, ArchivedDocument, document_key
from archive.acts.envelope import ActActor, ActObject, Draft
from archive.acts.stated_charts import require_stated
from archive.base.bilingual import Text
from archive.base.clock import Clock, iso, vietnam_date
from archive.base.errors import Denied, Fault, IntegrityError, KhoError, SubmissionRejected
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, ObjectKey, sha256
from archive.base.leases import Leases
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.tables import ChartRow, DocumentRow
from archive.coordination.sequencer import Sequencer
from archive.process import crash
from archive.vault.contract import Lock, ObjectMissing, Stored, Vault
from archive.vault.policy import rolling_until
from ingest.files.jobs import Job, file_job
from ingest.forms.catalog import FormCatalog, UnknownForm
from ingest.intents import Intent, Intents
from ingest.new_papers import NewPaper, new_papers
from ingest.plausibility import require_order_of_days, require_same_patient
from ingest.preparation.contract import Prepared, Rendered
from ingest.receipt import Receipt, receipt
from ingest.record import (
    FORM_NAME,
    RECORD_NAME,
    Said,
    form_json,
    origin,
    original_file,
    record_json,
    said,
)
from ingest.render.job import Attachment, FacilityFace, RenderJob
from ingest.same_ledger import require_same_ledger
from ingest.spool import Spool, Spooled
from ingest.submission import Submission

PDF = "application/pdf"
JSON = "application/json"
PUTS_AT_ONCE = 4
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every document of the facility shows: the facility, the address for verification, and
    the mark of a test.
    """

    facility: FacilityFace
    public_url: str | None
    test: bool

    def verify_uri(self, document_id: DocumentId) -> str:
        """Return what the QR code says."""
        return (
            f"{self.public_url}/v/{document_id}" if self.public_url else f"urn:uuid:{document_id}"
        )


class Prepares(Protocol):
    """Makes sealed documents of papers."""

    def prepare(self, papers: Sequence[Job | Rendered]) -> Iterator[Prepared]:
        """See :meth:`ingest.preparation.service.Preparation.prepare`."""
        ...


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
        clock: Clock,
    ) -> None:
        self._catalog, self._vault, self._sequencer, self._leases = (
            catalog,
            vault,
            sequencer,
            leases,
        )
        self._forms, self._preparer = forms, preparer
        self._spool, self._face, self._clock = spool, letterhead, clock
        self._facility = FacilityCode(letterhead.facility.code)
        self._intents = Intents(catalog, self._facility, clock)

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
                put = self._take_in(submission, says, actor, scope)
            except (SubmissionRejected, Denied):
                # else the catalogue was behind, and the result may differ now
                if not self._sequencer.catch_up():
                    raise
                put = self._take_in(submission, says, actor, scope)
            return self._receipts(submission, says, put)

    def _take_in(
        self, submission: Submission, says: Said, actor: Actor, scope: Scope
    ) -> Sequence[Stored]:
        """Archive the papers of a submission that the catalogue's chart lacks; return the objects
        that were put.
        """
        with self._catalog.read() as session:
            chart = records.chart_of_episode(
                session, submission.chart.episode, Scope(self._facility)
            )
            known = (
                records.submission_of(session, chart.id, says.fingerprint)
                if chart is not None
                else None
            )
            ledgers = records.ledgers_of(session, chart.id) if chart is not None else None
            if (
                chart is not None
                and known is None
                and scope.holds(chart.facility, chart.department)
            ):
                require_stated(self._sequencer.signed, session, chart)
        if chart is not None and not scope.holds(chart.facility, chart.department):
            self._rehearse(submission, says)
            raise Denied
        if known is not None:
            # its act may have been finished by another process than the one that began it
            self._spool.clear(known)
            return ()
        require_same_ledger(submission, ledgers)
        require_same_patient(submission, chart)
        return self._archive(submission, says, chart, new_papers(submission, says, chart), actor)

    def _archive(
        self,
        submission: Submission,
        says: Said,
        chart: ChartRow | None,
        new: Sequence[NewPaper],
        actor: Actor,
    ) -> Sequence[Stored]:
        if chart is not None:
            if not new and not _says_more(submission, chart) and submission.received is None:
                return ()
            if chart.state != "open":
                raise SubmissionRejected([_DEPOSITED])
            replaced = {item.supersedes for item in new}
            for older in chart.documents:
                if older.id in replaced:
                    # the act states for ever what is replaced
                    self._sequencer.signed.document(older)
        self._require_forms(submission)
        lease = records.chart_lease(self._facility, submission.chart.episode)
        intent = self._intents.settle(says.fingerprint, [item.content for item in new], lease)
        crash.point("intent.settled")
        try:
            spooled = self._prepared(submission, new, intent)
        except SubmissionRejected:
            self._spool.clear(intent.submission_id)
            self._intents.drop(intent.submission_id)
            raise
        stored = self._put_all(new, intent, spooled)
        chart_id = ChartId(chart.id) if chart is not None else intent.chart_id
        facts = Accession(
            submission=intent.submission_id,
            fingerprint=says.fingerprint,
            source=submission.source_digest,
            patient=submission.patient,
            chart=submission.chart,
            documents=tuple(
                self._described(i, intent, s) for i, s in zip(new, spooled, strict=True)
            ),
            received=submission.received,
        )
        objects = tuple(
            ActObject(key=v.key, version=v.version, sha256=s.sha256, size=v.size, media_type=PDF)
            for v, s in zip(stored, spooled, strict=True)
        )
        draft = Draft(
            schema_name=SCHEMA,
            actor=ActActor(name=actor.name, role=actor.role),
            chart=chart_id,
            facts=facts.model_dump(mode="json"),
            objects=objects,
            seen=tuple(stored),
        )

        def make(session: Session) -> tuple[Draft, datetime]:
            there = records.chart_of_episode(
                session, submission.chart.episode, Scope(self._facility)
            )
            if _has_changed(submission, says, chart, there, new):
                raise ChartChanged
            if there is None and session.get(ChartRow, chart_id) is not None:
                raise self._sequencer.signed.altered(f"intent {intent.submission_id}")
            return draft, rolling_until(self._clock.now())

        act = self._sequencer.append(make)
        log.info(
            "accession.archived",
            submission=intent.submission_id,
            chart=chart_id,
            documents=len(new),
            act=act.index if act else None,
        )
        self._spool.clear(intent.submission_id)
        crash.point("spool.cleared")
        return stored

    def _rehearse(self, submission: Submission, says: Said) -> None:
        """Prepare a submission as if its chart were new, and keep nothing of it.

        Raises SubmissionRejected.

        The chart is another department's. A paper that cannot be prepared is the reason of refusal
        in every case. An earlier answer would reveal to the caller that the episode exists, and the
        attempt would leave no trace.
        """
        new = new_papers(submission, says, None)
        self._require_forms(submission)
        apart = sha256(f"rehearsal\n{says.fingerprint}".encode())
        intent = self._intents.settle(apart, [item.content for item in new])
        try:
            self._prepared(submission, new, intent)
        finally:
            self._spool.clear(intent.submission_id)
            self._intents.drop(intent.submission_id)

    def _require_forms(self, submission: Submission) -> None:
        """Raise SubmissionRejected unless every paper's form is in force today."""
        today = vietnam_date(self._clock.now())
        faults = []
        for number, paper in enumerate(submission.papers):
            try:
                self._forms.get(paper.form, today)
            except UnknownForm as error:
                faults.append(
                    Fault(
                        f"/papers/{number}/form", error.code, UnknownForm.what.fill(**error.facts)
                    )
                )
        if faults:
            raise SubmissionRejected(faults)

    def _prepared(
        self, submission: Submission, new: Sequence[NewPaper], intent: Intent
    ) -> list[Spooled]:
        jobs = []
        for item in new:
            document_id = intent.documents[item.content]
            if (
                item.as_received is None
                and self._spool.find(intent.submission_id, document_id) is None
            ):
                jobs.append(self._job(submission, item, document_id, intent))
        for done in self._preparer.prepare(jobs):
            self._spool.keep(
                intent.submission_id,
                done.document_id,
                done.data,
                done.level,
                done.sealed_at,
                settle=False,
            )
            crash.point("paper.spooled")
        if jobs:
            # before anything of it is put: a retry must find the same seals
            self._spool.settle(intent.submission_id)
        return [self._kept(item, intent) for item in new]

    def _kept(self, item: NewPaper, intent: Intent) -> Spooled:
        if item.as_received is not None:
            return Spooled(item.as_received, sha256(item.as_received), None, None)
        spooled = self._spool.find(intent.submission_id, intent.documents[item.content])
        if spooled is None:
            raise IntegrityError(object=f"spool {intent.submission_id}")
        return spooled

    def _job(
        self, submission: Submission, item: NewPaper, document_id: DocumentId, intent: Intent
    ) -> Job:
        paper = item.paper
        form = self._forms.get(paper.form, vietnam_date(intent.claimed_at))
        record = record_json(submission, paper, document_id, form, intent.claimed_at)
        attachments = [
            Attachment(RECORD_NAME, JSON, record, "source", "Bản ghi có cấu trúc"),
            Attachment(FORM_NAME, JSON, form_json(form), "supplement", "Định nghĩa mẫu biểu"),
        ]
        if paper.part is not None:
            part = paper.part
            attachments.append(
                Attachment(part.name, part.media_type, part.data, "source", part.description)
            )
        rendered = RenderJob(
            form=form,
            document_id=document_id,
            facility=self._face.facility,
            patient=submission.patient,
            chart=submission.chart,
            data=paper.data,
            claimed_at=intent.claimed_at,
            verify_uri=self._face.verify_uri(document_id),
            attachments=tuple(attachments),
            test=self._face.test,
        )
        return (
            rendered
            if paper.file is None
            else file_job(rendered, paper.file, f"/papers/{item.place}/file")
        )

    def _put_all(
        self, new: Sequence[NewPaper], intent: Intent, spooled: Sequence[Spooled]
    ) -> list[Stored]:
        """Put every document into the vault, a few at once: a put is mostly waiting for the disk or
        the store.
        """
        if len(new) < 2:
            return [
                self._put(item, intent, sealed) for item, sealed in zip(new, spooled, strict=True)
            ]
        with ThreadPoolExecutor(min(PUTS_AT_ONCE, len(new)), "kho-put") as threads:
            return list(
                threads.map(lambda item, sealed: self._put(item, intent, sealed), new, spooled)
            )

    def _put(self, item: NewPaper, intent: Intent, sealed: Spooled) -> Stored:
        stored = self._vault.put(
            document_key(self._facility, intent.documents[item.content], sealed.sha256),
            sealed.data,
            retain_until=rolling_until(self._clock.now()),
            media_type=PDF,
        )
        crash.point("paper.put")
        return stored

    def _described(self, item: NewPaper, intent: Intent, sealed: Spooled) -> ArchivedDocument:
        form = self._forms.get(item.paper.form, vietnam_date(intent.claimed_at))
        return ArchivedDocument(
            id=intent.documents[item.content],
            form=item.paper.form,
            form_version=form.version,
            form_definition=sha256(form_json(form)),
            title_vi=form.title.vi,
            title_en=form.title.en,
            key=item.paper.key,
            content=item.content,
            origin=origin(item.paper),
            original=original_file(item.paper.file) if item.paper.file else None,
            level=sealed.level,
            claimed_at=iso(intent.claimed_at),
            sealed_at=iso(sealed.sealed_at) if sealed.sealed_at else None,
            supersedes=item.supersedes,
        )

    def _receipts(
        self, submission: Submission, says: Said, put: Sequence[Stored]
    ) -> tuple[Receipt, ...]:
        """Return the receipts of the papers' documents; the objects that were not `put` just now
        are checked.
        """
        with self._catalog.read() as session:
            chart = records.chart_of_episode(
                session, submission.chart.episode, Scope(self._facility)
            )
            assert chart is not None  # it was just archived, or was there
            # in order: the newest counts
            became = {(d.form, d.key, d.content): d for d in chart.documents}
        papers = zip(submission.papers, says.contents, strict=True)
        found = [became[paper.form, paper.key, content] for paper, content in papers]
        read_back = {(stored.key, stored.version): stored for stored in put}
        for each in {document.id: document for document in found}.values():
            if (each.object_key, each.object_version) not in read_back:
                # the receipt vouches for what was archived before
                self._sequencer.signed.document(each)
        return tuple(
            receipt(submission.source, each, self._lock(each, read_back)) for each in found
        )

    def _lock(
        self, document: DocumentRow, read_back: Mapping[tuple[ObjectKey, str], Stored]
    ) -> Lock:
        place = ObjectKey(document.object_key), document.object_version
        try:
            lock = (read_back.get(place) or self._vault.stat(*place)).lock
        except ObjectMissing as error:
            raise IntegrityError(object=document.object_key) from error
        if lock is None:
            raise IntegrityError(object=document.object_key)
        return lock


class ChartChanged(KhoError):
    """The chart changed while its papers were being sealed: its lease was lost, or the catalogue
    was rebuilt.
    """

    code = "chart.changed"
    http_status = 409
    exit_code = 11
    what = Text(
        "Hồ sơ vừa thay đổi trong lúc lưu trữ.", "The chart changed while it was being archived."
    )
    remedy = Text("Gửi lại.", "Send it again.")


_DEPOSITED = Fault(
    "/chart",
    "chart.deposited",
    Text(
        "Hồ sơ bệnh án đã nộp lưu, không nhận thêm tài liệu.",
        "The chart is deposited and takes no more documents.",
    ),
)


def _has_changed(
    submission: Submission,
    says: Said,
    seen: ChartRow | None,
    there: ChartRow | None,
    new: Sequence[NewPaper],
) -> bool:
    """Return whether the chart is no longer the one for which `new` papers were made."""
    if seen is None or there is None:
        return seen is not there
    before, now = ((row.id, row.state, records.stated(row)) for row in (seen, there))
    return before != now or new_papers(submission, says, there) != list(new)


def _says_more(submission: Submission, chart: ChartRow) -> bool:
    """Return whether the submission's facts of chart or patient differ from those
    of the catalogue.
    """
    return records.stated(chart) != (submission.chart, submission.patient)
