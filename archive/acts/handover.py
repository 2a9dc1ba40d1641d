"""`kho/act/handover/1`: a referral packet was made for another facility. Ids only."""

from sqlalchemy.orm import Session

from archive.acts.envelope import Act, Digest, Uuid
from archive.base.errors import IntegrityError
from archive.base.facts import Strict
from archive.catalog.tables import HandoverRow

SCHEMA = "kho/act/handover/1"


class Handover(Strict):
    """Which documents went to whom and why.

    Luật 91/2025/QH15, Điều 26 asks for purpose and recipient.
    """

    packet: Uuid
    recipient: str
    reason: str
    documents: tuple[Uuid, ...]
    sha256: Digest  # of the packet file


def apply(session: Session, act: Act, facts: Handover) -> None:
    """Write the handover."""
    if act.chart is None:
        raise IntegrityError(object=f"act {act.index}")
    session.add(
        HandoverRow(
            packet_id=facts.packet,
            facility=act.facility,
            chart_id=act.chart,
            recipient=facts.recipient,
            reason=facts.reason,
            sha256=facts.sha256,
            act_index=act.index,
        )
    )
