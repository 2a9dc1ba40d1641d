"""The third step: the documents go into the vault, and the act that names them is appended."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from archive.acts.accession import Accession, ArchivedDocument, StatedReason, document_key
from archive.acts.envelope import ActActor, ActObject, Draft
from archive.base.clock import Clock, iso
from archive.base.identifiers import FacilityCode, sha256
from archive.base.printable import printable
from archive.catalog.tables import ChartRow
from archive.coordination.sequencer import Sequencer
from archive.process import crash
from archive.vault.contract import Stored, Vault
from archive.vault.policy import rolling_until
from ingest.accession.intents import Intent
from ingest.accession.parse import ChartChanged, Parser
from ingest.accession.prepare import NewDocument, PreparedAttempt
from ingest.content.recent import RecentTexts
from ingest.content.record_text import identity, record_text
from ingest.forms.own_facts import own_facts
from ingest.record import form_json, origin, original_file
from ingest.spool import Spool

PUTS_AT_ONCE = 4
_PDF = "application/pdf"
log = structlog.get_logger(__name__)


class Committer:
    """Commits the prepared attempts of one facility. The caller holds the chart's lease."""

    def __init__(
        self,
        parser: Parser,
        vault: Vault,
        sequencer: Sequencer,
        spool: Spool,
        recent: RecentTexts,
        facility: FacilityCode,
        clock: Clock,
    ) -> None:
        self._parser, self._vault, self._sequencer = parser, vault, sequencer
        self._spool, self._recent = spool, recent
        self._facility, self._clock = facility, clock

    def commit(self, prepared: PreparedAttempt) -> Sequence[Stored]:
        """Archive the documents of `prepared`; return them as the vault has them.

        Raises ChartChanged, VaultError, Unavailable; nothing is acknowledged then.
        """
        stored = self._put_all(prepared.documents)
        draft = _draft(prepared, stored)
        attempt, intent = prepared.attempt, prepared.intent

        def make(session: Session) -> tuple[Draft, datetime]:
            chart = self._parser.chart_of(session, attempt.submission)
            if attempt.is_outdated(chart):
                raise ChartChanged
            if chart is None and session.get(ChartRow, prepared.chart_id) is not None:
                raise self._sequencer.signed.altered(f"intent {intent.submission_id}")
            return draft, rolling_until(self._clock.now())

        self._remember_texts(prepared)
        act = self._sequencer.append(make)
        log.info(
            "accession.archived",
            submission=intent.submission_id,
            chart=prepared.chart_id,
            documents=len(prepared.documents),
            act=act.index if act else None,
        )
        self._spool.clear(intent.submission_id)
        crash.point("spool.cleared")
        return stored

    def _remember_texts(self, prepared: PreparedAttempt) -> None:
        """Keep what the papers say, so that the index has it with them: before the act is there."""
        facts = prepared.attempt.submission
        known = identity(facts.patient.model_dump(mode="json"), facts.chart.episode)
        for document in prepared.documents:
            paper = document.paper.paper
            if paper.file is None:
                self._recent.remember(document.id, record_text(document.form, paper.data, known))

    def _put_all(self, documents: Sequence[NewDocument]) -> list[Stored]:
        """Put every document into the vault, a few at once: a put is mostly waiting for the disk or
        the store.
        """
        if len(documents) < 2:
            return [self._put(document) for document in documents]
        with ThreadPoolExecutor(min(PUTS_AT_ONCE, len(documents)), "kho-put") as threads:
            return list(threads.map(self._put, documents))

    def _put(self, document: NewDocument) -> Stored:
        stored = self._vault.put(
            document_key(self._facility, document.id, document.file.sha256),
            document.file.data,
            retain_until=rolling_until(self._clock.now()),
            media_type=_PDF,
        )
        crash.point("paper.put")
        return stored


def _draft(prepared: PreparedAttempt, stored: Sequence[Stored]) -> Draft:
    """Return the act of an accession, which names the objects that were `stored`."""
    attempt, intent = prepared.attempt, prepared.intent
    facts = Accession(
        submission=intent.submission_id,
        fingerprint=attempt.says.fingerprint,
        source=attempt.submission.source_digest,
        patient=attempt.submission.patient,
        chart=attempt.submission.chart,
        documents=tuple(_described(document, intent) for document in prepared.documents),
        received=attempt.submission.received,
    )
    objects = tuple(
        ActObject(
            key=each.key,
            version=each.version,
            sha256=document.file.sha256,
            size=each.size,
            media_type=_PDF,
        )
        for each, document in zip(stored, prepared.documents, strict=True)
    )
    schema, stated = facts.stated_as()
    return Draft(
        schema_name=schema,
        actor=ActActor(name=attempt.actor.name, role=attempt.actor.role),
        chart=prepared.chart_id,
        facts=stated,
        objects=objects,
        seen=tuple(stored),
    )


def _described(document: NewDocument, intent: Intent) -> ArchivedDocument:
    new, form, file = document.paper, document.form, document.file
    correction, own = new.paper.correction, new.paper.own or own_facts(form, new.paper.data)
    # a form that prescribes its title has that one, whatever a sender calls the paper
    own_title = own.title if form.title_field and own.title != form.title.vi else None
    return ArchivedDocument(
        id=document.id,
        form=new.paper.form,
        form_version=form.version,
        form_definition=sha256(form_json(form)),
        title_vi=printable(own_title) if own_title else form.title.vi,
        title_en=f"{form.title.en}: {printable(own_title)}" if own_title else form.title.en,
        key=new.paper.key,
        content=new.content,
        origin=origin(new.paper),
        original=original_file(new.paper.file) if new.paper.file else None,
        level=file.level,
        claimed_at=iso(intent.claimed_at),
        sealed_at=iso(file.sealed_at) if file.sealed_at else None,
        supersedes=new.supersedes,
        correction=StatedReason(reason=correction.reason) if correction else None,
        dated=own.dated,
        sheet=own.sheet,
    )
