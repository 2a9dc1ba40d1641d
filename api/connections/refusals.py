"""What the server answers where no application does: problems (RFC 9457) in place of waitress's
plain text.
"""

import json
from typing import Any

from waitress.task import ErrorTask

from api.problem_details import MEDIA_TYPE, as_problem, retry_after
from archive.base.bilingual import Text
from archive.base.errors import KhoError

_NOT_DONE = Text("Chưa có gì được thực hiện.", "Nothing was done.")


class RequestMalformed(KhoError):
    """The request is no HTTP that can be understood, or its body no JSON."""

    code = "request.malformed"
    http_status = 400
    what = Text("Không đọc được yêu cầu.", "The request cannot be read.")
    unchanged = _NOT_DONE
    remedy = Text(
        "Kiểm tra JSON và các tiêu đề của yêu cầu.", "Check the request's JSON and headers."
    )


class TooSlow(KhoError):
    """The headers or the body arrive more slowly than the server waits."""

    code = "request.too_slow"
    http_status = 408
    what = Text("Yêu cầu đến quá chậm.", "The request arrives too slowly.")
    unchanged = _NOT_DONE
    remedy = Text("Kiểm tra đường truyền rồi gửi lại.", "Check the network, then send it again.")


class BodyTooLarge(KhoError):
    """The body is longer than the server takes there."""

    code = "request.too_large"
    http_status = 413
    what = Text("Nội dung gửi lên quá lớn.", "The body is too large.")
    unchanged = _NOT_DONE
    remedy = Text("Chia nhỏ rồi gửi lại.", "Send less at a time.")


class HeadersTooLarge(KhoError):
    """The request's headers together are longer than the server takes (RFC 6585, 5)."""

    code = "request.headers_too_large"
    http_status = 431
    what = Text("Các tiêu đề của yêu cầu quá dài.", "The request's headers are too long.")
    unchanged = _NOT_DONE
    remedy = Text(
        "Xóa cookie của trang này, rồi thử lại.", "Delete this site's cookies, then try again."
    )


class CodingUnknown(KhoError):
    """The body has a transfer coding other than `chunked` (RFC 9112, 6.1)."""

    code = "request.transfer_coding"
    http_status = 501
    what = Text(
        "Máy chủ không nhận Transfer-Encoding này.",
        "The server does not take this Transfer-Encoding.",
    )
    unchanged = _NOT_DONE
    remedy = Text(
        "Gửi với Content-Length hoặc chunked.", "Send it with Content-Length, or chunked."
    )


class ServerFull(KhoError):
    """There are as many connections as the server serves at once."""

    code = "server.full"
    http_status = 503
    retry_seconds = 5
    exit_code = 11
    what = Text(
        "Máy chủ đang có quá nhiều kết nối.", "The server has too many connections at this moment."
    )
    unchanged = _NOT_DONE
    remedy = Text("Chờ một lát rồi thử lại.", "Wait a moment, then try again.")


_OF_WAITRESS: dict[int, type[KhoError]] = {
    cls.http_status: cls for cls in (RequestMalformed, BodyTooLarge, HeadersTooLarge, CodingUnknown)
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
    return Answered(f"{error.http_status} {type(error).__name__}", headers, body)


class RefusalTask(ErrorTask):
    """Answers a request that waitress, or this folder, refused."""

    request: Any  # waitress's types say Error
    channel: Any  # `Channel`

    def execute(self) -> None:
        """Write the problem; the connection ends when the client has read it."""
        refused: Any = self.request.error
        if not isinstance(refused, Answered):
            self.request.error = answered(_OF_WAITRESS.get(refused.code, KhoError)())
        self.channel.lingers = True
        super().execute()
