"""A small HTTP proxy between Kho and a real store that tells lies, cuts connections or keeps
silent, as instructed.

It passes requests on untouched, Host header included, so that their signatures stay good; the lies
are in the answers, or in what is never passed on.
"""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_OF_THE_CONNECTION = frozenset(
    {"connection", "transfer-encoding", "keep-alive", "date", "server", "content-length"}
)


@dataclass
class Answer:
    """What goes back to Kho."""

    status: int
    headers: dict[str, str]
    body: bytes
    length: int | None = None  # the Content-Length that is claimed, where it is not the body's own

    def without(self, *names: str) -> "Answer":
        """Leave headers out (by lower-case name)."""
        kept = {name: value for name, value in self.headers.items() if name.lower() not in names}
        return Answer(self.status, kept, self.body, self.length)

    def having(self, name: str, value: str) -> "Answer":
        """Put another value into one header."""
        changed = self.without(name)
        changed.headers[name] = value
        return changed


class Cut(Exception):
    """The connection is ended without an answer."""


@dataclass(frozen=True)
class Request:
    """What Kho sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Fault = Callable[[Request, Callable[[], Answer]], Answer]


def honest(request: Request, pass_on: Callable[[], Answer]) -> Answer:
    """Pass everything on."""
    return pass_on()


@dataclass
class LyingStore:
    """The proxy: `fault` may be changed while it runs; `requests` are those that came in."""

    endpoint: str
    fault: Fault = honest
    requests: list[Request] = field(default_factory=list)

    def count(self, method: str) -> int:
        """Return how many requests of a method came in."""
        return sum(request.method == method for request in self.requests)


@contextmanager
def lying_store(upstream: str) -> Iterator[LyingStore]:
    """Run a proxy before `upstream` (`host:port`) on a free loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    store = LyingStore(f"127.0.0.1:{server.server_address[1]}")
    _Handler.stores[server] = (store, upstream)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        del _Handler.stores[server]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stores: dict[object, tuple[LyingStore, str]] = {}  # noqa: RUF012 - the server makes the handlers, not we

    def _handle(self) -> None:
        store, upstream = self.stores[self.server]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, dict(self.headers.items()), body)
        store.requests.append(request)
        try:
            answer = store.fault(request, lambda: _ask(upstream, request))
        except Cut:
            self._hang_up()
            return
        own_date = "Date" in answer.headers
        (self.send_response_only if own_date else self.send_response)(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header(
            "Content-Length", str(len(answer.body) if answer.length is None else answer.length)
        )
        self.end_headers()
        if request.method != "HEAD":
            self.wfile.write(answer.body)
            if answer.length is not None and answer.length > len(answer.body):
                self._hang_up()

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = _handle  # noqa: N815

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def _ask(upstream: str, request: Request) -> Answer:
    connection = http.client.HTTPConnection(upstream, timeout=20)
    try:
        connection.putrequest(
            request.method, request.path, skip_host=True, skip_accept_encoding=True
        )
        for name, value in request.headers.items():
            connection.putheader(name, value)
        connection.endheaders(request.body or None)
        response = connection.getresponse()
        body = response.read()
        headers = {
            name: value
            for name, value in response.getheaders()
            if name.lower() not in _OF_THE_CONNECTION
        }
        length = (
            int(response.headers.get("Content-Length") or 0) if request.method == "HEAD" else None
        )
        return Answer(response.status, headers, body, length)
    finally:
        connection.close()


def on(method: str, lie: Callable[[Answer], Answer]) -> Fault:
    """Pass everything on and lie in the answers to one method, where they are a success."""

    def fault(request: Request, pass_on: Callable[[], Answer]) -> Answer:
        answer = pass_on()
        return lie(answer) if request.method == method and answer.status < 300 else answer

    return fault


def instead_of(method: str, answer: Callable[[], Answer]) -> Fault:
    """Never pass one method on."""

    def fault(request: Request, pass_on: Callable[[], Answer]) -> Answer:
        return answer() if request.method == method else pass_on()

    return fault


def after(method: str, answer: Callable[[], Answer]) -> Fault:
    """Pass one method on, then give another answer than the store's."""

    def fault(request: Request, pass_on: Callable[[], Answer]) -> Answer:
        true_answer = pass_on()
        return answer() if request.method == method else true_answer

    return fault


def cut() -> Answer:
    """End the connection."""
    raise Cut


def sleep(seconds: float) -> Callable[[], Answer]:
    """Keep silent, then end the connection."""

    def silent() -> Answer:
        time.sleep(seconds)
        raise Cut

    return silent


def page(status: int) -> Callable[[], Answer]:
    """Answer with a page for people, as a gateway in between does."""
    return lambda: Answer(status, {"Content-Type": "text/html"}, b"<html>gateway</html>")


def s3_error(status: int, code: str) -> Callable[[], Answer]:
    """Answer with an error in S3's own form."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message></Error>".encode()
    return lambda: Answer(status, {"Content-Type": "application/xml"}, body)
