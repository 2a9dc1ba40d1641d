"""Deposit (nộp lưu): the act that closes a chart, issues its archive number and locks it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.acts.deposit import SCHEMA, Deposit
from archive.acts.envelope import ActActor, ActObject, Draft
from archive.acts.stated_charts import (
    last_number,
    require_every_document,
    require_every_object,
    require_stated,
)
from archive.base.clock import Clock, iso, vietnam_date
from archive.base.errors import NotReady
from archive.base.identifiers import ArchiveNumber, ChartId, FacilityCode
from archive.base.leases import Leases
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.entries import DocumentEntry
from archive.catalog.tables import ActRow, ChartRow, StoredObjectRow
from archive.coordination.sequencer import Sequencer
from archive.process import crash
from retention.completeness import Completeness, PaperJudge
from retention.locks import LockKeeper
from retention.required import Requirements, missing_of
from retention.schedule import Rule, Term, term

log = structlog.get_logger(__name__)

MOST_NAMED = 20  # findings in the sentence of a refusal


@dataclass(frozen=True, slots=True)
class Deposited:
    """A deposited chart: its number, retention rule and end, objects, and the locks read back."""

    chart_id: str
    archive_number: ArchiveNumber
    retain_until: datetime
    rule: str
    objects: int
    locked: int  # of how many locks the store just said that they reach the date
    missing: Requirements  # the papers that it lacks
    lacking: Completeness  # what its papers lack, of those that the caller may see

    def as_json(self) -> dict[str, Any]:
        """Return what `kho deposit` prints."""
        return {
            "chart_id": self.chart_id,
            "archive_number": self.archive_number,
            "retain_until": iso(self.retain_until),
            "rule": self.rule,
            "objects": self.objects,
            "locked": self.locked,
            "missing": [each.as_json() for each in self.missing],
            **self.lacking.as_json(),
        }


class PapersMissing(NotReady):
    """The chart lacks papers, and the facility refuses to deposit it without them."""

    code = "chart.papers_missing"

    missing: Requirements = ()

    @classmethod
    def of(cls, missing: Requirements) -> Self:
        """Return the error that names the papers."""
        titles = [each.text for each in missing]
        error = cls(
            papers_vi="; ".join(title.vi for title in titles),
            papers_en="; ".join(title.en for title in titles),
        )
        error.missing = missing
        return error

    def as_json(self) -> dict[str, Any]:
        """Return the error with the papers that are missing."""
        return {**super().as_json(), "missing": [each.as_json() for each in self.missing]}


class PapersIncomplete(NotReady):
    """A paper of the chart is not complete or not signed, and the facility refuses a deposit."""

    code = "chart.papers_incomplete"

    lacking: Completeness = Completeness()

    @classmethod
    def of(cls, lacking: Completeness) -> Self:
        """Return the error that names the papers and what they lack.

        Its sentence says each thing once, and at most `MOST_NAMED`; `lacking` has all of them.
        """
        named = dict.fromkeys((each.document.form, each.label) for each in lacking.findings)
        shown, more = list(named)[:MOST_NAMED], ["…"] if len(named) > MOST_NAMED else []
        error = cls(
            papers_vi="; ".join([*(f"{form}: {label.vi}" for form, label in shown), *more]),
            papers_en="; ".join([*(f"{form}: {label.en}" for form, label in shown), *more]),
        )
        error.lacking = lacking
        return error

    def as_json(self) -> dict[str, Any]:
        """Return the error with what the papers lack."""
        return {**super().as_json(), **self.lacking.as_json()}


@dataclass(frozen=True, slots=True)
class PaperPolicy:
    """What a facility asks of charts and papers, and when it refuses a deposit for it."""

    requirements: Requirements
    judge: PaperJudge
    refuse_missing: bool
    refuse_incomplete: bool


class DepositService:
    """Deposits charts of one facility."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        sequencer: Sequencer,
        leases: Leases,
        locks: LockKeeper,
        facility: FacilityCode,
        rules: tuple[Rule, ...],
        papers: PaperPolicy,
        clock: Clock,
    ) -> None:
        self._catalog, self._sequencer, self._leases, self._locks = (
            catalog,
            sequencer,
            leases,
            locks,
        )
        self._facility, self._rules, self._clock = facility, rules, clock
        self._papers = papers

    def deposit(self, chart_id: str, actor: Actor, scope: Scope) -> Deposited:
        """Deposit a chart; return once every lock was read back with the statutory date.

        A retry returns the same.

        A retry checks every lock again and extends each one that was shortened behind Kho's back.
        Raises NotFound, NotReady, Denied; PapersMissing and PapersIncomplete where the facility
        refuses such a deposit; before any act, CatalogueAltered, and IntegrityError where an object
        of the chart is missing or without its lock; VaultError or IntegrityError where a lock was
        not confirmed after the act (the deposit remains in force and the next command continues it:
        recovery only goes forward).
        """
        actor.require(Permission.DEPOSIT)
        with self._catalog.read() as session:
            episode = records.chart(session, chart_id, scope).episode
        with self._leases.hold(records.chart_lease(self._facility, episode)):
            lacking = self._look_before(chart_id, actor, scope)
            self._sequencer.append(lambda session: self._draft(session, chart_id, actor, scope))
            crash.point("deposit.applied")
            locked = self._locks.settle(
                chart_id, every=True
            )  # this chart's alone; its row in the outbox finds nothing to do
            crash.point("deposit.locked")
        log.info("deposit.locked", chart=chart_id)
        with self._catalog.read() as session:
            chart = records.chart(session, chart_id, scope)
            assert chart.archive_number is not None  # the act has set all three
            assert chart.retain_until is not None
            assert chart.rule is not None
            return Deposited(
                chart.id,
                ArchiveNumber(chart.archive_number),
                chart.retain_until,
                chart.rule,
                _objects_at_deposit(session, chart),
                locked,
                self._missing(chart, self._clock.now()),
                lacking,
            )

    def _look_before(self, chart_id: str, actor: Actor, scope: Scope) -> Completeness:
        """Refuse what could not be locked, before there is an act; return what papers lack.

        This runs outside a transaction, because the store may be slow. The chart's lease is held,
        so its objects stay these until the act is drafted.
        """
        self._sequencer.catch_up()
        with self._catalog.read() as session:
            drafted = self._draft(session, chart_id, actor, scope)
            chart = records.chart(session, chart_id, scope)
            facts, _ = records.stated(chart)
            papers = [DocumentEntry.of(row) for row in records.documents_of(chart, scope)]
        if drafted is not None:
            self._require_stated(chart_id)
            self._locks.require_whole(drafted[0].objects)
        lacking = self._papers.judge.judge(facts, papers)
        if drafted is not None and self._papers.refuse_incomplete and lacking.findings:
            raise PapersIncomplete.of(lacking)
        return lacking

    def _require_stated(self, chart_id: str) -> None:
        """Raise CatalogueAltered unless catalogue and signed acts agree about the chart.

        The deposit's act states the digest of each permanently.
        """
        with self._catalog.read() as session:
            chart = session.get_one(ChartRow, chart_id)
            require_stated(self._sequencer.signed, session, chart)
            require_every_document(self._sequencer.signed, session, chart)
            require_every_object(self._sequencer.signed, session, chart)
            documents = list(chart.documents)
        for document in documents:
            self._sequencer.signed.document(document)

    def _draft(
        self, session: Session, chart_id: str, actor: Actor, scope: Scope
    ) -> tuple[Draft, datetime] | None:
        chart = records.chart(session, chart_id, scope)
        if chart.state == "deposited":
            return None
        now = self._clock.now()
        reached = self._term(chart, now)
        if self._papers.refuse_missing and (missing := self._missing(chart, now)):
            raise PapersMissing.of(missing)
        year = vietnam_date(now).year
        sequence = last_number(self._sequencer.signed, session, self._facility, year) + 1
        facts = Deposit(
            archive_number=f"{year}-{sequence:06}",
            year=year,
            sequence=sequence,
            retain_until=iso(reached.retain_until),
            rule=reached.rule.id,
            rule_source=reached.rule.source,
            counted_from=reached.counted_from,
        )
        draft = Draft(
            schema_name=SCHEMA,
            actor=ActActor(name=actor.name, role=actor.role),
            chart=ChartId(chart.id),
            facts=facts.model_dump(mode="json"),
            objects=tuple(_objects(session, chart)),
        )
        return draft, reached.retain_until

    def _term(self, chart: ChartRow, now: datetime) -> Term:
        if not chart.documents:
            raise NotReady(why_vi="chưa có tài liệu nào", why_en="it has no document")
        if chart.discharged_at is None:
            raise NotReady(why_vi="chưa có ngày ra viện", why_en="it has no discharge date")
        if chart.discharged_at > now:
            raise NotReady(
                why_vi="ngày ra viện ở tương lai", why_en="its discharge date is in the future"
            )
        facts, _ = records.stated(chart)
        return term(facts, chart.discharged_at, vietnam_date(now), self._rules)

    def _missing(self, chart: ChartRow, now: datetime) -> Requirements:
        facts, _ = records.stated(chart)
        held = {document.form for document in chart.documents if document.superseded_by is None}
        return missing_of(facts, held, vietnam_date(now), self._papers.requirements)


def _objects(session: Session, chart: ChartRow) -> list[ActObject]:
    """Return every object of the chart: acts, documents (also superseded) and packet receipts."""
    mine = select(StoredObjectRow).where(StoredObjectRow.chart_id == chart.id)
    ordered = session.scalars(mine.order_by(StoredObjectRow.act_index, StoredObjectRow.object_key))
    return [
        ActObject(
            key=row.object_key,
            version=row.object_version,
            sha256=row.sha256,
            size=row.size,
            media_type=row.media_type,
        )
        for row in ordered
    ]


def _objects_at_deposit(session: Session, chart: ChartRow) -> int:
    """Return how many objects the deposit locked, its own act included.

    Later acts about the chart do not count.
    """
    deposited = (
        select(ActRow.index)
        .where(ActRow.chart_id == chart.id, ActRow.schema == SCHEMA)
        .scalar_subquery()
    )
    locked = select(func.count()).where(
        StoredObjectRow.chart_id == chart.id, StoredObjectRow.act_index <= deposited
    )
    return session.scalar(locked) or 0
