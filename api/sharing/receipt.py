"""`receipt.json` of a receipt: which packet a facility received, and which documents it archived;
ids only.
"""

import json
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from api.sharing import names
from api.sharing.manifest import MAX_DOCUMENTS, Ledger, Recipient, Sender
from archive.acts.envelope import Digest, UtcText, Uuid
from archive.base.canonical import CanonicalizationError, canonical
from archive.base.facts import Strict

Format = Literal["kho-receipt/1", "kho-receipt/2"]
# of a ledger that has changed its key: brings the acts that hand over
FORMAT_2: Format = "kho-receipt/2"
FORMAT_1: Format = "kho-receipt/1"
MAX_BYTES = 1 << 20
MAX_FILE = 16 << 20  # of the whole receipt; certificates and their CRLs are most of it


class ReceivedDocument(Strict):
    """One original as it was archived: the sender's own id of it, and the bytes."""

    document_id: Uuid
    sha256: Digest
    size: Annotated[int, Field(ge=0)]


class PacketNamed(Strict):
    """The packet, and the digest of its file as its sender made it."""

    id: Uuid
    sha256: Digest


class LedgerPlace(Strict):
    """The place of the receiver's act in its ledger.

    `act` is its SHA-256, which reveals nothing of its content.
    """

    index: Annotated[int, Field(ge=1, lt=10**12)]
    act: Digest


class Receipt(Strict):
    """The whole receipt. Everything but the packet is what act `place` of the receiver says."""

    format: Format
    packet: PacketNamed
    sender: Recipient  # the packet's sender, which gets the receipt
    receiver: Sender  # the packet's receiver, which issues the receipt, as its act 0 states it
    received_at: UtcText
    documents: Annotated[
        tuple[ReceivedDocument, ...], Field(min_length=1, max_length=MAX_DOCUMENTS)
    ]
    ledger: Ledger
    place: LedgerPlace

    def to_bytes(self) -> bytes:
        """Return the canonical bytes."""
        return canonical(self.model_dump(mode="json"))


def parse_receipt(data: bytes) -> Receipt:
    """Parse a receipt; raises :class:`ValueError` unless it fits and its bytes are canonical."""
    if len(data) > MAX_BYTES:
        raise ValueError("the receipt is too large")
    try:
        receipt = Receipt.model_validate(json.loads(data))
        canonical = receipt.to_bytes() == data
    except (ValidationError, RecursionError, CanonicalizationError) as error:
        raise ValueError("not a receipt") from error
    if not canonical:
        raise ValueError("the receipt is not canonical JSON")
    return receipt


def receipt_names(acts: list[int], place: int) -> list[str]:
    """Return the files that a receipt's signature covers, in their order.

    `acts` has 0 and the changes of seal and ledger key. Of the act at `place` the receipt has only
    the proof, because the act holds patient data.
    """
    return [
        names.RECEIPT,
        *(names.act_name(index) for index in acts),
        *(names.proof_name(index) for index in sorted({*acts, place})),
    ]
