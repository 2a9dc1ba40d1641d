"""The part of `kho check` that walks the vault's acts: one unbroken, signed chain from act 0."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.acts.act_log_reader import ActLogReader
from archive.acts.apply import apply_act, apply_gap, signing_key
from archive.acts.envelope import Act, parse_act
from archive.acts.removed_mark import is_mark, mark_key
from archive.acts.signature import require_signed
from archive.base.errors import IntegrityError
from archive.base.identifiers import FacilityCode, Sha256
from archive.catalog.tables import RemovedActRow, RemovedChartRow, StoredObjectRow
from archive.ledger.history import History
from archive.ledger.keys import LedgerKeys, ledger_keys
from archive.ledger.nodes import node_reader
from archive.ledger.store import ledger_size
from archive.vault.contract import Stored, Vault
from retention.health.faults import HealthFault, health_fault


@dataclass
class ActCheck:
    """Applies the vault's acts to a scratch catalogue: the known ones first, then the later ones.

    The first break of the chain is reported; later acts are neither checked nor applied. Call
    :meth:`walk_known`, then :meth:`walk_later`. `applied` counts the acts that the catalogue knows
    and that were applied.
    """

    vault: Vault
    facility: FacilityCode
    limit: int  # index of the catalogue's last act; -1: it knows none
    applied: int = 0
    _next: int = 0
    _last: Sha256 | None = None
    _broken: bool = False
    _damaged: set[int] = field(default_factory=set)
    _removed_later: bool = False  # by an act that the catalogue does not know yet
    _contradicted: bool = False  # a later act could not be applied: none after it is applied
    _first_later: list[Stored] | None = None

    @property
    def whole(self) -> bool:
        """Whether every act that the catalogue knows was applied."""
        return self.applied == self.limit + 1 and not self._removed_later

    def walk_known(self, scratch: Session) -> Iterator[HealthFault]:
        """Yield what is wrong with the acts that the catalogue knows."""
        for place in self._places:
            if _index(place[0]) > self.limit:
                self._first_later = place
                return
            yield from self._step(scratch, place)

    def walk_later(self, scratch: Session) -> Iterator[HealthFault]:
        """Yield what is wrong with the acts that the catalogue lacks, and what is missing."""
        if self._first_later is not None:
            yield from self._step(scratch, self._first_later)
        for place in self._places:
            yield from self._step(scratch, place)
        if not self._broken and self._next <= self.limit and self._next not in self._damaged:
            yield self._missing()
        if not self._broken and self._next > self.limit + 1:
            yield health_fault("catalogue.behind", self.facility)

    def removed_later(self, scratch: Session) -> frozenset[str]:
        """Return what the acts remove that the catalogue does not know yet.

        These are ids of charts, and the keys of the marks of their acts.
        """
        charts = select(RemovedChartRow.id).where(RemovedChartRow.act_index > self.limit)
        acts = select(RemovedActRow).where(RemovedActRow.removed_by > self.limit)
        marks = [mark_key(self.facility, row.index, row.digest) for row in scratch.scalars(acts)]
        return frozenset([*scratch.scalars(charts), *marks])

    def brought_later(self, scratch: Session) -> frozenset[str]:
        """Return the keys of the objects of the acts that the catalogue does not know yet.

        The acts' own objects are included.
        """
        brought = select(StoredObjectRow.object_key).where(
            StoredObjectRow.facility == self.facility, StoredObjectRow.act_index > self.limit
        )
        return frozenset(scratch.scalars(brought))

    def keys(self, scratch: Session) -> LedgerKeys | None:
        """Return the ledger's keys as the acts state them; None where act 0 is not applied."""
        try:
            return ledger_keys(scratch, self.facility)
        except IntegrityError:
            return None

    def history(self, scratch: Session) -> History | None:
        """Return the unbroken history that was applied; None where act 0 could not be applied."""
        keys, size = self.keys(scratch), ledger_size(scratch, self.facility)
        return None if keys is None else History(keys, size, node_reader(scratch, self.facility))

    @cached_property
    def _log(self) -> ActLogReader:
        return ActLogReader(self.vault, self.facility)

    @cached_property
    def _places(self) -> Iterator[list[Stored]]:
        """The objects of the log, those of one place together."""
        listed = groupby(self.vault.list(f"{self.facility}/acts/"), key=_index)
        return (list(objects) for _, objects in listed)

    def _step(self, scratch: Session, place: Sequence[Stored]) -> Iterator[HealthFault]:
        """Judge the objects of one place of the log."""
        acts = [stored for stored in place if not is_mark(stored.key)]
        marks = len(acts) < len(place)
        if (
            marks
            and not self._broken
            and _index(place[0]) == self._next
            and self._pass(scratch, place)
        ):
            yield from (
                health_fault("removal.unfinished", stored.key)
                for stored in place
                if acts and is_mark(stored.key)
            )
            return
        for stored in acts:
            fault = None if self._broken else self._judge(scratch, stored)
            if fault is not None:
                yield fault

    def _judge(self, scratch: Session, stored: Stored) -> HealthFault | None:
        try:
            act = parse_act(self.vault.read(stored.key, stored.version), stored.key)
            require_signed(act, signing_key(scratch, act))
            if act.index == self._next - 1 and act.digest() == self._last:
                return None  # another version of the same bytes
            self._broken = (act.index, act.previous) != (self._next, self._last)
            if not self._broken:
                self._take(scratch, act, stored)
        except IntegrityError:
            self._damaged.add(_index(stored))
            return health_fault("act.damaged", stored.key)
        if act.index > self._next:
            # a damaged one was reported already
            return None if self._next in self._damaged else self._missing()
        return health_fault("acts.fork", stored.key) if self._broken else None

    def _pass(self, scratch: Session, place: Sequence[Stored]) -> bool:
        """Pass over the next place where a signed act of removal lists it; return whether it does.

        A mark that proves nothing belongs to no act: it is reported with the other objects.
        """
        gap = self._log.gap(scratch, self._next, place)
        if gap is None:
            return False
        with scratch.begin_nested():
            apply_gap(scratch, gap.removal, gap.removed, gap.chart)
        self._removed_later = self._removed_later or gap.removal.index > self.limit
        self.applied += self._next <= self.limit
        self._next, self._last = self._next + 1, Sha256(gap.removed.digest)
        return True

    def _take(self, scratch: Session, act: Act, stored: Stored) -> None:
        is_known = act.index <= self.limit
        # it has its place in the chain even where it cannot be applied: another there is a fork
        if not is_known:
            self._next, self._last = act.index + 1, act.digest()
        if self._contradicted:
            return
        self._contradicted = not is_known
        with scratch.begin_nested():
            apply_act(scratch, act, stored.version)
        self._contradicted = False
        self.applied += is_known
        self._next, self._last = act.index + 1, act.digest()

    def _missing(self) -> HealthFault:
        return health_fault("acts.missing", f"{self.facility}/acts/{self._next:012}")


def _index(stored: Stored) -> int:
    """Return the index that an act's key states; -1 where it is no act's key."""
    number = stored.key.rpartition("/")[2].partition("-")[0]
    return int(number) if number.isdecimal() and number.isascii() else -1
