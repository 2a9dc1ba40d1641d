"""A server on loopback that answers as instructed, not as Elasticsearch would."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, bytes, dict[str, str]]
Script = Callable[[str, str, bytes], Answer]  # method, path, body
PRODUCT = {
    "X-Elastic-Product": "Elasticsearch",
    "Content-Type": "application/vnd.elasticsearch+json;compatible-with=8",
}


def said(body: Any, status: int = 200) -> Answer:
    """Return an answer as Elasticsearch would make it."""
    return status, json.dumps(body).encode(), PRODUCT


@contextmanager
def lying_server(
    script: Script, *, secured: ssl.SSLContext | None = None, seen: list[str] | None = None
) -> Iterator[str]:
    """Yield the address of a server that answers by `script`; `seen` collects the Authorization
    headers.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            if seen is not None:
                seen.append(self.headers.get("Authorization") or "")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, data, headers = script(self.command, self.path, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815 - http.server's names

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if secured is not None:
        server.socket = secured.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield f"{'https' if secured else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
