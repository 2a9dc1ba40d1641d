"""Whom Kho trusts: root certificates, and paths from a certificate to one of them (RFC 5280)."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from asn1crypto import pem, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError

from archive.base.errors import Misconfigured
from signing.algorithms import ALGORITHMS, ClosedSignatureValidator


class Untrusted(ValueError):
    """No valid path leads from a certificate to a trust root."""


class TrustRoots:
    """The certificates that Kho trusts directly; there may be several at once (renewal, two
    authorities).
    """

    def __init__(self, anchors: Iterable[x509.Certificate]) -> None:
        self.anchors = tuple({anchor.sha256: anchor for anchor in anchors}.values())
        self._paths: dict[bytes, tuple[x509.Certificate, ...]] = {}

    @classmethod
    def from_pem(cls, data: bytes) -> "TrustRoots":
        """Read one or more PEM certificates; raises :class:`archive.base.errors.Misconfigured`
        where there is none.
        """
        anchors = read_certificates(data)
        if not anchors:
            raise Misconfigured(
                why_vi="tệp gốc tin cậy không có chứng thư nào",
                why_en="the trust file holds no certificate",
            )
        return cls(anchors)

    @classmethod
    def from_files(cls, *paths: Path) -> "TrustRoots":
        """Read PEM files; raises :class:`OSError`, :class:`archive.base.errors.Misconfigured`."""
        return cls(anchor for path in paths for anchor in cls.from_pem(path.read_bytes()).anchors)

    def __contains__(self, certificate: x509.Certificate) -> bool:
        return any(certificate.sha256 == anchor.sha256 for anchor in self.anchors)

    def path(
        self, certificate: x509.Certificate, others: Sequence[x509.Certificate], moment: datetime
    ) -> tuple[x509.Certificate, ...]:
        """Return the path from `certificate` (first) to a trust root (last), valid at `moment`.

        Revocation is not checked here. `others` are possible intermediate certificates. For a path
        that was found before, only the dates are checked again. Raises :class:`Untrusted`.
        """
        known = self._paths.get(certificate.sha256)
        if known and all(
            certificate.not_valid_before <= moment <= certificate.not_valid_after
            for certificate in known
        ):
            return known
        context = ValidationContext(
            trust_roots=list(self.anchors),
            other_certs=list(others),
            allow_fetching=False,
            algorithm_usage_policy=ALGORITHMS,
            signature_validator=ClosedSignatureValidator(),
            moment=moment,
        )
        validator = CertificateValidator(certificate, validation_context=context)
        try:
            validated = asyncio.run(validator.async_validate_usage(set()))
        except (PathBuildingError, PathValidationError) as error:
            raise Untrusted(str(error)) from error
        certificates = [item for item in validated if isinstance(item, x509.Certificate)]
        path = tuple(reversed(certificates))
        self._paths[certificate.sha256] = path
        return path


def read_certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    """Read every certificate in PEM `data`, or the one in DER; raises :class:`ValueError` for other
    bytes.
    """
    if not pem.detect(data):
        return (x509.Certificate.load(data, strict=True),)
    blocks = pem.unarmor(data, multiple=True)
    return tuple(
        x509.Certificate.load(der, strict=True) for name, _, der in blocks if name == "CERTIFICATE"
    )


def subject(certificate: x509.Certificate) -> str:
    """Return the certificate's subject for people, e.g. `Common Name: TEST ..., Country: VN`."""
    return str(certificate.subject.human_friendly)
