"""One connection: large bodies wait for the application's decision, slow clients are cut off,
refusals arrive whole.
"""

import errno
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import structlog
from waitress.channel import HTTPChannel
from waitress.task import WSGITask
from werkzeug.test import run_wsgi_app

from api.connections.announcement import KEY, Announcement
from api.connections.refusals import Answered, RefusalTask, ServerFull, TooSlow, answered
from api.connections.request import Request
from api.connections.room import NoRoom
from archive.base.errors import KhoError

_log = structlog.get_logger(__name__)
# Of the disk, of the owner's share of it, of one file (getrlimit(2)), of descriptors.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a connection may take, in seconds; `pace` is bytes a second of a body or an answer,
    on average.
    """

    idle: float = 30  # nothing happens on it
    grace: float = 30  # for headers, and for a body or an answer before its pace counts
    pace: float = 16 << 10
    linger: float = 5  # for a refused client to stop sending and read why
    full: float = 5  # for a client that the server has no place for to send its headers
    check: float = 2  # between two looks for slow clients


class AdmittedTask(WSGITask):
    """Runs the application and passes it the decision that it made when the body was announced."""

    request: Any  # `Request`; waitress's types say Error

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment."""
        environ: dict[str, Any] = super().get_environment()
        if self.request.announcement is not None:
            environ[KEY] = self.request.announcement
        return environ


@dataclass(eq=False, slots=True)
class _Question:
    """An entry in the channel's list of requests: until the application has decided on a body,
    nothing is read.
    """

    request: Request

    def close(self) -> None:
        """Drop the request."""
        self.request.close()


class Channel(HTTPChannel):
    """A connection of `server`. `full`: it exceeds the limit, and is answered so."""

    # waitress's types lack these, or say less than there is.
    server: Any  # the one of `server.py`, which makes this
    request: Any
    requests: Any
    requests_lock: Any
    socket: Any
    _flush_exception: Any
    _flush_some: Any
    parser_class = Request
    task_class = AdmittedTask
    error_task_class = RefusalTask
    full = False
    lingers = False  # what it still sends is dropped before the connection ends
    draining = False
    sent = 0  # bytes of what is being answered

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.since = self.answered_since = time.monotonic()

    def received(self, data: bytes) -> bool:
        """Take `data` in, up to the headers of a large body."""
        before = self.request
        try:
            took: bool = super().received(data)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            self._refuse(NoRoom())
            return True
        if self.request is not before:
            self.since = time.monotonic()
        with self.requests_lock:
            if self.request is not None and self.request.waits:
                self.request.announcement = Announcement()
                self._line_up(_Question(self.request))
        return took

    def service(self) -> None:
        """Answer the first request of the queue, or ask the application about its body.

        Runs in a worker.
        """
        first: Any = self.requests[0]
        if isinstance(first, _Question):
            self._decide(first.request)
            return
        if self.full and first.error is None:
            first.error = answered(ServerFull())
        super().service()

    def _decide(self, request: Request) -> None:
        refusal = answered(ServerFull()) if self.full else self._asked(request)
        with self.requests_lock:
            if refusal is None:
                self.since = time.monotonic()
                if request.expect_continue:
                    super().send_continue()
                # last: without a request in its line, the main thread sends and takes no lock
                self.requests.pop(0)
            else:
                request.error, request.completed, self.request = refusal, True, None
                self.requests[0] = request
        # closed meanwhile: the main thread has not released the request's room
        if not self.connected:
            request.close()
        if refusal is None:
            self.server.pull_trigger()
        else:
            super().service()

    def _asked(self, request: Request) -> Answered | None:
        """Run the application on the headers alone. Return None where the body may come."""
        announcement = request.announcement
        assert announcement is not None  # it was announced before
        given: Any = request
        environ = AdmittedTask(self, given).get_environment() | {"wsgi.input": BytesIO()}
        try:
            body, status, headers = run_wsgi_app(self.server.application, environ, buffered=True)
            if not announcement.admitted:
                return Answered(status, list(headers), b"".join(body))
            request.room.enter_context(self.server.room.held(announcement.caller, request.size))
        except KhoError as error:
            return answered(error)
        except Exception as error:  # noqa: BLE001 - a fault of an application must not leave the client waiting
            _log.error("server.announcement_failed", error=type(error).__name__)
            return answered(KhoError())
        return None

    def send_continue(self) -> None:
        """Ask for the body (RFC 9110, 10.1.1), unless it is here or the application has not
        admitted it.
        """
        request = self.request
        # else waitress would wait for more bytes, and the client for an answer
        if request.completed:
            request.expect_continue = False
            return
        asked = request.announcement is not None and not request.announcement.admitted
        if not (request.waits or asked):
            super().send_continue()

    @property
    def is_idle(self) -> bool:
        """Whether the server may close it to make room: no whole request, no admitted body, no
        answer under way.
        """
        admitted = self.request is not None and self.request.announcement is not None
        return not (self.requests or self.total_outbufs_len or self.draining or admitted)

    def overdue(self, now: float) -> bool:
        """Return whether the client is too slow at `now` (monotonic seconds),
        or idle for too long.
        """
        patience: Patience = self.server.patience
        if self.draining:
            return now - self.since > patience.linger
        if self.total_outbufs_len:  # also while a worker waits for the client to read
            return now - self.answered_since > patience.grace + self.sent / patience.pace
        if self.requests:
            return False
        if self.full:
            return now - self.since > patience.full
        if self.request is not None:
            return bool(
                now - self.since > patience.grace + self.request.body_bytes_received / patience.pace
            )
        return time.time() - self.last_activity > patience.idle

    def cut_off(self) -> None:
        """End the connection of a slow client: with an answer where a request is not complete.

        Without an answer it ends at once: a client that reads nothing never makes the socket
        writable again, and waitress's own `will_close` waits for that.
        """
        if (
            self.request is None
            or self.requests
            or self.total_outbufs_len
            or self.draining
            or self.full
        ):
            self.handle_close()
        else:
            self._refuse(TooSlow())

    def _refuse(self, error: KhoError) -> None:
        with self.requests_lock:
            request, self.request = self.request, None
            if request is not None:
                request.error, request.completed = answered(error), True
                self._line_up(request)

    def _line_up(self, item: Any) -> None:
        self.requests.append(item)
        if len(self.requests) == 1:
            self.server.add_task(self)

    # --- what is written
    # ----------------------------------------------------------------------------------------------

    def write_soon(self, data: Any) -> int:
        """Take a piece of an answer; see waitress."""
        if not self.total_outbufs_len:
            self.answered_since, self.sent = time.monotonic(), 0
        written: int = super().write_soon(data)
        return written

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send what the socket takes; see waitress."""
        number: int = super().send(data, do_close)
        self.sent += number
        return number

    def handle_write(self) -> None:
        """Write; after a refusal, wait for the client: closing over unread bytes would take the
        answer away (RST).
        """
        if not (self.lingers and self.close_when_flushed):
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if self.will_close:
            self.handle_close()
        elif self.connected and not self.total_outbufs_len:
            self.close_when_flushed, self.draining, self.since = False, True, time.monotonic()
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)

    def handle_read(self) -> None:
        """Read; while a refused client still sends, drop it."""
        if not self.draining:
            super().handle_read()
            return
        try:
            self.recv(1 << 16)
        except OSError:
            self.handle_close()

    def handle_close(self) -> None:
        """Close, and give back what an incomplete body holds."""
        super().handle_close()
        # Without the lock: waitress also closes while it holds it. A worker that is asking looks
        # after us (`_decide`).
        request = self.request
        if request is not None and not any(isinstance(each, _Question) for each in self.requests):
            request.close()

    def handle_error(self) -> None:
        """End this connection alone, with one line in the log and no bytes of the client."""
        kind = sys.exc_info()[0]
        _log.warning("server.connection_failed", error=kind.__name__ if kind else None)
        self.handle_close()
