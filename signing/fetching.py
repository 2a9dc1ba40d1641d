"""The only way out to TSA, OCSP and CRL servers: HTTP bounded in time and size,
without redirects.
"""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

import urllib3

from archive.base.errors import Unavailable

MAX_BYTES = 16 * 1024 * 1024  # national CRLs reach several MB
TIMEOUT_SECONDS = 15.0
_NO_REROUTE: Mapping[str, str] = MappingProxyType({})


class Fetcher:
    """Keeps connections open between calls; safe to share between threads. Close it when done.

    `reroute` maps an address prefix in certificates to where that server really answers (the test
    PKI, when its port was taken).
    """

    def __init__(
        self,
        *,
        timeout: float = TIMEOUT_SECONDS,
        max_bytes: int = MAX_BYTES,
        reroute: Mapping[str, str] = _NO_REROUTE,
    ) -> None:
        self._pool = urllib3.PoolManager(
            maxsize=8,
            retries=False,
            timeout=urllib3.Timeout(total=timeout),
            headers={"User-Agent": "kho"},
        )
        self._max_bytes = max_bytes
        self._reroute = reroute

    def get(self, url: str, component: str) -> bytes:
        """Return what is at `url`; raises :class:`archive.base.errors.Unavailable` naming
        `component`.
        """
        return self._request("GET", url, component, None, {})

    def post(self, url: str, body: bytes, component: str, *, sends: str, accepts: str) -> bytes:
        """Send `body` of media type `sends` and return an answer of type `accepts`; raises
        Unavailable.
        """
        return self._request(
            "POST", url, component, body, {"Content-Type": sends, "Accept": accepts}
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.clear()

    def _request(
        self, method: str, url: str, component: str, body: bytes | None, headers: dict[str, str]
    ) -> bytes:
        if urlsplit(url).scheme not in ("http", "https"):
            raise Unavailable(component=component, why="only http and https addresses are fetched")
        try:
            response = self._pool.request(
                method,
                self._rerouted(url),
                body=body,
                headers=headers,
                redirect=False,
                preload_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(component=component, why=_plain(error)) from error
        try:
            if response.status != 200:
                raise Unavailable(component=component, why=f"HTTP {response.status}")
            data = response.read(self._max_bytes + 1, decode_content=False)
            if len(data) > self._max_bytes:
                raise Unavailable(component=component, why=f"more than {self._max_bytes} bytes")
            expected = headers.get("Accept")
            if (
                expected
                and response.headers.get("Content-Type", "").split(";")[0].strip() != expected
            ):
                raise Unavailable(component=component, why="an answer of another kind")
            response.read()  # to the end, so that the connection can be used again
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(component=component, why=_plain(error)) from error
        except Unavailable:
            response.close()
            raise
        finally:
            response.release_conn()
        return data

    def _rerouted(self, url: str) -> str:
        for written, real in self._reroute.items():
            if url.startswith(f"{written}/"):
                return real + url.removeprefix(written)
        return url


def _plain(error: urllib3.exceptions.HTTPError) -> str:
    """Say what went wrong without addresses or object names."""
    # first: to urllib3 it is a kind of timeout
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return "no connection"
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return "timeout"
    return type(error).__name__
