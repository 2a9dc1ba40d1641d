"""The errors that only the API has; all others come from the floors below."""

from collections.abc import Sequence
from typing import Any

from api.connections.refusals import BodyTooLarge, RequestMalformed
from api.error_answers import http_status
from archive.base.bilingual import Text
from archive.base.errors import Fault, KhoError, SubmissionRejected


class Unauthenticated(KhoError):
    """No API key, nor a name and password, came with the request; or wrong ones."""

    code = "access.unauthenticated"


class PasswordMustChange(KhoError):
    """An administrator knows the account's password; the person has not replaced it yet."""

    code = "account.password_must_change"


class RequestInvalid(SubmissionRejected):
    """Parameters, headers or body do not fit what the API's document says of them."""

    code = "request.invalid"


class CursorInvalid(KhoError):
    """The cursor is not one that this list gave out for these filters."""

    code = "request.cursor"


class PathUnknown(KhoError):
    """The API has no such address."""

    code = "request.path"


class MethodNotAllowed(KhoError):
    """The address is there, and does not take this method."""

    code = "request.method"


class WrongMediaType(KhoError):
    """The body is declared to be something that Kho does not take."""

    code = "request.media_type"


class RangeRefused(KhoError):
    """The range lies outside of the original, or several were asked for at once."""

    code = "request.range"


class PreconditionFailed(KhoError):
    """The original is not the one that `If-Match` names."""

    code = "request.precondition"


class KeyReused(KhoError):
    """The same Idempotency-Key came with another request before."""

    code = "idempotency.reused"


class StillRunning(KhoError):
    """The request with this Idempotency-Key is being done at this moment."""

    code = "idempotency.running"


class AnswerNotKept(KhoError):
    """The request with this Idempotency-Key was done, and its answer was too large, or too private,
    to keep.
    """

    code = "idempotency.not_kept"


JSON_BODY = (RequestInvalid, WrongMediaType, BodyTooLarge)  # what a body of JSON may be refused for
HTTP_ERRORS: dict[int, type[KhoError]] = {
    http_status(cls): cls
    for cls in (
        RequestMalformed,
        PathUnknown,
        MethodNotAllowed,
        BodyTooLarge,
        WrongMediaType,
        RangeRefused,
    )
}


def invalid(problems: Sequence[dict[str, Any]]) -> RequestInvalid:
    """Return the error for what Pydantic found: where and what, never the value itself."""
    faults = []
    for problem in problems:
        path = "/" + "/".join(
            str(part).replace("~", "~0").replace("/", "~1") for part in problem["loc"]
        )
        words = Text("Giá trị không hợp lệ.", f"The value is not valid ({problem['type']}).")
        faults.append(Fault(path, f"request.{problem['type']}", words))
    return RequestInvalid(faults)
