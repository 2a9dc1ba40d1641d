"""The verdict: one ordered table over the facts.

The first rule that applies decides (ETSI EN 319 102-1, 5.1.3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from signing.validation.facts import BROKEN, OPEN, ChainProblem, DocumentFacts, Flaw, TokenFacts


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
    return lambda facts: not facts.flaws.isdisjoint(flaws)


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
_NOTHING_IS_WRONG = frozenset[Flaw]()

RULES: tuple[Rule, ...] = (
    Rule(
        lambda facts: not facts.signatures and facts.flaws == _NOTHING_IS_WRONG,
        Indication.NO_SIGNATURE_FOUND,
    ),
    Rule(any_flaw(*BROKEN), _FAILED, SubIndication.FORMAT_FAILURE),
    Rule(any_token(lambda token: not token.integrity), _FAILED, SubIndication.HASH_FAILURE),
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
