"""A checkpoint that a person kept: read from a file, or fetched from where it was published."""

import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

from archive.base.errors import Misconfigured, Unavailable, Unreadable
from archive.ledger.checkpoint import MAX_BYTES
from retention.health.history_check import Kept

_SECONDS = 20  # to connect, and between two pieces of an answer


def kept_checkpoint(place: str) -> Kept:
    """Return the checkpoint at `place`: a file's name, or a URL (http, https).

    Raises Misconfigured for a file that cannot be opened, Unavailable where the server does not
    give the checkpoint, Unreadable for what is larger than a checkpoint.
    """
    is_url = urlsplit(place).scheme in ("http", "https")
    data = _fetched(place) if is_url else _read(Path(place))
    if len(data) > MAX_BYTES:
        raise Unreadable(
            why_vi=f"{place} quá lớn so với một điểm kiểm",
            why_en=f"{place} is larger than a checkpoint",
        )
    return Kept(place, data)


def _read(file: Path) -> bytes:
    try:
        # a pipe without a writer must not hold the check
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as opened:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Misconfigured(
                    why_vi=f"{file} không phải tệp thường", why_en=f"{file} is not a regular file"
                )
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise Misconfigured(
            why_vi=f"{file}: {error.strerror}", why_en=f"{file}: {error.strerror}"
        ) from error


def _fetched(url: str) -> bytes:
    import urllib3  # only where a URL is asked for

    try:
        with urllib3.PoolManager(
            timeout=_SECONDS, retries=False, cert_reqs="CERT_REQUIRED"
        ) as pool:
            answer = pool.request("GET", url, preload_content=False)
            try:
                if answer.status != 200:
                    raise Unavailable(component=url, why=f"HTTP {answer.status}")
                return answer.read(MAX_BYTES + 1)
            finally:
                answer.close()
    except urllib3.exceptions.HTTPError as error:
        raise Unavailable(component=url, why=type(error).__name__) from error
