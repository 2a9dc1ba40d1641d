"""Referral packets as the API makes and lists them."""

from typing import Annotated

from pydantic import Field

from api.rest.models.base import (
    CHART,
    DIGEST,
    PRINTED,
    TIME,
    AnswerModel,
    Body,
    Digest,
    RecordId,
    Time,
    Uuid,
    examples,
)
from archive.base.facts import FacilityCodeText

_INK = r"[^\s\x00-\x1f\x7f-\x9f]"
_LINE = f"^{_INK}({PRINTED}*{_INK})?$"
SENT = {
    "packet_id": CHART,
    "recipient": "99002",
    "reason": "Chuyển tuyến điều trị",
    "sha256": DIGEST,
    "sent_at": TIME,
    "ledger_index": 13,
    "receipts": [],
}


_LEDGER = Field(
    description="the other facility's ledger (note verifier key); null: not recorded then"
)
_SIGNER = Field(description="subject of the certificate that signed it")
_CERTIFICATE = Field(description="SHA-256 of that certificate")


class PacketOrder(Body):
    """For whom a packet is made, and why: both are recorded (Luật 91/2025/QH15, điều 26)."""

    model_config = examples({"recipient": "99002", "reason": "Chuyển tuyến điều trị"})
    recipient: Annotated[FacilityCodeText, Field(description="mã cơ sở nhận / receiving facility")]
    reason: Annotated[str, Field(max_length=1024, pattern=_LINE, description="lý do / reason")]
    documents: Annotated[
        list[RecordId] | None,
        Field(
            min_length=1,
            max_length=2000,
            description="giấy được chọn; không có: mọi giấy còn hiệu lực / "
            "the chosen papers; absent: all in force",
        ),
    ] = None


class PacketReceipt(AnswerModel):
    """A signed receipt that came back for a packet."""

    receiver: str
    ledger_key: Annotated[str | None, _LEDGER]
    signer: Annotated[str | None, _SIGNER]
    certificate: Annotated[Digest | None, _CERTIFICATE]
    received_at: Time
    sha256: Digest
    object_key: str
    ledger_index: int


class Sent(AnswerModel):
    """One packet that was made of the chart, and the receipts that came back."""

    packet_id: Uuid
    recipient: str
    reason: str
    sha256: Digest
    sent_at: Time
    ledger_index: int
    receipts: list[PacketReceipt]


class Received(AnswerModel):
    """One packet whose documents were taken into the chart."""

    packet_id: Uuid
    sender: str
    ledger_key: Annotated[str | None, _LEDGER]
    signer: Annotated[str | None, _SIGNER]
    certificate: Annotated[Digest | None, _CERTIFICATE]
    sha256: Digest
    received_at: Time
    ledger_index: int


class Packets(AnswerModel):
    """All packets of a chart, oldest first."""

    model_config = examples({"sent": [SENT], "received": []})
    sent: list[Sent]
    received: list[Received]
