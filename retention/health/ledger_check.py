"""The part of `kho check` that compares the published ledger with the acts.

It checks checkpoints, tiles and entry bundles.
"""

import re
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.acts.envelope import act_prefix
from archive.acts.removed_mark import mark_key
from archive.base.errors import KhoError
from archive.base.identifiers import FacilityCode, ObjectKey
from archive.catalog.tables import RemovedActRow
from archive.ledger import merkle, tiles
from archive.ledger.keys import LedgerKeys
from archive.ledger.nodes import node_reader
from archive.ledger.store import entry_bundle, ledger_size
from archive.vault.contract import ObjectMissing, Stored, Vault
from retention.health.faults import HealthFault, health_fault

_CHECKPOINT = re.compile(r"checkpoint/\d{1,12}-[0-9a-f]{64}\Z", re.ASCII)
_TILE = re.compile(r"tile/(entries|\d)/((?:x\d{3}/){0,5}\d{3})\Z", re.ASCII)


class LedgerCheck:
    """Checks one facility's published ledger against the tree in the catalogue."""

    def __init__(
        self,
        session: Session,
        vault: Vault,
        facility: FacilityCode,
        keys: LedgerKeys | None = None,
        acts_in_vault: int = 0,
    ) -> None:
        """Check with `keys` as the vault's acts state them: the catalogue may be altered."""
        self._session, self._vault, self._facility, self._keys = session, vault, facility, keys
        self._size, self._read = ledger_size(session, facility), node_reader(session, facility)
        self._largest = max(self._size, acts_in_vault)

    def checkpoints(self) -> Iterator[HealthFault | None]:
        """Yield, for each checkpoint in the vault, a fault or None."""
        if self._keys is None:
            return  # act 0 could not be read: that is reported
        for stored in self._vault.list(f"{self._facility}/ledger/checkpoint/"):
            yield self._judge(stored, self._keys)

    def published(self) -> Iterator[HealthFault | None]:
        """Yield, for each tile and bundle that the newest checkpoint rests on, a fault or None."""
        for level, number in tiles.completed_tiles(0, self._published_size()):
            yield self._compare(
                tiles.tile_name(level, number), tiles.tile(level, number, self._read)
            )
            if level == 0:
                yield self._compare(
                    tiles.entries_name(number), entry_bundle(self._session, self._facility, number)
                )

    def unpublished(self) -> Iterator[HealthFault]:
        """Yield a fault where no checkpoint in the vault states the newest act."""
        if self._published_size() < self._size:
            yield health_fault("ledger.unpublished", self._facility)

    def _published_size(self) -> int:
        names = (
            s.key.rpartition("/")[2]
            for s in self._vault.list(f"{self._facility}/ledger/checkpoint/")
        )
        sizes = (int(name.split("-")[0]) for name in names if name.split("-")[0].isdigit())
        return min(max(sizes, default=0), self._size)

    def _judge(self, stored: Stored, keys: LedgerKeys) -> HealthFault | None:
        wrong = health_fault("ledger.checkpoint_wrong", stored.key)
        try:
            stated = keys.open(self._vault.read(stored.key, stored.version))
            if stated.size > self._size:
                # Its root is checked once the catalogue has caught up (`catalogue.behind`). But an
                # act is in the vault before any checkpoint states it: where the last act is
                # missing, acts were removed.
                last = self._vault.list(act_prefix(self._facility, stated.size - 1))
                return None if any(True for _ in last) else health_fault("acts.missing", stored.key)
            return None if stated.root == merkle.root(stated.size, self._read) else wrong
        except (ValueError, KhoError):
            return wrong

    def owns(self, key: str) -> bool:
        """Tell whether a ledger of this size can have the object that `key` names."""
        name = key.removeprefix(f"{self._facility}/ledger/")
        if _CHECKPOINT.match(name):
            return True
        part = _TILE.match(name)
        if part is None:
            return False
        level = 0 if part[1] == "entries" else int(part[1])
        number = int(part[2].replace("x", "").replace("/", ""))
        is_full = (number + 1) << (tiles.HEIGHT * (level + 1)) <= self._largest
        return is_full and tiles.path_number(number) == part[2]

    def is_removed(self, mark: str) -> bool:
        """Tell whether `mark` is the key of the mark of an act that was removed."""
        removed = RemovedActRow.facility == self._facility
        number = mark.rpartition("/")[2].partition("-")[0]
        if not number.isdecimal():
            return False
        row = self._session.scalar(
            select(RemovedActRow).where(removed, RemovedActRow.index == int(number))
        )
        return row is not None and mark == mark_key(self._facility, row.index, row.digest)

    def bytes_of(self, key: str) -> bytes | None:
        """Return the bytes that the vault must hold for a tile or bundle; None for another key."""
        name = key.removeprefix(f"{self._facility}/ledger/")
        for level, number in tiles.completed_tiles(0, self._size):
            if name == tiles.tile_name(level, number):
                return tiles.tile(level, number, self._read)
            if level == 0 and name == tiles.entries_name(number):
                return entry_bundle(self._session, self._facility, number)
        return None

    def _compare(self, name: str, expected: bytes) -> HealthFault | None:
        key = ObjectKey(f"{self._facility}/ledger/{name}")
        try:
            stored = self._vault.stat(key)
            whole = self._vault.read(key, stored.version) == expected
        except ObjectMissing:
            return health_fault("ledger.object_missing", key)
        except KhoError:
            whole = False
        return None if whole else health_fault("ledger.tile_wrong", key)
