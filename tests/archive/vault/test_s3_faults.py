"""A store that lies, is cut off, or keeps silent: Kho fails closed, says what it does not know, a
retry converges.
"""

import dataclasses
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from archive.base.clock import SystemClock
from archive.base.identifiers import ObjectKey
from archive.vault.contract import (
    LockNotConfirmed,
    LockNotKept,
    ObjectExists,
    ObjectMissing,
    OutcomeUnknown,
    StillLocked,
    VaultError,
    VaultUnreachable,
)
from archive.vault.s3 import S3Vault
from archive.vault.s3_client import TimeLimits
from tests.archive.vault import lying_store as lies
from tests.archive.vault.conftest import BUCKET, MEDIA_TYPE, days, s3_vault, with_bucket
from tests.archive.vault.lying_store import Answer, Fault, LyingStore
from tests.fixtures.store_server import KHO, REGION, StoreServer

BODY = b"bytes to be sure of"
END = days(2)
LOCK_MODE = "x-amz-object-lock-mode"
LOCK_END = "x-amz-object-lock-retain-until-date"
CHECKSUM = "x-amz-checksum-sha256"


@pytest.fixture
def between(store: StoreServer) -> Iterator[LyingStore]:
    """Return a proxy before the store, honest until it is ordered to lie."""
    with lies.lying_store(store.endpoint) as proxy:
        yield proxy


@pytest.fixture
def vault(between: LyingStore) -> S3Vault:
    """Return a vault that reaches the store through the proxy."""
    return S3Vault(
        between.endpoint,
        BUCKET,
        KHO.access_key,
        KHO.secret_key,
        SystemClock(),
        region=REGION,
        secure=False,
        limits=TimeLimits(connect=2, read=1),
    )


@pytest.fixture
def truth(store: StoreServer) -> S3Vault:
    """Return a vault that reaches the store itself."""
    return s3_vault(store.endpoint)


def put(vault: S3Vault, key: ObjectKey) -> str:
    return vault.put(key, BODY, retain_until=END, media_type=MEDIA_TYPE).version


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_honest_way_through_the_proxy_works(
    vault: S3Vault, key: ObjectKey, truth: S3Vault
) -> None:
    assert truth.read(key, put(vault, key)) == BODY


# --- the store says "stored" and it is not so
# --------------------------------------------------------------------------------------------------

LIES: dict[str, Fault] = {
    "no lock is reported": lies.on("HEAD", lambda answer: answer.without(LOCK_MODE, LOCK_END)),
    "no mode is reported": lies.on("HEAD", lambda answer: answer.without(LOCK_MODE)),
    "no end is reported": lies.on("HEAD", lambda answer: answer.without(LOCK_END)),
    "the lock is GOVERNANCE": lies.on(
        "HEAD", lambda answer: answer.having(LOCK_MODE, "GOVERNANCE")
    ),
    "the lock ends a minute early": lies.on(
        "HEAD", lambda answer: answer.having(LOCK_END, (END - timedelta(minutes=1)).isoformat())
    ),
    "the object is shorter": lies.on(
        "HEAD", lambda answer: dataclasses.replace(answer, length=len(BODY) - 1)
    ),
    "the checksum is another's": lies.on(
        "HEAD", lambda answer: answer.having(CHECKSUM, "A" * 43 + "=")
    ),
    "the version is another": lies.on(
        "HEAD", lambda answer: answer.having("x-amz-version-id", "another")
    ),
    "no version is reported": lies.on("PUT", lambda answer: answer.without("x-amz-version-id")),
    "the version is null": lies.on("PUT", lambda answer: answer.having("x-amz-version-id", "null")),
    "nothing is stored": lies.instead_of(
        "PUT", lambda: Answer(200, {"x-amz-version-id": "0" * 32}, b"")
    ),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_what_the_store_does_not_confirm_is_not_acknowledged(
    vault: S3Vault, between: LyingStore, key: ObjectKey, lie: Fault
) -> None:
    between.fault = lie
    with pytest.raises(LockNotConfirmed) as doubt:
        put(vault, key)
    assert doubt.value.outcome_unknown


def test_without_a_checksum_the_bytes_are_read_back(
    vault: S3Vault, between: LyingStore, key: ObjectKey
) -> None:
    between.fault = lies.on("HEAD", lambda answer: answer.without(CHECKSUM))
    put(vault, key)
    assert between.count("GET") == 2, "one listing before, one reading after"


def test_without_a_checksum_other_bytes_are_noticed(
    vault: S3Vault, between: LyingStore, key: ObjectKey
) -> None:
    def fault(request: lies.Request, pass_on: Callable[[], Answer]) -> Answer:
        answer = pass_on().without(CHECKSUM)
        return dataclasses.replace(answer, body=answer.body.replace(BODY, BODY[::-1]))

    between.fault = fault
    with pytest.raises(LockNotConfirmed):
        put(vault, key)


def test_an_extension_that_is_answered_but_not_done_is_noticed(
    vault: S3Vault, between: LyingStore, truth: S3Vault, key: ObjectKey
) -> None:
    version = put(vault, key)
    between.fault = lies.instead_of("PUT", lambda: Answer(200, {}, b""))
    with pytest.raises(LockNotConfirmed):
        vault.extend(key, version, days(9))
    lock = truth.stat(key, version).lock
    assert lock is not None
    assert lock.retain_until < days(3)


# --- the line is cut, or the store falls ill
# --------------------------------------------------------------------------------------------------

LOST: dict[str, Fault] = {
    "cut before": lies.instead_of("PUT", lies.cut),
    "page of a gateway": lies.instead_of("PUT", lies.page(502)),
    "slow down": lies.instead_of("PUT", lies.s3_error(503, "SlowDown")),
    "silence": lies.instead_of("PUT", lies.sleep(1.5)),
    "broken XML": lies.instead_of(
        "PUT", lambda: Answer(500, {"Content-Type": "application/xml"}, b"<Error")
    ),
}
LOST_BUT_STORED: dict[str, Fault] = {
    "cut after": lies.after("PUT", lies.cut),
    "error after": lies.after("PUT", lies.s3_error(500, "InternalError")),
    "page after": lies.after("PUT", lies.page(504)),
    "silence after": lies.after("PUT", lies.sleep(1.5)),
    "cut when read back": lies.instead_of("HEAD", lies.cut),
    "ill when read back": lies.instead_of("HEAD", lies.page(503)),
    "forbidden to read back": lies.instead_of("HEAD", lies.s3_error(403, "AccessDenied")),
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_a_lost_put_has_an_unknown_outcome_is_not_repeated_unasked_and_may_be_repeated(
    vault: S3Vault, between: LyingStore, truth: S3Vault, key: ObjectKey, fault: Fault
) -> None:
    between.fault = fault
    with pytest.raises(OutcomeUnknown) as unknown:
        put(vault, key)
    assert between.endpoint in unknown.value.explain("vi")
    assert between.count("PUT") == 1
    assert list(truth.list(key)) == []
    between.fault = lies.honest
    assert [each.version for each in truth.list(key)] == [] == list(truth.list(key))
    assert put(vault, key) == truth.stat(key).version


@pytest.mark.parametrize("fault", LOST_BUT_STORED.values(), ids=LOST_BUT_STORED.keys())
def test_a_put_that_is_reported_lost_but_was_stored_converges_when_repeated(
    vault: S3Vault, between: LyingStore, truth: S3Vault, key: ObjectKey, fault: Fault
) -> None:
    between.fault = fault
    with pytest.raises(OutcomeUnknown):
        put(vault, key)
    # a repetition that comes before the first has landed is a second
    wait_until(lambda: list(truth.list(key)) != [])
    between.fault = lies.honest
    version = put(vault, key)
    assert between.count("PUT") == 1
    assert [each.version for each in truth.list(key)] == [version]


def test_a_put_that_the_store_refuses_is_no_unknown_outcome(
    vault: S3Vault, between: LyingStore, key: ObjectKey
) -> None:
    between.fault = lies.instead_of("PUT", lies.s3_error(400, "InvalidRequest"))
    with pytest.raises(VaultError, match="InvalidRequest") as refusal:
        put(vault, key)
    assert not refusal.value.outcome_unknown


@pytest.mark.parametrize(
    "fault", [lies.instead_of("PUT", lies.s3_error(403, "AccessDenied")), *LOST.values()]
)
def test_bytes_that_stand_but_whose_lock_could_not_be_extended_may_be_written_again(
    vault: S3Vault, between: LyingStore, key: ObjectKey, fault: Fault
) -> None:
    version = put(vault, key)
    between.fault = fault
    with pytest.raises(VaultError) as failure:
        vault.put(key, BODY, retain_until=days(9), media_type=MEDIA_TYPE)
    assert failure.value.outcome_unknown
    between.fault = lies.honest
    assert vault.put(key, BODY, retain_until=days(9), media_type=MEDIA_TYPE).version == version


@pytest.mark.parametrize(
    "fault", [lies.instead_of("PUT", lies.cut), lies.after("PUT", lies.page(502))]
)
def test_an_extension_that_is_cut_has_an_unknown_outcome_and_may_be_repeated(
    vault: S3Vault, between: LyingStore, key: ObjectKey, fault: Fault
) -> None:
    version = put(vault, key)
    between.fault = fault
    with pytest.raises(OutcomeUnknown):
        vault.extend(key, version, days(9))
    between.fault = lies.honest
    assert vault.extend(key, version, days(9)).retain_until >= days(9) - timedelta(seconds=60)


def test_a_store_that_is_silent_to_a_question_is_named(
    vault: S3Vault, between: LyingStore, key: ObjectKey
) -> None:
    between.fault = lies.instead_of("GET", lies.sleep(1.2))
    with pytest.raises(VaultUnreachable) as silence:
        vault.stat(key)
    assert between.endpoint in silence.value.explain("en")


def test_a_question_that_was_cut_once_is_asked_again(
    vault: S3Vault, between: LyingStore, key: ObjectKey
) -> None:
    version = put(vault, key)
    cuts = iter([True])

    def fault(request: lies.Request, pass_on: Callable[[], Answer]) -> Answer:
        return lies.cut() if next(cuts, False) else pass_on()

    between.fault = fault
    assert vault.stat(key, version).version == version


def test_an_object_cut_on_its_way_does_not_pass_for_a_shorter_object(
    vault: S3Vault, between: LyingStore, key: ObjectKey
) -> None:
    version = put(vault, key)
    between.fault = lies.on(
        "GET",
        lambda answer: dataclasses.replace(answer, body=answer.body[:5], length=len(answer.body)),
    )
    with pytest.raises(VaultUnreachable):
        vault.read(key, version)


LISTINGS = {
    "not XML": b"{}",
    "not a listing": b"<Error/>",
    "a document type": b"<!DOCTYPE a [<!ENTITY b "
    b"'false'>]><ListVersionsResult><IsTruncated>false</IsTruncated>&b;"
    b"</ListVersionsResult>",
    "that does not say whether it is all": b"<ListVersionsResult/>",
    "without an end": b"<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>",
    "a size in words": b"<ListVersionsResult><Version><Size>big</Size></Version>"
    b"</ListVersionsResult>",
}


@pytest.mark.parametrize("body", LISTINGS.values(), ids=LISTINGS.keys())
def test_an_invalid_listing_does_not_pass_for_an_empty_listing(
    vault: S3Vault, between: LyingStore, key: ObjectKey, body: bytes
) -> None:
    between.fault = lies.instead_of(
        "GET", lambda: Answer(200, {"Content-Type": "application/xml"}, body)
    )
    with pytest.raises(VaultUnreachable):
        put(vault, key)
    assert between.count("PUT") == 0


# --- the canary
# --------------------------------------------------------------------------------------------------


def test_a_store_that_agrees_to_delete_the_canary_is_found_out(
    vault: S3Vault, between: LyingStore
) -> None:
    between.fault = lies.instead_of("DELETE", lambda: Answer(204, {}, b""))
    with pytest.raises(LockNotKept):
        vault.check_lock_is_kept()


def test_a_store_that_agrees_to_shorten_the_canarys_lock_is_found_out(
    vault: S3Vault, between: LyingStore
) -> None:
    def fault(request: lies.Request, pass_on: Callable[[], Answer]) -> Answer:
        return Answer(200, {}, b"") if "retention" in request.path else pass_on()

    between.fault = fault
    with pytest.raises(LockNotKept):
        vault.check_lock_is_kept()


def test_a_store_that_cannot_be_asked_proves_nothing(vault: S3Vault, between: LyingStore) -> None:
    between.fault = lies.instead_of("DELETE", lies.cut)
    with pytest.raises(OutcomeUnknown):
        vault.check_lock_is_kept()


def test_a_deletion_that_is_answered_but_not_done_is_not_believed(
    vault: S3Vault, between: LyingStore, truth: S3Vault, key: ObjectKey
) -> None:
    version = put(vault, key)
    between.fault = lies.on("HEAD", lambda answer: answer.having(LOCK_END, "2020-01-01T00:00:00Z"))
    with pytest.raises(StillLocked):
        vault.delete(key, version)

    def fault(request: lies.Request, pass_on: Callable[[], Answer]) -> Answer:
        if request.method == "DELETE":
            return Answer(204, {}, b"")
        answer = pass_on()
        return (
            answer.having(LOCK_END, "2020-01-01T00:00:00Z") if request.method == "HEAD" else answer
        )

    between.fault = fault
    with pytest.raises(OutcomeUnknown):
        vault.delete(key, version)
    assert truth.read(key, version) == BODY


# --- the store is full, or hangs
# --------------------------------------------------------------------------------------------------

FULL: dict[str, Fault] = {
    "MinIO's word": lies.instead_of("PUT", lies.s3_error(507, "XMinioStorageFull")),
    "a quota": lies.instead_of("PUT", lies.s3_error(507, "QuotaExceeded")),
    "SeaweedFS's word": lies.instead_of("PUT", lies.s3_error(500, "InternalError")),
    "a gateway's page": lies.instead_of("PUT", lies.page(507)),
}


@pytest.mark.parametrize("fault", FULL.values(), ids=FULL.keys())
def test_a_full_store_is_named_loses_nothing_and_takes_the_same_again_when_there_is_room(
    vault: S3Vault, between: LyingStore, truth: S3Vault, place: str, fault: Fault
) -> None:
    kept, refused = ObjectKey(f"{place}/kept"), ObjectKey(f"{place}/refused")
    version = put(vault, kept)
    between.fault = fault
    with pytest.raises(OutcomeUnknown) as full:
        put(vault, refused)
    for language in ("vi", "en"):
        assert between.endpoint in full.value.explain(language)
        assert refused in full.value.explain(language)
    assert truth.read(kept, version) == BODY
    between.fault = lies.honest
    assert truth.read(refused, put(vault, refused)) == BODY


def test_a_store_that_hangs_is_named_in_time_and_goes_on_where_it_was(
    versitygw: StoreServer, key: ObjectKey
) -> None:
    with_bucket(versitygw)
    vault = S3Vault(
        versitygw.endpoint,
        BUCKET,
        KHO.access_key,
        KHO.secret_key,
        SystemClock(),
        region=REGION,
        secure=False,
        limits=TimeLimits(connect=1, read=0.5),
    )
    version = put(vault, key)
    began = time.monotonic()
    with versitygw.frozen():
        for call in (
            lambda: vault.stat(key, version),
            lambda: put(vault, ObjectKey(f"{key}.b")),
            vault.check_bucket,
        ):
            with pytest.raises(VaultUnreachable) as silence:
                call()
            assert versitygw.endpoint in silence.value.explain("vi")
    assert time.monotonic() - began < 15
    assert vault.stat(key, version).version == version
    put(vault, ObjectKey(f"{key}.b"))


def test_the_version_of_another_make_of_store_is_missing_not_an_error(
    minio: StoreServer, versitygw: StoreServer, key: ObjectKey
) -> None:
    # An act names the version of the store that it was written to; after a copy the vault asks for
    # it elsewhere.
    others = ("6715731f3aaded364eda0accbe57daea", "01M8351RRXZYFB23CMFGM6K7DA", "f" * 64)
    for server in (minio, versitygw):
        vault = s3_vault(with_bucket(server).endpoint)
        put(vault, key)
        for other in others:
            with pytest.raises(ObjectMissing):
                vault.stat(key, other)
            with pytest.raises(ObjectMissing):
                vault.read(key, other)


def test_a_writer_that_was_overtaken_finds_the_others_version(
    vault: S3Vault, between: LyingStore, truth: S3Vault, key: ObjectKey
) -> None:
    def overtake(request: lies.Request, pass_on: Callable[[], Answer]) -> Answer:
        if request.method == "PUT":
            between.fault = lies.honest
            put(truth, key)
        return pass_on()

    between.fault = overtake
    version = put(vault, key)
    assert [each.version for each in truth.list(key)] == [version]


def test_a_writer_that_was_overtaken_by_other_bytes_is_refused(
    vault: S3Vault, between: LyingStore, truth: S3Vault, key: ObjectKey
) -> None:
    def overtake(request: lies.Request, pass_on: Callable[[], Answer]) -> Answer:
        if request.method == "PUT":
            between.fault = lies.honest
            truth.put(key, b"other bytes", retain_until=END, media_type=MEDIA_TYPE)
        return pass_on()

    between.fault = overtake
    with pytest.raises(ObjectExists):
        put(vault, key)
    assert [each.size for each in truth.list(key)] == [len(b"other bytes")]
