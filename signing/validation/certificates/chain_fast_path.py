"""Plain chains: a fast check (a thousandth of the time) that accepts common chains and leaves
others to certvalidator.

A chain is plain where nothing in it needs judgement: RSA (PKCS#1 v1.5) or ECDSA on a NIST curve
with SHA-2 throughout, names that match exactly, no critical extensions but the three common ones,
no constraints on names or policies, whole and direct CRLs, OCSP answers from the issuer's own
responder, no certificate revoked at any time. Then RFC 5280, 6.1 reduces to the rules in this file.
Other chains go to pyhanko-certvalidator, which alone reports a problem. So a plain chain that this
check misses costs only time, and every rule here must be at least as strict as certvalidator's. One
thing it knows that certvalidator does not: OCSP answers that name the issuer by SHA-384 or SHA-512.
Parsed by `cryptography` (OpenSSL, Rust).

Results that do not depend on the moment (parsing, signatures) are cached: the same bytes give the
same answer.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    SignatureAlgorithmOID,
)

from signing.validation.certificates.crl_cache import read_crl

_PLAIN_ALGORITHMS = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
        SignatureAlgorithmOID.ECDSA_WITH_SHA256,
        SignatureAlgorithmOID.ECDSA_WITH_SHA384,
        SignatureAlgorithmOID.ECDSA_WITH_SHA512,
    }
)
_SHA2 = (SHA256, SHA384, SHA512)
_MAY_BE_CRITICAL = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage)
_NOT_PLAIN = (x509.NameConstraints, x509.PolicyConstraints, x509.InhibitAnyPolicy)
_POLICY_MAPPINGS = x509.ObjectIdentifier("2.5.29.33")
_CRL_EXTENSIONS = (x509.AuthorityKeyIdentifier, x509.CRLNumber, x509.IssuingDistributionPoint)
_MIN_RSA_BITS = 2048
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_MAX_DEPTH = 4  # certificates below the root
_MAX_STEPS = 32  # certificates that are looked above; hostile ones may all have signed each other

E = TypeVar("E", bound=x509.ExtensionType)
PlainKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Asked:
    """What revocation evidence must be: there at all, and not past its nextUpdate at the moment."""

    required: bool
    current: bool


class ChainFastPath:
    """The certificates, CRLs and OCSP responses (DER) of one file, and the roots (DER) that are
    trusted.
    """

    def __init__(
        self,
        anchors: Iterable[bytes],
        certificates: Iterable[bytes],
        crls: Sequence[bytes],
        ocsps: Sequence[bytes],
    ) -> None:
        self._anchors = tuple(dict.fromkeys(anchors))
        self._between = tuple(
            certificate
            for certificate in dict.fromkeys(certificates)
            if certificate not in self._anchors
        )
        self._crls, self._ocsps = crls, ocsps

    @cached_property
    def _crls_of(self) -> dict[x509.Name, list[bytes]]:
        """The CRLs by the name of their issuer."""
        by_issuer: dict[x509.Name, list[bytes]] = {}
        for crl in self._crls:
            by_issuer.setdefault(read_crl(crl).issuer, []).append(crl)
        return by_issuer

    def sound(self, certificate: bytes, moment: datetime, asked: Asked) -> bool:
        """Tell whether `certificate` (DER) has a plain chain that is good at `moment`; False says
        nothing.
        """
        try:
            return any(self._is_good(path, moment, asked) for path in self._paths(certificate))
        except MemoryError:
            raise  # says nothing about the chain
        except Exception:  # noqa: BLE001 - cryptography's errors have no root: what it cannot read is not plain
            return False

    def _paths(self, certificate: bytes) -> Iterator[tuple[bytes, ...]]:
        """Yield the paths from `certificate` (first) to a root (last)."""
        if certificate in self._anchors:
            return
        waiting: list[tuple[bytes, ...]] = [(certificate,)]
        for _ in range(_MAX_STEPS):
            if not waiting:
                return
            path = waiting.pop()
            yield from ((*path, anchor) for anchor in self._anchors if _issued(path[-1], anchor))
            if len(path) < _MAX_DEPTH:
                waiting += [
                    (*path, certificate)
                    for certificate in self._between
                    if certificate not in path and _issued(path[-1], certificate)
                ]

    def _is_good(self, path: tuple[bytes, ...], moment: datetime, asked: Asked) -> bool:
        read = [_certificate(certificate) for certificate in path]
        return all(
            certificate is not None and certificate.begins <= moment <= certificate.ends
            for certificate in read
        ) and all(
            _may_issue(issuer, below)
            and (
                not asked.required
                or self._is_not_revoked(path[below], path[below + 1], moment, asked)
            )
            for below, issuer in enumerate(read[1:])
        )

    def _is_not_revoked(
        self, certificate: bytes, issuer: bytes, moment: datetime, asked: Asked
    ) -> bool:
        """Tell whether at least one statement clears `certificate`, and none that there is says
        anything else.
        """
        below, above = _certificate(certificate), _certificate(issuer)
        assert below is not None
        assert above is not None  # both were read as parts of the path
        crls = self._crls_of.get(above.parsed.subject, ())
        said: list[bool | None] = [_listed(crl, below, issuer, moment, asked) for crl in crls]
        if below.asks_ocsp:
            said += [
                _answered(response, below, above, issuer, moment, asked) for response in self._ocsps
            ]
        return True in said and False not in said


@dataclass(frozen=True, slots=True)
class _Certificate:
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
def _certificate(der: bytes) -> _Certificate | None:
    """Return a certificate read, or None where it is not plain."""
    parsed = x509.load_der_x509_certificate(der)
    key = parsed.public_key()
    extensions = parsed.extensions
    plain = (
        parsed.signature_algorithm_oid in _PLAIN_ALGORITHMS
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
    constraints = _extension(extensions, x509.BasicConstraints)
    access = _extension(extensions, x509.AuthorityInformationAccess) or ()
    return _Certificate(
        parsed=parsed,
        key=key,
        begins=parsed.not_valid_before_utc,
        ends=parsed.not_valid_after_utc,
        authority=constraints is not None and constraints.ca,
        path_length=constraints.path_length if constraints is not None else None,
        usage=_extension(extensions, x509.KeyUsage),
        asks_ocsp=any(
            description.access_method == AuthorityInformationAccessOID.OCSP
            for description in access
        ),
        listed_at=frozenset(
            address
            for point in _extension(extensions, x509.CRLDistributionPoints) or ()
            if point.reasons is None and point.crl_issuer is None
            for address in _addresses(point.full_name)
        ),
    )


def _is_plain_key(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= _MIN_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)


@lru_cache(maxsize=512)
def _issued(below: bytes, above: bytes) -> bool:
    """Tell whether `above` is named as issuer by `below`, and signed it."""
    subject, issuer = _certificate(below), _certificate(above)
    if subject is None or issuer is None or subject.parsed.issuer != issuer.parsed.subject:
        return False
    try:
        subject.parsed.verify_directly_issued_by(issuer.parsed)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _may_issue(issuer: _Certificate | None, below: int) -> bool:
    """Tell whether a certificate with `below` authorities under it in the path may have issued (RFC
    5280, 6.1.4).
    """
    return (
        issuer is not None
        and issuer.authority
        and issuer.usage is not None
        and issuer.usage.key_cert_sign
        and (issuer.path_length is None or issuer.path_length >= below)
    )


def _listed(
    crl: bytes,
    certificate: _Certificate,
    issuer_der: bytes,
    moment: datetime,
    asked: Asked,
) -> bool:
    """Return whether a CRL of the issuer clears `certificate`; False where it says anything
    else.
    """
    read = read_crl(crl)
    point = _extension(read.extensions, x509.IssuingDistributionPoint)
    return (
        _is_plain_crl(crl, issuer_der)
        and (point is None or _is_for(point, certificate))
        and read.get_revoked_certificate_by_serial_number(certificate.parsed.serial_number) is None
        and _is_current(read.next_update_utc, moment, asked)
    )


@lru_cache(maxsize=1024)
def _is_plain_crl(der: bytes, issuer_der: bytes) -> bool:
    """Tell whether a CRL is whole, not delegated, and its issuer's own (RFC 5280, 6.3.3)."""
    read, issuer = read_crl(der), _certificate(issuer_der)
    return (
        issuer is not None
        and issuer.usage is not None
        and issuer.usage.crl_sign
        and read.signature_algorithm_oid in _PLAIN_ALGORITHMS
        and all(isinstance(extension.value, _CRL_EXTENSIONS) for extension in read.extensions)
        and read.is_signature_valid(issuer.key)
    )


def _is_for(point: x509.IssuingDistributionPoint, certificate: _Certificate) -> bool:
    """Tell whether a CRL of that distribution point has all that could be said of `one` (RFC 5280,
    6.3.3, b 2).
    """
    parted = (
        point.only_contains_user_certs
        or point.only_contains_ca_certs
        or point.only_contains_attribute_certs
        or point.indirect_crl
        or point.only_some_reasons
    )
    return not parted and not certificate.listed_at.isdisjoint(_addresses(point.full_name))


def _addresses(names: Iterable[x509.GeneralName] | None) -> Iterator[str]:
    return (name.value for name in names or () if isinstance(name, x509.UniformResourceIdentifier))


def _answered(
    response: bytes,
    certificate: _Certificate,
    issuer: _Certificate,
    issuer_der: bytes,
    moment: datetime,
    asked: Asked,
) -> bool | None:
    """Return True where an OCSP response clears `one`, False where it says something else, None
    where it is about another certificate.
    """
    read = ocsp.load_der_ocsp_response(response)
    if read.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return False
    about = [
        single
        for single in read.responses
        if single.serial_number == certificate.parsed.serial_number
    ]
    if not about:
        return None
    responder = _responder(response, issuer_der)
    return (
        responder is not None
        and responder.begins <= moment <= responder.ends
        and all(
            _names_issuer(single, issuer)
            and single.certificate_status is ocsp.OCSPCertStatus.GOOD
            and _is_current(single.next_update_utc, moment, asked)
            for single in about
        )
    )


@lru_cache(maxsize=64)
def _responder(response: bytes, issuer_der: bytes) -> _Certificate | None:
    """Return the one responder whose certificate a response brings, if the issuer delegated to it
    (RFC 6960, 4.2.2.2), it needs no status of its own, and it signed the response.
    """
    read = ocsp.load_der_ocsp_response(response)
    if len(read.certificates) != 1 or any(extension.critical for extension in read.extensions):
        return None
    der = read.certificates[0].public_bytes(Encoding.DER)
    responder, digest = _certificate(der), read.signature_hash_algorithm
    if (
        responder is None
        or not isinstance(digest, _SHA2)
        or read.signature_algorithm_oid not in _PLAIN_ALGORITHMS
    ):
        return None
    extensions = responder.parsed.extensions
    usages = _extension(extensions, x509.ExtendedKeyUsage)
    delegated = usages is not None and ExtendedKeyUsageOID.OCSP_SIGNING in usages
    if (
        not delegated
        or _extension(extensions, x509.OCSPNoCheck) is None
        or not _issued(der, issuer_der)
    ):
        return None
    named = read.responder_name == responder.parsed.subject or read.responder_key_hash == _key_hash(
        responder, "sha1"
    )
    if not named:
        return None
    try:
        if isinstance(responder.key, rsa.RSAPublicKey):
            responder.key.verify(
                read.signature, read.tbs_response_bytes, padding.PKCS1v15(), digest
            )
        else:
            responder.key.verify(read.signature, read.tbs_response_bytes, ec.ECDSA(digest))
    except InvalidSignature:
        return None
    return responder


def _names_issuer(single: ocsp.OCSPSingleResponse, issuer: _Certificate) -> bool:
    digest = single.hash_algorithm.name
    name = hashlib.new(digest, issuer.parsed.subject.public_bytes()).digest()
    return single.issuer_name_hash == name and single.issuer_key_hash == _key_hash(issuer, digest)


def _key_hash(certificate: _Certificate, digest: str) -> bytes:
    """Return the digest of the public key without its algorithm (RFC 6960, 4.1.1)."""
    key = certificate.key
    bare = (
        key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        if isinstance(key, rsa.RSAPublicKey)
        else key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    return hashlib.new(digest, bare).digest()


def _is_current(next_update: datetime | None, moment: datetime, asked: Asked) -> bool:
    return not asked.current or (next_update is not None and moment <= next_update)


def _extension(extensions: x509.Extensions, kind: type[E]) -> E | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
