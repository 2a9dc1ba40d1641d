"""One request as it arrives: waitress's parser,
with limits for what it keeps in memory or repeats.
"""

from contextlib import ExitStack, suppress
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError, get_header_lines
from waitress.receiver import ChunkedReceiver
from waitress.utilities import BadRequest, RequestEntityTooLarge

from api.connections.announcement import Announcement

SMALL = 64 << 10  # bytes of a body that is read into memory before the caller is known
# bytes of a chunk's first line, or of all trailers: waitress searches them again with every byte
LINE = 8 << 10


class Request(HTTPRequestParser):
    """A request whose large body is read after the application admitted it."""

    announcement: Announcement | None = None
    error: Any  # also `Answered`, a whole answer; waitress's types say Error
    path = ""  # waitress logs it, also of a request whose headers never ended

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.room = ExitStack()  # what the body holds of the room for bodies

    @property
    def waits(self) -> bool:
        """Whether the headers are complete and the application has not seen them, though a large
        body follows.
        """
        large = self.chunked or self.content_length > SMALL
        return self.headers_finished and not self.completed and self.announcement is None and large

    @property
    def size(self) -> int:
        """Bytes of disk that the body may take: what is announced, else as much as any body."""
        most: int = self.adj.max_request_body_size
        return most if self.chunked else self.content_length

    def received(self, data: bytes) -> int:
        """Take `data` in; see waitress."""
        consumed: int = super().received(data)
        body: Any = self.body_rcv
        if (
            isinstance(body, ChunkedReceiver)
            and max(len(body.control_line), len(body.trailer)) > LINE
        ):
            self.error, self.completed = BadRequest("a line of the chunked body is too long"), True
        elif isinstance(self.error, RequestEntityTooLarge) and self.body_bytes_received == 0:
            # the application refuses it, by its own limit and words
            self.error, self.completed = None, False
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the headers; see waitress, which raises ValueError for some faults of clients."""
        try:
            super().parse_header(header_plus)
        # a Content-Length of 5,000 digits; an address with half an IPv6 host
        except ValueError as error:
            raise ParsingError("the headers cannot be read") from error
        self._require_one_meaning(header_plus)

    def _require_one_meaning(self, header_plus: bytes) -> None:
        """Refuse headers that a proxy may read in another way; raises ParsingError.

        Where two readers disagree on the end of a body, its rest is a request to one of them: a
        request that the proxy has never seen (request smuggling, CWE-444). RFC 9112: 3.2 (Host),
        6.1 (Transfer-Encoding).
        """
        lines = get_header_lines(header_plus.partition(b"\r\n")[2])
        fields = [
            (name.lower(), value) for name, _, value in (line.partition(b":") for line in lines)
        ]
        hosts = [value for name, value in fields if name == b"host"]
        codings = [value for name, value in fields if name == b"transfer-encoding"]
        if len(hosts) > 1 or (self.version == "1.1" and not hosts):
            raise ParsingError("the request must name one host")
        if codings and (
            self.version != "1.1" or b"," in b",".join(codings) or "CONTENT_LENGTH" in self.headers
        ):
            raise ParsingError("the end of the body has two meanings")

    def close(self) -> None:
        """Drop the body, and give its room back.

        Closing a file writes what is left of it. On a full disk that fails again, and the file is
        closed all the same.
        """
        with suppress(OSError):
            super().close()
        self.room.close()
