"""CRLs that were read, so that each is parsed once for all chains of a file."""

from functools import lru_cache

from cryptography import x509

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
