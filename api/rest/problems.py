"""Errors as problem details (RFC 9457): a stable code, what happened, what was not changed, what to
do.
"""

import traceback
from collections.abc import Mapping
from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from api.error_answers import http_status
from api.problem_details import MEDIA_TYPE, as_problem, retry_after
from api.rest.errors import HTTP_ERRORS, invalid
from archive.base.errors import KhoError
from archive.base.identifiers import new_id

CHALLENGES = ('Bearer realm="Kho"', 'Basic realm="Kho", charset="UTF-8"')

_log = structlog.get_logger(__name__)


def install(app: Flask) -> None:
    """Answer every error of `app` with a problem."""
    app.register_error_handler(KhoError, problem)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def problem(error: KhoError, more: Mapping[str, Any] | None = None) -> Response:
    """Return an error of Kho's as a problem, with the members of `more`."""
    status = http_status(error)
    if status >= 500:
        _log.warning("rest.failed", code=error.code)
    content = {**as_problem(error), **(more or {})}
    response = jsonify(content)
    response.status_code = status
    response.mimetype = MEDIA_TYPE
    if (seconds := retry_after(error)) is not None:
        response.headers["Retry-After"] = str(seconds)
    if status == 416 and "size" in error.facts:
        response.headers["Content-Range"] = f"bytes */{error.facts['size']}"  # RFC 9110, 15.5.17
    if status == 401:
        for challenge in CHALLENGES:
            response.headers.add("WWW-Authenticate", challenge)
    return response


def refuse_invalid(error: ValidationError) -> Response:
    """Answer a request that does not fit the models (the library that validates requests calls
    this).
    """
    return problem(
        invalid([dict(problem) for problem in error.errors(include_input=False, include_url=False)])
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    """Answer an error of Flask itself; Flask wraps also complete answers so (redirects,
    our own).
    """
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    kind = HTTP_ERRORS.get(error.code or 500, KhoError)
    response = make_response(problem(kind()))
    if methods := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(methods))
    return response


def _unforeseen(error: Exception) -> ResponseReturnValue:
    """Answer an unexpected error: the log has its number, and no text of the request."""
    number, at = new_id(), traceback.extract_tb(error.__traceback__)[-1]
    _log.error("rest.error", id=number, error=type(error).__name__, at=f"{at.filename}:{at.lineno}")
    return problem(KhoError(), {"instance": f"urn:uuid:{number}"})
