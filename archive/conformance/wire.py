"""Raw S3 requests, signed or not, right or wrong.

A client library would hide or correct what a trial wants to send.

Signature Version 4 is the `minio` client's (`minio.signer`). Every method raises VaultUnreachable.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlsplit

import certifi
import urllib3
from lxml import etree
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3

from archive.vault.contract import VaultUnreachable
from archive.vault.s3_listing import read_xml

_UNSIGNED = "UNSIGNED-PAYLOAD"
_PLAIN = "-_.~"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key with its secret."""

    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the store answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the store did it."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """S3's word for the error, empty where there is none (a HEAD has no body)."""
        if self.ok or not self.body.lstrip().startswith(b"<"):
            return ""
        try:
            return self.xml().findtext("{*}Code") or self.xml().findtext("Code") or ""
        except ValueError:
            return ""

    @property
    def version(self) -> str:
        """The version that the answer is about."""
        return self.headers.get("x-amz-version-id", "")

    def xml(self) -> etree._Element:
        """Return the body's root; raises :class:`ValueError` for what is no XML."""
        return read_xml(self.body)

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is: `endpoint` is `host:port`.

    `ca_file` (PEM) is the facility's own authority where it has one.
    """

    endpoint: str
    region: str = "us-east-1"
    secure: bool = True
    ca_file: Path | None = None

    @property
    def host(self) -> str:
        """The host without its port."""
        return urlsplit(f"//{self.endpoint}").hostname or ""

    @property
    def port(self) -> int:
        """The port, by default the protocol's own."""
        return urlsplit(f"//{self.endpoint}").port or (443 if self.secure else 80)


class Wire:
    """Sends requests signed with the key `who`, or unsigned where it is None.

    Use it in a `with` block, or close it.
    """

    def __init__(self, address: Address, who: AccessKey | None, *, wait: float = 30.0) -> None:
        self.address, self._who, self._wait = address, who, wait
        self._ca = str(address.ca_file or certifi.where())
        self._pool = urllib3.PoolManager(
            retries=False,
            timeout=urllib3.Timeout(wait),
            cert_reqs="CERT_REQUIRED",
            ca_certs=self._ca,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._pool.clear()

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        signed: bytes | None = None,
        ahead: timedelta = timedelta(),
    ) -> Answer:
        """Send one request to `path` and return the answer, whatever its status.

        `path` is `bucket` or `bucket/key`.

        `signed` is the body that the signature is made for, where another is sent; `ahead` sets the
        request's clock.
        """
        url, sent = self._signed(
            method, path, query, headers, body if signed is None else signed, ahead
        )
        try:
            answer = self._pool.request(method, url, body=body, headers=sent, redirect=False)
        except urllib3.exceptions.HTTPError as cut:
            raise self._away(f"{method}: {type(cut).__name__}") from cut
        return Answer(
            answer.status,
            {name.lower(): value for name, value in answer.headers.items()},
            answer.data,
        )

    def send_half(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Begin a PUT of `body`, send half of it, and cut the line."""
        url, sent = self._signed("PUT", path, None, headers, body, timedelta())
        parts = urlsplit(url)
        try:
            with self._socket() as line:
                head = {**sent, "Content-Length": str(len(body))}
                text = f"PUT {parts.path} HTTP/1.1\r\n" + "".join(
                    f"{name}: {value}\r\n" for name, value in head.items()
                )
                line.sendall(text.encode() + b"\r\n" + body[: len(body) // 2])
                time.sleep(0.2)  # let the store read what has come before the line ends
        except OSError as cut:
            raise self._away(type(cut).__name__) from cut

    def _socket(self) -> socket.socket:
        plain = socket.create_connection((self.address.host, self.address.port), self._wait)
        if not self.address.secure:
            return plain
        return ssl.create_default_context(cafile=self._ca).wrap_socket(
            plain, server_hostname=self.address.host
        )

    def _signed(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        body: bytes,
        ahead: timedelta,
    ) -> tuple[str, dict[str, str]]:
        asked = "&".join(
            f"{quote(k, safe=_PLAIN)}={quote(v, safe=_PLAIN)}" for k, v in (query or {}).items()
        )
        scheme = "https" if self.address.secure else "http"
        place = quote(path, safe=_PLAIN + "/") + ("?" if asked else "") + asked
        url = f"{scheme}://{self.address.endpoint}/{place}"
        sent = {"Host": self.address.endpoint, **(headers or {})}
        if self._who is None:
            return url, sent
        date = datetime.now(UTC) + ahead
        digest = sent.get("x-amz-content-sha256") or sha256(body).hexdigest()
        sent |= {"x-amz-content-sha256": digest, "x-amz-date": date.strftime("%Y%m%dT%H%M%SZ")}
        credentials = Credentials(self._who.access_key, self._who.secret_key)
        signed = sign_v4_s3(
            method=method,
            url=urlsplit(url),
            region=self.address.region,
            headers=dict(sent),
            credentials=credentials,
            content_sha256=digest,
            date=date,
        )
        return url, {name: str(value) for name, value in signed.items()}

    def _away(self, why: str) -> VaultUnreachable:
        return VaultUnreachable(component=f"S3 {self.address.endpoint}", why=why)


def unsigned(headers: Mapping[str, str]) -> dict[str, str]:
    """Return `headers` of a request whose signature leaves out the body, as clients do over TLS."""
    return {**headers, "x-amz-content-sha256": _UNSIGNED}


def probe(url: str, method: str = "GET", wait: float = 3.0) -> Answer | None:
    """Ask a plain HTTP address without any credentials; None where nothing answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=wait)
    try:
        connection.request(method, parts.path or "/")
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, answer.read(1 << 20))
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def speaks_plain_http2(host: str, port: int, wait: float = 3.0) -> bool:
    """Tell whether a port answers HTTP/2 without TLS (RFC 9113, 3.4).

    gRPC without any authentication does so.
    """
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
    try:
        with socket.create_connection((host, port), wait) as line:
            line.sendall(preface)
            answer = line.recv(9)
    except OSError:
        return False
    return len(answer) == 9 and answer[3] == 4  # a SETTINGS frame
