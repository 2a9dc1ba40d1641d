"""Locking again what has lost its lock: only over the bytes that are expected, and never in place
of a lock.
"""

import pytest

from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey, sha256
from archive.vault.contract import LockMode, LockRefused, ObjectMissing, Vault
from tests.archive.vault.conftest import MEDIA_TYPE, Engine, days

BODY = b"%PDF-1.7\n"


def relock(vault: Vault, key: ObjectKey, body: bytes = BODY, until: float = 30) -> None:
    version, end = vault.stat(key).version, days(until)
    lock = vault.relock(key, version, sha256(body), retain_until=end, media_type=MEDIA_TYPE)
    assert (lock.mode, lock.retain_until) == (LockMode.COMPLIANCE, end)
    assert vault.stat(key, version).lock == lock


def test_an_object_without_a_lock_is_locked_again(engine: Engine, key: ObjectKey) -> None:
    engine.plant(key, BODY)
    relock(engine.vault, key)
    assert engine.reopen().stat(key).lock is not None
    engine.vault.extend(key, engine.vault.stat(key).version, days(60))


def test_other_bytes_than_expected_are_not_locked(engine: Engine, key: ObjectKey) -> None:
    engine.plant(key, BODY)
    with pytest.raises(IntegrityError):
        relock(engine.vault, key, b"something else")
    assert engine.vault.stat(key).lock is None


def test_a_lock_that_can_be_read_is_left(vault: Vault, key: ObjectKey) -> None:
    stored = vault.put(key, BODY, retain_until=days(10), media_type=MEDIA_TYPE)
    for until in (5, 30):
        with pytest.raises(LockRefused):
            vault.relock(
                key, stored.version, sha256(BODY), retain_until=days(until), media_type=MEDIA_TYPE
            )
    assert vault.stat(key).lock == stored.lock


def test_a_lock_in_the_past_is_no_lock(engine: Engine, key: ObjectKey) -> None:
    engine.plant(key, BODY)
    with pytest.raises(LockRefused):
        relock(engine.vault, key, until=-1)


def test_what_is_not_there_is_missing(vault: Vault, key: ObjectKey) -> None:
    with pytest.raises(ObjectMissing):
        vault.relock(key, "0" * 64, sha256(BODY), retain_until=days(1), media_type=MEDIA_TYPE)
