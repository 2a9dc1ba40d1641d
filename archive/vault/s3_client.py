"""The `minio` client as Kho uses it.

It has time limits, no retry of a write, and failures sorted by what they mean.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import ParseError

import certifi
import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError

from archive.base.identifiers import ObjectKey
from archive.vault.contract import ObjectMissing, OutcomeUnknown, VaultError, VaultUnreachable

_NEVER_SENT = (NewConnectionError, ConnectTimeoutError)
_MISSING = frozenset({"NoSuchKey", "NoSuchVersion"})
# S3's own sentence for an id that this store cannot have made
_NO_VERSION_ID = "Invalid version id"


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds to wait for a connection, and for each next byte of an answer."""

    connect: float = 5.0
    read: float = 60.0


def client(
    endpoint: str,
    access_key: str,
    secret_key: str,
    region: str,
    *,
    secure: bool,
    ca_file: Path | None,
    limits: TimeLimits,
) -> Minio:
    """Return a client for `endpoint` (`host:port`).

    Raises :class:`ValueError` where that cannot be an address.

    The client's own pool repeats a PUT up to five times, and each repetition adds one more locked
    version. Here only a connection that was never established is retried, and a GET or HEAD that
    broke off.
    """
    pool = urllib3.PoolManager(
        maxsize=10,
        timeout=urllib3.Timeout(connect=limits.connect, read=limits.read),
        retries=urllib3.Retry(
            total=2,
            redirect=0,
            status=0,
            other=0,
            backoff_factor=0.1,
            allowed_methods=frozenset({"GET", "HEAD"}),
        ),
        cert_reqs="CERT_REQUIRED",
        ca_certs=str(ca_file or certifi.where()),
    )
    return Minio(endpoint, access_key, secret_key, region=region, secure=secure, http_client=pool)


@contextmanager
def talking(
    component: str, doing: str, key: ObjectKey | None = None, *, writes: bool = False
) -> Iterator[None]:
    """Turn what goes wrong in talking to `component` while `doing` into the vault's errors.

    Refused (4xx): VaultError, or ObjectMissing where `key` is given and not there. Never reached:
    VaultUnreachable. Cut off, timed out, 5xx, or an answer that is not S3's: OutcomeUnknown where
    the request `writes`, else VaultUnreachable.
    """
    try:
        yield
    except S3Error as answer:
        if key is not None and _is_missing(answer):
            raise ObjectMissing(key=key) from answer
        if answer.response.status < 500:
            raise VaultError(why=f"{component}, {doing}: {answer.code}") from answer
        raise _interrupted(component, f"{doing}: {answer.code}", writes) from answer
    except HTTPError as cut:
        cause = cut.reason if isinstance(cut, MaxRetryError) else cut
        never_sent = isinstance(cause, _NEVER_SENT)
        raise _interrupted(
            component, f"{doing}: {type(cause).__name__}", writes and not never_sent
        ) from cut
    # What the client says to an answer without S3's XML (an error page of a proxy), with broken XML
    # or broken dates.
    except (MinioException, ParseError, ValueError) as strange:
        raise _interrupted(component, f"{doing}: {type(strange).__name__}", writes) from strange


def _is_missing(answer: S3Error) -> bool:
    """Tell whether there is no such key or version.

    An act may name a version of the store that it was copied from.
    """
    if answer.code == "InvalidArgument":
        return (answer.message or "").startswith(_NO_VERSION_ID)
    return answer.code in _MISSING


def _interrupted(component: str, why: str, written: bool) -> VaultError:
    return (
        OutcomeUnknown(why=f"{component}, {why}")
        if written
        else VaultUnreachable(component=component, why=why)
    )
