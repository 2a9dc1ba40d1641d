"""The mark of a test PKI: every certificate that `signing/testpki` has ever made carries it in its
names.
"""

from collections.abc import Iterable

from asn1crypto import pem, x509

# `pki.yaml` has had this organizational unit since its first version, so certificates of old test
# PKIs are known, too.
TEST_UNIT = "TEST - no legal value"


def is_test(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is of a test PKI: its subject or its issuer has the unit of one
    (RFC 5280, 4.1.2).
    """
    return any(TEST_UNIT in _units(name) for name in (certificate.subject, certificate.issuer))


def states_test(chain: str) -> bool:
    """Tell whether one of the certificates in `chain` (PEM) is of a test PKI; what is no PEM has
    none.
    """
    data = chain.encode()
    blocks = pem.unarmor(data, multiple=True) if pem.detect(data) else ()
    return any(is_test(x509.Certificate.load(der)) for _, _, der in blocks)


def _units(name: x509.Name) -> Iterable[str]:
    units = name.native.get("organizational_unit_name", ())
    return [units] if isinstance(units, str) else units
