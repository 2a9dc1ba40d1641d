"""The texts of archived documents, for the search index."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog

from archive.base.errors import Unreadable
from archive.base.identifiers import DocumentId
from archive.catalog.entries import DocumentEntry
from archive.vault.contract import Vault
from ingest.content.attached import original_of, records_of
from ingest.content.record_text import bounded, identity, record_text
from ingest.content.stored_text import text_layer
from ingest.forms.catalog import FormCatalog
from ingest.forms.shared_lists import day_stated

_log = structlog.get_logger(__name__)
_TOGETHER = 32  # rendered papers in one child
_LARGEST = 2 << 20  # bytes of a rendered paper that is read together with others


class DocumentTexts:
    """Reads what the documents of one archive say, from their originals."""

    def __init__(self, vault: Vault, forms: FormCatalog) -> None:
        self._vault = vault
        self._forms = {(form.code, form.version): form for form in forms.forms}

    def read(self, documents: Sequence[DocumentEntry]) -> Iterator[tuple[DocumentId, str]]:
        """Yield the text of each of `documents` whose original can be had.

        An original that a parser refuses has no text. One that is missing, damaged, refused by the
        store or not as Kho wrote it is left out: it delays no other. Raises VaultUnreachable,
        KeyRefused, Unavailable, MemoryBusy: the next one would fare no better.
        """
        together: list[tuple[DocumentEntry, bytes]] = []
        for document in documents:
            if (original := original_of(self._vault, document)) is None:
                continue
            if document.origin == "rendered" and len(original) <= _LARGEST:
                together.append((document, original))
                if len(together) == _TOGETHER:
                    yield from self._rendered(together)
                    together = []
            elif document.origin == "rendered":
                yield from self._rendered([(document, original)])
            else:
                yield DocumentId(document.id), self._finished(document, original)
        if together:
            yield from self._rendered(together)

    def _rendered(
        self, together: Sequence[tuple[DocumentEntry, bytes]]
    ) -> Iterator[tuple[DocumentId, str]]:
        for document, record in records_of(together):
            try:
                text = "" if record is None else self._said(record)
            except Exception as error:  # noqa: BLE001 - whatever a record holds, the others are read
                _log.error("content.not_read", document=document.id, error=type(error).__name__)
                continue
            yield DocumentId(document.id), text

    def _said(self, record: Mapping[str, Any]) -> str:
        form = self._forms.get((record["form"]["code"], record["form"]["version"]))
        if form is None:
            return ""  # a form of the facility's own that it no longer has
        known = identity(record["patient"], record["chart"]["episode"])
        return record_text(form.on(day_stated(record)), record["data"], known)

    def _finished(self, document: DocumentEntry, original: bytes) -> str:
        try:
            return bounded(text_layer(original, attached=document.origin == "cover"))
        except Unreadable as error:
            _log.warning("content.unreadable", document=document.id, code=error.code)
            return ""
