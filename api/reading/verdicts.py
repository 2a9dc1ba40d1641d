"""Verdicts, for pages and API together.

Validation is costly: few run at a time; for the same bytes it is reused.
"""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from api.access.concurrency_limit import ConcurrencyLimit
from api.reading.verification import Verification, VerificationService
from api.sharing.recognising import refuse_others
from archive.access.scope import Scope
from archive.base.clock import Clock
from archive.base.errors import KhoError
from archive.base.identifiers import Sha256, sha256
from signing.validation.result.report import ValidationReport

_FRESH = timedelta(minutes=10)  # a certificate may expire, or roots may change
_MOST = 500


class VerifyingBusy(KhoError):
    """Too many files are being verified at this moment."""

    code = "verification.busy"


class Verdicts:
    """Verifies files for one home; pages and API of a process share one of these.

    Safe for threads.
    """

    def __init__(self, verification: VerificationService, whole: Scope, clock: Clock) -> None:
        """`whole`: the scope of the whole facility, for callers that bring the original itself."""
        self._verification, self._whole, self._clock = verification, whole, clock
        # Each turn takes a processor. Callers that have not signed in have a turn of their own, and
        # use no other.
        self._turns = ConcurrencyLimit(2, 5, 20.0, VerifyingBusy)
        self._strangers_turns = ConcurrencyLimit(1, 1, 2.0, VerifyingBusy)
        self._guard = threading.Lock()
        self._kept: OrderedDict[Sha256, tuple[datetime, ValidationReport]] = OrderedDict()

    @property
    def most_threads(self) -> int:
        """How many callers may be at work or waiting, each on a thread of its own."""
        return self._turns.most + self._strangers_turns.most

    def verify(self, data: bytes, scope: Scope, caller: str | None = None) -> Verification:
        """Verify a file that `caller` brought, and look for it within `scope`.

        Raises as the next one.
        """
        with self._turns.held(caller):
            return self._verification.verify(data, scope)

    def verify_for_stranger(self, data: bytes, code: str) -> Verification | None:
        """Verify the file of a caller that has not signed in, if it is the original of the document
        whose id begins with `code`.

        Any other file gives None and is not validated: such callers get no processor time for their
        own files. Raises Unreadable, VerifyingBusy, CatalogueAltered, VaultError.
        """
        refuse_others(data)
        if not self._verification.is_original(data, code, self._whole):
            return None
        with self._strangers_turns.held():
            return self._verification.verify(data, self._whole)

    def of_original(self, data: bytes, caller: str | None = None) -> ValidationReport:
        """Return the report on an original as it was just read; one made in the last minutes is
        used again.

        Raises Unreadable, VerifyingBusy.
        """
        digest, now = sha256(data), self._clock.now()
        with self._guard:
            verified_at, report = self._kept.get(digest, (now, None))
        if report is not None and timedelta() <= now - verified_at < _FRESH:
            return report
        with self._turns.held(caller):
            report = self._verification.report(data)
        with self._guard:
            self._kept[digest] = (now, report)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return report
