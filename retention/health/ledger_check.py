"""The part of `kho check` that holds the published ledger against the acts: checkpoints, tiles and entry bundles."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from archive.acts.envelope import act_prefix
from archive.catalog.tables import FacilityRow
from archive.errors import KhoError
from archive.identifiers import FacilityCode, ObjectKey
from archive.ledger import merkle, tiles
from archive.ledger.checkpoint import VerifierKey, open_checkpoint
from archive.ledger.nodes import node_reader
from archive.ledger.store import entry_bundle, ledger_size
from archive.vault.contract import ObjectMissing, Stored, Vault
from retention.health.faults import HealthFault, found


class LedgerCheck:
    """Checks one facility's published ledger against the tree in the catalogue."""

    def __init__(self, session: Session, vault: Vault, facility: FacilityCode) -> None:
        told = session.get(FacilityRow, facility)
        assert told is not None  # act 0 is applied before anything is checked
        self._session, self._vault, self._facility = session, vault, facility
        self._origin, self._verifier = told.ledger_origin, VerifierKey.parse(told.ledger_key)
        self._size, self._read = ledger_size(session, facility), node_reader(session, facility)

    def checkpoints(self) -> Iterator[HealthFault | None]:
        """Yield, for each checkpoint in the vault, a fault or None."""
        for stored in self._vault.list(f"{self._facility}/ledger/checkpoint/"):
            yield self._judge(stored)

    def published(self) -> Iterator[HealthFault | None]:
        """Yield, for each tile and bundle that the newest checkpoint rests on, a fault or None."""
        for level, number in tiles.completed_tiles(0, self._published_size()):
            yield self._compare(tiles.tile_name(level, number), tiles.tile(level, number, self._read))
            if level == 0:
                yield self._compare(tiles.entries_name(number), entry_bundle(self._session, self._facility, number))

    def unpublished(self) -> Iterator[HealthFault]:
        """Yield a fault where no checkpoint in the vault states the newest act."""
        if self._published_size() < self._size:
            yield found("ledger.unpublished", self._facility)

    def _published_size(self) -> int:
        names = (s.key.rpartition("/")[2] for s in self._vault.list(f"{self._facility}/ledger/checkpoint/"))
        sizes = (int(name.split("-")[0]) for name in names if name.split("-")[0].isdigit())
        return min(max(sizes, default=0), self._size)

    def _judge(self, stored: Stored) -> HealthFault | None:
        wrong = found("ledger.checkpoint_wrong", stored.key)
        try:
            stated = open_checkpoint(self._vault.read(stored.key, stored.version), self._verifier)
            if stated.origin != self._origin:
                return wrong
            if stated.size > self._size:
                # Its root is judged once the catalogue has caught up (`catalogue.behind`). But an act is in the vault
                # before any checkpoint states it: where the last one is not, acts were taken away.
                last = self._vault.list(act_prefix(self._facility, stated.size - 1))
                return None if any(True for _ in last) else found("acts.missing", stored.key)
            return None if stated.root == merkle.root(stated.size, self._read) else wrong
        except (ValueError, KhoError):
            return wrong

    def bytes_of(self, key: str) -> bytes | None:
        """Return what must stand under the key of a tile or a bundle; None where `key` names neither."""
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
            return found("ledger.object_missing", key)
        except KhoError:
            whole = False
        return None if whole else found("ledger.tile_wrong", key)
