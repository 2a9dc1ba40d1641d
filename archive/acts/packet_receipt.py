"""The signed receipts of referral packets.

`kho/act/reception-receipt/2` is issued for a packet that Kho received, and
`kho/act/handover-receipt/2` is received for a packet that Kho sent. They hold ids only; the act's
one object is the receipt.
"""

from typing import Any

from sqlalchemy.orm import Session

from archive.acts.envelope import Act, Digest, UtcText, Uuid
from archive.acts.partner import CameFrom, came_from_columns
from archive.base.clock import parse_iso
from archive.base.errors import IntegrityError
from archive.base.facts import Strict
from archive.base.identifiers import FacilityCode, ObjectKey, Sha256
from archive.catalog.tables import PacketReceiptRow

SCHEMA_GIVEN = "kho/act/reception-receipt/2"
SCHEMA_GIVEN_1 = "kho/act/reception-receipt/1"
SCHEMA_RETURNED = "kho/act/handover-receipt/2"
SCHEMA_RETURNED_1 = "kho/act/handover-receipt/1"
GIVEN, RETURNED = "given", "returned"
MEDIA_TYPE = "application/vnd.etsi.asic-e+zip"


class PacketReceipt(Strict):
    """Whose packet was received by whom, and when.

    The receipt itself (`kho-receipt`) is the act's object.
    """

    packet: Uuid
    partner: str  # the other facility's code
    sha256: Digest  # of the packet file
    received_at: UtcText  # when the documents were archived at the receiver
    came_from: CameFrom | None  # the partner's ledger and seal; None: version 1 did not state them


def lift_1(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of version 1 as version 2 says them.

    Version 1 did not state the partner's ledger and seal.
    """
    return {**facts, "came_from": None}


def receipt_key(facility: FacilityCode, packet_id: str, digest: Sha256) -> ObjectKey:
    """Return the key under which the vault keeps a receipt."""
    return ObjectKey(f"{facility}/receipts/{packet_id}/{digest}.asice")


def apply_given(session: Session, act: Act, facts: PacketReceipt) -> None:
    """Write the receipt that this facility gave."""
    _write(session, act, facts, GIVEN)


def apply_returned(session: Session, act: Act, facts: PacketReceipt) -> None:
    """Write the receipt that another facility sent back."""
    _write(session, act, facts, RETURNED)


def _write(session: Session, act: Act, facts: PacketReceipt, direction: str) -> None:
    if act.chart is None or len(act.objects) != 1:
        raise IntegrityError(object=f"act {act.index}")
    (stored,) = act.objects
    session.add(
        PacketReceiptRow(
            facility=act.facility,
            act_index=act.index,
            direction=direction,
            packet_id=facts.packet,
            chart_id=act.chart,
            partner=facts.partner,
            received_at=parse_iso(facts.received_at),
            sha256=stored.sha256,
            size=stored.size,
            object_key=stored.key,
            **came_from_columns(facts.came_from),
        )
    )
