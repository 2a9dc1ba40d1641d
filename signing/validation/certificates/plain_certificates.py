"""Plain certificates: RSA or ECDSA on a NIST curve with SHA-2, and nothing that needs judgement."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, SignatureAlgorithmOID

PLAIN_ALGORITHMS = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
        SignatureAlgorithmOID.ECDSA_WITH_SHA256,
        SignatureAlgorithmOID.ECDSA_WITH_SHA384,
        SignatureAlgorithmOID.ECDSA_WITH_SHA512,
    }
)
_MAY_BE_CRITICAL = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage)
_NOT_PLAIN = (x509.NameConstraints, x509.PolicyConstraints, x509.InhibitAnyPolicy)
_POLICY_MAPPINGS = x509.ObjectIdentifier("2.5.29.33")
_MIN_RSA_BITS = 2048
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)

E = TypeVar("E", bound=x509.ExtensionType)
PlainKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Asked:
    """What revocation evidence must be: there at all, and not past its nextUpdate at the moment."""

    required: bool
    current: bool

    def accepts(self, next_update: datetime | None, moment: datetime) -> bool:
        """Return if a statement with this nextUpdate may speak for `moment`."""
        return not self.current or (next_update is not None and moment <= next_update)


@dataclass(frozen=True, slots=True)
class PlainCertificate:
    """A plain certificate as read."""

    parsed: x509.Certificate
    key: PlainKey
    begins: datetime
    ends: datetime
    authority: bool
    path_length: int | None
    usage: x509.KeyUsage | None
    asks_ocsp: bool
    listed_at: frozenset[str]  # where it says that the CRL for it is


@lru_cache(maxsize=512)
def read_plain(der: bytes) -> PlainCertificate | None:
    """Return a certificate read, or None where it is not plain."""
    parsed = x509.load_der_x509_certificate(der)
    key = parsed.public_key()
    extensions = parsed.extensions
    plain = (
        parsed.signature_algorithm_oid in PLAIN_ALGORITHMS
        and _is_plain_key(key)
        and not any(
            extension.critical and not isinstance(extension.value, _MAY_BE_CRITICAL)
            for extension in extensions
        )
        and not any(
            isinstance(extension.value, _NOT_PLAIN) or extension.oid == _POLICY_MAPPINGS
            for extension in extensions
        )
    )
    if not plain:
        return None
    assert isinstance(key, PlainKey)
    constraints = extension_of(extensions, x509.BasicConstraints)
    access = extension_of(extensions, x509.AuthorityInformationAccess) or ()
    return PlainCertificate(
        parsed=parsed,
        key=key,
        begins=parsed.not_valid_before_utc,
        ends=parsed.not_valid_after_utc,
        authority=constraints is not None and constraints.ca,
        path_length=constraints.path_length if constraints is not None else None,
        usage=extension_of(extensions, x509.KeyUsage),
        asks_ocsp=any(
            description.access_method == AuthorityInformationAccessOID.OCSP
            for description in access
        ),
        listed_at=frozenset(
            address
            for point in extension_of(extensions, x509.CRLDistributionPoints) or ()
            if point.reasons is None and point.crl_issuer is None
            for address in addresses(point.full_name)
        ),
    )


def _is_plain_key(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= _MIN_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)


@lru_cache(maxsize=512)
def is_issued(below: bytes, above: bytes) -> bool:
    """Tell whether `above` is named as issuer by `below`, and signed it."""
    subject, issuer = read_plain(below), read_plain(above)
    if subject is None or issuer is None or subject.parsed.issuer != issuer.parsed.subject:
        return False
    try:
        subject.parsed.verify_directly_issued_by(issuer.parsed)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def addresses(names: Iterable[x509.GeneralName] | None) -> Iterator[str]:
    """Return the URIs among `names`."""
    return (name.value for name in names or () if isinstance(name, x509.UniformResourceIdentifier))


def key_hash(certificate: PlainCertificate, digest: str) -> bytes:
    """Return the digest of the public key without its algorithm (RFC 6960, 4.1.1)."""
    key = certificate.key
    bare = (
        key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        if isinstance(key, rsa.RSAPublicKey)
        else key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    return hashlib.new(digest, bare).digest()


def extension_of(extensions: x509.Extensions, kind: type[E]) -> E | None:
    """Return the extension of this kind, if there is one."""
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
