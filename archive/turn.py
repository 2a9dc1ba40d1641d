"""A turn: what whoever holds a facility's sequencer does to the acts, until the lease is given back.

Every read and write goes through the lease's own session: a turn whose lease was lost writes nothing any more.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive import crash
from archive.acts.apply import apply_act, ledger_key
from archive.acts.envelope import Act, act_key, act_prefix, parse_act
from archive.acts.signature import require_signed
from archive.bilingual import Text
from archive.catalog import projection
from archive.catalog.database import Catalog
from archive.catalog.observations import observe
from archive.catalog.operations import PendingActRow
from archive.catalog.tables import ActRow, FacilityRow
from archive.clock import Clock
from archive.errors import Damaged, Misconfigured
from archive.identifiers import FacilityCode, ObjectKey
from archive.ledger.checkpoint import VerifierKey, open_checkpoint
from archive.placement import relocate
from archive.vault.contract import ObjectMissing, Stored, Vault, VaultError
from archive.vault.policy import rolling_until

MEDIA_TYPE = "application/json"
Drafter = Callable[[Session, "Head | None"], tuple[Act, datetime] | None]
_FORGET_EVERY = 200  # acts; a long rebuild does not hold every row in memory


class Fork(Damaged):
    """Two different histories: acts that cannot both be true. Kho writes nothing more until a person has looked."""

    code = "acts.fork"
    what = Text("Sổ nghiệp vụ bị rẽ nhánh tại {object}.", "The acts fork at {object}.")
    remedy = Text("Không ghi thêm; gọi hỗ trợ.", "Do not write anything; call for help.")


class ActsMissing(Damaged):
    """The vault has lost acts that it once held. Kho neither writes nor rebuilds over the gap."""

    code = "acts.missing"
    what = Text("Kho đối tượng thiếu nghiệp vụ: {object}.", "The vault has lost acts: {object}.")
    remedy = Text("Khôi phục kho đối tượng từ bản sao thứ hai.", "Restore the vault from the second copy.")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest act that was applied, and where it stands in the vault."""

    index: int
    digest: str
    object_key: ObjectKey
    object_version: str


class Turn:
    """One turn at the acts of a facility; `catalog` is the catalogue under the lease that is held."""

    def __init__(self, catalog: Catalog, vault: Vault, facility: FacilityCode, clock: Clock) -> None:
        self._catalog, self._vault, self._facility, self._clock = catalog, vault, facility, clock
        with catalog.read() as session:
            last = last_act(session, facility)
            self._pending = session.get(PendingActRow, facility)
            if last is None:
                _require_no_other(session, facility)
        # Nobody else writes while the turn lasts: it is asked once.
        self.head = (
            None if last is None else Head(last.index, last.digest, ObjectKey(last.object_key), last.object_version)
        )

    def catch_up(self) -> int:
        """Apply every act that the vault holds and the catalogue does not, and finish the pending one; return how many.

        Raises Fork, ActsMissing, Damaged; VaultError where the vault refused or did not answer.
        """
        count = 0
        while versions := list(self._vault.list(act_prefix(self._facility, self._size))):
            with self._catalog.read() as session:
                act, stored = self._chosen(session, self._size, versions)
            self._require_next(act)
            with self._catalog.write() as session:
                self._apply_found(session, act, stored)
            self._advance(act, stored)
            count += 1
        if count:
            with self._catalog.read() as session:
                self._require_nothing_later(session)
        if self._pending is None:
            return count
        return count + self._finish(parse_act(self._pending.body, ObjectKey(self._pending.object_key)), first_try=False)

    def append(self, draft: Drafter) -> Act | None:
        """Commit the act that `draft` makes as pending, put it into the vault, apply it. Catch up first.

        `draft` gets the session of that commit and the newest act. The act is rehearsed before it is written: what
        cannot be applied never reaches the vault.
        """
        with self._catalog.write() as session:
            made = draft(session, self.head)
            if made is None:
                return None
            act, retain_until = made
            with session.begin_nested() as rehearsal:
                apply_act(session, act, "")
                rehearsal.rollback()
            self._pending = PendingActRow(
                facility=self._facility, object_key=act_key(act), body=act.to_bytes(), retain_until=retain_until
            )
            session.add(self._pending)
        crash.point("act.pending")
        self._finish(act, first_try=True)
        return act

    def holds(self, act: Act) -> bool:
        """Tell whether `act` was applied, in this turn or an earlier one."""
        with self._catalog.read() as session:
            row = session.get(ActRow, (self._facility, act.index))
            return row is not None and row.digest == act.digest()

    def require_last_act(self) -> None:
        """Raise ActsMissing unless the vault still holds the newest act that the catalogue knows."""
        if self.head is None:
            return
        try:
            self._vault.stat(self.head.object_key, self.head.object_version)
        except ObjectMissing as error:
            raise ActsMissing(object=f"act {self.head.index}") from error

    def rebuild(self) -> None:
        """Make the projection anew from the vault's acts, in one transaction: it is the old one or the new one.

        Raises Fork, ActsMissing or Damaged where the acts are not one unbroken chain; the old projection stays then.
        """
        with self._catalog.write() as session:
            projection.empty(session)
            self.head = None
            for act, stored in self._all_acts(session):
                self._require_next(act)
                self._apply_found(session, act, stored)
                self._advance(act, stored)
                if act.index % _FORGET_EVERY == 0:
                    session.flush()
                    session.expunge_all()
            self._require_nothing_later(session)

    @property
    def _size(self) -> int:
        return self.head.index + 1 if self.head else 0

    def _advance(self, act: Act, stored: Stored) -> None:
        self.head = Head(act.index, act.digest(), stored.key, stored.version)

    def _finish(self, act: Act, *, first_try: bool) -> int:
        """Put and apply the pending act; only forget it where it was found in the vault and applied. Return how many.

        Only a first try that the vault refused for certain is given up. An earlier one may have been written without
        an answer, and may still arrive.
        """
        pending = self._pending
        assert pending is not None  # the caller has looked
        if act.index < self._size:
            if not self.holds(act):
                raise Fork(object=f"act {act.index}")
            with self._catalog.write() as session:
                session.delete(pending)
            return 0
        self._require_next(act)
        try:
            until = max(pending.retain_until, rolling_until(self._clock.now()))  # it may have waited for long
            stored = self._vault.put(
                ObjectKey(pending.object_key), pending.body, retain_until=until, media_type=MEDIA_TYPE
            )
        except VaultError as error:
            if first_try and not error.outcome_unknown:
                with self._catalog.write() as session:
                    session.delete(pending)
            raise
        crash.point("act.put")
        with self._catalog.write() as session:
            apply_act(session, act, stored.version)
            observe(session, [stored], self._clock.now())
            session.delete(pending)
        crash.point("act.applied")
        self._advance(act, stored)
        return 1

    def _apply_found(self, session: Session, act: Act, stored: Stored) -> None:
        """Apply an act that the vault already held; see where its objects stand today."""
        apply_act(session, act, stored.version)
        observe(session, [stored], self._clock.now())
        for bound in act.objects:
            relocate(session, self._vault, bound)

    def _chosen(self, session: Session, index: int, versions: Iterable[Stored]) -> tuple[Act, Stored]:
        """Return the act that stands at `index`; of several versions, the one that is what its key says."""
        found: dict[str, tuple[Act, Stored]] = {}
        damaged: Damaged | None = None
        for stored in versions:
            try:
                act = parse_act(self._vault.read(stored.key, stored.version), stored.key)
                require_signed(act, ledger_key(session, act))
            except Damaged as error:
                damaged = error
                continue
            found.setdefault(act.digest(), (act, stored))
        if len(found) > 1:
            raise Fork(object=f"act {index}")
        if damaged is not None and not found:
            raise damaged
        return next(iter(found.values()))

    def _all_acts(self, session: Session) -> Iterator[tuple[Act, Stored]]:
        """Yield every act of the vault in order; raises ActsMissing at the first gap."""
        listed = self._vault.list(f"{self._facility}/acts/")
        for expected, (index, versions) in enumerate(groupby(listed, key=_index_of)):
            if index != expected:
                raise ActsMissing(object=f"act {expected}")
            yield self._chosen(session, index, versions)

    def _require_next(self, act: Act) -> None:
        expected = (self._size, self.head.digest if self.head else None)
        if (act.index, act.previous) != expected or act.facility != self._facility:
            raise Fork(object=f"act {act.index}")

    def _require_nothing_later(self, session: Session) -> None:
        """Raise ActsMissing where the vault holds a later act, or a checkpoint of ours, beyond what was applied."""
        size = self._size
        for stored in self._vault.list(f"{self._facility}/acts/"):
            if _index_of(stored) >= size:
                raise ActsMissing(object=f"act {size}")
        told = session.get(FacilityRow, self._facility)
        for stored in self._vault.list(f"{self._facility}/ledger/checkpoint/"):
            if told is not None and self._states_more(stored, VerifierKey.parse(told.ledger_key), size):
                raise ActsMissing(object=f"act {size} ({stored.key})")

    def _states_more(self, stored: Stored, key: VerifierKey, size: int) -> bool:
        stated = stored.key.rpartition("/")[2].partition("-")[0]
        if not stated.isdigit() or int(stated) <= size:
            return False
        try:
            return open_checkpoint(self._vault.read(stored.key, stored.version), key).size > size
        except (ValueError, Damaged):
            return False  # not ours: `kho check` tells of it


def last_act(session: Session, facility: FacilityCode) -> ActRow | None:
    """Return the newest act that the catalogue knows."""
    return session.scalar(select(ActRow).where(ActRow.facility == facility).order_by(ActRow.index.desc()).limit(1))


def _require_no_other(session: Session, facility: FacilityCode) -> None:
    """Raise Misconfigured where the catalogue is another facility's: what is rebuilt or dumped is dumped whole."""
    other = session.scalar(select(FacilityRow.code).where(FacilityRow.code != facility).limit(1))
    if other is not None:
        raise Misconfigured(
            why_vi=f"danh mục này thuộc cơ sở {other}; mỗi cơ sở một cơ sở dữ liệu",
            why_en=f"this catalogue belongs to facility {other}; each facility has a database of its own",
        )


def _index_of(stored: Stored) -> int:
    number = stored.key.rpartition("/")[2].partition("-")[0]
    if not number.isdigit():
        raise Damaged(object=stored.key)
    return int(number)
