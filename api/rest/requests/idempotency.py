"""Idempotency keys (draft-ietf-httpapi-idempotency-key-header): a repeated request is carried out
once.

A key belongs to its caller. The catalogue keeps its answer for a day, also over restarts. While a
request is under way its process holds a lease, which ends when the process is killed. Only answers
that judge the request are kept: after any other (a component away, too many requests) the client
may retry with the same key.
"""

from collections.abc import Callable
from contextlib import ExitStack

from flask import Response

from api.access.kept_answers import KeptAnswer, KeptAnswers
from api.rest.errors import AnswerNotKept, KeyReused, StillRunning
from api.rest.problems import problem
from archive.base.errors import KhoError
from archive.base.identifiers import FacilityCode, Sha256, sha256
from archive.base.leases import LeaseHeld, Leases
from archive.process import crash

REPLAYED = "Idempotency-Replayed"
_JUDGED = frozenset({200, 201, 422})
_MOST_BYTES = 16 << 20  # of an answer that is kept


class Idempotency:
    """The keys of one home. Safe for threads and for several processes."""

    def __init__(self, answers: KeptAnswers, leases: Leases, facility: FacilityCode) -> None:
        self._answers, self._leases, self._facility = answers, leases, facility

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
        earlier = self._answers.begin(name, asked)
        if earlier is None:
            return None
        if earlier.request != asked:
            raise KeyReused
        return None if earlier.status is None else _replayed(earlier)

    def _done(self, name: str, work: Callable[[], Response], keep: bool) -> Response:
        crash.point("rest.idempotency.begun")
        try:
            response = work()
        except KhoError as error:
            response = problem(error)
        crash.point("rest.idempotency.done")
        status = response.status_code
        if status in _JUDGED:
            body = response.get_data() if (keep or status == 422) and _fits(response) else None
            self._answers.keep(name, status, response.mimetype, body)
        else:
            self._answers.forget(name)
        crash.point("rest.idempotency.kept")
        return response


def _fits(response: Response) -> bool:
    return not response.is_streamed and len(response.get_data()) <= _MOST_BYTES


def _replayed(answer: KeptAnswer) -> Response:
    if answer.body is None:
        raise AnswerNotKept
    response = Response(answer.body, answer.status, mimetype=answer.media_type)
    response.headers[REPLAYED] = "?1"  # a Boolean of RFC 9651
    return response
