"""Errors as problem details (RFC 9457): a stable code, what happened, what was not changed, what to do."""

import traceback
from collections.abc import Mapping
from typing import Any

import structlog
from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from archive.bilingual import Text
from archive.errors import KhoError
from archive.identifiers import new_id

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = {429: 300, 503: 30}

_log = structlog.get_logger(__name__)


class Unauthenticated(KhoError):
    """No account's name and password came with the request, or wrong ones."""

    code = "access.unauthenticated"
    http_status = 401
    exit_code = 10
    what = Text("Cần tên và mật khẩu của một tài khoản.", "The name and password of an account are needed.")
    remedy = Text("Gửi kèm HTTP Basic.", "Send them by HTTP Basic.")


class WrongMediaType(KhoError):
    """The body is declared to be something that Kho does not take."""

    code = "request.media_type"
    http_status = 415
    exit_code = 3
    what = Text("Kiểu dữ liệu gửi lên không được nhận.", "The media type of the body is not taken.")
    remedy = Text("Gửi application/json hoặc application/xml.", "Send application/json or application/xml.")


class Busy(KhoError):
    """Other submissions are being archived, and this one's turn did not come in time."""

    code = "submission.busy"
    http_status = 503
    exit_code = 11
    what = Text("Đang lưu các hồ sơ khác.", "Other submissions are being archived.")
    remedy = Text("Chờ một lát rồi gửi lại.", "Wait a moment, then send it again.")


def install(app: Flask) -> None:
    """Answer every error of `app` with a problem."""
    app.register_error_handler(KhoError, problem)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)
    app.after_request(_add_headers)


def problem(error: KhoError, more: Mapping[str, Any] | None = None) -> Response:
    """Return an error of Kho's as a problem, with the members of `more`."""
    if error.http_status >= 500:
        _log.warning("rest.failed", code=error.code)
    response = _problem(error.http_status, error.code, error.explain("en"), {**error.as_json(), **(more or {})})
    if error.http_status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Kho", charset="UTF-8"'
    return response


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    response = _problem(status, f"http.{status}", error.name, {})
    if methods := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(methods)
    return response


def _unforeseen(error: Exception) -> ResponseReturnValue:
    """An error of ours: the log knows it by its number, and has no word of the request."""
    number, at = new_id(), traceback.extract_tb(error.__traceback__)[-1]
    _log.error("rest.error", id=number, error=type(error).__name__, at=f"{at.filename}:{at.lineno}")
    return _problem(500, "kho.error", "Kho met an error.", {"instance": f"urn:uuid:{number}"})


def _problem(status: int, code: str, detail: str, more: Mapping[str, Any]) -> Response:
    response = jsonify({"type": f"urn:kho:error:{code}", "status": status, "code": code, "title": detail, **more})
    response.status_code = status
    response.mimetype = MEDIA_TYPE
    if status in RETRY_SECONDS:
        response.headers["Retry-After"] = str(RETRY_SECONDS[status])
    return response


def _add_headers(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response
