"""Why a packet that came in, or a receipt that came back, is not taken."""

from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import yaml

from archive.base.bilingual import Text
from archive.base.errors import Fault, KhoError, SubmissionRejected

_FILE = Path(__file__).with_name("refusals.yaml")


class NotProven(KhoError):
    """A packet or receipt whose verification did not end with `valid`; `report` is all that was
    found.
    """

    code = "verification.not_valid"
    http_status = 422
    exit_code = 6
    what = Text("{why_vi} Vì vậy không nhận.", "{why_en} So it is not taken.")
    unchanged = Text("Kho không thay đổi.", "Nothing in the archive was changed.")
    remedy = Text("Yêu cầu cơ sở gửi gửi lại.", "Ask its sender to send it again.")

    def __init__(self, reasons: Text, report: dict[str, Any]) -> None:
        self.report = report
        super().__init__(why_vi=reasons.vi, why_en=reasons.en)

    def as_json(self) -> dict[str, Any]:
        """Return the error with the report."""
        return {**super().as_json(), "report": self.report}


class Undecided(NotProven):
    """A packet or receipt of which no verdict could be had."""

    code = "verification.undecided"
    exit_code: ClassVar[int] = 5
    remedy = Text(
        "Thêm gốc tin cậy của nơi ký bằng --trust.", "Give the signer's trust root with --trust."
    )


class PacketRefused(SubmissionRejected):
    """A genuine packet that this archive may not import."""

    code = "packet.not_accepted"
    what = Text(
        "Gói chuyển tuyến bị từ chối vì có {count} lỗi.",
        "The packet was refused: {count} fault(s).",
    )
    remedy = Text(
        "Xem từng lỗi; nếu cần, yêu cầu cơ sở gửi lập gói khác.",
        "See each fault; ask for another packet.",
    )


class ReceiptRefused(SubmissionRejected):
    """A genuine receipt that is not of a packet of this archive, or not of that packet."""

    code = "receipt.not_accepted"
    what = Text(
        "Biên nhận bị từ chối vì có {count} lỗi.", "The receipt was refused: {count} fault(s)."
    )
    unchanged = Text("Biên nhận không được lưu.", "The receipt was not archived.")
    remedy = Text("Hỏi lại cơ sở nhận.", "Ask the receiving facility.")


def fault(path: str, code: str, **facts: object) -> Fault:
    """Return the fault `code` of `refusals.yaml` at `path`."""
    return Fault(path, code, Text(**_texts()[code]).fill(**facts))


@cache
def _texts() -> dict[str, dict[str, str]]:
    raw: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return raw
