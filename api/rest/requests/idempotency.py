"""Idempotency keys (draft-ietf-httpapi-idempotency-key-header): a repeated request is carried out
once.

A key belongs to its caller. The catalogue keeps its answer for a day, also over restarts. While a
request is under way its process holds a lease, which ends when the process is killed. Only answers
that judge the request are kept: after any other (a component away, too many requests) the client
may retry with the same key.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

from flask import Response
from sqlalchemy import delete

from api.rest.errors import AnswerNotKept, KeyReused, StillRunning
from api.rest.problems import problem
from archive.base.clock import Clock
from archive.base.errors import KhoError
from archive.base.identifiers import FacilityCode, Sha256, sha256
from archive.base.leases import LeaseHeld, Leases
from archive.catalog.database import Catalog
from archive.catalog.operations import IdempotentRequestRow
from archive.process import crash

KEPT_FOR = timedelta(hours=24)
REPLAYED = "Idempotency-Replayed"
_JUDGED = frozenset({200, 201, 422})
_MOST_BYTES = 16 << 20  # of an answer that is kept


class Idempotency:
    """The keys of one home. Safe for threads and for several processes."""

    def __init__(
        self, catalog: Catalog, leases: Leases, facility: FacilityCode, clock: Clock
    ) -> None:
        self._catalog, self._leases, self._facility, self._clock = catalog, leases, facility, clock

    def once(
        self,
        caller: str,
        key: str | None,
        asked: Sha256,
        work: Callable[[], Response],
        *,
        keep: bool = True,
    ) -> Response:
        """Return the answer of `work`, or the answer that the same `caller` and `key` got before.

        `asked` is the digest of the whole request; without a `key` the work is just done. With
        `keep` false (an answer that holds originals) Kho keeps only the fact that the request was
        done. Raises KeyReused, StillRunning, AnswerNotKept.
        """
        if key is None:
            return work()
        name = sha256("\n".join((self._facility, caller, key)).encode())
        with ExitStack() as held:
            try:
                held.enter_context(self._leases.hold(f"idempotency/{name}", timeout=0))
            except LeaseHeld as error:
                raise StillRunning from error
            return self._begin(name, asked) or self._done(name, work, keep)

    def _begin(self, name: str, asked: Sha256) -> Response | None:
        """Return the answer that was given before; None where the request is to be done now."""
        now = self._clock.now()
        with self._catalog.write() as session:
            session.execute(
                delete(IdempotentRequestRow).where(IdempotentRequestRow.expires_at <= now)
            )
            row = session.get(IdempotentRequestRow, name)
            if row is None:
                session.add(IdempotentRequestRow(id=name, request=asked, expires_at=now + KEPT_FOR))
                return None
            if row.request != asked:
                raise KeyReused
            return None if row.status is None else _replayed(row)

    def _done(self, name: str, work: Callable[[], Response], keep: bool) -> Response:
        crash.point("rest.idempotency.begun")
        try:
            response = work()
        except KhoError as error:
            response = problem(error)
        crash.point("rest.idempotency.done")
        with self._catalog.write() as session:
            row = session.get(IdempotentRequestRow, name)
            if row is not None and response.status_code in _JUDGED:
                row.status, row.media_type = response.status_code, response.mimetype
                refused = response.status_code == 422
                row.body = response.get_data() if (keep or refused) and _fits(response) else None
            elif row is not None:
                session.delete(row)
        crash.point("rest.idempotency.kept")
        return response


def _fits(response: Response) -> bool:
    return not response.is_streamed and len(response.get_data()) <= _MOST_BYTES


def _replayed(row: IdempotentRequestRow) -> Response:
    if row.body is None:
        raise AnswerNotKept
    response = Response(row.body, row.status, mimetype=row.media_type)
    response.headers[REPLAYED] = "?1"  # a Boolean of RFC 9651
    return response
