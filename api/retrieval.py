"""Retrieval, for command line, pages and API: id, access decision, then the vault by key and
version.

The digest is checked before the last byte leaves. :func:`entitled` is the one access decision on
originals. If Kho records reads as acts one day, it will do so there.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from api.home import Home
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey, Sha256
from archive.catalog import records
from archive.catalog.tables import DocumentRow

CHECKED_WHOLE = 16 << 20  # bytes: up to here an original is checked before its first byte leaves
_PIECE = 512 << 10


def entitled(home: Home, document_id: str, actor: Actor, scope: Scope) -> DocumentRow:
    """Return the document whose original `actor` may have; it says what its signed act says.

    Raises Denied, NotFound, CatalogueAltered, VaultError.
    """
    actor.require(Permission.ORIGINAL)
    _ = home.facility  # a catalogue that is behind its vault catches up
    with home.catalog.read() as session:
        document = records.document(session, document_id, scope)
    home.signed.document(document)
    return document


def original(home: Home, document_id: str, actor: Actor, scope: Scope) -> tuple[DocumentRow, bytes]:
    """Return a document and its original.

    Raises as :func:`entitled`; ObjectMissing, IntegrityError (nothing is served).
    """
    document = entitled(home, document_id, actor, scope)
    return document, read_checked(home, document)


def read_checked(home: Home, document: DocumentRow) -> bytes:
    """Return the original of a document that was granted. Raises ObjectMissing, IntegrityError."""
    return home.vault.read(
        ObjectKey(document.object_key), document.object_version, Sha256(document.sha256)
    )


def pieces(home: Home, document: DocumentRow, first: int, end: int) -> Iterator[bytes]:
    """Yield the bytes `first` to `end` (excluded) of an original that is too large for memory; all
    of it is read.

    The last piece is yielded only after the whole original was checked. So a client that gets all
    promised bytes has the archive's bytes. With damaged ones its connection breaks before the end.
    Raises ObjectMissing, IntegrityError.
    """
    held, at, digest = b"", 0, hashlib.sha256()
    with (
        # a piece is hashed while the one before it is sent
        ThreadPoolExecutor(1, "kho-digest") as beside,
        home.vault.open(ObjectKey(document.object_key), document.object_version) as source,
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
