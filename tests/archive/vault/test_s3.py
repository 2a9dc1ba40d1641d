"""What is true of the S3 vault alone, shown on a real store: its lock, its versions, its keys, its
ends.
"""

import base64
import hashlib
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from minio.commonconfig import GOVERNANCE
from minio.error import S3Error
from minio.retention import Retention
from minio.versioningconfig import SUSPENDED, VersioningConfig

from archive.base.clock import FixedClock, SystemClock
from archive.base.identifiers import ObjectKey, sha256
from archive.vault.contract import (
    Assurance,
    BucketUnfit,
    LockMode,
    LockNotConfirmed,
    ObjectExists,
    ObjectMissing,
    StillLocked,
    Stored,
    VaultError,
    VaultUnreachable,
)
from archive.vault.s3 import S3Vault
from archive.vault.s3_client import TimeLimits
from archive.vault.s3_listing import list_versions
from tests.archive.vault.conftest import BUCKET, MEDIA_TYPE, days, raw_client, s3_vault, with_bucket
from tests.fixtures.store_server import ADMIN, KHO, REGION, STRANGER, Key, StoreServer, free_ports

BODY = b"bytes"


@pytest.fixture(params=["seaweed", "minio"])
def store(request: pytest.FixtureRequest) -> StoreServer:
    """Return each store in turn that Kho accepts: what versitygw does not keep is in
    `docs/stores.md`.
    """
    return with_bucket(request.getfixturevalue(request.param))


@pytest.fixture
def vault(store: StoreServer) -> S3Vault:
    return s3_vault(store.endpoint)


def put(vault: S3Vault, key: ObjectKey, data: bytes = BODY, until: float = 1) -> Stored:
    return vault.put(key, data, retain_until=days(until), media_type=MEDIA_TYPE)


# --- the store keeps the lock against every caller
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [KHO, ADMIN], ids=lambda key: key.name)
def test_a_locked_version_cannot_be_removed_by_any_key(
    store: StoreServer, vault: S3Vault, key: ObjectKey, who: Key
) -> None:
    stored = put(vault, key)
    with pytest.raises(S3Error):
        raw_client(store, who).remove_object(BUCKET, key, version_id=stored.version)
    assert vault.assurance is Assurance.STORE
    assert vault.read(key, stored.version) == BODY


@pytest.mark.parametrize("who", [KHO, ADMIN], ids=lambda key: key.name)
def test_a_lock_cannot_be_shortened_or_weakened_behind_khos_back(
    store: StoreServer, vault: S3Vault, key: ObjectKey, who: Key
) -> None:
    stored, client = put(vault, key, until=10), raw_client(store, who)
    for weaker in (Retention(LockMode.COMPLIANCE, days(9)), Retention(GOVERNANCE, days(20))):
        with pytest.raises(S3Error):
            client.set_object_retention(BUCKET, key, weaker, version_id=stored.version)
    assert vault.stat(key, stored.version) == stored


def test_versioning_cannot_be_suspended(store: StoreServer) -> None:
    with pytest.raises(S3Error):
        raw_client(store, ADMIN).set_bucket_versioning(BUCKET, VersioningConfig(SUSPENDED))


def test_locks_hold_when_the_buckets_own_configuration_is_taken_away(
    store: StoreServer, key: ObjectKey
) -> None:
    bucket = "kho-test-stripped"
    s3_vault(store.endpoint, bucket, ADMIN).ensure_bucket()
    vault = s3_vault(store.endpoint, bucket)
    stored = put(vault, key)
    raw_client(store, ADMIN).delete_object_lock_config(bucket)
    with pytest.raises(S3Error):
        raw_client(store, ADMIN).remove_object(bucket, key, version_id=stored.version)
    assert vault.stat(key, stored.version) == stored


def test_the_store_has_the_last_word_when_khos_clock_runs_ahead(
    store: StoreServer, key: ObjectKey
) -> None:
    stored = put(s3_vault(store.endpoint), key)
    ahead = S3Vault(
        store.endpoint,
        BUCKET,
        KHO.access_key,
        KHO.secret_key,
        FixedClock(days(400)),
        region=REGION,
        secure=False,
    )
    with pytest.raises(StillLocked):
        ahead.delete(key, stored.version)
    assert ahead.read(key, stored.version) == BODY


# --- versions
# --------------------------------------------------------------------------------------------------


def test_a_version_written_over_it_hides_nothing_and_is_listed(
    store: StoreServer, vault: S3Vault, key: ObjectKey
) -> None:
    stored = put(vault, key)
    raw_client(store, KHO).put_object(BUCKET, key, BytesIO(b"intruder"), 8)
    assert {each.size for each in vault.list(key)} == {5, 8}
    assert vault.read(key, stored.version) == BODY
    assert put(vault, key) == stored
    with pytest.raises(ObjectExists):
        put(vault, key, b"others")


def test_a_delete_marker_hides_nothing(store: StoreServer, vault: S3Vault, key: ObjectKey) -> None:
    stored = put(vault, key)
    raw_client(store, KHO).remove_object(BUCKET, key)
    assert vault.stat(key) == stored
    assert [each.version for each in vault.list(key)] == [stored.version]
    assert put(vault, key) == stored


def test_a_governance_lock_does_not_count(
    store: StoreServer, vault: S3Vault, key: ObjectKey
) -> None:
    lock = Retention(GOVERNANCE, days(9))
    raw_client(store, KHO).put_object(BUCKET, key, BytesIO(BODY), len(BODY), retention=lock)
    with pytest.raises(LockNotConfirmed):
        put(vault, key)


def test_a_listing_goes_on_page_after_page(store: StoreServer, vault: S3Vault, place: str) -> None:
    keys = sorted(f"{place}/{name}" for name in ("a", "a-b", "b/c", "b/d", "c=1", "d"))
    for key in keys:
        put(vault, ObjectKey(key), key.encode())
    raw_client(store, KHO).remove_object(BUCKET, keys[2])
    raw_client(store, KHO).put_object(BUCKET, keys[3], BytesIO(b"second"), 6)
    for page in (1, 2, 3, 7, 1000):
        keys_listed = [
            each.key for each in list_versions(raw_client(store, KHO), BUCKET, f"{place}/", page)
        ]
        assert keys_listed == sorted([*keys, keys[3]])


# --- what goes over the line
# --------------------------------------------------------------------------------------------------


def test_the_store_is_given_the_checksum_and_verifies_it(
    store: StoreServer, vault: S3Vault, key: ObjectKey
) -> None:
    version = put(vault, key).version
    head = raw_client(store, KHO).stat_object(
        BUCKET, key, version_id=version, extra_headers={"x-amz-checksum-mode": "ENABLED"}
    )
    assert head.metadata is not None
    assert (
        head.metadata["x-amz-checksum-sha256"]
        == base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    )
    assert head.content_type == MEDIA_TYPE
    wrong: dict[str, str | list[str] | tuple[str]] = {
        "x-amz-checksum-sha256": base64.b64encode(bytes(32)).decode()
    }
    with pytest.raises(S3Error):
        raw_client(store, KHO).put_object(
            BUCKET, f"{key}.wrong", BytesIO(BODY), len(BODY), metadata=wrong
        )


def test_an_object_larger_than_the_clients_own_part_is_one_upload(
    vault: S3Vault, key: ObjectKey
) -> None:
    data = bytes(range(256)) * 24_000  # 6 MB
    stored = put(vault, key, data)
    assert vault.read(key, stored.version, expected=sha256(data)) == data


# --- buckets and keys
# --------------------------------------------------------------------------------------------------


def test_a_bucket_is_made_once_with_versions_and_lock(store: StoreServer) -> None:
    admin = s3_vault(store.endpoint, "kho-test-made", ADMIN)
    admin.ensure_bucket()
    admin.ensure_bucket()
    client = raw_client(store, ADMIN)
    assert client.get_bucket_versioning("kho-test-made").status == "Enabled"
    client.get_object_lock_config("kho-test-made")


def test_a_bucket_without_lock_is_refused_and_nothing_goes_into_it(
    store: StoreServer, key: ObjectKey
) -> None:
    client = raw_client(store, ADMIN)
    client.make_bucket("kho-test-plain")
    with pytest.raises(BucketUnfit):
        s3_vault(store.endpoint, "kho-test-plain", ADMIN).ensure_bucket()
    with pytest.raises(VaultError):
        put(s3_vault(store.endpoint, "kho-test-plain"), key)


def test_a_bucket_that_keeps_versions_but_no_locks_is_refused(store: StoreServer) -> None:
    client = raw_client(store, ADMIN)
    client.make_bucket("kho-test-versions")
    client.set_bucket_versioning("kho-test-versions", VersioningConfig("Enabled"))
    with pytest.raises(BucketUnfit):
        s3_vault(store.endpoint, "kho-test-versions", ADMIN).ensure_bucket()


def test_a_bucket_that_is_not_there_is_no_empty_vault(store: StoreServer, key: ObjectKey) -> None:
    vault = s3_vault(store.endpoint, "kho-test-nowhere")
    for call in (
        lambda: vault.stat(key),
        lambda: list(vault.list("")),
        lambda: put(vault, key),
        vault.check_bucket,
    ):
        with pytest.raises(VaultError) as refusal:
            call()
        assert not isinstance(refusal.value, ObjectMissing)


@pytest.mark.parametrize(
    "who",
    [STRANGER, Key("wrong secret", KHO.access_key, "wrong"), Key("unknown", "stranger", "nothing")],
    ids=lambda key: key.name,
)
def test_a_key_without_rights_is_refused_by_name_of_the_store_and_without_the_secret(
    store: StoreServer, vault: S3Vault, key: ObjectKey, who: Key
) -> None:
    stored = put(vault, key)
    other = s3_vault(store.endpoint, key=who)
    for call in (
        lambda: other.stat(key, stored.version),
        lambda: other.read(key, stored.version),
        lambda: put(other, key),
        lambda: other.extend(key, stored.version, days(9)),
        lambda: other.delete(key, stored.version),
    ):
        with pytest.raises(VaultError) as refusal:
            call()
        assert store.endpoint in refusal.value.explain("vi")
        assert who.secret_key not in refusal.value.explain("vi")
        assert not refusal.value.outcome_unknown
    assert vault.stat(key, stored.version) == stored


# --- the store goes away
# --------------------------------------------------------------------------------------------------


def test_a_store_that_is_not_there_is_named_at_once(key: ObjectKey) -> None:
    endpoint = f"127.0.0.1:{free_ports(1)[0]}"
    vault = s3_vault(endpoint)
    began = time.monotonic()
    for call in (
        lambda: put(vault, key),
        lambda: vault.stat(key),
        lambda: list(vault.list("")),
        vault.check_lock_is_kept,
    ):
        with pytest.raises(VaultUnreachable) as gone:
            call()
        assert endpoint in gone.value.explain("vi")
    assert time.monotonic() - began < 5


def test_a_store_that_is_killed_is_named_and_keeps_what_it_acknowledged_with_its_locks(
    seaweed_to_kill: StoreServer, place: str
) -> None:
    server = seaweed_to_kill
    s3_vault(server.endpoint, key=ADMIN).ensure_bucket()
    vault = S3Vault(
        server.endpoint,
        BUCKET,
        KHO.access_key,
        KHO.secret_key,
        SystemClock(),
        region=REGION,
        secure=False,
        limits=TimeLimits(connect=2, read=10),
    )
    stored = [put(vault, ObjectKey(f"{place}/{count}"), b"%d" % count) for count in range(20)]
    server.kill()
    with pytest.raises(VaultUnreachable) as gone:
        put(vault, ObjectKey(f"{place}/lost"))
    assert server.endpoint in gone.value.explain("vi")
    server.start()
    for count, each in enumerate(stored):
        assert vault.stat(each.key, each.version) == each
        assert vault.read(each.key, each.version) == b"%d" % count
        with pytest.raises(S3Error):
            raw_client(server, KHO).remove_object(BUCKET, each.key, version_id=each.version)
    vault.check_lock_is_kept()
    put(vault, ObjectKey(f"{place}/lost"))


# the store itself reads again and again for about ten seconds before it owns up
@pytest.mark.torture
def test_a_byte_that_is_flipped_on_the_stores_disk_is_not_handed_out(
    seaweed_to_kill: StoreServer, key: ObjectKey
) -> None:
    server, mark = seaweed_to_kill, b"a mark that is found again on the disk " * 100
    s3_vault(server.endpoint, key=ADMIN).ensure_bucket()
    vault = s3_vault(server.endpoint)
    stored = put(vault, key, mark)
    server.kill()
    flipped = 0
    for volume in server.data.rglob("*.dat"):
        data = volume.read_bytes()
        place = data.find(mark)
        if place >= 0:
            volume.write_bytes(data[: place + 7] + bytes([data[place + 7] ^ 1]) + data[place + 8 :])
            flipped += 1
    assert flipped
    server.start()
    with pytest.raises(VaultError):
        vault.read(key, stored.version)


def test_a_canary_whose_lock_has_ended_is_deleted_from_the_store(
    store: StoreServer, vault: S3Vault
) -> None:
    key = ObjectKey(f"canary/{time.time_ns()}")
    until = datetime.now(UTC) + timedelta(seconds=1)
    vault.put(key, BODY, retain_until=until, media_type="text/plain")
    time.sleep(2.2)
    vault.check_lock_is_kept()
    with pytest.raises(ObjectMissing):
        vault.stat(key)
