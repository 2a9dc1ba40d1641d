"""The root of every error that Kho raises, and the errors of the ground floor.

  KhoError
  +-- SubmissionRejected      bad input: refused whole, every fault named by path      422 / exit 3
  +-- NotFound                no such thing, or not for you (the same answer)          404 / exit 4
  +-- NotReady                the chart's state does not allow it yet                  409 / exit 9
  +-- Denied                  the actor's role does not allow it                       403 / exit 10
  +-- Unreadable              a file that is not what it must be                       422 / exit 7
  +-- Misconfigured           settings that cannot work                                500 / exit 2
  +-- Unavailable             a server that Kho needs did not answer as it must        503 / exit 11
  +-- IntegrityError          stored bytes are not what the archive says               500 / exit 8

Exit codes are a contract: `docs/scripting.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from archive.base.bilingual import Language, Text
from archive.base.printable import printable


class KhoError(Exception):
    """An error that explains itself: what happened, what was not changed, what to do.

    `facts` fill the `{name}` places of the class's sentences. They never hold patient data: errors
    are logged. `unchanged` says only what is known of every error of the class: an error may come
    after an act was recorded. `recorded` takes its place where it is known what was recorded
    before.
    """

    code: ClassVar[str] = "kho.error"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    what: ClassVar[Text] = Text("Kho gặp lỗi.", "Kho met an error.")
    unchanged: ClassVar[Text] = Text(
        "Những gì đã được xác nhận trước đó vẫn được lưu trữ.",
        "What was acknowledged before stays archived.",
    )
    remedy: ClassVar[Text] = Text("Báo bộ phận CNTT.", "Tell your IT department.")

    recorded: Text | None = None

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.explain("en"))

    def sentences(self) -> tuple[Text, Text, Text]:
        """Return what happened, what was not changed, and what to do, filled with this error's
        facts.
        """
        cls = type(self)
        texts = (cls.what, cls.unchanged if self.recorded is None else self.recorded, cls.remedy)
        what, unchanged, remedy = (text.fill(**self.facts) for text in texts)
        return what, unchanged, remedy

    def explain(self, language: Language = "vi") -> str:
        """Return the three sentences in `language`, filled with this error's facts."""
        return " ".join(text.to(language) for text in self.sentences())

    def as_json(self) -> dict[str, Any]:
        """Return the error as the API and `--json` give it."""
        what, unchanged, remedy = self.sentences()
        return {
            "code": type(self).code,
            "what": what.as_json(),
            "unchanged": unchanged.as_json(),
            "remedy": remedy.as_json(),
        }


# Of errors that are raised before anything is written.
NOTHING_CHANGED = Text("Kho lưu trữ không thay đổi.", "Nothing in the archive was changed.")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a submission: where (`path`, JSON Pointer or XPath-like), a stable code,
    and a sentence.

    `path` may name members and files of the sender: it is kept in printable form
    (:mod:`archive.base.printable`). `message` never repeats a patient's data; the path says where
    to look.
    """

    path: str
    code: str
    message: Text

    def __post_init__(self) -> None:
        """Give the path its printable form."""
        object.__setattr__(self, "path", printable(self.path))

    def as_json(self) -> dict[str, str]:
        """Return the fault as `docs/scripting.md` gives it (`message` in Vietnamese)."""
        return {"path": self.path, "code": self.code, "message": self.message.vi}


class SubmissionRejected(KhoError):
    """A submission is refused whole; `faults` names everything that is wrong with it."""

    code = "submission.refused"
    http_status = 422
    exit_code = 3
    what = Text(
        "Hồ sơ bị từ chối vì có {count} lỗi.", "The submission was refused: {count} fault(s)."
    )
    unchanged = Text("Không tài liệu nào được lưu.", "No document was archived.")
    remedy = Text("Sửa các lỗi đã nêu rồi gửi lại.", "Fix the listed errors and resubmit.")

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(count=len(self.faults))

    def as_json(self) -> dict[str, Any]:
        """Return the error with its faults."""
        return {**super().as_json(), "refused": [fault.as_json() for fault in self.faults]}


class NotFound(KhoError):
    """No such record, or a record outside the caller's scope: deliberately the same answer."""

    code = "record.unknown"
    http_status = 404
    exit_code = 4
    what = Text("Không tìm thấy.", "There is no such record.")
    unchanged = NOTHING_CHANGED
    remedy = Text("Kiểm tra lại mã.", "Check the id.")


class NotReady(KhoError):
    """The state of the chart does not allow the request."""

    code = "chart.not_ready"
    http_status = 409
    exit_code = 9
    what = Text("Hồ sơ bệnh án chưa sẵn sàng: {why_vi}.", "The chart is not ready: {why_en}.")
    unchanged = NOTHING_CHANGED
    remedy = Text("Bổ sung rồi làm lại.", "Complete the chart, then try again.")


class Denied(KhoError):
    """The actor's role does not hold the permission."""

    code = "access.denied"
    http_status = 403
    exit_code = 10
    what = Text("Bạn không có quyền làm việc này.", "You are not permitted to do this.")
    unchanged = NOTHING_CHANGED
    remedy = Text("Hỏi người quản trị của cơ sở.", "Ask your facility's administrator.")


class Unreadable(KhoError):
    """A file that cannot be read as what it should be."""

    code = "file.unreadable"
    http_status = 422
    exit_code = 7
    what = Text("Không đọc được tệp: {why_vi}.", "The file cannot be read: {why_en}.")
    remedy = Text(
        "Kiểm tra tệp có bị cắt hoặc sai định dạng.",
        "Check that the file is whole and of the right kind.",
    )


class Misconfigured(KhoError):
    """Settings that cannot work together or are missing."""

    code = "settings.invalid"
    exit_code = 2
    what = Text("Cấu hình sai: {why_vi}.", "The configuration is wrong: {why_en}.")
    remedy = Text("Sửa cấu hình.", "Correct the configuration.")


class Unavailable(KhoError):
    """A server that Kho depends on did not answer, or not as it must."""

    code = "component.unavailable"
    http_status = 503
    exit_code = 11
    what = Text("{component} không đáp ứng: {why}.", "{component} is not available: {why}.")
    remedy = Text("Kiểm tra {component} rồi thử lại.", "Check {component}, then try again.")


class FileMustWait(Unavailable):
    """What this one file needs is not there, for example a program that converts it.

    Other files do not wait for it.
    """

    code = "file.must_wait"
    what = Text(
        "Tệp này phải chờ: {component} không dùng được ({why}).",
        "This file must wait: {component} ({why}).",
    )
    unchanged = Text(
        "Không giấy nào của hồ sơ này được lưu; các tệp khác vẫn được nhận.",
        "No paper of this chart was archived. Other files are taken in.",
    )
    remedy = Text("Cài {component} rồi gửi lại.", "Install {component}, then send the file again.")


class IntegrityError(KhoError):
    """Stored bytes are not what the archive says they are. Nothing damaged is ever served."""

    code = "object.damaged"
    exit_code = 8
    what = Text("Dữ liệu lưu trữ bị hỏng: {object}.", "Stored data is damaged: {object}.")
    remedy = Text("Chạy kho check --read-data.", "Run kho check --read-data.")
