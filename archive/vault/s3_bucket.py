"""One S3 bucket, addressed by key *and version*.

It makes the requests that a vault needs, without any decision of its own.

Facts: S3 API reference (PutObject, HeadObject, ListObjectVersions, PutObjectRetention,
DeleteObject). Every method raises the errors of :func:`archive.vault.s3_client.talking`.
"""

import base64
import hashlib
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

from minio import Minio
from minio.commonconfig import ENABLED
from minio.datatypes import Object
from minio.error import S3Error
from minio.helpers import check_bucket_name
from minio.retention import Retention
from minio.time import to_iso8601utc

from archive.base.clock import parse_iso
from archive.base.identifiers import ObjectKey, Sha256, parse_sha256
from archive.vault.contract import Lock, LockMode, VaultError
from archive.vault.s3_body import Body
from archive.vault.s3_client import talking
from archive.vault.s3_listing import Listed, list_versions, read_xml

_BUFFER = 64 * 1024  # bytes
_CHECKSUM = "x-amz-checksum-sha256"
_OVERTAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


class Overtaken(Exception):
    """Another writer stored a version under the key since we looked.

    Nothing was stored by this PUT.
    """


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """One version as the store describes it; `checksum` is None where the store reports none."""

    version: str
    size: int
    lock: Lock | None
    checksum: Sha256 | None


class Bucket:
    """The bucket `name` behind `minio`; `component` names the store in errors.

    Raises ValueError for a bad name.
    """

    def __init__(self, minio: Minio, name: str, component: str) -> None:
        check_bucket_name(name, strict=True)
        self.name = name
        self.component = component
        self._minio = minio

    def create_with_lock(self) -> None:
        """Make the bucket with Object Lock, if it is not there."""
        with self._talking(f"CREATE {self.name}", writes=True):
            if not self._minio.bucket_exists(self.name):
                self._minio.make_bucket(self.name, object_lock=True)

    def has_versioning(self) -> bool:
        """Tell whether the bucket keeps versions."""
        with self._talking(f"GET versioning of {self.name}"):
            return bool(self._minio.get_bucket_versioning(self.name).status == ENABLED)

    def check_object_lock(self) -> None:
        """Raise :class:`archive.vault.contract.VaultError` if the bucket has no Object Lock."""
        # Not `get_object_lock_config`: it cannot read the answer of a store that writes an empty
        # rule.
        with self._talking(f"GET object-lock of {self.name}"):
            answer = self._minio._execute("GET", self.name, query_params={"object-lock": ""})
            enabled = read_xml(answer.data).findtext("{*}ObjectLockEnabled")
        if enabled != ENABLED:
            raise VaultError(why=f"{self.component}, GET object-lock of {self.name}: {enabled!a}")

    def put(self, key: ObjectKey, data: bytes, lock: Lock, media_type: str) -> str | None:
        """Store a version in one request, with its lock and its SHA-256, where the key has none.

        Return its id.

        The id is None where the store returns none. Raises Overtaken where another writer's version
        came first (`If-None-Match: *`; RFC 9110, 13.1.2): a store that does not know that header
        takes a second version.
        """
        headers: dict[str, str | list[str] | tuple[str]] = {
            "Content-Type": media_type,
            "If-None-Match": "*",
            _CHECKSUM: base64.b64encode(hashlib.sha256(data).digest()).decode(),
            "x-amz-object-lock-mode": lock.mode.value,
            "x-amz-object-lock-retain-until-date": to_iso8601utc(lock.retain_until) or "",
        }
        # Not `put_object`: it has no place for If-None-Match (and would make it the object's own
        # metadata).
        with self._talking(f"PUT {key}", writes=True):
            try:
                written = self._minio._put_object(self.name, key, data, headers)
            except S3Error as answer:
                if answer.code in _OVERTAKEN:
                    raise Overtaken from answer
                raise
        return written.version_id

    def head(self, key: ObjectKey, version: str) -> ObjectHead:
        """Describe a version.

        `lock` is None where the store reports none, or Kho's key has no right to see it.
        """
        with self._talking(f"HEAD {key}", key):
            answer = self._ask_for(key, version)
            headers = answer.metadata or {}
            mode = headers.get("x-amz-object-lock-mode")
            until = headers.get("x-amz-object-lock-retain-until-date")
            return ObjectHead(
                version=answer.version_id or "",
                size=answer.size or 0,
                lock=Lock(LockMode(mode), parse_iso(until)) if mode and until else None,
                checksum=_checksum(headers.get(_CHECKSUM)),
            )

    def _ask_for(self, key: ObjectKey, version: str) -> Object:
        try:
            return self._minio.stat_object(
                self.name, key, version_id=version, extra_headers={"x-amz-checksum-mode": "ENABLED"}
            )
        except S3Error as answer:  # to a HEAD it has no body that could say why
            if answer.code == "BadRequest":
                self._minio.get_object(self.name, key, version_id=version).close()
            raise

    def open(self, key: ObjectKey, version: str) -> BinaryIO:
        """Open a version for reading; the caller closes it."""
        doing = f"GET {key}"
        with self._talking(doing, key):
            response = self._minio.get_object(self.name, key, version_id=version)
        return io.BufferedReader(Body(response, self.component, doing), _BUFFER)

    def versions(self, prefix: str) -> Iterator[Listed]:
        """Yield every version whose key starts with `prefix`, by key, without delete markers.

        A request gets 1000.
        """
        with self._talking(f"LIST {prefix}"):
            yield from list_versions(self._minio, self.name, prefix)

    def set_lock(self, key: ObjectKey, version: str, lock: Lock) -> None:
        """Ask the store to give a version this lock; it refuses to shorten one."""
        with self._talking(f"PUT retention of {key}", key, writes=True):
            self._minio.set_object_retention(
                self.name, key, Retention(lock.mode, lock.retain_until), version_id=version
            )

    def remove(self, key: ObjectKey, version: str) -> None:
        """Ask the store to delete a version for good; it refuses while the version is locked."""
        with self._talking(f"DELETE {key}", key, writes=True):
            self._minio.remove_object(self.name, key, version_id=version)

    def _talking(
        self, doing: str, key: ObjectKey | None = None, *, writes: bool = False
    ) -> AbstractContextManager[None]:
        return talking(self.component, doing, key, writes=writes)


def _checksum(header: str | None) -> Sha256 | None:
    """Return the digest in a checksum header.

    Returns None where it is missing or a digest of parts (`...-2`).
    """
    if header is None or "-" in header:
        return None
    return parse_sha256(base64.b64decode(header, validate=True).hex())
