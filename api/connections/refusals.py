"""What the server answers where no application does: problems (RFC 9457) in place of waitress's
plain text.
"""

import json
from typing import Any

from waitress.task import ErrorTask

from api.error_answers import http_status
from api.problem_details import MEDIA_TYPE, as_problem, retry_after
from archive.base.errors import KhoError


class RequestMalformed(KhoError):
    """The request is no HTTP that can be understood, or its body no JSON."""

    code = "request.malformed"


class TooSlow(KhoError):
    """The headers or the body arrive more slowly than the server waits."""

    code = "request.too_slow"


class BodyTooLarge(KhoError):
    """The body is longer than the server takes there."""

    code = "request.too_large"


class HeadersTooLarge(KhoError):
    """The request's headers together are longer than the server takes (RFC 6585, 5)."""

    code = "request.headers_too_large"


class CodingUnknown(KhoError):
    """The body has a transfer coding other than `chunked` (RFC 9112, 6.1)."""

    code = "request.transfer_coding"


class ServerFull(KhoError):
    """There are as many connections as the server serves at once."""

    code = "server.full"
    retry_seconds = 5


_OF_WAITRESS: dict[int, type[KhoError]] = {
    http_status(cls): cls
    for cls in (RequestMalformed, BodyTooLarge, HeadersTooLarge, CodingUnknown)
}


class Answered:
    """A whole answer in the place of a waitress error: what the application said to the headers of
    a large body.
    """

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self._answer = status, headers, body

    def to_response(self, _ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Return status line, headers and body (waitress's own interface)."""
        return self._answer


def answered(error: KhoError) -> Answered:
    """Return `error` as an answer with a problem."""
    body = json.dumps(as_problem(error), ensure_ascii=False).encode()
    headers = [
        ("Content-Type", MEDIA_TYPE),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if (seconds := retry_after(error)) is not None:
        headers.append(("Retry-After", str(seconds)))
    return Answered(f"{http_status(error)} {type(error).__name__}", headers, body)


class RefusalTask(ErrorTask):
    """Answers a request that waitress, or this folder, refused."""

    request: Any  # waitress's types say Error
    channel: Any  # `Channel`

    def execute(self) -> None:
        """Write the problem; the connection ends when the client has read it."""
        refused: Any = self.request.error
        if not isinstance(refused, Answered):
            error = _OF_WAITRESS.get(refused.code, KhoError)()
            announcement = getattr(self.request, "announcement", None)
            if announcement is not None and announcement.refused is not None:
                announcement.refused(error)
            self.request.error = answered(error)
        self.channel.lingers = True
        super().execute()
