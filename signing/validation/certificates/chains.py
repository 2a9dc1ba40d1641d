"""Whether a certificate is trusted at a given moment: pyhanko-certvalidator, offline, with the
file's own evidence.

pyHanko's own long-term validation follows the real clock and fails once a CA has expired
(reference: its `handle_certvalidator_errors`). Here each check names its moment, and the moments
come from the proven times of the file (`moments.py`), so an expired CA does no harm where a
timestamp proves that everything existed before.
"""

from contextlib import aclosing
from dataclasses import dataclass
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
    DisallowWeakAlgorithmsPolicy,
    FreshnessReqType,
)
from pyhanko_certvalidator.registry import SimpleTrustManager

from signing.trust import TrustRoots
from signing.validation.certificates.chain_fast_path import Asked, ChainFastPath
from signing.validation.certificates.evidence import ChainEvidence
from signing.validation.facts import ChainProblem

# no MD5, no SHA-1, RSA >= 2048 bits (TT 15/2025/TT-BKHCN, phụ lục I)
ALGORITHMS = DisallowWeakAlgorithmsPolicy()
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
        async with aclosing(self._context(moment, revocation)) as context:
            try:
                await CertificateValidator(
                    certificate, validation_context=context
                ).async_validate_path()
                usage.validate(certificate)
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

    def _context(self, moment: datetime, revocation: Revocation) -> ValidationContext:
        asked = revocation is not Revocation.NOT_ASKED
        return ValidationContext(
            trust_manager=SimpleTrustManager.build(trust_roots=list(self.trust.anchors)),
            other_certs=self.evidence.certificates,
            crls=self.evidence.crls if asked else (),
            ocsps=self.evidence.ocsps if asked else (),
            moment=moment,
            best_signature_time=moment,
            allow_fetching=False,
            revinfo_policy=revocation.value,
            algorithm_usage_policy=ALGORITHMS,
        )


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
