"""Each signature asked about at the two moments that matter.

A signature made at `used_at` is only known to have existed by `proven_at`: the time of the next
document timestamp, or now. Its certificate must have been good at the first, and nothing may have
spoiled the proof before the second (ETSI EN 319 102-1, 5.6.2: past signature validation, with the
document timestamps as evidence record).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import x509
from pyhanko.sign.fields import SigSeedSubFilter

from signing.baseline import BaselineLevel
from signing.trust import TrustRoots
from signing.validation.certificates.chains import SIGNER, TIMESTAMP_AUTHORITY, Chains, Revocation
from signing.validation.certificates.evidence import ChainEvidence
from signing.validation.cms_value.tokens import Token, token_facts
from signing.validation.facts import (
    ChainFacts,
    ChainProblem,
    SignatureFacts,
    SignatureKind,
    TokenFacts,
)
from signing.validation.pdf.signatures import Signature

CLOCK_TOLERANCE = timedelta(minutes=5)  # between two servers' clocks


@dataclass(frozen=True, slots=True)
class Moments:
    """All signatures of a file, the security store as of each revision, the trust roots, and the
    time now.
    """

    signatures: Sequence[Signature]
    stores: Mapping[int, ChainEvidence]
    trust: TrustRoots
    at: datetime

    async def facts(self, signature: Signature) -> SignatureFacts:
        """Return what is found about `one`."""
        proven_at = (signature.covered_by.made_at if signature.covered_by else None) or self.at
        stamp = None
        if signature.timestamp is not None:
            stamp = await self._token(
                signature, signature.timestamp, signature.timestamp.time or proven_at, proven_at
            )
        token = await self._token(
            signature, signature.token, signature.made_at or proven_at, proven_at
        )
        return SignatureFacts(
            field=signature.embedded.field_name,
            kind=signature.kind,
            revision=signature.revision,
            token=token,
            claimed_time=signature.claimed_time,
            timestamp=stamp,
            level=self._level(signature, token, stamp)
            if signature.kind is SignatureKind.SEAL
            else None,
        )

    async def _token(
        self, signature: Signature, token: Token, used_at: datetime, proven_at: datetime
    ) -> TokenFacts:
        chain = None
        if token.certificate is not None:
            chain = await self._chain(
                signature, token.certificate, token.time is None, used_at, proven_at
            )
        return token_facts(token, chain)

    async def _chain(
        self,
        signature: Signature,
        certificate: x509.Certificate,
        signs: bool,
        used_at: datetime,
        proven_at: datetime,
    ) -> ChainFacts:
        cover = signature.covered_by
        store = self.stores[cover.revision if cover else max(self.stores)]
        brought = [
            found
            for other in self.signatures
            for token in other.tokens
            for found in token.certificates
        ]
        chains = Chains(
            self.trust, store.known_by(proven_at + CLOCK_TOLERANCE).with_certificates(brought)
        )
        usage = SIGNER if signs else TIMESTAMP_AUTHORITY
        # Nothing later covers the last document timestamp, and it covers its own evidence. A second
        # check of that evidence when it is old would show nothing new. It remains to check that its
        # certificates are still valid.
        alone = signature.kind is SignatureKind.DOCUMENT_TIMESTAMP and cover is None
        later = Revocation.NOT_ASKED if alone else Revocation.ANY_AGE
        return ChainFacts(
            used_at=used_at,
            when_used=await chains.problem(certificate, used_at, usage, Revocation.FRESH),
            proven_at=proven_at,
            when_proven=await chains.problem(certificate, proven_at, usage, later),
        )

    def _level(
        self, signature: Signature, token: TokenFacts, stamp: TokenFacts | None
    ) -> BaselineLevel | None:
        """Return the baseline level by what is there; whether it is sound is for the verdict (EN
        319 142-1, 6).
        """
        subfilter = signature.embedded.sig_object["/SubFilter"]
        if subfilter != SigSeedSubFilter.PADES.value or not signature.token.names_its_certificate:
            return None
        if stamp is None:
            return BaselineLevel.B_B
        # The evidence must be in another revision than the seal, else EU DSS calls the file B-T.
        before = (
            self.stores[signature.revision - 1].revocation if signature.revision else frozenset()
        )
        own = self.stores[signature.revision].revocation - before
        if (
            not self.stores[max(self.stores)].revocation - own
            or _lacks_evidence(token)
            or _lacks_evidence(stamp)
        ):
            return BaselineLevel.B_T
        archived = any(
            other.kind is SignatureKind.DOCUMENT_TIMESTAMP
            and self.stores[other.revision].revocation - own
            for other in self.signatures
            if other.revision > signature.revision
        )
        return BaselineLevel.B_LTA if archived else BaselineLevel.B_LT


def _lacks_evidence(token: TokenFacts) -> bool:
    return token.chain is None or token.chain.when_used is ChainProblem.EVIDENCE_MISSING
