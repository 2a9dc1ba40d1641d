"""Recognises a file that a person took for a PDF: a referral packet and a receipt are known by
their first bytes.
"""

from api.sharing import names
from archive.base.errors import Unreadable

# behind the local header of the first file of a ZIP (PKWARE APPNOTE, 4.3.7); ETSI EN 319 162-1, A.1
_TYPE_AT = 30
_FIRST_NAME = 1024  # bytes: they hold the second file's local header and name


class PacketInstead(Unreadable):
    """The file is a referral packet, which is verified as a whole."""

    code = "file.is_packet"


class ReceiptInstead(Unreadable):
    """The file is the receipt of a referral packet."""

    code = "file.is_receipt"


def refuse_envelope(data: bytes) -> None:
    """Raise PacketInstead or ReceiptInstead where `data` begins as one does; say nothing of any
    other bytes.
    """
    first = data[:_FIRST_NAME]
    if first.startswith(b"PK\x03\x04") and first[_TYPE_AT:].startswith(
        names.MIMETYPE.encode() + names.MEDIA_TYPE
    ):
        raise ReceiptInstead if names.RECEIPT.encode() in first else PacketInstead
