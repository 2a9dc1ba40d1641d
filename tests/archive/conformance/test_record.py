"""The record: canonical, signed, and good for production mode only while everything about it is."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.base.errors import Unreadable
from archive.conformance.case import Finding, Gravity, Outcome
from archive.conformance.catalogue import Case, Sentence, catalogue
from archive.conformance.findings import Findings
from archive.conformance.record import Place, Record, make_record, parse_record
from archive.conformance.requirement import StoreRefused, StoreUnproven, require
from archive.conformance.verdict import Verdict

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes_raw()
NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
PLACE = Place(kind="s3", endpoint="store.example:8333", bucket="kho-archive")
GOLDEN = Path(__file__).parent / "golden" / "kho-conformance-1.json"
CASES = (
    Case(
        id="hold.after_lock",
        gravity=Gravity.FATAL,
        shows=Sentence(vi="một", en="one"),
        means=Sentence(vi="hai", en="two"),
    ),
    Case(
        id="door.closed",
        gravity=Gravity.LIMIT,
        shows=Sentence(vi="ba", en="three"),
        means=Sentence(vi="bốn", en="four"),
    ),
)
FOUND = Findings(
    "SeaweedFS",
    "4.48",
    "SeaweedFS 30GB 4.48",
    CASES,
    (
        Finding("hold.after_lock", Outcome.PASSED, "403 AccessDenied"),
        Finding("door.closed", Outcome.FAILED, "1 of 6"),
    ),
)


def record(trial: Findings = FOUND, key: Ed25519PrivateKey = KEY, **changes: Any) -> Record:
    """Return a record of a trial at NOW."""
    facts: dict[str, Any] = {
        "facility": "99001",
        "place": PLACE,
        "trial_bucket": "kho-archive-trial",
        "version": "",
        "now": NOW,
        "software": "kho 0.1.0",
        "sign": key.sign,
        **changes,
    }
    return make_record(trial, **facts)


def test_a_record_says_what_was_found_and_is_read_as_it_was_written() -> None:
    stored = record()
    assert parse_record(stored.to_bytes()) == stored
    assert stored.is_signed_by(PUBLIC)
    assert (stored.verdict, [reason.case for reason in stored.reasons]) == (
        "limited",
        ["door.closed"],
    )
    assert stored.why[0].means.vi == "bốn"


def test_the_record_of_the_first_format_is_read_for_ever() -> None:
    kept = parse_record(GOLDEN.read_bytes())
    assert kept.is_signed_by(PUBLIC)
    assert (kept.store.make, kept.verdict, kept.suite) == ("SeaweedFS", "limited", 1)


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": Verdict.ACCEPTED},
        {"time": "2036-11-22T07:00:00.000Z"},
        {"suite": 2},
        {"signature": ""},
        {"signature": base64.b64encode(bytes(64)).decode()},
        {"store": record().store.model_copy(update={"make": "other"})},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_record_has_no_valid_signature(change: dict[str, Any]) -> None:
    assert not record().model_copy(update=change).is_signed_by(PUBLIC)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        record().to_bytes() + b"\n",
        b"[" * 100_000,
        record().to_bytes()[:-5],
    ],
)
def test_other_bytes_are_not_read_as_a_record(data: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_record(data)


# --- what production mode asks
# --------------------------------------------------------------------------------------------------


def test_production_starts_on_a_store_that_is_accepted_also_with_limits() -> None:
    require(record(), PLACE, [PUBLIC], NOW + timedelta(days=catalogue().valid_days))


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (None, "never tested"),
        (record(key=OTHER), "did not sign the record"),
        (record(place=PLACE.model_copy(update={"bucket": "kho-other"})), "another object store"),
        (record(place=Place(kind="folder", folder="/somewhere/vault")), "another object store"),
        (record(now=NOW - timedelta(days=catalogue().valid_days + 1)), "older than"),
        (record(now=NOW + timedelta(days=2)), "older than"),
        (record().model_copy(update={"signature": ""}), "did not sign the record"),
    ],
)
def test_production_does_not_start_without_a_record_of_its_own(
    kept: Record | None, why: str
) -> None:
    with pytest.raises(StoreUnproven, match=why):
        require(kept, PLACE, [PUBLIC], NOW)


def test_production_does_not_start_on_a_record_of_an_older_suite() -> None:
    older = record().model_copy(update={"suite": catalogue().suite - 1 or 99, "signature": ""})
    older = older.model_copy(
        update={"signature": base64.b64encode(KEY.sign(older.signed_bytes())).decode()}
    )
    with pytest.raises(StoreUnproven, match="older test suite"):
        require(older, PLACE, [PUBLIC], NOW)


def test_a_refused_store_is_refused_by_name_with_the_reason() -> None:
    broken = replace(
        FOUND,
        make="versitygw",
        version="",
        findings=(Finding("hold.after_lock", Outcome.FAILED), FOUND.findings[1]),
    )
    with pytest.raises(StoreRefused) as refusal:
        require(record(broken, version="1.8.0"), PLACE, [PUBLIC], NOW)
    assert "versitygw 1.8.0" in refusal.value.explain("en")
    assert "two" in refusal.value.explain("en")
    assert "hai" in refusal.value.explain("vi")
