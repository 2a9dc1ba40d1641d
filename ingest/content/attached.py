"""The records that are attached to archived documents, as Kho wrote them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog

from archive.base.errors import IntegrityError, Unreadable
from archive.base.identifiers import ObjectKey, Sha256
from archive.catalog.entries import DocumentEntry
from archive.vault.contract import KeyRefused, Vault, VaultError, VaultUnreachable
from ingest.content.stored_text import attached_records
from ingest.record import FORMATS

Record = Mapping[str, Any]

_log = structlog.get_logger(__name__)
_TOGETHER = 32  # rendered papers in one child
_BYTES = 16 << 20  # of their originals together


class AttachedRecords:
    """Reads the records of rendered documents of one archive. Safe for threads."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def read(self, documents: Sequence[DocumentEntry]) -> dict[str, Record]:
        """Return the record of each rendered document, by the document's id.

        A finished file, and a paper that cannot be read, is left out. Raises VaultUnreachable,
        KeyRefused, Unavailable, MemoryBusy.
        """
        known: dict[str, Record] = {}
        for together in self._batches(documents):
            for document, record in records_of(together):
                if record is not None:
                    known[document.id] = record
        return known

    def _batches(
        self, documents: Sequence[DocumentEntry]
    ) -> Iterator[list[tuple[DocumentEntry, bytes]]]:
        together: list[tuple[DocumentEntry, bytes]] = []
        size = 0
        for document in documents:
            if document.origin != "rendered":
                continue
            if (original := original_of(self._vault, document)) is None:
                continue
            if together and (len(together) == _TOGETHER or size + len(original) > _BYTES):
                yield together
                together, size = [], 0
            together.append((document, original))
            size += len(original)
        if together:
            yield together


def original_of(vault: Vault, document: DocumentEntry) -> bytes | None:
    """Return the original of a document; None where it is missing, damaged or refused.

    Raises VaultUnreachable, KeyRefused: the next one would fare no better.
    """
    key, digest = ObjectKey(document.object_key), Sha256(document.sha256)
    try:
        return vault.read(key, document.object_version, digest)
    except (VaultUnreachable, KeyRefused):
        raise
    except (VaultError, IntegrityError) as error:
        _log.warning("content.no_original", document=document.id, code=error.code)
        return None


def records_of(
    together: Sequence[tuple[DocumentEntry, bytes]],
) -> Iterator[tuple[DocumentEntry, Record | None]]:
    """Yield each rendered paper with its record; None where it cannot be read.

    They are read in one child process. Raises Unavailable, MemoryBusy.
    """
    try:
        records = attached_records([original for _, original in together])
    except Unreadable as error:
        if len(together) > 1:  # one of them: the others keep their records
            for pair in together:
                yield from records_of([pair])
            return
        _log.warning("content.unreadable", document=together[0][0].id, code=error.code)
        records = [None]
    for (document, _), record in zip(together, records, strict=True):
        yield document, _parsed(document, record)


def _parsed(document: DocumentEntry, text: str | None) -> Record | None:
    try:
        record = None if text is None else json.loads(text)
    except (ValueError, RecursionError) as error:
        _log.error("content.not_read", document=document.id, error=type(error).__name__)
        return None
    known = isinstance(record, dict) and record.get("format") in FORMATS
    return record if known else None
