"""The part of `kho check` that walks the vault's acts: one unbroken chain from act 0, each one signed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from archive.acts.apply import apply_act, ledger_key
from archive.acts.envelope import Act, parse_act
from archive.acts.signature import require_signed
from archive.errors import Damaged
from archive.identifiers import FacilityCode, Sha256
from archive.vault.contract import Stored, Vault
from retention.health.faults import HealthFault, found


@dataclass(slots=True)
class ActCheck:
    """Applies the vault's acts up to the catalogue's last one to a scratch catalogue, and follows the later ones.

    After :meth:`walk`: `applied` tells how many were applied, `whole` whether these are all that the catalogue knows.
    """

    vault: Vault
    facility: FacilityCode
    limit: int  # index of the catalogue's last act; -1: it knows none
    applied: int = 0
    _next: int = 0
    _last: Sha256 | None = None
    _broken: bool = False
    _damaged: set[int] = field(default_factory=set)

    @property
    def whole(self) -> bool:
        """Whether every act that the catalogue knows was applied."""
        return self.applied == self.limit + 1

    def walk(self, scratch: Session) -> Iterator[HealthFault]:
        """Yield what is wrong; the first break of the chain is told, and nothing after it is believed."""
        for stored in self.vault.list(f"{self.facility}/acts/"):
            fault = None if self._broken else self._step(scratch, stored)
            if fault is not None:
                yield fault
        if not self._broken and self._next <= self.limit and self._next not in self._damaged:
            yield self._missing()
        if not self._broken and self._next > self.limit + 1:
            yield found("catalogue.behind", self.facility)

    def _step(self, scratch: Session, stored: Stored) -> HealthFault | None:
        try:
            act = parse_act(self.vault.read(stored.key, stored.version), stored.key)
            require_signed(act, ledger_key(scratch, act))
            if act.index == self._next - 1 and act.digest() == self._last:
                return None  # another version of the same bytes
            self._broken = (act.index, act.previous) != (self._next, self._last)
            if not self._broken:
                self._take(scratch, act, stored)
        except Damaged:
            self._damaged.add(_index(stored))
            return found("act.damaged", stored.key)
        if act.index > self._next:
            return None if self._next in self._damaged else self._missing()  # a damaged one was told already
        return found("acts.fork", stored.key) if self._broken else None

    def _take(self, scratch: Session, act: Act, stored: Stored) -> None:
        if act.index <= self.limit:
            with scratch.begin_nested():
                apply_act(scratch, act, stored.version)
            self.applied += 1
        self._next, self._last = act.index + 1, act.digest()

    def _missing(self) -> HealthFault:
        return found("acts.missing", f"{self.facility}/acts/{self._next:012}")


def _index(stored: Stored) -> int:
    """Return the index that an act's key states; -1 where it is no act's key."""
    number = stored.key.rpartition("/")[2].partition("-")[0]
    return int(number) if number.isdecimal() and number.isascii() else -1
