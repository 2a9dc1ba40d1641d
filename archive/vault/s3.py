"""A vault in an S3 bucket with Object Lock, through the `minio` client.

The store itself keeps every lock.

Each PUT carries its COMPLIANCE lock and its SHA-256 checksum. Kho trusts the PUT only when a HEAD
of that version returns lock, size and checksum; where the store returns no checksum, Kho reads the
bytes back.

**Two writers on one key.** S3 has versions, so nothing is overwritten. `put` looks before it
writes, so that a repetition finds the first version and returns it. Each PUT says `If-None-Match:
*`, so that of two concurrent writers the second is refused and finds the first's version too. A
store that does not know that header keeps two versions, both locked: each writer gets its own, and
a later `put` gets the oldest that has its bytes. Kho's keys hold the digest or a fresh id of what
they name, so that two versions of a key have the same bytes, or one is not Kho's.

**Delete markers** hide a key from clients that ask for its latest version. They remove nothing, and
Kho ignores them: the newest existing version is the latest.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

from archive.base.clock import Clock
from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey, Sha256, sha256
from archive.process import crash
from archive.vault.assurance import try_canary
from archive.vault.contract import (
    Assurance,
    BucketUnfit,
    Lock,
    LockNotConfirmed,
    LockRefused,
    ObjectExists,
    ObjectMissing,
    OutcomeUnknown,
    StillLocked,
    Stored,
    VaultError,
    VaultUnreachable,
)
from archive.vault.key import check_key, check_media_type, check_prefix
from archive.vault.lock import check_confirmed, check_ended, check_not_shortened, lock_until
from archive.vault.s3_bucket import Bucket, ObjectHead, Overtaken
from archive.vault.s3_client import TimeLimits, client
from archive.vault.s3_listing import Listed

PUT_POINTS = ("vault.s3.put.looked", "vault.s3.put.sent", "vault.s3.put.confirmed")
EXTEND_POINTS = ("vault.s3.extend.sent",)
RELOCK_POINTS = ("vault.s3.relock.sent",)
DELETE_POINTS = ("vault.s3.delete.sent",)


class S3Vault:
    """A vault in one bucket.

    One instance serves many threads of one process; a child process makes its own.

    Raises :class:`ValueError` for an endpoint or a bucket name that cannot be one.
    """

    assurance = Assurance.STORE

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        clock: Clock,
        *,
        region: str = "us-east-1",
        secure: bool = True,
        ca_file: Path | None = None,
        limits: TimeLimits | None = None,
    ) -> None:
        minio = client(
            endpoint,
            access_key,
            secret_key,
            region,
            secure=secure,
            ca_file=ca_file,
            limits=limits or TimeLimits(),
        )
        self._bucket = Bucket(minio, bucket, f"S3 {endpoint}")
        self._clock = clock

    def ensure_bucket(self) -> None:
        """Make the bucket with Object Lock if it is not there; :meth:`check_bucket` checks it.

        Needs a key that may make buckets; Kho's own need not be one.
        """
        self._bucket.create_with_lock()
        self.check_bucket()

    def check_bucket(self) -> None:
        """Raise :class:`BucketUnfit` unless the bucket keeps versions and has Object Lock.

        Raises VaultError if it is missing.
        """
        if not self._bucket.has_versioning():
            raise BucketUnfit(bucket=self._bucket.name, missing="versioning")
        try:
            self._bucket.check_object_lock()
        except VaultUnreachable:
            raise
        except VaultError as refusal:
            raise BucketUnfit(bucket=self._bucket.name, missing="Object Lock") from refusal

    def put(
        self, key: ObjectKey, data: bytes, *, retain_until: datetime, media_type: str
    ) -> Stored:
        """See :meth:`archive.vault.contract.Vault.put`."""
        check_key(key)
        check_media_type(media_type)
        lock = lock_until(key, retain_until, self._clock.now())
        standing = self._find_same(key, data)
        crash.point("vault.s3.put.looked")
        if standing is not None:
            return self._converge(standing, lock)
        try:
            version = self._bucket.put(key, data, lock, media_type)
        except Overtaken as first:
            standing = self._find_same(key, data)
            if standing is None:  # the version is gone again, or a new delete marker hides it
                raise OutcomeUnknown(
                    why=f"{self._bucket.component}, PUT {key}: overtaken"
                ) from first
            return self._converge(standing, lock)
        crash.point("vault.s3.put.sent")
        stored = self._confirm(key, version, data, lock)
        crash.point("vault.s3.put.confirmed")
        return stored

    def stat(self, key: ObjectKey, version: str | None = None) -> Stored:
        """See :meth:`archive.vault.contract.Vault.stat`."""
        check_key(key)
        if version is None:
            newest = max(
                self._standing(key), key=lambda each: (each.is_latest, each.written), default=None
            )
            if newest is None:
                raise ObjectMissing(key=key)
            version = newest.version
        _check_version(key, version)
        return _stored(key, self._bucket.head(key, version))

    def open(self, key: ObjectKey, version: str) -> BinaryIO:
        """See :meth:`archive.vault.contract.Vault.open`.

        Reading from it raises VaultUnreachable when it is cut.
        """
        check_key(key)
        _check_version(key, version)
        return self._bucket.open(key, version)

    def read(self, key: ObjectKey, version: str, expected: Sha256 | None = None) -> bytes:
        """See :meth:`archive.vault.contract.Vault.read`."""
        with self.open(key, version) as body:
            data = body.read()
        if expected not in (None, sha256(data)):
            raise IntegrityError(object=key)
        return data

    def extend(self, key: ObjectKey, version: str, retain_until: datetime) -> Lock:
        """See :meth:`archive.vault.contract.Vault.extend`."""
        check_key(key)
        return self._lengthen(
            self.stat(key, version), lock_until(key, retain_until, self._clock.now())
        )

    def relock(
        self,
        key: ObjectKey,
        version: str,
        expected: Sha256,
        *,
        retain_until: datetime,
        media_type: str,
    ) -> Lock:
        """See :meth:`archive.vault.contract.Vault.relock`.

        The store keeps the media type itself.
        """
        check_media_type(media_type)
        lock = lock_until(key, retain_until, self._clock.now())
        if self.stat(key, version).lock is not None:
            raise LockRefused(key=key)
        self.read(key, version, expected)
        self._bucket.set_lock(key, version, lock)
        crash.point("vault.s3.relock.sent")
        with _after_a_write():
            head = self._bucket.head(key, version)
        return check_confirmed(key, lock, head.lock)

    def list(self, prefix: str) -> Iterator[Stored]:
        """See :meth:`archive.vault.contract.Vault.list`.

        Locks are left out: ask :meth:`stat` for them.

        Several versions of one key come in the store's own order; pages of 1000 are fetched as they
        are needed.
        """
        check_prefix(prefix)
        for listed in self._bucket.versions(prefix):
            yield Stored(listed.key, listed.version, listed.size, None)

    def strays(self) -> Iterator[str]:
        """See :meth:`archive.vault.contract.Vault.strays`.

        A bucket has none: :meth:`list` gives every key.
        """
        return iter(())

    def delete(self, key: ObjectKey, version: str) -> None:
        """See :meth:`archive.vault.contract.Vault.delete`.

        The store has the last word on whether a lock has ended.
        """
        check_ended(self.stat(key, version), self._clock.now())
        try:
            self._bucket.remove(key, version)
        except (OutcomeUnknown, VaultUnreachable):
            raise
        except VaultError as refusal:
            raise StillLocked(key=key) from refusal
        crash.point("vault.s3.delete.sent")
        try:
            with _after_a_write():
                self._bucket.head(key, version)
        except ObjectMissing:
            return
        raise OutcomeUnknown(why=f"{self._bucket.component}, DELETE {key}")

    def check_lock_is_kept(self) -> None:
        """See :meth:`archive.vault.contract.Vault.check_lock_is_kept`.

        The attacks go straight to the store.
        """
        try_canary(
            self,
            self._clock,
            delete=self._bucket.remove,
            shorten=lambda key, version, end: self._bucket.set_lock(
                key, version, lock_until(key, end, self._clock.now())
            ),
        )

    def _standing(self, key: ObjectKey) -> Iterator[Listed]:
        """Yield the versions of exactly `key`.

        They come first among the keys that start with it.
        """
        return takewhile(lambda each: each.key == key, self._bucket.versions(key))

    def _find_same(self, key: ObjectKey, data: bytes) -> Stored | None:
        """Return the oldest version whose bytes are `data`.

        Raises ObjectExists where only others exist.

        Kho reads the bytes and does not rely on the digest that the store reports: this path is
        rare, and the version that it returns is acknowledged.
        """
        standing = sorted(self._standing(key), key=lambda each: (each.written, each.version))
        with _after_a_write():
            for each in standing:
                if each.size == len(data) and self.read(key, each.version) == data:
                    return self.stat(key, each.version)
        if standing:
            raise ObjectExists(key=key)
        return None

    def _converge(self, standing: Stored, lock: Lock) -> Stored:
        """Return the existing version, its lock extended to `lock` where it ends before."""
        with _after_a_write():
            if standing.lock is not None and standing.lock.retain_until >= lock.retain_until:
                check_confirmed(standing.key, lock, standing.lock)
                return standing
            longer = self._lengthen(standing, lock)
        return Stored(standing.key, standing.version, standing.size, longer)

    def _confirm(self, key: ObjectKey, version: str | None, data: bytes, lock: Lock) -> Stored:
        """Return the store's description of the version just written.

        Raises LockNotConfirmed, OutcomeUnknown.
        """
        if not version or version == "null":  # S3's word for "this bucket keeps no versions"
            raise LockNotConfirmed(key=key)
        try:
            with _after_a_write():
                head = self._bucket.head(key, version)
                checksum = head.checksum or sha256(self.read(key, version))
        except ObjectMissing as gone:
            raise LockNotConfirmed(key=key) from gone
        if (head.version, head.size, checksum) != (version, len(data), sha256(data)):
            raise LockNotConfirmed(key=key)
        check_confirmed(key, lock, head.lock)
        return _stored(key, head)

    def _lengthen(self, stored: Stored, lock: Lock) -> Lock:
        """Move a version's lock to `lock` and return it as read back."""
        if stored.lock is None:
            raise LockNotConfirmed(key=stored.key)
        check_not_shortened(stored.key, stored.lock, lock)
        if stored.lock == lock:
            return lock
        self._bucket.set_lock(stored.key, stored.version, lock)
        crash.point("vault.s3.extend.sent")
        with _after_a_write():
            head = self._bucket.head(stored.key, stored.version)
        return check_confirmed(stored.key, lock, head.lock)


@contextmanager
def _after_a_write() -> Iterator[None]:
    """Raise OutcomeUnknown where the store fails or is silent after a write.

    It may already have written.
    """
    try:
        yield
    except ObjectMissing:
        raise
    except VaultError as failure:
        if failure.outcome_unknown:
            raise
        raise OutcomeUnknown(
            why=", ".join(str(fact) for fact in failure.facts.values())
        ) from failure


def _check_version(key: ObjectKey, version: str) -> None:
    """Raise ObjectMissing for an empty version: in S3's requests that would mean the latest."""
    if not version:
        raise ObjectMissing(key=key)


def _stored(key: ObjectKey, head: ObjectHead) -> Stored:
    return Stored(key, head.version, head.size, head.lock)
