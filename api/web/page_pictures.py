"""The pictures of an archive's pages: each is drawn once, from checked bytes, and kept encrypted.

Who may see a picture is asked each time, also for one that is kept.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from api.access.accounts import Account
from api.access.concurrency_limit import ConcurrencyLimit
from api.reading.originals import OriginalService
from api.reading.received import readable
from api.web.failed_pictures import FailedPictures
from api.web.pictures import THUMBNAIL, page_png
from archive.catalog.entries import DocumentEntry
from archive.files.encrypted_cache import EncryptedCache


class PagePictures:
    """Pictures of pages, by document. Safe for threads."""

    def __init__(
        self,
        originals: Callable[[], OriginalService],
        turns: ConcurrencyLimit,
        place: Path,
        closing: ExitStack,
    ):
        """`turns`: of opening documents; `place`: a folder of the home (`docs/architecture.md`);
        `closing` ends with the home.
        """
        self._originals, self._turns = originals, turns
        self._cache, self._failed = EncryptedCache(place, closing), FailedPictures()

    def page(self, document_id: str, number: int, account: Account) -> bytes:
        """Return page `number` (from 1) of a document as PNG.

        Raises as :meth:`api.reading.originals.OriginalService.original`; NotFound, Unreadable,
        ViewingBusy.
        """
        return self._picture(document_id, account, str(number), lambda pdf: page_png(pdf, number))

    def thumbnail(self, document_id: str, account: Account) -> bytes:
        """Return the first page, small. Raises as :meth:`page`."""
        return self._picture(
            document_id, account, "thumbnail", lambda pdf: page_png(pdf, 1, THUMBNAIL)
        )

    def waiting(self, paper: str, number: int, read: Callable[[], bytes], caller: str) -> bytes:
        """Return page `number` of a PDF that waits for a decision; its picture is not kept.

        `paper` names it for good, `read` returns its bytes. Raises NotFound, Unreadable,
        ViewingBusy, and what `read` raises.
        """
        with self._failed.remembered(f"{paper}/{number}"), self._turns.held(caller):
            return page_png(read(), number)

    def _picture(
        self, document_id: str, account: Account, name: str, draw: Callable[[bytes], bytes]
    ) -> bytes:
        originals = self._originals()
        document = originals.entitled(document_id, account.actor, account.scope)
        group, picture = document.chart_id, _name(document, name)
        kept = self._cache.find(group, picture)
        if kept is not None:
            return kept
        # A thread that waits for another's drawing of the same picture is counted, too.
        with self._failed.remembered(picture), self._turns.held(account.name):
            return self._cache.get(
                group, picture, lambda: draw(readable(document, originals.read(document)))
            )


def _name(document: DocumentEntry, picture: str) -> str:
    return f"{document.id}/{document.sha256}/{picture}"
