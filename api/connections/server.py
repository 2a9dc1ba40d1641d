"""The listening side: it accepts as many connections as descriptors allow.

Beyond that number it answers 503. If descriptors run out, it pauses.
"""

import logging
import resource
import select
import socket
import time
from collections.abc import Set
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import structlog
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from werkzeug.middleware.proxy_fix import ProxyFix

from api.connections.channel import Channel, Patience
from api.connections.request import SMALL
from api.connections.room import Room

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONNECTIONS = 1000  # at once, also idle ones; limits per address are the proxy's
# that the process asks for; the children of `archive/isolation/child.py` close as many
DESCRIPTORS = 4096
OWN_DESCRIPTORS = 256  # for catalogue, index, children and libraries
EACH = 2  # descriptors of a connection: its socket, and the file of a body or an answer
FEWEST = 16
TURNED_AWAY = 32  # connections beyond the limit that are answered 503 at once
REST_SECONDS = 1.0  # without accepting, after the system gave no descriptor
LOG_SECONDS = 60.0  # between two lines of the log about the same
_LOOPBACK = frozenset({"127.0.0.1", "::1"})

_PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies in front: how many append to X-Forwarded-For, and whether one of them is on
    another machine (`web.behind_tls`: no other client reaches the port).
    """

    hops: int = 0
    elsewhere: bool = False


_NO_PROXIES = Proxies()
_log = structlog.get_logger(__name__)


def connection_limit() -> int:
    """Return how many connections fit into the process's descriptors; raises the soft limit as far
    as it may.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    available = DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
    return max(FEWEST, min(CONNECTIONS, (available - OWN_DESCRIPTORS) // EACH))


class Server(TcpWSGIServer):
    """waitress on one socket that is bound already. `run` serves until SIGINT; `close` ends it."""

    channel_class = Channel
    # waitress's types lack these, or say less than there is.
    active_channels: Any
    trigger: Any
    next_channel_cleanup: Any
    _map: Any

    def __init__(
        self,
        application: "WSGIApplication",
        listener: socket.socket,
        room: Room,
        *,
        threads: int,
        header_bytes: int,
        body_bytes: int,
        patience: Patience = _PATIENCE,
        proxies: Proxies = _NO_PROXIES,
    ) -> None:
        adj = Adjustments(
            sockets=[listener],
            threads=threads,
            ident="",  # no Server header
            asyncore_use_poll=True,  # select() ends at 1023 descriptors, and the server with it
            inbuf_overflow=SMALL,
            outbuf_overflow=SMALL,
            max_request_header_size=header_bytes,
            max_request_body_size=body_bytes,
            log_socket_errors=False,
            # `behind_proxies` reads what it trusts; nothing reads the rest
            clear_untrusted_proxy_headers=False,
        )
        # a line for each request that waits
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        self.room, self.limit, self.patience = room, connection_limit(), patience
        self._listener = listener
        self._resting_until = 0.0
        self._logged_at: dict[str, float] = {}
        super().__init__(
            behind_proxies(application, proxies),
            {},
            _sock=listener,
            dispatcher=dispatcher,
            adj=adj,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )

    def readable(self) -> bool:
        """Return whether the server can accept another connection now."""
        now = time.monotonic()
        if now >= self.next_channel_cleanup:
            self.next_channel_cleanup = now + self.patience.check
            self.maintenance(now)
        places = self.limit + TURNED_AWAY
        return self.accepting and now >= self._resting_until and len(self.active_channels) < places

    def handle_accept(self) -> None:
        """Accept the connections that wait.

        If the system has no descriptor and no idle one can be closed, pause.

        Each turn of the loop looks at every connection. So accepting one in each turn would take
        quadratic time.
        """
        new = set[Channel]()
        places = min(TURNED_AWAY, self.limit + TURNED_AWAY - len(self.active_channels))
        while len(new) < places and (channel := self._accepted()) is not None:
            new.add(channel)
        self._make_places(new)

    def _accepted(self) -> Channel | None:
        try:
            accepted = self.accept()
        except OSError as error:
            # Linux asks for a descriptor before it looks whether a client waits
            if self._client_waits():
                self._log_seldom("server.accept_failed", why=error.strerror)
                idle = self._idle()
                if not idle:
                    self._resting_until = time.monotonic() + REST_SECONDS
                # the newer half may be sending its first request
                end(idle[: (len(idle) + 1) // 2])
            return None
        if accepted is None:
            return None
        connection, address = accepted
        try:
            self.set_socket_options(connection)
        except OSError:  # the client has gone; the others wait for the next turn
            connection.close()
            return None
        channel: Channel = self.channel_class(
            self, connection, self.fix_addr(address), self.adj, map=self._map
        )
        return channel

    def _client_waits(self) -> bool:
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        return bool(poll.poll(0))

    def _make_places(self, new: Set[Channel]) -> None:
        """Close idle connections if there are too many; those of `new` that still exceed the limit
        get a 503.
        """
        excess = len(self.active_channels) - self.limit
        if excess > 0:
            self._log_seldom("server.full")
            ended = end(self._idle(new)[:excess])
            for channel in islice(new, excess - ended):
                channel.full = True

    def _idle(self, new: Set[Channel] = frozenset()) -> list[Channel]:
        """Return the connections that may be closed to make room, idle longest first, without
        `new`.

        Else a client could hold every place, or every descriptor, with connections that send no
        request.
        """
        idle = (each for each in self.active_channels.values() if each.is_idle and each not in new)
        return sorted(idle, key=lambda channel: channel.since)

    def _log_seldom(self, event: str, **facts: Any) -> None:
        now = time.monotonic()
        if now - self._logged_at.get(event, -LOG_SECONDS) >= LOG_SECONDS:
            self._logged_at[event] = now
            _log.warning(event, connections=len(self.active_channels), **facts)

    def maintenance(self, now: float) -> None:
        """Cut off what is too slow, or idle for too long, at `now` (monotonic seconds)."""
        for channel in list(self.active_channels.values()):
            if channel.overdue(now):
                channel.cut_off()


def end(channels: list[Channel]) -> int:
    """Close `channels`; return their number."""
    for channel in channels:
        channel.handle_close()
    return len(channels)


def behind_proxies(application: "WSGIApplication", proxies: Proxies) -> "WSGIApplication":
    """Believe the proxies in front: one on this machine about the scheme, which makes cookies
    `Secure`, and as many as are stated about the client's address.

    A proxy that is not counted may hand on what the client wrote into X-Forwarded-For: a client
    could then have any address.
    """
    of_this_machine = ProxyFix(application, x_for=proxies.hops, x_proto=1)
    of_another = ProxyFix(application, x_for=proxies.hops if proxies.elsewhere else 0, x_proto=0)

    def application_of(environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        local = environ.get("REMOTE_ADDR") in _LOOPBACK
        return (of_this_machine if local else of_another)(environ, start_response)

    return application_of
