"""The order for a packet: which chart, for which recipient, and why."""

from pydantic import ValidationError

from api.sharing.manifest import FacilityCodeText, Reason
from archive.base.bilingual import Text
from archive.base.errors import Fault, NotReady, SubmissionRejected
from archive.base.facts import Strict

_FAULTS = {
    "recipient": Text(
        "Mã cơ sở nhận gồm 5 chữ số hoặc chữ hoa.",
        "A facility code has five digits or capital letters.",
    ),
    "reason": Text(
        "Lý do là một dòng chữ không trống, tối đa 1024 ký tự.",
        "The reason is one line of text, at most 1024 characters.",
    ),
}


class OrderRefused(SubmissionRejected):
    """An order for a packet that is not valid."""

    code = "packet.refused"
    exit_code = 2
    what = Text(
        "Yêu cầu lập gói có {count} lỗi.", "The packet was asked for with {count} fault(s)."
    )
    unchanged = Text("Chưa có gói nào được lập.", "No packet was made.")
    remedy = Text("Sửa rồi làm lại.", "Correct them and try again.")


class PacketTooLarge(NotReady):
    """More documents or bytes than a packet may have."""

    code = "packet.too_large"
    http_status = 413
    what = Text(
        "Hồ sơ quá lớn cho một gói chuyển tuyến.", "The chart is too large for a referral packet."
    )
    unchanged = Text("Chưa có gói nào được lập.", "No packet was made.")
    remedy = Text("Liên hệ bộ phận CNTT.", "Ask your IT department.")


class Order(Strict):
    """A packet to be made.

    Luật 91/2025/QH15, điều 26 k2: recipient of health data and reason are recorded.
    """

    chart_id: str
    recipient: FacilityCodeText
    reason: Reason


def parse_order(chart_id: str, recipient: str, reason: str) -> Order:
    """Return the order; raises :class:`OrderRefused` naming what is wrong."""
    try:
        return Order(chart_id=chart_id, recipient=recipient, reason=reason.strip())
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors()}
        raise OrderRefused(
            [Fault(f"/{name}", f"packet.{name}", _FAULTS[name]) for name in sorted(wrong)]
        ) from error
