"""Recognises a file that a person took for a signed PDF: a referral packet, a receipt, a
photograph, a text, a file of an office program. Each is known by its first bytes.
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


class PhotographInstead(Unreadable):
    """The file is a picture: it shows a paper, and carries no signature."""

    code = "file.is_photograph"


class OfficeInstead(Unreadable):
    """The file is of an office program, or another archive of files."""

    code = "file.is_office"


class TextInstead(Unreadable):
    """The file is plain text, or a page of a website."""

    code = "file.is_text"


class NothingInstead(Unreadable):
    """The file is empty."""

    code = "file.is_empty"


# First bytes: JPEG, PNG, GIF, TIFF (two orders), BMP; RIFF and ISO media files are looked into
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\0", b"MM\0*", b"BM")
_MEDIA_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"heif", b"avif")  # ISO/IEC 23008-12
_OFFICE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")
_LOOKED_AT = 1024  # bytes, within which readers find the header of a PDF


def refuse_others(data: bytes) -> None:
    """Raise the kind of a file that is no PDF, as far as its first bytes tell; say nothing of a PDF
    or of bytes that are not known.
    """
    first = data[:_LOOKED_AT]
    if b"%PDF-" in first:
        return
    refuse_envelope(data)
    if not data:
        raise NothingInstead
    if (
        first.startswith(_PICTURES)
        or (first.startswith(b"RIFF") and first[8:12] == b"WEBP")
        or (first[4:8] == b"ftyp" and first[8:12] in _MEDIA_BRANDS)
    ):
        raise PhotographInstead
    if first.startswith(_OFFICE):
        raise OfficeInstead
    if _is_text(first):
        raise TextInstead


def _is_text(first: bytes) -> bool:
    """Return whether the bytes are UTF-8 (a letter at the end may be cut), without controls."""
    text = first.decode("utf-8", "ignore")
    return len(first) - len(text.encode()) < 4 and not any(
        letter < " " and letter not in "\t\r\n\f" for letter in text
    )


def refuse_envelope(data: bytes) -> None:
    """Raise PacketInstead or ReceiptInstead where `data` begins as one does; say nothing of any
    other bytes.
    """
    first = data[:_FIRST_NAME]
    if first.startswith(b"PK\x03\x04") and first[_TYPE_AT:].startswith(
        names.MIMETYPE.encode() + names.MEDIA_TYPE
    ):
        raise ReceiptInstead if names.RECEIPT.encode() in first else PacketInstead
