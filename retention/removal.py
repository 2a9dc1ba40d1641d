"""Removal: charts whose term is over leave the archive by a signed act, then the vault.

The act comes first. It states all that must stay true without the removed acts
(`archive/acts/removal.py`), so a process that ends at any step leaves work that the outbox takes up
again, and never a gap that no act explains:

1. the act of removal is appended: the catalogue forgets the charts;
2. a checkpoint that counts it is published: it confirms the digests of the removed acts for ever;
3. the mark of each removed act is put beside it, the newest act first;
4. the objects of each act are deleted, then the act itself, the newest act first;
5. what the home has kept of the charts to show them is forgotten.

What is left of a chart in between is always its oldest acts, so they still apply in their order.
Who may dispose of charts, and after which checks, is not decided here.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.actor import Actor
from archive.acts import removed_mark
from archive.acts.apply import kind_of
from archive.acts.deposit import Deposit
from archive.acts.envelope import Act, ActActor, Draft, act_key, act_prefix, parse_act
from archive.acts.removal import SCHEMA, Removal, RemovedAct, RemovedChart
from archive.acts.removed_mark import RemovedMark, mark_key, parse_mark
from archive.acts.stated_charts import require_every_object, require_stated
from archive.base.clock import Clock, parse_iso
from archive.base.errors import IntegrityError, NotFound, NotReady
from archive.base.identifiers import FacilityCode, ObjectKey
from archive.base.leases import Leases
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.observations import observe
from archive.catalog.operations import LedgerObjectRow
from archive.catalog.tables import ActRow, ChartRow
from archive.catalog.upsert import upsert
from archive.coordination.sequencer import Sequencer
from archive.ledger.store import LedgerPublisher
from archive.process import crash
from archive.vault.contract import ObjectMissing, Vault
from archive.vault.policy import fixed_until, rolling_until

log = structlog.get_logger(__name__)


class Removals:
    """Removes charts of one facility.

    `publisher` returns the ledger's publisher. `forget` removes what this home has kept of charts
    beside the archive, such as pictures of their pages.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        vault: Vault,
        sequencer: Sequencer,
        leases: Leases,
        facility: FacilityCode,
        publisher: Callable[[], LedgerPublisher],
        forget: Callable[[Sequence[str]], None],
        clock: Clock,
    ) -> None:
        self._catalog, self._vault, self._sequencer, self._leases = (
            catalog,
            vault,
            sequencer,
            leases,
        )
        self._facility, self._publisher, self._clock = facility, publisher, clock
        self._forget = forget

    def append(self, chart_ids: Sequence[str], actor: Actor) -> Act:
        """Append the act that removes these charts; :meth:`carry_out` follows it.

        The caller has decided that they may go. Raises NotFound for a chart that is not there,
        NotReady for one that is open or whose term is not over, CatalogueAltered where the signed
        acts say something else of it.
        """
        with self._catalog.read() as session:
            charts = [session.get(ChartRow, chart_id) for chart_id in chart_ids]
            if not charts or None in charts:
                raise NotFound
            leases = sorted(
                records.chart_lease(self._facility, chart.episode) for chart in charts if chart
            )
        with ExitStack() as held:
            for lease in leases:
                held.enter_context(self._leases.hold(lease))
            act = self._sequencer.append(lambda session: self._draft(session, chart_ids, actor))
        assert act is not None  # the draft is never empty
        crash.point("removal.applied")
        log.info("removal.appended", act=act.index, charts=len(chart_ids))
        return act

    def carry_out(self, subject: str) -> None:
        """Delete what the act of removal removes from the vault; `subject` is the act's key.

        Doing it again is safe.

        Raises StillLocked while the lock of an object has not ended: the rest stays due. Raises as
        the publisher does.
        """
        act = self._sequencer.signed.act(_index(subject))
        facts = self._sequencer.signed.facts(act.index)
        if not isinstance(facts, Removal):
            raise IntegrityError(object=subject)
        self._publisher().publish()
        crash.point("removal.published")
        newest_first = sorted(
            (each for chart in facts.charts for each in chart.acts), key=lambda each: -each.index
        )
        for removed in self._unmarked(act, newest_first):
            self._mark(act, removed)
            crash.point("removal.marked")
        for removed in newest_first:
            self._delete_act(removed)
        self._forget([chart.chart for chart in facts.charts])
        log.info("removal.carried_out", act=act.index, acts=len(newest_first))

    def finish(self, mark: ObjectKey) -> None:
        """Carry out the removal that a mark names; raises as :meth:`carry_out`."""
        stored = self._vault.stat(mark)
        removal = parse_mark(self._vault.read(mark, stored.version), mark).removal
        self.carry_out(act_key(self._sequencer.signed.act(removal)))

    def _draft(
        self, session: Session, chart_ids: Sequence[str], actor: Actor
    ) -> tuple[Draft, datetime]:
        facts = Removal(
            charts=tuple(self._chart(session, chart_id) for chart_id in sorted(set(chart_ids)))
        )
        draft = Draft(
            schema_name=SCHEMA,
            actor=ActActor(name=actor.name, role=actor.role),
            chart=None,
            facts=facts.model_dump(mode="json"),
        )
        return draft, rolling_until(self._clock.now())

    def _chart(self, session: Session, chart_id: str) -> RemovedChart:
        chart, signed = session.get(ChartRow, chart_id), self._sequencer.signed
        if chart is None:
            raise NotFound
        require_stated(signed, session, chart)
        require_every_object(signed, session, chart)
        acts = session.scalars(
            select(ActRow).where(ActRow.chart_id == chart_id).order_by(ActRow.index)
        ).all()
        deposits = [facts for act in acts if isinstance(facts := signed.facts(act.index), Deposit)]
        if not deposits:
            raise NotReady(why_vi="hồ sơ chưa nộp lưu", why_en="the chart is not deposited")
        (deposit,) = deposits
        if parse_iso(deposit.retain_until) > self._clock.now():
            raise NotReady(
                why_vi="chưa hết thời hạn lưu trữ", why_en="its retention period is not over"
            )
        return RemovedChart(
            chart=chart_id,
            archive_number=deposit.archive_number,
            year=deposit.year,
            sequence=deposit.sequence,
            rule=deposit.rule,
            retain_until=deposit.retain_until,
            acts=tuple(RemovedAct(index=act.index, digest=act.digest) for act in acts),
        )

    def _unmarked(self, act: Act, listed: Sequence[RemovedAct]) -> Sequence[RemovedAct]:
        """Return those without a mark that this catalogue knows.

        While locks run, each new attempt looks once and puts nothing.
        """
        mine = (LedgerObjectRow.kind == removed_mark.KIND) & (LedgerObjectRow.size == act.index)
        with self._catalog.read() as session:
            marked = set(session.scalars(select(LedgerObjectRow.object_key).where(mine)))
        return [
            each
            for each in listed
            if mark_key(self._facility, each.index, each.digest) not in marked
        ]

    def _mark(self, act: Act, removed: RemovedAct) -> None:
        """Put the mark of a removed act into the vault, where it is not there yet."""
        key = mark_key(self._facility, removed.index, removed.digest)
        data = RemovedMark(index=removed.index, digest=removed.digest, removal=act.index).to_bytes()
        until = fixed_until(parse_iso(act.time))
        stored = self._vault.put(key, data, retain_until=until, media_type=removed_mark.MEDIA_TYPE)
        row = {
            "object_key": key,
            "object_version": stored.version,
            "facility": self._facility,
            "kind": removed_mark.KIND,
            "size": act.index,
            "retain_until": until,
        }
        with self._catalog.write() as session:
            upsert(session, LedgerObjectRow, [row])
            observe(session, [stored], self._clock.now())

    def _delete_act(self, removed: RemovedAct) -> None:
        """Delete the objects that an act brought, then the act; what is gone already stays gone."""
        prefix = f"{act_prefix(self._facility, removed.index)}{removed.digest}.json"
        for stored in list(self._vault.list(prefix)):
            act = parse_act(self._vault.read(stored.key, stored.version), stored.key)
            if kind_of(act).brings is not None:
                for brought in act.objects:
                    self._delete(ObjectKey(brought.key))
            self._vault.delete(stored.key, stored.version)
            crash.point("removal.act_deleted")

    def _delete(self, key: ObjectKey) -> None:
        for stored in list(self._vault.list(key)):
            if stored.key == key:
                try:
                    self._vault.delete(key, stored.version)
                except ObjectMissing:
                    continue  # another process was first
                crash.point("removal.object_deleted")


def _index(subject: str) -> int:
    number = subject.rpartition("/")[2].partition("-")[0]
    if not number.isdecimal():
        raise IntegrityError(object=subject)
    return int(number)
