"""A server that lies: it has the real one answer and spoils the answer on the way,
over real HTTP.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import urllib3


class Answer(NamedTuple):
    """One HTTP answer."""

    status: int
    kind: str
    body: bytes


Spoil = Callable[[bytes, Answer], Answer]  # (request body, true answer) -> what is sent


@contextmanager
def lying(real: str, spoil: Spoil, only: str = "") -> Iterator[str]:
    """Stand in front of the server at `real` until the end of the block; yields the address.

    Answers to paths that contain `only` are spoiled, others pass as they are.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kinds = {"Content-Type": self.headers.get("Content-Type", "")} if body else {}
            with urllib3.PoolManager() as pool:
                upstream = pool.request(
                    self.command, real + self.path, body=body or None, headers=kinds
                )
            answer = Answer(upstream.status, upstream.headers["Content-Type"], upstream.data)
            if only in self.path:
                answer = spoil(body, answer)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            if answer.status == 302:
                self.send_header("Location", real + self.path)
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
