"""Whether a certificate is trusted at a given moment: pyhanko-certvalidator, offline, with the
file's own evidence.

pyHanko's own long-term validation follows the real clock and fails once a CA has expired
(reference: its `handle_certvalidator_errors`). Here each check names its moment, and the moments
come from the proven times of the file (`moments.py`), so an expired CA does no harm where a
timestamp proves that everything existed before.
"""

from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property

from asn1crypto import x509
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors
from pyhanko_certvalidator.policy_decl import (
    NO_REVOCATION,
    REQUIRE_REVINFO,
    CertRevTrustPolicy,
    FreshnessReqType,
)
from pyhanko_certvalidator.registry import CertificateRegistry, SimpleTrustManager

from signing.algorithms import ALGORITHMS
from signing.status_statements import StatusStatements
from signing.trust import TrustRoots
from signing.validation.certificates.chain_fast_path import ChainFastPath
from signing.validation.certificates.evidence import ChainEvidence
from signing.validation.certificates.plain_certificates import Asked
from signing.validation.facts import ChainProblem

_MOST_PARTS = 32


SIGNER = KeyUsageConstraints(
    key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
)
TIMESTAMP_AUTHORITY = KeyUsageConstraints(extd_key_usage={"time_stamping"})  # RFC 3161, 2.3


class Revocation(Enum):
    """What the revocation evidence must show, for every certificate but the root; CRL and OCSP
    count alike.
    """

    # It speaks for the moment: made before it with nextUpdate not passed, or made after it (EN 319
    # 102-1, 5.2.5).
    FRESH = CertRevTrustPolicy(REQUIRE_REVINFO, retroactive_revinfo=True)
    # It may be old; what it says about revocation before the moment counts.
    ANY_AGE = CertRevTrustPolicy(
        REQUIRE_REVINFO,
        freshness=timedelta(days=36500),
        freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
    )
    NOT_ASKED = CertRevTrustPolicy(NO_REVOCATION)


# The same policies for plain chains.
_PLAINLY = {
    Revocation.FRESH: Asked(required=True, current=True),
    Revocation.ANY_AGE: Asked(required=True, current=False),
    Revocation.NOT_ASKED: Asked(required=False, current=False),
}


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked about one certificate."""

    certificate: x509.Certificate
    moment: datetime
    usage: KeyUsageConstraints
    revocation: Revocation


@dataclass(frozen=True)
class Chains:
    """Checks certificates against `trust` with `evidence`."""

    trust: TrustRoots
    evidence: ChainEvidence

    async def problem(
        self,
        certificate: x509.Certificate,
        moment: datetime,
        usage: KeyUsageConstraints,
        revocation: Revocation,
    ) -> ChainProblem | None:
        """Return why `certificate` is not trusted at `moment`, or None where it is."""
        if self._plain.sound(certificate.dump(), moment, _PLAINLY[revocation]) and _serves(
            certificate, usage
        ):
            return None
        return await self.judged(certificate, moment, usage, revocation)

    async def judged(
        self,
        certificate: x509.Certificate,
        moment: datetime,
        usage: KeyUsageConstraints,
        revocation: Revocation,
    ) -> ChainProblem | None:
        """Return what pyhanko-certvalidator says, plain chain or not."""
        question = _Question(certificate, moment, usage, revocation)
        try:
            if await self._leads_nowhere(question):
                return ChainProblem.NO_CHAIN
            return await self._judged(self.evidence, question)
        except MemoryError:
            raise  # says nothing about the chain
        except Exception:  # noqa: BLE001 - see _parts: errors of all kinds
            return await self._judged_in_parts(question)

    async def _judged_in_parts(self, question: _Question) -> ChainProblem | None:
        """Return what certvalidator says to the parts of the evidence that it can work with: a
        revocation in any of them counts, else the best.
        """
        answers: list[ChainProblem | None] = []
        for evidence in _parts(self.evidence):
            try:
                answers.append(await self._judged(evidence, question))
            except MemoryError:
                raise  # as above
            except Exception:  # noqa: BLE001, S112 - as above
                continue
        best = None if None in answers else next(iter(answers), ChainProblem.OTHER)
        revoked = {ChainProblem.REVOKED, ChainProblem.CA_REVOKED}
        return next((answer for answer in answers if answer in revoked), best)

    async def _leads_nowhere(self, question: _Question) -> bool:
        """Return if no path leads to a root, at any moment. Then what CRLs and OCSP responses say
        is not asked: a file may hold hundreds.
        """
        certificate = question.certificate.sha256
        if certificate not in self._nowhere:
            alone = ChainEvidence(self.evidence.certificates)
            asked = replace(question, revocation=Revocation.NOT_ASKED)
            problem = await self._judged(alone, asked)
            self._nowhere[certificate] = problem is ChainProblem.NO_CHAIN
        return self._nowhere[certificate]

    async def _judged(self, evidence: ChainEvidence, question: _Question) -> ChainProblem | None:
        context = self._context(evidence, question.moment, question.revocation)
        async with aclosing(context):
            try:
                await CertificateValidator(
                    question.certificate, validation_context=context
                ).async_validate_path()
                question.usage.validate(question.certificate)
            except (errors.ValidationError, errors.PathError) as error:
                return _problem(error)
        return None

    @cached_property
    def _plain(self) -> ChainFastPath:
        return ChainFastPath(
            (anchor.dump() for anchor in self.trust.anchors),
            (certificate.dump() for certificate in self.evidence.certificates),
            [crl.dump() for crl in self.evidence.crls],
            [response.dump() for response in self.evidence.ocsps],
        )

    @cached_property
    def _nowhere(self) -> dict[bytes, bool]:
        return {}

    @cached_property
    def _registry(self) -> CertificateRegistry:
        registry: CertificateRegistry = CertificateRegistry.build(self.evidence.certificates)
        return registry

    def _context(
        self, evidence: ChainEvidence, moment: datetime, revocation: Revocation
    ) -> ValidationContext:
        asked = revocation is not Revocation.NOT_ASKED
        registry = self._registry
        statements = StatusStatements(
            registry, evidence.crls if asked else (), evidence.ocsps if asked else ()
        )
        return ValidationContext(
            trust_manager=SimpleTrustManager.build(trust_roots=list(self.trust.anchors)),
            certificate_registry=registry,
            revinfo_manager=statements,
            moment=moment,
            best_signature_time=moment,
            allow_fetching=False,
            revinfo_policy=revocation.value,
            algorithm_usage_policy=ALGORITHMS,
        )


def _parts(evidence: ChainEvidence) -> Iterator[ChainEvidence]:
    """Yield parts of the evidence, for certvalidator fails on what it did not expect: an OCSP
    response that names its issuer by SHA-384, a key on a curve that OpenSSL lacks.

    Such a statement proves nothing, and the others may be enough.
    """
    certificates, crls, ocsps = evidence.certificates, evidence.crls, evidence.ocsps
    if len(crls) + len(ocsps) <= _MOST_PARTS:
        for at in range(len(ocsps)):
            yield ChainEvidence(certificates, crls, ocsps[:at] + ocsps[at + 1 :])
        for at in range(len(crls)):
            yield ChainEvidence(certificates, crls[:at] + crls[at + 1 :], ocsps)
    yield ChainEvidence(certificates, crls)
    yield ChainEvidence(certificates, (), ocsps)
    yield ChainEvidence(certificates)


def _serves(certificate: x509.Certificate, usage: KeyUsageConstraints) -> bool:
    try:
        usage.validate(certificate)
    except errors.InvalidCertificateError:
        return False
    return True


def _problem(error: errors.ValidationError | errors.PathError) -> ChainProblem:
    """Name a certvalidator error; the order matters, some are kinds of others."""
    own = (
        isinstance(error, errors.PathValidationError)
        and error.is_ee_cert
        and not error.is_side_validation
    )
    match error:
        case errors.PathBuildingError():
            return ChainProblem.NO_CHAIN
        case errors.ExpiredError():
            return ChainProblem.EXPIRED if own else ChainProblem.CA_EXPIRED
        case errors.NotYetValidError():
            return ChainProblem.NOT_YET_VALID
        case errors.RevokedError() if not error.is_side_validation:
            return ChainProblem.REVOKED if own else ChainProblem.CA_REVOKED
        case errors.StaleRevinfoError():
            return ChainProblem.EVIDENCE_STALE
        case errors.InsufficientRevinfoError():
            return ChainProblem.EVIDENCE_MISSING
        case errors.DisallowedAlgorithmError():
            return ChainProblem.WEAK_ALGORITHM
        case errors.InvalidCertificateError() if "self-signed" in error.failure_msg:
            # certvalidator's words for a root that is not among the trusted ones
            return ChainProblem.NO_CHAIN
        case errors.InvalidCertificateError():
            return ChainProblem.WRONG_USAGE
        case _:
            return ChainProblem.OTHER
