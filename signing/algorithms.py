"""Which algorithms and keys are strong enough, and whether a signature's value fits: for what Kho
seals and for what it validates.
"""

from datetime import datetime

from asn1crypto import algos, keys
from cryptography.exceptions import InvalidSignature
from pyhanko_certvalidator.errors import (
    AlgorithmNotSupported,
    DSAParametersUnavailable,
    PSSParameterMismatch,
)
from pyhanko_certvalidator.policy_decl import (
    AlgorithmUsageConstraint,
    AlgorithmUsagePolicy,
    DisallowWeakAlgorithmsPolicy,
)
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    DefaultSignatureValidator,
    SignatureValidationContext,
    SignatureValidator,
)

_MIN_EC_BITS = 256


class StrongAlgorithms(DisallowWeakAlgorithmsPolicy):
    """No MD5, no SHA-1, RSA of 2048 bits, ECDSA of 256 (TT 15/2025/TT-BKHCN, phụ lục I)."""

    def signature_algorithm_allowed(
        self,
        algo: algos.SignedDigestAlgorithm,
        moment: datetime | None,
        public_key: keys.PublicKeyInfo | None,
    ) -> AlgorithmUsageConstraint:
        """Judge one algorithm, with the key where it is known."""
        if public_key is not None and public_key.algorithm == "ec" and _is_small(public_key):
            return AlgorithmUsageConstraint(allowed=False, failure_reason="a small curve")
        return super().signature_algorithm_allowed(algo, moment, public_key)


def _is_small(key: keys.PublicKeyInfo) -> bool:
    """Tell whether an EC key is too small, or its curve is not one of those with a name."""
    try:
        return bool(key.bit_size < _MIN_EC_BITS)
    except (ValueError, KeyError, TypeError):
        return True


ALGORITHMS: AlgorithmUsagePolicy = StrongAlgorithms()  # type: ignore[no-untyped-call] # pyHanko's


def is_strong_digest(name: str) -> bool:
    """Return whether a digest algorithm (`sha256`) is strong enough."""
    return bool(
        ALGORITHMS.digest_algorithm_allowed(algos.DigestAlgorithm({"algorithm": name}), None)
    )


class UnknownAlgorithm(ValueError):
    """A signature algorithm, a curve or parameters that Kho cannot check."""


def verifies(
    signature: bytes,
    signed: bytes,
    key: keys.PublicKeyInfo,
    algorithm: algos.SignedDigestAlgorithm,
    digest: str | None,
    *,
    prehashed: bool = False,
) -> bool:
    """Return whether `signature` was made over `signed` with the private part of `key`.

    `digest` names the digest where `algorithm` does not (RFC 5652, 5.6); with `prehashed`, `signed`
    is that digest. Raises :class:`UnknownAlgorithm`.
    """
    context = SignatureValidationContext(contextual_md_algorithm=digest, prehashed=prehashed)
    try:
        DefaultSignatureValidator().validate_signature(signature, signed, key, algorithm, context)
    except MemoryError:
        raise  # says nothing about the signature
    except Exception as error:
        if _is_refusal(error):
            return False
        # unknown algorithms, curves and parameters: many kinds of errors
        raise UnknownAlgorithm(algorithm["algorithm"].native) from error
    return True


def _is_refusal(error: Exception) -> bool:
    """Tell whether an error of certvalidator says that the value is not the key's; it asserts that
    the key is of the algorithm's kind.
    """
    return isinstance(
        error, InvalidSignature | PSSParameterMismatch | AssertionError
    ) and not isinstance(error, AlgorithmNotSupported | DSAParametersUnavailable)


class ClosedSignatureValidator(SignatureValidator):
    """For pyhanko-certvalidator, which expects an invalid signature and no other failure.

    It lets an :class:`AssertionError` through where a CRL, an answer or a certificate is signed by
    an algorithm of another kind than its issuer's key.
    """

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Raise InvalidSignature unless the signature fits, also where it cannot be checked."""
        digest = context.contextual_md_algorithm
        try:
            fits = verifies(
                signature,
                signed_data,
                public_key_info,
                signature_algorithm,
                digest,
                prehashed=context.prehashed,
            )
        except UnknownAlgorithm as error:
            raise InvalidSignature from error
        if not fits:
            raise InvalidSignature
