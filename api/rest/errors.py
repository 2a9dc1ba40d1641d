"""The errors that only the API has; all others come from the floors below."""

from collections.abc import Sequence
from typing import Any

from api.connections.refusals import BodyTooLarge, RequestMalformed
from archive.base.bilingual import Text
from archive.base.errors import Fault, KhoError, SubmissionRejected


class Unauthenticated(KhoError):
    """No API key, nor a name and password, came with the request; or wrong ones."""

    code = "access.unauthenticated"
    http_status = 401
    exit_code = 10
    what = Text(
        "Cần một khóa API, hoặc tên và mật khẩu của một tài khoản.",
        "An API key, or the name and password of an account, is needed.",
    )
    remedy = Text(
        "Gửi kèm Authorization: Bearer hoặc Basic; khóa có thể đã hết hạn hay bị thu hồi.",
        "Send Authorization: Bearer or Basic; a key may have ended or been revoked.",
    )


class RequestInvalid(SubmissionRejected):
    """Parameters, headers or body do not fit what the API's document says of them."""

    code = "request.invalid"
    what = Text("Yêu cầu có {count} lỗi.", "The request has {count} fault(s).")
    unchanged = Text("Chưa có gì được thực hiện.", "Nothing was done.")
    remedy = Text("Sửa các lỗi đã nêu rồi gửi lại.", "Fix the listed errors and resubmit.")


class CursorInvalid(KhoError):
    """The cursor is not one that this list gave out for these filters."""

    code = "request.cursor"
    http_status = 400
    what = Text(
        "Con trỏ trang không thuộc danh sách và bộ lọc này.",
        "The cursor is not one of this list and filters.",
    )
    unchanged = Text("Chưa có gì được thực hiện.", "Nothing was done.")
    remedy = Text("Bắt đầu lại từ trang đầu.", "Begin again at the first page.")


class PathUnknown(KhoError):
    """The API has no such address."""

    code = "request.path"
    http_status = 404
    what = Text("API không có địa chỉ này.", "The API has no such address.")
    remedy = Text("Xem /api/docs.", "See /api/docs.")


class MethodNotAllowed(KhoError):
    """The address is there, and does not take this method."""

    code = "request.method"
    http_status = 405
    what = Text(
        "Địa chỉ này không nhận phương thức này.", "This address does not take this method."
    )
    remedy = Text("Xem tiêu đề Allow.", "See the Allow header.")


class WrongMediaType(KhoError):
    """The body is declared to be something that Kho does not take."""

    code = "request.media_type"
    http_status = 415
    exit_code = 3
    what = Text("Kiểu dữ liệu gửi lên không được nhận.", "The media type of the body is not taken.")
    remedy = Text(
        "Gửi một trong các kiểu mà /api/docs nêu, không nén.",
        "Send one that /api/docs names, uncompressed.",
    )


class RangeRefused(KhoError):
    """The range lies outside of the original, or several were asked for at once."""

    code = "request.range"
    http_status = 416
    what = Text("Không gửi được khoảng byte này.", "This range of bytes cannot be sent.")
    remedy = Text("Hỏi một khoảng nằm trong tệp.", "Ask for one range inside of the file.")


class PreconditionFailed(KhoError):
    """The original is not the one that `If-Match` names."""

    code = "request.precondition"
    http_status = 412
    what = Text(
        "Bản gốc không phải bản được nêu trong If-Match.",
        "The original is not the one that If-Match names.",
    )
    remedy = Text(
        "Bỏ If-Match, hoặc lấy lại ETag.", "Leave If-Match out, or ask for the ETag again."
    )


class Busy(KhoError):
    """Other submissions are being archived, and this one's turn did not come in time."""

    code = "submission.busy"
    http_status = 503
    exit_code = 11
    what = Text("Đang lưu các hồ sơ khác.", "Other submissions are being archived.")
    remedy = Text("Chờ một lát rồi gửi lại.", "Wait a moment, then send it again.")


class KeyReused(KhoError):
    """The same Idempotency-Key came with another request before."""

    code = "idempotency.reused"
    http_status = 422
    what = Text(
        "Idempotency-Key này đã dùng cho một yêu cầu khác.",
        "This Idempotency-Key was used for another request.",
    )
    unchanged = Text("Chưa có gì được thực hiện.", "Nothing was done.")
    remedy = Text("Dùng khóa mới cho yêu cầu mới.", "Use a new key for a new request.")


class StillRunning(KhoError):
    """The request with this Idempotency-Key is being done at this moment."""

    code = "idempotency.running"
    http_status = 409
    exit_code = 11
    what = Text("Yêu cầu này đang được thực hiện.", "This request is being done at this moment.")
    unchanged = Text("Không có gì được làm lần thứ hai.", "Nothing is done a second time.")
    remedy = Text("Chờ một lát rồi gửi lại.", "Wait a moment, then send it again.")


class AnswerNotKept(KhoError):
    """The request with this Idempotency-Key was done, and its answer was too large, or too private,
    to keep.
    """

    code = "idempotency.not_kept"
    http_status = 409
    what = Text(
        "Yêu cầu này đã làm xong; câu trả lời chứa bản gốc nên không được giữ lại.",
        "This request was done; its answer holds originals, so it was not kept.",
    )
    unchanged = Text("Không có gì được làm lần thứ hai.", "Nothing is done a second time.")
    remedy = Text(
        "Nếu chưa nhận được, gửi lại với khóa mới.",
        "If you did not get it, ask again with a new key.",
    )


JSON_BODY = (RequestInvalid, WrongMediaType, BodyTooLarge)  # what a body of JSON may be refused for
HTTP_ERRORS: dict[int, type[KhoError]] = {
    cls.http_status: cls
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
