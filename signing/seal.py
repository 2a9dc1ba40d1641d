"""The seal: a facility's PAdES baseline signature (ETSI EN 319 142-1) on a PDF, complete or not made at all."""

from dataclasses import dataclass
from datetime import datetime

from archive.clock import VIETNAM, Clock
from signing import cms, revisions
from signing.baseline import BaselineLevel
from signing.errors import SealRefused
from signing.keys.signer import SealKey
from signing.revisions import ContainerTooSmall, Signature, ValidationData
from signing.revocation import Evidence, Revocation
from signing.selfcheck import check_seal
from signing.signatory import Signatory
from signing.timestamps import Timestamp, TimestampAuthority
from signing.trust import TrustRoots

__all__ = ["BaselineLevel", "Sealed", "Sealer"]

FIELD_NAME = "Kho"
_SLACK = 64  # tokens differ by a few bytes: a serial number's length, fractions of a second


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed PDF. `sealed_at` is the signature timestamp's `genTime`; at level B-B, Kho's own clock's time."""

    data: bytes
    level: BaselineLevel
    sealed_at: datetime


class Sealer:
    """Seals with one key. What is asked of servers about certificates is kept while it is fresh.

    `signatory` is who signs; packets are signed by the same (:func:`signing.cades.sign_detached`).
    """

    def __init__(
        self, key: SealKey, trust: TrustRoots, tsa: TimestampAuthority, revocation: Revocation, clock: Clock
    ) -> None:
        self.signatory = Signatory(key, trust, tsa, revocation, clock)

    def seal(
        self,
        pdf: bytes,
        *,
        claimed_at: datetime,
        field_name: str = FIELD_NAME,
        reason: str | None = None,
        name: str | None = None,
        level: BaselineLevel = BaselineLevel.B_LTA,
    ) -> Sealed:
        """Return `pdf` with a seal appended; its own bytes stay as they are, at the front.

        `claimed_at` is written into /M to the second, Viet Nam time: the time that the page prints. Nothing is returned
        unless the result was read back and is what was asked for.

        Raises :class:`signing.errors.KeyRefused` (expired), :class:`signing.errors.SealRefused` and its children
        (revoked, signed already), :class:`archive.errors.Unavailable` (component `TSA`, `OCSP` or `CRL`),
        :class:`archive.errors.Unreadable`.
        """
        evidence = self.signatory.status()
        signature = Signature(field_name, claimed_at.astimezone(VIETNAM).replace(microsecond=0), reason, name)
        for _ in range(2):
            try:
                sealed = self._seal_once(pdf, signature, evidence, level)
            except ContainerTooSmall:
                continue  # by now the authority knows how large its tokens are
            check_seal(pdf, sealed.data, self.signatory.key.certificate, level)
            return sealed
        raise SealRefused(why_vi="dấu thời gian lớn bất thường", why_en="the timestamps are of unforeseeable size")

    def _seal_once(self, pdf: bytes, signature: Signature, evidence: Evidence, level: BaselineLevel) -> Sealed:
        signatory = self.signatory
        stream = revisions.start(pdf)
        stamps: list[Timestamp] = []

        def sign(digest: bytes) -> bytes:
            attributes = cms.signed_attributes(signatory.key.certificate, digest)
            value = signatory.sign(attributes)
            if level.timestamped:
                stamps.append(signatory.stamp_signature(value))
            return self._container(attributes, value, [stamp.der for stamp in stamps])

        def stamp(digest: bytes) -> bytes:
            stamps.append(signatory.stamp(digest))
            return stamps[-1].der

        room = signatory.tsa.token_size + _SLACK
        revisions.append_signature(stream, signature, self._signature_room(level, room), sign)
        if level.long_term:
            data = self._validation_data(signatory.evidence_for(stamps[0], evidence), stamps[0])
            if level is BaselineLevel.B_LTA:
                revisions.append_timestamp(stream, data, f"{signature.field_name}Timestamp", room, stamp)
                if stamps[1].path != stamps[0].path:
                    raise SealRefused(
                        why_vi="TSA vừa đổi chứng thư", why_en="the TSA changed its certificate in between"
                    )
            else:
                revisions.append_validation_data(stream, data)
        return Sealed(stream.getvalue(), level, stamps[0].gen_time if stamps else signatory.clock.now())

    def _container(self, attributes: cms.SignedAttributes, value: bytes, tokens: list[bytes]) -> bytes:
        unsigned = [cms.timestamp_attribute(token) for token in tokens]
        return cms.detached(self.signatory.key, attributes, value, unsigned=unsigned)

    def _signature_room(self, level: BaselineLevel, token_room: int) -> int:
        """Return how many bytes the CMS takes, found by building one of zeros: no dry run of key and TSA."""
        certificate = self.signatory.key.certificate
        attributes = cms.signed_attributes(certificate, bytes(32))
        value = bytes(certificate.public_key.bit_size // 8)
        return len(self._container(attributes, value, [bytes(token_room)] if level.timestamped else []))

    def _validation_data(self, evidence: Evidence, stamp: Timestamp) -> ValidationData:
        """Return what is not in the file yet: the CMS and the token bring their certificates, but no roots.

        The root is there for readers who look for a CRL's issuer among the file's certificates, as pyHanko does; being
        in the file makes nobody trust it.
        """
        key = self.signatory.key
        there = {one.sha256 for one in (key.certificate, *key.chain, *stamp.certificates) if not cms.is_root(one)}
        missing = (one.dump() for one in evidence.certificates if one.sha256 not in there)
        return ValidationData(tuple(missing), evidence.ocsps, evidence.crls)
