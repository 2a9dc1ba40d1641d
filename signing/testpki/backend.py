"""Certomancer's signing with each key parsed once: an answer takes about 15 ms instead of
60-200 ms.
"""

from functools import lru_cache

from asn1crypto import algos, keys
from certomancer import crypto_utils
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256


@lru_cache(maxsize=64)
def _parsed(der: bytes) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    # Key validation is left out: these are keys that make.py wrote, and it costs 100 ms and more
    # each.
    key = serialization.load_der_private_key(
        der, password=None, unsafe_skip_rsa_key_validation=True
    )
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return key


class KeptKeysBackend(crypto_utils.PycaCryptographyBackend):
    """RSA (PKCS#1 v1.5, the kind in `pki.yaml`) or ECDSA with SHA-256, by keys that stay parsed."""

    def load_private_key(
        self, key_bytes: bytes, password: bytes | None
    ) -> tuple[keys.PrivateKeyInfo, keys.PublicKeyInfo]:
        """Return the PKCS#8 and SubjectPublicKeyInfo forms of an unencrypted PEM key."""
        key = serialization.load_pem_private_key(
            key_bytes, password, unsafe_skip_rsa_key_validation=True
        )
        private = key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return keys.PrivateKeyInfo.load(private), keys.PublicKeyInfo.load(public)

    def generic_sign(
        self,
        private_key: keys.PrivateKeyInfo,
        tbs_bytes: bytes,
        sd_algo: algos.SignedDigestAlgorithm,
    ) -> bytes:
        """Sign `tbs_bytes`; what is not sha256WithRSAEncryption or ecdsa-with-SHA256 is signed by
        Certomancer itself, slowly.
        """
        key = _parsed(private_key.dump())
        kind = (sd_algo.signature_algo, sd_algo.hash_algo)
        if kind == ("rsassa_pkcs1v15", "sha256") and isinstance(key, rsa.RSAPrivateKey):
            return key.sign(tbs_bytes, padding.PKCS1v15(), SHA256())
        if kind == ("ecdsa", "sha256") and isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(tbs_bytes, ec.ECDSA(SHA256()))
        return bytes(super().generic_sign(private_key, tbs_bytes, sd_algo))


def keep_keys() -> None:
    """Make Certomancer, in this process, use :class:`KeptKeysBackend`."""
    crypto_utils.CRYPTO_BACKEND = KeptKeysBackend()
