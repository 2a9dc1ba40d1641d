"""CMS SignedData (RFC 5652) of one RSA/SHA-256 signer, put together from DER pieces: CAdES and
PAdES build on it.

Only the digest, the signature and its timestamp differ from seal to seal, so everything else is
encoded once for each key: encoding it again through asn1crypto costs ten times the signature
itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from asn1crypto import algos, cms, core, x509
from pyhanko.sign.general import as_signing_certificate_v2

from signing.keys.signer import SealKey

_SEQUENCE = 0x30
_SET = 0x31
_OCTET_STRING = 0x04
_TAGGED_0 = 0xA0
_TAGGED_1 = 0xA1
_VERSION_1 = core.Integer(1).dump()
_VERSION_5 = core.Integer(5).dump()
_DATA: bytes = cms.ContentType("data").dump()
_SIGNED_DATA: bytes = cms.ContentType("signed_data").dump()
_SHA256: bytes = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
_SHA256_RSA: bytes = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}).dump()
_MESSAGE_DIGEST: bytes = cms.CMSAttributeType("message_digest").dump()
_TIMESTAMP_TOKEN: bytes = cms.CMSAttributeType("signature_time_stamp_token").dump()
_OCSP_RESPONSE: bytes = cms.OtherRevInfoFormatId("ocsp_response").dump()


@dataclass(frozen=True, slots=True)
class SignedAttributes:
    """The attributes that are signed, as the DER of a SET (what the key signs)."""

    der: bytes

    @property
    def tagged(self) -> bytes:
        """The same attributes as SignerInfo holds them: [0] IMPLICIT."""
        return bytes([_TAGGED_0]) + self.der[1:]


def signed_attributes(
    certificate: x509.Certificate, digest: bytes, signing_time: datetime | None = None
) -> SignedAttributes:
    """Return content-type, message-digest (`digest`, SHA-256) and signing-certificate-v2 (RFC
    5035).

    CAdES also asks for signing-time (EN 319 122-1, 5.2.1); PAdES forbids it (EN 319 142-1, 5.3: /M
    has it).
    """
    attributes = [
        *_constant_attributes(certificate),
        _attribute(_MESSAGE_DIGEST, _tlv(_OCTET_STRING, digest)),
    ]
    if signing_time is not None:
        time = cms.Time({"utc_time": signing_time})
        attributes.append(cms.CMSAttribute({"type": "signing_time", "values": [time]}).dump())
    return SignedAttributes(_set_of(_SET, attributes))


def timestamp_attribute(token: bytes) -> bytes:
    """Return the unsigned attribute that holds a signature timestamp (RFC 3161, appendix A)."""
    return _attribute(_TIMESTAMP_TOKEN, token)


def ocsp_revocation(response: bytes) -> bytes:
    """Return an OCSP response as `SignedData.crls` holds it (RFC 5940, 2)."""
    return _tlv(_TAGGED_1, _OCSP_RESPONSE, response)


def is_root(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate names itself as its issuer:
    SignedData holds no such certificate.
    """
    return bool(certificate.subject.dump() == certificate.issuer.dump())


def detached(
    key: SealKey,
    attributes: SignedAttributes,
    signature: bytes,
    *,
    unsigned: Iterable[bytes] = (),
    more_certificates: Iterable[x509.Certificate] = (),
    crls: Iterable[bytes] = (),
    ocsps: Iterable[bytes] = (),
) -> bytes:
    """Return a ContentInfo with detached SignedData: the key's certificate and chain without the
    root.

    `unsigned` are encoded attributes; `crls` and `ocsps` DER for `SignedData.crls` (version 5 with
    an OCSP response, RFC 5652, 5.1).
    """
    certificates = {
        certificate.dump()
        for certificate in (key.certificate, *key.chain, *more_certificates)
        if not is_root(certificate)
    }
    responses = [ocsp_revocation(response) for response in ocsps]
    revocation = [*crls, *responses]
    unsigned = list(unsigned)
    signer_info = _tlv(
        _SEQUENCE,
        _VERSION_1,
        _signer_id(key.certificate),
        _SHA256,
        attributes.tagged,
        _SHA256_RSA,
        _tlv(_OCTET_STRING, signature),
        _set_of(_TAGGED_1, unsigned) if unsigned else b"",
    )
    signed_data = _tlv(
        _SEQUENCE,
        _VERSION_5 if responses else _VERSION_1,
        _tlv(_SET, _SHA256),
        _tlv(_SEQUENCE, _DATA),
        _set_of(_TAGGED_0, certificates),
        _set_of(_TAGGED_1, revocation) if revocation else b"",
        _tlv(_SET, signer_info),
    )
    return _tlv(_SEQUENCE, _SIGNED_DATA, _tlv(_TAGGED_0, signed_data))


@lru_cache(maxsize=64)
def _constants(der: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Return the attributes that are the same for every signature of a certificate, and its issuer
    and serial.
    """
    certificate = x509.Certificate.load(der)
    named = as_signing_certificate_v2(certificate)
    attributes = (
        cms.CMSAttribute({"type": "content_type", "values": ["data"]}).dump(),
        cms.CMSAttribute({"type": "signing_certificate_v2", "values": [named]}).dump(),
    )
    issuer = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    return attributes, cms.IssuerAndSerialNumber(issuer).dump()


def _constant_attributes(certificate: x509.Certificate) -> tuple[bytes, ...]:
    return _constants(certificate.dump())[0]


def _signer_id(certificate: x509.Certificate) -> bytes:
    return _constants(certificate.dump())[1]


def _attribute(kind: bytes, value: bytes) -> bytes:
    return _tlv(_SEQUENCE, kind, _tlv(_SET, value))


def _set_of(tag: int, members: Iterable[bytes]) -> bytes:
    """Encode a SET OF: DER wants its members in the order of their encodings (X.690, 11.6)."""
    return _tlv(tag, *sorted(members))


def _tlv(tag: int, *parts: bytes) -> bytes:
    """Encode tag, length and value (X.690, 8.1; definite lengths only)."""
    value = b"".join(parts)
    size = len(value)
    if size < 0x80:
        return bytes([tag, size]) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value
