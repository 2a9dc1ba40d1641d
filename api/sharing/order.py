"""The order for a packet: which chart, for which recipient, and why."""

from pydantic import ValidationError

from api.sharing.manifest import FacilityCodeText, Reason
from archive.base.errors import Fault, NotReady, SubmissionRejected
from archive.base.facts import Strict


class OrderRefused(SubmissionRejected):
    """An order for a packet that is not valid."""

    code = "packet.refused"


class PacketTooLarge(NotReady):
    """More documents or bytes than a packet may have."""

    code = "packet.too_large"


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
            [Fault.of("packets", f"/{name}", f"packet.{name}") for name in sorted(wrong)]
        ) from error
