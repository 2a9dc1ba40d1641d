"""A root, a CA, a signer and its status in any algorithm, valid around NOW."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)

from signing.trust import TrustRoots
from tests.signing.validation.authority import DAY, NOW, YEAR

Key = Any  # any private key: each kind signs with other arguments
NEW_KEYS: dict[str, Callable[[], Key]] = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "pss": lambda: rsa.generate_private_key(65537, 2048),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "p224": lambda: ec.generate_private_key(ec.SECP224R1()),
    "brainpool": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ed448": ed448.Ed448PrivateKey.generate,
}
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
_DIGESTS = {"p384": hashes.SHA384(), "p521": hashes.SHA512()}


@dataclass(frozen=True, eq=False)
class Pki:
    """All keys are of `kind`; CRLs may be signed by another key (an indirect issuer)."""

    kind: str = "p256"
    asks_ocsp: bool = False

    @cached_property
    def keys(self) -> dict[str, Key]:
        """Return the keys by name."""
        return {name: NEW_KEYS[self.kind]() for name in ("root", "ca", "signer", "other")}

    @cached_property
    def root(self) -> x509.Certificate:
        """Return the root."""
        return self.issue("root", "root", usages=("key_cert_sign", "crl_sign"), ca=True)

    @cached_property
    def ca(self) -> x509.Certificate:
        """Return the CA under the root."""
        return self.issue("ca", "root", usages=("key_cert_sign", "crl_sign"), ca=True)

    @cached_property
    def signer(self) -> x509.Certificate:
        """Return the signer's certificate under the CA."""
        return self.issue("signer", "ca", usages=("digital_signature", "content_commitment"))

    @cached_property
    def responder(self) -> x509.Certificate:
        """Return the certificate of the responder to which the CA delegates."""
        more = [
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
            (x509.OCSPNoCheck(), False),
        ]
        return self.issue("other", "ca", usages=("digital_signature",), more=more)

    @property
    def trust(self) -> TrustRoots:
        """Return the root, trusted."""
        return TrustRoots([asn1_x509.Certificate.load(der(self.root))])

    def issue(
        self,
        name: str,
        issuer: str,
        *,
        usages: Sequence[str],
        ca: bool = False,
        more: Sequence[tuple[x509.ExtensionType, bool]] = (),
    ) -> x509.Certificate:
        """Return a certificate."""
        allowed = {usage: usage in usages for usage in _USAGES}
        builder = (
            x509.CertificateBuilder(
                self.name(issuer), self.name(name), self.keys[name].public_key(), len(name) + 100
            )
            .not_valid_before(NOW - 30 * DAY)
            .not_valid_after(NOW + YEAR)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**allowed), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self.keys[name].public_key()),
                critical=False,
            )
        )
        if self.asks_ocsp and name == "signer":
            address = x509.UniformResourceIdentifier("http://ocsp.test/")
            access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, address)
            more = [*more, (x509.AuthorityInformationAccess([access]), False)]
        for extension, critical in more:
            builder = builder.add_extension(extension, critical=critical)
        issued: x509.Certificate = self._signed(builder, issuer)
        return issued

    def crl(
        self, issuer: str, *, by: str | None = None, indirect: bool = False, critical: bool = False
    ) -> bytes:
        """Return a CRL in the name of `issuer`, signed with the key of `by`."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.name(issuer))
            .last_update(NOW - DAY)
            .next_update(NOW + 6 * DAY)
            .add_extension(x509.CRLNumber(1), critical=False)
        )
        if indirect:
            point = x509.IssuingDistributionPoint(None, None, False, False, None, True, False)
            builder = builder.add_extension(point, critical=True)
        if critical:
            unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.2"), b"")
            builder = builder.add_extension(unknown, critical=True)
        return bytes(self._signed(builder, by or issuer).public_bytes(Encoding.DER))

    def answer(
        self, *, delegated: bool = True, digest: hashes.HashAlgorithm | None = None
    ) -> bytes:
        """Return the OCSP answer that the signer's certificate is good."""
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=self.signer,
            issuer=self.ca,
            algorithm=digest or hashes.SHA1(),
            cert_status=ocsp.OCSPCertStatus.GOOD,
            this_update=NOW - DAY,
            next_update=NOW + DAY,
            revocation_time=None,
            revocation_reason=None,
        )
        responder = self.responder if delegated else self.ca
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder)
        if delegated:
            builder = builder.certificates([responder])
        signed = builder.sign(self.keys["other" if delegated else "ca"], self._digest)
        return signed.public_bytes(Encoding.DER)

    def name(self, name: str) -> x509.Name:
        """Return a distinguished name."""
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"TEST {self.kind} {name}")])

    @property
    def _digest(self) -> hashes.HashAlgorithm | None:
        return None if self.kind.startswith("ed") else _DIGESTS.get(self.kind, hashes.SHA256())

    def _signed(self, builder: Any, issuer: str) -> Any:
        padded = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if self.kind == "pss" else None
        return builder.sign(self.keys[issuer], self._digest, rsa_padding=padded)


def der(certificate: x509.Certificate) -> bytes:
    """Return a certificate encoded."""
    return certificate.public_bytes(Encoding.DER)
