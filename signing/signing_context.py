"""The facility's signatory: a key whose certificate is checked first, and a TSA whose clock agrees
with Kho's.
"""

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import timedelta

from archive.base.clock import Clock
from signing import cms
from signing.errors import SealRefused
from signing.keys.signer import SealKey
from signing.revocation import Revocation, RevocationEvidence
from signing.timestamps import Timestamp, TimestampAuthority, TimestampRequest
from signing.trust import TrustRoots, Untrusted

MAX_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SigningContext:
    """The parts that every signature of the facility needs, and the rules about them.

    A thread holds `turn` while it signs: asn1crypto parses lazily, and two threads must not parse
    one certificate.
    """

    key: SealKey
    trust: TrustRoots
    tsa: TimestampAuthority
    revocation: Revocation
    clock: Clock
    turn: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    def status(self) -> RevocationEvidence:
        """Return evidence that the certificate is good now; asked before each signature (NĐ
        23/2025/NĐ-CP, điều 15).

        Raises :class:`signing.errors.KeyRefused` (not in its time),
        :class:`signing.errors.SealRefused` and its children,
        :class:`archive.base.errors.Unavailable` (component `OCSP` or `CRL`).
        """
        now = self.clock.now()
        self.key.check(now)
        try:
            path = self.trust.path(self.key.certificate, self.key.chain, now)
        except Untrusted as error:
            raise SealRefused(
                why_vi="chứng thư của cơ sở không dẫn tới gốc tin cậy nào",
                why_en="the facility's certificate leads to no trusted root",
            ) from error
        return self.revocation.evidence(path)

    def sign(self, attributes: cms.SignedAttributes) -> bytes:
        """Return the signature value over `attributes`."""
        return self.key.sign(attributes.der)

    def stamp(self, digest: bytes) -> Timestamp:
        """Have a SHA-256 digest timestamped; raises Unavailable (component `TSA`), SealRefused
        where clocks differ.
        """
        request = self.tsa.request(digest)
        return self.read_stamp(request, self.tsa.fetch(request))

    def read_stamp(self, request: TimestampRequest, answer: bytes) -> Timestamp:
        """Return the timestamp in the TSA's `answer`; raises as :meth:`stamp`."""
        stamp = self.tsa.read(request, answer)
        if abs(stamp.gen_time - self.clock.now()) > MAX_SKEW:
            raise SealRefused(
                why_vi="đồng hồ máy chủ và TSA lệch nhau quá 5 phút",
                why_en="this machine's clock and the TSA's differ by more than 5 minutes",
            )
        return stamp

    def stamp_signature(self, value: bytes) -> Timestamp:
        """Have a signature value timestamped (EN 319 122-1, 5.3); raises as :meth:`stamp`."""
        return self.stamp(hashlib.sha256(value).digest())

    def evidence_for(self, stamp: Timestamp, evidence: RevocationEvidence) -> RevocationEvidence:
        """Return `evidence` with what shows that the TSA's certificates were good; raises as
        :meth:`status`.
        """
        return evidence.with_(self.revocation.evidence(stamp.path))
