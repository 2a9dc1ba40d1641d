"""A key that seals: the interface that `seal` and `cades` need of PKCS#12, a token or a remote
service.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509

from signing.errors import KeyRefused

MIN_RSA_BITS = 2048


def _in_memory() -> None:
    """Do nothing: a key in memory is always there."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """A facility's seal: its certificate, the certificates above it (the issuer first), and what
    signs.

    `sign` takes the bytes to be signed and returns the signature value of sha256WithRSAEncryption
    (RFC 8017, 8.2).
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    sign: Callable[[bytes], bytes]
    # raises DeviceAway where the key's device does not answer now; a key in memory always does
    require_present: Callable[[], None] = _in_memory

    def check(self, now: datetime) -> None:
        """Raise :class:`signing.errors.KeyRefused` unless the certificate may sign documents at
        `now`.
        """
        check_certificate(self.certificate, now)


def check_certificate(certificate: x509.Certificate, now: datetime) -> None:
    """Raise KeyRefused unless `certificate` is in its time, strong enough, and made for signing
    (RFC 5280, 4.2.1.3).
    """
    if now < certificate.not_valid_before:
        day = certificate.not_valid_before.strftime("%d/%m/%Y")
        raise KeyRefused(
            why_vi=f"chứng thư chưa có hiệu lực trước ngày {day}",
            why_en=f"its certificate is not valid before {day}",
        )
    if now > certificate.not_valid_after:
        day = certificate.not_valid_after.strftime("%d/%m/%Y")
        raise KeyRefused(
            why_vi=f"chứng thư đã hết hạn ngày {day}", why_en=f"its certificate expired on {day}"
        )
    public = certificate.public_key
    if public.algorithm != "rsa" or public.bit_size < MIN_RSA_BITS:
        raise KeyRefused(
            why_vi=f"cần khóa RSA từ {MIN_RSA_BITS} bit",
            why_en=f"an RSA key of at least {MIN_RSA_BITS} bits is needed",
        )
    usage = certificate.key_usage_value
    if usage is not None and not {"digital_signature", "non_repudiation"} & usage.native:
        raise KeyRefused(
            why_vi="chứng thư không được cấp để ký số",
            why_en="its certificate was not issued for signing",
        )


def issuers_of(
    certificate: x509.Certificate, others: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Return the certificates above `certificate`, its issuer first, leaving out what does not
    belong.
    """
    chain: list[x509.Certificate] = []
    below = certificate
    while below.subject != below.issuer:
        above = next(
            (other for other in others if other.subject == below.issuer and other not in chain),
            None,
        )
        if above is None:
            break
        chain.append(above)
        below = above
    return tuple(chain)
