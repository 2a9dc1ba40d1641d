"""`kho check`: holds the catalogue, the vault, the ledger and the locks against each other.

It only reads.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.base.clock import Clock
from archive.base.errors import IntegrityError, Unavailable
from archive.base.identifiers import FacilityCode, ObjectKey, sha256
from archive.catalog import projection
from archive.catalog.base import Base
from archive.catalog.database import Catalog
from archive.catalog.operations import LedgerObjectRow
from archive.catalog.tables import PROJECTED, DocumentRow
from archive.coordination.outbox import Outbox
from archive.files.working_folders import WorkingFolders
from archive.ledger.keys import LedgerKeys
from archive.ledger.store import ledger_size
from archive.vault.contract import LockMode, ObjectMissing, Stored, Vault
from archive.vault.policy import WARN_BELOW
from archive.witness.service import WitnessService
from retention.health.act_check import ActCheck
from retention.health.faults import HealthFault, health_fault
from retention.health.history_check import Kept, history_faults, witness_faults
from retention.health.key_check import KeyCheck
from retention.health.ledger_check import LedgerCheck
from retention.health.leftovers import Leftovers
from retention.health.orphans import Orphans
from retention.lock_requirements import LockRequirement, lock_requirements
from search.errors import IndexUnusable

Progress = Callable[[str], None]


@dataclass(slots=True)
class CheckReport:
    """What was checked, and what was found."""

    checked: dict[str, int] = field(default_factory=dict)
    faults: list[HealthFault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """No fault of severity `error`."""
        return all(fault.kind.severity != "error" for fault in self.faults)

    def count(self, what: str) -> None:
        """Count one thing that was checked."""
        self.checked[what] = self.checked.get(what, 0) + 1

    def note(self, what: str, fault: HealthFault | None) -> None:
        """Count one thing that was checked, and keep the fault that was found in it."""
        self.count(what)
        if fault is not None:
            self.faults.append(fault)

    def as_json(self) -> dict[str, Any]:
        """Return what `kho check` prints."""
        return {
            "ok": self.ok,
            "checked": self.checked,
            "faults": [fault.as_json() for fault in self.faults],
        }


@dataclass(frozen=True, slots=True)
class _StatedLog:
    """What the vault's acts state: the ledger's keys and how many acts form an unbroken history.

    `removed_later` (ids of charts, keys of marks) and `brought_later` (keys of objects) come from
    the acts that the catalogue does not know yet.
    """

    keys: LedgerKeys | None
    size: int
    removed_later: frozenset[str]
    brought_later: frozenset[str]


class Checker:
    """Checks one facility's archive.

    Faults are collected; only a vault or catalogue that is away raises.

    `scratch` is a folder of the home for a catalogue that lasts as long as the check. `indexed`
    returns how many entries the search index holds; None where there is no index to query.
    `key_check` compares the home's own key file with the ledger's keys. `lacking` names the missing
    kernel features that confine the readers of untrusted files. `seal` yields the faults of the
    seal's key and certificates.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        vault: Vault,
        facility: FacilityCode,
        outbox: Outbox,
        leftovers: Leftovers,
        indexed: Callable[[], int | None],
        key_check: KeyCheck,
        lacking: Sequence[str],
        seal: Callable[[], Iterable[HealthFault]],
        witnesses: WitnessService,
        clock: Clock,
        scratch: Path,
    ) -> None:
        self._catalog, self._vault, self._facility = catalog, vault, facility
        self._outbox, self._leftovers, self._indexed = outbox, leftovers, indexed
        self._key_check, self._lacking, self._witnesses = key_check, lacking, witnesses
        self._seal = seal
        self._clock, self._scratch = clock, WorkingFolders(scratch)

    def check(
        self,
        *,
        read_data: bool = False,
        kept: Sequence[Kept] = (),
        progress: Progress = lambda _: None,
    ) -> CheckReport:
        """Return what was found; with `read_data` every byte of every object is read and hashed.

        `kept` are checkpoints that were kept elsewhere: the history must continue each of them.
        Raises Unreadable where one of them is no checkpoint.
        """
        report = CheckReport()
        progress("acts")
        log = self._acts(report, kept)
        progress("objects")
        with self._catalog.read() as session:
            ledger = LedgerCheck(session, self._vault, self._facility, log.keys, log.size)
            with _altered(report, "objects"):
                self._objects(session, ledger, log, report, read_data, progress)
            progress("ledger")
            with _altered(report, "ledger"):
                self._ledger(ledger, report, read_data)
            if log.keys is not None:
                report.faults.extend(
                    self._key_check(log.keys, published=_has_published(session, self._facility))
                )
            with _altered(report, "submissions"):
                report.faults.extend(self._leftovers.find(session))
            report.faults.extend(self._followers(session))
        report.faults.extend(health_fault("kernel.incomplete", name) for name in self._lacking)
        report.faults.extend(self._seal())
        if self._witnesses.is_overdue():
            report.faults.append(health_fault("witness.unconfirmed", self._facility))
        report.faults = list(dict.fromkeys(report.faults))  # a lost tile is seen in two ways
        return report

    def _followers(self, session: Session) -> Iterator[HealthFault]:
        """Yield what should follow the acts and does not."""
        if self._outbox.pending("index"):
            yield health_fault("index.behind", self._facility)
            return
        documents = session.scalar(
            select(func.count()).where(DocumentRow.facility == self._facility)
        )
        try:
            if self._indexed() not in (None, documents):
                yield health_fault("index.differs", self._facility)
        except IndexUnusable:
            yield health_fault("index.differs", self._facility)
        except Unavailable:
            yield health_fault("index.away", self._facility)

    def _acts(self, report: CheckReport, kept: Sequence[Kept]) -> _StatedLog:
        """Apply the vault's acts to a scratch catalogue; compare the catalogue and `kept` with it.

        Return what the acts state.
        """
        with self._scratch.job(or_temporary=True) as folder:
            scratch = Catalog.open(folder / "catalog.db")
            try:
                with self._catalog.read() as session:
                    acts = ActCheck(
                        self._vault, self._facility, ledger_size(session, self._facility) - 1
                    )
                    with scratch.write() as stated:
                        report.faults.extend(acts.walk_known(stated))
                    report.checked["acts"] = acts.applied
                    if acts.whole:
                        with scratch.read() as stated:
                            _compare(session, stated, report)
                with scratch.write() as stated:
                    report.faults.extend(acts.walk_later(stated))
                with scratch.read() as stated:
                    history, removed = acts.history(stated), acts.removed_later(stated)
                    brought = acts.brought_later(stated)
                    for fault in (
                        *history_faults(history, kept),
                        *witness_faults(history, self._witnesses),
                    ):
                        report.note("kept_checkpoints", fault)
                if history is None:
                    return _StatedLog(None, 0, removed, brought)
                return _StatedLog(history.keys, history.size, removed, brought)
            finally:
                scratch.close()

    def _objects(
        self,
        session: Session,
        ledger: LedgerCheck,
        log: _StatedLog,
        report: CheckReport,
        read_data: bool,
        progress: Progress,
    ) -> None:
        """Walk the catalogue's demands and the vault's keys side by side, in order of keys."""
        orphans = Orphans(
            self._vault, self._facility, ledger, log.removed_later | log.brought_later
        )
        for requirement, versions in _side_by_side(
            lock_requirements(session, self._facility), self._vault.list("")
        ):
            if requirement is None:
                report.faults.extend(
                    fault for stored in versions for fault in orphans.judge(stored)
                )
                continue
            report.count("objects")
            if report.checked["objects"] % 1000 == 0:
                progress(f"objects: {report.checked['objects']}")
            stored = next((s for s in versions if s.version == requirement.object_version), None)
            if stored is None:
                gone = requirement.chart_id in log.removed_later
                if not gone and not (requirement.may_lapse and not versions):
                    of_ledger = requirement.object_key.startswith(f"{self._facility}/ledger/")
                    code = "ledger.object_missing" if of_ledger else "object.missing"
                    report.faults.append(health_fault(code, requirement.object_key))
                continue
            if len(versions) > 1:
                report.faults.append(health_fault("object.extra_version", requirement.object_key))
            if requirement.size is not None and stored.size != requirement.size:
                report.faults.append(health_fault("object.damaged", requirement.object_key))
            self._lock(requirement, stored, report)
            if read_data and requirement.sha256 is not None:
                self._bytes(requirement, report)
        report.faults.extend(orphans.strays())

    def _lock(self, requirement: LockRequirement, stored: Stored, report: CheckReport) -> None:
        lock = stored.lock or self._vault.stat(stored.key, stored.version).lock
        now = self._clock.now()
        if _term_over(requirement, now):
            return  # nothing is demanded of its lock any more
        if lock is None or lock.mode is not LockMode.COMPLIANCE:
            report.faults.append(health_fault("object.lock_missing", requirement.object_key))
        elif requirement.retain_until is not None and lock.retain_until < requirement.retain_until:
            report.faults.append(health_fault("object.lock_short", requirement.object_key))
        elif lock.retain_until < now + WARN_BELOW and not requirement.may_lapse:
            report.faults.append(health_fault("object.lock_ending", requirement.object_key))

    def _bytes(self, requirement: LockRequirement, report: CheckReport) -> None:
        report.count("bytes_read_objects")
        try:
            data = self._vault.read(ObjectKey(requirement.object_key), requirement.object_version)
        except (ObjectMissing, IntegrityError):
            report.faults.append(health_fault("object.damaged", requirement.object_key))
            return
        if sha256(data) != requirement.sha256:
            report.faults.append(health_fault("object.damaged", requirement.object_key))

    def _ledger(self, ledger: LedgerCheck, report: CheckReport, read_data: bool) -> None:
        for fault in ledger.checkpoints():
            report.note("checkpoints", fault)
        report.faults.extend(ledger.unpublished())
        if read_data:
            for fault in ledger.published():
                report.note("tiles", fault)


@contextmanager
def _altered(report: CheckReport, what: str) -> Iterator[None]:
    """Report a catalogue with rows that Kho cannot read, and go on with the check."""
    try:
        yield
    # what a row of a foreign make raises when it is read
    except (ValueError, TypeError, LookupError, IntegrityError):
        report.faults.append(health_fault("catalogue.altered", what))


def _has_published(session: Session, facility: FacilityCode) -> bool:
    """Tell whether this home has signed checkpoints of the facility."""
    mine = LedgerObjectRow.facility == facility
    return session.scalar(select(LedgerObjectRow.object_key).where(mine).limit(1)) is not None


def _side_by_side(
    wanted: Iterable[LockRequirement], there: Iterator[Stored]
) -> Iterator[tuple[LockRequirement | None, list[Stored]]]:
    """Pair each demand with the versions under its key; keys without a demand come with None."""
    stored = next(there, None)
    for requirement in wanted:
        while stored is not None and stored.key < requirement.object_key:
            yield None, [stored]
            stored = next(there, None)
        versions = []
        while stored is not None and stored.key == requirement.object_key:
            versions.append(stored)
            stored = next(there, None)
        yield requirement, versions
    while stored is not None:
        yield None, [stored]
        stored = next(there, None)


def _compare(session: Session, stated: Session, report: CheckReport) -> None:
    """Report each row that the catalogue and the acts do not have alike."""
    for table in PROJECTED:
        with _altered(report, table.__tablename__):
            report.faults.extend(_differences(session, stated, table))


def _differences(session: Session, stated: Session, table: type[Base]) -> Iterator[HealthFault]:
    ours, theirs = _keyed(session, table), _keyed(stated, table)
    our, their = next(ours, None), next(theirs, None)
    while our is not None or their is not None:
        key = min(pair[0] for pair in (our, their) if pair is not None)
        mine = our if our is not None and our[0] == key else None
        said = their if their is not None and their[0] == key else None
        if mine != said:
            yield health_fault(
                "catalogue.altered", f"{table.__tablename__} {'/'.join(map(str, key))}"
            )
        our = next(ours, None) if mine is not None else our
        their = next(theirs, None) if said is not None else their


def _keyed(session: Session, table: type[Base]) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    names = [column.name for column in table.__table__.primary_key]
    return ((tuple(row[name] for name in names), row) for row in projection.rows(session, table))


def _term_over(requirement: LockRequirement, now: datetime) -> bool:
    return requirement.retain_until is not None and requirement.retain_until.astimezone(UTC) <= now
