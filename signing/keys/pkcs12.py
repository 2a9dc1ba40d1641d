"""Seals from PKCS#12 files (RFC 7292): read once per process, refused plainly when they cannot
serve.
"""

from datetime import datetime

from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from signing.errors import KeyRefused
from signing.keys.signer import SealKey, check_certificate, issuers_of

MAX_BYTES = 1024 * 1024


def load_pkcs12(data: bytes, passphrase: bytes, now: datetime) -> SealKey:
    """Read a seal from a PKCS#12 file and keep its key parsed.

    Raises :class:`signing.errors.KeyRefused`: wrong passphrase or no PKCS#12, no key or
    certificate, a key that does not belong to the certificate, not RSA of 2048 bits or more, not
    yet valid or expired at `now`, not for signing.
    """
    if len(data) > MAX_BYTES:
        raise KeyRefused(why_vi="tệp quá lớn", why_en="the file is too large")
    try:
        content = pkcs12.load_pkcs12(data, passphrase)
    # cryptography tells a wrong passphrase and a damaged file apart by its text only
    except ValueError as error:
        raise KeyRefused(
            why_vi="sai mật khẩu hoặc tệp PKCS#12 hỏng",
            why_en="the passphrase is wrong, or the PKCS#12 file is damaged",
        ) from error
    key, leaf = content.key, content.cert
    if key is None or leaf is None:
        raise KeyRefused(
            why_vi="tệp không có khóa kèm chứng thư",
            why_en="the file has no key with its certificate",
        )
    certificate = x509.Certificate.load(leaf.certificate.public_bytes(Encoding.DER))
    check_certificate(certificate, now)
    # check_certificate let only RSA through, and pkcs12 pairs them
    assert isinstance(key, rsa.RSAPrivateKey)
    if key.public_key() != leaf.certificate.public_key():
        raise KeyRefused(
            why_vi="khóa không thuộc chứng thư",
            why_en="the key does not belong to the certificate",
        )
    others = [
        x509.Certificate.load(certificate.certificate.public_bytes(Encoding.DER))
        for certificate in content.additional_certs
    ]
    # The key object is kept: pyHanko's own signer parses and checks it again at each signature, 40
    # ms a time.
    return SealKey(
        certificate,
        issuers_of(certificate, others),
        lambda data: key.sign(data, padding.PKCS1v15(), SHA256()),
    )
