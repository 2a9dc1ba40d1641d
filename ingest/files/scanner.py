"""The virus scanner: clamd by socket.

It scans a file before any of it is parsed (`man clamd`, INSTREAM).
"""

import re
import socket
import struct
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Literal, Protocol

import structlog

from archive.base.errors import Misconfigured, Unavailable
from ingest.sources.faults import refuse

log = structlog.get_logger(__name__)

_COMPONENT = "clamd"
_CHUNK = 1 << 18
_LONGEST_ANSWER = 1024
_ANSWER = re.compile(r"stream: (?:(OK)|(.{1,200}) FOUND)\Z")
_LENGTH = struct.Struct(">I")


class Scanner(Protocol):
    """Reports whether bytes hold something that is known to be malicious."""

    def scan(self, data: bytes, path: str = "/") -> None:
        """Return where nothing is found.

        Raises :class:`archive.base.errors.SubmissionRejected` with `source.infected` at `path`,
        :class:`archive.base.errors.Unavailable`.
        """
        ...


class NoScanner:
    """The facility has no scanner."""

    def scan(self, data: bytes, path: str = "/") -> None:
        """Find nothing."""


@dataclass(frozen=True, slots=True)
class Clamd:
    """One clamd, by the path of its socket or by host and port. It has `seconds` for one file."""

    address: str | tuple[str, int]
    policy: Literal["require", "prefer"] = "require"
    seconds: float = 60

    def scan(self, data: bytes, path: str = "/") -> None:
        """Ask clamd.

        While it is away, `prefer` lets the file pass with a warning in the log, `require` does not.
        """
        try:
            malware = self._ask(data)
        except Unavailable as error:
            if self.policy == "require":
                raise
            log.warning("scanner.away", why=error.facts["why"])
            return
        if malware is not None:
            raise refuse(path, "source.infected", signature=malware)

    def _ask(self, data: bytes) -> str | None:
        """Return the name of what was found, or None. An answer that says neither is no answer."""
        end = time.monotonic() + self.seconds
        try:
            with closing(self._connected(end)) as connection:
                answer = _exchange(connection, data, end)
        except OSError as error:
            raise _away(error.strerror or type(error).__name__) from error
        said = _ANSWER.match(answer)
        if said is None:
            too_long = "size limit" in answer
            raise _away(
                "its StreamMaxLength is too small"
                if too_long
                else "it did not say whether the file is clean"
            )
        return None if said[1] else _plain(said[2])

    def _connected(self, end: float) -> socket.socket:
        if isinstance(self.address, tuple):
            return socket.create_connection(self.address, timeout=_left(end))
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_left(end))
            connection.connect(self.address)
        except OSError:
            connection.close()
            raise
        return connection


def _exchange(connection: socket.socket, data: bytes, end: float) -> str:
    """Send `data` as `zINSTREAM` wants it, and return the answer up to its NUL."""
    connection.settimeout(_left(end))
    try:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), _CHUNK):
            piece = data[start : start + _CHUNK]
            connection.settimeout(_left(end))
            connection.sendall(_LENGTH.pack(len(piece)) + piece)
        connection.sendall(_LENGTH.pack(0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # clamd stops reading a file that is too long for it, after it has answered so
    answer = b""
    while b"\0" not in answer:
        connection.settimeout(_left(end))
        piece = connection.recv(_LONGEST_ANSWER)
        if not piece or len(answer) > _LONGEST_ANSWER:
            raise _away("its answer was cut off")
        answer += piece
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _plain(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in name)[
        :100
    ]


def _away(why: str) -> Unavailable:
    return Unavailable(component=_COMPONENT, why=why)


def open_scanner(address: str, policy: Literal["require", "prefer"]) -> Scanner:
    """Return the scanner at `address`: `unix:/path` or `host:port`, empty for none.

    Raises Misconfigured.
    """
    if not address:
        return NoScanner()
    kind, _, rest = address.partition(":")
    if kind == "unix" and rest.startswith("/"):
        return Clamd(rest, policy)
    host, _, port = address.rpartition(":")
    if host and port.isdecimal() and 0 < int(port) < 65536:
        return Clamd((host.strip("[]"), int(port)), policy)
    raise Misconfigured(
        why_vi="intake.scanner phải là unix:/đường/dẫn hoặc máy:cổng",
        why_en="intake.scanner must be unix:/path or host:port",
    )
