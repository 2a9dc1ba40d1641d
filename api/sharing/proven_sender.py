"""Who made a packet or a receipt, as its verification proves it."""

from datetime import datetime

from api.sharing import names
from api.sharing.identity import Identity
from api.sharing.receipt_report import verify_receipt
from api.sharing.reception import require_proven
from api.sharing.returned_receipts import require_valid
from api.sharing.verification import verify_packet
from signing.asic.container import read_container
from signing.trust import TrustRoots


def proven_identity(data: bytes, trust: TrustRoots, now: datetime) -> Identity:
    """Verify a packet or a receipt and return its sender's identity.

    Raises NotProven, Undecided, Unreadable.

    A packet may hold papers whose own signers are unknown here: that does not affect the proof of
    its sender.
    """
    if names.RECEIPT in read_container(data):
        receipt = verify_receipt(data, trust, at=now)
        require_valid(receipt)
        identity = receipt.identity
    else:
        packet = verify_packet(data, trust, at=now)
        require_proven(packet, undecided_signers=True)
        identity = packet.identity
    assert identity is not None  # else it were not proven
    return identity
