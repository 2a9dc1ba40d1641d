"""The seal: a facility's PAdES baseline signature (ETSI EN 319 142-1) on a PDF, complete or not
made at all.
"""

import hashlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archive.base.clock import VIETNAM, Clock
from signing import cms, revisions
from signing.baseline import BaselineLevel
from signing.concurrent_requests import run_concurrently
from signing.errors import SealRefused
from signing.keys.signer import SealKey
from signing.revisions import (
    NO_WORDS,
    ContainerTooSmall,
    SealWords,
    Signature,
    ValidationData,
)
from signing.revocation import Revocation, RevocationEvidence
from signing.selfcheck import check_seal
from signing.signing_context import SigningContext
from signing.timestamps import Timestamp, TimestampAuthority, TimestampRequest
from signing.trust import TrustRoots

__all__ = ["BaselineLevel", "SealWords", "Sealed", "Sealer", "Unsealed"]

FIELD_NAME = "Kho"
_SLACK = 64  # tokens differ by a few bytes: a serial number's length, fractions of a second
_IN_FLIGHT = 8  # timestamp requests at once: few TSAs accept more from one customer


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A PDF that is to be sealed, and what its signature says.

    `claimed_at` is written into /M to the second, Viet Nam time: the time that the page prints.
    """

    pdf: bytes
    claimed_at: datetime
    field_name: str = FIELD_NAME
    words: SealWords = NO_WORDS
    level: BaselineLevel = BaselineLevel.B_LTA


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed PDF.

    `sealed_at` is the signature timestamp's `genTime`; at level B-B, Kho's own clock's time.
    """

    data: bytes
    level: BaselineLevel
    sealed_at: datetime


# a seal on its way: asks for timestamps, ends in a sealed PDF
_Course = Generator[TimestampRequest, bytes, Sealed]


class Sealer:
    """Seals with one key. The servers' answers about certificates are cached while they are fresh.

    Safe to share between threads, which wait for each other: for speed use processes.

    `signing_context` makes the signatures; it also signs packets
    (:func:`signing.cades.sign_detached`).
    """

    def __init__(
        self,
        key: SealKey,
        trust: TrustRoots,
        tsa: TimestampAuthority,
        revocation: Revocation,
        clock: Clock,
    ) -> None:
        self.signing_context = SigningContext(key, trust, tsa, revocation, clock)

    def seal(
        self,
        pdf: bytes,
        *,
        claimed_at: datetime,
        field_name: str = FIELD_NAME,
        words: SealWords = NO_WORDS,
        level: BaselineLevel = BaselineLevel.B_LTA,
    ) -> Sealed:
        """Return `pdf` with a seal appended; its own bytes stay as they are, at the front.

        See :class:`Unsealed`.

        Kho reads the result back before it returns it, and raises unless it is the requested seal.

        Raises :class:`signing.errors.KeyRefused` (expired), :class:`signing.errors.SealRefused` and
        its children (revoked, signed already), :class:`archive.base.errors.Unavailable` (component
        `TSA`, `OCSP` or `CRL`), :class:`archive.base.errors.Unreadable`.
        """
        with self.signing_context.turn:
            course = self._course(Unsealed(pdf, claimed_at, field_name, words, level))
            try:
                request = next(course)
                while True:
                    request = course.send(self.signing_context.tsa.fetch(request))
            except StopIteration as end:
                sealed: Sealed = end.value
                return sealed

    def seal_all(self, papers: Iterable[Unsealed]) -> Iterator[Sealed]:
        """Yield each paper sealed, in their order: while one waits for the TSA, work goes on on the
        next ones.

        Raises as :meth:`seal`, for the first paper that cannot be sealed.
        """
        with self.signing_context.turn:
            yield from self._in_flight(papers)

    def _in_flight(self, papers: Iterable[Unsealed]) -> Iterator[Sealed]:
        tsa = self.signing_context.tsa
        # Until the TSA is known, room for its tokens is a guess: one seal alone, so that no others
        # get too much room.
        return run_concurrently(
            map(self._course, papers), tsa.fetch, lambda: _IN_FLIGHT if tsa.is_known else 1
        )

    def _course(self, paper: Unsealed) -> _Course:
        evidence = self.signing_context.status()
        for _ in range(2):
            try:
                sealed = yield from self._attempt(paper, evidence)
            except ContainerTooSmall:
                continue  # by now the authority knows how large its tokens are
            check_seal(paper.pdf, sealed.data, self.signing_context.key.certificate, paper.level)
            return sealed
        raise SealRefused(
            why_vi="dấu thời gian lớn bất thường", why_en="the timestamps are unusually large"
        )

    def _attempt(self, paper: Unsealed, evidence: RevocationEvidence) -> _Course:
        signing_context, level = self.signing_context, paper.level
        claimed_at = paper.claimed_at.astimezone(VIETNAM).replace(microsecond=0)
        signature = Signature(paper.field_name, claimed_at, paper.words)
        room = signing_context.tsa.token_size + _SLACK
        draft = revisions.start(paper.pdf)
        revision = revisions.begin_signature(draft, signature, self._signature_room(level, room))
        attributes = cms.signed_attributes(signing_context.key.certificate, revision.digest)
        value = signing_context.sign(attributes)
        if not level.timestamped:
            revision.complete(self._container(attributes, value, []))
            return Sealed(draft.getvalue(), level, signing_context.clock.now())
        stamp = yield from self._stamp(hashlib.sha256(value).digest())
        revision.complete(self._container(attributes, value, [stamp.der]))
        if level.long_term:
            data = self._validation_data(signing_context.evidence_for(stamp, evidence), stamp)
            if level is BaselineLevel.B_LTA:
                revision = revisions.begin_timestamp(
                    draft, data, f"{paper.field_name}Timestamp", room
                )
                archiving = yield from self._stamp(revision.digest)
                if archiving.path != stamp.path:
                    raise SealRefused(
                        why_vi="TSA vừa đổi chứng thư",
                        why_en="the TSA has just changed its certificate",
                    )
                revision.complete(archiving.der)
            else:
                revisions.append_validation_data(draft, data)
        return Sealed(draft.getvalue(), level, stamp.gen_time)

    def _stamp(self, digest: bytes) -> Generator[TimestampRequest, bytes, Timestamp]:
        request = self.signing_context.tsa.request(digest)
        answer = yield request
        return self.signing_context.read_stamp(request, answer)

    def _container(
        self, attributes: cms.SignedAttributes, value: bytes, tokens: list[bytes]
    ) -> bytes:
        unsigned = [cms.timestamp_attribute(token) for token in tokens]
        return cms.detached(self.signing_context.key, attributes, value, unsigned=unsigned)

    def _signature_room(self, level: BaselineLevel, token_room: int) -> int:
        """Return how many bytes the CMS takes, found by building one of zeros: no dry run of key
        and TSA.
        """
        certificate = self.signing_context.key.certificate
        attributes = cms.signed_attributes(certificate, bytes(32))
        value = bytes(certificate.public_key.bit_size // 8)
        return len(
            self._container(attributes, value, [bytes(token_room)] if level.timestamped else [])
        )

    def _validation_data(self, evidence: RevocationEvidence, stamp: Timestamp) -> ValidationData:
        """Return what is not in the file yet: the CMS and the token bring their certificates, but
        no roots.

        The root is included for readers that look for a CRL's issuer among the file's certificates,
        as pyHanko does. A reader does not trust a root because it is in the file.
        """
        key = self.signing_context.key
        there = {
            certificate.sha256
            for certificate in (key.certificate, *key.chain, *stamp.certificates)
            if not cms.is_root(certificate)
        }
        missing = (
            certificate.dump()
            for certificate in evidence.certificates
            if certificate.sha256 not in there
        )
        return ValidationData(tuple(missing), evidence.ocsps, evidence.crls)
