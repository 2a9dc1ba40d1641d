"""What every vault does, whatever engine keeps it: the contract of `archive/vault/contract.py`,
case by case.
"""

import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey, sha256
from archive.vault.contract import (
    KeyRefused,
    LockMode,
    LockNotConfirmed,
    LockRefused,
    ObjectExists,
    ObjectMissing,
    StillLocked,
    Stored,
    Vault,
    VaultError,
)
from tests.archive.vault.conftest import MEDIA_TYPE, Engine, days, seconds

NAME = "Hồ sơ bệnh án"


def put(
    vault: Vault, key: ObjectKey, data: bytes = b"bytes", until: datetime | None = None
) -> Stored:
    return vault.put(key, data, retain_until=until or days(1), media_type=MEDIA_TYPE)


# --- what goes in comes out
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        bytes(range(256)),
        b"\r\n\x00\r\n" * 9,
        NAME.encode(),
        bytes(2_000_003),
        b"%PDF-1.7\n" * 20_000,
    ],
    ids=[
        "empty",
        "one byte",
        "every byte",
        "line ends and NUL",
        "Vietnamese",
        "two megabytes of zeros",
        "text",
    ],
)
def test_what_is_put_is_read_back_byte_for_byte(vault: Vault, key: ObjectKey, data: bytes) -> None:
    stored = put(vault, key, data)
    assert stored.key == key
    assert stored.size == len(data)
    assert vault.read(key, stored.version, expected=sha256(data)) == data


def test_what_is_put_is_described_as_it_was_answered(vault: Vault, key: ObjectKey) -> None:
    stored = put(vault, key)
    assert vault.stat(key, stored.version) == stored
    assert vault.stat(key) == stored


def test_what_is_put_is_there_for_another_process(engine: Engine, key: ObjectKey) -> None:
    stored = put(engine.vault, key)
    assert engine.reopen().stat(key, stored.version) == stored


def test_an_object_can_be_read_piece_by_piece(vault: Vault, key: ObjectKey) -> None:
    stored = put(vault, key, bytes(range(256)) * 1000)
    with vault.open(key, stored.version) as file:
        pieces = [file.read(1), file.read(255), file.read(100_000), file.read(), file.read()]
    assert b"".join(pieces) == bytes(range(256)) * 1000


def test_a_reader_may_stop_early_and_others_read_on(vault: Vault, key: ObjectKey) -> None:
    stored = put(vault, key, bytes(1_000_000))
    for _ in range(12):
        with vault.open(key, stored.version) as file:
            assert file.read(10) == bytes(10)
    assert len(vault.read(key, stored.version)) == 1_000_000


def test_unexpected_bytes_are_not_handed_out(vault: Vault, key: ObjectKey) -> None:
    stored = put(vault, key, b"these")
    with pytest.raises(IntegrityError):
        vault.read(key, stored.version, expected=sha256(b"others"))


# --- the lock is the one that was asked for
# --------------------------------------------------------------------------------------------------


def test_every_object_is_locked_in_compliance_mode_until_the_time_asked(
    vault: Vault, key: ObjectKey
) -> None:
    until = days(90)
    lock = put(vault, key, until=until).lock
    assert lock is not None
    assert (lock.mode, lock.retain_until) == (LockMode.COMPLIANCE, until)
    assert lock.retain_until.tzinfo is UTC or lock.retain_until.utcoffset() == timedelta(0)


def test_a_lock_may_last_a_hundred_years(vault: Vault, key: ObjectKey) -> None:
    until = days(36_525)
    lock = put(vault, key, until=until).lock
    assert lock is not None
    assert lock.retain_until == until


def test_a_fraction_of_a_second_is_rounded_up_so_that_no_lock_ends_early(
    vault: Vault, key: ObjectKey
) -> None:
    until = days(1)
    lock = put(vault, key, until=until + timedelta(microseconds=1)).lock
    assert lock is not None
    assert lock.retain_until == until + timedelta(seconds=1)


def test_a_time_in_another_zone_is_the_same_moment(vault: Vault, key: ObjectKey) -> None:
    until = days(1)
    lock = put(vault, key, until=until.astimezone(timezone(timedelta(hours=7)))).lock
    assert lock is not None
    assert lock.retain_until == until


@pytest.mark.parametrize("ago", [0, 1, 86_400 * 365])
def test_a_lock_that_has_already_ended_is_refused_and_nothing_is_stored(
    vault: Vault, key: ObjectKey, ago: int
) -> None:
    with pytest.raises(LockRefused):
        put(vault, key, until=seconds(-ago))
    with pytest.raises(ObjectMissing):
        vault.stat(key)


def test_a_time_without_its_offset_is_refused(vault: Vault, key: ObjectKey) -> None:
    with pytest.raises(LockRefused):
        put(vault, key, until=days(1).replace(tzinfo=None))


@pytest.mark.parametrize(
    "media_type", ["", "pdf", "text/plain; name=x", "a/b\r\nx-amz-acl: public", "a/" + "b" * 500]
)
def test_an_invalid_media_type_is_the_callers_mistake(
    vault: Vault, key: ObjectKey, media_type: str
) -> None:
    with pytest.raises(ValueError, match="media type"):
        vault.put(key, b"bytes", retain_until=days(1), media_type=media_type)
    assert list(vault.list(key)) == []


# --- nothing is ever overwritten
# --------------------------------------------------------------------------------------------------


def test_the_same_bytes_again_are_the_same_version(vault: Vault, key: ObjectKey) -> None:
    until = days(1)
    first = put(vault, key, until=until)
    assert put(vault, key, until=until) == first
    assert [each.version for each in vault.list(key)] == [first.version]


def test_the_same_bytes_with_a_later_end_extend_the_lock(vault: Vault, key: ObjectKey) -> None:
    first, later = put(vault, key, until=days(1)), days(2)
    again = put(vault, key, until=later)
    assert again.version == first.version
    assert again.lock is not None
    assert again.lock.retain_until == later
    assert vault.stat(key, first.version) == again


def test_the_same_bytes_with_an_earlier_end_keep_the_longer_lock(
    vault: Vault, key: ObjectKey
) -> None:
    first = put(vault, key, until=days(2))
    assert put(vault, key, until=days(1)) == first


def test_the_same_bytes_under_another_media_type_are_the_same_version(
    vault: Vault, key: ObjectKey
) -> None:
    first = put(vault, key)
    again = vault.put(key, b"bytes", retain_until=days(1), media_type="text/plain; charset=utf-8")
    assert again.version == first.version


@pytest.mark.parametrize("other", [b"others", b"byteS", b"", b"bytes."])
def test_other_bytes_under_a_key_are_refused_and_the_first_stand(
    vault: Vault, key: ObjectKey, other: bytes
) -> None:
    first = put(vault, key, b"bytes")
    with pytest.raises(ObjectExists):
        put(vault, key, other)
    assert vault.stat(key) == first
    assert vault.read(key, first.version) == b"bytes"


# --- keys
# --------------------------------------------------------------------------------------------------

BAD_KEYS = {
    "empty": "",
    "root": "/",
    "from the root": "/a",
    "to nothing": "a/",
    "empty segment": "a//b",
    "here": "a/./b",
    "upwards": "../a",
    "upwards inside": "a/../../b",
    "hidden": "a/.b",
    "starts like an option": "a/-b",
    "a lock file": "a/b.pdf.lock",
    "inside a lock file": "a.lock/b",
    "NFC Vietnamese": unicodedata.normalize("NFC", NAME),
    "NFD Vietnamese": unicodedata.normalize("NFD", NAME),
    "full-width": "a/\uff0e\uff0e/b",
    "blank": "a b",
    "NUL": "a\0b",
    "line end": "a\n",
    "backslash": "..\\a",
    "percent": "a%2e",
    "query": "a?versionId=1",
    "long name": "a/" + "b" * 201,
    "long key": "/".join(["b" * 100] * 11),
}


@pytest.mark.parametrize("bad", BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_a_key_that_is_not_plain_is_refused_by_every_method(vault: Vault, bad: str) -> None:
    bad_key = ObjectKey(bad)
    with pytest.raises(KeyRefused):
        put(vault, bad_key)
    with pytest.raises(KeyRefused):
        vault.stat(bad_key)
    with pytest.raises(KeyRefused):
        vault.open(bad_key, "1")
    with pytest.raises(KeyRefused):
        vault.read(bad_key, "1")
    with pytest.raises(KeyRefused):
        vault.extend(bad_key, "1", days(1))
    with pytest.raises(KeyRefused):
        vault.delete(bad_key, "1")


@pytest.mark.parametrize(
    "name",
    [
        "79001/acts/000000000000-" + "a" * 64 + ".json",
        "79001/documents/0199a1b2-0000-7000-8000-000000000000/" + "b" * 64 + ".pdf",
        "79001/tile/0/x001/x234/067",
        "79001/tile/entries/x001/067",
        "79001/checkpoint/12-" + "c" * 64,
        "A_b=c.d-e",
        "s" * 200,
    ],
)
def test_the_keys_that_the_archive_uses_are_taken(vault: Vault, place: str, name: str) -> None:
    key = ObjectKey(f"{place}/{name}")
    assert put(vault, key).key == key
    assert vault.stat(key).key == key


# --- what is not there
# --------------------------------------------------------------------------------------------------


def test_a_key_that_was_never_put_is_missing(vault: Vault, key: ObjectKey) -> None:
    with pytest.raises(ObjectMissing):
        vault.stat(key)
    with pytest.raises(ObjectMissing):
        vault.read(key, "1")
    with pytest.raises(ObjectMissing):
        vault.extend(key, "1", days(1))
    with pytest.raises(ObjectMissing):
        vault.delete(key, "1")


def test_a_version_that_was_never_put_is_missing(vault: Vault, key: ObjectKey) -> None:
    version = put(vault, key).version
    for unknown in (version[:-1] + ("0" if version[-1] != "0" else "1"), "1", ""):
        for call in (vault.stat, vault.open, vault.read, vault.delete):
            with pytest.raises(ObjectMissing):
                call(key, unknown)
        with pytest.raises(ObjectMissing):
            vault.extend(key, unknown, days(2))


def test_the_beginning_of_a_key_is_not_a_key(vault: Vault, key: ObjectKey) -> None:
    put(vault, key)
    for beginning in (key.rpartition("/")[0], key[:-1], key.split("/")[0]):
        with pytest.raises(ObjectMissing):
            vault.stat(ObjectKey(beginning))


# --- extending
# --------------------------------------------------------------------------------------------------


def test_a_lock_is_moved_to_a_later_time_and_read_back(vault: Vault, key: ObjectKey) -> None:
    stored, later = put(vault, key, until=days(1)), days(3650)
    lock = vault.extend(key, stored.version, later)
    assert lock.retain_until == later
    assert vault.stat(key, stored.version).lock == lock
    assert vault.read(key, stored.version) == b"bytes"


def test_a_lock_may_be_moved_again_and_again(vault: Vault, key: ObjectKey) -> None:
    version = put(vault, key, until=days(1)).version
    ends = [vault.extend(key, version, days(count)).retain_until for count in (2, 3, 30)]
    assert ends == sorted(ends)


def test_extending_to_the_same_time_changes_nothing(vault: Vault, key: ObjectKey) -> None:
    until = days(1)
    stored = put(vault, key, until=until)
    assert vault.extend(key, stored.version, until) == stored.lock


def test_extending_rounds_up_to_a_whole_second(vault: Vault, key: ObjectKey) -> None:
    stored, later = put(vault, key), days(2)
    assert vault.extend(
        key, stored.version, later + timedelta(milliseconds=1)
    ).retain_until == later + timedelta(seconds=1)


@pytest.mark.parametrize(
    "until", [days(9), seconds(60), seconds(-60)], ids=["a day", "nearly all", "into the past"]
)
def test_a_lock_is_never_shortened(vault: Vault, key: ObjectKey, until: datetime) -> None:
    stored = put(vault, key, until=days(10))
    with pytest.raises(LockRefused):
        vault.extend(key, stored.version, until)
    assert vault.stat(key, stored.version) == stored


# --- deleting
# --------------------------------------------------------------------------------------------------


def test_a_locked_version_is_not_deleted(vault: Vault, key: ObjectKey) -> None:
    stored = put(vault, key)
    with pytest.raises(StillLocked):
        vault.delete(key, stored.version)
    assert vault.stat(key, stored.version) == stored
    assert vault.read(key, stored.version) == b"bytes"


def test_a_version_is_deleted_when_its_lock_has_ended_and_its_key_is_free_again(
    vault: Vault, place: str
) -> None:
    key, neighbour = ObjectKey(f"{place}/a"), ObjectKey(f"{place}/a.b")
    until = seconds(1)
    version = put(vault, key, until=until).version
    kept = put(vault, neighbour)
    with pytest.raises(StillLocked):
        vault.delete(key, version)
    time.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds()) + 1.1)
    vault.delete(key, version)
    with pytest.raises(ObjectMissing):
        vault.stat(key, version)
    with pytest.raises(ObjectMissing):
        vault.delete(key, version)
    assert [each.key for each in vault.list(f"{place}/")] == [neighbour]
    assert vault.stat(neighbour) == kept
    assert vault.read(key, put(vault, key, b"other bytes").version) == b"other bytes"


def test_a_lock_that_was_extended_counts_when_deleting(vault: Vault, key: ObjectKey) -> None:
    until = seconds(1)
    version = put(vault, key, until=until).version
    vault.extend(key, version, days(1))
    time.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds()) + 1.1)
    with pytest.raises(StillLocked):
        vault.delete(key, version)


# --- listing
# --------------------------------------------------------------------------------------------------


def test_versions_are_listed_in_the_order_of_their_keys_bytes(vault: Vault, place: str) -> None:
    names = ["b", "b/c", "b-c", "b.c", "bc", "b0", "B", "a/z", "a/y/x", "_", "z=1", "b0/1"]
    names.remove("b")  # a folder cannot hold a file and a folder of one name: `test_folder.py`
    names.remove("b0")
    for name in names:
        put(vault, ObjectKey(f"{place}/{name}"), name.encode())
    assert [each.key for each in vault.list(f"{place}/")] == sorted(
        f"{place}/{name}" for name in names
    )


def test_a_listing_gives_sizes_and_versions_that_can_be_read(vault: Vault, place: str) -> None:
    for count in range(3):
        put(vault, ObjectKey(f"{place}/{count}"), b"x" * count)
    for count, stored in enumerate(vault.list(place)):
        assert stored.size == count
        assert vault.read(stored.key, stored.version) == b"x" * count


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("", ["a", "ab/c", "ab/d", "b/ab/c"]),
        ("a", ["a", "ab/c", "ab/d"]),
        ("ab", ["ab/c", "ab/d"]),
        ("ab/", ["ab/c", "ab/d"]),
        ("ab/d", ["ab/d"]),
        ("abc", []),
        ("ab/c/", []),
        ("c", []),
    ],
)
def test_a_prefix_is_matched_to_the_letter(
    vault: Vault, place: str, prefix: str, names: list[str]
) -> None:
    for name in ("a", "ab/c", "ab/d", "b/ab/c"):
        put(vault, ObjectKey(f"{place}/{name}"))
    assert [each.key for each in vault.list(f"{place}/{prefix}")] == [
        f"{place}/{name}" for name in names
    ]


def test_the_whole_vault_is_listed_under_the_empty_prefix(vault: Vault, key: ObjectKey) -> None:
    put(vault, key)
    assert key in [each.key for each in vault.list("")]


@pytest.mark.parametrize("prefix", ["/", "../", "a//", ".", "a/..", "a.lock/", "é"])
def test_a_prefix_that_no_key_can_have_is_refused(vault: Vault, prefix: str) -> None:
    with pytest.raises(KeyRefused):
        list(vault.list(prefix))


# --- several writers
# --------------------------------------------------------------------------------------------------


def race(engine: Engine, key: ObjectKey, bodies: list[bytes]) -> list[Stored | VaultError]:
    """Put every body under one key at the same moment, each by a vault of its own."""
    barrier = threading.Barrier(len(bodies))

    def write(body: bytes) -> Stored | VaultError:
        vault = engine.reopen()
        barrier.wait()
        try:
            return put(vault, key, body, until)
        except VaultError as refusal:
            return refusal

    until = days(1)
    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(write, bodies))


def test_writers_of_the_same_bytes_all_succeed(engine: Engine, key: ObjectKey) -> None:
    for outcome in race(engine, key, [b"same"] * 6):
        assert isinstance(outcome, Stored)
        assert engine.vault.stat(key, outcome.version) == outcome
        assert engine.vault.read(key, outcome.version) == b"same"


def test_writers_of_other_bytes_are_refused_or_keep_their_own(
    engine: Engine, key: ObjectKey
) -> None:
    bodies = [f"body {count}".encode() for count in range(6)]
    outcomes = race(engine, key, bodies)
    assert any(isinstance(outcome, Stored) for outcome in outcomes)
    for body, outcome in zip(bodies, outcomes, strict=True):
        if isinstance(outcome, Stored):
            assert engine.vault.read(key, outcome.version) == body
        else:
            assert isinstance(outcome, ObjectExists)


def test_writers_on_different_keys_do_not_disturb_one_another(engine: Engine, place: str) -> None:
    keys = [ObjectKey(f"{place}/deep/{count % 3}/{count}") for count in range(12)]
    with ThreadPoolExecutor(6) as pool:
        versions = list(pool.map(lambda key: put(engine.vault, key, key.encode()).version, keys))
    for key, version in zip(keys, versions, strict=True):
        assert engine.vault.read(key, version) == key.encode()


# --- what others put there
# --------------------------------------------------------------------------------------------------


def test_an_object_without_a_lock_is_shown_as_such_and_counts_as_locked(
    engine: Engine, key: ObjectKey
) -> None:
    engine.plant(key, b"foreign")
    stored = engine.vault.stat(key)
    assert stored.lock is None
    assert [each.version for each in engine.vault.list(key)] == [stored.version]
    assert engine.vault.read(key, stored.version) == b"foreign"
    with pytest.raises(StillLocked):
        engine.vault.delete(key, stored.version)
    with pytest.raises(LockNotConfirmed):
        engine.vault.extend(key, stored.version, days(1))


def test_an_object_without_a_lock_is_never_acknowledged_as_stored(
    engine: Engine, key: ObjectKey
) -> None:
    engine.plant(key, b"bytes")
    with pytest.raises(LockNotConfirmed):
        put(engine.vault, key, b"bytes")
    with pytest.raises(ObjectExists):
        put(engine.vault, key, b"other")


# --- the canary
# --------------------------------------------------------------------------------------------------


def test_the_canary_survives_what_kho_can_do_to_it(engine: Engine) -> None:
    engine.vault.check_lock_is_kept()
    engine.vault.check_lock_is_kept()
    assert [each.key for each in engine.vault.list("canary/")]


def test_every_refusal_says_in_two_languages_what_to_do(vault: Vault, key: ObjectKey) -> None:
    stored = put(vault, key)
    with pytest.raises(StillLocked) as refusal:
        vault.delete(key, stored.version)
    assert key in refusal.value.explain("vi")
    assert key in refusal.value.explain("en")
