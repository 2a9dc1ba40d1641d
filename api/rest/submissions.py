"""`POST /api/v1/submissions`: a JSON record or an insurance file comes in, its receipts go out."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from api.accounts import Account, Accounts
from api.home import Home
from api.intake import Intake, Result
from api.rest.access import authenticated
from api.rest.problems import Busy, WrongMediaType, problem
from archive.access.actor import Permission
from archive.errors import Fault, KhoError, Refused
from archive.identifiers import sha256

MEDIA_TYPES = frozenset({"application/json", "application/xml", "text/xml"})
_PATIENCE = 60.0  # seconds to wait for one's turn


@dataclass
class _Outcome:
    """What became of the body's charts so far."""

    receipts: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count one chart in."""
        self.receipts += [receipt.as_json() for receipt in result.receipts]
        self.refused += [{"source": result.source, **fault.as_json()} for fault in result.faults]
        self.faults += result.faults

    def as_json(self) -> dict[str, Any]:
        """Return the members that every answer has."""
        return {"receipts": self.receipts, "refused": self.refused}


class Submissions(MethodView):
    """Takes submissions in. The body's digest is its name, so sending it again gives the same receipts."""

    init_every_request = False

    def __init__(
        self, home: Home, accounts: Accounts, turns: threading.BoundedSemaphore, wake: Callable[[], None]
    ) -> None:
        self._home, self._accounts, self._turns, self._wake = home, accounts, turns, wake

    def post(self) -> ResponseReturnValue:
        """Archive the body's charts, each accepted or refused alone.

        201 all archived; 200 some archived, some refused; 422 all refused. Where a component is away the answer is its
        error, with the receipts of the charts that were archived before.
        """
        account = authenticated(request, self._accounts)
        account.actor.require(Permission.INGEST)
        if request.mimetype not in MEDIA_TYPES or request.content_encoding is not None:
            raise WrongMediaType
        body, outcome = request.get_data(cache=False), _Outcome()
        if not self._turns.acquire(timeout=_PATIENCE):
            raise Busy
        try:
            self._take(body, account, outcome)
        except KhoError as error:
            return problem(error, outcome.as_json())
        finally:
            self._turns.release()
            self._wake()
        if outcome.refused and not outcome.receipts:
            return problem(Refused(outcome.faults), outcome.as_json())
        return jsonify(outcome.as_json()), 200 if outcome.refused else 201

    def _take(self, body: bytes, account: Account, outcome: _Outcome) -> None:
        intake = Intake(self._home, account.actor, account.scope)
        for result in intake.take(f"sha256:{sha256(body)}", body):
            outcome.add(result)
