"""Verdicts for pages: validation is dear, so few run at a time, and an answer on the same bytes is used again."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from api.home import Home
from api.verification import Verification, verify
from archive.access.scope import Scope
from archive.bilingual import Text
from archive.catalog import records
from archive.errors import KhoError
from archive.identifiers import Sha256, sha256
from signing.validation.report import ValidationReport

_AT_ONCE = 2  # each takes a processor, and up to the validator's memory limit
_PATIENCE = 20.0  # seconds to wait for one's turn
_STRANGERS_AT_ONCE = 1  # whoever has not signed in has a turn of their own, so that they cannot take everybody's
_STRANGERS_PATIENCE = 2.0
_FRESH = timedelta(minutes=10)  # a certificate may expire, or roots may change
_MOST = 500


class Busy(KhoError):
    """Too many files are being verified at this moment."""

    code = "verification.busy"
    http_status = 503
    exit_code = 11
    what = Text("Đang có quá nhiều tệp được xác minh cùng lúc.", "Too many files are being verified at this moment.")
    remedy = Text("Chờ một lát rồi thử lại.", "Wait a moment, then try again.")


class Verdicts:
    """Verifies files for one home. Safe for threads."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._strangers_turns = threading.BoundedSemaphore(_STRANGERS_AT_ONCE)
        self._guard = threading.Lock()
        self._kept: OrderedDict[Sha256, tuple[datetime, ValidationReport]] = OrderedDict()

    def verify(self, data: bytes, scope: Scope) -> Verification:
        """Verify a file that somebody brought, and look for it within `scope`. Raises Unreadable, Busy."""
        with _turn(self._turns, _PATIENCE):
            return verify(data, self._home.trust, self._home, scope)

    def verify_for_stranger(self, data: bytes, document_id: str) -> Verification | None:
        """Verify a file that somebody brought who has not signed in, if it is the original of `document_id`.

        Any other file gives None and is not validated: strangers have no processor of ours for files of theirs.
        Raises Unreadable, Busy.
        """
        _ = self._home.facility  # a catalogue that is behind its vault catches up
        with self._home.catalog.read() as session:
            document = records.document_of_digest(session, sha256(data), self._home.scope)
        if document is None or document.id != document_id:
            return None
        with _turn(self._strangers_turns, _STRANGERS_PATIENCE):
            return verify(data, self._home.trust, self._home, self._home.scope)

    def of_original(self, data: bytes) -> ValidationReport:
        """Return the report on an original as it was just read; one made in the last minutes is used again."""
        digest, now = sha256(data), self._home.clock.now()
        with self._guard:
            made, report = self._kept.get(digest, (now, None))
        if report is not None and timedelta() <= now - made < _FRESH:
            return report
        with _turn(self._turns, _PATIENCE):
            report = verify(data, self._home.trust).report
        with self._guard:
            self._kept[digest] = (now, report)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return report


@contextmanager
def _turn(turns: threading.BoundedSemaphore, patience: float) -> Iterator[None]:
    if not turns.acquire(timeout=patience):
        raise Busy
    try:
        yield
    finally:
        turns.release()
