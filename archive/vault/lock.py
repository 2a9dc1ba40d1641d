"""What every engine demands of a lock: COMPLIANCE, a whole second in the future.

It is never lowered, and read back as asked.
"""

from datetime import UTC, datetime, timedelta

from archive.base.identifiers import ObjectKey
from archive.vault.contract import (
    Lock,
    LockMode,
    LockNotConfirmed,
    LockRefused,
    StillLocked,
    Stored,
)


def lock_until(key: ObjectKey, retain_until: datetime, now: datetime) -> Lock:
    """Return the lock to ask for: `retain_until` in UTC, rounded *up* to a whole second.

    Stores keep whole seconds and cut off fractions, which would end a lock early. Raises
    :class:`LockRefused` for a time without its offset and for a time that is not after `now`.
    """
    if retain_until.tzinfo is None or retain_until <= now:
        raise LockRefused(key=key)
    end = retain_until.astimezone(UTC)
    if end.microsecond:
        end = end.replace(microsecond=0) + timedelta(seconds=1)
    return Lock(LockMode.COMPLIANCE, end)


def check_confirmed(key: ObjectKey, asked: Lock, confirmed: Lock | None) -> Lock:
    """Return `confirmed` if it keeps the lock `asked`; raises :class:`LockNotConfirmed`.

    A later end is no fault: another process may have extended the same version in between.
    """
    if (
        confirmed is None
        or confirmed.mode is not asked.mode
        or confirmed.retain_until < asked.retain_until
    ):
        raise LockNotConfirmed(key=key)
    return confirmed


def check_not_shortened(key: ObjectKey, current: Lock, asked: Lock) -> None:
    """Raise :class:`LockRefused` if `asked` ends before `current`."""
    if asked.retain_until < current.retain_until:
        raise LockRefused(key=key)


def check_ended(stored: Stored, now: datetime) -> None:
    """Raise :class:`StillLocked` unless the version's lock is known and has ended at `now`."""
    if stored.lock is None or stored.lock.retain_until > now:
        raise StillLocked(key=stored.key)
