"""The register of packets, and what becomes of a packet or a receipt that comes in."""

from typing import Annotated, Literal

from pydantic import Field

from api.rest.models.base import (
    CHART,
    AnswerModel,
    Asked,
    Cursor,
    Digest,
    Limit,
    RecordId,
    Time,
    Uuid,
    Word,
    examples,
)
from api.rest.models.packets import SENT, PacketReceipt

_LISTED = {"direction": "sent", "chart_id": CHART, **SENT}


class PacketPath(Asked):
    """Which packet."""

    packet_id: RecordId


class PacketQuery(Asked):
    """Which packets of the register."""

    direction: Annotated[
        Literal["sent", "received"], Field(description="đã gửi, hay đã nhận / which direction")
    ] = "sent"
    state: Annotated[
        Literal["awaited", "came"] | None,
        Field(description="biên nhận của gói đã gửi / of a sent packet's receipt"),
    ] = None
    limit: Annotated[Limit, Field(description="số gói một trang / packets a page")] = 50
    cursor: Annotated[
        Cursor | None, Field(description="`next` của trang trước / of the page before")
    ] = None


class ReceiveQuery(Asked):
    """Where the chart of a packet goes."""

    department: Annotated[
        Word | None, Field(description="khoa tiếp nhận / the department that receives it")
    ] = None
    undecided_signers: Annotated[
        bool,
        Field(description="cả giấy nơi khác ký chưa kết luận được / also undecided third parties"),
    ] = False


class Listed(AnswerModel):
    """One packet of the register. A sent one has `recipient`, `reason`, `sent_at`, `receipts`; a
    received one has `sender`, `signer`, `received_at`.
    """

    direction: Literal["sent", "received"]
    packet_id: Uuid
    chart_id: Uuid
    recipient: str | None = None
    reason: str | None = None
    sent_at: Time | None = None
    receipts: list[PacketReceipt] | None = None
    sender: str | None = None
    signer: str | None = None
    received_at: Time | None = None
    sha256: Digest
    ledger_index: int


class PacketPage(AnswerModel):
    """A page of the register, newest first; with `next` as `cursor` the list goes on."""

    model_config = examples({"items": [_LISTED], "next": None})
    items: list[Listed]
    next: str | None


class ImportedDocument(AnswerModel):
    """A document of the packet as it is here; `sent_as`: its id at the sender."""

    document_id: Uuid
    sent_as: Uuid
    form: str
    title: str
    sha256: Digest
    object_key: str
    version_id: str
    ledger_index: int


class FacilityLedger(AnswerModel):
    """A facility's ledger: origin, first key (note verifier key), and that key's SHA-256."""

    origin: str
    key: str
    sha256: Digest


class FacilitySeal(AnswerModel):
    """The certificate that signed."""

    subject: str
    issuer: str
    sha256: Digest


class FacilityIdentity(AnswerModel):
    """Who made a packet or receipt, as it was proven; two persons compare the check code."""

    code: str
    name: str
    ledger: FacilityLedger
    seal: FacilitySeal
    check_code: str


class Warned(AnswerModel):
    """What a person should know, and what stops nothing."""

    path: str
    code: str
    message: str


class Imported(AnswerModel):
    """A packet that is archived; `again`: it was received before, and nothing changed."""

    packet_id: Uuid
    chart_id: Uuid
    documents: list[ImportedDocument]
    identity: FacilityIdentity
    again: bool
    warnings: list[Warned]


class Returned(AnswerModel):
    """A receipt that is archived with its packet; `documents`: how many were received."""

    packet_id: Uuid
    chart_id: Uuid
    receiver: str
    received_at: Time
    documents: int
    sha256: Digest
    ledger_index: int
    identity: FacilityIdentity
    warnings: list[Warned]
