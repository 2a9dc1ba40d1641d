"""How many certificates a signature may bring before they are held against each other."""

from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from signing.validation.cms_value.framing import MOST_CERTIFICATES, is_vouched_for
from signing.validation.cms_value.tokens import Token


def _token(certificates: int) -> Token:
    """Return a signature with so many certificates of one name, each of which signed itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST Mẫu")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = []
    for _ in range(certificates):
        key = ec.generate_private_key(ec.SECP256R1())
        serial = x509.random_serial_number()
        builder = x509.CertificateBuilder(name, name, key.public_key(), serial).not_valid_before(
            start
        )
        made.append(
            (builder.not_valid_after(start + timedelta(days=1)).sign(key, hashes.SHA256()), key)
        )
    signed = pkcs7.PKCS7SignatureBuilder().set_data(b"x").add_signer(*made[0], hashes.SHA256())
    for certificate, _ in made[1:]:
        signed = signed.add_certificate(certificate)
    content = cms.ContentInfo.load(signed.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary]))[
        "content"
    ]
    assert len(content["certificates"]) == certificates
    return Token(content, None, (), True, True, None)


@pytest.mark.parametrize(
    ("certificates", "vouched_for"), [(3, True), (MOST_CERTIFICATES + 1, False)]
)
def test_a_signature_with_very_many_certificates_is_not_vouched_for(
    certificates: int, vouched_for: bool
) -> None:
    assert is_vouched_for(_token(certificates), ()) is vouched_for
