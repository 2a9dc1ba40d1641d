"""What every vault promises; one conformance suite (`tests/archive/vault`) holds each engine to it.

The words are S3 Object Lock's: a *version* of an object under a *key* has a *lock* with a mode and
a *retain-until* time. Every lock is COMPLIANCE: Kho's own key never holds a right to bypass one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, ClassVar, Protocol

from archive.base.errors import KhoError
from archive.base.identifiers import ObjectKey, Sha256


class LockMode(StrEnum):
    """S3 Object Lock's modes; Kho writes only COMPLIANCE."""

    COMPLIANCE = "COMPLIANCE"
    GOVERNANCE = "GOVERNANCE"


class Assurance(StrEnum):
    """What enforces the lock: Kho's code, or a store that refuses even its administrator."""

    SOFTWARE = "software"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as it was read back from the store; `retain_until` is aware, UTC, whole seconds."""

    mode: LockMode
    retain_until: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored version, as the store describes it.

    `lock` is None where the store reports none (a fault).
    """

    key: ObjectKey
    version: str
    size: int
    lock: Lock | None


class VaultError(KhoError):
    """The vault refused or failed.

    `outcome_unknown` tells that a write may have happened all the same.
    """

    code = "vault.failed"
    outcome_unknown: ClassVar[bool] = False


class OutcomeUnknown(VaultError):
    """The store did not say whether it wrote.

    The same write may be repeated; another one may not take its place.
    """

    code = "vault.outcome_unknown"
    outcome_unknown = True


class VaultUnreachable(VaultError):
    """The store cannot be reached, or does not speak S3: nothing was sent that could change it."""

    code = "vault.unreachable"


class KeyRefused(VaultError):
    """This is not a key that a vault takes (`archive/vault/key.py`)."""

    code = "vault.key_refused"


class ObjectMissing(VaultError):
    """There is no such key or version."""

    code = "vault.missing"


class ObjectExists(VaultError):
    """The key already has other bytes: nothing is ever overwritten."""

    code = "vault.exists"


class LockRefused(VaultError):
    """A lock may not be shortened, removed, or set in the past."""

    code = "vault.lock_refused"


class StillLocked(VaultError):
    """A locked version may not be deleted."""

    code = "vault.still_locked"


class LockNotConfirmed(OutcomeUnknown):
    """The store took the bytes, but reports back another lock or other bytes."""

    code = "vault.lock_not_confirmed"
    outcome_unknown = True  # the bytes may be stored, but not as they must be


class LockNotKept(VaultError):
    """The store let a canary go: it does not keep its locks, so nothing may be archived in it."""

    code = "vault.lock_not_kept"


class BucketUnfit(VaultError):
    """The bucket lacks versioning or Object Lock, which cannot be had later."""

    code = "vault.bucket_unfit"


class Vault(Protocol):
    """A write-once store.

    Every method raises :class:`VaultError` or one of its children, and fails closed.
    """

    assurance: Assurance

    def put(
        self, key: ObjectKey, data: bytes, *, retain_until: datetime, media_type: str
    ) -> Stored:
        """Store `data` under `key`, locked until `retain_until`, durable before it returns.

        It is read back by version.

        Putting the same bytes again converges: the existing version is returned, its lock extended
        where it is shorter. Raises ObjectExists (the key has other bytes), LockRefused (a date in
        the past), LockNotConfirmed, OutcomeUnknown; ValueError for a `media_type` that is not of
        the form `type/subtype`.
        """
        ...

    def stat(self, key: ObjectKey, version: str | None = None) -> Stored:
        """Describe a version (the latest where None); raises ObjectMissing."""
        ...

    def open(self, key: ObjectKey, version: str) -> BinaryIO:
        """Open a version for reading; the caller closes it. Raises ObjectMissing."""
        ...

    def read(self, key: ObjectKey, version: str, expected: Sha256 | None = None) -> bytes:
        """Return a version's bytes.

        With `expected`, raises :class:`archive.base.errors.IntegrityError` if they differ.
        """
        ...

    def extend(self, key: ObjectKey, version: str, retain_until: datetime) -> Lock:
        """Move a lock's end to a later time and return it as read back.

        The same time changes nothing.

        Raises LockRefused (an earlier time), LockNotConfirmed (also where the present lock cannot
        be read, so that it might be lowered), ObjectMissing, OutcomeUnknown.
        """
        ...

    def relock(
        self,
        key: ObjectKey,
        version: str,
        expected: Sha256,
        *,
        retain_until: datetime,
        media_type: str,
    ) -> Lock:
        """Lock a version again whose lock is missing or torn; read it back.

        Its bytes must be `expected`.

        For repairs (`kho check --repair`): a readable lock is never changed. Raises LockRefused
        (the lock is readable, or a date in the past), IntegrityError (other bytes), ObjectMissing,
        LockNotConfirmed, OutcomeUnknown.
        """
        ...

    def list(self, prefix: str) -> Iterator[Stored]:
        """Yield every version whose key starts with `prefix`, in order of keys.

        Locks may be left out (None).
        """
        ...

    def strays(self) -> Iterator[str]:
        """Yield the names in the vault's place that are not objects.

        Names that a running writer has begun are left out.

        `list` gives none of them: hidden names, links, locks without an object. A name may hold any
        character.
        """
        ...

    def delete(self, key: ObjectKey, version: str) -> None:
        """Delete a version whose lock has ended, by version.

        Raises StillLocked, ObjectMissing, OutcomeUnknown.

        A version without a readable lock counts as locked.
        """
        ...

    def check_lock_is_kept(self) -> None:
        """Try a canary (`archive/vault/assurance.py`).

        Raises LockNotKept if Kho's own key could remove it.
        """
        ...
