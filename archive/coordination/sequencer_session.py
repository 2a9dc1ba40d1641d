"""A turn: what the holder of a facility's sequencer lease does to the acts.

Every read and write goes through the lease's own session: a turn that lost its lease can write no
more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from archive.acts.act_log_reader import ActLogReader, ActsMissing, Fork, FoundAct, Gap, index_of
from archive.acts.apply import apply_act, apply_gap
from archive.acts.envelope import MEDIA_TYPE, Act, act_key, act_prefix, parse_act
from archive.acts.object_versions import relocate, relocate_all
from archive.acts.signed_acts import SignedActs
from archive.base.clock import Clock, parse_iso
from archive.base.errors import IntegrityError, Misconfigured, Unavailable
from archive.base.identifiers import FacilityCode, ObjectKey
from archive.catalog import projection
from archive.catalog.database import Catalog
from archive.catalog.observations import observe
from archive.catalog.operations import PendingActRow
from archive.catalog.tables import ActRow, FacilityRow
from archive.ledger import merkle
from archive.ledger.keys import LedgerKeys, ledger_keys
from archive.ledger.nodes import node_reader
from archive.process import crash
from archive.vault.contract import ObjectMissing, Stored, Vault, VaultError
from archive.vault.policy import fixed_until, rolling_until

Drafter = Callable[[Session, "LogHead | None"], "DraftedAct | None"]
Outcome = Act | Exception | None
_FORGET_EVERY = 200  # acts; a long rebuild does not hold every row in memory


@dataclass(frozen=True, slots=True)
class LogHead:
    """The newest act that was applied, and its place in the vault."""

    index: int
    digest: str
    object_key: ObjectKey
    object_version: str


@dataclass(frozen=True, slots=True)
class DraftedAct:
    """An act that has its place and its signature, and waits to be put."""

    act: Act
    retain_until: datetime  # the end of its lock
    seen: tuple[Stored, ...] = ()  # what the vault said of its objects


class DeferredToNextBatch(Exception):
    """An earlier act of the group concerns the same chart: this act waits for the next batch."""


class SequencerSession:
    """One turn at the acts of a facility; `catalog` is the catalogue under the held lease."""

    def __init__(
        self,
        catalog: Catalog,
        vault: Vault,
        facility: FacilityCode,
        clock: Clock,
        signed: SignedActs,
    ) -> None:
        self._catalog, self._vault, self._facility, self._clock = catalog, vault, facility, clock
        self._signed = signed
        self._log = ActLogReader(vault, facility)
        self._last_gap: int | None = None  # that this turn passed over
        with catalog.read() as session:
            last = last_act(session, facility)
            mine = (
                select(PendingActRow)
                .where(PendingActRow.facility == facility)
                .order_by(PendingActRow.index)
            )
            self._pending = list(session.scalars(mine))
            if last is None:
                _require_no_other(session, facility)
        self.leaves_pending = False  # an act of this turn may still arrive in the vault
        # No other process writes while the turn lasts: the head is read once.
        self.head = (
            None
            if last is None
            else LogHead(last.index, last.digest, ObjectKey(last.object_key), last.object_version)
        )

    def catch_up(self, *, look: bool = True) -> int:
        """Apply every act that only the vault holds, and finish pending ones; return how many.

        Without `look`, only pending acts are finished; the vault is not searched for others. That
        is safe for a process that has searched before and whose catalogue cannot go back: other
        writers of these acts use the same catalogue. Raises Fork, ActsMissing, IntegrityError;
        VaultError where the vault refused or did not answer.
        """
        count = 0
        gaps: list[Gap] = []
        while look and (versions := list(self._vault.list(act_prefix(self._facility, self.size)))):
            with self._catalog.read() as session:
                read = self._log.read(versions)
                place = self._log.place(session, self.size, versions, read)
            if isinstance(place, Gap):
                gaps.append(place)
                self._advance_over(place)
                continue
            self._require_next(place.act)
            with self._catalog.write() as session:  # the gaps with the act behind them
                for gap in gaps:
                    apply_gap(session, gap.removal, gap.removed, gap.chart)
                self._apply_found(session, place)
                for bound in place.act.objects:
                    relocate(session, self._vault, bound)
            self._advance(place.act, place.stored)
            gaps, count = [], count + 1
        if gaps:  # the act of removal itself is missing
            raise ActsMissing(object=f"act {self.size}")
        if count:
            with self._catalog.read() as session:
                self._require_nothing_later(session)
                self._require_stated_root(session)
        for pending in self._pending:
            count += self._finish(pending)
        self._pending = []
        return count

    def append(self, drafters: Sequence[Drafter]) -> list[Outcome]:
        """Append the act of each drafter: pending together, put in order, applied together.

        Catch up first. A drafter gets a session that has seen every act before its own, and the
        newest of them; what it writes is rolled back. Every act is rehearsed before any is written:
        an act that cannot be applied never reaches the vault. The vault's versions of this group's
        acts are not known yet, so an act is not drafted after another act of its own chart: it is
        `DeferredToNextBatch`, for the next turn. Returns for each drafter its act, None where it
        had nothing to do, or its error: what it raised itself, or the VaultError that ended the
        turn at its act or an earlier one.
        """
        outcomes: list[Outcome] = []
        waiting: list[DraftedAct] = []
        with self._catalog.write() as session:
            with session.begin_nested() as rehearsal:
                for drafter in drafters:
                    outcome = self._rehearsed(
                        session, drafter, [drafted.act for drafted in waiting]
                    )
                    outcomes.append(outcome.act if isinstance(outcome, DraftedAct) else outcome)
                    if isinstance(outcome, DraftedAct):
                        waiting.append(outcome)
                rehearsal.rollback()
            session.add_all(self._row(proposal) for proposal in waiting)
        if waiting:
            crash.point("act.pending")
            failure = self._put_and_apply(waiting)
            written = self.size
            outcomes = [
                failure if isinstance(outcome, Act) and outcome.index >= written else outcome
                for outcome in outcomes
            ]
        return outcomes

    def holds(self, act: Act) -> bool:
        """Tell whether `act` was applied, in this turn or an earlier one."""
        with self._catalog.read() as session:
            row = session.get(ActRow, (self._facility, act.index))
            return row is not None and row.digest == act.digest()

    def require_last_act(self) -> None:
        """Raise ActsMissing unless the vault still holds the newest act that the catalogue knows.

        Raises IntegrityError where the catalogue gives that act another place or digest: the next
        act would name it for ever.
        """
        if self.head is None:
            return
        if (
            self.head.object_key
            != f"{act_prefix(self._facility, self.head.index)}{self.head.digest}.json"
        ):
            raise IntegrityError(object=f"act {self.head.index}")
        try:
            self._vault.stat(self.head.object_key, self.head.object_version)
        except ObjectMissing as error:
            raise ActsMissing(object=f"act {self.head.index}") from error

    def rebuild(self) -> None:
        """Rebuild the projection from the vault's acts, in one transaction.

        Raises Fork, ActsMissing or IntegrityError where the acts are not one unbroken chain; the
        old projection stays then.
        """
        with self._catalog.write() as session:
            projection.empty(session)
            self.head = None
            for place in self._log.every(session):
                if isinstance(place, Gap):
                    apply_gap(session, place.removal, place.removed, place.chart)
                    self._advance_over(place)
                    continue
                self._require_next(place.act)
                self._apply_found(session, place)
                self._advance(place.act, place.stored)
                if place.act.index % _FORGET_EVERY == 0:
                    session.flush()
                    session.expunge_all()
            relocate_all(session, self._vault, self._facility)
            self._require_nothing_later(session)
            self._require_stated_root(session)

    @property
    def size(self) -> int:
        """How many acts were applied."""
        return self.head.index + 1 if self.head else 0

    def _advance(self, act: Act, stored: Stored) -> None:
        self.head = LogHead(act.index, act.digest(), stored.key, stored.version)

    def _rehearsed(
        self, session: Session, drafter: Drafter, before: Sequence[Act]
    ) -> DraftedAct | Exception | None:
        """Return the act of `drafter` after `before`; its error undoes only that act."""
        last = before[-1] if before else None
        head = self.head if last is None else LogHead(last.index, last.digest(), act_key(last), "")
        try:
            with session.begin_nested():
                drafted = drafter(session, head)
                if drafted is not None:
                    if drafted.act.chart is not None and any(
                        drafted.act.chart == other.chart for other in before
                    ):
                        raise DeferredToNextBatch
                    apply_act(session, drafted.act, "")
                return drafted
        except (DBAPIError, Unavailable):
            raise  # the catalogue itself failed: no drafter can go on
        except Exception as error:  # noqa: BLE001 - the caller of this drafter gets it; other acts do not depend on it
            return error

    def _row(self, proposal: DraftedAct) -> PendingActRow:
        act = proposal.act
        return PendingActRow(
            facility=self._facility,
            index=act.index,
            object_key=act_key(act),
            body=act.to_bytes(),
            retain_until=proposal.retain_until,
        )

    def _put_and_apply(self, proposals: Sequence[DraftedAct]) -> VaultError | None:
        """Put the acts in their order, as far as the vault takes them, and apply those.

        Return what ended it.

        The pending rows of acts that the vault refused for certain, or never got, are deleted. An
        act whose PUT got no answer stays pending: it may still arrive.
        """
        put: list[Stored] = []
        failure: VaultError | None = None
        for proposal in proposals:
            try:
                put.append(self._put(proposal.act, proposal.retain_until))
            except VaultError as error:
                failure = error
                break
            crash.point("act.put")
        kept = len(put) + 1 if failure is not None and failure.outcome_unknown else len(put)
        done = [proposal.act.index for proposal in (*proposals[: len(put)], *proposals[kept:])]
        with self._catalog.write() as session:
            for proposal, stored in zip(proposals, put, strict=False):
                apply_act(session, proposal.act, stored.version)
                observe(session, [stored, *proposal.seen], self._clock.now())
            self._forget(session, done)
        crash.point("act.applied")
        self.leaves_pending = failure is not None and failure.outcome_unknown
        if put:
            self._advance(proposals[len(put) - 1].act, put[-1])
        return failure

    def _put(self, act: Act, retain_until: datetime) -> Stored:
        until = max(retain_until, rolling_until(self._clock.now()))  # it may have waited for long
        if act.chart is None:
            until = max(until, fixed_until(parse_iso(act.time)))
        return self._vault.put(
            act_key(act), act.to_bytes(), retain_until=until, media_type=MEDIA_TYPE
        )

    def _forget(self, session: Session, indices: Sequence[int]) -> None:
        mine = (PendingActRow.facility == self._facility) & PendingActRow.index.in_(indices)
        session.execute(delete(PendingActRow).where(mine))

    def _finish(self, pending: PendingActRow) -> int:
        """Put and apply an act that an earlier turn left pending.

        Where it was applied already, only its row is dropped.

        Kho never abandons it: it may have been written without an answer, and may still arrive.
        Return how many were applied. Raises Forged, and puts nothing, where the ledger's key did
        not sign it: a locked object cannot be removed.
        """
        act = parse_act(pending.body, ObjectKey(pending.object_key))
        self._signed.require_own(act)
        if act.index < self.size:
            if not self.holds(act):
                raise Fork(object=f"act {act.index}")
            with self._catalog.write() as session:
                self._forget(session, [act.index])
            return 0
        self._require_next(act)
        # Under the rolling lock: the date in the catalogue may be altered, and `locks` brings it to
        # the chart's.
        stored = self._put(act, rolling_until(self._clock.now()))
        crash.point("act.put")
        with self._catalog.write() as session:
            apply_act(session, act, stored.version)
            observe(session, [stored], self._clock.now())
            self._forget(session, [act.index])
        crash.point("act.applied")
        self._advance(act, stored)
        return 1

    def _apply_found(self, session: Session, place: FoundAct) -> None:
        """Apply an act that the vault already held."""
        apply_act(session, place.act, place.stored.version)
        observe(session, [place.stored], self._clock.now())

    def _advance_over(self, gap: Gap) -> None:
        """Go on behind an act that was removed: the next act names its digest."""
        self.head = LogHead(gap.removed.index, gap.removed.digest, ObjectKey(""), "")
        self._last_gap = gap.removed.index

    def _require_stated_root(self, session: Session) -> None:
        """Raise IntegrityError where acts were passed over without a checkpoint that confirms them.

        The chain of acts does not tell a wrong digest between two gaps. A checkpoint does: Kho
        removes nothing before one counts the act of removal.
        """
        if self._last_gap is None:
            return
        keys, read = ledger_keys(session, self._facility), node_reader(session, self._facility)
        for stored in self._vault.list(f"{self._facility}/ledger/checkpoint/"):
            try:
                stated = keys.open(self._vault.read(stored.key, stored.version))
            except (ValueError, IntegrityError):
                continue  # not ours: `kho check` reports it
            if not self._last_gap < stated.size <= self.size:
                continue
            if stated.root == merkle.root(stated.size, read):
                return
            raise IntegrityError(object=stored.key)
        raise ActsMissing(object=f"act {self._last_gap}")

    def _require_next(self, act: Act) -> None:
        expected = (self.size, self.head.digest if self.head else None)
        if (act.index, act.previous) != expected or act.facility != self._facility:
            raise Fork(object=f"act {act.index}")

    def _require_nothing_later(self, session: Session) -> None:
        """Raise ActsMissing where the vault holds a later act or checkpoint than was applied."""
        size = self.size
        for stored in self._vault.list(f"{self._facility}/acts/"):
            if index_of(stored) >= size:
                raise ActsMissing(object=f"act {size}")
        keys = ledger_keys(session, self._facility) if size else None
        for stored in self._vault.list(f"{self._facility}/ledger/checkpoint/"):
            if keys is not None and self._states_more(stored, keys, size):
                raise ActsMissing(object=f"act {size} ({stored.key})")

    def _states_more(self, stored: Stored, keys: LedgerKeys, size: int) -> bool:
        stated = stored.key.rpartition("/")[2].partition("-")[0]
        if not stated.isdigit() or int(stated) <= size:
            return False
        try:
            return keys.open(self._vault.read(stored.key, stored.version)).size > size
        except (ValueError, IntegrityError):
            return False  # not ours: `kho check` reports it


def last_act(session: Session, facility: FacilityCode) -> ActRow | None:
    """Return the newest act that the catalogue knows."""
    return session.scalar(
        select(ActRow).where(ActRow.facility == facility).order_by(ActRow.index.desc()).limit(1)
    )


def _require_no_other(session: Session, facility: FacilityCode) -> None:
    """Raise Misconfigured where the catalogue is of another facility."""
    other = session.scalar(select(FacilityRow.code).where(FacilityRow.code != facility).limit(1))
    if other is not None:
        raise Misconfigured(
            why_vi=f"danh mục này thuộc cơ sở {other}; mỗi cơ sở một cơ sở dữ liệu",
            why_en=f"this catalogue belongs to facility {other}; each facility has a database of "
            "its own",
        )
