"""The lock file beside each object of a folder vault (`docs/formats.md`).

This module writes and reads its bytes.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from archive.base.canonical import CanonicalizationError, canonical
from archive.base.clock import parse_iso
from archive.base.identifiers import ObjectKey, Sha256, parse_sha256
from archive.vault.contract import Lock, LockMode

FORMAT = "kho-lock/1"
_LARGEST = 4096  # bytes; a lock file has about 400 and a key at most 1024


@dataclass(frozen=True, slots=True)
class LockRecord:
    """What a lock file says of the object beside it."""

    key: ObjectKey
    media_type: str
    sha256: Sha256
    size: int
    lock: Lock

    def to_bytes(self) -> bytes:
        """Return the file: canonical JSON (RFC 8785) with a digest of itself.

        The digest shows a torn or flipped file.
        """
        members: dict[str, str | int] = {
            "format": FORMAT,
            "key": self.key,
            "media_type": self.media_type,
            "mode": self.lock.mode.value,
            "retain_until": _text(self.lock.retain_until),
            "sha256": self.sha256,
            "size": self.size,
        }
        return canonical({**members, "check": hashlib.sha256(canonical(members)).hexdigest()})


def read_record(key: ObjectKey, data: bytes) -> LockRecord | None:
    """Return the record that `data` holds for `key`.

    Returns None where it is torn, altered, or another object's.

    Strict: the bytes must be exactly those that :meth:`LockRecord.to_bytes` writes.
    """
    if len(data) > _LARGEST:
        return None
    try:
        members = json.loads(data)
        record = LockRecord(
            key=ObjectKey(members["key"]),
            media_type=members["media_type"],
            sha256=parse_sha256(members["sha256"]),
            size=members["size"],
            lock=Lock(LockMode(members["mode"]), parse_iso(members["retain_until"])),
        )
        return record if record.key == key and record.to_bytes() == data else None
    # Whatever the bytes are (not JSON, deep nesting, wrong members or types), the lock is
    # unreadable: no more to say.
    except (ValueError, TypeError, KeyError, RecursionError, CanonicalizationError):
        return None


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
