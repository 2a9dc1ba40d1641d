"""Originals, for command line, pages and API: id, access decision, then the vault by key and
version.

The digest is checked before the last byte leaves. :meth:`OriginalService.entitled` is the one
access decision on originals.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.acts.signed_acts import SignedActs
from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey, Sha256
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.catalog.entries import DocumentEntry
from archive.vault.contract import Vault

CHECKED_WHOLE = 16 << 20  # bytes: up to here an original is checked before its first byte leaves
_PIECE = 512 << 10


class OriginalService:
    """Gives the originals of one archive. Safe for threads."""

    def __init__(self, catalog: Catalog, vault: Vault, signed: SignedActs) -> None:
        self._catalog, self._vault, self._signed = catalog, vault, signed

    def entitled(self, document_id: str, actor: Actor, scope: Scope) -> DocumentEntry:
        """Return the document whose original `actor` may have; it says what its signed act says.

        Raises Denied, NotFound, CatalogueAltered, VaultError.
        """
        actor.require(Permission.ORIGINAL)
        with self._catalog.read() as session:
            row = records.document(session, document_id, scope)
        self._signed.document(row)
        return DocumentEntry.of(row)

    def original(self, document_id: str, actor: Actor, scope: Scope) -> tuple[DocumentEntry, bytes]:
        """Return a document and its original.

        Raises as :meth:`entitled`; ObjectMissing, IntegrityError.
        """
        document = self.entitled(document_id, actor, scope)
        return document, self.read(document)

    def read(self, document: DocumentEntry) -> bytes:
        """Return the original of a document that was granted.

        Raises ObjectMissing, IntegrityError.
        """
        key, digest = ObjectKey(document.object_key), Sha256(document.sha256)
        return self._vault.read(key, document.object_version, digest)

    def pieces(self, document: DocumentEntry, first: int, end: int) -> Iterator[bytes]:
        """Yield the bytes `first` to `end` (excluded) of an original that is too large for memory;
        all of it is read.

        The last piece is yielded only after the whole original was checked. So a client that gets
        all promised bytes has the archive's bytes. With damaged ones its connection breaks before
        the end. Raises ObjectMissing, IntegrityError.
        """
        held, at, digest = b"", 0, hashlib.sha256()
        with (
            # a piece is hashed while the one before it is sent
            ThreadPoolExecutor(1, "kho-digest") as beside,
            self._vault.open(ObjectKey(document.object_key), document.object_version) as source,
        ):
            hashed: Future[None] | None = None
            while data := source.read(_PIECE):
                if hashed is not None:
                    hashed.result()
                hashed = beside.submit(digest.update, data)
                wanted = data[max(first - at, 0) : max(end - at, 0)]
                at += len(data)
                if wanted:
                    if held:
                        yield held
                    held = wanted
        if digest.hexdigest() != document.sha256 or at != document.size:
            raise IntegrityError(object=document.object_key)
        yield held
