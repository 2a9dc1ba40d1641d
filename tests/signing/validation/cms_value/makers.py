"""CMS signatures as other makers write them, put together from parts that a test can change.

`signing/cms.py` writes one form. Here the identifier, the attributes, the algorithms and the
encoding are free (RFC 5652).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from signing.validation.cms_value import ber
from signing.validation.cms_value.digests import digest_of

DATA = b"TEST b\xc3\xa0i"
START = datetime(2026, 1, 1, tzinfo=UTC)
Key = Any  # any private key: each kind signs with other arguments
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_NEW_KEYS: dict[str, Callable[[], Key]] = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ed448": ed448.Ed448PrivateKey.generate,
}


@cache
def key(name: str) -> Key:
    """Return a key that stays the same for one run."""
    return _NEW_KEYS[name]()


@cache
def certificate(kind: str, name: str = "TEST Signer", serial: int = 7) -> asn1_x509.Certificate:
    """Return a self-signed certificate of the key `kind`."""
    own = key(kind)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(own.public_key())
    signed = (
        x509.CertificateBuilder(subject, subject, own.public_key(), serial)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=365))
        .add_extension(identifier, critical=False)
        .sign(own, None if kind.startswith("ed") else hashes.SHA256())
    )
    return asn1_x509.Certificate.load(signed.public_bytes(Encoding.DER))


@dataclass
class Maker:
    """One way to write a CMS over :data:`DATA`; the defaults are the common one."""

    kind: str = "rsa"
    digest: str = "sha256"
    signature_digest: str | None = None  # where the signature uses another
    mechanism: str | None = None
    by_key_identifier: bool = False
    version: str | None = None
    digest_algorithms: Sequence[str] | None = None
    certificates: Sequence[Any] | None = None
    crls: Sequence[Any] = ()
    content_type: str = "data"
    content: bytes | None = None
    signed_attributes: bool = True
    more_signed: Sequence[core.Asn1Value] = ()
    named: str | None = "v2"
    unsigned: Sequence[core.Asn1Value] = ()
    arrange: Callable[[list[bytes]], list[bytes]] = field(default=sorted)
    data: bytes = DATA

    @property
    def certificate(self) -> asn1_x509.Certificate:
        """Return the signer's certificate."""
        return certificate(self.kind)

    def make(self) -> bytes:
        """Return the ContentInfo as DER."""
        return tlv(0x30, cms.ContentType("signed_data").dump(), tlv(0xA0, self._signed_data()))

    def signed_data(self) -> cms.SignedData:
        """Return the SignedData."""
        return cms.ContentInfo.load(self.make())["content"]

    def _signed_data(self) -> bytes:
        content = [cms.ContentType(self.content_type).dump()]
        if self.content is not None:
            content.append(tlv(0xA0, tlv(0x04, self.content)))
        three = self.by_key_identifier or self.content_type != "data"
        names = [self.digest] if self.digest_algorithms is None else self.digest_algorithms
        brought = [self.certificate] if self.certificates is None else self.certificates
        return tlv(
            0x30,
            cms.CMSVersion(self.version or ("v3" if three else "v1")).dump(),
            tlv(0x31, *(algos.DigestAlgorithm({"algorithm": name}).dump() for name in names)),
            tlv(0x30, *content),
            tlv(0xA0, *(each.dump() for each in brought)) if brought else b"",
            tlv(0xA1, *(each.dump() for each in self.crls)) if self.crls else b"",
            tlv(0x31, self._signer_info()),
        )

    def _signer_info(self) -> bytes:
        own = self.certificate
        attributes = self._attributes() if self.signed_attributes else b""
        signed = b"\x31" + attributes[1:] if attributes else (self.content or self.data)
        issuer = {"issuer": own.issuer, "serial_number": own.serial_number}
        return tlv(
            0x30,
            cms.CMSVersion("v3" if self.by_key_identifier else "v1").dump(),
            tlv(0x80, own.key_identifier)
            if self.by_key_identifier
            else cms.IssuerAndSerialNumber(issuer).dump(),
            algos.DigestAlgorithm({"algorithm": self.digest}).dump(),
            attributes,
            self._mechanism().dump(),
            tlv(0x04, self._sign(signed)),
            tlv(0xA1, *(each.dump() for each in self.unsigned)) if self.unsigned else b"",
        )

    def _attributes(self) -> bytes:
        covered = self.data if self.content is None else self.content
        attributes = [
            attribute("content_type", self.content_type),
            attribute("message_digest", digest_of(self.digest, covered)),
            *self.more_signed,
        ]
        if self.named is not None:
            attributes.append(signing_certificate(self.certificate, self.named))
        members = self.arrange([each.dump() for each in attributes])
        return tlv(0xA0, *members)

    def _mechanism(self) -> algos.SignedDigestAlgorithm:
        hashed = self.signature_digest or self.digest
        if self.mechanism == "rsassa_pss":
            return algos.SignedDigestAlgorithm(
                {
                    "algorithm": "rsassa_pss",
                    "parameters": algos.RSASSAPSSParams(
                        {
                            "hash_algorithm": {"algorithm": hashed},
                            "mask_gen_algorithm": {
                                "algorithm": "mgf1",
                                "parameters": {"algorithm": hashed},
                            },
                            "salt_length": 32,
                        }
                    ),
                }
            )
        if self.kind.startswith("ed"):
            name = self.kind
        elif self.kind.startswith("p"):
            name = f"{hashed}_ecdsa"
        else:
            name = f"{hashed}_rsa"
        return algos.SignedDigestAlgorithm({"algorithm": self.mechanism or name})

    def _sign(self, signed: bytes) -> bytes:
        own = key(self.kind)
        hashed = _HASHES.get(self.signature_digest or self.digest, hashes.SHA256())
        if self.kind.startswith("ed"):
            return bytes(own.sign(signed))
        if self.kind.startswith("p"):
            return bytes(own.sign(signed, ec.ECDSA(hashed)))
        if self.mechanism == "rsassa_pss":
            return bytes(own.sign(signed, padding.PSS(padding.MGF1(hashed), 32), hashed))
        return bytes(own.sign(signed, padding.PKCS1v15(), hashed))


def attribute(kind: str, *values: Any) -> core.Asn1Value:
    """Return an attribute; `kind` is asn1crypto's name or a dotted OID, whose values are DER."""
    if kind[0].isdigit():
        return core.Any.load(tlv(0x30, core.ObjectIdentifier(kind).dump(), tlv(0x31, *values)))
    return cms.CMSAttribute({"type": kind, "values": list(values)})


def signing_certificate(named: asn1_x509.Certificate, version: str) -> core.Asn1Value:
    """Return the signing-certificate attribute, "v1" (SHA-1) or "v2" (SHA-256)."""
    if version == "v1":
        digest = hashlib.sha1(named.dump(), usedforsecurity=False).digest()
        return attribute(
            "signing_certificate", tsp.SigningCertificate({"certs": [{"cert_hash": digest}]})
        )
    digest = hashlib.sha256(named.dump()).digest()
    return attribute(
        "signing_certificate_v2",
        tsp.SigningCertificateV2(
            {"certs": [{"hash_algorithm": {"algorithm": "sha256"}, "cert_hash": digest}]}
        ),
    )


def timestamp(
    stamped: bytes,
    maker: Maker | None = None,
    *,
    at: datetime = START,
    imprint_digest: str = "sha256",
) -> cms.ContentInfo:
    """Return a timestamp token (RFC 3161) over `stamped`."""
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3",
            "message_imprint": {
                "hash_algorithm": {"algorithm": imprint_digest},
                "hashed_message": digest_of(imprint_digest, stamped),
            },
            "serial_number": 1,
            "gen_time": at,
        }
    )
    maker = maker or Maker()
    maker.content_type, maker.content = "tst_info", info.dump()
    return cms.ContentInfo.load(maker.make())


def in_ber(value: bytes) -> bytes:
    """Return a DER value as makers of streams write it: outer lengths not stated, OCTET STRINGs of
    the outer levels in pieces; what is signed stays DER.
    """
    return _in_ber(value, depth=0)


def _in_ber(value: bytes, depth: int) -> bytes:
    start, contents = _split(value)
    if start == 0x04 and depth <= 5:
        middle = len(contents) // 2
        pieces = (tlv(0x04, contents[:middle]), tlv(0x04, contents[middle:]))
        return b"\x24\x80" + b"".join(pieces) + b"\0\0"
    if not start & 0x20 or depth > 4:
        return value
    members = b"".join(_in_ber(member, depth + 1) for member in ber.values(contents))
    return bytes([start]) + b"\x80" + members + b"\0\0"


def _split(value: bytes) -> tuple[int, bytes]:
    size = value[1]
    start = 2 if size < 0x80 else 2 + (size & 0x7F)
    return value[0], value[start:]


def tlv(tag: int, *parts: bytes) -> bytes:
    """Encode tag, length and value."""
    value = b"".join(parts)
    size = len(value)
    if size < 0x80:
        return bytes([tag, size]) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value
