"""The order for a packet: which chart and papers, for which recipient, and why."""

from collections.abc import Sequence

from pydantic import ValidationError

from api.sharing.manifest import Reason
from archive.base.errors import Fault, NotReady, SubmissionRejected
from archive.base.facts import FacilityCodeText, Strict


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
    # ids of the chosen documents, in any order; None: every document in force
    documents: frozenset[str] | None = None


def parse_order(
    chart_id: str, recipient: str, reason: str, documents: Sequence[str] | None = None
) -> Order:
    """Return the order; raises :class:`OrderRefused` naming what is wrong.

    `documents`: the ids of the chosen documents; None chooses every document in force.
    """
    if documents is not None and not documents:
        raise OrderRefused([Fault.of("packets", "/documents", "packet.documents")])
    try:
        return Order(
            chart_id=chart_id,
            recipient=recipient,
            reason=reason.strip(),
            documents=None if documents is None else frozenset(documents),
        )
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors()}
        raise OrderRefused(
            [Fault.of("packets", f"/{name}", f"packet.{name}") for name in sorted(wrong)]
        ) from error
