"""`kho check --repair`: repairs what it may.

It adopts nothing, deletes nothing from the vault, rewrites no document and lowers no lock. What it
may repair is data (`faults.yaml`); while a fault says *stop*, it repairs nothing at all.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.orm import Session

from archive.base.bilingual import Text
from archive.base.clock import Clock
from archive.base.errors import KhoError
from archive.base.identifiers import FacilityCode, ObjectKey, Sha256, sha256
from archive.catalog.database import Catalog
from archive.catalog.observations import observe_lock
from archive.coordination.outbox import AWAY, Outbox
from archive.coordination.sequencer import Sequencer
from archive.ledger.store import LedgerPublisher
from archive.process import crash
from archive.vault.contract import Lock, Vault
from archive.vault.policy import rolling_until
from retention.health.check import Checker, CheckReport, Progress
from retention.health.faults import HealthFault, Repair, health_fault
from retention.health.ledger_check import LedgerCheck
from retention.health.leftovers import Leftovers
from retention.lock_requirements import LockRequirement, lock_requirements
from retention.removal import Removals

_ROUNDS = 3  # the next check finds what a repair uncovers (acts that were behind, for example)
_LAPSED = Text("không còn nghiệp vụ nào đòi hỏi", "no act demands it any longer")
_NOT_OURS = Text("không lập lại được từ danh mục", "Kho cannot rebuild it from the catalogue")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RepairOutcome:
    """The result for one fault: repaired, or left with the reason."""

    fault: HealthFault
    left: Text | None

    def as_json(self) -> dict[str, Any]:
        """Return the line of `kho check --repair --json`."""
        return {
            "repair": self.fault.kind.code,
            "object": self.fault.object,
            "mended": self.left is None,
            "left": self.left.as_json() if self.left else None,
        }


class Repairer:
    """Repairs one facility's archive, fault by fault.

    A kill may interrupt any repair; the next run repeats it.

    `publisher` returns the ledger's publisher, or raises where there is no ledger key; `reindex`
    rebuilds the index.
    """

    def __init__(
        self,
        *,
        checker: Checker,
        catalog: Catalog,
        vault: Vault,
        facility: FacilityCode,
        sequencer: Sequencer,
        outbox: Outbox,
        leftovers: Leftovers,
        publisher: Callable[[], LedgerPublisher],
        reindex: Callable[[], object],
        removals: Callable[[], Removals],
        clock: Clock,
    ) -> None:
        self._checker, self._catalog, self._vault, self._facility = (
            checker,
            catalog,
            vault,
            facility,
        )
        self._sequencer, self._outbox, self._leftovers, self._clock = (
            sequencer,
            outbox,
            leftovers,
            clock,
        )
        self._publisher, self._reindex, self._removals = publisher, reindex, removals
        self._demands: dict[str, LockRequirement] = {}
        # In the order in which they are done: acts first, because the other repairs depend on them.
        self._repairers: dict[str, Callable[[str], Text | None]] = {
            "catalogue.behind": self._catch_up,
            "intent.abandoned": self._drop_intent,
            "spool.abandoned": self._clear_spool,
            "removal.unfinished": self._finish_removal,
            "object.lock_missing": self._relock,
            "object.lock_short": self._extend,
            "object.lock_ending": self._extend,
            "ledger.object_missing": self._restore,
            "ledger.unpublished": self._publish,
            "outbox.waiting": self._drain,
            "index.behind": self._feed,
            "index.differs": self._remake,
        }

    def run(
        self, *, read_data: bool = False, progress: Progress = lambda _: None
    ) -> Iterator[RepairOutcome | CheckReport]:
        """Yield the result for each fault that may be repaired, then the report of a new check.

        Raises Unavailable, VaultUnreachable where a component is away: finished repairs stay.
        """
        tried = set[tuple[str, str]]()
        report = self._checker.check(read_data=read_data, progress=progress)
        for _ in range(_ROUNDS):
            if any(fault.kind.repair is Repair.STOP for fault in report.faults):
                break
            due = [
                fault for fault in self._due(report) if (fault.kind.code, fault.object) not in tried
            ]
            if not due:
                break
            self._demands = self._demanded({fault.object for fault in due})
            for fault in due:
                tried.add((fault.kind.code, fault.object))
                yield self._repaired(fault)
            report = self._checker.check(read_data=read_data, progress=progress)
        yield report

    def _due(self, report: CheckReport) -> list[HealthFault]:
        """Return what may be repaired, in the order in which it is done.

        Lock work that waits in the outbox is no fault: a check reports only locks that are not as
        the acts demand. But the waiting work is done here.
        """
        order = list(self._repairers)
        repairable = [fault for fault in report.faults if fault.kind.repair is Repair.YES]
        if self._outbox.pending("locks"):
            repairable.append(health_fault("outbox.waiting", "locks"))
        return sorted(repairable, key=lambda fault: order.index(fault.kind.code))

    def _repaired(self, fault: HealthFault) -> RepairOutcome:
        try:
            outcome = RepairOutcome(fault, self._repairers[fault.kind.code](fault.object))
        except AWAY:
            raise
        except KhoError as error:
            outcome = RepairOutcome(fault, Text(error.explain("vi"), error.explain("en")))
        log.info("repair", code=fault.kind.code, object=fault.object, mended=outcome.left is None)
        return outcome

    def _catch_up(self, _facility: str) -> None:
        self._sequencer.catch_up()
        crash.point("repair.caught_up")

    def _drop_intent(self, submission: str) -> Text | None:
        self._sequencer.catch_up()  # an act that was pending ends its intent
        return self._leftovers.drop_intent(submission)

    def _clear_spool(self, submission: str) -> None:
        self._leftovers.clear_spool(submission)

    def _finish_removal(self, mark: str) -> None:
        self._removals().finish(ObjectKey(mark))

    def _relock(self, key: str) -> Text | None:
        requirement = self._demands.get(key)
        if requirement is None:
            return _LAPSED
        with self._catalog.read() as session:
            expected = self._expected(session, requirement)
        if expected is None:
            return _NOT_OURS
        rolling = rolling_until(self._clock.now())
        until = max(rolling, requirement.retain_until or rolling)
        lock = self._vault.relock(
            ObjectKey(key),
            requirement.object_version,
            expected,
            retain_until=until,
            media_type=requirement.media_type,
        )
        self._observe(requirement, lock)
        return None

    def _extend(self, key: str) -> Text | None:
        requirement = self._demands.get(key)
        if requirement is None:
            return _LAPSED
        until = requirement.retain_until or rolling_until(self._clock.now())
        self._observe(
            requirement, self._vault.extend(ObjectKey(key), requirement.object_version, until)
        )
        return None

    def _restore(self, key: str) -> Text | None:
        return None if self._publisher().restore(ObjectKey(key)) else _NOT_OURS

    def _publish(self, _facility: str) -> None:
        self._publisher().publish()

    def _drain(self, topic: str) -> None:
        self._outbox.drain(topic, patience=10)

    def _feed(self, _facility: str) -> None:
        self._outbox.drain("index", patience=10)

    def _remake(self, _facility: str) -> None:
        self._outbox.fulfil("index", self._reindex)

    def _demanded(self, keys: set[str]) -> dict[str, LockRequirement]:
        """Return what the acts demand of these objects."""
        with self._catalog.read() as session:
            return {
                each.object_key: each
                for each in lock_requirements(session, self._facility)
                if each.object_key in keys
            }

    def _expected(self, session: Session, requirement: LockRequirement) -> Sha256 | None:
        """Return the digest that the object must have.

        The ledger's own objects are rebuilt for the comparison.
        """
        if requirement.sha256 is not None:
            return Sha256(requirement.sha256)
        named = requirement.object_key.rpartition("-")[2]
        if f"{self._facility}/ledger/checkpoint/" in requirement.object_key:
            return Sha256(named)
        data = LedgerCheck(session, self._vault, self._facility).bytes_of(requirement.object_key)
        return None if data is None else sha256(data)

    def _observe(self, requirement: LockRequirement, lock: Lock) -> None:
        with self._catalog.write() as session:
            observe_lock(
                session, requirement.object_key, requirement.object_version, lock, self._clock.now()
            )
        crash.point("repair.locked")
