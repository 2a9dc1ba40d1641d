"""Bodies that the API refuses before it reads them (413, 415): people see them among the refusals.

Nothing of such a body is known, so it is named by its media type.
"""

from collections.abc import Callable

from flask import Flask, Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from api.access.accounts import Account
from api.connections.refusals import BodyTooLarge
from api.refusals.kept import Source
from api.refusals.recorder import Recorder
from api.rest.errors import WrongMediaType
from api.rest.problems import problem
from api.rest.service import service
from archive.base.errors import Fault, KhoError

# The operations by which papers come in: a body that is refused there is a paper that is missing.
_INTAKE = frozenset({"submissions.submit", "corrections.correct_document"})
_UNNAMED = "application/octet-stream"


def install(app: Flask) -> None:
    """Keep what `app` refuses so, and answer it as every other error."""
    app.register_error_handler(BodyTooLarge, _refused)
    app.register_error_handler(WrongMediaType, _refused)
    app.register_error_handler(RequestEntityTooLarge, lambda _error: _refused(BodyTooLarge()))


def keeping(account: Account) -> Callable[[KhoError], None] | None:
    """Return what keeps the refusal of this request's body while it arrives; None: nothing does."""
    if request.endpoint not in _INTAKE:
        return None
    recorder = Recorder(service().archive.refusals, Source.REST, account.actor.name)
    name = request.mimetype or _UNNAMED

    def keep(error: KhoError) -> None:
        recorder.refused(name, [Fault("/", error.code, error.sentences()[0])])
        recorder.flush()

    return keep


def _refused(error: KhoError) -> Response:
    account: Account | None = g.get("account")
    keep = keeping(account) if account is not None else None
    if keep is not None:
        keep(error)
    return problem(error)
