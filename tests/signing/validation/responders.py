"""OCSP responses of the test's own authority, delegated or not."""

from datetime import datetime

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from tests.signing.validation.authority import DAY, Authority, key


def response(authority: Authority, moment: datetime, name: str = "signer") -> bytes:
    """Return the CA's own answer, made a day before `moment`, that a certificate is good."""
    answer = ocsp.OCSPResponseBuilder().add_response(
        cert=getattr(authority, name),
        issuer=authority.ca,
        algorithm=hashes.SHA1(),
        cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=moment - DAY,
        next_update=moment + DAY,
        revocation_time=None,
        revocation_reason=None,
    )
    signed = answer.responder_id(ocsp.OCSPResponderEncoding.NAME, authority.ca).sign(
        key("ca"), hashes.SHA256()
    )
    return signed.public_bytes(serialization.Encoding.DER)
