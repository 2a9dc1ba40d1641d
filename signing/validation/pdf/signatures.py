"""The filled signature fields of a PDF: their values are computed and checked,
without a verdict.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509

from signing.validation.cms_value.container import Container, NotCms, NotSupported, read_container
from signing.validation.cms_value.digests import Digest, digester
from signing.validation.cms_value.tokens import (
    Token,
    read_seal,
    read_sha1_seal,
    read_signature_timestamps,
    read_timestamp,
)
from signing.validation.facts import Flaw, SignatureKind
from signing.validation.pdf.fields import Field, SignatureValue
from signing.validation.pdf.structure import gap_flaws, is_two_spans


@dataclass
class Signature:
    """One filled signature field, its token and, for a seal, its signature timestamp."""

    name: str
    value: SignatureValue
    is_shown: bool  # a page has room for it
    end: int  # where the bytes end that it covers
    token: Token
    timestamp: Token | None
    flaws: set[Flaw]
    later: "tuple[Signature, ...]" = ()  # the document timestamps after it

    @property
    def kind(self) -> SignatureKind:
        """Return what the field holds."""
        return self.value.kind

    @property
    def made_at(self) -> datetime | None:
        """Return the time that a timestamp states, never the signer's own claim."""
        return next((token.time for token in self.tokens if token.time), None)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Return the signature's own token and its timestamp's."""
        return (self.token,) if self.timestamp is None else (self.token, self.timestamp)


@dataclass(frozen=True, slots=True)
class Found:
    """The signatures of a file, oldest first, and what keeps others from being read."""

    signatures: tuple[Signature, ...]
    flaws: frozenset[Flaw]


def read_signatures(
    pdf: bytes, fields: Sequence[Field], known: Sequence[x509.Certificate]
) -> Found:
    """Return the signatures in `fields` of `pdf`; `known` are certificates that lie elsewhere."""
    filled = [(field, value) for field in fields if (value := field.value) is not None]
    flaws: set[Flaw] = set()
    signatures: list[Signature] = []
    for field, value in filled:
        try:
            signatures.append(_read(pdf, field, value, known))
        except _Unusable as reason:
            flaws.add(reason.flaw)
    signatures.sort(key=lambda signature: signature.end)
    numbers = [value.number for _, value in filled if value.number[0]]
    ends = [signature.end for signature in signatures]
    if len(set(numbers)) != len(numbers) or len(set(ends)) != len(ends):
        flaws.add(Flaw.DUPLICATE)
    stamps = [each for each in signatures if each.kind is SignatureKind.DOCUMENT_TIMESTAMP]
    for signature in signatures:
        signature.later = tuple(stamp for stamp in stamps if stamp.end > signature.end)
    return Found(tuple(signatures), frozenset(flaws))


class _Unusable(Exception):
    """A signature value that cannot be checked, and why."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


def _read(
    pdf: bytes, field: Field, value: SignatureValue, known: Sequence[x509.Certificate]
) -> Signature:
    spans, contents = value.byte_range, value.contents
    if not is_two_spans(spans, len(pdf)):
        raise _Unusable(Flaw.BYTE_RANGE)
    flaws = set(gap_flaws(pdf[spans[1] : spans[2]], contents))
    if Flaw.BYTE_RANGE in flaws:
        raise _Unusable(Flaw.BYTE_RANGE)
    if value.kind is SignatureKind.OTHER:
        raise _Unusable(Flaw.UNKNOWN_SIGNATURE)
    try:
        container = read_container(contents)
        token, timestamp = _tokens(value, container, digester(_covered(pdf, spans)), known)
    except NotSupported:
        raise _Unusable(Flaw.UNKNOWN_SIGNATURE) from None
    except NotCms:
        raise _Unusable(Flaw.CMS_UNREADABLE) from None
    if container.padding.strip(b"\0"):
        flaws.add(Flaw.CONTENTS_PADDING)
    end = spans[2] + spans[3]
    return Signature(field.name, value, field.is_shown, end, token, timestamp, flaws)


def _tokens(
    value: SignatureValue,
    container: Container,
    digest: Digest,
    known: Sequence[x509.Certificate],
) -> tuple[Token, Token | None]:
    data = container.signed_data
    if value.kind is SignatureKind.DOCUMENT_TIMESTAMP:
        return read_timestamp(data, digest, known), None
    read = read_sha1_seal if value.subfilter == "/adbe.pkcs7.sha1" else read_seal
    token = read(data, digest, known)
    stamps = read_signature_timestamps(token, known)
    sound = (stamp for stamp in stamps if stamp.integrity and stamp.cryptography)
    return token, next(sound, stamps[0] if stamps else None)  # the oldest that proves a time


def _covered(pdf: bytes, spans: tuple[int, ...]) -> tuple[memoryview, memoryview]:
    _, first, resume, second = spans
    view = memoryview(pdf)
    return view[:first], view[resume : resume + second]


def vanished(pdf: bytes, known: int) -> Iterator[int]:
    """Yield where earlier revisions may end, newest first, if the file mentions more than `known`
    signature values.

    An update can free the object of a value, or point past it. Then only an earlier revision still
    shows it. A mention in the data of a stream is none; so the caller looks into these revisions.
    """
    if pdf.count(b"/ByteRange") <= known:
        return
    end = len(pdf)
    for _ in range(_MOST_LOOKS):
        end = pdf.rfind(b"%%EOF", 0, end)
        if end < 0:
            return
        yield end + len(b"%%EOF")


_MOST_LOOKS = 64
