"""The filled signature fields of a PDF: their values are computed and checked,
without a verdict.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import byte_range_digest
from pyhanko.sign.validation import EmbeddedPdfSignature

from signing.validation.cms_value.tokens import (
    Token,
    read_seal,
    read_timestamp,
    signature_timestamps,
)
from signing.validation.facts import Flaw, SignatureKind
from signing.validation.pdf.structure import Value

_KINDS = {"/Sig": SignatureKind.SEAL, "/DocTimeStamp": SignatureKind.DOCUMENT_TIMESTAMP}


@dataclass
class Signature:
    """One filled signature field, its token and, for a seal, its signature timestamp."""

    embedded: EmbeddedPdfSignature
    kind: SignatureKind
    token: Token
    timestamp: Token | None
    covered_by: "Signature | None" = field(default=None)  # the first document timestamp after it

    @property
    def revision(self) -> int:
        """Return the number of the revision in which the value was added (0 is the file before its
        first update).
        """
        return int(self.embedded.signed_revision)

    @property
    def made_at(self) -> datetime | None:
        """Return the time that a timestamp states, never the signer's own claim."""
        return next((token.time for token in self.tokens if token.time), None)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Return the signature's own token and its timestamp's."""
        return (self.token,) if self.timestamp is None else (self.token, self.timestamp)

    @property
    def value(self) -> Value:
        """Return where the value lies in the file."""
        return Value(
            tuple(map(int, self.embedded.byte_range)), self.embedded.pkcs7_content, self.revision
        )

    @property
    def claimed_time(self) -> datetime | None:
        """Return /M, or None where there is none, it cannot be read, or no clock could have said
        so.
        """
        try:
            claimed = generic.parse_pdf_date(self.embedded.sig_object["/M"], strict=False)
        except (KeyError, PdfError, ValueError, OverflowError):
            return None
        return claimed if 1970 <= claimed.year < 9999 else None


def read_signatures(reader: PdfFileReader) -> list[Signature]:
    """Return the signatures of a PDF, oldest revision first.

    pyHanko and asn1crypto raise all sorts of errors on broken values; the caller fails closed.
    """
    signatures = [_read(embedded) for embedded in reader.embedded_signatures]
    stamp = None
    for signature in reversed(signatures):
        signature.covered_by = stamp
        if signature.kind is SignatureKind.DOCUMENT_TIMESTAMP:
            stamp = signature
    return signatures


def field_flaws(reader: PdfFileReader, signatures: Sequence[Signature]) -> Iterable[Flaw]:
    """Yield what is wrong with the fields: pyHanko passes over an unknown SubFilter, and lets
    fields share a value.
    """
    filled = list(enumerate_sig_fields(reader, filled_status=True))
    if len(filled) != len(signatures) or any(
        signature.kind is SignatureKind.OTHER for signature in signatures
    ):
        yield Flaw.UNKNOWN_SIGNATURE
    values = {signature.embedded.pkcs7_content for signature in signatures}
    objects = {signature.embedded.sig_field.raw_get("/V").reference for signature in signatures}
    if len(values) != len(signatures) or len(objects) != len(signatures):
        yield Flaw.DUPLICATE


def _read(embedded: EmbeddedPdfSignature) -> Signature:
    kind = _KINDS.get(str(embedded.sig_object_type), SignatureKind.OTHER)
    data = embedded.signed_data

    def document_digest(algorithm: str) -> bytes:
        return bytes(byte_range_digest(embedded.reader.stream, embedded.byte_range, algorithm)[1])

    if kind is SignatureKind.DOCUMENT_TIMESTAMP:
        return Signature(embedded, kind, read_timestamp(data, document_digest), None)
    token = read_seal(data, document_digest)
    stamps = signature_timestamps(token.signer_info)
    imprint = token.signer_info["signature"].native
    stamp = (
        read_timestamp(stamps[0], lambda algorithm: _digest(algorithm, imprint)) if stamps else None
    )
    return Signature(embedded, kind, token, stamp)


def _digest(algorithm: str, data: bytes) -> bytes:
    return bytes(byte_range_digest(BytesIO(data), (0, len(data)), algorithm)[1])
