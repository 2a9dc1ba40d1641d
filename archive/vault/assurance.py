"""The canary: proof that the store refuses Kho's own key what a lock forbids.

It is tried before anything is archived there.

A store that reports "locked" and still deletes the object seems right until it matters. So Kho puts
a small object with a short lock under `canary/`, and tries to remove it and to shorten its lock by
every request that its key can send, without any of Kho's own guards. Later runs delete the canaries
whose lock has ended.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from archive.base.clock import Clock
from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey, new_id, sha256
from archive.vault.contract import (
    LockNotKept,
    ObjectMissing,
    OutcomeUnknown,
    StillLocked,
    Vault,
    VaultError,
    VaultUnreachable,
)

CANARY_PREFIX = "canary/"
CANARY_LOCK = timedelta(minutes=2)
_BODY = b"Kho canary: this object must not go before its lock ends.\n"


def try_canary(
    vault: Vault,
    clock: Clock,
    *,
    delete: Callable[[ObjectKey, str], object],
    shorten: Callable[[ObjectKey, str, datetime], object],
) -> None:
    """Put a canary and attack it.

    Raises :class:`LockNotKept` if an attack is not refused or the canary is not whole.

    `delete` (key, version) and `shorten` (key, version, new end) go straight to the store and raise
    :class:`VaultError` when it refuses. A store that does not answer proves nothing: its
    VaultUnreachable or OutcomeUnknown goes through to the caller, which must not archive then
    either.
    """
    _sweep(vault)
    now = clock.now()
    key = ObjectKey(f"{CANARY_PREFIX}{new_id()}")
    canary = vault.put(key, _BODY, retain_until=now + CANARY_LOCK, media_type="text/plain")
    _must_be_refused(key, "xóa", "delete", lambda: delete(key, canary.version))
    _must_be_refused(
        key,
        "rút ngắn khóa của",
        "shorten the lock of",
        lambda: shorten(key, canary.version, now + CANARY_LOCK / 2),
    )
    try:
        vault.read(key, canary.version, expected=sha256(_BODY))
        kept = vault.stat(key, canary.version).lock == canary.lock
    except (ObjectMissing, IntegrityError):
        kept = False
    if not kept:
        raise LockNotKept(key=key, attack_vi="sửa đổi", attack_en="alter")


def _must_be_refused(
    key: ObjectKey, attack_vi: str, attack_en: str, attack: Callable[[], object]
) -> None:
    try:
        attack()
    except (VaultUnreachable, OutcomeUnknown):
        raise
    except VaultError:
        return
    raise LockNotKept(key=key, attack_vi=attack_vi, attack_en=attack_en)


def _sweep(vault: Vault) -> None:
    for old in vault.list(CANARY_PREFIX):
        try:
            vault.delete(old.key, old.version)
        except (StillLocked, ObjectMissing):
            continue  # its time has not come, or another process swept it up
