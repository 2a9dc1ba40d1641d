"""The file as received, of a document that Kho did not render: its bytes, and what readers see of
it.
"""

from archive.base.errors import IntegrityError, KhoError
from archive.base.identifiers import sha256
from archive.catalog.entries import DocumentEntry
from ingest.files.opening import original_of
from ingest.sources.kinds import kind_of_type


class NothingReceived(KhoError):
    """The document was rendered from data: no finished file came."""

    code = "document.nothing_received"


def as_received(document: DocumentEntry, data: bytes) -> bytes:
    """Return the file as received, from the document's archived bytes `data`.

    Raises NothingReceived for a rendered document, IntegrityError if the attachment is not the file
    that the act states.
    """
    if document.original is None:
        raise NothingReceived
    received = data if document.origin == "external" else original_of(data)
    if received is None or sha256(received) != document.original["sha256"]:
        raise IntegrityError(object=document.object_key)
    return received


def readable(document: DocumentEntry, data: bytes) -> bytes:
    """Return the PDF whose pages a reader is shown: of a cover, the one that it covers."""
    return as_received(document, data) if document.origin == "cover" else data


def received_name(document: DocumentEntry) -> str:
    """Return the name under which the file is saved: its form and id, and nothing of a patient."""
    form = "".join(
        letter if letter.isascii() and letter.isalnum() else "-" for letter in document.form
    )
    suffix = kind_of_type(document.original["media_type"]).suffixes[0] if document.original else ""
    return f"{form}_{document.id}_original{suffix}"
