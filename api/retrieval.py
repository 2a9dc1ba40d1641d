"""Retrieval, for every door: id, access, vault by key and version, digest checked before the first byte leaves."""

from api.home import Home
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.catalog import records
from archive.catalog.tables import DocumentRow
from archive.identifiers import ObjectKey, Sha256


def original(home: Home, document_id: str, actor: Actor, scope: Scope) -> tuple[DocumentRow, bytes]:
    """Return a document and its original. Raises Denied, Unknown, ObjectMissing, Damaged (nothing is served)."""
    actor.require(Permission.ORIGINAL)
    _ = home.facility  # a catalogue that is behind its vault catches up
    with home.catalog.read() as session:
        document = records.document(session, document_id, scope)
    data = home.vault.read(ObjectKey(document.object_key), document.object_version, Sha256(document.sha256))
    return document, data
