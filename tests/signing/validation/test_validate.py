"""What is said of a whole, untouched file: its level, its signer, and whom one has to trust."""

from datetime import UTC, datetime, timedelta

import pytest

from archive.base.errors import Unreadable
from signing.baseline import BaselineLevel
from signing.trust import TrustRoots
from signing.validation.result.report import ValidationReport
from signing.validation.result.verdict import Indication, SubIndication, Verdict
from signing.validation.validate import validate
from tests.signing.validation.authority import DAY, NOW, YEAR, Authority
from tests.signing.validation.conftest import Check, Original


def said(report: ValidationReport) -> tuple[str, str | None, str | None]:
    return (
        report.verdict.value,
        report.subindication and report.subindication.value,
        report.level and report.level.value,
    )


def test_an_original_of_kho_is_valid_and_says_all_that_the_law_asks(original: Original) -> None:
    report = original.check()
    assert said(report) == ("valid", None, "PAdES-B-LTA")
    assert report.indication is Indication.TOTAL_PASSED
    assert report.pdfa == ("PDF/A-3A", "PDF/UA-1")
    assert not report.modified_after_signing
    seal, archive = report.signatures
    assert seal["kind"] == "seal"
    assert archive["kind"] == "document_timestamp"
    assert "TEST" in seal["subject"]
    assert "TEST" in seal["issuer"]
    assert "TEST" in seal["managing_unit"]
    assert (seal["integrity"], seal["cryptography"], seal["trusted"]) == (True, True, True)
    assert (
        seal["certificate_valid"]["from"] < seal["sealed_at"] < seal["certificate_valid"]["until"]
    )
    assert seal["claimed_time"] <= seal["sealed_at"] <= archive["sealed_at"]


def test_the_json_is_the_contract_and_can_be_read_back(original: Original) -> None:
    report = original.check()
    assert set(report.as_json()) == {
        *("verdict", "indication", "subindication", "level"),
        *("signatures", "modified_after_signing", "pdfa", "reasons"),
    }
    assert set(report.as_json()["reasons"]) == {"vi", "en"}
    assert ValidationReport.from_json(report.as_json()) == report


@pytest.mark.parametrize(
    ("level", "verdict", "because"),
    [
        ("B-B", "indeterminate", "TRY_LATER"),
        ("B-T", "indeterminate", "TRY_LATER"),
        ("B-LT", "valid", None),
        ("B-LTA", "valid", None),
    ],
)
def test_each_level_is_reported(
    authority: Authority,
    check: Check,
    paper_pdf: bytes,
    level: str,
    verdict: str,
    because: str | None,
) -> None:
    assert said(check(authority.seal(paper_pdf, level))) == (verdict, because, f"PAdES-{level}")


def test_a_file_without_signature_is_unsigned(check: Check, paper_pdf: bytes) -> None:
    report = check(paper_pdf)
    assert (report.verdict, report.indication) == (Verdict.UNSIGNED, Indication.NO_SIGNATURE_FOUND)
    assert report.level is None
    assert report.signatures == ()


@pytest.mark.parametrize(
    "data", [b"", b"x", b"PK\x03\x04", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF\n", b"\0" * 5000]
)
def test_what_is_no_pdf_is_unreadable(check: Check, data: bytes) -> None:
    with pytest.raises(Unreadable):
        check(data)


def test_another_root_is_not_trusted(sealed: bytes) -> None:
    stranger = Authority(name="B")
    report = validate(sealed, stranger.trust, at=NOW + DAY)
    assert said(report) == ("indeterminate", "NO_CERTIFICATE_CHAIN_FOUND", "PAdES-B-LTA")


def test_no_signer_is_trusted_without_roots(sealed: bytes) -> None:
    assert validate(sealed, TrustRoots([]), at=NOW + DAY).verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize(
    ("revoked", "because"),
    [("signer", "REVOKED_NO_POE"), ("tsa", "REVOKED_NO_POE"), ("ca", "REVOKED_CA_NO_POE")],
)
def test_a_certificate_revoked_before_is_not_valid(
    paper_pdf: bytes, revoked: str, because: str
) -> None:
    authority = Authority(revoked={revoked: NOW - 3 * DAY})
    report = validate(authority.seal(paper_pdf), authority.trust, at=NOW + DAY)
    assert said(report)[:2] == ("indeterminate", because)


def test_a_signer_revoked_after_the_proven_time_does_no_harm(paper_pdf: bytes) -> None:
    authority = Authority(revoked={"signer": NOW + 2 * DAY})
    sealed = authority.seal(paper_pdf)
    renewed = authority.renew(sealed, NOW + 3 * DAY, authority)
    assert said(validate(renewed, authority.trust, at=NOW + 4 * DAY)) == (
        "valid",
        None,
        "PAdES-B-LTA",
    )


def test_a_timestamp_authority_revoked_before_the_next_proof_spoils_it(paper_pdf: bytes) -> None:
    authority = Authority(revoked={"tsa": NOW + 2 * DAY})
    renewed = authority.renew(authority.seal(paper_pdf), NOW + 3 * DAY, Authority(name="B"))
    trust = TrustRoots([*authority.trust.anchors, *Authority(name="B").trust.anchors])
    assert said(validate(renewed, trust, at=NOW + 4 * DAY))[:2] == (
        "indeterminate",
        "REVOKED_NO_POE",
    )


@pytest.mark.parametrize("later", [30 * DAY, YEAR, 2 * YEAR])
def test_an_original_stays_valid_while_its_last_timestamp_stays(
    authority: Authority, sealed: bytes, later: timedelta
) -> None:
    assert validate(sealed, authority.trust, at=NOW + later).verdict is Verdict.VALID


def test_after_the_last_timestamps_certificate_has_expired_nothing_proves_it(
    authority: Authority, sealed: bytes
) -> None:
    report = validate(sealed, authority.trust, at=NOW + 4 * YEAR)
    assert said(report) == ("indeterminate", "OUT_OF_BOUNDS_NO_POE", "PAdES-B-LTA")


def test_a_time_before_the_seal_cannot_be_answered(authority: Authority, sealed: bytes) -> None:
    assert said(validate(sealed, authority.trust, at=NOW - DAY))[:2] == (
        "indeterminate",
        "TIMESTAMP_ORDER_FAILURE",
    )


def test_a_seal_made_before_its_certificate_is_not_valid(paper_pdf: bytes) -> None:
    authority = Authority(start=NOW + DAY)
    report = validate(authority.seal(paper_pdf), authority.trust, at=NOW + 2 * DAY)
    assert said(report)[:2] == ("indeterminate", "OUT_OF_BOUNDS_NO_POE")


def test_evidence_that_was_old_when_the_seal_was_made_is_not_enough(
    authority: Authority, paper_pdf: bytes
) -> None:
    sealed = authority.seal(paper_pdf, published=NOW - 40 * DAY)
    assert said(validate(sealed, authority.trust, at=NOW + DAY))[:2] == (
        "indeterminate",
        "TRY_LATER",
    )


def test_evidence_from_the_future_is_no_evidence(authority: Authority, paper_pdf: bytes) -> None:
    sealed = authority.seal(paper_pdf, published=NOW + 40 * DAY)
    report = validate(sealed, authority.trust, at=NOW + YEAR)
    assert said(report)[:2] == ("indeterminate", "TRY_LATER")


def test_a_short_key_is_too_weak(paper_pdf: bytes) -> None:
    authority = Authority(signer_bits=1024)
    report = validate(authority.seal(paper_pdf), authority.trust, at=NOW + DAY)
    assert report.subindication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE
    assert report.verdict is Verdict.INDETERMINATE


def test_a_certificate_for_another_purpose_does_not_sign(paper_pdf: bytes) -> None:
    authority = Authority(signer_usage=("key_encipherment",))
    report = validate(authority.seal(paper_pdf), authority.trust, at=NOW + DAY)
    assert said(report)[:2] == ("indeterminate", "CHAIN_CONSTRAINTS_FAILURE")


def test_long_after_the_ca_has_expired_a_renewed_original_is_valid(paper_pdf: bytes) -> None:
    """The long-term validation of pyHanko fails here: it does not look behind an expired CA."""
    start = datetime(2001, 3, 1, 8, tzinfo=UTC)
    first = Authority(start=start - 30 * DAY, ca_life=12 * YEAR, life=10 * YEAR)
    second = Authority(start=start + 8 * YEAR, name="B", ca_life=30 * YEAR, life=25 * YEAR)
    trust = TrustRoots([*first.trust.anchors, *second.trust.anchors])
    sealed = first.seal(paper_pdf, moment=start)
    renewed = first.renew(sealed, start + 9 * YEAR, second)
    assert said(validate(sealed, trust, at=start + 20 * YEAR))[0] == "indeterminate"
    assert said(validate(renewed, trust, at=start + 20 * YEAR)) == ("valid", None, "PAdES-B-LTA")
    assert validate(renewed, trust, at=start + 20 * YEAR).level is BaselineLevel.B_LTA
