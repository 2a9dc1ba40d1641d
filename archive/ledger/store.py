"""The ledger in the catalogue and in the vault.

This module reads nodes, publishes tiles and checkpoints, and makes proofs.
"""

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.base.clock import Clock
from archive.base.errors import IntegrityError
from archive.base.identifiers import FacilityCode, ObjectKey, Sha256, sha256
from archive.catalog.database import Catalog
from archive.catalog.observations import observe
from archive.catalog.operations import LedgerObjectRow, OutboxRow
from archive.catalog.tables import ActRow, RemovedActRow
from archive.catalog.upsert import upsert
from archive.ledger import merkle, tiles
from archive.ledger.checkpoint import CheckpointSigner, TreeHead, parse_checkpoint
from archive.ledger.growth import grown, require_tile
from archive.ledger.keys import KeyNotInForce, LedgerKeys, ledger_keys
from archive.ledger.nodes import node_reader
from archive.vault.contract import ObjectMissing, Vault
from archive.vault.policy import fixed_until

OCTETS = "application/octet-stream"
CHECKPOINT_TYPE = "text/plain"
_CHECKPOINT = re.compile(r"checkpoint/(\d{1,12})-")
# (first, end) -> digests of these acts, each seen to be signed
SignedDigests = Callable[[int, int], Iterable[Sha256]]


def ledger_size(session: Session, facility: FacilityCode) -> int:
    """Return how many acts the ledger holds."""
    last = session.scalar(select(func.max(ActRow.index)).where(ActRow.facility == facility))
    return 0 if last is None else last + 1


def entry_bundle(
    session: Session, facility: FacilityCode, number: int, width: int = tiles.WIDTH
) -> bytes:
    """Return the entry bundle `number`, its first `width` entries, as the catalogue has it."""
    first = number * tiles.WIDTH
    digests: dict[int, str] = {}
    for table in (ActRow, RemovedActRow):
        mine = (table.facility == facility) & (table.index >= first) & (table.index < first + width)
        for index, digest in session.execute(select(table.index, table.digest).where(mine)):
            digests[index] = digest
    return tiles.entry_bundle([merkle.entry(Sha256(digests[index])) for index in sorted(digests)])


def head(
    session: Session, facility: FacilityCode, origin: str, size: int | None = None
) -> TreeHead:
    """Return the ledger's head at `size` (the newest, where None)."""
    at = ledger_size(session, facility) if size is None else size
    return TreeHead(origin, at, merkle.root(at, node_reader(session, facility)))


def proof_text(
    session: Session, facility: FacilityCode, index: int, checkpoint: bytes, size: int
) -> str:
    """Return a C2SP tlog-proof: act `index` is in the ledger with the signed head `checkpoint`.

    Raises IntegrityError where the catalogue's nodes prove no such thing: a receipt or packet would
    carry the proof for ever.
    """
    path = merkle.inclusion_proof(index, size, node_reader(session, facility))
    digest = session.scalar(
        select(ActRow.digest).where(ActRow.facility == facility, ActRow.index == index)
    )
    leaf = merkle.leaf_hash(merkle.entry(Sha256(str(digest))))
    if merkle.root_of_inclusion(leaf, index, size, path) != parse_checkpoint(checkpoint).root:
        raise IntegrityError(object=f"proof of act {index}")
    lines = [
        "c2sp.org/tlog-proof@v1",
        f"index {index}",
        *(base64.b64encode(h).decode() for h in path),
        "",
    ]
    return "\n".join(lines) + "\n" + checkpoint.decode()


class LedgerPublisher:
    """Puts full tiles, full entry bundles and a checkpoint into the vault.

    Doing it again changes nothing.

    A checkpoint is signed only where the tree continues the last published one, and each entry
    after that is a signed act (`signed`): the catalogue alone cannot make the key sign. `followers`
    are the outbox topics that follow a new checkpoint.
    """

    def __init__(
        self,
        catalog: Catalog,
        vault: Vault,
        facility: FacilityCode,
        signer: CheckpointSigner,
        clock: Clock,
        signed: SignedDigests,
        followers: Sequence[str] = (),
    ) -> None:
        self._catalog, self._vault, self._facility = catalog, vault, facility
        self._followers, self._signed = tuple(followers), signed
        self._signer, self._clock = signer, clock

    def publish(self) -> TreeHead:
        """Publish the ledger as its acts state it.

        Return the head that the newest checkpoint states.

        Raises IntegrityError where the catalogue's tree is not that of the published checkpoint and
        the signed acts; KeyNotInForce where the ledger has changed its key and the signer has the
        earlier one; what `signed` raises; VaultError.
        """
        with self._catalog.read() as session:
            size, keys = ledger_size(session, self._facility), ledger_keys(session, self._facility)
            published, recorded = self._published(session, keys, size)
            if recorded and published.size == size:
                return published
        if self._signer.verifier != keys.of_head(size):
            raise KeyNotInForce
        digests = list(self._signed(published.size, size))
        with self._catalog.read() as session:
            newest = grown(published, digests, node_reader(session, self._facility))
            # A rebuilt catalogue does not know which tiles are in the vault: all are put again,
            # which changes none.
            wanted = list(self._wanted(session, published.size if recorded else 0, newest))
        for kind, name, data in wanted:
            self._put(kind, name, data, size)
        return newest

    def restore(self, key: ObjectKey) -> bool:
        """Write a lost full tile, full bundle or checkpoint again, from the catalogue's tree.

        The same head gives the same checkpoint (Ed25519, RFC 8032). Returns False where `key` names
        none of them, and for a checkpoint that an earlier key of the ledger signed: that key is no
        longer available. Raises IntegrityError for a tile that is not of the newest published
        checkpoint's tree.
        """
        name = key.removeprefix(f"{self._facility}/ledger/")
        with self._catalog.read() as session:
            size, keys = ledger_size(session, self._facility), ledger_keys(session, self._facility)
            stated = _CHECKPOINT.match(name)
            if stated is None:
                at, trusted = 0, self._published(session, keys, size)[0]
            else:
                at = int(stated[1])
                if not 0 < at <= size or self._signer.verifier != keys.of_head(at):
                    return False
                # only the lost checkpoint has the same name
                trusted = head(session, self._facility, keys.origin, at)
            lost_object = next(
                (each for each in self._wanted(session, at, trusted) if each[1] == name), None
            )
        if lost_object is not None:
            self._put(*lost_object, trusted.size)
        return lost_object is not None

    def _published(self, session: Session, keys: LedgerKeys, size: int) -> tuple[TreeHead, bool]:
        """Return the head of the newest checkpoint of ours, and whether the catalogue knows it.

        A rebuilt catalogue knows none: then those in the vault are read. One ledger never has two
        trees. Raises IntegrityError where the checkpoint is not of the catalogue's tree.
        """
        row = session.scalars(
            select(LedgerObjectRow)
            .where(LedgerObjectRow.facility == self._facility, LedgerObjectRow.kind == "checkpoint")
            .order_by(LedgerObjectRow.size.desc())
            .limit(1)
        ).first()
        if row is not None:
            with suppress(ObjectMissing):  # lost: `kho check` reports it
                head = self._opened(keys, ObjectKey(row.object_key), row.object_version)
                if head is None or head.size != row.size:
                    raise IntegrityError(object=row.object_key)
                return self._of_this_tree(session, head, row.object_key, size), True
        newest = TreeHead(keys.origin, 0, merkle.root(0, node_reader(session, self._facility)))
        for stored in self._vault.list(f"{self._facility}/ledger/checkpoint/"):
            tree_head = self._opened(keys, stored.key, stored.version)
            if tree_head is not None:
                newest = max(
                    newest,
                    self._of_this_tree(session, tree_head, stored.key, size),
                    key=lambda head: head.size,
                )
        return newest, False

    def _opened(self, keys: LedgerKeys, key: ObjectKey, version: str) -> TreeHead | None:
        """Return the head that a checkpoint in the vault states.

        Returns None where it is not ours: `kho check` reports it.
        """
        try:
            return keys.open(self._vault.read(key, version))
        except ValueError:
            return None

    def _of_this_tree(self, session: Session, stated: TreeHead, key: str, size: int) -> TreeHead:
        same = stated.size <= size and stated.root == merkle.root(
            stated.size, node_reader(session, self._facility)
        )
        if not same:
            raise IntegrityError(object=key)
        return stated

    def _wanted(
        self, session: Session, done: int, newest: TreeHead
    ) -> Iterator[tuple[str, str, bytes]]:
        read = node_reader(session, self._facility)
        for level, number in tiles.completed_tiles(done, newest.size):
            tile = tiles.tile(level, number, read)
            require_tile(newest, level, number, tile, read)
            if level == 0:
                bundle = entry_bundle(session, self._facility, number)
                _require_bundle(bundle, tile, number)
                yield "entries", tiles.entries_name(number), bundle
            yield "tile", tiles.tile_name(level, number), tile
        checkpoint = self._signer.sign(newest)
        yield "checkpoint", f"checkpoint/{newest.size}-{sha256(checkpoint)}", checkpoint

    def _put(self, kind: str, name: str, data: bytes, size: int) -> None:
        now = self._clock.now()
        until = fixed_until(now)
        stored = self._vault.put(
            ObjectKey(f"{self._facility}/ledger/{name}"),
            data,
            retain_until=until,
            media_type=CHECKPOINT_TYPE if kind == "checkpoint" else OCTETS,
        )
        with self._catalog.write() as session:
            row = {
                "object_key": stored.key,
                "object_version": stored.version,
                "facility": self._facility,
                "kind": kind,
                "size": size,
                "retain_until": until,
            }
            upsert(session, LedgerObjectRow, [row])
            observe(session, [stored], now)
            if kind == "checkpoint":
                work = {"facility": self._facility, "subject": self._facility}
                session.add_all(OutboxRow(topic=topic, **work) for topic in self._followers)


def _require_bundle(bundle: bytes, tile: bytes, number: int) -> None:
    """Return if the entries of a bundle are those whose hashes the tile holds.

    Raises IntegrityError.
    """
    if b"".join(map(merkle.leaf_hash, tiles.parse_entry_bundle(bundle))) != tile:
        raise IntegrityError(object=tiles.entries_name(number))
