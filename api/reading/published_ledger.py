"""The published ledger: what its newest published checkpoint covers, and proofs under that
checkpoint.

Tiles, entry bundles and their names are those of C2SP tlog-tiles. The vault has the full ones too.
Here all are made from the catalogue, which `kho check` compares with the vault.
"""

import base64
import re
from typing import Any

from api.sharing.evidence import newest_checkpoint
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.acts.signed_acts import SignedActs
from archive.base.errors import IntegrityError, KhoError
from archive.base.identifiers import FacilityCode
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.coordination.outbox import Outbox
from archive.ledger import merkle, tiles
from archive.ledger.checkpoint import parse_checkpoint
from archive.ledger.nodes import node_reader
from archive.ledger.store import entry_bundle, proof_text
from archive.vault.contract import Vault

_NAME = re.compile(r"((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z")


class NotInLedger(KhoError):
    """The ledger has no such tile or tree size (yet)."""

    code = "ledger.part"


class PublishedLedger:
    """The published ledger of one archive."""

    def __init__(
        self,
        catalog: Catalog,
        vault: Vault,
        outbox: Outbox,
        signed: SignedActs,
        facility: FacilityCode,
    ) -> None:
        self._catalog, self._vault, self._outbox = catalog, vault, outbox
        self._signed, self._facility = signed, facility

    def checkpoint(self, at_least: int = 1) -> tuple[bytes, int]:
        """Return the newest published checkpoint and its size.

        If none covers `at_least` acts, publish one first.

        Raises Unavailable if that does not succeed, VaultError, IntegrityError.
        """
        return newest_checkpoint(self._catalog, self._vault, self._outbox, self._facility, at_least)

    def tile(self, level: int, name: str) -> bytes:
        """Return the tile `name` (`000`, `x001/067`, `000.p/12`) of `level`; raises NotInLedger."""
        number, width = self._part(level, name)
        with self._catalog.read() as session:
            return tiles.tile(level, number, node_reader(session, self._facility), width)

    def entries(self, name: str) -> bytes:
        """Return the entry bundle `name`; raises NotInLedger."""
        number, width = self._part(0, name)
        with self._catalog.read() as session:
            return entry_bundle(session, self._facility, number, width)

    def consistency(self, old: int, new: int | None) -> dict[str, Any]:
        """Return the proof that the ledger of `old` acts is a beginning of that of `new` (None: the
        published one).

        Raises NotInLedger; IntegrityError where the catalogue's tree is not the published one.
        """
        note, size = self.checkpoint()
        newer = size if new is None else new
        if not 0 < old <= newer <= size:
            raise NotInLedger
        with self._catalog.read() as session:
            read = node_reader(session, self._facility)
            if merkle.root(size, read) != parse_checkpoint(note).root:
                raise IntegrityError(object=f"ledger nodes below {size}")
            path = merkle.consistency_proof(old, newer, read)
        return {"old": old, "new": newer, "path": [_base64(each) for each in path]}

    def proof(self, document_id: str, actor: Actor, scope: Scope) -> dict[str, Any]:
        """Return everything that proves a document: the act that names it, and the act's place
        under a checkpoint.

        The act says more than this document; the caller may see its chart. Raises Denied, NotFound,
        Unavailable, VaultError, CatalogueAltered, IntegrityError.
        """
        actor.require(Permission.READ)
        with self._catalog.read() as session:
            document = records.document(session, document_id, scope)
        index = document.act_index
        _, original = self._signed.document(document)
        act = self._signed.act(index)
        note, size = self.checkpoint(index + 1)
        with self._catalog.read() as session:
            path = merkle.inclusion_proof(index, size, node_reader(session, self._facility))
            text = proof_text(session, self._facility, index, note, size)
        return {
            "document_id": document.id,
            "sha256": original.sha256,
            "ledger_index": index,
            "act": act.to_bytes().decode("utf-8"),
            "act_sha256": act.digest(),
            "leaf_hash": _base64(merkle.leaf_hash(merkle.entry(act.digest()))),
            "tree_size": size,
            "inclusion_path": [_base64(each) for each in path],
            "checkpoint": note.decode("utf-8"),
            "tlog_proof": text,
        }

    def _part(self, level: int, name: str) -> tuple[int, int]:
        """Return number and width of a part that the published checkpoint covers; raises
        NotInLedger.
        """
        part = _NAME.match(name)
        if part is None or level >= 64:
            raise NotInLedger
        number = int(part[1].replace("x", "").replace("/", ""))
        width = int(part[2]) if part[2] else tiles.WIDTH
        _, size = self.checkpoint()
        if tiles.path_number(number) != part[1] or (part[2] and width >= tiles.WIDTH):
            raise NotInLedger
        if number * tiles.WIDTH + width > size >> (tiles.HEIGHT * level):
            raise NotInLedger
        return number, width


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
