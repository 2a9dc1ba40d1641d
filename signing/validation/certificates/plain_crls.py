"""CRLs of plain chains (RFC 5280, 5 and 6.3.3); each is parsed once for all chains of a file."""

from datetime import datetime
from functools import lru_cache

from cryptography import x509

from signing.validation.certificates.plain_certificates import (
    PLAIN_ALGORITHMS,
    Asked,
    PlainCertificate,
    addresses,
    extension_of,
    read_plain,
)

_CRL_EXTENSIONS = (x509.AuthorityKeyIdentifier, x509.CRLNumber, x509.IssuingDistributionPoint)
_SMALL = 64 << 10  # bytes; national lists have megabytes, so few of those are kept


def read_crl(der: bytes) -> x509.CertificateRevocationList:
    """Return a CRL (RFC 5280, 5) read. Raises ValueError where the bytes are none."""
    return _small(der) if len(der) <= _SMALL else _large(der)


@lru_cache(maxsize=16)
def _large(der: bytes) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(der)


@lru_cache(maxsize=1024)
def _small(der: bytes) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(der)


def clears(
    crl: bytes,
    certificate: PlainCertificate,
    issuer_der: bytes,
    moment: datetime,
    asked: Asked,
) -> bool:
    """Return whether a CRL of the issuer clears `certificate`; False where it says anything
    else.
    """
    read = read_crl(crl)
    point = extension_of(read.extensions, x509.IssuingDistributionPoint)
    return (
        _is_plain_crl(crl, issuer_der)
        and (point is None or _is_for(point, certificate))
        and read.get_revoked_certificate_by_serial_number(certificate.parsed.serial_number) is None
        and asked.accepts(read.next_update_utc, moment)
    )


@lru_cache(maxsize=1024)
def _is_plain_crl(der: bytes, issuer_der: bytes) -> bool:
    """Tell whether a CRL is whole, not delegated, and its issuer's own (RFC 5280, 6.3.3)."""
    read, issuer = read_crl(der), read_plain(issuer_der)
    return (
        issuer is not None
        and issuer.usage is not None
        and issuer.usage.crl_sign
        and read.signature_algorithm_oid in PLAIN_ALGORITHMS
        and all(isinstance(extension.value, _CRL_EXTENSIONS) for extension in read.extensions)
        and read.is_signature_valid(issuer.key)
    )


def _is_for(point: x509.IssuingDistributionPoint, certificate: PlainCertificate) -> bool:
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
    return not parted and not certificate.listed_at.isdisjoint(addresses(point.full_name))
