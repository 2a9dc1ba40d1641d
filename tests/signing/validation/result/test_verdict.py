"""The table: each fact alone gives its answer, worse before better, and every answer has its
sentence.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from signing.baseline import BaselineLevel
from signing.validation.facts import (
    OPEN,
    CertificateFacts,
    ChainFacts,
    ChainProblem,
    Change,
    ChangeKind,
    DocumentFacts,
    Flaw,
    SignatureFacts,
    SignatureKind,
    TokenFacts,
)
from signing.validation.pdf.permissions import Permissions
from signing.validation.result.report import make_report, sentences
from signing.validation.result.story import phrases
from signing.validation.result.verdict import (
    RULES,
    VERDICTS,
    Indication,
    SubIndication,
    Verdict,
    judge,
)

AT = datetime(2026, 6, 1, tzinfo=UTC)
CERTIFICATE = CertificateFacts(
    "TEST signer", "TEST CA", "TEST", "1f", AT - timedelta(9), AT + timedelta(9)
)
TOKEN = TokenFacts(
    CERTIFICATE, "sha256", "sha256_rsa", True, True, True, ChainFacts(AT, None, AT, None), None
)
STAMP = replace(TOKEN, time=AT)
SEAL = SignatureFacts("Seal", SignatureKind.SEAL, 1, TOKEN, AT, STAMP, BaselineLevel.B_LTA)
ARCHIVE = SignatureFacts("Archive", SignatureKind.DOCUMENT_TIMESTAMP, 2, STAMP, None, None, None)
GOOD = DocumentFacts(AT, (SEAL, ARCHIVE))


def with_chain(
    token: TokenFacts, *, used: ChainProblem | None = None, proven: ChainProblem | None = None
) -> TokenFacts:
    return replace(token, chain=ChainFacts(AT, used, AT, proven))


def test_nothing_wrong_is_valid() -> None:
    assert judge(GOOD).indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("flaw", Flaw)
def test_no_flaw_is_ever_valid(flaw: Flaw) -> None:
    verdict = make_report(replace(GOOD, flaws=frozenset({flaw}))).verdict
    assert verdict is (
        Verdict.INDETERMINATE if flaw in OPEN | {Flaw.UNVOUCHED_CERTIFICATE} else Verdict.INVALID
    )


@pytest.mark.parametrize("flaw", Flaw)
def test_a_flaw_without_any_signature_is_never_valid(flaw: Flaw) -> None:
    assert make_report(DocumentFacts(AT, flaws=frozenset({flaw}))).verdict is not Verdict.VALID


@pytest.mark.parametrize("problem", ChainProblem)
@pytest.mark.parametrize("which", ["seal", "its timestamp", "document timestamp"])
def test_no_chain_problem_at_the_time_of_use_is_ever_valid(
    problem: ChainProblem, which: str
) -> None:
    facts = {
        "seal": replace(
            GOOD, signatures=(replace(SEAL, token=with_chain(TOKEN, used=problem)), ARCHIVE)
        ),
        "its timestamp": replace(
            GOOD, signatures=(replace(SEAL, timestamp=with_chain(STAMP, used=problem)), ARCHIVE)
        ),
        "document timestamp": replace(
            GOOD, signatures=(SEAL, replace(ARCHIVE, token=with_chain(STAMP, used=problem)))
        ),
    }[which]
    report = make_report(facts)
    assert report.verdict is Verdict.INDETERMINATE
    assert report.subindication is not None


@pytest.mark.parametrize("problem", ChainProblem)
def test_only_a_proven_seal_outlives_its_own_certificate(problem: ChainProblem) -> None:
    seal = make_report(
        replace(GOOD, signatures=(replace(SEAL, token=with_chain(TOKEN, proven=problem)), ARCHIVE))
    )
    stamp = make_report(
        replace(
            GOOD, signatures=(replace(SEAL, timestamp=with_chain(STAMP, proven=problem)), ARCHIVE)
        )
    )
    outlived = problem in (ChainProblem.EXPIRED, ChainProblem.REVOKED)
    assert seal.verdict is (Verdict.VALID if outlived else Verdict.INDETERMINATE)
    assert stamp.verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"integrity": False}, SubIndication.HASH_FAILURE),
        ({"cryptography": False}, SubIndication.SIG_CRYPTO_FAILURE),
        ({"certificate": None, "chain": None}, SubIndication.NO_SIGNING_CERTIFICATE_FOUND),
        ({"strong_algorithms": False}, SubIndication.CRYPTO_CONSTRAINTS_FAILURE),
        ({"integrity": False, "certificate": None, "chain": None}, SubIndication.HASH_FAILURE),
    ],
)
def test_a_broken_document_timestamp_spoils_the_whole(
    change: dict[str, object], because: SubIndication
) -> None:
    broken = replace(ARCHIVE, token=replace(STAMP, **change))  # type: ignore[arg-type]
    assert judge(replace(GOOD, signatures=(SEAL, broken))).because is because
    broken_seal = replace(SEAL, token=replace(TOKEN, **change))  # type: ignore[arg-type]
    assert judge(replace(GOOD, signatures=(broken_seal, ARCHIVE))).because is because


def test_times_that_run_backwards_leave_the_verdict_open() -> None:
    assert (
        judge(replace(GOOD, times_in_order=False)).because is SubIndication.TIMESTAMP_ORDER_FAILURE
    )


def test_timestamps_alone_are_not_a_signature() -> None:
    assert make_report(replace(GOOD, signatures=(ARCHIVE,))).verdict is Verdict.UNSIGNED


def test_the_lowest_level_is_the_files_level() -> None:
    lower = replace(SEAL, level=BaselineLevel.B_T)
    assert make_report(replace(GOOD, signatures=(SEAL, lower, ARCHIVE))).level is BaselineLevel.B_T
    none = replace(SEAL, level=None)
    assert make_report(replace(GOOD, signatures=(SEAL, none, ARCHIVE))).level is None


def test_every_sub_indication_is_reached_by_a_rule_and_has_a_sentence() -> None:
    assert {rule.because for rule in RULES} - {None} == set(SubIndication)
    keys = {*SubIndication, Indication.TOTAL_PASSED, Indication.NO_SIGNATURE_FOUND}
    assert set(sentences()["reasons"]) == keys
    assert set(sentences()["flaws"]) == set(Flaw)


def test_every_kind_of_change_has_its_phrase_and_its_meaning() -> None:
    assert set(phrases()["changes"]) == {*ChangeKind, "content_of_pages", "nothing"}
    allowed = Permissions(0, ())
    assert all(isinstance(allowed.flaw_of(Change(kind)), Flaw | None) for kind in ChangeKind)


def test_every_indication_has_its_verdict() -> None:
    assert set(VERDICTS) == set(Indication)
    # No signature says of which archive a paper is: only the archive that is asked does
    # (`api/reading/claims.py`).
    assert set(VERDICTS.values()) == set(Verdict) - {Verdict.NOT_OF_THIS_ARCHIVE}


@pytest.mark.parametrize("group", ["reasons", "flaws"])
def test_sentences_are_whole_in_both_languages(group: str) -> None:
    for text in sentences()[group].values():
        assert text.vi.endswith(".")
        assert text.en.endswith(".")
        assert "\n" not in text.vi + text.en
        assert text.vi != text.en
