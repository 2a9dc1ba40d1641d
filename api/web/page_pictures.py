"""The pictures of an archive's pages: each is drawn once, from checked bytes, and kept encrypted.

Who may see a picture is asked each time, also for one that is kept.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from api.access.accounts import Account
from api.reading.originals import OriginalService
from api.reading.received import readable
from api.web.pictures import THUMBNAIL, page_png
from archive.catalog.entries import DocumentEntry
from archive.files.encrypted_cache import EncryptedCache

_AT_ONCE = 4  # pages that are drawn, each in a child process


class PagePictures:
    """Pictures of pages, by document. Safe for threads."""

    def __init__(self, originals: Callable[[], OriginalService], place: Path, closing: ExitStack):
        """`place`: a folder of the home (`docs/architecture.md`); `closing` ends with the home."""
        self._originals, self._cache = originals, EncryptedCache(place, closing)
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def page(self, document_id: str, number: int, account: Account) -> bytes:
        """Return page `number` (from 1) of a document as PNG.

        Raises as :meth:`api.reading.originals.OriginalService.original`; NotFound, Unreadable.
        """
        return self._picture(document_id, account, str(number), lambda pdf: page_png(pdf, number))

    def thumbnail(self, document_id: str, account: Account) -> bytes:
        """Return the first page, small. Raises as :meth:`page`."""
        return self._picture(
            document_id, account, "thumbnail", lambda pdf: page_png(pdf, 1, THUMBNAIL)
        )

    def _picture(
        self, document_id: str, account: Account, name: str, draw: Callable[[bytes], bytes]
    ) -> bytes:
        originals = self._originals()
        document = originals.entitled(document_id, account.actor, account.scope)

        def make() -> bytes:
            with self._turns:
                return draw(readable(document, originals.read(document)))

        return self._cache.get(document.chart_id, _name(document, name), make)


def _name(document: DocumentEntry, picture: str) -> str:
    return f"{document.id}/{document.sha256}/{picture}"
