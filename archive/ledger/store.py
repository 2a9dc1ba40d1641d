"""The ledger in the catalogue and in the vault: reading nodes, publishing tiles and checkpoints, making proofs."""

import base64
import re
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.catalog.database import Catalog
from archive.catalog.observations import observe
from archive.catalog.operations import LedgerObjectRow, OutboxRow
from archive.catalog.tables import ActRow
from archive.catalog.upsert import upsert
from archive.clock import Clock
from archive.errors import Damaged
from archive.identifiers import FacilityCode, ObjectKey, Sha256, sha256
from archive.ledger import merkle, tiles
from archive.ledger.checkpoint import CheckpointSigner, Head, open_checkpoint
from archive.ledger.nodes import node_reader
from archive.vault.contract import Vault
from archive.vault.policy import rolling_until

OCTETS = "application/octet-stream"
CHECKPOINT_TYPE = "text/plain"
_CHECKPOINT = re.compile(r"checkpoint/(\d{1,12})-")


def ledger_size(session: Session, facility: FacilityCode) -> int:
    """Return how many acts the ledger holds."""
    last = session.scalar(select(func.max(ActRow.index)).where(ActRow.facility == facility))
    return 0 if last is None else last + 1


def entry_bundle(session: Session, facility: FacilityCode, number: int, width: int = tiles.WIDTH) -> bytes:
    """Return the entry bundle `number`, its first `width` entries, as the catalogue has it."""
    first = number * tiles.WIDTH
    digests = session.scalars(
        select(ActRow.digest)
        .where(ActRow.facility == facility, ActRow.index >= first, ActRow.index < first + width)
        .order_by(ActRow.index)
    )
    return tiles.entry_bundle([merkle.entry(Sha256(digest)) for digest in digests])


def head(session: Session, facility: FacilityCode, origin: str, size: int | None = None) -> Head:
    """Return the ledger's head at `size` (the newest, where None)."""
    at = ledger_size(session, facility) if size is None else size
    return Head(origin, at, merkle.root(at, node_reader(session, facility)))


def proof_text(session: Session, facility: FacilityCode, index: int, checkpoint: bytes, size: int) -> str:
    """Return a C2SP tlog-proof: that act `index` stands in the ledger whose signed head is `checkpoint`."""
    path = merkle.inclusion_proof(index, size, node_reader(session, facility))
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(base64.b64encode(h).decode() for h in path), ""]
    return "\n".join(lines) + "\n" + checkpoint.decode()


class LedgerPublisher:
    """Puts full tiles, full entry bundles and a checkpoint into the vault; doing it again changes nothing.

    `followers` are the outbox topics that follow a new checkpoint.
    """

    def __init__(
        self,
        catalog: Catalog,
        vault: Vault,
        facility: FacilityCode,
        origin: str,
        signer: CheckpointSigner,
        clock: Clock,
        followers: Sequence[str] = (),
    ) -> None:
        self._catalog, self._vault, self._facility = catalog, vault, facility
        self._followers = tuple(followers)
        self._origin, self._signer, self._clock = origin, signer, clock

    def publish(self) -> Head:
        """Publish the ledger as the catalogue has it; return the head that the newest checkpoint states."""
        with self._catalog.read() as session:
            newest = head(session, self._facility, self._origin)
            done = session.scalar(
                select(func.max(LedgerObjectRow.size)).where(
                    LedgerObjectRow.facility == self._facility, LedgerObjectRow.kind == "checkpoint"
                )
            )
            if done == newest.size:
                return newest
            if done is None:
                self._require_consistent(session, newest.size)
            wanted = list(self._wanted(session, done or 0, newest))
        for kind, name, data in wanted:
            self._put(kind, name, data, newest.size)
        return newest

    def restore(self, key: ObjectKey) -> bool:
        """Put a full tile, a full bundle or a checkpoint that the vault has lost again, as the catalogue's tree has it.

        The same head gives the same checkpoint (Ed25519, RFC 8032). Returns False where `key` names none of them.
        """
        name = key.removeprefix(f"{self._facility}/ledger/")
        with self._catalog.read() as session:
            size = ledger_size(session, self._facility)
            stated = _CHECKPOINT.match(name)
            at = int(stated[1]) if stated else size
            if not 0 < at <= size:
                return False
            told = head(session, self._facility, self._origin, at)
            found = next((each for each in self._wanted(session, at if stated else 0, told) if each[1] == name), None)
        if found is not None:
            self._put(*found, at)
        return found is not None

    def _require_consistent(self, session: Session, size: int) -> None:
        """Raise Damaged where a checkpoint of ours in the vault states another tree: one key never signs two."""
        read = node_reader(session, self._facility)
        for stored in self._vault.list(f"{self._facility}/ledger/checkpoint/"):
            try:
                stated = open_checkpoint(self._vault.read(stored.key, stored.version), self._signer.verifier)
            except ValueError:
                continue  # not ours: `kho check` tells of it
            if stated.size > size or stated.root != merkle.root(stated.size, read):
                raise Damaged(object=stored.key)

    def _wanted(self, session: Session, done: int, newest: Head) -> Iterator[tuple[str, str, bytes]]:
        read = node_reader(session, self._facility)
        for level, number in tiles.completed_tiles(done, newest.size):
            if level == 0:
                yield "entries", tiles.entries_name(number), entry_bundle(session, self._facility, number)
            yield "tile", tiles.tile_name(level, number), tiles.tile(level, number, read)
        checkpoint = self._signer.sign(newest)
        yield "checkpoint", f"checkpoint/{newest.size}-{sha256(checkpoint)}", checkpoint

    def _put(self, kind: str, name: str, data: bytes, size: int) -> None:
        now = self._clock.now()
        stored = self._vault.put(
            ObjectKey(f"{self._facility}/ledger/{name}"),
            data,
            retain_until=rolling_until(now),
            media_type=CHECKPOINT_TYPE if kind == "checkpoint" else OCTETS,
        )
        with self._catalog.write() as session:
            row = {
                "object_key": stored.key,
                "object_version": stored.version,
                "facility": self._facility,
                "kind": kind,
                "size": size,
            }
            upsert(session, LedgerObjectRow, [row])
            observe(session, [stored], now)
            if kind == "checkpoint":
                told = {"facility": self._facility, "subject": self._facility}
                session.add_all(OutboxRow(topic=topic, **told) for topic in self._followers)
