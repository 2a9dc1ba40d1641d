"""Each signature asked about at the two moments that matter.

A signature made at `used_at` is only known to have existed by `proven_at`: the time of the next
document timestamp, or now. Its certificate must have been good at the first, and nothing may have
spoiled the proof before the second (ETSI EN 319 102-1, 5.6.2: past signature validation, with the
document timestamps as evidence record).
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from asn1crypto import x509

from signing.baseline import BaselineLevel
from signing.trust import TrustRoots
from signing.validation.certificates.chains import SIGNER, TIMESTAMP_AUTHORITY, Chains, Revocation
from signing.validation.certificates.evidence import ChainEvidence, evidence_of
from signing.validation.cms_value.brought import brought_evidence
from signing.validation.cms_value.tokens import Token, token_facts
from signing.validation.facts import (
    ChainFacts,
    ChainProblem,
    SignatureFacts,
    SignatureKind,
    TokenFacts,
)
from signing.validation.pdf.history import History
from signing.validation.pdf.signatures import Signature
from signing.validation.pdf.store import SecurityStore

CLOCK_TOLERANCE = timedelta(minutes=5)  # between two servers' clocks


@dataclass(frozen=True, slots=True)
class _Proof:
    """By when all bytes up to `end` existed, and what the evidence in them says of chains."""

    end: int
    moment: datetime
    chains: Chains


@dataclass(frozen=True)
class Moments:
    """All signatures of a file, its history, the trust roots, and the time now."""

    signatures: Sequence[Signature]
    history: History
    trust: TrustRoots
    at: datetime

    async def all_facts(self) -> tuple[SignatureFacts, ...]:
        """Return what is found about each signature, oldest first."""
        return tuple([await self._facts(signature) for signature in self.signatures])

    async def _facts(self, signature: Signature) -> SignatureFacts:
        stamp = None
        if signature.timestamp is not None:
            stamp = await self._token(signature, signature.timestamp)
        token = await self._token(signature, signature.token)
        is_seal = signature.kind is SignatureKind.SEAL
        changes = self.history.steps.get(signature.end, frozenset())
        return SignatureFacts(
            field=signature.name,
            kind=signature.kind,
            end=signature.end,
            token=token,
            claimed_time=signature.value.claimed_time,
            timestamp=stamp,
            level=self._level(signature, token, stamp) if is_seal else None,
            is_shown=signature.is_shown,
            flaws=frozenset(signature.flaws),
            changes=tuple(sorted(changes)),
        )

    async def _token(self, signature: Signature, token: Token) -> TokenFacts:
        if token.certificate is None:
            return token_facts(token, None)
        first = None
        for proof in self._proofs(signature):
            chain = await self._chain(signature, token, token.certificate, proof)
            answer = token_facts(token, chain)
            if chain.when_used is None and chain.when_proven is None:
                return answer
            first = first or answer
        assert first is not None  # there is always one proof: now
        return first

    def _proofs(self, signature: Signature) -> list[_Proof]:
        """Return the proofs in order: each document timestamp after the signature, then now.

        The first that finds nothing wrong is enough. A later one brings the evidence that was
        added later, but asks the certificates to have lasted longer.
        """
        return [proof for proof in self._all_proofs if proof.end > signature.end]

    @cached_property
    def _all_proofs(self) -> list[_Proof]:
        """A statement from after the timestamp that covers it is a forgery or a broken clock."""
        proofs: list[_Proof] = []
        seen: set[bytes] = set()
        evidence = ChainEvidence()
        waiting = list(self.signatures)  # whose own CMS brings evidence, too
        last = [(sys.maxsize, self.at, self.history.newest)]
        for end, moment, store in [*self._covered(), *last]:
            fresh = store.without(seen)
            seen.update(fresh.everything)
            parsed = evidence_of(fresh.certificates, fresh.ocsps, fresh.crls)
            for signature in [each for each in waiting if each.end < end]:
                waiting.remove(signature)
                parsed = parsed.and_also(brought_evidence(signature.token.signed_data))
            evidence = evidence.and_also(parsed.known_by(moment + CLOCK_TOLERANCE))
            chains = Chains(self.trust, evidence.with_certificates(self._brought))
            proofs.append(_Proof(end, moment, chains))
        return proofs

    def _covered(self) -> Iterator[tuple[int, datetime, SecurityStore]]:
        for stamp in self.signatures:
            moment = stamp.made_at
            if stamp.kind is SignatureKind.DOCUMENT_TIMESTAMP and moment is not None:
                yield stamp.end, moment, self.history.stores[stamp.end]

    async def _chain(
        self, signature: Signature, token: Token, certificate: x509.Certificate, proof: _Proof
    ) -> ChainFacts:
        is_stamp = token.time is not None
        used_at = (token.time if is_stamp else signature.made_at) or proof.moment
        chains = proof.chains
        usage = TIMESTAMP_AUTHORITY if is_stamp else SIGNER
        # Nothing later covers the last document timestamp, and it covers its own evidence. A second
        # check of that evidence when it is old would show nothing new. It remains to check that its
        # certificates are still valid.
        alone = signature.kind is SignatureKind.DOCUMENT_TIMESTAMP and not signature.later
        later = Revocation.NOT_ASKED if alone else Revocation.ANY_AGE
        return ChainFacts(
            used_at=used_at,
            when_used=await chains.problem(certificate, used_at, usage, Revocation.FRESH),
            proven_at=proof.moment,
            when_proven=await chains.problem(certificate, proof.moment, usage, later),
        )

    @cached_property
    def _brought(self) -> list[x509.Certificate]:
        """The certificates that lie in the signatures themselves, each once."""
        by_der = {
            certificate.dump(): certificate
            for signature in self.signatures
            for token in signature.tokens
            for certificate in token.certificates
        }
        return list(by_der.values())

    def _level(
        self, signature: Signature, token: TokenFacts, stamp: TokenFacts | None
    ) -> BaselineLevel | None:
        """Return the baseline level by what is there; whether it is sound is for the verdict (EN
        319 142-1, 6).
        """
        if (
            signature.value.subfilter != "/ETSI.CAdES.detached"
            or not signature.token.names_its_certificate
        ):
            return None
        if stamp is None:
            return BaselineLevel.B_B
        # The evidence must be in another revision than the seal, else EU DSS calls the file B-T.
        stores = self.history.stores
        before = self.history.store_before(signature.end).revocation
        own = stores[signature.end].revocation - before
        if (
            not self.history.newest.revocation - own
            or _lacks_evidence(token)
            or _lacks_evidence(stamp)
        ):
            return BaselineLevel.B_T
        archived = any(stores[other.end].revocation - own for other in signature.later)
        return BaselineLevel.B_LTA if archived else BaselineLevel.B_LT


def _lacks_evidence(token: TokenFacts) -> bool:
    return token.chain is None or token.chain.when_used is ChainProblem.EVIDENCE_MISSING
