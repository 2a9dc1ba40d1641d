"""A write-once folder: objects as read-only files, each with a lock file beside it.

They are durable before `put` answers.

    {root}/{key}         the object's bytes, mode 0444
    {root}/{key}.lock    its lock (`archive/vault/lock_file.py`), put there *before* the object

The version id is the SHA-256 of the bytes: it stays the same when the folder is copied or restored,
and `read` can check the bytes against it.

**What this does not do.** Only this code enforces the lock (`Assurance.SOFTWARE`). A process that
runs as the folder's owner, or as root, can `unlink` or replace a file in spite of its lock; mode
0444 only stops accidents. `kho check` finds such a change, nothing here prevents it. Production
needs a store that enforces the lock itself.

A writer holds a kernel lock on the object's folder while it works, so two writers of one key run
one after the other, and a temporary file that a writer finds there belongs to a dead writer. A
missing or torn lock file means *locked*: the version is shown without a lock, which `kho check`
reports, and can be read, but neither extended nor deleted.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from archive.base.clock import Clock
from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey, Sha256, sha256
from archive.files.durable import write_synced
from archive.files.folders import FolderMaker, locked, sync_folder
from archive.process import crash
from archive.vault.assurance import try_canary
from archive.vault.contract import (
    Assurance,
    Lock,
    LockNotConfirmed,
    LockRefused,
    ObjectExists,
    ObjectMissing,
    OutcomeUnknown,
    Stored,
    VaultError,
)
from archive.vault.folder_strays import strays
from archive.vault.key import LOCK_SUFFIX, check_key, check_media_type, check_prefix, is_key
from archive.vault.lock import check_confirmed, check_ended, check_not_shortened, lock_until
from archive.vault.lock_file import LockRecord, read_record

_OBJECT_MODE = 0o444
_LOCK_MODE = 0o444

PUT_POINTS = (
    "vault.folder.put.folders_made",
    "vault.folder.put.object_written",
    "vault.folder.put.lock_written",
    "vault.folder.put.lock_placed",
    "vault.folder.put.lock_durable",
    "vault.folder.put.object_placed",
    "vault.folder.put.object_durable",
)
EXTEND_POINTS = (
    "vault.folder.extend.lock_written",
    "vault.folder.extend.lock_placed",
    "vault.folder.extend.lock_durable",
)
RELOCK_POINTS = (
    "vault.folder.relock.lock_written",
    "vault.folder.relock.lock_placed",
    "vault.folder.relock.lock_durable",
)
DELETE_POINTS = (
    "vault.folder.delete.object_removed",
    "vault.folder.delete.object_gone",
    "vault.folder.delete.lock_removed",
)


class FolderVault:
    """A vault in a folder of a local file system; `root` is made when the first object comes."""

    assurance = Assurance.SOFTWARE

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root
        self._clock = clock
        self._folders = FolderMaker(root)

    def put(
        self, key: ObjectKey, data: bytes, *, retain_until: datetime, media_type: str
    ) -> Stored:
        """See :meth:`archive.vault.contract.Vault.put`."""
        check_key(key)
        check_media_type(media_type)
        lock = lock_until(key, retain_until, self._clock.now())
        record = LockRecord(key, media_type, sha256(data), len(data), lock)
        path = self._path(key)
        with _naming(f"PUT {key}"):
            self._folders.make(path.parent)
            crash.point("vault.folder.put.folders_made")
            with locked(path.parent):
                if not os.path.lexists(path):
                    self._place(path, record, data)
                with _naming(f"PUT {key}", OutcomeUnknown):  # from here on the object exists
                    return self._converge(record, data)

    def stat(self, key: ObjectKey, version: str | None = None) -> Stored:
        """See :meth:`archive.vault.contract.Vault.stat`."""
        check_key(key)
        with _naming(f"HEAD {key}"):
            stored = self._describe(key)
        if version not in (None, stored.version):
            raise ObjectMissing(key=key)
        return stored

    def open(self, key: ObjectKey, version: str) -> BinaryIO:
        """See :meth:`archive.vault.contract.Vault.open`."""
        self.stat(key, version)
        with _naming(f"GET {key}"):
            return os.fdopen(os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW), "rb")

    def read(self, key: ObjectKey, version: str, expected: Sha256 | None = None) -> bytes:
        """See :meth:`archive.vault.contract.Vault.read`.

        The bytes are always held to the version id, their digest.
        """
        with self.open(key, version) as file, _naming(f"GET {key}"):
            data = file.read()
        if sha256(data) != version or expected not in (None, version):
            raise IntegrityError(object=key)
        return data

    def extend(self, key: ObjectKey, version: str, retain_until: datetime) -> Lock:
        """See :meth:`archive.vault.contract.Vault.extend`."""
        check_key(key)
        lock = lock_until(key, retain_until, self._clock.now())
        self.stat(key, version)
        with _naming(f"EXTEND {key}"), locked(self._path(key).parent):
            return self._lengthen(key, version, lock)

    def relock(
        self,
        key: ObjectKey,
        version: str,
        expected: Sha256,
        *,
        retain_until: datetime,
        media_type: str,
    ) -> Lock:
        """See :meth:`archive.vault.contract.Vault.relock`."""
        check_media_type(media_type)
        lock = lock_until(key, retain_until, self._clock.now())
        self.stat(key, version)
        path = self._path(key)
        with _naming(f"RELOCK {key}"), locked(path.parent):
            if self._record(key) is not None:
                raise LockRefused(key=key)
            data = self.read(key, version, expected)
            record = LockRecord(key, media_type, expected, len(data), lock)
            self._write_lock(path, record, "relock")
            with _naming(f"RELOCK {key}", OutcomeUnknown):
                sync_folder(path.parent)
                crash.point("vault.folder.relock.lock_durable")
                return check_confirmed(key, lock, self._describe(key).lock)

    def list(self, prefix: str) -> Iterator[Stored]:
        """See :meth:`archive.vault.contract.Vault.list`; locks are given.

        Holds the names of one folder, and of those above it, in memory at a time. Files whose names
        no `put` can make are not the vault's and are left out.
        """
        check_prefix(prefix)
        with _naming(f"LIST {prefix}"):
            for key in _keys(self._root, "", prefix):
                with suppress(ObjectMissing):  # deleted since its folder was read
                    yield self._describe(key)

    def strays(self) -> Iterator[str]:
        """See :meth:`archive.vault.contract.Vault.strays`."""
        with _naming("LIST"):
            yield from strays(self._root)

    def delete(self, key: ObjectKey, version: str) -> None:
        """See :meth:`archive.vault.contract.Vault.delete`."""
        path = self._path(self.stat(key, version).key)
        with _naming(f"DELETE {key}"), locked(path.parent):
            check_ended(self.stat(key, version), self._clock.now())
            path.unlink()
            # From here on the object may be gone. Its lock goes last: an object without one would
            # be a fault.
            with _naming(f"DELETE {key}", OutcomeUnknown):
                crash.point("vault.folder.delete.object_removed")
                sync_folder(path.parent)
                crash.point("vault.folder.delete.object_gone")
                _lock_path(path).unlink(missing_ok=True)
                crash.point("vault.folder.delete.lock_removed")
                sync_folder(path.parent)

    def check_lock_is_kept(self) -> None:
        """See :meth:`archive.vault.contract.Vault.check_lock_is_kept`.

        There is no store: Kho attacks its own code.
        """
        try_canary(self, self._clock, delete=self.delete, shorten=self.extend)

    def _path(self, key: ObjectKey) -> Path:
        return self._root / key

    def _describe(self, key: ObjectKey) -> Stored:
        path = self._path(key)
        try:
            status = path.stat(follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            raise ObjectMissing(key=key) from None
        if not stat.S_ISREG(status.st_mode):
            raise ObjectMissing(key=key)
        record = self._record(key)
        version = _digest(path) if record is None else record.sha256
        return Stored(key, version, status.st_size, record.lock if record else None)

    def _record(self, key: ObjectKey) -> LockRecord | None:
        try:
            return read_record(key, _lock_path(self._path(key)).read_bytes())
        except FileNotFoundError:
            return None

    def _converge(self, record: LockRecord, data: bytes) -> Stored:
        """Return the stored object if it is `data`, read back, locked at least as asked.

        Caller holds the folder.
        """
        key, path = record.key, self._path(record.key)
        if not stat.S_ISREG(path.lstat().st_mode) or path.read_bytes() != data:
            raise ObjectExists(key=key)
        stored = self._describe(key)
        if stored.lock is None or (stored.version, stored.size) != (record.sha256, record.size):
            raise LockNotConfirmed(key=key)
        if stored.lock.retain_until < record.lock.retain_until:
            self._lengthen(key, stored.version, record.lock)
        _part(path).unlink(missing_ok=True)
        sync_folder(path.parent)  # the writer that placed it may have been killed before this
        crash.point("vault.folder.put.object_durable")
        return self._describe(key)

    def _place(self, path: Path, record: LockRecord, data: bytes) -> None:
        """Write object and lock to temporary files, place the lock, then the object.

        The caller holds the folder.
        """
        part, lock, lock_part = _part(path), _lock_path(path), _part(_lock_path(path))
        try:
            write_synced(part, data, _OBJECT_MODE)
            crash.point("vault.folder.put.object_written")
            write_synced(lock_part, record.to_bytes(), _LOCK_MODE)
            crash.point("vault.folder.put.lock_written")
            # over the lock of a writer that died before it placed its object
            lock_part.replace(lock)
            crash.point("vault.folder.put.lock_placed")
            sync_folder(path.parent)
            crash.point("vault.folder.put.lock_durable")
            os.link(part, path)  # never over another object
        except OSError:
            for left in (part, lock_part, lock):
                # a full or read-only disk: what stays is no object, and the next put clears it
                with suppress(OSError):
                    left.unlink(missing_ok=True)
            raise
        crash.point("vault.folder.put.object_placed")

    def _lengthen(self, key: ObjectKey, version: str, lock: Lock) -> Lock:
        """Replace the lock by one that ends later, and return it as read back.

        The caller holds the folder.
        """
        record = self._record(key)
        if record is None or record.sha256 != version:
            raise LockNotConfirmed(key=key)
        check_not_shortened(key, record.lock, lock)
        path = self._path(key)
        if record.lock != lock:
            self._write_lock(
                path, LockRecord(key, record.media_type, record.sha256, record.size, lock), "extend"
            )
        with _naming(f"EXTEND {key}", OutcomeUnknown):
            sync_folder(path.parent)
            crash.point("vault.folder.extend.lock_durable")
            return check_confirmed(key, lock, self._describe(key).lock)

    def _write_lock(self, path: Path, record: LockRecord, doing: str) -> None:
        """Write the lock file beside `path`, replacing an existing one.

        Its name is not yet durable.
        """
        place = _lock_path(path)
        write_synced(_part(place), record.to_bytes(), _LOCK_MODE)
        crash.point(f"vault.folder.{doing}.lock_written")
        _part(place).replace(place)
        crash.point(f"vault.folder.{doing}.lock_placed")


def _lock_path(path: Path) -> Path:
    return path.with_name(path.name + LOCK_SUFFIX)


def _part(path: Path) -> Path:
    """Return where a file is written before it is put into place.

    No key has a segment that starts with a dot.
    """
    return path.with_name(f".{path.name}.new")


def _digest(path: Path) -> Sha256:
    with path.open("rb") as file:
        return Sha256(hashlib.file_digest(file, "sha256").hexdigest())


def _keys(root: Path, folder: str, prefix: str) -> Iterator[ObjectKey]:
    """Yield the keys under `folder` that start with `prefix`, in order of their bytes.

    `folder` is empty, or ends in a slash.

    For that order a folder's name is sorted *with* its slash: `a-b` comes before `a/b`, which comes
    before `a0`.
    """
    try:
        with os.scandir(root / folder) as entries:
            names = sorted(
                entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name
                for entry in entries
                if is_key(entry.name) and not entry.is_symlink()
            )
    except FileNotFoundError:
        return  # nothing was ever put there
    for name in names:
        path = folder + name
        if name.endswith("/"):
            if is_key(path[:-1]) and (path.startswith(prefix) or prefix.startswith(path)):
                yield from _keys(root, path, prefix)
        elif path.startswith(prefix):
            yield ObjectKey(path)


@contextmanager
def _naming(doing: str, error: type[VaultError] = VaultError) -> Iterator[None]:
    """Turn the system's refusal into an error that names what failed.

    The disk is full or read-only, access is forbidden, or no file handle is left.
    """
    try:
        yield
    except OSError as refusal:
        raise error(why=f"{doing}: {refusal.strerror or type(refusal).__name__}") from refusal
