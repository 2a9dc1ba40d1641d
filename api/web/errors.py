"""When something goes wrong: a page of ours that says what, what was not changed,
and what to do.
"""

import traceback

import structlog
from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from api.error_answers import http_status
from api.problem_details import retry_after
from api.web.wording import both, say
from archive.base.errors import IntegrityError, KhoError, NotFound
from archive.base.identifiers import new_id
from archive.vault.contract import ObjectMissing

_log = structlog.get_logger(__name__)
_SAID = {400, 404, 405, 413, 429}  # statuses with a text of their own


def install(app: Flask) -> None:
    """Answer every error of `app` with a page."""
    app.register_error_handler(KhoError, _ours)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def _ours(error: KhoError) -> ResponseReturnValue:
    if isinstance(error, NotFound):
        return _page(404, say("error.404"), say("error.404_more"))
    status, number = http_status(error), None
    filled = [both(text) for text in error.sentences()]
    title, more = filled[0], " ".join(filled[1:])
    if status >= 500:
        number = new_id()
        _log.warning("web.failed", id=number, code=error.code, endpoint=request.endpoint)
    if isinstance(error, IntegrityError | ObjectMissing):
        # the log has the object's key, which holds ids only
        _log.error("web.damaged", id=number, **{name: str(x) for name, x in error.facts.items()})
        title, more = say("error.damaged"), f"{say('error.damaged_more')} ({filled[0]})"
    page, _ = _page(status, title, more, number)
    seconds = retry_after(error)
    return page, status, {} if seconds is None else {"Retry-After": str(seconds)}


def _stale(_error: CSRFError) -> ResponseReturnValue:
    """A form without its session's token: the page was open too long, or another site forged the
    request.
    """
    return _page(400, say("error.stale"), say("error.stale_more"))


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    key = status if status in _SAID else 400 if status < 500 else 500
    methods = getattr(error, "valid_methods", None) or ()
    page, _ = _page(status, say(f"error.{key}"), say(f"error.{key}_more"))
    return page, status, {"Allow": ", ".join(methods)} if methods else {}


def _unforeseen(error: Exception) -> ResponseReturnValue:
    """Answer an unexpected error: the page shows a number that is in the log.

    The log has no text of the page.
    """
    number, at = new_id(), traceback.extract_tb(error.__traceback__)[-1]
    _log.error("web.error", id=number, error=type(error).__name__, at=f"{at.filename}:{at.lineno}")
    return _page(500, say("error.500"), say("error.500_more"), number)


def _page(status: int, title: str, more: str, number: str | None = None) -> tuple[str, int]:
    return render_template(
        "error.html", failed=True, status=status, title=title, more=more, number=number
    ), status
