"""The verdict: one ordered table over the facts.

The first rule that applies decides (ETSI EN 319 102-1, 5.1.3).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from signing.validation.facts import (
    CHANGED,
    OPEN,
    UNCHECKABLE,
    ChainProblem,
    DocumentFacts,
    Flaw,
    SignatureFacts,
    SignatureKind,
    TokenFacts,
)


class Verdict(StrEnum):
    """The answer in one word."""

    VALID = "valid"
    INDETERMINATE = "indeterminate"
    INVALID = "invalid"
    UNSIGNED = "unsigned"
    NOT_OF_THIS_ARCHIVE = "not_of_this_archive"  # it names this facility, which never made it


class Indication(StrEnum):
    """ETSI EN 319 102-1, table 4; NO_SIGNATURE_FOUND is EU DSS's word for a file without a
    signature.
    """

    TOTAL_PASSED = "TOTAL-PASSED"
    INDETERMINATE = "INDETERMINATE"
    TOTAL_FAILED = "TOTAL-FAILED"
    NO_SIGNATURE_FOUND = "NO_SIGNATURE_FOUND"


class SubIndication(StrEnum):
    """The reason (ETSI EN 319 102-1, tables 5 and 6): the values that Kho gives."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    TRY_LATER = "TRY_LATER"


VERDICTS = {
    Indication.TOTAL_PASSED: Verdict.VALID,
    Indication.INDETERMINATE: Verdict.INDETERMINATE,
    Indication.TOTAL_FAILED: Verdict.INVALID,
    Indication.NO_SIGNATURE_FOUND: Verdict.UNSIGNED,
}

Condition = Callable[[DocumentFacts], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where `applies`, the answer is `indication` and `because`."""

    applies: Condition
    indication: Indication
    because: SubIndication | None = None


def any_flaw(*flaws: Flaw) -> Condition:
    """Apply where the structure has one of `flaws`."""
    return lambda facts: not facts.all_flaws.isdisjoint(flaws)


def any_token(holds: Callable[[TokenFacts], bool]) -> Condition:
    """Apply where `holds` is true of a seal, of its timestamp or of a document timestamp."""
    return lambda facts: any(holds(token) for token in facts.tokens)


def chain(*problems: ChainProblem) -> Condition:
    """Apply where one of `problems` spoils the trust in a seal or a timestamp."""
    return any_token(lambda token: not standing_problems(token).isdisjoint(problems))


def standing_problems(token: TokenFacts) -> frozenset[ChainProblem]:
    """Return the problems of a chain that no proven time excuses.

    What happened to a seal's own certificate after its proven time does no harm: the seal existed
    before. To a timestamp's it does: a proven time is only as good as the authority's key was until
    the next proof.
    """
    if token.chain is None:
        return frozenset()
    harmless = {ChainProblem.EXPIRED, ChainProblem.REVOKED} if token.time is None else set()
    later = token.chain.when_proven if token.chain.when_proven not in harmless else None
    return frozenset(problem for problem in (token.chain.when_used, later) if problem)


_FAILED, _OPEN = Indication.TOTAL_FAILED, Indication.INDETERMINATE

RULES: tuple[Rule, ...] = (
    Rule(
        lambda facts: not facts.signatures and not facts.flaws,
        Indication.NO_SIGNATURE_FOUND,
    ),
    Rule(any_flaw(*UNCHECKABLE), _FAILED, SubIndication.FORMAT_FAILURE),
    Rule(any_token(lambda token: not token.integrity), _FAILED, SubIndication.HASH_FAILURE),
    # what was signed is intact, but the file shows something else
    Rule(any_flaw(*CHANGED), _FAILED, SubIndication.HASH_FAILURE),
    Rule(
        any_token(lambda token: token.certificate is None),
        _OPEN,
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
    ),
    Rule(
        any_token(lambda token: not token.cryptography), _FAILED, SubIndication.SIG_CRYPTO_FAILURE
    ),
    Rule(any_flaw(*OPEN), _OPEN, SubIndication.SIG_CONSTRAINTS_FAILURE),
    # timestamps alone are no signature
    Rule(lambda facts: not facts.seals, Indication.NO_SIGNATURE_FOUND),
    Rule(
        any_token(lambda token: not token.strong_algorithms),
        _OPEN,
        SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    ),
    Rule(chain(ChainProblem.NO_CHAIN), _OPEN, SubIndication.NO_CERTIFICATE_CHAIN_FOUND),
    Rule(chain(ChainProblem.WEAK_ALGORITHM), _OPEN, SubIndication.CRYPTO_CONSTRAINTS_FAILURE),
    Rule(chain(ChainProblem.REVOKED), _OPEN, SubIndication.REVOKED_NO_POE),
    Rule(chain(ChainProblem.CA_REVOKED), _OPEN, SubIndication.REVOKED_CA_NO_POE),
    Rule(lambda facts: not facts.times_in_order, _OPEN, SubIndication.TIMESTAMP_ORDER_FAILURE),
    Rule(
        chain(ChainProblem.EXPIRED, ChainProblem.NOT_YET_VALID),
        _OPEN,
        SubIndication.OUT_OF_BOUNDS_NO_POE,
    ),
    Rule(chain(ChainProblem.WRONG_USAGE), _OPEN, SubIndication.CHAIN_CONSTRAINTS_FAILURE),
    Rule(
        chain(ChainProblem.EVIDENCE_MISSING, ChainProblem.EVIDENCE_STALE),
        _OPEN,
        SubIndication.TRY_LATER,
    ),
    Rule(
        any_flaw(Flaw.UNVOUCHED_CERTIFICATE), _OPEN, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE
    ),
    Rule(chain(*ChainProblem), _OPEN, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE),
    Rule(lambda facts: True, Indication.TOTAL_PASSED),
)


def judge(facts: DocumentFacts) -> Rule:
    """Return the first rule of the table that applies; the last one always does."""
    return next(rule for rule in RULES if rule.applies(facts))


def judge_signature(facts: DocumentFacts, signature: SignatureFacts) -> Rule:
    """Return the answer about one signature, as if the file had no other.

    A document timestamp alone is no signature of anybody; so it is judged as a seal would be.
    """
    alone = replace(signature, kind=SignatureKind.SEAL)
    return judge(replace(facts, signatures=(alone,)))


# The signer of a further signature is unknown, or it is unknown whether the certificate counted.
_NOT_ESTABLISHED = frozenset({SubIndication.TRY_LATER, SubIndication.NO_CERTIFICATE_CHAIN_FOUND})


def without_open_countersignatures(facts: DocumentFacts) -> DocumentFacts:
    """Return `facts` without further signatures whose signer is not established.

    A countersignature takes nothing away from what the signatures before it prove. It has its own
    answer (:func:`judge_signature`; EN 319 102-1 judges each signature by itself). It is left out
    only where the others alone are TOTAL-PASSED, and where it shows nothing on a page, or leads to
    a trusted root.
    """
    if judge(facts).because not in _NOT_ESTABLISHED:
        return facts
    rest = facts
    for signature in reversed(facts.seals[1:]):
        because = judge_signature(facts, signature).because
        hidden = not signature.is_shown or because is SubIndication.TRY_LATER
        if because in _NOT_ESTABLISHED and hidden:
            kept = tuple(other for other in rest.signatures if other is not signature)
            rest = replace(rest, signatures=kept)
    return rest if judge(rest).indication is Indication.TOTAL_PASSED else facts
