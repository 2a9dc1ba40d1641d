"""A certification authority of the test's own making, at any time in the past: root, CA, signer,
TSA, CRLs.

The running test PKI (`tests/fixtures/pki.py`) lives now and lives well; here things expire, are
revoked and go missing. Everything is called TEST and is made in memory.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign import signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing import revisions
from signing.trust import TrustRoots

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
_ROOM = 12000  # bytes for a CMS
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
_ALL_USAGES = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


def key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return a key that stays the same for one run."""
    return _new_key(name, bits)


@cache
def _new_key(name: str, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@dataclass
class Authority:
    """A small PKI whose leaves are issued at `start`.

    `life` and `ca_life` say how long they and the CA live.
    """

    start: datetime = NOW - 30 * DAY
    life: timedelta = 3 * YEAR
    ca_life: timedelta = 10 * YEAR
    name: str = "A"
    signer_usage: tuple[str, ...] = ("digital_signature", "content_commitment")
    signer_bits: int = 2048
    # by certificate: "signer", "tsa", "ca"
    revoked: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self._issue("root", "root", self.start - YEAR, 40 * YEAR, ca=True)
        self.ca = self._issue("ca", "root", self.start - DAY, self.ca_life, ca=True)
        self.signer = self._issue("signer", "ca", self.start, self.life, usages=self.signer_usage)
        self.tsa = self._issue(
            "tsa", "ca", self.start, self.life, usages=("digital_signature",), timestamping=True
        )

    @property
    def trust(self) -> TrustRoots:
        """Return the root, trusted."""
        return TrustRoots([asn1_x509.Certificate.load(_der(self.root))])

    def crls(self, moment: datetime, valid: timedelta = 7 * DAY) -> list[bytes]:
        """Return the root's and the CA's CRL as published a day before `moment`."""
        return [self._crl(issuer, moment, valid) for issuer in ("root", "ca")]

    def stamper(self, moment: datetime) -> DummyTimeStamper:
        """Return a TSA whose clock is at `moment`."""
        return DummyTimeStamper(_asn1(self.tsa), _asn1_key("tsa"), self._store(), fixed_dt=moment)

    def seal(
        self, pdf: bytes, level: str = "B-LTA", moment: datetime = NOW, **evidence: Any
    ) -> bytes:
        """Return `pdf` sealed at `level` ("B-B" ... "B-LTA"), everything as of `moment`.

        `evidence` goes to :meth:`evidence`.
        """
        stream = revisions.start(pdf)
        self.append_seal(stream, "Seal", moment, timestamped=level != "B-B")
        if level == "B-LT":
            revisions.append_validation_data(stream, self.evidence(moment, **evidence))
        elif level == "B-LTA":
            self.append_timestamp(stream, self.evidence(moment, **evidence), "Archive", moment)
        return stream.getvalue()

    def append_seal(
        self, stream: revisions.Draft, field: str, moment: datetime, *, timestamped: bool = True
    ) -> None:
        """Append a signature to the PDF in `stream`."""
        stamper = self.stamper(moment) if timestamped else None

        def sign(digest: bytes) -> bytes:
            signing = self.pdf_signer().async_sign(
                digest, "sha256", use_pades=True, timestamper=stamper
            )
            signed: bytes = asyncio.run(signing).dump()
            return signed

        revision = revisions.begin_signature(
            stream, revisions.Signature(field, moment, revisions.NO_WORDS), _ROOM
        )
        revision.complete(sign(revision.digest))

    def append_timestamp(
        self, draft: revisions.Draft, data: revisions.ValidationData, field: str, moment: datetime
    ) -> None:
        """Append validation data and a document timestamp to the PDF in `draft`."""
        revision = revisions.begin_timestamp(draft, data, field, _ROOM)
        revision.complete(self.stamp(revision.digest, moment))

    def evidence(
        self, moment: datetime, valid: timedelta = 7 * DAY, published: datetime | None = None
    ) -> revisions.ValidationData:
        """Return what a security store holds at `moment`, with CRLs `published` then (or at
        `moment`).
        """
        certificates = tuple(_der(certificate) for certificate in (self.ca, self.signer, self.tsa))
        return revisions.ValidationData(
            certificates, (), tuple(self.crls(published or moment, valid))
        )

    def renew(self, pdf: bytes, moment: datetime, tsa: "Authority") -> bytes:
        """Return `pdf` with another document timestamp by `tsa`, and with all evidence so far
        before it.
        """
        old, new = self.evidence(NOW), tsa.evidence(moment)
        merged = revisions.ValidationData(
            (*old.certificates, *new.certificates), (), (*old.crls, *self.crls(moment), *new.crls)
        )
        stream = revisions.Draft(pdf)
        tsa.append_timestamp(stream, merged, f"Archive{moment.year}", moment)
        return stream.getvalue()

    def stamp(self, digest: bytes, moment: datetime) -> bytes:
        """Return a timestamp token over a SHA-256 digest."""
        token: bytes = asyncio.run(self.stamper(moment).async_timestamp(digest, "sha256")).dump()
        return token

    def pdf_signer(self) -> signers.SimpleSigner:
        """Return the signer as pyHanko wants it."""
        private = _asn1_key("signer", self.signer_bits)
        return signers.SimpleSigner(
            signing_cert=_asn1(self.signer), signing_key=private, cert_registry=self._store()
        )

    def _store(self) -> SimpleCertificateStore:
        store: SimpleCertificateStore = SimpleCertificateStore.from_certs([_asn1(self.ca)])
        return store

    def _issue(
        self,
        name: str,
        issuer: str,
        start: datetime,
        life: timedelta,
        *,
        ca: bool = False,
        usages: Sequence[str] = (),
        timestamping: bool = False,
    ) -> x509.Certificate:
        wanted = ("key_cert_sign", "crl_sign") if ca else usages
        builder = (
            x509.CertificateBuilder()
            .subject_name(self._name(name))
            .issuer_name(self._name(issuer))
            .public_key(key(name, self.signer_bits if name == "signer" else 2048).public_key())
            .serial_number(sum(map(ord, name)) * 1000 + len(name))
            .not_valid_before(start)
            .not_valid_after(start + life)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(**{**_ALL_USAGES, **dict.fromkeys(wanted, True)}), critical=True
            )
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key(name).public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(key(issuer).public_key()),
                critical=False,
            )
        )
        if timestamping:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
            )
        return builder.sign(key(issuer), hashes.SHA256())

    def _crl(self, issuer: str, moment: datetime, valid: timedelta) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name(issuer))
            .last_update(moment - DAY)
            .next_update(moment - DAY + valid)
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(key(issuer).public_key()),
                critical=False,
            )
        )
        for name, since in self.revoked.items():
            certificate = getattr(self, name)
            if certificate.issuer == self._name(issuer) and since <= moment:
                entry = x509.RevokedCertificateBuilder(certificate.serial_number, since)
                builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key(issuer), hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def _name(self, name: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "TEST Kho"),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "TEST Phòng thử nghiệm"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"TEST {self.name} {name}"),
            ]
        )


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(_der(certificate))


def _asn1_key(name: str, bits: int = 2048) -> asn1_keys.PrivateKeyInfo:
    der = key(name, bits).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return asn1_keys.PrivateKeyInfo.load(der)
