"""The server: pages and API on waitress, and beside them one thread that does what follows acts.

`kho serve`.
"""

import contextlib
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import structlog

from api.composition.production import require_private
from api.connections.room import FOLDER, Room
from api.upkeep.background_worker import BackgroundWorker
from archive.base.errors import KhoError, Misconfigured, Unreadable
from archive.files.working_folders import temporary_files_in

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from api.home import Home

THREADS = 80  # more than all turns together, the waiting included: some are always free to answer
# of a body, where pages and API have no lower limit: a chunked one is cut off here
MOST_BYTES = 66 << 20
# all headers of a request together: Kho parses them before it knows the caller
HEADER_BYTES = 32 << 10

_log = structlog.get_logger(__name__)


class PortTaken(Misconfigured):
    """The server cannot listen there."""

    code = "server.port_taken"


def serve(
    home: "Home", host: str, port: int, say: Callable[[str], None], *, other_port: bool = False
) -> None:
    """Serve `home` until SIGINT or SIGTERM; returns when the requests under way are answered (5 s
    at most).

    `port` 0 takes any free one; with `other_port` a port that is taken is replaced by a free one.
    `say` gets the address, once it answers. Raises PortTaken, Misconfigured
    (:func:`api.composition.production.require_private`), and what the home itself raises.
    """
    require_private(home.settings, host)
    with (
        listening(host, port, say, other_port=other_port) as listener,
        temporary_files_in(home.folder / FOLDER) as folder,
    ):
        from api.connections.server import Proxies, Server

        follower = BackgroundWorker(home, home.follow_ups)
        server = Server(
            application(home, follower.wake),
            listener,
            Room(folder),
            threads=THREADS,
            header_bytes=HEADER_BYTES,
            body_bytes=MOST_BYTES,
            proxies=Proxies(home.settings.web.trusted_proxies, home.settings.web.behind_tls),
        )
        try:
            with _stopping_on_signals(), follower:
                threading.Thread(target=_warm, args=(home,), name="kho-warm", daemon=True).start()
                address, number = listener.getsockname()[:2]
                shown = f"[{address}]" if ":" in address else address
                say(f"Kho: http://{shown}:{number}  (Ctrl-C để dừng / to stop)")
                server.run()
        finally:
            server.close()


def application(home: "Home", wake: Callable[[], None]) -> "WSGIApplication":
    """Return pages and API as one application; they share the opened archive and the accounts."""
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    # pyHanko's modules import each other in a circle: two threads that load it at once each meet
    # half of it.
    import api.composition.preparing
    import api.rest.app
    import api.web.app
    from api.access.accounts import Accounts
    from api.inspection.turns import TakeAwayTurns
    from api.upkeep.check_run import CheckRun

    home.open_for_reading()
    accounts = Accounts(home.catalog, home.code, home.clock)
    turns, checks = TakeAwayTurns(), CheckRun(home)
    pages = api.web.app.create_app(home, accounts, wake, turns, checks)
    rest = api.rest.app.create_app(home, accounts, wake, turns, checks)
    return DispatcherMiddleware(pages, {"/api": rest})


def _warm(home: "Home") -> None:
    """Start what takes long before a caller waits for it: the validator's process, the accession
    service, its workers.
    """
    from api.reading.verification import judged

    with contextlib.suppress(Unreadable):
        judged(b"%PDF-1.7", home.trust)
    try:
        home.open_for_writing().warm_up()
    # the pages work all the same; a client that sends a chart gets the error
    except KhoError as error:
        _log.warning("server.cannot_archive", code=error.code, why=error.explain("en"))


@contextmanager
def listening(
    host: str, port: int, say: Callable[[str], None], *, other_port: bool = False
) -> Iterator[socket.socket]:
    """Give a socket that is bound as :func:`serve` says; raises PortTaken."""
    try:
        listener = _bound(host, port)
    except OSError as error:
        if not (other_port and error.errno == errno.EADDRINUSE):
            raise PortTaken(
                address=f"{host}:{port}", why=error.strerror or type(error).__name__
            ) from error
        listener = _bound(host, 0)
        say(
            f"Cổng {port} đang bận nên Kho dùng cổng khác / "
            f"port {port} is in use, so Kho uses another port"
        )
    with listener:
        yield listener


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Handle SIGTERM like SIGINT, and let neither interrupt the shutdown."""
    # only the main thread may set signal handlers
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        _log.info("server.stopped_at_start")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
