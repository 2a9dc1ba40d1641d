"""A server of this folder's own application in a thread, with little patience."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from api.connections.announcement import waiting
from api.connections.channel import Patience
from api.connections.room import Room
from api.connections.server import Server
from archive.files.working_folders import temporary_files_in

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LARGE_ANSWER = 64 << 20  # bytes: more than the kernel's buffers of a connection take


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    """Admit every body; answer `/large` at length, and everything else with what came."""
    if (announcement := waiting(environ)) is not None:
        announcement.admit("a caller")
        start_response("204 No Content", [])
        return []
    body = bytes(LARGE_ANSWER) if environ["PATH_INFO"] == "/large" else environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def impatient(
    folder: Path, patience: Patience, answering: "WSGIApplication" = application, *, free: int = 0
) -> Iterator[tuple[str, Server]]:
    """Run a server with `patience`, whose bodies leave `free` bytes of the disk; gives its address
    and itself.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener, temporary_files_in(folder) as bodies:
        server = Server(
            answering,
            listener,
            Room(bodies, free=free),
            threads=4,
            header_bytes=4096,
            body_bytes=64 << 20,
            patience=patience,
        )
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield "http://{}:{}".format(*listener.getsockname()), server
        finally:
            server.trigger.pull_trigger(
                lambda: server.asyncore.close_all(server._map, ignore_all=True)
            )
            thread.join()
            server.task_dispatcher.shutdown()
