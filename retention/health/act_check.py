"""The part of `kho check` that walks the vault's acts: one unbroken chain from act 0, each one
signed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy.orm import Session

from archive.acts.apply import apply_act, signing_key
from archive.acts.envelope import Act, parse_act
from archive.acts.signature import require_signed
from archive.base.errors import IntegrityError
from archive.base.identifiers import FacilityCode, Sha256
from archive.ledger.history import History
from archive.ledger.keys import LedgerKeys, ledger_keys
from archive.ledger.nodes import node_reader
from archive.ledger.store import ledger_size
from archive.vault.contract import Stored, Vault
from retention.health.faults import HealthFault, found


@dataclass
class ActCheck:
    """Applies the vault's acts to a scratch catalogue: first those that the catalogue knows, then
    the later ones.

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
    _contradicted: bool = False  # a later act could not be applied: none after it is applied
    _first_later: Stored | None = None

    @property
    def whole(self) -> bool:
        """Whether every act that the catalogue knows was applied."""
        return self.applied == self.limit + 1

    def walk_known(self, scratch: Session) -> Iterator[HealthFault]:
        """Yield what is wrong with the acts that the catalogue knows."""
        for stored in self._listed:
            if _index(stored) > self.limit:
                self._first_later = stored
                return
            yield from self._step(scratch, stored)

    def walk_later(self, scratch: Session) -> Iterator[HealthFault]:
        """Yield what is wrong with the acts that the catalogue does not know, and what is missing
        at the end.
        """
        if self._first_later is not None:
            yield from self._step(scratch, self._first_later)
        for stored in self._listed:
            yield from self._step(scratch, stored)
        if not self._broken and self._next <= self.limit and self._next not in self._damaged:
            yield self._missing()
        if not self._broken and self._next > self.limit + 1:
            yield found("catalogue.behind", self.facility)

    def keys(self, scratch: Session) -> LedgerKeys | None:
        """Return the ledger's keys as the acts state them;
        None where act 0 could not be applied.
        """
        try:
            return ledger_keys(scratch, self.facility)
        except IntegrityError:
            return None

    def history(self, scratch: Session) -> History | None:
        """Return the unbroken history that was applied; None where act 0 could not be applied."""
        keys, size = self.keys(scratch), ledger_size(scratch, self.facility)
        return None if keys is None else History(keys, size, node_reader(scratch, self.facility))

    @cached_property
    def _listed(self) -> Iterator[Stored]:
        return self.vault.list(f"{self.facility}/acts/")

    def _step(self, scratch: Session, stored: Stored) -> Iterator[HealthFault]:
        if not self._broken:
            fault = self._judge(scratch, stored)
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
            return found("act.damaged", stored.key)
        if act.index > self._next:
            # a damaged one was reported already
            return None if self._next in self._damaged else self._missing()
        return found("acts.fork", stored.key) if self._broken else None

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
        return found("acts.missing", f"{self.facility}/acts/{self._next:012}")


def _index(stored: Stored) -> int:
    """Return the index that an act's key states; -1 where it is no act's key."""
    number = stored.key.rpartition("/")[2].partition("-")[0]
    return int(number) if number.isdecimal() and number.isascii() else -1
